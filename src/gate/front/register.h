/* What the store decides from: the register in force and its past, the rulebooks in force. */
#ifndef AZEKURA_GATE_FRONT_REGISTER_H
#define AZEKURA_GATE_FRONT_REGISTER_H

#include "gate/front/visit.h"

/* Rows of the register as canonical JSON, as the store held it at `held_ns` (INT64_MAX: now): some
 * `bytes_most` bytes from row number `first` on, each with its kind's key ("sites"). *next: where to go on,
 * 0: all were given. Needs `admin` or `inspect`. FAIL_NOT_FOUND: nothing was held then, or nobody noted
 * when it came. */
struct gate_register_page {
    int64_t held_ns;
    uint64_t first;
    uint64_t bytes_most;
};
struct gate_register_row {
    str kind, canonical; /* empty canonical: the kind's list is complete, as of `as_of_ns` */
    int64_t as_of_ns;
};
enum error_code gate_register_show(
    struct gate_visit *visit, const struct gate_register_page *ask,
    enum error_code (*each)(void *self, const struct gate_register_row *, struct error *e),
    void *self, uint64_t *next, digest *sha256, struct error *e) MUST_USE;
/* The rulebook files in force, as they were read. Needs `admin` or `inspect`. */
enum error_code gate_rulebooks_show(struct gate_visit *visit,
                                    enum error_code (*each)(void *self, str name, str bytes,
                                                            struct error *e),
                                    void *self, struct error *e) MUST_USE;
/* A piece of the tables of events in force, as their files were read: what file number `file` has from byte
 * `at` on, up to `bytes_most` and to the end of a character. The first piece is looked at as `rulebooks` are.
 *   FAIL_USAGE  there is no such file, or it has not so many bytes */
struct gate_events_page {
    size_t file, at, bytes_most;
};
struct gate_events_piece {
    str name, bytes; /* both empty: no table is in force */
    size_t file, at; /* to go on with */
    bool is_last;
};
enum error_code gate_events_show(struct gate_visit *visit, const struct gate_events_page *ask,
                                 struct gate_events_piece *out, struct error *e) MUST_USE;

/* The register of those paths takes the place of the one in force; an unchanged one changes
 * nothing. Parks; on no reactor. */
enum error_code gate_register_import(struct gate_visit *visit, const str *paths, size_t count,
                                     struct error *e) MUST_USE;

/* ---- what the register said on a day: which generation held, who brought it, and the entry that says so
 * ---- */

struct register_generation;
struct register_snapshot;
struct register_told;

/* A generation with what its entry says. Texts live as long as the call that gave it. */
struct gate_told {
    const struct register_generation *kept;
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
