/* The recorder: stands before the C library (LD_PRELOAD) and tapes every change below one folder.
 *
 * AZEKURA_TAPE names the tape, AZEKURA_TAPE_DIR the folder; AZEKURA_FAULT makes a call fail. A call and its record happen under one
 * lock, so the tape has the order in which things happened; a program runs slower and no different.
 * Files are told apart by inode, and asked for their name each time, so that duplicated and
 * inherited descriptors need no bookkeeping. */
/* The 64-bit names are functions of their own here, not aliases that a macro makes. */
#undef _FILE_OFFSET_BITS
#include "tests/lab/tape.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define OUR_OWN __attribute__((visibility("default")))

enum { INODES = 1 << 16 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char dir[PATH_MAX]; /* "": recording is off */
static size_t dir_len;
static int tape_fd = -1;
static uint64_t objects;
static struct {
    dev_t device;
    ino_t inode;
    uint64_t object;
} inodes[INODES]; /* open addressing; never emptied: a run has fewer files */

static void fault_read(const char *text);

__attribute__((constructor)) static void begin(void) {
    const char *tape = getenv("AZEKURA_TAPE"), *folder = getenv("AZEKURA_TAPE_DIR");
    if (tape == NULL || folder == NULL || realpath(folder, dir) == NULL) {
        dir[0] = 0;
        return;
    }
    dir_len = strlen(dir);
    if (getenv("AZEKURA_FAULT") != NULL) fault_read(getenv("AZEKURA_FAULT"));
    tape_fd = (int)syscall(SYS_openat, AT_FDCWD, tape, O_WRONLY | O_APPEND | O_CLOEXEC, 0);
    if (tape_fd < 0) {
        fprintf(stderr, "recorder: cannot open the tape %s\n", tape);
        abort();
    }
}

/* ---- what is where ---- */

/* The part of an absolute path below the folder; NULL: not below it. */
static const char *below(const char *path) {
    if (dir[0] == 0 || strncmp(path, dir, dir_len) != 0) return NULL;
    if (path[dir_len] == 0) return path + dir_len;
    return path[dir_len] == '/' ? path + dir_len + 1 : NULL;
}

static bool fd_path(int fd, char path[PATH_MAX]) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, PATH_MAX - 1);
    if (len < 0) return false;
    path[len] = 0;
    return true;
}

/* The absolute path of a name that may not exist: its folder resolved, the last part as it is. */
static bool name_path(int at_fd, const char *name, char path[PATH_MAX]) {
    char whole[PATH_MAX], folder[PATH_MAX], base[PATH_MAX];
    if (name[0] == '/')
        base[0] = 0;
    else if (at_fd == AT_FDCWD) {
        if (getcwd(base, sizeof base) == NULL) return false;
    } else if (!fd_path(at_fd, base))
        return false;
    if (snprintf(whole, sizeof whole, "%s%s%s", base, base[0] ? "/" : "", name) >= PATH_MAX)
        return false;
    size_t len = strlen(whole);
    while (len > 1 && whole[len - 1] == '/') whole[--len] = 0;
    char *slash = strrchr(whole, '/');
    const char *last = slash + 1;
    char saved = *slash;
    if (slash == whole) return false; /* nothing we record lies in "/" */
    *slash = 0;
    bool is_there = realpath(whole, folder) != NULL;
    *slash = saved;
    if (!is_there) return false;
    if (strcmp(last, ".") == 0) return snprintf(path, PATH_MAX, "%s", folder) < PATH_MAX;
    return snprintf(path, PATH_MAX, "%s/%s", folder, last) < PATH_MAX;
}

static void record(enum tape_kind kind, uint64_t object, uint64_t a, uint64_t b, const char *name,
                   const void *data, size_t data_len) {
    tape_append(tape_fd, &(struct tape_record){.kind = kind,
                                               .object = object,
                                               .a = a,
                                               .b = b,
                                               .name = name,
                                               .name_len = name ? strlen(name) : 0,
                                               .data = data,
                                               .data_len = data_len});
}

static uint64_t *slot_of(const struct stat *info) {
    size_t at = (size_t)(info->st_ino * 0x9e3779b97f4a7c15u >> 32) % INODES;
    for (size_t tries = 0; tries < INODES; tries++, at = (at + 1) % INODES) {
        if (inodes[at].object == 0) {
            inodes[at].device = info->st_dev;
            inodes[at].inode = info->st_ino;
            return &inodes[at].object;
        }
        if (inodes[at].device == info->st_dev && inodes[at].inode == info->st_ino)
            return &inodes[at].object;
    }
    fprintf(stderr, "recorder: over %d files\n", INODES);
    abort();
}

static uint64_t object_new(const struct stat *info) {
    uint64_t *slot = slot_of(info);
    *slot = (uint64_t)getpid() << 32 | ++objects;
    return *slot;
}

/* The object of an inode that has (or had) the name; one we have not met is put on the tape. */
static uint64_t object_known(const struct stat *info, const char *name) {
    uint64_t *slot = slot_of(info);
    if (*slot == 0) record(TAPE_KNOWN, object_new(info), 0, 0, name, NULL, 0);
    return *slot;
}

/* Is it a file below the folder? Then its object. Under the mutex. */
static uint64_t object_of_fd(int fd) {
    struct stat info;
    char path[PATH_MAX];
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || !fd_path(fd, path)) return 0;
    const char *name = below(path);
    return name == NULL ? 0 : object_known(&info, name);
}

/* Cheap and outside of the mutex: sockets, pipes and files elsewhere go straight on. */
static bool is_ours(int fd) {
    struct stat info;
    char path[PATH_MAX];
    return dir[0] != 0 && fstat(fd, &info) == 0 &&
           (S_ISREG(info.st_mode) || S_ISDIR(info.st_mode)) && fd_path(fd, path) &&
           below(path) != NULL;
}

#define REAL(type, name, parameters)                                                               \
    static type(*real) parameters;                                                                 \
    if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, #name)

static void lock(void) {
    pthread_mutex_lock(&mutex);
}

/* Keeps errno as the call left it. */
static void unlock(void) {
    int saved = errno;
    pthread_mutex_unlock(&mutex);
    errno = saved;
}

/* ---- faults ---- */

enum fault_kind { FAULT_NONE, FAULT_WRITE, FAULT_SYNC, FAULT_OPEN, FAULT_NAME, FAULT_ROOM };
static struct {
    enum fault_kind kind;
    unsigned long long n, calls;
    int errnum;
    bool for_ever;
} fault;

/* AZEKURA_FAULT=KIND:N:ERRNO:once|for-ever */
static void fault_read(const char *text) {
    static const char *const kinds[] = {"", "write", "sync", "open", "name", "room"};
    static const struct {
        const char *name;
        int errnum;
    } errors[] = {{"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EMFILE", EMFILE}};
    char kind[16], error[16], how[16];
    if (sscanf(text, "%15[^:]:%llu:%15[^:]:%15s", kind, &fault.n, error, how) != 4) abort();
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i], kind) == 0) fault.kind = (enum fault_kind)i;
    for (unsigned i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (strcmp(errors[i].name, error) == 0) fault.errnum = errors[i].errnum;
    fault.for_ever = strcmp(how, "for-ever") == 0;
    if (fault.kind == FAULT_NONE || fault.errnum == 0) abort();
}

/* true: this call is to fail, errno is set. Under the mutex, for calls below the folder only. */
static bool fails(enum fault_kind kind) {
    if (fault.kind != kind) return false;
    fault.calls++;
    if (fault.calls != fault.n && !(fault.for_ever && fault.calls > fault.n)) return false;
    record(TAPE_FAULT, 0, fault.calls, 0, NULL, NULL, 0);
    errno = fault.errnum;
    return true;
}

/* ---- opening ---- */

static void opened(int fd, int flags, bool was_there) {
    struct stat info;
    char whole[PATH_MAX];
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || !fd_path(fd, whole)) return;
    const char *name = below(whole);
    if (name == NULL) return;
    if ((flags & O_TMPFILE) == O_TMPFILE)
        record(TAPE_NAMELESS, object_new(&info), 0, 0, NULL, NULL, 0);
    else if (!was_there)
        record(TAPE_CREATE, object_new(&info), 0, 0, name, NULL, 0);
    else if (flags & O_TRUNC)
        record(TAPE_SIZE, object_known(&info, name), 0, 0, NULL, NULL, 0);
}

static int open_taped(int (*real)(int, const char *, int, ...), int at_fd, const char *path,
                      int flags, mode_t mode) {
    bool changes = (flags & (O_CREAT | O_TRUNC)) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
    char whole[PATH_MAX];
    if (dir[0] == 0 || !(changes || fault.kind == FAULT_OPEN))
        return real(at_fd, path, flags, mode);
    lock();
    struct stat info;
    bool is_below = name_path(at_fd, path, whole) && below(whole) != NULL;
    bool was_there = fstatat(at_fd, path, &info, 0) == 0;
    int fd = is_below && fails(FAULT_OPEN) ? -1 : real(at_fd, path, flags, mode);
    if (fd >= 0 && changes) opened(fd, flags, was_there);
    unlock();
    return fd;
}

static int openat_real(int at_fd, const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    return (int)syscall(SYS_openat, at_fd, path, flags, mode);
}

#define TAPE_OPEN(name)                                                                            \
    OUR_OWN int name(const char *path, int flags, ...);                                            \
    int name(const char *path, int flags, ...) {                                                   \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        mode_t mode = va_arg(rest, mode_t); /* unused where there is none */                       \
        va_end(rest);                                                                              \
        return open_taped(openat_real, AT_FDCWD, path, flags, mode);                               \
    }
TAPE_OPEN(open)
TAPE_OPEN(open64)

#define TAPE_OPENAT(name)                                                                          \
    OUR_OWN int name(int at_fd, const char *path, int flags, ...);                                 \
    int name(int at_fd, const char *path, int flags, ...) {                                        \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        mode_t mode = va_arg(rest, mode_t);                                                        \
        va_end(rest);                                                                              \
        return open_taped(openat_real, at_fd, path, flags, mode);                                  \
    }
TAPE_OPENAT(openat)
TAPE_OPENAT(openat64)

OUR_OWN int creat(const char *path, mode_t mode) {
    return open_taped(openat_real, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

/* ---- bytes ---- */

static void written(int fd, const void *bytes, ssize_t count, off_t at) {
    uint64_t object = count > 0 ? object_of_fd(fd) : 0;
    if (object != 0) record(TAPE_WRITE, object, (uint64_t)at, 0, NULL, bytes, (size_t)count);
}

OUR_OWN ssize_t write(int fd, const void *bytes, size_t count) {
    REAL(ssize_t, write, (int, const void *, size_t));
    if (!is_ours(fd)) return real(fd, bytes, count);
    lock();
    ssize_t done = fails(FAULT_WRITE) ? -1 : real(fd, bytes, count);
    if (done > 0) written(fd, bytes, done, lseek(fd, 0, SEEK_CUR) - done);
    unlock();
    return done;
}

#define TAPE_PWRITE(name, offset)                                                                  \
    OUR_OWN ssize_t name(int fd, const void *bytes, size_t count, offset at) {                     \
        REAL(ssize_t, name, (int, const void *, size_t, offset));                                  \
        if (!is_ours(fd)) return real(fd, bytes, count, at);                                       \
        lock();                                                                                    \
        ssize_t done = fails(FAULT_WRITE) ? -1 : real(fd, bytes, count, at);                       \
        written(fd, bytes, done, at);                                                              \
        unlock();                                                                                  \
        return done;                                                                               \
    }
TAPE_PWRITE(pwrite, off_t)
TAPE_PWRITE(pwrite64, off64_t)

static void parts_written(int fd, const struct iovec *parts, ssize_t done, off_t at) {
    for (; done > 0; parts++) {
        ssize_t count = done < (ssize_t)parts->iov_len ? done : (ssize_t)parts->iov_len;
        written(fd, parts->iov_base, count, at);
        at += count;
        done -= count;
    }
}

OUR_OWN ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(ssize_t, writev, (int, const struct iovec *, int));
    if (!is_ours(fd)) return real(fd, parts, count);
    lock();
    ssize_t done = fails(FAULT_WRITE) ? -1 : real(fd, parts, count);
    if (done > 0) parts_written(fd, parts, done, lseek(fd, 0, SEEK_CUR) - done);
    unlock();
    return done;
}

#define TAPE_PWRITEV(name, offset)                                                                 \
    OUR_OWN ssize_t name(int fd, const struct iovec *parts, int count, offset at) {                \
        REAL(ssize_t, name, (int, const struct iovec *, int, offset));                             \
        if (!is_ours(fd)) return real(fd, parts, count, at);                                       \
        lock();                                                                                    \
        ssize_t done = fails(FAULT_WRITE) ? -1 : real(fd, parts, count, at);                       \
        parts_written(fd, parts, done, at);                                                        \
        unlock();                                                                                  \
        return done;                                                                               \
    }
TAPE_PWRITEV(pwritev, off_t)
TAPE_PWRITEV(pwritev64, off64_t)

#define TAPE_FTRUNCATE(name, offset)                                                               \
    OUR_OWN int name(int fd, offset size) {                                                        \
        REAL(int, name, (int, offset));                                                            \
        if (!is_ours(fd)) return real(fd, size);                                                   \
        lock();                                                                                    \
        int result = fails(FAULT_ROOM) ? -1 : real(fd, size);                                      \
        if (result == 0) record(TAPE_SIZE, object_of_fd(fd), (uint64_t)size, 0, NULL, NULL, 0);    \
        unlock();                                                                                  \
        return result;                                                                             \
    }
TAPE_FTRUNCATE(ftruncate, off_t)
TAPE_FTRUNCATE(ftruncate64, off64_t)

static void allocated(int fd, int mode, uint64_t at, uint64_t count) {
    uint64_t object = object_of_fd(fd);
    if (object == 0) return;
    if (mode & FALLOC_FL_PUNCH_HOLE || mode & FALLOC_FL_ZERO_RANGE)
        record(TAPE_ZERO, object, at, count, NULL, NULL, 0);
    if ((mode & FALLOC_FL_KEEP_SIZE) == 0) record(TAPE_GROW, object, at + count, 0, NULL, NULL, 0);
}

#define TAPE_FALLOCATE(name, offset)                                                               \
    OUR_OWN int name(int fd, int mode, offset at, offset count) {                                  \
        REAL(int, name, (int, int, offset, offset));                                               \
        if (!is_ours(fd)) return real(fd, mode, at, count);                                        \
        lock();                                                                                    \
        int result = fails(FAULT_ROOM) ? -1 : real(fd, mode, at, count);                           \
        if (result == 0) allocated(fd, mode, (uint64_t)at, (uint64_t)count);                       \
        unlock();                                                                                  \
        return result;                                                                             \
    }
TAPE_FALLOCATE(fallocate, off_t)
TAPE_FALLOCATE(fallocate64, off64_t)

#define TAPE_POSIX_FALLOCATE(name, offset)                                                         \
    OUR_OWN int name(int fd, offset at, offset count) {                                            \
        REAL(int, name, (int, offset, offset));                                                    \
        if (!is_ours(fd)) return real(fd, at, count);                                              \
        lock();                                                                                    \
        int result = fails(FAULT_ROOM) ? errno : real(fd, at, count);                              \
        if (result == 0) allocated(fd, 0, (uint64_t)at, (uint64_t)count);                          \
        unlock();                                                                                  \
        return result;                                                                             \
    }
TAPE_POSIX_FALLOCATE(posix_fallocate, off_t)
TAPE_POSIX_FALLOCATE(posix_fallocate64, off64_t)

/* ---- durability ---- */

static void synced(int fd) {
    char path[PATH_MAX];
    struct stat info;
    if (fstat(fd, &info) != 0 || !fd_path(fd, path)) return;
    if (S_ISDIR(info.st_mode))
        record(TAPE_DIR_SYNC, 0, 0, 0, below(path), NULL, 0);
    else
        record(TAPE_SYNC, object_of_fd(fd), 0, 0, NULL, NULL, 0);
}

#define TAPE_SYNC_CALL(name)                                                                       \
    OUR_OWN int name(int fd) {                                                                     \
        REAL(int, name, (int));                                                                    \
        if (!is_ours(fd)) return real(fd);                                                         \
        lock();                                                                                    \
        int result = fails(FAULT_SYNC) ? -1 : real(fd);                                            \
        if (result == 0) synced(fd);                                                               \
        unlock();                                                                                  \
        return result;                                                                             \
    }
TAPE_SYNC_CALL(fdatasync)
TAPE_SYNC_CALL(fsync)

/* ---- names ---- */

static void renamed(const char *from, const char *to) {
    const char *a = below(from), *b = below(to);
    if (a != NULL && b != NULL)
        record(TAPE_RENAME, 0, 0, 0, a, b, strlen(b));
    else if (a != NULL || b != NULL) {
        fprintf(stderr, "recorder: a rename across the folder's border: %s to %s\n", from, to);
        abort();
    }
}

OUR_OWN int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags) {
    char a[PATH_MAX], b[PATH_MAX];
    lock();
    bool is_known = dir[0] != 0 && name_path(from_fd, from, a) && name_path(to_fd, to, b);
    bool is_failing = is_known && below(a) != NULL && fails(FAULT_NAME);
    int result = is_failing ? -1 : (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
    if (result == 0 && is_known) renamed(a, b);
    unlock();
    return result;
}

OUR_OWN int renameat(int from_fd, const char *from, int to_fd, const char *to) {
    return renameat2(from_fd, from, to_fd, to, 0);
}

OUR_OWN int rename(const char *from, const char *to) {
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

OUR_OWN int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags) {
    char path[PATH_MAX];
    struct stat info;
    lock();
    bool is_below = dir[0] != 0 && name_path(to_fd, to, path) && below(path) != NULL;
    bool is_failing = is_below && fails(FAULT_NAME);
    int result = is_failing ? -1 : (int)syscall(SYS_linkat, from_fd, from, to_fd, to, flags);
    if (result == 0 && is_below && lstat(path, &info) == 0)
        record(TAPE_LINK, object_known(&info, below(path)), 0, 0, below(path), NULL, 0);
    unlock();
    return result;
}

OUR_OWN int link(const char *from, const char *to) {
    return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

static int named(int at_fd, const char *name, enum tape_kind kind, long number, long a, long b) {
    char path[PATH_MAX];
    lock();
    bool is_known = dir[0] != 0 && name_path(at_fd, name, path) && below(path) != NULL;
    bool is_failing = is_known && fails(FAULT_NAME);
    int result = is_failing ? -1 : (int)syscall(number, at_fd, name, a, b);
    if (result == 0 && is_known) record(kind, 0, 0, 0, below(path), NULL, 0);
    unlock();
    return result;
}

OUR_OWN int unlinkat(int at_fd, const char *name, int flags) {
    return named(at_fd, name, flags & AT_REMOVEDIR ? TAPE_RMDIR : TAPE_UNLINK, SYS_unlinkat, flags,
                 0);
}

OUR_OWN int unlink(const char *name) {
    return unlinkat(AT_FDCWD, name, 0);
}

OUR_OWN int rmdir(const char *name) {
    return unlinkat(AT_FDCWD, name, AT_REMOVEDIR);
}

OUR_OWN int remove(const char *name) {
    struct stat info;
    bool is_folder = lstat(name, &info) == 0 && S_ISDIR(info.st_mode);
    return unlinkat(AT_FDCWD, name, is_folder ? AT_REMOVEDIR : 0);
}

OUR_OWN int mkdirat(int at_fd, const char *name, mode_t mode) {
    return named(at_fd, name, TAPE_MKDIR, SYS_mkdirat, (long)mode, 0);
}

OUR_OWN int mkdir(const char *name, mode_t mode) {
    return mkdirat(AT_FDCWD, name, mode);
}

/* ---- what io_uring did, told by ring_tap.c ---- */

OUR_OWN void recorder_opened(int fd, int flags, bool was_there);
OUR_OWN void recorder_wrote(int fd, const void *bytes, size_t count, uint64_t offset);
OUR_OWN void recorder_synced(int fd);

void recorder_opened(int fd, int flags, bool was_there) {
    bool changes = (flags & (O_CREAT | O_TRUNC)) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
    if (!changes || !is_ours(fd)) return;
    lock();
    opened(fd, flags, was_there);
    unlock();
}

void recorder_wrote(int fd, const void *bytes, size_t count, uint64_t offset) {
    if (!is_ours(fd)) return;
    lock();
    written(fd, bytes, (ssize_t)count, (off_t)offset);
    unlock();
}

void recorder_synced(int fd) {
    if (!is_ours(fd)) return;
    lock();
    synced(fd);
    unlock();
}
