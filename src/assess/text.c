/* An assessment for a terminal: first what a person must know, then what is to be done, clause by
 * clause; what passes is counted. */
#include "assess/written.h"

enum { SUBJECTS_SHOWN = 10 };

static const char *who_said(const struct assess_fact *f, enum rulebook_language l) {
    return rulebook_by_word(f->by, l);
}

static void say_facts(const struct assess_row *row, enum rulebook_language l,
                      struct report_out *out) {
    for (size_t i = 0; i < row->fact_count; i++) {
        const struct assess_fact *f = &row->facts[i];
        char since[CLOCK_TEXT_BYTES] = "";
        bool has_since = f->since_ns != RULEBOOK_EVER && f->since_ns != 0;
        if (has_since) clock_iso_s_write(f->since_ns, since);
        report_format(out, "      %.*s = %.*s (%s%s%.10s%s%.*s)\n", STR_FMT(f->path),
                      STR_FMT(f->value), who_said(f, l), has_since ? say(l, ", since ", "、") : "",
                      since, f->source.len > 0 ? ", " : "", STR_FMT(f->source));
    }
}

static void say_lines(str text, const char *indent, struct report_out *out) {
    for (str line; text.len > 0;) {
        if (!str_cut(&text, '\n', &line)) {
            line = text;
            text = STR_EMPTY;
        }
        report_format(out, "%s%.*s\n", indent, STR_FMT(line));
    }
}

static void say_row(const struct assess_row *row, enum rulebook_language l,
                    struct report_out *out) {
    report_format(out, "    %s  %.*s", assess_verdict_word(row->verdict, l), STR_FMT(row->subject));
    if (row->count > 1)
        report_format(out, say(l, " and %llu more alike in verdict", " ほか %llu 件が同じ判定"),
                      (unsigned long long)row->count - 1);
    if (row->suspected)
        report_add_c(
            out, say(l, "  (suspected: by what was observed alone)", "（疑い：観測だけによる）"));
    if (row->exception != NULL)
        report_format(out, say(l, "  (exception %.*s)", "（例外 %.*s）"),
                      STR_FMT(row->exception->id));
    if (row->lifted)
        report_add_c(out, say(l, "  (let through by the clause's own condition)",
                              "（条項自身の条件による容認）"));
    report_add_c(out, "\n");
    say_facts(row, l, out);
    if (row->change.len == 0) return;
    report_format(out, "      %s\n", say(l, "What would change it:", "変えるには："));
    say_lines(row->change, "        ", out);
}

static void say_clause(const struct rulebook_clause *c, const struct assess_row *first,
                       enum rulebook_language l, struct report_out *out) {
    str title = title_in(&c->title, l);
    report_format(out, "\n  %.*s/%.*s  %.*s\n", STR_FMT(c->rulebook->name), STR_FMT(c->id),
                  STR_FMT(title));
    report_format(out, "    %s; %s: %.*s%s\n", rulebook_strength_word(first->strength, l),
                  rulebook_basis_word(c->basis, l), STR_FMT(c->where),
                  is_text_seen(c) ? "" : say(l, " (text not seen)", "（本文未見）"));
    if (first->compelled != NULL)
        report_format(out, say(l, "    binding here through %.*s\n", "    %.*s を通じて拘束する\n"),
                      STR_FMT(first->compelled->by));
}

/* All rows of one verdict, by clause. */
static void say_verdict(const struct assessment *a, enum assess_verdict verdict,
                        struct report_out *out) {
    const struct rulebook_clause *clause = NULL;
    uint64_t shown = 0, left = 0;
    bool any = false;
    for (size_t i = 0; i <= a->row_count; i++) {
        const struct assess_row *row = i < a->row_count ? &a->rows[i] : NULL;
        if (row != NULL && row->verdict != verdict) continue;
        if (row == NULL || row->clause != clause) {
            if (left > 0)
                report_format(out,
                              say(a->language,
                                  "    and %llu more subjects; --format csv lists them\n",
                                  "    ほか %llu 件（--format csv で一覧）\n"),
                              (unsigned long long)left);
            if (row == NULL) break;
            if (!any) report_format(out, "\n%s\n", assess_verdict_word(verdict, a->language));
            any = true;
            clause = row->clause;
            shown = left = 0;
            say_clause(clause, row, a->language, out);
        }
        if (shown++ < SUBJECTS_SHOWN)
            say_row(row, a->language, out);
        else
            left += row->count;
    }
}

static void say_list(const char *head, const str *list, size_t count, struct report_out *out) {
    if (count == 0) return;
    report_format(out, "\n%s\n", head);
    for (size_t i = 0; i < count; i++) report_format(out, "  %.*s\n", STR_FMT(list[i]));
}

static void say_head(const struct assessment *a, struct report_out *out) {
    enum rulebook_language l = a->language;
    char at[CLOCK_TEXT_BYTES], hex[2 * DIGEST_BYTES];
    clock_iso_s_write(a->at_ns, at);
    hex_write(a->rules.at, DIGEST_BYTES, hex);
    report_format(out, say(l, "Assessment of %.*s\nas of %s%s\n", "評価：%.*s\n基準日時：%s%s\n"),
                  STR_FMT(a->operators), at,
                  a->what_if ? say(l, ", as if every rulebook were adopted",
                                   "（全ての規程集を採択したと仮定）")
                             : "");
    if (a->filter.len > 0)
        report_format(out, say(l, "only %.*s\n", "範囲：%.*s\n"), STR_FMT(a->filter));
    report_format(out,
                  say(l, "rules %.16s…, %zu clauses, %llu subjects\n",
                      "規則 %.16s…、%zu 条項、対象 %llu 件\n"),
                  hex, a->tally_count, (unsigned long long)a->subject_count);
}

static void say_totals(const struct assessment *a, struct report_out *out) {
    uint64_t by[RULEBOOK_BY_COMPUTED + 1] = {0};
    report_add_c(out, "\n");
    for (unsigned v = 0; v < ASSESS_VERDICT_COUNT; v++)
        report_format(out, "%s%s %llu", v > 0 ? ", " : "",
                      assess_verdict_word((enum assess_verdict)v, a->language),
                      (unsigned long long)a->total[v]);
    report_format(
        out,
        say(a->language, "; %llu clauses could not be checked\n", "。確かめられない条項 %llu\n"),
        (unsigned long long)unchecked_count(a));
    grounds_of_passes(a, by);
    if (a->total[ASSESS_PASS] == 0) return;
    report_add_c(out, say(a->language, "passes rest on: ", "適合の根拠："));
    bool any = false;
    for (unsigned g = 0; g <= RULEBOOK_BY_COMPUTED; g++) {
        if (by[g] == 0) continue;
        report_format(out, "%s%s %llu", any ? ", " : "",
                      g == RULEBOOK_BY_NOBODY ? say(a->language, "no fact", "事実なし")
                                              : rulebook_by_word((enum rulebook_by)g, a->language),
                      (unsigned long long)by[g]);
        any = true;
    }
    report_add_c(out, "\n");
}

static void say_unchecked(const struct assessment *a, struct report_out *out) {
    bool any = false;
    for (size_t i = 0; i < a->tally_count; i++) {
        const struct assess_tally *t = &a->tallies[i];
        if (t->unchecked == NULL) continue;
        if (!any)
            report_format(out, "\n%s\n", say(a->language, "not checked", "確かめていない条項"));
        any = true;
        report_format(out, "  %.*s/%.*s (%s): %s\n", STR_FMT(t->clause->rulebook->name),
                      STR_FMT(t->clause->id), rulebook_about_word(t->clause->about, a->language),
                      assess_unchecked_word(t->unchecked, a->language));
    }
}

static void say_ledger(const struct assessment *a, struct report_out *out) {
    const struct assess_ledger *ledger = a->ledger;
    enum rulebook_language l = a->language;
    if (ledger == NULL) return;
    report_format(out,
                  say(l, "\ndecided at the gate (%llu acts in the ledger)\n",
                      "\n門での判定（台帳の行為 %llu 件）\n"),
                  (unsigned long long)ledger->acts);
    for (size_t i = 0; i < a->tally_count; i++) {
        const struct rulebook_clause *c = a->tallies[i].clause;
        if (!is_left_to_gate(&a->tallies[i])) continue;
        struct assess_gate_tally t = assess_ledger_clause(ledger, c);
        report_format(out,
                      say(l, "  %.*s/%.*s: allowed %llu, warned %llu, refused %llu\n",
                          "  %.*s/%.*s：許可 %llu、警告 %llu、拒否 %llu\n"),
                      STR_FMT(c->rulebook->name), STR_FMT(c->id), (unsigned long long)t.allowed,
                      (unsigned long long)t.warned, (unsigned long long)t.refused);
    }
    report_format(out, "\n%s\n", say(l, "debts in the ledger", "台帳上の義務"));
    for (size_t i = 0; i < ledger->debt_count; i++) {
        const struct assess_debt *d = &ledger->debts[i];
        char room[512];
        struct text what = text_into(room, sizeof room);
        rulebook_terms_text(d->what, l, &what);
        report_format(out,
                      say(l, "  %.*s, %.*s: %llu owed, %llu late, %llu met\n",
                          "  %.*s、%.*s：未履行 %llu、期限超過 %llu、履行済み %llu\n"),
                      STR_FMT(text_str(&what)), STR_FMT(d->dataset), (unsigned long long)d->owed,
                      (unsigned long long)d->late, (unsigned long long)d->met);
    }
    if (ledger->debt_count == 0) report_format(out, "  %s\n", say(l, "none", "なし"));
}

void assess_write_text(const struct assessment *a, struct report_out *out) {
    size_t count;
    const struct rulebook_conflict *conflicts = rulebook_set_conflicts(a->set, &count);
    say_head(a, out);
    say_totals(a, out);
    say_verdict(a, ASSESS_FAIL, out);
    say_verdict(a, ASSESS_UNKNOWN, out);
    say_verdict(a, ASSESS_EXCEPTED, out);
    say_verdict(a, ASSESS_ATTESTED, out);
    say_unchecked(a, out);
    say_ledger(a, out);
    say_list(say(a->language, "no edition in force", "施行されている版がない"), a->gaps,
             a->gap_count, out);
    for (size_t i = 0; i < count; i++)
        report_format(out, say(a->language, "\nconflict: %.*s\n", "\n抵触：%.*s\n"),
                      STR_FMT(conflicts[i].text));
    say_list(say(a->language, "warnings", "注意"), a->warnings, a->warning_count, out);
}
