/* Any bytes as an opening: what is read writes the same bytes again. */
#include "evidence/evidence.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static _Alignas(16) unsigned char memory[1 << 20];
    str bytes = str_of(data, size);
    struct evidence_opening opening;
    if (evidence_opening_decode(bytes, &opening, NULL) != OK) return 0;
    str written;
    if (evidence_opening_encode(&opening, memory, sizeof memory, &written, NULL) != OK) abort();
    if (!str_equal(written, bytes)) abort();
    return 0;
}
