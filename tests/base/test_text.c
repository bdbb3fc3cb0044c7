/* Hex, base64, dates, JSON text and digests against values published elsewhere. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "tests/test.h"

#include "base/crc.h"

#include <openssl/md5.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void base64_is_strict(void **state) {
    static const struct {
        const char *name, *text, *bytes;
    } good[] = {
        {"empty", "", ""}, {"one", "Zg==", "f"}, {"two", "Zm8=", "fo"}, {"three", "Zm9v", "foo"}};
    static const char *bad[] = {
        "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm 9", "====", "Zg==Zg==", "Zm9v\n"};
    char out[64];
    size_t count;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_row(good[i].name, base64_read(str_from_c(good[i].text), out, sizeof out, &count));
        assert_str(str_of(out, count), str_from_c(good[i].bytes));
        count = base64_write(good[i].bytes, strlen(good[i].bytes), out);
        assert_str(str_of(out, count), str_from_c(good[i].text));
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_row(bad[i], !base64_read(str_from_c(bad[i]), out, sizeof out, &count));
}

static void dates_read_and_write_back(void **state) {
    static const struct {
        const char *iso;
        int64_t seconds;
    } days[] = {{"1970-01-01", 0},
                {"2000-02-29", 951782400},
                {"2026-11-21", 1795219200},
                {"1969-12-31", -86400},
                {"2100-03-01", 4107542400}};
    char text[CLOCK_TEXT_BYTES];
    int64_t ns;
    for (size_t i = 0; i < COUNT_OF(days); i++) {
        assert_row(days[i].iso, clock_iso_read(str_from_c(days[i].iso), &ns));
        assert_row(days[i].iso, ns == days[i].seconds * NS_PER_S);
        size_t len = clock_iso_s_write(ns, text);
        assert_str(str_slice(str_of(text, len), 0, 10), str_from_c(days[i].iso));
    }
    assert_true(clock_iso_read(STR("2026-11-21T09:00:00+09:00"), &ns));
    assert_true(ns == 1795219200 * NS_PER_S);
    assert_true(clock_iso_read(STR("2026-11-21T00:00:00.5Z"), &ns));
    assert_true(ns == 1795219200 * NS_PER_S + NS_PER_S / 2);
    static const char *bad[] = {"2026-02-29",           "2026-13-01",        "2026-11-21T25:00Z",
                                "2026-11-21T00:00",     "2026-11-21 00:00Z", "",
                                "2026-11-21T00:00:00.Z"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_row(bad[i], !clock_iso_read(str_from_c(bad[i]), &ns));
    static const char *http[] = {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                                 "Sun Nov  6 08:49:37 1994"};
    for (size_t i = 0; i < COUNT_OF(http); i++) {
        assert_row(http[i], clock_http_read(str_from_c(http[i]), &ns));
        assert_row(http[i], ns == 784111777 * NS_PER_S);
    }
    size_t len = clock_http_write(784111777 * NS_PER_S, text);
    assert_str(str_of(text, len), str_from_c(http[0]));
    assert_true(clock_amz_read(STR("20130524T000000Z"), &ns));
    assert_true(ns == 1369353600 * NS_PER_S);
}

/* Held against the C library's own writing, over the whole range of the type. */
static void dates_are_written_as_printf_would(void **state) {
    static const int64_t edges[] = {INT64_MIN, -1, 0, 1, NS_PER_S - 1, INT64_MAX};
    struct random_seeded random;
    random_seed(&random, 5);
    for (size_t i = 0; i < 20000; i++) {
        int64_t ns = i < COUNT_OF(edges) ? edges[i] : (int64_t)random_next(&random);
        struct clock_date d = clock_date_of(ns);
        int ms = (int)((ns % NS_PER_S + NS_PER_S) % NS_PER_S / NS_PER_MS);
        char text[CLOCK_TEXT_BYTES], want[128];
        size_t len = clock_iso_write(ns, text);
        snprintf(want, sizeof want, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", d.year, d.month, d.day,
                 d.hour, d.minute, d.second, ms);
        assert_string_equal(text, want);
        assert_int_equal(len, strlen(want));
        len = clock_amz_write(ns, text);
        snprintf(want, sizeof want, "%04d%02d%02dT%02d%02d%02dZ", d.year, d.month, d.day, d.hour,
                 d.minute, d.second);
        assert_string_equal(text, want);
        assert_int_equal(len, strlen(want));
        len = clock_http_write(ns, text);
        snprintf(want, sizeof want, "%02d:%02d:%02d GMT", d.hour, d.minute, d.second);
        assert_string_equal(text + 17, want);
        assert_int_equal(len, 29);
    }
}

static void numbers_are_written_whole_or_not_at_all(void **state) {
    static const int64_t numbers[] = {0, 7, -7, 10, 1234567890, INT64_MAX, INT64_MIN};
    char memory[32], want[32];
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        struct text t = text_into(memory, sizeof memory);
        text_add_number(&t, numbers[i]);
        snprintf(want, sizeof want, "%lld", (long long)numbers[i]);
        assert_str(text_str(&t), str_from_c(want));
    }
    struct text t = text_into(memory, 20);
    text_add_count(&t, UINT64_MAX);
    assert_str(text_str(&t), STR("18446744073709551615"));
    t = text_into(memory, 3);
    text_add_count(&t, 1000);
    assert_true(t.overflow);
    assert_int_equal(t.len, 0);
}

static void json_text_is_valid_whatever_goes_in(void **state) {
    char memory[128];
    struct text t = text_into(memory, sizeof memory);
    text_add_json(&t, STR("a\"b\\\n\x80\xe9\x9d\x92"));
    assert_str(text_str(&t), STR("\"a\\\"b\\\\\\u000a\xef\xbf\xbd\xe9\x9d\x92\""));
    t = text_into(memory, sizeof memory);
    text_add_json(&t, STR("\x7f~ \x1f"));
    assert_str(text_str(&t), STR("\"\\u007f~ \\u001f\""));
    t = text_into(memory, 4);
    text_add_json(&t, STR("abc"));
    assert_true(t.overflow);
}

static void digests_give_published_values(void **state) {
    char hex[2 * DIGEST_BYTES];
    digest d = sha256_of(STR("abc"));
    hex_write(d.at, sizeof d.at, hex);
    assert_str(str_of(hex, 64),
               STR("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    d = hmac_sha256(STR("Jefe"), STR("what do ya want for nothing?")); /* RFC 4231, case 2 */
    hex_write(d.at, sizeof d.at, hex);
    assert_str(str_of(hex, 64),
               STR("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
    assert_true(crc_32(0, "123456789", 9) == 0xcbf43926u);
    assert_true(crc_32c(0, "123456789", 9) == 0xe3069283u);
    assert_true(crc_64nvme(0, "123456789", 9) == 0xae8b14860a799888u);
    /* in two pieces, cut anywhere, the same */
    const char *text = "the quick brown fox jumps over the lazy dog";
    size_t len = strlen(text);
    for (size_t cut = 0; cut <= len; cut++) {
        assert_true(crc_64nvme(crc_64nvme(0, text, cut), text + cut, len - cut) ==
                    crc_64nvme(0, text, len));
        assert_true(crc_32c(crc_32c(0, text, cut), text + cut, len - cut) == crc_32c(0, text, len));
        assert_true(crc_32(crc_32(0, text, cut), text + cut, len - cut) == crc_32(0, text, len));
    }
}

/* Short texts are closed apart, MD5 and SHA-256 go side by side: both come to what the plain way gives. */
static void digests_agree_whichever_way_they_are_made(void **state) {
    static char bytes[5000];
    struct random_seeded random;
    random_seed(&random, 180);
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)random_next(&random);
    for (size_t count = 0; count < 300; count++) {
        struct sha256 plain;
        sha256_begin(&plain);
        sha256_add(&plain, bytes, count);
        digest want = sha256_end(&plain), got = sha256_of(str_of(bytes, count));
        assert_true(digest_equal(&want, &got));
    }
    for (int round = 0; round < 500; round++) {
        struct md5 md5, both_md5;
        struct sha256 sha256, both_sha256;
        unsigned char want_md5[MD5_BYTES], got_md5[MD5_BYTES];
        md5_begin(&md5);
        md5_begin(&both_md5);
        sha256_begin(&sha256);
        sha256_begin(&both_sha256);
        for (int piece = 0; piece < 6; piece++) { /* cut in blocks and across them */
            size_t count = random_below(&random, round % 2 == 0 ? sizeof bytes : 200);
            if (round % 3 == 0) count -= count % 64;
            md5_add(&md5, bytes, count);
            sha256_add(&sha256, bytes, count);
            md5_sha256_add(&both_md5, &both_sha256, bytes, count);
        }
        md5_end(&md5, want_md5);
        md5_end(&both_md5, got_md5);
        assert_memory_equal(want_md5, got_md5, MD5_BYTES);
        digest want = sha256_end(&sha256), got = sha256_end(&both_sha256);
        assert_true(digest_equal(&want, &got));
    }
}

/* OpenSSL counts bits in two words of 32: their carry, at 512 MiB, is ours too where both go side by
 * side. Contexts are set 128 bytes before it, and pieces end there, before it and beyond. */
static void side_by_side_counts_beyond_512_mib(void **state) {
    static char bytes[1024];
    for (size_t first = 0; first <= 320; first += 32) {
        struct md5 md5, both_md5;
        struct sha256 sha256, both_sha256;
        md5_begin(&md5);
        sha256_begin(&sha256);
        ((MD5_CTX *)(void *)md5.state)->Nl = 0u - 128 * 8;
        ((SHA256_CTX *)(void *)sha256.state)->Nl = 0u - 128 * 8;
        both_md5 = md5;
        both_sha256 = sha256;
        size_t pieces[] = {first, 512, 77};
        for (size_t i = 0; i < COUNT_OF(pieces); i++) {
            md5_add(&md5, bytes, pieces[i]);
            sha256_add(&sha256, bytes, pieces[i]);
            md5_sha256_add(&both_md5, &both_sha256, bytes, pieces[i]);
        }
        assert_int_equal(((MD5_CTX *)(void *)both_md5.state)->Nh, 1);
        unsigned char want_md5[MD5_BYTES], got_md5[MD5_BYTES];
        md5_end(&md5, want_md5);
        md5_end(&both_md5, got_md5);
        assert_memory_equal(want_md5, got_md5, MD5_BYTES);
        digest want = sha256_end(&sha256), got = sha256_end(&both_sha256);
        assert_true(digest_equal(&want, &got));
    }
}

/* The same from the front, against what md5sum and sha256sum say of 513 MiB of zeros. */
static void a_body_of_513_mib_has_its_digests(void **state) {
    static char zeros[1 << 20];
    struct md5 md5;
    struct sha256 sha256;
    md5_begin(&md5);
    sha256_begin(&sha256);
    for (size_t left = (size_t)513 << 20, count; left > 0; left -= count) {
        count = left < sizeof zeros - 64 ? left : sizeof zeros - 64; /* 512 MiB inside a piece */
        md5_sha256_add(&md5, &sha256, zeros, count);
    }
    unsigned char got_md5[MD5_BYTES];
    char text[2 * DIGEST_BYTES];
    md5_end(&md5, got_md5);
    hex_write(got_md5, MD5_BYTES, text);
    assert_str(str_of(text, 2 * MD5_BYTES), STR("f3a8799d64129a6fd8a5aa56f199ac54"));
    digest got = sha256_end(&sha256);
    hex_write(got.at, DIGEST_BYTES, text);
    assert_str(str_of(text, 2 * DIGEST_BYTES),
               STR("a3e2acbb469e4e59dde406f912e754c933c1ac0fb0092a3634d61d5073309c0c"));
}

/* Every length to 700 and some long ones, at each of 16 offsets, from a start value that is not 0:
 * folded or from the tables, the same. */
static void crc_64nvme_folds_right(void **state) {
    enum { BYTES = 1 << 17 };
    unsigned char *bytes = malloc(BYTES);
    struct random_seeded random;
    random_seed(&random, 64);
    for (size_t i = 0; i < BYTES; i++) bytes[i] = (unsigned char)random_next(&random);
    for (size_t count = 0; count < 700; count++) {
        size_t at = count * 7 % 16;
        uint64_t start = random_next(&random);
        assert_true(crc_64nvme(start, bytes + at, count) ==
                    crc_64nvme_by_table(start, bytes + at, count));
    }
    for (size_t at = 0; at < 16; at++) {
        size_t count = BYTES - 16 - 37 * at;
        assert_true(crc_64nvme(at, bytes + at, count) ==
                    crc_64nvme_by_table(at, bytes + at, count));
    }
    free(bytes);
}

static int by_bytes(const void *a, const void *b) {
    return memcmp(a, b, 16);
}

/* Small asks are served from what was fetched before: none is served twice, not to a child either. */
static void random_bytes_are_given_once(void **state) {
    (void)state;
    enum { COUNT = 20000 };
    static unsigned char all[COUNT][16];
    int pipes[2];
    for (size_t i = 0; i < COUNT; i++) random_fill(all[i], 16);
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        unsigned char bytes[32];
        random_fill(bytes, sizeof bytes);
        _exit(write(pipes[1], bytes, sizeof bytes) == sizeof bytes ? 0 : 1);
    }
    unsigned char childs[32], mine[32];
    random_fill(mine, sizeof mine);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(read(pipes[0], childs, sizeof childs), (int)sizeof childs);
    close(pipes[0]);
    close(pipes[1]);
    assert_memory_not_equal(childs, mine, sizeof mine);
    qsort(all, COUNT, sizeof *all, by_bytes);
    for (size_t i = 1; i < COUNT; i++) assert_memory_not_equal(all[i - 1], all[i], sizeof *all);
}

int main(int argc, char **argv) {
    const struct CMUnitTest large[] = {cmocka_unit_test(a_body_of_513_mib_has_its_digests)};
    if (argc > 1 && strcmp(argv[1], "large") == 0) return cmocka_run_group_tests(large, NULL, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_is_strict),
        cmocka_unit_test(dates_read_and_write_back),
        cmocka_unit_test(dates_are_written_as_printf_would),
        cmocka_unit_test(numbers_are_written_whole_or_not_at_all),
        cmocka_unit_test(json_text_is_valid_whatever_goes_in),
        cmocka_unit_test(digests_give_published_values),
        cmocka_unit_test(digests_agree_whichever_way_they_are_made),
        cmocka_unit_test(side_by_side_counts_beyond_512_mib),
        cmocka_unit_test(crc_64nvme_folds_right),
        cmocka_unit_test(random_bytes_are_given_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
