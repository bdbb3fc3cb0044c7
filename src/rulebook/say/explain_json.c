/* A decision as JSON, from the same data as the sentences. */
#include <inttypes.h>

#include "base/clock.h"
#include "rulebook/say/explain.h"

static void key(struct text *t, const char *name) {
    text_format(t, ",\"%s\":", name);
}
static void text_key(struct text *t, const char *name, str value) {
    key(t, name);
    text_add_json(t, value);
}
static void word_key(struct text *t, const char *name, const char *value) {
    text_key(t, name, str_from_c(value));
}

static void json_day(struct text *t, const char *name, int64_t ns) {
    char iso[CLOCK_TEXT_BYTES];
    size_t len = clock_iso_s_write(ns, iso);
    text_key(t, name, str_of(iso, len));
}

static enum error_code json_facts(struct explainer *x, const struct rulebook_spoke *s) {
    const struct rulebook_reading *readings;
    size_t count;
    TRY(explain_facts(x, s, &readings, &count));
    text_add_c(x->out, ",\"facts\":[");
    for (size_t i = 0; i < count; i++) {
        const struct rulebook_value *v = readings[i].value;
        text_add_c(x->out, i > 0 ? ",{\"path\":" : "{\"path\":");
        text_add_json(x->out, readings[i].path);
        key(x->out, "value");
        rulebook_value_json(v, x->out);
        key(x->out, "known");
        text_add_c(x->out, value_is_known(v) ? "true" : "false");
        word_key(x->out, "by", rulebook_by_name(v->by));
        if (v->since_ns != RULEBOOK_EVER && v->since_ns != 0)
            json_day(x->out, "since", v->since_ns);
        if (v->until_ns != 0 && v->until_ns != RULEBOOK_ALWAYS)
            json_day(x->out, "until", v->until_ns);
        if (v->source.len > 0) text_key(x->out, "source", v->source);
        text_add_c(x->out, "}");
    }
    text_add_c(x->out, "]");
    return OK;
}

static void json_requirements(struct explainer *x, const struct rulebook_spoke *s) {
    const struct set_clause *sc = explain_set_clause(x, s);
    const struct condition *require = s->clause->rule->require;
    text_add_c(x->out, ",\"requires\":[");
    for (size_t i = 0; require != NULL && sc != NULL && i < require->part_count; i++) {
        struct evaluation ev = explain_evaluation(x, sc);
        char buffer[1024];
        struct text wanted = text_into(buffer, sizeof buffer);
        phrase_wanted(&require->parts[i], x->l, &wanted);
        text_format(x->out, "%s{\"truth\":\"%s\"", i > 0 ? "," : "",
                    rulebook_truth_name(condition_evaluate(&require->parts[i], &ev)));
        text_key(x->out, "condition", require->parts[i].text);
        text_key(x->out, "wants", text_str(&wanted));
        text_add_c(x->out, "}");
    }
    text_add_c(x->out, "]");
}

static void json_advice(struct explainer *x, const struct rulebook_spoke *s) {
    const struct set_clause *sc = explain_set_clause(x, s);
    bool is_by_clock = explain_is_by_clock(x, s);
    if (!is_by_clock &&
        (s->truth == RULEBOOK_TRUE || s->clause->rule->require == NULL || sc == NULL))
        return;
    char buffer[2048];
    struct text advice = text_into(buffer, sizeof buffer);
    if (is_by_clock) {
        x->options->clocks->advise(x->options->clocks, s, x->l, &advice);
    } else {
        struct evaluation ev = explain_evaluation(x, sc);
        phrase_advice(s->clause->rule->require, &ev, x->l, "", &advice);
    }
    str said = text_str(&advice);
    while (said.len > 0 && said.at[said.len - 1] == '\n') said.len--;
    text_key(x->out, "to_pass", said);
}

static void json_periods(struct text *t, const char *name, const struct rulebook_periods *p) {
    char buffer[256];
    struct text said = text_into(buffer, sizeof buffer);
    phrase_periods(p, RULEBOOK_ENGLISH, &said);
    text_key(t, name, text_str(&said));
}

static void json_duties(struct explainer *x, const struct rulebook_spoke *s) {
    const struct rulebook_clause *c = s->clause;
    const struct rulebook_clocks *clocks = x->options->clocks;
    struct text *t = x->out;
    text_add_c(t, ",\"duties\":[");
    for (size_t i = 0; i < c->duty_count; i++) {
        const struct rulebook_duty *d = &c->duties[i];
        text_add_c(t, i > 0 ? ",{\"stage\":" : "{\"stage\":");
        text_add_json(t, d->stage);
        text_key(t, "start", d->start);
        json_periods(t, "within", &d->within);
        text_add_c(t, ",\"to\":[");
        for (size_t k = 0; k < d->to_count; k++) {
            if (k > 0) text_add_c(t, ",");
            text_add_json(t, d->to[k]);
        }
        text_add_c(t, "]");
        if (d->form.len > 0) text_key(t, "form", d->form);
        if (clocks != NULL) clocks->json(clocks, s, d, t);
        text_add_c(t, "}");
    }
    text_add_c(t, "]");
}

static enum error_code json_clause(struct explainer *x, const struct rulebook_spoke *s) {
    const struct rulebook_clause *c = s->clause;
    struct text *t = x->out;
    text_add_c(t, "{\"rulebook\":");
    text_add_json(t, c->rulebook->name);
    text_key(t, "clause", c->id);
    word_key(t, "about", rulebook_about_name(c->about));
    word_key(t, "effect", rulebook_effect_name(s->effect));
    word_key(t, "truth", rulebook_truth_name(s->truth));
    word_key(t, "verdict", rulebook_verdict_name(s->verdict));
    word_key(t, "applies", rulebook_truth_name(s->applied));
    word_key(t, "strength", rulebook_strength_name(s->strength));
    word_key(t, "stated_strength", rulebook_strength_name(c->strength));
    if (s->compelled != NULL) text_key(t, "compelled_by", s->compelled->by);
    if (s->raised_by != NULL) text_key(t, "raised_by", s->raised_by->name);
    if (s->adoption != NULL && s->adoption->by.len > 0) text_key(t, "adopted_by", s->adoption->by);
    if (s->exception != NULL) text_key(t, "exception", s->exception->id);
    word_key(t, "basis", rulebook_basis_name(c->basis));
    text_format(t, ",\"text_seen\":%s", is_text_unseen(c) ? "false" : "true");
    text_key(t, "where", c->where);
    if (c->quote.len > 0) text_key(t, "quote", c->quote);
    text_key(t, "title", phrase_title(&c->title, x->l));
    json_requirements(x, s);
    TRY(json_facts(x, s));
    json_advice(x, s);
    if (c->duty_count > 0) json_duties(x, s);
    if (c->note.len > 0) text_key(t, "note", c->note);
    text_add_c(t, "}");
    return OK;
}

static void json_obligation(struct text *t, const struct rulebook_obligation *o) {
    text_add_c(t, "{\"kind\":");
    text_add_json(t, str_from_c(rulebook_obligation_name(o->kind)));
    if (o->number > 0) text_format(t, ",\"number\":%" PRIu64, o->number);
    if (o->word_count > 0 || o->kind == RULEBOOK_OBLIGE_KEYS_IN) {
        text_add_c(t, ",\"among\":[");
        for (size_t i = 0; i < o->word_count; i++) {
            if (i > 0) text_add_c(t, ",");
            text_add_json(t, o->words[i]);
        }
        text_add_c(t, "]");
    }
    if (o->periods.count > 0) json_periods(t, "length", &o->periods);
    if (o->start.len > 0) text_key(t, "start", o->start);
    if (o->delete_here) text_add_c(t, ",\"delete_here\":true");
    if (o->shown_by.len > 0) text_key(t, "shown_by", o->shown_by);
    word_key(t, "due", o->by_ack ? "ack" : "within");
    if (o->within.count > 0) json_periods(t, "within", &o->within);
    text_format(t, ",\"demanded\":%s", o->asked ? "false" : "true");
    text_key(t, "rulebook", o->clause->rulebook->name);
    text_key(t, "clause", o->clause->id);
    text_add_c(t, "}");
}

static void json_elsewhere(struct explainer *x) {
    bool first = true;
    text_add_c(x->out, ",\"elsewhere\":[");
    for (size_t i = 0; i < x->d->set->clause_count; i++) {
        const struct set_clause *sc = &x->d->set->clauses[i];
        if (!explain_is_elsewhere(x, sc)) continue;
        text_add_c(x->out, first ? "{\"rulebook\":" : ",{\"rulebook\":");
        first = false;
        text_add_json(x->out, sc->clause->rulebook->name);
        text_key(x->out, "clause", sc->clause->id);
        word_key(x->out, "about", rulebook_about_name(sc->clause->about));
        word_key(x->out, "note",
                 in_language(x->l, "not decided at this gate", "この門では判定しない"));
        text_add_c(x->out, "}");
    }
    text_add_c(x->out, "]");
}

static enum error_code json_gaps(struct explainer *x) {
    const str *names;
    size_t count;
    struct arena scratch = x->scratch;
    TRY(rulebook_decision_gaps(x->d, &scratch, &names, &count, x->e));
    text_add_c(x->out, ",\"not_in_force\":[");
    for (size_t i = 0; i < count; i++) {
        if (i > 0) text_add_c(x->out, ",");
        text_add_json(x->out, names[i]);
    }
    text_add_c(x->out, "]");
    return OK;
}

enum error_code rulebook_explain_json(const struct rulebook_decision *decision,
                                      const struct rulebook_explain *options, struct arena scratch,
                                      struct text *out, struct error *e) {
    struct explainer x;
    TRY(explain_begin(&x, decision, options, scratch, out, e));
    const struct rulebook_spoke *const *order;
    size_t count;
    TRY(decision_in_order(decision, &x.scratch, &order, &count, e));
    char hex[2 * DIGEST_BYTES];
    hex_write(decision->set->digest.at, DIGEST_BYTES, hex);
    text_format(out, "{\"decision\":\"%s\"", rulebook_effect_name(decision->effect));
    if (decision->subject.act.len > 0) text_key(out, "act", decision->subject.act);
    text_add_c(out, ",\"about\":[");
    for (size_t i = 0, n = 0; i < RULEBOOK_ABOUT_COUNT; i++)
        if (decision->subject.about >> i & 1)
            text_format(out, "%s\"%s\"", n++ > 0 ? "," : "",
                        rulebook_about_name((enum rulebook_about)(1u << i)));
    text_add_c(out, "]");
    json_day(out, "at", decision->at_ns);
    text_key(out, "rules", str_of(hex, sizeof hex));
    text_add_c(out, ",\"clauses\":[");
    for (size_t i = 0; i < count; i++) {
        if (i > 0) text_add_c(out, ",");
        TRY(json_clause(&x, order[i]));
    }
    text_add_c(out, "],\"obligations\":[");
    for (size_t i = 0; i < decision->obligation_count; i++) {
        if (i > 0) text_add_c(out, ",");
        json_obligation(out, &decision->obligations[i]);
    }
    text_add_c(out, "],\"conflicts\":[");
    for (size_t i = 0; i < decision->conflict_count; i++) {
        if (i > 0) text_add_c(out, ",");
        text_add_json(out, decision->conflicts[i].text);
    }
    text_add_c(out, "]");
    TRY(json_gaps(&x));
    if (options->elsewhere) json_elsewhere(&x);
    text_add_c(out, "}");
    return explain_done(&x);
}
