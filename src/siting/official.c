/* What official maps say, feature by feature and square by square. */
#include "siting/siting.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "siting/area.h"
#include "siting/collection.h"
#include "siting/number.h"
#include "siting/square.h"

static const struct {
    const char *name, *hazard, *unit, *source;
} kinds[SITING_COUNT] = {
    {"quake", "quake_30y", "%",
     "J-SHIS, National Research Institute for Earth Science and Disaster Resilience: shaking of "
     "6-lower or more in 30 years"},
    {"flood", "flood_depth", "m",
     "National Land Numerical Information A31a (MLIT): depth of flood"},
    {"tsunami", "tsunami_depth", "m",
     "National Land Numerical Information A40 (MLIT): depth of tsunami"},
    {"landslide", "landslide", "",
     "National Land Numerical Information A33 (MLIT): 1 warning zone, 2 special warning zone"},
};

bool siting_official_kind_find(str name, enum siting_official_kind *out) {
    for (int i = 0; i < SITING_COUNT; i++)
        if (str_equal(name, str_from_c(kinds[i].name))) {
            *out = (enum siting_official_kind)i;
            return true;
        }
    return false;
}

enum error_code siting_official_begin(enum siting_official_kind kind,
                                      const struct siting_site *sites, size_t site_count,
                                      struct arena *arena, struct text *values,
                                      struct siting_official *out, struct error *e) {
    struct siting_official_worst *worst =
        arena_new(arena, struct siting_official_worst, site_count);
    bool ok = worst != NULL;
    for (size_t i = 0; ok && i < site_count; i++) {
        worst[i].part_least = INFINITY;
        worst[i].part_most = -INFINITY;
        if (!sites[i].has_point && sites[i].mesh.len > 0)
            ok = (worst[i].cover = arena_new(arena, struct square_cover, 1)) != NULL;
    }
    if (!ok) return error_set(e, FAIL_MEMORY, "no memory for %zu sites", site_count);
    *out = (struct siting_official){
        .kind = kind, .sites = sites, .site_count = site_count, .worst = worst, .values = values};
    return OK;
}

/* ---- what a feature says ---- */

static void number_add(struct text *out, double number) {
    text_format(out, "%.10g", number);
}

static void ends_add(struct text *out, double low, double high) {
    if (low == high) {
        text_add_c(out, "value: ");
        number_add(out, low);
        return;
    }
    text_add_c(out, "low: ");
    number_add(out, low);
    if (isinf(high)) return;
    text_add_c(out, ", high: ");
    number_add(out, high);
}

static void site_take(struct siting_official *o, size_t site, enum square_side side, double low,
                      double high) {
    struct siting_official_worst *w = &o->worst[site];
    if (side == SQUARE_OUT) return;
    if (side == SQUARE_PART) {
        w->part_least = fmin(w->part_least, low);
        w->part_most = fmax(w->part_most, high);
        return;
    }
    w->low = w->is_known ? fmax(w->low, low) : low;
    w->high = w->is_known ? fmax(w->high, high) : high;
    w->is_known = true;
    o->kept++;
}

static void area_add(struct text *out, const struct siting_area *area) {
    text_add_c(out, "type: MultiPolygon, coordinates: [");
    for (size_t i = 0; i < area->ring_count; i++) {
        const struct area_ring *ring = &area->rings[i];
        bool is_first = i == 0 || area->rings[i - 1].polygon != ring->polygon,
             is_last = i + 1 == area->ring_count || area->rings[i + 1].polygon != ring->polygon;
        text_add_c(out, i > 0 ? ", " : "");
        text_add_c(out, is_first ? "[[" : "[");
        for (size_t k = 0; k <= ring->count; k++) {
            struct geo_point p = ring->points[k % ring->count]; /* the first closes it */
            text_format(out, "%s[%.9g, %.9g]", k > 0 ? ", " : "", p.lon_deg, p.lat_deg);
        }
        text_add_c(out, is_last ? "]]" : "]");
    }
    text_add_c(out, "]");
}

static enum error_code value_take(struct siting_official *o, const struct siting_area *area,
                                  double low, double high, struct error *e) {
    for (size_t i = 0; i < o->site_count; i++)
        if (siting_site_is_placed(&o->sites[i]))
            site_take(o, i, site_in_area(&o->sites[i], area), low, high);
    if (o->sites != NULL) return OK;
    text_add_c(o->values, "  - {");
    ends_add(o->values, low, high);
    text_add_c(o->values, ", ");
    area_add(o->values, area);
    text_add_c(o->values, "}\n");
    o->kept++;
    if (!o->values->overflow) return OK;
    return error_set(e, FAIL_LIMIT,
                     "over %d bytes of values: name --register, so that only what holds a site is "
                     "kept",
                     LIMIT_DOC_BYTES);
}

static enum error_code square_take(struct siting_official *o, str mesh, double percent,
                                   struct error *e) {
    char code[GEO_MESH_DIGITS + 1];
    for (size_t i = 0; i < o->site_count; i++) {
        const struct siting_site *site = &o->sites[i];
        enum square_side side = SQUARE_OUT;
        if (site->has_point && geo_mesh_write(site->point, (enum geo_mesh)mesh.len, code) &&
            str_equal(mesh, str_from_c(code)))
            side = SQUARE_IN;
        if (o->worst[i].cover != NULL) side = square_in_mesh(site, mesh);
        if (side == SQUARE_PART && square_cover_add(o->worst[i].cover, site, mesh)) {
            o->kept += !o->worst[i].is_covered;
            o->worst[i].is_covered = true;
        }
        site_take(o, i, side, percent, percent);
    }
    if (o->sites != NULL) return OK;
    text_format(o->values, "  - {mesh: \"%.*s\", ", STR_FMT(mesh));
    ends_add(o->values, percent, percent);
    text_add_c(o->values, "}\n");
    o->kept++;
    if (!o->values->overflow) return OK;
    return error_set(e, FAIL_LIMIT,
                     "over %d bytes of values: name --register, so that only what holds a site is "
                     "kept",
                     LIMIT_DOC_BYTES);
}

/* ---- attributes ---- */

static const struct doc_node *first_of(const struct doc_node *properties, const char *const *names,
                                       size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct doc_node *node = doc_map_find(properties, str_from_c(names[i]));
        if (node != NULL) return node;
    }
    return NULL;
}

static bool digits_take(str *rest, double *out) {
    char digits[24];
    size_t len = 0;
    while (len < rest->len && len < sizeof digits - 1 &&
           ((rest->at[len] >= '0' && rest->at[len] <= '9') || rest->at[len] == '.'))
        len++;
    if (len == 0 || rest->at[0] == '.') return false;
    memcpy(digits, rest->at, len);
    digits[len] = 0;
    *out = strtod(digits, NULL);
    *rest = str_skip(*rest, len);
    return isfinite(*out);
}

bool collection_depth_read(str words, double *low, double *high) {
    static const str metres[] = {{" ", 1}, {"　", 3}, {"m", 1}, {"ｍ", 3}};
    bool has_low = false, has_high = false, is_wrong = false;
    *low = 0;
    *high = INFINITY;
    while (words.len > 0) {
        double number;
        if (!digits_take(&words, &number)) {
            words = str_skip(words, 1);
            continue;
        }
        for (size_t i = 0; i < COUNT_OF(metres);) {
            if (str_starts(words, metres[i])) {
                words = str_skip(words, metres[i].len);
                i = 0;
            } else
                i++;
        }
        if (str_starts(words, STR("以上"))) {
            is_wrong |= has_low;
            *low = number;
            has_low = true;
        } else if (str_starts(words, STR("未満")) || str_starts(words, STR("以下"))) {
            is_wrong |= has_high;
            *high = number;
            has_high = true;
        } else
            is_wrong = true;
    }
    return !is_wrong && (has_low || has_high) && *low <= *high;
}

/* Ranks of depth. Source: nlftp.mlit.go.jp/ksj, code list of depths (water_depth_code). */
static enum error_code flood_ends(const struct doc_node *rank, double *low, double *high,
                                  struct error *e) {
    static const double bounds[] = {0, 0.5, 3, 5, 10, 20, INFINITY};
    double number;
    TRY(number_read(rank, 1, 6, "a rank of depth, 1 to 6", &number, e));
    size_t at = (size_t)number;
    if ((double)at != number) return doc_expected(rank, e, "a rank of depth, 1 to 6");
    *low = bounds[at - 1];
    *high = bounds[at];
    return OK;
}

/* 3 and 4 are zones surveyed but not yet designated: as dangerous. */
static enum error_code zone_ends(const struct doc_node *zone, double *low, double *high,
                                 struct error *e) {
    double number;
    TRY(number_read(zone, 1, 4, "a kind of zone, 1 to 4", &number, e));
    if (number != floor(number)) return doc_expected(zone, e, "a kind of zone, 1 to 4");
    *low = *high = number == 2 || number == 4 ? 2 : 1;
    return OK;
}

static enum error_code ends_of(const struct siting_official *o, const struct doc_node *properties,
                               double *low, double *high, struct error *e) {
    static const char *const names[SITING_COUNT][2] = {{"T30_I55_PS", "T30_I55_PS"},
                                                       {"A31a_205", "A31a_105"},
                                                       {"A40_003", "A40_003"},
                                                       {"A33_002", "A33_002"}};
    const struct doc_node *node = first_of(properties, names[o->kind], 2);
    if (node == NULL)
        return doc_error(properties, e, "there is no %s%s%s among the properties: not a map of %s",
                         names[o->kind][0], o->kind == SITING_FLOOD ? " or " : "",
                         o->kind == SITING_FLOOD ? names[o->kind][1] : "", kinds[o->kind].name);
    switch (o->kind) {
    case SITING_QUAKE:
        TRY(number_read(node, 0, 1, "a probability from 0 to 1", low, e));
        *low = *high = *low * 100;
        return OK;
    case SITING_FLOOD: return flood_ends(node, low, high, e);
    case SITING_TSUNAMI:
        if (node->kind == DOC_SCALAR && collection_depth_read(node->text, low, high)) return OK;
        return doc_expected(node, e, "a depth in words, such as 0.3m以上 ～ 1m未満");
    case SITING_LANDSLIDE: return zone_ends(node, low, high, e);
    case SITING_COUNT: break;
    }
    return error_set(e, FAIL_INTERNAL, "no such kind of map");
}

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
    const struct doc_node *node = first_of(properties, names, COUNT_OF(names));
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
    TRY(ends_of(r->o, properties, &low, &high, e));
    if (r->o->kind == SITING_QUAKE) {
        str mesh;
        TRY(mesh_of(properties, &mesh, e));
        return square_take(r->o, mesh, low, e);
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
    return value_take(r->o, area, low, high, e);
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
    return square_take(o, cells[0], chance * 100, e);
}

static enum error_code squares_read(struct siting_official *o, str file, str bytes,
                                    struct error *e) {
    size_t columns[2];
    bool has_columns = false;
    str rest = str_starts(bytes, STR("\xef\xbb\xbf")) ? str_skip(bytes, 3) : bytes;
    if (o->kind != SITING_QUAKE)
        return collection_fail(file, bytes, 0, e, "a map of %s is GeoJSON, not CSV",
                               kinds[o->kind].name);
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

/* ---- the public story ---- */

enum error_code siting_official_read(struct siting_official *o, str file, str bytes,
                                     struct arena scratch, struct error *e) {
    struct reading r = {.o = o, .file = file, .scratch = scratch};
    if (str_ends(file, STR(".csv"))) return squares_read(o, file, bytes, e);
    return collection_each(file, bytes, feature_read, &r, e);
}

/* A text in quotes as YAML and JSON both read it. */
static void quoted_add(struct text *out, const char *key, str text) {
    text_format(out, "  %s: \"", key);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c == '"' || c == '\\') text_add_char(out, '\\');
        if (c >= 0x20) text_add_char(out, (char)c);
    }
    text_add_c(out, "\"\n");
}

bool siting_official_knows(const struct siting_official *o, size_t site) {
    return o->worst[site].is_known || o->worst[site].is_covered;
}

static void sites_add(const struct siting_official *o, struct text *out) {
    for (size_t i = 0; i < o->site_count; i++) {
        const struct siting_official_worst *w = &o->worst[i];
        const struct siting_site *site = &o->sites[i];
        if (!siting_official_knows(o, i)) continue;
        text_add_c(out, "  - {");
        ends_add(out, w->is_known ? w->low : w->part_least,
                 w->is_known ? fmax(w->high, w->part_most) : w->part_most);
        if (site->has_point)
            text_format(out, ", circle: {lat: %.9g, lon: %.9g, km: 0.01}", site->point.lat_deg,
                        site->point.lon_deg);
        else
            text_format(out, ", mesh: \"%.*s\"", STR_FMT(site->mesh));
        text_format(out, ", note: \"%.*s\"}\n", STR_FMT(site->id));
    }
}

enum error_code siting_official_write(const struct siting_official *o,
                                      const struct siting_official_head *head, struct text *out,
                                      struct error *e) {
    text_format(out, "hazards:\n- name: %s\n", kinds[o->kind].hazard);
    if (kinds[o->kind].unit[0] != 0) text_format(out, "  unit: \"%s\"\n", kinds[o->kind].unit);
    quoted_add(out, "source",
               head->source.len > 0 ? head->source : str_from_c(kinds[o->kind].source));
    quoted_add(out, "edition", head->edition);
    quoted_add(out, "licence", head->licence);
    bool is_empty = o->kept == 0;
    for (size_t i = 0; i < o->site_count; i++) is_empty &= !siting_official_knows(o, i);
    text_add_c(out, is_empty ? "  values: []\n" : "  values:\n");
    if (o->sites != NULL)
        sites_add(o, out);
    else
        text_add(out, text_str(o->values));
    if (!out->overflow && out->len <= LIMIT_DOC_BYTES) return OK;
    return error_set(e, FAIL_LIMIT,
                     "over %d bytes: name --register, so that only what holds a site is kept",
                     LIMIT_DOC_BYTES);
}
