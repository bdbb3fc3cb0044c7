/* A row of the register from its node: fields by the table, values with who said so and until when.
 *
 * A complaint about one field goes to the problems and reading goes on, so that a person sees all
 * of them at once. */
#include <stdio.h>
#include <stdlib.h>

#include "register/inner.h"

/* ---- names that are not known ---- */

/* Edit distance, capped: names are short. */
unsigned register_name_distance(str a, const char *b_text) {
    enum { MOST = 40 };
    str b = str_from_c(b_text);
    if (a.len > MOST || b.len > MOST) return MOST;
    unsigned row[MOST + 1];
    for (unsigned j = 0; j <= b.len; j++) row[j] = j;
    for (unsigned i = 1; i <= a.len; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            unsigned swap = diagonal + (a.at[i - 1] != b.at[j - 1]);
            diagonal = row[j];
            unsigned least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            row[j] = swap < least ? swap : least;
        }
    }
    return row[b.len];
}

static bool is_near(unsigned apart, str name) {
    return apart <= 1 || apart * 3 <= name.len;
}

const char *register_field_near(str name, const struct register_field *fields) {
    const char *best = NULL;
    unsigned least = UINT32_MAX;
    for (; fields->name != NULL; fields++) {
        unsigned apart = register_name_distance(name, fields->name);
        if (apart < least) least = apart, best = fields->name;
    }
    return best != NULL && is_near(least, name) ? best : NULL;
}

const char *nearest_kind(str name) {
    const char *best = NULL;
    unsigned least = UINT32_MAX;
    for (unsigned k = 0; k < REGISTER_KIND_COUNT; k++) {
        const char *key = register_kind_of((enum register_kind)k)->key;
        unsigned apart = register_name_distance(name, key);
        if (apart < least) least = apart, best = key;
    }
    return is_near(least, name) ? best : NULL;
}

static enum error_code unknown_field(const struct doc_node *key,
                                     const struct register_field *fields, const char *whose,
                                     struct error *e) {
    const char *near = register_field_near(key->text, fields);
    if (near != NULL)
        return doc_error(key, e, "%s has no field \"%.*s\"; did you mean \"%s\"?", whose,
                         STR_FMT(str_slice(key->text, 0, 60)), near);
    char known[200] = "";
    size_t used = 0;
    for (const struct register_field *f = fields; f->name != NULL && used < sizeof known; f++) {
        int wrote =
            snprintf(known + used, sizeof known - used, "%s%s", f == fields ? "" : ", ", f->name);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
    return doc_error(key, e, "%s has no field \"%.*s\"; expected one of %s", whose,
                     STR_FMT(str_slice(key->text, 0, 60)), known);
}

/* ---- provenance ---- */

static const struct register_field plain_text = {.name = "text", .type = REGISTER_TEXT};
static const struct register_field plain_code = {.name = "name", .type = REGISTER_CODE};

static enum error_code by_read(const struct doc_node *node, enum register_by *out,
                               struct error *e) {
    for (unsigned by = 0; by < REGISTER_BY_COUNT; by++)
        if (node->kind == DOC_SCALAR &&
            str_equal(node->text, str_from_c(register_by_name((enum register_by)by)))) {
            *out = (enum register_by)by;
            return OK;
        }
    return doc_expected(node, e, "declared, measured, document, inspected or computed");
}

static enum error_code span_read(const struct doc_node *map, const char *from, const char *until,
                                 int64_t *from_ns, int64_t *until_ns, struct error *e) {
    const struct doc_node *first = doc_map_find(map, str_from_c(from));
    const struct doc_node *end = doc_map_find(map, str_from_c(until));
    int64_t first_ns = REGISTER_ALWAYS_NS, end_ns = REGISTER_NEVER_NS;
    if (first != NULL) TRY(doc_time_ns(first, &first_ns, e));
    if (end != NULL) TRY(doc_time_ns(end, &end_ns, e));
    if (first_ns >= end_ns)
        return doc_error(end != NULL ? end : first, e,
                         "\"%s\" is the first day that is not in: it must come after \"%s\"", until,
                         from);
    *from_ns = first_ns;
    *until_ns = end_ns;
    return OK;
}

enum error_code valid_read(const struct doc_node *node, int64_t *from_ns, int64_t *until_ns,
                           struct error *e) {
    static const str keys[] = {{"from", 4}, {"until", 5}};
    TRY(doc_map_only(node, keys, COUNT_OF(keys), e));
    return span_read(node, "from", "until", from_ns, until_ns, e);
}

/* `unknown` and `withheld` mean themselves where nobody has quoted them. */
static bool state_of(const struct reading *r, const struct doc_node *node,
                     enum register_state *out) {
    if (node->kind != DOC_SCALAR || (node->quoted && !r->is_csv)) return false;
    if (str_equal(node->text, STR("unknown")))
        *out = REGISTER_UNKNOWN;
    else if (str_equal(node->text, STR("withheld")))
        *out = REGISTER_WITHHELD;
    else
        return false;
    return true;
}

static enum error_code is_read(const struct doc_node *node, enum register_state *out,
                               struct error *e) {
    if (node->kind == DOC_SCALAR && str_equal(node->text, STR("unknown")))
        *out = REGISTER_UNKNOWN;
    else if (node->kind == DOC_SCALAR && str_equal(node->text, STR("withheld")))
        *out = REGISTER_WITHHELD;
    else
        return doc_expected(node, e, "unknown or withheld");
    return OK;
}

/* {value | items | is, by, since, until, source, complete, as_of}: *inside is what stands under
 * `value` or `items`, NULL with `is`. */
static enum error_code provenance_read(struct reading *r, const struct doc_node *node,
                                       const char *inside_key, struct register_value *value,
                                       const struct doc_node **inside, struct error *e) {
    bool is_list = strcmp(inside_key, "items") == 0;
    str keys[] = {str_from_c(inside_key), STR("is"),     STR("by"),       STR("since"),
                  STR("until"),           STR("source"), STR("complete"), STR("as_of")};
    TRY(doc_map_only(node, keys, is_list ? 8 : 6, e));
    const struct doc_node *by = doc_map_find(node, STR("by"));
    const struct doc_node *source = doc_map_find(node, STR("source"));
    const struct doc_node *is = doc_map_find(node, STR("is"));
    const struct doc_node *complete = doc_map_find(node, STR("complete"));
    const struct doc_node *as_of = doc_map_find(node, STR("as_of"));
    *inside = doc_map_find(node, str_from_c(inside_key));
    if ((is == NULL) == (*inside == NULL))
        return doc_error(node, e, "expected \"%s\" or \"is\", one of them", inside_key);
    if (is != NULL) TRY(is_read(is, &value->state, e));
    if (by != NULL) TRY(by_read(by, &value->by, e));
    TRY(span_read(node, "since", "until", &value->since_ns, &value->until_ns, e));
    if (source != NULL) {
        struct register_value text = {0};
        TRY(scalar_read(r, &plain_text, source, &text, e));
        value->source = text.text;
    }
    if (complete != NULL) TRY(doc_bool(complete, &value->is_complete, e));
    if (as_of != NULL) TRY(doc_time_ns(as_of, &value->as_of_ns, e));
    if (value->is_complete && as_of == NULL)
        return doc_error(complete, e, "a complete list says as of which day: expected \"as_of\"");
    if (!value->is_complete && as_of != NULL)
        return doc_error(as_of, e, "\"as_of\" is for complete lists");
    return OK;
}

/* ---- shapes ---- */

static enum error_code value_read(struct reading *r, const struct register_field *field,
                                  const struct doc_node *node, struct register_value *value,
                                  struct error *e);
static enum error_code record_read(struct reading *r, const struct register_field *fields,
                                   const struct doc_node *node, const char *whose,
                                   struct register_record *out, bool *is_good, struct error *e);

static int texts_compare(const void *a, const void *b) {
    return str_compare(*(const str *)a, *(const str *)b);
}

/* Sorted, no two alike. */
static void texts_settle(str *texts, size_t *count) {
    if (*count > 0) qsort(texts, *count, sizeof *texts, texts_compare);
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++)
        if (kept == 0 || !str_equal(texts[kept - 1], texts[i])) texts[kept++] = texts[i];
    *count = kept;
}

static enum error_code set_read(struct reading *r, const struct register_field *field,
                                const struct doc_node *node, struct register_value *value,
                                struct error *e) {
    if (node->kind != DOC_LIST)
        return doc_expected(node, e,
                            "a list for \"%s\", such as [a, b] or {complete: true, as_of: "
                            "DAY, items: [a, b]}",
                            field->name);
    str *texts = arena_new(r->arena, str, node->count);
    if (texts == NULL) return error_set(e, FAIL_MEMORY, "no room for a set");
    for (size_t i = 0; i < node->count; i++) {
        struct register_value item = {0};
        TRY(scalar_read(r, field, node->items[i], &item, e));
        texts[i] = item.text;
    }
    value->count = node->count;
    texts_settle(texts, &value->count);
    value->texts = texts;
    return OK;
}

/* A map of the writer's names (hazards, languages, sets by name): under each one value of the
 * field's type, in the shape `shape`. */
static enum error_code map_read(struct reading *r, const struct register_field *field,
                                enum register_shape shape, const struct doc_node *node,
                                struct register_value *value, struct error *e) {
    struct register_field *of = arena_new(r->arena, struct register_field, 1);
    struct register_record *record = arena_new(r->arena, struct register_record, 1);
    struct register_value *values = arena_new(r->arena, struct register_value, node->count);
    if (of == NULL || record == NULL || values == NULL)
        return error_set(e, FAIL_MEMORY, "no room for a map");
    *of = *field;
    of->shape = shape;
    if (of->type == REGISTER_NAME) of->type = REGISTER_TEXT;
    for (size_t i = 0; i < node->count; i++) { /* by name, so that order does not matter */
        struct register_value name = {0};
        TRY(scalar_read(r, &plain_code, node->keys[node->sorted[i]], &name, e));
        TRY(value_read(r, of, node->items[node->sorted[i]], &values[i], e));
        values[i].name = name.text;
    }
    *record = (struct register_record){node->count, values, REGISTER_ALWAYS_NS, REGISTER_NEVER_NS};
    value->records = record;
    value->count = 1;
    return OK;
}

/* The named sets of a SETS value together: complete only if each is. */
static enum error_code sets_join(struct reading *r, struct register_value *value, struct error *e) {
    const struct register_record *sets = value->records;
    size_t count = 0;
    for (size_t i = 0; i < sets->count; i++) count += sets->values[i].count;
    str *texts = arena_new(r->arena, str, count);
    if (texts == NULL) return error_set(e, FAIL_MEMORY, "no room for a set");
    size_t at = 0;
    value->is_complete = sets->count > 0;
    value->as_of_ns = REGISTER_NEVER_NS;
    for (size_t i = 0; i < sets->count; i++) {
        const struct register_value *set = &sets->values[i];
        for (size_t t = 0; t < set->count; t++) texts[at++] = set->texts[t];
        value->is_complete = value->is_complete && set->state == REGISTER_KNOWN && set->is_complete;
        value->as_of_ns = i64_min(value->as_of_ns, set->as_of_ns);
    }
    if (!value->is_complete) value->as_of_ns = REGISTER_ALWAYS_NS;
    value->count = count;
    texts_settle(texts, &value->count);
    value->texts = texts;
    return OK;
}

static enum error_code records_read(struct reading *r, const struct register_field *field,
                                    const struct doc_node *node, struct register_value *value,
                                    struct error *e) {
    if (node->kind != DOC_LIST)
        return doc_expected(node, e, "a list of maps for \"%s\"", field->name);
    struct register_record *records = arena_new(r->arena, struct register_record, node->count);
    if (records == NULL) return error_set(e, FAIL_MEMORY, "no room for a list");
    for (size_t i = 0; i < node->count; i++) {
        bool is_good = true;
        TRY(record_read(r, field->members, node->items[i], field->name, &records[i], &is_good, e));
    }
    value->records = records;
    value->count = node->count;
    return OK;
}

/* Which key of a map makes it a value with its provenance, NULL: none can. */
static const char *inside_key_of(const struct register_field *field) {
    switch (field->shape) {
    case REGISTER_ONE: return "value";
    case REGISTER_SET:
    case REGISTER_SETS:
    case REGISTER_RECORDS: return "items";
    case REGISTER_MAP:
    case REGISTER_RECORD:
    case REGISTER_SHAPE_COUNT: break;
    }
    return NULL;
}

static enum error_code shape_read(struct reading *r, const struct register_field *field,
                                  const struct doc_node *node, struct register_value *value,
                                  struct error *e) {
    bool is_good = true;
    struct register_record *record;
    switch (field->shape) {
    case REGISTER_SET: return set_read(r, field, node, value, e);
    case REGISTER_RECORDS: return records_read(r, field, node, value, e);
    case REGISTER_SETS:
        if (node->kind != DOC_MAP) return set_read(r, field, node, value, e);
        TRY(map_read(r, field, REGISTER_SET, node, value, e));
        return sets_join(r, value, e);
    case REGISTER_RECORD:
        record = arena_new(r->arena, struct register_record, 1);
        if (record == NULL) return error_set(e, FAIL_MEMORY, "no room for a record");
        TRY(record_read(r, field->members, node, field->name, record, &is_good, e));
        value->records = record;
        value->count = 1;
        return OK;
    case REGISTER_MAP:
        if (node->kind != DOC_MAP)
            return doc_expected(node, e, "a map of names to values for \"%s\"", field->name);
        return map_read(r, field, REGISTER_ONE, node, value, e);
    case REGISTER_ONE:
        if (field->type == REGISTER_NAME && node->kind == DOC_MAP)
            return map_read(r, field, REGISTER_ONE, node, value, e);
        return scalar_read(r, field, node, value, e);
    case REGISTER_SHAPE_COUNT: break;
    }
    return error_set(e, FAIL_INTERNAL, "the field \"%s\" has no shape", field->name);
}

static enum error_code value_read(struct reading *r, const struct register_field *field,
                                  const struct doc_node *node, struct register_value *value,
                                  struct error *e) {
    *value = (struct register_value){.name = str_from_c(field->name),
                                     .field = field,
                                     .since_ns = REGISTER_ALWAYS_NS,
                                     .until_ns = REGISTER_NEVER_NS,
                                     .as_of_ns = REGISTER_ALWAYS_NS,
                                     .line = node->line,
                                     .column = node->column};
    if (state_of(r, node, &value->state)) return OK;
    const char *inside_key = inside_key_of(field);
    bool has_provenance = inside_key != NULL && node->kind == DOC_MAP &&
                          (doc_map_find(node, str_from_c(inside_key)) != NULL ||
                           (doc_map_find(node, STR("is")) != NULL && field->type != REGISTER_NAME));
    if (!has_provenance) return shape_read(r, field, node, value, e);
    const struct doc_node *inside;
    TRY(provenance_read(r, node, inside_key, value, &inside, e));
    return inside != NULL ? shape_read(r, field, inside, value, e) : OK;
}

/* ---- records and rows ---- */

static bool is_row_key(str key, bool is_row) {
    return str_equal(key, STR("valid")) ||
           (is_row && (str_equal(key, STR("id")) || str_equal(key, STR("note"))));
}

/* Notes a complaint and goes on, or gives it back where nobody collects. */
static enum error_code complain(struct reading *r, enum error_code code, bool *is_good,
                                struct error *e) {
    if (code == OK) return OK;
    *is_good = false;
    return r->problems != NULL ? problem_note(r->problems, code, e) : code;
}

static enum error_code fields_read(struct reading *r, const struct register_field *fields,
                                   const struct doc_node *node, const char *whose,
                                   struct register_record *out, bool *is_good, struct error *e) {
    struct register_value *values = arena_new(r->arena, struct register_value, node->count);
    if (values == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu values", node->count);
    size_t count = 0;
    for (const struct register_field *f = fields; f->name != NULL; f++) {
        const struct doc_node *at = doc_map_find(node, str_from_c(f->name));
        if (at == NULL && f->required)
            TRY(complain(r, doc_error(node, e, "%s needs the field \"%s\"", whose, f->name),
                         is_good, e));
        if (at == NULL) continue;
        bool is_read = true;
        TRY(complain(r, value_read(r, f, at, &values[count], e), &is_read, e));
        *is_good = *is_good && is_read;
        count += is_read;
    }
    out->values = values;
    out->count = count;
    return OK;
}

static enum error_code record_keys_check(struct reading *r, const struct register_field *fields,
                                         const struct doc_node *node, const char *whose,
                                         bool is_row, bool *is_good, struct error *e) {
    for (size_t i = 0; i < node->count; i++) {
        if (is_row_key(node->keys[i]->text, is_row)) continue;
        const struct register_field *f = fields;
        while (f->name != NULL && !str_equal(node->keys[i]->text, str_from_c(f->name))) f++;
        if (f->name != NULL) continue;
        TRY(complain(r, unknown_field(node->keys[i], fields, whose, e), is_good, e));
    }
    return OK;
}

static enum error_code record_read(struct reading *r, const struct register_field *fields,
                                   const struct doc_node *node, const char *whose,
                                   struct register_record *out, bool *is_good, struct error *e) {
    if (node->kind != DOC_MAP) return doc_expected(node, e, "a map of fields for \"%s\"", whose);
    *out = (struct register_record){.valid_from_ns = REGISTER_ALWAYS_NS,
                                    .valid_until_ns = REGISTER_NEVER_NS};
    TRY(record_keys_check(r, fields, node, whose, false, is_good, e));
    const struct doc_node *valid = doc_map_find(node, STR("valid"));
    if (valid != NULL)
        TRY(complain(r, valid_read(valid, &out->valid_from_ns, &out->valid_until_ns, e), is_good,
                     e));
    return fields_read(r, fields, node, whose, out, is_good, e);
}

bool id_has_its_signs(str id) {
    for (size_t i = 0; i < id.len; i++)
        if ((unsigned char)id.at[i] <= ' ' || id.at[i] == 0x7f || id.at[i] == '/' ||
            id.at[i] == '"')
            return false;
    return true;
}

static enum error_code id_read(struct reading *r, enum register_kind kind,
                               const struct doc_node *node, str *out, struct error *e) {
    const struct doc_node *id = doc_map_find(node, STR("id"));
    if (id == NULL && kind == REGISTER_ADOPTS) id = doc_map_find(node, STR("rulebook"));
    if (id == NULL) return doc_error(node, e, "expected an \"id\" for this row");
    TRY(doc_code(id, out, e));
    if (out->len > LIMIT_REGISTER_ID_BYTES)
        return doc_error(id, e, "an id has at most %d bytes", LIMIT_REGISTER_ID_BYTES);
    if (!id_has_its_signs(*out))
        return doc_expected(id, e, "an id without white space, / and quotes");
    return arena_copy(r->arena, *out, out, e);
}

enum error_code row_read(struct reading *r, enum register_kind kind, const struct doc_node *node,
                         struct register_row *out, bool *is_good, struct error *e) {
    const struct register_kind_row *of = register_kind_of(kind);
    struct register_row row = {.kind = kind,
                               .valid_from_ns = REGISTER_ALWAYS_NS,
                               .valid_until_ns = REGISTER_NEVER_NS,
                               .line = node->line,
                               .column = node->column};
    *is_good = true;
    if (node->kind != DOC_MAP) {
        enum error_code code = doc_expected(node, e, "a row of %s: a map with an \"id\"", of->key);
        return complain(r, code, is_good, e);
    }
    TRY(complain(r, id_read(r, kind, node, &row.id, e), is_good, e));
    TRY(record_keys_check(r, of->fields, node, of->noun, true, is_good, e));
    const struct doc_node *valid = doc_map_find(node, STR("valid"));
    const struct doc_node *note = doc_map_find(node, STR("note"));
    if (valid != NULL)
        TRY(complain(r, valid_read(valid, &row.valid_from_ns, &row.valid_until_ns, e), is_good, e));
    if (note != NULL) {
        struct register_value text = {0};
        TRY(complain(r, scalar_read(r, &plain_text, note, &text, e), is_good, e));
        row.note = text.text;
    }
    TRY(fields_read(r, of->fields, node, of->noun, &row.fields, is_good, e));
    row.fields.valid_from_ns = REGISTER_ALWAYS_NS;
    row.fields.valid_until_ns = REGISTER_NEVER_NS;
    if (*is_good) *out = row;
    return OK;
}
