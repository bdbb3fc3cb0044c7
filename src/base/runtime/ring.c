/* The io_uring back end: calls are queued and go to the kernel together, once a turn.
 *
 * A fiber has at most one operation under way and stays parked until its completion comes, since
 * the kernel holds on to its buffers until then; deadlines and net_close ask for a cancellation and
 * wait for what comes of it. An operation bears the fiber's index and a sequence number, so that a
 * cancellation which comes too late hits nothing else. */
#include "base/runtime/file.h"
#include "base/runtime/inner.h"

#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>

enum { RING_ENTRIES = 512 }; /* queued between two turns; a full queue is submitted early */

struct ring_state {
    struct io_uring ring;
    eventfd_t pokes;
    bool poke_armed;
};

/* Marks beside those of fibers, whose upper half is an index below 2^31. */
static const uint64_t mark_poke = UINT64_MAX, mark_cancel = UINT64_MAX - 1;

static uint64_t fiber_mark(const struct fiber *fiber) {
    uint64_t index = (uint64_t)(fiber - fiber->reactor->pool.all);
    return index << 32 | fiber->sequence;
}

static struct io_uring *ring_of(struct reactor *reactor) {
    return &((struct ring_state *)reactor->backend_state)->ring;
}

/* What the kernel may say to a submission without there being a bug of ours. */
static void ring_said(int got) {
    assert(got >= 0 || got == -ETIME || got == -EINTR || got == -EAGAIN || got == -EBUSY ||
           got == -ENOMEM);
}

/* A place in the queue; a full one goes to the kernel first. */
static struct io_uring_sqe *ring_place(struct reactor *reactor) {
    struct io_uring *ring = ring_of(reactor);
    struct io_uring_sqe *sqe;
    while ((sqe = io_uring_get_sqe(ring)) == NULL) ring_said(io_uring_submit(ring));
    return sqe;
}

/* ---- opening */

static const int operations_needed[] = {IORING_OP_READ,  IORING_OP_WRITE,    IORING_OP_FSYNC,
                                        IORING_OP_RECV,  IORING_OP_POLL_ADD, IORING_OP_ASYNC_CANCEL,
                                        IORING_OP_OPENAT};

static enum error_code ring_suits(struct io_uring *ring, struct error *e) {
    if (!(ring->features & IORING_FEAT_NODROP) || !(ring->features & IORING_FEAT_FAST_POLL) ||
        !(ring->features & IORING_FEAT_EXT_ARG))
        return error_set(e, FAIL_SYSTEM, "io_uring of this kernel is too old (5.11 is needed)");
    struct io_uring_probe *probe = io_uring_get_probe_ring(ring);
    if (probe == NULL) return error_set(e, FAIL_SYSTEM, "io_uring does not say what it can do");
    bool all = true;
    for (size_t i = 0; i < COUNT_OF(operations_needed); i++)
        all = all && io_uring_opcode_supported(probe, operations_needed[i]);
    io_uring_free_probe(probe);
    if (!all) return error_set(e, FAIL_SYSTEM, "io_uring here lacks operations we need");
    return OK;
}

/* The newer the kernel, the fewer interruptions: completions are collected only when asked for
 * (6.1), at least not by interrupting us (5.19), or as it comes. */
static int ring_setup(struct io_uring *ring, unsigned fibers) {
    static const unsigned choices[] = {
        IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
        IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
        0,
    };
    int got = -EINVAL;
    for (size_t i = 0; i < COUNT_OF(choices) && got == -EINVAL; i++) {
        struct io_uring_params params = {
            .flags = choices[i] | IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP,
            /* no fewer than the queue; and for each fiber an operation and its two cancellations,
             * by deadline and by close. Beyond the kernel's own limit it keeps them for us. */
            .cq_entries = RING_ENTRIES + 3 * fibers,
        };
        got = io_uring_queue_init_params(RING_ENTRIES, ring, &params);
    }
    return got;
}

static enum error_code ring_open(struct reactor *reactor, struct error *e) {
    struct ring_state *state = calloc(1, sizeof *state);
    if (state == NULL) return error_set(e, FAIL_MEMORY, "no memory for a ring");
    int got = ring_setup(&state->ring, reactor->pool.count);
    if (got != 0) {
        free(state);
        return error_set_errno(e, -got, "io_uring");
    }
    enum error_code code = ring_suits(&state->ring, e);
    if (code != OK) {
        io_uring_queue_exit(&state->ring);
        free(state);
        return code;
    }
    io_uring_register_ring_fd(&state->ring); /* saves a look-up a turn; fine without */
    reactor->backend_state = state;
    return OK;
}

static void ring_close(struct reactor *reactor) {
    struct ring_state *state = reactor->backend_state;
    io_uring_queue_exit(&state->ring);
    free(state);
}

/* ---- a turn */

static void ring_poke_arm(struct reactor *reactor, struct ring_state *state) {
    if (state->poke_armed) return;
    struct io_uring_sqe *sqe = ring_place(reactor);
    io_uring_prep_read(sqe, reactor->poke_fd, &state->pokes, sizeof state->pokes, 0);
    io_uring_sqe_set_data64(sqe, mark_poke);
    state->poke_armed = true;
}

static void ring_completed(struct reactor *reactor, struct ring_state *state,
                           const struct io_uring_cqe *cqe) {
    if (cqe->user_data == mark_cancel) return; /* the cancelled one tells what became of it */
    if (cqe->user_data == mark_poke) {
        state->poke_armed = false;
        return;
    }
    uint64_t index = cqe->user_data >> 32;
    assert(index < reactor->pool.count);
    struct fiber *fiber = &reactor->pool.all[index];
    assert(fiber->sequence == (uint32_t)cqe->user_data); /* it waits for nothing else */
    fiber->result = cqe->res;
    if (fiber->wait_fd >= 0) socket_waiter_leave(fiber);
    fiber_ready(fiber);
}

static void ring_turn(struct reactor *reactor, int64_t wait_ns) {
    struct ring_state *state = reactor->backend_state;
    ring_poke_arm(reactor, state);
    struct io_uring_cqe *cqe;
    if (wait_ns == 0) {
        ring_said(io_uring_submit_and_get_events(&state->ring));
    } else {
        struct __kernel_timespec timeout = {.tv_sec = wait_ns / NS_PER_S,
                                            .tv_nsec = wait_ns % NS_PER_S};
        ring_said(io_uring_submit_and_wait_timeout(&state->ring, &cqe, 1,
                                                   wait_ns == INT64_MAX ? NULL : &timeout, NULL));
    }
    unsigned head, count = 0;
    io_uring_for_each_cqe(&state->ring, head, cqe) {
        ring_completed(reactor, state, cqe);
        count++;
    }
    io_uring_cq_advance(&state->ring, count);
}

/* ---- one operation */

static void ring_cancel(struct fiber *fiber) {
    struct io_uring_sqe *sqe = ring_place(fiber->reactor);
    io_uring_prep_cancel64(sqe, fiber_mark(fiber), 0);
    io_uring_sqe_set_data64(sqe, mark_cancel);
}

static bool ring_late(struct fiber *fiber) {
    fiber->wait_late = true;
    ring_cancel(fiber);
    return false; /* its completion comes, cancelled or done */
}

static void ring_abandon(struct fiber *fiber) {
    ring_cancel(fiber);
}

/* Marks the operation as the fiber's and parks. What was done counts, even at the last moment. */
static int ring_run(struct fiber *fiber, struct io_uring_sqe *sqe, int fd, short events,
                    int64_t deadline_ns) {
    fiber->sequence++;
    io_uring_sqe_set_data64(sqe, fiber_mark(fiber));
    fiber->wait_fd = -1;
    if (fd >= 0) socket_waiter_join(fiber, fd, events);
    fiber_park(fiber, deadline_ns, ring_late);
    if (fiber->result >= 0 || fd < 0) return fiber->result;
    bool cancelled = fiber->result == -ECANCELED || fiber->result == -EINTR;
    if (fiber->wait_closed) return -ECANCELED;
    if (cancelled && fiber->wait_late) return -ETIME;
    return fiber->result == -ECANCELED ? -EINTR : fiber->result;
}

static int ring_wait(struct fiber *fiber, int fd, short events, int64_t deadline_ns) {
    struct io_uring_sqe *sqe = ring_place(fiber->reactor);
    io_uring_prep_poll_add(sqe, fd, (unsigned)events);
    int got = ring_run(fiber, sqe, fd, events, deadline_ns);
    if (got == -EINTR) return 0; /* look again */
    return got < 0 ? got : 0;
}

static ssize_t ring_recv(struct fiber *fiber, int fd, void *bytes, size_t cap,
                         int64_t deadline_ns) {
    struct io_uring_sqe *sqe = ring_place(fiber->reactor);
    io_uring_prep_recv(sqe, fd, bytes, cap < INT32_MAX ? cap : INT32_MAX, 0);
    return ring_run(fiber, sqe, fd, POLLIN, deadline_ns);
}

/* ---- files */

static bool ring_file(struct fiber *fiber, struct file_call *call) {
    struct io_uring_sqe *sqe;
    unsigned count = call->count < INT32_MAX ? (unsigned)call->count : INT32_MAX;
    switch (call->what) {
    case FILE_OPEN:
        sqe = ring_place(fiber->reactor);
        io_uring_prep_openat(sqe, call->dir_fd, call->path, call->flags | O_CLOEXEC, call->mode);
        break;
    case FILE_READ:
        sqe = ring_place(fiber->reactor);
        io_uring_prep_read(sqe, call->fd, call->bytes, count, call->offset);
        break;
    case FILE_WRITE:
        sqe = ring_place(fiber->reactor);
        io_uring_prep_write(sqe, call->fd, call->bytes, count, call->offset);
        break;
    case FILE_DATA_SYNC:
    case FILE_SYNC:
        sqe = ring_place(fiber->reactor);
        io_uring_prep_fsync(sqe, call->fd,
                            call->what == FILE_DATA_SYNC ? IORING_FSYNC_DATASYNC : 0);
        break;
    default: return false;
    }
    call->result = ring_run(fiber, sqe, -1, 0, INT64_MAX);
    return true;
}

const struct backend backend_ring = {.kind = RUNTIME_URING,
                                     .open = ring_open,
                                     .close = ring_close,
                                     .turn = ring_turn,
                                     .wait = ring_wait,
                                     .abandon = ring_abandon,
                                     .recv = ring_recv,
                                     .file = ring_file};
