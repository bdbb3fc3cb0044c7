/* Branches of severity and their footprints. */
#include <math.h>

#include "siting/area.h"
#include "siting/number.h"
#include "siting/read.h"

enum { BRANCHES_MAX = 32 }; /* of one event; a table has two to four */

static const char probability[] = "a probability from 0 to 1";
static const char hours[] = "a number of hours, 0 or more";
#define HOURS_MAX 1e6 /* more than a century */

static enum error_code find_grade(const struct doc_node *map, str *grade, struct error *e) {
    const struct doc_node *node = doc_map_find(map, STR("grade"));
    return node == NULL ? OK : doc_code(node, grade, e);
}

static bool is_shape(const struct doc_node *map) {
    return doc_map_find(map, STR("type")) != NULL || doc_map_find(map, STR("circle")) != NULL;
}

/* Of two the second would strike nothing, and nobody would know. */
static enum error_code one_shape(const struct doc_node *node, struct error *e) {
    static const char *const keys[] = {"area", "circle", "type"};
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        count += doc_map_find(node, str_from_c(keys[i])) != NULL;
    return count < 2
               ? OK
               : doc_error(node, e,
                           "one of area, circle or a GeoJSON type a part: write a list of parts");
}

/* {grade, sites | groups | area | a GeoJSON shape itself, p_loss, p_down}; a Feature may carry its grade
 * and probabilities among its properties. */
static enum error_code read_words(const struct doc_node *node, str grade, double p_loss,
                                  double p_down, struct arena *arena, struct siting_part *out,
                                  struct error *e) {
    static const str keys[] = {{"grade", 5},        {"sites", 5},    {"groups", 6},
                               {"area", 4},         {"p_loss", 6},   {"p_down", 6},
                               {"type", 4},         {"geometry", 8}, {"properties", 10},
                               {"coordinates", 11}, {"features", 8}, {"geometries", 10},
                               {"circle", 6},       {"id", 2},       {"bbox", 4}};
    struct siting_part part = {.grade = grade, .p_loss = p_loss, .p_down = p_down};
    TRY(doc_map_only(node, keys, COUNT_OF(keys), e));
    const struct doc_node *properties = doc_map_find(node, STR("properties"));
    if (properties != NULL && properties->kind == DOC_MAP) {
        TRY(find_grade(properties, &part.grade, e));
        TRY(number_find(properties, "p_loss", 0, 1, probability, &part.p_loss, e));
        TRY(number_find(properties, "p_down", 0, 1, probability, &part.p_down, e));
    }
    TRY(find_grade(node, &part.grade, e));
    TRY(number_find(node, "p_loss", 0, 1, probability, &part.p_loss, e));
    TRY(number_find(node, "p_down", 0, 1, probability, &part.p_down, e));
    TRY(read_codes(node, "sites", arena, &part.sites, &part.site_count, e));
    TRY(read_codes(node, "groups", arena, &part.groups, &part.group_count, e));
    TRY(one_shape(node, e));
    const struct doc_node *area = doc_map_find(node, STR("area"));
    if (area == NULL && is_shape(node)) area = node;
    if (area != NULL) TRY(area_read(area, arena, &part.area, e));
    *out = part;
    return OK;
}

static bool says_where(const struct siting_part *part) {
    return part->area != NULL || part->site_count + part->group_count > 0;
}

static enum error_code read_part(const struct doc_node *node, str grade, double p_loss,
                                 double p_down, struct arena *arena, struct siting_part *out,
                                 struct error *e) {
    TRY(read_words(node, grade, p_loss, p_down, arena, out, e));
    if (!says_where(out))
        return doc_error(node, e,
                         "a footprint needs one of sites, groups, area, circle or a GeoJSON type");
    if (out->grade.len == 0 && (isnan(out->p_loss) || isnan(out->p_down)))
        return doc_error(node, e, "a footprint needs a grade, or both p_loss and p_down");
    return OK;
}

enum error_code read_feature(const struct doc_node *feature, struct arena *arena,
                             struct siting_part *out, struct error *e) {
    TRY(read_words(feature, STR_EMPTY, NAN, NAN, arena, out, e));
    return says_where(out) ? OK : doc_error(feature, e, "expected a feature with a geometry");
}

static bool is_collection(const struct doc_node *node) {
    const struct doc_node *type = doc_map_find(node, STR("type"));
    return type != NULL && str_equal(type->text, STR("FeatureCollection"));
}

/* The features of a collection, each of which may have its own grade: of the node itself, or of its area.
 * NULL: it is one part. */
static enum error_code features_of(const struct doc_node *node, const struct doc_node **out,
                                   struct error *e) {
    const struct doc_node *area = node->kind == DOC_MAP ? doc_map_find(node, STR("area")) : NULL;
    *out = NULL;
    if (node->kind == DOC_MAP && is_collection(node)) area = node;
    if (area == NULL || area->kind != DOC_MAP || !is_collection(area)) return OK;
    TRY(doc_map_get(area, STR("features"), out, e));
    return doc_want(*out, DOC_LIST, "a list of features", e);
}

static bool names_too(const struct doc_node *node) {
    return doc_map_find(node, STR("sites")) != NULL || doc_map_find(node, STR("groups")) != NULL;
}

/* The features of one collection, and what is named beside them: what stands beside them goes for those that say nothing themselves. */
static enum error_code read_features(const struct doc_node *node, const struct doc_node *features,
                                     str grade, struct arena *arena, struct siting_part *parts,
                                     struct error *e) {
    double p_loss = NAN, p_down = NAN;
    TRY(find_grade(node, &grade, e));
    TRY(number_find(node, "p_loss", 0, 1, probability, &p_loss, e));
    TRY(number_find(node, "p_down", 0, 1, probability, &p_down, e));
    for (size_t i = 0; i < features->count; i++)
        TRY(read_part(features->items[i], grade, p_loss, p_down, arena, &parts[i], e));
    if (!names_too(node)) return OK;
    TRY(read_part(node, grade, p_loss, p_down, arena, &parts[features->count], e));
    parts[features->count].area = NULL;
    return OK;
}

/* How many parts an item of a footprint is. */
static enum error_code parts_in(const struct doc_node *item, size_t *count, struct error *e) {
    const struct doc_node *features;
    TRY(features_of(item, &features, e));
    *count = features == NULL ? 1 : features->count + names_too(item);
    return OK;
}

/* One part, a list of parts, or a FeatureCollection whose features may each have a grade. */
static enum error_code read_footprint(const struct doc_node *node, str grade, struct arena *arena,
                                      struct siting_branch *out, struct error *e) {
    bool is_list = node->kind == DOC_LIST;
    size_t items = is_list ? node->count : 1, count = 0, in_item;
    for (size_t i = 0; i < items; i++) {
        TRY(parts_in(is_list ? node->items[i] : node, &in_item, e));
        count += in_item;
    }
    if (count == 0)
        return doc_expected(node, e, "a footprint; an event without one strikes nothing");
    struct siting_part *parts = arena_new(arena, struct siting_part, count), *next = parts;
    if (parts == NULL) return error_set(e, FAIL_MEMORY, "no memory for a footprint");
    for (size_t i = 0; i < items; i++, next += in_item) {
        const struct doc_node *item = is_list ? node->items[i] : node, *features;
        TRY(features_of(item, &features, e));
        TRY(parts_in(item, &in_item, e));
        TRY(features != NULL ? read_features(item, features, grade, arena, next, e)
                             : read_part(item, grade, NAN, NAN, arena, next, e));
    }
    out->parts = parts;
    out->part_count = count;
    return OK;
}

static enum error_code read_branch(const struct doc_node *node, struct arena *arena,
                                   struct siting_branch *out, struct error *e) {
    const struct doc_node *footprint;
    str grade = STR_EMPTY;
    TRY(find_grade(node, &grade, e));
    TRY(number_find(node, "outage_h", 0, HOURS_MAX, hours, &out->outage_h, e));
    TRY(number_find(node, "repair_h", 0, HOURS_MAX, hours, &out->repair_h, e));
    TRY(doc_map_get(node, STR("footprint"), &footprint, e));
    return read_footprint(footprint, grade, arena, out, e);
}

/* A row may leave it to features of GeoJSON where it reaches; then what it says is said of them. */
static enum error_code read_row(const struct doc_node *row, struct arena *arena,
                                struct siting_branch *branch, struct siting_event *out,
                                struct error *e) {
    const struct doc_node *footprint = doc_map_find(row, STR("footprint"));
    str grade = STR_EMPTY;
    struct siting_part common = {.p_loss = NAN, .p_down = NAN};
    TRY(find_grade(row, &grade, e));
    common.grade = grade;
    if (footprint != NULL) TRY(read_words(footprint, grade, NAN, NAN, arena, &common, e));
    out->is_row_alone = footprint == NULL || (footprint->kind == DOC_MAP && !says_where(&common));
    if (!out->is_row_alone) return read_branch(row, arena, branch, e);
    out->common = common;
    TRY(number_find(row, "outage_h", 0, HOURS_MAX, hours, &branch->outage_h, e));
    return number_find(row, "repair_h", 0, HOURS_MAX, hours, &branch->repair_h, e);
}

static enum error_code read_branch_of_list(const struct doc_node *node, struct arena *arena,
                                           struct siting_branch *out, struct error *e) {
    static const str keys[] = {{"name", 4},     {"prob", 4},      {"grade", 5}, {"outage_h", 8},
                               {"repair_h", 8}, {"footprint", 9}, {"note", 4}};
    const struct doc_node *prob;
    TRY(doc_map_only(node, keys, COUNT_OF(keys), e));
    TRY(read_name(node, STR_EMPTY, &out->name, &out->name_ja, e));
    TRY(doc_map_get(node, STR("prob"), &prob, e));
    TRY(number_read(prob, 0, 1, probability, &out->prob, e));
    return read_branch(node, arena, out, e);
}

enum error_code read_branches(const struct doc_node *event, struct arena *arena,
                              struct siting_event *out, struct error *e) {
    const struct doc_node *list = doc_map_find(event, STR("branches"));
    size_t count = 1;
    if (list != NULL) {
        out->is_row_alone = false; /* of an array in JSON: branches say where they reach */
        TRY(doc_want(list, DOC_LIST, "a list of branches", e));
        count = list->count;
        if (count == 0 || count > BRANCHES_MAX)
            return doc_error(list, e, "expected 1 to %d branches, found %zu", BRANCHES_MAX, count);
    }
    struct siting_branch *branches = arena_new(arena, struct siting_branch, count);
    if (branches == NULL) return error_set(e, FAIL_MEMORY, "no memory for branches");
    out->branches = branches;
    out->branch_count = count;
    if (list == NULL) {
        branches[0].prob = 1;
        return out->is_row_alone ? read_row(event, arena, &branches[0], out, e)
                                 : read_branch(event, arena, &branches[0], e);
    }
    static const char *const own[] = {"footprint", "grade", "outage_h", "repair_h"};
    for (size_t i = 0; i < COUNT_OF(own); i++)
        if (doc_map_find(event, str_from_c(own[i])) != NULL)
            return doc_error(event, e, "\"%.*s\" has branches: its %s belongs into each of them",
                             STR_FMT(out->id), own[i]);
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        TRY(read_branch_of_list(list->items[i], arena, &branches[i], e));
        sum += branches[i].prob;
    }
    if (sum > 1 + 1e-9)
        return doc_error(list, e,
                         "the branches of \"%.*s\" have probabilities of %g together, over 1",
                         STR_FMT(out->id), sum);
    return OK;
}
