/* Worker threads: for what can only block. A job lies on the stack of the fiber that waits for it,
 * so the queue is never longer than there are fibers, and needs no memory of its own.
 *
 * Waking a thread costs more than most jobs do. So at most one is on its way at any time, and a
 * worker that comes and finds more than its own job wakes the next before it begins: while jobs are
 * short, few workers do them all; when they block, each brings another, up to all of them. */
#include "base/runtime/inner.h"

#include <stdlib.h>

/* Under the lock: whether the caller must signal once it has let go of it. */
static bool wake_is_due(struct worker_pool *pool) {
    if (pool->first == NULL || pool->is_waking || pool->idle == 0) return false;
    return pool->is_waking = true;
}

static void *worker_run(void *argument) {
    struct worker_pool *pool = argument;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (pool->first == NULL && !pool->stop) {
            pool->idle++;
            pthread_cond_wait(&pool->more, &pool->lock);
            pool->idle--;
            pool->is_waking = false; /* this was the one, or as good as it */
        }
        struct worker_job *job = pool->first;
        if (job == NULL) break;
        pool->first = job->next;
        if (pool->first == NULL) pool->last = NULL;
        bool due = wake_is_due(pool);
        pthread_mutex_unlock(&pool->lock);
        if (due) pthread_cond_signal(&pool->more);
        job->run(job->argument);
        wake_fire(&job->done); /* the job is gone from here on */
        pthread_mutex_lock(&pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

enum error_code worker_pool_open(struct worker_pool *pool, unsigned count, struct error *e) {
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->more, NULL);
    pool->threads = calloc(count, sizeof *pool->threads);
    if (pool->threads == NULL) return error_set(e, FAIL_MEMORY, "no memory for workers");
    for (; pool->count < count; pool->count++) {
        int errnum = runtime_thread_start(&pool->threads[pool->count], worker_run, pool, "worker");
        if (errnum != 0) return error_set_errno(e, errnum, "cannot start worker %u", pool->count);
    }
    return OK;
}

void worker_pool_release(struct worker_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    pool->stop = true;
    pthread_cond_broadcast(&pool->more);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->count; i++) pthread_join(pool->threads[i], NULL);
    free(pool->threads);
    pthread_cond_destroy(&pool->more);
    pthread_mutex_destroy(&pool->lock);
}

void worker_call(struct runtime *runtime, void (*run)(void *argument), void *argument) {
    if (!fiber_is_current()) {
        run(argument);
        return;
    }
    struct worker_pool *pool = &runtime->workers;
    struct worker_job job = {.run = run, .argument = argument};
    pthread_mutex_lock(&pool->lock);
    if (pool->last != NULL)
        pool->last->next = &job;
    else
        pool->first = &job;
    pool->last = &job;
    bool due = wake_is_due(pool);
    pthread_mutex_unlock(&pool->lock);
    if (due) pthread_cond_signal(&pool->more);
    error_ignore(wake_wait(&job.done, INT64_MAX, NULL)); /* without a deadline it cannot fail */
}

void worker_do(void (*run)(void *argument), void *argument) {
    struct reactor *reactor = reactor_current();
    worker_call(reactor != NULL ? reactor->runtime : NULL, run, argument);
}
