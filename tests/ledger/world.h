/* A log on a lab engine in a directory that goes away, and words to fill it and to check it. */
#ifndef AZEKURA_TESTS_LEDGER_WORLD_H
#define AZEKURA_TESTS_LEDGER_WORLD_H

#include "ledger/inner.h"
#include "tests/seal/failing_disk.h"
#include "tests/test.h"

struct world {
    struct temporary dir;
    struct engine *engine;
    struct seal_keys *keys;
    struct ledger *ledger;
    struct ledger_options options;
    char ledger_dir[256], anchor[256];
    struct engine_lab_options lab;
};

static inline void world_begin(struct world *w) {
    struct error e;
    *w = (struct world){0};
    temporary_make(&w->dir);
    snprintf(w->ledger_dir, sizeof w->ledger_dir, "%s/ledger", w->dir.path);
    snprintf(w->anchor, sizeof w->anchor, "%s/anchor", w->dir.path);
    w->options = (struct ledger_options){.dir = w->ledger_dir, .origin = STR("ledger.aoba/sendai")};
    assert_ok(engine_open_lab(&w->lab, &w->engine, &e), &e);
    assert_ok(seal_keys_open(temporary_path(&w->dir, "keys"), NULL, &w->keys, &e), &e);
}

static inline enum error_code world_open_try(struct world *w, struct error *e) {
    return ledger_open(w->engine, w->keys, &w->options, &w->ledger, e);
}
static inline void world_open(struct world *w) {
    struct error e;
    assert_ok(world_open_try(w, &e), &e);
}
static inline void world_close(struct world *w) {
    ledger_close(w->ledger);
    w->ledger = NULL;
}
static inline void world_end(struct world *w) {
    world_close(w);
    engine_close(w->engine);
    seal_keys_close(w->keys);
    disk_use(NULL);
    temporary_remove(&w->dir);
}

/* Entry number i says so; lengths vary. */
static inline str entry_of(uint64_t i, char memory[256]) {
    int count = snprintf(memory, 256, "entry %llu %.*s", (unsigned long long)i, (int)(i % 97),
                         "................................................................."
                         "................................");
    return str_of(memory, (size_t)count);
}

/* Appends `count` entries in one turn; on failure the engine is reopened and the ledger reloaded.
 */
static inline enum error_code world_append(struct world *w, uint64_t count, struct error *e) {
    struct engine_turn *turn;
    char memory[256];
    uint64_t index;
    TRY(engine_turn_begin(w->engine, &turn, e));
    ledger_turn_begin(w->ledger, turn);
    enum error_code code = OK;
    for (uint64_t i = 0; i < count && code == OK; i++) {
        str entry = entry_of(ledger_next_index(w->ledger), memory);
        code = ledger_append(w->ledger, entry, &index, e);
    }
    if (code == OK) code = ledger_turn_end(w->ledger, e);
    if (code != OK) {
        ledger_turn_abandon(w->ledger);
        engine_turn_abandon(turn);
        return code;
    }
    code = engine_turn_commit(turn, e);
    if (code == OK)
        ledger_turn_done(w->ledger);
    else
        ledger_turn_abandon(w->ledger);
    return code;
}
static inline void world_fill(struct world *w, uint64_t count) {
    struct error e;
    while (count > 0) {
        uint64_t some = count < 1000 ? count : 1000;
        assert_ok(world_append(w, some, &e), &e);
        count -= some;
    }
}
static inline uint64_t world_trim(struct world *w) {
    struct error e;
    struct engine_turn *turn;
    uint64_t count;
    assert_ok(engine_turn_begin(w->engine, &turn, &e), &e);
    ledger_turn_begin(w->ledger, turn);
    assert_ok(ledger_trim(w->ledger, &count, &e), &e);
    assert_ok(ledger_turn_end(w->ledger, &e), &e);
    assert_ok(engine_turn_commit(turn, &e), &e);
    ledger_turn_done(w->ledger);
    return count;
}

/* The tree of the first `size` entries, made from nothing. */
static inline digest world_root(uint64_t size) {
    struct tlog_tree tree;
    char memory[256];
    tlog_tree_init(&tree);
    for (uint64_t i = 0; i < size; i++) {
        digest leaf = tlog_leaf_hash(entry_of(i, memory));
        tlog_tree_append(&tree, &leaf, NULL);
    }
    return tlog_tree_root(&tree);
}

/* The published checkpoint is signed, of `size` entries, with the root they have. */
static inline void world_check_head(struct world *w, uint64_t size) {
    struct error e;
    static _Alignas(16) char memory[LEDGER_NOTE_BYTES + 64];
    struct arena arena = arena_over(memory, sizeof memory);
    struct tlog_checkpoint checkpoint, signed_one;
    str note;
    assert_ok(ledger_checkpoint(w->ledger, &arena, &checkpoint, &note, &e), &e);
    assert_ok(tlog_checkpoint_open(note, ledger_vkey(w->ledger), NULL, &signed_one, &e), &e);
    assert_int_equal(signed_one.size, size);
    digest root = world_root(size);
    assert_memory_equal(signed_one.root.at, root.at, DIGEST_BYTES);
    assert_ok(ledger_check(w->ledger, &e), &e);
}

/* A row of one entry: a run as short as can be. */
static inline void row_put(struct engine_turn *turn, uint64_t index, str entry) {
    struct error e;
    char key[LEDGER_ENTRY_KEY_BYTES], memory[1024];
    struct pack run = pack_into(memory, sizeof memory);
    assert_ok(tlog_bundle_add(&run, entry, &e), &e);
    assert_ok(engine_turn_put(turn, ENGINE_LEDGER, ledger_entry_key(index, key),
                              str_of(run.at, run.len), &e),
              &e);
}

/* An engine that shows the first log with so many entries: as after its last turns were forgotten, which
 * RocksDB's recovery can do after one flipped byte, or after a backup was put back. */
static inline struct engine *world_engine_at(uint64_t size) {
    struct error e;
    struct engine *engine;
    struct engine_turn *turn;
    char memory[256], row_memory[LEDGER_ROW_BYTES];
    struct engine_lab_options lab = {0};
    assert_ok(engine_open_lab(&lab, &engine, &e), &e);
    if (size == 0) return engine;
    assert_ok(engine_turn_begin(engine, &turn, &e), &e);
    struct ledger_row row = {.number = 1};
    tlog_tree_init(&row.tree);
    for (uint64_t i = 0; i < size; i++) {
        str entry = entry_of(i, memory);
        digest leaf = tlog_leaf_hash(entry);
        tlog_tree_append(&row.tree, &leaf, NULL);
        row_put(turn, i, entry);
    }
    assert_ok(engine_turn_put(turn, ENGINE_LEDGER, ledger_row_key,
                              ledger_row_write(&row, row_memory), &e),
              &e);
    assert_ok(engine_turn_commit(turn, &e), &e);
    return engine;
}

#endif
