/* The sweep: files of blobs that no row names.
 *
 * Only at start, and only in earlier boot epochs: a file of this epoch whose turn is still to come
 * looks just like garbage. An epoch that was swept to its end gets a file `clean` and is not looked
 * at again, so that a start costs what the last run left, not what the store holds. */
#include "engine/local/local.h"

#include "base/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct sweep {
    struct local *local;
    bool (*is_named)(void *self, struct engine_view *view, struct engine_blob_id id);
    void *self;
    struct engine_view *view;
    uint64_t removed;
};

static bool read_epoch(const char *name, uint64_t *epoch) {
    return strlen(name) == 16 && str_hex_u64(str_from_c(name), epoch);
}

/* Calls `each` for every name in a folder but "." and "..". */
static enum error_code dir_each(int dir_fd, const char *path,
                                enum error_code (*each)(void *self, int fd, const char *name,
                                                        struct error *e),
                                void *self, struct error *e) {
    int fd;
    TRY(disk_open(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, &fd, e));
    DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        enum error_code code = error_set_errno(e, errno, "reading folder %s", path);
        disk_close(fd);
        return code;
    }
    enum error_code code = OK;
    while (code == OK) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (entry == NULL) {
            if (errno != 0) code = error_set_errno(e, errno, "reading folder %s", path);
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        code = each(self, fd, entry->d_name, e);
    }
    closedir(dir);
    return code;
}

static enum error_code highest_epoch(void *self, int fd, const char *name, struct error *e) {
    uint64_t *highest = self, epoch;
    if (read_epoch(name, &epoch)) *highest = u64_max(*highest, epoch);
    return OK;
}

enum error_code local_blobs_epoch(struct local *local, uint64_t *epoch, struct error *e) {
    *epoch = 0;
    return dir_each(local->blobs_fd, ".", highest_epoch, epoch, e);
}

/* "EPOCH COUNTER" in 32 hex digits. false: no blob; left over from a crash if it ends in .part */
static bool read_id(const char *name, struct engine_blob_id *id) {
    uint64_t epoch, counter;
    if (strlen(name) != 32 || !str_hex_u64(str_of(name, 16), &epoch) ||
        !str_hex_u64(str_of(name + 16, 16), &counter))
        return false;
    *id = engine_blob_id_make(epoch, counter);
    return true;
}

static enum error_code sweep_file(void *self, int fd, const char *name, struct error *e) {
    struct sweep *sweep = self;
    struct engine_blob_id id;
    bool is_part = str_ends(str_from_c(name), STR(".part"));
    if (!is_part && !read_id(name, &id)) return OK; /* not ours */
    if (!is_part && sweep->is_named(sweep->self, sweep->view, id)) return OK;
    const struct disk *disk = disk_now();
    int result = disk->unlink(disk->self, fd, name, 0);
    if (result == -ENOENT) return OK; /* the reaper was there first */
    if (result < 0) return error_set_errno(e, -result, "removing blob %s", name);
    sweep->removed++;
    return OK;
}

static enum error_code sweep_folder(void *self, int fd, const char *name, struct error *e) {
    if (strlen(name) != 2) return OK;
    enum error_code code = dir_each(fd, name, sweep_file, self, e);
    if (code == FAIL_NOT_FOUND) return OK; /* the reaper emptied and removed it meanwhile */
    if (code != OK) return code;
    const struct disk *disk = disk_now();
    (void)disk->unlink(disk->self, fd, name, AT_REMOVEDIR); /* stays while it holds anything */
    return OK;
}

static enum error_code sweep_epoch(void *self, int fd, const char *name, struct error *e) {
    struct sweep *sweep = self;
    uint64_t epoch;
    if (!read_epoch(name, &epoch) || epoch >= sweep->local->epoch) return OK;
    char clean[32];
    snprintf(clean, sizeof clean, "%s/clean", name);
    if (faccessat(fd, clean, F_OK, 0) == 0) return OK;
    TRY(dir_each(fd, name, sweep_folder, sweep, e));
    const struct disk *disk = disk_now();
    if (disk->unlink(disk->self, fd, name, AT_REMOVEDIR) == 0) return OK; /* it held nothing */
    return disk_file_replace(fd, clean, STR("azekura-clean 1\n"), 0600, e);
}

enum error_code local_blobs_sweep(struct engine *engine,
                                  bool (*is_named)(void *self, struct engine_view *view,
                                                   struct engine_blob_id id),
                                  void *self, uint64_t *removed, struct error *e) {
    struct sweep sweep = {.local = local_of(engine), .is_named = is_named, .self = self};
    TRY(local_view_open(engine, &sweep.view, e));
    enum error_code code = dir_each(sweep.local->blobs_fd, ".", sweep_epoch, &sweep, e);
    local_view_close(sweep.view);
    if (code == OK)
        *removed = sweep.removed;
    else
        error_note(e, "local_blobs_sweep", "sweeping DATA/blobs");
    return code;
}
