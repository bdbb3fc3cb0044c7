/* What people are shown: the outcome of a check, and the tables of fields for the format's page. */
#include "register/register.h"

/* ---- azekura register check ---- */

static void digest_add(struct text *t, const struct register_snapshot *snapshot) {
    char hex[2 * DIGEST_BYTES];
    digest d = register_digest(snapshot);
    hex_write(d.at, DIGEST_BYTES, hex);
    text_add(t, str_of(hex, sizeof hex));
}

static void check_json(const struct register_report *report,
                       const struct register_snapshot *snapshot, struct text *t) {
    text_format(t, "{\"files\":%zu,\"rows\":%zu,\"kinds\":{", report->file_count,
                report->row_count);
    const char *between = "";
    for (unsigned k = 0; snapshot != NULL && k < REGISTER_KIND_COUNT; k++) {
        size_t count;
        register_rows(snapshot, (enum register_kind)k, &count);
        if (count == 0) continue;
        text_format(t, "%s\"%s\":%zu", between, register_kind_of((enum register_kind)k)->key,
                    count);
        between = ",";
    }
    text_add_c(t, "},\"digest\":");
    if (snapshot != NULL) {
        text_add_char(t, '"');
        digest_add(t, snapshot);
        text_add_char(t, '"');
    } else {
        text_add_c(t, "null");
    }
    text_format(t, ",\"errors\":%zu,\"problems\":[", report->error_count);
    for (size_t i = 0; i < report->problem_count; i++) {
        text_format(t, "%s{\"severity\":\"%s\",\"text\":", i > 0 ? "," : "",
                    report->problems[i].is_warning ? "warning" : "error");
        text_add_json(t, report->problems[i].text);
        text_add_char(t, '}');
    }
    text_add_c(t, "]}\n");
}

static void check_text(const struct register_report *report,
                       const struct register_snapshot *snapshot, struct text *t) {
    size_t shown_errors = 0;
    for (size_t i = 0; i < report->problem_count; i++) {
        if (report->problems[i].is_warning) text_add_c(t, "warning: ");
        shown_errors += !report->problems[i].is_warning;
        text_add(t, report->problems[i].text);
        text_add_char(t, '\n');
    }
    if (report->error_count > shown_errors)
        text_format(t, "and %zu more errors\n", report->error_count - shown_errors);
    text_format(t, "%zu rows in %zu files", report->row_count, report->file_count);
    const char *between = ": ";
    for (unsigned k = 0; snapshot != NULL && k < REGISTER_KIND_COUNT; k++) {
        size_t count;
        register_rows(snapshot, (enum register_kind)k, &count);
        if (count == 0) continue;
        text_format(t, "%s%zu %s", between, count, register_kind_of((enum register_kind)k)->key);
        between = ", ";
    }
    text_add_char(t, '\n');
    if (snapshot == NULL) {
        text_format(t, "%zu error%s: this register would not be taken\n", report->error_count,
                    report->error_count == 1 ? "" : "s");
        return;
    }
    text_add_c(t, "digest ");
    digest_add(t, snapshot);
    text_add_char(t, '\n');
}

void register_check_write(const struct register_report *report,
                          const struct register_snapshot *snapshot, bool as_json,
                          struct text *out) {
    if (as_json)
        check_json(report, snapshot, out);
    else
        check_text(report, snapshot, out);
}

/* ---- the tables of docs/formats/register.md ---- */

static void kind_list(struct text *t, const struct register_field *f) {
    const char *between = "id of ";
    for (unsigned k = 0; k < REGISTER_KIND_COUNT; k++) {
        if ((f->kinds >> k & 1) == 0) continue;
        text_format(t, "%s%s", between, register_kind_of((enum register_kind)k)->key);
        between = " or ";
    }
}

/* ": here or external" */
static void word_list(struct text *t, const struct register_field *f) {
    str rest = str_from_c(f->words), word;
    const char *between = ": ";
    while (str_cut(&rest, ' ', &word)) {
        text_format(t, "%s%.*s", between, STR_FMT(word));
        between = ", ";
    }
    text_format(t, " or %.*s", STR_FMT(rest));
}

static void type_add(struct text *t, const struct register_field *f) {
    static const char *const words[REGISTER_TYPE_COUNT] = {
        [REGISTER_TEXT] = "text",
        [REGISTER_CODE] = "code",
        [REGISTER_NAME] = "name",
        [REGISTER_COUNTRY] = "country",
        [REGISTER_NUMBER] = "number",
        [REGISTER_YES_NO] = "yes or no",
        [REGISTER_TIME] = "time",
        [REGISTER_DURATION] = "length of time",
        [REGISTER_REF] = "",
        [REGISTER_NETWORK] = "network",
        [REGISTER_PATTERN] = "pattern",
        [REGISTER_NONE] = "record",
    };
    static const char *const shapes[REGISTER_SHAPE_COUNT] = {
        [REGISTER_ONE] = "",        [REGISTER_SET] = "set of ", [REGISTER_SETS] = "sets of ",
        [REGISTER_MAP] = "map to ", [REGISTER_RECORD] = "",     [REGISTER_RECORDS] = "list of ",
    };
    text_add_c(t, shapes[f->shape]);
    if (f->type == REGISTER_REF)
        kind_list(t, f);
    else
        text_add_c(t, words[f->type]);
    if (f->words != NULL) word_list(t, f);
    if (f->unit != NULL) text_format(t, " in %s", f->unit);
    if (f->required) text_add_c(t, ", required");
}

static void fields_add(struct text *t, const struct register_field *fields, const char *prefix) {
    for (const struct register_field *f = fields; f->name != NULL; f++) {
        text_format(t, "| `%s%s` | ", prefix, f->name);
        type_add(t, f);
        text_format(t, " | %s |\n", f->about);
        if (f->members == NULL) continue;
        char deeper[80];
        struct text d = text_into(deeper, sizeof deeper - 1);
        text_format(&d, "%s%s%s", prefix, f->name, f->shape == REGISTER_RECORDS ? "[]." : ".");
        deeper[d.len] = 0;
        fields_add(t, f->members, deeper);
    }
}

void register_fields_write(struct text *out) {
    for (unsigned k = 0; k < REGISTER_KIND_COUNT; k++) {
        const struct register_kind_row *of = register_kind_of((enum register_kind)k);
        text_format(out, "### %s\n\n%s\n\n| field | what it is | |\n| --- | --- | --- |\n", of->key,
                    of->about);
        fields_add(out, of->fields, "");
        text_add_char(out, '\n');
    }
}
