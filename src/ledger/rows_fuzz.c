/* Any bytes as the ledger's row and as its file of signed heads: what is read writes the same
 * again. */
#include "ledger/inner.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    str bytes = str_of(data, size);
    struct ledger_row row;
    char row_memory[LEDGER_ROW_BYTES];
    if (ledger_row_read(bytes, &row, NULL) == OK &&
        !str_equal(ledger_row_write(&row, row_memory), bytes))
        abort();
    struct ledger_run run;
    char key[LEDGER_ENTRY_KEY_BYTES];
    uint64_t first = size > 0 ? data[0] : 0;
    if (ledger_run_begin(ledger_entry_key(first, key), bytes, &run, NULL) == OK) {
        str entry;
        while (run.rest.len > 0 && ledger_run_next(&run, &entry, NULL) == OK)
            if (entry.len == 0 || entry.len > LIMIT_ENTRY_BYTES || run.next > TLOG_TILE_WIDTH)
                abort();
    }
    struct ledger_signed file;
    char text_memory[1024];
    struct text text = text_into(text_memory, sizeof text_memory);
    if (ledger_signed_parse(bytes, &file, NULL) == OK) {
        ledger_signed_print(&file, &text);
        if (!str_equal(text_str(&text), bytes)) abort();
    }
    return 0;
}
