/* Listing: a walk in key order that jumps over what a delimiter folds away. */
#include "store/list.h"

/* ---- the walk ---- */

struct walk {
    const struct store_listing *listing;
    const struct list_kind *kind;
    void *self;
    struct engine_scan *scan;
    struct row_key base; /* family, bucket id, NUL */
    struct arena *arena;
    struct store_listed *out;
};

/* The common prefix a key folds into, or empty. */
static str fold_of(const struct store_listing *listing, str key) {
    size_t at;
    if (listing->delimiter.len == 0 || !str_starts(key, listing->prefix)) return STR_EMPTY;
    if (!str_find(str_skip(key, listing->prefix.len), listing->delimiter, &at)) return STR_EMPTY;
    return str_slice(key, 0, listing->prefix.len + at + listing->delimiter.len);
}

static struct row_key row_under(struct row_key base, str key) {
    if (key.len > 0) memcpy(base.at + base.len, key.at, key.len);
    base.len += key.len;
    return base;
}

/* Where the walk begins: at the prefix, or at what comes after the marker. */
static struct row_key walk_start(const struct walk *w) {
    const struct store_listing *listing = w->listing;
    if (str_compare(listing->after, listing->prefix) <= 0)
        return row_under(w->base, listing->prefix);
    /* No key is longer, so nothing between the cut marker and the whole one is missed. */
    str start = str_slice(listing->after, 0, LIMIT_KEY_BYTES);
    struct row_key from = row_under(w->base, start);
    str fold = fold_of(listing, listing->after);
    /* A marker that is itself a common prefix: everything under it has been shown. */
    return fold.len > 0 && str_equal(fold, start) ? row_after(from) : from;
}

/* After a common prefix: the first row that does not start with it. */
static enum error_code fold_show(struct walk *w, str fold, bool is_last, struct error *e) {
    TRY(w->kind->fold(w->self, fold, e));
    if (is_last) TRY(arena_copy(w->arena, fold, &w->out->next_key, e));
    struct row_key past = row_after(row_under(w->base, fold));
    return engine_scan_seek(w->scan, row_key_str(&past), e);
}

static enum error_code row_take(struct walk *w, str row_key, str row, bool *done, struct error *e) {
    str key;
    bool listed;
    TRY(w->kind->sift(w->self, row_key, row, &key, &listed, e));
    if (!listed) return OK;
    assert(str_starts(key, w->listing->prefix)); /* the scan's bounds */
    if (w->out->count == w->listing->max) {
        w->out->truncated = true;
        *done = true;
        return OK;
    }
    bool is_last = ++w->out->count == w->listing->max;
    str fold = fold_of(w->listing, key);
    if (fold.len > 0) return fold_show(w, fold, is_last, e);
    TRY(w->kind->show(w->self, key, row, is_last, e));
    return is_last ? arena_copy(w->arena, key, &w->out->next_key, e) : OK;
}

enum error_code list_rows(struct engine_view *view, uint64_t bucket_id,
                          const struct store_listing *listing, const struct list_kind *kind,
                          void *self, struct arena *arena, struct store_listed *out,
                          struct error *e) {
    *out = (struct store_listed){0};
    /* No key can start with a longer prefix. */
    if (listing->max == 0 || listing->prefix.len > LIMIT_KEY_BYTES) return OK;
    struct walk w = {listing, kind, self, .base = row_object(bucket_id, STR_EMPTY), .arena = arena};
    w.out = out;
    w.base.at[0] = (unsigned char)kind->family;
    struct row_key from = walk_start(&w), until = row_after(row_under(w.base, listing->prefix));
    if (str_compare(row_key_str(&from), row_key_str(&until)) >= 0) return OK;
    TRY(engine_view_scan(view, ENGINE_META, row_key_str(&from), row_key_str(&until), &w.scan, e));
    enum error_code code = OK;
    for (bool done = false; code == OK && !done;) {
        bool more;
        str row_key, row;
        code = engine_scan_next(w.scan, &more, &row_key, &row, e);
        if (code != OK || !more) break;
        code = row_take(&w, row_key, row, &done, e);
    }
    engine_scan_close(w.scan);
    if (!out->truncated) out->next_key = STR_EMPTY;
    return code;
}

/* ---- objects and versions ---- */

struct versions {
    const struct store_listing *listing;
    enum error_code (*each)(void *, const struct store_version *, str, struct error *);
    void *self;
    struct arena *arena;
    struct store_listed *out;
    uint64_t sequence; /* of the row sifted last */
    bool any, newest;
    char last_key[LIMIT_KEY_BYTES]; /* of the row before, to know the newest */
    size_t last_len;
};

/* Before the marker, or in the marker's key but not older than its version. */
static bool is_shown_already(const struct store_listing *listing, str key, uint64_t sequence) {
    int order = str_compare(key, listing->after);
    if (listing->after.len == 0 || order > 0) return false;
    if (order < 0 || !listing->versions || listing->after_sequence == 0) return true;
    return sequence >= listing->after_sequence;
}

static enum error_code version_sift(void *self, str row_key, str row, str *key, bool *listed,
                                    struct error *e) {
    struct versions *v = self;
    bool good = v->listing->versions ? row_version_key(row_key, key, &v->sequence)
                                     : row_object_key(row_key, key);
    if (!good || key->len > LIMIT_KEY_BYTES)
        return error_set(e, FAIL_CORRUPT, "an object row's key of %zu bytes", row_key.len);
    v->newest = !v->any || !str_equal(*key, str_of(v->last_key, v->last_len));
    v->any = true;
    memcpy(v->last_key, key->at, key->len);
    v->last_len = key->len;
    *listed = !is_shown_already(v->listing, *key, v->sequence);
    return OK;
}

static enum error_code version_show(void *self, str key, str row, bool is_last, struct error *e) {
    struct versions *v = self;
    struct arena scratch = *v->arena;
    struct store_version version;
    TRY(row_version_read(key, row, &scratch, &version, e));
    version.is_current = v->newest;
    if (is_last) v->out->next_sequence = v->sequence;
    return v->each(v->self, &version, STR_EMPTY, e);
}

static enum error_code version_fold(void *self, str prefix, struct error *e) {
    struct versions *v = self;
    return v->each(v->self, NULL, prefix, e);
}

/* Where the null version of the marker's key stands among its versions. */
static enum error_code null_place(struct engine_view *view, uint64_t bucket_id, str key,
                                  struct arena scratch, uint64_t *sequence, struct error *e) {
    struct store_version version;
    bool found;
    TRY(store_version_find(view, bucket_id, key, true, true, 0, &scratch, &version, &found, e));
    *sequence = found ? version.sequence : 0;
    return OK;
}

enum error_code store_list(struct engine_view *view, uint64_t bucket_id,
                           const struct store_listing *listing,
                           enum error_code (*each)(void *self, const struct store_version *version,
                                                   str prefix_only, struct error *e),
                           void *self, struct arena *arena, struct store_listed *out,
                           struct error *e) {
    struct list_kind kind = {listing->versions ? 'v' : 'o', version_sift, version_show,
                             version_fold};
    struct store_listing from = *listing;
    struct versions v = {&from, each, self, arena, out};
    if (from.after_null)
        TRY(null_place(view, bucket_id, from.after, *arena, &from.after_sequence, e));
    TRY(list_rows(view, bucket_id, &from, &kind, &v, arena, out, e));
    if (!out->truncated) out->next_sequence = 0;
    return OK;
}

enum error_code store_walk(struct engine_view *view,
                           enum error_code (*each)(void *self, const struct store_bucket *bucket,
                                                   const struct store_version *version,
                                                   struct error *e),
                           void *self, struct arena scratch, struct error *e) {
    struct engine_scan *buckets;
    TRY(engine_view_scan(view, ENGINE_META, STR("b/"), STR("b0"), &buckets, e));
    enum error_code code = OK;
    while (code == OK) {
        struct arena here = scratch;
        struct store_bucket bucket;
        bool more;
        str name, row;
        code = engine_scan_next(buckets, &more, &name, &row, e);
        if (code != OK || !more) break;
        code = row_bucket_read(str_skip(name, 2), row, &here, &bucket, e);
        if (code != OK) break;
        struct row_key from = row_object(bucket.id, STR_EMPTY);
        from.at[0] = 'v';
        struct row_key until = row_after(from);
        struct engine_scan *versions;
        code = engine_view_scan(view, ENGINE_META, row_key_str(&from), row_key_str(&until),
                                &versions, e);
        if (code != OK) break;
        while (code == OK) {
            struct arena one = here;
            struct store_version version;
            uint64_t sequence;
            str row_key, key;
            code = engine_scan_next(versions, &more, &row_key, &row, e);
            if (code != OK || !more) break;
            if (!row_version_key(row_key, &key, &sequence))
                code = error_set(e, FAIL_CORRUPT, "a version row's key of %zu bytes", row_key.len);
            else
                code = row_version_read(key, row, &one, &version, e);
            if (code == OK) code = each(self, &bucket, &version, e);
        }
        engine_scan_close(versions);
    }
    engine_scan_close(buckets);
    return code;
}
