#include "tests/http/message.h"
#include "tests/http/vectors.h"
#include "tests/test.h"

#include "http/http.h"

static void smuggling_is_refused(void **state) {
    static struct message m;
    for (size_t i = 0; i < COUNT_OF(smuggling); i++) {
        enum message_answer answer = message_read_request(smuggling[i].bytes, &m);
        assert_row(smuggling[i].name, answer == MESSAGE_REFUSED);
        assert_row(smuggling[i].name, m.e.message[0] != 0);
    }
}

static void well_formed_is_accepted_whole(void **state) {
    static struct message m;
    for (size_t i = 0; i < COUNT_OF(well_formed); i++) {
        enum message_answer answer = message_read_request(well_formed[i], &m);
        assert_row(well_formed[i].at, answer == MESSAGE_ACCEPTED);
        assert_row(well_formed[i].at, m.consumed == well_formed[i].len);
    }
}

/* A prefix of a good head is short, never wrong; a prefix of a bad one is short or refused, and
 * once refused stays so. */
static void prefixes_agree(void **state) {
    static struct http_request_head h;
    size_t consumed = 0;
    for (size_t i = 0; i < COUNT_OF(well_formed); i++)
        for (size_t n = 0; n <= well_formed[i].len; n++) {
            struct error e;
            enum error_code code =
                http_request_head_parse(str_slice(well_formed[i], 0, n), &h, &consumed, &e);
            assert_ok(code, &e);
            if (consumed > 0) break;
            assert_true(n < well_formed[i].len);
        }
    for (size_t i = 0; i < COUNT_OF(smuggling); i++) {
        bool refused = false;
        for (size_t n = 0; n <= smuggling[i].bytes.len; n++) {
            consumed = 0;
            enum error_code code =
                http_request_head_parse(str_slice(smuggling[i].bytes, 0, n), &h, &consumed, NULL);
            assert_row(smuggling[i].name, !refused || code != OK);
            refused = refused || code != OK;
            if (consumed > 0) break; /* the head is right, its body is not */
        }
    }
}

static void codes_name_the_status(void **state) {
    static const struct {
        const char *name;
        str bytes;
        enum error_code code;
        int status;
    } cases[] = {
        {"unknown method", STR("BREW / HTTP/1.1\r\nHost: h\r\n\r\n"), FAIL_HTTP_METHOD, 501},
        {"lower-case method", STR("get / HTTP/1.1\r\nHost: h\r\n\r\n"), FAIL_HTTP_METHOD, 501},
        {"CONNECT", STR("CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n"), FAIL_HTTP_METHOD, 501},
        {"endless method", STR("AAAAAAAAAAAAAAAAAAAAAAAA"), FAIL_HTTP_METHOD, 501},
        {"a TLS hello", STR("\x16\x03\x01\x02\x00\x01\x00\x01"), FAIL_HTTP_SYNTAX, 400},
        {"HTTP/2.0", STR("GET / HTTP/2.0\r\nHost: h\r\n\r\n"), FAIL_HTTP_VERSION, 505},
        {"HTTP/1.2", STR("GET / HTTP/1.2\r\nHost: h\r\n\r\n"), FAIL_HTTP_VERSION, 505},
        {"other expectation", STR(POST "Expect: 200-ok\r\n\r\n"), FAIL_HTTP_EXPECTATION, 417},
        {"star for GET", STR("GET * HTTP/1.1\r\nHost: h\r\n\r\n"), FAIL_HTTP_SYNTAX, 400},
        {"ftp target", STR("GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n"), FAIL_HTTP_SYNTAX, 400},
    };
    static struct http_request_head h;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t consumed;
        enum error_code code = http_request_head_parse(cases[i].bytes, &h, &consumed, NULL);
        assert_row(cases[i].name, code == cases[i].code);
        assert_row(cases[i].name, error_http_status(code) == cases[i].status);
    }
}

static void limits_hold_at_their_edge(void **state) {
    static char memory[128 << 10];
    static struct http_request_head h;
    size_t consumed;

    struct text t = text_into(memory, sizeof memory);
    text_add(&t, STR("GET / HTTP/1.1\r\nHost: h\r\n"));
    for (int i = 1; i < LIMIT_HEADER_COUNT; i++) text_format(&t, "x-%d: y\r\n", i);
    str most = text_str(&t);
    text_add(&t, STR("\r\n"));
    assert_int_equal(http_request_head_parse(text_str(&t), &h, &consumed, NULL), OK);
    assert_int_equal(h.headers.count, LIMIT_HEADER_COUNT);
    t = text_into(memory, sizeof memory);
    t.len = most.len;
    for (int i = 0; i < 1000; i++) text_add(&t, STR("x: y\r\n"));
    assert_int_equal(http_request_head_parse(text_str(&t), &h, &consumed, NULL),
                     FAIL_HTTP_HEAD_TOO_LARGE);

    /* a header line without an end: short up to the limit, too large at it */
    t = text_into(memory, sizeof memory);
    text_add(&t, STR("GET / HTTP/1.1\r\nHost: h\r\nx: "));
    while (t.len < sizeof memory) text_add_char(&t, 'a');
    str endless = text_str(&t);
    assert_int_equal(
        http_request_head_parse(str_slice(endless, 0, LIMIT_HEAD_BYTES - 1), &h, &consumed, NULL),
        OK);
    assert_int_equal(consumed, 0);
    assert_int_equal(
        http_request_head_parse(str_slice(endless, 0, LIMIT_HEAD_BYTES), &h, &consumed, NULL),
        FAIL_HTTP_HEAD_TOO_LARGE);
    assert_int_equal(http_request_head_parse(endless, &h, &consumed, NULL),
                     FAIL_HTTP_HEAD_TOO_LARGE);

    /* a head of exactly the limit is read, even when its body lies right behind it */
    memcpy(memory + LIMIT_HEAD_BYTES - 4, "\r\n\r\nbody", 8);
    assert_int_equal(
        http_request_head_parse(str_of(memory, LIMIT_HEAD_BYTES + 4), &h, &consumed, NULL), OK);
    assert_int_equal(consumed, LIMIT_HEAD_BYTES);

    for (int over = 0; over <= 1; over++) {
        t = text_into(memory, sizeof memory);
        text_add(&t, STR("GET "));
        for (int i = 0; i < LIMIT_TARGET_BYTES + over; i++) text_add_char(&t, '/');
        text_add(&t, STR(" HTTP/1.1\r\nHost: h\r\n\r\n"));
        assert_int_equal(http_request_head_parse(text_str(&t), &h, &consumed, NULL),
                         over ? FAIL_HTTP_TARGET_TOO_LONG : OK);
    }
}

static void a_head_is_taken_apart(void **state) {
    static struct http_request_head h;
    size_t consumed;
    struct error e;
    str bytes =
        STR("PUT /b/a%20b?x=1&y HTTP/1.1\r\nHOST:  s3.example:9000 \r\ncontent-length: 7\r\n"
            "X-A: one\r\nExpect: 100-continue\r\nx-a:\ttwo\t\r\n\r\nignored");
    assert_ok(http_request_head_parse(bytes, &h, &consumed, &e), &e);
    assert_int_equal(consumed, bytes.len - 7);
    assert_int_equal(h.method, HTTP_PUT);
    assert_str(http_method_name(h.method), STR("PUT"));
    assert_int_equal(h.minor, 1);
    assert_str(h.target, STR("/b/a%20b?x=1&y"));
    assert_str(h.path, STR("/b/a%20b"));
    assert_str(h.query, STR("x=1&y"));
    assert_str(h.host, STR("s3.example:9000"));
    assert_true(h.has_query && h.keep_alive && h.expect_continue);
    assert_int_equal(h.body, HTTP_BODY_LENGTH);
    assert_int_equal(h.body_bytes, 7);
    str value;
    assert_true(http_headers_find(&h.headers, STR("x-a"), &value));
    assert_str(value, STR("one"));
    assert_int_equal(http_headers_count(&h.headers, STR("X-A")), 2);
    size_t index = 0;
    assert_true(http_headers_next(&h.headers, STR("X-a"), &index, &value));
    assert_true(http_headers_next(&h.headers, STR("X-a"), &index, &value));
    assert_str(value, STR("two"));
    assert_false(http_headers_next(&h.headers, STR("X-a"), &index, &value));
    assert_false(http_headers_find(&h.headers, STR("x-b"), &value));

    str whole = STR("GET https://h?q HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_ok(http_request_head_parse(whole, &h, &consumed, &e), &e);
    assert_str(h.path, STR("/"));
    assert_str(h.query, STR("q"));
}

static void connections_are_kept_or_not(void **state) {
    static const struct {
        str bytes;
        bool keep;
    } cases[] = {
        {STR("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), true},
        {STR("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"), false},
        {STR("GET / HTTP/1.1\r\nHost: h\r\nConnection: te , CLOSE\r\n\r\n"), false},
        {STR("GET / HTTP/1.1\r\nHost: h\r\nConnection: te\r\nConnection: close\r\n\r\n"), false},
        {STR("GET / HTTP/1.1\r\nHost: h\r\nConnection: closed\r\n\r\n"), true},
        {STR("GET / HTTP/1.0\r\nHost: h\r\n\r\n"), false},
        {STR("GET / HTTP/1.0\r\nHost: h\r\nConnection: Keep-Alive\r\n\r\n"), true},
        {STR("GET / HTTP/1.0\r\nHost: h\r\nConnection: keep-alive, close\r\n\r\n"), false},
    };
    static struct http_request_head h;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t consumed;
        assert_int_equal(http_request_head_parse(cases[i].bytes, &h, &consumed, NULL), OK);
        assert_row(cases[i].bytes.at, h.keep_alive == cases[i].keep);
    }
}

static void responses_say_what_follows(void **state) {
    static const struct {
        const char *name;
        str bytes;
        bool head;
        enum error_code code;
        int status;
        enum http_body body;
        uint64_t count;
        bool keep;
    } cases[] = {
        {"length", STR("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), false, OK, 200,
         HTTP_BODY_LENGTH, 5, true},
        {"chunked", STR("HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n"), false, OK, 200,
         HTTP_BODY_CHUNKED, 0, true},
        {"neither", STR("HTTP/1.1 200\r\n\r\n"), false, OK, 200, HTTP_BODY_UNTIL_CLOSE, 0, false},
        {"to HEAD", STR("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), true, OK, 200,
         HTTP_BODY_NONE, 0, true},
        {"204", STR("HTTP/1.1 204 No Content\r\n\r\n"), false, OK, 204, HTTP_BODY_NONE, 0, true},
        {"304", STR("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"), false, OK, 304,
         HTTP_BODY_NONE, 0, true},
        {"100", STR("HTTP/1.1 100 Continue\r\n\r\n"), false, OK, 100, HTTP_BODY_NONE, 0, true},
        {"1.0", STR("HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n"), false, OK, 404,
         HTTP_BODY_LENGTH, 0, false},
        {"both", STR("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
         false, FAIL_HTTP_SYNTAX, 0, 0, 0, false},
        {"two digits", STR("HTTP/1.1 20 OK\r\n\r\n"), false, FAIL_HTTP_SYNTAX, 0, 0, 0, false},
        {"four digits", STR("HTTP/1.1 2000 OK\r\n\r\n"), false, FAIL_HTTP_SYNTAX, 0, 0, 0, false},
        {"099", STR("HTTP/1.1 099 OK\r\n\r\n"), false, FAIL_HTTP_SYNTAX, 0, 0, 0, false},
        {"not HTTP", STR("SSH-2.0-x\r\n"), false, FAIL_HTTP_SYNTAX, 0, 0, 0, false},
        {"HTTP/2", STR("HTTP/2.0 200 OK\r\n\r\n"), false, FAIL_HTTP_VERSION, 0, 0, 0, false},
        {"bare LF", STR("HTTP/1.1 200 OK\nContent-Length: 5\n\n"), false, FAIL_HTTP_SYNTAX, 0, 0, 0,
         false},
    };
    static struct http_response_head h;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t consumed = 0;
        enum error_code code =
            http_response_head_parse(cases[i].bytes, cases[i].head, &h, &consumed, NULL);
        assert_row(cases[i].name, code == cases[i].code);
        if (code != OK) continue;
        assert_row(cases[i].name, consumed == cases[i].bytes.len);
        assert_row(cases[i].name, h.status == cases[i].status);
        assert_row(cases[i].name, h.body == cases[i].body);
        assert_row(cases[i].name, h.body_bytes == cases[i].count);
        assert_row(cases[i].name, h.keep_alive == cases[i].keep);
    }
}

static void values_cannot_add_headers(void **state) {
    assert_true(http_header_value_is_valid(STR("a b\tc \xe6")));
    assert_true(http_header_value_is_valid(STR("")));
    assert_false(http_header_value_is_valid(STR("a\r\nSet-Cookie: b")));
    assert_false(http_header_value_is_valid(STR("a\nb")));
    assert_false(http_header_value_is_valid(STR("a\0b")));
    assert_false(http_header_name_is_valid(STR("")));
    assert_false(http_header_name_is_valid(STR("a b")));
    assert_false(http_header_name_is_valid(STR("a:")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smuggling_is_refused),
        cmocka_unit_test(well_formed_is_accepted_whole),
        cmocka_unit_test(prefixes_agree),
        cmocka_unit_test(codes_name_the_status),
        cmocka_unit_test(limits_hold_at_their_edge),
        cmocka_unit_test(a_head_is_taken_apart),
        cmocka_unit_test(connections_are_kept_or_not),
        cmocka_unit_test(responses_say_what_follows),
        cmocka_unit_test(values_cannot_add_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
