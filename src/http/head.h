/* Heads of HTTP/1.1 messages: bytes in, a view of them out. Pure: no allocation, no I/O, no clock.
 *
 * Where the standard lets a recipient be lenient, we are not: two programs that read one byte
 * stream differently are how requests are smuggled. Lines end with CRLF and nothing else, a name is
 * a token followed at once by its colon, and the length of a body is said once, in one way, or not
 * at all. What is refused closes the connection; nothing is repaired. Source: RFC 9112 (HTTP/1.1),
 * RFC 9110 (semantics). */
#ifndef AZEKURA_HTTP_HEAD_H
#define AZEKURA_HTTP_HEAD_H

#include "base/base.h"

enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_PUT,
    HTTP_POST,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_METHOD_COUNT
};
str http_method_name(enum http_method method); /* "GET" */

struct http_header {
    str name, value; /* value without white space around it */
};

struct http_headers {
    struct http_header at[LIMIT_HEADER_COUNT]; /* in the order and spelling they came */
    size_t count;
};

/* The value of the first header of that name, letters of either case. false: none, *value
 * untouched. */
bool http_headers_find(const struct http_headers *headers, str name, str *value);
/* How many headers have that name: a signature must not be about one of two. */
size_t http_headers_count(const struct http_headers *headers, str name);
/* The next header of that name at or after *index; *index moves behind it. false: no more. */
bool http_headers_next(const struct http_headers *headers, str name, size_t *index, str *value);

enum http_body {
    HTTP_BODY_NONE,
    HTTP_BODY_LENGTH,      /* so many bytes: Content-Length; 0 is possible */
    HTTP_BODY_CHUNKED,     /* Transfer-Encoding: chunked */
    HTTP_BODY_UNTIL_CLOSE, /* responses only: up to the end of the connection */
};

struct http_request_head {
    enum http_method method;
    unsigned minor; /* HTTP/1.`minor`: 0 or 1 */
    str target;     /* as it was sent */
    str path;       /* of it, still percent-encoded; begins with '/', or is "*" of OPTIONS */
    str query;      /* of it, still percent-encoded, behind the '?'; empty when there is none */
    bool has_query; /* there was a '?' */
    str host;       /* Host header, "name" or "name:port" as sent; empty: HTTP/1.0 without one */
    enum http_body body;
    uint64_t body_bytes;  /* of HTTP_BODY_LENGTH, otherwise 0 */
    bool keep_alive;      /* the client would like to send more requests */
    bool expect_continue; /* Expect: 100-continue, and a body is announced, be it empty */
    struct http_headers headers;
};

/* Reads one request head from the front of `bytes`. The views in *out point into `bytes`.
 *
 * OK with *consumed 0: so far right, but not whole; call again with more behind the same bytes.
 * OK with *consumed > 0: *out is filled, the body begins at bytes + *consumed. One empty line
 * before the request line is passed over (RFC 9112, 2.2). An error stands whatever may follow, and
 * no byte after it can be trusted to be a message:
 *   FAIL_HTTP_SYNTAX           a malformed line; Content-Length with Transfer-Encoding, repeated, or
 *                              not 1 to 18 digits; a coding other than chunked alone, or any with
 *                              HTTP/1.0; not exactly one Host (HTTP/1.0: at most one); an absolute
 *                              target whose authority is not the Host
 *   FAIL_HTTP_METHOD           a method we have no use for
 *   FAIL_HTTP_VERSION          well formed, but neither HTTP/1.0 nor HTTP/1.1
 *   FAIL_HTTP_EXPECTATION      an Expect other than 100-continue
 *   FAIL_HTTP_TARGET_TOO_LONG  over LIMIT_TARGET_BYTES
 *   FAIL_HTTP_HEAD_TOO_LARGE   over LIMIT_HEAD_BYTES or LIMIT_HEADER_COUNT
 * Source: RFC 9112 sections 2.2, 3, 5, 6, 9.3; RFC 9110 sections 5.5, 5.6.2, 7.2, 10.1.1. */
enum error_code http_request_head_parse(str bytes, struct http_request_head *out, size_t *consumed,
                                        struct error *e) MUST_USE;

struct http_response_head {
    unsigned minor;
    int status;          /* 100..599 */
    str reason;          /* may be empty */
    enum http_body body; /* what follows this head */
    uint64_t body_bytes; /* of HTTP_BODY_LENGTH; for a HEAD request see the header itself */
    bool keep_alive;
    struct http_headers headers;
};

/* The same for a response; `to_head_request`: its request was HEAD, so that no body follows.
 *   FAIL_HTTP_SYNTAX, FAIL_HTTP_VERSION, FAIL_HTTP_HEAD_TOO_LARGE   as above
 * Source: RFC 9112 sections 4, 6.3. */
enum error_code http_response_head_parse(str bytes, bool to_head_request,
                                         struct http_response_head *out, size_t *consumed,
                                         struct error *e) MUST_USE;

/* May these stand in a header? Names are tokens; values are visible ASCII, spaces, tabs and bytes
 * from 0x80: no CR, LF or NUL, so nobody can add a header by way of a value. */
bool http_header_name_is_valid(str name);
bool http_header_value_is_valid(str value);

/* One field line (a header or a trailer) without its CRLF. false: malformed. */
bool http_header_line_parse(str line, struct http_header *out);

/* Is `token` in a comma-separated list, letters of either case? */
bool http_list_has(str list, str token);

#endif
