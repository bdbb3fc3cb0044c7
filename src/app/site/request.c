/* What a set is asked for with: lengths of time, distances, and the request of a plan or an explanation. */
#include "app/site/siting.h"

#include <stdlib.h>

enum error_code hours_of(const char *option, const char *text, double *hours, struct error *e) {
    static const struct {
        const char *unit;
        double hours;
    } units[] = {{"s", 1.0 / 3600}, {"min", 1.0 / 60}, {"h", 1},     {"hours", 1},
                 {"hour", 1},       {"d", 24},         {"days", 24}, {"day", 24}};
    char *end;
    double number = strtod(text, &end);
    str unit = str_trim(str_from_c(end));
    for (size_t i = 0; end != text && number >= 0 && number < 1e6 && i < COUNT_OF(units); i++)
        if (str_equal(unit, str_from_c(units[i].unit))) {
            *hours = number * units[i].hours;
            return OK;
        }
    return error_set(e, FAIL_USAGE,
                     "%s takes a length of time such as 48 h, 30 d or 90 min, not \"%s\"", option,
                     text);
}

static enum error_code km_of(const char *option, const char *text, double *km, struct error *e) {
    char *end;
    *km = strtod(text, &end);
    if (end != text && *end == 0 && *km >= 0 && *km <= 20100) return OK;
    return error_set(e, FAIL_USAGE, "%s takes kilometres, 0 to 20100, not \"%s\"", option, text);
}

static enum error_code strs_of(const struct option_list *list, struct arena *arena, const str **out,
                               struct error *e) {
    str *texts = arena_new(arena, str, list->count);
    if (texts == NULL) return error_set(e, FAIL_MEMORY, "no memory for options");
    for (size_t i = 0; i < list->count; i++) texts[i] = str_from_c(list->at[i]);
    *out = texts;
    return OK;
}

enum error_code set_request_read(struct siting_call *x, struct planning_request *r,
                                 struct error *e) {
    double rebuild_h = 30 * 24;
    geo_country country;
    for (size_t i = 0; i < x->countries.count; i++)
        if (!geo_country_read(str_from_c(x->countries.at[i]), &country))
            return error_set(e, FAIL_USAGE,
                             "--country takes two letters of ISO 3166-1 such as JP, not \"%s\"",
                             x->countries.at[i]);
    if (x->rebuild != NULL) TRY(hours_of("--rebuild", x->rebuild, &rebuild_h, e));
    if (x->by != NULL && strcmp(x->by, "loss") != 0 && strcmp(x->by, "down") != 0)
        return error_set(e, FAIL_USAGE, "--by takes loss or down, not \"%s\"", x->by);
    *r = (struct planning_request){
        .dataset = str_from_c(x->dataset),
        .tolerate = x->tolerate == UINT64_MAX ? SIZE_MAX : x->tolerate,
        .window_years = rebuild_h / SITING_HOURS_PER_YEAR,
        .objective = x->by != NULL && strcmp(x->by, "down") == 0 ? SITING_DOWN : SITING_LOSS,
        .store_site = str_from_c(x->store_site),
        .country_count = x->countries.count,
        .simulate_years = x->simulate_years};
    return strs_of(&x->countries, &x->arena, &r->countries, e);
}

enum error_code plan_request_read(struct siting_call *x, struct planning_request *r,
                                  struct error *e) {
    if (x->dataset == NULL)
        return error_set(e, FAIL_USAGE, "--dataset is missing: copies of what?");
    if (x->copies == UINT64_MAX) return error_set(e, FAIL_USAGE, "--copies is missing: how many?");
    if (x->copies == 0 || x->copies > SITING_SET_MAX)
        return error_set(e, FAIL_USAGE, "--copies takes 1 to %d, not %llu", SITING_SET_MAX,
                         (unsigned long long)x->copies);
    TRY(set_request_read(x, r, e));
    r->copies = x->copies;
    if (r->tolerate == SIZE_MAX) r->tolerate = x->copies - 1;
    r->near = str_from_c(x->near);
    r->disjoint_count = x->disjoint.count;
    r->known_only = x->known_only;
    if ((x->near == NULL) != (x->near_km == NULL))
        return error_set(e, FAIL_USAGE, "--near and --near-km go together");
    if (x->near_km != NULL) TRY(km_of("--near-km", x->near_km, &r->near_km, e));
    if (x->min_km != NULL) TRY(km_of("--min-km", x->min_km, &r->min_km, e));
    return strs_of(&x->disjoint, &x->arena, &r->disjoint, e);
}
