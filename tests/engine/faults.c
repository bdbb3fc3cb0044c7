/* The 64-bit names are functions of their own here, not aliases that a macro makes. */
#undef _FILE_OFFSET_BITS
#include "tests/engine/faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define OUR_OWN __attribute__((visibility("default")))

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct {
    char dir[PATH_MAX];
    enum fault_kind kind;
    uint64_t n, calls;
    int errnum;
    bool for_ever;
} fault;

void fault_at(const char *dir, enum fault_kind kind, uint64_t n, int errnum, bool for_ever) {
    pthread_mutex_lock(&mutex);
    snprintf(fault.dir, sizeof fault.dir, "%s", dir);
    fault.kind = kind;
    fault.n = n;
    fault.calls = 0;
    fault.errnum = errnum;
    fault.for_ever = for_ever;
    pthread_mutex_unlock(&mutex);
}

uint64_t fault_calls(void) {
    pthread_mutex_lock(&mutex);
    uint64_t calls = fault.calls;
    pthread_mutex_unlock(&mutex);
    return calls;
}

void fault_none(void) {
    fault_at("", FAULT_KIND_COUNT, 0, 0, false);
}

static bool is_below(const char *path) {
    return fault.dir[0] != 0 && strncmp(path, fault.dir, strlen(fault.dir)) == 0;
}

static bool is_fd_below(int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path - 1);
    if (len < 0) return false;
    path[len] = 0;
    return is_below(path);
}

/* true: this call fails, and errno is set. Under fd AT_FDCWD the path decides. */
static bool fails(enum fault_kind kind, int fd, const char *path) {
    if (fault.kind != kind) return false; /* a race only with fault_at, which tests order */
    bool is_ours = path != NULL && path[0] == '/' ? is_below(path) : fd >= 0 && is_fd_below(fd);
    if (!is_ours) return false;
    pthread_mutex_lock(&mutex);
    fault.calls++;
    bool is_it =
        fault.n != 0 && (fault.calls == fault.n || (fault.for_ever && fault.calls > fault.n));
    pthread_mutex_unlock(&mutex);
    if (is_it) errno = fault.errnum;
    return is_it;
}

#define GUARD(type, name, kind, fd, path, parameters, arguments)                                   \
    OUR_OWN type name parameters;                                                                  \
    type name parameters {                                                                         \
        static type(*real) parameters;                                                             \
        if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, #name);                               \
        return fails(kind, fd, path) ? -1 : real arguments;                                        \
    }

GUARD(ssize_t, write, FAULT_WRITE, fd, NULL, (int fd, const void *b, size_t n), (fd, b, n))
GUARD(ssize_t, pwrite, FAULT_WRITE, fd, NULL, (int fd, const void *b, size_t n, off_t o),
      (fd, b, n, o))
GUARD(ssize_t, pwrite64, FAULT_WRITE, fd, NULL, (int fd, const void *b, size_t n, off64_t o),
      (fd, b, n, o))
GUARD(ssize_t, writev, FAULT_WRITE, fd, NULL, (int fd, const struct iovec *v, int n), (fd, v, n))
GUARD(int, fdatasync, FAULT_SYNC, fd, NULL, (int fd), (fd))
GUARD(int, fsync, FAULT_SYNC, fd, NULL, (int fd), (fd))
GUARD(int, rename, FAULT_NAME, -1, from, (const char *from, const char *to), (from, to))
GUARD(int, renameat, FAULT_NAME, fd, from, (int fd, const char *from, int to_fd, const char *to),
      (fd, from, to_fd, to))
GUARD(int, linkat, FAULT_NAME, to_fd, to,
      (int fd, const char *from, int to_fd, const char *to, int flags),
      (fd, from, to_fd, to, flags))
GUARD(int, link, FAULT_NAME, -1, from, (const char *from, const char *to), (from, to))
GUARD(int, unlink, FAULT_NAME, -1, path, (const char *path), (path))
GUARD(int, unlinkat, FAULT_NAME, fd, path, (int fd, const char *path, int flags), (fd, path, flags))
GUARD(int, mkdir, FAULT_NAME, -1, path, (const char *path, mode_t mode), (path, mode))
GUARD(int, mkdirat, FAULT_NAME, fd, path, (int fd, const char *path, mode_t mode), (fd, path, mode))
GUARD(int, fallocate, FAULT_ROOM, fd, NULL, (int fd, int mode, off_t o, off_t n), (fd, mode, o, n))
GUARD(int, fallocate64, FAULT_ROOM, fd, NULL, (int fd, int mode, off64_t o, off64_t n),
      (fd, mode, o, n))
GUARD(int, ftruncate, FAULT_ROOM, fd, NULL, (int fd, off_t n), (fd, n))
GUARD(int, ftruncate64, FAULT_ROOM, fd, NULL, (int fd, off64_t n), (fd, n))

#define GUARD_OPEN(name)                                                                           \
    OUR_OWN int name(const char *path, int flags, ...);                                            \
    int name(const char *path, int flags, ...) {                                                   \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        mode_t mode = va_arg(rest, mode_t); /* unused where there is none */                       \
        va_end(rest);                                                                              \
        static int (*real)(const char *, int, ...);                                                \
        if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, #name);                               \
        return fails(FAULT_OPEN, -1, path) ? -1 : real(path, flags, mode);                         \
    }
GUARD_OPEN(open)
GUARD_OPEN(open64)

#define GUARD_OPENAT(name)                                                                         \
    OUR_OWN int name(int fd, const char *path, int flags, ...);                                    \
    int name(int fd, const char *path, int flags, ...) {                                           \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        mode_t mode = va_arg(rest, mode_t);                                                        \
        va_end(rest);                                                                              \
        static int (*real)(int, const char *, int, ...);                                           \
        if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, #name);                               \
        return fails(FAULT_OPEN, fd, path) ? -1 : real(fd, path, flags, mode);                     \
    }
GUARD_OPENAT(openat)
GUARD_OPENAT(openat64)
