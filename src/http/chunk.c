#include "http/chunk.h"

#include "http/chars.h"
#include "http/head.h"

static enum error_code fail(struct http_chunk_decoder *d, enum error_code code, const char *why,
                            struct error *e) {
    d->state = HTTP_CHUNK_BAD;
    return error_set(e, code, "chunked body: %s", why);
}

/* Gathers one line, CRLF taken off, in d->line. *whole false: the input ended before it did. What
 * has come is refused at its first byte that no line can hold, since a lone LF must not wait for
 * more. */
static enum error_code gather_line(struct http_chunk_decoder *d, str *in, bool *whole,
                                   struct error *e) {
    *whole = false;
    while (in->len > 0) {
        char c = in->at[0];
        bool after_cr = d->line_bytes > 0 && d->line[d->line_bytes - 1] == '\r';
        if (after_cr != (c == '\n')) return fail(d, FAIL_HTTP_SYNTAX, "a CR or LF stands alone", e);
        if (c != '\n' && c != '\r' && !char_is(c, CHAR_VALUE))
            return fail(d, FAIL_HTTP_SYNTAX, "a control character in a line", e);
        *in = str_skip(*in, 1);
        if (c == '\n') {
            d->line_bytes--;
            *whole = true;
            return OK;
        }
        if (d->line_bytes == sizeof d->line) return fail(d, FAIL_LIMIT, "a line is too long", e);
        d->line[d->line_bytes++] = c;
    }
    return OK;
}

/* token [ "=" ( token | quoted string without escapes ) ]. One extension, not a list of them: the
 * reference we are held against reads lists wrongly, and nobody sends any. */
static bool extension_is_valid(str extension) {
    str name, value = extension;
    if (!str_cut(&value, '=', &name)) return http_header_name_is_valid(extension);
    if (!http_header_name_is_valid(name)) return false;
    if (value.len < 2 || value.at[0] != '"') return http_header_name_is_valid(value);
    str quoted = str_slice(value, 1, value.len - 2);
    size_t at;
    return value.at[value.len - 1] == '"' && http_header_value_is_valid(quoted) &&
           !str_find_char(quoted, '"', &at) && !str_find_char(quoted, '\\', &at);
}

static enum error_code take_size(struct http_chunk_decoder *d, struct error *e) {
    str size = str_of(d->line, d->line_bytes), extension = size;
    bool extended = str_cut(&extension, ';', &size);
    /* 15 digits: the sum of all chunks anybody can send stays below 2^64 */
    if (size.len > 15 || !str_hex_u64(size, &d->left))
        return fail(d, FAIL_HTTP_SYNTAX, "a chunk size is not 1 to 15 hex digits", e);
    if (extended && !extension_is_valid(extension))
        return fail(d, FAIL_HTTP_SYNTAX, "a chunk extension is malformed", e);
    d->line_bytes = 0;
    d->state = d->left > 0 ? HTTP_CHUNK_DATA : HTTP_CHUNK_TRAILER;
    return OK;
}

/* Source: RFC 9110 section 6.5.1: what frames or routes a message may not come behind it. */
static bool trailer_is_allowed(const struct http_header *trailer) {
    static const str refused[] = {{"content-length", 14},
                                  {"transfer-encoding", 17},
                                  {"host", 4},
                                  {"connection", 10},
                                  {"trailer", 7},
                                  {"te", 2},
                                  {"upgrade", 7}};
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        if (str_equal_nocase(trailer->name, refused[i])) return false;
    return true;
}

static enum error_code take_trailer(struct http_chunk_decoder *d, struct error *e) {
    struct http_header trailer;
    str line = str_of(d->line, d->line_bytes);
    if (line.len == 0) {
        d->state = HTTP_CHUNK_DONE;
        return OK;
    }
    if (!http_header_line_parse(line, &trailer) || !trailer_is_allowed(&trailer))
        return fail(d, FAIL_HTTP_SYNTAX, "a trailer is malformed", e);
    d->trailer_bytes += line.len + 2;
    if (d->trailer_bytes > LIMIT_TRAILER_BYTES)
        return fail(d, FAIL_LIMIT, "the trailers are too long", e);
    d->line_bytes = 0;
    return OK;
}

static enum error_code take_line(struct http_chunk_decoder *d, str *in, struct error *e) {
    bool whole;
    TRY(gather_line(d, in, &whole, e));
    if (!whole) return OK;
    if (d->state == HTTP_CHUNK_SIZE) return take_size(d, e);
    if (d->state == HTTP_CHUNK_TRAILER) return take_trailer(d, e);
    assert(d->state == HTTP_CHUNK_DATA_END);
    if (d->line_bytes > 0) return fail(d, FAIL_HTTP_SYNTAX, "the data is not followed by CR LF", e);
    d->state = HTTP_CHUNK_SIZE;
    return OK;
}

enum error_code http_chunk_next(struct http_chunk_decoder *d, str *in, str *data, struct error *e) {
    *data = STR_EMPTY;
    if (d->state == HTTP_CHUNK_BAD)
        return error_set(e, FAIL_HTTP_SYNTAX, "chunked body: broken before");
    while (in->len > 0 && d->state != HTTP_CHUNK_DONE) {
        if (d->state == HTTP_CHUNK_DATA) {
            size_t count = d->left < in->len ? (size_t)d->left : in->len;
            *data = str_slice(*in, 0, count);
            *in = str_skip(*in, count);
            http_chunk_data_taken(d, count);
            return OK;
        }
        /* behind the data nothing but CR LF, noticed at the first byte */
        if (d->state == HTTP_CHUNK_DATA_END && d->line_bytes == 0 && in->at[0] != '\r')
            return fail(d, FAIL_HTTP_SYNTAX, "the data is not followed by CR LF", e);
        TRY(take_line(d, in, e));
    }
    return OK;
}

uint64_t http_chunk_data_left(const struct http_chunk_decoder *d) {
    return d->state == HTTP_CHUNK_DATA ? d->left : 0;
}

void http_chunk_data_taken(struct http_chunk_decoder *d, uint64_t count) {
    assert(d->state == HTTP_CHUNK_DATA);
    assert(count <= d->left);
    d->left -= count;
    if (d->left == 0) d->state = HTTP_CHUNK_DATA_END;
}
