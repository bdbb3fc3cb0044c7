/* Clauses and rulebooks as sentences, without any question asked. */
#include "base/clock.h"
#include "rulebook/say/phrase.h"

/* The day as the instrument counts days: the first instant of 1 July in Japan is 30 June UTC. */
static void add_day(struct text *t, int64_t ns, int64_t zone_ns) {
    char iso[CLOCK_TEXT_BYTES];
    clock_iso_s_write(ns - zone_ns, iso);
    text_add(t, str_of(iso, 10));
}

static void add_span(struct text *t, struct rulebook_span span, int64_t zone_ns,
                     enum rulebook_language l) {
    bool ja = l == RULEBOOK_JAPANESE;
    text_add_c(t, ja ? "施行：" : "in force ");
    if (span.from_ns != RULEBOOK_EVER) {
        if (!ja) text_add_c(t, "from ");
        add_day(t, span.from_ns, zone_ns);
        if (ja) text_add_c(t, " から");
    }
    if (span.until_ns != RULEBOOK_ALWAYS) {
        text_add_c(t, ja ? " " : " until ");
        add_day(t, span.until_ns, zone_ns);
        text_add_c(t, ja ? " の前日まで" : " (first day not in force)");
    } else if (span.from_ns == RULEBOOK_EVER) {
        text_add_c(t, ja ? "期間の定めなし" : "at any time");
    }
}

static void add_among(const struct applies *one, enum rulebook_language l, struct text *t) {
    struct condition c = {.kind = CONDITION_COMPARE, .op = VALUE_IN};
    c.left = (struct operand){.kind = OPERAND_FACT, .path = one->path};
    c.right = one->among;
    text_add_c(t, "    ");
    phrase_said(&c, l, t);
    text_add_c(t, "\n");
}

static void add_applies(const struct clause_rule *rule, enum rulebook_language l, struct text *t) {
    for (size_t i = 0; i < rule->applies_count; i++) add_among(&rule->applies[i], l, t);
    for (size_t i = 0; rule->when != NULL && i < rule->when->part_count; i++) {
        text_add_c(t, "    ");
        phrase_said(&rule->when->parts[i], l, t);
        text_add_c(t, "\n");
    }
}

static void add_all(const struct condition *all, enum rulebook_language l, struct text *t) {
    for (size_t i = 0; all != NULL && i < all->part_count; i++) {
        text_add_c(t, "    ");
        phrase_wanted(&all->parts[i], l, t);
        text_add_c(t, "\n");
    }
}

/* `reads` and `accepts`: who must have said it, and what need not be told. */
static void add_saying(const struct clause_rule *rule, enum rulebook_language l, struct text *t) {
    for (size_t i = 0; i < rule->read_count; i++) {
        const char *between = in_language(l, " counts only as ", " は次によるものだけ：");
        text_format(t, "  %.*s", STR_FMT(rule->reads[i].path));
        for (unsigned by = RULEBOOK_BY_DECLARED; by <= RULEBOOK_BY_COMPUTED; by++) {
            if ((rule->reads[i].kinds >> by & 1) == 0) continue;
            text_format(t, "%s%s", between, rulebook_by_word((enum rulebook_by)by, l));
            between = in_language(l, ", ", "、");
        }
        text_add_c(t, "\n");
    }
    for (size_t i = 0; i < rule->accept_count; i++)
        text_format(t,
                    in_language(l, "  %.*s may be withheld\n", "  %.*s は秘匿されていてもよい\n"),
                    STR_FMT(rule->accepts[i]));
}

/* What the conditions name by `$` and the text leaves open, or sets once. */
static void add_params(const struct clause_rule *rule, enum rulebook_language l, struct text *t) {
    for (size_t i = 0; i < rule->param_count; i++) {
        const struct param *p = &rule->params[i];
        text_format(t, "  $%.*s", STR_FMT(p->name));
        if (p->by_operator)
            text_add_c(t, in_language(l, " is set by whoever adopts it", " は採択する者が定める"));
        if (p->by_operator && p->unit.len > 0)
            text_format(t, in_language(l, ", in %.*s", "（単位 %.*s）"), STR_FMT(p->unit));
        if (p->has_value) {
            text_add_c(t, in_language(l, " is ", " は "));
            phrase_value(&p->value, l, t);
        }
        if (p->note.len > 0)
            text_format(t, in_language(l, " (%.*s)", "（%.*s）"), STR_FMT(p->note));
        text_add_c(t, "\n");
    }
}

/* Which clauses of others the rulebook strengthens, and whose it takes along. */
static void add_others(const struct rulebook_more *more, enum rulebook_language l, struct text *t) {
    if (more->extends.len > 0)
        text_format(t,
                    in_language(l, "  extends %.*s: its clauses come along\n",
                                "  %.*s の条項をすべて引き継ぐ\n"),
                    STR_FMT(more->extends));
    for (size_t i = 0; i < more->raise_count; i++) {
        const struct raise *raise = &more->raises[i];
        text_format(t, in_language(l, "  raises %.*s to %s%s\n", "  %.*s を「%s」に引き上げる%s\n"),
                    STR_FMT(raise->clause), phrase_strength(raise->to, l),
                    raise->only_count > 0 ? in_language(l, ", when:", "：次のとき") : "");
        for (size_t k = 0; k < raise->only_count; k++) add_among(&raise->only[k], l, t);
    }
}

void rulebook_clause_text(const struct rulebook_clause *c, enum rulebook_language l,
                          struct text *t) {
    const struct clause_rule *rule = c->rule;
    str title = phrase_title(&c->title, l);
    text_format(t, "%.*s/%.*s", STR_FMT(c->rulebook->name), STR_FMT(c->id));
    if (title.len > 0) text_format(t, in_language(l, ": %.*s", "：%.*s"), STR_FMT(title));
    text_format(t, "\n  %s %s; %s %s; %s %s, %.*s%s\n", in_language(l, "about", "対象："),
                phrase_about(c->about, l), in_language(l, "strength", "強さ："),
                phrase_strength(c->strength, l), in_language(l, "basis", "根拠："),
                phrase_basis(c->basis, l), STR_FMT(c->where),
                is_text_unseen(c) ? in_language(l, " (text not seen)", "（本文未見）") : "");
    if (c->in_force.from_ns != RULEBOOK_EVER || c->in_force.until_ns != RULEBOOK_ALWAYS) {
        text_add_c(t, "  ");
        add_span(t, c->in_force, c->rulebook->zone_ns, l);
        text_add_c(t, "\n");
    }
    if (c->quote.len > 0)
        text_format(t, in_language(l, "  “%.*s”\n", "  「%.*s」\n"), STR_FMT(c->quote));
    for (size_t i = 0; i < c->compelled_count; i++) {
        const struct rulebook_compelled *by = &c->compelled[i];
        text_format(t, in_language(l, "  %s through %.*s", "  「%s」となる根拠：%.*s"),
                    phrase_strength(by->strength, l), STR_FMT(by->by));
        if (by->when.len > 0)
            text_format(t, in_language(l, ", when %.*s", "（%.*s のとき）"), STR_FMT(by->when));
        if (by->since.from_ns != RULEBOOK_EVER) {
            text_add_c(t, in_language(l, ", since ", "、"));
            add_day(t, by->since.from_ns, c->rulebook->zone_ns);
            text_add_c(t, in_language(l, "", " から"));
        }
        text_add_c(t, "\n");
    }
    if (rule->applies_count > 0 || rule->when != NULL) {
        text_format(t, "  %s\n", in_language(l, "Applies when:", "適用：次のとき"));
        add_applies(rule, l, t);
    }
    if (rule->require != NULL) {
        text_format(t, "  %s\n", in_language(l, "Wants:", "求めること："));
        add_all(rule->require, l, t);
    }
    add_params(rule, l, t);
    if (rule->unless != NULL) {
        text_format(t, "  %s\n",
                    in_language(l, "Lets it through all the same (with a warning):",
                                "満たさなくても通す（警告付き）："));
        add_all(rule->unless, l, t);
    }
    for (size_t i = 0; i < c->obligation_count; i++) {
        text_format(t, "  %s ", in_language(l, "Obliges:", "義務："));
        phrase_obligation(&c->obligations[i], l, t);
        text_add_c(t, "\n");
    }
    for (size_t i = 0; i < c->duty_count; i++) {
        text_format(t, "  %s %.*s, ", in_language(l, "Duty:", "人の義務："),
                    STR_FMT(c->duties[i].stage));
        phrase_periods(&c->duties[i].within, l, t);
        text_format(t, in_language(l, " from %.*s, to", "（起点 %.*s）、届出先"),
                    STR_FMT(c->duties[i].start));
        for (size_t k = 0; k < c->duties[i].to_count; k++)
            text_format(t, " %.*s", STR_FMT(c->duties[i].to[k]));
        if (c->duties[i].form.len > 0)
            text_format(t, in_language(l, "; %.*s", "；%.*s"), STR_FMT(c->duties[i].form));
        text_add_c(t, "\n");
    }
    add_saying(rule, l, t);
    if (c->lifts_law)
        text_format(
            t, "  %s\n",
            in_language(l, "That lets it through although it is law.", "法令であっても通す。"));
    if (c->only_documents)
        text_format(t, "  %s\n",
                    in_language(l, "Only documents can show it: met is attested.",
                                "文書でのみ示せる：満たしても「証明」止まり。"));
    if (c->note.len > 0)
        text_format(t, in_language(l, "  Note: %.*s\n", "  注：%.*s\n"), STR_FMT(c->note));
}

void rulebook_text_of(const struct rulebook *b, enum rulebook_language l, struct text *t) {
    str title = phrase_title(&b->title, l);
    text_format(t, "%.*s", STR_FMT(b->name));
    if (title.len > 0) text_format(t, in_language(l, ": %.*s", "：%.*s"), STR_FMT(title));
    text_format(t, in_language(l, "\n  issued by %.*s", "\n  発行：%.*s"), STR_FMT(b->issuer));
    if (b->addressed_to.len > 0)
        text_format(t, in_language(l, ", addressed to %.*s", "、宛先：%.*s"),
                    STR_FMT(b->addressed_to));
    text_add_c(t, in_language(l, ", ", "、"));
    add_span(t, b->in_force, b->zone_ns, l);
    if (b->superseded_by.len > 0)
        text_format(t, in_language(l, ", superseded by %.*s", "、後継：%.*s"),
                    STR_FMT(b->superseded_by));
    text_add_c(t, "\n");
    add_others(b->more, l, t);
    for (size_t i = 0; i < b->clause_count; i++) rulebook_clause_text(&b->clauses[i], l, t);
}
