/* Any bytes as X-Forwarded-For. Whoever stands before the reader cannot change who it is: an address put
 * in front of the header matters only when everything behind it is trusted. */
#include "facts/inner.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static struct geo_table trusted_table(struct arena *arena) {
    static const str networks[] = {{"10.0.0.0/8", 10}, {"fd00::/8", 8}};
    struct geo_row rows[COUNT_OF(networks)] = {0};
    struct geo_table table;
    struct error e;
    for (size_t i = 0; i < COUNT_OF(networks); i++) {
        enum error_code code = geo_network_read(networks[i], &rows[i].network, &e);
        assert(code == OK);
    }
    enum error_code code = geo_table_build(rows, COUNT_OF(networks), arena, &table, &e);
    assert(code == OK);
    return table;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    static char memory[16384];
    struct arena arena = arena_over(memory, sizeof memory);
    struct geo_table trusted = trusted_table(&arena);
    struct geo_address reader, behind, front;
    const struct geo_row *row;
    char longer[1100] = "1.2.3.4,";
    size_t front_len = strlen(longer);
    if (count > sizeof longer - front_len) return 0;
    memcpy(longer + front_len, bytes, count);
    str header = str_of(bytes, count), with_front = str_of(longer, front_len + count);
    bool is_known = facts_forwarded_read(header, &trusted, &reader);
    bool is_behind = facts_forwarded_read(with_front, &trusted, &behind);
    bool read = geo_address_read(STR("1.2.3.4"), &front);
    assert(read);
    if (!is_known) {
        assert(!is_behind);
        return 0;
    }
    assert(is_behind);
    bool all_trusted = geo_table_find(&trusted, &reader, &row);
    bool is_front = geo_address_equal(&behind, &front);
    assert(all_trusted ? is_front : geo_address_equal(&behind, &reader));
    return 0;
}
