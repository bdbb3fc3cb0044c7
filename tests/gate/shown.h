/* What a store shows of itself to others, and what azekura-verify says to it. */
#ifndef AZEKURA_TESTS_GATE_SHOWN_H
#define AZEKURA_TESTS_GATE_SHOWN_H

#include "tests/gate/hall.h"

extern char shown_text[1 << 20]; /* what was said last, closed */

/* `azekura why`. */
const char *why(struct hall *hall, const char *request);
void says(const char *told, const char *part);
/* azekura-verify with these arguments: its exit code; what it says is in shown_text. */
int verify(const char *arguments);
/* Ledger and store, with bodies, as folders. */
void exported(struct hall *hall, char ledger[128], char store[128]);
/* Both, held against each other: what is said, when it exits as expected. */
const char *verified(struct hall *hall, int expected);
/* The proof of an object of plain-a, as azekura-verify reads it under the newest log's key alone. */
const char *proved(struct hall *hall, const char *key);

#endif
