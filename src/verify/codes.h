/* The code table as it grows along a log: a code means one thing, said before it is used. */
#ifndef AZEKURA_VERIFY_CODES_H
#define AZEKURA_VERIFY_CODES_H

#include "verify/line.h"
#include "verify/table.h"

/* Takes a row of the table in, or holds an entry's codes against the rows so far. `line` and `log`
 * are for words: a table is of one log. */
enum error_code verify_codes(struct verify_table *codes, const struct verify_line *line,
                             const struct verify_log *log, uint64_t index,
                             const struct evidence_entry *entry, struct verify_result *result,
                             struct error *e) MUST_USE;

#endif
