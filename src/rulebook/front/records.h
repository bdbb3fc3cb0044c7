/* A decision as bytes, the same for the same decision, and read back: what the ledger keeps, so that it can
 * be made again years later. */
#ifndef AZEKURA_RULEBOOK_FRONT_RECORDS_H
#define AZEKURA_RULEBOOK_FRONT_RECORDS_H

#include "rulebook/front/decisions.h"

/* Bytes of a value, the same for equal values, different for different ones. Who said so and since
 * when are part of it. Format: docs/formats/decision.md. */
enum error_code rulebook_value_canonical(const struct rulebook_value *value, struct arena *arena,
                                         str *out, struct error *e) MUST_USE;

/* A fact the ledger holds as a commitment only. */
struct rulebook_hidden {
    str path;
    digest commitment;
};
/* The decision's canonical bytes: digest of the adopted rules, subject, facts read (hidden ones as
 * their commitment), clauses with effects, obligations. `hidden` sorted by path.
 * Format: docs/formats/decision.md. Source: RULEBOOK 5. */
enum error_code rulebook_decision_canonical(const struct rulebook_decision *decision,
                                            const struct rulebook_hidden *hidden,
                                            size_t hidden_count, struct arena *arena,
                                            struct arena scratch, str *out,
                                            struct error *e) MUST_USE;

/* A decision's bytes read back. Texts are views into the bytes, the rest lies in the arena. Facts that
 * were hidden are not among the facts: they are not known any more. */
struct rulebook_recorded_clause {
    str rulebook, clause;
    enum rulebook_effect effect;
};
struct rulebook_recorded {
    digest rules;
    struct rulebook_subject subject;
    enum rulebook_effect effect;
    struct rulebook_facts facts;
    const struct rulebook_hidden *hidden; /* by path */
    size_t hidden_count;
    const struct rulebook_recorded_clause *clauses; /* that spoke, by rulebook and id */
    size_t clause_count;
};
/* Deciding again by the same rules, at the same time, gives the same bytes.
 *   FAIL_CORRUPT  not a decision's bytes     FAIL_VERSION  of another format     FAIL_MEMORY */
enum error_code rulebook_recorded_read(str bytes, struct arena *arena,
                                       struct rulebook_recorded *out, struct error *e) MUST_USE;

#endif
