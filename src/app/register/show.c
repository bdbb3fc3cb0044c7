/* azekura register show and history: what files of the register say of an id, on a day and over time. */
#include "app/commands.h"
#include "app/register/commands.h"
#include "base/clock.h"
#include "register/register.h"
#include "report/report.h"

#include <stdio.h>

/* A day, or "always" and "open" for the ends of time. */
static void time_print(struct report_out *out, int64_t ns, const char *without) {
    char text[CLOCK_TEXT_BYTES];
    if (ns == REGISTER_ALWAYS_NS || ns == REGISTER_NEVER_NS) {
        report_add_c(out, without);
        return;
    }
    clock_iso_s_write(ns, text);
    report_add_c(out, text);
}

static void row_text(const struct register_row *row, struct report_out *out) {
    report_format(out, "%s %.*s  from ", register_kind_of(row->kind)->noun, STR_FMT(row->id));
    time_print(out, row->valid_from_ns, "the beginning");
    report_add_c(out, " until ");
    time_print(out, row->valid_until_ns, "further notice");
    report_format(out, "  (%.*s:%u)\n  %.*s\n", STR_FMT(row->file), row->line,
                  STR_FMT(row->canonical));
}

static void row_json(const struct register_row *row, struct report_json *j) {
    report_json_object(j);
    report_json_put_c(j, "kind", register_kind_of(row->kind)->key);
    report_json_put(j, "id", row->id);
    if (row->valid_from_ns != REGISTER_ALWAYS_NS)
        report_json_put_time(j, "from", row->valid_from_ns);
    if (row->valid_until_ns != REGISTER_NEVER_NS)
        report_json_put_time(j, "until", row->valid_until_ns);
    report_json_put(j, "file", row->file);
    report_json_put_u64(j, "line", row->line);
    report_json_key(j, "row");
    report_json_raw(j, row->canonical);
    report_json_object_end(j);
}

struct shown {
    str id;
    bool at_one_time; /* show; else history: every row of the id */
    int64_t at_ns;
    size_t count;
};

static bool is_shown(const struct shown *s, const struct register_row *row) {
    if (!str_equal(row->id, s->id)) return false;
    return !s->at_one_time || (row->valid_from_ns <= s->at_ns && s->at_ns < row->valid_until_ns);
}

static void rows_write(const struct register_snapshot *snapshot, struct shown *s, bool as_json,
                       struct report_out *out) {
    struct report_json j = report_json_begin(out, 1);
    if (as_json) report_json_array(&j);
    for (unsigned k = 0; k < REGISTER_KIND_COUNT; k++) {
        size_t count;
        const struct register_row *rows = register_rows(snapshot, (enum register_kind)k, &count);
        for (size_t i = 0; i < count; i++) {
            if (!is_shown(s, &rows[i])) continue;
            s->count++;
            if (as_json)
                row_json(&rows[i], &j);
            else
                row_text(&rows[i], out);
        }
    }
    if (!as_json) return;
    report_json_array_end(&j);
    report_add_c(out, "\n");
}

static enum error_code shown_read(const struct register_words *words, const char *id,
                                  bool at_one_time, struct shown *s, struct error *e) {
    const char *format = words->call.format != NULL ? words->call.format : "text";
    *s = (struct shown){.id = str_from_c(id), .at_one_time = at_one_time, .at_ns = clock_wall_ns()};
    if (words->registers.count == 0)
        return error_set(e, FAIL_USAGE,
                         "--register PATH says whose rows in files, --data DIR "
                         "in a store");
    if (strcmp(format, "text") != 0 && strcmp(format, "json") != 0)
        return error_set(e, FAIL_USAGE, "--format takes text or json, not \"%s\"", format);
    if (words->at != NULL && !clock_iso_read(str_from_c(words->at), &s->at_ns))
        return error_set(e, FAIL_USAGE, "--at takes a day or time such as 2024-05-17, not \"%s\"",
                         words->at);
    return OK;
}

static enum error_code rows_print(const struct register_words *words, struct shown *s,
                                  struct error *e) {
    struct register_snapshot *snapshot;
    struct report_out out;
    str paths[OPTION_LIST_MAX];
    for (size_t i = 0; i < words->registers.count; i++)
        paths[i] = str_from_c(words->registers.at[i]);
    TRY(register_load(paths, words->registers.count, &snapshot, NULL, e));
    enum error_code code = report_open(NULL, &out, e);
    if (code == OK) {
        bool as_json = words->call.format != NULL && strcmp(words->call.format, "json") == 0;
        rows_write(snapshot, s, as_json, &out);
        code = report_close(&out, e);
    }
    register_release(snapshot);
    if (code != OK || s->count > 0) return code;
    return error_set(e, FAIL_NOT_FOUND, "the register has no row \"%.*s\"%s", STR_FMT(s->id),
                     s->at_one_time ? " that is true at that time" : "");
}

int register_show(const struct register_words *words, const char *id, bool at_one_time) {
    struct shown s;
    struct error e = {0};
    enum error_code code = shown_read(words, id, at_one_time, &s, &e);
    bool is_usage = code != OK;
    if (code == OK) code = rows_print(words, &s, &e);
    if (code == OK) return 0;
    command_fail(at_one_time ? "azekura register show" : "azekura register history", &e);
    return is_usage ? 2 : 1;
}
