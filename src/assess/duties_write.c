/* The table of duties, and drafts. */
#include "assess/duties.h"
#include "assess/written.h"

static const char *state_word(enum duty_state state, enum rulebook_language l) {
    static const char *const ja[DUTY_STATE_COUNT] = {"済", "遅れて済", "未了", "期限超過", "不明"};
    return l == RULEBOOK_JAPANESE ? ja[state] : duty_state_name(state);
}

/* "3 d 4 h" */
static void spell_length(int64_t ns, enum rulebook_language l, char *out, size_t bytes) {
    long long s = (long long)(ns / NS_PER_S), d = s / 86400, h = s / 3600 % 24, m = s / 60 % 60;
    if (d > 0)
        snprintf(out, bytes, say(l, "%lld d %lld h", "%lld日%lld時間"), d, h);
    else
        snprintf(out, bytes, say(l, "%lld h %lld min", "%lld時間%lld分"), h, m);
}

static void spell_time(int64_t ns, char out[CLOCK_TEXT_BYTES]) {
    clock_iso_s_write(ns, out);
}

/* The deadline and what is left of it, in words. */
static void spell_clock(const struct duties *d, const struct duty_row *r, struct text *t) {
    enum rulebook_language l = d->language;
    char at[CLOCK_TEXT_BYTES], left[64];
    if (r->has_deadline) {
        bool is_over = d->at_ns > r->deadline_ns;
        spell_time(r->deadline_ns, at);
        spell_length(is_over ? d->at_ns - r->deadline_ns : r->deadline_ns - d->at_ns, l, left,
                     sizeof left);
        text_add_c(t, at);
        if (!r->is_sent)
            text_format(t,
                        is_over ? say(l, ", %s over", "、%s超過") : say(l, ", %s left", "、残り%s"),
                        left);
    } else if (r->lacks_holidays) {
        spell_time(r->not_before_ns, at);
        text_format(t,
                    say(l, "not before %s; the calendar's holidays are not listed",
                        "%s 以降（暦の休日が登録されていない）"),
                    at);
    } else if (!r->has_start && r->no_later_ns != 0) {
        spell_time(r->no_later_ns, at);
        text_format(t,
                    say(l, "overdue no later than %s, counted from %.*s",
                        "遅くとも %s に期限（%.*s から起算）"),
                    at, STR_FMT(r->next_event));
    } else if (!r->has_start) {
        text_add_c(
            t, say(l, "the start is not known, nor any later event", "起点も、その後の事象も不明"));
    }
    if (r->has_own_value)
        text_add_c(t, say(l, " (the operator's own value)", "（事業者自身の値）"));
    else if (r->has_no_number) {
        char room[300];
        snprintf(room, sizeof room,
                 say(l, "%sno number in the text; the operator's own value: within_%.*s",
                     "%s本文に数値なし。事業者自身の値：within_%.*s"),
                 t->len > 0 ? "; " : "", STR_FMT(r->duty->stage));
        text_add_c(t, room);
    }
}

void duty_standing_say(const struct duty_row *row, int64_t now_ns, enum rulebook_language l,
                       struct text *out) {
    struct duties d = {.at_ns = now_ns, .language = l};
    char clock[400], at[CLOCK_TEXT_BYTES];
    struct text t = text_into(clock, sizeof clock);
    spell_clock(&d, row, &t);
    text_add_c(out, state_word(row->state, l));
    if (t.len > 0)
        text_format(out, say(l, "; deadline: %.*s", "、期限：%.*s"), STR_FMT(text_str(&t)));
    if (!row->is_sent) return;
    spell_time(row->sent_ns, at);
    text_format(out, say(l, "; sent: %s", "、提出：%s"), at);
}

static void spell_to(const struct duty_row *r, struct text *t) {
    for (size_t i = 0; i < r->duty->to_count; i++)
        text_format(t, "%s%.*s", i > 0 ? ", " : "", STR_FMT(r->duty->to[i]));
}

static void spell_start(const struct duty_row *r, enum rulebook_language l, struct text *t) {
    char at[CLOCK_TEXT_BYTES];
    text_format(t, "%.*s", STR_FMT(r->duty->start));
    if (!r->has_start) {
        text_add_c(t, say(l, " (not known)", "（不明）"));
        return;
    }
    spell_time(r->start_ns, at);
    if (!r->duty->starts_on_day) text_format(t, " %s", at);
}

/* ---- text ---- */

void duties_write_text(const struct duties *d, struct report_out *out) {
    char at[CLOCK_TEXT_BYTES];
    enum rulebook_language l = d->language;
    spell_time(d->at_ns, at);
    report_format(out, say(l, "Duties as of %s\n", "届出等の義務（%s 現在）\n"), at);
    for (unsigned s = 0; s < DUTY_STATE_COUNT; s++)
        report_format(out, "%s%s %zu", s > 0 ? ", " : "", state_word((enum duty_state)s, l),
                      d->by_state[s]);
    report_add_c(out, "\n");
    for (size_t i = 0; i < d->count; i++) {
        const struct duty_row *r = &d->rows[i];
        char to[256], clock[400], start[256], within[256];
        struct text to_text = text_into(to, sizeof to), clock_text = text_into(clock, sizeof clock);
        struct text start_text = text_into(start, sizeof start);
        struct text within_text = text_into(within, sizeof within);
        spell_to(r, &to_text);
        spell_clock(d, r, &clock_text);
        spell_start(r, l, &start_text);
        rulebook_periods_text(&r->duty->within, l, &within_text);
        report_format(out, "\n%s%s  %.*s  %.*s\n", r->is_urgent ? "! " : "",
                      state_word(r->state, l), STR_FMT(r->record->id), STR_FMT(r->duty->stage));
        report_format(out, "  %.*s/%.*s  %.*s\n", STR_FMT(r->clause->rulebook->name),
                      STR_FMT(r->clause->id), STR_FMT(title_in(&r->clause->title, l)));
        report_format(out, say(l, "  who: %.*s; to: %.*s", "  義務者：%.*s、宛先：%.*s"),
                      STR_FMT(r->operator_name), STR_FMT(text_str(&to_text)));
        if (r->duty->form.len > 0)
            report_format(out, say(l, "; form: %.*s", "、様式：%.*s"), STR_FMT(r->duty->form));
        report_format(out,
                      say(l, "\n  starts: %.*s; within: %.*s\n", "\n  起点：%.*s、期間：%.*s\n"),
                      STR_FMT(text_str(&start_text)), STR_FMT(text_str(&within_text)));
        if (clock_text.len > 0)
            report_format(out, say(l, "  deadline: %.*s\n", "  期限：%.*s\n"),
                          STR_FMT(text_str(&clock_text)));
        if (r->is_sent) {
            spell_time(r->sent_ns, at);
            report_format(out, say(l, "  sent: %s\n", "  提出：%s\n"), at);
        }
        if (r->applies_unknown)
            report_add_c(out,
                         say(l, "  whether it applies is not known, which counts as applying\n",
                             "  適用されるか不明のため、適用とみなす\n"));
    }
}

/* ---- JSON and CSV ---- */

static void put_row(struct report_json *j, const struct duties *d, const struct duty_row *r) {
    char room[400];
    struct text t = text_into(room, sizeof room);
    report_json_object(j);
    report_json_put(j, "rulebook", r->clause->rulebook->name);
    report_json_put(j, "clause", r->clause->id);
    report_json_put_c(j, "about", rulebook_about_name(r->clause->about));
    report_json_put(j, "subject", r->record->id);
    report_json_put(j, "who", r->operator_name);
    report_json_put(j, "stage", r->duty->stage);
    report_json_key(j, "to");
    report_json_array(j);
    for (size_t i = 0; i < r->duty->to_count; i++) report_json_str(j, r->duty->to[i]);
    report_json_array_end(j);
    if (r->duty->form.len > 0) report_json_put(j, "form", r->duty->form);
    report_json_put_c(j, "strength", rulebook_strength_name(r->strength));
    report_json_put_c(j, "basis", rulebook_basis_name(r->clause->basis));
    report_json_put(j, "where", r->clause->where);
    report_json_put(j, "start", r->duty->start);
    if (r->has_start) report_json_put_time(j, "started", r->start_ns);
    rulebook_periods_text(&r->duty->within, d->language, &t);
    report_json_put(j, "within", text_str(&t));
    report_json_put_c(j, "state", duty_state_name(r->state));
    report_json_put_bool(j, "urgent", r->is_urgent);
    if (r->has_deadline) {
        report_json_put_time(j, "deadline", r->deadline_ns);
        report_json_key(j, "seconds_left");
        report_json_i64(j, (r->deadline_ns - d->at_ns) / NS_PER_S);
    }
    if (r->lacks_holidays) report_json_put_time(j, "not_before", r->not_before_ns);
    if (r->no_later_ns != 0) {
        report_json_put_time(j, "overdue_no_later_than", r->no_later_ns);
        report_json_put(j, "counted_from", r->next_event);
    }
    report_json_put_bool(j, "no_number_in_text", r->has_no_number);
    report_json_put_bool(j, "own_value", r->has_own_value);
    if (r->is_sent) report_json_put_time(j, "sent", r->sent_ns);
    if (r->applies_unknown) report_json_put_c(j, "applies", "unknown");
    report_json_object_end(j);
}

void duties_write_json(const struct duties *d, struct report_out *out) {
    struct report_json j = report_json_begin(out, 2);
    report_json_object(&j);
    report_json_put_u64(&j, "format", 1);
    report_json_put_time(&j, "as_of", d->at_ns);
    report_json_key(&j, "states");
    report_json_object(&j);
    for (unsigned s = 0; s < DUTY_STATE_COUNT; s++)
        report_json_put_u64(&j, duty_state_name((enum duty_state)s), d->by_state[s]);
    report_json_object_end(&j);
    report_json_key(&j, "duties");
    report_json_array(&j);
    for (size_t i = 0; i < d->count; i++) put_row(&j, d, &d->rows[i]);
    report_json_array_end(&j);
    report_json_object_end(&j);
}

/* The cells that CSV and HTML have in common. */
enum { CELLS = 9, CELL_BYTES = 400 };
static void cells_of(const struct duties *d, const struct duty_row *r, char room[CELLS][CELL_BYTES],
                     str cells[CELLS]) {
    struct text t[CELLS];
    for (size_t i = 0; i < CELLS; i++) t[i] = text_into(room[i], CELL_BYTES);
    text_add_c(&t[0], state_word(r->state, d->language));
    text_add(&t[1], r->record->id);
    text_add(&t[2], r->duty->stage);
    spell_to(r, &t[3]);
    text_add(&t[4], r->duty->form);
    spell_start(r, d->language, &t[5]);
    rulebook_periods_text(&r->duty->within, d->language, &t[6]);
    spell_clock(d, r, &t[7]);
    text_format(&t[8], "%.*s/%.*s", STR_FMT(r->clause->rulebook->name), STR_FMT(r->clause->id));
    for (size_t i = 0; i < CELLS; i++) cells[i] = text_str(&t[i]);
}

void duties_write_csv(const struct duties *d, struct report_out *out) {
    report_add_c(out, "state,subject,stage,to,form,start,within,deadline,clause\n");
    for (size_t i = 0; i < d->count; i++) {
        char room[CELLS][CELL_BYTES];
        str cells[CELLS];
        cells_of(d, &d->rows[i], room, cells);
        for (size_t c = 0; c < CELLS; c++) report_csv_cell(out, cells[c], c + 1 == CELLS);
    }
}

void duties_write_html(const struct duties *d, struct report_out *out) {
    enum rulebook_language l = d->language;
    const char *const head[CELLS] = {
        say(l, "state", "状態"),  say(l, "about", "対象"),    say(l, "stage", "段階"),
        say(l, "to", "宛先"),     say(l, "form", "様式"),     say(l, "starts", "起点"),
        say(l, "within", "期間"), say(l, "deadline", "期限"), say(l, "clause", "条項")};
    char at[CLOCK_TEXT_BYTES];
    struct report_page page = {say(l, "en", "ja"), str_from_c(say(l, "Duties", "届出等の義務"))};
    report_html_begin(out, &page);
    report_html_element(out, "h1", page.title);
    spell_time(d->at_ns, at);
    report_format(out, say(l, "<p>As of %s.</p>\n", "<p>%s 現在</p>\n"), at);
    report_html_table(out, head, CELLS);
    for (size_t i = 0; i < d->count; i++) {
        static const char *const badges[DUTY_STATE_COUNT] = {"pass", "excepted", "attested", "fail",
                                                             "unknown"};
        char room[CELLS][CELL_BYTES];
        str cells[CELLS];
        cells_of(d, &d->rows[i], room, cells);
        report_add_c(out, "<tr><td>");
        report_html_badge(out, str_from_c(badges[d->rows[i].state]), cells[0]);
        report_add_c(out, "</td>");
        for (size_t c = 1; c < CELLS; c++) {
            report_add_c(out, "<td>");
            report_html_text(out, cells[c]);
            report_add_c(out, "</td>");
        }
        report_add_c(out, "</tr>\n");
    }
    report_html_table_end(out);
    report_html_end(out);
}

/* ---- drafts ---- */

static const char *code_word(str code, enum rulebook_language l) {
    /* Event and cause codes of information sharing. Source: CIP, Annex 3. */
    static const struct {
        const char *code, *ja;
    } words[] = {{"sign", "予兆・ヒヤリハット"},
                 {"leak", "機密性（情報の漏えい）"},
                 {"corruption", "完全性（情報の破壊）"},
                 {"unavailability", "可用性（システム等の利用困難）"},
                 {"suspension", "サービスの停止"},
                 {"degradation", "サービスの品質低下"},
                 {"malware", "マルウェア等の感染"},
                 {"unauthorised-code", "不正コード等の実行"},
                 {"intrusion", "システム等への侵入"},
                 {"deliberate", "意図的な原因"},
                 {"accidental", "偶発的な原因"},
                 {"environmental", "環境的な原因"},
                 {"other", "その他"}};
    for (size_t i = 0; l == RULEBOOK_JAPANESE && i < COUNT_OF(words); i++)
        if (str_equal(code, str_from_c(words[i].code))) return words[i].ja;
    return NULL;
}

static void draft_line(struct report_out *out, const char *label, str value,
                       enum rulebook_language l) {
    const char *word = code_word(value, l);
    report_format(out, say(l, "%s: ", "%s："), label);
    if (value.len == 0)
        report_add_c(out, say(l, "[not known yet]", "［現時点で不明］"));
    else if (word != NULL)
        report_format(out, "%s（%.*s）", word, STR_FMT(value));
    else
        report_add(out, value);
    report_add_c(out, "\n");
}

static str said(const struct register_row *row, const char *field, int64_t at_ns) {
    str text = STR_EMPTY;
    register_text_at(row, str_from_c(field), at_ns, &text);
    return text;
}

static void draft_impacts(const struct duty_row *r, const struct register_snapshot *snapshot,
                          int64_t at_ns, enum rulebook_language l, struct report_out *out) {
    const struct register_value *impacts = register_value_find(&r->record->fields, STR("impacts"));
    report_format(out, "%s\n", say(l, "Impact:", "影響："));
    if (!register_value_is_good(impacts, at_ns) || impacts->count == 0) {
        report_format(out, "  %s\n", say(l, "[not known yet]", "［現時点で不明］"));
        return;
    }
    for (size_t i = 0; i < impacts->count; i++) {
        const struct register_record *impact = &impacts->records[i];
        bool any = false;
        report_add_c(out, "  - ");
        for (size_t k = 0; k < impact->count; k++) {
            const struct register_value *v = &impact->values[k];
            if (v->state != REGISTER_KNOWN || v->text.len == 0) continue;
            str shown = v->text;
            if (str_equal(v->name, STR("service"))) {
                const struct register_row *service =
                    register_row_at(snapshot, REGISTER_SERVICES, v->text, at_ns);
                if (service != NULL)
                    shown = register_row_name(service, str_from_c(say(l, "en", "ja")));
            }
            report_format(out, "%s%.*s: %.*s", any ? ", " : "", STR_FMT(v->name), STR_FMT(shown));
            any = true;
        }
        report_add_c(out, "\n");
    }
}

enum { DRAFT_TIME_BYTES = 32 };

/* "2025-01-31 10:00 +09:00": as who addresses the letter reads clocks. `zone_ns` as in a rulebook, what
 * is added to a day's midnight UTC for where it begins. */
static str draft_time(int64_t at_ns, int64_t zone_ns, char room[DRAFT_TIME_BYTES]) {
    char iso[CLOCK_TEXT_BYTES];
    clock_iso_s_write(at_ns - zone_ns, iso);
    int minutes = (int)(-zone_ns / (60 * NS_PER_S)), away = minutes < 0 ? -minutes : minutes;
    int len = snprintf(room, DRAFT_TIME_BYTES, "%.10s %.5s %c%02d:%02d", iso, iso + 11,
                       minutes < 0 ? '-' : '+', away / 60, away % 60);
    if (zone_ns == 0) len = snprintf(room, DRAFT_TIME_BYTES, "%.10s %.5s UTC", iso, iso + 11);
    assert(len > 0 && len < DRAFT_TIME_BYTES);
    return str_of(room, (size_t)len);
}

/* A day stays a day. */
static str draft_said(const struct duty_row *r, const struct register_field *f, int64_t at_ns,
                      char room[DRAFT_TIME_BYTES]) {
    str text = said(r->record, f->name, at_ns);
    const struct register_value *v = register_value_find(&r->record->fields, str_from_c(f->name));
    bool has_time = f->type == REGISTER_TIME && text.len > strlen("2025-01-31");
    return has_time ? draft_time(v->time_ns, r->clause->rulebook->zone_ns, room) : text;
}

/* Every time and code the record has, known or blank, in the register's order. */
static void draft_record(const struct duty_row *r, int64_t at_ns, enum rulebook_language l,
                         struct report_out *out) {
    static const struct {
        const char *field, *en, *ja;
    } labels[] = {{"kind", "Event", "事象の種類"},       {"cause", "Cause", "原因の種類"},
                  {"field", "What changes", "変更項目"}, {"before", "Before", "変更前"},
                  {"after", "After", "変更後"},          {"category", "Category", "区分"},
                  {"maker", "Maker", "製造者"},          {"model", "Product", "製品名"},
                  {"site", "Place", "設置場所"},         {"introduced", "Introduced", "導入日"},
                  {"happened", "Happened", "発生日時"},  {"occurred", "Occurred", "発生日時"},
                  {"detected", "Noticed", "認知日時"},   {"ended", "Over", "復旧日時"},
                  {"received", "Received", "受領日時"}};
    for (size_t i = 0; i < COUNT_OF(labels); i++) {
        const struct register_field *f = register_kind_of(r->record->kind)->fields;
        while (f->name != NULL && strcmp(f->name, labels[i].field) != 0) f++;
        if (f->name == NULL) continue;
        char room[DRAFT_TIME_BYTES];
        draft_line(out, say(l, labels[i].en, labels[i].ja), draft_said(r, f, at_ns, room), l);
    }
}

void duties_write_draft(const struct duties *d, const struct register_snapshot *snapshot,
                        struct report_out *out) {
    assert(d->count > 0);
    const struct duty_row *r = &d->rows[0];
    enum rulebook_language l = d->language;
    char to[256], at[CLOCK_TEXT_BYTES];
    struct text to_text = text_into(to, sizeof to);
    str name = register_row_name(r->record, str_from_c(say(l, "en", "ja")));
    str title = title_in(&r->clause->rulebook->title, l);
    spell_to(r, &to_text);
    spell_time(d->at_ns, at);
    report_format(out, say(l, "DRAFT, %s\n\n", "案（%s 作成）\n\n"), at);
    draft_line(out, say(l, "To", "宛先"), text_str(&to_text), l);
    draft_line(out, say(l, "From", "報告者"), r->operator_name, l);
    draft_line(out, say(l, "Contact", "連絡先"), STR_EMPTY, l);
    draft_line(out, say(l, "Stage", "報告の段階"), r->duty->stage, l);
    if (r->duty->form.len > 0) draft_line(out, say(l, "Form", "様式"), r->duty->form, l);
    draft_line(out, say(l, "Under", "根拠"), title.len > 0 ? title : r->clause->rulebook->name, l);
    draft_line(out, say(l, "Provision", "条項"), r->clause->where, l);
    if (r->has_deadline) {
        char room[DRAFT_TIME_BYTES];
        draft_line(out, say(l, "Deadline", "期限"),
                   draft_time(r->deadline_ns, r->clause->rulebook->zone_ns, room), l);
    }
    report_format(out, "\n");
    draft_line(out, say(l, "Subject", "件名"), name, l);
    draft_record(r, d->at_ns, l, out);
    if (r->record->kind == REGISTER_INCIDENTS) draft_impacts(r, snapshot, d->at_ns, l, out);
    draft_line(out, say(l, "Measures taken and planned", "講じた措置と今後の対応"), STR_EMPTY, l);
    report_format(out, "\n%s\n",
                  say(l,
                      "What is not known yet is left open and follows; nothing here was added to "
                      "what the register says.",
                      "現時点で不明な事項は空欄とし、判明し次第追って報告する。登録簿の記載以外は補"
                      "っていない。"));
}
