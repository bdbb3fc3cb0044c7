/* The disk, as a seam: every file the program itself reads or writes goes through here.
 *
 * A test puts a table of its own in front (to count, to fail at the n-th call, to record what was
 * written and when it was made durable), then calls on to disk_real(). Functions park on a fiber
 * (base/runtime.h) and block elsewhere. Names are closed C strings: this is the system-call edge.
 * Source of the durability rules: CORE 5, 8; open(2) O_TMPFILE, fsync(2), linkat(2). */
#ifndef AZEKURA_BASE_DISK_H
#define AZEKURA_BASE_DISK_H

#include "base/base.h"

#include <sys/types.h>

struct disk {
    /* Each returns what the system call would, or -errno. */
    int (*open)(void *self, int dir_fd, const char *path, int flags, mode_t mode);
    ssize_t (*read)(void *self, int fd, void *bytes, size_t count, uint64_t offset);
    ssize_t (*write)(void *self, int fd, const void *bytes, size_t count, uint64_t offset);
    int (*data_sync)(void *self, int fd); /* fdatasync */
    int (*sync)(void *self, int fd);      /* fsync; of a directory: its names */
    int (*link)(void *self, int fd, int dir_fd, const char *path); /* gives an O_TMPFILE a name */
    int (*rename)(void *self, int dir_fd, const char *from, const char *to);
    int (*unlink)(void *self, int dir_fd, const char *path, int flags);
    int (*mkdir)(void *self, int dir_fd, const char *path, mode_t mode);
    int (*truncate)(void *self, int fd, uint64_t bytes);
    int (*close)(void *self, int fd);
    /* To a socket that does not block, without a copy; -EAGAIN: it is full. net_send_file. */
    ssize_t (*send)(void *self, int fd, int socket, uint64_t offset, size_t count);
    void *self;
};

const struct disk *disk_real(void);
void disk_use(const struct disk *disk); /* process-wide; NULL: the real one; borrowed */
const struct disk *disk_now(void);

/* On top of the table; all park on a fiber. `what` names the file in errors. */
enum error_code disk_open(int dir_fd, const char *path, int flags, mode_t mode, int *fd,
                          struct error *e) MUST_USE; /* FAIL_NOT_FOUND when there is none */
void disk_close(int fd);
/* Up to `count`; *got less only at the end of the file. */
enum error_code disk_read(int fd, void *bytes, size_t count, uint64_t offset, size_t *got,
                          const char *what, struct error *e) MUST_USE;
enum error_code disk_write(int fd, const void *bytes, size_t count, uint64_t offset,
                           const char *what, struct error *e) MUST_USE; /* all of it */
enum error_code disk_data_sync(int fd, const char *what, struct error *e) MUST_USE;
enum error_code disk_sync(int fd, const char *what, struct error *e) MUST_USE;

/* A whole file, followed by a zero byte that is not counted. FAIL_LIMIT when it holds more than
 * `bytes_max`, FAIL_MEMORY when the arena has not so much; then nothing is taken from the arena. A
 * pipe is read to its end, and blocks until then. */
enum error_code disk_file_read(int dir_fd, const char *path, size_t bytes_max, struct arena *arena,
                               str *out, struct error *e) MUST_USE;
/* Whether something has the name that is no file (links are followed): a device or a pipe, into
 * which one writes, or a folder. To give another file its name would take /dev/null from the machine;
 * so too of /dev/stdout, even where a file stands behind it. */
bool disk_is_no_file(int dir_fd, const char *path);
/* Opens such a thing for writing; one of our own descriptors where it stands. */
enum error_code disk_stream_open(int dir_fd, const char *path, int *fd, struct error *e) MUST_USE;
/* All of it, to what has no offsets: standard output, a pipe, a device. Not through the seam. */
enum error_code disk_stream_write(int fd, str bytes, const char *what, struct error *e) MUST_USE;
/* Replaces a file so that after a power cut it is the old or the new one, never a mixture:
 * PATH.new, write, fsync, rename, fsync of the directory. After an error it is the old one, but for
 * a failed fsync of the directory: then it may be either. One writer at a time for one path. What
 * is no file gets the bytes as they are, or refuses them. */
enum error_code disk_file_replace(int dir_fd, const char *path, str bytes, mode_t mode,
                                  struct error *e) MUST_USE;
/* Makes a directory and its parents; durable on return. Existing ones are fine; FAIL_SYSTEM when a
 * file stands in the way. */
enum error_code disk_make_dirs(int dir_fd, const char *path, mode_t mode, struct error *e) MUST_USE;

#endif
