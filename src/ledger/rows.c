/* The ledger's rows in the engine: "s" is the head of the tree, "e" and an index is a run of entries.
 * Format: docs/formats/ledger.md.
 *
 * Runs, not single entries: a row for each entry cost 3 µs to put and 5 more to delete at the trim; a
 * turn of a hundred requests now has a row or two. The price is a short scan to read one young entry. */
#include "ledger/inner.h"

enum { ROW_VERSION = 1 };

const str ledger_row_key = {"s", 1};

str ledger_entry_key(uint64_t index, char memory[LEDGER_ENTRY_KEY_BYTES]) {
    memory[0] = 'e';
    write_be64(memory + 1, index);
    return str_of(memory, LEDGER_ENTRY_KEY_BYTES);
}

str ledger_row_write(const struct ledger_row *row, char memory[LEDGER_ROW_BYTES]) {
    assert(row->number > 0);
    assert(row->trimmed % TLOG_TILE_WIDTH == 0);
    assert(row->trimmed <= row->tree.size);
    unsigned char tree[TLOG_TREE_BYTES_MAX];
    struct pack p = pack_into(memory, LEDGER_ROW_BYTES);
    pack_u8(&p, ROW_VERSION);
    pack_u32(&p, row->number);
    pack_u64(&p, row->trimmed);
    pack_raw(&p, tree, tlog_tree_write(&row->tree, tree));
    assert(!p.overflow);
    return str_of(memory, p.len);
}

enum error_code ledger_row_read(str bytes, struct ledger_row *out, struct error *e) {
    struct unpack u = unpack_from(bytes);
    unsigned version = unpack_u8(&u);
    if (!u.broken && version != ROW_VERSION)
        return error_set(e, FAIL_VERSION, "the ledger's row has version %u; this program knows %d",
                         version, ROW_VERSION);
    struct ledger_row row = {.number = unpack_u32(&u), .trimmed = unpack_u64(&u)};
    if (u.broken) return error_set(e, FAIL_CORRUPT, "the ledger's row ends too early");
    TRY(tlog_tree_read(u.rest, &row.tree, e));
    if (row.number == 0 || row.trimmed % TLOG_TILE_WIDTH != 0 || row.trimmed > row.tree.size)
        return error_set(e, FAIL_CORRUPT, "the ledger's row says log %u, trimmed to %llu of %llu",
                         row.number, (unsigned long long)row.trimmed,
                         (unsigned long long)row.tree.size);
    *out = row;
    return OK;
}

enum error_code ledger_row_load(struct engine_view *view, struct ledger_row *out, struct error *e) {
    char memory[2 * LEDGER_ROW_BYTES];
    struct arena arena = arena_over(memory, sizeof memory);
    str bytes;
    bool found;
    TRY(engine_view_get(view, ENGINE_LEDGER, ledger_row_key, &arena, &bytes, &found, e));
    if (found) return ledger_row_read(bytes, out, e);
    *out = (struct ledger_row){0};
    tlog_tree_init(&out->tree);
    return OK;
}

/* ---- runs ---- */

enum error_code ledger_run_begin(str key, str value, struct ledger_run *out, struct error *e) {
    if (key.len != LEDGER_ENTRY_KEY_BYTES || key.at[0] != 'e' || value.len == 0)
        return error_set(e, FAIL_CORRUPT, "a row of entries does not read");
    uint64_t first = read_be64(key.at + 1);
    *out = (struct ledger_run){first, first, value};
    return OK;
}

enum error_code ledger_run_next(struct ledger_run *run, str *entry, struct error *e) {
    assert(run->rest.len > 0);
    if (run->next / TLOG_TILE_WIDTH != run->first / TLOG_TILE_WIDTH ||
        tlog_bundle_next(&run->rest, entry, NULL) != OK || entry->len == 0 ||
        entry->len > LIMIT_ENTRY_BYTES)
        return error_set(e, FAIL_CORRUPT, "the row of entries from %llu does not read",
                         (unsigned long long)run->first);
    run->next++;
    return OK;
}

/* Adds a run's entries below `until`. */
static enum error_code run_add(struct ledger_run *run, uint64_t until, struct pack *bundle,
                               struct error *e) {
    while (run->rest.len > 0 && run->next < until) {
        str entry;
        TRY(ledger_run_next(run, &entry, e));
        TRY(tlog_bundle_add(bundle, entry, e));
    }
    return OK;
}

enum error_code ledger_run_bundle(struct engine_view *view, uint64_t index, unsigned width,
                                  struct pack *bundle, bool *found, struct error *e) {
    char from[LEDGER_ENTRY_KEY_BYTES], to[LEDGER_ENTRY_KEY_BYTES];
    struct engine_scan *scan;
    uint64_t at = index * TLOG_TILE_WIDTH, until = at + width;
    TRY(engine_view_scan(view, ENGINE_LEDGER, ledger_entry_key(at, from),
                         ledger_entry_key(until, to), &scan, e));
    enum error_code code = OK;
    bool more = true;
    while (code == OK && at < until) {
        struct ledger_run run;
        str key, value;
        code = engine_scan_next(scan, &more, &key, &value, e);
        if (code != OK || !more) break;
        code = ledger_run_begin(key, value, &run, e);
        if (code == OK && run.first != at) break; /* a gap */
        if (code == OK) code = run_add(&run, until, bundle, e);
        at = run.next;
    }
    engine_scan_close(scan);
    *found = at == until;
    return code;
}

/* Begins of runs in [from, until), at most `cap`; *from moves on. */
static enum error_code firsts_read(struct engine_turn *turn, uint64_t *from, uint64_t until,
                                   uint64_t *firsts, size_t cap, size_t *count, struct error *e) {
    char from_memory[LEDGER_ENTRY_KEY_BYTES], until_memory[LEDGER_ENTRY_KEY_BYTES];
    struct engine_scan *scan;
    *count = 0;
    TRY(engine_turn_scan(turn, ENGINE_LEDGER, ledger_entry_key(*from, from_memory),
                         ledger_entry_key(until, until_memory), &scan, e));
    enum error_code code;
    bool more;
    str key, value;
    *from = until;
    while ((code = engine_scan_next(scan, &more, &key, &value, e)) == OK && more) {
        struct ledger_run run;
        code = ledger_run_begin(key, value, &run, e);
        if (code != OK) break;
        if (*count == cap) {
            *from = run.first;
            break;
        }
        firsts[(*count)++] = run.first;
    }
    engine_scan_close(scan);
    return code;
}

enum error_code ledger_run_delete(struct engine_turn *turn, uint64_t from, uint64_t until,
                                  struct error *e) {
    uint64_t firsts[1024]; /* a turn may not be written while it is scanned */
    while (from < until) {
        size_t count;
        char key[LEDGER_ENTRY_KEY_BYTES];
        TRY(firsts_read(turn, &from, until, firsts, COUNT_OF(firsts), &count, e));
        for (size_t i = 0; i < count; i++)
            TRY(engine_turn_delete(turn, ENGINE_LEDGER, ledger_entry_key(firsts[i], key), e));
    }
    return OK;
}
