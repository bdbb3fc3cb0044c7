/* Sites as siting wants them: place, fuel, hazard, and the groups that their rows, their equipment and the
 * table's lists of members put them in. */
#include <math.h>
#include <stdlib.h>

#include "facts/inner.h"

/* Hazard maps give the chance of shaking of 6-lower or more in 30 years: how often the background strikes.
 * Source: docs/formats/register.md, hazard.quake_30y. */
static const str quake_hazard = {"quake_30y", 9}, quake_field = {"hazard.quake_30y", 16};

enum { GROUPS_MOST = 256, NONE = -1 }; /* groups of one site, derived ones among them */

struct gathering {
    const struct facts_grounds_options *options;
    struct arena *arena;
    const struct register_row **rows;
    size_t site_count;
    int64_t *first, *next; /* equipment of a site: position in `equipment`, NONE ends */
    const struct register_row **equipment;
    str groups[GROUPS_MOST];
    size_t count;
};

/* ---- which equipment stands where ---- */

static int by_id(const void *id, const void *row) {
    return str_compare(*(const str *)id, (*(const struct register_row *const *)row)->id);
}

static enum error_code equipment_link(struct gathering *g, struct arena *scratch, struct error *e) {
    const struct register_row *row;
    size_t all, cursor = 0, count = 0;
    register_rows(g->options->snapshot, REGISTER_EQUIPMENT, &all);
    g->first = arena_new(scratch, int64_t, g->site_count);
    g->next = arena_new(scratch, int64_t, all);
    g->equipment = arena_new(scratch, const struct register_row *, all);
    if (g->first == NULL || g->next == NULL || g->equipment == NULL)
        return error_set(e, FAIL_MEMORY, "no memory for the equipment of sites");
    for (size_t i = 0; i < g->site_count; i++) g->first[i] = NONE;
    while ((row = register_row_next(g->options->snapshot, REGISTER_EQUIPMENT, g->options->at_ns,
                                    &cursor)) != NULL) {
        str at;
        if (!register_text_at(row, STR("site"), g->options->at_ns, &at)) continue;
        const struct register_row **site =
            bsearch(&at, g->rows, g->site_count, sizeof *g->rows, by_id);
        if (site == NULL) continue;
        g->equipment[count] = row;
        g->next[count] = g->first[site - g->rows];
        g->first[site - g->rows] = (int64_t)count++;
    }
    return OK;
}

/* ---- groups ---- */

static enum error_code add_group(struct gathering *g, const char *scheme, str name,
                                 struct error *e) {
    str group;
    if (name.len == 0) return OK;
    TRY(arena_format(g->arena, &group, e, "%s%.*s", scheme, STR_FMT(name)));
    for (size_t i = 0; i < g->count; i++)
        if (str_equal(g->groups[i], group)) return OK;
    if (g->count == GROUPS_MOST)
        return error_set(e, FAIL_LIMIT, "a site is in over %d groups", GROUPS_MOST);
    g->groups[g->count++] = group;
    return OK;
}

static enum error_code add_text(struct gathering *g, const struct register_row *row,
                                const char *path, const char *scheme, struct error *e) {
    str text;
    return register_text_at(row, str_from_c(path), g->options->at_ns, &text)
               ? add_group(g, scheme, text, e)
               : OK;
}

static enum error_code add_set(struct gathering *g, const struct register_row *row,
                               const char *path, const char *scheme, struct error *e) {
    const struct register_value *set = register_value_find(&row->fields, str_from_c(path));
    if (!register_value_is_good(set, g->options->at_ns)) return OK;
    for (size_t i = 0; i < set->count; i++) TRY(add_group(g, scheme, set->texts[i], e));
    return OK;
}

static enum error_code add_cloud(struct gathering *g, const struct register_row *row,
                                 struct error *e) {
    str provider, region, both;
    if (!register_text_at(row, STR("cloud.provider"), g->options->at_ns, &provider)) return OK;
    TRY(add_group(g, "cloud:", provider, e));
    if (!register_text_at(row, STR("cloud.region"), g->options->at_ns, &region)) return OK;
    TRY(arena_format(g->arena, &both, e, "%.*s/%.*s", STR_FMT(provider), STR_FMT(region)));
    return add_group(g, "cloud-region:", both, e);
}

/* A maker's bad update takes all sites where its things stand. */
static enum error_code add_equipment(struct gathering *g, size_t site, struct error *e) {
    for (int64_t i = g->first[site]; i != NONE; i = g->next[i]) {
        str category;
        const struct register_row *row = g->equipment[i];
        TRY(add_text(g, row, "maker", "maker:", e));
        bool is_software = register_text_at(row, STR("category"), g->options->at_ns, &category) &&
                           str_equal(category, STR("software"));
        if (is_software) TRY(add_text(g, row, "model", "software:", e));
    }
    return OK;
}

/* Groups of the table that list the site among their members: it need not say so itself. */
static enum error_code add_memberships(struct gathering *g, str site, struct error *e) {
    const struct siting_model *model = g->options->model;
    for (size_t i = 0; i < model->event_count; i++) {
        if (!model->events[i].is_group) continue;
        const struct siting_part *members = &model->events[i].branches[0].parts[0];
        for (size_t k = 0; k < members->site_count; k++)
            if (str_equal(members->sites[k], site)) TRY(add_group(g, "", model->events[i].id, e));
    }
    return OK;
}

static int by_text(const void *a, const void *b) {
    return str_compare(*(const str *)a, *(const str *)b);
}

static enum error_code gather_groups(struct gathering *g, size_t at, struct siting_site *site,
                                     struct error *e) {
    const struct register_row *row = g->rows[at];
    g->count = 0;
    TRY(add_set(g, row, "groups", "", e));
    TRY(add_text(g, row, "country", "country:", e));
    TRY(add_text(g, row, "region", "pref:", e));
    TRY(add_text(g, row, "grid.area", "grid:", e));
    TRY(add_text(g, row, "entity", "entity:", e));
    TRY(add_text(g, row, "owner", "owner:", e));
    TRY(add_set(g, row, "carriers", "carrier:", e));
    TRY(add_cloud(g, row, e));
    size_t said = g->count;
    TRY(add_equipment(g, at, e));
    TRY(add_memberships(g, row->id, e));
    if (g->count > said) qsort(g->groups + said, g->count - said, sizeof *g->groups, by_text);
    str *groups = arena_new(g->arena, str, g->count);
    if (groups == NULL) return error_set(e, FAIL_MEMORY, "no memory for the groups of a site");
    memcpy(groups, g->groups, g->count * sizeof *groups);
    site->groups = groups;
    site->group_count = g->count;
    return OK;
}

/* ---- one site ---- */

static bool number_at(const struct register_row *row, str path, int64_t at_ns, double *out) {
    const struct register_value *value = register_value_find(&row->fields, path);
    if (!register_value_is_good(value, at_ns)) return false;
    *out = value->number;
    return true;
}

/* Coordinates, or the grid square where the row gives none. */
void ground_place(const struct register_row *row, int64_t at_ns, struct siting_site *out) {
    str mesh;
    out->has_point = number_at(row, STR("lat"), at_ns, &out->point.lat_deg) &&
                     number_at(row, STR("lon"), at_ns, &out->point.lon_deg) &&
                     geo_point_is_valid(out->point);
    if (!out->has_point && register_text_at(row, STR("mesh"), at_ns, &mesh))
        siting_site_place_by_mesh(out, mesh); /* of a code that is none the register has told */
}

static double rate_of_p30(double percent) {
    return -log1p(-fmin(fmax(percent, 0) / 100, 0.9999)) / 30; /* Poisson */
}

/* What its row says, else what a map says. */
static void background_find(const struct gathering *g, const struct register_row *row,
                            struct siting_site *site) {
    double percent;
    struct siting_told told;
    if (number_at(row, quake_field, g->options->at_ns, &percent)) {
        site->background_lo = site->background_hi = rate_of_p30(percent);
        site->background_known = true;
    } else if (siting_hazard_at(g->options->model, quake_hazard, site, &told)) {
        site->background_lo = rate_of_p30(told.low);
        site->background_hi = rate_of_p30(told.high);
        site->background_known = true;
    }
}

static enum error_code gather(struct gathering *g, size_t at, struct siting_site *site,
                              struct error *e) {
    double seconds;
    int64_t at_ns = g->options->at_ns;
    const struct register_row *row = g->rows[at];
    *site = (struct siting_site){.id = row->id};
    ground_place(row, at_ns, site);
    site->fuel_known = number_at(row, STR("fuel"), at_ns, &seconds);
    if (site->fuel_known) site->fuel_h = seconds / 3600;
    if (!register_text_at(row, STR("fragility"), at_ns, &site->fragility))
        site->fragility = STR_EMPTY;
    background_find(g, row, site);
    return gather_groups(g, at, site, e);
}

/* ---- the public story ---- */

enum error_code facts_grounds_make(const struct facts_grounds_options *options, struct arena *arena,
                                   struct arena scratch, struct facts_grounds *out,
                                   struct error *e) {
    struct gathering *g = arena_new(&scratch, struct gathering, 1);
    const struct register_row *row;
    size_t cursor = 0, cap;
    register_rows(options->snapshot, REGISTER_SITES, &cap);
    struct siting_site *sites = arena_new(arena, struct siting_site, cap);
    const struct register_row **rows = arena_new(arena, const struct register_row *, cap);
    if (g == NULL || sites == NULL || rows == NULL)
        return error_set(e, FAIL_MEMORY, "no memory for %zu sites", cap);
    *g = (struct gathering){.options = options, .arena = arena, .rows = rows};
    while ((row = register_row_next(options->snapshot, REGISTER_SITES, options->at_ns, &cursor)) !=
           NULL)
        rows[g->site_count++] = row;
    TRY(equipment_link(g, &scratch, e));
    for (size_t i = 0; i < g->site_count; i++) {
        TRY(gather(g, i, &sites[i], e));
        sites[i].background_grade = options->model->background;
    }
    *out = (struct facts_grounds){sites, rows, g->site_count};
    return OK;
}
