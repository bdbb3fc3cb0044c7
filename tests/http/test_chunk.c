#include "tests/test.h"

#include "http/chunk.h"

/* Decodes `body` given in two pieces cut at `cut`; *out gets what was decoded. */
static enum error_code decode_cut(str body, size_t cut, struct text *out, bool *done,
                                  size_t *left) {
    struct http_chunk_decoder d = {0};
    str pieces[2] = {str_slice(body, 0, cut), str_skip(body, cut)}, data;
    *left = 0;
    for (int i = 0; i < 2; i++) {
        do {
            struct error e;
            TRY(http_chunk_next(&d, &pieces[i], &data, &e));
            text_add(out, data);
        } while (data.len > 0);
        *left += pieces[i].len;
    }
    *done = d.state == HTTP_CHUNK_DONE;
    return OK;
}

static const struct {
    const char *name;
    str body, data;
    size_t left;
    enum error_code code;
} cases[] = {
    {"empty body", STR("0\r\n\r\n"), STR(""), 0, OK},
    {"two chunks", STR("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"), STR("hello world"), 0, OK},
    {"bytes behind stay", STR("1\r\nx\r\n0\r\n\r\nGET /"), STR("x"), 5, OK},
    {"upper and lower hex", STR("a\r\n0123456789\r\nA\r\nabcdefghij\r\n0\r\n\r\n"),
     STR("0123456789abcdefghij"), 0, OK},
    {"extension", STR("2;a=b\r\nxy\r\n0;c\r\n\r\n"), STR("xy"), 0, OK},
    {"trailers", STR("1\r\nx\r\n0\r\nA: b\r\nC: d\r\n\r\n"), STR("x"), 0, OK},
    {"data looks like a chunk", STR("7\r\n0\r\n\r\n0\r\r\n0\r\n\r\n"), STR("0\r\n\r\n0\r"), 0, OK},
    {"16 digits", STR("0000000000000001\r\nx\r\n0\r\n\r\n"), STR(""), 0, FAIL_HTTP_SYNTAX},
    {"no size", STR("\r\n"), STR(""), 0, FAIL_HTTP_SYNTAX},
    {"only an extension", STR(";a\r\n"), STR(""), 0, FAIL_HTTP_SYNTAX},
    {"empty extension", STR("1;\r\nx\r\n"), STR(""), 0, FAIL_HTTP_SYNTAX},
    {"extension with space", STR("1; a\r\nx\r\n"), STR(""), 0, FAIL_HTTP_SYNTAX},
    {"unclosed quote", STR("1;a=\"b\r\nx\r\n"), STR(""), 0, FAIL_HTTP_SYNTAX},
    {"data too long", STR("1\r\nxy\r\n"), STR("x"), 0, FAIL_HTTP_SYNTAX},
    {"CR CR LF", STR("1\r\r\nx"), STR(""), 0, FAIL_HTTP_SYNTAX},
    {"trailer without colon", STR("0\r\nabc\r\n\r\n"), STR(""), 0, FAIL_HTTP_SYNTAX},
};

static void any_cut_gives_the_same(void **state) {
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (size_t cut = 0; cut <= cases[i].body.len; cut++) {
            char memory[256];
            struct text out = text_into(memory, sizeof memory);
            bool done = false;
            size_t left = 0;
            enum error_code code = decode_cut(cases[i].body, cut, &out, &done, &left);
            assert_row(cases[i].name, code == cases[i].code);
            assert_str(text_str(&out), cases[i].data);
            if (code != OK) continue;
            assert_row(cases[i].name, done);
            assert_row(cases[i].name, left == cases[i].left);
        }
}

static void a_prefix_is_never_done(void **state) {
    str body = STR("5;a=b\r\nhello\r\n0\r\nA: b\r\n\r\n");
    for (size_t n = 0; n < body.len; n++) {
        char memory[64];
        struct text out = text_into(memory, sizeof memory);
        bool done;
        size_t left;
        assert_int_equal(decode_cut(str_slice(body, 0, n), n / 2, &out, &done, &left), OK);
        assert_false(done);
    }
}

static void data_may_pass_by(void **state) {
    struct http_chunk_decoder d = {0};
    str in = STR("400\r\n"), data;
    assert_int_equal(http_chunk_data_left(&d), 0);
    assert_int_equal(http_chunk_next(&d, &in, &data, NULL), OK);
    assert_int_equal(http_chunk_data_left(&d), 0x400);
    http_chunk_data_taken(&d, 0x3ff);
    in = STR("z\r\n0\r\n\r\n");
    assert_int_equal(http_chunk_next(&d, &in, &data, NULL), OK);
    assert_str(data, STR("z"));
    assert_int_equal(http_chunk_next(&d, &in, &data, NULL), OK);
    assert_int_equal(d.state, HTTP_CHUNK_DONE);
}

static enum error_code feed_repeated(struct http_chunk_decoder *d, str piece, int times) {
    for (int i = 0; i < times; i++) {
        str in = piece, data;
        TRY(http_chunk_next(d, &in, &data, NULL));
    }
    return OK;
}

static void lines_and_trailers_are_bounded(void **state) {
    struct http_chunk_decoder d = {0};
    assert_int_equal(feed_repeated(&d, STR("1;"), 1), OK);
    assert_int_equal(feed_repeated(&d, STR("a"), LIMIT_CHUNK_LINE_BYTES - 2), OK);
    assert_int_equal(feed_repeated(&d, STR("a"), 1), FAIL_LIMIT);
    assert_int_equal(feed_repeated(&d, STR("a"), 1), FAIL_HTTP_SYNTAX); /* and stays broken */

    d = (struct http_chunk_decoder){0};
    assert_int_equal(feed_repeated(&d, STR("0\r\n"), 1), OK);
    int most = LIMIT_TRAILER_BYTES / 8;
    assert_int_equal(feed_repeated(&d, STR("ab: cd\r\n"), most), OK);
    assert_int_equal(feed_repeated(&d, STR("ab: cd\r\n"), 1), FAIL_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_cut_gives_the_same),
        cmocka_unit_test(a_prefix_is_never_done),
        cmocka_unit_test(data_may_pass_by),
        cmocka_unit_test(lines_and_trailers_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
