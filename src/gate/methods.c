/* The door's methods: JSON in, a gate's act, JSON out. */
#include "gate/door.h"

#include <stdlib.h>

enum { METHOD_TEXT_BYTES = 4 << 20 };

/* ---- reading a request ---- */

static str text_of(const json_t *in, const char *name) {
    const json_t *value = json_object_get(in, name);
    return json_is_string(value) ? str_of(json_string_value(value), json_string_length(value))
                                 : STR_EMPTY;
}

static enum error_code text_need(const json_t *in, const char *name, str *out, struct error *e) {
    *out = text_of(in, name);
    return out->len > 0 ? OK : error_set(e, FAIL_USAGE, "\"%s\" is missing", name);
}

static enum error_code time_need(const json_t *in, const char *name, int64_t *out,
                                 struct error *e) {
    str text;
    TRY(text_need(in, name, &text, e));
    if (clock_iso_read(text, out)) return OK;
    return error_set(e, FAIL_USAGE, "%s: \"%.*s\" is no day or time such as 2026-11-21", name,
                     STR_FMT(text));
}

static void text_put(json_t *out, const char *name, str value) {
    json_object_set_new(out, name, json_stringn(value.at != NULL ? value.at : "", value.len));
}

static enum error_code receipt_put(json_t *out, const struct gate_answer *answer,
                                   enum error_code code) {
    if (code == OK) text_put(out, "receipt", answer->receipt);
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
    TRY(text_need(in, "user", &user, e));
    return receipt_put(out, &answer, gate_user_add(v, user, &answer, e));
}

static enum error_code user_enable(struct gate_visit *v, const json_t *in, json_t *out,
                                   struct error *e) {
    struct gate_answer answer;
    str user;
    TRY(text_need(in, "user", &user, e));
    bool enabled = json_is_true(json_object_get(in, "enabled"));
    return receipt_put(out, &answer, gate_user_enable(v, user, enabled, &answer, e));
}

static enum error_code key_add(struct gate_visit *v, const json_t *in, json_t *out,
                               struct error *e) {
    struct gate_answer answer;
    struct gate_new_key key;
    str user;
    TRY(text_need(in, "user", &user, e));
    TRY(gate_key_add(v, user, &key, &answer, e));
    text_put(out, "access_key", key.id);
    text_put(out, "secret_key", key.secret);
    return receipt_put(out, &answer, OK);
}

static enum error_code key_enable(struct gate_visit *v, const json_t *in, json_t *out,
                                  struct error *e) {
    struct gate_answer answer;
    str key;
    TRY(text_need(in, "access_key", &key, e));
    bool enabled = json_is_true(json_object_get(in, "enabled"));
    return receipt_put(out, &answer, gate_key_enable(v, key, enabled, &answer, e));
}

static enum error_code grant(struct gate_visit *v, const json_t *in, json_t *out, struct error *e) {
    struct gate_answer answer;
    str user, pattern;
    TRY(text_need(in, "user", &user, e));
    TRY(text_need(in, "bucket", &pattern, e));
    return receipt_put(out, &answer,
                       gate_grant(v, user, pattern, text_of(in, "rights"), &answer, e));
}

/* ---- exceptions ---- */

static enum error_code exception_propose(struct gate_visit *v, const json_t *in, json_t *out,
                                         struct error *e) {
    struct gate_answer answer;
    struct gate_exception x = {.clause = text_of(in, "clause"),
                               .dataset = text_of(in, "dataset"),
                               .site = text_of(in, "site"),
                               .reason = text_of(in, "reason"),
                               .measure = text_of(in, "measure"),
                               .from_ns = clock_wall_ns()};
    TRY(time_need(in, "until", &x.until_ns, e));
    if (text_of(in, "from").len > 0) TRY(time_need(in, "from", &x.from_ns, e));
    TRY(gate_exception_propose(v, &x, &answer, e));
    text_put(out, "id", x.id);
    return receipt_put(out, &answer, OK);
}

static enum error_code exception_approve(struct gate_visit *v, const json_t *in, json_t *out,
                                         struct error *e) {
    struct gate_answer answer;
    str id;
    TRY(text_need(in, "id", &id, e));
    return receipt_put(out, &answer, gate_exception_approve(v, id, &answer, e));
}

static enum error_code exception_end(struct gate_visit *v, const json_t *in, json_t *out,
                                     struct error *e) {
    struct gate_answer answer;
    str id;
    TRY(text_need(in, "id", &id, e));
    return receipt_put(out, &answer, gate_exception_end(v, id, &answer, e));
}

static enum error_code exception_show(void *self, const struct gate_exception *x, struct error *e) {
    static const char *const states[] = {"proposed", "approved", "ended"};
    json_t *row = json_object();
    char time[CLOCK_TEXT_BYTES];
    const struct {
        const char *name;
        str value;
    } texts[] = {{"id", x->id},
                 {"clause", x->clause},
                 {"dataset", x->dataset},
                 {"site", x->site},
                 {"reason", x->reason},
                 {"measure", x->measure},
                 {"requester", x->requester},
                 {"approver", x->approver}};
    for (size_t i = 0; i < COUNT_OF(texts); i++) text_put(row, texts[i].name, texts[i].value);
    json_object_set_new(row, "state", json_string(states[x->state]));
    clock_iso_s_write(x->from_ns, time);
    json_object_set_new(row, "from", json_string(time));
    clock_iso_s_write(x->until_ns, time);
    json_object_set_new(row, "until", json_string(time));
    json_array_append_new(self, row);
    return OK;
}

static enum error_code exception_list(struct gate_visit *v, const json_t *in, json_t *out,
                                      struct error *e) {
    json_t *list = json_array();
    enum error_code code = gate_exception_list(v, exception_show, list, e);
    json_object_set_new(out, "exceptions", list);
    return code;
}

/* ---- register, proofs, exports ---- */

static enum error_code register_import_(struct gate_visit *v, const json_t *in, json_t *out,
                                        struct error *e) {
    const json_t *paths = json_object_get(in, "paths");
    size_t count = json_array_size(paths);
    str *at = arena_new(v->arena, str, count);
    if (at == NULL || count == 0) return error_set(e, FAIL_USAGE, "\"paths\" names no file");
    for (size_t i = 0; i < count; i++)
        at[i] = str_from_c(json_string_value(json_array_get(paths, i)));
    return gate_register_import(v, at, count, e);
}

static enum error_code prove(struct gate_visit *v, const json_t *in, json_t *out, struct error *e) {
    struct gate_get get = {.version = text_of(in, "version")};
    struct gate_answer answer;
    const json_t *open = json_object_get(in, "open");
    size_t count = json_array_size(open);
    str *fields = arena_new(v->arena, str, count);
    char *memory = arena_bytes(v->arena, TLOG_PROOF_BYTES_MAX);
    struct text text = text_into(memory, TLOG_PROOF_BYTES_MAX);
    if (fields == NULL || memory == NULL) return error_set(e, FAIL_MEMORY, "no room for a proof");
    TRY(text_need(in, "bucket", &get.bucket, e));
    TRY(text_need(in, "key", &get.key, e));
    get.with_version = get.version.len > 0;
    for (size_t i = 0; i < count; i++)
        fields[i] = str_from_c(json_string_value(json_array_get(open, i)));
    TRY(gate_prove(v, &get, fields, count, &text, &answer, e));
    text_put(out, "proof", text_str(&text));
    return OK;
}

static enum error_code why(struct gate_visit *v, const json_t *in, json_t *out, struct error *e) {
    char *memory = arena_bytes(v->arena, 65536);
    struct text text = text_into(memory, 65536);
    str id;
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for an answer");
    TRY(text_need(in, "request", &id, e));
    TRY(gate_why(v, id, &text, e));
    text_put(out, "text", text_str(&text));
    return OK;
}

static enum error_code export_store(struct gate_visit *v, const json_t *in, json_t *out,
                                    struct error *e) {
    str dir, kept;
    TRY(text_need(in, "to", &dir, e));
    TRY(arena_copy(v->arena, dir, &kept, e));
    return gate_export(v, kept.at, json_is_true(json_object_get(in, "bodies")), NULL, NULL, e);
}

static enum error_code export_ledger(struct gate_visit *v, const json_t *in, json_t *out,
                                     struct error *e) {
    str dir, kept;
    TRY(text_need(in, "to", &dir, e));
    TRY(arena_copy(v->arena, dir, &kept, e));
    TRY(gate_ledger_export(v, kept.at, NULL, NULL, e));
    text_put(out, "vkey", gate_ledger_vkey(v->gate));
    return OK;
}

static const struct {
    const char *name;
    enum error_code (*run)(struct gate_visit *v, const json_t *in, json_t *out, struct error *e);
} methods[] = {
    {"identity/list", identity_list},
    {"user/add", user_add},
    {"user/enable", user_enable},
    {"key/add", key_add},
    {"key/enable", key_enable},
    {"grant", grant},
    {"exception/propose", exception_propose},
    {"exception/approve", exception_approve},
    {"exception/end", exception_end},
    {"exception/list", exception_list},
    {"register/import", register_import_},
    {"prove", prove},
    {"why", why},
    {"export/store", export_store},
    {"export/ledger", export_ledger},
};

enum error_code gate_door_handle(struct gate_visit *visit, str method, const json_t *in,
                                 json_t *out, struct error *e) {
    for (size_t i = 0; i < COUNT_OF(methods); i++)
        if (str_equal(method, str_from_c(methods[i].name)))
            return methods[i].run(visit, in, out, e);
    return error_set(e, FAIL_NOT_FOUND, "the door has no method \"%.*s\"", STR_FMT(method));
}
