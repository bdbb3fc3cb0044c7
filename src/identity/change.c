/* Changing identities, in a turn. Each change reads what the turn shows, checks, writes, and moves the
 * generation on, so that a decision made under an older one is made again. */
#include "identity/rows.h"

/* ---- rows in a turn ---- */

static enum error_code row_get(struct engine_turn *turn, str key, struct arena *arena, str *bytes,
                               bool *found, struct error *e) {
    return engine_turn_get(turn, ENGINE_META, key, arena, bytes, found, e);
}
static enum error_code row_put(struct engine_turn *turn, str key, str bytes, struct error *e) {
    return engine_turn_put(turn, ENGINE_META, key, bytes, e);
}

static enum error_code total_get(struct engine_turn *turn, struct identity_total_row *total,
                                 struct error *e) {
    char memory[IDENTITY_ROW_BYTES];
    struct arena arena = arena_over(memory, sizeof memory);
    str bytes;
    bool found;
    *total = (struct identity_total_row){0};
    TRY(row_get(turn, identity_total_key, &arena, &bytes, &found, e));
    return found ? identity_total_read(bytes, total, e) : OK;
}

/* Every change ends here. */
static enum error_code total_move(struct engine_turn *turn, uint32_t users, uint32_t keys,
                                  struct error *e) {
    struct identity_total_row total;
    char memory[IDENTITY_ROW_BYTES];
    TRY(total_get(turn, &total, e));
    total.generation++;
    total.users += users;
    total.keys += keys;
    return row_put(turn, identity_total_key, identity_total_write(&total, memory), e);
}

static enum error_code name_check(str user, struct error *e) {
    if (identity_name_is_valid(user)) return OK;
    return error_set(e, FAIL_USAGE, "a user's name has 1 to %d letters, digits and . _ - @",
                     IDENTITY_NAME_BYTES);
}

static enum error_code user_get(struct engine_turn *turn, str user, struct identity_user_row *row,
                                struct error *e) {
    char key[IDENTITY_ROW_KEY_BYTES], memory[IDENTITY_ROW_BYTES];
    struct arena arena = arena_over(memory, sizeof memory);
    str bytes;
    bool found;
    TRY(name_check(user, e));
    TRY(row_get(turn, identity_user_row_key(user, key), &arena, &bytes, &found, e));
    if (!found) return error_set(e, FAIL_NOT_FOUND, "there is no user %.*s", STR_FMT(user));
    return identity_user_read(bytes, row, e);
}
static enum error_code user_put(struct engine_turn *turn, str user,
                                const struct identity_user_row *row, struct error *e) {
    char key[IDENTITY_ROW_KEY_BYTES], memory[IDENTITY_ROW_BYTES];
    return row_put(turn, identity_user_row_key(user, key), identity_user_write(row, memory), e);
}

/* ---- users ---- */

enum error_code identity_generation(struct engine_turn *turn, uint64_t *generation,
                                    struct error *e) {
    struct identity_total_row total;
    TRY(total_get(turn, &total, e));
    *generation = total.generation;
    return OK;
}

static enum error_code user_add(struct engine_turn *turn, str user,
                                const struct identity_user_row *new, struct error *e) {
    struct identity_user_row row;
    struct identity_total_row total;
    enum error_code code = user_get(turn, user, &row, e);
    if (code == OK) return error_set(e, FAIL_EXISTS, "there is a user %.*s", STR_FMT(user));
    if (code != FAIL_NOT_FOUND) return code;
    TRY(total_get(turn, &total, e));
    if (total.users >= LIMIT_USERS)
        return error_set(e, FAIL_LIMIT, "there are %d users already", LIMIT_USERS);
    TRY(user_put(turn, user, new, e));
    return total_move(turn, 1, 0, e);
}

enum error_code identity_user_add(struct engine_turn *turn, str user, int64_t now_ns,
                                  struct error *e) {
    const struct identity_user_row row = {.enabled = true, .made_ns = now_ns};
    return user_add(turn, user, &row, e);
}

static enum error_code until_check(int64_t until_ns, int64_t now_ns, struct error *e) {
    char text[CLOCK_TEXT_BYTES];
    if (until_ns > now_ns) return OK;
    clock_iso_s_write(until_ns, text);
    return error_set(e, FAIL_USAGE, "an inspector's time ends later than now: %s is over", text);
}

enum error_code identity_inspector_add(struct engine_turn *turn, str user, int64_t until_ns,
                                       int64_t now_ns, struct error *e) {
    const struct identity_user_row row = {
        .enabled = true, .made_ns = now_ns, .role = IDENTITY_INSPECTOR, .until_ns = until_ns};
    TRY(until_check(until_ns, now_ns, e));
    return user_add(turn, user, &row, e);
}

enum error_code identity_inspector_until(struct engine_turn *turn, str user, int64_t until_ns,
                                         int64_t now_ns, struct error *e) {
    struct identity_user_row row;
    TRY(user_get(turn, user, &row, e));
    if (row.role != IDENTITY_INSPECTOR)
        return error_set(e, FAIL_USAGE, "%.*s is no inspector: only their time has an end",
                         STR_FMT(user));
    TRY(until_check(until_ns, now_ns, e));
    row.until_ns = until_ns;
    TRY(user_put(turn, user, &row, e));
    return total_move(turn, 0, 0, e);
}

enum error_code identity_user_enable(struct engine_turn *turn, str user, bool enabled,
                                     struct error *e) {
    struct identity_user_row row;
    TRY(user_get(turn, user, &row, e));
    row.enabled = enabled;
    TRY(user_put(turn, user, &row, e));
    return total_move(turn, 0, 0, e);
}

/* ---- access keys ---- */

/* Characters of an alphabet, each as likely as the others. */
static void random_characters(char *out, size_t count, const char *alphabet, unsigned letters) {
    unsigned char bytes[64];
    unsigned fair = 256 - 256 % letters; /* bytes from here on would favour the first letters */
    for (size_t done = 0; done < count;) {
        random_fill(bytes, sizeof bytes);
        for (size_t i = 0; i < sizeof bytes && done < count; i++)
            if (bytes[i] < fair) out[done++] = alphabet[bytes[i] % letters];
    }
    memory_wipe(bytes, sizeof bytes);
}

static void key_make(struct identity_new_key *out) {
    static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    static const char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    memcpy(out->id, "AZK", 3); /* so that one who finds it in a file knows whose it is */
    random_characters(out->id + 3, sizeof out->id - 3, upper, sizeof upper - 1);
    random_characters(out->secret, sizeof out->secret, all, sizeof all - 1);
}

enum error_code identity_key_add(struct engine_turn *turn, struct seal_keys *keys, str user,
                                 int64_t now_ns, struct identity_new_key *out, struct error *e) {
    struct identity_user_row owner;
    struct identity_total_row total;
    TRY(user_get(turn, user, &owner, e));
    TRY(total_get(turn, &total, e));
    if (owner.keys >= IDENTITY_KEYS_MAX || total.keys >= LIMIT_KEYS)
        return error_set(e, FAIL_LIMIT, "user %.*s has %u keys; %u of %d are given out",
                         STR_FMT(user), owner.keys, total.keys, LIMIT_KEYS);
    struct identity_new_key made;
    char sealed[IDENTITY_SEALED_BYTES], about[IDENTITY_ABOUT_BYTES];
    char key[IDENTITY_ROW_KEY_BYTES], memory[IDENTITY_ROW_BYTES];
    key_make(&made); /* 85 random bits: no need to look whether it is taken */
    str id = str_of(made.id, sizeof made.id);
    enum error_code code =
        seal_record_seal(keys, seal_local_number(keys), identity_about(id, about),
                         str_of(made.secret, sizeof made.secret), sealed, e);
    struct identity_key_row row = {true, now_ns, user, str_of(sealed, sizeof sealed)};
    if (code == OK)
        code = row_put(turn, identity_key_row_key(id, key), identity_key_write(&row, memory), e);
    owner.keys++;
    if (code == OK) code = user_put(turn, user, &owner, e);
    if (code == OK) code = total_move(turn, 0, 1, e);
    if (code == OK) *out = made;
    memory_wipe(&made, sizeof made);
    return code;
}

enum error_code identity_key_enable(struct engine_turn *turn, str key_id, bool enabled,
                                    struct error *e) {
    char key[IDENTITY_ROW_KEY_BYTES], memory[IDENTITY_ROW_BYTES], again[IDENTITY_ROW_BYTES];
    struct arena arena = arena_over(memory, sizeof memory);
    struct identity_key_row row;
    str bytes;
    bool found;
    if (!identity_key_id_is_valid(key_id))
        return error_set(e, FAIL_USAGE, "an access key id has %d letters and digits",
                         IDENTITY_KEY_ID_BYTES);
    TRY(row_get(turn, identity_key_row_key(key_id, key), &arena, &bytes, &found, e));
    if (!found) return error_set(e, FAIL_NOT_FOUND, "there is no key %.*s", STR_FMT(key_id));
    TRY(identity_key_read(bytes, &row, e));
    row.enabled = enabled;
    TRY(row_put(turn, identity_key_row_key(key_id, key), identity_key_write(&row, again), e));
    return total_move(turn, 0, 0, e);
}

/* ---- grants ---- */

enum error_code identity_grant_set(struct engine_turn *turn, str user, str pattern, unsigned rights,
                                   struct error *e) {
    struct identity_user_row owner;
    char key[IDENTITY_ROW_KEY_BYTES], memory[IDENTITY_ROW_BYTES];
    struct arena arena = arena_over(memory, sizeof memory);
    str bytes;
    bool found;
    if (rights == 0) return identity_grant_remove(turn, user, pattern, e);
    if (rights > IDENTITY_ALL) return error_set(e, FAIL_USAGE, "rights %u are none", rights);
    if (!identity_pattern_is_valid(pattern))
        return error_set(e, FAIL_USAGE, "a bucket pattern has 1 to %d of a-z 0-9 . - *",
                         IDENTITY_PATTERN_BYTES);
    TRY(user_get(turn, user, &owner, e));
    if (owner.role == IDENTITY_INSPECTOR && (rights & ~(unsigned)IDENTITY_INSPECTOR_GRANTS) != 0)
        return error_set(e, FAIL_USAGE,
                         "%.*s is an inspector, who may be granted read and list and nothing else",
                         STR_FMT(user));
    str row_key = identity_grant_row_key(user, pattern, key);
    TRY(row_get(turn, row_key, &arena, &bytes, &found, e));
    if (!found && owner.grants >= IDENTITY_GRANTS_MAX)
        return error_set(e, FAIL_LIMIT, "user %.*s has %u grants", STR_FMT(user), owner.grants);
    struct identity_grant_row row = {(uint8_t)rights};
    TRY(row_put(turn, row_key, identity_grant_write(&row, memory), e));
    if (!found) {
        owner.grants++;
        TRY(user_put(turn, user, &owner, e));
    }
    return total_move(turn, 0, 0, e);
}

enum error_code identity_grant_remove(struct engine_turn *turn, str user, str pattern,
                                      struct error *e) {
    struct identity_user_row owner;
    char key[IDENTITY_ROW_KEY_BYTES], memory[IDENTITY_ROW_BYTES];
    struct arena arena = arena_over(memory, sizeof memory);
    str bytes;
    bool found = false;
    TRY(user_get(turn, user, &owner, e));
    if (identity_pattern_is_valid(pattern))
        TRY(row_get(turn, identity_grant_row_key(user, pattern, key), &arena, &bytes, &found, e));
    if (!found || owner.grants == 0)
        return error_set(e, FAIL_NOT_FOUND, "user %.*s has no grant on %.*s", STR_FMT(user),
                         STR_FMT(str_slice(pattern, 0, IDENTITY_PATTERN_BYTES)));
    TRY(engine_turn_delete(turn, ENGINE_META, identity_grant_row_key(user, pattern, key), e));
    owner.grants--;
    TRY(user_put(turn, user, &owner, e));
    return total_move(turn, 0, 0, e);
}

/* ---- the first start ---- */

enum error_code identity_root_make(struct engine_turn *turn, struct seal_keys *keys, int64_t now_ns,
                                   bool *made, struct identity_new_key *out, struct error *e) {
    struct identity_total_row total;
    TRY(total_get(turn, &total, e));
    *made = total.users == 0;
    if (!*made) return OK;
    str root = STR("root");
    TRY(identity_user_add(turn, root, now_ns, e));
    TRY(identity_grant_set(turn, root, STR("*"), IDENTITY_ALL, e));
    return identity_key_add(turn, keys, root, now_ns, out, e);
}
