/* Landmarks judged against each other, then a place by those that are left. */
#include "locproof/standing.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

/* ---- landmarks judge each other ---- */

/* Great circles on a sphere are off by so much; given to the landmarks. Source: geo_distance_km. */
static const double sphere_error = 0.0056;

bool locproof_places_contradict(const struct locproof_place *a, const struct locproof_place *b,
                                int64_t rtt_ns) {
    double apart_km = geo_distance_km(a->at, b->at) * (1 - sphere_error) -
                      (double)a->error_m / 1000 - (double)b->error_m / 1000;
    return apart_km > 0 && rtt_ns < geo_bound_ns(apart_km);
}

static bool is_violated(const struct locproof_place *places, const struct locproof_timing *t) {
    return locproof_places_contradict(&places[t->from], &places[t->to], t->rtt_ns);
}

/* With how many others that stay it cannot be where it says: each counts once, whoever measured. */
static unsigned violations_of(const struct locproof_place *places, size_t which, size_t count,
                              const struct locproof_timing *timings, size_t timing_count,
                              const bool *dropped) {
    unsigned found = 0;
    for (size_t other = 0; other < count; other++) {
        bool violated = false;
        if (other == which || dropped[other]) continue;
        for (size_t i = 0; i < timing_count && !violated; i++) {
            const struct locproof_timing *t = &timings[i];
            bool is_theirs =
                (t->from == which && t->to == other) || (t->from == other && t->to == which);
            violated = is_theirs && is_violated(places, t);
        }
        found += violated;
    }
    return found;
}

void locproof_drop(const struct locproof_place *places, size_t count,
                   const struct locproof_timing *timings, size_t timing_count, bool *dropped,
                   bool *disputed) {
    unsigned violations[LOCPROOF_LANDMARKS_MAX + 1];
    assert(count <= COUNT_OF(violations));
    for (size_t i = 0; i < count; i++) dropped[i] = false;
    for (;;) {
        unsigned most = 0;
        for (size_t i = 0; i < count; i++) {
            violations[i] =
                dropped[i] ? 0 : violations_of(places, i, count, timings, timing_count, dropped);
            most = violations[i] > most ? violations[i] : most;
        }
        *disputed = most > 0;
        if (most < 2) return;
        for (size_t i = 0; i < count; i++)
            if (violations[i] == most) dropped[i] = true;
    }
}

/* Timings that reports tell of, between landmarks the register names. */
static size_t timings_take(const struct locproof_witness *witnesses, size_t count,
                           struct locproof_timing *out) {
    size_t taken = 0;
    for (size_t i = 0; i < count; i++) {
        const struct locproof_report *r = witnesses[i].report;
        for (size_t k = 0; r != NULL && k < r->peer_count; k++)
            for (size_t j = 0; j < count; j++) {
                const struct locproof_peer *p = &r->peers[k];
                if (j == i || !str_equal(witnesses[j].name, p->name)) continue;
                out[taken++] = (struct locproof_timing){i, j, p->rtt_ns};
                if (p->cosigned.is_there)
                    out[taken++] = (struct locproof_timing){j, i, p->cosigned.rtt_ns};
            }
    }
    return taken;
}

/* ---- a place ---- */

static void because(struct locproof_standing *s, size_t by, const char *ja, const char *en, ...) {
    va_list values, again;
    va_start(values, en);
    va_copy(again, values);
    vsnprintf(s->why, sizeof s->why, en, values);
    vsnprintf(s->why_ja, sizeof s->why_ja, ja, again);
    va_end(again);
    va_end(values);
    s->stands = LOCPROOF_CONTRADICTED;
    s->by = by;
}

struct judged { /* those that are left and have a time */
    struct geo_landmark at[LOCPROOF_LANDMARKS_MAX];
    size_t of[LOCPROOF_LANDMARKS_MAX];
    size_t count;
};

static struct judged judged_take(const struct locproof_witness *witnesses, size_t count,
                                 const bool *dropped) {
    struct judged j = {.count = 0};
    for (size_t i = 0; i < count; i++) {
        const struct locproof_witness *w = &witnesses[i];
        if (dropped[i] || w->report == NULL || w->report->figures.min_ns < 0) continue;
        j.of[j.count] = i;
        j.at[j.count++] = (struct geo_landmark){w->place.at, (double)w->place.error_m / 1000,
                                                w->report->figures.min_ns};
    }
    return j;
}

/* It answered from where the declared country has no land. */
static bool country_is_left(const struct locproof_witness *witnesses, const struct judged *j,
                            struct locproof_standing *s) {
    for (size_t i = 0; i < j->count; i++) {
        const struct locproof_witness *w = &witnesses[j->of[i]];
        double km = geo_bound_km(j->at[i].rtt_ns) + j->at[i].error_km;
        if (w->home_km < 0 || km >= w->home_km) continue;
        because(
            s, j->of[i],
            "基準点 %.*s から %.0f km 以内で応答しており、登録の国の陸地は %.0f km 以上離れている",
            "it answered landmark %.*s from within %.0f km, and the declared country has no land "
            "nearer than %.0f km from there",
            STR_FMT(w->name), km, w->home_km);
        return true;
    }
    return false;
}

static void contradictions_find(const struct locproof_witness *witnesses, size_t count,
                                const struct geo_point *site, struct locproof_standing *s) {
    struct judged j = judged_take(witnesses, count, s->dropped);
    size_t first, second;
    for (size_t i = 0; i < count; i++) {
        const struct locproof_report *r = witnesses[i].report;
        if (s->dropped[i] || r == NULL || r->figures.verdict != LOCPROOF_FAILED) continue;
        because(s, i, "基準点 %.*s に渡された断片が台帳と合わない（%s）",
                "what landmark %.*s was given is not what the ledger says (%s)",
                STR_FMT(witnesses[i].name), r->figures.why);
        return;
    }
    if (j.count > 1 && !geo_landmarks_agree(j.at, j.count, &first, &second)) {
        because(s, j.of[first], "基準点 %.*s と %.*s への応答は、一つの場所からではありえない",
                "landmarks %.*s and %.*s cannot both have been answered from one place",
                STR_FMT(witnesses[j.of[first]].name), STR_FMT(witnesses[j.of[second]].name));
        return;
    }
    if (country_is_left(witnesses, &j, s)) return;
    if (site == NULL || j.count == 0) return;
    struct geo_disc here = {*site, 0};
    if (!geo_landmarks_exclude(j.at, j.count, &here, &first)) return;
    const struct geo_landmark *by = &j.at[first];
    because(s, j.of[first],
            "基準点 %.*s から %.0f km 以内で応答しており、登録の場所は %.0f km 離れている",
            "it answered landmark %.*s from within %.0f km, and the register's place is %.0f km "
            "from there",
            STR_FMT(witnesses[j.of[first]].name), geo_bound_km(by->rtt_ns) + by->error_km,
            geo_distance_km(by->at, *site));
}

/* Of whom nothing is known, nothing is counted. */
static bool operator_is_counted(const struct locproof_witness *witnesses, const size_t *counted,
                                size_t count, str run_by) {
    bool is_known = run_by.len == 0;
    for (size_t i = 0; i < count; i++)
        is_known = is_known || str_equal(witnesses[counted[i]].run_by, run_by);
    return is_known;
}

static unsigned cosigners_count(const struct locproof_witness *witnesses, size_t count,
                                const struct locproof_standing *s) {
    const struct locproof_report *r = witnesses[s->by].report;
    unsigned found = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; i != s->by && !s->dropped[i] && k < r->peer_count; k++)
            found +=
                r->peers[k].cosigned.is_there && str_equal(r->peers[k].name, witnesses[i].name);
    return found;
}

static void bound_find(const struct locproof_witness *witnesses, size_t count,
                       struct locproof_standing *s) {
    /* Half the way round the earth: a bound from there on says nothing. */
    static const double everywhere_km = 20015;
    size_t counted[LOCPROOF_LANDMARKS_MAX];
    for (size_t i = 0; i < count; i++) {
        const struct locproof_witness *w = &witnesses[i];
        if (s->dropped[i] || w->report == NULL || w->report->figures.verdict != LOCPROOF_WITHIN)
            continue;
        double km = locproof_report_bound_km(w->report) + (double)w->place.error_m / 1000;
        if (km >= everywhere_km) continue;
        s->operators += !operator_is_counted(witnesses, counted, s->landmarks, w->run_by);
        counted[s->landmarks++] = i;
        bool is_least = s->stands != LOCPROOF_MEASURED || km < s->bound_km;
        if (w->foreign_km >= 0 && km < w->foreign_km && (!s->excludes_abroad || is_least)) {
            s->excludes_abroad = true;
            s->abroad_by = i;
        }
        if (!is_least) continue;
        s->stands = LOCPROOF_MEASURED;
        s->by = i;
        s->bound_km = km;
    }
    if (s->operators == 0 && s->landmarks > 0) s->operators = 1; /* whoever it is */
    if (s->stands == LOCPROOF_MEASURED) s->cosigned = cosigners_count(witnesses, count, s);
}

void locproof_stand(const struct locproof_witness *witnesses, size_t count,
                    const struct geo_point *site, struct locproof_standing *out) {
    struct locproof_timing timings[2 * LOCPROOF_LANDMARKS_MAX * LOCPROOF_PEERS_MAX] = {{0}};
    struct locproof_place places[LOCPROOF_LANDMARKS_MAX] = {{{0}, 0}};
    struct locproof_standing s = {.stands = LOCPROOF_UNMEASURED, .bound_km = -1};
    assert(count <= LOCPROOF_LANDMARKS_MAX);
    for (size_t i = 0; i < count; i++) places[i] = witnesses[i].place;
    size_t timing_count = timings_take(witnesses, count, timings);
    locproof_drop(places, count, timings, timing_count, s.dropped, &s.disputed);
    contradictions_find(witnesses, count, site, &s);
    /* Of two that contradict each other nobody knows whose bound is a bound. */
    if (s.stands != LOCPROOF_CONTRADICTED && !s.disputed) bound_find(witnesses, count, &s);
    *out = s;
}
