/* What lies beside the way from a node to the root. Inner header. */
#ifndef AZEKURA_TLOG_PATH_H
#define AZEKURA_TLOG_PATH_H

#include "tlog/tree.h"

/* The siblings met from node (level, number) up to the root of a tree of `size` leaves, as the
 * leaves under each, bottom first; returns how many. Only a last one at the right edge can be
 * less than a complete subtree. */
unsigned path_siblings(unsigned level, uint64_t number, uint64_t size,
                       struct tlog_leaves out[TLOG_PATH_MAX]);

#endif
