/* Garbage of bodies in a real store: while nobody collects it grows; collecting gives room back under
 * the same load, and ends once less than a tenth is garbage. In memory where there is such a disk:
 * what counts here are RocksDB's files, not how fast they are. */
#include "engine/local/local.h"
#include "tests/engine/world.h"

#include <dirent.h>
#include <sys/stat.h>

enum {
    BODY_BYTES = 1024,
    BODIES_PER_TURN = 256,
    BODIES_MAX = 200000,
    BODIES_FIRST = 12 * 1024, /* 12 MiB, twelve write buffers */
    TURNS = 160,              /* 40 MiB: all that lives is written anew three times */
};

struct store {
    struct world *world;
    struct random_seeded random;
    struct engine_blob_id ids[BODIES_MAX]; /* of the bodies that live */
    size_t first, count;                   /* ids[first] to ids[first + count - 1] */
};

/* A body says by itself whose it is. */
static void body_of(struct engine_blob_id id, char body[BODY_BYTES]) {
    struct random_seeded random;
    random_seed(&random, read_be64(id.at + sizeof id.at - 8));
    for (size_t at = 0; at < BODY_BYTES; at += 8) {
        uint64_t word = random_next(&random);
        memcpy(body + at, &word, 8);
    }
}

static struct engine_blob_id taken(struct store *s, bool is_oldest) {
    if (is_oldest) {
        s->count--;
        return s->ids[s->first++];
    }
    struct engine_blob_id *at = &s->ids[s->first + (size_t)random_below(&s->random, s->count)];
    struct engine_blob_id id = *at;
    s->count--;
    *at = s->ids[s->first + s->count];
    return id;
}

/* One turn: drops bodies, the oldest or wherever they lie, and writes as many as there are places. */
static void turn_make(struct store *s, size_t drops, bool drops_oldest) {
    char body[BODY_BYTES];
    struct error e;
    struct engine_turn *turn = turn_of(s->world);
    for (size_t i = 0; i < drops; i++) {
        struct engine_blob_id id = taken(s, drops_oldest);
        assert_ok(engine_turn_delete(turn, ENGINE_BODY, str_of(id.at, sizeof id.at), &e), &e);
    }
    for (size_t i = 0; i < BODIES_PER_TURN; i++) {
        struct engine_blob_id id = engine_blob_id_new(s->world->engine);
        str key = str_of(id.at, sizeof id.at);
        body_of(id, body);
        assert_ok(engine_turn_put(turn, ENGINE_BODY, key, str_of(body, sizeof body), &e), &e);
        assert_true(s->first + s->count < BODIES_MAX);
        s->ids[s->first + s->count++] = id;
    }
    commit(turn);
}

struct room {
    uint64_t bytes, garbage_bytes; /* of blob files, as RocksDB counts them */
    bool collects;
};

static struct room room_of(struct store *s) {
    struct local *local = local_of(s->world->engine);
    struct room room = {.collects = local->collects_garbage};
    rocksdb_column_family_handle_t *bodies = local->families[ENGINE_BODY];
    rocksdb_property_int_cf(local->rocks, bodies, "rocksdb.live-blob-file-size", &room.bytes);
    rocksdb_property_int_cf(local->rocks, bodies, "rocksdb.live-blob-file-garbage-size",
                            &room.garbage_bytes);
    return room;
}

/* Looks as the reaper does each second, at a moment of our own. */
static struct room look(struct store *s) {
    struct local *local = local_of(s->world->engine);
    local_garbage_look(local);
    pthread_mutex_lock(&local->garbage_mutex);
    struct room room = room_of(s);
    pthread_mutex_unlock(&local->garbage_mutex);
    return room;
}

static void every_body_is_there(struct store *s) {
    char want[BODY_BYTES];
    struct engine_view *view = view_of(s->world);
    for (size_t i = 0; i < s->count; i++) {
        struct arena arena = arena_over(s->world->memory, sizeof s->world->memory);
        str got, key = str_of(s->ids[s->first + i].at, sizeof s->ids[s->first + i].at);
        bool found;
        struct error e;
        assert_ok(engine_view_get(view, ENGINE_BODY, key, &arena, &got, &found, &e), &e);
        body_of(s->ids[s->first + i], want);
        assert_true(found && str_equal(got, str_of(want, sizeof want)));
    }
    engine_view_close(view);
}

static void garbage_gives_its_room_back(void **state) {
    struct store *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->world = *state;
    random_seed(&s->random, 20);
    struct local *local = local_of(s->world->engine);

    while (s->count < BODIES_FIRST) turn_make(s, 0, false);
    struct room room = look(s);
    assert_false(room.collects);
    assert_int_equal(room.garbage_bytes, 0);
    assert_true(room.bytes < (uint64_t)s->count * (BODY_BYTES + 100)); /* and nothing was copied */

    pthread_mutex_lock(&local->garbage_mutex); /* nobody looks, the reaper neither */
    for (int turn = 0; turn < TURNS; turn++) turn_make(s, BODIES_PER_TURN, false);
    struct room full = room_of(s);
    pthread_mutex_unlock(&local->garbage_mutex);
    assert_true(full.garbage_bytes >= full.bytes / 100 * 20);
    assert_false(full.collects);

    room = look(s);
    assert_true(room.collects);
    int turn = 0;
    for (; turn < TURNS && room.bytes > full.bytes / 3 * 2; turn++) {
        turn_make(s, BODIES_PER_TURN, false);
        room = look(s);
    }
    assert_true(room.bytes <= full.bytes / 3 * 2);

    for (turn = 0; turn < TURNS && (room.collects || room.garbage_bytes > room.bytes / 100 * 10);
         turn++) {
        turn_make(s, BODIES_PER_TURN, true);
        room = look(s);
    }
    assert_false(room.collects);
    assert_true(room.garbage_bytes <= room.bytes / 100 * 10);
    every_body_is_there(s);
    free(s);
}

static int world_open_in_memory(void **state) {
    world_open_local(state);
    struct world *w = *state;
    char dir[64] = "/dev/shm/azekura-engine-XXXXXX";
    if (mkdtemp(dir) != NULL) {
        engine_close(w->engine);
        world_dir_remove(w->dir);
        strcpy(w->dir, dir);
        struct error e;
        assert_ok(engine_open_local(&w->options, &w->engine, &e), &e);
    }
    w->options.write_buffer_bytes = w->options.wal_bytes_max = 1 << 20;
    world_reopen(w);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(garbage_gives_its_room_back, world_open_in_memory,
                                        world_close),
    };
    return cmocka_run_group_tests_name("engine garbage", tests, NULL, NULL);
}
