/* Survey: where servers are, whose they are, whose law reaches them, and how we know.
 *
 * A world is compiled once: what public data, providers' lists, autonomous systems and the register say
 * of addresses, and how much each may be believed (register-data/weights.yaml, fitted against the
 * providers' own lists). A judge then answers server by server, from any source of names and addresses:
 * it resolves nothing and sends nothing. Where the machine stands and whose law reaches its owner
 * are two answers and are never mixed: who an address is registered to says nothing of where it is.
 *
 * Not knowing is an answer. Every answer names the evidence it rests on with edition and digest, says
 * which of it the answer would have been another without, and tells what contradicts.
 * Source: DESIGN 2 (survey), 8; docs/survey.md. */
#ifndef AZEKURA_SURVEY_SURVEY_H
#define AZEKURA_SURVEY_SURVEY_H

#include "base/base.h"
#include "geo/geo.h"
#include "register/register.h"
#include "report/report.h"

/* ---- answers ---- */

enum survey_answer {
    SURVEY_INSIDE, /* in the home country */
    SURVEY_OUTSIDE,
    SURVEY_UNDETERMINED,
    SURVEY_MANY, /* answers from many places, or its addresses are inside and outside */
    SURVEY_ANSWER_COUNT
};
const char *survey_answer_name(enum survey_answer answer); /* "inside" */
bool survey_answer_find(str name, enum survey_answer *out);
const char *survey_answer_word(enum survey_answer answer, str language); /* "en", "ja" */

/* How something came to be known, the strongest of a kind first. */
enum survey_method {
    SURVEY_BY_OVERRIDE,  /* said here and now */
    SURVEY_BY_INVENTORY, /* the operator's inventory or contract */
    SURVEY_BY_REGISTER,  /* the register's networks and sites */
    SURVEY_BY_REGION,    /* the provider's own list of regions */
    SURVEY_BY_ENDPOINT,  /* a name the provider gives to what stands in one region */
    SURVEY_BY_ADDRESS,   /* address data: the country a network is said to be in */
    SURVEY_BY_HINT,      /* the code of an airport or a city in a name */
    SURVEY_BY_ALIAS,     /* names that CNAMEs lead through: a distributor stands in front */
    SURVEY_BY_ANYCAST,   /* announced from many places */
    SURVEY_BY_HOLDER, /* who announces the address, who owns that: law and ownership, never place */
    SURVEY_BY_USE,    /* an address set aside: private, loopback … */
    SURVEY_BY_ROUND_TRIP,
    SURVEY_BY_CERTIFICATE,
    SURVEY_BY_HEADER,
    SURVEY_BY_RESOLVER, /* the name has no address, or could not be asked for */
    SURVEY_METHOD_COUNT
};
const char *survey_method_name(enum survey_method method); /* "cloud-region" */

/* What a piece of evidence speaks about. */
enum survey_about {
    SURVEY_ABOUT_PLACE,
    SURVEY_ABOUT_OPERATOR,
    SURVEY_ABOUT_LAW,
    SURVEY_ABOUT_DATA /* how much they matter, of which field; told in conflicts alone */
};
const char *survey_about_name(enum survey_about about); /* "place" */

struct survey_country {
    geo_country country;
    double probability; /* 0 to 1; those listed add up to 1 less what is spread over the rest */
};

struct survey_evidence {
    enum survey_method method;
    enum survey_about about;
    geo_country country; /* that it speaks for; zero: none */
    str says;            /* "ap-northeast-1 (Tokyo)" */
    str source;          /* "aws 1755789425", "networks/tokyo-dc", "servers.csv:12" */
    str date;            /* of the edition; empty: the source does not tell */
    digest sha256;       /* of the file; zeros: it is no file, or none is known */
    double
        weight; /* natural log of the odds it adds to its country; 0 where it excludes or tells */
    enum survey_answer
        without; /* the answer had this piece not been: another, and it was decisive */
};

struct survey_law {
    geo_country country;
    /* "seat": the owner sits there; "parent": who controls the owner does; "reach": the register says so;
     * "presumed": nearly all that the owner announces is said to be there, and nobody says where it sits */
    const char *face;
    str why; /* "Amazon.com, Inc. sits there" */
};

struct survey_conflict {
    enum survey_about about;
    str says; /* "the register says JP, aws 1755789425 says US" */
};

/* What is known of an address or of all addresses of a server. Immutable; it lives as long as the judge
 * when it was made for one address alone (then many servers share it), else in the arena. */
struct survey_judgement {
    uint32_t number; /* the same for servers that share it, from 1; 0: not shared */
    enum survey_answer answer;
    enum survey_method grounds; /* what it rests on most; SURVEY_METHOD_COUNT: nothing */
    const struct survey_country *countries; /* the likeliest first; none under 0.005 */
    size_t country_count;
    bool is_edge;      /* what is behind it may be anywhere */
    str operator_name; /* who runs the machine: "aws", or who announces the address; empty: unknown */
    str organisation, region, zone, service; /* as their sources name them; empty: none */
    uint32_t asn;                            /* 0: none known */
    const struct survey_law *law; /* countries whose law reaches the owner, each face once */
    size_t law_count;
    bool is_foreign_law; /* a country other than home reaches the owner */
    bool is_law_known;   /* false: nobody knows the owner's seat, and `law` is empty */
    const struct survey_evidence *evidence;
    size_t evidence_count;
    const struct survey_conflict *conflicts;
    size_t conflict_count;
};

/* ---- servers ---- */

/* What an inventory or the register declares of a server. Texts are ids or words as written; empty: it says
 * nothing of that. Where the register has the system or dataset, what it says of them fills the gaps. */
struct survey_declared {
    str by; /* who declares: "equipment/gw-1", "servers.csv:12"; empty: nobody has declared this server */
    str operator_id, system, dataset, site;
    str provider, region;   /* of a cloud: "aws", "ap-northeast-1" */
    geo_country country;    /* where it is said to stand; zero: not said */
    str sector, class_name; /* the field and how much its data matter */
    const str *kinds;       /* of the data it holds */
    size_t kind_count;
    const struct register_row *system_row; /* NULL: the register has none of that id now */
    const struct register_row *const
        *dataset_rows; /* of the dataset, else of the system's datasets */
    size_t dataset_count;
};

/* What an address answered when it was probed. */
struct survey_probed {
    struct geo_address address;
    bool
        is_answered_for; /* an address that nobody has answered as well: somebody on the way does */
    int64_t rtt_ns;      /* the least round trip of a TCP connection; 0: none came back */
    unsigned tries, answers; /* a refusal is an answer: somebody is there */
    uint16_t port;
    str subject, issuer, issuer_country; /* of its certificate, as it says; empty: it showed none */
    str header,
        value; /* the header that names the place of the answering machine: "cf-ray", "…-NRT" */
};

/* One source's word of a server that several list. */
struct survey_listing {
    str by;   /* "servers.csv:12"; "the command line" */
    str name; /* as it calls it; empty: by address alone */
    const struct geo_address *addresses;
    size_t address_count;
    const struct survey_declared *declared; /* without `by`; NULL: it declares nothing */
};

/* What is asked: a network, or a name with or without addresses. Views; read only while asked. */
struct survey_asked {
    str name;                            /* host, or what the inventory calls it; may be empty */
    bool is_label;                       /* the name is one for people, and no host has it */
    const struct geo_address *addresses; /* what the name resolved to, or the address given */
    size_t address_count;
    const struct geo_network *network; /* instead of addresses; NULL: none */
    const str *aliases; /* the names CNAMEs led through, in order; without the name itself */
    size_t alias_count;
    const str *named; /* further host names that the inventory says it has */
    size_t named_count;
    const str *
        reverse; /* names that its addresses have by the reverse DNS: whoever holds an address writes them */
    size_t reverse_count;
    const struct survey_listing *listings; /* who lists it, where there are several */
    size_t listing_count;                  /* 0, or 2 and more */
    str unresolved; /* why there is no address: "no such name, says 127.0.0.53"; empty: there is one */
    str resolver;                       /* who resolved it; empty: nobody had to */
    const struct survey_probed *probed; /* of its addresses, those that were */
    size_t probed_count;
    struct survey_declared declared; /* of the inventory; what the register adds is looked up */
};

struct survey_server {
    str name;
    const struct geo_address *addresses;
    size_t address_count;
    const struct geo_network
        *network; /* NULL: addresses; else all of the network is judged alike */
    const str *aliases;
    size_t alias_count;
    const str *named, *reverse;
    size_t named_count, reverse_count;
    const struct survey_listing *listings;
    size_t listing_count;
    str unresolved;
    struct survey_declared declared;
    const struct survey_judgement *judgement;
};

/* ---- the roll: servers out of several sources, each once ---- */

/* What several inventories list is entered, then matched, then walked: what is of one server comes out as one,
 * in the order of first mention. The rule of matching stands in README.md. 48 bytes a bare address, and what
 * else a source says; what many declare alike is kept once. */
struct survey_roll;
enum error_code survey_roll_open(struct survey_roll **out, struct error *e) MUST_USE;
void survey_roll_close(struct survey_roll *roll); /* NULL is fine */
/* Enters what one source says of one server; all but `probed`, `reverse` and `listings` of `asked` is kept, and
 * copied. `file` empty: the command line; `line` 0: it has none.
 *   FAIL_LIMIT  over LIMIT_SURVEY_LISTED    FAIL_MEMORY */
enum error_code survey_roll_enter(struct survey_roll *roll, const struct survey_asked *asked,
                                  str file, uint64_t line, struct error *e) MUST_USE;
/* Once all are entered; again once names were asked of a resolver. FAIL_MEMORY */
enum error_code survey_roll_match(struct survey_roll *roll, struct error *e) MUST_USE;

/* The next server, from *cursor 0; *more false: there is none. Its texts are views of the roll or lie in the
 * arena. *number: for survey_roll_found. FAIL_MEMORY */
enum error_code survey_roll_next(struct survey_roll *roll, size_t *cursor, struct arena *arena,
                                 struct survey_asked *out, uint32_t *number, bool *more,
                                 struct error *e) MUST_USE;
/* What a resolver said of a server. */
struct survey_found {
    const struct geo_address *addresses; /* of a server of which no source told any */
    const str *aliases, *reverse;
    size_t address_count, alias_count, reverse_count;
    str unresolved, resolver;
};
/* Keeps a copy. FAIL_MEMORY */
enum error_code survey_roll_found(struct survey_roll *roll, uint32_t number,
                                  const struct survey_found *found, struct error *e) MUST_USE;

/* What evidence, a conflict, a law or the lack of an address says, in another language: "ja", else as it is. A sentence
 * that is not known, such as what a file of another version says, stays as it is. The text lies in `memory`, is a
 * view of `english` or constant. */
enum { SURVEY_PHRASE_BYTES = 2048 };
str survey_phrase(str english, str language, char *memory, size_t cap);

/* ---- the world: what is believed ---- */

struct survey_list {
    const char *provider, *path; /* "aws", "ip-ranges.json" */
};
/* Where the machine stands that probes. */
struct survey_vantage {
    str name; /* as it was told: "35.68,139.77", "site sendai" */
    struct geo_point at;
    double error_km; /* its place is known no better */
};
/* "LAT,LON" or "LAT,LON,KM" in degrees and km, or the id of a site of the register. What is not said of the error
 * is what the last digit leaves open: 35.7 is 35.65 to 35.75. The name is a copy in the arena.
 *   FAIL_USAGE   neither a place nor a site; the site has no coordinates of its own, or only those of the
 *                capital it is `near`
 *   FAIL_MEMORY */
enum error_code survey_vantage_read(str word, const struct register_snapshot *snapshot,
                                    int64_t at_ns, struct arena *arena, struct survey_vantage *out,
                                    struct error *e) MUST_USE;

struct survey_options {
    const char *const
        *address_data; /* MaxMind DB files; the first is compiled in, all are believed by weight */
    size_t address_data_count;
    const char *const *asn; /* CSV files of autonomous systems */
    size_t asn_count;
    str asn_date; /* of their edition; empty: not known */
    const struct survey_list *clouds;
    size_t cloud_count;
    const struct register_snapshot *snapshot; /* borrowed; NULL: none */
    int64_t at_ns;                            /* rows of then */
    str home; /* "JP"; empty: the operators' own when they agree, else that of weights.yaml */
    const struct geo_own_list *override; /* NULL: none */
    const struct survey_vantage
        *vantage; /* NULL: nobody says, and no round trip excludes a country */
    bool probes;  /* servers will be probed: it is a warning if nobody says from where */
};

struct survey_world; /* immutable once open; judges may ask from any thread */
/* Takes some 2 s and 100 MiB with the shipped data and three lists.
 *   FAIL_USAGE      home is no country, or a list is of no provider that is read
 *   FAIL_NOT_FOUND, FAIL_CORRUPT, FAIL_SYNTAX, FAIL_LIMIT, FAIL_MEMORY  as reading the files says */
enum error_code survey_world_open(const struct survey_options *options, struct survey_world **out,
                                  struct error *e) MUST_USE;
void survey_world_close(struct survey_world *world); /* NULL is fine */
geo_country survey_world_home(const struct survey_world *world);
/* All editions that answers may rest on, for whoever has to be named. */
const struct geo_edition *survey_world_editions(const struct survey_world *world, size_t *count);
/* What could not be read of the lists, a line each; and what was not given that would have helped. */
const str *survey_world_warnings(const struct survey_world *world, size_t *count);

/* ---- judging ---- */

struct survey_judge; /* one a thread; keeps what it has judged */
enum error_code survey_judge_open(const struct survey_world *world, struct survey_judge **out,
                                  struct error *e) MUST_USE;
void survey_judge_close(struct survey_judge *judge); /* NULL is fine */

/* Judges one server; of a network all of which the same is said. *out and what it points to lie in the
 * judge, in the arena or are views of `asked`. A network must be one that survey_network_next gave.
 *   FAIL_MEMORY */
enum error_code survey_ask(struct survey_judge *judge, const struct survey_asked *asked,
                           struct arena *arena, struct survey_server *out,
                           struct error *e) MUST_USE;

/* The first part of a network of which the same is said throughout, as the largest network that begins
 * where it does; *rest is where to go on. False: *rest is used up. Begin with survey_network_begin. */
struct survey_walk {
    struct geo_network whole;
    struct geo_address next;
    bool is_over;
};
struct survey_walk survey_network_begin(const struct geo_network *network);
bool survey_network_next(const struct survey_world *world, struct survey_walk *walk,
                         struct geo_network *out);

/* ---- probing: only what somebody may ask ---- */

struct survey_probe_options {
    uint16_t port;       /* 0: 443 */
    unsigned tries;      /* round trips, the least counts; 0: 5 */
    unsigned timeout_ms; /* of each step; 0: 2,000 */
};
/* Is it in a network that the register says is its own? */
bool survey_world_is_own(const struct survey_world *world, const struct geo_address *address);
/* Connects, shakes hands without trusting the certificate, and asks for the head of "/". Blocks up to tries + 3
 * times the timeout, and twice it when nobody answers. A machine that does not answer is no error. Texts lie in the
 * arena, SURVEY_PROBED_BYTES at most. FAIL_MEMORY, FAIL_CRYPTO */
enum { SURVEY_PROBED_BYTES = 2048 };
enum error_code survey_probe(const struct geo_address *address, str host,
                             const struct survey_probe_options *options, struct arena *arena,
                             struct survey_probed *out, struct error *e) MUST_USE;

struct survey_probing {
    struct geo_address address;
    str host;
    size_t tag;                  /* the caller's */
    struct survey_probed probed; /* what came of it */
};
/* Probes them in this order, LIMIT_PROBES at once, LIMIT_PROBES_A_SECOND begun at most, on threads of its own; blocks
 * until all are done, and tells progress on a terminal. First it asks addresses that nobody has: when one
 * answers, round trips are those to somebody on the way, and all but loopback's are marked so.
 * Texts lie in the arena, SURVEY_PROBED_BYTES each. FAIL_MEMORY, FAIL_CRYPTO
 * Source: RFC 5737 (192.0.2.0/24), RFC 3849 (2001:db8::/32). */
enum error_code survey_probe_all(struct survey_probing *of, size_t count,
                                 const struct survey_probe_options *options, struct arena *arena,
                                 struct error *e) MUST_USE;

/* ---- counting: how many, where, how crucial ---- */

enum { SURVEY_CLASSES_TOLD = 16 };
struct survey_tally {
    uint64_t servers, answers[SURVEY_ANSWER_COUNT];
    uint64_t foreign_law[SURVEY_ANSWER_COUNT]; /* of them under a foreign law too */
    uint64_t undeclared[SURVEY_ANSWER_COUNT];  /* of them with data nobody has declared */
    uint64_t conflicts;                        /* servers with any */
    uint64_t countries[26 * 26]; /* inside and outside, by the likeliest country; AA is 0 */
    struct {
        char name[48]; /* of the class, closed with a zero; a longer one is cut */
        uint64_t answers[SURVEY_ANSWER_COUNT];
    } classes[SURVEY_CLASSES_TOLD]; /* what does not fit is added to the last */
    size_t class_count;
};
void survey_tally_add(struct survey_tally *tally, const struct survey_server *server);

/* ---- written ---- */

enum survey_format { SURVEY_TEXT, SURVEY_JSON, SURVEY_JSONL, SURVEY_CSV, SURVEY_FORMAT_COUNT };
bool survey_format_find(str name, enum survey_format *out); /* "jsonl" */

/* Servers as they come; JSON: {…, "servers": […]} with what was counted after them. Text tells them at the
 * end, below its first line, which says how many, where and how crucial; its own words are in `language`,
 * "en" or "ja", and what sources say in theirs. */
struct survey_writer;
enum error_code survey_writer_open(const struct survey_world *world, enum survey_format format,
                                   str language, struct report_out *out,
                                   struct survey_writer **writer, struct error *e) MUST_USE;
/* `more`: members that its JSON has besides, without braces; empty: none. The judgement of a server that is
 * shared is read later, until closing: the judge must live so long. */
void survey_writer_add(struct survey_writer *writer, const struct survey_server *server, str more);
/* After the last server: JSON's object, for members that others add. NULL: it is not JSON. */
struct report_json *survey_writer_members(struct survey_writer *writer);
/* What was counted so far; lives as long as the writer. */
const struct survey_tally *survey_writer_tally(struct survey_writer *writer);
/* Ends the report; the output is the caller's to close. Releases the writer on every outcome.
 *   FAIL_LIMIT  a server takes more than 512 KiB; it was left out     FAIL_MEMORY */
enum error_code survey_writer_close(struct survey_writer *writer, struct error *e) MUST_USE;

#endif
