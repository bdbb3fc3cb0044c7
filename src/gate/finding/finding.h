/* Inner: findings as rows and entries. Rows F/ID; how many stand of each kind f/KIND. Format:
 * docs/formats/findings.md. */
#ifndef AZEKURA_GATE_FINDING_FINDING_H
#define AZEKURA_GATE_FINDING_FINDING_H

#include "gate/turn/committer.h"

enum { FINDING_ROW_BYTES = 16384, FINDING_ID_BYTES = 16, FINDING_KEY_BYTES = 2 + 64 };

/* It stands: an entry where it is new, or says something else than when it was last heard of; else only
 * its row moves on. *entry: UINT64_MAX where there is none. FAIL_LIMIT, FAIL_USAGE: a text of it. */
enum error_code finding_stands(struct gate_turn *turn, const struct gate_finding *finding,
                               const digest *report, const struct evidence_values *who,
                               uint64_t *entry, struct error *e) MUST_USE;
/* It does not any more; `why` goes into the entry. Of one that stands by another report than `report`
 * (NULL: whichever); else nothing, and *gone false. */
enum error_code finding_ends(struct gate_turn *turn, str id, const digest *report, const char *why,
                             const struct evidence_values *who, bool *gone,
                             struct error *e) MUST_USE;
/* The id of what these name together: the same each time. */
void finding_id(str source, str kind, str subject, const str *clauses, size_t clause_count,
                char out[FINDING_ID_BYTES]);

#endif
