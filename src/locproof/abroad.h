/* What lies around a landmark: how near other countries come to it, and how near a site's own does. */
#ifndef AZEKURA_LOCPROOF_ABROAD_H
#define AZEKURA_LOCPROOF_ABROAD_H

#include "geo/geo.h"

/* No machine in a country other than `home` is nearer to the point, its territorial waters included: too low
 * by up to 60 km, never too high as far as public outlines hold. < 0: there is one that no outline draws.
 * Takes some 10 ms. Source: geo_country_distance_km. */
double locproof_foreign_km(geo_country home, struct geo_point at);
/* The same of `home` itself; 0: its land may be right there; < 0: no outline draws it. */
double locproof_home_km(geo_country home, struct geo_point at);

#endif
