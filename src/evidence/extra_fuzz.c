/* Any bytes as the extra of a proof: what is read writes the same bytes again, and can be checked.
 */
#include "evidence/evidence.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static _Alignas(16) unsigned char memory[1 << 20];
    str bytes = str_of(data, size);
    struct evidence_extra extra;
    struct arena arena = arena_over(memory, sizeof memory);
    if (evidence_extra_decode(bytes, &arena, &extra, NULL) != OK) return 0;
    static char again[1 << 20];
    str written;
    if (evidence_extra_encode(&extra, again, sizeof again, &written, NULL) != OK) abort();
    if (!str_equal(written, bytes)) abort();
    struct evidence_entry entry;
    size_t shown;
    digest root = sha256_of(bytes);
    for (size_t i = 0; i < extra.step_count; i++) {
        struct arena step = arena;
        error_ignore(evidence_step_check(&extra, i, &step, &entry, NULL));
    }
    error_ignore(evidence_extra_check(&extra, 5, &root, &arena, &entry, &shown, NULL));
    return 0;
}
