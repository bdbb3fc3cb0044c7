/* Sites and footprints on a map. */
#include "planning/map.h"

#include <math.h>
#include <stdlib.h>

#ifdef PLANNING_COAST
#include "planning/coast.h"
#endif

#define VIEW_DEG 20.0 /* on either side of the median site */

const char map_style[] =
    ".map{width:100%;height:auto;border:1px solid #c9c9c2;background:#eef3f7}"
    ".map text{font-size:14px;fill:#1d1d1b;paint-order:stroke;stroke:#fff;stroke-width:4px;"
    "stroke-linejoin:round}"
    ".map .degree{fill:#44505a;font-size:12.5px}.map .grid{stroke:#c3ccd4;stroke-width:1}"
    ".map .coast{fill:#fbfbf7;stroke:#6b7780;stroke-width:1}"
    ".map .reach{fill:#b3261e;fill-opacity:.16;stroke:#8b1a1a;stroke-width:1.5}"
    ".map .now{stroke:#8b1a1a;stroke-width:2;stroke-dasharray:6 4}"
    ".map .best{stroke:#14532d;stroke-width:2}"
    ".plain{fill:#fff;stroke:#44505a;stroke-width:2}.good{fill:#14532d;stroke:#fff}"
    ".bad{fill:#8b1a1a;stroke:#fff}.cross{stroke:#fff;stroke-width:2}"
    ".maybe{fill:#f2b840;stroke:#4d3600;stroke-width:1.5}"
    ".legend{display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.85rem;margin:.3rem 0}"
    ".legend svg{vertical-align:-.2em;margin-right:.3em}";

/* ---- the view ---- */

/* A longitude as it lies nearest to another: a map of Fiji goes on over the 180th meridian. */
static double near_lon(double lon_deg, double to_deg) {
    return lon_deg - 360 * round((lon_deg - to_deg) / 360);
}

static bool is_near(struct geo_point a, struct geo_point middle) {
    return fabs(a.lat_deg - middle.lat_deg) <= VIEW_DEG &&
           fabs(near_lon(a.lon_deg, middle.lon_deg) - middle.lon_deg) <= VIEW_DEG;
}

/* The site round which most stand, in the midst of them; of up to 512, as more would be no other place. Not the
 * median: of sites all over the world that is a place where none stands. */
static bool middle_find(const struct planning_world *w, struct geo_point *out) {
    const struct siting_site *sites[512];
    size_t count = 0, most = 0;
    double nearest = HUGE_VAL;
    for (size_t i = 0; i < w->site_count && count < COUNT_OF(sites); i++)
        if (siting_site_is_placed(&w->sites[i])) sites[count++] = &w->sites[i];
    for (size_t i = 0; i < count; i++) {
        struct geo_point middle = sites[i]->point;
        size_t round = 0;
        double off = 0;
        for (size_t k = 0; k < count; k++) {
            if (!is_near(sites[k]->point, middle)) continue;
            round++;
            off += fabs(sites[k]->point.lat_deg - middle.lat_deg) +
                   fabs(near_lon(sites[k]->point.lon_deg, middle.lon_deg) - middle.lon_deg);
        }
        if (round < most || (round == most && siting_compare(off, nearest) >= 0)) continue;
        most = round;
        nearest = off;
        *out = middle;
    }
    return count > 0;
}

static void widen(double *low, double *high, double least, double limit) {
    double missing = fmax(0, least - (*high - *low)) / 2;
    *low = fmax(-limit, *low - missing - 0.08 * (*high - *low));
    *high = fmin(limit, *high + missing + 0.08 * (*high - *low));
}

void map_open(struct map *map, const struct planning_world *world, struct report_out *out) {
    struct geo_point middle;
    *map = (struct map){.world = world, .out = out};
    map->is_empty = !middle_find(world, &middle);
    if (map->is_empty) return;
    map->south = map->north = middle.lat_deg;
    map->west = map->east = middle.lon_deg;
    for (size_t i = 0; i < world->site_count; i++) {
        const struct siting_site *site = &world->sites[i];
        double lon_deg = near_lon(site->point.lon_deg, middle.lon_deg);
        if (!siting_site_is_placed(site) || !is_near(site->point, middle)) continue;
        map->south = fmin(map->south, site->point.lat_deg);
        map->north = fmax(map->north, site->point.lat_deg);
        map->west = fmin(map->west, lon_deg);
        map->east = fmax(map->east, lon_deg);
    }
    widen(&map->south, &map->north, 4, 90);
    widen(&map->west, &map->east, 5, 540);
    double narrow = fmax(0.05, cos((map->south + map->north) / 2 * acos(-1) / 180));
    map->y_per_deg = fmin(MAP_WIDTH / ((map->east - map->west) * narrow),
                          MAP_HEIGHT_MOST / (map->north - map->south));
    map->x_per_deg = map->y_per_deg * narrow;
    map->width = (map->east - map->west) * map->x_per_deg;
    map->height = (map->north - map->south) * map->y_per_deg;
}

/* Of what a map shows, which is never half the world, no longitude lies on both sides. */
static double lon_on(const struct map *map, double lon_deg) {
    return near_lon(lon_deg, (map->west + map->east) / 2);
}

bool map_has(const struct map *map, uint32_t at) {
    const struct siting_site *site = &map->world->sites[at];
    double lon_deg = lon_on(map, site->point.lon_deg);
    return siting_site_is_placed(site) && site->point.lat_deg >= map->south &&
           site->point.lat_deg <= map->north && lon_deg >= map->west && lon_deg <= map->east;
}

/* Of a longitude that is the map's already. */
static double x_of(const struct map *map, double lon_deg) {
    return (lon_deg - map->west) * map->x_per_deg;
}
static double y_of(const struct map *map, double lat_deg) {
    return (map->north - lat_deg) * map->y_per_deg;
}
static double x_of_point(const struct map *map, struct geo_point point) {
    return x_of(map, lon_on(map, point.lon_deg));
}

/* ---- the ground ---- */

#ifdef PLANNING_COAST
static void draw_coast(const struct map *map) {
    double first = coast_points[0][0] / 1000.0, shift = lon_on(map, first) - first;
    report_add_c(map->out, "<path class=\"coast\" d=\"");
    for (size_t i = 0, ring = 0; ring < COUNT_OF(coast_ring_ends); ring++)
        for (bool is_first = true; i < coast_ring_ends[ring]; i++, is_first = false)
            report_format(map->out, "%s%.1f %.1f", is_first ? "M" : "L",
                          x_of(map, coast_points[i][0] / 1000.0 + shift),
                          y_of(map, coast_points[i][1] / 1000.0));
    report_add_c(map->out, "\"/>\n");
}
#endif

static void draw_graticule(const struct map *map) {
    double step = map->east - map->west > 12 || map->north - map->south > 12 ? 5 : 2;
    for (double lon = ceil(map->west / step) * step; lon <= map->east; lon += step) {
        double named = near_lon(lon, 0);
        report_format(map->out,
                      "<line class=\"grid\" x1=\"%.1f\" y1=\"0\" x2=\"%.1f\" y2=\"%.1f\"/>"
                      "<text class=\"degree\" x=\"%.1f\" y=\"%.1f\">%g°%s</text>\n",
                      x_of(map, lon), x_of(map, lon), map->height, x_of(map, lon) + 3,
                      map->height - 4, fabs(named),
                      fabs(named) == 180 ? ""
                      : named < 0        ? "W"
                                         : "E");
    }
    for (double lat = ceil(map->south / step) * step; lat <= map->north; lat += step)
        report_format(map->out,
                      "<line class=\"grid\" x1=\"0\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>"
                      "<text class=\"degree\" x=\"3\" y=\"%.1f\">%g°%s</text>\n",
                      y_of(map, lat), map->width, y_of(map, lat), y_of(map, lat) - 3, fabs(lat),
                      lat < 0 ? "S" : "N");
}

void map_begin(const struct map *map, const char *title) {
    report_format(map->out,
                  "<svg class=\"map\" role=\"img\" viewBox=\"0 0 %.0f %.0f\" aria-label=\"",
                  map->width, map->height);
    report_html_text(map->out, str_from_c(title));
    report_add_c(map->out, "\">\n");
#ifdef PLANNING_COAST
    draw_coast(map);
#endif
    draw_graticule(map);
}

void map_end(const struct map *map) {
    report_add_c(map->out, "</svg>\n");
}

/* ---- footprints ---- */

static bool ring_is_seen(const struct map *map, const struct siting_ring *ring, double shift) {
    double west = HUGE_VAL, east = -HUGE_VAL;
    for (size_t k = 0; k < ring->count; k++) {
        west = fmin(west, ring->points[k].lon_deg + shift);
        east = fmax(east, ring->points[k].lon_deg + shift);
    }
    return west <= map->east && east >= map->west;
}

/* Once or, where a shape goes round the world, once on either side of the 180th meridian. */
static void draw_rings(const struct map *map, const struct siting_area *area, double shift) {
    size_t rings = siting_area_rings(area);
    bool any = false;
    for (size_t i = 0; i < rings; i++) {
        struct siting_ring ring = siting_area_ring(area, i);
        if (!ring_is_seen(map, &ring, shift)) continue;
        if (!any) report_add_c(map->out, "<path class=\"reach\" fill-rule=\"evenodd\" d=\"");
        any = true;
        for (size_t k = 0; k + 1 < ring.count; k++)
            report_format(map->out, "%s%.1f %.1f", k == 0 ? "M" : "L",
                          x_of(map, ring.points[k].lon_deg + shift),
                          y_of(map, ring.points[k].lat_deg));
        report_add_c(map->out, "Z");
    }
    if (any) report_add_c(map->out, "\"/>\n");
}

static void draw_area(const struct map *map, const struct siting_area *area) {
    for (double shift = -360; shift <= 360; shift += 360) draw_rings(map, area, shift);
    for (size_t i = 0; i < siting_area_circles(area); i++) {
        struct siting_circle circle = siting_area_circle(area, i);
        double radius_deg = circle.km / 111.2; /* of latitude */
        report_format(
            map->out,
            "<ellipse class=\"reach\" cx=\"%.1f\" cy=\"%.1f\" rx=\"%.1f\" ry=\"%.1f\"/>\n",
            x_of_point(map, circle.centre), y_of(map, circle.centre.lat_deg),
            radius_deg * map->y_per_deg, radius_deg * map->y_per_deg);
    }
}

void map_branch(const struct map *map, const struct siting_branch *branch) {
    for (size_t i = 0; i < branch->part_count; i++)
        if (branch->parts[i].area != NULL) draw_area(map, branch->parts[i].area);
}

/* ---- sites ---- */

void map_line(const struct map *map, uint32_t from, uint32_t to, const char *class_name) {
    const struct geo_point a = map->world->sites[from].point, b = map->world->sites[to].point;
    if (!map_has(map, from) || !map_has(map, to)) return;
    report_format(map->out,
                  "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
                  class_name, x_of_point(map, a), y_of(map, a.lat_deg), x_of_point(map, b),
                  y_of(map, b.lat_deg));
}

static void draw_mark(struct report_out *out, enum map_mark mark, double x, double y) {
    static const char square[] = "<path class=\"bad\" d=\"M-8-8H8V8H-8Z\"/>"
                                 "<path class=\"cross\" d=\"M-4-4L4 4M4-4L-4 4\"/>",
                      both[] = "<path class=\"bad\" d=\"M-9-9H9V9H-9Z\"/>"
                               "<circle class=\"good\" r=\"6\"/>";
    static const char *const shapes[MAP_MARK_COUNT] = {
        [MAP_PLAIN] = "<circle class=\"plain\" r=\"5\"/>",
        [MAP_GOOD] = "<circle class=\"good\" r=\"7\"/>",
        [MAP_BAD] = square,
        [MAP_UNKNOWN] = "<path class=\"maybe\" d=\"M0-9L9 0L0 9L-9 0Z\"/>",
        [MAP_BOTH] = both};
    assert(mark < MAP_MARK_COUNT);
    report_format(out, "<g transform=\"translate(%.1f %.1f)\">%s</g>\n", x, y, shapes[mark]);
}

static bool is_free(const struct map *map, struct map_box a) {
    if (a.x < 0 || a.y < 0 || a.x + a.width > map->width || a.y + a.height > map->height)
        return false;
    for (size_t i = 0; i < map->box_count; i++) {
        const struct map_box *b = &map->boxes[i];
        if (a.x < b->x + b->width && b->x < a.x + a.width && a.y < b->y + b->height &&
            b->y < a.y + a.height)
            return false;
    }
    return true;
}

static void cover(struct map *map, struct map_box box) {
    if (map->box_count < MAP_BOXES) map->boxes[map->box_count++] = box;
}

/* To the right if nothing is there, else wherever there is room; else further and further below. */
static void draw_label(struct map *map, double x, double y, str label) {
    struct map_box box = {.width = (double)report_columns(label) * 8.0, .height = 16};
    const double beside[][2] = {
        {12, -8},  {-12 - box.width, -8}, {-box.width / 2, 12},  {-box.width / 2, -28}, {10, 6},
        {10, -24}, {-10 - box.width, 6},  {-10 - box.width, -24}};
    for (size_t i = 0; i < 40; i++) {
        double further = 16.0 * (double)(i / COUNT_OF(beside)),
               dy = beside[i % COUNT_OF(beside)][1];
        box.x = x + beside[i % COUNT_OF(beside)][0];
        box.y = y + dy + (dy < -8 ? -further : further);
        if (is_free(map, box)) break;
    }
    cover(map, box);
    report_format(map->out, "<text x=\"%.1f\" y=\"%.1f\">", box.x, box.y + 13);
    report_html_text(map->out, label);
    report_add_c(map->out, "</text>\n");
}

/* Marks first, those that matter last: they lie above the others, and labels avoid them all. */
void map_marks(struct map *map, const enum map_mark *marks) {
    const struct planning_world *w = map->world;
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < w->site_count; i++) {
            if (!map_has(map, i) || (marks[i] == MAP_PLAIN) != (pass == 0)) continue;
            double x = x_of_point(map, w->sites[i].point), y = y_of(map, w->sites[i].point.lat_deg);
            draw_mark(map->out, marks[i], x, y);
            cover(map, (struct map_box){x - 9, y - 9, 18, 18});
        }
    for (int pass = 1; pass >= 0; pass--)
        for (uint32_t i = 0; i < w->site_count; i++)
            if (map_has(map, i) && (marks[i] == MAP_PLAIN) == (pass == 0))
                draw_label(map, x_of_point(map, w->sites[i].point),
                           y_of(map, w->sites[i].point.lat_deg), w->sites[i].id);
}

void map_legend(struct report_out *out, enum map_mark mark, const char *words) {
    report_add_c(out, "<span><svg width=\"20\" height=\"20\" aria-hidden=\"true\">");
    draw_mark(out, mark, 10, 10);
    report_format(out, "</svg>%s</span>\n", words);
}
