/* The words of answers, methods and formats, in the one place where they are spelled. */
#include "survey/survey.h"

static const struct {
    const char *name, *en, *ja;
} answers[SURVEY_ANSWER_COUNT] = {
    [SURVEY_INSIDE] = {"inside", "inside", "国内"},
    [SURVEY_OUTSIDE] = {"outside", "outside", "国外"},
    [SURVEY_UNDETERMINED] = {"undetermined", "undetermined", "判定できず"},
    [SURVEY_MANY] = {"many", "many places", "複数の場所"},
};

const char *survey_answer_name(enum survey_answer answer) {
    assert(answer < SURVEY_ANSWER_COUNT);
    return answers[answer].name;
}

bool survey_answer_find(str name, enum survey_answer *out) {
    for (unsigned i = 0; i < SURVEY_ANSWER_COUNT; i++)
        if (str_equal(name, str_from_c(answers[i].name))) {
            *out = (enum survey_answer)i;
            return true;
        }
    return false;
}

const char *survey_answer_word(enum survey_answer answer, str language) {
    assert(answer < SURVEY_ANSWER_COUNT);
    return str_equal(language, STR("ja")) ? answers[answer].ja : answers[answer].en;
}

const char *survey_method_name(enum survey_method method) {
    static const char *const names[SURVEY_METHOD_COUNT] = {
        [SURVEY_BY_OVERRIDE] = "override",       [SURVEY_BY_INVENTORY] = "inventory",
        [SURVEY_BY_REGISTER] = "register",       [SURVEY_BY_REGION] = "cloud-region",
        [SURVEY_BY_ENDPOINT] = "endpoint-name",  [SURVEY_BY_ADDRESS] = "address-data",
        [SURVEY_BY_HINT] = "name-hint",          [SURVEY_BY_ALIAS] = "alias",
        [SURVEY_BY_ANYCAST] = "anycast",         [SURVEY_BY_HOLDER] = "holder",
        [SURVEY_BY_USE] = "address-use",         [SURVEY_BY_ROUND_TRIP] = "round-trip",
        [SURVEY_BY_CERTIFICATE] = "certificate", [SURVEY_BY_HEADER] = "header",
        [SURVEY_BY_RESOLVER] = "resolver",
    };
    assert(method < SURVEY_METHOD_COUNT);
    return names[method];
}

const char *survey_about_name(enum survey_about about) {
    static const char *const names[] = {"place", "operator", "law", "data"};
    assert(about < COUNT_OF(names));
    return names[about];
}

bool survey_format_find(str name, enum survey_format *out) {
    static const char *const names[SURVEY_FORMAT_COUNT] = {"text", "json", "jsonl", "csv"};
    for (unsigned i = 0; i < SURVEY_FORMAT_COUNT; i++)
        if (str_equal(name, str_from_c(names[i]))) {
            *out = (enum survey_format)i;
            return true;
        }
    return false;
}
