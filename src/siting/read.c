/* A document of events, groups and fragilities, read to a model. */
#include "siting/read.h"

#include <math.h>

#include "base/limits.h"
#include "siting/area.h"
#include "siting/number.h"

static const char yearly[] = "a yearly rate, 0 to 1000";
#define RATE_MAX 1000.0 /* three a day: beyond that it is no event but the weather */

enum error_code read_rates(const struct doc_node *map, struct siting_event *out, struct error *e) {
    double both = NAN, lo = NAN, hi = NAN, p_lo = NAN, p_hi = NAN;
    TRY(number_find(map, "rate", 0, RATE_MAX, yearly, &both, e));
    TRY(number_find(map, "rate_lo", 0, RATE_MAX, yearly, &lo, e));
    TRY(number_find(map, "rate_hi", 0, RATE_MAX, yearly, &hi, e));
    TRY(number_find(map, "p30_lo", 0, 0.9999, "a probability in 30 years, 0 to 0.9999", &p_lo, e));
    TRY(number_find(map, "p30_hi", 0, 0.9999, "a probability in 30 years, 0 to 0.9999", &p_hi, e));
    int ways = !isnan(both) + (!isnan(lo) && !isnan(hi)) + (!isnan(p_lo) && !isnan(p_hi));
    int given = !isnan(both) + (!isnan(lo) || !isnan(hi)) + (!isnan(p_lo) || !isnan(p_hi));
    if (ways != 1 || given != 1)
        return doc_error(map, e,
                         "\"%.*s\" needs one of rate, rate_lo with rate_hi, or p30_lo with p30_hi",
                         STR_FMT(out->id));
    if (!isnan(both)) lo = hi = both;
    if (!isnan(p_lo)) { /* Poisson: 1 - exp(-30 rate) */
        lo = -log1p(-p_lo) / 30;
        hi = -log1p(-p_hi) / 30;
    }
    if (lo > hi)
        return doc_error(map, e, "\"%.*s\" has a low rate of %g above its high one of %g",
                         STR_FMT(out->id), lo, hi);
    out->rate_lo = lo;
    out->rate_hi = hi;
    return OK;
}

enum error_code read_name(const struct doc_node *map, str nameless, str *out_en, str *out_ja,
                          struct error *e) {
    const struct doc_node *name = doc_map_find(map, STR("name"));
    *out_en = *out_ja = nameless;
    if (name == NULL) return OK;
    if (name->kind == DOC_SCALAR) {
        TRY(doc_text(name, out_en, e));
        *out_ja = *out_en;
        return OK;
    }
    static const str languages[] = {{"en", 2}, {"ja", 2}};
    TRY(doc_map_only(name, languages, COUNT_OF(languages), e));
    const struct doc_node *en = doc_map_find(name, STR("en")), *ja = doc_map_find(name, STR("ja"));
    if (en != NULL) TRY(doc_text(en, out_en, e));
    if (ja != NULL) TRY(doc_text(ja, out_ja, e));
    if (en == NULL && ja != NULL) *out_en = *out_ja;
    if (ja == NULL && en != NULL) *out_ja = *out_en;
    return OK;
}

enum error_code read_codes(const struct doc_node *map, const char *key, struct arena *arena,
                           const str **out, size_t *count, struct error *e) {
    const struct doc_node *list = doc_map_find(map, str_from_c(key));
    if (list == NULL) return OK;
    TRY(doc_want(list, DOC_LIST, "a list of ids", e));
    str *codes = arena_new(arena, str, list->count);
    if (codes == NULL) return error_set(e, FAIL_MEMORY, "no memory for ids");
    for (size_t i = 0; i < list->count; i++) TRY(doc_code(list->items[i], &codes[i], e));
    *out = codes;
    *count = list->count;
    return OK;
}

/* What events and groups have in common. */
static enum error_code read_head(const struct doc_node *node, struct siting_event *out,
                                 struct error *e) {
    const struct doc_node *id, *kind = doc_map_find(node, STR("kind")),
                               *source = doc_map_find(node, STR("source"));
    TRY(doc_map_get(node, STR("id"), &id, e));
    TRY(doc_code(id, &out->id, e));
    if (kind != NULL) TRY(doc_code(kind, &out->kind, e));
    if (source != NULL) TRY(doc_text(source, &out->source, e));
    TRY(read_name(node, out->id, &out->name_en, &out->name_ja, e));
    return read_rates(node, out, e);
}

static enum error_code read_event(const struct doc_node *node, struct arena *arena,
                                  struct siting_event *out, struct error *e) {
    static const str keys[] = {{"id", 2},      {"kind", 4},     {"name", 4},     {"rate", 4},
                               {"rate_lo", 7}, {"rate_hi", 7},  {"p30_lo", 6},   {"p30_hi", 6},
                               {"source", 6},  {"note", 4},     {"mapped", 6},   {"branches", 8},
                               {"grade", 5},   {"outage_h", 8}, {"repair_h", 8}, {"footprint", 9},
                               {"within", 6}};
    TRY(doc_map_only(node, keys, COUNT_OF(keys), e));
    TRY(read_head(node, out, e));
    TRY(read_codes(node, "within", arena, &out->within, &out->within_count, e));
    const struct doc_node *mapped = doc_map_find(node, STR("mapped"));
    if (mapped != NULL) TRY(area_read(mapped, arena, &out->mapped, e));
    return read_branches(node, arena, out, e);
}

/* A group is an event of one branch over its members. A grid's failure takes the power, so that fuel
 * counts against it. */
static enum error_code read_group(const struct doc_node *node, struct arena *arena,
                                  struct siting_event *out, struct error *e) {
    static const str keys[] = {{"id", 2},      {"kind", 4},    {"name", 4},    {"rate", 4},
                               {"rate_lo", 7}, {"rate_hi", 7}, {"p30_lo", 6},  {"p30_hi", 6},
                               {"source", 6},  {"note", 4},    {"members", 7}, {"p_loss", 6},
                               {"p_down", 6},  {"repair_h", 8}};
    TRY(doc_map_only(node, keys, COUNT_OF(keys), e));
    TRY(read_head(node, out, e));
    struct siting_branch *branch = arena_new(arena, struct siting_branch, 1);
    struct siting_part *part = arena_new(arena, struct siting_part, 1);
    str *self = arena_new(arena, str, 1);
    if (branch == NULL || part == NULL || self == NULL)
        return error_set(e, FAIL_MEMORY, "no memory for a group");
    *self = out->id;
    *part = (struct siting_part){.groups = self, .group_count = 1};
    TRY(read_codes(node, "members", arena, &part->sites, &part->site_count, e));
    const struct doc_node *p_loss, *p_down;
    TRY(doc_map_get(node, STR("p_loss"), &p_loss, e));
    TRY(doc_map_get(node, STR("p_down"), &p_down, e));
    TRY(number_read(p_loss, 0, 1, "a probability from 0 to 1", &part->p_loss, e));
    TRY(number_read(p_down, 0, 1, "a probability from 0 to 1", &part->p_down, e));
    *branch = (struct siting_branch){.prob = 1, .parts = part, .part_count = 1};
    TRY(number_find(node, "repair_h", 0, 1e6, "a number of hours, 0 or more", &branch->repair_h,
                    e));
    if (str_equal(out->kind, STR("grid"))) branch->outage_h = branch->repair_h;
    out->is_group = true;
    out->is_each = str_ends(out->id, STR(":*"));
    if (out->is_each && part->site_count > 0)
        return doc_error(node, e,
                         "\"%.*s\" stands for each group of its scheme and can have no members",
                         STR_FMT(out->id));
    out->branches = branch;
    out->branch_count = 1;
    return OK;
}

static enum error_code read_grades(const struct doc_node *map, const char *key, struct arena *arena,
                                   const struct siting_grade **out, size_t *count,
                                   struct error *e) {
    const struct doc_node *grades;
    TRY(doc_map_get(map, str_from_c(key), &grades, e));
    TRY(doc_want(grades, DOC_MAP, "a map of grades to probabilities", e));
    struct siting_grade *list = arena_new(arena, struct siting_grade, grades->count);
    if (list == NULL) return error_set(e, FAIL_MEMORY, "no memory for a fragility");
    for (size_t i = 0; i < grades->count; i++) {
        list[i].grade = grades->keys[i]->text;
        TRY(number_read(grades->items[i], 0, 1, "a probability from 0 to 1", &list[i].p, e));
    }
    *out = list;
    *count = grades->count;
    return OK;
}

static enum error_code read_fragility(const struct doc_node *node, struct arena *arena,
                                      struct siting_fragility *out, struct error *e) {
    static const str keys[] = {{"id", 2}, {"loss", 4}, {"down", 4}, {"source", 6}, {"note", 4}};
    const struct doc_node *id;
    TRY(doc_map_only(node, keys, COUNT_OF(keys), e));
    TRY(doc_map_get(node, STR("id"), &id, e));
    TRY(doc_code(id, &out->id, e));
    TRY(read_grades(node, "loss", arena, &out->loss, &out->loss_count, e));
    return read_grades(node, "down", arena, &out->down, &out->down_count, e);
}

static enum error_code list_of(const struct doc_node *document, str key, size_t already,
                               const struct doc_node **out, size_t *count, struct error *e) {
    *out = doc_map_find(document, key);
    *count = 0;
    if (*out == NULL) return OK;
    TRY(doc_want(*out, DOC_LIST, "a list", e));
    if ((*out)->count > LIMIT_SITING_EVENTS - already)
        return error_set(e, FAIL_LIMIT, "%.*s: over %d %.*s", STR_FMT(*document->file),
                         LIMIT_SITING_EVENTS, STR_FMT(key));
    *count = (*out)->count;
    return OK;
}

static enum error_code read_all_events(const struct doc_node *document, str file,
                                       const struct doc_node *events, size_t event_count,
                                       const struct doc_node *groups, size_t group_count,
                                       struct arena *arena, struct siting_model *model,
                                       struct error *e) {
    size_t kept = model->event_count;
    struct siting_event *list =
        arena_new(arena, struct siting_event, kept + event_count + group_count);
    if (list == NULL) return error_set(e, FAIL_MEMORY, "no memory for events");
    if (kept > 0) memcpy(list, model->events, kept * sizeof *list);
    struct siting_model grown = *model;
    grown.events = list;
    const str *within = NULL;
    size_t within_count = 0;
    TRY(read_codes(document, "within", arena, &within, &within_count, e));
    for (size_t i = 0; i < event_count + group_count; i++) {
        const struct doc_node *node =
            i < event_count ? events->items[i] : groups->items[i - event_count];
        struct siting_event *event = &list[grown.event_count];
        event->at = (struct siting_place){file, node->line};
        event->within = within;
        event->within_count = within_count;
        event->is_row_alone = document->kind == DOC_LIST && i < event_count;
        TRY(i < event_count ? read_event(node, arena, event, e)
                            : read_group(node, arena, event, e));
        if (siting_event_find(&grown, event->id) != NULL)
            return doc_error(node, e, "the id \"%.*s\" is there twice", STR_FMT(event->id));
        grown.event_count++;
    }
    *model = grown;
    return OK;
}

static enum error_code read_all_fragilities(const struct doc_node *nodes, size_t count,
                                            struct arena *arena, struct siting_model *model,
                                            struct error *e) {
    size_t kept = model->fragility_count;
    struct siting_fragility *list = arena_new(arena, struct siting_fragility, kept + count);
    if (list == NULL) return error_set(e, FAIL_MEMORY, "no memory for fragilities");
    if (kept > 0) memcpy(list, model->fragilities, kept * sizeof *list);
    for (size_t i = 0; i < count; i++) {
        TRY(read_fragility(nodes->items[i], arena, &list[kept + i], e));
        for (size_t k = 0; k < kept + i; k++)
            if (str_equal(list[k].id, list[kept + i].id))
                return doc_error(nodes->items[i], e, "the id \"%.*s\" is there twice",
                                 STR_FMT(list[k].id));
    }
    model->fragilities = list;
    model->fragility_count = kept + count;
    return OK;
}

static enum error_code read_background(const struct doc_node *document, str file,
                                       struct siting_model *model, struct error *e) {
    const struct doc_node *node = doc_map_find(document, STR("background"));
    str grade;
    if (node == NULL) return OK;
    TRY(doc_code(node, &grade, e));
    if (model->background.len > 0 && !str_equal(model->background, grade))
        return doc_error(node, e, "the background is \"%.*s\" here and \"%.*s\" before",
                         STR_FMT(grade), STR_FMT(model->background));
    model->background = grade;
    model->background_at = (struct siting_place){file, node->line};
    return OK;
}

/* ---- documents ---- */

struct lists {
    const struct doc_node *events, *groups, *fragilities;
    size_t event_count, group_count, fragility_count;
};

static enum error_code lists_of(const struct doc_node *document, const struct siting_model *model,
                                struct lists *out, struct error *e) {
    static const str keys[] = {{"events", 6}, {"groups", 6},  {"fragility", 9},  {"within", 6},
                               {"note", 4},   {"hazards", 7}, {"background", 10}};
    TRY(doc_map_only(document, keys, COUNT_OF(keys), e));
    TRY(list_of(document, STR("events"), model->event_count, &out->events, &out->event_count, e));
    TRY(list_of(document, STR("groups"), model->event_count + out->event_count, &out->groups,
                &out->group_count, e));
    return list_of(document, STR("fragility"), model->fragility_count, &out->fragilities,
                   &out->fragility_count, e);
}

/* Rows are what their file is called after, as those of a register. */
static enum error_code rows_of(const struct doc_node *document, const struct siting_model *model,
                               struct lists *out, struct error *e) {
    str name = *document->file, folder;
    while (str_cut(&name, '/', &folder)) continue;
    *out = (struct lists){0};
    if (document->count > LIMIT_SITING_EVENTS - model->event_count)
        return error_set(e, FAIL_LIMIT, "%.*s: over %d rows", STR_FMT(*document->file),
                         LIMIT_SITING_EVENTS);
    if (str_equal(name, STR("fragility.csv"))) {
        out->fragilities = document;
        out->fragility_count = document->count;
    } else if (str_equal(name, STR("groups.csv"))) {
        out->groups = document;
        out->group_count = document->count;
    } else {
        out->events = document;
        out->event_count = document->count;
    }
    return OK;
}

static enum error_code read_lists(const struct doc_node *document, str file, struct arena *arena,
                                  struct siting_model *model, struct error *e) {
    struct lists l;
    TRY(document->kind == DOC_LIST ? rows_of(document, model, &l, e)
                                   : lists_of(document, model, &l, e));
    TRY(read_all_events(document, file, l.events, l.event_count, l.groups, l.group_count, arena,
                        model, e));
    return read_all_fragilities(l.fragilities, l.fragility_count, arena, model, e);
}

enum error_code siting_model_read(const struct doc_node *document, struct arena *arena,
                                  struct siting_model *model, struct error *e) {
    const struct doc_node *type = doc_map_find(document, STR("type"));
    struct siting_model grown = *model;
    str file;
    TRY(arena_copy(arena, *document->file, &file, e));
    if (type != NULL && str_equal(type->text, STR("FeatureCollection"))) {
        TRY(read_shapes(document, file, arena, &grown, e));
    } else {
        TRY(read_lists(document, file, arena, &grown, e));
        TRY(read_hazards(document, arena, &grown, e));
        TRY(read_background(document, file, &grown, e));
    }
    TRY(shapes_join(arena, &grown, e));
    *model = grown;
    return OK;
}
