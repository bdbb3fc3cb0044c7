/* Official maps: what is kept of them, and a table of events' hazards made of it. */
#include "siting/official_inner.h"

#include <math.h>

#include "base/limits.h"
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

const char *official_kind_name(enum siting_official_kind kind) {
    assert(kind < SITING_COUNT);
    return kinds[kind].name;
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

/* ---- what is kept ---- */

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

enum error_code official_area(struct siting_official *o, const struct siting_area *area, double low,
                              double high, struct error *e) {
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

enum error_code official_square(struct siting_official *o, str mesh, double percent,
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

/* ---- as a table ---- */

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
