/* Maps of single hazards: how deep, how likely, at a place. Unlike events they say nothing of what
 * strikes together; they are what rules ask of a site by itself. */
#include <math.h>

#include "base/limits.h"
#include "siting/area.h"
#include "siting/number.h"
#include "siting/read.h"
#include "siting/square.h"

#define VALUE_MOST 1e9

/* ---- reading ---- */

static bool is_shape(const struct doc_node *map) {
    return doc_map_find(map, STR("type")) != NULL || doc_map_find(map, STR("circle")) != NULL;
}

static enum error_code read_ends(const struct doc_node *node, struct siting_value *out,
                                 struct error *e) {
    static const char what[] = "a number";
    double both = NAN, low = NAN, high = INFINITY;
    TRY(number_find(node, "value", -VALUE_MOST, VALUE_MOST, what, &both, e));
    TRY(number_find(node, "low", -VALUE_MOST, VALUE_MOST, what, &low, e));
    TRY(number_find(node, "high", -VALUE_MOST, VALUE_MOST, what, &high, e));
    bool has_high = doc_map_find(node, STR("high")) != NULL;
    if (isnan(both) == isnan(low) || (!isnan(both) && has_high))
        return doc_error(node, e, "a value needs either value, or low with or without high");
    out->low = isnan(both) ? low : both;
    out->high = isnan(both) ? high : both;
    if (out->low > out->high)
        return doc_error(node, e, "a low end of %g above the high one of %g", out->low, out->high);
    return OK;
}

static enum error_code read_value(const struct doc_node *node, struct arena *arena,
                                  struct siting_value *out, struct error *e) {
    static const str keys[] = {{"value", 5},        {"low", 3},      {"high", 4},
                               {"mesh", 4},         {"site", 4},     {"area", 4},
                               {"type", 4},         {"geometry", 8}, {"properties", 10},
                               {"coordinates", 11}, {"features", 8}, {"geometries", 10},
                               {"circle", 6},       {"note", 4}};
    TRY(doc_want(node, DOC_MAP, "a value with its place", e));
    TRY(doc_map_only(node, keys, COUNT_OF(keys), e));
    TRY(read_ends(node, out, e));
    const struct doc_node *mesh = doc_map_find(node, STR("mesh")),
                          *site = doc_map_find(node, STR("site")),
                          *area = doc_map_find(node, STR("area"));
    if (area == NULL && is_shape(node)) area = node;
    if ((mesh != NULL) + (site != NULL) + (area != NULL) != 1)
        return doc_error(node, e,
                         "a value needs one place: mesh, site, area, circle or a GeoJSON type");
    if (site != NULL) return doc_code(site, &out->site, e);
    if (area != NULL) return area_read(area, arena, &out->area, e);
    struct geo_point corner;
    double lat_extent, lon_extent;
    TRY(doc_text(mesh, &out->mesh, e));
    if (!geo_mesh_read(out->mesh, &corner, &lat_extent, &lon_extent))
        return doc_expected(mesh, e, "a grid square code of JIS X 0410, 4 to 10 digits");
    return OK;
}

/* One name has one unit, in all files. */
static enum error_code check_unit(const struct siting_model *model, const struct doc_node *node,
                                  const struct siting_hazard *hazard, struct error *e) {
    for (size_t i = 0; i < model->hazard_count; i++) {
        const struct siting_hazard *other = &model->hazards[i];
        if (!str_equal(other->name, hazard->name) || str_equal(other->unit, hazard->unit)) continue;
        return doc_error(node, e, "\"%.*s\" is in \"%.*s\" here and in \"%.*s\" elsewhere",
                         STR_FMT(hazard->name), STR_FMT(hazard->unit), STR_FMT(other->unit));
    }
    return OK;
}

static enum error_code read_texts(const struct doc_node *node, struct siting_hazard *out,
                                  struct error *e) {
    const struct {
        const char *key;
        str *text;
    } texts[] = {{"unit", &out->unit},
                 {"source", &out->source},
                 {"edition", &out->edition},
                 {"licence", &out->licence}};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const struct doc_node *text = doc_map_find(node, str_from_c(texts[i].key));
        if (text != NULL) TRY(doc_text(text, texts[i].text, e));
    }
    static const str units[] = {{"", 0}, {"m", 1}, {"km", 2}, {"%", 1}};
    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (str_equal(out->unit, units[i])) return OK;
    return doc_expected(doc_map_find(node, STR("unit")), e, "m, km or %%, or no unit");
}

static enum error_code read_hazard(const struct doc_node *node, struct arena *arena,
                                   struct siting_hazard *out, struct error *e) {
    static const str keys[] = {{"name", 4},    {"unit", 4},    {"source", 6},
                               {"edition", 7}, {"licence", 7}, {"mapped", 6},
                               {"outside", 7}, {"values", 6},  {"note", 4}};
    const struct doc_node *name, *values, *mapped;
    TRY(doc_want(node, DOC_MAP, "a map of one hazard", e));
    TRY(doc_map_only(node, keys, COUNT_OF(keys), e));
    mapped = doc_map_find(node, STR("mapped"));
    TRY(doc_map_get(node, STR("name"), &name, e));
    TRY(doc_code(name, &out->name, e));
    TRY(read_texts(node, out, e));
    out->outside = NAN;
    TRY(number_find(node, "outside", -VALUE_MOST, VALUE_MOST, "a number", &out->outside, e));
    if ((mapped != NULL) == isnan(out->outside))
        return doc_error(node, e,
                         "mapped and outside go together: where somebody looked, and what it is "
                         "there beside the values");
    if (mapped != NULL) TRY(area_read(mapped, arena, &out->mapped, e));
    TRY(doc_map_get(node, STR("values"), &values, e));
    TRY(doc_want(values, DOC_LIST, "a list of values", e));
    struct siting_value *list = arena_new(arena, struct siting_value, values->count);
    if (list == NULL) return error_set(e, FAIL_MEMORY, "no memory for a map of hazards");
    for (size_t i = 0; i < values->count; i++)
        TRY(read_value(values->items[i], arena, &list[i], e));
    out->values = list;
    out->value_count = values->count;
    return OK;
}

enum error_code read_hazards(const struct doc_node *document, struct arena *arena,
                             struct siting_model *model, struct error *e) {
    const struct doc_node *nodes = doc_map_find(document, STR("hazards"));
    if (nodes == NULL) return OK;
    TRY(doc_want(nodes, DOC_LIST, "a list of maps", e));
    if (nodes->count > LIMIT_SITING_EVENTS - model->hazard_count)
        return doc_error(nodes, e, "over %d hazards", LIMIT_SITING_EVENTS);
    size_t kept = model->hazard_count;
    struct siting_hazard *list = arena_new(arena, struct siting_hazard, kept + nodes->count);
    if (list == NULL) return error_set(e, FAIL_MEMORY, "no memory for hazards");
    if (kept > 0) memcpy(list, model->hazards, kept * sizeof *list);
    struct siting_model grown = *model;
    grown.hazards = list;
    for (size_t i = 0; i < nodes->count; i++, grown.hazard_count++) {
        TRY(read_hazard(nodes->items[i], arena, &list[kept + i], e));
        TRY(check_unit(&grown, nodes->items[i], &list[kept + i], e));
    }
    *model = grown;
    return OK;
}

/* ---- asking ---- */

/* A site with the codes of the squares that hold it, by their digits; empty: it is in none. */
struct asked {
    const struct siting_site *site;
    char codes[GEO_MESH_DIGITS + 1][GEO_MESH_DIGITS + 1];
};

static struct asked ask_of(const struct siting_site *site) {
    static const enum geo_mesh meshes[] = {GEO_MESH_80KM, GEO_MESH_10KM, GEO_MESH_1KM,
                                           GEO_MESH_500M, GEO_MESH_250M};
    struct asked asked = {.site = site};
    for (size_t i = 0; site->has_point && i < COUNT_OF(meshes); i++)
        if (!geo_mesh_write(site->point, meshes[i], asked.codes[meshes[i]]))
            asked.codes[meshes[i]][0] = 0;
    return asked;
}

static enum square_side value_side(const struct siting_value *value, const struct asked *asked) {
    const struct siting_site *site = asked->site;
    if (value->site.len > 0) return str_equal(value->site, site->id) ? SQUARE_IN : SQUARE_OUT;
    if (!siting_site_is_placed(site)) return SQUARE_OUT;
    if (value->area != NULL) return site_in_area(site, value->area);
    if (!site->has_point) return square_in_mesh(site, value->mesh);
    return str_equal(value->mesh, str_from_c(asked->codes[value->mesh.len])) ? SQUARE_IN
                                                                             : SQUARE_OUT;
}

/* What values say that hold the site, or all of its square: the worst of them. And what those say that hold a part
 * of its square: the site may be in any of them, or in none unless they cover it. */
struct answer {
    bool is_held, is_covered;
    double low, high;
    double part_least, part_most;
};

static struct answer answer_of(const struct siting_hazard *map, const struct asked *asked) {
    struct answer a = {false, false, -INFINITY, -INFINITY, INFINITY, -INFINITY};
    struct square_cover cover = {0};
    for (size_t i = 0; i < map->value_count; i++) {
        const struct siting_value *value = &map->values[i];
        enum square_side side = value_side(value, asked);
        if (side == SQUARE_OUT) continue;
        if (side == SQUARE_PART) {
            a.part_least = fmin(a.part_least, value->low);
            a.part_most = fmax(a.part_most, value->high);
            a.is_covered |=
                value->mesh.len > 0 && square_cover_add(&cover, asked->site, value->mesh);
            continue;
        }
        a.is_held = true;
        a.low = fmax(a.low, value->low);
        a.high = fmax(a.high, value->high);
    }
    return a;
}

/* One map. False: it does not know; what it says of a part of the site's square is in out->high all the same. */
static bool map_at(const struct siting_hazard *map, const struct asked *asked,
                   struct siting_told *out) {
    const struct siting_site *site = asked->site;
    struct answer a = answer_of(map, asked);
    *out = (struct siting_told){a.low, fmax(a.high, a.part_most), map};
    if (a.is_held) return true;
    bool is_mapped = map->mapped != NULL && siting_site_is_placed(site) &&
                     site_in_area(site, map->mapped) == SQUARE_IN;
    if (a.is_covered) {
        out->low = a.part_least;
    } else if (is_mapped) {
        out->low = fmin(a.part_least, map->outside);
        out->high = fmax(a.part_most, map->outside);
    }
    return a.is_covered || is_mapped;
}

/* The worst that any map says; a map that does not know can only make it worse. */
bool siting_hazard_at(const struct siting_model *model, str name, const struct siting_site *site,
                      struct siting_told *out) {
    struct asked asked = ask_of(site);
    struct siting_told all = {-INFINITY, -INFINITY, NULL};
    bool is_known = false;
    for (size_t i = 0; i < model->hazard_count; i++) {
        struct siting_told told;
        if (!str_equal(model->hazards[i].name, name)) continue;
        bool knows = map_at(&model->hazards[i], &asked, &told);
        if (knows) all.low = fmax(all.low, told.low);
        if (told.high > all.high || (knows && !is_known && told.high >= all.high)) {
            all.high = told.high;
            all.from = told.from;
        }
        is_known |= knows;
    }
    if (is_known) *out = all;
    return is_known;
}
