/* Numbers of a file of events, each with what it must be. */
#ifndef AZEKURA_SITING_NUMBER_H
#define AZEKURA_SITING_NUMBER_H

#include "siting/siting.h"

/* A decimal number, with an exponent or not, between `low` and `high` (both allowed). `what` is for the
 * message: "a probability from 0 to 1". FAIL_SYNTAX. */
enum error_code number_read(const struct doc_node *node, double low, double high, const char *what,
                            double *out, struct error *e) MUST_USE;
/* The same under a key; absent: *out is left as it is. */
enum error_code number_find(const struct doc_node *map, const char *key, double low, double high,
                            const char *what, double *out, struct error *e) MUST_USE;

#endif
