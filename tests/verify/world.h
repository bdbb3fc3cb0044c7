/* A small invented store and its ledger, made in memory, bent by a test where it likes, written to
 * a folder, and checked. */
#ifndef AZEKURA_TESTS_VERIFY_WORLD_H
#define AZEKURA_TESTS_VERIFY_WORLD_H

#include "evidence/evidence.h"
#include "tests/test.h"
#include "verify/ledger.h"
#include "verify/proof.h"
#include "verify/store.h"

enum { WORLD_ENTRIES_MAX = 600, WORLD_ROWS_MAX = 600, WORLD_ENTRY_BYTES = 256 };

struct world_entry {
    struct evidence_entry entry; /* to be encoded when the world is sealed */
    struct evidence_clause clause;
    uint16_t site;
    struct evidence_salt osalt;
    struct evidence_values values;
    bool has_values;
    unsigned char size[8], time[8];
    digest content;
    char bytes_memory[WORLD_ENTRY_BYTES];
    str bytes; /* empty until sealed; a test may put others there */
};

struct world_row {
    bool left_out;
    struct evidence_listing_row row;
    uint64_t opens_of; /* whose opening the row carries */
    bool damage_salt;  /* one bit of the bucket's salt */
    bool without_digest;
};

struct world {
    struct tlog_signer log, witness;
    char memory[1 << 20];
    struct arena arena;
    struct world_entry entries[WORLD_ENTRIES_MAX];
    uint64_t count;
    struct world_row rows[WORLD_ROWS_MAX];
    uint64_t row_count;
    bool has_bodies;
    uint32_t row_log; /* of rows that are added */
    char dir[64];
    /* where to find what, for tests */
    uint64_t put_plain, put_replaced, put_replacing, put_deleted, deleting, copied, marked, marker,
        completed, put_redacted, redacting, refusal;
    char part_name[128]; /* file of a part of `completed` */
    digest root;
    char checkpoint_memory[1024];
    str checkpoint;
};

extern struct world *world; /* one at a time */

/* The world as it should be: some 330 entries, more than one bundle. */
void world_make(void);
/* The log after the world's: its first entry is `succession`, and it has a handful of acts; one of them
 * ends version `null` of grid-a/meter/7. Rows are those of the second log of a listing. */
void world_make_successor(const struct evidence_entry *succession);
/* Encodes entries and hashes them into root and checkpoint. */
void world_seal(void);
/* Writes ledger/, export/ under world->dir, a fresh folder. */
void world_write(void);
void world_remove(void); /* the folder */
void world_path(char *out, size_t cap, const char *name);
void file_write(const char *path, str bytes);
/* One byte of a file of the world, flipped. */
void file_flip(const char *name, size_t offset_from_end);

/* Runs the check over the written world; the result is valid until the next. */
const struct verify_result *world_check(bool with_store, str since, enum error_code *code,
                                        struct error *e);
bool result_has(const struct verify_result *result, const char *finding_part);

#endif
