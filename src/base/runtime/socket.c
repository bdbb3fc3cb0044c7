/* What reactors know of sockets: which fibers wait for one, and whether a descriptor's number still
 * means the socket it meant.
 *
 * A number is used again as soon as it is closed, perhaps by another reactor. So each new socket
 * gets a birth count under its number, process-wide; what a reactor noted under an older count is
 * of a socket long gone. */
#include "base/runtime/inner.h"

#include <unistd.h>

static _Atomic uint32_t births[SOCKET_NUMBER_MAX];

void socket_born(int fd) {
    assert(fd >= 0);
    if (fd < SOCKET_NUMBER_MAX) atomic_fetch_add_explicit(&births[fd], 1, memory_order_relaxed);
}

uint32_t socket_birth(int fd) {
    return atomic_load_explicit(&births[fd], memory_order_relaxed);
}

struct socket_slot *socket_slot(struct reactor *reactor, int fd) {
    return &reactor->slots[fd];
}

void socket_waiter_join(struct fiber *fiber, int fd, short events) {
    struct socket_slot *slot = socket_slot(fiber->reactor, fd);
    fiber->wait_fd = fd;
    fiber->wait_events = events;
    fiber->wait_closed = false;
    fiber->next = slot->waiters;
    slot->waiters = fiber;
}

void socket_waiter_leave(struct fiber *fiber) {
    struct socket_slot *slot = socket_slot(fiber->reactor, fiber->wait_fd);
    for (struct fiber **at = &slot->waiters; *at != NULL; at = &(*at)->next)
        if (*at == fiber) {
            *at = fiber->next;
            fiber->next = NULL;
            return;
        }
}

void net_close(int fd) {
    struct fiber *self = fiber_current();
    if (self != NULL && fd < SOCKET_NUMBER_MAX) {
        struct socket_slot *slot = socket_slot(self->reactor, fd);
        while (slot->waiters != NULL) {
            struct fiber *waiter = slot->waiters;
            slot->waiters = waiter->next;
            waiter->next = NULL;
            waiter->wait_closed = true;
            self->reactor->backend->abandon(waiter);
        }
        slot->registered = 0;
    }
    socket_born(fd); /* whatever comes under this number is another socket */
    close(fd);
}
