/* Reading replies: see reply.h. */
#include "bench/reply.h"

void reply_begin(struct reply *reply, bool counts_keys) {
    reply->state = REPLY_HEAD;
    reply->closes = false;
    reply->counts_keys = counts_keys;
    reply->left = reply->body_bytes = reply->keys = 0;
    reply->head_bytes = reply->start_bytes = 0;
    reply->matched = 0;
    reply->status = 0;
}

/* ---- head ---- */

static enum error_code header_take(struct reply *reply, str line, bool *has_length, bool *chunked,
                                   struct error *e) {
    str name;
    if (!str_cut(&line, ':', &name))
        return error_set(e, FAIL_HTTP_SYNTAX, "a header without colon");
    line = str_trim(line);
    if (str_equal_nocase(name, STR("content-length"))) {
        *has_length = true;
        if (!str_u64(line, &reply->left))
            return error_set(e, FAIL_HTTP_SYNTAX, "content-length \"%.*s\"", STR_FMT(line));
    }
    if (str_equal_nocase(name, STR("transfer-encoding")))
        *chunked = str_equal_nocase(line, STR("chunked"));
    if (str_equal_nocase(name, STR("connection")) && str_equal_nocase(line, STR("close")))
        reply->closes = true;
    return OK;
}

static enum error_code head_read(struct reply *reply, struct error *e) {
    str rest = str_of(reply->head, reply->head_bytes - 2), line;
    uint32_t status;
    bool has_length = false, chunked = false;
    if (!str_cut(&rest, '\n', &line) || !str_starts(line, STR("HTTP/1.1 ")) ||
        !str_u32(str_slice(line, 9, 3), &status))
        return error_set(e, FAIL_HTTP_SYNTAX, "not an HTTP/1.1 reply");
    reply->status = (int)status;
    while (str_cut(&rest, '\n', &line))
        TRY(header_take(reply, str_slice(line, 0, line.len - 1), &has_length, &chunked, e));
    if (status == 100) return OK; /* another head follows */
    if (status == 204 || status == 304)
        reply->state = REPLY_OVER;
    else if (chunked)
        reply->state = REPLY_CHUNK_LINE;
    else if (!has_length)
        return error_set(e, FAIL_HTTP_SYNTAX, "a reply without length");
    else
        reply->state = reply->left > 0 ? REPLY_BODY : REPLY_OVER;
    return OK;
}

/* Collects a line, or the whole head, into `head`; true once `end` closes it. */
static bool head_collect(struct reply *reply, str *bytes, str end) {
    size_t room = REPLY_HEAD_BYTES - reply->head_bytes, before = reply->head_bytes, at;
    str piece = str_slice(*bytes, 0, room);
    memcpy(reply->head + before, piece.at, piece.len);
    size_t from = before >= end.len ? before - end.len + 1 : 0;
    str seen = str_of(reply->head + from, before + piece.len - from);
    if (!str_find(seen, end, &at)) {
        reply->head_bytes += piece.len;
        *bytes = str_skip(*bytes, piece.len);
        return false;
    }
    reply->head_bytes = from + at + end.len;
    *bytes = str_skip(*bytes, reply->head_bytes - before);
    return true;
}

/* ---- body ---- */

static void keys_count(struct reply *reply, str piece) {
    static const char wanted[] = "<Key>";
    for (size_t i = 0; i < piece.len; i++) {
        if (piece.at[i] != wanted[reply->matched])
            reply->matched = piece.at[i] == '<' ? 1 : 0;
        else if (++reply->matched == sizeof wanted - 1) {
            reply->keys++;
            reply->matched = 0;
        }
    }
}

static void body_take(struct reply *reply, str *bytes) {
    str piece = str_slice(*bytes, 0, (size_t)u64_min(reply->left, SIZE_MAX));
    size_t shown = size_min(piece.len, REPLY_START_BYTES - reply->start_bytes);
    memcpy(reply->start + reply->start_bytes, piece.at, shown);
    reply->start_bytes += shown;
    if (reply->counts_keys) keys_count(reply, piece);
    reply->left -= piece.len;
    reply->body_bytes += piece.len;
    *bytes = str_skip(*bytes, piece.len);
}

static enum error_code chunk_line_read(struct reply *reply, struct error *e) {
    str line = str_trim(str_of(reply->head, reply->head_bytes - 2));
    reply->head_bytes = 0;
    if (line.len == 0) return OK; /* the line end after a chunk's data */
    if (!str_hex_u64(line, &reply->left))
        return error_set(e, FAIL_HTTP_SYNTAX, "chunk line \"%.*s\"", STR_FMT(line));
    reply->state = reply->left > 0 ? REPLY_CHUNK : REPLY_TRAILER;
    return OK;
}

enum error_code reply_take(struct reply *reply, str bytes, size_t *used, struct error *e) {
    size_t all = bytes.len;
    while (reply->state != REPLY_OVER && bytes.len > 0) {
        switch (reply->state) {
        case REPLY_HEAD:
            if (head_collect(reply, &bytes, STR("\r\n\r\n"))) {
                TRY(head_read(reply, e));
                reply->head_bytes = 0;
            }
            break;
        case REPLY_BODY:
            body_take(reply, &bytes);
            if (reply->left == 0) reply->state = REPLY_OVER;
            break;
        case REPLY_CHUNK_LINE:
            if (head_collect(reply, &bytes, STR("\r\n"))) TRY(chunk_line_read(reply, e));
            break;
        case REPLY_CHUNK:
            body_take(reply, &bytes);
            if (reply->left == 0) reply->state = REPLY_CHUNK_LINE;
            break;
        case REPLY_TRAILER: /* none are expected: the empty line alone */
            if (head_collect(reply, &bytes, STR("\r\n"))) {
                if (reply->head_bytes == 2) reply->state = REPLY_OVER;
                reply->head_bytes = 0;
            }
            break;
        case REPLY_OVER: break;
        }
        if (reply->head_bytes == REPLY_HEAD_BYTES)
            return error_set(e, FAIL_HTTP_SYNTAX, "a head over %d bytes", REPLY_HEAD_BYTES);
    }
    *used = all - bytes.len;
    return OK;
}
