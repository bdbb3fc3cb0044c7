/* A line of logs: every entry read, every hash made again, and held against tiles and roots. */
#ifndef AZEKURA_VERIFY_LEDGER_H
#define AZEKURA_VERIFY_LEDGER_H

#include "verify/line.h"

/* Told of each entry in order, of the oldest log first, after it was decoded. An error ends the
 * walk. */
struct verify_observer {
    enum error_code (*entry)(void *self, const struct verify_log *log, uint64_t index, str bytes,
                             const struct evidence_entry *entry, struct error *e);
    void *self;
};

struct verify_ledger {
    const struct verify_trust *trust;
    const struct verify_source *source;
    const struct verify_observer *observers;
    size_t observer_count;
    str since; /* an older checkpoint note that has to be a beginning of its log; at NULL: none */
    void (*progress)(uint64_t done, uint64_t all); /* NULL: none */
};

/* Reads the checkpoint, and what its log follows: what verify_ledger_check will be about. Lives in
 * the arena. */
enum error_code verify_ledger_head(const struct verify_ledger *ledger, struct arena *arena,
                                   struct verify_result *result, struct verify_line *out,
                                   struct error *e) MUST_USE;

/* What does not agree becomes findings in `result`; an error is what kept us from looking (a bundle
 * is missing, an entry is of a type we do not know). `arena`: 40 MiB hold any bundle. */
enum error_code verify_ledger_check(const struct verify_ledger *ledger,
                                    const struct verify_line *line, struct arena *arena,
                                    struct verify_result *result, struct error *e) MUST_USE;

#endif
