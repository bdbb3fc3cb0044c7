/* What is said of a set of sites, and the set that holds a dataset today. */
#include <math.h>

#include "planning/set.h"

static void nearest_find(const struct planning_world *w, struct planning_set *set) {
    double least = HUGE_VAL, most = HUGE_VAL, low, high;
    set->nearest_km = set->nearest_most_km = -1;
    for (size_t i = 0; i < set->count; i++)
        for (size_t k = 0; k < i; k++) {
            if (!siting_distance_km(&w->sites[set->sites[i]], &w->sites[set->sites[k]], &low,
                                    &high))
                return;
            least = fmin(least, low);
            most = fmin(most, high);
        }
    if (set->count < 2) return;
    set->nearest_km = least;
    set->nearest_most_km = most;
}

/* "basin:none" says that a site is in no basin: nothing that two could share. */
static bool is_none(str group) {
    return str_ends(group, STR(":none"));
}

static bool has_group(const struct siting_site *site, str group) {
    for (size_t i = 0; i < site->group_count; i++)
        if (str_equal(site->groups[i], group)) return true;
    return false;
}

static enum error_code shared_groups(const struct planning_world *w, struct planning_set *set,
                                     struct arena *arena, struct error *e) {
    const struct siting_site *first = &w->sites[set->sites[0]];
    str *shared = arena_new(arena, str, first->group_count);
    if (shared == NULL) return error_set(e, FAIL_MEMORY, "no memory for groups");
    for (size_t g = 0; g < first->group_count && set->count > 1; g++) {
        bool all = !is_none(first->groups[g]);
        for (size_t i = 1; i < set->count; i++)
            all &= has_group(&w->sites[set->sites[i]], first->groups[g]);
        if (all) shared[set->shared_count++] = first->groups[g];
    }
    set->shared = shared;
    return OK;
}

/* A set may have fewer or more sites than asked for (today's); as many survivors are wanted as then. */
enum error_code planning_describe(const struct planning_world *w, const struct planning_request *r,
                                  const uint32_t *sites, size_t count, struct arena *arena,
                                  struct planning_set *out, struct error *e) {
    size_t survivors = r->copies - r->tolerate,
           tolerate = count > survivors ? count - survivors : 0;
    const struct siting_rows *rows = &w->table;
    struct planning_set set = {.count = count, .by_chance = -1};
    memcpy(set.sites, sites, count * sizeof *sites);
    for (int result = 0; result < SITING_RESULT_COUNT; result++)
        for (int end = 0; end < SITING_END_COUNT; end++)
            set.rate[result][end] =
                siting_joint_rate(rows, (enum siting_result)result, (enum siting_end)end, sites,
                                  count, tolerate, r->window_years);
    set.top_count = siting_joint_top(rows, r->objective, SITING_HI, sites, count, tolerate,
                                     r->window_years, set.top, COUNT_OF(set.top));
    nearest_find(w, &set);
    if (r->simulate_years > 0)
        set.by_chance = siting_simulate(rows, r->objective, SITING_HI, sites, count, tolerate,
                                        r->window_years, (double)r->simulate_years, 1);
    TRY(shared_groups(w, &set, arena, e));
    *out = set;
    return OK;
}

/* ---- today ---- */

static void copy_add(struct planning_copies *copies, uint32_t site) {
    for (size_t i = 0; i < copies->count; i++)
        if (copies->sites[i] == site) return;
    copies->sites[copies->count++] = site;
}

/* A copy ends on its own day, and its row's value on another. */
static void copy_find(const struct planning_world *w, const struct register_record *copy,
                      struct planning_copies *copies) {
    int64_t at_ns = w->options.at_ns;
    const struct register_value *at = register_value_find(copy, STR("site"));
    uint32_t site;
    if (copy->valid_from_ns > at_ns || copy->valid_until_ns <= at_ns) return;
    if (register_value_is_good(at, at_ns) && planning_site_find(w, at->text, &site, NULL) == OK)
        copy_add(copies, site);
    else
        copies->unplaced++;
}

enum error_code planning_copies_find(const struct planning_world *w,
                                     const struct register_row *dataset, str store_site,
                                     struct arena *arena, struct planning_copies *out,
                                     struct error *e) {
    int64_t at_ns = w->options.at_ns;
    const struct register_value *list = register_value_find(&dataset->fields, STR("copies"));
    size_t listed = register_value_is_good(list, at_ns) ? list->count : 0;
    uint32_t site;
    str where;
    struct planning_copies copies = {.sites = arena_new(arena, uint32_t, 1 + listed)};
    if (copies.sites == NULL) return error_set(e, FAIL_MEMORY, "no memory for copies");
    if (store_site.len > 0) TRY(planning_site_find(w, store_site, &site, e));
    bool is_here =
        register_text_at(dataset, STR("store"), at_ns, &where) && str_equal(where, STR("here"));
    if (is_here && store_site.len > 0) {
        copy_add(&copies, site);
    } else if (is_here) {
        copies.unplaced++;
    }
    for (size_t i = 0; i < listed; i++) copy_find(w, &list->records[i], &copies);
    *out = copies;
    return OK;
}

enum error_code planning_today(const struct planning_world *w, str dataset_id, str store_site,
                               struct arena *arena, struct planning_copies *out, struct error *e) {
    const struct register_row *dataset =
        register_row_at(w->options.snapshot, REGISTER_DATASETS, dataset_id, w->options.at_ns);
    if (dataset == NULL)
        return error_set(e, FAIL_NOT_FOUND, "the register has no dataset \"%.*s\" on that day",
                         STR_FMT(dataset_id));
    return planning_copies_find(w, dataset, store_site, arena, out, e);
}
