/* Sites laid over a model: rows of weights and probabilities, which is all that rates need. */
#include <math.h>

#include "siting/siting.h"

struct making {
    const struct siting_model *model;
    const struct siting_site *sites;
    const struct siting_options *options;
    struct siting_rows *rows;
    uint32_t *event, *branch;
};

static double *cell(const struct siting_rows *rows, enum siting_result result, enum siting_end end,
                    size_t site, size_t row) {
    return &rows->p[result][end][site * rows->stride + row];
}

/* True: it reaches one of the sites, so that the row is worth keeping. */
static bool fill(struct making *m, const struct siting_event *event,
                 const struct siting_branch *branch) {
    struct siting_rows *rows = m->rows;
    bool reaches = false;
    for (size_t site = 0; site < rows->site_count; site++) {
        struct siting_harm harm;
        siting_strike(m->model, event, branch, &m->sites[site], &harm);
        reaches |= harm.reach != SITING_OUTSIDE;
        rows->unmapped[site] += harm.reach == SITING_UNMAPPED;
        for (int end = 0; end < SITING_END_COUNT; end++) {
            enum siting_end at = (enum siting_end)end;
            *cell(rows, SITING_LOSS, at, site, rows->row_count) = harm.p_loss[end];
            *cell(rows, SITING_DOWN, at, site, rows->row_count) =
                harm.p_down[end] *
                siting_lasts(branch, &m->sites[site], at, m->options->down_longer_than_h);
        }
    }
    return reaches;
}

static void keep(struct making *m, size_t event, size_t branch, double lo, double hi) {
    size_t row = m->rows->row_count++;
    m->event[row] = (uint32_t)event;
    m->branch[row] = (uint32_t)branch;
    m->rows->weight[SITING_LO][row] = lo;
    m->rows->weight[SITING_HI][row] = hi;
}

/* How often named events reach the site with the background's grade or one as harmful: the hazard map
 * counts these too, and they must not be counted twice. */
static double named_rate(const struct making *m, const struct siting_site *site,
                         const struct siting_harm *as, enum siting_end end) {
    double sum = 0;
    for (size_t i = 0; i < m->model->event_count; i++) {
        const struct siting_event *event = &m->model->events[i];
        if (!str_equal(event->kind, STR("quake"))) continue;
        for (size_t b = 0; b < event->branch_count; b++) {
            struct siting_harm harm;
            siting_strike(m->model, event, &event->branches[b], site, &harm);
            if (harm.reach != SITING_INSIDE || harm.p_loss[SITING_LO] < as->p_loss[SITING_LO])
                continue;
            sum += (end == SITING_LO ? event->rate_lo : event->rate_hi) * event->branches[b].prob;
        }
    }
    return sum;
}

/* The low end takes off what the named events have at their highest, and the other way about. */
static void add_background(struct making *m, size_t at) {
    const struct siting_site *site = &m->sites[at];
    struct siting_rows *rows = m->rows;
    struct siting_part part = {.grade = site->background_grade,
                               .sites = &site->id,
                               .site_count = 1,
                               .p_loss = NAN,
                               .p_down = NAN};
    struct siting_branch branch = {.prob = 1, .parts = &part, .part_count = 1};
    struct siting_event event = {.id = site->id, .branches = &branch, .branch_count = 1};
    struct siting_harm harm;
    siting_strike(m->model, &event, &branch, site, &harm);
    double lo = SITING_BACKGROUND_FLOOR, hi = SITING_BACKGROUND_UNKNOWN;
    if (site->background_known) {
        lo = fmax(lo, site->background_lo - named_rate(m, site, &harm, SITING_HI));
        hi = fmax(SITING_BACKGROUND_FLOOR,
                  site->background_hi - named_rate(m, site, &harm, SITING_LO));
    }
    for (size_t s = 0; s < rows->site_count; s++)
        for (int end = 0; end < SITING_END_COUNT; end++) {
            enum siting_end of = (enum siting_end)end;
            double lasts = siting_lasts(&branch, site, of, m->options->down_longer_than_h);
            *cell(rows, SITING_LOSS, of, s, rows->row_count) = s == at ? harm.p_loss[end] : 0;
            *cell(rows, SITING_DOWN, of, s, rows->row_count) =
                s == at ? harm.p_down[end] * lasts : 0;
        }
    keep(m, m->model->event_count + at, 0, lo, hi);
}

static enum error_code fragilities_exist(const struct siting_model *model,
                                         const struct siting_site *sites, size_t count,
                                         struct error *e) {
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        if (sites[i].fragility.len == 0) continue;
        while (k < model->fragility_count &&
               !str_equal(model->fragilities[k].id, sites[i].fragility))
            k++;
        if (k == model->fragility_count)
            return error_set(
                e, FAIL_USAGE,
                "site \"%.*s\" names the fragility \"%.*s\", which no file of events has",
                STR_FMT(sites[i].id), STR_FMT(sites[i].fragility));
    }
    return OK;
}

static enum error_code take(struct siting_rows *rows, struct making *m, struct arena *arena,
                            struct error *e) {
    bool ok = true;
    for (int end = 0; end < SITING_END_COUNT; end++) {
        ok &= (rows->weight[end] = arena_new(arena, double, rows->stride)) != NULL;
        for (int result = 0; result < SITING_RESULT_COUNT; result++)
            ok &= (rows->p[result][end] =
                       arena_new(arena, double, rows->stride * rows->site_count)) != NULL;
    }
    ok &= (m->event = arena_new(arena, uint32_t, rows->stride)) != NULL;
    ok &= (m->branch = arena_new(arena, uint32_t, rows->stride)) != NULL;
    ok &= (rows->unmapped = arena_new(arena, uint32_t, rows->site_count)) != NULL;
    return ok ? OK
              : error_set(e, FAIL_MEMORY, "no memory for %zu sites under %zu branches",
                          rows->site_count, rows->stride);
}

static bool is_first(const struct siting_site *sites, size_t site, size_t group) {
    str wanted = sites[site].groups[group];
    for (size_t i = 0; i <= site; i++)
        for (size_t k = 0; k < (i == site ? group : sites[i].group_count); k++)
            if (str_equal(sites[i].groups[k], wanted)) return false;
    return true;
}

/* One row for each group of the scheme that any site names. Where none names any, they may all be in one of
 * which nobody has told: a row that reaches each of them at the high end. */
static enum error_code add_group(struct making *m, size_t at, str group, struct arena scratch,
                                 struct error *e) {
    const struct siting_event *one;
    TRY(siting_event_of(m->model, group, &scratch, &one, e));
    if (fill(m, one, &one->branches[0])) keep(m, at, 0, one->rate_lo, one->rate_hi);
    return OK;
}

static enum error_code add_each(struct making *m, size_t at, struct arena scratch,
                                struct error *e) {
    const struct siting_event *each = &m->model->events[at];
    str scheme = str_slice(each->id, 0, each->id.len - 1), nameless;
    bool is_named = false;
    for (size_t i = 0; i < m->rows->site_count; i++)
        for (size_t k = 0; k < m->sites[i].group_count; k++) {
            str group = m->sites[i].groups[k];
            if (!str_starts(group, scheme)) continue;
            is_named = true;
            if (siting_event_find(m->model, group) != NULL || !is_first(m->sites, i, k)) continue;
            TRY(add_group(m, at, group, scratch, e));
        }
    if (is_named) return OK;
    TRY(arena_format(&scratch, &nameless, e, "%.*s?", STR_FMT(scheme)));
    return add_group(m, at, nameless, scratch, e);
}

enum error_code siting_rows_make(const struct siting_model *model, const struct siting_site *sites,
                                 size_t site_count, const struct siting_options *options,
                                 struct arena *arena, struct siting_rows *out, struct error *e) {
    struct siting_rows rows = {.site_count = site_count, .stride = site_count + 1};
    struct making m = {model, sites, options, &rows, NULL, NULL};
    TRY(fragilities_exist(model, sites, site_count, e));
    for (size_t i = 0; i < model->event_count; i++) {
        rows.stride += model->events[i].branch_count;
        for (size_t k = 0; model->events[i].is_each && k < site_count; k++)
            rows.stride += sites[k].group_count;
        rows.stride += model->events[i].is_each;
    }
    TRY(take(&rows, &m, arena, e));
    for (size_t i = 0; i < model->event_count; i++) {
        const struct siting_event *event = &model->events[i];
        if (event->is_each) TRY(add_each(&m, i, *arena, e));
        for (size_t b = 0; !event->is_each && b < event->branch_count; b++) {
            const struct siting_branch *branch = &event->branches[b];
            if (fill(&m, event, branch))
                keep(&m, i, b, event->rate_lo * branch->prob, event->rate_hi * branch->prob);
        }
    }
    for (size_t i = 0; i < site_count; i++)
        if (sites[i].background_grade.len > 0) add_background(&m, i);
    rows.event = m.event;
    rows.branch = m.branch;
    *out = rows;
    return OK;
}
