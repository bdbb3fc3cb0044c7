/* Impact: what would newly fail if rulebooks that are not adopted yet were. The planned ones are
 * assessed as adopted, on the day they begin to bind, and held against an assessment of today: a
 * clause of the same line and id about the same subject is the same clause in another edition. */
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
    const struct assessment *now;
    int64_t moments[MOMENTS_MOST];
    size_t moment_count;
    const struct assess_row **before; /* of lines that are planned, sorted */
    size_t before_count;
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

static enum error_code assess_all_rows(const struct assess_options *options,
                                       struct assess_work **work, const struct assessment **out,
                                       struct error *e) {
    TRY(assess_run(options, work, out, e));
    if (!(*out)->folded) return OK;
    return error_set(e, FAIL_LIMIT,
                     "more than %llu rows: narrow it (--operator, --sector, --site), or raise "
                     "--rows",
                     (unsigned long long)options->row_limit);
}

/* ---- what was before ---- */

static int same_order(const struct assess_row *a, const struct assess_row *b) {
    int order = str_compare(line_of(a->clause->rulebook), line_of(b->clause->rulebook));
    if (order == 0) order = str_compare(a->clause->id, b->clause->id);
    if (order == 0) order = (int)a->clause->about - (int)b->clause->about;
    return order != 0 ? order : str_compare(a->subject, b->subject);
}

static bool is_bad(enum assess_verdict verdict) {
    return verdict == ASSESS_FAIL || verdict == ASSESS_UNKNOWN;
}

static int before_order(const void *a, const void *b) {
    return same_order(*(const struct assess_row *const *)a, *(const struct assess_row *const *)b);
}

static enum error_code before_gather(struct assess_impact_work *w, struct error *e) {
    w->before = arena_new(&w->arena, const struct assess_row *, w->now->row_count);
    if (w->before == NULL) return error_set(e, FAIL_MEMORY, "no room for what holds now");
    for (size_t i = 0; i < w->now->row_count; i++)
        if (is_planned_line(w, line_of(w->now->rows[i].clause->rulebook)))
            w->before[w->before_count++] = &w->now->rows[i];
    if (w->before_count > 1) qsort(w->before, w->before_count, sizeof *w->before, before_order);
    return OK;
}

/* The worst of what two editions adopted at once say now: what fails already is not new. */
static const struct assess_row *before_find(const struct assess_impact_work *w,
                                            const struct assess_row *row) {
    size_t low = 0, high = w->before_count;
    const struct assess_row *worst = NULL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (same_order(w->before[middle], row) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < w->before_count && same_order(w->before[low], row) == 0; low++) {
        bool is_worse = worst == NULL || w->before[low]->verdict == ASSESS_FAIL ||
                        (w->before[low]->verdict == ASSESS_UNKNOWN && !is_bad(worst->verdict));
        if (is_worse) worst = w->before[low];
    }
    return worst;
}

/* ---- whose it is, and what stops with it ---- */

static bool has_word(const struct register_row *row, const char *field, str word, int64_t at_ns) {
    const struct register_value *v = register_value_find(&row->fields, str_from_c(field));
    if (!register_value_is_good(v, at_ns)) return false;
    for (size_t i = 0; i < v->count; i++)
        if (str_equal(v->texts[i], word)) return true;
    return false;
}

/* The row a verdict is about; of a copy its dataset; NULL: walked equipment. */
static const struct register_row *row_of(const struct assess_impact_work *w,
                                         const struct assess_row *row) {
    enum register_kind kind = REGISTER_DATASETS;
    str id = row->subject, head;
    if (row->clause->about == RULEBOOK_ABOUT_COPY) {
        if (str_cut(&id, '@', &head)) id = head;
    } else if (!register_kind_find(str_from_c(rulebook_about_name(row->clause->about)), &kind)) {
        return NULL;
    }
    return register_row_at(w->options->now.snapshot, kind, id, w->options->now.at_ns);
}

/* An operator's id, or the entity that one is. */
static str operator_named(const struct assess_impact_work *w, str party) {
    const struct assess_options *o = &w->options->now;
    const struct register_row *row;
    size_t cursor = 0;
    str entity;
    while ((row = register_row_next(o->snapshot, REGISTER_OPERATORS, o->at_ns, &cursor)) != NULL)
        if (str_equal(row->id, party) ||
            (register_text_at(row, STR("entity"), o->at_ns, &entity) && str_equal(entity, party)))
            return row->id;
    return STR_EMPTY;
}

static str operator_of(const struct assess_impact_work *w, const struct register_row *row) {
    static const str fields[] = {{"operator", 8}, {"owner", 5}, {"entity", 6}};
    str party, found = STR_EMPTY;
    if (row != NULL && row->kind == REGISTER_OPERATORS) return row->id;
    if (row != NULL && row->kind == REGISTER_ENTITIES) return operator_named(w, row->id);
    for (size_t i = 0; row != NULL && i < COUNT_OF(fields) && found.len == 0; i++)
        if (register_text_at(row, fields[i], w->options->now.at_ns, &party))
            found = operator_named(w, party);
    return found.len > 0 ? found : facts_operator_of(w->now_work->world, STR_EMPTY);
}

/* Does the system hang on what fails? */
static bool system_hangs(const struct register_row *system, const struct register_row *failing,
                         int64_t at_ns) {
    switch (failing->kind) {
    case REGISTER_SYSTEMS: return str_equal(system->id, failing->id);
    case REGISTER_SITES: return has_word(system, "sites", failing->id, at_ns);
    case REGISTER_DATASETS:
        return has_word(system, "datasets", failing->id, at_ns) ||
               has_word(failing, "systems", system->id, at_ns);
    case REGISTER_EQUIPMENT: return has_word(failing, "systems", system->id, at_ns);
    default: return false;
    }
}

static bool service_hangs(const struct assess_impact_work *w, const struct register_row *service,
                          const struct register_row *failing) {
    const struct assess_options *o = &w->options->now;
    const struct register_row *system;
    size_t cursor = 0;
    while ((system = register_row_next(o->snapshot, REGISTER_SYSTEMS, o->at_ns, &cursor)) != NULL)
        if (system_hangs(system, failing, o->at_ns) &&
            (has_word(system, "services", service->id, o->at_ns) ||
             has_word(service, "systems", system->id, o->at_ns)))
            return true;
    return false;
}

static enum error_code services_find(struct assess_impact_work *w,
                                     const struct register_row *failing,
                                     struct assess_impact_row *out, struct error *e) {
    const struct assess_options *o = &w->options->now;
    size_t count = w->result.service_count;
    if (failing == NULL || count == 0) return OK;
    str *found = arena_new(&w->arena, str, count);
    if (found == NULL) return error_set(e, FAIL_MEMORY, "no room for services");
    for (size_t i = 0; i < count; i++) {
        struct assess_impact_service *service = &w->result.services[i];
        const struct register_row *row =
            register_row_at(o->snapshot, REGISTER_SERVICES, service->id, o->at_ns);
        if (!service_hangs(w, row, failing)) continue;
        found[out->service_count++] = service->id;
        if (out->row->verdict == ASSESS_FAIL)
            service->fails++;
        else
            service->unknowns++;
        service->from_ns = i64_min(service->from_ns, out->from_ns);
    }
    out->services = found;
    return OK;
}

/* All services; those that nothing hangs on are taken out at the end. */
static enum error_code services_begin(struct assess_impact_work *w, struct error *e) {
    const struct assess_options *o = &w->options->now;
    const struct register_row *row;
    size_t all, cursor = 0;
    register_rows(o->snapshot, REGISTER_SERVICES, &all);
    w->result.services = arena_new(&w->arena, struct assess_impact_service, all);
    if (w->result.services == NULL) return error_set(e, FAIL_MEMORY, "no room for services");
    while ((row = register_row_next(o->snapshot, REGISTER_SERVICES, o->at_ns, &cursor)) != NULL)
        w->result.services[w->result.service_count++] = (struct assess_impact_service){
            .id = row->id, .operator_id = operator_of(w, row), .from_ns = INT64_MAX};
    return OK;
}

static void services_end(struct assess_impact_work *w) {
    size_t kept = 0;
    for (size_t i = 0; i < w->result.service_count; i++)
        if (w->result.services[i].fails + w->result.services[i].unknowns > 0)
            w->result.services[kept++] = w->result.services[i];
    w->result.service_count = kept;
}

/* ---- comparing ---- */

static bool is_new(const struct assess_row *row, const struct assess_row *before) {
    if (!is_bad(row->verdict)) return false;
    if (before == NULL) return true;
    return row->verdict == ASSESS_FAIL ? before->verdict != ASSESS_FAIL : !is_bad(before->verdict);
}

static enum error_code row_add(struct assess_impact_work *w, const struct assess_row *row,
                               struct error *e) {
    const struct assess_row *before = before_find(w, row);
    w->result.looked_at++;
    if (!is_new(row, before)) return OK;
    const struct register_row *about = row_of(w, row);
    struct assess_impact_row *out = &w->rows[w->result.row_count++];
    *out = (struct assess_impact_row){.row = row,
                                      .before = before,
                                      .from_ns = begins_ns(w, row->clause),
                                      .operator_id = operator_of(w, about)};
    if (row->verdict == ASSESS_FAIL)
        w->result.fails++;
    else
        w->result.unknowns++;
    return services_find(w, about, out, e);
}

static enum error_code moment_compare(struct assess_impact_work *w, size_t moment,
                                      struct error *e) {
    struct assess_options options = w->options->now;
    const struct assessment *then;
    options.at_ns = w->moments[moment];
    options.set = w->planned_set;
    TRY(assess_all_rows(&options, &w->works[moment], &then, e));
    struct assess_impact_row *rows =
        arena_new(&w->arena, struct assess_impact_row, w->result.row_count + then->row_count);
    if (rows == NULL) return error_set(e, FAIL_MEMORY, "no room for rows");
    for (size_t i = 0; i < w->result.row_count; i++) rows[i] = w->rows[i];
    w->rows = rows;
    for (size_t i = 0; i < then->row_count; i++) {
        const struct assess_row *row = &then->rows[i];
        bool is_planned = planned_of(w, row->clause->rulebook->name) != NULL;
        if (is_planned && begins_ns(w, row->clause) == w->moments[moment]) TRY(row_add(w, row, e));
    }
    return OK;
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
    TRY(assess_all_rows(&w->options->now, &w->now_work, &w->now, e));
    TRY(before_gather(w, e));
    TRY(services_begin(w, e));
    for (size_t i = 0; i < w->moment_count; i++) TRY(moment_compare(w, i, e));
    services_end(w);
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
