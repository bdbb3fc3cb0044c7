/* Commitments open to what was committed and to nothing else; openings hold what an act hid. */
#include "tests/evidence/sample.h"

/* Computed by another program (Python's hashlib) from docs/formats/entry.md and opening.md. */
static const char golden_root[] =
    "ad023c4f3fe35402be2d64ee53d32c6c20809e7e2ddc0f62cb30196c5d1ed955";
static const char golden_key_salt[] = "a031168fc099931d0b053e4190ad59f7";
static const char golden_key_commitment[] =
    "f0d7a2af5074e93275b2654580551f3954811d5d49b1a598ba26854cfcd8ab5e";
static const char golden_opening_sha256[] =
    "7a39f73421a423b9bd026bfebe51f30faee6172b48e6e7bb39911079045f39b6";

static void assert_hex(const void *bytes, size_t count, const char *expected) {
    char hex[128];
    assert_true(2 * count <= sizeof hex);
    hex_write(bytes, count, hex);
    assert_str(str_of(hex, 2 * count), str_from_c(expected));
}

static struct evidence_opening sample_opening(void) {
    return (struct evidence_opening){EVIDENCE_PUT, sample_osalt(), sample_values()};
}

static void golden_commitments(void **state) {
    struct evidence_salt osalt = sample_osalt(), salt = evidence_field_salt(&osalt, EVIDENCE_KEY);
    struct evidence_values values = sample_values();
    assert_hex(salt.at, sizeof salt.at, golden_key_salt);
    digest commitment = evidence_commitment(EVIDENCE_KEY, &salt, values.of[EVIDENCE_KEY]);
    assert_hex(commitment.at, sizeof commitment.at, golden_key_commitment);
    digest root = evidence_fields_root(EVIDENCE_PUT, &osalt, &values);
    assert_hex(root.at, sizeof root.at, golden_root);

    struct error e;
    struct evidence_opening opening = sample_opening();
    char out[EVIDENCE_OPENING_BYTES];
    str bytes;
    assert_ok(evidence_opening_encode(&opening, out, sizeof out, &bytes, &e), &e);
    digest hash = sha256_of(bytes);
    assert_hex(hash.at, sizeof hash.at, golden_opening_sha256);
}

/* Both ways of hashing a value, in one piece and in two, are the same function. */
static void long_values_commit_alike(void **state) {
    struct evidence_salt osalt = sample_osalt(), salt = evidence_field_salt(&osalt, EVIDENCE_FACTS);
    char value[300];
    memset(value, 'x', sizeof value);
    for (size_t len = 100; len < sizeof value; len++) {
        unsigned char preimage[17 + 2 + 16 + 4 + sizeof value];
        memcpy(preimage, "azekura-field-v1", 17);
        write_be16(preimage + 17, EVIDENCE_FACTS);
        memcpy(preimage + 19, salt.at, 16);
        write_be32(preimage + 35, (uint32_t)len);
        memcpy(preimage + 39, value, len);
        digest expected = sha256_of(str_of(preimage, 39 + len));
        digest got = evidence_commitment(EVIDENCE_FACTS, &salt, str_of(value, len));
        assert_memory_equal(expected.at, got.at, sizeof got.at);
    }
}

static void each_field_opens_alone(void **state) {
    struct error e;
    struct evidence_entry entry = sample_entry();
    struct evidence_salt osalt = sample_osalt();
    struct evidence_values values = sample_values();
    const enum evidence_field *fields;
    size_t count = evidence_type_fields(EVIDENCE_PUT, &fields);
    assert_int_equal(count, 12);
    for (size_t i = 0; i < count; i++) {
        struct evidence_open open;
        assert_ok(evidence_open_make(EVIDENCE_PUT, &osalt, &values, fields[i], &open, &e), &e);
        assert_ok(evidence_open_check(&entry, &open, &e), &e);

        struct evidence_open other = open;
        other.value = STR("something else");
        assert_int_equal(evidence_open_check(&entry, &other, &e), FAIL_PROOF);
        other = open;
        other.salt.at[15] ^= 1;
        assert_int_equal(evidence_open_check(&entry, &other, &e), FAIL_PROOF);
        other = open;
        other.field = fields[(i + 1) % count]; /* the right value, claimed for another field */
        assert_int_equal(evidence_open_check(&entry, &other, &e), FAIL_PROOF);
        other = open;
        other.path_count--;
        assert_int_equal(evidence_open_check(&entry, &other, &e), FAIL_PROOF);
        other = open;
        other.path[0].at[0] ^= 1;
        assert_int_equal(evidence_open_check(&entry, &other, &e), FAIL_PROOF);
    }
    struct evidence_open open;
    assert_int_equal(evidence_open_make(EVIDENCE_PUT, &osalt, &values, EVIDENCE_DETAIL, &open, &e),
                     FAIL_USAGE);
    assert_int_equal(
        evidence_open_make(EVIDENCE_CODE_ROW, &osalt, &values, EVIDENCE_KEY, &open, &e),
        FAIL_USAGE);
}

/* Attack row 26, salt reuse: the salt of one field tells nothing about the same value in another,
 * and two entries with the same values share no commitment. */
static void salts_differ_by_field_and_entry(void **state) {
    struct evidence_salt one = sample_osalt(), two = one, a, b;
    two.at[0] ^= 1;
    a = evidence_field_salt(&one, EVIDENCE_USER);
    b = evidence_field_salt(&one, EVIDENCE_DATASET);
    assert_memory_not_equal(a.at, b.at, sizeof a.at);
    b = evidence_field_salt(&two, EVIDENCE_USER);
    assert_memory_not_equal(a.at, b.at, sizeof a.at);
    struct evidence_values values = sample_values();
    digest x = evidence_fields_root(EVIDENCE_PUT, &one, &values);
    digest y = evidence_fields_root(EVIDENCE_PUT, &two, &values);
    assert_memory_not_equal(x.at, y.at, sizeof x.at);
}

static void openings_go_there_and_back(void **state) {
    struct error e;
    struct evidence_entry entry = sample_entry();
    struct evidence_opening opening = sample_opening(), read;
    char out[EVIDENCE_OPENING_BYTES + 1], again[EVIDENCE_OPENING_BYTES];
    str bytes, bytes_again;
    assert_ok(evidence_opening_encode(&opening, out, EVIDENCE_OPENING_BYTES, &bytes, &e), &e);
    assert_ok(evidence_opening_decode(bytes, &read, &e), &e);
    assert_ok(evidence_opening_check(&entry, &read, &e), &e);
    assert_ok(evidence_opening_encode(&read, again, sizeof again, &bytes_again, &e), &e);
    assert_true(str_equal(bytes, bytes_again));
    assert_str(read.values.of[EVIDENCE_USER], STR("aoba/AKIAEXAMPLEEXAMPLE1"));

    for (size_t cut = 0; cut < bytes.len; cut++)
        assert_int_not_equal(evidence_opening_decode(str_of(out, cut), &read, &e), OK);
    out[bytes.len] = 0;
    assert_int_equal(evidence_opening_decode(str_of(out, bytes.len + 1), &read, &e), FAIL_CORRUPT);

    /* any changed bit is another opening, and does not belong to the entry */
    for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
        out[bit / 8] = (char)(out[bit / 8] ^ 1 << bit % 8);
        if (evidence_opening_decode(bytes, &read, NULL) == OK)
            assert_int_equal(evidence_opening_check(&entry, &read, &e), FAIL_PROOF);
        out[bit / 8] = (char)(out[bit / 8] ^ 1 << bit % 8);
    }
    out[0] = 9;
    assert_int_equal(evidence_opening_decode(bytes, &read, &e), FAIL_VERSION);
}

static void openings_refuse_what_cannot_be(void **state) {
    struct error e;
    char out[EVIDENCE_OPENING_BYTES];
    static char long_value[LIMIT_FACTS_BYTES + 1];
    str bytes;
    struct evidence_opening opening = sample_opening();
    opening.values.of[EVIDENCE_SIZE] = STR("123");
    assert_int_equal(evidence_opening_encode(&opening, out, sizeof out, &bytes, &e), FAIL_USAGE);
    opening = sample_opening();
    opening.values.of[EVIDENCE_ADDRESS] = STR("12345");
    assert_int_equal(evidence_opening_encode(&opening, out, sizeof out, &bytes, &e), FAIL_USAGE);
    opening = sample_opening();
    opening.values.of[EVIDENCE_FACTS] = str_of(long_value, sizeof long_value);
    assert_int_equal(evidence_opening_encode(&opening, out, sizeof out, &bytes, &e), FAIL_LIMIT);
    opening.values.of[EVIDENCE_FACTS].len--;
    assert_ok(evidence_opening_encode(&opening, out, sizeof out, &bytes, &e), &e);
    opening.values.of[EVIDENCE_KEY] = str_of(long_value, EVIDENCE_VALUE_BYTES);
    assert_ok(evidence_opening_encode(&opening, out, sizeof out, &bytes, &e), &e);
    opening.values.of[EVIDENCE_KEY].len++;
    assert_int_equal(evidence_opening_encode(&opening, out, sizeof out, &bytes, &e), FAIL_LIMIT);
    opening.type = EVIDENCE_CODE_ROW;
    assert_int_equal(evidence_opening_encode(&opening, out, sizeof out, &bytes, &e), FAIL_USAGE);
}

static void values_read_as_words(void **state) {
    struct evidence_values values = sample_values();
    values.of[EVIDENCE_DETAIL] = STR("a\nb\\\x7f 電力 \xc2\x85.");
    values.of[EVIDENCE_SUBJECT] = STR("\xff\xfe");
    static const struct {
        enum evidence_field field;
        const char *words;
    } rows[] = {
        {EVIDENCE_KEY, "2026/11/21/フィーダ-7.json"},
        {EVIDENCE_SIZE, "4096"},
        {EVIDENCE_TIME, "2026-10-14T17:46:40.123Z"},
        {EVIDENCE_ADDRESS, "192.0.2.7"},
        {EVIDENCE_SOURCE, ""},
        {EVIDENCE_DETAIL, "a\\x0ab\\x5c\\x7f 電力 \\xc2\\x85."},
        {EVIDENCE_SUBJECT, "\\xff\\xfe"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char memory[256];
        struct text text = text_into(memory, sizeof memory);
        evidence_value_write(rows[i].field, values.of[rows[i].field], &text);
        assert_str(text_str(&text), str_from_c(rows[i].words));
    }
    enum evidence_field field;
    assert_true(evidence_field_find(STR("digest"), &field));
    assert_int_equal(field, EVIDENCE_CONTENT);
    assert_false(evidence_field_find(STR("password"), &field));
    assert_null(evidence_field_name((enum evidence_field)0));
    assert_null(evidence_field_name((enum evidence_field)99));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_commitments),
        cmocka_unit_test(long_values_commit_alike),
        cmocka_unit_test(each_field_opens_alone),
        cmocka_unit_test(salts_differ_by_field_and_entry),
        cmocka_unit_test(openings_go_there_and_back),
        cmocka_unit_test(openings_refuse_what_cannot_be),
        cmocka_unit_test(values_read_as_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
