/* Points on the ground, distances, and the grid squares of Japan. */
#ifndef AZEKURA_GEO_FRONT_GROUND_H
#define AZEKURA_GEO_FRONT_GROUND_H

#include "base/base.h"

/* ---- the ground ---- */

struct geo_point {
    double lat_deg, lon_deg; /* WGS 84; -90..90, -180..180 */
};
bool geo_point_is_valid(struct geo_point point); /* finite and within range */
/* Great circle on a sphere of 6,371.0088 km (the IUGG mean radius); off by up to 0.56 % from the
 * ellipsoid, so no reader may take it as a survey. Both points valid. */
double geo_distance_km(struct geo_point a, struct geo_point b);

/* ---- the grid square code of Japan ---- */

/* Squares of 80 km, 10 km, 1 km, 500 m and 250 m, by the digits of their codes. Source: JIS X 0410. */
enum geo_mesh {
    GEO_MESH_80KM = 4,
    GEO_MESH_10KM = 6,
    GEO_MESH_1KM = 8,
    GEO_MESH_500M = 9,
    GEO_MESH_250M = 10
};
enum { GEO_MESH_DIGITS = 10 };
/* The code of the square that holds the point, as many digits as `mesh`, closed with a zero. False: the
 * grid has no square there (0 to 66.67 degrees north, 100 to 180 east); nothing is written. */
bool geo_mesh_write(struct geo_point point, enum geo_mesh mesh, char out[GEO_MESH_DIGITS + 1]);
/* The south-western corner of a square and its extent. False: no such code. */
bool geo_mesh_read(str code, struct geo_point *corner, double *lat_extent_deg,
                   double *lon_extent_deg);

#endif
