/* Sets out of many sites: good ones by exchange, and how far the best may be from them. */
#include <math.h>

#include "siting/choose.h"
#include "siting/joint.h"

/* A set by itself costs as much as so many of those that are looked at one after the other; a few are
 * always worth it. */
enum { EFFORT_OF_A_SET = 16, EFFORT_LEAST = 500 };

/* Nothing is worse for striking a site more surely, so a set is at least as bad as the same set with the
 * sites still open replaced by one that is, in each row, as good as the best of those that may come. */
struct bounding {
    struct choosing *c;
    struct siting_rows ideal; /* the sites, then one ideal site for each position in `order` */
    uint32_t *order; /* candidates, worst alone first: what is cut off early cuts off much */
    double *alone;   /* [site]: how often it is struck */
    size_t candidates;
    uint32_t set[SITING_SET_MAX];
    double bound; /* below this nothing that was not looked at can be */
};

static double best_known(const struct choosing *c) {
    return c->answer->count > 0 ? c->answer->best[0].rate[c->problem->objective][SITING_HI]
                                : HUGE_VAL;
}

static double spend(struct choosing *c, const uint32_t *set, size_t count) {
    if (c->effort_left > 0) c->effort_left--;
    return choosing_rate(c, set, count);
}

/* ---- exchange ---- */

/* Adds the site that makes the set, such as it is, least bad. A set not yet full is judged as one that
 * bears nothing more than it must. False: no site fits. */
static bool grow(struct choosing *c, uint32_t *set, size_t *count) {
    const struct siting_problem *p = c->problem;
    double best = HUGE_VAL;
    uint32_t chosen = UINT32_MAX;
    for (uint32_t site = 0; site < c->sites; site++) {
        if (!choosing_fits(c, set, *count, site)) continue;
        set[*count] = site;
        size_t tolerate =
            *count + 1 > p->copies - p->tolerate ? *count + 1 - (p->copies - p->tolerate) : 0;
        double rate = siting_joint_rate(p->rows, p->objective, SITING_HI, set, *count + 1, tolerate,
                                        p->window_years);
        if (c->effort_left > 0) c->effort_left--;
        if (rate >= best) continue;
        best = rate;
        chosen = site;
    }
    if (chosen == UINT32_MAX) return false;
    set[(*count)++] = chosen;
    return true;
}

/* One site for another, the best such step, until none betters it. */
static void settle(struct choosing *c, uint32_t *set) {
    size_t copies = c->problem->copies;
    double now = spend(c, set, copies);
    choosing_offer(c, set, now);
    for (bool moved = true; moved && c->effort_left > 0;) {
        uint32_t best_set[SITING_SET_MAX];
        double best = now;
        moved = false;
        for (size_t out = 0; out < copies; out++) {
            uint32_t trial[SITING_SET_MAX];
            memcpy(trial, set, copies * sizeof *set);
            trial[out] = trial[copies - 1];
            for (uint32_t site = 0; site < c->sites && c->effort_left > 0; site++) {
                if (site == set[out] || !choosing_fits(c, trial, copies - 1, site)) continue;
                trial[copies - 1] = site;
                double rate = spend(c, trial, copies);
                if (rate < best * (1 - 1e-12)) {
                    best = rate;
                    memcpy(best_set, trial, sizeof best_set);
                    moved = true;
                }
                if (rate <= best_known(c) * 1.1) choosing_offer(c, trial, rate);
            }
        }
        if (!moved) break;
        memcpy(set, best_set, copies * sizeof *set);
        now = best;
    }
}

/* ---- the bound ---- */

static enum error_code make_ideal(struct bounding *b, struct arena *arena, struct error *e) {
    const struct siting_rows *rows = b->c->problem->rows;
    enum siting_result result = b->c->problem->objective;
    size_t sites = b->c->sites;
    b->ideal = *rows;
    b->ideal.site_count = sites + b->candidates;
    double *p = arena_new(arena, double, rows->stride * b->ideal.site_count);
    if (p == NULL) return error_set(e, FAIL_MEMORY, "no memory for a bound over %zu sites", sites);
    memcpy(p, rows->p[result][SITING_HI], rows->stride * sites * sizeof *p);
    for (size_t i = b->candidates; i-- > 0;) { /* the best of this candidate and those after it */
        double *mine = p + (sites + i) * rows->stride;
        const double *site = p + b->order[i] * rows->stride, *after = mine + rows->stride;
        for (size_t row = 0; row < rows->row_count; row++)
            mine[row] = i + 1 < b->candidates ? fmin(site[row], after[row]) : site[row];
    }
    b->ideal.p[result][SITING_HI] = p;
    return OK;
}

static enum error_code make_order(struct bounding *b, struct arena *arena, struct error *e) {
    const struct siting_problem *p = b->c->problem;
    double *alone = b->alone = arena_new(arena, double, b->c->sites);
    b->order = arena_new(arena, uint32_t, b->c->sites);
    if (alone == NULL || b->order == NULL)
        return error_set(e, FAIL_MEMORY, "no memory for %zu sites", b->c->sites);
    for (uint32_t site = 0; site < b->c->sites; site++) {
        if (!b->c->may[site]) continue;
        alone[site] =
            siting_joint_rate(p->rows, p->objective, SITING_HI, &site, 1, 0, p->window_years);
        size_t at = b->candidates++;
        for (; at > 0 && alone[b->order[at - 1]] < alone[site]; at--)
            b->order[at] = b->order[at - 1];
        b->order[at] = site;
    }
    return OK;
}

/* By ideal sites. */
static double at_least_ideal(struct bounding *b, size_t depth, size_t next) {
    const struct siting_problem *p = b->c->problem;
    uint32_t set[SITING_SET_MAX];
    memcpy(set, b->set, depth * sizeof *set);
    for (size_t i = depth; i < p->copies; i++) set[i] = (uint32_t)(b->c->sites + next);
    return siting_joint_rate(&b->ideal, p->objective, SITING_HI, set, p->copies, p->tolerate,
                             p->window_years);
}

/* By independence: where all sites must be lost, events that a site shares with others only make that
 * more frequent, so it is at least as bad as one that is struck as often by events of its own. (Of two:
 * l12 + W (2 l1 l2 - l12 (l1 + l2)) >= 2 W l1 l2 while W (l1 + l2) <= 1.) Those struck least often alone
 * are the last in order. */
static double at_least_independent(struct bounding *b, size_t depth) {
    const struct siting_problem *p = b->c->problem;
    double exactly[JOINT_SUBSETS] = {0}, sum = 0;
    if (p->tolerate + 1 != p->copies) return 0;
    joint_exactly(p->rows, p->objective, SITING_HI, b->set, depth, exactly);
    for (unsigned struck = 1; struck < 1u << depth; struck++) sum += exactly[struck];
    for (size_t i = depth; i < p->copies; i++) {
        double alone = b->alone[b->order[b->candidates - 1 - (i - depth)]];
        exactly[1u << i] = alone;
        sum += alone;
    }
    return sum * p->window_years <= 1 ? joint_rate(exactly, p->copies, p->tolerate, p->window_years)
                                      : 0;
}

/* What the set so far, filled up from candidates from `next` on, is at least. */
static double at_least(struct bounding *b, size_t depth, size_t next) {
    if (b->c->effort_left > 0) b->c->effort_left--;
    return fmax(at_least_independent(b, depth), at_least_ideal(b, depth, next));
}

static void branch(struct bounding *b, size_t depth, size_t next) {
    size_t wanted = b->c->problem->copies - depth;
    for (size_t i = next; i + wanted <= b->candidates; i++) {
        double rest = at_least(b, depth, i); /* all that this loop still has before it */
        if (rest >= best_known(b->c)) return;
        if (b->c->effort_left == 0) {
            b->bound = fmin(b->bound, rest);
            return;
        }
        if (!choosing_fits(b->c, b->set, depth, b->order[i])) continue;
        b->set[depth] = b->order[i];
        if (wanted == 1)
            choosing_offer(b->c, b->set, spend(b->c, b->set, depth + 1));
        else
            branch(b, depth + 1, i + 1);
    }
}

enum error_code choose_exchange(struct choosing *c, struct arena scratch, struct error *e) {
    struct bounding b = {.c = c, .bound = HUGE_VAL};
    uint64_t effort = EFFORT_LEAST + c->effort_left / EFFORT_OF_A_SET;
    c->effort_left = effort / 2; /* half to find, half to prove */
    for (uint32_t first = 0; first < c->sites && c->effort_left > 0; first++) {
        uint32_t set[SITING_SET_MAX] = {first};
        size_t count = 1;
        if (!c->may[first]) continue;
        while (count < c->problem->copies && grow(c, set, &count)) {
        }
        if (count == c->problem->copies) settle(c, set);
    }
    c->effort_left = effort - effort / 2 + c->effort_left;
    TRY(make_order(&b, &scratch, e));
    TRY(make_ideal(&b, &scratch, e));
    branch(&b, 0, 0);
    c->answer->is_proved = b.bound >= best_known(c);
    c->answer->bound = fmin(b.bound, best_known(c));
    return OK;
}
