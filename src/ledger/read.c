/* Reading: checkpoint, tiles, bundles, entries, proofs. Hashes are those of the newest checkpoint,
 * whose full tiles are files and whose right edge is in memory; entries come from the engine until
 * they are trimmed, and from bundles after. Each reader copies the head it wants, so nobody waits
 * for anybody. */
#include "base/disk.h"
#include "ledger/inner.h"

#include <fcntl.h>

enum error_code ledger_checkpoint(struct ledger *ledger, struct arena *arena,
                                  struct tlog_checkpoint *checkpoint, str *note, struct error *e) {
    char *copy = arena_bytes(arena, LEDGER_NOTE_BYTES);
    if (copy == NULL) return error_set(e, FAIL_MEMORY, "no room for a checkpoint");
    pthread_mutex_lock(&ledger->shared);
    bool is_there = ledger->head.is_there;
    size_t bytes = ledger->head.note_bytes;
    memcpy(copy, ledger->head.note, bytes);
    struct tlog_checkpoint head = ledger->head.checkpoint;
    pthread_mutex_unlock(&ledger->shared);
    if (!is_there) return error_set(e, FAIL_NOT_FOUND, "there is no checkpoint yet");
    if (checkpoint != NULL) *checkpoint = head;
    *note = str_of(copy, bytes);
    return OK;
}

/* ---- tiles ---- */

static enum error_code no_such_tile(const struct tlog_tile *tile, struct error *e) {
    return error_set(e, FAIL_NOT_FOUND, "the log has no %s tile %llu of level %u with %u hashes",
                     tile->is_entries ? "entry" : "hash", (unsigned long long)tile->index,
                     tile->level, tile->width);
}

static enum error_code hashes_read(struct ledger *ledger, const struct tlog_tile *tile,
                                   bool is_full, struct arena *arena, str *bytes, struct error *e) {
    size_t count = tile->width * sizeof(digest);
    digest *out = arena_new(arena, digest, TLOG_TILE_WIDTH);
    if (out == NULL) return error_set(e, FAIL_MEMORY, "no room for a tile");
    if (is_full) {
        char path[LEDGER_PATH_BYTES];
        struct tlog_tile full = {
            .level = tile->level, .index = tile->index, .width = TLOG_TILE_WIDTH};
        TRY(ledger_tile_path(ledger->dir, &full, path, e));
        TRY(ledger_file_get(path, out, TLOG_TILE_BYTES, e));
    } else {
        pthread_mutex_lock(&ledger->shared);
        uint64_t size =
            ledger->head.checkpoint.size; /* may have grown: then the tile is full now */
        bool still = tlog_tile_width(tile->level, tile->index, size) < TLOG_TILE_WIDTH;
        if (still) memcpy(out, ledger->head.edge.levels[tile->level].hashes, count);
        pthread_mutex_unlock(&ledger->shared);
        if (!still) return hashes_read(ledger, tile, true, arena, bytes, e);
    }
    *bytes = str_of(out, count);
    return OK;
}

/* Takes from the arena what the entries need, 2 bytes more each. */
static enum error_code bundle_from_rows(struct engine_view *view, uint64_t index, unsigned width,
                                        struct arena *arena, str *bytes, bool *found,
                                        struct error *e) {
    size_t cap = size_min(arena_left(arena), LEDGER_BUNDLE_BYTES);
    struct arena trial = *arena;
    char *memory = arena_bytes(&trial, cap);
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for a bundle of entries");
    struct pack bundle = pack_into(memory, cap);
    TRY(ledger_run_bundle(view, index, width, &bundle, found, e));
    if (!*found) return OK;
    char *kept = arena_bytes(arena, bundle.len);
    assert(kept == memory);
    *bytes = str_of(kept, bundle.len);
    return OK;
}

static enum error_code bundle_from_file(const char *dir, uint64_t index, unsigned file_width,
                                        struct arena *arena, str *bytes, struct error *e) {
    char path[LEDGER_PATH_BYTES];
    struct tlog_tile tile = {.is_entries = true, .index = index, .width = file_width};
    TRY(ledger_tile_path(dir, &tile, path, e));
    return disk_file_read(AT_FDCWD, path, LEDGER_BUNDLE_BYTES, arena, bytes, e);
}

/* The first `width` entries of a bundle. */
static enum error_code bundle_cut(str bundle, unsigned width, str *out, struct error *e) {
    str rest = bundle, entry;
    for (unsigned i = 0; i < width; i++) TRY(tlog_bundle_next(&rest, &entry, e));
    *out = str_slice(bundle, 0, bundle.len - rest.len);
    return OK;
}

enum error_code ledger_tile_read(struct ledger *ledger, const struct tlog_tile *tile,
                                 struct engine_view *view, struct arena *arena, str *bytes,
                                 struct error *e) {
    pthread_mutex_lock(&ledger->shared);
    uint64_t size = ledger->head.is_there ? ledger->head.checkpoint.size : 0;
    pthread_mutex_unlock(&ledger->shared);
    if (tile->level >= TLOG_TILE_LEVELS || tile->width == 0 || tile->width > TLOG_TILE_WIDTH)
        return no_such_tile(tile, e);
    unsigned width = tlog_tile_width(tile->level, tile->index, size);
    if (tile->width > width) return no_such_tile(tile, e);
    bool is_full = width == TLOG_TILE_WIDTH;
    if (!tile->is_entries) return hashes_read(ledger, tile, is_full, arena, bytes, e);

    assert(view != NULL);
    if (!is_full) {
        bool found;
        TRY(bundle_from_rows(view, tile->index, tile->width, arena, bytes, &found, e));
        if (found) return OK; /* else sealed and trimmed since the size was read */
    }
    str bundle;
    TRY(bundle_from_file(ledger->dir, tile->index, TLOG_TILE_WIDTH, arena, &bundle, e));
    return bundle_cut(bundle, tile->width, bytes, e);
}

/* ---- entries ---- */

static enum error_code entry_of_bundle(str bundle, unsigned at, struct arena *arena, str *entry,
                                       struct error *e) {
    str rest = bundle, found = STR_EMPTY;
    for (unsigned i = 0; i <= at; i++) {
        if (rest.len == 0) return error_set(e, FAIL_CORRUPT, "a bundle ends before entry %u", at);
        TRY(tlog_bundle_next(&rest, &found, e));
    }
    return arena_copy(arena, found, entry, e);
}

static enum error_code no_such_entry(uint32_t number, uint64_t index, struct error *e) {
    return error_set(e, FAIL_NOT_FOUND, "log %u has no entry %llu", number,
                     (unsigned long long)index);
}

/* Of a log that was succeeded: files alone. */
static enum error_code old_entry_read(struct ledger *ledger, uint32_t number, uint64_t index,
                                      struct arena *arena, struct arena scratch, str *entry,
                                      struct error *e) {
    char dir[LEDGER_PATH_BYTES];
    uint64_t size;
    digest root;
    str bundle;
    TRY(ledger_log_dir(ledger->base_dir, number, dir, e));
    TRY(ledger_left_read(dir, &size, &root, e));
    if (index >= size) return no_such_entry(number, index, e);
    unsigned width = tlog_tile_width(0, index / TLOG_TILE_WIDTH, size);
    TRY(bundle_from_file(dir, index / TLOG_TILE_WIDTH, width, &scratch, &bundle, e));
    return entry_of_bundle(bundle, (unsigned)(index % TLOG_TILE_WIDTH), arena, entry, e);
}

enum error_code ledger_entry_read(struct ledger *ledger, uint32_t number, uint64_t index,
                                  struct engine_view *view, struct arena *arena,
                                  struct arena scratch, str *entry, struct error *e) {
    if (number == 0 || number > ledger->number) return no_such_entry(number, index, e);
    if (number < ledger->number)
        return old_entry_read(ledger, number, index, arena, scratch, entry, e);
    uint64_t bundle_index = index / TLOG_TILE_WIDTH;
    unsigned at = (unsigned)(index % TLOG_TILE_WIDTH);
    struct arena rows = scratch;
    bool found;
    str bundle;
    TRY(bundle_from_rows(view, bundle_index, at + 1, &rows, &bundle, &found, e));
    if (found) return entry_of_bundle(bundle, at, arena, entry, e);
    /* Not trimmed_size: a view may see a trim before the committer says it is done. */
    uint64_t sealed = atomic_load(&ledger->published_size) / TLOG_TILE_WIDTH * TLOG_TILE_WIDTH;
    if (index >= sealed) return no_such_entry(number, index, e);
    TRY(bundle_from_file(ledger->dir, bundle_index, TLOG_TILE_WIDTH, &scratch, &bundle, e));
    return entry_of_bundle(bundle, at, arena, entry, e);
}

/* ---- proofs ---- */

static enum error_code path_make(struct ledger_source *source, struct ledger_proof *proof,
                                 struct error *e) {
    struct tlog_nodes nodes = tlog_tiles_nodes(&source->tiles);
    return tlog_inclusion_make(&nodes, proof->index, proof->size, &proof->path, e);
}

/* A log that was succeeded ended without a signature of its own: the first entry of the log after
 * it names this size and root. */
static enum error_code old_prove(struct ledger *ledger, uint32_t number, struct arena scratch,
                                 struct ledger_proof *proof, struct error *e) {
    char dir[LEDGER_PATH_BYTES];
    TRY(ledger_log_dir(ledger->base_dir, number, dir, e));
    TRY(ledger_left_read(dir, &proof->size, &proof->root, e));
    if (proof->index >= proof->size) return no_such_entry(number, proof->index, e);
    struct ledger_source *source = arena_new(&scratch, struct ledger_source, 1);
    if (source == NULL) return error_set(e, FAIL_MEMORY, "no room to make a proof");
    ledger_source_init(source, dir, NULL, proof->size);
    source->partials_in_files = true;
    return path_make(source, proof, e);
}

enum error_code ledger_prove(struct ledger *ledger, uint32_t number, uint64_t index,
                             struct arena *arena, struct arena scratch, struct ledger_proof *out,
                             struct error *e) {
    struct ledger_proof proof = {.index = index};
    if (number == 0 || number > ledger->number) return no_such_entry(number, index, e);
    if (number < ledger->number) {
        TRY(old_prove(ledger, number, scratch, &proof, e));
        *out = proof;
        return OK;
    }
    struct ledger_head *head;
    TRY(ledger_head_take(ledger, &scratch, &head, e));
    proof.size = head->checkpoint.size;
    proof.root = head->checkpoint.root;
    if (index >= proof.size)
        return error_set(e, FAIL_NOT_FOUND, "entry %llu is younger than the checkpoint of %llu",
                         (unsigned long long)index, (unsigned long long)proof.size);
    struct ledger_source *source = arena_new(&scratch, struct ledger_source, 1);
    if (source == NULL) return error_set(e, FAIL_MEMORY, "no room to make a proof");
    ledger_source_init(source, ledger->dir, &head->edge, proof.size);
    TRY(path_make(source, &proof, e));
    TRY(arena_copy(arena, str_of(head->note, head->note_bytes), &proof.note, e));
    *out = proof;
    return OK;
}

enum error_code ledger_path_at(struct ledger *ledger, uint64_t index, uint64_t size,
                               struct arena scratch, struct tlog_path *out, struct error *e) {
    struct ledger_head *head;
    TRY(ledger_head_take(ledger, &scratch, &head, e));
    if (size > head->checkpoint.size || index >= size)
        return error_set(e, FAIL_NOT_FOUND,
                         "entry %llu of %llu is not under the checkpoint of %llu",
                         (unsigned long long)index, (unsigned long long)size,
                         (unsigned long long)head->checkpoint.size);
    struct ledger_source *source = arena_new(&scratch, struct ledger_source, 1);
    if (source == NULL) return error_set(e, FAIL_MEMORY, "no room to make a proof");
    /* What is complete in a tree is complete in each that grew from it. */
    ledger_source_init(source, ledger->dir, &head->edge, head->checkpoint.size);
    struct tlog_nodes nodes = tlog_tiles_nodes(&source->tiles);
    return tlog_inclusion_make(&nodes, index, size, out, e);
}
