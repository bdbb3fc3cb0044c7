/* The joint rate by chance: what the recursion is held against, and what a doubter may run. */
#include <math.h>

#include "siting/siting.h"

struct simulation {
    const struct siting_rows *rows;
    enum siting_result result;
    enum siting_end end;
    const uint32_t *set;
    size_t count, tolerate;
    double window_years;
    struct random_seeded random;
    double rate_total;
    double back_at[SITING_SET_MAX]; /* the time at which a struck site is whole again */
};

/* In (0, 1]: its logarithm is finite. */
static double uniform(struct random_seeded *random) {
    return ((double)(random_next(random) >> 11) + 1) * 0x1p-53;
}

/* Rows are branches with rates of their own: a Poisson process may be split that way. */
static size_t next_row(struct simulation *s) {
    double at = uniform(&s->random) * s->rate_total;
    size_t row = 0;
    for (; row + 1 < s->rows->row_count; row++) {
        at -= s->rows->weight[s->end][row];
        if (at <= 0) break;
    }
    return row;
}

static size_t down_at(const struct simulation *s, double now) {
    size_t down = 0;
    for (size_t i = 0; i < s->count; i++) down += s->back_at[i] > now;
    return down;
}

/* True: before this event the set bore what was lost, and now it does not. */
static bool strike(struct simulation *s, double now) {
    size_t row = next_row(s), before = down_at(s, now);
    for (size_t i = 0; i < s->count; i++) {
        double p = s->rows->p[s->result][s->end][s->set[i] * s->rows->stride + row];
        if (s->back_at[i] <= now && uniform(&s->random) <= p) s->back_at[i] = now + s->window_years;
    }
    return before <= s->tolerate && down_at(s, now) > s->tolerate;
}

double siting_simulate(const struct siting_rows *rows, enum siting_result result,
                       enum siting_end end, const uint32_t *set, size_t count, size_t tolerate,
                       double window_years, double years, uint64_t seed) {
    assert(count >= 1 && count <= SITING_SET_MAX && tolerate < count && years > 0);
    struct simulation s = {rows, result, end, set, count, tolerate, window_years, {{0}}, 0, {0}};
    uint64_t losses = 0;
    random_seed(&s.random, seed);
    for (size_t row = 0; row < rows->row_count; row++) s.rate_total += rows->weight[end][row];
    if (s.rate_total <= 0) return 0;
    for (double now = 0;;) {
        now -= log(uniform(&s.random)) / s.rate_total;
        if (now > years) break;
        losses += strike(&s, now);
    }
    return (double)losses / years;
}
