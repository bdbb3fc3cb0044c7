/* Workload and check of the engine for powercut.
 *
 *   engine_cut work DIR [no-wal-sync | no-dir-sync | link-after-commit]
 *   engine_cut check DIR MARKS
 *
 * Turn i writes four rows that say i, every third one a blob and the row that names it, and every
 * fifth takes back what turn i - 4 wrote. So the state after turn i is known for each i, and a cut
 * must leave exactly one of them, no older than the last turn that was acknowledged. Afterwards the
 * engine must be well: ids are new, the sweep takes no blob that is named, a turn can be made. */
#include "tests/lab/tape.h"

#include "engine/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TURNS = 24, REOPEN_AT = 11, BLOB_BYTES = 40000, BODY_BYTES = 3000 };

static void stop(const char *what, int turn, const struct error *e) {
    char text[512] = "";
    printf("turn %d: %s %s\n", turn, what, e != NULL ? error_text(e, text, sizeof text) : "");
    fflush(stdout);
    _exit(1); /* an exit would take RocksDB's globals from under its threads */
}

static void must(enum error_code code, const char *what, int turn, const struct error *e) {
    if (code != OK) stop(what, turn, e);
}

static bool has_blob(int turn) {
    return turn % 3 == 0;
}

/* Was turn `old`'s work taken back, once `done` turns are done? */
static bool is_taken_back(int old, int done) {
    int by = old + 4;
    return by % 5 == 0 && by < done;
}

static void pattern(int turn, char *bytes, size_t count) {
    struct random_seeded random;
    random_seed(&random, (uint64_t)turn + 1);
    for (size_t i = 0; i < count; i += 8) {
        uint64_t word = random_next(&random);
        memcpy(bytes + i, &word, size_min(8, count - i));
    }
}

static str row_key(int turn, char key[16]) {
    snprintf(key, 16, "turn-%06d", turn);
    return str_from_c(key);
}

static str name_key(int turn, char key[16]) {
    snprintf(key, 16, "blob-%06d", turn);
    return str_from_c(key);
}

static struct engine *engine_at(const char *dir, const char *sabotage, struct error *e) {
    struct engine_local_options options = {
        .dir = dir,
        .cache_bytes = 4 << 20,
        .body_cache_bytes = 1 << 20,
        .write_buffer_bytes = 64 << 10, /* so that tables are written in between */
        .wal_bytes_max = 256 << 10,
        .low_water_bytes = 1 << 20,
        .sabotage_no_wal_sync = strcmp(sabotage, "no-wal-sync") == 0,
        .sabotage_no_dir_sync = strcmp(sabotage, "no-dir-sync") == 0,
        .sabotage_link_after_commit = strcmp(sabotage, "link-after-commit") == 0};
    struct engine *engine;
    must(engine_open_local(&options, &engine, e), "open", -1, e);
    return engine;
}

static bool row_is_there(struct engine_view *view, enum engine_family family, str key, str expected,
                         int turn) {
    static char memory[8192];
    struct arena arena = arena_over(memory, sizeof memory);
    str value;
    bool found;
    struct error e;
    must(engine_view_get(view, family, key, &arena, &value, &found, &e), "get", turn, &e);
    if (found && expected.len > 0 && !str_equal(value, expected)) stop("wrong bytes", turn, NULL);
    return found;
}

/* ---- work ---- */

static enum error_code write_blob(struct engine *engine, int turn, struct engine_blob_id *id,
                                  struct error *e) {
    static char bytes[BLOB_BYTES];
    pattern(turn, bytes, sizeof bytes);
    struct engine_blob_writer *writer;
    TRY(engine_blob_create(engine, &writer, e));
    *id = engine_blob_writer_id(writer);
    for (size_t at = 0; at < sizeof bytes; at += 10000) {
        enum error_code code = engine_blob_append(writer, str_of(bytes + at, 10000), e);
        if (code == OK) continue;
        engine_blob_abandon(writer);
        return code;
    }
    return engine_blob_finish(writer, e);
}

static enum error_code take_back(struct engine_turn *turn, int old, struct error *e) {
    char key[16], memory[64];
    for (int f = 0; f < ENGINE_FAMILY_COUNT; f++)
        TRY(engine_turn_delete(turn, (enum engine_family)f, row_key(old, key), e));
    if (!has_blob(old)) return OK;
    struct arena arena = arena_over(memory, sizeof memory);
    str value;
    bool found;
    TRY(engine_turn_get(turn, ENGINE_META, name_key(old, key), &arena, &value, &found, e));
    if (!found) stop("a name is missing while working", old, NULL);
    struct engine_blob_id id;
    memcpy(id.at, value.at, sizeof id.at);
    TRY(engine_turn_delete(turn, ENGINE_META, name_key(old, key), e));
    return engine_turn_blob_drop(turn, id, e);
}

static enum error_code write_rows(struct engine_turn *turn, int i, struct engine_blob_id id,
                                  struct error *e) {
    static char body[BODY_BYTES];
    char key[16];
    pattern(i, body, sizeof body);
    for (int f = 0; f < ENGINE_FAMILY_COUNT; f++)
        TRY(engine_turn_put(turn, (enum engine_family)f, row_key(i, key), str_of(body, sizeof body),
                            e));
    if (has_blob(i))
        TRY(engine_turn_put(turn, ENGINE_META, name_key(i, key), str_of(id.at, sizeof id.at), e));
    return i >= 4 && i % 5 == 0 ? take_back(turn, i - 4, e) : OK;
}

static enum error_code try_turn(struct engine *engine, int i, struct error *e) {
    struct engine_turn *turn;
    struct engine_blob_id id = {{0}};
    if (has_blob(i)) TRY(write_blob(engine, i, &id, e));
    TRY(engine_turn_begin(engine, &turn, e));
    enum error_code code = write_rows(turn, i, id, e);
    if (code == OK) return engine_turn_commit(turn, e);
    engine_turn_abandon(turn);
    return code;
}

static bool is_done(struct engine *engine, int i) {
    char key[16];
    struct error e;
    struct engine_view *view;
    must(engine_view_open(engine, &view, &e), "view", i, &e);
    bool is = row_is_there(view, ENGINE_META, row_key(i, key), STR_EMPTY, i);
    engine_view_close(view);
    return is;
}

/* As the committer does: never a second time on a broken handle, and a batch that failed may be
 * there after all. */
static void one_turn(struct engine *engine, int i) {
    struct error e;
    char mark[16];
    for (int tries = 0; try_turn(engine, i, &e) != OK; tries++) {
        if (tries == 3) stop("does not succeed", i, &e);
        if (!engine_is_broken(engine)) continue;
        must(engine_reopen(engine, &e), "reopen", i, &e);
        if (is_done(engine, i)) break;
    }
    snprintf(mark, sizeof mark, "%d", i);
    tape_mark(mark);
}

static bool is_named(void *self, struct engine_view *view, struct engine_blob_id id) {
    bool is = false, more = true;
    struct engine_scan *scan;
    struct error e;
    must(engine_view_scan(view, ENGINE_META, STR("blob-"), STR("blob."), &scan, &e), "scan", -1,
         &e);
    while (more && !is) {
        str key, value;
        must(engine_scan_next(scan, &more, &key, &value, &e), "scan", -1, &e);
        is = more && str_equal(value, str_of(id.at, sizeof id.at));
    }
    engine_scan_close(scan);
    return is;
}

static void sweep(struct engine *engine) {
    struct error e;
    uint64_t removed;
    must(engine_blobs_sweep(engine, is_named, NULL, &removed, &e), "sweep", -1, &e);
}

static void work(const char *dir, const char *sabotage) {
    struct error e;
    struct engine *engine = engine_at(dir, sabotage, &e);
    for (int i = 0; i < TURNS; i++) {
        if (i == REOPEN_AT) {
            engine_close(engine);
            engine = engine_at(dir, sabotage, &e);
            sweep(engine);
        }
        one_turn(engine, i);
    }
    engine_close(engine);
}

/* ---- check ---- */

static void check_blob(struct engine *engine, struct engine_view *view, int turn,
                       struct engine_blob_id *highest) {
    static char expected[BLOB_BYTES], bytes[BLOB_BYTES];
    char key[16], memory[64];
    struct arena arena = arena_over(memory, sizeof memory);
    str value;
    bool found;
    struct error e;
    must(engine_view_get(view, ENGINE_META, name_key(turn, key), &arena, &value, &found, &e), "get",
         turn, &e);
    if (!found) stop("the name of a blob is missing", turn, NULL);
    struct engine_blob_id id;
    memcpy(id.at, value.at, sizeof id.at);
    if (memcmp(id.at, highest->at, sizeof id.at) > 0) *highest = id;
    struct engine_blob *blob;
    must(engine_blob_open(engine, id, &blob, &e), "a blob that is named cannot be opened:", turn,
         &e);
    size_t got = 0;
    if (engine_blob_bytes(blob) != BLOB_BYTES) stop("a blob has another length", turn, NULL);
    must(engine_blob_read(blob, 0, bytes, sizeof bytes, &got, &e), "reading a blob", turn, &e);
    pattern(turn, expected, sizeof expected);
    if (got != sizeof bytes || memcmp(bytes, expected, sizeof bytes) != 0)
        stop("a blob has other bytes", turn, NULL);
    engine_blob_close(blob);
}

/* How many turns are there: the last whose META row is there, and one more. */
static int turns_there(struct engine_view *view) {
    char key[16];
    int done = 0;
    for (int i = 0; i <= TURNS; i++)
        if (row_is_there(view, ENGINE_META, row_key(i, key), STR_EMPTY, i)) done = i + 1;
    return done;
}

static void check_state(struct engine *engine, int done, struct engine_blob_id *highest) {
    static char body[BODY_BYTES];
    struct engine_view *view;
    struct error e;
    char key[16];
    must(engine_view_open(engine, &view, &e), "view", done, &e);
    for (int i = 0; i < TURNS; i++) {
        bool expected = i < done && !is_taken_back(i, done);
        pattern(i, body, sizeof body);
        for (int f = 0; f < ENGINE_FAMILY_COUNT; f++)
            if (row_is_there(view, (enum engine_family)f, row_key(i, key),
                             str_of(body, sizeof body), i) != expected)
                stop(expected ? "a row of a turn is missing" : "a row that should not be there", i,
                     NULL);
        bool is_name_there = row_is_there(view, ENGINE_META, name_key(i, key), STR_EMPTY, i);
        if (is_name_there != (expected && has_blob(i))) stop("a blob's name, or none", i, NULL);
        if (is_name_there) check_blob(engine, view, i, highest);
    }
    engine_view_close(view);
}

static int last_mark(const char *path) {
    char line[64];
    int last = -1;
    FILE *file = fopen(path, "r");
    if (file == NULL) stop("no marks", -1, NULL);
    while (fgets(line, sizeof line, file) != NULL) last = atoi(line);
    fclose(file);
    return last;
}

static void check(const char *dir, const char *marks) {
    struct error e;
    int acknowledged = last_mark(marks);
    struct engine *engine = engine_at(dir, "", &e);
    struct engine_view *view;
    must(engine_view_open(engine, &view, &e), "view", -1, &e);
    int done = turns_there(view);
    engine_view_close(view);
    if (done < acknowledged + 1) stop("acknowledged, and gone", acknowledged, NULL);
    struct engine_blob_id highest = {{0}};
    check_state(engine, done, &highest);
    struct engine_blob_id id = engine_blob_id_new(engine);
    if (memcmp(id.at, highest.at, sizeof id.at) <= 0) stop("an id is given twice", done, NULL);
    sweep(engine);
    if (done < TURNS) one_turn(engine, done++);
    engine_close(engine);
    engine = engine_at(dir, "", &e);
    check_state(engine, done, &highest);
    engine_close(engine);
}

int main(int count, char **words) {
    if (count >= 3 && strcmp(words[1], "work") == 0)
        work(words[2], count > 3 ? words[3] : "");
    else if (count == 4 && strcmp(words[1], "check") == 0)
        check(words[2], words[3]);
    else
        return 2;
    return 0;
}
