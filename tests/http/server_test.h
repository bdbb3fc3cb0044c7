/* A server with a small site of handlers, and a peer that speaks raw bytes to it from a plain
 * thread. */
#ifndef AZEKURA_TESTS_HTTP_SERVER_TEST_H
#define AZEKURA_TESTS_HTTP_SERVER_TEST_H

#include "tests/base/runtime_test.h"

#include "http/http.h"

#include <sys/socket.h>
#include <unistd.h>

struct site {
    struct http_server *server;
    struct net_address address;
    _Atomic int smuggled;  /* requests for /smuggled: must stay 0 */
    _Atomic int last_read; /* error code of the last body read that failed */
    _Atomic bool release;  /* lets /hold go on */
    _Atomic uint32_t user; /* who asked over the Unix socket */
};

/* What a failed test left open would keep its runtime from ending. */
static struct http_server *server_left;

static int site_teardown(void **state) {
    http_server_close(server_left);
    server_left = NULL;
    return runtime_teardown(state);
}

#define SITE_ON_BOTH(test)                                                                         \
    {#test " (io_uring)", test, runtime_setup, site_teardown, &test_uring}, {                      \
#test " (epoll)", test, runtime_setup, site_teardown, &test_epoll                          \
    }

/* ---- handlers */

/* Reads the whole body in pieces of an odd size; the count and a hash of it. */
static inline enum error_code site_read(struct http_exchange *x, uint64_t *count, uint64_t *hash,
                                        struct error *e) {
    char *piece = arena_bytes(&x->arena, 5000);
    size_t got = 1;
    *count = 0;
    *hash = 5381;
    while (got > 0) {
        TRY(http_body_read(x, piece, 5000, &got, e));
        for (size_t i = 0; i < got; i++) *hash = *hash * 33 + (unsigned char)piece[i];
        *count += got;
    }
    return OK;
}

static inline void site_count(struct site *site, struct http_exchange *x) {
    struct error e;
    uint64_t count, hash;
    str text;
    enum error_code code = site_read(x, &count, &hash, &e);
    if (code != OK) {
        site->last_read = (int)code;
        error_ignore(
            http_reply_send(x, error_http_status(code), NULL, 0, str_from_c(error_name(code)), &e));
        return;
    }
    error_ignore(arena_format(&x->arena, &text, &e, "%llu %llu", (unsigned long long)count,
                              (unsigned long long)hash));
    error_ignore(http_reply_send(x, 200, NULL, 0, text, &e));
}

static inline void site_stream(struct http_exchange *x) {
    struct error e;
    if (http_reply_begin(x, 200, NULL, 0, HTTP_LENGTH_UNKNOWN, &e) != OK) return;
    for (int i = 0; i < 3; i++)
        if (http_reply_write(x, STR("piece "), &e) != OK) return;
    error_ignore(http_reply_end(x, &e));
}

static inline void site_big(struct http_exchange *x) {
    static const char zeros[100000];
    struct error e;
    uint64_t count = 0;
    str_u64(x->head.query, &count);
    enum error_code code = http_reply_begin(x, 200, NULL, 0, count, &e);
    while (code == OK && count > 0) {
        str piece = str_slice(str_of(zeros, sizeof zeros), 0, (size_t)u64_min(count, sizeof zeros));
        code = http_reply_write(x, piece, &e);
        count -= piece.len;
    }
    if (code == OK) error_ignore(http_reply_end(x, &e));
}

static inline void site_inject(struct http_exchange *x) {
    struct error e;
    struct http_header bad[] = {{STR("X-A"), STR("a\r\nX-B: b")}};
    struct http_header ours[] = {{STR("Content-Length"), STR("5")}};
    bool refused = http_reply_begin(x, 200, bad, 1, 0, &e) == FAIL_USAGE &&
                   http_reply_begin(x, 200, ours, 1, 0, &e) == FAIL_USAGE;
    error_ignore(http_reply_send(x, 200, NULL, 0, refused ? STR("refused") : STR("taken"), &e));
}

/* begin, part of the body, then: 'a' abort, 's' end too early, 'n' return */
static inline void site_break(struct http_exchange *x, char how) {
    struct error e;
    if (http_reply_begin(x, 200, NULL, 0, 100, &e) != OK) return;
    if (http_reply_write(x, STR("0123456789"), &e) != OK) return;
    if (how == 'a') http_reply_abort(x);
    if (how == 's') error_ignore(http_reply_end(x, &e));
}

/* A file of `query` bytes as the body, in two runs where it may leave as a file; byte i is i % 251. */
static inline void site_file(struct http_exchange *x, bool cut) {
    struct error e;
    uint64_t count = 0;
    char path[] = "/tmp/azekura-http-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    unlink(path);
    str_u64(x->head.query, &count);
    for (uint64_t i = 0; i < count - cut; i++) {
        char piece[4096];
        size_t used = 0;
        for (; used < sizeof piece && i + used < count - cut; used++)
            piece[used] = (char)((i + used) % 251);
        assert_int_equal(pwrite(file, piece, used, (off_t)i), used);
        i += used - 1;
    }
    enum error_code code = http_reply_begin(x, 200, NULL, 0, count, &e);
    assert_int_equal(http_reply_takes_files(x), !x->is_tls);
    if (code == OK) code = http_reply_write_file(x, file, 0, count / 3, &e);
    if (code == OK) code = http_reply_write_file(x, file, count / 3, count - count / 3, &e);
    if (code == OK) error_ignore(http_reply_end(x, &e));
    close(file);
}

static inline void site_serve(void *self, struct http_exchange *x) {
    struct site *site = self;
    struct error e;
    str path = x->head.path;
    struct http_header one[] = {{STR("X-One"), STR("1")}};
    if (str_equal(path, STR("/hello"))) {
        error_ignore(http_reply_send(x, 200, one, 1, STR("hello"), &e));
    } else if (str_equal(path, STR("/count"))) {
        site_count(site, x);
    } else if (str_equal(path, STR("/refuse"))) {
        error_ignore(http_reply_send(x, 403, one, 1, STR("the clause keep.at-home says no"), &e));
    } else if (str_equal(path, STR("/stream"))) {
        site_stream(x);
    } else if (str_equal(path, STR("/big"))) {
        site_big(x);
    } else if (str_equal(path, STR("/file"))) {
        site_file(x, false);
    } else if (str_equal(path, STR("/file-cut"))) {
        site_file(x, true);
    } else if (str_equal(path, STR("/inject"))) {
        site_inject(x);
    } else if (str_starts(path, STR("/break-"))) {
        site_break(x, path.at[7]);
    } else if (str_equal(path, STR("/replace"))) {
        error_ignore(http_reply_begin(x, 200, one, 1, 7, &e));
        error_ignore(http_reply_send(x, 507, NULL, 0, STR("found too late, but not too late"), &e));
    } else if (str_equal(path, STR("/slow"))) {
        fiber_sleep_ns(200 * NS_PER_MS);
        error_ignore(http_reply_send(x, 200, NULL, 0, STR("slept"), &e));
    } else if (str_equal(path, STR("/hold"))) {
        while (!site->release) fiber_sleep_ns(NS_PER_MS);
        error_ignore(http_reply_send(x, 200, NULL, 0, STR("held"), &e));
    } else if (str_equal(path, STR("/204"))) {
        error_ignore(http_reply_send(x, 204, NULL, 0, STR(""), &e));
    } else if (str_equal(path, STR("/304"))) {
        if (http_reply_begin(x, 304, one, 1, 10, &e) == OK) error_ignore(http_reply_end(x, &e));
    } else if (str_equal(path, STR("/user"))) {
        uint32_t user, group;
        int32_t process;
        if (http_peer_user(x, &user, &group, &process)) site->user = user;
        error_ignore(http_reply_send(x, 200, NULL, 0, STR("known"), &e));
    } else if (str_equal(path, STR("/wait"))) {
        while (!http_is_stopping(x)) fiber_sleep_ns(5 * NS_PER_MS);
        error_ignore(http_reply_send(x, 200, NULL, 0, STR("stopping"), &e));
    } else if (str_equal(path, STR("/smuggled"))) {
        site->smuggled++;
    } /* anything else: no reply at all */
}

static inline void site_fault(void *self, struct http_fault *fault) {
    text_format(&fault->body, "<Error><Code>%s</Code></Error>", error_s3_name(fault->error->code));
    fault->content_type = STR("application/xml");
    text_format(&fault->memory, "id-%d", fault->status);
    fault->headers[0] = (struct http_header){STR("x-request-id"), text_str(&fault->memory)};
    fault->header_count = 1;
}

static inline void site_open(struct site *site, struct runtime *runtime,
                             struct http_server_options options) {
    struct error e;
    struct net_address any;
    *site = (struct site){.user = UINT32_MAX};
    assert_ok(net_address_read(STR("127.0.0.1:0"), &any, &e), &e);
    options.addresses = &any;
    options.address_count = 1;
    options.serve = site_serve;
    options.fault = site_fault;
    options.self = site;
    options.server_name = STR("test");
    assert_ok(http_server_open(runtime, &options, &site->server, &e), &e);
    server_left = site->server;
    site->address = http_server_address(site->server, 0);
}

static inline void site_close(struct site *site) {
    assert_int_equal(site->smuggled, 0);
    http_server_close(site->server);
    server_left = NULL;
}

/* ---- a peer of raw bytes */

struct peer {
    int fd;
    char memory[65536];
    size_t used;
    bool reset; /* the connection broke instead of ending */
};

static inline void peer_open(struct peer *p, const struct site *site) {
    struct error e;
    p->used = 0;
    p->reset = false;
    assert_ok(net_connect(&site->address, in_ms(5000), &p->fd, &e), &e);
}

static inline void peer_say(struct peer *p, str bytes) {
    struct error e;
    assert_ok(net_send(p->fd, bytes.at, bytes.len, in_ms(5000), &e), &e);
}

/* Until `text` has come; false: the connection ended first. */
static inline bool peer_hear(struct peer *p, str text) {
    size_t at, got = 1;
    struct error e;
    while (!str_find(str_of(p->memory, p->used), text, &at)) {
        enum error_code code =
            net_recv(p->fd, p->memory + p->used, sizeof p->memory - p->used, in_ms(5000), &got, &e);
        p->reset = code == FAIL_CLOSED;
        if (code == FAIL_TIMEOUT) fail_msg("nothing more came; wanted \"%.*s\"", STR_FMT(text));
        if (code != OK || got == 0) return false;
        p->used += got;
    }
    return true;
}

/* Until the end; gives everything that came. */
static inline str peer_hear_all(struct peer *p) {
    (void)peer_hear(p, STR("\1 never \1"));
    return str_of(p->memory, p->used);
}

static inline void peer_close(struct peer *p) {
    net_close(p->fd);
}

static inline size_t count_of(str text, str needle) {
    size_t count = 0, at;
    while (str_find(text, needle, &at)) {
        count++;
        text = str_skip(text, at + needle.len);
    }
    return count;
}

static inline bool has(str text, str needle) {
    size_t at;
    return str_find(text, needle, &at);
}

#define assert_has(text, needle)                                                                   \
    do {                                                                                           \
        str text_ = (text), needle_ = (needle);                                                    \
        if (!has(text_, needle_))                                                                  \
            fail_msg("\"%.*s\" is not in \"%.*s\"", STR_FMT(needle_), STR_FMT(text_));             \
    } while (0)

/* One connection: says `bytes`, closes nothing, gives what came until the server closed. */
static inline str talk(struct peer *p, const struct site *site, str bytes) {
    peer_open(p, site);
    peer_say(p, bytes);
    str all = peer_hear_all(p);
    peer_close(p);
    return all;
}

#endif
