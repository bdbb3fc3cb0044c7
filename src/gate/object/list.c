/* Listings at the gate: the act `list`, decided before a row is looked at. */
#include "gate/rules/rules.h"

enum error_code gate_list(struct gate_visit *visit, str bucket, const struct store_listing *listing,
                          enum error_code (*each)(void *self, const struct store_version *version,
                                                  str prefix_only, struct error *e),
                          void *self, struct store_listed *out, struct gate_answer *answer,
                          struct error *e) {
    const struct store_bucket *there;
    struct engine_view *view;
    TRY(gate_bucket_get(visit, bucket, &there, answer, e));
    TRY(engine_view_open(visit->gate->engine, &view, e));
    enum error_code code = store_list(view, there->id, listing, each, self, visit->arena, out, e);
    engine_view_close(view);
    return code;
}

enum error_code
gate_upload_list(struct gate_visit *visit, str bucket, const struct store_listing *listing,
                 struct store_upload_id after_id,
                 enum error_code (*each)(void *self, const struct store_upload *upload,
                                         str prefix_only, struct error *e),
                 void *self, struct store_listed *out, struct store_upload_id *next_id,
                 struct gate_answer *answer, struct error *e) {
    const struct store_bucket *there;
    struct engine_view *view;
    TRY(gate_bucket_get(visit, bucket, &there, answer, e));
    TRY(engine_view_open(visit->gate->engine, &view, e));
    enum error_code code = store_upload_list(view, there->id, listing, after_id, each, self,
                                             visit->arena, out, next_id, e);
    engine_view_close(view);
    return code;
}

enum error_code gate_upload_get(struct gate_visit *visit, str bucket, str key,
                                struct store_upload_id id, struct store_upload *out,
                                struct gate_answer *answer, struct error *e) {
    const struct store_bucket *there;
    struct engine_view *view;
    bool found = false;
    TRY(gate_bucket_get(visit, bucket, &there, answer, e));
    TRY(engine_view_open(visit->gate->engine, &view, e));
    enum error_code code =
        store_upload_find(view, there->id, key, id, visit->arena, out, &found, e);
    engine_view_close(view);
    if (code == OK && !found)
        return error_set(e, FAIL_NO_SUCH_UPLOAD, "there is no upload with this id for this key");
    return code;
}

struct part_walk {
    str bucket, key;
    struct store_upload_id id;
    uint16_t after;
    uint32_t max;
    enum error_code (*each)(void *self, const struct store_part *part, struct error *e);
    void *self;
};

static enum error_code parts_walk(struct gate_visit *visit, const struct store_bucket *bucket,
                                  const struct part_walk *walk, bool *truncated, struct error *e) {
    struct engine_view *view;
    struct store_upload upload;
    bool found = false;
    TRY(engine_view_open(visit->gate->engine, &view, e));
    enum error_code code =
        store_upload_find(view, bucket->id, walk->key, walk->id, visit->arena, &upload, &found, e);
    if (code == OK && !found)
        code = error_set(e, FAIL_NO_SUCH_UPLOAD, "there is no upload with this id for this key");
    if (code == OK)
        code = store_part_list(view, walk->id, walk->after, walk->max, walk->each, walk->self,
                               *visit->arena, truncated, e);
    engine_view_close(view);
    return code;
}

enum error_code
gate_part_list(struct gate_visit *visit, str bucket, str key, struct store_upload_id id,
               uint16_t after, uint32_t max,
               enum error_code (*each)(void *self, const struct store_part *part, struct error *e),
               void *self, bool *truncated, struct gate_answer *answer, struct error *e) {
    const struct store_bucket *there;
    struct part_walk walk = {bucket, key, id, after, max, each, self};
    TRY(gate_bucket_get(visit, bucket, &there, answer, e));
    return parts_walk(visit, there, &walk, truncated, e);
}

enum error_code
gate_part_look(struct gate_visit *visit, str bucket, str key, struct store_upload_id id,
               enum error_code (*each)(void *self, const struct store_part *part, struct error *e),
               void *self, struct error *e) {
    const struct store_bucket *there;
    struct part_walk walk = {bucket, key, id, 0, LIMIT_PART_COUNT, each, self};
    bool truncated;
    TRY(gate_allow(visit, IDENTITY_WRITE, bucket, e));
    TRY(gate_bucket_of(visit, bucket, &there, e));
    return parts_walk(visit, there, &walk, &truncated, e);
}
