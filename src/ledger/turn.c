/* The ledger in a turn: the committer's side. The tree is a plain value, so a savepoint is a copy
 * of it and withdrawing a request is taking the copy back, beside the engine's own savepoint. */
#include "ledger/inner.h"

void ledger_turn_begin(struct ledger *ledger, struct engine_turn *turn) {
    assert(ledger->turn == NULL);
    ledger->turn = turn;
    ledger->work = ledger->row;
    ledger->work.number = ledger->number;
    ledger->mark_count = 0;
    ledger->ended = false;
}

void ledger_turn_mark(struct ledger *ledger) {
    assert(ledger->turn != NULL);
    assert(ledger->mark_count < LEDGER_MARKS);
    ledger->marks[ledger->mark_count++] = ledger->work.tree;
}
void ledger_turn_keep(struct ledger *ledger) {
    assert(ledger->mark_count > 0);
    ledger->mark_count--;
}
void ledger_turn_rewind(struct ledger *ledger) {
    assert(ledger->mark_count > 0);
    ledger->work.tree = ledger->marks[--ledger->mark_count];
}

uint64_t ledger_next_index(const struct ledger *ledger) {
    return ledger->turn != NULL ? ledger->work.tree.size : ledger->row.tree.size;
}

enum error_code ledger_append(struct ledger *ledger, str entry, uint64_t *index, struct error *e) {
    assert(ledger->turn != NULL);
    assert(!ledger->ended);
    char key[LEDGER_ENTRY_KEY_BYTES];
    if (entry.len == 0 || entry.len > LIMIT_ENTRY_BYTES)
        return error_set(e, FAIL_LIMIT, "a ledger entry of %zu bytes; 1 to %d are possible",
                         entry.len, LIMIT_ENTRY_BYTES);
    if (ledger_stopped(ledger))
        return error_set(e, FAIL_STOPPING, "the ledger has stopped: its history is in doubt");
    uint64_t at = ledger->work.tree.size;
    TRY(engine_turn_put(ledger->turn, ENGINE_LEDGER, ledger_entry_key(at, key), entry, e));
    digest leaf = tlog_leaf_hash(entry);
    tlog_tree_append(&ledger->work.tree, &leaf, NULL);
    *index = at;
    return OK;
}

bool ledger_trim_due(const struct ledger *ledger) {
    uint64_t sealed = atomic_load(&ledger->published_size) / TLOG_TILE_WIDTH * TLOG_TILE_WIDTH;
    uint64_t trimmed = atomic_load(&ledger->trimmed_size);
    return sealed > trimmed && sealed - trimmed >= LEDGER_TRIM_DUE;
}

enum error_code ledger_trim(struct ledger *ledger, uint64_t *count, struct error *e) {
    assert(ledger->turn != NULL);
    assert(!ledger->ended);
    /* A published head counts only entries whose full bundles and tiles were synced before it. */
    uint64_t sealed = atomic_load(&ledger->published_size) / TLOG_TILE_WIDTH * TLOG_TILE_WIDTH;
    uint64_t from = ledger->work.trimmed, until = u64_min(sealed, from + LEDGER_TRIM_MAX);
    char key[LEDGER_ENTRY_KEY_BYTES];
    _Static_assert(LEDGER_TRIM_MAX % TLOG_TILE_WIDTH == 0, "whole bundles");
    for (uint64_t i = from; i < until; i++)
        TRY(engine_turn_delete(ledger->turn, ENGINE_LEDGER, ledger_entry_key(i, key), e));
    *count = until > from ? until - from : 0;
    if (*count > 0) ledger->work.trimmed = until;
    return OK;
}

enum error_code ledger_turn_end(struct ledger *ledger, struct error *e) {
    assert(ledger->turn != NULL);
    assert(ledger->mark_count == 0);
    char memory[LEDGER_ROW_BYTES];
    bool changed = ledger->work.tree.size != ledger->row.tree.size ||
                   ledger->work.trimmed != ledger->row.trimmed;
    ledger->ended = true;
    if (!changed) return OK;
    return engine_turn_put(ledger->turn, ENGINE_LEDGER, ledger_row_key,
                           ledger_row_write(&ledger->work, memory), e);
}

static void row_take(struct ledger *ledger, const struct ledger_row *row) {
    ledger->row = *row;
    atomic_store(&ledger->committed_size, row->tree.size);
    atomic_store(&ledger->trimmed_size, row->trimmed);
}

void ledger_turn_done(struct ledger *ledger) {
    assert(ledger->turn != NULL);
    assert(ledger->ended);
    assert(ledger->work.tree.size >= ledger->row.tree.size);
    row_take(ledger, &ledger->work);
    ledger->turn = NULL;
}

void ledger_turn_abandon(struct ledger *ledger) {
    ledger->turn = NULL;
    ledger->mark_count = 0;
}

enum error_code ledger_reload(struct ledger *ledger, struct error *e) {
    struct engine_view *view;
    struct ledger_row row;
    ledger_turn_abandon(ledger);
    TRY(engine_view_open(ledger->engine, &view, e));
    enum error_code code = ledger_row_load(view, &row, e);
    engine_view_close(view);
    if (code != OK) return code;
    uint64_t published = atomic_load(&ledger->published_size);
    if (row.tree.size < published || (row.number != 0 && row.number != ledger->number)) {
        code =
            error_set(e, FAIL_ROLLED_BACK,
                      "after reopening, log %u has %llu entries; a checkpoint of %llu was signed",
                      row.number, (unsigned long long)row.tree.size, (unsigned long long)published);
        ledger_stop(ledger, e);
        return code;
    }
    row_take(ledger, &row);
    return OK;
}
