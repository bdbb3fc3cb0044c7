/* Visits: who asks, from where, and whether they may ask at all. Everything before the rules. */
#include "gate/rules/rules.h"

void gate_visit_begin(struct gate *gate, struct gate_visit *visit, struct arena *arena) {
    visit->gate = gate;
    visit->arena = arena;
    visit->user = visit->over = NULL;
    visit->reader = NULL;
    visit->access_key = visit->who = visit->address = STR_EMPTY;
    visit->long_space = (struct arena_space){0};
    visit->world = gate_world_take(gate, &visit->world_slot);
    atomic_fetch_add_explicit(&gate->counters.visits, 1, memory_order_relaxed);
}

void gate_visit_end(struct gate_visit *visit) {
    if (visit->world == NULL) return;
    gate_world_give(visit->world, visit->world_slot);
    visit->world = NULL;
    arena_space_release(&visit->long_space);
}

enum error_code gate_visit_key(struct gate_visit *visit, str access_key, str *secret,
                               struct error *e) {
    const struct identity_key *key =
        identity_key_find(visit->world->identities->snapshot, access_key);
    if (key == NULL || !identity_key_works(key))
        return error_set(e, FAIL_ACCESS_KEY, "the access key is not known here, or it is disabled");
    visit->access_key = key->id;
    *secret = key->secret;
    return OK;
}

void gate_visit_vouch(struct gate_visit *visit) {
    const struct identity_key *key =
        identity_key_find(visit->world->identities->snapshot, visit->access_key);
    visit->user = key != NULL && identity_key_works(key) ? key->user : NULL;
    visit->over = visit->user != NULL && identity_user_is_over(visit->user, clock_wall_ns())
                      ? visit->user
                      : NULL;
    if (visit->over != NULL) visit->user = NULL;
    visit->who = STR_EMPTY; /* somebody else than before */
}

bool gate_visit_is_inspector(const struct gate_visit *visit) {
    const struct identity_user *user = visit->user;
    return user != NULL && user->role == IDENTITY_INSPECTOR;
}

enum error_code gate_denied(const struct gate_visit *visit, const char *why, struct error *e) {
    const struct identity_user *over = visit->over;
    char until[CLOCK_TEXT_BYTES];
    atomic_fetch_add_explicit(&visit->gate->counters.denied, 1, memory_order_relaxed);
    if (over == NULL) return error_set(e, FAIL_ACCESS_DENIED, "%s", why);
    clock_iso_s_write(over->until_ns, until);
    return error_set(e, FAIL_ACCESS_DENIED,
                     "the time of the inspector %.*s ended at %s; whoever administers this store "
                     "can extend it",
                     STR_FMT(over->name), until);
}

enum error_code gate_visit_admit(struct gate_visit *visit, struct error *e) {
    gate_visit_vouch(visit);
    return visit->user != NULL ? OK : gate_denied(visit, "Access Denied", e);
}

str gate_visit_user(const struct gate_visit *visit) {
    const struct identity_user *user = visit->user;
    return user == NULL ? STR_EMPTY : user->name;
}

enum error_code gate_allow(const struct gate_visit *visit, enum identity_right right, str bucket,
                           struct error *e) {
    const struct identity_user *user = visit->user;
    if (user != NULL && identity_allows(user, right, bucket)) return OK;
    return gate_denied(visit, "Access Denied", e);
}

enum error_code gate_allow_look(const struct gate_visit *visit, struct error *e) {
    const struct identity_user *user = visit->user;
    if (user != NULL && identity_allows(user, IDENTITY_INSPECT, STR_EMPTY)) return OK;
    return gate_allow(visit, IDENTITY_ADMIN, STR_EMPTY, e);
}

enum error_code gate_key_check(str key, struct error *e) {
    size_t at;
    if (key.len > LIMIT_KEY_BYTES)
        return error_set(e, FAIL_KEY_TOO_LONG, "a key of %zu bytes is over %d", key.len,
                         LIMIT_KEY_BYTES);
    if (key.len == 0 || str_find_char(key, 0, &at))
        return error_set(e, FAIL_INVALID_ARGUMENT, "a key has at least one byte, and none is NUL");
    return OK;
}

enum error_code gate_bucket_of(const struct gate_visit *visit, str name,
                               const struct store_bucket **out, struct error *e) {
    const struct store_bucket *bucket =
        store_bucket_find(gate_buckets_all(visit->world->buckets), name);
    if (bucket == NULL)
        return error_set(e, FAIL_NO_SUCH_BUCKET, "there is no bucket \"%.*s\"", STR_FMT(name));
    *out = bucket;
    return OK;
}

enum error_code gate_bucket_expect(struct gate_visit *visit, str bucket, str owner,
                                   struct error *e) {
    const struct store_bucket *there =
        store_bucket_find(gate_buckets_all(visit->world->buckets), bucket);
    if (there == NULL || str_equal(there->owner, owner)) return OK;
    atomic_fetch_add_explicit(&visit->gate->counters.denied, 1, memory_order_relaxed);
    return error_set(e, FAIL_ACCESS_DENIED, "Access Denied");
}

enum error_code gate_visit_values(struct gate_visit *visit, str bucket, str key,
                                  struct evidence_values *out, struct error *e) {
    *out = (struct evidence_values){0};
    out->of[EVIDENCE_BUCKET] = bucket;
    out->of[EVIDENCE_KEY] = key;
    out->of[EVIDENCE_REQUEST] = visit->request_id;
    if (visit->who.len == 0) {
        unsigned char bytes[16];
        size_t count = gate_reader_bytes(visit, bytes);
        TRY(arena_copy(visit->arena, str_of(bytes, count), &visit->address, e));
        str user = gate_visit_user(visit), with = visit->access_key;
        size_t room = user.len + 1 + with.len;
        struct text who = text_into(arena_bytes(visit->arena, room), room);
        if (who.at == NULL) return error_set(e, FAIL_MEMORY, "no room for who asks");
        text_add(&who, user);
        text_add_char(&who, '/');
        text_add(&who, with);
        visit->who = text_str(&who);
    }
    out->of[EVIDENCE_USER] = visit->who;
    out->of[EVIDENCE_ADDRESS] = visit->address;
    return OK;
}

enum error_code gate_receipt(struct gate_visit *visit, uint64_t first, uint64_t last, str *out,
                             struct error *e) {
    char text[LEDGER_RECEIPT_BYTES];
    size_t count = ledger_receipt_write(visit->gate->ledger, first, last, text);
    return arena_copy(visit->arena, str_of(text, count), out, e);
}
