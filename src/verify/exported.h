/* The rulebook files beside a store's listing: whether an issuer signed them, whether one of the row is not
 * there, and what the log says of the rules. Source: docs/formats/store-listing.md. */
#ifndef AZEKURA_VERIFY_EXPORTED_H
#define AZEKURA_VERIFY_EXPORTED_H

#include "verify/ledger.h"
#include "verify/source.h"

/* Zeroed but for `places`. */
struct verify_exported {
    uint64_t places; /* entries there were when the export was made, of all logs */
    bool has_rules;
    digest rules; /* as the newest of those entries that names a set of rules names it */
    const struct verify_log *log;
    uint64_t index; /* that entry */
};

/* As an observer of verify_ledger_check: the line outlives `exported`. */
struct verify_observer verify_exported_observer(struct verify_exported *exported);

/* After the last entry: the export's rulebooks, one after the other from 000000 on. What does not agree
 * becomes findings; a folder without rulebooks has none. FAIL_MEMORY. */
enum error_code verify_exported_check(const struct verify_exported *exported,
                                      const struct verify_trust *trust,
                                      const struct verify_folder *folder,
                                      const struct verify_source *source, struct arena arena,
                                      struct verify_result *result, struct error *e) MUST_USE;

#endif
