/* The rulebooks beside what this store did by them: the files as it has them, each with its issuer's signature, so
 * that an inspector reads what was decided by, and can ask the issuer whether it is theirs. */
#include "gate/show/bundle.h"

#include "gate/rules/rules.h"

#include "base/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Bytes of nothing: a file of an earlier export is taken away. */
static enum error_code file_write(const char *dir, size_t number, const char *ending, str bytes,
                                  bool *was_there, struct error *e) {
    char path[BUNDLE_PATH_BYTES], name[64];
    snprintf(name, sizeof name, "rulebooks/%06zu.yaml%s", number, ending);
    TRY(bundle_path(dir, name, path, e));
    if (bytes.len > 0) return disk_file_replace(AT_FDCWD, path, bytes, 0644, e);
    *was_there = unlink(path) == 0;
    return *was_there || errno == ENOENT ? OK : error_set_errno(e, errno, "removing %s", path);
}

enum error_code gate_rulebooks_write(struct gate_visit *visit, const char *dir, struct error *e) {
    const struct gate_rules *rules = visit->world->rules;
    char path[BUNDLE_PATH_BYTES];
    bool was_there = true;
    TRY(bundle_path(dir, "rulebooks", path, e));
    TRY(disk_make_dirs(AT_FDCWD, path, 0755, e));
    for (size_t i = 0; i < rules->rulebooks.count; i++) {
        TRY(file_write(dir, i, "", rules->rulebooks.at[i].bytes, &was_there, e));
        TRY(file_write(dir, i, ".sig", rules->rulebooks.at[i].signature, &was_there, e));
    }
    was_there = true;
    for (size_t i = rules->rulebooks.count; was_there; i++) {
        bool had_signature;
        TRY(file_write(dir, i, ".sig", STR_EMPTY, &had_signature, e));
        TRY(file_write(dir, i, "", STR_EMPTY, &was_there, e));
    }
    return OK;
}

enum error_code bundle_rulebooks(struct gate_visit *visit, const struct gate_bundle_ask *ask,
                                 json_t *out, struct error *e) {
    const struct gate_rules *rules = visit->world->rules;
    json_t *list = json_array();
    json_object_set_new(out, "rulebook_files", list);
    TRY(gate_rulebooks_write(visit, ask->dir, e));
    for (size_t i = 0; i < rules->rulebooks.count; i++) {
        const struct gate_file *file = &rules->rulebooks.at[i];
        char name[64];
        snprintf(name, sizeof name, "rulebooks/%06zu.yaml", i);
        json_array_append_new(list,
                              json_pack("{s:s, s:s%, s:b}", "file", name, "was", file->name.at,
                                        file->name.len, "signature", file->signature.len > 0));
    }
    return OK;
}
