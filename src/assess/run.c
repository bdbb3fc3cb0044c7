/* An assessment from beginning to end: plan, verdicts, how much is told one by one, rows, totals. */
#include <stdlib.h>
#include <unistd.h>

#include "assess/inner.h"

enum { SCRATCH_BYTES = 64 << 20, ROWS_OF_A_KIND_MOST = 999 };

/* ---- before ---- */

static enum error_code filter_check(const struct assess_work *w, enum register_kind kind, str id,
                                    const char *what, struct error *e) {
    const struct assess_options *o = &w->options;
    if (id.len == 0 || register_row_at(o->snapshot, kind, id, o->at_ns) != NULL) return OK;
    return error_set(e, FAIL_NOT_FOUND, "the register has no %s \"%.*s\" at that time", what,
                     STR_FMT(id));
}

static enum error_code filters_check(const struct assess_work *w, struct error *e) {
    const struct assess_options *o = &w->options;
    TRY(filter_check(w, REGISTER_OPERATORS, o->operator_id, "operator", e));
    TRY(filter_check(w, REGISTER_SITES, o->site, "site", e));
    TRY(filter_check(w, REGISTER_DATASETS, o->dataset, "dataset", e));
    if (o->sector.len > 0 && !sector_is_said(w))
        return error_set(e, FAIL_NOT_FOUND,
                         "nothing in the register is of the sector \"%.*s\" at that time",
                         STR_FMT(o->sector));
    return filter_check(w, REGISTER_SITES, o->store_site, "site", e);
}

static enum error_code filter_name(struct assess_work *w, struct error *e) {
    const struct assess_options *o = &w->options;
    char room[1024];
    struct text t = text_into(room, sizeof room);
    const struct {
        const char *name;
        str value;
    } filters[] = {{"sector", o->sector},
                   {"operator", o->operator_id},
                   {"site", o->site},
                   {"dataset", o->dataset}};
    for (size_t i = 0; i < COUNT_OF(filters); i++)
        if (filters[i].value.len > 0)
            text_format(&t, "%s%s=%.*s", t.len > 0 ? " " : "", filters[i].name,
                        STR_FMT(filters[i].value));
    return arena_copy(&w->arena, text_str(&t), &w->result.filter, e);
}

static unsigned threads_of(unsigned asked) {
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned count = asked > 0 ? asked : online > 0 ? (unsigned)online : 1;
    return count > THREADS_MOST ? THREADS_MOST : count;
}

/* ---- counting ---- */

static void count_clause(struct assess_work *w, const struct plan_kind *k, size_t clause) {
    struct assess_tally *tally = &w->tallies[k->tally_first + clause];
    const unsigned char *verdicts = k->verdicts + clause * k->subjects.count;
    for (size_t i = 0; i < k->subjects.count; i++) {
        if (verdicts[i] == VERDICT_NONE) continue;
        unsigned v = verdicts[i] & VERDICT_BITS;
        tally->count[v]++;
        w->result.total[v]++;
        if ((verdicts[i] & VERDICT_SCORED) != 0) w->result.scored[v]++;
    }
    uint64_t all = 0;
    for (unsigned v = 0; v < ASSESS_VERDICT_COUNT; v++) all += tally->count[v];
    if (all == 0 && tally->unchecked == NULL) tally->unchecked = "unbound";
}

/* At most `singly` of a verdict are told one by one; the next stands for the rest. What passes or
 * does not apply is told by one row. `counts` by fold_place. */
static enum error_code fold_clause(struct assess_work *w, const struct plan_kind *k, size_t clause,
                                   const uint64_t *counts, uint64_t *seen, uint64_t singly,
                                   struct error *e) {
    const unsigned char *verdicts = k->verdicts + clause * k->subjects.count;
    for (size_t i = 0; i < k->subjects.count; i++) {
        if (verdicts[i] == VERDICT_NONE) continue;
        unsigned v = verdicts[i] & VERDICT_BITS;
        size_t place = fold_place(k, clause, v, owner_at(k, i));
        bool is_calm = v == ASSESS_PASS || v == ASSESS_NOT_APPLICABLE;
        uint64_t alone = is_calm ? 0 : singly;
        if (seen[place]++ < alone || counts[place] <= alone + 1) continue;
        struct fold_at *fold = k->folds[place];
        if (fold == NULL) {
            fold = k->folds[place] = arena_new(&w->arena, struct fold_at, 1);
            if (fold == NULL) return error_set(e, FAIL_MEMORY, "no room to fold rows");
            *fold = (struct fold_at){.ordinal = (uint32_t)i, .rest = counts[place] - alone};
            w->row_count -= fold->rest - 1;
        }
        if (fold->example_count < EXAMPLES_MOST)
            fold->example_ordinals[fold->example_count++] = (uint32_t)i;
    }
    return OK;
}

/* Verdicts by fold_place; how many places have some. */
static size_t places_count(const struct plan_kind *k, uint64_t *counts) {
    size_t buckets = 0;
    for (size_t c = 0; c < k->clause_count; c++)
        for (size_t i = 0; i < k->subjects.count; i++) {
            unsigned char byte = k->verdicts[c * k->subjects.count + i];
            if (byte == VERDICT_NONE) continue;
            buckets += counts[fold_place(k, c, byte & VERDICT_BITS, owner_at(k, i))]++ == 0;
        }
    return buckets;
}

static enum error_code fold_all(struct assess_work *w, struct error *e) {
    uint64_t limit = w->options.row_limit, *counts[RULEBOOK_ABOUT_COUNT],
             *seen[RULEBOOK_ABOUT_COUNT];
    size_t buckets = 0;
    w->row_count = 0;
    for (unsigned v = 0; v < ASSESS_VERDICT_COUNT; v++) w->row_count += w->result.total[v];
    w->result.folded = w->row_count > limit;
    if (!w->result.folded) return OK;
    for (unsigned i = 0; i < RULEBOOK_ABOUT_COUNT; i++) {
        counts[i] = arena_new(&w->arena, uint64_t, fold_places(&w->kinds[i]));
        seen[i] = arena_new(&w->arena, uint64_t, fold_places(&w->kinds[i]));
        if (counts[i] == NULL || seen[i] == NULL)
            return error_set(e, FAIL_MEMORY, "no room to fold rows");
        buckets += places_count(&w->kinds[i], counts[i]);
    }
    uint64_t singly = u64_min(limit / buckets, ROWS_OF_A_KIND_MOST);
    for (unsigned i = 0; i < RULEBOOK_ABOUT_COUNT; i++)
        for (size_t c = 0; c < w->kinds[i].clause_count; c++)
            TRY(fold_clause(w, &w->kinds[i], c, counts[i], seen[i], singly, e));
    return OK;
}

/* ---- after ---- */

static int rows_order(const void *a, const void *b) {
    const struct assess_row *x = a, *y = b;
    if (x->clause_index != y->clause_index) return x->clause_index < y->clause_index ? -1 : 1;
    return x->subject_ordinal < y->subject_ordinal ? -1 : x->subject_ordinal > y->subject_ordinal;
}
static int tallies_order(const void *a, const void *b) {
    const struct assess_tally *x = a, *y = b;
    return x->clause_index < y->clause_index ? -1 : x->clause_index > y->clause_index;
}

static void examples_take(const struct plan_kind *k, struct assess_row *row) {
    size_t clause = 0;
    while (k->clauses[clause] != row->clause_index) clause++;
    uint32_t owner = owner_at(k, row->subject_ordinal);
    const struct fold_at *fold = k->folds[fold_place(k, clause, row->verdict, owner)];
    row->examples = fold->examples;
    row->example_count = fold->example_count;
}

static const struct plan_kind *kind_of(const struct assess_work *w, enum rulebook_about about) {
    unsigned i = 0;
    while (1u << i != (unsigned)about) i++;
    return &w->kinds[i];
}

/* Clauses about events are asked in all editions; those that spoke of none and bind nobody today are
 * not worth a line. */
static void tallies_drop(struct assess_work *w) {
    size_t kept = 0;
    for (size_t i = 0; i < w->tally_count; i++) {
        bool is_of_today =
            rulebook_set_clause_binds(w->options.set, w->tallies[i].clause_index, w->options.at_ns);
        if (w->tallies[i].unchecked == NULL || is_of_today) w->tallies[kept++] = w->tallies[i];
    }
    w->tally_count = kept;
}

static void rows_settle(struct assess_work *w) {
    tallies_drop(w);
    if (w->row_count > 1) qsort(w->rows, w->row_count, sizeof *w->rows, rows_order);
    if (w->tally_count > 1) qsort(w->tallies, w->tally_count, sizeof *w->tallies, tallies_order);
    struct assess_tally *tally = w->tallies;
    for (size_t i = 0; i < w->row_count; i++) {
        struct assess_row *row = &w->rows[i];
        while (tally->clause_index != row->clause_index) tally++;
        if (row->verdict == ASSESS_PASS) tally->pass_by[row->grounds] += row->count;
        if (row->count > 1) examples_take(kind_of(w, row->clause->about), row);
    }
}

/* ---- the head ---- */

static enum error_code operators_name(struct assess_work *w, struct error *e) {
    enum { NAMED_MOST = 8 };
    const struct assess_options *o = &w->options;
    char room[2048];
    struct text t = text_into(room, sizeof room);
    str language = str_from_c(say(o->language, "en", "ja"));
    size_t cursor = 0, count = 0;
    const struct register_row *row;
    while ((row = register_row_next(o->snapshot, REGISTER_OPERATORS, o->at_ns, &cursor)) != NULL) {
        if (o->operator_id.len > 0 && !str_equal(row->id, o->operator_id)) continue;
        str name = register_row_name(row, language);
        if (count++ >= NAMED_MOST) continue;
        text_format(&t, "%s%.*s", count > 1 ? say(o->language, ", ", "、") : "", STR_FMT(name));
    }
    if (count > NAMED_MOST)
        text_format(&t, say(o->language, " and %zu more", " ほか%zu者"), count - NAMED_MOST);
    return arena_copy(&w->arena, text_str(&t), &w->result.operators, e);
}

static bool is_at_hand(const struct rulebook_set *set, str name) {
    size_t count;
    const struct rulebook *const *books = rulebook_set_rulebooks(set, &count);
    for (size_t i = 0; i < count; i++)
        if (str_equal(books[i]->name, name) || str_equal(books[i]->line, name)) return true;
    return false;
}

static bool is_among(const str *list, size_t count, str one) {
    for (size_t i = 0; i < count; i++)
        if (str_equal(list[i], one)) return true;
    return false;
}

static enum error_code gaps_find(struct assess_work *w, struct error *e) {
    const struct assess_options *o = &w->options;
    str *gaps = arena_new(&w->arena, str, o->adoption_count);
    if (gaps == NULL) return error_set(e, FAIL_MEMORY, "no room for gaps");
    char day[CLOCK_TEXT_BYTES];
    clock_iso_s_write(o->at_ns, day);
    for (size_t i = 0; i < o->adoption_count && !o->what_if; i++) {
        const struct rulebook_adoption *a = &o->adoptions[i];
        str gap;
        if (!rulebook_span_has(a->span, o->at_ns)) continue;
        const struct rulebook *edition = rulebook_set_edition(o->set, a->rulebook, o->at_ns);
        if (edition != NULL && rulebook_span_has(edition->in_force, o->at_ns)) continue;
        bool is_there = is_at_hand(o->set, a->rulebook);
        if (!is_there) w->result.absent_count++;
        const char *why =
            is_there ? say(o->language, "%.*s: adopted, but no edition of it is in force on %.10s",
                           "%.*s：採択されているが、%.10s に施行されている版がない")
                     : say(o->language, "%.*s: adopted (%.10s), but no such rulebook is at hand",
                           "%.*s：採択されているが（%.10s）、その規程集が手元にない");
        TRY(arena_format(&w->arena, &gap, e, why, STR_FMT(a->rulebook), day));
        if (!is_among(gaps, w->result.gap_count, gap)) gaps[w->result.gap_count++] = gap;
    }
    w->result.gaps = gaps;
    return OK;
}

static size_t copies_without_place(const struct assess_work *w, size_t *open_lists) {
    const struct subjects *s = &kind_of(w, RULEBOOK_ABOUT_COPY)->subjects;
    size_t count = 0; /* copies are held, all of them */
    const struct register_row *last = NULL;
    for (size_t i = 0; i < s->count; i++) {
        const struct copy_subject *copy = &s->copies[i];
        count += copy->site.len == 0 && copy->country.len == 0;
        const struct register_value *list =
            register_value_find(&copy->dataset->fields, STR("copies"));
        bool is_open = !register_value_is_good(list, w->options.at_ns) || !list->is_complete;
        if (copy->dataset != last && is_open) ++*open_lists;
        last = copy->dataset;
    }
    return count;
}

static bool is_adopted(const struct assess_options *o, const struct rulebook *book) {
    for (size_t i = 0; i < o->adoption_count; i++)
        if (str_equal(o->adoptions[i].rulebook, book->name) ||
            (book->line.len > 0 && str_equal(o->adoptions[i].rulebook, book->line)))
            return true;
    return o->what_if;
}

/* Slips between register and rulebooks: what one says and the other cannot mean. */
struct slips {
    const str *said, *asked, *lists;
    size_t said_count, asked_count, list_count;
};

static enum error_code slips_find(struct assess_work *w, struct slips *out, struct error *e) {
    size_t count, adopted = 0;
    struct arena_space space = {0};
    struct arena scratch;
    const struct rulebook *const *books = rulebook_set_rulebooks(w->options.set, &count);
    const struct rulebook **chosen = arena_new(&w->arena, const struct rulebook *, count);
    if (chosen == NULL) return error_set(e, FAIL_MEMORY, "no room for rulebooks");
    for (size_t i = 0; i < count; i++)
        if (is_adopted(&w->options, books[i])) chosen[adopted++] = books[i];
    TRY(facts_vocabulary_check(chosen, adopted, &w->arena, &out->asked, &out->asked_count, e));
    TRY(facts_missing_lists(w->options.snapshot, chosen, adopted, w->options.at_ns, &w->arena,
                            &out->lists, &out->list_count, e));
    if (register_part_count(w->options.parts) > 0)
        TRY(facts_hearing_open(chosen, adopted, &w->arena, &w->hearing, e));
    TRY(arena_space_open(&space, SCRATCH_BYTES, &scratch, e));
    enum error_code code = facts_unheard_words(w->options.snapshot, chosen, adopted, &w->arena,
                                               scratch, &out->said, &out->said_count, e);
    arena_space_release(&space);
    return code;
}

static enum error_code warnings_find(struct assess_work *w, struct error *e) {
    size_t count, open_lists = 0;
    struct slips slips;
    enum rulebook_language l = w->options.language;
    TRY(slips_find(w, &slips, e));
    const struct rulebook_warning *of_set = rulebook_set_warnings(w->options.set, &count);
    str *warnings = arena_new(&w->arena, str,
                              count + slips.said_count + slips.asked_count + slips.list_count + 2);
    if (warnings == NULL) return error_set(e, FAIL_MEMORY, "no room for warnings");
    for (size_t i = 0; i < count; i++) warnings[i] = of_set[i].text;
    for (size_t i = 0; i < slips.list_count; i++) warnings[count++] = slips.lists[i];
    for (size_t i = 0; i < slips.said_count; i++) warnings[count++] = slips.said[i];
    for (size_t i = 0; i < slips.asked_count; i++) warnings[count++] = slips.asked[i];
    size_t unplaced = copies_without_place(w, &open_lists);
    if (unplaced > 0)
        TRY(arena_format(&w->arena, &warnings[count++], e,
                         say(l,
                             "%zu copies lie at no place that was told: datasets kept here lie at "
                             "the store's site, which --store-site names",
                             "所在が示されていない写しが %zu 件ある。ここで保管するデータの場所は"
                             "--store-site で示す"),
                         unplaced));
    if (open_lists > 0)
        TRY(arena_format(
            &w->arena, &warnings[count++], e,
            say(l,
                "datasets with an open list of copies: %zu; there may be copies that nobody "
                "has named",
                "写しの一覧が完全とされていないデータセットが %zu 件ある。ほかにも写しが"
                "あるかもしれない"),
            open_lists));
    w->result.warnings = warnings;
    w->result.warning_count = count;
    return OK;
}

static enum error_code exceptions_find(struct assess_work *w, struct error *e) {
    const struct assess_options *o = &w->options;
    const struct rulebook_exception **list =
        arena_new(&w->arena, const struct rulebook_exception *, o->exception_count);
    if (list == NULL) return error_set(e, FAIL_MEMORY, "no room for exceptions");
    for (size_t i = 0; i < o->exception_count && !o->what_if; i++)
        if (rulebook_span_has(o->exceptions[i].span, o->at_ns))
            list[w->result.exception_count++] = &o->exceptions[i];
    w->result.exceptions = list;
    return OK;
}

static enum error_code head_make(struct assess_work *w, struct error *e) {
    const struct assess_options *o = &w->options;
    w->result.at_ns = o->at_ns;
    w->result.rules = *rulebook_set_digest(o->set);
    w->result.register_digest = register_digest(o->snapshot);
    if (register_part_count(o->parts) > 0) { /* and the files that are walked */
        struct sha256 h;
        digest walked = register_parts_digest(o->parts);
        sha256_begin(&h);
        sha256_add(&h, w->result.register_digest.at, DIGEST_BYTES);
        sha256_add(&h, walked.at, DIGEST_BYTES);
        w->result.register_digest = sha256_end(&h);
    }
    w->result.what_if = o->what_if;
    w->result.language = o->language;
    w->result.ledger = o->ledger;
    w->result.set = o->set;
    TRY(filter_name(w, e));
    TRY(operators_name(w, e));
    TRY(gaps_find(w, e));
    TRY(warnings_find(w, e));
    return exceptions_find(w, e);
}

/* ---- the public story ---- */

static enum error_code verdicts_make(struct assess_work *w, struct error *e) {
    struct facts_world_options world = {.snapshot = w->options.snapshot,
                                        .events = w->options.events,
                                        .rules = w->options.set,
                                        .at_ns = w->options.at_ns};
    struct arena_space scratch_space = {0};
    struct arena scratch;
    TRY(facts_world_open(&world, &w->world, e));
    TRY(filters_check(w, e));
    TRY(named_gather(w->world, &w->arena, &w->named, e));
    if (w->wants_hangs) TRY(hangs_make(w, &w->arena, &w->hangs, e));
    TRY(arena_space_open(&scratch_space, SCRATCH_BYTES, &scratch, e));
    enum error_code code = plan_make(w, scratch, e);
    arena_space_release(&scratch_space);
    TRY(code);
    TRY(head_make(w, e));
    return walk_verdicts(w, e);
}

enum error_code work_judge(const struct assess_options *options, const struct clause_filter *filter,
                           bool wants_hangs, struct assess_work **out, struct error *e) {
    const size_t bytes = (size_t)16 << 30; /* address space: pages cost once touched */
    struct arena_space space = {0};
    struct arena arena;
    TRY(arena_space_open(&space, bytes, &arena, e));
    struct assess_work *w = arena_new(&arena, struct assess_work, 1);
    assert(w != NULL); /* the first thing in it */
    w->space = space;
    w->arena = arena;
    w->options = *options;
    w->options.threads = threads_of(options->threads);
    w->filter = filter;
    w->wants_hangs = wants_hangs;
    if (w->options.row_limit == 0) w->options.row_limit = LIMIT_ASSESS_ROWS;
    enum error_code code = verdicts_make(w, e);
    if (code == OK)
        *out = w;
    else
        assess_release(w);
    return code;
}

enum error_code work_tell(struct assess_work *w, struct error *e) {
    for (unsigned i = 0; i < RULEBOOK_ABOUT_COUNT; i++)
        w->result.subject_count += w->kinds[i].subjects.count;
    w->result.subject_count -= w->skipped_count;
    for (unsigned i = 0; i < RULEBOOK_ABOUT_COUNT; i++)
        for (size_t c = 0; c < w->kinds[i].clause_count; c++) count_clause(w, &w->kinds[i], c);
    TRY(fold_all(w, e));
    w->rows = arena_new(&w->arena, struct assess_row, w->row_count);
    if (w->rows == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu rows", w->row_count);
    TRY(walk_rows(w, e));
    rows_settle(w);
    w->result.rows = w->rows;
    w->result.row_count = w->row_count;
    w->result.tallies = w->tallies;
    w->result.tally_count = w->tally_count;
    return OK;
}

enum error_code assess_run(const struct assess_options *options, struct assess_work **work,
                           const struct assessment **out, struct error *e) {
    struct assess_work *w;
    TRY(work_judge(options, NULL, false, &w, e));
    enum error_code code = work_tell(w, e);
    if (code != OK) {
        assess_release(w);
        return code;
    }
    *work = w;
    *out = &w->result;
    return OK;
}

void assess_release(struct assess_work *work) {
    if (work == NULL) return;
    facts_world_close(work->world);
    for (unsigned i = 0; i < THREADS_MOST; i++) arena_space_release(&work->row_spaces[i]);
    struct arena_space space = work->space; /* the work lies in it */
    arena_space_release(&space);
}

int assess_exit_code(const struct assessment *a) {
    if (a->total[ASSESS_FAIL] > a->scored[ASSESS_FAIL]) return 1;
    bool is_unknown = a->total[ASSESS_UNKNOWN] > a->scored[ASSESS_UNKNOWN];
    return is_unknown || a->absent_count > 0 ? 3 : 0;
}
