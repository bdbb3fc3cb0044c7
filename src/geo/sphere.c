/* Points on the ground and how far they are apart. */
#include "geo/geo.h"

#include <math.h>

/* Mean radius R1 = (2a + b) / 3 of GRS 80. Source: Moritz, Geodetic Reference System 1980. */
static const double earth_radius_km = 6371.0088;

bool geo_point_is_valid(struct geo_point point) {
    return fabs(point.lat_deg) <= 90 && fabs(point.lon_deg) <= 180; /* false for NaN as well */
}

static double radians(double degrees) {
    return degrees * (M_PI / 180);
}

/* The haversine form keeps its digits for near points, where the cosine form loses them. */
double geo_distance_km(struct geo_point a, struct geo_point b) {
    assert(geo_point_is_valid(a));
    assert(geo_point_is_valid(b));
    double lat_half = sin(radians(b.lat_deg - a.lat_deg) / 2);
    double lon_half = sin(radians(b.lon_deg - a.lon_deg) / 2);
    double h = lat_half * lat_half +
               cos(radians(a.lat_deg)) * cos(radians(b.lat_deg)) * lon_half * lon_half;
    return 2 * earth_radius_km * asin(sqrt(fmin(1, h)));
}
