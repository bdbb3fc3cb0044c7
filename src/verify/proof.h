/* One proof file: an entry, shown to be in a signed log, with the fields its owner chose to open.
 */
#ifndef AZEKURA_VERIFY_PROOF_H
#define AZEKURA_VERIFY_PROOF_H

#include "verify/head.h"

/* `entry`: the entry's bytes where the file does not carry them; empty: the file must.
 * Says what was shown in `result`. An error is why it is not shown. Format: docs/formats/proof.md.
 */
enum error_code verify_proof(const struct verify_trust *trust, str file, str entry,
                             struct arena *arena, struct verify_result *result,
                             struct error *e) MUST_USE;

#endif
