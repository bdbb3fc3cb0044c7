/* The logs before the newest in a bundle: which of them the period reaches, and what is told of them on the
 * cover, also of those of which nothing can be shown, so that nobody takes what is there for all. */
#include "gate/show/bundle.h"
#include "gate/turn/past.h"

enum { PAST_SPACE_BYTES = 8 << 20 };

struct looking_back {
    struct gate *gate;
    const struct gate_bundle_ask *ask;
    struct arena_space space;
    struct arena arena, scratch;
    struct gate_lost *lost;
    size_t lost_count;
    const struct bundle_plan *plan;
    json_t *list;
};

static enum error_code back_open(struct looking_back *l, struct error *e) {
    struct engine_view *view;
    TRY(arena_space_open(&l->space, PAST_SPACE_BYTES, &l->arena, e));
    l->scratch = arena_over(l->arena.next + PAST_SPACE_BYTES / 2, PAST_SPACE_BYTES / 2);
    l->arena.end = l->scratch.next;
    enum error_code code = engine_view_open(l->gate->engine, &view, e);
    if (code == OK) {
        code = gate_lost_find(l->gate, view, &l->arena, &l->lost, &l->lost_count, e);
        engine_view_close(view);
    }
    if (code != OK) arena_space_release(&l->space);
    return code;
}

static const struct gate_lost *lost_of(const struct looking_back *l, uint32_t number) {
    for (size_t i = 0; i < l->lost_count; i++)
        if (l->lost[i].number == number) return &l->lost[i];
    return NULL;
}

/* ---- which of them ---- */

static enum error_code log_plan(const struct looking_back *l, uint32_t number, struct arena scratch,
                                struct bundle_log *out, struct error *e) {
    struct ledger_old old;
    *out = (struct bundle_log){.number = number};
    TRY(ledger_old_find(l->gate->ledger, number, &old, e));
    return bundle_range_find(l->gate, number, l->ask, old.size, scratch, &out->range, e);
}

enum error_code bundle_plan_rest(struct gate *gate, const struct gate_bundle_ask *ask,
                                 struct arena scratch, struct bundle_plan *plan, struct error *e) {
    struct looking_back l = {.gate = gate, .ask = ask};
    uint32_t number = plan->logs[0].number;
    if (number == 1 || plan->logs[0].range.first > 0) return OK;
    TRY(back_open(&l, e));
    enum error_code code = OK;
    while (code == OK && --number > 0) {
        const struct gate_lost *gone = lost_of(&l, number);
        if (gone != NULL && gone->is_named && gone->left_size == 0) continue;
        if (gone != NULL) plan->cut_at = number;
        if (gone != NULL || plan->count == EVIDENCE_LOGS_MAX) break;
        struct bundle_log *log = &plan->logs[plan->count];
        code = log_plan(&l, number, scratch, log, e);
        if (code != OK) break;
        plan->count++;
        if (log->range.first > 0) break;
    }
    arena_space_release(&l.space);
    return code;
}

/* ---- what is told ---- */

static bool is_planned(const struct looking_back *l, uint32_t number) {
    for (size_t i = 0; i < l->plan->count; i++)
        if (l->plan->logs[i].number == number) return true;
    return false;
}

/* One key signs a whole line, each log under its own name. */
static enum error_code key_tell(const struct looking_back *l, str origin, json_t *row,
                                struct error *e) {
    char text[TLOG_VKEY_TEXT_BYTES];
    struct tlog_vkey newest, key;
    TRY(tlog_vkey_parse(gate_ledger_vkey(l->gate), &newest, e));
    TRY(tlog_vkey_make(origin, newest.type, newest.public_key, &key, e));
    json_object_set_new(row, "key", json_stringn(text, tlog_vkey_write(&key, text)));
    return OK;
}

static json_t *lost_tell(const struct looking_back *l, const struct gate_lost *lost) {
    json_t *row = json_object();
    json_object_set_new(row, "log", json_stringn(lost->origin.at, lost->origin.len));
    json_object_set_new(row, "is_there", json_false());
    if (lost->is_named) {
        json_object_set_new(row, "left", json_integer((json_int_t)lost->left_size));
        json_object_set_new(row, "known", json_integer((json_int_t)lost->known_size));
    }
    json_array_append_new(l->list, row);
    return row;
}

static enum error_code log_tell(const struct looking_back *l, uint32_t number, struct error *e) {
    struct arena arena = l->scratch;
    struct bundle_log log;
    char origin[TLOG_NAME_BYTES_MAX];
    size_t bytes;
    str first, last;
    TRY(log_plan(l, number, arena, &log, e));
    if (log.range.first == log.range.end) return OK;
    TRY(ledger_origin_find(l->gate->ledger, number, origin, &bytes, e));
    TRY(gate_entry_name(l->gate, number, log.range.first, &arena, &first, e));
    TRY(gate_entry_name(l->gate, number, log.range.end - 1, &arena, &last, e));
    json_t *row = json_pack("{s:s%, s:b, s:s%, s:s%, s:I, s:b, s:I}", "log", origin, bytes,
                            "is_there", 1, "first", first.at, first.len, "last", last.at, last.len,
                            "entries", (json_int_t)(log.range.end - log.range.first), "in_bundle",
                            is_planned(l, number), "number", (json_int_t)number);
    json_array_append_new(l->list, row);
    return key_tell(l, str_of(origin, bytes), row, e);
}

enum error_code bundle_past_tell(const struct bundling *b, json_t *out, struct error *e) {
    struct looking_back l = {.gate = b->gate, .ask = b->ask, .plan = b->plan, .list = json_array()};
    json_object_set_new(out, "earlier", l.list);
    TRY(back_open(&l, e));
    enum error_code code = OK;
    for (uint32_t n = 1; code == OK && n < ledger_number(b->gate->ledger); n++) {
        const struct gate_lost *gone = lost_of(&l, n);
        if (gone != NULL) { /* when its entries were, nobody can tell */
            json_t *row = lost_tell(&l, gone);
            if (n == l.plan->cut_at) json_object_set(out, "cut_short", row);
        } else {
            code = log_tell(&l, n, e);
        }
    }
    arena_space_release(&l.space);
    return code;
}
