/* All homes of a dataset after the act: the copy at hand and those the register declares beside it.
 *
 * copies.count        how many; no upper bound while the list of others is open
 * copies.countries    where they are
 * copies.distance_km  between the two that are farthest apart: what no single event may reach
 * copies.shared       shared-risk groups that every copy is in: what may take them all */
#include <math.h>

#include "facts/inner.h"

enum { HOMES_MOST = 256 };

struct homes {
    const struct register_row *sites[HOMES_MOST]; /* NULL: the copy names no site */
    str countries[HOMES_MOST];                    /* empty: not known */
    size_t count;
    bool is_open; /* there may be more */
    str origin;
};

static void home_add(struct homes *h, const struct facts_world *w, const struct register_row *site,
                     str country) {
    if (h->count == HOMES_MOST) {
        h->is_open = true;
        return;
    }
    if (site != NULL && country.len == 0 && !world_is_contradicted(w, site->id))
        register_text_at(site, STR("country"), w->options.at_ns, &country);
    h->sites[h->count] = site;
    h->countries[h->count++] = country;
}

static void homes_find(struct homes *h, const struct facts_world *w,
                       const struct register_row *dataset, const struct register_row *site) {
    int64_t at_ns = w->options.at_ns;
    const struct register_value *copies = register_value_find(&dataset->fields, STR("copies"));
    bool is_known = register_value_is_good(copies, at_ns);
    h->is_open = !is_known || !copies->is_complete;
    if (site != NULL) home_add(h, w, site, STR_EMPTY);
    for (size_t i = 0; is_known && i < copies->count; i++) {
        const struct register_record *copy = &copies->records[i];
        if (copy->valid_from_ns > at_ns || copy->valid_until_ns <= at_ns) continue;
        const struct register_value *at = register_value_find(copy, STR("site"));
        const struct register_value *in = register_value_find(copy, STR("country"));
        const struct register_row *row =
            register_value_is_good(at, at_ns) ? world_row(w, REGISTER_SITES, at->text) : NULL;
        if (row != NULL && row == site) continue; /* the copy at hand, declared as well */
        home_add(h, w, row, register_value_is_good(in, at_ns) ? in->text : STR_EMPTY);
    }
}

static struct rulebook_value computed(struct rulebook_value v, const struct homes *h) {
    v.by = RULEBOOK_BY_COMPUTED;
    v.source = h->origin;
    return v;
}

static struct rulebook_value count_of(const struct homes *h) {
    struct rulebook_value v = computed(rulebook_number((int64_t)h->count, RULEBOOK_UNIT_ONE), h);
    if (h->is_open) v.number.high = RULEBOOK_UNBOUNDED;
    return v;
}

static enum error_code countries_of(const struct homes *h, struct arena *arena,
                                    struct rulebook_value *out, struct error *e) {
    size_t count = 0;
    bool all_known = true;
    str *countries = arena_new(arena, str, h->count);
    if (countries == NULL) return error_set(e, FAIL_MEMORY, "no room for countries");
    for (size_t i = 0; i < h->count; i++) {
        if (h->countries[i].len > 0)
            countries[count++] = h->countries[i];
        else
            all_known = false;
    }
    *out = computed(rulebook_set_of(countries, rulebook_items_sort(countries, count)), h);
    out->open = h->is_open || !all_known;
    return OK;
}

static bool point_of(const struct register_row *site, int64_t at_ns, struct geo_point *out) {
    if (site == NULL) return false;
    const struct register_value *lat = register_value_find(&site->fields, STR("lat"));
    const struct register_value *lon = register_value_find(&site->fields, STR("lon"));
    if (!register_value_is_good(lat, at_ns) || !register_value_is_good(lon, at_ns)) return false;
    *out = (struct geo_point){lat->number, lon->number};
    return geo_point_is_valid(*out);
}

/* The greatest distance known; more is possible while copies or points are not all known. */
static struct rulebook_value distance_of(const struct homes *h, int64_t at_ns) {
    double farthest_km = 0;
    bool all_known = true;
    struct geo_point a, b;
    for (size_t i = 0; i < h->count; i++) {
        if (!point_of(h->sites[i], at_ns, &a)) {
            all_known = false;
            continue;
        }
        for (size_t j = 0; j < i; j++)
            if (point_of(h->sites[j], at_ns, &b))
                farthest_km = fmax(farthest_km, geo_distance_km(a, b));
    }
    /* Whole kilometres, never more than the sphere's 0.56 % may have added. */
    int64_t km = (int64_t)floor(farthest_km * 0.9944);
    struct rulebook_value v = computed(rulebook_number(km * 1000, RULEBOOK_UNIT_METRE), h);
    if (h->count < 2 && !h->is_open) return v;
    if (h->is_open || !all_known)
        v.number.high = RULEBOOK_UNBOUNDED;
    else
        v.number.high = (int64_t)ceil(farthest_km * 1.0056) * 1000 * RULEBOOK_MILLI;
    return v;
}

static bool texts_have(const struct register_value *set, str text) {
    for (size_t i = 0; i < set->count; i++)
        if (str_equal(set->texts[i], text)) return true;
    return false;
}

static enum error_code shared_of(const struct homes *h, int64_t at_ns, struct arena *arena,
                                 struct rulebook_value *out, struct error *e) {
    const struct register_value *first = NULL;
    bool all_complete = true;
    *out = unknown_because(STR("not every copy's shared risks are known"));
    for (size_t i = 0; i < h->count; i++) {
        const struct register_value *groups =
            h->sites[i] != NULL ? register_value_find(&h->sites[i]->fields, STR("groups")) : NULL;
        if (!register_value_is_good(groups, at_ns)) return OK;
        if (i == 0) first = groups;
        all_complete = all_complete && groups->is_complete;
    }
    if (h->is_open || h->count == 0) return OK; /* a further copy may be out of reach of all */
    size_t count = 0;
    str *shared = arena_new(arena, str, first->count);
    if (shared == NULL) return error_set(e, FAIL_MEMORY, "no room for shared risks");
    for (size_t g = 0; g < first->count; g++) {
        bool in_all = true;
        for (size_t i = 1; i < h->count && in_all; i++)
            in_all = texts_have(register_value_find(&h->sites[i]->fields, STR("groups")),
                                first->texts[g]);
        if (in_all) shared[count++] = first->texts[g];
    }
    *out = computed(rulebook_set_of(shared, count), h);
    out->open = !all_complete;
    return OK;
}

enum error_code layer_add_copies(struct layer *layer, const struct facts_world *w,
                                 const struct register_row *dataset,
                                 const struct register_row *site, struct error *e) {
    struct homes *h = arena_new(&layer->scratch, struct homes, 1);
    struct rulebook_value countries, shared;
    if (h == NULL) return error_set(e, FAIL_MEMORY, "no room for the homes of a dataset");
    TRY(origin_of(dataset, layer->arena, &h->origin, e));
    homes_find(h, w, dataset, site);
    TRY(countries_of(h, layer->arena, &countries, e));
    TRY(shared_of(h, layer->at_ns, layer->arena, &shared, e));
    TRY(layer_set(layer, STR("copies"), STR("count"), count_of(h), e));
    TRY(layer_set(layer, STR("copies"), STR("countries"), countries, e));
    TRY(layer_set(layer, STR("copies"), STR("distance_km"), distance_of(h, layer->at_ns), e));
    return layer_set(layer, STR("copies"), STR("shared"), shared, e);
}
