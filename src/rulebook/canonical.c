/* Bytes that name things: a document, a decision. The same thing gives the same bytes, whatever
 * order its parts came in. Format: docs/formats/decision.md. */
#include <assert.h>
#include <stdlib.h>

#include "base/numbers.h"
#include "rulebook/decision.h"

/* ---- documents ---- */

static void add_sized(struct sha256 *h, char kind, str text) {
    unsigned char head[9] = {(unsigned char)kind};
    write_be64(head + 1, text.len);
    sha256_add(h, head, sizeof head);
    sha256_add(h, text.at, text.len);
}

static void add_count(struct sha256 *h, char kind, size_t count) {
    unsigned char head[9] = {(unsigned char)kind};
    write_be64(head + 1, count);
    sha256_add(h, head, sizeof head);
}

void doc_canonical(const struct doc_node *node, struct sha256 *h) {
    switch (node->kind) {
    case DOC_SCALAR: add_sized(h, 's', node->text); return;
    case DOC_LIST:
        add_count(h, 'l', node->count);
        for (size_t i = 0; i < node->count; i++) doc_canonical(node->items[i], h);
        return;
    case DOC_MAP:
        add_count(h, 'm', node->count);
        for (size_t i = 0; i < node->count; i++) {
            add_sized(h, 's', node->keys[node->sorted[i]]->text);
            doc_canonical(node->items[node->sorted[i]], h);
        }
        return;
    }
}

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

/* A derived set or parameter is read under its full name, unless only the brief one has an answer.
 */
static void visit_path(struct condition_visitor *self, str path, str brief) {
    struct path_list *list = (struct path_list *)self;
    if (brief.len > 0 && rulebook_facts_find(list->facts, path) == NULL &&
        rulebook_facts_find(list->facts, brief) != NULL)
        path = brief;
    if (list->count < list->room) list->paths[list->count] = path;
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
static enum error_code collect(const struct rulebook_decision *d, const struct rulebook_spoke *only,
                               struct arena *arena, struct arena scratch,
                               const struct rulebook_reading **out, size_t *count,
                               struct error *e) {
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

enum error_code rulebook_decision_facts(const struct rulebook_decision *decision,
                                        struct arena *arena, struct arena scratch,
                                        const struct rulebook_reading **out, size_t *count,
                                        struct error *e) {
    if (decision->table != NULL)
        return table_facts(decision->table, decision, arena, scratch, out, count, e);
    return collect(decision, NULL, arena, scratch, out, count, e);
}

enum error_code rulebook_spoke_facts(const struct rulebook_decision *decision,
                                     const struct rulebook_spoke *spoke, struct arena *arena,
                                     struct arena scratch, const struct rulebook_reading **out,
                                     size_t *count, struct error *e) {
    const struct rulebook_reading *readings;
    TRY(collect(decision, spoke, arena, scratch, &readings, count, e));
    *out = readings;
    return params_show(decision, spoke, (struct rulebook_reading *)(uintptr_t)readings, *count,
                       arena, e);
}

/* ---- a decision ---- */

enum { CANONICAL_VERSION = 1 };

static void pack_periods(const struct rulebook_periods *periods, struct pack *p) {
    pack_u32(p, (uint32_t)periods->count);
    for (size_t i = 0; i < periods->count; i++) {
        const struct rulebook_period *period = &periods->at[i];
        pack_u8(p, (uint8_t)period->kind);
        pack_i64(p, period->length.months);
        pack_i64(p, period->length.ns);
        pack_u32(p, period->days);
        pack_str(p, period->calendar);
    }
}

static void pack_obligation(const struct rulebook_obligation *o, struct pack *p) {
    pack_u8(p, (uint8_t)o->kind);
    pack_u8(p, o->by_ack);
    pack_u8(p, o->asked);
    pack_periods(&o->within, p);
    pack_u64(p, o->number);
    pack_u32(p, (uint32_t)o->word_count);
    for (size_t i = 0; i < o->word_count; i++) pack_str(p, o->words[i]);
    pack_periods(&o->periods, p);
    pack_str(p, o->start);
    pack_u8(p, o->delete_here);
    pack_u8(p, o->other_copies);
    pack_str(p, o->shown_by);
}

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

static const struct rulebook_hidden *find_hidden(const struct rulebook_hidden *hidden, size_t count,
                                                 str path) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(hidden[middle].path, path);
        if (order == 0) return &hidden[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

enum error_code rulebook_decision_canonical(const struct rulebook_decision *d,
                                            const struct rulebook_hidden *hidden,
                                            size_t hidden_count, struct arena *arena,
                                            struct arena scratch, str *out, struct error *e) {
    const struct rulebook_spoke *const *order;
    const struct rulebook_reading *readings;
    size_t count, reading_count;
    TRY(decision_in_order(d, &scratch, &order, &count, e));
    struct arena left = scratch;
    struct arena half = arena_over(left.next, arena_left(&left) / 2);
    left.next = half.end;
    TRY(rulebook_decision_facts(d, &half, left, &readings, &reading_count, e));
    struct pack p = pack_into(arena->next, arena_left(arena));
    pack_u8(&p, CANONICAL_VERSION);
    pack_raw(&p, d->set->digest.at, DIGEST_BYTES);
    pack_u32(&p, d->subject.about);
    pack_str(&p, d->subject.act);
    pack_str(&p, d->subject.operator_id);
    pack_str(&p, d->subject.dataset_id);
    pack_str(&p, d->subject.site_id);
    pack_u8(&p, (uint8_t)d->effect);
    pack_u32(&p, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        pack_str(&p, order[i]->clause->rulebook->name);
        pack_str(&p, order[i]->clause->id);
        pack_u8(&p, (uint8_t)order[i]->effect);
    }
    pack_u32(&p, (uint32_t)d->obligation_count);
    for (size_t i = 0; i < d->obligation_count; i++) pack_obligation(&d->obligations[i], &p);
    pack_u32(&p, (uint32_t)reading_count);
    for (size_t i = 0; i < reading_count; i++) {
        const struct rulebook_hidden *h = find_hidden(hidden, hidden_count, readings[i].path);
        pack_str(&p, readings[i].path);
        pack_u8(&p, h != NULL);
        if (h != NULL)
            pack_raw(&p, h->commitment.at, DIGEST_BYTES);
        else
            value_pack(readings[i].value, &p);
    }
    if (p.overflow) return error_set(e, FAIL_MEMORY, "no room for a decision");
    arena->next += p.len;
    *out = str_of(p.at, p.len);
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
