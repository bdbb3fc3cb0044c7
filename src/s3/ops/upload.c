/* Uploads in parts: create, part, complete, abort. */
#include "s3/ops/ops.h"

#include <inttypes.h>

/* ---- upload ids ---- */

/* What Create was asked is kept among the upload's headers; none of them is shown of an object. */
static const str ENCRYPTION = {"x-amz-server-side-encryption", 28};

struct s3_upload_name s3_upload_name_of(const struct store_upload *upload) {
    return (struct s3_upload_name){upload->id, upload->checksum_kind, upload->checksum_composite,
                                   store_pairs_find(upload->headers, ENCRYPTION).len > 0};
}

void s3_upload_name_write(const struct s3_upload_name *name, char out[S3_UPLOAD_TEXT_BYTES]) {
    store_upload_text(name->id, out);
    out[STORE_UPLOAD_TEXT_BYTES] = (char)('0' + (int)name->kind);
    out[STORE_UPLOAD_TEXT_BYTES + 1] = name->composite ? 'c' : 'f';
    out[STORE_UPLOAD_TEXT_BYTES + 2] = name->encrypt ? 'e' : 'd';
}

bool s3_upload_name_read(str text, struct s3_upload_name *out) {
    struct s3_upload_name name;
    if (text.len != S3_UPLOAD_TEXT_BYTES) return false;
    int kind = text.at[STORE_UPLOAD_TEXT_BYTES] - '0';
    char type = text.at[STORE_UPLOAD_TEXT_BYTES + 1], sealed = text.at[STORE_UPLOAD_TEXT_BYTES + 2];
    if (kind < STORE_CHECKSUM_CRC32 || kind > STORE_CHECKSUM_SHA256) return false;
    if ((type != 'c' && type != 'f') || (sealed != 'e' && sealed != 'd')) return false;
    name.kind = (enum store_checksum_kind)kind;
    name.composite = type == 'c';
    name.encrypt = sealed == 'e';
    if (!name.composite && !s3_checksum_is_crc(name.kind)) return false;
    if (!store_upload_read(str_slice(text, 0, STORE_UPLOAD_TEXT_BYTES), &name.id)) return false;
    *out = name;
    return true;
}

static enum error_code upload_of(const struct s3_request *r, struct s3_upload_name *out,
                                 struct error *e) {
    if (s3_upload_name_read(s3_request_param(r, STR("uploadId")), out)) return OK;
    return error_set(e, FAIL_NO_SUCH_UPLOAD,
                     "The specified upload does not exist. The upload ID may be invalid, or the "
                     "upload may have been aborted or completed.");
}

/* ---- create ---- */

/* Source: S3 User Guide, "Checking object integrity": which algorithm has which type. */
static enum error_code checksum_choose(const struct s3_request *r, enum store_checksum_kind *kind,
                                       bool *composite, struct error *e) {
    str name = s3_request_header(r, STR("x-amz-checksum-algorithm")),
        type = s3_request_header(r, STR("x-amz-checksum-type"));
    bool wants_full = str_equal(type, STR("FULL_OBJECT")),
         wants_composite = str_equal(type, STR("COMPOSITE"));
    if (type.len > 0 && !wants_full && !wants_composite)
        return error_set(e, FAIL_INVALID_REQUEST,
                         "Value for x-amz-checksum-type header is invalid.");
    if (name.len == 0) {
        if (type.len > 0)
            return error_set(e, FAIL_INVALID_REQUEST,
                             "The x-amz-checksum-type header can only be used with the "
                             "x-amz-checksum-algorithm header.");
        *kind = STORE_CHECKSUM_CRC64NVME;
        *composite = false;
        return OK;
    }
    if (!s3_checksum_kind_read(name, kind))
        return error_set(e, FAIL_INVALID_REQUEST,
                         "Checksum algorithm provided is unsupported: %.*s", STR_FMT(name));
    bool only_full = *kind == STORE_CHECKSUM_CRC64NVME, only_composite = !s3_checksum_is_crc(*kind);
    if ((only_full && wants_composite) || (only_composite && wants_full))
        return error_set(e, FAIL_INVALID_REQUEST,
                         "The %.*s checksum type cannot be used with the %.*s checksum algorithm.",
                         STR_FMT(type), STR_FMT(name));
    *composite = only_composite || (!only_full && !wants_full);
    return OK;
}

static enum error_code encryption_keep(struct s3_request *r, struct store_pairs *headers,
                                       struct error *e) {
    struct store_pair *all = arena_new(s3_request_arena(r), struct store_pair, headers->count + 1);
    if (all == NULL) return error_set(e, FAIL_MEMORY, "no room for an upload's headers");
    if (headers->count > 0) memcpy(all, headers->at, headers->count * sizeof *all);
    all[headers->count] = (struct store_pair){ENCRYPTION, STR("AES256")};
    *headers = (struct store_pairs){all, headers->count + 1};
    return OK;
}

/* Said where it is so: of a part as it was stored, of an object when every part of it was. */
static void encryption_header(struct s3_request *r, bool encrypted) {
    if (encrypted) s3_reply_header(r, ENCRYPTION, STR("AES256"));
}

enum error_code s3_upload_create(struct s3_request *r, struct error *e) {
    struct gate_upload_new new = {.bucket = r->address.bucket, .key = r->address.key};
    struct s3_upload_name name;
    struct s3_xml x;
    char text[S3_UPLOAD_TEXT_BYTES];
    TRY(s3_fields_read(r, &new.headers, &new.tags, e));
    TRY(checksum_choose(r, &new.checksum_kind, &new.checksum_composite, e));
    name.encrypt = s3_asks_encryption(r);
    if (name.encrypt) TRY(encryption_keep(r, &new.headers, e));
    TRY(gate_upload_create(&r->visit, &new, &name.id, &r->answer, e));
    name.kind = new.checksum_kind;
    name.composite = new.checksum_composite;
    s3_upload_name_write(&name, text);
    encryption_header(r, name.encrypt);
    if (s3_request_has_header(r, STR("x-amz-checksum-algorithm"))) {
        s3_reply_header(r, STR("x-amz-checksum-algorithm"), s3_checksum_name(name.kind));
        s3_reply_header(r, STR("x-amz-checksum-type"), s3_checksum_type_name(name.composite));
    }
    s3_reply_xml_begin(r, &x, e);
    s3_xml_open_root(&x, "InitiateMultipartUploadResult");
    s3_xml_text(&x, "Bucket", new.bucket);
    s3_xml_text(&x, "Key", new.key);
    s3_xml_text(&x, "UploadId", str_of(text, sizeof text));
    s3_xml_close(&x, "InitiateMultipartUploadResult");
    return s3_reply_xml_end(r, &x, e);
}

/* ---- a part ---- */

/* An upload without a chosen algorithm takes any; one that chose takes its own or none. */
static enum error_code part_checksum_check(const struct s3_request *r,
                                           const struct s3_upload_name *upload, struct error *e) {
    const struct http_headers *headers = &r->http->head.headers;
    enum store_checksum_kind sent =
        s3_checksum_of_header(s3_request_header(r, STR("x-amz-trailer")));
    for (size_t i = 0; sent == STORE_CHECKSUM_NONE && i < headers->count; i++)
        sent = s3_checksum_of_header(headers->at[i].name);
    if (sent == STORE_CHECKSUM_NONE || sent == upload->kind ||
        upload->kind == STORE_CHECKSUM_CRC64NVME)
        return OK;
    return error_set(e, FAIL_INVALID_REQUEST,
                     "Checksum Type mismatch occurred, expected checksum Type: %.*s, actual "
                     "checksum Type: %.*s",
                     STR_FMT(s3_checksum_name(upload->kind)), STR_FMT(s3_checksum_name(sent)));
}

enum error_code s3_upload_part(struct s3_request *r, struct error *e) {
    struct s3_upload_name upload;
    struct gate_stored stored;
    uint32_t number;
    struct gate_put put = {.bucket = r->address.bucket, .key = r->address.key, .is_part = true};
    if (!str_u32(s3_request_param(r, STR("partNumber")), &number) || number == 0 ||
        number > LIMIT_PART_COUNT)
        return error_set(e, FAIL_INVALID_ARGUMENT,
                         "Part number must be an integer between 1 and %d, inclusive",
                         LIMIT_PART_COUNT);
    TRY(upload_of(r, &upload, e));
    put.upload = upload.id;
    put.part_number = (uint16_t)number;
    put.encrypt = upload.encrypt;
    if (s3_request_has_header(r, STR("x-amz-copy-source")))
        return s3_part_copy(r, &put, upload.kind, e);
    TRY(part_checksum_check(r, &upload, e));
    TRY(s3_body_store(r, &put, upload.kind, &stored, e));
    encryption_header(r, stored.encrypted);
    s3_etag_header(r, &stored.etag);
    TRY(s3_reply_header_checksum(r, &stored.checksum, 0, e));
    return s3_reply_send(r, 200, STR_EMPTY, e);
}

/* ---- complete ---- */

/* Parts and claims both come in rising order: one walk holds them against each other. */
struct completing {
    const struct s3_document *claims;
    size_t at; /* the claim not yet met */
    struct s3_checksum_parts parts;
    bool all_have; /* every claimed part has a checksum of the upload's kind */
    uint64_t bytes;
};

static enum error_code part_meet(void *self, const struct store_part *part, struct error *e) {
    struct completing *c = self;
    const struct s3_document *claims = c->claims;
    while (c->at < claims->count && claims->parts[c->at].number < part->number) c->at++;
    if (c->at == claims->count || claims->parts[c->at].number != part->number) return OK;
    const struct s3_part_row *claim = &claims->parts[c->at++];
    if (claim->checksum.kind != STORE_CHECKSUM_NONE &&
        claim->checksum.kind == part->checksum.kind &&
        !s3_checksum_equal(&claim->checksum, &part->checksum))
        return error_set(e, FAIL_INVALID_PART,
                         "One or more of the specified parts could not be found. The part may not "
                         "have been uploaded, or the specified checksum of part %u may not match "
                         "the part's.",
                         part->number);
    if (!u64_add(c->bytes, part->body.bytes, &c->bytes))
        return error_set(e, FAIL_ENTITY_TOO_LARGE, "The parts are too large together");
    if (part->checksum.kind == c->parts.kind)
        s3_checksum_parts_add(&c->parts, &part->checksum, part->body.bytes);
    else
        c->all_have = false;
    return OK;
}

/* What the client says the whole comes to: x-amz-checksum-…, x-amz-checksum-type, -mp-object-size. */
static enum error_code whole_judge(const struct s3_request *r, const struct completing *c,
                                   const struct store_checksum *sum, struct error *e) {
    const struct http_headers *headers = &r->http->head.headers;
    str type = s3_request_header(r, STR("x-amz-checksum-type")),
        size = s3_request_header(r, STR("x-amz-mp-object-size"));
    uint64_t bytes;
    if (size.len > 0 && (!str_u64(size, &bytes) || bytes != c->bytes))
        return error_set(e, FAIL_INVALID_REQUEST,
                         "The provided 'x-amz-mp-object-size' header does not match what was "
                         "computed: %" PRIu64,
                         c->bytes);
    if (type.len > 0 && !str_equal(type, s3_checksum_type_name(sum->composite)))
        return error_set(e, FAIL_INVALID_REQUEST,
                         "The upload was created with another checksum type than %.*s",
                         STR_FMT(type));
    for (size_t i = 0; i < headers->count; i++) {
        enum store_checksum_kind kind = s3_checksum_of_header(headers->at[i].name);
        struct store_checksum said;
        uint32_t parts;
        if (kind == STORE_CHECKSUM_NONE) continue;
        if (kind != sum->kind || !s3_checksum_read(kind, headers->at[i].value, &said, &parts))
            return error_set(e, FAIL_INVALID_REQUEST, "Value for %.*s header is invalid.",
                             STR_FMT(s3_checksum_header(kind)));
        said.composite = sum->composite;
        if (!s3_checksum_equal(&said, sum))
            return error_set(e, FAIL_BAD_DIGEST,
                             "The %.*s you specified did not match the calculated checksum.",
                             STR_FMT(s3_checksum_name(kind)));
    }
    return OK;
}

static enum error_code claims_make(struct s3_request *r, const struct s3_document *document,
                                   struct store_part_claim **out, struct error *e) {
    struct store_part_claim *claims =
        arena_new(r->visit.arena, struct store_part_claim, document->count);
    if (claims == NULL) return error_set(e, FAIL_MEMORY, "no room for the parts of an upload");
    for (size_t i = 0; i < document->count; i++) {
        if (i > 0 && document->parts[i].number <= document->parts[i - 1].number)
            return error_set(e, FAIL_INVALID_PART_ORDER,
                             "The list of parts was not in ascending order. The parts list must be "
                             "specified in order by part number.");
        claims[i].number = document->parts[i].number;
        memcpy(claims[i].md5, document->parts[i].md5, MD5_BYTES);
    }
    *out = claims;
    return OK;
}

static enum error_code location_of(struct s3_request *r, str *out, struct error *e) {
    str path, bucket = r->address.virtual_hosted ? STR_EMPTY : r->address.bucket;
    TRY(http_percent_encode(r->address.key, true, s3_request_arena(r), &path, e));
    return arena_format(s3_request_arena(r), out, e, "%s%.*s%s%.*s/%.*s",
                        r->http->is_tls ? "https://" : "http://", STR_FMT(r->http->head.host),
                        bucket.len > 0 ? "/" : "", STR_FMT(bucket), STR_FMT(path));
}

static enum error_code complete_reply(struct s3_request *r, const struct gate_stored *stored,
                                      uint32_t parts, struct error *e) {
    struct s3_xml x;
    str location = STR_EMPTY;
    TRY(location_of(r, &location, e));
    s3_reply_header(r, STR("x-amz-version-id"), stored->version);
    encryption_header(r, stored->encrypted);
    s3_reply_xml_begin(r, &x, e);
    s3_xml_open_root(&x, "CompleteMultipartUploadResult");
    s3_xml_text(&x, "Location", location);
    s3_xml_text(&x, "Bucket", r->address.bucket);
    s3_xml_text(&x, "Key", r->address.key);
    s3_xml_etag(&x, "ETag", &stored->etag);
    s3_xml_checksum(&x, &stored->checksum, parts);
    if (stored->checksum.kind != STORE_CHECKSUM_NONE)
        s3_xml_text(&x, "ChecksumType", s3_checksum_type_name(stored->checksum.composite));
    s3_xml_close(&x, "CompleteMultipartUploadResult");
    return s3_reply_xml_end(r, &x, e);
}

static enum error_code complete_run(struct s3_request *r, const struct s3_upload_name *upload,
                                    const struct s3_document *document,
                                    const struct store_condition *condition, struct error *e) {
    struct completing c = {.claims = document, .all_have = true};
    struct store_part_claim *claims = NULL;
    struct store_checksum sum = {0};
    struct gate_stored stored;
    TRY(claims_make(r, document, &claims, e));
    s3_checksum_parts_begin(&c.parts, upload->kind, upload->composite);
    TRY(gate_part_look(&r->visit, r->address.bucket, r->address.key, upload->id, part_meet, &c, e));
    /* Parts that are missing are the gate's to name; then there is nothing to add up. */
    bool whole = c.all_have && c.parts.count == document->count;
    if (whole) {
        sum = s3_checksum_parts_end(&c.parts);
        TRY(whole_judge(r, &c, &sum, e));
    }
    TRY(gate_upload_complete(&r->visit, r->address.bucket, r->address.key, upload->id, claims,
                             document->count, whole ? &sum : NULL, condition, &stored, &r->answer,
                             e));
    return complete_reply(r, &stored, (uint32_t)document->count, e);
}

enum error_code s3_upload_complete(struct s3_request *r, struct error *e) {
    struct s3_upload_name upload;
    struct s3_document document;
    struct store_condition condition;
    TRY(upload_of(r, &upload, e));
    TRY(s3_condition_of_write(r, &condition, e));
    struct s3_wide *wide = s3_wide_take(r);
    enum error_code code =
        s3_body_document(r, S3_DOCUMENT_COMPLETE, false, r->visit.arena, &document, e);
    s3_document_release(&document);
    if (code == OK) code = complete_run(r, &upload, &document, &condition, e);
    s3_wide_give(r, wide);
    return code;
}

enum error_code s3_upload_abort(struct s3_request *r, struct error *e) {
    struct s3_upload_name upload;
    TRY(upload_of(r, &upload, e));
    TRY(gate_upload_abort(&r->visit, r->address.bucket, r->address.key, upload.id, &r->answer, e));
    return s3_reply_send(r, 204, STR_EMPTY, e);
}

/* ---- ListParts ---- */

struct part_listing {
    struct s3_xml *x;
    uint16_t last;
};

static enum error_code part_write(void *self, const struct store_part *part, struct error *e) {
    struct part_listing *l = self;
    struct store_etag etag = {0};
    memcpy(etag.md5, part->md5, MD5_BYTES);
    s3_xml_open(l->x, "Part");
    s3_xml_number(l->x, "PartNumber", part->number);
    s3_xml_time(l->x, "LastModified", part->modified_ns);
    s3_xml_etag(l->x, "ETag", &etag);
    s3_xml_number(l->x, "Size", part->body.bytes);
    s3_xml_checksum(l->x, &part->checksum, 0);
    s3_xml_close(l->x, "Part");
    l->last = part->number;
    return l->x->code;
}

enum error_code s3_upload_parts(struct s3_request *r, struct error *e) {
    struct s3_upload_name name;
    struct store_upload upload;
    struct s3_name_writer names;
    struct s3_xml x;
    struct part_listing listing = {.x = &x};
    uint32_t after, max;
    bool truncated = false;
    str bucket = r->address.bucket, key = r->address.key;
    TRY(upload_of(r, &name, e));
    TRY(s3_request_number(r, STR("part-number-marker"), 0, LIMIT_PART_COUNT, &after, e));
    TRY(s3_request_number(r, STR("max-parts"), LIMIT_LIST_KEYS, LIMIT_LIST_KEYS, &max, e));
    TRY(s3_name_writer_begin(r, &x, &names, e));
    TRY(gate_upload_get(&r->visit, bucket, key, name.id, &upload, &r->answer, e));
    if (upload.finished) return error_set(e, FAIL_NO_SUCH_UPLOAD, "The upload has been completed.");
    s3_reply_xml_begin(r, &x, e);
    s3_xml_open_root(&x, "ListPartsResult");
    s3_xml_text(&x, "Bucket", bucket);
    s3_name_write(&names, "Key", key);
    s3_xml_text(&x, "UploadId", s3_request_param(r, STR("uploadId")));
    s3_xml_owner(&x, "Initiator", upload.owner);
    s3_xml_owner(&x, "Owner", upload.owner);
    s3_xml_text(&x, "StorageClass", STR("STANDARD"));
    s3_xml_text(&x, "ChecksumAlgorithm", s3_checksum_name(upload.checksum_kind));
    s3_xml_text(&x, "ChecksumType", s3_checksum_type_name(upload.checksum_composite));
    s3_xml_number(&x, "PartNumberMarker", after);
    s3_xml_number(&x, "MaxParts", max);
    if (max > 0)
        TRY(gate_part_list(&r->visit, bucket, key, name.id, (uint16_t)after, max, part_write,
                           &listing, &truncated, &r->answer, e));
    s3_xml_number(&x, "NextPartNumberMarker", listing.last);
    s3_xml_bool(&x, "IsTruncated", truncated);
    s3_xml_close(&x, "ListPartsResult");
    return s3_reply_xml_end(r, &x, e);
}
