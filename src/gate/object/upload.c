/* Uploads in parts at the gate: beginning, completing and aborting have entries, parts have none.
 */
#include "gate/debt/debt.h"
#include "gate/object/keep.h"
#include "gate/object/writing.h"
#include "gate/turn/committer.h"
#include "gate/turn/past.h"

enum { COMPLETE_ARENA_BYTES = 8 << 20, COMPLETE_TRIES = 8 };

struct uploading {
    struct gate_work work;
    struct gate_visit *visit;
    str bucket, key;
    struct gate_decided decided;
    struct evidence_values values;
    struct store_upload upload;
    uint64_t entry;
    /* completing */
    const struct store_completion *completion;
    const struct store_checksum *checksum;
    const struct store_condition *condition;
    digest root, content;
    struct gate_stored stored;
};

static enum error_code uploading_open(struct uploading *u, struct gate_answer *answer,
                                      struct error *e) {
    const struct store_bucket *bucket;
    *answer = (struct gate_answer){0};
    TRY(gate_allow(u->visit, IDENTITY_WRITE, u->bucket, e));
    TRY(gate_key_check(u->key, e));
    TRY(gate_bucket_of(u->visit, u->bucket, &bucket, e));
    TRY(gate_visit_values(u->visit, u->bucket, u->key, &u->values, e));
    TRY(gate_decide(u->visit, STR("put"), u->bucket, &u->decided, e));
    return gate_decided_answer(u->visit, &u->decided, &u->values, false, answer, e);
}

static str upload_text(struct store_upload_id id, char memory[STORE_UPLOAD_TEXT_BYTES]) {
    store_upload_text(id, memory);
    return str_of(memory, STORE_UPLOAD_TEXT_BYTES);
}

/* ---- beginning ---- */

static enum error_code create_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct uploading *u = self;
    struct store_bucket bucket;
    char memory[STORE_UPLOAD_TEXT_BYTES];
    TRY(gate_renew(turn, u->visit, IDENTITY_WRITE, u->bucket, &u->decided, e));
    TRY(gate_turn_bucket(turn, u->bucket, &bucket, e));
    struct gate_record record = {
        .type = EVIDENCE_UPLOAD_CREATE, .decided = &u->decided, .values = u->values};
    record.values.of[EVIDENCE_VERSION] = upload_text(u->upload.id, memory);
    TRY(gate_record_append(turn, &record, &u->entry, e));
    struct store_pair own = {u->decided.dataset, STR_EMPTY};
    struct store_upload upload = u->upload;
    upload.datasets = (struct store_pairs){&own, 1};
    upload.initiated_ns = turn->now_ns;
    upload.entry = u->entry;
    return store_upload_create(turn->engine, &bucket, &upload, turn->scratch, e);
}

enum error_code gate_upload_create(struct gate_visit *visit, const struct gate_upload_new *new,
                                   struct store_upload_id *id, struct gate_answer *answer,
                                   struct error *e) {
    struct uploading u = {.visit = visit, .bucket = new->bucket, .key = new->key};
    TRY(uploading_open(&u, answer, e));
    u.upload = (struct store_upload){.key = new->key,
                                     .owner = gate_visit_user(visit),
                                     .headers = new->headers,
                                     .tags = new->tags,
                                     .checksum_kind = new->checksum_kind,
                                     .checksum_composite = new->checksum_composite};
    random_fill(u.upload.id.at, sizeof u.upload.id.at);
    u.work = (struct gate_work){.apply = create_apply, .self = &u, .bytes = 8192};
    TRY(gate_submit_decided(visit, &u.work, &u.decided, &u.values, answer, e));
    *id = u.upload.id;
    return gate_receipt(visit, u.entry, u.entry, &answer->receipt, e);
}

/* ---- aborting ---- */

static enum error_code abort_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct uploading *u = self;
    struct store_bucket bucket;
    char memory[STORE_UPLOAD_TEXT_BYTES];
    TRY(gate_renew(turn, u->visit, IDENTITY_WRITE, u->bucket, &u->decided, e));
    TRY(gate_turn_bucket(turn, u->bucket, &bucket, e));
    TRY(store_upload_abort(turn->engine, &bucket, u->key, u->upload.id, turn->scratch, e));
    struct gate_record record = {
        .type = EVIDENCE_UPLOAD_ABORT, .decided = &u->decided, .values = u->values};
    record.values.of[EVIDENCE_VERSION] = upload_text(u->upload.id, memory);
    return gate_record_append(turn, &record, &u->entry, e);
}

enum error_code gate_upload_abort(struct gate_visit *visit, str bucket, str key,
                                  struct store_upload_id id, struct gate_answer *answer,
                                  struct error *e) {
    struct uploading u = {.visit = visit, .bucket = bucket, .key = key};
    TRY(uploading_open(&u, answer, e));
    u.upload.id = id;
    u.work = (struct gate_work){.apply = abort_apply, .self = &u, .bytes = 4096};
    TRY(gate_submit_decided(visit, &u.work, &u.decided, &u.values, answer, e));
    return gate_receipt(visit, u.entry, u.entry, &answer->receipt, e);
}

/* ---- completing ---- */

/* Of an object made of parts: the root over the parts' own roots, in order, as 32-byte leaves. */
static digest root_of_parts(const struct store_completion *completion) {
    struct tlog_tree tree;
    tlog_tree_init(&tree);
    for (size_t i = 0; i < store_completion_count(completion); i++) {
        digest part = store_completion_part_root(completion, i);
        digest leaf = tlog_leaf_hash(digest_str(&part));
        tlog_tree_append(&tree, &leaf, NULL);
    }
    return tlog_tree_root(&tree);
}

/* Nobody has hashed the whole: SHA-256 over the parts' SHA-256, in order. */
static digest content_of_parts(const struct store_completion *completion) {
    struct sha256 h;
    sha256_begin(&h);
    for (size_t i = 0; i < store_completion_count(completion); i++) {
        digest part = store_completion_part_content(completion, i);
        sha256_add(&h, part.at, sizeof part.at);
    }
    return sha256_end(&h);
}

static enum error_code complete_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct uploading *u = self;
    struct store_bucket bucket;
    struct gate_going going;
    unsigned char size[8];
    char text[STORE_VERSION_TEXT_BYTES];
    TRY(gate_renew(turn, u->visit, IDENTITY_WRITE, u->bucket, &u->decided, e));
    TRY(gate_turn_bucket(turn, u->bucket, &bucket, e));
    TRY(gate_going_find(turn, &bucket, u->key, false, false, 0, &turn->scratch, &going, e));
    TRY(gate_keep_judge(turn, u->visit, &going, &u->decided, e));
    struct store_version version = {.key = u->key,
                                    .sequence = (uint64_t)turn->now_ns,
                                    .is_null = bucket.versioning != STORE_ENABLED,
                                    .modified_ns = turn->now_ns,
                                    .headers = u->upload.headers,
                                    .tags = u->upload.tags,
                                    .owner = u->upload.owner,
                                    .datasets = u->upload.datasets,
                                    .content = u->content,
                                    .body = {.stored_root = u->root}};
    if (u->checksum != NULL) version.checksum = *u->checksum;
    str id = str_of(text, store_version_text(&version, text));
    struct gate_record record = {.type = EVIDENCE_UPLOAD_COMPLETE,
                                 .decided = &u->decided,
                                 .values = u->values,
                                 .stored_root = u->root};
    uint64_t bytes = store_completion_bytes(u->completion);
    record.values.of[EVIDENCE_VERSION] = id;
    record.values.of[EVIDENCE_SIZE] = evidence_value_number(size, bytes);
    record.values.of[EVIDENCE_CONTENT] = digest_str(&u->content);
    TRY(gate_record_append(turn, &record, &version.entry, e));
    u->entry = version.entry;
    TRY(store_complete(turn->engine, &bucket, u->completion, &version, u->condition, turn->scratch,
                       e));
    if (going.found) TRY(debt_version_gone(turn, &going.version, u->entry, e));
    TRY(gate_debts_owe(turn, &u->decided, &record.values, u->entry, e));
    u->stored = (struct gate_stored){.etag = version.etag,
                                     .checksum = version.checksum,
                                     .modified_ns = version.modified_ns,
                                     .bytes = bytes,
                                     .encrypted = version.body.encrypted};
    if (bucket.versioning == STORE_UNVERSIONED) return OK;
    return arena_copy(u->visit->arena, id, &u->stored.version, e);
}

/* The reply to an earlier Complete was lost: the same answer again. */
static enum error_code finished_answer(struct uploading *u, const struct store_bucket *bucket,
                                       struct gate_answer *answer, struct error *e) {
    const struct store_version *result = &u->upload.result;
    char text[STORE_VERSION_TEXT_BYTES];
    u->stored = (struct gate_stored){.etag = result->etag,
                                     .checksum = result->checksum,
                                     .modified_ns = result->modified_ns,
                                     .bytes = result->body.bytes};
    if (bucket->versioning != STORE_UNVERSIONED)
        TRY(arena_copy(u->visit->arena, str_of(text, store_version_text(result, text)),
                       &u->stored.version, e));
    struct gate *gate = u->visit->gate; /* a succession may lie between: the log it was done in */
    return gate_entry_name(gate, gate_eras_find(gate->eras, result->sequence), result->entry,
                           u->visit->arena, &answer->receipt, e);
}

static enum error_code complete_once(struct uploading *u, const struct store_bucket *bucket,
                                     const struct store_part_claim *claims, size_t count,
                                     struct arena arena, struct gate_answer *answer,
                                     struct error *e) {
    struct engine_view *view;
    struct store_completion *completion = NULL;
    bool finished = false;
    TRY(engine_view_open(u->visit->gate->engine, &view, e));
    enum error_code code = store_completion_prepare(view, bucket->id, u->key, u->upload.id, claims,
                                                    count, u->visit->gate->options.part_bytes_min,
                                                    &arena, &u->upload, &finished, &completion, e);
    engine_view_close(view);
    if (code != OK) return code;
    if (finished) return finished_answer(u, bucket, answer, e);
    u->completion = completion;
    u->root = root_of_parts(completion);
    u->content = content_of_parts(completion);
    u->work = (struct gate_work){.apply = complete_apply, .self = u, .bytes = 8192 + 12 * count};
    TRY(gate_submit_decided(u->visit, &u->work, &u->decided, &u->values, answer, e));
    return gate_receipt(u->visit, u->entry, u->entry, &answer->receipt, e);
}

enum error_code
gate_upload_complete(struct gate_visit *visit, str bucket, str key, struct store_upload_id id,
                     const struct store_part_claim *claims, size_t count,
                     const struct store_checksum *checksum, const struct store_condition *condition,
                     struct gate_stored *out, struct gate_answer *answer, struct error *e) {
    struct uploading u = {
        .visit = visit, .bucket = bucket, .key = key, .checksum = checksum, .condition = condition};
    const struct store_bucket *there;
    struct arena_space space;
    struct arena arena;
    TRY(uploading_open(&u, answer, e));
    TRY(gate_bucket_of(visit, bucket, &there, e));
    TRY(arena_space_open(&space, COMPLETE_ARENA_BYTES, &arena, e));
    enum error_code code = FAIL_CONDITION_CONFLICT;
    /* A part that arrives between looking and committing makes it look again. */
    for (unsigned i = 0; i < COMPLETE_TRIES && code == FAIL_CONDITION_CONFLICT; i++) {
        u.upload.id = id;
        code = complete_once(&u, there, claims, count, arena, answer, e);
    }
    arena_space_release(&space);
    if (code == OK) *out = u.stored;
    return code;
}
