/* Names of companies, folded so that what one registry spells and what a list spells are one key.
 *
 * Lists name companies as a statute, a registry or a clerk wrote them: "HUAWEI TECHNOLOGIES
 * CO.,LTD", "Hytera Communications Co .,ltd", "ZHEJIANG DAHUA TECHNOLOGYCO.,LTD", "Autel
 * lntelligent" with an l for an I. Folding takes off what carries no meaning: case, width, spaces,
 * punctuation, the words for the kind of company, and the differences between l, I and 1, O and 0.
 * Whole keys are compared, never parts: Kyushu is not Yushu. Source: docs/decisions/lists.md. */
#include "register/inner.h"

enum { NAME_BYTES = 512, TOKENS = 48 };

struct folding {
    char bytes[NAME_BYTES];
    size_t len;
    struct {
        size_t at, len;
    } tokens[TOKENS];
    size_t count;
};

/* ---- characters ---- */

/* One character of UTF-8; a byte that is none stands for itself. */
static uint32_t next_character(str *rest) {
    const unsigned char *at = (const unsigned char *)rest->at;
    size_t len = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    uint32_t c = at[0];
    if (len > 1 && at[0] >= 0xc0 && len <= rest->len) {
        c = at[0] & (0x7fu >> len);
        for (size_t i = 1; i < len; i++) c = c << 6 | (at[i] & 0x3fu);
    } else {
        len = 1;
    }
    *rest = str_skip(*rest, len);
    return c;
}

static bool is_separator(uint32_t c) {
    if (c < 0x80) return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
    return c == 0xa0 || c == 0xb7 || (c >= 0x2000 && c <= 0x206f) || (c >= 0x3000 && c <= 0x3003) ||
           (c >= 0x3008 && c <= 0x3011) || c == 0x30fb || c == 0xff65;
}

/* Narrow and small. */
static uint32_t plain(uint32_t c) {
    if (c >= 0xff01 && c <= 0xff5e) c -= 0xfee0;
    if (c >= 'A' && c <= 'Z') return c + 32;
    if (c >= 0xc0 && c <= 0xde && c != 0xd7) return c + 32;
    return c;
}

static void put_character(struct folding *f, uint32_t c) {
    char out[4];
    size_t len = 0;
    if (c < 0x80) {
        out[len++] = (char)c;
    } else if (c < 0x800) {
        out[len++] = (char)(0xc0 | c >> 6);
        out[len++] = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        out[len++] = (char)(0xe0 | c >> 12);
        out[len++] = (char)(0x80 | (c >> 6 & 0x3f));
        out[len++] = (char)(0x80 | (c & 0x3f));
    } else {
        out[len++] = (char)(0xf0 | c >> 18);
        out[len++] = (char)(0x80 | (c >> 12 & 0x3f));
        out[len++] = (char)(0x80 | (c >> 6 & 0x3f));
        out[len++] = (char)(0x80 | (c & 0x3f));
    }
    if (f->len + len > NAME_BYTES) return; /* longer names differ before */
    memcpy(f->bytes + f->len, out, len);
    f->len += len;
}

static void split(struct folding *f, str name) {
    bool inside = false;
    while (name.len > 0) {
        uint32_t c = plain(next_character(&name));
        if (is_separator(c) || c == 0x3231 || c == 0x3232) { /* (株) and (有) as one character */
            inside = false;
            continue;
        }
        if (!inside && f->count == TOKENS) return;
        if (!inside) f->tokens[f->count++].at = f->len;
        inside = true;
        put_character(f, c);
        f->tokens[f->count - 1].len = f->len - f->tokens[f->count - 1].at;
    }
}

/* ---- kinds of company ---- */

static str token(const struct folding *f, size_t i) {
    return str_of(f->bytes + f->tokens[i].at, f->tokens[i].len);
}

static bool is_among(str word, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (str_equal(word, str_from_c(words[i]))) return true;
    return false;
}

static bool is_kind_of_company(str word) {
    static const char *const words[] = {
        "co",   "company",     "ltd", "limited", "coltd", "inc", "incorporated",
        "corp", "corporation", "llc", "llp",     "lp",    "plc", "gmbh",
        "ag",   "kg",          "sa",  "sas",     "sarl",  "spa", "srl",
        "bv",   "nv",          "oy",  "ab",      "as",    "aps", "kk",
        "pte",  "pty",         "pvt", "private", "株",    "有",
    };
    return is_among(word, words, COUNT_OF(words));
}

/* Single letters at the end may be one word: L.L.C, S.p.A. */
static bool ends_in_letters(const struct folding *f, size_t count, size_t *first) {
    char word[8];
    size_t len = 0, at = count;
    while (at > 1 && len < 4 && f->tokens[at - 1].len == 1) {
        at--;
        len++;
        memmove(word + 1, word, len - 1);
        word[0] = f->bytes[f->tokens[at].at];
        if (len > 1 && is_kind_of_company(str_of(word, len))) {
            *first = at;
            return true;
        }
    }
    return false;
}

/* How many tokens carry the name. */
static size_t name_tokens(const struct folding *f) {
    size_t count = f->count, first;
    for (;;) {
        if (count > 1 && is_kind_of_company(token(f, count - 1)))
            count--;
        else if (ends_in_letters(f, count, &first))
            count = first;
        else
            return count;
    }
}

/* What Chinese and Japanese write onto the name without a space. */
static void cut_glued_characters(str *name) {
    static const char *const kinds[] = {"股份有限公司", "有限责任公司", "有限公司", "株式会社",
                                        "有限会社",     "合同会社",     "公司"};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        str kind = str_from_c(kinds[i]);
        if (name->len > kind.len && str_ends(*name, kind)) name->len -= kind.len;
        if (name->len > kind.len && str_starts(*name, kind)) *name = str_skip(*name, kind.len);
    }
}

/* ---- the key ---- */

static char look_alike(char c) {
    return c == 'l' || c == '1' ? 'i' : c == '0' ? 'o' : c;
}

static enum error_code key_of(str joined, struct arena *arena, str *out, struct error *e) {
    char *bytes = arena_bytes(arena, joined.len);
    if (bytes == NULL) return error_set(e, FAIL_MEMORY, "no room to fold a name");
    for (size_t i = 0; i < joined.len; i++) bytes[i] = look_alike(joined.at[i]);
    *out = str_of(bytes, joined.len);
    return OK;
}

enum error_code register_name_fold(str name, struct arena *arena, struct register_name *out,
                                   struct error *e) {
    struct folding f = {0};
    split(&f, name);
    *out = (struct register_name){0};
    if (f.count == 0) return OK;
    size_t count = name_tokens(&f);
    size_t end = f.tokens[count - 1].at + f.tokens[count - 1].len;
    str joined =
        str_of(f.bytes, end); /* tokens lie side by side: this is the name without spaces */
    cut_glued_characters(&joined);
    TRY(key_of(joined, arena, &out->keys[out->count++], e));
    /* "TECHNOLOGYCO.,LTD": a kind of company that lost its space. */
    str last = token(&f, count - 1);
    bool is_glued =
        count < f.count && last.len > 5 && joined.len > 2 && str_ends(joined, STR("co"));
    if (!is_glued) return OK;
    return key_of(str_slice(joined, 0, joined.len - 2), arena, &out->keys[out->count++], e);
}
