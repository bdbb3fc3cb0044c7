/* See ring_tap.h. Only what runs on a fiber is told: elsewhere, and for naming, removing and resizing, the
 * seam makes the call itself and the preloaded tap has it already. A call is told before its fiber goes
 * on, so what the program did one after the other stands on the tape in that order. */
#include "tests/lab/ring_tap.h"

#include "base/disk.h"
#include "base/runtime.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static struct {
    void (*opened)(int fd, int flags, bool was_there);
    void (*wrote)(int fd, const void *bytes, size_t count, uint64_t offset);
    void (*synced)(int fd);
} recorder;
static struct disk tap;

static int tap_open(void *self, int dir_fd, const char *path, int flags, mode_t mode) {
    struct stat info;
    bool was_there = fstatat(dir_fd, path, &info, 0) == 0;
    int fd = disk_real()->open(self, dir_fd, path, flags, mode);
    if (fd >= 0 && fiber_is_current()) recorder.opened(fd, flags, was_there);
    return fd;
}

static ssize_t tap_write(void *self, int fd, const void *bytes, size_t count, uint64_t offset) {
    ssize_t done = disk_real()->write(self, fd, bytes, count, offset);
    if (done > 0 && fiber_is_current()) recorder.wrote(fd, bytes, (size_t)done, offset);
    return done;
}

static int tap_data_sync(void *self, int fd) {
    int result = disk_real()->data_sync(self, fd);
    if (result == 0 && fiber_is_current()) recorder.synced(fd);
    return result;
}

static int tap_sync(void *self, int fd) {
    int result = disk_real()->sync(self, fd);
    if (result == 0 && fiber_is_current()) recorder.synced(fd);
    return result;
}

void ring_tap_use(void) {
    *(void **)&recorder.opened = dlsym(RTLD_DEFAULT, "recorder_opened");
    *(void **)&recorder.wrote = dlsym(RTLD_DEFAULT, "recorder_wrote");
    *(void **)&recorder.synced = dlsym(RTLD_DEFAULT, "recorder_synced");
    if (recorder.opened == NULL || recorder.wrote == NULL || recorder.synced == NULL) {
        fprintf(stderr, "ring tap: no recorder is preloaded\n");
        exit(2);
    }
    tap = *disk_real();
    tap.open = tap_open;
    tap.write = tap_write;
    tap.data_sync = tap_data_sync;
    tap.sync = tap_sync;
    disk_use(&tap);
}
