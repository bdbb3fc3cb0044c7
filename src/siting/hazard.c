/* Maps of single hazards: how deep, how likely, at a place. Unlike events they say nothing of what
 * strikes together; they are what rules ask of a site by itself. */
#include <math.h>

#include "base/limits.h"
#include "siting/area.h"
#include "siting/number.h"
#include "siting/read.h"

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

static bool value_has(const struct siting_value *value, const struct asked *asked) {
    if (value->site.len > 0) return str_equal(value->site, asked->site->id);
    if (!asked->site->has_point) return false;
    if (value->area != NULL) return area_has(value->area, asked->site->point);
    return str_equal(value->mesh, str_from_c(asked->codes[value->mesh.len]));
}

/* One map: the worst of its values that hold the site. */
static bool map_at(const struct siting_hazard *map, const struct asked *asked,
                   struct siting_told *out) {
    const struct siting_site *site = asked->site;
    struct siting_told told = {-INFINITY, -INFINITY, map};
    for (size_t i = 0; i < map->value_count; i++) {
        if (!value_has(&map->values[i], asked)) continue;
        told.low = fmax(told.low, map->values[i].low);
        told.high = fmax(told.high, map->values[i].high);
    }
    bool is_outside = told.high == -INFINITY && map->mapped != NULL && site->has_point &&
                      area_has(map->mapped, site->point);
    if (is_outside) told.low = told.high = map->outside;
    if (told.high == -INFINITY) return false;
    *out = told;
    return true;
}

bool siting_hazard_at(const struct siting_model *model, str name, const struct siting_site *site,
                      struct siting_told *out) {
    bool is_known = false;
    struct asked asked = ask_of(site);
    for (size_t i = 0; i < model->hazard_count; i++) {
        struct siting_told told;
        if (!str_equal(model->hazards[i].name, name) || !map_at(&model->hazards[i], &asked, &told))
            continue;
        if (!is_known || told.high > out->high) out->from = told.from;
        out->low = is_known ? fmax(out->low, told.low) : told.low;
        out->high = is_known ? fmax(out->high, told.high) : told.high;
        is_known = true;
    }
    return is_known;
}
