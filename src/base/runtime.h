/* Fibers on reactors: code in a straight line that never blocks its thread.
 *
 * One reactor a core. A fiber belongs to the reactor it was started on and never changes thread, so
 * fibers of one reactor share its memory without locks. Every function here that may wait says
 * "parks": on a fiber it parks the fiber and lets the reactor run another; on any other thread (a
 * worker, a command line tool, a test) it blocks that thread. So the same code serves both.
 *
 * Two back ends, chosen at start: io_uring, and epoll with worker threads for files where io_uring
 * is forbidden. RUNTIME_AUTO tries the first and falls back to the second.
 *
 * Traps: OpenSSL's error queue belongs to the thread: clear it before each call and after each
 * park. No pointer into a table shared between fibers may be held across a call that parks. */
#ifndef AZEKURA_BASE_RUNTIME_H
#define AZEKURA_BASE_RUNTIME_H

#include "base/base.h"

#include <sys/socket.h>
#include <sys/types.h>

struct runtime;
struct reactor;

enum runtime_backend { RUNTIME_AUTO, RUNTIME_URING, RUNTIME_EPOLL };

struct runtime_options {
    enum runtime_backend backend;
    unsigned reactors;  /* 0: one a core */
    unsigned workers;   /* threads for what can only block; 0: 8 */
    size_t stack_bytes; /* of a fiber; 0: 256 KiB, of which only touched pages cost */
    unsigned fibers;    /* most alive at once on a reactor; 0: LIMIT_CONNECTIONS + 256 */
};

/* Starts reactor and worker threads. FAIL_SYSTEM when the wanted back end is not to be had. */
enum error_code runtime_open(const struct runtime_options *options, struct runtime **out,
                             struct error *e) MUST_USE;
/* Waits until every fiber has ended, then stops the threads and frees all. Fibers are not killed:
 * tell them to end first (a stopping flag, a closed listener). Not from a fiber. Threads of your
 * own that wake its fibers must have returned from wake_fire and fiber_start before. */
void runtime_close(struct runtime *runtime);

enum runtime_backend runtime_backend(const struct runtime *runtime); /* the one chosen */
unsigned runtime_reactor_count(const struct runtime *runtime);
struct reactor *runtime_reactor(struct runtime *runtime, unsigned index);

/* On a fiber: its reactor and its index (0..count-1); elsewhere NULL, and 0. */
struct reactor *reactor_current(void);
unsigned reactor_index(void);
bool fiber_is_current(void); /* is this code on a fiber? */

/* Starts a fiber on a reactor, from any thread. FAIL_BUSY when the reactor has no room for one. */
enum error_code fiber_start(struct reactor *reactor, void (*run)(void *argument), void *argument,
                            struct error *e) MUST_USE;
void fiber_yield(void);              /* parks; runs others first */
void fiber_sleep_ns(int64_t for_ns); /* parks */

/* One wake-up, from any thread to one waiter. Zero-initialise; wake_fire may come before wake_wait,
 * and more than one fire before a wait counts once. wake_wait parks; FAIL_TIMEOUT at `deadline_ns`
 * (steady; INT64_MAX: none), after which a later fire is still safe while the memory lives.
 * wake_reset makes it usable again; only when no fire can be under way. */
struct wake {
    _Atomic(uintptr_t) state; /* inner */
};
void wake_fire(struct wake *wake);
enum error_code wake_wait(struct wake *wake, int64_t deadline_ns, struct error *e) MUST_USE;
void wake_reset(struct wake *wake);

/* Runs `run(argument)` on a worker thread and parks until it is done. Off a fiber: calls it here.
 * Order among calls is not promised. */
void worker_call(struct runtime *runtime, void (*run)(void *argument), void *argument);
/* The same on the current fiber's runtime; off a fiber it calls here. */
void worker_do(void (*run)(void *argument), void *argument);

/* Mutual exclusion among the fibers of one reactor (and nobody else). Parks. Zero-initialise. */
struct fiber_lock {
    bool held;
    struct fiber *first, *last;
};
void fiber_lock_take(struct fiber_lock *lock);
void fiber_lock_give(struct fiber_lock *lock);

/* ---- network. Sockets are non-blocking and close-on-exec; deadlines are steady, INT64_MAX: none.
 * FAIL_TIMEOUT at the deadline, FAIL_CLOSED when the other end has reset, FAIL_SYSTEM otherwise.
 * A deadline that has passed still lets through what needs no waiting. */

struct net_address {
    struct sockaddr_storage at;
    socklen_t len;
};
/* "127.0.0.1:9000", "[::1]:9000", ":9000" (all addresses), port 0: any. FAIL_USAGE otherwise. */
enum error_code net_address_read(str text, struct net_address *out, struct error *e) MUST_USE;
enum { NET_TEXT_BYTES = 80 };
size_t net_address_write(const struct net_address *address,
                         char out[NET_TEXT_BYTES]); /* closed with 0 */
/* The address alone: 4 or 16 bytes in network order; an IPv4-mapped one counts as IPv4. 0: other.
 */
size_t net_address_bytes(const struct net_address *address, unsigned char out[16]);

/* A listening socket (SO_REUSEPORT, so that each reactor may have its own on one address);
 * `*address` gets the port that was given. All addresses means IPv6 and IPv4.
 * net_listen_unix: mode 0600; takes the place of a socket that nobody listens on any more,
 * FAIL_LOCKED when somebody does; the file stays behind after closing. */
enum error_code net_listen(struct net_address *address, int *fd, struct error *e) MUST_USE;
/* Whether nobody listens on that address yet, another process that would share it included: to be
 * asked before the first net_listen, since two servers on one address would each get some of the
 * other's connections. Port 0: always. Errors: as net_listen ("Address already in use"). */
enum error_code net_listen_claim(const struct net_address *address, struct error *e) MUST_USE;
enum error_code net_listen_unix(str path, int *fd, struct error *e) MUST_USE;

/* Parks; TCP_NODELAY set; `peer` may be NULL. FAIL_BUSY: out of descriptors or memory, so sleep a
 * little; FAIL_CLOSED: the listener is closed. */
enum error_code net_accept(int listener, int64_t deadline_ns, int *fd, struct net_address *peer,
                           struct error *e) MUST_USE;
enum error_code net_connect(const struct net_address *to, int64_t deadline_ns, int *fd,
                            struct error *e) MUST_USE; /* parks; TCP_NODELAY set */
enum error_code net_connect_unix(str path, int64_t deadline_ns, int *fd, struct error *e) MUST_USE;
/* *got 0: the other end has closed its side. */
enum error_code net_recv(int fd, void *bytes, size_t cap, int64_t deadline_ns, size_t *got,
                         struct error *e) MUST_USE; /* parks */
enum error_code net_send(int fd, const void *bytes, size_t count, int64_t deadline_ns,
                         struct error *e) MUST_USE; /* parks; all of it or an error */
struct iovec;
enum error_code net_send_parts(int fd, struct iovec *parts, int count, int64_t deadline_ns,
                               struct error *e) MUST_USE; /* parks; all; parts are used up */
/* Sends some of a file's bytes (*sent > 0) without copying them, straight from the page cache; what
 * is not in there a worker reads. Parks. FAIL_CORRUPT when the file ends at `offset` or before. */
enum error_code net_send_file(int fd, int file, uint64_t offset, size_t count, int64_t deadline_ns,
                              size_t *sent, struct error *e) MUST_USE;
void net_shutdown_send(int fd);
/* Closes; a wait on the same socket by another fiber of this reactor ends with FAIL_CLOSED. */
void net_close(int fd);

#endif
