/* Hashing and the growing tree. Proofs over it are in proof.c, stored bodies in chunks.c. */
#include "tlog/tree.h"

digest tlog_leaf_hash(str entry) {
    struct sha256 h;
    sha256_begin(&h);
    sha256_add(&h, "\x00", 1);
    sha256_add(&h, entry.at, entry.len);
    return sha256_end(&h);
}

digest tlog_node_hash(const digest *left, const digest *right) {
    unsigned char bytes[1 + 2 * DIGEST_BYTES];
    bytes[0] = 0x01;
    memcpy(bytes + 1, left->at, DIGEST_BYTES);
    memcpy(bytes + 1 + DIGEST_BYTES, right->at, DIGEST_BYTES);
    return sha256_of(str_of(bytes, sizeof bytes));
}

digest tlog_empty_root(void) {
    return sha256_of(STR_EMPTY);
}

void tlog_tree_init(struct tlog_tree *tree) {
    memset(tree, 0, sizeof *tree);
}

/* Like adding one to a binary counter: each carry joins two complete subtrees into one. */
void tlog_tree_append(struct tlog_tree *tree, const digest *leaf,
                      const struct tlog_node_listener *listener) {
    assert(tree->size < TLOG_SIZE_MAX);
    digest hash = *leaf;
    unsigned level = 0;
    uint64_t index = tree->size;
    if (listener) listener->node(listener->self, level, index, &hash);
    while (index & 1) {
        hash = tlog_node_hash(&tree->frontier[level], &hash);
        level++;
        index >>= 1;
        if (listener) listener->node(listener->self, level, index, &hash);
    }
    tree->frontier[level] = hash;
    tree->size++;
}

digest tlog_tree_root(const struct tlog_tree *tree) {
    if (tree->size == 0) return tlog_empty_root();
    unsigned level = (unsigned)__builtin_ctzll(tree->size);
    digest root = tree->frontier[level];
    for (level++; level < TLOG_LEVELS; level++) {
        if (tree->size >> level & 1) root = tlog_node_hash(&tree->frontier[level], &root);
    }
    return root;
}

size_t tlog_tree_write(const struct tlog_tree *tree, unsigned char out[TLOG_TREE_BYTES_MAX]) {
    write_be64(out, tree->size);
    size_t used = 8;
    for (unsigned level = TLOG_LEVELS; level-- > 0;) {
        if (!(tree->size >> level & 1)) continue;
        memcpy(out + used, tree->frontier[level].at, DIGEST_BYTES);
        used += DIGEST_BYTES;
    }
    return used;
}

enum error_code tlog_tree_read(str bytes, struct tlog_tree *out, struct error *e) {
    struct unpack u = unpack_from(bytes);
    uint64_t size = unpack_u64(&u);
    if (size > TLOG_SIZE_MAX)
        return error_set(e, FAIL_CORRUPT, "tree frontier: size %llu is over 2^62",
                         (unsigned long long)size);
    struct tlog_tree tree = {.size = size};
    for (unsigned level = TLOG_LEVELS; level-- > 0;) {
        if (size >> level & 1) unpack_raw(&u, tree.frontier[level].at, DIGEST_BYTES);
    }
    TRY(unpack_done(&u, "tree frontier", e));
    *out = tree;
    return OK;
}

digest tlog_root_of(const digest *hashes, size_t count) {
    struct tlog_tree tree;
    tlog_tree_init(&tree);
    for (size_t i = 0; i < count; i++) tlog_tree_append(&tree, &hashes[i], NULL);
    return tlog_tree_root(&tree);
}
