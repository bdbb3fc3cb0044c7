/* Words for how what is declared, measured and allowed compare, spelled once; numbers for people. */
#include "census/inner.h"

#include <stdio.h>

struct word {
    const char *name, *en, *ja;
};
static const struct word matches[CENSUS_MATCH_COUNT] = {
    [CENSUS_NOT_DECLARED] = {"not-declared", "no place declared", "所在の申告なし"},
    [CENSUS_AGREES] = {"agrees", "as declared", "申告どおり"},
    [CENSUS_NOT_SHOWN] = {"not-shown", "declared, not shown", "申告あり、確認できず"},
    [CENSUS_CONTRADICTED] = {"contradicted", "other than declared", "申告と異なる"},
};
static const struct word rulings[CENSUS_RULING_COUNT] = {
    [CENSUS_NOT_ASKED] = {"not-asked", "no rule speaks", "該当する規則なし"},
    [CENSUS_ALLOWED] = {"allowed", "allowed", "許容"},
    [CENSUS_EXCEPTED] = {"excepted", "excepted", "例外"},
    [CENSUS_WARNED] = {"warned", "not as the rules ask", "規則の求めに反する"},
    [CENSUS_UNDECIDED] = {"undecided", "cannot be decided", "判断できず"},
    [CENSUS_REFUSED] = {"refused", "not allowed", "許容されない"},
};

const char *census_match_name(enum census_match match) {
    assert(match < CENSUS_MATCH_COUNT);
    return matches[match].name;
}
const char *census_match_word(enum census_match match, str language) {
    assert(match < CENSUS_MATCH_COUNT);
    return say(language, matches[match].en, matches[match].ja);
}
const char *census_ruling_name(enum census_ruling ruling) {
    assert(ruling < CENSUS_RULING_COUNT);
    return rulings[ruling].name;
}
const char *census_ruling_word(enum census_ruling ruling, str language) {
    assert(ruling < CENSUS_RULING_COUNT);
    return say(language, rulings[ruling].en, rulings[ruling].ja);
}

static bool find(const struct word *words, size_t count, str name, size_t *out) {
    for (size_t i = 0; i < count; i++)
        if (str_equal(name, str_from_c(words[i].name))) {
            *out = i;
            return true;
        }
    return false;
}
bool census_match_find(str name, enum census_match *out) {
    size_t at;
    bool found = find(matches, COUNT_OF(matches), name, &at);
    if (found) *out = (enum census_match)at;
    return found;
}
bool census_ruling_find(str name, enum census_ruling *out) {
    size_t at;
    bool found = find(rulings, COUNT_OF(rulings), name, &at);
    if (found) *out = (enum census_ruling)at;
    return found;
}

void census_number(struct report_out *out, uint64_t number) {
    char digits[24], grouped[32];
    size_t count = (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0) grouped[len++] = ',';
        grouped[len++] = digits[i];
    }
    report_add(out, str_of(grouped, len));
}
