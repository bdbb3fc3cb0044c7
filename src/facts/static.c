/* What is known about a dataset kept at a site, before anybody asks for it. */
#include "facts/inner.h"

#include <math.h>

/* ---- entities: whose law can reach them ---- */

enum { REACH_COUNTRIES = 256, REACH_ENTITIES = 64 };

struct reach {
    str countries[REACH_COUNTRIES];
    size_t count;
    const struct register_row *seen[REACH_ENTITIES];
    size_t seen_count;
    bool is_open;
    int64_t as_of_ns;
};

/* Who can compel a parent can compel it to have its daughter do as it is told. */
static void reach_collect(struct reach *r, const struct facts_world *w,
                          const struct register_row *entity) {
    for (size_t i = 0; i < r->seen_count; i++)
        if (r->seen[i] == entity) return;
    if (r->seen_count == REACH_ENTITIES) {
        r->is_open = true;
        return;
    }
    r->seen[r->seen_count++] = entity;
    int64_t at_ns = w->options.at_ns;
    const struct register_value *reach = register_value_find(&entity->fields, STR("reach"));
    const struct register_value *parents = register_value_find(&entity->fields, STR("parents"));
    bool is_known = register_value_is_good(reach, at_ns);
    if (!is_known || !reach->is_complete) r->is_open = true;
    if (is_known && reach->is_complete) r->as_of_ns = i64_min(r->as_of_ns, reach->as_of_ns);
    for (size_t i = 0; is_known && i < reach->count && r->count < REACH_COUNTRIES; i++)
        r->countries[r->count++] = reach->texts[i];
    if (!register_value_is_good(parents, at_ns)) return;
    for (size_t i = 0; i < parents->count; i++) {
        const struct register_row *parent = world_row(w, REGISTER_ENTITIES, parents->texts[i]);
        if (parent != NULL)
            reach_collect(r, w, parent);
        else
            r->is_open = true;
    }
}

enum error_code layer_add_entity(struct layer *layer, const struct facts_world *w,
                                 const struct register_row *entity, str root, struct error *e) {
    struct reach *r = arena_new(&layer->scratch, struct reach, 1);
    if (r == NULL) return error_set(e, FAIL_MEMORY, "no room for an entity's reach");
    r->as_of_ns = INT64_MAX;
    TRY(layer_add_row(layer, root, entity, e));
    reach_collect(r, w, entity);
    TRY(layer_add_lists(layer, w, entity, root, e));
    if (r->seen_count < 2 || r->count == 0) return OK; /* no parents: as its row says */
    str *countries = arena_new(layer->arena, str, r->count);
    if (countries == NULL) return error_set(e, FAIL_MEMORY, "no room for an entity's reach");
    memcpy(countries, r->countries, r->count * sizeof *countries);
    struct rulebook_value reach =
        rulebook_set_of(countries, rulebook_items_sort(countries, r->count));
    reach.by = RULEBOOK_BY_COMPUTED;
    reach.open = r->is_open;
    reach.as_of_ns = r->is_open ? 0 : r->as_of_ns;
    TRY(arena_format(layer->arena, &reach.source, e, "entities/%.*s and its parents",
                     STR_FMT(entity->id)));
    return layer_set(layer, root, STR("reach"), reach, e);
}

/* ---- places ---- */

static const str measured_names[] = {{"bound_km", 8},
                                     {"landmark", 8},
                                     {"landmarks", 9},
                                     {"landmark_operators", 18},
                                     {"cosigned", 8}};

/* What landmarks' round trips make of a place: how near it is to one of them, and where no other country
 * is as near, the declared country, measured. */
static enum error_code measured_add(struct layer *layer, const struct facts_world *w,
                                    const struct register_row *site, str root, struct error *e) {
    const struct facts_evidence *evidence = w->options.evidence;
    bool ours = evidence != NULL && str_equal(evidence->site, site->id);
    if (!ours || !evidence->measured) {
        str why =
            ours && evidence->contradicted ? evidence->finding : STR("no landmark has measured it");
        for (size_t i = 0; i < COUNT_OF(measured_names); i++)
            TRY(layer_set(layer, root, measured_names[i], unknown_because(why), e));
        return OK;
    }
    struct rulebook_value values[] = {
        rulebook_number(llround(evidence->bound_km * 1000), RULEBOOK_UNIT_METRE),
        rulebook_text(evidence->landmark), rulebook_number(evidence->landmarks, RULEBOOK_UNIT_ONE),
        rulebook_number(evidence->operators, RULEBOOK_UNIT_ONE),
        rulebook_number(evidence->cosigned, RULEBOOK_UNIT_ONE)};
    _Static_assert(COUNT_OF(values) == COUNT_OF(measured_names), "a value each");
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        values[i].by = RULEBOOK_BY_MEASURED;
        values[i].since_ns = evidence->measured_ns;
        values[i].until_ns = evidence->measured_until_ns;
        values[i].source = evidence->standing;
        TRY(layer_set(layer, root, measured_names[i], values[i], e));
    }
    const struct rulebook_value *said = layer_find(layer, root, STR("country"));
    if (!evidence->country_measured || said == NULL || said->kind != RULEBOOK_TEXT) return OK;
    struct rulebook_value country = *said;
    country.by = RULEBOOK_BY_MEASURED;
    country.since_ns = evidence->measured_ns;
    country.source = evidence->standing;
    return layer_set(layer, root, STR("country"), country, e);
}

enum error_code layer_add_place(struct layer *layer, const struct facts_world *w,
                                const struct register_row *site, str root, struct error *e) {
    static const str doubted[] = {{"country", 7}, {"region", 6}, {"law", 3}};
    TRY(layer_add_row(layer, root, site, e));
    str origin;
    TRY(origin_of(site, layer->arena, &origin, e));
    TRY(layer_set(layer, root, STR("site"), computed_text(site->id, origin), e));
    TRY(layer_add_ground(layer, w, site->id, root, e));
    for (size_t i = 0; world_is_contradicted(w, site->id) && i < COUNT_OF(doubted); i++)
        TRY(layer_set(layer, root, doubted[i], unknown_because(w->options.evidence->finding), e));
    return measured_add(layer, w, site, root, e);
}

enum error_code layer_add_keeper(struct layer *layer, const struct facts_world *w,
                                 const struct register_row *site, struct error *e) {
    const struct register_row *entity = world_entity_of(w, site, "entity");
    if (entity == NULL) entity = world_entity_of(w, site, "owner");
    return entity != NULL ? layer_add_entity(layer, w, entity, STR("entity"), e) : OK;
}

/* ---- operator, keys, systems, what a dataset was made from ---- */

enum error_code layer_add_operator(struct layer *layer, const struct facts_world *w, str id,
                                   struct error *e) {
    const struct register_row *operator= world_row(w, REGISTER_OPERATORS, id);
    return operator!= NULL ? layer_add_row(layer, STR("operator"), operator, e) : OK;
}

/* keys.holder.countries: where keys are kept, else the seats of who holds them. */
static enum error_code keys_add(struct layer *layer, const struct facts_world *w,
                                const struct register_row *dataset, struct error *e) {
    str origin;
    TRY(origin_of(dataset, layer->arena, &origin, e));
    const struct register_value *keys = register_value_find(&dataset->fields, STR("keys"));
    bool is_known = register_value_is_good(keys, w->options.at_ns);
    const struct register_value *countries = NULL;
    for (size_t i = 0; is_known && i < keys->records->count; i++) {
        const struct register_value *v = &keys->records->values[i];
        struct rulebook_value value;
        TRY(facts_value_of(v, origin, layer->at_ns, layer->arena, layer->scratch, &value, e));
        bool is_countries = str_equal(v->name, STR("countries"));
        if (is_countries) countries = v;
        TRY(layer_set(layer, STR("keys"), is_countries ? STR("holder.countries") : v->name, value,
                      e));
    }
    if (countries != NULL) return OK;
    const struct register_row *holder = world_entity_of(w, dataset, "keys.holder");
    const struct register_value *seats =
        holder != NULL ? register_value_find(&holder->fields, STR("seats")) : NULL;
    struct rulebook_value value = unknown_because(STR("nobody says who holds the keys, or where"));
    if (seats != NULL) {
        TRY(origin_of(holder, layer->arena, &origin, e));
        TRY(facts_value_of(seats, origin, layer->at_ns, layer->arena, layer->scratch, &value, e));
    }
    return layer_set(layer, STR("keys"), STR("holder.countries"), value, e);
}

/* The country of a system: what its row says, else that of all its sites when they agree. */
static bool system_country(const struct facts_world *w, const struct register_row *system,
                           str *country) {
    int64_t at_ns = w->options.at_ns;
    if (register_text_at(system, STR("country"), at_ns, country)) return true;
    const struct register_value *sites = register_value_find(&system->fields, STR("sites"));
    if (!register_value_is_good(sites, at_ns) || sites->count == 0) return false;
    str agreed = STR_EMPTY;
    for (size_t i = 0; i < sites->count; i++) {
        str one;
        const struct register_row *site = world_row(w, REGISTER_SITES, sites->texts[i]);
        if (site == NULL || world_is_contradicted(w, site->id) ||
            !register_text_at(site, STR("country"), at_ns, &one))
            return false;
        if (i > 0 && !str_equal(agreed, one)) return false;
        agreed = one;
    }
    *country = agreed;
    return true;
}

/* One system: all its facts. Several: the country they agree on. */
static enum error_code systems_add(struct layer *layer, const struct facts_world *w,
                                   const struct register_row *dataset, struct error *e) {
    const struct register_value *systems = register_value_find(&dataset->fields, STR("systems"));
    struct rulebook_value country =
        unknown_because(STR("no systems are named, or the countries of their sites differ"));
    bool is_known = register_value_is_good(systems, w->options.at_ns) && systems->count > 0;
    bool all_agree = is_known;
    str agreed = STR_EMPTY, origin = STR_EMPTY;
    for (size_t i = 0; is_known && i < systems->count; i++) {
        str one = STR_EMPTY;
        const struct register_row *system = world_row(w, REGISTER_SYSTEMS, systems->texts[i]);
        if (system != NULL && systems->count == 1)
            TRY(layer_add_row(layer, STR("system"), system, e));
        all_agree = all_agree && system != NULL && system_country(w, system, &one) &&
                    (i == 0 || str_equal(agreed, one));
        agreed = one;
        if (system != NULL) TRY(origin_of(system, layer->arena, &origin, e));
    }
    if (all_agree) country = computed_text(agreed, origin);
    return layer_set(layer, STR("system"), STR("country"), country, e);
}

/* session.target: what a session with this store reaches. The one system the data belong to, since
 * contracts name systems; the data themselves where the register names none, or several. */
static enum error_code session_add(struct layer *layer, const struct facts_world *w,
                                   const struct register_row *dataset, struct error *e) {
    const struct register_value *systems = register_value_find(&dataset->fields, STR("systems"));
    bool is_one = register_value_is_good(systems, w->options.at_ns) && systems->count == 1;
    str source;
    TRY(arena_format(layer->arena, &source, e, "datasets/%.*s: %s", STR_FMT(dataset->id),
                     is_one ? "its system" : "the data, which belong to no one system"));
    return layer_set(layer, STR("session"), STR("target"),
                     computed_text(is_one ? systems->texts[0] : dataset->id, source), e);
}

/* Derivatives inherit: kinds of both, class, sector and owner where the dataset says nothing. */
static enum error_code origins_add(struct layer *layer, const struct facts_world *w,
                                   const struct register_row *dataset, unsigned depth,
                                   struct error *e) {
    enum { DEPTH_MOST = 8 };
    static const char *const inherited[] = {"class", "sector", "owner", "persons"};
    const struct register_value *from = register_value_find(&dataset->fields, STR("derived_from"));
    if (depth == DEPTH_MOST || !register_value_is_good(from, w->options.at_ns)) return OK;
    for (size_t i = 0; i < from->count; i++) {
        const struct register_row *row = world_row(w, REGISTER_DATASETS, from->texts[i]);
        if (row == NULL) continue;
        str origin;
        TRY(origin_of(row, layer->arena, &origin, e));
        for (size_t k = 0; k < COUNT_OF(inherited); k++) {
            str name = str_from_c(inherited[k]);
            const struct register_value *said = register_value_find(&row->fields, name);
            const struct rulebook_value *own = layer_find(layer, STR("dataset"), name);
            struct rulebook_value value;
            if (said == NULL || own == NULL || own->kind != RULEBOOK_UNKNOWN) continue;
            TRY(facts_value_of(said, origin, layer->at_ns, layer->arena, layer->scratch, &value,
                               e));
            TRY(layer_set(layer, STR("dataset"), name, value, e));
        }
        const struct register_value *kinds = register_value_find(&row->fields, STR("kinds"));
        const struct rulebook_value *own = layer_find(layer, STR("dataset"), STR("kinds"));
        size_t own_count = own != NULL && own->kind == RULEBOOK_SET ? own->set.count : 0;
        if (register_value_is_good(kinds, w->options.at_ns)) {
            str *all = arena_new(layer->arena, str, own_count + kinds->count);
            if (all == NULL) return error_set(e, FAIL_MEMORY, "no room for kinds");
            for (size_t k = 0; k < own_count; k++) all[k] = own->set.at[k];
            for (size_t k = 0; k < kinds->count; k++) all[own_count + k] = kinds->texts[k];
            struct rulebook_value both =
                rulebook_set_of(all, rulebook_items_sort(all, own_count + kinds->count));
            both.by = RULEBOOK_BY_COMPUTED;
            both.source = origin;
            both.open =
                own == NULL || own->kind != RULEBOOK_SET || own->open || !kinds->is_complete;
            TRY(layer_set(layer, STR("dataset"), STR("kinds"), both, e));
        }
        TRY(origins_add(layer, w, row, depth + 1, e));
    }
    return OK;
}

static enum error_code dataset_add(struct layer *layer, const struct facts_world *w,
                                   const struct register_row *dataset,
                                   const struct register_row *site, struct error *e) {
    TRY(layer_add_row(layer, STR("dataset"), dataset, e));
    TRY(origins_add(layer, w, dataset, 0, e));
    TRY(layer_add_operator(layer, w, facts_operator_of(w, dataset->id), e));
    const struct register_row *contract = world_follow(w, dataset, "contract", REGISTER_CONTRACTS);
    if (contract != NULL) TRY(layer_add_row(layer, STR("contract"), contract, e));
    TRY(keys_add(layer, w, dataset, e));
    TRY(systems_add(layer, w, dataset, e));
    TRY(session_add(layer, w, dataset, e));
    return layer_add_copies(layer, w, dataset, site, e);
}

static enum error_code row_get(const struct facts_world *w, enum register_kind kind, str id,
                               const struct register_row **out, struct error *e) {
    *out = NULL;
    if (id.len == 0) return OK;
    *out = world_row(w, kind, id);
    return *out != NULL
               ? OK
               : error_set(e, FAIL_NOT_FOUND, "the register has no %s \"%.*s\" at that time",
                           register_kind_of(kind)->noun, STR_FMT(id));
}

enum error_code facts_static(const struct facts_world *world, str dataset, str site,
                             struct arena *arena, struct arena scratch, struct rulebook_facts *out,
                             struct error *e) {
    struct layer layer;
    const struct register_row *dataset_row, *site_row;
    TRY(row_get(world, REGISTER_DATASETS, dataset, &dataset_row, e));
    TRY(row_get(world, REGISTER_SITES, site, &site_row, e));
    TRY(layer_open(&layer, LAYER_FACTS, arena, scratch, world->options.at_ns, e));
    if (dataset_row != NULL) TRY(dataset_add(&layer, world, dataset_row, site_row, e));
    if (site_row != NULL) TRY(layer_add_place(&layer, world, site_row, STR("place"), e));
    if (site_row != NULL) TRY(layer_add_keeper(&layer, world, site_row, e));
    *out = layer_close(&layer, &world->lists);
    return OK;
}
