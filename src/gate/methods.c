/* The door's methods: JSON in, a gate's act, JSON out. */
#include "gate/bundle.h"
#include "gate/door.h"

#include <stdlib.h>

enum { METHOD_TEXT_BYTES = 4 << 20 };

/* ---- reading a request ---- */

str gate_door_text(const json_t *in, const char *name) {
    const json_t *value = json_object_get(in, name);
    return json_is_string(value) ? str_of(json_string_value(value), json_string_length(value))
                                 : STR_EMPTY;
}

enum error_code gate_door_need(const json_t *in, const char *name, str *out, struct error *e) {
    *out = gate_door_text(in, name);
    return out->len > 0 ? OK : error_set(e, FAIL_USAGE, "\"%s\" is missing", name);
}

enum error_code gate_door_time(const json_t *in, const char *name, int64_t *out, struct error *e) {
    str text;
    TRY(gate_door_need(in, name, &text, e));
    if (clock_iso_read(text, out)) return OK;
    return error_set(e, FAIL_USAGE, "%s: \"%.*s\" is no day or time such as 2026-11-21", name,
                     STR_FMT(text));
}

void gate_door_put(json_t *out, const char *name, str value) {
    json_object_set_new(out, name, json_stringn(value.at != NULL ? value.at : "", value.len));
}

enum error_code gate_door_receipt(json_t *out, const struct gate_answer *answer,
                                  enum error_code code) {
    if (code == OK) gate_door_put(out, "receipt", answer->receipt);
    return code;
}

/* ---- identities ---- */

static enum error_code identity_list(struct gate_visit *v, const json_t *in, json_t *out,
                                     struct error *e) {
    char *memory = arena_bytes(v->arena, METHOD_TEXT_BYTES);
    struct text text = text_into(memory, METHOD_TEXT_BYTES);
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for the list");
    TRY(gate_identities_json(v, &text, e));
    json_object_set_new(out, "users", json_loadb(text.at, text.len, 0, NULL));
    return OK;
}

static enum error_code user_add(struct gate_visit *v, const json_t *in, json_t *out,
                                struct error *e) {
    struct gate_answer answer;
    str user;
    str role = gate_door_text(in, "role");
    int64_t until_ns;
    TRY(gate_door_need(in, "user", &user, e));
    if (role.len == 0 && json_object_get(in, "until") == NULL)
        return gate_door_receipt(out, &answer, gate_user_add(v, user, &answer, e));
    if (!str_equal(role, STR("inspector")))
        return error_set(e, FAIL_USAGE,
                         "only an inspector's time has an end: --role inspector, not \"%.*s\"",
                         STR_FMT(str_slice(role, 0, 40)));
    TRY(gate_door_time(in, "until", &until_ns, e));
    return gate_door_receipt(out, &answer, gate_inspector_add(v, user, until_ns, &answer, e));
}

static enum error_code user_extend(struct gate_visit *v, const json_t *in, json_t *out,
                                   struct error *e) {
    struct gate_answer answer;
    int64_t until_ns;
    str user;
    TRY(gate_door_need(in, "user", &user, e));
    TRY(gate_door_time(in, "until", &until_ns, e));
    return gate_door_receipt(out, &answer, gate_inspector_until(v, user, until_ns, &answer, e));
}

static enum error_code user_enable(struct gate_visit *v, const json_t *in, json_t *out,
                                   struct error *e) {
    struct gate_answer answer;
    str user;
    TRY(gate_door_need(in, "user", &user, e));
    bool enabled = json_is_true(json_object_get(in, "enabled"));
    return gate_door_receipt(out, &answer, gate_user_enable(v, user, enabled, &answer, e));
}

static enum error_code key_add(struct gate_visit *v, const json_t *in, json_t *out,
                               struct error *e) {
    struct gate_answer answer;
    struct gate_new_key key;
    str user;
    TRY(gate_door_need(in, "user", &user, e));
    TRY(gate_key_add(v, user, &key, &answer, e));
    gate_door_put(out, "access_key", key.id);
    gate_door_put(out, "secret_key", key.secret);
    return gate_door_receipt(out, &answer, OK);
}

static enum error_code key_enable(struct gate_visit *v, const json_t *in, json_t *out,
                                  struct error *e) {
    struct gate_answer answer;
    str key;
    TRY(gate_door_need(in, "access_key", &key, e));
    bool enabled = json_is_true(json_object_get(in, "enabled"));
    return gate_door_receipt(out, &answer, gate_key_enable(v, key, enabled, &answer, e));
}

static enum error_code grant(struct gate_visit *v, const json_t *in, json_t *out, struct error *e) {
    struct gate_answer answer;
    str user, pattern;
    TRY(gate_door_need(in, "user", &user, e));
    TRY(gate_door_need(in, "bucket", &pattern, e));
    return gate_door_receipt(
        out, &answer, gate_grant(v, user, pattern, gate_door_text(in, "rights"), &answer, e));
}

/* ---- proofs, exports ---- */

static enum error_code prove(struct gate_visit *v, const json_t *in, json_t *out, struct error *e) {
    struct gate_get get = {.version = gate_door_text(in, "version")};
    struct gate_answer answer;
    const json_t *open = json_object_get(in, "open");
    size_t count = json_array_size(open);
    str *fields = arena_new(v->arena, str, count);
    char *memory = arena_bytes(v->arena, TLOG_PROOF_BYTES_MAX);
    struct text text = text_into(memory, TLOG_PROOF_BYTES_MAX);
    if (fields == NULL || memory == NULL) return error_set(e, FAIL_MEMORY, "no room for a proof");
    TRY(gate_door_need(in, "bucket", &get.bucket, e));
    TRY(gate_door_need(in, "key", &get.key, e));
    get.with_version = get.version.len > 0;
    for (size_t i = 0; i < count; i++)
        fields[i] = str_from_c(json_string_value(json_array_get(open, i)));
    TRY(gate_prove(v, &get, fields, count, &text, &answer, e));
    gate_door_put(out, "proof", text_str(&text));
    return OK;
}

static enum error_code why(struct gate_visit *v, const json_t *in, json_t *out, struct error *e) {
    char *memory = arena_bytes(v->arena, 65536);
    struct text text = text_into(memory, 65536);
    str id;
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for an answer");
    TRY(gate_door_need(in, "request", &id, e));
    TRY(gate_why(v, id, &text, e));
    gate_door_put(out, "text", text_str(&text));
    return OK;
}

enum { LOST_TEXT_BYTES = 32768 };   /* the lines of some eighty logs; the rest is cut */
enum { ACTS_PAGE_BYTES = 2 << 20 }; /* base64 and JSON stay below the 8 MiB of an answer */

static enum error_code act_show(void *self, const struct gate_act *act, struct error *e) {
    json_t *row = json_object();
    char *text = malloc(base64_bytes(act->decision.len));
    if (text == NULL) {
        json_decref(row);
        return error_set(e, FAIL_MEMORY, "no room for an act");
    }
    size_t len = base64_write(act->decision.at, act->decision.len, text);
    gate_door_put(row, "entry", act->name);
    json_object_set_new(row, "time_ns", json_integer((json_int_t)act->time_ns));
    gate_door_put(row, "decision", str_of(text, len));
    free(text);
    json_array_append_new(self, row);
    return OK;
}

static enum error_code act_list(struct gate_visit *v, const json_t *in, json_t *out,
                                struct error *e) {
    json_int_t first = json_integer_value(json_object_get(in, "first")),
               log = json_integer_value(json_object_get(in, "log"));
    struct gate_act_next next;
    struct gate_act_page ask = {.log = log > 0 && log <= UINT32_MAX ? (uint32_t)log : 0,
                                .first = first > 0 ? (uint64_t)first : 0,
                                .from_ns = INT64_MIN,
                                .until_ns = INT64_MAX,
                                .bytes_most = ACTS_PAGE_BYTES};
    if (gate_door_text(in, "from").len > 0) TRY(gate_door_time(in, "from", &ask.from_ns, e));
    if (gate_door_text(in, "to").len > 0) TRY(gate_door_time(in, "to", &ask.until_ns, e));
    json_t *acts = json_array();
    json_object_set_new(out, "acts", acts);
    TRY(gate_act_list(v, &ask, act_show, acts, &next, e));
    json_object_set_new(out, "log", json_integer((json_int_t)next.log));
    json_object_set_new(out, "first", json_integer((json_int_t)next.first));
    json_object_set_new(out, "end", json_boolean(next.is_end));
    json_object_set_new(out, "done", json_integer((json_int_t)next.done));
    json_object_set_new(out, "entries", json_integer((json_int_t)next.all));
    return OK;
}

/* What no export has of the line is said with it. */
static enum error_code lost_put(struct gate_visit *v, json_t *out, struct error *e) {
    char *memory = arena_bytes(v->arena, LOST_TEXT_BYTES);
    struct text text = text_into(memory, LOST_TEXT_BYTES);
    bool incomplete;
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for an answer");
    TRY(gate_lost_tell(v, &text, &incomplete, e));
    if (text.len == 0) return OK;
    gate_door_put(out, "lost", text_str(&text));
    json_object_set_new(out, "incomplete", json_boolean(incomplete));
    return OK;
}

static enum error_code export_store(struct gate_visit *v, const json_t *in, json_t *out,
                                    struct error *e) {
    str dir, kept;
    TRY(gate_door_need(in, "to", &dir, e));
    TRY(arena_copy(v->arena, dir, &kept, e));
    TRY(gate_export(v, kept.at, json_is_true(json_object_get(in, "bodies")), NULL, NULL, e));
    return lost_put(v, out, e);
}

static enum error_code export_ledger(struct gate_visit *v, const json_t *in, json_t *out,
                                     struct error *e) {
    str dir, kept;
    TRY(gate_door_need(in, "to", &dir, e));
    TRY(arena_copy(v->arena, dir, &kept, e));
    TRY(gate_ledger_export(v, kept.at, NULL, NULL, e));
    gate_door_put(out, "vkey", gate_ledger_vkey(v->gate));
    return lost_put(v, out, e);
}

static enum error_code bundle_ask_read(struct gate_visit *v, const json_t *in,
                                       struct bundle_ask *ask, struct error *e) {
    const json_t *open = json_object_get(in, "open");
    int64_t from_ns, until_ns;
    size_t count = json_array_size(open);
    str *fields = arena_new(v->arena, str, count), dir, kept;
    if (fields == NULL) return error_set(e, FAIL_MEMORY, "no room for a bundle");
    TRY(gate_door_need(in, "to", &dir, e));
    TRY(arena_copy(v->arena, dir, &kept, e));
    TRY(gate_door_time(in, "from", &from_ns, e));
    TRY(gate_door_time(in, "until", &until_ns, e));
    for (size_t i = 0; i < count; i++)
        fields[i] = str_from_c(json_string_value(json_array_get(open, i)));
    str whom = gate_door_text(in, "for");
    if (whom.len == 0 || whom.len > 512)
        return error_set(e, FAIL_USAGE, "for: 1 to 512 bytes say for whom the bundle is");
    *ask = (struct bundle_ask){.dir = kept.at,
                               .whom = whom,
                               .from = evidence_minute(from_ns),
                               .until = evidence_minute(until_ns),
                               .fields = fields,
                               .field_count = count};
    return OK;
}

static enum error_code bundle_write_(struct gate_visit *v, const json_t *in, json_t *out,
                                     struct error *e) {
    struct bundle_ask ask;
    TRY(bundle_ask_read(v, in, &ask, e));
    return bundle_write(v, &ask, out, e);
}

static enum error_code bundle_seal_(struct gate_visit *v, const json_t *in, json_t *out,
                                    struct error *e) {
    struct bundle_ask ask;
    TRY(bundle_ask_read(v, in, &ask, e));
    return bundle_seal(v, &ask, e);
}

static const struct gate_door_method methods[] = {
    {"identity/list", identity_list},
    {"user/add", user_add},
    {"user/enable", user_enable},
    {"user/extend", user_extend},
    {"key/add", key_add},
    {"key/enable", key_enable},
    {"grant", grant},
    {"prove", prove},
    {"why", why},
    {"act/list", act_list},
    {"export/store", export_store},
    {"export/ledger", export_ledger},
    {"bundle/write", bundle_write_},
    {"bundle/seal", bundle_seal_},
};

enum error_code gate_door_handle(struct gate_visit *visit, str method, const json_t *in,
                                 json_t *out, struct error *e) {
    for (size_t i = 0; i < COUNT_OF(methods); i++)
        if (str_equal(method, str_from_c(methods[i].name)))
            return methods[i].run(visit, in, out, e);
    for (size_t i = 0; i < gate_door_loosening_count; i++)
        if (str_equal(method, str_from_c(gate_door_loosening[i].name)))
            return gate_door_loosening[i].run(visit, in, out, e);
    for (size_t i = 0; i < gate_door_inspecting_count; i++)
        if (str_equal(method, str_from_c(gate_door_inspecting[i].name)))
            return gate_door_inspecting[i].run(visit, in, out, e);
    for (size_t i = 0; i < gate_door_register_count; i++)
        if (str_equal(method, str_from_c(gate_door_register[i].name)))
            return gate_door_register[i].run(visit, in, out, e);
    return error_set(e, FAIL_NOT_FOUND, "the door has no method \"%.*s\"", STR_FMT(method));
}
