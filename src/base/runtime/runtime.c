/* The runtime: opens reactors and workers, chooses the back end, and knows when all have ended. */
#include "base/runtime/inner.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>

static unsigned cores(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? (unsigned)count : 1;
}

int runtime_thread_start(pthread_t *thread, void *(*run)(void *), void *argument,
                         const char *name) {
    sigset_t most, before;
    sigfillset(&most);
    /* a fault must still stop the program, and a profiler see it */
    static const int kept[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGPROF};
    for (size_t i = 0; i < COUNT_OF(kept); i++) sigdelset(&most, kept[i]);
    pthread_sigmask(SIG_SETMASK, &most, &before); /* the new thread inherits it */
    int errnum = pthread_create(thread, NULL, run, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (errnum == 0) pthread_setname_np(*thread, name);
    return errnum;
}

/* First all threads end, then the memory goes: whoever woke the last fiber may still be on its way
 * to poke that fiber's reactor. */
static void runtime_release(struct runtime *runtime) {
    atomic_store(&runtime->stop, true);
    worker_pool_release(&runtime->workers);
    for (unsigned i = 0; i < runtime->reactor_count; i++) reactor_join(runtime->reactors[i]);
    for (unsigned i = 0; i < runtime->reactor_count; i++) reactor_release(runtime->reactors[i]);
    free(runtime->reactors);
    free(runtime);
}

static enum error_code runtime_open_with(const struct runtime_options *options,
                                         enum runtime_backend backend, struct runtime **out,
                                         struct error *e) {
    struct runtime *runtime = calloc(1, sizeof *runtime);
    struct reactor **reactors = calloc(options->reactors, sizeof *reactors);
    if (runtime == NULL || reactors == NULL) {
        free(runtime);
        free(reactors);
        return error_set(e, FAIL_MEMORY, "no memory for a runtime");
    }
    runtime->backend = backend;
    runtime->reactors = reactors;
    runtime->reactor_count = options->reactors;
    atomic_store(&runtime->alive, 1);
    enum error_code code = worker_pool_open(&runtime->workers, options->workers, e);
    for (unsigned i = 0; i < options->reactors && code == OK; i++)
        code = reactor_open(runtime, i, options, &reactors[i], e);
    if (code != OK) {
        runtime_release(runtime);
        return code;
    }
    *out = runtime;
    return OK;
}

enum error_code runtime_open(const struct runtime_options *options, struct runtime **out,
                             struct error *e) {
    struct runtime_options o = *options;
    if (o.reactors == 0) o.reactors = cores();
    if (o.workers == 0) o.workers = 8;
    if (o.stack_bytes == 0) o.stack_bytes = 256 << 10;
    if (o.fibers == 0) o.fibers = LIMIT_CONNECTIONS + 256;
    if (o.backend != RUNTIME_AUTO) return runtime_open_with(&o, o.backend, out, e);
    if (runtime_open_with(&o, RUNTIME_URING, out, e) == OK) return OK;
    return runtime_open_with(&o, RUNTIME_EPOLL, out, e);
}

void reactor_fiber_ended(struct runtime *runtime) {
    if (atomic_fetch_sub(&runtime->alive, 1) == 1) wake_fire(&runtime->ended);
}

void runtime_close(struct runtime *runtime) {
    assert(!fiber_is_current());
    reactor_fiber_ended(runtime);                              /* its own share of `alive` */
    error_ignore(wake_wait(&runtime->ended, INT64_MAX, NULL)); /* no deadline: cannot fail */
    runtime_release(runtime);
}

enum runtime_backend runtime_backend(const struct runtime *runtime) {
    return runtime->backend;
}

unsigned runtime_reactor_count(const struct runtime *runtime) {
    return runtime->reactor_count;
}

struct reactor *runtime_reactor(struct runtime *runtime, unsigned index) {
    assert(index < runtime->reactor_count);
    return runtime->reactors[index];
}
