/* Differences between snapshots, and what the engine keeps of every one of them. */
#include "register/register.h"
#include "tests/test.h"

static struct register_snapshot *load(const char *yaml) {
    struct register_text text = {STR("r.yaml"), str_from_c(yaml)};
    struct register_snapshot *s = NULL;
    struct error e;
    assert_ok(register_load_texts(&text, 1, &s, NULL, &e), &e);
    return s;
}

static const char first[] = "sites:\n- {id: a, country: JP}\n- {id: b, country: US}\n"
                            "reviews: {complete: true, as_of: 2026-11-01, items: []}\n";
static const char second[] = "sites:\n- {id: a, country: JP, fuel: 72 h}\n- {id: c}\n";
static const char third[] = "sites:\n- {id: a, country: JP}\n- {id: b, country: DE}\n"
                            "operators:\n- {id: o, valid: {from: 2020-01-01}}\n"
                            "- {id: o, valid: {until: 2020-01-01}, name: before}\n";

static void differences_are_rows_added_changed_and_removed(void **state) {
    static char memory[1 << 16];
    struct arena arena = arena_over(memory, sizeof memory);
    struct register_snapshot *a = load(first), *b = load(second);
    struct register_changes changes;
    struct error e;
    assert_ok(register_diff(a, b, &arena, &changes, &e), &e);
    assert_int_equal(changes.count, 3);
    assert_int_equal(changes.list[0].what, REGISTER_CHANGED);
    assert_str(changes.list[0].id, STR("a"));
    assert_str(changes.list[0].before, STR("{\"id\":\"a\",\"country\":\"JP\"}"));
    assert_str(changes.list[0].after, STR("{\"id\":\"a\",\"country\":\"JP\",\"fuel\":\"72 h\"}"));
    assert_int_equal(changes.list[1].what, REGISTER_REMOVED);
    assert_str(changes.list[1].id, STR("b"));
    assert_int_equal(changes.list[2].what, REGISTER_ADDED);
    assert_str(changes.list[2].id, STR("c"));
    assert_ok(register_diff(NULL, a, &arena, &changes, &e), &e);
    assert_int_equal(changes.count, 2);
    assert_ok(register_diff(a, a, &arena, &changes, &e), &e);
    assert_int_equal(changes.count, 0);
    register_release(a);
    register_release(b);
}

static enum error_code import(struct engine *engine, const struct register_snapshot *s,
                              int64_t at_ns, struct register_changes *changes,
                              struct register_head *head, struct arena *arena, struct error *e) {
    struct engine_turn *turn;
    TRY(engine_turn_begin(engine, &turn, e));
    enum error_code code = register_import(turn, s, at_ns, arena, changes, head, e);
    if (code != OK) {
        engine_turn_abandon(turn);
        return code;
    }
    return engine_turn_commit(turn, e);
}

static void is_restored(struct engine *engine, uint64_t generation,
                        const struct register_snapshot *like) {
    struct engine_view *view;
    struct register_snapshot *s = NULL;
    struct error e;
    assert_ok(engine_view_open(engine, &view, &e), &e);
    assert_ok(register_restore(view, generation, &s, &e), &e);
    digest got = register_digest(s), wanted = register_digest(like);
    assert_true(digest_equal(&got, &wanted));
    assert_int_equal(register_row_count(s), register_row_count(like));
    engine_view_close(view);
    register_release(s);
}

static void every_generation_can_be_read_back(void **state) {
    enum { MEMORY = 8 << 20 };
    char *memory = malloc(MEMORY);
    struct arena arena = arena_over(memory, MEMORY);
    struct register_snapshot *s[] = {load(first), load(second), load(third), load(first)};
    static const size_t expected_changes[] = {3, 4, 5, 4}; /* the complete list of reviews is one */
    struct engine *engine;
    struct register_changes changes;
    struct register_head head;
    struct error e;
    assert_ok(engine_open_lab(&(struct engine_lab_options){0}, &engine, &e), &e);
    for (size_t i = 0; i < COUNT_OF(s); i++) {
        for (unsigned again = 0; again < 2; again++) { /* the second time nothing has changed */
            assert_ok(import(engine, s[i], (int64_t)i * 1000, &changes, &head, &arena, &e), &e);
            assert_int_equal(changes.count, again ? 0 : expected_changes[i]);
            assert_int_equal(head.generation, i + 1);
            assert_int_equal(head.imported_ns, (int64_t)i * 1000);
        }
        for (size_t g = 0; g <= i; g++) is_restored(engine, g + 1, s[g]);
        is_restored(engine, UINT64_MAX, s[i]);
    }
    struct engine_view *view;
    struct register_snapshot *none = NULL;
    assert_ok(engine_view_open(engine, &view, &e), &e);
    assert_int_equal(register_restore(view, 5, &none, &e), FAIL_NOT_FOUND);
    assert_null(none);
    engine_view_close(view);
    engine_close(engine);
    for (size_t i = 0; i < COUNT_OF(s); i++) register_release(s[i]);
    free(memory);
}

static void an_engine_without_a_register_says_so(void **state) {
    struct engine *engine;
    struct engine_view *view;
    struct register_head head;
    struct register_snapshot *s = NULL;
    struct error e;
    assert_ok(engine_open_lab(&(struct engine_lab_options){0}, &engine, &e), &e);
    assert_ok(engine_view_open(engine, &view, &e), &e);
    assert_ok(register_head_read(view, &head, &e), &e);
    assert_int_equal(head.generation, 0);
    assert_int_equal(register_restore(view, UINT64_MAX, &s, &e), FAIL_NOT_FOUND);
    engine_view_close(view);
    engine_close(engine);
}

/* Each row damaged in turn: the register is refused, never half read. */
static void damaged_rows_are_noticed(void **state) {
    enum { MEMORY = 8 << 20 };
    char *memory = malloc(MEMORY);
    struct register_snapshot *s = load(third), *back;
    struct error e;
    for (unsigned victim = 0; victim < 5; victim++) {
        struct arena arena = arena_over(memory, MEMORY);
        struct engine *engine;
        struct engine_turn *turn;
        struct engine_scan *scan;
        struct register_changes changes;
        struct register_head head;
        assert_ok(engine_open_lab(&(struct engine_lab_options){0}, &engine, &e), &e);
        assert_ok(import(engine, s, 0, &changes, &head, &arena, &e), &e);
        assert_ok(engine_turn_begin(engine, &turn, &e), &e);
        assert_ok(engine_turn_scan(turn, ENGINE_META, STR("reg/"), STR("reg0"), &scan, &e), &e);
        str key = STR_EMPTY, value = STR_EMPTY;
        bool more = true;
        for (unsigned i = 0; i <= victim && more; i++)
            assert_ok(engine_scan_next(scan, &more, &key, &value, &e), &e);
        assert_true(more);
        char damaged[4096], name[256];
        memcpy(damaged, value.at, value.len);
        memcpy(name, key.at, key.len);
        damaged[value.len - 1] ^= 1;
        size_t key_len = key.len, value_len = value.len;
        engine_scan_close(scan);
        assert_ok(engine_turn_put(turn, ENGINE_META, str_of(name, key_len),
                                  str_of(damaged, value_len), &e),
                  &e);
        assert_ok(engine_turn_commit(turn, &e), &e);
        struct engine_view *view;
        assert_ok(engine_view_open(engine, &view, &e), &e);
        enum error_code code = register_restore(view, UINT64_MAX, &back, &e);
        /* The head's last byte is its count of rows: more rows than it says, or fewer. */
        if (code == OK) register_release(back);
        assert_true(code != OK || victim == 0);
        engine_view_close(view);
        engine_close(engine);
    }
    register_release(s);
    free(memory);
}

/* Whatever call fails, a turn that is abandoned leaves the register as it was. */
static void a_failing_import_changes_nothing(void **state) {
    enum { MEMORY = 8 << 20 };
    char *memory = malloc(MEMORY);
    struct register_snapshot *a = load(first), *b = load(third);
    struct engine *engine;
    struct register_changes changes;
    struct register_head head;
    struct error e;
    struct arena arena = arena_over(memory, MEMORY);
    assert_ok(engine_open_lab(&(struct engine_lab_options){0}, &engine, &e), &e);
    assert_ok(import(engine, a, 1, &changes, &head, &arena, &e), &e);
    unsigned failures = 0;
    for (uint64_t n = 1; n < 100; n++) {
        struct arena scratch = arena;
        engine_lab_fail_at(engine, n);
        enum error_code code = import(engine, b, 2, &changes, &head, &scratch, &e);
        engine_lab_fail_at(engine, 0);
        if (code == OK) break;
        failures++;
        if (engine_is_broken(engine)) assert_ok(engine_reopen(engine, &e), &e);
        is_restored(engine, UINT64_MAX, a);
    }
    assert_true(failures > 5);
    is_restored(engine, UINT64_MAX, b);
    engine_close(engine);
    register_release(a);
    register_release(b);
    free(memory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(differences_are_rows_added_changed_and_removed),
        cmocka_unit_test(every_generation_can_be_read_back),
        cmocka_unit_test(an_engine_without_a_register_says_so),
        cmocka_unit_test(damaged_rows_are_noticed),
        cmocka_unit_test(a_failing_import_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
