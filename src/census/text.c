/* The form for a terminal. */
#include "census/inner.h"

#include <stdio.h>

#define SCRATCH_SPACE ((size_t)64 << 20)
enum { LINES_TOLD = 40, FINDINGS_TOLD = 40, REPEATS_TOLD = 20 };

static str number(uint64_t value, char memory[24]) {
    int len = snprintf(memory, 24, "%llu", (unsigned long long)value);
    return str_of(memory, (size_t)len);
}

static str undeclared(str language) {
    return str_from_c(say(language, "(not declared)", "（未申告）"));
}

static uint64_t all_of(const uint64_t of[SURVEY_ANSWER_COUNT]) {
    uint64_t all = 0;
    for (unsigned a = 0; a < SURVEY_ANSWER_COUNT; a++) all += of[a];
    return all;
}

/* ---- tables ---- */

enum { COUNT_COLUMNS = 7 };

static enum error_code counts_row(struct report_table *table, str name,
                                  const struct census_counts *c, struct error *e) {
    char memory[COUNT_COLUMNS][24];
    const uint64_t numbers[COUNT_COLUMNS] = {c->servers,
                                             c->answers[SURVEY_INSIDE],
                                             c->answers[SURVEY_OUTSIDE],
                                             c->answers[SURVEY_UNDETERMINED],
                                             c->answers[SURVEY_MANY],
                                             all_of(c->foreign_law),
                                             all_of(c->law_unknown)};
    str cells[1 + COUNT_COLUMNS] = {name};
    for (size_t i = 0; i < COUNT_COLUMNS; i++) cells[1 + i] = number(numbers[i], memory[i]);
    return report_table_row(table, cells, e);
}

static enum error_code counts_table(const struct census_report *r, const char *first, size_t rows,
                                    struct arena *arena, struct report_table *out,
                                    struct error *e) {
    const char *const head[1 + COUNT_COLUMNS] = {
        first,
        say(r->language, "servers", "台数"),
        survey_answer_word(SURVEY_INSIDE, r->language),
        survey_answer_word(SURVEY_OUTSIDE, r->language),
        survey_answer_word(SURVEY_UNDETERMINED, r->language),
        survey_answer_word(SURVEY_MANY, r->language),
        say(r->language, "foreign law", "外国法"),
        say(r->language, "law unknown", "法域不明")};
    TRY(report_table_open(out, head, COUNT_OF(head), rows, arena, e));
    for (size_t i = 1; i < COUNT_OF(head); i++) report_table_right(out, i);
    return OK;
}

static enum error_code lines_write(const struct census_report *r, const char *en, const char *ja,
                                   const struct census_lines *lines, struct arena scratch,
                                   struct report_out *out, struct error *e) {
    struct report_table table;
    size_t told = size_min(lines->count, LINES_TOLD);
    TRY(counts_table(r, say(r->language, en, ja), told, &scratch, &table, e));
    for (size_t i = 0; i < told; i++)
        TRY(counts_row(&table,
                       lines->at[i].name.len > 0 ? word_in(&lines->at[i].word, r->language)
                                                 : undeclared(r->language),
                       &lines->at[i].counts, e));
    report_add_c(out, "\n");
    report_table_write(&table, out);
    if (lines->count > told)
        report_format(out,
                      say(r->language, "… and %zu more: --format json or csv\n",
                          "… ほか%zu行：--format json または csv\n"),
                      lines->count - told);
    return OK;
}

/* "Japan: aws ap-northeast-1" */
static enum error_code place_name(const struct census_place *p, str language, struct arena *arena,
                                  str *out, struct error *e) {
    str name = p->country.at[0] != 0 ? census_country_name(&p->country, language)
                                     : str_from_c(survey_answer_word(p->answer, language));
    return arena_format(arena, out, e, "%.*s%s%.*s%s%.*s", STR_FMT(name),
                        p->region.len > 0 ? ": " : "", STR_FMT(p->provider),
                        p->region.len > 0 ? " " : "", STR_FMT(p->region));
}

static enum error_code places_write(const struct census_report *r, struct arena scratch,
                                    struct report_out *out, struct error *e) {
    struct report_table table;
    size_t told = size_min(r->form->place_count, LINES_TOLD);
    TRY(counts_table(r, say(r->language, "place", "場所"), told, &scratch, &table, e));
    for (size_t i = 0; i < told; i++) {
        str name;
        TRY(place_name(&r->form->places[i], r->language, &scratch, &name, e));
        TRY(counts_row(&table, name, &r->form->places[i].counts, e));
    }
    report_add_c(out, "\n");
    report_table_write(&table, out);
    if (r->form->place_count > told)
        report_format(out,
                      say(r->language, "… and %zu more: --format json or csv\n",
                          "… ほか%zu行：--format json または csv\n"),
                      r->form->place_count - told);
    return OK;
}

static enum error_code laws_write(const struct census_report *r, struct arena scratch,
                                  struct report_out *out, struct error *e) {
    const char *const head[] = {say(r->language, "place", "場所"),
                                say(r->language, "law that reaches the owner", "所有者に及ぶ法"),
                                say(r->language, "servers", "台数")};
    struct report_table table;
    size_t told = size_min(r->form->under_count, LINES_TOLD);
    TRY(report_table_open(&table, head, COUNT_OF(head), told, &scratch, e));
    report_table_right(&table, 2);
    for (size_t i = 0; i < told; i++) {
        const struct census_under *u = &r->form->unders[i];
        char memory[24];
        const str cells[] = {
            u->country.at[0] != 0 ? census_country_name(&u->country, r->language)
                                  : str_from_c(survey_answer_word(u->answer, r->language)),
            u->law.len > 0 ? u->law : str_from_c(say(r->language, "nobody knows", "不明")),
            number(u->servers, memory)};
        TRY(report_table_row(&table, cells, e));
    }
    report_add_c(out, "\n");
    report_table_write(&table, out);
    return OK;
}

static enum error_code three_write(const struct census_report *r, struct arena scratch,
                                   struct report_out *out, struct error *e) {
    const char *head[1 + CENSUS_RULING_COUNT] = {say(r->language, "declared", "申告")};
    struct report_table table;
    for (unsigned i = 0; i < CENSUS_RULING_COUNT; i++)
        head[1 + i] = census_ruling_word((enum census_ruling)i, r->language);
    TRY(report_table_open(&table, head, COUNT_OF(head), CENSUS_MATCH_COUNT, &scratch, e));
    for (unsigned m = 0; m < CENSUS_MATCH_COUNT; m++) {
        char memory[CENSUS_RULING_COUNT][24];
        str cells[1 + CENSUS_RULING_COUNT] = {
            str_from_c(census_match_word((enum census_match)m, r->language))};
        for (unsigned i = 0; i < CENSUS_RULING_COUNT; i++) {
            cells[1 + i] = number(r->form->three[m][i], memory[i]);
            report_table_right(&table, 1 + i);
        }
        TRY(report_table_row(&table, cells, e));
    }
    report_add_c(out, "\n");
    report_table_write(&table, out);
    if (!r->form->is_judged)
        report_add_c(out, say(r->language,
                              "No rulebook was asked: --register with --rulebook asks them.\n",
                              "規程集には照らしていない（--register と --rulebook で照らす）。\n"));
    return OK;
}

/* ---- lists ---- */

static void findings_write(const struct census_report *r, struct report_out *out) {
    const struct census_form *form = r->form;
    if (form->finding_count == 0) return;
    report_format(out, say(r->language, "\n%zu findings:\n", "\n指摘 %zu 件：\n"),
                  form->finding_count);
    for (size_t i = 0; i < form->finding_count && i < FINDINGS_TOLD; i++) {
        const struct census_finding *f = &form->findings[i];
        report_format(out, "%.*s: %s", STR_FMT(f->subject),
                      f->is_ruling ? census_ruling_word(f->ruling, r->language)
                                   : census_match_word(CENSUS_CONTRADICTED, r->language));
        for (size_t k = 0; k < f->clause_count; k++)
            report_format(out, "%s%.*s", k == 0 ? "  " : " ", STR_FMT(f->clauses[k]));
        str text = is_japanese(r->language) ? f->text_ja : f->text;
        report_format(out, "\n  %.*s\n", STR_FMT(text));
    }
    uint64_t left = form->findings_left_out +
                    (form->finding_count > FINDINGS_TOLD ? form->finding_count - FINDINGS_TOLD : 0);
    if (left > 0)
        report_format(
            out,
            say(r->language, "… and %llu more: --format json\n", "… ほか%llu件：--format json\n"),
            (unsigned long long)left);
}

static void merged_write(const struct census_report *r, struct report_out *out) {
    const struct census_merged *m = r->merged;
    report_format(out, say(r->language, "\n%zu surveys:\n", "\n調査 %zu 件：\n"), m->survey_count);
    for (size_t i = 0; i < m->survey_count; i++) {
        char at[CLOCK_TEXT_BYTES] = "?";
        if (m->surveys[i]->at_ns != 0) clock_iso_s_write(m->surveys[i]->at_ns, at);
        report_format(out, "  %.*s  %s  ", STR_FMT(m->surveys[i]->path), at);
        census_number(out, m->surveys[i]->servers);
        if (m->surveys[i]->is_partial)
            report_format(out, "  %.*s", STR_FMT(m->surveys[i]->partial));
        report_add_c(out, "\n");
    }
    if (m->repeat_count > 0)
        report_format(out,
                      say(r->language,
                          "%zu servers stand in two of them; the total has each once:\n",
                          "2つの調査にあるサーバー %zu 台（合計では1回だけ数える）：\n"),
                      m->repeat_count);
    for (size_t i = 0; i < m->repeat_count && i < REPEATS_TOLD; i++) {
        const struct census_repeat *x = &m->repeats[i];
        report_format(out, "  %.*s  %.*s %s %.2s", STR_FMT(x->subject),
                      STR_FMT(m->surveys[x->first]->path), survey_answer_name(x->first_answer),
                      x->first_country.at);
        report_format(out, "; %.*s %s %.2s\n", STR_FMT(m->surveys[x->second]->path),
                      survey_answer_name(x->second_answer), x->second_country.at);
    }
    if (m->repeat_count > REPEATS_TOLD)
        report_format(
            out,
            say(r->language, "  … and %zu more: --format json\n", "  … ほか%zu台：--format json\n"),
            m->repeat_count - REPEATS_TOLD);
    for (size_t i = 0; i < m->parted_count; i++) {
        const struct census_parted *p = &m->parted[i];
        report_format(out,
                      say(r->language, "other editions of %.*s: %.*s in %.*s, ",
                          "%.*sの版が異なる：%.*s（%.*s）、"),
                      STR_FMT(p->name), STR_FMT(p->first_date),
                      STR_FMT(m->surveys[p->first]->path));
        report_format(out, say(r->language, "%.*s in %.*s\n", "%.*s（%.*s）\n"),
                      STR_FMT(p->second_date), STR_FMT(m->surveys[p->second]->path));
    }
}

static void editions_write(const struct census_report *r, struct report_out *out) {
    if (r->edition_count > 0) report_add_c(out, say(r->language, "\nData:\n", "\n出典：\n"));
    for (size_t i = 0; i < r->edition_count; i++) {
        const struct census_edition *x = &r->editions[i];
        report_format(out, "  %.*s%s%.*s%s%.*s\n", STR_FMT(x->name), x->date.len > 0 ? " " : "",
                      STR_FMT(x->date), x->attribution.len > 0 ? ": " : "",
                      STR_FMT(x->attribution));
    }
    for (size_t i = 0; i < r->warning_count; i++) {
        char memory[SURVEY_PHRASE_BYTES];
        str phrase = survey_phrase(r->warnings[i], r->language, memory, sizeof memory);
        report_format(out, "  %.*s\n", STR_FMT(phrase));
    }
}

static enum error_code tables_write(const struct census_report *r, struct arena scratch,
                                    struct report_out *out, struct error *e) {
    const struct census_form *f = r->form;
    TRY(places_write(r, scratch, out, e));
    TRY(laws_write(r, scratch, out, e));
    TRY(lines_write(r, "operator", "事業者", &f->operators, scratch, out, e));
    TRY(lines_write(r, "field", "分野", &f->sectors, scratch, out, e));
    TRY(lines_write(r, "class of the data", "データの重要度", &f->classes, scratch, out, e));
    TRY(lines_write(r, "kind of the data", "データの種類", &f->kinds, scratch, out, e));
    return three_write(r, scratch, out, e);
}

enum error_code census_text(const struct census_report *report, struct report_out *out,
                            struct error *e) {
    struct arena_space space = {0};
    struct arena scratch;
    census_sentence(report->form, report->language, out);
    report_add_c(out, "\n");
    if (census_addresses_sentence(report->form, report->language, out)) report_add_c(out, "\n");
    TRY(arena_space_open(&space, SCRATCH_SPACE, &scratch, e));
    enum error_code code = tables_write(report, scratch, out, e);
    arena_space_release(&space);
    if (code != OK) return code;
    findings_write(report, out);
    if (report->merged != NULL) merged_write(report, out);
    editions_write(report, out);
    return OK;
}
