/* Inner: what the rules ask of where copies and sites stand, watched. */
#ifndef AZEKURA_GATE_FINDING_PLACEMENT_H
#define AZEKURA_GATE_FINDING_PLACEMENT_H

#include "gate/rules/rules.h"

/* A clause about placement, and one it binds: a copy DATASET@SITE, a dataset, a site. */
struct gate_placement {
    unsigned char id[8]; /* of the finding that it would be */
    str subject, clause; /* clause: RULEBOOK/ID */
    bool is_met, is_unknown;
    digest facts; /* over what it read */
    str text;     /* what would make it pass; empty where it does */
};
/* Asks each; into rules->placements, by id. Over LIMIT_GATE_PLACEMENTS the rest is left out, which is
 * logged. FAIL_MEMORY. */
enum error_code gate_placements_judge(struct gate_rules *rules, int64_t now, struct arena scratch,
                                      struct error *e) MUST_USE;
/* Nothing while the place of the store is contradicted, which is a finding itself. Else: what was met when last recorded and is not any more becomes a finding, an entry each; what is met again, or
 * not asked any more, ends one. At the first start nothing has fallen. In turns of its own; parks. */
enum error_code gate_placements_record(struct gate *gate, const struct gate_rules *rules,
                                       struct error *e) MUST_USE;

#endif
