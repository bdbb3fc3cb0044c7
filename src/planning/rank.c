/* Each site by itself. */
#include "planning/planning.h"

static bool comes_before(const struct planning_ranked *a, const struct planning_ranked *b) {
    if (a->is_beyond != b->is_beyond) return b->is_beyond;
    const enum siting_result order[] = {SITING_LOSS, SITING_DOWN};
    for (size_t i = 0; i < COUNT_OF(order); i++)
        for (int end = SITING_HI; end >= SITING_LO; end--) {
            int which = siting_compare(a->rate[order[i]][end], b->rate[order[i]][end]);
            if (which != 0) return which < 0;
        }
    return a->site < b->site;
}

enum error_code planning_rank(const struct planning_world *world, struct arena *arena,
                              const struct planning_ranked **out, struct error *e) {
    struct planning_ranked *list = arena_new(arena, struct planning_ranked, world->site_count);
    if (list == NULL)
        return error_set(e, FAIL_MEMORY, "no memory for %zu sites", world->site_count);
    for (uint32_t site = 0; site < world->site_count; site++) {
        struct planning_ranked ranked = {.site = site,
                                         .is_beyond = planning_is_beyond(world, site)};
        for (int result = 0; result < SITING_RESULT_COUNT; result++)
            for (int end = 0; end < SITING_END_COUNT; end++)
                ranked.rate[result][end] =
                    siting_joint_rate(&world->table, (enum siting_result)result,
                                      (enum siting_end)end, &site, 1, 0, 0);
        ranked.top_count = siting_joint_top(&world->table, SITING_LOSS, SITING_HI, &site, 1, 0, 0,
                                            ranked.top, COUNT_OF(ranked.top));
        TRY(planning_unknowns(world, site, arena, &ranked.unknown, &ranked.unknown_count, e));
        size_t at = site;
        for (; at > 0 && comes_before(&ranked, &list[at - 1]); at--) list[at] = list[at - 1];
        list[at] = ranked;
    }
    *out = list;
    return OK;
}

size_t planning_ranked_known(const struct planning_world *world,
                             const struct planning_ranked *ranked) {
    size_t count = 0;
    while (count < world->site_count && !ranked[count].is_beyond) count++;
    return count > 0 ? count : world->site_count;
}
