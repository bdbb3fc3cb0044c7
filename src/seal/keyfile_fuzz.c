/* Any bytes as a key file: what is read writes the same bytes again. */
#include "seal/inner.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    unsigned char sealed[SEALED_KEY_BYTES];
    struct key_file file;
    if (size > KEY_FILE_BYTES) return 0;
    str bytes = str_of(data, size);
    if (key_file_read(bytes, "fuzz", sealed, &file, NULL) != OK) return 0;
    char memory[2 * KEY_FILE_BYTES];
    struct text again = text_into(memory, sizeof memory);
    key_file_write(&file, &again);
    if (!str_equal(text_str(&again), bytes)) abort();
    return 0;
}
