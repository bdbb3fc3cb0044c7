/* Rows that are there and were not taken, for their own mistakes. Whoever reads what is wrong with a register
 * mends one thing after another: that a row points to one with a mistake in it is no second mistake. */
#include <stdlib.h>

#include "register/inner.h"

void untaken_all(struct untaken_rows *rows) {
    rows->kinds = (1u << REGISTER_KIND_COUNT) - 1;
}

void untaken_add(struct untaken_rows *rows, struct arena *arena, enum register_kind kind, str id) {
    struct untaken *row = id.len > 0 ? arena_new(arena, struct untaken, 1) : NULL;
    if (row == NULL) {
        rows->kinds |= 1u << kind;
        return;
    }
    *row = (struct untaken){kind, id, rows->list};
    rows->list = row;
    rows->count++;
}

void untaken_row(struct untaken_rows *rows, struct arena *arena, enum register_kind kind,
                 const struct doc_node *row) {
    const struct doc_node *id = doc_map_find(row, STR("id"));
    if (id == NULL && kind == REGISTER_ADOPTS) id = doc_map_find(row, STR("rulebook"));
    bool is_id = id != NULL && id->kind == DOC_SCALAR && id_has_its_signs(id->text);
    untaken_add(rows, arena, kind,
                is_id ? id->text : STR_EMPTY); /* no id: any may have been meant */
}

/* ---- what points to one ---- */

static int untaken_order(const void *a, const void *b) {
    const struct untaken *x = a, *y = b;
    if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
    return str_compare(x->id, y->id);
}

enum error_code untaken_sort(const struct untaken_rows *rows, struct arena *arena,
                             const struct untaken **out, struct error *e) {
    struct untaken *sorted = arena_new(arena, struct untaken, rows->count);
    size_t count = 0;
    if (sorted == NULL) return error_set(e, FAIL_MEMORY, "no room for rows that were not taken");
    for (const struct untaken *row = rows->list; row != NULL; row = row->next)
        sorted[count++] = *row;
    assert(count == rows->count);
    if (count > 1) qsort(sorted, count, sizeof *sorted, untaken_order);
    *out = sorted;
    return OK;
}

bool untaken_may_be(const struct untaken_rows *rows, const struct untaken *sorted,
                    const struct reference *r) {
    if ((rows->kinds & r->field->kinds) != 0) return true;
    for (unsigned k = 0; k < REGISTER_KIND_COUNT && rows->count > 0; k++) {
        const struct untaken wanted = {.kind = (enum register_kind)k, .id = r->node->text};
        if ((r->field->kinds >> k & 1) != 0 &&
            bsearch(&wanted, sorted, rows->count, sizeof *sorted, untaken_order) != NULL)
            return true;
    }
    return false;
}
