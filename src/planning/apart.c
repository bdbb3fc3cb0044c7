/* Which sites are known to share no group of a kind. Where a group stands in a scheme that divides everything there is,
 * a site of which no group of that scheme is known may be in any, and is not known to be apart from whoever is in one,
 * or from another such site. Source: docs/formats/events.md. */
#include "planning/set.h"
#include "planning/written.h"

enum { GROUPS_MOST = 4096 }; /* that one word means; a country has some hundred makers */

struct parting {
    const struct planning_world *world;
    str wanted;
    str *groups; /* that the word means, each once */
    size_t count;
    struct arena *arena;
};

/* "grid" is every group of that scheme, and of that kind; "grid:tohoku" and "sendai-plain" are one each. */
static bool is_meant(const struct siting_model *model, str group, str wanted) {
    if (str_equal(group, wanted)) return true;
    if (group.len > wanted.len && str_starts(group, wanted) && group.at[wanted.len] == ':')
        return true;
    for (size_t i = 0; i < model->event_count; i++) {
        const struct siting_event *row = &model->events[i];
        if (!row->is_group || !str_equal(row->kind, wanted)) continue;
        if (str_equal(row->id, group)) return true;
        if (row->is_each && str_starts(group, str_slice(row->id, 0, row->id.len - 1))) return true;
    }
    return false;
}

static enum error_code group_add(struct parting *p, str group, struct error *e) {
    if (str_ends(group, STR(":none"))) return OK;
    for (size_t i = 0; i < p->count; i++)
        if (str_equal(p->groups[i], group)) return OK;
    if (p->count == GROUPS_MOST)
        return error_set(e, FAIL_LIMIT, "over %d groups are meant by \"%.*s\"", GROUPS_MOST,
                         STR_FMT(p->wanted));
    p->groups[p->count++] = group;
    return OK;
}

/* One for each country that a site is known to stand in: prefectures end at borders. */
static enum error_code prefectures_add(struct parting *p, struct error *e) {
    const struct planning_world *w = p->world;
    bool any = false;
    for (size_t i = 0; i < w->site_count; i++)
        for (size_t k = 0; k < w->sites[i].group_count; k++) {
            str country = w->sites[i].groups[k], nameless;
            if (!str_starts(country, STR("country:")) || country.len != 10) continue;
            TRY(arena_format(p->arena, &nameless, e, "pref:%.*s-?", STR_FMT(str_skip(country, 8))));
            TRY(group_add(p, nameless, e));
            any = true;
        }
    return any ? OK : group_add(p, STR("pref:?"), e);
}

/* A group that nobody has named: two sites of which nothing is known may both be in it. */
static enum error_code scheme_add(struct parting *p, str scheme, struct error *e) {
    str nameless;
    if (str_equal(scheme, STR("pref"))) return prefectures_add(p, e);
    TRY(arena_format(p->arena, &nameless, e, "%.*s:?", STR_FMT(scheme)));
    return group_add(p, nameless, e);
}

static enum error_code groups_find(struct parting *p, struct error *e) {
    const struct planning_world *w = p->world;
    const struct siting_model *model = w->options.model;
    size_t colon;
    bool is_scheme = planning_scheme_is_known(p->wanted);
    for (size_t i = 0; i < w->site_count; i++)
        for (size_t k = 0; k < w->sites[i].group_count; k++) {
            str group = w->sites[i].groups[k];
            if (!is_meant(model, group, p->wanted)) continue;
            is_scheme |= group.len > p->wanted.len && str_starts(group, p->wanted) &&
                         group.at[p->wanted.len] == ':';
            TRY(group_add(p, group, e));
        }
    for (size_t i = 0; i < model->event_count; i++) {
        const struct siting_event *row = &model->events[i];
        if (!row->is_group || !is_meant(model, row->id, p->wanted)) continue;
        if (!row->is_each) TRY(group_add(p, row->id, e));
        if (row->is_each) TRY(scheme_add(p, str_slice(row->id, 0, row->id.len - 2), e));
    }
    if (is_scheme) return scheme_add(p, p->wanted, e);
    bool has_scheme = str_find_char(p->wanted, ':', &colon) &&
                      planning_scheme_is_known(str_slice(p->wanted, 0, colon));
    if (has_scheme) TRY(group_add(p, p->wanted, e));
    return p->count > 0
               ? OK
               : error_set(
                     e, FAIL_USAGE,
                     "no site is in a group \"%.*s\", and no group is of that kind: copies are "
                     "kept apart by grid, pref, maker and so on, or by a group's name",
                     STR_FMT(p->wanted));
}

/* As an event over that group would reach them: with its members, where the table lists them. */
static void reach_of(const struct planning_world *w, str group, enum siting_reach *out) {
    const struct siting_event *row = siting_event_find(w->options.model, group);
    struct siting_part part = {.groups = &group, .group_count = 1};
    struct siting_branch branch = {.prob = 1, .parts = &part, .part_count = 1};
    struct siting_event event = {.id = group, .branches = &branch, .branch_count = 1};
    if (row != NULL && row->is_group) {
        part.sites = row->branches[0].parts[0].sites;
        part.site_count = row->branches[0].parts[0].site_count;
    }
    for (size_t i = 0; i < w->site_count; i++) {
        struct siting_harm harm;
        siting_strike(w->options.model, &event, &branch, &w->sites[i], &harm);
        out[i] = harm.reach;
    }
}

enum error_code planning_apart(const struct planning_world *w, str wanted, struct arena *arena,
                               const bool **out, size_t *unknown, struct error *e) {
    size_t n = w->site_count;
    struct parting p = {w, wanted, arena_new(arena, str, GROUPS_MOST), 0, arena};
    bool *ok = arena_new(arena, bool, n *n), *is_unknown = arena_new(arena, bool, n);
    enum siting_reach *reach = arena_new(arena, enum siting_reach, n);
    if (p.groups == NULL || ok == NULL || is_unknown == NULL || reach == NULL)
        return error_set(e, FAIL_MEMORY, "no memory for constraints");
    memset(ok, true, n * n);
    TRY(groups_find(&p, e));
    for (size_t g = 0; g < p.count; g++) {
        reach_of(w, p.groups[g], reach);
        for (size_t i = 0; i < n; i++) {
            is_unknown[i] |= reach[i] == SITING_UNMAPPED;
            for (size_t k = 0; reach[i] != SITING_OUTSIDE && k < n; k++)
                ok[i * n + k] &= reach[k] == SITING_OUTSIDE;
        }
    }
    *unknown = 0;
    for (size_t i = 0; i < n; i++) *unknown += is_unknown[i];
    *out = ok;
    return OK;
}
