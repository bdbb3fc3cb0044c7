/* GeoJSON, feature by feature: official maps are larger than what should stand in memory as a tree. What is
 * between features is skipped by its brackets and strings; each feature is read strictly by who takes it.
 * Source: RFC 7946; RFC 8259. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "siting/collection.h"

struct scan {
    str file, text;
    size_t at;
    struct error *e;
};

enum error_code collection_fail(str file, str bytes, size_t at, struct error *e, const char *format,
                                ...) {
    char what[120];
    size_t line = 1, column = 1;
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    for (size_t i = 0; i < at && i < bytes.len; i++) {
        if (bytes.at[i] == '\n')
            line++, column = 1;
        else if (((unsigned char)bytes.at[i] & 0xc0) != 0x80)
            column++;
    }
    return error_set(e, FAIL_SYNTAX, "%.*s:%zu:%zu: %s", STR_FMT(file), line, column, what);
}

static enum error_code expected(const struct scan *s, const char *what) {
    if (s->at >= s->text.len)
        return collection_fail(s->file, s->text, s->text.len, s->e,
                               "expected %s, found the end of the file: it is cut off", what);
    unsigned char c = (unsigned char)s->text.at[s->at];
    return collection_fail(s->file, s->text, s->at, s->e, "expected %s, found the byte 0x%02x",
                           what, c);
}

static void space_skip(struct scan *s) {
    while (s->at < s->text.len && memchr(" \t\r\n", s->text.at[s->at], 4) != NULL) s->at++;
}

static bool take(struct scan *s, char c) {
    space_skip(s);
    if (s->at >= s->text.len || s->text.at[s->at] != c) return false;
    s->at++;
    return true;
}

/* The bytes between the quotes, with their escapes as written. */
static enum error_code string_take(struct scan *s, str *out) {
    if (!take(s, '"')) return expected(s, "a string");
    size_t first = s->at;
    for (; s->at < s->text.len; s->at++) {
        if (s->text.at[s->at] == '\\') {
            s->at++;
            continue;
        }
        if (s->text.at[s->at] != '"') continue;
        *out = str_slice(s->text, first, s->at - first);
        s->at++;
        return OK;
    }
    s->at = s->text.len;
    return expected(s, "the end of a string");
}

/* A value with all that is in it. Brackets need only balance: what is inside is read elsewhere, or not
 * at all. */
static enum error_code value_take(struct scan *s, str *out) {
    size_t depth = 0, first;
    str string;
    space_skip(s);
    first = s->at;
    do {
        space_skip(s);
        if (s->at >= s->text.len) return expected(s, depth > 0 ? "a closing bracket" : "a value");
        char c = s->text.at[s->at];
        if (c == '"') {
            TRY(string_take(s, &string));
            continue;
        }
        if (c == '[' || c == '{') depth++;
        if (c == ']' || c == '}') {
            if (depth == 0) return expected(s, "a value");
            depth--;
        }
        s->at++;
        bool is_word = memchr("[]{},:", c, 6) == NULL;
        while (is_word && s->at < s->text.len &&
               memchr("[]{},:\" \t\r\n", s->text.at[s->at], 11) == NULL)
            s->at++;
    } while (depth > 0);
    *out = str_slice(s->text, first, s->at - first);
    return OK;
}

/* Names of systems in degrees that differ by no more than metres. Source: RFC 7946, 4 (CRS84 alone); the
 * official maps name JGD2000 or JGD2011. */
static bool is_degrees(str crs) {
    static const str names[] = {{"CRS84", 5}, {"4326", 4}, {"4612", 4}, {"6668", 4}};
    size_t at;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_find(crs, names[i], &at)) return true;
    return str_equal(crs, STR("null"));
}

static enum error_code each_feature(struct scan *s,
                                    enum error_code (*each)(void *self, size_t at, str feature,
                                                            struct error *e),
                                    void *self) {
    if (!take(s, '[')) return expected(s, "a list of features");
    if (take(s, ']')) return OK;
    for (;;) {
        str feature;
        space_skip(s);
        size_t at = s->at;
        if (at < s->text.len && s->text.at[at] != '{') return expected(s, "a feature");
        TRY(value_take(s, &feature));
        TRY(each(self, at, feature, s->e));
        if (take(s, ']')) return OK;
        if (!take(s, ',')) return expected(s, "a comma, or the end of the list of features");
    }
}

enum error_code collection_each(str file, str bytes,
                                enum error_code (*each)(void *self, size_t at, str feature,
                                                        struct error *e),
                                void *self, struct error *e) {
    struct scan s = {file, bytes, str_starts(bytes, STR("\xef\xbb\xbf")) ? 3 : 0, e};
    bool has_features = false;
    if (!take(&s, '{')) return expected(&s, "a GeoJSON FeatureCollection");
    while (!take(&s, '}')) {
        str key, value;
        TRY(string_take(&s, &key));
        if (!take(&s, ':')) return expected(&s, "a colon");
        space_skip(&s);
        size_t at = s.at;
        if (str_equal(key, STR("features"))) {
            TRY(each_feature(&s, each, self));
            has_features = true;
        } else {
            TRY(value_take(&s, &value));
            if (str_equal(key, STR("crs")) && !is_degrees(value))
                return collection_fail(file, bytes, at, e,
                                       "coordinates are not degrees of WGS 84 or JGD; convert the "
                                       "file to EPSG:6668 or EPSG:4326");
        }
        if (take(&s, ',')) continue;
        space_skip(&s);
        if (s.at >= s.text.len || s.text.at[s.at] != '}') return expected(&s, "a comma or }");
    }
    if (!has_features) return collection_fail(file, bytes, 0, e, "there is no list of features");
    space_skip(&s);
    return s.at == s.text.len ? OK : expected(&s, "nothing after the collection");
}

/* Goes to a key's value within an object; *found false: past its end. */
static enum error_code key_find(struct scan *s, str wanted, bool *found) {
    str key, value;
    *found = false;
    if (!take(s, '{')) return OK;
    while (!take(s, '}')) {
        TRY(string_take(s, &key));
        if (!take(s, ':')) return expected(s, "a colon");
        *found = str_equal(key, wanted);
        if (*found) return OK;
        TRY(value_take(s, &value));
        if (take(s, ',')) continue;
        space_skip(s);
        if (s->at >= s->text.len || s->text.at[s->at] != '}') return expected(s, "a comma or }");
    }
    return OK;
}

enum error_code collection_coordinates(str file, str feature, str *out, struct error *e) {
    struct scan s = {file, feature, 0, e};
    bool found;
    *out = STR_EMPTY;
    TRY(key_find(&s, STR("geometry"), &found));
    space_skip(&s);
    if (found) TRY(key_find(&s, STR("coordinates"), &found));
    return found ? value_take(&s, out) : OK;
}
