/* Idle connections: see idle.h. */
#include "bench/idle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "bench/reply.h"

enum { WAIT_S = 10 };

struct held {
    int fd;
    SSL *ssl; /* NULL: plain */
};

static ssize_t held_read(struct held *held, char *into, size_t cap) {
    return held->ssl != NULL ? SSL_read(held->ssl, into, (int)cap) : recv(held->fd, into, cap, 0);
}

static ssize_t held_write(struct held *held, str bytes) {
    return held->ssl != NULL ? SSL_write(held->ssl, bytes.at, (int)bytes.len)
                             : send(held->fd, bytes.at, bytes.len, MSG_NOSIGNAL);
}

static void held_close(struct held *held) {
    SSL_free(held->ssl);
    if (held->fd >= 0) close(held->fd);
}

static enum error_code held_open(struct held *held, const struct work *work, SSL_CTX *tls,
                                 struct error *e) {
    struct timeval wait = {WAIT_S, 0};
    held->fd = socket(work->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (held->fd < 0) return error_set_errno(e, errno, "socket");
    setsockopt(held->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    setsockopt(held->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    if (connect(held->fd, (const struct sockaddr *)&work->address, work->address_bytes) != 0)
        return error_set_errno(e, errno, "connecting to %.*s", STR_FMT(work->host));
    if (tls == NULL) return OK;
    held->ssl = SSL_new(tls);
    if (held->ssl == NULL || SSL_set_fd(held->ssl, held->fd) != 1 || SSL_connect(held->ssl) != 1)
        return error_set(e, FAIL_TLS, "the TLS handshake with %.*s failed", STR_FMT(work->host));
    return OK;
}

/* One whole request and reply; what it says does not matter, only that the connection stays. */
static enum error_code held_ask(struct held *held, const struct work *work, struct reply *reply,
                                struct error *e) {
    char memory[1024];
    struct text head = text_into(memory, sizeof memory);
    struct signer_request request = {.method = "GET", .host = work->host, .path = STR("/")};
    signer_head_unsigned(&request, &head);
    if (held_write(held, text_str(&head)) != (ssize_t)head.len)
        return error_set(e, FAIL_CLOSED, "sending broke");
    reply_begin(reply, false);
    while (reply->state != REPLY_OVER) {
        size_t used;
        ssize_t got = held_read(held, memory, sizeof memory);
        if (got <= 0) return error_set(e, FAIL_CLOSED, "no whole reply");
        TRY(reply_take(reply, str_of(memory, (size_t)got), &used, e));
    }
    return reply->closes ? error_set(e, FAIL_CLOSED, "the server ends connections") : OK;
}

/* Connections that the other end has not closed. */
static unsigned held_alive(const struct held *all, unsigned count) {
    unsigned alive = 0;
    for (unsigned i = 0; i < count; i++) {
        char byte;
        ssize_t got = recv(all[i].fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        alive += got > 0 || (got < 0 && errno == EAGAIN);
    }
    return alive;
}

static enum error_code rss_read(const pid_t *pids, size_t count, uint64_t *bytes, struct error *e) {
    struct process_reading reading = {0};
    for (size_t i = 0; i < count; i++) TRY(process_read(pids[i], &reading, e));
    *bytes = reading.rss_bytes;
    return OK;
}

static void print(bool json, unsigned opened, unsigned alive, const uint64_t rss[2]) {
    if (json)
        printf("{\"op\": \"idle\", \"connections\": %u, \"alive\": %u, \"rss_before_bytes\": %llu, "
               "\"rss_bytes\": %llu}\n",
               opened, alive, (unsigned long long)rss[0], (unsigned long long)rss[1]);
    else
        printf("%u connections, %u alive at the end: %.1f MiB resident, %.1f before them\n", opened,
               alive, (double)rss[1] / 1048576, (double)rss[0] / 1048576);
}

int idle_run(const struct work *work, bool tls, const pid_t *pids, size_t pid_count, bool json) {
    struct error e = {0};
    static struct reply reply;
    uint64_t rss[2] = {0, 0};
    unsigned opened = 0, alive = 0;
    SSL_CTX *context = tls ? SSL_CTX_new(TLS_client_method()) : NULL;
    struct held *all = calloc(work->connections, sizeof *all);
    enum error_code code = all == NULL || (tls && context == NULL)
                               ? error_set(&e, FAIL_MEMORY, "no memory for connections")
                               : rss_read(pids, pid_count, &rss[0], &e);
    while (code == OK && opened < work->connections) {
        struct held *held = &all[opened++];
        held->fd = -1;
        code = held_open(held, work, context, &e);
        if (code == OK) code = held_ask(held, work, &reply, &e);
    }
    if (code == OK) usleep((useconds_t)(work->duration_ns / 1000));
    if (code == OK) code = rss_read(pids, pid_count, &rss[1], &e);
    if (code == OK) {
        alive = held_alive(all, opened);
        print(json, opened, alive, rss);
    } else {
        char text[1400];
        fprintf(stderr, "azekura-load: connection %u: %s\n", opened,
                error_text(&e, text, sizeof text));
    }
    for (unsigned i = 0; i < opened; i++) held_close(&all[i]);
    free(all);
    SSL_CTX_free(context);
    return code != OK || alive < opened;
}
