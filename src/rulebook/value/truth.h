/* Kleene's three-valued logic. Source: RULEBOOK 4. */
#ifndef AZEKURA_RULEBOOK_TRUTH_H
#define AZEKURA_RULEBOOK_TRUTH_H

#include "rulebook/rulebook.h"

static inline enum rulebook_truth truth_and(enum rulebook_truth a, enum rulebook_truth b) {
    return a < b ? a : b;
}
static inline enum rulebook_truth truth_or(enum rulebook_truth a, enum rulebook_truth b) {
    return a > b ? a : b;
}
static inline enum rulebook_truth truth_not(enum rulebook_truth a) {
    return (enum rulebook_truth)(RULEBOOK_TRUE - a);
}
static inline enum rulebook_truth truth_of(bool holds) {
    return holds ? RULEBOOK_TRUE : RULEBOOK_FALSE;
}

#endif
