/* Checkpoints of logs in a line other than the newest one's own: the last note that survived of a log
 * that was succeeded, and the older one an auditor brings along. */
#ifndef AZEKURA_VERIFY_OLD_H
#define AZEKURA_VERIFY_OLD_H

#include "verify/line.h"

/* What a tree has to be when it has so many entries. */
struct verify_mark {
    uint64_t size;
    digest root;
    enum verify_mark_kind {
        VERIFY_MARK_SINCE, /* the auditor's checkpoint */
        VERIFY_MARK_OLD,   /* the old log's own */
        VERIFY_MARK_KNOWN, /* what others knew of it, by the entry that names it */
    } kind;
};
enum { VERIFY_MARKS_MAX = 4 };
struct verify_marks {
    struct verify_mark at[VERIFY_MARKS_MAX];
    size_t count;
};

/* Says in `result` what is left of an old log and what was lost, as `namer`, the log that names it, has it. */
void verify_old_left(const struct verify_log *log, str namer, struct verify_result *result);

/* The same, reads its last checkpoint and
 * checks the signature where there is a key for it: one given for its name, or the newest log's
 * under that name. Adds the roots that the log's tree has to pass through. */
void verify_old_log(const struct verify_trust *trust, const struct verify_source *source,
                    const struct verify_line *line, const struct verify_log *log,
                    struct arena scratch, struct verify_result *result, struct verify_marks *marks);

/* Says that the log's tree does not pass through the mark. */
void verify_mark_missed(const struct verify_log *log, const struct verify_mark *mark,
                        struct verify_result *result);

/* The auditor's checkpoint, of whichever log of the line. Adds a mark for that log, or a finding,
 * or says that it lies in what was lost. FAIL_PROOF, FAIL_SYNTAX: no signed checkpoint of a log of
 * the line. */
enum error_code verify_since(const struct verify_trust *trust, const struct verify_line *line,
                             str note, struct verify_result *result, const struct verify_log **log,
                             struct verify_marks *marks, struct error *e) MUST_USE;

#endif
