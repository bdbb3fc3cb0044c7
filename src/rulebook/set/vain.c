/* What is said in vain: editions that meet, adoptions, raises and exceptions that name what is not
 * there. Each is a warning, because it may come; none may go unsaid. Source: RULEBOOK 5. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "rulebook/set/set.h"

struct vain {
    const struct rulebook_set *set;
    struct set_warnings *warnings;
};

enum error_code set_warn(struct set_warnings *w, const char *format, ...) {
    char what[400];
    va_list values;
    va_start(values, format);
    vsnprintf(what, sizeof what, format, values);
    va_end(values);
    if (w->count == SET_WARNINGS_MAX) return OK;
    return arena_copy(w->arena, str_from_c(what), &w->at[w->count++].text, w->e);
}

static enum error_code warn_overlaps(struct vain *b) {
    const struct rulebook_set *s = b->set;
    for (size_t i = 0; i < s->book_count; i++)
        for (size_t k = i + 1; k < s->book_count; k++) {
            const struct rulebook *x = s->books[i], *y = s->books[k];
            if (x->line.len == 0 || !str_equal(x->line, y->line)) continue;
            if (x->in_force.from_ns < y->in_force.until_ns &&
                y->in_force.from_ns < x->in_force.until_ns)
                TRY(set_warn(b->warnings,
                             "%.*s and %.*s are editions of %.*s in force on the same days",
                             STR_FMT(x->name), STR_FMT(y->name), STR_FMT(x->line)));
        }
    return OK;
}

/* ---- what adoptions set and tick ---- */

/* Has some edition that is adopted so an elected clause of that id? */
static bool is_elected(const struct rulebook_set *s, const struct rulebook_adoption *a, str id) {
    for (size_t i = 0; i < s->clause_count; i++) {
        const struct rulebook_clause *c = s->clauses[i].clause;
        bool is_own = is_of_line(s->books[s->clauses[i].book], a->rulebook);
        if (is_own && str_equal(c->id, id) && c->strength == RULEBOOK_ELECTED) return true;
    }
    return false;
}

/* "CLAUSE/NAME", or "NAME" in any clause, of a parameter that is left to the operator. */
static bool is_param(const struct rulebook_set *s, const struct rulebook_adoption *a, str path) {
    for (size_t i = 0; i < s->clause_count; i++) {
        const struct rulebook_clause *c = s->clauses[i].clause;
        if (!is_of_line(s->books[s->clauses[i].book], a->rulebook)) continue;
        str name = path;
        if (str_starts(path, c->id) && path.len > c->id.len && path.at[c->id.len] == '/')
            name = str_skip(path, c->id.len + 1);
        for (size_t k = 0; k < c->rule->param_count; k++)
            if (c->rule->params[k].by_operator && str_equal(c->rule->params[k].name, name))
                return true;
    }
    return false;
}

/* What names nothing would be set or ticked in vain, and nothing else would say so. */
static enum error_code warn_adoption(struct vain *b, const struct rulebook_adoption *a) {
    const char *between = a->place.len > 0 ? ": " : "";
    bool is_there = false;
    for (size_t i = 0; i < b->set->book_count; i++) is_there |= adoption_names(a, b->set->books[i]);
    for (size_t i = 0; is_there && i < a->elect_count; i++)
        if (!is_elected(b->set, a, a->elects[i]))
            TRY(set_warn(b->warnings,
                         "%.*s%sthe adoption of %.*s ticks %.*s, which is no elected clause of it",
                         STR_FMT(a->place), between, STR_FMT(a->rulebook), STR_FMT(a->elects[i])));
    for (size_t i = 0; is_there && i < a->params.count; i++)
        if (!is_param(b->set, a, a->params.at[i].path))
            TRY(set_warn(
                b->warnings,
                "%.*s%sthe adoption of %.*s sets %.*s, which no clause of it leaves to the "
                "operator",
                STR_FMT(a->place), between, STR_FMT(a->rulebook), STR_FMT(a->params.at[i].path)));
    return OK;
}

static enum error_code warn_adoptions(struct vain *b) {
    for (size_t i = 0; i < b->set->adoption_count; i++)
        TRY(warn_adoption(b, &b->set->adoptions[i]));
    return OK;
}

/* A raise speaks of a clause of a line; each edition that lacks it is worth a word. */
static enum error_code warn_raises(struct vain *b) {
    const struct rulebook_set *s = b->set;
    for (size_t i = 0; i < s->book_count; i++) {
        const struct rulebook_more *more = s->books[i]->more;
        for (size_t k = 0; k < more->raise_count; k++) {
            str id = more->raises[k].clause, line;
            bool has_line = str_cut(&id, '/', &line), found = false;
            assert(has_line);
            char place[160];
            doc_place(more->raises[k].node, place, sizeof place);
            for (size_t m = 0; m < s->book_count; m++) {
                if (!is_of_line(s->books[m], line)) continue;
                found = true;
                if (find_clause(s->books[m], id) == NULL)
                    TRY(set_warn(b->warnings, "%s: raises %.*s, which %.*s does not have", place,
                                 STR_FMT(more->raises[k].clause), STR_FMT(s->books[m]->name)));
            }
            if (!found)
                TRY(set_warn(b->warnings, "%s: raises %.*s, but there is no rulebook of that line",
                             place, STR_FMT(more->raises[k].clause)));
        }
    }
    return OK;
}

static enum error_code warn_exceptions(struct vain *b) {
    const struct rulebook_set *s = b->set;
    for (size_t i = 0; i < s->exception_count; i++) {
        str id = s->exceptions[i].clause, line;
        bool found = false, has_line = str_cut(&id, '/', &line);
        for (size_t k = 0; k < s->clause_count && has_line; k++)
            found |= str_equal(s->clauses[k].clause->id, id) &&
                     is_of_line(s->clauses[k].clause->rulebook, line);
        if (!found)
            TRY(set_warn(b->warnings, "exception %.*s is for %.*s, which no rulebook has",
                         STR_FMT(s->exceptions[i].id), STR_FMT(s->exceptions[i].clause)));
    }
    return OK;
}

enum error_code set_vain(const struct rulebook_set *set, struct set_warnings *warnings) {
    struct vain b = {set, warnings};
    TRY(warn_overlaps(&b));
    TRY(warn_adoptions(&b));
    TRY(warn_raises(&b));
    return warn_exceptions(&b);
}
