/* The writers, one file a format. */
#ifndef AZEKURA_PLANNING_WRITTEN_H
#define AZEKURA_PLANNING_WRITTEN_H

#include "planning/planning.h"

void planning_json_rank(const struct planning_world *w, const struct planning_ranked *ranked,
                        struct arena scratch, struct report_out *out);
void planning_json_plan(const struct planning_world *w, const struct planning_plan *plan,
                        struct arena scratch, struct report_out *out);
void planning_json_drill(const struct planning_world *w, const struct planning_drill *drill,
                         struct report_out *out);

#endif
