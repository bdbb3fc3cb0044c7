/* Uploads in parts: beginning, adding, aborting, listing. Completing is in complete.c. */
#include "store/list.h"
#include "store/version.h"

static enum error_code upload_find_in_turn(struct engine_turn *turn, uint64_t bucket_id, str key,
                                           struct store_upload_id id, struct arena *arena,
                                           struct store_upload *out, bool *found, struct error *e) {
    struct row_key row = row_upload(bucket_id, key, id);
    str value;
    TRY(engine_turn_get(turn, ENGINE_META, row_key_str(&row), arena, &value, found, e));
    return *found ? row_upload_read(key, id, value, arena, out, e) : OK;
}

static enum error_code no_such_upload(struct store_upload_id id, struct error *e) {
    char text[STORE_UPLOAD_TEXT_BYTES];
    store_upload_text(id, text);
    return error_set(
        e, FAIL_NO_SUCH_UPLOAD,
        "there is no open upload %.*s of this key; it may have been aborted or completed",
        (int)sizeof text, text);
}

enum error_code store_upload_get(struct engine_turn *turn, const struct store_bucket *bucket,
                                 str key, struct store_upload_id id, struct arena *arena,
                                 struct store_upload *out, struct error *e) {
    bool found;
    TRY(upload_find_in_turn(turn, bucket->id, key, id, arena, out, &found, e));
    return found ? OK : no_such_upload(id, e);
}

static enum error_code change_write(struct engine_turn *turn, struct store_upload_id id,
                                    uint64_t change, struct error *e) {
    struct row_key row = row_change(id);
    unsigned char bytes[8];
    write_be64(bytes, change);
    return engine_turn_put(turn, ENGINE_META, row_key_str(&row), str_of(bytes, sizeof bytes), e);
}

enum error_code store_upload_create(struct engine_turn *turn, const struct store_bucket *bucket,
                                    const struct store_upload *upload, struct arena scratch,
                                    struct error *e) {
    struct row_key row = row_upload(bucket->id, upload->key, upload->id);
    str value;
    TRY(row_upload_write(upload, &scratch, &value, e));
    TRY(engine_turn_put(turn, ENGINE_META, row_key_str(&row), value, e));
    return change_write(turn, upload->id, 0, e);
}

static bool pairs_have(const struct store_pair *at, size_t count, str name) {
    for (size_t i = 0; i < count; i++)
        if (str_equal(at[i].name, name)) return true;
    return false;
}

enum error_code store_upload_datasets_add(struct engine_turn *turn,
                                          const struct store_bucket *bucket, str key,
                                          struct store_upload_id id, struct store_pairs datasets,
                                          struct arena scratch, struct error *e) {
    struct store_upload upload;
    struct row_key row = row_upload(bucket->id, key, id);
    str value;
    TRY(store_upload_get(turn, bucket, key, id, &scratch, &upload, e));
    if (upload.finished) return no_such_upload(id, e);
    size_t count = upload.datasets.count, before = count;
    struct store_pair *all = arena_new(&scratch, struct store_pair, count + datasets.count);
    if (all == NULL) return error_set(e, FAIL_MEMORY, "no room for an upload's datasets");
    if (count > 0) memcpy(all, upload.datasets.at, count * sizeof *all);
    for (size_t i = 0; i < datasets.count; i++)
        if (!pairs_have(all, count, datasets.at[i].name)) all[count++] = datasets.at[i];
    if (count == before) return OK;
    upload.datasets = (struct store_pairs){all, count};
    TRY(row_upload_write(&upload, &scratch, &value, e));
    return engine_turn_put(turn, ENGINE_META, row_key_str(&row), value, e);
}

enum error_code store_part_put(struct engine_turn *turn, const struct store_bucket *bucket, str key,
                               struct store_upload_id id, const struct store_part *part,
                               struct arena scratch, struct error *e) {
    struct store_upload upload;
    struct row_key counter = row_change(id), row = row_part(id, part->number);
    bool found, had_part;
    str value;
    TRY(store_upload_get(turn, bucket, key, id, &scratch, &upload, e));
    TRY(engine_turn_get(turn, ENGINE_META, row_key_str(&counter), &scratch, &value, &found, e));
    if (upload.finished || !found || value.len != 8) return no_such_upload(id, e);
    uint64_t change = read_be64(value.at) + 1;
    TRY(engine_turn_get(turn, ENGINE_META, row_key_str(&row), &scratch, &value, &had_part, e));
    if (had_part) {
        struct store_part old;
        TRY(row_part_read(part->number, value, &scratch, &old, e));
        TRY(body_drop(turn, &old.body, e));
    }
    TRY(row_part_write(part, &scratch, &value, e));
    TRY(engine_turn_put(turn, ENGINE_META, row_key_str(&row), value, e));
    TRY(body_name(turn, &part->body, e));
    return change_write(turn, id, change, e);
}

enum error_code store_upload_abort(struct engine_turn *turn, const struct store_bucket *bucket,
                                   str key, struct store_upload_id id, struct arena scratch,
                                   struct error *e) {
    struct store_upload upload;
    TRY(store_upload_get(turn, bucket, key, id, &scratch, &upload, e));
    if (upload.finished) return no_such_upload(id, e);
    struct row_key row = row_upload(bucket->id, key, id), counter = row_change(id),
                   garbage = row_garbage(id);
    TRY(engine_turn_delete(turn, ENGINE_META, row_key_str(&row), e));
    TRY(engine_turn_delete(turn, ENGINE_META, row_key_str(&counter), e));
    return engine_turn_put(turn, ENGINE_META, row_key_str(&garbage), STR("1"), e);
}

enum error_code store_upload_find(struct engine_view *view, uint64_t bucket_id, str key,
                                  struct store_upload_id id, struct arena *arena,
                                  struct store_upload *out, bool *found, struct error *e) {
    struct row_key row = row_upload(bucket_id, key, id);
    str value;
    TRY(engine_view_get(view, ENGINE_META, row_key_str(&row), arena, &value, found, e));
    return *found ? row_upload_read(key, id, value, arena, out, e) : OK;
}

/* ---- listing ---- */

struct uploads {
    str after; /* the marker */
    struct store_upload_id after_id, *next_id;
    enum error_code (*each)(void *, const struct store_upload *, str, struct error *);
    void *self;
    struct arena *arena;
    struct store_upload upload; /* the one sifted last */
};

/* Before the marker, or of the marker's key but no later upload. */
static bool is_shown_already(const struct uploads *u, str key, struct store_upload_id id) {
    static const struct store_upload_id none;
    int order = str_compare(key, u->after);
    if (u->after.len == 0 || order > 0) return false;
    if (order < 0 || memcmp(u->after_id.at, none.at, sizeof none.at) == 0) return true;
    return memcmp(id.at, u->after_id.at, sizeof id.at) <= 0;
}

static enum error_code upload_sift(void *self, str row_key, str row, str *key, bool *listed,
                                   struct error *e) {
    struct uploads *u = self;
    struct arena scratch = *u->arena; /* nothing is taken of it before the row is shown */
    struct store_upload_id id;
    if (!row_upload_key(row_key, key, &id))
        return error_set(e, FAIL_CORRUPT, "an upload row's key of %zu bytes", row_key.len);
    *listed = false;
    if (is_shown_already(u, *key, id)) return OK;
    TRY(row_upload_read(*key, id, row, &scratch, &u->upload, e));
    *listed = !u->upload.finished;
    return OK;
}

static enum error_code upload_show(void *self, str key, str row, bool is_last, struct error *e) {
    struct uploads *u = self;
    if (is_last) *u->next_id = u->upload.id;
    return u->each(u->self, &u->upload, STR_EMPTY, e);
}

static enum error_code upload_fold(void *self, str prefix, struct error *e) {
    struct uploads *u = self;
    return u->each(u->self, NULL, prefix, e);
}

enum error_code
store_upload_list(struct engine_view *view, uint64_t bucket_id, const struct store_listing *listing,
                  struct store_upload_id after_id,
                  enum error_code (*each)(void *self, const struct store_upload *upload,
                                          str prefix_only, struct error *e),
                  void *self, struct arena *arena, struct store_listed *out,
                  struct store_upload_id *next_id, struct error *e) {
    static const struct list_kind kind = {'u', upload_sift, upload_show, upload_fold};
    struct uploads u = {listing->after, after_id, next_id, each, self, arena};
    *next_id = (struct store_upload_id){0};
    return list_rows(view, bucket_id, listing, &kind, &u, arena, out, e);
}

enum error_code
store_part_list(struct engine_view *view, struct store_upload_id id, uint16_t after, uint32_t max,
                enum error_code (*each)(void *self, const struct store_part *part, struct error *e),
                void *self, struct arena scratch, bool *truncated, struct error *e) {
    *truncated = false;
    if (after >= LIMIT_PART_COUNT) return OK;
    struct row_key from = row_part(id, (uint16_t)(after + 1)), until = row_part(id, UINT16_MAX);
    struct engine_scan *scan;
    TRY(engine_view_scan(view, ENGINE_META, row_key_str(&from), row_key_str(&until), &scan, e));
    enum error_code code = OK;
    for (uint32_t count = 0; code == OK; count++) {
        struct arena here = scratch;
        struct store_part part;
        bool more;
        str key, row;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more) break;
        if (count == max) {
            *truncated = true;
            break;
        }
        code = row_part_read(read_be16(key.at + key.len - 2), row, &here, &part, e);
        if (code == OK) code = each(self, &part, e);
    }
    engine_scan_close(scan);
    return code;
}
