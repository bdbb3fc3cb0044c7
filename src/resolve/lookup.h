/* One type of one name, asked until its chain of CNAMEs ends. */
#ifndef AZEKURA_RESOLVE_LOOKUP_H
#define AZEKURA_RESOLVE_LOOKUP_H

#include <ares.h>

#include "resolve/resolve.h"

enum { LOOKUP_NAME_BYTES = 256, LOOKUP_TEXT_BYTES = 12 << 10 };

struct lookup {
    ares_channel channel, tcp; /* the second for answers that the first had truncated */
    bool is_tcp;
    unsigned type;
    bool is_done;
    enum resolve_status status;
    const struct resolve_address *addresses;
    size_t address_count;
    const str *names;
    size_t name_count;
    str chain[LIMIT_RESOLVE_CHAIN];
    size_t chain_count;
    uint32_t ttl_s;
    str first;                     /* the name it began with; borrowed */
    uint64_t *queries;             /* counted up */
    char asked[LOOKUP_NAME_BYTES]; /* closed with a zero: for c-ares */
    struct arena arena;
    /* Called once, when it is done; perhaps within lookup_start. */
    void (*done)(void *owner);
    void *owner;
    _Alignas(max_align_t) unsigned char memory[LOOKUP_TEXT_BYTES];
};

/* `name` without final dot, at most 253 bytes; it lives as long as the lookup. Channels, type, queries, done and
 * owner are set before. */
void lookup_start(struct lookup *lookup, str name);

#endif
