/* Deciding, straight from the rules: what binds, what applies, what follows. The tables (table.c)
 * fold the same questions ahead of time and must agree with this. Source: RULEBOOK 1, 3 and 5. */
#include <assert.h>
#include <stdlib.h>

#include "base/numbers.h"
#include "rulebook/set/set.h"

/* ---- what binds ---- */

static bool is_elected(const struct question *q, const struct set_clause *sc) {
    if (sc->clause->strength != RULEBOOK_ELECTED || q->set->what_if) return true;
    const struct rulebook *book = q->set->books[sc->book];
    for (size_t i = 0; i < q->set->adoption_count; i++) {
        const struct rulebook_adoption *a = &q->set->adoptions[i];
        if (!adoption_names(a, book) || !adoption_covers(a, q->subject) ||
            !rulebook_span_has(a->span, q->at_ns))
            continue;
        if (a->elects_all) return true;
        for (size_t k = 0; k < a->elect_count; k++)
            if (str_equal(a->elects[k], sc->clause->id)) return true;
    }
    return false;
}

/* Several adoptions may bind one subject, and each may set parameters. What they say differently is
 * not known: whichever came first in some order would be chosen silently. */
static enum error_code params_join(const struct rulebook_facts *some,
                                   const struct rulebook_facts *more, struct arena *arena,
                                   const struct rulebook_facts **out, struct error *e) {
    struct rulebook_fact *facts = arena_new(arena, struct rulebook_fact, some->count + more->count);
    struct rulebook_facts *joined = arena_new(arena, struct rulebook_facts, 1);
    if (facts == NULL || joined == NULL)
        return error_set(e, FAIL_MEMORY, "no room for parameters of several adoptions");
    size_t count = some->count;
    for (size_t i = 0; i < some->count; i++) facts[i] = some->at[i];
    for (size_t i = 0; i < more->count; i++) {
        size_t k = 0;
        while (k < some->count && !str_equal(facts[k].path, more->at[i].path)) k++;
        if (k == some->count)
            facts[count++] = more->at[i];
        else if (value_compare(VALUE_IS, &facts[k].value, &more->at[i].value) != RULEBOOK_TRUE)
            facts[k].value = (struct rulebook_value){0};
    }
    rulebook_facts_sort(facts, count);
    *joined = (struct rulebook_facts){facts, count, NULL};
    *out = joined;
    return OK;
}

static enum error_code bind(const struct rulebook_set *set, const struct rulebook *book,
                            const struct rulebook_subject *subject, int64_t at_ns,
                            struct arena *arena, struct binding *out, struct error *e) {
    *out = (struct binding){0};
    if (!rulebook_span_has(book->in_force, at_ns)) return OK;
    out->binds = set->what_if;
    for (size_t i = 0; i < set->adoption_count && !set->what_if; i++) {
        const struct rulebook_adoption *a = &set->adoptions[i];
        if (!adoption_names(a, book) || !rulebook_span_has(a->span, at_ns) ||
            !adoption_covers(a, subject))
            continue;
        if (!out->binds)
            *out = (struct binding){true, a, &a->params};
        else if (a->params.count > 0)
            TRY(params_join(out->params, &a->params, arena, &out->params, e));
    }
    return OK;
}

enum error_code question_begin(const struct rulebook_set *set,
                               const struct rulebook_subject *subject,
                               const struct rulebook_facts *facts, int64_t at_ns,
                               struct arena *arena, struct question *out, struct error *e) {
    struct question_room *room = arena_new(arena, struct question_room, 1);
    struct binding *bindings = arena_new(arena, struct binding, set->book_count);
    if (room == NULL || bindings == NULL)
        return error_set(e, FAIL_MEMORY, "no room to decide by %zu rulebooks", set->book_count);
    size_t count = 0;
    if (subject->act.len > 0) {
        room->own[count] = (struct rulebook_fact){STR("act"), rulebook_text(subject->act)};
        room->own[count++].value.by = RULEBOOK_BY_COMPUTED; /* from the request itself */
    }
    room->own[count] = (struct rulebook_fact){STR("time.now"), rulebook_date(at_ns)};
    room->own[count++].value.by = RULEBOOK_BY_MEASURED;
    room->layer = (struct rulebook_facts){room->own, count, facts};
    for (size_t i = 0; i < set->book_count; i++)
        TRY(bind(set, set->books[i], subject, at_ns, arena, &bindings[i], e));
    *out = (struct question){set, subject, &room->layer, at_ns, bindings};
    return OK;
}

static bool names_act(const struct clause_rule *rule) {
    for (size_t i = 0; i < rule->applies_count; i++)
        if (str_equal(rule->applies[i].path, STR("act"))) return true;
    return false;
}

bool question_considers(const struct question *q, const struct set_clause *sc) {
    const struct rulebook_clause *c = sc->clause;
    if ((q->subject->about & c->about) == 0 || !q->bindings[sc->book].binds ||
        !rulebook_span_has(c->in_force, q->at_ns) || !is_elected(q, sc))
        return false;
    bool silent_on_acts = c->about == RULEBOOK_ABOUT_COPY && q->subject->act.len > 0 &&
                          !act_makes_copy(q->subject->act) && !names_act(c->rule);
    return !silent_on_acts;
}

/* ---- what applies ---- */

struct evaluation question_evaluation(const struct question *q, const struct set_clause *sc) {
    const struct clause_rule *rule = sc->clause->rule;
    return (struct evaluation){.facts = q->facts,
                               .now_ns = q->at_ns,
                               .reads = rule->reads,
                               .read_count = rule->read_count,
                               .params = q->bindings[sc->book].params};
}

static enum rulebook_truth entry_truth(const struct applies *entry, struct evaluation *ev) {
    struct rulebook_value room;
    const struct rulebook_value *value = evaluation_fact(ev, entry->path);
    const struct rulebook_value *among = evaluation_operand(ev, &entry->among, &room);
    struct rulebook_value word;
    if (value->kind == RULEBOOK_YES_NO) {
        word = rulebook_text(value->yes ? STR("true") : STR("false"));
        value = &word;
    }
    bool is_set = value->kind == RULEBOOK_SET || value->kind == RULEBOOK_LIST;
    return value_compare(is_set ? VALUE_INTERSECTS : VALUE_IN, value, among);
}

enum rulebook_truth applies_truth(const struct applies *entries, size_t count,
                                  struct evaluation *ev, bool ignore_act) {
    enum rulebook_truth truth = RULEBOOK_TRUE;
    for (size_t i = 0; i < count && truth != RULEBOOK_FALSE; i++) {
        if (ignore_act && str_equal(entries[i].path, STR("act"))) continue;
        truth = truth_and(truth, entry_truth(&entries[i], ev));
    }
    return truth;
}

enum rulebook_truth question_applies(const struct question *q, const struct set_clause *sc) {
    const struct clause_rule *rule = sc->clause->rule;
    struct evaluation ev = question_evaluation(q, sc);
    bool assessing = q->subject->act.len == 0;
    enum rulebook_truth truth = applies_truth(rule->applies, rule->applies_count, &ev, assessing);
    if (truth == RULEBOOK_FALSE || rule->when == NULL) return truth;
    return truth_and(truth, condition_evaluate(rule->when, &ev));
}

/* ---- what follows ---- */

void question_strength(const struct question *q, const struct set_clause *sc,
                       struct rulebook_spoke *spoke) {
    const struct rulebook_clause *c = sc->clause;
    struct evaluation ev = question_evaluation(q, sc);
    spoke->strength = c->strength;
    for (size_t i = 0; i < c->compelled_count; i++) {
        const struct rulebook_compelled *by = &c->compelled[i];
        if (by->strength <= spoke->strength || !rulebook_span_has(by->since, q->at_ns)) continue;
        if (by->condition != NULL && condition_evaluate(by->condition, &ev) == RULEBOOK_FALSE)
            continue;
        spoke->strength = by->strength;
        spoke->compelled = by;
    }
    for (size_t i = 0; i < sc->raise_count; i++) {
        const struct set_raise *r = &sc->raises[i];
        if (r->raise->to <= spoke->strength || !q->bindings[r->book].binds) continue;
        if (applies_truth(r->raise->only, r->raise->only_count, &ev, q->subject->act.len == 0) ==
            RULEBOOK_FALSE)
            continue;
        spoke->strength = r->raise->to;
        spoke->compelled = NULL;
        spoke->raised_by = r->by;
    }
}

static bool exception_names(const struct rulebook_exception *x, const struct rulebook_clause *c) {
    str id = x->clause, book;
    return str_cut(&id, '/', &book) && str_equal(id, c->id) &&
           (str_equal(book, c->rulebook->name) ||
            (c->rulebook->line.len > 0 && str_equal(book, c->rulebook->line)));
}

static const struct rulebook_exception *find_exception(const struct question *q,
                                                       const struct set_clause *sc,
                                                       enum rulebook_strength strength) {
    for (size_t i = 0; i < q->set->exception_count; i++) {
        const struct rulebook_exception *x = &q->set->exceptions[i];
        if (!rulebook_span_has(x->span, q->at_ns) || !exception_names(x, sc->clause)) continue;
        if (x->dataset.len > 0 && !str_equal(x->dataset, q->subject->dataset_id)) continue;
        if (x->site.len > 0 && !str_equal(x->site, q->subject->site_id)) continue;
        bool breaks = x->kind == RULEBOOK_BREAK_GLASS;
        if (breaks && strength != RULEBOOK_OWN && strength != RULEBOOK_CONTRACT) continue;
        return x;
    }
    return NULL;
}

static enum rulebook_effect effect_of(enum rulebook_strength strength) {
    if (strength == RULEBOOK_SCORE) return RULEBOOK_ALLOW;
    return strength <= RULEBOOK_SHOULD ? RULEBOOK_WARN : RULEBOOK_REFUSE;
}

void question_outcome(const struct question *q, const struct set_clause *sc,
                      enum rulebook_truth truth, enum rulebook_truth unless,
                      struct rulebook_spoke *spoke) {
    const struct rulebook_clause *c = sc->clause;
    spoke->truth = truth;
    spoke->effect = RULEBOOK_ALLOW;
    if (truth == RULEBOOK_TRUE) {
        spoke->verdict = c->only_documents ? RULEBOOK_ATTESTED : RULEBOOK_PASS;
        /* What it obliges to is loosened with it; an act under an exception never looks ordinary. */
        if (c->obligation_count + c->duty_count > 0)
            spoke->exception = find_exception(q, sc, spoke->strength);
        if (spoke->exception == NULL) return;
        spoke->verdict = RULEBOOK_EXCEPTED;
        if (effect_of(spoke->strength) > RULEBOOK_ALLOW) spoke->effect = RULEBOOK_WARN;
        return;
    }
    spoke->verdict = truth == RULEBOOK_FALSE ? RULEBOOK_FAIL : RULEBOOK_VERDICT_UNKNOWN;
    spoke->effect = effect_of(spoke->strength);
    bool is_firm = spoke->strength == RULEBOOK_LAW || spoke->compelled != NULL;
    if (unless == RULEBOOK_TRUE && (!is_firm || c->lifts_law)) {
        spoke->verdict = RULEBOOK_LIFTED;
    } else {
        spoke->exception = find_exception(q, sc, spoke->strength);
        if (spoke->exception != NULL) spoke->verdict = RULEBOOK_EXCEPTED;
    }
    bool let_through = spoke->verdict == RULEBOOK_LIFTED || spoke->verdict == RULEBOOK_EXCEPTED;
    if (let_through && spoke->effect == RULEBOOK_REFUSE) spoke->effect = RULEBOOK_WARN;
}

bool question_ask(const struct question *q, const struct set_clause *sc,
                  struct rulebook_spoke *spoke) {
    const struct clause_rule *rule = sc->clause->rule;
    enum rulebook_truth applied = question_applies(q, sc);
    if (applied == RULEBOOK_FALSE) return false;
    *spoke = (struct rulebook_spoke){.clause = sc->clause,
                                     .rank = (uint32_t)(sc - q->set->clauses),
                                     .applied = applied,
                                     .adoption = q->bindings[sc->book].adoption};
    question_strength(q, sc, spoke);
    struct evaluation ev = question_evaluation(q, sc);
    enum rulebook_truth unless = RULEBOOK_FALSE, truth = RULEBOOK_TRUE;
    if (rule->unless != NULL) unless = condition_evaluate(rule->unless, &ev);
    ev.accepts = rule->accepts;
    ev.accept_count = rule->accept_count;
    if (rule->require != NULL) truth = condition_evaluate(rule->require, &ev);
    question_outcome(q, sc, truth, unless, spoke);
    return true;
}

/* ---- facts read ---- */

void question_visit(const struct question *q, const struct set_clause *sc,
                    enum rulebook_truth applied, struct condition_visitor *visitor) {
    const struct clause_rule *rule = sc->clause->rule;
    for (size_t i = 0; i < rule->applies_count; i++) {
        bool is_act = str_equal(rule->applies[i].path, STR("act"));
        if (is_act && q->subject->act.len == 0) continue;
        visitor->visit(visitor, rule->applies[i].path, STR_EMPTY);
        operand_visit(&rule->applies[i].among, visitor);
    }
    condition_visit(rule->when, visitor);
    if (applied == RULEBOOK_FALSE) return;
    condition_visit(rule->require, visitor);
    condition_visit(rule->unless, visitor);
    for (size_t i = 0; i < sc->clause->compelled_count; i++)
        condition_visit(sc->clause->compelled[i].condition, visitor);
    for (size_t i = 0; i < sc->raise_count; i++)
        for (size_t k = 0; k < sc->raises[i].raise->only_count; k++) {
            visitor->visit(visitor, sc->raises[i].raise->only[k].path, STR_EMPTY);
            operand_visit(&sc->raises[i].raise->only[k].among, visitor);
        }
}

/* ---- when time alone would change it ---- */

struct boundary {
    int64_t at_ns, before, after;
};
static void boundary_at(struct boundary *b, int64_t ns) {
    if (ns > b->at_ns)
        b->after = i64_min(b->after, ns);
    else
        b->before = i64_max(b->before, ns);
}
static void boundary_span(struct boundary *b, struct rulebook_span span) {
    boundary_at(b, span.from_ns);
    boundary_at(b, span.until_ns);
}

static struct boundary find_boundary(const struct question *q) {
    struct boundary b = {q->at_ns, INT64_MIN, INT64_MAX};
    const struct rulebook_set *s = q->set;
    for (size_t i = 0; i < s->adoption_count; i++) boundary_span(&b, s->adoptions[i].span);
    for (size_t i = 0; i < s->book_count; i++) boundary_span(&b, s->books[i]->in_force);
    for (size_t i = 0; i < s->exception_count; i++) boundary_span(&b, s->exceptions[i].span);
    for (size_t i = 0; i < s->clause_count; i++) {
        const struct rulebook_clause *c = s->clauses[i].clause;
        boundary_span(&b, c->in_force);
        for (size_t k = 0; k < c->compelled_count; k++) boundary_span(&b, c->compelled[k].since);
    }
    for (const struct rulebook_facts *layer = q->facts; layer != NULL; layer = layer->next)
        for (size_t i = 0; i < layer->count; i++)
            if (layer->at[i].value.until_ns != 0) boundary_at(&b, layer->at[i].value.until_ns);
    return b;
}

int64_t question_boundary(const struct question *q) {
    return find_boundary(q).after;
}
int64_t question_boundary_before(const struct question *q) {
    return find_boundary(q).before;
}

struct clock_visitor {
    struct condition_visitor visitor;
    bool reads_clock;
};
static void visit_clock(struct condition_visitor *self, str path, str brief) {
    (void)brief;
    if (str_equal(path, STR("time.now"))) ((struct clock_visitor *)self)->reads_clock = true;
}

/* ---- the slow evaluator ---- */

static size_t ask_all(const struct question *q, struct rulebook_spoke *out, bool *reads_clock) {
    struct clock_visitor clock = {.visitor = {visit_clock}};
    const struct rulebook_clause *last = NULL;
    size_t count = 0;
    for (size_t i = 0; i < q->set->clause_count; i++) {
        const struct set_clause *sc = &q->set->clauses[i];
        if (sc->clause == last || !question_considers(q, sc)) continue;
        last = sc->clause; /* a base's clause is asked once, however many extend it */
        bool spoke = question_ask(q, sc, &out[count]);
        question_visit(q, sc, spoke ? RULEBOOK_TRUE : RULEBOOK_FALSE, &clock.visitor);
        count += spoke;
    }
    *reads_clock = clock.reads_clock;
    return count;
}

enum error_code rulebook_evaluate_slow(const struct rulebook_set *set,
                                       const struct rulebook_subject *subject,
                                       const struct rulebook_facts *facts, int64_t at_ns,
                                       struct arena *arena, struct arena scratch,
                                       struct rulebook_decision *out, struct error *e) {
    struct question q;
    TRY(question_begin(set, subject, facts, at_ns, &scratch, &q, e));
    struct rulebook_spoke *all = arena_new(&scratch, struct rulebook_spoke, set->clause_count);
    const struct rulebook_spoke **order =
        arena_new(&scratch, const struct rulebook_spoke *, set->clause_count);
    if (all == NULL || order == NULL)
        return error_set(e, FAIL_MEMORY, "no room to decide by %zu clauses", set->clause_count);
    bool reads_clock;
    size_t count = ask_all(&q, all, &reads_clock);
    struct rulebook_spoke *spoke = arena_new(arena, struct rulebook_spoke, count);
    if (spoke == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu clauses", count);
    struct rulebook_decision d = {.set = set,
                                  .subject = *subject,
                                  .at_ns = at_ns,
                                  .fixed = spoke,
                                  .fixed_count = count,
                                  .good_until_ns = reads_clock ? at_ns + 1 : question_boundary(&q)};
    if (facts != NULL) d.facts = *facts;
    for (size_t i = 0; i < count; i++) {
        spoke[i] = all[i];
        order[i] = &spoke[i];
        if (spoke[i].effect > d.effect) d.effect = spoke[i].effect;
    }
    TRY(join_obligations(order, count, arena, &d, e));
    *out = d;
    return OK;
}
