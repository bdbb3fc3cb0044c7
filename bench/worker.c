/* Connections on an epoll: see worker.h. */
#include "bench/worker.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "bench/reply.h"

enum {
    RECEIVE_BYTES = 256 << 10,
    SKIP_BYTES = 4 << 20,      /* most that one call throws away inside the kernel */
    SKIP_FROM_BYTES = 1 << 20, /* bodies with more than that to come are not copied out */
    RETRY_MS = 20,
};

struct link {
    int fd; /* -1: none */
    bool sending, wants_writable;
    uint64_t requests; /* over this connection */
    int64_t begun_ns;
    struct work_target target;
    size_t head_bytes, head_sent;
    uint64_t body_sent;
    char head[4096];
    struct reply reply;
};

struct loop {
    struct worker *worker;
    struct work *work;
    struct signer signer;
    struct random_seeded dice;
    struct link *links;
    char *received;
    int epoll;
    unsigned busy; /* links with a request under way */
};

/* ---- results ---- */

static bool is_measured(const struct loop *loop, int64_t begun_ns) {
    return begun_ns >= atomic_load_explicit(&loop->work->measured_ns, memory_order_relaxed);
}

static void failure_count(struct loop *loop, const struct link *link, const char *why) {
    struct tally *tally = &loop->worker->tally;
    if (tally->failed++ > 0) return;
    struct text out = text_into(tally->first_failure, sizeof tally->first_failure - 1);
    text_format(&out, "%s %.200s: %.200s ", link->target.request.method, link->target.path, why);
    text_add(&out, str_of(link->reply.start, size_min(link->reply.start_bytes, 160)));
    tally->first_failure[out.len] = '\0';
}

static void reply_count(struct loop *loop, struct link *link) {
    struct tally *tally = &loop->worker->tally;
    const struct reply *reply = &link->reply;
    char why[48];
    if (reply->status / 100 != 2) {
        snprintf(why, sizeof why, "status %d", reply->status);
        failure_count(loop, link, why);
    } else if (link->target.expected_bytes != UINT64_MAX &&
               reply->body_bytes != link->target.expected_bytes) {
        failure_count(loop, link, "a body of another length");
    } else if (is_measured(loop, link->begun_ns)) {
        int64_t now = clock_steady_ns();
        tally->answered++;
        tally->bytes += reply->body_bytes + link->body_sent;
        tally->pages += reply->counts_keys;
        tally->keys += reply->keys;
        tally->last_ns = now;
        histogram_add(&tally->latency, now - link->begun_ns);
    }
}

/* ---- connections ---- */

static void link_close(struct loop *loop, struct link *link) {
    if (link->fd >= 0) close(link->fd);
    link->fd = -1;
    link->requests = 0;
}

/* Connecting blocks: it happens at the beginning, and after failures. */
static enum error_code link_open(struct loop *loop, struct link *link, struct error *e) {
    const struct work *work = loop->work;
    int on = 1;
    link->fd = socket(work->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (link->fd < 0) return error_set_errno(e, errno, "socket");
    if (connect(link->fd, (const struct sockaddr *)&work->address, work->address_bytes) != 0) {
        int why = errno;
        link_close(loop, link);
        return error_set_errno(e, why, "connecting to %.*s", STR_FMT(work->host));
    }
    setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = link};
    if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, link->fd, &event) != 0) {
        int why = errno;
        link_close(loop, link);
        return error_set_errno(e, why, "epoll_ctl");
    }
    link->wants_writable = false;
    return OK;
}

static void writable_want(struct loop *loop, struct link *link, bool wanted) {
    if (link->wants_writable == wanted) return;
    struct epoll_event event = {.events = EPOLLIN | (wanted ? (uint32_t)EPOLLOUT : 0),
                                .data.ptr = link};
    if (epoll_ctl(loop->epoll, EPOLL_CTL_MOD, link->fd, &event) == 0) link->wants_writable = wanted;
}

/* ---- sending ---- */

/* False: the connection is broken. */
static bool link_send(struct loop *loop, struct link *link) {
    const struct work *work = loop->work;
    uint64_t body = link->target.has_body ? work->object_bytes : 0;
    while (link->head_sent < link->head_bytes || link->body_sent < body) {
        struct iovec pieces[2] = {
            {link->head + link->head_sent, link->head_bytes - link->head_sent},
            {(char *)(uintptr_t)work->body + link->body_sent, (size_t)(body - link->body_sent)}};
        struct msghdr message = {.msg_iov = pieces, .msg_iovlen = body > 0 ? 2 : 1};
        ssize_t sent = sendmsg(link->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno == EAGAIN) {
            writable_want(loop, link, true);
            return true;
        }
        if (sent < 0) return false;
        size_t of_head = size_min((size_t)sent, link->head_bytes - link->head_sent);
        link->head_sent += of_head;
        link->body_sent += (uint64_t)sent - of_head;
    }
    link->sending = false;
    writable_want(loop, link, false);
    return true;
}

/* Starts the next request on an open connection; false: there are no more. */
static bool link_begin(struct loop *loop, struct link *link) {
    struct text head = text_into(link->head, sizeof link->head);
    if (atomic_load_explicit(&loop->work->stopped, memory_order_relaxed) ||
        !work_target_make(loop->work, &loop->dice, &link->target))
        return false;
    if (link->target.is_signed)
        signer_head(&loop->signer, &link->target.request, clock_wall_ns(), &head);
    else
        signer_head_unsigned(&link->target.request, &head);
    assert(!head.overflow);
    link->head_bytes = head.len;
    link->head_sent = 0;
    link->body_sent = 0;
    link->sending = true;
    reply_begin(&link->reply, loop->work->operation == OPERATION_LIST && link->requests == 0);
    link->requests++;
    link->begun_ns = clock_steady_ns();
    return true;
}

/* Requests until one is under way: a connection that breaks at once is opened again. Gives up, and
 * counts failures, where the server takes no connections any more. */
static void link_next(struct loop *loop, struct link *link) {
    struct error e;
    for (;;) {
        if (link->fd < 0 && link_open(loop, link, &e) != OK) {
            failure_count(loop, link, e.message);
            usleep(RETRY_MS * 1000);
            if (atomic_load(&loop->work->stopped)) break;
            continue;
        }
        if (!link_begin(loop, link)) break;
        if (link_send(loop, link)) return;
        failure_count(loop, link, "the connection broke while sending");
        link_close(loop, link);
    }
    loop->busy--;
    link_close(loop, link);
}

/* ---- receiving ---- */

/* Bytes of a long body may be dropped by the kernel: what is measured is the server, not how fast
 * this process copies. Source: tcp(7), MSG_TRUNC. */
static bool is_skipping(const struct reply *reply) {
    return reply->state == REPLY_BODY && reply->left > SKIP_FROM_BYTES &&
           reply->start_bytes == REPLY_START_BYTES && !reply->counts_keys;
}

static void link_fail(struct loop *loop, struct link *link, const char *why) {
    failure_count(loop, link, why);
    link_close(loop, link);
    link_next(loop, link);
}

static void link_received(struct loop *loop, struct link *link, size_t got) {
    struct error e;
    size_t used;
    if (reply_take(&link->reply, str_of(loop->received, got), &used, &e) != OK) {
        link_fail(loop, link, e.message);
        return;
    }
    if (link->reply.state != REPLY_OVER) return;
    reply_count(loop, link);
    /* An early answer leaves the rest of the request unsent: that connection cannot go on. */
    if (used < got || link->reply.closes || link->sending) link_close(loop, link);
    link_next(loop, link);
}

static void link_receive(struct loop *loop, struct link *link) {
    struct reply *reply = &link->reply;
    bool skipping = is_skipping(reply);
    size_t room = skipping ? (size_t)u64_min(reply->left - 1, SKIP_BYTES) : RECEIVE_BYTES;
    ssize_t got = recv(link->fd, loop->received, room, MSG_DONTWAIT | (skipping ? MSG_TRUNC : 0));
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
        link_fail(loop, link,
                  got == 0 ? "the server closed the connection" : "the connection broke");
    } else if (skipping) {
        reply->left -= (uint64_t)got; /* at least one byte is left for reply_take */
        reply->body_bytes += (uint64_t)got;
    } else
        link_received(loop, link, (size_t)got);
}

/* ---- the thread ---- */

static void loop_turn(struct loop *loop) {
    struct epoll_event events[64];
    int count = epoll_wait(loop->epoll, events, COUNT_OF(events), 100);
    for (int i = 0; i < count; i++) {
        struct link *link = events[i].data.ptr;
        if (link->fd < 0) continue; /* an event of a connection closed in this turn */
        if (link->sending && (events[i].events & EPOLLOUT) != 0 && !link_send(loop, link)) {
            link_fail(loop, link, "the connection broke while sending");
            continue;
        }
        if ((events[i].events & (uint32_t)~EPOLLOUT) != 0) link_receive(loop, link);
    }
}

static enum error_code loop_open(struct loop *loop, struct error *e) {
    struct worker *worker = loop->worker;
    loop->links = calloc(worker->connections, sizeof *loop->links);
    loop->received = malloc(RECEIVE_BYTES);
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop->links == NULL || loop->received == NULL || loop->epoll < 0)
        return error_set_errno(e, errno, "starting a thread");
    for (unsigned i = 0; i < worker->connections; i++) loop->links[i].fd = -1;
    for (unsigned i = 0; i < worker->connections; i++) TRY(link_open(loop, &loop->links[i], e));
    loop->busy = worker->connections;
    return OK;
}

static void loop_close(struct loop *loop) {
    for (unsigned i = 0; loop->links != NULL && i < loop->worker->connections; i++)
        link_close(loop, &loop->links[i]);
    if (loop->epoll >= 0) close(loop->epoll);
    free(loop->links);
    free(loop->received);
}

void *worker_run(void *argument) {
    struct worker *worker = argument;
    struct work *work = worker->work;
    struct loop loop = {.worker = worker,
                        .work = work,
                        .epoll = -1,
                        .signer = signer_open(work->access_key, work->secret_key, work->region)};
    random_seed(&loop.dice, random_u64());
    worker->code = loop_open(&loop, &worker->error);
    for (unsigned i = 0; worker->code == OK && i < worker->connections; i++)
        link_next(&loop, &loop.links[i]);
    while (loop.busy > 0 && !atomic_load_explicit(&work->stopped, memory_order_relaxed))
        loop_turn(&loop);
    loop_close(&loop);
    atomic_fetch_sub(&work->working, 1);
    return NULL;
}
