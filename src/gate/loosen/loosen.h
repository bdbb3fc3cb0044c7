/* Inner: loosening a clause for a while: exceptions (exception.c) and broken glass (glass.c). Both are
 * asked for by one and let through by another, have an entry before they take effect, and end by
 * themselves (loosen.c). */
#ifndef AZEKURA_GATE_LOOSEN_LOOSEN_H
#define AZEKURA_GATE_LOOSEN_LOOSEN_H

#include "gate/turn/committer.h"

enum { LOOSEN_ROW_BYTES = 16384, LOOSEN_ID_BYTES = 48, LOOSENINGS_MAX = 4096 };

/* "USER/KEY" of the visitor. */
enum error_code loosen_who(struct gate_visit *visit, str *out, struct error *e) MUST_USE;
/* USER of it: two keys of one user are one person. */
str loosen_user(str who);
/* A fresh id: the prefix and 12 hex digits. */
enum error_code loosen_id(struct gate_visit *visit, const char *prefix, str *out,
                          struct error *e) MUST_USE;

/* The clause of that name in the edition in force then. FAIL_NOT_FOUND: there is none, and loosening it
 * would loosen nothing. */
enum error_code loosen_clause(const struct rulebook_set *set, str name, int64_t at_ns,
                              const struct rulebook_clause **out, struct error *e) MUST_USE;

/* The entry of a step; `decided.clauses` are set, subject is the id. */
enum error_code loosen_record(struct gate_turn *turn, enum evidence_type type,
                              struct gate_decided *decided, str id, str detail,
                              const struct evidence_values *who, uint64_t *entry,
                              struct error *e) MUST_USE;

/* Walks the rows under a prefix ("e/" until "e0"). `keep`: what `each` is given stays in the arena. */
enum error_code loosen_walk(struct gate *gate, str from, str until, struct arena *arena, bool keep,
                            enum error_code (*each)(void *self, str id, str row,
                                                    struct arena *arena, struct error *e),
                            void *self, struct error *e) MUST_USE;

/* Adds those in force to what is compiled. */
struct loosen_list {
    struct rulebook_exception *at;
    size_t count, cap;
};
enum error_code loosen_add(struct loosen_list *list, const struct rulebook_exception *x,
                           struct error *e) MUST_USE;
enum error_code gate_exceptions_list_add(struct gate *gate, struct arena *arena,
                                         struct loosen_list *list, struct error *e) MUST_USE;
enum error_code gate_glass_list_add(struct gate *gate, struct arena *arena,
                                    struct loosen_list *list, struct error *e) MUST_USE;

/* Ends it, if its time is over: a row and an entry; *until_ns: when it will be; untouched when it has
 * ended. */
enum error_code exception_expire(struct gate_turn *turn, str id, int64_t *until_ns,
                                 struct error *e) MUST_USE;
enum error_code glass_expire(struct gate_turn *turn, str id, int64_t *until_ns,
                             struct error *e) MUST_USE;
enum error_code inspection_expire(struct gate_turn *turn, str id, int64_t *until_ns,
                                  struct error *e) MUST_USE; /* gate/finding/inspect.c */
void loosening_due_sooner(struct gate *gate, int64_t due_ns);

#endif
