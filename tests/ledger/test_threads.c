/* A committer, a publisher and readers at once, over the lab engine and over the local one: each reader's
 * proof holds against the checkpoint it came with, whatever the others do; a restart finds all of it. */
#include "tests/ledger/world.h"

#include <pthread.h>

enum { TURNS = 150, EACH = 40, READERS = 2 };

static struct world w;
static _Atomic bool done;

static void *publish_always(void *unused) {
    struct error e;
    while (!done) {
        assert_ok(ledger_publish(w.ledger, &e), &e);
        struct timespec pause = {.tv_nsec = 1000000};
        nanosleep(&pause, NULL);
    }
    return NULL;
}

static void *read_always(void *seed) {
    struct error e;
    struct random_seeded random;
    char *memory = malloc(3 << 20), words[256];
    assert_non_null(memory);
    random_seed(&random, *(uint64_t *)seed);
    while (!done) {
        struct arena arena = arena_over(memory, 1 << 20),
                     scratch = arena_over(memory + (1 << 20), 2 << 20);
        struct ledger_state state;
        struct ledger_proof proof;
        struct engine_view *view;
        str entry;
        ledger_state(w.ledger, &state);
        if (state.published_size == 0) continue;
        uint64_t index = random_below(&random, state.published_size);
        assert_ok(ledger_prove(w.ledger, 1, index, &arena, scratch, &proof, &e), &e);
        digest leaf = tlog_leaf_hash(entry_of(index, words));
        assert_ok(tlog_inclusion_verify(index, proof.size, &leaf, &proof.path, &proof.root, &e),
                  &e);
        assert_ok(engine_view_open(w.engine, &view, &e), &e);
        assert_ok(ledger_entry_read(w.ledger, 1, index, view, &arena, scratch, &entry, &e), &e);
        assert_str(entry, entry_of(index, words));
        struct tlog_tile tile = {.is_entries = true, .index = index / 256};
        tile.width = tlog_tile_width(0, tile.index, proof.size);
        str bytes, entries[256];
        assert_ok(ledger_tile_read(w.ledger, &tile, view, &arena, &bytes, &e), &e);
        assert_ok(tlog_bundle_read(bytes, tile.width, entries, &e), &e);
        assert_str(entries[index % 256], entry);
        engine_view_close(view);
    }
    free(memory);
    return NULL;
}

static void all_at_once(void) {
    struct error e;
    pthread_t publisher, readers[READERS];
    uint64_t seeds[READERS] = {11, 12};
    world_open(&w);
    done = false;
    assert_int_equal(pthread_create(&publisher, NULL, publish_always, NULL), 0);
    for (size_t i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_always, &seeds[i]), 0);
    for (int i = 0; i < TURNS; i++) {
        assert_ok(world_append(&w, EACH, &e), &e);
        if (i % 10 == 9) world_trim(&w);
    }
    done = true;
    pthread_join(publisher, NULL);
    for (size_t i = 0; i < READERS; i++) pthread_join(readers[i], NULL);
    assert_ok(ledger_publish(w.ledger, &e), &e);
    world_check_head(&w, TURNS * EACH);
    world_close(&w);
    world_open(&w);
    world_check_head(&w, TURNS * EACH);
}

static void over_the_lab(void **state) {
    world_begin(&w);
    all_at_once();
    world_end(&w);
}

static void over_the_local_engine(void **state) {
    struct error e;
    world_begin(&w);
    engine_close(w.engine);
    struct engine_local_options options = {.dir = temporary_path(&w.dir, "data")};
    assert_ok(engine_open_local(&options, &w.engine, &e), &e);
    all_at_once();
    world_close(&w);
    engine_close(w.engine); /* and over a restart of the engine itself */
    assert_ok(engine_open_local(&options, &w.engine, &e), &e);
    world_open(&w);
    world_check_head(&w, TURNS * EACH);
    world_end(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(over_the_lab),
        cmocka_unit_test(over_the_local_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
