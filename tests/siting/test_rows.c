/* Rates as rows of CSV, footprints as GeoJSON: they find each other by the event's id. */
#include <math.h>

#include "tests/siting/model.h"

struct file {
    const char *name, *text;
};

static const char rates[] =
    "id,kind,name.en,name.ja,rate_lo,rate_hi,grade,outage_h,footprint.sites[],footprint.p_loss,"
    "footprint.p_down\n"
    "kanto,quake,Kanto,関東,0.01,0.02,strong,48,,,\n"
    "osaka,quake,Osaka,,0.001,0.004,,,,0.2,1\n"
    "snow,storm,,,0.05,0.05,,,a;b,0.1,1\n";
#define SQUARE                                                                                     \
    "{\"type\":\"Polygon\",\"coordinates\":[[[139,35],[140,35],[140,36],[139,36],[139,35]]]}"
static const char shapes[] =
    "{\"type\":\"FeatureCollection\",\"features\":[\n"
    "{\"type\":\"Feature\",\"properties\":{\"event\":\"kanto\"},\"geometry\":" SQUARE "},\n"
    "{\"type\":\"Feature\",\"properties\":{\"id\":\"kanto\",\"grade\":\"weak\"},"
    "\"geometry\":" SQUARE "},\n"
    "{\"type\":\"Feature\",\"id\":\"osaka\",\"properties\":null,\"geometry\":" SQUARE "}]}\n";
static const char fragility[] =
    "id,loss.strong,loss.weak,down.strong,down.weak\ndefault,0.1,0.01,0.9,0.2\n";

static enum error_code files_try(const struct file *files, size_t count, struct arena *arena,
                                 struct siting_model *model, struct error *e) {
    *model = (struct siting_model){0};
    for (size_t i = 0; i < count; i++)
        TRY(siting_file_read(str_from_c(files[i].name), str_from_c(files[i].text), arena,
                             arena_over(model_scratch, sizeof model_scratch), model, e));
    return siting_model_check(model, e);
}

static void is_the_model(const struct siting_model *m) {
    const struct siting_event *kanto = siting_event_find(m, STR("kanto")),
                              *osaka = siting_event_find(m, STR("osaka")),
                              *snow = siting_event_find(m, STR("snow"));
    assert_int_equal(m->event_count, 3);
    assert_true(kanto->rate_lo == 0.01 && kanto->rate_hi == 0.02);
    assert_str(kanto->name_ja, STR("関東"));
    assert_int_equal(kanto->branches[0].part_count, 2); /* the row's grade, and the feature's own */
    assert_str(kanto->branches[0].parts[0].grade, STR("strong"));
    assert_str(kanto->branches[0].parts[1].grade, STR("weak"));
    assert_true(kanto->branches[0].outage_h == 48);
    assert_int_equal(osaka->branches[0].part_count, 1);
    assert_true(osaka->branches[0].parts[0].p_loss == 0.2 &&
                osaka->branches[0].parts[0].p_down == 1);
    assert_int_equal(snow->branches[0].parts[0].site_count, 2);
    assert_null(snow->branches[0].parts[0].area);
    struct siting_site site = {.id = STR("s"), .has_point = true, .point = {35.5, 139.5}};
    struct siting_harm harm;
    siting_strike(m, kanto, kanto->branches, &site, &harm);
    assert_true(harm.reach == SITING_INSIDE && harm.p_loss[SITING_LO] == 0.1);
    site.point.lat_deg = 30;
    siting_strike(m, kanto, kanto->branches, &site, &harm);
    assert_int_equal(harm.reach, SITING_OUTSIDE);
}

static void rows_and_features_find_each_other_in_any_order(void **state) {
    static const struct file orders[][3] = {
        {{"t/rates.csv", rates}, {"t/shapes.geojson", shapes}, {"t/fragility.csv", fragility}},
        {{"t/fragility.csv", fragility}, {"t/shapes.geojson", shapes}, {"t/rates.csv", rates}},
        {{"shapes.json", shapes}, {"rates.csv", rates}, {"fragility.csv", fragility}}};
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        struct arena arena = arena_over(model_memory, sizeof model_memory);
        struct siting_model model;
        struct error e;
        assert_ok(files_try(orders[i], 3, &arena, &model, &e), &e);
        is_the_model(&model);
    }
}

static void groups_are_rows_too(void **state) {
    const struct file file = {"groups.csv", "id,kind,rate,p_loss,p_down,members[]\n"
                                            "hall,building,0.001,1,1,a;c\n"};
    struct arena arena = arena_over(model_memory, sizeof model_memory);
    struct siting_model model;
    struct error e;
    assert_ok(files_try(&file, 1, &arena, &model, &e), &e);
    assert_true(model.event_count == 1 && model.events[0].is_group);
    assert_int_equal(model.events[0].branches[0].parts[0].site_count, 2);
}

#define FEATURE(properties)                                                                        \
    "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":"          \
    "{" properties "},\"geometry\":" SQUARE "}]}"

static const struct {
    const char *csv, *json, *message;
} mistakes[] = {
    {"id;rate;footprint.sites[]\nq;0,1;a\n", NULL,
     "rates.csv:1:1: expected cells between commas, found semicolons"},
    {"id,rate,grade\nq,0.1,strong\n", NULL,
     "rates.csv:2: event \"q\" has no footprint, and no feature names it: it would strike nothing"},
    {"id,rate,grade\nq,0.1,strong\n", FEATURE("\"event\":\"r\""),
     "s.geojson:1: a feature names the event \"r\", which no table has"},
    {"id,rate,grade,footprint.sites[]\nq,0.1,strong,a\n", FEATURE("\"event\":\"q\""),
     "s.geojson:1: a feature names the event \"q\", which says itself where it reaches"},
    {"id,rate\nq,0.1\n", FEATURE("\"event\":\"q\""),
     "rates.csv:2: neither event \"q\" nor its features have a grade, or both p_loss and p_down"},
    {"id,rate,grade\nq,0.1,stern\n", FEATURE("\"event\":\"q\""),
     "rates.csv:2: event \"q\" names the grade \"stern\", of which the fragility \"default\" has "
     "no loss"},
    {"id,rate,grade\nq,0.1,strong\n", FEATURE("\"name\":\"q\""),
     "expected the event's id as \"event\" among the feature's properties"},
    {"id,rate,grade\nq,0.1,strong\n",
     "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"id\":\"q\","
     "\"properties\":{},\"geometry\":null}]}",
     "expected a map with the key \"type\", found \"null\""},
    {"id,rate,colour\nq,0.1,red\n", NULL, "rates.csv:2:7: expected one of id, kind, name"},
    {"id,rate\nq,-1\n", NULL, "rates.csv:2:3: expected a yearly rate, 0 to 1000, found \"-1\""},
    {"id,rate\nq,1,2\n", NULL, "rates.csv:2"},
    {"id,rate\nq,1\nq,1\n", NULL, "rates.csv:3:1: the id \"q\" is there twice"},
};

static void each_mistake_has_its_message(void **state) {
    for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
        const struct file files[] = {{"fragility.csv", fragility},
                                     {"rates.csv", mistakes[i].csv},
                                     {"s.geojson", mistakes[i].json}};
        struct arena arena = arena_over(model_memory, sizeof model_memory);
        struct siting_model model;
        struct error e;
        enum error_code code =
            files_try(files, mistakes[i].json != NULL ? 3 : 2, &arena, &model, &e);
        if (code != FAIL_SYNTAX) fail_msg("row %zu was taken", i);
        if (strstr(e.message, mistakes[i].message) == NULL)
            fail_msg("row %zu: \"%s\", expected \"%s\"", i, e.message, mistakes[i].message);
    }
}

static void an_event_of_an_array_lost_its_branches_beside_features(void **state) {
    const struct file files[] = {
        {"rates.csv", rates},
        {"more.json",
         "[{\"id\":\"two\",\"rate\":0.1,\"branches\":["
         "{\"prob\":0.5,\"footprint\":{\"sites\":[\"a\"],\"p_loss\":1,\"p_down\":1}},"
         "{\"prob\":0.5,\"footprint\":{\"sites\":[\"b\"],\"p_loss\":1,\"p_down\":1}}]}]"},
        {"shapes.geojson", shapes},
        {"fragility.csv", fragility}};
    struct arena arena = arena_over(model_memory, sizeof model_memory);
    struct siting_model model;
    struct error e;
    assert_ok(files_try(files, 4, &arena, &model, &e), &e);
    const struct siting_event *two = siting_event_find(&model, STR("two"));
    assert_int_equal(two->branch_count, 2);
    for (size_t i = 0; i < 2; i++) assert_int_equal(two->branches[i].part_count, 1);
    assert_str(two->branches[1].parts[0].sites[0], STR("b"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_features_find_each_other_in_any_order),
        cmocka_unit_test(groups_are_rows_too),
        cmocka_unit_test(each_mistake_has_its_message),
        cmocka_unit_test(an_event_of_an_array_lost_its_branches_beside_features),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
