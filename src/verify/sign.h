/* Signing a GET as an inspector: AWS Signature Version 4 over path, host and date, for a store's
 * console. The secret never leaves this machine. */
#ifndef AZEKURA_VERIFY_SIGN_H
#define AZEKURA_VERIFY_SIGN_H

#include "base/base.h"

enum {
    VERIFY_KEY_BYTES = 128, /* either of the two */
    VERIFY_AUTHORIZATION_BYTES = 512,
    VERIFY_DATE_BYTES = CLOCK_TEXT_BYTES,
};

struct verify_credentials {
    char access_key[VERIFY_KEY_BYTES], secret_key[VERIFY_KEY_BYTES];
    size_t access_key_bytes, secret_key_bytes;
};
/* Lines "access_key=…" and "secret_key=…"; empty lines and those that begin with # are passed over.
 * FAIL_SYNTAX: another line, one twice, one missing. Messages quote nothing. */
enum error_code verify_credentials_parse(str text, struct verify_credentials *out,
                                         struct error *e) MUST_USE;
void verify_credentials_wipe(struct verify_credentials *credentials);

struct verify_signed_headers {
    char date[VERIFY_DATE_BYTES]; /* x-amz-date */
    str content;                  /* x-amz-content-sha256: of no body */
    char authorization[VERIFY_AUTHORIZATION_BYTES];
    size_t date_bytes, authorization_bytes;
};
/* `path` and `query` as they are sent, in canonical spelling (a tile's name always is).
 * FAIL_LIMIT: longer than 4 KiB together with the host.
 * Source: AWS General Reference, Signature Version 4; region us-east-1, service s3. */
enum error_code verify_sign(const struct verify_credentials *credentials, str host, str path,
                            str query, int64_t wall_ns, struct verify_signed_headers *out,
                            struct error *e) MUST_USE;

#endif
