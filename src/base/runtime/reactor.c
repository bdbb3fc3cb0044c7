/* A reactor: one thread, its loop, and the ways into it from outside.
 *
 * A turn of the loop: take what other threads put into the inbox, let due timers end their waits,
 * run each fiber that was ready when the turn began once (so that yielding is fair), then let the
 * back end bring the world in, waiting only when nothing is ready. */
#include "base/runtime/inner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

void reactor_poke(struct reactor *reactor) {
    if (!atomic_exchange(&reactor->asleep, false)) return; /* it will look before it sleeps */
    eventfd_t one = 1;
    while (eventfd_write(reactor->poke_fd, one) != 0 && errno == EINTR) continue;
}

static void inbox_take(struct reactor *reactor) {
    if (atomic_load_explicit(&reactor->inbox, memory_order_relaxed) == NULL) return;
    struct fiber *newest = atomic_exchange(&reactor->inbox, NULL), *oldest = NULL;
    while (newest != NULL) { /* turn it round: first come, first run */
        struct fiber *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    while (oldest != NULL) {
        struct fiber *next = oldest->next;
        fiber_ready(oldest);
        oldest = next;
    }
}

static void timers_fire(struct reactor *reactor) {
    if (reactor->timers.count == 0) return;
    int64_t now_ns = clock_steady_ns();
    struct fiber *fiber;
    while ((fiber = timer_pop_due(&reactor->timers, now_ns)) != NULL)
        if (fiber->give_up(fiber)) fiber_ready(fiber);
}

static void ready_run(struct reactor *reactor) {
    struct fiber_queue now = reactor->ready;
    reactor->ready = (struct fiber_queue){0};
    struct fiber *fiber;
    while ((fiber = fiber_queue_pop(&now)) != NULL) fiber_resume(fiber);
}

/* How long the loop may wait for the world. When it is not 0, `asleep` is set before the last look
 * at inbox and stop: whoever changes those afterwards sees it and pokes. */
static int64_t patience_ns(struct reactor *reactor) {
    if (reactor->ready.first != NULL) return 0;
    int64_t wait_ns = INT64_MAX;
    if (reactor->timers.count > 0) {
        wait_ns = reactor->timers.at[0].at_ns - clock_steady_ns();
        if (wait_ns <= 0) return 0;
    }
    atomic_store(&reactor->asleep, true);
    if (atomic_load(&reactor->inbox) != NULL || atomic_load(&reactor->runtime->stop)) return 0;
    return wait_ns;
}

static void *reactor_run(void *argument) {
    struct reactor *reactor = argument;
    reactor_enter_thread(reactor);
    reactor->open_code = reactor->backend->open(reactor, reactor->open_error);
    bool stands = reactor->open_code == OK;
    wake_fire(&reactor->opened);
    if (!stands) return NULL;
    while (!atomic_load(&reactor->runtime->stop)) {
        inbox_take(reactor);
        timers_fire(reactor);
        ready_run(reactor);
        reactor->backend->turn(reactor, patience_ns(reactor));
        atomic_store_explicit(&reactor->asleep, false, memory_order_relaxed);
    }
    reactor->backend->close(reactor);
    reactor_enter_thread(NULL);
    return NULL;
}

static enum error_code reactor_memory_open(struct reactor *reactor, unsigned fibers,
                                           size_t stack_bytes, struct error *e) {
    TRY(fiber_pool_open(&reactor->pool, fibers, stack_bytes, reactor, e));
    reactor->timers.at = calloc(fibers, sizeof *reactor->timers.at);
    if (reactor->timers.at == NULL) return error_set(e, FAIL_MEMORY, "no memory for timers");
    reactor->timers.cap = fibers;
    void *slots = mmap(NULL, SOCKET_NUMBER_MAX * sizeof *reactor->slots, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (slots == MAP_FAILED) return error_set_errno(e, errno, "cannot reserve a socket table");
    reactor->slots = slots;
    reactor->poke_fd = eventfd(0, EFD_CLOEXEC);
    if (reactor->poke_fd < 0) return error_set_errno(e, errno, "eventfd");
    return OK;
}

enum error_code reactor_open(struct runtime *runtime, unsigned index,
                             const struct runtime_options *options, struct reactor **out,
                             struct error *e) {
    struct reactor *reactor = aligned_alloc(64, (sizeof *reactor + 63) / 64 * 64);
    if (reactor == NULL) return error_set(e, FAIL_MEMORY, "no memory for a reactor");
    memset(reactor, 0, sizeof *reactor);
    *out = reactor; /* from here on reactor_release is the caller's */
    reactor->runtime = runtime;
    reactor->index = index;
    reactor->backend = runtime->backend == RUNTIME_URING ? &backend_ring : &backend_epoll;
    reactor->poke_fd = -1;
    TRY(reactor_memory_open(reactor, options->fibers, options->stack_bytes, e));
    reactor->open_error = e;
    char name[16];
    snprintf(name, sizeof name, "reactor-%u", index % 10000);
    int errnum = runtime_thread_start(&reactor->thread, reactor_run, reactor, name);
    if (errnum != 0) return error_set_errno(e, errnum, "cannot start reactor %u", index);
    reactor->thread_started = true;
    TRY(wake_wait(&reactor->opened, INT64_MAX, e));
    return reactor->open_code;
}

void reactor_join(struct reactor *reactor) {
    if (reactor == NULL || !reactor->thread_started) return;
    reactor_poke(reactor);
    pthread_join(reactor->thread, NULL);
}

void reactor_release(struct reactor *reactor) {
    if (reactor == NULL) return;
    if (reactor->poke_fd >= 0) close(reactor->poke_fd);
    if (reactor->slots != NULL) munmap(reactor->slots, SOCKET_NUMBER_MAX * sizeof *reactor->slots);
    free(reactor->timers.at);
    fiber_pool_release(&reactor->pool);
    free(reactor);
}
