/* An assessment as one page that prints: the first sheet (sheet.c) is for whoever has a minute; behind it
 * lies everything it sums up, and the evidence clause by clause. */
#include "assess/page.h"

#include <jansson.h>

enum { SUBJECTS_SHOWN = 200 };

static const char style[] =
    "<style>.evidence th:first-child{width:20%}.evidence th:nth-child(2){width:12%}"
    ".evidence th:nth-child(3){width:40%}.counts th:first-child{width:34%}"
    ".counts th:not(:first-child){min-width:0;text-align:right}.counts td{overflow-wrap:break-word}"
    ".basis{break-after:avoid}.page-break>h2:first-child{margin-top:0}"
    "@media print{.evidence table{font-size:8pt}.evidence .badge{font-size:7.5pt}}</style>\n";

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

/* Clauses that oblige with a due time: what a store owes with each such act. */
static void write_obligations(const struct page *p) {
    bool any = false;
    heading(p, "Obligations that are owed with a due time", "期限付きの義務（債務となるもの）");
    report_add_c(p->out, "<ul>");
    for (size_t i = 0; i < p->a->tally_count; i++) {
        const struct assess_tally *t = &p->a->tallies[i];
        for (size_t k = 0; k < t->clause->obligation_count; k++) {
            const struct rulebook_obligation *o = &t->clause->obligations[k];
            char room[256];
            struct text within = text_into(room, sizeof room);
            if (o->by_ack) continue;
            rulebook_periods_text(&o->within, p->l, &within);
            report_add_c(p->out, "<li>");
            page_anchor(p, t);
            report_format(p->out, " %s", rulebook_obligation_word(o->kind, p->l));
            if (o->number > 0) report_format(p->out, " %llu", (unsigned long long)o->number);
            report_add_c(p->out, "; ");
            report_html_text(p->out, text_str(&within));
            report_add_c(p->out, "</li>\n");
            any = true;
        }
    }
    report_add_c(p->out, "</ul>\n");
    if (!any) paragraph(p, "None.", "ない。");
}

/* ---- what the ledger of a store adds ---- */

static void number_cell(const struct page *p, uint64_t number) {
    report_format(p->out, "<td class=\"number\">%llu</td>", (unsigned long long)number);
}

static void write_debts(const struct page *p, const struct assess_ledger *ledger) {
    const char *const head[] = {in(p, "owed for", "義務"), in(p, "dataset", "データセット"),
                                in(p, "owed", "未履行"),   in(p, "late", "期限超過"),
                                in(p, "met", "履行済み"),  in(p, "next due", "次の期限")};
    heading(p, "Debts in the ledger", "台帳上の義務");
    if (ledger->debt_count == 0) {
        paragraph(p, "Nothing was ever owed.", "生じていない。");
        return;
    }
    report_html_table(p->out, head, COUNT_OF(head));
    for (size_t i = 0; i < ledger->debt_count; i++) {
        const struct assess_debt *d = &ledger->debts[i];
        char due[CLOCK_TEXT_BYTES] = "–";
        if (d->due_ns != INT64_MAX) clock_iso_s_write(d->due_ns, due);
        report_add_c(p->out, "<tr><td>");
        page_terms(p, d->what);
        report_add_c(p->out, "</td><td><code>");
        report_html_text(p->out, d->dataset);
        report_add_c(p->out, "</code></td>");
        number_cell(p, d->owed);
        number_cell(p, d->late);
        number_cell(p, d->met);
        report_format(p->out, "<td>%s</td></tr>\n", due);
    }
    report_html_table_end(p->out);
}

static void write_gate(const struct page *p, const struct assess_ledger *ledger) {
    const char *const head[] = {in(p, "clause", "条項"), in(p, "allowed", "許可"),
                                in(p, "warned", "警告"), in(p, "refused", "拒否")};
    if (gate_clause_count(p->a) == 0) return;
    heading(p, "Decided at the gate", "門での判定");
    report_format(
        p->out,
        in(p,
           "<p>Clauses about sessions are asked of every request as it comes. Counted from "
           "%llu acts of the ledger; of refusals and warnings alike within a minute it counts "
           "the first. %llu more acts could not be told.</p>\n",
           "<p>接続に関する条項は要求ごとに判定される。台帳の行為 %llu "
           "件から数えた（1分以内の同種の拒否・警告は最初の1件）。ほか %llu "
           "件は読み取れない。</p>\n"),
        (unsigned long long)ledger->acts, (unsigned long long)ledger->untold);
    report_add_c(p->out, "<div class=\"counts\">");
    report_html_table(p->out, head, COUNT_OF(head));
    for (size_t i = 0; i < p->a->tally_count; i++) {
        const struct assess_tally *t = &p->a->tallies[i];
        if (!is_left_to_gate(t)) continue;
        struct assess_gate_tally counts = assess_ledger_clause(ledger, t->clause);
        report_add_c(p->out, "<tr><td>");
        page_anchor(p, t);
        report_add_c(p->out, "<br>");
        report_html_text(p->out, title_in(&t->clause->title, p->l));
        report_add_c(p->out, "</td>");
        number_cell(p, counts.allowed);
        number_cell(p, counts.warned);
        number_cell(p, counts.refused);
        report_add_c(p->out, "</tr>\n");
    }
    report_html_table_end(p->out);
    report_add_c(p->out, "</div>\n");
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
    report_add_c(p->out, "<div class=\"counts\">");
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
    report_add_c(p->out, "</div>\n");
}

/* ---- the evidence ---- */

/* A list of register rows is told as {count, complete, ids}; a person wants the ids. */
static bool write_list(const struct page *p, str value) {
    json_t *list = value.len > 0 && value.at[0] == '{'
                       ? json_loadb(value.at, value.len, JSON_REJECT_DUPLICATES, NULL)
                       : NULL;
    const json_t *ids = json_object_get(list, "ids"), *count = json_object_get(list, "count");
    bool is_list = json_is_integer(count);
    if (is_list) {
        bool is_complete = json_is_true(json_object_get(list, "complete"));
        report_format(p->out,
                      is_complete
                          ? in(p, "%lld, complete", "%lld 件（完全な一覧）")
                          : in(p, "%lld, and perhaps others", "%lld 件（ほかにもあり得る）"),
                      (long long)json_integer_value(count));
        for (size_t i = 0; i < json_array_size(ids); i++) {
            report_add_c(p->out, i > 0 ? ", " : ": ");
            report_html_text(p->out, str_from_c(json_string_value(json_array_get(ids, i))));
        }
    }
    json_decref(list);
    return is_list;
}

static void write_facts(const struct page *p, const struct assess_row *row) {
    for (size_t i = 0; i < row->fact_count; i++) {
        const struct assess_fact *f = &row->facts[i];
        report_add_c(p->out, i > 0 ? "<br><code>" : "<code>");
        report_html_text(p->out, f->path);
        report_add_c(p->out, " = ");
        if (!f->known)
            report_add_c(p->out, in(p, "unknown", "不明"));
        else if (!write_list(p, f->value))
            report_html_text(p->out, f->value);
        report_format(p->out, "</code> <span class=\"quiet\">%s", rulebook_by_word(f->by, p->l));
        if (f->since_ns != RULEBOOK_EVER && f->since_ns != 0) {
            char since[CLOCK_TEXT_BYTES];
            clock_iso_s_write(f->since_ns, since);
            report_format(p->out, " %.10s%s", since, in(p, " on", "から"));
        }
        str source = f->source; /* "ROW does not say": nobody has said so is told already */
        if (!f->known && str_ends(source, STR(" does not say"))) source.len -= 13;
        if (source.len > 0) {
            report_add_c(p->out, ", ");
            report_html_text(p->out, source);
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
    if (row->suspected)
        report_format(p->out, "<br>%s",
                      in(p, "suspected: by what was observed alone", "疑い：観測だけによる"));
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
    report_format(p->out, "</h3>\n<p class=\"basis\">%s; ",
                  rulebook_strength_word(row->strength, p->l));
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
        report_format(p->out, "<tr id=\"c%u\"><td><code>", (unsigned)t->clause_index);
        report_html_text(p->out, t->clause->rulebook->name);
        report_add_c(p->out, "/");
        report_html_text(p->out, t->clause->id);
        report_add_c(p->out, "</code><br>");
        report_html_text(p->out, title_in(&t->clause->title, p->l));
        report_format(p->out, "</td><td>%s</td><td>%s</td></tr>\n",
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
    report_add_c(out, style);
    page_sheet(&p);
    report_add_c(out, "<section class=\"page-break\">\n");
    write_exceptions(&p);
    write_obligations(&p);
    if (a->ledger != NULL) {
        write_debts(&p, a->ledger);
        write_gate(&p, a->ledger);
    }
    write_texts(&p, "No edition in force", "施行されている版がない", a->gaps, a->gap_count);
    write_conflicts(&p);
    write_texts(&p, "Warnings", "注意", a->warnings, a->warning_count);
    write_by_rulebook(&p);
    write_unchecked(&p);
    report_add_c(out, "</section>\n<section class=\"page-break\">\n");
    heading(&p, "Clause by clause", "条項ごとの結果");
    report_add_c(out, "<div class=\"evidence\">\n");
    for (size_t i = 0; i < a->tally_count; i++) write_clause(&p, &a->tallies[i]);
    report_add_c(out, "</div></section>\n");
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
