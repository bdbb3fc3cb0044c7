/* Probing many machines: a few threads that each ask one machine after the other, slowly.
 *
 * A probe mostly waits, and what it waits for is measured by the kernel (probe.c), so threads that are late lose
 * nothing. They share which machine is next and when it may be asked; each writes only what it asked for. */
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "survey/survey.h"

struct pool {
    struct survey_probing *of;
    char (*texts)[SURVEY_PROBED_BYTES];
    size_t count;
    const struct survey_probe_options *options;
    struct report_progress *progress;
    pthread_mutex_t lock; /* of all below */
    size_t next;
    int64_t free_ns; /* when the next may begin */
    enum error_code code;
    struct error e;
};

static void wait_until(int64_t at_ns) {
    int64_t left_ns;
    while ((left_ns = at_ns - clock_steady_ns()) > 0) {
        struct timespec pause = {.tv_sec = left_ns / NS_PER_S, .tv_nsec = left_ns % NS_PER_S};
        nanosleep(&pause, NULL);
    }
}

/* False: none is left, or one has failed. */
static bool next_take(struct pool *p, size_t *out) {
    const int64_t apart_ns = NS_PER_S / LIMIT_PROBES_A_SECOND;
    int64_t now_ns = clock_steady_ns(), begin_ns = 0;
    pthread_mutex_lock(&p->lock);
    bool is_left = p->next < p->count && p->code == OK;
    if (is_left) {
        *out = p->next++;
        begin_ns = p->free_ns > now_ns ? p->free_ns : now_ns;
        p->free_ns = begin_ns + apart_ns;
    }
    pthread_mutex_unlock(&p->lock);
    if (is_left) wait_until(begin_ns);
    return is_left;
}

static void *work(void *context) {
    struct pool *p = context;
    size_t i;
    while (next_take(p, &i)) {
        struct arena arena = arena_over(p->texts[i], SURVEY_PROBED_BYTES);
        struct error e;
        enum error_code code = survey_probe(&p->of[i].address, p->of[i].host, p->options, &arena,
                                            &p->of[i].probed, &e);
        report_progress_step(p->progress, 1);
        if (code == OK) continue;
        pthread_mutex_lock(&p->lock);
        if (p->code == OK) p->e = e;
        p->code = code;
        pthread_mutex_unlock(&p->lock);
    }
    return NULL;
}

static enum error_code pool_run(struct pool *p, struct error *e) {
    pthread_t threads[LIMIT_PROBES];
    size_t running = 0;
    sigset_t pipe, before; /* a machine that hangs up in the middle is no reason to end */
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, &before);
    pthread_mutex_init(&p->lock, NULL);
    while (running < LIMIT_PROBES && running < p->count &&
           pthread_create(&threads[running], NULL, work, p) == 0)
        running++;
    if (running == 0) work(p);
    for (size_t i = 0; i < running; i++) pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&p->lock);
    while (sigtimedwait(&pipe, NULL, &(struct timespec){0}) > 0) {
    } /* one of ours is still there */
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (p->code != OK) *e = p->e;
    return p->code;
}

/* ---- does somebody on the way answer for others? ---- */

static const char *const nobody[] = {"192.0.2.1", "2001:db8::1"}; /* by family */
enum { FAMILIES = COUNT_OF(nobody) };

static size_t family_of(const struct geo_address *address) {
    return address->len == 4 ? 0 : 1;
}

static bool is_far(const struct geo_address *address) {
    return geo_address_use(address) != GEO_LOOPBACK;
}

/* Addresses that nobody has, of each family that will be asked. */
static size_t nobody_add(const struct survey_probing *of, size_t count,
                         struct survey_probing out[FAMILIES]) {
    bool is_wanted[FAMILIES] = {false};
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        is_wanted[family_of(&of[i].address)] |= is_far(&of[i].address);
    for (size_t n = 0; n < FAMILIES; n++)
        used += is_wanted[n] && geo_address_read(str_from_c(nobody[n]), &out[used].address);
    return used;
}

enum error_code survey_probe_all(struct survey_probing *of, size_t count,
                                 const struct survey_probe_options *options, struct arena *arena,
                                 struct error *e) {
    bool is_masked[FAMILIES] = {false};
    struct pool pool = {.options = options};
    if (count == 0) return OK;
    pool.of = arena_new(arena, struct survey_probing, count + FAMILIES);
    pool.texts = arena_take(arena, SURVEY_PROBED_BYTES, 1, count + FAMILIES);
    if (pool.of == NULL || pool.texts == NULL)
        return error_set(e, FAIL_MEMORY, "no room to probe %zu addresses", count);
    size_t first = nobody_add(of, count, pool.of);
    memcpy(pool.of + first, of, count * sizeof *of);
    pool.count = first + count;
    pool.progress = report_progress_begin("probing", pool.count, false);
    enum error_code code = pool_run(&pool, e);
    report_progress_end(pool.progress);
    if (code != OK) return code;
    for (size_t i = 0; i < first; i++)
        is_masked[family_of(&pool.of[i].address)] = pool.of[i].probed.answers > 0;
    memcpy(of, pool.of + first, count * sizeof *of);
    for (size_t i = 0; i < count; i++)
        of[i].probed.is_answered_for =
            is_masked[family_of(&of[i].address)] && is_far(&of[i].address);
    return OK;
}
