/* The writers, one file a format. */
#ifndef AZEKURA_PLANNING_WRITTEN_H
#define AZEKURA_PLANNING_WRITTEN_H

#include "planning/planning.h"

/* Two digits, no exponent, as rates are not known better: "12,000", "1.6 million", "160万". Not negative. */
str planning_round(double number, bool japanese, char room[48]);
/* "380 km", or "379 to 392 km" where a place is known by its grid square alone. */
void planning_km(struct report_out *out, bool japanese, double low, double high);
/* "once in 1,200 to 5,000 years": what people can weigh; rates are for programs. */
void planning_years(struct report_out *out, bool japanese, const double rate[SITING_END_COUNT]);

bool planning_scheme_is_known(str scheme); /* "grid", "pref", "maker" … */
str planning_grade(const struct planning_world *w,
                   str grade); /* "JMA 6-lower"; of no word, itself */
/* What planning_unknowns found, in the world's language: events by name, a few of them. Empty when memory is out. */
str planning_unknown_say(const struct planning_world *w, const str *unknown, size_t count,
                         struct arena *arena);

void planning_json_rank(const struct planning_world *w, const struct planning_ranked *ranked,
                        struct arena scratch, struct report_out *out);
void planning_json_plan(const struct planning_world *w, const struct planning_plan *plan,
                        struct arena scratch, struct report_out *out);
void planning_json_drill(const struct planning_world *w, const struct planning_drill *drill,
                         struct report_out *out);

void planning_html_rank(const struct planning_world *w, const struct planning_ranked *ranked,
                        struct arena scratch, struct report_out *out);
void planning_html_plan(const struct planning_world *w, const struct planning_plan *plan,
                        struct arena scratch, struct report_out *out);
void planning_html_drill(const struct planning_world *w, const struct planning_drill *drill,
                         struct arena scratch, struct report_out *out);

void planning_geojson_rank(const struct planning_world *w, const struct planning_ranked *ranked,
                           struct report_out *out);
void planning_geojson_plan(const struct planning_world *w, const struct planning_plan *plan,
                           struct report_out *out);
void planning_geojson_drill(const struct planning_world *w, const struct planning_drill *drill,
                            struct report_out *out);

#endif
