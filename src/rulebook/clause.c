/* One clause: its keys into a struct, each checked where it stands. */
#include "base/clock.h"
#include "rulebook/file.h"

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
        TRY(doc_code(map->keys[i], &p->name, r->e));
        TRY(doc_map_only(node, param_keys, COUNT_OF(param_keys), r->e));
        TRY(file_optional_text(r, node, STR("unit"), &p->unit));
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
            TRY(rulebook_value_of(value, r->arena, *r->scratch, &p->value, r->e));
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
            return doc_expected(map->items[i], r->e, "[withheld]");
    }
    rule->accepts = paths;
    rule->accept_count = map->count;
    return OK;
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
        if (k == COUNT_OF(names)) return doc_expected(node, r->e, "measured, record or document");
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
    return at == NULL ? OK : read_compelled(r, at, c);
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
    TRY(doc_text(at, &c->id, r->e));
    TRY(read_about(r, map, c));
    TRY(read_source(r, map, c));
    TRY(doc_map_get(map, STR("strength"), &at, r->e));
    TRY(read_strength(r, at, &c->strength));
    at = doc_map_find(map, STR("title"));
    if (at != NULL) TRY(file_title(r, at, &c->title));
    TRY(file_optional_text(r, map, STR("note"), &c->note));
    c->in_force = (struct rulebook_span){RULEBOOK_EVER, RULEBOOK_ALWAYS};
    at = doc_map_find(map, STR("in_force"));
    if (at != NULL) TRY(file_span(r, at, &c->in_force));
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
    return OK;
}
