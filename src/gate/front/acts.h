/* What was done and why: recorded acts read back. */
#ifndef AZEKURA_GATE_FRONT_ACTS_H
#define AZEKURA_GATE_FRONT_ACTS_H

#include "gate/front/visit.h"

/* Why a request was decided as it was: act, decision, clauses, facts read and who said each, as
 * text for a person. Looks at the newest WHY_ENTRIES_MAX entries, those of logs before this one too. Needs `admin`. FAIL_NOT_FOUND: no
 * entry names the request; a read that no rule wants recorded leaves none. */
enum { WHY_ENTRIES_MAX = 200000 };
enum error_code gate_why(struct gate_visit *visit, str request_id, struct text *out,
                         struct error *e) MUST_USE;

/* Recorded acts with the bytes of their decision (docs/formats/decision.md; two joined where a copy was
 * decided by two datasets), in order, from the oldest log of the line on. Acts whose opening is gone
 * are left out. Needs `admin` or `inspect`. Looks at some 20,000 entries of one log and gives some `bytes_most`
 * bytes at most; *next is where to go on. FAIL_USAGE: `first` is over what the log has. */
struct gate_act_page {
    uint32_t log; /* number of the log, 0: the oldest of the line */
    uint64_t first;
    int64_t from_ns, until_ns; /* when they were done */
    uint64_t bytes_most;
};
struct gate_act {
    str name; /* ORIGIN#INDEX of its entry */
    int64_t time_ns;
    str decision;
};
struct gate_act_next {
    uint32_t log;
    uint64_t first;
    bool is_end;        /* there are no more; log and first are those of the next entry to come */
    uint64_t done, all; /* entries of the whole line: before that one; there are */
};
enum error_code gate_act_list(struct gate_visit *visit, const struct gate_act_page *ask,
                              enum error_code (*each)(void *self, const struct gate_act *,
                                                      struct error *e),
                              void *self, struct gate_act_next *next, struct error *e) MUST_USE;

/* What the newest entries are about, for a visitor who signed in: at most GATE_RECENT_MAX, newest
 * first, only of buckets the visitor may list. */
struct gate_named {
    uint64_t index;
    int64_t time_ns;
    const char *type; /* of the entry: "put", "refuse" … */
    str bucket, key, user;
};
enum error_code gate_named_list(struct gate_visit *visit,
                                enum error_code (*each)(void *self, const struct gate_named *,
                                                        struct error *e),
                                void *self, struct error *e) MUST_USE;

#endif
