/* What a landmark measured of a store's place: its signed report and the transcript it is about. */
#ifndef AZEKURA_VERIFY_LOCATION_H
#define AZEKURA_VERIFY_LOCATION_H

#include "verify/head.h"

struct verify_location {
    str note, transcript;
    const struct tlog_vkey *landmarks; /* keys: of who signed, of peers that cosigned */
    size_t landmark_count;
};
/* Says in `result` what was shown. The log's key is the one of `trust` under the checkpoint's name. An
 * error is why it is not shown, as locproof_check says it; a session that failed, or showed too little
 * for a bound, is a finding. */
enum error_code verify_location(const struct verify_trust *trust,
                                const struct verify_location *location, struct arena *arena,
                                struct verify_result *result, struct error *e) MUST_USE;

#endif
