/* Sites that name a capital, a cloud region or a grid area; and the lists themselves. */
#include "register/register.h"
#include "tests/test.h"

static char memory[8 << 20];

static struct register_snapshot *load(const char *name, const char *bytes,
                                      struct register_report *report) {
    struct register_text text = {str_from_c(name), str_from_c(bytes)};
    struct register_snapshot *s = NULL;
    struct error e;
    assert_ok(register_load_texts(&text, 1, &s, report, &e), &e);
    return s;
}

static str canonical(const struct register_snapshot *s, const char *id) {
    const struct register_row *row = register_row_at(s, REGISTER_SITES, str_from_c(id), 0);
    if (row == NULL) fail_msg("there is no site \"%s\"", id);
    return row->canonical;
}

#define CAPITALS "\"source\":\"list capitals of 2026-11-21, at JP-04\"}"
#define SENDAI                                                                                     \
    "\"country\":\"JP\",\"region\":{\"value\":\"JP-04\"," CAPITALS ",\"near\":\"%s\","             \
    "\"lat\":{\"value\":\"38.268737\"," CAPITALS ",\"lon\":{\"value\":\"140.872183\"," CAPITALS    \
    ",\"hazard\":{\"quake_30y\":{\"value\":\"7.6 %%\",\"since\":\"2021-03-26\",\"source\":"        \
    "\"J-SHIS 2020, list capitals of 2026-11-21, at JP-04\"}},\"grid\":{\"area\":{\"value\":"      \
    "\"tohoku\"," CAPITALS ",\"hertz\":{\"value\":\"50\"," CAPITALS "}}"

static void a_city_is_found_by_each_of_its_names(void **state) {
    static const char *const names[] = {"Sendai", "sendai", "仙台市", "仙台", "JP-04"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char yaml[200], csv[200], wanted[2048];
        snprintf(yaml, sizeof yaml, "sites: [{id: a, near: %s}]", names[i]);
        snprintf(csv, sizeof csv, "id,near\na,%s\n", names[i]);
        snprintf(wanted, sizeof wanted, "{\"id\":\"a\"," SENDAI, names[i]);
        struct register_snapshot *s = load("a.yaml", yaml, NULL);
        assert_str(canonical(s, "a"), str_from_c(wanted));
        register_release(s);
        s = load("sites.csv", csv, NULL);
        assert_str(canonical(s, "a"), str_from_c(wanted));
        /* what was read once is not filled in again */
        snprintf(memory, sizeof memory, "{\"sites\":[%s]}", wanted);
        struct register_snapshot *again = load("again.json", memory, NULL);
        assert_str(canonical(again, "a"), str_from_c(wanted));
        register_release(again);
        register_release(s);
    }
}

static void what_a_row_says_itself_stays(void **state) {
    struct register_snapshot *s =
        load("a.yaml",
             "sites:\n"
             "  - {id: own, near: Sendai, region: JP-06, lat: 38, grid: {area: tokyo}, hazard: "
             "{quake_30y: 3 %}}\n"
             "  - {id: none, near: Sendai, country: unknown, region: withheld, lat: unknown, grid: "
             "{area: unknown}, hazard: {quake_30y: unknown}}\n"
             "  - {id: beside, near: Sendai, lat: 38, lon: 141, grid: {feeds: 2}, hazard: {flood: "
             "3 m}}\n",
             NULL);
    assert_str(canonical(s, "own"),
               STR("{\"id\":\"own\",\"country\":\"JP\",\"region\":\"JP-06\",\"near\":\"Sendai\","
                   "\"lat\":\"38\",\"hazard\":{\"quake_30y\":\"3 %\"},\"grid\":{\"area\":\"tokyo\","
                   "\"hertz\":{\"value\":\"50\",\"source\":\"list grids of 2026-11-21, at tokyo\"}}"
                   "}"));
    assert_str(
        canonical(s, "none"),
        STR("{\"id\":\"none\",\"country\":{\"is\":\"unknown\"},\"region\":{\"is\":"
            "\"withheld\"},\"near\":\"Sendai\",\"lat\":{\"is\":\"unknown\"},\"hazard\":{"
            "\"quake_30y\":{\"is\":\"unknown\"}},\"grid\":{\"area\":{\"is\":\"unknown\"}}}"));
    const struct register_row *row = register_row_at(s, REGISTER_SITES, STR("beside"), 0);
    const struct register_value *grid = register_value_find(&row->fields, STR("grid"));
    const struct register_value *hazard = register_value_find(&row->fields, STR("hazard"));
    assert_int_equal(grid->records[0].count, 3);
    assert_int_equal(hazard->records[0].count, 2);
    assert_str(register_value_find(&row->fields, STR("lat"))->text, STR("38"));
    register_release(s);
}

/* A cell that says unknown was taken for the name of a city. */
static void a_cell_that_says_unknown_names_nothing(void **state) {
    struct register_snapshot *s =
        load("sites.csv", "id,country,near,grid.area\na,JP,unknown,withheld\n", NULL);
    assert_str(canonical(s, "a"),
               STR("{\"id\":\"a\",\"country\":\"JP\",\"near\":{\"is\":\"unknown\"},\"grid\":{"
                   "\"area\":{\"is\":\"withheld\"}}}"));
    register_release(s);
}

static void a_cloud_region_says_its_country(void **state) {
    struct register_snapshot *s =
        load("a.yaml",
             "sites:\n  - {id: a, cloud: {provider: azure, region: norwayeast}}\n"
             "  - {id: b, cloud: {provider: aws, region: ap-northeast-1}, country: unknown}\n"
             "  - {id: c, cloud: {provider: maru, region: x-1}}\n",
             NULL);
    assert_str(
        canonical(s, "a"),
        STR("{\"id\":\"a\",\"country\":{\"value\":\"NO\",\"source\":\"list regions of "
            "2026-08-22, at azure.norwayeast\"},\"cloud\":{\"provider\":\"azure\",\"region\":"
            "\"norwayeast\"}}"));
    assert_str(canonical(s, "b"),
               STR("{\"id\":\"b\",\"country\":{\"is\":\"unknown\"},\"cloud\":{\"provider\":\"aws\","
                   "\"region\":\"ap-northeast-1\"}}"));
    assert_str(canonical(s, "c"), STR("{\"id\":\"c\",\"cloud\":{\"provider\":\"maru\",\"region\":"
                                      "\"x-1\"}}"));
    register_release(s);
}

static const struct {
    const char *name, *row, *message;
} mistakes[] = {
    {"two letters changed places", "near: Sendia",
     "a.yaml:1:23: no capital of a prefecture is called \"Sendia\"; did you mean Sendai?"},
    {"no name at all", "near: Atlantis",
     "no capital of a prefecture is called \"Atlantis\"; see `azekura register list capitals`"},
    {"several are near", "near: Tkushima",
     "no capital of a prefecture is called \"Tkushima\"; did you mean Tokushima, Fukushima?"},
    {"a city of another country", "near: Naha, country: TW",
     "\"near\" names a city in Japan, and the country is TW"},
    {"an area Japan has not", "country: JP, grid: {area: kanssai}",
     "Japan has no grid area \"kanssai\"; did you mean kansai?"},
    {"an area that is none, of a city", "near: Sendai, grid: {area: touhoku}",
     "Japan has no grid area \"touhoku\"; did you mean tohoku?"},
};
_Static_assert(COUNT_OF(mistakes) >= 6, "kinds of names that are on no list");

static void a_name_on_no_list_is_told_with_the_nearest(void **state) {
    for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
        char yaml[400];
        struct register_snapshot *s;
        struct error e;
        snprintf(yaml, sizeof yaml, "sites: [{id: a, %s}]", mistakes[i].row);
        struct register_text text = {STR("a.yaml"), str_from_c(yaml)};
        assert_row(mistakes[i].name, register_load_texts(&text, 1, &s, NULL, &e) == FAIL_SYNTAX &&
                                         strstr(e.message, mistakes[i].message) != NULL);
    }
}

/* Providers open regions faster than lists come out: a new one is no error. */
static void a_region_that_the_list_has_not_is_a_warning(void **state) {
    struct register_report report;
    struct register_snapshot *s = load(
        "a.yaml", "sites: [{id: a, country: JP, cloud: {provider: aws, region: ap-northeast-9}}]",
        &report);
    assert_int_equal(report.problem_count, 1);
    assert_true(report.problems[0].is_warning);
    assert_str(
        report.problems[0].text,
        STR("a.yaml:1:61: the list of 2026-08-22 has no region \"ap-northeast-9\" of aws; did "
            "you mean ap-northeast-1, ap-northeast-2, ap-northeast-3?"));
    register_report_release(&report);
    register_release(s);
}

static void an_area_abroad_is_called_as_people_call_it(void **state) {
    register_release(
        load("a.yaml",
             "sites: [{id: a, country: US, grid: {area: ercot}}, {id: b, grid: {area: x}}]", NULL));
}

/* ---- the lists ---- */

static struct register_prefilled list_of(const char *name, struct arena *arena) {
    struct register_prefilled list;
    struct error e;
    static char scratch[4 << 20];
    *arena = arena_over(memory, sizeof memory);
    assert_ok(register_prefilled_read(str_from_c(name), arena, arena_over(scratch, sizeof scratch),
                                      &list, &e),
              &e);
    return list;
}

static double number(str text) {
    char digits[32];
    snprintf(digits, sizeof digits, "%.*s", STR_FMT(text));
    return strtod(digits, NULL);
}

/* JIS X 0410: the 1 km mesh and the quarter of it. */
enum { MESH_BYTES = 120 };
static void mesh_of(double lat, double lon, char out[MESH_BYTES]) {
    double a = lat * 60, f = lon - 100 - (int)(lon - 100);
    int p = (int)(a / 40), u = (int)(lon - 100);
    a -= p * 40;
    int q = (int)(a / 5), v = (int)(f * 60 / 7.5);
    double b = (a - q * 5) * 60, g = (f * 60 - v * 7.5) * 60;
    int r = (int)(b / 30), w = (int)(g / 45);
    double c = b - r * 30, h = g - w * 45;
    int s = (int)(c / 15) * 2 + (int)(h / 22.5) + 1;
    c -= (int)(c / 15) * 15, h -= (int)(h / 22.5) * 22.5;
    int t = (int)(c / 7.5) * 2 + (int)(h / 11.25) + 1;
    snprintf(out, MESH_BYTES, "%02d%02d%d%d%d%d%d%d", p, u, q, v, r, w, s, t);
}

static void each_capital_lies_in_its_mesh_and_area(void **state) {
    struct arena arena, grids_arena;
    static char grids_memory[1 << 20], scratch[1 << 20];
    struct register_prefilled list = list_of("capitals", &arena), grids;
    struct error e;
    grids_arena = arena_over(grids_memory, sizeof grids_memory);
    assert_ok(register_prefilled_read(STR("grids"), &grids_arena,
                                      arena_over(scratch, sizeof scratch), &grids, &e),
              &e);
    assert_int_equal(list.row_count, 47);
    assert_int_equal(grids.row_count, 10);
    for (size_t i = 0; i < list.row_count; i++) {
        char mesh[MESH_BYTES], id[32];
        str area = register_prefilled_cell(&list, i, STR("area")), hertz = STR_EMPTY;
        snprintf(id, sizeof id, "JP-%02zu", i + 1);
        assert_str(register_prefilled_cell(&list, i, STR("id")), str_from_c(id));
        mesh_of(number(register_prefilled_cell(&list, i, STR("lat"))),
                number(register_prefilled_cell(&list, i, STR("lon"))), mesh);
        assert_str(register_prefilled_cell(&list, i, STR("mesh5")), str_from_c(mesh));
        assert_str(register_prefilled_cell(&list, i, STR("mesh3")), str_of(mesh, 8));
        for (size_t g = 0; g < grids.row_count; g++)
            if (str_equal(register_prefilled_cell(&grids, g, STR("id")), area))
                hertz = register_prefilled_cell(&grids, g, STR("hertz"));
        assert_str(register_prefilled_cell(&list, i, STR("hertz")), hertz);
        double chance = number(register_prefilled_cell(&list, i, STR("quake_30y_2016")));
        assert_true(chance > 0 && chance <= 100);
    }
}

static void each_region_lies_in_a_country(void **state) {
    struct arena arena;
    struct register_prefilled list = list_of("regions", &arena);
    assert_true(list.row_count > 120);
    for (size_t i = 0; i < list.row_count; i++) {
        geo_country country;
        char id[80];
        snprintf(id, sizeof id, "%.*s.%.*s",
                 STR_FMT(register_prefilled_cell(&list, i, STR("provider"))),
                 STR_FMT(register_prefilled_cell(&list, i, STR("region"))));
        assert_str(register_prefilled_cell(&list, i, STR("id")), str_from_c(id));
        assert_row(id,
                   geo_country_read(register_prefilled_cell(&list, i, STR("country")), &country));
    }
}

static void an_id_has_its_word_or_is_its_own(void **state) {
    static const struct {
        const char *facet, *id, *en, *ja;
    } rows[] = {{"sector", "electricity", "Electricity", "電力"},
                {"class", "critical", "critical", "最重要"},
                {"kind", "medical", "Medical", "診療情報"},
                {"kind", "electricity", "electricity", "electricity"}, /* of another facet */
                {"class", "rank-3", "rank-3", "rank-3"}};
    static unsigned char kept[1 << 20], other[1 << 20];
    struct arena arena = arena_over(kept, sizeof kept);
    const struct register_words *words;
    struct error e = {0};
    assert_ok(register_words_read(&arena, arena_over(other, sizeof other), &words, &e), &e);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct register_word word =
            register_words_find(words, rows[i].facet, str_from_c(rows[i].id));
        assert_str(word.en, str_from_c(rows[i].en));
        assert_str(word.ja, str_from_c(rows[i].ja));
    }
}

static void each_source_of_a_list_is_named(void **state) {
    for (size_t l = 0; register_prefilled_name(l) != NULL; l++) {
        struct arena arena;
        struct register_prefilled list = list_of(register_prefilled_name(l), &arena);
        assert_true(list.licence.len > 0 && list.as_of.len == 10);
        for (size_t c = 0; c < list.column_count; c++) {
            bool is_named = list.columns[c].source.len == 0;
            for (size_t s = 0; s < list.source_count; s++)
                is_named |= str_equal(list.sources[s].name, list.columns[c].source);
            assert_row(register_prefilled_name(l), is_named);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_city_is_found_by_each_of_its_names),
        cmocka_unit_test(what_a_row_says_itself_stays),
        cmocka_unit_test(a_cell_that_says_unknown_names_nothing),
        cmocka_unit_test(a_cloud_region_says_its_country),
        cmocka_unit_test(a_name_on_no_list_is_told_with_the_nearest),
        cmocka_unit_test(a_region_that_the_list_has_not_is_a_warning),
        cmocka_unit_test(an_area_abroad_is_called_as_people_call_it),
        cmocka_unit_test(each_capital_lies_in_its_mesh_and_area),
        cmocka_unit_test(each_region_lies_in_a_country),
        cmocka_unit_test(an_id_has_its_word_or_is_its_own),
        cmocka_unit_test(each_source_of_a_list_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
