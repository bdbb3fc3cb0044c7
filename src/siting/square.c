/* Sites of which a grid square is all that is known: somewhere in it, its edges aside. Whatever is asked of such a
 * site has three answers: all of the square, none of it, or a part, which is not known of the site. */
#include <math.h>

#include "siting/area.h"
#include "siting/square.h"

/* A centimetre: shapes made of grid squares have their very edges, and neighbours share them. */
#define EDGE_DEG 1e-7

/* ---- the square itself ---- */

bool siting_site_place_by_mesh(struct siting_site *site, str mesh) {
    struct geo_point corner;
    double lat_deg, lon_deg;
    if (!geo_mesh_read(mesh, &corner, &lat_deg, &lon_deg)) return false;
    site->has_point = false;
    site->mesh = mesh;
    site->square = (struct siting_square){corner.lat_deg, corner.lat_deg + lat_deg, corner.lon_deg,
                                          corner.lon_deg + lon_deg};
    site->point = (struct geo_point){corner.lat_deg + lat_deg / 2, corner.lon_deg + lon_deg / 2};
    return true;
}

bool siting_site_is_placed(const struct siting_site *site) {
    return site->has_point || site->mesh.len > 0;
}

/* From the middle to the farthest corner. */
static double within_km(const struct siting_site *site) {
    const struct siting_square *s = &site->square;
    if (site->has_point) return 0;
    return fmax(geo_distance_km(site->point, (struct geo_point){s->south, s->west}),
                geo_distance_km(site->point, (struct geo_point){s->north, s->west}));
}

bool siting_distance_km(const struct siting_site *a, const struct siting_site *b, double *low,
                        double *high) {
    if (!siting_site_is_placed(a) || !siting_site_is_placed(b)) return false;
    double middle = geo_distance_km(a->point, b->point), more = within_km(a) + within_km(b);
    *low = fmax(0, middle - more);
    *high = middle + more;
    return true;
}

/* ---- squares of squares ---- */

enum square_side square_in_mesh(const struct siting_site *site, str mesh) {
    if (str_starts(site->mesh, mesh)) return SQUARE_IN;
    return str_starts(mesh, site->mesh) ? SQUARE_PART : SQUARE_OUT;
}

bool square_cover_add(struct square_cover *cover, const struct siting_site *site, str mesh) {
    const double lat_unit = 7.5 / 3600, lon_unit = 11.25 / 3600; /* of the smallest squares */
    struct geo_point corner;
    double lat_deg, lon_deg;
    if (site->mesh.len < GEO_MESH_10KM || !geo_mesh_read(mesh, &corner, &lat_deg, &lon_deg))
        return false;
    unsigned south = (unsigned)lround((corner.lat_deg - site->square.south) / lat_unit),
             west = (unsigned)lround((corner.lon_deg - site->square.west) / lon_unit),
             side = (unsigned)lround(lat_deg / lat_unit),
             whole = (unsigned)lround((site->square.north - site->square.south) / lat_unit);
    assert(whole <= SQUARE_COVER_SIDE);
    assert(south + side <= whole && west + side <= whole); /* its code begins with the site's */
    for (unsigned n = south; n < south + side; n++)
        for (unsigned e = west; e < west + side; e++) {
            unsigned at = n * SQUARE_COVER_SIDE + e;
            uint64_t bit = UINT64_C(1) << at % 64;
            cover->count += (cover->bits[at / 64] & bit) == 0;
            cover->bits[at / 64] |= bit;
        }
    return cover->count == whole * whole;
}

/* ---- shapes ---- */

/* The part of the way from a to b that lies between two limits of one coordinate. */
static void cut(double from, double step, double low, double high, double *begin, double *end) {
    if (step == 0) {
        if (from <= low || from >= high) *end = -1;
        return;
    }
    double first = (low - from) / step, last = (high - from) / step;
    *begin = fmax(*begin, fmin(first, last));
    *end = fmin(*end, fmax(first, last));
}

static bool edge_enters(struct geo_point a, struct geo_point b, const struct siting_square *s) {
    double begin = 0, end = 1;
    cut(a.lat_deg, b.lat_deg - a.lat_deg, s->south + EDGE_DEG, s->north - EDGE_DEG, &begin, &end);
    cut(a.lon_deg, b.lon_deg - a.lon_deg, s->west + EDGE_DEG, s->east - EDGE_DEG, &begin, &end);
    return begin <= end;
}

static bool ring_enters(const struct area_ring *ring, const struct siting_square *s) {
    bool is_far = ring->north < s->south || ring->south > s->north || ring->east < s->west ||
                  ring->west > s->east;
    for (size_t i = 0; !is_far && i < ring->count; i++)
        if (edge_enters(ring->points[i], ring->points[i + 1], s)) return true;
    return false;
}

/* No edge of the polygon within: all of the square is as its middle. */
static enum square_side in_polygon(const struct siting_site *site, const struct area_ring *rings,
                                   size_t count) {
    for (size_t i = 0; i < count; i++)
        if (ring_enters(&rings[i], &site->square)) return SQUARE_PART;
    return polygon_has(rings, count, site->point) ? SQUARE_IN : SQUARE_OUT;
}

static enum square_side in_circle(const struct siting_site *site,
                                  const struct area_circle *circle) {
    double middle = geo_distance_km(site->point, circle->centre), more = within_km(site);
    if (middle + more <= circle->km) return SQUARE_IN;
    return middle - more > circle->km ? SQUARE_OUT : SQUARE_PART;
}

enum square_side square_in_area(const struct siting_site *site, const struct siting_area *area) {
    enum square_side found = SQUARE_OUT;
    for (size_t i = 0; i < area->circle_count && found != SQUARE_IN; i++) {
        enum square_side one = in_circle(site, &area->circles[i]);
        if (one != SQUARE_OUT) found = one;
    }
    for (size_t first = 0, past; first < area->ring_count && found != SQUARE_IN; first = past) {
        past = first + 1;
        while (past < area->ring_count && area->rings[past].polygon == area->rings[first].polygon)
            past++;
        enum square_side one = in_polygon(site, &area->rings[first], past - first);
        if (one != SQUARE_OUT) found = one;
    }
    return found;
}

enum square_side site_in_area(const struct siting_site *site, const struct siting_area *area) {
    if (site->has_point) return area_has(area, site->point) ? SQUARE_IN : SQUARE_OUT;
    return site->mesh.len > 0 ? square_in_area(site, area) : SQUARE_PART;
}
