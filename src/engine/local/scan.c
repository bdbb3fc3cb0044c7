/* Scans: rows in key order, taken in slices.
 *
 * A slice is copied out of RocksDB into the scan's own buffer, on a worker when a fiber asks, so
 * that a reactor never walks rows itself and nobody looks at RocksDB's memory between calls. The
 * first slice is small (most listings want a page, and a delimiter jumps away at once); slices grow
 * while the reader goes straight on, to LIMIT_SCAN_STEPS. */
#include "engine/local/local.h"

#include "base/runtime.h"

#include <stdlib.h>

enum {
    SLICE_ROWS_FIRST = 8,
    SLICE_BYTES = 1 << 16,      /* a slice ends when it holds so much */
    ROW_HEAD_BYTES = 8,         /* two lengths */
    TOMBSTONES_SUGGEST = 10000, /* deleted rows walked in one slice: worth a compaction */
};
static const int64_t suggest_every_ns = NS_PER_S;

struct local_scan {
    struct engine_scan scan;
    struct local_scan *next, *previous; /* of local.scans; view scans only */
    struct local_moment *moment;        /* NULL: a turn's scan */
    enum engine_family family;
    uint64_t generation;
    rocksdb_iterator_t *iterator; /* NULL: not begun, or ended with its handle */
    rocksdb_readoptions_t *options;
    uint32_t *own; /* a turn's scan: the turn's own writes in order, which cover RocksDB's rows */
    size_t own_count, own_at;

    char *rows; /* [key bytes 4][value bytes 4][key][value] … */
    size_t rows_used, rows_room, rows_at;
    unsigned slice_rows; /* wanted of the next slice */
    bool is_at_end;      /* the iterator has nothing after the buffered rows */
    bool must_seek;      /* to `from`, before the next slice */

    size_t from_len, until_len, last_len;
    char from[ENGINE_KEY_BYTES_MAX], until[ENGINE_KEY_BYTES_MAX];
    char last[ENGINE_KEY_BYTES_MAX]; /* the key given last; last_len 0: none yet */
};

static struct local *local_of_scan(const struct local_scan *scan) {
    return local_of(scan->scan.engine);
}

static bool is_past_bound(const struct local_scan *scan, str key) {
    return scan->until_len > 0 && str_compare(key, str_of(scan->until, scan->until_len)) >= 0;
}

/* ---- a slice ---- */

static bool rows_add(struct local_scan *scan, str key, str value) {
    size_t bytes = ROW_HEAD_BYTES + key.len + value.len;
    if (bytes > scan->rows_room - scan->rows_used) {
        size_t room = size_max(scan->rows_used + bytes, SLICE_BYTES);
        char *rows = realloc(scan->rows, room);
        if (rows == NULL) return false;
        scan->rows = rows;
        scan->rows_room = room;
    }
    char *at = scan->rows + scan->rows_used;
    write_be32(at, (uint32_t)key.len);
    write_be32(at + 4, (uint32_t)value.len);
    memcpy(at + ROW_HEAD_BYTES, key.at, key.len);
    if (value.len > 0) memcpy(at + ROW_HEAD_BYTES + key.len, value.at, value.len);
    scan->rows_used += bytes;
    return true;
}

static bool rows_peek(const struct local_scan *scan, str *key, str *value) {
    if (scan->rows_at == scan->rows_used) return false;
    const char *at = scan->rows + scan->rows_at;
    *key = str_of(at + ROW_HEAD_BYTES, read_be32(at));
    *value = str_of(key->at + key->len, read_be32(at + 4));
    return true;
}

static void rows_skip(struct local_scan *scan) {
    str key, value;
    bool is_there = rows_peek(scan, &key, &value);
    assert(is_there);
    scan->rows_at += ROW_HEAD_BYTES + key.len + value.len;
}

static const struct local_writes *writes_of(const struct local_scan *scan) {
    return &((const struct local_turn *)scan->scan.turn)->writes;
}

static enum error_code iterator_begin(struct local_scan *scan, struct error *e) {
    struct local *local = local_of_scan(scan);
    if (scan->scan.turn != NULL)
        TRY(local_writes_order(writes_of(scan), scan->family, str_of(scan->from, scan->from_len),
                               str_of(scan->until, scan->until_len), &scan->own, &scan->own_count,
                               e));
    scan->iterator =
        rocksdb_create_iterator_cf(local->rocks, scan->options, local->families[scan->family]);
    return OK;
}

static void seek(struct local_scan *scan) {
    str from = str_of(scan->from, scan->from_len);
    rocksdb_iter_seek(scan->iterator, from.at, from.len);
    while (
        scan->own_at < scan->own_count &&
        str_compare(local_write_key(writes_of(scan), &writes_of(scan)->at[scan->own[scan->own_at]]),
                    from) < 0)
        scan->own_at++;
}

struct row {
    str key, value;
    bool is_own; /* the turn wrote it */
};

/* The next row of both; *more false: neither has one. What the turn wrote covers what lies beneath,
 * deletions too. */
static enum error_code row_look(struct local_scan *scan, struct row *out, bool *more,
                                struct error *e) {
    for (;; scan->own_at++) {
        const struct local_write *own = NULL;
        size_t len;
        bool beneath = rocksdb_iter_valid(scan->iterator) != 0;
        if (!beneath) {
            char *said = NULL;
            rocksdb_iter_get_error(scan->iterator, &said);
            if (said != NULL) return local_said(e, said, "scanning rows");
        } else {
            out->key.at = rocksdb_iter_key(scan->iterator, &len);
            out->key.len = len;
        }
        int order = 1; /* which comes first: below 0 the turn's */
        if (scan->own_at < scan->own_count) {
            own = &writes_of(scan)->at[scan->own[scan->own_at]];
            order = beneath ? str_compare(local_write_key(writes_of(scan), own), out->key) : -1;
        }
        *more = beneath || own != NULL;
        if (own == NULL || order > 0) {
            out->is_own = false;
            if (beneath) out->value.at = rocksdb_iter_value(scan->iterator, &out->value.len);
            return OK;
        }
        if (order == 0) rocksdb_iter_next(scan->iterator);
        if (own->deletes) continue;
        *out = (struct row){local_write_key(writes_of(scan), own),
                            local_write_value(writes_of(scan), own), true};
        return OK;
    }
}

/* The upper bound given to RocksDB spares it from walking beyond. A seek may have moved it, so it is
 * checked here too. */
static enum error_code slice_fill(struct local_scan *scan, struct error *e) {
    if (scan->iterator == NULL) TRY(iterator_begin(scan, e));
    if (scan->must_seek) seek(scan);
    scan->must_seek = false;
    scan->rows_used = scan->rows_at = 0;
    for (unsigned rows = 0; rows < scan->slice_rows && scan->rows_used < SLICE_BYTES; rows++) {
        struct row row;
        bool more;
        TRY(row_look(scan, &row, &more, e));
        if (!more || is_past_bound(scan, row.key)) {
            scan->is_at_end = true;
            return OK;
        }
        if (!rows_add(scan, row.key, row.value))
            return error_set(e, FAIL_MEMORY, "no memory for a slice of a scan");
        if (row.is_own)
            scan->own_at++;
        else
            rocksdb_iter_next(scan->iterator);
    }
    scan->slice_rows = (unsigned)size_min(scan->slice_rows * 4, LIMIT_SCAN_STEPS);
    return OK;
}

/* After a million deletes a listing of one key took 620 ms: a range full of tombstones is handed to
 * the compaction. Once a second is enough, since it takes RocksDB's big mutex. */
static void suggest_compaction(struct local_scan *scan) {
    struct local *local = local_of_scan(scan);
    int64_t now = clock_steady_ns(), last = atomic_load(&local->suggested_ns);
    if (last != 0 && now - last < suggest_every_ns) return;
    if (!atomic_compare_exchange_strong(&local->suggested_ns, &last, now)) return;
    char *said = NULL;
    rocksdb_suggest_compact_range_cf(local->rocks, local->families[scan->family], scan->from,
                                     scan->from_len, scan->until_len > 0 ? scan->until : NULL,
                                     scan->until_len, &said);
    if (said == NULL) atomic_fetch_add(&local->compactions_suggested, 1);
    rocksdb_free(said); /* a hint: the scan is right without it */
}

struct slice {
    struct local_scan *scan;
    struct error *e;
    enum error_code code;
};

static void slice_take(void *argument) {
    struct slice *slice = argument;
    struct local_scan *scan = slice->scan;
    struct local *local = local_of_scan(scan);
    unsigned lane;
    if (!local_enter(local, scan->generation, &lane)) {
        slice->code = local_ended(slice->e);
        return;
    }
    rocksdb_perfcontext_t *counts = rocksdb_perfcontext_create();
    uint64_t before = rocksdb_perfcontext_metric(counts, rocksdb_internal_delete_skipped_count);
    slice->code = slice_fill(scan, slice->e);
    uint64_t skipped =
        rocksdb_perfcontext_metric(counts, rocksdb_internal_delete_skipped_count) - before;
    rocksdb_perfcontext_destroy(counts);
    if (skipped >= TOMBSTONES_SUGGEST) suggest_compaction(scan);
    local_leave(local, lane);
}

static enum error_code slice_next(struct local_scan *scan, struct error *e) {
    struct slice slice = {.scan = scan, .e = e};
    /* A turn's scan is the committer's, who is no fiber. */
    worker_do(slice_take, &slice);
    return slice.code;
}

/* ---- opening and closing ---- */

static enum error_code scan_open(struct local *local, struct engine_turn *turn,
                                 struct local_moment *moment, enum engine_family family, str from,
                                 str until, struct engine_scan **out, struct error *e) {
    struct local_scan *scan = malloc(sizeof *scan); /* keys are filled as they are used */
    if (scan == NULL) return error_set(e, FAIL_MEMORY, "no memory for a scan");
    memset(scan, 0, offsetof(struct local_scan, from));
    scan->scan = (struct engine_scan){.engine = &local->engine, .turn = turn};
    scan->moment = moment;
    scan->family = family;
    scan->generation = moment != NULL ? moment->generation : atomic_load(&local->generation);
    scan->slice_rows = SLICE_ROWS_FIRST;
    scan->must_seek = true;
    scan->from_len = from.len;
    scan->until_len = until.len;
    if (from.len > 0) memcpy(scan->from, from.at, from.len);
    if (until.len > 0) memcpy(scan->until, until.at, until.len);
    scan->options = rocksdb_readoptions_create();
    if (until.len > 0)
        rocksdb_readoptions_set_iterate_upper_bound(scan->options, scan->until, until.len);
    *out = &scan->scan;
    return OK;
}

enum error_code local_turn_scan(struct engine_turn *turn, enum engine_family family, str from,
                                str until, struct engine_scan **out, struct error *e) {
    return scan_open(local_of(turn->engine), turn, NULL, family, from, until, out, e);
}

enum error_code local_view_scan(struct engine_view *view, enum engine_family family, str from,
                                str until, struct engine_scan **out, struct error *e) {
    struct local *local = local_of(view->engine);
    struct local_moment *moment = (struct local_moment *)view;
    unsigned lane;
    if (!local_enter(local, moment->generation, &lane)) return local_ended(e);
    enum error_code code = scan_open(local, NULL, moment, family, from, until, out, e);
    if (code == OK) {
        struct local_scan *scan = (struct local_scan *)*out;
        rocksdb_readoptions_set_snapshot(scan->options, moment->snapshot);
        pthread_mutex_lock(&local->scans_mutex);
        scan->next = local->scans;
        if (local->scans != NULL) local->scans->previous = scan;
        local->scans = scan;
        pthread_mutex_unlock(&local->scans_mutex);
    }
    local_leave(local, lane);
    return code;
}

static void scan_unlist(struct local *local, struct local_scan *scan) {
    pthread_mutex_lock(&local->scans_mutex);
    /* Still here although its handle is ending: then local_scans_end has yet to come for it. */
    if (scan->iterator != NULL) rocksdb_iter_destroy(scan->iterator);
    if (scan->previous != NULL)
        scan->previous->next = scan->next;
    else
        local->scans = scan->next;
    if (scan->next != NULL) scan->next->previous = scan->previous;
    pthread_mutex_unlock(&local->scans_mutex);
}

/* Letting an iterator go may free the files it kept, so it is a worker's work, and not done while
 * holding what readers wait for. */
static void scan_release(void *argument) {
    struct local_scan *scan = argument;
    struct local *local = local_of_scan(scan);
    unsigned lane;
    if (local_enter(local, scan->generation, &lane)) {
        if (scan->iterator != NULL) rocksdb_iter_destroy(scan->iterator);
        scan->iterator = NULL;
        local_leave(local, lane);
    }
    if (scan->scan.turn == NULL) scan_unlist(local, scan);
    rocksdb_readoptions_destroy(scan->options);
    free(scan->own);
    free(scan->rows);
    free(scan);
}

void local_scan_close(struct engine_scan *scan) {
    worker_do(scan_release, scan);
}

void local_scans_end(struct local *local) {
    pthread_mutex_lock(&local->scans_mutex);
    for (struct local_scan *scan = local->scans; scan != NULL; scan = scan->next) {
        if (scan->iterator != NULL) rocksdb_iter_destroy(scan->iterator);
        scan->iterator = NULL;
    }
    pthread_mutex_unlock(&local->scans_mutex);
}

/* ---- walking ---- */

static bool has_ended(const struct local_scan *scan) {
    return atomic_load(&local_of_scan(scan)->generation) != scan->generation;
}

enum error_code local_scan_next(struct engine_scan *scan, bool *more, str *key, str *value,
                                struct error *e) {
    struct local_scan *s = (struct local_scan *)scan;
    if (has_ended(s)) return local_ended(e);
    if (s->rows_at == s->rows_used && !s->is_at_end) TRY(slice_next(s, e));
    str next_key, next_value;
    if (!rows_peek(s, &next_key, &next_value)) {
        *more = false;
        return OK;
    }
    rows_skip(s);
    memcpy(s->last, next_key.at, next_key.len);
    s->last_len = next_key.len;
    *key = next_key;
    *value = next_value;
    *more = true;
    return OK;
}

enum error_code local_scan_seek(struct engine_scan *scan, str key, struct error *e) {
    struct local_scan *s = (struct local_scan *)scan;
    if (has_ended(s)) return local_ended(e);
    if (s->last_len > 0 && str_compare(key, str_of(s->last, s->last_len)) <= 0) return OK;
    if (s->must_seek && str_compare(key, str_of(s->from, s->from_len)) <= 0) return OK;
    str next_key, next_value;
    while (rows_peek(s, &next_key, &next_value)) {
        if (str_compare(next_key, key) >= 0) return OK; /* it is in the slice already */
        rows_skip(s);
    }
    if (s->is_at_end) return OK;
    if (is_past_bound(s, key)) {
        s->is_at_end = true;
        return OK;
    }
    memcpy(s->from, key.at, key.len);
    s->from_len = key.len;
    s->must_seek = true;
    s->slice_rows = SLICE_ROWS_FIRST;
    return OK;
}
