/* Assessments: every clause that binds, about everything the register knows.
 *
 * An assessment walks clauses × subjects as of one moment and gives each pair a verdict with the
 * facts it read, who said each, and what would change it. Subjects are the register's rows of the
 * kind a clause is about; for clauses about copies, each dataset at each place that holds it. What
 * only a request could show (who reads) is decided at the gate, and the assessment says so instead
 * of guessing. Nothing unknown is ever a pass.
 *
 * Beside it: equipment somebody is about to buy, held against the same clauses; and duties with
 * clocks: what must be told to whom by when, after an incident or a change.
 *
 * Source: RULEBOOK 1–5, 7; DESIGN 3 (verdicts); docs/formats/assessment.md. */
#ifndef AZEKURA_ASSESS_ASSESS_H
#define AZEKURA_ASSESS_ASSESS_H

#include "assess/duties.h"
#include "facts/facts.h"
#include "register/register.h"
#include "report/report.h"
#include "rulebook/rulebook.h"

/* ---- verdicts ---- */

enum assess_verdict {
    ASSESS_PASS,
    ASSESS_FAIL,
    ASSESS_UNKNOWN,
    ASSESS_ATTESTED, /* met, and only a document says so */
    ASSESS_EXCEPTED, /* not met; an exception, or the clause's own `unless`, lets it be */
    ASSESS_NOT_APPLICABLE,
    ASSESS_VERDICT_COUNT
};
const char *assess_verdict_name(enum assess_verdict verdict); /* "not-applicable" */
bool assess_verdict_find(str name, enum assess_verdict *out);
const char *assess_verdict_word(enum assess_verdict verdict, enum rulebook_language language);

/* ---- one row: a clause and a subject ---- */

struct assess_fact {
    str path, value; /* value: JSON; a long list is told by its count */
    str source;      /* which row, paper or measurement; may be empty */
    enum rulebook_by by;
    bool known;
    int64_t since_ns, until_ns; /* as in rulebook_value */
};

struct assess_row {
    const struct rulebook_clause *clause;
    uint32_t clause_index;    /* rulebook_set_clause */
    uint32_t subject_ordinal; /* among the subjects of its kind: by id, then walked equipment */
    str subject;              /* a row's id; of a copy DATASET@SITE */
    enum assess_verdict verdict;
    enum rulebook_effect effect;                /* what a gate would do */
    enum rulebook_strength strength;            /* in force here */
    enum rulebook_by grounds;                   /* the weakest saying among the facts known */
    bool applies_unknown;                       /* counted as applying */
    bool suspected;                             /* only what was observed says who made it */
    bool lifted;                                /* excepted by the clause's own `unless` */
    const struct rulebook_compelled *compelled; /* or NULL */
    const struct rulebook *raised_by;           /* or NULL */
    const struct rulebook_exception *exception; /* or NULL */
    const struct rulebook_adoption *adoption;   /* NULL: what-if, or not applicable */
    const struct assess_fact *facts;
    size_t fact_count;
    str change; /* what would make it pass, a line each; empty where it does */
    /* Subjects this row stands for: 1, or more where an assessment of many was folded; then
     * `subject` and the facts are of the first, and `examples` names some of them. */
    uint64_t count;
    const str *examples;
    size_t example_count;
    const uint32_t *services; /* in an impact, those that stop with it; else none */
    size_t service_count;
};

/* One clause over all its subjects. */
struct assess_tally {
    const struct rulebook_clause *clause;
    uint32_t clause_index;
    uint64_t count[ASSESS_VERDICT_COUNT];
    uint64_t pass_by[RULEBOOK_BY_COMPUTED + 1]; /* passes by their grounds, where rows are listed */
    const char *unchecked; /* why no subject was asked, one of assess_unchecked; NULL: some was */
};
/* "gate": decided at the gate; "no-rows": the register's list is empty and open, which proves
 * nothing; "none": the list is complete and empty; "no-kind": the register keeps no such rows;
 * "filtered": the filter left none; "unbound": what binds here binds none of them. */
const char *assess_unchecked_word(const char *unchecked, enum rulebook_language language);

/* ---- what the ledger of a store adds: how often, and what is owed ---- */

/* What a clause did at the gate. */
struct assess_gate_tally {
    str clause; /* RULEBOOK/ID */
    uint64_t allowed, warned, refused;
};
/* One obligation of one clause for one dataset. */
struct assess_debt {
    str what, clause, dataset; /* what: "copies 2 (aoba-own/keep.at-home)" */
    uint64_t owed, late, met;
    int64_t due_ns; /* the next of those owed; INT64_MAX: none, or nobody knows */
};
struct assess_ledger {
    uint64_t entries, acts, untold; /* acts whose decision was read; whose was not kept whole */
    const struct assess_gate_tally *clauses;
    size_t clause_count;
    const struct assess_debt *debts;
    size_t debt_count;
};
/* Of one clause; nothing where it never spoke. */
struct assess_gate_tally assess_ledger_clause(const struct assess_ledger *ledger,
                                              const struct rulebook_clause *clause);

struct assessment {
    int64_t at_ns;
    digest rules, register_digest;
    bool what_if;
    bool folded; /* more rows than the limit: equal ones were folded */
    enum rulebook_language language;
    str operators; /* who was assessed: names, joined */
    str filter;    /* "sector=gas"; empty: none */
    const struct rulebook_set *set;
    const struct assess_tally *tallies; /* by rulebook and clause */
    size_t tally_count;
    const struct assess_row *rows; /* by rulebook, clause and subject */
    size_t row_count;
    uint64_t total[ASSESS_VERDICT_COUNT];  /* over all subjects, folded or not */
    uint64_t scored[ASSESS_VERDICT_COUNT]; /* of them those that no gate minds: strength score */
    uint64_t subject_count;
    const str *gaps; /* adopted lines and rulebooks with no edition in force, or not at hand */
    size_t gap_count;
    size_t absent_count; /* of the adoptions then: those whose rulebook is not at hand */
    const str *warnings; /* raises without clause, homes of data nobody has told, open lists */
    size_t warning_count;
    const struct rulebook_exception *const *exceptions; /* in effect then */
    size_t exception_count;
    const struct assess_ledger *ledger; /* NULL: made from files alone */
};

struct assess_options {
    const struct register_snapshot *snapshot; /* borrowed, as all here */
    const struct register_parts *parts;       /* equipment that is walked; NULL: none */
    const struct rulebook_set *set;
    const struct rulebook_adoption *adoptions; /* of the set, for gaps; none with what_if */
    size_t adoption_count;
    const struct rulebook_exception *exceptions;
    size_t exception_count;
    bool what_if;
    int64_t at_ns;
    str store_site; /* where `store: here` is; empty: not told, and copies here have no place */
    str sector, operator_id, site, dataset; /* empty: all */
    /* Before buying: only the equipment that this file names is asked about, and the clauses that
     * do not limit themselves to other acts than `act` ("purchase", "install"). */
    str purchase_file, act;
    const struct assess_ledger *ledger; /* NULL: none; told, never judged by */
    const struct siting_model *events; /* a table of events that places are laid over; NULL: none */
    /* Only what asks where copies stand (facts_clause_is_placement); with `dataset` also of the sites that
     * hold a copy of it. */
    bool placement;
    enum rulebook_language language;
    uint64_t row_limit; /* 0: LIMIT_ASSESS_ROWS; above, equal rows are folded */
    unsigned threads;   /* 0: as many as there are processors, at most 16 */
    bool progress;      /* also where standard error is no terminal */
};

struct assess_work; /* opaque: memory of an assessment */
/* *out lies in *work, which the caller releases. The same input gives the same rows, whatever the
 * number of threads.
 *   FAIL_NOT_FOUND  a filter or the store's site names no row then, the sector nothing
 *   FAIL_LIMIT, FAIL_MEMORY */
enum error_code assess_run(const struct assess_options *options, struct assess_work **work,
                           const struct assessment **out, struct error *e) MUST_USE;
void assess_release(struct assess_work *work); /* NULL is fine */

/* For CI: 0 nothing fails and nothing is unknown; 1 something fails; 3 nothing fails, something is
 * unknown: also what a rulebook asks that is adopted and not at hand. Clauses of strength `score` are only
 * counted. */
int assess_exit_code(const struct assessment *a);

/* ---- written ---- */

void assess_write_text(const struct assessment *a, struct report_out *out);
void assess_write_json(const struct assessment *a, struct report_out *out);
void assess_write_csv(const struct assessment *a, struct report_out *out);
void assess_write_html(const struct assessment *a, struct report_out *out);
/* OSCAL 1.2.1 assessment results, JSON: one finding a row, every UUID from the content. */
void assess_write_oscal(const struct assessment *a, struct report_out *out);
/* What changed since an earlier assessment, which assess_write_json wrote: verdicts that changed,
 * with the facts that moved, that appeared and that vanished. Text, or JSON.
 *   FAIL_SYNTAX  it is not one     FAIL_MEMORY */
enum error_code assess_write_diff(const struct assessment *a, str earlier_json, bool as_json,
                                  struct report_out *out, struct error *e) MUST_USE;

/* ---- impact: what rulebooks would change that are not adopted yet ---- */

struct assess_impact_row {
    /* Fails, or is unknown, as if adopted; may stand for many subjects of one operator, as in a
     * folded assessment: then `before` and the services are of the first too. */
    const struct assess_row *row;
    bool is_bound_before; /* the same clause of an edition adopted now binds, and says: */
    enum assess_verdict before;
    int64_t from_ns;     /* begins to bind then: edition and clause in force */
    str operator_id;     /* whose subject it is; empty: not told */
    const str *services; /* that hang on the subject, by system, site or dataset */
    size_t service_count;
};
struct assess_impact_service {
    str id, operator_id;
    uint64_t fails, unknowns; /* verdicts on what it hangs on, folded or not */
    int64_t from_ns;          /* the first of them */
};
struct assess_impact {
    int64_t at_ns;
    enum rulebook_language language;
    const struct rulebook *const *planned;
    size_t planned_count;
    const str *over; /* planned rulebooks that end before they could bind */
    size_t over_count;
    uint64_t looked_at, fails, unknowns; /* planned clauses × subjects; of them new */
    bool folded; /* more that is new on one day than now.row_limit: rows stand for many */
    const struct assess_impact_row *rows; /* by rulebook, clause and subject */
    size_t row_count;
    struct assess_impact_service *services;
    size_t service_count;
};
struct assess_impact_options {
    struct assess_options now;                                /* what binds now; without what_if */
    const struct rulebook *const *rulebooks, *const *planned; /* those of now.set; those to come */
    size_t rulebook_count, planned_count;
};
struct assess_impact_work;
/* Assesses `planned` as if adopted on the days they begin to bind (now, where they do already): as their
 * line is adopted now, else by everybody with every elected clause ticked. New is what fails then and
 * does not now, and what is unknown then and neither fails nor is unknown now. *out lies in *work.
 *   FAIL_LIMIT  the rulebooks begin to bind on more than 16 days
 *   what assess_run and rulebook_set_compile say */
enum error_code assess_impact(const struct assess_impact_options *options,
                              struct assess_impact_work **work, const struct assess_impact **out,
                              struct error *e) MUST_USE;
void assess_impact_release(struct assess_impact_work *work); /* NULL is fine */
void assess_write_impact_text(const struct assess_impact *impact, struct report_out *out);
void assess_write_impact_json(const struct assess_impact *impact, struct report_out *out);

#endif
