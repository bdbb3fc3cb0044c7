/* What a turn has written so far, and an index of it by key; at commit, the batch made of it.
 *
 *   bytes   key | value | key | key | value | …       as they came
 *   at      one entry a write: where its key and its value lie
 *   slots   hash of family and key -> 1 + the newest entry of that key
 *
 * RocksDB has an indexed batch too, a skip list: it cost 10 µs a put of five rows, and taking a
 * request back built the whole index anew. Here an entry remembers the one it covers, so taking
 * back is undoing, newest first; a scan, which few turns need, sorts what it wants.
 *
 * The batch is given in the order of keys, each once. RocksDB's own table of rows remembers where it
 * put the last one, so names that lie side by side, as those of one burst mostly do, are put there
 * without a search. */
#include "engine/local/local.h"

#include <stdlib.h>

enum { SLOTS_FIRST = 4096, BYTES_FIRST = 1 << 20 };

str local_write_key(const struct local_writes *w, const struct local_write *write) {
    return str_of(w->bytes + write->key_at, write->key_len);
}
str local_write_value(const struct local_writes *w, const struct local_write *write) {
    return str_of(w->bytes + write->value_at, write->value_len);
}

/* ---- the index ---- */

/* The slot of the key, or the empty one where it would stand. */
static size_t slot_of(const struct local_writes *w, uint32_t hash, unsigned family, str key) {
    size_t slot = hash & (w->slot_count - 1);
    for (; w->slots[slot] != 0; slot = (slot + 1) & (w->slot_count - 1)) {
        const struct local_write *write = &w->at[w->slots[slot] - 1];
        if (write->hash == hash && write->family == family &&
            str_equal(local_write_key(w, write), key))
            break;
    }
    return slot;
}

const struct local_write *local_writes_find(const struct local_writes *w, unsigned family,
                                            str key) {
    uint32_t known = w->slots[slot_of(w, local_near_hash(family, key), family, key)];
    return known == 0 ? NULL : &w->at[known - 1];
}

/* Oldest first, as they came: so undoing meets the slots as it left them. */
static enum error_code slots_grow(struct local_writes *w, struct error *e) {
    uint32_t *slots = calloc(2 * w->slot_count, sizeof *slots);
    if (slots == NULL) return error_set(e, FAIL_MEMORY, "no memory for a turn's index");
    free(w->slots);
    w->slots = slots;
    w->slot_count *= 2;
    for (size_t i = 0; i < w->count; i++) {
        const struct local_write *write = &w->at[i];
        w->slots[slot_of(w, write->hash, write->family, local_write_key(w, write))] =
            (uint32_t)i + 1;
    }
    return OK;
}

static enum error_code bytes_grow(struct local_writes *w, size_t bytes, struct error *e) {
    size_t room = w->bytes_room;
    while (bytes > room - w->bytes_used) {
        if (room > UINT32_MAX / 2) return error_set(e, FAIL_LIMIT, "a turn is over 2 GiB");
        room *= 2;
    }
    char *more = realloc(w->bytes, room);
    if (more == NULL) return error_set(e, FAIL_MEMORY, "no memory for a turn's rows");
    w->bytes = more;
    w->bytes_room = room;
    return OK;
}

/* Room for one more. */
static enum error_code room_make(struct local_writes *w, size_t bytes, struct error *e) {
    if (2 * (w->count + 1) > w->slot_count) TRY(slots_grow(w, e));
    if (bytes > w->bytes_room - w->bytes_used) TRY(bytes_grow(w, bytes, e));
    if (w->count < w->room) return OK;
    struct local_write *at = realloc(w->at, 2 * w->room * sizeof *at);
    if (at != NULL) w->at = at;
    uint32_t *order = realloc(w->order, 2 * w->room * sizeof *order);
    if (order != NULL) w->order = order;
    if (at == NULL || order == NULL)
        return error_set(e, FAIL_MEMORY, "no memory for a turn's index");
    w->room *= 2;
    return OK;
}

static uint32_t bytes_keep(struct local_writes *w, str bytes) {
    uint32_t at = (uint32_t)w->bytes_used;
    if (bytes.len > 0) memcpy(w->bytes + at, bytes.at, bytes.len);
    w->bytes_used += bytes.len;
    return at;
}

/* ---- writing ---- */

static enum error_code write_add(struct local_writes *w, unsigned family, str key, str value,
                                 bool deletes, struct error *e) {
    TRY(room_make(w, key.len + value.len, e));
    struct local_write write = {.hash = local_near_hash(family, key),
                                .key_at = bytes_keep(w, key),
                                .key_len = (uint32_t)key.len,
                                .value_at = bytes_keep(w, value),
                                .value_len = (uint32_t)value.len,
                                .family = (uint8_t)family,
                                .deletes = deletes};
    size_t slot = slot_of(w, write.hash, family, key);
    write.covers = w->slots[slot];
    w->at[w->count++] = write;
    w->slots[slot] = (uint32_t)w->count;
    return OK;
}

enum error_code local_writes_put(struct local_writes *w, unsigned family, str key, str value,
                                 struct error *e) {
    return write_add(w, family, key, value, false, e);
}

enum error_code local_writes_delete(struct local_writes *w, unsigned family, str key,
                                    struct error *e) {
    return write_add(w, family, key, STR_EMPTY, true, e);
}

void local_writes_rewind(struct local_writes *w, size_t mark) {
    assert(mark <= w->count);
    for (; w->count > mark; w->count--) {
        const struct local_write *write = &w->at[w->count - 1];
        size_t slot = slot_of(w, write->hash, write->family, local_write_key(w, write));
        assert(w->slots[slot] == w->count);
        w->slots[slot] = write->covers;
        w->bytes_used = write->key_at;
    }
}

/* ---- in order ---- */

static int compare_keys(const void *a, const void *b, void *writes) {
    const struct local_writes *w = writes;
    const struct local_write *x = &w->at[*(const uint32_t *)a], *y = &w->at[*(const uint32_t *)b];
    if (x->family != y->family) return x->family < y->family ? -1 : 1;
    return str_compare(local_write_key(w, x), local_write_key(w, y));
}

static bool is_newest(const struct local_writes *w, const struct local_write *write) {
    return local_writes_find(w, write->family, local_write_key(w, write)) == write;
}

static void sort(const struct local_writes *w, uint32_t *order, size_t count) {
    if (count > 1) qsort_r(order, count, sizeof *order, compare_keys, (void *)(uintptr_t)w);
}

enum error_code local_writes_order(const struct local_writes *w, unsigned family, str from,
                                   str until, uint32_t **out, size_t *count, struct error *e) {
    uint32_t *order = malloc((w->count + 1) * sizeof *order);
    if (order == NULL) return error_set(e, FAIL_MEMORY, "no memory to scan a turn's rows");
    size_t used = 0;
    for (size_t i = 0; i < w->count; i++) {
        const struct local_write *write = &w->at[i];
        str key = local_write_key(w, write);
        if (write->family != family || str_compare(key, from) < 0) continue;
        if (until.len > 0 && str_compare(key, until) >= 0) continue;
        if (is_newest(w, write)) order[used++] = (uint32_t)i;
    }
    sort(w, order, used);
    *out = order;
    *count = used;
    return OK;
}

void local_writes_batch(struct local_writes *w, rocksdb_column_family_handle_t *const *families) {
    size_t count = 0;
    for (size_t i = 0; i < w->count; i++)
        if (is_newest(w, &w->at[i])) w->order[count++] = (uint32_t)i;
    sort(w, w->order, count);
    for (size_t i = 0; i < count; i++) {
        const struct local_write *write = &w->at[w->order[i]];
        str key = local_write_key(w, write), value = local_write_value(w, write);
        if (write->deletes)
            rocksdb_writebatch_delete_cf(w->batch, families[write->family], key.at, key.len);
        else
            rocksdb_writebatch_put_cf(w->batch, families[write->family], key.at, key.len, value.at,
                                      value.len);
    }
}

/* ---- opening and closing ---- */

enum error_code local_writes_open(struct local_writes *w, struct error *e) {
    *w = (struct local_writes){
        .room = SLOTS_FIRST / 2, .slot_count = SLOTS_FIRST, .bytes_room = BYTES_FIRST};
    w->at = malloc(w->room * sizeof *w->at);
    w->order = malloc(w->room * sizeof *w->order);
    w->slots = calloc(w->slot_count, sizeof *w->slots);
    w->bytes = malloc(w->bytes_room);
    w->batch = rocksdb_writebatch_create();
    if (w->at != NULL && w->order != NULL && w->slots != NULL && w->bytes != NULL) return OK;
    local_writes_close(w);
    return error_set(e, FAIL_MEMORY, "no memory for turns");
}

void local_writes_clear(struct local_writes *w) {
    if (w->count > 0) memset(w->slots, 0, w->slot_count * sizeof *w->slots);
    w->count = w->bytes_used = 0;
    rocksdb_writebatch_clear(w->batch);
}

void local_writes_close(struct local_writes *w) {
    if (w->batch != NULL) rocksdb_writebatch_destroy(w->batch);
    free(w->at);
    free(w->order);
    free(w->slots);
    free(w->bytes);
    *w = (struct local_writes){0};
}
