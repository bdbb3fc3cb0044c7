/* azekura survey: the form that replaces the hand-made survey, and what changed since earlier ones. */
#include "app/survey/forming.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEMBERS_BYTES = 1 << 16 };
#define FORMING_SPACE ((size_t)1 << 30) /* address space: pages cost once touched */

enum error_code forming_choose(const struct forming *f, const char *format, enum forming_kind *out,
                               struct error *e) {
    bool is_text = strcmp(format, "text") == 0, is_json = strcmp(format, "json") == 0;
    bool differs = f->earlier.count > 0 || f->recalls;
    if (f->earlier.count > 0 && f->recalls)
        return error_set(e, FAIL_USAGE,
                         "--diff compares with files, --history with the ledger: one of them");
    if (differs && f->is_form)
        return error_set(e, FAIL_USAGE, "a difference has no form: leave --form out");
    if (differs && !is_text && !is_json)
        return error_set(e, FAIL_USAGE, "a difference is written as text or json, not \"%.40s\"",
                         format);
    if (f->is_form && !is_text && !is_json && strcmp(format, "csv") != 0 &&
        strcmp(format, "geojson") != 0 && strcmp(format, "html") != 0)
        return error_set(e, FAIL_USAGE,
                         "--form is written as text, json, csv, geojson or html, not \"%.40s\"",
                         format);
    *out = differs                          ? FORMING_DIFFERENCE
           : strcmp(format, "geojson") == 0 ? FORMING_GEOJSON
           : strcmp(format, "html") == 0    ? FORMING_HTML
           : f->is_form                     ? FORMING_FORM
                                            : FORMING_SERVERS;
    return OK;
}

/* ---- register and rulebooks ---- */

enum error_code forming_open(struct forming *f, const struct option_list *registers,
                             const char *as_of, struct error *e) {
    bool is_japanese = f->lang != NULL && strcmp(f->lang, "ja") == 0;
    if (f->lang != NULL && !is_japanese && strcmp(f->lang, "en") != 0)
        return error_set(e, FAIL_USAGE, "--lang takes en or ja, not \"%.40s\"", f->lang);
    f->language = is_japanese ? STR("ja") : STR("en");
    if (f->rulebooks.count > 0 && registers->count == 0)
        return error_set(e, FAIL_USAGE,
                         "--rulebook goes with --register, which says who adopts it");
    if ((f->records || f->recalls) && f->data == NULL) f->data = "./data";
    if (f->credentials != NULL && f->data == NULL)
        return error_set(e, FAIL_USAGE, "--credentials goes with --data");
    TRY(arena_space_open(&f->space, FORMING_SPACE, &f->arena, e));
    f->members = arena_bytes(&f->arena, MEMBERS_BYTES);
    assert(f->members != NULL); /* the space is far larger */
    if (registers->count == 0) return OK;
    f->judging = (struct judging){
        .registers = *registers, .rulebooks = f->rulebooks, .as_of = as_of, .lang = f->lang};
    return judging_open(&f->judging, NULL, false, e);
}

/* ---- beginning ---- */

static enum error_code editions_take(struct forming *f, const struct survey_world *world,
                                     struct error *e) {
    size_t count;
    const struct geo_edition *from = survey_world_editions(world, &count);
    struct census_edition *to = arena_new(&f->arena, struct census_edition, count);
    if (to == NULL) return error_set(e, FAIL_MEMORY, "no room for editions");
    for (size_t i = 0; i < count; i++) {
        static const digest none;
        char hex[2 * DIGEST_BYTES];
        to[i] = (struct census_edition){
            .name = from[i].name, .date = from[i].date, .attribution = from[i].attribution};
        if (digest_equal(&from[i].sha256, &none)) continue;
        hex_write(from[i].sha256.at, DIGEST_BYTES, hex);
        TRY(arena_copy(&f->arena, str_of(hex, sizeof hex), &to[i].sha256, e));
    }
    f->editions = to;
    f->edition_count = count;
    f->warnings = survey_world_warnings(world, &f->warning_count);
    return OK;
}

static enum error_code source_make(struct forming *f, const char *const *targets, struct error *e) {
    char room[200];
    struct text text = text_into(room, sizeof room);
    text_add_c(&text, "azekura survey");
    for (size_t i = 0; targets[i] != NULL; i++) text_format(&text, " %.60s", targets[i]);
    return arena_copy(&f->arena, text_str(&text), &f->source, e);
}

enum error_code forming_begin(struct forming *f, const struct survey_world *world, int64_t at_ns,
                              const char *const *targets, bool counts, struct error *e) {
    f->at_ns = at_ns;
    TRY(editions_take(f, world, e));
    TRY(source_make(f, targets, e));
    if (f->judging.snapshot != NULL) {
        const struct facts_world_options options = {
            .snapshot = f->judging.snapshot, .rules = f->judging.set, .at_ns = at_ns};
        TRY(facts_world_open(&options, &f->world, e));
    }
    if (counts || f->records) {
        const struct census_options options = {.at_ns = at_ns,
                                               .home = survey_world_home(world),
                                               .world = f->world,
                                               .set = f->judging.set,
                                               .tells_servers = true};
        TRY(census_open(&options, &f->census, e));
    }
    if (f->earlier.count > 0) return census_diff_open(f->earlier.at, f->earlier.count, &f->diff, e);
    return f->recalls || f->records ? survey_answers_recall(f, e) : OK;
}

/* ---- servers ---- */

enum error_code forming_take(struct forming *f, const struct survey_server *server, str *members,
                             struct error *e) {
    struct census_ruled ruled;
    *members = STR_EMPTY;
    if (f->diff != NULL) TRY(census_diff_add(f->diff, server, e));
    if (f->records) TRY(survey_answers_take(f, server, e));
    if (f->census == NULL) return OK;
    TRY(census_add(f->census, server, NULL, false, &ruled, e));
    if (server->declared.by.len == 0 && ruled.ruling == CENSUS_NOT_ASKED) return OK;
    TRY(report_open_text(f->members, MEMBERS_BYTES, &f->said, e));
    struct report_json j = report_json_begin(&f->said, 0);
    report_json_object(&j);
    census_ruled_json(&ruled, &j);
    report_json_object_end(&j);
    TRY(report_close(&f->said, e));
    str object = str_trim(report_text(&f->said));
    while (object.len > 0 && object.at[object.len - 1] != '}') object.len--;
    *members = str_slice(object, 1, object.len - 2); /* without its braces */
    return OK;
}

/* ---- written ---- */

enum error_code forming_json(struct forming *f, struct report_json *j, struct error *e) {
    const struct census_form *form;
    if (f->census == NULL) return OK;
    TRY(census_form_make(f->census, &form, e));
    census_sentence_json(form, j);
    report_json_key(j, "form");
    census_form_json(form, j);
    return OK;
}

static enum error_code difference_write(struct forming *f, const char *format,
                                        struct report_out *out, struct error *e) {
    const struct census_difference *difference;
    TRY(census_diff_end(f->diff, f->at_ns, &difference, e));
    if (strcmp(format, "json") == 0)
        census_diff_json(difference, out);
    else
        census_diff_text(difference, f->language, out);
    return OK;
}

enum error_code forming_write(struct forming *f, enum forming_kind kind, const char *format,
                              struct report_out *out, struct error *e) {
    struct census_report report = {.language = f->language,
                                   .editions = f->editions,
                                   .edition_count = f->edition_count,
                                   .warnings = f->warnings,
                                   .warning_count = f->warning_count};
    if (kind == FORMING_DIFFERENCE) return difference_write(f, format, out, e);
    TRY(census_form_make(f->census, &report.form, e));
    if (kind == FORMING_GEOJSON)
        census_geojson(&report, out);
    else if (kind == FORMING_HTML)
        census_html(&report, out);
    else if (strcmp(format, "json") == 0)
        census_json(&report, out);
    else if (strcmp(format, "csv") == 0)
        census_csv(report.form, out);
    else
        return census_text(&report, out, e);
    return OK;
}

void forming_close(struct forming *f) {
    census_diff_close(f->diff);
    census_close(f->census);
    facts_world_close(f->world);
    judging_close(&f->judging);
    arena_space_release(&f->space);
}
