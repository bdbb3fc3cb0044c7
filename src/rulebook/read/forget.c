/* Conditions that are met by saying nothing. Only `known` never is unknown, so a rule that wants
 * something *not* to be known passes for whoever forgets to say it, and a promise of the language
 * ("nothing turns unknown into true") is broken by the rule itself. That is a warning: what is meant
 * is nearly always a value, or a paper that says there is none. Source: RULEBOOK 4. */
#include "rulebook/read/file.h"

struct forgetting {
    struct file_reader *r;
    const struct doc_node *node; /* of the conditions: which file */
    str clause;
    const char *key; /* "require", "unless" */
};

static enum error_code say(const struct forgetting *f, const struct condition *c) {
    struct doc_node at = *f->node;
    at.line = c->line;
    at.column = c->column;
    return file_warn(f->r, &at,
                     "clause %.*s: `%s` is met by forgetting %.*s, since \"%.*s\" is wanted to be "
                     "false: ask for its value, or for a record that says there is none",
                     STR_FMT(f->clause), f->key, STR_FMT(c->left.path), STR_FMT(c->text));
}

static enum error_code walk(const struct forgetting *f, const struct condition *c, bool wanted);

static enum error_code walk_parts(const struct forgetting *f, const struct condition *c,
                                  bool wanted) {
    for (size_t i = 0; i < c->part_count; i++) TRY(walk(f, &c->parts[i], wanted));
    return OK;
}

/* Who forgets takes elements out of `every … where` and of a count that may not be passed. */
static enum error_code walk_list(const struct forgetting *f, const struct condition *c,
                                 bool wanted) {
    bool is_some = c->kind == CONDITION_QUANTIFIED && c->quantifier == QUANTIFIER_SOME;
    bool is_most =
        c->kind == CONDITION_AGGREGATE && (c->op == VALUE_LESS || c->op == VALUE_AT_MOST);
    bool is_least =
        c->kind == CONDITION_AGGREGATE && (c->op == VALUE_OVER || c->op == VALUE_AT_LEAST);
    if (c->kind == CONDITION_AGGREGATE && !is_most && !is_least) return OK; /* `is`: both or none */
    if (c->list.where != NULL) TRY(walk(f, c->list.where, is_some || is_least ? wanted : !wanted));
    bool is_no = c->kind == CONDITION_QUANTIFIED && c->quantifier == QUANTIFIER_NO;
    return c->has == NULL ? OK : walk(f, c->has, is_no ? !wanted : wanted);
}

/* `wanted`: true where the condition's being true helps, false where its being false does. */
static enum error_code walk(const struct forgetting *f, const struct condition *c, bool wanted) {
    switch (c->kind) {
    case CONDITION_ALL:
    case CONDITION_ANY: return walk_parts(f, c, wanted);
    case CONDITION_NOT: return walk_parts(f, c, !wanted);
    case CONDITION_KNOWN: return wanted ? OK : say(f, c);
    case CONDITION_QUANTIFIED:
    case CONDITION_AGGREGATE: return walk_list(f, c, wanted);
    case CONDITION_COMPARE:
    case CONDITION_HOLDS: return OK; /* unknown where nothing is said */
    }
    return OK;
}

enum error_code file_forgetting(struct file_reader *r, const struct doc_node *node, str clause,
                                const char *key, const struct condition *all) {
    struct forgetting f = {r, node, clause, key};
    return all == NULL ? OK : walk(&f, all, true);
}
