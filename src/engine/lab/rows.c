/* Rows in memory: a treap of keys, a chain of versions on each. */
#include "engine/lab/rows.h"

#include <stdlib.h>

/* A test without memory cannot say anything about the engine: it stops here. */
static void *take(size_t bytes) {
    void *at = malloc(bytes);
    if (at == NULL) abort();
    return at;
}

static uint64_t next_weight(struct lab_rows *rows) { /* splitmix64 */
    uint64_t z = rows->weights += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static struct lab_row *rotate_right(struct lab_row *row) {
    struct lab_row *left = row->left;
    row->left = left->right;
    left->right = row;
    return left;
}

static struct lab_row *rotate_left(struct lab_row *row) {
    struct lab_row *right = row->right;
    row->right = right->left;
    right->left = row;
    return right;
}

static struct lab_row *insert(struct lab_row *at, struct lab_row *row) {
    if (at == NULL) return row;
    if (str_compare(lab_row_key(row), lab_row_key(at)) < 0) {
        at->left = insert(at->left, row);
        return at->left->weight > at->weight ? rotate_right(at) : at;
    }
    at->right = insert(at->right, row);
    return at->right->weight > at->weight ? rotate_left(at) : at;
}

static struct lab_row *find(const struct lab_rows *rows, str key) {
    struct lab_row *at = rows->root;
    while (at != NULL) {
        int order = str_compare(key, lab_row_key(at));
        if (order == 0) return at;
        at = order < 0 ? at->left : at->right;
    }
    return NULL;
}

struct lab_row *lab_rows_make(struct lab_rows *rows, str key) {
    struct lab_row *row = find(rows, key);
    if (row != NULL) return row;
    row = take(sizeof *row + key.len);
    *row = (struct lab_row){.weight = next_weight(rows), .key_len = key.len};
    memcpy(row->key, key.at, key.len);
    rows->root = insert(rows->root, row);
    return row;
}

static const struct lab_version *seen_by(const struct lab_row *row, uint64_t turn) {
    const struct lab_version *version = row->newest;
    while (version != NULL && version->turn > turn) version = version->older;
    return version == NULL || version->is_deleted ? NULL : version;
}

/* The first row > key, or >= when `inclusive`. */
static const struct lab_row *bound(const struct lab_rows *rows, str key, bool inclusive) {
    const struct lab_row *best = NULL, *at = rows->root;
    while (at != NULL) {
        int order = str_compare(lab_row_key(at), key);
        bool fits = order > 0 || (inclusive && order == 0);
        if (fits) best = at;
        at = fits ? at->left : at->right;
    }
    return best;
}

const struct lab_row *lab_rows_at_or_after(const struct lab_rows *rows, str key, uint64_t turn,
                                           const struct lab_version **version) {
    const struct lab_row *row = bound(rows, key, true);
    while (row != NULL) {
        *version = seen_by(row, turn);
        if (*version != NULL) return row;
        row = bound(rows, lab_row_key(row), false);
    }
    return NULL;
}

const struct lab_version *lab_rows_find(const struct lab_rows *rows, str key, uint64_t turn) {
    const struct lab_row *row = find(rows, key);
    return row == NULL ? NULL : seen_by(row, turn);
}

void lab_row_push(struct lab_row *row, uint64_t turn, bool is_deleted, str value) {
    struct lab_version *version = take(sizeof *version + value.len);
    *version = (struct lab_version){
        .older = row->newest, .turn = turn, .is_deleted = is_deleted, .len = value.len};
    if (value.len > 0) memcpy(version->at, value.at, value.len);
    row->newest = version;
}

void lab_row_pop(struct lab_row *row) {
    struct lab_version *version = row->newest;
    assert(version != NULL);
    row->newest = version->older;
    free(version);
}

void lab_row_prune(struct lab_row *row, uint64_t oldest) {
    struct lab_version *version = row->newest;
    while (version != NULL) {
        bool is_last = version->turn <= oldest; /* what lies below, nobody sees */
        struct lab_version *older = version->older;
        while (older != NULL && (is_last || older->turn == version->turn)) {
            struct lab_version *gone = older;
            older = older->older;
            free(gone);
        }
        version->older = older;
        version = older;
    }
}

static void release(struct lab_row *row) {
    if (row == NULL) return;
    release(row->left);
    release(row->right);
    while (row->newest != NULL) lab_row_pop(row);
    free(row);
}

void lab_rows_release(struct lab_rows *rows) {
    release(rows->root);
    rows->root = NULL;
}
