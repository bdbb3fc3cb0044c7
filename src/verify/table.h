/* A table of 16-byte names, each with the entry it stands for. Grows never: sized at the start. */
#ifndef AZEKURA_VERIFY_TABLE_H
#define AZEKURA_VERIFY_TABLE_H

#include "base/base.h"

enum { VERIFY_NAME_BYTES = 16 };

struct verify_slot {
    unsigned char name[VERIFY_NAME_BYTES];
    uint64_t index;
    bool used, live, listed; /* for who uses the table */
};
struct verify_table {
    struct arena_space space;
    struct verify_slot *slots;
    uint64_t slot_count, used, used_max; /* slot_count is a power of two */
};
/* For up to `names` names. Its memory costs only what is used. FAIL_LIMIT over 2^32. */
enum error_code verify_table_open(struct verify_table *table, uint64_t names,
                                  struct error *e) MUST_USE;
void verify_table_close(struct verify_table *table); /* safe on a zeroed one */

/* The slot of a name; a new one is marked used and is otherwise zero. FAIL_LIMIT: full. */
enum error_code verify_table_take(struct verify_table *table,
                                  const unsigned char name[VERIFY_NAME_BYTES],
                                  struct verify_slot **out, struct error *e) MUST_USE;
/* NULL: not there. */
struct verify_slot *verify_table_find(const struct verify_table *table,
                                      const unsigned char name[VERIFY_NAME_BYTES]);

#endif
