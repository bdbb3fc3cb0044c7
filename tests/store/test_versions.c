/* Versions, conditions, deleting, buckets: the promises of store.h, over both engines. */
#include "tests/store/shop.h"

static void a_bucket_never_versioned_keeps_one(void **state) {
    struct shop *shop = *state;
    shop_put(shop, "a", "one");
    shop_put(shop, "a", "two");
    assert_string_equal(shop_find(shop, "a", PLAIN), "two");
    assert_string_equal(shop_find(shop, "a", NULL_ONE), "two");
    assert_int_equal(shop_rows(shop, "v/", "v0"), 1);
    struct store_deleted gone = shop_delete(shop, "a", PLAIN);
    assert_true(gone.found);
    assert_false(gone.marker_made);
    assert_string_equal(shop_find(shop, "a", PLAIN), "(none)");
    assert_int_equal(shop_rows(shop, "v/", "v0"), 0);
    assert_false(shop_delete(shop, "a", PLAIN).found);
}

static void versions_pile_up_and_come_back(void **state) {
    struct shop *shop = *state;
    shop_versioning(shop, STORE_ENABLED);
    uint64_t one = shop_put(shop, "a", "one"), two = shop_put(shop, "a", "two");
    assert_string_equal(shop_find(shop, "a", PLAIN), "two");
    assert_string_equal(shop_find(shop, "a", VERSION(one)), "one");
    struct store_deleted marker = shop_delete(shop, "a", PLAIN);
    assert_true(marker.marker_made && marker.found);
    assert_false(marker.version.is_null);
    assert_string_equal(shop_find(shop, "a", PLAIN), "(marker)");
    assert_string_equal(shop_find(shop, "a", VERSION(two)), "two");
    /* The marker deleted by its id makes the newest version current again; then the next. */
    struct store_deleted removed = shop_delete(shop, "a", VERSION(marker.version.sequence));
    assert_true(removed.found && removed.marker_removed);
    assert_string_equal(shop_find(shop, "a", PLAIN), "two");
    assert_true(shop_delete(shop, "a", VERSION(two)).found);
    assert_string_equal(shop_find(shop, "a", PLAIN), "one");
    assert_false(shop_delete(shop, "a", VERSION(two)).found);
    assert_true(shop_delete(shop, "a", VERSION(one)).found);
    assert_string_equal(shop_find(shop, "a", PLAIN), "(none)");
    assert_int_equal(shop_rows(shop, "o/", "o0") + shop_rows(shop, "v/", "w"), 0);
}

static void a_version_in_the_middle_leaves_the_current_one(void **state) {
    struct shop *shop = *state;
    shop_versioning(shop, STORE_ENABLED);
    shop_put(shop, "a", "one");
    uint64_t two = shop_put(shop, "a", "two");
    shop_put(shop, "a", "three");
    shop_delete(shop, "a", VERSION(two));
    assert_string_equal(shop_find(shop, "a", PLAIN), "three");
    assert_string_equal(shop_find(shop, "a", VERSION(two)), "(none)");
}

/* The null version: written before versioning, covered by it, replaced while suspended. */
static void null_covered_and_uncovered(void **state) {
    struct shop *shop = *state;
    shop_put(shop, "a", "null one");
    shop_versioning(shop, STORE_ENABLED);
    assert_string_equal(shop_find(shop, "a", NULL_ONE), "null one");
    uint64_t two = shop_put(shop, "a", "two");
    assert_string_equal(shop_find(shop, "a", NULL_ONE), "null one");
    shop_delete(shop, "a", VERSION(two));
    assert_string_equal(shop_find(shop, "a", PLAIN), "null one");
    shop_put(shop, "a", "three");
    shop_versioning(shop, STORE_SUSPENDED);
    shop_put(shop, "a", "null two"); /* replaces the covered null, leaves "three" */
    assert_int_equal(shop_rows(shop, "v/", "v0"), 2);
    assert_string_equal(shop_find(shop, "a", NULL_ONE), "null two");
    struct store_deleted marker = shop_delete(shop, "a", PLAIN); /* a null marker in its place */
    assert_true(marker.marker_made && marker.version.is_null);
    assert_string_equal(shop_find(shop, "a", NULL_ONE), "(marker)");
    assert_int_equal(shop_rows(shop, "v/", "v0"), 2);
    assert_true(shop_delete(shop, "a", NULL_ONE).marker_removed);
    assert_string_equal(shop_find(shop, "a", PLAIN), "three");
    assert_string_equal(shop_find(shop, "a", NULL_ONE), "(none)");
    assert_int_equal(shop_rows(shop, "z/", "z0"), 0);
    shop_versioning(shop, STORE_ENABLED);
    shop_put(shop, "a", "four");
    assert_string_equal(shop_find(shop, "a", NULL_ONE), "(none)");
}

static void a_null_id_is_no_sequence(void **state) {
    struct shop *shop = *state;
    uint64_t one = shop_put(shop, "a", "one");
    assert_string_equal(shop_find(shop, "a", VERSION(one)), "(none)");
    assert_false(shop_delete(shop, "a", VERSION(one)).found);
    assert_string_equal(shop_find(shop, "a", PLAIN), "one");
}

static void ids_as_text(void **state) {
    static const struct {
        const char *name, *text;
        bool ok, is_null;
        uint64_t sequence;
    } cases[] = {
        {"null", "null", true, true, 0},
        {"sixteen digits", "00000000000003e9", true, false, 1001},
        {"the greatest", "ffffffffffffffff", true, false, UINT64_MAX},
        {"too short", "3e9", false, false, 0},
        {"too long", "00000000000003e90", false, false, 0},
        {"no digit", "00000000000003eg", false, false, 0},
        {"empty", "", false, false, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool is_null = false;
        uint64_t sequence = 0;
        char text[STORE_VERSION_TEXT_BYTES];
        bool ok = store_version_read(str_from_c(cases[i].text), &is_null, &sequence);
        assert_row(cases[i].name, ok == cases[i].ok);
        assert_row(cases[i].name, is_null == cases[i].is_null);
        assert_row(cases[i].name, sequence == cases[i].sequence);
        if (!ok) continue;
        struct store_version v = {.is_null = is_null, .sequence = sequence};
        assert_str(str_of(text, store_version_text(&v, text)), str_from_c(cases[i].text));
    }
}

/* ---- conditions ---- */

static void two_creators_in_one_turn_one_wins(void **state) {
    struct shop *shop = *state;
    const struct store_condition none = {.if_none = true};
    struct engine_turn *turn = shop_turn(shop);
    struct error e;
    uint64_t sequence;
    engine_turn_mark(turn);
    assert_ok(shop_put_in(shop, turn, STR("a"), "one", SMALL, &none, &sequence, &e), &e);
    engine_turn_keep(turn);
    engine_turn_mark(turn);
    assert_int_equal(shop_put_in(shop, turn, STR("a"), "two", SMALL, &none, &sequence, &e),
                     FAIL_PRECONDITION);
    engine_turn_rewind(turn);
    commit(turn);
    shop_check(shop);
    assert_string_equal(shop_find(shop, "a", PLAIN), "one");
}

static void conditions(void **state) {
    struct shop *shop = *state;
    struct store_condition none = {.if_none = true};
    struct store_condition match = {.if_match = true, .etag = shop_etag("one")};
    struct store_condition parts = match;
    parts.etag.parts = 1;
    shop_versioning(shop, STORE_ENABLED);
    assert_int_equal(shop_put_if(shop, "a", "x", &match), FAIL_NO_SUCH_KEY);
    assert_int_equal(shop_put_if(shop, "a", "one", &none), OK);
    assert_int_equal(shop_put_if(shop, "a", "x", &none), FAIL_PRECONDITION);
    assert_int_equal(shop_put_if(shop, "a", "x", &parts), FAIL_PRECONDITION);
    assert_int_equal(shop_put_if(shop, "a", "two", &match), OK);
    assert_int_equal(shop_put_if(shop, "a", "x", &match), FAIL_PRECONDITION);
    shop_delete(shop, "a", PLAIN); /* behind a delete marker there is no current object */
    assert_int_equal(shop_put_if(shop, "a", "three", &none), OK);
}

static void if_match_of_any_wants_an_object_and_no_particular_one(void **state) {
    struct shop *shop = *state;
    const struct store_condition any = {.if_any = true};
    assert_int_equal(shop_put_if(shop, "a", "x", &any), FAIL_NO_SUCH_KEY);
    shop_put(shop, "a", "one");
    assert_int_equal(shop_put_if(shop, "a", "two", &any), OK);
    assert_string_equal(shop_find(shop, "a", PLAIN), "two");
}

static void a_delete_may_want_an_etag(void **state) {
    struct shop *shop = *state;
    shop_put(shop, "a", "one");
    struct engine_turn *turn = shop_turn(shop);
    struct store_condition other = {.if_match = true, .etag = shop_etag("two")};
    struct store_deleted out;
    struct error e;
    assert_int_equal(store_delete(turn, &shop->bucket, STR("a"), false, false, 0, &other,
                                  ++shop->clock, STR("k"), 0, shop_arena(shop), &out, &e),
                     FAIL_PRECONDITION);
    engine_turn_abandon(turn);
    assert_string_equal(shop_find(shop, "a", PLAIN), "one");
}

/* ---- updating ---- */

static void tags_of_an_old_version_leave_the_current_one(void **state) {
    struct shop *shop = *state;
    struct store_pair tag = {STR("kind"), STR("old")};
    struct store_version v;
    struct error e;
    shop_versioning(shop, STORE_ENABLED);
    uint64_t one = shop_put(shop, "a", "one"), two = shop_put(shop, "a", "two");
    const uint64_t both[] = {one, two};
    for (size_t i = 0; i < 2; i++) {
        struct engine_turn *turn = shop_turn(shop);
        assert_ok(store_version_get(turn, &shop->bucket, STR("a"), true, false, both[i],
                                    shop_arena(shop), &v, &e),
                  &e);
        v.tags = (struct store_pairs){&tag, 1};
        assert_ok(store_version_update(turn, &shop->bucket, &v, shop->arena, &e), &e);
        commit(turn);
        shop_check(shop);
        turn = shop_turn(shop);
        assert_ok(store_version_get(turn, &shop->bucket, STR("a"), false, false, 0,
                                    shop_arena(shop), &v, &e),
                  &e);
        assert_true(v.is_current);
        assert_int_equal(v.tags.count, i);
        assert_int_equal(
            store_version_get(turn, &shop->bucket, STR("a"), true, true, 0, &shop->arena, &v, &e),
            FAIL_NO_SUCH_VERSION);
        assert_int_equal(
            store_version_get(turn, &shop->bucket, STR("b"), false, false, 0, &shop->arena, &v, &e),
            FAIL_NO_SUCH_KEY);
        engine_turn_abandon(turn);
    }
}

/* ---- buckets ---- */

static enum error_code bucket_make(struct shop *shop, const char *name, const char *owner,
                                   struct store_bucket *out) {
    struct engine_turn *turn = shop_turn(shop);
    struct store_bucket new = {.name = str_from_c(name), .owner = str_from_c(owner)};
    struct error e;
    enum error_code code = store_bucket_create(turn, &new, *shop_arena(shop), out, &e);
    if (code == OK)
        commit(turn);
    else
        engine_turn_abandon(turn);
    return code;
}

static enum error_code bucket_drop(struct shop *shop, const char *name) {
    struct engine_turn *turn = shop_turn(shop);
    struct error e;
    enum error_code code = store_bucket_delete(turn, str_from_c(name), *shop_arena(shop), &e);
    if (code == OK)
        commit(turn);
    else
        engine_turn_abandon(turn);
    return code;
}

static void a_bucket_made_anew_meets_no_old_rows(void **state) {
    struct shop *shop = *state;
    struct store_bucket first, second, third;
    assert_int_equal(bucket_make(shop, "again", "a", &first), OK);
    assert_int_equal(bucket_make(shop, "again", "a", &second), FAIL_BUCKET_OWNED);
    assert_int_equal(bucket_make(shop, "again", "b", &second), FAIL_BUCKET_EXISTS);
    assert_int_equal(bucket_drop(shop, "again"), OK);
    assert_int_equal(bucket_drop(shop, "again"), FAIL_NO_SUCH_BUCKET);
    assert_int_equal(bucket_make(shop, "again", "b", &second), OK);
    assert_true(second.id > first.id);
    assert_int_equal(bucket_drop(shop, "again"), OK);
    world_reopen(shop->world); /* ids are not given out again after a restart either */
    assert_int_equal(bucket_make(shop, "again", "b", &third), OK);
    assert_true(third.id > second.id);
}

static void what_keeps_a_bucket(void **state) {
    struct shop *shop = *state;
    uint64_t one = shop_put(shop, "a", "one");
    assert_int_equal(bucket_drop(shop, "shop"), FAIL_BUCKET_NOT_EMPTY);
    shop_delete(shop, "a", PLAIN);
    shop_versioning(shop, STORE_ENABLED);
    one = shop_put(shop, "a", "one");
    uint64_t marker = shop_delete(shop, "a", PLAIN).version.sequence;
    shop_delete(shop, "a", VERSION(one));
    assert_int_equal(bucket_drop(shop, "shop"), FAIL_BUCKET_NOT_EMPTY); /* the marker is left */
    shop_delete(shop, "a", VERSION(marker));
    struct store_upload_id id = shop_upload(shop, "big");
    assert_int_equal(bucket_drop(shop, "shop"), FAIL_BUCKET_NOT_EMPTY);
    assert_int_equal(shop_abort(shop, "big", id), OK);
    /* An empty key has no uploads, and does not hide those of others. */
    assert_int_equal(bucket_drop(shop, "shop"), OK);
}

static void buckets_load_sorted(void **state) {
    struct shop *shop = *state;
    struct store_bucket made;
    struct store_buckets all;
    struct error e;
    assert_int_equal(bucket_make(shop, "zoo", "z", &made), OK);
    assert_int_equal(bucket_make(shop, "aviary", "a", &made), OK);
    struct engine_view *view = shop_view(shop);
    assert_ok(store_buckets_load(view, shop_arena(shop), &all, &e), &e);
    engine_view_close(view);
    assert_int_equal(all.count, 3);
    assert_str(all.at[0].name, STR("aviary"));
    assert_str(all.at[2].name, STR("zoo"));
    assert_non_null(store_bucket_find(&all, STR("shop")));
    assert_null(store_bucket_find(&all, STR("sho")));
}

/* ---- keys are bytes ---- */

static void awkward_keys(void **state) {
    struct shop *shop = *state;
    char longest[LIMIT_KEY_BYTES + 1], longer_prefix[LIMIT_KEY_BYTES];
    memset(longest, 'k', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    memset(longer_prefix, 'k', sizeof longer_prefix - 1);
    longer_prefix[sizeof longer_prefix - 1] = 0;
    const char *keys[] = {"a",    "ab",    "a/",         "a//b",  "../../etc/passwd", "..", ".",
                          "/",    "//",    "\x01",       "a\x01", "\xf4\x8f\xbf\xbf", " ",  "a b",
                          "日本", longest, longer_prefix};
    shop_versioning(shop, STORE_ENABLED);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        char text[16];
        snprintf(text, sizeof text, "%zu", i);
        shop_put(shop, keys[i], "old");
        shop_put(shop, keys[i], text);
    }
    shop_check(shop);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        char text[16];
        snprintf(text, sizeof text, "%zu", i);
        assert_string_equal(shop_find(shop, keys[i], PLAIN), text);
    }
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        shop_delete(shop, keys[i], PLAIN);
        assert_string_equal(shop_find(shop, keys[i], PLAIN), "(marker)");
    }
    assert_int_equal(shop_rows(shop, "o/", "o0"), 0);
}

/* ---- walking, sweeping ---- */

static enum error_code count_each(void *self, const struct store_bucket *bucket,
                                  const struct store_version *version, struct error *e) {
    (*(unsigned *)self)++;
    return OK;
}

static void a_walk_meets_every_version(void **state) {
    struct shop *shop = *state;
    struct error e;
    unsigned met = 0;
    shop_versioning(shop, STORE_ENABLED);
    for (int i = 0; i < 5; i++) shop_put(shop, "a", "x");
    shop_delete(shop, "a", PLAIN);
    shop_put(shop, "b", "x");
    struct engine_view *view = shop_view(shop);
    assert_ok(store_walk(view, count_each, &met, *shop_arena(shop), &e), &e);
    engine_view_close(view);
    assert_int_equal(met, 7);
}

static void a_start_keeps_named_files_only(void **state) {
    struct shop *shop = *state;
    struct error e;
    uint64_t sequence, removed;
    struct engine_turn *turn = shop_turn(shop);
    assert_ok(shop_put_in(shop, turn, STR("a"), "kept", LARGE, NULL, &sequence, &e), &e);
    commit(turn);
    struct engine_blob_id stray = blob_of(shop->world, "stray");
    if (!shop->world->is_local) return; /* the lab has no earlier epoch */
    world_reopen(shop->world);
    assert_ok(engine_blobs_sweep(shop->world->engine, store_blob_is_named, NULL, &removed, &e), &e);
    assert_int_equal(removed, 1);
    assert_string_equal(blob_text(shop->world, stray), "gone");
    assert_string_equal(shop_find(shop, "a", PLAIN), "kept");
}

#define BOTH(f)                                                                                    \
    {#f " (lab)", f, shop_open_lab, shop_close, NULL}, {                                           \
#f " (local)", f, shop_open_local, shop_close, NULL                                        \
    }

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(a_bucket_never_versioned_keeps_one),
        BOTH(versions_pile_up_and_come_back),
        BOTH(a_version_in_the_middle_leaves_the_current_one),
        BOTH(null_covered_and_uncovered),
        BOTH(a_null_id_is_no_sequence),
        cmocka_unit_test(ids_as_text),
        BOTH(two_creators_in_one_turn_one_wins),
        BOTH(conditions),
        BOTH(if_match_of_any_wants_an_object_and_no_particular_one),
        BOTH(a_delete_may_want_an_etag),
        BOTH(tags_of_an_old_version_leave_the_current_one),
        BOTH(a_bucket_made_anew_meets_no_old_rows),
        BOTH(what_keeps_a_bucket),
        BOTH(buckets_load_sorted),
        BOTH(awkward_keys),
        BOTH(a_walk_meets_every_version),
        BOTH(a_start_keeps_named_files_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
