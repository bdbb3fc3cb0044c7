/* The set of sites that should hold the copies of a dataset. */
#include "planning/set.h"

#include <math.h>
#include <stdio.h>

enum { CONSTRAINTS_MOST = 64 };

struct planner {
    const struct planning_world *world;
    const struct planning_request *request;
    struct arena *arena;
    struct siting_constraint constraints[CONSTRAINTS_MOST];
    str names_ja[CONSTRAINTS_MOST];
    size_t constraint_count;
};

/* ---- constraints ---- */

static enum error_code add_constraint(struct planner *p, str name, str name_ja, const bool *site_ok,
                                      const bool *pair_ok, struct error *e) {
    if (p->constraint_count == CONSTRAINTS_MOST)
        return error_set(e, FAIL_LIMIT, "over %d constraints", CONSTRAINTS_MOST);
    p->names_ja[p->constraint_count] = name_ja;
    p->constraints[p->constraint_count++] = (struct siting_constraint){name, site_ok, pair_ok};
    return OK;
}

static enum error_code constrain_countries(struct planner *p, struct error *e) {
    const struct planning_world *w = p->world;
    bool *ok = arena_new(p->arena, bool, w->site_count);
    str name, name_ja;
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
    TRY(arena_format(p->arena, &name_ja, e, "国%.*s%s", STR_FMT(p->request->countries[0]),
                     p->request->country_count > 1 ? " ほか" : ""));
    return add_constraint(p, name, name_ja, ok, NULL, e);
}

/* A pair of which a place is not known is not known to be far apart, nor is one of grid squares that come nearer. */
static enum error_code constrain_distance(struct planner *p, struct error *e) {
    const struct planning_world *w = p->world;
    size_t n = w->site_count;
    str name, name_ja;
    if (p->request->min_km <= 0) return OK;
    bool *ok = arena_new(p->arena, bool, n *n);
    if (ok == NULL) return error_set(e, FAIL_MEMORY, "no memory for constraints");
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            double low, high;
            ok[i * n + k] = siting_distance_km(&w->sites[i], &w->sites[k], &low, &high) &&
                            low >= p->request->min_km;
        }
    TRY(arena_format(p->arena, &name, e, "at least %g km apart", p->request->min_km));
    TRY(arena_format(p->arena, &name_ja, e, "互いに%g km以上離れる", p->request->min_km));
    return add_constraint(p, name, name_ja, NULL, ok, e);
}

static enum error_code constrain_near(struct planner *p, struct error *e) {
    const struct planning_world *w = p->world;
    uint32_t near;
    str name, name_ja;
    if (p->request->near.len == 0) return OK;
    TRY(planning_site_find(w, p->request->near, &near, e));
    if (!siting_site_is_placed(&w->sites[near]))
        return error_set(
            e, FAIL_USAGE,
            "the register does not say where the site \"%.*s\" is: lat and lon, or mesh",
            STR_FMT(p->request->near));
    bool *ok = arena_new(p->arena, bool, w->site_count);
    if (ok == NULL) return error_set(e, FAIL_MEMORY, "no memory for constraints");
    for (size_t i = 0; i < w->site_count; i++) {
        double low, high;
        ok[i] = i == near || (siting_distance_km(&w->sites[i], &w->sites[near], &low, &high) &&
                              high <= p->request->near_km);
    }
    TRY(arena_format(p->arena, &name, e, "within %g km of %.*s", p->request->near_km,
                     STR_FMT(p->request->near)));
    TRY(arena_format(p->arena, &name_ja, e, "%.*sから%g km以内", STR_FMT(p->request->near),
                     p->request->near_km));
    return add_constraint(p, name, name_ja, ok, NULL, e);
}

static enum error_code constrain_disjoint(struct planner *p, str wanted, struct error *e) {
    const bool *ok;
    size_t unknown;
    char en[64] = "", ja[64] = "";
    str name, name_ja;
    TRY(planning_apart(p->world, wanted, p->arena, &ok, &unknown, e));
    if (unknown > 0) snprintf(en, sizeof en, " (not known of %zu sites)", unknown);
    if (unknown > 0) snprintf(ja, sizeof ja, "（%zu拠点は不明）", unknown);
    TRY(arena_format(p->arena, &name, e, "no two in one %.*s%s", STR_FMT(wanted), en));
    TRY(arena_format(p->arena, &name_ja, e, "同じ%.*sに二つを置かない%s", STR_FMT(wanted), ja));
    return add_constraint(p, name, name_ja, NULL, ok, e);
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
    return add_constraint(p, STR("nothing unknown"), STR("不明な点がない"), ok, NULL, e);
}

static enum error_code constrain(struct planner *p, struct error *e) {
    TRY(constrain_countries(p, e));
    TRY(constrain_distance(p, e));
    TRY(constrain_near(p, e));
    for (size_t i = 0; i < p->request->disjoint_count; i++)
        TRY(constrain_disjoint(p, p->request->disjoint[i], e));
    return p->request->known_only ? constrain_known(p, e) : OK;
}

/* ---- the plan ---- */

static enum error_code describe(struct planner *p, const uint32_t *sites, size_t count,
                                struct planning_set *out, struct error *e) {
    return planning_describe(p->world, p->request, sites, count, p->arena, out, e);
}

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

double planning_gap(const struct planning_plan *plan) {
    if (plan->is_proved) return 1;
    if (plan->set_count == 0 || plan->bound <= 0) return HUGE_VAL;
    const struct planning_set *best = &plan->sets[0];
    return best->rate[plan->request->objective][SITING_HI] / plan->bound;
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

/* That nothing strikes where no event of the table speaks of is no finding: beside such a best set stands the best of
 * where somebody has looked. */
static enum error_code plan_known(struct planner *p, struct arena scratch,
                                  struct planning_plan *out, struct error *e) {
    struct siting_answer *known = arena_new(&scratch, struct siting_answer, 1);
    bool *ok = arena_new(&scratch, bool, p->world->site_count);
    if (out->beyond == 0) return OK;
    if (known == NULL || ok == NULL) return error_set(e, FAIL_MEMORY, "no memory for a plan");
    for (uint32_t i = 0; i < p->world->site_count; i++) ok[i] = !planning_is_beyond(p->world, i);
    TRY(add_constraint(p, STR("spoken of"), STR("表の対象"), ok, NULL, e));
    enum error_code code = choose(p, p->request->copies, scratch, known, e);
    p->constraint_count--;
    out->has_known = code == OK && known->count > 0;
    return out->has_known ? describe(p, known->best[0].set, p->request->copies, &out->known, e)
                          : code;
}

/* Told and not left out: whether copies may stand abroad is for rulebooks, and for who asks. */
static void abroad_count(const struct planner *p, struct planning_plan *plan) {
    const struct planning_options *o = &p->world->options;
    const struct register_row *row;
    str operator_id, country;
    if (!register_text_at(plan->dataset, STR("operator"), o->at_ns, &operator_id)) return;
    row = register_row_at(o->snapshot, REGISTER_OPERATORS, operator_id, o->at_ns);
    if (row == NULL || !register_text_at(row, STR("home"), o->at_ns, &plan->home)) return;
    if (p->request->country_count > 0 || plan->set_count == 0) return;
    for (size_t i = 0; i < plan->sets[0].count; i++) {
        const struct register_row *site = p->world->rows[plan->sets[0].sites[i]];
        plan->abroad += !register_text_at(site, STR("country"), o->at_ns, &country) ||
                        !str_equal(country, plan->home);
    }
}

static bool keeps(const struct siting_constraint *c, size_t site_count,
                  const struct planning_copies *copies) {
    for (size_t i = 0; i < copies->count; i++) {
        if (c->site_ok != NULL && !c->site_ok[copies->sites[i]]) return false;
        for (size_t k = 0; c->pair_ok != NULL && k < i; k++)
            if (!c->pair_ok[copies->sites[i] * site_count + copies->sites[k]]) return false;
    }
    return true;
}

static void today_hold(const struct planner *p, const struct planning_copies *today,
                       struct planning_plan *plan) {
    for (size_t i = 0; i < p->constraint_count && plan->today_breaks.len == 0; i++) {
        if (keeps(&p->constraints[i], p->world->site_count, today)) continue;
        plan->today_breaks = p->constraints[i].name;
        plan->today_breaks_ja = p->names_ja[i];
    }
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
    abroad_count(p, &plan);
    for (size_t i = 0; plan.set_count > 0 && i < plan.sets[0].count; i++)
        plan.beyond += planning_is_beyond(world, plan.sets[0].sites[i]);
    if (answer->binding >= 0) {
        plan.binding = p->constraints[answer->binding].name;
        plan.binding_ja = p->names_ja[answer->binding];
        plan.without_binding = answer->without_binding;
    }
    struct planning_copies today;
    TRY(planning_copies_find(world, plan.dataset, request->store_site, arena, &today, e));
    plan.has_today = today.count > 0;
    plan.today_unplaced = today.unplaced;
    if (today.count > SITING_SET_MAX) { /* fewer copies are lost more often, never less */
        plan.today_unplaced += today.count - SITING_SET_MAX;
        today.count = SITING_SET_MAX;
    }
    today_hold(p, &today, &plan);
    for (size_t i = 0; i < today.count; i++)
        plan.today_beyond += planning_is_beyond(world, today.sites[i]);
    if (plan.has_today) TRY(describe(p, today.sites, today.count, &plan.today, e));
    TRY(plan_more(p, scratch, &plan, e));
    TRY(plan_known(p, scratch, &plan, e));
    *out = plan;
    return OK;
}
