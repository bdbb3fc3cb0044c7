/* The form as lines for a spreadsheet: one for each combination of all that is counted by, so that whoever
 * wants another table than ours can make it. */
#include "census/inner.h"

#include <stdio.h>

void census_csv(const struct census_form *form, struct report_out *out) {
    static const char *const head[] = {"operator", "sector",   "class",  "kinds",  "answer",
                                       "country",  "provider", "region", "law",    "foreign_law",
                                       "declared", "allowed",  "again",  "servers"};
    for (size_t i = 0; i < COUNT_OF(head); i++)
        report_csv_cell(out, str_from_c(head[i]), i + 1 == COUNT_OF(head));
    for (size_t i = 0; i < form->cell_count; i++) {
        const struct census_cell *c = &form->cells[i];
        char number[24];
        int len = snprintf(number, sizeof number, "%llu", (unsigned long long)c->servers);
        const str row[] = {c->operator_id,
                           c->sector,
                           c->class_name,
                           c->kinds,
                           str_from_c(survey_answer_name(c->answer)),
                           geo_country_str(&c->country),
                           c->provider,
                           c->region,
                           c->is_law_known ? c->law : STR("unknown"),
                           !c->is_law_known    ? STR("unknown")
                           : c->is_foreign_law ? STR("yes")
                                               : STR("no"),
                           str_from_c(census_match_name(c->match)),
                           str_from_c(census_ruling_name(c->ruling)),
                           c->is_again ? STR("yes") : STR("no"),
                           str_of(number, (size_t)len)};
        for (size_t k = 0; k < COUNT_OF(row); k++)
            report_csv_cell(out, row[k], k + 1 == COUNT_OF(row));
    }
}
