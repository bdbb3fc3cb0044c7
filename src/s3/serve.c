/* From a head to an operation: the one door every request comes through.
 *
 * Order matters. Nothing is looked up before the signature held; nothing is routed before either. A
 * request without credentials is answered at once, in the same words whatever it asked. */
#include "s3/route.h"

#include "base/log.h"
#include "s3/fields.h"

#include <stdatomic.h>

static void count(_Atomic(uint64_t) *counter) {
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

/* ---- what was asked ---- */

/* Only what was signed into the URL stands in for a header. */
static const struct s3_param *hoisted(const struct s3_request *r, str name) {
    if (r->who.auth.kind != S3_AUTH_QUERY || !str_starts(name, STR("x-amz-"))) return NULL;
    if (s3_checksum_of_header(name) != STORE_CHECKSUM_NONE) return NULL;
    for (unsigned i = 0; i < r->head.query.count; i++)
        if (str_equal_nocase(r->head.query.at[i].name, name)) return &r->head.query.at[i];
    return NULL;
}

str s3_request_header(const struct s3_request *r, str name) {
    str value = STR_EMPTY;
    if (http_header_find(r->http, name, &value)) return value;
    const struct s3_param *param = hoisted(r, name);
    return param != NULL ? param->value : STR_EMPTY;
}

bool s3_request_has_header(const struct s3_request *r, str name) {
    str value;
    return http_header_find(r->http, name, &value) || hoisted(r, name) != NULL;
}

enum error_code s3_request_number(const struct s3_request *r, str name, uint32_t otherwise,
                                  uint32_t cut, uint32_t *out, struct error *e) {
    const struct s3_param *param = s3_query_find(&r->head.query, name);
    uint32_t number;
    if (param == NULL || param->value.len == 0) {
        *out = otherwise;
        return OK;
    }
    if (!str_u32(param->value, &number) || number > INT32_MAX)
        return error_set(e, FAIL_INVALID_ARGUMENT,
                         "Argument %.*s must be an integer between 0 and 2147483647",
                         STR_FMT(name));
    *out = number < cut ? number : cut;
    return OK;
}

enum error_code s3_request_version(const struct s3_request *r, bool *has, str *version,
                                   struct error *e) {
    const struct s3_param *param = s3_query_find(&r->head.query, STR("versionId"));
    *has = param != NULL;
    *version = param != NULL ? param->value : STR_EMPTY;
    if (*has && version->len == 0)
        return error_set(e, FAIL_INVALID_ARGUMENT, "Version id cannot be the empty string");
    return OK;
}

/* A header that is there twice is signed as a list and read as one of two: refused. */
static enum error_code headers_once(const struct http_headers *headers, struct error *e) {
    for (size_t i = 0; i < headers->count; i++) {
        str name = headers->at[i].name;
        if (!str_equal_nocase(str_slice(name, 0, 6), STR("x-amz-"))) continue;
        if (http_headers_count(headers, name) > 1)
            return error_set(e, FAIL_INVALID_REQUEST, "The header %.*s is there more than once",
                             STR_FMT(name));
    }
    return OK;
}

/* ---- who asks ---- */

enum error_code s3_identify(struct s3 *s3, const struct s3_head *head, struct gate_visit *visit,
                            struct arena *arena, struct s3_identified *out, struct error *e) {
    struct s3_authorization *auth = &out->auth;
    struct s3_reactor *reactor = &s3->reactors[reactor_index()];
    str secret = STR_EMPTY;
    TRY(s3_authorization_read(head, auth, e));
    if (auth->kind == S3_AUTH_ANONYMOUS) return error_set(e, FAIL_ACCESS_DENIED, "Access Denied");
    TRY(s3_authorization_judge(auth, head, clock_wall_ns(), s3->regions, s3->region_count,
                               &out->fault, e));
    TRY(gate_visit_key(visit, auth->key_id, &secret, e));
    out->signing_key =
        *s3_key_cache_get(&reactor->keys, auth->key_id, secret, auth->date, auth->region);
    TRY(s3_authorization_verify(auth, head, &out->signing_key, arena, &out->fault, e));
    gate_visit_vouch(visit);
    return headers_once(&head->http->headers, e);
}

static enum error_code forwarded_read(struct s3_request *r, struct error *e) {
    const struct http_headers *headers = &r->http->head.headers;
    str all = STR_EMPTY, next;
    for (size_t i = 0; http_headers_next(headers, STR("x-forwarded-for"), &i, &next);) {
        if (all.len == 0)
            all = next;
        else
            TRY(arena_format(s3_request_arena(r), &all, e, "%.*s, %.*s", STR_FMT(all),
                             STR_FMT(next)));
    }
    r->visit.forwarded_for = all;
    return OK;
}

static enum error_code names_check(const struct s3_address *address, struct error *e) {
    if (address->bucket.len == 0 && address->key.len == 0) return OK;
    TRY(s3_bucket_check(address->bucket, e));
    return address->key.len > 0 ? s3_key_check(address->key, e) : OK;
}

static enum error_code operate(struct s3_request *r, struct error *e) {
    const struct http_request_head *head = &r->http->head;
    struct arena *arena = s3_request_arena(r);
    r->head.http = head;
    TRY(s3_query_read(head->query, arena, &r->head.query, e));
    TRY(s3_address_read(head->host, head->path, r->s3->domains, r->s3->domain_count, arena,
                        &r->address, e));
    enum error_code code = s3_identify(r->s3, &r->head, &r->visit, arena, &r->who, e);
    if (code != OK) {
        count(&r->reactor->unauthenticated);
        return code;
    }
    TRY(forwarded_read(r, e));
    TRY(names_check(&r->address, e));
    TRY(s3_route(head->method, &r->address, &r->head.query, &r->operation, e));
    TRY(s3_fields_refuse(r, e)); /* for every operation alike, so that none can forget it */
    TRY(s3_owners_check(r, e));
    return r->operation->run(r, e);
}

/* ---- around it ---- */

static void request_log(const struct s3_request *r, int64_t begun_ns) {
    const char *name = r->operation != NULL ? r->operation->name : "";
    const char *error = r->error.code != OK ? error_s3_name(r->error.code) : "";
    log_event(LOG_INFO, "s3", LOG_STR("request", str_of(r->request_id, S3_REQUEST_ID_BYTES)),
              LOG_STR("operation", str_from_c(name)), LOG_INT("status", http_reply_status(r->http)),
              LOG_STR("error", str_from_c(error)), LOG_STR("user", gate_visit_user(&r->visit)),
              LOG_INT("bytes_in", http_body_bytes(r->http)),
              LOG_INT("bytes_out", http_reply_bytes(r->http)),
              LOG_INT("us", (clock_steady_ns() - begun_ns) / NS_PER_US));
}

static void request_count(const struct s3_request *r) {
    count(&r->reactor->requests);
    if (r->error.code == FAIL_REFUSED) count(&r->reactor->refused);
    if (r->error.code != OK && error_http_status(r->error.code) >= 500) count(&r->reactor->failed);
}

void s3_serve(void *self, struct http_exchange *x) {
    struct s3 *s3 = self;
    struct s3_request r = {.s3 = s3, .http = x, .reactor = &s3->reactors[reactor_index()]};
    int64_t begun_ns = clock_steady_ns();
    unsigned char id[S3_REQUEST_ID_BYTES / 2];
    assert(reactor_index() < s3->reactor_count);
    write_be64(id, random_next(&r.reactor->ids));
    hex_write(id, sizeof id, r.request_id);
    gate_visit_begin(s3->gate, &r.visit, &x->arena);
    r.visit.request_id = str_of(r.request_id, sizeof r.request_id);
    r.visit.peer = x->peer;
    if (operate(&r, &r.error) != OK) s3_reply_error(&r);
    request_count(&r);
    request_log(&r, begun_ns);
    gate_visit_end(&r.visit);
    secret_wipe(&r.who.signing_key);
}

/* What the server itself refuses (a malformed head, a full house) reads like S3 too. */
void s3_fault(void *self, struct http_fault *fault) {
    struct error e = {0};
    struct s3_xml x = s3_xml_into(fault->body.at, fault->body.cap, &e);
    s3_xml_start(&x);
    s3_xml_open(&x, "Error");
    s3_xml_text(&x, "Code", str_from_c(error_s3_name(fault->error->code)));
    s3_xml_text(&x, "Message", str_from_c(fault->error->message));
    s3_xml_close(&x, "Error");
    if (s3_xml_done(&x) != OK) return; /* then it is the message as plain text */
    fault->body.len = x.to.len;
    fault->content_type = STR("application/xml");
}
