/* Planning: where copies and services should stand, asked of a register and a table of events.
 *
 * A world is a register on a day laid over a model of events. It answers which sites are struck most
 * (rank), which set of them should hold the copies of a dataset (plan), and what one event takes
 * (drill). Sites are those of facts_grounds_make, with the groups that it derives.
 *
 * Nothing here reads a file or decides; results are views into the world's arena and its snapshot.
 * Source: DESIGN 4 (planning); docs/formats/events.md. */
#ifndef AZEKURA_PLANNING_PLANNING_H
#define AZEKURA_PLANNING_PLANNING_H

#include "base/base.h"
#include "facts/facts.h"
#include "register/register.h"
#include "report/report.h"
#include "siting/siting.h"

struct planning_options {
    const struct register_snapshot *snapshot;
    const struct siting_model *model; /* checked */
    int64_t at_ns;
    double down_longer_than_h;
    str language; /* "en" or "ja": of names */
};
struct planning_world {
    struct planning_options options;
    size_t site_count;
    const struct siting_site *sites;        /* by id */
    const struct register_row *const *rows; /* of each site */
    struct siting_rows table;
};
/* FAIL_NOT_FOUND: the register has no site on that day; FAIL_USAGE: a site names a fragility that no file
 * of events has; FAIL_MEMORY. */
enum error_code planning_world_make(const struct planning_options *options, struct arena *arena,
                                    struct arena scratch, struct planning_world *out,
                                    struct error *e) MUST_USE;
/* FAIL_NOT_FOUND, naming sites that are like it. */
enum error_code planning_site_find(const struct planning_world *world, str id, uint32_t *out,
                                   struct error *e) MUST_USE;
/* True: no event of the table speaks of where the site stands, and nobody has told its hazard. That little strikes
 * it there is then not known. False too where the table has no events, only groups. */
bool planning_is_beyond(const struct planning_world *world, uint32_t site);
/* What is not known of a site: "hazards" (planning_is_beyond), "place", "fuel", "hazard.quake_30y", and "event ID" of
 * each that may reach it, but for those that are replays only. */
enum error_code planning_unknowns(const struct planning_world *world, uint32_t site,
                                  struct arena *arena, const str **out, size_t *count,
                                  struct error *e) MUST_USE;
/* What events name and nothing answers to on that day, so that they strike nothing there, which a slip of the pen
 * makes of them too: sites that the register does not have; groups that stand in no scheme and that no site is in.
 * Returns how many there are; the first `most` are written. */
struct planning_stranger {
    str event, id;
    bool is_group;
};
size_t planning_strangers(const struct planning_world *world, struct planning_stranger *out,
                          size_t most);
/* The event of a row's number, for people: its name, or "SITE's own" of a background. */
enum error_code planning_event_name(const struct planning_world *world, uint32_t event,
                                    struct arena *arena, str *id, str *name,
                                    struct error *e) MUST_USE;

/* ---- rank ---- */

struct planning_ranked {
    uint32_t site;
    double rate[SITING_RESULT_COUNT][SITING_END_COUNT]; /* of the site alone, a year */
    struct siting_share top[3];
    size_t top_count;
    const str *unknown;
    size_t unknown_count;
    bool is_beyond; /* planning_is_beyond */
};
/* The sites, those struck least first: by loss at the high end, then by time out of service. Sites beyond the table
 * come after all others: what nobody has looked at is not safe. */
enum error_code planning_rank(const struct planning_world *world, struct arena *arena,
                              const struct planning_ranked **out, struct error *e) MUST_USE;
/* How many of them are in an order: those before the ones beyond the table; all of them where all are beyond. */
size_t planning_ranked_known(const struct planning_world *world,
                             const struct planning_ranked *ranked);

/* ---- plan ---- */

struct planning_request {
    str dataset;
    size_t copies, tolerate;
    double window_years; /* of rebuilding a copy */
    enum siting_result objective;
    str store_site; /* where the copy stands that the register says is kept here; empty: not known */
    const str *countries; /* only sites in these; none: anywhere */
    size_t country_count;
    double min_km; /* between any two copies; 0: no matter */
    str near;      /* a site, and how far from it copies may be; empty, 0: no matter */
    double near_km;
    const str *
        disjoint; /* schemes, kinds or groups of which no two copies may share one, or may: planning_apart */
    size_t disjoint_count;
    bool known_only;         /* no site of which something is unknown */
    uint64_t simulate_years; /* 0: none */
};
struct planning_set {
    size_t count;
    uint32_t sites[SITING_SET_MAX];
    double rate[SITING_RESULT_COUNT][SITING_END_COUNT];
    struct siting_share top[3];
    size_t top_count;
    const str *shared; /* groups that all its sites are in */
    size_t shared_count;
    /* Between the nearest two of its sites, at least and at most: the same where points are known, and not grid
     * squares alone. Negative: a place is not known, or there is one only. */
    double nearest_km, nearest_most_km;
    double by_chance; /* of the objective at the high end; negative: not asked for */
};
struct planning_plan {
    const struct register_row *dataset;
    const struct planning_request *request;
    bool has_today; /* fewer than one site is known: no set of today */
    struct planning_set today;
    str today_breaks; /* a constraint that today's set does not keep; empty: it keeps all */
    str today_breaks_ja;
    size_t today_unplaced; /* copies beside them of which nobody says where they are */
    size_t set_count;      /* 0: no set keeps the constraints */
    struct planning_set sets[SITING_BEST_MAX];
    uint64_t looked_at;
    bool is_proved;
    double bound; /* a year: no set's objective is below it */
    str binding;  /* the constraint that binds; empty: none does */
    str binding_ja;
    double without_binding;
    str home; /* of the dataset's operator; empty: the register does not say */
    size_t
        abroad; /* sites of the best set not said to stand there, where no countries were asked for */
    size_t beyond,
        today_beyond; /* sites of the best set, and of today's, of which planning_is_beyond */
    bool
        has_known; /* the best set of sites that are not, where some of the best set are and there is one */
    struct planning_set known;
    bool has_more; /* one copy more can be placed */
    struct planning_set more;
};
/* How many times rarer than that of the best set found the objective of the best there is may be: 1 where it is
 * proved, infinite where no bound is known or no set was found. */
double planning_gap(const struct planning_plan *plan);
/* FAIL_NOT_FOUND: no such dataset or site; FAIL_USAGE: more copies than sites, or what siting_choose says;
 * FAIL_MEMORY. */
enum error_code planning_plan(const struct planning_world *world,
                              const struct planning_request *request, struct arena *arena,
                              struct arena scratch, struct planning_plan *out,
                              struct error *e) MUST_USE;

/* Where the copies of a dataset are on the world's day: the store's own, if it is said where the store
 * stands, and those of the register that are there on that day. None: nobody says.
 * FAIL_NOT_FOUND: no such dataset or store's site; FAIL_MEMORY. */
struct planning_copies {
    uint32_t *sites; /* each once */
    size_t count;
    size_t
        unplaced; /* further copies: at a site that is withheld or not known, or in a store of which nobody says where it is */
};
enum error_code planning_today(const struct planning_world *world, str dataset, str store_site,
                               struct arena *arena, struct planning_copies *out,
                               struct error *e) MUST_USE;

/* ---- explain ---- */

/* One event, and what it does to the set. */
struct planning_cause_site {
    enum siting_reach reach;
    str grade;
    double p
        [SITING_RESULT_COUNT]; /* at the high end, of the branch that is worst for it; before fuel */
};
struct planning_cause {
    uint32_t event;                                     /* as in rows */
    double rate[SITING_RESULT_COUNT][SITING_END_COUNT]; /* of the set's, those that it begins */
    const struct planning_cause_site *sites;            /* of the set, in its order */
};
/* What would make the set's risk another. */
enum planning_change_kind {
    PLANNING_SWAP,  /* `site` instead of `other`; no site beyond the table is one to change to */
    PLANNING_ADD,   /* `site` beside them */
    PLANNING_LEARN, /* all that is unknown of `site` known, and as good as it may be */
    PLANNING_CHANGE_COUNT
};
struct planning_change {
    enum planning_change_kind kind;
    uint32_t site, other;
    double rate[SITING_END_COUNT]; /* of the objective, after it */
};
struct planning_explanation {
    struct planning_request request;    /* of the set: copies, tolerate, objective … */
    const struct register_row *dataset; /* NULL: sites were named */
    struct planning_set set;
    size_t unplaced; /* copies of the dataset beside them of which nobody says where they are */
    const struct planning_cause
        *causes; /* what contributes anything; most first, at the high end */
    size_t cause_count;
    const str *unknown[SITING_SET_MAX]; /* of each site of the set */
    size_t unknown_count[SITING_SET_MAX];
    struct planning_change changes[2 + SITING_SET_MAX]; /* those that better it; best first */
    size_t change_count;
};
/* Why a set of sites is as good or bad as it is. Asked are `sites`, or where there are none the copies of
 * request->dataset today. Of the request counts what concerns a set: tolerate (SIZE_MAX: all but one),
 * window, objective, countries (of sites to change to), chance.
 *   FAIL_NOT_FOUND  no such dataset or site, or nobody says where its copies are
 *   FAIL_USAGE      over SITING_SET_MAX sites, one twice, or none is left when so many are lost     FAIL_MEMORY */
enum error_code planning_explain(const struct planning_world *world,
                                 const struct planning_request *request, const str *sites,
                                 size_t site_count, struct arena *arena, struct arena scratch,
                                 struct planning_explanation *out, struct error *e) MUST_USE;

/* ---- drill ---- */

enum planning_state {
    PLANNING_ANSWERS, /* untouched, or bridged */
    PLANNING_DARK,    /* out of service from an hour on */
    PLANNING_MAY_BE_DARK, /* reached, with a chance below 1, or nobody knows: not where it stands either */
    PLANNING_STATE_COUNT
};
const char *planning_state_name(enum planning_state state); /* "answers" */

struct planning_struck_site {
    uint32_t site;
    enum siting_reach reach;
    str grade;
    enum planning_state state;
    double p_loss, p_down;  /* at the high end, before fuel */
    double from_h, until_h; /* out of service; 0, 0: not. from_h is when the fuel is gone */
    bool bridged;           /* the power failed and its fuel outlasts it */
    bool fuel_known;
};
struct planning_struck {
    const struct register_row *row; /* a dataset, system or service */
    enum planning_state state;
    double from_h, until_h;
    const uint32_t *sites;        /* where it stands */
    size_t site_count, answering; /* how many of them answer throughout */
    size_t unplaced;              /* datasets: further copies of which nobody says where they are */
    size_t system_count;          /* services: on how many it hangs */
    double
        p_loss; /* datasets: all copies lost, given this branch; negative: nobody says where any is */
    double users; /* services: those who lose it; 0: not said */
};
/* Nobody says where it stands, or what it hangs on. */
bool planning_is_placeless(const struct planning_struck *struck);
struct planning_drill_request {
    str event, branch; /* branch empty: the one that takes most sites */
    double outage_h;   /* in place of the table's; negative: the table's */
    str store_site;
};
struct planning_drill {
    const struct siting_event *event;
    const struct siting_branch *branch;
    double outage_h, repair_h;
    const struct planning_struck_site *sites;
    const struct planning_struck *datasets, *systems, *services;
    size_t site_count, dataset_count, system_count,
        service_count; /* all there are; not only what is struck */
    /* Of services that go dark: services that hang on the same systems have the same users, counted once. */
    double users_dark, users_may_be;
};
/* FAIL_NOT_FOUND: no such event or branch; the message lists those there are. FAIL_MEMORY. */
enum error_code planning_drill(const struct planning_world *world,
                               const struct planning_drill_request *request, struct arena *arena,
                               struct planning_drill *out, struct error *e) MUST_USE;

/* ---- for people and programs ---- */

/* Text, JSON, one page of HTML with a map, or a GeoJSON FeatureCollection of the sites (with no geometry where
 * a place is not known) and the footprints. The page needs nothing but itself and runs no script. */
enum planning_format { PLANNING_TEXT, PLANNING_JSON, PLANNING_HTML, PLANNING_GEOJSON };

void planning_write_rank(const struct planning_world *world, const struct planning_ranked *ranked,
                         struct arena scratch, enum planning_format format, struct report_out *out);
void planning_write_plan(const struct planning_world *world, const struct planning_plan *plan,
                         struct arena scratch, enum planning_format format, struct report_out *out);
/* Without GeoJSON: a plan has the map of sets. */
void planning_write_explanation(const struct planning_world *world,
                                const struct planning_explanation *explanation,
                                struct arena scratch, enum planning_format format,
                                struct report_out *out);
void planning_write_drill(const struct planning_world *world, const struct planning_drill *drill,
                          struct arena scratch, enum planning_format format,
                          struct report_out *out);

#endif
