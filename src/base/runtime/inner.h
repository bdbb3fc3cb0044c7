/* The inside of the runtime: what a fiber, a reactor and a back end are to each other.
 *
 * A fiber stands in at most one queue at a time (ready, inbox, lock, waiters of a socket, free), so
 * one `next` serves them all; beside it, it may have one timer. Everything of a reactor is touched
 * by its own thread alone, except what is marked shared.
 *
 *   free --fiber_start--> ready --> running --fiber_park--> parked --(event|timer|wake)--> ready
 *                                      \--run() returned--> free
 *
 * Read next: fiber.c (stacks and the switch), reactor.c (the loop), then one back end. */
#ifndef AZEKURA_BASE_RUNTIME_INNER_H
#define AZEKURA_BASE_RUNTIME_INNER_H

#include "base/runtime.h"

#include <pthread.h>
#include <stdatomic.h>

struct fiber {
    struct fiber *next;
    struct reactor *reactor;
    void *context;        /* where it goes on, while it does not run */
    unsigned char *stack; /* lowest usable byte; the guard lies below; NULL: not made yet */
    void (*run)(void *argument);
    void *argument;
    bool is_ready, has_ended;
    unsigned unparked; /* calls in a row that needed no waiting */

    /* while parked */
    uint32_t timer_place;            /* 1 + index in the heap; 0: no timer */
    bool (*give_up)(struct fiber *); /* the deadline has come; true: make it ready */
    struct wake *wake;               /* what wake_wait waits for */
    int wait_fd;                     /* socket it waits for, -1: none */
    short wait_events;               /* POLLIN, POLLOUT */
    bool wait_closed;                /* net_close took the socket away under the wait */
    bool wait_late;                  /* the deadline came first */
    int result;                      /* of the wait: 0, a count or -errno */
    uint32_t sequence;               /* of the ring operation under way */

    void *sanitizer_stack; /* AddressSanitizer's stand-in stack; ThreadSanitizer's fiber */
};

struct fiber_queue {
    struct fiber *first, *last;
};
void fiber_queue_push(struct fiber_queue *queue, struct fiber *fiber);
struct fiber *fiber_queue_pop(struct fiber_queue *queue); /* NULL: empty */

/* All fibers of a reactor and their stacks: one reservation of address space, made usable stack by
 * stack. Shared: a fiber may be taken by any thread. */
struct fiber_pool {
    pthread_mutex_t lock;
    struct fiber *all;
    struct fiber *free;
    unsigned count, made; /* room for; how many have a stack */
    unsigned char *area;
    size_t area_bytes, slot_bytes, stack_bytes;
};
enum { FIBER_GUARD_BYTES = 65536 }; /* below each stack; wide, since a frame may step over a page */

enum error_code fiber_pool_open(struct fiber_pool *pool, unsigned count, size_t stack_bytes,
                                struct reactor *reactor, struct error *e) MUST_USE;
void fiber_pool_release(struct fiber_pool *pool);  /* safe on a zeroed one */
struct fiber *fiber_take(struct fiber_pool *pool); /* NULL: no room */
void fiber_give(struct fiber_pool *pool, struct fiber *fiber);
/* Bytes of its stack that were ever touched, in whole pages: the high-water mark. */
size_t fiber_stack_touched(const struct fiber *fiber);

void reactor_enter_thread(struct reactor *reactor); /* this thread is its loop; NULL: no more */
struct fiber *fiber_current(void);                  /* NULL off a fiber */
/* Runs a fiber until it parks or ends. Only the reactor's loop. */
void fiber_resume(struct fiber *fiber);
/* Parks the current fiber. At `deadline_ns` the loop asks give_up, which says whether the fiber
 * goes on at once (it has left whatever it waited in) or whether an end of its wait is coming
 * anyway. */
void fiber_park(struct fiber *fiber, int64_t deadline_ns, bool (*give_up)(struct fiber *));
/* A call on the world needed no waiting. After FIBER_UNPARKED_MAX of those in a row the others get
 * a turn: a fast peer must not keep a reactor to itself. Fine off a fiber. */
void fiber_share(void);
enum { FIBER_UNPARKED_MAX = 16 }; /* of 64 KiB each about half a millisecond; ours */
/* Its wait is over, and with it its deadline: one that comes before the fiber runs must not end the
 * wait a second time. By its own reactor's thread. */
void fiber_ready(struct fiber *fiber);
void fiber_wake(struct fiber *fiber); /* by any thread; the fiber is parked or about to be */

/* Timers: a heap of deadlines, at most one a fiber. */
struct timer {
    int64_t at_ns;
    struct fiber *fiber;
};
struct timer_heap {
    struct timer *at;
    uint32_t count, cap;
};
void timer_add(struct timer_heap *heap, struct fiber *fiber, int64_t at_ns);
void timer_remove(struct timer_heap *heap, struct fiber *fiber); /* fine when it has none */
/* Takes the earliest fiber whose deadline is at or before now_ns; NULL: none. */
struct fiber *timer_pop_due(struct timer_heap *heap, int64_t now_ns);

/* A socket as one reactor sees it: who waits, and (epoll) which socket of that number it knows. */
struct socket_slot {
    struct fiber *waiters;
    uint32_t registered; /* birth number + 1 of the socket in the epoll set; 0: none */
};
/* Descriptor numbers above are refused. Source: Linux default of fs.nr_open. */
enum { SOCKET_NUMBER_MAX = 1 << 20 };

struct file_call;

/* What differs between io_uring and epoll. All but open and close run on the reactor's thread; the
 * waiting ones park the fiber they are given and answer 0, a count, or -errno; -ETIME at the
 * deadline, -ECANCELED when the socket was closed under the wait. */
struct backend {
    enum runtime_backend kind;
    enum error_code (*open)(struct reactor *reactor, struct error *e); /* on its thread */
    void (*close)(struct reactor *reactor);                            /* on its thread */
    /* Lets the world in: submits what waits, collects what came, for at most wait_ns. */
    void (*turn)(struct reactor *reactor, int64_t wait_ns);
    int (*wait)(struct fiber *fiber, int fd, short events, int64_t deadline_ns);
    void (*abandon)(struct fiber *fiber); /* its socket is being closed: end its wait soon */
    /* NULL: none; then recv(2) and wait() do. May answer -EAGAIN. There is no send: most go out at
     * once, and by the ring they measured no cheaper (docs/decisions/runtime.md). */
    ssize_t (*recv)(struct fiber *fiber, int fd, void *bytes, size_t cap, int64_t deadline_ns);
    /* false: not one it can do. */
    bool (*file)(struct fiber *fiber, struct file_call *call);
};
extern const struct backend backend_epoll, backend_ring;

struct reactor {
    struct runtime *runtime;
    unsigned index;
    pthread_t thread;
    bool thread_started;
    const struct backend *backend;
    void *backend_state; /* owned by the back end */
    struct wake opened;  /* fired once the thread stands, or has failed to */
    enum error_code open_code;
    struct error *open_error;

    struct fiber *running;
    struct fiber_queue ready;
    void *loop_context; /* where the loop goes on, while a fiber runs */
    void *loop_sanitizer;
    const void *loop_stack; /* of the thread, as AddressSanitizer wants to know it */
    size_t loop_stack_bytes;
    struct timer_heap timers;
    struct socket_slot *slots; /* SOCKET_NUMBER_MAX of them; only touched pages cost */
    struct fiber_pool pool;

    /* shared */
    _Alignas(
        64) _Atomic(struct fiber *) inbox; /* woken or started by other threads; newest first */
    _Atomic bool asleep;                   /* a poke is needed to be seen */
    int poke_fd;                           /* eventfd */
};

struct worker_job {
    struct worker_job *next;
    void (*run)(void *argument);
    void *argument;
    struct wake done;
};
struct worker_pool {
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct worker_job *first, *last;
    unsigned idle;  /* workers that wait for a job */
    bool is_waking; /* one of them has been signalled and is not there yet */
    bool stop;
    pthread_t *threads;
    unsigned count;
};
enum error_code worker_pool_open(struct worker_pool *pool, unsigned count,
                                 struct error *e) MUST_USE;
void worker_pool_release(struct worker_pool *pool);

struct runtime {
    enum runtime_backend backend;
    unsigned reactor_count;
    struct reactor **reactors;
    struct worker_pool workers;
    _Atomic size_t alive; /* fibers of all reactors, and one for the runtime until it is closed */
    struct wake ended;    /* alive came to nothing */
    _Atomic bool stop;
};

enum error_code reactor_open(struct runtime *runtime, unsigned index,
                             const struct runtime_options *options, struct reactor **out,
                             struct error *e) MUST_USE;
void reactor_join(struct reactor *reactor);    /* runtime->stop is set; NULL is fine */
void reactor_release(struct reactor *reactor); /* after reactor_join; NULL is fine */
void reactor_poke(struct reactor *reactor);    /* any thread: look at inbox and stop again */
void reactor_fiber_ended(struct runtime *runtime);

/* Threads of the runtime leave signals to the program's own threads. Returns 0 or an errno. */
int runtime_thread_start(pthread_t *thread, void *(*run)(void *), void *argument, const char *name);

/* A new socket has this number: whatever a reactor knew of the number is of another one. */
void socket_born(int fd);
uint32_t socket_birth(int fd);
struct socket_slot *socket_slot(struct reactor *reactor, int fd);
void socket_waiter_join(struct fiber *fiber, int fd, short events);
void socket_waiter_leave(struct fiber *fiber); /* fine when it was taken out already */

/* Waits until `fd` may be ready for `events`, on a fiber or off one. 0, or -errno as the back ends
 * answer. */
int socket_wait(int fd, short events, int64_t deadline_ns);

#endif
