/* The form as one page that prints. Its first line is the answer: how many, where, how crucial. */
#include "census/page.h"

enum { LINES_SHOWN = 200, PLACES_SHOWN = 100 };

static const char style[] =
    "<style>h1.answer{font-size:1.25rem;line-height:1.55;font-weight:600;margin:0 0 .5rem}"
    ".counts th:not(:first-child){min-width:0;text-align:right}.counts td:first-child{width:34%}"
    ".counts td,.counts th{overflow-wrap:break-word}"
    ".worst{border-left:.4rem solid #8b1a1a;padding:.1rem 0 .1rem .8rem;margin:.6rem 0}"
    "@media print{h1.answer{font-size:12pt}.cards{grid-template-columns:repeat(6,1fr)}"
    ".card{font-size:8pt;padding:.2rem .35rem}.card b{font-size:13pt}}";

static void number_cell(const struct page *p, uint64_t number) {
    report_add_c(p->out, "<td class=\"number\">");
    census_number(p->out, number);
    report_add_c(p->out, "</td>");
}

static uint64_t all_of(const uint64_t of[SURVEY_ANSWER_COUNT]) {
    uint64_t all = 0;
    for (unsigned a = 0; a < SURVEY_ANSWER_COUNT; a++) all += of[a];
    return all;
}

/* ---- who, as of when, in numbers ---- */

static void write_card(const struct page *p, uint64_t number, const char *words) {
    report_add_c(p->out, "<div class=\"card\"><b>");
    census_number(p->out, number);
    report_format(p->out, "</b>%s</div>", words);
}

static void write_head(const struct page *p) {
    const struct census_counts *total = &p->form->total;
    char at[CLOCK_TEXT_BYTES];
    report_add_c(p->out, "<h1 class=\"answer\" id=\"answer\">");
    census_sentence(p->form, p->language, p->out);
    report_add_c(p->out, "</h1>\n");
    if (p->form->met > 0) {
        report_add_c(p->out, "<p class=\"quiet\" id=\"addresses\">");
        census_addresses_sentence(p->form, p->language, p->out);
        report_add_c(p->out, "</p>\n");
    }
    if (p->form->at_ns != 0) {
        clock_iso_s_write(p->form->at_ns, at);
        report_format(p->out,
                      in(p, "<p class=\"quiet\">Survey of servers as of %s.</p>\n",
                         "<p class=\"quiet\">サーバー所在調査、基準日時：%s。</p>\n"),
                      at);
    }
    report_add_c(p->out, "<div class=\"cards\">");
    write_card(p, total->answers[SURVEY_INSIDE], survey_answer_word(SURVEY_INSIDE, p->language));
    write_card(p, total->answers[SURVEY_OUTSIDE], survey_answer_word(SURVEY_OUTSIDE, p->language));
    write_card(p, total->answers[SURVEY_UNDETERMINED],
               survey_answer_word(SURVEY_UNDETERMINED, p->language));
    write_card(p, total->answers[SURVEY_MANY], survey_answer_word(SURVEY_MANY, p->language));
    write_card(p, all_of(total->foreign_law), in(p, "under foreign law", "外国法の及ぶもの"));
    write_card(p, p->form->undeclared.servers,
               in(p, "whose data nobody has declared", "データが未申告のもの"));
    report_add_c(p->out, "</div>\n");
}

/* ---- counts ---- */

static void counts_head(const struct page *p, const char *first) {
    const char *const head[] = {first,
                                in(p, "servers", "台数"),
                                survey_answer_word(SURVEY_INSIDE, p->language),
                                survey_answer_word(SURVEY_OUTSIDE, p->language),
                                survey_answer_word(SURVEY_UNDETERMINED, p->language),
                                survey_answer_word(SURVEY_MANY, p->language),
                                in(p, "foreign law", "外国法"),
                                in(p, "law unknown", "法域不明")};
    report_add_c(p->out, "<div class=\"counts\">");
    report_html_table(p->out, head, COUNT_OF(head));
}

static void counts_cells(const struct page *p, const struct census_counts *c) {
    number_cell(p, c->servers);
    for (unsigned a = 0; a < SURVEY_ANSWER_COUNT; a++) number_cell(p, c->answers[a]);
    number_cell(p, all_of(c->foreign_law));
    number_cell(p, all_of(c->law_unknown));
    report_add_c(p->out, "</tr>\n");
}

static void counts_end(const struct page *p, size_t left) {
    report_html_table_end(p->out);
    report_add_c(p->out, "</div>\n");
    if (left > 0)
        report_format(p->out,
                      in(p, "<p class=\"quiet\">and %zu more; JSON and CSV have them</p>\n",
                         "<p class=\"quiet\">ほか %zu 行（JSON・CSV で一覧）</p>\n"),
                      left);
}

/* A word, and the id that files use where that is another. */
static void write_word(const struct page *p, const struct census_line *line) {
    str word = word_in(&line->word, p->language);
    report_html_text(p->out, word);
    if (str_equal_nocase(word, line->name)) return;
    report_add_c(p->out, " <code>");
    report_html_text(p->out, line->name);
    report_add_c(p->out, "</code>");
}

static void write_lines(const struct page *p, const char *en, const char *ja,
                        const struct census_lines *lines) {
    size_t shown = size_min(lines->count, LINES_SHOWN);
    counts_head(p, in(p, en, ja));
    for (size_t i = 0; i < shown; i++) {
        report_add_c(p->out, "<tr><td>");
        if (lines->at[i].name.len > 0)
            write_word(p, &lines->at[i]);
        else
            report_format(p->out, "<em>%s</em>", in(p, "not declared", "未申告"));
        report_add_c(p->out, "</td>");
        counts_cells(p, &lines->at[i].counts);
    }
    counts_end(p, lines->count - shown);
}

static void write_place_name(const struct page *p, geo_country country, enum survey_answer answer) {
    if (country.at[0] != 0)
        report_html_text(p->out, census_country_name(&country, p->language));
    else
        report_add_c(p->out, survey_answer_word(answer, p->language));
}

static void write_places(const struct page *p) {
    size_t shown = size_min(p->form->place_count, PLACES_SHOWN);
    heading(p, "Where they stand", "所在");
    counts_head(p, in(p, "place", "場所"));
    for (size_t i = 0; i < shown; i++) {
        const struct census_place *place = &p->form->places[i];
        report_add_c(p->out, "<tr><td>");
        write_place_name(p, place->country, place->answer);
        if (place->region.len > 0) {
            report_add_c(p->out, " <code>");
            report_html_text(p->out, place->provider);
            report_add_c(p->out, " ");
            report_html_text(p->out, place->region);
            report_add_c(p->out, "</code>");
        }
        report_add_c(p->out, "</td>");
        counts_cells(p, &place->counts);
    }
    counts_end(p, p->form->place_count - shown);
}

static void write_laws(const struct page *p) {
    const char *const head[] = {
        in(p, "place", "場所"),
        in(p, "countries whose law reaches the owner", "所有者に法の及ぶ国"),
        in(p, "servers", "台数")};
    heading(p, "Whose law reaches the owner", "所有者に及ぶ法");
    quiet(
        p,
        "Where a machine stands and whose law can compel its owner are two questions: a machine in "
        "the country may belong to a company abroad.",
        "機器がどこにあるかと、その所有者にどの国の法が及ぶかは別の問いである。国内の機器も、国外の"
        "企"
        "業のものであることがある。");
    report_html_table(p->out, head, COUNT_OF(head));
    for (size_t i = 0; i < p->form->under_count; i++) {
        const struct census_under *u = &p->form->unders[i];
        report_add_c(p->out, "<tr><td>");
        write_place_name(p, u->country, u->answer);
        report_add_c(p->out, "</td><td>");
        for (str rest = u->law, code = u->law; rest.len > 0;) {
            geo_country country;
            if (!str_cut(&rest, ' ', &code)) {
                code = rest;
                rest = STR_EMPTY;
            }
            if (geo_country_read(code, &country))
                report_html_text(p->out, census_country_name(&country, p->language));
            if (rest.len > 0) report_add_c(p->out, in(p, ", ", "、"));
        }
        if (u->law.len == 0) report_format(p->out, "<em>%s</em>", in(p, "nobody knows", "不明"));
        report_add_c(p->out, "</td>");
        number_cell(p, u->servers);
        report_add_c(p->out, "</tr>\n");
    }
    report_html_table_end(p->out);
}

static void write_by(const struct page *p) {
    heading(p, "By operator", "事業者別");
    write_lines(p, "operator", "事業者", &p->form->operators);
    if (p->form->again > 0) {
        report_add_c(p->out, "<p class=\"quiet\">");
        census_number(p->out, p->form->again);
        report_add_c(p->out,
                     in(p,
                        " stand in a second survey too: each operator has them, all other "
                        "numbers of this page have them once.</p>\n",
                        "台は別の調査にもある。事業者別では各々に数え、ほかの表では1回だけ数え"
                        "る。</p>\n"));
    }
    heading(p, "By field", "分野別");
    write_lines(p, "field", "分野", &p->form->sectors);
    heading(p, "By class of the data they hold", "保有データの重要度別");
    write_lines(p, "class", "重要度", &p->form->classes);
    heading(p, "By kind of the data they hold", "保有データの種類別");
    write_lines(p, "kind", "種類", &p->form->kinds);
    quiet(p, "A server that holds several kinds is counted under each.",
          "複数の種類を持つサーバーは、それぞれに数える。");
}

/* ---- declared, measured, allowed ---- */

static void write_three(const struct page *p) {
    const char *head[1 + CENSUS_RULING_COUNT] = {in(p, "declared place", "所在の申告")};
    heading(p, "Declared, measured, allowed", "申告・判定・許容の三者比較");
    for (unsigned i = 0; i < CENSUS_RULING_COUNT; i++)
        head[1 + i] = census_ruling_word((enum census_ruling)i, p->language);
    report_add_c(p->out, "<div class=\"counts\">");
    report_html_table(p->out, head, COUNT_OF(head));
    for (unsigned m = 0; m < CENSUS_MATCH_COUNT; m++) {
        report_format(p->out, "<tr><td>%s</td>",
                      census_match_word((enum census_match)m, p->language));
        for (unsigned i = 0; i < CENSUS_RULING_COUNT; i++) number_cell(p, p->form->three[m][i]);
        report_add_c(p->out, "</tr>\n");
    }
    report_html_table_end(p->out);
    report_add_c(p->out, "</div>\n");
    if (!p->form->is_judged)
        quiet(p, "No rulebook was asked for this page.", "規程集には照らしていない。");
}

static void write_reading(const struct page *p) {
    heading(p, "How to read this", "読み方");
    report_html_element(
        p->out, "p",
        str_from_c(in(
            p,
            "Inside: in the home country by all that is known. Many: it answers from many places, "
            "or "
            "its addresses are in several countries. Undetermined: what is known does not suffice; "
            "that is an answer, and such a server is counted with neither side. Foreign law: a "
            "country other than the home country can compel the company that owns the machine, "
            "through its seat or its owner. Not declared: nobody has said what data the server "
            "holds; it may be anything.",
            "国内：分かっている限りで国内にあるもの。複数の場所：多くの場所から応答するもの、または"
            "ア"
            "ドレスが複数の国にあるもの。判定できず：情報が足りないもの（これも一つの答えであり、ど"
            "ちら"
            "にも数えない）。外国法：機器を所有する企業に、その本拠または親会社を通じて外国の法が及"
            "ぶも"
            "の。未申告：どのデータを持つか誰も示していないもの（何であるか分からない）。")));
}

void census_html(const struct census_report *report, struct report_out *out) {
    const struct page p = {report, report->form, out, report->language};
    const struct report_page page = {
        .language = is_japanese(report->language) ? "ja" : "en",
        .title = str_from_c(in(&p, "Survey of servers", "サーバー所在調査"))};
    report_html_begin(out, &page);
    report_format(out, "%s%s</style>\n", style, page_map_style);
    write_head(&p);
    page_map(&p);
    write_places(&p);
    write_laws(&p);
    write_by(&p);
    write_three(&p);
    page_lists(&p);
    write_reading(&p);
    report_html_end(out);
}
