/* What a turn has written so far: a plain batch of RocksDB's, and an index of it by key.
 *
 *   batch   | head | record | record | record …      its bytes, as they will go into the log
 *   at      one entry a record: where its key and its value lie in the batch
 *   slots   hash of family and key -> 1 + the newest entry of that key
 *
 * RocksDB has an indexed batch too, a skip list: it cost 10 µs a put of five rows, and taking a
 * request back built the whole index anew. Here an entry remembers the one it covers, so taking
 * back is undoing, newest first; a scan, which few turns need, sorts what it wants. */
#include "engine/local/local.h"

#include <stdlib.h>

enum { SLOTS_FIRST = 4096 };

static str bytes_of(const struct local_writes *w) {
    size_t count;
    const char *at = rocksdb_writebatch_data(w->batch, &count);
    return str_of(at, count);
}

str local_write_key(const struct local_writes *w, const struct local_write *write) {
    return str_slice(bytes_of(w), write->key_at, write->key_len);
}
str local_write_value(const struct local_writes *w, const struct local_write *write) {
    return str_slice(bytes_of(w), write->value_at, write->value_len);
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

/* Room for one more, before the batch has it. */
static enum error_code room_make(struct local_writes *w, struct error *e) {
    if (2 * (w->count + 1) > w->slot_count) TRY(slots_grow(w, e));
    if (w->count < w->room) return OK;
    struct local_write *at = realloc(w->at, 2 * w->room * sizeof *at);
    if (at == NULL) return error_set(e, FAIL_MEMORY, "no memory for a turn's index");
    w->at = at;
    w->room *= 2;
    return OK;
}

/* The batch ends with the record: the key, and behind its length the value. */
static void index_last(struct local_writes *w, unsigned family, str key, const str *value) {
    size_t end = bytes_of(w).len, value_len = value == NULL ? 0 : value->len, head = 0;
    if (value != NULL)
        for (size_t left = value_len; head == 0 || left > 0; left >>= 7) head++; /* a varint */
    assert(end <= UINT32_MAX);
    struct local_write write = {.hash = local_near_hash(family, key),
                                .key_at = (uint32_t)(end - value_len - head - key.len),
                                .key_len = (uint32_t)key.len,
                                .value_at = (uint32_t)(end - value_len),
                                .value_len = (uint32_t)value_len,
                                .family = (uint8_t)family,
                                .deletes = value == NULL};
    assert(str_equal(local_write_key(w, &write), key)); /* the record is laid out as we think */
    size_t slot = slot_of(w, write.hash, family, key);
    write.covers = w->slots[slot];
    w->at[w->count++] = write;
    w->slots[slot] = (uint32_t)w->count;
}

/* ---- writing ---- */

enum error_code local_writes_put(struct local_writes *w, unsigned family,
                                 rocksdb_column_family_handle_t *handle, str key, str value,
                                 struct error *e) {
    TRY(room_make(w, e));
    rocksdb_writebatch_put_cf(w->batch, handle, key.at, key.len, value.len > 0 ? value.at : "",
                              value.len);
    index_last(w, family, key, &value);
    return OK;
}

enum error_code local_writes_delete(struct local_writes *w, unsigned family,
                                    rocksdb_column_family_handle_t *handle, str key,
                                    struct error *e) {
    TRY(room_make(w, e));
    rocksdb_writebatch_delete_cf(w->batch, handle, key.at, key.len);
    index_last(w, family, key, NULL);
    return OK;
}

/* ---- marks ---- */

size_t local_writes_mark(struct local_writes *w) {
    rocksdb_writebatch_set_save_point(w->batch);
    return w->count;
}

void local_writes_keep(struct local_writes *w) {
    char *said = NULL;
    rocksdb_writebatch_pop_save_point(w->batch, &said);
    assert(said == NULL); /* there is one for each mark */
}

void local_writes_rewind(struct local_writes *w, size_t mark) {
    assert(mark <= w->count);
    for (; w->count > mark; w->count--) {
        const struct local_write *write = &w->at[w->count - 1];
        size_t slot = slot_of(w, write->hash, write->family, local_write_key(w, write));
        assert(w->slots[slot] == w->count);
        w->slots[slot] = write->covers;
    }
    char *said = NULL;
    rocksdb_writebatch_rollback_to_save_point(w->batch, &said);
    assert(said == NULL);
}

/* ---- in order, for scans ---- */

static int compare_keys(const void *a, const void *b, void *writes) {
    const struct local_writes *w = writes;
    return str_compare(local_write_key(w, &w->at[*(const uint32_t *)a]),
                       local_write_key(w, &w->at[*(const uint32_t *)b]));
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
        if (local_writes_find(w, family, key) == write) order[used++] = (uint32_t)i;
    }
    if (used > 1) qsort_r(order, used, sizeof *order, compare_keys, (void *)(uintptr_t)w);
    *out = order;
    *count = used;
    return OK;
}

/* ---- opening and closing ---- */

enum error_code local_writes_open(struct local_writes *w, struct error *e) {
    *w = (struct local_writes){.room = SLOTS_FIRST / 2, .slot_count = SLOTS_FIRST};
    w->at = malloc(w->room * sizeof *w->at);
    w->slots = calloc(w->slot_count, sizeof *w->slots);
    w->batch = rocksdb_writebatch_create();
    if (w->at != NULL && w->slots != NULL) return OK;
    local_writes_close(w);
    return error_set(e, FAIL_MEMORY, "no memory for turns");
}

void local_writes_clear(struct local_writes *w) {
    if (w->count > 0) memset(w->slots, 0, w->slot_count * sizeof *w->slots);
    w->count = 0;
    rocksdb_writebatch_clear(w->batch);
}

void local_writes_close(struct local_writes *w) {
    if (w->batch != NULL) rocksdb_writebatch_destroy(w->batch);
    free(w->at);
    free(w->slots);
    *w = (struct local_writes){0};
}
