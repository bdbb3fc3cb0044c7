/* Secrets: bytes that are wiped when they are done with, and never printed. */
#ifndef AZEKURA_BASE_SECRET_H
#define AZEKURA_BASE_SECRET_H

#include "base/str.h"

enum { SECRET_BYTES = 32 };

struct secret {
    unsigned char at[SECRET_BYTES];
};

void secret_wipe(struct secret *s);
void memory_wipe(void *bytes, size_t count); /* not optimised away */

#endif
