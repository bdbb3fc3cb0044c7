/* A decision as sentences: what was asked, what the rule wants, on what basis and why it binds
 * here, what was found and who said so, what would make it pass. Source: RULEBOOK 7. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "rulebook/say/explain.h"

static void line(struct explainer *x, const char *label_en, const char *label_ja) {
    text_format(x->out, "  %s", in_language(x->l, label_en, label_ja));
}

static void add_day(struct text *t, int64_t ns) {
    char iso[CLOCK_TEXT_BYTES];
    clock_iso_s_write(ns, iso);
    text_add(t, str_of(iso, 10));
}

/* ---- parts of one clause ---- */

const struct set_clause *explain_set_clause(const struct explainer *x,
                                            const struct rulebook_spoke *spoke) {
    const struct set_clause *found = NULL;
    for (size_t i = 0; i < x->d->set->clause_count; i++) {
        const struct set_clause *sc = &x->d->set->clauses[i];
        if (sc->clause != spoke->clause) continue;
        if (found == NULL || question_considers(&x->q, sc)) found = sc;
        if (question_considers(&x->q, found)) return found;
    }
    return found;
}

struct evaluation explain_evaluation(const struct explainer *x, const struct set_clause *sc) {
    struct evaluation ev = question_evaluation(&x->q, sc);
    ev.accepts = sc->clause->rule->accepts;
    ev.accept_count = sc->clause->rule->accept_count;
    return ev;
}

enum error_code explain_facts(const struct explainer *x, const struct rulebook_spoke *spoke,
                              const struct rulebook_reading **out, size_t *count) {
    struct arena scratch = x->scratch, half = x->scratch;
    half.end = half.next + arena_left(&scratch) / 2;
    scratch.next = half.end;
    return rulebook_spoke_facts(x->d, spoke, &half, scratch, out, count, x->e);
}

bool explain_is_by_clock(const struct explainer *x, const struct rulebook_spoke *s) {
    bool is_open = s->verdict == RULEBOOK_FAIL || s->verdict == RULEBOOK_VERDICT_UNKNOWN;
    return x->options->clocks != NULL && is_open && s->truth == RULEBOOK_TRUE;
}

bool explain_is_elsewhere(const struct explainer *x, const struct set_clause *sc) {
    return (sc->clause->about & x->d->subject.about) == 0 && x->q.bindings[sc->book].binds &&
           rulebook_span_has(sc->clause->in_force, x->d->at_ns);
}

enum error_code explain_done(const struct explainer *x) {
    if (!x->out->overflow) return OK;
    return error_set(x->e, FAIL_MEMORY, "the explanation is longer than %zu bytes", x->out->cap);
}

static void add_basis(struct explainer *x, const struct rulebook_clause *c) {
    line(x, "Basis: ", "根拠：");
    text_format(x->out, "%s, %.*s", phrase_basis(c->basis, x->l), STR_FMT(c->where));
    if (is_text_unseen(c))
        text_add_c(x->out, in_language(x->l, " (text not seen)", "（本文未見）"));
    if (c->quote.len > 0)
        text_format(x->out, in_language(x->l, ": “%.*s”", "：「%.*s」"), STR_FMT(c->quote));
    text_add_c(x->out, "\n");
}

static void add_why(struct explainer *x, const struct rulebook_spoke *s) {
    const struct rulebook_clause *c = s->clause;
    bool ja = x->l == RULEBOOK_JAPANESE;
    line(x, "Why it binds: ", "拘束する理由：");
    if (s->adoption == NULL)
        text_add_c(x->out, ja ? "仮定（採択されたとして）" : "what if it were adopted");
    else if (s->adoption->by.len > 0)
        text_format(x->out, ja ? "採択：%.*s" : "adopted: %.*s", STR_FMT(s->adoption->by));
    else
        text_add_c(x->out, ja ? "登録簿で採択" : "adopted in the register");
    const char *own = phrase_strength(c->strength, x->l),
               *here = phrase_strength(s->strength, x->l);
    if (s->compelled != NULL) {
        text_format(x->out,
                    ja ? "。%.*s の文言は「%s」だが、%.*s を通じてここでは「%s」"
                       : ". By %.*s it is %s; through %.*s it is %s here",
                    STR_FMT(c->rulebook->issuer), own, STR_FMT(s->compelled->by), here);
        if (s->compelled->when.len > 0)
            text_format(x->out, ja ? "（%.*s のとき）" : " (when %.*s)",
                        STR_FMT(s->compelled->when));
    } else if (s->raised_by != NULL) {
        text_format(x->out,
                    ja ? "。%.*s の文言は「%s」だが、%.*s がここでは「%s」に引き上げる"
                       : ". By %.*s it is %s; %.*s raises it to %s here",
                    STR_FMT(c->rulebook->issuer), own, STR_FMT(s->raised_by->name), here);
    } else {
        text_format(x->out, ja ? "。%.*s による「%s」" : ". Strength: %.*s says %s",
                    STR_FMT(c->rulebook->issuer), here);
    }
    if (s->applied == RULEBOOK_UNKNOWN_TRUTH)
        text_add_c(x->out, ja ? "。適用されるか不明のため適用とみなす"
                              : ". Whether it applies is unknown, which counts as applying");
    text_add_c(x->out, "\n");
}

static void add_source(struct explainer *x, str source) {
    static const str set_at = {"set at adoption in ", 19};
    if (x->l == RULEBOOK_JAPANESE && str_starts(source, set_at))
        text_format(x->out, "採択時に %.*s で設定", STR_FMT(str_skip(source, set_at.len)));
    else
        text_add(x->out, source);
}

static void add_value(struct explainer *x, const struct rulebook_reading *reading) {
    const struct rulebook_value *v = reading->value;
    text_format(x->out, "    %.*s = ", STR_FMT(reading->path));
    phrase_value(v, x->l, x->out);
    text_format(x->out, in_language(x->l, " (%s", "（%s"), phrase_by(v->by, x->l));
    if (v->since_ns != RULEBOOK_EVER && v->since_ns != 0) {
        text_add_c(x->out, in_language(x->l, ", since ", "、"));
        add_day(x->out, v->since_ns);
        text_add_c(x->out, in_language(x->l, "", " から"));
    }
    if (v->source.len > 0) {
        text_add_c(x->out, ", ");
        add_source(x, v->source);
    }
    text_add_c(x->out, in_language(x->l, ")\n", "）\n"));
}

static enum error_code add_found(struct explainer *x, const struct rulebook_spoke *s) {
    const struct rulebook_reading *readings;
    size_t count;
    TRY(explain_facts(x, s, &readings, &count));
    line(x, "Found:\n", "分かったこと：\n");
    for (size_t i = 0; i < count; i++) add_value(x, &readings[i]);
    return OK;
}

static void add_wanted(struct explainer *x, const struct rulebook_clause *c) {
    if (c->rule->require == NULL) return;
    line(x, "Wants:\n", "求めること：\n");
    for (size_t i = 0; i < c->rule->require->part_count; i++) {
        text_add_c(x->out, "    ");
        phrase_wanted(&c->rule->require->parts[i], x->l, x->out);
        text_add_c(x->out, "\n");
    }
}

static void add_advice(struct explainer *x, const struct rulebook_spoke *s) {
    const struct set_clause *sc = explain_set_clause(x, s);
    const struct clause_rule *rule = s->clause->rule;
    if (explain_is_by_clock(x, s)) {
        line(x, "What would make it pass:\n    ", "通すには：\n    ");
        x->options->clocks->advise(x->options->clocks, s, x->l, x->out);
        text_add_c(x->out, "\n");
    }
    if (s->truth == RULEBOOK_TRUE || rule->require == NULL || sc == NULL) return;
    line(x, "What would make it pass:\n", "通すには：\n");
    struct evaluation ev = explain_evaluation(x, sc);
    phrase_advice(rule->require, &ev, x->l, "    ", x->out);
    bool firm = s->strength == RULEBOOK_LAW || s->compelled != NULL;
    if (rule->unless != NULL && s->verdict != RULEBOOK_LIFTED && (!firm || s->clause->lifts_law)) {
        text_format(x->out, "    %s\n",
                    in_language(x->l, "or, to be let through with a warning:",
                                "または、警告付きで通すには："));
        struct evaluation plain = question_evaluation(&x->q, sc);
        phrase_advice(rule->unless, &plain, x->l, "      ", x->out);
    }
    if (s->effect == RULEBOOK_REFUSE && s->strength != RULEBOOK_LAW)
        text_format(x->out, "    %s\n",
                    in_language(x->l, "or an exception, proposed and approved by two people",
                                "または、二人が申請・承認した例外"));
}

static void add_duties(struct explainer *x, const struct rulebook_spoke *s) {
    const struct rulebook_clause *c = s->clause;
    const struct rulebook_clocks *clocks = x->options->clocks;
    for (size_t i = 0; i < c->duty_count; i++) {
        const struct rulebook_duty *duty = &c->duties[i];
        line(x, "Duty: ", "義務：");
        text_format(x->out, "%.*s, ", STR_FMT(duty->stage));
        phrase_periods(&duty->within, x->l, x->out);
        text_format(x->out, in_language(x->l, " from %.*s, to", "（起点 %.*s）、届出先"),
                    STR_FMT(duty->start));
        for (size_t k = 0; k < duty->to_count; k++)
            text_format(x->out, " %.*s", STR_FMT(duty->to[k]));
        if (duty->form.len > 0)
            text_format(x->out, in_language(x->l, "; %.*s", "；%.*s"), STR_FMT(duty->form));
        text_add_c(x->out, "\n");
        if (clocks == NULL) continue;
        text_add_c(x->out, "    ");
        clocks->say(clocks, s, duty, x->l, x->out);
        text_add_c(x->out, "\n");
    }
}

static enum error_code add_clause(struct explainer *x, const struct rulebook_spoke *s) {
    const struct rulebook_clause *c = s->clause;
    text_format(x->out, "[%s] %.*s/%.*s", rulebook_effect_name(s->effect),
                STR_FMT(c->rulebook->name), STR_FMT(c->id));
    str title = phrase_title(&c->title, x->l);
    if (title.len > 0) text_format(x->out, in_language(x->l, ": %.*s", "：%.*s"), STR_FMT(title));
    text_format(x->out, "\n  %s\n", phrase_verdict(s->verdict, x->l));
    if (s->exception != NULL) {
        line(x, "Exception ", "例外 ");
        text_format(x->out, "%.*s: %.*s (%.*s) ", STR_FMT(s->exception->id),
                    STR_FMT(s->exception->reason), STR_FMT(s->exception->approver));
        text_add_c(x->out, in_language(x->l, "until ", "期限 "));
        add_day(x->out, s->exception->span.until_ns);
        text_add_c(x->out, "\n");
    }
    add_basis(x, c);
    add_why(x, s);
    add_wanted(x, c);
    TRY(add_found(x, s));
    add_advice(x, s);
    add_duties(x, s);
    if (c->note.len > 0 && c->duty_count > 0) { /* which law, which form: who reports must know */
        line(x, "Note: ", "注：");
        text_format(x->out, "%.*s\n", STR_FMT(c->note));
    }
    return OK;
}

/* ---- the whole ---- */

static void add_asked(struct explainer *x) {
    const struct rulebook_subject *s = &x->d->subject;
    char iso[CLOCK_TEXT_BYTES];
    clock_iso_s_write(x->d->at_ns, iso);
    bool ja = x->l == RULEBOOK_JAPANESE;
    text_add_c(x->out, ja ? "問い：" : "Asked: ");
    if (s->act.len > 0) {
        text_format(x->out, "%.*s", STR_FMT(s->act));
    } else {
        bool first = true;
        for (size_t i = 0; i < RULEBOOK_ABOUT_COUNT; i++) {
            if ((s->about >> i & 1) == 0) continue;
            text_format(x->out, "%s%s", first ? "" : ", ",
                        phrase_about((enum rulebook_about)(1u << i), x->l));
            first = false;
        }
    }
    if (s->dataset_id.len > 0)
        text_format(x->out, ja ? "、データセット %.*s" : " of dataset %.*s",
                    STR_FMT(s->dataset_id));
    if (s->site_id.len > 0)
        text_format(x->out, ja ? "、拠点 %.*s" : " at site %.*s", STR_FMT(s->site_id));
    text_format(x->out, ja ? "、%s\n答え：%s\n" : ", %s\nAnswer: %s\n", iso,
                phrase_effect(x->d->effect, x->l));
}

static void add_obligations(struct explainer *x) {
    if (x->d->obligation_count == 0) return;
    text_format(x->out, "%s\n", in_language(x->l, "Obligations:", "門の義務："));
    for (size_t i = 0; i < x->d->obligation_count; i++) {
        const struct rulebook_obligation *o = &x->d->obligations[i];
        text_add_c(x->out, "  ");
        phrase_obligation(o, x->l, x->out);
        text_format(x->out, " (%.*s/%.*s)\n", STR_FMT(o->clause->rulebook->name),
                    STR_FMT(o->clause->id));
    }
}

static enum error_code add_gaps(struct explainer *x) {
    const str *names;
    size_t count;
    struct arena scratch = x->scratch;
    TRY(rulebook_decision_gaps(x->d, &scratch, &names, &count, x->e));
    for (size_t i = 0; i < count; i++) {
        bool ja = x->l == RULEBOOK_JAPANESE;
        if (!ja) text_format(x->out, "No edition of %.*s is in force on ", STR_FMT(names[i]));
        add_day(x->out, x->d->at_ns);
        text_format(x->out, ja ? " に施行されている %.*s の版はない。\n" : ".\n",
                    STR_FMT(names[i]));
    }
    return OK;
}

static void add_elsewhere(struct explainer *x) {
    bool first = true;
    for (size_t i = 0; i < x->d->set->clause_count; i++) {
        const struct set_clause *sc = &x->d->set->clauses[i];
        if (!explain_is_elsewhere(x, sc)) continue;
        if (first)
            text_format(x->out, "%s\n",
                        in_language(x->l, "Not decided at this gate:", "この門では判定しない："));
        first = false;
        text_format(x->out, "  %.*s/%.*s (%s)\n", STR_FMT(sc->clause->rulebook->name),
                    STR_FMT(sc->clause->id), phrase_about(sc->clause->about, x->l));
    }
}

enum error_code explain_begin(struct explainer *x, const struct rulebook_decision *d,
                              const struct rulebook_explain *options, struct arena scratch,
                              struct text *out, struct error *e) {
    *x = (struct explainer){
        .d = d, .options = options, .l = options->language, .scratch = scratch, .out = out, .e = e};
    return decision_question(d, &x->scratch, &x->q, e);
}

enum error_code rulebook_explain_text(const struct rulebook_decision *decision,
                                      const struct rulebook_explain *options, struct arena scratch,
                                      struct text *out, struct error *e) {
    struct explainer x;
    TRY(explain_begin(&x, decision, options, scratch, out, e));
    const struct rulebook_spoke *const *order;
    size_t count, shown = 0;
    TRY(decision_in_order(decision, &x.scratch, &order, &count, e));
    add_asked(&x);
    for (int effect = RULEBOOK_REFUSE; effect >= RULEBOOK_ALLOW; effect--)
        for (size_t i = 0; i < count; i++) {
            bool is_quiet = order[i]->verdict == RULEBOOK_PASS && order[i]->clause->duty_count == 0;
            if ((int)order[i]->effect != effect || (is_quiet && !options->passed)) continue;
            TRY(add_clause(&x, order[i]));
            shown++;
        }
    if (count == 0)
        text_format(out, "%s\n",
                    in_language(x.l, "No clause that binds here applies.",
                                "ここで拘束する条項のうち適用されるものはない。"));
    else if (shown < count)
        text_format(out,
                    in_language(x.l, "Passed: %zu of %zu clauses that applied.\n",
                                "適合：%zu／適用された %zu 条項\n"),
                    count - shown, count);
    add_obligations(&x);
    for (size_t i = 0; i < decision->conflict_count; i++)
        text_format(out, "%s%.*s\n", in_language(x.l, "Conflict: ", "抵触："),
                    STR_FMT(decision->conflicts[i].text));
    TRY(add_gaps(&x));
    if (options->elsewhere) add_elsewhere(&x);
    return explain_done(&x);
}

/* ---- one line ---- */

/* The first leaf that does not hold. */
static const struct condition *first_failing(const struct condition *c, struct evaluation *ev) {
    if (c->kind == CONDITION_ALL)
        for (size_t i = 0; i < c->part_count; i++)
            if (condition_evaluate(&c->parts[i], ev) != RULEBOOK_TRUE)
                return first_failing(&c->parts[i], ev);
    return c;
}

enum error_code rulebook_explain_line(const struct rulebook_decision *decision,
                                      const struct rulebook_spoke *spoke,
                                      enum rulebook_language language, struct arena scratch,
                                      struct text *out, struct error *e) {
    struct explainer x;
    struct rulebook_explain options = {.language = language};
    TRY(explain_begin(&x, decision, &options, scratch, out, e));
    const struct rulebook_clause *c = spoke->clause;
    text_format(out, "%.*s/%.*s", STR_FMT(c->rulebook->name), STR_FMT(c->id));
    if (is_text_unseen(c))
        text_add_c(out, in_language(language, " (text not seen)", "（本文未見）"));
    const struct set_clause *sc = explain_set_clause(&x, spoke);
    if (spoke->truth != RULEBOOK_TRUE && c->rule->require != NULL && sc != NULL) {
        struct evaluation ev = explain_evaluation(&x, sc);
        const struct condition *failing = first_failing(c->rule->require, &ev);
        text_add_c(out, in_language(language, ": ", "："));
        phrase_wanted(failing, language, out);
        if (failing->kind == CONDITION_COMPARE && failing->left.kind == OPERAND_FACT) {
            const struct rulebook_value *found = evaluation_fact(&ev, failing->left.path);
            text_add_c(out, in_language(language, ", but it is ", "。現状は "));
            phrase_value(found, language, out);
        } else if (spoke->truth == RULEBOOK_UNKNOWN_TRUTH) {
            text_add_c(out, in_language(language, ", which is unknown", "。それは不明"));
        }
    }
    return explain_done(&x);
}
