/* From the rates of exact subsets to the rate of losing a set. */
#ifndef AZEKURA_SITING_JOINT_H
#define AZEKURA_SITING_JOINT_H

#include "siting/siting.h"

enum { JOINT_SUBSETS = 1 << SITING_SET_MAX };

/* exactly[T]: how often a year exactly the sites of the mask T are struck by one event, of a set of
 * `count`. exactly[0] is not looked at. */
double joint_rate(const double exactly[JOINT_SUBSETS], size_t count, size_t tolerate,
                  double window_years);

/* Adds the rates of exact subsets of a set, by the rows. */
void joint_exactly(const struct siting_rows *rows, enum siting_result result, enum siting_end end,
                   const uint32_t *set, size_t count, double exactly[JOINT_SUBSETS]);

#endif
