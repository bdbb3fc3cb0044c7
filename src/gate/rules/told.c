/* What the register said on a day, as kept here, held against the ledger. */
#include "gate/inner.h"

enum { TOLD_SPACE_BYTES = 8 << 20, ENTRY_SCRATCH_BYTES = 2 << 20 };

static enum error_code may_look(struct gate_visit *visit, struct error *e) {
    TRY(gate_allow_look(visit, e));
    return gate_look(visit, "register", STR("register"), e);
}

/* Of a log that was succeeded the file may be gone: then the row alone speaks. */
static enum error_code entry_check(struct gate *gate, struct engine_view *view, struct arena *arena,
                                   struct gate_told *told, struct error *e) {
    const struct register_generation *kept = told->kept;
    struct evidence_entry entry;
    struct arena scratch;
    str bytes;
    char *memory = arena_bytes(arena, ENTRY_SCRATCH_BYTES);
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for an entry");
    scratch = arena_over(memory, ENTRY_SCRATCH_BYTES);
    enum error_code code = ledger_entry_read(gate->ledger, kept->log_number, kept->entry, view,
                                             arena, scratch, &bytes, e);
    if (code == FAIL_NOT_FOUND) return OK;
    if (code == OK) code = evidence_entry_decode(bytes, arena, &entry, e);
    if (code != OK) return code;
    if (entry.type != EVIDENCE_REGISTER_CHANGE || !digest_equal(&entry.other, &kept->sha256))
        return error_set(e, FAIL_CORRUPT,
                         "generation %llu of the register names the entry %.*s#%llu, which is not "
                         "about it",
                         (unsigned long long)kept->generation, STR_FMT(kept->origin),
                         (unsigned long long)kept->entry);
    told->in_ledger = true;
    return OK;
}

static enum error_code told_fill(struct gate *gate, struct engine_view *view, struct arena *arena,
                                 struct gate_told *told, struct error *e) {
    struct evidence_opening opening;
    if (!told->kept->is_recorded) return OK;
    TRY(entry_check(gate, view, arena, told, e));
    enum error_code code = gate_opening_read(gate, view, told->kept->log_number, told->kept->entry,
                                             arena, &opening, e);
    told->redacted = code == FAIL_NOT_FOUND;
    if (code == FAIL_NOT_FOUND) return OK;
    if (code != OK) return code;
    told->who = opening.values.of[EVIDENCE_USER];
    told->why = opening.values.of[EVIDENCE_DETAIL];
    return OK;
}

struct walk {
    struct gate *gate;
    struct engine_view *view;
    struct arena arena;
    uint64_t first, *next;
    size_t most;
    enum error_code (*each)(void *self, const struct gate_told *told, struct error *e);
    void *self;
};

static enum error_code generations_walk(const struct walk *w, struct error *e) {
    struct register_head head;
    uint64_t n = u64_max(w->first, 1);
    TRY(register_head_read(w->view, &head, e));
    for (size_t i = 0; i < w->most && n <= head.generation; i++, n++) {
        struct arena fresh = w->arena;
        struct register_generation kept;
        struct gate_told told = {.kept = &kept};
        TRY(register_generation_read(w->view, &head, n, &fresh, &kept, e));
        TRY(told_fill(w->gate, w->view, &fresh, &told, e));
        TRY(w->each(w->self, &told, e));
    }
    *w->next = n <= head.generation ? n : 0;
    return OK;
}

enum error_code gate_told_list(struct gate_visit *visit, uint64_t first, size_t most,
                               enum error_code (*each)(void *self, const struct gate_told *told,
                                                       struct error *e),
                               void *self, uint64_t *next, struct error *e) {
    struct walk w = {.gate = visit->gate,
                     .first = first,
                     .next = next,
                     .most = most,
                     .each = each,
                     .self = self};
    struct arena_space space;
    TRY(may_look(visit, e));
    TRY(arena_space_open(&space, TOLD_SPACE_BYTES, &w.arena, e));
    enum error_code code = engine_view_open(visit->gate->engine, &w.view, e);
    if (code == OK) {
        code = generations_walk(&w, e);
        engine_view_close(w.view);
    }
    arena_space_release(&space);
    return code;
}

enum error_code gate_told_rows(struct gate_visit *visit, str id, struct register_told **rows,
                               size_t *count, struct error *e) {
    struct engine_view *view;
    TRY(may_look(visit, e));
    TRY(engine_view_open(visit->gate->engine, &view, e));
    enum error_code code = register_told_read(view, id, visit->arena, rows, count, e);
    engine_view_close(view);
    if (code == OK && *count == 0)
        return error_set(e, FAIL_NOT_FOUND, "the store's register never had a row \"%.*s\"",
                         STR_FMT(id));
    return code;
}

static enum error_code told_copy(struct gate_visit *visit, struct gate_told *told,
                                 struct error *e) {
    struct register_generation *kept = arena_new(visit->arena, struct register_generation, 1);
    if (kept == NULL) return error_set(e, FAIL_MEMORY, "no room for a generation");
    *kept = *told->kept;
    told->kept = kept;
    TRY(arena_copy(visit->arena, kept->origin, &kept->origin, e));
    TRY(arena_copy(visit->arena, told->who, &told->who, e));
    return arena_copy(visit->arena, told->why, &told->why, e);
}

static enum error_code restore_at(struct gate_visit *visit, struct engine_view *view, int64_t at_ns,
                                  struct arena *arena, struct gate_told *told,
                                  struct register_snapshot **out, struct error *e) {
    struct register_snapshot *snapshot;
    struct register_generation kept;
    TRY(register_generation_at(view, at_ns, arena, &kept, e));
    told->kept = &kept;
    TRY(told_fill(visit->gate, view, arena, told, e));
    TRY(told_copy(visit, told, e));
    TRY(register_restore(view, kept.generation, &snapshot, e));
    digest now = register_digest(snapshot);
    if (digest_equal(&now, &kept.sha256)) {
        *out = snapshot;
        return OK;
    }
    register_release(snapshot);
    return error_set(e, FAIL_CORRUPT,
                     "the rows of generation %llu of the register do not have its digest",
                     (unsigned long long)kept.generation);
}

enum error_code gate_told_at(struct gate_visit *visit, int64_t at_ns, struct gate_told *told,
                             struct register_snapshot **out, struct error *e) {
    struct engine_view *view;
    struct arena_space space;
    struct arena arena;
    *told = (struct gate_told){0};
    TRY(may_look(visit, e));
    TRY(arena_space_open(&space, TOLD_SPACE_BYTES, &arena, e));
    enum error_code code = engine_view_open(visit->gate->engine, &view, e);
    if (code == OK) {
        code = restore_at(visit, view, at_ns, &arena, told, out, e);
        engine_view_close(view);
    }
    arena_space_release(&space);
    return code;
}
