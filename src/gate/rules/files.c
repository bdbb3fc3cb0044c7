/* Files that decisions are made from, rulebooks and tables of events: read once, kept with the rules they
 * became, so that a change of the register alone never takes in a file somebody is still editing. */
#include "gate/rules/rules.h"

#include "base/disk.h"
#include "issuer/issuer.h"
#include "siting/siting.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { FILES_MAX = 1024 };

/* One of the two kinds: where they are listed, and for messages. */
struct kind {
    struct gate_files *out;
    const char *const *paths;
    size_t path_count;
    bool is_signed;           /* each may have PATH.sig beside it */
    bool (*is_one)(str name); /* of those in a folder */
    const char *what;
};

/* PATH.sig, where it lies beside. */
static enum error_code signature_add(struct gate_rules *rules, const char *path,
                                     struct gate_file *file, struct error *e) {
    char full[4096];
    int used = snprintf(full, sizeof full, "%s.sig", path);
    if (used < 0 || (size_t)used >= sizeof full)
        return error_set(e, FAIL_LIMIT, "the path %.100s… is too long", path);
    enum error_code code = disk_file_read(AT_FDCWD, full, ISSUER_SIGNATURE_BYTES_MAX, &rules->arena,
                                          &file->signature, e);
    return code == FAIL_NOT_FOUND ? OK : code;
}

static enum error_code file_add(struct gate_rules *rules, const struct kind *kind, const char *path,
                                struct error *e) {
    if (kind->out->count == FILES_MAX)
        return error_set(e, FAIL_LIMIT, "more than %d %s files", FILES_MAX, kind->what);
    struct gate_file *file = &kind->out->at[kind->out->count];
    TRY(arena_copy(&rules->arena, str_from_c(path), &file->name, e));
    TRY(disk_file_read(AT_FDCWD, path, LIMIT_DOC_BYTES, &rules->arena, &file->bytes, e));
    if (kind->is_signed) TRY(signature_add(rules, path, file, e));
    kind->out->count++;
    return OK;
}

static bool is_yaml(str name) {
    return name.len > 0 && name.at[0] != '.' &&
           (str_ends(name, STR(".yaml")) || str_ends(name, STR(".yml")));
}

static enum error_code folder_add(struct gate_rules *rules, const struct kind *kind,
                                  const char *path, struct error *e) {
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    if (count < 0)
        return error_set(e, FAIL_NOT_FOUND, "cannot list the %s files of %s", kind->what, path);
    enum error_code code = OK;
    for (int i = 0; i < count; i++) {
        char full[4096];
        if (code == OK && kind->is_one(str_from_c(entries[i]->d_name))) {
            int used = snprintf(full, sizeof full, "%s/%s", path, entries[i]->d_name);
            code = used > 0 && (size_t)used < sizeof full
                       ? file_add(rules, kind, full, e)
                       : error_set(e, FAIL_LIMIT, "a path under %s is too long", path);
        }
        free(entries[i]);
    }
    free(entries);
    return code;
}

static enum error_code paths_read(struct gate_rules *rules, const struct kind *kind,
                                  struct error *e) {
    for (size_t i = 0; i < kind->path_count; i++) {
        const char *path = kind->paths[i];
        struct stat about;
        if (stat(path, &about) != 0)
            return error_set(e, FAIL_NOT_FOUND, "there is no %s file or folder \"%s\"", kind->what,
                             path);
        TRY(S_ISDIR(about.st_mode) ? folder_add(rules, kind, path, e)
                                   : file_add(rules, kind, path, e));
    }
    return OK;
}

static enum error_code room_make(struct gate_rules *rules, struct gate_files *files,
                                 struct error *e) {
    *files = (struct gate_files){.at = arena_new(&rules->arena, struct gate_file, FILES_MAX)};
    return files->at != NULL ? OK : error_set(e, FAIL_MEMORY, "no room for a list of files");
}

/* ---- as the store keeps them, of the last change: for a command that names none ---- */

static enum error_code row_read(struct gate_rules *rules, str row, struct gate_file *file,
                                struct error *e) {
    struct unpack u = unpack_from(row);
    str name = unpack_str(&u), bytes = unpack_str(&u), signature = STR_EMPTY;
    if (u.rest.len > 0) signature = unpack_str(&u); /* rows written before signatures end here */
    TRY(unpack_done(&u, "a kept file's row", e));
    TRY(arena_copy(&rules->arena, name, &file->name, e));
    TRY(arena_copy(&rules->arena, bytes, &file->bytes, e));
    return arena_copy(&rules->arena, signature, &file->signature, e);
}

static enum error_code rows_read(const struct gate *gate, struct gate_rules *rules, str from,
                                 str past, struct gate_files *out, struct error *e) {
    struct engine_view *view;
    struct engine_scan *scan;
    TRY(engine_view_open(gate->engine, &view, e));
    enum error_code code = engine_view_scan(view, ENGINE_META, from, past, &scan, e);
    if (code != OK) {
        engine_view_close(view);
        return code;
    }
    while (code == OK && out->count < FILES_MAX) {
        bool more;
        str key, row;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more) break;
        code = row_read(rules, row, &out->at[out->count], e);
        if (code == OK) out->count++;
    }
    engine_scan_close(scan);
    engine_view_close(view);
    return code;
}

/* ---- the public story ---- */

enum error_code gate_files_read(const struct gate *gate, struct gate_rules *rules,
                                struct error *e) {
    const struct gate_options *o = &gate->options;
    const struct kind rulebooks = {&rules->rulebooks, o->rulebook_paths, o->rulebook_count, true,
                                   is_yaml,           "rulebook"},
                      events = {&rules->events, o->event_paths, o->event_count,
                                false,          siting_file_is, "event"};
    TRY(room_make(rules, &rules->rulebooks, e));
    TRY(room_make(rules, &rules->events, e));
    TRY(o->rulebook_count > 0 ? paths_read(rules, &rulebooks, e)
                              : rows_read(gate, rules, STR("k/"), STR("k0"), &rules->rulebooks, e));
    return o->event_count > 0 || !o->is_command
               ? paths_read(rules, &events, e)
               : rows_read(gate, rules, STR("E/"), STR("E0"), &rules->events, e);
}

static enum error_code files_copy(const struct gate_files *from, struct gate_rules *rules,
                                  struct gate_files *to, struct error *e) {
    TRY(room_make(rules, to, e));
    for (; to->count < from->count; to->count++) {
        const struct gate_file *file = &from->at[to->count];
        TRY(arena_copy(&rules->arena, file->name, &to->at[to->count].name, e));
        TRY(arena_copy(&rules->arena, file->bytes, &to->at[to->count].bytes, e));
        TRY(arena_copy(&rules->arena, file->signature, &to->at[to->count].signature, e));
    }
    return OK;
}

enum error_code gate_files_copy(const struct gate_rules *before, struct gate_rules *rules,
                                struct error *e) {
    TRY(files_copy(&before->rulebooks, rules, &rules->rulebooks, e));
    return files_copy(&before->events, rules, &rules->events, e);
}
