/* Wakes: one word that is idle, fired, or the waiter.
 *
 * Whoever changes the word from "waiter" to something else owns the waking: the firer then hands
 * the fiber to its reactor, the deadline (on the reactor's own thread) lets it go on at once. So a
 * fiber is woken exactly once however fire and deadline race, and the firer touches the wake no
 * more after its one exchange: the waiter may free it as soon as it has returned. */
#include "base/runtime/inner.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { WAKE_IDLE = 0, WAKE_FIRED = 1, WAKE_THREAD = 2 /* a bit: the waiter is a thread */ };

struct thread_waiter {
    _Atomic uint32_t woken;
};

static void thread_wake(struct thread_waiter *waiter) {
    _Atomic uint32_t *word = &waiter->woken;
    atomic_store(word, 1);
    /* The waiter may be gone by now; a wake at an address where nobody waits does nothing. */
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

void wake_fire(struct wake *wake) {
    uintptr_t before = atomic_exchange(&wake->state, WAKE_FIRED);
    if (before == WAKE_IDLE || before == WAKE_FIRED) return;
    if (before & WAKE_THREAD)
        thread_wake((struct thread_waiter *)(before & ~(uintptr_t)WAKE_THREAD));
    else
        fiber_wake((struct fiber *)before);
}

void wake_reset(struct wake *wake) {
    assert(atomic_load(&wake->state) <= WAKE_FIRED);
    atomic_store(&wake->state, WAKE_IDLE);
}

static enum error_code wake_late(struct error *e) {
    return error_set(e, FAIL_TIMEOUT, "nothing happened before the deadline");
}

static enum error_code thread_wait(struct wake *wake, int64_t deadline_ns, struct error *e) {
    struct thread_waiter waiter = {0};
    uintptr_t self = (uintptr_t)&waiter | WAKE_THREAD, seen = WAKE_IDLE;
    if (!atomic_compare_exchange_strong(&wake->state, &seen, self)) {
        assert(seen == WAKE_FIRED); /* a second waiter would be a bug */
        return OK;
    }
    while (atomic_load(&waiter.woken) == 0) {
        struct timespec left, *timeout = NULL;
        if (deadline_ns != INT64_MAX) {
            int64_t left_ns = deadline_ns - clock_steady_ns();
            if (left_ns <= 0) {
                seen = self;
                if (atomic_compare_exchange_strong(&wake->state, &seen, WAKE_IDLE))
                    return wake_late(e);
                deadline_ns = INT64_MAX; /* it was fired after all, and is on its way */
                continue;
            }
            left = (struct timespec){.tv_sec = left_ns / NS_PER_S, .tv_nsec = left_ns % NS_PER_S};
            timeout = &left;
        }
        syscall(SYS_futex, &waiter.woken, FUTEX_WAIT_PRIVATE, 0, timeout, NULL, 0);
    }
    return OK;
}

static bool wake_give_up(struct fiber *fiber) {
    uintptr_t self = (uintptr_t)fiber;
    if (!atomic_compare_exchange_strong(&fiber->wake->state, &self, WAKE_IDLE)) return false;
    fiber->wait_late = true;
    return true;
}

enum error_code wake_wait(struct wake *wake, int64_t deadline_ns, struct error *e) {
    struct fiber *fiber = fiber_current();
    if (fiber == NULL) return thread_wait(wake, deadline_ns, e);
    uintptr_t seen = WAKE_IDLE;
    if (!atomic_compare_exchange_strong(&wake->state, &seen, (uintptr_t)fiber)) {
        assert(seen == WAKE_FIRED);
        return OK;
    }
    fiber->wake = wake;
    fiber_park(fiber, deadline_ns, wake_give_up);
    return fiber->wait_late ? wake_late(e) : OK;
}
