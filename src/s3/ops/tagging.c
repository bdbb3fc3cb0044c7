/* Tags of an object. */
#include "s3/ops/ops.h"

static enum error_code which_of(struct s3_request *r, struct gate_get *out, struct error *e) {
    *out = (struct gate_get){.bucket = r->address.bucket, .key = r->address.key, .head_only = true};
    return s3_request_version(r, &out->with_version, &out->version, e);
}

enum error_code s3_object_tagging_get(struct s3_request *r, struct error *e) {
    struct gate_get which;
    struct gate_reading reading;
    struct s3_xml x;
    TRY(which_of(r, &which, e));
    TRY(gate_read_open(&r->visit, &which, &reading, &r->answer, e));
    s3_reply_header(r, STR("x-amz-version-id"), reading.version_text);
    s3_reply_xml_begin(r, &x, e);
    s3_xml_tags(&x, reading.version.tags);
    enum error_code code = s3_reply_xml_end(r, &x, e);
    gate_read_close(&reading);
    return code;
}

static enum error_code tags_set(struct s3_request *r, struct store_pairs tags, int status,
                                struct error *e) {
    struct gate_get which;
    str version;
    TRY(which_of(r, &which, e));
    TRY(gate_tags_set(&r->visit, &which, tags, &version, &r->answer, e));
    s3_reply_header(r, STR("x-amz-version-id"), version);
    return s3_reply_send(r, status, STR_EMPTY, e);
}

enum error_code s3_object_tagging_put(struct s3_request *r, struct error *e) {
    struct s3_document document;
    enum error_code code =
        s3_body_document(r, S3_DOCUMENT_TAGGING, true, s3_request_arena(r), &document, e);
    s3_document_release(&document);
    if (code != OK) return code;
    if (document.count > LIMIT_TAGS)
        return error_set(e, FAIL_HTTP_SYNTAX, "Object tags cannot be greater than %d", LIMIT_TAGS);
    return tags_set(r, (struct store_pairs){document.tags, document.count}, 200, e);
}

enum error_code s3_object_tagging_delete(struct s3_request *r, struct error *e) {
    return tags_set(r, (struct store_pairs){0}, 204, e);
}
