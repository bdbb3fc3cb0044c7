/* Inner: what a name tells of where its machine stands. */
#ifndef AZEKURA_SURVEY_NAMES_H
#define AZEKURA_SURVEY_NAMES_H

#include "survey/survey.h"

enum survey_ending { ENDING_ENDPOINT, ENDING_CDN, ENDING_BALANCER };
struct survey_name_row {
    str ending, provider;
    enum survey_ending kind;
};
struct survey_code_row {
    str code, named;
    geo_country country;
    bool is_city, is_ambiguous;
};
struct survey_names {
    const struct survey_name_row *endings;
    const struct survey_code_row *codes; /* by code */
    const struct geo_region *regions;    /* borrowed */
    size_t ending_count, code_count, region_count;
    str endings_date, codes_date;
};
/* From the lists that come along. FAIL_SYNTAX: a row is none; FAIL_MEMORY. */
enum error_code survey_names_read(const struct geo_region *regions, size_t region_count,
                                  struct arena *arena, struct arena scratch,
                                  struct survey_names *out, struct error *e) MUST_USE;

struct survey_name_said {
    const struct survey_name_row *ending; /* the longest that fits; NULL: none */
    const struct geo_region *region; /* of an endpoint; NULL: no region's code is in the name */
    const struct survey_code_row
        *codes[4];       /* different countries' first; none of a provider's name */
    bool is_numbered[4]; /* the code is followed by a number: "nrt1" */
    size_t code_count;
};
/* Any bytes; letters of either case. Pure. */
void survey_name_hear(const struct survey_names *names, str name, struct survey_name_said *out);

#endif
