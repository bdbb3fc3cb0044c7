/* What reaches which site: by ground, by name, by group; what nobody knows; fuel. */
#include <math.h>

#include "tests/siting/model.h"

static const char table[] =
    "events:\n"
    "- {id: square, rate: 0.1, mapped: {type: Polygon, coordinates: "
    "[[[130,30],[145,30],[145,46],[130,46],[130,30]]]},\n"
    "   footprint: {type: Polygon, p_loss: 0.5, p_down: 1, coordinates: "
    "[[[139,35],[141,35],[141,37],[139,37],[139,35]],\n"
    "               [[139.9,35.9],[140.1,35.9],[140.1,36.1],[139.9,36.1],[139.9,35.9]]]}}\n"
    "- {id: round, rate: 0.1, footprint: {circle: {lat: 36, lon: 140, km: 50}, p_loss: 0.1, "
    "p_down: 0.1}}\n"
    "- {id: two, rate: 0.1, footprint: [{sites: [in], grade: weak}, {sites: [in, hole], grade: "
    "strong}]}\n"
    "- {id: dark, rate: 0.1, outage_h: 60, footprint: {groups: ['grid:north'], p_loss: 0, p_down: "
    "1}}\n"
    "- {id: fault, rate: 0.1, repair_h: 24, footprint: {groups: [odd], p_loss: 0.2, p_down: 0.4}}\n"
    "groups:\n"
    "- {id: 'grid:south', kind: grid, rate: 0.1, p_loss: 0, p_down: 1, repair_h: 10, members: "
    "[far]}\n"
    "fragility:\n"
    "- {id: default, loss: {weak: 0.1, strong: 0.3}, down: {weak: 0.2, strong: 0.9}}\n"
    "- {id: bunker, loss: {weak: 0, strong: 0.01}, down: {weak: 0, strong: 0.05}}\n";

static const str north[] = {{"grid:north", 10}, {"odd", 3}}, south[] = {{"grid:south", 10}};
static const struct siting_site sites[] = {
    {.id = {"in", 2},
     .has_point = true,
     .point = {35.5, 139.5},
     .groups = north,
     .group_count = 2,
     .fuel_known = true,
     .fuel_h = 48},
    {.id = {"hole", 4},
     .has_point = true,
     .point = {36, 140},
     .fragility = {"bunker", 6},
     .groups = south,
     .group_count = 1},
    {.id = {"far", 3}, .has_point = true, .point = {43, 141}, .fuel_known = true, .fuel_h = 72},
    {.id = {"beyond", 6}, .has_point = true, .point = {48, 10}},
    {.id = {"nowhere", 7}, .groups = north, .group_count = 1},
};
enum { IN, HOLE, FAR, BEYOND, NOWHERE };

static const struct {
    const char *event;
    int site;
    enum siting_reach reach;
    double loss_lo, loss_hi;
} reaches[] = {
    {"square", IN, SITING_INSIDE, 0.5, 0.5},
    {"square", HOLE, SITING_OUTSIDE, 0, 0},
    {"square", FAR, SITING_OUTSIDE, 0, 0},
    {"square", BEYOND, SITING_UNMAPPED, 0, 0.5},  /* outside of what was mapped: never safe */
    {"square", NOWHERE, SITING_UNMAPPED, 0, 0.5}, /* nobody knows where it stands */
    {"round", IN, SITING_OUTSIDE, 0, 0},          /* 71 km */
    {"round", HOLE, SITING_INSIDE, 0.1, 0.1},
    {"round", BEYOND, SITING_OUTSIDE, 0, 0},
    {"two", IN, SITING_INSIDE, 0.3, 0.3},     /* the worse of two parts */
    {"two", HOLE, SITING_INSIDE, 0.01, 0.01}, /* its own fragility */
    {"dark", IN, SITING_INSIDE, 0, 0},
    {"dark", HOLE, SITING_OUTSIDE, 0, 0}, /* in another area of the scheme */
    {"dark", BEYOND, SITING_UNMAPPED, 0, 0},
    {"fault", IN, SITING_INSIDE, 0.2, 0.2},
    {"fault", BEYOND, SITING_OUTSIDE, 0, 0}, /* no scheme: not being named is not being a member */
    {"grid:south", FAR, SITING_INSIDE, 0, 0},
    {"grid:south", HOLE, SITING_INSIDE, 0, 0},
    {"grid:south", BEYOND, SITING_OUTSIDE, 0, 0}, /* its members are listed */
};

static void the_ground_names_and_groups(void **state) {
    struct arena arena = arena_over(model_memory, sizeof model_memory);
    struct siting_model m = model_of(table, &arena);
    for (size_t i = 0; i < COUNT_OF(reaches); i++) {
        const struct siting_event *event = siting_event_find(&m, str_from_c(reaches[i].event));
        struct siting_harm harm;
        siting_strike(&m, event, &event->branches[0], &sites[reaches[i].site], &harm);
        char row[80];
        snprintf(row, sizeof row, "%s over %s", reaches[i].event, sites[reaches[i].site].id.at);
        assert_row(row, harm.reach == reaches[i].reach);
        assert_row(row, harm.p_loss[SITING_LO] == reaches[i].loss_lo &&
                            harm.p_loss[SITING_HI] == reaches[i].loss_hi);
    }
}

static void fuel_comes_before_the_interruption(void **state) {
    struct arena arena = arena_over(model_memory, sizeof model_memory);
    struct siting_model m = model_of(table, &arena);
    const struct siting_branch *dark = &siting_event_find(&m, STR("dark"))->branches[0];
    const struct siting_branch *fault = &siting_event_find(&m, STR("fault"))->branches[0];
    /* median 60 h: after 48 h of fuel 2^(-48/60) of the interruptions are still there */
    assert_true(fabs(siting_lasts(dark, &sites[IN], SITING_HI, 0) - exp2(-0.8)) < 1e-12);
    assert_true(fabs(siting_lasts(dark, &sites[IN], SITING_HI, 12) - 0.5) < 1e-12);
    assert_true(siting_lasts(dark, &sites[BEYOND], SITING_LO, 0) ==
                0); /* as much fuel as it takes … */
    assert_true(siting_lasts(dark, &sites[BEYOND], SITING_HI, 0) == 1); /* … or none */
    assert_true(fabs(siting_lasts(fault, &sites[IN], SITING_HI, 24) - 0.5) <
                1e-12); /* fuel mends no fault */
}

static void rows_hold_what_strikes_and_count_what_is_unmapped(void **state) {
    struct arena arena = arena_over(model_memory, sizeof model_memory);
    struct siting_model m = model_of(table, &arena);
    struct siting_options options = {0};
    struct siting_rows rows;
    struct error e;
    assert_ok(siting_rows_make(&m, sites, COUNT_OF(sites), &options, &arena, &rows, &e), &e);
    assert_int_equal(rows.row_count, 6);
    assert_int_equal(rows.unmapped[IN], 0);
    assert_int_equal(rows.unmapped[BEYOND], 2);  /* square, dark */
    assert_int_equal(rows.unmapped[NOWHERE], 2); /* square, round */
    struct siting_site odd = {.id = STR("odd"), .fragility = STR("castle")};
    assert_int_equal(siting_rows_make(&m, &odd, 1, &options, &arena, &rows, &e), FAIL_USAGE);
    assert_non_null(strstr(e.message, "\"odd\" names the fragility \"castle\""));
}

/* What a hazard map gives for a point holds the named earthquakes too. */
static void the_background_does_not_count_named_events_twice(void **state) {
    static const char quakes[] =
        "events:\n- {id: q, kind: quake, rate_lo: 0.01, rate_hi: 0.02, branches: ["
        "{prob: 0.5, footprint: {sites: [a], grade: strong}}, {prob: 0.5, footprint: {sites: [a], "
        "grade: weak}}]}\n"
        "fragility:\n- {id: default, loss: {weak: 0.1, strong: 0.3}, down: {weak: 0.2, strong: "
        "0.9}}\n";
    struct arena arena = arena_over(model_memory, sizeof model_memory);
    struct siting_model m = model_of(quakes, &arena);
    struct siting_site two[] = {
        {.id = STR("a"),
         .background_known = true,
         .background_lo = 0.03,
         .background_hi = 0.04,
         .background_grade = STR("strong")},
        {.id = STR("b"), .background_grade = STR("strong")},
    };
    struct siting_options options = {0};
    struct siting_rows rows;
    struct error e;
    assert_ok(siting_rows_make(&m, two, 2, &options, &arena, &rows, &e), &e);
    assert_int_equal(rows.row_count, 4);
    assert_int_equal(rows.event[2], m.event_count);
    assert_true(fabs(rows.weight[SITING_LO][2] - (0.03 - 0.01)) <
                1e-12); /* the strong half of 0.02 */
    assert_true(fabs(rows.weight[SITING_HI][2] - (0.04 - 0.005)) < 1e-12);
    assert_true(rows.weight[SITING_LO][3] ==
                SITING_BACKGROUND_FLOOR); /* unknown: from the floor … */
    assert_true(rows.weight[SITING_HI][3] == SITING_BACKGROUND_UNKNOWN);
    assert_true(rows.p[SITING_LOSS][SITING_HI][0 * rows.stride + 3] ==
                0); /* … and it strikes itself alone */
    assert_true(rows.p[SITING_LOSS][SITING_HI][1 * rows.stride + 3] == 0.3);
}

static void a_site_known_to_be_elsewhere_is_not_reached(void **state) {
    static const char home[] = "within: ['country:JP']\nevents:\n- {id: dark, rate: 0.1, "
                               "footprint: {groups: ['grid:north'], p_loss: 0, p_down: 1}}\n";
    static const str abroad[] = {{"country:US", 10}}, here[] = {{"country:JP", 10}};
    struct arena arena = arena_over(model_memory, sizeof model_memory);
    struct siting_model m = model_of(home, &arena);
    struct siting_site site = {.id = STR("s"), .groups = abroad, .group_count = 1};
    struct siting_harm harm;
    siting_strike(&m, &m.events[0], &m.events[0].branches[0], &site, &harm);
    assert_int_equal(harm.reach, SITING_OUTSIDE);
    site.groups = here;
    siting_strike(&m, &m.events[0], &m.events[0].branches[0], &site, &harm);
    assert_int_equal(harm.reach, SITING_UNMAPPED); /* at home, in an area nobody named */
    site.group_count = 0;
    siting_strike(&m, &m.events[0], &m.events[0].branches[0], &site, &harm);
    assert_int_equal(harm.reach, SITING_UNMAPPED); /* it may be at home */
}

/* A flood "within" prefectures of Japan was said to reach, perhaps, what stands in South Africa. */
static void a_prefecture_reaches_no_site_of_another_country(void **state) {
    static const char flood[] =
        "events:\n- {id: flood, rate: 0.1, within: ['pref:JP-40', 'pref:JP-41'], footprint: "
        "{groups: ['basin:river'], p_loss: 0, p_down: 1}}\n"
        "- {id: ash, rate: 0.1, footprint: {groups: ['pref:JP-13'], p_loss: 0, p_down: 1}}\n"
        "- {id: old, rate: 0.1, footprint: {groups: ['pref:east'], p_loss: 0, p_down: 1}}\n";
    static const struct {
        str country;
        enum siting_reach reach[3];
    } rows[] = {{{"country:ZA", 10}, {SITING_OUTSIDE, SITING_OUTSIDE, SITING_UNMAPPED}},
                {{"country:JP", 10}, {SITING_UNMAPPED, SITING_UNMAPPED, SITING_UNMAPPED}},
                {{"hall", 4}, {SITING_UNMAPPED, SITING_UNMAPPED, SITING_UNMAPPED}}};
    struct arena arena = arena_over(model_memory, sizeof model_memory);
    struct siting_model m = model_of(flood, &arena);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t k = 0; k < 3; k++) {
            struct siting_site site = {
                .id = STR("s"), .groups = &rows[i].country, .group_count = 1};
            struct siting_harm harm;
            siting_strike(&m, &m.events[k], &m.events[k].branches[0], &site, &harm);
            assert_int_equal(harm.reach, rows[i].reach[k]);
        }
}

/* A bad update is the likeliest joint loss; makers are as many as the sites name. */
static void a_star_is_one_group_for_each_of_its_scheme(void **state) {
    static const char makers[] =
        "groups:\n- {id: 'maker:*', kind: maker, rate: 0.1, p_loss: 0.5, p_down: 1}\n"
        "- {id: 'maker:known', kind: maker, rate: 0.3, p_loss: 0.5, p_down: 1}\n";
    static const str a[] = {{"maker:x", 7}, {"maker:known", 11}},
                     b[] = {{"maker:y", 7}, {"maker:x", 7}};
    static const struct siting_site three[] = {{.id = {"a", 1}, .groups = a, .group_count = 2},
                                               {.id = {"b", 1}, .groups = b, .group_count = 2},
                                               {.id = {"c", 1}}};
    struct arena arena = arena_over(model_memory, sizeof model_memory);
    struct siting_model m = model_of(makers, &arena);
    struct siting_options options = {0};
    struct siting_rows rows;
    const struct siting_event *one;
    struct error e;
    static const uint32_t ab[] = {0, 1}, ac[] = {0, 2};
    assert_ok(siting_rows_make(&m, three, 3, &options, &arena, &rows, &e), &e);
    assert_int_equal(rows.row_count, 3); /* x, y, and the one with a rate of its own */
    assert_true(fabs(siting_joint_rate(&rows, SITING_DOWN, SITING_HI, ab, 2, 1, 0) - 0.1) <
                1e-12); /* x takes both */
    assert_true(fabs(siting_joint_rate(&rows, SITING_DOWN, SITING_LO, ac, 2, 1, 0)) <
                1e-12); /* c may have anything … */
    assert_true(fabs(siting_joint_rate(&rows, SITING_DOWN, SITING_HI, ac, 2, 1, 0) - 0.4) <
                1e-12); /* … or everything */
    assert_ok(siting_event_of(&m, STR("maker:z"), &arena, &one, &e), &e);
    assert_true(one != NULL && !one->is_each);
    assert_str(one->branches[0].parts[0].groups[0], STR("maker:z"));
    assert_ok(siting_event_of(&m, STR("grid:z"), &arena, &one, &e), &e);
    assert_null(one);
}

/* A register that names no program at all left the likeliest joint loss out. */
static void what_no_site_names_all_may_share(void **state) {
    static const char programs[] =
        "groups:\n- {id: 'software:*', kind: software, rate: 0.1, p_loss: 0.5, p_down: 1}\n";
    static const str of_a[] = {{"software:x", 10}};
    struct siting_site two[] = {{.id = {"a", 1}}, {.id = {"b", 1}}};
    struct arena arena = arena_over(model_memory, sizeof model_memory);
    struct siting_model m = model_of(programs, &arena);
    struct siting_options options = {0};
    struct siting_rows rows;
    struct error e;
    static const uint32_t ab[] = {0, 1};
    assert_ok(siting_rows_make(&m, two, 2, &options, &arena, &rows, &e), &e);
    assert_int_equal(rows.row_count, 1);
    assert_int_equal(rows.unmapped[0], 1);
    assert_true(fabs(siting_joint_rate(&rows, SITING_DOWN, SITING_HI, ab, 2, 1, 0) - 0.1) < 1e-12);
    assert_true(fabs(siting_joint_rate(&rows, SITING_DOWN, SITING_LO, ab, 2, 1, 0)) < 1e-12);
    two[0].groups = of_a;
    two[0].group_count = 1;
    assert_ok(siting_rows_make(&m, two, 2, &options, &arena, &rows, &e), &e);
    assert_int_equal(rows.row_count, 1); /* b may have x too; no other is known */
}

/* A site on an edge fell on either side of it by chance of rounding, and where it fell outside it was safe. */
static void a_site_on_an_edge_was_spared(void **state) {
    static const char shapes[] =
        "events:\n"
        "- {id: square, rate: 0.1, footprint: {type: Polygon, p_loss: 1, p_down: 1, coordinates: "
        "[[[139,35],[141,35],[141,37],[139,37],[139,35]],"
        "[[139.9,35.9],[140.1,35.9],[140.1,36.1],[139.9,36.1],[139.9,35.9]]]}}\n"
        "- {id: slope, rate: 0.1, footprint: {type: Polygon, p_loss: 1, p_down: 1, coordinates: "
        "[[[139,35],[142.3,35],[139,37.1],[139,35]]]}}\n";
    static const struct {
        const char *name, *event;
        struct geo_point point;
        bool is_in;
    } points[] = {
        {"south-western corner", "square", {35, 139}, true},
        {"north-eastern corner", "square", {37, 141}, true},
        {"northern edge", "square", {37, 140}, true},
        {"eastern edge", "square", {36.2, 141}, true},
        {"a metre beyond the eastern edge", "square", {36.2, 141.00001}, false},
        {"edge of the hole", "square", {36.1, 140}, true},
        {"corner of the hole", "square", {35.9, 139.9}, true},
        {"hole", "square", {36, 140}, false},
        {"slope", "slope", {35.7, 141.2}, true},
        {"above the slope", "slope", {35.70002, 141.2}, false},
        {"the slope's line beyond its end", "slope", {34.3, 143.4}, false},
    };
    struct arena arena = arena_over(model_memory, sizeof model_memory);
    struct siting_model m = model_of(shapes, &arena);
    for (size_t i = 0; i < COUNT_OF(points); i++) {
        const struct siting_event *event = siting_event_find(&m, str_from_c(points[i].event));
        const struct siting_site site = {
            .id = STR("s"), .has_point = true, .point = points[i].point};
        struct siting_harm harm;
        siting_strike(&m, event, &event->branches[0], &site, &harm);
        assert_row(points[i].name, (harm.reach == SITING_INSIDE) == points[i].is_in);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ground_names_and_groups),
        cmocka_unit_test(a_site_known_to_be_elsewhere_is_not_reached),
        cmocka_unit_test(a_prefecture_reaches_no_site_of_another_country),
        cmocka_unit_test(a_star_is_one_group_for_each_of_its_scheme),
        cmocka_unit_test(what_no_site_names_all_may_share),
        cmocka_unit_test(a_site_on_an_edge_was_spared),
        cmocka_unit_test(fuel_comes_before_the_interruption),
        cmocka_unit_test(rows_hold_what_strikes_and_count_what_is_unmapped),
        cmocka_unit_test(the_background_does_not_count_named_events_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
