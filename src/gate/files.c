/* Rulebook files: read once, kept with the rules they became, so that a change of the register
 * alone never takes in a file somebody is still editing. */
#include "gate/rules.h"

#include "base/disk.h"
#include "issuer/issuer.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { FILES_MAX = 1024 };

/* PATH.sig, where it lies beside. */
static enum error_code signature_add(struct gate_rules *rules, const char *path,
                                     struct gate_rulebook_file *file, struct error *e) {
    char full[4096];
    int used = snprintf(full, sizeof full, "%s.sig", path);
    if (used < 0 || (size_t)used >= sizeof full)
        return error_set(e, FAIL_LIMIT, "the path %.100s… is too long", path);
    enum error_code code = disk_file_read(AT_FDCWD, full, ISSUER_SIGNATURE_BYTES_MAX, &rules->arena,
                                          &file->signature, e);
    return code == FAIL_NOT_FOUND ? OK : code;
}

static enum error_code file_add(struct gate_rules *rules, const char *path, struct error *e) {
    if (rules->file_count == FILES_MAX)
        return error_set(e, FAIL_LIMIT, "more than %d rulebook files", FILES_MAX);
    struct gate_rulebook_file *file = &rules->files[rules->file_count];
    TRY(arena_copy(&rules->arena, str_from_c(path), &file->name, e));
    TRY(disk_file_read(AT_FDCWD, path, LIMIT_DOC_BYTES, &rules->arena, &file->bytes, e));
    TRY(signature_add(rules, path, file, e));
    rules->file_count++;
    return OK;
}

static int is_yaml(const struct dirent *entry) {
    str name = str_from_c(entry->d_name);
    return name.len > 0 && name.at[0] != '.' &&
           (str_ends(name, STR(".yaml")) || str_ends(name, STR(".yml")));
}

static enum error_code folder_add(struct gate_rules *rules, const char *path, struct error *e) {
    struct dirent **entries;
    int count = scandir(path, &entries, is_yaml, alphasort);
    if (count < 0) return error_set(e, FAIL_NOT_FOUND, "cannot list the rulebooks of %s", path);
    enum error_code code = OK;
    for (int i = 0; i < count; i++) {
        char full[4096];
        if (code == OK) {
            int used = snprintf(full, sizeof full, "%s/%s", path, entries[i]->d_name);
            code = used > 0 && (size_t)used < sizeof full
                       ? file_add(rules, full, e)
                       : error_set(e, FAIL_LIMIT, "a path under %s is too long", path);
        }
        free(entries[i]);
    }
    free(entries);
    return code;
}

static enum error_code files_room(struct gate_rules *rules, struct error *e) {
    rules->files = arena_new(&rules->arena, struct gate_rulebook_file, FILES_MAX);
    if (rules->files == NULL) return error_set(e, FAIL_MEMORY, "no room for rulebook files");
    return OK;
}

/* The files of the last change, as the store keeps them: for a command that names none. */
static enum error_code rows_read(const struct gate *gate, struct gate_rules *rules,
                                 struct error *e) {
    struct engine_view *view;
    struct engine_scan *scan;
    TRY(engine_view_open(gate->engine, &view, e));
    enum error_code code = engine_view_scan(view, ENGINE_META, STR("k/"), STR("k0"), &scan, e);
    if (code != OK) {
        engine_view_close(view);
        return code;
    }
    while (code == OK && rules->file_count < FILES_MAX) {
        struct gate_rulebook_file *file = &rules->files[rules->file_count];
        bool more;
        str key, row;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more) break;
        struct unpack u = unpack_from(row);
        str name = unpack_str(&u), bytes = unpack_str(&u), signature = STR_EMPTY;
        if (u.rest.len > 0)
            signature = unpack_str(&u); /* rows written before signatures end here */
        code = unpack_done(&u, "a rulebook file's row", e);
        if (code == OK) code = arena_copy(&rules->arena, name, &file->name, e);
        if (code == OK) code = arena_copy(&rules->arena, bytes, &file->bytes, e);
        if (code == OK) code = arena_copy(&rules->arena, signature, &file->signature, e);
        if (code == OK) rules->file_count++;
    }
    engine_scan_close(scan);
    engine_view_close(view);
    return code;
}

enum error_code gate_rulebook_files_read(const struct gate *gate, struct gate_rules *rules,
                                         struct error *e) {
    TRY(files_room(rules, e));
    if (gate->options.rulebook_count == 0) return rows_read(gate, rules, e);
    for (size_t i = 0; i < gate->options.rulebook_count; i++) {
        const char *path = gate->options.rulebook_paths[i];
        struct stat about;
        if (stat(path, &about) != 0)
            return error_set(e, FAIL_NOT_FOUND, "there is no rulebook file or folder \"%s\"", path);
        TRY(S_ISDIR(about.st_mode) ? folder_add(rules, path, e) : file_add(rules, path, e));
    }
    return OK;
}

enum error_code gate_rulebook_files_copy(const struct gate_rules *before, struct gate_rules *rules,
                                         struct error *e) {
    TRY(files_room(rules, e));
    for (size_t i = 0; i < before->file_count; i++) {
        const struct gate_rulebook_file *from = &before->files[i];
        TRY(arena_copy(&rules->arena, from->name, &rules->files[i].name, e));
        TRY(arena_copy(&rules->arena, from->bytes, &rules->files[i].bytes, e));
        TRY(arena_copy(&rules->arena, from->signature, &rules->files[i].signature, e));
    }
    rules->file_count = before->file_count;
    return OK;
}
