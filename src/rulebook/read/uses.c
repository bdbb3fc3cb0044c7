/* Which facts conditions name, where, and with what they are compared: for whoever holds a rulebook
 * against what a register can say. */
#include <stdio.h>

#include "rulebook/read/file.h"

static void use(struct rulebook_use_visitor *v, const struct condition *c, str list, str path,
                const struct operand *against) {
    struct rulebook_use_at at = {.list = list,
                                 .path = path,
                                 .line = c->line,
                                 .column = c->column,
                                 .holds = c->kind == CONDITION_HOLDS};
    bool is_compared = c->kind == CONDITION_COMPARE && against != NULL;
    if (is_compared && against->kind == OPERAND_LITERAL) at.against = &against->value;
    v->visit(v, &at);
}

static void operand_uses(struct rulebook_use_visitor *v, const struct condition *c, str list,
                         const struct operand *operand, const struct operand *against) {
    if (operand->kind == OPERAND_FACT) use(v, c, STR_EMPTY, operand->path, against);
    if (operand->kind == OPERAND_ELEMENT) use(v, c, list, operand->path, against);
}

/* What sum, max and min are taken of. */
static void field_use(struct rulebook_use_visitor *v, const struct condition *c, str list) {
    bool is_sum = c->aggregate == AGGREGATE_SUM;
    struct rulebook_use_at at = {.list = list,
                                 .path = c->field,
                                 .line = c->line,
                                 .column = c->column,
                                 .as = is_sum ? RULEBOOK_AS_AMOUNT : RULEBOOK_AS_ORDERED};
    v->visit(v, &at);
}

static void walk(struct rulebook_use_visitor *v, const struct condition *c, str list) {
    str inner = c->list.path.len > 0 ? c->list.path : list;
    if (c->left.path.len > 0) operand_uses(v, c, list, &c->left, &c->right);
    operand_uses(v, c, list, &c->right, NULL);
    if (c->list.path.len > 0) use(v, c, STR_EMPTY, c->list.path, NULL);
    if (c->list.latest > 0) use(v, c, inner, c->list.latest_by, NULL);
    if (c->list.has_until) operand_uses(v, c, inner, &c->list.until, NULL);
    if (c->field.len > 0) field_use(v, c, inner);
    if (c->list.where != NULL) walk(v, c->list.where, inner);
    if (c->has != NULL) walk(v, c->has, inner);
    for (size_t i = 0; i < c->part_count; i++) walk(v, &c->parts[i], inner);
}

void condition_uses(const struct condition *condition, struct rulebook_use_visitor *visitor) {
    if (condition != NULL) walk(visitor, condition, STR_EMPTY);
}

static void applies_uses(const struct applies *entries, size_t count, const struct doc_node *map,
                         struct rulebook_use_visitor *v) {
    for (size_t i = 0; i < count; i++) {
        const struct doc_node *at = doc_map_find(map, entries[i].path);
        struct rulebook_use_at one = {.path = entries[i].path, .at_applies = true};
        if (at != NULL) one.line = at->line, one.column = at->column;
        if (entries[i].among.kind == OPERAND_LITERAL) one.against = &entries[i].among.value;
        v->visit(v, &one);
    }
}

void clause_uses(const struct rulebook_clause *clause, struct rulebook_use_visitor *v) {
    const struct clause_rule *rule = clause->rule;
    applies_uses(rule->applies, rule->applies_count, doc_map_find(rule->node, STR("applies")), v);
    condition_uses(rule->when, v);
    condition_uses(rule->require, v);
    condition_uses(rule->unless, v);
    for (size_t i = 0; i < clause->compelled_count; i++)
        condition_uses(clause->compelled[i].condition, v);
}

/* ---- for other modules ---- */

struct front_visitor {
    struct rulebook_use_visitor visitor;
    struct rulebook_use_visitor *to;
    const struct rulebook *book;
    const struct rulebook_clause *clause;
    const struct doc_node *node; /* what has no place of its own stands here */
};

static void pass_on(struct rulebook_use_visitor *self, const struct rulebook_use_at *at) {
    struct front_visitor *v = (struct front_visitor *)self;
    struct rulebook_use_at one = *at;
    one.rulebook = v->book;
    one.clause = v->clause;
    one.file = *v->node->file;
    if (one.line == 0) one.line = v->node->line, one.column = v->node->column;
    v->to->visit(v->to, &one);
}

static void path_use(struct front_visitor *v, str path, enum rulebook_use_as as) {
    struct rulebook_use_at at = {.path = path, .as = as};
    if (path.len > 0) pass_on(&v->visitor, &at);
}

/* The starts of obligations and duties are facts too, and where keys and copies are to be is held
 * against countries. */
static void starts_use(struct front_visitor *v) {
    for (size_t i = 0; i < v->clause->obligation_count; i++) {
        const struct rulebook_obligation *o = &v->clause->obligations[i];
        path_use(v, o->start, RULEBOOK_AS_TIME);
        struct rulebook_value places = rulebook_set_of(o->words, o->word_count);
        struct rulebook_use_at at = {.path = STR("place.country"), .against = &places};
        if (o->word_count > 0 && o->kind != RULEBOOK_OBLIGE_RECORD) pass_on(&v->visitor, &at);
    }
    for (size_t i = 0; i < v->clause->duty_count; i++)
        if (!v->clause->duties[i].starts_on_day)
            path_use(v, v->clause->duties[i].start, RULEBOOK_AS_TIME);
}

/* `over` and `of` of a derived set: fields of its entities and of their holders. */
static void spread_uses(struct front_visitor *v, const struct derived *d) {
    char list[128];
    int len = snprintf(list, sizeof list, "%.*s.%.*s", STR_FMT(d->of), STR_FMT(d->over));
    if (d->over.len == 0 || len >= (int)sizeof list) return;
    struct rulebook_use_at at = {.path = str_of(list, (size_t)len)};
    pass_on(&v->visitor, &at);
    for (size_t i = 0; i < d->field_count; i++) {
        struct rulebook_use_at field = {.list = str_of(list, (size_t)len), .path = d->fields[i]};
        pass_on(&v->visitor, &field);
    }
}

/* What is counted, for whom, and which acts count. */
static void measure_uses(struct front_visitor *v, const struct measure *m) {
    struct rulebook_use_at counted = {.path = m->of, .as = RULEBOOK_AS_COUNTED};
    pass_on(&v->visitor, &counted);
    for (size_t i = 0; i < m->per_count; i++) path_use(v, m->per[i], RULEBOOK_AS_KEY);
    applies_uses(m->only, m->only_count, NULL, &v->visitor);
}

void rulebook_uses(const struct rulebook *book, struct rulebook_use_visitor *visitor) {
    const struct rulebook_more *more = book->more;
    struct front_visitor v = {{pass_on}, visitor, book, NULL, more->named_at};
    for (size_t i = 0; i < more->derived_count; i++) {
        condition_uses(more->derived[i].starts, &v.visitor);
        spread_uses(&v, &more->derived[i]);
    }
    for (size_t i = 0; i < more->measure_count; i++) {
        v.node = more->measures[i].node;
        measure_uses(&v, &more->measures[i]);
    }
    for (size_t i = 0; i < more->calendar_count; i++) {
        struct rulebook_value country = rulebook_text(more->calendars[i].country);
        struct rulebook_use_at at = {.path = STR("place.country"), .against = &country};
        v.node = more->calendars[i].node;
        pass_on(&v.visitor, &at);
    }
    for (size_t i = 0; i < more->raise_count; i++) {
        v.node = more->raises[i].node;
        applies_uses(more->raises[i].only, more->raises[i].only_count,
                     doc_map_find(v.node, STR("for")), &v.visitor);
    }
    for (size_t i = 0; i < book->clause_count; i++) {
        v.clause = &book->clauses[i];
        v.node = v.clause->rule->node;
        clause_uses(v.clause, &v.visitor);
        starts_use(&v);
    }
}

const str *rulebook_lists(const struct rulebook *book, size_t *count) {
    *count = book->more->list_name_count;
    return book->more->list_names;
}
