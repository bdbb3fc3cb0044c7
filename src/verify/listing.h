/* The listing file, row by row, in constant memory. Inner to store. */
#ifndef AZEKURA_VERIFY_LISTING_H
#define AZEKURA_VERIFY_LISTING_H

#include "verify/store.h"

enum error_code listing_open(struct verify_store *store, struct error *e) MUST_USE;
/* Reads the next row into store->row; store->has_row false at the end. FAIL_SYNTAX: cut short, out
 * of order, or no row. */
enum error_code listing_next(struct verify_store *store, struct error *e) MUST_USE;

#endif
