/* Rules loosened for a while, by two people: exceptions, and broken glass. All need the right `admin`, have
 * an entry each and are durable on return. */
#ifndef AZEKURA_GATE_FRONT_LOOSENING_H
#define AZEKURA_GATE_FRONT_LOOSENING_H

#include "gate/front/visit.h"

/* ---- exceptions: one clause, a reason, a measure that stands in for it, an end ---- */

struct gate_exception {
    str id;
    str clause;        /* RULEBOOK/ID or LINE/ID */
    str dataset, site; /* empty: any */
    int64_t from_ns, until_ns;
    str reason, measure;     /* why, and what stands in for the rule meanwhile */
    str requester, approver; /* user/key */
    enum gate_exception_state { GATE_PROPOSED, GATE_APPROVED, GATE_ENDED, GATE_EXPIRED } state;
    uint32_t renewals;
    int64_t renewal_until_ns; /* asked for, not approved yet; 0: none */
    str renewal_by;
};
/* Writes it as proposed; `id` is given out. FAIL_USAGE: no reason, no end, an end before its start.
 * FAIL_NOT_FOUND: no such clause, dataset or site when it begins. */
enum error_code gate_exception_propose(struct gate_visit *visit, struct gate_exception *exception,
                                       struct gate_answer *answer, struct error *e) MUST_USE;
/* In force on return. FAIL_ACCESS_DENIED: the requester's own key or user. */
enum error_code gate_exception_approve(struct gate_visit *visit, str id, struct gate_answer *answer,
                                       struct error *e) MUST_USE;
/* Asks for a later end; in force once somebody else has approved that too. FAIL_USAGE: it is not in
 * force, or would not end later. */
enum error_code gate_exception_renew(struct gate_visit *visit, str id, int64_t until_ns,
                                     struct gate_answer *answer, struct error *e) MUST_USE;
enum error_code gate_exception_end(struct gate_visit *visit, str id, struct gate_answer *answer,
                                   struct error *e) MUST_USE;
enum error_code gate_exception_list(struct gate_visit *visit,
                                    enum error_code (*each)(void *self,
                                                            const struct gate_exception *,
                                                            struct error *e),
                                    void *self, struct error *e) MUST_USE;

/* ---- broken glass: own and contract clauses let acts through, for a while, by two people ---- */

#define GATE_GLASS_MOST_NS (72 * 3600 * NS_PER_S) /* RULEBOOK 5 */
enum { GATE_GLASS_CLAUSES = 16 };
enum gate_glass_state {
    GATE_GLASS_OPENED, /* by one: not in effect */
    GATE_GLASS_IN_EFFECT,
    GATE_GLASS_CLOSED,
    GATE_GLASS_EXPIRED,
};
struct gate_glass {
    str id;
    const str *clauses; /* RULEBOOK/ID or LINE/ID, at most GATE_GLASS_CLAUSES */
    size_t clause_count;
    str dataset, site; /* empty: any */
    str reason;
    str opener, confirmer, closer;                   /* user/key */
    int64_t opened_ns, length_ns, from_ns, until_ns; /* the last two once confirmed */
    enum gate_glass_state state;
};
struct gate_glass_act {
    str name; /* ORIGIN#INDEX of its entry */
    uint32_t log;
    uint64_t entry;
    int64_t time_ns;
    const char *type; /* of the entry: "put", "read" …; "redacted": its opening was destroyed */
    str bucket, key, user, request;
};
/* Writes it as opened; `id` is given out. FAIL_USAGE: no reason, over 72 h, a clause of another
 * strength than own and contract; FAIL_NOT_FOUND: no such clause is in force. */
enum error_code gate_glass_open(struct gate_visit *visit, struct gate_glass *glass,
                                struct gate_answer *answer, struct error *e) MUST_USE;
/* In effect on return, for its length. FAIL_ACCESS_DENIED: the opener's own key or user; FAIL_EXISTS:
 * confirmed already; FAIL_USAGE: it is over. */
enum error_code gate_glass_confirm(struct gate_visit *visit, str id, struct gate_answer *answer,
                                   struct error *e) MUST_USE;
enum error_code gate_glass_close(struct gate_visit *visit, str id, struct gate_answer *answer,
                                 struct error *e) MUST_USE;
enum error_code gate_glass_list(struct gate_visit *visit,
                                enum error_code (*each)(void *self, const struct gate_glass *,
                                                        struct error *e),
                                void *self, struct error *e) MUST_USE;
/* Every act done under it, in whichever log of the line, oldest first; while it is in effect reads are acts like others, one entry
 * each. */
enum error_code gate_glass_review(struct gate_visit *visit, str id, struct gate_glass *out,
                                  enum error_code (*each)(void *self, const struct gate_glass_act *,
                                                          struct error *e),
                                  void *self, struct error *e) MUST_USE;

#endif
