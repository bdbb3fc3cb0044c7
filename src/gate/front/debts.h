/* Debts: obligations that have time (docs/formats/debts.md). */
#ifndef AZEKURA_GATE_FRONT_DEBTS_H
#define AZEKURA_GATE_FRONT_DEBTS_H

#include "gate/front/visit.h"

enum gate_debt_state { GATE_DEBT_OWED, GATE_DEBT_LATE, GATE_DEBT_MET };
struct gate_debt {
    str name; /* ORIGIN#INDEX of the entry that says it is owed */
    uint32_t log;
    uint64_t index; /* the same: number of the log, place in it */
    enum gate_debt_state state;
    str what; /* "copies 2 (aoba-own/keep.at-home)" */
    str clause, dataset;
    str start;                /* the fact its time counts from; empty: the act */
    str bucket, key, version; /* empty: redacted, or of the whole dataset */
    int64_t since_ns, due_ns; /* due: INT64_MAX where nobody knows */
    uint64_t act;             /* index of the entry of the act that owes, in the same log */
    str act_name;
    str settled_name; /* entry of the last change; empty: none, or in which log it is was not kept */
    bool object_gone;
};
struct gate_debt_filter {
    str dataset; /* empty: all */
    bool only_late;
    size_t max; /* at most 10,000 */
};
/* Those not met, the soonest due first. Need `admin` or `inspect`. */
enum error_code gate_debt_list(struct gate_visit *visit, const struct gate_debt_filter *filter,
                               enum error_code (*each)(void *self, const struct gate_debt *,
                                                       struct error *e),
                               void *self, struct error *e) MUST_USE;
/* All debts alike, counted: one clause, one dataset, one obligation. */
struct gate_debt_account {
    str what, clause, dataset; /* what: as in gate_debt */
    uint64_t owed, late, met;
    int64_t due_ns; /* the next of those owed; INT64_MAX: none, or nobody knows */
};
/* Every account there ever was, those with nothing owed too. Needs `admin` or `inspect`. */
enum error_code gate_debt_accounts(struct gate_visit *visit,
                                   enum error_code (*each)(void *self,
                                                           const struct gate_debt_account *,
                                                           struct error *e),
                                   void *self, struct error *e) MUST_USE;
/* Also one that is met, by its name, or by its index where it is of the newest log. In the visit's
 * arena. FAIL_NOT_FOUND; FAIL_USAGE: no such name. */
enum error_code gate_debt_show(struct gate_visit *visit, str name, struct gate_debt *out,
                               struct error *e) MUST_USE;
/* Met, as a document of the register attests. FAIL_NOT_FOUND: no such debt or document; FAIL_USAGE: the
 * document's row has no digest; FAIL_EXISTS: met already. */
enum error_code gate_debt_pay(struct gate_visit *visit, str name, str document,
                              struct gate_answer *answer, struct error *e) MUST_USE;

#endif
