/* Polygons on the ground, as GeoJSON writes them. */
#ifndef AZEKURA_SITING_AREA_H
#define AZEKURA_SITING_AREA_H

#include "siting/siting.h"

/* A ring's points in order, the last joined to the first. The first ring of a polygon is its outline, the others
 * are holes; an area is the union of its polygons. Edges belong to it: nobody who stands on one is spared. */
struct area_ring {
    const struct geo_point *points;
    size_t count, polygon;
    double south, north, west, east;
};
struct area_circle {
    struct geo_point centre;
    double km;
};
struct siting_area {
    const struct area_ring *rings;
    const struct area_circle *circles;
    size_t ring_count, circle_count;
};

/* A GeoJSON Polygon, MultiPolygon, GeometryCollection, Feature or FeatureCollection of those, or
 * `circle: {lat, lon, km}`. An edge is straight in degrees; an
 * area over the 180th meridian is written as two, as RFC 7946 3.1.9 asks.
 *   FAIL_SYNTAX  with file, line and column     FAIL_LIMIT  over LIMIT_SITING_POINTS
 *   FAIL_MEMORY */
enum error_code area_read(const struct doc_node *node, struct arena *arena,
                          const struct siting_area **out, struct error *e) MUST_USE;
/* The same of a Polygon's or MultiPolygon's coordinates as JSON writes them: for shapes of more positions than a
 * tree of a document may have nodes. What stands in them beside numbers and brackets is an error. */
enum error_code area_read_coordinates(str file, str json, bool is_multi, struct arena *arena,
                                      const struct siting_area **out, struct error *e) MUST_USE;
bool area_has(const struct siting_area *area, struct geo_point point);
/* One polygon of it: its outline, and its holes after that. */
bool polygon_has(const struct area_ring *rings, size_t count, struct geo_point point);

#endif
