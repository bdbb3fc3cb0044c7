/* Writing an object or a part: decided before the first byte, made so in one turn at the end. */
#include "gate/writing.h"

#include <stdlib.h>

/* ---- a pool a thread: a writing is 130 KiB and lives for one request ---- */

enum { POOL_KEPT = 64 };
static _Thread_local struct gate_writing *pool;
static _Thread_local unsigned pool_count;

enum error_code gate_writing_take(struct gate_writing **out, struct error *e) {
    struct gate_writing *w = pool;
    if (w != NULL) {
        pool = w->next_free;
        pool_count--;
    } else {
        w = malloc(sizeof *w);
        if (w == NULL) return error_set(e, FAIL_MEMORY, "no room for one more upload");
    }
    w->next_free = NULL;
    w->renewed_refusal = false;
    w->datasets = (struct store_pairs){0};
    w->checksum = (struct store_checksum){0};
    w->stored = (struct gate_stored){0};
    w->body.writer = NULL;
    w->type = EVIDENCE_PUT;
    *out = w;
    return OK;
}

void gate_writing_give(struct gate_writing *w) {
    gate_body_abandon(&w->body);
    if (pool_count == POOL_KEPT) {
        free(w);
        return;
    }
    w->next_free = pool;
    pool = w;
    pool_count++;
}

/* ---- opening ---- */

static enum error_code room_check(struct gate *gate, struct error *e) {
    if (!engine_is_low(gate->engine)) return OK;
    return error_set(
        e, FAIL_DISK_FULL,
        "the disk is nearly full: nothing can be written until there is room; deletes work");
}

/* The part's upload must be there and open: known before a 5 GiB body is read. */
static enum error_code upload_check(struct gate_visit *visit, const struct gate_put *put,
                                    const struct store_bucket *bucket, struct error *e) {
    struct engine_view *view;
    struct store_upload upload;
    bool found = false;
    if (put->part_number < 1 || put->part_number > LIMIT_PART_COUNT)
        return error_set(e, FAIL_INVALID_ARGUMENT, "part number %u is not 1 to %d",
                         put->part_number, LIMIT_PART_COUNT);
    TRY(engine_view_open(visit->gate->engine, &view, e));
    struct arena scratch = *visit->arena;
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
    TRY(gate_bucket_of(visit, put->bucket, &bucket, e));
    TRY(room_check(visit->gate, e));
    TRY(gate_writing_take(&w, e));
    w->visit = visit;
    w->put = *put;
    enum error_code code = gate_visit_values(visit, put->bucket, put->key, &w->values, e);
    if (code == OK) code = gate_decide(visit, STR("put"), put->bucket, &w->decided, e);
    if (code == OK) code = gate_decided_answer(visit, &w->decided, &w->values, false, answer, e);
    if (code == OK && put->is_part) code = upload_check(visit, put, bucket, e);
    if (code == OK)
        code = gate_body_begin(visit->gate, w->decided.dataset, w->decided.encrypt, &w->body, e);
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

/* A 5 GiB body commits twenty minutes after its head: the key may have been disabled since. */
static enum error_code still_allowed(struct gate_turn *turn, struct gate_visit *visit, str bucket,
                                     struct error *e) {
    const struct gate_world *now = atomic_load(&turn->gate->world);
    if (now->identities == visit->world->identities) return OK;
    const struct identity_key *key =
        identity_key_find(now->identities->snapshot, visit->access_key);
    if (key == NULL || !identity_key_works(key) ||
        !identity_allows(key->user, IDENTITY_WRITE, bucket))
        return error_set(e, FAIL_ACCESS_DENIED, "Access Denied");
    return OK;
}

static enum error_code version_text(struct gate_visit *visit, const struct store_version *version,
                                    str *out, struct error *e) {
    char text[STORE_VERSION_TEXT_BYTES];
    size_t len = store_version_text(version, text);
    return arena_copy(visit->arena, str_of(text, len), out, e);
}

static enum error_code object_apply(struct gate_turn *turn, struct gate_writing *w,
                                    const struct store_bucket *bucket, struct error *e) {
    unsigned char size[8];
    struct store_pair own = {w->decided.dataset, STR_EMPTY};
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
        .datasets = w->datasets.count > 0 ? w->datasets : (struct store_pairs){&own, 1},
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
    TRY(gate_debts_owe(turn, &w->decided, &record.values, w->entry, e));
    w->stored =
        (struct gate_stored){.etag = version.etag,
                             .checksum = version.checksum,
                             .version = bucket->versioning == STORE_UNVERSIONED ? STR_EMPTY : text,
                             .modified_ns = version.modified_ns,
                             .bytes = w->digests.bytes};
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
    turn->wrote = true;
    w->stored = (struct gate_stored){.checksum = w->checksum,
                                     .version = STR_EMPTY,
                                     .modified_ns = turn->now_ns,
                                     .bytes = w->digests.bytes};
    memcpy(w->stored.etag.md5, w->digests.md5, MD5_BYTES);
    return OK;
}

static enum error_code writing_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct gate_writing *w = self;
    struct store_bucket bucket;
    struct arena scratch = turn->scratch;
    TRY(still_allowed(turn, w->visit, w->put.bucket, e));
    enum error_code code = gate_decided_renew(turn, w->visit, &w->decided, e);
    w->renewed_refusal = code == FAIL_REFUSED;
    if (code != OK) return code;
    TRY(store_bucket_get(turn->engine, w->put.bucket, &scratch, &bucket, e));
    turn->scratch = scratch;
    return w->put.is_part ? part_apply(turn, w, &bucket, e) : object_apply(turn, w, &bucket, e);
}

enum error_code gate_writing_commit(struct gate_writing *w, struct gate_stored *out,
                                    struct gate_answer *answer, struct error *e) {
    w->work = (struct gate_work){
        .apply = writing_apply, .self = w, .bytes = 2048 + w->body.inline_stored.len};
    enum error_code code = gate_submit(w->visit->gate, &w->work, e);
    if (code == FAIL_REFUSED && w->renewed_refusal)
        return gate_decided_answer(w->visit, &w->decided, &w->values, false, answer, e);
    if (code != OK) return code;
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
