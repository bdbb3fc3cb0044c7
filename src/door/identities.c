/* The methods for identities: users, keys, grants, inspectors. */
#include "door/methods.h"

enum { LIST_BYTES = 4 << 20 };

static enum error_code identity_list(struct gate_visit *v, const json_t *in, json_t *out,
                                     struct error *e) {
    char *memory = arena_bytes(v->arena, LIST_BYTES);
    struct text text = text_into(memory, LIST_BYTES);
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for the list");
    TRY(gate_identities_json(v, &text, e));
    json_object_set_new(out, "users", json_loadb(text.at, text.len, 0, NULL));
    return OK;
}

static enum error_code user_add(struct gate_visit *v, const json_t *in, json_t *out,
                                struct error *e) {
    struct gate_answer answer;
    str user;
    str role = door_text(in, "role");
    int64_t until_ns;
    TRY(door_need(in, "user", &user, e));
    if (role.len == 0 && json_object_get(in, "until") == NULL)
        return door_receipt(out, &answer, gate_user_add(v, user, &answer, e));
    if (!str_equal(role, STR("inspector")))
        return error_set(e, FAIL_USAGE,
                         "only an inspector's time has an end: --role inspector, not \"%.*s\"",
                         STR_FMT(str_slice(role, 0, 40)));
    TRY(door_time(in, "until", &until_ns, e));
    return door_receipt(out, &answer, gate_inspector_add(v, user, until_ns, &answer, e));
}

static enum error_code user_extend(struct gate_visit *v, const json_t *in, json_t *out,
                                   struct error *e) {
    struct gate_answer answer;
    int64_t until_ns;
    str user;
    TRY(door_need(in, "user", &user, e));
    TRY(door_time(in, "until", &until_ns, e));
    return door_receipt(out, &answer, gate_inspector_until(v, user, until_ns, &answer, e));
}

static enum error_code user_enable(struct gate_visit *v, const json_t *in, json_t *out,
                                   struct error *e) {
    struct gate_answer answer;
    str user;
    TRY(door_need(in, "user", &user, e));
    bool enabled = json_is_true(json_object_get(in, "enabled"));
    return door_receipt(out, &answer, gate_user_enable(v, user, enabled, &answer, e));
}

static enum error_code key_add(struct gate_visit *v, const json_t *in, json_t *out,
                               struct error *e) {
    struct gate_answer answer;
    struct gate_new_key key;
    str user;
    TRY(door_need(in, "user", &user, e));
    TRY(gate_key_add(v, user, &key, &answer, e));
    door_put(out, "access_key", key.id);
    door_put(out, "secret_key", key.secret);
    return door_receipt(out, &answer, OK);
}

static enum error_code key_enable(struct gate_visit *v, const json_t *in, json_t *out,
                                  struct error *e) {
    struct gate_answer answer;
    str key;
    TRY(door_need(in, "access_key", &key, e));
    bool enabled = json_is_true(json_object_get(in, "enabled"));
    return door_receipt(out, &answer, gate_key_enable(v, key, enabled, &answer, e));
}

static enum error_code grant(struct gate_visit *v, const json_t *in, json_t *out, struct error *e) {
    struct gate_answer answer;
    str user, pattern;
    TRY(door_need(in, "user", &user, e));
    TRY(door_need(in, "bucket", &pattern, e));
    return door_receipt(out, &answer,
                        gate_grant(v, user, pattern, door_text(in, "rights"), &answer, e));
}

const struct door_method door_identities[] = {
    {"identity/list", identity_list},
    {"user/add", user_add},
    {"user/enable", user_enable},
    {"user/extend", user_extend},
    {"key/add", key_add},
    {"key/enable", key_enable},
    {"grant", grant},
};
const size_t door_identities_count = COUNT_OF(door_identities);
