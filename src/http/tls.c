#include "http/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pemerr.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <string.h>

/* ---- the BIO ---- */

static int bio_read(BIO *bio, char *bytes, size_t cap, size_t *got) {
    struct http_wire *w = BIO_get_data(bio);
    w->code = wire_recv_raw(w, bytes, cap, w->deadline_ns, got, w->e);
    ERR_clear_error(); /* other fibers ran meanwhile */
    if (w->code != OK) return 0;
    w->at_end = *got == 0;
    return *got > 0;
}

static int bio_write(BIO *bio, const char *bytes, size_t count, size_t *written) {
    struct http_wire *w = BIO_get_data(bio);
    w->code = net_send(w->fd, bytes, count, w->deadline_ns, w->e);
    ERR_clear_error();
    if (w->code != OK) return 0;
    *written = count;
    return 1;
}

static long bio_control(BIO *bio, int command, long number, void *pointer) {
    const struct http_wire *w = BIO_get_data(bio);
    switch (command) {
    case BIO_CTRL_FLUSH: return 1; /* nothing waits here */
    case BIO_CTRL_EOF: return w->at_end;
    default: return 0;
    }
}

static BIO_METHOD *bio_method;

static void bio_method_make(void) {
    bio_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "parking socket");
    if (bio_method == NULL) return;
    BIO_meth_set_read_ex(bio_method, bio_read);
    BIO_meth_set_write_ex(bio_method, bio_write);
    BIO_meth_set_ctrl(bio_method, bio_control);
}

/* ---- errors ---- */

/* The socket's own failure, if it was one; otherwise what OpenSSL says. */
static enum error_code tls_fail(struct http_wire *w, const char *doing, struct error *e) {
    w->tls_is_over = true;
    if (w->code != OK) return w->code; /* *e is set */
    long verdict = SSL_get_verify_result(w->tls);
    unsigned long queued = ERR_peek_last_error();
    if (w->at_end) return error_set(e, FAIL_CLOSED, "%s: closed in the middle of TLS", doing);
    if (verdict != X509_V_OK)
        return error_set(e, FAIL_TLS, "%s: the certificate is not to be trusted: %s", doing,
                         X509_verify_cert_error_string(verdict));
    const char *reason = ERR_reason_error_string(queued);
    return error_set(e, FAIL_TLS, "%s: %s", doing, reason != NULL ? reason : "TLS failed");
}

/* What went wrong first; what OpenSSL adds on the way out names only the library it came through. */
static const char *first_reason(void) {
    unsigned long first = ERR_peek_error();
    if (ERR_SYSTEM_ERROR(first)) return strerror(ERR_GET_REASON(first));
    const char *reason = ERR_reason_error_string(first);
    int library = ERR_GET_LIB(first);
    if (ERR_GET_REASON(first) == ERR_R_INTERRUPTED_OR_CANCELLED)
        return "it is encrypted, and nobody is there to say a password";
    if ((library == ERR_LIB_PEM && ERR_GET_REASON(first) == PEM_R_NO_START_LINE) ||
        library == ERR_LIB_OSSL_DECODER)
        return "there is no such thing in it, in PEM";
    return reason != NULL ? reason : "not usable";
}

/* A service has nobody who could type one in: OpenSSL would ask on the terminal, and wait. */
static int no_password(char *password, int cap, int writing, void *unused) {
    return -1;
}

static enum error_code context_fail(struct error *e, SSL_CTX *context, const char *what,
                                    const char *path) {
    enum error_code code = error_set(e, FAIL_TLS, "%s %s: %s", what, path, first_reason());
    SSL_CTX_free(context);
    ERR_clear_error();
    return code;
}

/* ---- contexts ---- */

static SSL_CTX *context_new(const SSL_METHOD *method) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, bio_method_make);
    ERR_clear_error();
    SSL_CTX *context = bio_method != NULL ? SSL_CTX_new(method) : NULL;
    if (context == NULL) return NULL;
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    /* idle connections hold no record buffers */
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF); /* tickets hold the state */
    /* AES-128 first: 20 % cheaper than AES-256 on the receiving side */
    SSL_CTX_set_ciphersuites(
        context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256");
    SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
    return context;
}

static const unsigned char protocol[] = "\x08http/1.1"; /* RFC 7301 section 3.1 */

static int protocol_choose(SSL *tls, const unsigned char **out, unsigned char *out_bytes,
                           const unsigned char *offered, unsigned offered_bytes, void *unused) {
    unsigned char *chosen;
    if (SSL_select_next_proto(&chosen, out_bytes, protocol, sizeof protocol - 1, offered,
                              offered_bytes) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

enum error_code tls_server_context(const char *certificate_path, const char *key_path,
                                   SSL_CTX **out, struct error *e) {
    SSL_CTX *context = context_new(TLS_server_method());
    if (context == NULL) return context_fail(e, context, "OpenSSL", "");
    SSL_CTX_set_default_passwd_cb(context, no_password);
    if (SSL_CTX_use_certificate_chain_file(context, certificate_path) != 1)
        return context_fail(e, context, "certificate", certificate_path);
    if (SSL_CTX_use_PrivateKey_file(context, key_path, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1)
        return context_fail(e, context, "key", key_path);
    SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_alpn_select_cb(context, protocol_choose, NULL);
    *out = context;
    return OK;
}

enum error_code tls_client_context(const char *ca_path, bool verify, SSL_CTX **out,
                                   struct error *e) {
    SSL_CTX *context = context_new(TLS_client_method());
    if (context == NULL) return context_fail(e, context, "OpenSSL", "");
    if (ca_path != NULL && SSL_CTX_load_verify_file(context, ca_path) != 1)
        return context_fail(e, context, "trusted certificates", ca_path);
    if (ca_path == NULL && verify && SSL_CTX_set_default_verify_paths(context) != 1)
        return context_fail(e, context, "trusted certificates", "of the system");
    SSL_CTX_set_verify(context, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_alpn_protos(context, protocol, sizeof protocol - 1);
    *out = context;
    return OK;
}

/* ---- connections ---- */

static void call_begins(struct http_wire *w, int64_t deadline_ns, struct error *e) {
    w->deadline_ns = deadline_ns;
    w->e = e;
    w->code = OK;
    ERR_clear_error();
}

static enum error_code attach(struct http_wire *w, SSL_CTX *context, struct error *e) {
    SSL *tls = SSL_new(context);
    BIO *bio = tls != NULL ? BIO_new(bio_method) : NULL;
    if (bio == NULL) {
        SSL_free(tls);
        return error_set(e, FAIL_MEMORY, "no memory for TLS");
    }
    BIO_set_data(bio, w);
    BIO_set_init(bio, 1);
    SSL_set_bio(tls, bio, bio);
    w->tls = tls;
    w->tls_is_over = false;
    return OK;
}

enum error_code tls_accept(struct http_wire *w, SSL_CTX *context, int64_t deadline_ns,
                           struct error *e) {
    TRY(attach(w, context, e));
    call_begins(w, deadline_ns, e);
    return SSL_accept(w->tls) == 1 ? OK : tls_fail(w, "accepting", e);
}

/* An address is checked as an address and not sent as a server name. Source: RFC 6066 section 3. */
static bool expect_host(SSL *tls, str host, bool verify) {
    char name[256];
    if (host.len == 0 || host.len >= sizeof name) return false;
    memcpy(name, host.at, host.len);
    name[host.len] = 0;
    X509_VERIFY_PARAM *param = SSL_get0_param(tls);
    if (X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1) return true;
    ERR_clear_error();
    return SSL_set_tlsext_host_name(tls, name) == 1 && (!verify || SSL_set1_host(tls, name) == 1);
}

enum error_code tls_connect(struct http_wire *w, SSL_CTX *context, str host, bool verify,
                            int64_t deadline_ns, struct error *e) {
    TRY(attach(w, context, e));
    if (!expect_host(w->tls, host, verify))
        return error_set(e, FAIL_USAGE, "not a host name: %.*s", STR_FMT(host));
    call_begins(w, deadline_ns, e);
    return SSL_connect(w->tls) == 1 ? OK : tls_fail(w, "connecting", e);
}

enum error_code tls_recv(struct http_wire *w, void *bytes, size_t cap, int64_t deadline_ns,
                         size_t *got, struct error *e) {
    if (w->tls_is_over) return error_set(e, FAIL_CLOSED, "receiving: TLS has ended");
    call_begins(w, deadline_ns, e);
    if (SSL_read_ex(w->tls, bytes, cap, got) == 1) return OK;
    if (SSL_get_error(w->tls, 0) != SSL_ERROR_ZERO_RETURN) return tls_fail(w, "receiving", e);
    *got = 0; /* the close notice */
    return OK;
}

enum error_code tls_send(struct http_wire *w, str bytes, int64_t deadline_ns, struct error *e) {
    size_t written;
    if (w->tls_is_over) return error_set(e, FAIL_CLOSED, "sending: TLS has ended");
    call_begins(w, deadline_ns, e);
    if (SSL_write_ex(w->tls, bytes.at, bytes.len, &written) != 1) return tls_fail(w, "sending", e);
    assert(written == bytes.len); /* partial writes are not enabled */
    return OK;
}

void tls_say_goodbye(struct http_wire *w, int64_t deadline_ns) {
    struct error ignored; /* whoever is told is leaving anyway */
    if (w->tls_is_over || !SSL_is_init_finished(w->tls)) return;
    call_begins(w, deadline_ns, &ignored);
    SSL_shutdown(w->tls);
    w->tls_is_over = true;
}
