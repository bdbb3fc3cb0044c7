/* Replies: the headers every one has, XML bodies, errors as S3 spells them. */
#include "s3/request.h"

#include "base/log.h"
#include "s3/route.h"

#include <stdatomic.h>

void s3_reply_header(struct s3_request *r, str name, str value) {
    if (value.len > 0) s3_reply_header_even_empty(r, name, value);
}

void s3_reply_header_even_empty(struct s3_request *r, str name, str value) {
    if (r->header_count == S3_REPLY_HEADERS_MAX) {
        r->headers_full = true;
        return;
    }
    r->headers[r->header_count++] = (struct http_header){name, value};
}

static void common_headers(struct s3_request *r) {
    static const str effects[] = {
        [GATE_ALLOW] = {"allow", 5}, [GATE_WARN] = {"warn", 4}, [GATE_REFUSE] = {"refuse", 6}};
    s3_reply_header(r, STR("x-amz-request-id"), str_of(r->request_id, S3_REQUEST_ID_BYTES));
    if (r->answer.decided) {
        s3_reply_header(r, STR("x-azekura-decision"), effects[r->answer.effect]);
        s3_reply_header(r, STR("x-azekura-clauses"), r->answer.clauses);
    }
    s3_reply_header(r, STR("x-azekura-receipt"), r->answer.receipt);
}

/* Added for this reply and taken back, so that an error reply can be composed after it. */
enum error_code s3_reply_begin(struct s3_request *r, int status, uint64_t length, struct error *e) {
    size_t own = r->header_count;
    common_headers(r);
    enum error_code code =
        r->headers_full
            ? error_set(e, FAIL_INTERNAL, "a reply has over %d headers", S3_REPLY_HEADERS_MAX)
            : http_reply_begin(r->http, status, r->headers, r->header_count, length, e);
    r->header_count = own;
    return code;
}

enum error_code s3_reply_send(struct s3_request *r, int status, str body, struct error *e) {
    TRY(s3_reply_begin(r, status, body.len, e));
    if (body.len > 0) TRY(http_reply_write(r->http, body, e));
    return http_reply_end(r->http, e);
}

void s3_etag_header(struct s3_request *r, const struct store_etag *etag) {
    char *text = arena_bytes(s3_request_arena(r), S3_ETAG_TEXT_BYTES);
    if (text == NULL) {
        r->headers_full = true;
        return;
    }
    s3_reply_header(r, STR("ETag"), str_of(text, s3_etag_write(etag, text)));
}

/* ---- XML ---- */

/* The first piece decides that the reply is longer than the buffer: its head goes out with it. */
static enum error_code xml_flush(void *self, str piece, struct error *e) {
    struct s3_request *r = self;
    if (!http_reply_begun(r->http)) TRY(s3_reply_begin(r, 200, HTTP_LENGTH_UNKNOWN, e));
    return http_reply_write(r->http, piece, e);
}

void s3_reply_xml_begin(struct s3_request *r, struct s3_xml *x, struct error *e) {
    struct arena scratch = r->http->scratch;
    size_t cap = arena_left(&scratch);
    *x = s3_xml_into(arena_bytes(&scratch, cap), cap, e);
    x->flush = xml_flush;
    x->self = r;
    s3_reply_header(r, STR("Content-Type"), STR("application/xml"));
    s3_xml_start(x);
}

enum error_code s3_reply_xml_end(struct s3_request *r, struct s3_xml *x, struct error *e) {
    TRY(s3_xml_done(x));
    if (!http_reply_begun(r->http)) return s3_reply_send(r, 200, text_str(&x->to), e);
    if (x->to.len > 0) TRY(http_reply_write(r->http, text_str(&x->to), e));
    return http_reply_end(r->http, e);
}

/* ---- errors ---- */

/* What is not there: what the request is addressed to, or the source of its copy. */
static struct s3_copy_source error_about(struct s3_request *r) {
    struct s3_copy_source about = {.bucket = r->address.bucket,
                                   .key = r->address.key,
                                   .version = s3_request_param(r, STR("versionId"))};
    struct s3_copy_source source;
    struct error e;
    str copied = s3_request_header(r, STR("x-amz-copy-source"));
    bool read =
        r->answer.of_source && s3_copy_source_read(copied, s3_request_arena(r), &source, &e) == OK;
    return read ? source : about;
}

/* Beside code and message, what S3 says of some errors. */
static void error_details(struct s3_request *r, struct s3_xml *x) {
    const struct s3_signature_fault *fault = &r->who.fault;
    struct s3_copy_source about = error_about(r);
    switch (r->error.code) {
    case FAIL_NO_SUCH_BUCKET:
    case FAIL_BUCKET_NAME:
    case FAIL_BUCKET_EXISTS:
    case FAIL_BUCKET_OWNED:
    case FAIL_BUCKET_NOT_EMPTY: s3_xml_text(x, "BucketName", about.bucket); break;
    case FAIL_NO_SUCH_KEY:
    case FAIL_NO_SUCH_VERSION:
        s3_xml_text(x, "Key", about.key);
        if (about.version.len > 0) s3_xml_text(x, "VersionId", about.version);
        break;
    case FAIL_NO_SUCH_UPLOAD:
        s3_xml_text(x, "UploadId", s3_request_param(r, STR("uploadId")));
        break;
    case FAIL_ACCESS_KEY: s3_xml_text(x, "AWSAccessKeyId", r->who.auth.key_id); break;
    case FAIL_SIGNATURE:
        s3_xml_text(x, "AWSAccessKeyId", r->who.auth.key_id);
        if (fault->canonical.len == 0) break;
        s3_xml_text(x, "StringToSign", fault->to_sign);
        s3_xml_text(x, "SignatureProvided", r->who.auth.signature);
        s3_xml_text(x, "CanonicalRequest", fault->canonical);
        break;
    case FAIL_ACCESS_DENIED:
        if (fault->unsigned_header.len > 0)
            s3_xml_text(x, "HeadersNotSigned", fault->unsigned_header);
        break;
    case FAIL_AUTH_HEADER:
    case FAIL_AUTH_QUERY:
        if (fault->region_is_wrong) s3_xml_text(x, "Region", r->s3->regions[0]);
        break;
    default: break;
    }
}

/* A failure of the world is told to the log; a stranger learns that there was one. */
static str error_message(const struct s3_request *r) {
    enum error_code code = r->error.code;
    if (error_http_status(code) == 500)
        return STR("We encountered an internal error. Please try again.");
    if (r->error.message[0] == 0) return str_from_c(error_s3_name(code));
    return str_from_c(r->error.message);
}

static void error_write(struct s3_request *r, struct s3_xml *x) {
    s3_xml_start(x);
    s3_xml_open(x, "Error");
    s3_xml_text(x, "Code", str_from_c(error_s3_name(r->error.code)));
    s3_xml_text(x, "Message", error_message(r));
    error_details(r, x);
    s3_xml_text(x, "Resource", r->http->head.path);
    s3_xml_text(x, "RequestId", str_of(r->request_id, S3_REQUEST_ID_BYTES));
    s3_xml_text(x, "HostId", STR("azekura"));
    s3_xml_close(x, "Error");
}

/* Headers that describe an object must not describe an error; those of a delete marker and of a
 * 304 stay. */
static void keep_headers(struct s3_request *r) {
    static const char *const kept[] = {
        "x-amz-delete-marker", "x-amz-version-id", "ETag",          "Last-Modified",      "Allow",
        "Cache-Control",       "Expires",          "Content-Range", "x-amz-bucket-region"};
    size_t count = 0;
    for (size_t i = 0; i < r->header_count; i++)
        for (size_t k = 0; k < COUNT_OF(kept); k++)
            if (str_equal_nocase(r->headers[i].name, str_from_c(kept[k])))
                r->headers[count++] = r->headers[i];
    r->header_count = count;
    r->headers_full = false;
}

static enum error_code error_send(struct s3_request *r, struct error *e) {
    int status = error_http_status(r->error.code);
    keep_headers(r);
    if (status == 304) { /* RFC 9110 8.6: no length, or that of the object */
        TRY(s3_reply_begin(r, status, HTTP_LENGTH_UNKNOWN, e));
        return http_reply_end(r->http, e);
    }
    if (status == 503) s3_reply_header(r, STR("Retry-After"), STR("1"));
    s3_reply_header(r, STR("Content-Type"), STR("application/xml"));
    struct arena scratch = r->http->scratch;
    size_t cap = arena_left(&scratch);
    struct s3_xml x = s3_xml_into(arena_bytes(&scratch, cap), cap, e);
    error_write(r, &x);
    if (s3_xml_done(&x) != OK) { /* a signature over an enormous head: say less */
        x = s3_xml_into(x.to.at, x.to.cap, e);
        r->who.fault = (struct s3_signature_fault){0};
        error_write(r, &x);
        TRY(s3_xml_done(&x));
    }
    return s3_reply_send(r, status, text_str(&x.to), e);
}

void s3_reply_error(struct s3_request *r) {
    struct error e = {0};
    int status = error_http_status(r->error.code);
    if (status >= 500 && status != 501) log_error("s3", &r->error); /* 501 is an answer */
    if (!http_reply_begun(r->http) && error_send(r, &e) == OK) return;
    atomic_fetch_add_explicit(&r->reactor->aborted, 1, memory_order_relaxed);
    http_reply_abort(r->http);
}
