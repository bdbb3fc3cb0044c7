/* Inner: landmarks of the site's row, and what they have reported. */
#ifndef AZEKURA_GATE_LOCATION_LOCATION_H
#define AZEKURA_GATE_LOCATION_LOCATION_H

#include "gate/rules/rules.h"
#include "locproof/locproof.h"

/* A landmark as the register names it. */
struct gate_landmark {
    str name;
    bool has_key; /* one that parses and bears its name */
    struct tlog_vkey key;
    struct locproof_place place;
    str run_by;        /* empty: not said */
    double foreign_km; /* < 0: not said */
};
struct gate_landmarks {
    struct gate_landmark at[LOCPROOF_LANDMARKS_MAX];
    size_t count;
};
/* Those with a point, in the row's order; names view the register. */
void gate_landmarks_read(const struct register_row *site, int64_t at_ns,
                         struct gate_landmarks *out);

/* Forgets the report's cosignatures that no landmark of the row made: what is left is a peer's word. One
 * under a landmark's name that does not hold is counted in *bad. */
void gate_cosigned_hold(const struct gate_landmarks *landmarks, struct locproof_report *report,
                        unsigned *bad);

/* What the newest fresh reports say of the store's place, for facts_evidence_gather; all in the arena.
 * *until_ns: when the first of them is fresh no more. NULL: the row names no landmark. */
enum error_code gate_located(struct gate *gate, const struct register_snapshot *snapshot, str site,
                             int64_t at_ns, struct arena *arena, const struct facts_location **out,
                             int64_t *until_ns, struct error *e) MUST_USE;

/* Of a session. */
enum error_code gate_location_decide(struct gate_visit *visit, str landmark,
                                     struct gate_decided *decided, struct evidence_values *values,
                                     struct gate_answer *answer, struct error *e) MUST_USE;
const struct tlog_vkey *gate_location_key(const struct gate_location *location);

#endif
