/* The Merkle tree: hashing, growing, proving.
 *
 * Coordinates are those of the plain binary tree: node (level, index) stands for the leaves
 * [index << level, (index + 1) << level) and exists once all of them do; level 0 is the leaves.
 * Source: RFC 6962 section 2.1, RFC 9162 section 2.1. */
#ifndef AZEKURA_TLOG_TREE_H
#define AZEKURA_TLOG_TREE_H

#include "base/base.h"

/* Largest tree, in leaves: 2^62, so that every proof fits the 63 hashes of a witness request. */
#define TLOG_SIZE_MAX ((uint64_t)1 << 62)

enum {
    TLOG_LEVELS = 63,   /* levels 0..62 */
    TLOG_PATH_MAX = 63, /* hashes in one proof. Source: c2sp.org/tlog-witness, add-checkpoint */
};

/* SHA-256(0x00 || entry), SHA-256(0x01 || left || right), SHA-256(""). */
digest tlog_leaf_hash(str entry);
digest tlog_node_hash(const digest *left, const digest *right);
digest tlog_empty_root(void);

/* ---- the growing tree. A plain value: copying it is a savepoint, assigning the copy withdraws. */

struct tlog_tree {
    uint64_t size;
    digest frontier[TLOG_LEVELS]; /* [l] is meaningful where bit l of size is set: the complete
                                   * subtree of 2^l leaves in which the tree's right edge ends */
};

/* Told of each node the moment it is complete, leaf first, then upward. */
struct tlog_node_listener {
    void (*node)(void *self, unsigned level, uint64_t index, const digest *hash);
    void *self;
};

void tlog_tree_init(struct tlog_tree *tree);
/* Appends one leaf hash; its index is the size before. `listener` may be NULL.
 * Asserts that the tree is below TLOG_SIZE_MAX: no machine gets there. */
void tlog_tree_append(struct tlog_tree *tree, const digest *leaf,
                      const struct tlog_node_listener *listener);
digest tlog_tree_root(const struct tlog_tree *tree);

/* As bytes: u64 size, then the meaningful hashes, largest subtree first (big-endian, no length).
 * Reading wants exactly that: FAIL_CORRUPT otherwise, *out untouched. */
enum { TLOG_TREE_BYTES_MAX = 8 + TLOG_LEVELS * DIGEST_BYTES };
size_t tlog_tree_write(const struct tlog_tree *tree, unsigned char out[TLOG_TREE_BYTES_MAX]);
enum error_code tlog_tree_read(str bytes, struct tlog_tree *out, struct error *e) MUST_USE;

/* ---- proofs */

struct tlog_path {
    unsigned count;
    digest at[TLOG_PATH_MAX]; /* leaf's sibling first, root's child last */
};

/* FAIL_PROOF when the leaf is not shown to be number `index` of the tree of `size` with `root`. */
enum error_code tlog_inclusion_verify(uint64_t index, uint64_t size, const digest *leaf,
                                      const struct tlog_path *path, const digest *root,
                                      struct error *e) MUST_USE;
/* FAIL_PROOF when the tree of `old_size` is not shown to be a prefix of the one of `new_size`.
 * Equal sizes want an empty path and equal roots; size 0 wants an empty path and the empty root. */
enum error_code tlog_consistency_verify(uint64_t old_size, const digest *old_root,
                                        uint64_t new_size, const digest *new_root,
                                        const struct tlog_path *path, struct error *e) MUST_USE;

/* Where complete nodes come from. `read` is asked only for nodes that are complete in the tree at
 * hand; its error ends the making and is returned. tlog/tile.h makes one from tiles. */
struct tlog_nodes {
    enum error_code (*read)(void *self, unsigned level, uint64_t index, digest *out,
                            struct error *e);
    void *self;
};
/* The root of the leaves [0, size); reads at most one node a level. FAIL_LIMIT: size too large. */
enum error_code tlog_root_make(const struct tlog_nodes *nodes, uint64_t size, digest *out,
                               struct error *e) MUST_USE;
/* FAIL_USAGE unless index < size. */
enum error_code tlog_inclusion_make(const struct tlog_nodes *nodes, uint64_t index, uint64_t size,
                                    struct tlog_path *out, struct error *e) MUST_USE;
/* FAIL_USAGE unless old_size <= new_size. Old size 0 gives the empty path. */
enum error_code tlog_consistency_make(const struct tlog_nodes *nodes, uint64_t old_size,
                                      uint64_t new_size, struct tlog_path *out,
                                      struct error *e) MUST_USE;
/* The growing tree itself, at its present size, from what somebody else recorded: for start-up. */
enum error_code tlog_tree_load(const struct tlog_nodes *nodes, uint64_t size, struct tlog_tree *out,
                               struct error *e) MUST_USE;

/* The root of hashes in memory, as if they were leaf hashes. */
digest tlog_root_of(const digest *hashes, size_t count);
/* Inclusion path of hashes[index] among them. Asserts index < count. */
void tlog_path_of(const digest *hashes, size_t count, size_t index, struct tlog_path *out);

/* A run of leaves. */
struct tlog_leaves {
    uint64_t first, count;
};

/* ---- stored_root: the tree over stored bytes in pieces of LIMIT_STORED_PIECE_BYTES.
 *
 * The last piece is short; no bytes at all give the empty root. Constant memory, any number of
 * adds of any length. Source: CORE section 5. */
struct tlog_chunks {
    struct tlog_tree tree;
    struct sha256 piece;  /* of the piece under way */
    uint64_t piece_bytes; /* of it so far: 0..LIMIT_STORED_PIECE_BYTES */
    uint64_t bytes;       /* of all */
};
void tlog_chunks_begin(struct tlog_chunks *chunks);
void tlog_chunks_add(struct tlog_chunks *chunks, const void *bytes, size_t count);
digest tlog_chunks_end(struct tlog_chunks *chunks); /* the root; chunks is spent */
uint64_t tlog_chunks_count(uint64_t bytes);         /* pieces of a body of so many bytes */

/* The path of one piece, made in one pass over the whole body, in constant memory: at any moment
 * the bytes belong to exactly one sibling of the path, or to the piece itself. */
struct tlog_chunk_proof {
    uint64_t bytes, index;  /* what was asked for */
    uint64_t at;            /* number of the piece under way */
    struct tlog_chunks run; /* the sibling under way */
    struct tlog_path path;
    struct tlog_leaves siblings[TLOG_PATH_MAX]; /* the leaves under path.at[i] */
    digest leaf;
};
/* FAIL_USAGE when a body of `bytes` has no piece `index`. */
enum error_code tlog_chunk_proof_begin(struct tlog_chunk_proof *proof, uint64_t bytes,
                                       uint64_t index, struct error *e) MUST_USE;
/* FAIL_USAGE when more comes than was announced. */
enum error_code tlog_chunk_proof_add(struct tlog_chunk_proof *proof, const void *bytes,
                                     size_t count, struct error *e) MUST_USE;
/* FAIL_USAGE when less came. *leaf is the piece's leaf hash; verify with tlog_inclusion_verify. */
enum error_code tlog_chunk_proof_end(struct tlog_chunk_proof *proof, struct tlog_path *path,
                                     digest *leaf, struct error *e) MUST_USE;

#endif
