/* A directory as the source of a ledger's files, and tiles out of any source. */
#include "verify/source.h"

#include "base/disk.h"

#include <dirent.h>
#include <fcntl.h>

static enum error_code folder_read(void *self, const char *path, size_t bytes_max,
                                   struct arena *arena, str *out, struct error *e) {
    const struct verify_folder *folder = self;
    return disk_file_read(folder->dir_fd, path, bytes_max, arena, out, e);
}

static void folder_list(void *self, const char *path, void (*each)(void *each_self, str name),
                        void *each_self) {
    const struct verify_folder *folder = self;
    int fd = openat(folder->dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir && fd >= 0) disk_close(fd);
    if (!dir) return;
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            each(each_self, str_from_c(entry->d_name));
    closedir(dir);
}

enum error_code verify_folder_open(const char *path, struct verify_folder *out,
                                   struct verify_source *source, struct error *e) {
    TRY(disk_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0, &out->dir_fd, e));
    *source = (struct verify_source){.read = folder_read, .list = folder_list, .self = out};
    return OK;
}

void verify_folder_close(struct verify_folder *folder) {
    disk_close(folder->dir_fd);
}

static size_t tile_bytes_max(const struct tlog_tile *tile) {
    return tile->is_entries ? (size_t)tile->width * (2 + TLOG_ENTRY_BYTES_MAX)
                            : (size_t)tile->width * DIGEST_BYTES;
}

/* The first `count` entries of a bundle that may hold more. */
static enum error_code bundle_cut(str *bundle, unsigned count, struct error *e) {
    str rest = *bundle, entry;
    for (unsigned i = 0; i < count; i++) TRY(tlog_bundle_next(&rest, &entry, e));
    bundle->len -= rest.len;
    return OK;
}

enum error_code verify_tile_read(const struct verify_source *source, const struct tlog_tile *tile,
                                 struct arena *arena, str *out, struct error *e) {
    char path[TLOG_TILE_PATH_BYTES];
    struct tlog_tile wanted = *tile;
    str bytes;
    tlog_tile_path_write(&wanted, path);
    enum error_code code =
        source->read(source->self, path, tile_bytes_max(&wanted), arena, &bytes, e);
    if (code == FAIL_NOT_FOUND && wanted.width < TLOG_TILE_WIDTH) {
        wanted.width = TLOG_TILE_WIDTH;
        tlog_tile_path_write(&wanted, path);
        code = source->read(source->self, path, tile_bytes_max(&wanted), arena, &bytes, e);
    }
    if (code != OK) return error_note(e, "verify_tile_read", "%s", path);
    size_t length = tile_bytes_max(tile);
    if (!tile->is_entries && bytes.len != tile_bytes_max(&wanted))
        return error_set(e, FAIL_CORRUPT, "%s has %zu bytes where a tile of %u hashes has %zu",
                         path, bytes.len, wanted.width, tile_bytes_max(&wanted));
    if (!tile->is_entries) {
        bytes.len = length;
    } else if (wanted.width > tile->width) {
        TRY(bundle_cut(&bytes, tile->width, e));
    }
    *out = bytes;
    return OK;
}
