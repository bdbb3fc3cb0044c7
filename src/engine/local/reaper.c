/* The reaper: unlinks dropped blobs once nobody can ask for them, lets go of dead moments, and
 * keeps an eye on the disk's room. One thread, so that neither reactors nor the committer wait for
 * it. */
#include "engine/local/local.h"

#include "base/disk.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>

enum { REAP_AT_ONCE = 256, IDLE_MS = 1000, WAITING_MS = 20 };

void local_drops_add(struct local_drops *drops, struct engine_blob_id id, uint64_t turn) {
    if (drops->count == drops->room) {
        size_t room = drops->room == 0 ? 256 : 2 * drops->room;
        struct local_drop *at = realloc(drops->at, room * sizeof *at);
        if (at == NULL) abort(); /* 24 bytes a blob; a drop forgotten would be a body kept */
        drops->at = at;
        drops->room = room;
    }
    drops->at[drops->count++] = (struct local_drop){.id = id, .turn = turn};
}

void local_drop_key(struct engine_blob_id id, char key[LOCAL_DROP_KEY_BYTES]) {
    key[0] = 'd';
    memcpy(key + 1, id.at, sizeof id.at);
}

void local_reaper_take(struct local *local, const struct local_drops *drops, uint64_t turn) {
    if (drops->count == 0) return;
    pthread_mutex_lock(&local->reaper_mutex);
    for (size_t i = 0; i < drops->count; i++)
        local_drops_add(&local->dropped, drops->at[i].id, turn);
    pthread_cond_signal(&local->reaper_wake);
    pthread_mutex_unlock(&local->reaper_mutex);
}

enum error_code local_drops_load(struct local *local, struct error *e) {
    pthread_mutex_lock(&local->reaper_mutex);
    local->dropped.count = local->unlinked.count = 0;
    rocksdb_iterator_t *rows =
        rocksdb_create_iterator_cf(local->rocks, local->read_turn, local->families[LOCAL_OWN]);
    for (rocksdb_iter_seek(rows, "d", 1); rocksdb_iter_valid(rows); rocksdb_iter_next(rows)) {
        size_t len;
        const char *key = rocksdb_iter_key(rows, &len);
        if (len != LOCAL_DROP_KEY_BYTES || key[0] != 'd') break;
        struct engine_blob_id id;
        memcpy(id.at, key + 1, sizeof id.at);
        local_drops_add(&local->dropped, id, local->turn_number); /* every view is from after */
    }
    char *said = NULL;
    rocksdb_iter_get_error(rows, &said);
    rocksdb_iter_destroy(rows);
    pthread_cond_signal(&local->reaper_wake);
    pthread_mutex_unlock(&local->reaper_mutex);
    return said == NULL ? OK : local_said(e, said, "reading which blobs are dropped");
}

/* ---- unlinking ---- */

static int by_folder(const void *a, const void *b) {
    const struct local_drop *left = a, *right = b;
    int order = memcmp(left->id.at, right->id.at, 8); /* epoch */
    return order != 0 ? order
                      : (int)left->id.at[ENGINE_BLOB_ID_BYTES - 1] -
                            (int)right->id.at[ENGINE_BLOB_ID_BYTES - 1];
}

/* Removes from local->dropped what every open view has seen dropped. */
static size_t take_ready(struct local *local, uint64_t oldest,
                         struct local_drop ready[REAP_AT_ONCE]) {
    size_t count = 0, kept = 0;
    pthread_mutex_lock(&local->reaper_mutex);
    for (size_t i = 0; i < local->dropped.count; i++) {
        struct local_drop drop = local->dropped.at[i];
        if (count < REAP_AT_ONCE && drop.turn <= oldest)
            ready[count++] = drop;
        else
            local->dropped.at[kept++] = drop;
    }
    local->dropped.count = kept;
    local->reaping = count;
    pthread_mutex_unlock(&local->reaper_mutex);
    return count;
}

static void give_back(struct local *local, struct local_drops *list, const struct local_drop *drops,
                      size_t count) {
    pthread_mutex_lock(&local->reaper_mutex);
    for (size_t i = 0; i < count; i++) local_drops_add(list, drops[i].id, drops[i].turn);
    local->reaping -= count;
    pthread_mutex_unlock(&local->reaper_mutex);
}

/* All of `drops` lie in one folder. A row may go only after its file has gone for good. */
static enum error_code unlink_in_folder(struct local *local, const struct local_drop *drops,
                                        size_t count, struct error *e) {
    const struct disk *disk = disk_now();
    char path[LOCAL_BLOB_PATH_BYTES];
    size_t name;
    local_blob_path(drops[0].id, path, &name);
    path[name - 1] = 0;
    int dir_fd;
    enum error_code code =
        disk_open(local->blobs_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, &dir_fd, e);
    if (code == FAIL_NOT_FOUND) return OK; /* swept with all that was in it */
    if (code != OK) return code;
    for (size_t i = 0; i < count && code == OK; i++) {
        local_blob_path(drops[i].id, path, &name);
        int result = disk->unlink(disk->self, dir_fd, path + name, 0);
        if (result < 0 && result != -ENOENT)
            code = error_set_errno(e, -result, "removing blob %s", path + name);
    }
    if (code == OK) code = disk_sync(dir_fd, "a folder of blobs", e);
    disk_close(dir_fd);
    path[name - 1] = 0;
    if (code == OK &&
        engine_blob_id_epoch(drops[0].id) < local->epoch) /* nobody writes there now */
        (void)disk->unlink(disk->self, local->blobs_fd, path, AT_REMOVEDIR); /* if it is empty */
    return code;
}

/* true: there may be more to do at once */
static bool reap(struct local *local) {
    static _Thread_local struct local_drop ready[REAP_AT_ONCE];
    uint64_t oldest = local_moments_oldest(local);
    if (oldest == UINT64_MAX) return false; /* no handle now */
    size_t count = take_ready(local, oldest, ready);
    qsort(ready, count, sizeof ready[0], by_folder);
    bool failed = false;
    for (size_t from = 0, to; from < count; from = to) {
        to = from + 1;
        while (to < count && by_folder(&ready[from], &ready[to]) == 0) to++;
        struct error e;
        if (unlink_in_folder(local, ready + from, to - from, &e) == OK) {
            give_back(local, &local->unlinked, ready + from, to - from);
        } else {
            log_error("blobs not removed", &e);
            give_back(local, &local->dropped, ready + from, to - from);
            failed = true;
        }
    }
    return count == REAP_AT_ONCE && !failed;
}

/* ---- the thread ---- */

static void wait_a_while(struct local *local) { /* under the mutex */
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t wait_ms = local->dropped.count > 0 ? WAITING_MS : IDLE_MS;
    int64_t ns = until.tv_nsec + wait_ms * NS_PER_MS;
    until.tv_sec += ns / NS_PER_S;
    until.tv_nsec = ns % NS_PER_S;
    pthread_cond_timedwait(&local->reaper_wake, &local->reaper_mutex, &until);
}

static void *reaper_run(void *argument) {
    struct local *local = argument;
    int64_t asked_ns = 0;
    pthread_mutex_lock(&local->reaper_mutex);
    while (!local->reaper_stops) {
        wait_a_while(local);
        pthread_mutex_unlock(&local->reaper_mutex);
        local_moments_collect(local);
        while (reap(local)) {
        }
        if (clock_steady_ns() - asked_ns >= IDLE_MS * NS_PER_MS) {
            local_room_ask(local);
            local_garbage_look(local);
            if (!atomic_load(&local->is_broken)) local_reserve_make(local);
            asked_ns = clock_steady_ns();
        }
        pthread_mutex_lock(&local->reaper_mutex);
    }
    pthread_mutex_unlock(&local->reaper_mutex);
    return NULL;
}

enum error_code local_reaper_start(struct local *local, struct error *e) {
    int failed = pthread_create(&local->reaper, NULL, reaper_run, local);
    if (failed != 0) return error_set_errno(e, failed, "starting the reaper");
    local->reaper_runs = true;
    return OK;
}

void local_reaper_stop(struct local *local) {
    if (!local->reaper_runs) return;
    pthread_mutex_lock(&local->reaper_mutex);
    local->reaper_stops = true;
    pthread_cond_signal(&local->reaper_wake);
    pthread_mutex_unlock(&local->reaper_mutex);
    pthread_join(local->reaper, NULL);
    local->reaper_runs = false;
}
