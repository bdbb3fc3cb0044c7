/* Counting entries anew: what was decided, by act, sector, class, site and clause, from the entries
 * themselves. Codes are turned into words by the code table, which is entries of the same log. */
#ifndef AZEKURA_VERIFY_SUMMARY_H
#define AZEKURA_VERIFY_SUMMARY_H

#include "verify/ledger.h"
#include "verify/table.h"

/* Repeats: acts like one that has an entry, which were only counted (entries of type fold). */
enum verify_count {
    VERIFY_ALLOWED,
    VERIFY_WARNED,
    VERIFY_REFUSED,
    VERIFY_REPEATED,
    VERIFY_EXCEPTED, /* these four of clauses only */
    VERIFY_LIFTED,
    VERIFY_BROKEN,
    VERIFY_UNKNOWN,
    VERIFY_COUNTS
};

struct verify_counted {
    enum evidence_code_kind kind;
    str word; /* empty: the entries name none */
    uint64_t counts[VERIFY_COUNTS];
};

struct verify_summary {
    struct arena_space space; /* of its own: a walk takes the caller's arena over and over */
    struct arena arena;
    struct verify_counted *all;
    size_t count;
    uint64_t decisions[VERIFY_COUNTS];
    uint64_t entries, records; /* records: entries that are no acts */
    uint32_t first_minute, last_minute;
    struct verify_table words; /* (kind, word) -> place in `all` */
    struct verify_table codes; /* (log, kind, code) -> place in `all` */
    FILE *list; /* versions of the store, written meanwhile; NULL: none were asked for */
};

enum error_code verify_summary_open(struct verify_summary *summary, struct error *e) MUST_USE;
void verify_summary_close(struct verify_summary *summary); /* safe on a zeroed one */
/* As an observer of verify_ledger_check. FAIL_LIMIT: over 65,536 words, or a
 * million codes. */
struct verify_observer verify_summary_observer(struct verify_summary *summary);
/* For verify_result. */
struct verify_more verify_summary_more(const struct verify_summary *summary);

#endif
