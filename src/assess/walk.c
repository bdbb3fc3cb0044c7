/* Workers over subjects, twice: first the verdicts, a byte each; then the rows that are told.
 *
 * Subjects that are alike in all the fields a group of clauses hangs on get the same verdicts, so
 * the group is asked once for them. What a worker asks lies in its own arena, emptied with each
 * subject; verdicts go to places of their own, so the result does not depend on who was faster. */
#include <pthread.h>
#include <stdlib.h>

#include "assess/alike.h"

enum { UNIT_SUBJECTS = 1024, CACHE_LEAST = 1 << 8 };
enum { FACTS_BYTES = 8 << 20, PART_BYTES = 64 << 20 };

struct walk;
struct worker {
    struct walk *walk;
    pthread_t thread;
    bool is_started;
    struct arena_space space, cache_space, part_space, *row_space;
    struct arena memory, cache_memory, part_memory, rows;
    struct cache *applies[RULEBOOK_ABOUT_COUNT], *answers[RULEBOOK_ABOUT_COUNT]; /* a group each */
    struct facts_noticed *noticed; /* of words in walked rows; NULL: nothing is to be */
    enum error_code code;
    struct error e;
};

struct unit {
    unsigned kind;
    size_t first, count; /* ordinals */
    size_t part;         /* of the register; NOT_WALKED: held rows */
};
#define NOT_WALKED SIZE_MAX
struct walk {
    struct assess_work *w;
    bool tells_rows;
    struct unit *units;
    size_t unit_count;
    _Atomic size_t next_unit, next_row;
    atomic_bool stopped;
    struct report_progress *progress;
    struct facts_noticed *noticed[THREADS_MOST]; /* a worker each; NULL: nothing is to be */
};

/* ---- one subject ---- */

/* Facts are gathered when the first group needs them. */
struct inquiry {
    struct worker *worker;
    const struct plan_kind *kind;
    struct subject subject;
    struct arena arena, scratch;
    struct questioning questioning; /* asking NULL: nobody has needed it */
    const uint32_t *services;       /* that stop with the subject, where they are told */
    size_t service_count;
};

static struct inquiry inquiry_of(struct worker *worker, const struct plan_kind *kind,
                                 struct subject subject) {
    struct inquiry q = {.worker = worker, .kind = kind, .subject = subject};
    q.arena = arena_over(worker->memory.next, FACTS_BYTES);
    q.scratch = arena_over(worker->memory.next + FACTS_BYTES, FACTS_BYTES);
    return q;
}

static enum error_code inquiry_open(struct inquiry *q, struct error *e) {
    const struct assess_work *w = q->worker->walk->w;
    struct rulebook_subject subject;
    struct rulebook_facts facts;
    if (q->questioning.asking != NULL) return OK;
    enum error_code code =
        subject_facts(w, &q->subject, &q->arena, q->scratch, &facts, &subject, e);
    if (code != OK) {
        str id = subject_id(&q->subject);
        return error_note(e, __func__, "gathering facts about %.*s", STR_FMT(id));
    }
    subject.act = w->options.act;
    return questioning_begin(w, &subject, q->subject.row, &facts, subject_day(w, &q->subject),
                             &q->arena, &q->questioning, e);
}

static unsigned char ask(const struct questioning *q, uint32_t clause) {
    struct rulebook_spoke spoke = {0};
    enum rulebook_asked asked;
    return questioning_ask(q, clause, &asked, &spoke);
}

/* Which of a group may apply: RULEBOOK_SPOKE where more must be asked. */
enum { MORE_TO_ASK = 0xfe };

static enum error_code applies_ask(struct inquiry *q, const struct clause_group *g,
                                   unsigned char *verdicts, struct error *e) {
    TRY(inquiry_open(q, e));
    for (size_t i = 0; i < g->member_count; i++)
        switch (rulebook_ask_applies(q->questioning.asking, q->kind->clauses[g->members[i]])) {
        case RULEBOOK_NOT_CONSIDERED: verdicts[i] = VERDICT_NONE; break;
        case RULEBOOK_NOT_APPLICABLE: verdicts[i] = ASSESS_NOT_APPLICABLE; break;
        case RULEBOOK_SPOKE: verdicts[i] = MORE_TO_ASK; break;
        }
    return OK;
}

static enum error_code group_ask(struct inquiry *q, const struct clause_group *g,
                                 unsigned char *verdicts, struct error *e) {
    TRY(inquiry_open(q, e));
    for (size_t i = 0; i < g->member_count; i++)
        verdicts[i] = ask(&q->questioning, q->kind->clauses[g->members[i]]);
    return OK;
}

/* What was asked before of a subject that is alike, else what `asks` says now. */
typedef enum error_code asking_fn(struct inquiry *q, const struct clause_group *g,
                                  unsigned char *verdicts, struct error *e);
static enum error_code recall(struct inquiry *q, const struct clause_group *g,
                              const struct mask *mask, struct cache *cache,
                              const struct row_keys *keys, asking_fn *asks, unsigned char *verdicts,
                              struct error *e) {
    if (mask->whole) return asks(q, g, verdicts, e);
    struct key key = group_key(mask, keys);
    size_t slot = cache_slot(cache, key);
    if (cache->keys[slot].a != 0 || cache->keys[slot].b != 0) {
        memcpy(verdicts, cache->verdicts + slot * g->member_count, g->member_count);
        return OK;
    }
    TRY(asks(q, g, verdicts, e));
    cache_put(cache, key, verdicts, g->member_count, &q->worker->cache_memory);
    return OK;
}

static enum error_code group_judge(struct inquiry *q, unsigned kind_index, size_t group,
                                   const struct row_keys *keys, unsigned char *verdicts,
                                   struct error *e) {
    const struct clause_group *g = &q->kind->groups[group];
    struct worker *worker = q->worker;
    TRY(recall(q, g, &g->applies, &worker->applies[kind_index][group], keys, applies_ask, verdicts,
               e));
    for (size_t i = 0; i < g->member_count; i++)
        if (verdicts[i] == MORE_TO_ASK)
            return recall(q, g, &g->mask, &worker->answers[kind_index][group], keys, group_ask,
                          verdicts, e);
    return OK;
}

static enum error_code subject_judge(struct worker *worker, unsigned kind_index,
                                     struct subject subject, struct error *e) {
    const struct assess_work *w = worker->walk->w;
    const struct plan_kind *k = &w->kinds[kind_index];
    struct inquiry q = inquiry_of(worker, k, subject);
    struct row_keys keys;
    unsigned char *verdicts = (unsigned char *)arena_bytes(&q.arena, k->clause_count);
    if (verdicts == NULL) return error_set(e, FAIL_MEMORY, "no room for verdicts");
    if (subject.row != NULL) row_keys_make(w, &k->all, subject.row, &keys);
    if (k->owners != NULL)
        k->owners[subject.ordinal] = hangs_owner(w->hangs, subject_row(&subject), w->options.at_ns);
    for (size_t i = 0; i < k->group_count; i++) {
        const struct clause_group *g = &k->groups[i];
        TRY(group_judge(&q, kind_index, i, &keys, verdicts, e));
        for (size_t m = 0; m < g->member_count; m++)
            k->verdicts[g->members[m] * k->subjects.count + subject.ordinal] = verdicts[m];
    }
    return OK;
}

/* ---- rows ---- */

static unsigned char verdict_byte(const struct plan_kind *k, size_t clause, size_t ordinal) {
    return k->verdicts[clause * k->subjects.count + ordinal];
}

/* Where a verdict of this subject is folded; NULL: nowhere. */
static struct fold_at *fold_of(const struct plan_kind *k, size_t clause, size_t ordinal) {
    unsigned verdict = verdict_byte(k, clause, ordinal) & VERDICT_BITS;
    return k->folds[fold_place(k, clause, verdict, owner_at(k, ordinal))];
}

static bool is_told(const struct plan_kind *k, size_t clause, size_t ordinal) {
    if (verdict_byte(k, clause, ordinal) == VERDICT_NONE) return false;
    const struct fold_at *fold = fold_of(k, clause, ordinal);
    return fold == NULL || ordinal <= fold->ordinal;
}

/* One of those a fold names as examples? */
static str *example_place(const struct plan_kind *k, size_t clause, size_t ordinal) {
    if (verdict_byte(k, clause, ordinal) == VERDICT_NONE) return NULL;
    struct fold_at *fold = fold_of(k, clause, ordinal);
    uint32_t count = fold == NULL ? 0 : fold->example_count;
    if (count == 0 || ordinal > fold->example_ordinals[count - 1]) return NULL;
    for (uint32_t i = 0; i < count; i++)
        if (fold->example_ordinals[i] == ordinal) return &fold->examples[i];
    return NULL;
}

/* The services that stop with a subject, each counted with the verdicts on it. */
static enum error_code services_tell(struct inquiry *q, struct error *e) {
    struct assess_work *w = q->worker->walk->w;
    const struct plan_kind *k = q->kind;
    uint64_t count[ASSESS_VERDICT_COUNT] = {0};
    bool is_said = false;
    if (w->hangs == NULL) return OK;
    for (size_t c = 0; c < k->clause_count; c++) {
        unsigned char byte = verdict_byte(k, c, q->subject.ordinal);
        if (byte == VERDICT_NONE) continue;
        count[byte & VERDICT_BITS]++;
        is_said = true;
    }
    if (!is_said) return OK;
    TRY(hangs_services(w->hangs, subject_row(&q->subject), w->options.at_ns, &q->arena,
                       &q->services, &q->service_count, e));
    for (size_t i = 0; i < q->service_count; i++)
        for (unsigned v = 0; v < ASSESS_VERDICT_COUNT; v++)
            if (count[v] > 0)
                atomic_fetch_add(&w->hangs->services[q->services[i]].count[v], count[v]);
    return OK;
}

static enum error_code services_copy(const struct inquiry *q, struct assess_row *row,
                                     struct error *e) {
    uint32_t *services = arena_new(&q->worker->rows, uint32_t, q->service_count);
    if (services == NULL) return error_set(e, FAIL_MEMORY, "no room for services");
    for (size_t i = 0; i < q->service_count; i++) services[i] = q->services[i];
    row->services = services;
    row->service_count = q->service_count;
    return OK;
}

static enum error_code row_tell(struct inquiry *q, size_t clause, struct error *e) {
    struct walk *walk = q->worker->walk;
    const struct plan_kind *k = q->kind;
    struct arena scratch = q->scratch;
    TRY(inquiry_open(q, e));
    size_t at = atomic_fetch_add(&walk->next_row, 1);
    assert(at < walk->w->row_count);
    struct assess_row *row = &walk->w->rows[at];
    TRY(row_make(walk->w, &q->questioning, k->clauses[clause], &q->worker->rows, scratch, row, e));
    unsigned char byte = verdict_byte(k, clause, q->subject.ordinal);
    assert((byte & VERDICT_BITS) == row->verdict); /* alike in what it hangs on, alike in verdict */
    const struct fold_at *fold = fold_of(k, clause, q->subject.ordinal);
    row->subject_ordinal = (uint32_t)q->subject.ordinal;
    if (fold != NULL && fold->ordinal == q->subject.ordinal) row->count = fold->rest;
    TRY(services_copy(q, row, e));
    return arena_copy(&q->worker->rows, subject_id(&q->subject), &row->subject, e);
}

static enum error_code subject_tell(struct worker *worker, unsigned kind_index,
                                    struct subject subject, struct error *e) {
    const struct plan_kind *k = &worker->walk->w->kinds[kind_index];
    struct inquiry q = inquiry_of(worker, k, subject);
    TRY(services_tell(&q, e));
    for (size_t c = 0; c < k->clause_count; c++) {
        str *example = example_place(k, c, subject.ordinal);
        if (is_told(k, c, subject.ordinal)) TRY(row_tell(&q, c, e));
        if (example != NULL) TRY(arena_copy(&worker->rows, subject_id(&subject), example, e));
    }
    return OK;
}

/* Is anything told of these? A part nobody tells of is not read again; where services are counted,
 * all that have a verdict are looked at. */
static bool unit_is_told(const struct walk *walk, const struct unit *unit) {
    const struct plan_kind *k = &walk->w->kinds[unit->kind];
    for (size_t c = 0; c < k->clause_count; c++)
        for (size_t i = unit->first; i < unit->first + unit->count; i++)
            if (is_told(k, c, i) || example_place(k, c, i) != NULL ||
                (walk->w->hangs != NULL && verdict_byte(k, c, i) != VERDICT_NONE))
                return true;
    return false;
}

/* ---- workers ---- */

static enum error_code subject_walk(struct worker *worker, unsigned kind, struct subject subject,
                                    struct error *e) {
    return worker->walk->tells_rows ? subject_tell(worker, kind, subject, e)
                                    : subject_judge(worker, kind, subject, e);
}

/* A part of the register: its rows are read, walked and forgotten. */
static enum error_code part_walk(struct worker *worker, const struct unit *unit, struct error *e) {
    struct assess_work *w = worker->walk->w;
    const struct plan_kind *k = &w->kinds[unit->kind];
    struct arena rows_memory = arena_over(worker->part_memory.next, PART_BYTES);
    struct arena scratch = arena_over(worker->part_memory.next + PART_BYTES, PART_BYTES);
    const struct register_row *rows;
    size_t count;
    TRY(register_part_read(w->options.parts, unit->part, &rows_memory, scratch, &rows, &count, e));
    assert(count == unit->count);
    for (size_t i = 0; i < count; i++) {
        struct subject subject = {.row = &rows[i], .ordinal = unit->first + i};
        if (worker->noticed != NULL) facts_notice(worker->noticed, &rows[i], subject.ordinal);
        if (subject_is_chosen(w, &rows[i])) {
            TRY(subject_walk(worker, unit->kind, subject, e));
            continue;
        }
        if (!worker->walk->tells_rows) atomic_fetch_add(&w->skipped_count, 1);
        for (size_t c = 0; c < k->clause_count && !worker->walk->tells_rows; c++)
            k->verdicts[c * k->subjects.count + subject.ordinal] = VERDICT_NONE;
    }
    return OK;
}

static enum error_code unit_walk(struct worker *worker, const struct unit *unit, struct error *e) {
    const struct walk *walk = worker->walk;
    const struct subjects *s = &walk->w->kinds[unit->kind].subjects;
    bool is_skipped = walk->tells_rows && !unit_is_told(walk, unit);
    if (!is_skipped && unit->part != NOT_WALKED) TRY(part_walk(worker, unit, e));
    if (!is_skipped && unit->part == NOT_WALKED)
        for (size_t i = unit->first; i < unit->first + unit->count; i++)
            TRY(subject_walk(worker, unit->kind, subject_held(s, i), e));
    report_progress_step(walk->progress, unit->count);
    return OK;
}

static void *worker_main(void *self) {
    struct worker *worker = self;
    struct walk *walk = worker->walk;
    while (worker->code == OK && !atomic_load(&walk->stopped)) {
        size_t at = atomic_fetch_add(&walk->next_unit, 1);
        if (at >= walk->unit_count) break;
        worker->code = unit_walk(worker, &walk->units[at], &worker->e);
        if (worker->code != OK) atomic_store(&walk->stopped, true);
    }
    return NULL;
}

static enum error_code caches_open(struct worker *worker, struct error *e) {
    const struct assess_work *w = worker->walk->w;
    struct arena *memory = &worker->cache_memory;
    for (unsigned i = 0; i < RULEBOOK_ABOUT_COUNT; i++) {
        const struct plan_kind *k = &w->kinds[i];
        struct cache *applies = arena_new(memory, struct cache, k->group_count);
        struct cache *answers = arena_new(memory, struct cache, k->group_count);
        bool has_room = applies != NULL && answers != NULL;
        for (size_t g = 0; g < k->group_count && has_room; g++) {
            size_t members = k->groups[g].member_count;
            has_room = cache_open(&applies[g], CACHE_LEAST, members, memory) &&
                       cache_open(&answers[g], CACHE_LEAST, members, memory);
        }
        if (!has_room) return error_set(e, FAIL_MEMORY, "no room for what was asked already");
        worker->applies[i] = applies;
        worker->answers[i] = answers;
    }
    return OK;
}

static enum error_code worker_open(struct worker *worker, struct walk *walk, unsigned number,
                                   struct error *e) {
    const size_t cache_bytes = (size_t)1 << 30, row_bytes = (size_t)8 << 30; /* address space */
    worker->walk = walk;
    worker->noticed = walk->noticed[number];
    TRY(arena_space_open(&worker->space, (size_t)FACTS_BYTES * 2 + 4096, &worker->memory, e));
    TRY(arena_space_open(&worker->part_space, (size_t)PART_BYTES * 2 + 4096, &worker->part_memory,
                         e));
    if (walk->tells_rows) {
        worker->row_space = &walk->w->row_spaces[number];
        return arena_space_open(worker->row_space, row_bytes, &worker->rows, e);
    }
    TRY(arena_space_open(&worker->cache_space, cache_bytes, &worker->cache_memory, e));
    return caches_open(worker, e);
}

static enum error_code units_make(struct walk *walk, struct arena *arena, uint64_t *subjects,
                                  struct error *e) {
    const struct assess_work *w = walk->w;
    size_t count = 0;
    for (unsigned i = 0; i < RULEBOOK_ABOUT_COUNT; i++)
        count += w->kinds[i].subjects.held_count / UNIT_SUBJECTS + 1 +
                 register_part_count(w->kinds[i].subjects.parts);
    walk->units = arena_new(arena, struct unit, count);
    if (walk->units == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu parts", count);
    for (unsigned i = 0; i < RULEBOOK_ABOUT_COUNT; i++) {
        const struct subjects *of = &w->kinds[i].subjects;
        for (size_t p = 0; p < register_part_count(of->parts); p++)
            walk->units[walk->unit_count++] =
                (struct unit){i, of->part_first[p], register_part_rows(of->parts, p), p};
        for (size_t first = 0; first < of->held_count; first += UNIT_SUBJECTS) {
            size_t part = size_min(UNIT_SUBJECTS, of->held_count - first);
            walk->units[walk->unit_count++] = (struct unit){i, first, part, NOT_WALKED};
        }
        *subjects += of->count;
    }
    return OK;
}

static enum error_code walk_all(struct walk *walk, const char *what, struct error *e) {
    struct assess_work *w = walk->w;
    struct worker workers[THREADS_MOST] = {0};
    struct arena_space space = {0};
    struct arena arena;
    uint64_t subjects = 0;
    unsigned count = w->options.threads;
    assert(count >= 1 && count <= THREADS_MOST);
    TRY(arena_space_open(&space, (size_t)64 << 20, &arena, e));
    enum error_code code = units_make(walk, &arena, &subjects, e);
    if (count > walk->unit_count) count = walk->unit_count > 0 ? (unsigned)walk->unit_count : 1;
    for (unsigned i = 0; i < count && code == OK; i++) code = worker_open(&workers[i], walk, i, e);
    if (code == OK) {
        walk->progress = report_progress_begin(what, subjects, w->options.progress);
        for (unsigned i = 1; i < count; i++)
            workers[i].is_started =
                pthread_create(&workers[i].thread, NULL, worker_main, &workers[i]) == 0;
        worker_main(&workers[0]);
        for (unsigned i = 1; i < count; i++)
            if (workers[i].is_started) pthread_join(workers[i].thread, NULL);
        report_progress_end(walk->progress);
    }
    for (unsigned i = 0; i < count; i++) {
        if (code == OK && workers[i].code != OK) {
            code = workers[i].code;
            *e = workers[i].e;
        }
        arena_space_release(&workers[i].space);
        arena_space_release(&workers[i].cache_space);
        arena_space_release(&workers[i].part_space);
    }
    arena_space_release(&space);
    return code;
}

/* What was noticed of the walked rows stands behind the other warnings. */
static enum error_code noticed_tell(struct walk *walk, struct error *e) {
    struct assess_work *w = walk->w;
    const str *told;
    size_t count, before = w->result.warning_count;
    TRY(facts_noticed_tell(walk->noticed, w->options.threads, &w->arena, &told, &count, e));
    str *all = arena_new(&w->arena, str, before + count);
    if (all == NULL) return error_set(e, FAIL_MEMORY, "no room for warnings");
    for (size_t i = 0; i < before; i++) all[i] = w->result.warnings[i];
    for (size_t i = 0; i < count; i++) all[before + i] = told[i];
    w->result.warnings = all;
    w->result.warning_count = before + count;
    return OK;
}

enum error_code walk_verdicts(struct assess_work *w, struct error *e) {
    struct walk walk = {.w = w};
    for (unsigned i = 0; w->hearing != NULL && i < w->options.threads; i++)
        TRY(facts_noticed_open(w->hearing, &w->arena, &walk.noticed[i], e));
    TRY(walk_all(&walk, say(w->options.language, "assessing", "評価中"), e));
    return w->hearing != NULL ? noticed_tell(&walk, e) : OK;
}

enum error_code walk_rows(struct assess_work *w, struct error *e) {
    struct walk walk = {.w = w, .tells_rows = true};
    return walk_all(&walk, say(w->options.language, "reporting", "記録中"), e);
}
