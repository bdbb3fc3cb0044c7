/* Every call of the engine fails once, over every act: what was acknowledged is there, what was
 * not is not, and the rows agree with each other. */
#include "tests/store/shop.h"

/* One act in a turn of its own; what it makes must be all there or not at all. */
struct act {
    const char *name;
    void (*prepare)(struct shop *shop);
    enum error_code (*run)(struct shop *shop, struct engine_turn *turn, struct error *e);
};

static struct store_upload_id the_upload;
static uint64_t the_version;

static void nothing(struct shop *shop) {}

static void versions_there(struct shop *shop) {
    shop_put(shop, "k", "null");
    shop_versioning(shop, STORE_ENABLED);
    shop_put(shop, "k", "old");
    the_version = shop_put(shop, "k", "new");
}

static void object_there(struct shop *shop) {
    shop_put(shop, "k", "a body in a file");
}

static void upload_there(struct shop *shop) {
    the_upload = shop_upload(shop, "k");
    assert_int_equal(shop_part(shop, "k", the_upload, 1, "one", LIMIT_PART_BYTES_MIN), OK);
    assert_int_equal(shop_part(shop, "k", the_upload, 2, "two", 2), OK);
    assert_int_equal(shop_part(shop, "k", the_upload, 3, "unclaimed", 2), OK);
}

static void leftovers_there(struct shop *shop) {
    upload_there(shop);
    assert_int_equal(shop_abort(shop, "k", the_upload), OK);
}

static enum error_code put_object(struct shop *shop, struct engine_turn *turn, struct error *e) {
    uint64_t sequence;
    return shop_put_in(shop, turn, STR("k"), "put", LARGE, NULL, &sequence, e);
}

static enum error_code remove_plain(struct shop *shop, struct engine_turn *turn, struct error *e) {
    struct store_deleted out;
    return store_delete(turn, &shop->bucket, STR("k"), false, false, 0, NULL, ++shop->clock,
                        STR("k"), 0, shop_arena(shop), &out, e);
}

static enum error_code remove_version(struct shop *shop, struct engine_turn *turn,
                                      struct error *e) {
    struct store_deleted out;
    return store_delete(turn, &shop->bucket, STR("k"), true, false, the_version, NULL,
                        ++shop->clock, STR("k"), 0, shop_arena(shop), &out, e);
}

static enum error_code tag(struct shop *shop, struct engine_turn *turn, struct error *e) {
    struct store_pair pair = {STR("a"), STR("b")};
    struct store_version v;
    TRY(store_version_get(turn, &shop->bucket, STR("k"), false, false, 0, shop_arena(shop), &v, e));
    v.tags = (struct store_pairs){&pair, 1};
    return store_version_update(turn, &shop->bucket, &v, shop->arena, e);
}

static enum error_code bucket_create(struct shop *shop, struct engine_turn *turn, struct error *e) {
    struct store_bucket new = {.name = STR("other"), .owner = STR("keeper")}, made;
    return store_bucket_create(turn, &new, *shop_arena(shop), &made, e);
}

static enum error_code bucket_delete(struct shop *shop, struct engine_turn *turn, struct error *e) {
    return store_bucket_delete(turn, STR("shop"), *shop_arena(shop), e);
}

static enum error_code upload_create(struct shop *shop, struct engine_turn *turn, struct error *e) {
    struct store_upload upload = {.key = STR("k"), .owner = STR("keeper")};
    return store_upload_create(turn, &shop->bucket, &upload, *shop_arena(shop), e);
}

static enum error_code part_replace(struct shop *shop, struct engine_turn *turn, struct error *e) {
    struct store_part part = {.number = 2, .body = {.kind = STORE_BODY_EMPTY}};
    return store_part_put(turn, &shop->bucket, STR("k"), the_upload, &part, *shop_arena(shop), e);
}

static enum error_code upload_abort(struct shop *shop, struct engine_turn *turn, struct error *e) {
    return store_upload_abort(turn, &shop->bucket, STR("k"), the_upload, *shop_arena(shop), e);
}

static enum error_code complete(struct shop *shop, struct engine_turn *turn, struct error *e) {
    struct store_part_claim claims[] = {shop_claim(1, "one"), shop_claim(2, "two")};
    struct engine_view *view;
    struct store_completion *c;
    struct store_upload upload;
    bool finished;
    struct arena *arena = shop_arena(shop);
    TRY(engine_view_open(shop->world->engine, &view, e));
    enum error_code code =
        store_completion_prepare(view, shop->bucket.id, STR("k"), the_upload, claims, 2,
                                 LIMIT_PART_BYTES_MIN, arena, &upload, &finished, &c, e);
    engine_view_close(view);
    if (code != OK) return code;
    struct store_version v = {.key = STR("k"), .sequence = ++shop->clock, .owner = STR("(parts)")};
    return store_complete(turn, &shop->bucket, c, &v, NULL, *arena, e);
}

static enum error_code tidy(struct shop *shop, struct engine_turn *turn, struct error *e) {
    bool more;
    return store_tidy(turn, 0, 100, *shop_arena(shop), &more, e);
}

static const struct act acts[] = {
    {"put", object_there, put_object},
    {"put over versions", versions_there, put_object},
    {"delete", object_there, remove_plain},
    {"delete marker", versions_there, remove_plain},
    {"delete a version", versions_there, remove_version},
    {"tags", versions_there, tag},
    {"create a bucket", nothing, bucket_create},
    {"delete a bucket", nothing, bucket_delete},
    {"begin an upload", nothing, upload_create},
    {"replace a part", upload_there, part_replace},
    {"abort", upload_there, upload_abort},
    {"complete", upload_there, complete},
    {"tidy", leftovers_there, tidy},
};

/* All rows of two families, one after the other, hashed: did the state change? */
static digest state_of(struct shop *shop) {
    struct engine_view *view = shop_view(shop);
    struct sha256 h;
    struct error e;
    sha256_begin(&h);
    for (int family = ENGINE_META; family <= ENGINE_BODY; family++) {
        struct engine_scan *scan;
        assert_ok(
            engine_view_scan(view, (enum engine_family)family, STR_EMPTY, STR_EMPTY, &scan, &e),
            &e);
        for (;;) {
            bool more;
            str key, row;
            assert_ok(engine_scan_next(scan, &more, &key, &row, &e), &e);
            if (!more) break;
            sha256_add(&h, key.at, key.len);
            sha256_add(&h, row.at, row.len);
        }
        engine_scan_close(scan);
    }
    engine_view_close(view);
    return sha256_end(&h);
}

/* false: the n-th call was never reached. */
static bool one_failure(const struct act *act, uint64_t n) {
    void *state = NULL;
    assert_int_equal(shop_open_lab(&state), 0);
    struct shop *shop = state;
    act->prepare(shop);
    digest before = state_of(shop);
    struct engine_turn *turn = NULL;
    struct error e;
    engine_lab_fail_at(shop->world->engine, n);
    enum error_code code = engine_turn_begin(shop->world->engine, &turn, &e);
    if (code == OK) {
        engine_turn_mark(turn);
        code = act->run(shop, turn, &e);
        if (code == OK)
            engine_turn_keep(turn);
        else
            engine_turn_rewind(turn); /* as the committer does: the others in the turn go on */
        enum error_code committed = engine_turn_commit(turn, &e);
        if (code == OK) code = committed;
        if (committed != OK) {
            engine_lab_fail_at(shop->world->engine, 0);
            assert_ok(engine_reopen(shop->world->engine, &e), &e);
        }
    }
    engine_lab_fail_at(shop->world->engine, 0);
    digest after = state_of(shop);
    bool same = memcmp(before.at, after.at, sizeof after.at) == 0;
    if (same != (code != OK))
        fail_msg("%s, call %llu: %s, and the state is %s", act->name, (unsigned long long)n,
                 error_name(code), same ? "the same" : "another");
    shop_check(shop);
    assert_int_equal(shop_close(&state), 0);
    return code != OK;
}

static void every_call_fails_once(void **state) {
    for (size_t i = 0; i < COUNT_OF(acts); i++) {
        uint64_t n = 1;
        while (one_failure(&acts[i], n)) n++;
        print_message("%-20s %llu calls\n", acts[i].name, (unsigned long long)(n - 1));
        assert_true(n > 3);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_call_fails_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
