#include "tests/test.h"

#include "http/uri.h"

static void decoding(void **state) {
    static const struct {
        str raw;
        unsigned flags;
        str out;
        enum error_code code;
    } cases[] = {
        {STR(""), 0, STR(""), OK},
        {STR("plain"), 0, STR("plain"), OK},
        {STR("a%20b"), 0, STR("a b"), OK},
        {STR("%e6%A0%a1"), 0, STR("\xe6\xa0\xa1"), OK},
        {STR("a+b"), 0, STR("a+b"), OK},
        {STR("a+b%2B"), HTTP_DECODE_PLUS_IS_SPACE, STR("a b+"), OK},
        {STR("%2525"), 0, STR("%25"), OK}, /* once */
        {STR("%00"), 0, STR("\0"), OK},
        {STR("a%00"), HTTP_DECODE_REFUSE_NUL, STR(""), FAIL_INVALID_URI},
        {STR("%"), 0, STR(""), FAIL_INVALID_URI},
        {STR("%4"), 0, STR(""), FAIL_INVALID_URI},
        {STR("a%4g"), 0, STR(""), FAIL_INVALID_URI},
        {STR("%%41"), 0, STR(""), FAIL_INVALID_URI},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char memory[64];
        struct arena arena = arena_over(memory, sizeof memory);
        str out = STR_EMPTY;
        enum error_code code =
            http_percent_decode(cases[i].raw, cases[i].flags, &arena, &out, NULL);
        assert_row(cases[i].raw.at, code == cases[i].code);
        if (code == OK) assert_str(out, cases[i].out);
    }
}

static void encoding_comes_back(void **state) {
    char all[256], memory[2048];
    struct arena arena = arena_over(memory, sizeof memory);
    str encoded, decoded;
    for (size_t i = 0; i < sizeof all; i++) all[i] = (char)i;
    assert_int_equal(http_percent_encode(str_of(all, 256), false, &arena, &encoded, NULL), OK);
    assert_int_equal(http_percent_decode(encoded, 0, &arena, &decoded, NULL), OK);
    assert_str(decoded, str_of(all, 256));
    assert_int_equal(http_percent_encode(STR("a/b c~"), true, &arena, &encoded, NULL), OK);
    assert_str(encoded, STR("a/b%20c~"));
    assert_int_equal(http_percent_encode(STR("a/b"), false, &arena, &encoded, NULL), OK);
    assert_str(encoded, STR("a%2Fb"));
    struct arena full = arena_over(memory, 2);
    assert_int_equal(http_percent_encode(STR("  "), false, &full, &encoded, NULL), FAIL_MEMORY);
    assert_int_equal(http_percent_decode(STR("%20%20%20"), 0, &full, &decoded, NULL), FAIL_MEMORY);
}

static void queries_are_walked(void **state) {
    char memory[256];
    struct arena arena = arena_over(memory, sizeof memory);
    struct http_query q = http_query_of(STR("&prefix=a%2Fb&uploads&&empty=&x=1=2&%6be%79=v&"));
    static const struct {
        str raw_name, name, value;
        bool has_value;
    } want[] = {
        {STR("prefix"), STR("prefix"), STR("a/b"), true},
        {STR("uploads"), STR("uploads"), STR(""), false},
        {STR("empty"), STR("empty"), STR(""), true},
        {STR("x"), STR("x"), STR("1=2"), true},
        {STR("%6be%79"), STR("key"), STR("v"), true},
    };
    struct http_parameter p;
    bool found;
    for (size_t i = 0; i < COUNT_OF(want); i++) {
        assert_int_equal(http_query_next(&q, 0, &arena, &found, &p, NULL), OK);
        assert_true(found);
        assert_str(p.raw_name, want[i].raw_name);
        assert_str(p.name, want[i].name);
        assert_str(p.value, want[i].value);
        assert_true(p.has_value == want[i].has_value);
    }
    assert_int_equal(http_query_next(&q, 0, &arena, &found, &p, NULL), OK);
    assert_false(found);
    q = http_query_of(STR("a=%zz"));
    assert_int_equal(http_query_next(&q, 0, &arena, &found, &p, NULL), FAIL_INVALID_URI);
}

static void urls(void **state) {
    static const struct {
        str text;
        bool tls;
        str host, authority, port, target;
        enum error_code code;
    } cases[] = {
        {STR("http://h"), false, STR("h"), STR("h"), STR("80"), STR("/"), OK},
        {STR("HTTPS://a.example:8443/p?q=1"), true, STR("a.example"), STR("a.example:8443"),
         STR("8443"), STR("/p?q=1"), OK},
        {STR("https://[::1]/x"), true, STR("::1"), STR("[::1]"), STR("443"), STR("/x"), OK},
        {STR("http://[::1]:9000/"), false, STR("::1"), STR("[::1]:9000"), STR("9000"), STR("/"),
         OK},
        {.text = STR("ftp://h/"), .code = FAIL_INVALID_URI},
        {.text = STR("http://"), .code = FAIL_INVALID_URI},
        {.text = STR("http:///x"), .code = FAIL_INVALID_URI},
        {.text = STR("http://u@h/"), .code = FAIL_INVALID_URI},
        {.text = STR("http://h:0/"), .code = FAIL_INVALID_URI},
        {.text = STR("http://h:65536/"), .code = FAIL_INVALID_URI},
        {.text = STR("http://h/a b"), .code = FAIL_INVALID_URI},
        {.text = STR("http://h/a\r\nX: y"), .code = FAIL_INVALID_URI},
        {.text = STR("http://[::1/"), .code = FAIL_INVALID_URI},
        {.text = STR("http://h/#f"), .code = FAIL_INVALID_URI},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct http_url u;
        enum error_code code = http_url_parse(cases[i].text, &u, NULL);
        assert_row(cases[i].text.at, code == cases[i].code);
        if (code != OK) continue;
        assert_true(u.tls == cases[i].tls);
        assert_str(u.host, cases[i].host);
        assert_str(u.authority, cases[i].authority);
        assert_str(u.port, cases[i].port);
        assert_str(u.target, cases[i].target);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decoding),
        cmocka_unit_test(encoding_comes_back),
        cmocka_unit_test(queries_are_walked),
        cmocka_unit_test(urls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
