/* Any bytes as an aws-chunked body: cut at a place the input chooses it decodes as it does whole,
 * and never gives more than was announced. And any bytes as the data of an honest client, signed chunk
 * by chunk: they come out as they went in, and with one byte changed they do not. */
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

static const struct secret key = {{1}};
static struct s3_authorization claimed(enum s3_payload payload) {
    return (struct s3_authorization){
        .kind = S3_AUTH_HEADER,
        .scope = STR("20130524/us-east-1/s3/aws4_request"),
        .signature = STR("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"),
        .time_text = "20130524T000000Z",
        .payload = payload};
}

/* ---- the honest client. Source: S3 API, "Signature Calculations … Chunked Upload", with trailers */

enum { PIECE_BYTES = 1000, HONEST_BYTES = 5000 };
struct client {
    struct s3_authorization auth;
    char previous[S3_SIGNATURE_HEX];
    struct text body;
};

static void link_sign(struct client *c, str name, str hashed, bool of_chunk) {
    char memory[512], hex[2 * DIGEST_BYTES];
    struct text to = text_into(memory, sizeof memory);
    digest nothing = sha256_of(STR_EMPTY), sum = sha256_of(hashed);
    text_add(&to, name);
    text_format(&to, "\n%.16s\n%.*s\n%.64s\n", c->auth.time_text, STR_FMT(c->auth.scope),
                c->previous);
    hex_write(nothing.at, DIGEST_BYTES, hex);
    if (of_chunk) text_format(&to, "%.64s\n", hex);
    hex_write(sum.at, DIGEST_BYTES, hex);
    text_add(&to, str_of(hex, sizeof hex));
    digest made = hmac_sha256(str_of(key.at, sizeof key.at), text_str(&to));
    hex_write(made.at, DIGEST_BYTES, c->previous);
}

static void chunk_send(struct client *c, str data) {
    link_sign(c, STR("AWS4-HMAC-SHA256-PAYLOAD"), data, true);
    text_format(&c->body, "%zx;chunk-signature=%.64s\r\n", data.len, c->previous);
    text_add(&c->body, data);
    if (data.len > 0) text_add(&c->body, STR("\r\n"));
}

static void honest(str data, bool with_trailer, size_t at) {
    static char memory[2 * HONEST_BYTES];
    char length[8], sum[S3_CHECKSUM_TEXT_BYTES], line[128];
    struct text digits = text_into(length, sizeof length), trailer = text_into(line, sizeof line);
    struct s3_checksum_state crc;
    struct error e;
    digest out;
    struct client c = {.auth =
                           claimed(with_trailer ? S3_PAYLOAD_CHUNKS_TRAILER : S3_PAYLOAD_CHUNKS),
                       .body = text_into(memory, sizeof memory)};
    memcpy(c.previous, c.auth.signature.at, sizeof c.previous);
    for (str rest = data; rest.len > 0; rest = str_skip(rest, PIECE_BYTES))
        chunk_send(&c, str_slice(rest, 0, PIECE_BYTES));
    chunk_send(&c, STR_EMPTY);
    if (with_trailer) {
        s3_checksum_begin(&crc, STORE_CHECKSUM_CRC32);
        s3_checksum_add(&crc, data);
        struct store_checksum value = s3_checksum_end(&crc);
        text_format(&trailer, "x-amz-checksum-crc32:%.*s\n", (int)s3_checksum_write(&value, 0, sum),
                    sum);
        link_sign(&c, STR("AWS4-HMAC-SHA256-TRAILER"), text_str(&trailer), false);
        text_add(&c.body, text_str(&trailer));
        text_format(&c.body, "x-amz-trailer-signature:%.64s\r\n", c.previous);
    }
    text_add(&c.body, STR("\r\n"));
    assert(!c.body.overflow);
    text_format(&digits, "%zu", data.len);
    for (int changed = 0; changed < 2; changed++) {
        struct s3_chunked decoder;
        if (changed) memory[at % c.body.len] ^= 1;
        enum error_code code =
            s3_chunked_begin(&decoder, &c.auth, &key, text_str(&digits),
                             with_trailer ? STR("x-amz-checksum-crc32") : STR_EMPTY, &e);
        assert(code == OK);
        code = decode(&decoder, text_str(&c.body), at % c.body.len, &out);
        digest whole = sha256_of(data);
        if (!changed) assert(code == OK && digest_equal(&out, &whole));
        /* The spelling of names and white space is not signed; what is data is. */
        if (changed) assert(code != OK || digest_equal(&out, &whole));
        s3_chunked_release(&decoder);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    if (count < 4) return 0;
    if (bytes[0] >= 0xf0) {
        if (count <= HONEST_BYTES)
            honest(str_of(bytes + 4, count - 4), bytes[0] & 1, read_be16(bytes + 2));
        return 0;
    }
    struct s3_authorization auth = claimed((enum s3_payload)(S3_PAYLOAD_CHUNKS + bytes[0] % 3));
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
