/* Two conditions about one fact that no value of it meets both. Only what follows from how values compare
 * (value.c), whatever kind the fact turns out to be: a text, a set of texts, a number spelled as a text.
 * What a set has may be several things at once, so `has` never excludes `has`. Source: RULEBOOK 4. */
#include "rulebook/read/exclude.h"

/* ---- what they are about ---- */

static bool same_operand(const struct operand *a, const struct operand *b) {
    return a->kind == b->kind && a->kind != OPERAND_LITERAL && str_equal(a->path, b->path);
}

static bool is_measured(const struct rulebook_value *v) {
    return v->kind == RULEBOOK_NUMBER || v->kind == RULEBOOK_DATE || v->kind == RULEBOOK_DURATION;
}

static bool same_literal(const struct rulebook_value *a, const struct rulebook_value *b) {
    if (a->kind != b->kind || !str_equal(a->text, b->text)) return false;
    return a->kind == RULEBOOK_TEXT || value_compare(VALUE_IS, a, b) == RULEBOOK_TRUE;
}

static bool same_right(const struct operand *a, const struct operand *b) {
    if (a->kind == OPERAND_LITERAL && b->kind == OPERAND_LITERAL)
        return same_literal(&a->value, &b->value);
    return same_operand(a, b);
}

/* Is it wanted that the comparison, as it stands without `not`, is false? */
static bool denies(const struct wanted *w) {
    return w->negated != w->condition->negated;
}

static bool is_comparison(const struct wanted *w) {
    return w->condition != NULL && w->condition->kind == CONDITION_COMPARE;
}

/* One fact is compared, or one total of a whole list. */
static bool same_subject(const struct condition *a, const struct condition *b) {
    if (a->kind != b->kind) return false;
    if (a->kind == CONDITION_COMPARE) return same_operand(&a->left, &b->left);
    bool is_whole = a->list.where == NULL && b->list.where == NULL && a->list.latest == 0 &&
                    b->list.latest == 0;
    return a->kind == CONDITION_AGGREGATE && is_whole && a->aggregate == b->aggregate &&
           str_equal(a->list.path, b->list.path) && str_equal(a->field, b->field);
}

/* ---- a condition and its opposite ---- */

static bool are_opposite(const struct wanted *a, const struct wanted *b) {
    const struct condition *x = a->condition, *y = b->condition;
    if (x->kind == y->kind && str_equal(x->text, y->text)) return a->negated != b->negated;
    return is_comparison(a) && is_comparison(b) && x->op == y->op && same_subject(x, y) &&
           same_right(&x->right, &y->right) && denies(a) != denies(b);
}

/* ---- what must not be known, and is compared ---- */

static bool reads(const struct wanted *w, const struct operand *fact) {
    if (w->entry != NULL)
        return fact->kind == OPERAND_FACT && str_equal(w->entry->path, fact->path);
    const struct condition *c = w->condition;
    switch (c->kind) {
    case CONDITION_COMPARE: return same_operand(&c->left, fact) || same_operand(&c->right, fact);
    case CONDITION_HOLDS: return same_operand(&c->left, fact);
    case CONDITION_QUANTIFIED:
        return fact->kind == OPERAND_FACT && str_equal(c->list.path, fact->path);
    default: return false;
    }
}

static bool forgets_what_is_read(const struct wanted *a, const struct wanted *b) {
    return a->condition != NULL && a->condition->kind == CONDITION_KNOWN && a->negated &&
           reads(b, &a->condition->left);
}

/* ---- bounds ---- */

/* "Not less" is "at least", for whatever is compared: also for what is nowhere between. */
static enum value_op order_of(const struct wanted *w) {
    if (!w->negated) return w->condition->op;
    switch (w->condition->op) {
    case VALUE_LESS: return VALUE_AT_LEAST;
    case VALUE_AT_LEAST: return VALUE_LESS;
    case VALUE_OVER: return VALUE_AT_MOST;
    case VALUE_AT_MOST: return VALUE_OVER;
    default: return w->condition->op;
    }
}

static bool is_bound(const struct wanted *w) {
    const struct condition *c = w->condition;
    if (c == NULL || (c->kind != CONDITION_COMPARE && c->kind != CONDITION_AGGREGATE)) return false;
    if (value_op_orders(c->op)) return true;
    return c->op == VALUE_IS && !denies(w) && c->right.kind == OPERAND_LITERAL &&
           is_measured(&c->right.value);
}

/* `upper` keeps it below what `lower` keeps it above. */
static bool leave_nothing(const struct wanted *upper, const struct wanted *lower) {
    enum value_op high = order_of(upper), low = order_of(lower);
    bool is_upper = high == VALUE_LESS || high == VALUE_AT_MOST || high == VALUE_IS;
    bool is_lower = low == VALUE_OVER || low == VALUE_AT_LEAST || low == VALUE_IS;
    if (!is_upper || !is_lower) return false;
    bool touch = high != VALUE_LESS && low != VALUE_OVER; /* both take the bound itself */
    const struct operand *top = &upper->condition->right, *bottom = &lower->condition->right;
    if (same_operand(top, bottom)) return !touch;
    return top->kind == OPERAND_LITERAL && bottom->kind == OPERAND_LITERAL &&
           value_compare(touch ? VALUE_LESS : VALUE_AT_MOST, &top->value, &bottom->value) ==
               RULEBOOK_TRUE;
}

static bool bounds_exclude(const struct wanted *a, const struct wanted *b) {
    if (!is_bound(a) || !is_bound(b) || !same_subject(a->condition, b->condition)) return false;
    return leave_nothing(a, b) || leave_nothing(b, a);
}

/* ---- yes and no ---- */

/* Which of them the fact has to be; false: that is not asked. */
static bool flag_of(const struct wanted *w, bool *yes) {
    const struct condition *c = w->condition;
    if (c == NULL) return false;
    if (c->kind == CONDITION_HOLDS) {
        *yes = !w->negated;
        return true;
    }
    if (!is_comparison(w) || c->op != VALUE_IS || c->right.kind != OPERAND_LITERAL ||
        c->right.value.kind != RULEBOOK_YES_NO)
        return false;
    *yes = c->right.value.yes != denies(w);
    return true;
}

static bool flags_exclude(const struct wanted *a, const struct wanted *b) {
    bool yes, also;
    if (!flag_of(a, &yes)) return false;
    const struct operand *fact = &a->condition->left;
    if (b->entry != NULL)
        return reads(b, fact) && b->entry->among.kind == OPERAND_LITERAL &&
               !value_set_has(&b->entry->among.value, yes ? STR("true") : STR("false"));
    return flag_of(b, &also) && same_operand(fact, &b->condition->left) && yes != also;
}

/* ---- texts and sets of them ---- */

/* What the items of the fact must be to those of the literal. A text is a set of one. */
struct items {
    const str *at;
    size_t count;
    bool within;   /* all of the fact's are among them */
    bool hits;     /* one of the fact's is */
    bool contains; /* the fact's have all of them */
    bool avoids;   /* none of the fact's is */
    bool beyond;   /* one of the fact's is not */
    bool unlike;   /* they are not the same */
};

static bool literal_items(const struct rulebook_value *v, struct items *out) {
    if (v->kind == RULEBOOK_SET) {
        out->at = v->set.at;
        out->count = v->set.count;
        return true;
    }
    out->at = &v->text;
    out->count = 1;
    return v->text.len > 0;
}

static bool items_of(const struct wanted *w, struct items *out) {
    *out = (struct items){0};
    const struct operand *right = w->entry != NULL ? &w->entry->among : &w->condition->right;
    if (w->entry == NULL && !is_comparison(w)) return false;
    if (right->kind != OPERAND_LITERAL || !literal_items(&right->value, out)) return false;
    if (w->entry != NULL) return out->hits = true;
    bool denied = denies(w);
    switch (w->condition->op) {
    case VALUE_IN:
        out->within = out->hits = !denied;
        out->avoids = denied;
        return true;
    case VALUE_HAS:
        out->contains = out->hits = !denied;
        out->avoids = denied;
        return true;
    case VALUE_INTERSECTS:
        out->hits = !denied;
        out->avoids = denied;
        return true;
    case VALUE_SUBSET:
        out->within = !denied;
        out->beyond = denied;
        return true;
    case VALUE_IS: /* numbers, days and lengths are alike however they are spelled */
        out->within = out->contains = !denied;
        out->hits = !denied && out->count > 0;
        out->unlike = denied;
        return right->value.kind == RULEBOOK_TEXT || right->value.kind == RULEBOOK_SET;
    default: return false;
    }
}

static size_t common(const struct items *a, const struct items *b) {
    size_t count = 0;
    for (size_t i = 0, k = 0; i < a->count && k < b->count;) {
        int order = str_compare(a->at[i], b->at[k]);
        count += order == 0;
        i += order <= 0;
        k += order >= 0;
    }
    return count;
}

static bool items_clash(const struct items *a, const struct items *b) {
    size_t both = common(a, b);
    bool same = both == a->count && both == b->count;
    if (a->within && b->hits && both == 0) return true;
    if (a->within && b->contains && both < b->count) return true;
    if (a->contains && b->avoids && both > 0) return true;
    if (a->hits && b->avoids && both == a->count) return true;
    if (a->within && b->beyond && both == a->count) return true;
    /* Within one text and not nothing is that text. */
    bool is_all = a->within && (a->contains || (a->hits && a->count == 1));
    return is_all && b->unlike && same;
}

static bool items_exclude(const struct wanted *a, const struct wanted *b) {
    struct items x, y;
    if (!items_of(a, &x) || !items_of(b, &y)) return false;
    const struct wanted *c = a->condition != NULL ? a : b, *other = c == a ? b : a;
    if (c->condition == NULL) return false; /* entries of `applies` are about different facts */
    bool same = other->entry != NULL ? reads(other, &c->condition->left)
                                     : same_subject(a->condition, b->condition);
    return same && (items_clash(&x, &y) || items_clash(&y, &x));
}

bool wanted_exclude(const struct wanted *a, const struct wanted *b) {
    if (a->condition != NULL && b->condition != NULL && are_opposite(a, b)) return true;
    return forgets_what_is_read(a, b) || forgets_what_is_read(b, a) || bounds_exclude(a, b) ||
           flags_exclude(a, b) || flags_exclude(b, a) || items_exclude(a, b);
}
