/* One clause at a time: what an assessment asks of each subject, and what it needs to ask less: which
 * facts a clause reads, and which of them it asks only whether they are known. */
#include <assert.h>
#include <stdlib.h>

#include "rulebook/say/explain.h"

/* ---- the clauses of a set ---- */

size_t rulebook_set_clause_count(const struct rulebook_set *set) {
    return set->clause_count;
}

const struct rulebook_clause *rulebook_set_clause(const struct rulebook_set *set, size_t index) {
    assert(index < set->clause_count);
    const struct rulebook_clause *clause = set->clauses[index].clause;
    return index > 0 && set->clauses[index - 1].clause == clause ? NULL : clause;
}

/* The positions of a clause: its own rulebook's and those of rulebooks that extend it. */
static size_t positions_end(const struct rulebook_set *set, size_t index) {
    size_t end = index + 1;
    while (end < set->clause_count && set->clauses[end].clause == set->clauses[index].clause) end++;
    return end;
}

static bool elects(const struct rulebook_adoption *a, const struct rulebook_clause *clause) {
    if (clause->strength != RULEBOOK_ELECTED || a->elects_all) return true;
    for (size_t i = 0; i < a->elect_count; i++)
        if (str_equal(a->elects[i], clause->id)) return true;
    return false;
}

static bool binds_somebody(const struct rulebook_set *set, const struct set_clause *sc,
                           int64_t at_ns) {
    const struct rulebook *book = set->books[sc->book];
    if (!rulebook_span_has(book->in_force, at_ns)) return false;
    if (set->what_if) return true;
    for (size_t i = 0; i < set->adoption_count; i++) {
        const struct rulebook_adoption *a = &set->adoptions[i];
        if (adoption_names(a, book) && rulebook_span_has(a->span, at_ns) && elects(a, sc->clause))
            return true;
    }
    return false;
}

bool rulebook_set_clause_binds(const struct rulebook_set *set, size_t index, int64_t at_ns) {
    if (!rulebook_span_has(set->clauses[index].clause->in_force, at_ns)) return false;
    for (size_t i = index, end = positions_end(set, index); i < end; i++)
        if (binds_somebody(set, &set->clauses[i], at_ns)) return true;
    return false;
}

/* ---- facts a clause reads ---- */

struct plain_visitor {
    struct condition_visitor visitor;
    struct rulebook_path_visitor *to;
};
static void visit_plain(struct condition_visitor *self, str path, str brief) {
    struct rulebook_path_visitor *to = ((struct plain_visitor *)self)->to;
    to->visit(to, path, RULEBOOK_USE_VALUE, STR_EMPTY);
    if (brief.len > 0) to->visit(to, brief, RULEBOOK_USE_VALUE, STR_EMPTY);
}

static void value_paths(const struct operand *operand, struct plain_visitor *visitor) {
    if (operand->path.len > 0) operand_visit(operand, &visitor->visitor);
}

/* `it.covers has @equipment.id`: equality with what an element says, nothing else of the fact. */
static bool names_fact(const struct condition *c) {
    bool is_equality = c->op == VALUE_IS || c->op == VALUE_HAS;
    return c->kind == CONDITION_COMPARE && is_equality && c->left.kind == OPERAND_ELEMENT &&
           c->right.kind == OPERAND_FACT;
}

static void element_paths(const struct condition *c, str list, struct plain_visitor *visitor) {
    if (c == NULL) return;
    if (names_fact(c)) {
        visitor->to->visit(visitor->to, c->right.path, RULEBOOK_USE_NAMED, list);
        return;
    }
    value_paths(&c->left, visitor);
    value_paths(&c->right, visitor);
    for (size_t i = 0; i < c->part_count; i++) element_paths(&c->parts[i], list, visitor);
}

static void paths_of(const struct condition *c, struct plain_visitor *visitor) {
    if (c == NULL) return;
    if (c->kind == CONDITION_KNOWN && c->left.kind == OPERAND_FACT) {
        visitor->to->visit(visitor->to, c->left.path, RULEBOOK_USE_KNOWN, STR_EMPTY);
        return;
    }
    value_paths(&c->left, visitor);
    value_paths(&c->right, visitor);
    if (c->list.path.len > 0)
        visitor->to->visit(visitor->to, c->list.path, RULEBOOK_USE_VALUE, STR_EMPTY);
    if (c->list.has_until) value_paths(&c->list.until, visitor);
    element_paths(c->list.where, c->list.path, visitor);
    element_paths(c->has, c->list.path, visitor);
    for (size_t i = 0; i < c->part_count; i++) paths_of(&c->parts[i], visitor);
}

static void applies_paths(const struct applies *entries, size_t count,
                          struct plain_visitor *visitor) {
    for (size_t i = 0; i < count; i++) {
        if (str_equal(entries[i].path, STR("act"))) continue;
        visitor->to->visit(visitor->to, entries[i].path, RULEBOOK_USE_VALUE, STR_EMPTY);
        operand_visit(&entries[i].among, &visitor->visitor);
    }
}

void rulebook_clause_paths(const struct rulebook_set *set, size_t index, bool applies_only,
                           struct rulebook_path_visitor *visitor) {
    const struct rulebook_clause *clause = set->clauses[index].clause;
    const struct clause_rule *rule = clause->rule;
    struct plain_visitor plain = {{visit_plain}, visitor};
    applies_paths(rule->applies, rule->applies_count, &plain);
    if (applies_only) return;
    paths_of(rule->when, &plain);
    paths_of(rule->require, &plain);
    paths_of(rule->unless, &plain);
    for (size_t i = 0; i < clause->compelled_count; i++)
        paths_of(clause->compelled[i].condition, &plain);
    for (size_t i = index, end = positions_end(set, index); i < end; i++)
        for (size_t k = 0; k < set->clauses[i].raise_count; k++)
            applies_paths(set->clauses[i].raises[k].raise->only,
                          set->clauses[i].raises[k].raise->only_count, &plain);
}

/* ---- asking ---- */

struct rulebook_asking {
    struct question q;
    struct rulebook_subject subject;
    struct rulebook_facts facts;
};

enum error_code rulebook_asking_begin(const struct rulebook_set *set,
                                      const struct rulebook_subject *subject,
                                      const struct rulebook_facts *facts, int64_t at_ns,
                                      struct arena *arena, const struct rulebook_asking **out,
                                      struct error *e) {
    struct rulebook_asking *asking = arena_new(arena, struct rulebook_asking, 1);
    if (asking == NULL) return error_set(e, FAIL_MEMORY, "no room to ask about a subject");
    asking->subject = *subject;
    asking->facts = *facts;
    TRY(question_begin(set, &asking->subject, &asking->facts, at_ns, arena, &asking->q, e));
    *out = asking;
    return OK;
}

/* Where the clause binds the subject, NULL: nowhere. */
static const struct set_clause *considered(const struct rulebook_asking *asking, size_t index) {
    const struct rulebook_set *set = asking->q.set;
    assert(index < set->clause_count);
    for (size_t i = index, end = positions_end(set, index); i < end; i++)
        if (question_considers(&asking->q, &set->clauses[i])) return &set->clauses[i];
    return NULL;
}

enum rulebook_asked rulebook_ask_applies(const struct rulebook_asking *asking, size_t index) {
    const struct set_clause *sc = considered(asking, index);
    if (sc == NULL) return RULEBOOK_NOT_CONSIDERED;
    struct evaluation ev = question_evaluation(&asking->q, sc);
    bool assessing = asking->q.subject->act.len == 0;
    const struct clause_rule *rule = sc->clause->rule;
    enum rulebook_truth truth = applies_truth(rule->applies, rule->applies_count, &ev, assessing);
    return truth == RULEBOOK_FALSE ? RULEBOOK_NOT_APPLICABLE : RULEBOOK_SPOKE;
}

enum rulebook_asked rulebook_ask(const struct rulebook_asking *asking, size_t index,
                                 struct rulebook_spoke *out) {
    const struct set_clause *sc = considered(asking, index);
    if (sc == NULL) return RULEBOOK_NOT_CONSIDERED;
    return question_ask(&asking->q, sc, out) ? RULEBOOK_SPOKE : RULEBOOK_NOT_APPLICABLE;
}

/* ---- the facts of one answer ---- */

struct path_gatherer {
    struct condition_visitor visitor;
    const struct rulebook_facts *facts;
    str *paths; /* NULL: only counting */
    size_t count;
};
static void gather(struct condition_visitor *self, str path, str brief) {
    struct path_gatherer *g = (struct path_gatherer *)self;
    if (g->paths != NULL) g->paths[g->count] = facts_name_read(g->facts, path, brief);
    g->count++;
}

static int compare_strs(const void *a, const void *b) {
    return str_compare(*(const str *)a, *(const str *)b);
}

const struct rulebook_value *rulebook_asking_fact(const struct rulebook_asking *asking, str path) {
    struct evaluation plain = {.facts = asking->q.facts, .now_ns = asking->q.at_ns};
    return evaluation_fact(&plain, path);
}

enum error_code rulebook_asking_facts(const struct rulebook_asking *asking, size_t index,
                                      const struct rulebook_spoke *spoke, struct arena *arena,
                                      struct arena scratch, const struct rulebook_reading **out,
                                      size_t *count, struct error *e) {
    const struct set_clause *sc = considered(asking, index);
    struct path_gatherer g = {.visitor = {gather}, .facts = asking->q.facts};
    enum rulebook_truth applied = spoke != NULL ? RULEBOOK_TRUE : RULEBOOK_FALSE;
    assert(sc != NULL); /* it was asked */
    question_visit(&asking->q, sc, applied, &g.visitor);
    size_t most = g.count, kept = 0;
    g.paths = arena_new(&scratch, str, most);
    struct rulebook_reading *readings = arena_new(arena, struct rulebook_reading, most);
    if (g.paths == NULL || readings == NULL) return error_set(e, FAIL_MEMORY, "no room for facts");
    g.count = 0;
    question_visit(&asking->q, sc, applied, &g.visitor);
    assert(g.count == most);
    if (most > 1) qsort(g.paths, most, sizeof *g.paths, compare_strs);
    struct evaluation plain = {.facts = asking->q.facts, .now_ns = asking->q.at_ns};
    for (size_t i = 0; i < most; i++) {
        if (kept > 0 && str_equal(readings[kept - 1].path, g.paths[i])) continue;
        const struct rulebook_value *value;
        TRY(question_param(&asking->q, sc, g.paths[i], arena, &value, e));
        if (value == NULL) value = evaluation_fact(&plain, g.paths[i]);
        readings[kept++] = (struct rulebook_reading){g.paths[i], value};
    }
    *out = readings;
    *count = kept;
    return OK;
}

/* ---- in words ---- */

void rulebook_asking_advice(const struct rulebook_asking *asking, size_t index,
                            const struct rulebook_spoke *spoke, enum rulebook_language language,
                            struct text *out) {
    const struct set_clause *sc = considered(asking, index);
    const struct clause_rule *rule = spoke->clause->rule;
    if (spoke->truth == RULEBOOK_TRUE || rule->require == NULL || sc == NULL) return;
    struct evaluation ev = question_evaluation(&asking->q, sc), plain = ev;
    ev.accepts = rule->accepts;
    ev.accept_count = rule->accept_count;
    phrase_advice(rule->require, &ev, language, "", out);
    bool is_firm = spoke->strength == RULEBOOK_LAW || spoke->compelled != NULL;
    if (rule->unless == NULL || spoke->verdict == RULEBOOK_LIFTED ||
        (is_firm && !spoke->clause->lifts_law))
        return;
    text_format(out, "%s\n",
                in_language(language, "or, to be let through with a warning:",
                            "または、警告付きで通すには："));
    phrase_advice(rule->unless, &plain, language, "  ", out);
}

void rulebook_clause_wants(const struct rulebook_clause *clause, enum rulebook_language language,
                           struct text *out) {
    const struct condition *require = clause->rule->require;
    for (size_t i = 0; require != NULL && i < require->part_count; i++) {
        phrase_wanted(&require->parts[i], language, out);
        text_add_c(out, "\n");
    }
}

const char *rulebook_strength_word(enum rulebook_strength strength,
                                   enum rulebook_language language) {
    return phrase_strength(strength, language);
}
const char *rulebook_by_word(enum rulebook_by by, enum rulebook_language language) {
    return phrase_by(by, language);
}
const char *rulebook_basis_word(enum rulebook_basis basis, enum rulebook_language language) {
    return phrase_basis(basis, language);
}
const char *rulebook_about_word(enum rulebook_about about, enum rulebook_language language) {
    return phrase_about(about, language);
}
void rulebook_periods_text(const struct rulebook_periods *periods, enum rulebook_language language,
                           struct text *out) {
    phrase_periods(periods, language, out);
}
bool rulebook_value_is_known(const struct rulebook_value *value) {
    return value_is_known(value);
}
