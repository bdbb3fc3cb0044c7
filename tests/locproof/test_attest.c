/* An asset tag that a TPM certified for a transcript: the one that was, and what does not stand for it. */
#include "tests/test.h"
#include "locproof/locproof.h"

#include <stdio.h>

static char attest[LOCPROOF_ATTEST_BYTES], signature[512], pem[1024], record[256],
    transcript[1 << 16];
static struct locproof_tag tag;
static digest about;

static str file_of(const char *name, void *memory, size_t cap) {
    char path[512];
    snprintf(path, sizeof path, "%s/landmark/%s", TEST_DATA, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    str bytes = str_of(memory, fread(memory, 1, cap, file));
    fclose(file);
    return bytes;
}

/* Made by tpm2_nvcertify of tpm2-tools 5.4 with swtpm 0.7.1, for the transcript that lies beside it. */
static int setup(void **state) {
    tag = (struct locproof_tag){.attest = file_of("tag.attest", attest, sizeof attest),
                                .signature = file_of("tag.sig", signature, sizeof signature),
                                .pem = file_of("tag.pem", pem, sizeof pem),
                                .record = file_of("tag.record", record, sizeof record)};
    about = sha256_of(file_of("transcript", transcript, sizeof transcript));
    return 0;
}

static void a_tag_holds(void **state) {
    struct locproof_attest a;
    struct error e;
    unsigned char index[34];
    assert_ok(locproof_tag_check(&tag, &about, &a, &e), &e);
    assert_true(
        hex_read(STR("000b40b63dac64f1faa36946e35736dde18a2ed96e27b50004089b8008230128c689"), index,
                 sizeof index)); /* as tpm2_nvreadpublic printed it */
    assert_str(a.index, str_of(index, sizeof index));
    assert_int_equal(a.signer.len, 34);
    assert_int_equal(a.resets, 2);
    assert_int_equal(a.clock_ms, 1584);
    assert_true(a.clock_is_safe);
    struct locproof_tag strict = tag;
    strict.index = str_of(index, sizeof index);
    assert_ok(locproof_tag_check(&strict, &about, &a, &e), &e);
}

static void what_is_not_this_tag_is_refused(void **state) {
    struct locproof_attest a;
    struct error e;
    digest other = about;
    struct locproof_tag t = tag;
    other.at[0] ^= 1;
    assert_int_equal(locproof_tag_check(&tag, &other, &a, &e), FAIL_PROOF);
    assert_non_null(strstr(e.message, "the transcript's digest: the TPM certified"));
    t.record = STR("site osaka\n");
    assert_int_equal(locproof_tag_check(&t, &about, &a, &e), FAIL_PROOF);
    assert_non_null(strstr(e.message, "the site's record"));
    t = tag;
    t.index = STR("\0\x0b another index's name, as long..");
    assert_int_equal(locproof_tag_check(&t, &about, &a, &e), FAIL_PROOF);
    assert_non_null(strstr(e.message, "the index's name"));
    t = tag;
    t.signature = str_slice(tag.signature, 0, tag.signature.len - 1);
    assert_int_equal(locproof_tag_check(&t, &about, &a, &e), FAIL_PROOF);
    t = tag;
    t.pem = tag.record;
    assert_int_equal(locproof_tag_check(&t, &about, &a, &e), FAIL_SYNTAX);
    t.pem = STR("-----BEGIN PUBLIC KEY-----\n" /* RSA of 512 bits */
                "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALRiMLAh9iimur8VA7qVvdqxevEuUkW4\n"
                "K+2KdMXmnQbG9Aa7k7eBjK1S+0LYmjjPKlGNXvDGuy5Fw/d7rjVJ0BLB+ubPK8iA\n"
                "/Tw3hLQgXMRRGRXXCn8ikfuQfjUS1uZSatdLB81mydBETlJhI6GH4twrbDJCR2Bw\n"
                "y/XWXgqgGRzAgMBAAE=\n-----END PUBLIC KEY-----\n");
    assert_int_equal(locproof_tag_check(&t, &about, &a, &e), FAIL_SYNTAX);
}

/* Every byte of what was certified is under the signature, and every length is checked before it. */
static void each_changed_byte_and_each_cut_is_refused(void **state) {
    struct locproof_attest a;
    struct error e;
    for (size_t i = 0; i < tag.attest.len; i++) {
        attest[i] ^= 1;
        assert_int_not_equal(locproof_tag_check(&tag, &about, &a, &e), OK);
        attest[i] ^= 1;
        assert_int_equal(locproof_attest_read(str_slice(tag.attest, 0, i), &a, &e), FAIL_SYNTAX);
    }
    assert_ok(locproof_tag_check(&tag, &about, &a, &e), &e);
    attest[tag.attest.len] = 0;
    assert_int_equal(locproof_attest_read(str_of(attest, tag.attest.len + 1), &a, &e), FAIL_SYNTAX);
    attest[5] = 0x18; /* a quote: of registers, not of an index */
    assert_int_equal(locproof_attest_read(tag.attest, &a, &e), FAIL_SYNTAX);
    assert_non_null(strstr(e.message, "(type 8018)"));
    attest[5] = 0x14;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tag_holds),
        cmocka_unit_test(what_is_not_this_tag_is_refused),
        cmocka_unit_test(each_changed_byte_and_each_cut_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
