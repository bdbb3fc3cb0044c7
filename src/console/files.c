/* The ledger's files for anyone who verifies, and proofs for who may read the object. */
#include "console/inner.h"

static bool visitor_find(struct console *console, struct http_exchange *x, struct gate_visit *visit,
                         struct error *e) {
    str authorization;
    http_header_find(x, STR("x-forwarded-for"), &visit->forwarded_for);
    if (console_session_find(console, x, visit)) return true;
    if (!http_header_find(x, STR("authorization"), &authorization)) return true; /* anonymous */
    return console->options.authenticate(console->options.authenticate_self, x, visit, e) == OK;
}

static void file_send(struct http_exchange *x, str path, str bytes, bool immutable) {
    bool is_note = str_equal(path, STR("checkpoint"));
    const struct http_header headers[] = {
        {STR("content-type"),
         is_note ? STR("text/plain; charset=utf-8") : STR("application/octet-stream")},
        {STR("cache-control"),
         immutable ? STR("public, max-age=31536000, immutable") : STR("no-store")},
    };
    struct error e;
    if (http_reply_send(x, 200, headers, COUNT_OF(headers), bytes, &e) != OK) http_reply_abort(x);
}

void console_ledger(struct console *console, struct http_exchange *x, str path) {
    struct gate_visit visit = {.peer = x->peer, .request_id = STR("console")};
    struct arena_space space;
    struct arena arena;
    struct error e = {0};
    str bytes;
    bool immutable = false;
    if (arena_space_open(&space, CONSOLE_SPACE_BYTES, &arena, &e) != OK) {
        console_fail(x, &e);
        return;
    }
    gate_visit_begin(console->options.gate, &visit, &x->arena);
    bool found = visitor_find(console, x, &visit, &e) &&
                 gate_ledger_file(&visit, path, &arena, &bytes, &immutable, &e) == OK;
    gate_visit_end(&visit);
    if (found)
        file_send(x, path, bytes, immutable);
    else
        console_fail(x, &e);
    arena_space_release(&space);
}

/* /prove?bucket=…&key=…&version=…&open=FIELD&open=FIELD */
struct prove_query {
    struct gate_get get;
    str open[32];
    size_t open_count;
};

static enum error_code query_read(struct http_exchange *x, struct prove_query *q, struct error *e) {
    struct http_query query = http_query_of(x->head.query);
    struct http_parameter param;
    bool more;
    for (;;) {
        TRY(http_query_next(&query, HTTP_DECODE_PLUS_IS_SPACE | HTTP_DECODE_REFUSE_NUL, &x->arena,
                            &more, &param, e));
        if (!more) break;
        if (str_equal(param.name, STR("bucket"))) q->get.bucket = param.value;
        if (str_equal(param.name, STR("key"))) q->get.key = param.value;
        if (str_equal(param.name, STR("version"))) {
            q->get.version = param.value;
            q->get.with_version = true;
        }
        if (str_equal(param.name, STR("open"))) {
            if (q->open_count == COUNT_OF(q->open))
                return error_set(e, FAIL_LIMIT, "more than %zu fields to open", COUNT_OF(q->open));
            q->open[q->open_count++] = param.value;
        }
    }
    if (q->get.bucket.len > 0 && q->get.key.len > 0) return OK;
    return error_set(e, FAIL_USAGE, "say what to prove: /prove?bucket=BUCKET&key=KEY&open=FIELD");
}

void console_prove(struct console *console, struct http_exchange *x) {
    struct gate_visit visit = {.peer = x->peer, .request_id = STR("console")};
    struct prove_query query = {.open_count = 0};
    struct arena_space space;
    struct arena arena;
    struct gate_answer answer;
    struct error e = {0};
    if (arena_space_open(&space, CONSOLE_SPACE_BYTES, &arena, &e) != OK) {
        console_fail(x, &e);
        return;
    }
    struct text out = text_into(arena_bytes(&arena, CONSOLE_PAGE_BYTES), CONSOLE_PAGE_BYTES);
    gate_visit_begin(console->options.gate, &visit, &x->arena);
    bool proved =
        query_read(x, &query, &e) == OK && visitor_find(console, x, &visit, &e) &&
        gate_prove(&visit, &query.get, query.open, query.open_count, &out, &answer, &e) == OK;
    gate_visit_end(&visit);
    if (proved)
        console_send(x, 200, STR("text/plain; charset=utf-8"), text_str(&out));
    else
        console_fail(x, &e);
    arena_space_release(&space);
}
