/* Names: the promises of s3/wire/names.h, attack rows 9 and 21 of the copy source among them. */
#include "s3/wire/names.h"
#include "tests/test.h"

static const struct {
    const char *bucket;
    bool good;
} bucket_cases[] = {
    {"test", true},
    {"abc", true},
    {"grid-telemetry.2026", true},
    {"123", true},
    {"ab", false},
    {"", false},
    {"Bucket", false},
    {"-ab", false},
    {"ab-", false},
    {".ab", false},
    {"a..b", false},
    {"a_b", false},
    {"192.168.5.4", false},
    {"1.2.3", true},
    {"xn--bucket", false},
    {"b-s3alias", false},
    {"b\xc3\xa9t", false},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
};

static void bucket_names_follow_s3(void **state) {
    struct error e;
    for (size_t i = 0; i < COUNT_OF(bucket_cases); i++) {
        enum error_code code = s3_bucket_check(str_from_c(bucket_cases[i].bucket), &e);
        assert_row(bucket_cases[i].bucket, code == (bucket_cases[i].good ? OK : FAIL_BUCKET_NAME));
    }
}

static void keys_are_bytes(void **state) {
    struct error e;
    char longest[LIMIT_KEY_BYTES + 1];
    memset(longest, 'k', sizeof longest);
    assert_int_equal(s3_key_check(str_of(longest, LIMIT_KEY_BYTES), &e), OK);
    assert_int_equal(s3_key_check(str_of(longest, LIMIT_KEY_BYTES + 1), &e), FAIL_KEY_TOO_LONG);
    assert_int_equal(s3_key_check(STR(".."), &e), OK);
    assert_int_equal(s3_key_check(STR("/../../etc/passwd"), &e), OK);
    assert_int_equal(s3_key_check(STR("a//b\\c\n"), &e), OK);
    assert_int_equal(s3_key_check(STR("a\0b"), &e), FAIL_INVALID_URI);
    assert_int_equal(s3_key_check(STR("a\xc0\xaf"), &e), FAIL_INVALID_URI);
    assert_int_equal(s3_key_check(STR(""), &e), FAIL_INVALID_ARGUMENT);
}

static const struct {
    const char *name, *host, *path, *bucket, *key;
    bool virtual_hosted;
    int code;
} address_cases[] = {
    {"the service", "localhost:9000", "/", "", "", false, OK},
    {"a bucket", "localhost:9000", "/test", "test", "", false, OK},
    {"a bucket with its slash", "localhost:9000", "/test/", "test", "", false, OK},
    {"a key", "localhost:9000", "/test/a/b", "test", "a/b", false, OK},
    {"a leading slash of the key", "localhost:9000", "/test//a", "test", "/a", false, OK},
    {"dots are bytes", "h", "/test/../other/k", "test", "../other/k", false, OK},
    {"escaped dots are the same bytes", "h", "/test/%2e%2e/other", "test", "../other", false, OK},
    {"an escape once", "h", "/test/%252e", "test", "%2e", false, OK},
    {"plus is itself", "h", "/test/a+b", "test", "a+b", false, OK},
    {"an escaped slash", "h", "/test/a%2Fb", "test", "a/b", false, OK},
    {"an empty bucket", "h", "//k", "", "k", false, OK},
    {"virtual", "test.s3.example.jp", "/a/b", "test", "a/b", true, OK},
    {"virtual with port", "test.s3.example.jp:9000", "/", "test", "", true, OK},
    {"virtual in capitals", "TEST.S3.Example.JP", "/k", "test", "k", true, OK},
    {"virtual with dots", "a.b.s3.example.jp", "/k", "a.b", "k", true, OK},
    {"the domain itself", "s3.example.jp", "/test/k", "test", "k", false, OK},
    {"a dot and the domain", ".s3.example.jp", "/test/k", "test", "k", false, OK},
    {"another domain", "test.s3.example.com", "/b/k", "b", "k", false, OK},
    {"a longer word", "xs3.example.jp", "/b/k", "b", "k", false, OK},
    {"IPv6", "[::1]:9000", "/b/k", "b", "k", false, OK},
    {"a cut escape", "h", "/test/a%2", "", "", false, FAIL_INVALID_URI},
    {"a wrong escape", "h", "/test/a%zz", "", "", false, FAIL_INVALID_URI},
    {"no slash", "h", "*", "", "", false, FAIL_INVALID_URI},
    {"empty", "h", "", "", "", false, FAIL_INVALID_URI},
};

static void addresses_are_read_in_both_styles(void **state) {
    static const str domains[] = {{"s3.example.jp", 13}};
    for (size_t i = 0; i < COUNT_OF(address_cases); i++) {
        char memory[4096];
        struct arena arena = arena_over(memory, sizeof memory);
        struct s3_address address = {0};
        struct error e;
        enum error_code code =
            s3_address_read(str_from_c(address_cases[i].host), str_from_c(address_cases[i].path),
                            domains, 1, &arena, &address, &e);
        assert_row(address_cases[i].name, code == (enum error_code)address_cases[i].code);
        assert_row(address_cases[i].name,
                   str_equal(address.bucket, str_from_c(address_cases[i].bucket)));
        assert_row(address_cases[i].name, str_equal(address.key, str_from_c(address_cases[i].key)));
        assert_row(address_cases[i].name,
                   address.virtual_hosted == address_cases[i].virtual_hosted);
    }
}

static const struct {
    const char *header, *bucket, *key, *version; /* bucket NULL: refused */
} source_cases[] = {
    {"/b/k", "b", "k", ""},
    {"b/k", "b", "k", ""},
    {"b/a/b/c", "b", "a/b/c", ""},
    {"b//k", "b", "/k", ""},
    {"b/../other", "b", "../other", ""},
    {"b/%2e%2e/x", "b", "../x", ""},
    {"b%2Fk", "b", "k", ""},
    {"b/a+b", "b", "a+b", ""},
    {"b/a%2525", "b", "a%25", ""},
    {"b/k?versionId=0123456789abcdef", "b", "k", "0123456789abcdef"},
    {"b/k?versionId=null", "b", "k", "null"},
    {"b/k%3FversionId=1", "b", "k?versionId=1", ""},
    {"b/k?versionId=1?versionId=2", "b", "k?versionId=1", "2"},
    {"b/k?other=1", "b", "k?other=1", ""},
    {"b/%E9%9D%92", "b", "\xe9\x9d\x92", ""},
    {"", NULL, NULL, NULL},
    {"/", NULL, NULL, NULL},
    {"//", NULL, NULL, NULL},
    {"b", NULL, NULL, NULL},
    {"/b", NULL, NULL, NULL},
    {"b/", NULL, NULL, NULL},
    {"/b/", NULL, NULL, NULL},
    {"//k", NULL, NULL, NULL},
    {"b/anyfilename%.txt", NULL, NULL, NULL},
    {"b/k%", NULL, NULL, NULL},
    {"b/k%0", NULL, NULL, NULL},
    {"b/%00", NULL, NULL, NULL},
    {"b/%c0%af", NULL, NULL, NULL},
    {"b/k?versionId=", NULL, NULL, NULL},
    {"b/k?versionId=%", NULL, NULL, NULL},
    {"arn:aws:s3:eu-west-1:1:accesspoint/a/object/k", NULL, NULL, NULL},
};

static void copy_sources_are_decoded_once(void **state) {
    for (size_t i = 0; i < COUNT_OF(source_cases); i++) {
        char memory[4096];
        struct arena arena = arena_over(memory, sizeof memory);
        struct s3_copy_source source = {0};
        struct error e;
        const char *name = source_cases[i].header;
        enum error_code code = s3_copy_source_read(str_from_c(name), &arena, &source, &e);
        if (source_cases[i].bucket == NULL) {
            assert_row(name, code == FAIL_INVALID_ARGUMENT);
            continue;
        }
        assert_row(name, code == OK);
        assert_row(name, str_equal(source.bucket, str_from_c(source_cases[i].bucket)));
        assert_row(name, str_equal(source.key, str_from_c(source_cases[i].key)));
        assert_row(name, str_equal(source.version, str_from_c(source_cases[i].version)));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bucket_names_follow_s3),
        cmocka_unit_test(keys_are_bytes),
        cmocka_unit_test(addresses_are_read_in_both_styles),
        cmocka_unit_test(copy_sources_are_decoded_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
