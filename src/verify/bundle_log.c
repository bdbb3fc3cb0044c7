/* The log's part of a bundle. All hash tiles of level 1 and above are there, and the right edge of level
 * 0, so each entry bundle that is there is held against the root by itself. */
#include "verify/bundle.h"

#include "base/disk.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>

enum { BUNDLE_BYTES = TLOG_TILE_WIDTH * (2 + LIMIT_ENTRY_BYTES), COVER_BYTES = 32 << 20 };

struct log_check {
    const struct verify_manifest *manifest;
    const struct verify_folder *folder;
    struct verify_result *result;
    struct arena arena; /* for the pieces of one step; passed on by copy */
    struct arena tile;  /* for one tile: read while a step's pieces are in use */
    uint64_t size;
    struct tlog_tiles *tiles;
    struct evidence_tally tally;
    uint32_t last_minute;
    uint64_t entries, opened;
    FILE *lines; /* of `opened` */
    char *line;
    size_t line_cap;
    str line_extra; /* of the line under way, base64 */
    uint64_t line_index, line_next;
    bool line_there;
};

/* ---- tiles ---- */

static enum error_code tile_file(const struct log_check *c, const struct tlog_tile *tile,
                                 size_t bytes_max, struct arena *arena, str *out, struct error *e) {
    char name[TLOG_TILE_PATH_BYTES], path[TLOG_TILE_PATH_BYTES + 8];
    tlog_tile_path_write(tile, name);
    snprintf(path, sizeof path, "ledger/%s", name);
    enum error_code code = disk_file_read(c->folder->dir_fd, path, bytes_max, arena, out, e);
    return code == OK ? OK : error_note(e, "verify_bundle", "%s", path);
}

static enum error_code tile_read(void *self, const struct tlog_tile *tile,
                                 digest hashes[TLOG_TILE_WIDTH], struct error *e) {
    const struct log_check *c = self;
    struct arena arena = c->tile;
    str bytes;
    TRY(tile_file(c, tile, TLOG_TILE_BYTES, &arena, &bytes, e));
    if (bytes.len != tile->width * sizeof hashes[0])
        return error_set(e, FAIL_CORRUPT, "a tile of %zu bytes, %zu expected", bytes.len,
                         tile->width * sizeof hashes[0]);
    memcpy(hashes, bytes.at, bytes.len);
    return OK;
}

/* The hash that tile (level, index), full, has in the level above. */
static enum error_code parent_of(const struct log_check *c, unsigned level, uint64_t index,
                                 digest *out, struct error *e) {
    struct tlog_nodes nodes = tlog_tiles_nodes(c->tiles);
    return nodes.read(nodes.self, (level + 1) * TLOG_TILE_HEIGHT, index, out, e);
}

static enum error_code level_check(const struct log_check *c, unsigned level, struct error *e) {
    uint64_t full = c->size >> (TLOG_TILE_HEIGHT * (level + 1));
    for (uint64_t i = 0; i < full; i++) {
        struct tlog_tile tile = {.level = level, .index = i, .width = TLOG_TILE_WIDTH};
        digest hashes[TLOG_TILE_WIDTH], parent;
        TRY(tile_read((void *)(uintptr_t)c, &tile, hashes, e));
        TRY(parent_of(c, level, i, &parent, e));
        digest root = tlog_root_of(hashes, TLOG_TILE_WIDTH);
        if (!digest_equal(&root, &parent))
            verify_finding(c->result, "tile %u/%llu does not hash to its place above", level,
                           (unsigned long long)i);
    }
    return OK;
}

static enum error_code tree_check(struct log_check *c, const struct tlog_checkpoint *head,
                                  struct error *e) {
    struct tlog_nodes nodes = tlog_tiles_nodes(c->tiles);
    digest root = tlog_empty_root();
    if (c->size > 0) TRY(tlog_root_make(&nodes, c->size, &root, e));
    if (!digest_equal(&root, &head->root))
        return error_set(e, FAIL_PROOF, "the tiles do not make the root that was signed");
    for (unsigned level = 1; level + 1 < TLOG_TILE_LEVELS; level++) TRY(level_check(c, level, e));
    return OK;
}

static enum error_code leaves_check(struct log_check *c, uint64_t at, const str *entries,
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
        TRY(tile_read(c, &tile, known, e));
        same = memcmp(leaves, known, width * sizeof leaves[0]) == 0;
    }
    if (same) return OK;
    return error_set(e, FAIL_PROOF, "the entries from %llu on are not those of the tree",
                     (unsigned long long)(at * TLOG_TILE_WIDTH));
}

/* ---- opened fields: lines "INDEX BASE64", ascending ---- */

static enum error_code line_next(struct log_check *c, struct error *e) {
    ssize_t got = getline(&c->line, &c->line_cap, c->lines);
    str line, index;
    c->line_there = got > 0;
    if (!c->line_there) return OK;
    line = str_of(c->line, (size_t)got);
    bool right = str_ends(line, STR("\n")) && str_cut(&line, ' ', &index) &&
                 str_u64(index, &c->line_index) && c->line_index >= c->line_next;
    if (!right) return error_set(e, FAIL_SYNTAX, "opened: a line that is none, or out of order");
    c->line_next = c->line_index + 1;
    c->line_extra = str_of(line.at, line.len - 1);
    return OK;
}

static enum error_code opened_check(struct log_check *c, str bytes, struct arena arena,
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

static enum error_code entry_check(struct log_check *c, uint64_t index, str bytes,
                                   struct arena arena, struct error *e) {
    const struct verify_manifest *m = c->manifest;
    struct evidence_entry entry;
    TRY(evidence_entry_decode(bytes, &arena, &entry, e));
    TRY(evidence_tally_learn(&c->tally, &entry, e));
    if (entry.minute < c->last_minute)
        verify_finding(c->result, "entry %llu is earlier than one before it",
                       (unsigned long long)index);
    c->last_minute = entry.minute;
    bool by_time = entry.minute >= m->from && entry.minute < m->until;
    bool by_range = index >= m->first && index < m->end;
    if (by_time != by_range)
        verify_finding(c->result,
                       "entry %llu is by its time on the other side of the period's edge",
                       (unsigned long long)index);
    if (!by_range) return OK;
    c->entries++;
    TRY(evidence_tally_add(&c->tally, &entry, e));
    if (!c->line_there || c->line_index != index) return OK;
    TRY(opened_check(c, bytes, arena, e));
    return line_next(c, e);
}

static enum error_code bundle_check(struct log_check *c, uint64_t at, struct error *e) {
    struct tlog_tile tile = {
        .is_entries = true, .index = at, .width = tlog_tile_width(0, at, c->size)};
    uint64_t first = at * TLOG_TILE_WIDTH;
    bool needed = first < c->manifest->end && first + TLOG_TILE_WIDTH > c->manifest->first;
    struct arena arena = c->arena;
    str file, entries[TLOG_TILE_WIDTH];
    enum error_code code = tile_file(c, &tile, BUNDLE_BYTES, &arena, &file, e);
    if (code == FAIL_NOT_FOUND && !needed) return OK;
    if (code != OK) return code;
    TRY(tlog_bundle_read(file, tile.width, entries, e));
    TRY(leaves_check(c, at, entries, tile.width, e));
    for (unsigned i = 0; i < tile.width; i++) {
        code = entry_check(c, first + i, entries[i], arena, e);
        if (code != OK)
            return error_note(e, "verify_bundle", "entry %llu", (unsigned long long)(first + i));
    }
    return OK;
}

static enum error_code entries_check(struct log_check *c, struct error *e) {
    int fd;
    TRY(disk_open(c->folder->dir_fd, "opened", O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0, &fd, e));
    c->lines = fdopen(fd, "r");
    if (!c->lines) {
        disk_close(fd);
        return error_set(e, FAIL_MEMORY, "no room to read what was opened");
    }
    enum error_code code = line_next(c, e);
    for (uint64_t at = 0; code == OK && at < tlog_tile_count(0, c->size); at++)
        code = bundle_check(c, at, e);
    if (code == OK && c->line_there)
        verify_finding(c->result, "opened: entry %llu is not in the period",
                       (unsigned long long)c->line_index);
    fclose(c->lines);
    free(c->line);
    return code;
}

/* ---- the cover sheet's counts ---- */

static void count_check(struct log_check *c, const char *table, str name, int64_t said,
                        uint64_t found) {
    if (said >= 0 && (uint64_t)said == found) return;
    verify_finding(c->result, "cover.json: %s %.*s: it says %lld, the entries say %llu", table,
                   STR_FMT(name), (long long)said, (unsigned long long)found);
}

static uint64_t row_count(const struct evidence_tally_row *rows, size_t count, const char *table,
                          str name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(evidence_tally_name(rows[i].kind), table) == 0 && str_equal(rows[i].name, name))
            return rows[i].count;
    return 0;
}

static enum error_code cover_check(struct log_check *c, struct error *e) {
    const struct evidence_tally_row *rows;
    struct arena arena = c->arena;
    size_t count;
    str bytes;
    const char *table, *name;
    json_t *counts, *names, *value;
    TRY(evidence_tally_rows(&c->tally, &rows, &count, e));
    TRY(disk_file_read(c->folder->dir_fd, "cover.json", COVER_BYTES, &arena, &bytes, e));
    json_t *cover = json_loadb(bytes.at, bytes.len, JSON_REJECT_DUPLICATES, NULL);
    if (!cover) return error_set(e, FAIL_SYNTAX, "cover.json is no JSON");
    counts = json_object_get(cover, "counts");
    for (size_t i = 0; i < count; i++) {
        table = evidence_tally_name(rows[i].kind);
        value = json_object_getn(json_object_get(counts, table), rows[i].name.at, rows[i].name.len);
        count_check(c, table, rows[i].name, json_integer_value(value), rows[i].count);
    }
    json_object_foreach(counts, table, names) json_object_foreach(names, name, value) {
        uint64_t found = row_count(rows, count, table, str_from_c(name));
        if (found == 0) count_check(c, table, str_from_c(name), json_integer_value(value), 0);
    }
    json_decref(cover);
    return OK;
}

/* ---- the whole ---- */

static void period_say(const struct log_check *c) {
    const struct verify_manifest *m = c->manifest;
    char from[CLOCK_TEXT_BYTES], until[CLOCK_TEXT_BYTES];
    clock_iso_s_write((int64_t)m->from * 60 * NS_PER_S, from);
    clock_iso_s_write((int64_t)m->until * 60 * NS_PER_S, until);
    verify_item(c->result, "period", "from %s until before %s", from, until);
    verify_item(c->result, "entries of the period", "%llu, numbers %llu until before %llu",
                (unsigned long long)c->entries, (unsigned long long)m->first,
                (unsigned long long)m->end);
    verify_item(c->result, "opened fields", "%llu, each as it was committed to",
                (unsigned long long)c->opened);
    verify_item(c->result, "cover sheet", "its counts are those of the entries");
}

enum error_code verify_bundle_log(const struct verify_trust *trust,
                                  const struct verify_manifest *manifest,
                                  const struct verify_folder *folder, struct arena *arena,
                                  struct verify_result *result, struct error *e) {
    struct log_check c = {.manifest = manifest, .folder = folder, .result = result};
    struct tlog_checkpoint head;
    str note;
    TRY(disk_file_read(folder->dir_fd, "ledger/checkpoint", TLOG_NOTE_BYTES_MAX, arena, &note, e));
    TRY(verify_head(trust, note, result, &head, e));
    c.size = head.size;
    if (manifest->end > c.size || manifest->first > manifest->end || manifest->until > UINT32_MAX)
        return error_set(e, FAIL_PROOF, "the manifest's range is not within the log's entries");
    struct arena_space space;
    struct arena counts;
    TRY(arena_space_open(&space, (size_t)64 << 20, &counts, e));
    c.tiles = arena_new(arena, struct tlog_tiles, 1);
    char *tile = arena_bytes(arena, 2 * TLOG_TILE_BYTES);
    c.tile = arena_over(tile, tile ? 2 * TLOG_TILE_BYTES : 0);
    enum error_code code = c.tiles && tile ? evidence_tally_open(&c.tally, &counts, e)
                                           : error_set(e, FAIL_MEMORY, "no room for tiles");
    c.arena = *arena;
    if (code == OK) {
        *c.tiles = (struct tlog_tiles){.read = tile_read, .self = &c, .size = c.size};
        code = tree_check(&c, &head, e);
    }
    if (code == OK) code = entries_check(&c, e);
    if (code == OK) code = cover_check(&c, e);
    arena_space_release(&space);
    if (code != OK) return code;
    period_say(&c);
    result->limits |=
        VERIFY_LIMIT_FACTS | VERIFY_LIMIT_COPIES | VERIFY_LIMIT_ROOT | VERIFY_LIMIT_HIDDEN;
    return OK;
}
