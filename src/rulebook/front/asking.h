/* One clause at a time, for assessments: whether it binds, what it reads, what it says of a subject. */
#ifndef AZEKURA_RULEBOOK_FRONT_ASKING_H
#define AZEKURA_RULEBOOK_FRONT_ASKING_H

#include "rulebook/front/decisions.h"

/* The clauses of a set by rulebook and id. NULL at an index that repeats the one before it: a clause
 * that another rulebook extends stands there once for each. */
size_t rulebook_set_clause_count(const struct rulebook_set *set);
const struct rulebook_clause *rulebook_set_clause(const struct rulebook_set *set, size_t index);
/* Does it bind anybody then: in force, of a rulebook that is adopted (or what-if), elected? */
bool rulebook_set_clause_binds(const struct rulebook_set *set, size_t index, int64_t at_ns);

/* Which facts a clause reads, and how much of each it looks at. A path may come more than once. */
enum rulebook_use {
    RULEBOOK_USE_KNOWN, /* only whether it is known: two known values are the same to it */
    RULEBOOK_USE_NAMED, /* only whether elements of `list` name it: two texts that none of them
                           names are the same to it */
    RULEBOOK_USE_VALUE,
};
struct rulebook_path_visitor {
    void (*visit)(struct rulebook_path_visitor *self, str path, enum rulebook_use use, str list);
};
/* All of it, or only what `applies` reads. */
void rulebook_clause_paths(const struct rulebook_set *set, size_t index, bool applies_only,
                           struct rulebook_path_visitor *visitor);

struct rulebook_asking; /* opaque: a subject with its facts, to be asked about */
/* Everything is borrowed, the asking lies in the arena. FAIL_MEMORY. */
enum error_code rulebook_asking_begin(const struct rulebook_set *set,
                                      const struct rulebook_subject *subject,
                                      const struct rulebook_facts *facts, int64_t at_ns,
                                      struct arena *arena, const struct rulebook_asking **out,
                                      struct error *e) MUST_USE;
enum rulebook_asked {
    RULEBOOK_NOT_CONSIDERED, /* does not bind this subject, or is about others */
    RULEBOOK_NOT_APPLICABLE, /* binds, but does not apply to it */
    RULEBOOK_SPOKE,          /* *out is filled */
};
/* By `applies` alone: RULEBOOK_SPOKE means that it may apply. */
enum rulebook_asked rulebook_ask_applies(const struct rulebook_asking *asking, size_t index);
/* What rulebook_evaluate_slow would say of this clause. */
enum rulebook_asked rulebook_ask(const struct rulebook_asking *asking, size_t index,
                                 struct rulebook_spoke *out);
/* One fact as it counts: never NULL, unknown where nothing was said. */
const struct rulebook_value *rulebook_asking_fact(const struct rulebook_asking *asking, str path);
/* The facts of one answer, sorted by path; of a clause that did not apply (`spoke` NULL), those
 * that kept it from applying. FAIL_MEMORY. */
enum error_code rulebook_asking_facts(const struct rulebook_asking *asking, size_t index,
                                      const struct rulebook_spoke *spoke, struct arena *arena,
                                      struct arena scratch, const struct rulebook_reading **out,
                                      size_t *count, struct error *e) MUST_USE;

#endif
