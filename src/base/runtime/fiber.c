/* Fibers: their stacks, and the switch from loop to fiber and back.
 *
 * The switch itself is Boost.Context's, by its plain C symbols. AddressSanitizer and
 * ThreadSanitizer are told of each one, so that both can be used on the whole program. */
#include "base/runtime/inner.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FIBER_ASAN 1
#elif __has_feature(thread_sanitizer)
#define FIBER_TSAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define FIBER_ASAN 1
#elif defined(__SANITIZE_THREAD__)
#define FIBER_TSAN 1
#endif

#ifdef FIBER_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef FIBER_TSAN
#include <sanitizer/tsan_interface.h>
#endif

/* Source: Boost.Context 1.74, libs/context/src/asm: jump saves the callee-saved registers on the
 * stack it leaves and answers with where it came from. */
struct transfer {
    void *context;
    void *data;
};
extern struct transfer jump_fcontext(void *to, void *data);
extern void *make_fcontext(void *stack_top, size_t stack_bytes, void (*run)(struct transfer));

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102 /* Linux 6.13 */
#endif

/* ---- queues */

void fiber_queue_push(struct fiber_queue *queue, struct fiber *fiber) {
    fiber->next = NULL;
    if (queue->last != NULL)
        queue->last->next = fiber;
    else
        queue->first = fiber;
    queue->last = fiber;
}

struct fiber *fiber_queue_pop(struct fiber_queue *queue) {
    struct fiber *fiber = queue->first;
    if (fiber == NULL) return NULL;
    queue->first = fiber->next;
    if (queue->first == NULL) queue->last = NULL;
    fiber->next = NULL;
    return fiber;
}

/* ---- stacks */

enum error_code fiber_pool_open(struct fiber_pool *pool, unsigned count, size_t stack_bytes,
                                struct reactor *reactor, struct error *e) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    pool->stack_bytes = (stack_bytes + page - 1) / page * page;
    pool->slot_bytes = pool->stack_bytes + FIBER_GUARD_BYTES;
    if (!size_mul(pool->slot_bytes, count, &pool->area_bytes))
        return error_set(e, FAIL_LIMIT, "%u stacks of %zu bytes are more than memory can address",
                         count, stack_bytes);
    pool->all = calloc(count, sizeof *pool->all);
    if (pool->all == NULL) return error_set(e, FAIL_MEMORY, "no memory for %u fibers", count);
    void *area =
        mmap(NULL, pool->area_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (area == MAP_FAILED) {
        int errnum = errno;
        free(pool->all);
        pool->all = NULL;
        return error_set_errno(e, errnum, "cannot reserve %zu bytes for stacks", pool->area_bytes);
    }
    pool->area = area;
    pool->count = count;
    pthread_mutex_init(&pool->lock, NULL);
    for (unsigned i = 0; i < count; i++) pool->all[i].reactor = reactor;
    return OK;
}

void fiber_pool_release(struct fiber_pool *pool) {
    if (pool->all == NULL) return;
#ifdef FIBER_TSAN
    for (unsigned i = 0; i < pool->made; i++) __tsan_destroy_fiber(pool->all[i].sanitizer_stack);
#endif
    munmap(pool->area, pool->area_bytes);
    pthread_mutex_destroy(&pool->lock);
    free(pool->all);
    *pool = (struct fiber_pool){0};
}

/* Makes the next slot of the area usable. The guard is a mark in the page table where the kernel
 * knows that, so that neighbouring stacks stay one mapping: a process may have only 65,530 of them
 * (vm.max_map_count). Elsewhere it is a mapping of its own. */
static struct fiber *fiber_make(struct fiber_pool *pool) {
    unsigned char *slot = pool->area + (size_t)pool->made * pool->slot_bytes;
    if (mprotect(slot, pool->slot_bytes, PROT_READ | PROT_WRITE) != 0) return NULL;
    if (madvise(slot, FIBER_GUARD_BYTES, MADV_GUARD_INSTALL) != 0 &&
        mprotect(slot, FIBER_GUARD_BYTES, PROT_NONE) != 0)
        return NULL;
    struct fiber *fiber = &pool->all[pool->made++];
    fiber->stack = slot + FIBER_GUARD_BYTES;
#ifdef FIBER_TSAN
    fiber->sanitizer_stack = __tsan_create_fiber(0);
#endif
    return fiber;
}

struct fiber *fiber_take(struct fiber_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    struct fiber *fiber = pool->free;
    if (fiber != NULL)
        pool->free = fiber->next; /* the last one given back: its stack is warm */
    else if (pool->made < pool->count)
        fiber = fiber_make(pool);
    pthread_mutex_unlock(&pool->lock);
    return fiber;
}

void fiber_give(struct fiber_pool *pool, struct fiber *fiber) {
    assert(fiber->timer_place == 0);
    pthread_mutex_lock(&pool->lock);
    fiber->next = pool->free;
    pool->free = fiber;
    pthread_mutex_unlock(&pool->lock);
}

size_t fiber_stack_touched(const struct fiber *fiber) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = fiber->reactor->pool.stack_bytes;
    for (size_t at = 0; at < bytes; at += page) {
        unsigned char resident;
        if (mincore(fiber->stack + at, page, &resident) == 0 && (resident & 1)) return bytes - at;
    }
    return 0;
}

/* ---- the switch */

static _Thread_local struct reactor *reactor_here; /* NULL on threads that are no loop */

void reactor_enter_thread(struct reactor *reactor) {
    reactor_here = reactor;
#ifdef FIBER_TSAN
    if (reactor != NULL) reactor->loop_sanitizer = __tsan_get_current_fiber();
#endif
}

struct reactor *reactor_current(void) {
    return reactor_here != NULL && reactor_here->running != NULL ? reactor_here : NULL;
}

struct fiber *fiber_current(void) {
    return reactor_here != NULL ? reactor_here->running : NULL;
}

bool fiber_is_current(void) {
    return fiber_current() != NULL;
}

unsigned reactor_index(void) {
    return reactor_here != NULL ? reactor_here->index : 0;
}

static void fiber_leave(struct fiber *fiber);

/* The first frame of every fiber. */
static void fiber_main(struct transfer from) {
    struct fiber *fiber = from.data;
    struct reactor *reactor = fiber->reactor;
    reactor->loop_context = from.context;
#ifdef FIBER_ASAN
    __sanitizer_finish_switch_fiber(NULL, &reactor->loop_stack, &reactor->loop_stack_bytes);
#endif
    fiber->run(fiber->argument);
    fiber->has_ended = true;
    fiber_leave(fiber);
    abort(); /* an ended fiber is never resumed */
}

void fiber_resume(struct fiber *fiber) {
    struct reactor *reactor = fiber->reactor;
    assert(reactor->running == NULL);
    assert(!fiber->has_ended);
    fiber->is_ready = false;
    reactor->running = fiber;
#ifdef FIBER_ASAN
    __sanitizer_start_switch_fiber(&reactor->loop_sanitizer, fiber->stack,
                                   reactor->pool.stack_bytes);
#endif
#ifdef FIBER_TSAN
    __tsan_switch_to_fiber(fiber->sanitizer_stack, 0);
#endif
    struct transfer back = jump_fcontext(fiber->context, fiber);
#ifdef FIBER_ASAN
    __sanitizer_finish_switch_fiber(reactor->loop_sanitizer, NULL, NULL);
#endif
    fiber->context = back.context;
    reactor->running = NULL;
    if (fiber->has_ended) {
        struct runtime *runtime = reactor->runtime;
        fiber_give(&reactor->pool, fiber);
        reactor_fiber_ended(runtime);
    }
}

/* From a fiber to the loop. */
static void fiber_leave(struct fiber *fiber) {
    struct reactor *reactor = fiber->reactor;
#ifdef FIBER_ASAN
    __sanitizer_start_switch_fiber(fiber->has_ended ? NULL : &fiber->sanitizer_stack,
                                   reactor->loop_stack, reactor->loop_stack_bytes);
#endif
#ifdef FIBER_TSAN
    __tsan_switch_to_fiber(reactor->loop_sanitizer, 0);
#endif
    struct transfer back = jump_fcontext(reactor->loop_context, NULL);
#ifdef FIBER_ASAN
    __sanitizer_finish_switch_fiber(fiber->sanitizer_stack, NULL, NULL);
#endif
    reactor->loop_context = back.context;
}

void fiber_park(struct fiber *fiber, int64_t deadline_ns, bool (*give_up)(struct fiber *)) {
    struct reactor *reactor = fiber->reactor;
    assert(reactor->running == fiber);
    fiber->wait_late = false;
    if (deadline_ns != INT64_MAX) {
        fiber->give_up = give_up;
        timer_add(&reactor->timers, fiber, deadline_ns);
    }
    fiber_leave(fiber);
    assert(fiber->timer_place == 0);
    fiber->unparked = 0;
}

void fiber_share(void) {
    struct fiber *fiber = fiber_current();
    if (fiber != NULL && ++fiber->unparked >= FIBER_UNPARKED_MAX) fiber_yield();
}

/* ---- starting and waking */

enum error_code fiber_start(struct reactor *reactor, void (*run)(void *argument), void *argument,
                            struct error *e) {
    struct fiber *fiber = fiber_take(&reactor->pool);
    if (fiber == NULL)
        return error_set(e, FAIL_BUSY, "reactor %u has no room for more than %u fibers",
                         reactor->index, reactor->pool.count);
    fiber->run = run;
    fiber->argument = argument;
    fiber->has_ended = false;
    fiber->unparked = 0;
    size_t bytes = reactor->pool.stack_bytes;
#ifdef FIBER_ASAN
    fiber->sanitizer_stack = NULL;
    ASAN_UNPOISON_MEMORY_REGION(fiber->stack, bytes); /* what the last user's frames left */
#endif
    fiber->context = make_fcontext(fiber->stack + bytes, bytes, fiber_main);
    atomic_fetch_add(&reactor->runtime->alive, 1);
    fiber_wake(fiber);
    return OK;
}

void fiber_ready(struct fiber *fiber) {
    assert(!fiber->is_ready); /* a wait ends once */
    fiber->is_ready = true;
    timer_remove(&fiber->reactor->timers, fiber);
    fiber_queue_push(&fiber->reactor->ready, fiber);
}

void fiber_wake(struct fiber *fiber) {
    struct reactor *reactor = fiber->reactor;
    if (reactor == reactor_here) {
        fiber_ready(fiber);
        return;
    }
    struct fiber *before = atomic_load(&reactor->inbox);
    do fiber->next = before;
    while (!atomic_compare_exchange_weak(&reactor->inbox, &before, fiber));
    reactor_poke(reactor);
}

void fiber_yield(void) {
    struct fiber *fiber = fiber_current();
    if (fiber == NULL) {
        sched_yield();
        return;
    }
    fiber_ready(fiber);
    fiber_park(fiber, INT64_MAX, NULL);
}

static bool sleep_over(struct fiber *fiber) {
    return true;
}

void fiber_sleep_ns(int64_t for_ns) {
    if (for_ns < 0) for_ns = 0;
    struct fiber *fiber = fiber_current();
    if (fiber == NULL) {
        struct timespec left = {.tv_sec = for_ns / NS_PER_S, .tv_nsec = for_ns % NS_PER_S};
        while (nanosleep(&left, &left) != 0 && errno == EINTR) continue;
        return;
    }
    int64_t now_ns = clock_steady_ns();
    /* one short of "no deadline", which would be no sleep but a death */
    int64_t until_ns = for_ns < INT64_MAX - 1 - now_ns ? now_ns + for_ns : INT64_MAX - 1;
    fiber_park(fiber, until_ns, sleep_over);
}

/* ---- locks: handed over in the order asked for, so nobody starves */

void fiber_lock_take(struct fiber_lock *lock) {
    if (!lock->held) {
        lock->held = true;
        return;
    }
    struct fiber *fiber = fiber_current();
    assert(fiber != NULL); /* off a fiber nobody could ever give it back */
    struct fiber_queue queue = {lock->first, lock->last};
    fiber_queue_push(&queue, fiber);
    lock->first = queue.first;
    lock->last = queue.last;
    fiber_park(fiber, INT64_MAX, NULL);
    assert(lock->held); /* it was handed over */
}

void fiber_lock_give(struct fiber_lock *lock) {
    assert(lock->held);
    struct fiber_queue queue = {lock->first, lock->last};
    struct fiber *fiber = fiber_queue_pop(&queue);
    lock->first = queue.first;
    lock->last = queue.last;
    if (fiber == NULL) {
        lock->held = false;
        return;
    }
    assert(fiber->reactor == reactor_here);
    fiber_ready(fiber);
}
