/* The life of a connection, from top to bottom: handshake, then requests one after the other. */
#include "http/connection.h"

#include "base/log.h"
#include "http/tls.h"

#include <errno.h>
#include <sys/socket.h>

/* Enough for most heads without a body; lies on the fiber's stack, so that an idle connection holds
 * nothing else. */
enum { FIRST_BYTES = 2048, LINGER_PIECE_BYTES = 16384 };
enum { EVICTIONS = 8 }; /* for one request; others may take what was freed before it does */

enum after { AFTER_KEEP, AFTER_CLOSE, AFTER_LINGER, AFTER_RESET };

static struct http_server *server_of(const struct http_connection *c) {
    return c->shard->server;
}

static bool is_stopping(const struct http_connection *c) {
    return atomic_load_explicit(&server_of(c)->stopping, memory_order_relaxed);
}

/* ---- what the exchange offers about its request ---- */

bool http_is_stopping(const struct http_exchange *x) {
    return is_stopping(x->connection);
}

bool http_peer_user(const struct http_exchange *x, uint32_t *user, uint32_t *group,
                    int32_t *process) {
    struct ucred who;
    socklen_t len = sizeof who;
    if (!x->connection->is_unix) return false;
    if (getsockopt(x->connection->wire.fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0) return false;
    *user = who.uid;
    *group = who.gid;
    *process = who.pid;
    return true;
}

uint64_t http_body_length(const struct http_exchange *x) {
    return x->head.body == HTTP_BODY_CHUNKED ? HTTP_LENGTH_UNKNOWN : x->head.body_bytes;
}

uint64_t http_body_bytes(const struct http_exchange *x) {
    return exchange_block(x)->body.bytes;
}

/* A client that has begun to send does not wait to be asked; one that promised nothing does: botocore
 * expects the 100 for empty bodies too. Source: RFC 9110 section 10.1.1. */
static enum error_code send_continue(struct http_block *b, struct error *e) {
    const struct http_connection *c = b->x.connection;
    b->continue_wanted = false;
    if (b->reply.begun || b->input.from < b->input.to) return OK;
    return wire_send(&b->x.connection->wire, STR("HTTP/1.1 100 Continue\r\n\r\n"), STR_EMPTY,
                     server_of(c)->timing.pause_ns, INT64_MAX, e);
}

enum error_code http_body_read(struct http_exchange *x, void *bytes, size_t cap, size_t *got,
                               struct error *e) {
    struct http_block *b = exchange_block(x);
    if (b->continue_wanted) TRY(send_continue(b, e));
    enum error_code code = body_read(&b->body, bytes, cap, got, e);
    if (code == FAIL_TIMEOUT) count_add(&x->connection->shard->count.timeouts, 1);
    return code;
}

/* ---- one exchange ---- */

static void exchange_begin(struct http_connection *c, struct http_block *b, size_t head_bytes) {
    const struct http_timing *t = &server_of(c)->timing;
    struct http_exchange *x = &b->x;
    x->arena = arena_over(b->arena_memory, sizeof b->arena_memory);
    x->scratch = arena_over(b->scratch_memory, sizeof b->scratch_memory);
    x->peer = c->peer;
    x->is_tls = c->is_tls;
    x->received_ns = clock_wall_ns();
    x->connection = c;
    b->input.from = b->input.floor = head_bytes;
    b->reply = (struct http_reply){0};
    b->continue_wanted = x->head.expect_continue;
    b->body.pace = (struct http_pace){.pause_ns = t->pause_ns,
                                      .window_ns = t->window_ns,
                                      .window_bytes = t->window_bytes,
                                      .deadline_ns = INT64_MAX};
    body_begin(&b->body, &c->wire, &b->input, x->head.body, x->head.body_bytes);
}

/* A reply that the server owes by itself. */
static void fault(struct http_exchange *x, const struct error *why) {
    struct error e;
    if (reply_fault(x, why, &e) != OK) http_reply_abort(x); /* the client has gone */
}

static enum after exchange_after(struct http_connection *c, struct http_block *b) {
    if (b->reply.aborted) return AFTER_RESET;
    assert(b->reply.ended);
    if (!b->reply.closes) return AFTER_KEEP;
    bool unread =
        !body_is_done(&b->body) || b->input.from < b->input.to || wire_has_bytes(&c->wire);
    return unread ? AFTER_LINGER : AFTER_CLOSE;
}

static void count_exchange(struct http_shard *shard, const struct http_block *b) {
    const struct http_reply *r = &b->reply;
    count_add(&shard->count.exchanges, 1);
    count_add(&shard->count.body_bytes_in, b->body.bytes);
    count_add(&shard->count.body_bytes_out, r->bodiless ? 0 : r->written);
    if (r->status >= 200) count_add(&shard->count.replies[r->status / 100], 1);
}

static enum after exchange_serve(struct http_connection *c, struct http_block *b) {
    struct http_server *server = server_of(c);
    struct http_exchange *x = &b->x;
    server->serve(server->self, x);
    if (!b->reply.ended && !b->reply.begun && !b->reply.aborted) {
        struct error none;
        error_set(&none, FAIL_INTERNAL, "the request was not answered");
        log_error("http.no_reply", &none);
        fault(x, &none);
    }
    if (!b->reply.ended) http_reply_abort(x);
    if (b->reply.aborted) count_add(&c->shard->count.aborts, 1);
    count_exchange(c->shard, b);
    return exchange_after(c, b);
}

/* Throws away what little of the body the handler left, so that the next request stands behind it.
 */
static bool exchange_finish_body(struct http_block *b) {
    size_t got = 1;
    while (got > 0)
        if (body_read(&b->body, b->scratch_memory, sizeof b->scratch_memory, &got, NULL) != OK)
            return false;
    return true;
}

/* Moves what came behind this request to the front. */
static void exchange_end(struct http_block *b) {
    str behind = input_bytes(&b->input);
    memmove(b->input.at, behind.at, behind.len);
    b->input.from = b->input.floor = 0;
    b->input.to = behind.len;
}

/* ---- heads ---- */

/* Reads on until a head is whole. FAIL_CLOSED: the client left before it had sent one. */
static enum error_code read_head(struct http_connection *c, struct http_block *b,
                                 size_t *head_bytes, struct error *e) {
    int64_t until = clock_steady_ns() + server_of(c)->timing.head_ns;
    struct http_input *in = &b->input;
    size_t got;
    for (;;) {
        TRY(http_request_head_parse(input_bytes(in), &b->x.head, head_bytes, e));
        if (*head_bytes > 0) return OK;
        assert(in->to < LIMIT_HEAD_BYTES); /* a longer one was refused */
        enum error_code code =
            wire_recv(&c->wire, in->at + in->to, LIMIT_HEAD_BYTES - in->to, until, &got, e);
        if (code == FAIL_TIMEOUT && in->to > 0)
            return error_set(e, FAIL_TIMEOUT, "the request's head did not come in time");
        if (code != OK) return FAIL_CLOSED;
        if (got == 0) return FAIL_CLOSED;
        in->to += got;
    }
}

/* Refuses what is no request: framed as an exchange so that hooks and counters see it like others.
 */
static enum after refuse_head(struct http_connection *c, struct http_block *b,
                              const struct error *why) {
    b->x.head.method = HTTP_GET; /* whatever it was: the text may be read */
    b->x.head.minor = 1;
    b->x.head.keep_alive = false;
    b->x.head.expect_continue = false;
    b->x.head.body = HTTP_BODY_NONE;
    b->x.head.body_bytes = 0;
    exchange_begin(c, b, b->input.to);
    if (why->code == FAIL_TIMEOUT) count_add(&c->shard->count.timeouts, 1);
    fault(&b->x, why);
    count_exchange(c->shard, b);
    return b->reply.aborted ? AFTER_RESET : AFTER_LINGER;
}

static enum after serve_next(struct http_connection *c, struct http_block *b) {
    struct error e;
    size_t head_bytes;
    connection_set_waiting(c, true);
    enum error_code code = read_head(c, b, &head_bytes, &e);
    connection_set_waiting(c, false);
    if (code == FAIL_CLOSED) return AFTER_CLOSE;
    if (code != OK) return refuse_head(c, b, &e);
    exchange_begin(c, b, head_bytes);
    enum after after = exchange_serve(c, b);
    if (after == AFTER_KEEP && !exchange_finish_body(b)) after = AFTER_CLOSE;
    exchange_end(b);
    return after;
}

/* ---- the connection ---- */

/* When all blocks are in hand, one whose request is not even whole is freed, and its fiber given the
 * time to let go of it. */
static struct http_block *block_take_patiently(struct http_shard *shard) {
    struct http_block *b = block_take(shard);
    for (int tries = 0; b == NULL && tries < EVICTIONS && connection_evict(shard, true); tries++) {
        fiber_sleep_ns(NS_PER_MS);
        b = block_take(shard);
    }
    return b;
}

static void block_open(struct http_connection *c) {
    struct http_block *b = block_take_patiently(c->shard);
    c->block = b;
    if (b == NULL) return;
    b->input = (struct http_input){.at = b->input_memory, .cap = sizeof b->input_memory};
    count_add(&c->shard->count.exchanges_open, 1);
}

static void block_close(struct http_connection *c) {
    if (c->block == NULL) return;
    block_give(c->shard, c->block);
    c->block = NULL;
    count_add(&c->shard->count.exchanges_open, (uint64_t)-1);
}

/* Every block is in hand: say so without one. */
static enum after refuse_busy(struct http_connection *c) {
    struct error e;
    const struct http_timing *t = &server_of(c)->timing;
    str busy = STR("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\n"
                   "Connection: close\r\n\r\n");
    count_add(&c->shard->count.faults, 1);
    count_add(&c->shard->count.replies[5], 1);
    if (wire_send(&c->wire, busy, STR_EMPTY, t->pause_ns, INT64_MAX, &e) != OK) return AFTER_RESET;
    return AFTER_LINGER;
}

/* Until the first byte of a request. false: there will be none. */
static bool wait_idle(struct http_connection *c, void *memory, size_t bytes) {
    struct error e;
    bool ended = false;
    if (wire_has_bytes(&c->wire)) return true;
    if (is_stopping(c)) return false;
    int64_t until = clock_steady_ns() + server_of(c)->timing.idle_ns;
    connection_set_waiting(c, true);
    c->is_quiet = true;
    enum error_code code = wire_wait(&c->wire, memory, bytes, until, &ended, &e);
    c->is_quiet = false;
    connection_set_waiting(c, false);
    return code == OK && !ended;
}

static enum after serve_all(struct http_connection *c) {
    char first[FIRST_BYTES]; /* what wire.early views */
    enum after after = AFTER_KEEP;
    while (after == AFTER_KEEP) {
        if (c->block == NULL || c->block->input.to == 0) {
            block_close(c);
            if (!wait_idle(c, first, sizeof first)) return AFTER_CLOSE;
            block_open(c);
            if (c->block == NULL) return refuse_busy(c);
        }
        after = serve_next(c, c->block);
    }
    c->wire.early = STR_EMPTY; /* `first` goes */
    return after;
}

/* The client may still be sending what nobody reads, and sees our reply only if no reset comes
 * first: say that nothing more comes, and listen politely for a while. Source: RFC 9112 section 9.6
 * (tear-down). */
static void linger(struct http_connection *c) {
    char bytes[LINGER_PIECE_BYTES];
    const struct http_timing *t = &server_of(c)->timing;
    uint64_t left = t->linger_bytes;
    int64_t until = clock_steady_ns() + t->linger_ns;
    size_t got = 1;
    wire_half_close(&c->wire, until);
    while (left > 0 && net_recv(c->wire.fd, bytes, sizeof bytes, until, &got, NULL) == OK &&
           got > 0)
        left -= u64_min(left, got);
}

static bool handshake(struct http_connection *c) {
    struct error e;
    SSL_CTX *context = server_tls(server_of(c));
    int64_t until = clock_steady_ns() + server_of(c)->timing.head_ns;
    connection_set_waiting(c, true);
    enum error_code code = tls_accept(&c->wire, context, until, &e);
    connection_set_waiting(c, false);
    SSL_CTX_free(context);
    count_add(code == OK ? &c->shard->count.handshakes : &c->shard->count.handshakes_failed, 1);
    return code == OK;
}

void connection_run(void *argument) {
    struct http_connection *c = argument;
    struct http_server *server = server_of(c);
    enum after after = AFTER_CLOSE;
    if (!c->is_tls || handshake(c)) after = serve_all(c);
    block_close(c);
    connection_set_waiting(c, false);
    if (after == AFTER_LINGER) linger(c);
    wire_close(&c->wire, after == AFTER_RESET);
    connection_give(c);
    atomic_fetch_sub(&server->fibers, 1); /* the last touch: the server may be gone now */
}
