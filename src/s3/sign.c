/* Signature V4 for others: the console checks its visitors by it, commands sign their requests. */
#include "s3/request.h"

#include <stdio.h>

/* ---- checking ---- */

enum error_code s3_authenticate(void *self, struct http_exchange *x, struct gate_visit *visit,
                                struct error *e) {
    struct s3_head head = {.http = &x->head};
    struct s3_identified who = {0};
    TRY(s3_query_read(x->head.query, &x->arena, &head.query, e));
    enum error_code code = s3_identify(self, &head, visit, &x->arena, &who, e);
    secret_wipe(&who.signing_key);
    return code;
}

/* ---- signing ---- */

#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

enum error_code s3_sign_get(str access_key, str secret_key, str host, str path, str query,
                            int64_t now_ns, struct arena *arena, struct s3_signed *out,
                            struct error *e) {
    char time[CLOCK_TEXT_BYTES], hex[2 * DIGEST_BYTES];
    str amz_date, canonical, to_sign, date = {time, 8};
    TRY(arena_copy(arena, str_of(time, clock_amz_write(now_ns, time)), &amz_date, e));
    TRY(arena_format(arena, &canonical, e,
                     "GET\n%.*s\n%.*s\nhost:%.*s\nx-amz-content-sha256:" EMPTY_SHA256
                     "\nx-amz-date:%.*s\n\nhost;x-amz-content-sha256;x-amz-date\n" EMPTY_SHA256,
                     STR_FMT(path), STR_FMT(query), STR_FMT(host), STR_FMT(amz_date)));
    digest hash = sha256_of(canonical);
    hex_write(hash.at, sizeof hash.at, hex);
    TRY(arena_format(arena, &to_sign, e,
                     "AWS4-HMAC-SHA256\n%.*s\n%.*s/us-east-1/s3/aws4_request\n%.*s",
                     STR_FMT(amz_date), STR_FMT(date), (int)sizeof hex, hex));
    struct secret key;
    s3_signing_key(secret_key, date, STR("us-east-1"), &key);
    digest signature = hmac_sha256(str_of(key.at, sizeof key.at), to_sign);
    secret_wipe(&key);
    hex_write(signature.at, sizeof signature.at, hex);
    out->at[0] = (struct http_header){STR("x-amz-content-sha256"), STR(EMPTY_SHA256)};
    out->at[1] = (struct http_header){STR("x-amz-date"), amz_date};
    out->at[2].name = STR("authorization");
    return arena_format(arena, &out->at[2].value, e,
                        "AWS4-HMAC-SHA256 Credential=%.*s/%.*s/us-east-1/s3/aws4_request, "
                        "SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=%.*s",
                        STR_FMT(access_key), STR_FMT(date), (int)sizeof hex, hex);
}
