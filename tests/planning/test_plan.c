/* Sets of sites for a dataset: constraints, today's copies, what binds. */
#include <math.h>

#include "planning/written.h"
#include "tests/planning/world.h"

static const char events[] =
    "within: ['country:JP']\n"
    "events:\n"
    "- {id: east, rate: 0.01, footprint: {sites: [a, b], p_loss: 0.5, p_down: 1}}\n"
    "- {id: west, rate: 0.02, footprint: {sites: [c, d], p_loss: 0.5, p_down: 1}}\n"
    "groups:\n"
    "- {id: 'maker:acme', rate: 0.1, p_loss: 0.1, p_down: 1, repair_h: 10}\n";
static const char rows[] =
    "entities:\n- {id: acme}\n- {id: other}\n"
    "sites:\n"
    "- {id: a, country: JP, region: JP-13, lat: 35.7, lon: 139.7, grid: {area: tokyo}, fuel: 24 "
    "h}\n"
    "- {id: b, country: JP, region: JP-14, lat: 35.4, lon: 139.6, grid: {area: tokyo}, fuel: 24 "
    "h}\n"
    "- {id: c, country: JP, region: JP-27, lat: 34.7, lon: 135.5, grid: {area: kansai}, fuel: 24 "
    "h}\n"
    "- {id: d, country: JP, region: JP-28, lat: 34.7, lon: 135.2, grid: {area: kansai}, fuel: 24 "
    "h}\n"
    "- {id: x, country: US, lat: 45, lon: -120}\n"
    "equipment:\n"
    "- {id: r1, maker: acme, site: a}\n- {id: r2, maker: acme, site: c}\n- {id: r3, maker: other, "
    "site: b}\n- {id: r4, maker: other, site: d}\n"
    "datasets:\n"
    "- {id: data, store: here, copies: {complete: true, as_of: 2026-11-01, items: [{site: b}]}}\n";

static struct planning_plan plan(struct test_world *w, struct planning_request *request) {
    struct planning_plan result;
    struct error e;
    request->dataset = STR("data");
    request->store_site = STR("a");
    request->window_years = 0.1;
    assert_ok(planning_plan(&w->world, request, &w->arena,
                            arena_over(world_scratch, sizeof world_scratch), &result, &e),
              &e);
    return result;
}
static void begin(struct test_world *w) {
    test_world_begin(w);
    test_model_add(w, STR("events.yaml"), str_from_c(events));
    test_world_make(w, rows);
}
static bool is_set(const struct test_world *w, const struct planning_set *set, const char *ids) {
    char text[64] = "";
    for (size_t i = 0; i < set->count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%.*s",
                 STR_FMT(w->world.sites[set->sites[i]].id));
    return strcmp(text, ids) == 0;
}

/* A plan put patient records into South Africa and said nothing of it. */
static void a_best_set_abroad_says_so_unless_countries_were_asked_for(void **state) {
    static const str home[] = {{"JP", 2}};
    static const char operator[] = "operators:\n- {id: op, home: JP}\n";
    char text[4096];
    struct test_world w;
    test_world_begin(&w);
    test_model_add(&w, STR("events.yaml"), str_from_c(events));
    snprintf(text, sizeof text, "%s%s", operator, rows);
    char *data = strstr(text, "{id: data,");
    assert_non_null(data);
    memmove(data + 24, data + 10, strlen(data + 10) + 1);
    memcpy(data, "{id: data, operator: op,", 24);
    test_world_make(&w, text);
    struct planning_request request = {.copies = 2, .tolerate = 1};
    struct planning_plan p = plan(&w, &request);
    assert_str(p.home, STR("JP"));
    assert_int_equal(p.abroad, 1);
    request.countries = home;
    request.country_count = 1;
    p = plan(&w, &request);
    assert_int_equal(p.abroad, 0);
}

static void one_event_or_one_maker_takes_the_bad_sets(void **state) {
    static const str home[] = {{"JP", 2}};
    struct test_world w;
    begin(&w);
    struct planning_request request = {
        .copies = 2, .tolerate = 1, .countries = home, .country_count = 1};
    struct planning_plan p = plan(&w, &request);
    assert_true(p.has_today && is_set(&w, &p.today, "ab"));
    assert_true(fabs(p.today.rate[SITING_LOSS][SITING_HI] - 0.01 * 0.25) / 0.0025 <
                0.1); /* east takes both with a quarter */
    assert_true(p.set_count > 1 &&
                is_set(&w, &p.sets[0], "bd")); /* two areas, and another maker than acme */
    assert_true(p.sets[0].rate[SITING_LOSS][SITING_HI] < p.today.rate[SITING_LOSS][SITING_HI] / 10);
    assert_true(p.is_proved);
    assert_str(p.binding, STR("country JP")); /* nothing here strikes the site abroad */
    assert_true(p.has_more);
    assert_int_equal(p.more.count, 3);
    register_release(w.snapshot);
}

static void constraints_that_cannot_all_be_kept_are_told_apart(void **state) {
    static const str home[] = {{"JP", 2}}, nowhere[] = {{"FR", 2}}, grid[] = {{"grid", 4}};
    struct test_world w;
    begin(&w);
    struct planning_request request = {.copies = 2,
                                       .tolerate = 1,
                                       .countries = home,
                                       .country_count = 1,
                                       .disjoint = grid,
                                       .disjoint_count = 1,
                                       .min_km = 9000};
    struct planning_plan p = plan(&w, &request);
    assert_int_equal(p.set_count, 0);
    assert_str(p.binding, STR("at least 9000 km apart"));
    assert_str(p.today_breaks, STR("at least 9000 km apart")); /* it was "as good as the best" */
    request = (struct planning_request){
        .copies = 2, .tolerate = 1, .countries = nowhere, .country_count = 1};
    p = plan(&w, &request);
    assert_int_equal(p.set_count, 0);
    assert_str(p.binding, STR("country FR"));
    request = (struct planning_request){
        .copies = 2, .tolerate = 1, .countries = nowhere, .country_count = 1, .min_km = 15000};
    p = plan(&w, &request);
    assert_int_equal(p.set_count, 0);
    assert_str(p.binding, STR("")); /* neither alone is why */
    register_release(w.snapshot);
}

static void what_is_unknown_can_be_left_out(void **state) {
    struct test_world w;
    begin(&w);
    struct planning_request request = {.copies = 2, .tolerate = 1, .known_only = true};
    struct planning_plan p = plan(&w, &request);
    for (size_t i = 0; i < p.set_count; i++)
        for (size_t k = 0; k < 2; k++)
            assert_false(
                str_equal(w.world.sites[p.sets[i].sites[k]].id, STR("x"))); /* fuel not said */
    assert_true(p.set_count > 0);
    register_release(w.snapshot);
}

static void mistakes_are_named(void **state) {
    struct test_world w;
    struct planning_plan p;
    struct error e;
    struct arena scratch = arena_over(world_scratch, sizeof world_scratch);
    begin(&w);
    struct planning_request request = {.dataset = STR("nothing"), .copies = 2, .tolerate = 1};
    assert_int_equal(planning_plan(&w.world, &request, &w.arena, scratch, &p, &e), FAIL_NOT_FOUND);
    assert_non_null(strstr(e.message, "no dataset \"nothing\""));
    request = (struct planning_request){
        .dataset = STR("data"), .copies = 2, .tolerate = 1, .near = STR("z"), .near_km = 5};
    assert_int_equal(planning_plan(&w.world, &request, &w.arena, scratch, &p, &e), FAIL_NOT_FOUND);
    assert_non_null(strstr(e.message, "no site \"z\" on that day; it has a, b, c, d, x"));
    static const str slip[] = {{"gird", 4}}, none_yet[] = {{"basin", 5}};
    request = (struct planning_request){
        .dataset = STR("data"), .copies = 2, .tolerate = 1, .disjoint = slip, .disjoint_count = 1};
    assert_int_equal(planning_plan(&w.world, &request, &w.arena, scratch, &p, &e), FAIL_USAGE);
    assert_non_null(strstr(e.message, "no site is in a group \"gird\"")); /* kept nothing apart */
    request.disjoint = none_yet;
    assert_ok(planning_plan(&w.world, &request, &w.arena, scratch, &p, &e), &e);
    request = (struct planning_request){/* passed over, where the store has no copy */
                                        .dataset = STR("data"),
                                        .copies = 2,
                                        .tolerate = 1,
                                        .store_site = STR("z")};
    assert_int_equal(planning_plan(&w.world, &request, &w.arena, scratch, &p, &e), FAIL_NOT_FOUND);
    assert_non_null(strstr(e.message, "no site \"z\" on that day"));
    request = (struct planning_request){.dataset = STR("data"), .copies = 7, .tolerate = 1};
    assert_int_equal(planning_plan(&w.world, &request, &w.arena, scratch, &p, &e), FAIL_USAGE);
    assert_non_null(strstr(e.message, "7 copies, but only 5 sites"));
    register_release(w.snapshot);
}

/* The table is about Japan alone, so that nothing in it strikes abroad: that was taken for safety, and a hundred
 * regions of clouds stood before the operator's own sites. */
static void ranks_put_what_no_event_speaks_of_first(void **state) {
    struct test_world w;
    const struct planning_ranked *ranked;
    struct error e;
    begin(&w);
    assert_ok(planning_rank(&w.world, &w.arena, &ranked, &e), &e);
    assert_int_equal(planning_ranked_known(&w.world, ranked), 4);
    assert_str(w.world.sites[ranked[0].site].id, STR("b"));
    assert_str(w.world.sites[ranked[3].site].id, STR("c")); /* west and acme */
    assert_true(fabs(ranked[3].rate[SITING_LOSS][SITING_HI] - (0.02 * 0.5 + 0.1 * 0.1)) < 1e-12);
    assert_str(w.world.sites[ranked[4].site].id, STR("x"));
    assert_true(ranked[4].is_beyond && ranked[4].rate[SITING_LOSS][SITING_HI] == 0);
    assert_int_equal(ranked[4].unknown_count, 2);
    assert_str(ranked[4].unknown[0], STR("hazards"));
    assert_str(ranked[4].unknown[1], STR("fuel"));
    register_release(w.snapshot);
}

/* What strikes a and b adds up to the same but for the last bit, which put b first. */
static void the_last_bit_of_a_sum_ranked_the_sites(void **state) {
    struct test_world w;
    const struct planning_ranked *ranked;
    struct error e;
    test_world_begin(&w);
    test_model_add(&w, STR("events.yaml"),
                   STR("events:\n"
                       "- {id: x, rate: 0.1, footprint: {sites: [a], p_loss: 1, p_down: 1}}\n"
                       "- {id: y, rate: 0.3, footprint: {sites: [b], p_loss: 1, p_down: 1}}\n"
                       "- {id: z, rate: 0.2, footprint: {sites: [a, b], p_loss: 1, p_down: 1}}\n"
                       "- {id: u, rate: 0.3, footprint: {sites: [a], p_loss: 1, p_down: 1}}\n"
                       "- {id: v, rate: 0.1, footprint: {sites: [b], p_loss: 1, p_down: 1}}\n"));
    test_world_make(&w, "sites:\n- {id: a}\n- {id: b}\n");
    assert_ok(planning_rank(&w.world, &w.arena, &ranked, &e), &e);
    assert_str(w.world.sites[ranked[0].site].id, STR("a"));
    assert_true(ranked[0].rate[SITING_LOSS][SITING_HI] > ranked[1].rate[SITING_LOSS][SITING_HI]);
    register_release(w.snapshot);
}

/* What comes a thousand times a year came "once in 0.0 years". */
static void rates_are_said_as_people_weigh_them(void **state) {
    static const struct {
        double low, high;
        const char *en, *ja;
    } cases[] = {{0, 0, "never, as far as the table goes", "この表の限りでは起きない"},
                 {1e-12, 1e-10, "less than once in 1,000 million years", "10億年に1回未満"},
                 {0, 0.01, "at most once in 100 years", "多くて100年に1回"},
                 {0.01, 0.01, "once in 100 years", "100年に1回"},
                 {1e-4, 0.01, "once in 100 to 10,000 years", "100～1万年に1回"},
                 {0.5, 1, "once in 1.0 to 2.0 years", "1.0～2.0年に1回"},
                 {0.01, 4, "once in 100 years to 4.0 times a year", "100年に1回～年に4.0回"},
                 {0, 4, "at most 4.0 times a year", "多くて年に4.0回"},
                 {12, 52, "12 to 52 times a year", "年に12～52回"},
                 {1000, 1000, "1,000 times a year", "年に1,000回"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (int japanese = 0; japanese < 2; japanese++) {
            static char memory[256];
            struct report_out out;
            struct error e;
            const double rate[] = {cases[i].low, cases[i].high};
            assert_ok(report_open_text(memory, sizeof memory, &out, &e), &e);
            planning_years(&out, japanese, rate);
            assert_ok(report_close(&out, &e), &e);
            assert_str(report_text(&out), str_from_c(japanese ? cases[i].ja : cases[i].en));
        }
}

/* A set with a site in Oregon was the remedy, so many times rarer: of Oregon the table does not speak. */
static void the_best_set_owed_its_place_to_nobody_having_looked(void **state) {
    struct test_world w;
    begin(&w);
    struct planning_request request = {.copies = 2, .tolerate = 1};
    struct planning_plan p = plan(&w, &request);
    assert_true(is_set(&w, &p.sets[0], "ax"));
    assert_int_equal(p.beyond, 1);
    assert_true(p.has_known);
    assert_true(is_set(&w, &p.known, "bd")); /* of the four in Japan */
    static const str home[] = {{"JP", 2}}, there[] = {{"US", 2}};
    request.countries = home;
    request.country_count = 1;
    struct planning_plan at_home = plan(&w, &request);
    assert_true(at_home.beyond == 0 && !at_home.has_known);
    assert_true(is_set(&w, &at_home.sets[0], "bd"));
    request = (struct planning_request){.copies = 1, .countries = there, .country_count = 1};
    p = plan(&w, &request);
    assert_true(p.set_count == 1 && p.beyond == 1 && !p.has_known); /* no other site may be used */
    assert_int_equal(p.today_beyond, 0);
    register_release(w.snapshot);
}

/* 100 km to the middle of the square of 10 km: at least 92 and at most 107. It was no place at all. */
static void a_site_known_by_its_grid_square_may_be_nearer_and_farther(void **state) {
    struct test_world w;
    struct planning_plan p;
    test_world_begin(&w);
    test_model_add(&w, STR("events.yaml"), STR("events: []\n"));
    test_world_make(&w, "sites:\n- {id: a, lat: 35.708333, lon: 140.791667}\n"
                        "- {id: b, mesh: '533945'}\n"
                        "datasets:\n- {id: data, store: here}\n");
    static const struct {
        double min_km, near_km;
        size_t sets;
    } asked[] = {{90, 0, 1}, {93, 0, 0}, {0, 105, 0}, {0, 110, 1}};
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        struct planning_request request = {.copies = 2,
                                           .tolerate = 1,
                                           .min_km = asked[i].min_km,
                                           .near = asked[i].near_km > 0 ? STR("a") : STR_EMPTY,
                                           .near_km = asked[i].near_km};
        p = plan(&w, &request);
        assert_int_equal(p.set_count, asked[i].sets);
        if (p.set_count == 0) continue;
        assert_true(p.sets[0].nearest_km > 90 && p.sets[0].nearest_km < 93);
        assert_true(p.sets[0].nearest_most_km > 105 && p.sets[0].nearest_most_km < 110);
    }
    register_release(w.snapshot);
}

static struct planning_copies today_of(const char *copies, const char *store_site) {
    static char text[4096];
    struct test_world w;
    struct planning_copies today;
    struct error e;
    test_world_begin(&w);
    test_model_add(&w, STR("events.yaml"), str_from_c(events));
    snprintf(text, sizeof text,
             "sites:\n- {id: a}\n- {id: b}\n- {id: c}\ndatasets:\n- {id: data, "
             "store: here, copies: {complete: true, as_of: 2026-11-01, items: [%s]}}\n",
             copies);
    test_world_make(&w, text);
    assert_ok(planning_today(&w.world, STR("data"), str_from_c(store_site), &w.arena, &today, &e),
              &e);
    register_release(w.snapshot);
    return today;
}

/* An event that names "sendia" struck nothing and said nothing. */
static void a_slip_in_a_sites_id_was_not_told(void **state) {
    struct test_world w;
    struct planning_stranger one[1];
    test_world_begin(&w);
    test_model_add(
        &w, STR("events.yaml"),
        STR("events:\n- {id: q, rate: 0.1, branches: [{prob: 0.5, footprint: {sites: [sendia, a, "
            "nowhere], p_loss: 1, p_down: 1}}, {prob: 0.5, footprint: {sites: [sendia], p_loss: 1, "
            "p_down: 1}}]}\n"));
    test_world_make(&w, "sites:\n- {id: a}\n- {id: sendai}\n");
    assert_int_equal(planning_strangers(&w.world, one, COUNT_OF(one)), 2);
    assert_str(one[0].event, STR("q"));
    assert_str(one[0].id, STR("sendia"));
    register_release(w.snapshot);
}

/* A footprint over a group struck those whose row names it, and not those whom the table itself lists; a group that
 * nobody is in, and a `within` that is nowhere, struck nothing and said nothing. */
static void members_of_the_table_were_in_no_group(void **state) {
    struct test_world w;
    struct planning_stranger found[4];
    const struct planning_ranked *ranked;
    struct error e;
    test_world_begin(&w);
    test_model_add(&w, STR("events.yaml"),
                   STR("events:\n- {id: q, rate: 0.1, footprint: {groups: [west, wset, 'grid:x'], "
                       "p_loss: 1, p_down: "
                       "1}}\n- {id: r, rate: 0, within: [japan], footprint: {sites: [a], p_loss: "
                       "1, p_down: 1}}\n"
                       "groups:\n- {id: west, rate: 0, p_loss: 0, p_down: 0, members: [b]}\n"));
    test_world_make(&w, "sites:\n- {id: a, grid: {area: z}}\n- {id: b, grid: {area: z}}\n");
    assert_ok(planning_rank(&w.world, &w.arena, &ranked, &e), &e);
    assert_int_equal(ranked[0].site, 0);
    assert_true(ranked[0].rate[SITING_LOSS][SITING_HI] == 0);
    assert_true(ranked[1].rate[SITING_LOSS][SITING_LO] == 0.1);
    assert_int_equal(planning_strangers(&w.world, found, COUNT_OF(found)), 2);
    assert_str(found[0].id, STR("wset"));
    assert_str(found[1].id, STR("japan"));
    assert_true(found[0].is_group && found[1].is_group);
    register_release(w.snapshot);
}

/* Members that the table lists, kinds of its groups, and sites of which no grid area is known kept nothing apart. */
static void what_may_share_a_group_was_taken_to_be_apart(void **state) {
    static const struct {
        const char *wanted, *apart, *binding;
    } asked[] = {{"grid", "ab", ""},
                 {"fault", "ab ac bd cd", ""},
                 {"west", "ab ac bc bd cd", ""},
                 {"grid:tokyo", "ab bc bd", ""},
                 {"basin", "", "no two in one basin (not known of 4 sites)"},
                 {"pref", "ab ac ad bc bd cd", ""}};
    struct test_world w;
    test_world_begin(&w);
    test_model_add(
        &w, STR("events.yaml"),
        STR("groups:\n- {id: west, kind: fault, rate: 0.1, p_loss: 1, p_down: 1, members: [a, "
            "d]}\n- {id: east, kind: fault, rate: 0.1, p_loss: 1, p_down: 1}\n"));
    test_world_make(&w,
                    "sites:\n- {id: a, country: JP, region: JP-01, grid: {area: tokyo}}\n"
                    "- {id: b, country: US, grid: {area: y}, groups: [east]}\n"
                    "- {id: c, country: FR, groups: [east]}\n- {id: d, region: JP-02, groups: []}\n"
                    "datasets:\n- {id: data}\n");
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        str wanted = str_from_c(asked[i].wanted);
        struct planning_request request = {
            .copies = 2, .tolerate = 1, .disjoint = &wanted, .disjoint_count = 1};
        struct planning_plan p = plan(&w, &request);
        char found[40] = "";
        for (size_t a = 0; a < 4; a++)
            for (size_t b = a + 1; b < 4; b++)
                for (size_t s = 0; s < p.set_count; s++) {
                    const char pair[] = {(char)('a' + a), (char)('a' + b), 0};
                    if (!is_set(&w, &p.sets[s], pair)) continue;
                    if (found[0] != 0) strcat(found, " ");
                    strcat(found, pair);
                }
        assert_string_equal(found, asked[i].apart);
        if (p.set_count == 0) assert_str(p.binding, str_from_c(asked[i].binding));
    }
    register_release(w.snapshot);
}

/* Every table with a grade "6-lower" got quakes of each site's own beside its events, up to one in 100 years. */
static void a_table_was_given_quakes_that_it_does_not_name(void **state) {
    static const char *const tables[] = {"", "background: 6-lower\n"};
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        char yaml[400];
        struct test_world w;
        const struct planning_ranked *ranked;
        struct error e;
        snprintf(yaml, sizeof yaml,
                 "%sevents:\n- {id: q, rate: 0.1, footprint: {sites: [a], grade: 6-lower}}\n"
                 "fragility:\n- {id: default, loss: {6-lower: 0.5}, down: {6-lower: 1}}\n",
                 tables[i]);
        test_world_begin(&w);
        test_model_add(&w, STR("events.yaml"), str_from_c(yaml));
        test_world_make(&w, "sites:\n- {id: a}\n- {id: b, hazard: {quake_30y: 26 %}}\n");
        assert_ok(planning_rank(&w.world, &w.arena, &ranked, &e), &e);
        const double(*b)[SITING_END_COUNT] = ranked[0].rate,
              (*a)[SITING_END_COUNT] = ranked[1].rate;
        assert_int_equal(ranked[1].site, 0);
        assert_true(fabs(b[SITING_LOSS][SITING_HI] - (i == 0 ? 0 : 0.5 * -log(0.74) / 30)) < 1e-12);
        assert_true(fabs(a[SITING_LOSS][SITING_HI] - (i == 0 ? 0.05 : 0.05 + 0.5 * 0.01)) < 1e-12);
        register_release(w.snapshot);
    }
}

static void a_copy_counted_after_its_last_day(void **state) {
    struct planning_copies today = today_of("{site: b, valid: {until: 2026-06-01}}, "
                                            "{site: c, valid: {from: 2026-06-01}}, "
                                            "{site: a, valid: {from: 2027-01-01}}",
                                            "a");
    assert_int_equal(today.count, 2);
    assert_int_equal(today.sites[0], 0); /* the store's own */
    assert_int_equal(today.sites[1], 2);
    assert_int_equal(today.unplaced, 0);
}

static void a_copy_at_a_withheld_site_was_left_out_in_silence(void **state) {
    struct planning_copies today = today_of("{site: b}, {site: withheld}, {country: JP}", "");
    assert_int_equal(today.count, 1);
    assert_int_equal(today.unplaced, 3); /* the store's own too: nobody says where it stands */
    today = today_of("{site: b}, {site: b}", "b");
    assert_int_equal(today.count, 1);
    assert_int_equal(today.unplaced, 0);
}

static void a_site_has_its_own_fragility_or_is_told_apart(void **state) {
    struct test_world w;
    test_world_begin(&w);
    test_model_add(&w, STR("e.yaml"),
                   STR("events:\n- {id: q, rate: 0.1, footprint: {sites: [a, b], grade: g}}\n"
                       "fragility:\n- {id: default, loss: {g: 0.1}, down: {g: 0.1}}\n- {id: hut, "
                       "loss: {g: 0.9}, down: {g: 0.9}}\n"));
    test_world_make(&w, "sites:\n- {id: a}\n- {id: b, fragility: hut}\n");
    static const uint32_t a[] = {0}, b[] = {1};
    assert_true(fabs(siting_joint_rate(&w.world.table, SITING_LOSS, SITING_HI, a, 1, 0, 0) - 0.01) <
                1e-12);
    assert_true(fabs(siting_joint_rate(&w.world.table, SITING_LOSS, SITING_HI, b, 1, 0, 0) - 0.09) <
                1e-12);
    register_release(w.snapshot);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_event_or_one_maker_takes_the_bad_sets),
        cmocka_unit_test(a_best_set_abroad_says_so_unless_countries_were_asked_for),
        cmocka_unit_test(constraints_that_cannot_all_be_kept_are_told_apart),
        cmocka_unit_test(what_is_unknown_can_be_left_out),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(a_site_has_its_own_fragility_or_is_told_apart),
        cmocka_unit_test(ranks_put_what_no_event_speaks_of_first),
        cmocka_unit_test(the_last_bit_of_a_sum_ranked_the_sites),
        cmocka_unit_test(rates_are_said_as_people_weigh_them),
        cmocka_unit_test(a_site_known_by_its_grid_square_may_be_nearer_and_farther),
        cmocka_unit_test(the_best_set_owed_its_place_to_nobody_having_looked),
        cmocka_unit_test(a_slip_in_a_sites_id_was_not_told),
        cmocka_unit_test(members_of_the_table_were_in_no_group),
        cmocka_unit_test(what_may_share_a_group_was_taken_to_be_apart),
        cmocka_unit_test(a_table_was_given_quakes_that_it_does_not_name),
        cmocka_unit_test(a_copy_counted_after_its_last_day),
        cmocka_unit_test(a_copy_at_a_withheld_site_was_left_out_in_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
