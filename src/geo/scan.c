/* One pass over JSON, an event at a time. */
#include "geo/scan.h"

#include <stdarg.h>
#include <stdio.h>

void geo_scan_begin(struct geo_scan *scan, str bytes) {
    *scan = (struct geo_scan){.bytes = bytes, .line = 1};
}

size_t geo_scan_line(struct geo_scan *scan) {
    for (; scan->counted < scan->at; scan->counted++)
        if (scan->bytes.at[scan->counted] == '\n') scan->line++;
    return scan->line;
}

static bool is_next(const struct geo_scan *scan, char c) {
    return scan->at < scan->bytes.len && scan->bytes.at[scan->at] == c;
}

static void space_skip(struct geo_scan *scan) {
    while (is_next(scan, ' ') || is_next(scan, '\n') || is_next(scan, '\r') || is_next(scan, '\t'))
        scan->at++;
}

static bool bad(struct geo_scan *scan, const char *expected) {
    scan->expected = expected;
    return false;
}

static bool text_read(struct geo_scan *scan, str *out) {
    size_t begin = scan->at + 1;
    for (size_t i = begin; i < scan->bytes.len; i++) {
        unsigned char c = (unsigned char)scan->bytes.at[i];
        if (c == '\\' && i + 1 < scan->bytes.len) {
            i++;
        } else if (c == '"') {
            *out = str_slice(scan->bytes, begin, i - begin);
            if (!str_is_utf8(*out)) return bad(scan, "text in UTF-8");
            scan->at = i + 1;
            return true;
        } else if (c < 0x20) {
            scan->at = i;
            return bad(scan, "the end of a text");
        }
    }
    scan->at = scan->bytes.len;
    return bad(scan, "the end of a text");
}

static bool other_read(struct geo_scan *scan, str *out) {
    size_t begin = scan->at;
    while (scan->at < scan->bytes.len) {
        char c = scan->bytes.at[scan->at];
        bool is_part = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '+' ||
                       c == '.' || c == 'E';
        if (!is_part) break;
        scan->at++;
    }
    *out = str_slice(scan->bytes, begin, scan->at - begin);
    char first = out->len > 0 ? out->at[0] : 0;
    bool is_number = first == '-' || (first >= '0' && first <= '9');
    if (is_number || str_equal(*out, STR("true")) || str_equal(*out, STR("false")) ||
        str_equal(*out, STR("null")))
        return true;
    scan->at = begin;
    return bad(scan, "a value");
}

static bool value_read(struct geo_scan *scan, struct geo_scan_event *out) {
    bool is_object = is_next(scan, '{');
    if (is_object || is_next(scan, '[')) {
        if (scan->depth == GEO_SCAN_DEPTH) return bad(scan, "no deeper nesting");
        uint32_t bit = (uint32_t)1 << scan->depth++;
        scan->is_object = is_object ? scan->is_object | bit : scan->is_object & ~bit;
        scan->is_first = true;
        scan->at++;
        out->kind = GEO_SCAN_OPEN;
        return true;
    }
    scan->is_first = false;
    out->kind = is_next(scan, '"') ? GEO_SCAN_TEXT : GEO_SCAN_OTHER;
    return out->kind == GEO_SCAN_TEXT ? text_read(scan, &out->text) : other_read(scan, &out->text);
}

static bool key_read(struct geo_scan *scan, str *out) {
    if (!is_next(scan, '"')) return bad(scan, "a name in quotes");
    if (!text_read(scan, out)) return false;
    space_skip(scan);
    if (!is_next(scan, ':')) return bad(scan, "':'");
    scan->at++;
    space_skip(scan);
    return true;
}

static bool next_inside(struct geo_scan *scan, struct geo_scan_event *out) {
    bool is_object = (scan->is_object >> (scan->depth - 1) & 1) != 0;
    if (is_next(scan, is_object ? '}' : ']')) {
        scan->at++;
        scan->depth--;
        scan->is_first = false;
        out->kind = GEO_SCAN_CLOSE;
        return true;
    }
    if (!scan->is_first) {
        if (!is_next(scan, ',')) return bad(scan, is_object ? "',' or '}'" : "',' or ']'");
        scan->at++;
        space_skip(scan);
    }
    return (!is_object || key_read(scan, &out->key)) && value_read(scan, out);
}

void geo_scan_next(struct geo_scan *scan, struct geo_scan_event *out) {
    *out = (struct geo_scan_event){.kind = GEO_SCAN_BAD};
    if (scan->expected != NULL) return;
    space_skip(scan);
    bool is_good = true;
    if (scan->depth > 0) {
        is_good = next_inside(scan, out);
    } else if (!scan->is_begun) {
        scan->is_begun = true;
        is_good = value_read(scan, out);
    } else if (scan->at == scan->bytes.len) {
        out->kind = GEO_SCAN_END;
    } else {
        is_good = bad(scan, "the end of the file");
    }
    if (!is_good) out->kind = GEO_SCAN_BAD;
}

/* ---- telling of problems ---- */

enum error_code geo_problems_begin(struct geo_problems *problems, struct arena *arena,
                                   struct error *e) {
    str *at = arena_new(arena, str, GEO_PROBLEMS_SHOWN);
    if (at == NULL) return error_set(e, FAIL_MEMORY, "no room for the problems of a file");
    *problems = (struct geo_problems){.at = at};
    return OK;
}

void geo_problems_add(struct geo_problems *problems, struct arena *arena, const char *format, ...) {
    char line[300];
    problems->total++;
    if (problems->count == GEO_PROBLEMS_SHOWN) return;
    va_list values;
    va_start(values, format);
    vsnprintf(line, sizeof line, format, values);
    va_end(values);
    struct error full;
    if (arena_copy(arena, str_from_c(line), (str *)&problems->at[problems->count], &full) == OK)
        problems->count++;
}
