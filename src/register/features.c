/* A GeoJSON collection of points as sites: where each lies, and what its properties say in the words
 * of the register. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "register/making.h"

bool features_are(const struct doc_node *top) {
    const struct doc_node *type = doc_map_find(top, STR("type"));
    return type != NULL && type->kind == DOC_SCALAR &&
           str_equal(type->text, STR("FeatureCollection"));
}

static bool is_null(const struct doc_node *node) {
    return node->kind == DOC_SCALAR && !node->quoted && str_equal(node->text, STR("null"));
}

/* A number of degrees or metres, to nine places: 1e-9 of a degree is a tenth of a millimetre. */
static enum error_code number_make(struct making *m, const struct doc_node *node, double most,
                                   const char *what, const struct doc_node **out, struct error *e) {
    char text[64];
    str copy;
    if (node->kind != DOC_SCALAR || node->quoted || node->text.len >= sizeof text)
        return doc_expected(node, e, "%s", what);
    memcpy(text, node->text.at, node->text.len);
    text[node->text.len] = 0;
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end != 0 || !(fabs(number) <= most))
        return doc_expected(node, e, "%s", what);
    int len = snprintf(text, sizeof text, "%.9f", number);
    assert(len > 0 && (size_t)len < sizeof text);
    while (text[len - 1] == '0') len--;
    if (text[len - 1] == '.') len--;
    TRY(arena_copy(m->arena, str_of(text, (size_t)len), &copy, e));
    *out = made_said(m, made_text(m, node, copy));
    return OK;
}

static enum error_code point_put(struct making *m, const struct doc_node *feature, struct made *row,
                                 struct error *e) {
    const struct doc_node *geometry, *type, *at, *number;
    TRY(doc_map_get(feature, STR("geometry"), &geometry, e));
    if (is_null(geometry)) return OK; /* unlocated, says RFC 7946, 3.2 */
    TRY(doc_map_get(geometry, STR("type"), &type, e));
    if (type->kind != DOC_SCALAR || !str_equal(type->text, STR("Point")))
        return doc_expected(type, e, "a \"Point\": a site is one");
    TRY(doc_map_get(geometry, STR("coordinates"), &at, e));
    if (at->kind != DOC_LIST || at->count < 2 || at->count > 3)
        return doc_expected(at, e, "[longitude, latitude] or [longitude, latitude, height]");
    TRY(number_make(m, at->items[1], 90, "a latitude from -90 to 90", &number, e));
    made_put(m, row, STR("lat"), number);
    TRY(number_make(m, at->items[0], 180, "a longitude from -180 to 180", &number, e));
    made_put(m, row, STR("lon"), number);
    if (at->count == 2) return OK;
    TRY(number_make(m, at->items[2], 10000, "a height in metres", &number, e));
    made_put(m, row, STR("height"), number);
    return OK;
}

/* `id` of the feature, a text or a number, else of its properties. */
static enum error_code id_put(struct making *m, const struct doc_node *feature,
                              const struct doc_node *properties, struct made *row,
                              struct error *e) {
    const struct doc_node *id = doc_map_find(feature, STR("id"));
    if (id == NULL && properties != NULL) id = doc_map_find(properties, STR("id"));
    if (id == NULL || id->kind != DOC_SCALAR || is_null(id))
        return doc_expected(feature, e, "an \"id\" for this feature, or among its properties");
    made_put(m, row, STR("id"), made_text(m, id, id->text));
    return OK;
}

static const struct register_field *field_of(str name) {
    const struct register_field *f = register_kind_of(REGISTER_SITES)->fields;
    while (f->name != NULL && !str_equal(name, str_from_c(f->name))) f++;
    return f->name != NULL ? f : NULL;
}

/* A bare scalar or list is what the document says; the words unknown and withheld mean themselves, as
 * in CSV; what is a map already is as the register has it. */
static const struct doc_node *value_make(struct making *m, const struct register_field *field,
                                         const struct doc_node *value) {
    if (value->kind == DOC_LIST) return made_said_list(m, value);
    if (value->kind == DOC_MAP || field->shape != REGISTER_ONE) return value;
    if (!str_equal(value->text, STR("unknown")) && !str_equal(value->text, STR("withheld")))
        return made_said(m, value);
    struct doc_node *word = arena_new(m->arena, struct doc_node, 1);
    if (word == NULL) return m->is_full = true, NULL;
    *word = *value;
    word->quoted = false;
    return word;
}

static enum error_code properties_put(struct making *m, struct problems *problems,
                                      const struct doc_node *properties, struct made *row,
                                      struct error *e) {
    for (size_t i = 0; i < properties->count; i++) {
        const struct doc_node *key = properties->keys[i], *value = properties->items[i];
        const struct register_field *field = field_of(key->text);
        bool is_row_key = str_equal(key->text, STR("note")) || str_equal(key->text, STR("valid"));
        if (str_equal(key->text, STR("id")) || is_null(value)) continue;
        if (field == NULL && !is_row_key) {
            struct error warning;
            error_ignore(doc_error(key, &warning, "passed over: a site has no field \"%.*s\"",
                                   STR_FMT(str_slice(key->text, 0, 60))));
            problem_add(problems, &warning, true);
            continue;
        }
        if (doc_map_find(made_node(row), key->text) != NULL)
            return doc_error(key, e, "\"%.*s\" is said by the feature's geometry",
                             STR_FMT(key->text));
        made_put(m, row, key->text, is_row_key ? value : value_make(m, field, value));
    }
    return OK;
}

static enum error_code feature_make(struct making *m, struct problems *problems,
                                    const struct doc_node *feature, struct made *rows,
                                    struct error *e) {
    const struct doc_node *type, *properties = NULL;
    TRY(doc_want(feature, DOC_MAP, "a feature", e));
    TRY(doc_map_get(feature, STR("type"), &type, e));
    if (type->kind != DOC_SCALAR || !str_equal(type->text, STR("Feature")))
        return doc_expected(type, e, "a \"Feature\"");
    TRY(doc_map_get(feature, STR("properties"), &properties, e));
    if (is_null(properties)) properties = NULL;
    if (properties != NULL) TRY(doc_want(properties, DOC_MAP, "a map of properties", e));
    struct made *row =
        made_open(m, feature, DOC_MAP, 4 + (properties != NULL ? properties->count : 0));
    if (row == NULL) return made_done(m, e);
    TRY(id_put(m, feature, properties, row, e));
    TRY(point_put(m, feature, row, e));
    if (properties != NULL && !m->is_full) TRY(properties_put(m, problems, properties, row, e));
    made_add(m, rows, made_node(row));
    return made_done(m, e);
}

enum error_code features_make(struct making *m, struct problems *problems,
                              const struct doc_node *top, const struct doc_node **out,
                              struct error *e) {
    const struct doc_node *list;
    TRY(doc_map_get(top, STR("features"), &list, e));
    TRY(doc_want(list, DOC_LIST, "a list of features", e));
    struct made *rows = made_open(m, list, DOC_LIST, list->count);
    struct made *file = made_open(m, top, DOC_MAP, 1);
    if (rows == NULL || file == NULL) return made_done(m, e);
    for (size_t i = 0; i < list->count; i++) { /* one that is broken is told; the rest stay */
        enum error_code code = feature_make(m, problems, list->items[i], rows, e);
        if (code != OK) TRY(problem_note(problems, code, e));
    }
    made_put(m, file, STR("sites"), made_node(rows));
    *out = made_node(file);
    return made_done(m, e);
}
