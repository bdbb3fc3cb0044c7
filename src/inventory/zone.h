/* DNS master files: entries, and what $GENERATE makes of its templates. */
#ifndef AZEKURA_INVENTORY_ZONE_H
#define AZEKURA_INVENTORY_ZONE_H

#include "inventory/reading.h"

enum { ZONE_TOKENS = 32 }; /* kept of an entry; what we read has at most nine */

struct zone_scan {
    str bytes;
    size_t at;
    uint64_t line; /* of bytes.at[at] */
};

/* One logical line: parentheses joined, comments gone. */
struct zone_entry {
    bool has_owner;          /* it begins without a space */
    str tokens[ZONE_TOKENS]; /* views; quotes around them are gone, escapes are as written */
    size_t count;
    const char
        *wrong;  /* why it cannot be read; NULL: it can. The scan goes on with the next line */
    bool is_cut; /* the file ends within it */
    uint64_t line;
    size_t offset;
};
/* False: the file is over. Empty lines are passed over. Source: RFC 1035 5.1. */
bool zone_scan_next(struct zone_scan *scan, struct zone_entry *out);

/* "start-stop" or "start-stop/step". */
struct zone_range {
    uint32_t first, last, step;
};
/* Why not, or NULL. Source: BIND 9, "$GENERATE". */
const char *zone_range_read(str text, struct zone_range *out);
/* A template with `value` where "$" and "${offset,width,base}" are. Why not, or NULL. */
const char *zone_generate(str template, uint32_t value, struct text *out);

#endif
