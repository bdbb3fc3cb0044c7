/* A runtime for a test, on one back end or the other, and a way to run a piece of it on a fiber.
 * Asserts that fail on a fiber print and end the program: the thread is not cmocka's. */
#ifndef AZEKURA_TESTS_BASE_RUNTIME_TEST_H
#define AZEKURA_TESTS_BASE_RUNTIME_TEST_H

#include "tests/test.h"

#include "base/runtime.h"

static enum runtime_backend test_uring = RUNTIME_URING, test_epoll = RUNTIME_EPOLL;

/* cmocka's state goes in as the back end and comes out as the runtime. */
static int runtime_setup(void **state) {
    struct runtime_options options = {
        .backend = *(enum runtime_backend *)*state, .reactors = 2, .workers = 3, .fibers = 512};
    struct error e;
    struct runtime *runtime;
    if (runtime_open(&options, &runtime, &e) != OK) {
        print_error("%s\n", e.message);
        return -1;
    }
    *state = runtime;
    return 0;
}

static int runtime_teardown(void **state) {
    runtime_close(*state);
    return 0;
}

#define ON_BOTH(test)                                                                              \
    {#test " (io_uring)", test, runtime_setup, runtime_teardown, &test_uring}, {                   \
#test " (epoll)", test, runtime_setup, runtime_teardown, &test_epoll                       \
    }

struct piece {
    void (*run)(void *);
    void *argument;
    struct wake done;
};

static void piece_run(void *argument) {
    struct piece *piece = argument;
    piece->run(piece->argument);
    wake_fire(&piece->done);
}

static inline void piece_start(struct piece *piece, struct reactor *reactor) {
    struct error e;
    assert_ok(fiber_start(reactor, piece_run, piece, &e), &e);
}

static inline void piece_wait(struct piece *piece) {
    struct error e;
    assert_ok(wake_wait(&piece->done, clock_steady_ns() + 20 * NS_PER_S, &e), &e);
}

static inline void on_fiber(struct runtime *runtime, void (*run)(void *), void *argument) {
    struct piece piece = {.run = run, .argument = argument};
    piece_start(&piece, runtime_reactor(runtime, 0));
    piece_wait(&piece);
}

static inline int64_t in_ms(int64_t ms) {
    return clock_steady_ns() + ms * NS_PER_MS;
}

#endif
