/* The methods for the register: imported, and what it said over time. */
#include "register/register.h"
#include "door/methods.h"

enum { GENERATIONS_DEFAULT = 1000 };

/* To the millisecond that it had happened by: whoever asks what held then gets this one. */
static void moment_put(json_t *out, const char *name, int64_t wall_ns) {
    char time[CLOCK_TEXT_BYTES];
    clock_iso_write(wall_ns + NS_PER_MS - 1, time);
    json_object_set_new(out, name, json_string(time));
}

static void number_put(json_t *out, const char *name, uint64_t number) {
    json_object_set_new(out, name, json_integer((json_int_t)number));
}

static enum error_code register_import_(struct gate_visit *v, const json_t *in, json_t *out,
                                        struct error *e) {
    const json_t *paths = json_object_get(in, "paths");
    size_t count = json_array_size(paths);
    str *at = arena_new(v->arena, str, count);
    if (at == NULL || count == 0) return error_set(e, FAIL_USAGE, "\"paths\" names no file");
    for (size_t i = 0; i < count; i++) {
        const char *path = json_string_value(json_array_get(paths, i));
        if (path == NULL)
            return error_set(e, FAIL_USAGE, "\"paths\" holds something that is no path");
        at[i] = str_from_c(path);
    }
    return gate_register_import(v, at, count, e);
}

/* ---- generations ---- */

static void entry_put(json_t *out, const struct register_generation *kept) {
    char memory[512];
    struct text entry = text_into(memory, sizeof memory);
    text_format(&entry, "%.*s#%llu", STR_FMT(kept->origin), (unsigned long long)kept->entry);
    door_put(out, "entry", text_str(&entry));
}

static json_t *generation_json(const struct gate_told *told) {
    const struct register_generation *kept = told->kept;
    char hex[2 * DIGEST_BYTES];
    json_t *out = json_object();
    number_put(out, "generation", kept->generation);
    json_object_set_new(out, "recorded", json_boolean(kept->is_recorded));
    if (kept->imported_ns != 0) {
        moment_put(out, "time", kept->imported_ns);
        number_put(out, "rows", kept->row_count);
        hex_write(kept->sha256.at, DIGEST_BYTES, hex);
        door_put(out, "digest", str_of(hex, sizeof hex));
    }
    if (!kept->is_recorded) return out;
    number_put(out, "changed", kept->changed_count);
    entry_put(out, kept);
    json_object_set_new(out, "in_ledger", json_boolean(told->in_ledger));
    if (told->redacted) json_object_set_new(out, "redacted", json_true());
    if (told->who.len > 0) door_put(out, "who", told->who);
    if (told->why.len > 0) door_put(out, "why", told->why);
    return out;
}

static enum error_code generation_add(void *self, const struct gate_told *told, struct error *e) {
    json_array_append_new(self, generation_json(told));
    return OK;
}

/* ---- rows ---- */

static enum error_code row_json(enum register_kind kind, int64_t from_ns, str canonical,
                                json_t **out, struct error *e) {
    json_t *row = json_loadb(canonical.at, canonical.len, 0, NULL);
    if (row == NULL) return error_set(e, FAIL_CORRUPT, "a row of the register is no JSON");
    *out = json_object();
    json_object_set_new(*out, "kind", json_string(register_kind_of(kind)->key));
    json_object_set_new(*out, "id", json_incref(json_object_get(row, "id")));
    if (from_ns != REGISTER_ALWAYS_NS) door_time_put(*out, "from", from_ns);
    json_object_set_new(*out, "row", row);
    return OK;
}

static enum error_code told_rows_put(struct gate_visit *v, str id, json_t *out, struct error *e) {
    struct register_told *rows;
    size_t count;
    TRY(gate_told_rows(v, id, &rows, &count, e));
    json_t *list = json_array();
    json_object_set_new(out, "rows", list);
    for (size_t i = 0; i < count; i++) {
        json_t *row;
        TRY(row_json(rows[i].kind, rows[i].valid_from_ns, rows[i].canonical, &row, e));
        number_put(row, "came_with", rows[i].came_with);
        if (rows[i].replaced_by > 0) {
            number_put(row, "replaced_by", rows[i].replaced_by);
            moment_put(row, "replaced", rows[i].replaced_ns);
        }
        json_array_append_new(list, row);
    }
    return OK;
}

static enum error_code register_history(struct gate_visit *v, const json_t *in, json_t *out,
                                        struct error *e) {
    json_int_t first = json_integer_value(json_object_get(in, "first"));
    str id = door_text(in, "id");
    uint64_t next;
    json_t *list = json_array();
    json_object_set_new(out, "generations", list);
    TRY(gate_told_list(v, first > 0 ? (uint64_t)first : 1, GENERATIONS_DEFAULT, generation_add,
                       list, &next, e));
    if (next > 0) number_put(out, "next", next);
    return id.len > 0 ? told_rows_put(v, id, out, e) : OK;
}

static enum error_code rows_at_put(const struct register_snapshot *snapshot, str id, int64_t at_ns,
                                   json_t *list, struct error *e) {
    for (unsigned k = 0; k < REGISTER_KIND_COUNT; k++) {
        const struct register_row *row =
            register_row_at(snapshot, (enum register_kind)k, id, at_ns);
        json_t *shown;
        if (row == NULL) continue;
        TRY(row_json(row->kind, row->valid_from_ns, row->canonical, &shown, e));
        if (row->valid_until_ns != REGISTER_NEVER_NS)
            door_time_put(shown, "until", row->valid_until_ns);
        json_array_append_new(list, shown);
    }
    if (json_array_size(list) > 0) return OK;
    return error_set(e, FAIL_NOT_FOUND,
                     "the store's register as it was at that time has no row \"%.*s\" that is true "
                     "then",
                     STR_FMT(id));
}

static enum error_code register_show_(struct gate_visit *v, const json_t *in, json_t *out,
                                      struct error *e) {
    struct register_snapshot *snapshot;
    struct gate_told told;
    int64_t at_ns = clock_wall_ns();
    str id;
    TRY(door_need(in, "id", &id, e));
    if (door_text(in, "at").len > 0) TRY(door_time(in, "at", &at_ns, e));
    TRY(gate_told_at(v, at_ns, &told, &snapshot, e));
    json_t *list = json_array();
    json_object_set_new(out, "generation", generation_json(&told));
    json_object_set_new(out, "rows", list);
    enum error_code code = rows_at_put(snapshot, id, at_ns, list, e);
    register_release(snapshot);
    return code;
}

const struct door_method door_register[] = {
    {"register/import", register_import_},
    {"register/history", register_history},
    {"register/show", register_show_},
};
const size_t door_register_count = COUNT_OF(door_register);
