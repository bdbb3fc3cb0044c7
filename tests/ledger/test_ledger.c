/* The log in turns, its checkpoints, tiles and proofs: what was appended is what is signed and
 * shown. */
#include "base/disk.h"
#include "tests/ledger/world.h"

#include <fcntl.h>

static char big[4 << 20];

static void a_log_begins_empty(void **state) {
    struct world w;
    world_begin(&w);
    world_open(&w);
    world_check_head(&w, 0); /* an empty log has a signed head, too */
    assert_str(ledger_origin(w.ledger), STR("ledger.aoba/sendai"));
    assert_int_equal(ledger_number(w.ledger), 1);
    assert_false(ledger_publish_due(w.ledger));
    struct ledger_state s;
    ledger_state(w.ledger, &s);
    assert_int_equal(s.rollback, LEDGER_UNGUARDED);
    char receipt[LEDGER_RECEIPT_BYTES];
    ledger_receipt_write(w.ledger, 7, 7, receipt);
    assert_string_equal(receipt, "ledger.aoba/sendai#7");
    ledger_receipt_write(w.ledger, 7, 12, receipt);
    assert_string_equal(receipt, "ledger.aoba/sendai#7-12");
    world_close(&w);
    w.options.origin = STR("another.name"); /* a log keeps its name */
    world_open(&w);
    assert_str(ledger_origin(w.ledger), STR("ledger.aoba/sendai"));
    world_end(&w);
}

static void bad_names_are_refused(void **state) {
    struct world w;
    struct error e;
    world_begin(&w);
    w.options.origin = STR("two words");
    assert_int_equal(world_open_try(&w, &e), FAIL_SYNTAX);
    world_end(&w);
}

/* A request that is withdrawn leaves no entry, and those after it take its place. */
static void savepoints_go_with_the_engines(void **state) {
    struct world w;
    struct error e;
    struct engine_turn *turn;
    char memory[256];
    uint64_t index;
    world_begin(&w);
    world_open(&w);
    world_fill(&w, 5);
    assert_ok(engine_turn_begin(w.engine, &turn, &e), &e);
    ledger_turn_begin(w.ledger, turn);
    for (int i = 0; i < 4; i++) {
        engine_turn_mark(turn);
        ledger_turn_mark(w.ledger);
        assert_ok(ledger_append(w.ledger,
                                i % 2 == 0 ? entry_of(ledger_next_index(w.ledger), memory)
                                           : STR("withdrawn"),
                                &index, &e),
                  &e);
        if (i == 3) { /* one inside another */
            engine_turn_mark(turn);
            ledger_turn_mark(w.ledger);
            assert_ok(ledger_append(w.ledger, STR("withdrawn too"), &index, &e), &e);
            engine_turn_keep(turn);
            ledger_turn_keep(w.ledger);
        }
        if (i % 2 == 0) {
            engine_turn_keep(turn);
            ledger_turn_keep(w.ledger);
        } else {
            engine_turn_rewind(turn);
            ledger_turn_rewind(w.ledger);
        }
    }
    assert_int_equal(ledger_next_index(w.ledger), 7);
    assert_ok(ledger_turn_end(w.ledger, &e), &e);
    assert_ok(engine_turn_commit(turn, &e), &e);
    ledger_turn_done(w.ledger);
    assert_true(ledger_publish_due(w.ledger));
    assert_ok(ledger_publish(w.ledger, &e), &e);
    world_check_head(&w, 7);

    /* a whole turn abandoned */
    assert_ok(engine_turn_begin(w.engine, &turn, &e), &e);
    ledger_turn_begin(w.ledger, turn);
    assert_ok(ledger_append(w.ledger, STR("never"), &index, &e), &e);
    assert_int_equal(index, 7);
    ledger_turn_abandon(w.ledger);
    engine_turn_abandon(turn);
    assert_int_equal(ledger_next_index(w.ledger), 7);
    assert_ok(ledger_check(w.ledger, &e), &e);

    assert_ok(engine_turn_begin(w.engine, &turn, &e), &e);
    ledger_turn_begin(w.ledger, turn);
    static const char long_entry[LIMIT_ENTRY_BYTES + 1];
    assert_int_equal(ledger_append(w.ledger, str_of(long_entry, sizeof long_entry), &index, &e),
                     FAIL_LIMIT);
    assert_int_equal(ledger_append(w.ledger, STR_EMPTY, &index, &e), FAIL_LIMIT);
    assert_ok(ledger_append(w.ledger, str_of(long_entry, LIMIT_ENTRY_BYTES), &index, &e), &e);
    ledger_turn_abandon(w.ledger);
    engine_turn_abandon(turn);
    world_end(&w);
}

/* Random turns with random savepoints, against a list: entries short and long, runs and bundles crossed
 * and taken back. AZEKURA_SEED repeats one. */
static void random_turns_match_a_list(void **state) {
    enum { DEPTH = 5 };
    static char words[LIMIT_ENTRY_BYTES];
    struct tlog_tree tree, committed, marks[DEPTH];
    struct random_seeded random;
    const char *seed_text = getenv("AZEKURA_SEED");
    uint64_t seed = seed_text != NULL ? strtoull(seed_text, NULL, 10) : 20261121;
    struct world w;
    struct error e;
    print_message("seed %llu\n", (unsigned long long)seed);
    random_seed(&random, seed);
    world_begin(&w);
    world_open(&w);
    tlog_tree_init(&tree);
    for (int t = 0; t < 12; t++) {
        struct engine_turn *turn;
        unsigned depth = 0;
        committed = tree;
        assert_ok(engine_turn_begin(w.engine, &turn, &e), &e);
        ledger_turn_begin(w.ledger, turn);
        for (int step = 0; step < 400; step++) {
            uint64_t what = random_below(&random, 8), index;
            if (what == 0 && depth < DEPTH) {
                engine_turn_mark(turn);
                ledger_turn_mark(w.ledger);
                marks[depth++] = tree;
            } else if (what == 1 && depth > 0) {
                engine_turn_keep(turn);
                ledger_turn_keep(w.ledger);
                depth--;
            } else if (what == 2 && depth > 0) {
                engine_turn_rewind(turn);
                ledger_turn_rewind(w.ledger);
                tree = marks[--depth];
            } else {
                size_t len = 1 + (size_t)random_below(&random, what == 3 ? LIMIT_ENTRY_BYTES : 300);
                memset(words, (int)('a' + random_below(&random, 26)), len);
                assert_ok(ledger_append(w.ledger, str_of(words, len), &index, &e), &e);
                assert_int_equal(index, tree.size);
                digest leaf = tlog_leaf_hash(str_of(words, len));
                tlog_tree_append(&tree, &leaf, NULL);
            }
        }
        for (; depth > 0; depth--) {
            engine_turn_keep(turn);
            ledger_turn_keep(w.ledger);
        }
        if (t % 4 == 3) {
            ledger_turn_abandon(w.ledger);
            engine_turn_abandon(turn);
            tree = committed;
            continue;
        }
        assert_ok(ledger_turn_end(w.ledger, &e), &e);
        assert_ok(engine_turn_commit(turn, &e), &e);
        ledger_turn_done(w.ledger);
        /* the publisher makes its own tree of the rows, and would stop at any difference */
        if (t % 3 == 0) assert_ok(ledger_publish(w.ledger, &e), &e);
        if (t % 5 == 0) world_trim(&w);
    }
    assert_ok(ledger_publish(w.ledger, &e), &e);
    struct tlog_checkpoint checkpoint;
    struct arena arena = arena_over(big, sizeof big);
    str note;
    assert_ok(ledger_checkpoint(w.ledger, &arena, &checkpoint, &note, &e), &e);
    digest root = tlog_tree_root(&tree);
    assert_int_equal(checkpoint.size, tree.size);
    assert_true(tree.size > 1000);
    assert_memory_equal(checkpoint.root.at, root.at, DIGEST_BYTES);
    assert_ok(ledger_check(w.ledger, &e), &e);
    world_end(&w);
}

/* One request with more entries than the turn's memory holds: it grows, or is refused, and is withdrawn
 * alone. */
static void very_long_requests(void **state) {
    static const char long_entry[LIMIT_ENTRY_BYTES];
    struct world w;
    struct error e;
    struct engine_turn *turn;
    char memory[256];
    uint64_t index;
    world_begin(&w);
    world_open(&w);
    assert_ok(engine_turn_begin(w.engine, &turn, &e), &e);
    ledger_turn_begin(w.ledger, turn);
    assert_ok(ledger_append(w.ledger, entry_of(0, memory), &index, &e), &e);
    engine_turn_mark(turn);
    ledger_turn_mark(w.ledger);
    enum error_code code = OK;
    for (int i = 0; i < 20000 && code == OK; i++)
        code = ledger_append(w.ledger, str_of(long_entry, sizeof long_entry), &index, &e);
    assert_int_equal(code, FAIL_LIMIT);
    assert_true(index > 10000);
    engine_turn_rewind(turn);
    ledger_turn_rewind(w.ledger);
    assert_ok(ledger_append(w.ledger, entry_of(1, memory), &index, &e), &e);
    assert_int_equal(index, 1);
    assert_ok(ledger_turn_end(w.ledger, &e), &e);
    assert_ok(engine_turn_commit(turn, &e), &e);
    ledger_turn_done(w.ledger);
    assert_ok(ledger_publish(w.ledger, &e), &e);
    world_check_head(&w, 2);
    world_end(&w);
}

/* Every tile a reader may ask for, against a tree made from nothing. */
static void check_tiles(struct world *w, uint64_t size) {
    struct error e;
    struct engine_view *view;
    char memory[256];
    digest *level = malloc((size_t)(size + 1) * sizeof *level);
    assert_non_null(level);
    for (uint64_t i = 0; i < size; i++) level[i] = tlog_leaf_hash(entry_of(i, memory));
    assert_ok(engine_view_open(w->engine, &view, &e), &e);
    uint64_t count = size;
    for (unsigned l = 0; count > 0; l++) {
        for (uint64_t n = 0; n * 256 < count; n++) {
            unsigned width = (unsigned)(count - n * 256 < 256 ? count - n * 256 : 256);
            for (unsigned want = width; want > 0; want /= 2) {
                struct arena arena = arena_over(big, sizeof big);
                struct tlog_tile tile = {.level = l, .index = n, .width = want};
                str bytes;
                assert_ok(ledger_tile_read(w->ledger, &tile, NULL, &arena, &bytes, &e), &e);
                assert_int_equal(bytes.len, want * sizeof(digest));
                assert_memory_equal(bytes.at, level + n * 256, bytes.len);
                if (l > 0) continue;
                tile.is_entries = true;
                str entries[256];
                assert_ok(ledger_tile_read(w->ledger, &tile, view, &arena, &bytes, &e), &e);
                assert_ok(tlog_bundle_read(bytes, want, entries, &e), &e);
                for (unsigned i = 0; i < want; i++)
                    assert_str(entries[i], entry_of(n * 256 + i, memory));
            }
            struct arena arena = arena_over(big, sizeof big);
            struct tlog_tile wider = {.level = l, .index = n, .width = width + 1};
            str bytes;
            assert_int_equal(ledger_tile_read(w->ledger, &wider, NULL, &arena, &bytes, &e),
                             FAIL_NOT_FOUND);
        }
        for (uint64_t n = 0; n < count / 256; n++) level[n] = tlog_root_of(level + n * 256, 256);
        count /= 256;
    }
    engine_view_close(view);
    free(level);
}

static void check_proof(struct world *w, uint64_t index) {
    struct error e;
    struct ledger_proof proof;
    char memory[256];
    struct arena arena = arena_over(big, 1 << 20), scratch = arena_over(big + (1 << 20), 1 << 20);
    assert_ok(ledger_prove(w->ledger, 1, index, &arena, scratch, &proof, &e), &e);
    digest leaf = tlog_leaf_hash(entry_of(index, memory));
    assert_ok(tlog_inclusion_verify(index, proof.size, &leaf, &proof.path, &proof.root, &e), &e);
    struct tlog_checkpoint checkpoint;
    assert_ok(tlog_checkpoint_open(proof.note, ledger_vkey(w->ledger), NULL, &checkpoint, &e), &e);
    assert_memory_equal(checkpoint.root.at, proof.root.at, DIGEST_BYTES);
}

static void check_entry(struct world *w, uint64_t index) {
    struct error e;
    struct engine_view *view;
    char memory[256];
    str entry;
    struct arena arena = arena_over(big, 1 << 16), scratch = arena_over(big + (1 << 16), 2 << 20);
    assert_ok(engine_view_open(w->engine, &view, &e), &e);
    assert_ok(ledger_entry_read(w->ledger, 1, index, view, &arena, scratch, &entry, &e), &e);
    assert_str(entry, entry_of(index, memory));
    engine_view_close(view);
}

static void tiles_proofs_and_entries(void **state) {
    static const uint64_t steps[] = {1, 1, 253, 1, 1, 255, 700, 64324, 1, 4464};
    struct world w;
    struct error e;
    uint64_t size = 0;
    world_begin(&w);
    world_open(&w);
    for (size_t i = 0; i < COUNT_OF(steps);
         i++) { /* 1, 2, 255, 256, 257, 512, … 65536, 65537, 70001 */
        world_fill(&w, steps[i]);
        size += steps[i];
        assert_ok(ledger_publish(w.ledger, &e), &e);
        world_check_head(&w, size);
        check_tiles(&w, size);
        for (uint64_t at = 0; at < size; at = at * 3 + 1) check_proof(&w, at);
        check_proof(&w, size - 1);
        check_entry(&w, size / 2);
    }
    struct ledger_proof proof;
    struct arena arena = arena_over(big, 1 << 20), scratch = arena_over(big + (1 << 20), 1 << 20);
    assert_int_equal(ledger_prove(w.ledger, 1, size, &arena, scratch, &proof, &e), FAIL_NOT_FOUND);
    assert_int_equal(ledger_prove(w.ledger, 2, 0, &arena, scratch, &proof, &e), FAIL_NOT_FOUND);
    assert_int_equal(ledger_prove(w.ledger, 0, 0, &arena, scratch, &proof, &e), FAIL_NOT_FOUND);

    /* trimmed, all still reads; a restart takes up from the files */
    assert_true(ledger_trim_due(w.ledger));
    uint64_t trimmed = 0, some;
    while ((some = world_trim(&w)) > 0) trimmed += some;
    assert_int_equal(trimmed, size / 256 * 256);
    assert_false(ledger_trim_due(w.ledger));
    check_tiles(&w, size);
    for (uint64_t at = 0; at < size; at = at * 2 + 1) check_proof(&w, at), check_entry(&w, at);
    world_close(&w);
    world_open(&w);
    world_check_head(&w, size);
    check_tiles(&w, size);
    world_fill(&w, 300);
    assert_ok(ledger_publish(w.ledger, &e), &e);
    world_check_head(&w, size + 300);
    check_entry(&w, size + 299);
    world_end(&w);
}

/* An export is a log of its own: tiles hash to the signed root, entries to the tiles. */
static void exports_stand_alone(void **state) {
    struct world w;
    struct error e;
    struct engine_view *view;
    char path[LEDGER_PATH_BYTES], memory[256];
    world_begin(&w);
    world_open(&w);
    world_fill(&w, 1000);
    assert_ok(ledger_publish(w.ledger, &e), &e);
    while (world_trim(&w) > 0) {
    }
    world_fill(&w, 10); /* younger than the checkpoint: not in the export */
    const char *dir = temporary_path(&w.dir, "export");
    for (int round = 0; round < 2; round++) { /* over itself too */
        assert_ok(engine_view_open(w.engine, &view, &e), &e);
        assert_ok(ledger_export(w.ledger, view, dir, NULL, NULL, &e), &e);
        engine_view_close(view);
    }
    digest root = world_root(1000), tops[4];
    for (uint64_t n = 0; n < 4; n++) {
        struct tlog_tile tile = {.index = n, .width = n < 3 ? 256 : 1000 - 768};
        digest hashes[256];
        str entries[256], bundle;
        assert_ok(ledger_tile_path(dir, &tile, path, &e), &e);
        assert_ok(ledger_file_get(path, hashes, tile.width * sizeof(digest), &e), &e);
        tops[n] = tlog_root_of(hashes, tile.width);
        tile.is_entries = true;
        assert_ok(ledger_tile_path(dir, &tile, path, &e), &e);
        struct arena arena = arena_over(big, sizeof big);
        assert_ok(disk_file_read(AT_FDCWD, path, 1 << 20, &arena, &bundle, &e), &e);
        assert_ok(tlog_bundle_read(bundle, tile.width, entries, &e), &e);
        for (unsigned i = 0; i < tile.width; i++) {
            assert_str(entries[i], entry_of(n * 256 + i, memory));
            digest leaf = tlog_leaf_hash(entries[i]);
            assert_memory_equal(leaf.at, hashes[i].at, DIGEST_BYTES);
        }
    }
    digest left = tlog_node_hash(&tops[0], &tops[1]), right = tlog_node_hash(&tops[2], &tops[3]);
    digest whole = tlog_node_hash(&left, &right);
    assert_memory_equal(whole.at, root.at, DIGEST_BYTES);
    struct arena arena = arena_over(big, sizeof big);
    str note;
    struct tlog_checkpoint checkpoint;
    assert_ok(ledger_path(dir, "checkpoint", path, &e), &e);
    assert_ok(disk_file_read(AT_FDCWD, path, 8192, &arena, &note, &e), &e);
    assert_ok(tlog_checkpoint_open(note, ledger_vkey(w.ledger), NULL, &checkpoint, &e), &e);
    assert_int_equal(checkpoint.size, 1000);
    assert_memory_equal(checkpoint.root.at, root.at, DIGEST_BYTES);

    /* not over something else */
    const char *other = temporary_path(&w.dir, "other");
    assert_ok(disk_make_dirs(AT_FDCWD, other, 0755, &e), &e);
    assert_ok(ledger_path(other, "checkpoint", path, &e), &e);
    assert_ok(disk_file_replace(AT_FDCWD, path, STR("not ours\n"), 0644, &e), &e);
    assert_ok(engine_view_open(w.engine, &view, &e), &e);
    assert_int_equal(ledger_export(w.ledger, view, other, NULL, NULL, &e), FAIL_EXISTS);
    engine_view_close(view);
    world_end(&w);
}

static void rows_and_files_are_one_encoding(void **state) {
    struct error e;
    struct ledger_row row = {.number = 3, .trimmed = 256}, read;
    char memory[LEDGER_ROW_BYTES + 1];
    tlog_tree_init(&row.tree);
    for (int i = 0; i < 300; i++) {
        digest leaf = sha256_of(str_of(&i, sizeof i));
        tlog_tree_append(&row.tree, &leaf, NULL);
    }
    str bytes = ledger_row_write(&row, memory);
    assert_ok(ledger_row_read(bytes, &read, &e), &e);
    assert_int_equal(read.tree.size, 300);
    assert_int_equal(read.trimmed, 256);
    for (size_t cut = 0; cut < bytes.len; cut++)
        assert_int_not_equal(ledger_row_read(str_of(memory, cut), &read, &e), OK);
    assert_int_not_equal(ledger_row_read(str_of(memory, bytes.len + 1), &read, &e), OK);
    memory[0] = 2;
    assert_int_equal(ledger_row_read(bytes, &read, &e), FAIL_VERSION);

    static const char good[] =
        "azekura-ledger-signed-v1\nlog 1\norigin a.b/c\nkey 0102abcd\nsize 7\n"
        "root 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
    struct ledger_signed file;
    assert_ok(ledger_signed_parse(str_from_c(good), &file, &e), &e);
    assert_int_equal(file.size, 7);
    assert_int_equal(file.key_id, 0x0102abcd);
    char bad[sizeof good];
    for (size_t at = 0; at < sizeof good - 1;
         at++) { /* every changed character is seen or is a value */
        memcpy(bad, good, sizeof good);
        bad[at] ^= 1;
        char again[512];
        struct text text = text_into(again, sizeof again);
        if (ledger_signed_parse(str_of(bad, sizeof good - 1), &file, &e) == OK) {
            ledger_signed_print(&file, &text);
            assert_str(text_str(&text), str_of(bad, sizeof good - 1));
        }
    }
    memcpy(bad, good, sizeof good);
    bad[23] = '2';
    assert_int_equal(ledger_signed_parse(str_of(bad, sizeof good - 1), &file, &e), FAIL_VERSION);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_begins_empty),
        cmocka_unit_test(bad_names_are_refused),
        cmocka_unit_test(savepoints_go_with_the_engines),
        cmocka_unit_test(random_turns_match_a_list),
        cmocka_unit_test(very_long_requests),
        cmocka_unit_test(tiles_proofs_and_entries),
        cmocka_unit_test(exports_stand_alone),
        cmocka_unit_test(rows_and_files_are_one_encoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
