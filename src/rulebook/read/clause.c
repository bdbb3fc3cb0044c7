/* One clause: its keys into a struct, each checked where it stands. */
#include "base/clock.h"
#include "rulebook/read/file.h"

static const str keys[] = {{"id", 2},       {"about", 5},     {"title", 5},    {"source", 6},
                           {"strength", 8}, {"applies", 7},   {"when", 4},     {"require", 7},
                           {"unless", 6},   {"lifts", 5},     {"accepts", 7},  {"reads", 5},
                           {"params", 6},   {"compelled", 9}, {"in_force", 8}, {"oblige", 6},
                           {"duty", 4},     {"evidence", 8},  {"note", 4}};

static enum error_code no_room(struct file_reader *r) {
    return error_set(r->e, FAIL_MEMORY, "no room for a rulebook");
}

static enum error_code read_about(struct file_reader *r, const struct doc_node *map,
                                  struct rulebook_clause *c) {
    const struct doc_node *at;
    TRY(doc_map_get(map, STR("about"), &at, r->e));
    if (at->kind == DOC_SCALAR && rulebook_about_find(at->text, &c->about)) return OK;
    return doc_expected(at, r->e,
                        "copy, dataset, system, site, entity, supply, equipment, contract, "
                        "transfer, session, log, plan, change, incident, drill or request");
}

static enum error_code read_strength(struct file_reader *r, const struct doc_node *at,
                                     enum rulebook_strength *out) {
    if (at->kind == DOC_SCALAR && rulebook_strength_find(at->text, out)) return OK;
    return doc_expected(at, r->e, "law, contract, own, elected, should, desirable or score");
}

static enum error_code read_source(struct file_reader *r, const struct doc_node *map,
                                   struct rulebook_clause *c) {
    static const str source_keys[] = {{"basis", 5}, {"where", 5}, {"quote", 5}};
    static const str names[] = {
        {"primary", 7}, {"carried", 7}, {"press", 5}, {"tracker", 7}, {"own", 3}};
    const struct doc_node *source, *basis, *where;
    TRY(doc_map_get(map, STR("source"), &source, r->e));
    TRY(doc_map_only(source, source_keys, COUNT_OF(source_keys), r->e));
    TRY(doc_map_get(source, STR("basis"), &basis, r->e));
    TRY(doc_map_get(source, STR("where"), &where, r->e));
    TRY(doc_text(where, &c->where, r->e));
    TRY(file_optional_text(r, source, STR("quote"), &c->quote));
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (basis->kind == DOC_SCALAR && str_equal(basis->text, names[i])) {
            c->basis = (enum rulebook_basis)i;
            return OK;
        }
    return doc_expected(basis, r->e, "primary, carried, press, tracker or own");
}

/* A misspelt unit would leave what the operator sets a bare number. */
static enum error_code read_unit(struct file_reader *r, const struct doc_node *node, str *out) {
    struct rulebook_value ignored;
    if (node == NULL) return OK;
    TRY(doc_text(node, out, r->e));
    if (value_with_unit(RULEBOOK_MILLI, *out, &ignored)) return OK;
    return doc_expected(node, r->e, UNIT_WORDS);
}

/* One value; a number without unit is one of the parameter's. What begins as a number and is none is
 * misspelt. */
static enum error_code read_param_value(struct file_reader *r, const struct doc_node *node,
                                        struct param *p) {
    struct rulebook_value *v = &p->value, one;
    if (node->kind != DOC_SCALAR || str_trim(node->text).len == 0)
        return doc_expected(node, r->e, "one value (a list of texts is `values`)");
    TRY(rulebook_value_of(node, r->arena, *r->scratch, v, r->e));
    if (v->kind == RULEBOOK_UNKNOWN || v->kind == RULEBOOK_WITHHELD)
        return doc_expected(node, r->e, "a value that is known");
    char first = node->text.at[node->text.len > 1 && node->text.at[0] == '-'];
    if (v->kind == RULEBOOK_TEXT && first >= '0' && first <= '9')
        return doc_expected(node, r->e, "a number, " UNIT_WORDS " after one, a day or a word");
    bool is_bare = v->kind == RULEBOOK_NUMBER && v->number.unit == RULEBOOK_UNIT_ONE;
    if (p->unit.len == 0 || (is_bare && value_with_unit(v->number.low, p->unit, v))) return OK;
    bool fits = value_with_unit(RULEBOOK_MILLI, p->unit, &one) && v->kind == one.kind &&
                (v->kind != RULEBOOK_NUMBER || v->number.unit == one.number.unit);
    return fits ? OK : doc_expected(node, r->e, "a value in %.*s", STR_FMT(p->unit));
}

static enum error_code read_params(struct file_reader *r, const struct doc_node *map,
                                   struct clause_rule *rule) {
    static const str param_keys[] = {
        {"unit", 4}, {"set_by", 6}, {"values", 6}, {"value", 5}, {"note", 4}};
    TRY(doc_want(map, DOC_MAP, "a map of parameters", r->e));
    struct param *params = arena_new(r->arena, struct param, map->count);
    if (params == NULL) return no_room(r);
    for (size_t i = 0; i < map->count; i++) {
        const struct doc_node *node = map->items[i], *set_by, *values, *value;
        struct param *p = &params[i];
        TRY(file_name(r, map->keys[i], &p->name));
        for (size_t k = 0; k < r->scope.set_count; k++)
            if (str_equal(p->name, r->scope.sets[k].name))
                return doc_expected(map->keys[i], r->e,
                                    "a name no set has (the set would stand for $%.*s)",
                                    STR_FMT(p->name));
        TRY(doc_map_only(node, param_keys, COUNT_OF(param_keys), r->e));
        TRY(read_unit(r, doc_map_find(node, STR("unit")), &p->unit));
        TRY(file_optional_text(r, node, STR("note"), &p->note));
        TRY(doc_map_get(node, STR("set_by"), &set_by, r->e));
        p->by_operator = set_by->kind == DOC_SCALAR && str_equal(set_by->text, STR("operator"));
        if (!p->by_operator &&
            !(set_by->kind == DOC_SCALAR && str_equal(set_by->text, STR("rulebook"))))
            return doc_expected(set_by, r->e, "operator or rulebook");
        values = doc_map_find(node, STR("values"));
        value = doc_map_find(node, STR("value"));
        p->has_value = values != NULL || value != NULL;
        if (p->has_value == p->by_operator)
            return doc_expected(node, r->e,
                                p->by_operator ? "no value: the operator sets it"
                                               : "`value` or `values` that the rulebook sets");
        if (values != NULL) {
            const str *items;
            size_t count;
            TRY(file_codes(r, values, &items, &count));
            p->value = rulebook_set_of(items, count);
        } else if (value != NULL) {
            TRY(read_param_value(r, value, p));
        }
        if (p->has_value) p->value.by = RULEBOOK_BY_NOBODY;
    }
    rule->params = params;
    rule->param_count = map->count;
    return OK;
}

static enum error_code read_kind(struct file_reader *r, const struct doc_node *at,
                                 unsigned *kinds) {
    enum rulebook_by by;
    if (at->kind != DOC_SCALAR || !rulebook_by_find(at->text, &by))
        return doc_expected(at, r->e, "declared, document, inspected, measured or computed");
    /* Whoever asks for a declaration is content with anything better. */
    *kinds |= by == RULEBOOK_BY_DECLARED ? ~1u : 1u << by;
    return OK;
}

static enum error_code read_reads(struct file_reader *r, const struct doc_node *map,
                                  struct clause_rule *rule) {
    TRY(doc_want(map, DOC_MAP, "a map of fact paths and how they must be known", r->e));
    struct reads_entry *reads = arena_new(r->arena, struct reads_entry, map->count);
    if (reads == NULL) return no_room(r);
    for (size_t i = 0; i < map->count; i++) {
        struct error why;
        const struct doc_node *value = map->items[i];
        reads[i].path = map->keys[i]->text;
        if (rulebook_path_check(reads[i].path, &why) != OK)
            return doc_error(map->keys[i], r->e, "%s", why.message);
        if (value->kind == DOC_LIST) {
            if (value->count == 0)
                return doc_error(value, r->e, "expected a kind or more, found an empty list");
            for (size_t k = 0; k < value->count; k++)
                TRY(read_kind(r, value->items[k], &reads[i].kinds));
        } else {
            TRY(read_kind(r, value, &reads[i].kinds));
        }
    }
    rule->reads = reads;
    rule->read_count = map->count;
    return OK;
}

static enum error_code read_accepts(struct file_reader *r, const struct doc_node *map,
                                    struct clause_rule *rule) {
    TRY(doc_want(map, DOC_MAP, "a map of fact paths and [withheld]", r->e));
    str *paths = arena_new(r->arena, str, map->count);
    if (paths == NULL) return no_room(r);
    for (size_t i = 0; i < map->count; i++) {
        struct error why;
        const str *items;
        size_t count;
        paths[i] = map->keys[i]->text;
        if (rulebook_path_check(paths[i], &why) != OK)
            return doc_error(map->keys[i], r->e, "%s", why.message);
        TRY(file_codes(r, map->items[i], &items, &count));
        if (count != 1 || !str_equal(items[0], STR("withheld")))
            return doc_error(map->items[i], r->e, "expected [withheld], found [%.*s%s]",
                             STR_FMT(doc_shown(items[0], 60)), count > 1 ? ", …" : "");
    }
    rule->accepts = paths;
    rule->accept_count = map->count;
    return OK;
}

/* ---- what its conditions name ---- */

struct naming {
    struct rulebook_use_visitor visitor;
    str path; /* is it read? */
    bool lists_too, is_read;
    str bad; /* an act that is none */
    uint32_t line, column;
};

/* LIST.FIELD, or the fact itself. */
static bool is_use_of(const struct rulebook_use_at *use, str path) {
    if (use->list.len == 0) return str_equal(use->path, path);
    return path.len == use->list.len + 1 + use->path.len && str_starts(path, use->list) &&
           path.at[use->list.len] == '.' && str_ends(path, use->path);
}

/* A list that is accepted stands for its fields, and a record for what lies below it. */
static bool lies_below(str path, str above) {
    return str_starts(path, above) && path.len > above.len && path.at[above.len] == '.';
}

static void name_one(struct rulebook_use_visitor *self, const struct rulebook_use_at *use) {
    struct naming *n = (struct naming *)self;
    n->is_read |= is_use_of(use, n->path);
    if (n->lists_too && use->list.len == 0) n->is_read |= lies_below(use->path, n->path);
}

/* What `reads` or `accepts` says of a fact that no condition names would never count. */
static enum error_code check_named(struct file_reader *r, const struct doc_node *map,
                                   const struct rulebook_clause *c, bool lists_too) {
    for (size_t i = 0; map != NULL && i < map->count; i++) {
        struct naming n = {
            .visitor = {name_one}, .path = map->keys[i]->text, .lists_too = lists_too};
        clause_uses(c, &n.visitor);
        if (!n.is_read)
            return doc_expected(map->keys[i], r->e,
                                "a fact that a condition of the clause names, or LIST.FIELD");
    }
    return OK;
}

/* The first of its words that is no act; empty: none. */
static str no_act_in(const struct rulebook_value *value) {
    struct rulebook_subject subject;
    bool is_set = value->kind == RULEBOOK_SET;
    for (size_t i = 0; i < (is_set ? value->set.count : 1); i++) {
        str word = is_set ? value->set.at[i] : value->text;
        if (!rulebook_subject_of_act(word, &subject)) return word;
    }
    return STR_EMPTY;
}

static void look_for_acts(struct rulebook_use_visitor *self, const struct rulebook_use_at *use) {
    struct naming *n = (struct naming *)self;
    bool is_act = use->list.len == 0 && str_equal(use->path, STR("act")) && !use->at_applies;
    if (!is_act || use->against == NULL || n->bad.len > 0) return;
    n->bad = no_act_in(use->against);
    n->line = use->line;
    n->column = use->column;
}

static enum error_code check_uses(struct file_reader *r, const struct doc_node *map,
                                  const struct rulebook_clause *c) {
    struct naming n = {.visitor = {look_for_acts}};
    clause_uses(c, &n.visitor);
    if (n.bad.len > 0) {
        struct doc_node at = *map;
        at.line = n.line;
        at.column = n.column;
        return doc_error(&at, r->e, "expected " ACT_WORDS ", found \"%.*s\"", STR_FMT(n.bad));
    }
    TRY(check_named(r, doc_map_find(map, STR("reads")), c, false));
    return check_named(r, doc_map_find(map, STR("accepts")), c, true);
}

static enum error_code read_compelled(struct file_reader *r, const struct doc_node *list,
                                      struct rulebook_clause *c) {
    static const str compelled_keys[] = {
        {"strength", 8}, {"when", 4}, {"by", 2}, {"where", 5}, {"since", 5}};
    TRY(doc_want(list, DOC_LIST, "a list of what compels", r->e));
    struct rulebook_compelled *all = arena_new(r->arena, struct rulebook_compelled, list->count);
    if (all == NULL) return no_room(r);
    for (size_t i = 0; i < list->count; i++) {
        const struct doc_node *node = list->items[i], *at;
        TRY(doc_map_only(node, compelled_keys, COUNT_OF(compelled_keys), r->e));
        TRY(doc_map_get(node, STR("strength"), &at, r->e));
        TRY(read_strength(r, at, &all[i].strength));
        if (all[i].strength <= c->strength)
            return doc_expected(at, r->e, "a strength above %s",
                                rulebook_strength_name(c->strength));
        TRY(doc_map_get(node, STR("by"), &at, r->e));
        TRY(doc_text(at, &all[i].by, r->e));
        TRY(file_optional_text(r, node, STR("where"), &all[i].where));
        all[i].since = (struct rulebook_span){RULEBOOK_EVER, RULEBOOK_ALWAYS};
        at = doc_map_find(node, STR("since"));
        if (at != NULL)
            TRY(file_day_or_instant(r, at, r->rulebook->zone_ns, &all[i].since.from_ns));
        at = doc_map_find(node, STR("when"));
        if (at == NULL) continue;
        TRY(doc_text(at, &all[i].when, r->e));
        TRY(condition_read_text(&r->scope, at, &all[i].condition, r->e));
    }
    c->compelled = all;
    c->compelled_count = list->count;
    return OK;
}

static enum error_code read_evidence(struct file_reader *r, const struct doc_node *node,
                                     struct rulebook_clause *c, struct clause_rule *rule) {
    static const str names[] = {{"measured", 8}, {"record", 6}, {"document", 8}};
    const str *items;
    size_t count;
    TRY(file_codes(r, node, &items, &count));
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        while (k < COUNT_OF(names) && !str_equal(items[i], names[k])) k++;
        if (k == COUNT_OF(names))
            return doc_error(node, r->e, "expected measured, record or document, found \"%.*s\"",
                             STR_FMT(doc_shown(items[i], 60)));
        rule->evidence |= 1u << k;
    }
    c->only_documents = rule->evidence == EVIDENCE_DOCUMENT;
    return OK;
}

static enum error_code read_lifts(struct file_reader *r, const struct doc_node *node,
                                  struct rulebook_clause *c) {
    const str *items;
    size_t count;
    TRY(file_codes(r, node, &items, &count));
    if (count != 1 || !str_equal(items[0], STR("law"))) return doc_expected(node, r->e, "[law]");
    c->lifts_law = true;
    return OK;
}

static enum error_code read_conditions(struct file_reader *r, const struct doc_node *map, str key,
                                       const struct condition **out) {
    const struct doc_node *node = doc_map_find(map, key);
    return node == NULL ? OK : condition_read_list(&r->scope, node, out, r->e);
}

static enum error_code read_rule(struct file_reader *r, const struct doc_node *map,
                                 struct rulebook_clause *c, struct clause_rule *rule) {
    const struct doc_node *at = doc_map_find(map, STR("params"));
    if (at != NULL) TRY(read_params(r, at, rule));
    r->scope.clause = c->id;
    r->scope.params = rule->params;
    r->scope.param_count = rule->param_count;
    at = doc_map_find(map, STR("applies"));
    if (at != NULL) TRY(file_applies(r, at, &rule->applies, &rule->applies_count));
    TRY(read_conditions(r, map, STR("when"), &rule->when));
    TRY(read_conditions(r, map, STR("require"), &rule->require));
    TRY(read_conditions(r, map, STR("unless"), &rule->unless));
    TRY(file_forgetting(r, map, c->id, "require", rule->require));
    TRY(file_forgetting(r, map, c->id, "unless", rule->unless));
    at = doc_map_find(map, STR("reads"));
    if (at != NULL) TRY(read_reads(r, at, rule));
    rule->accepts = &STR_EMPTY;
    at = doc_map_find(map, STR("accepts"));
    if (at != NULL) TRY(read_accepts(r, at, rule));
    at = doc_map_find(map, STR("compelled"));
    if (at != NULL) TRY(read_compelled(r, at, c));
    TRY(check_uses(r, map, c));
    return file_never(r, map, c->id, rule);
}

/* A clause outside the days of its rulebook would never be in force. */
static enum error_code read_in_force(struct file_reader *r, const struct doc_node *at,
                                     struct rulebook_clause *c) {
    TRY(file_span(r, at, &c->in_force));
    const struct rulebook_span *own = &r->rulebook->in_force;
    if (c->in_force.from_ns < own->until_ns && own->from_ns < c->in_force.until_ns) return OK;
    return doc_error(at, r->e,
                     "expected days on which the rulebook itself is in force: this clause never "
                     "would be");
}

enum error_code file_clause(struct file_reader *r, const struct doc_node *map,
                            struct rulebook_clause *c) {
    TRY(doc_want(map, DOC_MAP, "a clause", r->e));
    TRY(doc_map_only(map, keys, COUNT_OF(keys), r->e));
    struct clause_rule *rule = arena_new(r->arena, struct clause_rule, 1);
    if (rule == NULL) return no_room(r);
    c->rule = rule;
    rule->node = map;
    const struct doc_node *at;
    TRY(doc_map_get(map, STR("id"), &at, r->e));
    TRY(file_name(r, at, &c->id));
    TRY(read_about(r, map, c));
    TRY(read_source(r, map, c));
    TRY(doc_map_get(map, STR("strength"), &at, r->e));
    TRY(read_strength(r, at, &c->strength));
    at = doc_map_find(map, STR("title"));
    if (at != NULL) TRY(file_title(r, at, &c->title));
    TRY(file_optional_text(r, map, STR("note"), &c->note));
    c->in_force = (struct rulebook_span){RULEBOOK_EVER, RULEBOOK_ALWAYS};
    at = doc_map_find(map, STR("in_force"));
    if (at != NULL) TRY(read_in_force(r, at, c));
    at = doc_map_find(map, STR("lifts"));
    if (at != NULL) TRY(read_lifts(r, at, c));
    at = doc_map_find(map, STR("evidence"));
    if (at != NULL) TRY(read_evidence(r, at, c, rule));
    TRY(read_rule(r, map, c, rule));
    if (c->lifts_law && rule->unless == NULL)
        return doc_expected(map, r->e, "`unless` beside `lifts`");
    at = doc_map_find(map, STR("oblige"));
    if (at != NULL) TRY(file_obligations(r, at, c));
    at = doc_map_find(map, STR("duty"));
    if (at != NULL) TRY(file_duties(r, at, c));
    if (rule->require == NULL && c->obligation_count == 0 && c->duty_count == 0)
        return doc_expected(map, r->e, "`require`, `oblige` or `duty` in a clause");
    return file_idle_clause(r, map, c);
}
