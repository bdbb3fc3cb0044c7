/* Countries by their codes. */
#ifndef AZEKURA_GEO_FRONT_COUNTRY_H
#define AZEKURA_GEO_FRONT_COUNTRY_H

#include "base/base.h"

typedef struct {
    char at[2];
} geo_country; /* ISO 3166-1 alpha-2, upper case; zero bytes: none */

enum { GEO_COUNTRIES = 249 }; /* that ISO 3166-1 assigns a code to */
/* The n-th of them by code, from 0; n < GEO_COUNTRIES. */
geo_country geo_country_nth(size_t n);
/* Officially assigned codes only, in upper case. False: *out untouched. Source: ISO 3166-1 (249
 * codes); user-assigned ones such as XK are none. */
bool geo_country_read(str code, geo_country *out);
static inline str geo_country_str(const geo_country *country) {
    return country->at[0] != 0 ? str_of(country->at, 2) : STR_EMPTY;
}
static inline bool geo_country_equal(geo_country a, geo_country b) {
    return a.at[0] == b.at[0] && a.at[1] == b.at[1];
}

#endif
