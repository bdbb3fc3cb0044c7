/* What the lists that all subjects share say, text by text. */
#include "assess/inner.h"

static size_t slot_of(const struct named_texts *n, str text) {
    size_t at = (size_t)str_hash(text, 0) & (n->slot_count - 1);
    while (n->slots[at].at != NULL && !str_equal(n->slots[at], text))
        at = (at + 1) & (n->slot_count - 1);
    return at;
}

bool named_has(const struct named_texts *named, str text) {
    return named->slots[slot_of(named, text)].at != NULL;
}

/* Every text in it, and in what it holds. */
static void gather(const struct rulebook_value *v, struct named_texts *out, size_t *count) {
    if (v->kind == RULEBOOK_TEXT && v->text.len > 0) {
        ++*count;
        if (out->slots != NULL) out->slots[slot_of(out, v->text)] = v->text;
    }
    for (size_t i = 0; v->kind == RULEBOOK_SET && i < v->set.count; i++) {
        ++*count;
        if (out->slots != NULL && v->set.at[i].len > 0)
            out->slots[slot_of(out, v->set.at[i])] = v->set.at[i];
    }
    bool is_nest = v->kind == RULEBOOK_LIST || v->kind == RULEBOOK_RECORD;
    for (size_t i = 0; is_nest && i < v->list.count; i++)
        for (size_t k = 0; k < v->list.at[i].count; k++)
            gather(&v->list.at[i].at[k].value, out, count);
}

enum error_code named_gather(const struct facts_world *world, struct arena *arena,
                             struct named_texts *out, struct error *e) {
    const struct rulebook_facts *lists = facts_world_lists(world);
    size_t count = 0, slots = 64;
    *out = (struct named_texts){0};
    for (size_t i = 0; i < lists->count; i++) gather(&lists->at[i].value, out, &count);
    while (slots < 2 * count + 2) slots *= 2;
    out->slots = arena_new(arena, str, slots);
    if (out->slots == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu names", count);
    out->slot_count = slots;
    for (size_t i = 0; i < lists->count; i++) gather(&lists->at[i].value, out, &count);
    return OK;
}
