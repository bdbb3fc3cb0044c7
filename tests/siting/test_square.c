/* Sites of which a grid square is all that is known: what is said of them holds wherever in it they stand. */
#include <math.h>

#include "siting/area.h"
#include "siting/square.h"
#include "tests/siting/model.h"

enum { SHAPES = 400, SQUARES = 12, POINTS = 60 };

static struct siting_site site_of(const char *mesh) {
    struct siting_site site = {.id = STR("s")};
    assert_true(siting_site_place_by_mesh(&site, str_from_c(mesh)));
    return site;
}

static double between(struct random_seeded *r, double low, double high) {
    return low + (high - low) * (double)random_below(r, 1000001) / 1e6;
}

static struct geo_point point_in(struct random_seeded *r, const struct siting_square *s) {
    return (struct geo_point){between(r, s->south, s->north), between(r, s->west, s->east)};
}

/* A polygon round its middle, with a hole or not, or a circle; often corners lie on the squares' own. */
static size_t shape_write(struct random_seeded *r, char *to, size_t size) {
    double lat = between(r, 34, 36), lon = between(r, 138, 140), far = between(r, 0.01, 1.2);
    if (random_below(r, 4) == 0)
        return (size_t)snprintf(to, size, "{circle: {lat: %.6f, lon: %.6f, km: %.3f}}", lat, lon,
                                100 * far);
    size_t used = (size_t)snprintf(to, size, "{type: Polygon, coordinates: [");
    for (size_t ring = 0; ring < 1 + random_below(r, 2); ring++) {
        size_t corners = 3 + random_below(r, 6);
        double first[2] = {0};
        used += (size_t)snprintf(to + used, size - used, "%s[", ring > 0 ? ", " : "");
        for (size_t i = 0; i <= corners; i++) {
            double turn = 6.283185307179586 * (double)i / (double)corners,
                   way = far * between(r, 0.6, 1) * (ring > 0 ? 0.4 : 1),
                   at[2] = {lon + way * cos(turn), lat + way * sin(turn)};
            if (random_below(r, 2) == 0) { /* onto a corner of squares of 10 km */
                at[0] = round(at[0] * 8) / 8;
                at[1] = round(at[1] * 12) / 12;
            }
            if (i == 0) memcpy(first, at, sizeof first);
            if (i == corners) memcpy(at, first, sizeof first);
            used += (size_t)snprintf(to + used, size - used, "%s[%.9f, %.9f]", i > 0 ? ", " : "",
                                     at[0], at[1]);
        }
        used += (size_t)snprintf(to + used, size - used, "]");
    }
    return used + (size_t)snprintf(to + used, size - used, "]}");
}

static void what_is_said_of_a_square_holds_everywhere_in_it(void **state) {
    static const enum geo_mesh sizes[] = {GEO_MESH_80KM, GEO_MESH_10KM, GEO_MESH_1KM,
                                          GEO_MESH_250M};
    size_t said[3] = {0};
    for (uint64_t seed = 1; seed <= SHAPES; seed++) {
        struct random_seeded r;
        char yaml[4096] = "events:\n- {id: e, rate: 1, footprint: {p_loss: 1, p_down: 1, area: ";
        random_seed(&r, seed);
        size_t used = strlen(yaml);
        used += shape_write(&r, yaml + used, sizeof yaml - used);
        snprintf(yaml + used, sizeof yaml - used, "}}\n");
        struct arena arena = arena_over(model_memory, sizeof model_memory);
        struct siting_model model = model_of(yaml, &arena);
        const struct siting_area *area = model.events[0].branches[0].parts[0].area;
        for (size_t i = 0; i < SQUARES; i++) {
            char code[GEO_MESH_DIGITS + 1];
            struct geo_point near = {between(&r, 33, 37), between(&r, 137, 141)};
            assert_true(geo_mesh_write(near, sizes[i % COUNT_OF(sizes)], code));
            struct siting_site site = site_of(code);
            enum square_side side = square_in_area(&site, area);
            said[side]++;
            for (size_t k = 0; k < POINTS && side != SQUARE_PART; k++) {
                struct geo_point p = point_in(&r, &site.square);
                bool is_corner = p.lat_deg == site.square.south || p.lat_deg == site.square.north ||
                                 p.lon_deg == site.square.west || p.lon_deg == site.square.east;
                if (!is_corner && area_has(area, p) != (side == SQUARE_IN))
                    fail_msg("seed %d: %s says %d, and not at %.9f %.9f", (int)seed, code,
                             (int)side, p.lat_deg, p.lon_deg);
            }
        }
    }
    assert_true(said[SQUARE_OUT] > 100 && said[SQUARE_PART] > 100 && said[SQUARE_IN] > 100);
}

static void two_sites_are_as_far_apart_as_is_said(void **state) {
    static const char *const codes[] = {"5339",     "533945",     "53394525", "533945253",
                                        "57403629", "5740362922", "6848"};
    struct random_seeded r;
    random_seed(&r, 1);
    for (size_t a = 0; a < COUNT_OF(codes); a++)
        for (size_t b = 0; b < COUNT_OF(codes); b++) {
            struct siting_site one = site_of(codes[a]), other = site_of(codes[b]);
            double low, high;
            assert_true(siting_distance_km(&one, &other, &low, &high));
            for (size_t k = 0; k < POINTS; k++) {
                double km = geo_distance_km(point_in(&r, &one.square), point_in(&r, &other.square));
                assert_true(km >= low - 1e-9 && km <= high + 1e-9);
            }
        }
    struct siting_site nowhere = {.id = STR("nowhere")}, one = site_of("5339");
    double low, high;
    assert_false(siting_distance_km(&one, &nowhere, &low, &high));
}

/* 53394525 is a square of 1 km at 35.683333 to 35.691667 north, 139.6875 to 139.7 east. */
static void a_footprint_that_cuts_the_square_may_reach_the_site(void **state) {
    static const struct {
        const char *what, *footprint;
        enum siting_reach reach;
    } cases[] = {
        {"holds it", "circle: {lat: 35.687, lon: 139.69, km: 5}", SITING_INSIDE},
        {"cuts it", "circle: {lat: 35.687, lon: 139.69, km: 0.5}", SITING_UNMAPPED},
        {"far away", "circle: {lat: 36.687, lon: 139.69, km: 5}", SITING_OUTSIDE},
        {"the square itself",
         "type: Polygon, coordinates: [[[139.6875, 35.683333333333], [139.7, 35.683333333333], "
         "[139.7, 35.691666666667], [139.6875, 35.691666666667], [139.6875, 35.683333333333]]]",
         SITING_INSIDE},
        {"its neighbour",
         "type: Polygon, coordinates: [[[139.7, 35.683333333333], [139.7125, 35.683333333333], "
         "[139.7125, 35.691666666667], [139.7, 35.691666666667], [139.7, 35.683333333333]]]",
         SITING_OUTSIDE},
        {"a hole within it",
         "type: Polygon, coordinates: [[[139, 35], [140, 35], [140, 36], [139, 36], [139, 35]], "
         "[[139.69, 35.685], [139.691, 35.685], [139.691, 35.686], [139.69, 35.685]]]",
         SITING_UNMAPPED},
        {"a speck within it",
         "type: Polygon, coordinates: [[[139.69, 35.685], [139.691, 35.685], [139.691, 35.686], "
         "[139.69, 35.685]]]",
         SITING_UNMAPPED},
        {"by name", "sites: [s]", SITING_INSIDE}};
    struct siting_site site = site_of("53394525");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char yaml[1024];
        snprintf(yaml, sizeof yaml,
                 "events:\n- {id: e, rate: 1, footprint: {p_loss: 0.5, p_down: 1, %s}}\n"
                 "- {id: looked, rate: 1, mapped: {%s}, footprint: {p_loss: 1, p_down: 1, circle: "
                 "{lat: 10, lon: 10, km: 1}}}\n",
                 cases[i].footprint,
                 i + 1 < COUNT_OF(cases) ? cases[i].footprint
                                         : "circle: {lat: 35.687, lon: 139.69, km: 5}");
        struct arena arena = arena_over(model_memory, sizeof model_memory);
        struct siting_model model = model_of(yaml, &arena);
        struct siting_harm harm;
        siting_strike(&model, &model.events[0], &model.events[0].branches[0], &site, &harm);
        if (harm.reach != cases[i].reach) fail_msg("%s: %d", cases[i].what, (int)harm.reach);
        assert_true(harm.p_loss[SITING_LO] == (harm.reach == SITING_INSIDE ? 0.5 : 0));
        assert_true(harm.p_loss[SITING_HI] == (harm.reach == SITING_OUTSIDE ? 0 : 0.5));
        siting_strike(&model, &model.events[1], &model.events[1].branches[0], &site, &harm);
        if (harm.reach != (cases[i].reach == SITING_INSIDE ? SITING_OUTSIDE : SITING_UNMAPPED))
            fail_msg("%s, of what was mapped: %d", cases[i].what, (int)harm.reach);
    }
}

static void a_map_speaks_of_a_square_if_it_speaks_of_all_of_it(void **state) {
    static const struct {
        const char *what, *map;
        bool is_known;
        double low, high;
    } cases[] = {
        {"the square", "values: [{value: 3, mesh: '53394525'}]", true, 3, 3},
        {"a larger one", "values: [{value: 4, mesh: '533945'}]", true, 4, 4},
        {"a quarter", "values: [{value: 3, mesh: '533945251'}]", false, 0, 0},
        {"all quarters",
         "values: [{value: 1, mesh: '533945251'}, {value: 2, mesh: '533945252'}, {low: 3, high: 5, "
         "mesh: '533945253'}, {value: 4, mesh: '533945254'}]",
         true, 1, 5},
        {"one of them twice",
         "values: [{value: 1, mesh: '533945251'}, {value: 2, mesh: '533945252'}, {low: 3, high: 5, "
         "mesh: '533945253'}, {value: 4, mesh: '533945253'}]",
         false, 0, 0},
        {"a quarter in sixteenths",
         "values: [{value: 1, mesh: '533945251'}, {value: 2, mesh: '533945252'}, {low: 3, high: 5, "
         "mesh: '533945253'}, {value: 9, mesh: '5339452541'}, {value: 9, mesh: '5339452542'}, "
         "{value: 9, mesh: '5339452543'}, {value: 0.5, mesh: '5339452544'}]",
         true, 0.5, 9},
        {"a worse part of it",
         "values: [{value: 3, mesh: '53394525'}, {value: 7, mesh: '533945251'}]", true, 3, 7},
        {"a better part of it",
         "values: [{value: 3, mesh: '53394525'}, {value: 1, mesh: '533945251'}]", true, 3, 3},
        {"a shape that cuts it",
         "values: [{value: 3, circle: {lat: 35.687, lon: 139.69, km: 0.5}}]", false, 0, 0},
        {"the same where all was mapped",
         "mapped: {circle: {lat: 35.687, lon: 139.69, km: 9}}, outside: 0, values: [{value: 3, "
         "circle: {lat: 35.687, lon: 139.69, km: 0.5}}]",
         true, 0, 3},
        {"mapped and far away",
         "mapped: {circle: {lat: 35.687, lon: 139.69, km: 9}}, outside: 0, values: [{value: 3, "
         "circle: {lat: 36.687, lon: 139.69, km: 0.5}}]",
         true, 0, 0},
        {"the site by name", "values: [{value: 6, site: s}]", true, 6, 6}};
    struct siting_site site = site_of("53394525");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char yaml[1024];
        snprintf(yaml, sizeof yaml, "hazards:\n- {name: depth, %s}\n", cases[i].map);
        struct arena arena = arena_over(model_memory, sizeof model_memory);
        struct siting_model model = model_of(yaml, &arena);
        struct siting_told told;
        bool is_known = siting_hazard_at(&model, STR("depth"), &site, &told);
        if (is_known != cases[i].is_known) fail_msg("%s: known %d", cases[i].what, (int)is_known);
        if (is_known && (told.low != cases[i].low || told.high != cases[i].high))
            fail_msg("%s: %g to %g", cases[i].what, told.low, told.high);
    }
}

/* A map that knows the square, and one that speaks of a part of it: the part may be the worse. */
static void what_another_map_says_of_a_part_counts(void **state) {
    struct siting_site site = site_of("53394525");
    struct arena arena = arena_over(model_memory, sizeof model_memory);
    struct siting_model model =
        model_of("hazards:\n- {name: depth, source: whole, values: [{value: 3, mesh: '5339'}]}\n"
                 "- {name: depth, source: part, values: [{value: 8, mesh: '533945251'}]}\n",
                 &arena);
    struct siting_told told;
    assert_true(siting_hazard_at(&model, STR("depth"), &site, &told));
    assert_true(told.low == 3 && told.high == 8);
    assert_str(told.from->source, STR("part"));
}

static void what_is_no_code_places_nothing(void **state) {
    static const char *const codes[] = {"",         "533",       "53394",      "5339452",
                                        "53394585", "533945255", "53394525111"};
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        struct siting_site site = {.id = STR("s")};
        bool is_placed = siting_site_place_by_mesh(&site, str_from_c(codes[i]));
        assert_row(codes[i], is_placed == (i == 4)); /* digits of 1 km go to 9 */
        assert_true(siting_site_is_placed(&site) == is_placed);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_of_a_square_holds_everywhere_in_it),
        cmocka_unit_test(two_sites_are_as_far_apart_as_is_said),
        cmocka_unit_test(a_footprint_that_cuts_the_square_may_reach_the_site),
        cmocka_unit_test(a_map_speaks_of_a_square_if_it_speaks_of_all_of_it),
        cmocka_unit_test(what_another_map_says_of_a_part_counts),
        cmocka_unit_test(what_is_no_code_places_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
