/* How near countries come: never farther than they are, and near enough to what is known of distances from Japan. */
#include <math.h>
#include <stdio.h>

#include "geo/geo.h"
#include "tests/test.h"

static geo_country country(const char *code) {
    geo_country c;
    assert_row(code, geo_country_read(str_from_c(code), &c));
    return c;
}

static double distance_km(const char *code, struct geo_point from) {
    double km = -1;
    assert_row(code, geo_country_distance_km(country(code), from, &km));
    return km;
}

static const struct {
    const char *name;
    struct geo_point at;
} japan[] = {
    {"Tokyo", {35.68, 139.77}},   {"Osaka", {34.69, 135.50}},  {"Fukuoka", {33.59, 130.40}},
    {"Sapporo", {43.06, 141.35}}, {"Matsue", {35.47, 133.05}}, {"Kagoshima", {31.56, 130.56}},
    {"Naha", {26.21, 127.68}},    {"Sendai", {38.27, 140.87}},
};
static const struct {
    const char *country, *city;
    struct geo_point at;
} abroad[] = {
    {"KR", "Busan", {35.18, 129.08}},        {"KR", "Seoul", {37.57, 126.98}},
    {"RU", "Vladivostok", {43.12, 131.89}},  {"RU", "Yuzhno-Sakhalinsk", {46.96, 142.74}},
    {"CN", "Shanghai", {31.23, 121.47}},     {"TW", "Taipei", {25.03, 121.57}},
    {"HK", "Hong Kong", {22.32, 114.17}},    {"SG", "Singapore", {1.35, 103.82}},
    {"US", "Los Angeles", {34.05, -118.24}}, {"US", "Ashburn", {39.04, -77.49}},
    {"DE", "Frankfurt", {50.11, 8.68}},
};

/* Whoever could be in the city is never excluded: the country is not farther than its city. */
static void no_country_is_farther_than_its_cities(void **state) {
    for (size_t i = 0; i < COUNT_OF(japan); i++)
        for (size_t k = 0; k < COUNT_OF(abroad); k++)
            assert_row(abroad[k].city, distance_km(abroad[k].country, japan[i].at) <=
                                           geo_distance_km(japan[i].at, abroad[k].at));
    for (size_t k = 0; k < COUNT_OF(abroad); k++)
        assert_row(abroad[k].city, distance_km(abroad[k].country, abroad[k].at) == 0);
}

/* The nearest other country, and from which round trip on it is possible. Cities there are farther (Busan 214, 590 and 963 km from
 * Fukuoka, Osaka and Tokyo): what counts is the nearest land that is drawn as that country's, less what is given away. */
static const struct {
    const char *from, *country;
    double km;
} nearest[] = {
    {"Tokyo", "KR", 680},  {"Osaka", "KR", 384},     {"Fukuoka", "KR", 157}, {"Sapporo", "RU", 288},
    {"Matsue", "KR", 176}, {"Kagoshima", "KR", 349}, {"Naha", "TW", 535},    {"Sendai", "RU", 673},
};

static void a_fast_answer_leaves_japan_alone(void **state) {
    for (size_t i = 0; i < COUNT_OF(nearest); i++) {
        double least_km = 1e9;
        geo_country first = {{0}};
        assert_row(nearest[i].from, distance_km("JP", japan[i].at) == 0);
        for (size_t n = 0; n < GEO_COUNTRIES; n++) {
            geo_country other = geo_country_nth(n);
            double km;
            assert_row(nearest[i].from, geo_country_distance_km(other, japan[i].at, &km));
            if (geo_country_equal(other, country("JP")) || km >= least_km) continue;
            least_km = km;
            first = other;
        }
        assert_str(geo_country_str(&first), str_from_c(nearest[i].country));
        assert_row(nearest[i].from, fabs(least_km - nearest[i].km) < 1);
    }
}

/* Points within large countries and on small islands, far from every coast that was drawn or on none. */
static const struct {
    const char *country;
    struct geo_point at;
} inland[] = {
    {"US", {38.5, -98.0}}, {"RU", {62.0, 105.0}},  {"MN", {47.9, 106.9}},  {"AQ", {-90, 0}},
    {"AQ", {-80, 180}},    {"FJ", {-17.0, 179.9}}, {"FJ", {-16.8, -180}},  {"GF", {4.9, -52.3}},
    {"RE", {-20.9, 55.5}}, {"SJ", {78.2, 15.6}},   {"TV", {-8.5, 179.2}},  {"UM", {28.2, -177.4}},
    {"CC", {-12.2, 96.8}}, {"TK", {-9.2, -171.8}}, {"RS", {42.66, 21.16}}, {"CY", {35.2, 33.4}},
    {"KZ", {45.9, 63.3}},  {"SG", {1.35, 103.82}}, {"VA", {41.9, 12.45}},  {"MO", {22.2, 113.55}},
};

static void land_is_where_it_is(void **state) {
    for (size_t i = 0; i < COUNT_OF(inland); i++)
        assert_row(inland[i].country, distance_km(inland[i].country, inland[i].at) == 0);
    assert_true(distance_km("AQ", japan[0].at) > 10000);
    assert_true(distance_km("FJ", (struct geo_point){-17.0, -170.0}) >
                700); /* over the date line */
    double km;
    assert_false(geo_country_distance_km((geo_country){{'X', 'K'}}, japan[0].at, &km));
}

/* +DDMM+DDDMM or +DDMMSS+DDDMMSS */
static double degrees_of(str digits, size_t whole) {
    double degrees = 0, minutes = 0, seconds = 0;
    for (size_t i = 1; i < digits.len; i++) {
        double *to = i <= whole ? &degrees : i <= whole + 2 ? &minutes : &seconds;
        *to = *to * 10 + (digits.at[i] - '0');
    }
    return (degrees + minutes / 60 + seconds / 3600) * (digits.at[0] == '-' ? -1 : 1);
}

/* Other people's truth: where the cities stand that time zones are named after, some 400, islands among them.
 * Source: tzdb, zone.tab (public domain). */
static void cities_of_time_zones_are_in_their_countries(void **state) {
    FILE *file = fopen("/usr/share/zoneinfo/zone.tab", "r");
    char line[512];
    size_t checked = 0;
    if (file == NULL) skip(); /* tzdata is not installed */
    while (fgets(line, sizeof line, file) != NULL) {
        char code[3], where[32];
        if (line[0] == '#' || sscanf(line, "%2s %31s", code, where) != 2) continue;
        size_t east = 1 + strcspn(where + 1, "+-");
        struct geo_point at = {degrees_of(str_of(where, east), 2),
                               degrees_of(str_from_c(where + east), 3)};
        double km = distance_km(code, at);
        if (km > 0) fail_msg("%.60s is said to be %.0f km off", line, km);
        checked++;
    }
    fclose(file);
    assert_true(checked > 300);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_country_is_farther_than_its_cities),
        cmocka_unit_test(a_fast_answer_leaves_japan_alone),
        cmocka_unit_test(land_is_where_it_is),
        cmocka_unit_test(cities_of_time_zones_are_in_their_countries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
