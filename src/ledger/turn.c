/* The ledger in a turn: the committer's side.
 *
 * The tree is a plain value, so a savepoint is a copy of it, and withdrawing a request is taking the copy
 * back, beside the engine's own savepoint. Entries gather in memory as a run, which becomes a row when
 * the turn ends, a bundle ends, or it is long:
 *
 *   turn_memory   | rows already (kept while a mark may need them) | the run under way |      |
 *                 0                                           run.at            turn_used   turn_room
 *
 * A rewind takes `run` and `turn_used` back with the tree; the engine takes the rows back. */
#include "ledger/inner.h"

#include <stdlib.h>

void ledger_turn_begin(struct ledger *ledger, struct engine_turn *turn) {
    assert(ledger->turn == NULL);
    ledger->turn = turn;
    ledger->work = ledger->row;
    ledger->work.number = ledger->number;
    ledger->mark_count = 0;
    ledger->ended = false;
    ledger->turn_used = 0;
    ledger->run = (struct ledger_run_place){.first = ledger->work.tree.size};
}

/* ---- savepoints ---- */

/* Forgets what has become rows. Only without marks: one might need it. */
static void memory_compact(struct ledger *ledger) {
    assert(ledger->mark_count == 0);
    size_t bytes = ledger->turn_used - ledger->run.at;
    if (ledger->run.at > 0 && bytes > 0)
        memmove(ledger->turn_memory, ledger->turn_memory + ledger->run.at, bytes);
    ledger->turn_used = bytes;
    ledger->run.at = 0;
}

void ledger_turn_mark(struct ledger *ledger) {
    assert(ledger->turn != NULL);
    assert(ledger->mark_count < LEDGER_MARKS);
    if (ledger->mark_count == 0) memory_compact(ledger);
    ledger->marks[ledger->mark_count++] =
        (struct ledger_mark){ledger->work.tree, ledger->run, ledger->turn_used};
}
void ledger_turn_keep(struct ledger *ledger) {
    assert(ledger->mark_count > 0);
    ledger->mark_count--;
}
void ledger_turn_rewind(struct ledger *ledger) {
    assert(ledger->mark_count > 0);
    const struct ledger_mark *mark = &ledger->marks[--ledger->mark_count];
    ledger->work.tree = mark->tree;
    ledger->run = mark->run;
    ledger->turn_used = mark->used;
}

/* ---- appending ---- */

uint64_t ledger_next_index(const struct ledger *ledger) {
    return ledger->turn != NULL ? ledger->work.tree.size : ledger->row.tree.size;
}

static enum error_code run_write(struct ledger *ledger, struct error *e) {
    char key[LEDGER_ENTRY_KEY_BYTES];
    size_t bytes = ledger->turn_used - ledger->run.at;
    if (bytes == 0) return OK;
    TRY(engine_turn_put(ledger->turn, ENGINE_LEDGER, ledger_entry_key(ledger->run.first, key),
                        str_of(ledger->turn_memory + ledger->run.at, bytes), e));
    ledger->run = (struct ledger_run_place){ledger->turn_used, ledger->work.tree.size};
    return OK;
}

static enum error_code memory_room(struct ledger *ledger, size_t bytes, struct error *e) {
    if (bytes <= ledger->turn_room - ledger->turn_used) return OK;
    if (ledger->mark_count == 0) memory_compact(ledger);
    size_t room = ledger->turn_room;
    while (room < LEDGER_TURN_ROOM_MAX && bytes > room - ledger->turn_used) room *= 2;
    if (bytes > room - ledger->turn_used)
        return error_set(e, FAIL_LIMIT, "the entries of one turn are over %d bytes",
                         LEDGER_TURN_ROOM_MAX);
    if (room == ledger->turn_room) return OK;
    char *more = realloc(ledger->turn_memory, room); /* rare: one request with very many entries */
    if (more == NULL) return error_set(e, FAIL_MEMORY, "no memory for the entries of a turn");
    ledger->turn_memory = more;
    ledger->turn_room = room;
    return OK;
}

enum error_code ledger_append(struct ledger *ledger, str entry, uint64_t *index, struct error *e) {
    assert(ledger->turn != NULL);
    assert(!ledger->ended);
    if (entry.len == 0 || entry.len > LIMIT_ENTRY_BYTES)
        return error_set(e, FAIL_LIMIT, "a ledger entry of %zu bytes; 1 to %d are possible",
                         entry.len, LIMIT_ENTRY_BYTES);
    if (ledger_stopped(ledger))
        return error_set(e, FAIL_STOPPING, "the ledger has stopped: its history is in doubt");
    uint64_t at = ledger->work.tree.size;
    if (at % TLOG_TILE_WIDTH == 0 || ledger->turn_used - ledger->run.at >= LEDGER_RUN_BYTES)
        TRY(run_write(ledger, e));
    TRY(memory_room(ledger, 2 + entry.len, e));
    struct pack run =
        pack_into(ledger->turn_memory + ledger->turn_used, ledger->turn_room - ledger->turn_used);
    TRY(tlog_bundle_add(&run, entry, e));
    ledger->turn_used += run.len;
    digest leaf = tlog_leaf_hash(entry);
    tlog_tree_append(&ledger->work.tree, &leaf, NULL);
    *index = at;
    return OK;
}

/* ---- trimming ---- */

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
    _Static_assert(LEDGER_TRIM_MAX % TLOG_TILE_WIDTH == 0, "whole bundles, so whole runs");
    TRY(ledger_run_delete(ledger->turn, from, until, e));
    *count = until > from ? until - from : 0;
    if (*count > 0) ledger->work.trimmed = until;
    return OK;
}

/* ---- the end ---- */

enum error_code ledger_turn_end(struct ledger *ledger, struct error *e) {
    assert(ledger->turn != NULL);
    assert(ledger->mark_count == 0);
    char memory[LEDGER_ROW_BYTES];
    bool changed = ledger->work.tree.size != ledger->row.tree.size ||
                   ledger->work.trimmed != ledger->row.trimmed;
    ledger->ended = true;
    if (!changed) return OK;
    TRY(run_write(ledger, e));
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
