/* Rulebook files and folders, for commands that open no store. */
#include "app/rules/rulebooks.h"

#include "base/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct loading {
    struct arena *arena;
    struct arena scratch;
    const struct rulebook **all;
    size_t count;
};

static enum error_code file_load(void *context, const char *path, struct error *e) {
    struct loading *l = context;
    struct rulebook_read read;
    str name, bytes;
    TRY(arena_copy(l->arena, str_from_c(path), &name, e));
    TRY(disk_file_read(AT_FDCWD, path, LIMIT_DOC_BYTES, l->arena, &bytes, e));
    TRY(rulebook_read(name, bytes, l->arena, l->scratch, &read, e));
    for (size_t i = 0; i < read.count; i++) {
        if (l->count == RULEBOOKS_MAX)
            return error_set(e, FAIL_LIMIT, "more than %d rulebooks", RULEBOOKS_MAX);
        l->all[l->count++] = read.rulebooks[i];
    }
    return OK;
}

static bool is_yaml(str name) {
    return name.at[0] != '.' && (str_ends(name, STR(".yaml")) || str_ends(name, STR(".yml")));
}

static enum error_code folder_walk(const char *path, bool (*is_one)(str name),
                                   rulebooks_visit *visit, void *context, struct error *e) {
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    enum error_code code = OK;
    if (count < 0) return error_set(e, FAIL_NOT_FOUND, "cannot list the folder \"%s\"", path);
    for (int i = 0; i < count; i++) {
        char full[PATH_MAX];
        snprintf(full, sizeof full, "%s/%s", path, entries[i]->d_name);
        if (code == OK && is_one(str_from_c(entries[i]->d_name))) code = visit(context, full, e);
        free(entries[i]);
    }
    free(entries);
    return code;
}

enum error_code files_walk(const char *path, bool (*is_one)(str name), rulebooks_visit *visit,
                           void *context, struct error *e) {
    struct stat about;
    if (stat(path, &about) != 0)
        return error_set(e, FAIL_NOT_FOUND, "there is no file or folder \"%s\"", path);
    return S_ISDIR(about.st_mode) ? folder_walk(path, is_one, visit, context, e)
                                  : visit(context, path, e);
}

enum error_code rulebooks_walk(const char *path, rulebooks_visit *visit, void *context,
                               struct error *e) {
    return files_walk(path, is_yaml, visit, context, e);
}

enum error_code rulebooks_load(const struct option_list *paths, struct arena *arena,
                               struct arena scratch, struct rulebook_set_input *input,
                               struct error *e) {
    struct loading l = {.arena = arena, .scratch = scratch};
    l.all = arena_new(arena, const struct rulebook *, RULEBOOKS_MAX);
    if (l.all == NULL) return error_set(e, FAIL_MEMORY, "no room for rulebooks");
    for (size_t i = 0; i < paths->count; i++) TRY(rulebooks_walk(paths->at[i], file_load, &l, e));
    input->rulebooks = l.all;
    input->rulebook_count = l.count;
    return OK;
}

enum error_code shipped_folder(const char *name, const char *option, char *path, size_t bytes,
                               struct error *e) {
    static const char *const from_program[] = {"../share/azekura",
                                               "../../.."}; /* BUILD/src/app/azekura */
    char program[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    if (len < 0) return error_set_errno(e, errno, "finding the program's own place");
    program[len] = 0;
    char *slash = strrchr(program, '/');
    if (slash != NULL) *slash = 0;
    for (size_t i = 0; i < COUNT_OF(from_program); i++) {
        struct stat about;
        int wrote = snprintf(path, bytes, "%s/%s/%s", program, from_program[i], name);
        bool fits = wrote > 0 && (size_t)wrote < bytes;
        if (fits && stat(path, &about) == 0 && S_ISDIR(about.st_mode)) return OK;
    }
    return error_set(e, FAIL_NOT_FOUND, "no %s lie beside the program; name them with %s", name,
                     option);
}

enum error_code rulebooks_shipped(char *path, size_t bytes, struct error *e) {
    return shipped_folder("rulebooks", "--rulebook", path, bytes, e);
}
