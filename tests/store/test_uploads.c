/* Uploads in parts: adding, replacing, completing, aborting, tidying, finding a byte again. */
#include "tests/store/shop.h"

enum { MIN = LIMIT_PART_BYTES_MIN };

static void parts_make_an_object(void **state) {
    struct shop *shop = *state;
    bool finished;
    struct store_upload_id id = shop_upload(shop, "big");
    assert_int_equal(shop_part(shop, "big", id, 1, "one", MIN), OK);
    assert_int_equal(shop_part(shop, "big", id, 2, "two", MIN), OK);
    assert_int_equal(shop_part(shop, "big", id, 3, "never named", MIN), OK);
    assert_int_equal(shop_part(shop, "big", id, 4, "first try", 10), OK);
    assert_int_equal(shop_part(shop, "big", id, 4, "four", 10), OK); /* replaces */
    shop_check(shop);
    struct store_part_claim claims[] = {shop_claim(1, "one"), shop_claim(2, "two"),
                                        shop_claim(4, "four")};
    assert_int_equal(shop_complete(shop, "big", id, claims, 3, &finished), OK);
    assert_false(finished);
    shop_check(shop); /* the replaced body and the part nobody named are gone */
    assert_int_equal(shop_rows(shop, "p/", "p0"), 3);
    assert_string_equal(shop_find(shop, "big", PLAIN), "(parts)");
    /* A second Complete whose reply was lost gets the first one's answer. */
    assert_int_equal(shop_complete(shop, "big", id, claims, 3, &finished), OK);
    assert_true(finished);
    /* A finished upload takes no more parts and cannot be aborted. */
    assert_int_equal(shop_part(shop, "big", id, 5, "late", 1), FAIL_NO_SUCH_UPLOAD);
    assert_int_equal(shop_abort(shop, "big", id), FAIL_NO_SUCH_UPLOAD);
    /* The object goes, and tidying takes its parts with it; a day later the answer is forgotten. */
    shop_delete(shop, "big", PLAIN);
    assert_int_equal(shop_rows(shop, "g/", "g0"), 1);
    shop_tidy(shop, 0, 2);
    assert_int_equal(shop_rows(shop, "g/", "g0") + shop_rows(shop, "m/", "m0"), 0);
    assert_int_equal(shop_rows(shop, "p/", "p0"), 0);
    assert_int_equal(shop_rows(shop, "u/", "u0"), 1);
    int64_t day = (int64_t)24 * 3600 * NS_PER_S;
    shop_tidy(shop, (int64_t)shop->clock + day - 1000, 100);
    assert_int_equal(shop_rows(shop, "u/", "u0"), 1);
    shop_tidy(shop, (int64_t)shop->clock + day, 100);
    assert_int_equal(shop_rows(shop, "u/", "u0") + shop_rows(shop, "x/", "x0"), 0);
    assert_int_equal(shop_complete(shop, "big", id, claims, 3, &finished), FAIL_NO_SUCH_UPLOAD);
}

static void claims_that_do_not_hold(void **state) {
    struct shop *shop = *state;
    struct store_upload_id id = shop_upload(shop, "k"), other = shop_upload(shop, "other");
    assert_int_equal(shop_part(shop, "k", id, 1, "one", MIN), OK);
    assert_int_equal(shop_part(shop, "k", id, 2, "two", MIN - 1), OK);
    assert_int_equal(shop_part(shop, "k", id, 10000, "last", 1), OK);
    const struct store_part_claim one = shop_claim(1, "one"), two = shop_claim(2, "two"),
                                  three = shop_claim(3, "three"), last = shop_claim(10000, "last");
    const struct {
        const char *name;
        struct store_part_claim claims[3];
        size_t count;
        enum error_code code;
    } cases[] = {
        {"none named", {one}, 0, FAIL_MALFORMED_XML},
        {"number 0", {shop_claim(0, "one")}, 1, FAIL_INVALID_PART},
        {"number 10001", {shop_claim(10001, "one")}, 1, FAIL_INVALID_PART},
        {"never uploaded", {one, three}, 2, FAIL_INVALID_PART},
        {"never uploaded, in the middle", {one, three, last}, 3, FAIL_INVALID_PART},
        {"another ETag", {shop_claim(1, "eins")}, 1, FAIL_INVALID_PART},
        {"out of order", {two, one}, 2, FAIL_INVALID_PART_ORDER},
        {"twice", {one, one}, 2, FAIL_INVALID_PART_ORDER},
        {"too small and not the last", {one, two, last}, 3, FAIL_ENTITY_TOO_SMALL},
        {"small, and the last", {one, two}, 2, OK},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool finished;
        enum error_code code =
            shop_complete(shop, "k", id, cases[i].claims, cases[i].count, &finished);
        assert_row(cases[i].name, code == cases[i].code);
    }
    bool finished;
    assert_int_equal(shop_complete(shop, "k", other, &one, 1, &finished), FAIL_NO_SUCH_UPLOAD);
    assert_int_equal(shop_part(shop, "k", other, 1, "x", 1), FAIL_NO_SUCH_UPLOAD);
}

/* The operator may have set another least size than S3's. */
static void another_least_part_size(void **state) {
    struct shop *shop = *state;
    struct store_upload_id id = shop_upload(shop, "k");
    bool finished;
    assert_int_equal(shop_part(shop, "k", id, 1, "one", 4096), OK);
    assert_int_equal(shop_part(shop, "k", id, 2, "two", 1), OK);
    struct store_part_claim claims[] = {shop_claim(1, "one"), shop_claim(2, "two")};
    assert_int_equal(shop_complete(shop, "k", id, claims, 2, &finished), FAIL_ENTITY_TOO_SMALL);
    shop->part_bytes_min = 4097;
    assert_int_equal(shop_complete(shop, "k", id, claims, 2, &finished), FAIL_ENTITY_TOO_SMALL);
    shop->part_bytes_min = 4096;
    assert_int_equal(shop_complete(shop, "k", id, claims, 2, &finished), OK);
    assert_string_equal(shop_find(shop, "k", PLAIN), "(parts)");
}

/* What is worked out under a view may be out of date when the turn comes. */
static void a_part_between_looking_and_writing(void **state) {
    struct shop *shop = *state;
    struct store_upload_id id = shop_upload(shop, "k");
    assert_int_equal(shop_part(shop, "k", id, 1, "one", 5), OK);
    struct store_part_claim one = shop_claim(1, "one");
    struct engine_view *view = shop_view(shop);
    struct store_upload upload;
    struct store_completion *completion;
    char memory[65536];
    struct arena arena = arena_over(memory, sizeof memory);
    struct error e;
    bool finished;
    assert_ok(store_completion_prepare(view, shop->bucket.id, STR("k"), id, &one, 1, MIN, &arena,
                                       &upload, &finished, &completion, &e),
              &e);
    engine_view_close(view);
    assert_int_equal(store_completion_bytes(completion), 5);
    assert_int_equal(store_completion_count(completion), 1);
    assert_int_equal(store_completion_etag(completion).parts, 1);
    assert_int_equal(shop_part(shop, "k", id, 1, "other", 6), OK);
    struct store_version v = {.key = STR("k"), .sequence = ++shop->clock};
    struct engine_turn *turn = shop_turn(shop);
    assert_int_equal(
        store_complete(turn, &shop->bucket, completion, &v, NULL, *shop_arena(shop), &e),
        FAIL_CONDITION_CONFLICT);
    engine_turn_abandon(turn);
    assert_string_equal(shop_find(shop, "k", PLAIN), "(none)");
    assert_int_equal(shop_complete(shop, "k", id, &one, 1, &finished), FAIL_INVALID_PART);
}

static void abort_and_tidy_leave_nothing(void **state) {
    struct shop *shop = *state;
    struct store_upload_id id = shop_upload(shop, "k");
    for (uint16_t i = 1; i <= 40; i++) assert_int_equal(shop_part(shop, "k", id, i, "x", 9), OK);
    assert_int_equal(shop_abort(shop, "k", id), OK);
    shop_check(shop);
    assert_int_equal(shop_abort(shop, "k", id), FAIL_NO_SUCH_UPLOAD);
    assert_int_equal(shop_part(shop, "k", id, 1, "x", 9), FAIL_NO_SUCH_UPLOAD);
    assert_int_equal(shop_rows(shop, "p/", "p0"), 40);
    shop_tidy(shop, 0, 7);
    assert_int_equal(shop_rows(shop, "p/", "p0") + shop_rows(shop, "r/", "r0"), 0);
    assert_int_equal(shop_rows(shop, "g/", "g0") + shop_rows(shop, "w/", "w0"), 0);
    wait_for_drops(shop->world, 0);
}

/* 1,025 parts are three pages; the last part is empty, so two pages end at the same byte. */
static void a_byte_and_a_number_find_their_part(void **state) {
    struct shop *shop = *state;
    enum { PARTS = 1025 };
    struct store_part_claim *claims = calloc(PARTS, sizeof *claims);
    struct store_upload_id id = shop_upload(shop, "k");
    struct engine_turn *turn = shop_turn(shop);
    struct error e;
    for (uint16_t i = 0; i < PARTS; i++) {
        struct store_part part = {.number = (uint16_t)(3 * i + 1), .modified_ns = 1};
        part.body.bytes = i + 1 == PARTS ? 0 : MIN + (uint64_t)i;
        claims[i].number = part.number;
        part.body.kind = STORE_BODY_INLINE;
        if (part.body.bytes == 0) part.body.kind = STORE_BODY_EMPTY;
        part.body.blob = engine_blob_id_new(shop->world->engine);
        if (part.body.bytes > 0)
            assert_ok(engine_turn_put(turn, ENGINE_BODY,
                                      str_of(part.body.blob.at, sizeof part.body.blob.at), STR("x"),
                                      &e),
                      &e);
        assert_ok(store_part_put(turn, &shop->bucket, STR("k"), id, &part, *shop_arena(shop), &e),
                  &e);
    }
    commit(turn);
    bool finished;
    assert_int_equal(shop_complete(shop, "k", id, claims, PARTS, &finished), OK);
    free(claims);
    shop_check(shop);

    struct engine_view *view = shop_view(shop);
    struct store_version v;
    struct store_part part;
    uint64_t first, begin = 0;
    bool found;
    char memory[16384];
    assert_ok(store_version_find(view, shop->bucket.id, STR("k"), false, false, 0, shop_arena(shop),
                                 &v, &found, &e),
              &e);
    assert_int_equal(v.body.part_count, PARTS);
    for (uint32_t i = 0; i < PARTS; i++) {
        uint64_t bytes = i + 1 == PARTS ? 0 : MIN + (uint64_t)i;
        struct arena arena = arena_over(memory, sizeof memory);
        bool edge = i < 3 || i % 512 < 2 || i % 512 > 509 || i + 2 > PARTS;
        if (edge) {
            assert_ok(store_part_nth(view, &v, i + 1, &arena, &part, &first, &e), &e);
            assert_int_equal(part.number, 3 * i + 1);
            assert_int_equal(part.body.bytes, bytes);
            assert_int_equal(first, begin);
        }
        const uint64_t offsets[] = {begin, begin + bytes / 2, begin + bytes - 1};
        for (size_t k = 0; edge && bytes > 0 && k < COUNT_OF(offsets); k++) {
            arena = arena_over(memory, sizeof memory);
            assert_ok(store_part_at(view, &v, offsets[k], &arena, &part, &first, &e), &e);
            assert_int_equal(part.number, 3 * i + 1);
            assert_int_equal(first, begin);
        }
        begin += bytes;
    }
    assert_int_equal(v.body.bytes, begin);
    struct arena arena = arena_over(memory, sizeof memory);
    assert_int_equal(store_part_at(view, &v, begin, &arena, &part, &first, &e), FAIL_CORRUPT);
    assert_int_equal(store_part_nth(view, &v, 0, &arena, &part, &first, &e),
                     FAIL_INVALID_PART_NUMBER);
    assert_int_equal(store_part_nth(view, &v, PARTS + 1, &arena, &part, &first, &e),
                     FAIL_INVALID_PART_NUMBER);
    engine_view_close(view);
    shop_delete(shop, "k", PLAIN);
    shop_tidy(shop, 0, 500);
}

/* ---- listing ---- */

struct seen {
    struct text text;
};

static enum error_code upload_seen(void *self, const struct store_upload *upload, str prefix,
                                   struct error *e) {
    struct seen *s = self;
    if (s->text.len > 0) text_add_char(&s->text, ' ');
    text_add(&s->text, upload != NULL ? upload->key : prefix);
    return OK;
}

static const char *uploads(struct shop *shop, struct store_listing listing) {
    static char memory[4096];
    struct seen s = {text_into(memory, sizeof memory - 1)};
    struct engine_view *view = shop_view(shop);
    struct store_upload_id after = {{0}};
    struct store_listed out;
    struct error e;
    do {
        assert_ok(store_upload_list(view, shop->bucket.id, &listing, after, upload_seen, &s,
                                    shop_arena(shop), &out, &after, &e),
                  &e);
        /* The marker must survive the arena's next use. */
        static char marker[LIMIT_KEY_BYTES];
        if (out.next_key.len > 0) memcpy(marker, out.next_key.at, out.next_key.len);
        listing.after = str_of(marker, out.next_key.len);
    } while (out.truncated);
    engine_view_close(view);
    memory[s.text.len] = 0;
    return memory;
}

static void open_uploads_are_listed_once(void **state) {
    struct shop *shop = *state;
    static const char *const keys[] = {"a", "a", "a", "a/1", "a/2", "b", "c/1"};
    struct store_upload_id done;
    bool finished;
    for (size_t i = 0; i < COUNT_OF(keys); i++) shop_upload(shop, keys[i]);
    done = shop_upload(shop, "b");
    assert_int_equal(shop_part(shop, "b", done, 1, "x", 1), OK);
    struct store_part_claim claim = shop_claim(1, "x");
    assert_int_equal(shop_complete(shop, "b", done, &claim, 1, &finished), OK);
    for (uint32_t max = 1; max < 9; max++) {
        struct store_listing l = {.max = max};
        assert_string_equal(uploads(shop, l), "a a a a/1 a/2 b c/1");
        l.delimiter = STR("/");
        assert_string_equal(uploads(shop, l), "a a a a/ b c/");
        l.prefix = STR("a/");
        assert_string_equal(uploads(shop, l), "a/1 a/2");
        l.prefix = STR("z");
        assert_string_equal(uploads(shop, l), "");
    }
    struct store_listing after = {.max = 10, .after = STR("a")}; /* no upload id: after all of a */
    assert_string_equal(uploads(shop, after), "a/1 a/2 b c/1");
}

struct numbers {
    uint16_t at[64];
    size_t count;
};

static enum error_code number_seen(void *self, const struct store_part *part, struct error *e) {
    struct numbers *n = self;
    n->at[n->count++] = part->number;
    return OK;
}

static void parts_are_listed_in_pages(void **state) {
    struct shop *shop = *state;
    struct store_upload_id id = shop_upload(shop, "k");
    static const uint16_t numbers[] = {10000, 1, 7, 256, 255};
    struct numbers n = {.count = 0};
    struct error e;
    bool truncated;
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        assert_int_equal(shop_part(shop, "k", id, numbers[i], "x", 1), OK);
    struct engine_view *view = shop_view(shop);
    assert_ok(store_part_list(view, id, 0, 3, number_seen, &n, *shop_arena(shop), &truncated, &e),
              &e);
    assert_true(truncated);
    assert_int_equal(n.at[2], 255);
    assert_ok(store_part_list(view, id, 255, 3, number_seen, &n, *shop_arena(shop), &truncated, &e),
              &e);
    assert_false(truncated);
    assert_int_equal(n.count, 5);
    assert_int_equal(n.at[4], 10000);
    assert_ok(
        store_part_list(view, id, 10000, 3, number_seen, &n, *shop_arena(shop), &truncated, &e),
        &e);
    assert_int_equal(n.count, 5);
    engine_view_close(view);
}

static void datasets_of_copied_parts_stay(void **state) {
    struct shop *shop = *state;
    struct store_upload_id id = shop_upload(shop, "k");
    struct store_pair names[] = {{STR("own"), STR_EMPTY}, {STR("other"), STR_EMPTY}};
    struct store_upload upload;
    struct error e;
    for (size_t i = 0; i < 3; i++) {
        struct engine_turn *turn = shop_turn(shop);
        assert_ok(store_upload_datasets_add(turn, &shop->bucket, STR("k"), id,
                                            (struct store_pairs){names, i == 0 ? 1 : 2},
                                            *shop_arena(shop), &e),
                  &e);
        commit(turn);
    }
    struct engine_view *view = shop_view(shop);
    bool found;
    assert_ok(store_upload_find(view, shop->bucket.id, STR("k"), id, shop_arena(shop), &upload,
                                &found, &e),
              &e);
    engine_view_close(view);
    assert_int_equal(upload.datasets.count, 2);
    assert_str(upload.datasets.at[1].name, STR("other"));
}

static void ids_as_text(void **state) {
    struct store_upload_id id, back;
    char text[STORE_UPLOAD_TEXT_BYTES];
    random_fill(id.at, sizeof id.at);
    store_upload_text(id, text);
    assert_true(store_upload_read(str_of(text, sizeof text), &back));
    assert_memory_equal(id.at, back.at, sizeof id.at);
    assert_false(store_upload_read(str_of(text, sizeof text - 1), &back));
    text[0] = 'x';
    assert_false(store_upload_read(str_of(text, sizeof text), &back));
}

#define BOTH(f)                                                                                    \
    {#f " (lab)", f, shop_open_lab, shop_close, NULL}, {                                           \
#f " (local)", f, shop_open_local, shop_close, NULL                                        \
    }

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(parts_make_an_object),          BOTH(claims_that_do_not_hold),
        BOTH(another_least_part_size),       BOTH(a_part_between_looking_and_writing),
        BOTH(abort_and_tidy_leave_nothing),  BOTH(a_byte_and_a_number_find_their_part),
        BOTH(open_uploads_are_listed_once),  BOTH(parts_are_listed_in_pages),
        BOTH(datasets_of_copied_parts_stay), cmocka_unit_test(ids_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
