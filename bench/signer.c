/* Signing requests: see signer.h. */
#include "bench/signer.h"

struct signer signer_open(str access_key, str secret_key, str region) {
    return (struct signer){
        .access_key = access_key, .secret_key = secret_key, .region = region, .second = INT64_MIN};
}

static void key_derive(struct signer *signer) {
    char first[256];
    struct text start = text_into(first, sizeof first);
    text_format(&start, "AWS4%.*s", STR_FMT(signer->secret_key));
    digest key = hmac_sha256(text_str(&start), str_of(signer->amz_date, 8));
    key = hmac_sha256(digest_str(&key), signer->region);
    key = hmac_sha256(digest_str(&key), STR("s3"));
    signer->key = hmac_sha256(digest_str(&key), STR("aws4_request"));
}

static void time_keep(struct signer *signer, int64_t now_ns) {
    int64_t second = now_ns / NS_PER_S;
    if (second == signer->second) return;
    bool same_day =
        signer->second != INT64_MIN && second / 86400 == signer->second / 86400; /* after 1970 */
    clock_amz_write(now_ns, signer->amz_date);
    signer->second = second;
    if (!same_day) key_derive(signer);
}

static void signature_write(const struct signer *signer, const struct signer_request *r,
                            char hex[SIGNER_HEX]) {
    char memory[4096];
    struct text canonical = text_into(memory, sizeof memory);
    text_format(&canonical,
                "%s\n%.*s\n%.*s\nhost:%.*s\nx-amz-content-sha256:%.*s\nx-amz-date:%s\n\n"
                "host;x-amz-content-sha256;x-amz-date\n%.*s",
                r->method, STR_FMT(r->path), STR_FMT(r->query), STR_FMT(r->host),
                STR_FMT(r->payload), signer->amz_date, STR_FMT(r->payload));
    digest hash = sha256_of(text_str(&canonical));
    hex_write(hash.at, sizeof hash.at, hex);
    struct text to_sign = text_into(memory, sizeof memory);
    text_format(&to_sign, "AWS4-HMAC-SHA256\n%s\n%.8s/%.*s/s3/aws4_request\n%.*s", signer->amz_date,
                signer->amz_date, STR_FMT(signer->region), SIGNER_HEX, hex);
    digest signature = hmac_sha256(digest_str(&signer->key), text_str(&to_sign));
    hex_write(signature.at, sizeof signature.at, hex);
}

static void line_write(const struct signer_request *r, struct text *out) {
    text_format(out, "%s %.*s%s%.*s HTTP/1.1\r\nHost: %.*s\r\n", r->method, STR_FMT(r->path),
                r->query.len > 0 ? "?" : "", STR_FMT(r->query), STR_FMT(r->host));
    if (r->body_bytes > 0 || r->method[0] == 'P')
        text_format(out, "Content-Length: %llu\r\n", (unsigned long long)r->body_bytes);
}

void signer_head(struct signer *signer, const struct signer_request *request, int64_t now_ns,
                 struct text *out) {
    char hex[SIGNER_HEX];
    time_keep(signer, now_ns);
    signature_write(signer, request, hex);
    line_write(request, out);
    text_format(out,
                "x-amz-content-sha256: %.*s\r\nx-amz-date: %s\r\n"
                "Authorization: AWS4-HMAC-SHA256 Credential=%.*s/%.8s/%.*s/s3/aws4_request, "
                "SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=%.*s\r\n\r\n",
                STR_FMT(request->payload), signer->amz_date, STR_FMT(signer->access_key),
                signer->amz_date, STR_FMT(signer->region), SIGNER_HEX, hex);
}

void signer_head_unsigned(const struct signer_request *request, struct text *out) {
    line_write(request, out);
    text_add_c(out, "\r\n");
}
