/* Becoming somebody less mighty: uid, groups, and all capabilities but binding low ports. */
#include "app/serve/privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int keep_only_bind(void) {
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{0}};
    data[0].effective = data[0].permitted = 1u << CAP_NET_BIND_SERVICE;
    return (int)syscall(SYS_capset, &head, data);
}

enum error_code privileges_drop(const char *user, struct error *e) {
    if (user == NULL || geteuid() != 0) return OK;
    errno = 0;
    const struct passwd *who = getpwnam(user);
    if (who == NULL) return error_set(e, FAIL_NOT_FOUND, "there is no user \"%s\" to become", user);
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0 || initgroups(user, who->pw_gid) != 0 ||
        setgid(who->pw_gid) != 0 || setuid(who->pw_uid) != 0 || keep_only_bind() != 0)
        return error_set_errno(e, errno, "becoming the user \"%s\"", user);
    /* No program started from here may gain what was given up. */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return error_set_errno(e, errno, "giving up privileges");
    return OK;
}
