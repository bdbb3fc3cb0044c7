/* Asking a store's console over the network, signed as S3 requests are. */
#include "app/reach/remote.h"

#include "app/reach/call.h"
#include "http/http.h"
#include "s3/s3.h"

enum { REMOTE_TIME_S = 60, REMOTE_BYTES = 1 << 20 };

static enum error_code parameter_add(struct text *query, const char *name, const char *value,
                                     struct arena *arena, struct error *e) {
    str encoded;
    TRY(http_percent_encode(str_from_c(value), false, arena, &encoded, e));
    text_format(query, "%s%s=%.*s", query->len > 0 ? "&" : "", name, STR_FMT(encoded));
    return OK;
}

/* Sorted by name, as the signature wants: bucket, key, open, version. */
static enum error_code query_make(const struct remote_prove *ask, struct arena *arena, str *out,
                                  struct error *e) {
    enum { CAP = 16384 };
    char *memory = arena_bytes(arena, CAP);
    struct text query = text_into(memory, CAP);
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for a request");
    TRY(parameter_add(&query, "bucket", ask->bucket, arena, e));
    TRY(parameter_add(&query, "key", ask->key, arena, e));
    for (size_t i = 0; i < ask->open->count; i++)
        TRY(parameter_add(&query, "open", ask->open->at[i], arena, e));
    if (ask->version != NULL) TRY(parameter_add(&query, "version", ask->version, arena, e));
    if (query.overflow) return error_set(e, FAIL_LIMIT, "the request is over %d bytes", CAP);
    *out = text_str(&query);
    return OK;
}

enum error_code remote_prove(const struct remote_prove *ask, struct arena *arena, str *proof,
                             struct error *e) {
    str access_key, secret_key, query, url;
    struct http_url parts;
    struct s3_signed headers;
    struct http_client *client;
    struct http_client_options options = {.ca_path = str_from_c(ask->ca)};
    struct http_response_head head;
    if (ask->credentials == NULL)
        return error_set(e, FAIL_USAGE,
                         "--url needs --credentials FILE: the console must know who asks");
    TRY(credentials_read(ask->credentials, arena, &access_key, &secret_key, e));
    TRY(query_make(ask, arena, &query, e));
    TRY(http_url_parse(str_from_c(ask->url), &parts, e));
    TRY(arena_format(arena, &url, e, "%s://%.*s/prove?%.*s", parts.tls ? "https" : "http",
                     STR_FMT(parts.authority), STR_FMT(query)));
    TRY(s3_sign_get(access_key, secret_key, parts.authority, STR("/prove"), query, clock_wall_ns(),
                    arena, &headers, e));
    struct http_client_request request = {.method = HTTP_GET,
                                          .url = url,
                                          .headers = headers.at,
                                          .header_count = COUNT_OF(headers.at),
                                          .deadline_ns =
                                              clock_steady_ns() + REMOTE_TIME_S * NS_PER_S};
    TRY(http_client_open(&options, &client, e));
    enum error_code code =
        http_client_fetch(client, &request, REMOTE_BYTES, arena, &head, proof, e);
    http_client_close(client);
    if (code != OK || head.status == 200) return code;
    return error_set(e, head.status == 404 ? FAIL_NOT_FOUND : FAIL_ACCESS_DENIED,
                     "the console says %d: %.*s", head.status, STR_FMT(str_trim(*proof)));
}
