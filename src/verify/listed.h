/* One version of a store with the entry it stands on, as a line for a person or an object of JSON. */
#ifndef AZEKURA_VERIFY_LISTED_H
#define AZEKURA_VERIFY_LISTED_H

#include "evidence/evidence.h"

#include <stdio.h>

struct verify_listed {
    const struct evidence_listing_row *row;
    const struct evidence_entry *entry;
    str origin; /* of the entry's log */
    uint64_t index;
    bool is_first; /* of its list: JSON puts commas between */
};
void verify_listed_write(const struct verify_listed *listed, bool json, FILE *out);

#endif
