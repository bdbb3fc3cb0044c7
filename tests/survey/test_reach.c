/* What a round trip excludes, as a table: who answered so fast, what is said of it besides, and what follows. And where a vantage
 * is, as somebody tells it. */
#include <math.h>
#include <unistd.h>

#include "survey/world.h"
#include "tests/test.h"

static const char list[] =
    "{\"syncToken\": \"1\", \"createDate\": \"2026-08-22-00-00-00\", \"prefixes\": ["
    "{\"ip_prefix\": \"3.112.0.0/16\", \"region\": \"ap-northeast-1\", \"service\": \"AMAZON\"},"
    "{\"ip_prefix\": \"34.208.0.0/16\", \"region\": \"us-west-2\", \"service\": \"AMAZON\"},"
    "{\"ip_prefix\": \"99.77.0.0/16\", \"region\": \"GLOBAL\", \"service\": \"CLOUDFRONT\"}]}";
static const struct register_text texts[] = {
    {STR("register.yaml"), STR("sites:\n"
                               "  - {id: tokyo, country: JP, lat: 35.6812, lon: 139.7671}\n"
                               "  - {id: coarse, country: JP, lat: 36, lon: 140}\n"
                               "  - {id: borrowed, near: Sendai}\n"
                               "  - {id: nowhere, country: JP}\n")}};

static char folder[] = "/tmp/azekura-reach-XXXXXX";
static char path[64];
static unsigned char memory[1 << 20];
static struct register_snapshot *snapshot;

static const struct survey_vantage tokyo = {STR("site tokyo"), {35.6812, 139.7671}, 0.1},
                                   fukuoka = {STR("fukuoka"), {33.59, 130.40}, 1},
                                   frankfurt = {STR("frankfurt"), {50.11, 8.68}, 1},
                                   adrift = {STR("adrift"), {30.0, 170.0}, 1};

static int make(void **state) {
    struct error e;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/aws.json", folder);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(list, 1, strlen(list), file), strlen(list));
    assert_int_equal(fclose(file), 0);
    assert_ok(register_load_texts(texts, COUNT_OF(texts), &snapshot, NULL, &e), &e);
    return 0;
}
static int forget(void **state) {
    register_release(snapshot);
    unlink(path);
    rmdir(folder);
    return 0;
}

static struct survey_world *world_open(const struct survey_vantage *vantage) {
    static const struct geo_own by_hand = {.name = STR("by hand"), .country = {{'U', 'S'}}};
    static struct geo_own row;
    static struct geo_own_list override;
    struct survey_world *world;
    struct error e;
    const struct survey_list lists[] = {{"aws", path}};
    row = by_hand;
    assert_ok(geo_network_read(STR("203.104.99.0/24"), &row.network, &e), &e);
    override = (struct geo_own_list){.rows = &row, .count = 1};
    struct survey_options options = {.clouds = lists,
                                     .cloud_count = 1,
                                     .override = &override,
                                     .vantage = vantage,
                                     .probes = true};
    assert_ok(survey_world_open(&options, &world, &e), &e);
    return world;
}

struct shown {
    char answer[16], countries[128], grounds[16], conflicts[512], says[512], without[16];
};

/* `masked`: somebody on the way answers for others. Of several addresses the first alone was probed. */
static struct shown ask(const struct survey_world *world, const char *addresses,
                        const char *declared, double rtt_ms, bool is_masked) {
    struct geo_address list_of[2];
    struct survey_probed probed = {
        .rtt_ns = (int64_t)(rtt_ms * 1e6), .tries = 5, .answers = 5, .port = 443};
    struct survey_asked asked = {.addresses = list_of, .probed = &probed, .probed_count = 1};
    struct arena arena = arena_over(memory, sizeof memory);
    struct survey_judge *judge;
    struct survey_server server;
    struct shown shown = {.grounds = "nothing"};
    struct error e;
    str rest = str_from_c(addresses), head;
    while (str_cut(&rest, ' ', &head))
        assert_true(geo_address_read(head, &list_of[asked.address_count++]));
    assert_true(geo_address_read(rest, &list_of[asked.address_count++]));
    probed.address = list_of[0];
    probed.is_answered_for = is_masked;
    if (declared[0] != 0) {
        asked.declared.by = STR("servers.csv:2");
        assert_true(geo_country_read(str_from_c(declared), &asked.declared.country));
    }
    assert_ok(survey_judge_open(world, &judge, &e), &e);
    assert_ok(survey_ask(judge, &asked, &arena, &server, &e), &e);
    const struct survey_judgement *j = server.judgement;
    struct text countries = text_into(shown.countries, sizeof shown.countries - 1),
                conflicts = text_into(shown.conflicts, sizeof shown.conflicts - 1);
    snprintf(shown.answer, sizeof shown.answer, "%s", survey_answer_name(j->answer));
    if (j->grounds < SURVEY_METHOD_COUNT)
        snprintf(shown.grounds, sizeof shown.grounds, "%s", survey_method_name(j->grounds));
    for (size_t i = 0; i < j->country_count; i++)
        text_format(&countries, "%s%.2s %.2f", i > 0 ? ", " : "", j->countries[i].country.at,
                    j->countries[i].probability);
    for (size_t i = 0; i < j->conflict_count; i++)
        text_format(&conflicts, "%s%.*s", i > 0 ? "; " : "", STR_FMT(j->conflicts[i].says));
    for (size_t i = 0; i < j->evidence_count; i++)
        if (j->evidence[i].method == SURVEY_BY_ROUND_TRIP) {
            snprintf(shown.says, sizeof shown.says, "%.*s", STR_FMT(j->evidence[i].says));
            snprintf(shown.without, sizeof shown.without, "%s",
                     survey_answer_name(j->evidence[i].without));
        }
    survey_judge_close(judge);
    return shown;
}

static const struct {
    const char *what;
    const struct survey_vantage *from;
    const char *addresses, *declared;
    double rtt_ms;
    bool is_masked;
    const char *answer, *countries, *grounds, *conflicts; /* expected */
} cases[] = {
    {"nothing is known but that it answers fast: physics alone", &tokyo, "203.104.9.9", "", 3,
     false, "inside", "JP 1.00", "round-trip", ""},
    {"a slow answer proves nothing", &tokyo, "203.104.9.9", "", 300, false, "undetermined", "",
     "nothing", ""},
    {"nobody says where here is", NULL, "203.104.9.9", "", 3, false, "undetermined", "", "nothing",
     ""},
    {"two countries are near enough, and nobody says which", &fukuoka, "203.104.9.9", "", 4, false,
     "undetermined", "JP 0.50, KR 0.50", "nothing", ""},
    {"two are near enough, and one is declared", &fukuoka, "203.104.9.9", "KR", 4, false, "outside",
     "KR 1.00", "inventory", ""},
    {"what is declared is proved", &tokyo, "203.104.9.9", "JP", 3, false, "inside", "JP 1.00",
     "round-trip", ""},
    {"what is declared abroad cannot be", &tokyo, "203.104.9.9", "SG", 3, false, "inside",
     "JP 1.00", "round-trip",
     "the inventory says SG, the round trip says within 300 km of site tokyo"},
    {"what is declared abroad can be", &tokyo, "203.104.9.9", "SG", 75, false, "outside", "SG 0.97",
     "inventory", ""},
    {"the list says Oregon, the round trip that it is near Tokyo", &tokyo, "34.208.9.9", "", 3,
     false, "inside", "JP 1.00", "round-trip",
     "aws 1 says US, the round trip says within 300 km of site tokyo"},
    {"the list says Oregon, and it is as slow", &tokyo, "34.208.9.9", "", 110, false, "outside",
     "US 1.00", "cloud-region", ""},
    {"where the list is wrong, what is declared is heard", &fukuoka, "34.208.9.9", "JP", 4, false,
     "inside", "JP 1.00", "inventory",
     "aws 1 says US, the round trip says within 401 km of fukuoka; aws 1 says US, the inventory "
     "says "
     "JP"},
    {"Tokyo answers as Tokyo can", &tokyo, "3.112.0.9", "", 3, false, "inside", "JP 1.00",
     "round-trip", ""},
    {"of many places one answered, and the others are where they are", &tokyo, "99.77.0.1", "", 1,
     false, "many", "", "anycast", ""},
    {"somebody on the way answers for all", &tokyo, "34.208.9.9", "", 1, true, "outside", "US 1.00",
     "cloud-region", ""},
    {"one address was probed, the other not", &tokyo, "34.208.9.9 34.208.9.10", "", 3, false,
     "many", "JP 0.50, US 0.50", "round-trip",
     "aws 1 says US, the round trip says within 300 km of site tokyo"},
    {"what is said here and now stands above, and is contradicted", &tokyo, "203.104.99.1", "", 3,
     false, "outside", "US 1.00", "override",
     "override says US, the round trip says within 300 km of site tokyo"},
    {"from abroad it proves that a machine is not at home", &frankfurt, "203.104.9.9", "JP", 20,
     false, "outside", "", "round-trip",
     "the inventory says JP, the round trip says within 2000 km of frankfurt"},
    {"a vantage where no country is proves nothing", &adrift, "203.104.9.9", "US", 0.1, false,
     "outside", "US 0.97", "inventory", ""},
};

static void round_trips_exclude_as_the_table_says(void **state) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct survey_world *world = world_open(cases[i].from);
        struct shown shown =
            ask(world, cases[i].addresses, cases[i].declared, cases[i].rtt_ms, cases[i].is_masked);
        if (strcmp(shown.answer, cases[i].answer) != 0 ||
            strcmp(shown.countries, cases[i].countries) != 0 ||
            strcmp(shown.grounds, cases[i].grounds) != 0 ||
            strcmp(shown.conflicts, cases[i].conflicts) != 0)
            fail_msg("%s: %s (%s) by %s, conflicts \"%s\"", cases[i].what, shown.answer,
                     shown.countries, shown.grounds, shown.conflicts);
        survey_world_close(world);
    }
}

static void evidence_says_what_it_excludes_and_for_whom(void **state) {
    struct survey_world *world = world_open(&tokyo);
    struct shown fast = ask(world, "34.208.9.9", "", 3, false),
                 many = ask(world, "99.77.0.1", "", 1, false),
                 masked = ask(world, "34.208.9.9", "", 1, true);
    assert_string_equal(fast.says,
                        "whoever answered is within 300 km of site tokyo (known to 0.1 km) over "
                        "fibre; only JP is so near; port 443 of 34.208.9.9 answered 5 of 5 "
                        "connections, the fastest in 3.000 ms");
    assert_string_equal(fast.without, "outside"); /* it was decisive */
    assert_non_null(strstr(many.says, "the one of its places that answered is within 100 km"));
    assert_non_null(strstr(masked.says, "somebody on the way answers for others"));
    survey_world_close(world);
}

static void it_is_told_when_nobody_says_where_here_is(void **state) {
    struct survey_world *world = world_open(NULL);
    size_t count;
    const str *warnings = survey_world_warnings(world, &count);
    bool is_told = false;
    for (size_t i = 0; i < count; i++)
        is_told = is_told ||
                  str_find(warnings[i], STR("--vantage LAT,LON or --vantage SITE"), &(size_t){0});
    assert_true(is_told);
    survey_world_close(world);
}

/* ---- where here is ---- */

static const struct {
    const char *word, *name; /* NULL: refused */
    double lat, lon, error_km;
} vantages[] = {
    {"35.68,139.77", "35.68,139.77", 35.68, 139.77, 0.79},
    {"36,140", "36,140", 36, 140, 78.6}, /* digits that were left out count as not known */
    {"36, 140, 5", "36, 140, 5", 36, 140, 5},
    {"-33.87,151.21,0.5", "-33.87,151.21,0.5", -33.87, 151.21, 0.5},
    {"tokyo", "site tokyo", 35.6812, 139.7671, 0.0079},
    {"coarse", "site coarse", 36, 140, 78.6},
    {"nowhere", NULL, 0, 0, 0},  /* it has no coordinates */
    {"borrowed", NULL, 0, 0, 0}, /* those of the capital it is near */
    {"osaka", NULL, 0, 0, 0},
    {"91,0", NULL, 0, 0, 0},
    {"35.68", NULL, 0, 0, 0},
    {"35.68,", NULL, 0, 0, 0},
    {"35.68,139.77,", NULL, 0, 0, 0},
    {"35.68,139.77,-1", NULL, 0, 0, 0},
    {"35.68,139.77,1,2", NULL, 0, 0, 0},
    {"1e1,2e1", NULL, 0, 0, 0},
    {"nan,nan", NULL, 0, 0, 0},
    {"35.,139.", NULL, 0, 0, 0},
    {"", NULL, 0, 0, 0},
};

static void a_vantage_is_what_somebody_says(void **state) {
    for (size_t i = 0; i < COUNT_OF(vantages); i++) {
        struct arena arena = arena_over(memory, sizeof memory);
        struct survey_vantage v;
        struct error e;
        enum error_code code = survey_vantage_read(str_from_c(vantages[i].word), snapshot,
                                                   (int64_t)1795000000 * NS_PER_S, &arena, &v, &e);
        assert_row(vantages[i].word, code == (vantages[i].name != NULL ? OK : FAIL_USAGE));
        if (code != OK) continue;
        assert_str(v.name, str_from_c(vantages[i].name));
        assert_row(vantages[i].word, fabs(v.at.lat_deg - vantages[i].lat) < 1e-9);
        assert_row(vantages[i].word, fabs(v.at.lon_deg - vantages[i].lon) < 1e-9);
        assert_row(vantages[i].word, fabs(v.error_km - vantages[i].error_km) < 0.01 * v.error_km);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips_exclude_as_the_table_says),
        cmocka_unit_test(evidence_says_what_it_excludes_and_for_whom),
        cmocka_unit_test(it_is_told_when_nobody_says_where_here_is),
        cmocka_unit_test(a_vantage_is_what_somebody_says),
    };
    return cmocka_run_group_tests(tests, make, forget);
}
