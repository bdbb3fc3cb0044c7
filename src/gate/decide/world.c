/* Worlds: what is in force, immutable and swapped whole.
 *
 * A visit takes the world there is by counting itself into its reactor's slot and then looking
 * whether the world is still the newest. The committer swaps first and looks at the slots later. So
 * either the visitor sees the swap and tries again, or the committer sees the visitor and keeps the
 * world. Both sides use sequentially consistent operations, which is what makes that "either". A
 * turn's replies leave after the swap: whoever asks next is in the new world.
 *
 * A visitor may count itself into a world that was given up between its two looks, so the memory of
 * a world with its counts is never given back while the gate is open, only used for a later one. */
#include "gate/rules/rules.h"

#include <stdlib.h>

static unsigned slot_here(void) {
    return reactor_current() != NULL && reactor_index() < GATE_WORLD_SLOTS - 1
               ? reactor_index()
               : GATE_WORLD_SLOTS - 1;
}

struct gate_world *gate_world_take(struct gate *gate, unsigned *slot) {
    *slot = slot_here();
    for (;;) {
        struct gate_world *world = atomic_load(&gate->world);
        atomic_fetch_add(&world->slots[*slot].visits, 1);
        if (atomic_load(&gate->world) == world) return world;
        atomic_fetch_sub(&world->slots[*slot].visits, 1);
    }
}

void gate_world_give(const struct gate_world *world, unsigned slot) {
    struct gate_world *counted = (struct gate_world *)(uintptr_t)world;
    uint64_t before = atomic_fetch_sub(&counted->slots[slot].visits, 1);
    assert(before > 0);
}

static bool world_is_empty(struct gate_world *world) {
    for (unsigned i = 0; i < GATE_WORLD_SLOTS; i++)
        if (atomic_load(&world->slots[i].visits) != 0) return false;
    return true;
}

/* ---- components, counted by the committer alone ---- */

struct gate_buckets {
    struct arena_space space;
    struct store_buckets all;
    unsigned holders;
};

const struct store_buckets *gate_buckets_all(const struct gate_buckets *b) {
    return &b->all;
}

enum error_code gate_buckets_load(struct gate *gate, const struct gate_rules *rules,
                                  struct gate_buckets **out, struct error *e) {
    struct arena arena;
    struct engine_view *view = NULL;
    struct arena_space space;
    TRY(arena_space_open(&space, (size_t)256 << 20, &arena, e));
    enum error_code code = engine_view_open(gate->engine, &view, e);
    if (code != OK) {
        arena_space_release(&space);
        return code;
    }
    struct gate_buckets *buckets = arena_new(&arena, struct gate_buckets, 1);
    code = buckets == NULL ? error_set(e, FAIL_MEMORY, "no room for the list of buckets")
                           : store_buckets_load(view, &arena, &buckets->all, e);
    engine_view_close(view);
    if (code != OK) {
        arena_space_release(&space);
        return code;
    }
    buckets->space = space;
    *out = buckets;
    return OK;
}

void gate_buckets_release(struct gate_buckets *buckets) {
    if (buckets == NULL) return;
    struct arena_space space = buckets->space; /* the struct lies in it */
    arena_space_release(&space);
}

void gate_identities_release(struct gate_identities *identities) {
    if (identities == NULL) return;
    identity_snapshot_close(identities->snapshot);
    free(identities);
}

static void world_empty(struct gate_world *world) {
    if (--world->rules->holders == 0) gate_rules_release(world->rules);
    if (--world->identities->holders == 0) gate_identities_release(world->identities);
    if (--world->buckets->holders == 0) gate_buckets_release(world->buckets);
}

/* Counts are left as they are: a visitor on its way out of an old world may still hold one. */
static struct gate_world *world_new(struct gate *gate) {
    struct gate_world *world = gate->free_worlds;
    if (world != NULL) {
        gate->free_worlds = world->older;
        return world;
    }
    if (posix_memalign((void **)&world, 64, sizeof *world) != 0) return NULL;
    memset(world, 0, sizeof *world);
    return world;
}

enum error_code gate_world_swap(struct gate *gate, struct gate_rules *rules,
                                struct gate_identities *identities, struct gate_buckets *buckets,
                                struct error *e) {
    struct gate_world *before = atomic_load(&gate->world);
    struct gate_world *world = world_new(gate);
    if (world == NULL) return error_set(e, FAIL_MEMORY, "no room for a new world");
    assert(before != NULL || (rules != NULL && identities != NULL && buckets != NULL));
    world->rules = rules != NULL ? rules : before->rules;
    world->identities = identities != NULL ? identities : before->identities;
    world->buckets = buckets != NULL ? buckets : before->buckets;
    world->rules->holders++;
    world->identities->holders++;
    world->buckets->holders++;
    world->older = before;
    atomic_store(&gate->generation, world->rules->generation);
    atomic_store(&gate->world, world);
    gate_world_sweep(gate);
    return OK;
}

void gate_world_sweep(struct gate *gate) {
    struct gate_world **link = &atomic_load(&gate->world)->older;
    while (*link != NULL) {
        struct gate_world *old = *link;
        if (!world_is_empty(old)) {
            link = &old->older;
            continue;
        }
        *link = old->older;
        world_empty(old);
        old->older = gate->free_worlds;
        gate->free_worlds = old;
    }
}

void gate_world_close(struct gate *gate) {
    struct gate_world *world = atomic_load(&gate->world);
    if (world == NULL) return;
    gate_world_sweep(gate);
    assert(world->older == NULL); /* a visit is still open */
    assert(world_is_empty(world));
    world_empty(world);
    free(world);
    atomic_store(&gate->world, NULL);
    while (gate->free_worlds != NULL) {
        struct gate_world *next = gate->free_worlds->older;
        free(gate->free_worlds);
        gate->free_worlds = next;
    }
}
