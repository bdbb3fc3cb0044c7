/* The first line of a report: how many, where, how crucial. */
#include "survey/write.h"

/* "US 120, SG 30 and 4 others": the likeliest countries of servers that are not at home. */
static void abroad_write(const struct survey_world *world, const struct survey_tally *tally,
                         struct text *out) {
    enum { TOLD = 4 };
    bool is_told[26 * 26] = {false};
    size_t home = (size_t)(world->home.at[0] - 'A') * 26 + (size_t)(world->home.at[1] - 'A');
    is_told[home] = true;
    for (size_t n = 0; n < TOLD; n++) {
        size_t best = home;
        for (size_t i = 0; i < COUNT_OF(is_told); i++)
            if (!is_told[i] && tally->countries[i] > (best == home ? 0 : tally->countries[best]))
                best = i;
        if (best == home) return; /* told all there are */
        is_told[best] = true;
        text_format(out, "%s%c%c %llu", n > 0 ? ", " : "", (char)('A' + best / 26),
                    (char)('A' + best % 26), (unsigned long long)tally->countries[best]);
    }
    text_add(out, STR(" and others"));
}

void survey_text_first(const struct survey_world *world, const struct survey_tally *tally,
                       struct report_out *out) {
    char memory[128];
    struct text abroad = text_into(memory, sizeof memory);
    const uint64_t *answers = tally->answers;
    uint64_t not_home = answers[SURVEY_OUTSIDE] + answers[SURVEY_MANY], undeclared = 0;
    abroad_write(world, tally, &abroad);
    report_format(
        out,
        "%llu servers: %llu inside %.2s, %llu outside%s%.*s%s, %llu of many places, %llu "
        "undetermined; %llu under a foreign law, of them %llu inside",
        (unsigned long long)tally->servers, (unsigned long long)answers[SURVEY_INSIDE],
        world->home.at, (unsigned long long)answers[SURVEY_OUTSIDE], abroad.len > 0 ? " (" : "",
        STR_FMT(text_str(&abroad)), abroad.len > 0 ? ")" : "",
        (unsigned long long)answers[SURVEY_MANY], (unsigned long long)answers[SURVEY_UNDETERMINED],
        (unsigned long long)(tally->foreign_law[SURVEY_INSIDE] +
                             tally->foreign_law[SURVEY_OUTSIDE] + tally->foreign_law[SURVEY_MANY] +
                             tally->foreign_law[SURVEY_UNDETERMINED]),
        (unsigned long long)tally->foreign_law[SURVEY_INSIDE]);
    report_format(out, "; of the %llu outside or of many places ", (unsigned long long)not_home);
    for (size_t i = 0; i < tally->class_count; i++) {
        uint64_t count =
            tally->classes[i].answers[SURVEY_OUTSIDE] + tally->classes[i].answers[SURVEY_MANY];
        if (count > 0)
            report_format(out, "%llu hold %s data, ", (unsigned long long)count,
                          tally->classes[i].name);
    }
    undeclared = tally->undeclared[SURVEY_OUTSIDE] + tally->undeclared[SURVEY_MANY];
    report_format(out, "%llu hold data nobody has declared\n", (unsigned long long)undeclared);
}
