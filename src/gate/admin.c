/* Identities at the gate: users, keys and grants change in a turn, with an entry each. */
#include "gate/turn/committer.h"

static const struct identity_grant local_grant = {
    {"*", 1}, IDENTITY_ADMIN | IDENTITY_INSPECT | IDENTITY_READ};
static const struct identity_user local_user = {
    .name = {"local", 5}, .enabled = true, .grants = &local_grant, .grant_count = 1};

bool gate_visit_is_local(const struct gate_visit *visit) {
    return visit->user == &local_user;
}

void gate_visit_local(struct gate_visit *visit) {
    visit->user = &local_user;
    struct error e;
    visit->access_key = STR("local");
    visit->who = STR_EMPTY;
    error_ignore(
        net_address_read(STR("127.0.0.1:0"), &visit->peer, &e)); /* a constant that reads */
}

struct identity_change {
    struct gate_work work;
    struct gate_visit *visit;
    str subject, detail, pattern;
    unsigned rights;
    bool enabled;
    int64_t until_ns;
    struct identity_new_key key;
    uint64_t entry;
    enum error_code (*change)(struct gate_turn *turn, struct identity_change *c, struct error *e);
};

static enum error_code change_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct identity_change *c = self;
    struct gate_record record = {.type = EVIDENCE_IDENTITY_CHANGE};
    TRY(gate_still_allowed(turn, c->visit, IDENTITY_ADMIN, STR_EMPTY, e));
    TRY(c->change(turn, c, e));
    TRY(gate_visit_values(c->visit, STR_EMPTY, STR_EMPTY, &record.values, e));
    record.values.of[EVIDENCE_SUBJECT] = c->subject;
    record.values.of[EVIDENCE_DETAIL] = c->detail;
    turn->identities_changed = true;
    return gate_record_append(turn, &record, &c->entry, e);
}

static enum error_code change_run(struct identity_change *c, struct gate_answer *answer,
                                  struct error *e) {
    *answer = (struct gate_answer){0};
    TRY(gate_allow(c->visit, IDENTITY_ADMIN, STR_EMPTY, e));
    c->work = (struct gate_work){.apply = change_apply, .self = c, .bytes = 4096};
    TRY(gate_submit(c->visit->gate, &c->work, e));
    return gate_receipt(c->visit, c->entry, c->entry, &answer->receipt, e);
}

static enum error_code user_add(struct gate_turn *turn, struct identity_change *c,
                                struct error *e) {
    return identity_user_add(turn->engine, c->subject, turn->now_ns, e);
}

enum error_code gate_user_add(struct gate_visit *visit, str user, struct gate_answer *answer,
                              struct error *e) {
    struct identity_change c = {
        .visit = visit, .subject = user, .detail = STR("user added"), .change = user_add};
    return change_run(&c, answer, e);
}

static enum error_code inspector_add(struct gate_turn *turn, struct identity_change *c,
                                     struct error *e) {
    return identity_inspector_add(turn->engine, c->subject, c->until_ns, turn->now_ns, e);
}

static enum error_code inspector_until(struct gate_turn *turn, struct identity_change *c,
                                       struct error *e) {
    return identity_inspector_until(turn->engine, c->subject, c->until_ns, turn->now_ns, e);
}

static enum error_code inspector_change(struct identity_change *c, const char *what,
                                        struct gate_answer *answer, struct error *e) {
    char until[CLOCK_TEXT_BYTES];
    clock_iso_s_write(c->until_ns, until);
    TRY(arena_format(c->visit->arena, &c->detail, e, "%s until %s", what, until));
    return change_run(c, answer, e);
}

enum error_code gate_inspector_add(struct gate_visit *visit, str user, int64_t until_ns,
                                   struct gate_answer *answer, struct error *e) {
    struct identity_change c = {
        .visit = visit, .subject = user, .until_ns = until_ns, .change = inspector_add};
    return inspector_change(&c, "inspector added", answer, e);
}

enum error_code gate_inspector_until(struct gate_visit *visit, str user, int64_t until_ns,
                                     struct gate_answer *answer, struct error *e) {
    struct identity_change c = {
        .visit = visit, .subject = user, .until_ns = until_ns, .change = inspector_until};
    return inspector_change(&c, "inspector", answer, e);
}

static enum error_code user_enable(struct gate_turn *turn, struct identity_change *c,
                                   struct error *e) {
    return identity_user_enable(turn->engine, c->subject, c->enabled, e);
}

enum error_code gate_user_enable(struct gate_visit *visit, str user, bool enabled,
                                 struct gate_answer *answer, struct error *e) {
    struct identity_change c = {.visit = visit,
                                .subject = user,
                                .enabled = enabled,
                                .detail = enabled ? STR("user enabled") : STR("user disabled"),
                                .change = user_enable};
    return change_run(&c, answer, e);
}

static enum error_code key_add(struct gate_turn *turn, struct identity_change *c, struct error *e) {
    TRY(identity_key_add(turn->engine, turn->gate->keys, c->subject, turn->now_ns, &c->key, e));
    return arena_format(c->visit->arena, &c->detail, e, "key added: %.*s", IDENTITY_KEY_ID_BYTES,
                        c->key.id);
}

enum error_code gate_key_add(struct gate_visit *visit, str user, struct gate_new_key *out,
                             struct gate_answer *answer, struct error *e) {
    struct identity_change c = {.visit = visit, .subject = user, .change = key_add};
    TRY(change_run(&c, answer, e));
    TRY(arena_copy(visit->arena, str_of(c.key.id, sizeof c.key.id), &out->id, e));
    TRY(arena_copy(visit->arena, str_of(c.key.secret, sizeof c.key.secret), &out->secret, e));
    memory_wipe(&c.key, sizeof c.key);
    return OK;
}

static enum error_code key_enable(struct gate_turn *turn, struct identity_change *c,
                                  struct error *e) {
    return identity_key_enable(turn->engine, c->subject, c->enabled, e);
}

enum error_code gate_key_enable(struct gate_visit *visit, str key_id, bool enabled,
                                struct gate_answer *answer, struct error *e) {
    struct identity_change c = {.visit = visit,
                                .subject = key_id,
                                .enabled = enabled,
                                .detail = enabled ? STR("key enabled") : STR("key disabled"),
                                .change = key_enable};
    return change_run(&c, answer, e);
}

static enum error_code grant_set(struct gate_turn *turn, struct identity_change *c,
                                 struct error *e) {
    return identity_grant_set(turn->engine, c->subject, c->pattern, c->rights, e);
}

enum error_code gate_grant(struct gate_visit *visit, str user, str pattern, str rights,
                           struct gate_answer *answer, struct error *e) {
    struct identity_change c = {
        .visit = visit, .subject = user, .pattern = pattern, .change = grant_set};
    *answer = (struct gate_answer){0};
    if (rights.len > 0) TRY(identity_rights_read(rights, &c.rights, e));
    TRY(arena_format(visit->arena, &c.detail, e, "grant on \"%.*s\": %.*s", STR_FMT(pattern),
                     rights.len > 0 ? (int)rights.len : 4, rights.len > 0 ? rights.at : "none"));
    return change_run(&c, answer, e);
}

static void user_json(const struct identity_snapshot *snapshot, const struct identity_user *user,
                      struct text *out) {
    bool first = true;
    text_add_c(out, "{\"user\":");
    text_add_json(out, user->name);
    text_format(out, ",\"enabled\":%s,\"role\":\"%s\"", user->enabled ? "true" : "false",
                identity_role_name(user->role));
    if (user->role == IDENTITY_INSPECTOR) {
        char until[CLOCK_TEXT_BYTES];
        clock_iso_s_write(user->until_ns, until);
        text_format(out, ",\"until\":\"%s\"", until);
    }
    text_add_c(out, ",\"grants\":[");
    for (size_t i = 0; i < user->grant_count; i++) {
        char memory[128];
        struct text rights = text_into(memory, sizeof memory);
        identity_rights_write(user->grants[i].rights, &rights);
        text_add_c(out, i > 0 ? ",{\"bucket\":" : "{\"bucket\":");
        text_add_json(out, user->grants[i].pattern);
        text_add_c(out, ",\"rights\":");
        text_add_json(out, text_str(&rights));
        text_add_char(out, '}');
    }
    text_add_c(out, "],\"keys\":[");
    for (size_t i = 0; i < identity_key_count(snapshot); i++) {
        const struct identity_key *key = identity_key_at(snapshot, i);
        if (key->user != user) continue;
        text_add_c(out, first ? "{\"access_key\":" : ",{\"access_key\":");
        text_add_json(out, key->id);
        text_format(out, ",\"enabled\":%s}", key->enabled ? "true" : "false");
        first = false;
    }
    text_add_c(out, "]}");
}

enum error_code gate_identities_json(struct gate_visit *visit, struct text *out, struct error *e) {
    const struct identity_snapshot *snapshot = visit->world->identities->snapshot;
    TRY(gate_allow(visit, IDENTITY_ADMIN, STR_EMPTY, e));
    text_add_char(out, '[');
    for (size_t i = 0; i < identity_user_count(snapshot); i++) {
        if (i > 0) text_add_char(out, ',');
        user_json(snapshot, identity_user_at(snapshot, i), out);
    }
    text_add_char(out, ']');
    if (out->overflow)
        return error_set(e, FAIL_LIMIT, "the list of users is over %zu bytes", out->cap);
    return OK;
}

enum error_code gate_root_key(struct gate *gate, struct arena *arena, str *access_key, str *secret,
                              struct error *e) {
    unsigned slot;
    struct gate_world *world = gate_world_take(gate, &slot);
    const struct identity_snapshot *snapshot = world->identities->snapshot;
    enum error_code code = OK;
    *access_key = *secret = STR_EMPTY;
    for (size_t i = 0; i < identity_key_count(snapshot) && access_key->len == 0; i++) {
        const struct identity_key *key = identity_key_at(snapshot, i);
        if (!identity_key_works(key) || !str_equal(key->user->name, STR("root"))) continue;
        code = arena_copy(arena, key->id, access_key, e);
        if (code == OK) code = arena_copy(arena, key->secret, secret, e);
    }
    gate_world_give(world, slot);
    return code;
}

enum error_code gate_register_import(struct gate_visit *visit, const str *paths, size_t count,
                                     struct error *e) {
    struct register_snapshot *snapshot;
    struct evidence_values by;
    TRY(gate_allow(visit, IDENTITY_ADMIN, STR_EMPTY, e));
    TRY(gate_visit_values(visit, STR_EMPTY, STR_EMPTY, &by, e));
    TRY(register_load(paths, count, &snapshot, NULL, e));
    return gate_rules_change_by(visit->gate, snapshot, false, STR("register import"), &by, e);
}
