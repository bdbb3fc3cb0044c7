/* $INCLUDE of zone files: which files of this machine a file that somebody sent may name. */
#include "app/survey/surveying.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/disk.h"

enum { INCLUDED_BYTES_MOST = 1 << 30, PATH_BYTES = 4096 };

/* The kernel holds the name to the folder: links in it too. Source: openat2(2), RESOLVE_BENEATH (Linux 5.6). */
static int beneath_open(const char *folder, const char *name) {
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    int dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) return -errno;
    long fd = syscall(SYS_openat2, dir, name, &how, sizeof how);
    int failed = errno;
    close(dir);
    return fd < 0 ? -failed : (int)fd;
}

static const char *why_of(int failed) {
    switch (failed) {
    case -EXDEV: return "it lies outside of the folder of the zone file: give that file as well";
    case -ENOENT: return "there is no such file in the folder of the zone file";
    case -EACCES: return "it may not be read";
    default: return "it cannot be opened";
    }
}

/* The rest of the file; NULL, or why not. */
static const char *whole_read(int fd, struct arena *arena, str *out) {
    struct stat about;
    struct error e;
    size_t got = 0, used = 0, size;
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) return "it is no file";
    size = (size_t)about.st_size;
    if (size > INCLUDED_BYTES_MOST) return "it is over 1 GiB";
    char *bytes = arena_bytes(arena, size + 1);
    if (bytes == NULL) return "there is no room for it";
    do {
        if (disk_read(fd, bytes + used, size - used, used, &got, "a zone file", &e) != OK)
            return "it cannot be read";
        used += got;
    } while (got > 0 && used < size);
    *out = str_of(bytes, used);
    return NULL;
}

static bool include_open(void *self, str file, str included, struct arena *arena, str *name,
                         str *bytes, const char **why) {
    char folder[PATH_BYTES], path[PATH_BYTES];
    struct error e;
    size_t slash = file.len, zero;
    while (slash > 0 && file.at[slash - 1] != '/') slash--;
    str before = slash > 0 ? str_slice(file, 0, slash) : STR("./");
    *why = "a path is over 4,000 bytes";
    if (before.len >= PATH_BYTES || included.len >= PATH_BYTES) return false;
    *why = "a path has no zero in it";
    if (str_find_char(included, 0, &zero)) return false;
    memcpy(folder, before.at, before.len);
    folder[before.len] = 0;
    memcpy(path, included.at, included.len);
    path[included.len] = 0;
    int fd = beneath_open(folder, path);
    if (fd < 0) return *why = why_of(fd), false;
    *why = whole_read(fd, arena, bytes);
    close(fd);
    if (*why != NULL) return false;
    *why = "there is no room for its name";
    return arena_format(arena, name, &e, "%.*s%s", STR_FMT(str_slice(file, 0, slash)), path) == OK;
}

const struct inventory_opener survey_includes = {include_open, NULL};
