#include "tests/test.h"

#include "http/range.h"

static const struct {
    const char *name;
    str header;
    uint64_t size, first, count;
    enum error_code code;
} cases[] = {
    {"first ten", STR("bytes=0-9"), 100, 0, 10, OK},
    {"one byte", STR("bytes=99-99"), 100, 99, 1, OK},
    {"open end", STR("bytes=90-"), 100, 90, 10, OK},
    {"end over size", STR("bytes=90-200"), 100, 90, 10, OK},
    {"suffix", STR("bytes=-1"), 100, 99, 1, OK},
    {"suffix over size", STR("bytes=-500"), 100, 0, 100, OK},
    {"white space", STR(" bytes = 0 - 9 "), 100, 0, 10, OK},
    {"letters of either case", STR("Bytes=0-0"), 100, 0, 1, OK},
    {"largest object", STR("bytes=18446744073709551614-18446744073709551615"), UINT64_MAX,
     UINT64_MAX - 1, 1, OK},
    {"starts at the end", STR("bytes=100-"), 100, 0, 0, FAIL_RANGE_OUTSIDE},
    {"suffix of nothing", STR("bytes=-0"), 100, 0, 0, FAIL_RANGE_OUTSIDE},
    {"empty object", STR("bytes=0-"), 0, 0, 0, FAIL_RANGE_OUTSIDE},
    {"suffix of an empty object", STR("bytes=-1"), 0, 0, 0, FAIL_RANGE_OUTSIDE},
    /* Who asked from beyond every object on was sent all of it. */
    {"begins over 2^64", STR("bytes=18446744073709551616-"), 100, 0, 0, FAIL_RANGE_OUTSIDE},
    {"ends over 2^64", STR("bytes=90-99999999999999999999999"), 100, 90, 10, OK},
    {"suffix over 2^64", STR("bytes=-99999999999999999999999"), 100, 0, 100, OK},
    {"long and no number", STR("bytes=0-9999999999999999999999x"), 100, 0, 0, FAIL_RANGE_SYNTAX},
    {"backwards", STR("bytes=9-0"), 100, 0, 0, FAIL_RANGE_SYNTAX},
    {"two ranges", STR("bytes=0-1,3-4"), 100, 0, 0, FAIL_RANGE_SYNTAX},
    {"no numbers", STR("bytes=-"), 100, 0, 0, FAIL_RANGE_SYNTAX},
    {"other unit", STR("lines=0-1"), 100, 0, 0, FAIL_RANGE_SYNTAX},
    {"no unit", STR("0-1"), 100, 0, 0, FAIL_RANGE_SYNTAX},
    {"below zero", STR("bytes=--1"), 100, 0, 0, FAIL_RANGE_SYNTAX},
    {"empty", STR(""), 100, 0, 0, FAIL_RANGE_SYNTAX},
};

static void ranges(void **state) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct http_range r = {7, 7};
        enum error_code code = http_range_parse(cases[i].header, cases[i].size, &r, NULL);
        assert_row(cases[i].name, code == cases[i].code);
        bool untouched = r.first == 7 && r.count == 7;
        if (code == OK)
            assert_row(cases[i].name, r.first == cases[i].first && r.count == cases[i].count);
        else
            assert_row(cases[i].name, untouched);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(ranges)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
