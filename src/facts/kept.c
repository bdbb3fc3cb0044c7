/* A dataset as a whole, where a store keeps it: its own copy is one of the copies, wherever it stands. */
#include "facts/inner.h"

bool facts_is_kept_here(const struct register_row *dataset, int64_t at_ns) {
    str store;
    return !register_text_at(dataset, STR("store"), at_ns, &store) || str_equal(store, STR("here"));
}

static struct rulebook_value loosened(const struct rulebook_facts *facts, str path) {
    struct rulebook_value v = *rulebook_facts_find(facts, path);
    if (v.kind == RULEBOOK_SET) v.open = true;
    if (v.kind == RULEBOOK_NUMBER) v.number.high = RULEBOOK_UNBOUNDED;
    return v;
}

/* Nobody has said where this store stands, so its copy counts, and is at a place that is not known. */
static enum error_code unplaced_add(struct arena *arena, struct rulebook_facts *facts,
                                    struct error *e) {
    enum { COUNT, COUNTRIES, DISTANCE, MISSING, SHARED, ALL };
    struct rulebook_facts *below = arena_new(arena, struct rulebook_facts, 1);
    struct rulebook_fact *own = arena_new(arena, struct rulebook_fact, ALL);
    if (below == NULL || own == NULL) return error_set(e, FAIL_MEMORY, "no room for facts");
    *below = *facts;
    const struct rulebook_value *count = rulebook_facts_find(facts, STR("copies.count"));
    own[COUNT] = (struct rulebook_fact){STR("copies.count"), *count};
    own[COUNT].value.number.low += RULEBOOK_MILLI;
    if (own[COUNT].value.number.high != RULEBOOK_UNBOUNDED)
        own[COUNT].value.number.high += RULEBOOK_MILLI;
    own[COUNTRIES] =
        (struct rulebook_fact){STR("copies.countries"), loosened(facts, STR("copies.countries"))};
    own[DISTANCE] = (struct rulebook_fact){STR("copies.distance_km"),
                                           loosened(facts, STR("copies.distance_km"))};
    own[SHARED] = (struct rulebook_fact){STR("copies.shared"), rulebook_unknown()};
    own[SHARED].value.source = STR("nobody has said where this store stands");
    own[MISSING] = own[SHARED];
    own[MISSING].path = STR("copies.missing");
    *facts = (struct rulebook_facts){own, ALL, below};
    return OK;
}

enum error_code facts_of_dataset(const struct facts_world *world, str id, str store_site,
                                 struct arena *arena, struct arena scratch,
                                 struct rulebook_facts *out, struct rulebook_subject *subject,
                                 struct error *e) {
    TRY(facts_of_row(world, REGISTER_DATASETS, id, arena, scratch, out, subject, e));
    const struct register_row *row = world_row(world, REGISTER_DATASETS, id);
    if (!facts_is_kept_here(row, world->options.at_ns)) return OK;
    if (store_site.len == 0) return unplaced_add(arena, out, e);
    subject->site_id = store_site;
    return facts_static(world, id, store_site, arena, scratch, out, e);
}
