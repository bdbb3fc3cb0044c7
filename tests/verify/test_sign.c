/* Signing as AWS's documentation does it, and reading credentials. */
#include "tests/test.h"
#include "verify/sign.h"

/* Source: Amazon S3 API Reference, "Signature Calculations for the Authorization Header", example
 * GET Bucket Lifecycle. */
static void the_documented_example(void **state) {
    struct verify_credentials key;
    struct verify_signed_headers out;
    struct error e;
    assert_ok(verify_credentials_parse(STR("access_key=AKIAIOSFODNN7EXAMPLE\n"
                                           "secret_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n"),
                                       &key, &e),
              &e);
    int64_t when;
    assert_true(clock_amz_read(STR("20130524T000000Z"), &when));
    assert_ok(verify_sign(&key, STR("examplebucket.s3.amazonaws.com"), STR("/"), STR("lifecycle="),
                          when, &out, &e),
              &e);
    assert_str(str_of(out.date, out.date_bytes), STR("20130524T000000Z"));
    assert_str(
        str_of(out.authorization, out.authorization_bytes),
        STR("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
            "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
    verify_credentials_wipe(&key);
    assert_int_equal(key.secret_key_bytes, 0);
    assert_int_equal(key.secret_key[0], 0);
}

static void credentials(void **state) {
    static const struct {
        const char *name, *text;
        enum error_code code;
    } cases[] = {
        {"plain", "access_key=a\nsecret_key=b\n", OK},
        {"other order, comment, no last newline", "# me\n\nsecret_key=b=c\n access_key=a ", OK},
        {"nothing", "", FAIL_SYNTAX},
        {"no secret", "access_key=a\n", FAIL_SYNTAX},
        {"twice", "access_key=a\naccess_key=a\nsecret_key=b\n", FAIL_SYNTAX},
        {"empty", "access_key=\nsecret_key=b\n", FAIL_SYNTAX},
        {"another word", "access_key=a\nsecret_key=b\nregion=c\n", FAIL_SYNTAX},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct verify_credentials key;
        struct error e;
        assert_row(cases[i].name,
                   verify_credentials_parse(str_from_c(cases[i].text), &key, &e) == cases[i].code);
    }
    char text[300];
    snprintf(text, sizeof text, "access_key=%0129d\nsecret_key=b\n", 0);
    struct verify_credentials key;
    struct error e;
    assert_int_equal(verify_credentials_parse(str_from_c(text), &key, &e), FAIL_SYNTAX);
    static char path[5000];
    memset(path, '/', sizeof path);
    struct verify_signed_headers out;
    assert_ok(verify_credentials_parse(STR("access_key=a\nsecret_key=b\n"), &key, &e), &e);
    assert_int_equal(verify_sign(&key, STR("h"), str_of(path, sizeof path), STR_EMPTY, 0, &out, &e),
                     FAIL_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_documented_example),
        cmocka_unit_test(credentials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
