/* Which facts a rulebook names, where it names them and with what it compares them: so that what it
 * asks can be held against what a register is able to say. */
#ifndef AZEKURA_RULEBOOK_FRONT_USES_H
#define AZEKURA_RULEBOOK_FRONT_USES_H

#include "rulebook/front/clauses.h"

/* What it has to be, beside what it is compared with. */
enum rulebook_use_as {
    RULEBOOK_AS_IT_IS,
    RULEBOOK_AS_TIME,    /* a day or instant: something begins with it */
    RULEBOOK_AS_AMOUNT,  /* a number or length: it is summed */
    RULEBOOK_AS_ORDERED, /* a number, length or day: the most or least of it is taken */
    RULEBOOK_AS_COUNTED, /* the number of a transfer, or of its dataset, of that name: no path */
    RULEBOOK_AS_KEY,     /* a fact, or the root of one that has an id */
};

struct rulebook_use_at {
    const struct rulebook *rulebook;
    const struct rulebook_clause *clause; /* NULL: named beside the clauses */
    str list; /* the path is a field of this list's elements; empty: it is a fact */
    str path;
    const struct rulebook_value *against; /* a constant it is compared with, maybe a set; or NULL */
    enum rulebook_use_as as;
    bool holds;      /* it stands alone: wanted to be yes */
    bool at_applies; /* in `applies`, or `for` */
    str file;
    uint32_t line, column;
};

struct rulebook_use_visitor {
    void (*visit)(struct rulebook_use_visitor *self, const struct rulebook_use_at *use);
};
/* Each use, as often as it stands there. Of a $name what stands for it in the file is `against`. */
void rulebook_uses(const struct rulebook *rulebook, struct rulebook_use_visitor *visitor);

/* The lists of the register that it names by `$`, each once. Borrowed from the rulebook. */
const str *rulebook_lists(const struct rulebook *rulebook, size_t *count);

#endif
