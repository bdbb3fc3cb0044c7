/* One log's share of a bundle: bundle_line.c goes from log to log. Source: docs/formats/bundle.md. */
#ifndef AZEKURA_VERIFY_BUNDLE_LOG_H
#define AZEKURA_VERIFY_BUNDLE_LOG_H

#include "verify/bundle.h"
#include "verify/line.h"

#include <stdio.h>

struct bundle_log {
    const struct verify_manifest *manifest;
    const struct verify_folder *folder;
    const struct verify_source *ledger; /* what lies below ledger/ */
    const struct verify_line *line;
    struct verify_result *result;
    struct arena arena; /* for the pieces of one step; passed on by copy */
    struct arena tile;  /* for one tile: read while a step's pieces are in use */
    struct tlog_tiles *tiles;

    /* of the log under way */
    const struct verify_log *log;
    struct verify_below below;
    struct verify_source source; /* its files */
    uint64_t first, end;         /* its entries of the period */
    struct evidence_tally tally;

    /* of all logs so far */
    uint32_t last_minute;
    uint64_t entries, opened;
    bool is_open; /* an edge of the period is not shown: of format 1 */

    FILE *lines; /* of `opened` */
    char *line_text;
    size_t line_cap;
    str line_extra; /* of the line under way, base64 */
    uint64_t line_index, line_next;
    bool line_there;
};

/* Begins with a log: its tiles against its root. FAIL_PROOF: they make another. */
enum error_code verify_bundle_tree(struct bundle_log *c, const struct verify_log *log,
                                   struct error *e) MUST_USE;
/* The entries of one bundle, held against the tree. FAIL_NOT_FOUND: it is not there. */
enum error_code verify_bundle_read(const struct bundle_log *c, uint64_t at, struct arena *arena,
                                   str entries[TLOG_TILE_WIDTH], unsigned *width,
                                   struct error *e) MUST_USE;
/* All entries that are there, after the tree: their order, what is of the period, what is opened of them.
 * c->tally has their counts, in `counts`. */
enum error_code verify_bundle_entries(struct bundle_log *c, struct arena *counts,
                                      struct error *e) MUST_USE;

#endif
