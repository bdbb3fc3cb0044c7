/* Inner: the gate itself, and what its parts call of each other. The picture is in gate/README.md; how it
 * decides stands in gate/decide/, how it writes in gate/turn/. */
#ifndef AZEKURA_GATE_INNER_H
#define AZEKURA_GATE_INNER_H

#include "engine/engine.h"
#include "evidence/evidence.h"
#include "facts/facts.h"
#include "gate/decide/decide.h"
#include "gate/decide/world.h"
#include "gate/gate.h"
#include "gate/turn/turn.h"
#include "identity/identity.h"
#include "ledger/ledger.h"
#include "register/register.h"
#include "rulebook/rulebook.h"
#include "seal/seal.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

/* gate_open over an engine that is there already: for tests, where it may fail on command. Taken
 * over, on error too. */
enum error_code gate_open_over(const struct gate_options *options, struct engine *engine,
                               struct gate **out, struct error *e) MUST_USE;

/* ---- changing what is in force (gate/rules/change.c) ---- */

struct gate_rules;
/* Compiles rules from `snapshot` (taken over; NULL: the register in force) and puts them in force
 * in one turn: a changed register is imported, what changed is recorded. Parks; on no reactor. */
enum error_code gate_rules_change(struct gate *gate, struct register_snapshot *snapshot,
                                  bool reread, str why, struct error *e) MUST_USE;
/* The same by somebody's hand: `by` is what the entry hides of who asked and from where. */
enum error_code gate_rules_change_by(struct gate *gate, struct register_snapshot *snapshot,
                                     bool reread, str why, const struct evidence_values *by,
                                     struct error *e) MUST_USE;

/* ---- debts (gate/debt/settle.c) ---- */

struct gate_debts_tending { /* the keeper's own: where it is in a round over the accounts */
    uint64_t generation;    /* of the rules they were last looked at with */
    uint64_t from;          /* account to go on with; 0: no round is under way */
    int64_t next_due_ns;
    bool looking;
};
enum error_code gate_debts_open(struct gate *gate, struct error *e) MUST_USE;
/* What has fallen due is late; what the register now shows is met; what has a start by now gets its
 * due time. Some at a time: true when there is more. Parks. */
bool gate_debts_tend(struct gate *gate);

/* ---- the keeper: what happens without being asked ---- */

/* What was committed before is in a signed checkpoint after. Parks. */
enum error_code gate_publish_now(struct gate *gate, struct error *e) MUST_USE;

struct gate_keeper;
enum error_code gate_keeper_open(struct gate *gate, struct error *e) MUST_USE;
void gate_keeper_close(struct gate *gate);

struct ledger_options;
enum error_code gate_succeed_in(struct gate *gate, const struct ledger_options *ledger, str reason,
                                struct text *said, struct error *e) MUST_USE;

/* Makes the folder that an export or a bundle goes to, with those above it. FAIL_USAGE: it is the store's
 * own, or in it (gate/show/target.c). Blocks. */
enum error_code gate_target_make(const struct gate *gate, const char *dir, mode_t mode,
                                 struct error *e) MUST_USE;

/* ---- exceptions and broken glass (gate/loosen/loosen.c, exception.c, glass.c) ---- */

struct rulebook_set_input;
/* Adds the approved ones of this store, and broken glass in effect, to what is compiled. */
enum error_code gate_exceptions_add(struct gate *gate, struct arena *arena,
                                    struct rulebook_set_input *input, struct error *e) MUST_USE;

/* The keeper's: those whose time is over end, with an entry each. Some at a time: true when there is
 * more. Parks. */
bool gate_loosenings_end(struct gate *gate);
/* Lays the inspections that hold over a register that is about to be compiled. */
enum error_code gate_inspections_lay(struct gate *gate, struct register_snapshot *snapshot,
                                     int64_t at_ns, struct arena *arena, int64_t *next_ns,
                                     struct error *e) MUST_USE;
/* Lists the act of that entry under the broken glass that let it through. */
enum error_code gate_glass_note(struct gate_turn *turn, const struct gate_decided *decided,
                                uint64_t entry, struct error *e) MUST_USE;

/* ---- numbers for people ---- */

enum { GATE_TALLY_SECTORS = 256 };
struct gate_counters {
    _Atomic(uint64_t) visits, denied, allowed, warned, refused, entries, turns, turns_failed,
        folded, bytes_in, bytes_out, debts_met, debts_late;
};

struct gate_eras; /* gate/turn/past.h */

struct gate {
    struct gate_options options;
    struct engine *engine;
    struct seal_keys *keys;
    struct ledger *ledger;
    const struct gate_eras
        *eras; /* a succession needs DATA for itself: they stay while it is open */
    struct geo_data *geo;
    struct gate_codes *codes;
    struct gate_folds *folds;
    struct gate_tallies *tallies; /* gate/state.c */
    struct gate_committer *committer;
    _Atomic(struct gate_world *) world;
    struct gate_world *free_worlds; /* the committer's: see world.c why they are kept */
    _Atomic(uint64_t) generation;   /* of the newest rules */
    pthread_mutex_t publish_lock;   /* one publisher at a time: keeper, prove, export */
    pthread_mutex_t rules_lock;     /* one change of the rules at a time; no request takes it */
    struct gate_keeper *keeper;     /* gate/keeper.c */
    struct arena_space text_space;  /* strings that live as long as the gate */
    struct arena text;
    str vkey;
    struct tlog_vkey *issuers; /* options.issuers, read; in `text` */
    struct gate_counters counters;
    _Atomic(bool) debts_any;           /* DATA has, or has had, debts */
    _Atomic(int64_t) debts_due_ns;     /* none falls due before */
    _Atomic(int64_t) loosening_due_ns; /* no exception or broken glass ends before */
    struct gate_debts_tending debts_tending;
};

#endif
