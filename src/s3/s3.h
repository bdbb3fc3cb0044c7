/* s3: the S3 protocol over HTTP. Authenticates, names the operation, asks the gate, answers.
 *
 * It is a handler for an http server: pass s3_serve and s3_fault, with the s3 as `self`. One
 * authentication step stands before everything else; a request without credentials gets the same
 * 403 whatever it names. Source: S3 API reference; docs/acts.md says which act each operation is. */
#ifndef AZEKURA_S3_S3_H
#define AZEKURA_S3_S3_H

#include "base/base.h"
#include "gate/gate.h"
#include "http/http.h"

struct s3;

struct s3_options {
    struct gate *gate;       /* borrowed */
    struct runtime *runtime; /* borrowed; s3_serve runs on its reactors */
    const str *regions;  /* accepted in signatures; [0] is the store's own and told to clients */
    size_t region_count; /* 0: "us-east-1" and "auto", "default", what clients sign unasked */
    const str *domains;  /* BUCKET.DOMAIN names a bucket; 0: path-style only */
    size_t domain_count;
};

/* All strings are copied. FAIL_MEMORY; FAIL_LIMIT: more than S3_NAMES_MAX regions or domains. */
enum { S3_NAMES_MAX = 16 };
enum error_code s3_open(const struct s3_options *options, struct s3 **out,
                        struct error *e) MUST_USE;
void s3_close(struct s3 *s3); /* no request may be running; NULL is fine */

/* For http_server_options. */
void s3_serve(void *self, struct http_exchange *x);
void s3_fault(void *self, struct http_fault *fault);

struct s3_counters {
    uint64_t requests;
    uint64_t unauthenticated; /* no, wrong or late credentials */
    uint64_t refused;         /* the rulebook said no */
    uint64_t failed;          /* answered 5xx */
    uint64_t aborted;         /* reset after the status line */
};
/* Sums over the reactors since the start. */
void s3_counters(const struct s3 *s3, struct s3_counters *out);

/* ---- Signature V4 for others ---- */

/* Checks the signature of any request and makes the visit that key's user: how the console knows its
 * visitors. `s3` is the s3. FAIL_ACCESS_DENIED: anonymous; the failures of an S3 request. */
enum error_code s3_authenticate(void *s3, struct http_exchange *x, struct gate_visit *visit,
                                struct error *e) MUST_USE;

/* Headers that sign a GET without a body, for commands. `path` and `query` as they will be sent, the
 * query sorted by name; region us-east-1. Values live in the arena. FAIL_MEMORY. */
struct s3_signed {
    struct http_header at[3];
};
enum error_code s3_sign_get(str access_key, str secret_key, str host, str path, str query,
                            int64_t now_ns, struct arena *arena, struct s3_signed *out,
                            struct error *e) MUST_USE;

#endif
