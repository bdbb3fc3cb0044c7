/* JSON to a tree: strict, so that what is no JSON is not taken for some.
 *
 * A descent over the bytes, in the shape of yaml.c: depth is bounded before each step down, nodes
 * are counted, children are chained in scratch until their number is known. The place of a node is
 * counted forward from the one before, so that a file of one long line costs no more than another. */
#include "base/limits.h"
#include "base/numbers.h"
#include "base/run.h"
#include "doc/build.h"

struct reader {
    struct doc_build build;
    str text;
    size_t at;                    /* the next byte */
    size_t counted, line, column; /* the place of text.at[counted] */
    struct error *e;
};

static void place_count(struct reader *r) {
    size_t run = run_one_line(str_slice(r->text, r->counted, r->at - r->counted));
    r->counted += run;
    r->column += run;
    for (; r->counted < r->at; r->counted++) {
        unsigned char c = (unsigned char)r->text.at[r->counted];
        if (c == '\n')
            r->line++, r->column = 1;
        else if ((c & 0xc0) != 0x80)
            r->column++;
    }
}

static enum error_code fail(struct reader *r, const char *expected) {
    char found[40] = "the end of the file";
    place_count(r);
    if (r->at < r->text.len) {
        unsigned char c = (unsigned char)r->text.at[r->at];
        if (c > 0x20 && c < 0x7f)
            snprintf(found, sizeof found, "'%c'", c);
        else
            snprintf(found, sizeof found, "the byte 0x%02x", c);
    }
    return error_set(r->e, FAIL_SYNTAX, "%.*s:%zu:%zu: expected %s, found %s",
                     STR_FMT(*r->build.file), r->line, r->column, expected, found);
}

static void space_skip(struct reader *r) {
    for (; r->at < r->text.len; r->at++) {
        char c = r->text.at[r->at];
        if (c != ' ' && c != '\n' && c != '\t' && c != '\r') return;
    }
}
static bool is_next(const struct reader *r, char c) {
    return r->at < r->text.len && r->text.at[r->at] == c;
}

/* ---- strings ---- */

static bool hex4(str text, size_t at, uint32_t *out) {
    *out = 0;
    if (text.len - at < 4) return false;
    for (size_t i = at; i < at + 4; i++) {
        char c = text.at[i];
        bool is_digit = c >= '0' && c <= '9', is_small = c >= 'a' && c <= 'f';
        if (!is_digit && !is_small && !(c >= 'A' && c <= 'F')) return false;
        *out = *out << 4 | (uint32_t)(is_digit ? c - '0' : is_small ? c - 'a' + 10 : c - 'A' + 10);
    }
    return true;
}

static size_t utf8_write(uint32_t code, char *out) {
    if (code < 0x80) return out[0] = (char)code, 1;
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6), out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12), out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18), out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f)), out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

/* Behind "\u". Six bytes of escape become at most three, twelve become four. */
static enum error_code code_point_read(struct reader *r, char *out, size_t *used) {
    uint32_t code, low;
    if (!hex4(r->text, r->at, &code)) return fail(r, "four hexadecimal digits behind \\u");
    if (code == 0) return fail(r, "text without a NUL character");
    r->at += 4;
    if (code >= 0xdc00 && code <= 0xdfff)
        return fail(r, "the first half of a surrogate pair before the second");
    if (code >= 0xd800 && code <= 0xdbff) {
        bool is_pair = str_starts(str_skip(r->text, r->at), STR("\\u")) &&
                       hex4(r->text, r->at + 2, &low) && low >= 0xdc00 && low <= 0xdfff;
        if (!is_pair) return fail(r, "the second half of a surrogate pair");
        r->at += 6;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    *used += utf8_write(code, out + *used);
    return OK;
}

static enum error_code escape_read(struct reader *r, char *out, size_t *used) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (is_next(r, 'u')) return r->at++, code_point_read(r, out, used);
    const char *known =
        r->at < r->text.len ? memchr(from, r->text.at[r->at], sizeof from - 1) : NULL;
    if (known == NULL) return fail(r, "one of \" \\ / b f n r t u behind a backslash");
    out[(*used)++] = to[known - from];
    r->at++;
    return OK;
}

/* How long a string is at most, as it stands. */
static size_t string_span(const struct reader *r) {
    size_t at = r->at;
    while (at < r->text.len && r->text.at[at] != '"') at += r->text.at[at] == '\\' ? 2 : 1;
    return size_min(at, r->text.len) - r->at;
}

static enum error_code string_read(struct reader *r, struct doc_node *node) {
    r->at++;
    size_t used = run_plain(str_skip(r->text, r->at));
    bool is_plain = r->at + used < r->text.len && r->text.at[r->at + used] == '"';
    char *out = arena_new(r->build.arena, char, (is_plain ? used : string_span(r)) + 1);
    if (out == NULL)
        return error_set(r->e, FAIL_MEMORY, "%.*s: no room to read it", STR_FMT(*r->build.file));
    memcpy(out, r->text.at + r->at, used);
    r->at += used;
    for (;;) {
        if (r->at == r->text.len || (unsigned char)r->text.at[r->at] < 0x20)
            return fail(r, "a \" at the end of a text");
        char c = r->text.at[r->at++];
        if (c == '"') break;
        if (c == '\\')
            TRY(escape_read(r, out, &used));
        else
            out[used++] = c;
    }
    node->kind = DOC_SCALAR;
    node->quoted = true;
    node->text = str_of(out, used);
    return OK;
}

/* ---- numbers and words ---- */

static size_t digits_skip(struct reader *r) {
    size_t first = r->at;
    while (r->at < r->text.len && r->text.at[r->at] >= '0' && r->text.at[r->at] <= '9') r->at++;
    return r->at - first;
}

static enum error_code number_skip(struct reader *r) {
    if (is_next(r, '-')) r->at++;
    bool is_zero = is_next(r, '0');
    r->at += is_zero;
    size_t digits = is_zero ? 1 : digits_skip(r);
    if (digits == 0) return fail(r, "a value");
    if (is_next(r, '.')) {
        r->at++;
        if (digits_skip(r) == 0) return fail(r, "digits behind the point");
    }
    if (is_next(r, 'e') || is_next(r, 'E')) {
        r->at++;
        if (is_next(r, '+') || is_next(r, '-')) r->at++;
        if (digits_skip(r) == 0) return fail(r, "digits of an exponent");
    }
    return OK;
}

static enum error_code word_read(struct reader *r, struct doc_node *node) {
    static const str words[] = {{"true", 4}, {"false", 5}, {"null", 4}};
    size_t first = r->at, i = 0;
    while (i < COUNT_OF(words) && !str_starts(str_skip(r->text, first), words[i])) i++;
    if (i < COUNT_OF(words))
        r->at += words[i].len;
    else
        TRY(number_skip(r));
    node->kind = DOC_SCALAR;
    return arena_copy(r->build.arena, str_slice(r->text, first, r->at - first), &node->text, r->e);
}

/* ---- lists and maps ---- */

static enum error_code value_read(struct reader *r, unsigned depth, struct doc_node **out);

static enum error_code list_read(struct reader *r, unsigned depth, struct doc_node *node) {
    struct doc_chain items = {0};
    node->kind = DOC_LIST;
    node->flow = true;
    r->at++;
    space_skip(r);
    if (!is_next(r, ']')) {
        for (;;) {
            struct doc_node *item = NULL;
            TRY(value_read(r, depth + 1, &item));
            TRY(doc_chain_add(&r->build, &items, item, r->e));
            space_skip(r);
            if (!is_next(r, ',')) break;
            r->at++;
        }
        if (!is_next(r, ']')) return fail(r, "a comma or ]");
    }
    r->at++;
    node->count = items.count;
    return doc_chain_array(&r->build, &items, &node->items, r->e);
}

static enum error_code key_read(struct reader *r, struct doc_node **out) {
    space_skip(r);
    if (!is_next(r, '"')) return fail(r, "a key in quotes");
    place_count(r);
    TRY(doc_node_new(&r->build, r->line, r->column, out, r->e));
    TRY(string_read(r, *out));
    space_skip(r);
    if (!is_next(r, ':')) return fail(r, "a colon behind a key");
    r->at++;
    return OK;
}

static enum error_code map_read(struct reader *r, unsigned depth, struct doc_node *node) {
    struct doc_chain keys = {0}, values = {0};
    node->kind = DOC_MAP;
    node->flow = true;
    r->at++;
    space_skip(r);
    if (!is_next(r, '}')) {
        for (;;) {
            struct doc_node *key = NULL, *value = NULL;
            TRY(key_read(r, &key));
            TRY(value_read(r, depth + 1, &value));
            TRY(doc_chain_add(&r->build, &keys, key, r->e));
            TRY(doc_chain_add(&r->build, &values, value, r->e));
            space_skip(r);
            if (!is_next(r, ',')) break;
            r->at++;
        }
        if (!is_next(r, '}')) return fail(r, "a comma or }");
    }
    r->at++;
    node->count = keys.count;
    TRY(doc_chain_array(&r->build, &keys, &node->keys, r->e));
    TRY(doc_chain_array(&r->build, &values, &node->items, r->e));
    return doc_map_sort(&r->build, node, r->e);
}

static enum error_code value_read(struct reader *r, unsigned depth, struct doc_node **out) {
    space_skip(r);
    place_count(r);
    if (depth > LIMIT_DOC_DEPTH)
        return error_set(r->e, FAIL_LIMIT, "%.*s:%zu:%zu: nested deeper than %d",
                         STR_FMT(*r->build.file), r->line, r->column, LIMIT_DOC_DEPTH);
    struct doc_node *node = NULL;
    TRY(doc_node_new(&r->build, r->line, r->column, &node, r->e));
    if (is_next(r, '{'))
        TRY(map_read(r, depth, node));
    else if (is_next(r, '['))
        TRY(list_read(r, depth, node));
    else if (is_next(r, '"'))
        TRY(string_read(r, node));
    else
        TRY(word_read(r, node));
    *out = node;
    return OK;
}

enum error_code doc_read_json_part(str file, str bytes, uint32_t line, struct arena *arena,
                                   struct arena scratch, struct doc *out, struct error *e) {
    struct reader r = {.line = line, .column = 1, .e = e};
    TRY(doc_build_begin(&r.build, file, &bytes, arena, &scratch, e));
    r.text = bytes;
    struct doc_node *root = NULL;
    TRY(value_read(&r, 1, &root));
    space_skip(&r);
    if (r.at < r.text.len) return fail(&r, "nothing behind the value");
    const struct doc_node **documents = arena_new(arena, const struct doc_node *, 1);
    if (documents == NULL)
        return error_set(e, FAIL_MEMORY, "%.*s: no room to read it", STR_FMT(file));
    documents[0] = root;
    *out = (struct doc){1, documents};
    return OK;
}

enum error_code doc_read_json(str file, str bytes, struct arena *arena, struct arena scratch,
                              struct doc *out, struct error *e) {
    return doc_read_json_part(file, bytes, 1, arena, scratch, out, e);
}
