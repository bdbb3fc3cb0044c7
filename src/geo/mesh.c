/* Grid squares of Japan. Source: JIS X 0410; the formulas are those of the standard, in whole units. */
#include <math.h>

#include "geo/geo.h"

/* Squares are counted in units of a quarter of the half of a 1 km square: 7.5 seconds of latitude and
 * 11.25 of longitude, so that all borders of squares are whole numbers. */
enum { UNITS_250M = 1, UNITS_500M = 2, UNITS_1KM = 4, UNITS_10KM = 40, UNITS_80KM = 320 };
#define LAT_UNIT_DEG (7.5 / 3600)
#define LON_UNIT_DEG (11.25 / 3600)

static char digit(unsigned value) {
    assert(value < 10);
    return (char)('0' + value);
}

/* Which quarter: 1 south-west, 2 south-east, 3 north-west, 4 north-east. */
static char quarter(unsigned north, unsigned east) {
    return digit(north * 2 + east + 1);
}

bool geo_mesh_write(struct geo_point point, enum geo_mesh mesh, char out[GEO_MESH_DIGITS + 1]) {
    if (!(point.lat_deg >= 0 && point.lat_deg < 66.66 && point.lon_deg >= 100 &&
          point.lon_deg < 180))
        return false;
    unsigned n = (unsigned)floor(point.lat_deg / LAT_UNIT_DEG),
             e = (unsigned)floor((point.lon_deg - 100) / LON_UNIT_DEG);
    char code[GEO_MESH_DIGITS + 1] = {0};
    unsigned p = n / UNITS_80KM, u = e / UNITS_80KM;
    code[0] = digit(p / 10), code[1] = digit(p % 10);
    code[2] = digit(u / 10), code[3] = digit(u % 10);
    code[4] = digit(n % UNITS_80KM / UNITS_10KM), code[5] = digit(e % UNITS_80KM / UNITS_10KM);
    code[6] = digit(n % UNITS_10KM / UNITS_1KM), code[7] = digit(e % UNITS_10KM / UNITS_1KM);
    code[8] = quarter(n % UNITS_1KM / UNITS_500M, e % UNITS_1KM / UNITS_500M);
    code[9] = quarter(n % UNITS_500M, e % UNITS_500M);
    code[mesh] = 0;
    memcpy(out, code, sizeof code);
    return true;
}

bool geo_mesh_read(str code, struct geo_point *corner, double *lat_extent_deg,
                   double *lon_extent_deg) {
    unsigned d[GEO_MESH_DIGITS] = {0}, units = UNITS_80KM;
    if (code.len != 4 && code.len != 6 && (code.len < 8 || code.len > GEO_MESH_DIGITS))
        return false;
    for (size_t i = 0; i < code.len; i++) {
        if (code.at[i] < '0' || code.at[i] > '9') return false;
        d[i] = (unsigned)(code.at[i] - '0');
        if (i >= 8 && (d[i] < 1 || d[i] > 4)) return false;
    }
    unsigned n = (d[0] * 10 + d[1]) * UNITS_80KM, e = (d[2] * 10 + d[3]) * UNITS_80KM;
    if (n / UNITS_80KM > 99 || e / UNITS_80KM > 79) return false;
    if (code.len >= 6) {
        if (d[4] > 7 || d[5] > 7) return false;
        n += d[4] * UNITS_10KM, e += d[5] * UNITS_10KM, units = UNITS_10KM;
    }
    if (code.len >= 8) n += d[6] * UNITS_1KM, e += d[7] * UNITS_1KM, units = UNITS_1KM;
    if (code.len >= 9)
        n += (d[8] - 1) / 2 * UNITS_500M, e += (d[8] - 1) % 2 * UNITS_500M, units = UNITS_500M;
    if (code.len >= 10) n += (d[9] - 1) / 2, e += (d[9] - 1) % 2, units = UNITS_250M;
    *corner = (struct geo_point){n * LAT_UNIT_DEG, 100 + e * LON_UNIT_DEG};
    *lat_extent_deg = units * LAT_UNIT_DEG;
    *lon_extent_deg = units * LON_UNIT_DEG;
    return true;
}
