/* Listing: a walk in key order that jumps over what a delimiter folds away. */
#include "store/list.h"

struct list_walk list_walk_over(const struct store_listing *listing) {
    return (struct list_walk){
        .prefix = listing->prefix, .delimiter = listing->delimiter, .max = listing->max};
}

/* The common prefix a key folds into, or empty. */
static str fold_of(str prefix, str delimiter, str key) {
    size_t at;
    if (delimiter.len == 0) return STR_EMPTY;
    if (!str_find(str_skip(key, prefix.len), delimiter, &at)) return STR_EMPTY;
    return str_slice(key, 0, prefix.len + at + delimiter.len);
}

struct row_key list_start(struct row_key base, const struct store_listing *listing) {
    struct row_key from = base;
    bool past_prefix = str_compare(listing->after, listing->prefix) > 0;
    str start = past_prefix ? listing->after : listing->prefix;
    /* No key is longer, so nothing between the cut marker and the whole one is missed. */
    start = str_slice(start, 0, LIMIT_KEY_BYTES);
    if (start.len > 0) memcpy(from.at + from.len, start.at, start.len);
    from.len += start.len;
    if (!past_prefix) return from;
    str fold = str_starts(listing->after, listing->prefix)
                   ? fold_of(listing->prefix, listing->delimiter, listing->after)
                   : STR_EMPTY;
    /* A marker that is itself a common prefix: everything under it has been shown. */
    if (fold.len > 0 && str_equal(fold, start)) return row_after(from);
    return from;
}

enum list_step list_walk_step(struct list_walk *walk, str key, str *fold) {
    if (!str_starts(key, walk->prefix)) return LIST_SKIP;
    *fold = fold_of(walk->prefix, walk->delimiter, key);
    if (walk->count == walk->max) return LIST_FULL;
    walk->count++;
    return fold->len > 0 ? LIST_FOLD : LIST_SHOW;
}

struct listing_run {
    struct engine_scan *scan;
    const struct store_listing *listing;
    struct list_walk walk;
    struct row_key base; /* o/ or v/, bucket id, NUL */
    enum error_code (*each)(void *, const struct store_version *, str, struct error *);
    void *self;
    struct arena *arena;
    struct store_listed *out;
    char last_key[LIMIT_KEY_BYTES]; /* of the row before, to know the newest */
    size_t last_len;
    bool any;
};

/* After a common prefix: the first row that does not start with it. */
static enum error_code fold_skip(struct listing_run *run, str fold, struct error *e) {
    struct row_key past = run->base;
    memcpy(past.at + past.len, fold.at, fold.len);
    past.len += fold.len;
    past = row_after(past);
    return engine_scan_seek(run->scan, row_key_str(&past), e);
}

static enum error_code remember_next(struct listing_run *run, str key, uint64_t sequence,
                                     struct error *e) {
    run->out->next_sequence = sequence;
    return arena_copy(run->arena, key, &run->out->next_key, e);
}

static enum error_code row_show(struct listing_run *run, str key, uint64_t sequence, str row,
                                bool newest, struct error *e) {
    struct arena scratch = *run->arena;
    struct store_version version;
    TRY(row_version_read(key, row, &scratch, &version, e));
    version.is_current = newest;
    TRY(run->each(run->self, &version, STR_EMPTY, e));
    if (run->walk.count == run->walk.max)
        TRY(remember_next(run, key, run->listing->versions ? sequence : 0, e));
    return OK;
}

/* Before the marker, or in the marker's key but not older than its version. */
static bool is_shown_already(const struct store_listing *listing, str key, uint64_t sequence) {
    int order = str_compare(key, listing->after);
    if (listing->after.len == 0 || order > 0) return false;
    if (order < 0 || !listing->versions || listing->after_sequence == 0) return true;
    return sequence >= listing->after_sequence;
}

static enum error_code row_take(struct listing_run *run, str row_key, str row, bool *done,
                                struct error *e) {
    str key, fold;
    uint64_t sequence = 0;
    bool good = run->listing->versions ? row_version_key(row_key, &key, &sequence)
                                       : row_object_key(row_key, &key);
    if (!good || key.len > LIMIT_KEY_BYTES)
        return error_set(e, FAIL_CORRUPT, "an object row's key of %zu bytes", row_key.len);
    bool newest = !run->any || !str_equal(key, str_of(run->last_key, run->last_len));
    run->any = true;
    memcpy(run->last_key, key.at, key.len);
    run->last_len = key.len;
    if (is_shown_already(run->listing, key, sequence)) return OK;
    switch (list_walk_step(&run->walk, key, &fold)) {
    case LIST_SKIP: return OK;
    case LIST_FULL:
        run->out->truncated = true;
        *done = true;
        return OK;
    case LIST_SHOW: return row_show(run, key, sequence, row, newest, e);
    case LIST_FOLD:
        TRY(run->each(run->self, NULL, fold, e));
        if (run->walk.count == run->walk.max) TRY(remember_next(run, fold, 0, e));
        return fold_skip(run, fold, e);
    }
    return OK;
}

enum error_code store_list(struct engine_view *view, uint64_t bucket_id,
                           const struct store_listing *listing,
                           enum error_code (*each)(void *self, const struct store_version *version,
                                                   str prefix_only, struct error *e),
                           void *self, struct arena *arena, struct store_listed *out,
                           struct error *e) {
    *out = (struct store_listed){0};
    if (listing->max == 0) return OK;
    struct listing_run run = {.listing = listing,
                              .walk = list_walk_over(listing),
                              .base = row_object(bucket_id, STR_EMPTY),
                              .each = each,
                              .self = self,
                              .arena = arena,
                              .out = out};
    if (listing->versions) run.base.at[0] = 'v';
    if (listing->prefix.len > LIMIT_KEY_BYTES) return OK; /* no key can start with it */
    struct row_key range = run.base;
    if (listing->prefix.len > 0)
        memcpy(range.at + range.len, listing->prefix.at, listing->prefix.len);
    range.len += listing->prefix.len;
    struct row_key from = list_start(run.base, listing), until = row_after(range);
    if (str_compare(row_key_str(&from), row_key_str(&until)) >= 0) return OK;
    TRY(engine_view_scan(view, ENGINE_META, row_key_str(&from), row_key_str(&until), &run.scan, e));
    enum error_code code = OK;
    for (bool done = false; code == OK && !done;) {
        bool more;
        str row_key, row;
        code = engine_scan_next(run.scan, &more, &row_key, &row, e);
        if (code != OK || !more) break;
        code = row_take(&run, row_key, row, &done, e);
    }
    engine_scan_close(run.scan);
    out->count = run.walk.count;
    if (!out->truncated) {
        out->next_key = STR_EMPTY;
        out->next_sequence = 0;
    }
    return code;
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
