/* Sites that the same events reach stand together; the tree halves what is left by the two sites in it that
 * have least in common. */
#include "siting/choose.h"

#include <math.h>

#include "siting/joint.h"

struct making {
    const struct siting_problem *problem;
    struct cluster_tree *tree;
    struct cluster *at;
    double *p;             /* [cluster × rows + row] */
    double *weight, *mean; /* [row]; the mean chance of a leaf */
    uint32_t *order;       /* leaves; a cluster's lie side by side */
    size_t made;
};

/* ---- leaves ---- */

/* Rows that several candidates share, to the front; what strikes one alone is added to it. */
static void share_out(struct making *m, uint32_t *shared) {
    const struct siting_rows *rows = m->problem->rows;
    const double *p = rows->p[m->problem->objective][SITING_HI], *weight = rows->weight[SITING_HI];
    for (size_t row = 0; row < rows->row_count; row++) {
        size_t struck = 0, last = 0;
        for (size_t i = 0; i < m->tree->leaves && struck < 2; i++) {
            if (p[m->at[i].site * rows->stride + row] <= 0) continue;
            struck++;
            last = i;
        }
        if (struck == 1) m->at[last].own += weight[row] * p[m->at[last].site * rows->stride + row];
        if (struck < 2 || weight[row] <= 0) continue;
        m->weight[m->tree->rows] = weight[row];
        shared[m->tree->rows++] = (uint32_t)row;
    }
}

static enum error_code plant(struct making *m, struct arena *arena, struct arena scratch,
                             struct error *e) {
    const struct siting_rows *rows = m->problem->rows;
    size_t leaves = m->tree->leaves;
    uint32_t *shared = arena_new(&scratch, uint32_t, rows->row_count);
    m->weight = arena_new(arena, double, rows->row_count);
    if (shared == NULL || m->weight == NULL)
        return error_set(e, FAIL_MEMORY, "no memory for %zu clusters", m->tree->count);
    share_out(m, shared);
    m->p = arena_new(arena, double, m->tree->count * m->tree->rows);
    m->mean = arena_new(arena, double, m->tree->rows);
    if (m->p == NULL || m->mean == NULL)
        return error_set(e, FAIL_MEMORY, "no memory for %zu clusters", m->tree->count);
    for (size_t i = 0; i < leaves; i++) {
        const double *from =
            rows->p[m->problem->objective][SITING_HI] + (size_t)m->at[i].site * rows->stride;
        double *to = m->p + i * m->tree->rows;
        for (size_t row = 0; row < m->tree->rows; row++) to[row] = from[shared[row]];
        m->at[i].p = to;
        m->at[i].alone_least = m->at[i].own;
        for (size_t row = 0; row < m->tree->rows; row++) {
            m->at[i].alone_least += m->weight[row] * to[row];
            m->mean[row] += to[row] / (double)leaves;
        }
        m->at[i].alone_most = m->at[i].alone_least;
    }
    return OK;
}

/* ---- pairs ---- */

/* How often sites are struck with another one: of rows that reach nearly all it matters most whether they
 * reach a site. */
static double distance(const struct making *m, const struct cluster *a, const struct cluster *b) {
    double sum = fabs(a->own - b->own) / (double)m->tree->leaves;
    for (size_t row = 0; row < m->tree->rows; row++)
        sum += m->weight[row] * m->mean[row] * fabs(a->p[row] - b->p[row]);
    return sum;
}

static uint32_t farthest(const struct making *m, const uint32_t *leaves, size_t count,
                         uint32_t from) {
    double most = -1;
    uint32_t found = from;
    for (size_t i = 0; i < count; i++) {
        double d = distance(m, &m->at[from], &m->at[leaves[i]]);
        if (d <= most) continue;
        most = d;
        found = leaves[i];
    }
    return found;
}

/* Those nearer to `a` before those nearer to `b`; returns how many come first, neither none nor all. */
static size_t part(const struct making *m, uint32_t *leaves, size_t count, uint32_t a, uint32_t b) {
    size_t first = 0;
    for (size_t i = 0; i < count; i++) {
        const struct cluster *leaf = &m->at[leaves[i]];
        bool is_first = leaves[i] == a || (leaves[i] != b && distance(m, leaf, &m->at[a]) <
                                                                 distance(m, leaf, &m->at[b]));
        if (!is_first) continue;
        uint32_t swap = leaves[i];
        leaves[i] = leaves[first];
        leaves[first++] = swap;
    }
    return first > 0 && first < count ? first : count / 2; /* all alike */
}

static void join(struct making *m, uint32_t number, uint32_t a, uint32_t b) {
    struct cluster *to = &m->at[number];
    double *p = m->p + number * m->tree->rows;
    *to = (struct cluster){.p = p,
                           .half = {a, b},
                           .own = fmin(m->at[a].own, m->at[b].own),
                           .alone_least = fmin(m->at[a].alone_least, m->at[b].alone_least),
                           .alone_most = fmax(m->at[a].alone_most, m->at[b].alone_most),
                           .size = m->at[a].size + m->at[b].size};
    double alone = to->own;
    for (size_t row = 0; row < m->tree->rows; row++) {
        p[row] = fmin(m->at[a].p[row], m->at[b].p[row]);
        alone += m->weight[row] * p[row];
    }
    to->spread = to->alone_most - alone;
}

/* Number of the cluster of these leaves. Depth: the leaves in a row may all be alike, which are halved. */
static uint32_t grow(struct making *m, uint32_t *leaves, size_t count) {
    if (count == 1) return leaves[0];
    uint32_t a = farthest(m, leaves, count, leaves[0]), b = farthest(m, leaves, count, a);
    size_t first = part(m, leaves, count, a, b);
    uint32_t one = grow(m, leaves, first), other = grow(m, leaves + first, count - first),
             number = (uint32_t)m->made++;
    join(m, number, one, other);
    return number;
}

/* ---- what may stand together ---- */

/* Halves have lower numbers than what they make up. */
static void marry(const struct making *m, const bool *sites, bool *together) {
    size_t n = m->tree->count, site_count = m->problem->rows->site_count;
    for (size_t i = 0; i < n; i++) {
        const struct cluster *one = &m->at[i];
        const uint32_t *half = one->half;
        for (size_t k = 0; k < i; k++) {
            bool fits =
                one->size == 1 && m->at[k].size == 1 ? sites[one->site * site_count + m->at[k].site]
                : one->size > 1
                    ? together[half[0] * n + k] || together[half[1] * n + k]
                    : together[i * n + m->at[k].half[0]] || together[i * n + m->at[k].half[1]];
            together[i * n + k] = together[k * n + i] = fits;
        }
        together[i * n + i] =
            one->size > 1 && (together[half[0] * n + half[0]] || together[half[1] * n + half[1]] ||
                              together[half[0] * n + half[1]]);
    }
}

enum error_code cluster_tree_make(const struct siting_problem *problem, const bool *may,
                                  const bool *together, struct arena *arena,
                                  struct cluster_tree *out, struct error *e) {
    struct cluster_tree tree = {0};
    struct making m = {.problem = problem, .tree = &tree};
    size_t sites = problem->rows->site_count;
    for (size_t site = 0; site < sites; site++) tree.leaves += may[site];
    assert(tree.leaves > 0);
    tree.count = 2 * tree.leaves - 1;
    m.at = arena_new(arena, struct cluster, tree.count);
    m.order = arena_new(arena, uint32_t, tree.leaves);
    bool *clusters = arena_new(arena, bool, tree.count *tree.count);
    if (m.at == NULL || m.order == NULL || clusters == NULL)
        return error_set(e, FAIL_MEMORY, "no memory for %zu clusters", tree.count);
    for (uint32_t site = 0; site < sites; site++) {
        if (!may[site]) continue;
        m.order[m.made] = (uint32_t)m.made;
        m.at[m.made++] = (struct cluster){.size = 1, .site = site};
    }
    size_t half = arena_left(arena) / 2;
    struct arena scratch = arena_over(arena->end - half, half);
    struct arena kept = {arena->next, arena->end - half};
    TRY(plant(&m, &kept, scratch, e));
    arena->next = kept.next;
    grow(&m, m.order, tree.leaves);
    assert(m.made == tree.count);
    marry(&m, together, clusters);
    tree.at = m.at;
    tree.weight = m.weight;
    tree.together = clusters;
    *out = tree;
    return OK;
}

/* One row: only those that it may strike take part in its subsets. */
static void add_row(const struct cluster_tree *tree, const double *const *p, size_t count,
                    size_t row, double *exactly) {
    double q[JOINT_SUBSETS];
    unsigned mask[JOINT_SUBSETS], subsets = 1;
    q[0] = tree->weight[row];
    mask[0] = 0;
    for (size_t i = 0; i < count; i++) {
        double chance = p[i][row];
        if (chance <= 0) continue;
        for (unsigned t = 0; t < subsets; t++) {
            mask[t | subsets] = mask[t] | 1u << i;
            q[t | subsets] = q[t] * chance;
            q[t] *= 1 - chance;
        }
        subsets *= 2;
    }
    for (unsigned t = 1; t < subsets; t++) exactly[mask[t]] += q[t];
}

void cluster_exactly(const struct cluster_tree *tree, const uint32_t *set, size_t count,
                     double exactly[]) {
    const double *p[SITING_SET_MAX];
    memset(exactly, 0, sizeof *exactly << count);
    for (size_t i = 0; i < count; i++) {
        p[i] = tree->at[set[i]].p;
        exactly[1u << i] = tree->at[set[i]].own;
    }
    for (size_t row = 0; row < tree->rows; row++) add_row(tree, p, count, row, exactly);
}
