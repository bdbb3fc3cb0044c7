/* Decisions: by the slow reference evaluator, or by a table folded for one act, dataset and place. */
#ifndef AZEKURA_RULEBOOK_FRONT_DECISIONS_H
#define AZEKURA_RULEBOOK_FRONT_DECISIONS_H

#include "rulebook/front/sets.h"

enum rulebook_effect { RULEBOOK_ALLOW, RULEBOOK_WARN, RULEBOOK_REFUSE };
const char *rulebook_effect_name(enum rulebook_effect effect); /* "allow" */
const char *rulebook_truth_name(enum rulebook_truth truth);    /* "true", "false", "unknown" */

/* How one clause came out. */
enum rulebook_verdict {
    RULEBOOK_PASS,
    RULEBOOK_FAIL,
    RULEBOOK_VERDICT_UNKNOWN,
    RULEBOOK_ATTESTED, /* met, by documents only */
    RULEBOOK_LIFTED,   /* not met; `unless` lets the act through */
    RULEBOOK_EXCEPTED, /* not met; an exception or broken glass lets the act through */
};
const char *rulebook_verdict_name(enum rulebook_verdict verdict);

/* What is decided about. `act` empty: an assessment, where `applies.act` does not limit.
 * `act` and `time.now` are facts of their own accord; the others must be among the facts. */
struct rulebook_subject {
    unsigned about; /* bits of enum rulebook_about */
    str act;
    str operator_id, dataset_id, site_id;
};

/* The subject a word means: an act (`put`: a copy and a session) or a kind (`entity`: assessed).
 * `copy` and `change` are both; they are read as the kind. false: neither. */
bool rulebook_subject_of_word(str word, struct rulebook_subject *out);
/* The subject of an act, `copy` and `change` too. false: no act. */
bool rulebook_subject_of_act(str act, struct rulebook_subject *out);

/* A clause that applied. */
struct rulebook_spoke {
    const struct rulebook_clause *clause;
    uint32_t rank; /* among the set's clauses, by rulebook and id */
    enum rulebook_effect effect;
    enum rulebook_truth truth;   /* of the requirement */
    enum rulebook_truth applied; /* true or unknown: unknown counts as applying */
    enum rulebook_verdict verdict;
    enum rulebook_strength strength;            /* in force here, after compelled and raises */
    const struct rulebook_compelled *compelled; /* what made it so, or NULL */
    const struct rulebook *raised_by;           /* or NULL */
    const struct rulebook_exception *exception; /* or NULL */
    const struct rulebook_adoption *adoption;   /* why it binds; NULL: what-if */
};

/* Clauses that always speak together; borrowed from the table. */
struct rulebook_spoken {
    const struct rulebook_spoke *at;
    size_t count;
};

struct rulebook_table; /* opaque */

struct rulebook_decision {
    enum rulebook_effect effect;
    const struct rulebook_set *set;
    struct rulebook_subject subject;
    struct rulebook_facts facts; /* as given, for the explanation; borrowed */
    int64_t at_ns;
    const struct rulebook_spoke *fixed; /* same for every request of a table; of the slow: all */
    size_t fixed_count;
    const struct rulebook_spoken *const *groups; /* the others; look with rulebook_decision_spoke */
    size_t group_count;
    size_t spoke_count;                            /* in all groups */
    const struct rulebook_obligation *obligations; /* joined: one a kind, due, start and place */
    size_t obligation_count;
    const struct rulebook_conflict *conflicts; /* that this decision touches */
    size_t conflict_count;
    int64_t good_until_ns;              /* the passing of time alone does not change it before */
    const struct rulebook_table *table; /* NULL: by the slow evaluator */
};

/* Decides straight from the rules: the reference the tables must agree with. Order of rulebooks,
 * clauses and facts never matters.
 *   FAIL_MEMORY  the arena or the scratch is full; no other error */
enum error_code rulebook_evaluate_slow(const struct rulebook_set *set,
                                       const struct rulebook_subject *subject,
                                       const struct rulebook_facts *facts, int64_t at_ns,
                                       struct arena *arena, struct arena scratch,
                                       struct rulebook_decision *out, struct error *e) MUST_USE;

/* Folds everything static for a subject: what remains are comparisons of facts under `request`
 * paths ("reader", "act.purpose": a path itself or everything below it). `time` is always one. The
 * facts, the request paths and the subject's texts are borrowed. Good for any time: outside the span it was folded for, it evaluates slowly.
 *   FAIL_MEMORY */
enum error_code rulebook_table_build(const struct rulebook_set *set,
                                     const struct rulebook_subject *subject,
                                     const struct rulebook_facts *facts, const str *request,
                                     size_t request_count, int64_t at_ns, struct arena *arena,
                                     struct arena scratch, const struct rulebook_table **out,
                                     struct error *e) MUST_USE;

/* When the table's folding holds; outside, build anew for speed. */
struct rulebook_span rulebook_table_span(const struct rulebook_table *table);

/* Decides one request. `request` holds the facts under the table's request paths, in one layer
 * whose `next` is ignored; facts elsewhere are ignored too. Nothing is taken from `arena` but the
 * spoke and obligations that depend on the request.
 *   FAIL_MEMORY  no other error */
enum error_code rulebook_decide(const struct rulebook_table *table,
                                const struct rulebook_facts *request, int64_t now_ns,
                                struct arena *arena, struct arena scratch,
                                struct rulebook_decision *out, struct error *e) MUST_USE;

/* The i-th of fixed_count + spoke_count clauses that spoke. */
static inline const struct rulebook_spoke *
rulebook_decision_spoke(const struct rulebook_decision *d, size_t i) {
    if (i < d->fixed_count) return &d->fixed[i];
    i -= d->fixed_count;
    size_t k = 0;
    for (; i >= d->groups[k]->count; k++) i -= d->groups[k]->count;
    return &d->groups[k]->at[i];
}

/* When a duty's clock began: the text's own day, or the fact its `start` names. false: not known. */
bool rulebook_duty_start(const struct rulebook_duty *duty, const struct rulebook_facts *facts,
                         int64_t *start_ns);

/* Lines and rulebooks adopted for the subject of which no edition is in force at the time. */
enum error_code rulebook_decision_gaps(const struct rulebook_decision *decision,
                                       struct arena *arena, const str **names, size_t *count,
                                       struct error *e) MUST_USE;

/* A fact that was read: path and what was said; unknown where nothing was, or where it had run out.
 * (Where a clause reads another kind of saying, it counted as unknown for that clause.) */
struct rulebook_reading {
    str path;
    const struct rulebook_value *value; /* never NULL */
};
/* Every fact the decision depended on, sorted by path: enough to replay it. */
enum error_code rulebook_decision_facts(const struct rulebook_decision *decision,
                                        struct arena *arena, struct arena scratch,
                                        const struct rulebook_reading **out, size_t *count,
                                        struct error *e) MUST_USE;
/* The same for one clause that spoke, for people: parameters show what the adoption sets. */
enum error_code rulebook_spoke_facts(const struct rulebook_decision *decision,
                                     const struct rulebook_spoke *spoke, struct arena *arena,
                                     struct arena scratch, const struct rulebook_reading **out,
                                     size_t *count, struct error *e) MUST_USE;

#endif
