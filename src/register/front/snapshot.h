/* What a snapshot answers: its rows, as of a day. Any thread may ask. */
#ifndef AZEKURA_REGISTER_FRONT_SNAPSHOT_H
#define AZEKURA_REGISTER_FRONT_SNAPSHOT_H

#include "geo/geo.h"
#include "register/front/rows.h"

/* SHA-256 over all rows' canonical bytes in order: the same for the same knowledge, however it was
 * spread over files. */
digest register_digest(const struct register_snapshot *snapshot);
size_t register_row_count(const struct register_snapshot *snapshot);

/* All rows of a kind by id, then valid_from. */
const struct register_row *register_rows(const struct register_snapshot *snapshot,
                                         enum register_kind kind, size_t *count);
/* The row of that id true at that time; NULL: none. */
const struct register_row *register_row_at(const struct register_snapshot *snapshot,
                                           enum register_kind kind, str id, int64_t at_ns);
/* Walks rows of a kind true at that time: start with *cursor 0, NULL ends. */
const struct register_row *register_row_next(const struct register_snapshot *snapshot,
                                             enum register_kind kind, int64_t at_ns,
                                             size_t *cursor);
/* Is the list of that kind complete, as every file with the key said ({complete: true, as_of,
 * items} at the top)? Then what has no row does not exist, as of the earliest day named. */
bool register_is_complete(const struct register_snapshot *snapshot, enum register_kind kind,
                          int64_t *as_of_ns);
/* The first instant after `at_ns` at which a row or value begins or ends, REGISTER_NEVER_NS: none.
 * What was computed as of `at_ns` is right until then. */
int64_t register_next_change_ns(const struct register_snapshot *snapshot, int64_t at_ns);

/* The dataset a bucket belongs to: by pattern, else the one for strays; NULL: none. */
const struct register_row *register_bucket_dataset(const struct register_snapshot *snapshot,
                                                   str bucket, int64_t at_ns);

/* The networks true at that time; a row's `value` is its position in register_rows(NETWORKS). */
enum error_code register_networks(const struct register_snapshot *snapshot, int64_t at_ns,
                                  struct arena *arena, struct geo_table *out,
                                  struct error *e) MUST_USE;

#endif
