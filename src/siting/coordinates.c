/* Coordinates of large shapes, position by position and without a tree. */
#include <math.h>
#include <stdlib.h>

#include "base/limits.h"
#include "siting/area.h"
#include "siting/collection.h"

struct reading {
    str file, text;
    size_t at;
    struct geo_point *points;
    struct area_ring *rings;
    size_t point_count, ring_count, polygon_count;
    struct error *e;
};

static enum error_code expected(const struct reading *r, const char *what) {
    return collection_fail(r->file, r->text, r->at, r->e, "expected %s in the coordinates", what);
}

static bool take(struct reading *r, char c) {
    while (r->at < r->text.len && memchr(" \t\r\n", r->text.at[r->at], 4) != NULL) r->at++;
    if (r->at >= r->text.len || r->text.at[r->at] != c) return false;
    r->at++;
    return true;
}

/* The text is not closed by a zero, so the number is copied. */
static enum error_code number_take(struct reading *r, double most, const char *what, double *out) {
    char digits[40];
    size_t len = 0;
    while (r->at < r->text.len && memchr(" \t\r\n", r->text.at[r->at], 4) != NULL) r->at++;
    while (len + 1 < sizeof digits && r->at + len < r->text.len &&
           memchr("+-.0123456789eE", r->text.at[r->at + len], 15) != NULL) {
        digits[len] = r->text.at[r->at + len];
        len++;
    }
    digits[len] = 0;
    char *end;
    *out = strtod(digits, &end);
    if (len == 0 || *end != 0 || !(fabs(*out) <= most)) return expected(r, what);
    r->at += len;
    return OK;
}

static enum error_code position_take(struct reading *r, struct geo_point *out) {
    double height;
    if (!take(r, '[')) return expected(r, "a position [longitude, latitude]");
    TRY(number_take(r, 180, "a longitude from -180 to 180", &out->lon_deg));
    if (!take(r, ',')) return expected(r, "a latitude after the longitude");
    TRY(number_take(r, 90, "a latitude from -90 to 90", &out->lat_deg));
    if (take(r, ',')) TRY(number_take(r, HUGE_VAL, "a height", &height));
    return take(r, ']') ? OK : expected(r, "the end of a position");
}

static enum error_code ring_take(struct reading *r) {
    struct geo_point *points = r->points + r->point_count;
    struct area_ring ring = {points, 0, r->polygon_count, 90, -90, 180, -180};
    if (!take(r, '[')) return expected(r, "a ring");
    do {
        struct geo_point *p = &points[ring.count++];
        TRY(position_take(r, p));
        ring.south = fmin(ring.south, p->lat_deg);
        ring.north = fmax(ring.north, p->lat_deg);
        ring.west = fmin(ring.west, p->lon_deg);
        ring.east = fmax(ring.east, p->lon_deg);
    } while (take(r, ','));
    if (!take(r, ']')) return expected(r, "a comma, or the end of a ring");
    struct geo_point first = points[0], last = points[ring.count - 1];
    if (ring.count < 4 || first.lat_deg != last.lat_deg || first.lon_deg != last.lon_deg)
        return expected(r, "a ring of at least four positions, the last like the first");
    r->point_count += ring.count--;
    r->rings[r->ring_count++] = ring;
    return OK;
}

static enum error_code polygon_take(struct reading *r) {
    if (!take(r, '[')) return expected(r, "a list of rings");
    do TRY(ring_take(r));
    while (take(r, ','));
    r->polygon_count++;
    return take(r, ']') ? OK : expected(r, "a comma, or the end of a polygon");
}

/* There are no more positions, and no more rings, than brackets. */
static size_t brackets(str text) {
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) count += text.at[i] == '[';
    return count;
}

enum error_code area_read_coordinates(str file, str json, bool is_multi, struct arena *arena,
                                      const struct siting_area **out, struct error *e) {
    struct reading r = {.file = file, .text = json, .e = e};
    size_t most = brackets(json);
    if (most > LIMIT_SITING_POINTS)
        return error_set(e, FAIL_LIMIT, "%.*s: over %d positions in a footprint", STR_FMT(file),
                         LIMIT_SITING_POINTS);
    struct siting_area *area = arena_new(arena, struct siting_area, 1);
    r.points = arena_new(arena, struct geo_point, most);
    r.rings = arena_new(arena, struct area_ring, most);
    if (area == NULL || r.points == NULL || r.rings == NULL)
        return error_set(e, FAIL_MEMORY, "no memory for a footprint");
    if (is_multi && !take(&r, '[')) return expected(&r, "a list of polygons");
    do TRY(polygon_take(&r));
    while (is_multi && take(&r, ','));
    if (is_multi && !take(&r, ']')) return expected(&r, "a comma, or the end of the polygons");
    take(&r, ' ');
    if (r.at != json.len) return expected(&r, "nothing more");
    *area = (struct siting_area){.rings = r.rings, .ring_count = r.ring_count};
    *out = area;
    return OK;
}
