/* Inner: worlds. What is in force for a visit: rules, identities, buckets; immutable, swapped whole. */
#ifndef AZEKURA_GATE_DECIDE_WORLD_H
#define AZEKURA_GATE_DECIDE_WORLD_H

#include "gate/gate.h"
#include "identity/identity.h"

#include <stdatomic.h>

struct gate_rules;   /* gate/rules/rules.h: register, rulebooks, tables */
struct gate_buckets; /* gate/decide/world.c: the list of buckets, and whose dataset each is */

/* A component that several worlds share; counted by the committer alone. */
struct gate_identities {
    struct identity_snapshot *snapshot;
    unsigned holders;
};

enum { GATE_WORLD_SLOTS = 64 }; /* reactors 0..62; the last for every other thread */
struct gate_world_slot {
    _Alignas(64) _Atomic(uint64_t) visits; /* a line of its own: only its reactor writes it */
};
struct gate_world {
    struct gate_rules *rules;
    struct gate_identities *identities;
    struct gate_buckets *buckets;
    struct gate_world *older; /* worlds some visit may still be in; or the next free one */
    struct gate_world_slot slots[GATE_WORLD_SLOTS];
};

/* Which world, safe against its being freed: see world.c. */
struct gate_world *gate_world_take(struct gate *gate, unsigned *slot);
void gate_world_give(const struct gate_world *world, unsigned slot);
/* Committer only: NULL keeps the component the present world has. Takes over what is given, unless
 * there is no memory. */
enum error_code gate_world_swap(struct gate *gate, struct gate_rules *rules,
                                struct gate_identities *identities, struct gate_buckets *buckets,
                                struct error *e) MUST_USE;
void gate_world_sweep(struct gate *gate); /* frees worlds nobody is in any more */
void gate_world_close(struct gate *gate);

void gate_identities_release(struct gate_identities *identities); /* NULL is fine */
enum error_code gate_buckets_load(struct gate *gate, const struct gate_rules *rules,
                                  struct gate_buckets **out, struct error *e) MUST_USE;
void gate_buckets_release(struct gate_buckets *buckets);
const struct store_buckets *gate_buckets_all(const struct gate_buckets *buckets);

#endif
