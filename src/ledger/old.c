/* Logs that were succeeded: files alone, as they lay when the next one began. The log after it names
 * the size and root that are left; partial tiles and the last bundle are those of that size. */
#include "base/disk.h"
#include "ledger/inner.h"

#include <fcntl.h>

static enum error_code no_such_log(uint32_t number, struct error *e) {
    return error_set(e, FAIL_NOT_FOUND, "no log %u came before this one", number);
}

enum error_code ledger_origin_find(const struct ledger *ledger, uint32_t number,
                                   char out[TLOG_NAME_BYTES_MAX], size_t *bytes, struct error *e) {
    if (number == 0 || number > ledger->number) return no_such_log(number, e);
    return ledger_origin_of_number(ledger_origin_of(ledger), ledger->number, number, out, bytes, e);
}

enum error_code ledger_old_find(struct ledger *ledger, uint32_t number, struct ledger_old *out,
                                struct error *e) {
    char dir[LEDGER_PATH_BYTES];
    struct ledger_old old = {.number = number};
    if (number == 0 || number >= ledger->number) return no_such_log(number, e);
    TRY(ledger_log_dir(ledger->base_dir, number, dir, e));
    TRY(ledger_origin_of_number(ledger_origin_of(ledger), ledger->number, number, old.origin,
                                &old.origin_bytes, e));
    TRY(ledger_left_read(dir, &old.size, &old.root, e));
    *out = old;
    return OK;
}

/* The first `width` entries, or hashes, of a tile that is there with `file_width` of them. */
static enum error_code tile_cut(const struct tlog_tile *tile, str *bytes, struct error *e) {
    if (!tile->is_entries) {
        bytes->len = tile->width * sizeof(digest);
        return OK;
    }
    str rest = *bytes, entry;
    for (unsigned i = 0; i < tile->width; i++) TRY(tlog_bundle_next(&rest, &entry, e));
    bytes->len -= rest.len;
    return OK;
}

static enum error_code old_tile(const char *dir, const struct tlog_tile *tile, uint64_t size,
                                struct arena *arena, str *bytes, struct error *e) {
    char path[LEDGER_PATH_BYTES];
    struct tlog_tile there = *tile;
    there.width =
        tile->level < TLOG_TILE_LEVELS ? tlog_tile_width(tile->level, tile->index, size) : 0;
    if (tile->width == 0 || tile->width > there.width)
        return error_set(e, FAIL_NOT_FOUND, "the old log has no such tile: %llu entries are left",
                         (unsigned long long)size);
    TRY(ledger_tile_path(dir, &there, path, e));
    TRY(disk_file_read(AT_FDCWD, path, LEDGER_BUNDLE_BYTES, arena, bytes, e));
    if (!tile->is_entries && bytes->len != there.width * sizeof(digest))
        return error_set(e, FAIL_CORRUPT, "%s has %zu bytes", path, bytes->len);
    return tile->width < there.width ? tile_cut(tile, bytes, e) : OK;
}

enum error_code ledger_old_note(struct ledger *ledger, uint32_t number, struct arena *arena,
                                str *note, struct error *e) {
    char dir[LEDGER_PATH_BYTES], path[LEDGER_PATH_BYTES];
    if (number == 0 || number >= ledger->number) return no_such_log(number, e);
    TRY(ledger_log_dir(ledger->base_dir, number, dir, e));
    TRY(ledger_path(dir, "checkpoint", path, e));
    return disk_file_read(AT_FDCWD, path, LEDGER_NOTE_BYTES, arena, note, e);
}

enum error_code ledger_old_file(struct ledger *ledger, uint32_t number, str name,
                                struct arena *arena, str *bytes, struct error *e) {
    char dir[LEDGER_PATH_BYTES];
    struct ledger_old old;
    struct tlog_tile tile;
    if (str_equal(name, STR("checkpoint"))) return ledger_old_note(ledger, number, arena, bytes, e);
    TRY(ledger_old_find(ledger, number, &old, e));
    TRY(ledger_log_dir(ledger->base_dir, number, dir, e));
    if (tlog_tile_path_parse(name, &tile, NULL) != OK)
        return error_set(e, FAIL_NOT_FOUND, "a log has no file \"%.*s\"",
                         STR_FMT(str_slice(name, 0, 60)));
    return old_tile(dir, &tile, old.size, arena, bytes, e);
}
