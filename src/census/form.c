/* The form: cells summed up by one thing at a time. */
#include "census/inner.h"

#include <stdlib.h>

/* ---- counts ---- */

static void counts_add(struct census_counts *counts, const struct census_cell *cell) {
    counts->servers += cell->servers;
    counts->answers[cell->answer] += cell->servers;
    if (cell->is_foreign_law) counts->foreign_law[cell->answer] += cell->servers;
    if (!cell->is_law_known) counts->law_unknown[cell->answer] += cell->servers;
}

/* ---- lines: by one text ---- */

static int lines_order(const void *a, const void *b) {
    str x = ((const struct census_line *)a)->name, y = ((const struct census_line *)b)->name;
    if ((x.len == 0) != (y.len == 0)) return x.len == 0 ? 1 : -1;
    return str_compare(x, y);
}

static int cells_order(const void *a, const void *b) {
    const struct census_cell *x = a, *y = b;
    const str xs[] = {x->operator_id, x->sector, x->class_name, x->kinds},
              ys[] = {y->operator_id, y->sector, y->class_name, y->kinds};
    for (size_t i = 0; i < COUNT_OF(xs); i++) {
        int order = str_compare(xs[i], ys[i]);
        if (order != 0) return order;
    }
    const int numbers[] = {
        (int)x->answer - (int)y->answer,       memcmp(x->country.at, y->country.at, 2),
        str_compare(x->provider, y->provider), str_compare(x->region, y->region),
        str_compare(x->law, y->law),           (int)x->is_law_known - (int)y->is_law_known,
        (int)x->match - (int)y->match,         (int)x->ruling - (int)y->ruling,
        (int)x->is_again - (int)y->is_again};
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        if (numbers[i] != 0) return numbers[i];
    return 0;
}

/* What a cell is counted under: one text, or a few. */
typedef str (*text_of)(const struct census_cell *cell, size_t index, bool *is_there);

static str operator_text(const struct census_cell *c, size_t i, bool *is_there) {
    *is_there = i == 0;
    return c->operator_id;
}
static str sector_text(const struct census_cell *c, size_t i, bool *is_there) {
    *is_there = i == 0;
    return c->sector;
}
static str class_text(const struct census_cell *c, size_t i, bool *is_there) {
    *is_there = i == 0;
    return c->class_name;
}
static str kind_text(const struct census_cell *c, size_t index, bool *is_there) {
    str rest = c->kinds, kind = c->kinds;
    *is_there = true;
    for (size_t i = 0; i <= index; i++) {
        if (i > 0 && rest.len == 0) *is_there = false;
        if (!str_cut(&rest, ' ', &kind)) {
            kind = rest;
            rest = STR_EMPTY;
        }
    }
    return *is_there ? kind : STR_EMPTY;
}

struct sums {
    struct census_line *at;
    size_t count, cap;
    struct arena *arena;
};

static enum error_code line_take(struct sums *sums, str name, struct census_line **out,
                                 struct error *e) {
    for (size_t i = sums->count; i > 0; i--) /* cells are in order: it is often the last */
        if (str_equal(sums->at[i - 1].name, name)) {
            *out = &sums->at[i - 1];
            return OK;
        }
    if (sums->count == sums->cap) {
        size_t cap = 2 * sums->cap + 16;
        struct census_line *larger = arena_new(sums->arena, struct census_line, cap);
        if (larger == NULL) return error_set(e, FAIL_MEMORY, "no room for a form");
        if (sums->count > 0) memcpy(larger, sums->at, sums->count * sizeof *larger);
        sums->at = larger;
        sums->cap = cap;
    }
    *out = &sums->at[sums->count++];
    **out = (struct census_line){.name = name};
    return OK;
}

/* What people call an operator: as the register says. */
static struct register_word operator_word(const struct census *census, str id) {
    const struct facts_world *world = census->options.world;
    const struct register_row *row =
        world == NULL ? NULL
                      : register_row_at(facts_world_register(world), REGISTER_OPERATORS, id,
                                        census->options.at_ns);
    if (row == NULL) return (struct register_word){id, id};
    return (struct register_word){register_row_name(row, STR("en")),
                                  register_row_name(row, STR("ja"))};
}

/* `facet`: of the list of words; NULL: operators. */
static enum error_code lines_make(const struct census *census, const struct census_form *form,
                                  text_of text, const char *facet, struct arena *arena,
                                  struct census_lines *out, struct error *e) {
    struct sums sums = {.arena = arena};
    bool counts_again = facet == NULL;
    for (size_t i = 0; i < form->cell_count; i++) {
        const struct census_cell *cell = &form->cells[i];
        bool is_there = !cell->is_again || counts_again;
        for (size_t k = 0; is_there; k++) {
            struct census_line *line = NULL;
            str name = text(cell, k, &is_there);
            if (!is_there) break;
            TRY(line_take(&sums, name, &line, e));
            counts_add(&line->counts, cell);
        }
    }
    if (sums.count > 1) qsort(sums.at, sums.count, sizeof *sums.at, lines_order);
    for (size_t i = 0; i < sums.count; i++)
        sums.at[i].word = facet == NULL
                              ? operator_word(census, sums.at[i].name)
                              : register_words_find(census->words, facet, sums.at[i].name);
    *out = (struct census_lines){sums.at, sums.count};
    return OK;
}

/* ---- places, and laws over them ---- */

static int places_order(const void *a, const void *b) {
    const struct census_place *x = a, *y = b;
    bool x_is = x->country.at[0] != 0, y_is = y->country.at[0] != 0;
    if (x_is != y_is) return x_is ? -1 : 1;
    if (x->counts.servers != y->counts.servers)
        return x->counts.servers > y->counts.servers ? -1 : 1;
    int order = memcmp(x->country.at, y->country.at, 2);
    if (order == 0) order = (int)x->answer - (int)y->answer;
    if (order == 0) order = str_compare(x->provider, y->provider);
    return order != 0 ? order : str_compare(x->region, y->region);
}

static bool is_of_place(const struct census_place *p, const struct census_cell *c) {
    return p->answer == c->answer && geo_country_equal(p->country, c->country) &&
           str_equal(p->provider, c->provider) && str_equal(p->region, c->region);
}

/* A site of the register that is of this region, and says where it stands. */
static void point_find(const struct census *census, struct census_place *place) {
    const struct census_options *o = &census->options;
    const struct register_row *row;
    size_t cursor = 0;
    if (o->world == NULL || place->region.len == 0) return;
    while ((row = register_row_next(facts_world_register(o->world), REGISTER_SITES, o->at_ns,
                                    &cursor)) != NULL) {
        str provider, region;
        const struct register_value *lat = register_value_find(&row->fields, STR("lat")),
                                    *lon = register_value_find(&row->fields, STR("lon"));
        if (!register_text_at(row, STR("cloud.provider"), o->at_ns, &provider) ||
            !register_text_at(row, STR("cloud.region"), o->at_ns, &region) ||
            !str_equal(provider, place->provider) || !str_equal(region, place->region) ||
            !register_value_is_good(lat, o->at_ns) || !register_value_is_good(lon, o->at_ns))
            continue;
        place->has_point = true;
        place->point = (struct geo_point){lat->number, lon->number};
        return;
    }
}

static enum error_code places_make(const struct census *census, struct census_form *form,
                                   struct arena *arena, struct error *e) {
    struct census_place *places = arena_new(arena, struct census_place, form->cell_count);
    size_t count = 0;
    if (places == NULL) return error_set(e, FAIL_MEMORY, "no room for places");
    for (size_t i = 0; i < form->cell_count; i++) {
        const struct census_cell *cell = &form->cells[i];
        size_t at = 0;
        if (cell->is_again) continue;
        while (at < count && !is_of_place(&places[at], cell)) at++;
        if (at == count)
            places[count++] = (struct census_place){.country = cell->country,
                                                    .answer = cell->answer,
                                                    .provider = cell->provider,
                                                    .region = cell->region};
        counts_add(&places[at].counts, cell);
    }
    for (size_t i = 0; i < count; i++) point_find(census, &places[i]);
    if (count > 1) qsort(places, count, sizeof *places, places_order);
    form->places = places;
    form->place_count = count;
    return OK;
}

static int unders_order(const void *a, const void *b) {
    const struct census_under *x = a, *y = b;
    int order = (int)x->answer - (int)y->answer;
    if (order == 0) order = memcmp(x->country.at, y->country.at, 2);
    if ((x->law.len == 0) != (y->law.len == 0))
        return order != 0 ? order : x->law.len == 0 ? 1 : -1;
    return order != 0 ? order : str_compare(x->law, y->law);
}

static enum error_code unders_make(struct census_form *form, struct arena *arena, struct error *e) {
    struct census_under *unders = arena_new(arena, struct census_under, form->cell_count);
    size_t count = 0;
    if (unders == NULL) return error_set(e, FAIL_MEMORY, "no room for laws");
    for (size_t i = 0; i < form->cell_count; i++) {
        const struct census_cell *cell = &form->cells[i];
        str law = cell->is_law_known ? cell->law : STR_EMPTY;
        size_t at = 0;
        if (cell->is_again) continue;
        while (at < count && !(unders[at].answer == cell->answer &&
                               geo_country_equal(unders[at].country, cell->country) &&
                               str_equal(unders[at].law, law)))
            at++;
        if (at == count)
            unders[count++] =
                (struct census_under){.country = cell->country, .answer = cell->answer, .law = law};
        unders[at].servers += cell->servers;
    }
    if (count > 1) qsort(unders, count, sizeof *unders, unders_order);
    form->unders = unders;
    form->under_count = count;
    return OK;
}

/* ---- the whole ---- */

static void totals_make(struct census_form *form) {
    for (size_t i = 0; i < form->cell_count; i++) {
        const struct census_cell *cell = &form->cells[i];
        if (cell->is_again) {
            form->again += cell->servers;
            continue;
        }
        counts_add(&form->total, cell);
        if (cell->class_name.len == 0 && cell->kinds.len == 0) counts_add(&form->undeclared, cell);
        form->three[cell->match][cell->ruling] += cell->servers;
    }
}

enum error_code census_form_make(struct census *census, const struct census_form **out,
                                 struct error *e) {
    struct arena *arena = &census->arena;
    struct census_form *form = arena_new(arena, struct census_form, 1);
    size_t count = cells_number(census->cells);
    struct census_cell *cells = arena_new(arena, struct census_cell, count);
    if (form == NULL || cells == NULL) return error_set(e, FAIL_MEMORY, "no room for a form");
    for (size_t i = 0; i < count; i++) cells[i] = *cells_at(census->cells, i);
    if (count > 1) qsort(cells, count, sizeof *cells, cells_order);
    *form = (struct census_form){.at_ns = census->options.at_ns,
                                 .home = census->options.home,
                                 .is_judged = census->is_judged,
                                 .addresses = census->addresses.count,
                                 .met = census->met,
                                 .cells = cells,
                                 .cell_count = count,
                                 .findings = census->findings,
                                 .finding_count = census->finding_count,
                                 .findings_left_out = census->findings_left_out,
                                 .told = census->told,
                                 .told_count = census->told_count,
                                 .told_left_out = census->told_left_out};
    totals_make(form);
    TRY(lines_make(census, form, operator_text, NULL, arena, &form->operators, e));
    TRY(lines_make(census, form, sector_text, "sector", arena, &form->sectors, e));
    TRY(lines_make(census, form, class_text, "class", arena, &form->classes, e));
    TRY(lines_make(census, form, kind_text, "kind", arena, &form->kinds, e));
    TRY(places_make(census, form, arena, e));
    TRY(unders_make(form, arena, e));
    *out = form;
    return OK;
}
