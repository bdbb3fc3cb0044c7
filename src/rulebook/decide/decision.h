/* What looking back at a decision needs. */
#ifndef AZEKURA_RULEBOOK_DECISION_H
#define AZEKURA_RULEBOOK_DECISION_H

#include "rulebook/set/set.h"

/* The question the decision answered, once more; what it needs lies in `arena`. */
enum error_code decision_question(const struct rulebook_decision *d, struct arena *arena,
                                  struct question *out, struct error *e) MUST_USE;

/* The clauses that spoke by rulebook and id. */
enum error_code decision_in_order(const struct rulebook_decision *d, struct arena *arena,
                                  const struct rulebook_spoke *const **out, size_t *count,
                                  struct error *e) MUST_USE;

/* What the decision read, or (`only`) what one clause that spoke did: sorted by path, each once. */
enum error_code decision_readings(const struct rulebook_decision *d,
                                  const struct rulebook_spoke *only, struct arena *arena,
                                  struct arena scratch, const struct rulebook_reading **out,
                                  size_t *count, struct error *e) MUST_USE;

/* rulebook_decision_facts for a decision by a table (table.c). */
enum error_code table_facts(const struct rulebook_table *table,
                            const struct rulebook_decision *decision, struct arena *arena,
                            struct arena scratch, const struct rulebook_reading **out,
                            size_t *count, struct error *e) MUST_USE;

#endif
