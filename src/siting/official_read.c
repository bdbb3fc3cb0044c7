/* Official maps as they are published: GeoJSON feature by feature, CSV square by square. */
#include "siting/official_inner.h"

#include <stdio.h>

#include "base/limits.h"
#include "siting/collection.h"
#include "siting/number.h"

/* ---- GeoJSON ---- */

struct reading {
    struct siting_official *o;
    str file;
    struct arena scratch;
    uint64_t number;
    str large; /* coordinates of a feature that were too many for a tree; else empty */
};
/* A feature of more bytes may have more nodes than a tree holds: a position has three, and at least that
 * many bytes. */
enum { LARGE_FEATURE_BYTES = LIMIT_DOC_NODES };

/* The square that a J-SHIS answer is about. */
static enum error_code mesh_of(const struct doc_node *properties, str *out, struct error *e) {
    static const char *const names[] = {"meshcode", "meshCode", "CODE"};
    const struct doc_node *node = official_property(properties, names, COUNT_OF(names));
    struct geo_point corner;
    double lat, lon;
    if (node == NULL) return doc_error(properties, e, "there is no meshcode among the properties");
    if (node->kind != DOC_SCALAR || !geo_mesh_read(node->text, &corner, &lat, &lon))
        return doc_expected(node, e, "a grid square code of JIS X 0410");
    *out = node->text;
    return OK;
}

static bool is_area(const struct doc_node *geometry, bool *is_multi) {
    const struct doc_node *type =
        geometry != NULL && geometry->kind == DOC_MAP ? doc_map_find(geometry, STR("type")) : NULL;
    if (type == NULL || type->kind != DOC_SCALAR) return false;
    *is_multi = str_equal(type->text, STR("MultiPolygon"));
    return *is_multi || str_ends(type->text, STR("Polygon"));
}

static enum error_code feature_take(struct reading *r, const struct doc_node *feature,
                                    struct arena *arena, struct error *e) {
    const struct doc_node *properties, *geometry;
    const struct siting_area *area;
    double low, high;
    TRY(doc_map_get(feature, STR("properties"), &properties, e));
    TRY(doc_want(properties, DOC_MAP, "the properties of a feature", e));
    TRY(official_ends(r->o->kind, properties, &low, &high, e));
    if (r->o->kind == SITING_QUAKE) {
        str mesh;
        TRY(mesh_of(properties, &mesh, e));
        return official_square(r->o, mesh, low, e);
    }
    geometry = doc_map_find(feature, STR("geometry"));
    bool is_multi;
    if (!is_area(geometry, &is_multi)) {
        r->o->no_area++;
        return OK;
    }
    TRY(r->large.len > 0
            ? area_read_coordinates(*geometry->file, r->large, is_multi, arena, &area, e)
            : area_read(geometry, arena, &area, e));
    return official_area(r->o, area, low, high, e);
}

/* Leaves an empty list where the coordinates stood, which are read by themselves. */
static enum error_code coordinates_cut(struct reading *r, str file, str *feature,
                                       struct arena *arena, struct error *e) {
    TRY(collection_coordinates(file, *feature, &r->large, e));
    if (r->large.len == 0) return OK;
    str before = str_slice(*feature, 0, (size_t)(r->large.at - feature->at)),
        after = str_skip(*feature, before.len + r->large.len);
    return arena_format(arena, feature, e, "%.*s[]%.*s", STR_FMT(before), STR_FMT(after));
}

static enum error_code feature_read(void *self, size_t at, str bytes, struct error *e) {
    struct reading *r = self;
    char name[300];
    struct doc doc;
    struct arena arena = r->scratch;
    size_t half = arena_left(&arena) / 2;
    struct arena scratch = arena_over(arena.end - half, half);
    arena.end -= half;
    r->number++;
    r->o->features++;
    int len = snprintf(name, sizeof name, "%.200s, feature %llu at byte %zu", r->file.at,
                       (unsigned long long)r->number, at);
    r->large = STR_EMPTY;
    if (bytes.len > LARGE_FEATURE_BYTES)
        TRY(coordinates_cut(r, str_of(name, (size_t)len), &bytes, &arena, e));
    TRY(doc_read_json(str_of(name, (size_t)len), bytes, &arena, scratch, &doc, e));
    assert(doc.count == 1);
    TRY(doc_want(doc.documents[0], DOC_MAP, "a feature", e));
    return feature_take(r, doc.documents[0], &arena, e);
}

/* ---- CSV of squares ---- */

static str cell_cut(str *rest) {
    str cell;
    if (str_cut(rest, ',', &cell)) return str_trim(cell);
    cell = *rest;
    *rest = STR_EMPTY;
    return str_trim(cell);
}

/* The line that names the columns, alone or as a comment: "# CODE,T30_I45_PS,…". False: it is none. */
static bool columns_find(str line, size_t *code, size_t *chance) {
    bool has_code = false, has_chance = false;
    while (line.len > 0 && (line.at[0] == '#' || line.at[0] == ' ')) line = str_skip(line, 1);
    for (size_t i = 0; line.len > 0; i++) {
        str cell = cell_cut(&line);
        if (str_equal(cell, STR("CODE")) || str_equal(cell, STR("meshcode"))) {
            *code = i;
            has_code = true;
        }
        if (str_equal(cell, STR("T30_I55_PS"))) {
            *chance = i;
            has_chance = true;
        }
    }
    return has_code && has_chance;
}

static enum error_code square_read(struct siting_official *o, str file, str bytes, size_t at,
                                   str line, const size_t columns[2], struct error *e) {
    str cells[2] = {STR_EMPTY, STR_EMPTY}, rest = line;
    struct geo_point corner;
    double lat, lon, chance;
    for (size_t i = 0; rest.len > 0; i++) {
        str cell = cell_cut(&rest);
        for (size_t k = 0; k < 2; k++)
            if (columns[k] == i) cells[k] = cell;
    }
    if (!geo_mesh_read(cells[0], &corner, &lat, &lon))
        return collection_fail(file, bytes, at, e,
                               "expected a grid square code of JIS X 0410, found \"%.*s\"",
                               (int)size_min(cells[0].len, 24), cells[0].at);
    const struct doc_node node = {.kind = DOC_SCALAR, .file = &file, .text = cells[1]};
    struct error inside;
    if (cells[1].len == 0 || number_read(&node, 0, 1, "a probability", &chance, &inside) != OK)
        return collection_fail(file, bytes, at, e,
                               "expected a probability from 0 to 1 in T30_I55_PS, found \"%.*s\"",
                               (int)size_min(cells[1].len, 24), cells[1].at);
    o->features++;
    return official_square(o, cells[0], chance * 100, e);
}

static enum error_code squares_read(struct siting_official *o, str file, str bytes,
                                    struct error *e) {
    size_t columns[2];
    bool has_columns = false;
    str rest = str_starts(bytes, STR("\xef\xbb\xbf")) ? str_skip(bytes, 3) : bytes;
    if (o->kind != SITING_QUAKE)
        return collection_fail(file, bytes, 0, e, "a map of %s is GeoJSON, not CSV",
                               official_kind_name(o->kind));
    while (rest.len > 0) {
        str line;
        size_t at = bytes.len - rest.len;
        if (!str_cut(&rest, '\n', &line))
            return collection_fail(file, bytes, bytes.len, e,
                                   "the last line has no end: the file is cut off");
        line = str_trim(line);
        if (line.len == 0) continue;
        if (columns_find(line, &columns[0], &columns[1])) {
            has_columns = true;
            continue;
        }
        if (line.at[0] == '#') continue;
        if (!has_columns)
            return collection_fail(file, bytes, at, e,
                                   "expected a line that names the columns, CODE and T30_I55_PS "
                                   "among them");
        TRY(square_read(o, file, bytes, at, line, columns, e));
    }
    if (!has_columns)
        return collection_fail(file, bytes, bytes.len, e, "no line names CODE and T30_I55_PS");
    return OK;
}

enum error_code siting_official_read(struct siting_official *o, str file, str bytes,
                                     struct arena scratch, struct error *e) {
    struct reading r = {.o = o, .file = file, .scratch = scratch};
    if (str_ends(file, STR(".csv"))) return squares_read(o, file, bytes, e);
    return collection_each(file, bytes, feature_read, &r, e);
}
