/* Inner: tallies, kept by the committer in the turn they count. */
#ifndef AZEKURA_GATE_STATE_H
#define AZEKURA_GATE_STATE_H

#include "gate/rules/rules.h"

enum error_code gate_tallies_open(struct engine_view *view, struct gate_tallies **out,
                                  struct error *e) MUST_USE;
void gate_tallies_close(struct gate_tallies *tallies);
enum error_code gate_tallies_reload(struct gate *gate, struct error *e) MUST_USE;

void gate_tallies_mark(struct gate_tallies *tallies);
void gate_tallies_rewind(struct gate_tallies *tallies);
void gate_tallies_forget(struct gate_tallies *tallies);
void gate_tallies_note(struct gate_tallies *tallies, const struct gate_decided *decided,
                       enum gate_count kind, uint64_t count, int64_t at_ns, bool is_recent);
/* Adds what was noted, and writes its rows into the turn. */
enum error_code gate_tallies_commit(struct gate_turn *turn, struct error *e) MUST_USE;

/* gate/loosen/loosen.c: how many exceptions and broken glasses let acts through now. */
enum error_code gate_loosenings_count(struct gate *gate, struct arena scratch,
                                      struct gate_state *out, struct error *e) MUST_USE;
/* gate/finding/finding.c: how many findings stand, by kind. */
enum error_code gate_findings_count(struct gate *gate, struct arena *arena, struct gate_state *out,
                                    struct error *e) MUST_USE;
/* gate/debt/owed.c: what is owed, by kind: a row an account, never one a debt. */
enum error_code gate_debts_sum(struct gate *gate, struct arena *arena, struct gate_state *out,
                               struct error *e) MUST_USE;

#endif
