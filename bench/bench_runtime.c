/* What the runtime costs a request: CPU of the reactor's thread per answer of 1 KiB to a request of
 * 100 bytes on a kept connection, for each back end, and for a bare epoll loop as the yardstick.
 * The clients are another process.
 *
 *   bench_runtime [connections [seconds [answer bytes [io_uring|epoll|bare]]]]
 *
 * Source of the shape: one fiber a connection, as the store serves (DESIGN, "Fibers and reactors").
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/runtime.h"

enum { REQUEST_BYTES = 100, ANSWER_BYTES_MAX = 1 << 20 };

static size_t answer_bytes = 1024;
static char answer[ANSWER_BYTES_MAX];

static void or_die(enum error_code code, const struct error *e) {
    if (code == OK) return;
    fprintf(stderr, "bench_runtime: %s\n", e->message);
    exit(1);
}

/* ---- the server */

struct server {
    int listener;
    uint64_t answers; /* of one reactor, so no lock */
    int64_t cpu_ns;
};

static struct server server;

static int64_t thread_cpu_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void serve(void *argument) {
    int fd = (int)(intptr_t)argument;
    char request[4096];
    size_t got, have = 0;
    while (net_recv(fd, request, sizeof request, clock_steady_ns() + 60 * NS_PER_S, &got, NULL) ==
               OK &&
           got > 0) {
        for (have += got; have >= REQUEST_BYTES; have -= REQUEST_BYTES) {
            if (net_send(fd, answer, answer_bytes, clock_steady_ns() + 60 * NS_PER_S, NULL) != OK)
                break;
            server.answers++;
        }
    }
    net_close(fd);
}

static void accept_all(void *argument) {
    struct error e;
    int fd;
    while (net_accept(server.listener, INT64_MAX, &fd, NULL, &e) == OK)
        or_die(fiber_start(reactor_current(), serve, (void *)(intptr_t)fd, &e), &e);
}

struct reading {
    uint64_t answers;
    int64_t cpu_ns;
    struct wake done;
};

static void read_counters(void *argument) {
    struct reading *reading = argument;
    reading->answers = server.answers;
    reading->cpu_ns = thread_cpu_ns();
    wake_fire(&reading->done);
}

static void stop(void *argument) {
    net_close(server.listener);
}

/* Clients on one core, the server on another, as far as the machine has them. */
static void pin(size_t core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    sched_setaffinity(0, sizeof set, &set);
}

/* ---- the clients: plain, one thread, poll */

static void clients_run(const struct net_address *at, int connections) {
    struct pollfd *polls = calloc((size_t)connections, sizeof *polls);
    size_t *left = calloc((size_t)connections, sizeof *left);
    char request[REQUEST_BYTES] = {0};
    static char bytes[ANSWER_BYTES_MAX];
    struct error e;
    for (int i = 0; i < connections; i++) {
        or_die(net_connect(at, INT64_MAX, &polls[i].fd, &e), &e);
        polls[i].events = POLLIN;
        left[i] = answer_bytes;
        or_die(net_send(polls[i].fd, request, sizeof request, INT64_MAX, &e), &e);
    }
    while (poll(polls, (nfds_t)connections, -1) > 0)
        for (int i = 0; i < connections; i++) {
            if (polls[i].revents == 0) continue;
            ssize_t n = recv(polls[i].fd, bytes, left[i], MSG_DONTWAIT);
            if (n == 0) return;
            if (n < 0) continue;
            left[i] -= (size_t)n;
            if (left[i] > 0) continue;
            left[i] = answer_bytes;
            or_die(net_send(polls[i].fd, request, sizeof request, INT64_MAX, &e), &e);
        }
}

/* ---- the yardstick: the same service as a bare epoll loop, with no fibers and nothing of ours */

static struct bare {
    _Atomic uint64_t answers;
    _Atomic int64_t cpu_ns;
    _Atomic bool stop;
} bare;

static void bare_answer(int fd) {
    char request[4096];
    ssize_t got = recv(fd, request, sizeof request, 0);
    for (; got >= REQUEST_BYTES; got -= REQUEST_BYTES) {
        size_t sent = 0;
        while (sent < answer_bytes) { /* large answers wait here: a yardstick for small ones */
            ssize_t n = send(fd, answer + sent, answer_bytes - sent, MSG_NOSIGNAL);
            if (n < 0 && errno != EAGAIN) return;
            if (n > 0) sent += (size_t)n;
        }
        atomic_store(&bare.answers, atomic_load(&bare.answers) + 1);
    }
}

static void *bare_serve(void *argument) {
    int epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = server.listener}, events[256];
    epoll_ctl(epoll, EPOLL_CTL_ADD, server.listener, &event);
    while (!atomic_load(&bare.stop)) {
        int count = epoll_wait(epoll, events, 256, 100);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd != server.listener) {
                bare_answer(events[i].data.fd);
                continue;
            }
            event.events = EPOLLIN | EPOLLET;
            event.data.fd = accept4(server.listener, NULL, NULL, SOCK_NONBLOCK);
            epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event);
        }
        atomic_store(&bare.cpu_ns, thread_cpu_ns());
    }
    close(epoll);
    return NULL;
}

/* ---- */

static void print_row(const char *name, uint64_t answers, int64_t cpu_ns, int seconds) {
    printf("%-8s %9.0f answers/s %6.2f us CPU each\n", name, (double)answers / seconds,
           (double)cpu_ns / (double)answers / 1000);
}

static pid_t clients_start(int connections) {
    struct error e;
    struct net_address at;
    or_die(net_address_read(STR("127.0.0.1:0"), &at, &e), &e);
    or_die(net_listen(&at, &server.listener, &e), &e);
    pid_t child = fork();
    if (child == 0) {
        pin(1);
        clients_run(&at, connections);
        _exit(0);
    }
    pin(0);
    return child;
}

static void measure_bare(int connections, int seconds) {
    pthread_t thread;
    pid_t child = clients_start(connections);
    pthread_create(&thread, NULL, bare_serve, NULL);
    fiber_sleep_ns(NS_PER_S / 2);
    uint64_t answers = atomic_load(&bare.answers);
    int64_t cpu_ns = atomic_load(&bare.cpu_ns);
    fiber_sleep_ns(seconds * NS_PER_S);
    print_row("bare", atomic_load(&bare.answers) - answers, atomic_load(&bare.cpu_ns) - cpu_ns,
              seconds);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    atomic_store(&bare.stop, true);
    pthread_join(thread, NULL);
    net_close(server.listener);
}

static struct reading counters_of(struct reactor *reactor) {
    struct reading reading = {0};
    struct error e;
    or_die(fiber_start(reactor, read_counters, &reading, &e), &e);
    or_die(wake_wait(&reading.done, INT64_MAX, &e), &e);
    return reading;
}

static void measure(enum runtime_backend backend, const char *name, int connections, int seconds) {
    struct error e;
    struct runtime *runtime;
    pid_t child = clients_start(connections);
    struct runtime_options options = {.backend = backend, .reactors = 1};
    or_die(runtime_open(&options, &runtime, &e), &e);
    struct reactor *reactor = runtime_reactor(runtime, 0);
    or_die(fiber_start(reactor, accept_all, NULL, &e), &e);
    fiber_sleep_ns(NS_PER_S / 2);
    struct reading before = counters_of(reactor);
    fiber_sleep_ns(seconds * NS_PER_S);
    struct reading after = counters_of(reactor);
    print_row(name, after.answers - before.answers, after.cpu_ns - before.cpu_ns, seconds);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    or_die(fiber_start(reactor, stop, NULL, &e), &e);
    runtime_close(runtime);
}

int main(int argc, char **argv) {
    int connections = argc > 1 ? atoi(argv[1]) : 64, seconds = argc > 2 ? atoi(argv[2]) : 3;
    if (argc > 3) answer_bytes = strtoul(argv[3], NULL, 10);
    if (connections < 1 || seconds < 1 || answer_bytes < 1 || answer_bytes > ANSWER_BYTES_MAX) {
        fputs("usage: bench_runtime [connections [seconds [answer bytes [io_uring|epoll|bare]]]]\n",
              stderr);
        return 2;
    }
    str only = str_from_c(argc > 4 ? argv[4] : "");
    bool all = only.len == 0;
    if (all || str_equal(only, STR("io_uring")))
        measure(RUNTIME_URING, "io_uring", connections, seconds);
    if (all || str_equal(only, STR("epoll"))) measure(RUNTIME_EPOLL, "epoll", connections, seconds);
    if (all || str_equal(only, STR("bare"))) measure_bare(connections, seconds);
    return 0;
}
