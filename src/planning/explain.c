/* Why a set of sites is as good or bad as it is: each event's part, what is not known, and what would
 * change it. */
#include <stdlib.h>

#include "planning/set.h"

struct explaining {
    const struct planning_world *w;
    struct planning_request *request; /* the explanation's own */
    uint32_t sites[SITING_SET_MAX];
    size_t count;
    struct arena *arena;
};

/* ---- the set ---- */

static enum error_code named_take(struct explaining *x, const str *names, size_t count,
                                  struct error *e) {
    if (count > SITING_SET_MAX)
        return error_set(e, FAIL_USAGE, "a set has at most %d sites, not %zu", SITING_SET_MAX,
                         count);
    for (size_t i = 0; i < count; i++) {
        TRY(planning_site_find(x->w, names[i], &x->sites[i], e));
        for (size_t k = 0; k < i; k++)
            if (x->sites[k] == x->sites[i])
                return error_set(e, FAIL_USAGE, "the site \"%.*s\" is named twice",
                                 STR_FMT(names[i]));
    }
    x->count = count;
    return OK;
}

static enum error_code set_take(struct explaining *x, const str *names, size_t count,
                                struct planning_explanation *out, struct error *e) {
    const struct planning_request *r = x->request;
    if (count > 0) {
        TRY(named_take(x, names, count, e));
    } else {
        struct planning_copies today;
        TRY(planning_today(x->w, r->dataset, r->store_site, x->arena, &today, e));
        if (today.count > SITING_SET_MAX)
            return error_set(e, FAIL_USAGE,
                             "\"%.*s\" has copies at %zu sites: name at most %d of them",
                             STR_FMT(r->dataset), today.count, SITING_SET_MAX);
        x->count = today.count;
        memcpy(x->sites, today.sites, today.count * sizeof *today.sites);
        out->unplaced = today.unplaced;
        out->dataset = register_row_at(x->w->options.snapshot, REGISTER_DATASETS, r->dataset,
                                       x->w->options.at_ns);
    }
    if (x->count == 0)
        return error_set(e, FAIL_NOT_FOUND,
                         "nobody says where the copies of \"%.*s\" are: name the sites, or "
                         "--store-site",
                         STR_FMT(r->dataset));
    if (r->tolerate != SIZE_MAX && r->tolerate >= x->count)
        return error_set(e, FAIL_USAGE, "%zu copies cannot tolerate the loss of %zu", x->count,
                         r->tolerate);
    x->request->copies = x->count;
    if (r->tolerate == SIZE_MAX) x->request->tolerate = x->count - 1;
    return OK;
}

/* ---- causes ---- */

static struct planning_cause_site worst_of(const struct planning_world *w, uint32_t number,
                                           uint32_t site) {
    const struct siting_model *model = w->options.model;
    struct planning_cause_site worst = {0};
    if (number >= model->event_count) { /* a site's own earthquakes */
        bool own = number - model->event_count == site;
        worst.reach = own ? SITING_INSIDE : SITING_OUTSIDE;
        if (own) worst.grade = w->sites[site].background_grade;
        return worst;
    }
    const struct siting_event *event = &model->events[number];
    for (size_t b = 0; b < event->branch_count; b++) {
        struct siting_harm harm;
        siting_strike(model, event, &event->branches[b], &w->sites[site], &harm);
        double loss = harm.p_loss[SITING_HI], down = harm.p_down[SITING_HI];
        bool is_worse =
            harm.reach != SITING_OUTSIDE &&
            (worst.reach == SITING_OUTSIDE ||
             siting_compare(loss + down, worst.p[SITING_LOSS] + worst.p[SITING_DOWN]) > 0);
        if (is_worse) worst = (struct planning_cause_site){harm.reach, harm.grade, {loss, down}};
    }
    return worst;
}

/* By the result that comes first, then by the other, then in the order of the table. */
static int by_results(const struct planning_cause *a, const struct planning_cause *b,
                      enum siting_result first, enum siting_result second) {
    int order = siting_compare(b->rate[first][SITING_HI], a->rate[first][SITING_HI]);
    if (order == 0) order = siting_compare(b->rate[second][SITING_HI], a->rate[second][SITING_HI]);
    return order != 0 ? order : a->event < b->event ? -1 : a->event > b->event;
}
static int by_loss(const void *a, const void *b) {
    return by_results(a, b, SITING_LOSS, SITING_DOWN);
}
static int by_down(const void *a, const void *b) {
    return by_results(a, b, SITING_DOWN, SITING_LOSS);
}

static enum error_code causes_find(struct explaining *x, struct arena scratch,
                                   struct planning_explanation *out, struct error *e) {
    const struct planning_world *w = x->w;
    const struct planning_request *r = x->request;
    size_t all = w->options.model->event_count + w->site_count, count = 0;
    struct siting_share *shares = arena_new(&scratch, struct siting_share, all);
    struct planning_cause *causes = arena_new(&scratch, struct planning_cause, all);
    if (shares == NULL || causes == NULL) return error_set(e, FAIL_MEMORY, "no memory for causes");
    for (int result = 0; result < SITING_RESULT_COUNT; result++)
        for (int end = 0; end < SITING_END_COUNT; end++) {
            size_t found =
                siting_joint_top(&w->table, (enum siting_result)result, (enum siting_end)end,
                                 x->sites, x->count, r->tolerate, r->window_years, shares, all);
            for (size_t i = 0; i < found; i++)
                causes[shares[i].event].rate[result][end] = shares[i].rate;
        }
    for (size_t i = 0; i < all; i++) {
        bool counts = causes[i].rate[SITING_LOSS][SITING_HI] > 0 ||
                      causes[i].rate[SITING_DOWN][SITING_HI] > 0;
        if (!counts) continue;
        causes[count] = causes[i];
        causes[count++].event = (uint32_t)i;
    }
    if (count > 1)
        qsort(causes, count, sizeof *causes, r->objective == SITING_LOSS ? by_loss : by_down);
    struct planning_cause *kept = arena_new(x->arena, struct planning_cause, count);
    struct planning_cause_site *sites =
        arena_new(x->arena, struct planning_cause_site, count * x->count);
    if (kept == NULL || sites == NULL) return error_set(e, FAIL_MEMORY, "no memory for causes");
    for (size_t i = 0; i < count; i++, sites += x->count) {
        for (size_t k = 0; k < x->count; k++) sites[k] = worst_of(w, causes[i].event, x->sites[k]);
        kept[i] = causes[i];
        kept[i].sites = sites;
    }
    out->causes = kept;
    out->cause_count = count;
    return OK;
}

/* ---- what would change it ---- */

static double rate_of(const struct explaining *x, const struct siting_rows *rows,
                      enum siting_end end, const uint32_t *sites, size_t count) {
    const struct planning_request *r = x->request;
    size_t survivors = r->copies - r->tolerate;
    return siting_joint_rate(rows, r->objective, end, sites, count, count - survivors,
                             r->window_years);
}

static bool may_move_to(const struct explaining *x, uint32_t site) {
    const struct planning_request *r = x->request;
    str country;
    for (size_t i = 0; i < x->count; i++)
        if (x->sites[i] == site) return false;
    if (planning_is_beyond(x->w, site))
        return false; /* where nobody has looked nothing is better */
    if (r->country_count == 0) return true;
    if (!register_text_at(x->w->rows[site], STR("country"), x->w->options.at_ns, &country))
        return false;
    for (size_t i = 0; i < r->country_count; i++)
        if (str_equal(r->countries[i], country)) return true;
    return false;
}

/* The best of all sites in that position of the set, the first by id of those that are as good; position `count`
 * is one more. */
static void place_try(const struct explaining *x, size_t position, struct planning_change *best) {
    uint32_t sites[SITING_SET_MAX];
    size_t count = position == x->count ? x->count + 1 : x->count;
    double before = best->rate[SITING_HI];
    if (count > SITING_SET_MAX) return;
    memcpy(sites, x->sites, x->count * sizeof *sites);
    for (uint32_t i = 0; i < x->w->site_count; i++) {
        if (!may_move_to(x, i)) continue;
        struct planning_change change = {.kind =
                                             position == x->count ? PLANNING_ADD : PLANNING_SWAP,
                                         .site = i,
                                         .other = position < x->count ? x->sites[position] : i};
        sites[position] = i;
        change.rate[SITING_HI] = rate_of(x, &x->w->table, SITING_HI, sites, count);
        if (siting_compare(change.rate[SITING_HI], best->rate[SITING_HI]) < 0) *best = change;
    }
    sites[position] = best->site;
    bool is_found = siting_compare(best->rate[SITING_HI], before) < 0;
    if (is_found) best->rate[SITING_LO] = rate_of(x, &x->w->table, SITING_LO, sites, count);
}

/* The high end's weights, but that a site's own quakes are as rare as at the low end where nobody knows how often
 * they come. NULL: no memory. */
static double *weights_learnt(const struct explaining *x, uint32_t site, struct arena *arena) {
    const struct siting_rows *from = &x->w->table;
    double *weight = arena_new(arena, double, from->stride);
    if (weight == NULL) return NULL;
    memcpy(weight, from->weight[SITING_HI], from->row_count * sizeof *weight);
    for (size_t row = 0; !x->w->sites[site].background_known && row < from->row_count; row++)
        if (from->event[row] == x->w->options.model->event_count + site)
            weight[row] = from->weight[SITING_LO][row];
    return weight;
}

/* A table of the set alone, in which the site's high end is its low one. */
static enum error_code learn_try(const struct explaining *x, size_t position, struct arena scratch,
                                 struct planning_change *out, struct error *e) {
    const struct siting_rows *from = &x->w->table;
    struct siting_rows rows = *from;
    enum siting_result result = x->request->objective;
    uint32_t sites[SITING_SET_MAX];
    for (int end = 0; end < SITING_END_COUNT; end++) {
        double *p = arena_new(&scratch, double, x->count * from->stride);
        if (p == NULL) return error_set(e, FAIL_MEMORY, "no memory for a table");
        for (size_t i = 0; i < x->count; i++)
            memcpy(p + i * from->stride,
                   from->p[result][i == position ? SITING_LO : end] + x->sites[i] * from->stride,
                   from->stride * sizeof *p);
        rows.p[result][end] = p;
    }
    rows.weight[SITING_HI] = weights_learnt(x, x->sites[position], &scratch);
    if (rows.weight[SITING_HI] == NULL) return error_set(e, FAIL_MEMORY, "no memory for a table");
    rows.site_count = x->count;
    for (uint32_t i = 0; i < x->count; i++) sites[i] = i;
    *out = (struct planning_change){.kind = PLANNING_LEARN, .site = x->sites[position]};
    out->other = out->site;
    for (int end = 0; end < SITING_END_COUNT; end++)
        out->rate[end] = rate_of(x, &rows, (enum siting_end)end, sites, x->count);
    return OK;
}

static int by_gain(const void *a, const void *b) {
    const struct planning_change *x = a, *y = b;
    int order = siting_compare(x->rate[SITING_HI], y->rate[SITING_HI]);
    if (order == 0) order = (int)x->kind - (int)y->kind;
    return order != 0 ? order : x->site < y->site ? -1 : x->site > y->site;
}

static enum error_code changes_find(const struct explaining *x, struct arena scratch,
                                    struct planning_explanation *out, struct error *e) {
    const double now = out->set.rate[x->request->objective][SITING_HI], worth = 0.995 * now;
    struct planning_change swap = {.rate = {now, now}}, more = swap, learn;
    for (size_t i = 0; i < x->count; i++) place_try(x, i, &swap);
    place_try(x, x->count, &more);
    if (swap.rate[SITING_HI] < worth) out->changes[out->change_count++] = swap;
    if (more.rate[SITING_HI] < worth) out->changes[out->change_count++] = more;
    for (size_t i = 0; i < x->count; i++) {
        TRY(planning_unknowns(x->w, x->sites[i], x->arena, &out->unknown[i], &out->unknown_count[i],
                              e));
        if (out->unknown_count[i] == 0) continue;
        TRY(learn_try(x, i, scratch, &learn, e));
        if (learn.rate[SITING_HI] < worth) out->changes[out->change_count++] = learn;
    }
    qsort(out->changes, out->change_count, sizeof *out->changes, by_gain);
    return OK;
}

/* ---- the public story ---- */

enum error_code planning_explain(const struct planning_world *world,
                                 const struct planning_request *request, const str *sites,
                                 size_t site_count, struct arena *arena, struct arena scratch,
                                 struct planning_explanation *out, struct error *e) {
    struct planning_explanation *made = arena_new(&scratch, struct planning_explanation, 1);
    if (made == NULL) return error_set(e, FAIL_MEMORY, "no memory for an explanation");
    made->request = *request;
    struct explaining x = {.w = world, .request = &made->request, .arena = arena};
    TRY(set_take(&x, sites, site_count, made, e));
    TRY(planning_describe(world, x.request, x.sites, x.count, arena, &made->set, e));
    TRY(causes_find(&x, scratch, made, e));
    TRY(changes_find(&x, scratch, made, e));
    *out = *made;
    return OK;
}
