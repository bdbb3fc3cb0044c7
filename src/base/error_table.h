/* The one table of errors: what the program calls it, the HTTP status it becomes, the name S3 knows
 * it by, and whether trying again may help. Nobody maps an error twice. */
#ifndef AZEKURA_BASE_ERROR_TABLE_H
#define AZEKURA_BASE_ERROR_TABLE_H

/* ROW(code, HTTP status, S3 name, may retry) */
#define ERROR_TABLE(ROW)                                                                           \
    /* the world */                                                                                \
    ROW(FAIL_INTERNAL, 500, "InternalError", true)                                                 \
    ROW(FAIL_SYSTEM, 500, "InternalError", true) /* a system call said no */                       \
    ROW(FAIL_DISK_FULL, 507, "InsufficientStorage", true)                                          \
    ROW(FAIL_MEMORY, 503, "SlowDown", true) /* a pool or an arena is empty */                      \
    ROW(FAIL_BUSY, 503, "SlowDown", true)                                                          \
    ROW(FAIL_STOPPING, 503, "ServiceUnavailable", true)                                            \
    ROW(FAIL_TIMEOUT, 400, "RequestTimeout", true)                                                 \
    ROW(FAIL_CLOSED, 400, "IncompleteBody", true)       /* the other end closed */                 \
    ROW(FAIL_CORRUPT, 500, "InternalError", false)      /* bytes we wrote are not what we wrote */ \
    ROW(FAIL_VERSION, 500, "InternalError", false)      /* a format version we do not know */      \
    ROW(FAIL_ENGINE_BROKEN, 500, "InternalError", true) /* a commit failed; handle is finished */  \
    ROW(FAIL_CRYPTO, 500, "InternalError", false)                                                  \
    ROW(FAIL_ROLLED_BACK, 503, "ServiceUnavailable", false) /* history is shorter than it was */   \
    ROW(FAIL_LOCKED, 503, "ServiceUnavailable", true)       /* another process owns the data */    \
    /* words that do not parse */                                                                  \
    ROW(FAIL_SYNTAX, 400, "InvalidRequest", false)                                                 \
    ROW(FAIL_LIMIT, 400, "InvalidRequest", false) /* over a limit of limits.h */                   \
    ROW(FAIL_USAGE, 400, "InvalidArgument", false)                                                 \
    ROW(FAIL_NOT_FOUND, 404, "NoSuchKey", false)                                                   \
    ROW(FAIL_EXISTS, 409, "OperationAborted", false)                                               \
    ROW(FAIL_PROOF, 422, "InvalidRequest", false) /* evidence that does not prove */               \
    /* HTTP */                                                                                     \
    ROW(FAIL_HTTP_SYNTAX, 400, "BadRequest", false)                                                \
    ROW(FAIL_HTTP_HEAD_TOO_LARGE, 431, "RequestHeaderSectionTooLarge", false)                      \
    ROW(FAIL_HTTP_TARGET_TOO_LONG, 414, "URITooLong", false)                                       \
    ROW(FAIL_HTTP_VERSION, 505, "HTTPVersionNotSupported", false)                                  \
    ROW(FAIL_HTTP_METHOD, 501, "NotImplemented", false)                                            \
    ROW(FAIL_HTTP_EXPECTATION, 417, "InvalidArgument", false)                                      \
    ROW(FAIL_RANGE_SYNTAX, 400, "InvalidArgument", false)                                          \
    ROW(FAIL_RANGE_OUTSIDE, 416, "InvalidRange", false)                                            \
    ROW(FAIL_TLS, 400, "BadRequest", true)                                                         \
    /* S3's own names; source: S3 API reference, error responses */                                \
    ROW(FAIL_ACCESS_DENIED, 403, "AccessDenied", false)                                            \
    ROW(FAIL_ACCESS_KEY, 403, "InvalidAccessKeyId", false)                                         \
    ROW(FAIL_SIGNATURE, 403, "SignatureDoesNotMatch", false)                                       \
    ROW(FAIL_CLOCK_SKEW, 403, "RequestTimeTooSkewed", false)                                       \
    ROW(FAIL_EXPIRED, 403, "AccessDenied", false)                                                  \
    ROW(FAIL_AUTH_HEADER, 400, "AuthorizationHeaderMalformed", false)                              \
    ROW(FAIL_AUTH_QUERY, 400, "AuthorizationQueryParametersError", false)                          \
    ROW(FAIL_CONTENT_SHA256, 400, "XAmzContentSHA256Mismatch", false)                              \
    ROW(FAIL_BAD_DIGEST, 400, "BadDigest", false)                                                  \
    ROW(FAIL_INVALID_DIGEST, 400, "InvalidDigest", false)                                          \
    ROW(FAIL_INCOMPLETE_BODY, 400, "IncompleteBody", false)                                        \
    ROW(FAIL_MISSING_LENGTH, 411, "MissingContentLength", false)                                   \
    ROW(FAIL_ENTITY_TOO_LARGE, 400, "EntityTooLarge", false)                                       \
    ROW(FAIL_ENTITY_TOO_SMALL, 400, "EntityTooSmall", false)                                       \
    ROW(FAIL_KEY_TOO_LONG, 400, "KeyTooLongError", false)                                          \
    ROW(FAIL_METADATA_TOO_LARGE, 400, "MetadataTooLarge", false)                                   \
    ROW(FAIL_INVALID_ARGUMENT, 400, "InvalidArgument", false)                                      \
    ROW(FAIL_INVALID_REQUEST, 400, "InvalidRequest", false)                                        \
    ROW(FAIL_INVALID_URI, 400, "InvalidURI", false)                                                \
    ROW(FAIL_MALFORMED_XML, 400, "MalformedXML", false)                                            \
    ROW(FAIL_INVALID_TAG, 400, "InvalidTag", false)                                                \
    ROW(FAIL_BUCKET_NAME, 400, "InvalidBucketName", false)                                         \
    ROW(FAIL_LOCATION, 400, "InvalidLocationConstraint", false)                                    \
    ROW(FAIL_NO_SUCH_BUCKET, 404, "NoSuchBucket", false)                                           \
    ROW(FAIL_NO_SUCH_KEY, 404, "NoSuchKey", false)                                                 \
    ROW(FAIL_NO_SUCH_VERSION, 404, "NoSuchVersion", false)                                         \
    ROW(FAIL_NO_SUCH_UPLOAD, 404, "NoSuchUpload", false)                                           \
    ROW(FAIL_NO_SUCH_TAG_SET, 404, "NoSuchTagSet", false)                                          \
    ROW(FAIL_BUCKET_EXISTS, 409, "BucketAlreadyExists", false)                                     \
    ROW(FAIL_BUCKET_OWNED, 409, "BucketAlreadyOwnedByYou", false)                                  \
    ROW(FAIL_BUCKET_NOT_EMPTY, 409, "BucketNotEmpty", false)                                       \
    ROW(FAIL_TOO_MANY_BUCKETS, 400, "TooManyBuckets", false)                                       \
    ROW(FAIL_INVALID_PART, 400, "InvalidPart", false)                                              \
    ROW(FAIL_INVALID_PART_ORDER, 400, "InvalidPartOrder", false)                                   \
    ROW(FAIL_INVALID_PART_NUMBER, 416, "InvalidPartNumber", false)                                 \
    ROW(FAIL_PRECONDITION, 412, "PreconditionFailed", false)                                       \
    ROW(FAIL_CONDITION_CONFLICT, 409, "ConditionalRequestConflict", true)                          \
    ROW(FAIL_NOT_MODIFIED, 304, "NotModified", false)                                              \
    ROW(FAIL_TOKEN, 400, "InvalidToken", false)                                                    \
    ROW(FAIL_TRAILER, 400, "MalformedTrailerError", false)                                         \
    ROW(FAIL_MISSING_BODY, 400, "MissingRequestBodyError", false)                                  \
    ROW(FAIL_STORAGE_CLASS, 400, "InvalidStorageClass", false)                                     \
    ROW(FAIL_ACL, 400, "AccessControlListNotSupported", false)                                     \
    ROW(FAIL_NO_POLICY, 404, "NoSuchBucketPolicy", false)                                          \
    ROW(FAIL_NO_LIFECYCLE, 404, "NoSuchLifecycleConfiguration", false)                             \
    ROW(FAIL_NO_CORS, 404, "NoSuchCORSConfiguration", false)                                       \
    ROW(FAIL_NO_WEBSITE, 404, "NoSuchWebsiteConfiguration", false)                                 \
    ROW(FAIL_NO_ENCRYPTION, 404, "ServerSideEncryptionConfigurationNotFoundError", false)          \
    ROW(FAIL_NO_LOCK, 404, "ObjectLockConfigurationNotFoundError", false)                          \
    ROW(FAIL_NO_REPLICATION, 404, "ReplicationConfigurationNotFoundError", false)                  \
    ROW(FAIL_NO_PUBLIC_BLOCK, 404, "NoSuchPublicAccessBlockConfiguration", false)                  \
    ROW(FAIL_NO_OWNERSHIP, 404, "OwnershipControlsNotFoundError", false)                           \
    ROW(FAIL_NO_CONFIGURATION, 404, "NoSuchConfiguration", false)                                  \
    ROW(FAIL_METHOD_NOT_ALLOWED, 405, "MethodNotAllowed", false)                                   \
    ROW(FAIL_NOT_IMPLEMENTED, 501, "NotImplemented", false)                                        \
    ROW(FAIL_SLOW_DOWN, 503, "SlowDown", true)                                                     \
    /* the gate */                                                                                 \
    ROW(FAIL_REFUSED, 403, "AccessDenied", false)    /* the rulebook said no: an answer */         \
    ROW(FAIL_NO_DATASET, 403, "AccessDenied", false) /* bucket matches no dataset */

#endif
