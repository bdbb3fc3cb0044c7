/* Looking back at a decision: the question it answered, the facts that were read, who spoke in which order, and
 * which adopted rulebooks had nothing in force. */
#include <assert.h>
#include <stdlib.h>

#include "rulebook/decide/decision.h"

/* ---- facts read ---- */

static int compare_paths(const void *a, const void *b) {
    return str_compare(*(const str *)a, *(const str *)b);
}

struct path_list {
    struct condition_visitor visitor;
    const struct rulebook_facts *facts;
    str *paths;
    size_t count, room;
};

static void visit_path(struct condition_visitor *self, str path, str brief) {
    struct path_list *list = (struct path_list *)self;
    if (list->count < list->room)
        list->paths[list->count] = facts_name_read(list->facts, path, brief);
    list->count++;
}

/* The value of a path for a replay: what was said, or unknown where it has run out. */
static const struct rulebook_value *value_read(const struct question *q, str path) {
    const struct rulebook_value *value = rulebook_facts_find(q->facts, path);
    if (value == NULL || (value->until_ns != 0 && q->at_ns >= value->until_ns))
        return &value_unknown;
    return value;
}

static enum error_code readings_of(const struct question *q, struct path_list *list,
                                   struct arena *arena, const struct rulebook_reading **out,
                                   size_t *count, struct error *e) {
    if (list->count > 1) qsort(list->paths, list->count, sizeof *list->paths, compare_paths);
    struct rulebook_reading *readings = arena_new(arena, struct rulebook_reading, list->count);
    if (readings == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu facts", list->count);
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (kept > 0 && str_equal(readings[kept - 1].path, list->paths[i])) continue;
        const struct rulebook_value *value = value_read(q, list->paths[i]);
        readings[kept++] = (struct rulebook_reading){list->paths[i], value};
    }
    *out = readings;
    *count = kept;
    return OK;
}

static bool has_spoken(const struct rulebook_decision *d, const struct rulebook_clause *clause) {
    for (size_t i = 0; i < d->fixed_count + d->spoke_count; i++)
        if (rulebook_decision_spoke(d, i)->clause == clause) return true;
    return false;
}

enum error_code decision_question(const struct rulebook_decision *d, struct arena *arena,
                                  struct question *out, struct error *e) {
    return question_begin(d->set, &d->subject, &d->facts, d->at_ns, arena, out, e);
}

/* Two passes: count, then collect. */
enum error_code decision_readings(const struct rulebook_decision *d,
                                  const struct rulebook_spoke *only, struct arena *arena,
                                  struct arena scratch, const struct rulebook_reading **out,
                                  size_t *count, struct error *e) {
    struct question *q = arena_new(arena, struct question, 1);
    if (q == NULL) return error_set(e, FAIL_MEMORY, "no room for facts");
    TRY(decision_question(d, arena, q, e)); /* act and time.now are among the facts given back */
    struct path_list list = {.visitor = {visit_path}, .facts = q->facts};
    for (int pass = 0; pass < 2; pass++) {
        list.room = list.count;
        list.count = 0;
        list.paths = arena_new(&scratch, str, list.room);
        if (list.paths == NULL) return error_set(e, FAIL_MEMORY, "no room for facts");
        const struct rulebook_clause *last = NULL;
        for (size_t i = 0; i < d->set->clause_count; i++) {
            const struct set_clause *sc = &d->set->clauses[i];
            if (sc->clause == last || !question_considers(q, sc)) continue;
            last = sc->clause;
            if (only != NULL && sc->clause != only->clause) continue;
            bool spoke = only != NULL || has_spoken(d, sc->clause);
            question_visit(q, sc, spoke ? RULEBOOK_TRUE : RULEBOOK_FALSE, &list.visitor);
        }
    }
    assert(list.count == list.room);
    return readings_of(q, &list, arena, out, count, e);
}

/* For people: parameters as the adoption sets them. What the ledger holds names the adoption by the
 * rules' digest, so decision_facts leaves them as facts that nobody said. */
static enum error_code params_show(const struct rulebook_decision *d,
                                   const struct rulebook_spoke *s,
                                   struct rulebook_reading *readings, size_t count,
                                   struct arena *arena, struct error *e) {
    struct question q;
    const struct set_clause *sc = NULL;
    TRY(decision_question(d, arena, &q, e));
    for (size_t i = 0; i < d->set->clause_count && sc == NULL; i++)
        if (d->set->clauses[i].clause == s->clause && question_considers(&q, &d->set->clauses[i]))
            sc = &d->set->clauses[i];
    for (size_t i = 0; i < count && sc != NULL; i++) {
        const struct rulebook_value *value;
        TRY(question_param(&q, sc, readings[i].path, arena, &value, e));
        if (value != NULL) readings[i].value = value;
    }
    return OK;
}

enum error_code rulebook_spoke_facts(const struct rulebook_decision *decision,
                                     const struct rulebook_spoke *spoke, struct arena *arena,
                                     struct arena scratch, const struct rulebook_reading **out,
                                     size_t *count, struct error *e) {
    const struct rulebook_reading *readings;
    TRY(decision_readings(decision, spoke, arena, scratch, &readings, count, e));
    *out = readings;
    return params_show(decision, spoke, (struct rulebook_reading *)(uintptr_t)readings, *count,
                       arena, e);
}

/* ---- who spoke, and who could not ---- */

/* By rank, without comparing names: one slot a clause of the set, then what is there in order. */
enum error_code decision_in_order(const struct rulebook_decision *d, struct arena *arena,
                                  const struct rulebook_spoke *const **out, size_t *count,
                                  struct error *e) {
    size_t room = d->set->clause_count, used = 0;
    const struct rulebook_spoke **order = arena_new(arena, const struct rulebook_spoke *, room);
    if (order == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu clauses", room);
    for (size_t i = 0; i < d->fixed_count; i++) order[d->fixed[i].rank] = &d->fixed[i];
    for (size_t i = 0; i < d->group_count; i++)
        for (size_t k = 0; k < d->groups[i]->count; k++)
            order[d->groups[i]->at[k].rank] = &d->groups[i]->at[k];
    for (size_t i = 0; i < room; i++)
        if (order[i] != NULL) order[used++] = order[i];
    assert(used == d->fixed_count + d->spoke_count);
    *out = order;
    *count = used;
    return OK;
}

enum error_code rulebook_decision_gaps(const struct rulebook_decision *d, struct arena *arena,
                                       const str **names, size_t *count, struct error *e) {
    const struct rulebook_set *s = d->set;
    str *gaps = arena_new(arena, str, s->adoption_count);
    if (gaps == NULL) return error_set(e, FAIL_MEMORY, "no room for gaps");
    size_t found = 0;
    for (size_t i = 0; i < s->adoption_count; i++) {
        const struct rulebook_adoption *a = &s->adoptions[i];
        if (!rulebook_span_has(a->span, d->at_ns) || !adoption_covers(a, &d->subject)) continue;
        bool in_force = false;
        for (size_t k = 0; k < s->book_count; k++)
            in_force |= adoption_names(a, s->books[k]) &&
                        rulebook_span_has(s->books[k]->in_force, d->at_ns);
        if (!in_force) gaps[found++] = a->rulebook;
    }
    *count = rulebook_items_sort(gaps, found);
    *names = gaps;
    return OK;
}
