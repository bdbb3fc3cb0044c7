/* A body on its way in: frames of 64 KiB are hashed, sealed and handed to the engine as they fill.
 * A full frame is held back until another byte comes, since the last frame says that it is. */
#include "gate/object/writing.h"

enum error_code gate_body_begin(struct gate *gate, str dataset, bool encrypted,
                                struct gate_body_in *body, struct error *e) {
    body->gate = gate;
    body->dataset = dataset;
    body->encrypted = encrypted;
    body->finished = false;
    body->writer = NULL;
    body->bytes = body->stored_bytes = body->frames = 0;
    body->held = 0;
    body->inline_stored = STR_EMPTY;
    md5_begin(&body->md5);
    sha256_begin(&body->sha256);
    tlog_chunks_begin(&body->root);
    body->blob = engine_blob_id_new(gate->engine);
    if (!encrypted) return OK;
    struct secret by;
    uint32_t number;
    TRY(seal_key_current(gate->keys, SEAL_KEY_DATASET, dataset, 0, &number, &by, e));
    seal_key_new(&body->key);
    write_be32(body->wrap, number);
    enum error_code code = seal_key_wrap(&by, &body->key, body->wrap + 4, e);
    secret_wipe(&by);
    return code;
}

/* Seals what is held as one frame; *stored lies in the body's own buffer. */
static enum error_code frame_seal(struct gate_body_in *body, bool is_last, str *stored,
                                  struct error *e) {
    str plain = str_of(body->plain, body->held);
    if (body->encrypted) {
        struct seal_frame frame = {.number = body->frames, .is_last = is_last};
        memcpy(frame.blob, body->blob.at, sizeof frame.blob);
        TRY(seal_frame_seal(&body->key, &frame, plain, body->sealed, e));
        *stored = str_of(body->sealed, plain.len + SEAL_TAG_BYTES);
    } else {
        *stored = plain;
    }
    tlog_chunks_add(&body->root, stored->at, stored->len);
    body->frames++;
    body->stored_bytes += stored->len;
    body->held = 0;
    return OK;
}

static enum error_code frame_store(struct gate_body_in *body, bool is_last, struct error *e) {
    str stored;
    if (body->writer == NULL) {
        /* The file's id is the one the frames are bound to. */
        TRY(engine_blob_create(body->gate->engine, &body->writer, e));
        body->blob = engine_blob_writer_id(body->writer);
    }
    TRY(frame_seal(body, is_last, &stored, e));
    return engine_blob_append(body->writer, stored, e);
}

enum error_code gate_body_add(struct gate_body_in *body, str bytes, struct error *e) {
    assert(!body->finished);
    if (bytes.len > LIMIT_PUT_BYTES - body->bytes)
        return error_set(e, FAIL_ENTITY_TOO_LARGE, "the body is over 5 GiB; upload it in parts");
    body->bytes += bytes.len;
    md5_sha256_add(&body->md5, &body->sha256, bytes.at, bytes.len);
    while (bytes.len > 0) {
        if (body->held == LIMIT_FRAME_BYTES) TRY(frame_store(body, false, e));
        size_t step = size_min(bytes.len, LIMIT_FRAME_BYTES - body->held);
        memcpy(body->plain + body->held, bytes.at, step);
        body->held += step;
        bytes = str_skip(bytes, step);
    }
    return OK;
}

enum error_code gate_body_finish(struct gate_body_in *body, struct gate_digests *out,
                                 struct error *e) {
    assert(!body->finished);
    out->bytes = body->bytes;
    md5_end(&body->md5, out->md5);
    out->sha256 = sha256_end(&body->sha256);
    if (body->bytes > LIMIT_INLINE_BYTES) {
        TRY(frame_store(body, true, e));
        struct engine_blob_writer *writer = body->writer;
        body->writer = NULL; /* freed on every outcome */
        TRY(engine_blob_finish(writer, e));
    } else if (body->bytes > 0) {
        TRY(frame_seal(body, true, &body->inline_stored, e));
    }
    body->finished = true;
    return OK;
}

void gate_body_abandon(struct gate_body_in *body) {
    if (body->writer != NULL) engine_blob_abandon(body->writer);
    body->writer = NULL;
    secret_wipe(&body->key);
    memory_wipe(body->plain, (size_t)u64_min(body->bytes, sizeof body->plain));
}

enum error_code gate_body_place(struct gate_turn *turn, const struct gate_body_in *body,
                                struct store_body *out, struct error *e) {
    struct tlog_chunks root = body->root; /* a turn may be applied again: keep the original */
    assert(body->finished);
    *out = (struct store_body){.kind = body->bytes == 0              ? STORE_BODY_EMPTY
                                       : body->inline_stored.len > 0 ? STORE_BODY_INLINE
                                                                     : STORE_BODY_FILE,
                               .blob = body->blob,
                               .bytes = body->bytes,
                               .stored_bytes = body->stored_bytes,
                               .encrypted = body->encrypted && body->bytes > 0,
                               .stored_root = tlog_chunks_end(&root)};
    if (out->encrypted) {
        out->key_dataset = body->dataset;
        out->key_wrap = str_of(body->wrap, sizeof body->wrap);
    }
    if (out->kind != STORE_BODY_INLINE) return OK;
    return engine_turn_put(turn->engine, ENGINE_BODY, str_of(out->blob.at, sizeof out->blob.at),
                           body->inline_stored, e);
}
