/* Whose word the rest stands on: the checkpoint, held against key and policy. */
#ifndef AZEKURA_VERIFY_HEAD_H
#define AZEKURA_VERIFY_HEAD_H

#include "tlog/tlog.h"
#include "verify/result.h"

struct verify_trust {
    struct tlog_vkey log;
    const struct tlog_vkey *more; /* further keys: of logs that came before, or of other ones */
    size_t more_count;
    const struct tlog_policy *policy; /* NULL: none was given */
    const struct tlog_vkey *issuers;  /* of rulebooks */
    size_t issuer_count;
};
/* The key given for a log of this name; NULL: none. */
const struct tlog_vkey *verify_key_find(const struct verify_trust *trust, str origin);
/* The same, or else `log`: an error about a name then speaks of that. */
const struct tlog_vkey *verify_key_for(const struct verify_trust *trust, str note);

/* Opens a checkpoint note; says in `result` who signed. FAIL_PROOF, FAIL_SYNTAX as
 * tlog_checkpoint_open and tlog_policy_open. *out views `note`. */
enum error_code verify_head(const struct verify_trust *trust, str note,
                            struct verify_result *result, struct tlog_checkpoint *out,
                            struct error *e) MUST_USE;

#endif
