/* Reading an object: authorised, decided, found, recorded where a rule wants it; then frame by
 * frame out of the engine, opened and handed on. */
#include "gate/object/reading.h"

static enum error_code inner_take(struct gate_visit *visit, struct gate_inner_reading **out,
                                  struct error *e) {
    struct gate_inner_reading *inner = gate_pool_take(GATE_POOL_READINGS, sizeof *inner);
    if (inner == NULL) return error_set(e, FAIL_MEMORY, "no room for one more reading");
    inner->gate = visit->gate;
    inner->arena = visit->arena;
    inner->view = NULL;
    inner->blob = NULL;
    inner->has_part = false;
    inner->inline_stored = STR_EMPTY;
    inner->at = inner->end = 0;
    inner->window_next = inner->window_end = 0;
    *out = inner;
    return OK;
}

static void inner_give(struct gate_inner_reading *inner) {
    if (inner->blob != NULL) engine_blob_close(inner->blob);
    if (inner->view != NULL) engine_view_close(inner->view);
    secret_wipe(&inner->key);
    gate_pool_give(GATE_POOL_READINGS, inner);
}

/* ---- opening a body ---- */

static enum error_code key_open(struct gate_inner_reading *inner, const struct store_body *body,
                                struct error *e) {
    struct secret by;
    if (!body->encrypted) return OK;
    if (body->key_wrap.len != 4 + SEAL_WRAPPED_BYTES)
        return error_set(e, FAIL_CORRUPT, "a wrapped key of %zu bytes", body->key_wrap.len);
    TRY(seal_key_get(inner->gate->keys, read_be32(body->key_wrap.at), &by, e));
    unsigned char wrapped[SEAL_WRAPPED_BYTES];
    memcpy(wrapped, body->key_wrap.at + 4, sizeof wrapped);
    enum error_code code = seal_key_unwrap(&by, wrapped, &inner->key, e);
    secret_wipe(&by);
    return code;
}

/* Opens the body of `part`, the whole object's or one part's. `stored`: an inline body that came
 * with its row; empty: it is to be read. */
static enum error_code body_open(struct gate_inner_reading *inner, struct engine_view *view,
                                 str stored, struct error *e) {
    const struct store_body *body = &inner->part.body;
    if (inner->blob != NULL) engine_blob_close(inner->blob);
    inner->blob = NULL;
    inner->inline_stored = stored;
    inner->window_next = inner->window_end = 0;
    if (body->kind == STORE_BODY_EMPTY) return OK;
    TRY(key_open(inner, body, e));
    if (body->kind == STORE_BODY_FILE) {
        enum error_code code = engine_blob_open(inner->gate->engine, body->blob, &inner->blob, e);
        if (code == FAIL_NOT_FOUND)
            return error_set(e, FAIL_CORRUPT, "a body that a row names is not on the disk");
        return code;
    }
    if (stored.len > 0) return OK;
    bool found;
    TRY(engine_view_get(view, ENGINE_BODY, str_of(body->blob.at, sizeof body->blob.at),
                        inner->arena, &inner->inline_stored, &found, e));
    if (!found) return error_set(e, FAIL_CORRUPT, "a body that a row names is not in the engine");
    return OK;
}

/* ---- gate_read_open ---- */

static enum error_code version_find(struct gate_visit *visit, const struct gate_get *get,
                                    const struct store_bucket *bucket, struct engine_view *view,
                                    struct gate_reading *reading, str *stored, struct error *e) {
    bool is_null = false, found = false;
    uint64_t sequence = 0;
    if (get->with_version && !store_version_read(get->version, &is_null, &sequence))
        return error_set(e, FAIL_INVALID_ARGUMENT, "\"%.*s\" is no version id of this store",
                         STR_FMT(get->version));
    TRY(get->head_only
            ? store_version_find(view, bucket->id, get->key, get->with_version, is_null, sequence,
                                 visit->arena, &reading->version, &found, e)
            : store_version_fetch(view, bucket->id, get->key, get->with_version, is_null, sequence,
                                  visit->arena, &reading->version, stored, &found, e));
    if (!found)
        return error_set(e, get->with_version ? FAIL_NO_SUCH_VERSION : FAIL_NO_SUCH_KEY,
                         get->with_version ? "the key has no such version"
                                           : "the key has no object");
    char text[STORE_VERSION_TEXT_BYTES];
    size_t len = store_version_text(&reading->version, text);
    reading->bucket_versioned = bucket->versioning != STORE_UNVERSIONED;
    if (reading->bucket_versioned || get->with_version)
        TRY(arena_copy(visit->arena, str_of(text, len), &reading->version_text, e));
    if (reading->version.is_delete_marker)
        return get->with_version
                   ? error_set(e, FAIL_METHOD_NOT_ALLOWED, "the version is a delete marker")
                   : error_set(e, FAIL_NO_SUCH_KEY, "the key's object was deleted");
    return OK;
}

static enum error_code reading_open(struct gate_visit *visit, const struct gate_get *get,
                                    const struct store_bucket *bucket, struct gate_reading *reading,
                                    struct error *e) {
    struct gate_inner_reading *inner = reading->inner;
    struct engine_view *view;
    str stored = STR_EMPTY;
    TRY(engine_view_open(visit->gate->engine, &view, e));
    enum error_code code = version_find(visit, get, bucket, view, reading, &stored, e);
    const struct store_body *body = &reading->version.body;
    if (code == OK && body->kind != STORE_BODY_PARTS && !get->head_only) {
        inner->part = (struct store_part){.number = 1, .body = *body};
        inner->part_first = 0;
        inner->has_part = true;
        code = body_open(inner, view, stored, e);
    }
    if (code == OK && body->kind == STORE_BODY_PARTS) {
        inner->view = view;
        inner->end = body->bytes;
        return OK;
    }
    engine_view_close(view);
    inner->end = code == OK ? body->bytes : 0;
    return code;
}

static enum error_code read_values(struct gate_visit *visit, const struct gate_get *get,
                                   const struct gate_reading *reading, struct evidence_values *out,
                                   struct error *e) {
    char text[STORE_VERSION_TEXT_BYTES];
    size_t len = store_version_text(&reading->version, text);
    char *size = arena_bytes(visit->arena, 8);
    if (size == NULL) return error_set(e, FAIL_MEMORY, "no room for a record");
    TRY(gate_visit_values(visit, get->bucket, get->key, out, e));
    TRY(arena_copy(visit->arena, str_of(text, len), &out->of[EVIDENCE_VERSION], e));
    out->of[EVIDENCE_SIZE] =
        evidence_value_number((unsigned char *)size, reading->version.body.bytes);
    return OK;
}

/* A copy keeps the dataset it came from: whoever reads it must satisfy that one's rules too. */
static enum error_code inherited_decide(struct gate_visit *visit, const struct gate_get *get,
                                        const struct gate_reading *reading,
                                        struct gate_decided *decided, struct error *e) {
    struct store_pairs datasets = reading->version.datasets;
    for (size_t i = 0; i < datasets.count; i++) {
        struct gate_decided other, joined;
        if (str_equal(datasets.at[i].name, decided->dataset)) continue;
        /* Any of them may want it recorded, and then with the facts of all. */
        if (decided->facts.len == 0) TRY(gate_decide(visit, STR("get"), get->bucket, decided, e));
        TRY(gate_decide_dataset(visit, STR("get"), datasets.at[i].name, &other, e));
        TRY(gate_decided_join(visit, decided, &other, &joined, e));
        *decided = joined;
    }
    return OK;
}

enum error_code gate_read_open(struct gate_visit *visit, const struct gate_get *get,
                               struct gate_reading *reading, struct gate_answer *answer,
                               struct error *e) {
    const struct store_bucket *bucket;
    struct gate_decided decided;
    struct evidence_values values = {0};
    *answer = (struct gate_answer){0};
    *reading = (struct gate_reading){0};
    bool as_inspector = get->for_proof && gate_visit_is_inspector(visit);
    if (!as_inspector) TRY(gate_allow(visit, IDENTITY_READ, get->bucket, e));
    TRY(gate_key_check(get->key, e));
    TRY(gate_bucket_of(visit, get->bucket, &bucket, e));
    TRY(gate_decide_read(visit, STR("get"), get->bucket, &decided, e));
    if (decided.effect == GATE_REFUSE) {
        TRY(gate_visit_values(visit, get->bucket, get->key, &values, e));
        return gate_decided_answer(visit, &decided, &values, true, answer, e);
    }
    TRY(inner_take(visit, &reading->inner, e));
    enum error_code code = reading_open(visit, get, bucket, reading, e);
    if (code == OK) code = inherited_decide(visit, get, reading, &decided, e);
    if (code == OK && gate_read_is_recorded(visit, &decided))
        code = read_values(visit, get, reading, &values, e);
    /* What is not there is answered with the decision that let the question through. */
    if (code == OK)
        code = gate_decided_answer(visit, &decided, &values, true, answer, e);
    else
        gate_decided_show(visit, &decided, answer);
    if (code != OK) gate_read_close(reading);
    return code;
}

enum error_code gate_read_range(struct gate_reading *reading, uint64_t first, uint64_t count,
                                struct error *e) {
    struct gate_inner_reading *inner = reading->inner;
    uint64_t bytes = reading->version.body.bytes;
    if (first > bytes || count > bytes - first)
        return error_set(
            e, FAIL_RANGE_OUTSIDE, "bytes %llu + %llu are not inside the object's %llu",
            (unsigned long long)first, (unsigned long long)count, (unsigned long long)bytes);
    inner->at = first;
    inner->end = first + count;
    return OK;
}

enum error_code gate_read_part(struct gate_reading *reading, uint32_t number, uint64_t *first,
                               uint64_t *count, uint32_t *part_count, struct error *e) {
    struct gate_inner_reading *inner = reading->inner;
    const struct store_body *body = &reading->version.body;
    if (body->kind != STORE_BODY_PARTS) {
        if (number != 1)
            return error_set(e, FAIL_INVALID_PART_NUMBER,
                             "part %u is asked for; the object was written whole", number);
        *first = 0;
        *count = body->bytes;
        *part_count = 0;
        return OK;
    }
    struct store_part part;
    struct arena arena = arena_over(inner->part_memory, sizeof inner->part_memory);
    TRY(store_part_nth(inner->view, &reading->version, number, &arena, &part, first, e));
    *count = part.body.bytes;
    *part_count = body->part_count;
    return OK;
}

enum error_code gate_read_parts(struct gate_reading *reading, uint32_t after, uint32_t max,
                                enum error_code (*each)(void *self, const struct store_part *part,
                                                        struct error *e),
                                void *self, struct error *e) {
    struct gate_inner_reading *inner = reading->inner;
    const struct store_body *body = &reading->version.body;
    if (body->kind != STORE_BODY_PARTS || after >= body->part_count || max == 0) return OK;
    struct arena arena = arena_over(inner->part_memory, sizeof inner->part_memory), scratch = arena;
    struct store_part part;
    uint64_t first;
    bool truncated;
    TRY(store_part_nth(inner->view, &reading->version, after + 1, &scratch, &part, &first, e));
    return store_part_list(inner->view, body->upload, (uint16_t)(part.number - 1), max, each, self,
                           arena, &truncated, e);
}

/* ---- pieces ---- */

static enum error_code part_advance(struct gate_reading *reading, struct error *e) {
    struct gate_inner_reading *inner = reading->inner;
    if (inner->has_part && inner->at >= inner->part_first &&
        inner->at - inner->part_first < inner->part.body.bytes)
        return OK;
    assert(reading->version.body.kind == STORE_BODY_PARTS);
    inner->part_arena = arena_over(inner->part_memory, sizeof inner->part_memory);
    inner->has_part = false;
    TRY(store_part_at(inner->view, &reading->version, inner->at, &inner->part_arena, &inner->part,
                      &inner->part_first, e));
    inner->has_part = true;
    return body_open(inner, inner->view, STR_EMPTY, e);
}

static enum error_code file_read(struct gate_inner_reading *inner, uint64_t offset, size_t count,
                                 struct error *e) {
    size_t got;
    assert(count <= sizeof inner->window);
    inner->window_next = inner->window_end = 0;
    TRY(engine_blob_read(inner->blob, offset, inner->window, count, &got, e));
    if (got != count)
        return error_set(e, FAIL_CORRUPT, "a body on disk ends at byte %llu of %llu",
                         (unsigned long long)(offset + got), (unsigned long long)(offset + count));
    return OK;
}

static enum error_code inline_slice(const struct gate_inner_reading *inner, uint64_t offset,
                                    size_t count, str *out, struct error *e) {
    if (offset > inner->inline_stored.len || count > inner->inline_stored.len - offset)
        return error_set(e, FAIL_CORRUPT, "a body is shorter than its row says");
    *out = str_slice(inner->inline_stored, (size_t)offset, count);
    return OK;
}

static enum error_code plain_piece(struct gate_inner_reading *inner, uint64_t offset, str *piece,
                                   struct error *e) {
    uint64_t left = u64_min(inner->part.body.bytes - offset, inner->end - inner->at);
    size_t count = (size_t)u64_min(left, LIMIT_FRAME_BYTES);
    if (inner->blob == NULL) return inline_slice(inner, offset, count, piece, e);
    TRY(file_read(inner, offset, count, e));
    *piece = str_of(inner->window, count);
    return OK;
}

/* The frame at `place` and those behind it, as many as are wanted and have room. */
static enum error_code window_fill(struct gate_inner_reading *inner, const struct seal_place *place,
                                   struct error *e) {
    uint64_t part_bytes = inner->part.body.bytes;
    uint64_t wanted_end = u64_min(part_bytes, inner->end - inner->part_first);
    struct seal_place last = seal_place_of(part_bytes, wanted_end - 1);
    uint64_t wanted = last.stored_offset + last.stored_bytes - place->stored_offset;
    size_t count = (size_t)u64_min(wanted, sizeof inner->window);
    TRY(file_read(inner, place->stored_offset, count, e));
    inner->window_first = inner->window_next = place->stored_offset;
    inner->window_end = inner->window_first + count;
    return OK;
}

/* Where the frame lies, and where it may be opened to. */
static enum error_code frame_find(struct gate_inner_reading *inner, const struct seal_place *place,
                                  str *sealed, unsigned char **to, struct error *e) {
    *to = inner->window;
    if (inner->blob == NULL)
        return inline_slice(inner, place->stored_offset, place->stored_bytes, sealed, e);
    uint64_t frame_end = place->stored_offset + place->stored_bytes;
    if (place->stored_offset < inner->window_next || frame_end > inner->window_end)
        TRY(window_fill(inner, place, e));
    assert(frame_end <= inner->window_end);
    *to = inner->window + (place->stored_offset - inner->window_first);
    *sealed = str_of(*to, place->stored_bytes);
    inner->window_next = frame_end;
    return OK;
}

static enum error_code sealed_piece(struct gate_inner_reading *inner, uint64_t offset, str *piece,
                                    struct error *e) {
    struct seal_place place = seal_place_of(inner->part.body.bytes, offset);
    struct seal_frame frame = {.number = place.frame, .is_last = place.is_last};
    str sealed;
    unsigned char *to;
    memcpy(frame.blob, inner->part.body.blob.at, sizeof frame.blob);
    TRY(frame_find(inner, &place, &sealed, &to, e));
    TRY(seal_frame_open(&inner->key, &frame, sealed, to, e));
    size_t plain_bytes = place.stored_bytes - SEAL_TAG_BYTES;
    str plain = str_skip(str_of(to, plain_bytes), place.skip);
    *piece = str_slice(plain, 0, (size_t)u64_min(plain.len, inner->end - inner->at));
    return OK;
}

static void given(struct gate_inner_reading *inner, uint64_t bytes) {
    assert(bytes > 0);
    assert(bytes <= inner->end - inner->at);
    inner->at += bytes;
    atomic_fetch_add_explicit(&inner->gate->counters.bytes_out, bytes, memory_order_relaxed);
}

enum error_code gate_read_next(struct gate_reading *reading, str *piece, struct error *e) {
    struct gate_inner_reading *inner = reading->inner;
    *piece = STR_EMPTY;
    if (inner->at >= inner->end) return OK;
    TRY(part_advance(reading, e));
    uint64_t offset = inner->at - inner->part_first;
    TRY(inner->part.body.encrypted ? sealed_piece(inner, offset, piece, e)
                                   : plain_piece(inner, offset, piece, e));
    given(inner, piece->len);
    return OK;
}

enum error_code gate_read_run(struct gate_reading *reading, struct gate_run *out, struct error *e) {
    struct gate_inner_reading *inner = reading->inner;
    *out = (struct gate_run){.file = -1};
    if (inner->at >= inner->end) return OK;
    TRY(part_advance(reading, e));
    const struct store_body *body = &inner->part.body;
    if (body->encrypted || inner->blob == NULL) return OK;
    uint64_t offset = inner->at - inner->part_first;
    uint64_t bytes = u64_min(body->bytes - offset, inner->end - inner->at);
    int file = engine_blob_file(inner->blob);
    if (file < 0) return OK;
    if (engine_blob_bytes(inner->blob) != body->bytes)
        return error_set(e, FAIL_CORRUPT, "a body on disk has %llu bytes, its row says %llu",
                         (unsigned long long)engine_blob_bytes(inner->blob),
                         (unsigned long long)body->bytes);
    *out = (struct gate_run){file, offset, bytes};
    given(inner, bytes);
    return OK;
}

void gate_read_close(struct gate_reading *reading) {
    if (reading->inner == NULL) return;
    inner_give(reading->inner);
    reading->inner = NULL;
}
