/* Any bytes as the facts of a decision: the reader answers, each text fits the room it was promised and
 * can be shown, and bytes missing at the end are noticed. */
#include "evidence/evidence.h"

#include <stdlib.h>

#define HOLDS(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) abort();                                                                 \
    } while (0)

static void each(void *self, const char *name, str text) {
    unsigned *count = self;
    HOLDS(name[0] != 0 && text.len > 0);
    for (size_t i = 0; i < text.len; i++)
        HOLDS((unsigned char)text.at[i] >= 0x20 && text.at[i] != 127);
    ++*count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char memory[1 << 20];
    struct error e;
    unsigned count = 0;
    if (4 * size + 256 > sizeof memory) return 0;
    struct text line = text_into(memory, 4 * size + 256);
    enum error_code code = evidence_facts_tell(str_of(data, size), line, each, &count, &e);
    HOLDS(code == OK || code == FAIL_CORRUPT || code == FAIL_VERSION);
    if (code == OK && size > 0)
        HOLDS(evidence_facts_tell(str_of(data, size - 1), line, each, &count, &e) != OK);
    return 0;
}
