/* All sets, one after the other. What sites before the last one do is kept from set to set, so that a
 * set costs one pass over the rows. */
#include <math.h>

#include "siting/choose.h"
#include "siting/joint.h"

struct level {       /* after `depth` sites */
    double *weights; /* [subset × rows]: rates at which exactly the subset is struck */
    double totals[JOINT_SUBSETS]; /* their sums */
};
struct enumeration {
    struct choosing *c;
    size_t rows, copies;
    struct level levels[SITING_SET_MAX];
    double
        *nearly; /* [row]: rate at which as many are struck as the set bears, of all but the last */
    double beyond; /* rate at which more are struck at once, of all but the last */
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

/* What the last site adds to the rate at which single events lose the set is one sum over the rows. */
static void prepare_last(struct enumeration *n, size_t depth) {
    const struct level *from = &n->levels[depth];
    size_t tolerate = n->c->problem->tolerate;
    memset(n->nearly, 0, n->rows * sizeof *n->nearly);
    n->beyond = 0;
    for (unsigned t = 0; t < 1u << depth; t++) {
        size_t struck = (size_t)__builtin_popcount(t);
        if (struck > tolerate) n->beyond += fmax(0, from->totals[t]);
        for (size_t row = 0; struck == tolerate && row < n->rows; row++)
            n->nearly[row] += from->weights[t * n->rows + row];
    }
}

/* Single events alone already lose it more often than the last of the best sets: no need to ask what
 * several do. */
static bool is_hopeless(struct enumeration *n, const double *p) {
    const struct siting_answer *answer = n->c->answer;
    if (answer->count < SITING_BEST_MAX) return false;
    return n->beyond + dot(n->nearly, p, n->rows) >
           answer->best[SITING_BEST_MAX - 1].rate[n->c->problem->objective][SITING_HI] * (1 + 1e-9);
}

static void last(struct enumeration *n, size_t depth, const double *p) {
    const struct level *from = &n->levels[depth];
    const struct siting_problem *problem = n->c->problem;
    double exactly[JOINT_SUBSETS];
    unsigned subsets = 1u << depth;
    if (is_hopeless(n, p)) {
        n->c->answer->looked_at++;
        return;
    }
    for (unsigned t = 0; t < subsets; t++) {
        double struck = dot(from->weights + t * n->rows, p, n->rows),
               spared = from->totals[t] - struck;
        exactly[t | subsets] = struck;
        exactly[t] = spared > 0 ? spared : 0; /* it is a difference: rounding may leave it below */
    }
    for (size_t i = 0; i < n->copies; i++) exactly[1u << i] += n->c->tree.at[n->set[i]].own;
    choosing_offer(n->c, n->set,
                   joint_rate(exactly, n->copies, problem->tolerate, problem->window_years));
}

static void walk(struct enumeration *n, size_t depth, uint32_t from) {
    size_t wanted = n->copies - depth;
    if (wanted == 1) prepare_last(n, depth);
    for (uint32_t leaf = from; leaf + wanted <= n->c->tree.leaves; leaf++) {
        if (!choosing_fits(n->c, n->set, depth, leaf)) continue;
        const double *p = n->c->tree.at[leaf].p;
        n->set[depth] = leaf;
        if (wanted == 1) {
            last(n, depth, p);
            continue;
        }
        descend(n, depth, p);
        walk(n, depth + 1, leaf + 1);
    }
}

enum error_code choose_all(struct choosing *c, struct arena scratch, struct error *e) {
    struct enumeration n = {.c = c, .rows = c->tree.rows, .copies = c->problem->copies};
    n.nearly = arena_new(&scratch, double, n.rows);
    bool ok = n.nearly != NULL;
    for (size_t depth = 0; depth < n.copies; depth++)
        ok = ok && (n.levels[depth].weights =
                        arena_new(&scratch, double, ((size_t)1 << depth) * n.rows)) != NULL;
    if (!ok) return error_set(e, FAIL_MEMORY, "no memory for sets of %zu", n.copies);
    for (size_t row = 0; row < n.rows; row++) {
        n.levels[0].weights[row] = c->tree.weight[row];
        n.levels[0].totals[0] += c->tree.weight[row];
    }
    walk(&n, 0, 0);
    return OK;
}
