/* The wide cipher and OpenSSL's make the same bytes, open each other's, and refuse the same; so a
 * store written on one processor reads on any other. */
#include "seal/wide.h"
#include "tests/test.h"

enum { MOST = LIMIT_FRAME_BYTES };
static unsigned char plain[MOST], by_wide[MOST], by_narrow[MOST], back[MOST];

static const size_t lengths[] = {0,    1,    15,   16,   17,   31,    63,    64,    65,       127,
                                 128,  255,  256,  257,  511,  512,   767,   768,   769,      1023,
                                 1024, 4095, 4096, 4097, 8192, 16384, 32768, 49152, MOST - 1, MOST};

struct sealing {
    struct secret key;
    unsigned char nonce[GCM_NONCE_BYTES], bound[48];
    size_t bound_bytes;
};

static struct sealing sealing_of(struct random_seeded *random, size_t i) {
    struct sealing s;
    for (size_t at = 0; at < sizeof s.key.at; at++)
        s.key.at[at] = (unsigned char)random_next(random);
    for (size_t at = 0; at < sizeof s.nonce; at++) s.nonce[at] = (unsigned char)random_next(random);
    for (size_t at = 0; at < sizeof s.bound; at++) s.bound[at] = (unsigned char)random_next(random);
    s.bound_bytes = 1 + i * 7 % sizeof s.bound;
    return s;
}

static void wide_and_narrow_agree(void **state) {
    struct random_seeded random;
    struct error e;
    if (!wide_is_here()) skip();
    random_seed(&random, 9);
    for (size_t i = 0; i < MOST; i++) plain[i] = (unsigned char)random_next(&random);
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        size_t len = lengths[i];
        struct sealing s = sealing_of(&random, i);
        str bound = str_of(s.bound, s.bound_bytes), text = str_of(plain, len);
        unsigned char tag_wide[SEAL_TAG_BYTES], tag_narrow[SEAL_TAG_BYTES];
        wide_seal(&s.key, s.nonce, bound, text, by_wide, tag_wide);
        assert_ok(narrow_seal(&s.key, s.nonce, bound, text, by_narrow, tag_narrow, &e), &e);
        assert_memory_equal(by_wide, by_narrow, len);
        assert_memory_equal(tag_wide, tag_narrow, SEAL_TAG_BYTES);

        memset(back, 1, sizeof back);
        assert_true(wide_open(&s.key, s.nonce, bound, str_of(by_narrow, len), tag_narrow, back));
        assert_memory_equal(back, plain, len);
        assert_true(wide_open(&s.key, s.nonce, bound, str_of(by_wide, len), tag_wide, by_wide));
        assert_memory_equal(by_wide, plain, len); /* in place */
        assert_ok(narrow_open(&s.key, s.nonce, bound, str_of(by_narrow, len), tag_wide, by_narrow,
                              "it", &e),
                  &e);
        assert_memory_equal(by_narrow, plain, len);
    }
}

/* Each of these changes is refused, and nothing of the text is left behind. */
static void what_was_changed_does_not_open(void **state) {
    enum { TEXT, TAG, BOUND, NONCE, KEY, CHANGES };
    struct random_seeded random;
    if (!wide_is_here()) skip();
    random_seed(&random, 10);
    for (size_t i = 0; i < COUNT_OF(lengths); i++)
        for (int change = lengths[i] > 0 ? TEXT : TAG; change < CHANGES; change++) {
            size_t len = lengths[i];
            struct sealing s = sealing_of(&random, i);
            unsigned char tag[SEAL_TAG_BYTES];
            str bound = str_of(s.bound, s.bound_bytes);
            wide_seal(&s.key, s.nonce, bound, str_of(plain, len), by_wide, tag);
            unsigned char *at[CHANGES] = {by_wide + (len > 0 ? len - 1 : 0), tag, s.bound, s.nonce,
                                          s.key.at};
            *at[change] ^= 0x10;
            memset(back, 1, sizeof back);
            assert_false(wide_open(&s.key, s.nonce, bound, str_of(by_wide, len), tag, back));
            for (size_t k = 0; k < len; k++) assert_int_equal(back[k], 0);
            if (len < MOST) assert_int_equal(back[len], 1); /* and not a byte further */
        }
}

/* Source: McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", test case 16: bound data,
 * and a text that ends within a block. */
static void outside_vector(void **state) {
    static const unsigned char nonce[GCM_NONCE_BYTES] = {0xca, 0xfe, 0xba, 0xbe, 0xfa, 0xce,
                                                         0xdb, 0xad, 0xde, 0xca, 0xf8, 0x88};
    struct secret key;
    unsigned char text[60], bound[20], expected[60], expected_tag[16], tag[SEAL_TAG_BYTES], out[60];
    struct error e;
    const struct {
        const char *hex;
        unsigned char *to;
        size_t bytes;
    } fields[] = {
        {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", key.at, 32},
        {"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
         "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
         text, 60},
        {"feedfacedeadbeeffeedfacedeadbeefabaddad2", bound, 20},
        {"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
         "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
         expected, 60},
        {"76fc6ece0f4e1768cddf8853bb2d551b", expected_tag, 16},
    };
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        assert_true(hex_read(str_from_c(fields[i].hex), fields[i].to, fields[i].bytes));
    assert_ok(
        gcm_seal(&key, nonce, str_of(bound, sizeof bound), str_of(text, sizeof text), out, tag, &e),
        &e);
    assert_memory_equal(out, expected, sizeof out);
    assert_memory_equal(tag, expected_tag, sizeof tag);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wide_and_narrow_agree),
        cmocka_unit_test(what_was_changed_does_not_open),
        cmocka_unit_test(outside_vector),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
