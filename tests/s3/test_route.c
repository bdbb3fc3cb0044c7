/* Routing: every row finds itself, and nothing that is not served becomes the plain operation. */
#include "s3/route.h"
#include "tests/test.h"

static const struct {
    enum http_method method;
    const char *bucket, *key, *query;
    const char *operation; /* NULL: refused with: */
    enum error_code code;
} cases[] = {
    {HTTP_GET, "", "", "", "ListBuckets", OK},
    {HTTP_GET, "", "", "x-id=ListBuckets", "ListBuckets", OK},
    {HTTP_PUT, "", "", "", NULL, FAIL_METHOD_NOT_ALLOWED},
    {HTTP_GET, "b", "", "", "ListObjects", OK},
    {HTTP_GET, "b", "", "list-type=2&prefix=a", "ListObjects", OK},
    {HTTP_GET, "b", "", "prefix=uploads", "ListObjects", OK},
    {HTTP_GET, "b", "", "nobody=knows", "ListObjects", OK},
    {HTTP_GET, "b", "", "uploads", "ListMultipartUploads", OK},
    {HTTP_GET, "b", "", "uploads=", "ListMultipartUploads", OK},
    {HTTP_GET, "b", "", "versions", "ListObjectVersions", OK},
    {HTTP_GET, "b", "", "policy", "GetBucketPolicy", OK},
    {HTTP_PUT, "b", "", "", "CreateBucket", OK},
    {HTTP_PUT, "b", "", "policy", NULL, FAIL_NOT_IMPLEMENTED},
    {HTTP_PUT, "b", "", "lifecycle", NULL, FAIL_NOT_IMPLEMENTED},
    {HTTP_PUT, "b", "", "unheard-of", NULL, FAIL_NOT_IMPLEMENTED},
    {HTTP_PUT, "b", "", "unheard-of=1", NULL, FAIL_NOT_IMPLEMENTED},
    {HTTP_DELETE, "b", "", "", "DeleteBucket", OK},
    {HTTP_DELETE, "b", "", "policy", "DeleteBucketPolicy", OK},
    {HTTP_DELETE, "b", "", "encryption", NULL, FAIL_NOT_IMPLEMENTED},
    {HTTP_DELETE, "b", "", "versioning", NULL, FAIL_NOT_IMPLEMENTED},
    {HTTP_POST, "b", "", "delete", "DeleteObjects", OK},
    {HTTP_POST, "b", "", "", "PostObject", OK},
    {HTTP_HEAD, "b", "", "", "HeadBucket", OK},
    {HTTP_HEAD, "b", "", "acl", NULL, FAIL_NOT_IMPLEMENTED},
    {HTTP_GET, "b", "k", "", "GetObject", OK},
    {HTTP_GET, "b", "k", "partNumber=1&versionId=null", "GetObject", OK},
    {HTTP_GET, "b", "k", "torrent", NULL, FAIL_NOT_IMPLEMENTED},
    {HTTP_GET, "b", "k", "uploadId=u", "ListParts", OK},
    {HTTP_GET, "b", "k", "uploads", NULL, FAIL_NOT_IMPLEMENTED},
    {HTTP_PUT, "b", "k", "", "PutObject", OK},
    {HTTP_PUT, "b", "k", "X-Amz-Signature=a&x-amz-meta-b=c", "PutObject", OK},
    {HTTP_PUT, "b", "k", "acl", "PutObjectAcl", OK},
    {HTTP_PUT, "b", "k", "acl=", "PutObjectAcl", OK},
    {HTTP_PUT, "b", "k", "tagging", "PutObjectTagging", OK},
    {HTTP_PUT, "b", "k", "retention", NULL, FAIL_NOT_IMPLEMENTED},
    {HTTP_PUT, "b", "k", "legal-hold", NULL, FAIL_NOT_IMPLEMENTED},
    {HTTP_PUT, "b", "k", "renameObject", NULL, FAIL_NOT_IMPLEMENTED},
    {HTTP_PUT, "b", "k", "unheard-of", NULL, FAIL_NOT_IMPLEMENTED},
    {HTTP_PUT, "b", "k", "partNumber=1&uploadId=u", "UploadPart", OK},
    {HTTP_PUT, "b", "k", "acl&tagging", NULL, FAIL_INVALID_ARGUMENT},
    {HTTP_PUT, "b", "k", "acl&acl", NULL, FAIL_INVALID_ARGUMENT},
    {HTTP_POST, "b", "k", "uploads", "CreateMultipartUpload", OK},
    {HTTP_POST, "b", "k", "uploadId=u", "CompleteMultipartUpload", OK},
    {HTTP_POST, "b", "k", "restore", NULL, FAIL_NOT_IMPLEMENTED},
    {HTTP_POST, "b", "k", "select&select-type=2", NULL, FAIL_NOT_IMPLEMENTED},
    {HTTP_POST, "b", "k", "", NULL, FAIL_METHOD_NOT_ALLOWED},
    {HTTP_DELETE, "b", "k", "versionId=null", "DeleteObject", OK},
    {HTTP_DELETE, "b", "k", "uploadId=u", "AbortMultipartUpload", OK},
    {HTTP_DELETE, "b", "k", "prefix=x", NULL, FAIL_NOT_IMPLEMENTED},
    {HTTP_OPTIONS, "b", "k", "", NULL, FAIL_METHOD_NOT_ALLOWED},
};

static enum error_code route(enum http_method method, const char *bucket, const char *key,
                             const char *text, const struct s3_operation **out) {
    char memory[8192];
    struct arena arena = arena_over(memory, sizeof memory);
    struct s3_address address = {.bucket = str_from_c(bucket), .key = str_from_c(key)};
    struct s3_query query;
    struct error e = {0};
    assert_ok(s3_query_read(str_from_c(text), &arena, &query, &e), &e);
    return s3_route(method, &address, &query, out, &e);
}

static void each_request_is_its_operation_or_refused(void **state) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct s3_operation *found = NULL;
        char name[128];
        enum error_code code =
            route(cases[i].method, cases[i].bucket, cases[i].key, cases[i].query, &found);
        snprintf(name, sizeof name, "%.*s /%s/%s?%s", STR_FMT(http_method_name(cases[i].method)),
                 cases[i].bucket, cases[i].key, cases[i].query);
        assert_row(name, code == cases[i].code);
        if (code == OK) assert_row(name, strcmp(found->name, cases[i].operation) == 0);
    }
}

static void every_row_can_be_reached(void **state) {
    size_t count;
    const struct s3_operation *rows = s3_operations(&count);
    for (size_t i = 0; i < count; i++) {
        const struct s3_operation *found = NULL;
        const char *query = rows[i].subresource != NULL ? rows[i].subresource : "";
        enum error_code code = route(rows[i].method, rows[i].level == S3_SERVICE ? "" : "b",
                                     rows[i].level == S3_OBJECT ? "k" : "", query, &found);
        assert_row(rows[i].name, code == OK && found == &rows[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_request_is_its_operation_or_refused),
        cmocka_unit_test(every_row_can_be_reached),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
