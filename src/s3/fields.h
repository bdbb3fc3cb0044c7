/* The headers that are an object's own: read from a request, kept as pairs, given back.
 *
 * What a client may set is a list; whatever else it sends beside the object is either harmless or
 * refused by name: an encryption, a lock or an access list that were ignored would be believed.
 * Inner to s3. Source: S3 API, PutObject (request headers), GetObject (response headers). */
#ifndef AZEKURA_S3_FIELDS_H
#define AZEKURA_S3_FIELDS_H

#include "s3/request.h"

/* Headers and tags of a new object, in the request's arena.
 *   FAIL_METADATA_TOO_LARGE  user metadata over LIMIT_META_BYTES
 *   FAIL_INVALID_TAG, FAIL_INVALID_ARGUMENT, FAIL_INVALID_REQUEST, FAIL_MEMORY */
enum error_code s3_fields_read(struct s3_request *r, struct store_pairs *headers,
                               struct store_pairs *tags, struct error *e) MUST_USE;

/* What this store does not do is refused before anything is written:
 *   FAIL_NOT_IMPLEMENTED  SSE-KMS, SSE-C, appends, conditions of directory buckets
 *   FAIL_ACL              a canned or explicit access list other than the owner's
 *   FAIL_STORAGE_CLASS    any but STANDARD
 *   FAIL_INVALID_REQUEST  object locks: no bucket here has them */
enum error_code s3_fields_refuse(const struct s3_request *r, struct error *e) MUST_USE;

/* x-amz-expected-bucket-owner and x-amz-source-expected-bucket-owner: FAIL_ACCESS_DENIED where the
 * bucket is there and is another user's. An owner is the id that ListBuckets shows. */
enum error_code s3_owners_check(struct s3_request *r, struct error *e) MUST_USE;

/* x-amz-server-side-encryption: AES256, which is then done and said; never said where it is not. */
static inline bool s3_asks_encryption(const struct s3_request *r) {
    return s3_request_header(r, STR("x-amz-server-side-encryption")).len > 0;
}

/* Adds the headers of a version to the reply: its own, metadata, ETag, Last-Modified, version id,
 * tag count; the checksum when asked for and `with_checksum`; response-* overrides. */
enum error_code s3_fields_reply(struct s3_request *r, const struct gate_reading *reading,
                                bool with_checksum, struct error *e) MUST_USE;

/* Text that lives until the reply is sent. */
enum error_code s3_reply_header_time(struct s3_request *r, str name, int64_t wall_ns,
                                     struct error *e) MUST_USE;
enum error_code s3_reply_header_number(struct s3_request *r, str name, uint64_t number,
                                       struct error *e) MUST_USE;
/* x-amz-checksum-KIND and x-amz-checksum-type. `parts` for the "-N" of a composite one. */
enum error_code s3_reply_header_checksum(struct s3_request *r,
                                         const struct store_checksum *checksum, uint32_t parts,
                                         struct error *e) MUST_USE;

#endif
