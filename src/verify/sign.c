/* AWS Signature Version 4 for a GET without a body. */
#include "verify/sign.h"

#define EMPTY_SHA256 STR("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
#define SIGNED       "host;x-amz-content-sha256;x-amz-date"
#define SCOPE_END    "/us-east-1/s3/aws4_request"

static bool value_take(str line, str name, char out[VERIFY_KEY_BYTES], size_t *count) {
    str value = str_skip(line, name.len);
    if (*count != 0 || value.len == 0 || value.len > VERIFY_KEY_BYTES) return false;
    memcpy(out, value.at, value.len);
    *count = value.len;
    return true;
}

static bool credentials_line(str line, struct verify_credentials *out) {
    line = str_trim(line);
    if (line.len == 0 || line.at[0] == '#') return true;
    if (str_starts(line, STR("access_key=")))
        return value_take(line, STR("access_key="), out->access_key, &out->access_key_bytes);
    if (str_starts(line, STR("secret_key=")))
        return value_take(line, STR("secret_key="), out->secret_key, &out->secret_key_bytes);
    return false;
}

enum error_code verify_credentials_parse(str text, struct verify_credentials *out,
                                         struct error *e) {
    memset(out, 0, sizeof *out);
    bool right = true;
    while (text.len > 0 && right) {
        str line = text;
        if (!str_cut(&text, '\n', &line)) text = STR_EMPTY;
        right = credentials_line(line, out);
    }
    if (right && out->access_key_bytes > 0 && out->secret_key_bytes > 0) return OK;
    verify_credentials_wipe(out);
    return error_set(e, FAIL_SYNTAX, "credentials are one line access_key=… and one secret_key=…");
}

void verify_credentials_wipe(struct verify_credentials *credentials) {
    memory_wipe(credentials, sizeof *credentials);
}

static digest signing_key(const struct verify_credentials *credentials, str day) {
    char first[4 + VERIFY_KEY_BYTES];
    memcpy(first, "AWS4", 4);
    memcpy(first + 4, credentials->secret_key, credentials->secret_key_bytes);
    digest key = hmac_sha256(str_of(first, 4 + credentials->secret_key_bytes), day);
    memory_wipe(first, sizeof first);
    const str steps[] = {{"us-east-1", 9}, {"s3", 2}, {"aws4_request", 12}};
    for (size_t i = 0; i < COUNT_OF(steps); i++) key = hmac_sha256(digest_str(&key), steps[i]);
    return key;
}

static void hex_add(struct text *out, const digest *hash) {
    char hex[2 * DIGEST_BYTES];
    hex_write(hash->at, DIGEST_BYTES, hex);
    text_add(out, str_of(hex, sizeof hex));
}

enum error_code verify_sign(const struct verify_credentials *credentials, str host, str path,
                            str query, int64_t wall_ns, struct verify_signed_headers *out,
                            struct error *e) {
    out->date_bytes = clock_amz_write(wall_ns, out->date);
    out->content = EMPTY_SHA256;
    str date = str_of(out->date, out->date_bytes), day = str_slice(date, 0, 8);

    char memory[4096 + 256];
    struct text canonical = text_into(memory, sizeof memory);
    text_format(&canonical, "GET\n%.*s\n%.*s\nhost:%.*s\n", STR_FMT(path), STR_FMT(query),
                STR_FMT(host));
    text_format(&canonical, "x-amz-content-sha256:%.*s\nx-amz-date:%.*s\n\n" SIGNED "\n%.*s",
                STR_FMT(EMPTY_SHA256), STR_FMT(date), STR_FMT(EMPTY_SHA256));
    if (canonical.overflow) return error_set(e, FAIL_LIMIT, "the address is too long to sign");
    digest hash = sha256_of(text_str(&canonical));

    char string[256];
    struct text to_sign = text_into(string, sizeof string);
    text_format(&to_sign, "AWS4-HMAC-SHA256\n%.*s\n%.*s" SCOPE_END "\n", STR_FMT(date),
                STR_FMT(day));
    hex_add(&to_sign, &hash);
    assert(!to_sign.overflow);
    digest key = signing_key(credentials, day);
    digest signature = hmac_sha256(digest_str(&key), text_str(&to_sign));
    memory_wipe(&key, sizeof key);

    struct text header = text_into(out->authorization, sizeof out->authorization);
    text_format(&header,
                "AWS4-HMAC-SHA256 Credential=%.*s/%.*s" SCOPE_END ", SignedHeaders=" SIGNED
                ", Signature=",
                (int)credentials->access_key_bytes, credentials->access_key, STR_FMT(day));
    hex_add(&header, &signature);
    assert(!header.overflow);
    out->authorization_bytes = header.len;
    return OK;
}
