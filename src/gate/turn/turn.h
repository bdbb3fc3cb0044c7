/* Inner: turns, and the entries that are written in one. */
#ifndef AZEKURA_GATE_TURN_TURN_H
#define AZEKURA_GATE_TURN_TURN_H

#include "engine/engine.h"
#include "evidence/evidence.h"
#include "gate/decide/decided.h"

struct gate_rules;

struct gate_turn {
    struct gate *gate;
    struct engine_turn *engine;
    int64_t now_ns;       /* strictly later than any before: version sequence and entry time */
    struct arena scratch; /* fresh for each request */
    bool wrote;           /* something to commit */
    uint64_t first_index; /* of its entries; those of withdrawn requests leave none */
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

/* ---- codes: short numbers for words, in the log itself ---- */

struct gate_codes;
enum error_code gate_codes_open(struct engine_view *view, struct gate_codes **out,
                                struct error *e) MUST_USE;
void gate_codes_close(struct gate_codes *codes);

/* ---- records: entries with their openings ---- */

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

#endif
