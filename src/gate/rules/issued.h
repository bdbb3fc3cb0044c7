/* Inner: rulebooks that their issuers sign. */
#ifndef AZEKURA_GATE_RULES_ISSUED_H
#define AZEKURA_GATE_RULES_ISSUED_H

#include "gate/rules/rules.h"

/* Reads options.issuers. FAIL_USAGE: one is no verifier key of type 0x01. */
enum error_code gate_issuers_read(struct gate *gate, struct error *e) MUST_USE;

/* Holds a file that was read against the store's issuers, and adds what they vouch for to
 * rules->editions. FAIL_PROOF and FAIL_SYNTAX as issuer_vouch. */
enum error_code gate_issued_vouch(struct gate *gate, struct gate_rules *rules,
                                  const struct gate_file *file, const struct rulebook_read *read,
                                  struct arena scratch, struct error *e) MUST_USE;

/* Holds rules->editions against those that this store has had: of each line that an issuer speaks
 * for, the newest edition known, or a newer one, must be there, and no edition may be one that was
 * signed before the one known. FAIL_PROOF names both and the way out. */
enum error_code gate_issued_check(struct gate *gate, struct gate_rules *rules, struct arena scratch,
                                  struct error *e) MUST_USE;

/* In the turn that puts the rules in force: remembers their editions, and records other issuers
 * than before. `scratch` is none of the turn's, which writing an entry uses. */
enum error_code gate_issued_keep(struct gate_turn *turn, const struct gate_rules *rules, str why,
                                 struct arena scratch, struct error *e) MUST_USE;

#endif
