/* Sockets in a straight line: each call tries, and where the kernel says "not now" it waits. On a
 * fiber the waiting is the back end's; elsewhere it is poll(2). */
#include "base/disk.h"
#include "base/runtime/inner.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

static int thread_wait(int fd, short events, int64_t deadline_ns) {
    for (;;) {
        int timeout_ms = -1;
        if (deadline_ns != INT64_MAX) {
            int64_t left_ns = deadline_ns - clock_steady_ns();
            if (left_ns <= 0) return -ETIME;
            int64_t left_ms = (left_ns - 1) / NS_PER_MS + 1;
            timeout_ms = left_ms > 3600 * 1000 ? 3600 * 1000 : (int)left_ms;
        }
        struct pollfd one = {.fd = fd, .events = events};
        int got = poll(&one, 1, timeout_ms);
        if (got > 0) return 0;
        if (got < 0 && errno != EINTR) return -errno;
    }
}

int socket_wait(int fd, short events, int64_t deadline_ns) {
    struct fiber *fiber = fiber_current();
    if (fiber == NULL) return thread_wait(fd, events, deadline_ns);
    if (fd >= SOCKET_NUMBER_MAX) return -EMFILE;
    return fiber->reactor->backend->wait(fiber, fd, events, deadline_ns);
}

static enum error_code net_fail(struct error *e, int errnum, const char *doing) {
    switch (errnum) {
    case ETIME: return error_set(e, FAIL_TIMEOUT, "%s: the deadline has passed", doing);
    case ECANCELED: return error_set(e, FAIL_CLOSED, "%s: the socket was closed here", doing);
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
    case ENOTCONN:
    case ETIMEDOUT: /* the other end stopped acknowledging */
        error_set_errno(e, errnum, "%s", doing);
        if (e != NULL) e->code = FAIL_CLOSED;
        return FAIL_CLOSED;
    default: return error_set_errno(e, errnum, "%s", doing);
    }
}

static bool is_full(int errnum) {
    return errnum == EAGAIN || errnum == EWOULDBLOCK;
}

/* ---- bytes */

/* A count or -errno; -EAGAIN and -EINTR: again. */
static ssize_t recv_once(int fd, void *bytes, size_t cap, int64_t deadline_ns) {
    struct fiber *fiber = fiber_current();
    if (fiber != NULL && fiber->reactor->backend->recv != NULL && fd < SOCKET_NUMBER_MAX)
        return fiber->reactor->backend->recv(fiber, fd, bytes, cap, deadline_ns);
    ssize_t got = recv(fd, bytes, cap, MSG_DONTWAIT);
    if (got < 0) return -errno;
    fiber_share();
    return got;
}

enum error_code net_recv(int fd, void *bytes, size_t cap, int64_t deadline_ns, size_t *got,
                         struct error *e) {
    assert(cap > 0); /* "0 got" means the end */
    for (;;) {
        ssize_t count = recv_once(fd, bytes, cap, deadline_ns);
        if (count >= 0) {
            *got = (size_t)count;
            return OK;
        }
        if (count == -EINTR) continue;
        int failed = (int)-count;
        if (is_full(failed)) failed = -socket_wait(fd, POLLIN, deadline_ns);
        if (failed != 0) return net_fail(e, failed, "receiving");
    }
}

static ssize_t sendmsg_once(int fd, const struct msghdr *message) {
    ssize_t sent = sendmsg(fd, message, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent < 0 ? -errno : sent;
}

/* Takes `sent` bytes off the front of what is left. */
static void parts_skip(struct msghdr *message, size_t sent) {
    while (message->msg_iovlen > 0 && sent >= message->msg_iov->iov_len) {
        sent -= message->msg_iov->iov_len;
        message->msg_iov->iov_len = 0;
        message->msg_iov++;
        message->msg_iovlen--;
    }
    if (sent == 0) return;
    assert(message->msg_iovlen > 0); /* the kernel sends no more than it was given */
    message->msg_iov->iov_base = (char *)message->msg_iov->iov_base + sent;
    message->msg_iov->iov_len -= sent;
}

enum error_code net_send_parts(int fd, struct iovec *parts, int count, int64_t deadline_ns,
                               struct error *e) {
    assert(count >= 0 && count <= IOV_MAX);
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = (size_t)count};
    parts_skip(&message, 0);
    while (message.msg_iovlen > 0) {
        ssize_t sent = sendmsg_once(fd, &message);
        if (sent >= 0) {
            parts_skip(&message, (size_t)sent);
            fiber_share();
            continue;
        }
        if (sent == -EINTR) continue;
        int failed = (int)-sent;
        if (is_full(failed)) failed = -socket_wait(fd, POLLOUT, deadline_ns);
        if (failed != 0) return net_fail(e, failed, "sending");
    }
    return OK;
}

enum error_code net_send(int fd, const void *bytes, size_t count, int64_t deadline_ns,
                         struct error *e) {
    struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = count};
    return net_send_parts(fd, &part, 1, deadline_ns, e);
}

enum error_code net_send_file(int fd, int file, uint64_t offset, size_t count, int64_t deadline_ns,
                              size_t *sent, struct error *e) {
    const struct disk *disk = disk_now();
    assert(count > 0);
    for (;;) {
        ssize_t done = disk->send(disk->self, file, fd, offset, count);
        if (done > 0) {
            *sent = (size_t)done;
            return OK;
        }
        if (done == 0)
            return error_set(e, FAIL_CORRUPT, "a file ends before byte %llu",
                             (unsigned long long)offset);
        if (done == -EINTR) continue;
        int failed = (int)-done;
        if (is_full(failed)) failed = -socket_wait(fd, POLLOUT, deadline_ns);
        if (failed != 0) return net_fail(e, failed, "sending a file");
    }
}

void net_shutdown_send(int fd) {
    shutdown(fd, SHUT_WR);
}
