/* The client against servers that say exactly what a test wants, and against ours. */
#include "tests/http/server_test.h"

#include <unistd.h>

/* ---- a server that hears one request and says one thing */

struct scripted {
    struct piece piece;
    int listener;
    struct net_address address;
    str says;
    bool resets;
    char heard[65536];
    size_t heard_bytes;
};

static void scripted_run(void *argument) {
    struct scripted *s = argument;
    struct error e;
    int fd;
    size_t got, at;
    assert_ok(net_accept(s->listener, in_ms(5000), &fd, NULL, &e), &e);
    do {
        assert_ok(net_recv(fd, s->heard + s->heard_bytes, sizeof s->heard - s->heard_bytes,
                           in_ms(5000), &got, &e),
                  &e);
        s->heard_bytes += got;
    } while (got > 0 && !str_find(str_of(s->heard, s->heard_bytes), STR("end"), &at));
    for (size_t i = 0; i < s->says.len; i += 7) { /* in pieces */
        str piece = str_slice(s->says, i, 7);
        if (net_send(fd, piece.at, piece.len, in_ms(5000), &e) != OK) break;
    }
    if (s->resets) {
        struct linger now = {.l_onoff = 1};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    net_close(fd);
}

static void scripted_start(struct scripted *s, struct runtime *runtime, str says) {
    struct error e;
    *s = (struct scripted){.piece = {.run = scripted_run, .argument = s}, .says = says};
    assert_ok(net_address_read(STR("127.0.0.1:0"), &s->address, &e), &e);
    assert_ok(net_listen(&s->address, &s->listener, &e), &e);
    piece_start(&s->piece, runtime_reactor(runtime, 1));
}

static void scripted_end(struct scripted *s) {
    piece_wait(&s->piece);
    net_close(s->listener);
}

static str url_to(const struct net_address *address, const char *target, char *to, size_t cap) {
    char at[NET_TEXT_BYTES];
    struct text t = text_into(to, cap);
    net_address_write(address, at);
    text_format(&t, "http://%s%s", at, target);
    return text_str(&t);
}

static struct http_client *plain_client(void) {
    struct error e;
    struct http_client *client;
    struct http_client_options o = {.without_tls = true};
    assert_ok(http_client_open(&o, &client, &e), &e);
    return client;
}

static char memory[1 << 20];

static void replies_of_every_shape(void **state) {
    static const struct {
        const char *name;
        str says;
        enum error_code code;
        int status;
        str body;
    } cases[] = {
        {"length", STR("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more"), OK, 200,
         STR("hello")},
        {"chunked",
         STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n"
             "0\r\n\r\n"),
         OK, 200, STR("hello")},
        {"up to the close", STR("HTTP/1.0 200 OK\r\n\r\nhello"), OK, 200, STR("hello")},
        {"no body", STR("HTTP/1.1 204 No Content\r\n\r\n"), OK, 204, STR("")},
        {"early hints first",
         STR("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
             "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"),
         OK, 404, STR("no")},
        {"length cut short", STR("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"),
         FAIL_INCOMPLETE_BODY, 0, STR("")},
        {"chunks cut short", STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello"),
         FAIL_INCOMPLETE_BODY, 0, STR("")},
        {"last chunk missing",
         STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
         FAIL_INCOMPLETE_BODY, 0, STR("")},
        {"over the limit",
         STR("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n"
             "0123456789012345678901234567890123456789012345678901234567890123456789"
             "0123456789012345678901234567890"),
         FAIL_LIMIT, 0, STR("")},
        {"not HTTP", STR("220 mail.example ESMTP\r\n"), FAIL_HTTP_SYNTAX, 0, STR("")},
        {"nothing", STR(""), FAIL_CLOSED, 0, STR("")},
        {"half a head", STR("HTTP/1.1 200 OK\r\nContent-"), FAIL_CLOSED, 0, STR("")},
    };
    static struct scripted s;
    struct http_client *client = plain_client();
    struct error e;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char url[100];
        str body;
        struct http_response_head head;
        struct arena arena = arena_over(memory, sizeof memory);
        scripted_start(&s, *state, cases[i].says);
        struct http_header headers[] = {{STR("X-Test"), STR("end")}};
        struct http_client_request q = {.method = HTTP_GET,
                                        .url = url_to(&s.address, "/p?q", url, sizeof url),
                                        .headers = headers,
                                        .header_count = 1,
                                        .deadline_ns = in_ms(5000)};
        enum error_code code = http_client_fetch(client, &q, 100, &arena, &head, &body, &e);
        scripted_end(&s);
        if (code != cases[i].code) fail_msg("%s: %s", cases[i].name, e.message);
        str heard = str_of(s.heard, s.heard_bytes);
        assert_true(str_starts(heard, STR("GET /p?q HTTP/1.1\r\nHost: 127.0.0.1:")));
        assert_has(heard, STR("Connection: close\r\n"));
        assert_int_equal(count_of(heard, STR("Content-Length")), 0);
        if (code != OK) continue;
        assert_row(cases[i].name, head.status == cases[i].status);
        assert_str(body, cases[i].body);
    }
    http_client_close(client);
}

/* ---- bodies in pieces */

struct pieces {
    int left;
    bool ends_early;
};

static enum error_code next_piece(void *self, str *piece, struct error *e) {
    struct pieces *p = self;
    *piece = p->left == 0 ? STR_EMPTY : p->left == 1 ? STR("end") : STR("piece ");
    if (p->left > 0) p->left--;
    return OK;
}

static void sends_bodies_in_pieces(void **state) {
    static struct scripted s;
    struct http_client *client = plain_client();
    for (int chunked = 0; chunked <= 1; chunked++) {
        char url[100];
        struct error e;
        str body;
        struct http_response_head head;
        struct pieces pieces = {.left = 3};
        struct arena arena = arena_over(memory, sizeof memory);
        scripted_start(&s, *state, STR("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"));
        struct http_client_request q = {.method = HTTP_PUT,
                                        .url = url_to(&s.address, "/", url, sizeof url),
                                        .body_next = next_piece,
                                        .body_self = &pieces,
                                        .body_length = chunked ? HTTP_LENGTH_UNKNOWN : 15,
                                        .deadline_ns = in_ms(5000)};
        assert_ok(http_client_fetch(client, &q, 100, &arena, &head, &body, &e), &e);
        scripted_end(&s);
        assert_int_equal(head.status, 201);
        str heard = str_of(s.heard, s.heard_bytes);
        if (chunked) {
            assert_has(heard, STR("Transfer-Encoding: chunked\r\n"));
            assert_has(heard, STR("\r\n\r\n6\r\npiece \r\n6\r\npiece \r\n3\r\nend"));
        } else {
            assert_has(heard, STR("Content-Length: 15\r\n"));
            assert_has(heard, STR("\r\n\r\npiece piece end"));
        }
    }
    http_client_close(client);
}

static void bad_requests_are_not_sent(void **state) {
    struct http_client *client = plain_client();
    struct error e;
    struct http_header bad[] = {{STR("X"), STR("a\r\nY: b")}}, ours[] = {{STR("Host"), STR("h")}};
    const struct {
        struct http_client_request q;
        enum error_code code;
    } cases[] = {
        {{.url = STR("http://127.0.0.1:1/\r\nX: y")}, FAIL_INVALID_URI},
        {{.url = STR("gopher://h/")}, FAIL_INVALID_URI},
        {{.url = STR("http://127.0.0.1:1/"), .headers = bad, .header_count = 1}, FAIL_USAGE},
        {{.url = STR("http://127.0.0.1:1/"), .headers = ours, .header_count = 1}, FAIL_USAGE},
        {{.url = STR("https://127.0.0.1:1/")}, FAIL_USAGE}, /* opened without TLS */
        {{.url = STR("http://no-such-host.invalid/")}, FAIL_NOT_FOUND},
        {{.url = STR("http://127.0.0.1:1/")}, FAIL_SYSTEM}, /* nobody listens there */
        {{.url = STR("/x"), .unix_path = STR("/nonexistent/socket")}, FAIL_NOT_FOUND},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena arena = arena_over(memory, sizeof memory);
        struct http_client_request q = cases[i].q;
        struct http_client_reply reply;
        q.deadline_ns = in_ms(3000);
        assert_row(cases[i].q.url.at,
                   http_client_call(client, &q, &arena, &reply, &e) == cases[i].code);
    }
    struct arena small = arena_over(memory, 1000);
    struct http_client_request q = {.url = STR("http://127.0.0.1:1/"), .deadline_ns = in_ms(1000)};
    struct http_client_reply reply;
    assert_int_equal(http_client_call(client, &q, &small, &reply, &e), FAIL_MEMORY);
    http_client_close(client);
    http_client_close(NULL);
}

static void waits_no_longer_than_told(void **state) {
    struct error e;
    struct net_address address;
    int listener;
    char url[100];
    struct http_client *client = plain_client();
    assert_ok(net_address_read(STR("127.0.0.1:0"), &address, &e), &e);
    assert_ok(net_listen(&address, &listener, &e), &e); /* and never answers */
    struct arena arena = arena_over(memory, sizeof memory);
    struct http_client_reply reply;
    struct http_client_request q = {.method = HTTP_GET,
                                    .url = url_to(&address, "/", url, sizeof url),
                                    .deadline_ns = in_ms(50)};
    int64_t before = clock_steady_ns();
    assert_int_equal(http_client_call(client, &q, &arena, &reply, &e), FAIL_TIMEOUT);
    assert_true(clock_steady_ns() - before < NS_PER_S);
    net_close(listener);
    http_client_close(client);
}

/* ---- against our server, on fibers */

struct talk {
    struct site *site;
    enum error_code code;
    int status;
    str body;
};

static void upload_refused(void *argument) {
    static char megabyte[1 << 20];
    struct talk *t = argument;
    struct error e;
    char url[100];
    struct http_response_head head;
    struct http_client *client = plain_client();
    struct arena arena = arena_over(memory, sizeof memory);
    struct http_client_request q = {.method = HTTP_PUT,
                                    .url = url_to(&t->site->address, "/refuse", url, sizeof url),
                                    .body = str_of(megabyte, sizeof megabyte),
                                    .deadline_ns = in_ms(5000)};
    t->code = http_client_fetch(client, &q, 1000, &arena, &head, &t->body, &e);
    if (t->code == OK) t->status = head.status;
    http_client_close(client);
}

static void early_replies_are_replies(void **state) {
    static struct site site;
    struct talk t = {.site = &site};
    struct runtime *runtime = *state;
    site_open(&site, runtime, (struct http_server_options){0});
    on_fiber(runtime, upload_refused, &t);
    assert_int_equal(t.code, OK);
    assert_int_equal(t.status, 403);
    assert_str(t.body, STR("the clause keep.at-home says no"));
    upload_refused(&t); /* and on a plain thread */
    assert_int_equal(t.status, 403);
    site_close(&site);
}

static void head_and_broken_replies(void **state) {
    static struct site site;
    struct error e;
    char url[100];
    str body;
    struct http_response_head head;
    struct http_client *client = plain_client();
    site_open(&site, *state, (struct http_server_options){0});
    struct arena arena = arena_over(memory, sizeof memory);
    struct http_client_request q = {.method = HTTP_HEAD,
                                    .url = url_to(&site.address, "/big?12345", url, sizeof url),
                                    .deadline_ns = in_ms(5000)};
    assert_ok(http_client_fetch(client, &q, 1000, &arena, &head, &body, &e), &e);
    assert_int_equal(body.len, 0);
    str length;
    assert_true(http_headers_find(&head.headers, STR("content-length"), &length));
    assert_str(length, STR("12345"));

    q.method = HTTP_GET;
    q.url = url_to(&site.address, "/break-a", url, sizeof url);
    assert_int_equal(http_client_fetch(client, &q, 1000, &arena, &head, &body, &e), FAIL_CLOSED);
    site_close(&site);
    http_client_close(client);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SITE_ON_BOTH(replies_of_every_shape),    SITE_ON_BOTH(sends_bodies_in_pieces),
        SITE_ON_BOTH(bad_requests_are_not_sent), SITE_ON_BOTH(waits_no_longer_than_told),
        SITE_ON_BOTH(early_replies_are_replies), SITE_ON_BOTH(head_and_broken_replies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
