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
    struct doc doc;
    TRY(disk_file_read(AT_FDCWD, path, LIMIT_DOC_BYTES, r->arena, &bytes, e));
    TRY(doc_read_yaml(str_from_c(path), bytes, r->arena, r->scratch, &doc, e));
    for (size_t i = 0; i < doc.count; i++)
        TRY(siting_model_read(doc.documents[i], r->arena, r->model, e));
    return OK;
}

enum error_code events_open(struct option_list *paths, struct arena *arena, struct arena scratch,
                            struct siting_model *model, struct error *e) {
    static char shipped[4096];
    struct events_reading r = {arena, scratch, model};
    if (paths->count == 0) {
        TRY(shipped_folder("events", "--events", shipped, sizeof shipped, e));
        paths->at[paths->count++] = shipped;
    }
    for (size_t i = 0; i < paths->count; i++) TRY(rulebooks_walk(paths->at[i], events_read, &r, e));
    return siting_model_check(model, e);
}
