/* A ledger behind a console: what is public, what wants an inspector, what the server may get wrong. */
#include "tests/verify/world.h"

#include "base/disk.h"
#include "http/http.h"
#include "verify/web.h"

#include <fcntl.h>

static struct runtime *runtime;
static struct http_server *server;
static char url[128], credentials_path[128];
static _Atomic unsigned signed_requests;

static void plain(struct http_exchange *x, int status, str body) {
    struct error e;
    error_ignore(http_reply_send(x, status, NULL, 0, body, &e)); /* a test server */
}

/* The console's part: bundles for who signs as `inspector`, the rest for everybody. */
static void serve(void *self, struct http_exchange *x) {
    str path = x->head.path, authorization, date;
    char name[256];
    struct error e;
    if (!str_starts(path, STR("/ledger/"))) {
        plain(x, 404, STR(""));
        return;
    }
    if (str_starts(path, STR("/ledger/tile/entries/"))) {
        struct verify_credentials key;
        struct verify_signed_headers expected;
        int64_t when;
        if (!http_header_find(x, STR("authorization"), &authorization) ||
            !http_header_find(x, STR("x-amz-date"), &date) || !clock_amz_read(date, &when) ||
            verify_credentials_parse(STR("access_key=inspector\nsecret_key=s3cret\n"), &key, &e) ||
            verify_sign(&key, x->head.host, path, x->head.query, when, &expected, &e) ||
            !str_equal(authorization,
                       str_of(expected.authorization, expected.authorization_bytes))) {
            plain(x, 403, STR(""));
            return;
        }
        signed_requests++;
    }
    snprintf(name, sizeof name, "%s%.*s", world->dir, STR_FMT(path));
    static char memory[4 << 20];
    struct arena arena = arena_over(memory, sizeof memory);
    str bytes;
    if (disk_file_read(AT_FDCWD, name, 2 << 20, &arena, &bytes, &e) != OK) {
        plain(x, 404, STR(""));
    } else {
        plain(x, 200, bytes);
    }
}

static int setup(void **state) {
    struct error e;
    struct net_address listen;
    char address[NET_TEXT_BYTES];
    world_make();
    world_seal();
    world_write();
    assert_ok(runtime_open(&(struct runtime_options){.reactors = 1}, &runtime, &e), &e);
    assert_ok(net_address_read(STR("127.0.0.1:0"), &listen, &e), &e);
    struct http_server_options options = {.addresses = &listen, .address_count = 1, .serve = serve};
    assert_ok(http_server_open(runtime, &options, &server, &e), &e);
    listen = http_server_address(server, 0);
    net_address_write(&listen, address);
    snprintf(url, sizeof url, "http://%s", address);
    world_path(credentials_path, sizeof credentials_path, "credentials");
    file_write(credentials_path, STR("access_key=inspector\nsecret_key=s3cret\n"));
    return 0;
}

static int teardown(void **state) {
    http_server_close(server);
    runtime_close(runtime);
    world_remove();
    return 0;
}

static enum error_code check(const char *base, const char *credentials,
                             struct verify_result *result, struct error *e) {
    static char texts[1 << 20];
    struct arena texts_arena = arena_over(texts, sizeof texts), arena;
    struct arena_space space;
    struct verify_web web;
    struct verify_source source;
    struct verify_trust trust = {.log = world->log.vkey};
    struct verify_ledger ledger = {.trust = &trust, .source = &source};
    struct verify_line line;
    memset(result, 0, sizeof *result);
    result->arena = &texts_arena;
    assert_ok(arena_space_open(&space, (size_t)64 << 20, &arena, e), e);
    enum error_code code = verify_web_open(base, credentials, NULL, &arena, &web, &source, e);
    if (code == OK) {
        code = verify_ledger_head(&ledger, &arena, result, &line, e);
        if (code == OK) code = verify_ledger_check(&ledger, &line, &arena, result, e);
        verify_web_close(&web);
    }
    arena_space_release(&space);
    return code;
}

static struct verify_result result;

static void an_inspector(void **state) {
    struct error e;
    char longer[160];
    assert_ok(check(url, credentials_path, &result, &e), &e);
    assert_int_equal(result.finding_count, 0);
    assert_int_equal(signed_requests,
                     3); /* the first bundle twice: for the logs it names, and in order */
    snprintf(longer, sizeof longer, "%s/ledger/", url);
    assert_ok(check(longer, credentials_path, &result, &e), &e);
    assert_int_equal(result.finding_count, 0);
}

static void somebody_else(void **state) {
    struct error e;
    char path[128], elsewhere[160];
    assert_int_equal(check(url, NULL, &result, &e), FAIL_ACCESS_DENIED);
    assert_true(result.signed_by.len > 0); /* the checkpoint is public */
    world_path(path, sizeof path, "wrong");
    file_write(path, STR("access_key=inspector\nsecret_key=wrong\n"));
    assert_int_equal(check(url, path, &result, &e), FAIL_ACCESS_DENIED);
    file_write(path, STR("what is this\n"));
    assert_int_equal(check(url, path, &result, &e), FAIL_SYNTAX);
    assert_int_equal(check(url, "/nowhere", &result, &e), FAIL_NOT_FOUND);
    snprintf(elsewhere, sizeof elsewhere, "%s/not-here", url);
    assert_int_equal(check(elsewhere, NULL, &result, &e), FAIL_NOT_FOUND);
    assert_int_not_equal(check("http://127.0.0.1:1", NULL, &result, &e), OK);
    assert_int_equal(check("http://", NULL, &result, &e), FAIL_INVALID_URI);
}

/* Keep last: the server's tile is bent. */
static void a_tile_that_differs(void **state) {
    struct error e;
    char name[64];
    snprintf(name, sizeof name, "ledger/tile/0/001.p/%u", tlog_tile_width(0, 1, world->count));
    file_flip(name, 1);
    assert_ok(check(url, credentials_path, &result, &e), &e);
    result.arena = NULL;
    assert_true(result_has(&result, "is not what the entries hash to"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_inspector),
        cmocka_unit_test(somebody_else),
        cmocka_unit_test(a_tile_that_differs),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
