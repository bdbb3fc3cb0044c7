/* Good sets out of many sites, by exchange. */
#include <math.h>

#include "siting/choose.h"

static double best_known(const struct choosing *c) {
    return c->answer->count > 0 ? c->answer->best[0].rate[c->problem->objective][SITING_HI]
                                : HUGE_VAL;
}

static double spend(struct choosing *c, const uint32_t *set, size_t count, size_t tolerate) {
    if (c->effort_left > 0) c->effort_left--;
    return choosing_rate(c, set, count, tolerate);
}

/* Adds the site that makes the set, such as it is, least bad. A set not yet full is judged as one that
 * bears nothing more than it must. False: no site fits. */
static bool grow(struct choosing *c, uint32_t *set, size_t *count) {
    const struct siting_problem *p = c->problem;
    double best = HUGE_VAL;
    uint32_t chosen = UINT32_MAX;
    for (uint32_t site = 0; site < c->tree.leaves; site++) {
        if (!choosing_fits(c, set, *count, site)) continue;
        set[*count] = site;
        size_t tolerate =
            *count + 1 > p->copies - p->tolerate ? *count + 1 - (p->copies - p->tolerate) : 0;
        double rate = spend(c, set, *count + 1, tolerate);
        if (siting_compare(rate, best) >= 0) continue;
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
    double now = spend(c, set, copies, c->problem->tolerate);
    choosing_offer(c, set, now);
    for (bool moved = true; moved && c->effort_left > 0;) {
        uint32_t best_set[SITING_SET_MAX];
        double best = now;
        moved = false;
        for (size_t out = 0; out < copies; out++) {
            uint32_t trial[SITING_SET_MAX];
            memcpy(trial, set, copies * sizeof *set);
            trial[out] = trial[copies - 1];
            for (uint32_t site = 0; site < c->tree.leaves && c->effort_left > 0; site++) {
                if (site == set[out] || !choosing_fits(c, trial, copies - 1, site)) continue;
                trial[copies - 1] = site;
                double rate = spend(c, trial, copies, c->problem->tolerate);
                if (siting_compare(rate, best) < 0) {
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

void choose_exchange(struct choosing *c) {
    for (uint32_t first = 0; first < c->tree.leaves && c->effort_left > 0; first++) {
        uint32_t set[SITING_SET_MAX] = {first};
        size_t count = 1;
        while (count < c->problem->copies && grow(c, set, &count)) {
        }
        if (count == c->problem->copies) settle(c, set);
    }
}
