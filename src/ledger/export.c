/* A log as plain files: what its directory has, and the tiles and the bundle that are not full yet.
 * Serves `ledger export`, and seals what is left of a log that is succeeded. */
#include "base/disk.h"
#include "ledger/inner.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What an export holds while it runs. */
struct exporting {
    const char *from, *to;
    uint64_t size;
    const struct ledger_edge *edge;
    struct engine_view *view;
    struct ledger_fresh fresh;
    char *memory;                               /* LEDGER_BUNDLE_BYTES + 1, for one file */
    bool (*wants)(void *self, uint64_t bundle); /* NULL: everything */
    void *wants_self;
};

static enum error_code copy_file(struct exporting *x, const struct tlog_tile *tile,
                                 struct error *e) {
    char from[LEDGER_PATH_BYTES], to[LEDGER_PATH_BYTES];
    str bytes;
    struct arena arena = arena_over(x->memory, LEDGER_BUNDLE_BYTES + 1);
    TRY(ledger_tile_path(x->from, tile, from, e));
    TRY(ledger_tile_path(x->to, tile, to, e));
    TRY(disk_file_read(AT_FDCWD, from, LEDGER_BUNDLE_BYTES, &arena, &bytes, e));
    return ledger_file_put(to, bytes, &x->fresh, e);
}

/* The last bundle of a part may be asked for or not, like any other. */
static bool is_wanted(const struct exporting *x, uint64_t bundle) {
    return x->wants == NULL || x->wants(x->wants_self, bundle);
}

/* Of a log that was succeeded: its partial ones are files too. */
static enum error_code partial_copies(struct exporting *x, struct error *e) {
    for (unsigned level = 0; level < TLOG_TILE_LEVELS; level++) {
        uint64_t count = x->size >> (level * TLOG_TILE_HEIGHT);
        struct tlog_tile tile = {.level = level,
                                 .index = count / TLOG_TILE_WIDTH,
                                 .width = (unsigned)(count % TLOG_TILE_WIDTH)};
        if (tile.width == 0) continue;
        TRY(copy_file(x, &tile, e));
        tile.is_entries = true;
        if (level == 0 && is_wanted(x, tile.index)) TRY(copy_file(x, &tile, e));
    }
    return ledger_fresh_sync(&x->fresh, e);
}

/* It became full, and was trimmed, since the checkpoint: the beginning of the full one. */
static enum error_code full_begin(struct exporting *x, const struct tlog_tile *tile,
                                  struct error *e) {
    struct tlog_tile full = {.is_entries = true, .index = tile->index, .width = TLOG_TILE_WIDTH};
    char path[LEDGER_PATH_BYTES];
    struct arena arena = arena_over(x->memory, LEDGER_BUNDLE_BYTES + 1);
    str bytes, rest, entry;
    TRY(ledger_tile_path(x->from, &full, path, e));
    TRY(disk_file_read(AT_FDCWD, path, LEDGER_BUNDLE_BYTES, &arena, &bytes, e));
    rest = bytes;
    for (unsigned i = 0; i < tile->width; i++) TRY(tlog_bundle_next(&rest, &entry, e));
    TRY(ledger_tile_path(x->to, tile, path, e));
    return ledger_file_put(path, str_of(bytes.at, bytes.len - rest.len), &x->fresh, e);
}

static enum error_code partial_bundle(struct exporting *x, const struct tlog_tile *tile,
                                      struct error *e) {
    char path[LEDGER_PATH_BYTES];
    struct pack bundle = pack_into(x->memory, LEDGER_BUNDLE_BYTES);
    bool found;
    TRY(ledger_run_bundle(x->view, tile->index, tile->width, &bundle, &found, e));
    if (!found) return full_begin(x, tile, e);
    TRY(ledger_tile_path(x->to, tile, path, e));
    return ledger_file_put(path, str_of(bundle.at, bundle.len), &x->fresh, e);
}

static enum error_code partial_files(struct exporting *x, struct error *e) {
    char path[LEDGER_PATH_BYTES];
    for (unsigned level = 0; level < TLOG_TILE_LEVELS; level++) {
        uint64_t count = x->size >> (level * TLOG_TILE_HEIGHT);
        struct tlog_tile tile = {.level = level,
                                 .index = count / TLOG_TILE_WIDTH,
                                 .width = (unsigned)(count % TLOG_TILE_WIDTH)};
        if (tile.width == 0) continue;
        assert(x->edge->levels[level].count == tile.width);
        TRY(ledger_tile_path(x->to, &tile, path, e));
        TRY(ledger_file_put(path,
                            str_of(x->edge->levels[level].hashes, tile.width * sizeof(digest)),
                            &x->fresh, e));
        tile.is_entries = true;
        if (level == 0 && is_wanted(x, tile.index)) TRY(partial_bundle(x, &tile, e));
    }
    return ledger_fresh_sync(&x->fresh, e);
}

static enum error_code full_files(struct exporting *x,
                                  void (*progress)(void *self, uint64_t done, uint64_t all),
                                  void *self, struct error *e) {
    uint64_t bundles = x->size / TLOG_TILE_WIDTH;
    for (uint64_t i = 0; i < bundles; i++) {
        struct tlog_tile tile = {.is_entries = true, .index = i, .width = TLOG_TILE_WIDTH};
        if (is_wanted(x, i)) TRY(copy_file(x, &tile, e));
        if (progress != NULL) progress(self, (i + 1) * TLOG_TILE_WIDTH, x->size);
    }
    for (unsigned level = x->wants != NULL ? 1 : 0; level < TLOG_TILE_LEVELS; level++)
        for (uint64_t i = 0; i < (x->size >> (level * TLOG_TILE_HEIGHT)) / TLOG_TILE_WIDTH; i++)
            TRY(copy_file(
                x, &(struct tlog_tile){.level = level, .index = i, .width = TLOG_TILE_WIDTH}, e));
    return OK;
}

enum error_code ledger_partials_write(const char *dir, struct engine_view *view, uint64_t size,
                                      const struct ledger_edge *edge, struct error *e) {
    struct exporting x = {.from = dir, .to = dir, .size = size, .edge = edge, .view = view};
    x.memory = malloc(LEDGER_BUNDLE_BYTES + 1);
    if (x.memory == NULL) return error_set(e, FAIL_MEMORY, "no memory for a bundle of entries");
    enum error_code code = partial_files(&x, e);
    free(x.memory);
    return code;
}

/* The directory holds nothing, or a checkpoint of this log. */
static enum error_code target_check(const struct ledger *ledger, const char *dir, struct error *e) {
    char path[LEDGER_PATH_BYTES], memory[LEDGER_NOTE_BYTES + 16];
    struct arena arena = arena_over(memory, sizeof memory);
    str note;
    TRY(disk_make_dirs(AT_FDCWD, dir, 0755, e));
    TRY(ledger_path(dir, "checkpoint", path, e));
    enum error_code code = disk_file_read(AT_FDCWD, path, LEDGER_NOTE_BYTES, &arena, &note, e);
    if (code == FAIL_NOT_FOUND) return OK;
    if (code == OK) code = tlog_checkpoint_open(note, &ledger->signer.vkey, NULL, NULL, e);
    if (code != OK)
        return error_set(e, FAIL_EXISTS, "%.80s holds something that is no export of this log",
                         dir);
    return OK;
}

/* Files of a log that came before, and the newest note it had signed, where that survives. */
static enum error_code old_copy(struct ledger *ledger, const struct ledger_old *old,
                                struct exporting *x, struct error *e) {
    char from[LEDGER_PATH_BYTES], path[LEDGER_PATH_BYTES];
    struct arena arena = arena_over(x->memory, LEDGER_BUNDLE_BYTES);
    str note;
    TRY(ledger_log_dir(ledger->base_dir, old->number, from, e));
    x->from = from;
    x->size = old->size;
    TRY(full_files(x, NULL, NULL, e));
    TRY(partial_copies(x, e));
    enum error_code code = ledger_old_note(ledger, old->number, &arena, &note, e);
    if (code == FAIL_NOT_FOUND) return OK;
    if (code != OK) return code;
    TRY(disk_make_dirs(AT_FDCWD, x->to, 0755, e));
    TRY(ledger_path(x->to, "checkpoint", path, e));
    return disk_file_replace(AT_FDCWD, path, note, 0644, e);
}

/* Below old/N/. A log that was lost whole, or whose files are gone, has its note alone, or nothing. */
static enum error_code old_export(struct ledger *ledger, uint32_t number, const char *dir,
                                  char *memory, struct error *e) {
    char to[LEDGER_PATH_BYTES], below[32];
    struct ledger_old old;
    struct exporting x = {.to = to, .memory = memory};
    enum error_code code = ledger_old_find(ledger, number, &old, e);
    if (code == FAIL_NOT_FOUND) old = (struct ledger_old){.number = number};
    if (code != OK && code != FAIL_NOT_FOUND) return code;
    snprintf(below, sizeof below, "old/%u", number);
    TRY(ledger_path(dir, below, to, e));
    return old_copy(ledger, &old, &x, e);
}

enum error_code ledger_export(struct ledger *ledger, struct engine_view *view, const char *dir,
                              void (*progress)(void *self, uint64_t done, uint64_t all), void *self,
                              struct error *e) {
    enum { HEAD_ROOM = sizeof(struct ledger_head) + 64 };
    char path[LEDGER_PATH_BYTES];
    struct exporting x = {.from = ledger->dir, .to = dir, .view = view};
    x.memory = malloc(LEDGER_BUNDLE_BYTES + 1 + HEAD_ROOM);
    if (x.memory == NULL) return error_set(e, FAIL_MEMORY, "no memory for a bundle of entries");
    struct arena arena = arena_over(x.memory + LEDGER_BUNDLE_BYTES + 1, HEAD_ROOM);
    struct ledger_head *head;
    enum error_code code = target_check(ledger, dir, e);
    if (code == OK) code = ledger_head_take(ledger, &arena, &head, e);
    if (code != OK) goto done;
    x.size = head->checkpoint.size;
    x.edge = &head->edge;
    code = full_files(&x, progress, self, e);
    if (code == OK) code = partial_files(&x, e);
    for (uint32_t n = 1; n < ledger->number && code == OK; n++)
        code = old_export(ledger, n, dir, x.memory, e);
    if (code == OK) code = ledger_path(dir, "checkpoint", path, e);
    if (code == OK)
        code = disk_file_replace(AT_FDCWD, path, str_of(head->note, head->note_bytes), 0644, e);
done:
    free(x.memory);
    return code == OK ? OK : error_note(e, "ledger_export", "exporting to %.70s", dir);
}

enum error_code ledger_export_part(struct ledger *ledger, const char *dir,
                                   bool (*wants)(void *self, uint64_t bundle), void *self,
                                   struct error *e) {
    char path[LEDGER_PATH_BYTES];
    struct arena_space space;
    struct arena arena;
    struct ledger_head *head;
    struct exporting x = {.from = ledger->dir, .to = dir, .wants = wants, .wants_self = self};
    TRY(arena_space_open(&space, LEDGER_BUNDLE_BYTES + 2 * sizeof *head + 4096, &arena, e));
    x.memory = arena_bytes(&arena, LEDGER_BUNDLE_BYTES + 1);
    assert(x.memory != NULL);
    enum error_code code = target_check(ledger, dir, e);
    if (code == OK) code = ledger_head_take(ledger, &arena, &head, e);
    /* Opened after the head was taken, the view has all its entries. */
    if (code == OK) code = engine_view_open(ledger->engine, &x.view, e);
    if (code != OK) goto done;
    x.size = head->checkpoint.size;
    x.edge = &head->edge;
    code = full_files(&x, NULL, NULL, e);
    if (code == OK) code = partial_files(&x, e);
    if (code == OK) code = ledger_path(dir, "checkpoint", path, e);
    if (code == OK)
        code = disk_file_replace(AT_FDCWD, path, str_of(head->note, head->note_bytes), 0644, e);
    engine_view_close(x.view);
done:
    arena_space_release(&space);
    return code == OK ? OK : error_note(e, "ledger_export_part", "exporting to %.70s", dir);
}

enum error_code ledger_old_export_part(struct ledger *ledger, uint32_t number, const char *dir,
                                       bool (*wants)(void *self, uint64_t bundle), void *self,
                                       struct error *e) {
    struct ledger_old old;
    struct exporting x = {.to = dir, .wants = wants, .wants_self = self};
    TRY(ledger_old_find(ledger, number, &old, e));
    x.memory = malloc(LEDGER_BUNDLE_BYTES + 1);
    if (x.memory == NULL) return error_set(e, FAIL_MEMORY, "no memory for a bundle of entries");
    enum error_code code = old_copy(ledger, &old, &x, e);
    free(x.memory);
    return code == OK ? OK : error_note(e, "ledger_old_export_part", "exporting to %.70s", dir);
}

enum error_code ledger_note_sign(const struct ledger *ledger, str text, struct text *note,
                                 struct error *e) {
    str rest = text, first;
    if (!str_cut(&rest, '\n', &first) || !str_starts(first, STR("azekura-")) ||
        str_equal(first, str_of(ledger->origin, ledger->origin_bytes)))
        return error_set(e, FAIL_USAGE, "the first line of a note names no format of ours");
    text_add(note, text);
    text_add_char(note, '\n');
    return tlog_note_sign(note, text, &ledger->signer, 0, e);
}
