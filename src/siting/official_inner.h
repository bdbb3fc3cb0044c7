/* Inner: what the reader of official maps, their attributes and their tables share. */
#ifndef AZEKURA_SITING_OFFICIAL_INNER_H
#define AZEKURA_SITING_OFFICIAL_INNER_H

#include "siting/area.h"
#include "siting/siting.h"

const char *official_kind_name(enum siting_official_kind kind);

/* The first of some properties that is there; NULL: none. */
const struct doc_node *official_property(const struct doc_node *properties,
                                         const char *const *names, size_t count);
/* The value of a feature, in the hazard's unit; where it is a rank, both its ends, the upper one of the last
 * rank infinite. FAIL_SYNTAX: not there, or not of this kind of map. */
enum error_code official_ends(enum siting_official_kind kind, const struct doc_node *properties,
                              double *low, double *high, struct error *e) MUST_USE;

/* Keeps the worst for each site there, or the area itself where no sites were named. FAIL_LIMIT. */
enum error_code official_area(struct siting_official *o, const struct siting_area *area, double low,
                              double high, struct error *e) MUST_USE;
/* The same of a square of JIS X 0410. */
enum error_code official_square(struct siting_official *o, str mesh, double percent,
                                struct error *e) MUST_USE;

#endif
