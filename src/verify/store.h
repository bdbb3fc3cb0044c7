/* A store, by its listing, held against the ledger's entries. Format and rules:
 * docs/formats/store-listing.md. */
#ifndef AZEKURA_VERIFY_STORE_H
#define AZEKURA_VERIFY_STORE_H

#include "verify/ledger.h"
#include "verify/table.h"

enum { VERIFY_LISTING_BUFFER_BYTES = 4 * EVIDENCE_LISTING_LINE_BYTES };

#define VERIFY_NO_PLACE UINT64_MAX

/* Entries are counted through all logs of the line, the oldest's first: their place. */
struct verify_store {
    const struct verify_line *line;
    uint64_t places; /* entries that the listing speaks of */
    struct verify_result *result;
    struct arena arena; /* for one row at a time */
    int dir_fd, listing_fd;
    struct evidence_listing_head head;

    char *buffer; /* the listing, line by line */
    size_t begin, end;
    uint64_t offset;
    bool has_row; /* the next row, not yet met by its entry */
    struct evidence_listing_row row;
    uint64_t row_place; /* of its entry, among those of all logs; VERIFY_NO_PLACE */
    struct arena row_arena;
    uint64_t rows;
    bool at_end;

    FILE *list; /* rows that stand on their entries, as text or JSON; NULL: nobody wants them */
    bool list_json;
    uint64_t listed;

    struct verify_table names; /* (bucket, key, version) -> the entry that made it live */
    struct verify_table salts;
    uint64_t versions, markers, acts, bodies, body_bytes;
    uint64_t redacted_count;
    struct verify_span {
        uint64_t first, count;
    } * redacted;               /* spans of redacted entries, in the order met */
    struct verify_span *silent; /* entries without a row, to be excused at the end */
    uint64_t silent_count;
};

/* Opens EXPORT-DIR and reads the listing's head; takes its memory from `arena`, about 40 MiB. The
 * line outlives the store. FAIL_PROOF: the listing is of other logs than the line's. */
enum error_code verify_store_open(struct verify_store *store, const char *path,
                                  const struct verify_line *line, struct arena *arena,
                                  struct verify_result *result, struct error *e) MUST_USE;
/* As the observer of verify_ledger_check. What does not agree becomes findings. */
struct verify_observer verify_store_observer(struct verify_store *store);
/* After the last entry: what is live and not there, there and not live. */
enum error_code verify_store_finish(struct verify_store *store, struct error *e) MUST_USE;
void verify_store_close(struct verify_store *store); /* safe on a zeroed one */

#endif
