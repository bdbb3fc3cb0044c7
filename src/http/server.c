/* The server: listeners on every reactor, pools sized at the start, counters, an orderly end. */
#include "http/connection.h"

#include "base/log.h"
#include "http/tls.h"

#include <sys/socket.h>
#include <unistd.h>

/* Room beyond the limit while a waiting connection makes way for a new one. */
enum { CONNECTIONS_SPARE = 64 };

/* ---- pools ---- */

static void list_remove(struct http_connection_list *list, struct http_connection *c) {
    *(c->previous != NULL ? &c->previous->next : &list->first) = c->next;
    *(c->next != NULL ? &c->next->previous : &list->last) = c->previous;
    c->next = c->previous = NULL;
}

static void list_append(struct http_connection_list *list, struct http_connection *c) {
    c->next = NULL;
    c->previous = list->last;
    *(list->last != NULL ? &list->last->next : &list->first) = c;
    list->last = c;
}

struct http_connection *connection_take(struct http_shard *shard) {
    struct http_connection *c = shard->free_connections;
    if (c == NULL) return NULL;
    shard->free_connections = c->next;
    *c = (struct http_connection){.shard = shard, .is_waiting = true};
    list_append(&shard->waiting, c);
    count_add(&shard->count.connections_open, 1);
    return c;
}

void connection_give(struct http_connection *c) {
    struct http_shard *shard = c->shard;
    assert(c->block == NULL);
    list_remove(c->is_waiting ? &shard->waiting : &shard->busy, c);
    c->next = shard->free_connections;
    shard->free_connections = c;
    count_add(&shard->count.connections_open, (uint64_t)-1);
}

void connection_set_waiting(struct http_connection *c, bool waiting) {
    struct http_shard *shard = c->shard;
    if (c->is_waiting == waiting) return; /* it was evicted meanwhile */
    list_remove(waiting ? &shard->busy : &shard->waiting, c);
    list_append(waiting ? &shard->waiting : &shard->busy, c);
    c->is_waiting = waiting;
}

/* To its fiber it looks as if the client had closed. Whoever trickles a head or a handshake is found
 * here before anybody who sends at a usual pace. */
bool connection_evict(struct http_shard *shard, bool with_block) {
    struct http_connection *c = shard->waiting.first;
    while (c != NULL && with_block && c->block == NULL) c = c->next;
    if (c == NULL) return false;
    connection_set_waiting(c, false);
    shutdown(c->wire.fd, SHUT_RD);
    return true;
}

/* The last given is taken first: its pages are in the cache. */
struct http_block *block_take(struct http_shard *shard) {
    struct http_block *b = shard->free_blocks;
    if (b != NULL) {
        shard->free_blocks = b->next_free;
        return b;
    }
    if (shard->blocks_made == shard->server->timing.exchanges) return NULL;
    return &shard->blocks[shard->blocks_made++];
}

void block_give(struct http_shard *shard, struct http_block *block) {
    block->next_free = shard->free_blocks;
    shard->free_blocks = block;
}

/* ---- accepting ---- */

static void refuse(struct http_shard *shard, int fd, bool is_tls) {
    str busy = STR("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\n"
                   "Connection: close\r\n\r\n");
    count_add(&shard->count.connections_refused, 1);
    /* There is no fiber to wait on this socket with, so it gets no time. */
    if (!is_tls) error_ignore(net_send(fd, busy.at, busy.len, clock_steady_ns(), NULL));
    net_close(fd);
}

static void admit(struct http_listener *l, int fd, const struct net_address *peer) {
    struct http_shard *shard = l->shard;
    struct http_server *server = shard->server;
    uint64_t open = atomic_load_explicit(&shard->count.connections_open, memory_order_relaxed);
    if (open >= server->timing.connections && !connection_evict(shard, false))
        return refuse(shard, fd, l->is_tls);
    struct http_connection *c = connection_take(shard);
    if (c == NULL) return refuse(shard, fd, l->is_tls);
    c->wire.fd = fd;
    c->peer = *peer;
    c->is_tls = l->is_tls;
    c->is_unix = l->is_unix;
    atomic_fetch_add(&server->fibers, 1);
    if (fiber_start(shard->reactor, connection_run, c, NULL) != OK) {
        atomic_fetch_sub(&server->fibers, 1);
        connection_give(c);
        return refuse(shard, fd, l->is_tls);
    }
    count_add(&shard->count.connections, 1);
}

static void accept_run(void *argument) {
    struct http_listener *l = argument;
    struct http_server *server = l->shard->server;
    while (!atomic_load(&server->stopping)) {
        struct error e;
        int fd;
        struct net_address peer;
        enum error_code code = net_accept(l->fd, INT64_MAX, &fd, &peer, &e);
        if (code == OK) {
            admit(l, fd, &peer);
        } else if (code != FAIL_CLOSED) { /* closed: by stop_run */
            log_error("http.accept", &e);
            fiber_sleep_ns(100 *
                           NS_PER_MS); /* no descriptors, most likely: others must end first */
        }
    }
    atomic_fetch_sub(&server->fibers, 1); /* the last touch */
}

/* ---- opening ---- */

static int64_t limit_ns(int64_t given_ms, int64_t usual_ms) {
    return (given_ms > 0 ? given_ms : usual_ms) * NS_PER_MS;
}

static struct http_timing timing_of(const struct http_limits *l) {
    return (struct http_timing){
        .head_ns = limit_ns(l->head_deadline_ms, LIMIT_HEAD_DEADLINE_MS),
        .idle_ns = limit_ns(l->idle_ms, LIMIT_IDLE_MS),
        .pause_ns = limit_ns(l->body_idle_ms, LIMIT_BODY_IDLE_MS),
        .window_ns = limit_ns(l->body_rate_window_ms, LIMIT_BODY_RATE_WINDOW_MS),
        .linger_ns = limit_ns(l->linger_ms, LIMIT_LINGER_MS),
        .window_bytes = l->body_rate_bytes > 0 ? l->body_rate_bytes : LIMIT_BODY_RATE_BYTES,
        .linger_bytes = l->linger_bytes > 0 ? l->linger_bytes : LIMIT_LINGER_BYTES,
        .connections = l->connections > 0 ? l->connections : LIMIT_CONNECTIONS,
        .exchanges = l->exchanges > 0 ? l->exchanges : LIMIT_EXCHANGES,
    };
}

static enum error_code copy_options(struct http_server *server, struct arena *arena,
                                    const struct http_server_options *o, struct error *e) {
    str certificate, key;
    TRY(arena_copy(arena, o->server_name, &server->server_name, e));
    TRY(arena_copy(arena, o->unix_path, &server->unix_path, e));
    TRY(arena_copy(arena, o->certificate_path, &certificate, e));
    TRY(arena_copy(arena, o->key_path, &key, e));
    if (!http_header_value_is_valid(o->server_name))
        return error_set(e, FAIL_USAGE, "the server's name cannot stand in a header");
    if ((certificate.len > 0) != (key.len > 0))
        return error_set(e, FAIL_USAGE, "TLS wants a certificate and its key");
    if (certificate.len > 0) {
        server->certificate_path = certificate.at;
        server->key_path = key.at;
    }
    server->addresses = arena_new(arena, struct net_address, o->address_count);
    server->address_count = o->address_count;
    if (server->addresses == NULL) return error_set(e, FAIL_MEMORY, "no room for the addresses");
    if (o->address_count > 0)
        memcpy(server->addresses, o->addresses, o->address_count * sizeof o->addresses[0]);
    return OK;
}

static enum error_code shard_open(struct http_server *server, struct arena *arena, unsigned index,
                                  struct error *e) {
    struct http_shard *shard = &server->shards[index];
    size_t count = (size_t)server->timing.connections + CONNECTIONS_SPARE;
    struct http_connection *connections = arena_new(arena, struct http_connection, count);
    if (connections == NULL) return error_set(e, FAIL_MEMORY, "no room for connections");
    for (size_t i = count; i-- > 0;) {
        connections[i].next = shard->free_connections;
        shard->free_connections = &connections[i];
    }
    shard->server = server;
    shard->reactor = runtime_reactor(server->runtime, index);
    shard->blocks =
        (struct http_block *)server->block_space.at + (size_t)index * server->timing.exchanges;
    return OK;
}

/* Every reactor listens on every address; the Unix socket belongs to the first. */
static enum error_code listen_all(struct http_server *server, struct arena *arena,
                                  struct error *e) {
    size_t most = server->shard_count * server->address_count + 1;
    server->listeners = arena_new(arena, struct http_listener, most);
    if (server->listeners == NULL) return error_set(e, FAIL_MEMORY, "no room for listeners");
    for (size_t a = 0; a < server->address_count; a++)
        TRY(net_listen_claim(&server->addresses[a], e));
    for (unsigned s = 0; s < server->shard_count; s++)
        for (size_t a = 0; a < server->address_count; a++) {
            int fd;
            TRY(net_listen(&server->addresses[a], &fd, e)); /* the first fills in the port */
            server->listeners[server->listener_count++] = (struct http_listener){
                .shard = &server->shards[s], .fd = fd, .is_tls = server->tls != NULL};
        }
    if (server->unix_path.len > 0) {
        int fd;
        TRY(net_listen_unix(server->unix_path, &fd, e));
        server->listeners[server->listener_count++] =
            (struct http_listener){.shard = &server->shards[0], .fd = fd, .is_unix = true};
    }
    return OK;
}

static enum error_code start_all(struct http_server *server, struct error *e) {
    for (size_t i = 0; i < server->listener_count; i++) {
        struct http_listener *l = &server->listeners[i];
        atomic_fetch_add(&server->fibers, 1);
        enum error_code code = fiber_start(l->shard->reactor, accept_run, l, e);
        if (code == OK) continue;
        atomic_fetch_sub(&server->fibers, 1);
        return code;
    }
    return OK;
}

static size_t space_wanted(unsigned shards, const struct http_server_options *o,
                           const struct http_timing *t) {
    size_t per_shard = sizeof(struct http_shard) +
                       (t->connections + CONNECTIONS_SPARE) * sizeof(struct http_connection) +
                       o->address_count * sizeof(struct http_listener);
    size_t strings =
        o->server_name.len + o->unix_path.len + o->certificate_path.len + o->key_path.len;
    return sizeof(struct http_server) + shards * per_shard + sizeof(struct http_listener) +
           strings + o->address_count * sizeof(struct net_address) +
           4096; /* alignment and closing zeros */
}

static enum error_code server_fill(struct http_server *server, struct arena *arena,
                                   const struct http_server_options *o, struct error *e) {
    struct arena blocks;
    TRY(copy_options(server, arena, o, e));
    TRY(arena_space_open(&server->block_space,
                         (size_t)server->shard_count * server->timing.exchanges *
                             sizeof(struct http_block),
                         &blocks, e));
    server->shards = arena_new(arena, struct http_shard, server->shard_count);
    if (server->shards == NULL) return error_set(e, FAIL_MEMORY, "no room for reactors' parts");
    for (unsigned i = 0; i < server->shard_count; i++) TRY(shard_open(server, arena, i, e));
    if (server->certificate_path != NULL)
        TRY(tls_server_context(server->certificate_path, server->key_path, &server->tls, e));
    TRY(listen_all(server, arena, e));
    return start_all(server, e);
}

enum error_code http_server_open(struct runtime *runtime, const struct http_server_options *options,
                                 struct http_server **out, struct error *e) {
    struct arena_space space;
    struct arena arena;
    struct http_timing timing = timing_of(&options->limits);
    unsigned shards = runtime_reactor_count(runtime);
    assert(options->serve != NULL);
    TRY(arena_space_open(&space, space_wanted(shards, options, &timing), &arena, e));
    struct http_server *server = arena_new(&arena, struct http_server, 1);
    assert(server != NULL); /* the space was sized for it */
    server->space = space;
    server->runtime = runtime;
    server->serve = options->serve;
    server->fault = options->fault;
    server->self = options->self;
    server->timing = timing;
    server->shard_count = shards;
    pthread_mutex_init(&server->tls_lock, NULL);
    enum error_code code = server_fill(server, &arena, options, e);
    if (code == OK)
        *out = server;
    else
        http_server_close(server);
    return code;
}

struct net_address http_server_address(const struct http_server *server, size_t index) {
    assert(index < server->address_count);
    return server->addresses[index];
}

/* ---- TLS ---- */

SSL_CTX *server_tls(struct http_server *server) {
    pthread_mutex_lock(&server->tls_lock);
    SSL_CTX *context = server->tls;
    SSL_CTX_up_ref(context);
    pthread_mutex_unlock(&server->tls_lock);
    return context;
}

enum error_code http_tls_check(str certificate_path, str key_path, struct error *e) {
    char memory[8192];
    struct arena arena = arena_over(memory, sizeof memory);
    str certificate, key; /* closed with a zero */
    SSL_CTX *context;
    if (certificate_path.len == 0 || key_path.len == 0)
        return error_set(e, FAIL_TLS, "TLS wants a certificate and its key");
    TRY(arena_copy(&arena, certificate_path, &certificate, e));
    TRY(arena_copy(&arena, key_path, &key, e));
    TRY(tls_server_context(certificate.at, key.at, &context, e));
    SSL_CTX_free(context);
    return OK;
}

enum error_code http_server_reload_tls(struct http_server *server, struct error *e) {
    SSL_CTX *fresh, *old;
    if (server->certificate_path == NULL)
        return error_set(e, FAIL_USAGE, "this server was opened without TLS");
    TRY(tls_server_context(server->certificate_path, server->key_path, &fresh, e));
    pthread_mutex_lock(&server->tls_lock);
    old = server->tls;
    server->tls = fresh;
    pthread_mutex_unlock(&server->tls_lock);
    SSL_CTX_free(old); /* connections hold references of their own */
    return OK;
}

/* ---- counters ---- */

static void add_counter(uint64_t *sum, const _Atomic uint64_t *one) {
    *sum += atomic_load_explicit(one, memory_order_relaxed);
}

void http_server_counters(const struct http_server *server, struct http_counters *out) {
    struct http_counters sum = {0};
    for (unsigned i = 0; i < server->shard_count; i++) {
        const struct http_shard_counters *c = &server->shards[i].count;
        add_counter(&sum.connections, &c->connections);
        add_counter(&sum.connections_open, &c->connections_open);
        add_counter(&sum.connections_refused, &c->connections_refused);
        add_counter(&sum.exchanges, &c->exchanges);
        add_counter(&sum.exchanges_open, &c->exchanges_open);
        add_counter(&sum.handshakes, &c->handshakes);
        add_counter(&sum.handshakes_failed, &c->handshakes_failed);
        add_counter(&sum.faults, &c->faults);
        add_counter(&sum.timeouts, &c->timeouts);
        add_counter(&sum.aborts, &c->aborts);
        add_counter(&sum.body_bytes_in, &c->body_bytes_in);
        add_counter(&sum.body_bytes_out, &c->body_bytes_out);
        for (size_t s = 0; s < COUNT_OF(sum.replies); s++)
            add_counter(&sum.replies[s], &c->replies[s]);
    }
    *out = sum;
}

/* ---- ending ---- */

static void cut_all(const struct http_connection_list *list) {
    for (struct http_connection *c = list->first; c != NULL; c = c->next)
        shutdown(c->wire.fd, SHUT_RDWR);
}

/* On the shard's own reactor, since only it may walk the lists. */
static void stop_run(void *argument) {
    struct http_shard *shard = argument;
    struct http_server *server = shard->server;
    for (size_t i = 0; i < server->listener_count; i++) {
        struct http_listener *l = &server->listeners[i];
        if (l->shard != shard) continue;
        net_close(l->fd); /* its accept ends */
        l->fd = -1;
    }
    for (struct http_connection *c = shard->waiting.first; c != NULL; c = c->next)
        if (c->is_quiet) shutdown(c->wire.fd, SHUT_RD); /* sees an end, and closes */
    atomic_fetch_sub(&server->fibers, 1);
}

static void cut_run(void *argument) { /* everyone's next call fails */
    struct http_shard *shard = argument;
    struct http_server *server = shard->server;
    cut_all(&shard->waiting);
    cut_all(&shard->busy);
    atomic_fetch_sub(&server->fibers, 1);
}

static void run_on_shards(struct http_server *server, void (*run)(void *)) {
    for (unsigned i = 0; i < server->shard_count; i++) {
        struct http_shard *shard = &server->shards[i];
        if (shard->reactor == NULL) continue; /* opening failed before it */
        atomic_fetch_add(&server->fibers, 1);
        while (fiber_start(shard->reactor, run, shard, NULL) != OK) fiber_sleep_ns(NS_PER_MS);
    }
}

static void stop(struct http_server *server) {
    if (atomic_exchange(&server->stopping, true)) return;
    if (server->shards != NULL) run_on_shards(server, stop_run);
}

enum error_code http_server_drain(struct http_server *server, int64_t deadline_ns,
                                  struct error *e) {
    stop(server);
    while (atomic_load(&server->fibers) > 0) {
        if (clock_steady_ns() >= deadline_ns) {
            struct http_counters now;
            http_server_counters(server, &now);
            return error_set(e, FAIL_TIMEOUT, "%llu connections are still open",
                             (unsigned long long)now.connections_open);
        }
        fiber_sleep_ns(2 * NS_PER_MS);
    }
    return OK;
}

void http_server_close(struct http_server *server) {
    if (server == NULL) return;
    stop(server);
    if (server->shards != NULL && atomic_load(&server->fibers) > 0) run_on_shards(server, cut_run);
    while (atomic_load(&server->fibers) > 0) fiber_sleep_ns(NS_PER_MS);
    if (server->listener_count > 0 && server->listeners[server->listener_count - 1].is_unix)
        unlink(server->unix_path.at);
    SSL_CTX_free(server->tls);
    pthread_mutex_destroy(&server->tls_lock);
    arena_space_release(&server->block_space);
    struct arena_space space = server->space; /* the server itself lies in it */
    arena_space_release(&space);
}
