/* Lists: every, some, no; sum, max, min, count; the latest of them.
 *
 * A list is open unless it was said to be complete: there may be elements nobody told us of. An
 * element's own membership can be unknown as well, when its `where` is. Both widen what is known:
 * quantifiers towards unknown, aggregates to an interval. Source: RULEBOOK 2 and 4. */
#include <assert.h>

#include "base/limits.h"
#include "rulebook/read/condition.h"
#include "rulebook/value/truth.h"

/* ---- who is in ---- */

/* The N latest by a key, when some keys or memberships are unknown. An element is surely out when N
 * others are surely in and later; surely as its `where` says when fewer than N may come before it.
 */
struct latest {
    int64_t out_below;  /* a key below has N surely later ones */
    int64_t sure_above; /* a key above has fewer than N that may be later or as late */
    bool has_out, has_sure;
    bool none_sure; /* so many keys are unknown that nobody is sure */
};

struct walk {
    struct evaluation *ev;
    const struct condition_list *list;
    const struct rulebook_value *value;
    struct latest latest;
    bool where_positive; /* which truth of `where` lets the requirement pass */
};

static bool key_of(struct walk *w, const struct rulebook_record *element, int64_t *key) {
    const struct rulebook_value *value = evaluation_field(w->ev, element, w->list->latest_by);
    struct rulebook_value parsed =
        value->kind == RULEBOOK_TEXT ? value_of_text(value->text) : *value;
    if (parsed.kind == RULEBOOK_DATE) {
        *key = parsed.date_ns;
        return true;
    }
    if (parsed.kind != RULEBOOK_NUMBER || parsed.number.low != parsed.number.high) return false;
    *key = parsed.number.low;
    return true;
}

/* By `until` and `where`, before any `latest`. */
static enum rulebook_truth candidate(struct walk *w, const struct rulebook_record *element) {
    enum rulebook_truth truth = RULEBOOK_TRUE;
    if (w->list->has_until) {
        struct rulebook_value room;
        const struct rulebook_value *until = evaluation_operand(w->ev, &w->list->until, &room);
        const struct rulebook_value *key = evaluation_field(w->ev, element, w->list->latest_by);
        truth = value_compare(VALUE_AT_MOST, key, until);
    }
    if (truth == RULEBOOK_FALSE || w->list->where == NULL) return truth;
    const struct rulebook_record *outer = w->ev->element;
    w->ev->element = element;
    truth = truth_and(truth, condition_evaluate_as(w->list->where, w->ev, w->where_positive));
    w->ev->element = outer;
    return truth;
}

/* The largest keys so far, at most `most` of them, largest first. */
struct top {
    int64_t keys[LIMIT_RULE_ITEMS + 1];
    size_t count, most;
};
static void top_add(struct top *top, int64_t key) {
    if (top->count == top->most) {
        if (top->most == 0 || top->keys[top->count - 1] >= key) return;
        top->count--;
    }
    size_t at = top->count++;
    for (; at > 0 && top->keys[at - 1] < key; at--) top->keys[at] = top->keys[at - 1];
    top->keys[at] = key;
}

static void find_latest(struct walk *w) {
    struct top sure = {.most = w->list->latest}, possible = {.most = w->list->latest + 1};
    size_t keyless = 0;
    for (size_t i = 0; i < w->value->list.count; i++) {
        const struct rulebook_record *element = &w->value->list.at[i];
        enum rulebook_truth truth = candidate(w, element);
        int64_t key;
        if (truth == RULEBOOK_FALSE) continue;
        if (!key_of(w, element, &key)) {
            keyless++;
            continue;
        }
        top_add(&possible, key);
        if (truth == RULEBOOK_TRUE) top_add(&sure, key);
    }
    struct latest *l = &w->latest;
    if (sure.count == w->list->latest) {
        l->has_out = true;
        l->out_below = sure.keys[sure.count - 1];
    }
    l->none_sure = keyless > w->list->latest || w->value->open;
    size_t places = l->none_sure ? 0 : w->list->latest - keyless;
    if (!l->none_sure && possible.count > places) {
        l->has_sure = true; /* the first key that may find no place any more */
        l->sure_above = possible.keys[places];
    }
}

static enum rulebook_truth membership(struct walk *w, const struct rulebook_record *element) {
    enum rulebook_truth truth = candidate(w, element);
    if (w->list->latest == 0 || truth == RULEBOOK_FALSE) return truth;
    int64_t key;
    bool has_key = key_of(w, element, &key);
    if (has_key && w->latest.has_out && key < w->latest.out_below) return RULEBOOK_FALSE;
    bool is_sure =
        !w->latest.none_sure && (!w->latest.has_sure || (has_key && key > w->latest.sure_above));
    return is_sure ? truth : RULEBOOK_UNKNOWN_TRUTH;
}

/* false: no list to walk; *truth says what that means. */
static bool walk_begin(struct walk *w, const struct condition *c, struct evaluation *ev,
                       bool where_positive) {
    *w = (struct walk){.ev = ev, .list = &c->list, .where_positive = where_positive};
    w->value = evaluation_fact(ev, c->list.path);
    if (w->value->kind != RULEBOOK_LIST) return false;
    ev->element_list = c->list.path;
    if (c->list.latest > 0) find_latest(w);
    return true;
}

/* ---- every, some, no ---- */

static bool is_accepted_list(const struct evaluation *ev, const struct walk *w) {
    if (ev->accepts == NULL || w->value->kind != RULEBOOK_WITHHELD) return false;
    for (size_t i = 0; i < ev->accept_count; i++)
        if (str_equal(ev->accepts[i], w->list->path)) return true;
    return false;
}

static enum rulebook_truth has_truth(struct walk *w, const struct condition *has,
                                     const struct rulebook_record *element, bool positive) {
    if (has == NULL) return RULEBOOK_TRUE;
    const struct rulebook_record *outer = w->ev->element;
    w->ev->element = element;
    enum rulebook_truth truth = condition_evaluate_as(has, w->ev, positive);
    w->ev->element = outer;
    return truth;
}

static enum rulebook_truth every(struct walk *w, const struct condition *c, bool positive) {
    enum rulebook_truth truth = w->value->open ? RULEBOOK_UNKNOWN_TRUTH : RULEBOOK_TRUE;
    for (size_t i = 0; i < w->value->list.count && truth != RULEBOOK_FALSE; i++) {
        const struct rulebook_record *element = &w->value->list.at[i];
        enum rulebook_truth outside = truth_not(membership(w, element));
        truth = truth_and(truth, truth_or(outside, has_truth(w, c->has, element, positive)));
    }
    return truth;
}

static enum rulebook_truth some(struct walk *w, const struct condition *c, bool positive) {
    enum rulebook_truth truth = w->value->open ? RULEBOOK_UNKNOWN_TRUTH : RULEBOOK_FALSE;
    for (size_t i = 0; i < w->value->list.count && truth != RULEBOOK_TRUE; i++) {
        const struct rulebook_record *element = &w->value->list.at[i];
        truth = truth_or(
            truth, truth_and(membership(w, element), has_truth(w, c->has, element, positive)));
    }
    return truth;
}

enum rulebook_truth condition_quantified(const struct condition *c, struct evaluation *ev,
                                         bool positive) {
    struct walk w;
    bool where_positive = c->quantifier == QUANTIFIER_SOME ? positive : !positive;
    if (!walk_begin(&w, c, ev, where_positive))
        return is_accepted_list(ev, &w) ? truth_of(positive) : RULEBOOK_UNKNOWN_TRUTH;
    switch (c->quantifier) {
    case QUANTIFIER_EVERY: return every(&w, c, positive);
    case QUANTIFIER_SOME: return some(&w, c, positive);
    case QUANTIFIER_NO: return truth_not(some(&w, c, !positive));
    }
    return RULEBOOK_UNKNOWN_TRUTH;
}

/* ---- sum, max, min, count ---- */

/* Saturating: an end that leaves the range is unbounded. */
static int64_t plus(int64_t a, int64_t b) {
    int64_t sum;
    if (a == RULEBOOK_UNBOUNDED || b == RULEBOOK_UNBOUNDED) return RULEBOOK_UNBOUNDED;
    if (a == -RULEBOOK_UNBOUNDED || b == -RULEBOOK_UNBOUNDED) return -RULEBOOK_UNBOUNDED;
    if (__builtin_add_overflow(a, b, &sum)) return a > 0 ? RULEBOOK_UNBOUNDED : -RULEBOOK_UNBOUNDED;
    return sum;
}

struct total {
    int64_t low, high;
    enum rulebook_unit unit;
    bool is_number, is_duration; /* of the fields seen; both or two units: nothing is known */
    bool is_mixed, has_negative;
    size_t sure_count, possible_count;
};

/* A field's bounds; false: not known or not measurable. */
static bool field_bounds(struct total *t, const struct rulebook_value *v, int64_t *low,
                         int64_t *high) {
    struct rulebook_value parsed;
    if (v->kind == RULEBOOK_TEXT) {
        parsed = value_of_text(v->text);
        v = &parsed;
    }
    if (v->kind == RULEBOOK_NUMBER) {
        bool other_unit = t->is_number && t->unit != v->number.unit &&
                          t->unit != RULEBOOK_UNIT_ONE && v->number.unit != RULEBOOK_UNIT_ONE;
        t->is_mixed |= t->is_duration || other_unit;
        t->is_number = true;
        if (v->number.unit != RULEBOOK_UNIT_ONE) t->unit = v->number.unit;
        *low = v->number.low;
        *high = v->number.high;
    } else if (v->kind == RULEBOOK_DURATION) {
        t->is_mixed |= t->is_number;
        t->is_duration = true;
        value_duration_bounds(v->duration, low, high);
    } else {
        return false;
    }
    t->has_negative |= *low < 0;
    return true;
}

/* An unknown share or count is not negative, and not bounded above. */
static void add_to(struct total *t, enum aggregate aggregate, enum rulebook_truth in, bool known,
                   int64_t low, int64_t high) {
    bool is_sure = in == RULEBOOK_TRUE;
    if (!known) {
        low = 0;
        high = RULEBOOK_UNBOUNDED;
    }
    switch (aggregate) {
    case AGGREGATE_COUNT: break;
    case AGGREGATE_SUM:
        t->low = plus(t->low, is_sure || low < 0 ? low : 0);
        t->high = plus(t->high, is_sure || high > 0 ? high : 0);
        break;
    case AGGREGATE_MAX:
        if (is_sure && low > t->low) t->low = low;
        if (high > t->high) t->high = high;
        break;
    case AGGREGATE_MIN:
        if (low < t->low) t->low = low;
        if (is_sure && high < t->high) t->high = high;
        break;
    }
}

static struct total total_of(struct walk *w, const struct condition *c) {
    struct total t = {0};
    if (c->aggregate == AGGREGATE_MAX) t.low = t.high = -RULEBOOK_UNBOUNDED;
    if (c->aggregate == AGGREGATE_MIN) t.low = t.high = RULEBOOK_UNBOUNDED;
    for (size_t i = 0; i < w->value->list.count; i++) {
        const struct rulebook_record *element = &w->value->list.at[i];
        enum rulebook_truth in = membership(w, element);
        if (in == RULEBOOK_FALSE) continue;
        t.possible_count++;
        t.sure_count += in == RULEBOOK_TRUE;
        if (c->aggregate == AGGREGATE_COUNT) continue;
        int64_t low = 0, high = 0;
        const struct rulebook_value *field = evaluation_field(w->ev, element, c->field);
        bool known = field_bounds(&t, field, &low, &high);
        add_to(&t, c->aggregate, in, known, low, high);
    }
    return t;
}

/* What unnamed elements could add. */
static void widen(struct total *t, enum aggregate aggregate) {
    if (aggregate == AGGREGATE_MIN) {
        t->low = -RULEBOOK_UNBOUNDED;
        return;
    }
    bool is_share = aggregate == AGGREGATE_SUM && t->is_number && t->unit == RULEBOOK_UNIT_PERCENT;
    int64_t whole = 100 * RULEBOOK_MILLI;
    t->high = is_share && t->high <= whole ? whole : RULEBOOK_UNBOUNDED;
    if (t->has_negative) t->low = -RULEBOOK_UNBOUNDED;
}

/* Over an open list a sum, count or maximum is never shown to be small, a minimum never large. */
static enum rulebook_truth cap_open(enum rulebook_truth truth, enum value_op op,
                                    enum aggregate aggregate) {
    bool asks_small = op == VALUE_LESS || op == VALUE_AT_MOST;
    bool asks_large = op == VALUE_OVER || op == VALUE_AT_LEAST;
    if (aggregate == AGGREGATE_MIN) {
        bool swap = asks_small;
        asks_small = asks_large;
        asks_large = swap;
    }
    if (asks_small && truth == RULEBOOK_TRUE) return RULEBOOK_UNKNOWN_TRUTH;
    if (asks_large && truth == RULEBOOK_FALSE) return RULEBOOK_UNKNOWN_TRUTH;
    if (op == VALUE_IS && truth == RULEBOOK_TRUE) return RULEBOOK_UNKNOWN_TRUTH;
    return truth;
}

static enum rulebook_truth aggregate_as(const struct condition *c, struct evaluation *ev,
                                        bool where_positive) {
    struct walk w;
    struct rulebook_value room;
    const struct rulebook_value *right = evaluation_operand(ev, &c->right, &room);
    if (!walk_begin(&w, c, ev, where_positive)) return RULEBOOK_UNKNOWN_TRUTH;
    struct total t = total_of(&w, c);
    bool is_extreme = c->aggregate == AGGREGATE_MAX || c->aggregate == AGGREGATE_MIN;
    if (t.is_mixed || (is_extreme && t.possible_count == 0)) return RULEBOOK_UNKNOWN_TRUTH;
    if (is_extreme && t.sure_count == 0) { /* there may be none at all */
        t.low = -RULEBOOK_UNBOUNDED;
        t.high = RULEBOOK_UNBOUNDED;
    }
    if (c->aggregate == AGGREGATE_COUNT) {
        t.low = (int64_t)t.sure_count * RULEBOOK_MILLI;
        t.high = (int64_t)t.possible_count * RULEBOOK_MILLI;
    }
    if (w.value->open) widen(&t, c->aggregate);
    struct rulebook_value total = {.kind = RULEBOOK_NUMBER, .number = {t.low, t.high, t.unit}};
    struct rulebook_value wanted = *right;
    if (t.is_duration && right->kind == RULEBOOK_DURATION) { /* compare lengths as numbers */
        value_duration_bounds(right->duration, &wanted.number.low, &wanted.number.high);
        wanted.kind = RULEBOOK_NUMBER;
        wanted.number.unit = RULEBOOK_UNIT_ONE;
    } else if (t.is_duration) {
        return RULEBOOK_UNKNOWN_TRUTH;
    }
    enum rulebook_truth truth = value_compare(c->op, &total, &wanted);
    if (w.value->open) truth = cap_open(truth, c->op, c->aggregate);
    return c->negated ? truth_not(truth) : truth;
}

/* A list that is lawfully withheld counts as met, as it does in `every`. An element whose `where` is
 * withheld may be counted or not, whichever lets the requirement pass; that some are withheld must
 * not make a total fail that holds either way. */
enum rulebook_truth condition_aggregate(const struct condition *c, struct evaluation *ev,
                                        bool positive) {
    struct walk w;
    if (!walk_begin(&w, c, ev, true) && is_accepted_list(ev, &w)) return truth_of(positive);
    if (ev->accepts == NULL || c->list.where == NULL) return aggregate_as(c, ev, true);
    enum rulebook_truth in = aggregate_as(c, ev, true), out = aggregate_as(c, ev, false);
    struct evaluation strict = *ev;
    strict.accepts = NULL;
    enum rulebook_truth open = aggregate_as(c, &strict, true);
    return positive ? truth_or(truth_or(in, out), open) : truth_and(truth_and(in, out), open);
}
