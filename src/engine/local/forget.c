/* Forgetting: rows gone from every file of RocksDB before it is said that they are.
 *
 *   delete -> wait for the views from before -> flush -> compact the range -> old files gone
 *
 * A snapshot keeps a deleted row alive, a log keeps it until all families are flushed beyond it,
 * and RocksDB unlinks what is obsolete a little later: each is waited for. The keys may still stand
 * as bounds of tables in an old MANIFEST; for openings a key is a ledger index and no secret. */
#include "engine/local/local.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FORGET_ROWS_AT_ONCE = 1000, NAME_BYTES = 32 };
static const int64_t forget_patience_ns = 10 * NS_PER_S;

/* ---- deleting ---- */

static enum error_code write_batch(struct local *local, struct error *e) {
    /* A batch of nothing would go in the log and in no memtable, and no flush would end that log. */
    rocksdb_writebatch_t *batch = local->turn.writes.batch;
    if (rocksdb_writebatch_count(batch) == 0) return OK;
    char *said = NULL;
    rocksdb_write(local->rocks, local->write_sync, batch, &said);
    rocksdb_writebatch_clear(batch);
    if (said == NULL) return OK;
    atomic_store(&local->is_broken, true);
    error_set(e, FAIL_ENGINE_BROKEN, "deleting what is to be forgotten: RocksDB says: %s", said);
    rocksdb_free(said);
    return FAIL_ENGINE_BROKEN;
}

static enum error_code delete_rows(struct local *local, enum engine_family family, str from,
                                   str until, struct error *e) {
    rocksdb_column_family_handle_t *column = local->families[family];
    rocksdb_writebatch_t *batch = local->turn.writes.batch; /* between turns it is nobody's */
    rocksdb_iterator_t *rows = rocksdb_create_iterator_cf(local->rocks, local->read_turn, column);
    enum error_code code = OK;
    for (rocksdb_iter_seek(rows, from.at, from.len); code == OK && rocksdb_iter_valid(rows);
         rocksdb_iter_next(rows)) {
        size_t len;
        const char *at = rocksdb_iter_key(rows, &len);
        str key = str_of(at, len);
        if (until.len > 0 && str_compare(key, until) >= 0) break;
        rocksdb_writebatch_delete_cf(batch, column, key.at, key.len);
        local_near_forget(local->near, local_near_hash(family, key), local->turn_number + 1);
        if (rocksdb_writebatch_count(batch) >= FORGET_ROWS_AT_ONCE) code = write_batch(local, e);
    }
    char *said = NULL;
    rocksdb_iter_get_error(rows, &said);
    rocksdb_iter_destroy(rows);
    if (code == OK && said != NULL) code = local_said(e, said, "reading what is to be forgotten");
    if (code == OK) code = write_batch(local, e);
    if (code != OK) return code;
    local->turn_number++;
    local_moment_publish(local);
    return OK;
}

static enum error_code wait_for_views(struct local *local, int64_t deadline_ns, struct error *e) {
    while (local_moments_oldest(local) < local->turn_number) {
        if (clock_steady_ns() > deadline_ns)
            return error_set(e, FAIL_BUSY,
                             "the rows are deleted, but a view from before is still open");
        usleep(1000);
    }
    local_moments_collect(local);
    return OK;
}

/* ---- rewriting ---- */

static enum error_code flush_all(struct local *local, struct error *e) {
    rocksdb_flushoptions_t *options = rocksdb_flushoptions_create();
    rocksdb_flushoptions_set_wait(options, 1);
    char *said = NULL;
    for (int i = 0; i < LOCAL_FAMILY_COUNT && said == NULL; i++)
        rocksdb_flush_cf(local->rocks, options, local->families[i], &said);
    rocksdb_flushoptions_destroy(options);
    return said == NULL ? OK : local_said(e, said, "flushing what was deleted");
}

static void compact(struct local *local, enum engine_family family, str from, str until) {
    rocksdb_compactoptions_t *options = rocksdb_compactoptions_create();
    rocksdb_compactoptions_set_exclusive_manual_compaction(options, 1);
    rocksdb_compactoptions_set_bottommost_level_compaction(options, 2); /* always */
    rocksdb_compact_range_cf_opt(local->rocks, local->families[family], options,
                                 from.len > 0 ? from.at : NULL, from.len,
                                 until.len > 0 ? until.at : NULL, until.len);
    rocksdb_compactoptions_destroy(options);
}

static void compact_bodies(struct local *local) {
    compact(local, ENGINE_BODY, STR_EMPTY, STR_EMPTY);
}

/* A body lies in a blob file together with others, so all of them are written anew. */
static enum error_code compact_family(struct local *local, enum engine_family family, str from,
                                      str until, struct error *e) {
    if (family == ENGINE_BODY) return local_garbage_take_all(local, compact_bodies, e);
    compact(local, family, from, until);
    return OK;
}

/* ---- old files ---- */

struct files {
    char (*names)[NAME_BYTES];
    size_t count, room;
};

static void files_add(struct files *files, str name) { /* shorter than NAME_BYTES */
    if (files->count == files->room) {
        files->room = files->room == 0 ? 64 : 2 * files->room;
        files->names = realloc(files->names, files->room * sizeof *files->names);
        if (files->names == NULL) abort();
    }
    memset(files->names[files->count], 0, NAME_BYTES);
    memcpy(files->names[files->count++], name.at, name.len);
}

/* Tables, blob files and logs that hold anything, as they lie in the folder. */
static enum error_code files_list(struct local *local, struct files *files, struct error *e) {
    char path[1024];
    snprintf(path, sizeof path, "%s/rocks", local->options.dir);
    DIR *dir = opendir(path);
    if (dir == NULL) return error_set(e, FAIL_SYSTEM, "cannot read the folder %s", path);
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        str name = str_from_c(entry->d_name);
        struct stat info;
        if (name.len >= NAME_BYTES) continue;
        if (!str_ends(name, STR(".sst")) && !str_ends(name, STR(".blob")) &&
            !str_ends(name, STR(".log")))
            continue;
        if (fstatat(dirfd(dir), entry->d_name, &info, 0) == 0 && info.st_size > 0)
            files_add(files, name);
    }
    closedir(dir);
    return OK;
}

static bool is_live(const rocksdb_livefiles_t *live, const char *name) {
    for (int i = 0; i < rocksdb_livefiles_count(live); i++)
        if (strcmp(rocksdb_livefiles_name(live, i) + 1, name) == 0) return true; /* "/000123.sst" */
    return false;
}

static bool is_in_folder(struct local *local, const char *name) {
    char path[64];
    snprintf(path, sizeof path, "rocks/%s", name);
    return faccessat(local->dir_fd, path, F_OK, 0) == 0;
}

/* Logs from before hold the rows; so do tables and, when bodies are forgotten, blob files that
 * are not live any more. What is live now was written after the deletion, or lies elsewhere. */
static bool is_any_left(struct local *local, const struct files *files, bool with_blobs) {
    const rocksdb_livefiles_t *live = rocksdb_livefiles(local->rocks);
    bool is_left = false;
    for (size_t i = 0; i < files->count && !is_left; i++) {
        str name = str_from_c(files->names[i]);
        bool must_go = str_ends(name, STR(".log"))    ? true
                       : str_ends(name, STR(".blob")) ? with_blobs
                                                      : !is_live(live, files->names[i]);
        is_left = must_go && is_in_folder(local, files->names[i]);
    }
    rocksdb_livefiles_destroy(live);
    return is_left;
}

static enum error_code wait_for_old_files(struct local *local, const struct files *files,
                                          bool with_blobs, int64_t deadline_ns, struct error *e) {
    char *said = NULL;
    rocksdb_enable_file_deletions(local->rocks, 0, &said); /* has it look for obsolete files now */
    rocksdb_free(said);
    while (is_any_left(local, files, with_blobs)) {
        if (clock_steady_ns() > deadline_ns)
            return error_set(e, FAIL_BUSY, "the rows are deleted, but old files are still there");
        usleep(1000);
    }
    return OK;
}

enum error_code local_forget(struct engine *engine, enum engine_family family, str from, str until,
                             struct error *e) {
    struct local *local = local_of(engine);
    assert(!local->turn.is_open);
    if (atomic_load(&local->is_broken))
        return error_set(e, FAIL_ENGINE_BROKEN, "a commit failed; the engine must be reopened");
    int64_t deadline_ns = clock_steady_ns() + forget_patience_ns;
    TRY(delete_rows(local, family, from, until, e));
    TRY(wait_for_views(local, deadline_ns, e));
    struct files files = {0};
    enum error_code code = files_list(local, &files, e);
    if (code == OK) code = flush_all(local, e);
    if (code == OK) code = compact_family(local, family, from, until, e);
    if (code == OK)
        code = wait_for_old_files(local, &files, family == ENGINE_BODY,
                                  clock_steady_ns() + forget_patience_ns, e);
    free(files.names);
    return code;
}
