/* What the files of this module share: what is to be asked of whom, and memory to ask in. */
#ifndef AZEKURA_ASSESS_INNER_H
#define AZEKURA_ASSESS_INNER_H

#include <stdatomic.h>

#include "assess/assess.h"

/* ---- subjects ---- */

/* A copy: a dataset at a place. */
struct copy_subject {
    const struct register_row *dataset;
    str site;    /* empty: none is named */
    str country; /* of a copy that names a country and no site */
    str id;      /* DATASET@SITE */
};

/* All subjects of one kind, in the order of their ids. */
struct subjects {
    enum rulebook_about about;
    enum register_kind kind;
    const struct register_row *const *rows; /* NULL: copies */
    const struct copy_subject *copies;
    size_t count;
    const char *unchecked; /* why there are none */
};

/* ---- what is asked ---- */

/* Which fields of a row a clause's answer hangs on: not at all, whether it is known, its value. */
enum { FIELD_MOST = 31, HANGS_KNOWN = 1, HANGS_VALUE = 2 };
struct mask {
    bool whole;                       /* it cannot be told: the row itself */
    unsigned char by[FIELD_MOST + 1]; /* by position in the kind's fields; the last: the id */
};

/* Clauses about one kind that hang on the same fields: one look answers them all. */
struct clause_group {
    struct mask mask;
    const uint32_t *members; /* positions in plan_kind.clauses */
    size_t member_count;
};

struct fold_at {
    uint32_t ordinal; /* UINT32_MAX: all are told one by one */
    uint64_t rest;    /* 0: none */
};
struct plan_kind {
    struct subjects subjects;
    const uint32_t *clauses; /* indexes of the set's clauses, ascending */
    size_t clause_count;
    const struct clause_group *groups;
    size_t group_count;
    unsigned char *verdicts; /* [clause position * subjects.count + ordinal] */
    size_t tally_first;      /* tallies of these clauses, in order */
    /* [clause position][verdict]: rows are told one by one before this ordinal; at it, one row
     * stands for `rest` of them. */
    struct fold_at (*folds)[ASSESS_VERDICT_COUNT];
};
/* A verdict in a byte. */
enum { VERDICT_BITS = 7, VERDICT_SCORED = 8, VERDICT_NONE = 0xff };

enum { THREADS_MOST = 16 };
struct assess_work {
    struct arena_space space;
    struct arena arena;
    struct assess_options options;
    struct facts_world *world;
    struct plan_kind kinds[RULEBOOK_ABOUT_COUNT];
    struct assess_tally *tallies; /* by kind while working; sorted at the end */
    size_t tally_count;
    struct assess_row *rows;
    size_t row_count; /* to be told */
    struct assessment result;
    struct arena_space row_spaces[THREADS_MOST];
};

/* plan.c */
enum error_code plan_make(struct assess_work *w, struct arena scratch, struct error *e) MUST_USE;
/* subjects.c */
enum error_code subjects_find(struct assess_work *w, enum rulebook_about about,
                              struct subjects *out, struct error *e) MUST_USE;
str subject_id(const struct subjects *s, size_t ordinal);
/* Its facts, in the arena. */
enum error_code subject_facts(const struct assess_work *w, const struct subjects *s, size_t ordinal,
                              struct arena *arena, struct arena scratch,
                              struct rulebook_facts *facts, struct rulebook_subject *subject,
                              struct error *e) MUST_USE;

/* walk.c: workers over subjects. */
enum error_code walk_verdicts(struct assess_work *w, struct error *e) MUST_USE;
enum error_code walk_rows(struct assess_work *w, struct error *e) MUST_USE;

/* row.c */
enum assess_verdict verdict_of(enum rulebook_asked asked, const struct rulebook_spoke *spoke);
/* Fills everything but count and examples; copies what it needs into `arena`. */
enum error_code row_make(const struct rulebook_asking *asking, uint32_t clause_index,
                         enum rulebook_language language, const struct rulebook_set *set,
                         struct arena *arena, struct arena scratch, struct assess_row *out,
                         struct error *e) MUST_USE;

/* words.c: one of two texts. */
static inline const char *say(enum rulebook_language l, const char *en, const char *ja) {
    return l == RULEBOOK_JAPANESE ? ja : en;
}

#endif
