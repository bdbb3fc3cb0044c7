/* Rulebooks: clauses, facts, decisions.
 *
 * A rulebook states one instrument in one edition; it binds where it is adopted. Given a subject
 * and facts, the adopted rules answer with a decision: allow, warn or refuse, the clauses that
 * spoke, the facts they read, and what they oblige the gate to do. Everything here is a function of
 * its arguments: no clock, no disk, so a decision can be replayed years later to the same bytes.
 *
 * Four steps, each with a header of its own in rulebook/front/; this one brings all that is there, and
 * is the only one that others include:
 *   values     facts: typed values with who said so; layers that a request shares
 *   clauses    rulebooks read from YAML, errors with file, line and column; what they ask for: periods
 *   sets       rulebooks with adoptions and exceptions: what binds whom, digest, conflicts
 *   decisions  by the slow reference evaluator, or by a table folded for one act, dataset and place
 * and beside them computed (derived sets, measures), records (a decision's bytes), asking (one clause at
 * a time) and words (said to people).
 *
 * Everything read or compiled is immutable and lies in the arena it was made in; what it was made
 * from (documents, rulebooks, facts) is borrowed and must live as long.
 *
 * Source: RULEBOOK.md (the meaning), docs/formats/rulebook.md (the spelling). */
#ifndef AZEKURA_RULEBOOK_RULEBOOK_H
#define AZEKURA_RULEBOOK_RULEBOOK_H

#include "rulebook/front/asking.h"
#include "rulebook/front/clauses.h"
#include "rulebook/front/computed.h"
#include "rulebook/front/decisions.h"
#include "rulebook/front/periods.h"
#include "rulebook/front/records.h"
#include "rulebook/front/sets.h"
#include "rulebook/front/uses.h"
#include "rulebook/front/values.h"
#include "rulebook/front/words.h"

#endif
