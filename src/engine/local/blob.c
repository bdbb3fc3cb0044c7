/* Blobs: a file each, without a name until it is whole.
 *
 *   open the folder with O_TMPFILE -> write … -> fdatasync -> linkat -> fsync of the folder
 *
 * So a name never stands for half a body, and a power cut before the end leaves nothing. Folders
 * are made durable before the first file goes in. Where the file system knows no O_TMPFILE (old
 * overlays) the file is called ID.part until it is whole, and the sweep takes what a crash left. */
#include "engine/local/local.h"

#include "base/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct local_writer {
    struct engine_blob_writer writer;
    int fd, dir_fd;
    bool has_part_name;
    uint64_t written;
};

struct local_blob {
    struct engine_blob blob;
    int fd;
};

/* A blob that is to get its name too late: only in tests that must fail. */
struct local_blob_link {
    struct local_blob_link *next;
    struct local_writer *writer;
};

void local_blob_path(struct engine_blob_id id, char path[LOCAL_BLOB_PATH_BYTES], size_t *name) {
    uint64_t epoch = read_be64(id.at), counter = read_be64(id.at + 8);
    int at = snprintf(path, LOCAL_BLOB_PATH_BYTES, "%016llx/%02x/", (unsigned long long)epoch,
                      (unsigned)(counter & 0xff));
    *name = (size_t)at;
    snprintf(path + at, LOCAL_BLOB_PATH_BYTES - (size_t)at, "%016llx%016llx",
             (unsigned long long)epoch, (unsigned long long)counter);
}

struct engine_blob_id local_blob_id_new(struct engine *engine) {
    struct local *local = local_of(engine);
    return engine_blob_id_make(local->epoch, atomic_fetch_add(&local->blob_counter, 1) + 1);
}

/* ---- folders ---- */

static enum error_code dir_open(struct local *local, unsigned index, int *fd, struct error *e) {
    char path[32];
    snprintf(path, sizeof path, "%016llx/%02x", (unsigned long long)local->epoch, index);
    TRY(disk_make_dirs(local->blobs_fd, path, 0700, e)); /* durable, whoever made it */
    return disk_open(local->blobs_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, fd, e);
}

static enum error_code dir_of(struct local *local, struct engine_blob_id id, int *fd,
                              struct error *e) {
    unsigned index = id.at[ENGINE_BLOB_ID_BYTES - 1];
    int known = atomic_load(&local->blob_dirs[index]);
    if (known != 0) {
        *fd = known - 1;
        return OK;
    }
    int mine;
    TRY(dir_open(local, index, &mine, e));
    if (atomic_compare_exchange_strong(&local->blob_dirs[index], &known, mine + 1)) {
        *fd = mine;
    } else { /* another was as quick */
        disk_close(mine);
        *fd = known - 1;
    }
    return OK;
}

void local_blob_dirs_release(struct local *local) {
    for (int i = 0; i < LOCAL_BLOB_DIRS; i++) {
        int known = atomic_exchange(&local->blob_dirs[i], 0);
        if (known != 0) disk_close(known - 1);
    }
}

/* ---- writing ---- */

static void part_name(const struct local_writer *w, char name[LOCAL_BLOB_PATH_BYTES + 8]) {
    char path[LOCAL_BLOB_PATH_BYTES];
    size_t at;
    local_blob_path(w->writer.id, path, &at);
    snprintf(name, LOCAL_BLOB_PATH_BYTES + 8, "%s.part", path + at);
}

static enum error_code file_begin(struct local_writer *w, struct error *e) {
    const struct disk *disk = disk_now();
    int fd = disk->open(disk->self, w->dir_fd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    if (fd >= 0) {
        w->fd = fd;
        return OK;
    }
    if (fd != -EOPNOTSUPP && fd != -EISDIR && fd != -EINVAL)
        return error_set_errno(e, -fd, "a file for a blob");
    char name[LOCAL_BLOB_PATH_BYTES + 8];
    part_name(w, name);
    w->has_part_name = true;
    return disk_open(w->dir_fd, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600, &w->fd, e);
}

enum error_code local_blob_create(struct engine *engine, struct engine_blob_writer **out,
                                  struct error *e) {
    struct local *local = local_of(engine);
    if (local_is_low(engine))
        return error_set(e, FAIL_DISK_FULL, "the disk has less than %llu bytes free",
                         (unsigned long long)local->options.low_water_bytes);
    struct local_writer *w = calloc(1, sizeof *w);
    if (w == NULL) return error_set(e, FAIL_MEMORY, "no memory to write a blob");
    w->writer.engine = engine;
    w->writer.id = local_blob_id_new(engine);
    enum error_code code = dir_of(local, w->writer.id, &w->dir_fd, e);
    if (code == OK) code = file_begin(w, e);
    if (code == OK)
        *out = &w->writer;
    else
        free(w);
    return code;
}

enum error_code local_blob_append(struct engine_blob_writer *writer, str bytes, struct error *e) {
    struct local_writer *w = (struct local_writer *)writer;
    if (local_is_low(writer->engine))
        return error_set(e, FAIL_DISK_FULL, "the disk has become full while a body was written");
    if (bytes.len > 0) TRY(disk_write(w->fd, bytes.at, bytes.len, w->written, "a blob", e));
    w->written += bytes.len;
    local_room_taken(local_of(writer->engine), bytes.len);
    return OK;
}

static enum error_code file_name(struct local_writer *w, struct error *e) {
    const struct local *local = local_of(w->writer.engine);
    const struct disk *disk = disk_now();
    char path[LOCAL_BLOB_PATH_BYTES], part[LOCAL_BLOB_PATH_BYTES + 8];
    size_t name;
    local_blob_path(w->writer.id, path, &name);
    part_name(w, part);
    int result = w->has_part_name ? disk->rename(disk->self, w->dir_fd, part, path + name)
                                  : disk->link(disk->self, w->fd, w->dir_fd, path + name);
    if (result < 0) return error_set_errno(e, -result, "naming blob %s", path + name);
    w->has_part_name = false;
    if (local->options.sabotage_no_dir_sync) return OK;
    return disk_sync(w->dir_fd, "a folder of blobs", e);
}

enum error_code local_blob_finish(struct engine_blob_writer *writer, struct error *e) {
    struct local_writer *w = (struct local_writer *)writer;
    struct local *local = local_of(writer->engine);
    enum error_code code = disk_data_sync(w->fd, "a blob", e);
    if (code == OK && local->options.sabotage_link_after_commit) {
        struct local_blob_link *late = calloc(1, sizeof *late);
        if (late == NULL) abort();
        *late = (struct local_blob_link){.next = local->late_links, .writer = w};
        local->late_links = late;
        return OK;
    }
    if (code == OK) code = file_name(w, e);
    local_blob_abandon(writer);
    return code;
}

void local_blob_links_make(struct local *local) {
    while (local->late_links != NULL) {
        struct local_blob_link *late = local->late_links;
        local->late_links = late->next;
        error_ignore(file_name(late->writer, NULL)); /* a store built wrong on purpose */
        local_blob_abandon(&late->writer->writer);
        free(late);
    }
}

/* Lets go of the file. Without a name its bytes go with it. */
void local_blob_abandon(struct engine_blob_writer *writer) {
    struct local_writer *w = (struct local_writer *)writer;
    const struct disk *disk = disk_now();
    if (w->has_part_name) {
        char name[LOCAL_BLOB_PATH_BYTES + 8];
        part_name(w, name);
        (void)disk->unlink(disk->self, w->dir_fd, name, 0); /* else the sweep does it */
    }
    disk_close(w->fd);
    free(w);
}

/* ---- reading ---- */

enum error_code local_blob_open(struct engine *engine, struct engine_blob_id id,
                                struct engine_blob **out, struct error *e) {
    struct local *local = local_of(engine);
    char path[LOCAL_BLOB_PATH_BYTES];
    size_t name;
    local_blob_path(id, path, &name);
    int fd;
    enum error_code code = disk_open(local->blobs_fd, path, O_RDONLY | O_CLOEXEC, 0, &fd, e);
    if (code == FAIL_NOT_FOUND) return error_set(e, FAIL_NOT_FOUND, "no blob %s", path + name);
    if (code != OK) return code;
    struct stat info;
    struct local_blob *b = calloc(1, sizeof *b);
    if (b == NULL)
        code = error_set(e, FAIL_MEMORY, "no memory to read a blob");
    else if (fstat(fd, &info) != 0)
        code = error_set_errno(e, errno, "blob %s", path + name);
    if (code != OK) {
        free(b);
        disk_close(fd);
        return code;
    }
    b->blob = (struct engine_blob){.engine = engine, .id = id, .bytes = (uint64_t)info.st_size};
    b->fd = fd;
    atomic_fetch_add(&local->blobs_open, 1);
    *out = &b->blob;
    return OK;
}

enum error_code local_blob_read(struct engine_blob *blob, uint64_t offset, void *bytes,
                                size_t count, size_t *got, struct error *e) {
    return disk_read(((struct local_blob *)blob)->fd, bytes, count, offset, got, "a blob", e);
}

int local_blob_file(const struct engine_blob *blob) {
    return ((const struct local_blob *)blob)->fd;
}

void local_blob_close(struct engine_blob *blob) {
    struct local_blob *b = (struct local_blob *)blob;
    atomic_fetch_sub(&local_of(blob->engine)->blobs_open, 1);
    disk_close(b->fd);
    free(b);
}
