/* The set of sites that should hold the copies of a dataset. */
#include <math.h>

#include "planning/planning.h"

enum { CONSTRAINTS_MOST = 64 };

struct planner {
    const struct planning_world *world;
    const struct planning_request *request;
    struct arena *arena;
    struct siting_constraint constraints[CONSTRAINTS_MOST];
    size_t constraint_count;
};

/* ---- constraints ---- */

static enum error_code add_constraint(struct planner *p, str name, const bool *site_ok,
                                      const bool *pair_ok, struct error *e) {
    if (p->constraint_count == CONSTRAINTS_MOST)
        return error_set(e, FAIL_LIMIT, "over %d constraints", CONSTRAINTS_MOST);
    p->constraints[p->constraint_count++] = (struct siting_constraint){name, site_ok, pair_ok};
    return OK;
}

static enum error_code constrain_countries(struct planner *p, struct error *e) {
    const struct planning_world *w = p->world;
    bool *ok = arena_new(p->arena, bool, w->site_count);
    str name;
    if (p->request->country_count == 0) return OK;
    if (ok == NULL) return error_set(e, FAIL_MEMORY, "no memory for constraints");
    for (size_t i = 0; i < w->site_count; i++) {
        str country;
        if (!register_text_at(w->rows[i], STR("country"), w->options.at_ns, &country)) continue;
        for (size_t k = 0; k < p->request->country_count; k++)
            ok[i] |= str_equal(p->request->countries[k], country);
    }
    TRY(arena_format(p->arena, &name, e, "country %.*s%s", STR_FMT(p->request->countries[0]),
                     p->request->country_count > 1 ? " …" : ""));
    return add_constraint(p, name, ok, NULL, e);
}

/* A pair of which a place is not known is not known to be far apart. */
static enum error_code constrain_distance(struct planner *p, struct error *e) {
    const struct planning_world *w = p->world;
    size_t n = w->site_count;
    str name;
    if (p->request->min_km <= 0) return OK;
    bool *ok = arena_new(p->arena, bool, n *n);
    if (ok == NULL) return error_set(e, FAIL_MEMORY, "no memory for constraints");
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            ok[i * n + k] =
                w->sites[i].has_point && w->sites[k].has_point &&
                geo_distance_km(w->sites[i].point, w->sites[k].point) >= p->request->min_km;
    TRY(arena_format(p->arena, &name, e, "at least %g km apart", p->request->min_km));
    return add_constraint(p, name, NULL, ok, e);
}

static enum error_code constrain_near(struct planner *p, struct error *e) {
    const struct planning_world *w = p->world;
    uint32_t near;
    str name;
    if (p->request->near.len == 0) return OK;
    TRY(planning_site_find(w, p->request->near, &near, e));
    if (!w->sites[near].has_point)
        return error_set(e, FAIL_USAGE,
                         "the register does not say where the site \"%.*s\" is: lat and lon",
                         STR_FMT(p->request->near));
    bool *ok = arena_new(p->arena, bool, w->site_count);
    if (ok == NULL) return error_set(e, FAIL_MEMORY, "no memory for constraints");
    for (size_t i = 0; i < w->site_count; i++)
        ok[i] = w->sites[i].has_point &&
                geo_distance_km(w->sites[i].point, w->sites[near].point) <= p->request->near_km;
    TRY(arena_format(p->arena, &name, e, "within %g km of %.*s", p->request->near_km,
                     STR_FMT(p->request->near)));
    return add_constraint(p, name, ok, NULL, e);
}

/* "grid" is every group of that scheme; "grid:tohoku" and "sendai-plain" are one each. */
static bool is_meant(str group, str wanted) {
    return str_equal(group, wanted) ||
           (group.len > wanted.len && str_starts(group, wanted) && group.at[wanted.len] == ':');
}

static bool share(const struct siting_site *a, const struct siting_site *b, str wanted) {
    for (size_t i = 0; i < a->group_count; i++)
        for (size_t k = 0; is_meant(a->groups[i], wanted) && k < b->group_count; k++)
            if (str_equal(a->groups[i], b->groups[k])) return true;
    return false;
}

static enum error_code constrain_disjoint(struct planner *p, str wanted, struct error *e) {
    const struct planning_world *w = p->world;
    size_t n = w->site_count;
    bool *ok = arena_new(p->arena, bool, n *n);
    str name;
    if (ok == NULL) return error_set(e, FAIL_MEMORY, "no memory for constraints");
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) ok[i * n + k] = !share(&w->sites[i], &w->sites[k], wanted);
    TRY(arena_format(p->arena, &name, e, "no two in one %.*s", STR_FMT(wanted)));
    return add_constraint(p, name, NULL, ok, e);
}

static enum error_code constrain_known(struct planner *p, struct error *e) {
    const struct planning_world *w = p->world;
    bool *ok = arena_new(p->arena, bool, w->site_count);
    if (ok == NULL) return error_set(e, FAIL_MEMORY, "no memory for constraints");
    for (uint32_t i = 0; i < w->site_count; i++) {
        const str *unknown;
        size_t count;
        TRY(planning_unknowns(w, i, p->arena, &unknown, &count, e));
        ok[i] = count == 0;
    }
    return add_constraint(p, STR("nothing unknown"), ok, NULL, e);
}

static enum error_code constrain(struct planner *p, struct error *e) {
    TRY(constrain_countries(p, e));
    TRY(constrain_distance(p, e));
    TRY(constrain_near(p, e));
    for (size_t i = 0; i < p->request->disjoint_count; i++)
        TRY(constrain_disjoint(p, p->request->disjoint[i], e));
    return p->request->known_only ? constrain_known(p, e) : OK;
}

/* ---- what is said of a set ---- */

static double nearest_km(const struct planning_world *w, const uint32_t *set, size_t count) {
    double nearest = HUGE_VAL;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++) {
            if (!w->sites[set[i]].has_point || !w->sites[set[k]].has_point) return -1;
            nearest =
                fmin(nearest, geo_distance_km(w->sites[set[i]].point, w->sites[set[k]].point));
        }
    return count < 2 ? -1 : nearest;
}

static bool has_group(const struct siting_site *site, str group) {
    for (size_t i = 0; i < site->group_count; i++)
        if (str_equal(site->groups[i], group)) return true;
    return false;
}

static enum error_code shared_groups(struct planner *p, struct planning_set *set, struct error *e) {
    const struct siting_site *first = &p->world->sites[set->sites[0]];
    str *shared = arena_new(p->arena, str, first->group_count);
    if (shared == NULL) return error_set(e, FAIL_MEMORY, "no memory for groups");
    for (size_t g = 0; g < first->group_count && set->count > 1; g++) {
        bool all = true;
        for (size_t i = 1; i < set->count; i++)
            all &= has_group(&p->world->sites[set->sites[i]], first->groups[g]);
        if (all) shared[set->shared_count++] = first->groups[g];
    }
    set->shared = shared;
    return OK;
}

/* A set may have fewer or more sites than asked for (today's); as many survivors are wanted as then. */
static enum error_code describe(struct planner *p, const uint32_t *sites, size_t count,
                                struct planning_set *out, struct error *e) {
    const struct planning_request *r = p->request;
    size_t survivors = r->copies - r->tolerate,
           tolerate = count > survivors ? count - survivors : 0;
    const struct siting_rows *rows = &p->world->table;
    struct planning_set set = {.count = count, .by_chance = -1};
    memcpy(set.sites, sites, count * sizeof *sites);
    for (int result = 0; result < SITING_RESULT_COUNT; result++)
        for (int end = 0; end < SITING_END_COUNT; end++)
            set.rate[result][end] =
                siting_joint_rate(rows, (enum siting_result)result, (enum siting_end)end, sites,
                                  count, tolerate, r->window_years);
    set.top_count = siting_joint_top(rows, r->objective, SITING_HI, sites, count, tolerate,
                                     r->window_years, set.top, COUNT_OF(set.top));
    set.nearest_km = nearest_km(p->world, sites, count);
    if (r->simulate_years > 0)
        set.by_chance = siting_simulate(rows, r->objective, SITING_HI, sites, count, tolerate,
                                        r->window_years, (double)r->simulate_years, 1);
    TRY(shared_groups(p, &set, e));
    *out = set;
    return OK;
}

/* ---- today ---- */

static void add_site(uint32_t *sites, size_t *count, uint32_t site) {
    for (size_t i = 0; i < *count; i++)
        if (sites[i] == site) return;
    if (*count < SITING_SET_MAX) sites[(*count)++] = site;
}

/* The store's own copy and those the register lists. */
static enum error_code find_today(struct planner *p, const struct register_row *dataset,
                                  struct planning_plan *out, struct error *e) {
    uint32_t sites[SITING_SET_MAX], site;
    size_t count = 0;
    int64_t at_ns = p->world->options.at_ns;
    str where;
    bool is_here =
        register_text_at(dataset, STR("store"), at_ns, &where) && str_equal(where, STR("here"));
    if (is_here && p->request->store_site.len > 0) {
        TRY(planning_site_find(p->world, p->request->store_site, &site, e));
        add_site(sites, &count, site);
    }
    const struct register_value *copies = register_value_find(&dataset->fields, STR("copies"));
    for (size_t i = 0; register_value_is_good(copies, at_ns) && i < copies->count; i++) {
        const struct register_value *at = register_value_find(&copies->records[i], STR("site"));
        if (!register_value_is_good(at, at_ns)) continue;
        if (planning_site_find(p->world, at->text, &site, NULL) == OK)
            add_site(sites, &count, site);
    }
    out->has_today = count > 0;
    return count > 0 ? describe(p, sites, count, &out->today, e) : OK;
}

/* ---- the plan ---- */

static enum error_code choose(struct planner *p, size_t copies, struct arena scratch,
                              struct siting_answer *answer, struct error *e) {
    const struct planning_request *r = p->request;
    const struct siting_problem problem = {.rows = &p->world->table,
                                           .copies = copies,
                                           .tolerate = copies - (r->copies - r->tolerate),
                                           .window_years = r->window_years,
                                           .objective = r->objective,
                                           .constraints = p->constraints,
                                           .constraint_count = p->constraint_count};
    return siting_choose(&problem, scratch, answer, e);
}

static enum error_code plan_more(struct planner *p, struct arena scratch, struct planning_plan *out,
                                 struct error *e) {
    struct siting_answer *more = arena_new(&scratch, struct siting_answer, 1);
    size_t copies = p->request->copies + 1;
    if (more == NULL) return error_set(e, FAIL_MEMORY, "no memory for a plan");
    if (copies > SITING_SET_MAX || copies > p->world->site_count) return OK;
    TRY(choose(p, copies, scratch, more, e));
    out->has_more = more->count > 0;
    return more->count > 0 ? describe(p, more->best[0].set, copies, &out->more, e) : OK;
}

enum error_code planning_plan(const struct planning_world *world,
                              const struct planning_request *request, struct arena *arena,
                              struct arena scratch, struct planning_plan *out, struct error *e) {
    struct planner *p = arena_new(&scratch, struct planner, 1);
    struct siting_answer *answer = arena_new(&scratch, struct siting_answer, 1);
    struct planning_plan plan = {.request = request};
    if (p == NULL || answer == NULL) return error_set(e, FAIL_MEMORY, "no memory for a plan");
    *p = (struct planner){.world = world, .request = request, .arena = arena};
    plan.dataset = register_row_at(world->options.snapshot, REGISTER_DATASETS, request->dataset,
                                   world->options.at_ns);
    if (plan.dataset == NULL)
        return error_set(e, FAIL_NOT_FOUND, "the register has no dataset \"%.*s\" on that day",
                         STR_FMT(request->dataset));
    if (request->copies == 0 || request->tolerate >= request->copies)
        return error_set(e, FAIL_USAGE, "%zu copies cannot tolerate the loss of %zu",
                         request->copies, request->tolerate);
    TRY(constrain(p, e));
    TRY(choose(p, request->copies, scratch, answer, e));
    for (size_t i = 0; i < answer->count; i++)
        TRY(describe(p, answer->best[i].set, request->copies, &plan.sets[i], e));
    plan.set_count = answer->count;
    plan.looked_at = answer->looked_at;
    plan.is_proved = answer->is_proved;
    plan.bound = answer->bound;
    if (answer->binding >= 0) {
        plan.binding = p->constraints[answer->binding].name;
        plan.without_binding = answer->without_binding;
    }
    TRY(find_today(p, plan.dataset, &plan, e));
    TRY(plan_more(p, scratch, &plan, e));
    *out = plan;
    return OK;
}
