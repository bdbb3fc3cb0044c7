/* One log's share of a bundle. All hash tiles of level 1 and above are there, and the right edge of level
 * 0, so each entry bundle that is there is held against the root by itself. */
#include "verify/bundle_log.h"

#include "base/disk.h"

#include <fcntl.h>
#include <stdlib.h>

enum { BUNDLE_BYTES = TLOG_TILE_WIDTH * (2 + LIMIT_ENTRY_BYTES) };

/* ---- tiles ---- */

static enum error_code tile_file(const struct bundle_log *c, const struct tlog_tile *tile,
                                 size_t bytes_max, struct arena *arena, str *out, struct error *e) {
    char path[TLOG_TILE_PATH_BYTES];
    tlog_tile_path_write(tile, path);
    enum error_code code = c->source.read(c->source.self, path, bytes_max, arena, out, e);
    return code == OK ? OK : error_note(e, "verify_bundle", "ledger/%s%s", c->log->prefix, path);
}

/* A full tile of level 0 is not there: its hashes are those of the entries. */
static enum error_code leaves_read(const struct bundle_log *c, uint64_t at,
                                   digest hashes[TLOG_TILE_WIDTH], struct error *e) {
    struct tlog_tile tile = {.is_entries = true, .index = at, .width = TLOG_TILE_WIDTH};
    struct arena arena = c->tile;
    str file, entries[TLOG_TILE_WIDTH];
    TRY(tile_file(c, &tile, BUNDLE_BYTES, &arena, &file, e));
    TRY(tlog_bundle_read(file, tile.width, entries, e));
    for (unsigned i = 0; i < tile.width; i++) hashes[i] = tlog_leaf_hash(entries[i]);
    return OK;
}

static enum error_code tile_read(void *self, const struct tlog_tile *tile,
                                 digest hashes[TLOG_TILE_WIDTH], struct error *e) {
    const struct bundle_log *c = self;
    struct arena arena = c->tile;
    str bytes;
    if (tile->level == 0 && tile->width == TLOG_TILE_WIDTH)
        return leaves_read(c, tile->index, hashes, e);
    TRY(tile_file(c, tile, TLOG_TILE_BYTES, &arena, &bytes, e));
    if (bytes.len != tile->width * sizeof hashes[0])
        return error_set(e, FAIL_CORRUPT, "a tile of %zu bytes, %zu expected", bytes.len,
                         tile->width * sizeof hashes[0]);
    memcpy(hashes, bytes.at, bytes.len);
    return OK;
}

/* The hash that tile (level, index), full, has in the level above. */
static enum error_code parent_of(const struct bundle_log *c, unsigned level, uint64_t index,
                                 digest *out, struct error *e) {
    struct tlog_nodes nodes = tlog_tiles_nodes(c->tiles);
    return nodes.read(nodes.self, (level + 1) * TLOG_TILE_HEIGHT, index, out, e);
}

static enum error_code level_check(const struct bundle_log *c, unsigned level, struct error *e) {
    uint64_t full = c->log->size >> (TLOG_TILE_HEIGHT * (level + 1));
    for (uint64_t i = 0; i < full; i++) {
        struct tlog_tile tile = {.level = level, .index = i, .width = TLOG_TILE_WIDTH};
        digest hashes[TLOG_TILE_WIDTH], parent;
        TRY(tile_read((void *)(uintptr_t)c, &tile, hashes, e));
        TRY(parent_of(c, level, i, &parent, e));
        digest root = tlog_root_of(hashes, TLOG_TILE_WIDTH);
        if (!digest_equal(&root, &parent))
            verify_finding(c->result, "tile %s%u/%llu does not hash to its place above",
                           c->log->prefix, level, (unsigned long long)i);
    }
    return OK;
}

static enum error_code tree_check(const struct bundle_log *c, struct error *e) {
    const struct verify_log *log = c->log;
    struct tlog_nodes nodes = tlog_tiles_nodes(c->tiles);
    digest root = tlog_empty_root();
    if (log->size > 0) TRY(tlog_root_make(&nodes, log->size, &root, e));
    if (!digest_equal(&root, &log->root) && log == verify_line_newest(c->line))
        return error_set(e, FAIL_PROOF, "the tiles do not make the root that was signed");
    if (!digest_equal(&root, &log->root))
        return error_set(e, FAIL_PROOF,
                         "the tiles of %.60s do not make the root that entry %llu of log %u names",
                         log->prefix, (unsigned long long)log->named_at, log->named_in);
    for (unsigned level = 1; level + 1 < TLOG_TILE_LEVELS; level++) TRY(level_check(c, level, e));
    return OK;
}

static enum error_code leaves_check(const struct bundle_log *c, uint64_t at, const str *entries,
                                    unsigned width, struct error *e) {
    digest leaves[TLOG_TILE_WIDTH], known[TLOG_TILE_WIDTH], parent;
    bool same;
    for (unsigned i = 0; i < width; i++) leaves[i] = tlog_leaf_hash(entries[i]);
    if (width == TLOG_TILE_WIDTH) {
        TRY(parent_of(c, 0, at, &parent, e));
        digest root = tlog_root_of(leaves, width);
        same = digest_equal(&root, &parent);
    } else {
        struct tlog_tile tile = {.index = at, .width = width};
        TRY(tile_read((void *)(uintptr_t)c, &tile, known, e));
        same = memcmp(leaves, known, width * sizeof leaves[0]) == 0;
    }
    if (same) return OK;
    return error_set(e, FAIL_PROOF, "%sthe entries from %llu on are not those of the tree",
                     c->log->prefix, (unsigned long long)(at * TLOG_TILE_WIDTH));
}

enum error_code verify_bundle_read(const struct bundle_log *c, uint64_t at, struct arena *arena,
                                   str entries[TLOG_TILE_WIDTH], unsigned *width, struct error *e) {
    struct tlog_tile tile = {
        .is_entries = true, .index = at, .width = tlog_tile_width(0, at, c->log->size)};
    str file;
    TRY(tile_file(c, &tile, BUNDLE_BYTES, arena, &file, e));
    TRY(tlog_bundle_read(file, tile.width, entries, e));
    TRY(leaves_check(c, at, entries, tile.width, e));
    *width = tile.width;
    return OK;
}

enum error_code verify_bundle_tree(struct bundle_log *c, const struct verify_log *log,
                                   struct error *e) {
    c->log = log;
    c->below = (struct verify_below){c->ledger, log->prefix};
    c->source = verify_below(&c->below);
    *c->tiles = (struct tlog_tiles){.read = tile_read, .self = c, .size = log->size};
    return tree_check(c, e);
}

/* ---- opened fields: lines "INDEX BASE64", ascending ---- */

static enum error_code line_next(struct bundle_log *c, struct error *e) {
    ssize_t got = getline(&c->line_text, &c->line_cap, c->lines);
    str line, index;
    c->line_there = got > 0;
    if (!c->line_there) return OK;
    line = str_of(c->line_text, (size_t)got);
    bool right = str_ends(line, STR("\n")) && str_cut(&line, ' ', &index) &&
                 str_u64(index, &c->line_index) && c->line_index >= c->line_next;
    if (!right) return error_set(e, FAIL_SYNTAX, "opened: a line that is none, or out of order");
    c->line_next = c->line_index + 1;
    c->line_extra = str_of(line.at, line.len - 1);
    return OK;
}

static enum error_code opened_check(struct bundle_log *c, str bytes, struct arena arena,
                                    struct error *e) {
    struct evidence_extra extra;
    struct evidence_entry entry;
    size_t cap = c->line_extra.len / 4 * 3 + 3, count, names;
    digest none = tlog_empty_root();
    char *memory = arena_bytes(&arena, cap);
    if (!memory) return error_set(e, FAIL_LIMIT, "opened: a line too long");
    if (!base64_read(c->line_extra, memory, cap, &count))
        return error_set(e, FAIL_SYNTAX, "opened: not base64");
    TRY(evidence_extra_decode(str_of(memory, count), &arena, &extra, e));
    if (!str_equal(extra.entry, bytes) || extra.name_count > 0 || extra.step_count > 0)
        return error_set(e, FAIL_PROOF, "opened fields of another entry");
    TRY(evidence_extra_check(&extra, 1, &none, &arena, &entry, &names, e));
    c->opened += extra.open_count;
    return OK;
}

/* ---- entries ---- */

static enum error_code entry_check(struct bundle_log *c, uint64_t index, str bytes,
                                   struct arena arena, struct error *e) {
    const struct verify_manifest *m = c->manifest;
    struct evidence_entry entry;
    TRY(evidence_entry_decode(bytes, &arena, &entry, e));
    TRY(evidence_tally_learn(&c->tally, &entry, e));
    if (entry.minute < c->last_minute)
        verify_finding(c->result, "%.*s is earlier than one before it",
                       STR_FMT(verify_entry_name(c->line, c->log, index, c->result)));
    c->last_minute = entry.minute;
    bool by_time = entry.minute >= m->from && entry.minute < m->until;
    bool by_range = index >= c->first && index < c->end;
    if (by_time != by_range)
        verify_finding(c->result, "%.*s is by its time on the other side of the period's edge",
                       STR_FMT(verify_entry_name(c->line, c->log, index, c->result)));
    if (!by_range) return OK;
    c->entries++;
    TRY(evidence_tally_add(&c->tally, &entry, e));
    if (!c->line_there || c->line_index != index) return OK;
    TRY(opened_check(c, bytes, arena, e));
    return line_next(c, e);
}

/* Entries of the period, and since format 2 the one on each side of it: else one of the period could have
 * been left out where a bundle ends. */
static enum error_code missing_check(struct bundle_log *c, uint64_t at, enum error_code code) {
    uint64_t first = at * TLOG_TILE_WIDTH, low = c->first > 0 ? c->first - 1 : 0;
    bool in_period = first < c->end && first + TLOG_TILE_WIDTH > c->first;
    bool beside = first <= c->end && first + TLOG_TILE_WIDTH > low;
    if (code != FAIL_NOT_FOUND || in_period) return code;
    if (beside && c->manifest->version >= 2) return code;
    c->is_open |= beside;
    return OK;
}

static enum error_code bundle_check(struct bundle_log *c, uint64_t at, struct error *e) {
    struct arena arena = c->arena;
    str entries[TLOG_TILE_WIDTH];
    unsigned width = 0;
    enum error_code code = verify_bundle_read(c, at, &arena, entries, &width, e);
    if (code != OK) return missing_check(c, at, code);
    for (unsigned i = 0; i < width; i++) {
        uint64_t index = at * TLOG_TILE_WIDTH + i;
        code = entry_check(c, index, entries[i], arena, e);
        if (code != OK)
            return error_note(e, "verify_bundle", "%sentry %llu", c->log->prefix,
                              (unsigned long long)index);
    }
    return OK;
}

static enum error_code opened_open(struct bundle_log *c, struct error *e) {
    char name[32] = "opened";
    int fd;
    if (c->log->prefix[0] != 0) snprintf(name, sizeof name, "opened-%u", c->log->number);
    TRY(disk_open(c->folder->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0, &fd, e));
    c->lines = fdopen(fd, "r");
    if (c->lines) return OK;
    disk_close(fd);
    return error_set(e, FAIL_MEMORY, "no room to read what was opened");
}

enum error_code verify_bundle_entries(struct bundle_log *c, struct arena *counts, struct error *e) {
    TRY(evidence_tally_open(&c->tally, counts, e));
    TRY(opened_open(c, e));
    c->line_next = 0;
    enum error_code code = line_next(c, e);
    for (uint64_t at = 0; code == OK && at < tlog_tile_count(0, c->log->size); at++)
        code = bundle_check(c, at, e);
    if (code == OK && c->line_there)
        verify_finding(c->result, "opened: %.*s is not in the period",
                       STR_FMT(verify_entry_name(c->line, c->log, c->line_index, c->result)));
    fclose(c->lines);
    free(c->line_text);
    c->line_text = NULL;
    return code;
}
