/* How far each country is from where the probes start, measured once: a round trip is then held against numbers. */
#include "survey/world.h"

enum { LETTERS = 26 };

static size_t slot_of(geo_country country) {
    return (size_t)(country.at[0] - 'A') * LETTERS + (size_t)(country.at[1] - 'A');
}

enum error_code survey_reach_measure(struct survey_world *w, const struct survey_vantage *vantage,
                                     struct error *e) {
    double *away_km =
        arena_new(&w->arena, double, (size_t)LETTERS *LETTERS); /* 0: never excluded */
    if (away_km == NULL) return error_set(e, FAIL_MEMORY, "no room for distances");
    for (size_t i = 0; i < GEO_COUNTRIES; i++) {
        geo_country country = geo_country_nth(i);
        double km;
        if (geo_country_distance_km(country, vantage->at, &km)) away_km[slot_of(country)] = km;
    }
    TRY(arena_copy(&w->arena, vantage->name, &w->vantage.name, e));
    w->vantage.at = vantage->at;
    w->vantage.error_km = vantage->error_km;
    w->away_km = away_km;
    return OK;
}

bool survey_reach_holds(const struct survey_world *w, double reach_km, geo_country country) {
    return w->away_km == NULL || w->away_km[slot_of(country)] <= reach_km;
}

size_t survey_reach_count(const struct survey_world *w, double reach_km, geo_country *out,
                          size_t most) {
    size_t count = 0;
    for (size_t i = 0; i < GEO_COUNTRIES; i++) {
        geo_country country = geo_country_nth(i);
        if (!survey_reach_holds(w, reach_km, country)) continue;
        if (count < most) out[count] = country;
        count++;
    }
    return count;
}
