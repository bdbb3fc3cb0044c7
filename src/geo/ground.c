/* How near a country comes to a point: so that too fast an answer excludes all of it.
 *
 * The table has squares of a fifth of a degree that together hold all land which Natural Earth draws of a
 * country; squares within it are larger. Each is taken for the disc around it, so that what comes out is never
 * farther than the land is. Only squares that may be nearer than what was found are measured. */
#include <math.h>
#include <stdlib.h>

#include "geo/geo.h"
#include "geo/ground_table.h"

/* Great circles on the sphere are off by so much at most; see geo_distance_km. */
static const double sphere_error = 0.0056;

struct reading {
    size_t bit;
    struct geo_point from;
    double least_km;
};
struct square {
    double south_deg, west_deg, size_deg;
    unsigned level;
};

static bool bit_next(struct reading *r) {
    bool is = (ground_bits[r->bit / 8] >> r->bit % 8 & 1) != 0;
    assert(r->bit / 8 < sizeof ground_bits);
    r->bit++;
    return is;
}

/* No point of the square is nearer. Its corners towards the equator are the farthest from its middle. */
static double square_km(const struct reading *r, const struct square *s) {
    struct geo_point middle = {s->south_deg + s->size_deg / 2, s->west_deg + s->size_deg / 2};
    double inner_deg = middle.lat_deg >= 0 ? s->south_deg : s->south_deg + s->size_deg;
    struct geo_point corner = {inner_deg, s->west_deg};
    return geo_distance_km(r->from, middle) * (1 - sphere_error) -
           geo_distance_km(middle, corner) * (1 + sphere_error);
}

static struct square quarter_of(const struct square *s, unsigned quarter) {
    double half_deg = s->size_deg / 2;
    return (struct square){s->south_deg + (quarter / 2) * half_deg,
                           s->west_deg + (quarter % 2) * half_deg, half_deg, s->level + 1};
}

/* All of it is land. A large square's disc reaches far beyond its sides, so it is measured in small ones. */
static void whole_measure(struct reading *r, const struct square *s) {
    double km = square_km(r, s);
    if (km >= r->least_km) return;
    if (s->level == GROUND_LEVELS) {
        r->least_km = km;
        return;
    }
    for (unsigned quarter = 0; quarter < 4; quarter++) {
        struct square part = quarter_of(s, quarter);
        whole_measure(r, &part);
    }
}

/* `skips`: nothing in it can be nearer; its bits are passed over. */
static void square_read(struct reading *r, const struct square *s, bool skips) {
    if (!bit_next(r)) return;
    bool is_whole = s->level == GROUND_LEVELS || !bit_next(r);
    skips = skips || square_km(r, s) >= r->least_km;
    if (is_whole) {
        if (!skips) whole_measure(r, s);
        return;
    }
    for (unsigned quarter = 0; quarter < 4; quarter++) {
        struct square part = quarter_of(s, quarter);
        square_read(r, &part, skips);
    }
}

static int by_code(const void *code, const void *ground) {
    return memcmp(code, ((const struct ground *)ground)->code, 2);
}

bool geo_country_distance_km(geo_country country, struct geo_point from, double *km) {
    const struct ground *ground =
        bsearch(country.at, grounds, COUNT_OF(grounds), sizeof *grounds, by_code);
    if (ground == NULL) return false;
    struct reading r = {.bit = ground->bit, .from = from, .least_km = INFINITY};
    assert(geo_point_is_valid(from));
    for (int south_deg = -90; south_deg < 90; south_deg += GROUND_ROOT_DEG)
        for (int west_deg = -180; west_deg < 180; west_deg += GROUND_ROOT_DEG) {
            struct square root = {south_deg, west_deg, GROUND_ROOT_DEG, 0};
            square_read(&r, &root, false);
        }
    *km = fmax(0, r.least_km - GEO_GROUND_MARGIN_KM);
    return isfinite(r.least_km);
}
