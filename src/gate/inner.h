/* Inner: what the gate is made of. One idea a file; this header is what they share.
 *
 *   visit (any reactor) ── takes a world ── decides ── hands work to ──> committer (one thread)
 *                                                                         turn: apply, record,
 * commit world: rules, identities, buckets; immutable, swapped whole            └─ makes the next
 * world
 */
#ifndef AZEKURA_GATE_INNER_H
#define AZEKURA_GATE_INNER_H

#include "engine/engine.h"
#include "evidence/evidence.h"
#include "facts/facts.h"
#include "gate/gate.h"
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

/* ---- worlds: what is in force ---- */

struct gate_rules;   /* gate/rules/rules.h: register, rulebooks, tables */
struct gate_buckets; /* gate/decide/world.c: the list of buckets, and whose dataset each is */

/* A component that several worlds share; counted by the committer alone. */
struct gate_identities {
    struct identity_snapshot *snapshot;
    unsigned holders;
};

enum { GATE_WORLD_SLOTS = 64 }; /* reactors 0..62; the last for every other thread */
struct gate_world_slot {
    _Alignas(64) _Atomic(uint64_t) visits; /* a line of its own: only its reactor writes it */
};
struct gate_world {
    struct gate_rules *rules;
    struct gate_identities *identities;
    struct gate_buckets *buckets;
    struct gate_world *older; /* worlds some visit may still be in; or the next free one */
    struct gate_world_slot slots[GATE_WORLD_SLOTS];
};

/* Which world, safe against its being freed: see world.c. */
struct gate_world *gate_world_take(struct gate *gate, unsigned *slot);
void gate_world_give(const struct gate_world *world, unsigned slot);
/* Committer only: NULL keeps the component the present world has. Takes over what is given, unless
 * there is no memory. */
enum error_code gate_world_swap(struct gate *gate, struct gate_rules *rules,
                                struct gate_identities *identities, struct gate_buckets *buckets,
                                struct error *e) MUST_USE;
void gate_world_sweep(struct gate *gate); /* frees worlds nobody is in any more */
void gate_world_close(struct gate *gate);

void gate_identities_release(struct gate_identities *identities); /* NULL is fine */
enum error_code gate_buckets_load(struct gate *gate, const struct gate_rules *rules,
                                  struct gate_buckets **out, struct error *e) MUST_USE;
void gate_buckets_release(struct gate_buckets *buckets);
const struct store_buckets *gate_buckets_all(const struct gate_buckets *buckets);

/* ---- codes: short numbers for words, in the log itself ---- */

struct gate_codes;
enum error_code gate_codes_open(struct engine_view *view, struct gate_codes **out,
                                struct error *e) MUST_USE;
void gate_codes_close(struct gate_codes *codes);

/* ---- turns ---- */

struct gate_turn {
    struct gate *gate;
    struct engine_turn *engine;
    int64_t now_ns;       /* strictly later than any before: version sequence and entry time */
    struct arena scratch; /* fresh for each request */
    bool wrote;           /* something to commit */
    bool buckets_changed, identities_changed;
    struct gate_rules *new_rules; /* to be in force once the turn is durable; taken over */
};

/* Something that wants a turn. The fiber that submits parks until the turn is durable, so `apply`
 * may read and write what the fiber owns, its arena too. */
struct gate_work {
    /* Runs on the committer under a savepoint: an error withdraws what it wrote, and only that. */
    enum error_code (*apply)(struct gate_turn *turn, void *self, struct error *e);
    void *self;
    uint64_t bytes; /* about what it will write: bounds the turn */
    enum error_code code;
    struct error error;
    struct wake wake;
    struct gate_work *next; /* inner */
};
/* Parks until durable (or withdrawn). FAIL_STOPPING once the gate closes. */
enum error_code gate_submit(struct gate *gate, struct gate_work *work, struct error *e) MUST_USE;

/* The bucket as the turn sees it, under its own writes; for a request's time. FAIL_NO_SUCH_BUCKET. */
enum error_code gate_turn_bucket(struct gate_turn *turn, str name, struct store_bucket *out,
                                 struct error *e) MUST_USE;

struct gate_committer;
/* The world must be there: the committer records under its rules. */
enum error_code gate_committer_open(struct gate *gate, struct error *e) MUST_USE;
void gate_committer_close(struct gate *gate);

/* ---- records: entries with their openings ---- */

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

struct gate_record {
    enum evidence_type type;
    const struct gate_decided *decided; /* NULL: a type without decision */
    struct evidence_values values;      /* but TIME, FACTS, DATASET, which are filled in here */
    digest stored_root, other;
    const digest *rules; /* NULL: those in force */
    uint64_t span_first, span_count;
};
/* Appends entry, opening and any new codes to the turn. */
enum error_code gate_record_append(struct gate_turn *turn, const struct gate_record *record,
                                   uint64_t *index, struct error *e) MUST_USE;

/* Key of an opening's row: log number and index. */
struct gate_opening_key {
    unsigned char at[12];
};
struct gate_opening_key gate_opening_key(uint32_t log_number, uint64_t index);
/* Reads an opening back. FAIL_NOT_FOUND: redacted, or the entry has none. */
enum error_code gate_opening_read(struct gate *gate, struct engine_view *view, uint32_t log_number,
                                  uint64_t index, struct arena *arena, struct evidence_opening *out,
                                  struct error *e) MUST_USE;

/* ---- deciding ---- */

/* Asks the rulebook about an act on a bucket's dataset, for this visitor.
 * FAIL_NO_DATASET: the bucket belongs to none. A refusal is not an error here: look at ->effect. */
enum error_code gate_decide(struct gate_visit *visit, str act, str bucket, struct gate_decided *out,
                            struct error *e) MUST_USE;
/* The same for a read: where it is allowed and nothing wants it recorded, ->facts stays empty. Making
 * them costs more than deciding, and nobody would ever see them. */
enum error_code gate_decide_read(struct gate_visit *visit, str act, str bucket,
                                 struct gate_decided *out, struct error *e) MUST_USE;
/* Will a read so decided be recorded? Warned, wanted by an obligation, or by an inspector. */
bool gate_read_is_recorded(const struct gate_visit *visit, const struct gate_decided *decided);
/* The stricter of two, with the clauses of both: what a copy is decided by. */
enum error_code gate_decided_join(struct gate_visit *visit, const struct gate_decided *a,
                                  const struct gate_decided *b, struct gate_decided *out,
                                  struct error *e) MUST_USE;
/* Fills the answer from a decision; records and returns FAIL_REFUSED where it is a refusal, and
 * records warnings on reads (folded). `values`: the hidden fields known so far. Parks. */
enum error_code gate_decided_answer(struct gate_visit *visit, const struct gate_decided *decided,
                                    const struct evidence_values *values, bool is_read,
                                    struct gate_answer *answer, struct error *e) MUST_USE;
/* The same of a dataset by its id: one a copy came from. */
enum error_code gate_decide_dataset(struct gate_visit *visit, str act, str dataset,
                                    struct gate_decided *out, struct error *e) MUST_USE;
/* Fills the answer and records nothing. */
void gate_decided_show(struct gate_visit *visit, const struct gate_decided *decided,
                       struct gate_answer *answer);
/* Under the turn, first thing: the visitor may still do it (FAIL_ACCESS_DENIED: key, user or grant
 * are gone since), and if rules or time have moved on since the decision, it is made again:
 * FAIL_REFUSED with the new one in *decided when it now refuses. */
enum error_code gate_renew(struct gate_turn *turn, struct gate_visit *visit,
                           enum identity_right right, str bucket, struct gate_decided *decided,
                           struct error *e) MUST_USE;
/* The first half alone, for what no rules are asked about. */
enum error_code gate_still_allowed(struct gate_turn *turn, const struct gate_visit *visit,
                                   enum identity_right right, str bucket, struct error *e) MUST_USE;
/* gate_submit for work that renews `decided`: a refusal that comes of it is recorded and answered
 * like any other, and what changed shows in the answer. Parks. */
enum error_code gate_submit_decided(struct gate_visit *visit, struct gate_work *work,
                                    const struct gate_decided *decided,
                                    const struct evidence_values *values,
                                    struct gate_answer *answer, struct error *e) MUST_USE;
bool gate_visit_is_local(const struct gate_visit *visit); /* gate/admin.c */
/* Writes what the decision owes: an entry and a row each. */
enum error_code gate_debts_owe(struct gate_turn *turn, const struct gate_decided *decided,
                               const struct evidence_values *values, uint64_t entry,
                               struct error *e) MUST_USE;

/* gate/decide/facts.c: a decision's canonical bytes, of at most `most`: the longest facts become commitments
 * where it must be, and where that is not enough the digest stands for all. */
enum error_code gate_facts_write(const struct rulebook_decision *decision, size_t most,
                                 struct arena *near, struct arena scratch, str *bytes,
                                 struct error *e) MUST_USE;
/* Keeps a decision's facts as long as the visit: in its arena, or where they are long, beside it. */
enum error_code gate_facts_keep(struct gate_visit *visit, str facts, str *out,
                                struct error *e) MUST_USE;

bool gate_visit_is_inspector(const struct gate_visit *visit);
/* Counted; in these words, or those for an inspector whose time has ended. */
enum error_code gate_denied(const struct gate_visit *visit, const char *why,
                            struct error *e) MUST_USE;
/* Who may see what the store says of itself, but for objects: `inspect` or `admin`. */
enum error_code gate_allow_look(const struct gate_visit *visit, struct error *e) MUST_USE;
/* Of an inspector: an entry that says what is looked at ("register", "entries 000"), durable on
 * return; the same `kind` again within a minute only counts. Of others: nothing. Parks. */
enum error_code gate_look(struct gate_visit *visit, const char *kind, str what,
                          struct error *e) MUST_USE;

/* FAIL_ACCESS_DENIED, always in the same words. */
enum error_code gate_allow(const struct gate_visit *visit, enum identity_right right, str bucket,
                           struct error *e) MUST_USE;
/* 1 to LIMIT_KEY_BYTES bytes without NUL: what the store's rows can hold. FAIL_KEY_TOO_LONG,
 * FAIL_INVALID_ARGUMENT. */
enum error_code gate_key_check(str key, struct error *e) MUST_USE;
/* The bucket in the visit's world. FAIL_NO_SUCH_BUCKET. */
enum error_code gate_bucket_of(const struct gate_visit *visit, str name,
                               const struct store_bucket **out, struct error *e) MUST_USE;
/* Bucket, key, request, user "/" key and address bytes, for the hidden fields. The last two are
 * made once a visit. */
enum error_code gate_visit_values(struct gate_visit *visit, str bucket, str key,
                                  struct evidence_values *out, struct error *e) MUST_USE;
/* "ORIGIN#INDEX" in the visit's arena. */
enum error_code gate_receipt(struct gate_visit *visit, uint64_t first, uint64_t last, str *out,
                             struct error *e) MUST_USE;
/* "ORIGIN#INDEX" of an entry of log `number`. FAIL_NOT_FOUND: there has been no such log. */
enum error_code gate_entry_name(const struct gate *gate, uint32_t number, uint64_t index,
                                struct arena *arena, str *out, struct error *e) MUST_USE;
/* An entry by its name, or by its index alone: then of the newest log. FAIL_USAGE: neither;
 * FAIL_NOT_FOUND: the name of no log of this line. Whether it is there is not asked. */
enum error_code gate_entry_named(const struct gate *gate, str name, uint32_t *number,
                                 uint64_t *index, struct error *e) MUST_USE;

/* ---- folding of refusals and warnings ---- */

struct gate_folds;
enum error_code gate_folds_open(struct gate_folds **out, struct error *e) MUST_USE;
void gate_folds_close(struct gate_folds *folds);

/* Whether a request is among those of the present minute that only counted. Parks. */
struct gate_fold_found {
    bool found;
    uint64_t first, count; /* entry of the first alike; how many have followed it so far */
    int64_t ends_ns;       /* then the count is an entry */
};
enum error_code gate_fold_find(struct gate *gate, str request_id, struct gate_fold_found *out,
                               struct error *e) MUST_USE;
/* Is the id one of those of a fold's hidden field `request`? */
bool gate_fold_names(str requests, str request_id);

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
