/* The bytes of rows, held against docs/formats/store-rows.md; what is no row is refused. */
#include "store/rows.h"
#include "tests/test.h"

static char memory[1 << 20];
static struct arena fresh(void) {
    return arena_over(memory, sizeof memory);
}

static void fill(void *at, size_t count, int first) {
    for (size_t i = 0; i < count; i++) ((unsigned char *)at)[i] = (unsigned char)(first + (int)i);
}

static const struct store_pair tags[] = {{{"k", 1}, {"v", 1}}};

static struct store_bucket a_bucket(void) {
    return (struct store_bucket){.id = 2,
                                 .name = STR("grid"),
                                 .created_ns = 3,
                                 .owner = STR("root"),
                                 .versioning = STORE_SUSPENDED,
                                 .tags = {tags, 1}};
}

static struct store_version a_version(enum store_body_kind kind) {
    struct store_version v = {.key = STR("a"),
                              .sequence = 0x0102030405060708,
                              .is_null = true,
                              .modified_ns = 9,
                              .owner = STR("root"),
                              .datasets = {tags, 1},
                              .entry = 7,
                              .body = {.kind = kind, .bytes = 5, .stored_bytes = 21}};
    fill(v.etag.md5, sizeof v.etag.md5, 0x10);
    v.etag.parts = kind == STORE_BODY_PARTS ? 2 : 0;
    v.checksum = (struct store_checksum){.kind = STORE_CHECKSUM_CRC32C, .len = 4};
    fill(v.checksum.at, 4, 0xc0);
    fill(v.content.at, sizeof v.content.at, 0x20);
    fill(v.body.stored_root.at, sizeof v.body.stored_root.at, 0x40);
    fill(v.body.blob.at, sizeof v.body.blob.at, 0x60);
    fill(v.body.upload.at, sizeof v.body.upload.at, 0x70);
    v.body.part_count = kind == STORE_BODY_PARTS ? 2 : 0;
    if (kind == STORE_BODY_FILE) {
        v.body.encrypted = true;
        v.body.key_dataset = STR("ds");
        v.body.key_wrap = STR("wrap");
    }
    return v;
}

static struct store_upload an_upload(bool finished) {
    struct store_upload u = {.key = STR("a"),
                             .initiated_ns = 9,
                             .owner = STR("root"),
                             .headers = {tags, 1},
                             .checksum_kind = STORE_CHECKSUM_SHA256,
                             .checksum_composite = true,
                             .entry = 7,
                             .finished = finished};
    if (!finished) return u;
    u.result = a_version(STORE_BODY_PARTS);
    return u;
}

static struct store_part a_part(void) {
    struct store_version v = a_version(STORE_BODY_INLINE);
    struct store_part p = {.number = 3,
                           .modified_ns = 9,
                           .checksum = v.checksum,
                           .content = v.content,
                           .body = v.body};
    memcpy(p.md5, v.etag.md5, sizeof p.md5);
    return p;
}

#define ETAG_00   "101112131415161718191a1b1c1d1e1f"
#define DIGEST_20 "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
#define ROOT_40   "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
#define BLOB_60   "606162636465666768696a6b6c6d6e6f"
#define UPLOAD_70 "707172737475767778797a7b7c7d7e7f"
#define OWNER     "00000004726f6f74"
#define PAIR      "0001000000016b0000000176"
#define BYTES     "00000000000000050000000000000015"
#define VERSION_HEAD                                                                               \
    "01010102030405060708000000000000000910111213141516"                                           \
    "1718191a1b1c1d1e1f"

static struct {
    const char *name, *hex;
} goldens[] = {
    {"bucket", "01000000000000000200000000000000030000000472"
               "6f6f7402" PAIR},
    {"object, empty body",
     VERSION_HEAD "0000"
                  "020004c0c1c2c3" DIGEST_20 OWNER "000000000000000700000000" PAIR
                  "0000" BYTES ROOT_40 "0000000000000000"},
    {"object, inline body",
     VERSION_HEAD "0000"
                  "020004c0c1c2c3" DIGEST_20 OWNER "000000000000000700000000" PAIR
                  "0100" BYTES ROOT_40 "0000000000000000" BLOB_60},
    {"object, file, encrypted",
     VERSION_HEAD "0000"
                  "020004c0c1c2c3" DIGEST_20 OWNER "000000000000000700000000" PAIR
                  "0201" BYTES ROOT_40 "0000000264730000000477726170" BLOB_60},
    {"object of parts",
     VERSION_HEAD "0002"
                  "020004c0c1c2c3" DIGEST_20 OWNER "000000000000000700000000" PAIR
                  "0300" BYTES ROOT_40 "0000000000000000" UPLOAD_70 "0002"},
    {"open upload", "010000000000000009" OWNER PAIR "00000000"
                    "0501000000000000000700"},
    {"finished upload", "010000000000000009" OWNER PAIR "00000000"
                        "0501000000000000000701"
                        "0102030405060708010000000000000009" ETAG_00 "0002020004c0c1c2c3"
                        "00000000000000050000000000000007"},
    {"part", "010000000000000009" ETAG_00 DIGEST_20 "020004c0c1c2c3"
             "0100" BYTES ROOT_40 "0000000000000000" BLOB_60},
};

/* Writes the i-th of them anew. */
static str write_one(size_t i, struct arena *arena) {
    struct error e;
    str row = STR_EMPTY;
    struct store_bucket b = a_bucket();
    struct store_version v = a_version((enum store_body_kind)(i - 1));
    struct store_upload u = an_upload(i == 6);
    struct store_part p = a_part();
    switch (i) {
    case 0: assert_ok(row_bucket_write(&b, arena, &row, &e), &e); break;
    case 5:
    case 6: assert_ok(row_upload_write(&u, arena, &row, &e), &e); break;
    case 7: assert_ok(row_part_write(&p, arena, &row, &e), &e); break;
    default: assert_ok(row_version_write(&v, arena, &row, &e), &e);
    }
    return row;
}

static enum error_code read_one(size_t i, str row, struct arena *arena, str *again,
                                struct error *e) {
    static const struct store_upload_id id;
    struct store_bucket b;
    struct store_version v;
    struct store_upload u;
    struct store_part p;
    switch (i) {
    case 0:
        TRY(row_bucket_read(STR("grid"), row, arena, &b, e));
        return row_bucket_write(&b, arena, again, e);
    case 5:
    case 6:
        TRY(row_upload_read(STR("a"), id, row, arena, &u, e));
        return row_upload_write(&u, arena, again, e);
    case 7: TRY(row_part_read(3, row, arena, &p, e)); return row_part_write(&p, arena, again, e);
    default:
        TRY(row_version_read(STR("a"), row, arena, &v, e));
        return row_version_write(&v, arena, again, e);
    }
}

static void golden_bytes(void **state) {
    for (size_t i = 0; i < COUNT_OF(goldens); i++) {
        struct arena arena = fresh();
        struct error e;
        char hex[2048];
        str row = write_one(i, &arena), again;
        hex_write(row.at, row.len, hex);
        if (!str_equal(str_of(hex, 2 * row.len), str_from_c(goldens[i].hex)))
            fail_msg("%s:\n%.*s\nexpected\n%s", goldens[i].name, (int)(2 * row.len), hex,
                     goldens[i].hex);
        assert_ok(read_one(i, row, &arena, &again, &e), &e);
        assert_row(goldens[i].name, str_equal(row, again));
    }
}

static void what_is_no_row_is_refused(void **state) {
    for (size_t i = 0; i < COUNT_OF(goldens); i++) {
        struct arena arena = fresh();
        struct error e;
        unsigned char copy[1024];
        str row = write_one(i, &arena), again;
        memcpy(copy, row.at, row.len);
        for (size_t len = 1; len < row.len; len++) {
            struct arena here = arena;
            assert_row(goldens[i].name,
                       read_one(i, str_of(copy, len), &here, &again, &e) == FAIL_CORRUPT);
        }
        copy[row.len] = 0; /* a byte too many */
        struct arena here = arena;
        assert_row(goldens[i].name,
                   read_one(i, str_of(copy, row.len + 1), &here, &again, &e) == FAIL_CORRUPT);
        for (int format = 0; format < 256; format++) {
            if (format == 1) continue;
            copy[0] = (unsigned char)format;
            here = arena;
            assert_row(goldens[i].name,
                       read_one(i, str_of(copy, row.len), &here, &again, &e) == FAIL_VERSION);
        }
        here = arena;
        assert_row(goldens[i].name, read_one(i, STR_EMPTY, &here, &again, &e) == FAIL_VERSION);
    }
}

/* Any byte may be any other: the reader refuses it, or reads what writes back to the same bytes. */
static void every_byte_turned(void **state) {
    unsigned refused = 0, read = 0;
    for (size_t i = 0; i < COUNT_OF(goldens); i++) {
        struct arena arena = fresh();
        unsigned char copy[1024];
        str row = write_one(i, &arena);
        for (size_t at = 0; at < row.len; at++)
            for (unsigned flip = 1; flip < 256; flip = 2 * flip + 1) {
                struct arena here = arena;
                struct error e;
                str again;
                memcpy(copy, row.at, row.len);
                copy[at] ^= (unsigned char)flip;
                if (read_one(i, str_of(copy, row.len), &here, &again, &e) == OK) {
                    assert_row(goldens[i].name, str_equal(again, str_of(copy, row.len)));
                    read++;
                } else {
                    refused++;
                }
            }
    }
    assert_true(refused > 100 && read > 1000);
}

static void rows_that_do_not_fit(void **state) {
    struct store_version v = a_version(STORE_BODY_EMPTY);
    static char much[ROW_BYTES_MAX];
    struct store_pair header = {STR("x-amz-meta-a"), str_of(much, sizeof much)};
    struct arena arena = fresh(), small = arena_over(memory, 32);
    struct error e;
    str row;
    v.headers = (struct store_pairs){&header, 1};
    assert_int_equal(row_version_write(&v, &arena, &row, &e), FAIL_LIMIT);
    assert_int_equal(row_version_write(&v, &small, &row, &e), FAIL_MEMORY);
}

static void keys_sort_as_promised(void **state) {
    struct store_upload_id low = {{0}}, high = {{0xff}};
    const struct row_key in_order[] = {
        row_bucket(STR("a")),
        row_bucket(STR("ab")),
        row_object(1, STR("a")),
        row_object(1, STR("a\x01")),
        row_object(1, STR("ab")),
        row_object(2, STR("a")),
        row_part(low, 255),
        row_part(low, 256),
        row_part(high, 1),
        row_upload(1, STR("a"), low),
        row_upload(1, STR("a"), high),
        row_upload(1, STR("ab"), low),
        row_versions(1, STR("a")),
        row_version(1, STR("a"), UINT64_MAX),
        row_version(1, STR("a"), 2),
        row_version(1, STR("a"), 1), /* newest first */
        row_versions(1, STR("a\x01")),
        row_version(1, STR("ab"), 9),
        row_expiry(1, high),
        row_expiry(256, low),
    };
    for (size_t i = 1; i < COUNT_OF(in_order); i++)
        if (str_compare(row_key_str(&in_order[i - 1]), row_key_str(&in_order[i])) >= 0)
            fail_msg("key %zu does not sort after the one before", i);
    struct row_key all = row_versions(1, STR("a")), after = row_after(all);
    struct row_key last = row_version(1, STR("a"), 0);
    assert_true(str_compare(row_key_str(&last), row_key_str(&after)) < 0);
    struct row_key ones = {.at = {'o', '/', 0xff, 0xff}, .len = 4};
    after = row_after(ones);
    assert_str(row_key_str(&after), STR("o0"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_bytes),          cmocka_unit_test(what_is_no_row_is_refused),
        cmocka_unit_test(every_byte_turned),     cmocka_unit_test(rows_that_do_not_fit),
        cmocka_unit_test(keys_sort_as_promised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
