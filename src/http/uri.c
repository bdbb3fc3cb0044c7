#include "http/uri.h"

#include "http/chars.h"

static bool needs_decoding(str raw, unsigned flags) {
    for (size_t i = 0; i < raw.len; i++)
        if (raw.at[i] == '%' || (raw.at[i] == '+' && (flags & HTTP_DECODE_PLUS_IS_SPACE)))
            return true;
    return false;
}

enum error_code http_percent_decode(str raw, unsigned flags, struct arena *arena, str *out,
                                    struct error *e) {
    if (!needs_decoding(raw, flags)) return *out = raw, OK; /* a NUL cannot come unencoded */
    char *to = arena_bytes(arena, raw.len);
    if (to == NULL) return error_set(e, FAIL_MEMORY, "no room to decode %zu bytes", raw.len);
    size_t count = 0;
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.at[i];
        if (c == '+' && (flags & HTTP_DECODE_PLUS_IS_SPACE)) c = ' ';
        if (c == '%') {
            int high = raw.len - i > 2 ? hex_digit(raw.at[i + 1]) : -1;
            int low = raw.len - i > 2 ? hex_digit(raw.at[i + 2]) : -1;
            if (high < 0 || low < 0)
                return error_set(e, FAIL_INVALID_URI,
                                 "a %% at byte %zu is not followed by two hex digits", i);
            c = (char)(high << 4 | low);
            i += 2;
            if (c == 0 && (flags & HTTP_DECODE_REFUSE_NUL))
                return error_set(e, FAIL_INVALID_URI, "a NUL at byte %zu", i - 2);
        }
        to[count++] = c;
    }
    *out = str_of(to, count);
    return OK;
}

enum error_code http_percent_encode(str bytes, bool keep_slash, struct arena *arena, str *out,
                                    struct error *e) {
    static const char digits[] = "0123456789ABCDEF";
    size_t escapes = 0, count = 0, bytes_wanted;
    for (size_t i = 0; i < bytes.len; i++)
        escapes += !char_is(bytes.at[i], CHAR_UNRESERVED) && !(keep_slash && bytes.at[i] == '/');
    if (escapes == 0) return *out = bytes, OK;
    if (!size_mul(escapes, 2, &bytes_wanted) || !size_add(bytes_wanted, bytes.len, &bytes_wanted))
        return error_set(e, FAIL_MEMORY, "too long to encode");
    char *to = arena_bytes(arena, bytes_wanted);
    if (to == NULL) return error_set(e, FAIL_MEMORY, "no room to encode %zu bytes", bytes.len);
    for (size_t i = 0; i < bytes.len; i++) {
        char c = bytes.at[i];
        if (char_is(c, CHAR_UNRESERVED) || (keep_slash && c == '/')) {
            to[count++] = c;
        } else {
            to[count++] = '%';
            to[count++] = digits[(unsigned char)c >> 4];
            to[count++] = digits[(unsigned char)c & 15];
        }
    }
    assert(count == bytes_wanted);
    *out = str_of(to, count);
    return OK;
}

enum error_code http_query_next(struct http_query *query, unsigned flags, struct arena *arena,
                                bool *found, struct http_parameter *out, struct error *e) {
    struct http_parameter p = {0};
    str piece = STR_EMPTY;
    while (piece.len == 0 && query->rest.len > 0) {
        if (str_cut(&query->rest, '&', &piece)) continue;
        piece = query->rest;
        query->rest = STR_EMPTY;
    }
    if (piece.len == 0) return *found = false, OK;
    p.raw_value = piece;
    p.has_value = str_cut(&p.raw_value, '=', &p.raw_name);
    if (!p.has_value) {
        p.raw_name = piece;
        p.raw_value = str_skip(piece, piece.len);
    }
    TRY(http_percent_decode(p.raw_name, flags, arena, &p.name, e));
    TRY(http_percent_decode(p.raw_value, flags, arena, &p.value, e));
    *out = p;
    *found = true;
    return OK;
}

/* "name", "name:port", "[v6]", "[v6]:port". */
static bool authority_split(struct http_url *url) {
    str rest = url->authority;
    if (rest.len == 0 || !chars_are(rest, CHAR_HOST)) return false;
    size_t close;
    if (rest.at[0] == '[') {
        if (!str_find_char(rest, ']', &close)) return false;
        url->host = str_slice(rest, 1, close - 1);
        rest = str_skip(rest, close + 1);
        if (rest.len > 0 && rest.at[0] != ':') return false;
        rest = str_skip(rest, 1);
    } else if (!str_cut(&rest, ':', &url->host)) {
        url->host = rest;
        rest = STR_EMPTY;
    }
    uint32_t port = 0;
    if (rest.len > 0) {
        if (!str_u32(rest, &port) || port == 0 || port > 65535) return false;
        url->port = rest;
    }
    return url->host.len > 0;
}

enum error_code http_url_parse(str text, struct http_url *out, struct error *e) {
    struct http_url url = {0};
    str rest = text;
    if (str_equal_nocase(str_slice(text, 0, 8), STR("https://"))) {
        url.tls = true;
        rest = str_skip(text, 8);
    } else if (str_equal_nocase(str_slice(text, 0, 7), STR("http://"))) {
        rest = str_skip(text, 7);
    } else {
        return error_set(e, FAIL_INVALID_URI, "not an http:// or https:// address: %.*s",
                         STR_FMT(text));
    }
    size_t end = 0;
    while (end < rest.len && rest.at[end] != '/' && rest.at[end] != '?') end++;
    url.authority = str_slice(rest, 0, end);
    url.target = str_skip(rest, end);
    url.port = url.tls ? STR("443") : STR("80");
    if (url.target.len == 0) url.target = STR("/");
    if (!authority_split(&url) || url.target.at[0] != '/' || !chars_are(url.target, CHAR_TARGET))
        return error_set(e, FAIL_INVALID_URI, "not an address that can be asked: %.*s",
                         STR_FMT(text));
    *out = url;
    return OK;
}
