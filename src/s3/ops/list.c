/* Listings: objects (both versions of the call), versions, uploads.
 *
 * Rows go into the reply as the gate gives them; what is only known at the end (truncation, the
 * next marker) stands behind them. Readers of XML find elements by name, not by place. */
#include "s3/ops/ops.h"

struct object_listing {
    struct s3_xml x;
    struct s3_name_writer names;
    bool with_owner, with_versions;
};

static void object_fields(struct object_listing *l, const struct store_version *version) {
    struct s3_xml *x = &l->x;
    s3_xml_time(x, "LastModified", version->modified_ns);
    if (version->is_delete_marker) {
        s3_xml_owner(x, "Owner", version->owner);
        return;
    }
    s3_xml_etag(x, "ETag", &version->etag);
    s3_xml_number(x, "Size", version->body.bytes);
    if (l->with_owner) s3_xml_owner(x, "Owner", version->owner);
    if (version->checksum.kind != STORE_CHECKSUM_NONE) {
        s3_xml_text(x, "ChecksumAlgorithm", s3_checksum_name(version->checksum.kind));
        s3_xml_text(x, "ChecksumType", s3_checksum_type_name(version->checksum.composite));
    }
    s3_xml_text(x, "StorageClass", STR("STANDARD"));
}

static enum error_code object_write(void *self, const struct store_version *version,
                                    str prefix_only, struct error *e) {
    struct object_listing *l = self;
    if (version == NULL) {
        s3_common_prefix_write(&l->names, prefix_only);
        return l->x.code;
    }
    const char *element = !l->with_versions           ? "Contents"
                          : version->is_delete_marker ? "DeleteMarker"
                                                      : "Version";
    s3_xml_open(&l->x, element);
    s3_name_write(&l->names, "Key", version->key);
    if (l->with_versions) {
        char text[STORE_VERSION_TEXT_BYTES];
        s3_xml_text(&l->x, "VersionId", str_of(text, store_version_text(version, text)));
        s3_xml_bool(&l->x, "IsLatest", version->is_current);
    }
    object_fields(l, version);
    s3_xml_close(&l->x, element);
    return l->x.code;
}

/* What every listing is asked. */
static enum error_code listing_begin(struct s3_request *r, struct object_listing *l,
                                     struct store_listing *listing, struct error *e) {
    TRY(s3_name_writer_begin(r, &l->x, &l->names, e));
    listing->prefix = s3_request_param(r, STR("prefix"));
    listing->delimiter = s3_request_param(r, STR("delimiter"));
    return s3_request_number(r, STR("max-keys"), LIMIT_LIST_KEYS, LIMIT_LIST_KEYS, &listing->max,
                             e);
}

static void listing_head(struct s3_request *r, struct object_listing *l, const char *element,
                         const struct store_listing *listing, struct error *e) {
    s3_reply_xml_begin(r, &l->x, e);
    s3_xml_open_root(&l->x, element);
    s3_xml_text(&l->x, "Name", r->address.bucket);
    s3_name_write(&l->names, "Prefix", listing->prefix);
    if (listing->delimiter.len > 0) s3_name_write(&l->names, "Delimiter", listing->delimiter);
    s3_xml_number(&l->x, "MaxKeys", listing->max);
    if (l->names.url) s3_xml_text(&l->x, "EncodingType", STR("url"));
}

enum error_code s3_list_objects(struct s3_request *r, struct error *e) {
    struct object_listing l = {.with_owner = true};
    struct store_listing listing = {.after = s3_request_param(r, STR("marker"))};
    struct store_listed listed;
    if (s3_request_has_param(r, STR("list-type"))) return s3_list_objects_v2(r, e);
    TRY(listing_begin(r, &l, &listing, e));
    listing_head(r, &l, "ListBucketResult", &listing, e);
    s3_name_write(&l.names, "Marker", listing.after);
    TRY(gate_list(&r->visit, r->address.bucket, &listing, object_write, &l, &listed, &r->answer,
                  e));
    s3_xml_bool(&l.x, "IsTruncated", listed.truncated);
    if (listed.truncated && listing.delimiter.len > 0)
        s3_name_write(&l.names, "NextMarker", listed.next_key);
    s3_xml_close(&l.x, "ListBucketResult");
    return s3_reply_xml_end(r, &l.x, e);
}

/* The token is the last name shown, in base64: opaque enough, and any byte may be in a name. */
static enum error_code token_read(struct s3_request *r, str token, str *after, struct error *e) {
    char name[LIMIT_KEY_BYTES];
    size_t len;
    if (!base64_read(token, name, sizeof name, &len))
        return error_set(e, FAIL_INVALID_ARGUMENT, "The continuation token provided is incorrect");
    return arena_copy(s3_request_arena(r), str_of(name, len), after, e);
}

static void token_write(struct s3_xml *x, str name) {
    char text[(LIMIT_KEY_BYTES + 2) / 3 * 4];
    assert(name.len <= LIMIT_KEY_BYTES);
    s3_xml_text(x, "NextContinuationToken", str_of(text, base64_write(name.at, name.len, text)));
}

enum error_code s3_list_objects_v2(struct s3_request *r, struct error *e) {
    struct object_listing l = {0};
    str token = s3_request_param(r, STR("continuation-token")),
        start = s3_request_param(r, STR("start-after"));
    struct store_listing listing = {.after = start};
    struct store_listed listed;
    if (!str_equal(s3_request_param(r, STR("list-type")), STR("2")))
        return error_set(e, FAIL_INVALID_ARGUMENT, "list-type must be 2");
    if (s3_request_has_param(r, STR("continuation-token")))
        TRY(token_read(r, token, &listing.after, e));
    l.with_owner = str_equal(s3_request_param(r, STR("fetch-owner")), STR("true"));
    TRY(listing_begin(r, &l, &listing, e));
    listing_head(r, &l, "ListBucketResult", &listing, e);
    if (s3_request_has_param(r, STR("continuation-token")))
        s3_xml_text(&l.x, "ContinuationToken", token);
    if (start.len > 0) s3_name_write(&l.names, "StartAfter", start);
    TRY(gate_list(&r->visit, r->address.bucket, &listing, object_write, &l, &listed, &r->answer,
                  e));
    s3_xml_number(&l.x, "KeyCount", listed.count);
    s3_xml_bool(&l.x, "IsTruncated", listed.truncated);
    if (listed.truncated) token_write(&l.x, listed.next_key);
    s3_xml_close(&l.x, "ListBucketResult");
    return s3_reply_xml_end(r, &l.x, e);
}

/* ---- versions ---- */

/* The marker of a version is its sequence, of the null version too: should that be replaced meanwhile,
 * the listing goes on where it stood. "null" is taken of those who go on from a row. */
static void version_marker_write(struct s3_xml *x, uint64_t sequence) {
    struct store_version version = {.sequence = sequence};
    char text[STORE_VERSION_TEXT_BYTES];
    s3_xml_text(x, "NextVersionIdMarker", str_of(text, store_version_text(&version, text)));
}

static enum error_code version_marker_read(const struct s3_request *r,
                                           struct store_listing *listing, struct error *e) {
    str text = s3_request_param(r, STR("version-id-marker"));
    if (!s3_request_has_param(r, STR("version-id-marker"))) return OK;
    if (text.len == 0 && listing->after.len == 0) return OK; /* both sent, both empty */
    if (listing->after.len == 0)
        return error_set(e, FAIL_INVALID_ARGUMENT,
                         "A version-id marker cannot be specified without a key marker.");
    if (text.len == 0) return OK;
    if (!store_version_read(text, &listing->after_null, &listing->after_sequence))
        return error_set(e, FAIL_INVALID_ARGUMENT, "Invalid version id specified");
    return OK;
}

enum error_code s3_list_versions(struct s3_request *r, struct error *e) {
    struct object_listing l = {.with_owner = true, .with_versions = true};
    struct store_listing listing = {.versions = true,
                                    .after = s3_request_param(r, STR("key-marker"))};
    struct store_listed listed;
    TRY(listing_begin(r, &l, &listing, e));
    TRY(version_marker_read(r, &listing, e));
    listing_head(r, &l, "ListVersionsResult", &listing, e);
    s3_name_write(&l.names, "KeyMarker", listing.after);
    s3_xml_text(&l.x, "VersionIdMarker", s3_request_param(r, STR("version-id-marker")));
    TRY(gate_list(&r->visit, r->address.bucket, &listing, object_write, &l, &listed, &r->answer,
                  e));
    s3_xml_bool(&l.x, "IsTruncated", listed.truncated);
    if (listed.truncated) {
        s3_name_write(&l.names, "NextKeyMarker", listed.next_key);
        if (listed.next_sequence != 0) version_marker_write(&l.x, listed.next_sequence);
    }
    s3_xml_close(&l.x, "ListVersionsResult");
    return s3_reply_xml_end(r, &l.x, e);
}

/* ---- uploads ---- */

static enum error_code upload_write(void *self, const struct store_upload *upload, str prefix_only,
                                    struct error *e) {
    struct object_listing *l = self;
    struct s3_xml *x = &l->x;
    if (upload == NULL) {
        s3_common_prefix_write(&l->names, prefix_only);
        return x->code;
    }
    struct s3_upload_name name = s3_upload_name_of(upload);
    char text[S3_UPLOAD_TEXT_BYTES];
    s3_upload_name_write(&name, text);
    s3_xml_open(x, "Upload");
    s3_name_write(&l->names, "Key", upload->key);
    s3_xml_text(x, "UploadId", str_of(text, sizeof text));
    s3_xml_owner(x, "Initiator", upload->owner);
    s3_xml_owner(x, "Owner", upload->owner);
    s3_xml_text(x, "StorageClass", STR("STANDARD"));
    s3_xml_time(x, "Initiated", upload->initiated_ns);
    s3_xml_text(x, "ChecksumAlgorithm", s3_checksum_name(upload->checksum_kind));
    s3_xml_text(x, "ChecksumType", s3_checksum_type_name(upload->checksum_composite));
    s3_xml_close(x, "Upload");
    return x->code;
}

/* An upload-id-marker counts only beside a key-marker. A marker whose three last characters are other
 * than the upload's still names it. */
static enum error_code upload_marker_read(const struct s3_request *r, str after,
                                          struct store_upload_id *out, struct error *e) {
    struct s3_upload_name name;
    str text = s3_request_param(r, STR("upload-id-marker"));
    *out = (struct store_upload_id){0};
    if (after.len == 0 || text.len == 0) return OK;
    if (s3_upload_name_read(text, &name)) {
        *out = name.id;
        return OK;
    }
    return error_set(e, FAIL_INVALID_ARGUMENT, "Invalid uploadId marker");
}

static void next_upload_write(struct s3_xml *x, struct store_upload_id id) {
    struct s3_upload_name name = {id, STORE_CHECKSUM_CRC64NVME, false, false};
    char text[S3_UPLOAD_TEXT_BYTES];
    s3_upload_name_write(&name, text);
    s3_xml_text(x, "NextUploadIdMarker", str_of(text, sizeof text));
}

enum error_code s3_list_uploads(struct s3_request *r, struct error *e) {
    struct object_listing l = {0};
    struct store_listing listing = {.after = s3_request_param(r, STR("key-marker"))};
    struct store_upload_id after_id, next_id;
    struct store_listed listed;
    TRY(listing_begin(r, &l, &listing, e));
    TRY(s3_request_number(r, STR("max-uploads"), LIMIT_LIST_KEYS, LIMIT_LIST_KEYS, &listing.max,
                          e));
    TRY(upload_marker_read(r, listing.after, &after_id, e));
    s3_reply_xml_begin(r, &l.x, e);
    s3_xml_open_root(&l.x, "ListMultipartUploadsResult");
    s3_xml_text(&l.x, "Bucket", r->address.bucket);
    s3_name_write(&l.names, "KeyMarker", listing.after);
    s3_xml_text(&l.x, "UploadIdMarker", s3_request_param(r, STR("upload-id-marker")));
    s3_name_write(&l.names, "Prefix", listing.prefix);
    if (listing.delimiter.len > 0) s3_name_write(&l.names, "Delimiter", listing.delimiter);
    s3_xml_number(&l.x, "MaxUploads", listing.max);
    if (l.names.url) s3_xml_text(&l.x, "EncodingType", STR("url"));
    TRY(gate_upload_list(&r->visit, r->address.bucket, &listing, after_id, upload_write, &l,
                         &listed, &next_id, &r->answer, e));
    s3_xml_bool(&l.x, "IsTruncated", listed.truncated);
    if (listed.truncated) {
        s3_name_write(&l.names, "NextKeyMarker", listed.next_key);
        next_upload_write(&l.x, next_id);
    }
    s3_xml_close(&l.x, "ListMultipartUploadsResult");
    return s3_reply_xml_end(r, &l.x, e);
}
