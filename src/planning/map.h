/* Inner: maps drawn by ourselves, as SVG within a page: no tiles, no script, nothing fetched. */
#ifndef AZEKURA_PLANNING_MAP_H
#define AZEKURA_PLANNING_MAP_H

#include "planning/planning.h"

/* How a site is drawn; each has a shape of its own, so that colour is never all that tells them apart. */
enum map_mark {
    MAP_PLAIN,   /* a hollow ring */
    MAP_GOOD,    /* a green disc */
    MAP_BAD,     /* a red square with a cross */
    MAP_UNKNOWN, /* an amber diamond */
    MAP_BOTH,    /* a green disc in a red square */
    MAP_MARK_COUNT
};

enum { MAP_WIDTH = 620, MAP_HEIGHT_MOST = 640, MAP_BOXES = 512 };

/* Plate carrée, true to scale at the middle parallel. The view is what lies within 20° of the site round which most
 * stand: one site on another continent must not make a dot of the country. West may be below -180, or east above 180. */
struct map {
    const struct planning_world *world;
    struct report_out *out;
    bool is_empty; /* no site has a place */
    double south, north, west, east;
    double x_per_deg, y_per_deg;
    double width, height;
    struct map_box {
        double x, y, width, height;
    } boxes[MAP_BOXES]; /* what labels must not cover */
    size_t box_count;
};
void map_open(struct map *map, const struct planning_world *world, struct report_out *out);
bool map_has(const struct map *map, uint32_t site); /* its place is known, and in view */
/* The picture: begin, then footprints, lines and marks in this order, then end. `title` is read aloud. */
void map_begin(const struct map *map, const char *title);
void map_branch(const struct map *map, const struct siting_branch *branch);
void map_line(const struct map *map, uint32_t from, uint32_t to, const char *class_name);
void map_marks(struct map *map, const enum map_mark *marks); /* one a site */
void map_end(const struct map *map);
/* The mark alone, for a legend. */
void map_legend(struct report_out *out, enum map_mark mark, const char *words);
extern const char map_style[]; /* rules for the page's head */

#endif
