/* Inner: a decision as the ledger will hold it. */
#ifndef AZEKURA_GATE_DECIDE_DECIDED_H
#define AZEKURA_GATE_DECIDE_DECIDED_H

#include "gate/gate.h"

/* A decision as the ledger will hold it. Lives in the visit's arena. */
struct gate_decided_clause {
    str name;         /* RULEBOOK/ID */
    uint8_t effect;   /* enum evidence_effect */
    uint8_t strength; /* enum rulebook_strength, as it binds here */
    str loosened;     /* id of the exception or broken glass that let it through; else empty */
};
/* A copy keeps the datasets it came from, so many with its own; a read of it asks all of them and
 * the one its bucket belongs to by now. */
enum { GATE_DATASETS_KEPT = 4, GATE_DECIDED_PARTS = GATE_DATASETS_KEPT + 1 };
struct gate_decided_part {
    str act, dataset;
    str bucket; /* whose dataset it is, to ask again; empty: this dataset whatever becomes of it */
};
struct gate_decided {
    bool asked;   /* false: no rules were asked (identity changes …) */
    bool renewed; /* decided again inside the turn */
    enum gate_effect effect;
    str act;
    str dataset, sector, class_, site;
    const struct gate_decided_clause *clauses; /* by name */
    size_t clause_count;
    struct gate_decided_part parts[GATE_DECIDED_PARTS]; /* what was asked, to ask again */
    size_t part_count;
    str facts;   /* canonical bytes of the decision(s) */
    str message; /* of a refusal: clause, reason, remedy */
    digest rule_digest;
    bool must_record;    /* an obligation: one entry a read */
    uint64_t generation; /* of rules it was made under */
    bool encrypt;        /* the body must be encrypted */
    int64_t good_until_ns;
    str debts; /* what is owed, packed: gate/debt/debt.h; empty: nothing */
};

#endif
