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

static bool is_declared(const struct register_row *dataset, str site, int64_t at_ns) {
    const struct register_value *copies = register_value_find(&dataset->fields, STR("copies"));
    for (size_t i = 0; register_value_is_good(copies, at_ns) && i < copies->count; i++) {
        const struct register_record *copy = &copies->records[i];
        const struct register_value *at = register_value_find(copy, STR("site"));
        if (copy->valid_from_ns <= at_ns && at_ns < copy->valid_until_ns &&
            register_value_is_good(at, at_ns) && str_equal(at->text, site))
            return true;
    }
    return false;
}

/* What is so of all copies, as the copy where this store stands has it. */
static enum error_code placed_add(const struct rulebook_facts *there, struct arena *arena,
                                  struct rulebook_facts *facts, struct error *e) {
    static const str paths[] = {{"copies.count", 12},
                                {"copies.countries", 16},
                                {"copies.distance_km", 18},
                                {"copies.missing", 14},
                                {"copies.shared", 13}};
    struct rulebook_facts *below = arena_new(arena, struct rulebook_facts, 1);
    struct rulebook_fact *own = arena_new(arena, struct rulebook_fact, COUNT_OF(paths));
    if (below == NULL || own == NULL) return error_set(e, FAIL_MEMORY, "no room for facts");
    *below = *facts;
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        own[i] = (struct rulebook_fact){paths[i], *rulebook_facts_find(there, paths[i])};
    *facts = (struct rulebook_facts){own, COUNT_OF(paths), below};
    return OK;
}

enum error_code facts_of_copy(const struct facts_world *world, str dataset, str site,
                              str store_site, struct arena *arena, struct arena scratch,
                              struct rulebook_facts *out, struct error *e) {
    int64_t at_ns = world->options.at_ns;
    struct rulebook_facts there;
    TRY(facts_static(world, dataset, site, arena, scratch, out, e));
    const struct register_row *row = world_row(world, REGISTER_DATASETS, dataset);
    if (row == NULL || !facts_is_kept_here(row, at_ns)) return OK;
    if (store_site.len == 0) {
        bool is_own = site.len > 0 && !is_declared(row, site, at_ns);
        return is_own ? OK : unplaced_add(arena, out, e);
    }
    if (str_equal(site, store_site)) return OK;
    TRY(facts_static(world, dataset, store_site, arena, scratch, &there, e));
    return placed_add(&there, arena, out, e);
}
