/* Counting servers as they are judged: how many, where, how crucial. */
#include "survey/survey.h"

/* The class's row; one too many is counted with the last. */
static size_t class_row(struct survey_tally *tally, str name) {
    str kept = str_slice(name, 0, sizeof tally->classes[0].name - 1);
    size_t i = 0;
    while (i < tally->class_count && !str_equal(str_from_c(tally->classes[i].name), kept)) i++;
    if (i == SURVEY_CLASSES_TOLD) return i - 1;
    if (i == tally->class_count) {
        memcpy(tally->classes[i].name, kept.at, kept.len);
        tally->class_count++;
    }
    return i;
}

void survey_tally_add(struct survey_tally *tally, const struct survey_server *server) {
    const struct survey_judgement *j = server->judgement;
    const struct survey_declared *declared = &server->declared;
    tally->servers++;
    tally->answers[j->answer]++;
    tally->conflicts += j->conflict_count > 0;
    tally->foreign_law[j->answer] += j->is_foreign_law;
    bool is_answered = j->answer == SURVEY_INSIDE || j->answer == SURVEY_OUTSIDE;
    if (is_answered && j->country_count > 0) {
        geo_country c = j->countries[0].country;
        tally->countries[(c.at[0] - 'A') * 26 + (c.at[1] - 'A')]++;
    }
    if (declared->class_name.len > 0)
        tally->classes[class_row(tally, declared->class_name)].answers[j->answer]++;
    else
        tally->undeclared[j->answer]++;
}
