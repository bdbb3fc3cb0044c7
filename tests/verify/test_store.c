/* The ledger and the store against it: as they should be, and bent in every way we could think of.
 * Attack row 26: entry without object, object without entry, two checkpoints of one size, salts
 * used twice; CORE section 8. */
#include "tests/verify/world.h"

static struct world_row *row_of(uint64_t index) {
    for (uint64_t i = 0; i < world->row_count; i++) {
        if (world->rows[i].row.index == index) return &world->rows[i];
    }
    fail_msg("no row of entry %llu", (unsigned long long)index);
    return NULL;
}

/* ---- ways to bend it. Before the log is sealed: the operator recorded a lie or forgot something.
 * After: somebody changed the store or the files. */

static void nothing(void) {}

static void slip_in(void) {
    memmove(world->rows + 1, world->rows, world->row_count * sizeof world->rows[0]);
    world->row_count++;
    world->rows[0] = (struct world_row){.opens_of = EVIDENCE_LISTING_NO_INDEX,
                                        .row = {.index = EVIDENCE_LISTING_NO_INDEX,
                                                .bucket = STR("grid-a"),
                                                .key = STR("planted"),
                                                .version = STR("null"),
                                                .bytes = 5,
                                                .content = sha256_of(STR("hello"))}};
}
static void slip_in_under_a_name(void) { /* a planted object claims the entry of another */
    struct world_row planted = *row_of(world->put_plain);
    planted.row.key = STR("planted");
    *row_of(world->put_plain) = planted;
}
static void lose_a_version(void) {
    row_of(world->put_plain)->row.kind = EVIDENCE_LISTED_ACT;
}
static void lose_a_row(void) {
    row_of(world->put_plain)->left_out = true;
}
static void lose_a_delete(void) {
    row_of(world->deleting)->left_out = true;
}
static void bring_back_the_deleted(void) {
    row_of(world->put_deleted)->row.kind = EVIDENCE_LISTED_VERSION;
}
static void bring_back_the_replaced(void) {
    row_of(world->put_replaced)->row.kind = EVIDENCE_LISTED_VERSION;
}
static void change_the_digest(void) {
    row_of(world->copied)->row.content.at[0] ^= 1;
}
static void change_the_size(void) {
    row_of(world->copied)->row.bytes++;
}
static void move_to_another_bucket(void) {
    row_of(world->copied)->row.bucket = STR("grid-a");
}
static void rename_the_version(void) {
    row_of(world->completed)->row.version = STR("v-9");
}
static void swap_two(void) { /* the store's metadata of two objects changed places */
    struct evidence_listing_row *a = &row_of(world->put_plain)->row,
                                *b = &row_of(world->put_replacing)->row, old = *a;
    a->bytes = b->bytes;
    a->content = b->content;
    b->bytes = old.bytes;
    b->content = old.content;
}
static void open_with_another_salt(void) {
    row_of(world->put_plain)->damage_salt = true;
}
static void hide_the_digest(void) {
    row_of(world->put_plain)->without_digest = true;
}
static void carry_another_entry(void) {
    row_of(world->put_plain)->opens_of = world->put_replacing;
}
static void list_a_refusal(void) {
    row_of(world->put_plain)->left_out = true; /* and that object is missing, too */
    struct world_row *r = &world->rows[world->row_count++];
    *r = *row_of(world->copied);
    r->row.index = r->opens_of = world->refusal;
    r->row.kind = EVIDENCE_LISTED_ACT;
}
static void list_a_put_as_a_marker(void) {
    row_of(world->put_plain)->row.kind = EVIDENCE_LISTED_MARKER;
}
static void redact_nothing(void) {
    world->entries[world->redacting].entry.span_first = 2;
}
static void redact_a_month(void) {
    world->entries[world->redacting].entry.span_first = 0;
    world->entries[world->redacting].entry.span_count = 0;
}
static void use_a_salt_twice(void) {
    world->entries[world->copied].osalt = world->entries[world->put_plain].osalt;
}

static const struct {
    const char *name;
    void (*before)(void), (*after)(void);
    const char *finding; /* NULL: all is well */
} cases[] = {
    {"as it should be", nothing, nothing, NULL},
    {"a month forgotten", redact_a_month, nothing, NULL},
    {"object without entry", nothing, slip_in, "grid-a/planted version null has no entry"},
    {"object under another's entry", nothing, slip_in_under_a_name, "is about another key"},
    {"entry without object", nothing, lose_a_version, "is missing: nothing deleted it"},
    {"entry without row", nothing, lose_a_row, "is not opened in the listing"},
    {"delete without row", nothing, lose_a_delete, "is not opened in the listing"},
    {"deleted and still there", nothing, bring_back_the_deleted, "the store still holds"},
    {"replaced and still there", nothing, bring_back_the_replaced, "the store still holds"},
    {"other contents", nothing, change_the_digest, "was swapped"},
    {"another size", nothing, change_the_size, "says otherwise"},
    {"another bucket", nothing, move_to_another_bucket, "is about another bucket"},
    {"another version", nothing, rename_the_version, "is about another version"},
    {"two objects swapped", nothing, swap_two, "was swapped"},
    {"another salt", nothing, open_with_another_salt, "never committed to the bucket"},
    {"digest not opened", nothing, hide_the_digest, "does not open what it has to"},
    {"another's entry in the row", nothing, carry_another_entry, "carries another entry"},
    {"a refusal given as a put", nothing, list_a_refusal, "which is no put"},
    {"a put given as a marker", nothing, list_a_put_as_a_marker, "which is of type put"},
    {"opening destroyed unsaid", redact_nothing, nothing, "is not opened in the listing"},
    {"salt used twice", use_a_salt_twice, nothing, "uses the salt of entry"},
};

static void listings(void **state) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error e;
        enum error_code code;
        world_make();
        world->has_bodies = i == 0; /* hundreds of small files take their time */
        cases[i].before();
        world_seal();
        cases[i].after();
        world_write();
        const struct verify_result *result = world_check(true, STR_EMPTY, &code, &e);
        if (code != OK) fail_msg("row \"%s\": %s", cases[i].name, e.message);
        if (cases[i].finding) {
            assert_row(cases[i].name, result->finding_count > 0);
            assert_row(cases[i].name, result_has(result, cases[i].finding));
        } else {
            if (result->finding_count > 0)
                fail_msg("row \"%s\": %.*s", cases[i].name, STR_FMT(result->findings[0]));
            assert_row(cases[i].name, !result->cut);
        }
        world_remove();
    }
}

static void stored_bytes(void **state) {
    struct error e;
    enum error_code code;
    char hex[2 * DIGEST_BYTES + 1] = "", name[128], path[256];
    world_make();
    world->has_bodies = true;
    world_seal();
    world_write();
    hex_write(world->entries[world->copied].entry.stored_root.at, DIGEST_BYTES, hex);
    snprintf(name, sizeof name, "export/bodies/%.2s/%s", hex, hex);
    file_flip(name, 1);
    const struct verify_result *result = world_check(true, STR_EMPTY, &code, &e);
    assert_ok(code, &e);
    assert_int_equal(result->finding_count, 1);
    assert_true(result_has(result, "the stored bytes of grid-b/copy version v-2"));
    world_path(path, sizeof path, name);
    assert_int_equal(remove(path), 0);
    result = world_check(true, STR_EMPTY, &code, &e);
    assert_ok(code, &e);
    assert_true(result_has(result, "grid-b/copy version v-2 has no stored bytes"));
    file_flip(world->part_name, 1); /* a part of an object of parts, then its list */
    result = world_check(true, STR_EMPTY, &code, &e);
    assert_int_equal(result->finding_count, 2);
    assert_true(result_has(result, "the stored bytes of grid-a/large version v-5 are not"));
    file_flip(world->part_name, 1);
    hex_write(world->entries[world->completed].entry.stored_root.at, DIGEST_BYTES, hex);
    snprintf(name, sizeof name, "export/bodies/%.2s/%s", hex, hex);
    file_flip(name, 40);
    result = world_check(true, STR_EMPTY, &code, &e);
    assert_true(result_has(result, "its list of parts hashes to another root"));
    world_remove();
}

static void a_listing_that_is_cut(void **state) {
    struct error e;
    enum error_code code;
    char path[256];
    world_make();
    world_seal();
    world_write();
    world_path(path, sizeof path, "export/listing");
    static const char *const bad[] = {
        "",
        "azekura-store-listing@v1\n",
        "azekura-store-listing@v2\nlog x\nsize 1\nbodies no\n\nend 0\n",
        "azekura-store-listing@v1\nlog x\nsize 01\nbodies no\n\nend 0\n",
        "azekura-store-listing@v1\nlog ledger.example.jp/sendai\nsize 1\nbodies no\n\n",
        "azekura-store-listing@v1\nlog ledger.example.jp/sendai\nsize 1\nbodies no\n\nend 1\n",
        "azekura-store-listing@v1\nlog ledger.example.jp/sendai\nsize 1\nbodies no\n\nend 0\nend "
        "0\n",
        "azekura-store-listing@v1\nlog ledger.example.jp/other\nsize 1\nbodies no\n\nend 0\n",
        "azekura-store-listing@v1\nlog ledger.example.jp/sendai\nsize 100000\nbodies no\n\nend 0\n",
        "azekura-store-listing@v1\nlog ledger.example.jp/sendai\nsize 9\nbodies no\n\nmarker 10 a "
        "b null -\nend 1\n",
        "azekura-store-listing@v1\nlog ledger.example.jp/sendai\nsize 9\nbodies no\n\nmarker 7 a b "
        "null -\nmarker 7 a c null -\nend 2\n",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        file_write(path, str_from_c(bad[i]));
        world_check(true, STR_EMPTY, &code, &e);
        assert_row(bad[i], code == FAIL_SYNTAX || code == FAIL_PROOF || code == FAIL_VERSION);
    }
    world_remove();
}

/* ---- the ledger alone */

static void go_back_in_time(void) {
    world->entries[100].entry.minute -= 1000;
}
static void use_an_unnamed_code(void) {
    world->entries[100].entry.data_class = 9;
}
static void name_a_code_twice(void) {
    world->entries[4].entry.code_kind = EVIDENCE_CODE_CLASS;
    world->entries[4].entry.code = 1;
}
static void speak_of_the_future(void) {
    world->entries[world->redacting].entry.span_first = world->redacting;
}
static void succeed_late(void) {
    struct evidence_entry *entry = &world->entries[50].entry;
    entry->type = EVIDENCE_SUCCESSION;
    entry->prior_origin = STR("old");
    row_of(50)->left_out = true;
}

static void ledgers(void **state) {
    static const struct {
        const char *name;
        void (*before)(void);
        const char *flip; /* a file, and how far from its end */
        size_t at;
        const char *finding;
    } rows[] = {
        {"as it should be", nothing, NULL, 0, NULL},
        {"time goes back", go_back_in_time, NULL, 0, "is 999 minutes earlier"},
        {"a code nobody named", use_an_unnamed_code, NULL, 0, "uses class code 9"},
        {"a code named twice", name_a_code_twice, NULL, 0, "names class code 1 again"},
        {"entries to come", speak_of_the_future, NULL, 0, "that are not before it"},
        {"succession in the middle", succeed_late, NULL, 0, "only a first entry can be"},
        {"a full tile", nothing, "ledger/tile/0/000", 5000, "tile/0/000 is not what"},
        {"a partial tile", nothing, "ledger/tile/1/000.p/1", 1, "tile/1/000.p/1 is not what"},
        {"an entry's rule set", nothing, "ledger/tile/entries/000", 60, "do not hash to the root"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error e;
        enum error_code code;
        world_make();
        rows[i].before();
        world_seal();
        world_write();
        if (rows[i].flip) file_flip(rows[i].flip, rows[i].at);
        const struct verify_result *result = world_check(false, STR_EMPTY, &code, &e);
        if (code != OK) fail_msg("row \"%s\": %s", rows[i].name, e.message);
        assert_row(rows[i].name, (result->finding_count > 0) == (rows[i].finding != NULL));
        if (rows[i].finding) assert_row(rows[i].name, result_has(result, rows[i].finding));
        world_remove();
    }
}

static void what_is_missing(void **state) {
    struct error e;
    enum error_code code;
    char path[256];
    world_make();
    world_seal();
    world_write();
    world_path(path, sizeof path, "ledger/tile/0/000");
    assert_int_equal(remove(path), 0);
    const struct verify_result *result = world_check(false, STR_EMPTY, &code, &e);
    assert_ok(code, &e);
    assert_true(result_has(result, "tile/0/000"));
    world_path(path, sizeof path, "ledger/tile/entries/000");
    assert_int_equal(remove(path), 0);
    world_check(false, STR_EMPTY, &code, &e);
    assert_int_equal(code, FAIL_NOT_FOUND);
    world_path(path, sizeof path, "ledger/checkpoint");
    assert_int_equal(remove(path), 0);
    world_check(false, STR_EMPTY, &code, &e);
    assert_int_equal(code, FAIL_NOT_FOUND);
    world_remove();
}

static void whose_checkpoint(void **state) {
    struct error e;
    enum error_code code;
    world_make();
    world_seal();
    world_write();
    file_flip("ledger/checkpoint", 10); /* in the signature */
    world_check(false, STR_EMPTY, &code, &e);
    assert_true(code == FAIL_PROOF || code == FAIL_SYNTAX);
    world_remove();
}

/* An older checkpoint is a beginning of the log, or history was rewritten. */
static void an_older_checkpoint(void **state) {
    struct error e;
    enum error_code code;
    static char older_memory[1024];
    world_make();
    uint64_t all = world->count;
    world->count = 100;
    world_seal();
    memcpy(older_memory, world->checkpoint.at, world->checkpoint.len);
    str older = str_of(older_memory, world->checkpoint.len);
    world->count = all;
    world_seal();
    world_write();
    const struct verify_result *result = world_check(false, older, &code, &e);
    assert_ok(code, &e);
    assert_int_equal(result->finding_count, 0);
    result = world_check(false, world->checkpoint, &code, &e); /* the same size */
    assert_ok(code, &e);
    assert_int_equal(result->finding_count, 0);
    world_remove();

    world_make(); /* another history, of the same keys */
    world->entries[50].entry.minute -= 1;
    world->entries[51].entry.minute -= 1;
    world_seal();
    world_write();
    result = world_check(false, older, &code, &e);
    assert_ok(code, &e);
    assert_true(result_has(result, "is not a beginning of this log"));
    world_remove();

    world_make(); /* a rolled back one */
    world->count = 99;
    world_seal();
    world_write();
    result = world_check(false, older, &code, &e);
    assert_ok(code, &e);
    assert_true(result_has(result, "it was rolled back"));
    world_remove();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listings),
        cmocka_unit_test(stored_bytes),
        cmocka_unit_test(a_listing_that_is_cut),
        cmocka_unit_test(ledgers),
        cmocka_unit_test(what_is_missing),
        cmocka_unit_test(whose_checkpoint),
        cmocka_unit_test(an_older_checkpoint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
