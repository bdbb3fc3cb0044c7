/* Any bytes as an aws-chunked body: cut at a place the input chooses it decodes as it does whole,
 * and never gives more than was announced. */
#include "s3/wire/chunked.h"

static enum error_code decode(struct s3_chunked *c, str body, size_t cut, digest *out) {
    struct sha256 h;
    struct error e;
    uint64_t given = 0;
    str pieces[2] = {str_slice(body, 0, cut), str_skip(body, cut)};
    sha256_begin(&h);
    for (int i = 0; i < 2; i++) {
        while (pieces[i].len > 0) {
            str decoded;
            size_t before = pieces[i].len;
            enum error_code code = s3_chunked_feed(c, &pieces[i], &decoded, &e);
            if (code != OK) return code;
            assert(pieces[i].len < before);
            given += decoded.len;
            assert(given <= c->bytes_expected);
            sha256_add(&h, decoded.at, decoded.len);
        }
    }
    *out = sha256_end(&h);
    return s3_chunked_end(c, &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    if (count < 4) return 0;
    struct s3_authorization auth = {
        .kind = S3_AUTH_HEADER,
        .scope = STR("20130524/us-east-1/s3/aws4_request"),
        .signature = STR("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"),
        .payload = (enum s3_payload)(S3_PAYLOAD_CHUNKS + bytes[0] % 3)};
    struct secret key = {{1}};
    struct s3_chunked whole, parts;
    struct error e;
    digest a = {{0}}, b = {{0}};
    char length[8];
    size_t cut = bytes[2];
    str body = str_of(bytes + 3, count - 3),
        trailer = bytes[1] & 128 ? STR("x-amz-checksum-crc32") : STR_EMPTY;
    struct text digits = text_into(length, sizeof length);
    text_format(&digits, "%u", bytes[1] & 127u);
    if (s3_chunked_begin(&whole, &auth, &key, text_str(&digits), trailer, &e) != OK) return 0;
    parts = whole;
    enum error_code first = decode(&whole, body, 0, &a);
    assert(decode(&parts, body, size_min(cut, body.len), &b) == first);
    assert(first != OK || digest_equal(&a, &b));
    return 0;
}
