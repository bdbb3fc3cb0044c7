/* Inner: how much each kind of evidence is believed, and where the numbers come from.
 *
 * A weight is the share of cases in which evidence of that kind is taken to be wrong. */
#ifndef AZEKURA_SURVEY_WEIGHTS_H
#define AZEKURA_SURVEY_WEIGHTS_H

#include "survey/survey.h"

enum survey_kind {
    KIND_AGAINST,   /* address data name another country than the owner's */
    KIND_ECHO,      /* they repeat the owner's country: of an announced IPv4 address … */
    KIND_ECHO_WEAK, /* … of IPv6, or of what nobody announces */
    KIND_DOMESTIC,  /* of a network nearly all of which is said to be in that country */
    KIND_OWNERLESS, /* of an address whose owner is not known */
    KIND_SEAT,      /* as an echo, of a provider that runs regions in other countries */
    KIND_REGION,
    KIND_ENDPOINT,
    KIND_DECLARED,
    KIND_HINT,
    KIND_HINT_WEAK,
    KIND_HEADER,
    KIND_COUNT,
    KIND_FITTED = KIND_DOMESTIC /* kinds before this one are fitted */
};
const char *survey_kind_name(enum survey_kind kind); /* the row's id: "address-echo" */

struct survey_weights {
    double wrong[KIND_COUNT], prior[KIND_COUNT];
    double sure, spread;
    geo_country home;
    str date;
};
/* From the list that comes along. FAIL_SYNTAX: it lacks a row or has no number; FAIL_MEMORY. */
enum error_code survey_weights_read(struct arena *arena, struct arena scratch,
                                    struct survey_weights *out, struct error *e) MUST_USE;

/* What was counted against a truth, by provider. */
struct survey_seen {
    uint64_t seen, mistaken;
};
/* Fits the kinds that can be: each provider with enough cases counts alike, however many it has, and only
 * where two have. `seen` is [provider][kind]. Others keep their prior. */
void survey_weights_fit(const struct survey_seen (*seen)[KIND_FITTED], size_t provider_count,
                        struct survey_weights *weights);

#endif
