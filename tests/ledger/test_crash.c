/* The log where things fail: every engine call and every disk call once, a cut after each publisher
 * step, rolled back data, another key store. After each, what was acknowledged is there, nothing was
 * signed twice or without being durable, and tiles equal what is made from nothing. */
#include "base/disk.h"
#include "tests/ledger/world.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char big[4 << 20];

/* ---- what signatures are out in the world: no two may contradict each other ---- */

static struct {
    uint64_t size;
    digest root;
} seen_heads[4096];
static size_t seen_count;

static void head_see(struct world *w, const char *path, const struct tlog_vkey *vkey) {
    struct error e;
    struct tlog_checkpoint checkpoint;
    str note;
    struct arena arena = arena_over(big, sizeof big);
    if (disk_file_read(AT_FDCWD, path, 8192, &arena, &note, &e) != OK) return;
    assert_ok(tlog_checkpoint_open(note, vkey, NULL, &checkpoint, &e), &e);
    digest truth = world_root(checkpoint.size);
    assert_memory_equal(checkpoint.root.at, truth.at, DIGEST_BYTES);
    assert_true(seen_count < COUNT_OF(seen_heads));
    seen_heads[seen_count].size = checkpoint.size;
    seen_heads[seen_count++].root = checkpoint.root;
    for (size_t i = 0; i + 1 < seen_count; i++)
        if (seen_heads[i].size == checkpoint.size)
            assert_memory_equal(seen_heads[i].root.at, checkpoint.root.at, DIGEST_BYTES);
}

/* The log's directory: every full tile and bundle of `size` entries is what entries give. */
static void check_files(struct world *w, uint64_t size) {
    struct error e;
    char path[LEDGER_PATH_BYTES], memory[256];
    for (uint64_t n = 0; n < size / 256; n++) {
        digest hashes[256];
        struct tlog_tile tile = {.index = n, .width = 256};
        assert_ok(ledger_tile_path(w->ledger_dir, &tile, path, &e), &e);
        assert_ok(ledger_file_get(path, hashes, sizeof hashes, &e), &e);
        for (unsigned i = 0; i < 256; i++) {
            digest leaf = tlog_leaf_hash(entry_of(n * 256 + i, memory));
            assert_memory_equal(leaf.at, hashes[i].at, DIGEST_BYTES);
        }
        str bundle, entries[256];
        struct arena arena = arena_over(big, sizeof big);
        tile.is_entries = true;
        assert_ok(ledger_tile_path(w->ledger_dir, &tile, path, &e), &e);
        assert_ok(disk_file_read(AT_FDCWD, path, 1 << 20, &arena, &bundle, &e), &e);
        assert_ok(tlog_bundle_read(bundle, 256, entries, &e), &e);
        assert_str(entries[255], entry_of(n * 256 + 255, memory));
    }
}

/* A life: append, publish, trim, again. Stops at the first failure. *durable: entries acknowledged. */
static enum error_code live(struct world *w, uint64_t *durable, struct error *e) {
    struct engine_turn *turn;
    uint64_t count;
    for (int round = 0; round < 3; round++) {
        TRY(world_append(w, 300, e));
        *durable += 300;
        TRY(ledger_publish(w->ledger, e));
        head_see(w, temporary_path(&w->dir, "ledger/checkpoint"), ledger_vkey(w->ledger));
        TRY(engine_turn_begin(w->engine, &turn, e));
        ledger_turn_begin(w->ledger, turn);
        enum error_code code = ledger_trim(w->ledger, &count, e);
        if (code == OK) code = ledger_turn_end(w->ledger, e);
        if (code != OK) {
            ledger_turn_abandon(w->ledger);
            engine_turn_abandon(turn);
            return code;
        }
        code = engine_turn_commit(turn, e);
        if (code != OK) {
            ledger_turn_abandon(w->ledger);
            return code;
        }
        ledger_turn_done(w->ledger);
    }
    return OK;
}

/* Whatever was signed is below the watermark, at every moment. */
static void check_watermark(struct world *w) {
    struct error e;
    struct ledger_signed file;
    struct tlog_note note;
    struct tlog_checkpoint checkpoint;
    str bytes;
    bool found;
    struct arena arena = arena_over(big, sizeof big);
    const char *path = temporary_path(&w->dir, "ledger/checkpoint");
    if (disk_file_read(AT_FDCWD, path, 8192, &arena, &bytes, &e) != OK) return;
    assert_ok(tlog_note_parse(bytes, &note, &e), &e);
    assert_ok(tlog_checkpoint_parse(note.text, &checkpoint, &e), &e);
    assert_ok(ledger_signed_read(w->ledger_dir, &file, &found, &e), &e);
    assert_true(found);
    assert_true(checkpoint.size <= file.size);
}

/* After a failure: the same process goes on, then another starts. */
static void recover(struct world *w, uint64_t durable) {
    struct error e;
    check_watermark(w);
    if (w->ledger != NULL) {
        if (engine_is_broken(w->engine)) assert_ok(engine_reopen(w->engine, &e), &e);
        assert_ok(ledger_reload(w->ledger, &e), &e);
        assert_ok(ledger_check(w->ledger, &e), &e);
        assert_true(ledger_next_index(w->ledger) >= durable);
        assert_ok(ledger_publish(w->ledger, &e), &e);
        world_fill(w, 10);
        assert_ok(ledger_publish(w->ledger, &e), &e);
        uint64_t size = ledger_next_index(w->ledger);
        world_check_head(w, size);
        check_files(w, size);
        head_see(w, temporary_path(&w->dir, "ledger/checkpoint"), ledger_vkey(w->ledger));
        world_close(w);
    } else if (engine_is_broken(w->engine)) {
        assert_ok(engine_reopen(w->engine, &e), &e);
    }
    world_open(w);
    assert_true(ledger_next_index(w->ledger) >= durable);
    uint64_t size = ledger_next_index(w->ledger);
    world_check_head(w, size);
    check_files(w, size);
}

static void engine_fails(bool fail_keeps) {
    for (uint64_t n = 1, step = 1;; n += step) {
        struct world w;
        struct error e;
        world_begin(&w);
        engine_close(w.engine);
        struct engine_lab_options lab = {.fail_keeps = fail_keeps};
        assert_ok(engine_open_lab(&lab, &w.engine, &e), &e);
        seen_count = 0;
        uint64_t durable = 0;
        engine_lab_fail_at(w.engine, n);
        enum error_code code = world_open_try(&w, &e);
        if (code == OK) code = live(&w, &durable, &e);
        engine_lab_fail_at(w.engine, 0);
        recover(&w, durable);
        world_end(&w);
        if (code == OK) break;
        /* puts and scan steps are alike: after the first hundred every 37th will do */
        step = n < 100 ? 1 : 37;
        assert_true(n < 20000);
    }
}
static void every_engine_call_fails_once(void **state) {
    engine_fails(false);
}
static void a_failed_commit_may_have_been_written(void **state) {
    engine_fails(true);
}

static void every_disk_call_fails(bool from_then_on) {
    for (uint64_t n = 1;; n++) {
        struct world w;
        struct error e;
        struct failing_disk disk;
        world_begin(&w);
        seen_count = 0;
        uint64_t durable = 0;
        failing_disk_use(&disk, n, from_then_on);
        enum error_code code = world_open_try(&w, &e);
        if (code == OK) code = live(&w, &durable, &e);
        disk_use(NULL);
        bool reached = disk.calls >= n;
        if (from_then_on) world_close(&w); /* a power cut: this process is gone */
        recover(&w, durable);
        world_end(&w);
        if (!reached) {
            assert_int_equal(code, OK);
            break;
        }
        assert_true(n < 2000);
    }
}
static void every_disk_call_fails_once(void **state) {
    every_disk_call_fails(false);
}
static void a_cut_after_every_publisher_step(void **state) {
    every_disk_call_fails(true);
}

/* ---- what is durable before what ---- */

/* A disk that writes down the order of things: w(rite) s(ync) r(ename) d(irectory sync), and which file. */
struct telling_disk {
    struct disk disk;
    char story[1 << 16];
    char names[256][128]; /* by descriptor */
};
static struct telling_disk *telling;
static void tell(char what, const char *path) {
    const char *tail = strstr(path, "/ledger");
    size_t used = strlen(telling->story);
    snprintf(telling->story + used, sizeof telling->story - used, "%c:%s\n", what,
             tail == NULL ? path : tail + 7);
}
static int telling_open(void *self, int dir, const char *path, int flags, mode_t mode) {
    int fd = disk_real()->open(NULL, dir, path, flags, mode);
    if (fd >= 0 && fd < 256) snprintf(telling->names[fd], 128, "%.127s", path);
    return fd;
}
static ssize_t telling_write(void *self, int fd, const void *bytes, size_t count, uint64_t offset) {
    tell('w', telling->names[fd]);
    return disk_real()->write(NULL, fd, bytes, count, offset);
}
static int telling_data_sync(void *self, int fd) {
    tell('s', telling->names[fd]);
    return disk_real()->data_sync(NULL, fd);
}
static int telling_sync(void *self, int fd) {
    struct stat status;
    fstat(fd, &status);
    tell(S_ISDIR(status.st_mode) ? 'd' : 's', telling->names[fd]);
    return disk_real()->sync(NULL, fd);
}
static int telling_rename(void *self, int dir, const char *from, const char *to) {
    tell('r', to);
    return disk_real()->rename(NULL, dir, from, to);
}

/* Where a line stands in the story; fails when it does not. */
static size_t told(const char *line, size_t after) {
    const char *at = strstr(telling->story + after, line);
    if (at == NULL) fail_msg("after byte %zu no \"%s\" in:\n%s", after, line, telling->story);
    return (size_t)(at - telling->story);
}

static void bytes_then_names_then_watermark_then_signature(void **state) {
    static const char *const tiles[] = {"/tile/entries/000", "/tile/0/000"};
    struct world w;
    struct error e;
    char line[128];
    telling = calloc(1, sizeof *telling);
    assert_non_null(telling);
    world_begin(&w);
    world_open(&w);
    world_fill(&w, 300);
    telling->disk = *disk_real();
    telling->disk.open = telling_open;
    telling->disk.write = telling_write;
    telling->disk.data_sync = telling_data_sync;
    telling->disk.sync = telling_sync;
    telling->disk.rename = telling_rename;
    disk_use(&telling->disk);
    assert_ok(ledger_publish(w.ledger, &e), &e);
    disk_use(NULL);
    size_t signing = told("w:/signed.new\n", 0);
    for (size_t i = 0; i < COUNT_OF(tiles); i++) {
        snprintf(line, sizeof line, "w:%s.new\n", tiles[i]);
        size_t at = told(line, 0);
        line[0] = 's';
        at = told(line, at);
        snprintf(line, sizeof line, "r:%s\n", tiles[i]);
        at = told(line, at);
        snprintf(line, sizeof line, "d:%.*s\n", (int)(strlen(tiles[i]) - 4), tiles[i]);
        at = told(line, at);
        assert_true(at < signing);
    }
    size_t at = told("s:/signed.new\n", signing);
    at = told("r:/signed\n", at);
    at = told("d:\n", at);
    told("w:/checkpoint.new\n", at);
    assert_true(told("w:/checkpoint.new\n", 0) > at);
    free(telling);
    world_end(&w);
}

static void trimming_waits_for_files(void **state) {
    struct world w;
    struct error e;
    world_begin(&w);
    world_open(&w);
    world_fill(&w, 600);
    assert_int_equal(world_trim(&w), 0); /* nothing is in files yet */
    assert_ok(ledger_publish(w.ledger, &e), &e);
    world_fill(&w, 600);
    assert_int_equal(world_trim(&w), 512); /* not the two bundles that became full since */
    assert_ok(ledger_check(w.ledger, &e), &e);
    world_end(&w);
}

/* ---- rolled back ---- */

static void copy_dir(const char *from, const char *to) {
    char command[600];
    snprintf(command, sizeof command, "rm -rf %s && cp -a %s %s", to, from, to);
    assert_int_equal(system(command), 0);
}

static void a_shorter_history_is_refused(void **state) {
    struct world w;
    struct error e;
    world_begin(&w);
    world_open(&w);
    world_fill(&w, 700);
    assert_ok(ledger_publish(w.ledger, &e), &e);
    static const uint64_t sizes[] = {0, 1, 256, 600, 699};
    world_close(&w);
    struct engine *whole = w.engine;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        w.engine = world_engine_at(sizes[i]);
        assert_int_equal(world_open_try(&w, &e), FAIL_ROLLED_BACK);
        assert_non_null(strstr(e.message, "700"));
        assert_non_null(strstr(e.message, "succeed"));
        engine_close(w.engine);
    }
    w.engine = world_engine_at(701); /* longer is what a crash before publishing leaves */
    world_open(&w);
    world_check_head(&w, 701);
    world_close(&w);
    engine_close(w.engine);
    w.engine = whole; /* and by that this one has become the short one */
    assert_int_equal(world_open_try(&w, &e), FAIL_ROLLED_BACK);
    world_end(&w);
}

static void another_history_is_refused(void **state) {
    struct world w;
    struct error e;
    struct engine_turn *turn;
    char memory[256], row_memory[LEDGER_ROW_BYTES];
    world_begin(&w);
    world_open(&w);
    world_fill(&w, 10);
    assert_ok(ledger_publish(w.ledger, &e), &e);
    world_close(&w);

    /* the rows changed, the tree as it was: they do not agree */
    assert_ok(engine_turn_begin(w.engine, &turn, &e), &e);
    for (uint64_t i = 0; i < 10; i++)
        row_put(turn, i, i == 4 ? STR("forged") : entry_of(i, memory));
    assert_ok(engine_turn_commit(turn, &e), &e);
    assert_int_equal(world_open_try(&w, &e), FAIL_CORRUPT);

    /* and the tree made to fit: the watermark knows better */
    assert_ok(engine_turn_begin(w.engine, &turn, &e), &e);
    struct ledger_row row = {.number = 1};
    tlog_tree_init(&row.tree);
    for (uint64_t i = 0; i < 12; i++) {
        str entry = i == 4 ? STR("forged") : entry_of(i, memory);
        digest leaf = tlog_leaf_hash(entry);
        tlog_tree_append(&row.tree, &leaf, NULL);
        row_put(turn, i, entry);
    }
    assert_ok(engine_turn_put(turn, ENGINE_LEDGER, ledger_row_key,
                              ledger_row_write(&row, row_memory), &e),
              &e);
    assert_ok(engine_turn_commit(turn, &e), &e);
    assert_int_equal(world_open_try(&w, &e), FAIL_ROLLED_BACK);
    assert_non_null(strstr(e.message, "another history"));
    world_end(&w);
}

/* Rows that change while the log runs: the publisher's own tree does not agree, and nothing is signed. */
static void forged_rows_stop_the_log(void **state) {
    struct world w;
    struct error e;
    struct engine_turn *turn;
    char memory[256];
    uint64_t index;
    world_begin(&w);
    world_open(&w);
    world_fill(&w, 20);
    assert_ok(engine_turn_begin(w.engine, &turn, &e), &e);
    for (uint64_t i = 0; i < 20; i++)
        row_put(turn, i, i == 7 ? STR("forged") : entry_of(i, memory));
    assert_ok(engine_turn_commit(turn, &e), &e);
    assert_int_equal(ledger_publish(w.ledger, &e), FAIL_CORRUPT);
    assert_true(ledger_stopped(w.ledger));
    struct ledger_state s;
    ledger_state(w.ledger, &s);
    assert_true(s.stopped);
    assert_non_null(strstr(s.story, "do not hash"));
    assert_int_equal(s.published_size, 0);
    assert_ok(engine_turn_begin(w.engine, &turn, &e), &e);
    ledger_turn_begin(w.ledger, turn);
    assert_int_equal(ledger_append(w.ledger, STR("more"), &index, &e), FAIL_STOPPING);
    ledger_turn_abandon(w.ledger);
    engine_turn_abandon(turn);
    assert_int_equal(ledger_publish(w.ledger, &e), FAIL_STOPPING);
    world_end(&w);
}

/* The whole DATA put back as it was: only the anchor on another disk can tell. */
static void a_restored_copy_is_seen_by_the_anchor(void **state) {
    struct world w;
    struct error e;
    struct ledger_state s;
    world_begin(&w);
    w.options.anchor_path = w.anchor;
    world_open(&w);
    ledger_state(w.ledger, &s);
    assert_int_equal(s.rollback, LEDGER_UNCONFIRMED); /* configured, and there was nothing in it */
    world_fill(&w, 300);
    assert_ok(ledger_publish(w.ledger, &e), &e);
    copy_dir(w.ledger_dir, temporary_path(&w.dir, "backup"));
    struct engine *backup = world_engine_at(300);
    world_fill(&w, 5);
    assert_ok(ledger_publish(w.ledger, &e), &e);
    ledger_state(w.ledger, &s);
    assert_true(s.anchor_current);
    world_close(&w);

    copy_dir(temporary_path(&w.dir, "backup"), w.ledger_dir);
    engine_close(w.engine);
    w.engine = backup;
    assert_int_equal(world_open_try(&w, &e), FAIL_ROLLED_BACK);
    assert_non_null(strstr(e.message, "anchor"));
    assert_non_null(strstr(e.message, "305"));

    w.options.anchor_path = NULL; /* without it nobody can: that is why it says unguarded */
    world_open(&w);
    ledger_state(w.ledger, &s);
    assert_int_equal(s.rollback, LEDGER_UNGUARDED);
    world_close(&w);

    /* an anchor that is not of this log is no anchor */
    w.options.anchor_path = w.anchor;
    assert_ok(disk_file_replace(AT_FDCWD, w.anchor, STR("some other file\n"), 0644, &e), &e);
    assert_int_not_equal(world_open_try(&w, &e), OK);
    /* an anchor disk that is away stops nothing, and shows */
    w.options.anchor_path = temporary_path(&w.dir, "away/anchor");
    world_open(&w);
    world_fill(&w, 1);
    assert_ok(ledger_publish(w.ledger, &e), &e);
    ledger_state(w.ledger, &s);
    assert_false(s.anchor_current);
    assert_int_equal(s.rollback, LEDGER_UNCONFIRMED);
    world_end(&w);
}

static void an_anchor_confirms(void **state) {
    struct world w;
    struct error e;
    struct ledger_state s;
    world_begin(&w);
    w.options.anchor_path = w.anchor;
    world_open(&w);
    world_fill(&w, 3);
    assert_ok(ledger_publish(w.ledger, &e), &e);
    world_close(&w);
    world_open(&w);
    ledger_state(w.ledger, &s);
    assert_int_equal(s.rollback, LEDGER_GUARDED);
    world_end(&w);
}

static void files_that_are_missing_or_changed(void **state) {
    struct world w;
    struct error e;
    char path[512];
    world_begin(&w);
    world_open(&w);
    world_fill(&w, 600);
    assert_ok(ledger_publish(w.ledger, &e), &e);
    while (world_trim(&w) > 0) {
    }
    world_close(&w);

    /* "signed" gone: a start must not take it for a new log */
    snprintf(path, sizeof path, "%s/signed", w.ledger_dir);
    assert_int_equal(rename(path, temporary_path(&w.dir, "kept")), 0);
    assert_int_equal(world_open_try(&w, &e), FAIL_ROLLED_BACK);
    /* a later format: named */
    assert_ok(disk_file_replace(AT_FDCWD, path, STR("azekura-ledger-signed-v9\n"), 0644, &e), &e);
    assert_int_equal(world_open_try(&w, &e), FAIL_VERSION);
    assert_non_null(strstr(e.message, "v9"));
    assert_int_equal(rename(temporary_path(&w.dir, "kept"), path), 0);

    /* a hash tile below the trim, changed by one bit: the trees disagree */
    snprintf(path, sizeof path, "%s/tile/0/001", w.ledger_dir);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    unsigned char byte;
    assert_int_equal(pread(fd, &byte, 1, 700), 1);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, 700), 1);
    assert_int_equal(world_open_try(&w, &e), FAIL_CORRUPT);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, 700), 1);
    assert_int_equal(ftruncate(fd, 8191), 0);
    assert_int_equal(world_open_try(&w, &e), FAIL_CORRUPT);
    close(fd);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(world_open_try(&w, &e), FAIL_CORRUPT);
    assert_non_null(strstr(e.message, "missing"));
    world_end(&w);
}

/* A tile that lies there with other bytes is never overwritten: somebody's evidence is in it. */
static void a_tile_is_never_overwritten(void **state) {
    struct world w;
    struct error e;
    char path[512], bytes[64];
    world_begin(&w);
    world_open(&w);
    world_fill(&w, 255);
    snprintf(path, sizeof path, "%s/tile/entries", w.ledger_dir);
    assert_ok(disk_make_dirs(AT_FDCWD, path, 0755, &e), &e);
    snprintf(path, sizeof path, "%s/tile/entries/000", w.ledger_dir);
    assert_ok(disk_file_replace(AT_FDCWD, path, STR("other evidence"), 0644, &e), &e);
    world_fill(&w, 1);
    assert_int_equal(ledger_publish(w.ledger, &e), FAIL_CORRUPT);
    assert_true(ledger_stopped(w.ledger));
    struct arena arena = arena_over(bytes, sizeof bytes);
    str kept;
    assert_ok(disk_file_read(AT_FDCWD, path, 40, &arena, &kept, &e), &e);
    assert_str(kept, STR("other evidence"));
    world_end(&w);
}

static void another_key_store_is_refused(void **state) {
    struct world w;
    struct error e;
    world_begin(&w);
    world_open(&w);
    world_fill(&w, 3);
    world_close(&w);
    seal_keys_close(w.keys);
    assert_ok(seal_keys_open(temporary_path(&w.dir, "other-keys"), NULL, &w.keys, &e), &e);
    assert_int_equal(world_open_try(&w, &e), FAIL_CRYPTO);
    world_end(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_engine_call_fails_once),
        cmocka_unit_test(a_failed_commit_may_have_been_written),
        cmocka_unit_test(every_disk_call_fails_once),
        cmocka_unit_test(a_cut_after_every_publisher_step),
        cmocka_unit_test(bytes_then_names_then_watermark_then_signature),
        cmocka_unit_test(trimming_waits_for_files),
        cmocka_unit_test(a_shorter_history_is_refused),
        cmocka_unit_test(another_history_is_refused),
        cmocka_unit_test(forged_rows_stop_the_log),
        cmocka_unit_test(a_restored_copy_is_seen_by_the_anchor),
        cmocka_unit_test(an_anchor_confirms),
        cmocka_unit_test(files_that_are_missing_or_changed),
        cmocka_unit_test(a_tile_is_never_overwritten),
        cmocka_unit_test(another_key_store_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
