/* Shapes of request bodies, and what their elements mean. */
#include "s3/wire/documents.h"

#include "http/http.h"
#include "s3/wire/names.h"

/* Elements of all shapes, so that one switch reads them; each shape lists those it may hold. */
enum {
    ROOT = 0,
    /* Tagging */
    TAG_SET = 1,
    TAG = 2,
    TAG_KEY = 3,
    TAG_VALUE = 4,
    /* CreateBucketConfiguration */
    LOCATION = 5,
    DIRECTORY_LOCATION = 6,
    DIRECTORY_BUCKET = 7,
    /* VersioningConfiguration */
    STATUS = 1,
    MFA_DELETE = 2,
    /* Delete */
    QUIET = 1,
    OBJECT = 2,
    KEY = 3,
    VERSION_ID = 4,
    ETAG = 5,
    LAST_MODIFIED = 6,
    SIZE = 7,
    /* CompleteMultipartUpload */
    PART = 1,
    PART_NUMBER = 2,
    PART_ETAG = 3,
    PART_CHECKSUM = 4, /* and the four behind it, in the order of enum store_checksum_kind */
    /* AccessControlPolicy */
    ACL_OWNER = 1,
    ACL_LIST = 2,
    ACL_GRANT = 3,
    ACL_GRANTEE = 4,
    ACL_ID = 5,
    ACL_PERMISSION = 6,
    ACL_GROUP = 7,
    ACL_EMAIL = 8,
};

static const struct s3_xml_element create_bucket_elements[] = {
    [ROOT] = {"CreateBucketConfiguration", -1, false},
    [TAG_SET] = {"Tags", ROOT, false},
    [TAG] = {"Tag", TAG_SET, false},
    [TAG_KEY] = {"Key", TAG, true},
    [TAG_VALUE] = {"Value", TAG, true},
    [LOCATION] = {"LocationConstraint", ROOT, true},
    [DIRECTORY_LOCATION] = {"Location", ROOT, false},
    [DIRECTORY_BUCKET] = {"Bucket", ROOT, false},
};
static const struct s3_xml_element versioning_elements[] = {
    [ROOT] = {"VersioningConfiguration", -1, false},
    [STATUS] = {"Status", ROOT, true},
    [MFA_DELETE] = {"MfaDelete", ROOT, true},
};
static const struct s3_xml_element tagging_elements[] = {
    [ROOT] = {"Tagging", -1, false},    [TAG_SET] = {"TagSet", ROOT, false},
    [TAG] = {"Tag", TAG_SET, false},    [TAG_KEY] = {"Key", TAG, true},
    [TAG_VALUE] = {"Value", TAG, true},
};
static const struct s3_xml_element delete_elements[] = {
    [ROOT] = {"Delete", -1, false},
    [QUIET] = {"Quiet", ROOT, true},
    [OBJECT] = {"Object", ROOT, false},
    [KEY] = {"Key", OBJECT, true},
    [VERSION_ID] = {"VersionId", OBJECT, true},
    [ETAG] = {"ETag", OBJECT, true},
    [LAST_MODIFIED] = {"LastModifiedTime", OBJECT, true},
    [SIZE] = {"Size", OBJECT, true},
};
static const struct s3_xml_element complete_elements[] = {
    [ROOT] = {"CompleteMultipartUpload", -1, false},
    [PART] = {"Part", ROOT, false},
    [PART_NUMBER] = {"PartNumber", PART, true},
    [PART_ETAG] = {"ETag", PART, true},
    [PART_CHECKSUM] = {"ChecksumCRC32", PART, true},
    {"ChecksumCRC32C", PART, true},
    {"ChecksumCRC64NVME", PART, true},
    {"ChecksumSHA1", PART, true},
    {"ChecksumSHA256", PART, true},
};
_Static_assert(STORE_CHECKSUM_SHA256 - STORE_CHECKSUM_CRC32 == 4, "the order of complete_elements");

static const struct s3_xml_element acl_elements[] = {
    [ROOT] = {"AccessControlPolicy", -1, false},
    [ACL_OWNER] = {"Owner", ROOT, false},
    [ACL_LIST] = {"AccessControlList", ROOT, false},
    [ACL_GRANT] = {"Grant", ACL_LIST, false},
    [ACL_GRANTEE] = {"Grantee", ACL_GRANT, false},
    [ACL_ID] = {"ID", ACL_GRANTEE, true},
    [ACL_PERMISSION] = {"Permission", ACL_GRANT, true},
    [ACL_GROUP] = {"URI", ACL_GRANTEE, true},
    [ACL_EMAIL] = {"EmailAddress", ACL_GRANTEE, true},
    {"DisplayName", ACL_GRANTEE, true},
    {"ID", ACL_OWNER, true},
    {"DisplayName", ACL_OWNER, true},
};

static const struct s3_xml_shape shapes[S3_DOCUMENT_KIND_COUNT] = {
    [S3_DOCUMENT_CREATE_BUCKET] = {create_bucket_elements, COUNT_OF(create_bucket_elements)},
    [S3_DOCUMENT_VERSIONING] = {versioning_elements, COUNT_OF(versioning_elements)},
    [S3_DOCUMENT_TAGGING] = {tagging_elements, COUNT_OF(tagging_elements)},
    [S3_DOCUMENT_DELETE] = {delete_elements, COUNT_OF(delete_elements)},
    [S3_DOCUMENT_COMPLETE] = {complete_elements, COUNT_OF(complete_elements)},
    [S3_DOCUMENT_ACL] = {acl_elements, COUNT_OF(acl_elements)},
};

static enum error_code malformed(struct error *e, const char *why) {
    return error_set(e, FAIL_MALFORMED_XML,
                     "The XML you provided was not well-formed or did not validate against our "
                     "published schema: %s",
                     why);
}

static str xml_trim(str s) {
    while (s.len > 0 && strchr(" \t\r\n", s.at[0]) != NULL && s.at[0] != 0) s = str_skip(s, 1);
    while (s.len > 0 && strchr(" \t\r\n", s.at[s.len - 1]) != NULL && s.at[s.len - 1] != 0) s.len--;
    return s;
}

/* An element that may stand once in its row. */
static enum error_code once(struct s3_document *d, int element, struct error *e) {
    unsigned bit = 1u << element;
    if (d->seen & bit) return malformed(e, "an element is there twice");
    d->seen |= bit;
    return OK;
}
static bool has(const struct s3_document *d, int element) {
    return (d->seen & 1u << element) != 0;
}

static enum error_code row_open(struct s3_document *d, int first, struct error *e) {
    if (d->count == d->rows_max) return malformed(e, "too many entries");
    d->seen &= (1u << first) - 1; /* forget the row before, remember what stands beside rows */
    return OK;
}

/* ---- entity tags ---- */

bool s3_etag_read(str text, struct store_etag *out) {
    struct store_etag etag = {0};
    if (text.len >= 2 && text.at[0] == '"' && text.at[text.len - 1] == '"')
        text = str_slice(text, 1, text.len - 2);
    if (text.len > 32) {
        uint32_t parts;
        if (text.at[32] != '-' || !str_u32(str_skip(text, 33), &parts)) return false;
        if (text.at[33] == '0' || parts > LIMIT_PART_COUNT) return false;
        etag.parts = (uint16_t)parts;
    }
    if (!hex_read(str_slice(text, 0, 32), etag.md5, MD5_BYTES)) return false;
    *out = etag;
    return true;
}

size_t s3_etag_write(const struct store_etag *etag, char out[S3_ETAG_TEXT_BYTES]) {
    struct text to = text_into(out, S3_ETAG_TEXT_BYTES);
    char hex[2 * MD5_BYTES];
    hex_write(etag->md5, MD5_BYTES, hex);
    text_add_char(&to, '"');
    text_add(&to, str_of(hex, sizeof hex));
    if (etag->parts > 0) text_format(&to, "-%u", etag->parts);
    text_add_char(&to, '"');
    return to.len;
}

bool s3_etag_equal(const struct store_etag *a, const struct store_etag *b) {
    return a->parts == b->parts && memcmp(a->md5, b->md5, MD5_BYTES) == 0;
}

/* ---- tags ---- */

/* Characters, not bytes; the text is UTF-8 already. */
static size_t utf8_chars(str s) {
    size_t count = 0;
    for (size_t i = 0; i < s.len; i++)
        if (((unsigned char)s.at[i] & 0xc0) != 0x80) count++;
    return count;
}

static enum error_code tag_check(const struct store_pair *tags, size_t count, struct error *e) {
    const struct store_pair *tag = &tags[count];
    if (!str_is_utf8(tag->name) || tag->name.len == 0 ||
        utf8_chars(tag->name) > LIMIT_TAG_KEY_CHARS)
        return error_set(e, FAIL_INVALID_TAG, "The TagKey you have provided is invalid");
    if (!str_is_utf8(tag->value) || utf8_chars(tag->value) > LIMIT_TAG_VALUE_CHARS)
        return error_set(e, FAIL_INVALID_TAG, "The TagValue you have provided is invalid");
    if (str_starts(tag->name, STR("aws:")))
        return error_set(e, FAIL_INVALID_TAG, "System tags cannot be added/updated by requester");
    for (size_t i = 0; i < count; i++)
        if (str_equal(tags[i].name, tag->name))
            return error_set(e, FAIL_INVALID_TAG, "Cannot provide multiple Tags with the same key");
    return OK;
}

enum error_code s3_tags_of_header(str header, struct arena *arena, struct store_pairs *out,
                                  struct error *e) {
    struct store_pair *tags = arena_new(arena, struct store_pair, LIMIT_TAGS);
    if (tags == NULL) return error_set(e, FAIL_MEMORY, "no room for tags");
    struct http_query walk = http_query_of(header);
    size_t count = 0;
    for (;;) {
        struct http_parameter next;
        bool found;
        if (http_query_next(&walk, HTTP_DECODE_PLUS_IS_SPACE, arena, &found, &next, NULL) != OK)
            return error_set(e, FAIL_INVALID_ARGUMENT,
                             "The header 'x-amz-tagging' shall be "
                             "encoded as UTF-8 then URLEncoded URL query "
                             "parameters without tag name duplicates.");
        if (!found) break;
        if (count == LIMIT_TAGS)
            return error_set(e, FAIL_HTTP_SYNTAX, "Object tags cannot be greater than %d",
                             LIMIT_TAGS);
        tags[count] = (struct store_pair){next.name, next.value};
        TRY(tag_check(tags, count, e));
        count++;
    }
    *out = (struct store_pairs){tags, count};
    return OK;
}

static enum error_code tag_close(struct s3_document *d, int element, str text, struct error *e) {
    struct store_pair *tag = &d->tags[d->count];
    if (element == TAG_KEY || element == TAG_VALUE) {
        TRY(once(d, element, e));
        return arena_copy(d->arena, text, element == TAG_KEY ? &tag->name : &tag->value, e);
    }
    if (element != TAG) return OK;
    if (!has(d, TAG_KEY) || !has(d, TAG_VALUE)) return malformed(e, "a Tag has Key and Value");
    TRY(tag_check(d->tags, d->count, e));
    d->count++;
    return OK;
}

/* ---- the other bodies ---- */

static enum error_code create_bucket_close(struct s3_document *d, int element, str text,
                                           struct error *e) {
    if (element == DIRECTORY_LOCATION || element == DIRECTORY_BUCKET)
        return error_set(e, FAIL_NOT_IMPLEMENTED, "Directory buckets are not served here");
    if (element != LOCATION) return tag_close(d, element, text, e);
    return arena_copy(d->arena, xml_trim(text), &d->location, e);
}

static enum error_code versioning_close(struct s3_document *d, int element, str text,
                                        struct error *e) {
    if (element == MFA_DELETE && !str_equal(xml_trim(text), STR("Disabled")))
        return error_set(e, FAIL_NOT_IMPLEMENTED, "MFA delete is not served here");
    if (element == ROOT && !has(d, STATUS)) return malformed(e, "there is no Status");
    if (element != STATUS) return OK;
    TRY(once(d, STATUS, e));
    if (str_equal(xml_trim(text), STR("Enabled")))
        d->versioning = STORE_ENABLED;
    else if (str_equal(xml_trim(text), STR("Suspended")))
        d->versioning = STORE_SUSPENDED;
    else
        return malformed(e, "Status is neither Enabled nor Suspended");
    return OK;
}

static enum error_code delete_field(struct s3_document *d, int element, str text, struct error *e) {
    struct s3_delete_row *row = &d->deletes[d->count];
    TRY(once(d, element, e));
    switch (element) {
    case KEY: TRY(s3_key_check(text, e)); return arena_copy(d->arena, text, &row->key, e);
    case VERSION_ID:
        if (text.len == 0)
            return error_set(e, FAIL_INVALID_ARGUMENT, "Version id cannot be the empty string");
        return arena_copy(d->arena, text, &row->version, e);
    case ETAG:
        if (xml_trim(text).len == 0)
            return error_set(e, FAIL_INVALID_ARGUMENT, "An ETag to match is empty");
        return arena_copy(d->arena, xml_trim(text), &row->etag, e);
    default:
        return error_set(e, FAIL_NOT_IMPLEMENTED,
                         "Deleting on condition of size or time is not served here");
    }
}

static enum error_code delete_close(struct s3_document *d, int element, str text, struct error *e) {
    if (element == QUIET) {
        TRY(once(d, QUIET, e));
        str word = xml_trim(text);
        d->quiet = str_equal_nocase(word, STR("true")) || str_equal(word, STR("1"));
        if (!d->quiet && !str_equal_nocase(word, STR("false")) && !str_equal(word, STR("0")))
            return malformed(e, "Quiet is neither true nor false");
        return OK;
    }
    if (element == ROOT) return d->count > 0 ? OK : malformed(e, "there is no Object");
    if (element != OBJECT) return delete_field(d, element, text, e);
    if (!has(d, KEY)) return malformed(e, "an Object has no Key");
    d->count++;
    return OK;
}

static enum error_code part_field(struct s3_document *d, int element, str text, struct error *e) {
    struct s3_part_row *row = &d->parts[d->count];
    uint32_t number, parts;
    struct store_etag etag;
    TRY(once(d, element, e));
    if (element == PART_NUMBER) {
        if (!str_u32(xml_trim(text), &number)) return malformed(e, "a PartNumber is no number");
        if (number == 0 || number > LIMIT_PART_COUNT)
            return error_set(e, FAIL_INVALID_ARGUMENT,
                             "PartNumber must be an integer between 1 and %d, inclusive",
                             LIMIT_PART_COUNT);
        row->number = (uint16_t)number;
        return OK;
    }
    if (element == PART_ETAG) {
        if (!s3_etag_read(xml_trim(text), &etag) || etag.parts != 0)
            return error_set(e, FAIL_INVALID_PART,
                             "One or more of the specified parts could not be found: an ETag is "
                             "none this store gave");
        memcpy(row->md5, etag.md5, MD5_BYTES);
        return OK;
    }
    int kind = STORE_CHECKSUM_CRC32 + element - PART_CHECKSUM;
    if (row->checksum.kind != STORE_CHECKSUM_NONE)
        return error_set(e, FAIL_INVALID_REQUEST, "A Part has more than one checksum");
    if (!s3_checksum_read((enum store_checksum_kind)kind, xml_trim(text), &row->checksum, &parts) ||
        parts != 0)
        return error_set(e, FAIL_INVALID_REQUEST, "A part's checksum is not base64 of its length");
    return OK;
}

static enum error_code complete_close(struct s3_document *d, int element, str text,
                                      struct error *e) {
    if (element == ROOT) return d->count > 0 ? OK : malformed(e, "there is no Part");
    if (element != PART) return part_field(d, element, text, e);
    if (!has(d, PART_NUMBER) || !has(d, PART_ETAG))
        return malformed(e, "a Part has PartNumber and ETag");
    d->count++;
    return OK;
}

static enum error_code acl_refuse(struct error *e) {
    return error_set(e, FAIL_ACL,
                     "The bucket does not allow ACLs: access here is granted to keys, "
                     "by the store's operator");
}

static enum error_code acl_close(struct s3_document *d, int element, str text, struct error *e) {
    switch (element) {
    case ROOT: return d->grantee.len > 0 ? OK : acl_refuse(e);
    case ACL_ID:
        TRY(once(d, element, e));
        if (d->grantee.len > 0 && !str_equal(d->grantee, xml_trim(text))) return acl_refuse(e);
        return arena_copy(d->arena, xml_trim(text), &d->grantee, e);
    case ACL_PERMISSION:
        TRY(once(d, element, e));
        return str_equal(xml_trim(text), STR("FULL_CONTROL")) ? OK : acl_refuse(e);
    case ACL_GROUP:
    case ACL_EMAIL: return acl_refuse(e);
    case ACL_GRANT:
        if (!has(d, ACL_ID) || !has(d, ACL_PERMISSION))
            return malformed(e, "a Grant has a Grantee and a Permission");
        d->seen = 0;
        return OK;
    default: return OK;
    }
}

/* ---- the document ---- */

static enum error_code on_open(void *self, int element, struct error *e) {
    struct s3_document *d = self;
    switch (d->kind) {
    case S3_DOCUMENT_TAGGING:
    case S3_DOCUMENT_CREATE_BUCKET: return element == TAG ? row_open(d, TAG, e) : OK;
    case S3_DOCUMENT_DELETE: return element == OBJECT ? row_open(d, OBJECT, e) : OK;
    case S3_DOCUMENT_COMPLETE: return element == PART ? row_open(d, PART, e) : OK;
    default: return OK;
    }
}

static enum error_code on_close(void *self, int element, str text, struct error *e) {
    struct s3_document *d = self;
    switch (d->kind) {
    case S3_DOCUMENT_CREATE_BUCKET: return create_bucket_close(d, element, text, e);
    case S3_DOCUMENT_VERSIONING: return versioning_close(d, element, text, e);
    case S3_DOCUMENT_TAGGING: return tag_close(d, element, text, e);
    case S3_DOCUMENT_DELETE: return delete_close(d, element, text, e);
    case S3_DOCUMENT_ACL: return acl_close(d, element, text, e);
    default: assert(d->kind == S3_DOCUMENT_COMPLETE); return complete_close(d, element, text, e);
    }
}

/* Fewest bytes one row can take: "<Object><Key>k</Key></Object>", "<Tag>…", "<Part>…". */
enum { ROW_BYTES_MIN = 29 };

static enum error_code rows_take(struct s3_document *d, uint64_t body_bytes, struct error *e) {
    size_t room = (size_t)u64_min(d->rows_max, body_bytes / ROW_BYTES_MIN);
    bool full;
    switch (d->kind) {
    case S3_DOCUMENT_DELETE:
        full = (d->deletes = arena_new(d->arena, struct s3_delete_row, room)) == NULL;
        break;
    case S3_DOCUMENT_COMPLETE:
        full = (d->parts = arena_new(d->arena, struct s3_part_row, room)) == NULL;
        break;
    default: full = (d->tags = arena_new(d->arena, struct store_pair, room)) == NULL;
    }
    if (full) return error_set(e, FAIL_MEMORY, "no room for the rows of a request body");
    d->rows_max = room;
    return OK;
}

enum error_code s3_document_begin(struct s3_document *document, enum s3_document_kind kind,
                                  uint64_t body_bytes, struct arena *arena, struct error *e) {
    static const size_t rows_max[S3_DOCUMENT_KIND_COUNT] = {
        [S3_DOCUMENT_CREATE_BUCKET] = LIMIT_BUCKET_TAGS,
        [S3_DOCUMENT_TAGGING] = LIMIT_BUCKET_TAGS,
        [S3_DOCUMENT_DELETE] = LIMIT_LIST_KEYS,
        [S3_DOCUMENT_COMPLETE] = LIMIT_PART_COUNT,
    };
    *document = (struct s3_document){.kind = kind, .arena = arena, .rows_max = rows_max[kind]};
    TRY(rows_take(document, body_bytes, e));
    return s3_xml_begin(&document->reader, &shapes[kind], on_open, on_close, document, e);
}

enum error_code s3_document_feed(struct s3_document *document, str piece, struct error *e) {
    return s3_xml_feed(&document->reader, piece, e);
}
enum error_code s3_document_end(struct s3_document *document, struct error *e) {
    return s3_xml_end(&document->reader, e);
}
void s3_document_release(struct s3_document *document) {
    s3_xml_release(&document->reader);
}
