/* The nearest country that is not a site's own, by public outlines. */
#include "locproof/abroad.h"

double locproof_home_km(geo_country home, struct geo_point at) {
    double km;
    return geo_country_distance_km(home, at, &km) ? km : -1;
}

double locproof_foreign_km(geo_country home, struct geo_point at) {
    static const double everywhere_km = 20015; /* half the way round the earth */
    double least_km = everywhere_km;
    for (size_t i = 0; i < GEO_COUNTRIES; i++) {
        geo_country country = geo_country_nth(i);
        double km;
        if (geo_country_equal(country, home)) continue;
        if (!geo_country_distance_km(country, at, &km)) return -1;
        least_km = km < least_km ? km : least_km;
    }
    return least_km;
}
