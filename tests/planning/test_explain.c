/* Why a set is at risk: each event's part, what is unknown, and what would change it. */
#include <math.h>

#include "tests/planning/world.h"

static const char events[] =
    "within: ['country:JP']\n"
    "events:\n"
    "- {id: east, rate: 0.01, footprint: {sites: [a, b], p_loss: 0.5, p_down: 1}}\n"
    "- {id: far, rate: 0.03, footprint: {sites: [d], p_loss: 0.1, p_down: 1}}\n"
    "- {id: flood, rate: 0.02, footprint: {groups: ['basin:west'], p_loss: 0.5, p_down: 1}}\n"
    "- {id: replay, rate: 0, footprint: {sites: [a, b], p_loss: 1, p_down: 1}}\n";
static const char rows[] =
    "sites:\n"
    "- {id: a, country: JP, lat: 35.7, lon: 139.7, fuel: 24 h, groups: ['basin:east']}\n"
    "- {id: b, country: JP, lat: 35.4, lon: 139.6, fuel: 24 h, groups: ['basin:east']}\n"
    "- {id: c, country: JP, lat: 34.7, lon: 135.5, fuel: 24 h}\n"
    "- {id: d, country: JP, lat: 34.7, lon: 135.2, fuel: 24 h, groups: ['basin:east']}\n"
    "- {id: x, country: US, lat: 45, lon: -120, fuel: 24 h}\n"
    "datasets:\n"
    "- {id: data, store: here, copies: {complete: true, as_of: 2026-11-22, items: [{site: b}]}}\n"
    "- {id: nowhere, store: external}\n";

static const str home[] = {{"JP", 2}};

static void begin(struct test_world *w) {
    test_world_begin(w);
    test_model_add(w, STR("events.yaml"), str_from_c(events));
    test_world_make(w, rows);
}
static struct planning_request asked(void) {
    return (struct planning_request){.dataset = STR("data"),
                                     .tolerate = SIZE_MAX,
                                     .window_years = 0.01,
                                     .store_site = STR("a"),
                                     .countries = home,
                                     .country_count = 1};
}
static enum error_code explain(struct test_world *w, const struct planning_request *request,
                               const str *sites, size_t count, struct planning_explanation *out,
                               struct error *e) {
    return planning_explain(&w->world, request, sites, count, &w->arena,
                            arena_over(world_scratch, sizeof world_scratch), out, e);
}
static const struct planning_cause *cause_of(const struct test_world *w,
                                             const struct planning_explanation *x, const char *id) {
    for (size_t i = 0; i < x->cause_count; i++)
        if (str_equal(w->model.events[x->causes[i].event].id, str_from_c(id))) return &x->causes[i];
    return NULL;
}

static void each_event_has_its_part_and_reaches_what_it_reaches(void **state) {
    struct test_world w;
    struct planning_explanation x;
    struct error e;
    begin(&w);
    struct planning_request request = asked();
    assert_ok(explain(&w, &request, NULL, 0, &x, &e), &e);
    assert_int_equal(x.set.count, 2);
    assert_int_equal(x.request.tolerate, 1);
    assert_str(x.dataset->id, STR("data"));
    double whole[SITING_RESULT_COUNT][SITING_END_COUNT] = {{0}};
    for (size_t i = 0; i < x.cause_count; i++)
        for (int result = 0; result < SITING_RESULT_COUNT; result++)
            for (int end = 0; end < SITING_END_COUNT; end++)
                whole[result][end] += x.causes[i].rate[result][end];
    for (int result = 0; result < SITING_RESULT_COUNT; result++) /* the parts are the whole */
        for (int end = 0; end < SITING_END_COUNT; end++)
            assert_true(fabs(whole[result][end] - x.set.rate[result][end]) <=
                        1e-12 + 1e-9 * whole[result][end]);
    const struct planning_cause *east = cause_of(&w, &x, "east");
    assert_ptr_equal(east, &x.causes[0]);
    assert_true(east->sites[0].reach == SITING_INSIDE && east->sites[1].reach == SITING_INSIDE);
    assert_null(cause_of(&w, &x, "replay"));
    assert_null(cause_of(&w, &x, "far")); /* strikes none of them */
    register_release(w.snapshot);
}

static void the_best_exchange_is_the_best_of_all(void **state) {
    struct test_world w;
    struct planning_explanation x;
    struct error e;
    begin(&w);
    struct planning_request request = asked();
    assert_ok(explain(&w, &request, NULL, 0, &x, &e), &e);
    const struct planning_change *swap = NULL, *more = NULL;
    for (size_t i = 0; i < x.change_count; i++) {
        if (x.changes[i].kind == PLANNING_SWAP) swap = &x.changes[i];
        if (x.changes[i].kind == PLANNING_ADD) more = &x.changes[i];
        assert_true(x.changes[i].rate[SITING_LO] <= x.changes[i].rate[SITING_HI]);
        assert_true(i == 0 || x.changes[i - 1].rate[SITING_HI] <= x.changes[i].rate[SITING_HI]);
    }
    assert_non_null(swap);
    assert_non_null(more);
    double best = HUGE_VAL;
    for (uint32_t i = 0; i < 4; i++) /* x is abroad */
        for (uint32_t k = 0; k < 2; k++) {
            uint32_t set[2] = {x.set.sites[0], x.set.sites[1]};
            if (i == set[0] || i == set[1]) continue;
            set[k] = i;
            best = fmin(best, siting_joint_rate(&w.world.table, SITING_LOSS, SITING_HI, set, 2, 1,
                                                request.window_years));
        }
    assert_true(fabs(swap->rate[SITING_HI] - best) <= 1e-12);
    assert_str(w.world.sites[swap->site].id,
               STR("d")); /* of c nobody knows whether the flood reaches it */
    register_release(w.snapshot);
}

static void what_could_be_learnt_is_worth_what_it_may_bring(void **state) {
    static const str named[] = {{"a", 1}, {"c", 1}};
    struct test_world w;
    struct planning_explanation x;
    struct error e;
    begin(&w);
    struct planning_request request = asked();
    request.dataset = STR_EMPTY;
    assert_ok(explain(&w, &request, named, 2, &x, &e), &e);
    assert_null(x.dataset);
    assert_int_equal(x.unknown_count[0], 0);
    assert_int_equal(x.unknown_count[1], 1);
    assert_str(x.unknown[1][0], STR("event flood"));
    const struct planning_change *learn = NULL;
    for (size_t i = 0; i < x.change_count; i++)
        if (x.changes[i].kind == PLANNING_LEARN) learn = &x.changes[i];
    assert_non_null(learn);
    assert_str(w.world.sites[learn->site].id, STR("c"));
    assert_true(learn->rate[SITING_HI] == 0); /* nothing else strikes c */
    assert_true(x.set.rate[SITING_LOSS][SITING_HI] > 0);
    register_release(w.snapshot);
}

/* To learn how often a site's own quakes come was worth nothing: they stayed as frequent as where nobody knows. */
static void learning_of_a_sites_own_quakes_changed_nothing(void **state) {
    static const str named[] = {{"a", 1}};
    struct test_world w;
    struct planning_explanation x;
    struct error e;
    test_world_begin(&w);
    test_model_add(&w, STR("events.yaml"),
                   STR("background: strong\n"
                       "fragility:\n- {id: default, loss: {strong: 0.5}, down: {strong: 1}}\n"));
    test_world_make(&w, "sites:\n- {id: a, fuel: 24 h}\n");
    struct planning_request request = asked();
    request.dataset = STR_EMPTY;
    request.country_count = 0;
    assert_ok(explain(&w, &request, named, 1, &x, &e), &e);
    assert_true(fabs(x.set.rate[SITING_LOSS][SITING_HI] - 0.5 * SITING_BACKGROUND_UNKNOWN) < 1e-15);
    assert_int_equal(x.change_count, 1);
    assert_int_equal(x.changes[0].kind, PLANNING_LEARN);
    assert_true(fabs(x.changes[0].rate[SITING_HI] - 0.5 * SITING_BACKGROUND_FLOOR) < 1e-15);
    register_release(w.snapshot);
}

static void what_cannot_be_explained_is_said(void **state) {
    static const str twice[] = {{"a", 1}, {"a", 1}}, one[] = {{"a", 1}}, none[] = {{"y", 1}};
    struct test_world w;
    struct planning_explanation x;
    struct error e;
    begin(&w);
    struct planning_request request = asked();
    assert_int_equal(explain(&w, &request, twice, 2, &x, &e), FAIL_USAGE);
    assert_string_equal(e.message, "the site \"a\" is named twice");
    assert_int_equal(explain(&w, &request, none, 1, &x, &e), FAIL_NOT_FOUND);
    request.tolerate = 1;
    assert_int_equal(explain(&w, &request, one, 1, &x, &e), FAIL_USAGE);
    assert_string_equal(e.message, "1 copies cannot tolerate the loss of 1");
    request.dataset = STR("nowhere");
    assert_int_equal(explain(&w, &request, NULL, 0, &x, &e), FAIL_NOT_FOUND);
    request.dataset = STR("nothing");
    assert_int_equal(explain(&w, &request, NULL, 0, &x, &e), FAIL_NOT_FOUND);
    register_release(w.snapshot);
}

/* In a table of Japan nothing strikes abroad, so that every page proposed a copy in Oregon. */
static void a_change_to_where_nobody_has_looked_was_proposed(void **state) {
    struct test_world w;
    struct planning_explanation x;
    struct error e;
    begin(&w);
    struct planning_request request = asked();
    request.country_count = 0;
    assert_ok(explain(&w, &request, NULL, 0, &x, &e), &e);
    assert_true(x.change_count > 0);
    for (size_t i = 0; i < x.change_count; i++)
        assert_false(str_equal(w.world.sites[x.changes[i].site].id, STR("x")));
    register_release(w.snapshot);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_to_where_nobody_has_looked_was_proposed),
        cmocka_unit_test(each_event_has_its_part_and_reaches_what_it_reaches),
        cmocka_unit_test(the_best_exchange_is_the_best_of_all),
        cmocka_unit_test(what_could_be_learnt_is_worth_what_it_may_bring),
        cmocka_unit_test(learning_of_a_sites_own_quakes_changed_nothing),
        cmocka_unit_test(what_cannot_be_explained_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
