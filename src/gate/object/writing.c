/* Writing an object or a part: decided before the first byte, made so in one turn at the end. */
#include "gate/object/writing.h"

#include "gate/debt/debt.h"
#include "gate/object/keep.h"

enum error_code gate_writing_take(struct gate_writing **out, struct error *e) {
    struct gate_writing *w = gate_pool_take(GATE_POOL_WRITINGS, sizeof *w);
    if (w == NULL) return error_set(e, FAIL_MEMORY, "no room for one more upload");
    w->origins = (struct store_pairs){0};
    w->checksum = (struct store_checksum){0};
    w->stored = (struct gate_stored){0};
    w->body.writer = NULL;
    w->body.bytes = 0;
    w->type = EVIDENCE_PUT;
    *out = w;
    return OK;
}

void gate_writing_give(struct gate_writing *w) {
    gate_body_abandon(&w->body);
    gate_pool_give(GATE_POOL_WRITINGS, w);
}

/* ---- opening ---- */

enum error_code gate_room_check(struct gate *gate, struct error *e) {
    if (!engine_is_low(gate->engine)) return OK;
    return error_set(
        e, FAIL_DISK_FULL,
        "the disk is nearly full: nothing can be written until there is room; deletes work");
}

enum error_code gate_upload_check(struct gate_visit *visit, const struct gate_put *put,
                                  const struct store_bucket *bucket, struct error *e) {
    struct engine_view *view;
    struct store_upload upload;
    struct arena scratch;
    bool found = false;
    TRY(gate_scratch(&scratch, e));
    if (put->part_number < 1 || put->part_number > LIMIT_PART_COUNT)
        return error_set(e, FAIL_INVALID_ARGUMENT, "part number %u is not 1 to %d",
                         put->part_number, LIMIT_PART_COUNT);
    TRY(engine_view_open(visit->gate->engine, &view, e));
    enum error_code code =
        store_upload_find(view, bucket->id, put->key, put->upload, &scratch, &upload, &found, e);
    engine_view_close(view);
    if (code != OK) return code;
    if (!found || upload.finished)
        return error_set(e, FAIL_NO_SUCH_UPLOAD,
                         "there is no open upload with this id for this key");
    return OK;
}

enum error_code gate_put_open(struct gate_visit *visit, const struct gate_put *put,
                              struct gate_writing **out, struct gate_answer *answer,
                              struct error *e) {
    const struct store_bucket *bucket;
    struct gate_writing *w;
    *answer = (struct gate_answer){0};
    TRY(gate_allow(visit, IDENTITY_WRITE, put->bucket, e));
    TRY(gate_key_check(put->key, e));
    TRY(gate_bucket_of(visit, put->bucket, &bucket, e));
    TRY(gate_room_check(visit->gate, e));
    TRY(gate_writing_take(&w, e));
    w->visit = visit;
    w->put = *put;
    enum error_code code = gate_visit_values(visit, put->bucket, put->key, &w->values, e);
    if (code == OK) code = gate_decide(visit, STR("put"), put->bucket, &w->decided, e);
    if (code == OK) code = gate_decided_answer(visit, &w->decided, &w->values, false, answer, e);
    if (code == OK && put->is_part) code = gate_upload_check(visit, put, bucket, e);
    if (code == OK)
        code = gate_body_begin(visit->gate, w->decided.dataset, w->decided.encrypt || put->encrypt,
                               &w->body, e);
    if (code != OK) {
        gate_writing_give(w);
        return code;
    }
    *out = w;
    return OK;
}

enum error_code gate_put_write(struct gate_writing *w, str bytes, struct error *e) {
    atomic_fetch_add_explicit(&w->visit->gate->counters.bytes_in, bytes.len, memory_order_relaxed);
    return gate_body_add(&w->body, bytes, e);
}

enum error_code gate_put_finish(struct gate_writing *w, struct gate_digests *out, struct error *e) {
    TRY(gate_body_finish(&w->body, &w->digests, e));
    *out = w->digests;
    return OK;
}

void gate_put_abandon(struct gate_writing *w) {
    gate_writing_give(w);
}

/* ---- in the turn ---- */

static enum error_code version_text(struct gate_visit *visit, const struct store_version *version,
                                    str *out, struct error *e) {
    char text[STORE_VERSION_TEXT_BYTES];
    size_t len = store_version_text(version, text);
    return arena_copy(visit->arena, str_of(text, len), out, e);
}

/* The dataset the bucket belongs to, and those a copy came from. */
static enum error_code datasets_of(struct gate_turn *turn, const struct gate_writing *w,
                                   struct store_pairs *out, struct error *e) {
    struct store_pair *at = arena_new(&turn->scratch, struct store_pair, w->origins.count + 1);
    size_t count = 0;
    if (at == NULL) return error_set(e, FAIL_MEMORY, "no room for an object's datasets");
    at[count++] = (struct store_pair){w->decided.dataset, STR_EMPTY};
    for (size_t i = 0; i < w->origins.count; i++)
        if (!str_equal(w->origins.at[i].name, w->decided.dataset)) at[count++] = w->origins.at[i];
    *out = (struct store_pairs){at, count};
    return OK;
}

static enum error_code object_apply(struct gate_turn *turn, struct gate_writing *w,
                                    const struct store_bucket *bucket, struct error *e) {
    unsigned char size[8];
    struct store_pairs datasets;
    struct gate_going going;
    /* Writing over an object is deleting it, where the bucket keeps no older ones. */
    TRY(gate_going_find(turn, bucket, w->put.key, false, false, 0, &turn->scratch, &going, e));
    TRY(gate_keep_judge(turn, w->visit, &going, &w->decided, e));
    TRY(datasets_of(turn, w, &datasets, e));
    struct store_version version = {
        .key = w->put.key,
        .sequence = (uint64_t)turn->now_ns,
        .is_null = bucket->versioning != STORE_ENABLED,
        .modified_ns = turn->now_ns,
        .checksum = w->checksum,
        .content = w->digests.sha256,
        .headers = w->put.headers,
        .tags = w->put.tags,
        .owner = gate_visit_user(w->visit),
        .datasets = datasets,
    };
    memcpy(version.etag.md5, w->digests.md5, MD5_BYTES);
    TRY(gate_body_place(turn, &w->body, &version.body, e));
    str text;
    TRY(version_text(w->visit, &version, &text, e));
    struct gate_record record = {.type = w->type,
                                 .decided = &w->decided,
                                 .values = w->values,
                                 .stored_root = version.body.stored_root};
    record.values.of[EVIDENCE_VERSION] = text;
    record.values.of[EVIDENCE_SIZE] = evidence_value_number(size, w->digests.bytes);
    record.values.of[EVIDENCE_CONTENT] = digest_str(&w->digests.sha256);
    TRY(gate_record_append(turn, &record, &version.entry, e));
    w->entry = version.entry;
    TRY(store_put(turn->engine, bucket, &version, &w->put.condition, turn->scratch, e));
    if (going.found) TRY(debt_version_gone(turn, &going.version, w->entry, e));
    TRY(gate_debts_owe(turn, &w->decided, &record.values, w->entry, e));
    w->stored =
        (struct gate_stored){.etag = version.etag,
                             .checksum = version.checksum,
                             .version = bucket->versioning == STORE_UNVERSIONED ? STR_EMPTY : text,
                             .modified_ns = version.modified_ns,
                             .bytes = w->digests.bytes,
                             .encrypted = version.body.encrypted};
    return OK;
}

/* A part belongs to its upload: no entry of its own, it dies with it. */
static enum error_code part_apply(struct gate_turn *turn, struct gate_writing *w,
                                  const struct store_bucket *bucket, struct error *e) {
    struct store_part part = {
        .number = w->put.part_number, .modified_ns = turn->now_ns, .checksum = w->checksum};
    memcpy(part.md5, w->digests.md5, MD5_BYTES);
    part.content = w->digests.sha256;
    TRY(gate_body_place(turn, &w->body, &part.body, e));
    TRY(store_part_put(turn->engine, bucket, w->put.key, w->put.upload, &part, turn->scratch, e));
    if (w->origins.count > 0)
        TRY(store_upload_datasets_add(turn->engine, bucket, w->put.key, w->put.upload, w->origins,
                                      turn->scratch, e));
    turn->wrote = true;
    w->stored = (struct gate_stored){.checksum = w->checksum,
                                     .version = STR_EMPTY,
                                     .modified_ns = turn->now_ns,
                                     .bytes = w->digests.bytes,
                                     .encrypted = w->body.encrypted && w->digests.bytes > 0};
    memcpy(w->stored.etag.md5, w->digests.md5, MD5_BYTES);
    return OK;
}

static enum error_code writing_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct gate_writing *w = self;
    struct store_bucket bucket;
    TRY(gate_renew(turn, w->visit, IDENTITY_WRITE, w->put.bucket, &w->decided, e));
    if (w->decided.encrypt && !w->body.encrypted && w->body.bytes > 0)
        return error_set(e, FAIL_CONDITION_CONFLICT,
                         "the rules changed while the body was on its way, and now want it "
                         "encrypted; send it again");
    TRY(gate_turn_bucket(turn, w->put.bucket, &bucket, e));
    return w->put.is_part ? part_apply(turn, w, &bucket, e) : object_apply(turn, w, &bucket, e);
}

enum error_code gate_writing_commit(struct gate_writing *w, struct gate_stored *out,
                                    struct gate_answer *answer, struct error *e) {
    w->work = (struct gate_work){
        .apply = writing_apply, .self = w, .bytes = 2048 + w->body.inline_stored.len};
    TRY(gate_submit_decided(w->visit, &w->work, &w->decided, &w->values, answer, e));
    *out = w->stored;
    if (!w->put.is_part) TRY(gate_receipt(w->visit, w->entry, w->entry, &answer->receipt, e));
    return OK;
}

enum error_code gate_put_commit(struct gate_writing *w, const struct store_checksum *checksum,
                                struct gate_stored *out, struct gate_answer *answer,
                                struct error *e) {
    if (checksum != NULL) w->checksum = *checksum;
    enum error_code code = gate_writing_commit(w, out, answer, e);
    gate_writing_give(w);
    return code;
}
