/* The entry codec: golden bytes, every type there and back, and only one encoding of each value. */
#include "tests/evidence/sample.h"

static const enum evidence_type all_types[] = {
#define ROW(constant, number, name, parts, fields) constant,
    EVIDENCE_TYPE_TABLE(ROW)
#undef ROW
};

/* Computed by another program (Python's hashlib) from docs/formats/entry.md. */
static const char golden_put[] =
    "415a4b45011001c7baaa6c621d1a05138a7888d37d9269a9da8e2e11e4aced2f6cfd24b05ab1b9e61bb00001010003"
    "00"
    "02000200000007000001117081020001010287b04e58961f9a99d853d4046a0b5b793e7c3e4bbd21f5aca8fb17c20c"
    "db"
    "1d8bad023c4f3fe35402be2d64ee53d32c6c20809e7e2ddc0f62cb30196c5d1ed955";
static const char golden_code[] = "415a4b45010301c7baaa0200011170001e6a702d67756964656c696e652d3230"
                                  "31392f646174612e61742d686f6d65";

static void assert_hex(str bytes, const char *expected) {
    char hex[2 * LIMIT_ENTRY_BYTES];
    hex_write(bytes.at, bytes.len, hex);
    assert_str(str_of(hex, 2 * bytes.len), str_from_c(expected));
}

static void golden_bytes(void **state) {
    struct error e;
    char out[LIMIT_ENTRY_BYTES];
    str bytes;
    struct evidence_entry put = sample_entry();
    assert_ok(evidence_entry_encode(&put, out, sizeof out, &bytes, &e), &e);
    assert_hex(bytes, golden_put);

    struct evidence_entry code = {.type = EVIDENCE_CODE_ROW,
                                  .minute = 29866666,
                                  .code_kind = EVIDENCE_CODE_CLAUSE,
                                  .code = 70000,
                                  .code_text = STR("jp-guideline-2019/data.at-home")};
    assert_ok(evidence_entry_encode(&code, out, sizeof out, &bytes, &e), &e);
    assert_hex(bytes, golden_code);
}

static struct evidence_entry full_entry(enum evidence_type type) {
    struct evidence_entry entry = sample_entry();
    entry.type = type;
    entry.span_first = 12345;
    entry.span_count = 678;
    entry.other = sha256_of(STR("other"));
    entry.code_kind = EVIDENCE_CODE_SITE;
    entry.code = 258;
    entry.code_text = STR("仙台");
    entry.prior_origin = STR("ledger.aoba/sendai");
    entry.known_size = 900;
    entry.known_root = sha256_of(STR("known"));
    entry.left_size = 880;
    entry.left_root = sha256_of(STR("left"));
    return entry;
}

static void every_type_goes_there_and_back(void **state) {
    struct error e;
    for (size_t i = 0; i < COUNT_OF(all_types); i++) {
        struct evidence_entry entry = full_entry(all_types[i]), read;
        const char *name = evidence_type_name(all_types[i]);
        assert_non_null(name);
        for (size_t j = 0; j < i; j++)
            assert_row(name, strcmp(name, evidence_type_name(all_types[j])) != 0);
        char out[LIMIT_ENTRY_BYTES], again[LIMIT_ENTRY_BYTES];
        _Alignas(16) char memory[8192];
        struct arena arena = arena_over(memory, sizeof memory);
        str bytes, bytes_again;
        assert_ok(evidence_entry_encode(&entry, out, sizeof out, &bytes, &e), &e);
        assert_ok(evidence_entry_decode(bytes, &arena, &read, &e), &e);
        assert_ok(evidence_entry_encode(&read, again, sizeof again, &bytes_again, &e), &e);
        assert_row(name, str_equal(bytes, bytes_again));
        unsigned parts = evidence_type_parts(all_types[i]);
        if (parts & EVIDENCE_DECISION) assert_row(name, read.clauses[1].code == 70000);
        if (parts & EVIDENCE_SPAN) assert_row(name, read.span_count == 678);
        if (parts & EVIDENCE_CODE) assert_row(name, str_equal(read.code_text, STR("仙台")));
        if (parts & EVIDENCE_PRIOR) assert_row(name, read.left_size == 880);
        const enum evidence_field *fields;
        assert_row(name, (evidence_type_fields(all_types[i], &fields) > 0) ==
                             ((parts & EVIDENCE_FIELDS) != 0));
    }
}

/* No prefix, no continuation and no other byte may decode to the same value; most do not decode. */
static void one_encoding_only(void **state) {
    struct error e;
    for (size_t t = 0; t < COUNT_OF(all_types); t++) {
        struct evidence_entry entry = full_entry(all_types[t]), read;
        char out[LIMIT_ENTRY_BYTES + 1], again[LIMIT_ENTRY_BYTES];
        str bytes, bytes_again;
        assert_ok(evidence_entry_encode(&entry, out, LIMIT_ENTRY_BYTES, &bytes, &e), &e);
        _Alignas(16) char memory[16384];
        for (size_t cut = 0; cut < bytes.len; cut++) {
            struct arena arena = arena_over(memory, sizeof memory);
            assert_int_not_equal(evidence_entry_decode(str_of(out, cut), &arena, &read, &e), OK);
        }
        out[bytes.len] = 0;
        struct arena arena = arena_over(memory, sizeof memory);
        assert_int_equal(evidence_entry_decode(str_of(out, bytes.len + 1), &arena, &read, &e),
                         FAIL_CORRUPT);
        for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
            out[bit / 8] = (char)(out[bit / 8] ^ 1 << bit % 8);
            arena = arena_over(memory, sizeof memory);
            if (evidence_entry_decode(bytes, &arena, &read, NULL) == OK) {
                assert_ok(evidence_entry_encode(&read, again, sizeof again, &bytes_again, &e), &e);
                assert_true(str_equal(bytes, bytes_again));
            }
            out[bit / 8] = (char)(out[bit / 8] ^ 1 << bit % 8);
        }
    }
}

static const struct {
    const char *name, *hex, *says;
    int code;
} refused[] = {
    {"nothing", "", "AZKE", FAIL_CORRUPT},
    {"magic alone", "415a4b45", "AZKE", FAIL_CORRUPT},
    {"another magic", "415a4b4601030000000001000000010001", "AZKE", FAIL_CORRUPT},
    {"a later format",
     "415a4b4502030000000001000000010001"
     "61",
     "format 2", FAIL_VERSION},
    {"a type unknown here", "415a4b4501c800000000", "type 200", FAIL_VERSION},
    {"type 0", "415a4b45010000000000", "type 0", FAIL_VERSION},
    {"code 0", "415a4b450103000000000100000000000161", "code 0", FAIL_CORRUPT},
    {"kind 9", "415a4b450103000000000900000001000161", "kind", FAIL_CORRUPT},
    {"act code over 16 bits", "415a4b450103000000000100010000000161", "65535", FAIL_CORRUPT},
    {"empty text",
     "415a4b45010300000000010000000100"
     "00",
     "plain", FAIL_CORRUPT},
    {"text with a newline", "415a4b45010300000000010000000100010a", "plain", FAIL_CORRUPT},
    {"text with U+0085", "415a4b4501030000000001000000010002c285", "plain", FAIL_CORRUPT},
    {"text not UTF-8", "415a4b4501030000000001000000010001ff", "plain", FAIL_CORRUPT},
    {"text over the end", "415a4b450103000000000100000001000261", "cut", FAIL_CORRUPT},
};

static void what_is_refused_says_why(void **state) {
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        char bytes[64];
        _Alignas(16) char memory[1024];
        size_t count = strlen(refused[i].hex) / 2, at;
        assert_true(hex_read(str_from_c(refused[i].hex), bytes, count));
        struct arena arena = arena_over(memory, sizeof memory);
        struct evidence_entry read;
        struct error e = {0};
        assert_row(refused[i].name, evidence_entry_decode(str_of(bytes, count), &arena, &read,
                                                          &e) == (enum error_code)refused[i].code);
        assert_row(refused[i].name,
                   str_find(str_from_c(e.message), str_from_c(refused[i].says), &at));
    }
}

/* An unsorted or doubled list has no encoding, and its bytes are refused. */
static void lists_must_ascend(void **state) {
    struct error e;
    char out[LIMIT_ENTRY_BYTES];
    str bytes;
    static const struct evidence_clause doubled[] = {{7, 0}, {7, 0}}, zero[] = {{0, 0}},
                                        effect[] = {{7, EVIDENCE_EFFECT_COUNT}};
    static const uint16_t sites[] = {3, 2};
    struct evidence_entry entry = sample_entry();
    entry.clauses = doubled;
    assert_int_equal(evidence_entry_encode(&entry, out, sizeof out, &bytes, &e), FAIL_USAGE);
    entry.clauses = zero, entry.clause_count = 1;
    assert_int_equal(evidence_entry_encode(&entry, out, sizeof out, &bytes, &e), FAIL_USAGE);
    entry.clauses = effect;
    assert_int_equal(evidence_entry_encode(&entry, out, sizeof out, &bytes, &e), FAIL_USAGE);
    entry = sample_entry();
    entry.sites = sites;
    assert_int_equal(evidence_entry_encode(&entry, out, sizeof out, &bytes, &e), FAIL_USAGE);
    entry = sample_entry();
    entry.decision = EVIDENCE_REFUSED + 1;
    assert_int_equal(evidence_entry_encode(&entry, out, sizeof out, &bytes, &e), FAIL_USAGE);

    entry = sample_entry();
    assert_ok(evidence_entry_encode(&entry, out, sizeof out, &bytes, &e), &e);
    size_t clauses_at = 10 + 32 + 9; /* head, rules, act to class, count */
    char swap[5];
    memcpy(swap, out + clauses_at, 5);
    memmove(out + clauses_at, out + clauses_at + 5, 5);
    memcpy(out + clauses_at + 5, swap, 5);
    _Alignas(16) char memory[1024];
    struct arena arena = arena_over(memory, sizeof memory);
    assert_int_equal(evidence_entry_decode(bytes, &arena, &entry, &e), FAIL_CORRUPT);
}

static void limits_hold(void **state) {
    struct error e;
    static struct evidence_clause clauses[EVIDENCE_CLAUSES_MAX + 1];
    static uint16_t sites[EVIDENCE_SITES_MAX + 1];
    for (size_t i = 0; i < COUNT_OF(clauses); i++) clauses[i].code = (uint32_t)i + 1;
    for (size_t i = 0; i < COUNT_OF(sites); i++) sites[i] = (uint16_t)(i + 1);
    struct evidence_entry entry = full_entry(EVIDENCE_FOLD);
    entry.clauses = clauses, entry.clause_count = EVIDENCE_CLAUSES_MAX;
    entry.sites = sites, entry.site_count = EVIDENCE_SITES_MAX;
    char out[LIMIT_ENTRY_BYTES];
    str bytes;
    assert_ok(evidence_entry_encode(&entry, out, sizeof out, &bytes, &e),
              &e); /* the longest fits */
    assert_int_equal(evidence_entry_encode(&entry, out, 2000, &bytes, &e), FAIL_LIMIT);
    _Alignas(16) char memory[256];
    struct arena arena = arena_over(memory, sizeof memory);
    struct evidence_entry read;
    assert_int_equal(evidence_entry_decode(bytes, &arena, &read, &e), FAIL_MEMORY);
    assert_int_equal(arena_left(&arena), sizeof memory);
    entry.clause_count++;
    assert_int_equal(evidence_entry_encode(&entry, out, sizeof out, &bytes, &e), FAIL_USAGE);
    entry.clause_count = 0, entry.site_count++;
    assert_int_equal(evidence_entry_encode(&entry, out, sizeof out, &bytes, &e), FAIL_USAGE);
    entry = full_entry(EVIDENCE_FOLD);
    entry.span_first = UINT64_MAX;
    assert_int_equal(evidence_entry_encode(&entry, out, sizeof out, &bytes, &e), FAIL_USAGE);
    entry = full_entry(EVIDENCE_SUCCESSION);
    entry.prior_origin = STR("two words");
    assert_int_equal(evidence_entry_encode(&entry, out, sizeof out, &bytes, &e), FAIL_USAGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_bytes),      cmocka_unit_test(every_type_goes_there_and_back),
        cmocka_unit_test(one_encoding_only), cmocka_unit_test(what_is_refused_says_why),
        cmocka_unit_test(lists_must_ascend), cmocka_unit_test(limits_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
