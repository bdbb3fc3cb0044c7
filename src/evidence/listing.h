/* The store listing: what a store holds, row by row, beside the opened entries that say why it may.
 * `azekura store export` writes it, `azekura-verify --store` holds it against the ledger.
 * Layout: docs/formats/store-listing.md. Source: CORE section 8. */
#ifndef AZEKURA_EVIDENCE_LISTING_H
#define AZEKURA_EVIDENCE_LISTING_H

#include "base/base.h"

enum {
    EVIDENCE_LISTING_LINE_BYTES = 32 * 1024, /* one row: names at three characters a byte, extra */
    EVIDENCE_LOGS_MAX = 256,                 /* logs one after the other: 255 successions; ours */
};
#define EVIDENCE_LISTING_NO_INDEX UINT64_MAX

struct evidence_listing_log {
    str origin;    /* a key name */
    uint64_t size; /* entries: those left of a log that was succeeded; of the last, those there were
                    * when the listing was made */
};
struct evidence_listing_head {
    struct evidence_listing_log logs[EVIDENCE_LOGS_MAX]; /* oldest first */
    size_t log_count;                                    /* at least 1 */
    bool has_bodies; /* bodies/ holds the stored bytes of every version */
};

enum evidence_listing_kind {
    EVIDENCE_LISTED_VERSION, /* the store holds this object version */
    EVIDENCE_LISTED_MARKER,  /* the store holds this delete marker */
    EVIDENCE_LISTED_ACT,     /* an entry whose version is gone, or that ended one */
};
/* Rows ascend strictly by log and index; those without (the store holds what has no entry) come
 * first. */
struct evidence_listing_row {
    enum evidence_listing_kind kind;
    uint32_t log;             /* which of the head's logs its entry is in; 0 where there is none */
    uint64_t index;           /* of its entry; EVIDENCE_LISTING_NO_INDEX */
    uint64_t bytes;           /* VERSION: plaintext bytes as the store has them */
    digest content;           /* VERSION: SHA-256 of the plaintext as the store has it */
    str bucket, key, version; /* VERSION, MARKER: as the store has them; version "null" where the
                               * bucket is not versioned */
    str extra;                /* evidence_extra of the entry: bucket, key, version opened, of
                               * VERSION also size and digest; empty where there is no
                               * index, or where the opening was destroyed (then not ACT) */
};

/* Overflow is left in `out`. Asserts 1 to EVIDENCE_LOGS_MAX logs. */
void evidence_listing_head_write(struct text *out, const struct evidence_listing_head *head);
void evidence_listing_row_write(struct text *out, const struct evidence_listing_row *row);
void evidence_listing_end_write(struct text *out, uint64_t rows);

/* The head, up to and with its empty line, off *rest. FAIL_VERSION; FAIL_SYNTAX, for over
 * EVIDENCE_LOGS_MAX logs too. Views. */
enum error_code evidence_listing_head_read(str *rest, struct evidence_listing_head *out,
                                           struct error *e) MUST_USE;
/* One line without its newline. *is_end with *rows for the last one; else *out, whose slices live
 * in the arena. FAIL_SYNTAX, FAIL_MEMORY. */
enum error_code evidence_listing_line_read(str line, struct arena *arena,
                                           struct evidence_listing_row *out, bool *is_end,
                                           uint64_t *rows, struct error *e) MUST_USE;

#endif
