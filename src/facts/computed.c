/* What the register computes for rules: who is in their derived sets, and how much their measures
 * counted. Both need to know the rules, so a world opened without them has neither. */
#include "facts/inner.h"

/* An entity's or a transfer's facts, without what all share; more would be a mistake in the table of
 * fields. */
enum { ROW_FACTS = 192 };

struct listed_rows {
    const struct facts_world *world;
    const struct register_row **rows;
    size_t count;
    struct arena scratch; /* for reading numbers */
};

static enum error_code rows_open(struct facts_world *w, enum register_kind kind,
                                 struct arena *scratch, struct listed_rows *out, struct error *e) {
    size_t count, cursor = 0;
    const struct register_row *row;
    register_rows(w->options.snapshot, kind, &count);
    *out = (struct listed_rows){.world = w};
    out->rows = arena_new(scratch, const struct register_row *, count);
    if (out->rows == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu rows", count);
    while ((row = register_row_next(w->options.snapshot, kind, w->options.at_ns, &cursor)) != NULL)
        out->rows[out->count++] = row;
    size_t part = arena_left(scratch) / 4;
    out->scratch = arena_over(scratch->end - part, part);
    scratch->end -= part;
    return OK;
}

/* ---- derived sets ---- */

static str entity_id(void *self, size_t i) {
    return ((struct listed_rows *)self)->rows[i]->id;
}

static enum error_code entity_facts(void *self, size_t i, struct arena *arena,
                                    struct rulebook_facts *out, struct error *e) {
    struct listed_rows *l = self;
    struct layer layer;
    TRY(layer_open(&layer, ROW_FACTS, arena, l->scratch, l->world->options.at_ns, e));
    TRY(layer_add_entity(&layer, l->world, l->rows[i], STR("entity"), e));
    *out = layer_close(&layer, &l->world->lists);
    return OK;
}

static enum error_code derived_make(struct facts_world *w, struct arena scratch, struct error *e) {
    struct listed_rows entities;
    struct rulebook_facts *layer = arena_new(&w->arena, struct rulebook_facts, 1);
    struct rulebook_fact *facts;
    if (layer == NULL) return error_set(e, FAIL_MEMORY, "no room for derived sets");
    TRY(rows_open(w, REGISTER_ENTITIES, &scratch, &entities, e));
    int64_t as_of_ns;
    struct rulebook_universe universe = {
        .count = entities.count,
        .is_complete = register_is_complete(w->options.snapshot, REGISTER_ENTITIES, &as_of_ns),
        .self = &entities,
        .id = entity_id,
        .facts = entity_facts};
    if (universe.count == 0 && !universe.is_complete) return OK; /* nothing is known of anybody */
    TRY(rulebook_derive(w->options.rules, &universe, w->options.at_ns, &w->arena, scratch, &facts,
                        &layer->count, e));
    layer->at = facts;
    w->lists.next = layer;
    return OK;
}

/* ---- measures ---- */

static enum error_code transfer_act(void *self, size_t i, struct arena *arena,
                                    struct rulebook_act *out, struct error *e) {
    struct listed_rows *l = self;
    const struct register_value *happened =
        register_value_find(&l->rows[i]->fields, STR("happened"));
    struct layer layer;
    TRY(layer_open(&layer, LAYER_FACTS, arena, l->scratch, l->world->options.at_ns, e));
    TRY(row_add(&layer, l->world, l->rows[i], e));
    out->facts = layer_close(&layer, &l->world->lists);
    out->has_time = register_value_is_good(happened, l->world->options.at_ns);
    if (out->has_time) out->at_ns = happened->time_ns;
    return OK;
}

static enum error_code measures_make(struct facts_world *w, struct arena scratch, struct error *e) {
    struct listed_rows transfers;
    int64_t as_of_ns;
    TRY(rows_open(w, REGISTER_TRANSFERS, &scratch, &transfers, e));
    struct rulebook_acts acts = {
        .count = transfers.count,
        .is_complete = register_is_complete(w->options.snapshot, REGISTER_TRANSFERS, &as_of_ns),
        .self = &transfers,
        .act = transfer_act};
    w->counted_rows = arena_new(&w->arena, const struct register_row *, transfers.count);
    if (w->counted_rows == NULL) return error_set(e, FAIL_MEMORY, "no room for measures");
    memcpy(w->counted_rows, transfers.rows, transfers.count * sizeof *transfers.rows);
    w->counted_count = transfers.count;
    return rulebook_measures_count(w->options.rules, &acts, w->options.at_ns, &w->arena, scratch,
                                   &w->counted, e);
}

enum error_code layer_add_measures(struct layer *layer, const struct facts_world *w,
                                   const struct register_row *transfer, struct error *e) {
    struct rulebook_fact *facts;
    size_t count, at = 0;
    if (w->counted == NULL) return OK;
    while (at < w->counted_count && w->counted_rows[at] != transfer) at++;
    if (at == w->counted_count) return OK; /* not one of the register's: nobody counted it */
    TRY(rulebook_measures_of(w->counted, at, layer->arena, &facts, &count, e));
    for (size_t i = 0; i < count; i++)
        TRY(layer_set(layer, facts[i].path, STR_EMPTY, facts[i].value, e));
    return OK;
}

enum error_code computed_make(struct facts_world *w, struct arena scratch, struct error *e) {
    if (w->options.rules == NULL) return OK;
    TRY(derived_make(w, scratch, e));
    return measures_make(w, scratch, e);
}
