/* The part of a bundle's period that lies in logs before the newest. Those entries are not in the
 * bundle; that there are some, which, and of which logs nothing can be shown, is told on its cover, so
 * that nobody takes the newest log's entries for all. */
#include "gate/show/bundle.h"
#include "gate/turn/past.h"

enum { PAST_SPACE_BYTES = 8 << 20 };

struct looking_back {
    struct gate *gate;
    const struct gate_bundle_ask *ask;
    struct arena arena, scratch;
    const struct gate_lost *lost;
    size_t lost_count;
    json_t *list;
};

static const struct gate_lost *lost_of(const struct looking_back *l, uint32_t number) {
    for (size_t i = 0; i < l->lost_count; i++)
        if (l->lost[i].number == number) return &l->lost[i];
    return NULL;
}

static void lost_tell(const struct looking_back *l, const struct gate_lost *lost) {
    json_t *row = json_object();
    json_object_set_new(row, "log", json_stringn(lost->origin.at, lost->origin.len));
    json_object_set_new(row, "is_there", json_false());
    if (lost->is_named) {
        json_object_set_new(row, "left", json_integer((json_int_t)lost->left_size));
        json_object_set_new(row, "known", json_integer((json_int_t)lost->known_size));
    }
    json_array_append_new(l->list, row);
}

static enum error_code log_tell(const struct looking_back *l, uint32_t number, struct error *e) {
    struct arena arena = l->scratch;
    struct ledger_old old;
    struct bundle_range range;
    str first, last;
    TRY(ledger_old_find(l->gate->ledger, number, &old, e));
    TRY(bundle_range_find(l->gate, number, l->ask, old.size, arena, &range, e));
    if (range.first == range.end) return OK;
    TRY(gate_entry_name(l->gate, number, range.first, &arena, &first, e));
    TRY(gate_entry_name(l->gate, number, range.end - 1, &arena, &last, e));
    json_array_append_new(l->list, json_pack("{s:s%, s:b, s:s%, s:s%, s:I}", "log", old.origin,
                                             old.origin_bytes, "is_there", 1, "first", first.at,
                                             first.len, "last", last.at, last.len, "entries",
                                             (json_int_t)(range.end - range.first)));
    return OK;
}

enum error_code bundle_past_tell(struct gate *gate, const struct gate_bundle_ask *ask, json_t *out,
                                 struct error *e) {
    struct looking_back l = {.gate = gate, .ask = ask, .list = json_array()};
    struct arena_space space;
    struct engine_view *view;
    struct gate_lost *lost;
    json_object_set_new(out, "earlier", l.list);
    TRY(arena_space_open(&space, PAST_SPACE_BYTES, &l.arena, e));
    l.scratch = arena_over(l.arena.next + PAST_SPACE_BYTES / 2, PAST_SPACE_BYTES / 2);
    l.arena.end = l.scratch.next;
    enum error_code code = engine_view_open(gate->engine, &view, e);
    if (code == OK) {
        code = gate_lost_find(gate, view, &l.arena, &lost, &l.lost_count, e);
        engine_view_close(view);
    }
    if (code == OK) l.lost = lost;
    for (uint32_t n = 1; code == OK && n < ledger_number(gate->ledger); n++) {
        const struct gate_lost *gone = lost_of(&l, n);
        if (gone != NULL)
            lost_tell(&l, gone); /* when its entries were, nobody can tell */
        else
            code = log_tell(&l, n, e);
    }
    arena_space_release(&space);
    return code;
}
