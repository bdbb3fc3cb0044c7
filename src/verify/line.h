/* The line of logs that leads to the one whose checkpoint we hold. A log that follows others begins
 * with an entry for each of them, which names size and root of what is left: so the newest
 * checkpoint speaks for all of them. Formats: docs/formats/ledger.md, entry.md. */
#ifndef AZEKURA_VERIFY_LINE_H
#define AZEKURA_VERIFY_LINE_H

#include "evidence/evidence.h"
#include "verify/head.h"
#include "verify/source.h"

enum { VERIFY_PREFIX_BYTES = 24 };

struct verify_log {
    uint32_t number; /* 1: the oldest */
    str origin;
    uint64_t size; /* of the newest: signed. Of the others: what is left, as an entry names it */
    digest root;
    uint64_t first;                   /* place of its entry 0 among the entries of all logs */
    char prefix[VERIFY_PREFIX_BYTES]; /* of its files in the source: "old/1/"; empty: the newest */
    uint32_t names;                   /* so many of its first entries name logs before it */
    bool is_missing;                  /* nothing of it can be read, and a finding says so */

    /* of the others */
    uint64_t known_size;
    digest known_root;
    uint32_t named_in; /* number of the log that names it … */
    uint64_t named_at; /* … in this entry */
};
struct verify_line {
    struct verify_log *logs; /* oldest first; the last is the newest */
    size_t count;
    uint64_t entries; /* in all of them */
};

/* Reads the first entries of each log, from the newest back. What is missing, or named as it cannot
 * be, becomes a finding; so does a log in the source that nobody names. Nothing of it is shown
 * until verify_ledger_check has hashed all of it. FAIL_LIMIT: over EVIDENCE_LOGS_MAX logs. */
enum error_code verify_line_read(const struct verify_source *source,
                                 const struct tlog_checkpoint *head, struct arena *arena,
                                 struct verify_result *result, struct verify_line *out,
                                 struct error *e) MUST_USE;
/* The newest. */
static inline const struct verify_log *verify_line_newest(const struct verify_line *line) {
    return &line->logs[line->count - 1];
}
/* NULL: no log of the line is called so. */
const struct verify_log *verify_line_find(const struct verify_line *line, str origin);

/* "NAME/3" to NAME and 3; false: it has no number. And whether log `number` of that line is called so. */
bool verify_name_cut(str origin, str *base, uint32_t *number);
bool verify_name_is(str origin, str base, uint32_t number);

/* "entry 7", and of which log where there are several: for findings. Lives in the result's arena. */
str verify_entry_name(const struct verify_line *line, const struct verify_log *log, uint64_t index,
                      struct verify_result *result);

/* The files of one log of a line, as a source of its own. Borrows both. */
struct verify_below {
    const struct verify_source *source;
    const char *prefix;
};
struct verify_source verify_below(struct verify_below *below);

#endif
