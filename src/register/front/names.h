/* Names of companies, as lists are matched by. */
#ifndef AZEKURA_REGISTER_FRONT_NAMES_H
#define AZEKURA_REGISTER_FRONT_NAMES_H

#include "register/front/snapshot.h"

/* A company's name as lists are matched by: without case, width, spaces, punctuation, the words for
 * its kind, and the difference between l, I and 1, O and 0. Two keys where a word may have lost its
 * space ("TECHNOLOGYCO.,LTD"); none for an empty name. Names match when any of their keys are
 * equal; parts of names never match. The keys lie in the arena. FAIL_MEMORY. */
struct register_name {
    str keys[2];
    size_t count;
};
enum error_code register_name_fold(str name, struct arena *arena, struct register_name *out,
                                   struct error *e) MUST_USE;

/* Does the entity bear that name at that time: as its name in any language or as an alias, whole and
 * folded? False also for no such entity, and where the scratch cannot hold the folding. */
bool register_entity_bears(const struct register_snapshot *snapshot, str id, str name,
                           int64_t at_ns, struct arena scratch);
/* Does a part of the thing have a maker of that name? Then what was seen may be that part's. */
bool register_part_bears(const struct register_snapshot *snapshot,
                         const struct register_row *equipment, str name, int64_t at_ns,
                         struct arena scratch);

#endif
