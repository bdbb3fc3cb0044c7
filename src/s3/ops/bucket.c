/* The service and its buckets. */
#include "s3/ops/ops.h"

/* ---- ListBuckets ---- */

struct bucket_listing {
    struct s3_xml *x;
    str prefix, after, last;
    uint32_t max, count;
    bool truncated;
};

static enum error_code bucket_each(void *self, const struct store_bucket *bucket, struct error *e) {
    struct bucket_listing *l = self;
    if (!str_starts(bucket->name, l->prefix)) return OK;
    if (l->after.len > 0 && str_compare(bucket->name, l->after) <= 0) return OK;
    if (l->count == l->max) {
        l->truncated = true;
        return OK;
    }
    s3_xml_open(l->x, "Bucket");
    s3_xml_text(l->x, "Name", bucket->name);
    s3_xml_time(l->x, "CreationDate", bucket->created_ns);
    s3_xml_close(l->x, "Bucket");
    l->last = bucket->name; /* lives as long as the visit's world */
    l->count++;
    return l->x->code;
}

enum error_code s3_list_buckets(struct s3_request *r, struct error *e) {
    struct s3_xml x;
    struct bucket_listing listing = {.x = &x,
                                     .prefix = s3_request_param(r, STR("prefix")),
                                     .after = s3_request_param(r, STR("continuation-token"))};
    TRY(s3_request_number(r, STR("max-buckets"), LIMIT_BUCKETS, LIMIT_BUCKETS, &listing.max, e));
    if (listing.max == 0) /* no page of none leads on to another */
        return error_set(e, FAIL_INVALID_ARGUMENT, "Argument max-buckets must be at least 1");
    s3_reply_xml_begin(r, &x, e);
    s3_xml_open_root(&x, "ListAllMyBucketsResult");
    s3_xml_owner(&x, "Owner", gate_visit_user(&r->visit));
    s3_xml_open(&x, "Buckets");
    TRY(gate_bucket_list(&r->visit, bucket_each, &listing, &r->answer, e));
    s3_xml_close(&x, "Buckets");
    if (listing.truncated) s3_xml_text(&x, "ContinuationToken", listing.last);
    if (listing.prefix.len > 0) s3_xml_text(&x, "Prefix", listing.prefix);
    s3_xml_close(&x, "ListAllMyBucketsResult");
    return s3_reply_xml_end(r, &x, e);
}

/* ---- create, head, delete ---- */

static enum error_code location_check(const struct s3_request *r, str location, struct error *e) {
    if (location.len == 0) return OK;
    for (unsigned i = 0; i < r->s3->region_count; i++)
        if (str_equal(location, r->s3->regions[i])) return OK;
    return error_set(e, FAIL_LOCATION,
                     "The specified location-constraint is not valid: this store is \"%.*s\"",
                     STR_FMT(r->s3->regions[0]));
}

static enum error_code bucket_make(struct s3_request *r, const struct s3_document *document,
                                   struct error *e) {
    TRY(location_check(r, document->location, e));
    enum error_code code = gate_bucket_create(&r->visit, r->address.bucket, &r->answer, e);
    /* Making one's own bucket again succeeds in us-east-1, and is a conflict elsewhere. */
    if (code == FAIL_BUCKET_OWNED && str_equal(r->s3->regions[0], STR("us-east-1"))) code = OK;
    if (code != OK || document->count == 0) return code;
    struct store_pairs tags = {document->tags, document->count};
    return gate_bucket_tags(&r->visit, r->address.bucket, tags, &r->answer, e);
}

enum error_code s3_bucket_create(struct s3_request *r, struct error *e) {
    struct s3_document document = {0};
    str location;
    str ownership = s3_request_header(r, STR("x-amz-object-ownership"));
    if (ownership.len > 0 && !str_equal(ownership, STR("BucketOwnerEnforced")))
        return error_set(e, FAIL_NOT_IMPLEMENTED,
                         "Object ownership other than BucketOwnerEnforced is not served here");
    enum error_code code = OK;
    if (http_body_length(r->http) > 0)
        code = s3_body_document(r, S3_DOCUMENT_CREATE_BUCKET, false, s3_request_arena(r), &document,
                                e);
    if (code == FAIL_MISSING_BODY) code = OK; /* an empty body in chunks is no configuration */
    if (code == OK) code = bucket_make(r, &document, e);
    s3_document_release(&document);
    if (code != OK) return code;
    TRY(arena_format(s3_request_arena(r), &location, e, "/%.*s", STR_FMT(r->address.bucket)));
    s3_reply_header(r, STR("Location"), location);
    return s3_reply_send(r, 200, STR_EMPTY, e);
}

/* A look at the bucket: that the visitor may, and that it is there. */
static enum error_code bucket_look(struct s3_request *r, const struct store_bucket **out,
                                   struct error *e) {
    return gate_bucket_get(&r->visit, r->address.bucket, out, &r->answer, e);
}

enum error_code s3_bucket_head(struct s3_request *r, struct error *e) {
    const struct store_bucket *bucket;
    TRY(bucket_look(r, &bucket, e));
    s3_reply_header(r, STR("x-amz-bucket-region"), r->s3->regions[0]);
    s3_reply_header(r, STR("x-amz-access-point-alias"), STR("false"));
    return s3_reply_send(r, 200, STR_EMPTY, e);
}

enum error_code s3_bucket_delete(struct s3_request *r, struct error *e) {
    TRY(gate_bucket_delete(&r->visit, r->address.bucket, &r->answer, e));
    return s3_reply_send(r, 204, STR_EMPTY, e);
}

/* ---- what a bucket is made of ---- */

enum error_code s3_bucket_location(struct s3_request *r, struct error *e) {
    const struct store_bucket *bucket;
    struct s3_xml x;
    str region = r->s3->regions[0];
    TRY(bucket_look(r, &bucket, e));
    s3_reply_xml_begin(r, &x, e);
    s3_xml_open_root(&x, "LocationConstraint");
    if (!str_equal(region, STR("us-east-1"))) s3_xml_raw(&x, region); /* checked at opening */
    s3_xml_close(&x, "LocationConstraint");
    return s3_reply_xml_end(r, &x, e);
}

enum error_code s3_bucket_versioning_get(struct s3_request *r, struct error *e) {
    const struct store_bucket *bucket;
    struct s3_xml x;
    TRY(bucket_look(r, &bucket, e));
    s3_reply_xml_begin(r, &x, e);
    s3_xml_open_root(&x, "VersioningConfiguration");
    if (bucket->versioning == STORE_ENABLED) s3_xml_text(&x, "Status", STR("Enabled"));
    if (bucket->versioning == STORE_SUSPENDED) s3_xml_text(&x, "Status", STR("Suspended"));
    s3_xml_close(&x, "VersioningConfiguration");
    return s3_reply_xml_end(r, &x, e);
}

enum error_code s3_bucket_versioning_put(struct s3_request *r, struct error *e) {
    struct s3_document document;
    enum error_code code =
        s3_body_document(r, S3_DOCUMENT_VERSIONING, false, s3_request_arena(r), &document, e);
    s3_document_release(&document);
    if (code != OK) return code;
    TRY(gate_bucket_versioning(&r->visit, r->address.bucket, document.versioning, &r->answer, e));
    return s3_reply_send(r, 200, STR_EMPTY, e);
}

enum error_code s3_bucket_tagging_get(struct s3_request *r, struct error *e) {
    const struct store_bucket *bucket;
    struct s3_xml x;
    TRY(bucket_look(r, &bucket, e));
    if (bucket->tags.count == 0)
        return error_set(e, FAIL_NO_SUCH_TAG_SET, "The TagSet does not exist");
    s3_reply_xml_begin(r, &x, e);
    s3_xml_tags(&x, bucket->tags);
    return s3_reply_xml_end(r, &x, e);
}

enum error_code s3_bucket_tagging_put(struct s3_request *r, struct error *e) {
    struct s3_document document;
    enum error_code code =
        s3_body_document(r, S3_DOCUMENT_TAGGING, true, s3_request_arena(r), &document, e);
    struct store_pairs tags = {document.tags, document.count};
    s3_document_release(&document);
    if (code != OK) return code;
    TRY(gate_bucket_tags(&r->visit, r->address.bucket, tags, &r->answer, e));
    return s3_reply_send(r, 204, STR_EMPTY, e);
}

enum error_code s3_bucket_tagging_delete(struct s3_request *r, struct error *e) {
    struct store_pairs none = {0};
    TRY(gate_bucket_tags(&r->visit, r->address.bucket, none, &r->answer, e));
    return s3_reply_send(r, 204, STR_EMPTY, e);
}

/* ---- access lists: there are none, and the answer says whose everything is ---- */

static enum error_code acl_reply(struct s3_request *r, str owner, struct error *e) {
    struct s3_xml x;
    s3_reply_xml_begin(r, &x, e);
    s3_xml_open_root(&x, "AccessControlPolicy");
    s3_xml_owner(&x, "Owner", owner);
    s3_xml_open(&x, "AccessControlList");
    s3_xml_open(&x, "Grant");
    s3_xml_raw(&x, STR("<Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
                       "xsi:type=\"CanonicalUser\">"));
    s3_xml_text(&x, "ID", owner);
    s3_xml_text(&x, "DisplayName", owner);
    s3_xml_close(&x, "Grantee");
    s3_xml_text(&x, "Permission", STR("FULL_CONTROL"));
    s3_xml_close(&x, "Grant");
    s3_xml_close(&x, "AccessControlList");
    s3_xml_close(&x, "AccessControlPolicy");
    return s3_reply_xml_end(r, &x, e);
}

enum error_code s3_bucket_acl_get(struct s3_request *r, struct error *e) {
    const struct store_bucket *bucket;
    TRY(bucket_look(r, &bucket, e));
    return acl_reply(r, bucket->owner, e);
}

static enum error_code object_look(struct s3_request *r, struct gate_reading *reading,
                                   struct error *e) {
    struct gate_get get = {.bucket = r->address.bucket, .key = r->address.key, .head_only = true};
    TRY(s3_request_version(r, &get.with_version, &get.version, e));
    return gate_read_open(&r->visit, &get, reading, &r->answer, e);
}

enum error_code s3_object_acl_get(struct s3_request *r, struct error *e) {
    struct gate_reading reading;
    TRY(object_look(r, &reading, e));
    enum error_code code = acl_reply(r, reading.version.owner, e);
    gate_read_close(&reading);
    return code;
}

/* The one list that holds here may be set again, by its name or spelled out; s3cmd does after each
 * copy. Any other is refused, before anything is looked at. */
static enum error_code acl_read(struct s3_request *r, str *grantee, struct error *e) {
    struct s3_document document;
    *grantee = STR_EMPTY;
    if (s3_request_header(r, STR("x-amz-acl")).len > 0) return OK; /* the door took it */
    enum error_code code =
        s3_body_document(r, S3_DOCUMENT_ACL, false, s3_request_arena(r), &document, e);
    s3_document_release(&document);
    if (code == OK) *grantee = document.grantee;
    return code;
}

enum error_code s3_acl_put(struct s3_request *r, struct error *e) {
    const struct store_bucket *bucket;
    struct gate_reading reading = {0};
    str grantee = STR_EMPTY, owner;
    TRY(acl_read(r, &grantee, e));
    if (r->address.key.len == 0) {
        TRY(bucket_look(r, &bucket, e));
        owner = bucket->owner;
    } else {
        TRY(object_look(r, &reading, e));
        owner = reading.version.owner;
        gate_read_close(&reading);
    }
    if (grantee.len > 0 && !str_equal(grantee, owner))
        return error_set(e, FAIL_ACL,
                         "The bucket does not allow ACLs: access here is granted to "
                         "keys, by the store's operator");
    return s3_reply_send(r, 200, STR_EMPTY, e);
}

/* ---- configurations no bucket here has ---- */

enum error_code s3_bucket_unset_get(struct s3_request *r, struct error *e) {
    const struct store_bucket *bucket;
    TRY(bucket_look(r, &bucket, e));
    assert(r->operation->unset != OK);
    return error_set(e, r->operation->unset, "The bucket has no such configuration: ?%s is not set",
                     r->operation->subresource);
}

enum error_code s3_bucket_unset_delete(struct s3_request *r, struct error *e) {
    const struct store_bucket *bucket;
    TRY(bucket_look(r, &bucket, e));
    return s3_reply_send(r, 204, STR_EMPTY, e);
}

enum error_code s3_bucket_empty_get(struct s3_request *r, struct error *e) {
    static const struct {
        const char *subresource, *element;
    } documents[] = {{"logging", "BucketLoggingStatus"},
                     {"notification", "NotificationConfiguration"},
                     {"requestPayment", "RequestPaymentConfiguration"},
                     {"accelerate", "AccelerateConfiguration"}};
    const struct store_bucket *bucket;
    struct s3_xml x;
    TRY(bucket_look(r, &bucket, e));
    s3_reply_xml_begin(r, &x, e);
    for (size_t i = 0; i < COUNT_OF(documents); i++) {
        if (strcmp(documents[i].subresource, r->operation->subresource) != 0) continue;
        s3_xml_open_root(&x, documents[i].element);
        if (strcmp(documents[i].subresource, "requestPayment") == 0)
            s3_xml_text(&x, "Payer", STR("BucketOwner"));
        s3_xml_close(&x, documents[i].element);
    }
    return s3_reply_xml_end(r, &x, e);
}

enum error_code s3_object_lock_get(struct s3_request *r, struct error *e) {
    const struct store_bucket *bucket;
    TRY(bucket_look(r, &bucket, e));
    return error_set(e, FAIL_INVALID_REQUEST, "Bucket is missing Object Lock Configuration");
}

enum error_code s3_post_form(struct s3_request *r, struct error *e) {
    return error_set(e, FAIL_METHOD_NOT_ALLOWED,
                     "Uploads by HTML form are not served here; use PUT, presigned if need be");
}
