/* The gate: THE crossing. Authorise, decide, act and record, in one turn.
 *
 * Whoever wants something of the store comes here as a visit: who asks, from where, for what. The
 * gate checks grants, gathers facts, asks the rulebook, and only then acts; what changes state,
 * what is refused and what a rule wants recorded becomes a ledger entry in the same turn. There is
 * no other way in: s3, the console and the command line hold no turn and no view.
 *
 * Answers. A call gives OK, or an error whose code and message go to the client as they are:
 *   FAIL_ACCESS_DENIED  no grant (never reached a decision; no entry)
 *   FAIL_NO_DATASET     the bucket belongs to no dataset of the register
 *   FAIL_REFUSED        the rulebook said no: the message names the clause and what would make it
 *                       pass; the answer carries decision, clauses and receipt
 * Every call that changes something parks until its turn is durable.
 *
 * Each part of what the gate promises has a header of its own in gate/front/; this one brings them all,
 * and is the only one that others include.
 * Source: DESIGN 4 (one write, followed), CORE 1, 2, 5, 6, 7; docs/acts.md. */
#ifndef AZEKURA_GATE_GATE_H
#define AZEKURA_GATE_GATE_H

#include "gate/front/acts.h"
#include "gate/front/buckets.h"
#include "gate/front/debts.h"
#include "gate/front/findings.h"
#include "gate/front/identities.h"
#include "gate/front/location.h"
#include "gate/front/loosening.h"
#include "gate/front/objects.h"
#include "gate/front/open.h"
#include "gate/front/proofs.h"
#include "gate/front/register.h"
#include "gate/front/state.h"
#include "gate/front/uploads.h"
#include "gate/front/visit.h"

#endif
