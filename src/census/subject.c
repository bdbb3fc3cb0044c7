/* One server as the form and its rules see it: what it is called, where it is, whose law reaches it, what
 * that rests on, and whether it agrees with what was declared. */
#include "census/inner.h"

#include <stdlib.h>

enum { LIKELY_PERCENT = 50, EXCLUDED_PERCENT = 5 };

str census_subject(const struct survey_server *server, char memory[CENSUS_SUBJECT_BYTES]) {
    if (server->name.len > 0) return str_slice(server->name, 0, CENSUS_SUBJECT_BYTES);
    if (server->network != NULL) return str_of(memory, geo_network_write(server->network, memory));
    if (server->address_count > 0)
        return str_of(memory, geo_address_write(&server->addresses[0], memory));
    return STR("?");
}

static int by_code(const void *a, const void *b) {
    return memcmp(a, b, sizeof(geo_country));
}

str law_of(const struct survey_judgement *judgement, char memory[256]) {
    geo_country codes[64];
    size_t count = 0;
    struct text text = text_into(memory, 256);
    for (size_t i = 0; i < judgement->law_count && count < COUNT_OF(codes); i++)
        codes[count++] = judgement->law[i].country;
    if (count > 1) qsort(codes, count, sizeof *codes, by_code);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && geo_country_equal(codes[i], codes[i - 1])) continue;
        if (text.len > 0) text_add_char(&text, ' ');
        text_add(&text, str_of(codes[i].at, 2));
    }
    return text_str(&text);
}

geo_country place_of(const struct survey_judgement *judgement) {
    bool is_place = judgement->answer == SURVEY_INSIDE || judgement->answer == SURVEY_OUTSIDE;
    return is_place && judgement->country_count > 0 ? judgement->countries[0].country
                                                    : (geo_country){{0, 0}};
}

double probability_of(const struct survey_judgement *judgement, geo_country country) {
    for (size_t i = 0; i < judgement->country_count; i++)
        if (geo_country_equal(judgement->countries[i].country, country))
            return judgement->countries[i].probability;
    return 0;
}

/* What somebody says cannot confirm what somebody says. */
bool rests_on_word(const struct survey_judgement *j) {
    return j->grounds == SURVEY_BY_OVERRIDE || j->grounds == SURVEY_BY_INVENTORY ||
           j->grounds == SURVEY_BY_REGISTER;
}

/* Of many places none is contradicted: one of them may be the one declared. */
enum census_match match_of(const struct survey_server *server) {
    const struct survey_judgement *j = server->judgement;
    geo_country said = server->declared.country;
    if (said.at[0] == 0) return CENSUS_NOT_DECLARED;
    double percent = 100 * probability_of(j, said);
    if (j->answer == SURVEY_MANY || j->country_count == 0 || rests_on_word(j))
        return CENSUS_NOT_SHOWN;
    if (place_of(j).at[0] != 0 && percent >= LIKELY_PERCENT) return CENSUS_AGREES;
    return percent < EXCLUDED_PERCENT && place_of(j).at[0] != 0 ? CENSUS_CONTRADICTED
                                                                : CENSUS_NOT_SHOWN;
}
