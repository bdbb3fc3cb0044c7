/* Rows of debts as format 1 had them: keyed by the index of one log, so that after a succession they
 * could meet those of the next. They are read here alone, and written anew with their log's number.
 * Format: docs/formats/debts.md. */
#include "gate/debt/debt.h"
#include "gate/turn/past.h"

enum {
    OLD_ID_KEY_BYTES = 2 + 8,
    OLD_PLACE_KEY_BYTES = 2 + 8 + 1 + 8 + 8,
    ROWS_A_TURN = 256, /* ours: 60 KB of rows at most */
    FORMAT = 2,
};

static const str format_row = {"t/debts", 7};

enum error_code debt_decode_format_1(str key, str row, const struct gate_eras *eras,
                                     struct debt *out, struct error *e) {
    if (key.len != OLD_ID_KEY_BYTES)
        return error_set(e, FAIL_CORRUPT, "a debt's key has %zu bytes", key.len);
    struct unpack u = unpack_from(row);
    unsigned version = unpack_u8(&u);
    if (version != 1) return error_set(e, FAIL_VERSION, "a debt has version %u", version);
    struct debt debt = {.id = {.index = read_be64(key.at + 2)}, .account = unpack_u64(&u)};
    debt.state = unpack_u8(&u);
    debt.due_ns = unpack_i64(&u);
    debt.since_ns = unpack_i64(&u);
    debt.act = unpack_u64(&u);
    debt.settled = unpack_u64(&u);
    debt.object_gone = unpack_u8(&u) != 0;
    if (debt.state > DEBT_MET) u.broken = true;
    TRY(unpack_done(&u, "a debt", e));
    debt.id.log = gate_eras_find(eras, (uint64_t)debt.since_ns);
    /* Of several logs nobody kept in which one it was settled. */
    if (debt.settled > 0 && eras->count == 0) debt.settled_log = eras->now;
    *out = debt;
    return OK;
}

/* Up to ROWS_A_TURN rows of format 1; a turn may not be written while it is scanned. */
static enum error_code old_take(const struct gate *gate, struct engine_turn *turn,
                                struct debt out[ROWS_A_TURN], size_t *count, struct error *e) {
    struct engine_scan *scan;
    *count = 0;
    TRY(engine_turn_scan(turn, ENGINE_META, STR("j/"), STR("j0"), &scan, e));
    enum error_code code = OK;
    for (bool more = true; code == OK && more && *count < ROWS_A_TURN;) {
        str key, row;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more || key.len != OLD_ID_KEY_BYTES) continue;
        code = debt_decode_format_1(key, row, gate->eras, &out[*count], e);
        ++*count;
    }
    engine_scan_close(scan);
    return code;
}

static enum error_code one_move(struct engine_turn *turn, const struct debt *debt,
                                struct error *e) {
    unsigned char id[OLD_ID_KEY_BYTES] = "j/", place[DEBT_KEY_BYTES];
    write_be64(id + 2, debt->id.index);
    debt_key(debt->account, debt->state, debt->due_ns, debt->id, place);
    write_be64(place + OLD_PLACE_KEY_BYTES - 8, debt->id.index); /* where the log's number is now */
    TRY(engine_turn_delete(turn, ENGINE_META, str_of(id, sizeof id), e));
    TRY(engine_turn_delete(turn, ENGINE_META, str_of(place, OLD_PLACE_KEY_BYTES), e));
    return debt_put(turn, debt, e);
}

static enum error_code turn_move(struct gate *gate, bool *more, struct error *e) {
    struct debt debts[ROWS_A_TURN];
    struct engine_turn *turn;
    unsigned char format[1] = {FORMAT};
    size_t count = 0;
    TRY(engine_turn_begin(gate->engine, &turn, e));
    enum error_code code = old_take(gate, turn, debts, &count, e);
    for (size_t i = 0; code == OK && i < count; i++) code = one_move(turn, &debts[i], e);
    *more = count == ROWS_A_TURN;
    if (code == OK && !*more)
        code = engine_turn_put(turn, ENGINE_META, format_row, str_of(format, sizeof format), e);
    if (code == OK) return engine_turn_commit(turn, e);
    engine_turn_abandon(turn);
    return code;
}

enum error_code debt_rows_migrate(struct gate *gate, struct error *e) {
    unsigned char memory[64];
    struct arena arena = arena_over(memory, sizeof memory);
    struct engine_view *view;
    str row;
    bool found = false, more = true;
    TRY(engine_view_open(gate->engine, &view, e));
    enum error_code code = engine_view_get(view, ENGINE_META, format_row, &arena, &row, &found, e);
    engine_view_close(view);
    if (code != OK) return code;
    if (found && row.len == 1 && row.at[0] == FORMAT) return OK;
    if (found)
        return error_set(e, FAIL_VERSION,
                         "the rows of debts are of format %u; this program knows %d",
                         row.len > 0 ? (unsigned char)row.at[0] : 0u, FORMAT);
    while (more) TRY(turn_move(gate, &more, e));
    return OK;
}
