/* Buckets. Ids count up and are never used again, so a bucket made anew meets no old rows. */
#include "store/rows.h"

#include <stdlib.h>

#define BUCKET_COUNTER STR("n/bucket")

enum error_code store_buckets_load(struct engine_view *view, struct arena *arena,
                                   struct store_buckets *out, struct error *e) {
    struct store_bucket *at = arena_new(arena, struct store_bucket, LIMIT_BUCKETS);
    if (at == NULL) return error_set(e, FAIL_MEMORY, "no room for the list of buckets");
    struct engine_scan *scan;
    TRY(engine_view_scan(view, ENGINE_META, STR("b/"), STR("b0"), &scan, e));
    size_t count = 0;
    enum error_code code = OK;
    for (;;) {
        bool more;
        str key, row;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more) break;
        if (count == LIMIT_BUCKETS) {
            code = error_set(e, FAIL_CORRUPT, "more than %d buckets", LIMIT_BUCKETS);
            break;
        }
        code = row_bucket_read(str_skip(key, 2), row, arena, &at[count], e);
        if (code != OK) break;
        count++;
    }
    engine_scan_close(scan);
    if (code == OK) *out = (struct store_buckets){at, count};
    return code;
}

static int order_by_name(const void *name, const void *bucket) {
    return str_compare(*(const str *)name, ((const struct store_bucket *)bucket)->name);
}

const struct store_bucket *store_bucket_find(const struct store_buckets *buckets, str name) {
    if (buckets->count == 0) return NULL;
    return bsearch(&name, buckets->at, buckets->count, sizeof *buckets->at, order_by_name);
}

static enum error_code bucket_find(struct engine_turn *turn, str name, struct arena *arena,
                                   struct store_bucket *out, bool *found, struct error *e) {
    struct row_key row = row_bucket(name);
    str value;
    TRY(engine_turn_get(turn, ENGINE_META, row_key_str(&row), arena, &value, found, e));
    return *found ? row_bucket_read(name, value, arena, out, e) : OK;
}

enum error_code store_bucket_get(struct engine_turn *turn, str name, struct arena *arena,
                                 struct store_bucket *out, struct error *e) {
    bool found;
    TRY(bucket_find(turn, name, arena, out, &found, e));
    if (!found)
        return error_set(e, FAIL_NO_SUCH_BUCKET, "there is no bucket \"%.*s\"", STR_FMT(name));
    return OK;
}

enum error_code store_bucket_update(struct engine_turn *turn, const struct store_bucket *bucket,
                                    struct arena scratch, struct error *e) {
    struct row_key row = row_bucket(bucket->name);
    str value;
    TRY(row_bucket_write(bucket, &scratch, &value, e));
    return engine_turn_put(turn, ENGINE_META, row_key_str(&row), value, e);
}

/* The counter holds ids given out and buckets there are: 8 bytes each. */
static enum error_code counter_read(struct engine_turn *turn, struct arena scratch, uint64_t *ids,
                                    uint64_t *alive, struct error *e) {
    str value;
    bool found;
    TRY(engine_turn_get(turn, ENGINE_META, BUCKET_COUNTER, &scratch, &value, &found, e));
    *ids = *alive = 0;
    if (!found) return OK;
    if (value.len != 16)
        return error_set(e, FAIL_CORRUPT, "the bucket counter has %zu bytes", value.len);
    *ids = read_be64(value.at);
    *alive = read_be64(value.at + 8);
    return OK;
}

static enum error_code counter_write(struct engine_turn *turn, uint64_t ids, uint64_t alive,
                                     struct error *e) {
    unsigned char bytes[16];
    write_be64(bytes, ids);
    write_be64(bytes + 8, alive);
    return engine_turn_put(turn, ENGINE_META, BUCKET_COUNTER, str_of(bytes, sizeof bytes), e);
}

enum error_code store_bucket_create(struct engine_turn *turn, const struct store_bucket *new,
                                    struct arena scratch, struct store_bucket *out,
                                    struct error *e) {
    struct store_bucket old;
    bool found;
    TRY(bucket_find(turn, new->name, &scratch, &old, &found, e));
    if (found)
        return error_set(e,
                         str_equal(old.owner, new->owner) ? FAIL_BUCKET_OWNED : FAIL_BUCKET_EXISTS,
                         "the bucket \"%.*s\" is there already", STR_FMT(new->name));
    uint64_t ids, alive;
    TRY(counter_read(turn, scratch, &ids, &alive, e));
    if (alive >= LIMIT_BUCKETS)
        return error_set(e, FAIL_TOO_MANY_BUCKETS, "there are %d buckets already", LIMIT_BUCKETS);
    struct store_bucket made = *new;
    made.id = ids + 1;
    TRY(counter_write(turn, ids + 1, alive + 1, e));
    TRY(store_bucket_update(turn, &made, scratch, e));
    *out = made;
    return OK;
}

static enum error_code range_is_empty(struct engine_turn *turn, struct row_key from, bool *empty,
                                      struct error *e) {
    struct row_key until = row_after(from);
    struct engine_scan *scan;
    bool more;
    str key, row;
    TRY(engine_turn_scan(turn, ENGINE_META, row_key_str(&from), row_key_str(&until), &scan, e));
    enum error_code code = engine_scan_next(scan, &more, &key, &row, e);
    engine_scan_close(scan);
    if (code == OK) *empty = !more;
    return code;
}

/* Whether an upload of the bucket is still open; finished ones only wait to be forgotten. */
static enum error_code uploads_are_over(struct engine_turn *turn, uint64_t bucket_id,
                                        struct arena scratch, bool *over, struct error *e) {
    struct row_key from = row_uploads(bucket_id, STR_EMPTY), until;
    struct engine_scan *scan;
    from.len -= 1; /* the whole bucket, not the empty key */
    until = row_after(from);
    TRY(engine_turn_scan(turn, ENGINE_META, row_key_str(&from), row_key_str(&until), &scan, e));
    enum error_code code = OK;
    *over = true;
    while (code == OK && *over) {
        struct arena here = scratch;
        struct store_upload upload;
        struct store_upload_id id;
        bool more;
        str row_key, row, key;
        code = engine_scan_next(scan, &more, &row_key, &row, e);
        if (code != OK || !more) break;
        if (!row_upload_key(row_key, &key, &id))
            code = error_set(e, FAIL_CORRUPT, "an upload row's key of %zu bytes", row_key.len);
        else
            code = row_upload_read(key, id, row, &here, &upload, e);
        if (code == OK && !upload.finished) *over = false;
    }
    engine_scan_close(scan);
    return code;
}

enum error_code store_bucket_delete(struct engine_turn *turn, str name, struct arena scratch,
                                    struct error *e) {
    struct store_bucket bucket;
    bool empty, over;
    TRY(store_bucket_get(turn, name, &scratch, &bucket, e));
    struct row_key versions = row_versions(bucket.id, STR_EMPTY);
    versions.len -= 1;
    TRY(range_is_empty(turn, versions, &empty, e));
    if (!empty)
        return error_set(e, FAIL_BUCKET_NOT_EMPTY,
                         "the bucket \"%.*s\" holds objects, versions or delete markers",
                         STR_FMT(name));
    TRY(uploads_are_over(turn, bucket.id, scratch, &over, e));
    if (!over)
        return error_set(e, FAIL_BUCKET_NOT_EMPTY, "the bucket \"%.*s\" has an upload under way",
                         STR_FMT(name));
    uint64_t ids, alive;
    struct row_key row = row_bucket(name);
    TRY(counter_read(turn, scratch, &ids, &alive, e));
    TRY(counter_write(turn, ids, alive > 0 ? alive - 1 : 0, e));
    return engine_turn_delete(turn, ENGINE_META, row_key_str(&row), e);
}
