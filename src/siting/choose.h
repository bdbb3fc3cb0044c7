/* What the ways of choosing share. */
#ifndef AZEKURA_SITING_CHOOSE_H
#define AZEKURA_SITING_CHOOSE_H

#include "siting/siting.h"

/* A leaf is one site that may be used, and its ideal is the site itself. */
struct cluster {
    const double *p; /* [row of those that several candidates share]: the least of its sites */
    double own;      /* a year: what strikes the site and no other, the least of its sites */
    double alone_least, alone_most; /* a year: how often its sites are struck at all */
    double spread; /* a year: how much more often one of them is struck than the ideal, at most */
    uint32_t half[2], size;
    uint32_t site; /* of a leaf */
};
/* Candidates in a tree of clusters, each with an ideal site that is, event by event, as good as the best in it. */
struct cluster_tree {
    const struct cluster *at; /* leaves by site, then pairs of clusters; the last one holds all */
    size_t count, leaves;
    const double *weight; /* [row], a year */
    size_t rows;
    const bool *together; /* [cluster × count + cluster]: some site of one may stand beside some
                             other site of the other */
};

/* Constraints folded into what may stand together, one of them left out or none. Sets are of leaves. */
struct choosing {
    const struct siting_problem *problem;
    struct cluster_tree tree;
    struct siting_answer *answer;
    uint64_t effort_left;
};

/* Of the objective at the high end. FAIL_MEMORY. At least one site may be used. */
enum error_code cluster_tree_make(const struct siting_problem *problem, const bool *may,
                                  const bool *together, struct arena *arena,
                                  struct cluster_tree *out, struct error *e) MUST_USE;
/* The rates at which exactly the subsets of that many ideals are struck; exactly[0] is not told. */
void cluster_exactly(const struct cluster_tree *tree, const uint32_t *set, size_t count,
                     double exactly[]);

/* The objective of a set, which may have fewer sites than copies are wanted, and bear another number. */
double choosing_rate(const struct choosing *c, const uint32_t *leaves, size_t count,
                     size_t tolerate);
bool choosing_fits(const struct choosing *c, const uint32_t *leaves, size_t count, uint32_t leaf);
/* Keeps it if it is among the best; `objective` is its rate, already known. */
void choosing_offer(struct choosing *c, const uint32_t *leaves, double objective);

/* All sets. Of those which single events lose more often than the last of the best known, no more is asked.
 * FAIL_MEMORY. */
enum error_code choose_all(struct choosing *c, struct arena scratch, struct error *e) MUST_USE;
/* Greedy beginnings and exchange of one site at a time. */
void choose_exchange(struct choosing *c);
/* Betters the answer until it is proved, or the effort or the memory is spent; sets its bound and is_proved.
 * Of sets with the same objective the one found first stays. FAIL_MEMORY. */
enum error_code choose_bound(struct choosing *c, struct arena scratch, struct error *e) MUST_USE;

#endif
