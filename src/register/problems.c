/* Every complaint of a loading, in order, as many as are kept. */
#include <stdio.h>

#include "register/inner.h"

enum error_code problems_open(struct problems *p, struct arena_space *space, struct error *e) {
    size_t bytes = LIMIT_REGISTER_PROBLEMS * (ERROR_MESSAGE_BYTES + sizeof *p->list + 16);
    *p = (struct problems){0};
    TRY(arena_space_open(space, bytes, &p->arena, e));
    p->list = arena_new(&p->arena, struct register_problem, LIMIT_REGISTER_PROBLEMS);
    assert(p->list != NULL);
    return OK;
}

void problem_add(struct problems *p, const struct error *e, bool is_warning) {
    struct error ignored;
    if (!is_warning && p->errors++ == 0) p->first = *e;
    if (p->kept == LIMIT_REGISTER_PROBLEMS) return;
    struct register_problem problem = {.is_warning = is_warning};
    if (arena_copy(&p->arena, str_from_c(e->message), &problem.text, &ignored) != OK) return;
    p->list[p->kept++] = problem;
}

enum error_code problem_note(struct problems *p, enum error_code code, const struct error *e) {
    if (code == FAIL_SYNTAX || code == FAIL_LIMIT) {
        problem_add(p, e, false);
        return OK;
    }
    return code;
}

enum error_code problems_fail(const struct problems *p, struct error *e) {
    *e = p->first;
    if (p->errors > 1) {
        size_t used = strlen(e->message);
        snprintf(e->message + used, sizeof e->message - used, " (and %zu more)", p->errors - 1);
    }
    return e->code = FAIL_SYNTAX;
}

void register_report_release(struct register_report *report) {
    arena_space_release(&report->space);
    *report = (struct register_report){0};
}
