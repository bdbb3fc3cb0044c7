/* The methods found by their names, and how all of them read a request and write a reply. */
#include "door/methods.h"

/* ---- reading a request ---- */

str door_text(const json_t *in, const char *name) {
    const json_t *value = json_object_get(in, name);
    return json_is_string(value) ? str_of(json_string_value(value), json_string_length(value))
                                 : STR_EMPTY;
}

enum error_code door_need(const json_t *in, const char *name, str *out, struct error *e) {
    *out = door_text(in, name);
    return out->len > 0 ? OK : error_set(e, FAIL_USAGE, "\"%s\" is missing", name);
}

enum error_code door_time(const json_t *in, const char *name, int64_t *out, struct error *e) {
    str text;
    TRY(door_need(in, name, &text, e));
    if (clock_iso_read(text, out)) return OK;
    return error_set(e, FAIL_USAGE, "%s: \"%.*s\" is no day or time such as 2026-11-21", name,
                     STR_FMT(text));
}

/* ---- writing a reply ---- */

void door_put(json_t *out, const char *name, str value) {
    json_object_set_new(out, name, json_stringn(value.at != NULL ? value.at : "", value.len));
}

void door_time_put(json_t *out, const char *name, int64_t wall_ns) {
    char time[CLOCK_TEXT_BYTES];
    clock_iso_s_write(wall_ns, time);
    json_object_set_new(out, name, json_string(time));
}

enum error_code door_receipt(json_t *out, const struct gate_answer *answer, enum error_code code) {
    if (code == OK) door_put(out, "receipt", answer->receipt);
    return code;
}

/* ---- all of them ---- */

static const struct {
    const struct door_method *of;
    const size_t *count;
} tables[] = {
    {door_identities, &door_identities_count}, {door_loosening, &door_loosening_count},
    {door_debts, &door_debts_count},           {door_inspecting, &door_inspecting_count},
    {door_register, &door_register_count},     {door_evidence, &door_evidence_count},
};

enum error_code door_handle(struct gate_visit *visit, str method, const json_t *in, json_t *out,
                            struct error *e) {
    for (size_t t = 0; t < COUNT_OF(tables); t++)
        for (size_t i = 0; i < *tables[t].count; i++)
            if (str_equal(method, str_from_c(tables[t].of[i].name)))
                return tables[t].of[i].run(visit, in, out, e);
    return error_set(e, FAIL_NOT_FOUND, "the door has no method \"%.*s\"", STR_FMT(method));
}
