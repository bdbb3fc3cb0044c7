/* Which facts a rulebook names, where it names them and with what it compares them: so that what it
 * asks can be held against what a register is able to say. */
#ifndef AZEKURA_RULEBOOK_FRONT_USES_H
#define AZEKURA_RULEBOOK_FRONT_USES_H

#include "rulebook/front/clauses.h"

struct rulebook_use_at {
    const struct rulebook *rulebook;
    const struct rulebook_clause *clause; /* NULL: named beside the clauses */
    str list; /* the path is a field of this list's elements; empty: it is a fact */
    str path;
    const struct rulebook_value *against; /* a constant it is compared with, maybe a set; or NULL */
    bool orders;                          /* by <, <=, > or >= */
    bool holds;                           /* it stands alone: wanted to be yes */
    bool at_applies;                      /* in `applies`, or `for` */
    str file;
    uint32_t line, column;
};

struct rulebook_use_visitor {
    void (*visit)(struct rulebook_use_visitor *self, const struct rulebook_use_at *use);
};
/* Each use, as often as it stands there. Of a $name what stands for it in the file is `against`. */
void rulebook_uses(const struct rulebook *rulebook, struct rulebook_use_visitor *visitor);

#endif
