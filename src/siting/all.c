/* All sets, one after the other. What sites before the last one do is kept from set to set, so that a
 * set costs one pass over the rows. */
#include "siting/choose.h"
#include "siting/joint.h"

struct level {       /* after `depth` sites */
    double *weights; /* [subset × rows]: rates at which exactly the subset is struck */
    double totals[JOINT_SUBSETS]; /* their sums */
};
struct enumeration {
    struct choosing *c;
    const double *p; /* of the objective, at the high end */
    size_t rows, stride, copies;
    struct level levels[SITING_SET_MAX];
    uint32_t set[SITING_SET_MAX];
};

/* Four sums at a time: the additions do not wait for each other. */
static double dot(const double *a, const double *b, size_t count) {
    double s[4] = {0};
    size_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (size_t k = 0; k < 4; k++) s[k] += a[i + k] * b[i + k];
    for (; i < count; i++) s[0] += a[i] * b[i];
    return s[0] + s[1] + s[2] + s[3];
}

/* The level after one site more. */
static void descend(struct enumeration *n, size_t depth, const double *p) {
    const struct level *from = &n->levels[depth];
    struct level *to = &n->levels[depth + 1];
    unsigned subsets = 1u << depth;
    for (unsigned t = 0; t < subsets; t++) {
        const double *old = from->weights + t * n->rows;
        double *spared = to->weights + t * n->rows, *struck = to->weights + (t | subsets) * n->rows,
               sum = 0;
        for (size_t row = 0; row < n->rows; row++) {
            struck[row] = old[row] * p[row];
            spared[row] = old[row] - struck[row];
            sum += struck[row];
        }
        to->totals[t | subsets] = sum;
        to->totals[t] = from->totals[t] - sum;
    }
}

/* Single events alone already lose it more often than the last of the best sets: no need to ask what
 * several do. */
static bool is_hopeless(struct enumeration *n, const double *exactly) {
    const struct siting_problem *p = n->c->problem;
    struct siting_answer *answer = n->c->answer;
    double at_once = 0;
    if (answer->count < SITING_BEST_MAX) return false;
    for (unsigned t = 1; t < 1u << p->copies; t++)
        if ((size_t)__builtin_popcount(t) > p->tolerate) at_once += exactly[t];
    if (at_once <= answer->best[SITING_BEST_MAX - 1].rate[p->objective][SITING_HI] * (1 + 1e-9))
        return false;
    answer->looked_at++;
    return true;
}

static void last(struct enumeration *n, size_t depth, const double *p) {
    const struct level *from = &n->levels[depth];
    const struct siting_problem *problem = n->c->problem;
    double exactly[JOINT_SUBSETS];
    unsigned subsets = 1u << depth;
    for (unsigned t = 0; t < subsets; t++) {
        double struck = dot(from->weights + t * n->rows, p, n->rows),
               spared = from->totals[t] - struck;
        exactly[t | subsets] = struck;
        exactly[t] = spared > 0 ? spared : 0; /* it is a difference: rounding may leave it below */
    }
    if (is_hopeless(n, exactly)) return;
    choosing_offer(n->c, n->set,
                   joint_rate(exactly, n->copies, problem->tolerate, problem->window_years));
}

static void walk(struct enumeration *n, size_t depth, uint32_t from) {
    size_t wanted = n->copies - depth;
    for (uint32_t site = from; site + wanted <= n->c->sites; site++) {
        if (!choosing_fits(n->c, n->set, depth, site)) continue;
        const double *p = n->p + site * n->stride;
        n->set[depth] = site;
        if (wanted == 1) {
            last(n, depth, p);
            continue;
        }
        descend(n, depth, p);
        walk(n, depth + 1, site + 1);
    }
}

enum error_code choose_all(struct choosing *c, struct arena scratch, struct error *e) {
    const struct siting_rows *rows = c->problem->rows;
    struct enumeration n = {.c = c,
                            .p = rows->p[c->problem->objective][SITING_HI],
                            .rows = rows->row_count,
                            .stride = rows->stride,
                            .copies = c->problem->copies};
    for (size_t depth = 0; depth < n.copies; depth++) {
        n.levels[depth].weights = arena_new(&scratch, double, ((size_t)1 << depth) * n.rows);
        if (n.levels[depth].weights == NULL)
            return error_set(e, FAIL_MEMORY, "no memory for sets of %zu", n.copies);
    }
    for (size_t row = 0; row < n.rows; row++) {
        n.levels[0].weights[row] = rows->weight[SITING_HI][row];
        n.levels[0].totals[0] += rows->weight[SITING_HI][row];
    }
    walk(&n, 0, 0);
    return OK;
}
