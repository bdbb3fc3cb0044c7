/* The cache of small bodies: ciphertext by immutable id, one table a reactor, without a lock.
 *
 *   ring:  … [head][bytes] [head][bytes] [head][bytes] | oldest …      index: id -> place in the
 * ring
 *
 * Places count up for ever; one that is further back than the ring is long has been written over.
 * Forgetting the oldest is therefore nothing to do.
 *
 * An id is written once, so the bytes never change, but the row can be deleted and a view from
 * after that must not find it. Each deletion leaves its turn's number in a small shared table of
 * stamps, by id, before the turn can be seen; what was kept under another stamp is not found any
 * more. */
#include "engine/local/local.h"

#include "base/runtime.h"

#include <stdlib.h>
#include <unistd.h>

enum { STAMPS = 1 << 14, SHARDS_MAX = 256, BODY_BYTES_MAX = 64 << 10, BYTES_PER_SLOT = 4096 };

struct body_head {
    struct engine_blob_id id;
    uint64_t generation, turn, stamp; /* of the view it was read under */
    size_t len;
};

struct shard {
    _Atomic uint64_t hits, misses; /* for engine_numbers; counted by the one reactor */
    uint64_t place;                /* where the next one goes */
    size_t slot_count;
    uint64_t *slots; /* place + 1; 0: empty */
    char *ring;
};

struct local_bodies {
    size_t ring_bytes;
    _Atomic(struct shard *) shards[SHARDS_MAX]; /* each used by its reactor alone */
    _Atomic uint64_t stamps[STAMPS];
};

struct local_bodies *local_bodies_new(uint64_t bytes_max) {
    struct local_bodies *bodies = calloc(1, sizeof *bodies);
    if (bodies == NULL) return NULL;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t each = bytes_max / (uint64_t)(cores > 0 ? cores : 1);
    bodies->ring_bytes = (size_t)u64_max(each, 2 * BODY_BYTES_MAX) & ~(size_t)15;
    return bodies;
}

void local_bodies_release(struct local_bodies *bodies) {
    if (bodies == NULL) return;
    for (int i = 0; i < SHARDS_MAX; i++) {
        struct shard *shard = atomic_load(&bodies->shards[i]);
        if (shard == NULL) continue;
        free(shard->slots);
        free(shard->ring);
        free(shard);
    }
    free(bodies);
}

static struct shard *shard_new(const struct local_bodies *bodies) {
    struct shard *shard = calloc(1, sizeof *shard);
    if (shard == NULL) return NULL;
    shard->slot_count = bodies->ring_bytes / BYTES_PER_SLOT + 1;
    shard->slots = calloc(shard->slot_count, sizeof *shard->slots);
    shard->ring = malloc(bodies->ring_bytes);
    if (shard->slots != NULL && shard->ring != NULL) return shard;
    free(shard->slots);
    free(shard->ring);
    free(shard);
    return NULL;
}

/* The shard of the reactor we are on; NULL: on none, or no memory for one. */
static struct shard *shard_here(struct local_bodies *bodies) {
    if (reactor_current() == NULL || reactor_index() >= SHARDS_MAX) return NULL;
    struct shard *shard = atomic_load(&bodies->shards[reactor_index()]);
    if (shard == NULL) {
        shard = shard_new(bodies);
        atomic_store(&bodies->shards[reactor_index()], shard);
    }
    return shard;
}

static uint64_t counter_of(str key) {
    return read_be64(key.at + 8) * 0x9e3779b97f4a7c15u >> 20;
}

uint64_t local_bodies_stamp(const struct local_bodies *bodies, str key) {
    return key.len == ENGINE_BLOB_ID_BYTES ? atomic_load(&bodies->stamps[counter_of(key) % STAMPS])
                                           : 0;
}

void local_bodies_forget(struct local_bodies *bodies, str key, uint64_t turn) {
    if (key.len == ENGINE_BLOB_ID_BYTES)
        atomic_store(&bodies->stamps[counter_of(key) % STAMPS], turn);
}

/* The bytes of a kept body that this view may see; NULL: none. */
static const char *look_up(const struct local_bodies *bodies, const struct shard *shard,
                           const struct local_moment *moment, str key, size_t *len) {
    uint64_t place = shard->slots[counter_of(key) % shard->slot_count];
    if (place == 0 || shard->place - (place - 1) > bodies->ring_bytes) return NULL;
    const char *at = shard->ring + (place - 1) % bodies->ring_bytes;
    struct body_head head;
    memcpy(&head, at, sizeof head);
    if (memcmp(head.id.at, key.at, sizeof head.id) != 0) return NULL;
    if (head.generation != moment->generation || head.turn > moment->turn) return NULL;
    if (head.stamp != local_bodies_stamp(bodies, key)) return NULL;
    *len = head.len;
    return at + sizeof head;
}

bool local_bodies_find(struct local_bodies *bodies, const struct local_moment *moment, str key,
                       struct arena *arena, str *value) {
    struct shard *shard = key.len == ENGINE_BLOB_ID_BYTES ? shard_here(bodies) : NULL;
    if (shard == NULL) return false;
    size_t len;
    const char *at = look_up(bodies, shard, moment, key, &len);
    bool is_hit = at != NULL && arena_copy(arena, str_of(at, len), value, NULL) == OK;
    _Atomic uint64_t *count = is_hit ? &shard->hits : &shard->misses;
    atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1,
                          memory_order_relaxed);
    return is_hit;
}

void local_bodies_count(struct local_bodies *bodies, uint64_t *hits, uint64_t *misses) {
    for (int i = 0; i < SHARDS_MAX; i++) {
        struct shard *shard = atomic_load(&bodies->shards[i]);
        if (shard == NULL) continue;
        *hits += atomic_load_explicit(&shard->hits, memory_order_relaxed);
        *misses += atomic_load_explicit(&shard->misses, memory_order_relaxed);
    }
}

void local_bodies_keep(struct local_bodies *bodies, const struct local_moment *moment, str key,
                       str value, uint64_t stamp) {
    struct shard *shard = key.len == ENGINE_BLOB_ID_BYTES ? shard_here(bodies) : NULL;
    /* A deletion that this view does not see must not be taken for one it has seen. */
    if (shard == NULL || stamp > moment->turn || value.len > BODY_BYTES_MAX) return;
    size_t bytes = (sizeof(struct body_head) + value.len + 15) & ~(size_t)15;
    size_t at = (size_t)(shard->place % bodies->ring_bytes);
    if (bytes > bodies->ring_bytes - at) { /* a body lies in one piece: leave the end empty */
        shard->place += bodies->ring_bytes - at;
        at = 0;
    }
    struct body_head head = {
        .generation = moment->generation, .turn = moment->turn, .stamp = stamp, .len = value.len};
    memcpy(head.id.at, key.at, sizeof head.id);
    memcpy(shard->ring + at, &head, sizeof head);
    if (value.len > 0) memcpy(shard->ring + at + sizeof head, value.at, value.len);
    shard->slots[counter_of(key) % shard->slot_count] = shard->place + 1;
    shard->place += bytes;
}
