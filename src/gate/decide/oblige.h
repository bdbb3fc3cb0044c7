/* Inner: what becomes of a decision's obligations: done, owed, or not possible. */
#ifndef AZEKURA_GATE_DECIDE_OBLIGE_H
#define AZEKURA_GATE_DECIDE_OBLIGE_H

#include "gate/rules/rules.h"

enum { GATE_DEBTS_BYTES = 32768 }; /* packed debts of one decision */

struct gate_obliged {
    bool must_record, encrypt;
    enum gate_effect effect; /* what those that cannot be done come to */
    const struct rulebook_obligation **cannot;
    size_t cannot_count;
    str debts; /* packed: gate/debt/debt.h; in scratch */
};
/* `writes`: the act brings data in; else only `record` and `encrypt` are looked at. *out is zeroed by
 * the caller, and lies in `scratch` as far as it is lists: copy what is to outlive it. */
enum error_code gate_obligations_take(const struct gate_rules *rules,
                                      const struct gate_dataset *dataset,
                                      const struct rulebook_decision *decision, bool writes,
                                      struct arena scratch, struct gate_obliged *out,
                                      struct error *e) MUST_USE;
/* Says those that cannot be done and come to `effect`, each with its clause. */
void gate_obligations_say(const struct gate_obliged *obliged, enum gate_effect effect,
                          struct text *message);

#endif
