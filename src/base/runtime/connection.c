/* How sockets come to be: listening, accepting, connecting; over TCP and over Unix sockets. */
#include "base/runtime/inner.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { SOCKET_FLAGS = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK };

static enum error_code socket_new(int family, int *out, struct error *e) {
    int fd = socket(family, SOCKET_FLAGS, 0);
    if (fd < 0) return error_set_errno(e, errno, "socket");
    if (fd >= SOCKET_NUMBER_MAX) {
        close(fd);
        return error_set(e, FAIL_BUSY, "more than %d descriptors are open", SOCKET_NUMBER_MAX);
    }
    socket_born(fd);
    *out = fd;
    return OK;
}

static void option_on(int fd, int level, int name) {
    int on = 1;
    setsockopt(fd, level, name, &on, sizeof on); /* known to every kernel we run on */
}

/* Closes fd and reports errno, which close must not change. */
static enum error_code give_up(int fd, struct error *e, const char *what) {
    int errnum = errno;
    net_close(fd);
    return error_set_errno(e, errnum, "%s", what);
}

/* ---- listening */

/* Shared sockets on one address split its connections between them, whoever opened them: an address
 * is claimed first by one that shares with nobody. */
enum listen_kind { LISTEN_ALONE, LISTEN_SHARED };

static enum error_code listen_at(struct net_address *address, enum listen_kind kind, int fd,
                                 struct error *e) {
    char text[NET_TEXT_BYTES], what[NET_TEXT_BYTES + 32];
    net_address_write(address, text);
    snprintf(what, sizeof what, "cannot listen on %s", text);
    option_on(fd, SOL_SOCKET, SO_REUSEADDR);
    if (kind == LISTEN_SHARED) option_on(fd, SOL_SOCKET, SO_REUSEPORT);
    if (address->at.ss_family == AF_INET6) {
        int off = 0; /* ":9000" and "[::]:9000" take IPv4 too */
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    }
    if (bind(fd, (struct sockaddr *)&address->at, address->len) != 0 || listen(fd, SOMAXCONN) != 0)
        return give_up(fd, e, what);
    struct net_address given = {.len = sizeof given.at};
    if (getsockname(fd, (struct sockaddr *)&given.at, &given.len) != 0) return give_up(fd, e, what);
    *address = given;
    return OK;
}

static unsigned port_of(const struct net_address *address) {
    struct sockaddr_in six_or_four; /* both families have the port at the same place */
    static_assert(offsetof(struct sockaddr_in, sin_port) ==
                      offsetof(struct sockaddr_in6, sin6_port),
                  "the port follows the family");
    memcpy(&six_or_four, &address->at, sizeof six_or_four);
    return ntohs(six_or_four.sin_port);
}

/* ":9000" on a machine without IPv6 is every IPv4 address. */
static bool as_ipv4_wildcard(struct net_address *address) {
    struct sockaddr_in6 six;
    if (address->at.ss_family != AF_INET6) return false;
    memcpy(&six, &address->at, sizeof six);
    if (!IN6_IS_ADDR_UNSPECIFIED(&six.sin6_addr)) return false;
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = six.sin6_port};
    *address = (struct net_address){.len = sizeof four};
    memcpy(&address->at, &four, sizeof four);
    return true;
}

static enum error_code listen_open(struct net_address *address, enum listen_kind kind, int *out,
                                   struct error *e) {
    int fd;
    struct net_address at = *address;
    enum error_code code = socket_new(at.at.ss_family, &fd, e);
    if (code != OK && as_ipv4_wildcard(&at)) code = socket_new(AF_INET, &fd, e);
    TRY(code);
    TRY(listen_at(&at, kind, fd, e));
    *address = at;
    *out = fd;
    return OK;
}

enum error_code net_listen(struct net_address *address, int *out, struct error *e) {
    return listen_open(address, LISTEN_SHARED, out, e);
}

enum error_code net_listen_claim(const struct net_address *address, struct error *e) {
    int fd;
    struct net_address at = *address;
    if (port_of(&at) == 0) return OK; /* will be one that nobody has */
    TRY(listen_open(&at, LISTEN_ALONE, &fd, e));
    net_close(fd);
    return OK;
}

/* A Unix socket's address. The kernel allows 107 bytes; a longer path goes by its directory's
 * descriptor, which the caller closes when it is not -1. */
static enum error_code unix_address(str path, struct net_address *out, int *dir, struct error *e) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    *dir = -1;
    if (path.len == 0 || path.len >= PATH_MAX || memchr(path.at, 0, path.len) != NULL)
        return error_set(e, FAIL_USAGE, "a socket's path has 1 to %d bytes", PATH_MAX - 1);
    size_t slash = path.len;
    while (slash > 0 && path.at[slash - 1] != '/') slash--;
    if (path.len < sizeof at.sun_path) {
        memcpy(at.sun_path, path.at, path.len);
    } else {
        char folder[PATH_MAX];
        memcpy(folder, path.at, slash);
        folder[slash] = 0;
        *dir = open(slash > 0 ? folder : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (*dir < 0) return error_set_errno(e, errno, "cannot open %s", folder);
        int used = snprintf(at.sun_path, sizeof at.sun_path, "/proc/self/fd/%d/%.*s", *dir,
                            STR_FMT(str_skip(path, slash)));
        if (used < 0 || (size_t)used >= sizeof at.sun_path) {
            close(*dir);
            *dir = -1;
            return error_set(e, FAIL_USAGE, "the socket's name is too long: %.*s", STR_FMT(path));
        }
    }
    *out = (struct net_address){.len = sizeof at};
    memcpy(&out->at, &at, sizeof at);
    return OK;
}

/* A socket file that nobody listens on any more is left over from a crash. */
static bool unix_is_stale(const struct net_address *address) {
    int fd = socket(AF_UNIX, SOCKET_FLAGS, 0);
    if (fd < 0) return false;
    bool stale = connect(fd, (const struct sockaddr *)&address->at, address->len) != 0 &&
                 errno == ECONNREFUSED;
    close(fd);
    return stale;
}

static enum error_code unix_bind(const struct net_address *address, int fd, str path,
                                 struct error *e) {
    const struct sockaddr *at = (const struct sockaddr *)&address->at;
    fchmod(fd, 0600); /* before bind: Linux makes the file with the socket's mode */
    int got = bind(fd, at, address->len);
    if (got != 0 && errno == EADDRINUSE) {
        if (!unix_is_stale(address))
            return error_set(e, FAIL_LOCKED, "another process listens on %.*s", STR_FMT(path));
        struct sockaddr_un name;
        memcpy(&name, &address->at, sizeof name);
        unlink(name.sun_path);
        got = bind(fd, at, address->len);
    }
    if (got != 0 || listen(fd, SOMAXCONN) != 0)
        return error_set_errno(e, errno, "cannot listen on %.*s", STR_FMT(path));
    return OK;
}

enum error_code net_listen_unix(str path, int *out, struct error *e) {
    struct net_address address;
    int dir, fd = -1;
    TRY(unix_address(path, &address, &dir, e));
    enum error_code code = socket_new(AF_UNIX, &fd, e);
    if (code == OK) code = unix_bind(&address, fd, path, e);
    if (dir >= 0) close(dir);
    if (code == OK)
        *out = fd;
    else if (fd >= 0)
        net_close(fd);
    return code;
}

/* ---- accepting */

/* Errors that belong to one connection which came and went, not to the listener.
 * Source: accept(2), "error handling". */
static bool is_of_the_caller(int errnum) {
    switch (errnum) {
    case EINTR:
    case ECONNABORTED:
    case ENETDOWN:
    case EPROTO:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case ENETUNREACH: return true;
    default: return false;
    }
}

static enum error_code accept_fail(struct error *e, int errnum) {
    switch (errnum) {
    case ETIME: return error_set(e, FAIL_TIMEOUT, "accepting: the deadline has passed");
    case ECANCELED: /* net_close */
    case EINVAL:    /* shutdown */
        return error_set(e, FAIL_CLOSED, "accepting: the listener was closed");
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        error_set_errno(e, errnum, "accepting");
        if (e != NULL) e->code = FAIL_BUSY;
        return FAIL_BUSY;
    default: return error_set_errno(e, errnum, "accepting");
    }
}

enum error_code net_accept(int listener, int64_t deadline_ns, int *out, struct net_address *peer,
                           struct error *e) {
    for (;;) {
        struct net_address from = {.len = sizeof from.at};
        int fd =
            accept4(listener, (struct sockaddr *)&from.at, &from.len, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            fiber_share();
            socket_born(fd);
            if (from.at.ss_family != AF_UNIX) option_on(fd, IPPROTO_TCP, TCP_NODELAY);
            *out = fd;
            if (peer != NULL) *peer = from;
            return OK;
        }
        if (is_of_the_caller(errno)) continue;
        int failed = errno;
        if (failed == EAGAIN) failed = -socket_wait(listener, POLLIN, deadline_ns);
        if (failed != 0) return accept_fail(e, failed);
    }
}

/* ---- connecting */

static enum error_code connect_fail(struct error *e, const struct net_address *to, int errnum) {
    char text[NET_TEXT_BYTES];
    net_address_write(to, text);
    if (errnum == ETIME || errnum == ETIMEDOUT)
        return error_set(e, FAIL_TIMEOUT, "connecting to %s: nobody answered in time", text);
    return error_set_errno(e, errnum, "connecting to %s", text);
}

/* 0 or an errno. A Unix listener whose queue is full says EAGAIN and tells nobody when it is not:
 * only asking again helps. */
static int connect_until(int fd, const struct net_address *to, int64_t deadline_ns) {
    const struct sockaddr *at = (const struct sockaddr *)&to->at;
    while (connect(fd, at, to->len) != 0) {
        if (errno == EAGAIN) {
            if (clock_steady_ns() >= deadline_ns) return ETIME;
            fiber_sleep_ns(NS_PER_MS);
            continue;
        }
        if (errno != EINPROGRESS && errno != EINTR) return errno;
        int failed = -socket_wait(fd, POLLOUT, deadline_ns);
        if (failed != 0) return failed;
        socklen_t len = sizeof failed;
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &len) != 0) return errno;
        return failed;
    }
    return 0;
}

enum error_code net_connect(const struct net_address *to, int64_t deadline_ns, int *out,
                            struct error *e) {
    int fd;
    TRY(socket_new(to->at.ss_family, &fd, e));
    if (to->at.ss_family != AF_UNIX) option_on(fd, IPPROTO_TCP, TCP_NODELAY);
    int failed = connect_until(fd, to, deadline_ns);
    if (failed != 0) {
        net_close(fd);
        return connect_fail(e, to, failed);
    }
    *out = fd;
    return OK;
}

enum error_code net_connect_unix(str path, int64_t deadline_ns, int *out, struct error *e) {
    struct net_address address;
    int dir;
    TRY(unix_address(path, &address, &dir, e));
    enum error_code code = net_connect(&address, deadline_ns, out, e);
    if (dir >= 0) close(dir);
    return code;
}
