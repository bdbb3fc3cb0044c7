/* Routes, and the sessions of people who signed in. */
#include "console/inner.h"

#include <stdlib.h>

enum error_code console_open(const struct console_options *options, struct console **out,
                             struct error *e) {
    struct console *console = calloc(1, sizeof *console);
    struct arena arena;
    if (console == NULL) return error_set(e, FAIL_MEMORY, "no room for the console");
    console->options = *options;
    pthread_mutex_init(&console->lock, NULL);
    enum error_code code = arena_space_open(&console->space, 4096, &arena, e);
    if (code == OK) code = arena_copy(&arena, options->s3_address, &console->s3_address, e);
    if (code != OK) {
        console_close(console);
        return code;
    }
    *out = console;
    return OK;
}

void console_stopping(struct console *console) {
    if (console != NULL) atomic_store(&console->stopping, true);
}

void console_close(struct console *console) {
    if (console == NULL) return;
    memory_wipe(console->sessions, sizeof console->sessions);
    pthread_mutex_destroy(&console->lock);
    arena_space_release(&console->space);
    free(console);
}

/* ---- replies ---- */

void console_send(struct http_exchange *x, int status, str content_type, str body) {
    const struct http_header headers[] = {
        {STR("content-type"), content_type},
        {STR("cache-control"), STR("no-store")},
        {STR("x-content-type-options"), STR("nosniff")},
        {STR("content-security-policy"), STR("default-src 'none'; style-src 'unsafe-inline'; "
                                             "form-action 'self'; frame-ancestors 'none'")},
    };
    struct error e;
    if (http_reply_send(x, status, headers, COUNT_OF(headers), body, &e) != OK) http_reply_abort(x);
}

void console_fail(struct http_exchange *x, const struct error *e) {
    char memory[ERROR_MESSAGE_BYTES + 16];
    struct text text = text_into(memory, sizeof memory);
    text_format(&text, "%s\n", e->message);
    console_send(x, error_http_status(e->code), STR("text/plain; charset=utf-8"), text_str(&text));
}

/* ---- sessions ---- */

static bool cookie_token(struct http_exchange *x, str *token) {
    str cookies, one;
    if (!http_header_find(x, STR("cookie"), &cookies)) return false;
    for (bool more = true; more;) {
        more = str_cut(&cookies, ';', &one);
        if (!more) one = cookies;
        one = str_trim(one);
        if (!str_starts(one, STR("azekura="))) continue;
        *token = str_skip(one, 8);
        return token->len == CONSOLE_TOKEN_BYTES;
    }
    return false;
}

bool console_session_find(struct console *console, struct http_exchange *x,
                          struct gate_visit *visit) {
    char access_key[64];
    size_t len = 0;
    str token, secret;
    if (!cookie_token(x, &token)) return false;
    pthread_mutex_lock(&console->lock);
    for (size_t i = 0; i < CONSOLE_SESSIONS_MAX; i++) {
        const struct console_session *s = &console->sessions[i];
        if (s->access_key_len == 0 || s->ends_ns < clock_steady_ns()) continue;
        if (!str_equal_secret(str_of(s->token, sizeof s->token), token)) continue;
        len = s->access_key_len;
        memcpy(access_key, s->access_key, len);
    }
    pthread_mutex_unlock(&console->lock);
    struct error e;
    if (len == 0 || gate_visit_key(visit, str_of(access_key, len), &secret, &e) != OK) return false;
    return gate_visit_admit(visit, &e) == OK;
}

static void session_make(struct console *console, str access_key, char token[CONSOLE_TOKEN_BYTES]) {
    unsigned char random[CONSOLE_TOKEN_BYTES / 2];
    struct console_session *oldest = &console->sessions[0];
    random_fill(random, sizeof random);
    hex_write(random, sizeof random, token);
    pthread_mutex_lock(&console->lock);
    for (size_t i = 0; i < CONSOLE_SESSIONS_MAX; i++)
        if (console->sessions[i].ends_ns < oldest->ends_ns) oldest = &console->sessions[i];
    memcpy(oldest->token, token, CONSOLE_TOKEN_BYTES);
    memcpy(oldest->access_key, access_key.at, access_key.len);
    oldest->access_key_len = access_key.len;
    oldest->ends_ns = clock_steady_ns() + CONSOLE_SESSION_S * NS_PER_S;
    pthread_mutex_unlock(&console->lock);
}

static str form_field(str form, str name, struct arena *arena) {
    struct http_query query = http_query_of(form);
    struct http_parameter field;
    struct error e;
    bool found;
    while (http_query_next(&query, HTTP_DECODE_PLUS_IS_SPACE, arena, &found, &field, &e) == OK &&
           found)
        if (str_equal(field.name, name)) return field.value;
    return STR_EMPTY;
}

static enum error_code form_read(struct http_exchange *x, char *memory, size_t cap, str *out,
                                 struct error *e) {
    size_t len = 0, got = 1;
    while (got > 0 && len < cap) {
        TRY(http_body_read(x, memory + len, cap - len, &got, e));
        len += got;
    }
    *out = str_of(memory, len);
    return OK;
}

static void sign_in(struct console *console, struct http_exchange *x) {
    char memory[4096], token[CONSOLE_TOKEN_BYTES], cookie[128];
    str form, secret, access_key, given;
    struct error e = {0};
    struct gate_visit visit = {.peer = x->peer, .request_id = STR("console")};
    if (form_read(x, memory, sizeof memory, &form, &e) != OK) {
        console_fail(x, &e);
        return;
    }
    access_key = form_field(form, STR("access_key"), &x->arena);
    given = form_field(form, STR("secret_key"), &x->arena);
    gate_visit_begin(console->options.gate, &visit, &x->arena);
    bool known = access_key.len > 0 && access_key.len <= 64 &&
                 gate_visit_key(&visit, access_key, &secret, &e) == OK &&
                 str_equal_secret(secret, given);
    bool over = known && gate_visit_admit(&visit, &e) != OK;
    gate_visit_end(&visit);
    if (over) {
        memory_wipe(memory, sizeof memory);
        console_fail(x, &e);
        return;
    }
    if (known) session_make(console, access_key, token);
    memory_wipe(memory, sizeof memory); /* the fields may be views into it */
    if (!known) {
        console_page(console, x, true);
        return;
    }
    struct text text = text_into(cookie, sizeof cookie);
    text_format(&text, "azekura=%.*s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%d%s",
                CONSOLE_TOKEN_BYTES, token, CONSOLE_SESSION_S, x->is_tls ? "; Secure" : "");
    const struct http_header headers[] = {{STR("location"), STR("/")},
                                          {STR("set-cookie"), text_str(&text)}};
    if (http_reply_send(x, 303, headers, COUNT_OF(headers), STR_EMPTY, &e) != OK)
        http_reply_abort(x);
}

/* Ends the session of this cookie, if there is one; asked without one it is no error. */
static void sign_out(struct console *console, struct http_exchange *x) {
    str token;
    struct error e;
    if (cookie_token(x, &token)) {
        pthread_mutex_lock(&console->lock);
        for (size_t i = 0; i < CONSOLE_SESSIONS_MAX; i++) {
            struct console_session *s = &console->sessions[i];
            if (s->access_key_len > 0 && str_equal_secret(str_of(s->token, sizeof s->token), token))
                memory_wipe(s, sizeof *s);
        }
        pthread_mutex_unlock(&console->lock);
    }
    const struct http_header headers[] = {
        {STR("location"), STR("/")},
        {STR("set-cookie"), STR("azekura=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")}};
    if (http_reply_send(x, 303, headers, COUNT_OF(headers), STR_EMPTY, &e) != OK)
        http_reply_abort(x);
}

/* ---- routes ---- */

void console_serve(void *self, struct http_exchange *x) {
    struct console *console = self;
    str path = x->head.path;
    bool reads = x->head.method == HTTP_GET || x->head.method == HTTP_HEAD;
    struct error e;
    if (x->head.method == HTTP_POST && str_equal(path, STR("/sign-in"))) {
        sign_in(console, x);
    } else if (x->head.method == HTTP_POST && str_equal(path, STR("/sign-out"))) {
        sign_out(console, x);
    } else if (!reads) {
        error_set(&e, FAIL_METHOD_NOT_ALLOWED, "the console answers GET and HEAD");
        console_fail(x, &e);
    } else if (str_equal(path, STR("/"))) {
        console_page(console, x, false);
    } else if (str_equal(path, STR("/health"))) {
        console_health(console, x);
    } else if (str_equal(path, STR("/metrics"))) {
        console_metrics(console, x);
    } else if (str_starts(path, STR("/ledger/"))) {
        console_ledger(console, x, str_skip(path, 8));
    } else if (str_equal(path, STR("/prove"))) {
        console_prove(console, x);
    } else {
        error_set(&e, FAIL_NOT_FOUND, "there is no page \"%.*s\"; / has links to all",
                  STR_FMT(path));
        console_fail(x, &e);
    }
}
