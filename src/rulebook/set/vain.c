/* What is said in vain: editions that meet, adoptions, raises and exceptions that name what is not
 * there. Each is a warning, because it may come; none may go unsaid. Source: RULEBOOK 5. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/limits.h"
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

/* "CLAUSE/NAME" of its own clause, or as it is. */
static str param_name(const struct rulebook_clause *c, str path) {
    bool is_own = str_starts(path, c->id) && path.len > c->id.len && path.at[c->id.len] == '/';
    return is_own ? str_skip(path, c->id.len + 1) : path;
}

/* "within_STAGE": the operator's own length for a duty whose text has no number. */
static bool is_own_length(const struct rulebook_clause *c, str name) {
    if (!str_starts(name, STR("within_"))) return false;
    for (size_t i = 0; i < c->duty_count; i++)
        if (str_equal(c->duties[i].stage, str_skip(name, strlen("within_")))) return true;
    return false;
}

/* "CLAUSE/NAME", or "NAME" in any clause, of a parameter that is left to the operator. */
static bool is_param(const struct rulebook_set *s, const struct rulebook_adoption *a, str path) {
    for (size_t i = 0; i < s->clause_count; i++) {
        const struct rulebook_clause *c = s->clauses[i].clause;
        if (!is_of_line(s->books[s->clauses[i].book], a->rulebook)) continue;
        str name = param_name(c, path);
        if (is_own_length(c, name)) return true;
        for (size_t k = 0; k < c->rule->param_count; k++)
            if (c->rule->params[k].by_operator && str_equal(c->rule->params[k].name, name))
                return true;
    }
    return false;
}

/* Does a comparison take such a value? Orders want something that lies before or after another. */
static bool op_takes(const struct condition *c, const struct rulebook_value *value) {
    bool is_ordered = value->kind == RULEBOOK_NUMBER || value->kind == RULEBOOK_DURATION ||
                      value->kind == RULEBOOK_DATE;
    bool is_words = value->kind == RULEBOOK_TEXT || value->kind == RULEBOOK_SET;
    if (value_op_orders(c->op)) return is_ordered;
    return c->op == VALUE_IS || c->op == VALUE_HAS || is_words;
}

static bool conditions_take(const struct condition *c, str param,
                            const struct rulebook_value *value) {
    if (c == NULL) return true;
    bool is_asked = (c->right.kind == OPERAND_PARAM && str_equal(c->right.path, param)) ||
                    (c->left.kind == OPERAND_PARAM && str_equal(c->left.path, param));
    if (is_asked && c->kind == CONDITION_COMPARE && !op_takes(c, value)) return false;
    if (is_asked && c->kind == CONDITION_AGGREGATE && value->kind != RULEBOOK_NUMBER &&
        value->kind != RULEBOOK_DURATION && value->kind != RULEBOOK_DATE)
        return false;
    for (size_t i = 0; i < c->part_count; i++)
        if (!conditions_take(&c->parts[i], param, value)) return false;
    return conditions_take(c->list.where, param, value) && conditions_take(c->has, param, value);
}

/* What an adoption sets for it, as the clause would take it: a bare number is in the parameter's unit. */
static bool param_takes(const struct rulebook_clause *clause, const struct param *p,
                        const struct rulebook_value *set) {
    char path[3 * LIMIT_RULE_NAME_BYTES + 16];
    struct rulebook_value value = *set, one;
    bool is_bare =
        value.kind == RULEBOOK_NUMBER && value.number.unit == RULEBOOK_UNIT_ONE && p->unit.len > 0;
    if (is_bare && !value_with_unit(value.number.low, p->unit, &value)) return false;
    if (p->unit.len > 0 && value_with_unit(RULEBOOK_MILLI, p->unit, &one) &&
        (value.kind != one.kind ||
         (one.kind == RULEBOOK_NUMBER && value.number.unit != one.number.unit)))
        return false;
    int len = snprintf(path, sizeof path, "param.%.*s/%.*s/%.*s", STR_FMT(clause->rulebook->name),
                       STR_FMT(clause->id), STR_FMT(p->name));
    assert(len > 0 && len < (int)sizeof path); /* names are bounded as they are read */
    str named = str_of(path, (size_t)len);
    const struct clause_rule *rule = clause->rule;
    return conditions_take(rule->when, named, &value) &&
           conditions_take(rule->require, named, &value) &&
           conditions_take(rule->unless, named, &value);
}

static enum error_code warn_value(struct vain *b, const struct rulebook_adoption *a,
                                  const struct rulebook_fact *set, const struct rulebook_clause *c,
                                  const char *expected, str unit) {
    char said[120];
    struct text t = text_into(said, sizeof said);
    rulebook_value_text(&set->value, &t);
    return set_warn(b->warnings,
                    "%.*s%sthe adoption of %.*s sets %.*s to %.*s, which clause %.*s cannot "
                    "compare: it counts as not set; expected %s%.*s",
                    STR_FMT(a->place), a->place.len > 0 ? ": " : "", STR_FMT(a->rulebook),
                    STR_FMT(set->path), STR_FMT(text_str(&t)), STR_FMT(c->id), expected,
                    STR_FMT(unit));
}

/* A value of another kind than the text asks for compares as unknown, and looks as if nobody had set
 * it. One word for the first clause that cannot take it. */
static enum error_code warn_unfit(struct vain *b, const struct rulebook_adoption *a,
                                  const struct rulebook_fact *set) {
    for (size_t i = 0; i < b->set->clause_count; i++) {
        const struct rulebook_clause *c = b->set->clauses[i].clause;
        if (!is_of_line(b->set->books[b->set->clauses[i].book], a->rulebook)) continue;
        str name = param_name(c, set->path);
        if (is_own_length(c, name) && set->value.kind != RULEBOOK_DURATION)
            return warn_value(b, a, set, c, "a length of time such as 24 h", STR_EMPTY);
        for (size_t k = 0; k < c->rule->param_count; k++) {
            const struct param *p = &c->rule->params[k];
            if (!p->by_operator || !str_equal(p->name, name) || param_takes(c, p, &set->value))
                continue;
            return warn_value(b, a, set, c,
                              p->unit.len > 0 ? "a number of " : "a value of the kind it asks for",
                              p->unit);
        }
    }
    return OK;
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
    for (size_t i = 0; is_there && i < a->params.count; i++)
        TRY(warn_unfit(b, a, &a->params.at[i]));
    return OK;
}

static enum error_code warn_adoptions(struct vain *b) {
    for (size_t i = 0; i < b->set->adoption_count; i++)
        TRY(warn_adoption(b, &b->set->adoptions[i]));
    return OK;
}

/* ---- what follows an edition ---- */

/* A name is one word; a sentence tells people what there is no rulebook of. */
static bool is_name(str text) {
    size_t at;
    return text.len > 0 && !str_find_char(text, ' ', &at);
}

static enum error_code warn_successors(struct vain *b) {
    const struct rulebook_set *s = b->set;
    for (size_t i = 0; i < s->book_count; i++) {
        const struct rulebook *book = s->books[i];
        bool is_there = false;
        for (size_t k = 0; k < s->book_count; k++)
            is_there |= k != i && is_of_line(s->books[k], book->superseded_by);
        if (is_there || !is_name(book->superseded_by)) continue;
        char place[160];
        doc_place(doc_map_find(book->more->node, STR("superseded_by")), place, sizeof place);
        TRY(set_warn(b->warnings, "%s: %.*s is superseded by %.*s, which %s", place,
                     STR_FMT(book->name), STR_FMT(book->superseded_by),
                     str_equal(book->superseded_by, book->name) ? "is itself"
                                                                : "is not among the rulebooks"));
    }
    return OK;
}

/* A raise speaks of a clause of a line; each edition that lacks it is worth a word, and so is a clause
 * that is as strong already in each that has it. */
static enum error_code warn_raise(struct vain *b, const struct raise *raise) {
    const struct rulebook_set *s = b->set;
    const struct rulebook_clause *weakest = NULL;
    str id = raise->clause, line;
    bool has_line = str_cut(&id, '/', &line), found = false;
    assert(has_line);
    char place[160];
    doc_place(raise->node, place, sizeof place);
    for (size_t m = 0; m < s->book_count; m++) {
        if (!is_of_line(s->books[m], line)) continue;
        found = true;
        const struct rulebook_clause *c = find_clause(s->books[m], id);
        if (c == NULL)
            TRY(set_warn(b->warnings, "%s: raises %.*s, which %.*s does not have", place,
                         STR_FMT(raise->clause), STR_FMT(s->books[m]->name)));
        else if (weakest == NULL || c->strength < weakest->strength)
            weakest = c;
    }
    if (!found)
        return set_warn(b->warnings, "%s: raises %.*s, but there is no rulebook of that line",
                        place, STR_FMT(raise->clause));
    if (weakest == NULL || weakest->strength < raise->to) return OK;
    return set_warn(b->warnings, "%s: raises %.*s to %s, and it is %s already", place,
                    STR_FMT(raise->clause), rulebook_strength_name(raise->to),
                    rulebook_strength_name(weakest->strength));
}

static enum error_code warn_raises(struct vain *b) {
    for (size_t i = 0; i < b->set->book_count; i++) {
        const struct rulebook_more *more = b->set->books[i]->more;
        for (size_t k = 0; k < more->raise_count; k++) TRY(warn_raise(b, &more->raises[k]));
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
    TRY(warn_successors(&b));
    TRY(warn_adoptions(&b));
    TRY(warn_raises(&b));
    return warn_exceptions(&b);
}
