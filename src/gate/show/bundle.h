/* Inner: what the parts of a bundle share (gate/front/proofs.h: gate_bundle_write, gate_bundle_seal).
 * Format: docs/formats/bundle.md. */
#ifndef AZEKURA_GATE_SHOW_BUNDLE_H
#define AZEKURA_GATE_SHOW_BUNDLE_H

#include "gate/turn/committer.h"

#include <jansson.h>

/* The entries of the period, [first, end), in a log of `size`. */
struct bundle_range {
    uint64_t first, end, size;
};

/* One log of the line in a bundle. */
struct bundle_log {
    uint32_t number;
    struct bundle_range range;
    uint64_t bundle_count;
    bool *has_codes; /* of each entry bundle: it is needed for what codes mean */
    uint64_t marked; /* a bundle needed for its last checkpoint; UINT64_MAX: none */
};
/* Those that the period reaches, the newest first: further back as long as a log begins in the period, or
 * after it. What was lost whole is passed over; one whose files are gone ends the list, for what came
 * before cannot be reached from here. */
struct bundle_plan {
    struct bundle_log logs[EVIDENCE_LOGS_MAX];
    size_t count;
    uint32_t cut_at; /* number of the log that ended it so; 0: none */
};

enum { BUNDLE_FIELDS_MOST = EVIDENCE_FIELD_LAST };
struct bundling {
    struct gate_visit *visit;
    struct gate *gate;
    const struct gate_bundle_ask *ask;
    struct bundle_plan *plan;
    enum evidence_field fields[BUNDLE_FIELDS_MOST]; /* ascending */
    size_t field_count;
    struct engine_view *view;
    struct arena arena, once;           /* of the whole; of one step, passed by copy */
    json_t *counts;                     /* borrowed: the cover's */
    uint64_t entries, opened, withheld; /* of all logs */
};

/* FAIL_ACCESS_DENIED: neither `admin` nor an inspector. */
enum error_code bundle_allowed(struct gate_visit *visit, struct error *e) MUST_USE;
/* Looks for the period's edges in log `number` by halving: times only grow along a log. `arena` has
 * room for ledger_entry_read. */
enum error_code bundle_range_find(struct gate *gate, uint32_t number,
                                  const struct gate_bundle_ask *ask, uint64_t size,
                                  struct arena arena, struct bundle_range *out,
                                  struct error *e) MUST_USE;
/* Size and root of DIR/ledger/checkpoint, which this log has signed; *note in the arena. */
enum error_code bundle_head_read(struct gate *gate, const char *dir, struct arena *arena,
                                 struct tlog_checkpoint *out, str *note, struct error *e) MUST_USE;
enum { BUNDLE_PATH_BYTES = 4096 };
enum error_code bundle_path(const char *dir, const char *name, char out[BUNDLE_PATH_BYTES],
                            struct error *e) MUST_USE;
/* DIR/rulebooks/NNNNNN.yaml, numbered in the order they were loaded, and .sig where there is a signature; those
 * that an earlier export left behind them are taken away. */
enum error_code gate_rulebooks_write(struct gate_visit *visit, const char *dir,
                                     struct error *e) MUST_USE;
/* rulebooks/: the files that are in force, with their signatures. gate/show/bundle_rulebooks.c. */
enum error_code bundle_rulebooks(struct gate_visit *visit, const struct gate_bundle_ask *ask,
                                 json_t *out, struct error *e) MUST_USE;
/* What the store knows of itself, beside the entries: site, operator, rulebooks, exceptions, debts,
 * guards. gate/show/bundle_about.c. */
enum error_code bundle_about(struct gate_visit *visit, const struct gate_bundle_ask *ask,
                             json_t *out, struct error *e) MUST_USE;
/* Entries of the period in earlier logs, and logs that are not there. gate/show/bundle_past.c. */
enum error_code bundle_past_tell(const struct bundling *b, json_t *out, struct error *e) MUST_USE;
/* Adds the logs after the first, whose range is known, with theirs. `scratch` as bundle_range_find's. */
enum error_code bundle_plan_rest(struct gate *gate, const struct gate_bundle_ask *ask,
                                 struct arena scratch, struct bundle_plan *plan,
                                 struct error *e) MUST_USE;
/* Its tiles and the entries that are needed, into ledger/, or ledger/old/NUMBER/; of the newest also its
 * range, as its checkpoint has it. Then what is opened of them, and their counts. gate/show/bundle_log.c. */
enum error_code bundle_log_write(struct bundling *b, struct bundle_log *log,
                                 struct error *e) MUST_USE;
enum error_code bundle_log_open(struct bundling *b, const struct bundle_log *log,
                                struct error *e) MUST_USE;

#endif
