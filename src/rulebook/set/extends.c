/* `extends` tightens only, and the loader proves it clause by clause: a clause of the same id must
 * be about the same, be at least as strong, apply at least as widely, require at least as much,
 * excuse at most as much and oblige at least as much. What cannot be proved is refused: the proof
 * knows identical conditions, smaller sets and stricter numbers, no more. */
#include <stdio.h>

#include "rulebook/set/set.h"

/* ---- conditions ---- */

static bool same_operand(const struct operand *a, const struct operand *b) {
    if (a->kind != b->kind) return false;
    if (a->kind != OPERAND_LITERAL)
        return str_equal(a->path, b->path) || (a->brief.len > 0 && str_equal(a->brief, b->brief));
    if (a->value.kind != b->value.kind) return false;
    if (a->value.kind == RULEBOOK_SET)
        return value_compare(VALUE_IS, &a->value, &b->value) == RULEBOOK_TRUE;
    if (a->value.kind == RULEBOOK_TEXT) return str_equal(a->value.text, b->value.text);
    return value_compare(VALUE_IS, &a->value, &b->value) == RULEBOOK_TRUE;
}

static bool same_condition(const struct condition *a, const struct condition *b);

static bool same_parts(const struct condition *a, const struct condition *b) {
    if (a == NULL || b == NULL) return a == b;
    if (a->part_count != b->part_count) return false;
    for (size_t i = 0; i < a->part_count; i++)
        if (!same_condition(&a->parts[i], &b->parts[i])) return false;
    return true;
}

static bool same_list(const struct condition_list *a, const struct condition_list *b) {
    return str_equal(a->path, b->path) && a->latest == b->latest &&
           str_equal(a->latest_by, b->latest_by) && a->has_until == b->has_until &&
           (!a->has_until || same_operand(&a->until, &b->until)) && same_parts(a->where, b->where);
}

static bool same_condition(const struct condition *a, const struct condition *b) {
    if (a->kind != b->kind) return false;
    switch (a->kind) {
    case CONDITION_ALL:
    case CONDITION_ANY:
    case CONDITION_NOT: return same_parts(a, b);
    case CONDITION_KNOWN:
    case CONDITION_HOLDS: return same_operand(&a->left, &b->left);
    case CONDITION_COMPARE:
        return a->op == b->op && a->negated == b->negated && same_operand(&a->left, &b->left) &&
               same_operand(&a->right, &b->right);
    case CONDITION_QUANTIFIED:
        return a->quantifier == b->quantifier && same_list(&a->list, &b->list) &&
               same_parts(a->has, b->has);
    case CONDITION_AGGREGATE:
        return a->aggregate == b->aggregate && str_equal(a->field, b->field) &&
               same_list(&a->list, &b->list) && a->op == b->op && a->negated == b->negated &&
               same_operand(&a->right, &b->right);
    }
    return false;
}

/* A comparison with a smaller set, or with a stricter number, implies the wider one. */
static bool narrower(enum value_op op, bool negated, const struct operand *tight,
                     const struct operand *wide) {
    if (tight->kind != OPERAND_LITERAL || wide->kind != OPERAND_LITERAL) return false;
    const struct rulebook_value *t = &tight->value, *w = &wide->value;
    bool sets = t->kind == RULEBOOK_SET && w->kind == RULEBOOK_SET;
    if (sets && (op == VALUE_IN || op == VALUE_SUBSET || op == VALUE_INTERSECTS))
        return value_compare(VALUE_SUBSET, negated ? w : t, negated ? t : w) == RULEBOOK_TRUE;
    if (negated) return false;
    if (op == VALUE_AT_MOST || op == VALUE_LESS)
        return value_compare(VALUE_AT_MOST, t, w) == RULEBOOK_TRUE;
    if (op == VALUE_AT_LEAST || op == VALUE_OVER)
        return value_compare(VALUE_AT_LEAST, t, w) == RULEBOOK_TRUE;
    return false;
}

/* `x is "a"` implies `x in ["a", "b"]`. */
static bool is_in(const struct condition *tight, const struct condition *wide) {
    return tight->op == VALUE_IS && wide->op == VALUE_IN && !tight->negated && !wide->negated &&
           tight->right.kind == OPERAND_LITERAL && wide->right.kind == OPERAND_LITERAL &&
           value_compare(VALUE_IN, &tight->right.value, &wide->right.value) == RULEBOOK_TRUE;
}

static bool implies(const struct condition *tight, const struct condition *wide) {
    if (same_condition(tight, wide)) return true;
    if (tight->kind == CONDITION_ALL)
        for (size_t i = 0; i < tight->part_count; i++)
            if (implies(&tight->parts[i], wide)) return true;
    if (wide->kind == CONDITION_ALL) {
        for (size_t i = 0; i < wide->part_count; i++)
            if (!implies(tight, &wide->parts[i])) return false;
        return wide->part_count > 0;
    }
    if (wide->kind == CONDITION_ANY)
        for (size_t i = 0; i < wide->part_count; i++)
            if (implies(tight, &wide->parts[i])) return true;
    if (tight->kind == CONDITION_ANY) {
        for (size_t i = 0; i < tight->part_count; i++)
            if (!implies(&tight->parts[i], wide)) return false;
        return tight->part_count > 0;
    }
    if (tight->kind == CONDITION_COMPARE && wide->kind == CONDITION_COMPARE &&
        same_operand(&tight->left, &wide->left))
        return is_in(tight, wide) ||
               (tight->op == wide->op && tight->negated == wide->negated &&
                narrower(tight->op, tight->negated, &tight->right, &wide->right));
    if (tight->kind == CONDITION_AGGREGATE && wide->kind == CONDITION_AGGREGATE &&
        tight->aggregate == wide->aggregate && str_equal(tight->field, wide->field) &&
        same_list(&tight->list, &wide->list))
        return tight->op == wide->op && tight->negated == wide->negated &&
               narrower(tight->op, tight->negated, &tight->right, &wide->right);
    return false;
}

/* Every part of `wide` follows from some part of `tight`. */
static bool implies_all(const struct condition *tight, const struct condition *wide) {
    if (wide == NULL) return true;
    for (size_t i = 0; i < wide->part_count; i++) {
        bool found = false;
        for (size_t k = 0; tight != NULL && k < tight->part_count && !found; k++)
            found = implies(&tight->parts[k], &wide->parts[i]);
        if (!found) return false;
    }
    return true;
}

/* ---- clauses ---- */

/* The tighter clause applies wherever the base does: each of its limits is a wider one there. */
static bool applies_widely(const struct clause_rule *tight, const struct clause_rule *base) {
    for (size_t i = 0; i < tight->applies_count; i++) {
        const struct applies *t = &tight->applies[i];
        bool found = false;
        for (size_t k = 0; k < base->applies_count && !found; k++) {
            const struct applies *b = &base->applies[k];
            found =
                str_equal(t->path, b->path) &&
                (same_operand(&t->among, &b->among) ||
                 (t->among.kind == OPERAND_LITERAL && b->among.kind == OPERAND_LITERAL &&
                  value_compare(VALUE_SUBSET, &b->among.value, &t->among.value) == RULEBOOK_TRUE));
        }
        if (!found) return false;
    }
    return implies_all(base->when, tight->when);
}

static bool longer(const struct rulebook_periods *a, const struct rulebook_periods *b) {
    if (a->count != 1 || b->count != 1 || a->at->kind != RULEBOOK_PERIOD_LENGTH ||
        b->at->kind != RULEBOOK_PERIOD_LENGTH)
        return false;
    struct rulebook_value x = {.kind = RULEBOOK_DURATION, .duration = a->at->length};
    struct rulebook_value y = {.kind = RULEBOOK_DURATION, .duration = b->at->length};
    return (x.duration.months == y.duration.months && x.duration.ns == y.duration.ns) ||
           value_compare(VALUE_AT_LEAST, &x, &y) == RULEBOOK_TRUE;
}

static bool same_words(const struct rulebook_obligation *a, const struct rulebook_obligation *b,
                       bool a_may_have_more) {
    for (size_t i = 0; i < b->word_count; i++) {
        bool found = false;
        for (size_t k = 0; k < a->word_count; k++) found |= str_equal(a->words[k], b->words[i]);
        if (!found) return false;
    }
    return a_may_have_more || a->word_count == b->word_count;
}

static bool due_as_soon(const struct rulebook_obligation *tight,
                        const struct rulebook_obligation *base) {
    if (tight->by_ack) return true;
    if (base->by_ack) return false;
    return base->within.count == 0 || longer(&base->within, &tight->within);
}

static bool obliges_as_much(const struct rulebook_obligation *tight,
                            const struct rulebook_obligation *base) {
    if (tight->kind != base->kind || !str_equal(tight->start, base->start) ||
        !due_as_soon(tight, base))
        return false;
    switch (base->kind) {
    case RULEBOOK_OBLIGE_ENCRYPT:
    case RULEBOOK_OBLIGE_COPIES:
    case RULEBOOK_OBLIGE_DISTANCE_KM:
    case RULEBOOK_OBLIGE_APPROVALS: return tight->number >= base->number;
    case RULEBOOK_OBLIGE_KEYS_IN: return same_words(base, tight, true);
    case RULEBOOK_OBLIGE_RECORD: return same_words(tight, base, true);
    case RULEBOOK_OBLIGE_KEEP_AT_LEAST:
        return same_words(tight, base, false) && longer(&tight->periods, &base->periods);
    case RULEBOOK_OBLIGE_KEEP_AT_MOST: return longer(&base->periods, &tight->periods);
    case RULEBOOK_OBLIGE_RETURN:
        return same_words(tight, base, false) && tight->delete_here == base->delete_here &&
               longer(&base->periods, &tight->periods);
    case RULEBOOK_OBLIGE_BEGIN: return longer(&base->periods, &tight->periods);
    }
    return false;
}

static bool clause_obliges_as_much(const struct rulebook_clause *tight,
                                   const struct rulebook_clause *base) {
    for (size_t i = 0; i < base->obligation_count; i++) {
        bool found = false;
        for (size_t k = 0; k < tight->obligation_count; k++)
            found |= obliges_as_much(&tight->obligations[k], &base->obligations[i]);
        if (!found) return false;
    }
    return true;
}

static bool reads_as_strictly(const struct clause_rule *tight, const struct clause_rule *base) {
    for (size_t i = 0; i < base->read_count; i++) {
        bool found = false;
        for (size_t k = 0; k < tight->read_count; k++)
            found |= str_equal(tight->reads[k].path, base->reads[i].path) &&
                     (tight->reads[k].kinds & ~base->reads[i].kinds) == 0;
        if (!found) return false;
    }
    return true;
}

static bool accepts_no_more(const struct clause_rule *tight, const struct clause_rule *base) {
    for (size_t i = 0; i < tight->accept_count; i++) {
        bool found = false;
        for (size_t k = 0; k < base->accept_count; k++)
            found |= str_equal(tight->accepts[i], base->accepts[k]);
        if (!found) return false;
    }
    return true;
}

static bool excuses_no_more(const struct clause_rule *tight, const struct clause_rule *base) {
    return tight->unless == NULL ||
           (base->unless != NULL && implies_all(tight->unless, base->unless));
}

static enum error_code prove_clause(const struct rulebook_clause *tight,
                                    const struct rulebook_clause *base, struct error *e) {
    const struct clause_rule *t = tight->rule, *b = base->rule;
    const char *part = NULL;
    if (tight->about != base->about)
        part = "is about something else than";
    else if (tight->strength < base->strength)
        part = "is weaker than";
    else if (tight->in_force.from_ns > base->in_force.from_ns ||
             tight->in_force.until_ns < base->in_force.until_ns)
        part = "is in force for less time than";
    else if (!applies_widely(t, b))
        part = "is not shown to apply as widely (applies, when) as";
    else if (!implies_all(t->require, b->require))
        part = "is not shown to require as much as";
    else if (!excuses_no_more(t, b) || (tight->lifts_law && !base->lifts_law))
        part = "excuses more (unless, lifts) than";
    else if (!reads_as_strictly(t, b) || !accepts_no_more(t, b))
        part = "is content with less (reads, accepts) than";
    else if (tight->compelled_count < base->compelled_count)
        part = "names fewer instruments that compel than";
    else if ((b->evidence & ~t->evidence) != 0 || (tight->only_documents && !base->only_documents))
        part = "asks for other evidence than";
    else if (!clause_obliges_as_much(tight, base))
        part = "is not shown to oblige as much as";
    if (part == NULL) return OK;
    return doc_error(t->node, e, "%.*s/%.*s %s %.*s/%.*s: extends may only tighten",
                     STR_FMT(tight->rulebook->name), STR_FMT(tight->id), part,
                     STR_FMT(base->rulebook->name), STR_FMT(base->id));
}

enum error_code extends_prove(const struct rulebook *tighter, const struct rulebook *base,
                              struct error *e) {
    for (size_t i = 0; i < tighter->clause_count; i++)
        for (size_t k = 0; k < base->clause_count; k++)
            if (str_equal(tighter->clauses[i].id, base->clauses[k].id))
                TRY(prove_clause(&tighter->clauses[i], &base->clauses[k], e));
    return OK;
}
