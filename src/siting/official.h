/* Official hazard maps as the hazards of a file of events.
 *
 *   quake      J-SHIS: CSV of squares, or GeoJSON as its API answers: T30_I55_PS, the chance of shaking of 6-lower
 *              or more in 30 years, a fraction → quake_30y in %
 *   flood      National Land Numerical Information A31a: A31a_105 or A31a_205, rank of depth → flood_depth in m
 *   tsunami    the same, A40: A40_003, depths in words (0.3m以上 ～ 1m未満) → tsunami_depth in m
 *   landslide  the same, A33: A33_002, zone: 1 warning, 2 special warning → landslide
 *
 * A place that no feature holds is not in the output: a blank of such a map may be where nobody looked.
 * Source: J-SHIS File format specification (NIED, June 2021), "Seismic Hazard Map"; nlftp.mlit.go.jp/ksj,
 * product specifications of A31a, A33 and A40; RFC 7946; docs/formats/events.md. */
#ifndef AZEKURA_SITING_OFFICIAL_H
#define AZEKURA_SITING_OFFICIAL_H

#include "base/base.h"

struct siting_site;
struct square_cover;

enum siting_official_kind {
    SITING_QUAKE,
    SITING_FLOOD,
    SITING_TSUNAMI,
    SITING_LANDSLIDE,
    SITING_COUNT
};
bool siting_official_kind_find(str name, enum siting_official_kind *out); /* "quake", "flood" … */

/* What was read so far. Where sites are given, kept is only what holds one of them: the value as a circle of 10 m
 * round its place, so that a site that moves is unknown again; of several values the worst. Of a site known by its grid
 * square the value goes for the square: from the best to the worst that is said within it, if something is said of all
 * of it. Without sites every feature is kept as it is. */
struct siting_official {
    enum siting_official_kind kind;
    const struct siting_site *sites; /* borrowed; NULL: everything is kept */
    size_t site_count;
    struct siting_official_worst {
        bool is_known;
        double low, high;
        bool is_covered; /* of a site's square, by smaller ones */
        double part_least, part_most;
        struct square_cover *cover; /* NULL: it has a point, or no place */
    } * worst;                      /* of each site */
    struct text *values;            /* a line each; the caller's memory */
    uint64_t features, kept,
        no_area; /* read; kept; without an area: points and lines are left out */
};
/* Memory of the sites in the arena. FAIL_MEMORY. */
enum error_code siting_official_begin(enum siting_official_kind kind,
                                      const struct siting_site *sites, size_t site_count,
                                      struct arena *arena, struct text *values,
                                      struct siting_official *out, struct error *e) MUST_USE;
/* Whether anything that was read says what it is at that site. */
bool siting_official_knows(const struct siting_official *o, size_t site);
/* One file: CSV where its name ends so, else GeoJSON.
 *   FAIL_SYNTAX  "file:line:column: …" or "file, feature N at byte B:line:column: …": cut off, another
 *                system of coordinates, no attribute of that kind, a value that is none
 *   FAIL_LIMIT   a feature over LIMIT_DOC_NODES, values that do not fit     FAIL_MEMORY */
enum error_code siting_official_read(struct siting_official *o, str file, str bytes,
                                     struct arena scratch, struct error *e) MUST_USE;
struct siting_official_head { /* who says so; each stands in the output */
    str source;               /* empty: the kind's own */
    str edition, licence;
};
/* The file of events: one hazard with all values. FAIL_LIMIT: over LIMIT_DOC_BYTES, which no reader would take. */
enum error_code siting_official_write(const struct siting_official *o,
                                      const struct siting_official_head *head, struct text *out,
                                      struct error *e) MUST_USE;

#endif
