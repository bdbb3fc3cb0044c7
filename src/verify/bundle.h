/* A bundle for an inspector: every file against the signed list, every entry of the period against the
 * log's root, every opened field against its entry, the cover sheet's counts against the entries.
 * The same checks as the page in it, by other code. Source: docs/formats/bundle.md. */
#ifndef AZEKURA_VERIFY_BUNDLE_H
#define AZEKURA_VERIFY_BUNDLE_H

#include "evidence/evidence.h"
#include "verify/head.h"
#include "verify/manifest.h"
#include "verify/source.h"

/* What does not agree becomes findings in `result`; an error is what kept us from looking: no manifest,
 * one that the key has not signed. `arena`: 256 MiB hold what a bundle of a million entries takes. */
enum error_code verify_bundle(const struct verify_trust *trust, const char *dir,
                              struct arena *arena, struct verify_result *result,
                              struct error *e) MUST_USE;

/* ---- for the files of it ---- */

/* The logs' part: of each log that the period reaches checkpoint, tiles, entries and opened fields, the
 * entries that lead from one to the other, and the cover's counts. bundle_line.c. */
enum error_code verify_bundle_line(const struct verify_trust *trust,
                                   const struct verify_manifest *manifest,
                                   const struct verify_folder *folder,
                                   const struct verify_source *source, struct arena *arena,
                                   struct verify_result *result, struct error *e) MUST_USE;

/* FILE.sig of the bundle against FILE, and against the issuers given. What does not agree is a finding;
 * where no issuer was given for a line, that is said. issued.c. FAIL_MEMORY. */
enum error_code verify_bundle_issued(const struct verify_trust *trust,
                                     const struct verify_folder *folder, str path,
                                     struct arena arena, struct verify_result *result,
                                     struct error *e) MUST_USE;

/* What a document of a rulebook file says of itself, as far as that can be told without the language. */
struct verify_book {
    str name, line;         /* views; empty: not said */
    bool is_any, is_untold; /* it says something; and not so that it could be told */
};
/* The next document of the text, which is taken from it; false: there is none. Pure. */
bool verify_book_next(str *rest, struct verify_book *book);

/* The other way round: each rulebook of FILE that an issuer given speaks for, by its line or its name, has
 * to stand in FILE.sig. One that does not is a finding, and so is a file whose rulebooks cannot be told
 * without its language: keys and names have to stand plainly at the beginning of a line. Nothing without
 * an issuer. covered.c. FAIL_MEMORY. */
enum error_code verify_bundle_covered(const struct verify_trust *trust,
                                      const struct verify_folder *folder, str path,
                                      bool has_signature, struct arena arena,
                                      struct verify_result *result, struct error *e) MUST_USE;

#endif
