#include "http/body.h"

/* ---- pace ---- */

static int64_t add_clamped(int64_t at_ns, int64_t more_ns) {
    return more_ns > INT64_MAX - at_ns ? INT64_MAX : at_ns + more_ns;
}

enum error_code pace_recv(struct http_pace *pace, struct http_wire *wire, void *bytes, size_t cap,
                          size_t *got, struct error *e) {
    bool slow_so_far = pace->came_bytes < pace->window_bytes;
    int64_t before = clock_steady_ns();
    int64_t until = i64_min(pace->deadline_ns, add_clamped(before, pace->pause_ns));
    if (slow_so_far) until = i64_min(until, add_clamped(before, pace->window_ns - pace->waited_ns));
    enum error_code code = wire_recv(wire, bytes, cap, until, got, e);
    if (code == FAIL_TIMEOUT)
        return error_set(e, FAIL_TIMEOUT, "the sender was too slow: %llu bytes in the last %lld ms",
                         (unsigned long long)pace->came_bytes,
                         (long long)(pace->waited_ns + clock_steady_ns() - before) / NS_PER_MS);
    if (code != OK) return code;
    pace->waited_ns += clock_steady_ns() - before;
    pace->came_bytes += *got;
    if (pace->waited_ns >= pace->window_ns) {
        if (pace->came_bytes < pace->window_bytes)
            return error_set(e, FAIL_TIMEOUT, "the sender was too slow: %llu bytes in %lld ms",
                             (unsigned long long)pace->came_bytes,
                             (long long)(pace->waited_ns / NS_PER_MS));
        pace->waited_ns = 0;
        pace->came_bytes = 0;
    }
    return OK;
}

/* ---- bodies ---- */

void body_begin(struct http_body_reader *b, struct http_wire *wire, struct http_input *input,
                enum http_body kind, uint64_t bytes) {
    b->wire = wire;
    b->input = input;
    b->kind = kind;
    b->left = bytes;
    b->bytes = 0;
    b->broken = OK;
    b->is_done = kind == HTTP_BODY_NONE || (kind == HTTP_BODY_LENGTH && bytes == 0);
    b->chunks.state = HTTP_CHUNK_SIZE; /* its line is written before it is read: not zeroed */
    b->chunks.line_bytes = 0;
    b->chunks.trailer_bytes = 0;
    b->chunks.left = 0;
}

static enum error_code ended_early(struct http_body_reader *b, struct error *e) {
    return error_set(e, FAIL_INCOMPLETE_BODY, "the body ended after %llu bytes, before its end",
                     (unsigned long long)b->bytes);
}

/* Bytes of the body as they are on the wire: what waits in the input, then straight from the wire.
 */
static enum error_code take_plain(struct http_body_reader *b, void *bytes, size_t cap, size_t *got,
                                  struct error *e) {
    str waiting = str_slice(input_bytes(b->input), 0, cap);
    if (waiting.len == 0) return pace_recv(&b->pace, b->wire, bytes, cap, got, e);
    memcpy(bytes, waiting.at, waiting.len);
    b->input->from += waiting.len;
    *got = waiting.len;
    return OK;
}

static enum error_code read_length(struct http_body_reader *b, void *bytes, size_t cap, size_t *got,
                                   struct error *e) {
    size_t want = b->left < cap ? (size_t)b->left : cap;
    TRY(take_plain(b, bytes, want, got, e));
    if (*got == 0) return ended_early(b, e);
    b->left -= *got;
    b->is_done = b->left == 0;
    return OK;
}

static enum error_code read_until_close(struct http_body_reader *b, void *bytes, size_t cap,
                                        size_t *got, struct error *e) {
    TRY(take_plain(b, bytes, cap, got, e));
    b->is_done = *got == 0;
    return OK;
}

/* More input behind the head, which stays where it is. */
static enum error_code refill(struct http_body_reader *b, struct error *e) {
    struct http_input *in = b->input;
    size_t got;
    assert(in->from == in->to);
    in->from = in->to = in->floor;
    TRY(pace_recv(&b->pace, b->wire, in->at + in->to, in->cap - in->to, &got, e));
    if (got == 0) return ended_early(b, e);
    in->to += got;
    return OK;
}

static enum error_code read_chunked(struct http_body_reader *b, void *bytes, size_t cap,
                                    size_t *got, struct error *e) {
    for (;;) {
        str waiting = input_bytes(b->input), data;
        uint64_t direct = http_chunk_data_left(&b->chunks);
        if (waiting.len == 0 && direct > 0) { /* past the decoder, to where it is wanted */
            size_t want = direct < cap ? (size_t)direct : cap;
            TRY(pace_recv(&b->pace, b->wire, bytes, want, got, e));
            if (*got == 0) return ended_early(b, e);
            http_chunk_data_taken(&b->chunks, *got);
            return OK;
        }
        /* no more than fits: what is data may not leave the input before it has a place */
        if (direct > 0) {
            str fits = str_slice(waiting, 0, cap), rest = fits;
            TRY(http_chunk_next(&b->chunks, &rest, &data, e));
            memcpy(bytes, data.at, data.len);
            b->input->from += fits.len - rest.len;
            *got = data.len;
            return OK;
        }
        size_t line = 0; /* bytes that are framing: fed one line at a time, so data stays behind */
        while (line < waiting.len && waiting.at[line] != '\n') line++;
        str framing = str_slice(waiting, 0, line + 1), rest = framing;
        TRY(http_chunk_next(&b->chunks, &rest, &data, e));
        assert(data.len == 0);
        b->input->from += framing.len - rest.len;
        if (b->chunks.state == HTTP_CHUNK_DONE) {
            b->is_done = true;
            *got = 0;
            return OK;
        }
        if (b->input->from == b->input->to && http_chunk_data_left(&b->chunks) == 0)
            TRY(refill(b, e));
    }
}

enum error_code body_read(struct http_body_reader *b, void *bytes, size_t cap, size_t *got,
                          struct error *e) {
    assert(cap > 0);
    if (b->broken != OK) return error_set(e, b->broken, "the body could not be read before");
    if (b->is_done) return *got = 0, OK;
    size_t count = 0;
    enum error_code code = b->kind == HTTP_BODY_LENGTH ? read_length(b, bytes, cap, &count, e)
                           : b->kind == HTTP_BODY_CHUNKED
                               ? read_chunked(b, bytes, cap, &count, e)
                               : read_until_close(b, bytes, cap, &count, e);
    if (code != OK) return b->broken = code;
    b->bytes += count;
    *got = count;
    return OK;
}

bool body_is_done(struct http_body_reader *b) {
    if (b->is_done || b->broken != OK) return b->is_done;
    if (b->kind != HTTP_BODY_CHUNKED) return false;
    /* A reader that knows its own end stops before the last chunk, which has no data. */
    struct http_chunk_decoder ahead = b->chunks;
    str rest = input_bytes(b->input), data;
    if (http_chunk_next(&ahead, &rest, &data, NULL) != OK || data.len > 0 ||
        ahead.state != HTTP_CHUNK_DONE)
        return false;
    b->input->from = b->input->to - rest.len;
    b->chunks = ahead;
    return b->is_done = true;
}
