/* Conditions that cannot be true together, where all of them have to be: a clause that applies to nothing
 * known, a requirement that nothing meets, an exception that lifts nothing. Each looks like any other, and
 * is one slip of the pen in a country or a number. What is shown stands in exclude.c; here is which
 * conditions are wanted together. Source: RULEBOOK 3, 4. */
#include "rulebook/read/exclude.h"

enum { TOGETHER_MOST = 256, SHOWN_BYTES = 60 }; /* what is wanted beside more is not looked at */

struct never {
    struct file_reader *r;
    const struct clause_rule *rule;
    const struct doc_node *node; /* for the file */
    str clause;
    const char *so;     /* what follows when all of it is never true */
    bool accepts;       /* a value that is withheld may count as met */
    unsigned in_branch; /* within so many alternatives */
    struct arena room;
};

/* ---- saying it ---- */

static struct doc_node place_of(const struct never *n, uint32_t line, uint32_t column) {
    struct doc_node at = *n->node;
    at.line = line;
    at.column = column;
    return at;
}

static str text_of(const struct wanted *w) {
    return doc_shown(w->entry != NULL ? w->entry->path : w->condition->text, SHOWN_BYTES);
}
static const char *before_text(const struct wanted *w) {
    if (w->entry != NULL) return "`applies` of ";
    return w->negated ? "not " : "";
}

static enum error_code say_pair(struct never *n, const struct wanted *first,
                                const struct wanted *second) {
    struct doc_node at = place_of(n, second->line, second->column);
    return file_warn(n->r, &at,
                     "clause %.*s: %s\"%.*s\" and %s\"%.*s\" (%u:%u) are never true together: %s",
                     STR_FMT(n->clause), before_text(second), STR_FMT(text_of(second)),
                     before_text(first), STR_FMT(text_of(first)), first->line, first->column,
                     n->in_branch > 0 ? "this alternative is never met" : n->so);
}

static enum error_code say_none(struct never *n, const struct condition *c) {
    struct doc_node at = place_of(n, c->line, c->column);
    return file_warn(
        n->r, &at, "clause %.*s: none of the alternatives below `%.*s` is ever met: %s",
        STR_FMT(n->clause), STR_FMT(c->text), n->in_branch > 0 ? "nor is this alternative" : n->so);
}

/* ---- what is wanted together ---- */

/* Withheld and accepted, a fact meets what it is compared with, whatever that is. */
static bool may_be_accepted(const struct never *n, const struct condition *c) {
    if (!n->accepts) return false;
    if (c->kind == CONDITION_QUANTIFIED || c->kind == CONDITION_AGGREGATE) return true;
    const struct operand *sides[] = {&c->left, &c->right};
    for (size_t i = 0; i < COUNT_OF(sides); i++)
        for (size_t k = 0; k < n->rule->accept_count; k++)
            if (sides[i]->kind == OPERAND_FACT && str_starts(sides[i]->path, n->rule->accepts[k]))
                return true;
    return false;
}

static enum error_code want(struct never *n, struct wanted one, const struct wanted **together,
                            bool *is_never) {
    size_t place = *together == NULL ? 0 : (*together)->place + 1;
    for (const struct wanted *w = *together; w != NULL; w = w->before)
        if (wanted_exclude(w, &one)) {
            *is_never = true;
            return say_pair(n, w, &one);
        }
    if (place == TOGETHER_MOST) return OK;
    struct wanted *kept = arena_new(&n->room, struct wanted, 1);
    if (kept == NULL) return error_set(n->r->e, FAIL_MEMORY, "no room for a rulebook");
    *kept = one;
    kept->before = *together;
    kept->place = place;
    *together = kept;
    return OK;
}

static bool has_parts(const struct condition *c) {
    return c->kind == CONDITION_ALL || c->kind == CONDITION_ANY || c->kind == CONDITION_NOT;
}
/* Must all of its parts be as wanted, or is one of them enough? `not` is of all its parts together. */
static bool is_together(const struct condition *c, bool wanted_true) {
    return c->part_count == 1 || wanted_true == (c->kind == CONDITION_ALL);
}
static bool part_wanted(const struct condition *c, bool wanted_true) {
    return c->kind == CONDITION_NOT ? !wanted_true : wanted_true;
}

static enum error_code look(struct never *n, const struct condition *c, bool wanted_true,
                            const struct wanted *beside, bool *is_never);

/* An element that is in the list and has what is asked. */
static enum error_code look_at_element(struct never *n, const struct condition *c,
                                       const struct wanted *beside, bool *is_never) {
    const struct condition *groups[] = {c->list.where, c->has};
    struct condition both = {.kind = CONDITION_ALL, .line = c->line, .column = c->column};
    struct condition parts[COUNT_OF(groups)];
    for (size_t i = 0; i < COUNT_OF(groups); i++)
        if (groups[i] != NULL) parts[both.part_count++] = *groups[i];
    both.parts = parts;
    return look(n, &both, true, beside, is_never);
}

static enum error_code want_all(struct never *n, const struct condition *c, bool wanted_true,
                                const struct wanted **together, bool *is_never) {
    if (has_parts(c)) {
        for (size_t i = 0; is_together(c, wanted_true) && i < c->part_count && !*is_never; i++)
            TRY(want_all(n, &c->parts[i], part_wanted(c, wanted_true), together, is_never));
        return OK;
    }
    if (may_be_accepted(n, c)) return OK;
    struct wanted one = {
        .condition = c, .negated = !wanted_true, .line = c->line, .column = c->column};
    return want(n, one, together, is_never);
}

/* Alternatives and elements, each beside all that is wanted anyway. */
static enum error_code look_below(struct never *n, const struct condition *c, bool wanted_true,
                                  const struct wanted *together, bool *is_never) {
    if (!has_parts(c)) {
        bool is_some = c->kind == CONDITION_QUANTIFIED && !may_be_accepted(n, c) &&
                       c->quantifier == (wanted_true ? QUANTIFIER_SOME : QUANTIFIER_NO);
        return is_some ? look_at_element(n, c, together, is_never) : OK;
    }
    if (is_together(c, wanted_true)) {
        for (size_t i = 0; i < c->part_count && !*is_never; i++)
            TRY(look_below(n, &c->parts[i], part_wanted(c, wanted_true), together, is_never));
        return OK;
    }
    size_t dead = 0;
    n->in_branch++;
    for (size_t i = 0; i < c->part_count; i++) {
        bool is_dead = false;
        TRY(look(n, &c->parts[i], part_wanted(c, wanted_true), together, &is_dead));
        dead += is_dead;
    }
    n->in_branch--;
    *is_never = dead == c->part_count;
    return *is_never ? say_none(n, c) : OK;
}

static enum error_code look(struct never *n, const struct condition *c, bool wanted_true,
                            const struct wanted *beside, bool *is_never) {
    struct arena room = n->room;
    const struct wanted *together = beside;
    enum error_code code = want_all(n, c, wanted_true, &together, is_never);
    if (code == OK && !*is_never) code = look_below(n, c, wanted_true, together, is_never);
    n->room = room;
    return code;
}

/* ---- a clause ---- */

static enum error_code want_entries(struct never *n, const struct doc_node *map,
                                    const struct wanted **together) {
    const struct doc_node *entries = doc_map_find(map, STR("applies"));
    bool is_never = false;
    for (size_t i = 0; i < n->rule->applies_count; i++) {
        struct wanted one = {.entry = &n->rule->applies[i]};
        for (size_t k = 0; k < entries->count; k++)
            if (str_equal(entries->keys[k]->text, one.entry->path)) {
                one.line = entries->keys[k]->line;
                one.column = entries->keys[k]->column;
            }
        TRY(want(n, one, together, &is_never));
    }
    return OK;
}

enum error_code file_never(struct file_reader *r, const struct doc_node *map, str clause,
                           struct clause_rule *rule) {
    struct never n = {.r = r,
                      .rule = rule,
                      .node = map,
                      .clause = clause,
                      .so = "the clause applies only where this is not known",
                      .room = *r->scratch};
    const struct wanted *together = NULL;
    TRY(want_entries(&n, map, &together));
    if (rule->when != NULL) TRY(look(&n, rule->when, true, together, &rule->never_applies));
    n.so = "`unless` lifts nothing";
    if (rule->unless != NULL) TRY(look(&n, rule->unless, true, NULL, &rule->never_lifts));
    n.so = "nothing meets `require`";
    n.accepts = rule->accept_count > 0;
    return rule->require == NULL ? OK : look(&n, rule->require, true, NULL, &rule->never_passes);
}
