/* What the store decides from, shown to whoever judges by it elsewhere: the register as it was held at
 * a time, and the rulebook files. */
#include "gate/rules.h"

/* The generation held at that time: the last that had come. A store from before times were noted knows
 * when the present one came, and no other. */
static enum error_code generation_at(struct engine_view *view, int64_t held_ns, uint64_t *out,
                                     struct error *e) {
    struct register_head head;
    struct engine_scan *scan;
    bool any = false;
    TRY(register_head_read(view, &head, e));
    *out = head.generation;
    if (head.generation > 0 && head.imported_ns <= held_ns) return OK;
    TRY(engine_view_scan(view, ENGINE_META, STR("R/"), STR("R0"), &scan, e));
    enum error_code code = OK;
    for (bool more = true; code == OK && more;) {
        str key, row;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more) break;
        if (key.len != 10 || row.len != 8)
            code = error_set(e, FAIL_CORRUPT, "a row of the register's times does not read");
        else if ((int64_t)read_be64(row.at) <= held_ns) {
            *out = read_be64(key.at + 2);
            any = true;
        }
    }
    engine_scan_close(scan);
    if (code != OK || any) return code;
    char at[CLOCK_TEXT_BYTES];
    clock_iso_s_write(held_ns, at);
    return error_set(e, FAIL_NOT_FOUND, "which register the store held at %s is not known", at);
}

static enum error_code held_open(struct gate *gate, int64_t held_ns, struct register_snapshot **out,
                                 struct error *e) {
    struct engine_view *view;
    uint64_t generation;
    TRY(engine_view_open(gate->engine, &view, e));
    enum error_code code = generation_at(view, held_ns, &generation, e);
    if (code == OK) code = register_restore(view, generation, out, e);
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
    for (size_t i = 0; i < rules->file_count; i++)
        TRY(each(self, rules->files[i].name, rules->files[i].bytes, e));
    return OK;
}
