/* Deciding with a table: fill the slots from the request, ask each group, look its outcome up. What
 * was not folded is asked slowly. */
#include <assert.h>

#include "base/numbers.h"
#include "rulebook/fold/table.h"

struct request {
    const struct rulebook_table *table;
    const struct rulebook_value **values; /* one a slot */
    unsigned char *truths;                /* one an atom; TRUTH_NOT_YET */
    struct question q;
    struct rulebook_facts layer; /* the request, over the table's facts */
    struct rulebook_value now;   /* where the table reads the clock */
    int64_t until_ns;            /* the first of the request's facts to run out */
};

/* Slots and facts are sorted alike: one walk meets both. */
static void fill_slots(struct request *r, const struct rulebook_facts *facts) {
    const struct rulebook_table *t = r->table;
    size_t k = 0;
    for (size_t i = 0; i < t->slot_count; i++) {
        const struct table_slot *slot = &t->slots[i];
        int order = 1;
        while (k < facts->count && (order = str_compare(facts->at[k].path, slot->path)) < 0) k++;
        const struct rulebook_value *value = NULL;
        if (k < facts->count && order == 0) {
            value = &facts->at[k].value;
        } else if (k > 0) { /* below a record, which sorts before */
            struct rulebook_record layer = {facts->at, facts->count};
            value = rulebook_record_find(&layer, slot->path);
        }
        if (slot->is_clock) value = &r->now;
        if (value == NULL)
            value = slot->fallback;
        else if (value->until_ns != 0 && r->q.at_ns >= value->until_ns)
            value = &value_unknown;
        r->values[i] = value;
    }
    for (size_t i = 0; i < facts->count; i++) {
        int64_t until_ns = facts->at[i].value.until_ns;
        if (until_ns > r->q.at_ns) r->until_ns = i64_min(r->until_ns, until_ns);
    }
}

static enum rulebook_truth among(const struct rulebook_value *value,
                                 const struct rulebook_value *set) {
    struct rulebook_value word;
    if (value->kind == RULEBOOK_YES_NO) {
        word = rulebook_text(value->yes ? STR("true") : STR("false"));
        value = &word;
    }
    bool is_set = value->kind == RULEBOOK_SET || value->kind == RULEBOOK_LIST;
    return value_compare(is_set ? VALUE_INTERSECTS : VALUE_IN, value, set);
}

static enum rulebook_truth atom_truth(struct request *r, const struct table_atom *a) {
    enum rulebook_truth truth = RULEBOOK_UNKNOWN_TRUTH;
    if (a->kind == ATOM_TREE) {
        struct evaluation ev = question_evaluation(&r->q, a->clause);
        return condition_evaluate(a->condition, &ev);
    }
    const struct rulebook_value *left = a->left_slot == NO_SLOT ? a->left : r->values[a->left_slot];
    switch ((enum atom_kind)a->kind) {
    case ATOM_COMPARE:
        truth = value_compare((enum value_op)a->op, left,
                              a->right_slot == NO_SLOT ? a->right : r->values[a->right_slot]);
        return a->negated ? truth_not(truth) : truth;
    case ATOM_HOLDS: return left->kind == RULEBOOK_YES_NO ? truth_of(left->yes) : truth;
    case ATOM_KNOWN: return truth_of(value_is_known(left));
    case ATOM_AMONG: return among(left, a->right);
    case ATOM_TREE: break; /* above */
    }
    return truth;
}

static enum rulebook_truth node_truth(struct request *r, struct table_node node) {
    const struct table_node *parts = r->table->nodes + node.at;
    enum rulebook_truth truth;
    switch ((enum node_kind)node.kind) {
    case NODE_CONSTANT: return (enum rulebook_truth)node.truth;
    case NODE_ATOM:
        if (r->truths[node.at] == TRUTH_NOT_YET)
            r->truths[node.at] = (unsigned char)atom_truth(r, &r->table->atoms[node.at]);
        return (enum rulebook_truth)r->truths[node.at];
    case NODE_NOT: return truth_not(node_truth(r, parts[0]));
    case NODE_ALL:
        truth = RULEBOOK_TRUE;
        for (size_t i = 0; i < node.part_count && truth != RULEBOOK_FALSE; i++)
            truth = truth_and(truth, node_truth(r, parts[i]));
        return truth;
    case NODE_ANY:
        truth = RULEBOOK_FALSE;
        for (size_t i = 0; i < node.part_count && truth != RULEBOOK_TRUE; i++)
            truth = truth_or(truth, node_truth(r, parts[i]));
        return truth;
    }
    return RULEBOOK_UNKNOWN_TRUTH;
}

/* The outcome of a group; NULL: it does not apply. */
static const struct table_outcome *ask_group(struct request *r, const struct table_group *g) {
    enum rulebook_truth applied = node_truth(r, g->applies), unless = RULEBOOK_FALSE;
    if (applied == RULEBOOK_FALSE) return NULL;
    enum rulebook_truth truth = node_truth(r, g->require);
    if (truth != RULEBOOK_TRUE) unless = node_truth(r, g->unless);
    uint8_t outcome = g->outcome[applied == RULEBOOK_TRUE][truth][unless == RULEBOOK_TRUE];
    assert(outcome > 0); /* what folding found to be impossible is */
    return &r->table->outcomes[g->first_outcome + outcome - 1];
}

/* The same for a clause that is asked slowly; *out is NULL when it does not apply. */
static enum error_code ask_slowly(struct request *r, const struct table_group *g,
                                  struct arena *arena, const struct table_outcome **out,
                                  struct error *e) {
    struct rulebook_spoke one;
    *out = NULL;
    if (!question_ask(&r->q, g->slow, &one)) return OK;
    struct table_outcome *outcome = arena_new(arena, struct table_outcome, 1);
    struct rulebook_spoke *spoke = arena_new(arena, struct rulebook_spoke, 1);
    if (outcome == NULL || spoke == NULL) return error_set(e, FAIL_MEMORY, "no room to decide");
    *spoke = one;
    *outcome = (struct table_outcome){{spoke, 1}, one.effect};
    *out = outcome;
    return OK;
}

/* act and time.now, the request, the table's facts: what slow questions read. */
static enum error_code lay_out(struct request *r, const struct rulebook_facts *facts,
                               struct arena *scratch, struct error *e) {
    const struct rulebook_table *t = r->table;
    r->layer = (struct rulebook_facts){facts->at, facts->count, t->model.facts.next};
    return question_begin(t->model.set, &t->model.subject, &r->layer, r->q.at_ns, scratch, &r->q,
                          e);
}

/* Some clause of the request obliges: join anew, all of them in their order. */
static enum error_code join_again(struct rulebook_decision *d, struct arena *arena,
                                  struct arena scratch, struct error *e) {
    const struct rulebook_spoke *const *order;
    size_t count;
    TRY(decision_in_order(d, &scratch, &order, &count, e));
    d->obligations = NULL;
    d->obligation_count = d->conflict_count = 0;
    return join_obligations(order, count, arena, d, e);
}

static enum error_code decide_outside(const struct rulebook_table *t,
                                      const struct rulebook_facts *request, int64_t now_ns,
                                      struct arena *arena, struct arena scratch,
                                      struct rulebook_decision *out, struct error *e) {
    struct rulebook_facts facts = {request->at, request->count, t->model.facts.next};
    return rulebook_evaluate_slow(t->model.set, &t->model.subject, &facts, now_ns, arena, scratch,
                                  out, e);
}

/* What all groups come to. */
struct answer {
    const struct rulebook_spoken **groups;
    size_t group_count, spoke_count;
    enum rulebook_effect effect;
    bool obliges;
};

static enum error_code ask_all(struct request *r, struct arena *arena, struct answer *out,
                               struct error *e) {
    const struct rulebook_table *t = r->table;
    *out = (struct answer){.effect = t->model.effect};
    out->groups = arena_new(arena, const struct rulebook_spoken *, t->group_count);
    if (out->groups == NULL) return error_set(e, FAIL_MEMORY, "no room to decide");
    for (size_t i = 0; i < t->group_count; i++) {
        const struct table_group *g = &t->groups[i];
        const struct table_outcome *outcome;
        if (g->slow != NULL)
            TRY(ask_slowly(r, g, arena, &outcome, e));
        else
            outcome = ask_group(r, g);
        if (outcome == NULL) continue;
        out->groups[out->group_count++] = &outcome->spoken;
        out->spoke_count += outcome->spoken.count;
        if (outcome->effect > out->effect) out->effect = outcome->effect;
        out->obliges |= g->obliges;
    }
    return OK;
}

static void decision_write(const struct request *r, const struct rulebook_facts *facts,
                           const struct answer *answer, struct rulebook_decision *out) {
    *out = r->table->model;
    out->facts.at = facts->at;
    out->facts.count = facts->count;
    out->at_ns = r->q.at_ns;
    out->good_until_ns = r->table->reads_clock ? r->q.at_ns + 1 : r->until_ns;
    out->effect = answer->effect;
    out->groups = answer->groups;
    out->group_count = answer->group_count;
    out->spoke_count = answer->spoke_count;
}

enum error_code rulebook_decide(const struct rulebook_table *t,
                                const struct rulebook_facts *request, int64_t now_ns,
                                struct arena *arena, struct arena scratch,
                                struct rulebook_decision *out, struct error *e) {
    for (size_t i = 0; i < TABLE_LINES; i++) __builtin_prefetch((const char *)t + i * LINE_BYTES);
    if (!rulebook_span_has(t->span, now_ns))
        return decide_outside(t, request, now_ns, arena, scratch, out, e);
    struct request r; /* not zeroed: each part is written before it is read */
    r.table = t;
    r.until_ns = t->span.until_ns;
    r.q = (struct question){.set = t->model.set, .subject = &t->model.subject, .at_ns = now_ns};
    r.values = (const struct rulebook_value **)(void *)arena_take(
        &scratch, sizeof *r.values, _Alignof(struct rulebook_value *), t->slot_count);
    r.truths = (unsigned char *)arena_bytes(&scratch, t->atom_count);
    if (r.values == NULL || r.truths == NULL) return error_set(e, FAIL_MEMORY, "no room to decide");
    memset(r.truths, TRUTH_NOT_YET, t->atom_count);
    if (t->reads_clock) r.now = rulebook_date(now_ns);
    fill_slots(&r, request);
    if (t->needs_layers) TRY(lay_out(&r, request, &scratch, e));
    struct answer answer;
    TRY(ask_all(&r, arena, &answer, e));
    if (!answer.obliges) {
        decision_write(&r, request, &answer, out);
        return OK;
    }
    struct rulebook_decision joined;
    decision_write(&r, request, &answer, &joined);
    TRY(join_again(&joined, arena, scratch, e));
    *out = joined;
    return OK;
}

/* ---- facts read ---- */

enum error_code table_facts(const struct rulebook_table *t, const struct rulebook_decision *d,
                            struct arena *arena, struct arena scratch,
                            const struct rulebook_reading **out, size_t *count, struct error *e) {
    struct question *q = arena_new(arena, struct question, 1);
    unsigned char *read = arena_new(&scratch, unsigned char, t->path_count);
    struct rulebook_reading *readings = arena_new(arena, struct rulebook_reading, t->path_count);
    if (q == NULL || read == NULL || readings == NULL)
        return error_set(e, FAIL_MEMORY, "no room for facts");
    TRY(decision_question(d, arena, q, e));
    size_t next = 0; /* the groups that spoke, in the table's order */
    for (size_t i = 0; i < t->group_count && next < d->group_count; i++) {
        const struct table_group *g = &t->groups[i];
        const struct table_reads *reads = &t->reads[i];
        const struct rulebook_spoken *spoken = d->groups[next];
        bool is_it = false;
        if (g->slow != NULL)
            is_it = spoken->at->clause == g->slow->clause;
        else
            for (uint32_t k = 0; k < g->outcome_count; k++)
                is_it |= spoken == &t->outcomes[g->first_outcome + k].spoken;
        if (!is_it) continue;
        next++;
        for (size_t k = 0; k < reads->count; k++) read[reads->paths[k]] = 1;
    }
    assert(next == d->group_count);
    struct evaluation ev = {.facts = q->facts, .now_ns = d->at_ns};
    size_t used = 0;
    for (size_t i = 0; i < t->path_count; i++) {
        const struct table_path *p = &t->paths[i];
        if (!p->always && !read[i]) continue;
        readings[used++] = (struct rulebook_reading){
            p->path, p->fixed != NULL ? p->fixed : evaluation_fact(&ev, p->path)};
    }
    *out = readings;
    *count = used;
    return OK;
}
