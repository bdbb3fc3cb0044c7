/* What did happen, replayed with the shipped table over invented operators. */
#include <math.h>

#include "tests/planning/world.h"

static const char *events_folder;

static void read_shipped(struct test_world *w, const char *name) {
    static char bytes[1 << 17];
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", events_folder, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t count = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_true(count > 0 && count < sizeof bytes);
    test_model_add(w, str_from_c(name), str_of(bytes, count));
}
static void begin(struct test_world *w, const char *rows) {
    test_world_begin(w);
    read_shipped(w, "japan.yaml");
    read_shipped(w, "everywhere.yaml");
    read_shipped(w, "replays.yaml");
    test_world_make(w, rows);
}
static struct planning_drill drill(struct test_world *w, const char *event, double outage_h) {
    struct planning_drill_request request = {
        .event = str_from_c(event), .outage_h = outage_h, .store_site = STR("ishikari")};
    struct planning_drill result;
    struct error e;
    assert_ok(planning_drill(&w->world, &request, &w->arena, &result, &e), &e);
    return result;
}
static const struct planning_struck_site *site(const struct test_world *w,
                                               const struct planning_drill *d, const char *id) {
    uint32_t at;
    struct error e;
    assert_ok(planning_site_find(&w->world, str_from_c(id), &at, &e), &e);
    return &d->sites[at];
}

static const char north[] =
    "sites:\n"
    "- {id: ishikari, country: JP, region: JP-01, grid: {area: hokkaido}, fuel: 48 h}\n"
    "- {id: sapporo, country: JP, region: JP-01, grid: {area: hokkaido}, fuel: 72 h}\n"
    "- {id: hakodate, country: JP, region: JP-01, grid: {area: hokkaido}}\n"
    "- {id: sendai, country: JP, region: JP-04, grid: {area: tohoku}, fuel: 48 h}\n"
    "- {id: somewhere, country: JP}\n"
    "- {id: oregon, country: US}\n"
    "datasets:\n"
    "- {id: alone, store: here}\n"
    "- {id: copied, store: here, copies: {complete: true, as_of: 2026-11-01, items: [{site: "
    "sendai}]}}\n"
    "systems:\n"
    "- {id: core, sites: [ishikari], services: [voice, data], datasets: [alone]}\n"
    "- {id: desk, sites: [ishikari, sendai], services: [desk]}\n"
    "- {id: old, sites: [ishikari], services: [old], substitutes: [desk]}\n"
    "- {id: far, sites: [hakodate], services: [far]}\n"
    "services:\n"
    "- {id: voice, users: 30600000 persons}\n"
    "- {id: data, users: 30000000 persons}\n"
    "- {id: desk, users: 500 persons}\n"
    "- {id: old, users: 70 persons}\n"
    "- {id: far, users: 9 persons, systems: [far]}\n";

/* 48 h of fuel, 60 h without power: it falls at hour 48 and takes those with it who stand nowhere else. */
static void hokkaido_2018_falls_when_the_fuel_is_gone(void **state) {
    struct test_world w;
    begin(&w, north);
    struct planning_drill d = drill(&w, "2018-09-06-hokkaido", -1);
    assert_true(d.outage_h == 60);
    const struct planning_struck_site *ishikari = site(&w, &d, "ishikari");
    assert_int_equal(ishikari->state, PLANNING_DARK);
    assert_true(ishikari->from_h == 48 && ishikari->until_h == 60);
    assert_true(site(&w, &d, "sapporo")->bridged);
    assert_int_equal(site(&w, &d, "sapporo")->state, PLANNING_ANSWERS);
    assert_int_equal(site(&w, &d, "hakodate")->state,
                     PLANNING_MAY_BE_DARK); /* nobody said how much fuel */
    assert_int_equal(site(&w, &d, "sendai")->reach, SITING_OUTSIDE);
    assert_int_equal(site(&w, &d, "somewhere")->state,
                     PLANNING_MAY_BE_DARK); /* nobody said in which area */
    assert_int_equal(site(&w, &d, "oregon")->reach, SITING_OUTSIDE);

    assert_int_equal(test_struck(d.datasets, d.dataset_count, "alone")->state, PLANNING_DARK);
    assert_int_equal(test_struck(d.datasets, d.dataset_count, "copied")->state, PLANNING_ANSWERS);
    assert_int_equal(test_struck(d.datasets, d.dataset_count, "copied")->answering, 1);
    assert_int_equal(test_struck(d.systems, d.system_count, "desk")->state, PLANNING_ANSWERS);
    assert_int_equal(test_struck(d.systems, d.system_count, "old")->state,
                     PLANNING_ANSWERS); /* another takes over */
    const struct planning_struck *voice = test_struck(d.services, d.service_count, "voice");
    assert_int_equal(voice->state, PLANNING_DARK);
    assert_true(voice->from_h == 48 && voice->until_h == 60);
    assert_true(d.users_dark ==
                30600000); /* voice and data hang on one system: one people, counted once */
    assert_true(d.users_may_be == 9);
    register_release(w.snapshot);
}

static void an_outage_shorter_than_the_fuel_darkens_nobody(void **state) {
    struct test_world w;
    begin(&w, north);
    struct planning_drill d = drill(&w, "2018-09-06-hokkaido", 48);
    assert_int_equal(site(&w, &d, "ishikari")->state, PLANNING_ANSWERS);
    assert_true(site(&w, &d, "ishikari")->bridged);
    assert_true(d.users_dark == 0);
    register_release(w.snapshot);
}

/* Buildings stood, power failed for a part: eight prefectures with 6-lower, two areas with some in the
 * dark, the west untouched. */
static void tohoku_2011_reaches_eight_prefectures_and_two_areas(void **state) {
    static const char rows[] =
        "sites:\n"
        "- {id: ishikari, country: JP, region: JP-01, grid: {area: hokkaido}, fuel: 48 h}\n"
        "- {id: sendai, country: JP, region: JP-04, grid: {area: tohoku}, fuel: 24 h}\n"
        "- {id: aomori, country: JP, region: JP-02, grid: {area: tohoku}, fuel: 24 h}\n"
        "- {id: mito, country: JP, region: JP-08, grid: {area: tokyo}, fuel: 24 h}\n"
        "- {id: tokyo, country: JP, region: JP-13, grid: {area: tokyo}, fuel: 24 h}\n"
        "- {id: osaka, country: JP, region: JP-27, grid: {area: kansai}, fuel: 24 h}\n";
    static const struct {
        const char *site, *grade;
        enum siting_reach reach;
        double p_down;
    } expected[] = {{"ishikari", "", SITING_OUTSIDE, 0}, {"sendai", "6-lower", SITING_INSIDE, 0.57},
                    {"aomori", "", SITING_INSIDE, 0.57}, {"mito", "6-lower", SITING_INSIDE, 0.14},
                    {"tokyo", "", SITING_INSIDE, 0.14},  {"osaka", "", SITING_OUTSIDE, 0}};
    struct test_world w;
    begin(&w, rows);
    struct planning_drill d = drill(&w, "2011-03-11-tohoku", -1);
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        const struct planning_struck_site *s = site(&w, &d, expected[i].site);
        assert_row(expected[i].site, s->reach == expected[i].reach);
        assert_row(expected[i].site, fabs(s->p_down - expected[i].p_down) < 1e-12);
        assert_row(expected[i].site,
                   s->reach == SITING_OUTSIDE || s->state == PLANNING_MAY_BE_DARK);
        assert_row(expected[i].site, expected[i].grade[0] == 0 || s->p_loss > 0);
    }
    register_release(w.snapshot);
}

/* A small footprint: one in a hundred of two areas. */
static void july_2018_is_small_and_in_two_areas(void **state) {
    static const char rows[] =
        "sites:\n"
        "- {id: ishikari, country: JP, region: JP-01, grid: {area: hokkaido}, fuel: 48 h}\n"
        "- {id: hiroshima, country: JP, region: JP-34, grid: {area: chugoku}, fuel: 24 h}\n"
        "- {id: matsuyama, country: JP, region: JP-38, grid: {area: shikoku}, fuel: 72 h}\n";
    struct test_world w;
    begin(&w, rows);
    struct planning_drill d = drill(&w, "2018-07-west-japan-rain", -1);
    assert_int_equal(site(&w, &d, "ishikari")->reach, SITING_OUTSIDE);
    assert_true(site(&w, &d, "hiroshima")->p_down < 0.02 && site(&w, &d, "hiroshima")->p_loss == 0);
    assert_true(site(&w, &d, "matsuyama")->bridged);
    register_release(w.snapshot);
}

/* A dataset whose copies nobody lists, a system without a site and a service without a system were "untouched". */
static void what_nobody_says_where_it_stands_was_untouched(void **state) {
    static const char rows[] =
        "sites:\n- {id: ishikari, country: JP, region: JP-01, fuel: 48 h}\n"
        "datasets:\n- {id: lost, store: external}\n- {id: here, store: here}\n"
        "systems:\n- {id: adrift, services: [desk]}\n"
        "- {id: old, substitutes: [core]}\n- {id: core, sites: [ishikari]}\n"
        "services:\n- {id: desk, users: 500 persons}\n"
        "- {id: shop, users: 70 persons}\n- {id: post, users: 20 persons}\n";
    struct test_world w;
    begin(&w, rows);
    struct planning_drill d = drill(&w, "2018-07-west-japan-rain", -1);
    const struct planning_struck *lost = test_struck(d.datasets, d.dataset_count, "lost");
    assert_int_equal(lost->state, PLANNING_MAY_BE_DARK);
    assert_true(lost->p_loss < 0 && planning_is_placeless(lost));
    assert_int_equal(test_struck(d.datasets, d.dataset_count, "here")->state, PLANNING_ANSWERS);
    assert_int_equal(test_struck(d.systems, d.system_count, "adrift")->state, PLANNING_MAY_BE_DARK);
    assert_int_equal(test_struck(d.systems, d.system_count, "old")->state, PLANNING_ANSWERS);
    assert_int_equal(test_struck(d.services, d.service_count, "desk")->state, PLANNING_MAY_BE_DARK);
    assert_true(d.users_dark == 0 &&
                d.users_may_be == 500 + 70 + 20); /* nothing says that people are the same */
    register_release(w.snapshot);
}

/* A service that does not say who uses it had the users of the system that came first by its id. */
static void the_users_of_the_first_system_were_all(void **state) {
    struct test_world w;
    test_world_begin(&w);
    test_model_add(
        &w, STR("e.yaml"),
        STR("events:\n- {id: e, rate: 0.1, footprint: {sites: [s], p_loss: 0, p_down: 1}}\n"));
    test_world_make(&w, "sites:\n- {id: s}\n"
                        "systems:\n- {id: a, sites: [s], users: 400 persons, services: [calls]}\n"
                        "- {id: b, sites: [s], users: 1000 persons, services: [calls]}\n"
                        "- {id: c, sites: [s], users: 30 persons, services: [calls]}\n"
                        "services:\n- {id: calls}\n");
    struct planning_drill d = drill(&w, "e", -1);
    assert_true(d.users_dark == 1000);
    register_release(w.snapshot);
}

/* 0.3 + 0.2 + 0.1 is less than 0.1 + 0.2 + 0.3 by its last bit, and that bit chose the second branch. */
static void the_last_bit_of_a_sum_chose_the_branch(void **state) {
    static const char table[] =
        "fragility:\n- {id: default, loss: {a: 0.1, b: 0.2, c: 0.3}, down: {a: 0, b: 0, c: 0}}\n"
        "events:\n- id: twice\n  rate: 0.1\n  branches:\n"
        "  - {name: first, prob: 0.5, repair_h: 79, footprint: [{grade: c, sites: [s1]}, "
        "{grade: b, sites: [s2]}, {grade: a, sites: [s3]}]}\n"
        "  - {name: second, prob: 0.5, footprint: [{grade: a, sites: [s1]}, "
        "{grade: b, sites: [s2]}, {grade: c, sites: [s3]}]}\n";
    static const char rows[] = "sites:\n- {id: s1, country: JP}\n- {id: s2, country: JP}\n"
                               "- {id: s3, country: JP}\n";
    struct test_world w;
    test_world_begin(&w);
    test_model_add(&w, STR("table.yaml"), str_from_c(table));
    test_world_make(&w, rows);
    struct planning_drill d = drill(&w, "twice", -1);
    assert_true(str_equal(d.branch->name, STR("first")));
    assert_true(d.repair_h == 79);
    register_release(w.snapshot);
}

static void what_there_is_not_is_named_with_what_there_is(void **state) {
    struct test_world w;
    struct planning_drill d;
    struct error e;
    begin(&w, north);
    struct planning_drill_request request = {.event = STR("godzilla"), .outage_h = -1};
    assert_int_equal(planning_drill(&w.world, &request, &w.arena, &d, &e), FAIL_NOT_FOUND);
    assert_non_null(strstr(e.message, "no event \"godzilla\"; there are nankai"));
    request = (struct planning_drill_request){
        .event = STR("nankai"), .branch = STR("north half"), .outage_h = -1};
    assert_int_equal(planning_drill(&w.world, &request, &w.arena, &d, &e), FAIL_NOT_FOUND);
    assert_non_null(strstr(e.message, "\"nankai\" has no branch \"north half\""));
    register_release(w.snapshot);
}

int main(int argc, char **argv) {
    assert(argc == 2);
    events_folder = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hokkaido_2018_falls_when_the_fuel_is_gone),
        cmocka_unit_test(an_outage_shorter_than_the_fuel_darkens_nobody),
        cmocka_unit_test(tohoku_2011_reaches_eight_prefectures_and_two_areas),
        cmocka_unit_test(july_2018_is_small_and_in_two_areas),
        cmocka_unit_test(what_nobody_says_where_it_stands_was_untouched),
        cmocka_unit_test(the_users_of_the_first_system_were_all),
        cmocka_unit_test(the_last_bit_of_a_sum_chose_the_branch),
        cmocka_unit_test(what_there_is_not_is_named_with_what_there_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
