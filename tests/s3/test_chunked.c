/* aws-chunked: AWS's published example, every cut, and what is refused (attack rows 1, 4, 5, 21).
 */
#include "s3/wire/chunked.h"
#include "tests/s3/head.h"

#define SEED  "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
#define SIG_1 "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"
#define SIG_2 "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"
#define SIG_0 "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"

#define T_SEED  "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
#define T_SIG_1 "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2"
#define T_SIG_2 "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7"
#define T_SIG_0 "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"
#define T_SIG_T "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435"

static void authorization_of(enum s3_payload payload, const char *seed,
                             struct s3_authorization *auth, struct secret *key) {
    *auth = (struct s3_authorization){.kind = S3_AUTH_HEADER,
                                      .scope = STR("20130524/us-east-1/s3/aws4_request"),
                                      .signature = str_from_c(seed),
                                      .payload = payload};
    memcpy(auth->time_text, "20130524T000000Z", 16);
    s3_signing_key(EXAMPLE_SECRET, STR("20130524"), STR("us-east-1"), key);
}

/* Feeds `body` in pieces of `piece` bytes; the decoded bytes go to `to`. */
static enum error_code decode(enum s3_payload payload, const char *seed, const char *length,
                              const char *trailer, str body, size_t piece, struct text *to,
                              struct store_checksum *sum, struct error *e) {
    struct s3_authorization auth;
    struct secret key;
    struct s3_chunked c = {0};
    authorization_of(payload, seed, &auth, &key);
    enum error_code code =
        s3_chunked_begin(&c, &auth, &key, str_from_c(length), str_from_c(trailer), e);
    for (size_t at = 0; code == OK && at < body.len; at += piece) {
        str in = str_slice(body, at, piece);
        while (code == OK && in.len > 0) {
            str out;
            code = s3_chunked_feed(&c, &in, &out, e);
            if (code == OK) text_add(to, out);
        }
    }
    if (code == OK) code = s3_chunked_end(&c, e);
    if (code == OK && sum != NULL) *sum = c.trailer;
    s3_chunked_release(&c);
    return code;
}

/* `trailer_end`: what the checksum's line ends in; NULL: the form without one. */
static size_t example_write(char *memory, size_t cap, const char *trailer_end) {
    bool trailer = trailer_end != NULL;
    struct text body = text_into(memory, cap);
    text_format(&body, "10000;chunk-signature=%s\r\n", trailer ? T_SIG_1 : SIG_1);
    for (int i = 0; i < 65536; i++) text_add_char(&body, 'a');
    text_format(&body, "\r\n400;chunk-signature=%s\r\n", trailer ? T_SIG_2 : SIG_2);
    for (int i = 0; i < 1024; i++) text_add_char(&body, 'a');
    text_format(&body, "\r\n0;chunk-signature=%s\r\n", trailer ? T_SIG_0 : SIG_0);
    if (trailer)
        text_format(&body, "x-amz-checksum-crc32c:sOO8/Q==%sx-amz-trailer-signature:%s\r\n",
                    trailer_end, T_SIG_T);
    text_format(&body, "\r\n");
    assert_false(body.overflow);
    return body.len;
}

static char encoded[70000], decoded[70000];

static void aws_example_decodes(void **state) {
    str body = str_of(encoded, example_write(encoded, sizeof encoded, NULL));
    assert_int_equal(body.len, 66824); /* as the documentation says */
    struct text to = text_into(decoded, sizeof decoded);
    struct error e = {0};
    assert_ok(decode(S3_PAYLOAD_CHUNKS, SEED, "66560", "", body, body.len, &to, NULL, &e), &e);
    assert_int_equal(to.len, 66560);
    for (size_t i = 0; i < to.len; i++) assert_int_equal(decoded[i], 'a');
}

static void example_with_trailer_decodes(const char *trailer_end) {
    str body = str_of(encoded, example_write(encoded, sizeof encoded, trailer_end));
    for (size_t piece = 1; piece <= body.len; piece = piece * 3 + 1) {
        struct text to = text_into(decoded, sizeof decoded);
        struct error e = {0};
        struct store_checksum sum = {0}, made;
        assert_ok(decode(S3_PAYLOAD_CHUNKS_TRAILER, T_SEED, "66560", "x-amz-checksum-crc32c", body,
                         piece, &to, &sum, &e),
                  &e);
        struct s3_checksum_state crc;
        s3_checksum_begin(&crc, STORE_CHECKSUM_CRC32C);
        s3_checksum_add(&crc, text_str(&to));
        made = s3_checksum_end(&crc);
        assert_true(s3_checksum_equal(&sum, &made));
    }
}

static void aws_example_with_trailer_decodes(void **state) {
    example_with_trailer_decodes("\n");
    example_with_trailer_decodes("\r\n");
}

/* Seen once: the CRLF that minio-go puts behind a trailer's LF ended the trailers, and its signature
 * was missing. */
static void minio_go_ends_a_signed_trailer_in_lf_and_crlf(void **state) {
    example_with_trailer_decodes("\n\r\n");
}

static void a_flipped_byte_anywhere_is_noticed(void **state) {
    str body = str_of(encoded, example_write(encoded, sizeof encoded, NULL));
    size_t places[] = {0,    5,     6,     22,    85,    86,           87,           88,
                       1000, 65623, 65624, 65626, 66000, body.len - 4, body.len - 2, body.len - 1};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        struct text to = text_into(decoded, sizeof decoded);
        struct error e;
        encoded[places[i]] ^= 1;
        if (decode(S3_PAYLOAD_CHUNKS, SEED, "66560", "", body, body.len, &to, NULL, &e) == OK)
            fail_msg("a flip at %zu was not noticed", places[i]);
        encoded[places[i]] ^= 1;
    }
}

static const struct {
    const char *name, *length, *trailer, *body, *decoded;
    int code;
} unsigned_cases[] = {
    {"nothing", "0", "", "0\r\n\r\n", "", OK},
    {"one chunk", "5", "", "5\r\nhello\r\n0\r\n\r\n", "hello", OK},
    {"two chunks", "7", "", "5\r\nhello\r\n2\r\n, \r\n0\r\n\r\n", "hello, ", OK},
    {"capital hex", "10", "", "A\r\n0123456789\r\n0\r\n\r\n", "0123456789", OK},
    {"line ends in the data", "4", "", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n", OK},
    {"a trailer", "5", "x-amz-checksum-crc32",
     "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", "hello", OK},
    {"a trailer with a blank", "5", "x-amz-checksum-crc32",
     "5\r\nhello\r\n0\r\nX-Amz-Checksum-CRC32: NhCmhg==\r\n\r\n", "hello", OK},
    {"a trailer that ends in LF", "5", "x-amz-checksum-crc32",
     "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\n\r\n", "hello", OK},
    {"minio-go's trailer, which ends in LF CRLF", "5", "x-amz-checksum-crc32",
     "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\n\r\n\r\n", "hello", OK},
    {"an empty line too many behind CRLF", "5", "x-amz-checksum-crc32",
     "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n\r\n", NULL, FAIL_INVALID_REQUEST},
    {"a third empty line behind LF", "5", "x-amz-checksum-crc32",
     "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\n\r\n\r\n\r\n", NULL, FAIL_INVALID_REQUEST},
    {"bytes behind the end of minio-go's trailer", "5", "x-amz-checksum-crc32",
     "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\n\r\nx\r\n", NULL, FAIL_INVALID_REQUEST},
    {"length missing", "", "", "0\r\n\r\n", NULL, FAIL_MISSING_LENGTH},
    {"length no number", "five", "", "0\r\n\r\n", NULL, FAIL_MISSING_LENGTH},
    {"length over the limit", "5368709121", "", "0\r\n\r\n", NULL, FAIL_ENTITY_TOO_LARGE},
    {"fewer bytes than announced", "6", "", "5\r\nhello\r\n0\r\n\r\n", NULL, FAIL_INCOMPLETE_BODY},
    {"more bytes than announced", "4", "", "5\r\nhello\r\n0\r\n\r\n", NULL, FAIL_INCOMPLETE_BODY},
    {"a huge chunk", "5", "", "ffffffffffffffff\r\nhello", NULL, FAIL_INCOMPLETE_BODY},
    {"seventeen digits", "5", "", "00000000000000005\r\nhello\r\n0\r\n\r\n", NULL,
     FAIL_INVALID_REQUEST},
    {"no last chunk", "5", "", "5\r\nhello\r\n", NULL, FAIL_INCOMPLETE_BODY},
    {"no last line", "5", "", "5\r\nhello\r\n0\r\n", NULL, FAIL_INCOMPLETE_BODY},
    {"nothing at all", "0", "", "", NULL, FAIL_INCOMPLETE_BODY},
    {"size empty", "5", "", "\r\nhello\r\n0\r\n\r\n", NULL, FAIL_INVALID_REQUEST},
    {"size negative", "5", "", "-5\r\nhello\r\n0\r\n\r\n", NULL, FAIL_INVALID_REQUEST},
    {"size with a blank", "5", "", "5 \r\nhello\r\n0\r\n\r\n", NULL, FAIL_INVALID_REQUEST},
    {"size with 0x", "5", "", "0x5\r\nhello\r\n0\r\n\r\n", NULL, FAIL_INVALID_REQUEST},
    {"LF alone", "5", "", "5\nhello\n0\n\n", NULL, FAIL_INVALID_REQUEST},
    {"a chunk longer than its size", "5", "", "5\r\nhello!\r\n0\r\n\r\n", NULL,
     FAIL_INVALID_REQUEST},
    {"a signature nobody announced", "5", "", "5;chunk-signature=" SIG_1 "\r\nhello\r\n0\r\n\r\n",
     NULL, FAIL_INVALID_REQUEST},
    {"bytes behind the end", "5", "", "5\r\nhello\r\n0\r\n\r\nx", NULL, FAIL_INVALID_REQUEST},
    {"a trailer not announced", "5", "", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n",
     NULL, FAIL_TRAILER},
    {"another trailer than announced", "5", "x-amz-checksum-sha1",
     "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", NULL, FAIL_TRAILER},
    {"the announced trailer missing", "5", "x-amz-checksum-crc32", "5\r\nhello\r\n0\r\n\r\n", NULL,
     FAIL_TRAILER},
    {"a trailer twice", "0", "x-amz-checksum-crc32",
     "0\r\nx-amz-checksum-crc32:NhCmhg==\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", NULL,
     FAIL_TRAILER},
    {"a trailer of another length", "0", "x-amz-checksum-crc32",
     "0\r\nx-amz-checksum-crc32:rosUhgp5mIg=\r\n\r\n", NULL, FAIL_INVALID_REQUEST},
    {"a composite in a trailer", "0", "x-amz-checksum-crc32",
     "0\r\nx-amz-checksum-crc32:NhCmhg==-2\r\n\r\n", NULL, FAIL_INVALID_REQUEST},
    {"a trailer without a colon", "0", "x-amz-checksum-crc32", "0\r\nx-amz\r\n\r\n", NULL,
     FAIL_TRAILER},
    {"a trailer signature nobody announced", "0", "",
     "0\r\nx-amz-trailer-signature:" T_SIG_T "\r\n\r\n", NULL, FAIL_TRAILER},
    {"an announced trailer that is no checksum", "0", "x-amz-meta-a", "0\r\n\r\n", NULL,
     FAIL_INVALID_REQUEST},
};

static void unsigned_bodies_decode_alike_at_every_cut(void **state) {
    for (size_t i = 0; i < COUNT_OF(unsigned_cases); i++) {
        str body = str_from_c(unsigned_cases[i].body);
        for (size_t piece = 1; piece <= body.len + 1; piece++) {
            struct text to = text_into(decoded, sizeof decoded);
            struct error e = {0};
            enum error_code code =
                decode(S3_PAYLOAD_UNSIGNED_CHUNKS_TRAILER, SEED, unsigned_cases[i].length,
                       unsigned_cases[i].trailer, body, piece, &to, NULL, &e);
            if (code != (enum error_code)unsigned_cases[i].code)
                fail_msg("row \"%s\" in pieces of %zu: got %s", unsigned_cases[i].name, piece,
                         error_name(code));
            if (code == OK)
                assert_row(unsigned_cases[i].name,
                           str_equal(text_str(&to), str_from_c(unsigned_cases[i].decoded)));
        }
    }
}

static void a_line_without_end_is_refused(void **state) {
    struct text body = text_into(encoded, sizeof encoded), to = text_into(decoded, sizeof decoded);
    struct error e;
    for (int i = 0; i < 5000; i++) text_add_char(&body, '0');
    assert_int_equal(decode(S3_PAYLOAD_UNSIGNED_CHUNKS_TRAILER, SEED, "5", "", text_str(&body), 7,
                            &to, NULL, &e),
                     FAIL_INVALID_REQUEST);
}

/* Chunks of one request must not verify in another: their chain begins with the head's signature.
 */
static void chunks_of_another_request_are_refused(void **state) {
    str body = str_of(encoded, example_write(encoded, sizeof encoded, NULL));
    struct text to = text_into(decoded, sizeof decoded);
    struct error e;
    assert_int_equal(decode(S3_PAYLOAD_CHUNKS, T_SEED, "66560", "", body, body.len, &to, NULL, &e),
                     FAIL_SIGNATURE);
}

static void signed_forms_want_their_signatures(void **state) {
    struct text to = text_into(decoded, sizeof decoded);
    struct error e;
    assert_int_equal(
        decode(S3_PAYLOAD_CHUNKS, SEED, "5", "", STR("5\r\nhello\r\n0\r\n\r\n"), 99, &to, NULL, &e),
        FAIL_INVALID_REQUEST);
    str body = str_of(encoded, example_write(encoded, sizeof encoded, "\n"));
    str cut = str_slice(body, 0, body.len - 92); /* without "x-amz-trailer-signature:…", CRLF */
    memcpy(encoded + cut.len, "\r\n\r\n", 4);
    to = text_into(decoded, sizeof decoded);
    assert_int_equal(decode(S3_PAYLOAD_CHUNKS_TRAILER, T_SEED, "66560", "x-amz-checksum-crc32c",
                            str_of(encoded, cut.len + 4), 8192, &to, NULL, &e),
                     FAIL_TRAILER);
    assert_int_equal(
        decode(S3_PAYLOAD_CHUNKS, SEED, "5", "x-amz-checksum-crc32", STR(""), 1, &to, NULL, &e),
        FAIL_INVALID_REQUEST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aws_example_decodes),
        cmocka_unit_test(aws_example_with_trailer_decodes),
        cmocka_unit_test(minio_go_ends_a_signed_trailer_in_lf_and_crlf),
        cmocka_unit_test(a_flipped_byte_anywhere_is_noticed),
        cmocka_unit_test(unsigned_bodies_decode_alike_at_every_cut),
        cmocka_unit_test(a_line_without_end_is_refused),
        cmocka_unit_test(chunks_of_another_request_are_refused),
        cmocka_unit_test(signed_forms_want_their_signatures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
