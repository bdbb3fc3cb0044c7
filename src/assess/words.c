/* Verdicts, and why nothing was asked, in words. */
#include "assess/inner.h"

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
