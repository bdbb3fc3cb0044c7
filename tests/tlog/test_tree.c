/* The tree against the recursive definition of RFC 6962 section 2.1, at every small size. */
#include "tests/test.h"
#include "tlog/tlog.h"

enum { SIZE_MAX_TRIED = 140 };

static digest leaves[SIZE_MAX_TRIED + 1];

static int setup(void **state) {
    for (unsigned i = 0; i <= SIZE_MAX_TRIED; i++) {
        unsigned char byte = (unsigned char)i;
        leaves[i] = tlog_leaf_hash(str_of(&byte, 1));
    }
    return 0;
}

/* ---- the definition, word for word: MTH, PATH, PROOF */

static uint64_t split_of(uint64_t n) {
    uint64_t k = 1;
    while (k * 2 < n) k *= 2;
    return k;
}

static digest defined_root(uint64_t from, uint64_t n) {
    if (n == 0) return sha256_of(STR_EMPTY);
    if (n == 1) return leaves[from];
    uint64_t k = split_of(n);
    digest left = defined_root(from, k), right = defined_root(from + k, n - k);
    return tlog_node_hash(&left, &right);
}

static void defined_path(uint64_t m, uint64_t from, uint64_t n, struct tlog_path *out) {
    if (n == 1) return;
    uint64_t k = split_of(n);
    if (m < k) {
        defined_path(m, from, k, out);
        out->at[out->count++] = defined_root(from + k, n - k);
    } else {
        defined_path(m - k, from + k, n - k, out);
        out->at[out->count++] = defined_root(from, k);
    }
}

static void defined_subproof(uint64_t m, uint64_t from, uint64_t n, bool whole,
                             struct tlog_path *out) {
    if (m == n) {
        if (!whole) out->at[out->count++] = defined_root(from, n);
        return;
    }
    uint64_t k = split_of(n);
    if (m <= k) {
        defined_subproof(m, from, k, whole, out);
        out->at[out->count++] = defined_root(from + k, n - k);
    } else {
        defined_subproof(m - k, from + k, n - k, false, out);
        out->at[out->count++] = defined_root(from, k);
    }
}

static enum error_code defined_node(void *self, unsigned level, uint64_t index, digest *out,
                                    struct error *e) {
    uint64_t size = *(uint64_t *)self, first = index << level, count = (uint64_t)1 << level;
    assert_true(first + count <= size); /* asked for complete nodes alone */
    *out = defined_root(first, count);
    return OK;
}

static void path_is(const struct tlog_path *a, const struct tlog_path *b) {
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->at, b->at, a->count * sizeof a->at[0]);
}

/* ---- */

static void node_is_defined(void *self, unsigned level, uint64_t index, const digest *hash) {
    digest expected = defined_root(index << level, (uint64_t)1 << level);
    assert_true(digest_equal(hash, &expected));
    ++*(unsigned *)self;
}

static void appending_gives_the_defined_root(void **state) {
    struct tlog_tree tree;
    unsigned told = 0;
    struct tlog_node_listener listener = {.node = node_is_defined, .self = &told};
    tlog_tree_init(&tree);
    for (uint64_t n = 0; n <= SIZE_MAX_TRIED; n++) {
        digest root = tlog_tree_root(&tree), expected = defined_root(0, n);
        assert_true(digest_equal(&root, &expected));
        uint64_t size = n;
        struct tlog_nodes nodes = {.read = defined_node, .self = &size};
        struct error e;
        assert_ok(tlog_root_make(&nodes, n, &root, &e), &e);
        assert_true(digest_equal(&root, &expected));
        tlog_tree_append(&tree, &leaves[n], &listener);
    }
    assert_int_equal(told, 2 * tree.size - (unsigned)__builtin_popcountll(tree.size));
}

static void a_copy_is_a_savepoint(void **state) {
    struct tlog_tree tree, saved;
    tlog_tree_init(&tree);
    for (unsigned i = 0; i < 77; i++) tlog_tree_append(&tree, &leaves[i], NULL);
    saved = tree;
    digest before = tlog_tree_root(&tree);
    for (unsigned i = 77; i < 140; i++) tlog_tree_append(&tree, &leaves[i], NULL);
    tree = saved;
    digest after = tlog_tree_root(&tree);
    assert_int_equal(tree.size, 77);
    assert_true(digest_equal(&before, &after));
}

static void a_tree_is_read_as_written(void **state) {
    struct tlog_tree tree, back;
    tlog_tree_init(&tree);
    for (unsigned n = 0; n <= SIZE_MAX_TRIED; n++) {
        unsigned char bytes[TLOG_TREE_BYTES_MAX + 1];
        size_t count = tlog_tree_write(&tree, bytes);
        struct error e;
        assert_ok(tlog_tree_read(str_of(bytes, count), &back, &e), &e);
        digest a = tlog_tree_root(&tree), b = tlog_tree_root(&back);
        assert_true(back.size == n && digest_equal(&a, &b));
        assert_int_equal(tlog_tree_read(str_of(bytes, count - 1), &back, &e), FAIL_CORRUPT);
        bytes[count] = 0;
        assert_int_equal(tlog_tree_read(str_of(bytes, count + 1), &back, &e), FAIL_CORRUPT);
        if (n < SIZE_MAX_TRIED) tlog_tree_append(&tree, &leaves[n], NULL);
    }
    unsigned char huge[TLOG_TREE_BYTES_MAX] = {0x80};
    struct error e;
    assert_int_equal(tlog_tree_read(str_of(huge, 40), &back, &e), FAIL_CORRUPT);
}

static void inclusion_at_every_size(void **state) {
    for (uint64_t n = 1; n <= SIZE_MAX_TRIED; n++) {
        digest root = defined_root(0, n);
        struct tlog_nodes nodes = {.read = defined_node, .self = &n};
        for (uint64_t i = 0; i < n; i += n < 40 ? 1 : 7) {
            struct tlog_path expected = {.count = 0}, made, in_memory;
            struct error e;
            defined_path(i, 0, n, &expected);
            assert_ok(tlog_inclusion_make(&nodes, i, n, &made, &e), &e);
            path_is(&made, &expected);
            tlog_path_of(leaves, n, i, &in_memory);
            path_is(&in_memory, &expected);
            assert_ok(tlog_inclusion_verify(i, n, &leaves[i], &made, &root, &e), &e);
        }
    }
}

static void consistency_at_every_size(void **state) {
    for (uint64_t n = 0; n <= 64; n++) {
        digest new_root = defined_root(0, n);
        struct tlog_nodes nodes = {.read = defined_node, .self = &n};
        for (uint64_t m = 0; m <= n; m++) {
            digest old_root = defined_root(0, m);
            struct tlog_path expected = {.count = 0}, made;
            struct error e;
            if (m > 0) defined_subproof(m, 0, n, true, &expected);
            assert_ok(tlog_consistency_make(&nodes, m, n, &made, &e), &e);
            path_is(&made, &expected);
            assert_ok(tlog_consistency_verify(m, &old_root, n, &new_root, &made, &e), &e);
        }
    }
}

/* Whatever is changed in a proof that holds, it no longer does. */
static void a_changed_proof_is_refused(void **state) {
    struct error e;
    for (uint64_t n = 2; n <= 33; n++) {
        digest root = defined_root(0, n), other = defined_root(0, n - 1);
        for (uint64_t i = 0; i < n; i++) {
            struct tlog_path path = {.count = 0};
            defined_path(i, 0, n, &path);
            for (unsigned h = 0; h < path.count; h++) {
                path.at[h].at[31] ^= 1;
                assert_int_equal(tlog_inclusion_verify(i, n, &leaves[i], &path, &root, &e),
                                 FAIL_PROOF);
                path.at[h].at[31] ^= 1;
            }
            assert_int_equal(tlog_inclusion_verify(i, n, &leaves[i], &path, &other, &e),
                             FAIL_PROOF);
            assert_int_equal(tlog_inclusion_verify(i, n, &leaves[n], &path, &root, &e), FAIL_PROOF);
            for (uint64_t j = 0; j < n; j++) {
                if (j == i) continue;
                assert_int_equal(tlog_inclusion_verify(j, n, &leaves[i], &path, &root, &e),
                                 FAIL_PROOF);
            }
            assert_int_equal(tlog_inclusion_verify(n, n, &leaves[i], &path, &root, &e), FAIL_PROOF);
            path.count--;
            assert_int_equal(tlog_inclusion_verify(i, n, &leaves[i], &path, &root, &e), FAIL_PROOF);
            path.count += 2;
            path.at[path.count - 1] = leaves[0];
            assert_int_equal(tlog_inclusion_verify(i, n, &leaves[i], &path, &root, &e), FAIL_PROOF);
        }
    }
}

static void a_changed_history_is_refused(void **state) {
    struct error e;
    for (uint64_t n = 2; n <= 33; n++) {
        digest new_root = defined_root(0, n);
        for (uint64_t m = 1; m < n; m++) {
            digest old_root = defined_root(0, m), bad = old_root;
            bad.at[0] ^= 0x80;
            struct tlog_path path = {.count = 0};
            defined_subproof(m, 0, n, true, &path);
            assert_int_equal(tlog_consistency_verify(m, &bad, n, &new_root, &path, &e), FAIL_PROOF);
            assert_int_equal(tlog_consistency_verify(m, &old_root, n, &old_root, &path, &e),
                             FAIL_PROOF);
            assert_int_equal(tlog_consistency_verify(n, &old_root, m, &new_root, &path, &e),
                             FAIL_PROOF);
            for (unsigned h = 0; h < path.count; h++) {
                path.at[h].at[0] ^= 1;
                assert_int_equal(tlog_consistency_verify(m, &old_root, n, &new_root, &path, &e),
                                 FAIL_PROOF);
                path.at[h].at[0] ^= 1;
            }
            path.count--;
            assert_int_equal(tlog_consistency_verify(m, &old_root, n, &new_root, &path, &e),
                             FAIL_PROOF);
            path.count += 2;
            path.at[path.count - 1] = leaves[0];
            assert_int_equal(tlog_consistency_verify(m, &old_root, n, &new_root, &path, &e),
                             FAIL_PROOF);
        }
    }
}

/* Two checkpoints of one size with different roots are a fork, with any proof or none. */
static void a_fork_of_one_size_is_refused(void **state) {
    digest a = defined_root(0, 8), b = defined_root(1, 8), empty = tlog_empty_root();
    struct tlog_path none = {.count = 0}, one = {.count = 1, .at = {a}};
    struct error e;
    assert_int_equal(tlog_consistency_verify(8, &a, 8, &b, &none, &e), FAIL_PROOF);
    assert_int_equal(tlog_consistency_verify(8, &a, 8, &b, &one, &e), FAIL_PROOF);
    assert_int_equal(tlog_consistency_verify(8, &a, 8, &a, &one, &e), FAIL_PROOF);
    assert_int_equal(tlog_consistency_verify(8, &a, 8, &a, &none, &e), OK);
    assert_int_equal(tlog_consistency_verify(0, &empty, 8, &a, &one, &e), FAIL_PROOF);
    assert_int_equal(tlog_consistency_verify(0, &b, 8, &a, &none, &e), FAIL_PROOF);
    assert_int_equal(tlog_consistency_verify(0, &empty, 8, &a, &none, &e), OK);
}

static enum error_code no_node(void *self, unsigned level, uint64_t index, digest *out,
                               struct error *e) {
    memset(out, (int)level, sizeof *out);
    ++*(unsigned *)self;
    return OK;
}

static enum error_code broken_node(void *self, unsigned level, uint64_t index, digest *out,
                                   struct error *e) {
    return error_set(e, FAIL_CORRUPT, "the disk lies");
}

static void the_largest_tree_fits_a_path(void **state) {
    unsigned reads = 0;
    struct tlog_nodes nodes = {.read = no_node, .self = &reads};
    struct tlog_path path;
    struct error e;
    assert_ok(tlog_consistency_make(&nodes, 1, TLOG_SIZE_MAX, &path, &e), &e);
    assert_int_equal(path.count, 62);
    assert_ok(tlog_consistency_make(&nodes, TLOG_SIZE_MAX / 2 - 1, TLOG_SIZE_MAX, &path, &e), &e);
    assert_int_equal(path.count, TLOG_PATH_MAX);
    assert_ok(tlog_inclusion_make(&nodes, TLOG_SIZE_MAX - 1, TLOG_SIZE_MAX, &path, &e), &e);
    assert_int_equal(path.count, 62);
    assert_int_equal(tlog_inclusion_make(&nodes, 0, TLOG_SIZE_MAX + 1, &path, &e), FAIL_LIMIT);
    assert_int_equal(tlog_inclusion_make(&nodes, 5, 5, &path, &e), FAIL_USAGE);
    assert_int_equal(tlog_consistency_make(&nodes, 6, 5, &path, &e), FAIL_USAGE);
    nodes.read = broken_node;
    assert_int_equal(tlog_inclusion_make(&nodes, 1, 5, &path, &e), FAIL_CORRUPT);
}

/* ---- stored bytes in pieces */

static unsigned char body[40 * LIMIT_STORED_PIECE_BYTES];

static digest chunks_root(size_t bytes, size_t step) {
    struct tlog_chunks chunks;
    tlog_chunks_begin(&chunks);
    for (size_t at = 0; at < bytes; at += step)
        tlog_chunks_add(&chunks, body + at, size_min(step, bytes - at));
    return tlog_chunks_end(&chunks);
}

static digest chunk_leaf(size_t bytes, size_t index) {
    size_t from = index * LIMIT_STORED_PIECE_BYTES;
    return tlog_leaf_hash(str_of(body + from, size_min(LIMIT_STORED_PIECE_BYTES, bytes - from)));
}

static void pieces_of_a_body(void **state) {
    static const size_t sizes[] = {
        0, 1, 4095, 4096, 4097, 8191, 8192, 8193, 20480, 65536, sizeof body - 1, sizeof body};
    static const size_t steps[] = {1000, 4096, 4097, sizeof body};
    struct random_seeded random;
    random_seed(&random, 26);
    for (size_t i = 0; i < sizeof body; i++) body[i] = (unsigned char)random_next(&random);
    for (size_t s = 0; s < COUNT_OF(sizes); s++) {
        size_t bytes = sizes[s], count = (size_t)tlog_chunks_count(bytes);
        digest hashes[COUNT_OF(body) / LIMIT_STORED_PIECE_BYTES];
        for (size_t i = 0; i < count; i++) hashes[i] = chunk_leaf(bytes, i);
        digest expected = tlog_root_of(hashes, count);
        for (size_t t = 0; t < COUNT_OF(steps); t++) {
            digest root = chunks_root(bytes, steps[t]);
            assert_true(digest_equal(&root, &expected));
        }
        for (size_t i = 0; i < count; i++) {
            struct tlog_chunk_proof proof;
            struct tlog_path path, plain;
            digest leaf;
            struct error e;
            assert_ok(tlog_chunk_proof_begin(&proof, bytes, i, &e), &e);
            for (size_t at = 0; at < bytes; at += 1000)
                assert_ok(tlog_chunk_proof_add(&proof, body + at, size_min(1000, bytes - at), &e),
                          &e);
            assert_ok(tlog_chunk_proof_end(&proof, &path, &leaf, &e), &e);
            tlog_path_of(hashes, count, i, &plain);
            path_is(&path, &plain);
            assert_true(digest_equal(&leaf, &hashes[i]));
            assert_ok(tlog_inclusion_verify(i, count, &leaf, &path, &expected, &e), &e);
        }
    }
    digest nothing = chunks_root(0, 1), empty = tlog_empty_root();
    assert_true(digest_equal(&nothing, &empty));
}

static void a_body_is_as_long_as_announced(void **state) {
    struct tlog_chunk_proof proof;
    struct tlog_path path;
    digest leaf;
    struct error e;
    assert_int_equal(tlog_chunk_proof_begin(&proof, 0, 0, &e), FAIL_USAGE);
    assert_int_equal(tlog_chunk_proof_begin(&proof, 4096, 1, &e), FAIL_USAGE);
    assert_ok(tlog_chunk_proof_begin(&proof, 4097, 1, &e), &e);
    assert_int_equal(tlog_chunk_proof_add(&proof, body, 4098, &e), FAIL_USAGE);
    assert_ok(tlog_chunk_proof_add(&proof, body, 4096, &e), &e);
    assert_int_equal(tlog_chunk_proof_end(&proof, &path, &leaf, &e), FAIL_USAGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appending_gives_the_defined_root),
        cmocka_unit_test(a_copy_is_a_savepoint),
        cmocka_unit_test(a_tree_is_read_as_written),
        cmocka_unit_test(inclusion_at_every_size),
        cmocka_unit_test(consistency_at_every_size),
        cmocka_unit_test(a_changed_proof_is_refused),
        cmocka_unit_test(a_changed_history_is_refused),
        cmocka_unit_test(a_fork_of_one_size_is_refused),
        cmocka_unit_test(the_largest_tree_fits_a_path),
        cmocka_unit_test(pieces_of_a_body),
        cmocka_unit_test(a_body_is_as_long_as_announced),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
