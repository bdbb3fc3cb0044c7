/* Words and sentences for people. The codes (law, refuse, place.country) stay as they are spelled
 * in rules, so that a reader can find them again. */
#include "rulebook/say/phrase.h"

#include <inttypes.h>
#include <stdio.h>

const char *phrase_by(enum rulebook_by by, enum rulebook_language l) {
    static const char *const ja[] = {"誰も述べていない", "申告", "文書", "検査", "測定", "計算"};
    if (l == RULEBOOK_JAPANESE) return ja[by];
    return by == RULEBOOK_BY_NOBODY ? "nobody has said so" : rulebook_by_name(by);
}

const char *phrase_effect(enum rulebook_effect effect, enum rulebook_language l) {
    static const char *const en[] = {"allowed", "allowed with a warning", "refused"};
    static const char *const ja[] = {"許可", "警告付きで許可", "拒否"};
    return l == RULEBOOK_JAPANESE ? ja[effect] : en[effect];
}

const char *phrase_strength(enum rulebook_strength strength, enum rulebook_language l) {
    static const char *const ja[] = {"採点のみ",   "望ましい", "すべき", "選択した義務",
                                     "自社の決定", "契約",     "法令"};
    return l == RULEBOOK_JAPANESE ? ja[strength] : rulebook_strength_name(strength);
}

const char *phrase_basis(enum rulebook_basis basis, enum rulebook_language l) {
    static const char *const en[] = {"the text itself", "a text that carries it", "press",
                                     "a tracker of law", "own decision"};
    static const char *const ja[] = {"本文", "引き写した文書", "報道", "法令動向の二次資料",
                                     "自社の決定"};
    return l == RULEBOOK_JAPANESE ? ja[basis] : en[basis];
}

const char *phrase_verdict(enum rulebook_verdict verdict, enum rulebook_language l) {
    static const char *const en[] = {"passes",
                                     "fails",
                                     "fails because a fact is unknown",
                                     "attested by a document only",
                                     "not met, but let through (unless)",
                                     "not met, but excepted"};
    static const char *const ja[] = {"適合",
                                     "不適合",
                                     "事実が不明のため不適合",
                                     "文書による証明のみ",
                                     "不適合だが但し書きにより通す",
                                     "不適合だが例外により通す"};
    return l == RULEBOOK_JAPANESE ? ja[verdict] : en[verdict];
}

const char *phrase_about(enum rulebook_about about, enum rulebook_language l) {
    static const char *const ja[RULEBOOK_ABOUT_COUNT] = {
        "複製", "データセット", "システム", "拠点", "事業体", "供給", "機器", "契約",
        "移転", "接続",         "記録",     "計画", "変更",   "障害", "訓練", "要請"};
    if (l == RULEBOOK_ENGLISH) return rulebook_about_name(about);
    for (size_t i = 0; i < RULEBOOK_ABOUT_COUNT; i++)
        if (about == 1u << i) return ja[i];
    return "";
}

str phrase_title(const struct rulebook_title *title, enum rulebook_language l) {
    str wanted = l == RULEBOOK_JAPANESE ? title->ja : title->en;
    str other = l == RULEBOOK_JAPANESE ? title->en : title->ja;
    return wanted.len > 0 ? wanted : other;
}

/* ---- conditions ---- */

enum { ITEMS_SHOWN = 8 };

static void add_operand(const struct operand *o, struct text *t) {
    switch (o->kind) {
    case OPERAND_FACT: text_format(t, "%.*s", STR_FMT(o->path)); return;
    case OPERAND_ELEMENT: text_format(t, "it.%.*s", STR_FMT(o->path)); return;
    case OPERAND_DERIVED:
    case OPERAND_PARAM:
        text_format(t, "$%.*s", STR_FMT(str_skip(o->brief, o->kind == OPERAND_PARAM ? 6 : 8)));
        return;
    case OPERAND_LIST: text_format(t, "$%.*s", STR_FMT(str_skip(o->path, 5))); return;
    case OPERAND_LITERAL: break;
    }
    if (o->value.kind != RULEBOOK_SET || o->value.set.count <= ITEMS_SHOWN) {
        rulebook_value_text(&o->value, t);
        return;
    }
    text_add_c(t, "[");
    for (size_t i = 0; i < ITEMS_SHOWN; i++) text_format(t, "%.*s, ", STR_FMT(o->value.set.at[i]));
    text_format(t, "… (%zu)]", o->value.set.count);
}

/* Before and after the right side, for each comparison and its negation: what is wanted, and in
 * English also what is said of a case ("applies when … is …"); Japanese says both alike. */
static const struct {
    const char *wanted[2], *said[2], *ja[2];
} comparisons[] = {
    [VALUE_IS] = {{" must be ", " must not be "},
                  {" is ", " is not "},
                  {" であること", " でないこと"}},
    [VALUE_IN] = {{" must be one of ", " must be none of "},
                  {" is one of ", " is none of "},
                  {" のいずれかであること", " のいずれでもないこと"}},
    [VALUE_HAS] = {{" must contain ", " must not contain "},
                   {" contains ", " does not contain "},
                   {" を含むこと", " を含まないこと"}},
    [VALUE_INTERSECTS] = {{" must share something with ", " must share nothing with "},
                          {" shares something with ", " shares nothing with "},
                          {" と重なりがあること", " と重ならないこと"}},
    [VALUE_SUBSET] = {{" must lie within ", " must not lie within "},
                      {" lies within ", " does not lie within "},
                      {" の範囲内であること", " の範囲内でないこと"}},
    [VALUE_LESS] = {{" must be less than ", " must be at least "},
                    {" is less than ", " is at least "},
                    {" 未満であること", " 以上であること"}},
    [VALUE_AT_MOST] = {{" must be at most ", " must be over "},
                       {" is at most ", " is over "},
                       {" 以下であること", " を超えること"}},
    [VALUE_OVER] = {{" must be over ", " must be at most "},
                    {" is over ", " is at most "},
                    {" を超えること", " 以下であること"}},
    [VALUE_AT_LEAST] = {{" must be at least ", " must be less than "},
                        {" is at least ", " is less than "},
                        {" 以上であること", " 未満であること"}},
};

struct speaker {
    enum rulebook_language l;
    bool wants; /* false: only says what is */
    struct text *out;
};

static void speak(const struct speaker *s, const struct condition *c);

static void speak_parts(const struct speaker *s, const struct condition *c, const char *between) {
    for (size_t i = 0; i < c->part_count; i++) {
        if (i > 0) text_add_c(s->out, between);
        speak(s, &c->parts[i]);
    }
}

static void speak_comparison(const struct speaker *s, const struct condition *c) {
    add_operand(&c->left, s->out);
    if (s->l == RULEBOOK_JAPANESE)
        text_add_c(s->out, " は ");
    else
        text_add_c(s->out, s->wants ? comparisons[c->op].wanted[c->negated]
                                    : comparisons[c->op].said[c->negated]);
    add_operand(&c->right, s->out);
    if (s->l == RULEBOOK_JAPANESE) text_add_c(s->out, comparisons[c->op].ja[c->negated]);
}

static void speak(const struct speaker *s, const struct condition *c) {
    bool ja = s->l == RULEBOOK_JAPANESE;
    switch (c->kind) {
    case CONDITION_ALL: speak_parts(s, c, ja ? "、かつ " : " and "); return;
    case CONDITION_ANY:
        text_add_c(s->out, ja ? "次のいずれか：" : "one of: ");
        speak_parts(s, c, ja ? "；" : "; ");
        return;
    case CONDITION_NOT:
        text_add_c(s->out, ja ? "次でないこと：" : "not so: ");
        speak_parts(s, c, ja ? "、かつ " : " and ");
        return;
    case CONDITION_KNOWN:
        add_operand(&c->left, s->out);
        text_add_c(s->out, ja ? " が分かっていること" : s->wants ? " must be known" : " is known");
        return;
    case CONDITION_HOLDS:
        add_operand(&c->left, s->out);
        text_add_c(s->out, ja ? " が真であること" : s->wants ? " must be true" : " is true");
        return;
    case CONDITION_COMPARE: speak_comparison(s, c); return;
    case CONDITION_QUANTIFIED:
    case CONDITION_AGGREGATE:
        text_format(s->out,
                    ja         ? "「%.*s」が成り立つこと"
                    : s->wants ? "this must hold: %.*s"
                               : "%.*s",
                    STR_FMT(c->text));
        return;
    }
}

void phrase_wanted(const struct condition *c, enum rulebook_language language, struct text *out) {
    speak(&(struct speaker){language, true, out}, c);
}
void phrase_said(const struct condition *c, enum rulebook_language language, struct text *out) {
    speak(&(struct speaker){language, false, out}, c);
}

static bool is_open_and_bare(const struct rulebook_value *value) {
    return value->open && ((value->kind == RULEBOOK_SET && value->set.count == 0) ||
                           (value->kind == RULEBOOK_LIST && value->list.count == 0));
}

void phrase_value(const struct rulebook_value *value, enum rulebook_language language,
                  struct text *out) {
    bool ja = language == RULEBOOK_JAPANESE;
    if (ja && value->kind == RULEBOOK_UNKNOWN)
        text_add_c(out, "不明");
    else if (ja && value->kind == RULEBOOK_WITHHELD)
        text_add_c(out, "非開示");
    else if (is_open_and_bare(value))
        text_add_c(out, "[…]");
    else
        rulebook_value_text(value, out);
}

/* ---- advice ---- */

struct unknowns {
    struct condition_visitor visitor;
    struct evaluation *ev;
    struct text *out;
    enum rulebook_language language;
    bool any;
};

static void visit_unknown(struct condition_visitor *self, str path, str brief) {
    struct unknowns *u = (struct unknowns *)self;
    const struct rulebook_facts *facts = u->ev->facts;
    const struct rulebook_value *raw =
        rulebook_facts_find(facts, facts_name_read(facts, path, brief));
    if (raw == NULL && str_starts(path, STR("param.")) && u->ev->params != NULL) {
        str key = path, book;
        if (str_cut(&key, '/', &book)) raw = rulebook_facts_find(u->ev->params, key);
        if (raw == NULL) raw = rulebook_facts_find(u->ev->params, str_skip(brief, 6));
    }
    bool ja = u->language == RULEBOOK_JAPANESE;
    const struct rulebook_value *counted = evaluation_fact(u->ev, path);
    bool is_known = raw != NULL && value_is_known(raw);
    if (is_known &&
        (counted == raw || str_starts(path, STR("param.")) || str_starts(path, STR("derived."))) &&
        !raw->open)
        return;
    text_add_c(u->out, u->any ? (ja ? "、" : ", ") : (ja ? "まず示すこと：" : "first say: "));
    u->any = true;
    text_format(u->out, "%.*s", STR_FMT(brief.len > 0 ? brief : path));
    if (raw == NULL || raw->kind == RULEBOOK_UNKNOWN)
        text_add_c(u->out, ja ? "（不明）" : " (unknown)");
    else if (raw->kind == RULEBOOK_WITHHELD)
        text_add_c(u->out, ja ? "（非開示）" : " (withheld)");
    else if (raw->open)
        text_add_c(u->out, ja ? "（完全とされていない一覧）" : " (a list not said to be complete)");
    else if (raw->until_ns != 0 && u->ev->now_ns >= raw->until_ns)
        text_add_c(u->out, ja ? "（有効期限切れ）" : " (what was said has run out)");
    else
        text_format(u->out, ja ? "（%s では足りない）" : " (%s is not enough)",
                    phrase_by(raw->by, u->language));
}

static void advise_leaf(const struct condition *c, struct evaluation *ev, enum rulebook_language l,
                        const char *indent, struct text *t) {
    enum rulebook_truth truth = condition_evaluate(c, ev);
    if (truth == RULEBOOK_TRUE) return;
    text_add_c(t, indent);
    struct unknowns u = {{visit_unknown}, ev, t, l, false};
    if (truth == RULEBOOK_UNKNOWN_TRUTH) condition_visit(c, &u.visitor);
    if (u.any) text_add_c(t, in_language(l, "; then ", "；そのうえで "));
    phrase_wanted(c, l, t);
    text_add_c(t, "\n");
}

void phrase_advice(const struct condition *c, struct evaluation *ev, enum rulebook_language l,
                   const char *indent, struct text *t) {
    if (c->kind == CONDITION_ALL) {
        for (size_t i = 0; i < c->part_count; i++) phrase_advice(&c->parts[i], ev, l, indent, t);
        return;
    }
    if (c->kind != CONDITION_ANY) {
        advise_leaf(c, ev, l, indent, t);
        return;
    }
    if (condition_evaluate(c, ev) == RULEBOOK_TRUE) return;
    text_format(t, "%s%s\n", indent, in_language(l, "one of these:", "次のいずれか："));
    char deeper[64];
    snprintf(deeper, sizeof deeper, "%s  ", indent);
    for (size_t i = 0; i < c->part_count; i++) phrase_advice(&c->parts[i], ev, l, deeper, t);
}

/* ---- obligations ---- */

const char *rulebook_obligation_word(enum rulebook_obligation_kind kind,
                                     enum rulebook_language language) {
    static const char *const ja[RULEBOOK_OBLIGATION_COUNT] = {
        [RULEBOOK_OBLIGE_ENCRYPT] = "暗号鍵のビット数",
        [RULEBOOK_OBLIGE_KEYS_IN] = "鍵を置く国",
        [RULEBOOK_OBLIGE_COPIES] = "写しの数",
        [RULEBOOK_OBLIGE_DISTANCE_KM] = "写しの間の距離（km）",
        [RULEBOOK_OBLIGE_KEEP_AT_LEAST] = "最短の保存期間",
        [RULEBOOK_OBLIGE_KEEP_AT_MOST] = "最長の保存期間",
        [RULEBOOK_OBLIGE_APPROVALS] = "承認者の数",
        [RULEBOOK_OBLIGE_RECORD] = "記録",
        [RULEBOOK_OBLIGE_RETURN] = "返却",
        [RULEBOOK_OBLIGE_BEGIN] = "開始の期限",
    };
    return language == RULEBOOK_JAPANESE ? ja[kind] : rulebook_obligation_name(kind);
}

static const char *term_in_japanese(str word, bool after_number) {
    static const struct {
        const char *word, *ja;
    } units[] = {{"s", "秒"},    {"min", "分"},  {"h", "時間"},     {"d", "日"},
                 {"day", "日"},  {"days", "日"}, {"month", "か月"}, {"months", "か月"},
                 {"year", "年"}, {"years", "年"}};
    for (size_t i = 0; after_number && i < COUNT_OF(units); i++)
        if (str_equal(word, str_from_c(units[i].word))) return units[i].ja;
    for (unsigned i = 0; i < RULEBOOK_OBLIGATION_COUNT; i++)
        if (str_equal(word, str_from_c(rulebook_obligation_name(i))))
            return rulebook_obligation_word(i, RULEBOOK_JAPANESE);
    return str_equal(word, STR("from")) ? "起点" : NULL;
}

void rulebook_terms_text(str terms, enum rulebook_language language, struct text *out) {
    str rest = terms, word;
    bool after_number = false;
    if (language != RULEBOOK_JAPANESE) {
        text_add(out, terms);
        return;
    }
    for (bool more = true; more;) {
        more = str_cut(&rest, ' ', &word);
        if (!more) word = rest;
        const char *ja = term_in_japanese(word, after_number);
        if (word.at != terms.at) text_add_c(out, " ");
        if (ja != NULL)
            text_add_c(out, ja);
        else
            text_add(out, word);
        uint64_t number;
        after_number = str_u64(word, &number);
    }
}

void phrase_periods(const struct rulebook_periods *periods, enum rulebook_language l,
                    struct text *t) {
    bool ja = l == RULEBOOK_JAPANESE;
    if (periods->count > 1) text_add_c(t, ja ? "早い方：" : "the first of ");
    for (size_t i = 0; i < periods->count; i++) {
        const struct rulebook_period *p = &periods->at[i];
        if (i > 0) text_add_c(t, ja ? "、" : ", ");
        switch (p->kind) {
        case RULEBOOK_PERIOD_PROMPTLY: text_add_c(t, ja ? "速やかに" : "promptly"); break;
        case RULEBOOK_PERIOD_NO_NUMBER:
            text_add_c(t, ja ? "本文に期限の数字なし" : "no number in the text");
            break;
        case RULEBOOK_PERIOD_BUSINESS_DAYS:
            text_format(t, ja ? "%u 営業日（%.*s）" : "%u business day(s) of %.*s", p->days,
                        STR_FMT(p->calendar));
            break;
        case RULEBOOK_PERIOD_CALENDAR_DAYS:
            text_format(t,
                        ja ? "起算日を含め %u 日（%.*s）" : "%u days of %.*s, the first included",
                        p->days, STR_FMT(p->calendar));
            break;
        case RULEBOOK_PERIOD_LENGTH: {
            struct rulebook_value v = {
                .kind = RULEBOOK_DURATION, .duration = p->length, .text = p->text};
            char room[128];
            struct text length = text_into(room, sizeof room);
            rulebook_value_text(&v, &length);
            rulebook_terms_text(text_str(&length), l, t);
            break;
        }
        }
    }
}

void phrase_obligation(const struct rulebook_obligation *o, enum rulebook_language l,
                       struct text *t) {
    bool ja = l == RULEBOOK_JAPANESE;
    text_add_c(t, rulebook_obligation_word(o->kind, l));
    if (o->number > 0) text_format(t, " %" PRIu64, o->number);
    for (size_t i = 0; i < o->word_count; i++)
        text_format(t, "%s%.*s", i == 0 ? " [" : ", ", STR_FMT(o->words[i]));
    if (o->word_count > 0) text_add_c(t, "]");
    if (o->periods.count > 0) {
        text_add_c(t, " ");
        phrase_periods(&o->periods, l, t);
    }
    if (o->start.len > 0) text_format(t, ja ? "（起点 %.*s）" : " from %.*s", STR_FMT(o->start));
    if (o->delete_here) text_add_c(t, ja ? "、ここの複製は消去" : ", and delete the copy here");
    if (o->shown_by.len > 0)
        text_format(t, ja ? "、証拠 %.*s" : ", shown by %.*s", STR_FMT(o->shown_by));
    if (o->by_ack) {
        text_add_c(t, ja ? "：応答の前に" : ": before the act is acknowledged");
    } else if (o->within.count > 0) {
        text_add_c(t, ja ? "：期限 " : ": within ");
        phrase_periods(&o->within, l, t);
    } else {
        text_add_c(t, ja ? "：後日の債務" : ": owed");
    }
    if (o->asked) text_add_c(t, ja ? "（努力）" : " (asked, not demanded)");
}
