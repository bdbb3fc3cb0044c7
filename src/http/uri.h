/* Percent-encoding, query strings and absolute URLs. Pure; results live in the arena, or are views
 * of the input where nothing had to change. Source: RFC 3986 sections 2.1, 2.3, 3. */
#ifndef AZEKURA_HTTP_URI_H
#define AZEKURA_HTTP_URI_H

#include "base/base.h"

enum {
    HTTP_DECODE_REFUSE_NUL = 1,    /* %00 is an error: for names that must not hold it */
    HTTP_DECODE_PLUS_IS_SPACE = 2, /* '+' is a space: the values of forms and of S3 queries */
};

/* Decodes every %XX, each once. What it gives is bytes, not yet known to be UTF-8.
 *   FAIL_INVALID_URI  a '%' without two hex digits behind it; a NUL if that was refused
 *   FAIL_MEMORY       the arena is full */
enum error_code http_percent_decode(str raw, unsigned flags, struct arena *arena, str *out,
                                    struct error *e) MUST_USE;

/* Encodes all but A-Z a-z 0-9 - . _ ~ (and '/' if `keep_slash`) as %XX in upper case: what S3's
 * canonical request and listings with encoding-type=url want. FAIL_MEMORY. */
enum error_code http_percent_encode(str bytes, bool keep_slash, struct arena *arena, str *out,
                                    struct error *e) MUST_USE;

/* Walks the name=value pairs of a query. Empty ones ("a=1&&b") are passed over. */
struct http_query {
    str rest;
};
static inline struct http_query http_query_of(str raw_query) {
    return (struct http_query){raw_query};
}

struct http_parameter {
    str raw_name, raw_value; /* as sent */
    str name, value;         /* decoded */
    bool has_value;          /* there was a '=' */
};

/* *found false: no more. Errors as http_percent_decode. */
enum error_code http_query_next(struct http_query *query, unsigned flags, struct arena *arena,
                                bool *found, struct http_parameter *out, struct error *e) MUST_USE;

struct http_url {
    bool tls;
    str host;      /* without port and brackets */
    str authority; /* as it stands in the URL: what a Host header says */
    str port;      /* digits; "80" or "443" where the URL has none */
    str target;    /* path and query; "/" where the URL has none */
};

/* Reads "http://HOST[:PORT][/PATH][?QUERY]" or https; no user, no fragment. Views of `text`.
 * FAIL_INVALID_URI otherwise. */
enum error_code http_url_parse(str text, struct http_url *out, struct error *e) MUST_USE;

#endif
