#include "http/wire.h"

#include "http/tls.h"

#include <sys/uio.h>

/* Of a file at once: a quarter of a millisecond of the reactor's time at most, before others get
 * theirs. Measured: no faster from there up. */
enum { FILE_PIECE_BYTES = 1 << 18 };

static str take_early(struct http_wire *w, size_t cap) {
    str piece = str_slice(w->early, 0, cap);
    w->early = str_skip(w->early, piece.len);
    return piece;
}

enum error_code wire_wait(struct http_wire *w, void *memory, size_t bytes, int64_t deadline_ns,
                          bool *ended, struct error *e) {
    size_t got;
    assert(!wire_has_bytes(w));
    TRY(net_recv(w->fd, memory, bytes, deadline_ns, &got, e));
    w->early = str_of(memory, got);
    w->at_end = *ended = got == 0;
    return OK;
}

bool wire_has_bytes(const struct http_wire *w) {
    return w->early.len > 0 || (w->tls != NULL && SSL_pending(w->tls) > 0);
}

enum error_code wire_recv_raw(struct http_wire *w, void *bytes, size_t cap, int64_t deadline_ns,
                              size_t *got, struct error *e) {
    if (w->early.len == 0) return net_recv(w->fd, bytes, cap, deadline_ns, got, e);
    str piece = take_early(w, cap);
    memcpy(bytes, piece.at, piece.len);
    *got = piece.len;
    return OK;
}

enum error_code wire_recv(struct http_wire *w, void *bytes, size_t cap, int64_t deadline_ns,
                          size_t *got, struct error *e) {
    if (w->tls != NULL) return tls_recv(w, bytes, cap, deadline_ns, got, e);
    return wire_recv_raw(w, bytes, cap, deadline_ns, got, e);
}

/* A slow reader gets a pause for each piece, not one for gigabytes. */
static int64_t piece_deadline(int64_t pause_ns, int64_t deadline_ns) {
    int64_t now = clock_steady_ns();
    return pause_ns < deadline_ns - now ? now + pause_ns : deadline_ns;
}

static enum error_code send_one(struct http_wire *w, str bytes, int64_t pause_ns,
                                int64_t deadline_ns, struct error *e) {
    while (bytes.len > 0) {
        str piece = str_slice(bytes, 0, LIMIT_PIECE_BYTES);
        int64_t until = piece_deadline(pause_ns, deadline_ns);
        TRY(w->tls != NULL ? tls_send(w, piece, until, e)
                           : net_send(w->fd, piece.at, piece.len, until, e));
        bytes = str_skip(bytes, piece.len);
    }
    return OK;
}

enum error_code wire_send(struct http_wire *w, str first, str second, int64_t pause_ns,
                          int64_t deadline_ns, struct error *e) {
    if (w->tls != NULL || first.len == 0 || second.len == 0) {
        TRY(send_one(w, first, pause_ns, deadline_ns, e));
        return send_one(w, second, pause_ns, deadline_ns, e);
    }
    str with_first = str_slice(second, 0, LIMIT_PIECE_BYTES);
    struct iovec parts[2] = {
        {.iov_base = (void *)(uintptr_t)first.at, .iov_len = first.len},
        {.iov_base = (void *)(uintptr_t)with_first.at, .iov_len = with_first.len},
    };
    TRY(net_send_parts(w->fd, parts, 2, piece_deadline(pause_ns, deadline_ns), e));
    return send_one(w, str_skip(second, with_first.len), pause_ns, deadline_ns, e);
}

enum error_code wire_send_file(struct http_wire *w, int file, uint64_t offset, uint64_t count,
                               int64_t pause_ns, int64_t deadline_ns, struct error *e) {
    assert(w->tls == NULL);
    while (count > 0) {
        size_t sent, piece = (size_t)u64_min(count, FILE_PIECE_BYTES);
        TRY(net_send_file(w->fd, file, offset, piece, piece_deadline(pause_ns, deadline_ns), &sent,
                          e));
        offset += sent;
        count -= sent;
    }
    return OK;
}

void wire_half_close(struct http_wire *w, int64_t deadline_ns) {
    if (w->tls != NULL) tls_say_goodbye(w, deadline_ns);
    net_shutdown_send(w->fd);
}

void wire_close(struct http_wire *w, bool reset) {
    if (reset) {
        struct linger at_once = {.l_onoff = 1, .l_linger = 0};
        setsockopt(w->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    } else if (w->tls != NULL) {
        tls_say_goodbye(w, clock_steady_ns()); /* if there is room for it */
    }
    if (w->tls != NULL) SSL_free(w->tls);
    w->tls = NULL;
    net_close(w->fd);
    w->fd = -1;
}
