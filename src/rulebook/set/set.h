/* The inside of a compiled set, and of deciding one clause. */
#ifndef AZEKURA_RULEBOOK_SET_H
#define AZEKURA_RULEBOOK_SET_H

#include "rulebook/read/file.h"
#include "rulebook/value/truth.h"

/* A raise that names a clause, with the rulebook that raises. */
struct set_raise {
    const struct rulebook *by;
    size_t book; /* of `by` */
    const struct raise *raise;
};

/* A clause as a rulebook has it, its own or one it `extends`. Sorted by rulebook name, id, book. */
struct set_clause {
    const struct rulebook_clause *clause;
    size_t book;
    const struct set_raise *raises;
    size_t raise_count;
};

struct rulebook_set {
    const struct rulebook *const *books; /* sorted by name */
    size_t book_count;
    const struct set_clause *clauses;
    size_t clause_count;
    const struct rulebook_adoption *adoptions; /* sorted by their bytes */
    size_t adoption_count;
    const struct rulebook_exception *exceptions; /* sorted by id */
    size_t exception_count;
    const struct rulebook_warning *warnings;
    size_t warning_count;
    const struct rulebook_conflict *conflicts;
    size_t conflict_count;
    digest digest;
    bool what_if;
};

/* Of no name but one of the line, or the rulebook's own. */
bool is_of_line(const struct rulebook *book, str name_or_line);
const struct rulebook_clause *find_clause(const struct rulebook *book, str id); /* NULL: none */

/* vain.c: warnings, the first of many. */
enum { SET_WARNINGS_MAX = 256 };
struct set_warnings {
    struct arena *arena;
    struct rulebook_warning *at;
    size_t count;
    struct error *e;
};
enum error_code set_warn(struct set_warnings *w, const char *format, ...)
    PRINTF_LIKE(2, 3) MUST_USE;
/* Warns of what the set's adoptions, raises and exceptions say of nothing. */
enum error_code set_vain(const struct rulebook_set *set, struct set_warnings *warnings) MUST_USE;

/* extends.c: FAIL_SYNTAX unless `tighter` is proved to ask at least what `base` asks. */
enum error_code extends_prove(const struct rulebook *tighter, const struct rulebook *base,
                              struct error *e) MUST_USE;

/* conflict.c: pairs of adopted clauses no value can satisfy. */
enum error_code conflict_find(struct rulebook_set *set, struct arena *arena,
                              struct error *e) MUST_USE;
/* Can no value meet both? `why` takes some words for people. */
bool conflict_between(const struct rulebook_obligation *a, const struct rulebook_obligation *b,
                      char *why, size_t why_bytes);
enum error_code conflict_name(const struct rulebook_obligation *a,
                              const struct rulebook_obligation *b, const char *why,
                              struct arena *arena, struct rulebook_conflict *out,
                              struct error *e) MUST_USE;

/* May the adoption bind the rulebook for the subject then? */
bool adoption_names(const struct rulebook_adoption *a, const struct rulebook *b);
bool adoption_covers(const struct rulebook_adoption *a, const struct rulebook_subject *subject);

/* ---- one question: decide.c ---- */

struct binding {
    bool binds;
    const struct rulebook_adoption *adoption; /* the first that binds; NULL: what-if */
    const struct rulebook_facts *params; /* what all that bind set; unknown where they differ */
};

struct question {
    const struct rulebook_set *set;
    const struct rulebook_subject *subject;
    const struct rulebook_facts *facts; /* with act and time.now on top */
    int64_t at_ns;
    const struct binding *bindings; /* one a book */
};

/* Puts act and time.now on top of the facts and finds what binds. */
struct question_room {
    struct rulebook_fact own[2];
    struct rulebook_facts layer;
};
enum error_code question_begin(const struct rulebook_set *set,
                               const struct rulebook_subject *subject,
                               const struct rulebook_facts *facts, int64_t at_ns,
                               struct arena *arena, struct question *out, struct error *e) MUST_USE;

/* Binds, in force, about the subject, not barred by an act the clause does not name. */
bool question_considers(const struct question *q, const struct set_clause *sc);

struct evaluation question_evaluation(const struct question *q, const struct set_clause *sc);

/* question.c: what the adoption by which the clause binds sets a parameter to, with where it was set as
 * its source, for people. `path` as the clause reads it: "param.RULEBOOK/CLAUSE/NAME" or "param.NAME".
 * NULL in *out: no parameter, or not set there. FAIL_MEMORY. */
enum error_code question_param(const struct question *q, const struct set_clause *sc, str path,
                               struct arena *arena, const struct rulebook_value **out,
                               struct error *e) MUST_USE;

/* `applies` and `when`. */
enum rulebook_truth question_applies(const struct question *q, const struct set_clause *sc);

/* The strength in force here, and through what. */
void question_strength(const struct question *q, const struct set_clause *sc,
                       struct rulebook_spoke *spoke);

/* What follows from a requirement's truth: strength, unless, exceptions, effect, verdict. `unless`
 * is the truth of the clause's `unless` (false: none). */
void question_outcome(const struct question *q, const struct set_clause *sc,
                      enum rulebook_truth truth, enum rulebook_truth unless,
                      struct rulebook_spoke *spoke);

/* All of it. false: the clause does not apply. */
bool question_ask(const struct question *q, const struct set_clause *sc,
                  struct rulebook_spoke *spoke);

/* The earliest time after at_ns at which adoption, edition, clause, raise, compulsion or exception
 * begins or ends for what may concern the subject. */
int64_t question_boundary(const struct question *q);
/* The latest such time not after at_ns. */
int64_t question_boundary_before(const struct question *q);

/* The facts a clause reads given how far it applied. */
void question_visit(const struct question *q, const struct set_clause *sc,
                    enum rulebook_truth applied, struct condition_visitor *visitor);

enum rulebook_truth applies_truth(const struct applies *entries, size_t count,
                                  struct evaluation *ev, bool ignore_act);

/* join.c: obligations of the clauses that spoke, joined; raises *effect where they conflict. */
enum error_code join_obligations(const struct rulebook_spoke *const *spoke, size_t count,
                                 struct arena *arena, struct rulebook_decision *decision,
                                 struct error *e) MUST_USE;

static inline int set_clause_order(const struct rulebook_clause *a,
                                   const struct rulebook_clause *b) {
    int order = str_compare(a->rulebook->name, b->rulebook->name);
    return order != 0 ? order : str_compare(a->id, b->id);
}

#endif
