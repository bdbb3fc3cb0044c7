/* Sets: rulebooks with adoptions and exceptions. What binds whom, its digest, its conflicts. */
#ifndef AZEKURA_RULEBOOK_FRONT_SETS_H
#define AZEKURA_RULEBOOK_FRONT_SETS_H

#include "rulebook/front/clauses.h"

struct rulebook_adoption {
    str rulebook;         /* a rulebook's name or a line's: the edition in force on the day */
    const str *operators; /* sorted; none: every operator */
    size_t operator_count;
    const str *datasets; /* sorted; none: every dataset; subjects without dataset always */
    size_t dataset_count;
    const str *elects; /* sorted ids of `elected` clauses that were ticked */
    size_t elect_count;
    bool elects_all; /* what-if: as if all were ticked */
    struct rulebook_span span;
    str by;                       /* who decided to adopt */
    str place;                    /* where it was written, for people; empty: nobody knows */
    struct rulebook_facts params; /* "CLAUSE/NAME" or "NAME": what the operator set for `params` */
};

enum rulebook_loosening { RULEBOOK_EXCEPTION, RULEBOOK_BREAK_GLASS };

/* Loosens one clause for a scope and a time. An exception needs one approver who is not the
 * requester; breaking the glass two people, only `own` and `contract` strength, at most 72 h. */
struct rulebook_exception {
    enum rulebook_loosening kind;
    str id;
    str clause;        /* RULEBOOK/ID or LINE/ID */
    str dataset, site; /* empty: any */
    struct rulebook_span span;
    str requester, approver, second; /* second: of break-glass */
    str reason, measure;
    uint32_t renewals;
};
/* FAIL_USAGE with what is missing; what rulebook_set_compile would refuse. */
enum error_code rulebook_exception_check(const struct rulebook_exception *exception,
                                         struct error *e) MUST_USE;

struct rulebook_set; /* opaque */

struct rulebook_set_input {
    const struct rulebook *const *rulebooks;
    size_t rulebook_count;
    const struct rulebook_adoption *adoptions;
    size_t adoption_count;
    const struct rulebook_exception *exceptions;
    size_t exception_count;
    bool what_if;         /* every rulebook binds everyone, every elected clause is ticked */
    bool missing_allowed; /* an adoption of a rulebook that is not there is a warning */
};

/* Compiles. Editions, `raises` and `extends` are resolved here; the input is copied, rulebooks are
 * borrowed.
 *   FAIL_EXISTS     two rulebooks of one name and different content
 *   FAIL_NOT_FOUND  an adoption or an `extends` names a rulebook that is not there (an adoption:
 *                   unless missing_allowed)
 *   FAIL_SYNTAX     an `extends` that is not proved to tighten (clause and part are named)
 *   FAIL_USAGE      an exception that rulebook_exception_check refuses
 *   FAIL_MEMORY */
enum error_code rulebook_set_compile(const struct rulebook_set_input *input, struct arena *arena,
                                     struct arena scratch, const struct rulebook_set **out,
                                     struct error *e) MUST_USE;

/* Of everything adopted and the adoptions; exceptions are entries of their own. */
const digest *rulebook_set_digest(const struct rulebook_set *set);

/* The rulebook of that name, or the edition of that line in force then; NULL: none is. */
const struct rulebook *rulebook_set_edition(const struct rulebook_set *set, str name_or_line,
                                            int64_t at_ns);

const struct rulebook *const *rulebook_set_rulebooks(const struct rulebook_set *set, size_t *count);

/* Sentences for people: raises without a clause, editions that overlap, lists nobody defines. */
const struct rulebook_warning *rulebook_set_warnings(const struct rulebook_set *set, size_t *count);

/* Two adopted clauses whose obligations no value can meet at once. */
struct rulebook_conflict {
    enum rulebook_obligation_kind kind; /* of the first */
    const struct rulebook_clause *first, *second;
    str text; /* names both and what each wants, English */
};
const struct rulebook_conflict *rulebook_set_conflicts(const struct rulebook_set *set,
                                                       size_t *count);

#endif
