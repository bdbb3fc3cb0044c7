/* Inner: how servers are written, and what a writer keeps. */
#ifndef AZEKURA_SURVEY_WRITE_H
#define AZEKURA_SURVEY_WRITE_H

#include "survey/world.h"

/* The members of a judgement as JSON, from "answer" on, without braces. `is_japanese`, here and below: beside
 * each sentence NAME stands NAME_ja. */
void survey_json_judgement(const struct survey_world *world, const struct survey_judgement *j,
                           bool is_japanese, struct text *out);
/* A whole server. `members` is what survey_json_judgement wrote of its judgement, `more` what others add. */
void survey_json_server(const struct survey_server *server, str members, str more, bool is_japanese,
                        struct text *out);
/* What was counted, as members of an object that is open. */
void survey_json_tally(const struct survey_world *world, const struct survey_tally *tally,
                       bool is_japanese, struct report_json *j);

void survey_csv_head(struct report_out *out);
void survey_csv_server(const struct survey_server *server, struct report_out *out);

/* The first line of a report: how many, where, how crucial. */
void survey_text_first(const struct survey_world *world, const struct survey_tally *tally,
                       struct report_out *out);
void survey_text_first_ja(const struct survey_world *world, const struct survey_tally *tally,
                          struct report_out *out);

#endif
