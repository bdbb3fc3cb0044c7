/* The same page as text, for terminals: GET /?format=text. */
#include "console/inner.h"

static void rule(struct text *out, const char *ja, const char *en) {
    text_format(out, "\n%s  %s\n", ja, en);
}

static void place(struct text *out, const struct gate_state *s) {
    rule(out, "■ 場所", "Place");
    text_format(out, "  拠点 site      %.*s / %.*s (%.*s)\n", STR_FMT(s->site_name_ja),
                STR_FMT(s->site_name_en), STR_FMT(s->site));
    text_format(out, "  国 country     %.*s\n",
                STR_FMT(s->country.len > 0 ? s->country : STR("不明 / unknown")));
    text_format(out, "  根拠 known as  %.*s\n", STR_FMT(s->standing));
    for (size_t i = 0; i < s->evidence_count; i++)
        text_format(out, "                 - %.*s\n", STR_FMT(s->evidence[i]));
}

static void tallies(struct text *out, const struct gate_state *s) {
    rule(out, "■ 保管・警告・拒否", "Kept, warned, refused");
    text_format(out, "  %-18s %-14s %10s %10s %10s %10s\n", "sector", "class", "kept", "warned",
                "refused", "read");
    for (size_t i = 0; i < s->tally_count; i++) {
        const struct gate_tally *t = &s->tallies[i];
        text_format(out, "  %-18.*s %-14.*s %10llu %10llu %10llu %10llu\n", STR_FMT(t->sector),
                    STR_FMT(t->class_), (unsigned long long)t->counts[GATE_KEPT],
                    (unsigned long long)t->counts[GATE_WARNED],
                    (unsigned long long)t->counts[GATE_REFUSED],
                    (unsigned long long)t->counts[GATE_READ]);
    }
    if (s->tally_count == 0) text_add_c(out, "  まだありません / nothing yet\n");
}

static void ledger(struct text *out, const struct gate_state *s, str vkey) {
    rule(out, "■ 台帳", "Ledger");
    text_format(out, "  記録数 entries   %llu, 署名済み signed %llu\n",
                (unsigned long long)s->ledger.committed_size,
                (unsigned long long)s->ledger.published_size);
    text_format(out, "  検証鍵 key       %.*s\n", STR_FMT(vkey));
    if (s->ledger.witness_count == 0)
        text_add_c(out, "  立会人 witness   事業者のみの署名 / signed by the operator alone\n");
    else
        text_format(out, "  立会人 witness   %zu / %zu\n", s->ledger.cosigned_count,
                    s->ledger.witness_count);
    text_format(out, "  巻き戻し rollback: %s\n", ledger_rollback_name(s->ledger.rollback));
    text_format(out, "  義務 debts       %llu\n", (unsigned long long)s->debts);
}

static void recent(struct text *out, const struct gate_state *s) {
    static const char *const words[] = {"許可 allow ", "警告 warn  ", "拒否 refuse"};
    size_t count = s->recent_count < 10 ? s->recent_count : 10;
    if (count == 0) return;
    rule(out, "■ 最近の判定", "Last decisions");
    for (size_t i = 0; i < count; i++) {
        const struct gate_recent *r = &s->recent[i];
        char time[CLOCK_TEXT_BYTES];
        clock_iso_s_write(r->minute_ns, time);
        text_format(out, "  %.16s  %s  %-8.*s %-12.*s %-12.*s %.*s%s\n", time, words[r->effect],
                    STR_FMT(r->act), STR_FMT(r->sector), STR_FMT(r->class_), STR_FMT(r->clause),
                    r->unknown ? " (不明 unknown)" : "");
    }
}

void console_page_text(struct console *console, const struct gate_state *s, struct text *out) {
    text_format(out, "校倉 Azekura — S3 %.*s\n", STR_FMT(console->s3_address));
    place(out, s);
    tallies(out, s);
    ledger(out, s, gate_ledger_vkey(console->options.gate));
    recent(out, s);
}
