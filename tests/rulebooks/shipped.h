/* The rulebooks that ship, read as a test's set-up. */
#ifndef AZEKURA_TESTS_RULEBOOKS_SHIPPED_H
#define AZEKURA_TESTS_RULEBOOKS_SHIPPED_H

#include "rulebook/rulebook.h"
#include "tests/test.h"

#define RULEBOOKS_DIR AZEKURA_SOURCE_ROOT "/rulebooks/"

struct shipped {
    struct arena arena, scratch; /* as long as the program */
    const struct rulebook *rulebooks[256];
    size_t count;
};
extern struct shipped shipped;

/* Fills `shipped`; fails the test where one does not read. */
void shipped_read(void);
/* In shipped.arena; empty where there is no such file. */
str file_bytes(const char *path);

#endif
