/* What only the whole model can say, and the schema of its files. */
#include <math.h>
#include <stdio.h>

#include "siting/siting.h"

static bool has_grade(const struct siting_grade *grades, size_t count, str grade) {
    for (size_t i = 0; i < count; i++)
        if (str_equal(grades[i].grade, grade)) return true;
    return false;
}

/* Each fragility must speak of the grade: one that is silent would make it harmless or deadly by
 * accident. */
static enum error_code check_grade(const struct siting_model *model, struct siting_place at,
                                   const char *who, str grade, struct error *e) {
    if (model->fragility_count == 0)
        return error_set(e, FAIL_SYNTAX,
                         "%.*s:%u: %s the grade \"%.*s\", but no fragility says what it does: give "
                         "p_loss and p_down, or add one with the id default",
                         STR_FMT(at.file), at.line, who, STR_FMT(grade));
    for (size_t i = 0; i < model->fragility_count; i++) {
        const struct siting_fragility *f = &model->fragilities[i];
        bool in_loss = has_grade(f->loss, f->loss_count, grade);
        if (in_loss && has_grade(f->down, f->down_count, grade)) continue;
        return error_set(
            e, FAIL_SYNTAX,
            "%.*s:%u: %s the grade \"%.*s\", of which the fragility \"%.*s\" has no %s",
            STR_FMT(at.file), at.line, who, STR_FMT(grade), STR_FMT(f->id),
            in_loss ? "down" : "loss");
    }
    return OK;
}

/* Features and rows must find each other: what is left over would strike nothing. */
static enum error_code check_joined(const struct siting_model *model, struct error *e) {
    for (size_t i = 0; i < model->shape_count; i++) {
        const struct siting_shape *shape = &model->shapes[i];
        const struct siting_event *event = siting_event_find(model, shape->event);
        if (event != NULL && event->is_row_alone) continue;
        return error_set(e, FAIL_SYNTAX,
                         event == NULL ? "%.*s:%u: a feature names the event \"%.*s\", which no "
                                         "table has"
                                       : "%.*s:%u: a feature names the event \"%.*s\", which says "
                                         "itself where it reaches",
                         STR_FMT(shape->at.file), shape->at.line, STR_FMT(shape->event));
    }
    for (size_t i = 0; i < model->event_count; i++) {
        const struct siting_event *event = &model->events[i];
        if (!event->is_row_alone) continue;
        const struct siting_branch *branch = &event->branches[0];
        if (branch->part_count == 0)
            return error_set(
                e, FAIL_SYNTAX,
                "%.*s:%u: event \"%.*s\" has no footprint, and no feature names it: it "
                "would strike nothing",
                STR_FMT(event->at.file), event->at.line, STR_FMT(event->id));
        for (size_t k = 0; k < branch->part_count; k++)
            if (branch->parts[k].grade.len == 0 &&
                (isnan(branch->parts[k].p_loss) || isnan(branch->parts[k].p_down)))
                return error_set(
                    e, FAIL_SYNTAX,
                    "%.*s:%u: neither event \"%.*s\" nor its features have a grade, or "
                    "both p_loss and p_down",
                    STR_FMT(event->at.file), event->at.line, STR_FMT(event->id));
    }
    return OK;
}

enum error_code siting_model_check(const struct siting_model *model, struct error *e) {
    bool has_default = model->fragility_count == 0;
    for (size_t i = 0; i < model->fragility_count; i++)
        has_default |= str_equal(model->fragilities[i].id, STR("default"));
    if (!has_default)
        return error_set(
            e, FAIL_SYNTAX,
            "no fragility has the id default, which sites without one of their own have");
    TRY(check_joined(model, e));
    if (model->background.len > 0)
        TRY(check_grade(model, model->background_at, "the background has", model->background, e));
    for (size_t i = 0; i < model->event_count; i++) {
        const struct siting_event *event = &model->events[i];
        char who[200];
        snprintf(who, sizeof who, "event \"%.*s\" names", STR_FMT(event->id));
        for (size_t b = 0; b < event->branch_count; b++)
            for (size_t k = 0; k < event->branches[b].part_count; k++) {
                const struct siting_part *part = &event->branches[b].parts[k];
                if (isnan(part->p_loss) || isnan(part->p_down))
                    TRY(check_grade(model, event->at, who, part->grade, e));
            }
    }
    return OK;
}
