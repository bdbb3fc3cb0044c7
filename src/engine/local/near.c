/* What each reactor keeps near: rows of objects and small bodies by their keys, without a lock.
 *
 *   ring:  … [head][key][value] [head][key][value] | oldest …     slots: hash of key -> place
 *
 * Places count up for ever; one that is further back than the ring is long has been written over.
 * Forgetting the oldest is therefore nothing to do. A row found here costs a copy; in RocksDB's own
 * cache it costs filters, indexes and their locks, a third of a whole request.
 *
 * A row may change, and a view must not find what another moment held. Each commit leaves its
 * turn's number in a table of stamps, shared by all reactors, at the hash of every key it wrote,
 * and does so before the turn can be seen. What was kept under another stamp is not found any
 * more: so what is found has not been written since the moment it was read at. Two keys that
 * share a stamp only lose each other. */
#include "engine/local/local.h"

#include "base/runtime.h"

#include <stdlib.h>
#include <unistd.h>

enum {
    STAMPS =
        1 << 18, /* 2 MiB: of a thousand puts a second most of what is kept outlives a minute */
    SHARDS_MAX = 256,
    VALUE_BYTES_MAX = 64 << 10,
    ROW_BYTES = 512, /* two slots for each so many bytes of ring */
    BODY_BYTES = 4096,
};

struct near_head {
    uint64_t generation, turn, stamp; /* of the view it was read under */
    uint32_t hash, key_len, value_len;
};

struct ring {
    uint64_t place; /* where the next one goes */
    size_t bytes, slot_count;
    uint64_t *slots; /* place + 1; 0: empty */
    char *at;
};

/* One reactor's. */
struct shard {
    _Atomic uint64_t hits, misses; /* of bodies, for engine_numbers; counted by the one reactor */
    struct ring rows, bodies;
    unsigned luck; /* of look-ups in RocksDB's cache, see local_near_try_cached */
    unsigned tries, fills;
};

struct local_near {
    uint64_t row_bytes, body_bytes;             /* of one shard */
    _Atomic(struct shard *) shards[SHARDS_MAX]; /* each used by its reactor alone */
    _Atomic uint64_t stamps[STAMPS];
};

/* ---- making and freeing ---- */

struct local_near *local_near_new(uint64_t row_bytes, uint64_t body_bytes) {
    struct local_near *near = calloc(1, sizeof *near);
    if (near == NULL) return NULL;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t shards = cores > 0 ? (uint64_t)cores : 1, least = 2 * VALUE_BYTES_MAX;
    near->row_bytes = u64_max(row_bytes / shards, least);
    near->body_bytes = u64_max(body_bytes / shards, least);
    return near;
}

static bool ring_open(struct ring *ring, uint64_t bytes, size_t bytes_per_slot) {
    ring->bytes = (size_t)bytes & ~(size_t)15;
    ring->slot_count = (ring->bytes / bytes_per_slot + 1) * 2;
    ring->slots = calloc(ring->slot_count, sizeof *ring->slots);
    ring->at = malloc(ring->bytes);
    return ring->slots != NULL && ring->at != NULL;
}

static void shard_free(struct shard *shard) {
    struct ring *rings[] = {&shard->rows, &shard->bodies};
    for (size_t i = 0; i < COUNT_OF(rings); i++) {
        free(rings[i]->slots);
        free(rings[i]->at);
    }
    free(shard);
}

void local_near_release(struct local_near *near) {
    if (near == NULL) return;
    for (int i = 0; i < SHARDS_MAX; i++) {
        struct shard *shard = atomic_load(&near->shards[i]);
        if (shard != NULL) shard_free(shard);
    }
    free(near);
}

/* The shard of the reactor we are on; NULL: on none, or no memory for one. */
static struct shard *shard_here(struct local_near *near) {
    if (reactor_current() == NULL || reactor_index() >= SHARDS_MAX) return NULL;
    struct shard *shard =
        atomic_load_explicit(&near->shards[reactor_index()], memory_order_relaxed);
    if (shard != NULL) return shard;
    shard = calloc(1, sizeof *shard);
    if (shard == NULL) return NULL;
    if (!ring_open(&shard->rows, near->row_bytes, ROW_BYTES) ||
        !ring_open(&shard->bodies, near->body_bytes, BODY_BYTES)) {
        shard_free(shard);
        return NULL;
    }
    atomic_store(&near->shards[reactor_index()], shard);
    return shard;
}

static struct ring *ring_of(struct shard *shard, enum engine_family family) {
    return family == ENGINE_META ? &shard->rows : family == ENGINE_BODY ? &shard->bodies : NULL;
}

/* ---- stamps ---- */

uint32_t local_near_hash(unsigned family, str key) {
    return (uint32_t)str_hash(key, (uint64_t)family);
}

uint64_t local_near_stamp(const struct local_near *near, uint32_t hash) {
    return atomic_load(&near->stamps[hash % STAMPS]);
}

void local_near_forget(struct local_near *near, uint32_t hash, uint64_t turn) {
    atomic_store(&near->stamps[hash % STAMPS], turn);
}

/* ---- finding and keeping ---- */

/* Each hash has two slots, so that two keys of one hash do not drive each other out. */
static uint64_t *slots_of(const struct ring *ring, uint32_t hash) {
    return &ring->slots[hash % (ring->slot_count / 2) * 2];
}

/* The value of a row kept at `place` that this view may see; false: none. */
static bool look_at(const struct local_near *near, const struct ring *ring, uint64_t place,
                    const struct local_moment *moment, uint32_t hash, str key, str *value) {
    if (place == 0 || ring->place - (place - 1) > ring->bytes) return false;
    const char *at = ring->at + (place - 1) % ring->bytes;
    struct near_head head;
    memcpy(&head, at, sizeof head);
    at += sizeof head;
    if (head.hash != hash || !str_equal(str_of(at, head.key_len), key)) return false;
    if (head.generation != moment->generation || head.turn > moment->turn) return false;
    if (head.stamp != local_near_stamp(near, hash)) return false;
    *value = str_of(at + head.key_len, head.value_len);
    return true;
}

static bool look_up(const struct local_near *near, const struct ring *ring,
                    const struct local_moment *moment, uint32_t hash, str key, str *value) {
    const uint64_t *slots = slots_of(ring, hash);
    return look_at(near, ring, slots[0], moment, hash, key, value) ||
           look_at(near, ring, slots[1], moment, hash, key, value);
}

/* Where a row goes: into the slot that holds an older one of its hash, else into the one that was
 * filled longer ago. */
static uint64_t *slot_for(const struct ring *ring, uint32_t hash) {
    uint64_t *slots = slots_of(ring, hash);
    for (int i = 0; i < 2; i++) {
        struct near_head head;
        if (slots[i] == 0 || ring->place - (slots[i] - 1) > ring->bytes) return &slots[i];
        memcpy(&head, ring->at + (slots[i] - 1) % ring->bytes, sizeof head);
        if (head.hash == hash) return &slots[i];
    }
    return slots[0] < slots[1] ? &slots[0] : &slots[1];
}

static void count_one(_Atomic uint64_t *count) {
    atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

bool local_near_find(struct local_near *near, const struct local_moment *moment,
                     enum engine_family family, uint32_t hash, str key, struct arena *arena,
                     str *value) {
    struct shard *shard = shard_here(near);
    const struct ring *ring = shard != NULL ? ring_of(shard, family) : NULL;
    str kept;
    if (ring == NULL) return false;
    bool is_hit =
        look_up(near, ring, moment, hash, key, &kept) && arena_copy(arena, kept, value, NULL) == OK;
    if (family == ENGINE_BODY) count_one(is_hit ? &shard->hits : &shard->misses);
    return is_hit;
}

void local_near_keep(struct local_near *near, const struct local_moment *moment,
                     enum engine_family family, uint32_t hash, str key, str value, uint64_t stamp) {
    struct shard *shard = shard_here(near);
    struct ring *ring = shard != NULL ? ring_of(shard, family) : NULL;
    /* A write that this view does not see must not be taken for one it has seen. */
    if (ring == NULL || stamp > moment->turn || value.len > VALUE_BYTES_MAX) return;
    size_t bytes = (sizeof(struct near_head) + key.len + value.len + 15) & ~(size_t)15;
    assert(bytes <= ring->bytes); /* twice VALUE_BYTES_MAX, and keys are shorter than that */
    size_t from = (size_t)(ring->place % ring->bytes);
    if (bytes > ring->bytes - from) { /* a row lies in one piece: leave the end empty */
        ring->place += ring->bytes - from;
        from = 0;
    }
    struct near_head head = {.generation = moment->generation,
                             .turn = moment->turn,
                             .stamp = stamp,
                             .hash = hash,
                             .key_len = (uint32_t)key.len,
                             .value_len = (uint32_t)value.len};
    char *to = ring->at + from;
    memcpy(to, &head, sizeof head);
    memcpy(to + sizeof head, key.at, key.len);
    if (value.len > 0) memcpy(to + sizeof head + key.len, value.at, value.len);
    *slot_for(ring, hash) = ring->place + 1;
    ring->place += bytes;
}

/* ---- whether RocksDB's own cache is worth a look ---- */

enum { LUCK_ONE = 1 << 16, LUCK_LEAST = LUCK_ONE / 2, LUCK_PROBE = 32, LUCK_FILL = 8 };

bool local_near_try_cached(struct local_near *near) {
    struct shard *shard = shard_here(near);
    return shard == NULL || shard->luck >= LUCK_LEAST || shard->tries++ % LUCK_PROBE == 0;
}

bool local_near_fills(struct local_near *near) {
    struct shard *shard = shard_here(near);
    return shard == NULL || shard->luck >= LUCK_LEAST || shard->fills++ % LUCK_FILL == 0;
}

void local_near_tried(struct local_near *near, bool was_there) {
    struct shard *shard = shard_here(near);
    if (shard == NULL) return;
    shard->luck = shard->luck - shard->luck / 16 + (was_there ? LUCK_ONE / 16 : 0);
}

void local_near_count(struct local_near *near, uint64_t *hits, uint64_t *misses) {
    for (int i = 0; i < SHARDS_MAX; i++) {
        struct shard *shard = atomic_load(&near->shards[i]);
        if (shard == NULL) continue;
        *hits += atomic_load_explicit(&shard->hits, memory_order_relaxed);
        *misses += atomic_load_explicit(&shard->misses, memory_order_relaxed);
    }
}
