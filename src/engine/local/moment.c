/* Views: references to moments.
 *
 * A snapshot of RocksDB takes its big mutex, so views do not make one each: the committer makes one
 * a turn, and opening a view is counting a reference up without any lock. A dead moment is let go
 * by the committer or the reaper, never by a reader. */
#include "engine/local/local.h"

#include "base/runtime.h"

#include <stdlib.h>

static struct local_moment *moment_take(struct local *local) {
    for (struct local_moment *m = local->moments; m != NULL; m = m->next)
        if (m->snapshot == NULL && atomic_load(&m->refs) == 0) return m;
    struct local_moment *m = calloc(1, sizeof *m);
    if (m == NULL) abort(); /* a few hundred bytes: nothing could go on without them */
    m->view.engine = &local->engine;
    m->read_any = rocksdb_readoptions_create();
    m->read_cached = rocksdb_readoptions_create();
    m->read_past = rocksdb_readoptions_create();
    rocksdb_readoptions_set_read_tier(m->read_cached, 1);
    rocksdb_readoptions_set_fill_cache(m->read_past, 0);
    m->next = local->moments;
    local->moments = m;
    return m;
}

static void collect(struct local *local) {
    for (struct local_moment *m = local->moments; m != NULL; m = m->next) {
        if (m->snapshot == NULL || atomic_load(&m->refs) != 0) continue;
        rocksdb_release_snapshot(local->rocks, m->snapshot);
        m->snapshot = NULL;
    }
}

void local_moment_publish(struct local *local) {
    pthread_mutex_lock(&local->moments_mutex);
    struct local_moment *m = moment_take(local);
    m->snapshot = rocksdb_create_snapshot(local->rocks);
    rocksdb_readoptions_set_snapshot(m->read_any, m->snapshot);
    rocksdb_readoptions_set_snapshot(m->read_cached, m->snapshot);
    rocksdb_readoptions_set_snapshot(m->read_past, m->snapshot);
    m->turn = local->turn_number;
    m->generation = atomic_load(&local->generation);
    atomic_store(&m->refs, 1); /* the engine's own */
    struct local_moment *before = atomic_exchange(&local->now, m);
    if (before != NULL) atomic_fetch_sub(&before->refs, 1);
    collect(local);
    pthread_mutex_unlock(&local->moments_mutex);
}

void local_moments_collect(struct local *local) {
    pthread_mutex_lock(&local->moments_mutex);
    collect(local);
    pthread_mutex_unlock(&local->moments_mutex);
}

void local_moment_retire(struct local *local) {
    struct local_moment *now = atomic_exchange(&local->now, NULL);
    if (now != NULL) atomic_fetch_sub(&now->refs, 1);
}

/* Views may still hold references; they find their generation gone. */
void local_moments_end(struct local *local) {
    pthread_mutex_lock(&local->moments_mutex);
    for (struct local_moment *m = local->moments; m != NULL; m = m->next) {
        if (m->snapshot == NULL) continue;
        rocksdb_release_snapshot(local->rocks, m->snapshot);
        m->snapshot = NULL;
    }
    pthread_mutex_unlock(&local->moments_mutex);
}

void local_moments_release(struct local *local) {
    while (local->moments != NULL) {
        struct local_moment *m = local->moments;
        local->moments = m->next;
        assert(atomic_load(&m->refs) == 0); /* else a view is still open */
        rocksdb_readoptions_destroy(m->read_any);
        rocksdb_readoptions_destroy(m->read_cached);
        rocksdb_readoptions_destroy(m->read_past);
        free(m);
    }
}

uint64_t local_moments_oldest(struct local *local) {
    uint64_t oldest = UINT64_MAX, generation = atomic_load(&local->generation);
    pthread_mutex_lock(&local->moments_mutex);
    for (struct local_moment *m = local->moments; m != NULL; m = m->next)
        if (atomic_load(&m->refs) > 0 && m->generation == generation)
            oldest = u64_min(oldest, m->turn);
    pthread_mutex_unlock(&local->moments_mutex);
    return oldest;
}

uint64_t local_views_open(struct local *local) {
    uint64_t count = 0;
    pthread_mutex_lock(&local->moments_mutex);
    for (struct local_moment *m = local->moments; m != NULL; m = m->next)
        count += atomic_load(&m->refs);
    if (atomic_load(&local->now) != NULL && count > 0) count--; /* the engine's own */
    pthread_mutex_unlock(&local->moments_mutex);
    return count;
}

/* ---- what readers do ---- */

static bool refer(struct local_moment *m) {
    uint32_t refs = atomic_load(&m->refs);
    while (refs != 0)
        if (atomic_compare_exchange_weak(&m->refs, &refs, refs + 1)) return true;
    return false;
}

enum error_code local_view_open(struct engine *engine, struct engine_view **out, struct error *e) {
    struct local *local = local_of(engine);
    for (;;) {
        struct local_moment *m = atomic_load(&local->now);
        if (m == NULL) return error_set(e, FAIL_ENGINE_BROKEN, "the engine is being reopened");
        if (!refer(m)) continue; /* it died since we looked; there is a newer one */
        if (atomic_load(&local->now) == m) {
            *out = &m->view;
            return OK;
        }
        atomic_fetch_sub(&m->refs, 1);
    }
}

void local_view_close(struct engine_view *view) {
    struct local_moment *m = (struct local_moment *)view;
    uint32_t before = atomic_fetch_sub(&m->refs, 1);
    assert(before > 0); /* else it was closed twice */
}

/* One row: near, in RocksDB's cache, or wherever it is. */
struct get {
    struct local_moment *moment;
    enum engine_family family;
    uint32_t hash;
    uint64_t stamp; /* before it was read */
    bool fills;     /* RocksDB's cache, if it is not there */
    str key;
    struct arena *arena;
    str *value;
    bool *found;
    struct error *e;
};

static struct get get_of(struct local_moment *moment, enum engine_family family, str key,
                         struct arena *arena, str *value, bool *found, struct error *e) {
    struct local_near *near = local_of(moment->view.engine)->near;
    uint32_t hash = local_near_hash(family, key);
    return (struct get){.moment = moment,
                        .family = family,
                        .hash = hash,
                        .stamp = local_near_stamp(near, hash),
                        .fills = local_near_fills(near),
                        .key = key,
                        .arena = arena,
                        .value = value,
                        .found = found,
                        .e = e};
}

static bool get_near(const struct get *g) {
    struct local_near *near = local_of(g->moment->view.engine)->near;
    if (!local_near_find(near, g->moment, g->family, g->hash, g->key, g->arena, g->value))
        return false;
    return *g->found = true;
}

static void keep_near(const struct get *g) {
    struct local_near *near = local_of(g->moment->view.engine)->near;
    if (*g->found)
        local_near_keep(near, g->moment, g->family, g->hash, g->key, *g->value, g->stamp);
}

/* Looks the row up; *incomplete: it is not in memory, ask again by `get_any`. */
static enum error_code get(const struct get *g, const rocksdb_readoptions_t *options,
                           bool *incomplete) {
    struct local *local = local_of(g->moment->view.engine);
    unsigned lane;
    if (!local_enter(local, g->moment->generation, &lane)) return local_ended(g->e);
    char *said = NULL;
    rocksdb_pinnableslice_t *slice = rocksdb_get_pinned_cf(
        local->rocks, options, local->families[g->family], g->key.at, g->key.len, &said);
    enum error_code code = OK;
    if (said != NULL) {
        *incomplete = strncmp(said, "Result incomplete", 17) == 0;
        if (*incomplete)
            rocksdb_free(said);
        else
            code = local_said(g->e, said, "reading a row");
    } else {
        *incomplete = false;
        if (slice != NULL) {
            size_t len;
            const char *at = rocksdb_pinnableslice_value(slice, &len);
            code = arena_copy(g->arena, str_of(at, len), g->value, g->e);
            rocksdb_pinnableslice_destroy(slice);
        }
        if (code == OK) *g->found = slice != NULL;
    }
    local_leave(local, lane);
    return code;
}

static enum error_code get_any(const struct get *g) {
    bool incomplete;
    return get(g, g->fills ? g->moment->read_any : g->moment->read_past, &incomplete);
}

/* On a fiber, which must not wait for the disk: true when there was an answer without. */
static bool get_cached(const struct get *g, enum error_code *code) {
    struct local_near *near = local_of(g->moment->view.engine)->near;
    bool incomplete = false;
    if (!local_near_try_cached(near)) return false;
    *code = get(g, g->moment->read_cached, &incomplete);
    local_near_tried(near, !incomplete);
    return !incomplete;
}

struct get_job {
    struct get get;
    enum error_code code;
};

static void get_on_worker(void *argument) {
    struct get_job *job = argument;
    job->code = get_any(&job->get);
}

enum error_code local_view_get(struct engine_view *view, enum engine_family family, str key,
                               struct arena *arena, str *value, bool *found, struct error *e) {
    struct get_job job = {
        .get = get_of((struct local_moment *)view, family, key, arena, value, found, e)};
    if (!fiber_is_current()) return get_any(&job.get);
    if (get_near(&job.get)) return OK;
    if (!get_cached(&job.get, &job.code)) worker_do(get_on_worker, &job);
    if (job.code == OK) keep_near(&job.get);
    return job.code;
}

/* ---- two rows in one go ---- */

struct led_job {
    struct get first, second;
    struct engine_lead *lead;
    bool has_second;
    enum error_code code;
};

/* From the first row, which is found, to the second. */
static enum error_code follow(struct led_job *job) {
    const struct get *first = &job->first;
    struct engine_lead *lead = job->lead;
    str key = STR_EMPTY;
    TRY(lead->next(lead, *first->value, &key, first->e));
    job->has_second = key.len > 0;
    if (job->has_second)
        job->second = get_of(first->moment, lead->family, key, first->arena, &lead->value,
                             &lead->found, first->e);
    job->second.fills = first->fills; /* this may be a worker, which has nothing near */
    return OK;
}

static void led_on_worker(void *argument) {
    struct led_job *job = argument;
    job->code = get_any(&job->first);
    if (job->code == OK && *job->first.found) job->code = follow(job);
    if (job->code == OK && job->has_second) job->code = get_any(&job->second);
}

static void second_on_worker(void *argument) {
    struct led_job *job = argument;
    job->code = get_any(&job->second);
}

/* The first row was found without waiting. */
static void second_get(struct led_job *job) {
    job->code = follow(job);
    if (job->code != OK || !job->has_second || get_near(&job->second)) return;
    if (!get_cached(&job->second, &job->code)) worker_do(second_on_worker, job);
    if (job->code == OK) keep_near(&job->second);
}

enum error_code local_view_get_led(struct engine_view *view, enum engine_family family, str key,
                                   struct engine_lead *lead, struct arena *arena, str *value,
                                   bool *found, struct error *e) {
    struct led_job job = {
        .first = get_of((struct local_moment *)view, family, key, arena, value, found, e),
        .lead = lead};
    if (!fiber_is_current()) {
        led_on_worker(&job);
        return job.code;
    }
    if (get_near(&job.first)) {
        second_get(&job);
        return job.code;
    }
    if (get_cached(&job.first, &job.code)) {
        if (job.code != OK || !*found) return job.code;
        keep_near(&job.first);
        second_get(&job);
        return job.code;
    }
    worker_do(led_on_worker, &job);
    if (job.code != OK || !*found) return job.code;
    keep_near(&job.first);
    if (job.has_second) keep_near(&job.second);
    return OK;
}
