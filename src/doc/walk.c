/* Walking the tree, reading its scalars, and saying where and why one does not fit. */
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "doc/doc.h"

const char *doc_place(const struct doc_node *node, char *text, size_t bytes) {
    snprintf(text, bytes, "%.*s:%u:%u", STR_FMT(*node->file), node->line, node->column);
    return text;
}

enum error_code doc_error(const struct doc_node *at, struct error *e, const char *format, ...) {
    char place[160], what[ERROR_MESSAGE_BYTES];
    va_list values;
    va_start(values, format);
    vsnprintf(what, sizeof what, format, values);
    va_end(values);
    return error_set(e, FAIL_SYNTAX, "%s: %s", doc_place(at, place, sizeof place), what);
}

str doc_shown(str text, size_t most) {
    if (text.len <= most) return text;
    size_t len = most;
    while (len > 0 && ((unsigned char)text.at[len] & 0xc0) == 0x80) len--;
    return str_slice(text, 0, len);
}

enum error_code doc_expected(const struct doc_node *at, struct error *e, const char *format, ...) {
    char what[200];
    va_list values;
    va_start(values, format);
    vsnprintf(what, sizeof what, format, values);
    va_end(values);
    switch (at->kind) {
    case DOC_LIST: return doc_error(at, e, "expected %s, found a list", what);
    case DOC_MAP: return doc_error(at, e, "expected %s, found a map", what);
    case DOC_SCALAR: break;
    }
    if (at->text.len == 0) return doc_error(at, e, "expected %s, found nothing", what);
    return doc_error(at, e, "expected %s, found \"%.*s\"", what, STR_FMT(doc_shown(at->text, 60)));
}

const struct doc_node *doc_map_find(const struct doc_node *map, str key) {
    if (map == NULL || map->kind != DOC_MAP) return NULL;
    size_t low = 0, high = map->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(map->keys[map->sorted[middle]]->text, key);
        if (order == 0) return map->items[map->sorted[middle]];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

enum error_code doc_map_get(const struct doc_node *map, str key, const struct doc_node **out,
                            struct error *e) {
    if (map->kind != DOC_MAP)
        return doc_expected(map, e, "a map with the key \"%.*s\"", STR_FMT(key));
    const struct doc_node *value = doc_map_find(map, key);
    if (value == NULL)
        return doc_error(map, e, "expected the key \"%.*s\", found a map without it", STR_FMT(key));
    *out = value;
    return OK;
}

enum error_code doc_want(const struct doc_node *node, enum doc_kind kind, const char *what,
                         struct error *e) {
    return node->kind == kind ? OK : doc_expected(node, e, "%s", what);
}

enum error_code doc_map_only(const struct doc_node *map, const str *keys, size_t key_count,
                             struct error *e) {
    TRY(doc_want(map, DOC_MAP, "a map", e));
    for (size_t i = 0; i < map->count; i++) {
        size_t k = 0;
        while (k < key_count && !str_equal(map->keys[i]->text, keys[k])) k++;
        if (k < key_count) continue;
        char known[200] = "";
        size_t used = 0;
        for (k = 0; k < key_count && used < sizeof known; k++) {
            int wrote = snprintf(known + used, sizeof known - used, "%s%.*s", k > 0 ? ", " : "",
                                 STR_FMT(keys[k]));
            used += wrote > 0 ? (size_t)wrote : 0;
        }
        return doc_expected(map->keys[i], e, "one of %s", known);
    }
    return OK;
}

enum error_code doc_text(const struct doc_node *node, str *out, struct error *e) {
    if (node->kind != DOC_SCALAR || str_trim(node->text).len == 0)
        return doc_expected(node, e, "text");
    *out = node->text;
    return OK;
}

enum error_code doc_u64(const struct doc_node *node, uint64_t *out, struct error *e) {
    if (node->kind != DOC_SCALAR || !str_u64(node->text, out))
        return doc_expected(node, e, "a whole number");
    return OK;
}

enum error_code doc_bool(const struct doc_node *node, bool *out, struct error *e) {
    static const struct {
        str text;
        bool value;
    } words[] = {{{"true", 4}, true},   {{"yes", 3}, true}, {{"on", 2}, true},
                 {{"false", 5}, false}, {{"no", 2}, false}, {{"off", 3}, false}};
    for (size_t i = 0; i < COUNT_OF(words) && node->kind == DOC_SCALAR; i++)
        if (str_equal_nocase(node->text, words[i].text)) {
            *out = words[i].value;
            return OK;
        }
    return doc_expected(node, e, "true or false");
}

enum error_code doc_time_ns(const struct doc_node *node, int64_t *out, struct error *e) {
    if (node->kind != DOC_SCALAR || !clock_iso_read(node->text, out))
        return doc_expected(node, e, "a day (2026-11-21) or an instant (2026-11-21T09:00:00Z)");
    return OK;
}

static bool has_leading_zero(str text) {
    if (text.len < 2 || text.at[0] != '0') return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < '0' || text.at[i] > '9') return false;
    return true;
}

bool doc_is_ambiguous(const struct doc_node *node) {
    static const str words[] = {{"yes", 3},  {"no", 2},    {"on", 2},   {"off", 3},
                                {"true", 4}, {"false", 5}, {"null", 4}, {"~", 1}};
    if (node->kind != DOC_SCALAR || node->quoted) return false;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_equal_nocase(node->text, words[i])) return true;
    return has_leading_zero(node->text);
}

enum error_code doc_code(const struct doc_node *node, str *out, struct error *e) {
    TRY(doc_text(node, out, e));
    if (!doc_is_ambiguous(node)) return OK;
    if (str_equal_nocase(node->text, STR("no")))
        return doc_expected(node, e, "text in quotes (\"NO\" if Norway is meant)");
    if (has_leading_zero(node->text))
        return doc_expected(node, e, "text in quotes (a leading zero would be lost)");
    return doc_expected(node, e, "text in quotes (YAML would read this as yes, no or nothing)");
}
