/* Inner: findings of an assessment on their way into a store. */
#ifndef AZEKURA_APP_RECORDING_H
#define AZEKURA_APP_RECORDING_H

#include "app/call.h"
#include "assess/assess.h"

struct recorded {
    uint64_t standing, entered, gone;
    char receipt[192]; /* of the report */
};
/* What fails and what is unknown, in pages, by the door; `store` names store and key. What the same
 * source found before and this assessment does not is gone. The report's digest is that of the
 * assessment as JSON. What the door says; FAIL_LIMIT. */
enum error_code recording_make(const struct call *store, const struct assessment *a,
                               struct recorded *out, struct error *e) MUST_USE;

#endif
