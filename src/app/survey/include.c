/* $INCLUDE of zone files, group_vars/ and host_vars/ of Ansible's inventories: which files of this machine a file that
 * somebody sent may bring. */
#include "app/survey/surveying.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/disk.h"

enum { INCLUDED_BYTES_MOST = 1 << 30, PATH_BYTES = 4096, LISTED_MOST = 1 << 20 };

/* The kernel holds the name to the folder: links in it too. Source: openat2(2), RESOLVE_BENEATH (Linux 5.6). */
static int beneath_open(const char *folder, const char *name, unsigned flags) {
    struct open_how how = {.flags = flags | O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
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
    case -EXDEV:
        return "it lies outside of the folder of the file that was given, where nothing is opened: "
               "put it in there";
    case -ENOENT: return "there is no such file in the folder of the file that was given";
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
        if (disk_read(fd, bytes + used, size - used, used, &got, "a file", &e) != OK)
            return "it cannot be read";
        used += got;
    } while (got > 0 && used < size);
    *out = str_of(bytes, used);
    return NULL;
}

/* The folder of the file, with its slash. */
static str folder_of(str file) {
    size_t slash = file.len;
    while (slash > 0 && file.at[slash - 1] != '/') slash--;
    return str_slice(file, 0, slash);
}

/* What stands beside the file under that name; below 0, with *why: it cannot be opened. */
static int beside_open(str file, str named, unsigned flags, const char **why) {
    char folder[PATH_BYTES], path[PATH_BYTES];
    str before = folder_of(file);
    size_t zero;
    if (before.len == 0) before = STR("./");
    *why = "a path is over 4,000 bytes";
    if (before.len >= PATH_BYTES || named.len >= PATH_BYTES) return -ENAMETOOLONG;
    *why = "a path has no zero in it";
    if (str_find_char(named, 0, &zero)) return -EINVAL;
    memcpy(folder, before.at, before.len);
    folder[before.len] = 0;
    memcpy(path, named.at, named.len);
    path[named.len] = 0;
    int fd = beneath_open(folder, path, flags);
    *why = fd < 0 ? why_of(fd) : NULL;
    return fd;
}

static bool include_open(void *self, str file, str included, struct arena *arena, str *name,
                         str *bytes, const char **why) {
    struct error e;
    int fd = beside_open(file, included, 0, why);
    if (fd < 0) return false;
    *why = whole_read(fd, arena, bytes);
    close(fd);
    if (*why != NULL) return false;
    *why = "there is no room for its name";
    return arena_format(arena, name, &e, "%.*s%.*s", STR_FMT(folder_of(file)), STR_FMT(included)) ==
           OK;
}

/* ---- folders ---- */

struct listed {
    struct listed *next;
    str name;
};

static int by_bytes(const void *a, const void *b) {
    return str_compare(*(const str *)a, *(const str *)b);
}

/* The names of the folder; NULL, or why not. */
static const char *names_read(DIR *folder, struct arena *arena, const str **names, size_t *count) {
    struct listed *last = NULL;
    struct error e;
    const struct dirent *entry;
    size_t found = 0;
    while (errno = 0, (entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        struct listed *own = arena_new(arena, struct listed, 1);
        if (own == NULL || arena_copy(arena, str_from_c(entry->d_name), &own->name, &e) != OK)
            return "there is no room for the names in it";
        if (found++ == LISTED_MOST) return "it has over 1,048,576 files";
        own->next = last;
        last = own;
    }
    if (errno != 0) return "it cannot be read";
    str *out = arena_new(arena, str, found);
    if (out == NULL) return "there is no room for the names in it";
    for (size_t i = 0; i < found; i++, last = last->next) out[i] = last->name;
    qsort(out, found, sizeof *out, by_bytes);
    *names = out;
    *count = found;
    return NULL;
}

static bool include_list(void *self, str file, str named, struct arena *arena, const str **names,
                         size_t *count, const char **why) {
    int fd = beside_open(file, named, O_DIRECTORY, why);
    if (fd == -ENOENT || fd == -ENOTDIR) *why = NULL;
    if (fd < 0) return false;
    DIR *folder = fdopendir(fd);
    if (folder == NULL) return close(fd), *why = "it cannot be read", false;
    *why = names_read(folder, arena, names, count);
    closedir(folder);
    return *why == NULL;
}

const struct inventory_opener survey_includes = {include_open, NULL, include_list};
