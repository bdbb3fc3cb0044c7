/* Where exports and bundles may be written: anywhere but where the store lives. */
#include "gate/inner.h"

#include "base/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>

/* `path` is `folder`, or lies below it; both without links and dots. */
static bool is_within(str path, str folder) {
    return str_starts(path, folder) &&
           (path.len == folder.len || folder.len == 1 || path.at[folder.len] == '/');
}

enum error_code gate_target_make(const struct gate *gate, const char *dir, mode_t mode,
                                 struct error *e) {
    char target[PATH_MAX], data[PATH_MAX];
    TRY(disk_make_dirs(AT_FDCWD, dir, mode, e));
    if (realpath(dir, target) == NULL) return error_set_errno(e, errno, "the folder %.100s", dir);
    if (realpath(gate->options.data_dir, data) == NULL)
        return error_set_errno(e, errno, "the folder %s", gate->options.data_dir);
    if (is_within(str_from_c(target), str_from_c(data)))
        return error_set(e, FAIL_USAGE,
                         "%.100s is the store's own folder, or in it; write to another one", dir);
    return OK;
}
