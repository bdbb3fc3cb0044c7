/* A row of the register as the subject of an assessment: its own facts, and those of what it points
 * to, under the roots rules use. */
#include "facts/inner.h"

/* Which kinds of row clauses can be about. */
static bool about_of(enum register_kind kind, unsigned *about) {
    enum rulebook_about one;
    if (!rulebook_about_find(str_from_c(register_kind_of(kind)->noun), &one)) return false;
    *about = one;
    return true;
}

/* ROOT.FIELD.* of the entity a field names: equipment.maker.lists, supply.entity.seats. */
static enum error_code party_add(struct layer *layer, const struct facts_world *w,
                                 const struct register_row *row, const char *field,
                                 struct error *e) {
    str root;
    const struct register_row *entity = world_entity_of(w, row, field);
    if (entity == NULL) return OK;
    TRY(arena_format(layer->arena, &root, e, "%s.%s", register_kind_of(row->kind)->noun, field));
    return layer_add_entity(layer, w, entity, root, e);
}

static enum error_code root_add(struct layer *layer, const struct facts_world *w,
                                const struct register_row *row, const char *field,
                                enum register_kind kind, str root, struct error *e) {
    const struct register_row *to = world_follow(w, row, field, kind);
    if (to == NULL) return OK;
    return kind == REGISTER_SITES      ? layer_add_place(layer, w, to, root, e)
           : kind == REGISTER_ENTITIES ? layer_add_entity(layer, w, to, root, e)
                                       : layer_add_row(layer, root, to, e);
}

static enum error_code links_add(struct layer *layer, const struct facts_world *w,
                                 const struct register_row *row, struct error *e) {
    static const struct {
        enum register_kind from;
        const char *field;
        enum register_kind to;
        str root;
    } links[] = {
        {REGISTER_EQUIPMENT, "site", REGISTER_SITES, {"place", 5}},
        {REGISTER_SUPPLIES, "plan", REGISTER_PLANS, {"plan", 4}},
        {REGISTER_CHANGES, "plan", REGISTER_PLANS, {"plan", 4}},
        {REGISTER_TRANSFERS, "dataset", REGISTER_DATASETS, {"dataset", 7}},
    };
    for (size_t i = 0; i < COUNT_OF(links); i++)
        if (links[i].from == row->kind)
            TRY(root_add(layer, w, row, links[i].field, links[i].to, links[i].root, e));
    return OK;
}

/* entity.*: the party a subject is about. */
static enum error_code entity_add(struct layer *layer, const struct facts_world *w,
                                  const struct register_row *row, struct error *e) {
    const char *field = row->kind == REGISTER_EQUIPMENT ? "maker" : "entity";
    const struct register_row *entity = world_entity_of(w, row, field);
    return entity != NULL ? layer_add_entity(layer, w, entity, STR("entity"), e) : OK;
}

enum error_code row_add(struct layer *layer, const struct facts_world *w,
                        const struct register_row *row, struct error *e) {
    str noun = str_from_c(register_kind_of(row->kind)->noun), operator= STR_EMPTY;
    if (row->kind == REGISTER_ENTITIES) {
        TRY(layer_add_entity(layer, w, row, noun, e));
    } else if (row->kind == REGISTER_SITES) {
        TRY(layer_add_place(layer, w, row, STR("place"), e));
        TRY(layer_add_keeper(layer, w, row, e));
        TRY(layer_add_row(layer, noun, row, e));
    } else {
        TRY(layer_add_row(layer, noun, row, e));
        TRY(entity_add(layer, w, row, e));
    }
    if (!register_text_at(row, STR("operator"), w->options.at_ns, &operator))
        operator= facts_operator_of(w, STR_EMPTY);
    TRY(layer_add_operator(layer, w, operator, e));
    if (row->kind == REGISTER_EQUIPMENT) {
        TRY(party_add(layer, w, row, "maker", e));
        TRY(party_add(layer, w, row, "supplier", e));
        TRY(layer_add_suspicion(layer, w, row, e));
        TRY(layer_add_first_seen(layer, w, row, e));
    }
    if (row->kind == REGISTER_TRANSFERS) {
        TRY(layer_add_measures(layer, w, row, e));
        const struct register_row *to = world_entity_of(w, row, "to");
        if (to != NULL) {
            TRY(layer_set(layer, STR("far"), STR("entity"),
                          computed_text(to->id, STR("the transfer's receiver")), e));
            TRY(layer_add_entity(layer, w, to, STR("far.entity"), e));
        }
    }
    return links_add(layer, w, row, e);
}

/* A dataset where it is first declared to be kept. */
static str first_home(const struct facts_world *w, const struct register_row *dataset) {
    int64_t at_ns = w->options.at_ns;
    const struct register_value *copies = register_value_find(&dataset->fields, STR("copies"));
    for (size_t i = 0; register_value_is_good(copies, at_ns) && i < copies->count; i++) {
        const struct register_value *site = register_value_find(&copies->records[i], STR("site"));
        if (register_value_is_good(site, at_ns) && world_row(w, REGISTER_SITES, site->text) != NULL)
            return site->text;
    }
    return STR_EMPTY;
}

enum error_code facts_of_given_row(const struct facts_world *world, const struct register_row *row,
                                   struct arena *arena, struct arena scratch,
                                   struct rulebook_facts *out, struct rulebook_subject *subject,
                                   struct error *e) {
    struct rulebook_subject s = {0};
    enum register_kind kind = row->kind;
    if (!about_of(kind, &s.about))
        return error_set(e, FAIL_USAGE, "no clause can be about a row of %s",
                         register_kind_of(kind)->key);
    register_text_at(row, STR("operator"), world->options.at_ns, &s.operator_id);
    if (s.operator_id.len == 0) s.operator_id = facts_operator_of(world, STR_EMPTY);
    if (kind == REGISTER_DATASETS) {
        s.dataset_id = row->id;
        s.site_id = first_home(world, row);
        TRY(facts_static(world, row->id, s.site_id, arena, scratch, out, e));
        *subject = s;
        return OK;
    }
    if (kind == REGISTER_SITES) s.site_id = row->id;
    register_text_at(row, STR("site"), world->options.at_ns, &s.site_id);
    register_text_at(row, STR("dataset"), world->options.at_ns, &s.dataset_id);
    struct layer layer;
    TRY(layer_open(&layer, LAYER_FACTS, arena, scratch, world->options.at_ns, e));
    TRY(row_add(&layer, world, row, e));
    *out = layer_close(&layer, &world->lists);
    *subject = s;
    return OK;
}

enum error_code facts_of_row(const struct facts_world *world, enum register_kind kind, str id,
                             struct arena *arena, struct arena scratch, struct rulebook_facts *out,
                             struct rulebook_subject *subject, struct error *e) {
    const struct register_row *row = world_row(world, kind, id);
    if (row == NULL)
        return error_set(e, FAIL_NOT_FOUND, "the register has no %s \"%.*s\" at that time",
                         register_kind_of(kind)->noun, STR_FMT(id));
    return facts_of_given_row(world, row, arena, scratch, out, subject, e);
}
