/* CopyObject and UploadPartCopy. The gate reads the source as the visitor and writes the target as
 * the visitor; here only words are understood. */
#include "s3/ops/ops.h"

#include <inttypes.h>

struct source_judge {
    struct s3_conditions conditions;
    bool with_range;
    uint64_t last; /* of the range */
};

static enum error_code source_judge(void *self, const struct gate_reading *source,
                                    struct error *e) {
    const struct source_judge *judge = self;
    uint64_t bytes = source->version.body.bytes;
    enum error_code code = s3_conditions_judge(&judge->conditions, &source->version, e);
    if (code == FAIL_NOT_MODIFIED) /* a copy knows no 304 */
        return error_set(e, FAIL_PRECONDITION,
                         "At least one of the pre-conditions you specified did not hold");
    if (code == OK && judge->with_range && judge->last >= bytes)
        return error_set(e, FAIL_INVALID_ARGUMENT,
                         "Range specified is not valid for source object of size: %" PRIu64, bytes);
    return code;
}

static enum error_code source_read(struct s3_request *r, struct gate_copy *copy, struct error *e) {
    struct s3_copy_source source;
    str header = s3_request_header(r, STR("x-amz-copy-source"));
    TRY(s3_copy_source_read(header, s3_request_arena(r), &source, e));
    TRY(s3_bucket_check(source.bucket, e));
    copy->source = (struct gate_get){.bucket = source.bucket,
                                     .key = source.key,
                                     .with_version = source.version.len > 0,
                                     .version = source.version};
    return OK;
}

/* COPY or REPLACE. */
static enum error_code directive_read(struct s3_request *r, const char *name, bool *replace,
                                      struct error *e) {
    str word = s3_request_header(r, str_from_c(name));
    *replace = str_equal(word, STR("REPLACE"));
    if (*replace || word.len == 0 || str_equal(word, STR("COPY"))) return OK;
    return error_set(e, FAIL_INVALID_ARGUMENT, "%s must be COPY or REPLACE", name);
}

static void result_write(struct s3_xml *x, bool of_object, const struct gate_stored *stored) {
    const char *element = of_object ? "CopyObjectResult" : "CopyPartResult";
    s3_xml_open_root(x, element);
    s3_xml_time(x, "LastModified", stored->modified_ns);
    s3_xml_etag(x, "ETag", &stored->etag);
    s3_xml_checksum(x, &stored->checksum, 0);
    if (of_object && stored->checksum.kind != STORE_CHECKSUM_NONE)
        s3_xml_text(x, "ChecksumType", s3_checksum_type_name(stored->checksum.composite));
    s3_xml_close(x, element);
}

static enum error_code copy_run(struct s3_request *r, struct gate_copy *copy, struct error *e) {
    struct gate_stored stored;
    struct s3_xml x;
    str source_version = STR_EMPTY;
    enum error_code code = gate_copy(&r->visit, copy, &stored, &source_version, &r->answer, e);
    if (code == FAIL_METHOD_NOT_ALLOWED)
        return error_set(e, FAIL_INVALID_REQUEST,
                         "The source of a copy request may not specifically refer to a delete "
                         "marker by version id.");
    if (code != OK) return code;
    s3_reply_header(r, STR("x-amz-copy-source-version-id"), source_version);
    s3_reply_header(r, STR("x-amz-version-id"), stored.version);
    if (stored.encrypted) s3_reply_header(r, STR("x-amz-server-side-encryption"), STR("AES256"));
    s3_reply_xml_begin(r, &x, e);
    result_write(&x, !copy->target.is_part, &stored);
    return s3_reply_xml_end(r, &x, e);
}

static enum error_code self_copy_check(const struct s3_request *r, const struct gate_copy *copy,
                                       struct error *e) {
    bool changes = copy->replace_headers || copy->replace_tags ||
                   s3_request_has_header(r, STR("x-amz-storage-class")) ||
                   s3_request_has_header(r, STR("x-amz-server-side-encryption"));
    if (changes || copy->source.with_version ||
        !str_equal(copy->source.bucket, r->address.bucket) ||
        !str_equal(copy->source.key, r->address.key))
        return OK;
    return error_set(e, FAIL_INVALID_REQUEST,
                     "This copy request is illegal because it is trying to copy an object to "
                     "itself without changing the object's metadata, storage class, website "
                     "redirect location or encryption attributes.");
}

enum error_code s3_object_copy(struct s3_request *r, struct error *e) {
    struct source_judge judge = {.conditions = s3_conditions_of_copy(r)};
    struct gate_copy copy = {.judge = source_judge, .judge_self = &judge};
    str algorithm = s3_request_header(r, STR("x-amz-checksum-algorithm"));
    if (s3_request_has_header(r, STR("x-amz-copy-source-range"))) /* else it would get all of it */
        return error_set(e, FAIL_INVALID_ARGUMENT,
                         "x-amz-copy-source-range goes with UploadPartCopy: CopyObject copies the "
                         "whole object");
    TRY(source_read(r, &copy, e));
    TRY(directive_read(r, "x-amz-metadata-directive", &copy.replace_headers, e));
    TRY(directive_read(r, "x-amz-tagging-directive", &copy.replace_tags, e));
    TRY(self_copy_check(r, &copy, e));
    if (algorithm.len > 0 && !s3_checksum_kind_read(algorithm, &copy.checksum_kind))
        return error_set(e, FAIL_INVALID_REQUEST,
                         "Checksum algorithm provided is unsupported: %.*s", STR_FMT(algorithm));
    copy.target.bucket = r->address.bucket;
    copy.target.key = r->address.key;
    copy.target.expected_bytes = UINT64_MAX;
    TRY(s3_condition_of_write(r, &copy.target.condition, e));
    TRY(s3_fields_read(r, &copy.target.headers, &copy.target.tags, e));
    copy.target.encrypt = s3_asks_encryption(r);
    return copy_run(r, &copy, e);
}

/* x-amz-copy-source-range: bytes=FIRST-LAST, both given. */
static enum error_code range_read(str header, struct gate_copy *copy, struct source_judge *judge,
                                  struct error *e) {
    str rest = header, first;
    if (header.len == 0) return OK;
    if (!str_starts(rest, STR("bytes="))) rest = STR_EMPTY;
    rest = str_skip(rest, 6);
    if (!str_cut(&rest, '-', &first) || !str_u64(first, &copy->first) ||
        !str_u64(rest, &judge->last) || judge->last < copy->first || judge->last == UINT64_MAX)
        return error_set(e, FAIL_INVALID_ARGUMENT,
                         "The x-amz-copy-source-range value must be of the form bytes=first-last "
                         "where first and last are the zero-based offsets of the first and last "
                         "bytes to copy");
    copy->count = judge->last - copy->first + 1;
    if (copy->count > LIMIT_PUT_BYTES)
        return error_set(e, FAIL_INVALID_REQUEST, "A part copied is over 5 GiB");
    copy->with_range = judge->with_range = true;
    return OK;
}

enum error_code s3_part_copy(struct s3_request *r, const struct gate_put *put,
                             enum store_checksum_kind kept, struct error *e) {
    struct source_judge judge = {.conditions = s3_conditions_of_copy(r)};
    struct gate_copy copy = {
        .target = *put, .checksum_kind = kept, .judge = source_judge, .judge_self = &judge};
    TRY(source_read(r, &copy, e));
    TRY(range_read(s3_request_header(r, STR("x-amz-copy-source-range")), &copy, &judge, e));
    copy.target.expected_bytes = copy.with_range ? copy.count : UINT64_MAX;
    return copy_run(r, &copy, e);
}
