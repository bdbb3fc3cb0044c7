/* Copies: read as the visitor, written as the visitor, decided by the stricter of both ends; and
 * tags, which change a version without touching its body. */
#include "gate/object/writing.h"
#include "gate/turn/committer.h"

/* The target is decided with every dataset the source came from, and the row keeps them all, so a
 * copy of a copy cannot wash its origin off. */
static enum error_code origins_keep(struct gate_visit *visit, const struct gate_reading *source,
                                    struct gate_writing *w, struct error *e) {
    struct store_pairs from = source->version.datasets;
    str own = w->decided.dataset;
    for (size_t i = 0; i < from.count; i++) {
        struct gate_decided other, joined;
        if (str_equal(from.at[i].name, own)) continue;
        if (w->decided.part_count == GATE_DATASETS_KEPT)
            return error_set(e, FAIL_LIMIT, "a copy of copies of more than %d datasets",
                             GATE_DATASETS_KEPT);
        TRY(gate_decide_dataset(visit, STR("copy"), from.at[i].name, &other, e));
        TRY(gate_decided_join(visit, &w->decided, &other, &joined, e));
        w->decided = joined;
    }
    w->origins = from;
    return OK;
}

static enum error_code target_open(struct gate_visit *visit, const struct gate_copy *copy,
                                   const struct store_bucket *bucket,
                                   const struct gate_reading *source, struct gate_writing *w,
                                   struct gate_answer *answer, struct error *e) {
    w->visit = visit;
    w->put = copy->target;
    w->type = EVIDENCE_COPY;
    if (!copy->target.is_part) {
        if (!copy->replace_headers) w->put.headers = source->version.headers;
        if (!copy->replace_tags) w->put.tags = source->version.tags;
    }
    TRY(gate_visit_values(visit, w->put.bucket, w->put.key, &w->values, e));
    TRY(arena_format(visit->arena, &w->values.of[EVIDENCE_SOURCE], e, "%.*s/%.*s",
                     STR_FMT(copy->source.bucket), STR_FMT(copy->source.key)));
    TRY(gate_decide(visit, STR("copy"), w->put.bucket, &w->decided, e));
    TRY(origins_keep(visit, source, w, e));
    TRY(gate_decided_answer(visit, &w->decided, &w->values, false, answer, e));
    if (w->put.is_part) TRY(gate_upload_check(visit, &w->put, bucket, e));
    return gate_body_begin(visit->gate, w->decided.dataset, w->decided.encrypt || w->put.encrypt,
                           &w->body, e);
}

struct checksum_run {
    enum store_checksum_kind kind;
    uint32_t crc32;
    uint64_t crc64;
    struct sha1 sha1;
    struct sha256 sha256;
};

static void checksum_add(struct checksum_run *run, str bytes) {
    switch (run->kind) {
    case STORE_CHECKSUM_CRC32: run->crc32 = crc_32(run->crc32, bytes.at, bytes.len); break;
    case STORE_CHECKSUM_CRC32C: run->crc32 = crc_32c(run->crc32, bytes.at, bytes.len); break;
    case STORE_CHECKSUM_CRC64NVME: run->crc64 = crc_64nvme(run->crc64, bytes.at, bytes.len); break;
    case STORE_CHECKSUM_SHA1: sha1_add(&run->sha1, bytes.at, bytes.len); break;
    case STORE_CHECKSUM_SHA256: sha256_add(&run->sha256, bytes.at, bytes.len); break;
    case STORE_CHECKSUM_NONE: break;
    }
}

static struct store_checksum checksum_end(struct checksum_run *run) {
    struct store_checksum out = {.kind = run->kind};
    digest sum;
    switch (run->kind) {
    case STORE_CHECKSUM_CRC32:
    case STORE_CHECKSUM_CRC32C:
        write_be32(out.at, run->crc32);
        out.len = 4;
        break;
    case STORE_CHECKSUM_CRC64NVME:
        write_be64(out.at, run->crc64);
        out.len = 8;
        break;
    case STORE_CHECKSUM_SHA1:
        sha1_end(&run->sha1, out.at);
        out.len = SHA1_BYTES;
        break;
    case STORE_CHECKSUM_SHA256:
        sum = sha256_end(&run->sha256);
        memcpy(out.at, sum.at, sizeof sum.at);
        out.len = DIGEST_BYTES;
        break;
    case STORE_CHECKSUM_NONE: break;
    }
    return out;
}

static enum error_code body_copy(const struct gate_copy *copy, struct gate_reading *source,
                                 struct gate_writing *w, struct error *e) {
    const struct store_checksum *had = &source->version.checksum;
    struct checksum_run run = {.kind = copy->checksum_kind};
    if (run.kind == STORE_CHECKSUM_NONE) /* of parts or not: here it is over all bytes, as S3's */
        run.kind = had->kind != STORE_CHECKSUM_NONE ? had->kind : STORE_CHECKSUM_CRC64NVME;
    sha1_begin(&run.sha1);
    sha256_begin(&run.sha256);
    if (copy->with_range) TRY(gate_read_range(source, copy->first, copy->count, e));
    for (;;) {
        str piece;
        TRY(gate_read_next(source, &piece, e));
        if (piece.len == 0) break;
        checksum_add(&run, piece);
        TRY(gate_body_add(&w->body, piece, e));
    }
    TRY(gate_body_finish(&w->body, &w->digests, e));
    w->checksum = checksum_end(&run);
    return OK;
}

enum error_code gate_copy(struct gate_visit *visit, const struct gate_copy *copy,
                          struct gate_stored *out, str *source_version, struct gate_answer *answer,
                          struct error *e) {
    struct gate_reading source = {0};
    struct gate_writing *w = NULL;
    *answer = (struct gate_answer){0};
    TRY(gate_allow(visit, IDENTITY_WRITE, copy->target.bucket, e));
    const struct store_bucket *bucket;
    TRY(gate_key_check(copy->target.key, e));
    TRY(gate_bucket_of(visit, copy->target.bucket, &bucket, e));
    TRY(gate_room_check(visit->gate, e));
    enum error_code code = gate_read_open(visit, &copy->source, &source, answer, e);
    answer->of_source = code != OK;
    if (code != OK) return code;
    if (copy->judge != NULL) code = copy->judge(copy->judge_self, &source, e);
    if (code == OK && !copy->with_range && source.version.body.bytes > LIMIT_PUT_BYTES)
        code = error_set(e, FAIL_INVALID_REQUEST, "the source is over 5 GiB; copy it in parts");
    if (code == OK) code = gate_writing_take(&w, e);
    if (code == OK) code = target_open(visit, copy, bucket, &source, w, answer, e);
    if (code == OK) code = body_copy(copy, &source, w, e);
    if (code == OK) code = gate_writing_commit(w, out, answer, e);
    if (code == OK) *source_version = source.bucket_versioned ? source.version_text : STR_EMPTY;
    if (w != NULL) gate_writing_give(w);
    gate_read_close(&source);
    return code;
}

/* ---- tags ---- */

struct tagging {
    struct gate_work work;
    struct gate_visit *visit;
    const struct gate_get *which;
    struct store_pairs tags;
    struct gate_decided decided;
    struct evidence_values values;
    struct store_version version;
    uint64_t entry;
};

static enum error_code tagging_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct tagging *t = self;
    struct store_bucket bucket;
    bool is_null = false;
    uint64_t sequence = 0;
    TRY(gate_renew(turn, t->visit, IDENTITY_WRITE, t->which->bucket, &t->decided, e));
    TRY(gate_turn_bucket(turn, t->which->bucket, &bucket, e));
    struct arena scratch = turn->scratch;
    if (t->which->with_version && !store_version_read(t->which->version, &is_null, &sequence))
        return error_set(e, FAIL_INVALID_ARGUMENT, "\"%.*s\" is no version id of this store",
                         STR_FMT(t->which->version));
    TRY(store_version_get(turn->engine, &bucket, t->which->key, t->which->with_version, is_null,
                          sequence, &scratch, &t->version, e));
    if (t->version.is_delete_marker)
        return error_set(e, FAIL_METHOD_NOT_ALLOWED, "a delete marker has no tags");
    t->version.tags = t->tags;
    TRY(store_version_update(turn->engine, &bucket, &t->version, scratch, e));
    turn->scratch = scratch;
    struct gate_record record = {
        .type = EVIDENCE_OBJECT_CHANGE, .decided = &t->decided, .values = t->values};
    char text[STORE_VERSION_TEXT_BYTES];
    record.values.of[EVIDENCE_VERSION] = str_of(text, store_version_text(&t->version, text));
    record.values.of[EVIDENCE_DETAIL] = t->tags.count > 0 ? STR("tags set") : STR("tags removed");
    return gate_record_append(turn, &record, &t->entry, e);
}

enum error_code gate_tags_set(struct gate_visit *visit, const struct gate_get *which,
                              struct store_pairs tags, str *version, struct gate_answer *answer,
                              struct error *e) {
    const struct store_bucket *bucket;
    struct tagging t = {.visit = visit, .which = which, .tags = tags};
    *answer = (struct gate_answer){0};
    TRY(gate_allow(visit, IDENTITY_WRITE, which->bucket, e));
    TRY(gate_key_check(which->key, e));
    TRY(gate_bucket_of(visit, which->bucket, &bucket, e));
    TRY(gate_visit_values(visit, which->bucket, which->key, &t.values, e));
    TRY(gate_decide(visit, STR("put"), which->bucket, &t.decided, e));
    TRY(gate_decided_answer(visit, &t.decided, &t.values, false, answer, e));
    t.work = (struct gate_work){.apply = tagging_apply, .self = &t, .bytes = 8192};
    TRY(gate_submit_decided(visit, &t.work, &t.decided, &t.values, answer, e));
    char text[STORE_VERSION_TEXT_BYTES];
    *version = STR_EMPTY;
    if (bucket->versioning != STORE_UNVERSIONED)
        TRY(arena_copy(visit->arena, str_of(text, store_version_text(&t.version, text)), version,
                       e));
    return gate_receipt(visit, t.entry, t.entry, &answer->receipt, e);
}
