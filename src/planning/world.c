/* A register on a day, laid over a model of events. */
#include <math.h>
#include <stdio.h>

#include "base/limits.h"
#include "planning/planning.h"

/* Hazard maps give the chance of shaking of 6-lower or more in 30 years; that is the grade of the
 * background. Source: docs/formats/register.md, hazard.quake_30y. */
static const str quake_hazard = {"hazard.quake_30y", 16}, quake_grade = {"6-lower", 7};

enum { GROUPS_MOST = 256 }; /* of one site, derived ones among them */

struct gathering {
    const struct planning_options *options;
    struct arena *arena;
    str groups[GROUPS_MOST];
    size_t count;
};

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
static enum error_code add_equipment(struct gathering *g, const struct register_row *site,
                                     struct error *e) {
    size_t cursor = 0;
    const struct register_row *row;
    while ((row = register_row_next(g->options->snapshot, REGISTER_EQUIPMENT, g->options->at_ns,
                                    &cursor)) != NULL) {
        str at, category;
        if (!register_text_at(row, STR("site"), g->options->at_ns, &at) || !str_equal(at, site->id))
            continue;
        TRY(add_text(g, row, "maker", "maker:", e));
        bool is_software = register_text_at(row, STR("category"), g->options->at_ns, &category) &&
                           str_equal(category, STR("software"));
        if (is_software) TRY(add_text(g, row, "model", "software:", e));
    }
    return OK;
}

static enum error_code gather_groups(struct gathering *g, const struct register_row *row,
                                     struct siting_site *site, struct error *e) {
    g->count = 0;
    TRY(add_set(g, row, "groups", "", e));
    TRY(add_text(g, row, "country", "country:", e));
    TRY(add_text(g, row, "region", "pref:", e));
    TRY(add_text(g, row, "grid.area", "grid:", e));
    TRY(add_text(g, row, "entity", "entity:", e));
    TRY(add_text(g, row, "owner", "owner:", e));
    TRY(add_set(g, row, "carriers", "carrier:", e));
    TRY(add_cloud(g, row, e));
    TRY(add_equipment(g, row, e));
    str *groups = arena_new(g->arena, str, g->count);
    if (groups == NULL) return error_set(e, FAIL_MEMORY, "no memory for the groups of a site");
    memcpy(groups, g->groups, g->count * sizeof *groups);
    site->groups = groups;
    site->group_count = g->count;
    return OK;
}

static bool number_at(const struct register_row *row, const char *path, int64_t at_ns,
                      double *out) {
    const struct register_value *value = register_value_find(&row->fields, str_from_c(path));
    if (!register_value_is_good(value, at_ns)) return false;
    *out = value->number;
    return true;
}

static enum error_code gather(struct gathering *g, const struct register_row *row,
                              struct siting_site *site, struct error *e) {
    double seconds, p30;
    int64_t at_ns = g->options->at_ns;
    *site = (struct siting_site){.id = row->id};
    site->has_point = number_at(row, "lat", at_ns, &site->point.lat_deg) &&
                      number_at(row, "lon", at_ns, &site->point.lon_deg) &&
                      geo_point_is_valid(site->point);
    site->fuel_known = number_at(row, "fuel", at_ns, &seconds);
    if (site->fuel_known) site->fuel_h = seconds / 3600;
    const struct register_value *p30_value = register_value_find(&row->fields, quake_hazard);
    site->background_grade = quake_grade;
    if (!register_text_at(row, STR("fragility"), at_ns, &site->fragility))
        site->fragility = STR_EMPTY;
    if (register_value_is_good(p30_value, at_ns)) {
        p30 = fmin(p30_value->number / 100, 0.9999);
        site->background_known = true;
        site->background_lo = site->background_hi = -log1p(-p30) / 30; /* Poisson */
    }
    return gather_groups(g, row, site, e);
}

/* A table without that grade has no background: it says itself what strikes. */
static bool has_background(const struct siting_model *model) {
    for (size_t i = 0; i < model->fragility_count; i++)
        for (size_t k = 0; k < model->fragilities[i].loss_count; k++)
            if (str_equal(model->fragilities[i].loss[k].grade, quake_grade)) return true;
    return false;
}

enum error_code planning_world_make(const struct planning_options *options, struct arena *arena,
                                    struct planning_world *out, struct error *e) {
    struct planning_world world = {.options = *options};
    struct gathering *g = arena_new(arena, struct gathering, 1);
    const struct register_row *row;
    size_t cursor = 0, cap = 0;
    while (register_row_next(options->snapshot, REGISTER_SITES, options->at_ns, &cursor) != NULL)
        cap++;
    if (cap == 0) return error_set(e, FAIL_NOT_FOUND, "the register has no site on that day");
    struct siting_site *sites = arena_new(arena, struct siting_site, cap);
    const struct register_row **rows = arena_new(arena, const struct register_row *, cap);
    if (g == NULL || sites == NULL || rows == NULL)
        return error_set(e, FAIL_MEMORY, "no memory for %zu sites", cap);
    *g = (struct gathering){.options = options, .arena = arena};
    bool background = has_background(options->model);
    for (cursor = 0; (row = register_row_next(options->snapshot, REGISTER_SITES, options->at_ns,
                                              &cursor)) != NULL;) {
        TRY(gather(g, row, &sites[world.site_count], e));
        if (!background) sites[world.site_count].background_grade = STR_EMPTY;
        rows[world.site_count++] = row;
    }
    world.sites = sites;
    world.rows = rows;
    const struct siting_options how = {options->down_longer_than_h};
    TRY(siting_rows_make(options->model, sites, world.site_count, &how, arena, &world.table, e));
    *out = world;
    return OK;
}

enum error_code planning_site_find(const struct planning_world *world, str id, uint32_t *out,
                                   struct error *e) {
    for (size_t i = 0; i < world->site_count; i++)
        if (str_equal(world->sites[i].id, id)) {
            *out = (uint32_t)i;
            return OK;
        }
    char known[300] = "";
    size_t used = 0;
    for (size_t i = 0; i < world->site_count && used < sizeof known - 1; i++) {
        int wrote = snprintf(known + used, sizeof known - used, "%s%.*s", i > 0 ? ", " : "",
                             STR_FMT(world->sites[i].id));
        used += wrote > 0 ? (size_t)wrote : 0;
    }
    return error_set(e, FAIL_NOT_FOUND, "the register has no site \"%.*s\" on that day; it has %s",
                     STR_FMT(id), known);
}

enum error_code planning_unknowns(const struct planning_world *world, uint32_t at,
                                  struct arena *arena, const str **out, size_t *count,
                                  struct error *e) {
    const struct siting_site *site = &world->sites[at];
    const struct siting_model *model = world->options.model;
    size_t cap = 3 + model->event_count, n = 0;
    str *list = arena_new(arena, str, cap);
    if (list == NULL) return error_set(e, FAIL_MEMORY, "no memory for what is unknown");
    if (!site->has_point) list[n++] = STR("place");
    if (!site->fuel_known) list[n++] = STR("fuel");
    if (site->background_grade.len > 0 && !site->background_known) list[n++] = quake_hazard;
    for (size_t i = 0; i < model->event_count; i++) {
        const struct siting_event *event = &model->events[i];
        struct siting_harm harm = {.reach = SITING_OUTSIDE};
        for (size_t b = 0; b < event->branch_count && harm.reach != SITING_UNMAPPED; b++)
            siting_strike(model, event, &event->branches[b], site, &harm);
        if (harm.reach == SITING_UNMAPPED)
            TRY(arena_format(arena, &list[n++], e, "event %.*s", STR_FMT(event->id)));
    }
    *out = list;
    *count = n;
    return OK;
}

enum error_code planning_event_name(const struct planning_world *world, uint32_t number,
                                    struct arena *arena, str *id, str *name, struct error *e) {
    const struct siting_model *model = world->options.model;
    bool japanese = str_equal(world->options.language, STR("ja"));
    if (number < model->event_count) {
        *id = model->events[number].id;
        *name = japanese ? model->events[number].name_ja : model->events[number].name_en;
        return OK;
    }
    const struct register_row *row = world->rows[number - model->event_count];
    TRY(arena_format(arena, id, e, "background:%.*s", STR_FMT(row->id)));
    return arena_format(arena, name, e,
                        japanese ? "%.*sの直下など名前のない地震" : "unnamed earthquakes near %.*s",
                        STR_FMT(register_row_name(row, world->options.language)));
}
