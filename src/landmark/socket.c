/* Datagram sockets: threads of their own block on them, so that nothing lies between the kernel and the
 * clock. */
#include "landmark/inner.h"

#include <errno.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int64_t landmark_raw_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_RAW, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

struct landmark_moment landmark_moment_now(void) {
    struct timespec wall;
    struct landmark_moment now = {.raw_ns = landmark_raw_ns()};
    clock_gettime(CLOCK_REALTIME, &wall);
    now.wall_ns = wall.tv_sec * NS_PER_S + wall.tv_nsec;
    return now;
}

/* Where the kernel cannot stamp, there are none: the raw clock measures alone. */
static void stamps_ask(int fd) {
    int what = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
    (void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &what, sizeof what);
}

enum error_code landmark_socket_bind(struct net_address *address, int *fd, struct error *e) {
    char text[NET_TEXT_BYTES];
    net_address_write(address, text);
    int s = socket(address->at.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0) return error_set_errno(e, errno, "a socket for landmarks");
    address->len = sizeof address->at;
    struct net_address asked = *address;
    socklen_t len =
        asked.at.ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    if (bind(s, (const struct sockaddr *)&asked.at, len) == 0 &&
        getsockname(s, (struct sockaddr *)&address->at, &address->len) == 0) {
        *fd = s;
        return OK;
    }
    enum error_code code = error_set_errno(e, errno, "listening for landmarks at %s", text);
    close(s);
    return code;
}

enum error_code landmark_socket_to(const struct net_address *to, int *fd, struct error *e) {
    char text[NET_TEXT_BYTES];
    net_address_write(to, text);
    int s = socket(to->at.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0) return error_set_errno(e, errno, "a socket for landmarks");
    stamps_ask(s);
    if (connect(s, (const struct sockaddr *)&to->at, to->len) == 0) {
        *fd = s;
        return OK;
    }
    enum error_code code = error_set_errno(e, errno, "asking %s", text);
    close(s);
    return code;
}

void landmark_socket_close(int fd) {
    close(fd);
}

/* The kernel's software stamp, the first of three; what the network card says is in a clock of its own
 * and would need its stamp of the sending too. Source: Documentation/networking/timestamping.rst. */
static int64_t stamp_of(struct msghdr *message) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        struct timespec stamp;
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPING) continue;
        memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
        return stamp.tv_sec * NS_PER_S + stamp.tv_nsec;
    }
    return 0;
}

int64_t landmark_rtt_ns(const struct landmark_moment *sent, const struct landmark_datagram *d) {
    enum { APART_NS = 20000 };
    int64_t raw_ns = d->at.raw_ns - sent->raw_ns, wall_ns = d->at.wall_ns - sent->wall_ns;
    int64_t stamped_ns = d->stamped_wall_ns - sent->wall_ns, apart_ns = wall_ns - raw_ns;
    if (d->stamped_wall_ns == 0 || apart_ns > APART_NS || apart_ns < -APART_NS || stamped_ns <= 0 ||
        stamped_ns > raw_ns)
        return raw_ns;
    return stamped_ns;
}

void landmark_datagram_copy(struct landmark_datagram *to, const struct landmark_datagram *from) {
    const char *bytes = from->message.bytes.at;
    *to = *from;
    if (bytes != NULL)
        to->message.bytes.at = (char *)to->memory + (bytes - (const char *)from->memory);
}

bool landmark_receive(int fd, int64_t deadline_ns, struct landmark_datagram *out) {
    for (;;) {
        _Alignas(struct cmsghdr) char control[256];
        struct iovec part = {out->memory, sizeof out->memory};
        struct msghdr message = {.msg_name = &out->from.at,
                                 .msg_namelen = sizeof out->from.at,
                                 .msg_iov = &part,
                                 .msg_iovlen = 1,
                                 .msg_control = control,
                                 .msg_controllen = sizeof control};
        struct error e;
        int64_t left_ns = deadline_ns - landmark_raw_ns();
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        struct timespec wait = {left_ns / NS_PER_S, left_ns % NS_PER_S};
        if (left_ns <= 0 || ppoll(&poll_fd, 1, &wait, NULL) == 0) return false;
        ssize_t got = recvmsg(fd, &message, 0);
        out->at = landmark_moment_now();
        out->from.len = message.msg_namelen;
        out->stamped_wall_ns = got >= 0 ? stamp_of(&message) : 0;
        if (got < 0) { /* nobody listens there (yet): no busy loop over it */
            struct timespec moment = {0, 5 * NS_PER_MS};
            if (errno != EINTR) nanosleep(&moment, NULL);
            continue;
        }
        if (locproof_message_read(str_of(out->memory, (size_t)got), &out->message, &e) == OK)
            return true;
    }
}

void landmark_send(int fd, const struct locproof_message *message, const struct net_address *to) {
    unsigned char memory[LOCPROOF_DATAGRAM_BYTES];
    str datagram = locproof_message_write(message, memory);
    ssize_t sent = to == NULL ? send(fd, datagram.at, datagram.len, MSG_NOSIGNAL)
                              : sendto(fd, datagram.at, datagram.len, MSG_NOSIGNAL | MSG_DONTWAIT,
                                       (const struct sockaddr *)&to->at, to->len);
    (void)sent; /* lost, like any other that is lost on the way */
}

bool landmark_bucket_take(struct landmark_bucket *bucket, int64_t a_second) {
    int64_t now_ns = landmark_raw_ns(), passed_ns = now_ns - bucket->at_ns;
    if (bucket->at_ns == 0 || passed_ns >= NS_PER_S) {
        bucket->tokens = a_second;
        bucket->at_ns = now_ns;
    }
    if (bucket->tokens == 0) return false;
    bucket->tokens--;
    return true;
}
