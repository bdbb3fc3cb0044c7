/* What the gate shows of itself: codes and counts, no names of users, buckets or keys. */
#ifndef AZEKURA_GATE_FRONT_STATE_H
#define AZEKURA_GATE_FRONT_STATE_H

#include "gate/front/visit.h"
#include "ledger/ledger.h"

enum gate_count { GATE_KEPT, GATE_WARNED, GATE_REFUSED, GATE_READ, GATE_COUNT_KINDS };
enum { GATE_RECENT_MAX = 50, GATE_OWED_KINDS = 32 };
struct gate_tally {
    str sector, class_;
    uint64_t counts[GATE_COUNT_KINDS];
};
struct gate_recent {
    int64_t minute_ns;
    str sector, class_, act, clause;
    enum gate_effect effect;
    bool unknown; /* a fact the clause reads was not known */
};
/* What is owed, counted by kind and clause: "copies 2 (aoba-own/keep.at-home)". */
struct gate_owed {
    str what;
    uint64_t count, late; /* owed and not due yet; due and not met */
    int64_t due_ns;       /* the next of those not due yet; INT64_MAX: not known, or none */
    str first;            /* the one that was or is due first: ORIGIN#INDEX */
    int64_t first_due_ns;
};
enum { GATE_FINDING_KINDS = 16 };
struct gate_count_of {
    str name;
    uint64_t count;
};
struct gate_state {
    str site, site_name_en, site_name_ja;
    str country;     /* as decided by; empty: unknown */
    str standing;    /* how the place is known, in words */
    str standing_ja; /* the same in Japanese, closed by a zero, where it is a bound; else empty */
    bool contradicted;
    const str *evidence, *evidence_ja; /* a line for each source asked, in English and Japanese */
    size_t evidence_count;
    str address_data, address_data_date; /* attribution and day; may be empty */
    digest rules;
    const struct gate_tally *tallies;
    size_t tally_count;
    const struct gate_recent *recent; /* newest first */
    size_t recent_count;
    uint64_t buckets;
    uint64_t debts, debts_owed, debts_late;     /* not met: all of them; not due yet; due */
    uint64_t debts_met_since, debts_late_since; /* since the start: settled; become late */
    int64_t debts_due_ns;                       /* the next to fall due; INT64_MAX: none is known */
    struct gate_owed *owed;                     /* the first GATE_OWED_KINDS kinds of them */
    size_t owed_count;
    uint64_t exceptions_in_force, glass_in_effect;
    uint64_t findings; /* that stand */
    const struct gate_count_of *finding_kinds;
    size_t finding_kind_count;
    struct ledger_state ledger;
    struct engine_numbers engine;
    bool low; /* the disk is nearly full */
    int64_t
        clock_behind_ns; /* the clock's distance from the latest time in the ledger; 0: passed it */
    uint64_t visits, denied, allowed, warned, refused, entries, turns, turns_failed, bytes_in,
        bytes_out;
};
/* In the arena. */
enum error_code gate_state_read(struct gate *gate, struct arena *arena, struct gate_state *out,
                                struct error *e) MUST_USE;
/* One atomic read each. */
bool gate_is_healthy(const struct gate *gate);
/* Has a guard confirmed the history since the start? Any thread. */
enum ledger_rollback gate_rollback(const struct gate *gate);

#endif
