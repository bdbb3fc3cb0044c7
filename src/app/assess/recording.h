/* Inner: findings of an assessment or a survey on their way into a store. */
#ifndef AZEKURA_APP_RECORDING_H
#define AZEKURA_APP_RECORDING_H

#include "app/reach/call.h"
#include "assess/assess.h"

struct recorded {
    uint64_t standing, entered, gone;
    char receipt[192]; /* of the report */
};
/* One report of any source: `next` gives its findings one by one as the door takes them (owned by who asks;
 * NULL: no more). What the same source found before and this report does not is gone. */
struct recording {
    const char *command; /* "azekura survey --record" */
    str source, detail;  /* whose findings; what the report says of itself */
    digest report;
    json_t *(*next)(void *self);
    void *self;
};
enum error_code recording_send(const struct call *store, const struct recording *recording,
                               struct recorded *out, struct error *e) MUST_USE;
/* Members of a finding; texts are cut to what fits, in one line. */
json_t *recording_finding(const char *kind, str subject, str verdict, str text,
                          const digest *facts);
/* What fails and what is unknown, in pages, by the door; `store` names store and key. What the same
 * source found before and this assessment does not is gone. The report's digest is that of the
 * assessment as JSON. What the door says; FAIL_LIMIT. */
enum error_code recording_make(const struct call *store, const struct assessment *a,
                               struct recorded *out, struct error *e) MUST_USE;

#endif
