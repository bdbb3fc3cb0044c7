/* The same page as text, for terminals: GET /?format=text. */
#include "console/inner.h"

enum { SHOWN = 10 }; /* of the last decisions: a terminal is not long */

static void rule(struct text *out, const char *ja, const char *en) {
    text_format(out, "\n■ %s  %s\n", ja, en);
}

static void number(struct text *out, uint64_t n, size_t width) {
    char memory[32];
    struct text text = text_into(memory, sizeof memory);
    console_number(&text, n);
    text_format(out, "%*.*s", (int)width, (int)text.len, text.at);
}

static void place(struct text *out, const struct gate_state *s) {
    rule(out, "場所", "Place");
    text_format(out, "  拠点 site      %.*s / %.*s (%.*s)\n", STR_FMT(s->site_name_ja),
                STR_FMT(s->site_name_en), STR_FMT(s->site));
    text_format(out, "  国 country     %.*s\n",
                STR_FMT(s->country.len > 0 ? s->country : STR("不明 / unknown")));
    text_format(out, "  根拠 known as  %s / %.*s\n", console_standing_ja(s), STR_FMT(s->standing));
    for (size_t i = 0; i < s->evidence_count; i++)
        text_format(out, "                 - %.*s / %.*s\n", STR_FMT(s->evidence_ja[i]),
                    STR_FMT(s->evidence[i]));
}

static void tallies(struct text *out, const struct gate_state *s) {
    rule(out, "保管・警告・拒否", "Kept, warned, refused, by sector and class");
    text_format(out, "  %-18s %-14s %10s %10s %10s %10s\n", "sector", "class", "kept", "warned",
                "refused", "read");
    for (size_t i = 0; i < s->tally_count; i++) {
        const struct gate_tally *t = &s->tallies[i];
        text_format(out, "  %-18.*s %-14.*s", STR_FMT(t->sector), STR_FMT(t->class_));
        for (size_t k = 0; k < GATE_COUNT_KINDS; k++) number(out, t->counts[k], 11);
        text_add_char(out, '\n');
    }
    if (s->tally_count == 0) text_add_c(out, "  まだありません / nothing yet\n");
}

static void owed(struct text *out, const struct gate_state *s) {
    rule(out, "未履行の義務", "Debts");
    if (s->debts == 0) text_add_c(out, "  ありません / none\n");
    for (size_t i = 0; i < s->owed_count; i++) {
        const struct gate_owed *owed = &s->owed[i];
        number(out, owed->count, 8);
        text_format(out, "  %.*s", STR_FMT(owed->what));
        if (owed->count > 0 && owed->due_ns != INT64_MAX) {
            text_add_c(out, ", 次の期限 next due ");
            console_minute(out, owed->due_ns);
            text_add_c(out, " UTC");
        }
        if (owed->late > 0) {
            text_add_c(out, ", 期限超過 late ");
            number(out, owed->late, 0);
        }
        text_format(out, ", 最初の項目 first %.*s", STR_FMT(owed->first));
        text_add_char(out, '\n');
    }
    if (s->exceptions_in_force + s->glass_in_effect == 0) return;
    rule(out, "緩和中の規則", "Rules that are loosened now");
    text_add_c(out, "  例外 exceptions ");
    number(out, s->exceptions_in_force, 0);
    text_add_c(out, "、緊急解除 broken glass ");
    number(out, s->glass_in_effect, 0);
    text_add_char(out, '\n');
}

static void findings(struct text *out, const struct gate_state *s) {
    if (s->findings == 0) return;
    rule(out, "所見", "Findings that stand");
    for (size_t i = 0; i < s->finding_kind_count; i++) {
        const struct gate_count_of *of = &s->finding_kinds[i];
        text_format(out, "  %s %.*s ", console_finding_ja(of->name), STR_FMT(of->name));
        number(out, of->count, 0);
        text_add_char(out, '\n');
    }
}

static void ledger(struct text *out, const struct gate_state *s, str vkey) {
    rule(out, "台帳", "Ledger");
    text_add_c(out, "  記録 entries   ");
    number(out, s->ledger.committed_size, 0);
    text_add_c(out, "、署名済み signed ");
    number(out, s->ledger.published_size, 0);
    text_format(out, "\n  検証鍵 key     %.*s\n", STR_FMT(vkey));
    if (s->ledger.witness_count == 0)
        text_add_c(out, "  立会人 witness 事業者のみの署名 / signed by the operator alone\n");
    else
        text_format(out, "  立会人 witness %zu / %zu が連署 / have cosigned\n",
                    s->ledger.cosigned_count, s->ledger.witness_count);
    text_format(out, "  巻き戻し       %s / rollback: %s\n",
                console_rollback_ja(s->ledger.rollback), ledger_rollback_name(s->ledger.rollback));
    if (s->ledger.stopped) text_format(out, "  停止 stopped   %s\n", s->ledger.story);
}

static void recent(struct text *out, const struct gate_state *s) {
    static const char *const words[] = {"許可 allow ", "警告 warn  ", "拒否 refuse"};
    size_t count = s->recent_count < SHOWN ? s->recent_count : SHOWN;
    if (count == 0) return;
    rule(out, "最近の判定", "Last decisions recorded, as codes (UTC)");
    for (size_t i = 0; i < count; i++) {
        const struct gate_recent *r = &s->recent[i];
        text_add_c(out, "  ");
        console_minute(out, r->minute_ns);
        text_format(out, "  %s  %-10.*s %-12.*s %-12.*s %.*s%s\n", words[r->effect],
                    STR_FMT(r->act), STR_FMT(r->sector), STR_FMT(r->class_), STR_FMT(r->clause),
                    r->unknown ? " (不明な事実あり / a fact is unknown)" : "");
    }
}

void console_page_text(struct console *console, const struct gate_state *s, struct text *out) {
    text_format(out, "校倉 Azekura   S3 %.*s\n", STR_FMT(console->s3_address));
    place(out, s);
    tallies(out, s);
    owed(out, s);
    findings(out, s);
    ledger(out, s, gate_ledger_vkey(console->options.gate));
    recent(out, s);
    if (s->address_data.len > 0)
        text_format(out, "\n国別アドレス資料 address data: %.*s (%.*s)\n", STR_FMT(s->address_data),
                    STR_FMT(s->address_data_date));
}
