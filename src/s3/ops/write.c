/* PutObject, and the way of every body into the store. */
#include "s3/ops/ops.h"

static enum error_code body_pour(struct s3_body *body, struct gate_writing *writing,
                                 struct store_checksum *kept, struct error *e) {
    struct gate_digests digests;
    for (;;) {
        str piece;
        TRY(s3_body_next(body, &piece, e));
        if (piece.len == 0) break;
        TRY(gate_put_write(writing, piece, e));
    }
    TRY(gate_put_finish(writing, &digests, e));
    return s3_body_judge(body, digests.md5, &digests.sha256, kept, e);
}

static enum error_code body_keep(struct s3_request *r, struct s3_body *body,
                                 const struct gate_put *put, struct gate_stored *out,
                                 struct error *e) {
    struct gate_writing *writing;
    struct store_checksum kept;
    TRY(gate_put_open(&r->visit, put, &writing, &r->answer, e));
    enum error_code code = body_pour(body, writing, &kept, e);
    if (code != OK) {
        gate_put_abandon(writing);
        return code;
    }
    return gate_put_commit(writing, &kept, out, &r->answer, e);
}

enum error_code s3_body_store(struct s3_request *r, const struct gate_put *put,
                              enum store_checksum_kind kept, struct gate_stored *out,
                              struct error *e) {
    struct s3_body body;
    struct gate_put with_length = *put;
    TRY(s3_body_begin(&body, r, S3_BODY_NEEDS_LENGTH, kept, e));
    with_length.expected_bytes = body.bytes_expected;
    enum error_code code = body_keep(r, &body, &with_length, out, e);
    s3_body_release(&body);
    return code;
}

enum error_code s3_object_put(struct s3_request *r, struct error *e) {
    struct gate_put put = {.bucket = r->address.bucket, .key = r->address.key};
    struct gate_stored stored;
    if (s3_request_has_param(r, STR("versionId")))
        return error_set(e, FAIL_INVALID_ARGUMENT, "This operation does not accept a version-id.");
    if (s3_request_has_param(r, STR("partNumber")))
        return error_set(e, FAIL_INVALID_ARGUMENT,
                         "This operation does not accept partNumber without uploadId");
    if (s3_request_has_header(r, STR("x-amz-copy-source"))) return s3_object_copy(r, e);
    TRY(s3_condition_of_write(r, &put.condition, e));
    TRY(s3_fields_read(r, &put.headers, &put.tags, e));
    put.encrypt = s3_asks_encryption(r);
    TRY(s3_body_store(r, &put, STORE_CHECKSUM_NONE, &stored, e));
    s3_etag_header(r, &stored.etag);
    s3_reply_header(r, STR("x-amz-version-id"), stored.version);
    if (stored.encrypted) s3_reply_header(r, STR("x-amz-server-side-encryption"), STR("AES256"));
    TRY(s3_reply_header_checksum(r, &stored.checksum, 0, e));
    return s3_reply_send(r, 200, STR_EMPTY, e);
}
