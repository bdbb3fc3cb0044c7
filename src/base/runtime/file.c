/* Calls on files: which system call each is, and who makes it. */
#include "base/runtime/file.h"
#include "base/runtime/inner.h"

#include <errno.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* Gives an O_TMPFILE a name. By descriptor that needs a capability on kernels before 6.10, by /proc
 * it does not; a jail may have no /proc. Source: open(2) O_TMPFILE, linkat(2) AT_EMPTY_PATH. */
static int file_link(int fd, int dir_fd, const char *path) {
    if (linkat(fd, "", dir_fd, path, AT_EMPTY_PATH) == 0) return 0;
    if (errno != ENOENT && errno != EPERM) return -1;
    char from[32];
    snprintf(from, sizeof from, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, from, dir_fd, path, AT_SYMLINK_FOLLOW);
}

static ssize_t file_call_system(const struct file_call *call) {
    switch (call->what) {
    case FILE_OPEN: return openat(call->dir_fd, call->path, call->flags | O_CLOEXEC, call->mode);
    case FILE_READ: return pread(call->fd, call->bytes, call->count, (off_t)call->offset);
    case FILE_WRITE: return pwrite(call->fd, call->bytes, call->count, (off_t)call->offset);
    case FILE_DATA_SYNC: return fdatasync(call->fd);
    case FILE_SYNC: return fsync(call->fd);
    case FILE_LINK: return file_link(call->fd, call->dir_fd, call->path);
    case FILE_RENAME: return renameat(call->dir_fd, call->path, call->dir_fd, call->to);
    case FILE_UNLINK: return unlinkat(call->dir_fd, call->path, call->flags);
    case FILE_MKDIR: return mkdirat(call->dir_fd, call->path, call->mode);
    case FILE_TRUNCATE: return ftruncate(call->fd, (off_t)call->offset);
    case FILE_CLOSE: return close(call->fd);
    case FILE_SEND: {
        off_t from = (off_t)call->offset;
        return sendfile(call->dir_fd, call->fd, &from, call->count);
    }
    }
    assert(false);
    return -1;
}

void file_call_here(struct file_call *call) {
    ssize_t result = file_call_system(call);
    call->result = result < 0 ? -errno : result;
}

static void file_call_by_worker(void *argument) {
    file_call_here(argument);
}

/* Reading what the page cache holds needs no ring and no thread. Source: preadv2(2) RWF_NOWAIT. */
static bool file_read_cached(struct file_call *call) {
    struct iovec part = {.iov_base = call->bytes, .iov_len = call->count};
    ssize_t got = preadv2(call->fd, &part, 1, (off_t)call->offset, RWF_NOWAIT);
    if (got < 0) return false; /* not cached, or not to be had this way: the long way tells */
    call->result = got;
    fiber_share();
    return true;
}

/* Whether the page cache holds all of a piece, so that a send of it waits for no disk. Kernels before
 * 6.5 cannot say; then it may not. Source: cachestat(2). */
static bool file_is_cached(int fd, uint64_t offset, size_t count) {
    enum { CACHESTAT = 451 }; /* the same number on every architecture */
    struct {
        uint64_t offset, bytes;
    } range = {offset, count};
    struct {
        uint64_t cached, dirty, writeback, evicted, recently_evicted;
    } pages;
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), first = offset / page,
             last = (offset + count - 1) / page;
    return count > 0 && syscall(CACHESTAT, fd, &range, &pages, 0) == 0 &&
           pages.cached == last - first + 1;
}

/* Closing the last name of a file frees its blocks, which for a large one takes a while. */
static bool file_close_may_block(int fd) {
    struct stat info;
    return fstat(fd, &info) == 0 && info.st_nlink == 0;
}

ssize_t file_call_run(struct file_call *call) {
    struct fiber *fiber = fiber_current();
    if (fiber == NULL || (call->what == FILE_CLOSE && !file_close_may_block(call->fd))) {
        file_call_here(call);
        return call->result;
    }
    if (call->what == FILE_READ && file_read_cached(call)) return call->result;
    if (call->what == FILE_SEND && file_is_cached(call->fd, call->offset, call->count)) {
        file_call_here(call);
        fiber_share();
        return call->result;
    }
    const struct backend *backend = fiber->reactor->backend;
    if (backend->file == NULL || !backend->file(fiber, call)) worker_do(file_call_by_worker, call);
    return call->result;
}
