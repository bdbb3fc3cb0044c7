/* How far abroad is from landmarks in Japan: never farther than the cities that are known to be there. */
#include "locproof/locproof.h"
#include "tests/test.h"

static geo_country country(const char *code) {
    geo_country c;
    assert_row(code, geo_country_read(str_from_c(code), &c));
    return c;
}

/* Nearest foreign towns: great circles from each landmark. */
static const struct {
    const char *name;
    struct geo_point at;
    double town_km, at_least_km;
} landmarks[] = {
    {"Fukuoka, to Busan", {33.59, 130.40}, 214, 100},
    {"Osaka, to Busan", {34.69, 135.50}, 590, 300},
    {"Naha, to Taipei", {26.21, 127.68}, 627, 400},
    {"Sendai, to Vladivostok", {38.27, 140.87}, 929, 500},
    {"Tokyo, to Busan", {35.68, 139.77}, 963, 500},
};

static void abroad_is_never_said_to_be_farther_than_it_is(void **state) {
    for (size_t i = 0; i < COUNT_OF(landmarks); i++) {
        double km = locproof_foreign_km(country("JP"), landmarks[i].at);
        assert_row(landmarks[i].name, km <= landmarks[i].town_km && km >= landmarks[i].at_least_km);
        assert_row(landmarks[i].name, locproof_home_km(country("JP"), landmarks[i].at) == 0);
        assert_row(landmarks[i].name, locproof_foreign_km(country("KR"), landmarks[i].at) == 0);
    }
    double from_busan_km = locproof_home_km(country("JP"), (struct geo_point){35.18, 129.08});
    assert_true(from_busan_km >= 0 &&
                from_busan_km < 50); /* Tsushima: 50 km, less the sea's margin */
    double from_seoul_km = locproof_home_km(country("JP"), (struct geo_point){37.57, 126.98});
    assert_true(from_seoul_km > 250 && from_seoul_km < 480);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(abroad_is_never_said_to_be_farther_than_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
