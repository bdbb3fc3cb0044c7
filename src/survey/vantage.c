/* Where the probes start, as somebody tells it: a point, or a site of the register.
 *
 * A false vantage excludes where a machine really is, so nothing is guessed: neither that a register's only site is
 * here, nor that a site stands where the capital does whose figures it borrows. And digits that were left out count
 * as not known. */
#include <math.h>
#include <stdlib.h>

#include "survey/survey.h"

enum { DIGITS_MOST = 12 };

struct degrees {
    double value;
    double open; /* half of the last digit's worth */
};

/* "-35.7": digits, one point, nothing else. */
static bool degrees_read(str text, struct degrees *out) {
    char digits[32];
    size_t i = text.len > 0 && text.at[0] == '-' ? 1 : 0, decimals = 0, wholes = 0;
    bool is_after = false;
    if (text.len >= sizeof digits) return false;
    for (; i < text.len; i++) {
        if (text.at[i] == '.' && !is_after) {
            is_after = true;
            continue;
        }
        if (text.at[i] < '0' || text.at[i] > '9') return false;
        if (is_after)
            decimals++;
        else
            wholes++;
    }
    if (wholes == 0 || (is_after && decimals == 0) || decimals > DIGITS_MOST) return false;
    memcpy(digits, text.at, text.len);
    digits[text.len] = 0;
    *out = (struct degrees){strtod(digits, NULL), pow(10, -(double)decimals) / 2};
    return true;
}

static bool point_read(str lat_text, str lon_text, struct survey_vantage *out) {
    struct degrees lat, lon;
    if (!degrees_read(str_trim(lat_text), &lat) || !degrees_read(str_trim(lon_text), &lon))
        return false;
    struct geo_point at = {lat.value, lon.value};
    if (!geo_point_is_valid(at)) return false;
    double north_km = geo_distance_km((struct geo_point){0, 0}, (struct geo_point){lat.open, 0});
    double east_km = geo_distance_km((struct geo_point){0, 0}, (struct geo_point){0, lon.open});
    out->at = at;
    out->error_km = hypot(north_km, east_km); /* a degree east is widest at the equator */
    return true;
}

static const struct register_value *degrees_find(const struct register_row *site, const char *name,
                                                 int64_t at_ns) {
    const struct register_value *value = register_value_find(&site->fields, str_from_c(name));
    return register_value_is_good(value, at_ns) ? value : NULL;
}

/* What `near` filled in stands where `near` was written. */
static bool is_borrowed(const struct register_row *site, const struct register_value *value) {
    const struct register_value *near = register_value_find(&site->fields, STR("near"));
    return near != NULL && near->line == value->line && near->column == value->column;
}

static enum error_code site_take(const struct register_row *site, int64_t at_ns,
                                 struct arena *arena, struct survey_vantage *out, struct error *e) {
    const struct register_value *lat = degrees_find(site, "lat", at_ns),
                                *lon = degrees_find(site, "lon", at_ns);
    struct survey_vantage vantage;
    if (lat == NULL || lon == NULL || !point_read(lat->text, lon->text, &vantage))
        return error_set(
            e, FAIL_USAGE,
            "the register does not say where the site \"%.*s\" is: give it lat and lon, or "
            "--vantage LAT,LON",
            STR_FMT(str_slice(site->id, 0, 60)));
    if (is_borrowed(site, lat) || is_borrowed(site, lon))
        return error_set(
            e, FAIL_USAGE,
            "of the site \"%.*s\" the register has the coordinates of the capital it is near: "
            "give it its own lat and lon, or --vantage LAT,LON",
            STR_FMT(str_slice(site->id, 0, 60)));
    TRY(arena_format(arena, &vantage.name, e, "site %.*s", STR_FMT(site->id)));
    *out = vantage;
    return OK;
}

enum error_code survey_vantage_read(str word, const struct register_snapshot *snapshot,
                                    int64_t at_ns, struct arena *arena, struct survey_vantage *out,
                                    struct error *e) {
    struct survey_vantage vantage;
    struct degrees error_km;
    str lat, lon, rest = word;
    const struct register_row *site =
        snapshot == NULL ? NULL : register_row_at(snapshot, REGISTER_SITES, word, at_ns);
    if (site != NULL) return site_take(site, at_ns, arena, out, e);
    bool is_point = str_cut(&rest, ',', &lat);
    bool has_error = is_point && str_cut(&rest, ',', &lon);
    if (is_point && !has_error) lon = rest;
    is_point = is_point && point_read(lat, lon, &vantage);
    if (is_point && has_error) {
        is_point = degrees_read(str_trim(rest), &error_km) && error_km.value >= 0;
        vantage.error_km = error_km.value;
    }
    if (!is_point)
        return error_set(
            e, FAIL_USAGE,
            "--vantage takes LAT,LON or LAT,LON,KM in degrees, such as 35.68,139.77, or a site of "
            "the register, not \"%.*s\"",
            STR_FMT(str_slice(word, 0, 60)));
    TRY(arena_copy(arena, word, &vantage.name, e));
    *out = vantage;
    return OK;
}
