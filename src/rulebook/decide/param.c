/* What an adoption sets for a parameter of a clause, as a value that says so. */
#include "rulebook/set/set.h"

static str last_name(str path) {
    size_t at = path.len;
    while (at > 0 && path.at[at - 1] != '/' && path.at[at - 1] != '.') at--;
    return str_skip(path, at);
}

/* As an evaluation finds it: under CLAUSE/NAME first. */
static const struct rulebook_value *param_find(const struct rulebook_facts *params, str clause,
                                               str name) {
    for (size_t i = 0; params != NULL && i < params->count; i++) {
        str rest = params->at[i].path;
        bool is_own = str_starts(rest, clause) && rest.len == clause.len + 1 + name.len &&
                      rest.at[clause.len] == '/' && str_ends(rest, name);
        if (is_own) return &params->at[i].value;
    }
    return rulebook_facts_find(params, name);
}

enum error_code question_param(const struct question *q, const struct set_clause *sc, str path,
                               struct arena *arena, const struct rulebook_value **out,
                               struct error *e) {
    struct evaluation ev = question_evaluation(q, sc);
    const struct clause_rule *rule = sc->clause->rule;
    const struct rulebook_value *set = NULL;
    str name = last_name(path);
    *out = NULL;
    if (str_starts(path, STR("param."))) set = param_find(ev.params, sc->clause->id, name);
    if (set == NULL || (set->until_ns != 0 && q->at_ns >= set->until_ns)) return OK;
    struct rulebook_value *value = arena_new(arena, struct rulebook_value, 1);
    if (value == NULL) return error_set(e, FAIL_MEMORY, "no room for a parameter");
    *value = *set;
    bool is_bare = value->kind == RULEBOOK_NUMBER && value->number.unit == RULEBOOK_UNIT_ONE &&
                   value->number.low == value->number.high;
    for (size_t i = 0; i < rule->param_count && is_bare; i++)
        if (str_equal(rule->params[i].name, name) && rule->params[i].unit.len > 0 &&
            value_with_unit(set->number.low, rule->params[i].unit, value))
            value->by = set->by;
    *out = value;
    if (set->source.len == 0) return arena_copy(arena, STR("set at adoption"), &value->source, e);
    return arena_format(arena, &value->source, e, "set at adoption in %.*s", STR_FMT(set->source));
}
