/* An impact as text and as JSON. Format: docs/formats/impact.md. */
#include "assess/written.h"

/* ---- by when ---- */

static str day_of(const struct rulebook_clause *clause, int64_t ns, char iso[CLOCK_TEXT_BYTES]) {
    clock_iso_s_write(ns - clause->rulebook->zone_ns, iso);
    return str_of(iso, 10);
}

/* What is due how soon: obligations that leave time, and duties; the day, where the text names the
 * one its clock starts on. */
struct due {
    str what, start;
    const struct rulebook_periods *within;
    bool has_day;
    int64_t day_ns;
};

static bool obligation_due(const struct rulebook_obligation *o, struct due *out) {
    *out = (struct due){.what = str_from_c(rulebook_obligation_name(o->kind)),
                        .start = o->start,
                        .within = o->within.count > 0 ? &o->within : &o->periods};
    return !o->by_ack && out->within->count > 0;
}

static bool duty_due(const struct rulebook_duty *duty, struct due *out) {
    *out = (struct due){.what = duty->stage, .start = duty->start, .within = &duty->within};
    out->has_day =
        duty->starts_on_day && rulebook_periods_latest(&duty->within, duty->start_ns, &out->day_ns);
    return true;
}

static bool clause_due(const struct rulebook_clause *clause, size_t i, struct due *out) {
    if (i < clause->obligation_count) return obligation_due(&clause->obligations[i], out);
    return duty_due(&clause->duties[i - clause->obligation_count], out);
}

/* ---- JSON ---- */

static void dues_put(struct report_json *j, const struct rulebook_clause *clause,
                     enum rulebook_language language) {
    report_json_key(j, "due");
    report_json_array(j);
    for (size_t i = 0; i < clause->obligation_count + clause->duty_count; i++) {
        char room[256];
        struct text within = text_into(room, sizeof room);
        struct due due;
        if (!clause_due(clause, i, &due)) continue;
        rulebook_periods_text(due.within, language, &within);
        report_json_object(j);
        report_json_put(j, "what", due.what);
        report_json_put(j, "within", text_str(&within));
        if (due.start.len > 0) report_json_put(j, "start", due.start);
        if (due.has_day) report_json_put_time(j, "by", due.day_ns);
        report_json_object_end(j);
    }
    report_json_array_end(j);
}

static void impact_row_put(struct report_json *j, const struct assess_impact_row *r,
                           enum rulebook_language language) {
    const struct rulebook_clause *clause = r->row->clause;
    report_json_object(j);
    report_json_put(j, "operator", r->operator_id);
    report_json_put(j, "rulebook", clause->rulebook->name);
    if (clause->rulebook->line.len > 0) report_json_put(j, "line", clause->rulebook->line);
    report_json_put(j, "clause", clause->id);
    report_json_put_c(j, "about", rulebook_about_name(clause->about));
    report_json_put(j, "subject", r->row->subject);
    report_json_put_c(j, "before",
                      r->is_bound_before ? assess_verdict_name(r->before) : "not-bound");
    report_json_put_c(j, "verdict", assess_verdict_name(r->row->verdict));
    report_json_put_c(j, "strength", rulebook_strength_name(r->row->strength));
    report_json_put_time(j, "by", r->from_ns);
    dues_put(j, clause, language);
    report_json_key(j, "services");
    report_json_array(j);
    for (size_t i = 0; i < r->service_count; i++) report_json_str(j, r->services[i]);
    report_json_array_end(j);
    facts_put(j, r->row->facts, r->row->fact_count);
    report_json_put(j, "change", r->row->change);
    folded_put(j, r->row);
    report_json_object_end(j);
}

void assess_write_impact_json(const struct assess_impact *impact, struct report_out *out) {
    struct report_json j = report_json_begin(out, 2);
    report_json_object(&j);
    report_json_put_u64(&j, "format", 1);
    report_json_put_time(&j, "as_of", impact->at_ns);
    report_json_key(&j, "planned");
    report_json_array(&j);
    for (size_t i = 0; i < impact->planned_count; i++)
        report_json_str(&j, impact->planned[i]->name);
    report_json_array_end(&j);
    report_json_key(&j, "over");
    report_json_array(&j);
    for (size_t i = 0; i < impact->over_count; i++) report_json_str(&j, impact->over[i]);
    report_json_array_end(&j);
    report_json_put_u64(&j, "looked_at", impact->looked_at);
    report_json_put_u64(&j, "newly_fail", impact->fails);
    report_json_put_u64(&j, "newly_unknown", impact->unknowns);
    report_json_put_bool(&j, "folded", impact->folded);
    report_json_key(&j, "services");
    report_json_array(&j);
    for (size_t i = 0; i < impact->service_count; i++) {
        const struct assess_impact_service *s = &impact->services[i];
        report_json_object(&j);
        report_json_put(&j, "operator", s->operator_id);
        report_json_put(&j, "service", s->id);
        report_json_put_u64(&j, "newly_fail", s->fails);
        report_json_put_u64(&j, "newly_unknown", s->unknowns);
        report_json_put_time(&j, "by", s->from_ns);
        report_json_object_end(&j);
    }
    report_json_array_end(&j);
    report_json_key(&j, "rows");
    report_json_array(&j);
    for (size_t i = 0; i < impact->row_count; i++)
        impact_row_put(&j, &impact->rows[i], impact->language);
    report_json_array_end(&j);
    report_json_object_end(&j);
    report_add_c(out, "\n");
}

/* ---- text ---- */

static void dues_say(const struct rulebook_clause *clause, enum rulebook_language l,
                     struct report_out *out) {
    for (size_t i = 0; i < clause->obligation_count + clause->duty_count; i++) {
        char room[256], what_room[256], iso[CLOCK_TEXT_BYTES];
        struct text within = text_into(room, sizeof room);
        struct text what = text_into(what_room, sizeof what_room);
        struct due due;
        if (!clause_due(clause, i, &due)) continue;
        rulebook_periods_text(due.within, l, &within);
        rulebook_terms_text(due.what, l, &what);
        report_format(out, "    %s %.*s: %.*s", say(l, "due", "期限"), STR_FMT(text_str(&what)),
                      STR_FMT(text_str(&within)));
        if (due.start.len > 0)
            report_format(out, say(l, " from %.*s", "（起点 %.*s）"), STR_FMT(due.start));
        if (due.has_day)
            report_format(out, say(l, ", by %.*s", "、期限 %.*s"),
                          STR_FMT(day_of(clause, due.day_ns, iso)));
        report_add_c(out, "\n");
    }
}

static void clause_say(const struct assess_impact_row *r, enum rulebook_language l,
                       struct report_out *out) {
    const struct rulebook_clause *clause = r->row->clause;
    char iso[CLOCK_TEXT_BYTES];
    report_format(out, "\n  %.*s/%.*s  %.*s (%s; %s %.*s)\n", STR_FMT(clause->rulebook->name),
                  STR_FMT(clause->id), STR_FMT(title_in(&clause->title, l)),
                  rulebook_strength_word(r->row->strength, l), say(l, "by", "期日"),
                  STR_FMT(day_of(clause, r->from_ns, iso)));
    dues_say(clause, l, out);
}

static void row_say(const struct assess_impact_row *r, enum rulebook_language l,
                    struct report_out *out) {
    report_format(out, "    %s  %.*s", assess_verdict_word(r->row->verdict, l),
                  STR_FMT(r->row->subject));
    if (r->operator_id.len > 0) report_format(out, " (%.*s)", STR_FMT(r->operator_id));
    if (r->row->count > 1)
        report_format(out, say(l, " and %llu more", " ほか %llu 件"),
                      (unsigned long long)(r->row->count - 1));
    if (r->is_bound_before)
        report_format(out, say(l, ", now %s", "、現在：%s"), assess_verdict_word(r->before, l));
    for (size_t i = 0; i < r->service_count; i++)
        report_format(out, "%s%.*s", i > 0 ? ", " : say(l, "; services ", "；サービス "),
                      STR_FMT(r->services[i]));
    report_add_c(out, "\n");
    str rest = r->row->change, line;
    for (bool more = rest.len > 0; more;) {
        more = str_cut(&rest, '\n', &line);
        if (!more) line = rest;
        if (line.len > 0) report_format(out, "      %.*s\n", STR_FMT(line));
    }
}

void assess_write_impact_text(const struct assess_impact *impact, struct report_out *out) {
    enum rulebook_language l = impact->language;
    report_add_c(out, say(l, "As if adopted:", "採択した場合："));
    for (size_t i = 0; i < impact->planned_count; i++)
        report_format(out, " %.*s", STR_FMT(impact->planned[i]->name));
    report_format(out,
                  say(l,
                      "\n%llu newly fail, %llu newly unknown, of %llu; %zu services hang on them\n",
                      "\n新たに不適合 %llu 件、新たに不明 %llu 件（全 %llu "
                      "件中）、関係するサービス %zu 件\n"),
                  (unsigned long long)impact->fails, (unsigned long long)impact->unknowns,
                  (unsigned long long)impact->looked_at, impact->service_count);
    if (impact->folded)
        report_add_c(out, say(l,
                              "More rows than --rows: some stand for many subjects of one clause, "
                              "verdict and operator\n",
                              "行数が --rows を超えたため、同じ条項・判定・事業者の行をまとめて"
                              "示す\n"));
    for (size_t i = 0; i < impact->over_count; i++)
        report_format(
            out,
            say(l, "%.*s is over: it binds nobody any more\n", "%.*s は失効済み：誰も拘束しない\n"),
            STR_FMT(impact->over[i]));
    for (size_t i = 0; i < impact->service_count; i++) {
        const struct assess_impact_service *s = &impact->services[i];
        report_format(out,
                      say(l, "  %.*s (%.*s): %llu fail, %llu unknown\n",
                          "  %.*s（%.*s）：不適合 %llu、不明 %llu\n"),
                      STR_FMT(s->id), STR_FMT(s->operator_id), (unsigned long long)s->fails,
                      (unsigned long long)s->unknowns);
    }
    for (size_t i = 0; i < impact->row_count; i++) {
        bool is_first = i == 0 || impact->rows[i - 1].row->clause != impact->rows[i].row->clause;
        if (is_first) clause_say(&impact->rows[i], l, out);
        row_say(&impact->rows[i], l, out);
    }
}
