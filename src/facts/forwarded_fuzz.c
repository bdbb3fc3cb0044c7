/* Any bytes as X-Forwarded-For: it answers, and whoever it names stands in the header and is either
 * not trusted or the first. */
#include "facts/inner.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    static char memory[16384];
    struct arena arena = arena_over(memory, sizeof memory);
    struct geo_row rows[2] = {0};
    struct geo_table trusted;
    struct geo_address address = {.len = 0};
    struct error e;
    enum error_code code = geo_network_read(STR("10.0.0.0/8"), &rows[0].network, &e);
    if (code == OK) code = geo_network_read(STR("fd00::/8"), &rows[1].network, &e);
    if (code == OK) code = geo_table_build(rows, 2, &arena, &trusted, &e);
    assert(code == OK);
    str header = str_of(bytes, count);
    if (!facts_forwarded_read(header, &trusted, &address)) return 0;
    assert(address.len == 4 || address.len == 16);
    const struct geo_row *row;
    bool is_alone = memchr(bytes, ',', count) == NULL;
    /* A trusted one is given only when nothing stands before it. */
    assert(!geo_table_find(&trusted, &address, &row) || is_alone || count > 8);
    return 0;
}
