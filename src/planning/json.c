/* Ranks, plans and drills as JSON. */
#include <math.h>
#include <stdio.h>

#include "planning/written.h"

static const char *const result_keys[SITING_RESULT_COUNT] = {"loss_per_year", "down_per_year"};
static const char *const reach_names[] = {"outside", "inside", "unmapped"};

/* Twelve digits: a rate is known to two at best, but a difference must still be seen, and who computes it again
 * must meet it; what is behind them depends on the order of sums. */
static void put_number(struct report_json *j, double number) {
    char digits[32];
    int wrote = snprintf(digits, sizeof digits, "%.12g", number);
    report_json_raw(j, str_of(digits, (size_t)wrote));
}
static void put_key_number(struct report_json *j, const char *key, double number) {
    report_json_key(j, key);
    put_number(j, number);
}
/* Negative: not known. */
static void put_key_known(struct report_json *j, const char *key, double number) {
    report_json_key(j, key);
    if (number < 0)
        report_json_null(j);
    else
        put_number(j, number);
}

static void put_rates(struct report_json *j,
                      const double rate[SITING_RESULT_COUNT][SITING_END_COUNT]) {
    for (int result = 0; result < SITING_RESULT_COUNT; result++) {
        report_json_key(j, result_keys[result]);
        report_json_array(j);
        for (int end = 0; end < SITING_END_COUNT; end++) put_number(j, rate[result][end]);
        report_json_array_end(j);
    }
}

static void put_top(struct report_json *j, const struct planning_world *w,
                    const struct siting_share *top, size_t count, double whole,
                    struct arena scratch) {
    report_json_key(j, "top_events");
    report_json_array(j);
    for (size_t i = 0; i < count; i++) {
        str id = STR_EMPTY, name = STR_EMPTY;
        error_ignore(planning_event_name(w, top[i].event, &scratch, &id, &name,
                                         NULL)); /* empty when memory is out */
        report_json_object(j);
        report_json_put(j, "id", id);
        report_json_put(j, "name", name);
        put_key_number(j, "per_year", top[i].rate);
        put_key_number(j, "share", whole > 0 ? top[i].rate / whole : 0);
        report_json_object_end(j);
    }
    report_json_array_end(j);
}

static void put_texts(struct report_json *j, const char *key, const str *texts, size_t count) {
    report_json_key(j, key);
    report_json_array(j);
    for (size_t i = 0; i < count; i++) report_json_str(j, texts[i]);
    report_json_array_end(j);
}

static void put_sites(struct report_json *j, const struct planning_world *w, const uint32_t *sites,
                      size_t count) {
    report_json_key(j, "sites");
    report_json_array(j);
    for (size_t i = 0; i < count; i++) report_json_str(j, w->sites[sites[i]].id);
    report_json_array_end(j);
}

void planning_json_rank(const struct planning_world *w, const struct planning_ranked *ranked,
                        struct arena scratch, struct report_out *out) {
    struct report_json j = report_json_begin(out, 3);
    report_json_object(&j);
    report_json_put_time(&j, "as_of", w->options.at_ns);
    report_json_key(&j, "sites");
    report_json_array(&j);
    for (size_t i = 0; i < w->site_count; i++) {
        const struct planning_ranked *r = &ranked[i];
        report_json_object(&j);
        report_json_put_u64(&j, "rank", i + 1);
        report_json_put(&j, "site", w->sites[r->site].id);
        report_json_put(&j, "name", register_row_name(w->rows[r->site], w->options.language));
        put_rates(&j, r->rate);
        put_top(&j, w, r->top, r->top_count, r->rate[SITING_LOSS][SITING_HI], scratch);
        put_texts(&j, "unknown", r->unknown, r->unknown_count);
        report_json_put_bool(&j, "beyond", r->is_beyond);
        report_json_object_end(&j);
    }
    report_json_array_end(&j);
    report_json_object_end(&j);
    report_add_c(out, "\n");
}

static void put_set(struct report_json *j, const struct planning_world *w,
                    const struct planning_plan *plan, const struct planning_set *set,
                    struct arena scratch) {
    report_json_object(j);
    put_sites(j, w, set->sites, set->count);
    put_rates(j, set->rate);
    put_top(j, w, set->top, set->top_count, set->rate[plan->request->objective][SITING_HI],
            scratch);
    put_texts(j, "shared_groups", set->shared, set->shared_count);
    put_key_known(j, "nearest_km", set->nearest_km);
    if (set->nearest_most_km > set->nearest_km)
        put_key_number(j, "nearest_most_km", set->nearest_most_km);
    if (set->by_chance >= 0) put_key_number(j, "by_chance_per_year", set->by_chance);
    report_json_put(j, "constraint", plan->binding);
    report_json_object_end(j);
}

void planning_json_plan(const struct planning_world *w, const struct planning_plan *plan,
                        struct arena scratch, struct report_out *out) {
    const struct planning_request *r = plan->request;
    struct report_json j = report_json_begin(out, 3);
    report_json_object(&j);
    report_json_put_time(&j, "as_of", w->options.at_ns);
    report_json_put(&j, "dataset", plan->dataset->id);
    report_json_put_u64(&j, "copies", r->copies);
    report_json_put_u64(&j, "tolerate", r->tolerate);
    put_key_number(&j, "rebuild_h", r->window_years * SITING_HOURS_PER_YEAR);
    put_key_number(&j, "down_longer_than_h", w->options.down_longer_than_h);
    report_json_put_c(&j, "objective", r->objective == SITING_LOSS ? "loss" : "down");
    report_json_key(&j, "today");
    if (plan->has_today)
        put_set(&j, w, plan, &plan->today, scratch);
    else
        report_json_null(&j);
    report_json_put_u64(&j, "today_unplaced", plan->today_unplaced);
    report_json_put(&j, "today_breaks", plan->today_breaks);
    report_json_key(&j, "sets");
    report_json_array(&j);
    for (size_t i = 0; i < plan->set_count; i++) put_set(&j, w, plan, &plan->sets[i], scratch);
    report_json_array_end(&j);
    report_json_put_u64(&j, "looked_at", plan->looked_at);
    report_json_put_bool(&j, "proved", plan->is_proved);
    put_key_number(&j, "bound_per_year", plan->bound);
    if (!isinf(planning_gap(plan))) put_key_number(&j, "gap", 1 - 1 / planning_gap(plan));
    if (plan->home.len > 0) report_json_put(&j, "home", plan->home);
    report_json_put_u64(&j, "abroad", plan->abroad);
    report_json_put_u64(&j, "beyond", plan->beyond);
    report_json_put_u64(&j, "today_beyond", plan->today_beyond);
    if (plan->beyond > 0) {
        report_json_key(&j, "best_known");
        if (plan->has_known)
            put_set(&j, w, plan, &plan->known, scratch);
        else
            report_json_null(&j);
    }
    report_json_put(&j, "constraint", plan->binding);
    if (plan->binding.len > 0)
        put_key_number(&j, "without_constraint_per_year", plan->without_binding);
    report_json_key(&j, "one_more");
    if (plan->has_more)
        put_set(&j, w, plan, &plan->more, scratch);
    else
        report_json_null(&j);
    report_json_object_end(&j);
    report_add_c(out, "\n");
}

static void put_hours(struct report_json *j, enum planning_state state, double from_h,
                      double until_h) {
    report_json_put_c(j, "state", planning_state_name(state));
    if (state == PLANNING_ANSWERS) return;
    put_key_number(j, "from_h", from_h);
    if (until_h > 0) put_key_number(j, "until_h", until_h);
}

static void put_struck(struct report_json *j, const struct planning_world *w, const char *key,
                       const struct planning_struck *list, size_t count, bool is_service) {
    report_json_key(j, key);
    report_json_array(j);
    for (size_t i = 0; i < count; i++) {
        const struct planning_struck *s = &list[i];
        report_json_object(j);
        report_json_put(j, "id", s->row->id);
        report_json_put(j, "name", register_row_name(s->row, w->options.language));
        put_hours(j, s->state, s->from_h, s->until_h);
        if (!is_service) {
            put_sites(j, w, s->sites, s->site_count);
            report_json_put_u64(j, "answering", s->answering);
            if (s->row->kind == REGISTER_DATASETS) report_json_put_u64(j, "unplaced", s->unplaced);
        }
        if (s->row->kind == REGISTER_DATASETS) put_key_known(j, "p_loss", s->p_loss);
        if (is_service && s->users > 0) put_key_number(j, "users", s->users);
        report_json_object_end(j);
    }
    report_json_array_end(j);
}

void planning_json_drill(const struct planning_world *w, const struct planning_drill *d,
                         struct report_out *out) {
    struct report_json j = report_json_begin(out, 3);
    report_json_object(&j);
    report_json_put_time(&j, "as_of", w->options.at_ns);
    report_json_put(&j, "event", d->event->id);
    report_json_put(&j, "branch", d->branch->name);
    report_json_put(&j, "source", d->event->source);
    put_key_number(&j, "outage_h", d->outage_h);
    put_key_number(&j, "repair_h", d->repair_h);
    report_json_key(&j, "sites");
    report_json_array(&j);
    for (size_t i = 0; i < d->site_count; i++) {
        const struct planning_struck_site *s = &d->sites[i];
        report_json_object(&j);
        report_json_put(&j, "id", w->sites[s->site].id);
        report_json_put(&j, "name", register_row_name(w->rows[s->site], w->options.language));
        report_json_put_c(&j, "reach", reach_names[s->reach]);
        if (s->grade.len > 0) report_json_put(&j, "grade", s->grade);
        put_hours(&j, s->state, s->from_h, s->until_h);
        report_json_put_bool(&j, "bridged", s->bridged);
        report_json_key(&j, "fuel_h");
        if (s->fuel_known)
            put_number(&j, w->sites[s->site].fuel_h);
        else
            report_json_null(&j);
        put_key_number(&j, "p_loss", s->p_loss);
        put_key_number(&j, "p_down", s->p_down);
        report_json_object_end(&j);
    }
    report_json_array_end(&j);
    put_struck(&j, w, "datasets", d->datasets, d->dataset_count, false);
    put_struck(&j, w, "systems", d->systems, d->system_count, false);
    put_struck(&j, w, "services", d->services, d->service_count, true);
    put_key_number(&j, "users", d->users_dark);
    put_key_number(&j, "users_may_be", d->users_may_be);
    report_json_object_end(&j);
    report_add_c(out, "\n");
}
