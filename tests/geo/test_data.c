/* Address data: what a file says, in which edition, and every way of not knowing. */
#include "geo/layer.h"
#include "tests/geo/mmdb_make.h"

#include <unistd.h>

/* libmaxminddb 1.7.1 forgets 9 KiB when it refuses some damaged metadata; we only see it refuse. */
/* Visible: the sanitizer's library looks it up by name. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libmaxminddb";
}

static char path[] = "/tmp/azekura-geo-XXXXXX";

static const struct mmdb_row rows[] = {
    {"8.8.8.0/24", "US", false},     {"1.0.16.0/20", "JP", false},
    {"1.1.1.0/24", "", false},       {"2.0.0.0/16", "EU", false},
    {"2001:240::/32", "JP", false},  {"2600::/16", "US", true},
    {"10.0.0.0/8", "US", false},     {"2001:268::/32", "AU", false},
    {"2001:d00::/24", "AU", false},  {"2001:2f8::/32", "JP", false},
    {"2001:388::/32", "NZ", false},  {"2001:4200::/24", "MU", false},
    {"2001:8000::/20", "AU", false},
};

static int make(void **state) {
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    mmdb_make(path, rows, COUNT_OF(rows), 1781725900);
    return 0;
}
static int forget(void **state) {
    return unlink(path);
}

static const struct {
    const char *address;
    enum geo_why why;
    const char *country;
    unsigned prefix_bits;
} cases[] = {
    {"8.8.8.8", GEO_KNOWN, "US", 24},       {"::ffff:8.8.8.8", GEO_KNOWN, "US", 24},
    {"1.0.31.255", GEO_KNOWN, "JP", 20},    {"2001:240:1::1", GEO_KNOWN, "JP", 32},
    {"2600:1::1", GEO_KNOWN, "US", 16},     {"9.9.9.9", GEO_NOT_LISTED, NULL, 0},
    {"1.1.1.1", GEO_NOT_LISTED, NULL, 0},  /* an entry without a country */
    {"2.0.0.1", GEO_NOT_LISTED, NULL, 0},  /* "EU" is no country */
    {"10.1.2.3", GEO_NOT_PUBLIC, NULL, 0}, /* even if a file dares to say so */
    {"127.0.0.1", GEO_NOT_PUBLIC, NULL, 0}, {"2a00::1", GEO_NOT_LISTED, NULL, 0},
};

static void a_country_comes_with_how_coarse_it_is(void **state) {
    struct geo_data *data;
    struct error e;
    assert_ok(geo_data_open(&(struct geo_data_options){.path = path}, &data, &e), &e);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct geo_address a;
        assert_true(geo_address_read(str_from_c(cases[i].address), &a));
        struct geo_place place = geo_data_find(data, &a);
        assert_row(cases[i].address, place.why == cases[i].why);
        assert_row(cases[i].address, (geo_why_text(&place)[0] == 0) == (place.why == GEO_KNOWN));
        if (cases[i].country == NULL) continue;
        assert_str(geo_country_str(&place.country), str_from_c(cases[i].country));
        assert_int_equal(place.prefix_bits, cases[i].prefix_bits);
    }
    geo_data_close(data);
}

struct walked {
    bool has_kddi, has_nii;
};
static enum error_code walked_take(void *owner, geo_key at, unsigned bits, geo_country country,
                                   struct error *e) {
    struct walked *w = owner;
    w->has_kddi = w->has_kddi || (uint32_t)(at >> 96) == 0x20010268;
    w->has_nii = w->has_nii || (uint32_t)(at >> 96) == 0x200102f8;
    return OK;
}

/* Networks of KDDI, WIDE and NTT were in Australia, outside and sure of it: there sits the registry that their block is of. */
static void the_registrys_seat_is_no_country_of_a_network(void **state) {
    static const struct {
        const char *address, *country, *other_edition;
    } asked[] = {{"2001:268::1", "", "AU"},   {"2001:dff::1", "", "AU"},
                 {"2001:d00::1", "", "AU"},   {"2001:2f8::1", "JP", "JP"},
                 {"2001:388::1", "NZ", "NZ"}, {"2001:4200::1", "", "MU"},
                 {"2001:8000::1", "AU", "AU"}};
    for (int other = 0; other < 2; other++) {
        struct geo_data_options options = {
            .path = path, .name = other ? STR("measured-country") : STR("geo-whois-asn-country")};
        struct geo_data *data;
        struct walked walked = {0};
        struct error e;
        assert_ok(geo_data_open(&options, &data, &e), &e);
        for (size_t i = 0; i < COUNT_OF(asked); i++) {
            struct geo_address a;
            assert_true(geo_address_read(str_from_c(asked[i].address), &a));
            struct geo_place place = geo_data_find(data, &a);
            const char *wanted = other ? asked[i].other_edition : asked[i].country;
            assert_row(asked[i].address, (place.why == GEO_KNOWN) == (wanted[0] != 0));
            assert_row(asked[i].address,
                       wanted[0] == 0 || memcmp(place.country.at, wanted, 2) == 0);
        }
        assert_ok(geo_data_walk(data, 16, walked_take, &walked, &e), &e);
        assert_true(walked.has_nii && walked.has_kddi == (other == 1));
        geo_data_close(data);
    }
}

static void the_edition_says_who_and_when(void **state) {
    struct geo_data *data;
    struct error e;
    assert_ok(geo_data_open(&(struct geo_data_options){.path = path}, &data, &e), &e);
    const struct geo_edition *edition = geo_data_edition(data);
    assert_str(edition->date, STR("2026-06-17"));
    assert_true(str_starts(edition->name, STR("azekura-geo-")));
    assert_str(edition->attribution, STR("made by a test"));
    geo_data_close(data);
    struct geo_data_options named = {path, STR("dbip-country-lite"), STR_EMPTY};
    assert_ok(geo_data_open(&named, &data, &e), &e);
    assert_true(str_starts(geo_data_edition(data)->attribution, STR("IP Geolocation by DB-IP")));
    geo_data_close(data);
    named.attribution = STR("Someone else, 2027");
    assert_ok(geo_data_open(&named, &data, &e), &e);
    assert_str(geo_data_edition(data)->attribution, STR("Someone else, 2027"));
    geo_data_close(data);
}

static void without_data_nothing_is_known(void **state) {
    struct geo_address a;
    assert_true(geo_address_read(STR("8.8.8.8"), &a));
    assert_int_equal(geo_data_find(NULL, &a).why, GEO_NO_DATA);
    assert_true(geo_address_read(STR("127.0.0.1"), &a));
    assert_int_equal(geo_data_find(NULL, &a).why, GEO_NOT_PUBLIC);
}

static void a_file_that_is_none_says_so(void **state) {
    struct geo_data *data = NULL;
    struct error e;
    struct geo_data_options missing = {.path = "/nonexistent/x.mmdb"},
                            text = {.path = "/etc/passwd"};
    assert_int_equal(geo_data_open(&missing, &data, &e), FAIL_NOT_FOUND);
    assert_non_null(strstr(e.message, "/nonexistent/x.mmdb"));
    assert_int_equal(geo_data_open(&text, &data, &e), FAIL_CORRUPT);
    assert_null(data);
    geo_data_close(NULL);
}

/* Every byte of a small file flipped in turn: an answer, a refusal, but never a fault. */
static void damaged_files_do_no_harm(void **state) {
    static char bytes[1 << 16], other[] = "/tmp/azekura-geo-bad-XXXXXX";
    FILE *file = fopen(path, "rb");
    size_t count = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    int fd = mkstemp(other);
    assert_true(fd >= 0 && count > 1000 && count < sizeof bytes);
    for (size_t i = 0; i < count; i += i + 600 < count ? 37 : 1) {
        bytes[i] ^= 0x5a;
        assert_true(pwrite(fd, bytes, count, 0) == (ssize_t)count);
        bytes[i] ^= 0x5a;
        struct geo_data *data;
        struct error e;
        if (geo_data_open(&(struct geo_data_options){.path = other}, &data, &e) != OK) continue;
        for (size_t c = 0; c < COUNT_OF(cases); c++) {
            struct geo_address a;
            assert_true(geo_address_read(str_from_c(cases[c].address), &a));
            struct geo_place place = geo_data_find(data, &a);
            geo_country again;
            if (place.why == GEO_KNOWN)
                assert_true(geo_country_read(geo_country_str(&place.country), &again));
        }
        geo_data_close(data);
    }
    close(fd);
    unlink(other);
}

/* The edition that is shipped, where npm has put it. */
static void the_shipped_edition_answers(void **state) {
    const char *shipped = getenv("AZEKURA_ADDRESS_DATA");
    struct geo_data *data;
    struct error e;
    if (shipped == NULL || access(shipped, R_OK) != 0) {
        print_message("not tried: no address data at %s (npm ci)\n", shipped ? shipped : "-");
        skip();
    }
    assert_ok(geo_data_open(&(struct geo_data_options){.path = shipped}, &data, &e), &e);
    assert_str(geo_data_edition(data)->name, STR("geo-whois-asn-country"));
    assert_non_null(strstr(geo_data_edition(data)->attribution.at, "nro.net"));
    struct geo_address a;
    assert_true(geo_address_read(STR("202.32.0.1"), &a)); /* a Japanese provider's, since 1994 */
    struct geo_place place = geo_data_find(data, &a);
    assert_str(geo_country_str(&place.country), STR("JP"));
    assert_true(geo_address_read(STR("8.8.8.8"), &a));
    assert_int_equal(geo_data_find(data, &a).why, GEO_KNOWN);
    geo_data_close(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_country_comes_with_how_coarse_it_is),
        cmocka_unit_test(the_registrys_seat_is_no_country_of_a_network),
        cmocka_unit_test(the_edition_says_who_and_when),
        cmocka_unit_test(without_data_nothing_is_known),
        cmocka_unit_test(a_file_that_is_none_says_so),
        cmocka_unit_test(damaged_files_do_no_harm),
        cmocka_unit_test(the_shipped_edition_answers),
    };
    return cmocka_run_group_tests(tests, make, forget);
}
