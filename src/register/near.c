/* Sites that name a capital, a cloud region or a grid area: what they leave unsaid is filled in from
 * the lists that come along, and a name that is on none is told with the nearest that are.
 *
 * What is filled in is declared, with the list as its source: whoever writes `near` says that the
 * figures at that point stand for the site's. It is done once, where files are read; the row then
 * holds the values themselves, so a later list changes nothing that was imported. */
#include <stdio.h>

#include "register/making.h"

enum { FILLED_MOST = 8 }; /* keys that may be added to a row */

static enum error_code lists_open(struct near_lists *n, struct error *e) {
    if (n->is_open) return OK;
    TRY(register_prefilled_read(STR("capitals"), n->making->arena, n->scratch, &n->capitals, e));
    TRY(register_prefilled_read(STR("grids"), n->making->arena, n->scratch, &n->grids, e));
    TRY(register_prefilled_read(STR("regions"), n->making->arena, n->scratch, &n->regions, e));
    n->is_open = true;
    return OK;
}

/* The text somebody wrote, with or without who said so; NULL: nothing that can be a name. */
static const struct doc_node *said_text(const struct doc_node *node) {
    if (node != NULL && node->kind == DOC_MAP) node = doc_map_find(node, STR("value"));
    bool is_text = node != NULL && node->kind == DOC_SCALAR && node->text.len > 0;
    bool is_unsaid = is_text && (str_equal(node->text, STR("unknown")) ||
                                 str_equal(node->text, STR("withheld")));
    return is_text && !is_unsaid ? node : NULL;
}

/* ---- finding names ---- */

/* "Sendai", "sendai", 仙台市, 仙台 and JP-04 are one city. */
static bool names_row(const struct register_prefilled *list, size_t row, str name) {
    static const str columns[] = {{"id", 2}, {"en", 2}, {"ja", 2}};
    for (size_t c = 0; c < COUNT_OF(columns); c++) {
        str cell = register_prefilled_cell(list, row, columns[c]);
        if (cell.len == 0) continue;
        if (str_equal_nocase(cell, name)) return true;
        bool is_city = str_ends(cell, STR("市"));
        if (is_city && str_equal(str_slice(cell, 0, cell.len - strlen("市")), name)) return true;
    }
    return false;
}

static bool row_find(const struct register_prefilled *list, str name, size_t *out) {
    for (size_t i = 0; i < list->row_count; i++)
        if (names_row(list, i, name)) {
            *out = i;
            return true;
        }
    return false;
}

/* How far a name is from a row's nearest spelling, by letters in small. */
static unsigned row_distance(const struct register_prefilled *list, size_t row, str column,
                             str name) {
    char small[64] = "";
    str cell = register_prefilled_cell(list, row, column);
    size_t len = size_min(name.len, sizeof small - 1);
    if (cell.len == 0 || cell.len >= sizeof small) return UINT32_MAX;
    for (size_t i = 0; i < len; i++)
        small[i] = name.at[i] >= 'A' && name.at[i] <= 'Z' ? (char)(name.at[i] | 0x20) : name.at[i];
    char spelled[64] = "";
    for (size_t i = 0; i < cell.len; i++)
        spelled[i] =
            cell.at[i] >= 'A' && cell.at[i] <= 'Z' ? (char)(cell.at[i] | 0x20) : cell.at[i];
    return register_name_distance(str_of(small, len), spelled);
}

/* "; did you mean A, B?" of the rows that are near, or where the list can be read. `only`: rows whose
 * provider that is; empty: all. */
static void near_names(const struct register_prefilled *list, str column, str only, str name,
                       char *out, size_t room) {
    enum { NAMES_MOST = 3 };
    size_t used = 0, told = 0;
    out[0] = 0;
    for (unsigned apart = 0; apart * 3 <= name.len + 1 && told < NAMES_MOST; apart++)
        for (size_t i = 0; i < list->row_count && told < NAMES_MOST; i++) {
            str provider = register_prefilled_cell(list, i, STR("provider"));
            if (only.len > 0 && !str_equal(provider, only)) continue;
            if (row_distance(list, i, column, name) != apart) continue;
            int wrote =
                snprintf(out + used, room - used, "%s%.*s", told == 0 ? "; did you mean " : ", ",
                         STR_FMT(register_prefilled_cell(list, i, column)));
            used = size_min(room - 1, used + (wrote > 0 ? (size_t)wrote : 0));
            told++;
        }
    if (told > 0)
        snprintf(out + used, room - used, "?");
    else
        snprintf(out, room, "; see `azekura register list %.*s`", STR_FMT(list->name));
}

/* ---- filling in ---- */

struct filling {
    struct near_lists *lists;
    struct problems *problems;
    const struct doc_node *row;
    str keys[FILLED_MOST]; /* added, or put in the place of what stands there */
    const struct doc_node *values[FILLED_MOST];
    size_t count;
    const struct doc_node *country; /* as it stands after filling; NULL: nothing said */
};

static void fill(struct filling *f, const char *key, const struct doc_node *value) {
    assert(f->count < FILLED_MOST);
    if (value == NULL) return; /* no room: making is sticky */
    f->keys[f->count] = str_from_c(key);
    f->values[f->count++] = value;
}

/* {value, since, source: "the list of DAY: what it says of where"}; NULL: the list says nothing. */
static const struct doc_node *cell_said(struct filling *f, const struct doc_node *at,
                                        const struct register_prefilled *list, size_t row,
                                        const char *column) {
    struct making *m = f->lists->making;
    str cell = register_prefilled_cell(list, row, str_from_c(column)), source, since = STR_EMPTY,
        edition = STR_EMPTY;
    struct error full;
    if (cell.len == 0) return NULL;
    for (size_t c = 0; c < list->column_count; c++)
        if (str_equal(list->columns[c].name, str_from_c(column))) {
            since = list->columns[c].since;
            edition = list->columns[c].source;
        }
    bool is_edition = since.len > 0;
    if (arena_format(m->arena, &source, &full, "%.*s%slist %.*s of %.*s, at %.*s",
                     STR_FMT(is_edition ? edition : STR_EMPTY), is_edition ? ", " : "",
                     STR_FMT(list->name), STR_FMT(list->as_of),
                     STR_FMT(register_prefilled_cell(list, row, STR("id")))) != OK)
        return m->is_full = true, NULL;
    struct made *map = made_open(m, at, DOC_MAP, 3);
    made_put(m, map, STR("value"), made_text(m, at, cell));
    if (is_edition) made_put(m, map, STR("since"), made_text(m, at, since));
    made_put(m, map, STR("source"), made_text(m, at, source));
    return made_node(map);
}

/* The map with one more key; `map` NULL: a map of it alone; unchanged where the key stands. */
static const struct doc_node *map_with(struct making *m, const struct doc_node *map,
                                       const struct doc_node *at, const char *key,
                                       const struct doc_node *value) {
    if (value == NULL || (map != NULL && map->kind != DOC_MAP)) return map;
    if (map != NULL && doc_map_find(map, str_from_c(key)) != NULL) return map;
    size_t count = map != NULL ? map->count : 0;
    struct made *out = made_open(m, at, DOC_MAP, count + 1);
    for (size_t i = 0; i < count; i++) made_put_as(m, out, map->keys[i], map->items[i]);
    made_put(m, out, str_from_c(key), value);
    return made_node(out);
}

/* The newest edition that says something about the point. */
static const struct doc_node *quake_said(struct filling *f, const struct doc_node *at,
                                         size_t city) {
    static const char *const editions[] = {"quake_30y_2020", "quake_30y_2018", "quake_30y_2016"};
    const struct doc_node *said = NULL;
    for (size_t i = 0; i < COUNT_OF(editions) && said == NULL; i++)
        said = cell_said(f, at, &f->lists->capitals, city, editions[i]);
    return said;
}

/* A chance is a number of percent: the list keeps plain digits. */
static const struct doc_node *hazard_said(struct filling *f, const struct doc_node *at,
                                          size_t city) {
    struct making *m = f->lists->making;
    const struct doc_node *quake = quake_said(f, at, city), *since;
    struct error full;
    str text;
    if (quake == NULL) return NULL;
    if (arena_format(m->arena, &text, &full, "%.*s %%",
                     STR_FMT(doc_map_find(quake, STR("value"))->text)) != OK)
        return m->is_full = true, NULL;
    since = doc_map_find(quake, STR("since"));
    struct made *map = made_open(m, at, DOC_MAP, 3);
    made_put(m, map, STR("value"), made_text(m, at, text));
    made_put(m, map, STR("since"), since);
    made_put(m, map, STR("source"), doc_map_find(quake, STR("source")));
    return made_node(map);
}

static bool lacks(const struct filling *f, const char *key) {
    return doc_map_find(f->row, str_from_c(key)) == NULL;
}

static void city_fill(struct filling *f, const struct doc_node *near, size_t city) {
    struct making *m = f->lists->making;
    const struct register_prefilled *list = &f->lists->capitals;
    const struct doc_node *grid = doc_map_find(f->row, STR("grid")),
                          *hazard = doc_map_find(f->row, STR("hazard"));
    if (lacks(f, "country")) fill(f, "country", f->country = made_text(m, near, STR("JP")));
    if (lacks(f, "region")) fill(f, "region", cell_said(f, near, list, city, "id"));
    if (lacks(f, "lat") && lacks(f, "lon") && lacks(f, "mesh")) {
        fill(f, "lat", cell_said(f, near, list, city, "lat"));
        fill(f, "lon", cell_said(f, near, list, city, "lon"));
    }
    bool has_area =
        grid != NULL && (grid->kind != DOC_MAP || doc_map_find(grid, STR("area")) != NULL);
    if (!has_area) {
        grid = map_with(m, grid, near, "area", cell_said(f, near, list, city, "area"));
        grid = map_with(m, grid, near, "hertz", cell_said(f, near, list, city, "hertz"));
        fill(f, "grid", grid);
    }
    bool has_quake = hazard != NULL &&
                     (hazard->kind != DOC_MAP || doc_map_find(hazard, STR("quake_30y")) != NULL);
    if (!has_quake)
        fill(f, "hazard", map_with(m, hazard, near, "quake_30y", hazard_said(f, near, city)));
}

static enum error_code near_take(struct filling *f, struct error *e) {
    const struct doc_node *near = said_text(doc_map_find(f->row, STR("near")));
    const struct register_prefilled *list = &f->lists->capitals;
    char names[160];
    size_t city;
    if (near == NULL) return OK;
    TRY(lists_open(f->lists, e));
    if (!row_find(list, near->text, &city)) {
        near_names(list, STR("en"), STR_EMPTY, near->text, names, sizeof names);
        return doc_error(near, e, "no capital of a prefecture is called \"%.*s\"%s",
                         STR_FMT(str_slice(near->text, 0, 60)), names);
    }
    if (f->country != NULL && !str_equal(f->country->text, STR("JP")))
        return doc_error(f->country, e, "\"near\" names a city in Japan, and the country is %.*s",
                         STR_FMT(str_slice(f->country->text, 0, 20)));
    city_fill(f, near, city);
    return OK;
}

/* A region that the list has says its country; one that it has not is only warned about: providers
 * open regions faster than lists come out. */
static enum error_code cloud_take(struct filling *f, struct error *e) {
    const struct doc_node *cloud = doc_map_find(f->row, STR("cloud"));
    const struct doc_node *provider = said_text(cloud != NULL ? doc_map_find(cloud, STR("provider"))
                                                              : NULL),
                          *region =
                              said_text(cloud != NULL ? doc_map_find(cloud, STR("region")) : NULL);
    const struct register_prefilled *list = &f->lists->regions;
    bool knows_provider = false;
    char names[160];
    if (provider == NULL || region == NULL) return OK;
    TRY(lists_open(f->lists, e));
    for (size_t i = 0; i < list->row_count; i++) {
        if (!str_equal(register_prefilled_cell(list, i, STR("provider")), provider->text)) continue;
        knows_provider = true;
        if (!str_equal(register_prefilled_cell(list, i, STR("region")), region->text)) continue;
        if (!lacks(f, "country") || f->country != NULL) return OK;
        str country = register_prefilled_cell(list, i, STR("country"));
        fill(f, "country", cell_said(f, region, list, i, "country"));
        f->country = made_text(f->lists->making, region, country);
        return OK;
    }
    if (!knows_provider) return OK;
    struct error warning;
    near_names(list, STR("region"), provider->text, region->text, names, sizeof names);
    error_ignore(doc_error(region, &warning, "the list of %.*s has no region \"%.*s\" of %.*s%s",
                           STR_FMT(list->as_of), STR_FMT(str_slice(region->text, 0, 60)),
                           STR_FMT(provider->text), names));
    problem_add(f->problems, &warning, true);
    return OK;
}

/* In Japan the areas are ten; elsewhere an area is called as its people call it. */
static enum error_code grid_take(struct filling *f, struct error *e) {
    struct making *m = f->lists->making;
    const struct doc_node *grid = doc_map_find(f->row, STR("grid"));
    const struct doc_node *area = said_text(grid != NULL ? doc_map_find(grid, STR("area")) : NULL);
    char names[160];
    size_t at;
    if (area == NULL || f->country == NULL || !str_equal(f->country->text, STR("JP"))) return OK;
    TRY(lists_open(f->lists, e));
    const struct register_prefilled *list = &f->lists->grids;
    for (at = 0; at < list->row_count; at++)
        if (str_equal(register_prefilled_cell(list, at, STR("id")), area->text)) break;
    if (at == list->row_count) {
        near_names(list, STR("id"), STR_EMPTY, area->text, names, sizeof names);
        return doc_error(area, e, "Japan has no grid area \"%.*s\"%s",
                         STR_FMT(str_slice(area->text, 0, 60)), names);
    }
    const struct doc_node *with =
        map_with(m, grid, area, "hertz", cell_said(f, area, list, at, "hertz"));
    if (with != grid) fill(f, "grid", with);
    return OK;
}

/* The row with what was filled in, each key where it stood or behind. */
static const struct doc_node *row_filled(struct filling *f) {
    struct making *m = f->lists->making;
    struct made *out = made_open(m, f->row, DOC_MAP, f->row->count + f->count);
    for (size_t i = 0; i < f->row->count; i++) {
        const struct doc_node *value = f->row->items[i];
        for (size_t k = 0; k < f->count; k++)
            if (str_equal(f->keys[k], f->row->keys[i]->text)) value = f->values[k];
        made_put_as(m, out, f->row->keys[i], value);
    }
    for (size_t k = 0; k < f->count; k++)
        if (doc_map_find(f->row, f->keys[k]) == NULL) made_put(m, out, f->keys[k], f->values[k]);
    return made_node(out);
}

static enum error_code row_take(struct near_lists *n, struct problems *problems,
                                const struct doc_node **row, struct error *e) {
    struct filling f = {.lists = n, .problems = problems, .row = *row};
    f.country = said_text(doc_map_find(*row, STR("country")));
    enum error_code code = near_take(&f, e);
    if (code == OK) code = cloud_take(&f, e);
    if (code == OK) code = grid_take(&f, e);
    if (code != OK) return problem_note(problems, code, e);
    if (f.count == 0) return OK;
    const struct doc_node *filled = row_filled(&f);
    TRY(made_done(n->making, e));
    *row = filled;
    return OK;
}

enum error_code near_fill(struct near_lists *n, struct problems *problems,
                          const struct doc_node **rows, struct error *e) {
    const struct doc_node *list = *rows;
    if (list->kind != DOC_LIST || list->count == 0) return OK;
    struct made *out = made_open(n->making, list, DOC_LIST, list->count);
    for (size_t i = 0; i < list->count; i++) {
        const struct doc_node *row = list->items[i];
        if (row->kind == DOC_MAP) TRY(row_take(n, problems, &row, e));
        made_add(n->making, out, row);
    }
    TRY(made_done(n->making, e));
    *rows = made_node(out);
    return OK;
}
