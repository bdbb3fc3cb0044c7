/* One request on its way: what was asked, what the gate said, and the reply being composed.
 * Inner to s3; everything in it lives on the fiber that serves the request. */
#ifndef AZEKURA_S3_REQUEST_H
#define AZEKURA_S3_REQUEST_H

#include "s3/s3.h"
#include "s3/wire/checksum.h"
#include "s3/wire/documents.h"
#include "s3/wire/names.h"
#include "s3/wire/signature.h"
#include "s3/wire/xml_write.h"

enum {
    S3_REPLY_HEADERS_MAX = 96, /* 64 that were stored, and ours */
    S3_REQUEST_ID_BYTES = 16,
    S3_WIDE_COUNT = 8,       /* large requests served at once on one reactor; others wait */
    S3_WIDE_BYTES = 8 << 20, /* memory of one: 10,000 parts or 1,000 keys with their answers */
};

/* Memory for the few operations whose bodies name thousands of things. */
struct s3_wide {
    struct arena_space space;
    struct arena arena;
    struct fiber_lock lock;
};

/* What one reactor has for itself: nothing here is shared, so nothing is locked. */
struct s3_reactor {
    _Alignas(64) struct s3_key_cache keys;
    struct random_seeded ids;
    struct s3_wide wide[S3_WIDE_COUNT];
    unsigned wide_next;
    _Atomic(uint64_t) requests, unauthenticated, refused, failed, aborted;
};

struct s3 {
    struct gate *gate;
    struct runtime *runtime;
    str regions[S3_NAMES_MAX], domains[S3_NAMES_MAX];
    unsigned region_count, domain_count;
    struct s3_reactor *reactors;
    unsigned reactor_count;
    struct arena_space names_space; /* the strings */
    struct arena names;
};

/* Who asked, and what chunks of the body must be signed with. */
struct s3_identified {
    struct s3_authorization auth;
    struct s3_signature_fault fault;
    struct secret signing_key; /* wiped by whoever holds this */
};
/* The one authentication step: credentials read, judged, their key looked up, the signature held
 * against it, the visit vouched for. Nothing was looked up before an error but the key.
 * FAIL_ACCESS_DENIED: no credentials; the failures of wire/signature.h; FAIL_ACCESS_KEY;
 * FAIL_INVALID_REQUEST: an x-amz-* header is there twice. */
enum error_code s3_identify(struct s3 *s3, const struct s3_head *head, struct gate_visit *visit,
                            struct arena *arena, struct s3_identified *out,
                            struct error *e) MUST_USE;

struct s3_operation; /* route.h */

struct s3_request {
    struct s3 *s3;
    struct s3_reactor *reactor;
    struct http_exchange *http;
    char request_id[S3_REQUEST_ID_BYTES];

    struct s3_head head;
    struct s3_identified who;
    struct s3_address address;
    const struct s3_operation *operation; /* NULL: not that far */

    struct gate_visit visit;
    struct gate_answer answer;

    /* The reply. Values must live until it is begun. */
    struct http_header headers[S3_REPLY_HEADERS_MAX];
    size_t header_count;
    bool headers_full;
    struct error error; /* of the operation, for reply and log */
};

/* ---- what was asked ---- */

/* A header, or what a presigned URL carries in its stead: SDKs move x-amz-* headers into the query.
 * Checksum values there are over a body nobody had yet, and are not read (nor does S3).
 * Empty when there is none. */
str s3_request_header(const struct s3_request *r, str name);
bool s3_request_has_header(const struct s3_request *r, str name);
static inline str s3_request_param(const struct s3_request *r, str name) {
    return s3_query_value(&r->head.query, name);
}
static inline bool s3_request_has_param(const struct s3_request *r, str name) {
    return s3_query_find(&r->head.query, name) != NULL;
}
/* A number parameter: `otherwise` when absent; FAIL_INVALID_ARGUMENT when not 0..max.
 * Larger values are cut to `cut`. */
enum error_code s3_request_number(const struct s3_request *r, str name, uint32_t otherwise,
                                  uint32_t cut, uint32_t *out, struct error *e) MUST_USE;
/* versionId: *has false when absent. FAIL_INVALID_ARGUMENT when empty. */
enum error_code s3_request_version(const struct s3_request *r, bool *has, str *version,
                                   struct error *e) MUST_USE;
static inline struct arena *s3_request_arena(struct s3_request *r) {
    return &r->http->arena;
}

/* Takes one of the reactor's wide memories and lets the visit answer into it. Parks while all are
 * taken. Give it back when the reply has left. */
struct s3_wide *s3_wide_take(struct s3_request *r);
void s3_wide_give(struct s3_request *r, struct s3_wide *wide);

/* ---- the reply (reply.c) ---- */

/* Adds a header; an empty value adds none, but for user metadata, which may be empty. */
void s3_reply_header(struct s3_request *r, str name, str value);
void s3_reply_header_even_empty(struct s3_request *r, str name, str value);
/* With request id, decision, clauses, receipt and what was added. `length` as http_reply_begin. */
enum error_code s3_reply_begin(struct s3_request *r, int status, uint64_t length,
                               struct error *e) MUST_USE;
enum error_code s3_reply_send(struct s3_request *r, int status, str body, struct error *e) MUST_USE;
/* An XML reply: begin gives a writer that sends what does not fit, end sends the rest. The status
 * line leaves with the first bytes, so until the buffer is full an error is still an error reply. */
void s3_reply_xml_begin(struct s3_request *r, struct s3_xml *x, struct error *e);
enum error_code s3_reply_xml_end(struct s3_request *r, struct s3_xml *x, struct error *e) MUST_USE;
/* The <Error> for r->error, or a reset when the reply has begun. */
void s3_reply_error(struct s3_request *r);
void s3_etag_header(struct s3_request *r, const struct store_etag *etag);

/* ---- operations (ops/) ---- */

typedef enum error_code s3_operation_run(struct s3_request *r, struct error *e);

s3_operation_run s3_list_buckets, s3_bucket_create, s3_bucket_head, s3_bucket_delete,
    s3_bucket_location, s3_bucket_versioning_get, s3_bucket_versioning_put, s3_bucket_tagging_get,
    s3_bucket_tagging_put, s3_bucket_tagging_delete, s3_bucket_acl_get, s3_acl_put,
    s3_bucket_unset_get, s3_bucket_unset_delete, s3_bucket_empty_get, s3_list_objects,
    s3_list_objects_v2, s3_list_versions, s3_list_uploads, s3_delete_objects;
s3_operation_run s3_object_get, s3_object_put, s3_object_delete, s3_object_attributes,
    s3_object_acl_get, s3_object_tagging_get, s3_object_tagging_put, s3_object_tagging_delete,
    s3_object_lock_get, s3_upload_create, s3_upload_part, s3_upload_complete, s3_upload_abort,
    s3_upload_parts;
s3_operation_run s3_not_served, s3_post_form;

#endif
