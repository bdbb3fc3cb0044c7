/* The inside of the server: what a server, a shard of it, a connection and an exchange are to each
 * other.
 *
 *   server ── shard (one a reactor) ── connections ── block (while a request is in hand)
 *
 * Everything of a shard is touched by its reactor alone, but the counters, which others may read.
 */
#ifndef AZEKURA_HTTP_CONNECTION_H
#define AZEKURA_HTTP_CONNECTION_H

#include "http/body.h"
#include "http/http.h"

#include <pthread.h>
#include <stdatomic.h>

enum { REPLY_PREFIX_BYTES = 32 }; /* CR LF, a chunk's size, CR LF */

struct http_reply {
    int status;               /* 0: none composed */
    uint64_t length;          /* HTTP_LENGTH_UNKNOWN: chunked, or up to the close */
    uint64_t written;         /* of the body, whether sent or not */
    size_t head_waiting;      /* composed and not sent yet */
    bool chunked, chunk_open; /* its CR LF is still to come */
    bool bodiless;            /* HEAD, 204, 304 */
    bool closes;              /* the head said Connection: close */
    bool begun, ended, aborted;
};

/* What a request needs while it is in hand. */
struct http_block {
    struct http_exchange x; /* first: an exchange is found in its block */
    struct http_block *next_free;
    struct http_input input;
    struct http_body_reader body;
    struct http_reply reply;
    bool continue_wanted; /* 100 Continue not sent yet */
    char input_memory[HTTP_INPUT_BYTES];
    char head_memory[LIMIT_REPLY_HEAD_BYTES + REPLY_PREFIX_BYTES];
    unsigned char arena_memory[LIMIT_ARENA_BYTES];
    unsigned char scratch_memory[LIMIT_SCRATCH_BYTES];
};

struct http_connection {
    struct http_connection *next, *previous; /* in shard's waiting, busy or free list */
    struct http_shard *shard;
    struct http_block *block; /* NULL while nothing is in hand */
    struct http_wire wire;
    struct net_address peer;
    bool is_waiting; /* no request is whole: it may be evicted */
    bool is_quiet;   /* and none has begun: a stopping server need not wait for it */
    bool is_tls, is_unix;
};

struct http_connection_list {
    struct http_connection *first, *last;
};

struct http_shard_counters {
    _Atomic uint64_t connections, connections_open, connections_refused, exchanges, exchanges_open,
        handshakes, handshakes_failed, faults, timeouts, aborts, body_bytes_in, body_bytes_out,
        replies[6];
};
/* One writer, so no locked instruction is needed. */
static inline void count_add(_Atomic uint64_t *counter, uint64_t more) {
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + more,
                          memory_order_relaxed);
}

struct http_listener {
    struct http_shard *shard;
    int fd;
    bool is_tls, is_unix;
};

struct http_shard {
    struct http_server *server;
    struct reactor *reactor;
    struct http_listener *listeners;
    size_t listener_count;
    struct http_connection_list waiting, busy; /* waiting: the longest first */
    struct http_connection *free_connections;
    struct http_block *free_blocks;
    struct http_block *blocks; /* all of them; those from blocks_made on were never used */
    unsigned blocks_made;
    int64_t date_s; /* the second that date_text tells */
    char date_text[CLOCK_TEXT_BYTES];
    size_t date_bytes;
    _Alignas(64) struct http_shard_counters count;
};

/* The limits of the options, in the units of the code. */
struct http_timing {
    int64_t head_ns, idle_ns, pause_ns, window_ns, linger_ns;
    uint64_t window_bytes, linger_bytes;
    unsigned connections, exchanges;
};

struct http_server {
    struct runtime *runtime;
    void (*serve)(void *self, struct http_exchange *x);
    void (*fault)(void *self, struct http_fault *fault);
    void *self;
    str server_name, unix_path;
    const char *certificate_path, *key_path; /* NULL: no TLS */
    struct http_timing timing;
    struct net_address *addresses;
    size_t address_count;
    struct http_shard *shards;
    unsigned shard_count;
    struct http_listener *listeners; /* all shards' */
    size_t listener_count;
    struct arena_space space, block_space;
    pthread_mutex_t tls_lock; /* once a handshake: the certificate may be changed meanwhile */
    SSL_CTX *tls;
    _Atomic bool stopping;
    _Atomic unsigned fibers; /* alive; the last touch of a fiber */
};

/* ---- connection.c: runs on a fiber of the connection's own */
void connection_run(void *connection);

/* ---- server.c */
struct http_connection *connection_take(struct http_shard *shard); /* NULL: none free */
void connection_give(struct http_connection *c);
void connection_set_waiting(struct http_connection *c, bool waiting);
/* A connection that has waited longest makes room; `with_block`: one that holds a block. false: none. */
bool connection_evict(struct http_shard *shard, bool with_block);
struct http_block *block_take(struct http_shard *shard); /* NULL: none free */
void block_give(struct http_shard *shard, struct http_block *block);
SSL_CTX *server_tls(struct http_server *server); /* the caller frees its reference */

/* ---- reply.c */
static inline struct http_block *exchange_block(const struct http_exchange *x) {
    return (struct http_block *)(uintptr_t)x;
}
/* Replies for the server: the code's status, and the body that the hook writes. */
enum error_code reply_fault(struct http_exchange *x, const struct error *why,
                            struct error *e) MUST_USE;
str shard_date(struct http_shard *shard);

#endif
