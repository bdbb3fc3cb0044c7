/* Tables: everything that is the same for every request of one act, dataset and place is decided
 * once; what remains are few comparisons of what only the request knows.
 *
 * Each clause is asked with the facts at hand. What no request can change is done: it spoke, or it
 * did not. The conditions of the others are folded (fold.c): known parts become constants, and the
 * comparisons left become atoms over slots, the paths a request fills. Clauses that come to the same
 * trees are one group, whose outcomes are written down beforehand, one for each truth it can have
 * (group.c). The whole is laid out dense (pack.c). A request then evaluates each atom at most once
 * and looks outcomes up (ask.c).
 *
 * What folding does not know (lists that come with the request, clauses whose strength, reads or
 * acceptance hang on it) is asked slowly, clause by clause: rare, and never wrong.
 * Source: RULEBOOK 6. */
#include <assert.h>
#include <stdlib.h>

#include "rulebook/fold/table.h"

struct rulebook_span rulebook_table_span(const struct rulebook_table *table) {
    return table->span;
}

enum error_code table_no_room(struct builder *b) {
    return error_set(b->e, FAIL_MEMORY, "no room to fold %zu clauses", b->q.set->clause_count);
}

/* ---- paths read ---- */

struct path_visitor {
    struct condition_visitor visitor;
    const struct rulebook_facts *facts;
    str *paths;
    size_t count, room;
};
static void visit_path(struct condition_visitor *self, str path, str brief) {
    struct path_visitor *v = (struct path_visitor *)self;
    if (v->count < v->room) v->paths[v->count] = facts_name_read(v->facts, path, brief);
    v->count++;
}

static enum error_code visit_twice(struct builder *b, const struct set_clause *sc,
                                   enum rulebook_truth applied, struct path_visitor *v) {
    *v = (struct path_visitor){.visitor = {visit_path}, .facts = b->q.facts};
    question_visit(&b->q, sc, applied, &v->visitor);
    v->room = v->count;
    v->count = 0;
    v->paths = arena_new(&b->scratch, str, v->room);
    if (v->paths == NULL) return table_no_room(b);
    question_visit(&b->q, sc, applied, &v->visitor);
    return OK;
}

static size_t path_at(const struct rulebook_table *t, str path) {
    size_t low = 0, high = t->path_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_compare(t->paths[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    assert(low < t->path_count);
    return low;
}

struct considered {
    const struct set_clause *clause;
    bool settled, spoke; /* settled: whether it spoke is known now */
    struct rulebook_spoke out;
    size_t rest; /* its rest, if it is not settled */
};

static int compare_strings(const void *a, const void *b) {
    return str_compare(*(const str *)a, *(const str *)b);
}

/* The group's paths with those of one more of its clauses. */
static enum error_code add_paths(struct builder *b, struct group *group,
                                 const struct path_visitor *v) {
    uint32_t *own = arena_new(&b->arena, uint32_t, group->path_count + v->count);
    if (own == NULL) return table_no_room(b);
    size_t count = 0;
    for (; count < group->path_count; count++) own[count] = group->paths[count];
    for (size_t i = 0; i < v->count; i++) {
        uint32_t at = (uint32_t)path_at(b->table, v->paths[i]);
        bool known = false;
        for (size_t k = 0; k < count && !known; k++) known = own[k] == at;
        if (!known) own[count++] = at;
    }
    if (count == group->path_count) return OK;
    group->paths = own;
    group->path_count = count;
    return OK;
}

/* All paths any considered clause may read, then which are always read and which by whom. */
static enum error_code build_paths(struct builder *b, const struct considered *all, size_t count) {
    struct rulebook_table *t = b->table;
    struct arena keep = b->scratch;
    struct path_visitor v;
    size_t room = 0;
    for (size_t i = 0; i < count; i++) {
        b->scratch = keep;
        TRY(visit_twice(b, all[i].clause, RULEBOOK_TRUE, &v));
        room += v.count;
    }
    b->scratch = keep;
    str *names = arena_new(&b->scratch, str, room);
    if (names == NULL) return table_no_room(b);
    keep = b->scratch;
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        b->scratch = keep;
        TRY(visit_twice(b, all[i].clause, RULEBOOK_TRUE, &v));
        for (size_t k = 0; k < v.count; k++) names[used++] = v.paths[k];
    }
    if (used > 1) qsort(names, used, sizeof *names, compare_strings);
    struct table_path *paths = arena_new(&b->arena, struct table_path, used);
    if (paths == NULL) return table_no_room(b);
    struct evaluation ev = {.facts = b->q.facts, .now_ns = b->q.at_ns};
    for (size_t i = 0; i < used; i++) {
        if (t->path_count > 0 && str_equal(paths[t->path_count - 1].path, names[i])) continue;
        struct table_path *p = &paths[t->path_count++];
        p->path = names[i];
        if (!fold_is_request_path(t, p->path)) p->fixed = evaluation_fact(&ev, p->path);
        t->reads_clock |= str_equal(p->path, STR("time.now"));
    }
    t->paths = paths;
    for (size_t i = 0; i < count; i++) {
        bool speaks = all[i].settled && all[i].spoke;
        b->scratch = keep;
        TRY(visit_twice(b, all[i].clause, speaks ? RULEBOOK_TRUE : RULEBOOK_FALSE, &v));
        for (size_t k = 0; k < v.count; k++) paths[path_at(t, v.paths[k])].always = true;
        if (all[i].settled) continue;
        TRY(visit_twice(b, all[i].clause, RULEBOOK_TRUE, &v));
        TRY(add_paths(b, &b->groups[b->rests[all[i].rest].group], &v));
    }
    return OK;
}

/* ---- the whole ---- */

static enum error_code settle(struct builder *b, struct considered *all, size_t *count) {
    struct rulebook_table *t = b->table;
    const struct rulebook_clause *last = NULL;
    for (size_t i = 0; i < b->q.set->clause_count; i++) {
        const struct set_clause *sc = &b->q.set->clauses[i];
        if (sc->clause == last || !question_considers(&b->q, sc)) continue;
        last = sc->clause;
        struct considered *c = &all[(*count)++];
        *c = (struct considered){.clause = sc, .settled = true};
        if (!fold_clause_hangs(b, sc)) {
            c->spoke = question_ask(&b->q, sc, &c->out);
            t->model.fixed_count += c->spoke;
            continue;
        }
        struct rest *rest = &b->rests[b->rest_count];
        TRY(fold_clause(b, sc, rest));
        if (fold_never_applies(rest)) continue;
        c->settled = false;
        c->rest = b->rest_count++;
    }
    return OK;
}

static enum error_code join_fixed(struct builder *b, const struct considered *all, size_t count) {
    struct rulebook_decision *model = &b->table->model;
    struct rulebook_spoke *fixed = arena_new(b->keep, struct rulebook_spoke, model->fixed_count);
    const struct rulebook_spoke **order =
        arena_new(&b->scratch, const struct rulebook_spoke *, model->fixed_count);
    if (fixed == NULL || order == NULL) return table_no_room(b);
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (!all[i].settled || !all[i].spoke) continue;
        fixed[used] = all[i].out;
        order[used] = &fixed[used];
        if (fixed[used].effect > model->effect) model->effect = fixed[used].effect;
        used++;
    }
    model->fixed = fixed;
    return join_obligations(order, used, b->keep, model, b->e);
}

enum error_code rulebook_table_build(const struct rulebook_set *set,
                                     const struct rulebook_subject *subject,
                                     const struct rulebook_facts *facts, const str *request,
                                     size_t request_count, int64_t at_ns, struct arena *arena,
                                     struct arena scratch, const struct rulebook_table **out,
                                     struct error *e) {
    struct rulebook_table table = {.request = request, .request_count = request_count};
    struct builder b = {.table = &table, .keep = arena, .e = e};
    b.building = b.arena = arena_over(scratch.next, arena_left(&scratch) / 2);
    scratch.next = b.arena.end;
    b.scratch = scratch;
    TRY(question_begin(set, subject, facts, at_ns, &b.arena, &b.q, e));
    table.span = (struct rulebook_span){question_boundary_before(&b.q), question_boundary(&b.q)};
    table.model = (struct rulebook_decision){
        .set = set, .subject = *subject, .facts.next = facts, .good_until_ns = table.span.until_ns};
    for (size_t i = 0; i < set->clause_count; i++)
        b.atom_room += fold_count_atoms(&set->clauses[i]);
    b.slot_room = 2 * b.atom_room; /* a comparison has two sides */
    b.slots = arena_new(&b.arena, struct slot, b.slot_room);
    b.atoms = arena_new(&b.arena, struct atom, b.atom_room);
    struct considered *all = arena_new(&b.scratch, struct considered, set->clause_count);
    b.rests = arena_new(&b.arena, struct rest, set->clause_count);
    b.groups = arena_new(&b.arena, struct group, set->clause_count);
    if (b.slots == NULL || b.atoms == NULL || all == NULL || b.rests == NULL || b.groups == NULL)
        return table_no_room(&b);
    size_t count = 0;
    TRY(settle(&b, all, &count));
    TRY(group_rests(&b));
    TRY(build_paths(&b, all, count));
    TRY(fold_settle_slots(&b));
    TRY(join_fixed(&b, all, count));
    return pack_table(&b, out);
}
