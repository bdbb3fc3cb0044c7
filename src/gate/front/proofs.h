/* What others check: proofs, the ledger's files, exports, bundles for inspectors. */
#ifndef AZEKURA_GATE_FRONT_PROOFS_H
#define AZEKURA_GATE_FRONT_PROOFS_H

#include "gate/front/objects.h"

/* A proof file of the version's entry with the named fields opened ("bucket" "key" "version" "size"
 * "digest" "time" "user" "address" "facts" …). Needs the right to read the object, and is a read of
 * it. A delete marker named by its version has its proof too. FAIL_USAGE: no such field. */
enum error_code gate_prove(struct gate_visit *visit, const struct gate_get *which,
                           const str *fields, size_t count, struct text *out,
                           struct gate_answer *answer, struct error *e) MUST_USE;

/* Writes the store's listing, and its stored bytes when `bodies`, into a folder of this machine.
 * Needs `admin`. Format: docs/formats/store-listing.md. Parks long. */
enum error_code gate_export(struct gate_visit *visit, const char *dir, bool bodies,
                            void (*progress)(void *self, uint64_t done, uint64_t all), void *self,
                            struct error *e) MUST_USE;

/* Writes the ledger at its newest checkpoint in tlog-tiles layout. Needs `inspect` or `admin`. */
enum error_code gate_ledger_export(struct gate_visit *visit, const char *dir,
                                   void (*progress)(void *self, uint64_t done, uint64_t all),
                                   void *self, struct error *e) MUST_USE;

/* A file of the ledger by its path below /ledger/: "checkpoint", "tile/0/000", "tile/entries/000".
 * Entry bundles need `inspect`; the rest is for anyone. FAIL_NOT_FOUND, FAIL_ACCESS_DENIED. */
enum error_code gate_ledger_file(struct gate_visit *visit, str path, struct arena *arena,
                                 str *bytes, bool *immutable, struct error *e) MUST_USE;

/* What is known of logs of the line that were lost whole, or whose files are gone: a line each; nothing
 * where there are none. *incomplete: of one of them entries were left, which no export has. */
enum error_code gate_lost_tell(struct gate_visit *visit, struct text *out, bool *incomplete,
                               struct error *e) MUST_USE;

/* ---- a bundle: a period for an inspector, in two steps; between them whoever asks adds cover sheet and page.
 *
 *   gate_bundle_write   ledger/ (checkpoint, tiles, the entries of the period), `opened` and rulebooks/
 *   gate_bundle_seal    `files` and `manifest`: the digest of every file, signed with the log's key
 *
 * That it was made is an entry, durable before the signature is given. Both need `admin`, since what is
 * opened to whom is the operator's to decide, or an inspector. Format: docs/formats/bundle.md. ---- */

struct gate_bundle_ask {
    const char *dir;      /* absolute */
    str whom;             /* for whom it is; stands in the entry */
    uint32_t from, until; /* minutes since 1970; until is the first one after the period */
    const str *fields;    /* to be opened where an entry has them; not read by gate_bundle_seal */
    size_t field_count;
};
struct json_t;
/* Fills the JSON object `out` with what a cover sheet tells. FAIL_USAGE: an empty period, no such field.
 * FAIL_EXISTS: the folder holds something else. Parks long. */
enum error_code gate_bundle_write(struct gate_visit *visit, const struct gate_bundle_ask *ask,
                                  struct json_t *out, struct error *e) MUST_USE;
/* FAIL_NOT_FOUND: no cover.json. FAIL_PROOF: DIR/ledger/checkpoint is not this log's. FAIL_LIMIT: too many
 * files, a name no bundle has. Parks. */
enum error_code gate_bundle_seal(struct gate_visit *visit, const struct gate_bundle_ask *ask,
                                 struct error *e) MUST_USE;

#endif
