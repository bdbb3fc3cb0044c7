/* What people call countries in inventories: two or three letters, or a name in English or Japanese. */
#include <stdlib.h>

#include "inventory/inventory.h"
#include "inventory/nations_table.h"

enum { NAME_BYTES = 128 }; /* the longest that is known has half of it */

/* Marks that are left out between words: in ASCII, and the middle dot, the full-width "=" and space. */
static size_t mark_at(str text) {
    static const char *const marks[] = {" ", "\t", ".",      ",",      "'",      "(",     ")",
                                        "-", "=",  "\u2019", "\u30fb", "\uff1d", "\u3000"};
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (str_starts(text, str_from_c(marks[i]))) return strlen(marks[i]);
    return 0;
}

/* As the table has them. A name that is too long is none. */
static str bare(str text, char memory[NAME_BYTES]) {
    size_t len = 0;
    while (text.len > 0) {
        size_t mark = mark_at(text);
        char c = text.at[0];
        if (len + 3 > NAME_BYTES) return STR_EMPTY;
        if (mark == 0 && c == '&') {
            memcpy(memory + len, "and", 3);
            len += 3;
        } else if (mark == 0)
            memory[len++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        text = str_skip(text, mark > 0 ? mark : 1);
    }
    return str_of(memory, len);
}

bool inventory_country_read(str text, geo_country *out) {
    char memory[NAME_BYTES], upper[2];
    str name = bare(text, memory);
    size_t low = 0, high = COUNT_OF(nations);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(str_from_c(nations[middle].name), name);
        if (order == 0) return geo_country_read(str_of(nations[middle].code, 2), out);
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (name.len != 2) return false;
    for (size_t i = 0; i < 2; i++)
        upper[i] = (char)(name.at[i] >= 'a' && name.at[i] <= 'z' ? name.at[i] - 32 : name.at[i]);
    return geo_country_read(str_of(upper, 2), out);
}
