/* What the writers share. */
#ifndef AZEKURA_ASSESS_WRITTEN_H
#define AZEKURA_ASSESS_WRITTEN_H

#include <stdio.h>

#include "assess/inner.h"

struct counts {
    uint64_t of[ASSESS_VERDICT_COUNT];
};
void counts_add(struct counts *to, const uint64_t of[ASSESS_VERDICT_COUNT]);
void counts_by_strength(const struct assessment *a, struct counts by[RULEBOOK_LAW + 1]);
/* Passes by the weakest saying they rest on. */
void grounds_of_passes(const struct assessment *a, uint64_t by[RULEBOOK_BY_COMPUTED + 1]);
uint64_t unchecked_count(const struct assessment *a); /* clauses */
/* Asked of each request as it comes, and of nothing in the register. */
bool is_left_to_gate(const struct assess_tally *tally);
size_t gate_clause_count(const struct assessment *a);

/* The text itself was at hand when the clause was written. */
bool is_text_seen(const struct rulebook_clause *c);
bool is_same_source(const struct assess_fact *a, const struct assess_fact *b);

void facts_put(struct report_json *j, const struct assess_fact *facts, size_t count);
/* How many subjects a row stands for and some of them; nothing of a row of one. */
void folded_put(struct report_json *j, const struct assess_row *row);
void row_put(struct report_json *j, const struct assess_row *row);

/* The rows of one clause: they lie together. */
const struct assess_row *rows_of_clause(const struct assessment *a, uint32_t clause_index,
                                        size_t *count);

static inline str title_in(const struct rulebook_title *t, enum rulebook_language l) {
    str wanted = l == RULEBOOK_JAPANESE ? t->ja : t->en,
        other = l == RULEBOOK_JAPANESE ? t->en : t->ja;
    return wanted.len > 0 ? wanted : other;
}

#endif
