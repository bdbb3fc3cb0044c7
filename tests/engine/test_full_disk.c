/* A really full disk: a small ext4 of its own, loop-mounted. Needs root and loop devices; where
 * those are missing the test says so and is skipped (exit 77). */
#include "tests/engine/world.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DISK_MIB = 64, ROW_BYTES = 8192, ROWS_PER_TURN = 16 };

static char mount_point[80], image[80];

static int run(const char *format, const char *a, const char *b) {
    char command[512];
    snprintf(command, sizeof command, format, a, b);
    return system(command);
}

static bool disk_mount(void) {
    char scratch[64];
    world_dir_make(scratch);
    snprintf(image, sizeof image, "%s/image", scratch);
    snprintf(mount_point, sizeof mount_point, "%s/disk", scratch);
    int fd = open(image, O_CREAT | O_WRONLY, 0600);
    if (fd < 0 || ftruncate(fd, (off_t)DISK_MIB << 20) != 0) return false;
    close(fd);
    return mkdir(mount_point, 0700) == 0 &&
           run("mkfs.ext4 -q -F %s 2>%s", image, "/dev/null") == 0 &&
           run("mount -o loop %s %s 2>/dev/null", image, mount_point) == 0;
}

static void disk_unmount(void) {
    run("umount %s 2>%s", mount_point, "/dev/null");
    *strrchr(image, '/') = 0;
    world_dir_remove(image);
}

static struct engine_local_options options_in(const char *dir) {
    return (struct engine_local_options){
        .dir = dir,
        .cache_bytes = 4 << 20,
        .write_buffer_bytes = 1 << 20,
        .wal_bytes_max = 4 << 20,
    };
}

static int full_world_open(void **state) {
    struct world *w = calloc(1, sizeof *w);
    w->arena = arena_over(w->memory, sizeof w->memory);
    snprintf(w->dir, sizeof w->dir, "%s/data", mount_point);
    w->is_local = true;
    w->options = options_in(w->dir);
    struct error e;
    assert_ok(engine_open_local(&w->options, &w->engine, &e), &e);
    *state = w;
    return 0;
}

static void row_bytes(uint64_t i, char bytes[ROW_BYTES]) {
    struct random_seeded random;
    random_seed(&random, i + 1);
    for (size_t at = 0; at < ROW_BYTES; at += 8) {
        uint64_t word = random_next(&random);
        memcpy(bytes + at, &word, 8);
    }
}

static enum error_code put_rows(struct world *w, uint64_t from, struct error *e) {
    char key[32], bytes[ROW_BYTES];
    struct engine_turn *turn;
    TRY(engine_turn_begin(w->engine, &turn, e));
    for (uint64_t i = from; i < from + ROWS_PER_TURN; i++) {
        snprintf(key, sizeof key, "r%08llu", (unsigned long long)i);
        row_bytes(i, bytes);
        enum error_code code =
            engine_turn_put(turn, ENGINE_LEDGER, str_from_c(key), str_of(bytes, ROW_BYTES), e);
        assert_int_equal(code, OK);
    }
    return engine_turn_commit(turn, e);
}

static enum error_code delete_rows(struct world *w, uint64_t from, uint64_t until,
                                   struct error *e) {
    char key[32];
    struct engine_turn *turn;
    TRY(engine_turn_begin(w->engine, &turn, e));
    for (uint64_t i = from; i < until; i++) {
        snprintf(key, sizeof key, "r%08llu", (unsigned long long)i);
        assert_ok(engine_turn_delete(turn, ENGINE_LEDGER, str_from_c(key), e), e);
    }
    return engine_turn_commit(turn, e);
}

/* Every row of [from, until) is there, with its bytes. */
static void rows_are_there(struct world *w, uint64_t from, uint64_t until) {
    struct engine_view *view = view_of(w);
    for (uint64_t i = from; i < until; i++) {
        char key[32], bytes[ROW_BYTES];
        str value;
        bool found;
        struct error e;
        w->arena = arena_over(w->memory, sizeof w->memory);
        snprintf(key, sizeof key, "r%08llu", (unsigned long long)i);
        row_bytes(i, bytes);
        assert_ok(
            engine_view_get(view, ENGINE_LEDGER, str_from_c(key), &w->arena, &value, &found, &e),
            &e);
        assert_row(key, found);
        assert_row(key, str_equal(value, str_of(bytes, ROW_BYTES)));
    }
    engine_view_close(view);
}

static bool reserve_is_there(const struct world *w) {
    char path[128];
    struct stat info;
    snprintf(path, sizeof path, "%s/reserve", w->dir);
    return stat(path, &info) == 0 && info.st_size >= 8 << 20;
}

static void wait_for_reserve(const struct world *w) {
    for (int i = 0; i < 500 && !reserve_is_there(w); i++) usleep(10000);
    assert_true(reserve_is_there(w));
}

static void a_full_disk_is_survived(void **state) {
    struct world *w = *state;
    struct error e;
    wait_for_reserve(w);
    uint64_t rows = 0;
    while (!engine_is_low(w->engine)) { /* what the gate looks at before it takes a put */
        assert_ok(put_rows(w, rows, &e), &e);
        rows += ROWS_PER_TURN;
    }
    assert_true(rows > 1000);
    struct engine_blob_writer *writer;
    assert_int_equal(engine_blob_create(w->engine, &writer, &e), FAIL_DISK_FULL);
    assert_ok(delete_rows(w, 0, 64, &e), &e); /* deletes still work */
    enum error_code code;
    uint64_t low_rows = rows;
    while ((code = put_rows(w, rows, &e)) == OK) rows += ROWS_PER_TURN; /* nobody listens */
    print_message("low at %llu rows, full at %llu\n", (unsigned long long)low_rows,
                  (unsigned long long)rows);
    assert_int_equal(code, FAIL_ENGINE_BROKEN);
    rows_are_there(w, 64, rows); /* readers go on */
    assert_ok(engine_reopen(w->engine, &e), &e);
    assert_false(reserve_is_there(w));
    rows_are_there(w, 64, rows);
    for (uint64_t from = 64; from < rows - 100; from += 1000)
        assert_ok(delete_rows(w, from, u64_min(from + 1000, rows - 100), &e), &e);
    assert_ok(engine_forget(w->engine, ENGINE_LEDGER, STR("a"), STR("b"), &e), &e); /* flush */
    char until[32];
    snprintf(until, sizeof until, "r%08llu", (unsigned long long)(rows - 100));
    assert_ok(engine_forget(w->engine, ENGINE_LEDGER, STR("r"), str_from_c(until), &e), &e);
    wait_for_reserve(w); /* well again */
    assert_false(engine_is_low(w->engine));
    blob_of(w, "again");
    assert_ok(put_rows(w, rows, &e), &e);
    world_reopen(w);
    rows_are_there(w, rows - 100, rows + ROWS_PER_TURN);
}

/* What the child of the next test does: writes until nothing goes any more, tells how many rows it
 * was given, and is gone without closing anything. */
static int fill(const char *dir, int fd) {
    struct world *w = calloc(1, sizeof *w);
    struct error e;
    uint64_t rows = 0;
    snprintf(w->dir, sizeof w->dir, "%s", dir);
    w->options = options_in(w->dir);
    if (engine_open_local(&w->options, &w->engine, &e) != OK) _exit(1);
    while (put_rows(w, rows, &e) == OK) rows += ROWS_PER_TURN;
    _exit(write(fd, &rows, sizeof rows) == (ssize_t)sizeof rows ? 0 : 2);
}

/* Killed while the disk was full: the next start finds little room, and gives the reserve back. */
static void a_start_on_a_full_disk_works(void **state) {
    struct world *w = *state;
    struct error e;
    uint64_t rows = 0;
    wait_for_reserve(w);
    engine_close(w->engine);
    w->engine = NULL;
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) { /* another program: RocksDB's threads do not come along */
        char fd[16];
        snprintf(fd, sizeof fd, "%d", ends[1]);
        execl("/proc/self/exe", "test_full_disk", "fill", w->dir, fd, NULL);
        _exit(127);
    }
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(read(ends[0], &rows, sizeof rows), (ssize_t)sizeof rows);
    close(ends[0]);
    close(ends[1]);
    assert_ok(engine_open_local(&w->options, &w->engine, &e), &e);
    assert_true(rows > 1000);
    rows_are_there(w, 0, rows);
    for (uint64_t from = 0; from < rows; from += 1000)
        assert_ok(delete_rows(w, from, u64_min(from + 1000, rows), &e), &e);
    assert_ok(engine_forget(w->engine, ENGINE_LEDGER, STR("r"), STR("s"), &e), &e);
    wait_for_reserve(w);
}

static void a_body_that_fills_the_disk_is_an_error_and_no_more(void **state) {
    struct world *w = *state;
    struct error e;
    engine_close(w->engine);
    w->options.low_water_bytes = 1; /* no warning at all */
    assert_ok(engine_open_local(&w->options, &w->engine, &e), &e);
    struct engine_blob_writer *writer;
    static char piece[1 << 20];
    assert_ok(engine_blob_create(w->engine, &writer, &e), &e);
    enum error_code code;
    while ((code = engine_blob_append(writer, str_of(piece, sizeof piece), &e)) == OK) {
    }
    assert_int_equal(code, FAIL_DISK_FULL);
    engine_blob_abandon(writer);
    assert_false(engine_is_broken(w->engine));
    blob_of(w, "smaller");
    put_one(w, ENGINE_META, "and", "on");
}

#define FULL(test)                                                                                 \
    { #test, test, full_world_open, world_close, NULL }

int main(int count, char **words) {
    if (count == 4 && strcmp(words[1], "fill") == 0) return fill(words[2], atoi(words[3]));
    if (!disk_mount()) {
        printf("skipped: no loop-mounted ext4 here (needs root and loop devices)\n");
        disk_unmount();
        return 77;
    }
    const struct CMUnitTest tests[] = {
        FULL(a_full_disk_is_survived),
        FULL(a_start_on_a_full_disk_works),
        FULL(a_body_that_fills_the_disk_is_an_error_and_no_more),
    };
    int failed = cmocka_run_group_tests_name("engine on a full disk", tests, NULL, NULL);
    disk_unmount();
    return failed;
}
