/* GetObject, HeadObject, GetObjectAttributes. */
#include "s3/ops/ops.h"

#include <inttypes.h>

/* A key whose newest version is a delete marker is not there, and the reply says why. */
static enum error_code reading_open(struct s3_request *r, bool head_only,
                                    struct gate_reading *reading, struct error *e) {
    struct gate_get get = {
        .bucket = r->address.bucket, .key = r->address.key, .head_only = head_only};
    TRY(s3_request_version(r, &get.with_version, &get.version, e));
    enum error_code code = gate_read_open(&r->visit, &get, reading, &r->answer, e);
    bool tells = code == FAIL_NO_SUCH_KEY || code == FAIL_METHOD_NOT_ALLOWED;
    if (!tells || !reading->version.is_delete_marker) return code;
    s3_reply_header(r, STR("x-amz-delete-marker"), STR("true"));
    s3_reply_header(r, STR("x-amz-version-id"), reading->version_text);
    if (code == FAIL_METHOD_NOT_ALLOWED) {
        s3_reply_header(r, STR("Allow"), STR("DELETE"));
        TRY(s3_reply_header_time(r, STR("Last-Modified"), reading->version.modified_ns, e));
    }
    return code;
}

struct span {
    uint64_t first, count;
    bool partial; /* 206 */
};

static enum error_code part_span(struct s3_request *r, struct gate_reading *reading, str number,
                                 struct span *out, struct error *e) {
    uint32_t part, part_count;
    if (s3_request_has_header(r, STR("range")))
        return error_set(e, FAIL_INVALID_REQUEST,
                         "Cannot specify both Range header and partNumber query parameter");
    if (!str_u32(number, &part) || part == 0 || part > LIMIT_PART_COUNT)
        return error_set(e, FAIL_INVALID_ARGUMENT,
                         "Part number must be an integer between 1 and %d, inclusive",
                         LIMIT_PART_COUNT);
    TRY(gate_read_part(reading, part, &out->first, &out->count, &part_count, e));
    out->partial = out->count > 0; /* of nothing there is no range to state */
    if (part_count == 0) return OK;
    return s3_reply_header_number(r, STR("x-amz-mp-parts-count"), part_count, e);
}

static enum error_code range_span(struct s3_request *r, const struct gate_reading *reading,
                                  struct span *out, struct error *e) {
    uint64_t bytes = reading->version.body.bytes;
    struct http_range range;
    str text = s3_request_header(r, STR("range")), content_range;
    *out = (struct span){0, bytes, false};
    if (text.len == 0 || !s3_range_holds(r, &reading->version)) return OK;
    enum error_code code = http_range_parse(text, bytes, &range, e);
    if (code == FAIL_RANGE_SYNTAX) return OK; /* RFC 9110 14.2: passed over */
    if (code == FAIL_RANGE_OUTSIDE) {
        TRY(arena_format(s3_request_arena(r), &content_range, e, "bytes */%" PRIu64, bytes));
        s3_reply_header(r, STR("Content-Range"), content_range);
        return error_set(e, code,
                         "The requested range is not satisfiable: the object has %" PRIu64 " bytes",
                         bytes);
    }
    if (code != OK) return code;
    *out = (struct span){range.first, range.count, true};
    return OK;
}

static enum error_code body_send(struct s3_request *r, struct gate_reading *reading,
                                 struct span span, struct error *e) {
    if (r->http->head.method == HTTP_HEAD || span.count == 0) return http_reply_end(r->http, e);
    TRY(gate_read_range(reading, span.first, span.count, e));
    bool takes_files = http_reply_takes_files(r->http);
    for (;;) {
        str piece;
        struct gate_run run = {.bytes = 0};
        if (takes_files) TRY(gate_read_run(reading, &run, e));
        if (run.bytes > 0) {
            TRY(http_reply_write_file(r->http, run.file, run.offset, run.bytes, e));
            continue;
        }
        TRY(gate_read_next(reading, &piece, e)); /* parks while the disk works */
        if (piece.len == 0) return http_reply_end(r->http, e);
        TRY(http_reply_write(r->http, piece, e)); /* parks while the socket is full */
    }
}

static enum error_code reading_reply(struct s3_request *r, struct gate_reading *reading,
                                     struct error *e) {
    struct s3_conditions conditions = s3_conditions_of_read(r);
    struct span span;
    str number = s3_request_param(r, STR("partNumber")), content_range;
    bool by_part = s3_request_has_param(r, STR("partNumber"));
    enum error_code code = s3_conditions_judge(&conditions, &reading->version, e);
    if (code == FAIL_NOT_MODIFIED) {
        struct error dropped;
        error_ignore(
            s3_fields_reply(r, reading, false, &dropped)); /* a 304 with less is still one */
    }
    if (code != OK) return code;
    if (by_part)
        TRY(part_span(r, reading, number, &span, e));
    else
        TRY(range_span(r, reading, &span, e));
    TRY(s3_fields_reply(r, reading, !span.partial, e));
    if (span.partial) {
        TRY(arena_format(s3_request_arena(r), &content_range, e,
                         "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, span.first,
                         span.first + span.count - 1, reading->version.body.bytes));
        s3_reply_header(r, STR("Content-Range"), content_range);
    }
    TRY(s3_reply_begin(r, span.partial ? 206 : 200, span.count, e));
    return body_send(r, reading, span, e);
}

enum error_code s3_object_get(struct s3_request *r, struct error *e) {
    struct gate_reading reading;
    TRY(reading_open(r, r->http->head.method == HTTP_HEAD, &reading, e));
    enum error_code code = reading_reply(r, &reading, e);
    gate_read_close(&reading);
    return code;
}

/* ---- GetObjectAttributes ---- */

enum attribute { ETAG = 1, CHECKSUM = 2, PARTS = 4, STORAGE_CLASS = 8, SIZE = 16 };

static enum error_code attributes_read(str list, unsigned *out, struct error *e) {
    static const struct {
        const char *name;
        enum attribute bit;
    } names[] = {{"ETag", ETAG},
                 {"Checksum", CHECKSUM},
                 {"ObjectParts", PARTS},
                 {"StorageClass", STORAGE_CLASS},
                 {"ObjectSize", SIZE}};
    str rest = list;
    *out = 0;
    for (bool more = true; more;) {
        str token = STR_EMPTY;
        unsigned bit = 0;
        more = str_cut(&rest, ',', &token);
        token = str_trim(more ? token : rest);
        for (size_t i = 0; i < COUNT_OF(names); i++)
            if (str_equal(token, str_from_c(names[i].name))) bit = names[i].bit;
        if (bit == 0)
            return error_set(e, FAIL_INVALID_ARGUMENT, "Invalid attribute name specified.");
        *out |= bit;
    }
    return OK;
}

static enum error_code header_number(const struct s3_request *r, str name, uint32_t otherwise,
                                     uint32_t *out, struct error *e) {
    str text = s3_request_header(r, name);
    if (text.len == 0)
        *out = otherwise;
    else if (!str_u32(text, out))
        return error_set(e, FAIL_INVALID_ARGUMENT, "%.*s is no number", STR_FMT(name));
    return OK;
}

struct part_rows {
    struct s3_xml *x;
    uint32_t number; /* of the part before, counted as GetObject's partNumber counts */
};

static enum error_code part_write(void *self, const struct store_part *part, struct error *e) {
    struct part_rows *rows = self;
    s3_xml_open(rows->x, "Part");
    s3_xml_number(rows->x, "PartNumber", ++rows->number);
    s3_xml_number(rows->x, "Size", part->body.bytes);
    s3_xml_checksum(rows->x, &part->checksum, 0);
    s3_xml_close(rows->x, "Part");
    return rows->x->code;
}

static enum error_code parts_write(struct s3_request *r, struct gate_reading *reading,
                                   struct s3_xml *x, struct error *e) {
    uint32_t total = reading->version.body.part_count, marker, max;
    if (reading->version.body.kind != STORE_BODY_PARTS) return OK;
    TRY(header_number(r, STR("x-amz-part-number-marker"), 0, &marker, e));
    TRY(header_number(r, STR("x-amz-max-parts"), LIMIT_LIST_KEYS, &max, e));
    if (max > LIMIT_LIST_KEYS) max = LIMIT_LIST_KEYS;
    if (marker > total) marker = total;
    uint32_t last = total - marker > max ? marker + max : total;
    s3_xml_open(x, "ObjectParts");
    s3_xml_number(x, "PartsCount", total);
    s3_xml_number(x, "PartNumberMarker", marker);
    s3_xml_number(x, "NextPartNumberMarker", last);
    s3_xml_number(x, "MaxParts", max);
    s3_xml_bool(x, "IsTruncated", last < total);
    struct part_rows rows = {x, marker};
    TRY(gate_read_parts(reading, marker, last - marker, part_write, &rows, e));
    s3_xml_close(x, "ObjectParts");
    return OK;
}

static enum error_code attributes_reply(struct s3_request *r, struct gate_reading *reading,
                                        unsigned wanted, struct error *e) {
    const struct store_version *version = &reading->version;
    struct s3_xml x;
    struct s3_conditions conditions = s3_conditions_of_read(r);
    TRY(s3_conditions_judge(&conditions, version, e));
    TRY(s3_reply_header_time(r, STR("Last-Modified"), version->modified_ns, e));
    s3_reply_header(r, STR("x-amz-version-id"), reading->version_text);
    s3_reply_xml_begin(r, &x, e);
    s3_xml_open_root(&x, "GetObjectAttributesResponse");
    if (wanted & ETAG) {
        char text[S3_ETAG_TEXT_BYTES];
        size_t len = s3_etag_write(&version->etag, text);
        s3_xml_text(&x, "ETag", str_of(text + 1, len - 2)); /* here without quotes */
    }
    if ((wanted & CHECKSUM) != 0 && version->checksum.kind != STORE_CHECKSUM_NONE) {
        struct store_checksum bare = version->checksum;
        bare.composite = false; /* the parts are counted under ObjectParts: no "-N" here */
        s3_xml_open(&x, "Checksum");
        s3_xml_checksum(&x, &bare, 0);
        s3_xml_text(&x, "ChecksumType", s3_checksum_type_name(version->checksum.composite));
        s3_xml_close(&x, "Checksum");
    }
    if (wanted & PARTS) TRY(parts_write(r, reading, &x, e));
    if (wanted & STORAGE_CLASS) s3_xml_text(&x, "StorageClass", STR("STANDARD"));
    if (wanted & SIZE) s3_xml_number(&x, "ObjectSize", version->body.bytes);
    s3_xml_close(&x, "GetObjectAttributesResponse");
    return s3_reply_xml_end(r, &x, e);
}

enum error_code s3_object_attributes(struct s3_request *r, struct error *e) {
    struct gate_reading reading;
    unsigned wanted;
    TRY(attributes_read(s3_request_header(r, STR("x-amz-object-attributes")), &wanted, e));
    TRY(reading_open(r, true, &reading, e));
    enum error_code code = attributes_reply(r, &reading, wanted, e);
    gate_read_close(&reading);
    return code;
}
