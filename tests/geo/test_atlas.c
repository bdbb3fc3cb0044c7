/* Lists read and compiled: who is believed, what is kept apart, and files that are cut anywhere. */
#include "geo/geo.h"
#include "tests/test.h"

#define AWS                                                                                        \
    "{\"syncToken\": \"17\", \"createDate\": \"2026-08-22-15-17-05\", \"prefixes\": [\n"           \
    "{\"ip_prefix\": \"3.112.0.0/14\", \"region\": \"ap-northeast-1\", \"service\": \"AMAZON\",\n" \
    " \"network_border_group\": \"ap-northeast-1\"},\n"                                            \
    "{\"ip_prefix\": \"3.112.8.0/24\", \"region\": \"ap-northeast-1\", \"service\": \"S3\",\n"     \
    " \"network_border_group\": \"ap-northeast-1\"},\n"                                            \
    "{\"ip_prefix\": \"3.113.0.0/24\", \"region\": \"ap-northeast-1\", \"service\": \"EC2\",\n"    \
    " \"network_border_group\": \"ap-northeast-1-tpe-1\"},\n"                                      \
    "{\"ip_prefix\": \"13.32.0.0/15\", \"region\": \"GLOBAL\", \"service\": \"CLOUDFRONT\"}],\n"   \
    "\"ipv6_prefixes\": [{\"ipv6_prefix\": \"2406:da14::/36\", \"region\": \"ap-northeast-1\",\n"  \
    "\"service\": \"AMAZON\", \"network_border_group\": \"ap-northeast-1\"}]}\n"
#define AZURE                                                                                      \
    "{\"changeNumber\": 376, \"values\": [\n"                                                      \
    "{\"name\": \"AzureCloud\", \"properties\": {\"region\": \"\", \"addressPrefixes\":\n"         \
    " [\"13.71.0.0/16\", \"20.9.0.0/16\"]}},\n"                                                    \
    "{\"name\": \"AzureCloud.japaneast\", \"properties\": {\"region\": \"japaneast\",\n"           \
    " \"addressPrefixes\": [\"13.71.0.0/16\"], \"networkFeatures\": [\"API\"]}},\n"                \
    "{\"name\": \"AzureFrontDoor.Frontend\", \"properties\": {\"region\": \"\",\n"                 \
    " \"addressPrefixes\": [\"13.107.213.0/24\", \"13.71.9.0/29\"]}}]}\n"
#define GCP                                                                                        \
    "{\"syncToken\": \"1\", \"creationTime\": \"2022-02-08T10:02:55.4\", \"prefixes\": [\n"        \
    "{\"ipv4Prefix\": \"34.84.0.0/16\", \"service\": \"Google Cloud\", \"scope\": "                \
    "\"asia-northeast1\"}]}\n"
#define ASN_V4                                                                                     \
    "1.1.1.0,1.1.1.255,13335,\"Cloudflare, Inc.\"\n"                                               \
    "3.112.0.0,3.115.255.255,16509,\"Amazon \"\"AWS\"\"\"\r\n"                                     \
    "49.212.0.0,49.212.64.255,9371,SAKURA Internet Inc.\n"

#define T(text)                                                                                    \
    { "" text, sizeof(text) - 1 }
#define C(a, b)                                                                                    \
    {                                                                                              \
        { (a), (b) }                                                                               \
    }
static const struct geo_region regions[] = {
    {T("aws"), T("ap-northeast-1"), T("Tokyo"), C('J', 'P')},
    {T("aws"), T("ap-northeast-1-tpe-1"), T("Taipei"), C('T', 'W')},
    {T("azure"), T("japaneast"), T("Tokyo, Saitama"), C('J', 'P')},
};
static const struct geo_holder holders[] = {
    {16509, T("aws"), C('U', 'S'), C(0, 0), false, false},
    {13335, T("cloudflare"), C('U', 'S'), C(0, 0), true, false},
    {9371, T("sakura"), C('J', 'P'), C(0, 0), false, false},
};
static const struct geo_own own_rows[] = {
    {.network = {{{10}, 4}, 8}, .value = 7, .name = T("plant"), .country = C('J', 'P')},
    {.network = {{{3, 112, 9}, 4}, 24},
     .value = 8,
     .name = T("ours at AWS"),
     .country = C('J', 'P')},
};
static const struct geo_own override_rows[] = {
    {.network = {{{3, 112, 9, 128}, 4}, 25},
     .value = 1,
     .country = C('S', 'G'),
     .seat = C('S', 'G')},
};

static unsigned char memory[4 << 20];
static struct geo_atlas *atlas;

static int make(void **state) {
    static struct geo_cloud clouds[3];
    static struct geo_asn asn;
    struct arena arena = arena_over(memory, sizeof memory);
    struct error e;
    assert_ok(geo_cloud_read(STR("aws"), STR("a.json"), STR(AWS), &arena, &clouds[0], &e), &e);
    assert_ok(geo_cloud_read(STR("azure"), STR("z.json"), STR(AZURE), &arena, &clouds[1], &e), &e);
    assert_ok(geo_cloud_read(STR("gcp"), STR("g.json"), STR(GCP), &arena, &clouds[2], &e), &e);
    assert_ok(geo_asn_read(STR("asn"), STR("2026-06-17"), STR(ASN_V4), &arena, &asn, &e), &e);
    struct geo_own_list own = {{.name = STR("register")}, own_rows, COUNT_OF(own_rows)},
                        override = {{.name = STR("local")}, override_rows, COUNT_OF(override_rows)};
    struct geo_atlas_options options = {.asn = &asn,
                                        .asn_count = 1,
                                        .clouds = clouds,
                                        .cloud_count = 3,
                                        .regions = regions,
                                        .region_count = COUNT_OF(regions),
                                        .holders = holders,
                                        .holder_count = COUNT_OF(holders),
                                        .own = &own,
                                        .override = &override};
    assert_ok(geo_atlas_build(&options, &atlas, &e), &e);
    memset(memory, 0xee, sizeof memory); /* the table keeps nothing of what it was made of */
    return 0;
}
static int forget(void **state) {
    geo_atlas_close(atlas);
    return 0;
}

static const struct {
    const char *address, *country, *provider, *region, *service, *seat;
    enum geo_basis basis;
    bool is_many, is_edge;
    uint32_t asn;
} cases[] = {
    {"3.112.0.1", "JP", "aws", "ap-northeast-1", "", "US", GEO_BY_REGION, false, false, 16509},
    {"3.112.8.255", "JP", "aws", "ap-northeast-1", "S3", "US", GEO_BY_REGION, false, false, 16509},
    {"3.113.0.9", "TW", "aws", "ap-northeast-1", "EC2", "US", GEO_BY_REGION, false, false, 16509},
    {"3.112.9.1", "JP", "aws", "ap-northeast-1", "", "US", GEO_BY_REGISTER, false, false, 16509},
    {"3.112.9.200", "SG", "aws", "ap-northeast-1", "", "SG", GEO_BY_OVERRIDE, false, false, 16509},
    {"13.33.255.255", "", "aws", "GLOBAL", "CLOUDFRONT", "US", GEO_BY_NOBODY, true, true, 0},
    {"2406:da14:f00::1", "JP", "aws", "ap-northeast-1", "", "US", GEO_BY_REGION, false, false, 0},
    {"2406:da15::1", "", "", "", "", "", GEO_BY_NOBODY, false, false, 0},
    {"13.71.1.1", "JP", "azure", "japaneast", "", "", GEO_BY_REGION, false, false, 0},
    /* a service of everywhere has addresses in a region: the region's row says where */
    {"13.71.9.1", "JP", "azure", "japaneast", "AzureFrontDoor.Frontend", "", GEO_BY_REGION, false,
     true, 0},
    {"13.107.213.1", "", "azure", "", "AzureFrontDoor.Frontend", "", GEO_BY_NOBODY, true, true, 0},
    {"20.9.1.1", "", "azure", "", "", "", GEO_BY_NOBODY, false, false, 0},
    {"34.84.1.1", "", "gcp", "asia-northeast1", "", "", GEO_BY_NOBODY, false, false,
     0}, /* no such row */
    {"1.1.1.1", "", "cloudflare", "", "", "US", GEO_BY_NOBODY, true, false, 13335},
    {"49.212.64.255", "", "sakura", "", "", "JP", GEO_BY_NOBODY, false, false, 9371},
    {"49.212.65.0", "", "", "", "", "", GEO_BY_NOBODY, false, false, 0},
    {"10.1.2.3", "JP", "", "", "", "", GEO_BY_REGISTER, false, false, 0},
    {"192.168.1.1", "", "", "", "", "", GEO_BY_NOBODY, false, false, 0},
};

static void the_four_answers_stay_apart(void **state) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *row = cases[i].address;
        struct geo_address address;
        struct geo_answer a;
        assert_true(geo_address_read(str_from_c(row), &address));
        geo_atlas_find(atlas, &address, &a);
        assert_row(row, a.use == geo_address_use(&address));
        assert_row(row, str_equal(geo_country_str(&a.country), str_from_c(cases[i].country)));
        assert_row(row, str_equal(a.provider, str_from_c(cases[i].provider)));
        assert_row(row, str_equal(a.region, str_from_c(cases[i].region)));
        assert_row(row, str_equal(a.service, str_from_c(cases[i].service)));
        assert_row(row, str_equal(geo_country_str(&a.seat), str_from_c(cases[i].seat)));
        assert_row(row, a.basis == cases[i].basis && a.asn == cases[i].asn);
        assert_row(row, a.is_many == cases[i].is_many && a.is_edge == cases[i].is_edge);
        assert_row(row, (a.country_by != NULL) == (a.basis != GEO_BY_NOBODY));
        assert_row(row, (a.region_by != NULL) == (a.region.len > 0));
    }
}

static void an_answer_knows_who_said_so_and_when(void **state) {
    struct geo_address address = {{3, 112, 9, 200}, 4};
    struct geo_answer a;
    digest of_file = sha256_of(STR(AWS));
    size_t count;
    geo_atlas_find(atlas, &address, &a);
    assert_str(a.region_by->name, STR("aws 17"));
    assert_str(a.region_by->date, STR("2026-08-22"));
    assert_memory_equal(&a.region_by->sha256, &of_file, sizeof of_file);
    assert_str(a.asn_by->date, STR("2026-06-17"));
    assert_str(a.organisation, STR("Amazon \"AWS\""));
    assert_str(a.country_by->name, STR("local"));
    assert_int_equal(a.own->value, 8); /* what was overruled is still told */
    assert_str(geo_country_str(&a.region_country), STR("JP"));
    assert_non_null(geo_atlas_editions(atlas, &count));
    assert_int_equal(count, 6);
}

static void every_address_of_the_use_registries_keeps_its_use(void **state) {
    struct random_seeded dice;
    random_seed(&dice, 20261122);
    for (size_t i = 0; i < 200000; i++) {
        struct geo_address address = {.len = i % 2 == 0 ? 4 : 16};
        struct geo_answer a;
        for (unsigned at = 0; at < address.len; at++)
            address.at[at] = (unsigned char)random_next(&dice);
        if (i % 4 == 1) address.at[0] = 0x20, address.at[1] = (unsigned char)(i / 4 % 3);
        geo_atlas_find(atlas, &address, &a);
        assert_int_equal(a.use, geo_address_use(&address));
    }
}

/* Cut anywhere, a list gives what stood before and says where it ends; it never gives a row it has not. */
static void a_list_that_is_cut_gives_what_stood_before(void **state) {
    static const struct {
        const char *provider;
        str bytes;
        size_t rows;
    } lists[] = {{"aws", T(AWS), 5}, {"azure", T(AZURE), 5}, {"gcp", T(GCP), 1}};
    for (size_t l = 0; l < COUNT_OF(lists); l++)
        for (size_t len = 0; len <= lists[l].bytes.len; len++) {
            struct arena arena = arena_over(memory, sizeof memory);
            struct geo_cloud cloud;
            struct error e;
            str cut = str_slice(lists[l].bytes, 0, len);
            enum error_code code = geo_cloud_read(str_from_c(lists[l].provider), STR("cut.json"),
                                                  cut, &arena, &cloud, &e);
            bool is_whole = len + 1 >= lists[l].bytes.len; /* but for the last line feed */
            assert_true(code == OK ||
                        (code == FAIL_SYNTAX && strstr(e.message, "cut.json:") != NULL));
            if (is_whole) assert_int_equal(code, OK);
            if (code != OK) continue;
            assert_int_equal(cloud.problems.is_cut, !is_whole);
            assert_int_equal(cloud.problems.count, !is_whole);
            assert_true(cloud.row_count > 0 && cloud.row_count <= lists[l].rows);
            if (is_whole) assert_int_equal(cloud.row_count, lists[l].rows);
        }
}

/* The data that came along tell 215.0.0.0 by two systems, and every run warned of the line: the narrower range has what
 * both have, on either side. */
static void of_ranges_that_overlap_the_narrower_speaks(void **state) {
    (void)state;
    struct arena arena = arena_over(memory, sizeof memory);
    struct geo_asn asn;
    struct error e;
    str lines = STR("214.95.0.0,215.0.255.255,749,Wide\n215.0.0.0,215.1.3.255,721,Narrow\n"
                    "215.1.0.0,217.0.0.0,9,Wider\n");
    static const char *const rows[][2] = {{"214.95.0.0", "214.255.255.255"},
                                          {"215.0.0.0", "215.1.3.255"},
                                          {"215.1.4.0", "217.0.0.0"}};
    assert_ok(geo_asn_read(STR("n.csv"), STR_EMPTY, lines, &arena, &asn, &e), &e);
    assert_int_equal(asn.problems.total, 0);
    assert_int_equal(asn.count, COUNT_OF(rows));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char first[GEO_TEXT_BYTES], last[GEO_TEXT_BYTES];
        geo_address_write(&asn.ranges[i].first, first);
        geo_address_write(&asn.ranges[i].last, last);
        assert_string_equal(first, rows[i][0]);
        assert_string_equal(last, rows[i][1]);
    }
}

static void what_is_wrong_is_told_by_line(void **state) {
    struct arena arena = arena_over(memory, sizeof memory);
    struct geo_cloud cloud;
    struct geo_asn asn;
    struct error e;
    str bad = STR("{\"prefixes\": [{\"ipv4Prefix\": \"34.84.0.0/16\", \"scope\": \"a\"},\n"
                  "{\"ipv4Prefix\": \"34.84.0.1/16\", \"scope\": \"a\"},\n{\"scope\": \"a\"}]}");
    assert_ok(geo_cloud_read(STR("gcp"), STR("g.json"), bad, &arena, &cloud, &e), &e);
    assert_int_equal(cloud.row_count, 1);
    assert_int_equal(cloud.problems.total, 2);
    assert_true(str_starts(cloud.problems.at[0], STR("g.json:2: expected a network")));
    assert_int_equal(geo_cloud_read(STR("oracle"), STR("o"), bad, &arena, &cloud, &e), FAIL_USAGE);
    assert_int_equal(geo_cloud_read(STR("azure"), STR("o"), bad, &arena, &cloud, &e), FAIL_SYNTAX);
    str lines = STR("1.0.0.0,1.0.0.255,13335,A\n1.0.0.9,1.0.0.20,1,B\n2.0.0.0,1.0.0.0,1,C\nx\n"
                    "3.0.0.0,3.0.0.9,5,\"D\n4.0.0.0,4.0.0.1,6,cut");
    assert_ok(geo_asn_read(STR("n.csv"), STR_EMPTY, lines, &arena, &asn, &e), &e);
    assert_int_equal(asn.count, 1);
    assert_int_equal(asn.problems.total, 5);
    assert_true(asn.problems.is_cut);
    assert_true(str_starts(asn.problems.at[0], STR("n.csv:2: expected a range behind")));
    assert_int_equal(geo_asn_read(STR("n"), STR_EMPTY, STR("x\n"), &arena, &asn, &e), FAIL_SYNTAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_that_is_cut_gives_what_stood_before),
        cmocka_unit_test(of_ranges_that_overlap_the_narrower_speaks),
        cmocka_unit_test(what_is_wrong_is_told_by_line),
        cmocka_unit_test_setup_teardown(the_four_answers_stay_apart, make, forget),
        cmocka_unit_test_setup_teardown(an_answer_knows_who_said_so_and_when, make, forget),
        cmocka_unit_test_setup_teardown(every_address_of_the_use_registries_keeps_its_use, make,
                                        forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
