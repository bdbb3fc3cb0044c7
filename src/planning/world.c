/* A register on a day, laid over a model of events. */
#include <stdio.h>

#include "planning/planning.h"

enum error_code planning_world_make(const struct planning_options *options, struct arena *arena,
                                    struct arena scratch, struct planning_world *out,
                                    struct error *e) {
    struct planning_world world = {.options = *options};
    const struct facts_grounds_options about = {options->snapshot, options->model, options->at_ns};
    struct facts_grounds grounds;
    TRY(facts_grounds_make(&about, arena, scratch, &grounds, e));
    if (grounds.count == 0)
        return error_set(e, FAIL_NOT_FOUND, "the register has no site on that day");
    world.sites = grounds.sites;
    world.rows = grounds.rows;
    world.site_count = grounds.count;
    const struct siting_options how = {options->down_longer_than_h};
    TRY(siting_rows_make(options->model, world.sites, world.site_count, &how, arena, &world.table,
                         e));
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

bool planning_is_beyond(const struct planning_world *world, uint32_t at) {
    const struct siting_model *model = world->options.model;
    bool any = false;
    if (model->background.len > 0 && world->sites[at].background_known) return false;
    for (size_t i = 0; i < model->event_count; i++) {
        const struct siting_event *event = &model->events[i];
        if (event->is_group || event->rate_hi <= 0) continue; /* a replay of what happened once */
        any = true;
        if (!siting_is_elsewhere(event, &world->sites[at])) return false;
    }
    return any;
}

enum error_code planning_unknowns(const struct planning_world *world, uint32_t at,
                                  struct arena *arena, const str **out, size_t *count,
                                  struct error *e) {
    const struct siting_site *site = &world->sites[at];
    const struct siting_model *model = world->options.model;
    size_t cap = 4 + model->event_count, n = 0;
    str *list = arena_new(arena, str, cap);
    if (list == NULL) return error_set(e, FAIL_MEMORY, "no memory for what is unknown");
    if (planning_is_beyond(world, at)) list[n++] = STR("hazards");
    if (!siting_site_is_placed(site)) list[n++] = STR("place");
    if (!site->fuel_known) list[n++] = STR("fuel");
    if (site->background_grade.len > 0 && !site->background_known)
        list[n++] = STR("hazard.quake_30y");
    for (size_t i = 0; i < model->event_count; i++) {
        const struct siting_event *event = &model->events[i];
        struct siting_harm harm = {.reach = SITING_OUTSIDE};
        if (event->rate_hi <= 0) continue; /* a replay */
        for (size_t b = 0; b < event->branch_count && harm.reach != SITING_UNMAPPED; b++)
            siting_strike(model, event, &event->branches[b], site, &harm);
        if (harm.reach == SITING_UNMAPPED)
            TRY(arena_format(arena, &list[n++], e, "event %.*s", STR_FMT(event->id)));
    }
    *out = list;
    *count = n;
    return OK;
}

static bool is_here(const struct planning_world *world, str id) {
    size_t low = 0, high = world->site_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(world->sites[middle].id, id);
        if (order == 0) return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* A site in none of a scheme's groups may be in any, so that those strike without a name too. */
static bool is_met(const struct planning_world *world, str group) {
    size_t colon;
    if (str_find_char(group, ':', &colon)) return true;
    for (size_t i = 0; i < world->site_count; i++)
        for (size_t k = 0; k < world->sites[i].group_count; k++)
            if (str_equal(world->sites[i].groups[k], group)) return true;
    return false;
}

struct strangers {
    const struct planning_world *world;
    struct planning_stranger *out;
    size_t most, count, first; /* first: of this event */
};

/* Once for each event, whose branches often name the same; beyond those written, each time. */
static void stranger_add(struct strangers *s, str event, str id, bool is_group) {
    for (size_t i = s->first; i < s->count && i < s->most; i++)
        if (s->out[i].is_group == is_group && str_equal(s->out[i].id, id)) return;
    if (s->count < s->most) s->out[s->count] = (struct planning_stranger){event, id, is_group};
    s->count++;
}

static void strangers_of(struct strangers *s, const struct siting_event *event) {
    s->first = s->count;
    for (size_t i = 0; i < event->within_count; i++)
        if (!is_met(s->world, event->within[i])) stranger_add(s, event->id, event->within[i], true);
    for (size_t b = 0; b < event->branch_count; b++)
        for (size_t k = 0; k < event->branches[b].part_count; k++) {
            const struct siting_part *part = &event->branches[b].parts[k];
            for (size_t i = 0; i < part->site_count; i++)
                if (!is_here(s->world, part->sites[i]))
                    stranger_add(s, event->id, part->sites[i], false);
            for (size_t i = 0; i < part->group_count; i++)
                if (!is_met(s->world, part->groups[i]))
                    stranger_add(s, event->id, part->groups[i], true);
        }
}

size_t planning_strangers(const struct planning_world *world, struct planning_stranger *out,
                          size_t most) {
    const struct siting_model *model = world->options.model;
    struct strangers s = {world, out, most, 0, 0};
    for (size_t i = 0; i < model->event_count; i++) strangers_of(&s, &model->events[i]);
    return s.count;
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
