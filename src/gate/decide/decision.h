/* Inner: a decision's bytes read back, for a person. */
#ifndef AZEKURA_GATE_DECIDE_DECISION_H
#define AZEKURA_GATE_DECIDE_DECISION_H

#include "base/base.h"

enum { GATE_DECISION_DIGEST = 2 }; /* instead of a version: only the digest of the bytes is kept */

/* Writes a line for each fact a decision read: path, value, who said so and where. `bytes` as
 * rulebook_decision_canonical wrote them (docs/formats/decision.md), or, where a copy was decided by
 * several datasets, two such values one after the other, each with its length (32 bits) in front.
 * FAIL_CORRUPT, FAIL_VERSION; FAIL_MEMORY when the arena is full. */
enum error_code gate_decision_tell(str bytes, struct arena arena, struct text *out,
                                   struct error *e) MUST_USE;

#endif
