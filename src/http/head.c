#include "http/head.h"

#include "http/chars.h"

/* A cursor over the head. Each reader either moves it behind what it read, finds that the bytes end
 * too early, or sets the error. What has come so far is always checked, so that a bad head is
 * refused with its first bad byte and not at the deadline. */
enum step { STEP_READ, STEP_SHORT, STEP_BAD };

struct cursor {
    const char *at, *end;
    struct error *e;
    enum error_code code;
};

static enum step bad(struct cursor *c, enum error_code code, const char *why) {
    c->code = error_set(c->e, code, "%s", why);
    return STEP_BAD;
}

/* ---- header lists ---- */

static const str method_names[HTTP_METHOD_COUNT] = {
    [HTTP_GET] = {"GET", 3},   [HTTP_HEAD] = {"HEAD", 4},     [HTTP_PUT] = {"PUT", 3},
    [HTTP_POST] = {"POST", 4}, [HTTP_DELETE] = {"DELETE", 6}, [HTTP_OPTIONS] = {"OPTIONS", 7},
};

str http_method_name(enum http_method method) {
    assert(method < HTTP_METHOD_COUNT);
    return method_names[method];
}

bool http_headers_next(const struct http_headers *headers, str name, size_t *index, str *value) {
    for (size_t i = *index; i < headers->count; i++) {
        if (!str_equal_nocase(headers->at[i].name, name)) continue;
        *index = i + 1;
        *value = headers->at[i].value;
        return true;
    }
    return false;
}

bool http_headers_find(const struct http_headers *headers, str name, str *value) {
    size_t index = 0;
    return http_headers_next(headers, name, &index, value);
}

size_t http_headers_count(const struct http_headers *headers, str name) {
    size_t index = 0, count = 0;
    str value;
    while (http_headers_next(headers, name, &index, &value)) count++;
    return count;
}

bool http_header_name_is_valid(str name) {
    return name.len > 0 && chars_are(name, CHAR_TOKEN);
}

bool http_header_value_is_valid(str value) {
    return chars_are(value, CHAR_VALUE);
}

bool http_header_line_parse(str line, struct http_header *out) {
    str rest = line, name;
    if (!str_cut(&rest, ':', &name)) return false;
    if (!http_header_name_is_valid(name) || !http_header_value_is_valid(rest)) return false;
    *out = (struct http_header){name, str_trim(rest)};
    return true;
}

bool http_list_has(str list, str token) {
    str item;
    while (str_cut(&list, ',', &item))
        if (str_equal_nocase(str_trim(item), token)) return true;
    return str_equal_nocase(str_trim(list), token);
}

/* ---- lines ---- */

static enum step read_line_end(struct cursor *c) {
    if (c->at == c->end) return STEP_SHORT;
    if (*c->at != '\r') return bad(c, FAIL_HTTP_SYNTAX, "a line does not end with CR LF");
    if (c->end - c->at < 2) return STEP_SHORT;
    if (c->at[1] != '\n') return bad(c, FAIL_HTTP_SYNTAX, "a CR stands alone");
    c->at += 2;
    return STEP_READ;
}

/* Over eight bytes at a time none of which is a control character: the bulk of every value. */
static const char *skip_plain(const char *at, const char *end) {
    const uint64_t ones = 0x0101010101010101u, highs = ones << 7;
    while (end - at >= 8) {
        uint64_t eight;
        memcpy(&eight, at, sizeof eight);
        uint64_t is_del = eight ^ (ones * 0x7f);
        uint64_t below_space = (eight - ones * 0x20) & ~eight & highs;
        if ((below_space | ((is_del - ones) & ~is_del & highs)) != 0) break;
        at += 8;
    }
    return at;
}

/* Bytes of one class up to the first of another, which must have come. */
static enum step read_span(struct cursor *c, unsigned char_class, str *out) {
    const char *from = c->at, *at = from, *end = c->end;
    if (char_class == CHAR_VALUE) at = skip_plain(at, end);
    while (at < end && char_is(*at, char_class)) at++;
    c->at = at;
    if (at == end) return STEP_SHORT;
    *out = str_of(from, (size_t)(at - from));
    return STEP_READ;
}

static enum step read_literal(struct cursor *c, str literal, const char *why) {
    size_t have = size_min((size_t)(c->end - c->at), literal.len);
    if (memcmp(c->at, literal.at, have) != 0) return bad(c, FAIL_HTTP_SYNTAX, why);
    if (have < literal.len) return STEP_SHORT;
    c->at += literal.len;
    return STEP_READ;
}

/* "HTTP/1.0" or "HTTP/1.1". Source: RFC 9112 section 2.3. */
static enum step read_version(struct cursor *c, unsigned *minor) {
    enum step step = read_literal(c, STR("HTTP/"), "the version does not begin with HTTP/");
    if (step != STEP_READ) return step;
    if (c->end - c->at < 3) return STEP_SHORT;
    char major_digit = c->at[0], minor_digit = c->at[2];
    if (major_digit < '0' || major_digit > '9' || c->at[1] != '.' || minor_digit < '0' ||
        minor_digit > '9')
        return bad(c, FAIL_HTTP_SYNTAX, "the version is not HTTP/digit.digit");
    if (major_digit != '1' || minor_digit > '1')
        return bad(c, FAIL_HTTP_VERSION, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    *minor = (unsigned)(minor_digit - '0');
    c->at += 3;
    return STEP_READ;
}

static enum step read_header(struct cursor *c, struct http_header *out) {
    str name, value;
    enum step step = read_span(c, CHAR_TOKEN, &name);
    if (step != STEP_READ) return step;
    if (name.len == 0) {
        bool folded = *c->at == ' ' || *c->at == '\t';
        return bad(c, FAIL_HTTP_SYNTAX,
                   folded ? "a header line begins with white space" : "a header has no name");
    }
    if (*c->at != ':')
        return bad(c, FAIL_HTTP_SYNTAX, "a header name is not followed by its colon");
    c->at++;
    step = read_span(c, CHAR_VALUE, &value);
    if (step != STEP_READ) return step;
    if (*c->at != '\r') return bad(c, FAIL_HTTP_SYNTAX, "a control character in a header value");
    *out = (struct http_header){name, str_trim(value)};
    return read_line_end(c);
}

/* ---- what headers say about the message ---- */

struct framing {
    bool has_length, is_chunked;
    uint64_t length;
    bool close, keep_alive;
    bool expects;
    unsigned hosts;
    str host;
};

/* Behind the value only spaces, no tab: others take a tab for a part of it, and then see another
 * message than we do. */
static bool ends_without_tab(str value) {
    const char *behind = value.at + value.len;
    while (*behind == ' ') behind++;
    return *behind == '\r';
}

/* Source: RFC 9112 section 6.2; repeated or listed values are refused though they may be alike. */
static enum step framing_length(struct cursor *c, struct framing *f, str value) {
    if (f->has_length) return bad(c, FAIL_HTTP_SYNTAX, "Content-Length stands twice");
    if (value.len < 1 || value.len > 18 || !str_u64(value, &f->length) || !ends_without_tab(value))
        return bad(c, FAIL_HTTP_SYNTAX, "Content-Length is not 1 to 18 digits");
    f->has_length = true;
    return STEP_READ;
}

/* Source: RFC 9112 section 6.1. */
static enum step framing_coding(struct cursor *c, struct framing *f, str value) {
    if (f->is_chunked) return bad(c, FAIL_HTTP_SYNTAX, "Transfer-Encoding stands twice");
    if (!str_equal_nocase(value, STR("chunked")) || !ends_without_tab(value))
        return bad(c, FAIL_HTTP_SYNTAX, "Transfer-Encoding is not chunked alone");
    f->is_chunked = true;
    return STEP_READ;
}

static enum step framing_add(struct cursor *c, struct framing *f, const struct http_header *h) {
    switch (h->name.len) {
    case 4:
        if (!str_equal_nocase(h->name, STR("host"))) break;
        f->hosts++;
        f->host = h->value;
        break;
    case 6:
        if (!str_equal_nocase(h->name, STR("expect"))) break;
        if (!str_equal_nocase(h->value, STR("100-continue")))
            return bad(c, FAIL_HTTP_EXPECTATION, "only Expect: 100-continue can be met");
        f->expects = true;
        break;
    case 10:
        if (!str_equal_nocase(h->name, STR("connection"))) break;
        f->close = f->close || http_list_has(h->value, STR("close"));
        f->keep_alive = f->keep_alive || http_list_has(h->value, STR("keep-alive"));
        break;
    case 14:
        if (str_equal_nocase(h->name, STR("content-length"))) return framing_length(c, f, h->value);
        break;
    case 17:
        if (str_equal_nocase(h->name, STR("transfer-encoding")))
            return framing_coding(c, f, h->value);
        break;
    default: break;
    }
    return STEP_READ;
}

static enum step read_headers(struct cursor *c, struct http_headers *out, struct framing *f) {
    out->count = 0;
    for (;;) {
        if (c->at == c->end) return STEP_SHORT;
        if (*c->at == '\r') return read_line_end(c);
        if (out->count == LIMIT_HEADER_COUNT)
            return bad(c, FAIL_HTTP_HEAD_TOO_LARGE, "too many headers");
        enum step step = read_header(c, &out->at[out->count]);
        if (step == STEP_READ) step = framing_add(c, f, &out->at[out->count]);
        if (step != STEP_READ) return step;
        out->count++;
    }
}

static enum step framing_check(struct cursor *c, const struct framing *f, unsigned minor) {
    if (f->is_chunked && f->has_length)
        return bad(c, FAIL_HTTP_SYNTAX, "Content-Length together with Transfer-Encoding");
    if (f->is_chunked && minor == 0)
        return bad(c, FAIL_HTTP_SYNTAX, "Transfer-Encoding in HTTP/1.0");
    return STEP_READ;
}

static bool framing_keeps_alive(const struct framing *f, unsigned minor) {
    return !f->close && (minor == 1 || f->keep_alive);
}

/* ---- requests ---- */

static enum step read_method(struct cursor *c, enum http_method *out) {
    str name;
    const char *from = c->at;
    enum step step = read_span(c, CHAR_TOKEN, &name);
    /* No method is longer than 16 letters: other protocols are noticed before their first CR LF. */
    if (c->at - from > 16) return bad(c, FAIL_HTTP_METHOD, "this method is not served");
    if (step != STEP_READ) return step;
    if (name.len == 0 || *c->at != ' ')
        return bad(c, FAIL_HTTP_SYNTAX,
                   "the request line does not begin with a method and a space");
    c->at++;
    for (size_t i = 0; i < HTTP_METHOD_COUNT; i++) {
        if (!str_equal(name, method_names[i])) continue;
        *out = (enum http_method)i;
        return STEP_READ;
    }
    return bad(c, FAIL_HTTP_METHOD, "this method is not served");
}

/* Origin form, "*" of OPTIONS, or an absolute form of http and https, whose authority is given out
 * so that it can be held against the Host. Source: RFC 9112 section 3.2. */
static bool target_split(struct http_request_head *h, str *authority) {
    str rest = h->target;
    *authority = STR_EMPTY;
    if (str_equal(rest, STR("*"))) {
        h->path = rest;
        return h->method == HTTP_OPTIONS;
    }
    if (rest.at[0] != '/') {
        size_t scheme_bytes = str_equal_nocase(str_slice(rest, 0, 7), STR("http://"))    ? 7
                              : str_equal_nocase(str_slice(rest, 0, 8), STR("https://")) ? 8
                                                                                         : 0;
        if (scheme_bytes == 0) return false;
        rest = str_skip(rest, scheme_bytes);
        size_t end = 0;
        while (end < rest.len && rest.at[end] != '/' && rest.at[end] != '?') end++;
        *authority = str_slice(rest, 0, end);
        rest = str_skip(rest, end);
        if (authority->len == 0 || !chars_are(*authority, CHAR_HOST)) return false;
    }
    h->has_query = str_cut(&rest, '?', &h->path);
    if (h->has_query)
        h->query = rest;
    else
        h->path = rest;
    if (h->path.len == 0) h->path = STR("/"); /* "http://host" and "http://host?query" */
    return true;
}

static enum step read_target(struct cursor *c, struct http_request_head *h, str *authority) {
    const char *from = c->at;
    enum step step = read_span(c, CHAR_TARGET, &h->target);
    if (c->at - from > LIMIT_TARGET_BYTES)
        return bad(c, FAIL_HTTP_TARGET_TOO_LONG, "the request target is too long");
    if (step != STEP_READ) return step;
    if (*c->at != ' ')
        return bad(c, FAIL_HTTP_SYNTAX, "a character that may not stand in a request target");
    c->at++;
    if (h->target.len == 0 || !target_split(h, authority))
        return bad(c, FAIL_HTTP_SYNTAX, "the request target is not a path");
    return STEP_READ;
}

static enum step check_host(struct cursor *c, const struct framing *f, unsigned minor,
                            str authority) {
    if (f->hosts > 1) return bad(c, FAIL_HTTP_SYNTAX, "Host stands twice");
    if (f->hosts == 0 && minor == 1) return bad(c, FAIL_HTTP_SYNTAX, "there is no Host");
    if (!chars_are(f->host, CHAR_HOST))
        return bad(c, FAIL_HTTP_SYNTAX, "a character that may not stand in a Host");
    if (authority.len > 0 && !str_equal_nocase(authority, f->host))
        return bad(c, FAIL_HTTP_SYNTAX, "the target's authority is not the Host");
    return STEP_READ;
}

static enum step read_request(struct cursor *c, struct http_request_head *h) {
    struct framing f = {0};
    str authority = STR_EMPTY;
    enum step step = STEP_READ;
    if (c->at < c->end && *c->at == '\r') step = read_line_end(c);
    if (step == STEP_READ) step = read_method(c, &h->method);
    if (step == STEP_READ) step = read_target(c, h, &authority);
    if (step == STEP_READ) step = read_version(c, &h->minor);
    if (step == STEP_READ) step = read_line_end(c);
    if (step == STEP_READ) step = read_headers(c, &h->headers, &f);
    if (step == STEP_READ) step = framing_check(c, &f, h->minor);
    if (step == STEP_READ) step = check_host(c, &f, h->minor, authority);
    if (step != STEP_READ) return step;

    h->host = f.host;
    h->body = f.is_chunked ? HTTP_BODY_CHUNKED : f.has_length ? HTTP_BODY_LENGTH : HTTP_BODY_NONE;
    h->body_bytes = f.length;
    h->keep_alive = framing_keeps_alive(&f, h->minor);
    h->expect_continue = f.expects && h->minor == 1 && h->body != HTTP_BODY_NONE;
    return STEP_READ;
}

/* ---- responses ---- */

static enum step read_status_line(struct cursor *c, struct http_response_head *h) {
    enum step step = read_version(c, &h->minor);
    if (step == STEP_READ) step = read_literal(c, STR(" "), "no space behind the version");
    if (step != STEP_READ) return step;
    if (c->end - c->at < 4) return STEP_SHORT;
    uint32_t status;
    if (!str_u32(str_of(c->at, 3), &status) || status < 100 || status > 599)
        return bad(c, FAIL_HTTP_SYNTAX, "the status is not 100 to 599");
    h->status = (int)status;
    c->at += 3;
    if (*c->at != '\r' && *c->at != ' ')
        return bad(c, FAIL_HTTP_SYNTAX, "the status is not three digits");
    step = read_span(c, CHAR_VALUE, &h->reason);
    if (step != STEP_READ) return step;
    h->reason = str_trim(h->reason);
    return read_line_end(c);
}

static enum step read_response(struct cursor *c, bool to_head_request,
                               struct http_response_head *h) {
    struct framing f = {0};
    enum step step = read_status_line(c, h);
    if (step == STEP_READ) step = read_headers(c, &h->headers, &f);
    if (step == STEP_READ) step = framing_check(c, &f, h->minor);
    if (step != STEP_READ) return step;

    bool bodiless = h->status < 200 || h->status == 204 || h->status == 304;
    if (bodiless && f.is_chunked)
        return bad(c, FAIL_HTTP_SYNTAX, "Transfer-Encoding with a status that has no body");
    bodiless = bodiless || to_head_request;
    h->body = bodiless       ? HTTP_BODY_NONE
              : f.is_chunked ? HTTP_BODY_CHUNKED
              : f.has_length ? HTTP_BODY_LENGTH
                             : HTTP_BODY_UNTIL_CLOSE;
    h->body_bytes = h->body == HTTP_BODY_LENGTH ? f.length : 0;
    h->keep_alive = framing_keeps_alive(&f, h->minor) && h->body != HTTP_BODY_UNTIL_CLOSE;
    return STEP_READ;
}

/* ---- the public story ---- */

static struct cursor cursor_over(str bytes, struct error *e) {
    size_t seen = size_min(bytes.len, LIMIT_HEAD_BYTES);
    return (struct cursor){bytes.at, bytes.at + seen, e, OK};
}

static enum error_code conclude(struct cursor *c, enum step step, str bytes, size_t *consumed) {
    if (step == STEP_BAD) return c->code;
    if (step == STEP_SHORT && bytes.len >= LIMIT_HEAD_BYTES)
        return error_set(c->e, FAIL_HTTP_HEAD_TOO_LARGE, "the head is over %d bytes",
                         LIMIT_HEAD_BYTES);
    *consumed = step == STEP_READ ? (size_t)(c->at - bytes.at) : 0;
    return OK;
}

enum error_code http_request_head_parse(str bytes, struct http_request_head *out, size_t *consumed,
                                        struct error *e) {
    struct cursor c = cursor_over(bytes, e);
    out->query = STR_EMPTY;
    out->has_query = false;
    if (bytes.len == 0) return *consumed = 0, OK;
    return conclude(&c, read_request(&c, out), bytes, consumed);
}

enum error_code http_response_head_parse(str bytes, bool to_head_request,
                                         struct http_response_head *out, size_t *consumed,
                                         struct error *e) {
    struct cursor c = cursor_over(bytes, e);
    if (bytes.len == 0) return *consumed = 0, OK;
    return conclude(&c, read_response(&c, to_head_request, out), bytes, consumed);
}
