/* Names: buckets, keys, which bucket and key a request means, and what a copy copies.
 *
 * A key is any UTF-8 of 1..1024 bytes without NUL and means exactly itself: "..", "//" and a
 * leading
 * "/" are ordinary bytes. It never becomes a path. */
#ifndef AZEKURA_S3_WIRE_NAMES_H
#define AZEKURA_S3_WIRE_NAMES_H

#include "base/base.h"

/* FAIL_BUCKET_NAME. Source: S3 User Guide, general purpose bucket naming rules. */
enum error_code s3_bucket_check(str bucket, struct error *e) MUST_USE;

/* FAIL_KEY_TOO_LONG over 1024 bytes; FAIL_INVALID_URI when not UTF-8 or holding a NUL;
 * FAIL_INVALID_ARGUMENT when empty. */
enum error_code s3_key_check(str key, struct error *e) MUST_USE;

struct s3_address {
    str bucket, key;     /* either may be empty: the service, a bucket */
    bool virtual_hosted; /* the bucket came from the Host header */
};

/* Where a request points. `path` is raw (undecoded) and begins with "/". A host of the form
 * BUCKET.DOMAIN[:PORT], for one of `domains`, names the bucket; any other host is path-style.
 * FAIL_INVALID_URI: bad escape, or a path without its "/"; FAIL_MEMORY. Bucket and key are not
 * checked here. */
enum error_code s3_address_read(str host, str path, const str *domains, unsigned domain_count,
                                struct arena *arena, struct s3_address *out,
                                struct error *e) MUST_USE;

struct s3_copy_source {
    str bucket, key;
    str version; /* empty: the current one; "null" is a version */
};

/* x-amz-copy-source: [/]BUCKET/KEY[?versionId=ID], escapes decoded once, "+" is itself.
 * FAIL_INVALID_ARGUMENT: bad escape, no bucket, no key, key over its rules, an ARN.
 * Source: S3 API, CopyObject. */
enum error_code s3_copy_source_read(str header, struct arena *arena, struct s3_copy_source *out,
                                    struct error *e) MUST_USE;

#endif
