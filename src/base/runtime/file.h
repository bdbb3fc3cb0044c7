/* One call on a file, as data: so that it can go to the ring or to a worker, or be done here. */
#ifndef AZEKURA_BASE_RUNTIME_FILE_H
#define AZEKURA_BASE_RUNTIME_FILE_H

#include "base/runtime.h"

#include <fcntl.h>

enum file_what {
    FILE_OPEN,
    FILE_READ,
    FILE_WRITE,
    FILE_DATA_SYNC,
    FILE_SYNC,
    FILE_LINK,
    FILE_RENAME,
    FILE_UNLINK,
    FILE_MKDIR,
    FILE_TRUNCATE,
    FILE_CLOSE,
    FILE_SEND, /* to the socket `dir_fd`; a worker only where the page cache lacks bytes */
};

struct file_call {
    enum file_what what;
    int fd, dir_fd, flags;
    mode_t mode;
    const char *path, *to;
    void *bytes; /* of a write: only read from */
    size_t count;
    uint64_t offset;
    ssize_t result; /* what the system call said, or -errno */
};

void file_call_here(struct file_call *call); /* blocks */
/* On a fiber: by the ring or a worker, while the fiber is parked. Elsewhere: here. */
ssize_t file_call_run(struct file_call *call);

#endif
