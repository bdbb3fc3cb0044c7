/* TLS: the same server behind certificates made on the spot, asked by our client from threads and
 * fibers, and by a bare TLS connection for what the client does not do. */
#include "tests/http/certificate.h"
#include "tests/http/server_test.h"

#include "http/tls.h"

#include <netinet/in.h>
#include <unistd.h>

static struct site site;
static char folder[64], certificate[96], key[96];
static char memory[12 << 20];

static void secure_site_open(struct runtime *runtime, struct http_limits limits) {
    snprintf(folder, sizeof folder, "/tmp/azekura-tls-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(certificate, sizeof certificate, "%s/certificate.pem", folder);
    snprintf(key, sizeof key, "%s/key.pem", folder);
    certificate_write(certificate, key);
    struct http_server_options o = {
        .certificate_path = str_from_c(certificate), .key_path = str_from_c(key), .limits = limits};
    site_open(&site, runtime, o);
}

static void secure_site_close(void) {
    site_close(&site);
    unlink(certificate);
    unlink(key);
    rmdir(folder);
}

static void client_open(struct http_client **client, str ca_path, bool accept_anybody) {
    struct error e;
    struct http_client_options o = {.ca_path = ca_path, .accept_anybody = accept_anybody};
    assert_ok(http_client_open(&o, client, &e), &e);
}

static str url_of(const struct site *s, const char *host, const char *target, char *to,
                  size_t cap) {
    struct text t = text_into(to, cap);
    struct sockaddr_in at;
    memcpy(&at, &s->address.at, sizeof at);
    text_format(&t, "https://%s:%u%s", host, (unsigned)ntohs(at.sin_port), target);
    return text_str(&t);
}

static enum error_code get(struct http_client *client, const char *host, const char *target,
                           str *body, struct error *e) {
    char url[200];
    struct http_response_head head;
    struct arena arena = arena_over(memory, sizeof memory);
    struct http_client_request q = {.method = HTTP_GET,
                                    .url = url_of(&site, host, target, url, sizeof url),
                                    .deadline_ns = in_ms(5000)};
    return http_client_fetch(client, &q, 8 << 20, &arena, &head, body, e);
}

static void is_trusted_by_name_and_address(void **state) {
    struct http_client *client;
    struct error e;
    str body;
    secure_site_open(*state, (struct http_limits){0});
    client_open(&client, str_from_c(certificate), false);
    assert_ok(get(client, "127.0.0.1", "/hello", &body, &e), &e);
    assert_str(body, STR("hello"));
    assert_ok(get(client, "localhost", "/hello", &body, &e), &e);
    /* the right certificate under another name is the wrong one */
    assert_int_equal(get(client, "127.1", "/hello", &body, &e), FAIL_TLS);
    assert_has(str_from_c(e.message), STR("mismatch"));
    http_client_close(client);

    client_open(&client, STR_EMPTY, false); /* whom the system trusts */
    assert_int_equal(get(client, "127.0.0.1", "/hello", &body, &e), FAIL_TLS);
    assert_has(str_from_c(e.message), STR("self-signed"));
    http_client_close(client);
    client_open(&client, STR_EMPTY, true);
    assert_ok(get(client, "127.0.0.1", "/hello", &body, &e), &e);
    http_client_close(client);
    secure_site_close();
}

static void certificates_change_while_it_runs(void **state) {
    struct http_client *before, *after;
    struct error e;
    str body;
    secure_site_open(*state, (struct http_limits){0});
    client_open(&before, str_from_c(certificate), false);
    certificate_write(certificate, key);
    client_open(&after, str_from_c(certificate), false);
    assert_ok(get(before, "localhost", "/hello", &body, &e), &e);
    assert_ok(http_server_reload_tls(site.server, &e), &e);
    assert_int_equal(get(before, "localhost", "/hello", &body, &e), FAIL_TLS);
    assert_ok(get(after, "localhost", "/hello", &body, &e), &e);

    /* a half-written pair is refused, and the one in use stays */
    FILE *file = fopen(key, "w");
    fputs("-----BEGIN PRIVATE KEY-----\nMIGH", file);
    fclose(file);
    assert_int_equal(http_server_reload_tls(site.server, &e), FAIL_TLS);
    assert_has(str_from_c(e.message), STR("key.pem"));
    assert_ok(get(after, "localhost", "/hello", &body, &e), &e);
    http_client_close(before);
    http_client_close(after);
    secure_site_close();
}

static void key_write(const char *text) {
    FILE *file = fopen(key, "w");
    assert_non_null(file);
    if (text != NULL) {
        fputs(text, file);
    } else {
        EVP_PKEY *fresh = EVP_EC_gen("P-256");
        assert_int_equal(
            PEM_write_PKCS8PrivateKey(file, fresh, EVP_aes_256_cbc(), "hush", 4, NULL, NULL), 1);
        EVP_PKEY_free(fresh);
    }
    fclose(file);
}

/* "PEM lib" and "system lib" were all that was said; for an encrypted key OpenSSL asked at the terminal. */
static void what_is_wrong_with_a_certificate_is_said(void **state) {
    struct error e;
    secure_site_open(*state, (struct http_limits){0});
    key_write("junk");
    assert_int_equal(http_server_reload_tls(site.server, &e), FAIL_TLS);
    assert_has(str_from_c(e.message), STR("no such thing in it, in PEM"));
    key_write(NULL);
    assert_int_equal(http_server_reload_tls(site.server, &e), FAIL_TLS);
    assert_has(str_from_c(e.message), STR("encrypted"));
    unlink(certificate);
    assert_int_equal(http_server_reload_tls(site.server, &e), FAIL_TLS);
    assert_has(str_from_c(e.message), STR("No such file"));
    secure_site_close();
}

/* A bare connection: keep-alive, pipelining, the early refusal, the reset. */
static void open_wire(struct http_wire *w, SSL_CTX *context) {
    struct error e;
    *w = (struct http_wire){0};
    assert_ok(net_connect(&site.address, in_ms(5000), &w->fd, &e), &e);
    assert_ok(tls_connect(w, context, STR("localhost"), false, in_ms(5000), &e), &e);
}

static void say(struct http_wire *w, str bytes) {
    struct error e;
    assert_ok(wire_send(w, bytes, STR_EMPTY, INT64_MAX, in_ms(5000), &e), &e);
}

/* Everything up to the end; *code says how it ended. */
static str hear_all(struct http_wire *w, enum error_code *code) {
    static char heard[65536];
    struct error e;
    size_t used = 0, got = 1;
    while ((*code = wire_recv(w, heard + used, sizeof heard - used, in_ms(5000), &got, &e)) == OK &&
           got > 0)
        used += got;
    return str_of(heard, used);
}

static void speaks_as_in_clear(void **state) {
    SSL_CTX *context;
    struct error e;
    struct http_wire w;
    enum error_code code;
    static char body[8 << 20];
    secure_site_open(*state, (struct http_limits){0});
    assert_ok(tls_client_context(NULL, false, &context, &e), &e);

    open_wire(&w, context);
    const unsigned char *protocol;
    unsigned protocol_bytes;
    SSL_get0_alpn_selected(w.tls, &protocol, &protocol_bytes);
    assert_str(str_of(protocol, protocol_bytes), STR("http/1.1"));
    say(&w, STR("GET /hello HTTP/1.1\r\nHost: h\r\n\r\nPUT /count HTTP/1.1\r\nHost: h\r\n"
                "Content-Length: 3\r\n\r\nabc"));
    usleep(20000); /* idle in between */
    say(&w, STR("GET /stream HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
    str all = hear_all(&w, &code);
    assert_int_equal(code, OK); /* ended with a close notice */
    assert_int_equal(count_of(all, STR("HTTP/1.1 200 OK\r\n")), 3);
    assert_has(all, STR("3 193485963"));
    wire_close(&w, false);

    /* 8 MiB are sent before the reply is read; it is there, and whole */
    open_wire(&w, context);
    say(&w, STR("PUT /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 8388608\r\n\r\n"));
    say(&w, str_of(body, sizeof body));
    all = hear_all(&w, &code);
    assert_int_equal(code, OK);
    assert_true(str_starts(all, STR("HTTP/1.1 403 ")));
    assert_true(str_ends(all, STR("the clause keep.at-home says no")));
    wire_close(&w, false);

    open_wire(&w, context);
    say(&w, STR("GET /break-a HTTP/1.1\r\nHost: h\r\n\r\n"));
    (void)hear_all(&w, &code);
    assert_int_equal(code, FAIL_CLOSED);
    wire_close(&w, false);

    SSL_CTX_free(context);
    secure_site_close();
}

static void large_bodies_both_ways(void **state) {
    struct http_client *client;
    struct error e;
    char url[200];
    str body;
    secure_site_open(*state, (struct http_limits){0});
    client_open(&client, str_from_c(certificate), false);
    assert_ok(get(client, "localhost", "/big?8000000", &body, &e), &e);
    assert_int_equal(body.len, 8000000);

    char *sent = memory + (8 << 20), counted[64];
    size_t sent_bytes = 3 << 20;
    uint64_t hash = 5381;
    for (size_t i = 0; i < sent_bytes; i++) {
        sent[i] = (char)(i >> 5);
        hash = hash * 33 + (unsigned char)sent[i];
    }
    struct http_response_head head;
    struct arena arena = arena_over(memory, 8 << 20);
    struct http_client_request q = {.method = HTTP_PUT,
                                    .url = url_of(&site, "localhost", "/count", url, sizeof url),
                                    .body = str_of(sent, sent_bytes),
                                    .deadline_ns = in_ms(10000)};
    assert_ok(http_client_fetch(client, &q, 1000, &arena, &head, &body, &e), &e);
    snprintf(counted, sizeof counted, "%zu %llu", sent_bytes, (unsigned long long)hash);
    assert_str(body, str_from_c(counted));
    http_client_close(client);
    secure_site_close();
}

/* ---- many at once: good ones, and between them handshakes that fail while others are parked, each
 * of which leaves errors in the thread's queue */

enum { MANY = 40 };

struct caller {
    struct piece piece;
    struct http_client *client;
    int index;
    enum error_code code;
    char memory[200 << 10];
};

static void call_secure(struct caller *c) {
    char url[200];
    struct error e;
    struct http_response_head head;
    str body;
    for (int round = 0; round < 5; round++) {
        struct arena arena = arena_over(c->memory, sizeof c->memory);
        struct http_client_request q = {
            .method = HTTP_GET,
            .url = url_of(&site, "localhost", "/big?100000", url, sizeof url),
            .deadline_ns = in_ms(10000)};
        c->code = http_client_fetch(c->client, &q, 100000, &arena, &head, &body, &e);
        if (c->code == OK && body.len != 100000) c->code = FAIL_CORRUPT;
        if (c->code != OK) return;
    }
}

static void call_in_clear(struct caller *c) {
    struct error e;
    char reply[100];
    size_t got;
    int fd;
    for (int round = 0; round < 20; round++) {
        str hello = STR("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
        if (net_connect(&site.address, in_ms(5000), &fd, &e) != OK) continue;
        if (net_send(fd, hello.at, hello.len, in_ms(5000), &e) == OK)
            c->code = net_recv(fd, reply, sizeof reply, in_ms(5000), &got, &e);
        net_close(fd);
    }
    c->code = OK;
}

static void caller_run(void *argument) {
    struct caller *c = argument;
    if (c->index % 3 == 2)
        call_in_clear(c);
    else
        call_secure(c);
}

static void failures_of_others_do_no_harm(void **state) {
    static struct caller callers[MANY];
    struct http_client *client;
    struct http_counters counters;
    struct runtime *runtime = *state;
    secure_site_open(runtime, (struct http_limits){0});
    client_open(&client, str_from_c(certificate), false);
    for (int i = 0; i < MANY; i++) {
        struct caller *c = &callers[i];
        c->piece = (struct piece){.run = caller_run, .argument = c};
        c->client = client;
        c->index = i;
        piece_start(&c->piece, runtime_reactor(runtime, (unsigned)i % 2));
    }
    for (int i = 0; i < MANY; i++) {
        piece_wait(&callers[i].piece);
        if (callers[i].code != OK) fail_msg("caller %d: %s", i, error_name(callers[i].code));
    }
    http_server_counters(site.server, &counters);
    assert_int_equal(counters.handshakes, 27 * 5);
    assert_int_equal(counters.handshakes_failed, 13 * 20);
    http_client_close(client);
    secure_site_close();
}

static void a_handshake_has_a_deadline(void **state) {
    static struct peer peer;
    secure_site_open(*state, (struct http_limits){.head_deadline_ms = 100});
    peer_open(&peer, &site);
    peer_say(&peer, STR("\x16\x03\x01")); /* and no more */
    int64_t before = clock_steady_ns();
    (void)peer_hear_all(&peer);
    assert_true(clock_steady_ns() - before < 2 * NS_PER_S);
    peer_close(&peer);
    secure_site_close();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SITE_ON_BOTH(is_trusted_by_name_and_address),
        SITE_ON_BOTH(certificates_change_while_it_runs),
        SITE_ON_BOTH(what_is_wrong_with_a_certificate_is_said),
        SITE_ON_BOTH(speaks_as_in_clear),
        SITE_ON_BOTH(large_bodies_both_ways),
        SITE_ON_BOTH(failures_of_others_do_no_harm),
        SITE_ON_BOTH(a_handshake_has_a_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
