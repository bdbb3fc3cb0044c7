/* Equipment by the million: CSV files that are walked part by part instead of held as rows. */
#ifndef AZEKURA_REGISTER_FRONT_PARTS_H
#define AZEKURA_REGISTER_FRONT_PARTS_H

#include "register/front/loading.h"

/* CSV files of equipment that are too large to be held as rows. Their text is, and it is read part
 * by part, each time somebody walks it. */
struct register_parts;

/* As register_load, but CSV files of equipment over LIMIT_REGISTER_HELD_BYTES become parts, *parts
 * NULL: there are none. No row of the snapshot is one of theirs, though other rows may name them.
 * Ids that are there twice are complained about here, what else is wrong in a row when it is read.
 * `offer` NULL: there is none; one whose columns are named is never walked.
 *   FAIL_LIMIT  over LIMIT_REGISTER_WALKED_BYTES together; else as register_load
 *   FAIL_USAGE  a column names no field, or a header that the offer has not */
enum error_code register_load_parts(const str *paths, size_t path_count,
                                    const struct register_offer *offer,
                                    struct register_snapshot **out, struct register_parts **parts,
                                    struct register_report *report, struct error *e) MUST_USE;
void register_parts_release(struct register_parts *parts);      /* NULL is fine */
size_t register_part_count(const struct register_parts *parts); /* NULL: 0 */
/* How many rows a part has, whatever their validity. */
size_t register_part_rows(const struct register_parts *parts, size_t part);
size_t register_parts_rows(const struct register_parts *parts);
/* SHA-256 of the files' digests, in the order of their names. */
digest register_parts_digest(const struct register_parts *parts);
/* The rows of a part in the order written, held against the snapshot it was loaded with. They lie in
 * the arena, which takes at most some 64 MiB. From any thread.
 *   FAIL_SYNTAX  file, line and column of the first mistake     FAIL_MEMORY */
enum error_code register_part_read(const struct register_parts *parts, size_t part,
                                   struct arena *arena, struct arena scratch,
                                   const struct register_row **rows, size_t *count,
                                   struct error *e) MUST_USE;
/* Reads all parts and forgets them, for what is wrong in any row: at most LIMIT_REGISTER_PROBLEMS are told,
 * all are counted. `report` is filled on every outcome and released by the caller.
 *   FAIL_SYNTAX  the first of them, and how many more there are     FAIL_MEMORY */
enum error_code register_parts_check(const struct register_parts *parts,
                                     struct register_report *report, struct error *e) MUST_USE;

#endif
