/* Files and folders to texts: found by their names, read, and those of equipment by the million set apart
 * to be walked. What the texts say: register/load.c. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/disk.h"
#include "register/inner.h"

struct found {
    struct arena *names;
    struct register_text *texts;
    size_t count, most;
};

static enum error_code file_found(struct found *f, const char *path, struct error *e) {
    if (f->count == f->most)
        return error_set(e, FAIL_LIMIT, "the register has over %zu files", f->most);
    TRY(arena_copy(f->names, str_from_c(path), &f->texts[f->count].name, e));
    f->count++;
    return OK;
}

static int is_wanted(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

static enum error_code path_find(struct found *f, const char *path, unsigned depth,
                                 struct error *e);

static enum error_code folder_find(struct found *f, const char *path, unsigned depth,
                                   struct error *e) {
    if (depth == LIMIT_REGISTER_FOLDER_DEPTH)
        return error_set(e, FAIL_LIMIT, "%s: folders lie deeper than %d", path,
                         LIMIT_REGISTER_FOLDER_DEPTH);
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, is_wanted, alphasort);
    if (count < 0) return error_set_errno(e, errno, "register folder %s", path);
    enum error_code code = OK;
    for (int i = 0; i < count; i++) {
        char inner[4096];
        int len = snprintf(inner, sizeof inner, "%s%s%s", path,
                           str_ends(str_from_c(path), STR("/")) ? "" : "/", entries[i]->d_name);
        if (code == OK && (len < 0 || (size_t)len >= sizeof inner))
            code = error_set(e, FAIL_LIMIT, "%s: a path is over %zu bytes", path, sizeof inner);
        if (code == OK) code = path_find(f, inner, depth + 1, e);
        free(entries[i]);
    }
    free(entries);
    return code;
}

/* depth 0: what the caller named; deeper, files of other kinds are passed over. */
static enum error_code path_find(struct found *f, const char *path, unsigned depth,
                                 struct error *e) {
    struct stat info;
    if (stat(path, &info) != 0) return error_set_errno(e, errno, "register %s", path);
    if (S_ISDIR(info.st_mode)) return folder_find(f, path, depth, e);
    str name = str_from_c(path);
    if (text_is_readable(name)) return file_found(f, path, e);
    return depth > 0 ? OK
                     : error_set(e, FAIL_USAGE,
                                 "%s: expected a folder, or a file that ends in "
                                 ".yaml, .yml, .csv, .json or .geojson",
                                 path);
}

static enum error_code files_read(struct found *f, struct error *e) {
    size_t bytes = 0;
    for (size_t i = 0; i < f->count; i++) {
        TRY(disk_file_read(AT_FDCWD, f->texts[i].name.at, LIMIT_DOC_BYTES, f->names,
                           &f->texts[i].bytes, e));
        bytes += f->texts[i].bytes.len;
        if (bytes > LIMIT_REGISTER_BYTES)
            return error_set(e, FAIL_LIMIT, "the register is over %d bytes", LIMIT_REGISTER_BYTES);
    }
    return OK;
}

/* What is walked goes to `walked`, with its bytes in a space of its own; the others stay. */
static enum error_code walked_read(struct found *f, struct register_text *walked, size_t *count,
                                   struct arena_space *space, struct error *e) {
    size_t kept = 0, bytes = 0;
    struct arena arena;
    for (size_t i = 0; i < f->count; i++) {
        struct stat info;
        bool has_columns = f->texts[i].offer != NULL && f->texts[i].offer->column_count > 0;
        if (has_columns || stat(f->texts[i].name.at, &info) != 0 ||
            !part_is_walked(f->texts[i].name, (size_t)info.st_size)) {
            f->texts[kept++] = f->texts[i];
            continue;
        }
        bytes += (size_t)info.st_size;
        walked[(*count)++] = f->texts[i];
    }
    f->count = kept;
    if (*count == 0) return OK;
    if (bytes > LIMIT_REGISTER_WALKED_BYTES)
        return error_set(e, FAIL_LIMIT, "equipment to be walked is over %d bytes",
                         LIMIT_REGISTER_WALKED_BYTES);
    TRY(arena_space_open(space, bytes + *count * 4096, &arena, e));
    for (size_t i = 0; i < *count; i++)
        TRY(disk_file_read(AT_FDCWD, walked[i].name.at, LIMIT_REGISTER_WALKED_BYTES, &arena,
                           &walked[i].bytes, e));
    return OK;
}

static enum error_code parts_load(struct found *f, struct register_parts **parts, struct error *e) {
    struct arena_space space = {0};
    size_t count = 0;
    struct register_text *walked = arena_new(f->names, struct register_text, f->count);
    if (walked == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu files", f->count);
    enum error_code code = walked_read(f, walked, &count, &space, e);
    if (code == OK && count > 0) code = parts_open(walked, count, parts, e);
    if (code == OK && count > 0)
        parts_take_text(*parts, space);
    else
        arena_space_release(&space);
    return code;
}

static enum error_code offer_find(struct found *f, const struct register_offer *offer,
                                  struct error *e) {
    size_t first = f->count;
    str path;
    TRY(arena_copy(f->names, offer->path, &path, e));
    TRY(path_find(f, path.at, 0, e));
    for (size_t i = first; i < f->count; i++) f->texts[i].offer = offer;
    return OK;
}

static enum error_code load(const str *paths, size_t path_count, const struct register_offer *offer,
                            struct register_snapshot **out, struct register_parts **parts,
                            struct register_report *report, struct error *e) {
    enum { FILES_MOST = 10000 };
    struct arena_space space = {0};
    struct arena arena;
    struct register_parts *own = NULL;
    struct found f = {.names = &arena, .most = FILES_MOST};
    if (report != NULL) *report = (struct register_report){0};
    TRY(arena_space_open(&space, (size_t)2 * LIMIT_REGISTER_BYTES + ((size_t)64 << 20), &arena, e));
    f.texts = arena_new(&arena, struct register_text, FILES_MOST);
    assert(f.texts != NULL);
    enum error_code code = OK;
    for (size_t i = 0; i < path_count && code == OK; i++) {
        str path;
        code = arena_copy(&arena, paths[i], &path, e);
        if (code == OK) code = path_find(&f, path.at, 0, e);
    }
    if (code == OK && offer != NULL) code = offer_find(&f, offer, e);
    if (code == OK && parts != NULL) code = parts_load(&f, &own, e);
    if (code == OK) code = files_read(&f, e);
    if (code == OK) code = texts_load(f.texts, f.count, own, out, report, e);
    arena_space_release(&space);
    if (code == OK && own != NULL) {
        (*out)->parts = NULL; /* it was for loading; the parts may be gone before the snapshot */
        code = parts_keep(own, *out, e);
        if (code != OK) register_release(*out);
    }
    if (code != OK)
        register_parts_release(own);
    else if (parts != NULL)
        *parts = own;
    return code;
}

enum error_code register_load(const str *paths, size_t path_count, struct register_snapshot **out,
                              struct register_report *report, struct error *e) {
    return load(paths, path_count, NULL, out, NULL, report, e);
}

enum error_code register_load_parts(const str *paths, size_t path_count,
                                    const struct register_offer *offer,
                                    struct register_snapshot **out, struct register_parts **parts,
                                    struct register_report *report, struct error *e) {
    return load(paths, path_count, offer, out, parts, report, e);
}
