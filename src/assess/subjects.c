/* Who is asked: the rows of a kind, or copies; those that the filters leave. */
#include <stdlib.h>

#include "assess/inner.h"

/* ---- filters ---- */

static bool is_filtered(const struct assess_options *o) {
    return o->sector.len + o->operator_id.len + o->site.len + o->dataset.len +
               o->purchase_file.len >
           0;
}

static bool names(const struct register_row *row, const char *field, str id, int64_t at_ns) {
    const struct register_value *v = register_value_find(&row->fields, str_from_c(field));
    if (!register_value_is_good(v, at_ns)) return false;
    if (v->field->shape == REGISTER_ONE) return str_equal(v->text, id);
    for (size_t i = 0; v->field->shape == REGISTER_SET && i < v->count; i++)
        if (str_equal(v->texts[i], id)) return true;
    return false;
}

static const struct register_row *row_at(const struct assess_options *o, enum register_kind kind,
                                         str id) {
    return register_row_at(o->snapshot, kind, id, o->at_ns);
}

/* Whose it is: as its row says; sites and entities by the entity that the operator is. */
static bool is_of_operator(const struct assess_work *w, const struct register_row *row, str id) {
    const struct assess_options *o = &w->options;
    str said, entity;
    const struct register_row *operator_row = row_at(o, REGISTER_OPERATORS, id);
    bool has_entity =
        operator_row != NULL && register_text_at(operator_row, STR("entity"), o->at_ns, &entity);
    if (row->kind == REGISTER_ENTITIES) return has_entity && str_equal(row->id, entity);
    if (row->kind == REGISTER_SITES)
        return names(row, "entity", id, o->at_ns) || names(row, "owner", id, o->at_ns) ||
               (has_entity &&
                (names(row, "entity", entity, o->at_ns) || names(row, "owner", entity, o->at_ns)));
    if (register_text_at(row, STR("operator"), o->at_ns, &said)) return str_equal(said, id);
    return str_equal(facts_operator_of(w->world, STR_EMPTY), id);
}

static bool is_of_sector(const struct assess_work *w, const struct register_row *row) {
    const struct assess_options *o = &w->options;
    if (names(row, "sector", o->sector, o->at_ns)) return true;
    size_t cursor = 0;
    const struct register_row *operator_row;
    while ((operator_row = register_row_next(o->snapshot, REGISTER_OPERATORS, o->at_ns, &cursor)) !=
           NULL)
        if (names(operator_row, "sectors", o->sector, o->at_ns) &&
            is_of_operator(w, row, operator_row->id))
            return true;
    return false;
}

bool sector_is_said(const struct assess_work *w) {
    const struct assess_options *o = &w->options;
    for (unsigned k = 0; k < REGISTER_KIND_COUNT; k++) {
        size_t cursor = 0;
        const struct register_row *row;
        while ((row = register_row_next(o->snapshot, (enum register_kind)k, o->at_ns, &cursor)) !=
               NULL)
            if (names(row, "sector", o->sector, o->at_ns) ||
                names(row, "sectors", o->sector, o->at_ns))
                return true;
    }
    return false;
}

static bool is_at_site(const struct assess_work *w, const struct register_row *row) {
    const struct assess_options *o = &w->options;
    if (row->kind == REGISTER_SITES) return str_equal(row->id, o->site);
    return names(row, "site", o->site, o->at_ns) || names(row, "sites", o->site, o->at_ns);
}

/* A copy of the dataset stands at the site. */
static bool is_home(const struct assess_options *o, const struct register_row *dataset, str site) {
    if (facts_is_kept_here(dataset, o->at_ns) && str_equal(site, o->store_site)) return true;
    const struct register_value *copies = register_value_find(&dataset->fields, STR("copies"));
    for (size_t i = 0; register_value_is_good(copies, o->at_ns) && i < copies->count; i++) {
        const struct register_record *copy = &copies->records[i];
        const struct register_value *at = register_value_find(copy, STR("site"));
        if (copy->valid_from_ns <= o->at_ns && o->at_ns < copy->valid_until_ns &&
            register_value_is_good(at, o->at_ns) && str_equal(at->text, site))
            return true;
    }
    return false;
}

static bool is_of_dataset(const struct assess_work *w, const struct register_row *row) {
    const struct assess_options *o = &w->options;
    if (row->kind == REGISTER_DATASETS) return str_equal(row->id, o->dataset);
    const struct register_row *dataset = row_at(o, REGISTER_DATASETS, o->dataset);
    if (row->kind == REGISTER_SITES)
        return o->placement && dataset != NULL && is_home(o, dataset, row->id);
    bool is_contract = row->kind == REGISTER_CONTRACTS && dataset != NULL &&
                       names(dataset, "contract", row->id, o->at_ns);
    bool is_system = row->kind == REGISTER_SYSTEMS && dataset != NULL &&
                     names(dataset, "systems", row->id, o->at_ns);
    return is_contract || is_system || names(row, "dataset", o->dataset, o->at_ns) ||
           names(row, "datasets", o->dataset, o->at_ns);
}

static bool is_chosen(const struct assess_work *w, const struct register_row *row) {
    const struct assess_options *o = &w->options;
    if (o->purchase_file.len > 0 && !str_equal(row->file, o->purchase_file)) return false;
    if (o->operator_id.len > 0 && !is_of_operator(w, row, o->operator_id)) return false;
    if (o->sector.len > 0 && !is_of_sector(w, row)) return false;
    if (o->site.len > 0 && !is_at_site(w, row)) return false;
    return o->dataset.len == 0 || is_of_dataset(w, row);
}

bool subject_is_chosen(const struct assess_work *w, const struct register_row *row) {
    bool is_true_then =
        row->valid_from_ns <= w->options.at_ns && w->options.at_ns < row->valid_until_ns;
    return is_true_then && (!is_filtered(&w->options) || is_chosen(w, row));
}

/* ---- rows ---- */

static enum error_code parts_add(struct assess_work *w, struct subjects *out, struct error *e) {
    size_t count = register_part_count(w->options.parts);
    uint32_t *first = arena_new(&w->arena, uint32_t, count);
    if (first == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu parts", count);
    for (size_t i = 0; i < count; i++) {
        first[i] = (uint32_t)out->count;
        out->count += register_part_rows(w->options.parts, i);
    }
    out->parts = count > 0 ? w->options.parts : NULL;
    out->part_first = first;
    return out->count < UINT32_MAX ? OK : error_set(e, FAIL_LIMIT, "too many subjects");
}

static enum error_code rows_find(struct assess_work *w, struct subjects *out, struct error *e) {
    const struct assess_options *o = &w->options;
    size_t cursor = 0, count = 0, all, true_then = 0;
    int64_t as_of_ns;
    const struct register_row *row;
    bool filters = is_filtered(o);
    register_rows(o->snapshot, out->kind, &all);
    const struct register_row **rows = arena_new(&w->arena, const struct register_row *, all);
    if (rows == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu subjects", all);
    while ((row = register_row_next(o->snapshot, out->kind, o->at_ns, &cursor)) != NULL) {
        if (record_is_yet_to_come(row, o->at_ns)) continue;
        true_then++;
        if (!filters || is_chosen(w, row)) rows[count++] = row;
    }
    out->rows = rows;
    out->count = out->held_count = count;
    if (out->kind == REGISTER_EQUIPMENT) TRY(parts_add(w, out, e));
    if (out->count > 0) return OK;
    bool is_complete = register_is_complete(o->snapshot, out->kind, &as_of_ns);
    out->unchecked = true_then > 0 ? "filtered" : is_complete ? "none" : "no-rows";
    return OK;
}

/* ---- copies ---- */

struct copy_list {
    struct copy_subject *at; /* NULL: only counting */
    size_t count;
};

static enum error_code copy_add(struct assess_work *w, struct copy_list *list,
                                const struct register_row *dataset, str site, str country,
                                struct error *e) {
    const struct assess_options *o = &w->options;
    if (o->site.len > 0 && !str_equal(site, o->site)) return OK;
    size_t at = list->count++;
    if (list->at == NULL) return OK;
    struct copy_subject *copy = &list->at[at];
    *copy = (struct copy_subject){.dataset = dataset, .site = site, .country = country};
    str place = site.len > 0 ? site : country.len > 0 ? country : STR("?");
    return arena_format(&w->arena, &copy->id, e, "%.*s@%s%.*s", STR_FMT(dataset->id),
                        site.len == 0 && country.len > 0 ? "country:" : "", STR_FMT(place));
}

/* The store's own copy, then those the dataset declares beside it. */
static enum error_code dataset_copies(struct assess_work *w, struct copy_list *list,
                                      const struct register_row *dataset, struct error *e) {
    const struct assess_options *o = &w->options;
    bool is_here = facts_is_kept_here(dataset, o->at_ns);
    if (is_here) TRY(copy_add(w, list, dataset, o->store_site, STR_EMPTY, e));
    const struct register_value *copies = register_value_find(&dataset->fields, STR("copies"));
    bool is_known = register_value_is_good(copies, o->at_ns);
    for (size_t i = 0; is_known && i < copies->count; i++) {
        const struct register_record *copy = &copies->records[i];
        if (copy->valid_from_ns > o->at_ns || copy->valid_until_ns <= o->at_ns) continue;
        const struct register_value *site = register_value_find(copy, STR("site"));
        const struct register_value *country = register_value_find(copy, STR("country"));
        str at = register_value_is_good(site, o->at_ns) ? site->text : STR_EMPTY;
        str in = register_value_is_good(country, o->at_ns) ? country->text : STR_EMPTY;
        if (is_here && at.len > 0 && str_equal(at, o->store_site)) continue; /* said twice */
        if (at.len > 0 && row_at(o, REGISTER_SITES, at) == NULL) at = STR_EMPTY;
        TRY(copy_add(w, list, dataset, at, in, e));
    }
    bool is_nowhere = !is_here && (!is_known || copies->count == 0);
    return is_nowhere ? copy_add(w, list, dataset, STR_EMPTY, STR_EMPTY, e) : OK;
}

static int copies_order(const void *a, const void *b) {
    return str_compare(((const struct copy_subject *)a)->id, ((const struct copy_subject *)b)->id);
}

static enum error_code copies_find(struct assess_work *w, struct subjects *out, struct error *e) {
    struct assess_options without_site = w->options;
    struct subjects datasets = {.about = RULEBOOK_ABOUT_DATASET, .kind = REGISTER_DATASETS};
    str site = without_site.site;
    w->options.site = STR_EMPTY; /* of the copy, not of its dataset's row */
    enum error_code code = rows_find(w, &datasets, e);
    w->options.site = site;
    TRY(code);
    struct copy_list list = {0};
    for (int pass = 0; pass < 2; pass++) {
        size_t count = list.count;
        if (pass == 1) list.at = arena_new(&w->arena, struct copy_subject, count);
        if (pass == 1 && list.at == NULL) return error_set(e, FAIL_MEMORY, "no room for copies");
        list.count = 0;
        for (size_t i = 0; i < datasets.count; i++)
            TRY(dataset_copies(w, &list, datasets.rows[i], e));
    }
    if (list.count > 1) qsort(list.at, list.count, sizeof *list.at, copies_order);
    out->copies = list.at;
    out->count = out->held_count = list.count;
    if (list.count == 0)
        out->unchecked = datasets.unchecked != NULL ? datasets.unchecked : "filtered";
    return OK;
}

/* ---- the public story ---- */

enum error_code subjects_find(struct assess_work *w, enum rulebook_about about,
                              struct subjects *out, struct error *e) {
    *out = (struct subjects){.about = about};
    str noun = str_from_c(rulebook_about_name(about));
    if (about == RULEBOOK_ABOUT_COPY) return copies_find(w, out, e);
    if (register_kind_find(noun, &out->kind)) return rows_find(w, out, e);
    out->unchecked = about == RULEBOOK_ABOUT_SESSION ? "gate" : "no-kind";
    return OK;
}

struct subject subject_held(const struct subjects *s, size_t ordinal) {
    assert(ordinal < s->held_count);
    if (s->rows != NULL) return (struct subject){.row = s->rows[ordinal], .ordinal = ordinal};
    return (struct subject){.copy = &s->copies[ordinal], .ordinal = ordinal};
}

str subject_id(const struct subject *s) {
    return s->row != NULL ? s->row->id : s->copy->id;
}

const struct register_row *subject_row(const struct subject *s) {
    return s->row != NULL ? s->row : s->copy->dataset;
}

/* A copy that names a country alone: place.country, and nothing else of a place. */
static enum error_code country_add(const struct copy_subject *copy, struct arena *arena,
                                   struct rulebook_facts *facts, struct error *e) {
    struct rulebook_facts *below = arena_new(arena, struct rulebook_facts, 1);
    struct rulebook_fact *fact = arena_new(arena, struct rulebook_fact, 1);
    if (below == NULL || fact == NULL) return error_set(e, FAIL_MEMORY, "no room for facts");
    *below = *facts;
    *fact = (struct rulebook_fact){STR("place.country"), rulebook_text(copy->country)};
    TRY(arena_format(arena, &fact->value.source, e, "datasets/%.*s", STR_FMT(copy->dataset->id)));
    *facts = (struct rulebook_facts){fact, 1, below};
    return OK;
}

enum error_code subject_facts(const struct assess_work *w, const struct subject *s,
                              struct arena *arena, struct arena scratch,
                              struct rulebook_facts *facts, struct rulebook_subject *subject,
                              struct error *e) {
    const struct copy_subject *copy = s->copy;
    if (s->row != NULL && s->row->kind == REGISTER_DATASETS)
        return facts_of_dataset(w->world, s->row->id, w->options.store_site, arena, scratch, facts,
                                subject, e);
    if (s->row != NULL)
        return facts_of_given_row(w->world, s->row, arena, scratch, facts, subject, e);
    *subject =
        (struct rulebook_subject){.about = RULEBOOK_ABOUT_COPY,
                                  .dataset_id = copy->dataset->id,
                                  .site_id = copy->site,
                                  .operator_id = facts_operator_of(w->world, copy->dataset->id)};
    TRY(facts_of_copy(w->world, copy->dataset->id, copy->site, w->options.store_site, arena,
                      scratch, facts, e));
    return copy->country.len > 0 && copy->site.len == 0 ? country_add(copy, arena, facts, e) : OK;
}
