/* The directory around RocksDB: format, lock, boot epoch; opening and closing the whole.
 *
 * Order at the first start: FORMAT, then RocksDB, then the epoch file. So where an epoch stands
 * there was a store, and a RocksDB that is missing is a loss and not a beginning. */
#include "engine/local/local.h"

#include "base/disk.h"
#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT_TEXT STR("azekura-data 1\n")
enum { EPOCH_TEXT_BYTES = 64 };

/* ---- FORMAT, LOCK ---- */

static enum error_code format_check(struct local *local, struct error *e) {
    char memory[256];
    struct arena arena = arena_over(memory, sizeof memory);
    str text;
    enum error_code code = disk_file_read(local->dir_fd, "FORMAT", 128, &arena, &text, e);
    if (code == FAIL_NOT_FOUND) {
        if (faccessat(local->dir_fd, "rocks", F_OK, 0) == 0)
            return error_set(e, FAIL_CORRUPT, "%s has data but no FORMAT", local->options.dir);
        return disk_file_replace(local->dir_fd, "FORMAT", FORMAT_TEXT, 0600, e);
    }
    if (code != OK) return code;
    if (str_equal(text, FORMAT_TEXT)) return OK;
    str line = text;
    if (str_cut(&text, '\n', &line)) line = str_slice(line, 0, 40);
    return error_set(e, FAIL_VERSION, "%s/FORMAT says \"%.*s\"; this program knows azekura-data 1",
                     local->options.dir, STR_FMT(line));
}

static enum error_code lock_take(struct local *local, struct error *e) {
    TRY(disk_open(local->dir_fd, "LOCK", O_CREAT | O_RDWR | O_CLOEXEC, 0600, &local->lock_fd, e));
    if (flock(local->lock_fd, LOCK_EX | LOCK_NB) == 0) return OK;
    if (errno != EWOULDBLOCK) return error_set_errno(e, errno, "locking %s", local->options.dir);
    return error_set(e, FAIL_LOCKED, "another process has %s open", local->options.dir);
}

/* ---- boot epoch ---- */

static size_t epoch_write(uint64_t epoch, char text[EPOCH_TEXT_BYTES]) {
    char number[17];
    snprintf(number, sizeof number, "%016llx", (unsigned long long)epoch);
    return (size_t)snprintf(text, EPOCH_TEXT_BYTES, "azekura-epoch 1 %s %08x\n", number,
                            crc_32c(0, number, 16));
}

/* 0: there is none yet */
static enum error_code epoch_read(struct local *local, uint64_t *epoch, struct error *e) {
    char memory[128], expected[EPOCH_TEXT_BYTES];
    struct arena arena = arena_over(memory, sizeof memory);
    str text;
    *epoch = 0;
    enum error_code code = disk_file_read(local->dir_fd, "epoch", 64, &arena, &text, e);
    if (code == FAIL_NOT_FOUND) return OK;
    if (code != OK && code != FAIL_LIMIT) return code;
    if (code == OK && text.len > 32 && str_hex_u64(str_slice(text, 16, 16), epoch) &&
        str_equal(text, str_of(expected, epoch_write(*epoch, expected))) && *epoch > 0)
        return OK;
    return error_set(e, FAIL_CORRUPT, "%s/epoch is not as we wrote it", local->options.dir);
}

static enum error_code epoch_row_read(struct local *local, uint64_t *epoch, struct error *e) {
    char *said = NULL;
    size_t len;
    char *row = rocksdb_get_cf(local->rocks, local->read_turn, local->families[LOCAL_OWN], "epoch",
                               5, &len, &said);
    if (said != NULL) return local_said(e, said, "reading the boot epoch");
    bool is_right = row == NULL || len == 8;
    *epoch = row != NULL && is_right ? read_be64(row) : 0;
    rocksdb_free(row);
    return is_right ? OK : error_set(e, FAIL_CORRUPT, "the boot epoch's row has %zu bytes", len);
}

/* Three places know it, and the highest counts: the file, a row, and the folders of blobs. So an id
 * is not given twice even if one of them came back from a backup. */
enum error_code local_epoch_begin(struct local *local, struct error *e) {
    uint64_t row, folders;
    TRY(epoch_row_read(local, &row, e));
    TRY(local_blobs_epoch(local, &folders, e));
    local->epoch = u64_max(u64_max(local->epoch_file, row), folders) + 1;
    unsigned char value[8];
    write_be64(value, local->epoch);
    char *said = NULL;
    rocksdb_put_cf(local->rocks, local->write_sync, local->families[LOCAL_OWN], "epoch", 5,
                   (const char *)value, sizeof value, &said);
    if (said != NULL) return local_said(e, said, "writing the boot epoch");
    char text[EPOCH_TEXT_BYTES];
    size_t len = epoch_write(local->epoch, text);
    return disk_file_replace(local->dir_fd, "epoch", str_of(text, len), 0600, e);
}

/* ---- RocksDB's own log ---- */

/* A folder of this store's own in memory: one run's complaints, never on the data disk. */
static void log_dir_choose(struct local *local) {
    struct stat data, shm, there;
    if (local->options.log_dir != NULL) {
        snprintf(local->log_dir, sizeof local->log_dir, "%s", local->options.log_dir);
        local->log_is_apart = stat(local->options.log_dir, &shm) == 0 &&
                              fstat(local->dir_fd, &data) == 0 && shm.st_dev != data.st_dev;
        return;
    }
    fstat(local->dir_fd, &data);
    const char *parent =
        stat("/dev/shm", &shm) == 0 && shm.st_dev != data.st_dev ? "/dev/shm" : "/tmp";
    snprintf(local->log_dir, sizeof local->log_dir, "%s/azekura-%u-%llx-%llx", parent, getuid(),
             (unsigned long long)data.st_dev, (unsigned long long)data.st_ino);
    if (mkdir(local->log_dir, 0700) != 0 && (lstat(local->log_dir, &there) != 0 ||
                                             !S_ISDIR(there.st_mode) || there.st_uid != getuid())) {
        snprintf(local->log_dir, sizeof local->log_dir, "%s/azekura-XXXXXX", parent);
        if (mkdtemp(local->log_dir) == NULL) local->log_dir[0] = 0; /* RocksDB will say so */
    }
    local->log_is_ours = true;
    local->log_is_apart = stat(parent, &shm) == 0 && shm.st_dev != data.st_dev;
}

static void log_dir_remove(struct local *local) {
    if (!local->log_is_ours || local->log_dir[0] == 0) return;
    DIR *dir = opendir(local->log_dir);
    if (dir == NULL) return;
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (entry->d_name[0] != '.') unlinkat(dirfd(dir), entry->d_name, 0);
    closedir(dir);
    rmdir(local->log_dir);
}

/* ---- the whole ---- */

static struct local *local_new(const struct engine_local_options *options) {
    struct local *local = calloc(1, sizeof *local);
    if (local == NULL) return NULL;
    local->engine.operations = &local_operations;
    struct engine_local_options *o = &local->options;
    *o = *options;
    if (o->cache_bytes == 0) o->cache_bytes = 256 << 20;
    if (o->body_cache_bytes == 0) o->body_cache_bytes = o->cache_bytes / 4;
    if (o->row_cache_bytes == 0) o->row_cache_bytes = o->cache_bytes / 8;
    if (o->write_buffer_bytes == 0) o->write_buffer_bytes = 64 << 20;
    if (o->wal_bytes_max == 0) o->wal_bytes_max = 64 << 20;
    /* What may still be written when puts have stopped: three compactions of two write buffers (see
     * handle.c), a flush of all buffers, and logs up to their cap before and after it. */
    if (o->low_water_bytes == 0)
        o->low_water_bytes =
            (2 * (LOCAL_BACKGROUND_JOBS - 1) + 1) * o->write_buffer_bytes + 2 * o->wal_bytes_max;
    local->dir_fd = local->lock_fd = local->blobs_fd = -1;
    local->generation = 1;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&local->reaper_wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&local->reaper_mutex, NULL);
    pthread_mutex_init(&local->moments_mutex, NULL);
    pthread_mutex_init(&local->scans_mutex, NULL);
    pthread_mutex_init(&local->garbage_mutex, NULL);
    local->cache = rocksdb_cache_create_lru((size_t)o->cache_bytes);
    local->write_sync = rocksdb_writeoptions_create();
    rocksdb_writeoptions_set_sync(local->write_sync, !o->sabotage_no_wal_sync);
    local->read_turn = rocksdb_readoptions_create();
    local->near = local_near_new(o->row_cache_bytes, o->body_cache_bytes);
    return local;
}

static void local_close(struct engine *engine) {
    struct local *local = local_of(engine);
    assert(!local->turn.is_open);
    assert(atomic_load(&local->blobs_open) == 0);
    assert(local->scans == NULL);
    local_reaper_stop(local);
    local_rocks_close(local);
    local_moments_release(local);
    local_blob_links_make(local);
    local_blob_dirs_release(local);
    log_dir_remove(local);
    if (local->blobs_fd >= 0) disk_close(local->blobs_fd);
    if (local->lock_fd >= 0) disk_close(local->lock_fd); /* which unlocks */
    if (local->dir_fd >= 0) disk_close(local->dir_fd);
    local_near_release(local->near);
    rocksdb_readoptions_destroy(local->read_turn);
    rocksdb_writeoptions_destroy(local->write_sync);
    rocksdb_cache_destroy(local->cache);
    free(local->turn.drops.at);
    free(local->dropped.at);
    free(local->unlinked.at);
    pthread_mutex_destroy(&local->garbage_mutex);
    pthread_mutex_destroy(&local->scans_mutex);
    pthread_mutex_destroy(&local->moments_mutex);
    pthread_mutex_destroy(&local->reaper_mutex);
    pthread_cond_destroy(&local->reaper_wake);
    free(local);
}

static enum error_code folder_open(struct local *local, const char *dir, struct error *e) {
    TRY(disk_make_dirs(AT_FDCWD, dir, 0700, e));
    TRY(disk_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, &local->dir_fd, e));
    TRY(lock_take(local, e));
    TRY(format_check(local, e));
    TRY(epoch_read(local, &local->epoch_file, e));
    TRY(disk_make_dirs(local->dir_fd, "blobs", 0700, e));
    return disk_open(local->dir_fd, "blobs", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0,
                     &local->blobs_fd, e);
}

/* A crash on a full disk is opened again with what the reserve gives back. */
static void reserve_look(struct local *local) {
    local_room_ask(local);
    bool is_there = faccessat(local->dir_fd, "reserve", F_OK, 0) == 0;
    atomic_store(&local->has_reserve, is_there);
    if (is_there && local_is_low(&local->engine)) local_reserve_free(local);
}

static enum error_code rows_open(struct local *local, bool create, struct error *e) {
    TRY(local_rocks_open(local, create, e));
    if (local->epoch == 0) TRY(local_epoch_begin(local, e));
    TRY(local_drops_load(local, e));
    local_moment_publish(local);
    return OK;
}

enum error_code engine_open_local(const struct engine_local_options *options, struct engine **out,
                                  struct error *e) {
    struct local *local = local_new(options);
    if (local == NULL || local->near == NULL) {
        free(local);
        return error_set(e, FAIL_MEMORY, "no memory for the engine");
    }
    enum error_code code = folder_open(local, options->dir, e);
    if (code == OK) {
        log_dir_choose(local);
        reserve_look(local);
        code = rows_open(local, local->epoch_file == 0, e);
    }
    if (code == OK) {
        local_reserve_make(local);
        code = local_reaper_start(local, e);
    }
    if (code == OK) {
        *out = &local->engine;
        return OK;
    }
    local_close(&local->engine);
    error_note(e, "engine_open_local", "opening %s", options->dir);
    return code;
}

/* The reserve goes first: what stopped the commit may have been a full disk. It comes back by the
 * reaper, when there is room. */
enum error_code local_reopen(struct engine *engine, struct error *e) {
    struct local *local = local_of(engine);
    assert(!local->turn.is_open);
    atomic_store(&local->is_broken, true);
    local_rocks_close(local);
    local_reserve_free(local);
    enum error_code code = rows_open(local, false, e);
    if (code != OK) {
        local_rocks_close(local);
        error_note(e, "engine_reopen", "reopening %s", local->options.dir);
        return code;
    }
    atomic_store(&local->is_broken, false);
    return OK;
}

static bool local_is_broken(const struct engine *engine) {
    return atomic_load(&local_of(engine)->is_broken);
}

static uint64_t estimate_rows(struct local *local, int family) {
    uint64_t rows = 0;
    unsigned lane;
    if (!local_enter(local, atomic_load(&local->generation), &lane)) return 0;
    if (local->rocks != NULL)
        rocksdb_property_int_cf(local->rocks, local->families[family], "rocksdb.estimate-num-keys",
                                &rows);
    local_leave(local, lane);
    return rows;
}

static void local_numbers(struct engine *engine, struct engine_numbers *out) {
    struct local *local = local_of(engine);
    out->disk_bytes_free = atomic_load(&local->disk_bytes_free);
    out->disk_bytes_low = local->options.low_water_bytes;
    out->turns = atomic_load(&local->turns);
    out->turn_bytes = atomic_load(&local->turn_bytes);
    out->syncs = atomic_load(&local->syncs);
    out->blobs_open = atomic_load(&local->blobs_open);
    out->compactions_suggested = atomic_load(&local->compactions_suggested);
    out->views_open = local_views_open(local);
    local_near_count(local->near, &out->body_hits, &out->body_misses);
    pthread_mutex_lock(&local->reaper_mutex);
    out->drops_waiting = local->dropped.count + local->reaping;
    pthread_mutex_unlock(&local->reaper_mutex);
    for (int i = 0; i < ENGINE_FAMILY_COUNT; i++) out->rows_estimate[i] = estimate_rows(local, i);
}

const struct engine_operations local_operations = {
    .close = local_close,
    .reopen = local_reopen,
    .is_broken = local_is_broken,
    .turn_begin = local_turn_begin,
    .turn_get = local_turn_get,
    .turn_put = local_turn_put,
    .turn_delete = local_turn_delete,
    .turn_scan = local_turn_scan,
    .turn_mark = local_turn_mark,
    .turn_keep = local_turn_keep,
    .turn_rewind = local_turn_rewind,
    .turn_blob_drop = local_turn_blob_drop,
    .turn_commit = local_turn_commit,
    .turn_abandon = local_turn_abandon,
    .view_open = local_view_open,
    .view_get = local_view_get,
    .view_get_led = local_view_get_led,
    .view_scan = local_view_scan,
    .view_close = local_view_close,
    .scan_next = local_scan_next,
    .scan_seek = local_scan_seek,
    .scan_close = local_scan_close,
    .blob_id_new = local_blob_id_new,
    .blob_create = local_blob_create,
    .blob_append = local_blob_append,
    .blob_finish = local_blob_finish,
    .blob_abandon = local_blob_abandon,
    .blob_open = local_blob_open,
    .blob_read = local_blob_read,
    .blob_file = local_blob_file,
    .blob_close = local_blob_close,
    .blobs_sweep = local_blobs_sweep,
    .numbers = local_numbers,
    .is_low = local_is_low,
    .forget = local_forget,
};
