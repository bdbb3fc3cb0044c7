/* What the page tells by name: findings, servers that are not shown to stand in the country, the surveys it
 * was made of, and whom to name for the data. */
#include "census/page.h"

enum { FINDINGS_SHOWN = 200, REPEATS_SHOWN = 100 };

static void left_out(const struct page *p, uint64_t left) {
    if (left == 0) return;
    report_add_c(p->out, in(p, "<p class=\"quiet\">and ", "<p class=\"quiet\">ほか"));
    census_number(p->out, left);
    report_add_c(p->out, in(p, " more; JSON has them</p>\n", "件（JSON で一覧）</p>\n"));
}

static void code_cell(const struct page *p, str text) {
    report_add_c(p->out, "<td><code>");
    report_html_text(p->out, text);
    report_add_c(p->out, "</code></td>");
}

/* ---- findings ---- */

static void badge_of(const struct page *p, const struct census_finding *f) {
    static const char *const kinds[CENSUS_RULING_COUNT] = {
        [CENSUS_WARNED] = "unknown", [CENSUS_UNDECIDED] = "unknown", [CENSUS_REFUSED] = "fail"};
    const char *kind = f->is_ruling ? kinds[f->ruling] : "fail";
    const char *word = f->is_ruling ? census_ruling_word(f->ruling, p->language)
                                    : census_match_word(CENSUS_CONTRADICTED, p->language);
    report_html_badge(p->out, str_from_c(kind), str_from_c(word));
}

static void write_findings(const struct page *p) {
    const struct census_form *form = p->form;
    const char *const head[] = {in(p, "server", "サーバー"), in(p, "finding", "指摘"),
                                in(p, "clauses", "条項"),
                                in(p, "what was found, what would change it", "内容と対処")};
    size_t shown = size_min(form->finding_count, FINDINGS_SHOWN);
    if (shown == 0) return;
    heading(p, "Findings", "指摘");
    report_html_table(p->out, head, COUNT_OF(head));
    for (size_t i = 0; i < shown; i++) {
        const struct census_finding *f = &form->findings[i];
        report_add_c(p->out, "<tr>");
        code_cell(p, f->subject);
        report_add_c(p->out, "<td>");
        badge_of(p, f);
        report_add_c(p->out, "</td><td>");
        for (size_t k = 0; k < f->clause_count; k++) {
            report_add_c(p->out, k > 0 ? "<br><code>" : "<code>");
            report_html_text(p->out, f->clauses[k]);
            report_add_c(p->out, "</code>");
        }
        report_add_c(p->out, "</td><td>");
        report_html_text(p->out, is_japanese(p->language) ? f->text_ja : f->text);
        report_add_c(p->out, "</td></tr>\n");
    }
    report_html_table_end(p->out);
    left_out(p, form->finding_count - shown + form->findings_left_out);
}

/* ---- servers ---- */

static str class_word(const struct page *p, str name) {
    const struct census_lines *classes = &p->form->classes;
    for (size_t i = 0; i < classes->count; i++)
        if (str_equal(classes->at[i].name, name)) return word_in(&classes->at[i].word, p->language);
    return name;
}

static void write_told_row(const struct page *p, const struct census_told *t) {
    report_add_c(p->out, "<tr><td><code>");
    report_html_text(p->out, t->subject);
    report_add_c(p->out, "</code>");
    if (t->address.len > 0 && !str_equal(t->address, t->subject)) {
        report_add_c(p->out, "<br><code>");
        report_html_text(p->out, t->address);
        report_add_c(p->out, "</code>");
    }
    report_format(p->out, "</td><td>%s", survey_answer_word(t->answer, p->language));
    if (t->country.at[0] != 0) {
        report_add_c(p->out, "<br>");
        report_html_text(p->out, census_country_name(&t->country, p->language));
        report_format(p->out, " %.0f %%", 100 * t->probability);
    }
    report_add_c(p->out, "</td><td>");
    report_html_text(p->out, t->operator_name);
    if (t->law.len > 0) {
        report_add_c(p->out, "<br><span class=\"quiet\">");
        report_add_c(p->out, in(p, "law: ", "法："));
        report_html_text(p->out, t->law);
        report_add_c(p->out, "</span>");
    }
    report_add_c(p->out, "</td><td>");
    if (t->class_name.len > 0)
        report_html_text(p->out, class_word(p, t->class_name));
    else
        report_format(p->out, "<em>%s</em>", in(p, "not declared", "未申告"));
    report_format(p->out, "</td><td>%s<br>%s</td><td>", census_match_word(t->match, p->language),
                  census_ruling_word(t->ruling, p->language));
    char phrase[SURVEY_PHRASE_BYTES];
    report_html_text(p->out, survey_phrase(t->why, p->language, phrase, sizeof phrase));
    report_add_c(p->out, "</td></tr>\n");
}

static void write_told(const struct page *p) {
    const char *const head[] = {in(p, "server", "サーバー"),
                                in(p, "answer", "判定"),
                                in(p, "owner", "所有者"),
                                in(p, "class", "重要度"),
                                in(p, "declared; allowed", "申告・許容"),
                                in(p, "how it is known", "根拠")};
    if (p->form->told_count == 0) return;
    heading(p, "Servers not shown to stand in the country", "国内と確認できないサーバー");
    report_html_table(p->out, head, COUNT_OF(head));
    for (size_t i = 0; i < p->form->told_count; i++) write_told_row(p, &p->form->told[i]);
    report_html_table_end(p->out);
    left_out(p, p->form->told_left_out);
}

/* ---- a merge ---- */

static void answer_cell(const struct page *p, const struct census_survey *survey,
                        enum survey_answer answer, geo_country country) {
    report_add_c(p->out, "<td>");
    report_html_text(p->out, survey->path);
    report_format(p->out, "<br>%s ", survey_answer_word(answer, p->language));
    report_html_text(p->out, geo_country_str(&country));
    report_add_c(p->out, "</td>");
}

static void write_repeats(const struct page *p, const struct census_merged *m) {
    const char *const head[] = {in(p, "server", "サーバー"), in(p, "same by", "一致"),
                                in(p, "one survey", "一方の調査"), in(p, "the other", "他方")};
    size_t shown = size_min(m->repeat_count, REPEATS_SHOWN);
    if (shown == 0) return;
    heading(p, "Servers in two surveys", "2つの調査にあるサーバー");
    report_html_table(p->out, head, COUNT_OF(head));
    for (size_t i = 0; i < shown; i++) {
        const struct census_repeat *r = &m->repeats[i];
        report_add_c(p->out, "<tr>");
        code_cell(p, r->subject);
        code_cell(p, r->by);
        answer_cell(p, m->surveys[r->first], r->first_answer, r->first_country);
        answer_cell(p, m->surveys[r->second], r->second_answer, r->second_country);
        report_add_c(p->out, "</tr>\n");
    }
    report_html_table_end(p->out);
    left_out(p, m->repeat_count - shown);
}

static void write_merged(const struct page *p) {
    const struct census_merged *m = p->r->merged;
    heading(p, "Surveys this was made of", "もとの調査");
    report_add_c(p->out, "<ul>");
    for (size_t i = 0; i < m->survey_count; i++) {
        const struct census_survey *s = m->surveys[i];
        char at[CLOCK_TEXT_BYTES] = "", hex[2 * DIGEST_BYTES];
        if (s->at_ns != 0) clock_iso_s_write(s->at_ns, at);
        hex_write(s->sha256.at, DIGEST_BYTES, hex);
        report_add_c(p->out, "<li><code>");
        report_html_text(p->out, s->path);
        report_format(p->out, "</code> %s: ", at);
        census_number(p->out, s->servers);
        report_format(p->out, " <span class=\"quiet\">SHA-256 <code>%.*s</code></span>",
                      (int)sizeof hex, hex);
        if (s->is_partial) {
            report_add_c(p->out, "<br>");
            report_html_text(p->out, s->partial);
        }
        report_add_c(p->out, "</li>\n");
    }
    for (size_t i = 0; i < m->parted_count; i++) {
        const struct census_parted *d = &m->parted[i];
        report_add_c(p->out, in(p, "<li>Editions differ: ", "<li>版の相違："));
        const str parts[] = {d->name, d->first_date, m->surveys[d->first]->path, d->second_date,
                             m->surveys[d->second]->path};
        static const char *const before[] = {"<code>", "</code> ", " (", "), ", " ("};
        for (size_t k = 0; k < COUNT_OF(parts); k++) {
            report_add_c(p->out, before[k]);
            report_html_text(p->out, parts[k]);
        }
        report_add_c(p->out, ")</li>\n");
    }
    report_add_c(p->out, "</ul>\n");
    write_repeats(p, m);
}

/* ---- whom to name ---- */

static void write_editions(const struct page *p) {
    if (p->r->edition_count + p->r->warning_count == 0) return;
    heading(p, "Data, and whom to name for them", "データの出典");
    report_add_c(p->out, "<ul>");
    for (size_t i = 0; i < p->r->edition_count; i++) {
        const struct census_edition *x = &p->r->editions[i];
        report_add_c(p->out, "<li><code>");
        report_html_text(p->out, x->name);
        report_add_c(p->out, "</code> ");
        report_html_text(p->out, x->date);
        if (x->attribution.len > 0) report_add_c(p->out, ": ");
        report_html_text(p->out, x->attribution);
        if (x->sha256.len > 0) {
            report_add_c(p->out, " <span class=\"quiet\">SHA-256 <code>");
            report_html_text(p->out, x->sha256);
            report_add_c(p->out, "</code></span>");
        }
        report_add_c(p->out, "</li>\n");
    }
    for (size_t i = 0; i < p->r->warning_count; i++) {
        char memory[SURVEY_PHRASE_BYTES];
        report_html_element(p->out, "li",
                            survey_phrase(p->r->warnings[i], p->language, memory, sizeof memory));
    }
    report_add_c(p->out, "</ul>\n");
}

void page_lists(const struct page *p) {
    write_findings(p);
    write_told(p);
    if (p->r->merged != NULL) write_merged(p);
    write_editions(p);
}
