/* A disk whose n-th changing call fails, once or from then on, in front of the real one. */
#ifndef AZEKURA_TESTS_SEAL_FAILING_DISK_H
#define AZEKURA_TESTS_SEAL_FAILING_DISK_H

#include "base/disk.h"
#include "tests/test.h"

#include <errno.h>

struct failing_disk {
    struct disk disk;
    uint64_t calls, fail_at; /* 0: never */
    bool from_then_on;       /* as after a power cut: nothing more reaches the disk */
    int with;                /* -errno */
};

static inline bool failing_now(void *self) {
    struct failing_disk *f = self;
    f->calls++;
    return f->fail_at > 0 && (f->calls == f->fail_at || (f->from_then_on && f->calls > f->fail_at));
}
#define FAILING(result) failing_now(self) ? ((struct failing_disk *)self)->with : (result)

static inline int failing_open(void *self, int dir, const char *path, int flags, mode_t mode) {
    const struct disk *real = disk_real();
    if (flags == 0) return real->open(real->self, dir, path, flags, mode);
    return FAILING(real->open(real->self, dir, path, flags, mode));
}
static inline ssize_t failing_read(void *self, int fd, void *bytes, size_t count, uint64_t offset) {
    const struct disk *real = disk_real();
    return FAILING(real->read(real->self, fd, bytes, count, offset));
}
static inline ssize_t failing_write(void *self, int fd, const void *bytes, size_t count,
                                    uint64_t offset) {
    const struct disk *real = disk_real();
    return FAILING(real->write(real->self, fd, bytes, count, offset));
}
static inline int failing_data_sync(void *self, int fd) {
    return FAILING(disk_real()->data_sync(disk_real()->self, fd));
}
static inline int failing_sync(void *self, int fd) {
    return FAILING(disk_real()->sync(disk_real()->self, fd));
}
static inline int failing_link(void *self, int fd, int dir, const char *path) {
    return FAILING(disk_real()->link(disk_real()->self, fd, dir, path));
}
static inline int failing_rename(void *self, int dir, const char *from, const char *to) {
    return FAILING(disk_real()->rename(disk_real()->self, dir, from, to));
}
static inline int failing_unlink(void *self, int dir, const char *path, int flags) {
    return FAILING(disk_real()->unlink(disk_real()->self, dir, path, flags));
}
static inline int failing_mkdir(void *self, int dir, const char *path, mode_t mode) {
    return FAILING(disk_real()->mkdir(disk_real()->self, dir, path, mode));
}
static inline int failing_truncate(void *self, int fd, uint64_t bytes) {
    return FAILING(disk_real()->truncate(disk_real()->self, fd, bytes));
}
static inline int failing_close(void *self, int fd) {
    return disk_real()->close(disk_real()->self, fd);
}

static inline void failing_disk_use(struct failing_disk *f, uint64_t fail_at, bool from_then_on) {
    *f = (struct failing_disk){
        .disk = {failing_open, failing_read, failing_write, failing_data_sync, failing_sync,
                 failing_link, failing_rename, failing_unlink, failing_mkdir, failing_truncate,
                 failing_close, disk_real()->send, f},
        .fail_at = fail_at,
        .from_then_on = from_then_on,
        .with = -EIO,
    };
    disk_use(&f->disk);
}

/* ---- a directory that goes away. A path lives until 64 more were asked for. ---- */

struct temporary {
    char path[64];
};
static inline void temporary_make(struct temporary *t) {
    snprintf(t->path, sizeof t->path, "/tmp/azekura-test-XXXXXX");
    assert_non_null(mkdtemp(t->path));
}
static inline void temporary_remove(struct temporary *t) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", t->path);
    assert_int_equal(system(command), 0);
}
static inline const char *temporary_path(const struct temporary *t, const char *name) {
    static char paths[64][256];
    static unsigned next;
    char *out = paths[next++ % 64];
    snprintf(out, 256, "%s/%s", t->path, name);
    return out;
}

#endif
