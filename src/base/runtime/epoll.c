/* The back end for places where io_uring is forbidden: readiness from epoll, files by workers.
 *
 * A socket is registered once, edge-triggered for both directions, when a fiber first waits for it.
 * An edge that nobody waits for may be forgotten: every call tries before it waits, so the next
 * wait begins after an EAGAIN, and epoll reports what changes after that. */
#include "base/runtime/inner.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { EVENTS_AT_ONCE = 256 };

struct epoll_state {
    int fd;
    struct epoll_event events[EVENTS_AT_ONCE];
};

static const uint64_t poke_mark = UINT64_MAX;

static enum error_code epoll_open(struct reactor *reactor, struct error *e) {
    struct epoll_state *state = calloc(1, sizeof *state);
    if (state == NULL) return error_set(e, FAIL_MEMORY, "no memory for epoll events");
    state->fd = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event poke = {.events = EPOLLIN | EPOLLET, .data.u64 = poke_mark};
    if (state->fd < 0 || epoll_ctl(state->fd, EPOLL_CTL_ADD, reactor->poke_fd, &poke) != 0) {
        int errnum = errno;
        if (state->fd >= 0) close(state->fd);
        free(state);
        return error_set_errno(e, errnum, "epoll");
    }
    reactor->backend_state = state;
    return OK;
}

static void epoll_close(struct reactor *reactor) {
    struct epoll_state *state = reactor->backend_state;
    close(state->fd);
    free(state);
}

/* Ends the waits that `events` answers. Errors and hang-ups end both kinds: the call that follows
 * says what happened. */
static void slot_ready(struct socket_slot *slot, uint32_t events) {
    bool both = events & (EPOLLERR | EPOLLHUP);
    bool can_read = both || events & (EPOLLIN | EPOLLRDHUP), can_write = both || events & EPOLLOUT;
    struct fiber **at = &slot->waiters;
    while (*at != NULL) {
        struct fiber *fiber = *at;
        if ((fiber->wait_events & POLLIN && can_read) ||
            (fiber->wait_events & POLLOUT && can_write)) {
            *at = fiber->next;
            fiber_ready(fiber);
        } else
            at = &fiber->next;
    }
}

static int timeout_ms(int64_t wait_ns) {
    if (wait_ns == INT64_MAX) return -1;
    int64_t ms = wait_ns / NS_PER_MS + (wait_ns % NS_PER_MS != 0); /* never too early */
    return ms > 3600 * 1000 ? 3600 * 1000 : (int)ms;
}

static void epoll_turn(struct reactor *reactor, int64_t wait_ns) {
    struct epoll_state *state = reactor->backend_state;
    int count = epoll_wait(state->fd, state->events, EVENTS_AT_ONCE, timeout_ms(wait_ns));
    for (int i = 0; i < count; i++) {
        uint64_t mark = state->events[i].data.u64;
        if (mark == poke_mark) {
            eventfd_t pokes;
            eventfd_read(reactor->poke_fd, &pokes);
            continue;
        }
        struct socket_slot *slot = socket_slot(reactor, (int)(uint32_t)mark);
        if (slot->registered != (uint32_t)(mark >> 32)) continue; /* of a socket closed since */
        slot_ready(slot, state->events[i].events);
    }
}

static int epoll_register(struct reactor *reactor, struct socket_slot *slot, int fd) {
    struct epoll_state *state = reactor->backend_state;
    uint32_t birth = socket_birth(fd) + 1;
    if (slot->registered == birth) return 0;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                .data.u64 = (uint64_t)birth << 32 | (uint32_t)fd};
    int got = epoll_ctl(state->fd, EPOLL_CTL_ADD, fd, &event);
    if (got != 0 && errno == EEXIST) got = epoll_ctl(state->fd, EPOLL_CTL_MOD, fd, &event);
    if (got != 0) return -errno;
    slot->registered = birth;
    return 0;
}

static bool wait_late(struct fiber *fiber) {
    socket_waiter_leave(fiber);
    fiber->wait_late = true;
    return true;
}

static int epoll_wait_socket(struct fiber *fiber, int fd, short events, int64_t deadline_ns) {
    int failed = epoll_register(fiber->reactor, socket_slot(fiber->reactor, fd), fd);
    if (failed != 0) return failed;
    socket_waiter_join(fiber, fd, events);
    fiber_park(fiber, deadline_ns, wait_late);
    return fiber->wait_closed ? -ECANCELED : fiber->wait_late ? -ETIME : 0;
}

static void epoll_abandon(struct fiber *fiber) {
    fiber_ready(fiber);
}

const struct backend backend_epoll = {.kind = RUNTIME_EPOLL,
                                      .open = epoll_open,
                                      .close = epoll_close,
                                      .turn = epoll_turn,
                                      .wait = epoll_wait_socket,
                                      .abandon = epoll_abandon};
