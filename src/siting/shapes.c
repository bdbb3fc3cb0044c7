/* Rates as rows of a table, footprints as GeoJSON: features name the events whose footprint they are. */
#include <math.h>

#include "siting/read.h"

/* `event` or `id` among its properties, or the id of the feature itself (RFC 7946, 3.2). */
static enum error_code name_of(const struct doc_node *feature, str *out, struct error *e) {
    const struct doc_node *properties = doc_map_find(feature, STR("properties"));
    const struct doc_node *name = doc_map_find(properties, STR("event"));
    if (name == NULL) name = doc_map_find(properties, STR("id"));
    if (name == NULL) name = doc_map_find(feature, STR("id"));
    if (name == NULL)
        return doc_error(feature, e,
                         "expected the event's id as \"event\" among the feature's properties");
    return doc_code(name, out, e);
}

enum error_code read_shapes(const struct doc_node *document, str file, struct arena *arena,
                            struct siting_model *model, struct error *e) {
    const struct doc_node *features;
    size_t kept = model->shape_count;
    TRY(doc_map_get(document, STR("features"), &features, e));
    TRY(doc_want(features, DOC_LIST, "a list of features", e));
    struct siting_shape *shapes = arena_new(arena, struct siting_shape, kept + features->count);
    if (shapes == NULL) return error_set(e, FAIL_MEMORY, "no memory for footprints");
    if (kept > 0) memcpy(shapes, model->shapes, kept * sizeof *shapes);
    for (size_t i = 0; i < features->count; i++) {
        struct siting_shape *shape = &shapes[kept + i];
        shape->at = (struct siting_place){file, features->items[i]->line};
        TRY(name_of(features->items[i], &shape->event, e));
        TRY(read_feature(features->items[i], arena, &shape->part, e));
    }
    model->shapes = shapes;
    model->shape_count = kept + features->count;
    return OK;
}

static size_t shapes_of(const struct siting_model *model, str event) {
    size_t count = 0;
    for (size_t i = 0; i < model->shape_count; i++)
        count += str_equal(model->shapes[i].event, event);
    return count;
}

static struct siting_part part_of(const struct siting_event *event,
                                  const struct siting_shape *shape) {
    struct siting_part part = shape->part;
    if (part.grade.len == 0) part.grade = event->common.grade;
    if (isnan(part.p_loss)) part.p_loss = event->common.p_loss;
    if (isnan(part.p_down)) part.p_down = event->common.p_down;
    return part;
}

static enum error_code join(struct arena *arena, const struct siting_model *model,
                            struct siting_event *event, struct error *e) {
    size_t count = shapes_of(model, event->id), used = 0;
    struct siting_branch *branch = arena_new(arena, struct siting_branch, 1);
    struct siting_part *parts = arena_new(arena, struct siting_part, count);
    if (branch == NULL || parts == NULL)
        return error_set(e, FAIL_MEMORY, "no memory for footprints");
    for (size_t i = 0; i < model->shape_count; i++)
        if (str_equal(model->shapes[i].event, event->id))
            parts[used++] = part_of(event, &model->shapes[i]);
    *branch = event->branches[0];
    branch->parts = parts;
    branch->part_count = count;
    event->branches = branch;
    return OK;
}

enum error_code shapes_join(struct arena *arena, struct siting_model *model, struct error *e) {
    if (model->shape_count == 0) return OK;
    struct siting_event *events = arena_new(arena, struct siting_event, model->event_count);
    if (events == NULL) return error_set(e, FAIL_MEMORY, "no memory for events");
    if (model->event_count > 0) memcpy(events, model->events, model->event_count * sizeof *events);
    for (size_t i = 0; i < model->event_count; i++)
        if (events[i].is_row_alone) TRY(join(arena, model, &events[i], e));
    model->events = events;
    return OK;
}
