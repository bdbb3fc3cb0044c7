/* Users, keys and grants: what a turn changed is what the next snapshot shows; nothing is allowed that no
 * grant gives; secrets lie sealed. */
#include "identity/rows.h"
#include "tests/seal/failing_disk.h"

struct world {
    struct temporary dir;
    struct engine *engine;
    struct seal_keys *keys;
    struct engine_turn *turn;
    struct engine_view *view;
    struct identity_snapshot *snapshot;
};
static struct world w;
static struct error e;

static int setup(void **state) {
    struct engine_lab_options lab = {0};
    w = (struct world){0};
    temporary_make(&w.dir);
    assert_ok(engine_open_lab(&lab, &w.engine, &e), &e);
    assert_ok(seal_keys_open(temporary_path(&w.dir, "keys"), NULL, &w.keys, &e), &e);
    return 0;
}
static void look_away(void) {
    identity_snapshot_close(w.snapshot);
    w.snapshot = NULL;
    if (w.view != NULL) engine_view_close(w.view);
    w.view = NULL;
}
static int teardown(void **state) {
    look_away();
    engine_close(w.engine);
    seal_keys_close(w.keys);
    temporary_remove(&w.dir);
    return 0;
}

static struct engine_turn *begin(void) {
    look_away();
    assert_ok(engine_turn_begin(w.engine, &w.turn, &e), &e);
    return w.turn;
}
static void commit(void) {
    assert_ok(engine_turn_commit(w.turn, &e), &e);
    assert_ok(engine_view_open(w.engine, &w.view, &e), &e);
    assert_ok(identity_snapshot_load(w.view, w.keys, &w.snapshot, &e), &e);
}

static void the_first_start_makes_root(void **state) {
    struct identity_new_key key, again;
    bool made;
    uint64_t generation;
    assert_ok(identity_root_make(begin(), w.keys, 1000, &made, &key, &e), &e);
    assert_true(made);
    assert_ok(identity_generation(w.turn, &generation, &e), &e);
    assert_int_equal(generation, 3);
    commit();
    assert_ok(identity_root_make(begin(), w.keys, 2000, &made, &again, &e), &e);
    assert_false(made);
    commit();
    assert_int_equal(identity_snapshot_generation(w.snapshot), 3);
    const struct identity_key *found = identity_key_find(w.snapshot, str_of(key.id, sizeof key.id));
    assert_non_null(found);
    assert_str(found->secret, str_of(key.secret, sizeof key.secret));
    assert_str(found->user->name, STR("root"));
    assert_int_equal(found->made_ns, 1000);
    assert_true(identity_key_works(found));
    for (unsigned right = 1; right <= IDENTITY_INSPECT; right *= 2) {
        assert_true(identity_allows(found->user, (enum identity_right)right, STR("any-bucket")));
        assert_true(identity_allows(found->user, (enum identity_right)right, STR_EMPTY));
    }
    assert_null(identity_key_find(w.snapshot, STR("AZKAAAAAAAAAAAAAAAAA")));
    assert_null(identity_key_find(w.snapshot, STR_EMPTY));
}

static void nothing_is_allowed_without_a_grant(void **state) {
    static const struct {
        const char *pattern, *bucket;
        bool matches;
    } rows[] = {
        {"*", "anything", true},
        {"grid-*", "grid-telemetry", true},
        {"grid-*", "grid-", true},
        {"grid-*", "grid", false},
        {"grid-*", "xgrid-a", false},
        {"grid", "grid", true},
        {"grid", "grids", false},
        {"*-log", "a-log", true},
        {"*-log", "a-log-b", false},
        {"a*b*c", "aXbYbZc", true},
        {"a*b*c", "abc", true},
        {"a*b*c", "acb", false},
        {"**", "x", true},
        {"*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
    };
    assert_ok(identity_user_add(begin(), STR("nobody"), 1, &e), &e);
    commit();
    const struct identity_user *user = identity_user_find(w.snapshot, STR("nobody"));
    assert_non_null(user);
    for (unsigned right = 1; right <= IDENTITY_INSPECT; right *= 2) {
        assert_false(identity_allows(user, (enum identity_right)right, STR("grid-a")));
        assert_false(identity_allows(user, (enum identity_right)right, STR_EMPTY));
    }
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        str pattern = str_from_c(rows[i].pattern);
        assert_ok(identity_grant_set(begin(), STR("nobody"), pattern, IDENTITY_READ, &e), &e);
        commit();
        user = identity_user_find(w.snapshot, STR("nobody"));
        assert_int_equal(user->grant_count, 1);
        assert_row(rows[i].bucket, identity_allows(user, IDENTITY_READ,
                                                   str_from_c(rows[i].bucket)) == rows[i].matches);
        assert_row(rows[i].bucket,
                   !identity_allows(user, IDENTITY_WRITE, str_from_c(rows[i].bucket)));
        assert_true(identity_allows(user, IDENTITY_READ, STR_EMPTY));
        assert_false(identity_allows(user, IDENTITY_ADMIN, STR_EMPTY));
        assert_ok(identity_grant_remove(begin(), STR("nobody"), pattern, &e), &e);
        commit();
    }
    /* "all" on one bucket once made its holder an administrator of the store, and an inspector */
    assert_ok(identity_grant_set(begin(), STR("nobody"), STR("grid-*"), IDENTITY_ALL, &e), &e);
    commit();
    user = identity_user_find(w.snapshot, STR("nobody"));
    assert_true(identity_allows(user, IDENTITY_DELETE, STR("grid-a")));
    assert_false(identity_allows(user, IDENTITY_ADMIN, STR_EMPTY));
    assert_false(identity_allows(user, IDENTITY_ADMIN, STR("grid-a")));
    assert_false(identity_allows(user, IDENTITY_INSPECT, STR_EMPTY));
    assert_ok(identity_grant_remove(begin(), STR("nobody"), STR("grid-*"), &e), &e);
    commit();
    /* a right from one grant does not lend its buckets to another */
    assert_ok(identity_grant_set(begin(), STR("nobody"), STR("a-*"), IDENTITY_READ, &e), &e);
    assert_ok(identity_grant_set(w.turn, STR("nobody"), STR("b-*"), IDENTITY_WRITE, &e), &e);
    commit();
    user = identity_user_find(w.snapshot, STR("nobody"));
    assert_true(identity_allows(user, IDENTITY_READ, STR("a-x")));
    assert_false(identity_allows(user, IDENTITY_READ, STR("b-x")));
    assert_false(identity_allows(user, IDENTITY_WRITE, STR("a-x")));
}

static void disabled_means_disabled(void **state) {
    struct identity_new_key one, two;
    assert_ok(identity_user_add(begin(), STR("backup@sendai"), 5, &e), &e);
    assert_ok(identity_grant_set(w.turn, STR("backup@sendai"), STR("*"), IDENTITY_WRITE, &e), &e);
    assert_ok(identity_key_add(w.turn, w.keys, STR("backup@sendai"), 6, &one, &e), &e);
    assert_ok(identity_key_add(w.turn, w.keys, STR("backup@sendai"), 7, &two, &e), &e);
    commit();
    str first = str_of(one.id, sizeof one.id), second = str_of(two.id, sizeof two.id);
    assert_false(str_equal(first, second));
    assert_ok(identity_key_enable(begin(), first, false, &e), &e);
    commit();
    assert_false(identity_key_works(identity_key_find(w.snapshot, first)));
    assert_true(identity_key_works(identity_key_find(w.snapshot, second)));
    assert_ok(identity_user_enable(begin(), STR("backup@sendai"), false, &e), &e);
    commit();
    const struct identity_key *key = identity_key_find(w.snapshot, second);
    assert_false(identity_key_works(key));
    assert_false(identity_allows(key->user, IDENTITY_WRITE, STR("x")));
    assert_ok(identity_user_enable(begin(), STR("backup@sendai"), true, &e), &e);
    assert_ok(identity_key_enable(w.turn, first, true, &e), &e);
    commit();
    assert_true(identity_key_works(identity_key_find(w.snapshot, first)));
    assert_str(identity_key_find(w.snapshot, first)->secret, str_of(one.secret, sizeof one.secret));
}

static void what_cannot_be_is_refused(void **state) {
    struct identity_new_key key;
    uint64_t before, after;
    assert_ok(identity_user_add(begin(), STR("a"), 1, &e), &e);
    assert_ok(identity_generation(w.turn, &before, &e), &e);
    assert_int_equal(identity_user_add(w.turn, STR("a"), 1, &e), FAIL_EXISTS); /* its own writes */
    assert_int_equal(identity_user_add(w.turn, STR(""), 1, &e), FAIL_USAGE);
    assert_int_equal(identity_user_add(w.turn, STR("a/b"), 1, &e), FAIL_USAGE);
    assert_int_equal(identity_user_add(w.turn, STR("a\nb"), 1, &e), FAIL_USAGE);
    char name[IDENTITY_NAME_BYTES + 1];
    memset(name, 'n', sizeof name);
    assert_int_equal(identity_user_add(w.turn, str_of(name, sizeof name), 1, &e), FAIL_USAGE);
    assert_int_equal(identity_user_enable(w.turn, STR("b"), false, &e), FAIL_NOT_FOUND);
    assert_int_equal(identity_key_add(w.turn, w.keys, STR("b"), 1, &key, &e), FAIL_NOT_FOUND);
    assert_int_equal(identity_key_enable(w.turn, STR("AZK"), false, &e), FAIL_USAGE);
    assert_int_equal(identity_key_enable(w.turn, STR("AZKAAAAAAAAAAAAAAAAA"), false, &e),
                     FAIL_NOT_FOUND);
    assert_int_equal(identity_grant_set(w.turn, STR("a"), STR("A*"), 1, &e), FAIL_USAGE);
    assert_int_equal(identity_grant_set(w.turn, STR("a"), STR(""), 1, &e), FAIL_USAGE);
    assert_int_equal(identity_grant_set(w.turn, STR("a"), STR("x"), 128, &e), FAIL_USAGE);
    assert_int_equal(identity_grant_set(w.turn, STR("b"), STR("x"), 1, &e), FAIL_NOT_FOUND);
    assert_int_equal(identity_grant_remove(w.turn, STR("a"), STR("x"), &e), FAIL_NOT_FOUND);
    assert_int_equal(identity_grant_remove(w.turn, STR("a"), STR("A"), &e), FAIL_NOT_FOUND);
    assert_int_equal(identity_grant_set(w.turn, STR("a"), STR("x"), 0, &e), FAIL_NOT_FOUND);
    assert_ok(identity_generation(w.turn, &after, &e), &e);
    assert_int_equal(before, after); /* what was refused changed nothing */

    for (int i = 0; i < IDENTITY_KEYS_MAX; i++)
        assert_ok(identity_key_add(w.turn, w.keys, STR("a"), 1, &key, &e), &e);
    assert_int_equal(identity_key_add(w.turn, w.keys, STR("a"), 1, &key, &e), FAIL_LIMIT);
    for (int i = 0; i < IDENTITY_GRANTS_MAX; i++) {
        snprintf(name, sizeof name, "bucket-%d", i);
        assert_ok(identity_grant_set(w.turn, STR("a"), str_from_c(name), 1, &e), &e);
        assert_ok(identity_grant_set(w.turn, STR("a"), str_from_c(name), 3, &e),
                  &e); /* no new one */
    }
    assert_int_equal(identity_grant_set(w.turn, STR("a"), STR("one-more"), 1, &e), FAIL_LIMIT);
    commit();
    assert_int_equal(identity_user_find(w.snapshot, STR("a"))->grant_count, IDENTITY_GRANTS_MAX);
    assert_int_equal(identity_key_count(w.snapshot), IDENTITY_KEYS_MAX);
}

static void an_inspector_reads_for_a_time(void **state) {
    begin();
    assert_int_equal(identity_inspector_add(w.turn, STR("sato"), 100, 100, &e), FAIL_USAGE);
    assert_ok(identity_inspector_add(w.turn, STR("sato"), 101, 100, &e), &e);
    assert_int_equal(identity_inspector_add(w.turn, STR("sato"), 200, 100, &e), FAIL_EXISTS);
    assert_ok(identity_user_add(w.turn, STR("tanaka"), 100, &e), &e);
    for (unsigned right = 1; right <= IDENTITY_INSPECT; right *= 2) {
        bool may = right == IDENTITY_READ || right == IDENTITY_LIST;
        assert_int_equal(identity_grant_set(w.turn, STR("sato"), STR("*"), right, &e),
                         may ? OK : FAIL_USAGE);
    }
    assert_int_equal(identity_grant_set(w.turn, STR("sato"), STR("*"), IDENTITY_ALL, &e),
                     FAIL_USAGE);
    assert_int_equal(identity_inspector_until(w.turn, STR("tanaka"), 500, 100, &e), FAIL_USAGE);
    assert_int_equal(identity_inspector_until(w.turn, STR("nobody"), 500, 100, &e), FAIL_NOT_FOUND);
    assert_int_equal(identity_inspector_until(w.turn, STR("sato"), 99, 100, &e), FAIL_USAGE);
    commit();
    const struct identity_user *sato = identity_user_find(w.snapshot, STR("sato")),
                               *tanaka = identity_user_find(w.snapshot, STR("tanaka"));
    assert_int_equal(sato->role, IDENTITY_INSPECTOR);
    assert_true(identity_allows(sato, IDENTITY_INSPECT, STR_EMPTY)); /* without a grant */
    assert_true(identity_allows(sato, IDENTITY_LIST, STR("x")));
    assert_false(identity_allows(sato, IDENTITY_ADMIN, STR_EMPTY));
    assert_false(identity_user_is_over(sato, 100));
    assert_true(identity_user_is_over(sato, 101));
    assert_false(identity_user_is_over(tanaka, INT64_MAX));
    assert_ok(identity_inspector_until(begin(), STR("sato"), 900, 500, &e), &e);
    commit();
    assert_false(identity_user_is_over(identity_user_find(w.snapshot, STR("sato")), 899));
}

/* An abandoned turn and a rewound request leave nothing. */
static void turns_hold(void **state) {
    assert_ok(identity_user_add(begin(), STR("kept"), 1, &e), &e);
    engine_turn_mark(w.turn);
    assert_ok(identity_user_add(w.turn, STR("withdrawn"), 1, &e), &e);
    engine_turn_rewind(w.turn);
    commit();
    assert_int_equal(identity_user_count(w.snapshot), 1);
    assert_int_equal(identity_snapshot_generation(w.snapshot), 1);
    assert_ok(identity_user_add(begin(), STR("abandoned"), 1, &e), &e);
    engine_turn_abandon(w.turn);
    begin();
    commit();
    assert_int_equal(identity_user_count(w.snapshot), 1);
}

/* Attack row 23: a secret is in no row as it is; a row moved to another key id opens nothing. */
static void secrets_lie_sealed(void **state) {
    struct identity_new_key key, other;
    struct engine_scan *scan;
    char row_key[IDENTITY_ROW_KEY_BYTES], memory[1024];
    assert_ok(identity_user_add(begin(), STR("a"), 1, &e), &e);
    assert_ok(identity_key_add(w.turn, w.keys, STR("a"), 1, &key, &e), &e);
    assert_ok(identity_key_add(w.turn, w.keys, STR("a"), 1, &other, &e), &e);
    commit();
    assert_ok(engine_view_scan(w.view, ENGINE_META, STR_EMPTY, STR_EMPTY, &scan, &e), &e);
    bool more;
    str k, v;
    size_t rows = 0;
    while (engine_scan_next(scan, &more, &k, &v, &e) == OK && more) {
        assert_null(memmem(v.at, v.len, key.secret, 8));
        rows++;
    }
    engine_scan_close(scan);
    assert_int_equal(rows, 4);

    struct arena arena = arena_over(memory, sizeof memory);
    bool found;
    begin();
    assert_ok(engine_turn_get(w.turn, ENGINE_META,
                              identity_key_row_key(str_of(key.id, sizeof key.id), row_key), &arena,
                              &v, &found, &e),
              &e);
    assert_true(found);
    assert_ok(engine_turn_put(w.turn, ENGINE_META,
                              identity_key_row_key(str_of(other.id, sizeof other.id), row_key), v,
                              &e),
              &e);
    assert_ok(engine_turn_commit(w.turn, &e), &e);
    assert_ok(engine_view_open(w.engine, &w.view, &e), &e);
    assert_int_equal(identity_snapshot_load(w.view, w.keys, &w.snapshot, &e), FAIL_CORRUPT);
}

static void rows_of_other_versions_are_named(void **state) {
    static const struct {
        const char *name, *key, *value;
        size_t bytes;
        int code;
    } rows[] = {
        {"a later user row", "i/u/a", "\x03", 1, FAIL_VERSION},
        {"a short inspector's row", "i/u/a", "\x02\x01", 2, FAIL_CORRUPT},
        {"an ordinary user as an inspector's row", "i/u/a",
         "\x02\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 27, FAIL_CORRUPT},
        {"a short user row", "i/u/a", "\x01\x01", 2, FAIL_CORRUPT},
        {"a user neither on nor off", "i/u/a", "\x01\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 18,
         FAIL_CORRUPT},
        {"a user without a name", "i/u/", "\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 18,
         FAIL_CORRUPT},
        {"a grant of nobody", "i/r/b", "\x01\x01", 2, FAIL_CORRUPT},
        {"a later row of totals", "i/g", "\x07", 1, FAIL_VERSION},
        {"a key with a short id", "i/k/AZK", "\x01", 1, FAIL_CORRUPT},
        {"a later key row", "i/k/AZKAAAAAAAAAAAAAAAAA", "\x03", 1, FAIL_VERSION},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        begin();
        str key = str_from_c(rows[i].key);
        assert_ok(
            engine_turn_put(w.turn, ENGINE_META, key, str_of(rows[i].value, rows[i].bytes), &e),
            &e);
        assert_ok(engine_turn_commit(w.turn, &e), &e);
        assert_ok(engine_view_open(w.engine, &w.view, &e), &e);
        assert_row(rows[i].name, identity_snapshot_load(w.view, w.keys, &w.snapshot, &e) ==
                                     (enum error_code)rows[i].code);
        begin();
        assert_ok(engine_turn_delete(w.turn, ENGINE_META, key, &e), &e);
        assert_ok(engine_turn_commit(w.turn, &e), &e);
    }
    begin();
    commit();
}

static void many_keys_are_found(void **state) {
    enum { USERS = 40, KEYS = 25 };
    static struct identity_new_key keys[USERS * KEYS];
    begin();
    for (unsigned u = 0; u < USERS; u++) {
        char name[16];
        snprintf(name, sizeof name, "user-%u", u * 7919 % 1000);
        assert_ok(identity_user_add(w.turn, str_from_c(name), u, &e), &e);
        for (unsigned k = 0; k < KEYS; k++)
            assert_ok(
                identity_key_add(w.turn, w.keys, str_from_c(name), u, &keys[u * KEYS + k], &e), &e);
    }
    commit();
    for (unsigned i = 0; i < USERS * KEYS; i++) {
        const struct identity_key *key =
            identity_key_find(w.snapshot, str_of(keys[i].id, sizeof keys[i].id));
        assert_non_null(key);
        assert_str(key->secret, str_of(keys[i].secret, sizeof keys[i].secret));
        assert_int_equal(key->made_ns, i / KEYS);
    }
    assert_int_equal(identity_key_count(w.snapshot), USERS * KEYS);
    for (size_t i = 1; i < identity_user_count(w.snapshot); i++)
        assert_true(str_compare(identity_user_at(w.snapshot, i - 1)->name,
                                identity_user_at(w.snapshot, i)->name) < 0);
    for (size_t i = 1; i < identity_key_count(w.snapshot); i++)
        assert_true(str_compare(identity_key_at(w.snapshot, i - 1)->id,
                                identity_key_at(w.snapshot, i)->id) < 0);
}

static void rights_are_words(void **state) {
    static const struct {
        const char *text;
        unsigned rights;
        const char *back;
    } rows[] = {
        {"read", IDENTITY_READ, "read"},
        {"write, read", IDENTITY_READ | IDENTITY_WRITE, "read,write"},
        {"all", IDENTITY_ALL, "all"},
        {"create-bucket,inspect", IDENTITY_CREATE_BUCKET | IDENTITY_INSPECT,
         "create-bucket,inspect"},
        {"", 0, NULL},
        {"read,", 0, NULL},
        {"Read", 0, NULL},
        {"own", 0, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        unsigned rights = 0;
        enum error_code code = identity_rights_read(str_from_c(rows[i].text), &rights, &e);
        assert_row(rows[i].text, (code == OK) == (rows[i].back != NULL));
        if (code != OK) continue;
        char memory[128];
        struct text text = text_into(memory, sizeof memory);
        identity_rights_write(rights, &text);
        assert_str(text_str(&text), str_from_c(rows[i].back));
        assert_row(rows[i].text, rights == rows[i].rights);
    }
    assert_string_equal(identity_right_name(IDENTITY_CREATE_BUCKET), "create-bucket");
}

/* Each engine call fails once: a load says so and holds nothing back. */
static void failing_engines(void **state) {
    struct identity_new_key key;
    bool made;
    assert_ok(identity_root_make(begin(), w.keys, 1, &made, &key, &e), &e);
    commit();
    for (uint64_t n = 1;; n++) {
        assert_true(n < 200);
        look_away();
        assert_ok(engine_view_open(w.engine, &w.view, &e), &e);
        engine_lab_fail_at(w.engine, n);
        enum error_code code = identity_snapshot_load(w.view, w.keys, &w.snapshot, &e);
        engine_lab_fail_at(w.engine, 0);
        if (code == OK) break;
        assert_null(w.snapshot);
    }
    assert_int_equal(identity_key_count(w.snapshot), 1);
}

#define IN_A_WORLD(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(the_first_start_makes_root),
        IN_A_WORLD(nothing_is_allowed_without_a_grant),
        IN_A_WORLD(disabled_means_disabled),
        IN_A_WORLD(what_cannot_be_is_refused),
        IN_A_WORLD(an_inspector_reads_for_a_time),
        IN_A_WORLD(turns_hold),
        IN_A_WORLD(secrets_lie_sealed),
        IN_A_WORLD(rows_of_other_versions_are_named),
        IN_A_WORLD(many_keys_are_found),
        cmocka_unit_test(rights_are_words),
        IN_A_WORLD(failing_engines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
