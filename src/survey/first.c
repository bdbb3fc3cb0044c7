/* The first line of a report: how many, where, how crucial. */
#include "survey/write.h"

/* "US 120, SG 30 and others": the likeliest countries of servers that are not at home. */
static void abroad_write(const struct survey_world *world, const struct survey_tally *tally,
                         const char *comma, const char *others, struct text *out) {
    enum { TOLD = 4 };
    bool is_told[26 * 26] = {false};
    size_t home = (size_t)(world->home.at[0] - 'A') * 26 + (size_t)(world->home.at[1] - 'A');
    is_told[home] = true;
    for (size_t n = 0; n <= TOLD; n++) {
        size_t best = home;
        for (size_t i = 0; i < COUNT_OF(is_told); i++)
            if (!is_told[i] && tally->countries[i] > (best == home ? 0 : tally->countries[best]))
                best = i;
        if (best == home) return; /* told all there are */
        is_told[best] = true;
        if (n == TOLD)
            text_add_c(out, others);
        else
            text_format(out, "%s%c%c %llu", n > 0 ? comma : "", (char)('A' + best / 26),
                        (char)('A' + best % 26), (unsigned long long)tally->countries[best]);
    }
}

static uint64_t foreign_law_all(const struct survey_tally *tally) {
    uint64_t count = 0;
    for (size_t i = 0; i < SURVEY_ANSWER_COUNT; i++) count += tally->foreign_law[i];
    return count;
}

static uint64_t away_of(const uint64_t answers[SURVEY_ANSWER_COUNT]) {
    return answers[SURVEY_OUTSIDE] + answers[SURVEY_MANY];
}

void survey_text_first(const struct survey_world *world, const struct survey_tally *tally,
                       struct report_out *out) {
    char memory[128];
    struct text abroad = text_into(memory, sizeof memory);
    const uint64_t *answers = tally->answers;
    abroad_write(world, tally, ", ", " and others", &abroad);
    report_format(
        out,
        "%llu server%s: %llu inside %.2s, %llu outside%s%.*s%s, %llu of many places, %llu "
        "undetermined; %llu under a foreign law, of them %llu inside",
        (unsigned long long)tally->servers, tally->servers == 1 ? "" : "s",
        (unsigned long long)answers[SURVEY_INSIDE], world->home.at,
        (unsigned long long)answers[SURVEY_OUTSIDE], abroad.len > 0 ? " (" : "",
        STR_FMT(text_str(&abroad)), abroad.len > 0 ? ")" : "",
        (unsigned long long)answers[SURVEY_MANY], (unsigned long long)answers[SURVEY_UNDETERMINED],
        (unsigned long long)foreign_law_all(tally),
        (unsigned long long)tally->foreign_law[SURVEY_INSIDE]);
    report_format(out, "; of the %llu outside or of many places ",
                  (unsigned long long)away_of(answers));
    for (size_t i = 0; i < tally->class_count; i++) {
        uint64_t count = away_of(tally->classes[i].answers);
        if (count > 0)
            report_format(out, "%llu hold %s data, ", (unsigned long long)count,
                          tally->classes[i].name);
    }
    report_format(out, "%llu hold data nobody has declared\n",
                  (unsigned long long)away_of(tally->undeclared));
}

void survey_text_first_ja(const struct survey_world *world, const struct survey_tally *tally,
                          struct report_out *out) {
    const uint64_t *answers = tally->answers;
    report_format(
        out,
        "サーバー %llu 台。国内（%.2s）%llu、国外 %llu、複数の場所 %llu、判定できず %llu。"
        "外国法の及ぶもの %llu、うち国内 %llu。",
        (unsigned long long)tally->servers, world->home.at,
        (unsigned long long)answers[SURVEY_INSIDE], (unsigned long long)answers[SURVEY_OUTSIDE],
        (unsigned long long)answers[SURVEY_MANY], (unsigned long long)answers[SURVEY_UNDETERMINED],
        (unsigned long long)foreign_law_all(tally),
        (unsigned long long)tally->foreign_law[SURVEY_INSIDE]);
    report_format(out, "国外または複数の場所の %llu 台のうち、",
                  (unsigned long long)away_of(answers));
    for (size_t i = 0; i < tally->class_count; i++) {
        uint64_t count = away_of(tally->classes[i].answers);
        if (count > 0)
            report_format(out, "区分 %s のデータを持つもの %llu、", tally->classes[i].name,
                          (unsigned long long)count);
    }
    report_format(out, "データの届け出がないもの %llu\n",
                  (unsigned long long)away_of(tally->undeclared));
}
