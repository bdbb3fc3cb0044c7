/* The code table as it grows along a log: a code means one thing, said before it is used. */
#ifndef AZEKURA_VERIFY_CODES_H
#define AZEKURA_VERIFY_CODES_H

#include "evidence/evidence.h"
#include "verify/result.h"
#include "verify/table.h"

/* Takes a row of the table in, or holds an entry's codes against the rows so far. */
enum error_code verify_codes(struct verify_table *codes, uint64_t index,
                             const struct evidence_entry *entry, struct verify_result *result,
                             struct error *e) MUST_USE;

#endif
