#include "tests/store/shop.h"

static int shop_over(void **state) {
    struct shop *shop = calloc(1, sizeof *shop);
    struct store_bucket new = {.name = STR("shop"), .owner = STR("keeper"), .created_ns = 1};
    struct error e;
    shop->world = *state;
    *state = shop;
    shop->clock = 1000;
    shop->part_bytes_min = LIMIT_PART_BYTES_MIN;
    struct engine_turn *turn = turn_of(shop->world);
    assert_ok(store_bucket_create(turn, &new, *shop_arena(shop), &shop->bucket, &e), &e);
    commit(turn);
    return 0;
}

int shop_open_lab(void **state) {
    return world_open_lab(state) == 0 ? shop_over(state) : -1;
}
int shop_open_local(void **state) {
    return world_open_local(state) == 0 ? shop_over(state) : -1;
}

int shop_close(void **state) {
    struct shop *shop = *state;
    shop_check(shop);
    void *world = shop->world;
    free(shop);
    return world_close(&world);
}

struct arena *shop_arena(struct shop *shop) {
    shop->arena = arena_over(shop->memory, sizeof shop->memory);
    return &shop->arena;
}
struct engine_turn *shop_turn(struct shop *shop) {
    return turn_of(shop->world);
}
struct engine_view *shop_view(struct shop *shop) {
    return view_of(shop->world);
}

void shop_check(struct shop *shop) {
    struct engine_view *view = shop_view(shop);
    struct error e;
    assert_ok(store_check(view, arena_over(shop->check_memory, sizeof shop->check_memory), &e), &e);
    engine_view_close(view);
}

void shop_versioning(struct shop *shop, enum store_versioning versioning) {
    struct engine_turn *turn = shop_turn(shop);
    struct error e;
    shop->bucket.versioning = versioning;
    assert_ok(store_bucket_update(turn, &shop->bucket, *shop_arena(shop), &e), &e);
    commit(turn);
}

struct store_etag shop_etag(const char *text) {
    struct store_etag etag = {.parts = 0};
    struct md5 h;
    md5_begin(&h);
    md5_add(&h, text, strlen(text));
    md5_end(&h, etag.md5);
    return etag;
}

static enum error_code body_make(struct shop *shop, struct engine_turn *turn, const char *text,
                                 enum body_size size, struct store_body *body, struct error *e) {
    *body = (struct store_body){.kind = STORE_BODY_EMPTY};
    if (size == EMPTY) return OK;
    body->bytes = body->stored_bytes = strlen(text);
    if (size == SMALL) {
        body->kind = STORE_BODY_INLINE;
        body->blob = engine_blob_id_new(shop->world->engine);
        return engine_turn_put(turn, ENGINE_BODY, str_of(body->blob.at, sizeof body->blob.at),
                               str_from_c(text), e);
    }
    struct engine_blob_writer *writer;
    TRY(engine_blob_create(shop->world->engine, &writer, e));
    body->kind = STORE_BODY_FILE;
    body->blob = engine_blob_writer_id(writer);
    enum error_code code = engine_blob_append(writer, str_from_c(text), e);
    if (code != OK) {
        engine_blob_abandon(writer);
        return code;
    }
    return engine_blob_finish(writer, e);
}

enum error_code shop_put_in(struct shop *shop, struct engine_turn *turn, str key, const char *text,
                            enum body_size size, const struct store_condition *condition,
                            uint64_t *sequence, struct error *e) {
    char memory[65536];
    struct arena scratch = arena_over(memory, sizeof memory);
    struct store_version v = {.key = key,
                              .sequence = ++shop->clock,
                              .modified_ns = (int64_t)shop->clock,
                              .etag = shop_etag(text),
                              .owner = str_from_c(text)};
    TRY(body_make(shop, turn, text, size, &v.body, e));
    *sequence = v.sequence;
    return store_put(turn, &shop->bucket, &v, condition, scratch, e);
}

enum error_code shop_put_if(struct shop *shop, const char *key, const char *text,
                            const struct store_condition *condition) {
    struct engine_turn *turn = shop_turn(shop);
    struct error e;
    uint64_t sequence;
    enum error_code code =
        shop_put_in(shop, turn, str_from_c(key), text, SMALL, condition, &sequence, &e);
    if (code == OK)
        commit(turn);
    else
        engine_turn_abandon(turn);
    return code;
}

uint64_t shop_put(struct shop *shop, const char *key, const char *text) {
    static const enum body_size sizes[] = {SMALL, LARGE, EMPTY};
    struct engine_turn *turn = shop_turn(shop);
    struct error e;
    uint64_t sequence;
    assert_ok(
        shop_put_in(shop, turn, str_from_c(key), text, sizes[shop->clock % 3], NULL, &sequence, &e),
        &e);
    commit(turn);
    return sequence;
}

struct store_deleted shop_delete(struct shop *shop, const char *key, struct which w) {
    struct engine_turn *turn = shop_turn(shop);
    struct store_deleted out;
    struct error e;
    assert_ok(store_delete(turn, &shop->bucket, str_from_c(key), w.with_version, w.is_null,
                           w.sequence, NULL, ++shop->clock, STR("keeper"), 7, shop_arena(shop),
                           &out, &e),
              &e);
    commit(turn);
    return out;
}

static const char *said(struct shop *shop, const struct store_version *v) {
    str out;
    struct error e;
    if (v->is_delete_marker) return "(marker)";
    assert_ok(arena_copy(&shop->arena, v->owner, &out, &e), &e);
    return out.at;
}

const char *shop_find(struct shop *shop, const char *key, struct which w) {
    struct engine_view *view = shop_view(shop);
    struct store_version v;
    struct error e;
    bool found;
    assert_ok(store_version_find(view, shop->bucket.id, str_from_c(key), w.with_version, w.is_null,
                                 w.sequence, shop_arena(shop), &v, &found, &e),
              &e);
    engine_view_close(view);
    return found ? said(shop, &v) : "(none)";
}

struct listing_text {
    struct shop *shop;
    struct text text;
    uint32_t rows; /* of this page */
    bool versions;
};

static enum error_code listing_row(void *self, const struct store_version *v, str prefix,
                                   struct error *e) {
    struct listing_text *t = self;
    if (t->text.len > 0) text_add_char(&t->text, ' ');
    t->rows++;
    if (v == NULL) {
        text_add(&t->text, prefix);
        return OK;
    }
    text_add(&t->text, v->key);
    text_add_char(&t->text, ':');
    text_add_c(&t->text, v->is_delete_marker ? "(marker)" : "");
    if (!v->is_delete_marker) text_add(&t->text, v->owner);
    if (t->versions && v->is_current) text_add_char(&t->text, '*');
    return OK;
}

const char *shop_list(struct shop *shop, const struct store_listing *listing) {
    struct engine_view *view = shop_view(shop);
    struct store_listing page = *listing;
    struct arena *arena = shop_arena(shop);
    struct listing_text t = {.shop = shop, .versions = listing->versions};
    t.text = text_into(arena_bytes(arena, 4 << 20), 4 << 20);
    for (bool more = true; more;) {
        struct store_listed out;
        struct error e;
        t.rows = 0;
        assert_ok(store_list(view, shop->bucket.id, &page, listing_row, &t, arena, &out, &e), &e);
        assert_int_equal(out.count, t.rows);
        assert_true(out.count <= page.max);
        assert_true(!out.truncated || out.count == page.max);
        more = out.truncated;
        page.after = out.next_key;
        page.after_sequence = out.next_sequence;
    }
    engine_view_close(view);
    assert_false(t.text.overflow);
    text_add_char(&t.text, 0);
    return t.text.at;
}

/* ---- uploads ---- */

struct store_upload_id shop_upload(struct shop *shop, const char *key) {
    struct engine_turn *turn = shop_turn(shop);
    struct store_upload upload = {
        .key = str_from_c(key), .owner = STR("keeper"), .initiated_ns = 5};
    struct error e;
    random_fill(upload.id.at, sizeof upload.id.at);
    assert_ok(store_upload_create(turn, &shop->bucket, &upload, *shop_arena(shop), &e), &e);
    commit(turn);
    return upload.id;
}

enum error_code shop_part(struct shop *shop, const char *key, struct store_upload_id id,
                          uint16_t number, const char *text, uint64_t bytes) {
    struct engine_turn *turn = shop_turn(shop);
    struct store_part part = {.number = number, .modified_ns = (int64_t)++shop->clock};
    struct error e;
    struct store_etag etag = shop_etag(text);
    memcpy(part.md5, etag.md5, sizeof part.md5);
    assert_ok(body_make(shop, turn, text,
                        bytes == 0   ? EMPTY
                        : number % 2 ? SMALL
                                     : LARGE,
                        &part.body, &e),
              &e);
    part.body.bytes = bytes; /* pretended, so that nobody has to write 5 MiB */
    enum error_code code =
        store_part_put(turn, &shop->bucket, str_from_c(key), id, &part, *shop_arena(shop), &e);
    if (code == OK)
        commit(turn);
    else
        engine_turn_abandon(turn);
    return code;
}

struct store_part_claim shop_claim(uint16_t number, const char *text) {
    struct store_part_claim claim = {.number = number};
    struct store_etag etag = shop_etag(text);
    memcpy(claim.md5, etag.md5, sizeof claim.md5);
    return claim;
}

enum error_code shop_complete(struct shop *shop, const char *key, struct store_upload_id id,
                              const struct store_part_claim *claims, size_t count, bool *finished) {
    struct engine_view *view = shop_view(shop);
    struct arena *arena = shop_arena(shop);
    struct store_completion *completion;
    struct store_upload upload;
    struct error e;
    enum error_code code =
        store_completion_prepare(view, shop->bucket.id, str_from_c(key), id, claims, count,
                                 shop->part_bytes_min, arena, &upload, finished, &completion, &e);
    engine_view_close(view);
    if (code != OK || *finished) return code;
    struct store_version v = {.key = str_from_c(key),
                              .sequence = ++shop->clock,
                              .modified_ns = (int64_t)shop->clock,
                              .owner = STR("(parts)")};
    struct engine_turn *turn = shop_turn(shop);
    code = store_complete(turn, &shop->bucket, completion, &v, NULL, *arena, &e);
    if (code == OK)
        commit(turn);
    else
        engine_turn_abandon(turn);
    return code;
}

enum error_code shop_abort(struct shop *shop, const char *key, struct store_upload_id id) {
    struct engine_turn *turn = shop_turn(shop);
    struct error e;
    enum error_code code =
        store_upload_abort(turn, &shop->bucket, str_from_c(key), id, *shop_arena(shop), &e);
    if (code == OK)
        commit(turn);
    else
        engine_turn_abandon(turn);
    return code;
}

void shop_tidy(struct shop *shop, int64_t now_ns, uint32_t rows) {
    for (bool more = true; more;) {
        struct engine_turn *turn = shop_turn(shop);
        struct error e;
        assert_ok(store_tidy(turn, now_ns, rows, *shop_arena(shop), &more, &e), &e);
        commit(turn);
        shop_check(shop);
    }
}

uint64_t shop_rows(struct shop *shop, const char *from, const char *until) {
    struct engine_view *view = shop_view(shop);
    struct engine_scan *scan;
    struct error e;
    uint64_t count = 0;
    assert_ok(engine_view_scan(view, ENGINE_META, str_from_c(from), str_from_c(until), &scan, &e),
              &e);
    for (;;) {
        bool more;
        str key, row;
        assert_ok(engine_scan_next(scan, &more, &key, &row, &e), &e);
        if (!more) break;
        count++;
    }
    engine_scan_close(scan);
    engine_view_close(view);
    return count;
}
