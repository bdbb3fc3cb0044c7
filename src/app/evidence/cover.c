/* The cover sheet of a bundle: one page to print and put on top, in English and in Japanese, then the
 * counts. It tells what cover.json tells; a verifier holds that against the entries. */
#include "app/evidence/bundle.h"

#include "report/report.h"

#include <stdio.h>
#include <stdlib.h>

enum { FIRST_PAGE_ROWS = 8, LIST_ROWS = 40 };

/* On paper the first page is one page. */
static const char style[] =
    "<style>@media print{.sheet{font-size:8pt;line-height:1.3}.sheet h1{font-size:12pt}"
    ".sheet h2{font-size:9.5pt;margin:.45rem 0 .1rem;padding:0}.sheet table{margin:.1rem 0}"
    ".sheet td,.sheet th{padding:.05rem .4rem}.sheet p,.sheet ul{margin:.1rem 0}}</style>\n";

struct sheet {
    const json_t *cover;
    struct report_out *out;
    bool ja;
};

static const char *in(const struct sheet *s, const char *en, const char *ja) {
    return s->ja ? ja : en;
}

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

static long long number_of(const json_t *object, const char *name) {
    return json_integer_value(json_object_get(object, name));
}

/* A name in the sheet's language, else in the other, else the id. */
static const char *name_of(const struct sheet *s, const json_t *object) {
    const char *own = text_of(object, in(s, "en", "ja")),
               *other = text_of(object, in(s, "ja", "en"));
    if (own[0] != 0) return own;
    return other[0] != 0 ? other : text_of(object, "id");
}

/* A text that may have been cut inside a character: up to the last whole one. */
static str whole(const char *text) {
    str s = str_from_c(text);
    while (s.len > 0 && !str_is_utf8(s)) s.len--;
    return s;
}

static void heading(const struct sheet *s, const char *en, const char *ja) {
    report_html_element(s->out, "h2", str_from_c(in(s, en, ja)));
}

static void paragraph(const struct sheet *s, const char *text) {
    report_html_element(s->out, "p", str_from_c(text));
}

static void row(const struct sheet *s, const char *left, const char *right) {
    const str cells[] = {str_from_c(left), whole(right)};
    report_html_row(s->out, cells, COUNT_OF(cells));
}

static void row_number(const struct sheet *s, const char *left, long long number) {
    char text[32];
    snprintf(text, sizeof text, "%lld", number);
    row(s, left, text);
}

/* ---- who, which period, of which log ---- */

/* What of the period is in logs before this one, and of which of those nothing is there. */
static void write_earlier(const struct sheet *s) {
    const json_t *earlier = json_object_get(s->cover, "earlier");
    for (size_t i = 0; i < json_array_size(earlier); i++) {
        const json_t *log = json_array_get(earlier, i);
        char text[1024];
        if (json_is_true(json_object_get(log, "in_bundle")))
            snprintf(text, sizeof text,
                     in(s, "%lld, %s to %s: below ledger/old/%lld",
                        "%lld 件（%s から %s）、ledger/old/%lld 以下"),
                     number_of(log, "entries"), text_of(log, "first"), text_of(log, "last"),
                     number_of(log, "number"));
        else if (json_is_true(json_object_get(log, "is_there")))
            snprintf(text, sizeof text,
                     in(s, "%lld, %s to %s: not in this bundle (azekura ledger export has them)",
                        "%lld 件（%s から %s）、この資料には含まれません（azekura ledger export "
                        "で出力）"),
                     number_of(log, "entries"), text_of(log, "first"), text_of(log, "last"));
        else if (json_object_get(log, "known") != NULL)
            snprintf(text, sizeof text,
                     in(s, "%s is not there: %lld entries were known, %lld left after its loss",
                        "%s は現存しません（既知の記録 %lld 件、喪失後に残った記録 %lld 件）"),
                     text_of(log, "log"), number_of(log, "known"), number_of(log, "left"));
        else
            snprintf(text, sizeof text,
                     in(s, "%s is not there, and nobody says how many entries it had",
                        "%s は現存せず、記録の件数を示すものもありません"),
                     text_of(log, "log"));
        row(s, in(s, "In an earlier log", "以前の台帳"), text);
    }
}

/* Where the files of one are gone that the period reaches. */
static void write_cut(const struct sheet *s) {
    const json_t *cut = json_object_get(s->cover, "cut_short");
    char text[1024];
    if (cut == NULL) return;
    snprintf(text, sizeof text,
             in(s,
                "The files of %s are gone: what of the period is in that log, or in one before it, "
                "is missing here, and this bundle does not verify.",
                "台帳 %s のファイルが失われているため、その台帳とそれ以前の台帳にある期間内の記録は"
                "ここに含まれておらず、この資料の検証は成立しません。"),
             text_of(cut, "log"));
    row(s, in(s, "Cut short", "期間の記録の欠落"), text);
}

static void write_who(const struct sheet *s) {
    const json_t *site = json_object_get(s->cover, "site"), *owner = json_object_get(site, "owner");
    const char *const head[] = {"", ""};
    char text[700];
    report_html_element(s->out, "h1",
                        str_from_c(in(s, "Evidence of an Azekura store: cover sheet",
                                      "Azekura 保管庫の検査資料：表紙")));
    report_html_table(s->out, head, COUNT_OF(head));
    row(s, in(s, "Operator", "事業者"),
        owner != NULL ? name_of(s, owner) : in(s, "not in the register", "登録簿に記載なし"));
    snprintf(text, sizeof text, in(s, "%s (%s); country: %s, %s", "%s（%s）、国：%s、%s"),
             name_of(s, site), text_of(site, "id"),
             text_of(site, "country")[0] != 0 ? text_of(site, "country") : in(s, "unknown", "不明"),
             json_is_true(json_object_get(site, "contradicted"))
                 ? in(s, "something speaks against that", "これに反する証拠があります")
                 : text_of(site, "standing"));
    row(s, in(s, "Site of the store", "保管庫の所在"), text);
    row(s, in(s, "For", "提出先"), text_of(s->cover, "for"));
    snprintf(text, sizeof text, in(s, "from %s until before %s", "%s から %s の直前まで"),
             text_of(s->cover, "from"), text_of(s->cover, "until"));
    row(s, in(s, "Period", "対象期間"), text);
    snprintf(text, sizeof text, in(s, "%s, %lld entries, root %s", "%s、記録 %lld 件、ルート %s"),
             text_of(s->cover, "log"), number_of(s->cover, "size"), text_of(s->cover, "root"));
    row(s, in(s, "Log and its signed head", "台帳とその署名済み先頭"), text);
    long long first = number_of(s->cover, "first"), end = number_of(s->cover, "end");
    if (end > first)
        snprintf(text, sizeof text,
                 in(s, "%lld, %s#%lld to #%lld", "%lld 件（%s#%lld から #%lld）"), end - first,
                 text_of(s->cover, "log"), first, end - 1);
    else
        snprintf(text, sizeof text, "%s", in(s, "none", "なし"));
    row(s, in(s, "Entries of the period", "期間内の記録"), text);
    write_earlier(s);
    write_cut(s);
    row_number(s, in(s, "Fields opened", "開示項目"), number_of(s->cover, "opened"));
    if (number_of(s->cover, "withheld") > 0)
        row_number(s, in(s, "Openings that were destroyed", "開示できない（破棄された）記録"),
                   number_of(s->cover, "withheld"));
    snprintf(text, sizeof text,
             in(s, "rollback: %s; witnesses that signed the head: %zu",
                "巻き戻し対策：%s、先頭に署名した証人：%zu"),
             text_of(s->cover, "guard"), json_array_size(json_object_get(s->cover, "cosigned")));
    row(s, in(s, "Guards", "監視"), text);
    row(s, in(s, "Made", "作成日時"), text_of(s->cover, "made"));
    report_html_table_end(s->out);
}

/* ---- counts ---- */

struct counted {
    const char *name;
    long long count;
};

static int by_count(const void *a, const void *b) {
    const struct counted *x = a, *y = b;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* Those whose name ends in `ending`, the most first; free it. */
static struct counted *counts_take(const struct sheet *s, const char *table, const char *ending,
                                   size_t *count) {
    json_t *counts = json_object_get(json_object_get(s->cover, "counts"), table), *value;
    struct counted *all = calloc(json_object_size(counts) + 1, sizeof *all);
    const char *name;
    *count = 0;
    if (all == NULL) return NULL;
    json_object_foreach(counts, name, value) if (str_ends(str_from_c(name), str_from_c(ending)))
        all[(*count)++] = (struct counted){name, json_integer_value(value)};
    qsort(all, *count, sizeof *all, by_count);
    return all;
}

static void write_counts(const struct sheet *s, const char *table, const char *ending,
                         const char *title, size_t rows_max) {
    const char *const head[] = {title, in(s, "times", "件数")};
    size_t count;
    struct counted *all = counts_take(s, table, ending, &count);
    if (count > 0) {
        report_html_table(s->out, head, COUNT_OF(head));
        for (size_t i = 0; i < count && i < rows_max; i++) row_number(s, all[i].name, all[i].count);
        if (count > rows_max)
            row_number(s, in(s, "and others, on the next pages", "ほか（次頁以降）"),
                       (long long)(count - rows_max));
        report_html_table_end(s->out);
    }
    free(all);
}

static void write_decisions(const struct sheet *s) {
    const json_t *decisions = json_object_get(json_object_get(s->cover, "counts"), "decision");
    char text[300];
    heading(s, "What was decided", "判定");
    snprintf(text, sizeof text,
             in(s, "Allowed: %lld. Warned: %lld. Refused: %lld.",
                "許可：%lld 件。警告：%lld 件。拒否：%lld 件。"),
             number_of(decisions, "allow"), number_of(decisions, "warn"),
             number_of(decisions, "refuse"));
    paragraph(s, text);
    write_counts(s, "clause", " refuse", in(s, "Refused by clause", "拒否した条項"),
                 FIRST_PAGE_ROWS);
}

/* ---- what is not known, let through, owed ---- */

static void write_unknown(const struct sheet *s) {
    const json_t *assessment = json_object_get(s->cover, "assessment");
    const json_t *rows = json_object_get(assessment, "unknown");
    size_t deciding =
        json_object_size(json_object_get(json_object_get(s->cover, "counts"), "unknown"));
    char text[400];
    heading(s, "What is unknown", "不明な点");
    if (deciding == 0)
        paragraph(s, in(s, "In no decision of the period a fact that a clause reads was unknown.",
                        "期間内の判定で、条項が参照する事実が不明だったものはありません。"));
    write_counts(s, "unknown", "",
                 in(s, "Clause that read a fact nobody knew", "不明な事実を参照した条項"),
                 FIRST_PAGE_ROWS);
    if (assessment == NULL) {
        paragraph(s, in(s, "No assessment of the register was made for this bundle.",
                        "この資料のための登録簿の適合性評価は行われていません。"));
        return;
    }
    snprintf(text, sizeof text,
             in(s, "Unknown in the assessment of the register: %lld.",
                "登録簿の適合性評価で不明：%lld 件。"),
             number_of(json_object_get(assessment, "totals"), "unknown"));
    paragraph(s, text);
    report_add_c(s->out, "<ul>");
    for (size_t i = 0; i < json_array_size(rows) && i < FIRST_PAGE_ROWS / 2; i++) {
        const json_t *r = json_array_get(rows, i);
        str change = str_from_c(text_of(r, "change")), first;
        if (!str_cut(&change, '\n', &first)) first = change;
        snprintf(text, sizeof text, "%s, %s: %.*s", text_of(r, "clause"), text_of(r, "subject"),
                 (int)size_min(first.len, 160), first.at != NULL ? first.at : "");
        report_html_element(s->out, "li", whole(text));
    }
    report_add_c(s->out, "</ul>\n");
}

static void write_assessment(const struct sheet *s) {
    static const char *const names[] = {"pass",    "attested", "fail",
                                        "unknown", "excepted", "not-applicable"};
    static const char *const words[] = {"適合", "書面のみで適合", "不適合",
                                        "不明", "例外",           "対象外"};
    const json_t *assessment = json_object_get(s->cover, "assessment");
    const json_t *totals = json_object_get(assessment, "totals");
    char text[400];
    if (assessment == NULL) return;
    heading(s, "How much was covered", "評価の範囲");
    report_add_c(s->out, "<p>");
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(text, sizeof text, "%s %lld", in(s, names[i], words[i]),
                 number_of(totals, names[i]));
        report_html_badge(s->out, str_from_c(names[i]), str_from_c(text));
        report_add_c(s->out, " ");
    }
    report_add_c(s->out, "</p>\n");
    snprintf(text, sizeof text,
             in(s, "Assessed as of %s; %lld clauses are decided at each request only.",
                "基準日時 %s。%lld 条項は要求ごとにのみ判定されます。"),
             text_of(assessment, "as_of"), number_of(assessment, "at_gate"));
    paragraph(s, text);
}

static void write_exceptions(const struct sheet *s) {
    const json_t *exceptions = json_object_get(s->cover, "exceptions");
    const json_t *glass = json_object_get(s->cover, "broken_glass");
    const json_t *debts = json_object_get(s->cover, "debts");
    const json_t *kinds = json_object_get(debts, "kinds");
    char text[3000];
    heading(s, "What was let through, and what is owed", "例外と未履行の義務");
    if (json_array_size(exceptions) + json_array_size(glass) == 0)
        paragraph(s, in(s, "No exception and no break-glass was in effect in the period.",
                        "期間中に有効だった例外・緊急開放はありません。"));
    report_add_c(s->out, "<ul>");
    for (size_t i = 0; i < json_array_size(exceptions) && i < LIST_ROWS; i++) {
        const json_t *x = json_array_get(exceptions, i);
        snprintf(text, sizeof text,
                 in(s, "Exception %s to %s until %s (%s): %s. Instead: %s",
                    "例外 %s（%s、%s まで、%s）：%s。代替措置：%s"),
                 text_of(x, "id"), text_of(x, "clause"), text_of(x, "until"), text_of(x, "state"),
                 text_of(x, "reason"), text_of(x, "measure"));
        report_html_element(s->out, "li", whole(text));
    }
    for (size_t i = 0; i < json_array_size(glass) && i < LIST_ROWS; i++) {
        const json_t *g = json_array_get(glass, i);
        snprintf(text, sizeof text,
                 in(s, "Broken glass %s, %s until %s: %s", "緊急開放 %s（%s から %s まで）：%s"),
                 text_of(g, "id"), text_of(g, "from"), text_of(g, "until"), text_of(g, "reason"));
        report_html_element(s->out, "li", whole(text));
    }
    snprintf(text, sizeof text,
             in(s, "Debts when this was made: %lld owed, %lld late.",
                "作成時点の義務：未履行 %lld 件、期限超過 %lld 件。"),
             number_of(debts, "owed"), number_of(debts, "late"));
    report_html_element(s->out, "li", whole(text));
    snprintf(text, sizeof text,
             in(s, "Findings that stood when this was made: %lld.", "作成時点の所見：%lld 件。"),
             number_of(json_object_get(s->cover, "findings"), "standing"));
    report_html_element(s->out, "li", whole(text));
    for (size_t i = 0; i < json_array_size(kinds) && i < FIRST_PAGE_ROWS; i++) {
        const json_t *k = json_array_get(kinds, i);
        snprintf(text, sizeof text,
                 in(s, "%s: %lld owed, %lld late", "%s：未履行 %lld 件、期限超過 %lld 件"),
                 text_of(k, "what"), number_of(k, "owed"), number_of(k, "late"));
        report_html_element(s->out, "li", whole(text));
    }
    report_add_c(s->out, "</ul>\n");
}

static void write_limits(const struct sheet *s) {
    heading(s, "What this does not show", "示されないこと");
    report_add_c(s->out, "<ul>");
    report_html_element(
        s->out, "li",
        str_from_c(in(s,
                      "That a declared fact is true; that no other copy exists; that nobody with "
                      "full rights on the machine went round the program.",
                      "申告された事実が正しいこと、ほかに複製が存在しないこと、機械の全権限を持つ者"
                      "がプログラムを迂回しなかったこと。")));
    if (json_array_size(json_object_get(s->cover, "cosigned")) == 0)
        report_html_element(
            s->out, "li",
            str_from_c(in(s,
                          "That nobody was shown another history: no witness has signed the head.",
                          "別の人に別の履歴が示されなかったこと。先頭に証人の署名はありません。")));
    report_html_element(
        s->out, "li",
        str_from_c(in(s,
                      "Numbers under “decided” and “unknown” are recounted from the entries by "
                      "verify.html and azekura-verify. Names, exceptions, debts, rulebooks and the "
                      "assessment are the operator's own word, signed with the log's key.",
                      "「判定」と「不明な点」の件数は verify.html と azekura-verify "
                      "が記録から数え直します。名称・例外・義務・規程集・適合性評価は事業者自身の申"
                      "告で、台帳の鍵で署名されています。")));
    report_add_c(s->out, "</ul>\n");
}

/* ---- the pages after the first ---- */

static void write_rulebooks(const struct sheet *s) {
    const json_t *rulebooks = json_object_get(s->cover, "rulebooks");
    const char *const head[] = {in(s, "Rulebook in force", "有効な規程集"), in(s, "Title", "名称"),
                                "SHA-256"};
    heading(s, "By which rules", "適用された規程集");
    report_html_table(s->out, head, COUNT_OF(head));
    for (size_t i = 0; i < json_array_size(rulebooks); i++) {
        const json_t *r = json_array_get(rulebooks, i);
        const str cells[] = {str_from_c(text_of(r, "name")), str_from_c(name_of(s, r)),
                             str_from_c(text_of(r, "digest"))};
        report_html_row(s->out, cells, COUNT_OF(cells));
    }
    report_html_table_end(s->out);
    write_counts(
        s, "rules", "",
        in(s, "Set of adopted rules that entries name (SHA-256)", "記録が示す採択規則（SHA-256）"),
        LIST_ROWS);
}

static void write_tables(const struct sheet *s) {
    static const struct {
        const char *table, *en, *ja;
    } tables[] = {{"type", "Kind of entry", "記録の種類"},
                  {"act", "Act", "行為"},
                  {"sector", "Sector", "分野"},
                  {"class", "Class of data", "データの区分"},
                  {"site", "Site", "拠点"},
                  {"clause", "Clause and effect", "条項と効果"}};
    heading(s, "Counted from the entries", "記録から数えた件数");
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        write_counts(s, tables[i].table, "", in(s, tables[i].en, tables[i].ja), 1000);
}

static void write_sheet(const struct sheet *s) {
    report_format(s->out, "<section lang=\"%s\"%s>\n", in(s, "en", "ja"),
                  s->ja ? " class=\"page-break\"" : "");
    report_add_c(s->out, "<div class=\"sheet\">");
    write_who(s);
    write_decisions(s);
    write_unknown(s);
    write_exceptions(s);
    write_assessment(s);
    write_limits(s);
    report_add_c(s->out, "</div><div class=\"page-break\">");
    write_rulebooks(s);
    write_tables(s);
    report_add_c(s->out, "</div></section>\n");
}

enum error_code cover_write(const json_t *cover, const char *path, struct error *e) {
    struct report_out out;
    struct report_page page = {.language = "en", .title = STR("Azekura: cover sheet / 表紙")};
    TRY(report_open(path, &out, e));
    report_html_begin(&out, &page);
    report_add_c(&out, style);
    write_sheet(&(struct sheet){.cover = cover, .out = &out});
    write_sheet(&(struct sheet){.cover = cover, .out = &out, .ja = true});
    report_html_end(&out);
    return report_close(&out, e);
}
