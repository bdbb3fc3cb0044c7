/* The XML bodies of S3 requests, read into what they say.
 *
 * A document is fed piece by piece; its values live in the arena it began with. What is asked for
 * and not served (conditions of directory buckets, MFA delete) is an error of its own: a condition
 * that were skipped would delete what it was to protect.
 * Source: S3 API reference, request syntax of each operation. */
#ifndef AZEKURA_S3_WIRE_DOCUMENTS_H
#define AZEKURA_S3_WIRE_DOCUMENTS_H

#include "s3/wire/checksum.h"
#include "s3/wire/xml_read.h"

enum s3_document_kind {
    S3_DOCUMENT_CREATE_BUCKET, /* CreateBucketConfiguration */
    S3_DOCUMENT_VERSIONING,    /* VersioningConfiguration */
    S3_DOCUMENT_TAGGING,       /* Tagging; at most tags_max */
    S3_DOCUMENT_DELETE,        /* Delete */
    S3_DOCUMENT_COMPLETE,      /* CompleteMultipartUpload */
    S3_DOCUMENT_ACL,           /* AccessControlPolicy: one grantee with FULL_CONTROL, no other */
    S3_DOCUMENT_KIND_COUNT
};

struct s3_delete_row {
    str key;
    str version; /* empty: none named */
    str etag;    /* to match, as it was sent; empty: none */
};
struct s3_part_row {
    uint16_t number;
    unsigned char md5[MD5_BYTES];
    struct store_checksum checksum; /* kind NONE: none claimed */
};

struct s3_document {
    enum s3_document_kind kind;
    struct arena *arena;
    size_t rows_max;
    struct s3_xml_reader reader;
    unsigned seen; /* bits of the elements met in the row being read */

    str location;                     /* CREATE_BUCKET; empty: none */
    enum store_versioning versioning; /* VERSIONING */
    bool quiet;                       /* DELETE */
    str grantee;                      /* ACL: the one who has FULL_CONTROL */
    struct store_pair *tags;          /* TAGGING, CREATE_BUCKET */
    struct s3_delete_row *deletes;
    struct s3_part_row *parts;
    size_t count; /* of tags, deletes or parts */
};

/* `body_bytes` is what the client announced (UINT64_MAX: nothing): a body of so many bytes cannot
 * hold more rows than that, so small ones take little memory. The document must not move. */
enum error_code s3_document_begin(struct s3_document *document, enum s3_document_kind kind,
                                  uint64_t body_bytes, struct arena *arena,
                                  struct error *e) MUST_USE;
/*   FAIL_MALFORMED_XML, FAIL_MISSING_BODY   as s3_xml_feed, s3_xml_end; and: no rows, too many rows
 *   FAIL_INVALID_TAG      a tag's key or value over its length, twice, or reserved
 *   FAIL_INVALID_PART     an ETag that is none of ours
 *   FAIL_INVALID_ARGUMENT a part number outside 1..10000, an empty version id
 *   FAIL_NOT_IMPLEMENTED  what this store does not serve
 *   FAIL_ACL              a list that gives anything but FULL_CONTROL to one user
 *   FAIL_KEY_TOO_LONG … of s3_key_check */
enum error_code s3_document_feed(struct s3_document *document, str piece, struct error *e) MUST_USE;
enum error_code s3_document_end(struct s3_document *document, struct error *e) MUST_USE;
void s3_document_release(struct s3_document *document); /* safe on a zeroed one, and twice */

/* "k=v&k2=v2", URL-encoded: the header x-amz-tagging. FAIL_INVALID_TAG, FAIL_INVALID_ARGUMENT. */
enum error_code s3_tags_of_header(str header, struct arena *arena, struct store_pairs *out,
                                  struct error *e) MUST_USE;

/* An entity tag with or without its quotes: 32 hex digits, "-N" behind them. false: none of ours.
 */
bool s3_etag_read(str text, struct store_etag *out);
enum { S3_ETAG_TEXT_BYTES = 2 + 32 + 6 };
/* With quotes. Returns the length. */
size_t s3_etag_write(const struct store_etag *etag, char out[S3_ETAG_TEXT_BYTES]);
bool s3_etag_equal(const struct store_etag *a, const struct store_etag *b);

#endif
