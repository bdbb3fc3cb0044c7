/* Any bytes as an entry: what is read writes the same bytes again. */
#include "evidence/evidence.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static _Alignas(16) unsigned char memory[1 << 20];
    str bytes = str_of(data, size);
    struct evidence_entry entry;
    struct arena arena = arena_over(memory, sizeof memory);
    if (evidence_entry_decode(bytes, &arena, &entry, NULL) != OK) return 0;
    char again[LIMIT_ENTRY_BYTES];
    str written;
    if (evidence_entry_encode(&entry, again, sizeof again, &written, NULL) != OK) abort();
    if (!str_equal(written, bytes)) abort();
    return 0;
}
