/* Ranks, plans and drills for a map of somebody else's: GeoJSON (RFC 7946). */
#include <math.h>
#include <stdio.h>

#include "planning/written.h"

enum { CIRCLE_CORNERS = 64 };
#define EARTH_KM 6371.0088

static void put_number(struct report_json *j, double number) {
    char digits[32];
    int wrote = snprintf(digits, sizeof digits, "%.7g", number);
    report_json_raw(j, str_of(digits, (size_t)wrote));
}
static void put_key_number(struct report_json *j, const char *key, double number) {
    report_json_key(j, key);
    put_number(j, number);
}

static void begin(struct report_json *j, const struct planning_world *w, struct report_out *out) {
    *j = report_json_begin(out, 3);
    report_json_object(j);
    report_json_put_c(j, "type", "FeatureCollection");
    report_json_put_time(j, "as_of", w->options.at_ns);
    report_json_key(j, "features");
    report_json_array(j);
}
static void end(struct report_json *j) {
    report_json_array_end(j);
    report_json_object_end(j);
    report_add_c(j->out, "\n");
}

/* [longitude, latitude]: seven digits are a metre. */
static void put_position(struct report_json *j, struct geo_point at) {
    report_json_array(j);
    put_number(j, at.lon_deg);
    put_number(j, at.lat_deg);
    report_json_array_end(j);
}

/* Opens a site's feature up to its properties, which the caller goes on with. */
static void begin_site(struct report_json *j, const struct planning_world *w, uint32_t at) {
    const struct siting_site *site = &w->sites[at];
    report_json_object(j);
    report_json_put_c(j, "type", "Feature");
    report_json_put(j, "id", site->id);
    report_json_key(j, "geometry");
    if (siting_site_is_placed(site)) {
        report_json_object(j);
        report_json_put_c(j, "type", "Point");
        report_json_key(j, "coordinates");
        put_position(j, site->point);
        report_json_object_end(j);
    } else
        report_json_null(j);
    report_json_key(j, "properties");
    report_json_object(j);
    report_json_put(j, "site", site->id);
    if (site->mesh.len > 0) report_json_put(j, "mesh", site->mesh); /* the point is its middle */
    report_json_put(j, "name", register_row_name(w->rows[at], w->options.language));
}
static void end_feature(struct report_json *j) {
    report_json_object_end(j);
    report_json_object_end(j);
}

/* ---- footprints ---- */

enum { RING_MOST = 2 * CIRCLE_CORNERS + 8 };
struct ring {
    struct geo_point points[RING_MOST];
    size_t count; /* the last is not the first */
};

static void ring_add(struct ring *ring, double lat_deg, double lon_deg) {
    assert(ring->count < RING_MOST);
    ring->points[ring->count++] = (struct geo_point){.lat_deg = lat_deg, .lon_deg = lon_deg};
}

static void put_ring(struct report_json *j, const struct ring *ring, double shift, bool is_hole) {
    report_json_array(j);
    for (size_t i = 0; i <= ring->count; i++) {
        size_t at = i % ring->count;
        struct geo_point p = ring->points[is_hole && at > 0 ? ring->count - at : at];
        p.lon_deg = fmin(180, fmax(-180, p.lon_deg + shift));
        put_position(j, p);
    }
    report_json_array_end(j);
}

/* What of a ring lies west of a meridian, or east of it. */
static struct ring ring_cut(const struct ring *from, double at_deg, bool is_west) {
    struct ring cut = {.count = 0};
    for (size_t i = 0; i < from->count; i++) {
        struct geo_point a = from->points[i], b = from->points[(i + 1) % from->count];
        bool has_a = (a.lon_deg <= at_deg) == is_west, has_b = (b.lon_deg <= at_deg) == is_west;
        if (has_a) ring_add(&cut, a.lat_deg, a.lon_deg);
        if (has_a == has_b) continue;
        double part = (at_deg - a.lon_deg) / (b.lon_deg - a.lon_deg);
        ring_add(&cut, a.lat_deg + part * (b.lat_deg - a.lat_deg), at_deg);
    }
    return cut;
}

/* Over a pole a circle crosses each meridian once: along all of them, and back by the pole. */
static void ring_over_pole(struct siting_circle circle, double angle, struct ring *ring) {
    const double degree = acos(-1) / 180, lat = circle.centre.lat_deg * degree;
    double pole_deg = lat >= 0 ? 90 : -90;
    for (int i = 0; i <= CIRCLE_CORNERS; i++) {
        double lon_deg =
                   lat >= 0 ? 360.0 * i / CIRCLE_CORNERS - 180 : 180 - 360.0 * i / CIRCLE_CORNERS,
               across = cos(lat) * cos((lon_deg - circle.centre.lon_deg) * degree),
               way = acos(fmin(1, fmax(-1, cos(angle) / hypot(sin(lat), across)))),
               to = atan2(sin(lat), across);
        to += lat >= 0 ? -way : way;
        ring_add(ring, fmin(90, fmax(-90, to / degree)), lon_deg);
    }
    ring_add(ring, pole_deg, lat >= 0 ? 180 : -180);
    ring_add(ring, pole_deg, lat >= 0 ? -180 : 180);
}

static void ring_round(struct siting_circle circle, double angle, struct ring *ring) {
    const double degree = acos(-1) / 180, lat = circle.centre.lat_deg * degree;
    for (int i = 0; i < CIRCLE_CORNERS; i++) {
        double bearing = -2 * acos(-1) * i / CIRCLE_CORNERS,
               to = asin(sin(lat) * cos(angle) + cos(lat) * sin(angle) * cos(bearing)),
               by = atan2(sin(bearing) * sin(angle) * cos(lat), cos(angle) - sin(lat) * sin(to));
        ring_add(ring, to / degree, circle.centre.lon_deg + by / degree);
    }
}

/* In one piece, or cut at the 180th meridian: into polygons, or into holes of one. */
static void put_pieces(struct report_json *j, const struct ring *ring, bool is_hole) {
    struct ring pieces[2] = {*ring};
    double west = HUGE_VAL, east = -HUGE_VAL, shift[2] = {0, 0};
    for (size_t i = 0; i < ring->count; i++) {
        west = fmin(west, ring->points[i].lon_deg);
        east = fmax(east, ring->points[i].lon_deg);
    }
    bool is_cut = west < -180 || east > 180;
    for (size_t i = 0; is_cut && i < 2; i++) {
        pieces[i] = ring_cut(ring, east > 180 ? 180 : -180, i == 0);
        shift[i] = east > 180 ? -360.0 * (double)i : 360.0 * (double)(1 - i);
    }
    for (size_t i = 0; i < (is_cut ? 2 : 1); i++) {
        if (!is_hole) report_json_array(j);
        put_ring(j, &pieces[i], shift[i], is_hole);
        if (!is_hole) report_json_array_end(j);
    }
}

/* Over both poles: the world but for a circle on the other side of it. */
static void put_world_without(struct report_json *j, struct siting_circle circle, double angle) {
    static const double corners[][2] = {{-90, -180}, {-90, 180}, {90, 180}, {90, -180}};
    struct ring world = {.count = 0}, hole = {.count = 0};
    double lon_deg = circle.centre.lon_deg;
    circle.centre.lat_deg = -circle.centre.lat_deg;
    circle.centre.lon_deg = lon_deg > 0 ? lon_deg - 180 : lon_deg + 180;
    for (size_t i = 0; i < COUNT_OF(corners); i++) ring_add(&world, corners[i][0], corners[i][1]);
    report_json_array(j);
    put_ring(j, &world, 0, false);
    if (angle < acos(-1)) {
        ring_round(circle, acos(-1) - angle, &hole);
        put_pieces(j, &hole, true);
    }
    report_json_array_end(j);
}

/* GeoJSON has no circles. Counter-clockwise, holes clockwise, and cut at the 180th meridian.
 * Source: RFC 7946 3.1.6 (rings), 3.1.9 (the antimeridian). */
static void put_circle(struct report_json *j, struct siting_circle circle) {
    const double degree = acos(-1) / 180, angle = circle.km / EARTH_KM,
                 to_pole = (90 - fabs(circle.centre.lat_deg)) * degree;
    struct ring ring = {.count = 0};
    if (angle >= acos(-1) - to_pole) {
        put_world_without(j, circle, angle);
        return;
    }
    if (angle > to_pole)
        ring_over_pole(circle, angle, &ring);
    else
        ring_round(circle, angle, &ring);
    put_pieces(j, &ring, false);
}

static void put_area(struct report_json *j, const struct siting_area *area) {
    report_json_object(j);
    report_json_put_c(j, "type", "MultiPolygon");
    report_json_key(j, "coordinates");
    report_json_array(j);
    for (size_t i = 0; i < siting_area_rings(area);) {
        size_t polygon = siting_area_ring(area, i).polygon;
        report_json_array(j);
        for (; i < siting_area_rings(area) && siting_area_ring(area, i).polygon == polygon; i++) {
            struct siting_ring ring = siting_area_ring(area, i);
            report_json_array(j);
            for (size_t k = 0; k < ring.count; k++) put_position(j, ring.points[k]);
            report_json_array_end(j);
        }
        report_json_array_end(j);
    }
    for (size_t i = 0; i < siting_area_circles(area); i++)
        put_circle(j, siting_area_circle(area, i));
    report_json_array_end(j);
    report_json_object_end(j);
}

static void put_branch(struct report_json *j, const struct siting_event *event,
                       const struct siting_branch *branch) {
    for (size_t i = 0; i < branch->part_count; i++) {
        const struct siting_part *part = &branch->parts[i];
        if (part->area == NULL) continue;
        report_json_object(j);
        report_json_put_c(j, "type", "Feature");
        report_json_key(j, "geometry");
        put_area(j, part->area);
        report_json_key(j, "properties");
        report_json_object(j);
        report_json_put(j, "event", event->id);
        report_json_put(j, "branch", branch->name);
        report_json_put(j, "grade", part->grade);
        end_feature(j);
    }
}

static void put_events(struct report_json *j, const struct planning_world *w) {
    const struct siting_model *model = w->options.model;
    for (size_t i = 0; i < model->event_count; i++)
        for (size_t b = 0; b < model->events[i].branch_count; b++)
            put_branch(j, &model->events[i], &model->events[i].branches[b]);
}

/* ---- the three ---- */

static void put_rates(struct report_json *j,
                      const double rate[SITING_RESULT_COUNT][SITING_END_COUNT]) {
    static const char *const keys[] = {"loss_per_year_low", "loss_per_year_high",
                                       "down_per_year_low", "down_per_year_high"};
    for (size_t i = 0; i < COUNT_OF(keys); i++) put_key_number(j, keys[i], rate[i / 2][i % 2]);
}

void planning_geojson_rank(const struct planning_world *w, const struct planning_ranked *ranked,
                           struct report_out *out) {
    struct report_json j;
    begin(&j, w, out);
    for (size_t i = 0; i < w->site_count; i++) {
        begin_site(&j, w, ranked[i].site);
        report_json_put_u64(&j, "rank", i + 1);
        put_rates(&j, ranked[i].rate);
        report_json_put_u64(&j, "unknown", ranked[i].unknown_count);
        report_json_put_bool(&j, "beyond", ranked[i].is_beyond);
        end_feature(&j);
    }
    put_events(&j, w);
    end(&j);
}

static bool has(const struct planning_set *set, uint32_t site) {
    for (size_t i = 0; i < set->count; i++)
        if (set->sites[i] == site) return true;
    return false;
}

void planning_geojson_plan(const struct planning_world *w, const struct planning_plan *plan,
                           struct report_out *out) {
    struct report_json j;
    begin(&j, w, out);
    for (uint32_t i = 0; i < w->site_count; i++) {
        begin_site(&j, w, i);
        report_json_put_bool(&j, "today", plan->has_today && has(&plan->today, i));
        report_json_put_bool(&j, "best", plan->set_count > 0 && has(&plan->sets[0], i));
        report_json_put_bool(&j, "one_more", plan->has_more && has(&plan->more, i));
        end_feature(&j);
    }
    put_events(&j, w);
    end(&j);
}

void planning_geojson_drill(const struct planning_world *w, const struct planning_drill *drill,
                            struct report_out *out) {
    struct report_json j;
    begin(&j, w, out);
    for (size_t i = 0; i < drill->site_count; i++) {
        const struct planning_struck_site *site = &drill->sites[i];
        begin_site(&j, w, site->site);
        report_json_put_c(&j, "state", planning_state_name(site->state));
        report_json_put(&j, "grade", site->grade);
        report_json_put_bool(&j, "bridged", site->bridged);
        if (site->state != PLANNING_ANSWERS) {
            put_key_number(&j, "from_h", site->from_h);
            if (site->until_h > site->from_h) put_key_number(&j, "until_h", site->until_h);
        }
        put_key_number(&j, "p_loss", site->p_loss);
        end_feature(&j);
    }
    put_branch(&j, drill->event, drill->branch);
    end(&j);
}
