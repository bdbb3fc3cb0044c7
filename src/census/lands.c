/* Countries for people: names, and where to put a mark. */
#include "census/inner.h"

#include <stdlib.h>

struct land {
    char code[3];
    double lat_deg, lon_deg;
    const char *en, *ja;
};
#include "census/lands_table.h"

static int by_code(const void *code, const void *land) {
    return memcmp(code, ((const struct land *)land)->code, 2);
}

static const struct land *find(const geo_country *country) {
    return bsearch(country->at, lands, COUNT_OF(lands), sizeof *lands, by_code);
}

str census_country_name(const geo_country *country, str language) {
    const struct land *land = find(country);
    if (land == NULL) return geo_country_str(country);
    return str_from_c(say(language, land->en, land->ja));
}

bool census_country_point(const geo_country *country, struct geo_point *out) {
    const struct land *land = find(country);
    if (land == NULL) return false;
    *out = (struct geo_point){land->lat_deg, land->lon_deg};
    return true;
}
