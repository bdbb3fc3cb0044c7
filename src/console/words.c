/* How numbers, times and codes are written for people. */
#include "console/inner.h"

#include <stdio.h>

void console_number(struct text *out, uint64_t n) {
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0) text_add_char(out, ',');
        text_add_char(out, digits[i]);
    }
}

void console_minute(struct text *out, int64_t wall_ns) {
    char iso[CLOCK_TEXT_BYTES];
    clock_iso_s_write(wall_ns, iso);
    text_format(out, "%.10s %.5s", iso, iso + 11);
}

void console_second(struct text *out, int64_t wall_ns) {
    char iso[CLOCK_TEXT_BYTES];
    clock_iso_s_write(wall_ns, iso);
    text_format(out, "%.10s %.8s", iso, iso + 11);
}

const char *console_act_ja(str act) {
    static const struct {
        const char *code, *ja;
    } acts[] = {{"put", "書き込み"},   {"get", "読み出し"},    {"list", "一覧"},
                {"copy", "複製"},      {"delete", "削除"},     {"restore", "復元"},
                {"replicate", "転送"}, {"administer", "管理"}, {"change", "変更"},
                {"inspect", "検査"}};
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (str_equal(act, str_from_c(acts[i].code))) return acts[i].ja;
    return "";
}

const char *console_finding_ja(str kind) {
    static const struct {
        const char *code, *ja;
    } kinds[] = {{"assessment", "適合性評価"}, {"inspection", "検査"}, {"location", "所在計測"},
                 {"survey", "所在調査"},       {"watch", "境界監視"},  {"site", "拠点計画"}};
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (str_equal(kind, str_from_c(kinds[i].code))) return kinds[i].ja;
    return "";
}

/* The facts say it in English; what matters of it are four cases, and a bound. */
const char *console_standing_ja(const struct gate_state *s) {
    if (s->contradicted) return "申告と矛盾する証拠があります";
    if (s->standing_ja.len > 0) return s->standing_ja.at;
    if (str_starts(s->standing, STR("measured"))) return "測定済み（反する証拠なし）";
    if (str_starts(s->standing, STR("declared"))) return "申告のみ（反する証拠なし）";
    return "申告がありません";
}

const char *console_rollback_ja(enum ledger_rollback rollback) {
    switch (rollback) {
    case LEDGER_GUARDED: return "監視あり（外部の控えと一致）";
    case LEDGER_UNCONFIRMED: return "未確認（外部の控えから応答なし）";
    case LEDGER_UNGUARDED: break;
    }
    return "監視なし（外部の控えが未設定）";
}

void console_owed_cut(str what, str *obligation, str *clause) {
    size_t at;
    *obligation = what;
    *clause = STR_EMPTY;
    if (!str_find(what, STR(" ("), &at) || what.at[what.len - 1] != ')') return;
    *obligation = str_of(what.at, at);
    *clause = str_of(what.at + at + 2, what.len - at - 3);
}
