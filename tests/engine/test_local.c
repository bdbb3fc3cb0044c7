/* What only the local engine can do: files that another process, another version or a bad disk have
 * touched; handles that break; fibers. */
#include "engine/local/local.h"
#include "tests/engine/faults.h"
#include "tests/engine/world.h"

#include "base/disk.h"
#include "base/runtime.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

static void path_in(const struct world *w, const char *name, char path[256]) {
    snprintf(path, 256, "%s/%s", w->dir, name);
}

static void file_write(const struct world *w, const char *name, const char *text) {
    char path[256];
    path_in(w, name, path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void close_engine(struct world *w) {
    engine_close(w->engine);
    w->engine = NULL;
}

static enum error_code open_engine(struct world *w, struct error *e) {
    return engine_open_local(&w->options, &w->engine, e);
}

/* ---- the directory ---- */

static void a_second_opener_is_told(void **state) {
    struct world *w = *state;
    struct engine *second;
    struct error e;
    assert_int_equal(engine_open_local(&w->options, &second, &e), FAIL_LOCKED);
    assert_non_null(strstr(e.message, w->dir));
    put_one(w, ENGINE_META, "first", "unharmed");
}

static void an_unknown_format_is_named(void **state) {
    struct world *w = *state;
    struct error e;
    close_engine(w);
    file_write(w, "FORMAT", "azekura-data 2\n");
    assert_int_equal(open_engine(w, &e), FAIL_VERSION);
    assert_non_null(strstr(e.message, "azekura-data 2"));
    char path[256];
    path_in(w, "FORMAT", path);
    unlink(path);
    assert_int_equal(open_engine(w, &e), FAIL_CORRUPT); /* data, but nobody says of what kind */
    file_write(w, "FORMAT", "azekura-data 1\n");
    assert_ok(open_engine(w, &e), &e);
}

static void the_epoch_is_guarded(void **state) {
    struct world *w = *state;
    struct error e;
    struct engine_blob_id before = engine_blob_id_new(w->engine);
    close_engine(w);
    char path[256], text[65] = {0};
    path_in(w, "epoch", path);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    for (size_t i = 0; i < len; i++) { /* each byte in its turn */
        text[i] ^= 1;
        file_write(w, "epoch", text);
        assert_int_equal(open_engine(w, &e), FAIL_CORRUPT);
        text[i] ^= 1;
    }
    unlink(path); /* gone altogether: a row of RocksDB remembers it */
    assert_ok(open_engine(w, &e), &e);
    struct engine_blob_id after = engine_blob_id_new(w->engine);
    assert_true(memcmp(after.at, before.at, 8) > 0);
}

static void lost_rows_are_not_a_beginning(void **state) {
    struct world *w = *state;
    struct error e;
    close_engine(w);
    char from[256], to[256];
    path_in(w, "rocks", from);
    path_in(w, "elsewhere", to);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(open_engine(w, &e), FAIL_CORRUPT);
    world_dir_remove(from); /* nothing, or what the attempt left */
    assert_int_equal(rename(to, from), 0);
    assert_ok(open_engine(w, &e), &e);
}

/* ---- flipped bytes ---- */

enum { FLIP_TURNS = 400 };

static void flip_body(int turn, char body[1200]) {
    for (int i = 0; i < 1200; i++) body[i] = (char)('a' + (turn * 7 + i * i) % 26);
}

static void flip_fill(struct world *w) {
    char key[16], body[1200];
    struct error e;
    for (int i = 0; i < FLIP_TURNS; i++) {
        if (i ==
            FLIP_TURNS / 2) /* the first half into tables and blob files, the rest in the log */
            assert_ok(engine_forget(w->engine, ENGINE_OPENING, STR("x"), STR("y"), &e), &e);
        snprintf(key, sizeof key, "%08d", i);
        flip_body(i, body);
        struct engine_turn *turn = turn_of(w);
        for (int f = 0; f < ENGINE_FAMILY_COUNT; f++)
            assert_ok(engine_turn_put(turn, (enum engine_family)f, str_from_c(key),
                                      str_of(body, sizeof body), &e),
                      &e);
        commit(turn);
    }
}

/* Reads everything. FAIL_CORRUPT and the like: it was reported. Silently wrong bytes, half a turn,
 * or a hole in the middle fail the test. *turns: how many are there. */
static enum error_code flip_check(struct world *w, const char *what, int *turns, struct error *e) {
    struct engine_view *view;
    enum error_code code = engine_view_open(w->engine, &view, e);
    if (code != OK) return code;
    *turns = -1;
    for (int f = 0; f < ENGINE_FAMILY_COUNT && code == OK; f++) {
        int count = 0;
        for (int i = 0; i < FLIP_TURNS && code == OK; i++) {
            char key[16], body[1200];
            snprintf(key, sizeof key, "%08d", i);
            flip_body(i, body);
            str value;
            bool found;
            w->arena = arena_over(w->memory, sizeof w->memory);
            code = engine_view_get(view, (enum engine_family)f, str_from_c(key), &w->arena, &value,
                                   &found, e);
            if (code != OK || !found) continue;
            assert_row(what, count == i); /* no hole before it */
            assert_row(what, str_equal(value, str_of(body, sizeof body)));
            count++;
        }
        if (code == OK) assert_row(what, *turns == -1 || *turns == count);
        *turns = count;
    }
    engine_view_close(view);
    return code;
}

static const char *kind_of(const char *name) {
    str s = str_from_c(name);
    return str_ends(s, STR(".sst"))         ? "table"
           : str_ends(s, STR(".blob"))      ? "blob file"
           : str_ends(s, STR(".log"))       ? "log"
           : str_starts(s, STR("MANIFEST")) ? "manifest"
           : str_equal(s, STR("CURRENT"))   ? "current"
                                            : NULL;
}

static void flip_in(struct world *w, const char *name, double where, int *silent, int *reported) {
    char path[512], template[128], command[512];
    snprintf(template, sizeof template, "%s.template", w->dir);
    snprintf(command, sizeof command, "rm -rf %s && cp -a %s %s", w->dir, template, w->dir);
    assert_int_equal(system(command), 0);
    snprintf(path, sizeof path, "%s/rocks/%s", w->dir, name);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    int fd = open(path, O_RDWR);
    off_t at = (off_t)(where * (double)(info.st_size - 1));
    char byte;
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
    struct error e;
    int turns = 0;
    enum error_code code = open_engine(w, &e);
    if (code == OK) code = flip_check(w, name, &turns, &e);
    engine_close(w->engine);
    w->engine = NULL;
    bool is_log = strcmp(kind_of(name), "log") == 0;
    if (code != OK) {
        assert_row(name, code == FAIL_CORRUPT || code == FAIL_SYSTEM);
        ++*reported;
    } else if (turns < FLIP_TURNS) {
        assert_row(name, is_log); /* CORE 3: the log alone loses its end in silence */
        ++*silent;
    }
}

static void flipped_bytes_are_never_read_as_truth(void **state) {
    struct world *w = *state;
    struct error e;
    flip_fill(w);
    close_engine(w);
    char template[128], command[512], rocks[512];
    snprintf(template, sizeof template, "%s.template", w->dir);
    snprintf(command, sizeof command, "cp -a %s %s", w->dir, template);
    assert_int_equal(system(command), 0);
    snprintf(rocks, sizeof rocks, "%s/rocks", template);
    int reported[5] = {0}, silent = 0;
    static const char *const kinds[5] = {"table", "blob file", "log", "manifest", "current"};
    DIR *dir = opendir(rocks);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        const char *kind = kind_of(entry->d_name);
        struct stat info;
        if (kind == NULL || fstatat(dirfd(dir), entry->d_name, &info, 0) != 0 || info.st_size == 0)
            continue;
        int k = 0;
        while (strcmp(kinds[k], kind) != 0) k++;
        for (int i = 0; i < 4; i++)
            flip_in(w, entry->d_name, (i + 0.37) / 4, &silent, &reported[k]);
    }
    closedir(dir);
    for (int k = 0; k < 5; k++) {
        print_message("%s: %d flips reported\n", kinds[k], reported[k]);
        if (k != 2) assert_true(reported[k] > 0);
    }
    assert_true(silent > 0); /* else the watermark of the ledger has nothing to guard */
    snprintf(command, sizeof command, "rm -rf %s && mv %s %s", w->dir, template, w->dir);
    assert_int_equal(system(command), 0);
    assert_ok(open_engine(w, &e), &e);
}

/* ---- broken handles ---- */

static void break_commit(struct world *w, const char *key) {
    struct error e;
    struct engine_turn *turn = turn_of(w);
    put(turn, ENGINE_META, key, "1");
    put(turn, ENGINE_LEDGER, key, "1");
    fault_at(w->dir, FAULT_SYNC, 1, EIO, true);
    assert_int_equal(engine_turn_commit(turn, &e), FAIL_ENGINE_BROKEN);
    assert_non_null(strstr(e.message, "Input/output error"));
    fault_none();
}

static void a_broken_handle_is_opened_again(void **state) {
    struct world *w = *state;
    struct error e;
    put_one(w, ENGINE_META, "before", "1");
    struct engine_view *old = view_of(w);
    struct engine_scan *scan;
    assert_ok(engine_view_scan(old, ENGINE_META, STR_EMPTY, STR_EMPTY, &scan, &e), &e);
    bool more;
    str key, value;
    assert_ok(engine_scan_next(scan, &more, &key, &value, &e), &e);
    break_commit(w, "failed");
    assert_true(engine_is_broken(w->engine));
    struct engine_turn *turn;
    assert_int_equal(engine_turn_begin(w->engine, &turn, &e), FAIL_ENGINE_BROKEN);
    assert_int_equal(engine_forget(w->engine, ENGINE_META, STR("a"), STR("b"), &e),
                     FAIL_ENGINE_BROKEN);
    assert_string_equal(value_now(w, "before"), "1"); /* readers go on meanwhile */
    assert_null(value_now(w, "failed"));
    assert_ok(engine_reopen(w->engine, &e), &e);
    assert_str(key, STR("before")); /* what a scan gave out outlives its handle */
    bool found;
    assert_int_equal(
        engine_view_get(old, ENGINE_META, STR("before"), &w->arena, &value, &found, &e),
        FAIL_ENGINE_BROKEN);
    assert_int_equal(engine_scan_next(scan, &more, &key, &value, &e), FAIL_ENGINE_BROKEN);
    assert_int_equal(engine_scan_seek(scan, STR("z"), &e), FAIL_ENGINE_BROKEN);
    struct engine_scan *second;
    assert_int_equal(engine_view_scan(old, ENGINE_META, STR_EMPTY, STR_EMPTY, &second, &e),
                     FAIL_ENGINE_BROKEN);
    engine_scan_close(scan);
    engine_view_close(old);
    assert_string_equal(value_now(w, "before"), "1");
    bool was_kept = value_now(w, "failed") != NULL; /* the disk decides; RocksDB's log has it */
    print_message("the failed batch %s there\n", was_kept ? "is" : "is not");
    struct engine_view *view = view_of(w);
    assert_ok(engine_view_get(view, ENGINE_LEDGER, STR("failed"), &w->arena, &value, &found, &e),
              &e);
    assert_int_equal(found, was_kept); /* all of it or nothing */
    engine_view_close(view);
    put_one(w, ENGINE_META, "after", "1");
    world_reopen(w);
    assert_string_equal(value_now(w, "after"), "1");
}

static void reopening_may_fail_and_be_tried_again(void **state) {
    struct world *w = *state;
    struct error e;
    put_one(w, ENGINE_META, "before", "1");
    break_commit(w, "failed");
    fault_at(w->dir, FAULT_SYNC, 1, EIO, true);
    assert_int_not_equal(engine_reopen(w->engine, &e), OK);
    fault_none();
    assert_true(engine_is_broken(w->engine));
    struct engine_view *view;
    assert_int_equal(engine_view_open(w->engine, &view, &e), FAIL_ENGINE_BROKEN);
    struct engine_turn *turn;
    assert_int_equal(engine_turn_begin(w->engine, &turn, &e), FAIL_ENGINE_BROKEN);
    struct engine_numbers numbers;
    engine_numbers(w->engine, &numbers);
    assert_ok(engine_reopen(w->engine, &e), &e);
    assert_string_equal(value_now(w, "before"), "1");
    put_one(w, ENGINE_META, "after", "1");
}

struct reading {
    struct world *world;
    _Atomic bool stop;
    _Atomic uint64_t rows, ended;
};

static void *read_on_and_on(void *argument) {
    struct reading *r = argument;
    char memory[256];
    while (!r->stop) {
        struct engine_view *view;
        struct engine_scan *scan = NULL;
        struct error e;
        bool found, more = true;
        str key, value;
        if (engine_view_open(r->world->engine, &view, &e) != OK) continue;
        struct arena arena = arena_over(memory, sizeof memory);
        enum error_code code =
            engine_view_get(view, ENGINE_META, STR("k0500"), &arena, &value, &found, &e);
        if (code == OK && !found) abort();
        if (code == OK) code = engine_view_scan(view, ENGINE_META, STR("k"), STR_EMPTY, &scan, &e);
        uint64_t rows = 0;
        while (code == OK && more) {
            code = engine_scan_next(scan, &more, &key, &value, &e);
            rows += code == OK && more;
        }
        if (code == OK && rows != 1000) abort();
        if (code != OK && code != FAIL_ENGINE_BROKEN) abort();
        r->ended += code != OK;
        r->rows += rows;
        engine_scan_close(scan);
        engine_view_close(view);
    }
    return NULL;
}

/* Readers in the middle of gets and scans while the handle under them is taken away. */
static void readers_survive_reopenings(void **state) {
    struct world *w = *state;
    struct engine_turn *turn = turn_of(w);
    for (int i = 0; i < 1000; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%04d", i);
        put(turn, ENGINE_META, key, "v");
    }
    commit(turn);
    struct reading reading = {.world = w};
    pthread_t threads[3];
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_create(&threads[i], NULL, read_on_and_on, &reading);
    struct error e;
    for (int i = 0; i < 10; i++) {
        put_one(w, ENGINE_LEDGER, "l", "1");
        assert_ok(engine_reopen(w->engine, &e), &e);
        usleep(5000);
    }
    reading.stop = true;
    for (size_t i = 0; i < COUNT_OF(threads); i++) pthread_join(threads[i], NULL);
    print_message("%llu rows read, %llu readings ended by a reopening\n",
                  (unsigned long long)reading.rows, (unsigned long long)reading.ended);
    assert_true(reading.rows > 1000);
    struct engine_numbers numbers;
    engine_numbers(w->engine, &numbers);
    assert_int_equal(numbers.views_open, 0);
}

/* ---- blobs ---- */

static int open_without_tmpfile(void *self, int dir_fd, const char *path, int flags, mode_t mode) {
    if ((flags & O_TMPFILE) == O_TMPFILE) return -EOPNOTSUPP;
    return disk_real()->open(disk_real()->self, dir_fd, path, flags, mode);
}

static void blobs_do_without_tmpfile(void **state) {
    struct world *w = *state;
    struct disk disk = *disk_real();
    disk.open = open_without_tmpfile;
    disk_use(&disk);
    struct engine_blob_id id = blob_of(w, "named in two steps");
    struct engine_blob_writer *abandoned, *crashed;
    struct error e;
    assert_ok(engine_blob_create(w->engine, &abandoned, &e), &e);
    engine_blob_abandon(abandoned);
    assert_ok(engine_blob_create(w->engine, &crashed, &e), &e);
    disk_use(NULL);
    assert_string_equal(blob_text(w, id), "named in two steps");
    /* What a crash would leave: a file called .part, which the next start's sweep takes. */
    char command[256], output[16] = {0};
    snprintf(command, sizeof command, "find %s/blobs -name '*.part' | wc -l", w->dir);
    FILE *pipe = popen(command, "r");
    assert_non_null(fgets(output, sizeof output, pipe));
    pclose(pipe);
    assert_int_equal(atoi(output), 1);
    engine_blob_abandon(crashed);
}

static void blobs_lie_where_the_format_says(void **state) {
    struct world *w = *state;
    struct engine_blob_id id = blob_of(w, "bytes");
    char path[256], name[128];
    snprintf(name, sizeof name, "blobs/%016llx/%02x/%016llx%016llx",
             (unsigned long long)read_be64(id.at), id.at[15], (unsigned long long)read_be64(id.at),
             (unsigned long long)read_be64(id.at + 8));
    path_in(w, name, path);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_size, 5);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static bool nothing_is_named(void *self, struct engine_view *view, struct engine_blob_id id) {
    ++*(int *)self;
    return true;
}

static void a_clean_epoch_is_not_looked_at_again(void **state) {
    struct world *w = *state;
    struct error e;
    blob_of(w, "kept");
    world_reopen(w);
    int asked = 0;
    uint64_t removed;
    assert_ok(engine_blobs_sweep(w->engine, nothing_is_named, &asked, &removed, &e), &e);
    assert_int_equal(asked, 1);
    world_reopen(w);
    assert_ok(engine_blobs_sweep(w->engine, nothing_is_named, &asked, &removed, &e), &e);
    assert_int_equal(asked, 1);
}

/* ---- forgetting and tombstones ---- */

static bool files_hold(const struct world *w, const char *words) {
    char command[256];
    snprintf(command, sizeof command, "grep -rqa %s %s", words, w->dir);
    return system(command) == 0;
}

static void *close_later(void *view) {
    usleep(200000);
    engine_view_close(view);
    return NULL;
}

static void what_is_forgotten_is_in_no_file(void **state) {
    struct world *w = *state;
    struct error e;
    struct engine_turn *turn = turn_of(w);
    put(turn, ENGINE_OPENING, "a", "kept-in-the-open");
    put(turn, ENGINE_OPENING, "b", "forget-me-in-log");
    put(turn, ENGINE_BODY, "b", "forget-my-body");
    commit(turn);
    assert_true(files_hold(w, "forget-me-in-log"));
    assert_ok(engine_forget(w->engine, ENGINE_OPENING, STR("b"), STR("c"), &e), &e);
    assert_false(files_hold(w, "forget-me-in-log"));
    put_one(w, ENGINE_OPENING, "b", "forget-me-in-table");
    char body[2000];
    memset(body, 'B', sizeof body);
    memcpy(body, "forget-my-large-body", 20);
    turn = turn_of(w);
    assert_ok(engine_turn_put(turn, ENGINE_BODY, STR("c"), str_of(body, sizeof body), &e), &e);
    commit(turn);
    assert_ok(engine_forget(w->engine, ENGINE_OPENING, STR("x"), STR("y"), &e), &e); /* flushes */
    assert_true(files_hold(w, "forget-me-in-table"));
    assert_true(files_hold(w, "forget-my-large-body"));
    struct engine_view *view = view_of(w); /* keeps the row until it closes */
    pthread_t closer;
    pthread_create(&closer, NULL, close_later, view);
    assert_ok(engine_forget(w->engine, ENGINE_OPENING, STR("b"), STR("c"), &e), &e);
    pthread_join(closer, NULL);
    assert_false(files_hold(w, "forget-me-in-table"));
    assert_ok(engine_forget(w->engine, ENGINE_BODY, STR("b"), STR("d"), &e), &e);
    assert_false(files_hold(w, "forget-my"));
    assert_true(files_hold(w, "kept-in-the-open"));
}

static void many_tombstones_call_for_a_compaction(void **state) {
    struct world *w = *state;
    struct error e;
    enum { ROWS = 30000 };
    for (int pass = 0; pass < 2; pass++)
        for (int from = 0; from < ROWS; from += 1000) {
            struct engine_turn *turn = turn_of(w);
            for (int i = from; i < from + 1000; i++) {
                char key[16];
                snprintf(key, sizeof key, "t%06d", i);
                if (pass == 0)
                    put(turn, ENGINE_META, key, "v");
                else
                    assert_ok(engine_turn_delete(turn, ENGINE_META, str_from_c(key), &e), &e);
            }
            commit(turn);
        }
    put_one(w, ENGINE_META, "z", "the only one");
    struct engine_view *view = view_of(w);
    struct engine_scan *scan;
    assert_ok(engine_view_scan(view, ENGINE_META, STR("t"), STR_EMPTY, &scan, &e), &e);
    assert_string_equal(scan_keys(w, scan), "z");
    engine_scan_close(scan);
    engine_view_close(view);
    struct engine_numbers numbers;
    engine_numbers(w->engine, &numbers);
    assert_int_equal(numbers.compactions_suggested, 1);
}

/* ---- on fibers ---- */

struct on_fiber {
    struct world *world;
    struct engine_blob_id id;
    struct engine_view *view;
    int round;
    struct wake done;
    const char *wrong; /* what failed; NULL: nothing */
};

static const char *read_bodies(struct on_fiber *f) {
    char memory[1024];
    struct error e;
    for (int i = 0; i < 10; i++) {
        struct arena arena = arena_over(memory, sizeof memory);
        str value;
        bool found;
        struct engine_view *view;
        if (engine_view_open(f->world->engine, &view, &e) != OK) return "no view";
        enum error_code code = engine_view_get(view, ENGINE_BODY, str_of(f->id.at, sizeof f->id),
                                               &arena, &value, &found, &e);
        engine_view_close(view);
        if (code != OK) return "get failed";
        if (found != (f->round == 0)) return "found, or not, against what was committed";
        if (found && !str_equal(value, STR("small body"))) return "other bytes";
        arena = arena_over(memory, sizeof memory);
        if (engine_view_get(f->view, ENGINE_BODY, str_of(f->id.at, sizeof f->id), &arena, &value,
                            &found, &e) != OK ||
            !found)
            return "a view from before has lost its body";
    }
    return NULL;
}

static const char *scan_rows(struct on_fiber *f) {
    struct engine_scan *scan;
    struct error e;
    if (engine_view_scan(f->view, ENGINE_META, STR_EMPTY, STR_EMPTY, &scan, &e) != OK)
        return "no scan";
    int rows = 0;
    bool more = true;
    while (more) {
        str key, value;
        if (engine_scan_next(scan, &more, &key, &value, &e) != OK) return "scan failed";
        rows += more;
    }
    engine_scan_close(scan);
    return rows == 5000 ? NULL : "the scan missed rows";
}

static const char *copy_blob(struct on_fiber *f) {
    struct engine_blob_writer *writer;
    struct engine_blob *blob;
    struct error e;
    char bytes[8];
    size_t got;
    if (engine_blob_create(f->world->engine, &writer, &e) != OK) return "no writer";
    struct engine_blob_id id = engine_blob_writer_id(writer);
    if (engine_blob_append(writer, STR("fiber"), &e) != OK) return "append";
    if (engine_blob_finish(writer, &e) != OK) return "finish";
    if (engine_blob_open(f->world->engine, id, &blob, &e) != OK) return "open";
    enum error_code code = engine_blob_read(blob, 0, bytes, sizeof bytes, &got, &e);
    engine_blob_close(blob);
    return code == OK && str_equal(str_of(bytes, got), STR("fiber")) ? NULL : "read";
}

static void fiber_run(void *argument) {
    struct on_fiber *f = argument;
    f->wrong = read_bodies(f);
    if (f->wrong == NULL) f->wrong = scan_rows(f);
    if (f->wrong == NULL) f->wrong = copy_blob(f);
    wake_fire(&f->done);
}

/* With a cold cache gets and scans must go to a worker and come back; a body is found in the
 * reactor's cache, and is not once its row is deleted. */
static void fibers_read_without_blocking(void **state) {
    struct world *w = *state;
    struct error e;
    struct on_fiber f = {.world = w, .id = engine_blob_id_new(w->engine)};
    struct engine_turn *turn = turn_of(w);
    for (int i = 0; i < 5000; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%04d", i);
        put(turn, ENGINE_META, key, "v");
    }
    assert_ok(
        engine_turn_put(turn, ENGINE_BODY, str_of(f.id.at, sizeof f.id), STR("small body"), &e),
        &e);
    commit(turn);
    assert_ok(engine_forget(w->engine, ENGINE_OPENING, STR("x"), STR("y"), &e), &e); /* flushes */
    world_reopen(w);
    f.view = view_of(w);
    struct runtime_options options = {.backend = RUNTIME_EPOLL, .reactors = 1, .workers = 2};
    struct runtime *runtime;
    assert_ok(runtime_open(&options, &runtime, &e), &e);
    for (f.round = 0; f.round < 2; f.round++) {
        wake_reset(&f.done);
        assert_ok(fiber_start(runtime_reactor(runtime, 0), fiber_run, &f, &e), &e);
        assert_ok(wake_wait(&f.done, INT64_MAX, &e), &e);
        if (f.wrong != NULL) fail_msg("round %d: %s", f.round, f.wrong);
        turn = turn_of(w);
        assert_ok(engine_turn_delete(turn, ENGINE_BODY, str_of(f.id.at, sizeof f.id), &e), &e);
        commit(turn);
    }
    runtime_close(runtime);
    engine_view_close(f.view);
    struct engine_numbers numbers;
    engine_numbers(w->engine, &numbers);
    assert_int_equal(numbers.body_hits, 19); /* all but the very first; none after the deletion */
}

/* ---- what reactors keep near ---- */

struct near_round {
    struct world *world;
    struct engine_view *before; /* of the round before; NULL: none */
    const char *want, *want_before;
    struct wake done;
    const char *wrong;
};

/* The row, and by its lead the body it names: "ID VALUE" is a row whose first 16 bytes are an id. */
static enum error_code near_next(struct engine_lead *lead, str value, str *key, struct error *e) {
    *key = str_slice(value, 0, ENGINE_BLOB_ID_BYTES);
    return OK;
}

static const char *near_read(struct engine_view *view, const char *want) {
    char memory[4096];
    struct arena arena = arena_over(memory, sizeof memory);
    struct engine_lead lead = {.family = ENGINE_BODY, .next = near_next};
    struct error e;
    str value;
    bool found;
    if (engine_view_get_led(view, ENGINE_META, STR("row"), &lead, &arena, &value, &found, &e) != OK)
        return "get failed";
    if (!found) return want == NULL ? NULL : "a row that is there was not found";
    if (want == NULL) return "a row that was deleted was found";
    if (!str_equal(str_skip(value, ENGINE_BLOB_ID_BYTES), str_from_c(want)))
        return "a row as it was at another moment";
    if (!lead.found || !str_equal(lead.value, str_from_c(want))) return "the body of another row";
    if (engine_view_get(view, ENGINE_META, STR("row"), &arena, &value, &found, &e) != OK || !found)
        return "get alone found nothing";
    return str_equal(str_skip(value, ENGINE_BLOB_ID_BYTES), str_from_c(want))
               ? NULL
               : "get alone found another moment's";
}

static void near_run(void *argument) {
    struct near_round *r = argument;
    struct engine_view *view;
    struct error e;
    for (int i = 0; i < 100 && r->wrong == NULL;
         i++) { /* often enough to meet every way of asking */
        if (engine_view_open(r->world->engine, &view, &e) != OK) {
            r->wrong = "no view";
            break;
        }
        r->wrong = near_read(view, r->want);
        if (r->wrong == NULL && r->before != NULL) r->wrong = near_read(r->before, r->want_before);
        engine_view_close(view);
    }
    wake_fire(&r->done);
}

static void near_write(struct world *w, const char *value) {
    struct error e;
    struct engine_turn *turn = turn_of(w);
    struct engine_blob_id id = engine_blob_id_new(w->engine);
    char row[64];
    memcpy(row, id.at, sizeof id.at);
    memcpy(row + sizeof id.at, value, strlen(value));
    assert_ok(
        engine_turn_put(turn, ENGINE_BODY, str_of(id.at, sizeof id.at), str_from_c(value), &e), &e);
    assert_ok(engine_turn_put(turn, ENGINE_META, STR("row"),
                              str_of(row, sizeof id.at + strlen(value)), &e),
              &e);
    commit(turn);
}

/* A reactor keeps what it has read. A row that was written since, or deleted, must not be found in
 * its old form, nor the new one by a view from before, however the two take turns. */
static void what_is_near_is_of_the_views_moment(void **state) {
    struct world *w = *state;
    static const char *const values[] = {"first", "second", NULL, "third", "fourth"};
    struct runtime_options options = {.backend = RUNTIME_EPOLL, .reactors = 1, .workers = 2};
    struct runtime *runtime;
    struct error e;
    assert_ok(runtime_open(&options, &runtime, &e), &e);
    struct near_round round = {.world = w};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        if (values[i] != NULL) {
            near_write(w, values[i]);
        } else {
            struct engine_turn *turn = turn_of(w);
            assert_ok(engine_turn_delete(turn, ENGINE_META, STR("row"), &e), &e);
            commit(turn);
        }
        round.want = values[i];
        wake_reset(&round.done);
        assert_ok(fiber_start(runtime_reactor(runtime, 0), near_run, &round, &e), &e);
        assert_ok(wake_wait(&round.done, INT64_MAX, &e), &e);
        if (round.wrong != NULL) fail_msg("round %zu: %s", i, round.wrong);
        if (round.before != NULL) engine_view_close(round.before);
        round.before = view_of(w);
        round.want_before = values[i];
    }
    runtime_close(runtime);
    engine_view_close(round.before);
    struct engine_numbers numbers;
    engine_numbers(w->engine, &numbers);
    assert_true(numbers.body_hits > 300); /* else this has shown nothing about what is near */
}

/* The library's own sum, which it would use if we did not stand before it, and ours: data must be
 * readable by either. */
static void our_checksum_is_the_librarys(void **state) {
    (void)state;
    typedef uint32_t extend(uint32_t crc, const char *bytes, size_t count);
    static const char name[] = "_ZN7rocksdb6crc32c6ExtendEjPKcm";
    void *rocksdb = dlopen("librocksdb.so.7.8", RTLD_NOW | RTLD_NOLOAD);
    if (rocksdb == NULL) skip(); /* another version: its name is not known here */
    extend *theirs, *used;
    *(void **)&theirs = dlsym(rocksdb, name);
    *(void **)&used = dlsym(RTLD_DEFAULT, name);
    assert_non_null(theirs);
    assert_ptr_not_equal(theirs, used); /* else bodies are summed by tables, ten times slower */
    struct random_seeded dice;
    random_seed(&dice, 7);
    char bytes[5000];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)random_next(&dice);
    for (int i = 0; i < 2000; i++) {
        size_t from = random_below(&dice, 64), count = random_below(&dice, sizeof bytes - 64);
        uint32_t so_far = (uint32_t)random_next(&dice);
        assert_int_equal(used(so_far, bytes + from, count), theirs(so_far, bytes + from, count));
    }
    dlclose(rocksdb);
}

/* Little garbage is not worth copying what lives; once it is, little must be left before it ends. */
static void garbage_is_collected_where_there_is_enough(void **state) {
    static const struct {
        uint64_t bytes, garbage;
        bool is_low, collects, worth;
    } rows[] = {
        {0, 0, false, false, false},     {1000, 199, false, false, false},
        {1000, 200, false, false, true}, {1000, 150, false, true, true},
        {1000, 99, false, true, false},  {1000, 1, true, false, true},
        {1000, 0, true, true, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(
            local_garbage_worth(rows[i].bytes, rows[i].garbage, rows[i].is_low, rows[i].collects),
            rows[i].worth);
}

/* A turn remembers that a row was not there; what it writes itself must be seen all the same. */
static void a_row_missed_once_is_seen_when_written(void **state) {
    struct world *w = *state;
    struct engine_turn *turn = turn_of(w);
    assert_null(turn_value(w, turn, "new"));
    assert_null(turn_value(w, turn, "new"));
    put(turn, ENGINE_META, "new", "one");
    assert_string_equal(turn_value(w, turn, "new"), "one");
    commit(turn);
    turn = turn_of(w);
    assert_string_equal(turn_value(w, turn, "new"), "one"); /* and in the turn after it */
    engine_turn_abandon(turn);
}

#define LOCAL(test)                                                                                \
    { #test, test, world_open_local, world_close, NULL }

int main(void) {
    const struct CMUnitTest tests[] = {
        LOCAL(a_second_opener_is_told),
        LOCAL(an_unknown_format_is_named),
        LOCAL(the_epoch_is_guarded),
        LOCAL(lost_rows_are_not_a_beginning),
        LOCAL(flipped_bytes_are_never_read_as_truth),
        LOCAL(a_broken_handle_is_opened_again),
        LOCAL(reopening_may_fail_and_be_tried_again),
        LOCAL(readers_survive_reopenings),
        LOCAL(blobs_do_without_tmpfile),
        LOCAL(blobs_lie_where_the_format_says),
        LOCAL(a_clean_epoch_is_not_looked_at_again),
        LOCAL(what_is_forgotten_is_in_no_file),
        LOCAL(many_tombstones_call_for_a_compaction),
        LOCAL(fibers_read_without_blocking),
        LOCAL(what_is_near_is_of_the_views_moment),
        LOCAL(a_row_missed_once_is_seen_when_written),
        cmocka_unit_test(garbage_is_collected_where_there_is_enough),
        cmocka_unit_test(our_checksum_is_the_librarys),
    };
    return cmocka_run_group_tests_name("engine local", tests, NULL, NULL);
}
