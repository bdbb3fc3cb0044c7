/* Inner: what the committer calls of its neighbours. */
#ifndef AZEKURA_GATE_TURN_COMMITTER_H
#define AZEKURA_GATE_TURN_COMMITTER_H

#include "gate/rules/rules.h"

#include "base/log.h"

/* The code of a word; a new one is written to the log and its row in this turn. */
enum error_code gate_code_of(struct gate_turn *turn, enum evidence_code_kind kind, str word,
                             uint32_t *code, struct error *e) MUST_USE;
/* Words learnt since the mark are forgotten; those since the last keep or forget likewise. */
void gate_codes_mark(struct gate_codes *codes);
void gate_codes_rewind(struct gate_codes *codes);
void gate_codes_keep(struct gate_codes *codes);   /* the turn is durable */
void gate_codes_forget(struct gate_codes *codes); /* the turn came to nothing */
enum error_code gate_codes_reload(struct gate *gate, struct error *e) MUST_USE;

/* Has a commit failed, and could the engine not be opened anew since? Any thread, one atomic read. */
bool gate_committer_is_down(const struct gate *gate);
/* How far the clock is behind the latest time given out; 0: it is not. Any thread, one atomic read. */
int64_t gate_clock_behind_ns(const struct gate *gate);

enum error_code gate_identities_load(struct gate *gate, struct gate_identities **out,
                                     struct error *e) MUST_USE;

/* A refusal, or a read to be recorded: its entry, or where `may_fold` and one alike was written within
 * the minute, a count and that one's entry. */
struct gate_folding {
    enum evidence_type type;
    const struct gate_decided *decided;
    const struct evidence_values *values;
    const char *kind; /* of a look: a literal, those alike fold; else NULL */
    bool may_fold;
};
enum error_code gate_fold_record(struct gate_turn *turn, const struct gate_folding *folding,
                                 uint64_t *entry, struct error *e) MUST_USE;
/* Ends windows that are over (all of them when `all`), an entry each where something was folded. */
enum error_code gate_folds_end(struct gate_turn *turn, bool all, struct error *e) MUST_USE;

/* The register to compile from: read again from its files, or a copy of what the engine holds. */
enum error_code gate_register_reread(struct gate *gate, bool reread, struct register_snapshot **out,
                                     struct error *e) MUST_USE;
/* Writes what is new about rules already compiled: register, files, entries. `before` NULL: the
 * store opens, and `rules` are in force; else the turn puts them in force: they are taken over,
 * whatever comes of it. */
enum error_code gate_rules_record(struct gate *gate, struct gate_rules *rules,
                                  const struct gate_rules *before, str why,
                                  struct error *e) MUST_USE;

/* Undoes since the mark; makes what the turn did stand; undoes all the turn did. */
void gate_folds_mark(struct gate_folds *folds);
void gate_folds_rewind(struct gate_folds *folds);
void gate_folds_keep(struct gate_folds *folds);
void gate_folds_forget(struct gate_folds *folds);

#endif
