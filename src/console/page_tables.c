/* The tables of the page: what was kept, warned and refused, what is owed, the last decisions. */
#include "console/page.h"

void console_tallies(struct text *out, const struct gate_state *s) {
    console_title(out, "保管・警告・拒否", "Kept, warned and refused, by sector and class");
    static const struct console_column columns[] = {
        {"分野", "sector", false}, {"区分", "class", false},
        {"保管", "kept", true},    {"警告", "warned", true},
        {"拒否", "refused", true}, {"記録した閲覧", "reads recorded", true}};
    console_table_begin(out, columns, COUNT_OF(columns));
    if (s->tally_count == 0)
        text_add_c(out, "<tr><td colspan=\"6\" class=\"soft\">まだありません <span "
                        "lang=\"en\">nothing yet</span></td></tr>");
    for (size_t i = 0; i < s->tally_count; i++) {
        const struct gate_tally *t = &s->tallies[i];
        text_add_c(out, "<tr>");
        console_cell(out, t->sector);
        console_cell(out, t->class_);
        console_cell_number(out, "good", t->counts[GATE_KEPT]);
        console_cell_number(out, "warn", t->counts[GATE_WARNED]);
        console_cell_number(out, "bad", t->counts[GATE_REFUSED]);
        console_cell_number(out, "", t->counts[GATE_READ]);
        text_add_c(out, "</tr>");
    }
    console_table_end(out);
    text_add_c(out, "</section>");
}

static void due(struct text *out, int64_t due_ns) {
    if (due_ns == INT64_MAX)
        text_add_c(out, "<span class=\"soft\">不明 <span lang=\"en\">not known</span></span>");
    else
        console_minute(out, due_ns);
}

static void debt_row(struct text *out, const struct gate_owed *owed) {
    str obligation, clause;
    console_owed_cut(owed->what, &obligation, &clause);
    text_add_c(out, "<tr>");
    console_cell(out, obligation);
    console_cell_code(out, clause);
    console_cell_number(out, "warn", owed->count);
    console_cell_number(out, "bad", owed->late);
    text_add_c(out, "<td class=\"n\">");
    if (owed->count > 0)
        due(out, owed->due_ns);
    else
        text_add_char(out, '-');
    text_add_c(out, "</td>");
    console_cell_code(out, owed->first);
    text_add_c(out, "</tr>");
}

void console_debts(struct text *out, const struct gate_state *s) {
    text_format(out,
                "<section%s><h2>未履行の義務 <span lang=\"en\">Debts: obligations that have "
                "time</span></h2>",
                s->debts_late > 0 ? " class=\"alarm\"" : "");
    if (s->debts == 0) {
        text_add_c(out, "<p class=\"soft\">ありません <span lang=\"en\">none</span></p></section>");
        return;
    }
    static const struct console_column columns[] = {{"義務", "obligation", false},
                                                    {"条項", "clause", false},
                                                    {"期限前", "owed", true},
                                                    {"期限超過", "late", true},
                                                    {"次の期限（UTC）", "next due", true},
                                                    {"最初の項目", "first of them", false}};
    console_table_begin(out, columns, COUNT_OF(columns));
    for (size_t i = 0; i < s->owed_count; i++) debt_row(out, &s->owed[i]);
    console_table_end(out);
    text_add_c(out, "</section>");
}

static void recent_row(struct text *out, const struct gate_recent *r) {
    static const char *const words[] = {
        "<span class=\"good\">許可 <span lang=\"en\">allow</span></span>",
        "<span class=\"warn\">警告 <span lang=\"en\">warn</span></span>",
        "<span class=\"bad\">拒否 <span lang=\"en\">refuse</span></span>"};
    text_add_c(out, "<tr><td>");
    console_minute(out, r->minute_ns);
    text_format(out, "</td><td>%s</td>", words[r->effect]);
    text_format(out, "<td>%s ", console_act_ja(r->act));
    console_escaped(out, "<span class=\"soft\">", r->act, "</span></td>");
    console_cell(out, r->sector);
    console_cell(out, r->class_);
    console_escaped(out, "<td><code>", r->clause.len > 0 ? r->clause : STR("-"), "</code>");
    if (r->unknown)
        text_add_c(out, " <span class=\"warn\">不明な事実あり <span lang=\"en\">a fact is "
                        "unknown</span></span>");
    text_add_c(out, "</td></tr>");
}

void console_recent(struct text *out, const struct gate_state *s) {
    console_title(out, "最近の判定", "The last decisions recorded, as codes");
    static const struct console_column columns[] = {
        {"日時（UTC）", "minute", false}, {"判定", "effect", false}, {"行為", "act", false},
        {"分野", "sector", false},        {"区分", "class", false},  {"条項", "clause", false}};
    console_table_begin(out, columns, COUNT_OF(columns));
    if (s->recent_count == 0)
        text_add_c(out, "<tr><td colspan=\"6\" class=\"soft\">起動してからはまだありません <span "
                        "lang=\"en\">none since the start</span></td></tr>");
    for (size_t i = 0; i < s->recent_count; i++) recent_row(out, &s->recent[i]);
    console_table_end(out);
    text_add_c(out, "</section>");
}
