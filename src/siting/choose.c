/* The best sets, the runner-up, and the constraint that binds. */
#include "siting/choose.h"
#include "siting/joint.h"

#include <math.h>

/* A set of k costs 2^k; so many times more than a step of a search is still worth while. */
enum { SETS_TO_A_STEP = 600 };

uint64_t siting_set_count(uint64_t sites, unsigned count) {
    uint64_t sets = 1;
    if (count > sites) return 0;
    for (unsigned i = 0; i < count; i++) {
        uint64_t grown;
        if (!u64_mul(sets, sites - i, &grown)) return UINT64_MAX;
        sets = grown / (i + 1); /* a product of i + 1 numbers in a row divides */
    }
    return sets;
}

double choosing_rate(const struct choosing *c, const uint32_t *leaves, size_t count,
                     size_t tolerate) {
    double exactly[JOINT_SUBSETS];
    cluster_exactly(&c->tree, leaves, count, exactly);
    return joint_rate(exactly, count, tolerate, c->problem->window_years);
}

bool choosing_fits(const struct choosing *c, const uint32_t *leaves, size_t count, uint32_t leaf) {
    for (size_t i = 0; i < count; i++)
        if (!c->tree.together[leaves[i] * c->tree.count + leaf]) return false;
    return true;
}

/* By the objective, then the other result at the high end, then both at the low one, then the sites'
 * order, so that one table always gives one answer. */
static int compare(const struct siting_problem *p, const struct siting_choice *a,
                   const struct siting_choice *b) {
    enum siting_result first = p->objective,
                       second = first == SITING_LOSS ? SITING_DOWN : SITING_LOSS;
    const double pairs[][2] = {{a->rate[first][SITING_HI], b->rate[first][SITING_HI]},
                               {a->rate[second][SITING_HI], b->rate[second][SITING_HI]},
                               {a->rate[first][SITING_LO], b->rate[first][SITING_LO]},
                               {a->rate[second][SITING_LO], b->rate[second][SITING_LO]}};
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        int order = siting_compare(pairs[i][0], pairs[i][1]);
        if (order != 0) return order;
    }
    for (size_t i = 0; i < p->copies; i++)
        if (a->set[i] != b->set[i]) return a->set[i] < b->set[i] ? -1 : 1;
    return 0;
}

static void sort_set(uint32_t *set, size_t count) {
    for (size_t i = 1; i < count; i++)
        for (size_t k = i; k > 0 && set[k - 1] > set[k]; k--) {
            uint32_t swap = set[k];
            set[k] = set[k - 1];
            set[k - 1] = swap;
        }
}

void choosing_offer(struct choosing *c, const uint32_t *leaves, double objective) {
    const struct siting_problem *p = c->problem;
    struct siting_answer *answer = c->answer;
    answer->looked_at++;
    if (answer->count == SITING_BEST_MAX) {
        double worst = answer->best[SITING_BEST_MAX - 1].rate[p->objective][SITING_HI];
        if (siting_compare(objective, worst) > 0) return;
    }
    struct siting_choice choice = {.set = {0}};
    for (size_t i = 0; i < p->copies; i++) choice.set[i] = c->tree.at[leaves[i]].site;
    sort_set(choice.set, p->copies);
    for (int result = 0; result < SITING_RESULT_COUNT; result++)
        for (int end = 0; end < SITING_END_COUNT; end++)
            choice.rate[result][end] =
                siting_joint_rate(p->rows, (enum siting_result)result, (enum siting_end)end,
                                  choice.set, p->copies, p->tolerate, p->window_years);
    size_t at = answer->count;
    for (size_t i = 0; i < answer->count; i++)
        if (memcmp(answer->best[i].set, choice.set, p->copies * sizeof *choice.set) == 0) return;
    if (at == SITING_BEST_MAX && compare(p, &choice, &answer->best[--at]) >= 0) return;
    for (; at > 0 && compare(p, &choice, &answer->best[at - 1]) < 0; at--)
        answer->best[at] = answer->best[at - 1];
    answer->best[at] = choice;
    if (answer->count < SITING_BEST_MAX) answer->count++;
}

/* None: no site may be used. */
static enum error_code fold(struct choosing *c, int without, struct arena *arena,
                            size_t *candidates, struct error *e) {
    const struct siting_problem *p = c->problem;
    size_t sites = p->rows->site_count;
    bool *may = arena_new(arena, bool, sites), *together = arena_new(arena, bool, sites *sites);
    if (may == NULL || together == NULL)
        return error_set(e, FAIL_MEMORY, "no memory for %zu sites", sites);
    memset(may, true, sites);
    memset(together, true, sites * sites);
    for (size_t k = 0; k < p->constraint_count; k++) {
        const struct siting_constraint *rule = &p->constraints[k];
        if ((int)k == without) continue;
        for (size_t i = 0; i < sites && rule->site_ok != NULL; i++) may[i] &= rule->site_ok[i];
        for (size_t i = 0; i < sites * sites && rule->pair_ok != NULL; i++)
            together[i] &= rule->pair_ok[i];
    }
    *candidates = 0;
    for (size_t i = 0; i < sites; i++) *candidates += may[i];
    return *candidates > 0 ? cluster_tree_make(p, may, together, arena, &c->tree, e) : OK;
}

/* All of them where that is no more work than searching; else exchange, and the bound. What it cannot prove in
 * some millions of steps it rarely proves in many more: then all sets after all, if they are not too many, as
 * most of them cost little beside good ones that are known. */
static enum error_code search(struct choosing *c, size_t candidates, bool is_thorough,
                              struct arena scratch, struct error *e) {
    const struct siting_problem *p = c->problem;
    uint64_t sets = siting_set_count(candidates, (unsigned)p->copies),
             effort = p->effort_max > 0 ? p->effort_max : SITING_EFFORT;
    bool is_all = sets <= effort;
    if (!is_all) {
        c->effort_left = effort / 4; /* to find; what is left of it, to prove */
        choose_exchange(c);
        c->effort_left += effort - effort / 4;
        TRY(choose_bound(c, scratch, e));
        is_all =
            !c->answer->is_proved && is_thorough && sets / SETS_TO_A_STEP <= effort >> p->copies;
    }
    if (!is_all) return OK;
    TRY(choose_all(c, scratch, e));
    c->answer->is_proved = true;
    c->answer->bound = c->answer->count > 0 ? c->answer->best[0].rate[p->objective][SITING_HI] : 0;
    return OK;
}

/* `without` -1: all constraints hold. */
static enum error_code choose_under(const struct siting_problem *p, int without,
                                    struct arena scratch, struct siting_answer *out,
                                    struct error *e) {
    struct choosing c = {.problem = p, .answer = out};
    size_t candidates = 0;
    *out = (struct siting_answer){.binding = -1, .is_proved = true};
    TRY(fold(&c, without, &scratch, &candidates, e));
    return candidates >= p->copies ? search(&c, candidates, without < 0, scratch, e) : OK;
}

/* Leaves out each constraint by turns. */
static enum error_code find_binding(const struct siting_problem *p, struct arena scratch,
                                    struct siting_answer *out, struct error *e) {
    double best = out->count > 0 ? out->best[0].rate[p->objective][SITING_HI] : HUGE_VAL;
    for (size_t k = 0; k < p->constraint_count; k++) {
        struct siting_answer freer;
        TRY(choose_under(p, (int)k, scratch, &freer, e));
        if (freer.count == 0 ||
            siting_compare(freer.best[0].rate[p->objective][SITING_HI], best) >= 0)
            continue;
        best = freer.best[0].rate[p->objective][SITING_HI];
        out->binding = (int)k;
        out->without_binding = best;
    }
    return OK;
}

enum error_code siting_choose(const struct siting_problem *problem, struct arena scratch,
                              struct siting_answer *out, struct error *e) {
    size_t sites = problem->rows->site_count;
    if (problem->copies < 1 || problem->copies > SITING_SET_MAX)
        return error_set(e, FAIL_USAGE, "%zu copies: a set has 1 to %d", problem->copies,
                         SITING_SET_MAX);
    if (problem->copies > sites)
        return error_set(e, FAIL_USAGE, "%zu copies, but only %zu sites", problem->copies, sites);
    if (problem->tolerate >= problem->copies)
        return error_set(e, FAIL_USAGE, "a set of %zu copies cannot tolerate the loss of %zu",
                         problem->copies, problem->tolerate);
    TRY(choose_under(problem, -1, scratch, out, e));
    return find_binding(problem, scratch, out, e);
}
