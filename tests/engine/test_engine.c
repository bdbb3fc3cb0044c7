/* The engine's promise (engine.h), held against every implementation: each test here runs for lab
 * and for local. What only one of them can do has files of its own: test_lab.c, test_local.c. */
#include "tests/engine/world.h"

/* ---- turns ---- */

static void what_is_committed_is_there(void **state) {
    struct world *w = *state;
    struct engine_turn *turn = turn_of(w);
    put(turn, ENGINE_META, "a", "1");
    put(turn, ENGINE_LEDGER, "a", "2");
    assert_int_equal(engine_turn_bytes(turn), 4);
    assert_null(value_now(w, "a")); /* nobody sees a turn before its commit */
    commit(turn);
    assert_string_equal(value_now(w, "a"), "1");
    world_reopen(w);
    assert_string_equal(value_now(w, "a"), "1");
    delete_one(w, ENGINE_META, "a");
    assert_null(value_now(w, "a"));
    delete_one(w, ENGINE_META, "never there"); /* fine */
}

static void families_are_apart(void **state) {
    struct world *w = *state;
    struct engine_turn *turn = turn_of(w);
    put(turn, ENGINE_META, "k", "meta");
    put(turn, ENGINE_BODY, "k", "body");
    put(turn, ENGINE_LEDGER, "k", "ledger");
    put(turn, ENGINE_OPENING, "k", "opening");
    commit(turn);
    delete_one(w, ENGINE_LEDGER, "k");
    static const char *const values[ENGINE_FAMILY_COUNT] = {"meta", "body", NULL, "opening"};
    struct engine_view *view = view_of(w);
    for (int i = 0; i < ENGINE_FAMILY_COUNT; i++) {
        struct error e;
        str value = STR("untouched");
        bool found;
        assert_ok(
            engine_view_get(view, (enum engine_family)i, STR("k"), &w->arena, &value, &found, &e),
            &e);
        assert_int_equal(found, values[i] != NULL);
        assert_str(value, str_from_c(found ? values[i] : "untouched"));
    }
    engine_view_close(view);
}

static void a_turn_reads_its_own_writes(void **state) {
    struct world *w = *state;
    put_one(w, ENGINE_META, "old", "1");
    struct engine_turn *turn = turn_of(w);
    assert_string_equal(turn_value(w, turn, "old"), "1");
    put(turn, ENGINE_META, "new", "2");
    put(turn, ENGINE_META, "new", "3");
    assert_string_equal(turn_value(w, turn, "new"), "3");
    struct error e;
    assert_ok(engine_turn_delete(turn, ENGINE_META, STR("old"), &e), &e);
    assert_null(turn_value(w, turn, "old"));
    put(turn, ENGINE_META, "old", "again");
    assert_string_equal(turn_value(w, turn, "old"), "again");
    commit(turn);
    assert_string_equal(value_now(w, "new"), "3");
    assert_string_equal(value_now(w, "old"), "again");
}

/* With a plain write batch both requests of one turn win (CORE 2): the second must see the first.
 */
static bool put_if_none(struct world *w, struct engine_turn *turn, const char *value) {
    engine_turn_mark(turn);
    bool is_free = turn_value(w, turn, "object") == NULL;
    put(turn, ENGINE_META, "object", value);
    if (is_free)
        engine_turn_keep(turn);
    else
        engine_turn_rewind(turn);
    return is_free;
}

static void of_two_if_none_match_in_one_turn_one_wins(void **state) {
    struct world *w = *state;
    struct engine_turn *turn = turn_of(w);
    assert_true(put_if_none(w, turn, "first"));
    assert_false(put_if_none(w, turn, "second"));
    commit(turn);
    assert_string_equal(value_now(w, "object"), "first");
}

static void an_abandoned_turn_leaves_nothing(void **state) {
    struct world *w = *state;
    put_one(w, ENGINE_META, "a", "1");
    struct engine_turn *turn = turn_of(w);
    put(turn, ENGINE_META, "a", "2");
    put(turn, ENGINE_META, "b", "2");
    engine_turn_abandon(turn);
    assert_string_equal(value_now(w, "a"), "1");
    assert_null(value_now(w, "b"));
    turn = turn_of(w);
    assert_null(turn_value(w, turn, "b"));
    assert_int_equal(engine_turn_bytes(turn), 0);
    commit(turn); /* of nothing: fine */
}

/* Every way through three nested marks, against what a person would expect. k: keep, r: rewind. */
static void marks_nest(void **state) {
    struct world *w = *state;
    static const struct {
        const char *ends; /* of the innermost mark first */
        const char *a, *b, *c, *d;
    } cases[] = {
        {"kkk", "1", "2", "3", "4"}, {"rkk", "1", "2", "3", "0"}, {"krk", "1", "2", "0", "0"},
        {"kkr", "1", "0", "0", "0"}, {"rrk", "1", "2", "0", "0"}, {"rkr", "1", "0", "0", "0"},
        {"krr", "1", "0", "0", "0"}, {"rrr", "1", "0", "0", "0"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct engine_turn *turn = turn_of(w);
        static const char *const keys[] = {"a", "b", "c", "d"};
        for (int k = 0; k < 4; k++) put(turn, ENGINE_META, keys[k], "0");
        put(turn, ENGINE_META, "a", "1");
        engine_turn_mark(turn);
        put(turn, ENGINE_META, "b", "2");
        engine_turn_mark(turn);
        put(turn, ENGINE_META, "c", "3");
        uint64_t bytes = engine_turn_bytes(turn);
        engine_turn_mark(turn);
        put(turn, ENGINE_META, "d", "4");
        for (int m = 0; m < 3; m++) {
            if (cases[i].ends[m] == 'k')
                engine_turn_keep(turn);
            else
                engine_turn_rewind(turn);
            if (m == 0 && cases[i].ends[0] == 'r') assert_int_equal(engine_turn_bytes(turn), bytes);
        }
        const char *const want[] = {cases[i].a, cases[i].b, cases[i].c, cases[i].d};
        for (int k = 0; k < 4; k++)
            assert_row(cases[i].ends, strcmp(turn_value(w, turn, keys[k]), want[k]) == 0);
        commit(turn);
        for (int k = 0; k < 4; k++)
            assert_row(cases[i].ends, strcmp(value_now(w, keys[k]), want[k]) == 0);
    }
}

static void marks_without_writes_and_many_in_a_row(void **state) {
    struct world *w = *state;
    struct engine_turn *turn = turn_of(w);
    engine_turn_mark(turn);
    engine_turn_rewind(turn);
    engine_turn_mark(turn);
    engine_turn_mark(turn);
    engine_turn_rewind(turn);
    engine_turn_keep(turn);
    for (int i = 0; i < 256; i++) { /* a full turn, every second request withdrawn */
        char key[16];
        snprintf(key, sizeof key, "k%03d", i);
        engine_turn_mark(turn);
        engine_turn_mark(turn);
        put(turn, ENGINE_META, key, "v");
        engine_turn_keep(turn);
        if (i % 2 == 0)
            engine_turn_keep(turn);
        else
            engine_turn_rewind(turn);
    }
    commit(turn);
    struct engine_view *view = view_of(w);
    for (int i = 0; i < 256; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%03d", i);
        assert_int_equal(view_value(w, view, key) != NULL, i % 2 == 0);
    }
    engine_view_close(view);
}

static void keys_and_values_have_limits(void **state) {
    struct world *w = *state;
    static char big[ENGINE_VALUE_BYTES_MAX + 1];
    memset(big, 'x', sizeof big);
    struct error e;
    struct engine_turn *turn = turn_of(w);
    assert_int_equal(engine_turn_put(turn, ENGINE_META, STR_EMPTY, STR("v"), &e), FAIL_LIMIT);
    assert_int_equal(
        engine_turn_put(turn, ENGINE_META, str_of(big, ENGINE_KEY_BYTES_MAX + 1), STR("v"), &e),
        FAIL_LIMIT);
    assert_int_equal(engine_turn_put(turn, ENGINE_META, STR("k"), str_of(big, sizeof big), &e),
                     FAIL_LIMIT);
    assert_ok(engine_turn_put(turn, ENGINE_META, str_of(big, ENGINE_KEY_BYTES_MAX),
                              str_of(big, ENGINE_VALUE_BYTES_MAX), &e),
              &e);
    assert_ok(engine_turn_put(turn, ENGINE_META, STR("empty"), STR_EMPTY, &e), &e);
    assert_ok(engine_turn_put(turn, ENGINE_META, str_of("\0", 1), STR("nul"), &e), &e);
    commit(turn);
    world_reopen(w);
    struct engine_view *view = view_of(w);
    str value;
    bool found;
    assert_ok(engine_view_get(view, ENGINE_META, str_of(big, ENGINE_KEY_BYTES_MAX), &w->arena,
                              &value, &found, &e),
              &e);
    assert_true(found);
    assert_str(value, str_of(big, ENGINE_VALUE_BYTES_MAX));
    assert_string_equal(view_value(w, view, "empty"), "");
    /* an arena too small says so, and touches nothing */
    char small[8];
    struct arena little = arena_over(small, sizeof small);
    found = true;
    value = STR("untouched");
    assert_int_equal(engine_view_get(view, ENGINE_META, str_of(big, ENGINE_KEY_BYTES_MAX), &little,
                                     &value, &found, &e),
                     FAIL_MEMORY);
    assert_str(value, STR("untouched"));
    engine_view_close(view);
}

/* ---- views and scans ---- */

static void a_view_stays_at_its_moment(void **state) {
    struct world *w = *state;
    put_one(w, ENGINE_META, "a", "1");
    struct engine_view *before = view_of(w);
    put_one(w, ENGINE_META, "a", "2");
    put_one(w, ENGINE_META, "b", "2");
    struct engine_view *between = view_of(w);
    delete_one(w, ENGINE_META, "a");
    struct engine_view *after = view_of(w);
    assert_string_equal(view_value(w, before, "a"), "1");
    assert_null(view_value(w, before, "b"));
    assert_string_equal(view_value(w, between, "a"), "2");
    assert_null(view_value(w, after, "a"));
    assert_string_equal(view_value(w, after, "b"), "2");
    struct engine_numbers numbers;
    engine_numbers(w->engine, &numbers);
    assert_int_equal(numbers.views_open, 3);
    engine_view_close(between);
    assert_string_equal(view_value(w, before, "a"), "1");
    engine_view_close(after);
    engine_view_close(before);
    engine_numbers(w->engine, &numbers);
    assert_int_equal(numbers.views_open, 0);
    engine_view_close(NULL);
}

static void scans_have_bounds(void **state) {
    struct world *w = *state;
    struct engine_turn *turn = turn_of(w);
    static const char *const keys[] = {"a", "ab", "b", "ba", "c", "\xff"};
    for (size_t i = 0; i < COUNT_OF(keys); i++) put(turn, ENGINE_META, keys[i], "v");
    put(turn, ENGINE_BODY, "aa", "other family");
    commit(turn);
    static const struct {
        const char *name, *from, *until, *keys;
    } cases[] = {
        {"all", "", "", "a ab b ba c \xff"},
        {"from a key", "b", "", "b ba c \xff"},
        {"from between", "aa", "", "ab b ba c \xff"},
        {"until excludes", "", "b", "a ab"},
        {"both", "ab", "c", "ab b ba"},
        {"empty range", "b", "b", ""},
        {"backwards", "c", "a", ""},
        {"past the end", "\xff\xff", "", ""},
        {"until high byte", "c", "\xff", "c"},
    };
    struct engine_view *view = view_of(w);
    turn = turn_of(w);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (int in_turn = 0; in_turn < 2; in_turn++) {
            struct engine_scan *scan;
            struct error e;
            str from = str_from_c(cases[i].from), until = str_from_c(cases[i].until);
            if (in_turn)
                assert_ok(engine_turn_scan(turn, ENGINE_META, from, until, &scan, &e), &e);
            else
                assert_ok(engine_view_scan(view, ENGINE_META, from, until, &scan, &e), &e);
            assert_row(cases[i].name, strcmp(scan_keys(w, scan), cases[i].keys) == 0);
            engine_scan_close(scan);
        }
    engine_turn_abandon(turn);
    engine_view_close(view);
}

static void a_turns_scan_sees_the_turn(void **state) {
    struct world *w = *state;
    struct engine_turn *turn = turn_of(w);
    for (const char *k = "bdfh"; *k; k++) put(turn, ENGINE_META, (char[]){*k, 0}, "old");
    commit(turn);
    turn = turn_of(w);
    put(turn, ENGINE_META, "a", "new");
    put(turn, ENGINE_META, "e", "new");
    put(turn, ENGINE_META, "h", "new");
    put(turn, ENGINE_META, "z", "new");
    struct error e;
    assert_ok(engine_turn_delete(turn, ENGINE_META, STR("d"), &e), &e);
    engine_turn_mark(turn);
    put(turn, ENGINE_META, "c", "withdrawn");
    assert_ok(engine_turn_delete(turn, ENGINE_META, STR("f"), &e), &e);
    engine_turn_rewind(turn);
    struct engine_scan *scan;
    assert_ok(engine_turn_scan(turn, ENGINE_META, STR_EMPTY, STR("y"), &scan, &e), &e);
    assert_string_equal(scan_keys(w, scan), "a b e f h");
    engine_scan_close(scan);
    assert_ok(engine_turn_scan(turn, ENGINE_META, STR("h"), STR_EMPTY, &scan, &e), &e);
    bool more;
    str key, value;
    assert_ok(engine_scan_next(scan, &more, &key, &value, &e), &e);
    assert_true(more);
    assert_str(key, STR("h"));
    assert_str(value, STR("new"));
    engine_scan_close(scan);
    commit(turn);
}

static void expect_next(struct engine_scan *scan, const char *want) {
    bool more;
    str key, value;
    struct error e;
    assert_ok(engine_scan_next(scan, &more, &key, &value, &e), &e);
    assert_int_equal(more, want != NULL);
    if (more) assert_str(key, str_from_c(want));
}

static void a_scan_seeks_forward_only(void **state) {
    struct world *w = *state;
    struct engine_turn *turn = turn_of(w);
    for (int i = 0; i < 1000; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%03d", i);
        put(turn, ENGINE_META, key, "v");
    }
    commit(turn);
    struct engine_view *view = view_of(w);
    struct engine_scan *scan;
    struct error e;
    assert_ok(engine_view_scan(view, ENGINE_META, STR("k"), STR("k900"), &scan, &e), &e);
    expect_next(scan, "k000");
    assert_ok(engine_scan_seek(scan, STR("k002"), &e), &e); /* near */
    expect_next(scan, "k002");
    assert_ok(engine_scan_seek(scan, STR("k001"), &e), &e); /* back: stays */
    expect_next(scan, "k003");
    assert_ok(engine_scan_seek(scan, STR("k5"), &e), &e); /* far, between rows */
    expect_next(scan, "k500");
    expect_next(scan, "k501");
    assert_ok(engine_scan_seek(scan, STR("k501"), &e), &e); /* the row just given: stays */
    expect_next(scan, "k502");
    assert_ok(engine_scan_seek(scan, STR("k899"), &e), &e);
    expect_next(scan, "k899");
    expect_next(scan, NULL);
    expect_next(scan, NULL);                                /* the end stays the end */
    assert_ok(engine_scan_seek(scan, STR("k950"), &e), &e); /* beyond the bound */
    expect_next(scan, NULL);
    engine_scan_close(scan);
    engine_view_close(view);
}

static void large_values_scan_too(void **state) {
    struct world *w = *state;
    static char big[300000];
    struct engine_turn *turn = turn_of(w);
    struct error e;
    for (int i = 0; i < 8; i++) {
        memset(big, 'a' + i, sizeof big);
        char key[2] = {(char)('a' + i), 0};
        assert_ok(engine_turn_put(turn, ENGINE_BODY, str_from_c(key), str_of(big, sizeof big), &e),
                  &e);
    }
    commit(turn);
    struct engine_view *view = view_of(w);
    struct engine_scan *scan;
    assert_ok(engine_view_scan(view, ENGINE_BODY, STR_EMPTY, STR_EMPTY, &scan, &e), &e);
    for (int i = 0; i < 8; i++) {
        bool more;
        str key, value;
        assert_ok(engine_scan_next(scan, &more, &key, &value, &e), &e);
        assert_true(more);
        assert_int_equal(value.len, sizeof big);
        assert_int_equal(value.at[value.len - 1], 'a' + i);
    }
    expect_next(scan, NULL);
    engine_scan_close(scan);
    engine_view_close(view);
}

/* 10^5 rows in random order; counted, and every hundredth found, before and after a reopening. */
static void many_rows(void **state) {
    struct world *w = *state;
    enum { ROWS = 100000 };
    struct engine_turn *turn = NULL;
    struct error e;
    for (uint64_t i = 0; i < ROWS; i++) {
        if (turn == NULL) turn = turn_of(w);
        unsigned char key[8];
        write_be64(key, i * 0x9e3779b97f4a7c15u);
        assert_ok(engine_turn_put(turn, ENGINE_LEDGER, str_of(key, 8), str_of(&i, 8), &e), &e);
        if (i % 1000 == 999) {
            commit(turn);
            turn = NULL;
        }
    }
    for (int round = 0; round < 2; round++) {
        struct engine_view *view = view_of(w);
        struct engine_scan *scan;
        assert_ok(engine_view_scan(view, ENGINE_LEDGER, STR_EMPTY, STR_EMPTY, &scan, &e), &e);
        uint64_t count = 0, last = 0;
        for (;;) {
            bool more;
            str key, value;
            assert_ok(engine_scan_next(scan, &more, &key, &value, &e), &e);
            if (!more) break;
            assert_true(count == 0 || read_be64(key.at) > last);
            last = read_be64(key.at);
            uint64_t i;
            memcpy(&i, value.at, 8);
            assert_true(last == i * 0x9e3779b97f4a7c15u);
            count++;
        }
        assert_int_equal(count, ROWS);
        engine_scan_close(scan);
        for (uint64_t i = 0; i < ROWS; i += 100) {
            w->arena = arena_over(w->memory, sizeof w->memory);
            unsigned char key[8];
            write_be64(key, i * 0x9e3779b97f4a7c15u);
            str value;
            bool found;
            assert_ok(
                engine_view_get(view, ENGINE_LEDGER, str_of(key, 8), &w->arena, &value, &found, &e),
                &e);
            assert_true(found);
            assert_int_equal(memcmp(value.at, &i, 8), 0);
        }
        engine_view_close(view);
        if (round == 0) world_reopen(w);
    }
}

/* A seeded walk of turns, marks and scans against a plain table of 64 keys. */
static void random_turns_agree_with_a_table(void **state) {
    struct world *w = *state;
    const char *text = getenv("SEED");
    uint64_t seed = text != NULL ? strtoull(text, NULL, 0) : 20181106;
    print_message("SEED=%llu\n", (unsigned long long)seed);
    struct random_seeded r;
    random_seed(&r, seed);
    int now[64] = {0}, saved[3][64], committed[64] = {0};
    for (int round = 0; round < 200; round++) {
        struct engine_turn *turn = turn_of(w);
        unsigned depth = 0;
        for (uint64_t steps = random_below(&r, 60); steps > 0; steps--) {
            unsigned k = (unsigned)random_below(&r, 64);
            char key[2] = {(char)('0' + k), 0}, value[16];
            struct error e;
            switch (random_below(&r, 7)) {
            case 0:
            case 1:
                now[k] = (int)random_below(&r, 1000) + 1;
                snprintf(value, sizeof value, "%d", now[k]);
                put(turn, ENGINE_META, key, value);
                break;
            case 2:
                now[k] = 0;
                assert_ok(engine_turn_delete(turn, ENGINE_META, str_from_c(key), &e), &e);
                break;
            case 3:
                if (depth == 3) break;
                memcpy(saved[depth++], now, sizeof now);
                engine_turn_mark(turn);
                break;
            case 4:
                if (depth == 0) break;
                depth--;
                if (random_below(&r, 2) == 0) {
                    engine_turn_keep(turn);
                } else {
                    memcpy(now, saved[depth], sizeof now);
                    engine_turn_rewind(turn);
                }
                break;
            case 5: { /* the turn's own rows over the committed ones, from somewhere in the middle */
                struct engine_scan *scan;
                assert_ok(engine_turn_scan(turn, ENGINE_META, str_from_c(key), STR("i"), &scan, &e),
                          &e);
                for (; k < 'i' - '0'; k++)
                    if (now[k] != 0) expect_next(scan, (char[]){(char)('0' + k), 0});
                expect_next(scan, NULL);
                engine_scan_close(scan);
                break;
            }
            default: {
                const char *got = turn_value(w, turn, key);
                assert_int_equal(got == NULL ? 0 : atoi(got), now[k]);
            }
            }
        }
        while (depth-- > 0) engine_turn_keep(turn);
        if (random_below(&r, 4) == 0) {
            engine_turn_abandon(turn);
            memcpy(now, committed, sizeof now);
        } else {
            commit(turn);
            memcpy(committed, now, sizeof now);
        }
        if (round % 50 == 49) world_reopen(w);
        struct engine_view *view = view_of(w);
        struct engine_scan *scan;
        struct error e;
        assert_ok(engine_view_scan(view, ENGINE_META, STR("0"), STR_EMPTY, &scan, &e), &e);
        for (unsigned k = 0; k < 64; k++)
            if (committed[k] != 0) expect_next(scan, (char[]){(char)('0' + k), 0});
        expect_next(scan, NULL);
        engine_scan_close(scan);
        engine_view_close(view);
    }
}

/* A turn of many more writes than the index of a turn begins with, half of them withdrawn. */
static void a_large_turn_can_be_withdrawn_in_part(void **state) {
    enum { ROWS = 5000 };
    struct world *w = *state;
    struct engine_turn *turn = turn_of(w);
    char key[16];
    for (int i = 0; i < ROWS; i++) {
        if (i == ROWS / 2) engine_turn_mark(turn);
        snprintf(key, sizeof key, "r%05d", i * 7 % ROWS);
        put(turn, ENGINE_META, key, i < ROWS / 2 ? "kept" : "withdrawn");
        put(turn, ENGINE_META, "often", i < ROWS / 2 ? "kept" : "withdrawn");
    }
    engine_turn_rewind(turn);
    assert_string_equal(turn_value(w, turn, "often"), "kept");
    for (int i = 0; i < ROWS; i++) {
        snprintf(key, sizeof key, "r%05d", i * 7 % ROWS);
        const char *value = turn_value(w, turn, key);
        if (i < ROWS / 2)
            assert_string_equal(value, "kept");
        else
            assert_null(value);
    }
    struct engine_scan *scan;
    struct error e;
    assert_ok(engine_turn_scan(turn, ENGINE_META, STR("r"), STR("s"), &scan, &e), &e);
    bool more = true;
    str name, value;
    for (int count = 0; more; count += more) {
        assert_ok(engine_scan_next(scan, &more, &name, &value, &e), &e);
        if (!more) assert_int_equal(count, ROWS / 2);
    }
    engine_scan_close(scan);
    commit(turn);
    assert_string_equal(value_now(w, "r00007"), "kept");
}

/* ---- blobs ---- */

static void ids_are_never_used_twice(void **state) {
    struct world *w = *state;
    struct engine_blob_id last = {{0}};
    for (int boot = 0; boot < 3; boot++) {
        for (int i = 0; i < 10; i++) {
            struct engine_blob_id id = engine_blob_id_new(w->engine);
            assert_true(memcmp(id.at, last.at, sizeof id.at) > 0);
            last = id;
        }
        world_reopen(w);
    }
}

static void a_blob_is_what_was_written(void **state) {
    struct world *w = *state;
    struct engine_blob_writer *writer;
    struct error e;
    assert_ok(engine_blob_create(w->engine, &writer, &e), &e);
    struct engine_blob_id id = engine_blob_writer_id(writer);
    struct engine_blob *blob;
    assert_int_equal(engine_blob_open(w->engine, id, &blob, &e), FAIL_NOT_FOUND);
    static unsigned char piece[65536];
    uint64_t total = 0;
    for (int i = 0; i < 40; i++) { /* 2.5 MiB in uneven pieces */
        memset(piece, i, sizeof piece);
        size_t len = sizeof piece - (size_t)i * 37;
        assert_ok(engine_blob_append(writer, str_of(piece, len), &e), &e);
        total += len;
    }
    assert_ok(engine_blob_append(writer, STR_EMPTY, &e), &e);
    assert_ok(engine_blob_finish(writer, &e), &e);
    for (int round = 0; round < 2; round++) {
        assert_ok(engine_blob_open(w->engine, id, &blob, &e), &e);
        assert_int_equal(engine_blob_bytes(blob), total);
        uint64_t offset = 0;
        for (int i = 0; i < 40; i++) {
            size_t len = sizeof piece - (size_t)i * 37, got;
            assert_ok(engine_blob_read(blob, offset, piece, len, &got, &e), &e);
            assert_int_equal(got, len);
            assert_int_equal(piece[0], i);
            assert_int_equal(piece[len - 1], i);
            offset += len;
        }
        size_t got;
        assert_ok(engine_blob_read(blob, total - 5, piece, 100, &got, &e), &e);
        assert_int_equal(got, 5); /* less only at the end */
        assert_ok(engine_blob_read(blob, total + 5, piece, 100, &got, &e), &e);
        assert_int_equal(got, 0);
        engine_blob_close(blob);
        if (round == 0) world_reopen(w);
    }
}

static void an_abandoned_blob_is_nowhere(void **state) {
    struct world *w = *state;
    struct engine_blob_writer *writer;
    struct error e;
    assert_ok(engine_blob_create(w->engine, &writer, &e), &e);
    struct engine_blob_id id = engine_blob_writer_id(writer);
    assert_ok(engine_blob_append(writer, STR("half"), &e), &e);
    engine_blob_abandon(writer);
    assert_string_equal(blob_text(w, id), "gone");
    engine_blob_abandon(NULL);
}

static void drop_one(struct world *w, struct engine_blob_id id) {
    struct engine_turn *turn = turn_of(w);
    struct error e;
    assert_ok(engine_turn_blob_drop(turn, id, &e), &e);
    commit(turn);
}

static void a_dropped_blob_goes_when_its_readers_have_gone(void **state) {
    struct world *w = *state;
    struct engine_blob_id id = blob_of(w, "bytes"), other = blob_of(w, "others");
    struct engine_view *before = view_of(w);
    drop_one(w, id);
    struct engine_view *after = view_of(w);
    put_one(w, ENGINE_META, "k", "v"); /* turns go on */
    wait_for_drops(w, 1);
    assert_string_equal(blob_text(w, id), "bytes"); /* a view from before may come and ask */
    engine_view_close(after);
    assert_string_equal(blob_text(w, id), "bytes");
    struct engine_blob *open;
    struct error e;
    assert_ok(engine_blob_open(w->engine, id, &open, &e), &e);
    engine_view_close(before);
    wait_for_drops(w, 0);
    assert_string_equal(blob_text(w, id), "gone");
    char bytes[8];
    size_t got;
    assert_ok(engine_blob_read(open, 0, bytes, sizeof bytes, &got, &e), &e);
    assert_str(str_of(bytes, got), STR("bytes")); /* an open one stays readable */
    engine_blob_close(open);
    assert_string_equal(blob_text(w, other), "others");
}

static void a_withdrawn_drop_drops_nothing(void **state) {
    struct world *w = *state;
    struct engine_blob_id id = blob_of(w, "bytes");
    struct engine_turn *turn = turn_of(w);
    struct error e;
    engine_turn_mark(turn);
    assert_ok(engine_turn_blob_drop(turn, id, &e), &e);
    engine_turn_rewind(turn);
    put(turn, ENGINE_META, "k", "v");
    commit(turn);
    turn = turn_of(w);
    assert_ok(engine_turn_blob_drop(turn, id, &e), &e);
    engine_turn_abandon(turn);
    put_one(w, ENGINE_META, "k", "w");
    wait_for_drops(w, 0);
    assert_string_equal(blob_text(w, id), "bytes");
    world_reopen(w);
    assert_string_equal(blob_text(w, id), "bytes");
}

static void a_drop_outlives_the_process(void **state) {
    struct world *w = *state;
    struct engine_blob_id id = blob_of(w, "bytes");
    struct engine_view *before = view_of(w);
    drop_one(w, id);
    engine_view_close(before);
    world_reopen(w);
    wait_for_drops(w, 0);
    assert_string_equal(blob_text(w, id), "gone");
}

static bool is_named_in_meta(void *self, struct engine_view *view, struct engine_blob_id id) {
    char memory[64];
    struct arena arena = arena_over(memory, sizeof memory);
    str value;
    bool found;
    struct error e;
    assert_ok(
        engine_view_get(view, ENGINE_META, str_of(id.at, sizeof id.at), &arena, &value, &found, &e),
        &e);
    return found;
}

static void the_sweep_takes_what_no_row_names(void **state) {
    struct world *w = *state;
    struct engine_blob_id named = blob_of(w, "named"), loose = blob_of(w, "loose");
    struct engine_turn *turn = turn_of(w);
    struct error e;
    assert_ok(engine_turn_put(turn, ENGINE_META, str_of(named.at, sizeof named.at), STR("v"), &e),
              &e);
    commit(turn);
    uint64_t removed;
    /* Of this epoch nothing is garbage: its turn may still come. */
    assert_ok(engine_blobs_sweep(w->engine, is_named_in_meta, NULL, &removed, &e), &e);
    assert_int_equal(removed, 0);
    world_reopen(w);
    struct engine_blob_id young = blob_of(w, "young");
    assert_ok(engine_blobs_sweep(w->engine, is_named_in_meta, NULL, &removed, &e), &e);
    assert_int_equal(removed, 1);
    assert_string_equal(blob_text(w, named), "named");
    assert_string_equal(blob_text(w, loose), "gone");
    assert_string_equal(blob_text(w, young), "young");
    assert_ok(engine_blobs_sweep(w->engine, is_named_in_meta, NULL, &removed, &e), &e);
    assert_int_equal(removed, 0);
}

/* ---- health ---- */

static void forgetting_takes_the_range_and_no_more(void **state) {
    struct world *w = *state;
    struct engine_turn *turn = turn_of(w);
    for (const char *k = "abcdef"; *k; k++) put(turn, ENGINE_OPENING, (char[]){*k, 0}, "secret");
    commit(turn);
    struct error e;
    struct engine_view *before = view_of(w);
    engine_view_close(before);
    assert_ok(engine_forget(w->engine, ENGINE_OPENING, STR("b"), STR("d"), &e), &e);
    assert_ok(engine_forget(w->engine, ENGINE_OPENING, STR("b"), STR("d"), &e),
              &e); /* of nothing */
    for (int round = 0; round < 2; round++) {
        struct engine_view *view = view_of(w);
        struct engine_scan *scan;
        assert_ok(engine_view_scan(view, ENGINE_OPENING, STR_EMPTY, STR_EMPTY, &scan, &e), &e);
        assert_string_equal(scan_keys(w, scan), "a d e f");
        engine_scan_close(scan);
        engine_view_close(view);
        world_reopen(w);
    }
    assert_ok(engine_forget(w->engine, ENGINE_OPENING, STR("b"), STR("d"), &e), &e); /* again */
}

static void numbers_count(void **state) {
    struct world *w = *state;
    struct engine_numbers numbers;
    engine_numbers(w->engine, &numbers);
    uint64_t turns = numbers.turns, bytes = numbers.turn_bytes;
    put_one(w, ENGINE_META, "key", "value");
    struct engine_blob_id id = blob_of(w, "b");
    struct engine_blob *blob;
    struct error e;
    assert_ok(engine_blob_open(w->engine, id, &blob, &e), &e);
    engine_numbers(w->engine, &numbers);
    assert_int_equal(numbers.turns, turns + 1);
    assert_int_equal(numbers.turn_bytes, bytes + 8);
    assert_int_equal(numbers.blobs_open, 1);
    assert_int_equal(numbers.rows_estimate[ENGINE_META], 1);
    assert_true(numbers.disk_bytes_free > 0);
    assert_true(numbers.disk_bytes_low > 0);
    assert_false(engine_is_broken(w->engine));
    engine_blob_close(blob);
    engine_numbers(w->engine, &numbers);
    assert_int_equal(numbers.blobs_open, 0);
}

#define BOTH(test)                                                                                 \
    {"lab: " #test, test, world_open_lab, world_close, NULL}, {                                    \
        "local: " #test, test, world_open_local, world_close, NULL                                 \
    }

/* With "lab" or "local" only the tests of that implementation. */
int main(int count, char **words) {
    char filter[32];
    if (count > 1) {
        snprintf(filter, sizeof filter, "%s:*", words[1]);
        cmocka_set_test_filter(filter);
    }
    const struct CMUnitTest tests[] = {
        BOTH(what_is_committed_is_there),
        BOTH(families_are_apart),
        BOTH(a_turn_reads_its_own_writes),
        BOTH(of_two_if_none_match_in_one_turn_one_wins),
        BOTH(an_abandoned_turn_leaves_nothing),
        BOTH(marks_nest),
        BOTH(marks_without_writes_and_many_in_a_row),
        BOTH(keys_and_values_have_limits),
        BOTH(a_view_stays_at_its_moment),
        BOTH(scans_have_bounds),
        BOTH(a_turns_scan_sees_the_turn),
        BOTH(a_scan_seeks_forward_only),
        BOTH(large_values_scan_too),
        BOTH(many_rows),
        BOTH(random_turns_agree_with_a_table),
        BOTH(a_large_turn_can_be_withdrawn_in_part),
        BOTH(ids_are_never_used_twice),
        BOTH(a_blob_is_what_was_written),
        BOTH(an_abandoned_blob_is_nowhere),
        BOTH(a_dropped_blob_goes_when_its_readers_have_gone),
        BOTH(a_withdrawn_drop_drops_nothing),
        BOTH(a_drop_outlives_the_process),
        BOTH(the_sweep_takes_what_no_row_names),
        BOTH(forgetting_takes_the_range_and_no_more),
        BOTH(numbers_count),
    };
    return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
