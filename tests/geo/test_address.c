/* Addresses, networks, tables, codes and distances: the promises of geo/geo.h. */
#include "geo/geo.h"
#include "tests/test.h"

static struct geo_address address_of(const char *text) {
    struct geo_address a = {0};
    if (!geo_address_read(str_from_c(text), &a)) fail_msg("\"%s\" is no address", text);
    return a;
}

static const struct {
    const char *text, *spelled; /* NULL: refused */
} address_cases[] = {
    {"192.0.2.1", "192.0.2.1"},
    {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
    {"::ffff:192.0.2.1", "192.0.2.1"},
    {"::FFFF:c000:0201", "192.0.2.1"},
    {"::", "::"},
    {"192.0.2.01", NULL},
    {"192.0.2", NULL},
    {"0xC0000201", NULL},
    {"3221225985", NULL},
    {"192.0.2.256", NULL},
    {"192.0.2.1:80", NULL},
    {"[2001:db8::1]", NULL},
    {"fe80::1%eth0", NULL},
    {" 192.0.2.1", NULL},
    {"", NULL},
    {"1:2:3:4:5:6:7:8:9", NULL},
    {"a very long text that is no address at all, nor the start of one", NULL},
};

static void an_address_has_one_spelling(void **state) {
    for (size_t i = 0; i < COUNT_OF(address_cases); i++) {
        struct geo_address a;
        bool good = geo_address_read(str_from_c(address_cases[i].text), &a);
        assert_row(address_cases[i].text, good == (address_cases[i].spelled != NULL));
        if (!good) continue;
        char spelled[GEO_TEXT_BYTES];
        assert_str(str_of(spelled, geo_address_write(&a, spelled)),
                   str_from_c(address_cases[i].spelled));
    }
    struct geo_address a;
    assert_false(geo_address_read(str_of("192.0.2.1\0x", 11), &a));
    assert_false(geo_address_of("abcde", 5, &a));
    assert_true(geo_address_of("\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1", 16, &a));
    assert_int_equal(a.len, 4);
}

static const struct {
    const char *text, *spelled; /* NULL: refused */
    const char *says;           /* part of the message */
} network_cases[] = {
    {"192.0.2.0/24", "192.0.2.0/24", NULL},
    {"192.0.2.9", "192.0.2.9/32", NULL},
    {"2001:db8::/32", "2001:db8::/32", NULL},
    {"::1", "::1/128", NULL},
    {"0.0.0.0/0", "0.0.0.0/0", NULL},
    {"::/0", "::/0", NULL},
    {"::ffff:10.0.0.0/104", "10.0.0.0/8", NULL},
    {"::ffff:0:0/96", "0.0.0.0/0", NULL},
    {"192.0.2.1/24", NULL, "the network is 192.0.2.0/24"},
    {"2001:db8::1/32", NULL, "the network is 2001:db8::/32"},
    {"192.0.2.0/33", NULL, "at most 32 bits"},
    {"::/129", NULL, "at most 128 bits"},
    {"192.0.2.0/", NULL, "expected a network"},
    {"192.0.2.0/-1", NULL, "expected a network"},
    {"192.0.2.0/24/8", NULL, "expected a network"},
    {"192.0.2.0/0024", NULL, "expected a network"},
    {"/24", NULL, "expected a network"},
    {"", NULL, "expected a network"},
};

static void a_network_is_exact_or_the_error_names_it(void **state) {
    for (size_t i = 0; i < COUNT_OF(network_cases); i++) {
        struct geo_network n;
        struct error e;
        enum error_code code = geo_network_read(str_from_c(network_cases[i].text), &n, &e);
        if (network_cases[i].spelled == NULL) {
            assert_row(network_cases[i].text, code == FAIL_SYNTAX);
            assert_row(network_cases[i].text, strstr(e.message, network_cases[i].says) != NULL);
            continue;
        }
        assert_ok(code, &e);
        char spelled[GEO_TEXT_BYTES];
        assert_str(str_of(spelled, geo_network_write(&n, spelled)),
                   str_from_c(network_cases[i].spelled));
    }
}

static const struct {
    const char *address;
    enum geo_use use;
} use_cases[] = {
    {"8.8.8.8", GEO_PUBLIC},
    {"126.255.255.255", GEO_PUBLIC},
    {"127.0.0.0", GEO_LOOPBACK},
    {"127.255.255.255", GEO_LOOPBACK},
    {"128.0.0.0", GEO_PUBLIC},
    {"9.255.255.255", GEO_PUBLIC},
    {"10.0.0.0", GEO_PRIVATE},
    {"11.0.0.0", GEO_PUBLIC},
    {"172.15.255.255", GEO_PUBLIC},
    {"172.16.0.0", GEO_PRIVATE},
    {"172.31.255.255", GEO_PRIVATE},
    {"172.32.0.0", GEO_PUBLIC},
    {"192.168.255.255", GEO_PRIVATE},
    {"192.169.0.0", GEO_PUBLIC},
    {"100.63.255.255", GEO_PUBLIC},
    {"100.64.0.0", GEO_SHARED},
    {"100.127.255.255", GEO_SHARED},
    {"100.128.0.0", GEO_PUBLIC},
    {"169.254.169.254", GEO_LINK_LOCAL},
    {"192.0.2.255", GEO_DOCUMENTATION},
    {"192.0.3.0", GEO_PUBLIC},
    {"198.51.100.1", GEO_DOCUMENTATION},
    {"203.0.113.9", GEO_DOCUMENTATION},
    {"198.17.255.255", GEO_PUBLIC},
    {"198.18.0.0", GEO_RESERVED},
    {"198.19.255.255", GEO_RESERVED},
    {"198.20.0.0", GEO_PUBLIC},
    {"0.1.2.3", GEO_RESERVED},
    {"223.255.255.255", GEO_PUBLIC},
    {"224.0.0.1", GEO_MULTICAST},
    {"240.0.0.1", GEO_RESERVED},
    {"255.255.255.255", GEO_RESERVED},
    {"::", GEO_RESERVED},
    {"::1", GEO_LOOPBACK},
    {"::2", GEO_RESERVED},
    {"2001:200::", GEO_PUBLIC},
    {"2001:0:1::", GEO_RESERVED},
    {"2001:db8::1", GEO_DOCUMENTATION},
    {"2001:db9::1", GEO_PUBLIC},
    {"2002::1", GEO_RESERVED},
    {"3fff::1", GEO_DOCUMENTATION},
    {"3fff:1000::", GEO_PUBLIC},
    {"fc00::1", GEO_PRIVATE},
    {"fdff::1", GEO_PRIVATE},
    {"fe80::1", GEO_LINK_LOCAL},
    {"fec0::1", GEO_RESERVED},
    {"ff02::1", GEO_MULTICAST},
    {"64:ff9b::808:808", GEO_RESERVED},
    {"4000::1", GEO_RESERVED},
};

static void only_public_addresses_may_have_a_country(void **state) {
    for (size_t i = 0; i < COUNT_OF(use_cases); i++) {
        struct geo_address a = address_of(use_cases[i].address);
        assert_row(use_cases[i].address, geo_address_use(&a) == use_cases[i].use);
    }
    struct geo_address none = {0};
    assert_int_equal(geo_address_use(&none), GEO_RESERVED);
}

/* Against a plain walk over all rows, on networks and addresses drawn close to each other. */
static void the_longest_prefix_wins(void **state) {
    enum { ROWS = 300, ASKED = 3000 };
    static struct geo_row rows[ROWS];
    static char memory[1 << 20];
    struct arena arena = arena_over(memory, sizeof memory);
    struct random_seeded random;
    random_seed(&random, 20261122);
    for (size_t i = 0; i < ROWS; i++) {
        struct geo_address a = {.len = i % 3 == 0 ? 16 : 4};
        for (unsigned b = 0; b < a.len; b++) a.at[b] = (unsigned char)random_below(&random, 2);
        char text[GEO_TEXT_BYTES];
        unsigned bits = (unsigned)random_below(&random, 8 * a.len + 1);
        for (unsigned bit = bits; bit < 8 * a.len; bit++)
            a.at[bit / 8] = (unsigned char)(a.at[bit / 8] & ~(0x80u >> bit % 8));
        rows[i] = (struct geo_row){{a, bits}, 0};
        struct geo_network again;
        struct error e;
        size_t len = geo_network_write(&rows[i].network, text);
        assert_ok(geo_network_read(str_of(text, len), &again, &e), &e);
        rows[i].value = (uint32_t)str_hash(str_of(text, len), 7); /* twins agree */
    }
    struct geo_table table;
    struct error e;
    assert_ok(geo_table_build(rows, ROWS, &arena, &table, &e), &e);
    assert_true(table.count <= ROWS);
    size_t hits = 0;
    for (size_t i = 0; i < ASKED; i++) {
        struct geo_address a = {.len = i % 3 == 0 ? 16 : 4};
        for (unsigned b = 0; b < a.len; b++) a.at[b] = (unsigned char)random_below(&random, 3);
        const struct geo_row *best = NULL, *found = NULL;
        for (size_t r = 0; r < ROWS; r++)
            if (geo_network_has(&rows[r].network, &a) &&
                (best == NULL || rows[r].network.bits > best->network.bits))
                best = &rows[r];
        assert_true(geo_table_find(&table, &a, &found) == (best != NULL));
        if (best == NULL) continue;
        hits++;
        assert_int_equal(found->network.bits, best->network.bits);
        assert_int_equal(found->value, best->value);
    }
    assert_true(hits > ASKED / 10);
}

static void one_network_with_two_values_is_an_error(void **state) {
    char memory[32768];
    struct arena arena = arena_over(memory, sizeof memory), full = arena_over(memory, 64);
    struct geo_row rows[2];
    struct geo_table table;
    struct error e;
    for (uint32_t i = 0; i < 2; i++) {
        assert_ok(geo_network_read(STR("10.0.0.0/8"), &rows[i].network, &e), &e);
        rows[i].value = i;
    }
    assert_int_equal(geo_table_build(rows, 2, &arena, &table, &e), FAIL_EXISTS);
    assert_non_null(strstr(e.message, "10.0.0.0/8"));
    assert_int_equal(geo_table_build(rows, 2, &full, &table, &e), FAIL_MEMORY);
    assert_ok(geo_table_build(NULL, 0, &arena, &table, &e), &e);
    const struct geo_row *row;
    struct geo_address a = address_of("10.0.0.1");
    assert_false(geo_table_find(&table, &a, &row));
}

static const struct {
    const char *code;
    bool good;
} country_cases[] = {
    {"JP", true},  {"AD", true},  {"ZW", true},  {"NO", true}, {"jp", false},  {"UK", false},
    {"EU", false}, {"XK", false}, {"ZZ", false}, {"", false},  {"JPN", false}, {"DA", false},
};

static void codes_are_the_assigned_ones(void **state) {
    for (size_t i = 0; i < COUNT_OF(country_cases); i++) {
        geo_country c;
        assert_row(country_cases[i].code, geo_country_read(str_from_c(country_cases[i].code), &c) ==
                                              country_cases[i].good);
    }
}

static void distances_agree_with_known_ones(void **state) {
    struct geo_point sendai = {38.268737, 140.872183}, tokyo = {35.689185, 139.691648},
                     ashburn = {39.0438, -77.4874}, north = {90, 0}, south = {-90, 77};
    /* A quarter of the circle's circumference is 10,007.557 km on this sphere. */
    assert_true(geo_distance_km(north, south) > 20015.1 && geo_distance_km(north, south) < 20015.2);
    assert_true(geo_distance_km(sendai, sendai) == 0);
    double near = geo_distance_km(sendai, tokyo);
    assert_true(near > 304 && near < 306); /* 305.1 on the ellipsoid */
    assert_true(geo_distance_km(tokyo, sendai) == near);
    /* border.md 6: 108.7 ms from Tokyo to Ashburn at 100 km a millisecond */
    double far = geo_distance_km(tokyo, ashburn);
    assert_true(far > 10820 && far < 10920);
    assert_false(geo_point_is_valid((struct geo_point){90.1, 0}));
    assert_false(geo_point_is_valid((struct geo_point){0, 180.1}));
    assert_false(geo_point_is_valid((struct geo_point){strtod("nan", NULL), 0}));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_has_one_spelling),
        cmocka_unit_test(a_network_is_exact_or_the_error_names_it),
        cmocka_unit_test(only_public_addresses_may_have_a_country),
        cmocka_unit_test(the_longest_prefix_wins),
        cmocka_unit_test(one_network_with_two_values_is_an_error),
        cmocka_unit_test(codes_are_the_assigned_ones),
        cmocka_unit_test(distances_agree_with_known_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
