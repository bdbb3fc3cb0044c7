/* The server over loopback, on both back ends: what a client on a plain socket sees. */
#include "tests/http/server_test.h"
#include "tests/http/vectors.h"

#include <unistd.h>

static struct site site;
static struct peer peer;

static const struct http_server_options usual = {0};

static void keeps_alive_and_pipelines(void **state) {
    site_open(&site, *state, usual);
    str all = talk(&peer, &site,
                   STR("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n"
                       "POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
                       "HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n"
                       "POST /count HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
                       "GET /stream HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
    assert_int_equal(count_of(all, STR("HTTP/1.1 200 OK\r\n")), 5);
    assert_int_equal(count_of(all, STR("Date: ")), 5);
    assert_int_equal(count_of(all, STR("Server: test\r\n")), 5);
    assert_int_equal(count_of(all, STR("\r\n\r\nhello")), 1); /* HEAD has none */
    assert_int_equal(count_of(all, STR("Content-Length: 5\r\n")), 2);
    assert_int_equal(count_of(all, STR("3 193485963")), 2); /* the same body, framed in two ways */
    assert_int_equal(count_of(all, STR("Connection: close\r\n")), 1);
    assert_has(all, STR("\r\n\r\n6\r\npiece \r\n6\r\npiece \r\n6\r\npiece \r\n0\r\n\r\n"));
    assert_false(peer.reset);
    site_close(&site);
}

/* Far more requests in flight than any buffer holds, small chunked ones among them. */
static void a_long_pipeline_stays_in_order(void **state) {
    enum { ROUNDS = 420 };
    static char memory[ROUNDS * 200];
    struct text t = text_into(memory, sizeof memory);
    for (int i = 0; i < ROUNDS; i++)
        text_add(&t, i % 3 != 0
                         ? STR("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n")
                         : STR("POST /count HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
                               "\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"));
    text_add(&t, STR("GET /204 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
    assert_false(t.overflow);
    static struct peer many;
    site_open(&site, *state, usual);
    peer_open(&many, &site);
    for (size_t at = 0; at < t.len; at += 5000) {
        peer_say(&many, str_slice(text_str(&t), at, 5000));
        usleep(500);
    }
    assert_true(peer_hear(&many, STR("HTTP/1.1 204")));
    str all = str_of(many.memory, many.used);
    peer_close(&many);
    assert_int_equal(count_of(all, STR("\r\n\r\nhello")), ROUNDS - ROUNDS / 3);
    assert_int_equal(count_of(all, STR("\r\n\r\n3 193485963")), ROUNDS / 3);
    assert_int_equal(count_of(all, STR("HTTP/1.1 204")), 1);
    site_close(&site);
}

/* One request after the other, byte by byte: heads and chunks may come in any pieces. */
static void takes_bytes_one_by_one(void **state) {
    str requests = STR("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n"
                       "POST /count HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "a;x=y\r\n0123456789\r\n0\r\nT: t\r\n\r\n"
                       "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    site_open(&site, *state, usual);
    peer_open(&peer, &site);
    for (size_t i = 0; i < requests.len; i++) {
        peer_say(&peer, str_slice(requests, i, 1));
        if (i % 8 == 0) usleep(100); /* let some of it be read alone */
    }
    str all = peer_hear_all(&peer);
    peer_close(&peer);
    assert_int_equal(count_of(all, STR("HTTP/1.1 200 OK\r\n")), 3);
    assert_has(all, STR("\r\n\r\n10 "));
    site_close(&site);
}

static void speaks_http_1_0(void **state) {
    site_open(&site, *state, usual);
    str all = talk(&peer, &site, STR("GET /hello HTTP/1.0\r\n\r\n"));
    assert_has(all, STR("Connection: close\r\n"));
    assert_true(str_ends(all, STR("\r\n\r\nhello")));
    all = talk(&peer, &site,
               STR("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /stream HTTP/1.0\r\n"
                   "Connection: keep-alive\r\n\r\n"));
    assert_has(all, STR("Connection: keep-alive\r\n"));
    assert_true(
        str_ends(all, STR("Connection: close\r\n\r\npiece piece piece "))); /* not chunked */
    site_close(&site);
}

static void asks_for_an_expected_body(void **state) {
    site_open(&site, *state, usual);
    peer_open(&peer, &site);
    peer_say(&peer, STR("PUT /count HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
                        "Expect: 100-continue\r\nConnection: close\r\n\r\n"));
    assert_true(peer_hear(&peer, STR("HTTP/1.1 100 Continue\r\n\r\n")));
    peer_say(&peer, STR("abc"));
    str all = peer_hear_all(&peer);
    peer_close(&peer);
    assert_int_equal(count_of(all, STR("HTTP/1.1 ")), 2);
    assert_has(all, STR("3 193485963"));

    /* a refusal comes at once, and nobody asks for the body */
    all = talk(&peer, &site,
               STR("PUT /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
                   "Expect: 100-continue\r\n\r\n"));
    assert_true(str_starts(all, STR("HTTP/1.1 403 Forbidden\r\n")));
    assert_has(all, STR("Connection: close\r\n"));

    /* a body that is on its way already is not asked for */
    all = talk(&peer, &site,
               STR("PUT /count HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
                   "Expect: 100-continue\r\nConnection: close\r\n\r\nabc"));
    assert_true(str_starts(all, STR("HTTP/1.1 200 OK\r\n")));

    /* an empty body was not asked for: botocore then lost count of its replies, and hung */
    all = talk(&peer, &site,
               STR("PUT /count HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n"
                   "Expect: 100-continue\r\nConnection: close\r\n\r\n"));
    assert_true(str_starts(all, STR("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")));
    all = talk(&peer, &site,
               STR("PUT /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n"
                   "Expect: 100-continue\r\n\r\n"));
    assert_true(str_starts(all, STR("HTTP/1.1 403 Forbidden\r\n")));
    assert_has(all, STR("Connection: close\r\n"));
    site_close(&site);
}

/* A client that sends 8 MiB before it reads gets the refusal with its text, not a reset. */
static void refusal_reaches_a_sending_client(void **state) {
    static char body[1 << 20];
    site_open(&site, *state, usual);
    peer_open(&peer, &site);
    peer_say(&peer, STR("PUT /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 8388608\r\n\r\n"));
    for (int i = 0; i < 8; i++) peer_say(&peer, str_of(body, sizeof body));
    str all = peer_hear_all(&peer);
    peer_close(&peer);
    assert_false(peer.reset);
    assert_true(str_starts(all, STR("HTTP/1.1 403 Forbidden\r\n")));
    assert_has(all, STR("Connection: close\r\n"));
    assert_true(str_ends(all, STR("the clause keep.at-home says no")));
    site_close(&site);
}

/* A small body left unread costs no connection. */
static void a_little_unread_keeps_the_connection(void **state) {
    site_open(&site, *state, usual);
    str all = talk(&peer, &site,
                   STR("PUT /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n12345"
                       "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
    assert_int_equal(count_of(all, STR("HTTP/1.1 ")), 2);
    assert_int_equal(count_of(all, STR("Connection: close")), 1);
    assert_true(str_ends(all, STR("hello")));
    site_close(&site);
}

static void bodies_of_any_size(void **state) {
    static char body[3 << 20], head[200];
    struct text t = text_into(head, sizeof head);
    site_open(&site, *state, usual);
    for (size_t i = 0; i < sizeof body; i++) body[i] = (char)(i * 7 >> 3);
    text_format(&t,
                "PUT /count HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n"
                "Connection: close\r\n\r\n",
                sizeof body);
    peer_open(&peer, &site);
    peer_say(&peer, text_str(&t));
    peer_say(&peer, str_of(body, sizeof body));
    str all = peer_hear_all(&peer);
    peer_close(&peer);
    uint64_t hash = 5381;
    for (size_t i = 0; i < sizeof body; i++) hash = hash * 33 + (unsigned char)body[i];
    t = text_into(head, sizeof head);
    text_format(&t, "\r\n\r\n%zu %llu", sizeof body, (unsigned long long)hash);
    assert_true(str_ends(all, text_str(&t)));

    /* the same in chunks of growing size, cut without regard to them */
    static char coded[sizeof body + (1 << 16)];
    struct text c = text_into(coded, sizeof coded);
    text_add(&c, STR("PUT /count HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
                     "Connection: close\r\n\r\n"));
    for (size_t at = 0, size = 1; at < sizeof body; size = size * 3 + 1) {
        str piece = str_slice(str_of(body, sizeof body), at, size_min(size, 100000));
        text_format(&c, "%zX;n=\"%zu\"\r\n", piece.len, size);
        text_add(&c, piece);
        text_add(&c, STR("\r\n"));
        at += piece.len;
    }
    text_add(&c, STR("0\r\n\r\n"));
    assert_false(c.overflow);
    peer_open(&peer, &site);
    for (size_t at = 0; at < c.len; at += 77777)
        peer_say(&peer, str_slice(text_str(&c), at, 77777));
    all = peer_hear_all(&peer);
    peer_close(&peer);
    assert_true(str_ends(all, text_str(&t)));
    site_close(&site);
}

static void slow_senders_are_ended(void **state) {
    struct http_server_options o = {.limits = {.head_deadline_ms = 80,
                                               .idle_ms = 100,
                                               .body_idle_ms = 100,
                                               .body_rate_window_ms = 150,
                                               .body_rate_bytes = 1000,
                                               .linger_ms = 50}};
    site_open(&site, *state, o);

    /* a head byte by byte: the deadline is for all of it */
    peer_open(&peer, &site);
    str head = STR("GET /hello HTTP/1.1\r\nHost: h\r\nX: ");
    for (size_t i = 0; i < head.len; i++) {
        if (net_send(peer.fd, head.at + i, 1, in_ms(1000), NULL) != OK) break;
        usleep(4000);
    }
    str all = peer_hear_all(&peer);
    peer_close(&peer);
    assert_has(all, STR("HTTP/1.1 408 Request Timeout\r\n"));

    /* silence: closed without a word */
    peer_open(&peer, &site);
    assert_int_equal(peer_hear_all(&peer).len, 0);
    assert_false(peer.reset);
    peer_close(&peer);

    /* a body that stops */
    all = talk(&peer, &site, STR("PUT /count HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc"));
    assert_has(all, STR("FAIL_TIMEOUT"));
    assert_has(all, STR("Connection: close\r\n"));

    /* a body that drips: never idle for long, but under the rate */
    peer_open(&peer, &site);
    peer_say(&peer, STR("PUT /count HTTP/1.1\r\nHost: h\r\nContent-Length: 9999\r\n\r\n"));
    for (int i = 0; i < 40; i++) {
        if (net_send(peer.fd, "x", 1, in_ms(1000), NULL) != OK) break;
        usleep(8000);
    }
    all = peer_hear_all(&peer);
    peer_close(&peer);
    assert_has(all, STR("FAIL_TIMEOUT"));
    struct http_counters c;
    http_server_counters(site.server, &c);
    assert_int_equal(c.timeouts, 3);
    site_close(&site);
}

static void closing_early_is_incomplete(void **state) {
    site_open(&site, *state, usual);
    peer_open(&peer, &site);
    peer_say(&peer, STR("PUT /count HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc"));
    net_shutdown_send(peer.fd);
    str all = peer_hear_all(&peer);
    peer_close(&peer);
    assert_has(all, STR("FAIL_INCOMPLETE_BODY"));
    peer_open(&peer, &site);
    peer_say(&peer,
             STR("PUT /count HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"));
    net_shutdown_send(peer.fd);
    all = peer_hear_all(&peer);
    peer_close(&peer);
    assert_has(all, STR("FAIL_INCOMPLETE_BODY"));
    site_close(&site);
}

static void bad_heads_get_their_status(void **state) {
    static char long_line[20000];
    static const struct {
        str bytes, status, code;
    } cases[] = {
        {STR("GET / HTTP/1.1\r\n\r\n"), STR("HTTP/1.1 400 Bad Request\r\n"), STR("BadRequest")},
        {STR("BREW / HTTP/1.1\r\nHost: h\r\n\r\n"), STR("HTTP/1.1 501 "), STR("NotImplemented")},
        {STR("GET / HTTP/3.0\r\nHost: h\r\n\r\n"), STR("HTTP/1.1 505 "),
         STR("HTTPVersionNotSupported")},
        {STR(POST "Expect: luck\r\n\r\n"), STR("HTTP/1.1 417 "), STR("InvalidArgument")},
    };
    site_open(&site, *state, usual);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        str all = talk(&peer, &site, cases[i].bytes);
        assert_true(str_starts(all, cases[i].status));
        assert_has(all, cases[i].code);
        assert_has(all, STR("Content-Type: application/xml\r\n"));
        assert_has(all, STR("x-request-id: id-"));
        assert_has(all, STR("Connection: close\r\n"));
        assert_false(peer.reset);
    }
    memset(long_line, 'a', sizeof long_line);
    memcpy(long_line, "GET /", 5);
    assert_true(
        str_starts(talk(&peer, &site, str_of(long_line, sizeof long_line)), STR("HTTP/1.1 414 ")));
    memcpy(long_line, "GET / HTTP/1.1\r\nHost: h\r\nX: ", 28);
    assert_true(
        str_starts(talk(&peer, &site, str_of(long_line, sizeof long_line)), STR("HTTP/1.1 431 ")));
    assert_false(peer.reset);
    struct http_counters c;
    http_server_counters(site.server, &c);
    assert_int_equal(c.faults, COUNT_OF(cases) + 2);
    assert_int_equal(c.replies[2], 0);
    site_close(&site);
}

/* Every smuggling shape over the wire: one refusal, and the request behind it is never served. */
static void nothing_is_smuggled(void **state) {
    struct http_server_options o = {.limits = {.linger_ms = 20}};
    site_open(&site, *state, o);
    for (size_t i = 0; i < COUNT_OF(smuggling); i++) {
        peer_open(&peer, &site);
        /* "/" is not answered, "/count" reads the body: send the shape to the one that reads */
        str bytes = smuggling[i].bytes;
        if (str_starts(bytes, STR("POST / "))) {
            peer_say(&peer, STR("POST /count "));
            bytes = str_skip(bytes, 7);
        }
        peer_say(&peer, bytes);
        net_shutdown_send(peer.fd);
        str all = peer_hear_all(&peer);
        peer_close(&peer);
        assert_row(smuggling[i].name, count_of(all, STR("HTTP/1.1 ")) == 1);
        assert_row(smuggling[i].name, count_of(all, STR("HTTP/1.1 200")) == 0);
        assert_row(smuggling[i].name, count_of(all, STR("Connection: close\r\n")) == 1);
        assert_row(smuggling[i].name, site.smuggled == 0);
    }
    site_close(&site);
}

static void replies_without_bodies(void **state) {
    site_open(&site, *state, usual);
    str all = talk(&peer, &site,
                   STR("HEAD /big?100000 HTTP/1.1\r\nHost: h\r\n\r\n"
                       "HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n"
                       "GET /204 HTTP/1.1\r\nHost: h\r\n\r\n"
                       "GET /304 HTTP/1.1\r\nHost: h\r\n\r\n"
                       "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
    assert_int_equal(count_of(all, STR("HTTP/1.1 ")), 5);
    assert_int_equal(count_of(all, STR("\r\n\r\nHTTP/1.1 ")), 4); /* nothing between them */
    assert_has(all, STR("Content-Length: 100000\r\n"));
    assert_has(all, STR("Content-Length: 10\r\n"));
    assert_int_equal(count_of(all, STR("Content-Length: ")), 3); /* not with 204, not unknown */
    assert_int_equal(count_of(all, STR("Transfer-Encoding")), 0);
    site_close(&site);
}

/* A body that breaks off resets the connection, so that no client takes it for whole. */
static void a_broken_reply_is_a_reset(void **state) {
    static const str paths[] = {STR("GET /break-a HTTP/1.1\r\nHost: h\r\n\r\n"),
                                STR("GET /break-s HTTP/1.1\r\nHost: h\r\n\r\n"),
                                STR("GET /break-n HTTP/1.1\r\nHost: h\r\n\r\n"),
                                STR("GET /break-a HTTP/1.0\r\n\r\n")};
    site_open(&site, *state, usual);
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        talk(&peer, &site, paths[i]);
        assert_row(paths[i].at, peer.reset);
    }
    struct http_counters c;
    http_server_counters(site.server, &c);
    assert_int_equal(c.aborts, COUNT_OF(paths));
    site_close(&site);
}

/* Straight from the file, more than a socket takes at once; a HEAD of it sends none; a file that is
 * shorter than was said is a broken reply. */
static void a_file_leaves_as_it_is(void **state) {
    enum { BYTES = 9000001 };
    struct http_client_options none = {.without_tls = true};
    struct http_client *client;
    struct error e;
    site_open(&site, *state, usual);
    assert_ok(http_client_open(&none, &client, &e), &e);
    char *memory = malloc(BYTES + (1 << 20)), url[128], at[NET_TEXT_BYTES];
    struct arena arena = arena_over(memory, BYTES + (1 << 20));
    net_address_write(&site.address, at);
    snprintf(url, sizeof url, "http://%s/file?%d", at, BYTES);
    struct http_client_request request = {.url = str_from_c(url), .deadline_ns = in_ms(20000)};
    struct http_response_head head;
    str body;
    assert_ok(http_client_fetch(client, &request, BYTES, &arena, &head, &body, &e), &e);
    assert_int_equal(body.len, BYTES);
    for (size_t i = 0; i < body.len; i++) assert_int_equal(body.at[i], (char)(i % 251));
    free(memory);
    http_client_close(client);
    talk(&peer, &site,
         STR("HEAD /file?1000 HTTP/1.1\r\nHost: h\r\n\r\n"
             "GET /file-cut?30000 HTTP/1.1\r\nHost: h\r\n\r\n"));
    assert_true(peer.reset);
    assert_int_equal(count_of(str_of(peer.memory, peer.used), STR("Content-Length: 1000\r\n")), 1);
    struct http_counters c;
    http_server_counters(site.server, &c);
    assert_int_equal(c.aborts, 1);
    site_close(&site);
}

static void handlers_that_err(void **state) {
    site_open(&site, *state, usual);
    str all = talk(&peer, &site,
                   STR("GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n"
                       "GET /inject HTTP/1.1\r\nHost: h\r\n\r\n"
                       "GET /replace HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
    assert_true(str_starts(all, STR("HTTP/1.1 500 Internal Server Error\r\n")));
    assert_has(all, STR("\r\n\r\nrefused"));
    assert_int_equal(count_of(all, STR("X-B")), 0);
    assert_has(all, STR("HTTP/1.1 507 "));
    assert_true(str_ends(all, STR("found too late, but not too late")));
    assert_int_equal(count_of(all, STR("X-One")), 0); /* of the reply that was replaced */
    site_close(&site);
}

static void drains_in_order(void **state) {
    static struct peer idle, busy, late;
    struct error e;
    site_open(&site, *state, usual);
    peer_open(&idle, &site);
    peer_say(&idle, STR("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n"));
    assert_true(peer_hear(&idle, STR("hello")));
    peer_open(&busy, &site);
    peer_say(&busy, STR("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n"));
    peer_open(&late, &site);
    peer_say(&late, STR("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n"));
    usleep(50000);
    assert_ok(http_server_drain(site.server, in_ms(5000), &e), &e);
    str all = peer_hear_all(&busy);
    assert_has(all, STR("slept"));
    assert_has(all, STR("Connection: close\r\n"));
    assert_has(peer_hear_all(&late), STR("stopping"));
    str kept = peer_hear_all(&idle);
    assert_int_equal(count_of(kept, STR("HTTP/1.1 ")), 1);
    assert_false(idle.reset || busy.reset || late.reset);
    int fd;
    assert_int_not_equal(net_connect(&site.address, in_ms(1000), &fd, NULL), OK);
    peer_close(&idle);
    peer_close(&busy);
    peer_close(&late);
    site_close(&site);
}

static void a_late_drain_is_cut(void **state) {
    struct error e;
    site_open(&site, *state, usual);
    peer_open(&peer, &site);
    peer_say(&peer, STR("PUT /count HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc"));
    usleep(50000);
    assert_int_equal(http_server_drain(site.server, in_ms(20), &e), FAIL_TIMEOUT);
    site_close(&site);
    (void)peer_hear_all(&peer);
    peer_close(&peer);
    assert_int_equal(site.last_read, FAIL_INCOMPLETE_BODY);
}

enum { MANY = 12 };

/* Idle connections hold no blocks, and make room for new ones. */
static void idle_connections_make_room(void **state) {
    static struct peer many[MANY];
    struct http_server_options o = {.limits = {.connections = 2, .exchanges = 2}};
    struct http_counters c;
    site_open(&site, *state, o);
    for (int i = 0; i < MANY; i++) {
        peer_open(&many[i], &site);
        peer_say(&many[i], STR("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n"));
        assert_true(peer_hear(&many[i], STR("hello")));
        usleep(5000); /* so that it is idle before the next one comes */
        http_server_counters(site.server, &c);
        assert_int_equal(c.exchanges_open, 0);
    }
    assert_int_equal(c.connections, MANY);
    assert_true(c.connections_open <= 4); /* two a reactor */
    for (int i = 0; i < MANY; i++) peer_close(&many[i]);
    site_close(&site);
}

/* Heads that trickle hold every block, until somebody comes with a whole request. */
static void trickled_heads_make_room(void **state) {
    static const struct http_limits cases[] = {{.exchanges = 2}, {.connections = 2}};
    static struct peer slow[MANY];
    for (size_t k = 0; k < COUNT_OF(cases); k++) {
        struct http_server_options o = {.limits = cases[k]};
        site_open(&site, *state, o);
        for (int i = 0; i < MANY; i++) {
            peer_open(&slow[i], &site);
            peer_say(&slow[i], STR("GET /hel"));
        }
        struct http_counters c;
        do usleep(1000);
        while (http_server_counters(site.server, &c), c.connections + c.connections_refused < MANY);
        usleep(30000); /* they have driven each other out by now, as far as they can */
        for (int i = 0; i < 4; i++) {
            str all = talk(&peer, &site,
                           STR("GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
            assert_true(str_ends(all, STR("hello")));
        }
        for (int i = 0; i < MANY; i++) peer_close(&slow[i]);
        site_close(&site);
    }
}

/* More requests at once than there is room for: some are served, the others told to come again. */
static void too_many_get_503(void **state) {
    static const struct http_limits cases[] = {{.exchanges = 2}, {.connections = 2}};
    static struct peer many[MANY];
    for (size_t k = 0; k < COUNT_OF(cases); k++) {
        struct http_server_options o = {.limits = cases[k]};
        int served = 0, refused = 0;
        o.limits.linger_ms = 100;
        site_open(&site, *state, o);
        for (int i = 0; i < MANY; i++) {
            struct http_counters c;
            peer_open(&many[i], &site);
            peer_say(&many[i], STR("GET /hold HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
            do usleep(200); /* until it is known what became of this one */
            while (http_server_counters(site.server, &c),
                   c.exchanges_open + c.replies[5] + c.connections_refused <= (uint64_t)i);
        }
        site.release = true;
        for (int i = 0; i < MANY; i++) {
            str all = peer_hear_all(&many[i]);
            served += has(all, STR("held"));
            refused += has(all, STR("HTTP/1.1 503 ")) || many[i].reset;
            peer_close(&many[i]);
        }
        assert_int_equal(served + refused, MANY);
        assert_true(served >= 2 && served <= 4); /* two a reactor, if both were chosen */
        site_close(&site);
    }
}

static void unix_sockets_know_their_user(void **state) {
    char folder[] = "/tmp/azekura-http-XXXXXX", path[64];
    struct error e;
    struct http_client *client;
    struct http_response_head head;
    static char memory[1 << 17];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/socket", folder);
    struct http_server_options o = {.unix_path = str_from_c(path)};
    site_open(&site, *state, o);
    struct http_client_options plain = {.without_tls = true};
    assert_ok(http_client_open(&plain, &client, &e), &e);
    struct http_client_request q = {.method = HTTP_GET,
                                    .url = STR("/user"),
                                    .unix_path = str_from_c(path),
                                    .deadline_ns = in_ms(5000)};
    struct arena arena = arena_over(memory, sizeof memory);
    str body;
    assert_ok(http_client_fetch(client, &q, 100, &arena, &head, &body, &e), &e);
    assert_str(body, STR("known"));
    assert_int_equal(site.user, getuid());
    peer_open(&peer, &site);
    peer_say(&peer, STR("GET /user HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
    site.user = UINT32_MAX;
    (void)peer_hear_all(&peer);
    peer_close(&peer);
    assert_int_equal(site.user, UINT32_MAX); /* TCP has no user */
    http_client_close(client);
    site_close(&site);
    assert_int_not_equal(access(path, F_OK), 0);
    rmdir(folder);
}

static void counts_what_it_did(void **state) {
    struct http_counters c;
    site_open(&site, *state, usual);
    talk(&peer, &site,
         STR("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n"
             "PUT /count HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
             "GET /refuse HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
    while (http_server_counters(site.server, &c), c.connections_open > 0) usleep(1000);
    assert_int_equal(c.connections, 1);
    assert_int_equal(c.exchanges, 3);
    assert_int_equal(c.exchanges_open, 0);
    assert_int_equal(c.replies[2], 2);
    assert_int_equal(c.replies[4], 1);
    assert_int_equal(c.body_bytes_in, 3);
    assert_int_equal(c.body_bytes_out,
                     5 + sizeof "3 193485963" - 1 + sizeof "the clause keep.at-home says no" - 1);
    assert_int_equal(c.faults + c.timeouts + c.aborts + c.connections_refused, 0);
    site_close(&site);
}

static void bad_options_are_refused(void **state) {
    struct error e;
    struct http_server *server;
    struct net_address taken, any;
    assert_ok(net_address_read(STR("127.0.0.1:0"), &any, &e), &e);
    struct http_server_options o = {
        .addresses = &any, .address_count = 1, .serve = site_serve, .certificate_path = STR("/x")};
    assert_int_equal(http_server_open(*state, &o, &server, &e), FAIL_USAGE);
    o.key_path = STR("/nonexistent");
    assert_int_equal(http_server_open(*state, &o, &server, &e), FAIL_TLS);
    o.key_path = o.certificate_path = STR_EMPTY;
    assert_ok(net_address_read(STR("192.0.2.1:1"), &taken, &e), &e); /* not ours to listen on */
    o.addresses = &taken;
    assert_int_not_equal(http_server_open(*state, &o, &server, &e), OK);
    http_server_close(NULL);
}

/* Shared listening sockets let a second server take half of the first one's connections: a store
 * started on a port that another had answered some requests, and the other the rest. */
static void a_taken_port_is_refused(void **state) {
    struct error e;
    struct http_server *second;
    site_open(&site, *state, (struct http_server_options){0});
    struct http_server_options o = {
        .addresses = &site.address, .address_count = 1, .serve = site_serve};
    assert_int_not_equal(http_server_open(*state, &o, &second, &e), OK);
    assert_non_null(strstr(e.message, "in use"));
    site_close(&site);
    assert_ok(http_server_open(*state, &o, &second, &e), &e);
    http_server_close(second);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SITE_ON_BOTH(keeps_alive_and_pipelines),
        SITE_ON_BOTH(a_long_pipeline_stays_in_order),
        SITE_ON_BOTH(takes_bytes_one_by_one),
        SITE_ON_BOTH(speaks_http_1_0),
        SITE_ON_BOTH(asks_for_an_expected_body),
        SITE_ON_BOTH(refusal_reaches_a_sending_client),
        SITE_ON_BOTH(a_little_unread_keeps_the_connection),
        SITE_ON_BOTH(bodies_of_any_size),
        SITE_ON_BOTH(slow_senders_are_ended),
        SITE_ON_BOTH(closing_early_is_incomplete),
        SITE_ON_BOTH(bad_heads_get_their_status),
        SITE_ON_BOTH(nothing_is_smuggled),
        SITE_ON_BOTH(replies_without_bodies),
        SITE_ON_BOTH(a_broken_reply_is_a_reset),
        SITE_ON_BOTH(a_file_leaves_as_it_is),
        SITE_ON_BOTH(handlers_that_err),
        SITE_ON_BOTH(drains_in_order),
        SITE_ON_BOTH(a_late_drain_is_cut),
        SITE_ON_BOTH(idle_connections_make_room),
        SITE_ON_BOTH(trickled_heads_make_room),
        SITE_ON_BOTH(too_many_get_503),
        SITE_ON_BOTH(unix_sockets_know_their_user),
        SITE_ON_BOTH(counts_what_it_did),
        SITE_ON_BOTH(bad_options_are_refused),
        SITE_ON_BOTH(a_taken_port_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
