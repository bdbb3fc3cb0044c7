/* Inner: what listings of objects, versions and uploads share. */
#ifndef AZEKURA_STORE_LIST_H
#define AZEKURA_STORE_LIST_H

#include "store/rows.h"

struct list_walk {
    str prefix, delimiter;
    uint32_t max, count;
};
struct list_walk list_walk_over(const struct store_listing *listing);

enum list_step {
    LIST_SKIP, /* not under the prefix */
    LIST_SHOW, /* a row of its own; counted */
    LIST_FOLD, /* a common prefix; counted: show it and seek past it */
    LIST_FULL, /* one more than fits: the listing is truncated */
};
enum list_step list_walk_step(struct list_walk *walk, str key, str *fold);

/* Where a walk begins: base (family, bucket, NUL) and the prefix, or what comes after the marker.
 */
struct row_key list_start(struct row_key base, const struct store_listing *listing);

#endif
