/* azekura survey --merge: surveys of several operators as one form, for whoever supervises them. */
#include "app/survey/forming.h"

#include <stdio.h>
#include <string.h>

/* The data that any of the surveys rests on, each edition once: who is to be named. */
static enum error_code editions_join(const struct census_merged *m, struct arena *arena,
                                     struct census_report *out, struct error *e) {
    size_t most = 0, count = 0;
    for (size_t i = 0; i < m->survey_count; i++) most += m->surveys[i]->edition_count;
    struct census_edition *all = arena_new(arena, struct census_edition, most);
    if (all == NULL) return error_set(e, FAIL_MEMORY, "no room for editions");
    for (size_t i = 0; i < m->survey_count; i++)
        for (size_t k = 0; k < m->surveys[i]->edition_count; k++) {
            const struct census_edition *one = &m->surveys[i]->editions[k];
            size_t at = 0;
            while (at < count &&
                   !(str_equal(all[at].name, one->name) && str_equal(all[at].date, one->date) &&
                     str_equal(all[at].sha256, one->sha256)))
                at++;
            if (at == count) all[count++] = *one;
        }
    out->editions = all;
    out->edition_count = count;
    return OK;
}

static enum error_code merged_write(const struct census_report *report, const char *format,
                                    struct report_out *out, struct error *e) {
    if (strcmp(format, "text") == 0) return census_text(report, out, e);
    if (strcmp(format, "json") == 0)
        census_json(report, out);
    else if (strcmp(format, "csv") == 0)
        census_csv(report->form, out);
    else if (strcmp(format, "geojson") == 0)
        census_geojson(report, out);
    else
        census_html(report, out);
    return OK;
}

static enum error_code formats_check(const char *format, struct error *e) {
    static const char *const known[] = {"text", "json", "csv", "geojson", "html"};
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (strcmp(format, known[i]) == 0) return OK;
    return error_set(e, FAIL_USAGE,
                     "--merge is written as text, json, csv, geojson or html, not \"%.40s\"",
                     format);
}

static void partial_tell(const struct census_merged *m) {
    for (size_t i = 0; i < m->survey_count; i++)
        if (m->surveys[i]->is_partial)
            fprintf(stderr, "azekura survey: %.*s\n", STR_FMT(m->surveys[i]->partial));
}

enum error_code survey_merge(const char *const *paths, str language, const char *format,
                             const char *path, struct error *e) {
    struct census_merging *work;
    struct census_report report = {.language = language};
    struct arena_space space = {0};
    struct arena arena;
    struct report_out out;
    size_t count = 0;
    TRY(formats_check(format, e));
    while (paths[count] != NULL) count++;
    if (count == 0) return error_set(e, FAIL_USAGE, "--merge takes the surveys to merge");
    if (language.len > 0 && !str_equal(language, STR("en")) && !str_equal(language, STR("ja")))
        return error_set(e, FAIL_USAGE, "--lang takes en or ja, not \"%.40s\"", language.at);
    TRY(census_merge(paths, count, &work, &report.merged, e));
    report.form = report.merged->form;
    partial_tell(report.merged);
    enum error_code code = arena_space_open(&space, (size_t)16 << 20, &arena, e);
    if (code == OK) code = editions_join(report.merged, &arena, &report, e);
    if (code == OK) code = report_open(path, &out, e);
    if (code == OK) {
        code = merged_write(&report, format, &out, e);
        if (code == OK)
            code = report_close(&out, e);
        else
            report_abandon(&out);
    }
    arena_space_release(&space);
    census_merge_close(work);
    return code;
}
