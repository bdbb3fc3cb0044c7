/* Inner: the logs before this one, as far as the gate needs them: in which log a version's entry is,
 * what the codes of that log stood for, and the way there from the newest.
 *
 *   l/ number              the last sequence given out while that log was the engine's
 *   y/ number kind code    a row of its code table, as c/ has them of the newest log
 *
 * Sequences only grow, over successions too, so one row a succession tells for every version, and
 * versions bear no log's number of their own. */
#ifndef AZEKURA_GATE_TURN_PAST_H
#define AZEKURA_GATE_TURN_PAST_H

#include "gate/inner.h"

struct gate_era {
    uint32_t number;
    uint64_t last;
};
struct gate_eras {
    const struct gate_era *at; /* by number, and so by time */
    size_t count;
    uint32_t now; /* number of the newest log */
};
/* Into gate->eras, once the ledger is open. FAIL_LIMIT: over EVIDENCE_LOGS_MAX logs. */
enum error_code gate_eras_open(struct gate *gate, struct error *e) MUST_USE;
/* The number of the log that has the entry of a version with this sequence. */
uint32_t gate_eras_find(const struct gate_eras *eras, uint64_t sequence);

/* In a succession's turn: the era of the log that the engine shows ends, and its code table becomes
 * one of the past. */
enum error_code gate_era_end(struct engine_turn *turn, uint32_t number, struct error *e) MUST_USE;
/* The latest instant given out, as the turn sees it; 0: none. */
enum error_code gate_last_time(struct engine_turn *turn, int64_t *last_ns,
                               struct error *e) MUST_USE;

/* A row of the code table of log `number`: u64 index of the entry that says so, then the word. */
enum error_code gate_code_row(const struct gate *gate, struct engine_view *view, uint32_t number,
                              enum evidence_code_kind kind, uint32_t code, struct arena *arena,
                              str *row, bool *found, struct error *e) MUST_USE;

/* The way from the newest log to entry `index` of log `number`, which came before: steps for a
 * proof's extra, and which entry of the newest log the first of them is. Large scratch:
 * ledger_prove's and ledger_entry_read's. */
enum error_code gate_steps_make(const struct gate *gate, struct engine_view *view, uint32_t number,
                                uint64_t index, struct arena *arena, struct arena scratch,
                                struct evidence_extra *extra, uint64_t *first,
                                struct error *e) MUST_USE;

/* A log of the line of which nothing is left, or of whose files nothing is there. */
struct gate_lost {
    uint32_t number;
    str origin;
    bool is_named; /* a log that is there says of it: */
    uint64_t known_size, left_size;
    str named_by; /* ORIGIN#INDEX of the entry that says so */
    bool is_gone; /* it has no folder that says what is left: where left_size > 0 that is missing */
    bool has_note; /* of its signed checkpoints one survives: */
    uint64_t note_size;
    unsigned cosigned; /* lines of others under it; not checked here */
};
/* The oldest first. In the arena. */
enum error_code gate_lost_find(const struct gate *gate, struct engine_view *view,
                               struct arena *arena, struct gate_lost **out, size_t *count,
                               struct error *e) MUST_USE;

#endif
