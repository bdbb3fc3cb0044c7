/* Footprints: read from GeoJSON, and asked whether they hold a point. */
#include "siting/area.h"

#include <math.h>

#include "base/limits.h"
#include "siting/number.h"

struct reading {
    struct arena *arena;
    struct area_ring *rings;
    struct area_circle *circles;
    size_t ring_count, ring_cap, circle_count, circle_cap, point_count, polygon_count;
};

static enum error_code read_point(const struct doc_node *node, struct geo_point *out,
                                  struct error *e) {
    if (node->kind != DOC_LIST || node->count < 2 || node->count > 3)
        return doc_expected(node, e, "a position [longitude, latitude]");
    TRY(number_read(node->items[0], -180, 180, "a longitude from -180 to 180", &out->lon_deg, e));
    return number_read(node->items[1], -90, 90, "a latitude from -90 to 90", &out->lat_deg, e);
}

/* A step from 179 to -179 is meant to cross the antimeridian and would be read as going round the world the
 * other way; the frame of the whole world, from -180 to 180, is meant as it stands.
 * Source: RFC 7946 section 3.1.9 (shapes are cut at the antimeridian). */
static enum error_code goes_the_short_way(const struct doc_node *node, struct geo_point from,
                                          struct geo_point to, struct error *e) {
    double step_deg = fabs(to.lon_deg - from.lon_deg);
    if (step_deg <= 180 || step_deg >= 360) return OK;
    return doc_error(node, e,
                     "from longitude %g to %g is more than half round the earth: cut the shape at "
                     "180 into two (RFC 7946, 3.1.9), or put a position between",
                     from.lon_deg, to.lon_deg);
}

static enum error_code read_ring(struct reading *r, const struct doc_node *node, struct error *e) {
    if (node->kind != DOC_LIST || node->count < 4)
        return doc_expected(node, e, "a ring of at least four positions, the last like the first");
    if (node->count > LIMIT_SITING_POINTS - r->point_count)
        return error_set(e, FAIL_LIMIT, "%.*s: over %d positions in footprints",
                         STR_FMT(*node->file), LIMIT_SITING_POINTS);
    struct geo_point *points = arena_new(r->arena, struct geo_point, node->count);
    if (points == NULL) return error_set(e, FAIL_MEMORY, "no memory for a footprint");
    struct area_ring ring = {points, node->count - 1, r->polygon_count, 90, -90, 180, -180};
    for (size_t i = 0; i < node->count; i++) {
        TRY(read_point(node->items[i], &points[i], e));
        ring.south = fmin(ring.south, points[i].lat_deg);
        ring.north = fmax(ring.north, points[i].lat_deg);
        ring.west = fmin(ring.west, points[i].lon_deg);
        ring.east = fmax(ring.east, points[i].lon_deg);
    }
    struct geo_point first = points[0], last = points[node->count - 1];
    if (first.lat_deg != last.lat_deg || first.lon_deg != last.lon_deg)
        return doc_error(node->items[node->count - 1], e,
                         "the ring does not close: its last position must be its first, [%g, %g]",
                         first.lon_deg, first.lat_deg);
    for (size_t i = 1; i < node->count; i++)
        TRY(goes_the_short_way(node->items[i], points[i - 1], points[i], e));
    r->point_count += node->count;
    assert(r->ring_count < r->ring_cap);
    r->rings[r->ring_count++] = ring;
    return OK;
}

static enum error_code read_polygon(struct reading *r, const struct doc_node *node,
                                    struct error *e) {
    TRY(doc_want(node, DOC_LIST, "a list of rings", e));
    if (node->count == 0) return doc_expected(node, e, "a list of rings");
    for (size_t i = 0; i < node->count; i++) TRY(read_ring(r, node->items[i], e));
    r->polygon_count++;
    return OK;
}

static enum error_code read_circle(struct reading *r, const struct doc_node *node,
                                   struct error *e) {
    const struct doc_node *lat, *lon, *km;
    static const str keys[] = {{"lat", 3}, {"lon", 3}, {"km", 2}};
    struct area_circle circle;
    TRY(doc_map_get(node, STR("lat"), &lat, e));
    TRY(doc_map_get(node, STR("lon"), &lon, e));
    TRY(doc_map_get(node, STR("km"), &km, e));
    TRY(doc_map_only(node, keys, COUNT_OF(keys), e));
    TRY(number_read(lat, -90, 90, "a latitude from -90 to 90", &circle.centre.lat_deg, e));
    TRY(number_read(lon, -180, 180, "a longitude from -180 to 180", &circle.centre.lon_deg, e));
    TRY(number_read(km, 0, 20100, "a radius in km, up to half the earth's girth", &circle.km, e));
    assert(r->circle_count < r->circle_cap);
    r->circles[r->circle_count++] = circle;
    return OK;
}

static enum error_code read_shape(struct reading *r, const struct doc_node *node, struct error *e);

static enum error_code read_shapes(struct reading *r, const struct doc_node *map, str key,
                                   struct error *e) {
    const struct doc_node *list;
    TRY(doc_map_get(map, key, &list, e));
    TRY(doc_want(list, DOC_LIST, "a list of shapes", e));
    for (size_t i = 0; i < list->count; i++) TRY(read_shape(r, list->items[i], e));
    return OK;
}

static enum error_code read_shape(struct reading *r, const struct doc_node *node, struct error *e) {
    const struct doc_node *circle = doc_map_find(node, STR("circle")), *type, *inner;
    if (circle != NULL) return read_circle(r, circle, e);
    TRY(doc_map_get(node, STR("type"), &type, e));
    if (str_equal(type->text, STR("FeatureCollection")))
        return read_shapes(r, node, STR("features"), e);
    if (str_equal(type->text, STR("GeometryCollection")))
        return read_shapes(r, node, STR("geometries"), e);
    if (str_equal(type->text, STR("Feature"))) {
        TRY(doc_map_get(node, STR("geometry"), &inner, e));
        return read_shape(r, inner, e);
    }
    bool is_multi = str_equal(type->text, STR("MultiPolygon"));
    if (!is_multi && !str_equal(type->text, STR("Polygon")))
        return doc_expected(
            type, e, "Polygon, MultiPolygon, GeometryCollection, Feature or FeatureCollection");
    TRY(doc_map_get(node, STR("coordinates"), &inner, e));
    if (!is_multi) return read_polygon(r, inner, e);
    TRY(doc_want(inner, DOC_LIST, "a list of polygons", e));
    for (size_t i = 0; i < inner->count; i++) TRY(read_polygon(r, inner->items[i], e));
    return OK;
}

/* No more rings than lists, no more circles than maps. */
static void count_shapes(const struct doc_node *node, size_t *lists, size_t *maps) {
    if (node->kind == DOC_SCALAR) return;
    ++*(node->kind == DOC_LIST ? lists : maps);
    for (size_t i = 0; i < node->count; i++)
        if (node->items[i]->kind != DOC_SCALAR) count_shapes(node->items[i], lists, maps);
}

enum error_code area_read(const struct doc_node *node, struct arena *arena,
                          const struct siting_area **out, struct error *e) {
    struct reading r = {.arena = arena};
    count_shapes(node, &r.ring_cap, &r.circle_cap);
    struct siting_area *area = arena_new(arena, struct siting_area, 1);
    r.rings = arena_new(arena, struct area_ring, r.ring_cap);
    r.circles = arena_new(arena, struct area_circle, r.circle_cap);
    if (area == NULL || r.rings == NULL || r.circles == NULL)
        return error_set(e, FAIL_MEMORY, "no memory for a footprint");
    TRY(read_shape(&r, node, e));
    if (r.ring_count + r.circle_count == 0)
        return doc_expected(node, e, "a shape that covers something");
    *area = (struct siting_area){r.rings, r.circles, r.ring_count, r.circle_count};
    *out = area;
    return OK;
}

enum ring_side { RING_OUT, RING_IN, RING_EDGE };

/* A tenth of a millimetre: coordinates are written with nine decimals at most. */
#define ON_EDGE_DEG 1e-9

static bool is_between(double a, double b, double x) {
    return x >= fmin(a, b) - ON_EDGE_DEG && x <= fmax(a, b) + ON_EDGE_DEG;
}

static bool is_on_edge(struct geo_point a, struct geo_point b, struct geo_point p) {
    if (!is_between(a.lat_deg, b.lat_deg, p.lat_deg)) return false;
    if (!is_between(a.lon_deg, b.lon_deg, p.lon_deg)) return false;
    double along_lat = b.lat_deg - a.lat_deg, along_lon = b.lon_deg - a.lon_deg,
           length = hypot(along_lat, along_lon);
    if (length <= ON_EDGE_DEG) return true;
    double across = along_lat * (p.lon_deg - a.lon_deg) - along_lon * (p.lat_deg - a.lat_deg);
    return fabs(across) <= ON_EDGE_DEG * length;
}

/* Crossings of a ray to the east. */
static enum ring_side ring_side_of(const struct area_ring *ring, struct geo_point p) {
    if (p.lat_deg < ring->south - ON_EDGE_DEG || p.lat_deg > ring->north + ON_EDGE_DEG ||
        p.lon_deg < ring->west - ON_EDGE_DEG || p.lon_deg > ring->east + ON_EDGE_DEG)
        return RING_OUT;
    bool odd = false;
    for (size_t i = 0, j = ring->count - 1; i < ring->count; j = i++) {
        struct geo_point a = ring->points[i], b = ring->points[j];
        if (is_on_edge(a, b, p)) return RING_EDGE;
        if ((a.lat_deg > p.lat_deg) == (b.lat_deg > p.lat_deg)) continue;
        double lon =
            a.lon_deg + (p.lat_deg - a.lat_deg) / (b.lat_deg - a.lat_deg) * (b.lon_deg - a.lon_deg);
        if (p.lon_deg < lon) odd = !odd;
    }
    return odd ? RING_IN : RING_OUT;
}

/* Its first ring is its outline, the others are holes; whoever stands on an edge, of a hole too, stands in it. */
bool polygon_has(const struct area_ring *rings, size_t count, struct geo_point point) {
    enum ring_side outline = ring_side_of(&rings[0], point);
    if (outline != RING_IN) return outline == RING_EDGE;
    for (size_t i = 1; i < count; i++) {
        enum ring_side hole = ring_side_of(&rings[i], point);
        if (hole != RING_OUT) return hole == RING_EDGE;
    }
    return true;
}

bool area_has(const struct siting_area *area, struct geo_point point) {
    for (size_t i = 0; i < area->circle_count; i++)
        if (geo_distance_km(area->circles[i].centre, point) <= area->circles[i].km) return true;
    for (size_t first = 0, past; first < area->ring_count; first = past) {
        for (past = first + 1;
             past < area->ring_count && area->rings[past].polygon == area->rings[first].polygon;)
            past++;
        if (polygon_has(&area->rings[first], past - first, point)) return true;
    }
    return false;
}

/* ---- to be drawn ---- */

size_t siting_area_rings(const struct siting_area *area) {
    return area->ring_count;
}
struct siting_ring siting_area_ring(const struct siting_area *area, size_t at) {
    assert(at < area->ring_count);
    const struct area_ring *ring = &area->rings[at];
    return (struct siting_ring){ring->points, ring->count + 1, ring->polygon};
}
size_t siting_area_circles(const struct siting_area *area) {
    return area->circle_count;
}
struct siting_circle siting_area_circle(const struct siting_area *area, size_t at) {
    assert(at < area->circle_count);
    return (struct siting_circle){area->circles[at].centre, area->circles[at].km};
}
