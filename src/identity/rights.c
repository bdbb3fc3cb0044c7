/* Rights: their names, bucket patterns, and the one question that matters. */
#include "identity/rows.h"

static const struct {
    enum identity_right right;
    const char *name;
} rights[] = {
    {IDENTITY_READ, "read"},
    {IDENTITY_WRITE, "write"},
    {IDENTITY_LIST, "list"},
    {IDENTITY_DELETE, "delete"},
    {IDENTITY_CREATE_BUCKET, "create-bucket"},
    {IDENTITY_ADMIN, "admin"},
    {IDENTITY_INSPECT, "inspect"},
};

const char *identity_role_name(enum identity_role role) {
    return role == IDENTITY_INSPECTOR ? "inspector" : "ordinary";
}

bool identity_user_is_over(const struct identity_user *user, int64_t now_ns) {
    return user->role == IDENTITY_INSPECTOR && now_ns >= user->until_ns;
}

const char *identity_right_name(enum identity_right right) {
    for (size_t i = 0; i < COUNT_OF(rights); i++)
        if (rights[i].right == right) return rights[i].name;
    return right == IDENTITY_ALL ? "all" : NULL;
}

bool identity_right_find(str name, enum identity_right *right) {
    for (size_t i = 0; i < COUNT_OF(rights); i++) {
        if (!str_equal(name, str_from_c(rights[i].name))) continue;
        *right = rights[i].right;
        return true;
    }
    if (!str_equal(name, STR("all"))) return false;
    *right = IDENTITY_ALL;
    return true;
}

enum error_code identity_rights_read(str text, unsigned *out, struct error *e) {
    unsigned found = 0;
    str rest = text;
    for (bool last = false; !last;) {
        str word;
        enum identity_right right;
        last = !str_cut(&rest, ',', &word);
        if (last) word = rest;
        word = str_trim(word);
        if (!identity_right_find(word, &right))
            return error_set(e, FAIL_USAGE,
                             "\"%.*s\" is no right; there are read, write, list, delete, "
                             "create-bucket, admin, inspect, all",
                             STR_FMT(str_slice(word, 0, 40)));
        found |= right;
    }
    *out = found;
    return OK;
}

void identity_rights_write(unsigned set, struct text *out) {
    if (set == IDENTITY_ALL) {
        text_add_c(out, "all");
        return;
    }
    bool first = true;
    for (size_t i = 0; i < COUNT_OF(rights); i++) {
        if (!(set & rights[i].right)) continue;
        if (!first) text_add_char(out, ',');
        text_add_c(out, rights[i].name);
        first = false;
    }
}

/* "*" stands for any characters, none among them. Goes back at most to the last one seen. */
static bool pattern_matches(str pattern, str name) {
    size_t p = 0, n = 0, star = SIZE_MAX, star_n = 0;
    while (n < name.len) {
        if (p < pattern.len && pattern.at[p] == '*') {
            star = p++;
            star_n = n;
        } else if (p < pattern.len && pattern.at[p] == name.at[n]) {
            p++;
            n++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            n = ++star_n;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.at[p] == '*') p++;
    return p == pattern.len;
}

bool identity_allows(const struct identity_user *user, enum identity_right right, str bucket) {
    if (!user->enabled) return false;
    if (user->role == IDENTITY_INSPECTOR && right == IDENTITY_INSPECT) return true;
    if (user->role == IDENTITY_INSPECTOR && (right & ~(unsigned)IDENTITY_INSPECTOR_GRANTS) != 0)
        return false;
    bool of_whole_store = right == IDENTITY_ADMIN || right == IDENTITY_INSPECT;
    for (size_t i = 0; i < user->grant_count; i++) {
        str pattern = user->grants[i].pattern;
        if ((user->grants[i].rights & right) != right) continue;
        if (of_whole_store ? str_equal(pattern, STR("*"))
                           : bucket.len == 0 || pattern_matches(pattern, bucket))
            return true;
    }
    return false;
}
