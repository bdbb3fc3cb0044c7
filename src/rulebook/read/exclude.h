/* Inner: of two conditions that are wanted together, can both be true? */
#ifndef AZEKURA_RULEBOOK_EXCLUDE_H
#define AZEKURA_RULEBOOK_EXCLUDE_H

#include "rulebook/read/file.h"

/* One condition, or one entry of `applies`, that has to be true; `negated`: that has to be false. */
struct wanted {
    const struct wanted *before; /* wanted too */
    size_t place;                /* how many stand before */
    const struct condition *condition;
    const struct applies *entry; /* then there is no condition */
    bool negated;
    uint32_t line, column;
};

/* No facts make both of them true. false: some may, or we cannot tell. Nothing here is about what a
 * clause accepts as withheld: that is met whatever it is compared with. */
bool wanted_exclude(const struct wanted *a, const struct wanted *b);

#endif
