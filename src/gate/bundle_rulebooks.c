/* The rulebooks of a bundle: the files as this store has them, each with its issuer's signature, so that
 * an inspector reads what was decided by, and can ask the issuer whether it is theirs. */
#include "gate/bundle.h"

#include "gate/rules.h"

#include "base/disk.h"

#include <fcntl.h>
#include <stdio.h>

static enum error_code file_write(const char *dir, const char *name, str bytes, struct error *e) {
    char path[BUNDLE_PATH_BYTES];
    TRY(bundle_path(dir, name, path, e));
    return disk_file_replace(AT_FDCWD, path, bytes, 0644, e);
}

enum error_code bundle_rulebooks(struct gate_visit *visit, const struct bundle_ask *ask,
                                 json_t *out, struct error *e) {
    const struct gate_rules *rules = visit->world->rules;
    json_t *list = json_array();
    char path[BUNDLE_PATH_BYTES];
    json_object_set_new(out, "rulebook_files", list);
    TRY(bundle_path(ask->dir, "rulebooks", path, e));
    TRY(disk_make_dirs(AT_FDCWD, path, 0755, e));
    for (size_t i = 0; i < rules->rulebooks.count; i++) {
        const struct gate_file *file = &rules->rulebooks.at[i];
        char name[64];
        snprintf(name, sizeof name, "rulebooks/%06zu.yaml", i);
        TRY(file_write(ask->dir, name, file->bytes, e));
        json_array_append_new(list,
                              json_pack("{s:s, s:s%, s:b}", "file", name, "was", file->name.at,
                                        file->name.len, "signature", file->signature.len > 0));
        if (file->signature.len == 0) continue;
        snprintf(name, sizeof name, "rulebooks/%06zu.yaml.sig", i);
        TRY(file_write(ask->dir, name, file->signature, e));
    }
    return OK;
}
