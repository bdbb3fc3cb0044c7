/* The reply of an exchange: a head composed in memory, sent together with what follows it. */
#include "http/connection.h"

static struct http_shard *shard_of(const struct http_exchange *x) {
    return x->connection->shard;
}

str http_status_reason(int status) {
    switch (status) {
    case 100: return STR("Continue");
    case 200: return STR("OK");
    case 201: return STR("Created");
    case 202: return STR("Accepted");
    case 204: return STR("No Content");
    case 206: return STR("Partial Content");
    case 301: return STR("Moved Permanently");
    case 302: return STR("Found");
    case 303: return STR("See Other");
    case 304: return STR("Not Modified");
    case 307: return STR("Temporary Redirect");
    case 308: return STR("Permanent Redirect");
    case 400: return STR("Bad Request");
    case 401: return STR("Unauthorized");
    case 403: return STR("Forbidden");
    case 404: return STR("Not Found");
    case 405: return STR("Method Not Allowed");
    case 406: return STR("Not Acceptable");
    case 408: return STR("Request Timeout");
    case 409: return STR("Conflict");
    case 410: return STR("Gone");
    case 411: return STR("Length Required");
    case 412: return STR("Precondition Failed");
    case 413: return STR("Content Too Large");
    case 414: return STR("URI Too Long");
    case 415: return STR("Unsupported Media Type");
    case 416: return STR("Range Not Satisfiable");
    case 417: return STR("Expectation Failed");
    case 422: return STR("Unprocessable Content");
    case 429: return STR("Too Many Requests");
    case 431: return STR("Request Header Fields Too Large");
    case 500: return STR("Internal Server Error");
    case 501: return STR("Not Implemented");
    case 502: return STR("Bad Gateway");
    case 503: return STR("Service Unavailable");
    case 504: return STR("Gateway Timeout");
    case 505: return STR("HTTP Version Not Supported");
    case 507: return STR("Insufficient Storage");
    default: return STR("Unknown");
    }
}

str shard_date(struct http_shard *shard) {
    int64_t now_ns = clock_wall_ns();
    if (now_ns / NS_PER_S != shard->date_s || shard->date_bytes == 0) {
        shard->date_bytes = clock_http_write(now_ns, shard->date_text);
        shard->date_s = now_ns / NS_PER_S;
    }
    return str_of(shard->date_text, shard->date_bytes);
}

/* ---- composing ---- */

/* Could the next request follow on this connection? A body left unread would be taken for it. */
static bool connection_closes(struct http_block *b, const struct http_reply *r) {
    const struct http_exchange *x = &b->x;
    if (!x->head.keep_alive || http_is_stopping(x)) return true;
    if (x->head.minor == 0 && r->length == HTTP_LENGTH_UNKNOWN && !r->bodiless) return true;
    /* botocore takes its next request's reply for this one's when an expectation ended without a 100
     * and the connection lives on */
    if (body_is_done(&b->body)) return b->continue_wanted;
    /* a little is read and thrown away, unless the client waits to be asked for it */
    bool little = b->body.kind == HTTP_BODY_LENGTH && b->body.left <= LIMIT_PIECE_BYTES;
    return b->body.broken != OK || b->continue_wanted || !little;
}

static bool header_is_ours(str name) {
    switch (name.len) {
    case 4: return str_equal_nocase(name, STR("date"));
    case 10: return str_equal_nocase(name, STR("connection"));
    case 14: return str_equal_nocase(name, STR("content-length"));
    case 17: return str_equal_nocase(name, STR("transfer-encoding"));
    default: return false;
    }
}

static void add_header(struct text *t, str name, str value) {
    text_add(t, name);
    text_add(t, STR(": "));
    text_add(t, value);
    text_add(t, STR("\r\n"));
}

static void add_framing(struct text *t, const struct http_block *b, const struct http_reply *r) {
    bool may_have_length = r->status != 204; /* RFC 9110 section 8.6 */
    if (r->length != HTTP_LENGTH_UNKNOWN && may_have_length) {
        text_add(t, STR("Content-Length: "));
        text_add_count(t, r->length);
        text_add(t, STR("\r\n"));
    } else if (r->chunked) {
        text_add(t, STR("Transfer-Encoding: chunked\r\n"));
    }
    if (r->closes)
        text_add(t, STR("Connection: close\r\n"));
    else if (b->x.head.minor == 0)
        text_add(t, STR("Connection: keep-alive\r\n"));
}

static enum error_code add_headers(struct text *t, const struct http_header *headers, size_t count,
                                   struct error *e) {
    for (size_t i = 0; i < count; i++) {
        const struct http_header *h = &headers[i];
        if (!http_header_name_is_valid(h->name) || header_is_ours(h->name))
            return error_set(e, FAIL_USAGE, "not a header a reply may set: \"%.*s\"",
                             STR_FMT(h->name));
        if (!http_header_value_is_valid(h->value))
            return error_set(e, FAIL_USAGE, "a control character in the value of %.*s",
                             STR_FMT(h->name));
        add_header(t, h->name, h->value);
    }
    return OK;
}

enum error_code http_reply_begin(struct http_exchange *x, int status,
                                 const struct http_header *headers, size_t header_count,
                                 uint64_t length, struct error *e) {
    struct http_block *b = exchange_block(x);
    struct http_shard *shard = shard_of(x);
    struct http_reply r = {.status = status, .length = length};
    assert(status >= 200 && status <= 599);
    if (b->reply.begun || b->reply.aborted)
        return error_set(e, FAIL_INTERNAL, "a second reply to one request");
    b->reply = (struct http_reply){0};

    r.bodiless = x->head.method == HTTP_HEAD || status == 204 || status == 304;
    r.chunked = length == HTTP_LENGTH_UNKNOWN && !r.bodiless && x->head.minor == 1;
    r.closes = connection_closes(b, &r);

    struct text t = text_into(b->head_memory, LIMIT_REPLY_HEAD_BYTES);
    text_add(&t, STR("HTTP/1.1 "));
    text_add_count(&t, (uint64_t)status);
    text_add(&t, STR(" "));
    text_add(&t, http_status_reason(status));
    text_add(&t, STR("\r\n"));
    add_header(&t, STR("Date"), shard_date(shard));
    if (shard->server->server_name.len > 0)
        add_header(&t, STR("Server"), shard->server->server_name);
    TRY(add_headers(&t, headers, header_count, e));
    add_framing(&t, b, &r);
    text_add(&t, STR("\r\n"));
    if (t.overflow)
        return error_set(e, FAIL_LIMIT, "the head of the reply is over %d bytes",
                         LIMIT_REPLY_HEAD_BYTES);
    r.head_waiting = t.len;
    b->reply = r;
    return OK;
}

/* ---- sending ---- */

static enum error_code send_bytes(struct http_exchange *x, str first, str second, struct error *e) {
    struct http_block *b = exchange_block(x);
    if (b->reply.aborted) return error_set(e, FAIL_CLOSED, "the reply was aborted");
    b->reply.begun = true;
    enum error_code code = wire_send(&x->connection->wire, first, second,
                                     shard_of(x)->server->timing.pause_ns, INT64_MAX, e);
    if (code != OK) b->reply.aborted = true; /* how much has left is not known */
    return code;
}

/* What waits (the head, or nothing), then `prefix`, then `more`: in one piece where all fit together, so
 * that small replies are one send and one TLS record. */
static enum error_code send_behind_head(struct http_exchange *x, str prefix, str more,
                                        struct error *e) {
    struct http_block *b = exchange_block(x);
    struct text staged = text_into(b->head_memory, sizeof b->head_memory);
    staged.len = b->reply.head_waiting;
    b->reply.head_waiting = 0;
    text_add(&staged, prefix);
    assert(!staged.overflow); /* REPLY_PREFIX_BYTES were left free */
    if (more.len <= staged.cap - staged.len) {
        text_add(&staged, more);
        more = STR_EMPTY;
    }
    return send_bytes(x, text_str(&staged), more, e);
}

/* The CR LF that ends a chunk travels with what follows, so that a chunk is one send. */
static enum error_code send_chunk(struct http_exchange *x, str piece, struct error *e) {
    struct http_reply *r = &exchange_block(x)->reply;
    char line[REPLY_PREFIX_BYTES];
    struct text t = text_into(line, sizeof line);
    text_format(&t, "%s%zx\r\n", r->chunk_open ? "\r\n" : "", piece.len);
    r->chunk_open = true;
    return send_behind_head(x, text_str(&t), piece, e);
}

static str closing_bytes(const struct http_reply *r) {
    if (!r->chunked) return STR_EMPTY;
    return r->chunk_open ? STR("\r\n0\r\n\r\n") : STR("0\r\n\r\n");
}

/* May so many bytes of body follow? */
static enum error_code piece_check(const struct http_reply *r, uint64_t bytes, struct error *e) {
    if (r->status == 0 || r->ended)
        return error_set(e, FAIL_INTERNAL, "a piece of a body outside of a reply");
    if (r->length != HTTP_LENGTH_UNKNOWN && bytes > r->length - r->written)
        return error_set(e, FAIL_INTERNAL,
                         "the body is longer than the %llu bytes it was said to be",
                         (unsigned long long)r->length);
    return OK;
}

bool http_reply_takes_files(const struct http_exchange *x) {
    const struct http_reply *r = &exchange_block(x)->reply;
    return x->connection->wire.tls == NULL && !r->chunked;
}

enum error_code http_reply_write_file(struct http_exchange *x, int file, uint64_t offset,
                                      uint64_t count, struct error *e) {
    struct http_block *b = exchange_block(x);
    assert(http_reply_takes_files(x));
    TRY(piece_check(&b->reply, count, e));
    if (!b->reply.bodiless) {
        TRY(http_reply_flush(x, e));
        enum error_code code = wire_send_file(&x->connection->wire, file, offset, count,
                                              shard_of(x)->server->timing.pause_ns, INT64_MAX, e);
        if (code != OK) b->reply.aborted = true; /* how much has left is not known */
        if (code != OK) return code;
    }
    b->reply.written += count;
    return OK;
}

enum error_code http_reply_write(struct http_exchange *x, str piece, struct error *e) {
    struct http_block *b = exchange_block(x);
    struct http_reply *r = &b->reply;
    TRY(piece_check(r, piece.len, e));
    if (piece.len == 0) return OK;
    if (!r->bodiless)
        TRY(r->chunked ? send_chunk(x, piece, e) : send_behind_head(x, STR_EMPTY, piece, e));
    r->written += piece.len;
    return OK;
}

enum error_code http_reply_flush(struct http_exchange *x, struct error *e) {
    struct http_block *b = exchange_block(x);
    if (b->reply.status == 0) return error_set(e, FAIL_INTERNAL, "there is no reply to send");
    return send_behind_head(x, STR_EMPTY, STR_EMPTY, e);
}

enum error_code http_reply_end(struct http_exchange *x, struct error *e) {
    struct http_block *b = exchange_block(x);
    struct http_reply *r = &b->reply;
    if (r->status == 0 || r->ended) return error_set(e, FAIL_INTERNAL, "there is no reply to end");
    if (!r->bodiless && r->length != HTTP_LENGTH_UNKNOWN && r->written < r->length) {
        http_reply_abort(x);
        return error_set(e, FAIL_INTERNAL, "the body ended %llu bytes early",
                         (unsigned long long)(r->length - r->written));
    }
    TRY(send_behind_head(x, closing_bytes(r), STR_EMPTY, e));
    r->ended = true;
    return OK;
}

enum error_code http_reply_send(struct http_exchange *x, int status,
                                const struct http_header *headers, size_t header_count, str body,
                                struct error *e) {
    TRY(http_reply_begin(x, status, headers, header_count, body.len, e));
    TRY(http_reply_write(x, body, e));
    return http_reply_end(x, e);
}

bool http_reply_begun(const struct http_exchange *x) {
    return exchange_block(x)->reply.begun;
}

bool http_reply_ended(const struct http_exchange *x) {
    return exchange_block(x)->reply.ended;
}

int http_reply_status(const struct http_exchange *x) {
    return exchange_block(x)->reply.status;
}

void http_reply_abort(struct http_exchange *x) {
    exchange_block(x)->reply.aborted = true;
}

uint64_t http_reply_bytes(const struct http_exchange *x) {
    const struct http_reply *r = &exchange_block(x)->reply;
    return r->bodiless ? 0 : r->written;
}

/* ---- faults ---- */

enum error_code reply_fault(struct http_exchange *x, const struct error *why, struct error *e) {
    char body_memory[2048], header_memory[512];
    const struct http_server *server = shard_of(x)->server;
    struct http_fault fault = {
        .error = why,
        .status = why->code == FAIL_TIMEOUT ? 408 : error_http_status(why->code),
        .body = text_into(body_memory, sizeof body_memory),
        .memory = text_into(header_memory, sizeof header_memory),
    };
    count_add(&shard_of(x)->count.faults, 1);
    if (server->fault != NULL) server->fault(server->self, &fault);
    if (fault.body.len == 0) {
        text_add_c(&fault.body, why->message);
        text_add_char(&fault.body, '\n');
        fault.content_type = STR("text/plain; charset=utf-8");
    }
    struct http_header headers[1 + COUNT_OF(fault.headers)] = {
        {STR("Content-Type"), fault.content_type}};
    size_t count = size_min(fault.header_count, COUNT_OF(fault.headers));
    memcpy(headers + 1, fault.headers, count * sizeof headers[0]);
    return http_reply_send(x, fault.status, headers, 1 + count, text_str(&fault.body), e);
}
