/* Any bytes as a decision: the reader answers, and writes no more than it was given room for. */
#include "gate/decide/decision.h"

static char memory[1 << 20], told[1 << 16];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text out = text_into(told, sizeof told);
    struct error e;
    enum error_code code =
        gate_decision_tell(str_of(data, size), arena_over(memory, sizeof memory), &out, &e);
    if (code != OK && code != FAIL_CORRUPT && code != FAIL_VERSION && code != FAIL_MEMORY)
        __builtin_trap();
    if (out.len > sizeof told) __builtin_trap();
    return 0;
}
