/* The first sheet of the page: who, as of when, by which rules; what fails; what is unknown and what has
 * to be said first; what was let through, is owed and is left to the gate; how much was covered. On
 * paper it is one page of A4, whatever the register holds: lists are cut, and say where they go on.
 * Its five questions: docs/decisions/assess.md; tests/web/assess.test.mjs asks them. */
#include "assess/page.h"

enum {
    CLAUSES_SHOWN = 4, /* of a verdict */
    TITLE_COLUMNS = 90,
    CHANGE_COLUMNS = 100,
    BOOKS_SHOWN = 6,
    OPERATORS_COLUMNS = 240,
    LISTED_SHOWN = 3, /* exceptions, debts, clauses of the gate */
    REASON_COLUMNS = 90,
};

static const char style[] =
    "<style>.clauses th{min-width:0}.clauses th:first-child{width:43%}.clauses "
    "th:nth-child(2){width:8%}"
    ".clauses th:nth-child(3){width:7%}.clauses th:nth-child(3),"
    ".coverage th:not(:first-child){text-align:right}.coverage td:first-child{width:25%}"
    "@media print{.sheet{font-size:8.5pt;line-height:1.35}.sheet h1{font-size:14pt}"
    ".sheet .lead{font-size:9.5pt}.sheet h2{font-size:10pt;margin:.4rem 0 .1rem;padding:0;"
    "border-bottom-width:1px}.sheet table{margin:.1rem 0 .2rem;font-size:8pt}"
    ".sheet td,.sheet th{padding:.08rem .4rem}.sheet p,.sheet ul{margin:.12rem 0}"
    ".sheet .cards{grid-template-columns:repeat(7,1fr);gap:.25rem;margin:.4rem 0}"
    ".sheet .card{padding:.2rem .35rem;font-size:7.5pt;line-height:1.2}"
    ".sheet .card b{font-size:13pt}.sheet .badge{font-size:7.5pt;padding:0 .2rem}}</style>\n";

/* As much of a text as takes `columns`, whole characters. */
static str cut(str text, size_t columns, bool *is_cut) {
    size_t end = 0, used = 0;
    while (end < text.len) {
        size_t next = end + 1;
        while (next < text.len && ((unsigned char)text.at[next] & 0xc0) == 0x80) next++;
        used += report_columns(str_slice(text, end, next - end));
        if (used > columns) break;
        end = next;
    }
    *is_cut = end < text.len;
    text.len = end;
    return text;
}

static void write_cut(const struct page *p, str text, size_t columns) {
    bool is_cut;
    report_html_text(p->out, cut(text, columns, &is_cut));
    if (is_cut) report_add_c(p->out, " …");
}

/* ---- who, as of when, by which rules ---- */

static size_t books_count(const struct page *p) {
    size_t count = 0;
    for (size_t i = 0; i < p->a->tally_count; i++)
        count +=
            i == 0 || p->a->tallies[i].clause->rulebook != p->a->tallies[i - 1].clause->rulebook;
    return count;
}

static void write_books(const struct page *p) {
    size_t count = books_count(p), told = 0;
    char hex[2 * DIGEST_BYTES];
    hex_write(p->a->rules.at, DIGEST_BYTES, hex);
    report_format(p->out, in(p, "<p>By %zu rulebooks: ", "<p>規程集 %zu 編による："), count);
    for (size_t i = 0; i < p->a->tally_count && told < BOOKS_SHOWN; i++) {
        const struct rulebook *book = p->a->tallies[i].clause->rulebook;
        if (i > 0 && book == p->a->tallies[i - 1].clause->rulebook) continue;
        report_add_c(p->out, told++ > 0 ? ", <code>" : "<code>");
        report_html_text(p->out, book->name);
        report_add_c(p->out, "</code>");
    }
    if (count > told)
        report_format(p->out, in(p, " and %zu more below", " ほか %zu 編（下記）"), count - told);
    report_format(p->out, ". <span class=\"quiet\">SHA-256 <code>%.*s</code></span></p>\n",
                  (int)sizeof hex, hex);
    if (p->a->gap_count > 0)
        report_format(p->out,
                      in(p,
                         "<p>Adopted, and no edition of it in force or at hand: %zu (below)</p>\n",
                         "<p>採択済みだが、施行中の版がないか手元にないもの：%zu 件（下記）</p>\n"),
                      p->a->gap_count);
}

static void write_who(const struct page *p) {
    char at[CLOCK_TEXT_BYTES], line[400];
    clock_iso_s_write(p->a->at_ns, at);
    report_html_element(p->out, "h1", str_from_c(in(p, "Assessment", "適合性評価")));
    report_add_c(p->out, "<p class=\"lead\">");
    write_cut(p, p->a->operators, OPERATORS_COLUMNS);
    report_add_c(p->out, "</p>\n");
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
    write_books(p);
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

/* ---- what fails, what is unknown ---- */

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

static bool leads_on(str line) {
    return str_ends(line, STR(":")) || str_ends(line, STR("："));
}

/* Its lines as one, cut. A line that ends in a colon leads into the next. */
static void write_change(const struct page *p, str change) {
    char room[2048];
    struct text t = text_into(room, sizeof room);
    bool more = true, leads = false;
    for (str line; more && t.len < sizeof room / 2; leads = leads_on(line)) {
        more = str_cut(&change, '\n', &line);
        if (!more) line = change;
        line = str_trim(line);
        text_format(&t, "%s%.*s",
                    t.len == 0 ? ""
                    : leads    ? " "
                               : "; ",
                    (int)size_min(line.len, sizeof room / 2), line.at);
    }
    write_cut(p, text_str(&t), CHANGE_COLUMNS);
}

static void write_clause_line(const struct page *p, const struct assess_tally *t,
                              enum assess_verdict v, const struct assess_row *row) {
    report_add_c(p->out, "<tr><td>");
    page_anchor(p, t);
    report_add_c(p->out, "<br>");
    write_cut(p, title_in(&t->clause->title, p->l), TITLE_COLUMNS);
    report_format(p->out, "</td><td>%s</td><td class=\"number\">%llu</td><td>",
                  rulebook_strength_word(row->strength, p->l), (unsigned long long)t->count[v]);
    write_change(p, row->change);
    report_add_c(p->out, "</td></tr>\n");
}

/* The clauses of one verdict, the strongest first. */
static void write_clauses_with(const struct page *p, enum assess_verdict v) {
    const char *const head[] = {in(p, "clause", "条項"), in(p, "binding", "拘束力"),
                                in(p, "subjects", "対象数"),
                                in(p, "what would change it (first)", "変えるには（一例）")};
    uint64_t left = clauses_with(p->a, v), shown = 0;
    report_add_c(p->out, "<div class=\"clauses\">");
    report_html_table(p->out, head, COUNT_OF(head));
    for (int s = RULEBOOK_LAW; s >= RULEBOOK_SCORE; s--)
        for (size_t i = 0; i < p->a->tally_count && shown < CLAUSES_SHOWN; i++) {
            const struct assess_tally *t = &p->a->tallies[i];
            if (t->count[v] == 0) continue;
            const struct assess_row *row = first_row(p->a, t->clause_index, v);
            if (row == NULL || (int)row->strength != s) continue;
            write_clause_line(p, t, v, row);
            shown++;
            left--;
        }
    report_html_table_end(p->out);
    report_add_c(p->out, "</div>");
    if (left > 0)
        report_format(p->out,
                      in(p, "<p class=\"quiet\">and %llu more clauses, below</p>\n",
                         "<p class=\"quiet\">ほか %llu 条項（下記）</p>\n"),
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

/* ---- let through, owed, left to the gate ---- */

static void write_exceptions(const struct page *p) {
    report_format(p->out, in(p, "<li>Exceptions in effect: %zu", "<li>有効な例外：%zu 件"),
                  p->a->exception_count);
    for (size_t i = 0; i < p->a->exception_count && i < LISTED_SHOWN; i++) {
        const struct rulebook_exception *x = p->a->exceptions[i];
        char until[CLOCK_TEXT_BYTES];
        clock_iso_s_write(x->span.until_ns, until);
        report_add_c(p->out, i > 0 ? "; <code>" : ": <code>");
        report_html_text(p->out, x->clause);
        report_format(p->out, in(p, "</code> until %.10s (", "</code> %.10s まで（"), until);
        write_cut(p, x->reason, REASON_COLUMNS);
        report_add_c(p->out, in(p, ")", "）"));
    }
    if (p->a->exception_count > LISTED_SHOWN) report_add_c(p->out, " …");
    report_add_c(p->out, "</li>\n");
}

/* Without a ledger: what of it would be owed with an act, by the clauses that spoke. */
static size_t owing_clauses(const struct assessment *a) {
    size_t count = 0;
    for (size_t i = 0; i < a->tally_count; i++)
        for (size_t k = 0; k < a->tallies[i].clause->obligation_count; k++)
            if (!a->tallies[i].clause->obligations[k].by_ack) {
                count++;
                break;
            }
    return count;
}

static void write_debts_of_ledger(const struct page *p, const struct assess_ledger *ledger) {
    uint64_t owed = 0, late = 0, met = 0;
    size_t told = 0;
    for (size_t i = 0; i < ledger->debt_count; i++) {
        owed += ledger->debts[i].owed;
        late += ledger->debts[i].late;
        met += ledger->debts[i].met;
    }
    report_format(p->out,
                  in(p, "<li>Debts in the ledger: %llu owed, %llu late, %llu met",
                     "<li>台帳上の義務：未履行 %llu 件、期限超過 %llu 件、履行済み %llu 件"),
                  (unsigned long long)owed, (unsigned long long)late, (unsigned long long)met);
    for (size_t i = 0; i < ledger->debt_count && told < LISTED_SHOWN; i++) {
        if (ledger->debts[i].owed + ledger->debts[i].late == 0) continue;
        report_add_c(p->out, told++ > 0 ? "; " : ": ");
        page_terms(p, ledger->debts[i].what);
        report_add_c(p->out, " <code>");
        report_html_text(p->out, ledger->debts[i].dataset);
        report_add_c(p->out, "</code>");
    }
    report_add_c(p->out, "</li>\n");
}

static void write_debts(const struct page *p) {
    if (p->a->ledger != NULL) {
        write_debts_of_ledger(p, p->a->ledger);
        return;
    }
    report_format(
        p->out,
        in(p,
           "<li>Clauses that oblige within a time: %zu (below). What of it is owed, met or "
           "late stands in a store’s ledger; this page was made without one.</li>\n",
           "<li>期限付きの義務を課す条項：%zu "
           "件（下記）。未履行・履行済み・期限超過は保管庫の台帳にあり、このページは台帳なし"
           "で作成した。</li>\n"),
        owing_clauses(p->a));
}

static void write_gate_clause(const struct page *p, const struct assess_tally *t) {
    const struct assess_ledger *ledger = p->a->ledger;
    page_anchor(p, t);
    if (ledger == NULL) return;
    struct assess_gate_tally counts = assess_ledger_clause(ledger, t->clause);
    report_format(
        p->out,
        in(p, " (allowed %llu, warned %llu, refused %llu)", "（許可 %llu、警告 %llu、拒否 %llu）"),
        (unsigned long long)counts.allowed, (unsigned long long)counts.warned,
        (unsigned long long)counts.refused);
}

static void write_gate(const struct page *p) {
    size_t count = gate_clause_count(p->a), told = 0;
    report_format(p->out,
                  in(p, "<li>Decided at the gate, request by request: %zu clauses about sessions",
                     "<li>門で要求ごとに判定：接続に関する %zu 条項"),
                  count);
    for (size_t i = 0; i < p->a->tally_count && told < LISTED_SHOWN; i++) {
        if (!is_left_to_gate(&p->a->tallies[i])) continue;
        report_add_c(p->out, told++ > 0 ? "; " : ": ");
        write_gate_clause(p, &p->a->tallies[i]);
    }
    if (count > told) report_add_c(p->out, " …");
    if (count > 0 && p->a->ledger == NULL)
        report_add_c(p->out,
                     in(p, ". How often is in a store’s ledger.", "。回数は保管庫の台帳にある。"));
    report_add_c(p->out, "</li>\n");
}

/* ---- coverage ---- */

static void write_coverage_row(const struct page *p, enum rulebook_strength strength,
                               const uint64_t of[ASSESS_VERDICT_COUNT]) {
    char text[6][32];
    str cells[6] = {str_from_c(rulebook_strength_word(strength, p->l))};
    const uint64_t numbers[6] = {0,
                                 of[ASSESS_PASS] + of[ASSESS_FAIL],
                                 of[ASSESS_ATTESTED],
                                 of[ASSESS_UNKNOWN],
                                 of[ASSESS_EXCEPTED],
                                 of[ASSESS_NOT_APPLICABLE]};
    uint64_t all = 0;
    for (size_t i = 1; i < COUNT_OF(cells); i++) {
        snprintf(text[i], sizeof text[i], "%llu", (unsigned long long)numbers[i]);
        cells[i] = str_from_c(text[i]);
        all += numbers[i];
    }
    if (all > 0) report_html_row(p->out, cells, COUNT_OF(cells));
}

static void write_grounds(const struct page *p) {
    uint64_t grounds[RULEBOOK_BY_COMPUTED + 1] = {0};
    bool any = false;
    grounds_of_passes(p->a, grounds);
    report_format(p->out, "<p>%s",
                  in(p, "Passes rest, at their weakest, on: ", "適合の最も弱い根拠："));
    for (unsigned g = 0; g <= RULEBOOK_BY_COMPUTED; g++) {
        if (grounds[g] == 0) continue;
        report_format(p->out, "%s%s %llu", any ? ", " : "",
                      g == RULEBOOK_BY_NOBODY ? in(p, "no fact", "事実なし")
                                              : rulebook_by_word((enum rulebook_by)g, p->l),
                      (unsigned long long)grounds[g]);
        any = true;
    }
    report_format(p->out,
                  in(p, "%s. Clauses that could not be checked here: %llu.</p>\n",
                     "%s。ここで確かめられない条項：%llu。</p>\n"),
                  any ? "" : in(p, "nothing", "なし"), (unsigned long long)unchecked_count(p->a));
}

static void write_coverage(const struct page *p) {
    const char *const head[] = {in(p, "strength", "拘束力"), in(p, "verified", "検証済み"),
                                in(p, "attested", "書面"),   in(p, "unknown", "不明"),
                                in(p, "excepted", "例外"),   in(p, "not applicable", "対象外")};
    struct counts by[RULEBOOK_LAW + 1] = {0};
    counts_by_strength(p->a, by);
    heading(p, "How much was covered", "網羅状況");
    report_add_c(p->out, "<div class=\"coverage\">");
    report_html_table(p->out, head, COUNT_OF(head));
    for (int s = RULEBOOK_LAW; s >= RULEBOOK_SCORE; s--)
        write_coverage_row(p, (enum rulebook_strength)s, by[s].of);
    report_html_table_end(p->out);
    report_add_c(p->out, "</div>");
    write_grounds(p);
}

void page_sheet(const struct page *p) {
    report_add_c(p->out, style);
    report_add_c(p->out, "<div class=\"sheet\">\n");
    write_who(p);
    write_cards(p);
    write_verdict(p, ASSESS_FAIL, "What fails", "不適合", "Nothing fails.", "不適合はない。");
    write_verdict(p, ASSESS_UNKNOWN, "What is unknown, and why", "不明とその理由",
                  "Nothing is unknown.", "不明はない。");
    heading(p, "Let through, owed, and left to the gate", "例外・義務・門での判定");
    report_add_c(p->out, "<ul>");
    write_exceptions(p);
    write_debts(p);
    write_gate(p);
    report_add_c(p->out, "</ul>\n");
    write_coverage(p);
    report_add_c(p->out, "</div>\n");
}
