/* JSON as it goes by, for files whose good part is worth keeping when they are cut or damaged: a tree
 * would be all or nothing, and forty times their size. doc.h has the tree. */
#ifndef AZEKURA_GEO_SCAN_H
#define AZEKURA_GEO_SCAN_H

#include "geo/geo.h"

enum { GEO_SCAN_DEPTH = 32 };

enum geo_scan_kind {
    GEO_SCAN_OPEN,  /* of an object or array; what follows is inside */
    GEO_SCAN_CLOSE, /* of the innermost */
    GEO_SCAN_TEXT,
    GEO_SCAN_OTHER, /* number, true, false, null */
    GEO_SCAN_END,
    GEO_SCAN_BAD, /* `expected` says what was; it stays so */
};
struct geo_scan {
    str bytes;
    size_t at;
    unsigned depth;     /* objects and arrays open */
    uint32_t is_object; /* a bit each */
    bool is_begun, is_first;
    const char *expected;
    size_t counted, line; /* bytes[counted] lies on that line */
};
struct geo_scan_event {
    enum geo_scan_kind kind;
    str key;  /* of an object's member; empty in arrays. Escapes are left as they are written: */
    str text; /* no network, region or service holds one */
};
void geo_scan_begin(struct geo_scan *scan, str bytes);
/* The next event of the text. Source: RFC 8259. */
void geo_scan_next(struct geo_scan *scan, struct geo_scan_event *out);
size_t geo_scan_line(struct geo_scan *scan); /* where it stands; from 1 */

#endif
