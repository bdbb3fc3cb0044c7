/* What is drawn: maps over the 180th meridian and of the whole world, and circles as GeoJSON has them. */
#include <math.h>

#include "tests/planning/world.h"

static const char rows[] =
    "sites:\n- {id: suva, lat: -18.1, lon: 178.4}\n- {id: taveuni, lat: -16.9, lon: -179.9}\n"
    "- {id: apia, lat: -13.8, lon: -171.8}\n- {id: oslo, lat: 59.9, lon: 10.7}\n"
    "- {id: lima, lat: -12, lon: -77}\n- {id: square, mesh: '533945'}\n- {id: nowhere}\n"
    "datasets:\n- {id: d, store: external}\n";

static char page[1 << 20];

static str written(struct test_world *w, const char *event, enum planning_format format) {
    struct planning_drill_request request = {.event = str_from_c(event), .outage_h = -1};
    struct planning_drill drill;
    struct report_out out;
    struct error e;
    struct arena scratch = arena_over(world_scratch, sizeof world_scratch);
    assert_ok(planning_drill(&w->world, &request, &w->arena, &drill, &e), &e);
    assert_ok(report_open_text(page, sizeof page, &out, &e), &e);
    planning_write_drill(&w->world, &drill, scratch, format, &out);
    assert_ok(report_close(&out, &e), &e);
    return report_text(&out);
}

static bool has(str text, const char *part) {
    size_t at;
    return str_find(text, str_from_c(part), &at);
}

static void begin(struct test_world *w, const char *events) {
    test_world_begin(w);
    test_model_add(w, STR("events.yaml"), str_from_c(events));
    test_world_make(w, rows);
}

/* The median of sites all over the world was a place where none stands, and the map empty; that of Fiji ended at the
 * 180th meridian. */
static void a_map_of_fiji_showed_half_of_it_or_nothing(void **state) {
    struct test_world w;
    begin(&w, "events:\n- {id: e, rate: 0.1, footprint: {p_loss: 0.1, p_down: 1, type: "
              "MultiPolygon, coordinates: [[[[176,-20],[180,-20],[180,-14],[176,-14],[176,-20]]], "
              "[[[-180,-20],[-178,-20],[-178,-14],[-180,-14],[-180,-20]]]]}}\n");
    str html = written(&w, "e", PLANNING_HTML);
    assert_true(has(html, ">suva</text>"));
    assert_true(has(html, ">taveuni</text>"));
    assert_true(has(html, ">apia</text>"));
    assert_false(has(html, ">oslo</text>"));
    assert_true(has(html, "lima, nowhere, oslo, square")); /* not on the map */
    assert_true(has(html, "180°<"));
    assert_true(has(html, "174°W"));
    size_t first, second; /* both parts of the footprint, in one picture */
    assert_true(str_find(html, STR("<path class=\"reach\""), &first));
    assert_true(str_find(str_skip(html, first + 1), STR("<path class=\"reach\""), &second));
    register_release(w.snapshot);
}

/* ---- circles ---- */

struct polygon {
    double ring[4][300][2]; /* the outer one and its holes; longitude, latitude */
    size_t count[4], rings;
};
static struct polygon polygons[4];

static size_t polygons_read(str geojson) {
    size_t at, count = 0;
    assert_true(str_find(geojson, STR("MultiPolygon"), &at));
    const char *c = memchr(geojson.at + at, '[', geojson.len - at) + 1;
    unsigned depth = 1;
    for (; depth > 0; c++) {
        assert_true(c < geojson.at + geojson.len);
        if (*c == '[') {
            depth++;
            if (depth == 2) polygons[count++] = (struct polygon){.rings = 0};
            if (depth == 3) polygons[count - 1].count[polygons[count - 1].rings++] = 0;
            if (depth != 4) continue;
            struct polygon *p = &polygons[count - 1];
            char *end;
            double *to = p->ring[p->rings - 1][p->count[p->rings - 1]++];
            to[0] = strtod(c + 1, &end);
            while (*end == ',' || *end == ' ' || *end == '\n') end++;
            to[1] = strtod(end, &end);
            c = end - 1;
        } else if (*c == ']')
            depth--;
    }
    return count;
}

static bool ring_has(const struct polygon *p, size_t ring, double lon, double lat) {
    bool odd = false;
    for (size_t i = 0; i + 1 < p->count[ring]; i++) {
        const double *a = p->ring[ring][i], *b = p->ring[ring][i + 1];
        if ((a[1] > lat) == (b[1] > lat)) continue;
        if (lon < a[0] + (lat - a[1]) / (b[1] - a[1]) * (b[0] - a[0])) odd = !odd;
    }
    return odd;
}

static bool any_has(size_t count, double lon, double lat) {
    for (size_t i = 0; i < count; i++) {
        bool in = ring_has(&polygons[i], 0, lon, lat);
        for (size_t hole = 1; hole < polygons[i].rings; hole++)
            in = in && !ring_has(&polygons[i], hole, lon, lat);
        if (in) return true;
    }
    return false;
}

static double twice_area(const struct polygon *p, size_t ring) {
    double sum = 0;
    for (size_t i = 0; i + 1 < p->count[ring]; i++)
        sum += p->ring[ring][i][0] * p->ring[ring][i + 1][1] -
               p->ring[ring][i + 1][0] * p->ring[ring][i][1];
    return sum;
}

/* Circles ran on beyond 180 degrees, and one over a pole was a bow tie. */
static void a_circle_over_the_end_of_the_map_was_no_shape(void **state) {
    static const struct {
        double lat, lon, km;
        size_t polygons, rings;
    } circles[] = {{35, 139, 300, 1, 1},    {-17, 179.9, 300, 2, 1}, {-17, -179.9, 300, 2, 1},
                   {88, 0, 1500, 1, 1},     {-80, 170, 2000, 1, 1},  {5, -1, 12000, 1, 3},
                   {5, 100, 12000, 1, 2},   {5, -1, 20100, 1, 1},    {0, 179, 9000, 2, 1},
                   {-89.9, -30, 500, 1, 1}, {60, -179, 3000, 2, 1}};
    struct random_seeded r;
    random_seed(&r, 7);
    for (size_t i = 0; i < COUNT_OF(circles); i++) {
        struct test_world w;
        char events[256];
        struct geo_point centre = {circles[i].lat, circles[i].lon};
        snprintf(events, sizeof events,
                 "events:\n- {id: e, rate: 0.1, footprint: {p_loss: 0.1, p_down: 1, circle: {lat: "
                 "%g, lon: %g, km: %g}}}\n",
                 circles[i].lat, circles[i].lon, circles[i].km);
        begin(&w, events);
        size_t count = polygons_read(written(&w, "e", PLANNING_GEOJSON));
        assert_int_equal(count, circles[i].polygons);
        assert_int_equal(polygons[0].rings, circles[i].rings);
        for (size_t k = 0; k < count; k++)
            for (size_t ring = 0; ring < polygons[k].rings; ring++) {
                const struct polygon *p = &polygons[k];
                for (size_t n = 0; n < p->count[ring]; n++)
                    assert_true(fabs(p->ring[ring][n][0]) <= 180 &&
                                fabs(p->ring[ring][n][1]) <= 90);
                assert_memory_equal(p->ring[ring][0], p->ring[ring][p->count[ring] - 1],
                                    sizeof p->ring[ring][0]);
                assert_true((twice_area(p, ring) > 0) == (ring == 0)); /* RFC 7946 3.1.6 */
            }
        for (size_t k = 0; k < 3000; k++) {
            struct geo_point p = {(double)random_below(&r, 17900) / 100 - 89.5,
                                  (double)random_below(&r, 36000) / 100 - 180};
            double km = geo_distance_km(centre, p);
            if (fabs(km - circles[i].km) <= circles[i].km * 0.01 + 2) continue; /* 64 corners */
            if (any_has(count, p.lon_deg, p.lat_deg) != (km < circles[i].km))
                fail_msg("circle %zu: %g %g, %g km", i, p.lat_deg, p.lon_deg, km);
        }
        register_release(w.snapshot);
    }
}

/* The middle of the square, which says that it is one. */
static void a_site_known_by_its_square_is_drawn_at_its_middle(void **state) {
    struct test_world w;
    begin(&w,
          "events:\n- {id: e, rate: 0.1, footprint: {p_loss: 0.1, p_down: 1, sites: [suva]}}\n");
    str geojson = written(&w, "e", PLANNING_GEOJSON);
    assert_true(has(geojson, "\"mesh\":\"533945\""));
    assert_true(has(geojson, "139.6875"));
    register_release(w.snapshot);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_map_of_fiji_showed_half_of_it_or_nothing),
        cmocka_unit_test(a_circle_over_the_end_of_the_map_was_no_shape),
        cmocka_unit_test(a_site_known_by_its_square_is_drawn_at_its_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
