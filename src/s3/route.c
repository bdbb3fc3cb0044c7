/* The table of operations. */
#include "s3/route.h"

static const struct s3_operation operations[] = {
    {"ListBuckets", HTTP_GET, S3_SERVICE, NULL, s3_list_buckets},

    {"ListObjects", HTTP_GET, S3_BUCKET, NULL, s3_list_objects},
    {"HeadBucket", HTTP_HEAD, S3_BUCKET, NULL, s3_bucket_head},
    {"CreateBucket", HTTP_PUT, S3_BUCKET, NULL, s3_bucket_create},
    {"DeleteBucket", HTTP_DELETE, S3_BUCKET, NULL, s3_bucket_delete},
    {"PostObject", HTTP_POST, S3_BUCKET, NULL, s3_post_form},
    {"DeleteObjects", HTTP_POST, S3_BUCKET, "delete", s3_delete_objects},
    {"GetBucketLocation", HTTP_GET, S3_BUCKET, "location", s3_bucket_location},
    {"GetBucketVersioning", HTTP_GET, S3_BUCKET, "versioning", s3_bucket_versioning_get},
    {"PutBucketVersioning", HTTP_PUT, S3_BUCKET, "versioning", s3_bucket_versioning_put},
    {"GetBucketTagging", HTTP_GET, S3_BUCKET, "tagging", s3_bucket_tagging_get},
    {"PutBucketTagging", HTTP_PUT, S3_BUCKET, "tagging", s3_bucket_tagging_put},
    {"DeleteBucketTagging", HTTP_DELETE, S3_BUCKET, "tagging", s3_bucket_tagging_delete},
    {"GetBucketAcl", HTTP_GET, S3_BUCKET, "acl", s3_bucket_acl_get},
    {"PutBucketAcl", HTTP_PUT, S3_BUCKET, "acl", s3_acl_put},
    {"ListObjectVersions", HTTP_GET, S3_BUCKET, "versions", s3_list_versions},
    {"ListMultipartUploads", HTTP_GET, S3_BUCKET, "uploads", s3_list_uploads},
    /* Never set here: asked by clients, answered as S3 answers for a bucket without. */
    {"GetBucketPolicy", HTTP_GET, S3_BUCKET, "policy", s3_bucket_unset_get, FAIL_NO_POLICY},
    {"GetBucketPolicyStatus", HTTP_GET, S3_BUCKET, "policyStatus", s3_bucket_unset_get,
     FAIL_NO_POLICY},
    {"GetBucketLifecycleConfiguration", HTTP_GET, S3_BUCKET, "lifecycle", s3_bucket_unset_get,
     FAIL_NO_LIFECYCLE},
    {"GetBucketCors", HTTP_GET, S3_BUCKET, "cors", s3_bucket_unset_get, FAIL_NO_CORS},
    {"GetBucketWebsite", HTTP_GET, S3_BUCKET, "website", s3_bucket_unset_get, FAIL_NO_WEBSITE},
    {"GetBucketEncryption", HTTP_GET, S3_BUCKET, "encryption", s3_bucket_unset_get,
     FAIL_NO_ENCRYPTION},
    {"GetObjectLockConfiguration", HTTP_GET, S3_BUCKET, "object-lock", s3_bucket_unset_get,
     FAIL_NO_LOCK},
    {"GetBucketReplication", HTTP_GET, S3_BUCKET, "replication", s3_bucket_unset_get,
     FAIL_NO_REPLICATION},
    {"GetBucketOwnershipControls", HTTP_GET, S3_BUCKET, "ownershipControls", s3_bucket_unset_get,
     FAIL_NO_OWNERSHIP},
    {"GetPublicAccessBlock", HTTP_GET, S3_BUCKET, "publicAccessBlock", s3_bucket_unset_get,
     FAIL_NO_PUBLIC_BLOCK},
    {"GetBucketLogging", HTTP_GET, S3_BUCKET, "logging", s3_bucket_empty_get},
    {"GetBucketNotificationConfiguration", HTTP_GET, S3_BUCKET, "notification",
     s3_bucket_empty_get},
    {"GetBucketRequestPayment", HTTP_GET, S3_BUCKET, "requestPayment", s3_bucket_empty_get},
    {"GetBucketAccelerateConfiguration", HTTP_GET, S3_BUCKET, "accelerate", s3_bucket_empty_get},
    /* Removing what was never set succeeds, as in S3. */
    {"DeleteBucketPolicy", HTTP_DELETE, S3_BUCKET, "policy", s3_bucket_unset_delete},
    {"DeleteBucketLifecycle", HTTP_DELETE, S3_BUCKET, "lifecycle", s3_bucket_unset_delete},
    {"DeleteBucketCors", HTTP_DELETE, S3_BUCKET, "cors", s3_bucket_unset_delete},
    {"DeleteBucketWebsite", HTTP_DELETE, S3_BUCKET, "website", s3_bucket_unset_delete},
    {"DeleteBucketReplication", HTTP_DELETE, S3_BUCKET, "replication", s3_bucket_unset_delete},

    {"GetObject", HTTP_GET, S3_OBJECT, NULL, s3_object_get},
    {"HeadObject", HTTP_HEAD, S3_OBJECT, NULL, s3_object_get},
    {"PutObject", HTTP_PUT, S3_OBJECT, NULL, s3_object_put}, /* and CopyObject, by its header */
    {"DeleteObject", HTTP_DELETE, S3_OBJECT, NULL, s3_object_delete},
    {"GetObjectAttributes", HTTP_GET, S3_OBJECT, "attributes", s3_object_attributes},
    {"GetObjectAcl", HTTP_GET, S3_OBJECT, "acl", s3_object_acl_get},
    {"PutObjectAcl", HTTP_PUT, S3_OBJECT, "acl", s3_acl_put},
    {"GetObjectTagging", HTTP_GET, S3_OBJECT, "tagging", s3_object_tagging_get},
    {"PutObjectTagging", HTTP_PUT, S3_OBJECT, "tagging", s3_object_tagging_put},
    {"DeleteObjectTagging", HTTP_DELETE, S3_OBJECT, "tagging", s3_object_tagging_delete},
    {"GetObjectRetention", HTTP_GET, S3_OBJECT, "retention", s3_object_lock_get},
    {"GetObjectLegalHold", HTTP_GET, S3_OBJECT, "legal-hold", s3_object_lock_get},
    {"CreateMultipartUpload", HTTP_POST, S3_OBJECT, "uploads", s3_upload_create},
    {"UploadPart", HTTP_PUT, S3_OBJECT, "uploadId", s3_upload_part}, /* and UploadPartCopy */
    {"ListParts", HTTP_GET, S3_OBJECT, "uploadId", s3_upload_parts},
    {"CompleteMultipartUpload", HTTP_POST, S3_OBJECT, "uploadId", s3_upload_complete},
    {"AbortMultipartUpload", HTTP_DELETE, S3_OBJECT, "uploadId", s3_upload_abort},
};

/* Every parameter S3 knows as a subresource, served here or not. */
static const char *const subresources[] = {
    "abac",
    "accelerate",
    "acl",
    "analytics",
    "attributes",
    "cors",
    "delete",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "location",
    "logging",
    "metadataConfiguration",
    "metadataInventoryTable",
    "metadataJournalTable",
    "metadataTable",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "renameObject",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "session",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versioning",
    "versions",
    "website",
};

/* Parameters that change how an operation runs, not which it is. Others are ignored on reads, as
 * S3 does, and refused where something would be changed. */
static const char *const modifiers[] = {
    "partNumber",
    "versionId",
    "x-id",
};

const struct s3_operation *s3_operations(size_t *count) {
    *count = COUNT_OF(operations);
    return operations;
}

static const char *word_find(const char *const *words, size_t count, str name) {
    for (size_t i = 0; i < count; i++)
        if (str_equal(name, str_from_c(words[i]))) return words[i];
    return NULL;
}

static enum error_code subresource_find(const struct s3_query *query, const char **out,
                                        struct error *e) {
    *out = NULL;
    for (unsigned i = 0; i < query->count; i++) {
        const char *found = word_find(subresources, COUNT_OF(subresources), query->at[i].name);
        if (found == NULL) continue;
        if (*out != NULL)
            return error_set(e, FAIL_INVALID_ARGUMENT,
                             "Conflicting query string parameters: %s, %s", *out, found);
        *out = found;
    }
    return OK;
}

static enum error_code unknown_refuse(enum http_method method, const struct s3_query *query,
                                      struct error *e) {
    if (method == HTTP_GET || method == HTTP_HEAD) return OK;
    for (unsigned i = 0; i < query->count; i++) {
        str name = query->at[i].name;
        if (str_equal_nocase(str_slice(name, 0, 6), STR("x-amz-"))) continue;
        if (word_find(subresources, COUNT_OF(subresources), name) != NULL) continue;
        if (word_find(modifiers, COUNT_OF(modifiers), name) != NULL) continue;
        return error_set(e, FAIL_NOT_IMPLEMENTED,
                         "The query parameter \"%.*s\" is not known here, and nothing was changed",
                         STR_FMT(name));
    }
    return OK;
}

static enum s3_level level_of(const struct s3_address *address) {
    if (address->bucket.len == 0) return S3_SERVICE;
    return address->key.len == 0 ? S3_BUCKET : S3_OBJECT;
}

enum error_code s3_route(enum http_method method, const struct s3_address *address,
                         const struct s3_query *query, const struct s3_operation **out,
                         struct error *e) {
    const char *subresource;
    enum s3_level level = level_of(address);
    TRY(subresource_find(query, &subresource, e));
    TRY(unknown_refuse(method, query, e));
    for (size_t i = 0; i < COUNT_OF(operations); i++) {
        const struct s3_operation *row = &operations[i];
        if (row->method != method || row->level != level) continue;
        bool same = subresource == NULL || row->subresource == NULL
                        ? subresource == row->subresource
                        : strcmp(subresource, row->subresource) == 0;
        if (!same) continue;
        *out = row;
        return OK;
    }
    if (subresource != NULL)
        return error_set(e, FAIL_NOT_IMPLEMENTED,
                         "%.*s ?%s is not served here, and nothing was changed",
                         STR_FMT(http_method_name(method)), subresource);
    return error_set(e, FAIL_METHOD_NOT_ALLOWED,
                     "The specified method is not allowed against this resource.");
}
