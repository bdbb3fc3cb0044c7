/* Inner: what is said of a set of sites. */
#ifndef AZEKURA_PLANNING_SET_H
#define AZEKURA_PLANNING_SET_H

#include "planning/planning.h"

/* Rates, causes and what all share. A set may have fewer or more sites than asked for; as many survivors are
 * wanted as then. Lists lie in the arena. FAIL_MEMORY. */
enum error_code planning_describe(const struct planning_world *w, const struct planning_request *r,
                                  const uint32_t *sites, size_t count, struct arena *arena,
                                  struct planning_set *out, struct error *e) MUST_USE;
/* (*out)[a * sites + b]: a and b are known to share no group that the word means: a scheme ("grid"), a kind of the
 * table's groups ("fault") or one group. *unknown: of how many sites that is not known.
 * FAIL_USAGE: the word means no group; FAIL_LIMIT: over 4,096; FAIL_MEMORY. */
enum error_code planning_apart(const struct planning_world *w, str wanted, struct arena *arena,
                               const bool **out, size_t *unknown, struct error *e) MUST_USE;
/* planning_today of a row. */
enum error_code planning_copies_find(const struct planning_world *w,
                                     const struct register_row *dataset, str store_site,
                                     struct arena *arena, struct planning_copies *out,
                                     struct error *e) MUST_USE;

#endif
