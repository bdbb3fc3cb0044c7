/* What both forms of an explanation, sentences and JSON, start from. */
#ifndef AZEKURA_RULEBOOK_EXPLAIN_H
#define AZEKURA_RULEBOOK_EXPLAIN_H

#include "rulebook/say/phrase.h"

struct explainer {
    const struct rulebook_decision *d;
    const struct rulebook_explain *options;
    enum rulebook_language l;
    struct question q; /* the question the decision answered */
    struct arena scratch;
    struct text *out;
    struct error *e;
};

enum error_code explain_begin(struct explainer *x, const struct rulebook_decision *d,
                              const struct rulebook_explain *options, struct arena scratch,
                              struct text *out, struct error *e) MUST_USE;

/* The clause in the set, as it was asked. */
const struct set_clause *explain_set_clause(const struct explainer *x,
                                            const struct rulebook_spoke *spoke);

/* As its requirement was evaluated. */
struct evaluation explain_evaluation(const struct explainer *x, const struct set_clause *sc);

/* The facts the clause read; they lie in the explainer's scratch, which is not moved. */
enum error_code explain_facts(const struct explainer *x, const struct rulebook_spoke *spoke,
                              const struct rulebook_reading **out, size_t *count) MUST_USE;

/* Its conditions are met, and its clocks are not. */
bool explain_is_by_clock(const struct explainer *x, const struct rulebook_spoke *spoke);

/* Binds here and now, but is about another kind of subject. */
bool explain_is_elsewhere(const struct explainer *x, const struct set_clause *sc);

enum error_code explain_done(const struct explainer *x) MUST_USE;

#endif
