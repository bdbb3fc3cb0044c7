/* A running store's console as the source of a ledger's files. */
#include "verify/web.h"

#include "base/disk.h"

#include <fcntl.h>

enum { CALL_DEADLINE_S = 60 };

bool verify_web_is_url(const char *text) {
    str s = str_from_c(text);
    return str_starts(s, STR("http://")) || str_starts(s, STR("https://"));
}

static enum error_code status_check(int status, const char *path, bool has_key, struct error *e) {
    if (status == 200) return OK;
    if (status == 404) return error_set(e, FAIL_NOT_FOUND, "the server has no %s", path);
    if (status == 401 || status == 403)
        return error_set(e, FAIL_ACCESS_DENIED,
                         has_key ? "the server refuses %s to this key: it wants the grant inspect"
                                 : "the server refuses %s: give an inspector's key with "
                                   "--credentials",
                         path);
    return error_set(e, FAIL_SYSTEM, "the server answered %d for %s", status, path);
}

static enum error_code web_read(void *self, const char *path, size_t bytes_max, struct arena *arena,
                                str *out, struct error *e) {
    struct verify_web *web = self;
    struct verify_signed_headers sign;
    struct http_header headers[3];
    struct http_client_request request = {.method = HTTP_GET, .headers = headers};
    str target;
    TRY(arena_format(arena, &request.url, e, "%.*s/%s", STR_FMT(web->base), path));
    if (web->has_key) {
        struct http_url url;
        TRY(http_url_parse(request.url, &url, e));
        target = url.target;
        TRY(verify_sign(&web->key, url.authority, target, STR_EMPTY, clock_wall_ns(), &sign, e));
        headers[0] = (struct http_header){STR("x-amz-date"), str_of(sign.date, sign.date_bytes)};
        headers[1] = (struct http_header){STR("x-amz-content-sha256"), sign.content};
        headers[2] = (struct http_header){STR("authorization"),
                                          str_of(sign.authorization, sign.authorization_bytes)};
        request.header_count = COUNT_OF(headers);
    }
    request.deadline_ns = clock_steady_ns() + CALL_DEADLINE_S * NS_PER_S;
    struct http_response_head head;
    TRY(http_client_fetch(web->client, &request, bytes_max, arena, &head, out, e));
    return status_check(head.status, path, web->has_key, e);
}

static enum error_code credentials_read(const char *path, struct arena scratch,
                                        struct verify_credentials *out, struct error *e) {
    str text;
    TRY(disk_file_read(AT_FDCWD, path, 4096, &scratch, &text, e));
    enum error_code code = verify_credentials_parse(text, out, e);
    memory_wipe((void *)(uintptr_t)text.at, text.len);
    return code;
}

enum error_code verify_web_open(const char *url, const char *credentials, const char *ca,
                                struct arena *arena, struct verify_web *out,
                                struct verify_source *source, struct error *e) {
    str text = str_from_c(url);
    memset(out, 0, sizeof *out);
    TRY(http_url_parse(text, &out->url, e));
    while (str_ends(text, STR("/"))) text.len--;
    TRY(arena_format(arena, &out->base, e, "%.*s%s", STR_FMT(text),
                     str_equal(out->url.target, STR("/")) ? "/ledger" : ""));
    if (credentials) {
        TRY(credentials_read(credentials, *arena, &out->key, e));
        out->has_key = true;
    }
    struct http_client_options options = {.ca_path = str_from_c(ca), .without_tls = !out->url.tls};
    enum error_code code = http_client_open(&options, &out->client, e);
    if (code != OK) verify_credentials_wipe(&out->key);
    *source = (struct verify_source){.read = web_read, .self = out};
    return code;
}

void verify_web_close(struct verify_web *web) {
    http_client_close(web->client);
    verify_credentials_wipe(&web->key);
}
