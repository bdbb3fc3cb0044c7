/* One answer as a row that outlives the asking. */
#include "assess/inner.h"

/* ---- words ---- */

static const struct {
    const char *name, *en, *ja;
} verdict_words[ASSESS_VERDICT_COUNT] = {
    [ASSESS_PASS] = {"pass", "pass", "適合"},
    [ASSESS_FAIL] = {"fail", "fail", "不適合"},
    [ASSESS_UNKNOWN] = {"unknown", "unknown", "不明"},
    [ASSESS_ATTESTED] = {"attested", "attested", "書面による証明"},
    [ASSESS_EXCEPTED] = {"excepted", "excepted", "例外"},
    [ASSESS_NOT_APPLICABLE] = {"not-applicable", "not applicable", "対象外"},
};

const char *assess_verdict_name(enum assess_verdict verdict) {
    assert(verdict < ASSESS_VERDICT_COUNT);
    return verdict_words[verdict].name;
}

bool assess_verdict_find(str name, enum assess_verdict *out) {
    for (unsigned v = 0; v < ASSESS_VERDICT_COUNT; v++)
        if (str_equal(name, str_from_c(verdict_words[v].name))) {
            *out = (enum assess_verdict)v;
            return true;
        }
    return false;
}

const char *assess_verdict_word(enum assess_verdict verdict, enum rulebook_language language) {
    assert(verdict < ASSESS_VERDICT_COUNT);
    return say(language, verdict_words[verdict].en, verdict_words[verdict].ja);
}

const char *assess_unchecked_word(const char *unchecked, enum rulebook_language language) {
    static const struct {
        const char *code, *en, *ja;
    } rows[] = {
        {"gate", "decided at the gate, request by request", "個々の要求ごとに門で判定する"},
        {"no-rows", "the register lists none, and its list is open: that proves nothing",
         "登録簿に記載がなく、一覧は完全とされていないため、何も示さない"},
        {"none", "the register's list is complete and empty", "登録簿の一覧は完全で、該当がない"},
        {"no-kind", "the register keeps no such rows", "登録簿にこの種類の行はない"},
        {"filtered", "none among what was chosen", "選んだ範囲に該当がない"},
        {"unbound", "adopted, but not for any of these",
         "採択されているが、これらの対象には及ばない"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcmp(rows[i].code, unchecked) == 0) return say(language, rows[i].en, rows[i].ja);
    return unchecked;
}

/* ---- verdicts ---- */

enum assess_verdict verdict_of(enum rulebook_asked asked, const struct rulebook_spoke *spoke) {
    assert(asked != RULEBOOK_NOT_CONSIDERED);
    if (asked == RULEBOOK_NOT_APPLICABLE) return ASSESS_NOT_APPLICABLE;
    switch (spoke->verdict) {
    case RULEBOOK_PASS: return ASSESS_PASS;
    case RULEBOOK_FAIL: return ASSESS_FAIL;
    case RULEBOOK_VERDICT_UNKNOWN: return ASSESS_UNKNOWN;
    case RULEBOOK_ATTESTED: return ASSESS_ATTESTED;
    case RULEBOOK_LIFTED:
    case RULEBOOK_EXCEPTED: return ASSESS_EXCEPTED;
    }
    return ASSESS_UNKNOWN;
}

/* ---- facts ---- */

enum { VALUE_BYTES_MOST = 2048, LIST_BYTES_MOST = 320, IDS_MOST = 8 };

static const struct rulebook_value *id_of(const struct rulebook_record *record) {
    for (size_t i = 0; i < record->count; i++)
        if (str_equal(record->at[i].path, STR("id"))) return &record->at[i].value;
    return NULL;
}

/* {"count": 40, "complete": false, "ids": ["a", …]}: nobody reads forty records in a cell. */
static void count_say(const struct rulebook_value *v, struct text *t) {
    bool is_set = v->kind == RULEBOOK_SET, any = false;
    size_t count = is_set ? v->set.count : v->list.count;
    text_format(t, "{\"count\":%zu,\"complete\":%s", count, v->open ? "false" : "true");
    for (size_t i = 0; !is_set && i < count && i < IDS_MOST; i++) {
        const struct rulebook_value *id = id_of(&v->list.at[i]);
        if (id == NULL) continue;
        text_add_c(t, any ? "," : ",\"ids\":[");
        text_add_json(t, id->text);
        any = true;
    }
    if (any && count > IDS_MOST) text_add_c(t, ",\"…\"");
    text_add_c(t, any ? "]}" : "}");
}

static enum error_code value_say(const struct rulebook_value *v, struct arena *arena, str *out,
                                 struct error *e) {
    char room[VALUE_BYTES_MOST];
    bool is_set = v->kind == RULEBOOK_SET, is_list = v->kind == RULEBOOK_LIST;
    struct text t = text_into(room, is_list ? LIST_BYTES_MOST : sizeof room);
    rulebook_value_json(v, &t);
    if (t.overflow) {
        t = text_into(room, sizeof room);
        if (is_set || is_list)
            count_say(v, &t);
        else
            text_format(&t, "\"… (over %d bytes)\"", VALUE_BYTES_MOST);
    }
    return arena_copy(arena, text_str(&t), out, e);
}

/* How far a saying goes; computed facts come from what was declared. */
static int reach_of(enum rulebook_by by) {
    static const int reach[] = {
        [RULEBOOK_BY_NOBODY] = 0,   [RULEBOOK_BY_DECLARED] = 1,  [RULEBOOK_BY_COMPUTED] = 2,
        [RULEBOOK_BY_DOCUMENT] = 3, [RULEBOOK_BY_INSPECTED] = 4, [RULEBOOK_BY_MEASURED] = 5,
    };
    return reach[by];
}

static enum rulebook_by grounds_of(const struct assess_fact *facts, size_t count) {
    enum rulebook_by weakest = RULEBOOK_BY_NOBODY;
    for (size_t i = 0; i < count; i++) {
        bool counts = facts[i].known && facts[i].by != RULEBOOK_BY_NOBODY &&
                      !str_equal(facts[i].path, STR("time.now"));
        if (counts && (weakest == RULEBOOK_BY_NOBODY || reach_of(facts[i].by) < reach_of(weakest)))
            weakest = facts[i].by;
    }
    return weakest;
}

static enum error_code facts_copy(const struct rulebook_reading *readings, size_t count,
                                  struct arena *arena, struct assess_row *out, struct error *e) {
    struct assess_fact *facts = arena_new(arena, struct assess_fact, count);
    if (facts == NULL) return error_set(e, FAIL_MEMORY, "no room for an assessment's facts");
    for (size_t i = 0; i < count; i++) {
        const struct rulebook_value *v = readings[i].value;
        facts[i] = (struct assess_fact){.by = v->by,
                                        .known = rulebook_value_is_known(v),
                                        .since_ns = v->since_ns,
                                        .until_ns = v->until_ns};
        TRY(arena_copy(arena, readings[i].path, &facts[i].path, e));
        TRY(arena_copy(arena, v->source, &facts[i].source, e));
        TRY(value_say(v, arena, &facts[i].value, e));
    }
    out->facts = facts;
    out->fact_count = count;
    out->grounds = grounds_of(facts, count);
    return OK;
}

/* ---- the row ---- */

static enum error_code change_say(const struct rulebook_asking *asking, uint32_t clause_index,
                                  const struct rulebook_spoke *spoke,
                                  enum rulebook_language language, struct arena *arena, str *out,
                                  struct error *e) {
    char room[8192];
    struct text t = text_into(room, sizeof room);
    if (spoke->truth == RULEBOOK_TRUE) return OK;
    rulebook_asking_advice(asking, clause_index, spoke, language, &t);
    str said = text_str(&t);
    while (t.overflow && said.len > 0 && ((unsigned char)said.at[said.len - 1] & 0xc0) == 0x80)
        said.len--; /* cut at a character */
    while (said.len > 0 && said.at[said.len - 1] == '\n') said.len--;
    return arena_copy(arena, said, out, e);
}

enum error_code row_make(const struct rulebook_asking *asking, uint32_t clause_index,
                         enum rulebook_language language, const struct rulebook_set *set,
                         struct arena *arena, struct arena scratch, struct assess_row *out,
                         struct error *e) {
    struct rulebook_spoke spoke = {0};
    struct arena half = arena_over(scratch.next, arena_left(&scratch) / 2);
    const struct rulebook_reading *readings;
    size_t count;
    enum rulebook_asked asked = rulebook_ask(asking, clause_index, &spoke);
    assert(asked != RULEBOOK_NOT_CONSIDERED);
    scratch.next = half.end;
    *out = (struct assess_row){.clause = rulebook_set_clause(set, clause_index),
                               .clause_index = clause_index,
                               .verdict = verdict_of(asked, &spoke),
                               .count = 1};
    out->strength = out->clause->strength;
    if (asked == RULEBOOK_SPOKE) {
        out->effect = spoke.effect;
        out->strength = spoke.strength;
        out->compelled = spoke.compelled;
        out->raised_by = spoke.raised_by;
        out->exception = spoke.verdict == RULEBOOK_EXCEPTED ? spoke.exception : NULL;
        out->lifted = spoke.verdict == RULEBOOK_LIFTED;
        out->adoption = spoke.adoption;
        out->applies_unknown = spoke.applied == RULEBOOK_UNKNOWN_TRUTH;
        TRY(change_say(asking, clause_index, &spoke, language, arena, &out->change, e));
    }
    TRY(rulebook_asking_facts(asking, clause_index, asked == RULEBOOK_SPOKE ? &spoke : NULL, &half,
                              scratch, &readings, &count, e));
    return facts_copy(readings, count, arena, out, e);
}
