/* What round trips prove: the table of cities, and landmarks that exclude, agree and contradict. */
#include "geo/geo.h"
#include "tests/test.h"

static const struct geo_point tokyo = {35.68, 139.77}, osaka = {34.69, 135.50},
                              fukuoka = {33.59, 130.40}, sapporo = {43.06, 141.35};

/* The least round trip in ms at which a city is still possible, from four places in Japan. */
static const struct {
    const char *city;
    struct geo_point at;
    double from_tokyo, from_osaka, from_fukuoka, from_sapporo;
} cases[] = {
    {"Busan", {35.18, 129.08}, 9.7, 5.9, 2.1, 13.7},
    {"Seoul", {37.57, 126.98}, 11.6, 8.3, 5.4, 13.6},
    {"Vladivostok", {43.12, 131.89}, 10.7, 9.9, 10.7, 7.7},
    {"Yuzhno-Sakhalinsk", {46.96, 142.74}, 12.8, 14.9, 18.1, 4.5},
    {"Shanghai", {31.23, 121.47}, 17.7, 13.6, 8.8, 21.9},
    {"Taipei", {25.03, 121.57}, 21.0, 17.2, 12.8, 27.0},
    {"Hong Kong", {22.32, 114.17}, 28.9, 24.9, 20.2, 34.0},
    {"Singapore", {1.35, 103.82}, 53.2, 49.5, 45.3, 59.4},
    {"Los Angeles", {34.05, -118.24}, 88.1, 91.9, 96.4, 82.5},
    {"Ashburn", {39.04, -77.49}, 108.7, 111.4, 114.4, 100.8},
    {"Frankfurt", {50.11, 8.68}, 93.4, 92.4, 90.9, 86.8},
};

static void row_check(const char *city, struct geo_point from, struct geo_point at, double ms) {
    double found_ms = (double)geo_bound_ns(geo_distance_km(from, at)) / 1e6;
    struct geo_disc disc = {at, 0};
    size_t by = 9;
    assert_row(city, found_ms > ms - 0.2 && found_ms < ms + 0.2);
    struct geo_landmark fast = {from, 0, (int64_t)(found_ms * 0.99e6)},
                        slow = {from, 0, (int64_t)(found_ms * 1.01e6)};
    assert_row(city, geo_landmarks_exclude(&fast, 1, &disc, &by) && by == 0);
    assert_row(city, !geo_landmarks_exclude(&slow, 1, &disc, &by));
}

static void too_fast_for_a_city_excludes_it(void **state) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        row_check(cases[i].city, tokyo, cases[i].at, cases[i].from_tokyo);
        row_check(cases[i].city, osaka, cases[i].at, cases[i].from_osaka);
        row_check(cases[i].city, fukuoka, cases[i].at, cases[i].from_fukuoka);
        row_check(cases[i].city, sapporo, cases[i].at, cases[i].from_sapporo);
    }
}

static void a_millisecond_is_a_hundred_kilometres(void **state) {
    assert_true(geo_bound_km(0) == 0);
    assert_true(geo_bound_km(300000) > 29.9 && geo_bound_km(300000) < 30.0);
    assert_true(geo_bound_km(12000000) > 1199 && geo_bound_km(12000000) < 1200);
    assert_int_equal(geo_bound_ns(99.93) / 1000, 1000);
}

static void a_country_is_out_only_when_all_of_it_is(void **state) {
    struct geo_disc korea[] = {{{37.57, 126.98}, 100}, {{35.18, 129.08}, 100}};
    struct geo_landmark marks[] = {{tokyo, 0, 8000000}, {sapporo, 0, 60000000}};
    assert_true(geo_landmarks_exclude_all(marks, 2, korea, 2));
    marks[0].rtt_ns = 10000000; /* Busan is possible, Seoul not */
    assert_false(geo_landmarks_exclude_all(marks, 2, korea, 2));
    marks[0].rtt_ns = 8000000;
    marks[0].error_km = 100; /* a landmark that does not know its place proves less */
    assert_false(geo_landmarks_exclude_all(marks, 2, korea, 2));
    assert_false(geo_landmarks_exclude_all(marks, 2, korea, 0));
    assert_false(geo_landmarks_exclude_all(marks, 0, korea, 2));
}

static void two_fast_answers_far_apart_are_not_one_machine(void **state) {
    struct geo_landmark marks[] = {
        {osaka, 0, 9000000}, {tokyo, 0, 1000000}, {{50.11, 8.68}, 0, 1000000}};
    size_t first = 9, second = 9;
    assert_true(geo_landmarks_agree(marks, 2, &first, &second));
    assert_false(geo_landmarks_agree(marks, 3, &first, &second));
    assert_int_equal(second, 2);
    marks[2].rtt_ns = 100000000;
    assert_true(geo_landmarks_agree(marks, 3, &first, &second));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_fast_for_a_city_excludes_it),
        cmocka_unit_test(a_millisecond_is_a_hundred_kilometres),
        cmocka_unit_test(a_country_is_out_only_when_all_of_it_is),
        cmocka_unit_test(two_fast_answers_far_apart_are_not_one_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
