/* A path under a checkpoint that was shown earlier, while the log has grown and newer ones were signed. */
#include "tests/ledger/world.h"

enum { SIZES = 10, MOST = 70001 };

static digest leaves[MOST];
static char big[4 << 20];

static void leaves_make(void) {
    char memory[256];
    for (uint64_t i = 0; i < MOST; i++) leaves[i] = tlog_leaf_hash(entry_of(i, memory));
}

/* By the tree made from nothing, and the very hashes that one gives. */
static void check_path(struct world *w, uint64_t index, uint64_t size) {
    struct tlog_path path, wanted;
    struct error e;
    digest root = tlog_root_of(leaves, size);
    assert_ok(ledger_path_at(w->ledger, index, size, arena_over(big, 1 << 20), &path, &e), &e);
    assert_ok(tlog_inclusion_verify(index, size, &leaves[index], &path, &root, &e), &e);
    tlog_path_of(leaves, size, index, &wanted);
    assert_int_equal(path.count, wanted.count);
    assert_memory_equal(path.at, wanted.at, wanted.count * sizeof *wanted.at);
}

static void check_size(struct world *w, uint64_t size) {
    for (uint64_t index = 0; index < size; index = index * 7 + 1) check_path(w, index, size);
    check_path(w, size - 1, size);
    check_path(w, size / 2, size);
}

static void refuses(struct world *w, uint64_t index, uint64_t size) {
    struct tlog_path path;
    struct error e;
    assert_int_equal(ledger_path_at(w->ledger, index, size, arena_over(big, 1 << 20), &path, &e),
                     FAIL_NOT_FOUND);
    assert_non_null(strstr(e.message, "is not under the checkpoint of"));
}

/* Each earlier size under each later head; what is complete in a tile then is complete in it now, and what
 * was partial then is read from what has grown over it. */
static void old_checkpoints_keep_their_paths(void **state) {
    static const uint64_t sizes[SIZES] = {1, 2, 255, 256, 257, 512, 1212, 65536, 65537, MOST};
    struct world w;
    struct error e;
    uint64_t size = 0;
    leaves_make();
    world_begin(&w);
    world_open(&w);
    for (size_t i = 0; i < SIZES; i++) {
        world_fill(&w, sizes[i] - size);
        size = sizes[i];
        if (i > 0) refuses(&w, 0, size); /* appended, and no checkpoint yet */
        assert_ok(ledger_publish(w.ledger, &e), &e);
        for (size_t k = 0; k <= i; k++)
            if (size < 1000 || k + 2 > i || k % 3 == 0) check_size(&w, sizes[k]);
        refuses(&w, 0, size + 1);
        refuses(&w, size, size);
        refuses(&w, size - 1, size - 1);
        refuses(&w, 0, 0);
    }
    while (world_trim(&w) > 0) continue;
    for (size_t k = 0; k < SIZES; k += 2) check_size(&w, sizes[k]);
    world_close(&w); /* and after a restart, from the files */
    world_open(&w);
    for (size_t k = 1; k < SIZES; k += 2) check_size(&w, sizes[k]);
    world_end(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(old_checkpoints_keep_their_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
