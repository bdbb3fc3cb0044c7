/* Draws: the same for both sides, over the whole tree, and shown by the path alone. */
#include "locproof/locproof.h"
#include "tests/test.h"

enum { LEAVES_MOST = 70 };
static digest leaves[LEAVES_MOST];

static int setup(void **state) {
    for (unsigned i = 0; i < LEAVES_MOST; i++) {
        unsigned char byte = (unsigned char)i;
        leaves[i] = tlog_leaf_hash(str_of(&byte, 1));
    }
    return 0;
}

static void path_of_the_drawn_leaf_leads_to_the_root(void **state) {
    struct random_seeded random;
    random_seed(&random, 7);
    for (size_t count = 1; count <= LEAVES_MOST; count++) {
        digest root = tlog_root_of(leaves, count);
        for (unsigned i = 0; i < 50; i++) {
            uint64_t bits = random_next(&random), leaf = locproof_leaf_of(bits, count);
            struct tlog_path path;
            assert_true(leaf < count);
            tlog_path_of(leaves, count, (size_t)leaf, &path);
            digest found = locproof_root_from(bits, &leaves[leaf], &path);
            assert_true(digest_equal(&found, &root));
        }
    }
}

/* With a number modulo a count that the store names, it could choose the count: here another leaf's own
 * true path does not do. */
static void another_leaf_does_not_do(void **state) {
    for (size_t count = 2; count <= LEAVES_MOST; count++) {
        digest root = tlog_root_of(leaves, count);
        uint64_t bits = UINT64_MAX / 3 * (count + 1), drawn = locproof_leaf_of(bits, count);
        for (size_t other = 0; other < count; other++) {
            struct tlog_path path;
            if (other == drawn) continue;
            tlog_path_of(leaves, count, other, &path);
            digest found = locproof_root_from(bits, &leaves[other], &path);
            assert_false(digest_equal(&found, &root));
        }
    }
}

static void each_leaf_has_half_its_share_at_least(void **state) {
    enum { DRAWS = 200000 };
    static unsigned seen[LEAVES_MOST];
    struct random_seeded random;
    const size_t counts[] = {1, 2, 3, 5, 33, 64, 65};
    random_seed(&random, 11);
    for (size_t c = 0; c < COUNT_OF(counts); c++) {
        size_t count = counts[c];
        memset(seen, 0, sizeof seen);
        for (unsigned i = 0; i < DRAWS; i++) seen[locproof_leaf_of(random_next(&random), count)]++;
        for (size_t leaf = 0; leaf < count; leaf++)
            if ((double)seen[leaf] < 0.9 * DRAWS / (2.0 * (double)count))
                fail_msg("leaf %zu of %zu was drawn %u times", leaf, count, seen[leaf]);
    }
}

static void largest_trees_are_walked(void **state) {
    assert_int_equal(locproof_leaf_of(0, TLOG_SIZE_MAX), 0);
    assert_int_equal(locproof_leaf_of(UINT64_MAX, TLOG_SIZE_MAX), TLOG_SIZE_MAX - 1);
    assert_int_equal(locproof_leaf_of(UINT64_MAX, 3), 2);
    assert_int_equal(locproof_leaf_of(UINT64_C(1) << 62, 3), 1);
}

/* Bytes others depend on: made once by a program of its own in Python. */
static void seed_and_draw_are_as_written_down(void **state) {
    struct locproof_nonce landmark, store;
    char hex[2 * DIGEST_BYTES];
    memset(landmark.at, 1, sizeof landmark.at);
    memset(store.at, 2, sizeof store.at);
    digest seed = locproof_seed(&landmark, &store, STR("note\n"));
    hex_write(seed.at, DIGEST_BYTES, hex);
    assert_str(str_of(hex, sizeof hex),
               STR("87b3917cf4354bac076fa96b0172b1563b4d636a7202d242a0cfafc31cfbe3b2"));
    struct locproof_draw draw = locproof_draw_of(&seed, 5, 1000);
    assert_int_equal(draw.entry, 853);
    assert_int_equal(draw.piece_bits, UINT64_C(14481031416480507751));
    assert_int_equal(draw.list_bits, UINT64_C(5245338157272847646));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(path_of_the_drawn_leaf_leads_to_the_root),
        cmocka_unit_test(another_leaf_does_not_do),
        cmocka_unit_test(each_leaf_has_half_its_share_at_least),
        cmocka_unit_test(largest_trees_are_walked),
        cmocka_unit_test(seed_and_draw_are_as_written_down),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
