/* An assessment as one page that prints: the first sheet answers who, as of when, what fails, what is
 * unknown and why, what is excepted and owed, and how much was covered; the rest is the evidence. */
#include "assess/written.h"

enum { FIRST_PAGE_CLAUSES = 12, SUBJECTS_SHOWN = 200 };

struct page {
    const struct assessment *a;
    enum rulebook_language l;
    struct report_out *out;
};

static const char *in(const struct page *p, const char *en, const char *ja) {
    return say(p->l, en, ja);
}
static void badge(const struct page *p, enum assess_verdict v) {
    report_html_badge(p->out, str_from_c(assess_verdict_name(v)),
                      str_from_c(assess_verdict_word(v, p->l)));
}
static void heading(const struct page *p, const char *en, const char *ja) {
    report_html_element(p->out, "h2", str_from_c(in(p, en, ja)));
}
static void paragraph(const struct page *p, const char *en, const char *ja) {
    report_html_element(p->out, "p", str_from_c(in(p, en, ja)));
}

/* ---- the first sheet ---- */

static void write_who(const struct page *p) {
    char at[CLOCK_TEXT_BYTES], hex[2 * DIGEST_BYTES], line[400];
    clock_iso_s_write(p->a->at_ns, at);
    hex_write(p->a->rules.at, DIGEST_BYTES, hex);
    report_html_element(p->out, "h1", str_from_c(in(p, "Assessment", "適合性評価")));
    report_html_class(p->out, "p", "lead", p->a->operators);
    snprintf(line, sizeof line, in(p, "As of %s%s.", "基準日時：%s%s。"), at,
             p->a->what_if
                 ? in(p, ", as if every rulebook were adopted", "（全規程集を採択と仮定）")
                 : "");
    report_html_element(p->out, "p", str_from_c(line));
    if (p->a->filter.len > 0) {
        report_format(p->out, "<p>%s<code>", in(p, "Only ", "範囲："));
        report_html_text(p->out, p->a->filter);
        report_add_c(p->out, "</code></p>\n");
    }
    report_format(p->out, "<p class=\"quiet\">%s <code>%.*s</code></p>\n",
                  in(p, "Adopted rules (SHA-256)", "採択された規則（SHA-256）"), (int)sizeof hex,
                  hex);
}

static void write_cards(const struct page *p) {
    report_add_c(p->out, "<div class=\"cards\">");
    for (unsigned v = 0; v < ASSESS_VERDICT_COUNT; v++) {
        report_format(p->out, "<div class=\"card\"><b>%llu</b>",
                      (unsigned long long)p->a->total[v]);
        badge(p, (enum assess_verdict)v);
        report_add_c(p->out, "</div>");
    }
    report_format(p->out, "<div class=\"card\"><b>%llu</b>%s</div></div>\n",
                  (unsigned long long)unchecked_count(p->a),
                  in(p, "clauses not checkable", "確かめられない条項"));
}

static uint64_t clauses_with(const struct assessment *a, enum assess_verdict v) {
    uint64_t count = 0;
    for (size_t i = 0; i < a->tally_count; i++) count += a->tallies[i].count[v] > 0;
    return count;
}

static const struct assess_row *first_row(const struct assessment *a, uint32_t clause_index,
                                          enum assess_verdict v) {
    size_t count;
    const struct assess_row *rows = rows_of_clause(a, clause_index, &count);
    for (size_t i = 0; i < count; i++)
        if (rows[i].verdict == v) return &rows[i];
    return NULL;
}

static void write_anchor(const struct page *p, const struct rulebook_clause *c, uint32_t index) {
    report_format(p->out, "<a href=\"#c%u\"><code>", (unsigned)index);
    report_html_text(p->out, c->rulebook->name);
    report_add_c(p->out, "/");
    report_html_text(p->out, c->id);
    report_add_c(p->out, "</code></a>");
}

static void write_first_line(const struct page *p, str text) {
    str line = text;
    if (str_cut(&text, '\n', &line)) {
        report_html_text(p->out, line);
        report_add_c(p->out, " …");
    } else {
        report_html_text(p->out, line);
    }
}

/* The clauses of one verdict, the strongest first. */
static void write_clauses_with(const struct page *p, enum assess_verdict v) {
    const char *const head[] = {in(p, "clause", "条項"), in(p, "how binding", "拘束力"),
                                in(p, "subjects", "対象数"),
                                in(p, "what would change it (first)", "変えるには（一例）")};
    uint64_t left = clauses_with(p->a, v), shown = 0;
    report_html_table(p->out, head, COUNT_OF(head));
    for (int s = RULEBOOK_LAW; s >= RULEBOOK_SCORE; s--)
        for (size_t i = 0; i < p->a->tally_count && shown < FIRST_PAGE_CLAUSES; i++) {
            const struct assess_tally *t = &p->a->tallies[i];
            if (t->count[v] == 0) continue;
            const struct assess_row *row = first_row(p->a, t->clause_index, v);
            if (row == NULL || (int)row->strength != s) continue;
            report_add_c(p->out, "<tr><td>");
            write_anchor(p, t->clause, t->clause_index);
            report_add_c(p->out, "<br>");
            report_html_text(p->out, title_in(&t->clause->title, p->l));
            report_format(p->out, "</td><td>%s</td><td class=\"number\">%llu</td><td>",
                          rulebook_strength_word(row->strength, p->l),
                          (unsigned long long)t->count[v]);
            write_first_line(p, row->change);
            report_add_c(p->out, "</td></tr>\n");
            shown++;
            left--;
        }
    report_html_table_end(p->out);
    if (left > 0)
        report_format(p->out,
                      in(p, "<p class=\"quiet\">and %llu more clauses below</p>\n",
                         "<p class=\"quiet\">ほか %llu 条項は下記</p>\n"),
                      (unsigned long long)left);
}

static void write_verdict(const struct page *p, enum assess_verdict v, const char *en,
                          const char *ja, const char *none_en, const char *none_ja) {
    heading(p, en, ja);
    if (clauses_with(p->a, v) == 0)
        paragraph(p, none_en, none_ja);
    else
        write_clauses_with(p, v);
}

static void write_exceptions(const struct page *p) {
    const char *const head[] = {in(p, "exception", "例外"),     in(p, "clause", "条項"),
                                in(p, "reason", "理由"),        in(p, "measure", "代替措置"),
                                in(p, "approved by", "承認者"), in(p, "until", "期限")};
    heading(p, "Exceptions in effect", "有効な例外");
    if (p->a->exception_count == 0) {
        paragraph(p, "None in the register.", "登録簿にはない。");
        return;
    }
    report_html_table(p->out, head, COUNT_OF(head));
    for (size_t i = 0; i < p->a->exception_count; i++) {
        const struct rulebook_exception *x = p->a->exceptions[i];
        char until[CLOCK_TEXT_BYTES];
        size_t len = clock_iso_s_write(x->span.until_ns, until);
        const str cells[] = {x->id,      x->clause,   x->reason,
                             x->measure, x->approver, str_of(until, len)};
        report_html_row(p->out, cells, COUNT_OF(cells));
    }
    report_html_table_end(p->out);
}

/* Clauses that spoke and oblige with a due time: what a store owes with each such act. */
static void write_debts(const struct page *p) {
    bool any = false;
    heading(p, "Obligations that are owed with a due time", "期限付きの義務（債務となるもの）");
    report_add_c(p->out, "<ul>");
    for (size_t i = 0; i < p->a->tally_count; i++) {
        const struct assess_tally *t = &p->a->tallies[i];
        for (size_t k = 0; k < t->clause->obligation_count; k++) {
            const struct rulebook_obligation *o = &t->clause->obligations[k];
            char room[256];
            struct text within = text_into(room, sizeof room);
            if (o->by_ack || t->unchecked != NULL) continue;
            rulebook_periods_text(&o->within, p->l, &within);
            report_add_c(p->out, "<li>");
            write_anchor(p, t->clause, t->clause_index);
            report_format(p->out, " %s", rulebook_obligation_name(o->kind));
            if (o->number > 0) report_format(p->out, " %llu", (unsigned long long)o->number);
            report_add_c(p->out, "; ");
            report_html_text(p->out, text_str(&within));
            report_add_c(p->out, "</li>\n");
            any = true;
        }
    }
    report_add_c(p->out, "</ul>\n");
    if (!any) paragraph(p, "None.", "ない。");
    report_html_class(p->out, "p", "quiet",
                      str_from_c(in(p,
                                    "Which of them a store owes now stands in its ledger; this "
                                    "page was made from files alone.",
                                    "実際に未履行のものは保管庫の台帳に記録される。このページはファ"
                                    "イルだけから作成した。")));
}

static void write_coverage(const struct page *p) {
    const char *const head[] = {in(p, "strength", "拘束力"), in(p, "verified", "検証済み"),
                                in(p, "attested", "書面"),   in(p, "unknown", "不明"),
                                in(p, "excepted", "例外"),   in(p, "not applicable", "対象外")};
    struct counts by[RULEBOOK_LAW + 1] = {0};
    counts_by_strength(p->a, by);
    heading(p, "Coverage", "網羅状況");
    report_html_table(p->out, head, COUNT_OF(head));
    for (int s = RULEBOOK_LAW; s >= RULEBOOK_SCORE; s--) {
        char cells_text[6][32];
        str cells[6] = {str_from_c(rulebook_strength_word((enum rulebook_strength)s, p->l))};
        const uint64_t numbers[6] = {0,
                                     by[s].of[ASSESS_PASS] + by[s].of[ASSESS_FAIL],
                                     by[s].of[ASSESS_ATTESTED],
                                     by[s].of[ASSESS_UNKNOWN],
                                     by[s].of[ASSESS_EXCEPTED],
                                     by[s].of[ASSESS_NOT_APPLICABLE]};
        uint64_t all = 0;
        for (size_t i = 1; i < 6; i++) {
            snprintf(cells_text[i], sizeof cells_text[i], "%llu", (unsigned long long)numbers[i]);
            cells[i] = str_from_c(cells_text[i]);
            all += numbers[i];
        }
        if (all > 0) report_html_row(p->out, cells, 6);
    }
    report_html_table_end(p->out);
    uint64_t grounds[RULEBOOK_BY_COMPUTED + 1] = {0};
    grounds_of_passes(p->a, grounds);
    report_format(p->out, "<p>%s",
                  in(p, "Passes rest, at their weakest, on: ", "適合の最も弱い根拠："));
    bool any = false;
    for (unsigned g = 0; g <= RULEBOOK_BY_COMPUTED; g++) {
        if (grounds[g] == 0) continue;
        report_format(p->out, "%s%s %llu", any ? ", " : "",
                      rulebook_by_word((enum rulebook_by)g, p->l), (unsigned long long)grounds[g]);
        any = true;
    }
    report_format(p->out, "%s</p>\n", any ? "" : in(p, "nothing", "なし"));
}

static void write_texts(const struct page *p, const char *en, const char *ja, const str *list,
                        size_t count) {
    if (count == 0) return;
    heading(p, en, ja);
    report_add_c(p->out, "<ul>");
    for (size_t i = 0; i < count; i++) report_html_element(p->out, "li", list[i]);
    report_add_c(p->out, "</ul>\n");
}

static void write_conflicts(const struct page *p) {
    size_t count;
    const struct rulebook_conflict *list = rulebook_set_conflicts(p->a->set, &count);
    if (count == 0) return;
    heading(p, "Conflicts between clauses", "条項どうしの抵触");
    report_add_c(p->out, "<ul>");
    for (size_t i = 0; i < count; i++) report_html_element(p->out, "li", list[i].text);
    report_add_c(p->out, "</ul>\n");
}

static void write_by_rulebook(const struct page *p) {
    const char *head[ASSESS_VERDICT_COUNT + 2] = {in(p, "rulebook", "規程集"),
                                                  in(p, "clauses", "条項")};
    for (unsigned v = 0; v < ASSESS_VERDICT_COUNT; v++)
        head[v + 2] = assess_verdict_word((enum assess_verdict)v, p->l);
    heading(p, "By rulebook", "規程集ごと");
    report_html_table(p->out, head, COUNT_OF(head));
    for (size_t i = 0; i < p->a->tally_count;) {
        const struct rulebook *book = p->a->tallies[i].clause->rulebook;
        struct counts counts = {0};
        unsigned long long clauses = 0;
        for (; i < p->a->tally_count && p->a->tallies[i].clause->rulebook == book; i++, clauses++)
            counts_add(&counts, p->a->tallies[i].count);
        report_add_c(p->out, "<tr><td><code>");
        report_html_text(p->out, book->name);
        report_add_c(p->out, "</code><br>");
        report_html_text(p->out, title_in(&book->title, p->l));
        report_format(p->out, "</td><td class=\"number\">%llu</td>", clauses);
        for (unsigned v = 0; v < ASSESS_VERDICT_COUNT; v++)
            report_format(p->out, "<td class=\"number\">%llu</td>",
                          (unsigned long long)counts.of[v]);
        report_add_c(p->out, "</tr>\n");
    }
    report_html_table_end(p->out);
}

/* ---- the evidence ---- */

static void write_facts(const struct page *p, const struct assess_row *row) {
    for (size_t i = 0; i < row->fact_count; i++) {
        const struct assess_fact *f = &row->facts[i];
        report_add_c(p->out, i > 0 ? "<br><code>" : "<code>");
        report_html_text(p->out, f->path);
        report_add_c(p->out, " = ");
        report_html_text(p->out, f->value);
        report_format(p->out, "</code> <span class=\"quiet\">%s", rulebook_by_word(f->by, p->l));
        if (f->since_ns != RULEBOOK_EVER && f->since_ns != 0) {
            char since[CLOCK_TEXT_BYTES];
            clock_iso_s_write(f->since_ns, since);
            report_format(p->out, " %.10s%s", since, in(p, " on", "から"));
        }
        if (f->source.len > 0) {
            report_add_c(p->out, ", ");
            report_html_text(p->out, f->source);
        }
        report_add_c(p->out, "</span>");
    }
}

static void write_row(const struct page *p, const struct assess_row *row) {
    report_add_c(p->out, "<tr><td><code>");
    report_html_text(p->out, row->subject);
    report_add_c(p->out, "</code>");
    if (row->count > 1)
        report_format(p->out,
                      in(p, "<br>and %llu more alike in verdict", "<br>ほか %llu 件が同じ判定"),
                      (unsigned long long)row->count - 1);
    report_add_c(p->out, "</td><td>");
    badge(p, row->verdict);
    if (row->suspected) report_format(p->out, "<br>%s", in(p, "suspected", "疑い"));
    if (row->exception != NULL) {
        report_add_c(p->out, "<br>");
        report_html_text(p->out, row->exception->id);
    }
    report_add_c(p->out, "</td><td>");
    write_facts(p, row);
    report_add_c(p->out, "</td><td>");
    for (str rest = row->change, line; rest.len > 0;) {
        if (!str_cut(&rest, '\n', &line)) {
            line = rest;
            rest = STR_EMPTY;
        }
        report_html_text(p->out, line);
        report_add_c(p->out, "<br>");
    }
    report_add_c(p->out, "</td></tr>\n");
}

static void write_clause_head(const struct page *p, const struct assess_tally *t,
                              const struct assess_row *row) {
    const struct rulebook_clause *c = t->clause;
    report_format(p->out, "<h3 id=\"c%u\"><code>", (unsigned)t->clause_index);
    report_html_text(p->out, c->rulebook->name);
    report_add_c(p->out, "/");
    report_html_text(p->out, c->id);
    report_add_c(p->out, "</code> ");
    report_html_text(p->out, title_in(&c->title, p->l));
    report_format(p->out, "</h3>\n<p>%s; ", rulebook_strength_word(row->strength, p->l));
    if (row->compelled != NULL) {
        report_add_c(p->out, in(p, "binding here through ", "ここで拘束する根拠："));
        report_html_text(p->out, row->compelled->by);
        report_add_c(p->out, "; ");
    }
    report_format(p->out, "%s: ", rulebook_basis_word(c->basis, p->l));
    report_html_text(p->out, c->where);
    if (!is_text_seen(c)) report_add_c(p->out, in(p, " (text not seen)", "（本文未見）"));
    if (c->quote.len > 0) {
        report_add_c(p->out, in(p, " “", "「"));
        report_html_text(p->out, c->quote);
        report_add_c(p->out, in(p, "”", "」"));
    }
    report_add_c(p->out, "</p>\n");
}

/* Fails first, then what is unknown; passes and the rest are counted. */
static void write_clause(const struct page *p, const struct assess_tally *t) {
    static const enum assess_verdict order[] = {ASSESS_FAIL, ASSESS_UNKNOWN, ASSESS_EXCEPTED,
                                                ASSESS_ATTESTED, ASSESS_PASS};
    const char *const head[] = {
        in(p, "subject", "対象"), in(p, "verdict", "判定"),
        in(p, "what was found, and who said so", "分かったことと、その出所"),
        in(p, "what would change it", "変えるには")};
    size_t count;
    const struct assess_row *rows = rows_of_clause(p->a, t->clause_index, &count);
    bool has_head = false;
    uint64_t shown = 0, left = 0;
    for (size_t v = 0; v < COUNT_OF(order); v++)
        for (size_t i = 0; i < count; i++) {
            const struct assess_row *row = &rows[i];
            if (row->verdict != order[v]) continue;
            if (!has_head) {
                write_clause_head(p, t, row);
                report_html_table(p->out, head, COUNT_OF(head));
            }
            has_head = true;
            if (shown++ < SUBJECTS_SHOWN)
                write_row(p, row);
            else
                left += row->count;
        }
    if (has_head) report_html_table_end(p->out);
    if (left > 0)
        report_format(p->out,
                      in(p, "<p class=\"quiet\">and %llu more subjects; CSV lists them</p>\n",
                         "<p class=\"quiet\">ほか %llu 件（CSV で一覧）</p>\n"),
                      (unsigned long long)left);
}

static void write_unchecked(const struct page *p) {
    const char *const head[] = {in(p, "clause", "条項"), in(p, "about", "対象の種類"),
                                in(p, "why", "理由")};
    if (unchecked_count(p->a) == 0) return;
    heading(p, "Clauses not checkable here", "ここでは確かめられない条項");
    report_html_table(p->out, head, COUNT_OF(head));
    for (size_t i = 0; i < p->a->tally_count; i++) {
        const struct assess_tally *t = &p->a->tallies[i];
        if (t->unchecked == NULL) continue;
        report_add_c(p->out, "<tr><td><code>");
        report_html_text(p->out, t->clause->rulebook->name);
        report_add_c(p->out, "/");
        report_html_text(p->out, t->clause->id);
        report_format(p->out, "</code></td><td>%s</td><td>%s</td></tr>\n",
                      rulebook_about_word(t->clause->about, p->l),
                      assess_unchecked_word(t->unchecked, p->l));
    }
    report_html_table_end(p->out);
}

void assess_write_html(const struct assessment *a, struct report_out *out) {
    struct page p = {a, a->language, out};
    struct report_page head = {say(a->language, "en", "ja"),
                               str_from_c(say(a->language, "Assessment", "適合性評価"))};
    report_html_begin(out, &head);
    write_who(&p);
    write_cards(&p);
    write_verdict(&p, ASSESS_FAIL, "What fails", "不適合", "Nothing fails.", "不適合はない。");
    write_verdict(&p, ASSESS_UNKNOWN, "What is unknown, and why", "不明とその理由",
                  "Nothing is unknown.", "不明はない。");
    write_exceptions(&p);
    write_debts(&p);
    write_coverage(&p);
    write_texts(&p, "No edition in force", "施行されている版がない", a->gaps, a->gap_count);
    write_conflicts(&p);
    write_texts(&p, "Warnings", "注意", a->warnings, a->warning_count);
    write_by_rulebook(&p);
    write_unchecked(&p);
    report_add_c(out, "<section class=\"page-break\">\n");
    heading(&p, "Clause by clause", "条項ごとの結果");
    for (size_t i = 0; i < a->tally_count; i++) write_clause(&p, &a->tallies[i]);
    report_add_c(out, "</section>\n");
    report_html_class(
        out, "p", "quiet",
        str_from_c(say(
            a->language,
            "A verdict is as good as what the register says: declared is not measured, and "
            "attested means that only a document says so. Not legal advice.",
            "判定は登録簿の内容に依存する。「申告」は測定ではなく、「書面による証明」は書面だけが"
            "示すことを意味する。法的助言ではない。")));
    report_html_end(out);
}
