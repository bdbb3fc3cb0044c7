/* Signature Version 4: who says to have sent this head, and whether they did.
 *
 * Reading is pure and needs no secret: s3_authorization_read takes the words apart and refuses what
 * no honest signer sends; s3_authorization_judge holds date, region and signed names against now
 * and configuration; s3_authorization_verify needs the signing key. Callers run all three, in this
 * order, before anything else looks at the request.
 * Source: AWS General Reference, "Signature Version 4 for API requests"; S3 API, "Authenticating
 * Requests (AWS Signature Version 4)": header, query parameters, chunked uploads. */
#ifndef AZEKURA_S3_WIRE_SIGNATURE_H
#define AZEKURA_S3_WIRE_SIGNATURE_H

#include "http/http.h"
#include "s3/wire/query.h"

enum { S3_SIGNED_NAMES_MAX = 64, S3_SIGNATURE_HEX = 64 };

/* What was signed: the head as received, and its query decoded. */
struct s3_head {
    const struct http_request_head *http;
    struct s3_query query;
};

/* A header value as text: UTF-8 as it is, anything else read as ISO 8859-1, as HTTP once had it.
 * Clients that send such bytes sign them as UTF-8, so both ways to send a word are one word.
 * Appends to `to`, with at most two bytes for one. */
void s3_value_add(struct text *to, str value);

enum s3_auth_kind { S3_AUTH_ANONYMOUS, S3_AUTH_HEADER, S3_AUTH_QUERY };

/* How the body is vouched for: x-amz-content-sha256. */
enum s3_payload {
    S3_PAYLOAD_UNSIGNED,                /* UNSIGNED-PAYLOAD */
    S3_PAYLOAD_SHA256,                  /* 64 hex digits */
    S3_PAYLOAD_CHUNKS,                  /* STREAMING-AWS4-HMAC-SHA256-PAYLOAD */
    S3_PAYLOAD_CHUNKS_TRAILER,          /* STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER */
    S3_PAYLOAD_UNSIGNED_CHUNKS_TRAILER, /* STREAMING-UNSIGNED-PAYLOAD-TRAILER */
};
static inline bool s3_payload_is_chunked(enum s3_payload payload) {
    return payload >= S3_PAYLOAD_CHUNKS;
}

struct s3_authorization {
    enum s3_auth_kind kind; /* ANONYMOUS: everything below is empty */
    str key_id;
    str scope;                      /* "20130524/us-east-1/s3/aws4_request" */
    str date, region;               /* parts of it */
    str names[S3_SIGNED_NAMES_MAX]; /* SignedHeaders: lower case, sorted, none twice */
    unsigned name_count;
    str signed_headers; /* the same as sent */
    str signature;      /* 64 lower-case hex digits */
    char time_text[16]; /* 20130524T000000Z */
    int64_t time_ns;
    uint32_t expires_s; /* query only */
    enum s3_payload payload;
    str payload_text;      /* x-amz-content-sha256 as it enters the canonical request */
    digest payload_sha256; /* S3_PAYLOAD_SHA256 */
};

/* An error with what S3 shows beside it. */
struct s3_signature_fault {
    bool region_is_wrong; /* S3 answers with the right <Region> */
    str unsigned_header;  /* <HeadersNotSigned>: view into the head */
    str canonical;        /* <CanonicalRequest>, <StringToSign>: what we computed; in the arena, */
    str to_sign;          /* and nothing in them that the client did not send */
};

/* Takes the credentials apart.
 *   FAIL_AUTH_HEADER     Authorization not as V4 spells it, or there twice
 *   FAIL_AUTH_QUERY      X-Amz-* parameters missing, twice, or not as V4 spells them
 *   FAIL_INVALID_REQUEST Signature V2; both header and query; x-amz-content-sha256 missing
 *   FAIL_INVALID_ARGUMENT x-amz-content-sha256 is no value of its list
 *   FAIL_NOT_IMPLEMENTED the ECDSA (V4A) forms
 *   FAIL_TOKEN           a session token: this store issues none
 *   FAIL_ACCESS_DENIED   no usable date
 * A request with no credentials at all is S3_AUTH_ANONYMOUS and OK. */
enum error_code s3_authorization_read(const struct s3_head *head, struct s3_authorization *out,
                                      struct error *e) MUST_USE;

/* Date, expiry, region, and that host and every x-amz-* header is signed.
 *   FAIL_CLOCK_SKEW, FAIL_EXPIRED, FAIL_ACCESS_DENIED (not yet valid; a header not signed),
 *   FAIL_AUTH_HEADER / FAIL_AUTH_QUERY (scope's date or region)
 * regions[0] is the one told to clients that sign for another. */
enum error_code s3_authorization_judge(const struct s3_authorization *auth,
                                       const struct s3_head *head, int64_t now_ns,
                                       const str *regions, unsigned region_count,
                                       struct s3_signature_fault *fault, struct error *e) MUST_USE;

/* HMAC chain of secret, date, region, "s3", "aws4_request". Wipe *out when done. */
void s3_signing_key(str secret, str date, str region, struct secret *out);

/* FAIL_SIGNATURE when the signature is not the one this key makes (compared in constant time), or
 * when a signed header is not there; then *fault tells what was computed and *arena holds it.
 * FAIL_MEMORY. On success the arena is as it was. */
enum error_code s3_authorization_verify(const struct s3_authorization *auth,
                                        const struct s3_head *head,
                                        const struct secret *signing_key, struct arena *arena,
                                        struct s3_signature_fault *fault, struct error *e) MUST_USE;

/* ---- derived keys kept by one reactor ---- */

enum { S3_KEY_CACHE_SLOTS = 256 };

/* A key depends on (secret, date, region) and changes daily; deriving it costs four HMACs. One
 * table a reactor, so no lock. Zero-initialise; wiped by s3_key_cache_release. */
struct s3_key_cache {
    struct s3_key_slot {
        digest of; /* of key id, secret, date and region: a changed secret misses */
        struct secret key;
        bool used;
    } slots[S3_KEY_CACHE_SLOTS];
};
const struct secret *s3_key_cache_get(struct s3_key_cache *cache, str key_id, str secret, str date,
                                      str region);
void s3_key_cache_release(struct s3_key_cache *cache);

#endif
