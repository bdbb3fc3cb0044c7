/* Servers that meet at one address: names, and so servers, but perhaps fewer machines.
 *
 * A translator, a balancer and a host of many sites look the same from outside as one machine with two names, so
 * servers are never made one by it, and how many it may be about is counted beside. */
#include "census/inner.h"

/* The IPv4 address as it is mapped into IPv6; all zeros is no public address. */
struct met {
    unsigned char at[16];
};
static const struct met nowhere;

static struct met met_of(const struct geo_address *address) {
    struct met met = {{0}};
    if (address->len == 4) met.at[10] = met.at[11] = 0xff;
    memcpy(met.at + (16 - address->len), address->at, address->len);
    return met;
}

static struct met *slot_of(const struct addresses *m, struct met met) {
    size_t i = (size_t)str_hash(str_of(met.at, sizeof met.at), 0) & (m->cap - 1);
    while (memcmp(&m->at[i], &nowhere, sizeof met) != 0 && memcmp(&m->at[i], &met, sizeof met) != 0)
        i = (i + 1) & (m->cap - 1);
    return &m->at[i];
}

static enum error_code grow(struct addresses *m, struct error *e) {
    struct addresses larger = {.cap = m->cap == 0 ? 1024 : m->cap * 2, .count = m->count};
    struct arena arena;
    TRY(arena_space_open(&larger.space, (larger.cap + 1) * sizeof *m->at, &arena, e));
    larger.at = arena_new(&arena, struct met, larger.cap);
    assert(larger.at != NULL); /* the space is of that size */
    for (size_t i = 0; i < m->cap; i++)
        if (memcmp(&m->at[i], &nowhere, sizeof nowhere) != 0)
            *slot_of(&larger, m->at[i]) = m->at[i];
    arena_space_release(&m->space);
    *m = larger;
    return OK;
}

enum error_code addresses_take(struct addresses *m, const struct survey_server *server,
                               bool *is_met, struct error *e) {
    *is_met = false;
    for (size_t i = 0; i < server->address_count; i++) {
        const struct geo_address *address = &server->addresses[i];
        if (geo_address_use(address) != GEO_PUBLIC) continue;
        if (m->count * 2 >= m->cap) TRY(grow(m, e));
        struct met met = met_of(address), *slot = slot_of(m, met);
        if (memcmp(slot, &met, sizeof met) == 0) {
            *is_met = true;
        } else {
            *slot = met;
            m->count++;
        }
    }
    return OK;
}

void addresses_close(struct addresses *m) {
    arena_space_release(&m->space);
}
