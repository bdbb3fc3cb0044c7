/* Rows of identities: keys that sort as lists are shown, values with a version in front. */
#include "identity/rows.h"

enum { ROW_VERSION = 1, USER_VERSION = 2 }; /* users of version 1 had no role */

const str identity_total_key = {"i/g", 3};
const str identity_user_prefix = {"i/u/", 4}, identity_user_end = {"i/u0", 4};
const str identity_grant_prefix = {"i/r/", 4}, identity_grant_end = {"i/r0", 4};
const str identity_key_prefix = {"i/k/", 4}, identity_key_end = {"i/k0", 4}; /* '0' follows '/' */

/* ---- names ---- */

static bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool identity_name_is_valid(str user) {
    if (user.len == 0 || user.len > IDENTITY_NAME_BYTES) return false;
    for (size_t i = 0; i < user.len; i++)
        if (!is_letter_or_digit(user.at[i]) && memchr("._-@", user.at[i], 4) == NULL) return false;
    return true;
}

bool identity_pattern_is_valid(str pattern) {
    if (pattern.len == 0 || pattern.len > IDENTITY_PATTERN_BYTES) return false;
    for (size_t i = 0; i < pattern.len; i++) {
        char c = pattern.at[i];
        bool of_bucket = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
        if (!of_bucket && c != '*') return false;
    }
    return true;
}

bool identity_key_id_is_valid(str key_id) {
    if (key_id.len != IDENTITY_KEY_ID_BYTES) return false;
    for (size_t i = 0; i < key_id.len; i++)
        if (!is_letter_or_digit(key_id.at[i])) return false;
    return true;
}

/* ---- keys of rows ---- */

static str join(char *memory, size_t cap, str prefix, str name) {
    assert(name.len <= cap - prefix.len); /* names were checked */
    memcpy(memory, prefix.at, prefix.len);
    if (name.len > 0) memcpy(memory + prefix.len, name.at, name.len);
    return str_of(memory, prefix.len + name.len);
}

str identity_user_row_key(str user, char memory[IDENTITY_ROW_KEY_BYTES]) {
    return join(memory, IDENTITY_ROW_KEY_BYTES, identity_user_prefix, user);
}
str identity_key_row_key(str key_id, char memory[IDENTITY_ROW_KEY_BYTES]) {
    return join(memory, IDENTITY_ROW_KEY_BYTES, identity_key_prefix, key_id);
}
str identity_grant_row_key(str user, str pattern, char memory[IDENTITY_ROW_KEY_BYTES]) {
    assert(user.len <= IDENTITY_NAME_BYTES);
    char front[4 + IDENTITY_NAME_BYTES + 1];
    str head = join(front, sizeof front, identity_grant_prefix, user);
    front[head.len] = 0; /* below every character of a name: grants sort as their users do */
    return join(memory, IDENTITY_ROW_KEY_BYTES, str_of(front, head.len + 1), pattern);
}
str identity_about(str key_id, char memory[IDENTITY_ABOUT_BYTES]) {
    return join(memory, IDENTITY_ABOUT_BYTES, STR("access key "), key_id);
}

/* ---- values ---- */

static str packed(const struct pack *p) {
    assert(!p->overflow);
    return str_of(p->at, p->len);
}

/* Finishes a row: its version, then that nothing is missing, left over, or no yes or no. */
static enum error_code row_check(unsigned version, const struct unpack *u, unsigned yes_or_no,
                                 const char *what, struct error *e) {
    if (version != ROW_VERSION)
        return error_set(e, FAIL_VERSION, "%s has version %u; this program knows %d", what, version,
                         ROW_VERSION);
    TRY(unpack_done(u, what, e));
    if (yes_or_no > 1)
        return error_set(e, FAIL_CORRUPT, "%s is neither enabled nor disabled", what);
    return OK;
}

str identity_total_write(const struct identity_total_row *row, char memory[IDENTITY_ROW_BYTES]) {
    struct pack p = pack_into(memory, IDENTITY_ROW_BYTES);
    pack_u8(&p, ROW_VERSION);
    pack_u64(&p, row->generation);
    pack_u32(&p, row->users);
    pack_u32(&p, row->keys);
    return packed(&p);
}
enum error_code identity_total_read(str bytes, struct identity_total_row *out, struct error *e) {
    struct unpack u = unpack_from(bytes);
    unsigned version = unpack_u8(&u);
    struct identity_total_row row = {.generation = unpack_u64(&u)};
    row.users = unpack_u32(&u);
    row.keys = unpack_u32(&u);
    TRY(row_check(version, &u, 0, "the row of identities", e));
    *out = row;
    return OK;
}

str identity_user_write(const struct identity_user_row *row, char memory[IDENTITY_ROW_BYTES]) {
    struct pack p = pack_into(memory, IDENTITY_ROW_BYTES);
    bool plain = row->role == IDENTITY_ORDINARY;
    pack_u8(&p, plain ? ROW_VERSION : USER_VERSION);
    pack_u8(&p, row->enabled);
    pack_i64(&p, row->made_ns);
    pack_u32(&p, row->grants);
    pack_u32(&p, row->keys);
    if (plain) return packed(&p);
    pack_u8(&p, (uint8_t)row->role);
    pack_i64(&p, row->until_ns);
    return packed(&p);
}
enum error_code identity_user_read(str bytes, struct identity_user_row *out, struct error *e) {
    struct unpack u = unpack_from(bytes);
    unsigned version = unpack_u8(&u), enabled = unpack_u8(&u);
    struct identity_user_row row = {.enabled = enabled == 1, .made_ns = unpack_i64(&u)};
    row.grants = unpack_u32(&u);
    row.keys = unpack_u32(&u);
    unsigned role = version == USER_VERSION ? unpack_u8(&u) : IDENTITY_ORDINARY;
    if (version == USER_VERSION) row.until_ns = unpack_i64(&u);
    TRY(row_check(version == USER_VERSION ? ROW_VERSION : version, &u, enabled, "the row of a user",
                  e));
    /* One encoding: who is ordinary has version 1. */
    if (version == USER_VERSION && role != IDENTITY_INSPECTOR)
        return error_set(e, FAIL_CORRUPT, "the row of a user has role %u", role);
    row.role = (enum identity_role)role;
    *out = row;
    return OK;
}

str identity_grant_write(const struct identity_grant_row *row, char memory[IDENTITY_ROW_BYTES]) {
    struct pack p = pack_into(memory, IDENTITY_ROW_BYTES);
    pack_u8(&p, ROW_VERSION);
    pack_u8(&p, row->rights);
    return packed(&p);
}
enum error_code identity_grant_read(str bytes, struct identity_grant_row *out, struct error *e) {
    struct unpack u = unpack_from(bytes);
    unsigned version = unpack_u8(&u);
    struct identity_grant_row row = {.rights = unpack_u8(&u)};
    TRY(row_check(version, &u, 0, "the row of a grant", e));
    if (row.rights == 0 || row.rights > IDENTITY_ALL)
        return error_set(e, FAIL_CORRUPT, "the row of a grant has rights %u", row.rights);
    *out = row;
    return OK;
}

str identity_key_write(const struct identity_key_row *row, char memory[IDENTITY_ROW_BYTES]) {
    struct pack p = pack_into(memory, IDENTITY_ROW_BYTES);
    pack_u8(&p, ROW_VERSION);
    pack_u8(&p, row->enabled);
    pack_i64(&p, row->made_ns);
    pack_str(&p, row->user);
    pack_str(&p, row->sealed);
    return packed(&p);
}
enum error_code identity_key_read(str bytes, struct identity_key_row *out, struct error *e) {
    struct unpack u = unpack_from(bytes);
    unsigned version = unpack_u8(&u), enabled = unpack_u8(&u);
    struct identity_key_row row = {.enabled = enabled == 1, .made_ns = unpack_i64(&u)};
    row.user = unpack_str(&u);
    row.sealed = unpack_str(&u);
    TRY(row_check(version, &u, enabled, "the row of an access key", e));
    if (!identity_name_is_valid(row.user) || row.sealed.len != IDENTITY_SEALED_BYTES)
        return error_set(e, FAIL_CORRUPT, "the row of an access key does not read");
    *out = row;
    return OK;
}
