/* Slices: the promises of base/str.h, and checked numbers. */
#include "tests/test.h"

static void cut_moves_only_when_found(void **state) {
    str rest = STR("a=b=c"), head = STR("untouched");
    assert_true(str_cut(&rest, '=', &head));
    assert_str(head, STR("a"));
    assert_str(rest, STR("b=c"));
    assert_false(str_cut(&rest, '!', &head));
    assert_str(head, STR("a"));
    assert_str(rest, STR("b=c"));
}

static const struct {
    const char *name, *digits;
    bool good;
    uint64_t value;
} u64_cases[] = {
    {"zero", "0", true, 0},
    {"leading zeros", "007", true, 7},
    {"largest", "18446744073709551615", true, UINT64_MAX},
    {"one more", "18446744073709551616", false, 0},
    {"twenty-one digits", "100000000000000000000", false, 0},
    {"empty", "", false, 0},
    {"sign", "+5", false, 0},
    {"space", " 5", false, 0},
    {"letter", "5x", false, 0},
};

/* Adding zero to NULL is undefined: the sanitizer of undefined behaviour ended the reader of clouds' lists. */
static void a_part_of_nothing_is_nothing(void **state) {
    str none = str_slice(STR_EMPTY, 0, 5), past = str_skip(STR_EMPTY, 9);
    assert_null(none.at);
    assert_null(past.at);
    assert_int_equal(none.len + past.len, 0);
    assert_int_equal(str_skip(STR("ab"), 9).len, 0);
}

static void u64_reads_digits_only(void **state) {
    for (size_t i = 0; i < COUNT_OF(u64_cases); i++) {
        uint64_t value = 99;
        bool good = str_u64(str_from_c(u64_cases[i].digits), &value);
        assert_row(u64_cases[i].name, good == u64_cases[i].good);
        assert_row(u64_cases[i].name, value == (good ? u64_cases[i].value : 99));
    }
}

static const struct {
    const char *name, *bytes;
    bool good;
} utf8_cases[] = {
    {"ascii", "abc", true},
    {"japanese", "\xe9\x9d\x92\xe8\x91\x89", true},
    {"four bytes", "\xf0\x9f\x8f\xaf", true},
    {"overlong slash", "\xc0\xaf", false},
    {"overlong three", "\xe0\x80\xaf", false},
    {"surrogate", "\xed\xa0\x80", false},
    {"above the last", "\xf4\x90\x80\x80", false},
    {"cut short", "\xe9\x9d", false},
    {"lone continuation", "\x80", false},
};

static void utf8_is_strict(void **state) {
    for (size_t i = 0; i < COUNT_OF(utf8_cases); i++)
        assert_row(utf8_cases[i].name,
                   str_is_utf8(str_from_c(utf8_cases[i].bytes)) == utf8_cases[i].good);
    for (size_t i = 0; i < COUNT_OF(utf8_cases); i++)
        for (int before = 0; before < 20;
             before++) { /* behind ASCII, which is passed over in words */
            char text[64];
            snprintf(text, sizeof text, "%.*s%s", before, "....................",
                     utf8_cases[i].bytes);
            assert_row(utf8_cases[i].name, str_is_utf8(str_from_c(text)) == utf8_cases[i].good);
        }
}

static void compare_sorts_bytes_unsigned(void **state) {
    assert_true(str_compare(STR("a"), STR("b")) < 0);
    assert_true(str_compare(STR("a"), STR("ab")) < 0);
    assert_true(str_compare(STR("\xff"), STR("a")) > 0);
    assert_int_equal(str_compare(STR_EMPTY, STR("")), 0);
}

static void rows_read_back_and_notice_missing_bytes(void **state) {
    char memory[64];
    struct pack p = pack_into(memory, sizeof memory);
    struct error e;
    str row;
    pack_u8(&p, 7);
    pack_u64(&p, 1ull << 60);
    pack_str(&p, STR("key"));
    assert_ok(pack_done(&p, "row", &row, &e), &e);
    struct unpack u = unpack_from(row);
    assert_int_equal(unpack_u8(&u), 7);
    assert_true(unpack_u64(&u) == 1ull << 60);
    assert_str(unpack_str(&u), STR("key"));
    assert_ok(unpack_done(&u, "row", &e), &e);
    for (size_t len = 0; len < row.len; len++) {
        u = unpack_from(str_of(row.at, len));
        unpack_u8(&u);
        unpack_u64(&u);
        unpack_str(&u);
        assert_int_equal(unpack_done(&u, "row", &e), FAIL_CORRUPT);
    }
    p = pack_into(memory, 8);
    pack_u64(&p, 1);
    pack_u8(&p, 1);
    assert_int_equal(pack_done(&p, "row", &row, &e), FAIL_LIMIT);
}

static void arenas_refuse_what_does_not_fit(void **state) {
    _Alignas(16) unsigned char memory[64];
    struct arena a = arena_over(memory, sizeof memory);
    assert_non_null(arena_new(&a, uint64_t, 8));
    assert_null(arena_new(&a, char, 1));
    a = arena_over(memory, sizeof memory);
    assert_null(arena_new(&a, uint64_t, SIZE_MAX / 4));
    assert_non_null(arena_new(&a, char, 1));
    uint64_t *aligned = arena_new(&a, uint64_t, 1);
    assert_int_equal((uintptr_t)aligned % 8, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_moves_only_when_found),
        cmocka_unit_test(a_part_of_nothing_is_nothing),
        cmocka_unit_test(u64_reads_digits_only),
        cmocka_unit_test(utf8_is_strict),
        cmocka_unit_test(compare_sorts_bytes_unsigned),
        cmocka_unit_test(rows_read_back_and_notice_missing_bytes),
        cmocka_unit_test(arenas_refuse_what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
