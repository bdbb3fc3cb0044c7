/* Tables of events, read whole. */
#include "app/site/events.h"

#include "app/rules/rulebooks.h"
#include "base/disk.h"

#include <fcntl.h>

struct events_reading {
    struct arena *arena, scratch;
    struct siting_model *model;
};

static enum error_code events_read(void *context, const char *path, struct error *e) {
    struct events_reading *r = context;
    str bytes;
    TRY(disk_file_read(AT_FDCWD, path, LIMIT_DOC_BYTES, r->arena, &bytes, e));
    return siting_file_read(str_from_c(path), bytes, r->arena, r->scratch, r->model, e);
}

enum error_code events_open(struct option_list *paths, struct arena *arena, struct arena scratch,
                            struct siting_model *model, struct error *e) {
    static char shipped[4096];
    struct events_reading r = {arena, scratch, model};
    if (paths->count == 0) {
        TRY(shipped_folder("events", "--events", shipped, sizeof shipped, e));
        paths->at[paths->count++] = shipped;
    }
    for (size_t i = 0; i < paths->count; i++)
        TRY(files_walk(paths->at[i], siting_file_is, events_read, &r, e));
    return siting_model_check(model, e);
}
