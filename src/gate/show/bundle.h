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
enum error_code bundle_past_tell(struct gate *gate, const struct gate_bundle_ask *ask, json_t *out,
                                 struct error *e) MUST_USE;

#endif
