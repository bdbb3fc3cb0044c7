/* The stored bytes of an export, against the roots that entries recorded. Inner to store. */
#ifndef AZEKURA_VERIFY_BODIES_H
#define AZEKURA_VERIFY_BODIES_H

#include "verify/store.h"

/* The body that an entry of put, copy or upload-complete recorded. FAIL_NOT_FOUND: a file is not
 * there; FAIL_PROOF: its bytes are others. Needs about 1.5 MiB of scratch. */
enum error_code bodies_check(struct verify_store *store, const struct evidence_entry *entry,
                             struct arena scratch, struct error *e) MUST_USE;

#endif
