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

/* GeoJSON has no circles. Counter-clockwise, as RFC 7946 3.1.6 asks of an outer ring. */
static void put_circle(struct report_json *j, struct siting_circle circle) {
    const double degree = acos(-1) / 180, angle = circle.km / EARTH_KM,
                 lat = circle.centre.lat_deg * degree, lon = circle.centre.lon_deg * degree;
    report_json_array(j);
    report_json_array(j);
    for (int i = 0; i <= CIRCLE_CORNERS; i++) {
        double bearing = -2 * acos(-1) * (i % CIRCLE_CORNERS) / CIRCLE_CORNERS,
               to = asin(sin(lat) * cos(angle) + cos(lat) * sin(angle) * cos(bearing)),
               by = atan2(sin(bearing) * sin(angle) * cos(lat), cos(angle) - sin(lat) * sin(to));
        put_position(j, (struct geo_point){.lat_deg = to / degree, .lon_deg = (lon + by) / degree});
    }
    report_json_array_end(j);
    report_json_array_end(j);
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
