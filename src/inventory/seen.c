/* A set of names, for formats that name one server in many places. */
#include "inventory/reading.h"

static str *slot_find(const struct seen *seen, str name) {
    size_t i = (size_t)str_hash(name, 0) & (seen->cap - 1);
    while (seen->slots[i].len > 0 && !str_equal(seen->slots[i], name))
        i = (i + 1) & (seen->cap - 1);
    return &seen->slots[i];
}

static enum error_code grow(struct seen *seen, struct reading *r) {
    struct seen old = *seen;
    seen->cap = old.cap == 0 ? 1024 : old.cap * 2;
    seen->slots = arena_new(&r->scratch, str, seen->cap);
    if (seen->slots == NULL)
        return error_set(r->e, FAIL_MEMORY, "%.*s: no room for the names in it", STR_FMT(r->file));
    for (size_t i = 0; i < old.cap; i++)
        if (old.slots[i].len > 0) *slot_find(seen, old.slots[i]) = old.slots[i];
    return OK;
}

bool seen_has(const struct seen *seen, str name) {
    return seen->cap > 0 && slot_find(seen, name)->len > 0;
}

enum error_code seen_add(struct seen *seen, struct reading *r, str name, bool *is_new) {
    *is_new = false;
    if (name.len == 0) return OK;
    if (seen->count * 2 >= seen->cap) TRY(grow(seen, r));
    str *slot = slot_find(seen, name);
    *is_new = slot->len == 0;
    seen->count += *is_new;
    if (*is_new) *slot = name;
    return OK;
}
