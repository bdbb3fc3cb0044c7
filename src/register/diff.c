/* What changed between two snapshots: both lists of rows walked side by side. */
#include "register/inner.h"

static int row_twins(const struct register_row *a, const struct register_row *b) {
    return row_compare(a, b);
}

enum error_code register_diff(const struct register_snapshot *before,
                              const struct register_snapshot *after, struct arena *arena,
                              struct register_changes *out, struct error *e) {
    size_t before_count = before != NULL ? before->row_count : 0, b = 0, a = 0;
    struct register_changes changes = {0};
    changes.list = arena_new(arena, struct register_change, before_count + after->row_count);
    if (changes.list == NULL) return error_set(e, FAIL_MEMORY, "no room for a list of changes");
    while (b < before_count || a < after->row_count) {
        const struct register_row *old = b < before_count ? &before->rows[b] : NULL;
        const struct register_row *new = a < after->row_count ? &after->rows[a] : NULL;
        int order = old == NULL ? 1 : new == NULL ? -1 : row_twins(old, new);
        const struct register_row *row = order <= 0 ? old : new;
        struct register_change change = {.kind = row->kind,
                                         .id = row->id,
                                         .valid_from_ns = row->valid_from_ns,
                                         .before = order <= 0 ? old->canonical : STR_EMPTY,
                                         .after = order >= 0 ? new->canonical : STR_EMPTY};
        change.what = order < 0 ? REGISTER_REMOVED : order > 0 ? REGISTER_ADDED : REGISTER_CHANGED;
        b += order <= 0;
        a += order >= 0;
        if (order == 0 && str_equal(change.before, change.after)) continue;
        changes.list[changes.count++] = change;
    }
    *out = changes;
    return OK;
}
