/* Any bytes as a request head, in header and query alike: credentials are read or refused, and what
 * is read keeps the header's promises. A guessed signature never verifies. */
#include "s3/wire/signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    static char memory[LIMIT_ARENA_BYTES];
    static const str regions[] = {{"us-east-1", 9}};
    static struct http_request_head http;
    struct arena arena = arena_over(memory, sizeof memory);
    struct s3_head head = {.http = &http};
    struct s3_authorization auth;
    struct s3_signature_fault fault = {0};
    struct error e;
    size_t consumed = 0;
    if (http_request_head_parse(str_of(bytes, count), &http, &consumed, &e) != OK || consumed == 0)
        return 0;
    if (s3_query_read(http.query, &arena, &head.query, &e) != OK) return 0;
    if (s3_authorization_read(&head, &auth, &e) != OK || auth.kind == S3_AUTH_ANONYMOUS) return 0;
    assert(auth.key_id.len > 0);
    assert(auth.signature.len == S3_SIGNATURE_HEX);
    assert(auth.name_count > 0);
    assert(auth.date.len == 8);
    assert(auth.kind == S3_AUTH_HEADER ||
           (auth.expires_s > 0 && auth.expires_s <= LIMIT_PRESIGN_S));
    struct secret key = {{1}};
    if (s3_authorization_judge(&auth, &head, auth.time_ns, regions, 1, &fault, &e) == OK)
        assert(str_equal(auth.region, regions[0]));
    assert(s3_authorization_verify(&auth, &head, &key, &arena, &fault, &e) != OK);
    return 0;
}
