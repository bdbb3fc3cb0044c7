/* Conditions over facts, straight from the tree. Lists are in list.c. */
#include "rulebook/read/condition.h"
#include "rulebook/value/truth.h"

/* ---- what counts as the value of a path ---- */

static bool has_run_out(const struct rulebook_value *value, int64_t now_ns) {
    return value->until_ns != 0 && now_ns >= value->until_ns;
}

const struct rulebook_value *evaluation_fact(struct evaluation *ev, str path) {
    const struct rulebook_value *value = rulebook_facts_find(ev->facts, path);
    if (value == NULL || has_run_out(value, ev->now_ns)) return &value_unknown;
    if (value->kind == RULEBOOK_WITHHELD) return value;
    for (size_t i = 0; i < ev->read_count; i++)
        if (str_equal(ev->reads[i].path, path) && (ev->reads[i].kinds >> value->by & 1) == 0)
            return &value_unknown;
    return value;
}

/* Does `path` name the field of the list's elements: LIST.FIELD? */
static bool names_field(str path, str list, str field) {
    return path.len == list.len + 1 + field.len && str_starts(path, list) &&
           path.at[list.len] == '.' && str_ends(path, field);
}

const struct rulebook_value *evaluation_field(const struct evaluation *ev,
                                              const struct rulebook_record *element, str field) {
    if (element == NULL) return &value_unknown;
    const struct rulebook_value *value = rulebook_record_find(element, field);
    if (value == NULL || has_run_out(value, ev->now_ns)) return &value_unknown;
    if (value->kind == RULEBOOK_WITHHELD) return value;
    for (size_t i = 0; i < ev->read_count; i++)
        if (names_field(ev->reads[i].path, ev->element_list, field) &&
            (ev->reads[i].kinds >> value->by & 1) == 0)
            return &value_unknown;
    return value;
}

/* What the operator set: in the adoption under CLAUSE/NAME or NAME, or as a fact. */
static const struct rulebook_value *
param_value(struct evaluation *ev, const struct operand *operand, struct rulebook_value *room) {
    str key = operand->path, skipped;
    bool has_clause = str_cut(&key, '/', &skipped); /* what follows "param.RULEBOOK/" */
    const struct rulebook_value *value = NULL;
    if (has_clause) value = rulebook_facts_find(ev->params, key);
    if (value == NULL)
        value = rulebook_facts_find(ev->params, str_skip(operand->brief, strlen("param.")));
    if (value == NULL)
        value = rulebook_facts_find(ev->facts,
                                    facts_name_read(ev->facts, operand->path, operand->brief));
    if (value == NULL || has_run_out(value, ev->now_ns)) return &value_unknown;
    bool is_bare = value->kind == RULEBOOK_NUMBER && value->number.unit == RULEBOOK_UNIT_ONE &&
                   value->number.low == value->number.high;
    if (!is_bare || operand->unit.len == 0) return value;
    if (!value_with_unit(value->number.low, operand->unit, room)) return value;
    room->by = value->by;
    return room;
}

const struct rulebook_value *evaluation_operand(struct evaluation *ev,
                                                const struct operand *operand,
                                                struct rulebook_value *room) {
    switch (operand->kind) {
    case OPERAND_LITERAL: return &operand->value;
    case OPERAND_FACT:
    case OPERAND_LIST: return evaluation_fact(ev, operand->path);
    case OPERAND_ELEMENT: return evaluation_field(ev, ev->element, operand->path);
    case OPERAND_PARAM: return param_value(ev, operand, room);
    case OPERAND_DERIVED:
        return evaluation_fact(ev, facts_name_read(ev->facts, operand->path, operand->brief));
    }
    return &value_unknown;
}

/* ---- withheld values a clause accepts ---- */

static bool accepts(const struct evaluation *ev, str path) {
    for (size_t i = 0; i < ev->accept_count; i++) {
        str accepted = ev->accepts[i];
        if (str_equal(path, accepted)) return true;
        /* a field of a list that is accepted, or a list whose field is named */
        if (str_starts(path, accepted) && path.at[accepted.len] == '.') return true;
    }
    return false;
}

static bool is_accepted(const struct evaluation *ev, const struct operand *operand,
                        const struct rulebook_value *value) {
    if (ev->accepts == NULL || value->kind != RULEBOOK_WITHHELD) return false;
    if (operand->kind == OPERAND_FACT) return accepts(ev, operand->path);
    if (operand->kind != OPERAND_ELEMENT) return false;
    if (accepts(ev, ev->element_list)) return true;
    for (size_t i = 0; i < ev->accept_count; i++)
        if (names_field(ev->accepts[i], ev->element_list, operand->path)) return true;
    return false;
}

/* ---- conditions ---- */

/* Membership in a derived set that is not complete: the register also says who is surely not. */
static bool is_surely_outside(struct evaluation *ev, const struct operand *set,
                              const struct rulebook_value *item) {
    if (set->kind != OPERAND_DERIVED || item->kind != RULEBOOK_TEXT) return false;
    static const char suffix[] = ".not";
    const str names[] = {set->path, set->brief};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[256];
        if (names[i].len + sizeof suffix > sizeof path) continue;
        memcpy(path, names[i].at, names[i].len);
        memcpy(path + names[i].len, suffix, sizeof suffix - 1);
        const struct rulebook_value *outside =
            evaluation_fact(ev, str_of(path, names[i].len + sizeof suffix - 1));
        if (outside->kind == RULEBOOK_SET && value_set_has(outside, item->text)) return true;
    }
    return false;
}

static enum rulebook_truth compare(const struct condition *c, struct evaluation *ev,
                                   bool positive) {
    struct rulebook_value left_room, right_room;
    const struct rulebook_value *left = evaluation_operand(ev, &c->left, &left_room);
    const struct rulebook_value *right = evaluation_operand(ev, &c->right, &right_room);
    if (is_accepted(ev, &c->left, left) || is_accepted(ev, &c->right, right))
        return truth_of(positive);
    enum rulebook_truth truth = value_compare(c->op, left, right);
    if (truth == RULEBOOK_UNKNOWN_TRUTH && c->op == VALUE_IN &&
        is_surely_outside(ev, &c->right, left))
        truth = RULEBOOK_FALSE;
    return c->negated ? truth_not(truth) : truth;
}

static enum rulebook_truth holds(const struct condition *c, struct evaluation *ev, bool positive) {
    struct rulebook_value room;
    const struct rulebook_value *value = evaluation_operand(ev, &c->left, &room);
    if (is_accepted(ev, &c->left, value)) return truth_of(positive);
    return value->kind == RULEBOOK_YES_NO ? truth_of(value->yes) : RULEBOOK_UNKNOWN_TRUTH;
}

static enum rulebook_truth known(const struct condition *c, struct evaluation *ev, bool positive) {
    struct rulebook_value room;
    const struct rulebook_value *value = evaluation_operand(ev, &c->left, &room);
    if (is_accepted(ev, &c->left, value)) return truth_of(positive);
    return truth_of(value_is_known(value));
}

static enum rulebook_truth all_of(const struct condition *c, struct evaluation *ev, bool positive) {
    enum rulebook_truth truth = RULEBOOK_TRUE;
    for (size_t i = 0; i < c->part_count && truth != RULEBOOK_FALSE; i++)
        truth = truth_and(truth, condition_evaluate_as(&c->parts[i], ev, positive));
    return truth;
}

static enum rulebook_truth any_of(const struct condition *c, struct evaluation *ev, bool positive) {
    enum rulebook_truth truth = RULEBOOK_FALSE;
    for (size_t i = 0; i < c->part_count && truth != RULEBOOK_TRUE; i++)
        truth = truth_or(truth, condition_evaluate_as(&c->parts[i], ev, positive));
    return truth;
}

/* `positive`: which truth of this condition lets the requirement pass; what a clause accepts as
 * withheld counts as that truth. */
enum rulebook_truth condition_evaluate_as(const struct condition *c, struct evaluation *ev,
                                          bool positive) {
    switch (c->kind) {
    case CONDITION_ALL: return all_of(c, ev, positive);
    case CONDITION_ANY: return any_of(c, ev, positive);
    case CONDITION_NOT: return truth_not(all_of(c, ev, !positive));
    case CONDITION_COMPARE: return compare(c, ev, positive);
    case CONDITION_KNOWN: return known(c, ev, positive);
    case CONDITION_HOLDS: return holds(c, ev, positive);
    case CONDITION_QUANTIFIED: return condition_quantified(c, ev, positive);
    case CONDITION_AGGREGATE: return condition_aggregate(c, ev, positive);
    }
    return RULEBOOK_UNKNOWN_TRUTH;
}

enum rulebook_truth condition_evaluate(const struct condition *condition, struct evaluation *ev) {
    return condition_evaluate_as(condition, ev, true);
}
