/* A snapshot: all identities of one moment, in one block of memory, found by hash or by name.
 *
 * Two scans under one view: the first counts, the second fills arrays of just that size. Rows come in
 * the order lists are shown in, and grants in the order of their users. */
#include "identity/rows.h"

#include <stdlib.h>

struct identity_snapshot {
    struct arena_space space; /* holds everything below */
    uint64_t generation;
    struct identity_user *users;
    struct identity_grant *grants;
    struct identity_key *keys;
    char *secrets; /* IDENTITY_SECRET_BYTES each, in the order of keys: wiped in one go */
    size_t user_count, grant_count, key_count;
    uint32_t *slots;   /* 1 + place in keys; 0: empty */
    size_t slot_count; /* a power of two, at least twice the keys */
};

/* ---- reading rows ---- */

/* What one scan needs. */
struct loading {
    struct engine_view *view;
    struct seal_keys *keys;
    struct identity_snapshot *s;
    struct arena *arena;
    size_t at, bytes; /* rows seen; bytes of names in them */
    size_t user_at;   /* of grants: the user they come to */
};

typedef enum error_code row_taker(struct loading *l, str name, str value, struct error *e);

static enum error_code rows_each(struct loading *l, str from, str until, row_taker *take,
                                 struct error *e) {
    struct engine_scan *scan;
    TRY(engine_view_scan(l->view, ENGINE_META, from, until, &scan, e));
    enum error_code code;
    bool more;
    str key, value;
    l->at = 0;
    while ((code = engine_scan_next(scan, &more, &key, &value, e)) == OK && more) {
        code = take(l, str_skip(key, from.len), value, e);
        if (code != OK) break;
        l->at++;
    }
    engine_scan_close(scan);
    return code;
}

static enum error_code count_take(struct loading *l, str name, str value, struct error *e) {
    l->bytes += name.len;
    return OK;
}

static enum error_code user_take(struct loading *l, str name, str value, struct error *e) {
    struct identity_user_row row;
    if (!identity_name_is_valid(name)) return error_set(e, FAIL_CORRUPT, "a user without a name");
    TRY(identity_user_read(value, &row, e));
    struct identity_user *user = &l->s->users[l->at];
    user->made_ns = row.made_ns;
    user->enabled = row.enabled;
    user->role = row.role;
    user->until_ns = row.until_ns;
    return arena_copy(l->arena, name, &user->name, e);
}

static enum error_code grant_take(struct loading *l, str name, str value, struct error *e) {
    struct identity_grant_row row;
    str user, pattern = name;
    if (!str_cut(&pattern, 0, &user) || !identity_pattern_is_valid(pattern))
        return error_set(e, FAIL_CORRUPT, "a grant without a user or pattern");
    TRY(identity_grant_read(value, &row, e));
    while (l->user_at < l->s->user_count && str_compare(l->s->users[l->user_at].name, user) < 0)
        l->user_at++;
    if (l->user_at == l->s->user_count || !str_equal(l->s->users[l->user_at].name, user))
        return error_set(e, FAIL_CORRUPT, "a grant of a user that is not there");
    struct identity_user *owner = &l->s->users[l->user_at];
    struct identity_grant *grant = &l->s->grants[l->at];
    if (owner->grant_count == 0) owner->grants = grant;
    owner->grant_count++;
    grant->rights = row.rights;
    return arena_copy(l->arena, pattern, &grant->pattern, e);
}

static enum error_code key_take(struct loading *l, str name, str value, struct error *e) {
    struct identity_key_row row;
    if (!identity_key_id_is_valid(name))
        return error_set(e, FAIL_CORRUPT, "an access key without an id");
    TRY(identity_key_read(value, &row, e));
    struct identity_key *key = &l->s->keys[l->at];
    key->user = identity_user_find(l->s, row.user);
    if (key->user == NULL)
        return error_set(e, FAIL_CORRUPT, "access key %.*s of a user that is not there",
                         STR_FMT(name));
    key->made_ns = row.made_ns;
    key->enabled = row.enabled;
    char *secret = l->s->secrets + l->at * IDENTITY_SECRET_BYTES;
    char memory[IDENTITY_SECRET_BYTES + 16], about[IDENTITY_ABOUT_BYTES];
    struct arena arena = arena_over(memory, sizeof memory);
    str opened;
    TRY(seal_record_open(l->keys, identity_about(name, about), row.sealed, &arena, &opened, e));
    assert(opened.len == IDENTITY_SECRET_BYTES); /* the row's length was checked */
    memcpy(secret, opened.at, opened.len);
    memory_wipe(memory, sizeof memory);
    key->secret = str_of(secret, IDENTITY_SECRET_BYTES);
    return arena_copy(l->arena, name, &key->id, e);
}

/* ---- building ---- */

static enum error_code generation_load(struct loading *l, struct error *e) {
    char memory[IDENTITY_ROW_BYTES];
    struct arena arena = arena_over(memory, sizeof memory);
    struct identity_total_row total = {0};
    str bytes;
    bool found;
    TRY(engine_view_get(l->view, ENGINE_META, identity_total_key, &arena, &bytes, &found, e));
    if (found) TRY(identity_total_read(bytes, &total, e));
    l->s->generation = total.generation;
    return OK;
}

static enum error_code rows_count(struct loading *l, struct error *e) {
    TRY(rows_each(l, identity_user_prefix, identity_user_end, count_take, e));
    l->s->user_count = l->at;
    TRY(rows_each(l, identity_grant_prefix, identity_grant_end, count_take, e));
    l->s->grant_count = l->at;
    TRY(rows_each(l, identity_key_prefix, identity_key_end, count_take, e));
    l->s->key_count = l->at;
    if (l->s->user_count > LIMIT_USERS || l->s->key_count > LIMIT_KEYS)
        return error_set(e, FAIL_CORRUPT, "%zu users and %zu keys", l->s->user_count,
                         l->s->key_count);
    return OK;
}

static enum error_code arrays_make(struct loading *l, struct arena *arena, struct error *e) {
    struct identity_snapshot *s = l->s;
    for (s->slot_count = 16; s->slot_count < 2 * s->key_count;) s->slot_count *= 2;
    size_t rows = s->user_count + s->grant_count + s->key_count;
    size_t bytes = s->user_count * sizeof *s->users + s->grant_count * sizeof *s->grants +
                   s->key_count * (sizeof *s->keys + IDENTITY_SECRET_BYTES) +
                   s->slot_count * sizeof *s->slots + l->bytes + rows + 4096; /* zeros, alignment */
    TRY(arena_space_open(&s->space, bytes, arena, e));
    s->users = arena_new(arena, struct identity_user, s->user_count);
    s->grants = arena_new(arena, struct identity_grant, s->grant_count);
    s->keys = arena_new(arena, struct identity_key, s->key_count);
    s->slots = arena_new(arena, uint32_t, s->slot_count);
    s->secrets = arena_bytes(arena, s->key_count * IDENTITY_SECRET_BYTES);
    if (s->users == NULL || s->grants == NULL || s->keys == NULL || s->slots == NULL ||
        s->secrets == NULL)
        return error_set(e, FAIL_MEMORY, "no memory for %zu identities", rows);
    l->arena = arena;
    return OK;
}

static size_t slot_of(const struct identity_snapshot *s, str key_id) {
    return (size_t)str_hash(key_id, s->generation) & (s->slot_count - 1);
}

static void slots_fill(struct identity_snapshot *s) {
    for (size_t i = 0; i < s->key_count; i++) {
        size_t slot = slot_of(s, s->keys[i].id);
        while (s->slots[slot] != 0) slot = (slot + 1) & (s->slot_count - 1);
        s->slots[slot] = (uint32_t)i + 1;
    }
}

static enum error_code load(struct loading *l, struct error *e) {
    struct arena arena;
    TRY(generation_load(l, e));
    TRY(rows_count(l, e));
    TRY(arrays_make(l, &arena, e));
    TRY(rows_each(l, identity_user_prefix, identity_user_end, user_take, e));
    TRY(rows_each(l, identity_grant_prefix, identity_grant_end, grant_take, e));
    TRY(rows_each(l, identity_key_prefix, identity_key_end, key_take, e));
    slots_fill(l->s);
    return OK;
}

enum error_code identity_snapshot_load(struct engine_view *view, struct seal_keys *keys,
                                       struct identity_snapshot **out, struct error *e) {
    struct identity_snapshot *s = calloc(1, sizeof *s);
    if (s == NULL) return error_set(e, FAIL_MEMORY, "no memory for identities");
    struct loading loading = {.view = view, .keys = keys, .s = s};
    enum error_code code = load(&loading, e);
    if (code != OK) {
        identity_snapshot_close(s);
        return error_note(e, "identity_snapshot_load", "reading users and keys");
    }
    *out = s;
    return OK;
}

void identity_snapshot_close(struct identity_snapshot *s) {
    if (s == NULL) return;
    if (s->secrets != NULL) memory_wipe(s->secrets, s->key_count * IDENTITY_SECRET_BYTES);
    arena_space_release(&s->space);
    free(s);
}

/* ---- asking ---- */

uint64_t identity_snapshot_generation(const struct identity_snapshot *s) {
    return s->generation;
}

const struct identity_key *identity_key_find(const struct identity_snapshot *s, str key_id) {
    size_t slot = slot_of(s, key_id);
    for (; s->slots[slot] != 0; slot = (slot + 1) & (s->slot_count - 1)) {
        const struct identity_key *key = &s->keys[s->slots[slot] - 1];
        if (str_equal(key->id, key_id)) return key;
    }
    return NULL;
}

bool identity_key_works(const struct identity_key *key) {
    return key->enabled && key->user->enabled;
}

const struct identity_user *identity_user_find(const struct identity_snapshot *s, str user) {
    size_t low = 0, high = s->user_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(s->users[middle].name, user);
        if (order == 0) return &s->users[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

size_t identity_user_count(const struct identity_snapshot *s) {
    return s->user_count;
}
const struct identity_user *identity_user_at(const struct identity_snapshot *s, size_t i) {
    assert(i < s->user_count);
    return &s->users[i];
}
size_t identity_key_count(const struct identity_snapshot *s) {
    return s->key_count;
}
const struct identity_key *identity_key_at(const struct identity_snapshot *s, size_t i) {
    assert(i < s->key_count);
    return &s->keys[i];
}
