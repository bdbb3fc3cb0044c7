/* Signature V4: AWS's published examples, botocore's signatures, and what is refused (attack rows
 * 1, 2, 6, 7, 22). */
#include "tests/s3/head.h"
#include "tests/s3/signature_vectors.h"

/* Source: S3 API, "Signature Calculations for the Authorization Header", "Authenticating Requests:
 * Using Query Parameters", "Signature Calculations … Transferring Payload in Multiple Chunks". */
#define EXAMPLE_SCOPE "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"
#define EMPTY_SHA256  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
static const struct {
    const char *name, *head;
} aws_vectors[] = {
    {"GET object", "GET /test.txt HTTP/1.1\r\n"
                   "Host: examplebucket.s3.amazonaws.com\r\n"
                   "Authorization: AWS4-HMAC-SHA256 " EXAMPLE_SCOPE
                   ",SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature="
                   "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41\r\n"
                   "Range: bytes=0-9\r\n"
                   "x-amz-content-sha256: " EMPTY_SHA256 "\r\n"
                   "x-amz-date: 20130524T000000Z\r\n\r\n"},
    {"PUT object", "PUT /test%24file.text HTTP/1.1\r\n"
                   "Host: examplebucket.s3.amazonaws.com\r\n"
                   "Date: Fri, 24 May 2013 00:00:00 GMT\r\n"
                   "Authorization: AWS4-HMAC-SHA256 " EXAMPLE_SCOPE
                   ",SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,"
                   "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd\r\n"
                   "x-amz-content-sha256: "
                   "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072\r\n"
                   "x-amz-date: 20130524T000000Z\r\n"
                   "x-amz-storage-class: REDUCED_REDUNDANCY\r\n\r\n"},
    {"GET lifecycle", "GET /?lifecycle HTTP/1.1\r\n"
                      "Host: examplebucket.s3.amazonaws.com\r\n"
                      "Authorization: AWS4-HMAC-SHA256 " EXAMPLE_SCOPE
                      ",SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature="
                      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543\r\n"
                      "x-amz-content-sha256: " EMPTY_SHA256 "\r\n"
                      "x-amz-date: 20130524T000000Z\r\n\r\n"},
    {"list objects", "GET /?max-keys=2&prefix=J HTTP/1.1\r\n"
                     "Host: examplebucket.s3.amazonaws.com\r\n"
                     "Authorization: AWS4-HMAC-SHA256 " EXAMPLE_SCOPE
                     ",SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature="
                     "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7\r\n"
                     "x-amz-content-sha256: " EMPTY_SHA256 "\r\n"
                     "x-amz-date: 20130524T000000Z\r\n\r\n"},
    {"presigned", "GET /test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
                  "AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date="
                  "20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
                  "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404 HTTP/1.1\r\n"
                  "Host: examplebucket.s3.amazonaws.com\r\n\r\n"},
    {"chunked", "PUT /examplebucket/chunkObject.txt HTTP/1.1\r\n"
                "Host: s3.amazonaws.com\r\n"
                "x-amz-date: 20130524T000000Z\r\n"
                "x-amz-storage-class: REDUCED_REDUNDANCY\r\n"
                "Authorization: AWS4-HMAC-SHA256 " EXAMPLE_SCOPE
                ",SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;"
                "x-amz-date;x-amz-decoded-content-length;x-amz-storage-class,Signature="
                "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9\r\n"
                "x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD\r\n"
                "Content-Encoding: aws-chunked\r\n"
                "x-amz-decoded-content-length: 66560\r\n"
                "Content-Length: 66824\r\n\r\n"},
};

static const str aws_regions[] = {{"us-east-1", 9}, {"auto", 4}};
static const str jp_regions[] = {{"ap-northeast-1", 14}};

/* Read, judge, derive, verify: as a request meets them. */
static enum error_code check(const char *text, const str *regions, unsigned region_count,
                             const char *now, struct s3_signature_fault *fault, struct error *e) {
    static struct test_head t;
    struct s3_authorization auth;
    int64_t now_ns;
    assert_true(clock_amz_read(str_from_c(now), &now_ns));
    test_head_read(&t, text);
    memset(fault, 0, sizeof *fault);
    TRY(s3_authorization_read(&t.head, &auth, e));
    if (auth.kind == S3_AUTH_ANONYMOUS) return error_set(e, FAIL_NOT_FOUND, "anonymous");
    TRY(s3_authorization_judge(&auth, &t.head, now_ns, regions, region_count, fault, e));
    if (!str_equal(auth.key_id, EXAMPLE_KEY)) return error_set(e, FAIL_ACCESS_KEY, "who?");
    struct secret key;
    s3_signing_key(EXAMPLE_SECRET, auth.date, auth.region, &key);
    size_t left = arena_left(&t.arena);
    enum error_code code = s3_authorization_verify(&auth, &t.head, &key, &t.arena, fault, e);
    if (code == OK) assert_int_equal(arena_left(&t.arena), left);
    return code;
}

static enum error_code check_aws(const char *text, const char *now, struct error *e) {
    struct s3_signature_fault fault;
    return check(text, aws_regions, 2, now, &fault, e);
}

static void aws_examples_verify(void **state) {
    for (size_t i = 0; i < COUNT_OF(aws_vectors); i++) {
        struct error e = {0};
        enum error_code code = check_aws(aws_vectors[i].head, "20130524T000100Z", &e);
        if (code != OK) fail_msg("row \"%s\": %s", aws_vectors[i].name, e.message);
    }
}

static void botocore_signatures_verify(void **state) {
    for (size_t i = 0; i < COUNT_OF(botocore_vectors); i++) {
        struct error e = {0};
        struct s3_signature_fault fault;
        if (check(botocore_vectors[i].head, jp_regions, 1, "20261121T080915Z", &fault, &e) != OK)
            fail_msg("row \"%s\": %s\n%.*s", botocore_vectors[i].name, e.message,
                     STR_FMT(fault.canonical));
    }
}

/* Each is a published example with one thing changed. */
static const struct {
    const char *name;
    unsigned of; /* aws_vectors[of] */
    const char *from, *to, *now;
    int code;
} changes[] = {
    {"one digit of the signature", 0, "Signature=f0", "Signature=f1", NULL, FAIL_SIGNATURE},
    {"another method", 0, "GET ", "PUT ", NULL, FAIL_SIGNATURE},
    {"another key", 0, "/test.txt", "/best.txt", NULL, FAIL_SIGNATURE},
    {"a key encoded twice", 1, "/test%24file", "/test%2524file", NULL, FAIL_SIGNATURE},
    {"the same key less encoded", 1, "/test%24file", "/test$file", NULL, OK},
    {"the same key in lower-case hex", 1, "/test%24file", "/te%73t%24file", NULL, OK},
    {"dots are not removed", 0, "/test.txt", "/a/../test.txt", NULL, FAIL_SIGNATURE},
    {"a slash doubled", 0, "/test.txt", "//test.txt", NULL, FAIL_SIGNATURE},
    {"a parameter more", 3, "&prefix=J", "&prefix=J&marker=a", NULL, FAIL_SIGNATURE},
    {"parameters in another order", 3, "max-keys=2&prefix=J", "prefix=J&max-keys=2", NULL, OK},
    {"a parameter twice", 3, "&prefix=J", "&prefix=J&prefix=J", NULL, FAIL_SIGNATURE},
    {"blanks around a value", 0, "Range: bytes=0-9", "Range:   bytes=0-9  ", NULL, OK},
    {"a signed header changed", 0, "bytes=0-9", "bytes=0-8", NULL, FAIL_SIGNATURE},
    {"a signed header twice", 0, "Range: bytes=0-9\r\n", "Range: bytes=0-9\r\nRange: x\r\n", NULL,
     FAIL_SIGNATURE},
    {"a signed header gone", 0, "Range: bytes=0-9\r\n", "", NULL, FAIL_SIGNATURE},
    {"an unsigned header that matters to nobody", 0,
     "Range:", "amz-sdk-request: attempt=1\r\nRange:", NULL, OK},
    {"an unsigned x-amz- header", 0, "Range:", "x-amz-acl: public-read\r\nRange:", NULL,
     FAIL_ACCESS_DENIED},
    {"an unsigned X-AMZ- header", 0, "Range:", "X-AMZ-Meta-A: b\r\nRange:", NULL,
     FAIL_ACCESS_DENIED},
    {"presigned with an unsigned copy source", 4,
     "Host:", "x-amz-copy-source: /secret/k\r\nHost:", NULL, FAIL_ACCESS_DENIED},
    {"host not signed", 0, "=host;range", "=range", NULL, FAIL_ACCESS_DENIED},
    {"an empty signed name", 0, "=host;range", "=host;;range", NULL, FAIL_AUTH_HEADER},
    {"no signed names", 0, "=host;range;x-amz-content-sha256;x-amz-date", "=", NULL,
     FAIL_AUTH_HEADER},
    {"a signed name twice", 0, "=host;range", "=host;host;range", NULL, FAIL_AUTH_HEADER},
    {"signed names out of order", 0, "=host;range", "=range;host", NULL, FAIL_AUTH_HEADER},
    {"a signed name in capitals", 0, "=host;range", "=Host;range", NULL, FAIL_AUTH_HEADER},
    {"a trailing semicolon", 0, "x-amz-date,Sig", "x-amz-date;,Sig", NULL, FAIL_AUTH_HEADER},
    {"a signed name the head does not have", 0, "=host;range", "=host;if-match;range", NULL,
     FAIL_SIGNATURE},
    {"signature too short", 0, "bdb41\r\n", "bdb4\r\n", NULL, FAIL_AUTH_HEADER},
    {"signature in capitals", 0, "6bdb41\r\n", "6BDB41\r\n", NULL, FAIL_AUTH_HEADER},
    {"signature empty", 4, "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404", "",
     NULL, FAIL_AUTH_QUERY},
    {"component missing", 0, "SignedHeaders=", "Signed=", NULL, FAIL_AUTH_HEADER},
    {"component twice", 0, ",Signature=", ",Signature=a,Signature=", NULL, FAIL_AUTH_HEADER},
    {"spaces after commas", 0, ",SignedHeaders", ", SignedHeaders", NULL, OK},
    {"two Authorization headers", 0, "Range:", "Authorization: AWS4-HMAC-SHA256 x\r\nRange:", NULL,
     FAIL_AUTH_HEADER},
    {"Signature V2", 0, "Authorization: AWS4-HMAC-SHA256 ", "Authorization: AWS a:b ", NULL,
     FAIL_INVALID_REQUEST},
    {"Basic", 0, "Authorization: AWS4-HMAC-SHA256 ", "Authorization: Basic a ", NULL,
     FAIL_INVALID_ARGUMENT},
    {"V4A", 0, "AWS4-HMAC-SHA256 ", "AWS4-ECDSA-P256-SHA256 ", NULL, FAIL_NOT_IMPLEMENTED},
    {"another service", 0, "/s3/aws4", "/sts/aws4", NULL, FAIL_AUTH_HEADER},
    {"another terminator", 0, "aws4_request", "aws5_request", NULL, FAIL_AUTH_HEADER},
    {"no key id", 0, "AKIAIOSFODNN7EXAMPLE/", "/", NULL, FAIL_AUTH_HEADER},
    {"another key id", 0, "AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLF", NULL, FAIL_ACCESS_KEY},
    {"a key id with slashes", 0, "AKIAIOSFODNN7EXAMPLE/", "AKIA/IOSFODNN7/", NULL, FAIL_ACCESS_KEY},
    {"another region", 0, "/us-east-1/", "/eu-west-1/", NULL, FAIL_AUTH_HEADER},
    {"another region that is ours", 0, "/us-east-1/", "/auto/", NULL, FAIL_SIGNATURE},
    {"no region", 0, "/us-east-1/", "//", NULL, FAIL_AUTH_HEADER},
    {"another day in the scope", 0, "/20130524/", "/20130525/", NULL, FAIL_AUTH_HEADER},
    {"no day in the scope", 0, "/20130524/", "/2013XX24/", NULL, FAIL_AUTH_HEADER},
    {"a date that is none", 0, "date: 20130524T", "date: 20131324T", NULL, FAIL_ACCESS_DENIED},
    {"two dates", 0, "Range:", "x-amz-date: 20130524T000000Z\r\nRange:", NULL, FAIL_ACCESS_DENIED},
    {"no date", 0, "x-amz-date: 20130524T000000Z\r\n", "", NULL, FAIL_ACCESS_DENIED},
    {"no payload hash", 0, "x-amz-content-sha256: ", "x-other: ", NULL, FAIL_INVALID_REQUEST},
    {"a payload hash that is none", 0, "sha256: e3b0", "sha256: x3b0", NULL, FAIL_INVALID_ARGUMENT},
    {"a made-up signature on unsigned streaming", 0, "sha256: " EMPTY_SHA256,
     "sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER", NULL, FAIL_SIGNATURE},
    {"ECDSA chunks", 0, "sha256: " EMPTY_SHA256, "sha256: STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
     NULL, FAIL_NOT_IMPLEMENTED},
    {"a session token", 0, "Range:", "x-amz-security-token: t\r\nRange:", NULL, FAIL_TOKEN},
    {"header and query", 0, "/test.txt", "/test.txt?X-Amz-Signature=a", NULL, FAIL_INVALID_REQUEST},
    {"15 minutes late", 0, "", "", "20130524T001500Z", OK},
    {"15 minutes and a second late", 0, "", "", "20130524T001501Z", FAIL_CLOCK_SKEW},
    {"15 minutes early", 0, "", "", "20130523T234500Z", OK},
    {"15 minutes and a second early", 0, "", "", "20130523T234459Z", FAIL_CLOCK_SKEW},
    {"presigned: last second", 4, "", "", "20130525T000000Z", OK},
    {"presigned: expired", 4, "", "", "20130525T000001Z", FAIL_EXPIRED},
    {"presigned: not yet", 4, "", "", "20130523T234459Z", FAIL_ACCESS_DENIED},
    {"presigned: expiry raised", 4, "=86400", "=86401", NULL, FAIL_SIGNATURE},
    {"presigned: over a week", 4, "=86400", "=604801", NULL, FAIL_AUTH_QUERY},
    {"presigned: no expiry", 4, "&X-Amz-Expires=86400", "", NULL, FAIL_AUTH_QUERY},
    {"presigned: negative expiry", 4, "=86400", "=-1", NULL, FAIL_AUTH_QUERY},
    {"presigned: zero expiry", 4, "=86400", "=0", NULL, FAIL_AUTH_QUERY},
    {"presigned: a parameter twice", 4, "&X-Amz-Expires=86400",
     "&X-Amz-Expires=86400&X-Amz-Expires=86400", NULL, FAIL_AUTH_QUERY},
    {"presigned: twice in another case", 4, "&X-Amz-Expires=86400",
     "&X-Amz-Expires=86400&x-amz-expires=1", NULL, FAIL_AUTH_QUERY},
    {"presigned: twice by an escape", 4, "&X-Amz-Expires=86400",
     "&X-Amz-Expires=86400&X%2DAmz-Expires=1", NULL, FAIL_AUTH_QUERY},
    {"presigned: another region", 4, "us-east-1", "eu-west-1", NULL, FAIL_AUTH_QUERY},
    {"presigned: another algorithm", 4, "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1", NULL,
     FAIL_AUTH_QUERY},
    {"presigned: signature alone", 4, "X-Amz-Algorithm=AWS4-HMAC-SHA256&", "", NULL,
     FAIL_AUTH_QUERY},
    {"presigned: a parameter added", 4, "&X-Amz-SignedHeaders",
     "&response-content-type=text/html&X-Amz-SignedHeaders", NULL, FAIL_SIGNATURE},
};

/* The first `from` in `text` becomes `to`. */
static void change(char *out, size_t cap, const char *text, const char *from, const char *to) {
    const char *at = strstr(text, from);
    if (at == NULL) fail_msg("\"%s\" is not in the example", from);
    snprintf(out, cap, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static void each_change_is_noticed(void **state) {
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        char text[4096];
        struct error e = {0};
        change(text, sizeof text, aws_vectors[changes[i].of].head, changes[i].from, changes[i].to);
        const char *now = changes[i].now ? changes[i].now : "20130524T000100Z";
        enum error_code code = check_aws(text, now, &e);
        if (code != (enum error_code)changes[i].code)
            fail_msg("row \"%s\": got %s (%s)", changes[i].name, error_name(code),
                     code == OK ? "" : e.message);
    }
}

static void every_signature_digit_counts(void **state) {
    const char *head = aws_vectors[0].head;
    size_t at = (size_t)(strstr(head, "Signature=") + 10 - head);
    for (size_t i = 0; i < 64; i++) {
        char text[4096];
        struct error e;
        snprintf(text, sizeof text, "%s", head);
        text[at + i] = text[at + i] == '0' ? '1' : '0';
        assert_int_equal(check_aws(text, "20130524T000000Z", &e), FAIL_SIGNATURE);
    }
}

/* A byte 0xfc in a header is the letter the client signed as UTF-8. */
static void old_header_bytes_are_signed_as_utf8(void **state) {
    char memory[64];
    struct text to = text_into(memory, sizeof memory);
    s3_value_add(&to, STR("f\xfcr"));
    assert_str(text_str(&to), STR("f\xc3\xbcr"));
    to = text_into(memory, sizeof memory);
    s3_value_add(&to, STR("f\xc3\xbcr")); /* UTF-8 already */
    assert_str(text_str(&to), STR("f\xc3\xbcr"));
}

static void no_credentials_is_anonymous(void **state) {
    struct error e;
    assert_int_equal(check_aws("GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n", "20130524T000000Z", &e),
                     FAIL_NOT_FOUND);
    assert_int_equal(check_aws("GET /b/k?AWSAccessKeyId=a&Signature=b HTTP/1.1\r\nHost: h\r\n\r\n",
                               "20130524T000000Z", &e),
                     FAIL_INVALID_REQUEST);
}

static void faults_say_what_s3_shows(void **state) {
    struct s3_signature_fault fault;
    struct error e;
    char text[4096];
    change(text, sizeof text, aws_vectors[0].head, "/us-east-1/", "/eu-west-1/");
    check(text, aws_regions, 2, "20130524T000000Z", &fault, &e);
    assert_true(fault.region_is_wrong);
    assert_non_null(strstr(e.message, "expecting 'us-east-1'"));
    change(text, sizeof text, aws_vectors[0].head, "Range:", "x-amz-acl: private\r\nRange:");
    check(text, aws_regions, 2, "20130524T000000Z", &fault, &e);
    assert_str(fault.unsigned_header, STR("x-amz-acl"));
    change(text, sizeof text, aws_vectors[0].head, "=f0", "=f1");
    check(text, aws_regions, 2, "20130524T000000Z", &fault, &e);
    assert_str(fault.canonical,
               STR("GET\n/test.txt\n\nhost:examplebucket.s3.amazonaws.com\nrange:bytes=0-9\n"
                   "x-amz-content-sha256:" EMPTY_SHA256 "\nx-amz-date:20130524T000000Z\n\n"
                   "host;range;x-amz-content-sha256;x-amz-date\n" EMPTY_SHA256));
    assert_str(fault.to_sign,
               STR("AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n"
                   "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972"));
}

static void cached_keys_follow_their_secret(void **state) {
    static struct s3_key_cache cache;
    struct secret key;
    s3_signing_key(EXAMPLE_SECRET, STR("20130524"), STR("us-east-1"), &key);
    for (int round = 0; round < 3; round++) {
        const struct secret *got = s3_key_cache_get(&cache, EXAMPLE_KEY, EXAMPLE_SECRET,
                                                    STR("20130524"), STR("us-east-1"));
        assert_memory_equal(got->at, key.at, SECRET_BYTES);
    }
    const struct secret *other = s3_key_cache_get(&cache, EXAMPLE_KEY, STR("another secret"),
                                                  STR("20130524"), STR("us-east-1"));
    assert_memory_not_equal(other->at, key.at, SECRET_BYTES);
    s3_key_cache_release(&cache);
    for (size_t i = 0; i < S3_KEY_CACHE_SLOTS; i++) assert_false(cache.slots[i].used);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aws_examples_verify),
        cmocka_unit_test(botocore_signatures_verify),
        cmocka_unit_test(each_change_is_noticed),
        cmocka_unit_test(every_signature_digit_counts),
        cmocka_unit_test(old_header_bytes_are_signed_as_utf8),
        cmocka_unit_test(no_credentials_is_anonymous),
        cmocka_unit_test(faults_say_what_s3_shows),
        cmocka_unit_test(cached_keys_follow_their_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
