/* Siting: what may strike several sites at once, how often, and which sites should hold the copies.
 *
 * A model is a table of events (earthquakes, floods, ash …) with ranges of yearly rates, branches of
 * severity and footprints; of groups of sites that share a risk (a grid area, a maker, a program); and
 * of fragilities, by which a grade of shaking or depth becomes a probability. Sites laid over a model
 * give rows; from rows alone come the joint rates and the choice of sets. Everything is computed at
 * both ends of what is not known: the low end takes the low rates and spares a site of which nobody
 * knows whether the event reaches it, the high end takes the high rates and strikes it. What is not
 * mapped is therefore never safe.
 *
 * Pure: no clock, no disk; randomness only by the seed that siting_simulate is given.
 * Source: docs/formats/events.md; DESIGN 4 (siting). The recursion is explained in siting/README.md. */
#ifndef AZEKURA_SITING_SITING_H
#define AZEKURA_SITING_SITING_H

#include "base/base.h"
#include "doc/doc.h"
#include "geo/geo.h"

#define SITING_HOURS_PER_YEAR 8766.0 /* 365.25 days */

/* ---- the model: what a file of events says ---- */

struct siting_area; /* polygons and circles */

/* An area's shapes, to be drawn. The first position of a ring stands last again; rings of one polygon follow
 * each other, holes among them. */
struct siting_ring {
    const struct geo_point *points;
    size_t count, polygon;
};
struct siting_circle {
    struct geo_point centre;
    double km;
};
size_t siting_area_rings(const struct siting_area *area);
struct siting_ring siting_area_ring(const struct siting_area *area, size_t at);
size_t siting_area_circles(const struct siting_area *area);
struct siting_circle siting_area_circle(const struct siting_area *area, size_t at);

/* What an event does to a part of the ground, to named sites, or to the members of a group. Of several
 * parts over one site the one that is worse for it counts. */
struct siting_part {
    str grade;                      /* key into a fragility; empty where p_loss and p_down stand */
    const struct siting_area *area; /* NULL: by name */
    const str *sites, *groups;
    size_t site_count, group_count;
    double p_loss, p_down; /* NaN: by grade */
};
struct siting_branch {
    str name,
        name_ja; /* "" where the file gives none; what it says in one language goes for both */
    double prob;
    double
        outage_h; /* median time without power from outside, 0: the event does not take the power */
    double repair_h; /* median time until what failed works again, 0: the file does not say */
    const struct siting_part *parts;
    size_t part_count;
};
struct siting_place { /* where a row stands in its file */
    str file;
    uint32_t line;
};
struct siting_event {
    struct siting_place at;
    str id, kind, source;
    str name_en, name_ja;    /* the id where the file gives none */
    double rate_lo, rate_hi; /* a year */
    bool is_group;           /* one of `groups`: its footprint is its members */
    bool is_each;            /* a group "maker:*": one like it for each maker that any site names */
    const str *within; /* groups outside of which it does not reach: country:JP; none: anywhere */
    size_t within_count;
    const struct siting_area *mapped; /* outside of it nobody has looked; NULL: everywhere */
    const struct siting_branch *branches;
    size_t branch_count;
    /* A row of a table that does not say where it reaches: features of GeoJSON say so (siting_shape).
     * `common` is the grade and the probabilities of those that have none. */
    bool is_row_alone;
    struct siting_part common;
};
/* A feature of GeoJSON that names an event, and is a part of its footprint. */
struct siting_shape {
    struct siting_place at;
    str event;
    struct siting_part part;
};
struct siting_grade {
    str grade;
    double p;
};
struct siting_fragility {
    str id;
    const struct siting_grade *loss, *down; /* P(data lost | grade), P(out of service | grade) */
    size_t loss_count, down_count;
};
/* What a map says of a place, from `low` to `high` in the hazard's unit; where it speaks: a shape, a
 * square of JIS X 0410, or a site by its id, one of them. */
struct siting_value {
    const struct siting_area *area; /* NULL: not by shape */
    str mesh, site;                 /* empty: not so */
    double low, high;               /* high may be infinite: "20 m or more" */
};
/* One map of one hazard. Several of one name add up: the worst that any of them says counts. */
struct siting_hazard {
    str name, unit;               /* "flood_depth", "m"; "%", "" */
    str source, edition, licence; /* empty: the file does not say */
    const struct siting_area
        *mapped;    /* inside it and outside all values it is `outside`; NULL: nowhere is */
    double outside; /* NaN: outside the values nobody knows */
    const struct siting_value *values;
    size_t value_count;
};
struct siting_model {
    const struct siting_event *events; /* events in the order of the file, then groups */
    const struct siting_fragility *fragilities;
    const struct siting_hazard *hazards;
    const struct siting_shape *shapes;
    size_t event_count, fragility_count, hazard_count, shape_count;
    str background; /* the grade of each site's own quakes; empty: the table has none */
    struct siting_place background_at;
};

/* Is a file of that name in a folder one of events? YAML, JSON, CSV and GeoJSON are. */
bool siting_file_is(str name);
/* Reads a file to the model, by its name: rows of CSV, JSON and GeoJSON, else YAML. Errors of doc_read_* and
 * siting_model_read. */
enum error_code siting_file_read(str file, str bytes, struct arena *arena, struct arena scratch,
                                 struct siting_model *model, struct error *e) MUST_USE;
/* Adds what one document says: `events`, `groups`, `fragility`, `hazards`, each a list, any of them may be
 * absent; or rows, of events but in files called groups or fragility; or a FeatureCollection whose features
 * name events of rows. A model begins zeroed. Views into the arena and the document.
 *   FAIL_SYNTAX  "file:line:column: …": a rate that is negative, or a low one above the high one; a
 *                probability outside 0..1; branches whose probabilities sum to over 1; an id that is there
 *                twice; a footprint that is none; a ring that does not close; a hazard's value without a
 *                place, with a low end above the high one, or of another unit than a map of that name has;
 *                a background of another grade than the files before have
 *   FAIL_LIMIT   over LIMIT_SITING_EVENTS (of hazards too), _BRANCHES or _POINTS
 *   FAIL_MEMORY */
enum error_code siting_model_read(const struct doc_node *document, struct arena *arena,
                                  struct siting_model *model, struct error *e) MUST_USE;
/* Once all documents are read: that grades named by footprints and the background stand in every fragility,
 * that features name events of rows, and that each row reaches something. FAIL_SYNTAX with the event and the
 * name. */
enum error_code siting_model_check(const struct siting_model *model, struct error *e) MUST_USE;
const struct siting_event *siting_event_find(const struct siting_model *model, str id);
/* The same, or the one for a single group ("maker:acme" of "maker:*"), made in the arena. NULL: neither is
 * there. FAIL_MEMORY. */
enum error_code siting_event_of(const struct siting_model *model, str id, struct arena *arena,
                                const struct siting_event **out, struct error *e) MUST_USE;
/* JSON Schema, draft 2020-12, of a file of events. */
void siting_schema_write(struct text *out);

/* ---- sites over a model ---- */

struct siting_square { /* between two parallels and two meridians */
    double south, north, west, east;
};
struct siting_site {
    str id;
    bool has_point;
    struct geo_point point; /* the middle of its square, where that is all that is known */
    str mesh; /* its grid square (JIS X 0410), where nothing nearer is known: siting_site_place_by_mesh */
    struct siting_square square;
    str fragility;     /* empty: "default" */
    bool fuel_known;   /* unknown: none at the high end, as long as it takes at the low end */
    double fuel_h;     /* own power without the grid */
    const str *groups; /* ids of the groups it is a member of, besides those that name it */
    size_t group_count;
    /* Own events that strike it alone, a year, as `background_grade` would: what a hazard map gives for
     * the point. Rates of named events that reach it with that grade or worse are taken off. Unknown: the
     * high end takes SITING_BACKGROUND_UNKNOWN. */
    bool background_known;
    double background_lo, background_hi;
    str background_grade; /* the model's; empty: no own events are counted */
};
/* Once in 100 years: the class of the worst prefectural capitals' hazard but for the great troughs. */
#define SITING_BACKGROUND_UNKNOWN 0.01
/* Nowhere is safe: once in 5,000 years. Source: facts of the scenario table, floor of the background. */
#define SITING_BACKGROUND_FLOOR 2e-4

/* Places the site somewhere in a grid square. What reaches a part of the square may reach the site. False: no such
 * code; nothing is written. The code is borrowed. */
bool siting_site_place_by_mesh(struct siting_site *site, str mesh);
/* Its point is known, or its square. */
bool siting_site_is_placed(const struct siting_site *site);
/* Between two sites, at least and at most: the same of two points. False: the place of one is not known. */
bool siting_distance_km(const struct siting_site *a, const struct siting_site *b, double *low,
                        double *high);

enum siting_end { SITING_LO, SITING_HI, SITING_END_COUNT };
enum siting_result { SITING_LOSS, SITING_DOWN, SITING_RESULT_COUNT };

enum siting_reach { SITING_OUTSIDE, SITING_INSIDE, SITING_UNMAPPED };
struct siting_harm {
    enum siting_reach reach; /* unmapped: only at the high end does anything strike it */
    str grade;               /* of the worst part that has one; of what is sure, if anything is */
    double p_loss[SITING_END_COUNT]; /* P(data lost), over all parts that reach it */
    double p_down[SITING_END_COUNT]; /* P(out of service), before fuel and repair are counted */
};
/* What a branch of an event does to a site. The model is a checked one. */
void siting_strike(const struct siting_model *model, const struct siting_event *event,
                   const struct siting_branch *branch, const struct siting_site *site,
                   struct siting_harm *out);
/* Whether the site is known to stand outside of all that the event is within. */
bool siting_is_elsewhere(const struct siting_event *event, const struct siting_site *site);
/* P(out of service for longer than that): half of the interruptions last as long as the median, half of
 * these twice as long, and so on; where the power is what fails, fuel comes first. */
double siting_lasts(const struct siting_branch *branch, const struct siting_site *site,
                    enum siting_end end, double longer_than_h);

/* What the maps of that name say of a site: the worst of them. False: none of them knows, or no map has that
 * name; *from is the map that says the high end. Shapes and squares speak of sites whose place is known; of
 * one known by its grid square alone, only if they say something of all of that square. */
struct siting_told {
    double low, high;
    const struct siting_hazard *from;
};
bool siting_hazard_at(const struct siting_model *model, str name, const struct siting_site *site,
                      struct siting_told *out);

/* One branch of one event: a weight (rate × probability) and, for each site, a probability. */
struct siting_rows {
    size_t row_count, site_count, stride;
    const uint32_t *event; /* row → position in the model's events, or event_count + the site whose
                               background it is */
    const uint32_t *branch;                           /* row → branch of that event */
    double *weight[SITING_END_COUNT];                 /* [row], a year */
    double *p[SITING_RESULT_COUNT][SITING_END_COUNT]; /* [site × stride + row] */
    uint32_t *unmapped; /* [site]: rows that may or may not reach it */
};
struct siting_options {
    double down_longer_than_h; /* an interruption up to this long is none */
};
/* Only branches that reach a site give a row; an event for each group of a scheme gives one each. FAIL_MEMORY; FAIL_USAGE: a site names a fragility that
 * the model has not. */
enum error_code siting_rows_make(const struct siting_model *model, const struct siting_site *sites,
                                 size_t site_count, const struct siting_options *options,
                                 struct arena *arena, struct siting_rows *out,
                                 struct error *e) MUST_USE;

/* ---- which is more ---- */

/* -1, 0 or 1: a is less than b, the same, or more. Of sums of the same shares in another order the last bits differ,
 * which are nobody's reason to choose: what differs by less than a part in 10^9 is the same, and whoever asks has
 * a rule for that (the first in the table, the first by id). Neither is negative; HUGE_VAL is more than any other. */
int siting_compare(double a, double b);

/* ---- joint rates ---- */

enum { SITING_SET_MAX = 8 }; /* sites in a set; the recursion costs 3^k */

/* Losses a year of the set: more than `tolerate` of its sites struck within one window of rebuilding.
 * 1 <= count <= SITING_SET_MAX; tolerate < count. */
double siting_joint_rate(const struct siting_rows *rows, enum siting_result result,
                         enum siting_end end, const uint32_t *set, size_t count, size_t tolerate,
                         double window_years);

struct siting_share {
    uint32_t event; /* as in rows */
    double rate;    /* of the joint rate, losses that this event begins */
};
/* The events that contribute most, largest first, then in the order of the table; returns how many (at most `most`). */
size_t siting_joint_top(const struct siting_rows *rows, enum siting_result result,
                        enum siting_end end, const uint32_t *set, size_t count, size_t tolerate,
                        double window_years, struct siting_share *top, size_t most);

/* The same by chance: events come at random for that many years, a struck site is back after the
 * window. A loss is counted when the number of struck sites passes what the set tolerates. */
double siting_simulate(const struct siting_rows *rows, enum siting_result result,
                       enum siting_end end, const uint32_t *set, size_t count, size_t tolerate,
                       double window_years, double years, uint64_t seed);

/* ---- choosing ---- */

/* What a set must keep. Either part may be NULL. */
struct siting_constraint {
    str name;            /* "min-km 100": how people know it */
    const bool *site_ok; /* [site] */
    const bool *pair_ok; /* [site × site_count + site], symmetric */
};
struct siting_choice {
    uint32_t set[SITING_SET_MAX];
    double rate[SITING_RESULT_COUNT][SITING_END_COUNT];
};
struct siting_problem {
    const struct siting_rows *rows;
    size_t copies, tolerate;
    double window_years;
    enum siting_result objective; /* compared at the high end; the other one breaks ties */
    const struct siting_constraint *constraints;
    size_t constraint_count;
    uint64_t effort_max; /* sets to look at before exchange takes over; 0: SITING_EFFORT */
};
enum { SITING_BEST_MAX = 8 };
#define SITING_EFFORT UINT64_C(2000000) /* some seconds; C(47, 5) is 1,533,939 */
struct siting_answer {
    size_t count;                               /* 0: no set keeps all constraints */
    struct siting_choice best[SITING_BEST_MAX]; /* best first */
    uint64_t looked_at;                         /* sets whose rate was computed */
    bool is_proved;                             /* no set is better than best[0] */
    double bound;                               /* no set's objective is below this */
    int binding; /* the constraint whose absence would better the objective most, or let there be
                            a set at all; -1: none by itself does */
    double without_binding; /* the objective without it */
};
/* All sets where they are few enough, else exchange of sites with a proved bound.
 *   FAIL_USAGE  more copies than sites or than SITING_SET_MAX, or none; tolerate not below copies
 *   FAIL_MEMORY */
enum error_code siting_choose(const struct siting_problem *problem, struct arena scratch,
                              struct siting_answer *out, struct error *e) MUST_USE;

/* Sets of `count` out of `sites`, UINT64_MAX when over it. */
uint64_t siting_set_count(uint64_t sites, unsigned count);

#include "siting/official.h"

#endif
