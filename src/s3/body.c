/* Bodies as they come, and the promises made of them. */
#include "s3/body.h"

/* ---- promises ---- */

static enum error_code md5_read(struct s3_body *body, struct error *e) {
    str text = s3_request_header(body->r, STR("content-md5"));
    size_t len;
    if (!s3_request_has_header(body->r, STR("content-md5"))) return OK;
    if (!base64_read(str_trim(text), body->md5, MD5_BYTES, &len) || len != MD5_BYTES)
        return error_set(e, FAIL_INVALID_DIGEST, "The Content-MD5 you specified was invalid.");
    body->has_md5 = true;
    return OK;
}

/* The one checksum header, if any. */
static enum error_code promised_read(struct s3_body *body, struct error *e) {
    const struct http_headers *headers = &body->r->http->head.headers;
    for (size_t i = 0; i < headers->count; i++) {
        enum store_checksum_kind kind = s3_checksum_of_header(headers->at[i].name);
        uint32_t parts;
        if (kind == STORE_CHECKSUM_NONE) continue;
        if (body->promised.kind != STORE_CHECKSUM_NONE)
            return error_set(e, FAIL_INVALID_REQUEST,
                             "Expecting a single x-amz-checksum- header. Multiple checksum Types "
                             "are not allowed.");
        if (!s3_checksum_read(kind, headers->at[i].value, &body->promised, &parts) || parts != 0)
            return error_set(e, FAIL_INVALID_REQUEST, "Value for %.*s header is invalid.",
                             STR_FMT(s3_checksum_header(kind)));
    }
    return OK;
}

/* x-amz-sdk-checksum-algorithm announces what another header or the trailer carries. */
static enum error_code announced_check(const struct s3_body *body, struct error *e) {
    str name = s3_request_header(body->r, STR("x-amz-sdk-checksum-algorithm"));
    enum store_checksum_kind announced, came = body->promised.kind;
    if (name.len == 0) return OK;
    if (!s3_checksum_kind_read(name, &announced))
        return error_set(e, FAIL_INVALID_REQUEST,
                         "Value for x-amz-sdk-checksum-algorithm header is invalid.");
    if (came == STORE_CHECKSUM_NONE) came = body->chunked.trailer_kind;
    if (came == STORE_CHECKSUM_NONE || came == announced) return OK;
    return error_set(e, FAIL_INVALID_REQUEST,
                     "Value for x-amz-sdk-checksum-algorithm header is invalid: a checksum of "
                     "another kind came with it");
}

static enum error_code length_read(struct s3_body *body, unsigned flags, struct error *e) {
    struct s3_request *r = body->r;
    body->bytes_expected = http_body_length(r->http);
    body->is_chunked = s3_payload_is_chunked(r->who.auth.payload);
    if (body->is_chunked) {
        TRY(s3_chunked_begin(&body->chunked, &r->who.auth, &r->who.signing_key,
                             s3_request_header(r, STR("x-amz-decoded-content-length")),
                             s3_request_header(r, STR("x-amz-trailer")), e));
        body->bytes_expected = body->chunked.bytes_expected;
    } else if ((flags & S3_BODY_NEEDS_LENGTH) != 0 && r->http->head.body == HTTP_BODY_NONE) {
        return error_set(e, FAIL_MISSING_LENGTH,
                         "You must provide the Content-Length HTTP header.");
    }
    if (body->bytes_expected != HTTP_LENGTH_UNKNOWN && body->bytes_expected > LIMIT_PUT_BYTES)
        return error_set(e, FAIL_ENTITY_TOO_LARGE,
                         "Your proposed upload exceeds the maximum allowed size");
    return OK;
}

enum error_code s3_body_begin(struct s3_body *body, struct s3_request *r, unsigned flags,
                              enum store_checksum_kind kept, struct error *e) {
    memset(body, 0, sizeof *body);
    body->r = r;
    TRY(md5_read(body, e));
    bool of_object = (flags & S3_BODY_CHECKSUM_OF_OBJECT) != 0;
    if (!of_object) TRY(promised_read(body, e));
    TRY(length_read(body, flags, e));
    if (!of_object) TRY(announced_check(body, e));
    enum store_checksum_kind of_client = body->promised.kind;
    if (body->chunked.trailer_kind != STORE_CHECKSUM_NONE) {
        if (of_client != STORE_CHECKSUM_NONE)
            return error_set(e, FAIL_INVALID_REQUEST,
                             "Expecting a single checksum, in a header or in the trailer");
        of_client = body->chunked.trailer_kind;
    }
    if (kept == STORE_CHECKSUM_NONE)
        kept = of_client != STORE_CHECKSUM_NONE ? of_client : STORE_CHECKSUM_CRC64NVME;
    s3_checksum_begin(&body->of_promised, of_client);
    s3_checksum_begin(&body->of_kept, kept != of_client ? kept : STORE_CHECKSUM_NONE);
    struct arena scratch = r->http->scratch;
    body->buffer_bytes = arena_left(&scratch);
    body->buffer = arena_bytes(&scratch, body->buffer_bytes);
    assert(body->buffer_bytes > 0); /* nobody holds the scratch while a body is read */
    return OK;
}

void s3_body_release(struct s3_body *body) {
    s3_chunked_release(&body->chunked);
}

/* ---- pieces ---- */

static enum error_code piece_count(struct s3_body *body, str piece, struct error *e) {
    if (piece.len > LIMIT_PUT_BYTES - body->bytes)
        return error_set(e, FAIL_ENTITY_TOO_LARGE,
                         "Your proposed upload exceeds the maximum allowed size");
    body->bytes += piece.len;
    s3_checksum_add(&body->of_promised, piece);
    s3_checksum_add(&body->of_kept, piece);
    return OK;
}

static enum error_code raw_next(struct s3_body *body, str *piece, struct error *e) {
    size_t got;
    TRY(http_body_read(body->r->http, body->buffer, body->buffer_bytes, &got, e));
    *piece = str_of(body->buffer, got);
    return OK;
}

enum error_code s3_body_next(struct s3_body *body, str *piece, struct error *e) {
    if (!body->is_chunked) {
        TRY(raw_next(body, piece, e));
        return piece_count(body, *piece, e);
    }
    for (;;) {
        if (body->in.len == 0) {
            TRY(raw_next(body, &body->in, e));
            if (body->in.len == 0) {
                *piece = STR_EMPTY;
                return s3_chunked_end(&body->chunked, e);
            }
        }
        TRY(s3_chunked_feed(&body->chunked, &body->in, piece, e));
        if (piece->len > 0) return piece_count(body, *piece, e);
    }
}

/* ---- judgement ---- */

static enum error_code checksum_judge(struct s3_body *body, struct store_checksum *kept,
                                      struct error *e) {
    struct store_checksum promised = body->promised;
    if (body->chunked.trailer_seen) promised = body->chunked.trailer;
    struct store_checksum came_to = s3_checksum_end(&body->of_promised);
    if (promised.kind != STORE_CHECKSUM_NONE && !s3_checksum_equal(&promised, &came_to))
        return error_set(e, FAIL_BAD_DIGEST,
                         "The %.*s you specified did not match the calculated checksum.",
                         STR_FMT(s3_checksum_name(promised.kind)));
    *kept = body->of_kept.kind != STORE_CHECKSUM_NONE ? s3_checksum_end(&body->of_kept) : came_to;
    return OK;
}

enum error_code s3_body_judge(struct s3_body *body, const unsigned char md5[MD5_BYTES],
                              const digest *sha256, struct store_checksum *kept, struct error *e) {
    const struct s3_authorization *auth = &body->r->who.auth;
    if (auth->payload == S3_PAYLOAD_SHA256 && !digest_equal(&auth->payload_sha256, sha256))
        return error_set(e, FAIL_CONTENT_SHA256,
                         "The provided 'x-amz-content-sha256' header does not match what was "
                         "computed.");
    if (body->has_md5 && memcmp(body->md5, md5, MD5_BYTES) != 0)
        return error_set(e, FAIL_BAD_DIGEST,
                         "The Content-MD5 you specified did not match what we received.");
    return checksum_judge(body, kept, e);
}

/* ---- documents ---- */

static enum error_code document_read(struct s3_body *body, struct s3_document *document,
                                     struct error *e) {
    struct md5 md5;
    struct sha256 sha256;
    unsigned char md5_is[MD5_BYTES];
    struct store_checksum unused;
    md5_begin(&md5);
    sha256_begin(&sha256);
    for (;;) {
        str piece;
        TRY(s3_body_next(body, &piece, e));
        if (piece.len == 0) break;
        md5_add(&md5, piece.at, piece.len);
        sha256_add(&sha256, piece.at, piece.len);
        TRY(s3_document_feed(document, piece, e));
    }
    md5_end(&md5, md5_is);
    digest sha256_is = sha256_end(&sha256);
    TRY(s3_body_judge(body, md5_is, &sha256_is, &unused, e));
    return s3_document_end(document, e);
}

enum error_code s3_body_document(struct s3_request *r, enum s3_document_kind kind,
                                 bool must_be_vouched, struct arena *arena,
                                 struct s3_document *document, struct error *e) {
    struct s3_body body;
    unsigned flags = kind == S3_DOCUMENT_COMPLETE ? S3_BODY_CHECKSUM_OF_OBJECT : 0;
    document->reader.parser = NULL; /* whatever happens, the caller may release it */
    TRY(s3_body_begin(&body, r, flags, STORE_CHECKSUM_NONE, e));
    enum error_code code = OK;
    if (must_be_vouched && !body.has_md5 && body.of_promised.kind == STORE_CHECKSUM_NONE)
        code = error_set(e, FAIL_INVALID_REQUEST,
                         "Missing required header for this request: Content-MD5 OR "
                         "x-amz-checksum-*");
    if (code == OK) code = s3_document_begin(document, kind, body.bytes_expected, arena, e);
    if (code == OK) code = document_read(&body, document, e);
    s3_body_release(&body);
    return code;
}
