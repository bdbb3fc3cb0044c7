/* Rows in memory with every version that somebody may still read.
 *
 *   root ── treap by key ──> row ── newest ──> version(turn 9) ──> version(turn 4) ──> …
 *
 * A reading at turn T sees the first version with turn <= T. Writing pushes a version; undoing pops
 * it. Rows are never unlinked, so a scan is a search for the next key and nothing can move under
 * it. */
#ifndef AZEKURA_ENGINE_LAB_ROWS_H
#define AZEKURA_ENGINE_LAB_ROWS_H

#include "base/base.h"

struct lab_version {
    struct lab_version *older;
    uint64_t turn;
    bool is_deleted;
    size_t len;
    char at[];
};

struct lab_row {
    struct lab_row *left, *right;
    uint64_t weight; /* the treap is a heap by it */
    struct lab_version *newest;
    size_t key_len;
    char key[];
};

struct lab_rows {
    struct lab_row *root;
    uint64_t weights; /* state of the weights' generator: same calls, same tree */
};

static inline str lab_row_key(const struct lab_row *row) {
    return str_of(row->key, row->key_len);
}

/* The row of the key, made without a version if there is none. Never NULL. */
struct lab_row *lab_rows_make(struct lab_rows *rows, str key);
/* The first row >= key, and the version of it that `turn` sees; NULL: none with a value. */
const struct lab_row *lab_rows_at_or_after(const struct lab_rows *rows, str key, uint64_t turn,
                                           const struct lab_version **version);
/* The value that `turn` sees; NULL: none. */
const struct lab_version *lab_rows_find(const struct lab_rows *rows, str key, uint64_t turn);

void lab_row_push(struct lab_row *row, uint64_t turn, bool is_deleted, str value);
void lab_row_pop(struct lab_row *row);
/* Frees the versions that neither the newest turn nor any reading at `oldest` or later can see. */
void lab_row_prune(struct lab_row *row, uint64_t oldest);

void lab_rows_release(struct lab_rows *rows);

#endif
