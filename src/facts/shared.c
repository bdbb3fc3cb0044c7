/* What the table of events says of a place, and of all homes of a dataset together. */
#include <math.h>
#include <stdlib.h>

#include "facts/inner.h"

const struct siting_site *world_ground(const struct facts_world *w, str site) {
    size_t low = 0, high = w->grounds.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(w->grounds.sites[middle].id, site);
        if (order == 0) return &w->grounds.sites[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* ---- a set under construction ---- */

static enum error_code set_open(struct found_groups *set, size_t cap, struct arena *arena,
                                struct error *e) {
    *set = (struct found_groups){.at = arena_new(arena, str, cap), .cap = cap};
    return set->at != NULL ? OK : error_set(e, FAIL_MEMORY, "no room for shared risks");
}

static void set_add(struct found_groups *set, str group) {
    for (size_t i = 0; i < set->count; i++)
        if (str_equal(set->at[i], group)) return;
    assert(set->count < set->cap); /* room for all there are was made */
    set->at[set->count++] = group;
}

/* ---- reach ---- */

static enum siting_reach reach_one(const struct facts_world *w, const struct siting_event *event,
                                   const struct siting_branch *branch,
                                   const struct siting_site *site) {
    struct siting_harm harm;
    siting_strike(w->options.events, event, branch, site, &harm);
    return harm.reach;
}

/* All of them in that branch; one outside spares the set. */
static enum siting_reach reach_all(const struct facts_world *w, const struct siting_event *event,
                                   const struct siting_branch *branch,
                                   const struct siting_site *const *sites, size_t count) {
    enum siting_reach all = SITING_INSIDE;
    for (size_t i = 0; i < count; i++) {
        enum siting_reach one = reach_one(w, event, branch, sites[i]);
        if (one == SITING_OUTSIDE) return SITING_OUTSIDE;
        if (one == SITING_UNMAPPED) all = SITING_UNMAPPED;
    }
    return all;
}

static bool is_in(const struct siting_site *site, str group) {
    for (size_t i = 0; i < site->group_count; i++)
        if (str_equal(site->groups[i], group)) return true;
    return false;
}

static bool has_scheme(const struct siting_site *site, str scheme) {
    for (size_t i = 0; i < site->group_count; i++)
        if (str_starts(site->groups[i], scheme)) return true;
    return false;
}

/* "maker:*" stands for a group of each maker: those that all of them name. */
static void each_find(const struct siting_event *event, const struct siting_site *const *sites,
                      size_t count, struct found_groups *out) {
    str scheme = str_slice(event->id, 0, event->id.len - 1);
    for (size_t i = 0; i < count; i++)
        if (!has_scheme(sites[i], scheme)) out->is_open = true;
    for (size_t g = 0; g < sites[0]->group_count; g++) {
        bool in_all = str_starts(sites[0]->groups[g], scheme);
        for (size_t i = 1; i < count && in_all; i++) in_all = is_in(sites[i], sites[0]->groups[g]);
        if (in_all) set_add(out, sites[0]->groups[g]);
    }
}

enum error_code world_strikes(const struct facts_world *w, const struct siting_site *const *sites,
                              size_t count, struct arena *arena, struct found_groups *out,
                              struct error *e) {
    const struct siting_model *model = w->options.events;
    assert(count > 0);
    TRY(set_open(out, model->event_count + sites[0]->group_count, arena, e));
    for (size_t i = 0; i < model->event_count; i++) {
        const struct siting_event *event = &model->events[i];
        if (event->rate_hi <= 0) continue; /* a replay of what happened once */
        if (event->is_each) {
            each_find(event, sites, count, out);
            continue;
        }
        enum siting_reach reach = SITING_OUTSIDE;
        for (size_t b = 0; b < event->branch_count && reach != SITING_INSIDE; b++) {
            enum siting_reach one = reach_all(w, event, &event->branches[b], sites, count);
            if (one != SITING_OUTSIDE) reach = one;
        }
        if (reach == SITING_INSIDE) set_add(out, event->id);
        if (reach == SITING_UNMAPPED) out->is_open = true;
    }
    return OK;
}

/* ---- a place ---- */

/* Thousandths of the base unit; outward, so that an interval never narrows. */
static int64_t milli_of(double value, double scale, bool up) {
    double milli = value * scale * (double)RULEBOOK_MILLI;
    if (milli >= 9e18) return RULEBOOK_UNBOUNDED;
    return (int64_t)(up ? ceil(milli - 1e-6) : floor(milli + 1e-6));
}

static struct rulebook_value value_of(const struct siting_told *told, str source) {
    bool is_km = str_equal(told->from->unit, STR("km"));
    double scale = is_km ? 1000 : 1;
    enum rulebook_unit unit = is_km || str_equal(told->from->unit, STR("m")) ? RULEBOOK_UNIT_METRE
                              : str_equal(told->from->unit, STR("%"))        ? RULEBOOK_UNIT_PERCENT
                                                                             : RULEBOOK_UNIT_ONE;
    struct rulebook_value v = rulebook_number(0, unit);
    v.number.low = milli_of(told->low, scale, false);
    v.number.high = milli_of(told->high, scale, true);
    v.by = RULEBOOK_BY_DOCUMENT;
    v.source = source;
    return v;
}

static enum error_code source_of(const struct siting_hazard *map, struct arena *arena, str *out,
                                 struct error *e) {
    return arena_format(arena, out, e, "%.*s%s%.*s%s%.*s%s",
                        STR_FMT(map->source.len > 0 ? map->source : STR("a map without source")),
                        map->edition.len > 0 ? ", edition " : "", STR_FMT(map->edition),
                        map->licence.len > 0 ? " (" : "", STR_FMT(map->licence),
                        map->licence.len > 0 ? ")" : "");
}

/* What the row says itself stands. */
static enum error_code hazard_add(struct layer *layer, const struct facts_world *w,
                                  const struct siting_site *ground, str root, str name,
                                  struct error *e) {
    str under;
    struct siting_told told;
    TRY(arena_format(layer->arena, &under, e, "hazard.%.*s", STR_FMT(name)));
    const struct rulebook_value *said = layer_find(layer, root, under);
    if (said != NULL && said->kind != RULEBOOK_UNKNOWN) return OK;
    struct rulebook_value value =
        unknown_because(STR("no map of this hazard has looked at the place"));
    if (siting_hazard_at(w->options.events, name, ground, &told)) {
        str source;
        TRY(source_of(told.from, layer->arena, &source, e));
        value = value_of(&told, source);
    }
    return layer_set(layer, root, under, value, e);
}

static enum error_code groups_add(struct layer *layer, const struct facts_world *w,
                                  const struct siting_site *ground, str root, struct error *e) {
    const struct rulebook_value *said = layer_find(layer, root, STR("groups"));
    bool is_said = said != NULL && said->kind == RULEBOOK_SET;
    struct found_groups struck, all;
    TRY(world_strikes(w, &ground, 1, layer->arena, &struck, e));
    TRY(set_open(&all, struck.count + (is_said ? said->set.count : 0), layer->arena, e));
    for (size_t i = 0; is_said && i < said->set.count; i++) set_add(&all, said->set.at[i]);
    for (size_t i = 0; i < struck.count; i++) set_add(&all, struck.at[i]);
    struct rulebook_value value = rulebook_set_of(all.at, rulebook_items_sort(all.at, all.count));
    value.by = RULEBOOK_BY_COMPUTED;
    value.open = !is_said || said->open || struck.is_open;
    value.as_of_ns = value.open ? 0 : said->as_of_ns;
    TRY(arena_format(layer->arena, &value.source, e, "sites/%.*s and the table of events",
                     STR_FMT(ground->id)));
    return layer_set(layer, root, STR("groups"), value, e);
}

enum error_code layer_add_ground(struct layer *layer, const struct facts_world *w, str site,
                                 str root, struct error *e) {
    const struct siting_model *model = w->options.events;
    const struct siting_site *ground = world_ground(w, site);
    if (model == NULL || ground == NULL) return OK;
    for (size_t i = 0; i < model->hazard_count; i++) {
        bool is_first = true;
        for (size_t k = 0; k < i && is_first; k++)
            is_first = !str_equal(model->hazards[k].name, model->hazards[i].name);
        if (is_first) TRY(hazard_add(layer, w, ground, root, model->hazards[i].name, e));
    }
    return groups_add(layer, w, ground, root, e);
}
