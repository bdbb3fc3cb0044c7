/* What a round trip proves about where an answer came from. */
#ifndef AZEKURA_GEO_FRONT_BOUNDS_H
#define AZEKURA_GEO_FRONT_BOUNDS_H

#include "geo/front/country.h"
#include "geo/front/ground.h"

/* Half of two thirds of the speed of light, in a millisecond: how far away, at most, whoever answered
 * over fibre can be for each ms of round trip. A link by radio or through hollow fibre reaches up to
 * half as far again. Too fast an answer proves; a slow one proves nothing, and a relay, proxy or cache
 * answers for itself. Source: Gueye and others, Constraint-Based Geolocation (IMC 2004). */
#define GEO_KM_PER_MS 99.93
double geo_bound_km(int64_t rtt_ns);      /* not negative */
int64_t geo_bound_ns(double distance_km); /* the least round trip over that distance */

struct geo_landmark {
    struct geo_point at;
    double error_km; /* its own place is known no better */
    int64_t rtt_ns;  /* the least it saw */
};
/* A disc that holds all of what it stands for: a town, an island, a part of a country. */
struct geo_disc {
    struct geo_point at;
    double radius_km;
};
/* True: whoever answered all landmarks in their times is not in the disc, with 0.56 % given away for
 * the earth being no sphere; *by is the landmark that shows it best. */
bool geo_landmarks_exclude(const struct geo_landmark *landmarks, size_t count,
                           const struct geo_disc *disc, size_t *by);
/* True: none of the discs, which together must cover the country, can hold it. No discs: false. */
bool geo_landmarks_exclude_all(const struct geo_landmark *landmarks, size_t count,
                               const struct geo_disc *discs, size_t disc_count);
/* False: two landmarks (*first, *second) cannot both have met one place. Then many places answer, or
 * a landmark is not where it says. */
bool geo_landmarks_agree(const struct geo_landmark *landmarks, size_t count, size_t *first,
                         size_t *second);

/* How far it is, at the least, from a point to where a machine of that country can stand; 0: it may be right
 * there. Too low by up to 53 km and 0.6 % of the way. 25 are given away for the sea: territorial waters are 12 nautical miles
 * (22.2 km) wide, with platforms, cables' ends and islets that no map of the world draws, and outlines are coarse by a
 * kilometre or two. Never too high, as far as Natural Earth's outlines at 1:10m hold the country, parts that are drawn
 * without a code of their own and overseas parts with one included. Its borders are no statement of position.
 * False: it draws nothing of that country, which then can be excluded from nowhere. Takes some 0.07 ms. `from` valid.
 * Source: Natural Earth, admin 0 countries; UNCLOS article 3 (12 nautical miles). */
#define GEO_GROUND_MARGIN_KM 25.0
bool geo_country_distance_km(geo_country country, struct geo_point from, double *km);

#endif
