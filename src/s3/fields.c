/* An object's own headers, in and out. */
#include "s3/fields.h"

enum { META_PREFIX_BYTES = sizeof "x-amz-meta-" - 1 };

/* Kept and given back under the same name. */
static const struct {
    const char *name, *shown;
} kept[] = {
    {"cache-control", "Cache-Control"},
    {"content-disposition", "Content-Disposition"},
    {"content-encoding", "Content-Encoding"},
    {"content-language", "Content-Language"},
    {"content-type", "Content-Type"},
    {"expires", "Expires"},
    {"x-amz-website-redirect-location", "x-amz-website-redirect-location"},
};

static bool is_meta(str name) {
    return name.len > META_PREFIX_BYTES &&
           str_equal_nocase(str_slice(name, 0, META_PREFIX_BYTES), STR("x-amz-meta-"));
}

/* ---- in ---- */

struct pairs_builder {
    struct s3_request *r;
    struct store_pair *at;
    size_t count, meta_bytes;
};

static enum error_code pair_add(struct pairs_builder *b, str name, str value, struct error *e) {
    char *lower = arena_bytes(s3_request_arena(b->r), name.len);
    if (lower == NULL) return error_set(e, FAIL_MEMORY, "no room for an object's headers");
    for (size_t i = 0; i < name.len; i++)
        lower[i] = name.at[i] >= 'A' && name.at[i] <= 'Z' ? (char)(name.at[i] + 32) : name.at[i];
    b->at[b->count++] = (struct store_pair){str_of(lower, name.len), value};
    return OK;
}

static enum error_code meta_add(struct pairs_builder *b, str name, str value, struct error *e) {
    if (!is_meta(name)) return OK;
    /* Presigned metadata is decoded from the URL and may hold what no header can. */
    if (!http_header_name_is_valid(name) || !http_header_value_is_valid(value))
        return error_set(e, FAIL_INVALID_ARGUMENT, "User metadata holds a control character");
    if (!str_is_utf8(value)) {
        char *memory = arena_bytes(s3_request_arena(b->r), 2 * value.len);
        if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for an object's metadata");
        struct text to = text_into(memory, 2 * value.len);
        s3_value_add(&to, value);
        value = text_str(&to);
    }
    b->meta_bytes += name.len - META_PREFIX_BYTES + value.len;
    if (b->meta_bytes > LIMIT_META_BYTES)
        return error_set(e, FAIL_METADATA_TOO_LARGE,
                         "Your metadata headers exceed the maximum allowed metadata size of %d "
                         "bytes",
                         LIMIT_META_BYTES);
    return pair_add(b, name, value, e);
}

/* aws-chunked is how the body travelled, not what the object is. */
static enum error_code encoding_without_chunks(struct s3_request *r, str *value, struct error *e) {
    str rest = *value, kept_tokens = STR_EMPTY;
    if (!http_list_has(rest, STR("aws-chunked"))) return OK;
    for (bool more = true; more;) {
        str token = STR_EMPTY;
        more = str_cut(&rest, ',', &token);
        token = str_trim(more ? token : rest);
        if (token.len == 0 || str_equal_nocase(token, STR("aws-chunked"))) continue;
        if (kept_tokens.len == 0)
            kept_tokens = token;
        else
            TRY(arena_format(s3_request_arena(r), &kept_tokens, e, "%.*s,%.*s",
                             STR_FMT(kept_tokens), STR_FMT(token)));
    }
    *value = kept_tokens;
    return OK;
}

static enum error_code kept_add(struct pairs_builder *b, struct error *e) {
    bool has_type = false;
    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        str name = str_from_c(kept[i].name), value = s3_request_header(b->r, name);
        if (str_equal(name, STR("content-encoding"))) TRY(encoding_without_chunks(b->r, &value, e));
        if (value.len == 0) continue;
        if (!http_header_value_is_valid(value))
            return error_set(e, FAIL_INVALID_ARGUMENT, "%s holds a control character",
                             kept[i].name);
        if (str_equal(name, STR("x-amz-website-redirect-location")) && value.at[0] != '/' &&
            !str_starts(value, STR("http://")) && !str_starts(value, STR("https://")))
            return error_set(e, FAIL_INVALID_ARGUMENT,
                             "The website redirect location must have a prefix of 'http://' or "
                             "'https://' or '/'.");
        has_type = has_type || str_equal(name, STR("content-type"));
        TRY(pair_add(b, name, value, e));
    }
    return has_type ? OK : pair_add(b, STR("content-type"), STR("binary/octet-stream"), e);
}

enum error_code s3_fields_read(struct s3_request *r, struct store_pairs *headers,
                               struct store_pairs *tags, struct error *e) {
    const struct http_headers *sent = &r->http->head.headers;
    const struct s3_query *query = &r->head.query;
    bool presigned = r->who.auth.kind == S3_AUTH_QUERY;
    size_t room = COUNT_OF(kept) + 1 + sent->count + (presigned ? query->count : 0);
    struct pairs_builder b = {.r = r,
                              .at = arena_new(s3_request_arena(r), struct store_pair, room)};
    if (b.at == NULL) return error_set(e, FAIL_MEMORY, "no room for an object's headers");
    TRY(kept_add(&b, e));
    for (size_t i = 0; i < sent->count; i++)
        TRY(meta_add(&b, sent->at[i].name, sent->at[i].value, e));
    for (unsigned i = 0; presigned && i < query->count; i++)
        if (http_headers_count(sent, query->at[i].name) == 0)
            TRY(meta_add(&b, query->at[i].name, query->at[i].value, e));
    if (b.count > S3_REPLY_HEADERS_MAX - 32)
        return error_set(e, FAIL_METADATA_TOO_LARGE, "An object has more than %d headers",
                         S3_REPLY_HEADERS_MAX - 32);
    *headers = (struct store_pairs){b.at, b.count};
    *tags = (struct store_pairs){0};
    str tagging = s3_request_header(r, STR("x-amz-tagging"));
    return tagging.len > 0 ? s3_tags_of_header(tagging, s3_request_arena(r), tags, e) : OK;
}

/* ---- refused by name ---- */

static enum error_code acl_refuse(const struct s3_request *r, struct error *e) {
    str acl = s3_request_header(r, STR("x-amz-acl"));
    bool grants = s3_request_has_header(r, STR("x-amz-grant-read")) ||
                  s3_request_has_header(r, STR("x-amz-grant-write")) ||
                  s3_request_has_header(r, STR("x-amz-grant-read-acp")) ||
                  s3_request_has_header(r, STR("x-amz-grant-write-acp")) ||
                  s3_request_has_header(r, STR("x-amz-grant-full-control"));
    bool owner_only = acl.len == 0 || str_equal(acl, STR("private")) ||
                      str_equal(acl, STR("bucket-owner-full-control"));
    if (owner_only && !grants) return OK;
    return error_set(e, FAIL_ACL,
                     "The bucket does not allow ACLs: access here is granted to keys, "
                     "by the store's operator");
}

static enum error_code encryption_refuse(const struct s3_request *r, struct error *e) {
    static const char *const customer[] = {
        "x-amz-server-side-encryption-customer-algorithm",
        "x-amz-server-side-encryption-customer-key",
        "x-amz-server-side-encryption-customer-key-md5",
        "x-amz-copy-source-server-side-encryption-customer-algorithm",
        "x-amz-copy-source-server-side-encryption-customer-key",
        "x-amz-copy-source-server-side-encryption-customer-key-md5",
    };
    for (size_t i = 0; i < COUNT_OF(customer); i++)
        if (s3_request_has_header(r, str_from_c(customer[i])))
            return error_set(e, FAIL_NOT_IMPLEMENTED,
                             "Encryption with keys of the customer (SSE-C) is not served here: the "
                             "store encrypts with keys of its own");
    str sse = s3_request_header(r, STR("x-amz-server-side-encryption"));
    bool kms = s3_request_has_header(r, STR("x-amz-server-side-encryption-aws-kms-key-id")) ||
               s3_request_has_header(r, STR("x-amz-server-side-encryption-context"));
    if (!kms && (sse.len == 0 || str_equal(sse, STR("AES256")))) return OK;
    if (!kms && !str_starts(sse, STR("aws:")))
        return error_set(e, FAIL_INVALID_ARGUMENT,
                         "The encryption method specified is not supported");
    return error_set(e, FAIL_NOT_IMPLEMENTED,
                     "Encryption with a KMS is not served here: the store encrypts with keys of "
                     "its own");
}

/* A checksum that is not looked at would be a promise nobody keeps: S3 has learned more of them
 * (SHA-512, MD5, XXHash), and a client that sends one has to know that it was not held. */
static enum error_code checksum_refuse(const struct s3_request *r, struct error *e) {
    static const char *const words[] = {"x-amz-checksum-algorithm", "x-amz-checksum-type",
                                        "x-amz-checksum-mode"};
    const struct http_headers *headers = &r->http->head.headers;
    str prefix = STR("x-amz-checksum-");
    for (size_t i = 0; i < headers->count; i++) {
        str name = headers->at[i].name;
        bool known = !str_equal_nocase(str_slice(name, 0, prefix.len), prefix) ||
                     s3_checksum_of_header(name) != STORE_CHECKSUM_NONE;
        for (size_t k = 0; k < COUNT_OF(words); k++)
            known = known || str_equal_nocase(name, str_from_c(words[k]));
        if (!known)
            return error_set(e, FAIL_INVALID_REQUEST,
                             "The checksum %.*s is not served here, and nothing was changed: "
                             "CRC32, CRC32C, CRC64NVME, SHA1 and SHA256 are",
                             STR_FMT(name));
    }
    return OK;
}

/* Most requests have no header that could be refused: only those x-amz-* that every signed one has. A
 * presigned URL may hold more, and is looked through. */
static bool nothing_to_refuse(const struct s3_request *r) {
    const struct http_headers *headers = &r->http->head.headers;
    if (r->who.auth.kind == S3_AUTH_QUERY) return false;
    for (size_t i = 0; i < headers->count; i++) {
        str name = headers->at[i].name;
        if (name.len < 6 || !str_equal_nocase(str_slice(name, 0, 6), STR("x-amz-"))) continue;
        if (!str_equal_nocase(name, STR("x-amz-date")) &&
            !str_equal_nocase(name, STR("x-amz-content-sha256")))
            return false;
    }
    return true;
}

enum error_code s3_fields_refuse(const struct s3_request *r, struct error *e) {
    static const char *const elsewhere[] = {"x-amz-write-offset-bytes", "x-amz-if-match-size",
                                            "x-amz-if-match-last-modified-time",
                                            "x-amz-bucket-object-lock-enabled"};
    static const char *const locks[] = {"x-amz-object-lock-mode",
                                        "x-amz-object-lock-retain-until-date",
                                        "x-amz-object-lock-legal-hold"};
    if (nothing_to_refuse(r)) return OK;
    TRY(acl_refuse(r, e));
    TRY(encryption_refuse(r, e));
    TRY(checksum_refuse(r, e));
    for (size_t i = 0; i < COUNT_OF(elsewhere); i++) {
        str value = s3_request_header(r, str_from_c(elsewhere[i]));
        if (value.len > 0 && !str_equal_nocase(value, STR("false")))
            return error_set(e, FAIL_NOT_IMPLEMENTED, "The header %s is not served here",
                             elsewhere[i]);
    }
    for (size_t i = 0; i < COUNT_OF(locks); i++)
        if (s3_request_has_header(r, str_from_c(locks[i])))
            return error_set(e, FAIL_INVALID_REQUEST,
                             "Bucket is missing Object Lock Configuration");
    str class_ = s3_request_header(r, STR("x-amz-storage-class"));
    if (class_.len > 0 && !str_equal(class_, STR("STANDARD")))
        return error_set(e, FAIL_STORAGE_CLASS,
                         "The storage class you specified is not valid: this store has STANDARD");
    return OK;
}

static enum error_code owner_check(struct s3_request *r, str header, str bucket, struct error *e) {
    str owner = s3_request_header(r, header);
    if (owner.len == 0 || bucket.len == 0) return OK;
    return gate_bucket_expect(&r->visit, bucket, owner, e);
}

enum error_code s3_owners_check(struct s3_request *r, struct error *e) {
    struct s3_copy_source source = {0};
    str copied = s3_request_header(r, STR("x-amz-copy-source")),
        header = STR("x-amz-source-expected-bucket-owner");
    TRY(owner_check(r, STR("x-amz-expected-bucket-owner"), r->address.bucket, e));
    if (copied.len == 0 || !s3_request_has_header(r, header)) return OK;
    TRY(s3_copy_source_read(copied, s3_request_arena(r), &source, e));
    return owner_check(r, header, source.bucket, e);
}

/* ---- out ---- */

enum error_code s3_reply_header_time(struct s3_request *r, str name, int64_t wall_ns,
                                     struct error *e) {
    char text[CLOCK_TEXT_BYTES];
    str value;
    TRY(arena_copy(s3_request_arena(r), str_of(text, clock_http_write(wall_ns, text)), &value, e));
    s3_reply_header(r, name, value);
    return OK;
}

enum error_code s3_reply_header_number(struct s3_request *r, str name, uint64_t number,
                                       struct error *e) {
    str value;
    char memory[24];
    struct text digits = text_into(memory, sizeof memory);
    text_add_count(&digits, number);
    TRY(arena_copy(s3_request_arena(r), text_str(&digits), &value, e));
    s3_reply_header(r, name, value);
    return OK;
}

enum error_code s3_reply_header_checksum(struct s3_request *r,
                                         const struct store_checksum *checksum, uint32_t parts,
                                         struct error *e) {
    char text[S3_CHECKSUM_TEXT_BYTES];
    str value;
    if (checksum->kind == STORE_CHECKSUM_NONE) return OK;
    TRY(arena_copy(s3_request_arena(r), str_of(text, s3_checksum_write(checksum, parts, text)),
                   &value, e));
    s3_reply_header(r, s3_checksum_header(checksum->kind), value);
    s3_reply_header(r, STR("x-amz-checksum-type"),
                    checksum->composite ? STR("COMPOSITE") : STR("FULL_OBJECT"));
    return OK;
}

/* What is not ASCII is given as S3 gives it: an encoded word of RFC 2047. */
static enum error_code meta_shown(struct s3_request *r, str value, str *out, struct error *e) {
    bool ascii = true;
    for (size_t i = 0; i < value.len; i++) ascii = ascii && (unsigned char)value.at[i] < 0x80;
    *out = value;
    if (ascii || !str_is_utf8(value)) return OK;
    size_t cap = base64_bytes(value.len) + 12;
    char *memory = arena_bytes(s3_request_arena(r), cap);
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for an object's metadata");
    struct text to = text_into(memory, cap);
    text_add(&to, STR("=?UTF-8?B?"));
    to.len += base64_write(value.at, value.len, memory + to.len);
    text_add(&to, STR("?="));
    *out = text_str(&to);
    return OK;
}

/* response-content-type=…: what this one reply shall say instead. The URL is signed. */
static str overridden(const struct s3_request *r, str name) {
    char memory[64];
    struct text param = text_into(memory, sizeof memory);
    text_add(&param, STR("response-"));
    text_add(&param, name);
    return s3_request_param(r, text_str(&param));
}

static enum error_code own_headers(struct s3_request *r, struct store_pairs pairs,
                                   struct error *e) {
    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        str name = str_from_c(kept[i].name), value = overridden(r, name);
        if (value.len == 0)
            value = store_pairs_find(pairs, name);
        else if (!http_header_value_is_valid(value))
            return error_set(e, FAIL_INVALID_ARGUMENT, "response-%s holds a control character",
                             kept[i].name);
        s3_reply_header(r, str_from_c(kept[i].shown), value);
    }
    for (size_t i = 0; i < pairs.count; i++) {
        str value;
        if (!is_meta(pairs.at[i].name)) continue;
        TRY(meta_shown(r, pairs.at[i].value, &value, e));
        s3_reply_header_even_empty(r, pairs.at[i].name, value);
    }
    return OK;
}

enum error_code s3_fields_reply(struct s3_request *r, const struct gate_reading *reading,
                                bool with_checksum, struct error *e) {
    const struct store_version *version = &reading->version;
    TRY(own_headers(r, version->headers, e));
    s3_etag_header(r, &version->etag);
    TRY(s3_reply_header_time(r, STR("Last-Modified"), version->modified_ns, e));
    s3_reply_header(r, STR("Accept-Ranges"), STR("bytes"));
    s3_reply_header(r, STR("x-amz-version-id"), reading->version_text);
    if (version->body.encrypted)
        s3_reply_header(r, STR("x-amz-server-side-encryption"), STR("AES256"));
    if (version->tags.count > 0)
        TRY(s3_reply_header_number(r, STR("x-amz-tagging-count"), version->tags.count, e));
    bool asked = str_equal(s3_request_header(r, STR("x-amz-checksum-mode")), STR("ENABLED"));
    if (asked && with_checksum)
        TRY(s3_reply_header_checksum(r, &version->checksum, version->body.part_count, e));
    return OK;
}
