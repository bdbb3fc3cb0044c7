/* Inner: what a store knows that no file tells: exceptions that are approved there, what is owed, and how
 * often its gate decided by each clause. */
#ifndef AZEKURA_APP_KEPT_H
#define AZEKURA_APP_KEPT_H

#include "app/reach/call.h"
#include "assess/assess.h"

struct kept {
    struct call call; /* .data and .credentials from the command line */
    struct arena_space space;
    struct arena arena;
    const struct rulebook_exception *exceptions; /* approved, and broken glass that two confirmed */
    size_t exception_count;
    struct assess_ledger ledger;
};

/* Reads exceptions, broken glass and debts, and every act of the newest log up to `at_ns`. Asks the running
 * server, else opens the store. Debts are as they are now. On failure too, kept_close releases it.
 *   FAIL_INTERNAL  the store did not answer: call_run has said why
 *   FAIL_LIMIT     more clauses, exceptions or debts than there are room for; FAIL_MEMORY */
enum error_code kept_read(struct kept *k, const char *command, int64_t at_ns, bool progress,
                          struct error *e) MUST_USE;
void kept_close(struct kept *k);

#endif
