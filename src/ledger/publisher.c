/* The publisher's pure part: from rows to tiles. It reads entries in order, hashes them into a tree
 * of its own, puts every bundle and tile that becomes full into a file, and compares its root with
 * the one the committer keeps. Two trees made apart, one from what was written and one from what is
 * read back: only where they agree may anything be signed.
 *
 * Whatever fails, it forgets what it had in memory and takes up again at the last trim, where files
 * are known to be whole. So each step can fail at any point and be repeated. */
#include "ledger/inner.h"

/* ---- taking up ---- */

static enum error_code edge_load(struct ledger_publisher *p, uint64_t size, struct error *e) {
    struct tlog_nodes nodes = tlog_tiles_nodes(&p->source.tiles);
    for (unsigned level = 0; level < TLOG_TILE_LEVELS; level++) {
        uint64_t count = size >> (level * TLOG_TILE_HEIGHT);
        p->edge.levels[level].count = (unsigned)(count % TLOG_TILE_WIDTH);
        uint64_t first = count - count % TLOG_TILE_WIDTH;
        for (unsigned i = 0; i < p->edge.levels[level].count; i++)
            TRY(nodes.read(nodes.self, level * TLOG_TILE_HEIGHT, first + i,
                           &p->edge.levels[level].hashes[i], e));
    }
    return OK;
}

enum error_code ledger_publisher_load(struct ledger_publisher *p, const struct ledger_row *row,
                                      struct error *e) {
    p->loaded = false;
    p->bundle.len = 0;
    p->bundle.overflow = false;
    for (size_t i = 0; i < COUNT_OF(p->fresh); i++) p->fresh[i].dir[0] = 0;
    ledger_source_init(&p->source, p->dir, NULL, row->trimmed);
    struct tlog_nodes nodes = tlog_tiles_nodes(&p->source.tiles);
    enum error_code code = tlog_tree_load(&nodes, row->trimmed, &p->seen, e);
    if (code == OK) code = edge_load(p, row->trimmed, e);
    if (code == FAIL_NOT_FOUND) /* a file that must be there is not */
        return error_set(e, FAIL_CORRUPT,
                         "hash tiles are missing: entries below %llu are in files "
                         "alone, and %s lacks some",
                         (unsigned long long)row->trimmed, p->dir);
    if (code != OK) return error_note(e, "ledger_publisher_load", "reading hash tiles");
    p->loaded = true;
    return OK;
}

/* ---- going on ---- */

/* Each node that becomes whole; every eighth level is a hash of a tile. */
static void node_complete(void *self, unsigned level, uint64_t index, const digest *hash) {
    struct ledger_publisher *p = self;
    if (p->code != OK || level % TLOG_TILE_HEIGHT != 0) return;
    unsigned tile_level = level / TLOG_TILE_HEIGHT;
    unsigned at = (unsigned)(index % TLOG_TILE_WIDTH);
    assert(tile_level < TLOG_TILE_LEVELS);
    assert(p->edge.levels[tile_level].count == at);
    p->edge.levels[tile_level].hashes[at] = *hash;
    p->edge.levels[tile_level].count = at + 1;
    if (at + 1 < TLOG_TILE_WIDTH) return;

    char path[LEDGER_PATH_BYTES];
    struct tlog_tile tile = {
        .level = tile_level, .index = index / TLOG_TILE_WIDTH, .width = TLOG_TILE_WIDTH};
    p->code = ledger_tile_path(p->dir, &tile, path, p->e);
    if (p->code == OK)
        p->code = ledger_file_put(path, str_of(p->edge.levels[tile_level].hashes, TLOG_TILE_BYTES),
                                  &p->fresh[tile_level], p->e);
    p->edge.levels[tile_level].count = 0;
}

static enum error_code bundle_put(struct ledger_publisher *p, struct error *e) {
    char path[LEDGER_PATH_BYTES];
    struct tlog_tile bundle = {
        .is_entries = true, .index = p->seen.size / TLOG_TILE_WIDTH - 1, .width = TLOG_TILE_WIDTH};
    TRY(ledger_tile_path(p->dir, &bundle, path, e));
    TRY(ledger_file_put(path, str_of(p->bundle.at, p->bundle.len), &p->fresh[TLOG_TILE_LEVELS], e));
    p->bundle.len = 0;
    return OK;
}

static enum error_code entry_take(struct ledger_publisher *p, str entry, struct error *e) {
    TRY(tlog_bundle_add(&p->bundle, entry, e));
    digest leaf = tlog_leaf_hash(entry);
    struct tlog_node_listener listener = {node_complete, p};
    p->code = OK;
    p->e = e;
    tlog_tree_append(&p->seen, &leaf, &listener);
    if (p->code != OK) return p->code;
    return p->seen.size % TLOG_TILE_WIDTH == 0 ? bundle_put(p, e) : OK;
}

/* Rows end where turns ended, so a run is read whole or not at all. */
static enum error_code run_take(struct ledger_publisher *p, str key, str value, uint64_t until,
                                struct error *e) {
    struct ledger_run run;
    TRY(ledger_run_begin(key, value, &run, e));
    if (run.first != p->seen.size)
        return error_set(e, FAIL_CORRUPT, "entry %llu is missing from the engine",
                         (unsigned long long)p->seen.size);
    while (run.rest.len > 0) {
        str entry;
        TRY(ledger_run_next(&run, &entry, e));
        TRY(entry_take(p, entry, e));
    }
    if (p->seen.size > until)
        return error_set(e, FAIL_CORRUPT, "the engine holds more entries than its tree, %llu",
                         (unsigned long long)until);
    return OK;
}

static enum error_code entries_take(struct ledger_publisher *p, struct engine_view *view,
                                    uint64_t until, struct error *e) {
    char from_memory[LEDGER_ENTRY_KEY_BYTES], until_memory[LEDGER_ENTRY_KEY_BYTES];
    struct engine_scan *scan;
    if (p->seen.size >= until) return OK;
    TRY(engine_view_scan(view, ENGINE_LEDGER, ledger_entry_key(p->seen.size, from_memory),
                         ledger_entry_key(until, until_memory), &scan, e));
    enum error_code code = OK;
    while (code == OK && p->seen.size < until) {
        bool more;
        str key, value;
        code = engine_scan_next(scan, &more, &key, &value, e);
        if (code == OK && !more)
            code = error_set(e, FAIL_CORRUPT, "entry %llu is missing from the engine",
                             (unsigned long long)p->seen.size);
        if (code == OK) code = run_take(p, key, value, until, e);
    }
    engine_scan_close(scan);
    return code;
}

static enum error_code publisher_advance(struct ledger_publisher *p, struct engine_view *view,
                                         const struct ledger_row *row, struct error *e) {
    assert(p->seen.size >= row->trimmed);
    if (row->tree.size < p->seen.size)
        return error_set(e, FAIL_ROLLED_BACK, "the engine shows %llu entries, and %llu were read",
                         (unsigned long long)row->tree.size, (unsigned long long)p->seen.size);
    TRY(entries_take(p, view, row->tree.size, e));
    for (size_t i = 0; i < COUNT_OF(p->fresh); i++) TRY(ledger_fresh_sync(&p->fresh[i], e));
    digest read = tlog_tree_root(&p->seen), kept = tlog_tree_root(&row->tree);
    if (!digest_equal(&read, &kept))
        return error_set(e, FAIL_CORRUPT,
                         "the first %llu entries do not hash to the tree that was "
                         "committed with them",
                         (unsigned long long)row->tree.size);
    ledger_source_init(&p->source, p->dir, &p->edge, p->seen.size);
    return OK;
}

enum error_code ledger_publisher_advance(struct ledger_publisher *p, struct engine_view *view,
                                         const struct ledger_row *row, struct error *e) {
    assert(p->loaded);
    enum error_code code = publisher_advance(p, view, row, e);
    if (code != OK) p->loaded = false;
    return code;
}

enum error_code ledger_publisher_root(struct ledger_publisher *p, uint64_t size, digest *root,
                                      struct error *e) {
    assert(p->loaded);
    assert(size <= p->seen.size);
    struct tlog_nodes nodes = tlog_tiles_nodes(&p->source.tiles);
    return tlog_root_make(&nodes, size, root, e);
}
