/* JSON, written as it is told. */
#include <inttypes.h>

#include "report/report.h"

struct report_json report_json_begin(struct report_out *out, unsigned indent_depth) {
    return (struct report_json){.out = out, .indent_depth = indent_depth};
}

static void line_break(struct report_json *j, unsigned depth) {
    static const char spaces[] = "                                ";
    report_add_c(j->out, "\n");
    report_add(j->out, str_of(spaces, size_min(2 * depth, sizeof spaces - 1)));
}

/* What stands before a value: a comma, a new line, or nothing after its key. */
static void before(struct report_json *j) {
    if (j->after_key) {
        j->after_key = false;
        return;
    }
    if (j->depth == 0) return;
    if (j->has_member[j->depth]) report_add_c(j->out, ",");
    j->has_member[j->depth] = true;
    if (j->depth <= j->indent_depth) line_break(j, j->depth);
}

static void open(struct report_json *j, const char *bracket) {
    before(j);
    report_add_c(j->out, bracket);
    j->depth++;
    assert(j->depth < REPORT_JSON_DEPTH);
    j->has_member[j->depth] = false;
}

static void close(struct report_json *j, const char *bracket) {
    assert(j->depth > 0);
    if (j->has_member[j->depth] && j->depth <= j->indent_depth) line_break(j, j->depth - 1);
    j->depth--;
    report_add_c(j->out, bracket);
    if (j->depth == 0) report_add_c(j->out, "\n");
}

void report_json_object(struct report_json *j) {
    open(j, "{");
}
void report_json_object_end(struct report_json *j) {
    close(j, "}");
}
void report_json_array(struct report_json *j) {
    open(j, "[");
}
void report_json_array_end(struct report_json *j) {
    close(j, "]");
}

static void quoted(struct report_out *out, str value) {
    char room[4096];
    /* In pieces that end at a character: each byte becomes six at most ("\u0001"). */
    enum { PIECE = sizeof room / 6 - 8 };
    report_add_c(out, "\"");
    while (value.len > 0) {
        size_t take = size_min(value.len, PIECE);
        while (take < value.len && take > 1 && ((unsigned char)value.at[take] & 0xc0) == 0x80)
            take--;
        struct text t = text_into(room, sizeof room);
        text_add_json(&t, str_slice(value, 0, take));
        assert(!t.overflow);
        assert(t.len >= 2);
        report_add(out, str_of(t.at + 1, t.len - 2));
        value = str_skip(value, take);
    }
    report_add_c(out, "\"");
}

void report_json_key(struct report_json *j, const char *key) {
    before(j);
    quoted(j->out, str_from_c(key));
    report_add_c(j->out, j->depth <= j->indent_depth ? ": " : ":");
    j->after_key = true;
}

void report_json_str(struct report_json *j, str value) {
    before(j);
    quoted(j->out, value);
}
void report_json_c(struct report_json *j, const char *value) {
    report_json_str(j, str_from_c(value));
}
void report_json_u64(struct report_json *j, uint64_t value) {
    before(j);
    report_format(j->out, "%" PRIu64, value);
}
void report_json_i64(struct report_json *j, int64_t value) {
    before(j);
    report_format(j->out, "%" PRId64, value);
}
void report_json_bool(struct report_json *j, bool value) {
    before(j);
    report_add_c(j->out, value ? "true" : "false");
}
void report_json_null(struct report_json *j) {
    before(j);
    report_add_c(j->out, "null");
}
void report_json_raw(struct report_json *j, str json) {
    before(j);
    report_add(j->out, json);
}

void report_json_put(struct report_json *j, const char *key, str value) {
    report_json_key(j, key);
    report_json_str(j, value);
}
void report_json_put_c(struct report_json *j, const char *key, const char *value) {
    report_json_put(j, key, str_from_c(value));
}
void report_json_put_u64(struct report_json *j, const char *key, uint64_t value) {
    report_json_key(j, key);
    report_json_u64(j, value);
}
void report_json_put_bool(struct report_json *j, const char *key, bool value) {
    report_json_key(j, key);
    report_json_bool(j, value);
}
void report_json_put_time(struct report_json *j, const char *key, int64_t wall_ns) {
    char iso[CLOCK_TEXT_BYTES];
    size_t len = clock_iso_s_write(wall_ns, iso);
    report_json_put(j, key, str_of(iso, len));
}
