/* A request's body, held against everything that was promised of it: length, chunk signatures,
 * Content-MD5, SHA-256 of the signature, checksum in header or trailer.
 *
 * Pieces are given before the promises can be checked; nothing of them may be kept before
 * s3_body_judge said OK. Inner to s3. Source: S3 API, PutObject; S3 User Guide, "Checking object
 * integrity". */
#ifndef AZEKURA_S3_BODY_H
#define AZEKURA_S3_BODY_H

#include "s3/request.h"
#include "s3/wire/chunked.h"

enum {
    S3_BODY_NEEDS_LENGTH = 1,      /* 411 when no length is announced */
    S3_BODY_CHECKSUM_OF_OBJECT = 2 /* x-amz-checksum-* speak of an object, not of this body */
};

struct s3_body {
    struct s3_request *r;
    char *buffer; /* the exchange's scratch: one piece of what the client sent */
    size_t buffer_bytes;
    str in; /* of the buffer, not yet decoded */
    bool is_chunked;
    struct s3_chunked chunked;
    uint64_t bytes_expected; /* HTTP_LENGTH_UNKNOWN when nobody said */
    uint64_t bytes;
    bool has_md5;
    unsigned char md5[MD5_BYTES];         /* promised */
    struct store_checksum promised;       /* kind NONE: none, or it comes in the trailer */
    struct s3_checksum_state of_promised; /* what the client's kind comes to */
    struct s3_checksum_state of_kept;     /* what the store keeps, where that is another kind */
};

/* Reads the promises. `kept` is the kind of checksum to keep: NONE for the client's own, or
 * CRC64NVME where it sent none.
 *   FAIL_INVALID_DIGEST   Content-MD5 is not base64 of 16 bytes
 *   FAIL_INVALID_REQUEST  two checksums; one that is no base64 of its length; unknown algorithm
 *   FAIL_MISSING_LENGTH   S3_BODY_NEEDS_LENGTH and none is announced
 *   FAIL_ENTITY_TOO_LARGE over LIMIT_PUT_BYTES */
enum error_code s3_body_begin(struct s3_body *body, struct s3_request *r, unsigned flags,
                              enum store_checksum_kind kept, struct error *e) MUST_USE;
void s3_body_release(struct s3_body *body); /* safe on a zeroed one */

/* The next piece, valid until the next call; empty at the end. Parks. Failures of http_body_read,
 * s3_chunked_feed, s3_chunked_end; FAIL_ENTITY_TOO_LARGE. */
enum error_code s3_body_next(struct s3_body *body, str *piece, struct error *e) MUST_USE;

/* After the end: were the promises kept? *kept is the checksum to store.
 *   FAIL_CONTENT_SHA256, FAIL_BAD_DIGEST (MD5 or checksum) */
enum error_code s3_body_judge(struct s3_body *body, const unsigned char md5[MD5_BYTES],
                              const digest *sha256, struct store_checksum *kept,
                              struct error *e) MUST_USE;

/* An XML body whole: read, judged, understood. `must_be_vouched`: Content-MD5 or a checksum is
 * demanded, as S3 does for DeleteObjects. The caller releases the document. */
enum error_code s3_body_document(struct s3_request *r, enum s3_document_kind kind,
                                 bool must_be_vouched, struct arena *arena,
                                 struct s3_document *document, struct error *e) MUST_USE;

#endif
