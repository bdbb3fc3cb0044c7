/* Names to addresses and addresses to names, a hundred thousand of them at a time.
 *
 * Names are pulled from the caller as there is room for them, and each is told as soon as it is
 * finished, in whatever order that is; so memory depends on how many are under way, not on how many there
 * are. What the DNS says is kept apart by kind: a name that does not exist, one without addresses, a server
 * that failed, one that did not answer. Blocks the calling thread: not for a reactor.
 *
 * Source: RFC 1034, 1035 (names, messages), 2181 5.2, 3596 (AAAA), 2308 (no such name, no data), 6891
 * (EDNS), 7766 (TCP after truncation); c-ares does the asking. */
#ifndef AZEKURA_RESOLVE_RESOLVE_H
#define AZEKURA_RESOLVE_RESOLVE_H

#include "base/base.h"

enum resolve_status {
    RESOLVE_FOUND,
    RESOLVE_NO_NAME,     /* NXDOMAIN: no such name */
    RESOLVE_NO_DATA,     /* the name is there, and has none of what was asked */
    RESOLVE_FAILED,      /* SERVFAIL */
    RESOLVE_REFUSED,     /* REFUSED */
    RESOLVE_TIMEOUT,     /* no answer to any of the tries */
    RESOLVE_UNREACHABLE, /* nobody listens at the resolver's address */
    RESOLVE_BAD_ANSWER,  /* what came is no DNS message, or no answer to the question */
    RESOLVE_LOOP,        /* the CNAMEs lead back, or are over LIMIT_RESOLVE_CHAIN */
    RESOLVE_BAD_NAME,    /* nothing that can be asked: a label over 63 bytes, a name over 253 */
    RESOLVE_STATUS_COUNT
};
const char *resolve_status_name(enum resolve_status status); /* "no-name" */
const char *resolve_status_text(enum resolve_status status); /* "no such name (NXDOMAIN)" */

struct resolve_address {
    unsigned char at[16]; /* network order */
    unsigned len;         /* 4 or 16 */
};

struct resolve_question {
    str name; /* copied; a final dot is cut off. Not used if `reverse` is set */
    struct resolve_address reverse; /* len not 0: asks for the names of this address */
    uint64_t tag;                   /* given back with the answer */
};

/* Views live for the call alone. */
struct resolve_answer {
    uint64_t tag;
    str name; /* as asked; of an address its name under in-addr.arpa or ip6.arpa */
    enum resolve_status status; /* FOUND if any address or name was found; else the one of A, or of
                                   AAAA where A says NO_DATA */
    enum resolve_status v4, v6; /* of A and AAAA each; for `reverse` both are `status` */
    const struct resolve_address *addresses; /* those of A first */
    size_t address_count;
    const str *chain; /* canonical names, each what the one before leads to, in order; a loop is cut
                         before the name that would come a second time */
    size_t chain_count;
    const str *names; /* PTR */
    size_t name_count;
    uint32_t ttl_s; /* the least of all records used; 0 if none were */
    int64_t took_ns;
};

struct resolve_options {
    str resolvers; /* "192.0.2.53", "[2001:db8::1]:5353", several by comma, asked in turn where one
                               does not answer; empty: the system's (resolv.conf) */
    unsigned parallel;   /* names under way at once; 0: 100 */
    unsigned timeout_ms; /* of the first try, doubled by each further one; 0: 2,000 */
    unsigned tries;      /* each resolver is asked so often; 0: 3 */
    bool is_v4_only;     /* asks for no AAAA */
};

struct resolve_source {
    /* The next question; false: there are no more. Views live until the next call. */
    bool (*next)(void *self, struct resolve_question *out);
    void *self;
};
struct resolve_sink {
    /* Anything but OK ends it: what is under way is dropped, and this is what resolve_run returns. */
    enum error_code (*done)(void *self, const struct resolve_answer *answer, struct error *e);
    void *self;
};
struct resolve_report {
    uint64_t asked,
        queries; /* questions taken, and lookups made of them: A, AAAA, further CNAMEs */
    uint64_t by_status[RESOLVE_STATUS_COUNT];
};

/* Asks all questions. Search domains, hosts files and the like are left out: a name means itself. Takes 24 KiB
 * of memory for each name under way, and what c-ares takes for a query.
 *   FAIL_USAGE   `resolvers` is no list of addresses, `parallel` is over LIMIT_RESOLVE_PARALLEL
 *   FAIL_SYSTEM  no socket, no epoll
 *   FAIL_MEMORY, or whatever the sink returned */
enum error_code resolve_run(const struct resolve_options *options,
                            const struct resolve_source *source, const struct resolve_sink *sink,
                            struct resolve_report *out, struct error *e) MUST_USE;

/* What one DNS message says: for resolve_run, and open to be tested and fuzzed.
 *
 * Follows the CNAMEs of `question` through the answer section, whatever order its records are in; a
 * record that belongs to no name of the chain is passed over. `type` is 1 (A), 28 (AAAA) or 12 (PTR).
 * Names are lower case and lie in `arena`; a byte that is no visible ASCII is written as \DDD, and so are
 * dot and backslash within a label. What the arena has no room for is left out.
 * Never fails: what cannot be read is RESOLVE_BAD_ANSWER. */
struct resolve_message {
    enum resolve_status status;
    const struct resolve_address *addresses;
    size_t address_count;
    const str *chain, *names;
    size_t chain_count, name_count;
    bool leads_out; /* the chain ends in a name this message knows nothing of: it is to be asked */
    uint32_t ttl_s; /* UINT32_MAX: no record was used */
};
void resolve_message_read(str message, str question, unsigned type, struct arena *arena,
                          struct resolve_message *out);

#endif
