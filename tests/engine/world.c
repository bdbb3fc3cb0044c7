#include "tests/engine/world.h"

#include <ftw.h>
#include <unistd.h>

void world_dir_make(char dir[64]) {
    strcpy(dir, "/tmp/azekura-engine-XXXXXX");
    if (mkdtemp(dir) == NULL) fail_msg("no scratch directory");
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *ftw) {
    return remove(path);
}

void world_dir_remove(const char *dir) {
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static struct world *world_new(void) {
    struct world *world = calloc(1, sizeof *world);
    if (world == NULL) fail_msg("no memory");
    world->arena = arena_over(world->memory, sizeof world->memory);
    return world;
}

int world_open_lab(void **state) {
    struct world *world = world_new();
    struct engine_lab_options options = {0};
    struct error e;
    assert_ok(engine_open_lab(&options, &world->engine, &e), &e);
    *state = world;
    return 0;
}

int world_open_local(void **state) {
    struct world *world = world_new();
    world->is_local = true;
    world_dir_make(world->dir);
    world->options = (struct engine_local_options){.dir = world->dir,
                                                   .cache_bytes = 8 << 20,
                                                   .write_buffer_bytes = 4 << 20,
                                                   .wal_bytes_max = 4 << 20};
    struct error e;
    assert_ok(engine_open_local(&world->options, &world->engine, &e), &e);
    *state = world;
    return 0;
}

int world_close(void **state) {
    struct world *world = *state;
    engine_close(world->engine);
    if (world->is_local) world_dir_remove(world->dir);
    free(world);
    return 0;
}

void world_reopen(struct world *world) {
    if (!world->is_local) {
        engine_lab_crash(world->engine);
        return;
    }
    engine_close(world->engine);
    world->engine = NULL;
    struct error e;
    assert_ok(engine_open_local(&world->options, &world->engine, &e), &e);
}

struct engine_turn *turn_of(struct world *world) {
    struct engine_turn *turn;
    struct error e;
    assert_ok(engine_turn_begin(world->engine, &turn, &e), &e);
    return turn;
}

void put(struct engine_turn *turn, enum engine_family family, const char *key, const char *value) {
    struct error e;
    assert_ok(engine_turn_put(turn, family, str_from_c(key), str_from_c(value), &e), &e);
}

void commit(struct engine_turn *turn) {
    struct error e;
    assert_ok(engine_turn_commit(turn, &e), &e);
}

void put_one(struct world *world, enum engine_family family, const char *key, const char *value) {
    struct engine_turn *turn = turn_of(world);
    put(turn, family, key, value);
    commit(turn);
}

void delete_one(struct world *world, enum engine_family family, const char *key) {
    struct engine_turn *turn = turn_of(world);
    struct error e;
    assert_ok(engine_turn_delete(turn, family, str_from_c(key), &e), &e);
    commit(turn);
}

struct engine_view *view_of(struct world *world) {
    struct engine_view *view;
    struct error e;
    assert_ok(engine_view_open(world->engine, &view, &e), &e);
    return view;
}

const char *turn_value(struct world *world, struct engine_turn *turn, const char *key) {
    world->arena = arena_over(world->memory, sizeof world->memory);
    str value;
    bool found;
    struct error e;
    assert_ok(
        engine_turn_get(turn, ENGINE_META, str_from_c(key), &world->arena, &value, &found, &e), &e);
    return found ? value.at : NULL;
}

const char *view_value(struct world *world, struct engine_view *view, const char *key) {
    world->arena = arena_over(world->memory, sizeof world->memory);
    str value;
    bool found;
    struct error e;
    assert_ok(
        engine_view_get(view, ENGINE_META, str_from_c(key), &world->arena, &value, &found, &e), &e);
    return found ? value.at : NULL;
}

const char *value_now(struct world *world, const char *key) {
    struct engine_view *view = view_of(world);
    const char *value = view_value(world, view, key);
    engine_view_close(view);
    return value;
}

const char *scan_keys(struct world *world, struct engine_scan *scan) {
    world->arena = arena_over(world->memory, sizeof world->memory);
    char *text = arena_bytes(&world->arena, 65536);
    size_t len = 0;
    for (;;) {
        bool more;
        str key, value;
        struct error e;
        assert_ok(engine_scan_next(scan, &more, &key, &value, &e), &e);
        if (!more) break;
        if (len > 0) text[len++] = ' ';
        memcpy(text + len, key.at, key.len);
        len += key.len;
    }
    text[len] = 0;
    return text;
}

struct engine_blob_id blob_of(struct world *world, const char *bytes) {
    struct engine_blob_writer *writer;
    struct error e;
    assert_ok(engine_blob_create(world->engine, &writer, &e), &e);
    struct engine_blob_id id = engine_blob_writer_id(writer);
    assert_ok(engine_blob_append(writer, str_from_c(bytes), &e), &e);
    assert_ok(engine_blob_finish(writer, &e), &e);
    return id;
}

const char *blob_text(struct world *world, struct engine_blob_id id) {
    struct engine_blob *blob;
    struct error e;
    enum error_code code = engine_blob_open(world->engine, id, &blob, &e);
    if (code == FAIL_NOT_FOUND) return "gone";
    assert_ok(code, &e);
    world->arena = arena_over(world->memory, sizeof world->memory);
    char *text = arena_bytes(&world->arena, (size_t)engine_blob_bytes(blob) + 1);
    size_t got;
    assert_ok(engine_blob_read(blob, 0, text, (size_t)engine_blob_bytes(blob), &got, &e), &e);
    text[got] = 0;
    engine_blob_close(blob);
    return text;
}

void wait_for_drops(struct world *world, uint64_t waiting) {
    struct engine_numbers numbers;
    for (int i = 0; i < 500; i++) {
        engine_numbers(world->engine, &numbers);
        if (numbers.drops_waiting == waiting) return;
        usleep(10000);
    }
    fail_msg("%llu drops wait, expected %llu", (unsigned long long)numbers.drops_waiting,
             (unsigned long long)waiting);
}
