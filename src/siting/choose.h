/* What the ways of choosing share. */
#ifndef AZEKURA_SITING_CHOOSE_H
#define AZEKURA_SITING_CHOOSE_H

#include "siting/siting.h"

/* Constraints folded into what may stand together, one of them left out or none. */
struct choosing {
    const struct siting_problem *problem;
    size_t sites;
    const bool *may;      /* [site] */
    const bool *together; /* [site × sites + site] */
    struct siting_answer *answer;
    uint64_t effort_left;
};

/* The objective of a set, by the rows. */
double choosing_rate(const struct choosing *c, const uint32_t *set, size_t count);
bool choosing_fits(const struct choosing *c, const uint32_t *set, size_t count, uint32_t site);
/* Keeps it if it is among the best; `objective` is its rate, already known. */
void choosing_offer(struct choosing *c, const uint32_t *set, double objective);

/* All sets. FAIL_MEMORY. */
enum error_code choose_all(struct choosing *c, struct arena scratch, struct error *e) MUST_USE;
/* Greedy beginnings, exchange of one site at a time, then branches cut off by a bound, as far as the
 * effort goes. Sets bound and is_proved of the answer. FAIL_MEMORY. */
enum error_code choose_exchange(struct choosing *c, struct arena scratch, struct error *e) MUST_USE;

#endif
