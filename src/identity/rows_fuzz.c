/* Any bytes as each kind of row: what is read writes the same bytes again. As names, patterns and
 * rights: those that are valid make keys, and rights read back from their own spelling. */
#include "identity/rows.h"

#include <stdlib.h>

static void same(str written, str bytes) {
    if (!str_equal(written, bytes)) abort();
}

/* A grant gives what it names, on what its pattern matches, and nothing else. */
static void granted(str pattern, unsigned set) {
    char memory[IDENTITY_PATTERN_BYTES + 1];
    struct identity_grant grant = {.pattern = pattern, .rights = set};
    struct identity_user user = {.enabled = true, .grants = &grant, .grant_count = 1};
    str bucket = str_of(memory, pattern.len);
    for (size_t i = 0; i < pattern.len; i++) memory[i] = pattern.at[i] == '*' ? 'x' : pattern.at[i];
    bool reads = (set & IDENTITY_READ) != 0;
    if (identity_allows(&user, IDENTITY_READ, bucket) != reads) abort();
    if (identity_allows(&user, IDENTITY_READ, STR("A")) && pattern.at[0] != '*') abort();
    bool is_all = str_equal(pattern, STR("*")) && (set & IDENTITY_ADMIN) != 0;
    if (identity_allows(&user, IDENTITY_ADMIN, bucket) != is_all) abort();
    user.enabled = false;
    if (identity_allows(&user, IDENTITY_READ, bucket)) abort();
}

static void names(str text) {
    char memory[IDENTITY_ROW_KEY_BYTES], about[IDENTITY_ABOUT_BYTES];
    str pattern = text, user;
    if (!str_cut(&pattern, ' ', &user)) user = text;
    if (identity_name_is_valid(user) &&
        !str_starts(identity_user_row_key(user, memory), identity_user_prefix))
        abort();
    if (identity_name_is_valid(user) && identity_pattern_is_valid(pattern)) {
        str key = identity_grant_row_key(user, pattern, memory);
        if (!str_ends(key, pattern) || key.len != 4 + user.len + 1 + pattern.len) abort();
        granted(pattern, (unsigned char)user.at[0]);
    }
    if (!identity_key_id_is_valid(text)) return;
    if (!str_ends(identity_key_row_key(text, memory), text)) abort();
    if (!str_ends(identity_about(text, about), text)) abort();
}

static void rights(str text) {
    char memory[256];
    struct text out = text_into(memory, sizeof memory);
    unsigned set, again;
    if (identity_rights_read(text, &set, NULL) != OK) return;
    identity_rights_write(set, &out);
    if (identity_rights_read(text_str(&out), &again, NULL) != OK || again != set) abort();
    enum identity_right right;
    if (!identity_right_find(text, &right)) return;
    if (!str_equal(str_from_c(identity_right_name(right)), text)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    str bytes = str_of(data, size);
    char memory[IDENTITY_ROW_BYTES];
    struct identity_total_row total;
    struct identity_user_row user;
    struct identity_grant_row grant;
    struct identity_key_row key;
    if (identity_total_read(bytes, &total, NULL) == OK)
        same(identity_total_write(&total, memory), bytes);
    if (identity_user_read(bytes, &user, NULL) == OK)
        same(identity_user_write(&user, memory), bytes);
    if (identity_grant_read(bytes, &grant, NULL) == OK)
        same(identity_grant_write(&grant, memory), bytes);
    if (identity_key_read(bytes, &key, NULL) == OK) same(identity_key_write(&key, memory), bytes);
    names(bytes);
    rights(bytes);
    return 0;
}
