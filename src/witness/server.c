/* The witness over HTTP. Bodies are small but for post-quantum signatures: what fits an exchange's
 * scratch is read there, what does not takes one of a few large buffers, or waits for another time.
 */
#include "base/log.h"
#include "http/http.h"
#include "witness/witness.h"

enum { BUFFERS = 8, DRAIN_S = 10 };

struct witness_server {
    struct arena_space space;
    struct witness *witness;
    struct http_server *http;
    struct {
        bool taken; /* by a fiber of the one reactor */
        char *bytes;
    } buffers[BUFFERS];
};

static void answer_send(struct http_exchange *x, int status, str content_type, str body) {
    struct http_header headers[2] = {{STR("content-type"), content_type},
                                     {STR("cache-control"), STR("no-store")}};
    struct error e;
    if (http_reply_send(x, status, headers, COUNT_OF(headers), body, &e) != OK)
        log_error("witness reply not sent", &e);
}

static void plain_send(struct http_exchange *x, int status, const char *text) {
    answer_send(x, status, STR("text/plain; charset=utf-8"), str_from_c(text));
}

static void error_send(struct http_exchange *x, const struct error *e) {
    log_error("witness request failed", e);
    plain_send(x, error_http_status(e->code),
               "the witness could not do this; nothing was cosigned\n");
}

/* All of the body; FAIL_LIMIT when it is longer than `cap`. */
static enum error_code body_read(struct http_exchange *x, char *bytes, size_t cap, str *out,
                                 struct error *e) {
    size_t used = 0, got;
    for (;;) {
        if (used == cap) return error_set(e, FAIL_LIMIT, "the request is over %zu bytes", cap - 1);
        TRY(http_body_read(x, bytes + used, cap - used, &got, e));
        if (got == 0) break;
        used += got;
    }
    *out = str_of(bytes, used);
    return OK;
}

static void serve_add(struct witness_server *s, struct http_exchange *x, char *bytes, size_t cap) {
    str body;
    struct witness_answer answer;
    struct error e;
    enum error_code code = body_read(x, bytes, cap, &body, &e);
    if (code == FAIL_LIMIT) {
        plain_send(x, 413, "the request is too long\n");
    } else if (code != OK) {
        plain_send(x, error_http_status(code), "the request did not arrive whole\n");
    } else if (witness_add_checkpoint(s->witness, body, &x->arena, &answer, &e) != OK) {
        error_send(x, &e);
    } else {
        answer_send(x, answer.status, answer.content_type, answer.body);
    }
}

static void serve_add_large(struct witness_server *s, struct http_exchange *x) {
    for (size_t i = 0; i < BUFFERS; i++) {
        if (s->buffers[i].taken) continue;
        s->buffers[i].taken = true;
        serve_add(s, x, s->buffers[i].bytes, TLOG_ADD_CHECKPOINT_BYTES_MAX + 1);
        s->buffers[i].taken = false;
        return;
    }
    plain_send(x, 503, "busy with other large requests\n");
}

static void serve_get(struct witness_server *s, struct http_exchange *x, str origin_hex) {
    struct witness_answer answer;
    struct error e;
    if (witness_checkpoint(s->witness, origin_hex, &x->arena, &answer, &e) != OK) {
        error_send(x, &e);
    } else {
        answer_send(x, answer.status, answer.content_type, answer.body);
    }
}

static void serve(void *self, struct http_exchange *x) {
    struct witness_server *s = self;
    str path = x->head.path;
    if (str_equal(path, STR("/add-checkpoint"))) {
        size_t cap = arena_left(&x->scratch);
        struct arena scratch = x->scratch;
        if (x->head.method != HTTP_POST) {
            plain_send(x, 405, "add-checkpoint is a POST\n");
        } else if (http_body_length(x) < cap) {
            serve_add(s, x, arena_bytes(&scratch, cap), cap);
        } else {
            serve_add_large(s, x);
        }
    } else if (str_starts(path, STR("/")) && str_ends(path, STR("/checkpoint")) &&
               path.len == 1 + 2 * DIGEST_BYTES + STR("/checkpoint").len) {
        if (x->head.method != HTTP_GET && x->head.method != HTTP_HEAD) {
            plain_send(x, 405, "a checkpoint is for reading\n");
        } else {
            serve_get(s, x, str_slice(path, 1, 2 * DIGEST_BYTES));
        }
    } else {
        plain_send(x, 404, "a witness has /add-checkpoint and /<origin hash>/checkpoint\n");
    }
}

enum error_code witness_server_open(struct witness *witness, struct runtime *runtime,
                                    const struct net_address *listen, struct witness_server **out,
                                    struct error *e) {
    struct arena_space space;
    struct arena arena;
    if (runtime_reactor_count(runtime) != 1)
        return error_set(e, FAIL_USAGE, "a witness runs on one reactor");
    TRY(arena_space_open(&space, (size_t)2 << 20, &arena, e));
    struct witness_server *s = arena_new(&arena, struct witness_server, 1);
    assert(s != NULL);
    s->space = space;
    s->witness = witness;
    for (size_t i = 0; i < BUFFERS; i++) {
        s->buffers[i].bytes = arena_bytes(&arena, TLOG_ADD_CHECKPOINT_BYTES_MAX + 1);
        assert(s->buffers[i].bytes != NULL);
    }
    struct http_server_options options = {
        .addresses = listen, .address_count = 1, .serve = serve, .self = s};
    enum error_code code = http_server_open(runtime, &options, &s->http, e);
    if (code != OK) {
        arena_space_release(&space);
        return code;
    }
    *out = s;
    return OK;
}

struct net_address witness_server_address(const struct witness_server *s) {
    return http_server_address(s->http, 0);
}

void witness_server_close(struct witness_server *s) {
    struct error e;
    if (http_server_drain(s->http, clock_steady_ns() + DRAIN_S * NS_PER_S, &e) != OK)
        log_error("witness did not drain", &e);
    http_server_close(s->http);
    struct arena_space space = s->space; /* s lies in it */
    arena_space_release(&space);
}
