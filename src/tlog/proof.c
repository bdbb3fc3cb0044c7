/* Proofs, made and checked, without recursion.
 *
 * Both kinds walk the same way: from a node at the bottom to the root, meeting one sibling at each
 * level where there is one. `fn` is the number of our node on its level, `sn` that of the level's
 * last; where ours is the last and has no sibling it rises unchanged.
 * Source: RFC 9162 sections 2.1.3.2 and 2.1.4.2. */
#include "tlog/path.h"

/* ---- checking */

struct climb {
    uint64_t fn, sn;
};

static bool climb_sibling_is_left(struct climb *c) {
    if (!(c->fn & 1) && c->fn != c->sn) return false;
    while (!(c->fn & 1) && c->fn != 0) { /* levels on which we had no sibling */
        c->fn >>= 1;
        c->sn >>= 1;
    }
    return true;
}

static void climb_up(struct climb *c) {
    c->fn >>= 1;
    c->sn >>= 1;
}

enum error_code tlog_inclusion_verify(uint64_t index, uint64_t size, const digest *leaf,
                                      const struct tlog_path *path, const digest *root,
                                      struct error *e) {
    if (index >= size)
        return error_set(e, FAIL_PROOF, "entry %llu is not in a log of %llu",
                         (unsigned long long)index, (unsigned long long)size);
    struct climb c = {.fn = index, .sn = size - 1};
    digest hash = *leaf;
    for (unsigned i = 0; i < path->count; i++) {
        if (c.sn == 0) return error_set(e, FAIL_PROOF, "the inclusion proof is too long");
        bool left = climb_sibling_is_left(&c);
        hash = left ? tlog_node_hash(&path->at[i], &hash) : tlog_node_hash(&hash, &path->at[i]);
        climb_up(&c);
    }
    if (c.sn != 0) return error_set(e, FAIL_PROOF, "the inclusion proof is too short");
    if (!digest_equal(&hash, root))
        return error_set(e, FAIL_PROOF, "the inclusion proof leads to another root");
    return OK;
}

/* Trees that need no hashes: nothing grew, or there was nothing. */
static enum error_code consistency_plain(uint64_t old_size, const digest *old_root,
                                         const digest *new_root, const struct tlog_path *path,
                                         struct error *e) {
    if (path->count != 0)
        return error_set(e, FAIL_PROOF, "the consistency proof has hashes where none belong");
    digest empty = tlog_empty_root();
    const digest *expected = old_size == 0 ? &empty : new_root;
    if (!digest_equal(old_root, expected))
        return error_set(e, FAIL_PROOF, "two trees of size %llu have different roots",
                         (unsigned long long)old_size);
    return OK;
}

enum error_code tlog_consistency_verify(uint64_t old_size, const digest *old_root,
                                        uint64_t new_size, const digest *new_root,
                                        const struct tlog_path *path, struct error *e) {
    if (old_size > new_size)
        return error_set(e, FAIL_PROOF, "size %llu comes after size %llu",
                         (unsigned long long)new_size, (unsigned long long)old_size);
    if (old_size == 0 || old_size == new_size)
        return consistency_plain(old_size, old_root, new_root, path, e);

    struct climb c = {.fn = old_size - 1, .sn = new_size - 1};
    while (c.fn & 1) climb_up(&c);
    /* A power of two: the old tree is itself a node of the new one, and its root starts the walk.
     */
    bool whole = (old_size & (old_size - 1)) == 0;
    unsigned next = whole ? 0 : 1;
    if (path->count < next) return error_set(e, FAIL_PROOF, "the consistency proof is empty");
    digest old_hash = whole ? *old_root : path->at[0], new_hash = old_hash;
    for (; next < path->count; next++) {
        const digest *hash = &path->at[next];
        if (c.sn == 0) return error_set(e, FAIL_PROOF, "the consistency proof is too long");
        if (climb_sibling_is_left(&c)) {
            old_hash = tlog_node_hash(hash, &old_hash);
            new_hash = tlog_node_hash(hash, &new_hash);
        } else {
            new_hash = tlog_node_hash(&new_hash, hash);
        }
        climb_up(&c);
    }
    if (c.sn != 0) return error_set(e, FAIL_PROOF, "the consistency proof is too short");
    if (!digest_equal(&old_hash, old_root))
        return error_set(e, FAIL_PROOF, "the consistency proof leads to another old root");
    if (!digest_equal(&new_hash, new_root))
        return error_set(e, FAIL_PROOF, "the consistency proof leads to another new root");
    return OK;
}

/* ---- making */

unsigned path_siblings(unsigned level, uint64_t number, uint64_t size,
                       struct tlog_leaves out[TLOG_PATH_MAX]) {
    assert(size > 0);
    uint64_t fn = number, sn = (size - 1) >> level;
    assert(fn <= sn);
    unsigned count = 0;
    for (; sn > 0; fn >>= 1, sn >>= 1, level++) {
        if (!(fn & 1) && fn == sn) continue; /* no sibling here */
        uint64_t first = (fn ^ 1) << level;
        assert(count < TLOG_PATH_MAX);
        assert(first < size);
        out[count].first = first;
        out[count].count = u64_min((uint64_t)1 << level, size - first);
        count++;
    }
    return count;
}

/* The root of leaves [first, first + count), where `first` is a multiple of the least power of two
 * not under `count`: one complete node for each bit of count, joined from the right. */
static enum error_code leaves_root(const struct tlog_nodes *nodes, struct tlog_leaves leaves,
                                   digest *out, struct error *e) {
    assert(leaves.count > 0);
    uint64_t end = leaves.first + leaves.count;
    digest root;
    bool begun = false;
    for (unsigned level = 0; level < TLOG_LEVELS; level++) {
        if (!(leaves.count >> level & 1)) continue;
        digest node;
        TRY(nodes->read(nodes->self, level, (end >> level) - 1, &node, e));
        root = begun ? tlog_node_hash(&node, &root) : node;
        begun = true;
        end -= (uint64_t)1 << level;
    }
    assert(end == leaves.first);
    *out = root;
    return OK;
}

static enum error_code size_check(uint64_t size, struct error *e) {
    if (size > TLOG_SIZE_MAX)
        return error_set(e, FAIL_LIMIT, "a log of %llu entries is over 2^62",
                         (unsigned long long)size);
    return OK;
}

enum error_code tlog_root_make(const struct tlog_nodes *nodes, uint64_t size, digest *out,
                               struct error *e) {
    TRY(size_check(size, e));
    if (size == 0) {
        *out = tlog_empty_root();
        return OK;
    }
    return leaves_root(nodes, (struct tlog_leaves){.first = 0, .count = size}, out, e);
}

static enum error_code siblings_read(const struct tlog_nodes *nodes, unsigned level,
                                     uint64_t number, uint64_t size, struct tlog_path *path,
                                     struct error *e) {
    struct tlog_leaves siblings[TLOG_PATH_MAX];
    unsigned count = path_siblings(level, number, size, siblings);
    assert(count <= TLOG_PATH_MAX - path->count);
    for (unsigned i = 0; i < count; i++) {
        TRY(leaves_root(nodes, siblings[i], &path->at[path->count], e));
        path->count++;
    }
    return OK;
}

enum error_code tlog_inclusion_make(const struct tlog_nodes *nodes, uint64_t index, uint64_t size,
                                    struct tlog_path *out, struct error *e) {
    TRY(size_check(size, e));
    if (index >= size)
        return error_set(e, FAIL_USAGE, "entry %llu is not in a log of %llu",
                         (unsigned long long)index, (unsigned long long)size);
    struct tlog_path path = {.count = 0};
    TRY(siblings_read(nodes, 0, index, size, &path, e));
    *out = path;
    return OK;
}

enum error_code tlog_consistency_make(const struct tlog_nodes *nodes, uint64_t old_size,
                                      uint64_t new_size, struct tlog_path *out, struct error *e) {
    TRY(size_check(new_size, e));
    if (old_size > new_size)
        return error_set(e, FAIL_USAGE, "a log of %llu entries has no prefix of %llu",
                         (unsigned long long)new_size, (unsigned long long)old_size);
    struct tlog_path path = {.count = 0};
    if (old_size > 0 && old_size < new_size) {
        unsigned level = (unsigned)__builtin_ctzll(old_size);
        uint64_t number = (old_size >> level) - 1; /* the complete node at the old tree's edge */
        if (number > 0) {
            TRY(nodes->read(nodes->self, level, number, &path.at[0], e));
            path.count = 1;
        }
        TRY(siblings_read(nodes, level, number, new_size, &path, e));
    }
    *out = path;
    return OK;
}

enum error_code tlog_tree_load(const struct tlog_nodes *nodes, uint64_t size, struct tlog_tree *out,
                               struct error *e) {
    TRY(size_check(size, e));
    struct tlog_tree tree = {.size = size};
    for (unsigned level = 0; level < TLOG_LEVELS; level++) {
        if (!(size >> level & 1)) continue;
        TRY(nodes->read(nodes->self, level, (size >> level) - 1, &tree.frontier[level], e));
    }
    *out = tree;
    return OK;
}

void tlog_path_of(const digest *hashes, size_t count, size_t index, struct tlog_path *out) {
    assert(index < count);
    struct tlog_leaves siblings[TLOG_PATH_MAX];
    out->count = path_siblings(0, index, count, siblings);
    for (unsigned i = 0; i < out->count; i++)
        out->at[i] = tlog_root_of(hashes + siblings[i].first, (size_t)siblings[i].count);
}
