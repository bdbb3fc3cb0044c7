/* One answer as a row that outlives the asking. */
#include <stdlib.h>

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

static enum assess_verdict verdict_of(enum rulebook_asked asked,
                                      const struct rulebook_spoke *spoke) {
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

static const str suspected_path = {"equipment.suspected_lists", 25};
static const str lists_paths[] = {{"entity.lists", 12}, {"equipment.maker.lists", 21}};

/* As if the maker stood on the lists that whoever was observed stands on. */
static enum error_code suspect(const struct assess_work *w, const struct rulebook_subject *subject,
                               const struct rulebook_facts *facts,
                               const struct rulebook_value *lists, struct arena *arena,
                               const struct rulebook_asking **out, struct error *e) {
    struct rulebook_fact *own = arena_new(arena, struct rulebook_fact, COUNT_OF(lists_paths));
    if (own == NULL) return error_set(e, FAIL_MEMORY, "no room for facts");
    for (size_t i = 0; i < COUNT_OF(lists_paths); i++)
        own[i] = (struct rulebook_fact){lists_paths[i], *lists};
    struct rulebook_facts layer = {own, COUNT_OF(lists_paths), facts};
    return rulebook_asking_begin(w->options.set, subject, &layer, w->options.at_ns, arena, out, e);
}

enum error_code questioning_begin(const struct assess_work *w,
                                  const struct rulebook_subject *subject,
                                  const struct register_row *record,
                                  const struct rulebook_facts *facts, int64_t at_ns,
                                  struct arena *arena, struct questioning *out, struct error *e) {
    struct rulebook_facts *kept = arena_new(arena, struct rulebook_facts, 1);
    if (kept == NULL) return error_set(e, FAIL_MEMORY, "no room for facts");
    *kept = *facts;
    *out = (struct questioning){.record = record, .facts = kept, .now_ns = w->options.at_ns};
    TRY(rulebook_asking_begin(w->options.set, subject, kept, at_ns, arena, &out->asking, e));
    if ((subject->about & RULEBOOK_ABOUT_EQUIPMENT) == 0) return OK;
    const struct rulebook_value *lists = rulebook_facts_find(kept, suspected_path);
    if (lists == NULL || lists->kind != RULEBOOK_SET || lists->set.count == 0) return OK;
    return suspect(w, subject, kept, lists, arena, &out->suspecting, e);
}

/* What a clause asks may be met while what must be told about it is overdue. */
static enum assess_verdict with_duties(const struct questioning *q,
                                       const struct rulebook_spoke *spoke,
                                       enum assess_verdict verdict) {
    struct duty_row worst;
    bool is_met = verdict == ASSESS_PASS || verdict == ASSESS_ATTESTED;
    if (!is_met || q->record == NULL || spoke->clause->duty_count == 0) return verdict;
    enum assess_verdict by_clock = duties_judge(spoke, q->record, q->facts, q->now_ns, &worst);
    return by_clock == ASSESS_PASS ? verdict : by_clock;
}

unsigned char questioning_ask(const struct questioning *q, uint32_t clause,
                              enum rulebook_asked *asked, struct rulebook_spoke *spoke) {
    *asked = rulebook_ask(q->asking, clause, spoke);
    if (*asked == RULEBOOK_NOT_CONSIDERED) return VERDICT_NONE;
    enum assess_verdict verdict = verdict_of(*asked, spoke);
    if (*asked == RULEBOOK_SPOKE) verdict = with_duties(q, spoke, verdict);
    unsigned flags =
        *asked == RULEBOOK_SPOKE && spoke->strength == RULEBOOK_SCORE ? VERDICT_SCORED : 0u;
    bool is_open = verdict == ASSESS_PASS || verdict == ASSESS_UNKNOWN;
    struct rulebook_spoke worse = {0};
    if (q->suspecting != NULL && is_open &&
        rulebook_ask(q->suspecting, clause, &worse) == RULEBOOK_SPOKE &&
        verdict_of(RULEBOOK_SPOKE, &worse) == ASSESS_FAIL) {
        verdict = ASSESS_UNKNOWN; /* what was observed is a hint, no proof */
        flags |= VERDICT_SUSPECTED;
    }
    return (unsigned char)(verdict | flags);
}

/* ---- facts ---- */

enum { VALUE_BYTES_MOST = 2048, LIST_BYTES_MOST = 320, IDS_MOST = 8 };

static const struct rulebook_value *field_of(const struct rulebook_record *record, str name) {
    for (size_t i = 0; i < record->count; i++)
        if (str_equal(record->at[i].path, name)) return &record->at[i].value;
    return NULL;
}

/* What the records say, but for their age, which moves by itself. */
static void digest_say(const struct rulebook_value *v, struct text *t) {
    char room[VALUE_BYTES_MOST], hex[2 * DIGEST_BYTES];
    struct sha256 h;
    sha256_begin(&h);
    for (size_t i = 0; i < v->list.count; i++)
        for (size_t k = 0; k < v->list.at[i].count; k++) {
            const struct rulebook_fact *f = &v->list.at[i].at[k];
            struct text value = text_into(room, sizeof room);
            if (str_equal(f->path, STR("age"))) continue;
            rulebook_value_json(&f->value, &value);
            sha256_add(&h, f->path.at, f->path.len);
            sha256_add(&h, value.at, value.len);
        }
    digest d = sha256_end(&h);
    hex_write(d.at, DIGEST_BYTES, hex);
    text_format(t, ",\"digest\":\"%.12s\"", hex);
}

/* {"count": 40, "complete": false, "valid": 31, "digest": "…", "ids": ["a", …]}: nobody reads forty
 * records in a cell. */
static void count_say(const struct rulebook_value *v, struct text *t) {
    bool is_set = v->kind == RULEBOOK_SET, any = false;
    size_t count = is_set ? v->set.count : v->list.count, valid = 0;
    text_format(t, "{\"count\":%zu,\"complete\":%s", count, v->open ? "false" : "true");
    for (size_t i = 0; !is_set && i < count; i++) {
        const struct rulebook_value *is_valid = field_of(&v->list.at[i], STR("valid"));
        valid += is_valid != NULL && is_valid->kind == RULEBOOK_YES_NO && is_valid->yes;
    }
    if (!is_set) text_format(t, ",\"valid\":%zu", valid);
    if (!is_set) digest_say(v, t);
    for (size_t i = 0; !is_set && i < count && i < IDS_MOST; i++) {
        const struct rulebook_value *id = field_of(&v->list.at[i], STR("id"));
        if (id == NULL) continue;
        text_add_c(t, any ? "," : ",\"ids\":[");
        text_add_json(t, id->text);
        any = true;
    }
    if (any && count > IDS_MOST) text_add_c(t, ",\"…\"");
    text_add_c(t, any ? "]}" : "}");
}

/* Rows of the register, which have ids, are told by their number; records within a row as they are. */
static bool is_of_rows(const struct rulebook_value *v) {
    return v->kind == RULEBOOK_LIST && v->list.count > 0 &&
           field_of(&v->list.at[0], STR("id")) != NULL;
}

static enum error_code value_say(const struct rulebook_value *v, struct arena *arena, str *out,
                                 struct error *e) {
    char room[VALUE_BYTES_MOST];
    bool is_set = v->kind == RULEBOOK_SET, is_list = v->kind == RULEBOOK_LIST;
    struct text t = text_into(room, is_list ? LIST_BYTES_MOST : sizeof room);
    if (!is_of_rows(v)) rulebook_value_json(v, &t);
    if (is_of_rows(v) || t.overflow) {
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

/* ---- duties ---- */

/* A clause whose conditions are met, and whose clocks are not. */
static bool is_by_clock(const struct assess_row *row, enum rulebook_asked asked,
                        const struct rulebook_spoke *spoke) {
    bool is_open = row->verdict == ASSESS_FAIL || row->verdict == ASSESS_UNKNOWN;
    return asked == RULEBOOK_SPOKE && is_open && !row->suspected && spoke->truth == RULEBOOK_TRUE &&
           spoke->clause->duty_count > 0;
}

static enum error_code duty_say(const struct assess_work *w, const struct questioning *q,
                                const struct rulebook_spoke *spoke, struct arena *arena,
                                struct assess_row *out, struct error *e) {
    char room[1024];
    struct duty_row worst;
    struct text t = text_into(room, sizeof room);
    duties_judge(spoke, q->record, q->facts, q->now_ns, &worst);
    duty_advice(&worst, w->options.language, &t);
    out->effect = spoke->strength == RULEBOOK_SCORE    ? RULEBOOK_ALLOW
                  : spoke->strength <= RULEBOOK_SHOULD ? RULEBOOK_WARN
                                                       : RULEBOOK_REFUSE;
    return arena_copy(arena, text_str(&t), &out->change, e);
}

static int by_path(const void *a, const void *b) {
    return str_compare(((const struct rulebook_reading *)a)->path,
                       ((const struct rulebook_reading *)b)->path);
}

static void reading_add(const struct questioning *q, str path, struct rulebook_reading *all,
                        size_t *count) {
    for (size_t i = 0; i < *count; i++)
        if (str_equal(all[i].path, path)) return;
    all[(*count)++] = (struct rulebook_reading){path, rulebook_asking_fact(q->asking, path)};
}

/* When its clocks began and what was reported, beside the facts that its conditions read. */
static enum error_code facts_with_clocks(const struct questioning *q,
                                         const struct rulebook_clause *clause, struct arena *arena,
                                         const struct rulebook_reading **readings, size_t *count,
                                         struct error *e) {
    size_t most = *count + clause->duty_count + 1;
    struct rulebook_reading *all = arena_new(arena, struct rulebook_reading, most);
    str reports;
    if (all == NULL) return error_set(e, FAIL_MEMORY, "no room for facts");
    if (*count > 0) memcpy(all, *readings, *count * sizeof *all);
    for (size_t i = 0; i < clause->duty_count; i++)
        if (!clause->duties[i].starts_on_day) reading_add(q, clause->duties[i].start, all, count);
    TRY(arena_format(arena, &reports, e, "%s.reports", rulebook_about_name(clause->about)));
    reading_add(q, reports, all, count);
    qsort(all, *count, sizeof *all, by_path);
    *readings = all;
    return OK;
}

/* The hint that made it suspected, beside the facts the clause reads. */
static enum error_code facts_with_hint(const struct questioning *q, uint32_t clause_index,
                                       const struct rulebook_spoke *spoke, struct arena *arena,
                                       struct arena scratch, const struct rulebook_reading **out,
                                       size_t *count, struct error *e) {
    const struct rulebook_reading *said;
    size_t found;
    TRY(rulebook_asking_facts(q->asking, clause_index, spoke, arena, scratch, &said, &found, e));
    struct rulebook_reading *all = arena_new(arena, struct rulebook_reading, found + 1);
    if (all == NULL) return error_set(e, FAIL_MEMORY, "no room for facts");
    memcpy(all, said, found * sizeof *all);
    all[found] =
        (struct rulebook_reading){suspected_path, rulebook_asking_fact(q->asking, suspected_path)};
    *out = all;
    *count = found + 1;
    return OK;
}

enum error_code row_make(const struct assess_work *w, const struct questioning *q,
                         uint32_t clause_index, struct arena *arena, struct arena scratch,
                         struct assess_row *out, struct error *e) {
    struct rulebook_spoke spoke = {0};
    struct arena half = arena_over(scratch.next, arena_left(&scratch) / 2);
    const struct rulebook_reading *readings;
    size_t count;
    enum rulebook_asked asked;
    unsigned char byte = questioning_ask(q, clause_index, &asked, &spoke);
    assert(byte != VERDICT_NONE);
    scratch.next = half.end;
    *out = (struct assess_row){.clause = rulebook_set_clause(w->options.set, clause_index),
                               .clause_index = clause_index,
                               .verdict = (enum assess_verdict)(byte & VERDICT_BITS),
                               .suspected = (byte & VERDICT_SUSPECTED) != 0,
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
        TRY(change_say(q->asking, clause_index, &spoke, w->options.language, arena, &out->change,
                       e));
        if (is_by_clock(out, asked, &spoke)) TRY(duty_say(w, q, &spoke, arena, out, e));
    }
    const struct rulebook_spoke *said = asked == RULEBOOK_SPOKE ? &spoke : NULL;
    if (out->suspected)
        TRY(facts_with_hint(q, clause_index, said, &half, scratch, &readings, &count, e));
    else
        TRY(rulebook_asking_facts(q->asking, clause_index, said, &half, scratch, &readings, &count,
                                  e));
    if (said != NULL && q->record != NULL && out->clause->duty_count > 0)
        TRY(facts_with_clocks(q, out->clause, &half, &readings, &count, e));
    return facts_copy(readings, count, arena, out, e);
}
