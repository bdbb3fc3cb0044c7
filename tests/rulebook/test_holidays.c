/* Public holidays of Japan against the lists the Cabinet Office published year by year. */
#include "tests/test.h"

#include "base/clock.h"
#include "rulebook/rulebook.h"

static const struct {
    int year;
    const char *days;
} table[] = {
    {2018, "01-01 01-08 02-11 02-12 03-21 04-29 04-30 05-03 05-04 05-05 07-16 08-11 09-17 09-23 "
           "09-24 10-08 11-03 11-23 12-23 12-24"},
    {2019, "01-01 01-14 02-11 03-21 04-29 04-30 05-01 05-02 05-03 05-04 05-05 05-06 07-15 08-11 "
           "08-12 09-16 09-23 10-14 10-22 11-03 11-04 11-23"},
    {2020, "01-01 01-13 02-11 02-23 02-24 03-20 04-29 05-03 05-04 05-05 05-06 07-23 07-24 08-10 "
           "09-21 09-22 11-03 11-23"},
    {2021, "01-01 01-11 02-11 02-23 03-20 04-29 05-03 05-04 05-05 07-22 07-23 08-08 08-09 09-20 "
           "09-23 11-03 11-23"},
    {2022, "01-01 01-10 02-11 02-23 03-21 04-29 05-03 05-04 05-05 07-18 08-11 09-19 09-23 10-10 "
           "11-03 11-23"},
    {2023, "01-01 01-02 01-09 02-11 02-23 03-21 04-29 05-03 05-04 05-05 07-17 08-11 09-18 09-23 "
           "10-09 11-03 11-23"},
    {2024, "01-01 01-08 02-11 02-12 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-15 08-11 08-12 "
           "09-16 09-22 09-23 10-14 11-03 11-04 11-23"},
    {2025, "01-01 01-13 02-11 02-23 02-24 03-20 04-29 05-03 05-04 05-05 05-06 07-21 08-11 09-15 "
           "09-23 10-13 11-03 11-23 11-24"},
    {2026, "01-01 01-12 02-11 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-20 08-11 09-21 09-22 "
           "09-23 10-12 11-03 11-23"},
    {2027, "01-01 01-11 02-11 02-23 03-21 03-22 04-29 05-03 05-04 05-05 07-19 08-11 09-20 09-23 "
           "10-11 11-03 11-23"},
};

static void ten_years_are_as_they_were_published(void **state) {
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct rulebook_holiday days[RULEBOOK_HOLIDAYS_MOST];
        size_t count = rulebook_holidays(STR("JP"), table[i].year, days, COUNT_OF(days));
        char memory[512], text[CLOCK_TEXT_BYTES];
        struct text out = text_into(memory, sizeof memory);
        for (size_t k = 0; k < count; k++) {
            clock_iso_write(days[k].day * 86400 * NS_PER_S, text);
            text_format(&out, "%s%.5s", k > 0 ? " " : "", text + 5);
        }
        text_add_char(&out, 0);
        assert_string_equal(memory, table[i].days);
    }
}

static void years_that_nobody_announced_are_not_told(void **state) {
    struct rulebook_holiday days[RULEBOOK_HOLIDAYS_MOST];
    int first, last;
    assert_true(rulebook_holidays_known(STR("JP"), &first, &last));
    assert_int_equal(first, 2007);
    assert_int_equal(rulebook_holidays(STR("JP"), last + 1, days, COUNT_OF(days)), 0);
    assert_int_equal(rulebook_holidays(STR("JP"), first - 1, days, COUNT_OF(days)), 0);
    assert_false(rulebook_holidays_known(STR("IN"), &first, &last));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_years_are_as_they_were_published),
        cmocka_unit_test(years_that_nobody_announced_are_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
