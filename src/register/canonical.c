/* A row as canonical JSON: fields in the order of the table, names of maps in order, nothing said
 * that is not said by the row. Two rows that say the same have the same bytes; reading them gives
 * the same row again. docs/formats/register.md describes it. */
#include "register/inner.h"

size_t time_write(int64_t wall_ns, char out[CLOCK_TEXT_BYTES]) {
    size_t len = clock_iso_write(wall_ns, out);
    if (len < 10 || !str_ends(str_of(out, len), STR("T00:00:00.000Z"))) return len;
    len -= sizeof "T00:00:00.000Z" - 1;
    out[len] = 0;
    return len;
}

static void key_add(struct text *t, str name) {
    if (t->len > 0 && t->at[t->len - 1] != '{') text_add_char(t, ',');
    text_add_json(t, name);
    text_add_char(t, ':');
}

static void time_add(struct text *t, str name, int64_t wall_ns) {
    char spelled[CLOCK_TEXT_BYTES];
    key_add(t, name);
    text_add_json(t, str_of(spelled, time_write(wall_ns, spelled)));
}

static void span_add(struct text *t, str name, int64_t from_ns, int64_t until_ns) {
    if (from_ns == REGISTER_ALWAYS_NS && until_ns == REGISTER_NEVER_NS) return;
    key_add(t, name);
    text_add_char(t, '{');
    if (from_ns != REGISTER_ALWAYS_NS) time_add(t, STR("from"), from_ns);
    if (until_ns != REGISTER_NEVER_NS) time_add(t, STR("until"), until_ns);
    text_add_char(t, '}');
}

static void value_add(struct text *t, const struct register_value *value);

static void record_add(struct text *t, const struct register_record *record) {
    text_add_char(t, '{');
    span_add(t, STR("valid"), record->valid_from_ns, record->valid_until_ns);
    for (size_t i = 0; i < record->count; i++) {
        key_add(t, record->values[i].name);
        value_add(t, &record->values[i]);
    }
    text_add_char(t, '}');
}

static void inside_add(struct text *t, const struct register_value *value) {
    enum register_shape shape = value->field->shape;
    bool is_map = value->records != NULL && shape != REGISTER_RECORDS;
    if (is_map) {
        record_add(t, value->records);
    } else if (shape == REGISTER_ONE) {
        text_add_json(t, value->text);
    } else {
        text_add_char(t, '[');
        for (size_t i = 0; i < value->count; i++) {
            if (i > 0) text_add_char(t, ',');
            if (shape == REGISTER_RECORDS)
                record_add(t, &value->records[i]);
            else
                text_add_json(t, value->texts[i]);
        }
        text_add_char(t, ']');
    }
}

static bool says_more(const struct register_value *v) {
    bool sets_by_name = v->field->shape == REGISTER_SETS && v->records != NULL;
    return v->state != REGISTER_KNOWN || v->by != REGISTER_DECLARED || v->source.len > 0 ||
           v->since_ns != REGISTER_ALWAYS_NS || v->until_ns != REGISTER_NEVER_NS ||
           (v->is_complete && !sets_by_name);
}

static void value_add(struct text *t, const struct register_value *v) {
    if (!says_more(v)) {
        inside_add(t, v);
        return;
    }
    text_add_char(t, '{');
    if (v->state != REGISTER_KNOWN) {
        key_add(t, STR("is"));
        text_add_c(t, v->state == REGISTER_UNKNOWN ? "\"unknown\"" : "\"withheld\"");
    } else {
        key_add(t, v->field->shape == REGISTER_ONE ? STR("value") : STR("items"));
        inside_add(t, v);
    }
    bool sets_by_name = v->field->shape == REGISTER_SETS && v->records != NULL;
    if (v->is_complete && !sets_by_name) {
        key_add(t, STR("complete"));
        text_add_c(t, "true");
        time_add(t, STR("as_of"), v->as_of_ns);
    }
    if (v->by != REGISTER_DECLARED) {
        key_add(t, STR("by"));
        text_add_json(t, str_from_c(register_by_name(v->by)));
    }
    if (v->since_ns != REGISTER_ALWAYS_NS) time_add(t, STR("since"), v->since_ns);
    if (v->until_ns != REGISTER_NEVER_NS) time_add(t, STR("until"), v->until_ns);
    if (v->source.len > 0) {
        key_add(t, STR("source"));
        text_add_json(t, v->source);
    }
    text_add_char(t, '}');
}

enum error_code row_canonical(struct register_row *row, struct arena *arena, struct error *e) {
    size_t room = size_min(arena_left(arena), LIMIT_REGISTER_ROW_BYTES);
    struct text t = text_into(arena->next, room);
    text_add_c(&t, "{\"id\":");
    text_add_json(&t, row->id);
    span_add(&t, STR("valid"), row->valid_from_ns, row->valid_until_ns);
    for (size_t i = 0; i < row->fields.count; i++) {
        key_add(&t, row->fields.values[i].name);
        value_add(&t, &row->fields.values[i]);
    }
    if (row->note.len > 0) {
        key_add(&t, STR("note"));
        text_add_json(&t, row->note);
    }
    text_add_char(&t, '}');
    if (t.overflow)
        return room < LIMIT_REGISTER_ROW_BYTES
                   ? error_set(e, FAIL_MEMORY, "no room for the row \"%.*s\"", STR_FMT(row->id))
                   : error_set(e, FAIL_LIMIT, "the row \"%.*s\" is over %d bytes", STR_FMT(row->id),
                               LIMIT_REGISTER_ROW_BYTES);
    row->canonical = text_str(&t);
    arena->next += t.len;
    return OK;
}
