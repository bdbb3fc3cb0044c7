/* Inner: a body on its way in. Hashed, encrypted, in the engine, not yet named by any row. */
#ifndef AZEKURA_GATE_OBJECT_WRITING_H
#define AZEKURA_GATE_OBJECT_WRITING_H

#include "gate/rules/rules.h"
#include "gate/thread.h"

struct gate_body_in {
    struct gate *gate;
    struct md5 md5;
    struct sha256 sha256;
    struct tlog_chunks root;
    struct secret key;
    struct engine_blob_id blob;
    struct engine_blob_writer *writer; /* NULL while the body may still be inline */
    bool encrypted, finished;
    uint64_t bytes, stored_bytes, frames;
    size_t held; /* bytes in `plain` not yet sealed */
    unsigned char wrap[4 + SEAL_WRAPPED_BYTES];
    str dataset;       /* whose key; lives with the writing */
    str inline_stored; /* finished and small: these bytes go into the turn */
    unsigned char plain[LIMIT_FRAME_BYTES];
    unsigned char sealed[SEAL_FRAME_BYTES];
};

/* All park. On error the body must still be abandoned. */
enum error_code gate_body_begin(struct gate *gate, str dataset, bool encrypted,
                                struct gate_body_in *body, struct error *e) MUST_USE;
enum error_code gate_body_add(struct gate_body_in *body, str bytes, struct error *e) MUST_USE;
enum error_code gate_body_finish(struct gate_body_in *body, struct gate_digests *out,
                                 struct error *e) MUST_USE;
void gate_body_abandon(struct gate_body_in *body);
/* In the turn: what the row will say of the body, and its inline bytes written. */
enum error_code gate_body_place(struct gate_turn *turn, const struct gate_body_in *body,
                                struct store_body *out, struct error *e) MUST_USE;

struct gate_writing {
    struct gate_visit *visit;
    struct gate_put put;
    struct gate_decided decided;
    struct evidence_values values;
    struct gate_digests digests;
    struct gate_body_in body;
    struct store_pairs origins; /* datasets a copy came from; the row keeps them beside its own */
    enum evidence_type type;    /* put or copy */
    /* in and out of the turn */
    struct store_checksum checksum;
    struct gate_stored stored;
    uint64_t entry;
    struct gate_work work;
};

/* From the thread's own pool; FAIL_MEMORY. */
enum error_code gate_writing_take(struct gate_writing **out, struct error *e) MUST_USE;
void gate_writing_give(struct gate_writing *writing);

/* FAIL_DISK_FULL below the low-water mark. */
enum error_code gate_room_check(struct gate *gate, struct error *e) MUST_USE;
/* The part's upload is there and open: known before a 5 GiB body is read.
 * FAIL_INVALID_ARGUMENT: a part number that is none; FAIL_NO_SUCH_UPLOAD. */
enum error_code gate_upload_check(struct gate_visit *visit, const struct gate_put *put,
                                  const struct store_bucket *bucket, struct error *e) MUST_USE;

/* The last step of gate_put_commit, for copies too. */
enum error_code gate_writing_commit(struct gate_writing *writing, struct gate_stored *out,
                                    struct gate_answer *answer, struct error *e) MUST_USE;

#endif
