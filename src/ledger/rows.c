/* The ledger's rows in the engine: "s" is the head of the tree, "e" and an index is an entry.
 * Format: docs/formats/ledger.md. */
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
