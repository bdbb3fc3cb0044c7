/* Inner: what the register said, as the store keeps it: which generation held when, who brought it,
 * and the entry of the ledger that says so. */
#ifndef AZEKURA_GATE_TOLD_H
#define AZEKURA_GATE_TOLD_H

#include "gate/inner.h"

/* A generation with what its entry says. Texts live as long as the call that gave it. */
struct gate_told {
    struct register_generation kept;
    bool in_ledger; /* the entry is there, and it names the same digest */
    bool redacted;  /* its opening was destroyed: who and why are gone */
    str who;        /* user/key; empty: nobody's hand (a start, a reload), or not known */
    str why;        /* "register import: generation 2, 3 rows changed" */
};

/* Administrators and inspectors; of the latter it is an entry. Both park.
 *   FAIL_CORRUPT  an entry that a generation names is of another kind, or names another digest */

/* From generation `first` on (1 is the oldest), at most `most`; *next: the one to go on with, 0 when
 * there is none. A store without a register has none. */
enum error_code gate_told_list(struct gate_visit *visit, uint64_t first, size_t most,
                               enum error_code (*each)(void *self, const struct gate_told *told,
                                                       struct error *e),
                               void *self, uint64_t *next, struct error *e) MUST_USE;
/* Every row an id ever had. FAIL_NOT_FOUND: it never had one. In the visit's arena. */
enum error_code gate_told_rows(struct gate_visit *visit, str id, struct register_told **rows,
                               size_t *count, struct error *e) MUST_USE;
/* The register that held at that time, whole, held against its digest. FAIL_NOT_FOUND: there was
 * none, or it is not known which. `told` in the visit's arena; the snapshot is released by
 * register_release. */
enum error_code gate_told_at(struct gate_visit *visit, int64_t at_ns, struct gate_told *told,
                             struct register_snapshot **out, struct error *e) MUST_USE;

#endif
