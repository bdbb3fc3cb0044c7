/* What only the lab can do: make the n-th call fail, keep what a failed commit wrote, lose power.
 */
#include "tests/engine/world.h"

static struct world *lab_world(void **state) {
    world_open_lab(state);
    return *state;
}

/* A little story that uses every kind of call once; the code of the first that fails. It releases
 * whatever it holds, and counts in *acknowledged the turns whose commit said OK. */
static enum error_code story(struct engine *engine, int *acknowledged, struct error *e) {
    char memory[4096];
    struct arena arena = arena_over(memory, sizeof memory);
    struct engine_turn *turn = NULL;
    struct engine_view *view = NULL;
    struct engine_scan *scan = NULL;
    struct engine_blob_writer *writer = NULL;
    struct engine_blob *blob = NULL;
    struct engine_blob_id id;
    bool found, more;
    str key, value;
    size_t got;
    enum error_code code = engine_blob_create(engine, &writer, e);
    if (code != OK) goto done;
    id = engine_blob_writer_id(writer);
    code = engine_blob_append(writer, STR("body"), e);
    if (code != OK) goto done;
    code = engine_blob_finish(writer, e);
    writer = NULL;
    if (code != OK) goto done;
    code = engine_turn_begin(engine, &turn, e);
    if (code != OK) goto done;
    code = engine_turn_get(turn, ENGINE_META, STR("a"), &arena, &value, &found, e);
    if (code != OK) goto done;
    code = engine_turn_put(turn, ENGINE_META, STR("a"), STR("1"), e);
    if (code != OK) goto done;
    code = engine_turn_put(turn, ENGINE_META, STR("b"), STR("1"), e);
    if (code != OK) goto done;
    code = engine_turn_delete(turn, ENGINE_META, STR("b"), e);
    if (code != OK) goto done;
    code = engine_turn_scan(turn, ENGINE_META, STR_EMPTY, STR_EMPTY, &scan, e);
    if (code != OK) goto done;
    code = engine_scan_next(scan, &more, &key, &value, e);
    if (code != OK) goto done;
    engine_scan_close(scan);
    scan = NULL;
    code = engine_turn_commit(turn, e);
    turn = NULL;
    if (code != OK) goto done;
    ++*acknowledged;
    code = engine_view_open(engine, &view, e);
    if (code != OK) goto done;
    code = engine_view_get(view, ENGINE_META, STR("a"), &arena, &value, &found, e);
    if (code != OK) goto done;
    code = engine_view_scan(view, ENGINE_META, STR_EMPTY, STR_EMPTY, &scan, e);
    if (code != OK) goto done;
    code = engine_scan_seek(scan, STR("b"), e);
    if (code != OK) goto done;
    code = engine_scan_next(scan, &more, &key, &value, e);
    if (code != OK) goto done;
    code = engine_blob_open(engine, id, &blob, e);
    if (code != OK) goto done;
    char bytes[8];
    code = engine_blob_read(blob, 0, bytes, sizeof bytes, &got, e);
    if (code != OK) goto done;
    code = engine_turn_begin(engine, &turn, e);
    if (code != OK) goto done;
    code = engine_turn_put(turn, ENGINE_META, STR("c"), STR("1"), e);
    if (code != OK) goto done;
    code = engine_turn_blob_drop(turn, id, e);
    if (code != OK) goto done;
    code = engine_turn_commit(turn, e);
    turn = NULL;
    if (code == OK) ++*acknowledged;
done:
    engine_blob_close(blob);
    engine_scan_close(scan);
    engine_view_close(view);
    if (turn != NULL) engine_turn_abandon(turn);
    engine_blob_abandon(writer);
    return code;
}

static void every_call_fails_once(void **state) {
    uint64_t n = 0, broken = 0;
    enum error_code code;
    do {
        struct world *w = lab_world(state);
        engine_lab_fail_at(w->engine, ++n);
        int acknowledged = 0;
        struct error e;
        code = story(w->engine, &acknowledged, &e);
        if (code != OK) assert_int_equal(engine_lab_calls(w->engine), n); /* and nothing after it */
        assert_int_equal(code == FAIL_ENGINE_BROKEN, engine_is_broken(w->engine));
        assert_true(code == OK || code == FAIL_SYSTEM || code == FAIL_ENGINE_BROKEN);
        broken += code == FAIL_ENGINE_BROKEN;
        engine_lab_fail_at(w->engine, 0);
        if (engine_is_broken(w->engine)) assert_ok(engine_reopen(w->engine, &e), &e);
        assert_int_equal(value_now(w, "a") != NULL, acknowledged >= 1);
        assert_int_equal(value_now(w, "c") != NULL, acknowledged >= 2);
        assert_null(value_now(w, "b"));
        world_close(state);
    } while (code != OK);
    assert_int_equal(broken, 2); /* both commits were among them */
    assert_in_range(n, 20, 40);
}

static void a_failed_commit_may_have_been_written(void **state) {
    for (int keeps = 0; keeps < 2; keeps++) {
        struct engine_lab_options options = {.fail_keeps = keeps == 1};
        struct world *w = lab_world(state);
        struct error e;
        engine_close(w->engine);
        assert_ok(engine_open_lab(&options, &w->engine, &e), &e);
        put_one(w, ENGINE_META, "before", "1");
        struct engine_view *old = view_of(w);
        struct engine_turn *turn = turn_of(w);
        put(turn, ENGINE_META, "a", "1");
        engine_lab_fail_at(w->engine, 1);
        assert_int_equal(engine_turn_commit(turn, &e), FAIL_ENGINE_BROKEN);
        engine_lab_fail_at(w->engine, 0);
        assert_true(engine_is_broken(w->engine));
        assert_int_equal(engine_turn_begin(w->engine, &turn, &e), FAIL_ENGINE_BROKEN);
        assert_null(value_now(w, "a")); /* nobody knows yet, so nobody is told */
        assert_string_equal(view_value(w, old, "before"), "1");
        assert_ok(engine_reopen(w->engine, &e), &e);
        assert_int_equal(value_now(w, "a") != NULL, keeps);
        str value;
        bool found;
        assert_int_equal(
            engine_view_get(old, ENGINE_META, STR("before"), &w->arena, &value, &found, &e),
            FAIL_ENGINE_BROKEN);
        engine_view_close(old);
        put_one(w, ENGINE_META, "after", "1");
        assert_string_equal(value_now(w, "before"), "1");
        world_close(state);
    }
}

static void a_crash_takes_what_was_not_committed(void **state) {
    struct world *w = lab_world(state);
    struct error e;
    put_one(w, ENGINE_META, "kept", "1");
    struct engine_blob_id whole = blob_of(w, "whole");
    struct engine_blob_writer *writer;
    assert_ok(engine_blob_create(w->engine, &writer, &e), &e);
    struct engine_view *view = view_of(w);
    struct engine_turn *turn = turn_of(w);
    put(turn, ENGINE_META, "lost", "1");
    engine_lab_crash(w->engine);
    assert_int_equal(engine_blob_finish(writer, &e), FAIL_ENGINE_BROKEN);
    engine_view_close(view);
    assert_string_equal(value_now(w, "kept"), "1");
    assert_null(value_now(w, "lost"));
    assert_string_equal(blob_text(w, whole),
                        "whole"); /* until a sweep finds that no row names it */
    world_close(state);
}

static void a_low_disk_takes_no_bodies(void **state) {
    struct world *w = lab_world(state);
    struct engine_blob_writer *writer;
    struct error e;
    engine_lab_low(w->engine, true);
    assert_true(engine_is_low(w->engine));
    assert_int_equal(engine_blob_create(w->engine, &writer, &e), FAIL_DISK_FULL);
    delete_one(w, ENGINE_META, "still works");
    engine_lab_low(w->engine, false);
    assert_false(engine_is_low(w->engine));
    blob_of(w, "again");
    world_close(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_fails_once),
        cmocka_unit_test(a_failed_commit_may_have_been_written),
        cmocka_unit_test(a_crash_takes_what_was_not_committed),
        cmocka_unit_test(a_low_disk_takes_no_bodies),
    };
    return cmocka_run_group_tests_name("engine lab", tests, NULL, NULL);
}
