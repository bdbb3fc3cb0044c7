/* The disk: on fibers of both back ends and on plain threads, with every call failing once. */
#include "tests/base/runtime_test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/disk.h"

/* ---- a disk that counts, remembers the order of calls, and fails at the n-th */

static struct {
    int calls, fail_at, errnum;
    char order[4096];
} tap;

static bool tapped(const char *word) {
    size_t used = strlen(tap.order);
    snprintf(tap.order + used, sizeof tap.order - used, "%s ", word);
    return ++tap.calls == tap.fail_at;
}
static int tap_open(void *self, int dir_fd, const char *path, int flags, mode_t mode) {
    bool is_dir = flags & O_DIRECTORY;
    return tapped(is_dir ? "opendir" : "open") ? -tap.errnum
                                               : disk_real()->open(NULL, dir_fd, path, flags, mode);
}
static ssize_t tap_read(void *self, int fd, void *bytes, size_t count, uint64_t offset) {
    size_t some = count > 3 ? 3 : count; /* short reads and writes are right, if rare */
    return tapped("read") ? -tap.errnum : disk_real()->read(NULL, fd, bytes, some, offset);
}
static ssize_t tap_write(void *self, int fd, const void *bytes, size_t count, uint64_t offset) {
    size_t some = count > 3 ? 3 : count;
    return tapped("write") ? -tap.errnum : disk_real()->write(NULL, fd, bytes, some, offset);
}
static int tap_data_sync(void *self, int fd) {
    return tapped("data_sync") ? -tap.errnum : disk_real()->data_sync(NULL, fd);
}
static int tap_sync(void *self, int fd) {
    struct stat info;
    fstat(fd, &info);
    return tapped(S_ISDIR(info.st_mode) ? "syncdir" : "sync") ? -tap.errnum
                                                              : disk_real()->sync(NULL, fd);
}
static int tap_link(void *self, int fd, int dir_fd, const char *path) {
    return tapped("link") ? -tap.errnum : disk_real()->link(NULL, fd, dir_fd, path);
}
static int tap_rename(void *self, int dir_fd, const char *from, const char *to) {
    return tapped("rename") ? -tap.errnum : disk_real()->rename(NULL, dir_fd, from, to);
}
static int tap_unlink(void *self, int dir_fd, const char *path, int flags) {
    return tapped("unlink") ? -tap.errnum : disk_real()->unlink(NULL, dir_fd, path, flags);
}
static int tap_mkdir(void *self, int dir_fd, const char *path, mode_t mode) {
    return tapped("mkdir") ? -tap.errnum : disk_real()->mkdir(NULL, dir_fd, path, mode);
}
static int tap_truncate(void *self, int fd, uint64_t bytes) {
    return tapped("truncate") ? -tap.errnum : disk_real()->truncate(NULL, fd, bytes);
}
static int tap_close(void *self, int fd) {
    return disk_real()->close(NULL, fd); /* not counted: what it says changes nothing */
}

static ssize_t tap_send(void *self, int fd, int socket, uint64_t offset, size_t count) {
    size_t some = count > 1000 ? 1000 : count;
    return tapped("send") ? -tap.errnum : disk_real()->send(NULL, fd, socket, offset, some);
}

static const struct disk tapping = {tap_open,  tap_read,   tap_write,  tap_data_sync, tap_sync,
                                    tap_link,  tap_rename, tap_unlink, tap_mkdir,     tap_truncate,
                                    tap_close, tap_send,   NULL};

static void tap_begin(int fail_at, int errnum) {
    memset(&tap, 0, sizeof tap);
    tap.fail_at = fail_at;
    tap.errnum = errnum;
    disk_use(&tapping);
}

/* ---- a folder of one's own */

static char folder[64];
static int folder_fd;

static int folder_make(void **state) {
    strcpy(folder, "/tmp/azekura-disk-XXXXXX");
    if (mkdtemp(folder) == NULL) return -1;
    folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder_fd < 0;
}

static int folder_remove(void **state) {
    disk_use(NULL);
    close(folder_fd);
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static str file_now(const char *path, struct arena *arena) {
    str bytes = STR("(none)");
    struct error e;
    disk_use(NULL);
    if (disk_file_read(folder_fd, path, 1000, arena, &bytes, &e) == FAIL_NOT_FOUND)
        return STR("(none)");
    return bytes;
}

/* ---- the calls themselves */

static void use_files(void *argument) {
    struct error e;
    int fd;
    char *big = malloc(1 << 20), *back = malloc(1 << 20);
    size_t got;
    for (size_t i = 0; i < 1 << 20; i++) big[i] = (char)(i * 31 >> 3);

    assert_int_equal(disk_open(folder_fd, "none", O_RDONLY, 0, &fd, &e), FAIL_NOT_FOUND);

    /* a body's way: no name, bytes durable, then a name, then the name durable */
    assert_ok(disk_open(folder_fd, ".", O_TMPFILE | O_RDWR, 0600, &fd, &e), &e);
    assert_ok(disk_write(fd, big, 1 << 20, 0, "body", &e), &e);
    assert_ok(disk_data_sync(fd, "body", &e), &e);
    assert_int_equal(disk_now()->link(disk_now()->self, fd, folder_fd, "body"), 0);
    assert_ok(disk_sync(folder_fd, "folder", &e), &e);
    assert_int_equal(disk_now()->link(disk_now()->self, fd, folder_fd, "body"), -EEXIST);
    assert_ok(disk_read(fd, back, 1 << 20, 0, &got, "body", &e), &e);
    assert_int_equal(got, 1 << 20);
    assert_memory_equal(big, back, 1 << 20);
    assert_ok(disk_read(fd, back, 100, (1 << 20) - 7, &got, "body", &e), &e);
    assert_int_equal(got, 7); /* less only at the end */
    assert_ok(disk_read(fd, back, 100, 1 << 20, &got, "body", &e), &e);
    assert_int_equal(got, 0);

    /* not in the page cache: the long way */
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    memset(back, 0, 1 << 20);
    assert_ok(disk_read(fd, back, 1 << 20, 0, &got, "body", &e), &e);
    assert_memory_equal(big, back, 1 << 20);

    assert_int_equal(disk_now()->truncate(disk_now()->self, fd, 10), 0);
    assert_ok(disk_read(fd, back, 100, 0, &got, "body", &e), &e);
    assert_int_equal(got, 10);
    disk_close(fd);

    assert_ok(disk_open(folder_fd, "body", O_RDONLY, 0, &fd, &e), &e);
    assert_int_equal(disk_write(fd, "x", 1, 0, "body", &e), FAIL_SYSTEM); /* EBADF */
    disk_close(fd);
    assert_int_equal(disk_now()->rename(disk_now()->self, folder_fd, "body", "b"), 0);
    assert_int_equal(disk_now()->unlink(disk_now()->self, folder_fd, "b", 0), 0);
    assert_int_equal(disk_now()->unlink(disk_now()->self, folder_fd, "b", 0), -ENOENT);

    /* the last name gone while it is open: closing frees it */
    assert_ok(disk_open(folder_fd, ".", O_TMPFILE | O_RDWR, 0600, &fd, &e), &e);
    disk_close(fd);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    free(big);
    free(back);
}

static void files_on_a_fiber(void **state) {
    on_fiber(*state, use_files, NULL);
}

static void files_on_a_thread(void **state) {
    use_files(NULL);
}

/* Many fibers at once, each with its own file: answers go to whoever asked. */
static void use_one_of_many(void *argument) {
    char name[32], text[64], back[64];
    int fd, number = *(int *)argument;
    struct error e;
    size_t got;
    snprintf(name, sizeof name, "many-%d", number);
    int len = snprintf(text, sizeof text, "this is number %d", number);
    for (int round = 0; round < 5; round++) {
        assert_ok(disk_open(folder_fd, name, O_RDWR | O_CREAT, 0600, &fd, &e), &e);
        assert_ok(disk_write(fd, text, (size_t)len, 0, name, &e), &e);
        assert_ok(disk_data_sync(fd, name, &e), &e);
        assert_ok(disk_read(fd, back, sizeof back, 0, &got, name, &e), &e);
        assert_str(str_of(back, got), str_of(text, (size_t)len));
        disk_close(fd);
    }
}

static void many_at_once(void **state) {
    enum { MANY = 40 };
    static struct piece pieces[MANY];
    static int numbers[MANY];
    for (int i = 0; i < MANY; i++) {
        numbers[i] = i;
        pieces[i] = (struct piece){.run = use_one_of_many, .argument = &numbers[i]};
        piece_start(&pieces[i], runtime_reactor(*state, (unsigned)i % 2));
    }
    for (int i = 0; i < MANY; i++) piece_wait(&pieces[i]);
}

/* ---- whole files */

static void file_read_limits(void **state) {
    char memory[64];
    struct arena arena = arena_over(memory, sizeof memory);
    struct error e;
    str bytes = STR("before");
    assert_ok(disk_file_replace(folder_fd, "f", STR("0123456789"), 0600, &e), &e);
    assert_int_equal(disk_file_read(folder_fd, "f", 9, &arena, &bytes, &e), FAIL_LIMIT);
    assert_int_equal(arena_left(&arena), sizeof memory); /* nothing taken */
    assert_str(bytes, STR("before"));
    assert_ok(disk_file_read(folder_fd, "f", 10, &arena, &bytes, &e), &e);
    assert_str(bytes, STR("0123456789"));
    assert_int_equal(bytes.at[10], 0);
    assert_int_equal(arena_left(&arena), sizeof memory - 11);
    struct arena tight = arena_over(memory, 10);
    assert_int_equal(disk_file_read(folder_fd, "f", 100, &tight, &bytes, &e), FAIL_MEMORY);
    assert_ok(disk_file_replace(folder_fd, "f", STR_EMPTY, 0600, &e), &e);
    assert_ok(disk_file_read(folder_fd, "f", 10, &arena, &bytes, &e), &e);
    assert_int_equal(bytes.len, 0);
}

/* `azekura prove -o /dev/null`, asked for by root, made a file of the device, for everybody on the machine. */
static void a_pipe_was_replaced_by_a_file(void **state) {
    struct error e;
    struct stat found;
    char got[8];
    assert_int_equal(mkfifoat(folder_fd, "pipe", 0600), 0);
    int reader = openat(folder_fd, "pipe", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(reader >= 0);
    assert_ok(disk_file_replace(folder_fd, "pipe", STR("four"), 0600, &e), &e);
    assert_int_equal(read(reader, got, sizeof got), 4);
    assert_memory_equal(got, "four", 4);
    assert_int_equal(fstatat(folder_fd, "pipe", &found, 0), 0);
    assert_true(S_ISFIFO(found.st_mode));
    assert_int_equal(faccessat(folder_fd, "pipe.new", F_OK, 0), -1);
    close(reader);
    assert_int_equal(mkdirat(folder_fd, "sub", 0700), 0);
    assert_int_equal(disk_file_replace(folder_fd, "sub", STR("four"), 0600, &e), FAIL_SYSTEM);
    assert_int_equal(faccessat(folder_fd, "sub.new", F_OK, 0), -1);
}

/* `azekura explain --facts <(jq …)` and a proof on azekura-verify's /dev/stdin: "Illegal seek". */
static void a_pipe_could_not_be_read(void **state) {
    char memory[64], path[32];
    struct arena arena = arena_over(memory, sizeof memory);
    struct error e;
    str bytes;
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    assert_int_equal(write(ends[1], "0123456789", 10), 10);
    close(ends[1]);
    assert_ok(disk_file_read(AT_FDCWD, path, 20, &arena, &bytes, &e), &e);
    assert_str(bytes, STR("0123456789"));
    assert_int_equal(bytes.at[10], 0);
    close(ends[0]);
}

/* `-o /dev/stdout > FILE`, asked for by root, put a file in the place of the machine's /dev/stdout and left
 * FILE empty; what stood in it before, and what came after, has to stay. */
static void the_name_of_a_descriptor_was_replaced_by_a_file(void **state) {
    char path[32], got[16] = "";
    struct error e;
    int fd = openat(folder_fd, "redirected", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd > STDERR_FILENO);
    for (int named = 0; named < 2; named++) {
        snprintf(path, sizeof path, named ? "/dev/fd/%d" : "/proc/self/fd/%d", fd);
        assert_true(disk_is_no_file(AT_FDCWD, path));
        assert_int_equal(write(fd, "a", 1), 1);
        assert_ok(disk_file_replace(AT_FDCWD, path, STR("four"), 0600, &e), &e);
    }
    assert_int_equal(pread(fd, got, sizeof got, 0), 10);
    assert_string_equal(got, "afourafour");
    close(fd);
    assert_true(disk_is_no_file(AT_FDCWD, "/dev/stdout"));
    assert_int_not_equal(disk_file_replace(AT_FDCWD, path, STR("four"), 0600, &e), OK); /* closed */
}

static void replace_keeps_the_order(void **state) {
    struct error e;
    tap_begin(0, 0);
    assert_ok(disk_file_replace(folder_fd, "signed", STR("four"), 0600, &e), &e);
    assert_string_equal(tap.order, "open write write sync rename opendir syncdir ");
}

/* Whichever call fails: the old file or the new one, an error, and nothing left lying about. The
 * new one may stand after an error only when it was the last step, the folder's sync, that failed.
 */
static void replace_fails_at_each_call(void **state) {
    char memory[256];
    struct error e;
    for (int n = 1;; n++) {
        struct arena arena = arena_over(memory, sizeof memory);
        assert_ok(disk_file_replace(folder_fd, "signed", STR("old"), 0600, &e), &e);
        tap_begin(n, n % 2 ? ENOSPC : EIO);
        enum error_code code = disk_file_replace(folder_fd, "signed", STR("newer"), 0600, &e);
        bool renamed = strstr(tap.order, "rename opendir") != NULL;
        disk_use(NULL);
        if (code == OK) {
            assert_int_equal(n, 8);
            assert_str(file_now("signed", &arena), STR("newer"));
            break;
        }
        assert_int_equal(code, n % 2 ? FAIL_DISK_FULL : FAIL_SYSTEM);
        assert_str(file_now("signed", &arena), renamed ? STR("newer") : STR("old"));
        assert_str(file_now("signed.new", &arena), STR("(none)"));
    }
}

static void dirs_are_durable_before_what_is_in_them(void **state) {
    struct error e;
    struct stat info;
    tap_begin(0, 0);
    assert_ok(disk_make_dirs(folder_fd, "a/b//c/", 0700, &e), &e);
    assert_string_equal(tap.order, "mkdir opendir syncdir mkdir opendir syncdir "
                                   "mkdir opendir syncdir opendir ");
    tap_begin(0, 0);
    assert_ok(disk_make_dirs(folder_fd, "a/b/c", 0700, &e), &e); /* all there: the last one again */
    assert_string_equal(tap.order, "mkdir mkdir mkdir opendir syncdir opendir ");
    tap_begin(0, 0);
    assert_ok(disk_make_dirs(folder_fd, "a/b/d", 0700, &e), &e); /* b may have been half made */
    assert_string_equal(tap.order, "mkdir mkdir mkdir opendir syncdir opendir syncdir opendir ");
    assert_int_equal(fstatat(folder_fd, "a/b/d", &info, 0), 0);
    disk_use(NULL);
    assert_ok(disk_file_replace(folder_fd, "a/file", STR("x"), 0600, &e), &e);
    assert_int_equal(disk_make_dirs(folder_fd, "a/file", 0700, &e), FAIL_SYSTEM); /* ENOTDIR */
    assert_int_equal(disk_make_dirs(folder_fd, "a/file/x", 0700, &e), FAIL_SYSTEM);
    char absolute[128];
    snprintf(absolute, sizeof absolute, "%s/x/y", folder);
    assert_ok(disk_make_dirs(AT_FDCWD, absolute, 0700, &e), &e);
}

static void dirs_fail_at_each_call(void **state) {
    struct error e;
    char path[32];
    int n = 1;
    for (;; n++) {
        snprintf(path, sizeof path, "n%d/b", n);
        tap_begin(n, EIO);
        enum error_code code = disk_make_dirs(folder_fd, path, 0700, &e);
        if (code == OK) break;
        assert_int_equal(code, FAIL_SYSTEM);
        disk_use(NULL);
        assert_ok(disk_make_dirs(folder_fd, path, 0700, &e), &e); /* and it can be had later */
    }
    assert_int_equal(n, 8); /* two of: mkdir, opendir, syncdir; and the last look */
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

static int both_setup(void **state) {
    return folder_make(state) || runtime_setup(state);
}
static int both_teardown(void **state) {
    return runtime_teardown(state) || folder_remove(state);
}
#define IN_A_FOLDER_ON_BOTH(test)                                                                  \
    {#test " (io_uring)", test, both_setup, both_teardown, &test_uring}, {                         \
#test " (epoll)", test, both_setup, both_teardown, &test_epoll                             \
    }

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER_ON_BOTH(files_on_a_fiber),
        IN_A_FOLDER(files_on_a_thread),
        IN_A_FOLDER_ON_BOTH(many_at_once),
        IN_A_FOLDER(file_read_limits),
        IN_A_FOLDER(a_pipe_was_replaced_by_a_file),
        IN_A_FOLDER(a_pipe_could_not_be_read),
        IN_A_FOLDER(the_name_of_a_descriptor_was_replaced_by_a_file),
        IN_A_FOLDER(replace_keeps_the_order),
        IN_A_FOLDER(replace_fails_at_each_call),
        IN_A_FOLDER(dirs_are_durable_before_what_is_in_them),
        IN_A_FOLDER(dirs_fail_at_each_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
