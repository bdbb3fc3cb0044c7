/* Impact: what would newly fail if rulebooks that are not adopted yet were. The planned ones are
 * assessed as adopted, on the day they begin to bind, and held against an assessment of today: a
 * clause of the same line and id about the same subject is the same clause in another edition.
 *
 * Both are compared as verdicts, a byte each, and what is not new is taken out of the planned ones
 * before anything is counted, folded or told: so a million things need no more rows than are read. */
#include <stdlib.h>

#include "assess/inner.h"

/* Days on which planned clauses begin to bind: each is an assessment of its own. */
enum { MOMENTS_MOST = 16, IMPACT_BYTES = 1 << 30 }; /* address space */

struct assess_impact_work {
    struct arena_space space, scratch_space;
    struct arena arena, scratch;
    const struct assess_impact_options *options;
    const struct rulebook_set *planned_set;
    struct assess_work *now_work, *works[MOMENTS_MOST];
    int64_t moments[MOMENTS_MOST];
    size_t moment_count;
    struct assess_impact_row *rows;
    struct assess_impact result;
};

/* ---- what is planned, and from when ---- */

static int64_t begins_ns(const struct assess_impact_work *w, const struct rulebook_clause *clause) {
    return i64_max(w->options->now.at_ns,
                   i64_max(clause->rulebook->in_force.from_ns, clause->in_force.from_ns));
}

static bool ends_before(const struct rulebook_clause *clause, int64_t at_ns) {
    return at_ns >= i64_min(clause->rulebook->in_force.until_ns, clause->in_force.until_ns);
}

static const struct rulebook *planned_of(const struct assess_impact_work *w, str name) {
    for (size_t i = 0; i < w->options->planned_count; i++)
        if (str_equal(w->options->planned[i]->name, name)) return w->options->planned[i];
    return NULL;
}

static str line_of(const struct rulebook *rulebook) {
    return rulebook->line.len > 0 ? rulebook->line : rulebook->name;
}

static bool is_planned_line(const struct assess_impact_work *w, str line) {
    for (size_t i = 0; i < w->options->planned_count; i++)
        if (str_equal(line_of(w->options->planned[i]), line)) return true;
    return false;
}

static enum error_code moment_add(struct assess_impact_work *w, int64_t at_ns, struct error *e) {
    for (size_t i = 0; i < w->moment_count; i++)
        if (w->moments[i] == at_ns) return OK;
    if (w->moment_count == MOMENTS_MOST)
        return error_set(e, FAIL_LIMIT, "the rulebooks begin to bind on more than %d days",
                         MOMENTS_MOST);
    w->moments[w->moment_count++] = at_ns;
    return OK;
}

static enum error_code moments_find(struct assess_impact_work *w, struct error *e) {
    str *over = arena_new(&w->arena, str, w->options->planned_count);
    if (over == NULL) return error_set(e, FAIL_MEMORY, "no room for rulebooks");
    w->result.over = over;
    for (size_t i = 0; i < w->options->planned_count; i++) {
        const struct rulebook *book = w->options->planned[i];
        size_t bind = 0;
        for (size_t k = 0; k < book->clause_count; k++) {
            int64_t at_ns = begins_ns(w, &book->clauses[k]);
            if (ends_before(&book->clauses[k], at_ns)) continue;
            bind++;
            TRY(moment_add(w, at_ns, e));
        }
        if (bind == 0) over[w->result.over_count++] = book->name;
    }
    return OK;
}

/* ---- as if adopted ---- */

/* As the line is adopted now, with its operators, ticks and parameters; else by everybody. */
static struct rulebook_adoption adoption_of(const struct assess_impact_work *w,
                                            const struct rulebook *book) {
    const struct assess_options *now = &w->options->now;
    struct rulebook_adoption as_if = {.elects_all = true};
    for (size_t i = 0; i < now->adoption_count; i++) {
        const struct rulebook_adoption *a = &now->adoptions[i];
        bool is_same = str_equal(a->rulebook, book->name) || str_equal(a->rulebook, line_of(book));
        if (is_same && rulebook_span_has(a->span, now->at_ns)) as_if = *a;
    }
    as_if.rulebook = book->name;
    as_if.span = (struct rulebook_span){RULEBOOK_EVER, RULEBOOK_ALWAYS};
    return as_if;
}

static enum error_code planned_compile(struct assess_impact_work *w, struct error *e) {
    const struct assess_impact_options *o = w->options;
    size_t books = o->rulebook_count + o->planned_count;
    size_t adoptions = o->now.adoption_count + o->planned_count;
    const struct rulebook **all = arena_new(&w->arena, const struct rulebook *, books);
    struct rulebook_adoption *adopted = arena_new(&w->arena, struct rulebook_adoption, adoptions);
    if (all == NULL || adopted == NULL) return error_set(e, FAIL_MEMORY, "no room for rulebooks");
    struct rulebook_set_input input = {.rulebooks = all,
                                       .adoptions = adopted,
                                       .adoption_count = adoptions,
                                       .exceptions = o->now.exceptions,
                                       .exception_count = o->now.exception_count,
                                       .missing_allowed = true};
    for (size_t i = 0; i < o->rulebook_count; i++)
        if (planned_of(w, o->rulebooks[i]->name) == NULL)
            all[input.rulebook_count++] = o->rulebooks[i];
    for (size_t i = 0; i < o->now.adoption_count; i++) adopted[i] = o->now.adoptions[i];
    for (size_t i = 0; i < o->planned_count; i++) {
        all[input.rulebook_count++] = o->planned[i];
        adopted[o->now.adoption_count + i] = adoption_of(w, o->planned[i]);
    }
    return rulebook_set_compile(&input, &w->arena, w->scratch, &w->planned_set, e);
}

/* ---- which clauses are asked ---- */

struct impact_filter {
    struct clause_filter filter;
    const struct assess_impact_work *work;
    int64_t moment_ns;
};

/* Now: those of lines that are planned. */
static bool asks_now(const struct clause_filter *self, const struct rulebook_clause *clause) {
    const struct impact_filter *f = (const struct impact_filter *)self;
    return is_planned_line(f->work, line_of(clause->rulebook));
}

/* Then: those planned ones that begin to bind then. */
static bool asks_then(const struct clause_filter *self, const struct rulebook_clause *clause) {
    const struct impact_filter *f = (const struct impact_filter *)self;
    return planned_of(f->work, clause->rulebook->name) != NULL &&
           begins_ns(f->work, clause) == f->moment_ns;
}

/* ---- what was before ---- */

/* Subjects of one kind as they were: for each of then, the first of now with its id and how many
 * there are (copies nobody has placed share one). Ids of held subjects ascend; what is walked
 * stands at the same place of the same parts. */
struct before {
    const struct plan_kind *now, *then;
    uint32_t *first, *count; /* by held ordinal of then */
    /* The clauses of now that are other editions of one of then: aim finds them. */
    const struct rulebook_clause *aim;
    uint32_t *same;
    size_t same_count;
};

static enum error_code before_make(struct assess_impact_work *w, const struct plan_kind *now,
                                   const struct plan_kind *then, struct before *out,
                                   struct error *e) {
    const struct subjects *s = &then->subjects;
    size_t held_now = now->subjects.held_count, at = 0;
    *out = (struct before){.now = now,
                           .then = then,
                           .first = arena_new(&w->arena, uint32_t, s->held_count),
                           .count = arena_new(&w->arena, uint32_t, s->held_count),
                           .same = arena_new(&w->arena, uint32_t, now->clause_count)};
    if (out->first == NULL || out->count == NULL || out->same == NULL)
        return error_set(e, FAIL_MEMORY, "no room for what holds now");
    for (size_t i = 0; i < s->held_count; i++) {
        struct subject subject = subject_held(s, i), other;
        str id = subject_id(&subject);
        for (; at < held_now; at++) {
            other = subject_held(&now->subjects, at);
            if (str_compare(subject_id(&other), id) >= 0) break;
        }
        out->first[i] = (uint32_t)at;
        for (size_t same = at; same < held_now; same++) {
            other = subject_held(&now->subjects, same);
            if (!str_equal(subject_id(&other), id)) break;
            out->count[i]++;
        }
    }
    return OK;
}

static bool is_same_clause(const struct rulebook_clause *a, const struct rulebook_clause *b) {
    return str_equal(a->id, b->id) && str_equal(line_of(a->rulebook), line_of(b->rulebook));
}

/* What fails already is not new, whichever of two editions adopted at once says so. */
static unsigned char worse(unsigned char a, unsigned char b) {
    static const unsigned char rank[ASSESS_VERDICT_COUNT] = {
        [ASSESS_FAIL] = 2, [ASSESS_UNKNOWN] = 1};
    if (a == VERDICT_NONE || b == VERDICT_NONE) return a == VERDICT_NONE ? b : a;
    return rank[b & VERDICT_BITS] > rank[a & VERDICT_BITS] ? b : a;
}

/* The verdict now of one clause of now about a subject of then. */
static unsigned char clause_before(const struct before *b, size_t clause, size_t ordinal) {
    const struct subjects *now = &b->now->subjects, *then = &b->then->subjects;
    const unsigned char *verdicts = b->now->verdicts + clause * now->count;
    unsigned char worst = VERDICT_NONE;
    if (ordinal >= then->held_count) {
        size_t at = now->held_count + (ordinal - then->held_count);
        return at < now->count ? verdicts[at] : VERDICT_NONE;
    }
    for (size_t i = 0; i < b->count[ordinal]; i++)
        worst = worse(worst, verdicts[b->first[ordinal] + i]);
    return worst;
}

static void aim(const struct assess_impact_work *w, struct before *b,
                const struct rulebook_clause *clause) {
    if (b->aim == clause) return;
    b->aim = clause;
    b->same_count = 0;
    for (size_t c = 0; c < b->now->clause_count; c++)
        if (is_same_clause(clause,
                           rulebook_set_clause(w->now_work->options.set, b->now->clauses[c])))
            b->same[b->same_count++] = (uint32_t)c;
}

/* The worst of what editions of the clause say now; VERDICT_NONE: none binds. */
static unsigned char before_find(const struct before *b, size_t ordinal) {
    unsigned char worst = VERDICT_NONE;
    for (size_t i = 0; i < b->same_count; i++)
        worst = worse(worst, clause_before(b, b->same[i], ordinal));
    return worst;
}

/* ---- comparing ---- */

static bool is_bad(unsigned verdict) {
    return verdict == ASSESS_FAIL || verdict == ASSESS_UNKNOWN;
}

static bool is_new(unsigned char then, unsigned char before) {
    unsigned verdict = then & VERDICT_BITS;
    if (!is_bad(verdict)) return false;
    if (before == VERDICT_NONE) return true;
    return verdict == ASSESS_FAIL ? (before & VERDICT_BITS) != ASSESS_FAIL
                                  : !is_bad(before & VERDICT_BITS);
}

/* Leaves of a clause's verdicts those that are new. */
static void clause_compare(struct assess_impact_work *w, struct before *b, size_t clause) {
    const struct plan_kind *k = b->then;
    aim(w, b, rulebook_set_clause(w->planned_set, k->clauses[clause]));
    unsigned char *verdicts = k->verdicts + clause * k->subjects.count;
    for (size_t i = 0; i < k->subjects.count; i++) {
        if (verdicts[i] == VERDICT_NONE) continue;
        w->result.looked_at++;
        bool may_be_new = is_bad(verdicts[i] & VERDICT_BITS);
        if (!may_be_new || !is_new(verdicts[i], before_find(b, i))) verdicts[i] = VERDICT_NONE;
    }
}

/* ---- services ---- */

static int services_order(const void *a, const void *b) {
    const struct assess_impact_service *x = a, *y = b;
    return str_compare(x->id, y->id);
}

/* Adds those of one moment that something new was said of. */
static enum error_code services_add(struct assess_impact_work *w, const struct hangs *h,
                                    int64_t from_ns, struct error *e) {
    size_t before = w->result.service_count, count = before;
    struct assess_impact_service *all =
        arena_new(&w->arena, struct assess_impact_service, before + h->service_count);
    if (all == NULL) return error_set(e, FAIL_MEMORY, "no room for services");
    for (size_t i = 0; i < before; i++) all[i] = w->result.services[i];
    for (size_t i = 0; i < h->service_count; i++) {
        const struct hangs_service *s = &h->services[i];
        struct assess_impact_service key = {s->id, h->owners[s->owner], 0, 0, from_ns}, *known;
        if (s->count[ASSESS_FAIL] + s->count[ASSESS_UNKNOWN] == 0) continue;
        known = before > 0 ? bsearch(&key, all, before, sizeof key, services_order) : NULL;
        if (known == NULL) {
            known = &all[count++];
            *known = key;
        }
        known->fails += s->count[ASSESS_FAIL];
        known->unknowns += s->count[ASSESS_UNKNOWN];
        known->from_ns = i64_min(known->from_ns, from_ns);
    }
    if (count > 1) qsort(all, count, sizeof *all, services_order);
    w->result.services = all;
    w->result.service_count = count;
    return OK;
}

/* ---- a moment ---- */

static enum error_code row_add(struct assess_impact_work *w, struct before *befores,
                               const struct assess_work *then, const struct assess_row *row,
                               int64_t from_ns, struct error *e) {
    unsigned kind = 0;
    while (1u << kind != (unsigned)row->clause->about) kind++;
    struct before *b = &befores[kind];
    aim(w, b, row->clause);
    unsigned char before = before_find(b, row->subject_ordinal);
    str *services = arena_new(&w->arena, str, row->service_count);
    if (services == NULL) return error_set(e, FAIL_MEMORY, "no room for services");
    for (size_t i = 0; i < row->service_count; i++)
        services[i] = then->hangs->services[row->services[i]].id;
    w->rows[w->result.row_count++] = (struct assess_impact_row){
        .row = row,
        .is_bound_before = before != VERDICT_NONE,
        .before = before != VERDICT_NONE ? (enum assess_verdict)(before & VERDICT_BITS) : 0,
        .from_ns = from_ns,
        .operator_id = then->hangs->owners[owner_at(b->then, row->subject_ordinal)],
        .services = services,
        .service_count = row->service_count};
    return OK;
}

static enum error_code moment_compare(struct assess_impact_work *w, size_t moment,
                                      struct error *e) {
    struct impact_filter filter = {{asks_then}, w, w->moments[moment]};
    struct assess_options options = w->options->now;
    struct before befores[RULEBOOK_ABOUT_COUNT];
    options.at_ns = w->moments[moment];
    options.set = w->planned_set;
    TRY(work_judge(&options, &filter.filter, true, &w->works[moment], e));
    struct assess_work *then = w->works[moment];
    for (unsigned i = 0; i < RULEBOOK_ABOUT_COUNT; i++) {
        TRY(before_make(w, &w->now_work->kinds[i], &then->kinds[i], &befores[i], e));
        for (size_t c = 0; c < then->kinds[i].clause_count; c++) clause_compare(w, &befores[i], c);
    }
    TRY(work_tell(then, e));
    w->result.folded |= then->result.folded;
    w->result.fails += then->result.total[ASSESS_FAIL];
    w->result.unknowns += then->result.total[ASSESS_UNKNOWN];
    struct assess_impact_row *rows = arena_new(&w->arena, struct assess_impact_row,
                                               w->result.row_count + then->result.row_count);
    if (rows == NULL) return error_set(e, FAIL_MEMORY, "no room for rows");
    for (size_t i = 0; i < w->result.row_count; i++) rows[i] = w->rows[i];
    w->rows = rows;
    for (size_t i = 0; i < then->result.row_count; i++)
        TRY(row_add(w, befores, then, &then->result.rows[i], w->moments[moment], e));
    return services_add(w, then->hangs, w->moments[moment], e);
}

static int rows_order(const void *a, const void *b) {
    const struct assess_impact_row *x = a, *y = b;
    int order = str_compare(x->row->clause->rulebook->name, y->row->clause->rulebook->name);
    if (order == 0) order = str_compare(x->row->clause->id, y->row->clause->id);
    return order != 0 ? order : str_compare(x->row->subject, y->row->subject);
}

static enum error_code impact_run(struct assess_impact_work *w, struct error *e) {
    TRY(moments_find(w, e));
    TRY(planned_compile(w, e));
    const struct impact_filter filter = {{asks_now}, w, w->options->now.at_ns};
    TRY(work_judge(&w->options->now, &filter.filter, false, &w->now_work, e));
    for (size_t i = 0; i < w->moment_count; i++) TRY(moment_compare(w, i, e));
    if (w->result.row_count > 1) qsort(w->rows, w->result.row_count, sizeof *w->rows, rows_order);
    w->result.rows = w->rows;
    return OK;
}

enum error_code assess_impact(const struct assess_impact_options *options,
                              struct assess_impact_work **work, const struct assess_impact **out,
                              struct error *e) {
    struct arena_space space;
    struct arena arena;
    TRY(arena_space_open(&space, IMPACT_BYTES, &arena, e));
    struct assess_impact_work *w = arena_new(&arena, struct assess_impact_work, 1);
    assert(w != NULL); /* the first thing in a GiB */
    *w = (struct assess_impact_work){.space = space, .arena = arena, .options = options};
    w->result = (struct assess_impact){.at_ns = options->now.at_ns,
                                       .language = options->now.language,
                                       .planned = options->planned,
                                       .planned_count = options->planned_count};
    enum error_code code = arena_space_open(&w->scratch_space, IMPACT_BYTES, &w->scratch, e);
    if (code == OK) code = impact_run(w, e);
    if (code != OK) {
        assess_impact_release(w);
        return code;
    }
    *work = w;
    *out = &w->result;
    return OK;
}

void assess_impact_release(struct assess_impact_work *w) {
    if (w == NULL) return;
    struct arena_space space = w->space; /* the struct lies in it */
    assess_release(w->now_work);
    for (size_t i = 0; i < MOMENTS_MOST; i++) assess_release(w->works[i]);
    arena_space_release(&w->scratch_space);
    arena_space_release(&space);
}
