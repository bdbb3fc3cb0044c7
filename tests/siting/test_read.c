/* What a file of events may say, and one message for each mistake in it. */
#include <math.h>

#include "tests/siting/model.h"

#define E  "events:\n- {id: q, kind: quake, rate: 0.01, "
#define F  "footprint: {sites: [a], p_loss: 0.5, p_down: 1}"
#define FR "fragility:\n- {id: default, loss: {strong: 0.1}, down: {strong: 0.5}}\n"

static const struct {
    const char *yaml, *message;
} mistakes[] = {
    {"events:\n- {id: q, rate: -0.1, " F "}\n",
     "events.yaml:2:17: expected a yearly rate, 0 to 1000, found \"-0.1\""},
    {"events:\n- {id: q, rate: 5000, " F "}\n",
     "expected a yearly rate, 0 to 1000, found \"5000\""},
    {"events:\n- {id: q, rate: often, " F "}\n",
     "expected a yearly rate, 0 to 1000, found \"often\""},
    {"events:\n- {id: q, rate: 0x10, " F "}\n", "expected a yearly rate"},
    {"events:\n- {id: q, rate_lo: 0.02, rate_hi: 0.01, " F "}\n",
     "\"q\" has a low rate of 0.02 above its high one of 0.01"},
    {"events:\n- {id: q, rate_lo: 0.02, " F "}\n",
     "\"q\" needs one of rate, rate_lo with rate_hi, or p30_lo with p30_hi"},
    {"events:\n- {id: q, rate: 1, p30_lo: 0.1, p30_hi: 0.2, " F "}\n", "\"q\" needs one of rate"},
    {"events:\n- {id: q, " F "}\n", "\"q\" needs one of rate"},
    {"events:\n- {id: q, p30_lo: 0.9, p30_hi: 1, " F "}\n",
     "expected a probability in 30 years, 0 to 0.9999, found \"1\""},
    {"events:\n- {rate: 1, " F "}\n", "expected the key \"id\""},
    {"events:\n- {id: q, rate: 1, colour: red, " F "}\n", "expected one of id, kind, name"},
    {E F "}\n- {id: q, rate: 1, " F "}\n", "events.yaml:3:3: the id \"q\" is there twice"},
    {E F "}\ngroups:\n- {id: q, rate: 1, p_loss: 0, p_down: 1}\n", "the id \"q\" is there twice"},
    {E "branches: []}\n", "expected 1 to 32 branches, found 0"},
    {E "branches: [{prob: 0.7, " F "}, {prob: 0.4, " F "}]}\n",
     "the branches of \"q\" have probabilities of 1.1 together, over 1"},
    {E "branches: [{prob: 1.5, " F "}]}\n", "expected a probability from 0 to 1, found \"1.5\""},
    {E "branches: [{" F "}]}\n", "expected the key \"prob\""},
    {E "branches: [{prob: 1}]}\n", "expected the key \"footprint\""},
    /* what stood beside branches, or beside another shape, was passed over in silence */
    {E "branches: [{prob: 1, " F "}], " F "}\n",
     "events.yaml:2:3: \"q\" has branches: its footprint belongs into each of them"},
    {E "branches: [{prob: 1, " F "}], outage_h: 60}\n", "\"q\" has branches: its outage_h belongs"},
    {E "footprint: {circle: {lat: 35, lon: 139, km: 9}, type: Polygon, coordinates: "
       "[[[1,2],[3,2],[3,4],[1,2]]], p_loss: 1, p_down: 1}}\n",
     "one of area, circle or a GeoJSON type a part"},
    {E "footprint: []}\n", "expected a footprint; an event without one strikes nothing"},
    {E "footprint: {grade: strong}}\n",
     "a footprint needs one of sites, groups, area, circle or a GeoJSON type"},
    {E "footprint: {sites: [a]}}\n", "a footprint needs a grade, or both p_loss and p_down"},
    {E "footprint: {sites: [a], p_loss: 0.1}}\n",
     "a footprint needs a grade, or both p_loss and p_down"},
    {E "footprint: {sites: [a], p_loss: 2, p_down: 1}}\n",
     "expected a probability from 0 to 1, found \"2\""},
    {E "footprint: {sites: a, grade: strong}}\n", "expected a list of ids"},
    {E "footprint: {type: Point, coordinates: [1, 2], grade: strong}}\n",
     "expected Polygon, MultiPolygon"},
    {E "footprint: {type: Polygon, coordinates: [[[1, 2], [3, 2], [3, 4]]], grade: strong}}\n",
     "expected a ring of at least four positions"},
    {E "footprint: {type: Polygon, coordinates: [[[1, 2], [3, 2], [3, 4], [1, 3]]], grade: "
       "strong}}\n",
     "the ring does not close: its last position must be its first, [1, 2]"},
    {E "footprint: {type: Polygon, coordinates: [[[1, 95], [3, 2], [3, 4], [1, 95]]], grade: "
       "strong}}\n",
     "expected a latitude from -90 to 90, found \"95\""},
    {E "footprint: {type: Polygon, coordinates: [[[200, 5], [3, 2], [3, 4], [200, 5]]], grade: "
       "strong}}\n",
     "expected a longitude from -180 to 180"},
    {E "footprint: {circle: {lat: 35, lon: 139}, grade: strong}}\n", "expected the key \"km\""},
    {E "footprint: {circle: {lat: 35, lon: 139, km: -1}, grade: strong}}\n",
     "expected a radius in km"},
    {E "outage_h: -3, " F "}\n", "expected a number of hours, 0 or more, found \"-3\""},
    {"groups:\n- {id: g, rate: 1, p_down: 1}\n", "expected the key \"p_loss\""},
    {"groups:\n- {id: g, rate: 1, p_loss: 0, p_down: 1, members: {a: b}}\n",
     "expected a list of ids"},
    {"groups:\n- {id: g, rate: 1, p_loss: 0, p_down: 1, repair_h: soon}\n",
     "expected a number of hours"},
    {"fragility:\n- {id: default, loss: {a: 1.2}, down: {}}\n",
     "expected a probability from 0 to 1, found \"1.2\""},
    {"fragility:\n- {id: default, loss: {}}\n", "expected the key \"down\""},
    {FR "- {id: default, loss: {}, down: {}}\n", "the id \"default\" is there twice"},
    {"fragility:\n- {id: hall, loss: {}, down: {}}\n", "no fragility has the id default"},
    {E "footprint: {sites: [a], grade: strong}}\n",
     "events.yaml:2: event \"q\" names the grade \"strong\", but no fragility says what it does"},
    {E "footprint: {sites: [a], grade: weak}}\n" FR,
     "event \"q\" names the grade \"weak\", of which the fragility \"default\" has no loss"},
    {"background: weak\n" FR, "events.yaml:1: the background has the grade \"weak\", of which the "
                              "fragility \"default\" has no "
                              "loss"},
    {"background: strong\n" FR "---\nbackground: weak\n",
     "events.yaml:5:13: the background is \"weak\" here and \"strong\" before"},
    {"background: [strong]\n" FR, "events.yaml:1:13: expected"},
    {"event: []\n", "expected one of events, groups, fragility"},
    {"groups:\n- {id: 'm:*', rate: 1, p_loss: 0, p_down: 1, members: [a]}\n",
     "\"m:*\" stands for each group of its scheme and can have no members"},
    {"within: here\n" E F "}\n", "expected a list of ids"},
    {"events: {id: q}\n", "expected a list"},
    {E "footprint: {type: Polygon, p_loss: 1, p_down: 1, coordinates: "
       "[[[179,-18],[-179,-18],[-179,-16],[179,-16],[179,-18]]]}}\n",
     "from longitude 179 to -179 is more than half round the earth: cut the shape at 180"},
};

static void each_mistake_has_its_message(void **state) {
    for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
        struct arena arena = arena_over(model_memory, sizeof model_memory);
        struct siting_model model;
        struct error e;
        enum error_code code = model_try(mistakes[i].yaml, &arena, &model, &e);
        if (code != FAIL_SYNTAX) fail_msg("row %zu was taken: %s", i, mistakes[i].yaml);
        if (strstr(e.message, mistakes[i].message) == NULL)
            fail_msg("row %zu: \"%s\", expected \"%s\"", i, e.message, mistakes[i].message);
    }
}

static void rates_come_in_three_ways(void **state) {
    struct arena arena = arena_over(model_memory, sizeof model_memory);
    struct siting_model m =
        model_of("events:\n"
                 "- {id: a, rate: 0.02, " F "}\n"
                 "- {id: b, rate_lo: 1e-3, rate_hi: 2.5e-3, " F "}\n"
                 "- {id: c, p30_lo: 0.6, p30_hi: 0.9, name: {en: trough, ja: トラフ}, " F "}\n",
                 &arena);
    assert_true(m.events[0].rate_lo == 0.02 && m.events[0].rate_hi == 0.02);
    assert_true(m.events[1].rate_lo == 1e-3 && m.events[1].rate_hi == 2.5e-3);
    /* 26 % in 30 years is once in 100: evidence 3.2; 60 % and 90 % by the same formula */
    assert_true(fabs(m.events[2].rate_lo - 0.030543) < 1e-6 &&
                fabs(m.events[2].rate_hi - 0.076753) < 1e-6);
    assert_str(m.events[2].name_ja, STR("トラフ"));
    assert_str(m.events[0].name_ja, STR("a"));
}

static void files_add_up_to_one_model(void **state) {
    struct arena arena = arena_over(model_memory, sizeof model_memory);
    struct siting_model m =
        model_of(E F "}\n---\ngroups:\n- {id: g, kind: grid, rate: 0.1, p_loss: 0, p_down: 1, "
                     "repair_h: 40}\n---\n" FR,
                 &arena);
    assert_int_equal(m.event_count, 2);
    assert_int_equal(m.fragility_count, 1);
    assert_true(siting_event_find(&m, STR("g"))->is_group);
    assert_true(siting_event_find(&m, STR("g"))->branches[0].outage_h ==
                40); /* fuel counts against a grid */
    assert_null(siting_event_find(&m, STR("h")));
}

static void a_collection_carries_a_grade_each(void **state) {
    struct arena arena = arena_over(model_memory, sizeof model_memory);
    struct siting_model m =
        model_of(E "footprint: {type: FeatureCollection, features: ["
                   "{type: Feature, properties: {grade: strong}, geometry: {type: Polygon, "
                   "coordinates: [[[0,0],[2,0],[2,2],[0,2],[0,0]]]}},"
                   "{type: Feature, properties: {grade: weak}, geometry: {type: Polygon, "
                   "coordinates: [[[0,0],[9,0],[9,9],[0,9],[0,0]]]}}]}}\n"
                   "fragility:\n- {id: default, loss: {strong: 0.4, weak: 0.1}, down: {strong: 1, "
                   "weak: 0.2}}\n",
                 &arena);
    struct siting_site site = {.id = STR("s"), .has_point = true, .point = {1, 1}};
    struct siting_harm harm;
    siting_strike(&m, &m.events[0], &m.events[0].branches[0], &site, &harm);
    assert_int_equal(harm.reach, SITING_INSIDE);
    assert_str(harm.grade, STR("strong"));
    assert_true(harm.p_loss[SITING_LO] == 0.4);
}

/* Only where it was the whole footprint: in a list, or as the `area` of a part, a collection counted with one grade. */
static void a_collection_in_a_list_lost_its_grades(void **state) {
#define FEATURES                                                                                   \
    "{type: FeatureCollection, features: [{type: Feature, properties: {grade: strong}, geometry: " \
    "{type: Polygon, coordinates: [[[0,0],[2,0],[2,2],[0,2],[0,0]]]}}, {type: Feature, "           \
    "properties: {}, geometry: {type: Polygon, coordinates: "                                      \
    "[[[0,0],[9,0],[9,9],[0,9],[0,0]]]}}]}"
    static const char *const footprints[] = {
        "grade: weak, footprint: [{sites: [z], grade: weak}, " FEATURES "]}\n",
        "footprint: [{sites: [z], grade: weak}, {grade: weak, area: " FEATURES "}]}\n",
        "footprint: {grade: weak, area: " FEATURES "}}\n",
    };
    for (size_t i = 0; i < COUNT_OF(footprints); i++) {
        struct arena arena = arena_over(model_memory, sizeof model_memory);
        char yaml[2000];
        snprintf(yaml, sizeof yaml,
                 E
                 "%sfragility:\n- {id: default, loss: {strong: 0.4, weak: 0.1}, down: {strong: 1, "
                 "weak: 0.2}}\n",
                 footprints[i]);
        struct siting_model m = model_of(yaml, &arena);
        const struct siting_site near = {.id = STR("n"), .has_point = true, .point = {1, 1}},
                                 far = {.id = STR("f"), .has_point = true, .point = {5, 5}};
        struct siting_harm harm;
        siting_strike(&m, &m.events[0], &m.events[0].branches[0], &near, &harm);
        assert_true(harm.p_loss[SITING_LO] == 0.4);
        siting_strike(&m, &m.events[0], &m.events[0].branches[0], &far, &harm);
        assert_true(harm.p_loss[SITING_LO] == 0.1);
    }
#undef FEATURES
}

/* Sites beside a collection were forgotten, and features beside sites lost their grades. */
static void what_is_named_beside_a_collection_was_forgotten(void **state) {
    static const char *const footprints[] = {"%s, sites: [n]", "area: {%s}, sites: [n]"};
    for (size_t i = 0; i < COUNT_OF(footprints); i++) {
        struct arena arena = arena_over(model_memory, sizeof model_memory);
        char part[600], yaml[1200];
        snprintf(
            part, sizeof part, footprints[i],
            "type: FeatureCollection, features: [{type: Feature, properties: {p_loss: 0.7, p_down: "
            "1}, geometry: {type: Polygon, coordinates: [[[0,0],[2,0],[2,2],[0,2],[0,0]]]}}]");
        snprintf(yaml, sizeof yaml, E "footprint: {grade: strong, %s}}\n" FR, part);
        struct siting_model m = model_of(yaml, &arena);
        const struct siting_site named = {.id = STR("n"), .has_point = true, .point = {5, 5}},
                                 inside = {.id = STR("i"), .has_point = true, .point = {1, 1}};
        struct siting_harm harm;
        siting_strike(&m, &m.events[0], &m.events[0].branches[0], &named, &harm);
        assert_true(harm.p_loss[SITING_LO] == 0.1);
        siting_strike(&m, &m.events[0], &m.events[0].branches[0], &inside, &harm);
        assert_true(harm.p_loss[SITING_LO] == 0.7);
    }
}

static void a_branch_has_its_name_in_both_languages(void **state) {
    struct arena arena = arena_over(model_memory, sizeof model_memory);
    struct siting_model m =
        model_of(E "branches: [{name: {en: whole, ja: 全域}, prob: 0.5, " F "}, {name: half, prob: "
                   "0.3, " F "}, {prob: 0.2, " F "}]}\n",
                 &arena);
    const struct siting_branch *branches = m.events[0].branches;
    assert_str(branches[0].name, STR("whole"));
    assert_str(branches[0].name_ja, STR("全域"));
    assert_str(branches[1].name_ja, STR("half"));
    assert_str(branches[2].name_ja, STR(""));
}

static void memory_that_runs_out_is_an_error_at_any_point(void **state) {
    static const char yaml[] =
        E F "}\ngroups:\n- {id: g, rate: 0.1, p_loss: 0, p_down: 1, members: [a]}\n" FR;
    struct doc doc;
    struct error e;
    struct arena docs = arena_over(model_memory, sizeof model_memory / 2);
    assert_ok(doc_read_yaml(STR("e.yaml"), str_from_c(yaml), &docs,
                            arena_over(model_scratch, sizeof model_scratch), &doc, &e),
              &e);
    bool enough = false;
    for (size_t bytes = 0; !enough; bytes += 8) {
        struct arena arena = arena_over(model_memory + sizeof model_memory / 2, bytes);
        struct siting_model model = {0};
        enum error_code code = siting_model_read(doc.documents[0], &arena, &model, &e);
        enough = code == OK;
        if (!enough) assert_int_equal(code, FAIL_MEMORY);
        if (!enough) assert_int_equal(model.event_count, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mistake_has_its_message),
        cmocka_unit_test(rates_come_in_three_ways),
        cmocka_unit_test(files_add_up_to_one_model),
        cmocka_unit_test(a_collection_carries_a_grade_each),
        cmocka_unit_test(a_collection_in_a_list_lost_its_grades),
        cmocka_unit_test(what_is_named_beside_a_collection_was_forgotten),
        cmocka_unit_test(a_branch_has_its_name_in_both_languages),
        cmocka_unit_test(memory_that_runs_out_is_an_error_at_any_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
