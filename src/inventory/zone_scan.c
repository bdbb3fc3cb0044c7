/* Entries of a master file: tokens, quotes, escapes, comments, and lines joined by parentheses. */
#include "inventory/zone.h"

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}
static bool is_end(char c) {
    return is_space(c) || c == '\n' || c == ';' || c == '(' || c == ')' || c == '"';
}

static char next(const struct zone_scan *s) {
    return s->at < s->bytes.len ? s->bytes.at[s->at] : '\n';
}

static void token_keep(struct zone_entry *e, str token) {
    if (e->count < ZONE_TOKENS) e->tokens[e->count++] = token;
}

/* The opening quote is at hand. */
static void quoted_scan(struct zone_scan *s, struct zone_entry *e) {
    size_t begin = ++s->at;
    while (s->at < s->bytes.len && next(s) != '"' && next(s) != '\n')
        s->at +=
            next(s) == '\\' && s->at + 1 < s->bytes.len && s->bytes.at[s->at + 1] != '\n' ? 2 : 1;
    s->at = size_min(s->at, s->bytes.len);
    token_keep(e, str_slice(s->bytes, begin, s->at - begin));
    if (s->at < s->bytes.len && next(s) == '"')
        s->at++;
    else
        e->wrong = "a quote without its partner";
}

static void plain_scan(struct zone_scan *s, struct zone_entry *e) {
    size_t begin = s->at;
    while (s->at < s->bytes.len && !is_end(next(s)))
        s->at +=
            next(s) == '\\' && s->at + 1 < s->bytes.len && s->bytes.at[s->at + 1] != '\n' ? 2 : 1;
    token_keep(e, str_slice(s->bytes, begin, s->at - begin));
}

static void line_skip(struct zone_scan *s) {
    const char *end =
        s->at < s->bytes.len ? memchr(s->bytes.at + s->at, '\n', s->bytes.len - s->at) : NULL;
    s->at = end != NULL ? (size_t)(end - s->bytes.at) : s->bytes.len;
}

/* From behind its first spaces to the end of its last line. */
static void entry_scan(struct zone_scan *s, struct zone_entry *e) {
    unsigned depth = 0;
    while (e->wrong == NULL && s->at < s->bytes.len) {
        char c = next(s);
        if (s->at - e->offset > LIMIT_INVENTORY_ROW_BYTES) {
            e->wrong = "an entry over 64 KiB; is a ')' missing?";
        } else if (c == '\n') {
            s->at++;
            s->line++;
            if (depth == 0) return;
        } else if (is_space(c)) {
            s->at++;
        } else if (c == ';') {
            line_skip(s);
        } else if (c == '(') {
            if (depth++ > 0) e->wrong = "a '(' within another: is a ')' missing?";
            s->at++;
        } else if (c == ')') {
            s->at++;
            if (depth-- == 0) e->wrong = "a ')' without its '('";
        } else if (c == '"') {
            quoted_scan(s, e);
        } else {
            plain_scan(s, e);
        }
    }
    if (e->wrong == NULL && depth > 0) {
        e->wrong = "a '(' without its ')'";
        e->is_cut = true;
    }
}

bool zone_scan_next(struct zone_scan *s, struct zone_entry *out) {
    while (s->at < s->bytes.len) {
        *out =
            (struct zone_entry){.has_owner = !is_space(next(s)), .line = s->line, .offset = s->at};
        entry_scan(s, out);
        if (out->wrong != NULL) { /* one bad entry costs its first line alone */
            s->at = out->offset;
            line_skip(s);
            s->at = size_min(s->at + 1, s->bytes.len);
            s->line = out->line + 1;
        }
        if (out->count > 0 || out->wrong != NULL) return true;
    }
    return false;
}
