/* Names of strengths, bases, subjects and answers, and which subject an act makes. */
#include "rulebook/value/value.h"

static const char *const strengths[] = {"score", "desirable", "should", "elected",
                                        "own",   "contract",  "law"};
static const char *const bases[] = {"primary", "carried", "press", "tracker", "own"};
static const char *const abouts[RULEBOOK_ABOUT_COUNT] = {
    "copy",     "dataset", "system", "site", "entity", "supply",   "equipment", "contract",
    "transfer", "session", "log",    "plan", "change", "incident", "drill",     "request"};
static const char *const effects[] = {"allow", "warn", "refuse"};
static const char *const truths[] = {"false", "unknown", "true"};
static const char *const verdicts[] = {"pass", "fail", "unknown", "attested", "lifted", "excepted"};

const char *rulebook_strength_name(enum rulebook_strength strength) {
    return strengths[strength];
}
const char *rulebook_basis_name(enum rulebook_basis basis) {
    return bases[basis];
}
const char *rulebook_effect_name(enum rulebook_effect effect) {
    return effects[effect];
}
const char *rulebook_truth_name(enum rulebook_truth truth) {
    return truths[truth];
}
const char *rulebook_verdict_name(enum rulebook_verdict verdict) {
    return verdicts[verdict];
}

const char *rulebook_about_name(enum rulebook_about one) {
    for (size_t i = 0; i < RULEBOOK_ABOUT_COUNT; i++)
        if (one == 1u << i) return abouts[i];
    return "";
}

bool rulebook_strength_find(str name, enum rulebook_strength *out) {
    for (size_t i = 0; i < COUNT_OF(strengths); i++)
        if (str_equal(name, str_from_c(strengths[i]))) {
            *out = (enum rulebook_strength)i;
            return true;
        }
    return false;
}

bool rulebook_about_find(str name, enum rulebook_about *out) {
    for (size_t i = 0; i < RULEBOOK_ABOUT_COUNT; i++)
        if (str_equal(name, str_from_c(abouts[i]))) {
            *out = (enum rulebook_about)(1u << i);
            return true;
        }
    return false;
}

/* Source: RULEBOOK 2, root `act`. What moves or makes bytes is a copy and somebody's session. */
static const struct {
    str act;
    unsigned about;
} acts[] = {
    {{"put", 3}, RULEBOOK_ABOUT_COPY | RULEBOOK_ABOUT_SESSION},
    {{"copy", 4}, RULEBOOK_ABOUT_COPY | RULEBOOK_ABOUT_SESSION},
    {{"restore", 7}, RULEBOOK_ABOUT_COPY | RULEBOOK_ABOUT_SESSION},
    {{"replicate", 9}, RULEBOOK_ABOUT_COPY | RULEBOOK_ABOUT_SESSION},
    {{"get", 3}, RULEBOOK_ABOUT_COPY | RULEBOOK_ABOUT_SESSION},
    {{"list", 4}, RULEBOOK_ABOUT_COPY | RULEBOOK_ABOUT_SESSION},
    {{"delete", 6}, RULEBOOK_ABOUT_COPY | RULEBOOK_ABOUT_SESSION},
    {{"place", 5}, RULEBOOK_ABOUT_COPY},
    {{"process", 7}, RULEBOOK_ABOUT_COPY},
    {{"derive", 6}, RULEBOOK_ABOUT_COPY},
    {{"transit", 7}, RULEBOOK_ABOUT_TRANSFER},
    {{"connect", 7}, RULEBOOK_ABOUT_SESSION | RULEBOOK_ABOUT_TRANSFER},
    {{"administer", 10}, RULEBOOK_ABOUT_SESSION},
    {{"support", 7}, RULEBOOK_ABOUT_SESSION},
    {{"maintain", 8}, RULEBOOK_ABOUT_SESSION},
    {{"purchase", 8}, RULEBOOK_ABOUT_EQUIPMENT | RULEBOOK_ABOUT_SUPPLY},
    {{"install", 7}, RULEBOOK_ABOUT_EQUIPMENT | RULEBOOK_ABOUT_CHANGE},
    {{"change", 6}, RULEBOOK_ABOUT_CHANGE},
};

bool rulebook_subject_of_word(str word, struct rulebook_subject *out) {
    enum rulebook_about about;
    if (rulebook_about_find(word, &about)) {
        *out = (struct rulebook_subject){.about = about};
        return true;
    }
    return rulebook_subject_of_act(word, out);
}

bool rulebook_subject_of_act(str act, struct rulebook_subject *out) {
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (str_equal(act, acts[i].act)) {
            *out = (struct rulebook_subject){.about = acts[i].about, .act = acts[i].act};
            return true;
        }
    return false;
}

bool act_makes_copy(str act) {
    static const str making[] = {{"put", 3},   {"copy", 4},    {"restore", 7}, {"replicate", 9},
                                 {"place", 5}, {"process", 7}, {"derive", 6}};
    for (size_t i = 0; i < COUNT_OF(making); i++)
        if (str_equal(act, making[i])) return true;
    return false;
}
