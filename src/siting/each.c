/* One group for each of a scheme: makers, programs and operators are as many as the sites name. */
#include "siting/siting.h"

const struct siting_event *siting_event_find(const struct siting_model *model, str id) {
    for (size_t i = 0; i < model->event_count; i++)
        if (str_equal(model->events[i].id, id)) return &model->events[i];
    return NULL;
}

/* The group's own name stands in for the star, in its id and in its footprint. */
static enum error_code make(const struct siting_event *each, str id, struct arena *arena,
                            const struct siting_event **out, struct error *e) {
    struct siting_event *event = arena_new(arena, struct siting_event, 1);
    struct siting_branch *branch = arena_new(arena, struct siting_branch, 1);
    struct siting_part *part = arena_new(arena, struct siting_part, 1);
    str *group = arena_new(arena, str, 1);
    if (event == NULL || branch == NULL || part == NULL || group == NULL)
        return error_set(e, FAIL_MEMORY, "no memory for the group %.*s", STR_FMT(id));
    *group = id;
    *part = each->branches[0].parts[0];
    part->groups = group;
    *branch = each->branches[0];
    branch->parts = part;
    *event = *each;
    event->id = id;
    event->is_each = false;
    event->branches = branch;
    *out = event;
    return OK;
}

enum error_code siting_event_of(const struct siting_model *model, str id, struct arena *arena,
                                const struct siting_event **out, struct error *e) {
    *out = siting_event_find(model, id);
    if (*out != NULL) return OK;
    for (size_t i = 0; i < model->event_count; i++) {
        const struct siting_event *each = &model->events[i];
        str scheme = str_slice(each->id, 0, each->id.len - each->is_each);
        if (each->is_each && id.len > scheme.len && str_starts(id, scheme))
            return make(each, id, arena, out, e);
    }
    return OK;
}
