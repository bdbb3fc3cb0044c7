/* Countries as people write them. */
#include "inventory/inventory.h"
#include "tests/test.h"

static const struct {
    const char *text, *code; /* NULL: it is none, or may mean two */
} rows[] = {
    {"JP", "JP"},
    {"jp", "JP"},
    {"JPN", "JP"},
    {"Japan", "JP"},
    {" JAPAN ", "JP"},
    {"日本", "JP"},
    {"U.S.A.", "US"},
    {"米国", "US"},
    {"United Kingdom", "GB"},
    {"UK", "GB"},
    {"South Korea", "KR"},
    {"Trinidad & Tobago", "TT"},
    {"Trinidad and Tobago", "TT"},
    {"コートジボワール", "CI"},
    {"Viet Nam", "VN"},
    {"TR", "TR"},
    {"Korea", NULL},
    {"Congo", NULL},
    {"XX", NULL},
    {"ZZZ", NULL},
    {"Tokyo", NULL},
    {"", NULL},
    {"...", NULL},
    {"J", NULL},
};

static void countries_are_read_as_people_write_them(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        geo_country country = {{'?', '?'}};
        bool is = inventory_country_read(str_from_c(rows[i].text), &country);
        const char *expected = rows[i].code != NULL ? rows[i].code : "??";
        if (is != (rows[i].code != NULL) || memcmp(country.at, expected, 2) != 0)
            fail_msg("\"%s\": expected %s, found %.2s", rows[i].text, expected, country.at);
    }
    char memory[4096];
    geo_country country;
    memset(memory, 'a', sizeof memory);
    for (size_t len = 0; len < sizeof memory; len += 61)
        assert_false(inventory_country_read(str_of(memory, len), &country));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(countries_are_read_as_people_write_them)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
