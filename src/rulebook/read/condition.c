/* Conditions from text: a descent over their words. */
#include "rulebook/read/condition_words.h"

#include <assert.h>
#include <stdio.h>

#include "base/limits.h"

/* ---- paths and names ---- */

static enum error_code check_path(struct reader *r, str path, size_t at) {
    struct error why;
    if (rulebook_path_check(path, &why) != OK) return word_fail_at(r, at, "%s", why.message);
    if (!str_starts(path, STR("measure."))) return OK;
    str name = str_skip(path, 8);
    for (size_t i = 0; i < r->scope->measure_count; i++)
        if (str_equal(name, r->scope->measures[i])) return OK;
    return word_fail_at(r, at, "expected a measure of this rulebook, found \"%.*s\"",
                        STR_FMT(path));
}

/* it.field or a path, as an operand. */
static enum error_code operand_of_path(struct reader *r, str path, size_t at, struct operand *out) {
    *out = (struct operand){.kind = OPERAND_FACT, .path = path};
    if (!str_starts(path, STR("it."))) return check_path(r, path, at);
    if (!r->in_element)
        return word_fail_at(r, at, "expected the path of a fact (it. stands only in parentheses)");
    out->kind = OPERAND_ELEMENT;
    out->path = str_skip(path, 3);
    if (out->path.len == 0) return word_fail_at(r, at, "expected a field after it.");
    return OK;
}

static enum error_code take_path(struct reader *r, struct operand *out) {
    if (r->word.kind != WORD_PLAIN) return word_expected(r, "the path of a fact");
    TRY(operand_of_path(r, r->word.text, r->word.at, out));
    return word_take(r);
}

/* The path of a list: never of an element, so that lists are not walked inside lists. */
static enum error_code take_list_path(struct reader *r, str *out) {
    struct operand operand;
    size_t at = r->word.at;
    TRY(take_path(r, &operand));
    if (operand.kind != OPERAND_FACT)
        return word_fail_at(r, at,
                            "expected the path of a list (lists inside elements are not walked)");
    *out = operand.path;
    return OK;
}

static bool is_name(str name) {
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '_' || c == '.';
        if (!good) return false;
    }
    return name.len > 0;
}

enum error_code condition_read_name(const struct scope *scope, const struct doc_node *at, str name,
                                    struct operand *out, struct error *e) {
    if (!is_name(name)) return doc_expected(at, e, "a name after $");
    for (size_t i = 0; i < scope->set_count; i++)
        if (str_equal(scope->sets[i].name, name)) {
            *out = (struct operand){.kind = OPERAND_LITERAL, .value = scope->sets[i].value};
            return OK;
        }
    struct operand operand = {.kind = OPERAND_LIST};
    for (size_t i = 0; i < scope->param_count; i++) {
        const struct param *param = &scope->params[i];
        if (!str_equal(param->name, name)) continue;
        if (param->has_value) {
            *out = (struct operand){.kind = OPERAND_LITERAL, .value = param->value};
            return OK;
        }
        operand.kind = OPERAND_PARAM;
        operand.unit = param->unit;
        TRY(arena_format(scope->arena, &operand.path, e, "param.%.*s/%.*s/%.*s",
                         STR_FMT(scope->rulebook), STR_FMT(scope->clause), STR_FMT(name)));
        TRY(arena_format(scope->arena, &operand.brief, e, "param.%.*s", STR_FMT(name)));
        *out = operand;
        return OK;
    }
    for (size_t i = 0; i < scope->derived_count; i++) {
        if (!str_equal(scope->derived[i], name)) continue;
        operand.kind = OPERAND_DERIVED;
        TRY(arena_format(scope->arena, &operand.path, e, "derived.%.*s/%.*s",
                         STR_FMT(scope->rulebook), STR_FMT(name)));
        TRY(arena_format(scope->arena, &operand.brief, e, "derived.%.*s", STR_FMT(name)));
        *out = operand;
        return OK;
    }
    TRY(arena_format(scope->arena, &operand.path, e, "list.%.*s", STR_FMT(name)));
    if (scope->unknown_name != NULL) TRY(scope->unknown_name(scope->self, at, name, e));
    *out = operand;
    return OK;
}

/* ---- literals ---- */

/* Bare words that YAML people would read as something else are refused. */
static enum error_code check_word(struct reader *r, const struct word *word) {
    struct doc_node node = *r->node;
    node.text = word->text;
    node.quoted = false;
    node.column += (uint32_t)word->at + (r->node->quoted ? 1 : 0);
    str ignored;
    return doc_code(&node, &ignored, r->e);
}

static enum error_code take_literal(struct reader *r, struct rulebook_value *out) {
    struct word word = r->word;
    int64_t milli;
    if (str_equal(word.text, STR("true")) || str_equal(word.text, STR("false"))) {
        *out = rulebook_yes_no(word.text.at[0] == 't');
        out->by = RULEBOOK_BY_NOBODY;
        return word_take(r);
    }
    TRY(check_word(r, &word));
    TRY(word_take(r));
    if (value_milli_read(word.text, &milli) && r->word.kind == WORD_PLAIN &&
        value_with_unit(milli, r->word.text, out)) {
        size_t end = r->word.at + r->word.text.len;
        out->text = str_slice(r->node->text, word.at, end - word.at);
        TRY(word_take(r));
    } else {
        *out = value_of_text(word.text);
    }
    out->by = RULEBOOK_BY_NOBODY; /* a rule's own constant: nobody says it */
    return OK;
}

static enum error_code take_set(struct reader *r, struct rulebook_value *out) {
    TRY(sign_pass(r, "["));
    str *items = arena_new(r->scope->arena, str, LIMIT_RULE_ITEMS);
    if (items == NULL) return error_set(r->e, FAIL_MEMORY, "no room for a condition");
    size_t count = 0;
    while (!sign_is(r, "]")) {
        if (count > 0) TRY(sign_pass(r, ","));
        if (r->word.kind != WORD_PLAIN && r->word.kind != WORD_QUOTED)
            return word_expected(r, "text in a set");
        if (r->word.kind == WORD_PLAIN) TRY(check_word(r, &r->word));
        if (count == LIMIT_RULE_ITEMS)
            return error_set(r->e, FAIL_LIMIT, "%.*s:%u:%u: more than %d items in one condition",
                             STR_FMT(*r->node->file), r->node->line, r->node->column,
                             LIMIT_RULE_ITEMS);
        items[count++] = r->word.text;
        TRY(word_take(r));
    }
    if (count == 0) return word_expected(r, "text in a set");
    r->scope->arena->next = (unsigned char *)(items + count); /* the rest was not needed */
    count = rulebook_items_sort(items, count);
    *out = rulebook_set_of(items, count);
    out->by = RULEBOOK_BY_NOBODY;
    return word_take(r);
}

static enum error_code take_value(struct reader *r, enum value_op op, struct operand *out) {
    *out = (struct operand){.kind = OPERAND_LITERAL};
    size_t at = r->word.at;
    bool wants_set = op == VALUE_IN || op == VALUE_INTERSECTS || op == VALUE_SUBSET;
    if (sign_is(r, "[")) {
        if (!wants_set) return word_expected(r, "one value");
        return take_set(r, &out->value);
    }
    if (r->word.kind == WORD_PLAIN && r->word.text.at[0] == '@') {
        TRY(operand_of_path(r, str_skip(r->word.text, 1), at, out));
        return word_take(r);
    }
    if (r->word.kind == WORD_PLAIN && r->word.text.at[0] == '$') {
        TRY(condition_read_name(r->scope, r->node, str_skip(r->word.text, 1), out, r->e));
        return word_take(r);
    }
    if (wants_set) return word_expected(r, "[\"…\"], $name or @path");
    if (r->word.kind == WORD_QUOTED) {
        if (value_op_orders(op)) {
            out->value = value_of_text(r->word.text);
        } else {
            out->value = rulebook_text(r->word.text);
        }
        out->value.by = RULEBOOK_BY_NOBODY;
        TRY(word_take(r));
    } else if (r->word.kind == WORD_PLAIN) {
        TRY(take_literal(r, &out->value));
    } else {
        return word_expected(r, "a value");
    }
    if (value_op_orders(op) && out->value.kind == RULEBOOK_TEXT)
        return word_fail_at(
            r, at,
            "expected a number, a date or a length of time (a number below 10^15, with at "
            "most three decimals), found \"%.*s\"",
            STR_FMT(out->value.text));
    bool is_bare = value_op_orders(op) && out->value.kind == RULEBOOK_NUMBER &&
                   out->value.number.unit == RULEBOOK_UNIT_ONE;
    if (is_bare && r->word.kind == WORD_PLAIN && !word_is(r, "and") && !word_is(r, "where"))
        return word_expected(r, "one of the units %, m, km, W, kW, MW, persons, users, bytes, KiB, "
                                "MiB, GiB, s, min, h, d, days, months, years (and below 10^15 of "
                                "its base)");
    return OK;
}

/* ---- operators ---- */

static enum error_code take_op(struct reader *r, enum value_op *op, bool *negated) {
    static const struct {
        const char *text;
        enum value_op op;
    } signs[] = {{"<", VALUE_LESS},
                 {"<=", VALUE_AT_MOST},
                 {">", VALUE_OVER},
                 {">=", VALUE_AT_LEAST}},
      words[] = {{"in", VALUE_IN},
                 {"has", VALUE_HAS},
                 {"intersects", VALUE_INTERSECTS},
                 {"disjoint", VALUE_INTERSECTS},
                 {"subset", VALUE_SUBSET}};
    *negated = false;
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (sign_is(r, signs[i].text)) {
            *op = signs[i].op;
            return word_take(r);
        }
    if (word_is(r, "is")) {
        *op = VALUE_IS;
        TRY(word_take(r));
        *negated = word_is(r, "not");
        return *negated ? word_take(r) : OK;
    }
    if (word_is(r, "not")) {
        *negated = true;
        TRY(word_take(r));
    }
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (!word_is(r, words[i].text)) continue;
        bool is_disjoint = str_equal(r->word.text, STR("disjoint"));
        if (is_disjoint && *negated) break;
        if (is_disjoint) *negated = true;
        *op = words[i].op;
        TRY(word_take(r));
        return *op == VALUE_SUBSET ? word_pass(r, "of") : OK;
    }
    return word_expected(r, "is, in, has, intersects, disjoint, subset of, <, <=, > or >=");
}

/* ---- conditions ---- */

static enum error_code take_condition(struct reader *r, struct condition *out);

/* How many conditions the parentheses at hand join, at most: one more than their `and`s. */
static enum error_code count_group(struct reader r, size_t *count) {
    *count = 1;
    for (size_t depth = 1; depth > 0 && r.word.kind != WORD_END;) {
        TRY(word_take(&r));
        if (sign_is(&r, "(")) depth++;
        if (sign_is(&r, ")")) depth--;
        if (depth == 1 && word_is(&r, "and")) ++*count;
    }
    if (*count <= LIMIT_RULE_PARTS) return OK;
    return error_set(r.e, FAIL_LIMIT, "%.*s:%u:%u: more than %d conditions in parentheses",
                     STR_FMT(*r.node->file), r.node->line, r.node->column, LIMIT_RULE_PARTS);
}

/* "(" conditions ")" as one ALL. */
static enum error_code take_group(struct reader *r, const struct condition **out) {
    size_t room, count = 0;
    if (!sign_is(r, "(")) return word_expected(r, "\"(\"");
    TRY(count_group(*r, &room));
    struct condition *parts = arena_new(r->scope->arena, struct condition, room);
    struct condition *all = arena_new(r->scope->arena, struct condition, 1);
    if (parts == NULL || all == NULL)
        return error_set(r->e, FAIL_MEMORY, "no room for a condition");
    bool was_in_element = r->in_element;
    r->in_element = true;
    do {
        assert(count < room);
        TRY(word_take(r)); /* the parenthesis, then each `and` */
        TRY(take_condition(r, &parts[count++]));
    } while (word_is(r, "and"));
    r->in_element = was_in_element;
    *all = (struct condition){.kind = CONDITION_ALL, .parts = parts, .part_count = count};
    *out = all;
    return sign_pass(r, ")");
}

static enum error_code take_latest(struct reader *r, struct condition_list *list) {
    TRY(word_take(r));
    if (r->word.kind != WORD_PLAIN || !str_u64(r->word.text, &list->latest) || list->latest == 0 ||
        list->latest > LIMIT_RULE_ITEMS)
        return word_expected(r, "how many after latest");
    TRY(word_take(r));
    TRY(word_pass(r, "of"));
    TRY(take_list_path(r, &list->path));
    TRY(word_pass(r, "by"));
    if (r->word.kind != WORD_PLAIN || !str_starts(r->word.text, STR("it.")) ||
        r->word.text.len == 3)
        return word_expected(r, "it.FIELD");
    list->latest_by = str_skip(r->word.text, 3);
    TRY(word_take(r));
    if (!word_is(r, "until")) return OK;
    TRY(word_take(r));
    list->has_until = true;
    return take_value(r, VALUE_AT_MOST, &list->until);
}

static enum error_code take_list(struct reader *r, struct condition_list *list) {
    if (r->in_element)
        return word_expected(r, "a condition on it. (lists are not walked in lists)");
    if (word_is(r, "latest"))
        TRY(take_latest(r, list));
    else
        TRY(take_list_path(r, &list->path));
    if (!word_is(r, "where")) return OK;
    TRY(word_take(r));
    return take_group(r, &list->where);
}

static enum error_code take_quantified(struct reader *r, struct condition *out) {
    out->kind = CONDITION_QUANTIFIED;
    out->quantifier = word_is(r, "every")  ? QUANTIFIER_EVERY
                      : word_is(r, "some") ? QUANTIFIER_SOME
                                           : QUANTIFIER_NO;
    TRY(word_take(r));
    TRY(take_list(r, &out->list));
    if (word_is(r, "has")) {
        TRY(word_take(r));
        return take_group(r, &out->has);
    }
    if (out->quantifier == QUANTIFIER_EVERY) return word_expected(r, "has (…) after every");
    return OK;
}

static enum error_code take_aggregate(struct reader *r, struct condition *out) {
    out->kind = CONDITION_AGGREGATE;
    out->aggregate = word_is(r, "sum")   ? AGGREGATE_SUM
                     : word_is(r, "max") ? AGGREGATE_MAX
                     : word_is(r, "min") ? AGGREGATE_MIN
                                         : AGGREGATE_COUNT;
    TRY(word_take(r));
    size_t at = r->word.at;
    TRY(take_list(r, &out->list));
    if (out->aggregate != AGGREGATE_COUNT) {
        str path = out->list.path;
        size_t dot = path.len;
        while (dot > 0 && path.at[dot - 1] != '.') dot--;
        if (dot == 0)
            return word_fail_at(r, at, "expected PATH.FIELD, found \"%.*s\"", STR_FMT(path));
        if (out->list.latest > 0) return word_fail_at(r, at, "expected PATH.FIELD, found latest");
        out->field = str_skip(path, dot);
        out->list.path = str_slice(path, 0, dot - 1);
    }
    TRY(take_op(r, &out->op, &out->negated));
    if (!value_op_orders(out->op) && out->op != VALUE_IS)
        return word_fail_at(r, r->word.at, "expected is, <, <=, > or >= after an aggregate");
    size_t value_at = r->word.at;
    TRY(take_value(r, out->op, &out->right));
    if (out->right.kind == OPERAND_LITERAL && out->right.value.kind != RULEBOOK_NUMBER &&
        out->right.value.kind != RULEBOOK_DURATION)
        return word_fail_at(r, value_at, "expected a number after an aggregate");
    return OK;
}

static enum error_code take_plain_condition(struct reader *r, struct condition *out) {
    TRY(take_path(r, &out->left));
    bool ends = r->word.kind == WORD_END || sign_is(r, ")") || word_is(r, "and");
    if (ends) {
        out->kind = CONDITION_HOLDS;
        return OK;
    }
    if (word_is(r, "known")) {
        out->kind = CONDITION_KNOWN;
        return word_take(r);
    }
    out->kind = CONDITION_COMPARE;
    TRY(take_op(r, &out->op, &out->negated));
    return take_value(r, out->op, &out->right);
}

static enum error_code take_condition(struct reader *r, struct condition *out) {
    size_t at = r->word.at;
    if (word_is(r, "every") || word_is(r, "some") || word_is(r, "no"))
        TRY(take_quantified(r, out));
    else if (word_is(r, "sum") || word_is(r, "max") || word_is(r, "min") || word_is(r, "count"))
        TRY(take_aggregate(r, out));
    else
        TRY(take_plain_condition(r, out));
    out->text = str_trim(str_slice(r->node->text, at, r->word.at - at));
    out->line = r->node->line;
    out->column = r->node->column + (uint32_t)at;
    return OK;
}

static enum error_code read_text(const struct scope *scope, const struct doc_node *node,
                                 struct condition *out, struct error *e) {
    struct reader r = {.scope = scope, .node = node, .e = e};
    TRY(word_take(&r));
    TRY(take_condition(&r, out));
    if (r.word.kind != WORD_END) return word_expected(&r, "the end of the condition");
    return OK;
}

enum error_code condition_read_text(const struct scope *scope, const struct doc_node *scalar,
                                    const struct condition **out, struct error *e) {
    TRY(doc_want(scalar, DOC_SCALAR, "a condition", e));
    struct condition *condition = arena_new(scope->arena, struct condition, 1);
    if (condition == NULL) return error_set(e, FAIL_MEMORY, "no room for a condition");
    TRY(read_text(scope, scalar, condition, e));
    *out = condition;
    return OK;
}

static enum error_code read_parts(const struct scope *scope, const struct doc_node *list,
                                  unsigned depth, struct condition *out, struct error *e);

static enum error_code read_part(const struct scope *scope, const struct doc_node *node,
                                 unsigned depth, struct condition *out, struct error *e) {
    if (node->kind == DOC_SCALAR) return read_text(scope, node, out, e);
    if (node->kind != DOC_MAP || node->count != 1 || node->flow)
        return doc_expected(node, e, "a condition, or any:, all: or not: with conditions below");
    str word = node->keys[0]->text;
    if (str_equal(word, STR("all")))
        out->kind = CONDITION_ALL;
    else if (str_equal(word, STR("any")))
        out->kind = CONDITION_ANY;
    else if (str_equal(word, STR("not")))
        out->kind = CONDITION_NOT;
    else
        return doc_expected(node->keys[0], e, "any, all or not");
    out->text = word;
    out->line = node->line;
    out->column = node->column;
    return read_parts(scope, node->items[0], depth + 1, out, e);
}

static enum error_code read_parts(const struct scope *scope, const struct doc_node *list,
                                  unsigned depth, struct condition *out, struct error *e) {
    if (list->kind != DOC_LIST || list->count == 0)
        return doc_expected(list, e, "a list of conditions");
    if (list->flow) return doc_expected(list, e, "conditions as block items, one to a line");
    if (depth > LIMIT_RULE_DEPTH)
        return error_set(e, FAIL_LIMIT, "%.*s:%u:%u: conditions nested deeper than %d",
                         STR_FMT(*list->file), list->line, list->column, LIMIT_RULE_DEPTH);
    struct condition *parts = arena_new(scope->arena, struct condition, list->count);
    if (parts == NULL) return error_set(e, FAIL_MEMORY, "no room for conditions");
    for (size_t i = 0; i < list->count; i++)
        TRY(read_part(scope, list->items[i], depth, &parts[i], e));
    out->parts = parts;
    out->part_count = list->count;
    return OK;
}

enum error_code condition_read_list(const struct scope *scope, const struct doc_node *list,
                                    const struct condition **out, struct error *e) {
    struct condition *all = arena_new(scope->arena, struct condition, 1);
    if (all == NULL) return error_set(e, FAIL_MEMORY, "no room for conditions");
    *all = (struct condition){.kind = CONDITION_ALL, .line = list->line, .column = list->column};
    TRY(read_parts(scope, list, 1, all, e));
    *out = all;
    return OK;
}

/* ---- paths read ---- */

void operand_visit(const struct operand *operand, struct condition_visitor *visitor) {
    if (operand->kind != OPERAND_LITERAL && operand->kind != OPERAND_ELEMENT)
        visitor->visit(visitor, operand->path, operand->brief);
}

void condition_visit(const struct condition *condition, struct condition_visitor *visitor) {
    if (condition == NULL) return;
    if (condition->left.path.len > 0) operand_visit(&condition->left, visitor);
    operand_visit(&condition->right, visitor);
    if (condition->list.path.len > 0) visitor->visit(visitor, condition->list.path, STR_EMPTY);
    if (condition->list.has_until) operand_visit(&condition->list.until, visitor);
    condition_visit(condition->list.where, visitor);
    condition_visit(condition->has, visitor);
    for (size_t i = 0; i < condition->part_count; i++)
        condition_visit(&condition->parts[i], visitor);
}
