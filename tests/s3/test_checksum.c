/* Checksums: published check values, and that parts combine to the whole. */
#include "s3/wire/checksum.h"
#include "tests/test.h"

/* "123456789": the check values of the CRC catalogue (reveng.sourceforge.io), FIPS 180 by sha1sum
 * and sha256sum. */
static const struct {
    enum store_checksum_kind kind;
    const char *base64;
} nine_digits[] = {
    {STORE_CHECKSUM_CRC32, "y/Q5Jg=="},         /* cbf43926 */
    {STORE_CHECKSUM_CRC32C, "4waSgw=="},        /* e3069283 */
    {STORE_CHECKSUM_CRC64NVME, "rosUhgp5mIg="}, /* ae8b14860a799888 */
    {STORE_CHECKSUM_SHA1, "98O8HYCOBHMq32eZZczDTKeuNEE="},
    {STORE_CHECKSUM_SHA256, "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="},
};

static struct store_checksum checksum_of(enum store_checksum_kind kind, str bytes) {
    struct s3_checksum_state sum;
    s3_checksum_begin(&sum, kind);
    s3_checksum_add(&sum, bytes);
    return s3_checksum_end(&sum);
}

static void published_values_come_out(void **state) {
    for (size_t i = 0; i < COUNT_OF(nine_digits); i++) {
        struct store_checksum sum = checksum_of(nine_digits[i].kind, STR("123456789")), read;
        char text[S3_CHECKSUM_TEXT_BYTES];
        uint32_t parts = 9;
        assert_str(str_of(text, s3_checksum_write(&sum, 0, text)),
                   str_from_c(nine_digits[i].base64));
        assert_true(s3_checksum_read(sum.kind, str_from_c(nine_digits[i].base64), &read, &parts));
        assert_int_equal(parts, 0);
        assert_true(s3_checksum_equal(&sum, &read));
    }
}

static void names_go_both_ways(void **state) {
    for (int i = STORE_CHECKSUM_CRC32; i <= STORE_CHECKSUM_SHA256; i++) {
        enum store_checksum_kind kind = (enum store_checksum_kind)i, read = STORE_CHECKSUM_NONE;
        assert_true(s3_checksum_kind_read(s3_checksum_name(kind), &read));
        assert_int_equal(read, kind);
        assert_int_equal(s3_checksum_of_header(s3_checksum_header(kind)), kind);
    }
    enum store_checksum_kind untouched = STORE_CHECKSUM_SHA1;
    assert_false(s3_checksum_kind_read(STR("MD5"), &untouched));
    assert_int_equal(untouched, STORE_CHECKSUM_SHA1);
    assert_int_equal(s3_checksum_of_header(STR("X-Amz-Checksum-CRC32C")), STORE_CHECKSUM_CRC32C);
    assert_int_equal(s3_checksum_of_header(STR("x-amz-checksum-type")), STORE_CHECKSUM_NONE);
}

static const struct {
    const char *name, *text;
    uint32_t parts; /* UINT32_MAX: refused */
} text_cases[] = {
    {"plain", "y/Q5Jg==", 0},
    {"composite", "y/Q5Jg==-3", 3},
    {"most parts", "y/Q5Jg==-10000", 10000},
    {"too many parts", "y/Q5Jg==-10001", UINT32_MAX},
    {"no parts", "y/Q5Jg==-0", UINT32_MAX},
    {"a dash alone", "y/Q5Jg==-", UINT32_MAX},
    {"eight bytes", "rosUhgp5mIg=", UINT32_MAX},
    {"no padding", "y/Q5Jg", UINT32_MAX},
    {"empty", "", UINT32_MAX},
    {"hex", "cbf43926", UINT32_MAX},
};

static void texts_are_strict(void **state) {
    for (size_t i = 0; i < COUNT_OF(text_cases); i++) {
        struct store_checksum sum;
        uint32_t parts = UINT32_MAX;
        s3_checksum_read(STORE_CHECKSUM_CRC32, str_from_c(text_cases[i].text), &sum, &parts);
        assert_row(text_cases[i].name, parts == text_cases[i].parts);
    }
}

static void cut_anywhere_crcs_combine(void **state) {
    char bytes[3000];
    struct random_seeded random;
    random_seed(&random, 20261122);
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)random_next(&random);
    for (int k = STORE_CHECKSUM_CRC32; k <= STORE_CHECKSUM_CRC64NVME; k++) {
        enum store_checksum_kind kind = (enum store_checksum_kind)k;
        struct store_checksum whole = checksum_of(kind, str_of(bytes, sizeof bytes));
        for (size_t cut = 0; cut <= sizeof bytes; cut += 37) {
            str first = str_of(bytes, cut), second = str_of(bytes + cut, sizeof bytes - cut);
            struct store_checksum a = checksum_of(kind, first), b = checksum_of(kind, second);
            struct s3_checksum_parts parts;
            s3_checksum_parts_begin(&parts, kind, false);
            s3_checksum_parts_add(&parts, &a, first.len);
            s3_checksum_parts_add(&parts, &b, second.len);
            struct store_checksum both = s3_checksum_parts_end(&parts);
            assert_true(s3_checksum_equal(&whole, &both));
        }
    }
}

/* Lengths nobody hashes in a test: zeros, whose CRC doubling gives by itself. */
static void crcs_of_gigabytes_combine(void **state) {
    struct store_checksum piece = checksum_of(STORE_CHECKSUM_CRC32, STR("\0\0\0\0"));
    uint64_t crc = read_be32(piece.at), bytes = 4;
    while (bytes < (uint64_t)4 << 30) {
        crc = s3_crc_combine(STORE_CHECKSUM_CRC32, crc, crc, bytes);
        bytes *= 2;
    }
    assert_int_equal(crc, 0xd202ef8d); /* zlib.crc32 over 4 GiB of zeros */
}

static void composite_is_of_the_parts_checksums(void **state) {
    struct store_checksum a = checksum_of(STORE_CHECKSUM_SHA256, STR("one")),
                          b = checksum_of(STORE_CHECKSUM_SHA256, STR("two"));
    char both[64], text[S3_CHECKSUM_TEXT_BYTES];
    memcpy(both, a.at, 32);
    memcpy(both + 32, b.at, 32);
    digest expected = sha256_of(str_of(both, sizeof both));
    struct s3_checksum_parts parts;
    s3_checksum_parts_begin(&parts, STORE_CHECKSUM_SHA256, true);
    s3_checksum_parts_add(&parts, &a, 3);
    s3_checksum_parts_add(&parts, &b, 3);
    struct store_checksum made = s3_checksum_parts_end(&parts);
    assert_memory_equal(made.at, expected.at, 32);
    assert_true(made.composite);
    assert_true(str_ends(str_of(text, s3_checksum_write(&made, 2, text)), STR("=-2")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_values_come_out),
        cmocka_unit_test(names_go_both_ways),
        cmocka_unit_test(texts_are_strict),
        cmocka_unit_test(cut_anywhere_crcs_combine),
        cmocka_unit_test(crcs_of_gigabytes_combine),
        cmocka_unit_test(composite_is_of_the_parts_checksums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
