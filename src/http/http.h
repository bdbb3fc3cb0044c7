/* HTTP/1.1 over TCP, TLS and Unix sockets: a server whose handlers are straight-line code on
 * fibers, and a client for fibers and plain threads. Knows no S3.
 *
 * The pure parts have headers of their own, which come with this one: heads (http/head.h), targets
 * and queries (http/uri.h), byte ranges (http/range.h). README.md tells the life of a connection.
 */
#ifndef AZEKURA_HTTP_HTTP_H
#define AZEKURA_HTTP_HTTP_H

#include "base/base.h"
#include "base/runtime.h"
#include "http/head.h"
#include "http/range.h"
#include "http/uri.h"

struct http_server;
struct http_connection;

#define HTTP_LENGTH_UNKNOWN UINT64_MAX

/* ---- one request and its reply ---- */

/* The first part is for the handler to read; `arena` and `scratch` are its memory. Valid until the
 * handler returns. */
struct http_exchange {
    struct http_request_head head; /* views into the connection's buffer; stay valid throughout */
    struct arena arena;            /* LIMIT_ARENA_BYTES, gone when the handler returns */
    struct arena scratch;          /* LIMIT_SCRATCH_BYTES; pass it by copy */
    struct net_address peer;       /* the other end of the socket, not of any proxy */
    bool is_tls;
    int64_t received_ns;                /* wall time at the end of the head */
    struct http_connection *connection; /* inner */
};

static inline bool http_header_find(const struct http_exchange *x, str name, str *value) {
    return http_headers_find(&x->head.headers, name, value);
}
/* Who is at the other end of a Unix socket. false: not one. */
bool http_peer_user(const struct http_exchange *x, uint32_t *user, uint32_t *group,
                    int32_t *process);
/* The server wants to stop: a handler that waits for something to happen should end. */
bool http_is_stopping(const struct http_exchange *x);

/* The length of the request's body: 0 when it has none, HTTP_LENGTH_UNKNOWN when chunked. */
uint64_t http_body_length(const struct http_exchange *x);
/* Gives up to `cap` (> 0) bytes of the body, decoded; *got 0 is its end. Parks. Sends 100 Continue
 * first if the client waits for it and no reply has begun.
 *   FAIL_INCOMPLETE_BODY  the client closed before the end it had announced
 *   FAIL_TIMEOUT          no byte for LIMIT_BODY_IDLE_MS, or under LIMIT_BODY_RATE_BYTES in a
 *                         window; only time spent waiting for the client counts
 *   FAIL_CLOSED           the connection was reset
 *   FAIL_HTTP_SYNTAX, FAIL_LIMIT   the chunked coding is broken
 * After an error a reply is still possible; the connection closes after it. */
enum error_code http_body_read(struct http_exchange *x, void *bytes, size_t cap, size_t *got,
                               struct error *e) MUST_USE;

/* Composes the head of the reply; it leaves with the first write, http_reply_end or
 * http_reply_flush. Until bytes have left (http_reply_begun) it may be called again and replaces
 * what was composed: a failure found early still becomes a proper error reply.
 *
 * `length` becomes Content-Length, also to HEAD and with 304; HTTP_LENGTH_UNKNOWN becomes chunked,
 * or for HTTP/1.0 a body up to the close. Status 204 has no body and no length. Date, Connection
 * and framing headers are written here and not accepted in `headers`. Views in `headers` are
 * copied.
 *   FAIL_USAGE   a name that is no token, a value with a control character, a header that is ours
 *   FAIL_LIMIT   the head is over LIMIT_REPLY_HEAD_BYTES */
enum error_code http_reply_begin(struct http_exchange *x, int status,
                                 const struct http_header *headers, size_t header_count,
                                 uint64_t length, struct error *e) MUST_USE;
/* Sends a piece of the body; all has left for the kernel on return. Parks. To HEAD nothing is sent.
 *   FAIL_INTERNAL   more than the length said
 *   FAIL_CLOSED, FAIL_TIMEOUT   the client went away, or took no bytes for LIMIT_BODY_IDLE_MS */
enum error_code http_reply_write(struct http_exchange *x, str piece, struct error *e) MUST_USE;
/* The same of a run of a file, which leaves without being copied; only where http_reply_takes_files
 * (no TLS, the length was said). FAIL_CORRUPT: the file ended before the run. */
bool http_reply_takes_files(const struct http_exchange *x);
enum error_code http_reply_write_file(struct http_exchange *x, int file, uint64_t offset,
                                      uint64_t count, struct error *e) MUST_USE;
/* Sends what is composed, so that a slow producer's client sees the head. Parks. */
enum error_code http_reply_flush(struct http_exchange *x, struct error *e) MUST_USE;
/* FAIL_INTERNAL when less was written than the length said; the connection is then reset. Parks. */
enum error_code http_reply_end(struct http_exchange *x, struct error *e) MUST_USE;
/* Begin, write and end: one send for head and body. */
enum error_code http_reply_send(struct http_exchange *x, int status,
                                const struct http_header *headers, size_t header_count, str body,
                                struct error *e) MUST_USE;
bool http_reply_begun(
    const struct http_exchange *x); /* bytes have left: too late for an error reply */
bool http_reply_ended(const struct http_exchange *x);
int http_reply_status(const struct http_exchange *x); /* the one composed last; 0: none */
/* Resets the connection when the handler returns: a short body never looks complete. */
void http_reply_abort(struct http_exchange *x);
/* Bytes of request body read and of reply body written so far, for the log. */
uint64_t http_body_bytes(const struct http_exchange *x);
uint64_t http_reply_bytes(const struct http_exchange *x);

/* ---- server ---- */

/* A field of 0 is the limit of base/limits.h. Tests inject small ones. */
struct http_limits {
    int64_t head_deadline_ms;    /* LIMIT_HEAD_DEADLINE_MS; of a TLS handshake too */
    int64_t idle_ms;             /* LIMIT_IDLE_MS */
    int64_t body_idle_ms;        /* LIMIT_BODY_IDLE_MS; of reading and of sending */
    int64_t body_rate_window_ms; /* LIMIT_BODY_RATE_WINDOW_MS */
    uint64_t body_rate_bytes;    /* LIMIT_BODY_RATE_BYTES */
    uint64_t linger_bytes;       /* LIMIT_LINGER_BYTES */
    int64_t linger_ms;           /* LIMIT_LINGER_MS */
    unsigned connections;        /* LIMIT_CONNECTIONS; of one reactor */
    unsigned exchanges;          /* LIMIT_EXCHANGES; being served at once on one reactor */
};

/* A reply the server makes by itself (400, 408, 414, 417, 431, 500, 501, 503, 505). The hook may
 * write a body in its own language and add headers; their text may be made in `memory`. */
struct http_fault {
    const struct error *error; /* what was wrong, message included */
    int status;
    struct text body;   /* out; empty: the message as plain text */
    str content_type;   /* out; of that body */
    struct text memory; /* for header values */
    struct http_header headers[4];
    size_t header_count;
};

struct http_server_options {
    const struct net_address *addresses; /* each reactor listens on each of them; may be none */
    size_t address_count;
    str unix_path; /* and on a Unix socket, mode 0600; empty: none */
    str certificate_path,
        key_path; /* PEM, chain first; both: TLS on the addresses, not on unix_path */
    /* Called on a fiber for each request. One that returns without a reply gets 500 for it; one
     * that returns with an unfinished reply gets a reset. */
    void (*serve)(void *self, struct http_exchange *x);
    void (*fault)(void *self, struct http_fault *fault); /* NULL: plain text */
    void *self;                                          /* borrowed until http_server_close */
    str server_name;                                     /* Server header; empty: none */
    struct http_limits limits;
};

/* Listens and starts serving. All strings are copied.
 *   FAIL_SYSTEM  an address that cannot be had
 *   FAIL_TLS     certificate or key unreadable, or not of each other
 *   FAIL_MEMORY  no room for the pools */
enum error_code http_server_open(struct runtime *runtime, const struct http_server_options *options,
                                 struct http_server **out, struct error *e) MUST_USE;
/* The address with the port that was given. */
struct net_address http_server_address(const struct http_server *server, size_t index);
/* Reads certificate and key again for connections to come; on error the old ones stay. Blocks on
 * the two files: not from a reactor. FAIL_TLS; FAIL_USAGE: opened without. */
enum error_code http_server_reload_tls(struct http_server *server, struct error *e) MUST_USE;
/* Would a server be opened with these? FAIL_TLS. Blocks on the files. */
enum error_code http_tls_check(str certificate_path, str key_path, struct error *e) MUST_USE;
/* Stops accepting, closes idle connections, lets requests finish with Connection: close. Returns
 * when none is left; FAIL_TIMEOUT at `deadline_ns` (steady), with the rest still running. Not from
 * a fiber of the same runtime. */
enum error_code http_server_drain(struct http_server *server, int64_t deadline_ns,
                                  struct error *e) MUST_USE;
/* Cuts what is left, waits for the handlers, frees. NULL is fine. Not from a fiber of the runtime.
 */
void http_server_close(struct http_server *server);

/* Sums over the reactors since the start, but for `connections_open`, `exchanges_open`: now. */
struct http_counters {
    uint64_t connections, connections_open, connections_refused;
    uint64_t exchanges, exchanges_open;
    uint64_t handshakes, handshakes_failed;
    uint64_t faults;   /* replies the server made by itself */
    uint64_t timeouts; /* heads and bodies too slow */
    uint64_t aborts;   /* connections reset on purpose */
    uint64_t body_bytes_in, body_bytes_out;
    uint64_t replies[6]; /* by hundreds of the status: replies[4] are the 4xx */
};
void http_server_counters(const struct http_server *server, struct http_counters *out);

/* The reason phrase of a status; "Unknown" where there is none. */
str http_status_reason(int status);

/* ---- client ---- */

struct http_client;

struct http_client_options {
    str ca_path;         /* PEM file of those we trust; empty: the system's */
    bool accept_anybody; /* no verification at all: for tests and probes only */
    bool without_tls;    /* never used for https: saves reading the system's certificates */
};
/* Holds what calls share; any thread may call with it. FAIL_TLS: the file is unreadable. */
enum error_code http_client_open(const struct http_client_options *options,
                                 struct http_client **out, struct error *e) MUST_USE;
void http_client_close(struct http_client *client); /* after its last call; NULL is fine */

struct http_client_request {
    enum http_method method;
    str url;       /* "http://…", "https://…"; with unix_path only its path and query count */
    str unix_path; /* the socket to connect to instead of the URL's host; empty: none */
    const struct http_header *headers; /* Host, Content-Length, Connection are ours */
    size_t header_count;
    str body; /* sent whole; or in pieces: */
    /* Called until it gives an empty piece; body_length may be HTTP_LENGTH_UNKNOWN (chunked). */
    enum error_code (*body_next)(void *self, str *piece, struct error *e);
    void *body_self;
    uint64_t body_length;
    int64_t deadline_ns; /* steady, of everything up to the last byte read; INT64_MAX: none */
};

struct http_client_reply {
    struct http_response_head head; /* views into the arena */
    struct http_client_wire *wire;  /* inner */
};

/* Connects, sends, and reads the head of the reply (1xx passed over). Parks; on a fiber names are
 * resolved on a worker. Memory, about 44 KiB, from the arena. A reply that came before all of the
 * body was sent is a reply. On success close it.
 *   FAIL_INVALID_URI, FAIL_USAGE   the request itself
 *   FAIL_NOT_FOUND   no such host name
 *   FAIL_SYSTEM, FAIL_CLOSED, FAIL_TIMEOUT   no connection, or it broke
 *   FAIL_TLS         the handshake or the certificate: the message says why
 *   FAIL_HTTP_…      not an HTTP reply
 *   FAIL_MEMORY      the arena is full */
enum error_code http_client_call(struct http_client *client,
                                 const struct http_client_request *request, struct arena *arena,
                                 struct http_client_reply *out, struct error *e) MUST_USE;
/* As http_body_read: *got 0 is the end. FAIL_INCOMPLETE_BODY when it ends early. Parks. */
enum error_code http_client_read(struct http_client_reply *reply, void *bytes, size_t cap,
                                 size_t *got, struct error *e) MUST_USE;
void http_client_reply_close(struct http_client_reply *reply);

/* The whole exchange: *body in the arena. FAIL_LIMIT when it is over `bytes_max`. Nothing to close.
 */
enum error_code http_client_fetch(struct http_client *client,
                                  const struct http_client_request *request, size_t bytes_max,
                                  struct arena *arena, struct http_response_head *head, str *body,
                                  struct error *e) MUST_USE;

#endif
