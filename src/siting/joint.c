/* How often a set of sites is lost together: by one event, or by several within one window. */
#include "siting/joint.h"

/* Losses begin with an event that strikes exactly the sites T; if those are too few, one or more further
 * events must strike enough of the rest before the first is rebuilt. The n-th further event has the
 * window's n-th part, as n of them at random in one window stand in n! orders.
 *
 * rest[R][d]: P(the sites that are still wanted are struck out of R, the next event being the d-th
 * further one). How many are wanted follows from how many are gone, so (R, d) says all. */
struct lattice {
    double rest[JOINT_SUBSETS][SITING_SET_MAX + 1];
};

static unsigned members(unsigned mask) {
    return (unsigned)__builtin_popcount(mask);
}

/* The sum over what may be struck of R, of the rates in `of_rest`, times what must follow. */
static double next_events(const struct lattice *l, unsigned rest, const double *of_rest, size_t d) {
    double sum = 0;
    for (unsigned struck = rest; struck != 0; struck = (struck - 1) & rest)
        sum += of_rest[struck] * l->rest[rest & ~struck][d];
    return sum;
}

static void lattice_fill(struct lattice *l, const double exactly[JOINT_SUBSETS], size_t count,
                         size_t tolerate, double window_years) {
    unsigned all = (1u << count) - 1;
    double of_rest[JOINT_SUBSETS];
    for (unsigned rest = 0; rest < all; rest++) { /* subsets come before what holds them */
        bool is_lost = count - members(rest) > tolerate;
        if (!is_lost) {
            memset(of_rest, 0, (all + 1) * sizeof *of_rest);
            for (unsigned struck = 1; struck <= all; struck++)
                of_rest[struck & rest] += exactly[struck];
        }
        /* each event before the d-th further one has struck one at least */
        for (size_t d = 1; d <= count - members(rest); d++)
            l->rest[rest][d] =
                is_lost ? 1 : window_years / (double)d * next_events(l, rest, of_rest, d + 1);
    }
}

double joint_rate(const double exactly[JOINT_SUBSETS], size_t count, size_t tolerate,
                  double window_years) {
    struct lattice l;
    lattice_fill(&l, exactly, count, tolerate, window_years);
    return next_events(&l, (1u << count) - 1, exactly, 1);
}

/* Adds what the rows of a half-open range have to exactly[]. */
static void add_exactly(const struct siting_rows *rows, enum siting_result result,
                        enum siting_end end, const uint32_t *set, size_t count, size_t first,
                        size_t past, double exactly[JOINT_SUBSETS]) {
    for (size_t row = first; row < past; row++) {
        double q[JOINT_SUBSETS];
        unsigned subsets = 1;
        q[0] = rows->weight[end][row];
        for (size_t i = 0; i < count; i++, subsets *= 2) {
            double p = rows->p[result][end][set[i] * rows->stride + row];
            for (unsigned t = 0; t < subsets; t++) {
                q[t | subsets] = q[t] * p;
                q[t] *= 1 - p;
            }
        }
        for (unsigned t = 0; t < subsets; t++) exactly[t] += q[t];
    }
}

void joint_exactly(const struct siting_rows *rows, enum siting_result result, enum siting_end end,
                   const uint32_t *set, size_t count, double exactly[JOINT_SUBSETS]) {
    add_exactly(rows, result, end, set, count, 0, rows->row_count, exactly);
}

double siting_joint_rate(const struct siting_rows *rows, enum siting_result result,
                         enum siting_end end, const uint32_t *set, size_t count, size_t tolerate,
                         double window_years) {
    double exactly[JOINT_SUBSETS] = {0};
    assert(count >= 1 && count <= SITING_SET_MAX && tolerate < count);
    add_exactly(rows, result, end, set, count, 0, rows->row_count, exactly);
    return joint_rate(exactly, count, tolerate, window_years);
}

int siting_compare(double a, double b) {
    static const double same = 1e-9;
    if (a < b * (1 - same)) return -1;
    return b < a * (1 - same) ? 1 : 0;
}

/* Keeps the largest `most`, largest first; of those that are the same, the first in the table. */
static void top_add(struct siting_share *top, size_t most, size_t *count,
                    struct siting_share share) {
    size_t at = *count;
    if (at == most && siting_compare(top[at - 1].rate, share.rate) >= 0) return;
    if (at == most) at--;
    for (; at > 0 && siting_compare(top[at - 1].rate, share.rate) < 0; at--) top[at] = top[at - 1];
    top[at] = share;
    if (*count < most) ++*count;
}

size_t siting_joint_top(const struct siting_rows *rows, enum siting_result result,
                        enum siting_end end, const uint32_t *set, size_t count, size_t tolerate,
                        double window_years, struct siting_share *top, size_t most) {
    struct lattice l;
    double exactly[JOINT_SUBSETS] = {0};
    size_t kept = 0;
    assert(count >= 1 && count <= SITING_SET_MAX && tolerate < count && most > 0);
    add_exactly(rows, result, end, set, count, 0, rows->row_count, exactly);
    lattice_fill(&l, exactly, count, tolerate, window_years);
    for (size_t first = 0, past; first < rows->row_count; first = past) {
        double mine[JOINT_SUBSETS] = {0};
        for (past = first; past < rows->row_count && rows->event[past] == rows->event[first];)
            past++;
        add_exactly(rows, result, end, set, count, first, past, mine);
        struct siting_share share = {rows->event[first],
                                     next_events(&l, (1u << count) - 1, mine, 1)};
        if (share.rate > 0) top_add(top, most, &kept, share);
    }
    return kept;
}
