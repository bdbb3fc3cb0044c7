/* The disk: the table that is the real one, and what is made of the table whoever stands behind it.
 *
 * Order is the whole point of this file: bytes are durable before the name that leads to them, and
 * the name before the promise. Source: CORE 5, 8; fsync(2), rename(2). */
#include "base/disk.h"

#include "base/runtime/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the real one */

static int real_open(void *self, int dir_fd, const char *path, int flags, mode_t mode) {
    struct file_call call = {
        .what = FILE_OPEN, .dir_fd = dir_fd, .path = path, .flags = flags, .mode = mode};
    return (int)file_call_run(&call);
}

static ssize_t real_read(void *self, int fd, void *bytes, size_t count, uint64_t offset) {
    struct file_call call = {
        .what = FILE_READ, .fd = fd, .bytes = bytes, .count = count, .offset = offset};
    return file_call_run(&call);
}

static ssize_t real_write(void *self, int fd, const void *bytes, size_t count, uint64_t offset) {
    struct file_call call = {.what = FILE_WRITE,
                             .fd = fd,
                             .bytes = (void *)(uintptr_t)bytes,
                             .count = count,
                             .offset = offset};
    return file_call_run(&call);
}

static int real_data_sync(void *self, int fd) {
    return (int)file_call_run(&(struct file_call){.what = FILE_DATA_SYNC, .fd = fd});
}

static int real_sync(void *self, int fd) {
    return (int)file_call_run(&(struct file_call){.what = FILE_SYNC, .fd = fd});
}

static int real_link(void *self, int fd, int dir_fd, const char *path) {
    struct file_call call = {.what = FILE_LINK, .fd = fd, .dir_fd = dir_fd, .path = path};
    return (int)file_call_run(&call);
}

static int real_rename(void *self, int dir_fd, const char *from, const char *to) {
    struct file_call call = {.what = FILE_RENAME, .dir_fd = dir_fd, .path = from, .to = to};
    return (int)file_call_run(&call);
}

static int real_unlink(void *self, int dir_fd, const char *path, int flags) {
    struct file_call call = {.what = FILE_UNLINK, .dir_fd = dir_fd, .path = path, .flags = flags};
    return (int)file_call_run(&call);
}

static int real_mkdir(void *self, int dir_fd, const char *path, mode_t mode) {
    struct file_call call = {.what = FILE_MKDIR, .dir_fd = dir_fd, .path = path, .mode = mode};
    return (int)file_call_run(&call);
}

static int real_truncate(void *self, int fd, uint64_t bytes) {
    return (int)file_call_run(
        &(struct file_call){.what = FILE_TRUNCATE, .fd = fd, .offset = bytes});
}

static int real_close(void *self, int fd) {
    return (int)file_call_run(&(struct file_call){.what = FILE_CLOSE, .fd = fd});
}

static ssize_t real_send(void *self, int fd, int socket, uint64_t offset, size_t count) {
    struct file_call call = {
        .what = FILE_SEND, .fd = fd, .dir_fd = socket, .offset = offset, .count = count};
    return file_call_run(&call);
}

static const struct disk real = {
    real_open,   real_read,  real_write,    real_data_sync, real_sync, real_link, real_rename,
    real_unlink, real_mkdir, real_truncate, real_close,     real_send, NULL};
static const struct disk *_Atomic current = &real;

const struct disk *disk_real(void) {
    return &real;
}

void disk_use(const struct disk *disk) {
    atomic_store(&current, disk != NULL ? disk : &real);
}

const struct disk *disk_now(void) {
    return atomic_load_explicit(&current, memory_order_acquire);
}

/* ---- on top of the table */

enum error_code disk_open(int dir_fd, const char *path, int flags, mode_t mode, int *fd,
                          struct error *e) {
    const struct disk *disk = disk_now();
    int got;
    do got = disk->open(disk->self, dir_fd, path, flags, mode);
    while (got == -EINTR);
    if (got < 0) return error_set_errno(e, -got, "cannot open %s", path);
    *fd = got;
    return OK;
}

void disk_close(int fd) {
    const struct disk *disk = disk_now();
    disk->close(disk->self, fd); /* after an error the descriptor is gone all the same: close(2) */
}

enum error_code disk_read(int fd, void *bytes, size_t count, uint64_t offset, size_t *got,
                          const char *what, struct error *e) {
    const struct disk *disk = disk_now();
    size_t have = 0;
    while (have < count) {
        ssize_t n = disk->read(disk->self, fd, (char *)bytes + have, count - have, offset + have);
        if (n == -EINTR) continue;
        if (n < 0)
            return error_set_errno(e, (int)-n, "cannot read %s at byte %llu", what,
                                   (unsigned long long)(offset + have));
        if (n == 0) break;
        have += (size_t)n;
    }
    *got = have;
    return OK;
}

enum error_code disk_write(int fd, const void *bytes, size_t count, uint64_t offset,
                           const char *what, struct error *e) {
    const struct disk *disk = disk_now();
    size_t done = 0;
    while (done < count) {
        ssize_t n =
            disk->write(disk->self, fd, (const char *)bytes + done, count - done, offset + done);
        if (n == -EINTR) continue;
        if (n == 0) n = -EIO; /* no progress and no reason: not again for ever */
        if (n < 0)
            return error_set_errno(e, (int)-n, "cannot write %s at byte %llu", what,
                                   (unsigned long long)(offset + done));
        done += (size_t)n;
    }
    return OK;
}

/* A failed sync is final: the kernel may have dropped the pages and say OK the next time. So these
 * never try again, and nobody above may. */
enum error_code disk_data_sync(int fd, const char *what, struct error *e) {
    const struct disk *disk = disk_now();
    int got = disk->data_sync(disk->self, fd);
    return got == 0 ? OK : error_set_errno(e, -got, "cannot make the bytes of %s durable", what);
}

enum error_code disk_sync(int fd, const char *what, struct error *e) {
    const struct disk *disk = disk_now();
    int got = disk->sync(disk->self, fd);
    return got == 0 ? OK : error_set_errno(e, -got, "cannot make %s durable", what);
}

/* ---- whole files */

/* What has no offsets, such as a pipe that a shell names /dev/fd/63: in order, to its end. */
static enum error_code stream_read(int fd, char *bytes, size_t count, size_t *got, const char *what,
                                   struct error *e) {
    *got = 0;
    while (*got < count) {
        ssize_t n = read(fd, bytes + *got, count - *got);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return error_set_errno(e, errno, "cannot read %s", what);
        if (n == 0) break;
        *got += (size_t)n;
    }
    return OK;
}

static enum error_code file_fill(int fd, char *bytes, size_t count, size_t *got, const char *what,
                                 struct error *e) {
    if (lseek(fd, 0, SEEK_CUR) < 0 && errno == ESPIPE)
        return stream_read(fd, bytes, count, got, what, e);
    return disk_read(fd, bytes, count, 0, got, what, e);
}

enum error_code disk_file_read(int dir_fd, const char *path, size_t bytes_max, struct arena *arena,
                               str *out, struct error *e) {
    struct arena trial = *arena; /* taken for good only once the file's size is known */
    size_t room = arena_left(arena) > 0 ? arena_left(arena) - 1 : 0; /* one for a closing zero */
    size_t cap = bytes_max < room ? bytes_max + 1 : room;            /* one more shows "too long" */
    char *bytes = arena_bytes(&trial, cap);
    if (bytes == NULL) return error_set(e, FAIL_MEMORY, "no memory to read %s", path);
    int fd;
    size_t got = 0;
    TRY(disk_open(dir_fd, path, O_RDONLY, 0, &fd, e));
    enum error_code code = file_fill(fd, bytes, cap, &got, path, e);
    disk_close(fd);
    TRY(code);
    if (got > bytes_max)
        return error_set(e, FAIL_LIMIT, "%s holds more than %zu bytes", path, bytes_max);
    if (got == cap) return error_set(e, FAIL_MEMORY, "%s does not fit into memory", path);
    char *kept = arena_bytes(arena, got + 1);
    assert(kept == bytes);
    kept[got] = 0;
    *out = str_of(kept, got);
    return OK;
}

/* Opens the directory that holds `path`. */
static enum error_code parent_open(int dir_fd, const char *path, int *fd, struct error *e) {
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);
    if (len >= sizeof folder) return error_set(e, FAIL_LIMIT, "a path is too long: %s", path);
    memcpy(folder, path, len);
    folder[len] = 0;
    return disk_open(dir_fd, len > 0 ? folder : ".", O_RDONLY | O_DIRECTORY, 0, fd, e);
}

/* Makes the name `path` durable. */
static enum error_code parent_sync(int dir_fd, const char *path, struct error *e) {
    int fd;
    TRY(parent_open(dir_fd, path, &fd, e));
    enum error_code code = disk_sync(fd, path, e);
    disk_close(fd);
    return code;
}

static enum error_code file_write_durable(int dir_fd, const char *path, str bytes, mode_t mode,
                                          struct error *e) {
    int fd;
    TRY(disk_open(dir_fd, path, O_WRONLY | O_CREAT | O_TRUNC, mode, &fd, e));
    enum error_code code = disk_write(fd, bytes.at, bytes.len, 0, path, e);
    if (code == OK) code = disk_sync(fd, path, e);
    disk_close(fd);
    return code;
}

/* Descriptors that a shell opened have names too; -1: this is none. */
static int descriptor_named(const char *path) {
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    uint64_t number;
    if (strcmp(path, "/dev/stdout") == 0) return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0) return STDERR_FILENO;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        str name = str_from_c(path), folder = str_from_c(folders[i]);
        if (str_starts(name, folder) && str_u64(str_skip(name, folder.len), &number) &&
            number <= INT_MAX)
            return (int)number;
    }
    return -1;
}

bool disk_is_no_file(int dir_fd, const char *path) {
    struct stat found;
    if (descriptor_named(path) >= 0) return true;
    return fstatat(dir_fd, path, &found, 0) == 0 && !S_ISREG(found.st_mode);
}

enum error_code disk_stream_write(int fd, str bytes, const char *what, struct error *e) {
    while (bytes.len > 0) {
        ssize_t wrote = write(fd, bytes.at, bytes.len);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return error_set_errno(e, errno, "%s", what);
        bytes = str_skip(bytes, (size_t)wrote);
    }
    return OK;
}

enum error_code disk_stream_open(int dir_fd, const char *path, int *fd, struct error *e) {
    int named = descriptor_named(path);
    if (named < 0) return disk_open(dir_fd, path, O_WRONLY | O_CLOEXEC, 0, fd, e);
    int got = fcntl(named, F_DUPFD_CLOEXEC,
                    STDERR_FILENO + 1); /* opened anew it would begin at offset 0 */
    if (got < 0) return error_set_errno(e, errno, "cannot open %s", path);
    *fd = got;
    return OK;
}

static enum error_code stream_fill(int dir_fd, const char *path, str bytes, struct error *e) {
    int fd;
    TRY(disk_stream_open(dir_fd, path, &fd, e));
    enum error_code code = disk_stream_write(fd, bytes, path, e);
    disk_close(fd);
    return code;
}

enum error_code disk_file_replace(int dir_fd, const char *path, str bytes, mode_t mode,
                                  struct error *e) {
    if (disk_is_no_file(dir_fd, path)) return stream_fill(dir_fd, path, bytes, e);
    const struct disk *disk = disk_now();
    char fresh[PATH_MAX];
    int used = snprintf(fresh, sizeof fresh, "%s.new", path);
    if (used < 0 || (size_t)used >= sizeof fresh)
        return error_set(e, FAIL_LIMIT, "a path is too long: %s", path);
    enum error_code code = file_write_durable(dir_fd, fresh, bytes, mode, e);
    if (code == OK) {
        int got = disk->rename(disk->self, dir_fd, fresh, path);
        if (got != 0) code = error_set_errno(e, -got, "cannot rename %s to %s", fresh, path);
    }
    if (code != OK) {
        disk->unlink(disk->self, dir_fd, fresh, 0); /* it never had the name: it is nobody's */
        return code;
    }
    return parent_sync(dir_fd, path, e);
}

/* The same for a name that was there before us. A folder we may not read we did not write to
 * either, and where there is nothing to sync (EINVAL: /proc and its like) nothing lasts anyway. */
static enum error_code standing_parent_sync(int dir_fd, const char *path, size_t len,
                                            struct error *e) {
    const struct disk *disk = disk_now();
    char part[PATH_MAX];
    int fd;
    memcpy(part, path, len);
    part[len] = 0;
    if (parent_open(dir_fd, part, &fd, NULL) != OK) return OK;
    int got = disk->sync(disk->self, fd);
    disk_close(fd);
    if (got == 0 || got == -EINVAL) return OK;
    return error_set_errno(e, -got, "cannot make %s durable", part);
}

static enum error_code directory_is(int dir_fd, const char *path, struct error *e) {
    int fd;
    TRY(disk_open(dir_fd, path, O_PATH | O_DIRECTORY, 0, &fd, e));
    disk_close(fd);
    return OK;
}

/* Walks down the path. A directory's name is made durable before anything is made inside it. So if
 * somebody was stopped half-way before, only the last one that is there may lack that; it gets it
 * now. */
enum error_code disk_make_dirs(int dir_fd, const char *path, mode_t mode, struct error *e) {
    const struct disk *disk = disk_now();
    char part[PATH_MAX];
    size_t len = strlen(path), standing = 0; /* length of the longest prefix that was there */
    if (len == 0 || len >= sizeof part)
        return error_set(e, FAIL_LIMIT, "a path has 1 to %d bytes", PATH_MAX - 1);
    for (size_t end = 1; end <= len; end++) {
        if ((path[end] != '/' && path[end] != 0) || path[end - 1] == '/') continue;
        memcpy(part, path, end);
        part[end] = 0;
        int got = disk->mkdir(disk->self, dir_fd, part, mode);
        if (got == -EEXIST) {
            standing = end;
            continue;
        }
        if (got < 0) return error_set_errno(e, -got, "cannot make the directory %s", part);
        if (standing > 0) TRY(standing_parent_sync(dir_fd, path, standing, e));
        standing = 0;
        TRY(parent_sync(dir_fd, part, e));
    }
    if (standing > 0) TRY(standing_parent_sync(dir_fd, path, standing, e));
    return directory_is(dir_fd, path, e);
}
