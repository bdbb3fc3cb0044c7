/* What the store decides from, shown to whoever judges by it elsewhere: the register as it was held at
 * a time, and the rulebook files. */
#include "gate/rules/rules.h"

enum { GENERATION_BYTES = 8192 }; /* a row of one, with its log's name */

static enum error_code held_open(struct gate *gate, int64_t held_ns, struct register_snapshot **out,
                                 struct error *e) {
    struct engine_view *view;
    struct register_generation kept;
    char memory[GENERATION_BYTES];
    struct arena arena = arena_over(memory, sizeof memory);
    TRY(engine_view_open(gate->engine, &view, e));
    enum error_code code = register_generation_at(view, held_ns, &arena, &kept, e);
    if (code == OK) code = register_restore(view, kept.generation, out, e);
    engine_view_close(view);
    return code;
}

struct paging {
    const struct gate_register_page *ask;
    enum error_code (*each)(void *self, const struct gate_register_row *, struct error *e);
    void *self;
    uint64_t at, bytes;
    bool full;
};

static enum error_code row_give(struct paging *p, const struct gate_register_row *row,
                                struct error *e) {
    if (p->full || p->at++ < p->ask->first) return OK;
    p->bytes += row->canonical.len + 64;
    p->full = p->bytes >= p->ask->bytes_most;
    return p->each(p->self, row, e);
}

static enum error_code rows_give(struct paging *p, const struct register_snapshot *snapshot,
                                 struct error *e) {
    for (unsigned k = 0; k < REGISTER_KIND_COUNT; k++) {
        enum register_kind kind = (enum register_kind)k;
        struct gate_register_row row = {.kind = str_from_c(register_kind_of(kind)->key)};
        size_t count;
        const struct register_row *rows = register_rows(snapshot, kind, &count);
        if (register_is_complete(snapshot, kind, &row.as_of_ns)) TRY(row_give(p, &row, e));
        for (size_t i = 0; i < count; i++) {
            row.canonical = rows[i].canonical;
            TRY(row_give(p, &row, e));
        }
    }
    return OK;
}

enum error_code gate_register_show(struct gate_visit *visit, const struct gate_register_page *ask,
                                   enum error_code (*each)(void *self,
                                                           const struct gate_register_row *,
                                                           struct error *e),
                                   void *self, uint64_t *next, digest *sha256, struct error *e) {
    struct paging p = {.ask = ask, .each = each, .self = self};
    struct register_snapshot *held = NULL;
    TRY(gate_allow_look(visit, e));
    TRY(gate_look(visit, "register", STR("register"), e));
    if (ask->held_ns != INT64_MAX) TRY(held_open(visit->gate, ask->held_ns, &held, e));
    const struct register_snapshot *snapshot = held != NULL ? held : visit->world->rules->snapshot;
    *sha256 = register_digest(snapshot);
    enum error_code code = rows_give(&p, snapshot, e);
    *next = p.full ? p.at : 0;
    register_release(held);
    return code;
}

enum error_code gate_rulebooks_show(struct gate_visit *visit,
                                    enum error_code (*each)(void *self, str name, str bytes,
                                                            struct error *e),
                                    void *self, struct error *e) {
    const struct gate_rules *rules = visit->world->rules;
    TRY(gate_allow_look(visit, e));
    TRY(gate_look(visit, "rulebooks", STR("rulebooks"), e));
    for (size_t i = 0; i < rules->rulebooks.count; i++)
        TRY(each(self, rules->rulebooks.at[i].name, rules->rulebooks.at[i].bytes, e));
    return OK;
}

enum error_code gate_events_show(struct gate_visit *visit, const struct gate_events_page *ask,
                                 struct gate_events_piece *out, struct error *e) {
    const struct gate_files *files = &visit->world->rules->events;
    *out = (struct gate_events_piece){.is_last = true};
    TRY(gate_allow_look(visit, e));
    if (ask->file == 0 && ask->at == 0) TRY(gate_look(visit, "events", STR("events"), e));
    if (files->count == 0) return OK;
    if (ask->file >= files->count || ask->at > files->at[ask->file].bytes.len)
        return error_set(e, FAIL_USAGE, "no table of events has a byte %zu in a file %zu", ask->at,
                         ask->file);
    str rest = str_skip(files->at[ask->file].bytes, ask->at);
    size_t len = size_min(rest.len, ask->bytes_most);
    while (len < rest.len && len > 0 && ((unsigned char)rest.at[len] & 0xc0) == 0x80) len--;
    bool is_end = len == rest.len;
    *out = (struct gate_events_piece){.name = files->at[ask->file].name,
                                      .bytes = str_slice(rest, 0, len),
                                      .file = ask->file + is_end,
                                      .at = is_end ? 0 : ask->at + len,
                                      .is_last = is_end && ask->file + 1 == files->count};
    return OK;
}
