/* Open addressing over digests: names are parts of SHA-256, so their own bits spread them. (Who
 * makes them collide on purpose slows down his own audit.) */
#include "verify/table.h"

#define NAMES_MAX ((uint64_t)1 << 32)

enum error_code verify_table_open(struct verify_table *table, uint64_t names, struct error *e) {
    memset(table, 0, sizeof *table);
    if (names > NAMES_MAX)
        return error_set(e, FAIL_LIMIT, "a table of %llu names is over 2^32",
                         (unsigned long long)names);
    uint64_t slots = 1024;
    while (slots / 2 < names) slots *= 2;
    struct arena arena;
    TRY(arena_space_open(&table->space, (size_t)slots * sizeof(struct verify_slot) + 64, &arena,
                         e));
    /* fresh pages are zero already: arena_new would touch them all */
    uintptr_t at = ((uintptr_t)arena.next + 63) & ~(uintptr_t)63;
    table->slots = (struct verify_slot *)at;
    table->slot_count = slots;
    table->used_max = names;
    return OK;
}

void verify_table_close(struct verify_table *table) {
    arena_space_release(&table->space);
}

static struct verify_slot *slot_of(const struct verify_table *table,
                                   const unsigned char name[VERIFY_NAME_BYTES]) {
    uint64_t at = read_be64(name) & (table->slot_count - 1);
    while (table->slots[at].used && memcmp(table->slots[at].name, name, VERIFY_NAME_BYTES) != 0)
        at = (at + 1) & (table->slot_count - 1);
    return &table->slots[at];
}

enum error_code verify_table_take(struct verify_table *table,
                                  const unsigned char name[VERIFY_NAME_BYTES],
                                  struct verify_slot **out, struct error *e) {
    struct verify_slot *slot = slot_of(table, name);
    if (!slot->used) {
        if (table->used == table->used_max)
            return error_set(e, FAIL_LIMIT, "more than %llu names in a table",
                             (unsigned long long)table->used_max);
        table->used++;
        slot->used = true;
        memcpy(slot->name, name, VERIFY_NAME_BYTES);
    }
    *out = slot;
    return OK;
}

struct verify_slot *verify_table_find(const struct verify_table *table,
                                      const unsigned char name[VERIFY_NAME_BYTES]) {
    struct verify_slot *slot = slot_of(table, name);
    return slot->used ? slot : NULL;
}
