/* Fibers, yields, locks, timers, wakes and workers; each test on both back ends. */
#include "tests/base/runtime_test.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/runtime/inner.h"

/* ---- starting, yielding */

struct where {
    struct reactor *reactor;
    unsigned index;
    bool is_fiber;
};

static void look(void *argument) {
    struct where *where = argument;
    *where = (struct where){reactor_current(), reactor_index(), fiber_is_current()};
}

static void fiber_knows_where_it_is(void **state) {
    struct runtime *runtime = *state;
    assert_int_equal(runtime_reactor_count(runtime), 2);
    assert_false(fiber_is_current());
    assert_null(reactor_current());
    for (unsigned i = 0; i < 2; i++) {
        struct where where = {0};
        struct piece piece = {.run = look, .argument = &where};
        piece_start(&piece, runtime_reactor(runtime, i));
        piece_wait(&piece);
        assert_true(where.is_fiber);
        assert_int_equal(where.index, i);
        assert_ptr_equal(where.reactor, runtime_reactor(runtime, i));
    }
}

struct turns {
    char text[64];
    size_t len;
    struct wake done;
    int left;
};
struct turner {
    struct turns *turns;
    char name;
};

static void take_turns(void *argument) {
    struct turner *turner = argument;
    struct turns *turns = turner->turns;
    for (int i = 0; i < 5; i++) {
        turns->text[turns->len++] = turner->name;
        fiber_yield();
    }
    if (--turns->left == 0) wake_fire(&turns->done);
}

static void start_turners(void *argument) {
    struct turns *turns = argument;
    static struct turner turners[3];
    struct error e;
    for (int i = 0; i < 3; i++) {
        turners[i] = (struct turner){turns, (char)('a' + i)};
        assert_ok(fiber_start(reactor_current(), take_turns, &turners[i], &e), &e);
    }
    assert_ok(wake_wait(&turns->done, in_ms(5000), &e), &e);
}

static void yield_is_fair(void **state) {
    struct turns turns = {.left = 3};
    on_fiber(*state, start_turners, &turns);
    assert_str(str_of(turns.text, turns.len), STR("abcabcabcabcabc"));
}

static _Atomic int ended;

static void end_late(void *argument) {
    fiber_sleep_ns(30 * NS_PER_MS);
    atomic_fetch_add(&ended, 1);
}

static void start_more(void *argument) {
    struct error e;
    fiber_sleep_ns(10 * NS_PER_MS);
    for (unsigned i = 0; i < 50; i++)
        assert_ok(fiber_start(runtime_reactor(argument, i % 2), end_late, NULL, &e), &e);
}

/* A fiber started by a fiber after close began is waited for too, on another reactor as well. */
static void close_waits_for_fibers(void **state) {
    struct runtime_options options = {.backend = *(enum runtime_backend *)*state, .reactors = 2};
    struct runtime *runtime;
    struct error e;
    atomic_store(&ended, 0);
    assert_ok(runtime_open(&options, &runtime, &e), &e);
    assert_ok(fiber_start(runtime_reactor(runtime, 0), start_more, runtime, &e), &e);
    runtime_close(runtime);
    assert_int_equal(atomic_load(&ended), 50);
}

static void wait_for(void *argument) {
    error_ignore(wake_wait(argument, INT64_MAX, NULL));
}

static void busy_when_full(void **state) {
    struct runtime_options options = {
        .backend = *(enum runtime_backend *)*state, .reactors = 1, .fibers = 4};
    struct runtime *runtime;
    struct error e;
    struct wake go[4] = {0};
    assert_ok(runtime_open(&options, &runtime, &e), &e);
    struct reactor *reactor = runtime_reactor(runtime, 0);
    for (int i = 0; i < 4; i++) assert_ok(fiber_start(reactor, wait_for, &go[i], &e), &e);
    assert_int_equal(fiber_start(reactor, wait_for, &go[0], &e), FAIL_BUSY);
    for (int i = 0; i < 4; i++) wake_fire(&go[i]);
    runtime_close(runtime);
}

static void auto_falls_back_to_something(void **state) {
    struct runtime *runtime;
    struct error e;
    assert_ok(runtime_open(&(struct runtime_options){0}, &runtime, &e), &e);
    assert_int_not_equal(runtime_backend(runtime), RUNTIME_AUTO);
    assert_true(runtime_reactor_count(runtime) >= 1);
    runtime_close(runtime);
}

/* What a container does: io_uring_setup answers EPERM. */
static void forbid_uring(void) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = COUNT_OF(code), .filter = code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) _exit(20);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) _exit(21);
}

/* Says by its exit status what happened; a sanitizer's leak check has no place in it. */
static int without_uring(void) {
    struct runtime_options options = {.backend = RUNTIME_URING, .reactors = 2};
    struct runtime *runtime;
    struct error e;
    forbid_uring();
    if (runtime_open(&options, &runtime, &e) != FAIL_SYSTEM) return 1;
    if (strstr(e.message, "io_uring") == NULL) return 2;
    options.backend = RUNTIME_AUTO;
    if (runtime_open(&options, &runtime, &e) != OK) return 3;
    if (runtime_backend(runtime) != RUNTIME_EPOLL) return 4;
    struct where where = {0};
    on_fiber(runtime, look, &where);
    if (!where.is_fiber) return 5;
    runtime_close(runtime);
    return 0;
}

static void auto_falls_back_where_uring_is_forbidden(void **state) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(without_uring());
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- timers */

enum { SLEEPERS = 40 };
struct sleepers {
    int order[SLEEPERS], count;
    struct wake done;
};
struct sleeper {
    struct sleepers *all;
    int place;
};

static void sleep_by_place(void *argument) {
    struct sleeper *sleeper = argument;
    fiber_sleep_ns((20 + 3 * sleeper->place) * NS_PER_MS);
    sleeper->all->order[sleeper->all->count++] = sleeper->place;
    if (sleeper->all->count == SLEEPERS) wake_fire(&sleeper->all->done);
}

static void start_sleepers(void *argument) {
    struct sleepers *all = argument;
    static struct sleeper sleepers[SLEEPERS];
    struct error e;
    for (int i = 0; i < SLEEPERS; i++) {
        sleepers[i] = (struct sleeper){all, i * 17 % SLEEPERS}; /* in a mixed order */
        assert_ok(fiber_start(reactor_current(), sleep_by_place, &sleepers[i], &e), &e);
    }
    assert_ok(wake_wait(&all->done, in_ms(5000), &e), &e);
}

static void timers_fire_in_order(void **state) {
    struct sleepers all = {0};
    int64_t begin_ns = clock_steady_ns();
    on_fiber(*state, start_sleepers, &all);
    assert_true(clock_steady_ns() - begin_ns >= (20 + 3 * (SLEEPERS - 1)) * NS_PER_MS);
    for (int i = 0; i < SLEEPERS; i++) assert_int_equal(all.order[i], i);
}

/* The heap by itself, against a plain search: adds, removes and pops in random order. */
static void timer_heap_agrees_with_search(void **state) {
    enum { COUNT = 64 };
    struct fiber fibers[COUNT] = {0};
    int64_t at_ns[COUNT];
    struct timer room[COUNT];
    struct timer_heap heap = {.at = room, .cap = COUNT};
    struct random_seeded random;
    random_seed(&random, 7);
    for (int step = 0; step < 20000; step++) {
        size_t i = random_below(&random, COUNT);
        if (random_below(&random, 4) == 0) {
            int64_t least = INT64_MAX;
            for (size_t k = 0; k < COUNT; k++)
                if (fibers[k].timer_place != 0 && at_ns[k] < least) least = at_ns[k];
            struct fiber *due = timer_pop_due(&heap, 500);
            if (least > 500)
                assert_null(due);
            else
                assert_int_equal(at_ns[due - fibers], least);
        } else if (fibers[i].timer_place == 0) {
            at_ns[i] = (int64_t)random_below(&random, 1000);
            timer_add(&heap, &fibers[i], at_ns[i]);
        } else {
            timer_remove(&heap, &fibers[i]);
            timer_remove(&heap, &fibers[i]); /* twice is fine */
        }
        for (size_t k = 0; k < heap.count; k++) {
            assert_int_equal(heap.at[k].fiber->timer_place, k + 1);
            assert_true(heap.at[(k - (k > 0)) / 2].at_ns <= heap.at[k].at_ns);
        }
    }
}

/* ---- wakes */

static void wait_twice(void *argument) {
    struct wake *wake = argument;
    struct error e;
    assert_int_equal(wake_wait(wake, in_ms(20), &e), FAIL_TIMEOUT);
    wake_fire(wake);
    wake_fire(wake); /* counts once */
    assert_ok(wake_wait(wake, 0, &e), &e);
    wake_reset(wake);
    assert_int_equal(wake_wait(wake, in_ms(-5), &e), FAIL_TIMEOUT); /* already past */
}

static void wake_before_wait_and_deadline(void **state) {
    struct wake wake = {0};
    on_fiber(*state, wait_twice, &wake);
    wait_twice(&wake); /* and on a plain thread */
}

static int passes = 10000; /* the stress test gives more */
struct ping {
    struct wake there, back;
    int count;
};

static void ping_answer(void *argument) {
    struct ping *ping = argument;
    for (int i = 0; i < passes; i++) {
        error_ignore(wake_wait(&ping->there, INT64_MAX, NULL));
        wake_reset(&ping->there);
        ping->count++;
        wake_fire(&ping->back);
    }
}

static void ping_ask(void *argument) {
    struct ping *ping = argument;
    for (int i = 0; i < passes; i++) {
        wake_fire(&ping->there);
        error_ignore(wake_wait(&ping->back, INT64_MAX, NULL));
        wake_reset(&ping->back);
    }
}

/* Two fibers of different reactors hand a wake to and fro: one lost wake and the test hangs. */
static void wake_across_reactors(void **state) {
    struct ping ping = {0};
    struct piece ask = {.run = ping_ask, .argument = &ping};
    struct piece answer = {.run = ping_answer, .argument = &ping};
    piece_start(&answer, runtime_reactor(*state, 1));
    piece_start(&ask, runtime_reactor(*state, 0));
    piece_wait(&ask);
    piece_wait(&answer);
    assert_int_equal(ping.count, passes);
}

enum { RACERS = 40, RACES = 500 };
struct race {
    _Atomic(struct wake *) wake;
    _Atomic bool over;
};

static void *race_fire(void *argument) {
    struct race *race = argument;
    while (!atomic_load(&race->over)) {
        struct wake *wake = atomic_exchange(&race->wake, NULL);
        if (wake != NULL) wake_fire(wake);
    }
    return NULL;
}

/* The deadline and the fire come at about the same time; whichever wins, the fiber runs on once. */
static void race_run(void *argument) {
    struct race *race = argument;
    struct wake wake = {0}, *mine;
    int late = 0, fired = 0;
    for (int i = 0; i < RACES; i++) {
        atomic_store(&race->wake, &wake);
        int64_t deadline_ns = clock_steady_ns() + (i % 7) * 300;
        if (wake_wait(&wake, deadline_ns, NULL) == OK)
            fired++;
        else
            late++;
        mine = &wake;
        if (!atomic_compare_exchange_strong(&race->wake, &mine, NULL))
            error_ignore(wake_wait(&wake, INT64_MAX, NULL)); /* it is being fired: let it end */
        wake_reset(&wake);
    }
    assert_int_equal(fired + late, RACES);
}

static void wake_races_its_deadline(void **state) {
    struct race race[2];
    memset(race, 0, sizeof race);
    struct piece piece[RACERS];
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, race_fire, &race[i]);
    for (int round = 0; round < RACERS / 2; round++)
        for (int i = 0; i < 2; i++) {
            piece[i] = (struct piece){.run = race_run, .argument = &race[i]};
            piece_start(&piece[i], runtime_reactor(*state, (unsigned)i));
            if (i == 1) {
                piece_wait(&piece[0]);
                piece_wait(&piece[1]);
            }
        }
    for (int i = 0; i < 2; i++) {
        atomic_store(&race[i].over, true);
        pthread_join(threads[i], NULL);
    }
}

/* ---- workers and locks */

struct work {
    pthread_t thread;
    bool on_fiber;
    int sum;
};

static void work_do(void *argument) {
    struct work *work = argument;
    work->thread = pthread_self();
    work->on_fiber = fiber_is_current();
    usleep(1000);
    work->sum++;
}

static void work_many(void *argument) {
    for (int i = 0; i < 20; i++) {
        struct work work = {0};
        worker_do(work_do, &work);
        assert_int_equal(work.sum, 1);
        assert_false(work.on_fiber);
        assert_false(pthread_equal(work.thread, pthread_self()));
        worker_call(argument, work_do, &work);
        assert_int_equal(work.sum, 2);
    }
}

static void worker_runs_elsewhere(void **state) {
    struct piece pieces[10];
    for (unsigned i = 0; i < 10; i++) {
        pieces[i] = (struct piece){.run = work_many, .argument = *state};
        piece_start(&pieces[i], runtime_reactor(*state, i % 2));
    }
    for (unsigned i = 0; i < 10; i++) piece_wait(&pieces[i]);
    struct work work = {0};
    worker_do(work_do, &work); /* off a fiber it is done here */
    assert_true(pthread_equal(work.thread, pthread_self()));
}

struct locked {
    struct fiber_lock lock;
    int inside, entered, left;
    char order[32];
    struct wake done;
};

static void lock_use(void *argument) {
    struct locked *locked = argument;
    for (int i = 0; i < 3; i++) {
        fiber_lock_take(&locked->lock);
        assert_int_equal(locked->inside++, 0);
        locked->entered++;
        fiber_sleep_ns(NS_PER_MS);
        locked->inside--;
        fiber_lock_give(&locked->lock);
    }
    if (--locked->left == 0) wake_fire(&locked->done);
}

static void lock_users_start(void *argument) {
    struct locked *locked = argument;
    struct error e;
    locked->left = 5;
    for (int i = 0; i < 5; i++) assert_ok(fiber_start(reactor_current(), lock_use, locked, &e), &e);
    assert_ok(wake_wait(&locked->done, in_ms(5000), &e), &e);
}

static void lock_lets_one_in(void **state) {
    struct locked locked = {0};
    on_fiber(*state, lock_users_start, &locked);
    assert_int_equal(locked.entered, 15);
    assert_false(locked.lock.held);
}

/* ---- stacks */

static __attribute__((noinline)) size_t dig(size_t depth) {
    volatile char ground[1024];
    for (size_t i = 0; i < sizeof ground; i += 64) ground[i] = (char)depth;
    __asm__ volatile("" : : "r"(ground) : "memory"); /* all of it is wanted */
    return depth == 0 ? (size_t)ground[7] : dig(depth - 1) + (size_t)ground[9];
}

static void dig_some(void *argument) {
    size_t *touched = argument;
    touched[0] = fiber_stack_touched(fiber_current());
    touched[2] = dig(100);
    touched[1] = fiber_stack_touched(fiber_current());
}

static void stack_marks_its_high_water(void **state) {
    size_t touched[3];
    on_fiber(*state, dig_some, touched);
    assert_true(touched[0] > 0);
    assert_true(touched[1] >= 100 * 1024);
    assert_true(touched[1] < 256 * 1024);
}

static void dig_without_end(void *argument) {
    volatile size_t end = dig(SIZE_MAX);
    (void)end;
}

static unsigned char *overflowing; /* the stack that is run off */

static void on_fault(int signal_number, siginfo_t *info, void *context) {
    unsigned char *at = info->si_addr;
    _exit(at < overflowing && at >= overflowing - FIBER_GUARD_BYTES ? 42 : 1);
}

static void dig_for_ever(void *argument) {
    static char aside[65536]; /* a full stack has no room for a handler */
    stack_t other = {.ss_sp = aside, .ss_size = sizeof aside};
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    overflowing = fiber_current()->stack;
    if (sigaltstack(&other, NULL) != 0 || sigaction(SIGSEGV, &action, NULL) != 0) _exit(3);
    dig_without_end(argument);
}

static void overflow_beside_a_neighbour(enum runtime_backend backend) {
    struct runtime_options options = {.backend = backend, .reactors = 1};
    struct runtime *runtime;
    struct wake never_fired = {0};
    if (runtime_open(&options, &runtime, NULL) != OK) _exit(2);
    /* the stack below: without a guard it would be written over */
    if (fiber_start(runtime_reactor(runtime, 0), wait_for, &never_fired, NULL) != OK) _exit(2);
    on_fiber(runtime, dig_for_ever, NULL);
    _exit(4);
}

/* Running off a stack faults in its guard; it never reaches the neighbour. */
static void overflow_hits_the_guard(void **state) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) overflow_beside_a_neighbour(*(enum runtime_backend *)*state);
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
}

/* And with nobody handling it, the program stops. */
static void overflow_stops_the_program(void **state) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0});
        signal(SIGSEGV, SIG_DFL);
        struct runtime_options options = {.backend = RUNTIME_EPOLL, .reactors = 1};
        struct runtime *runtime;
        if (runtime_open(&options, &runtime, NULL) != OK) _exit(2);
        on_fiber(runtime, dig_without_end, NULL);
        _exit(4);
    }
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSEGV);
}

#define ALONE_ON_BOTH(test)                                                                        \
    {#test " (io_uring)", test, NULL, NULL, &test_uring}, {                                        \
#test " (epoll)", test, NULL, NULL, &test_epoll                                            \
    }

int main(int argc, char **argv) {
    if (argc > 1) passes = atoi(argv[1]);
    const struct CMUnitTest tests[] = {
        ON_BOTH(fiber_knows_where_it_is),
        ON_BOTH(yield_is_fair),
        ALONE_ON_BOTH(close_waits_for_fibers),
        ALONE_ON_BOTH(busy_when_full),
        cmocka_unit_test(auto_falls_back_to_something),
        cmocka_unit_test(auto_falls_back_where_uring_is_forbidden),
        ON_BOTH(timers_fire_in_order),
        cmocka_unit_test(timer_heap_agrees_with_search),
        ON_BOTH(wake_before_wait_and_deadline),
        ON_BOTH(wake_across_reactors),
        ON_BOTH(wake_races_its_deadline),
        ON_BOTH(worker_runs_elsewhere),
        ON_BOTH(lock_lets_one_in),
        ON_BOTH(stack_marks_its_high_water),
        ALONE_ON_BOTH(overflow_hits_the_guard),
        cmocka_unit_test(overflow_stops_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
