/* Measures: how much was done per key within a window.
 *
 * Each act is looked at once: does it count, for which key, when, how much. A fact for an act is
 * then the most over all windows that hold it. Source: RULEBOOK 2 (measure.NAME), 28 CFR 202.205
 * (twelve months, aggregated; by a tracker). */
#include <stdio.h>
#include <stdlib.h>

#include "base/numbers.h"
#include "rulebook/set/set.h"

enum { KEYS_MAX = 4 };

struct counted_act {
    enum rulebook_truth counts; /* by `for` */
    bool has_time;
    int64_t at_ns;
    str keys[KEYS_MAX]; /* empty: not known */
    int64_t low, high;  /* thousandths; high RULEBOOK_UNBOUNDED: not known */
};

struct counted_measure {
    const struct rulebook *book;
    const struct measure *measure;
    struct counted_act *acts;
};

struct rulebook_counted {
    struct counted_measure *measures;
    size_t measure_count, act_count;
    bool is_complete;
    int64_t now_ns;
};

/* ---- looking at an act ---- */

/* `operator` is operator.id where the path itself says nothing. */
static str key_of(const struct rulebook_facts *facts, str path) {
    const struct rulebook_value *value = rulebook_facts_find(facts, path);
    char longer[128];
    int len = snprintf(longer, sizeof longer, "%.*s.id", STR_FMT(path));
    if ((value == NULL || value->kind != RULEBOOK_TEXT) && len < (int)sizeof longer)
        value = rulebook_facts_find(facts, str_of(longer, (size_t)len));
    return value != NULL && value->kind == RULEBOOK_TEXT ? value->text : STR_EMPTY;
}

/* What the act is about: the transfer's own number, or that of the data it gave. */
static const struct rulebook_value *amount_of(const struct rulebook_facts *facts, str what) {
    static const char *const roots[] = {"transfer", "act", "dataset"};
    for (size_t i = 0; i < COUNT_OF(roots); i++) {
        char path[128];
        int len = snprintf(path, sizeof path, "%s.%.*s", roots[i], STR_FMT(what));
        if (len >= (int)sizeof path) return NULL;
        const struct rulebook_value *v = rulebook_facts_find(facts, str_of(path, (size_t)len));
        if (v != NULL && v->kind == RULEBOOK_NUMBER) return v;
    }
    return NULL;
}

static enum error_code look_at(const struct measure *m, const struct rulebook_act *act,
                               int64_t now_ns, struct arena *arena, struct counted_act *out,
                               struct error *e) {
    struct evaluation ev = {.facts = &act->facts, .now_ns = now_ns};
    *out = (struct counted_act){.counts = applies_truth(m->only, m->only_count, &ev, true),
                                .has_time = act->has_time,
                                .at_ns = act->at_ns,
                                .high = RULEBOOK_UNBOUNDED};
    if (act->has_time && act->at_ns > now_ns) out->counts = RULEBOOK_FALSE;
    for (size_t i = 0; i < m->per_count; i++) /* copied: the facts are gone after this act */
        TRY(arena_format(arena, &out->keys[i], e, "%.*s", STR_FMT(key_of(&act->facts, m->per[i]))));
    const struct rulebook_value *amount = amount_of(&act->facts, m->of);
    if (amount == NULL) return OK;
    out->low = i64_max(0, amount->number.low);
    out->high = amount->number.high;
    return OK;
}

static enum error_code measures_open(const struct rulebook_set *set, size_t act_count,
                                     struct arena *arena, struct rulebook_counted *counted,
                                     struct error *e) {
    size_t count = 0;
    for (size_t i = 0; i < set->book_count; i++) count += set->books[i]->more->measure_count;
    counted->measures = arena_new(arena, struct counted_measure, count);
    if (counted->measures == NULL)
        return error_set(e, FAIL_MEMORY, "no room for %zu measures", count);
    for (size_t i = 0; i < set->book_count; i++)
        for (size_t k = 0; k < set->books[i]->more->measure_count; k++) {
            struct counted_measure *cm = &counted->measures[counted->measure_count++];
            cm->book = set->books[i];
            cm->measure = &set->books[i]->more->measures[k];
            cm->acts = arena_new(arena, struct counted_act, act_count);
            if (cm->acts == NULL)
                return error_set(e, FAIL_MEMORY, "no room to measure %zu acts", act_count);
        }
    return OK;
}

enum error_code rulebook_measures_count(const struct rulebook_set *set,
                                        const struct rulebook_acts *acts, int64_t at_ns,
                                        struct arena *arena, struct arena scratch,
                                        const struct rulebook_counted **out, struct error *e) {
    struct rulebook_counted *counted = arena_new(arena, struct rulebook_counted, 1);
    if (counted == NULL) return error_set(e, FAIL_MEMORY, "no room for measures");
    counted->act_count = acts->count;
    counted->is_complete = acts->is_complete;
    counted->now_ns = at_ns;
    TRY(measures_open(set, acts->count, arena, counted, e));
    for (size_t i = 0; i < acts->count && counted->measure_count > 0; i++) {
        struct arena one = scratch;
        struct rulebook_act act = {0};
        TRY(acts->act(acts->self, i, &one, &act, e));
        for (size_t k = 0; k < counted->measure_count; k++)
            TRY(look_at(counted->measures[k].measure, &act, at_ns, arena,
                        &counted->measures[k].acts[i], e));
    }
    *out = counted->measure_count > 0 ? counted : NULL;
    return OK;
}

/* ---- windows ---- */

static enum rulebook_truth same_keys(const struct measure *m, const struct counted_act *a,
                                     const struct counted_act *b) {
    enum rulebook_truth truth = RULEBOOK_TRUE;
    for (size_t i = 0; i < m->per_count; i++) {
        bool both = a->keys[i].len > 0 && b->keys[i].len > 0;
        truth = truth_and(truth, both ? truth_of(str_equal(a->keys[i], b->keys[i]))
                                      : RULEBOOK_UNKNOWN_TRUTH);
    }
    return truth;
}

static int64_t plus(int64_t a, int64_t b) {
    return a > RULEBOOK_UNBOUNDED - b ? RULEBOOK_UNBOUNDED : a + b;
}

/* An act that counts, or may, for the subject's key. */
struct one {
    int64_t at_ns, low, high; /* `low` is 0 where it only may count */
};
struct windows {
    struct one *at; /* those whose time is known, by time */
    size_t count;
    int64_t whenever; /* what acts of unknown time may add to any window */
};

static int compare_times(const void *a, const void *b) {
    int64_t x = ((const struct one *)a)->at_ns, y = ((const struct one *)b)->at_ns;
    return x < y ? -1 : x > y;
}

static enum error_code windows_open(const struct rulebook_counted *c,
                                    const struct counted_measure *cm,
                                    const struct counted_act *subject, struct arena *scratch,
                                    struct windows *out, struct error *e) {
    *out = (struct windows){.at = arena_new(scratch, struct one, c->act_count),
                            .whenever = c->is_complete ? 0 : RULEBOOK_UNBOUNDED};
    if (out->at == NULL)
        return error_set(e, FAIL_MEMORY, "no room to measure %zu acts", c->act_count);
    for (size_t i = 0; i < c->act_count; i++) {
        const struct counted_act *a = &cm->acts[i];
        enum rulebook_truth in = truth_and(a->counts, same_keys(cm->measure, a, subject));
        if (in == RULEBOOK_FALSE) continue;
        if (a == subject || a->has_time) /* the subject lies in each of its windows */
            out->at[out->count++] = (struct one){a->has_time ? a->at_ns : c->now_ns,
                                                 in == RULEBOOK_TRUE ? a->low : 0, a->high};
        else
            out->whenever = plus(out->whenever, a->high);
    }
    if (out->count > 0) qsort(out->at, out->count, sizeof *out->at, compare_times);
    return OK;
}

/* A window ends with an act and is as long as the measure's; its end belongs to it and its beginning
 * does not. The most over all that hold the subject; one pass, since both ends only move on. */
static struct rulebook_number most_of(const struct windows *w, const struct measure *m,
                                      int64_t subject_ns) {
    bool is_distinct = str_equal(m->kind, STR("count_distinct"));
    struct rulebook_number most = {0, w->whenever, RULEBOOK_UNIT_ONE};
    int64_t low = 0, high = 0; /* sums over [first, last] of those whose number is known */
    size_t first = 0, unbounded = 0;
    for (size_t last = 0; last < w->count; last++) {
        const struct one *end = &w->at[last];
        low = plus(low, end->low);
        if (end->high == RULEBOOK_UNBOUNDED)
            unbounded++;
        else
            high = plus(high, end->high);
        for (; value_date_plus(w->at[first].at_ns, m->window) <= end->at_ns; first++) {
            low -= w->at[first].low;
            if (w->at[first].high == RULEBOOK_UNBOUNDED)
                unbounded--;
            else
                high -= w->at[first].high;
        }
        bool ends_after = end->at_ns >= subject_ns;
        bool holds = ends_after && value_date_plus(subject_ns, m->window) > end->at_ns;
        bool reaches = !ends_after && value_date_plus(end->at_ns, m->window) > subject_ns;
        /* distinct persons are at least those of the largest act near enough to share a window */
        if (is_distinct && (holds || reaches)) most.low = i64_max(most.low, end->low);
        if (!holds) continue;
        if (!is_distinct) most.low = i64_max(most.low, low);
        most.high =
            i64_max(most.high, plus(w->whenever, unbounded > 0 ? RULEBOOK_UNBOUNDED : high));
    }
    return most;
}

/* ---- facts ---- */

/* Two rulebooks may give one name to different measures; then what either may mean is possible. */
static void measure_add(struct rulebook_fact *facts, size_t *count, str path,
                        struct rulebook_number n) {
    for (size_t i = 0; i < *count; i++)
        if (str_equal(facts[i].path, path)) {
            struct rulebook_number *had = &facts[i].value.number;
            had->low = i64_min(had->low, n.low);
            had->high = i64_max(had->high, n.high);
            return;
        }
    struct rulebook_value value = rulebook_number(0, RULEBOOK_UNIT_ONE);
    value.by = RULEBOOK_BY_COMPUTED;
    value.source = STR("transfers");
    value.number = n;
    facts[(*count)++] = (struct rulebook_fact){path, value};
}

enum error_code rulebook_measures_of(const struct rulebook_counted *counted, size_t act,
                                     struct arena *arena, struct rulebook_fact **out, size_t *count,
                                     struct error *e) {
    struct rulebook_fact *facts = arena_new(arena, struct rulebook_fact, counted->measure_count);
    if (facts == NULL) return error_set(e, FAIL_MEMORY, "no room for measures");
    *count = 0;
    for (size_t i = 0; i < counted->measure_count; i++) {
        const struct counted_measure *cm = &counted->measures[i];
        const struct counted_act *subject = &cm->acts[act];
        struct windows windows;
        str path;
        TRY(arena_format(arena, &path, e, "measure.%.*s", STR_FMT(cm->measure->name)));
        struct arena scratch = *arena;
        TRY(windows_open(counted, cm, subject, &scratch, &windows, e));
        measure_add(
            facts, count, path,
            most_of(&windows, cm->measure, subject->has_time ? subject->at_ns : counted->now_ns));
    }
    rulebook_facts_sort(facts, *count);
    *out = facts;
    return OK;
}
