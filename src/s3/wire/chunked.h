/* aws-chunked: a body inside the body, whose chunks carry signatures and whose end may carry a
 * checksum.
 *
 *   SIZE-HEX [;chunk-signature=64HEX] CRLF  DATA CRLF  …  0[;chunk-signature=…] CRLF
 *   [x-amz-checksum-…:BASE64 CRLF]  [x-amz-trailer-signature:64HEX CRLF]  CRLF
 *
 * A trailer may end in LF, as S3's own example has it, or in LF CRLF, as minio-go sends it.
 *
 * Each chunk's signature covers the one before it, the first covers the head's. A decoder belongs
 * to one request and is never kept: it is born from the authorization that was verified.
 * Source: S3 API, "Transferring payload in multiple chunks", "… with trailing headers". */
#ifndef AZEKURA_S3_WIRE_CHUNKED_H
#define AZEKURA_S3_WIRE_CHUNKED_H

#include "s3/wire/checksum.h"
#include "s3/wire/signature.h"

struct s3_chunked {
    enum s3_payload payload;
    struct secret key; /* a copy; wiped by s3_chunked_release */
    char time_text[16];
    str scope; /* borrowed from the authorization */
    char previous[S3_SIGNATURE_HEX];
    uint64_t bytes_expected, bytes;        /* decoded */
    enum store_checksum_kind trailer_kind; /* the one x-amz-trailer names; NONE */
    bool trailer_seen, trailer_signed;
    bool trailer_lf; /* the last trailer ended in LF alone: a CRLF of its own may follow */
    struct store_checksum trailer;

    enum {
        S3_CHUNK_LINE,
        S3_CHUNK_DATA,
        S3_CHUNK_DATA_END,
        S3_CHUNK_TRAILER,
        S3_CHUNK_MAY_END, /* whole; one empty line more belongs to it */
        S3_CHUNK_DONE
    } state;
    uint64_t chunk_left;
    struct sha256 chunk_hash;
    char chunk_signature[S3_SIGNATURE_HEX];
    char line[LIMIT_CHUNK_LINE_BYTES];
    size_t line_len;
};

/* `auth` must be verified and its payload one of the chunked kinds. `decoded_length` is
 * x-amz-decoded-content-length as sent, `trailer_names` is x-amz-trailer.
 *   FAIL_MISSING_LENGTH    no or no numeric decoded length
 *   FAIL_ENTITY_TOO_LARGE  it is over LIMIT_PUT_BYTES
 *   FAIL_INVALID_REQUEST   x-amz-trailer names something other than one checksum */
enum error_code s3_chunked_begin(struct s3_chunked *c, const struct s3_authorization *auth,
                                 const struct secret *signing_key, str decoded_length,
                                 str trailer_names, struct error *e) MUST_USE;
void s3_chunked_release(struct s3_chunked *c); /* safe on a zeroed one */

/* Eats from the front of *in and gives the next decoded bytes in *out, a view into what was *in;
 * *out may be empty. Call until *in is empty. Data of a chunk is given before the chunk's signature
 * is seen, so nothing may be kept before s3_chunked_end said OK.
 *   FAIL_SIGNATURE         a chunk's or the trailer's signature
 *   FAIL_INCOMPLETE_BODY   more bytes than announced
 *   FAIL_TRAILER           a trailer not announced, twice, or malformed
 *   FAIL_INVALID_REQUEST   no chunk where one must be; bytes behind the end */
enum error_code s3_chunked_feed(struct s3_chunked *c, str *in, str *out, struct error *e) MUST_USE;

/* The body has ended. FAIL_INCOMPLETE_BODY before the last chunk or with fewer bytes than
 * announced, FAIL_TRAILER when an announced trailer is missing. */
enum error_code s3_chunked_end(const struct s3_chunked *c, struct error *e) MUST_USE;

#endif
