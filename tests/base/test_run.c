/* Runs end where a byte by byte search ends. */
#include "base/run.h"
#include "tests/test.h"

static void a_plain_run_ends_where_json_needs_an_escape(void **state) {
    static const char ends[] = {'"', '\\', '\n', 0x1f, 0};
    char text[33];
    assert_int_equal(run_plain(STR_EMPTY), 0);
    for (size_t at = 0; at < sizeof text; at++)
        for (size_t i = 0; i < sizeof ends; i++) {
            for (size_t k = 0; k < sizeof text; k++) text[k] = "a\xe6\x97\xa5 \x7f!#"[k % 7];
            assert_int_equal(run_plain(str_of(text, sizeof text)), sizeof text);
            text[sizeof text - 1] = '"';
            text[at] = ends[i]; /* the first counts */
            assert_int_equal(run_plain(str_of(text, sizeof text)), at);
        }
}

static void a_run_of_one_line_stops_shortly_before_its_end(void **state) {
    static const char ends[] = {'\n', '\x80', '\xff'};
    char text[33];
    for (size_t at = 0; at < sizeof text; at++)
        for (size_t i = 0; i < sizeof ends; i++) {
            memset(text, 'x', sizeof text);
            text[at] = ends[i];
            size_t run = run_one_line(str_of(text, sizeof text));
            assert_true(run <= at && at - run < 8);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_run_ends_where_json_needs_an_escape),
        cmocka_unit_test(a_run_of_one_line_stops_shortly_before_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
