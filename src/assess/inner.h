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
    size_t held_count;                  /* rows, or copies */
    const struct register_parts *parts; /* walked after them; NULL: none */
    const uint32_t *part_first;         /* ordinal of each part's first row */
    size_t count;                       /* ordinals: a walked row may turn out not to be chosen */
    const char *unchecked;              /* why there are none */
};

/* ---- what is asked ---- */

/* Which fields of a row a clause's answer hangs on: not at all, whether it is known, whether some
 * paper or other shared row names it, its value. */
enum { FIELD_MOST = 31, HANGS_KNOWN = 1, HANGS_NAMED = 2, HANGS_VALUE = 3 };
struct mask {
    bool whole;               /* it cannot be told: the row itself */
    unsigned char used_count; /* fields it hangs on, and which */
    unsigned char used[FIELD_MOST + 1];
    unsigned char by[FIELD_MOST + 1]; /* by position in the kind's fields; the last: the id */
};

/* Clauses about one kind that hang on the same fields: one look answers them all. Many do not even
 * apply, and whether they do hangs on less. */
struct clause_group {
    struct mask applies, mask;
    const uint32_t *members; /* positions in plan_kind.clauses */
    size_t member_count;
};

/* Texts that the shared lists' rows say: an id that is none of them is like any other such id to a
 * clause that looks for it there. */
struct named_texts {
    str *slots; /* open addressing, at most half full */
    size_t slot_count;
};
bool named_has(const struct named_texts *named, str text);
enum error_code named_gather(const struct facts_world *world, struct arena *arena,
                             struct named_texts *out, struct error *e) MUST_USE;

/* Rows of one clause, verdict and owner: told one by one before this ordinal; at it, one row stands
 * for `rest` of them. */
enum { EXAMPLES_MOST = 20 };
struct fold_at {
    uint32_t ordinal;
    uint64_t rest;
    uint32_t example_ordinals[EXAMPLES_MOST];
    str examples[EXAMPLES_MOST]; /* filled as the rows are told */
    uint32_t example_count;
};
struct plan_kind {
    struct subjects subjects;
    const uint32_t *clauses; /* indexes of the set's clauses, ascending */
    size_t clause_count;
    const struct clause_group *groups;
    size_t group_count;
    struct mask all;         /* by: bit 1 << HANGS_… of each way some group hangs on the field */
    unsigned char *verdicts; /* [clause position * subjects.count + ordinal] */
    size_t tally_first;      /* tallies of these clauses, in order */
    uint32_t *owners;        /* by ordinal, as in hangs.owners; NULL: nobody asks */
    size_t owner_count;      /* 1 where nobody asks */
    struct fold_at **folds;  /* fold_place; NULL there: all are told one by one */
};
/* A verdict in a byte. */
enum { VERDICT_BITS = 7, VERDICT_SCORED = 8, VERDICT_SUSPECTED = 16, VERDICT_NONE = 0xff };

static inline uint32_t owner_at(const struct plan_kind *k, size_t ordinal) {
    return k->owners == NULL ? 0 : k->owners[ordinal];
}
/* The place of a clause, verdict and owner among a kind's folds and counts. */
static inline size_t fold_place(const struct plan_kind *k, size_t clause, unsigned verdict,
                                uint32_t owner) {
    return (clause * ASSESS_VERDICT_COUNT + verdict) * k->owner_count + owner;
}
static inline size_t fold_places(const struct plan_kind *k) {
    return k->clause_count * ASSESS_VERDICT_COUNT * k->owner_count;
}

/* ---- what hangs on a subject ---- */

struct hangs_service {
    str id;
    uint32_t owner;
    _Atomic uint64_t count[ASSESS_VERDICT_COUNT]; /* verdicts on what it hangs on */
};
/* hangs.c: whose each subject is, and which services stop with it, at the moment of an assessment. */
struct hangs {
    const str *owners; /* ids of operators; the first is empty: nobody is named */
    size_t owner_count;
    uint32_t owner_else;            /* of what names nobody */
    struct hangs_service *services; /* by id */
    size_t service_count;
    const struct hangs_name *names; /* of operators, sorted */
    size_t name_count;
    const struct hangs_link *links; /* sorted */
    size_t link_count;
};
struct assess_work;
enum error_code hangs_make(const struct assess_work *w, struct arena *arena, struct hangs **out,
                           struct error *e) MUST_USE;
/* An index of owners. Of a copy, the row is its dataset's, here and below. */
uint32_t hangs_owner(const struct hangs *h, const struct register_row *row, int64_t at_ns);
/* Indexes of services, ascending. */
enum error_code hangs_services(const struct hangs *h, const struct register_row *row, int64_t at_ns,
                               struct arena *arena, const uint32_t **out, size_t *count,
                               struct error *e) MUST_USE;

/* ---- the work ---- */

/* Of an impact, which looks at some clauses only; NULL: all that bind. */
struct clause_filter {
    bool (*asks)(const struct clause_filter *self, const struct rulebook_clause *clause);
};

enum { THREADS_MOST = 16 };
struct assess_work {
    struct arena_space space;
    struct arena arena;
    struct assess_options options;
    struct facts_world *world;
    struct named_texts named;
    const struct facts_hearing *hearing; /* for the words of walked rows; NULL: there are none */
    const struct clause_filter *filter;
    bool wants_hangs;
    struct hangs *hangs; /* NULL: not wanted */
    struct plan_kind kinds[RULEBOOK_ABOUT_COUNT];
    struct assess_tally *tallies; /* by kind while working; sorted at the end */
    size_t tally_count;
    struct assess_row *rows;
    size_t row_count;               /* to be told */
    _Atomic uint64_t skipped_count; /* walked rows that are not true then, or filtered out */
    struct assessment result;
    struct arena_space row_spaces[THREADS_MOST];
};

/* run.c: assess_run in two steps, between which an impact takes out what is not new: verdicts, a byte
 * each; then totals, folds and rows. `filter` is borrowed. */
enum error_code work_judge(const struct assess_options *options, const struct clause_filter *filter,
                           bool wants_hangs, struct assess_work **out, struct error *e) MUST_USE;
enum error_code work_tell(struct assess_work *w, struct error *e) MUST_USE;

/* plan.c */
enum error_code plan_make(struct assess_work *w, struct arena scratch, struct error *e) MUST_USE;
/* subjects.c */
enum error_code subjects_find(struct assess_work *w, enum rulebook_about about,
                              struct subjects *out, struct error *e) MUST_USE;
/* Does any row then say the sector that is filtered by? */
bool sector_is_said(const struct assess_work *w);
/* One of them: a row, or a copy. */
struct subject {
    const struct register_row *row; /* NULL: a copy */
    const struct copy_subject *copy;
    size_t ordinal;
};
struct subject subject_held(const struct subjects *s, size_t ordinal);
str subject_id(const struct subject *s);
const struct register_row *subject_row(const struct subject *s); /* of a copy its dataset's */
/* The day whose rules judge it: of an event its own, else that of the assessment. */
int64_t subject_day(const struct assess_work *w, const struct subject *s);
/* True then, and left by the filters: of a row that is walked. */
bool subject_is_chosen(const struct assess_work *w, const struct register_row *row);
/* Its facts, in the arena. */
enum error_code subject_facts(const struct assess_work *w, const struct subject *s,
                              struct arena *arena, struct arena scratch,
                              struct rulebook_facts *facts, struct rulebook_subject *subject,
                              struct error *e) MUST_USE;

/* walk.c: workers over subjects. */
enum error_code walk_verdicts(struct assess_work *w, struct error *e) MUST_USE;
enum error_code walk_rows(struct assess_work *w, struct error *e) MUST_USE;

/* questioning.c */

/* A subject with its facts; `suspecting` is the same with the lists that what was observed of
 * it suggests, NULL: nothing does. */
struct questioning {
    const struct rulebook_asking *asking, *suspecting;
    const struct register_row *record; /* NULL: a copy, which imposes no duties */
    const struct rulebook_facts *facts;
    int64_t now_ns; /* of the assessment: clocks run on after the day of an event */
};
/* `record` NULL: a copy. `at_ns`: the day whose rules judge it. */
enum error_code questioning_begin(const struct assess_work *w,
                                  const struct rulebook_subject *subject,
                                  const struct register_row *record,
                                  const struct rulebook_facts *facts, int64_t at_ns,
                                  struct arena *arena, struct questioning *out,
                                  struct error *e) MUST_USE;
/* A verdict as its byte, VERDICT_NONE: not bound. `spoke` is what was said, if asked is SPOKE. */
unsigned char questioning_ask(const struct questioning *q, uint32_t clause,
                              enum rulebook_asked *asked, struct rulebook_spoke *spoke);
/* The fact that names the lists on which whoever was observed stands. */
extern const str questioning_suspected_path;

/* row.c: fills everything but count and examples; copies what it needs into `arena`. */
enum error_code row_make(const struct assess_work *w, const struct questioning *q,
                         uint32_t clause_index, struct arena *arena, struct arena scratch,
                         struct assess_row *out, struct error *e) MUST_USE;

/* row_facts.c: fills facts, their number and the grounds; copies what it needs into `arena`. */
enum error_code row_facts(const struct rulebook_reading *readings, size_t count,
                          struct arena *arena, struct assess_row *out, struct error *e) MUST_USE;

/* An incident that had not come on that day: nobody owed anything for it. */
bool record_is_yet_to_come(const struct register_row *row, int64_t at_ns);
/* How a record stands with the duties of a clause that speaks of it: the worst of its clocks, which
 * goes to *worst. Reported late or not at all by its deadline: fail. Not due yet: pass. Nobody knows
 * when it began, or the text has no number and the operator set none: unknown. */
enum assess_verdict duties_judge(const struct rulebook_spoke *spoke,
                                 const struct register_row *record,
                                 const struct rulebook_facts *facts, int64_t now_ns,
                                 struct duty_row *worst);
/* One of its clocks. */
void duty_clock(const struct rulebook_spoke *spoke, const struct rulebook_duty *duty,
                const struct register_row *record, const struct rulebook_facts *facts,
                int64_t now_ns, struct duty_row *out);
/* "overdue; deadline: 2026-11-21T00:00:00Z, 3 h over" */
void duty_standing_say(const struct duty_row *row, int64_t now_ns, enum rulebook_language language,
                       struct text *out);
/* What a clause whose conditions are met does where its clocks are not. */
enum rulebook_effect duty_effect(enum rulebook_strength strength);
/* What a clause asks may be met while what must be told about it is overdue: the verdict of its clocks then.
 * PASS: they change nothing, or it is not met anyway. `record` NULL: a copy. */
enum assess_verdict duties_of_met(const struct rulebook_spoke *spoke,
                                  const struct register_row *record,
                                  const struct rulebook_facts *facts, int64_t now_ns);
/* What is to be done about it; nothing where it passes. */
void duty_advice(const struct duty_row *row, enum rulebook_language language, struct text *out);

/* One of two texts. */
static inline const char *say(enum rulebook_language l, const char *en, const char *ja) {
    return l == RULEBOOK_JAPANESE ? ja : en;
}

#endif
