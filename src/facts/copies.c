/* All homes of a dataset after the act: the copy at hand and those the register declares beside it.
 *
 * copies.count        how many; no upper bound while the list of others is open
 * copies.countries    where they are
 * copies.distance_km  between the two that are farthest apart: what no single event may reach
 * copies.shared       shared-risk groups that every copy is in, and events of the table that reach them all
 *                     at once: what may take them all
 * copies.missing      sites that were chosen for its copies and hold none */
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

static bool place_of(const struct register_row *site, int64_t at_ns, struct siting_site *out) {
    *out = (struct siting_site){0};
    if (site != NULL) ground_place(site, at_ns, out);
    return siting_site_is_placed(out);
}

/* The greatest distance known; more is possible while copies or places are not all known, or known by squares. */
static struct rulebook_value distance_of(const struct homes *h, int64_t at_ns) {
    double farthest_km = 0, farthest_most_km = 0, low, high;
    bool all_known = true;
    struct siting_site a, b;
    for (size_t i = 0; i < h->count; i++) {
        if (!place_of(h->sites[i], at_ns, &a)) {
            all_known = false;
            continue;
        }
        for (size_t j = 0; j < i; j++) {
            if (!place_of(h->sites[j], at_ns, &b) || !siting_distance_km(&a, &b, &low, &high))
                continue;
            farthest_km = fmax(farthest_km, low);
            farthest_most_km = fmax(farthest_most_km, high);
        }
    }
    /* Whole kilometres, never more than the sphere's 0.56 % may have added. */
    int64_t km = (int64_t)floor(farthest_km * 0.9944);
    struct rulebook_value v = computed(rulebook_number(km * 1000, RULEBOOK_UNIT_METRE), h);
    if (h->count < 2 && !h->is_open) return v;
    if (h->is_open || !all_known)
        v.number.high = RULEBOOK_UNBOUNDED;
    else
        v.number.high = (int64_t)ceil(farthest_most_km * 1.0056) * 1000 * RULEBOOK_MILLI;
    return v;
}

static bool texts_have(const struct register_value *set, str text) {
    for (size_t i = 0; i < set->count; i++)
        if (str_equal(set->texts[i], text)) return true;
    return false;
}

/* Groups of the rows that every copy is in. *is_known: each row says its groups. */
static enum error_code said_by_all(const struct homes *h, int64_t at_ns, struct arena *arena,
                                   struct found_groups *out, bool *is_known, struct error *e) {
    const struct register_value *first = NULL;
    *out = (struct found_groups){0};
    *is_known = false;
    for (size_t i = 0; i < h->count; i++) {
        const struct register_value *groups =
            register_value_find(&h->sites[i]->fields, STR("groups"));
        if (!register_value_is_good(groups, at_ns)) return OK;
        if (i == 0) first = groups;
        out->is_open |= !groups->is_complete;
    }
    out->at = arena_new(arena, str, first->count);
    if (out->at == NULL) return error_set(e, FAIL_MEMORY, "no room for shared risks");
    for (size_t g = 0; g < first->count; g++) {
        bool in_all = !str_ends(first->texts[g], STR(":none")); /* in none of that scheme */
        for (size_t i = 1; i < h->count && in_all; i++)
            in_all = texts_have(register_value_find(&h->sites[i]->fields, STR("groups")),
                                first->texts[g]);
        if (in_all) out->at[out->count++] = first->texts[g];
    }
    *is_known = true;
    return OK;
}

/* What of the table of events may strike all homes at once; nothing without a table. */
static enum error_code struck_together(const struct homes *h, const struct facts_world *w,
                                       struct arena *arena, struct found_groups *out,
                                       struct error *e) {
    const struct siting_site *grounds[HOMES_MOST];
    *out = (struct found_groups){0};
    if (w->options.events == NULL) return OK;
    for (size_t i = 0; i < h->count; i++) {
        grounds[i] = world_ground(w, h->sites[i]->id);
        assert(grounds[i] != NULL); /* of the same day */
    }
    return world_strikes(w, grounds, h->count, arena, out, e);
}

static enum error_code shared_of(const struct homes *h, const struct facts_world *w,
                                 struct arena *arena, struct rulebook_value *out, struct error *e) {
    struct found_groups said, struck;
    bool is_said, all_placed = h->count > 0;
    *out = unknown_because(STR("not every copy's shared risks are known"));
    for (size_t i = 0; i < h->count; i++) all_placed = all_placed && h->sites[i] != NULL;
    if (h->is_open || !all_placed) return OK; /* a further copy may be out of reach of all */
    TRY(said_by_all(h, w->options.at_ns, arena, &said, &is_said, e));
    TRY(struck_together(h, w, arena, &struck, e));
    if (!is_said && w->options.events == NULL) return OK;
    str *shared = arena_new(arena, str, said.count + struck.count);
    if (shared == NULL) return error_set(e, FAIL_MEMORY, "no room for shared risks");
    for (size_t i = 0; i < said.count; i++) shared[i] = said.at[i];
    for (size_t i = 0; i < struck.count; i++) shared[said.count + i] = struck.at[i];
    *out = computed(rulebook_set_of(shared, rulebook_items_sort(shared, said.count + struck.count)),
                    h);
    out->open = !is_said || said.is_open || struck.is_open;
    return OK;
}

/* Chosen sites without a copy. While there may be copies that nobody lists, one of them may be there. */
static enum error_code missing_of(const struct homes *h, const struct register_row *dataset,
                                  int64_t at_ns, struct arena *arena, struct rulebook_value *out,
                                  struct error *e) {
    const struct register_value *chosen = register_value_find(&dataset->fields, STR("chosen"));
    *out = unknown_because(STR("nobody has chosen where its copies are to stand"));
    if (!register_value_is_good(chosen, at_ns)) return OK;
    str *missing = arena_new(arena, str, chosen->count);
    if (missing == NULL) return error_set(e, FAIL_MEMORY, "no room for chosen sites");
    size_t count = 0;
    for (size_t i = 0; i < chosen->count; i++) {
        bool is_home = false;
        for (size_t k = 0; k < h->count; k++)
            is_home |= h->sites[k] != NULL && str_equal(h->sites[k]->id, chosen->texts[i]);
        if (!is_home) missing[count++] = chosen->texts[i];
    }
    *out = h->is_open && count > 0
               ? unknown_because(STR("copies that nobody lists may stand at the chosen sites"))
               : computed(rulebook_set_of(missing, count), h);
    return OK;
}

enum error_code layer_add_copies(struct layer *layer, const struct facts_world *w,
                                 const struct register_row *dataset,
                                 const struct register_row *site, struct error *e) {
    struct homes *h = arena_new(&layer->scratch, struct homes, 1);
    struct rulebook_value countries, shared, missing;
    if (h == NULL) return error_set(e, FAIL_MEMORY, "no room for the homes of a dataset");
    TRY(origin_of(dataset, layer->arena, &h->origin, e));
    homes_find(h, w, dataset, site);
    TRY(countries_of(h, layer->arena, &countries, e));
    TRY(shared_of(h, w, layer->arena, &shared, e));
    TRY(missing_of(h, dataset, layer->at_ns, layer->arena, &missing, e));
    TRY(layer_set(layer, STR("copies"), STR("missing"), missing, e));
    TRY(layer_set(layer, STR("copies"), STR("count"), count_of(h), e));
    TRY(layer_set(layer, STR("copies"), STR("countries"), countries, e));
    TRY(layer_set(layer, STR("copies"), STR("distance_km"), distance_of(h, layer->at_ns), e));
    return layer_set(layer, STR("copies"), STR("shared"), shared, e);
}
