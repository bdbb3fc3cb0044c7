/* A connected socket, with or without TLS over it: what servers and clients read from and write to.
 *
 * All functions park. Deadlines are steady; errors are those of base/runtime.h, and FAIL_TLS. */
#ifndef AZEKURA_HTTP_WIRE_H
#define AZEKURA_HTTP_WIRE_H

#include "base/runtime.h"

#include <openssl/ssl.h>

struct http_wire {
    int fd;
    SSL *tls;  /* owned; NULL: plain */
    str early; /* bytes of the socket that came before they were asked for; borrowed */

    /* of the TLS call under way, for the BIO below it */
    int64_t deadline_ns;
    struct error *e;
    enum error_code code; /* why the socket failed; OK while it has not */
    bool at_end;          /* the socket has ended */
    bool tls_is_over;     /* nothing may be said over TLS any more */
};

/* Waits for bytes and leaves them in w->early, which lies in `memory` until it is used up. Nothing
 * else is held meanwhile. *ended: the other end has closed. */
enum error_code wire_wait(struct http_wire *w, void *memory, size_t bytes, int64_t deadline_ns,
                          bool *ended, struct error *e) MUST_USE;
bool wire_has_bytes(const struct http_wire *w); /* a recv would not wait */

/* *got 0: the other end has closed its side; over TLS: and said so. */
enum error_code wire_recv(struct http_wire *w, void *bytes, size_t cap, int64_t deadline_ns,
                          size_t *got, struct error *e) MUST_USE;
/* All of both, in this order; either may be empty. The deadline is for each LIMIT_PIECE_BYTES. */
enum error_code wire_send(struct http_wire *w, str first, str second, int64_t pause_ns,
                          int64_t deadline_ns, struct error *e) MUST_USE;

/* The same of a run of a file, over a wire without TLS; the deadline is for each piece that leaves. */
enum error_code wire_send_file(struct http_wire *w, int file, uint64_t offset, uint64_t count,
                               int64_t pause_ns, int64_t deadline_ns, struct error *e) MUST_USE;

/* Says that nothing more comes (TLS: by its close notice too) and leaves the socket open for
 * reading. Best effort. */
void wire_half_close(struct http_wire *w, int64_t deadline_ns);
/* Closes. `reset`: so that the other end sees a broken connection, not an end. */
void wire_close(struct http_wire *w, bool reset);

#endif
