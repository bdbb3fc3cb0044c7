/* TLS 1.2 and 1.3 by OpenSSL over a BIO that parks the fiber, so that SSL_read and SSL_write are
 * calls like any other.
 *
 * The trap: OpenSSL's error queue belongs to the thread. While one fiber is parked inside SSL_read,
 * another may leave an error there, and SSL_get_error would blame the first. So the queue is
 * emptied before each call, and by the BIO after each park. */
#ifndef AZEKURA_HTTP_TLS_H
#define AZEKURA_HTTP_TLS_H

#include "http/wire.h"

/* FAIL_TLS: the files are unreadable, or the key is not the certificate's. */
enum error_code tls_server_context(const char *certificate_path, const char *key_path,
                                   SSL_CTX **out, struct error *e) MUST_USE;
/* `ca_path` NULL: the system's. */
enum error_code tls_client_context(const char *ca_path, bool verify, SSL_CTX **out,
                                   struct error *e) MUST_USE;

/* Handshakes over w->fd; afterwards w speaks TLS. w must not move while it does. Park. */
enum error_code tls_accept(struct http_wire *w, SSL_CTX *context, int64_t deadline_ns,
                           struct error *e) MUST_USE;
enum error_code tls_connect(struct http_wire *w, SSL_CTX *context, str host, bool verify,
                            int64_t deadline_ns, struct error *e) MUST_USE;

enum error_code tls_recv(struct http_wire *w, void *bytes, size_t cap, int64_t deadline_ns,
                         size_t *got, struct error *e) MUST_USE;
enum error_code tls_send(struct http_wire *w, str bytes, int64_t deadline_ns,
                         struct error *e) MUST_USE;
void tls_say_goodbye(struct http_wire *w, int64_t deadline_ns); /* the close notice, once */

/* Below TLS: early bytes, then the socket. In wire.c. */
enum error_code wire_recv_raw(struct http_wire *w, void *bytes, size_t cap, int64_t deadline_ns,
                              size_t *got, struct error *e) MUST_USE;

#endif
