/* Hash tiles from wherever they are: full ones are files; the ones at the right edge are in memory,
 * or are computed from the full ones below them. */
#include "ledger/inner.h"

static uint64_t level_size(uint64_t size, unsigned level) {
    unsigned shift = level * TLOG_TILE_HEIGHT;
    return shift < 64 ? size >> shift : 0;
}

/* A partial tile above the leaves, hash by hash: each is the root of a full tile below it. */
static enum error_code tile_from_below(struct ledger_source *source, const struct tlog_tile *tile,
                                       digest hashes[TLOG_TILE_WIDTH], struct error *e) {
    char path[LEDGER_PATH_BYTES];
    digest below[TLOG_TILE_WIDTH];
    for (unsigned i = 0; i < tile->width; i++) {
        struct tlog_tile full = {.level = tile->level - 1,
                                 .index = tile->index * TLOG_TILE_WIDTH + i,
                                 .width = TLOG_TILE_WIDTH};
        TRY(ledger_tile_path(source->dir, &full, path, e));
        TRY(ledger_file_get(path, below, sizeof below, e));
        hashes[i] = tlog_root_of(below, TLOG_TILE_WIDTH);
    }
    return OK;
}

static enum error_code source_read(void *self, const struct tlog_tile *tile,
                                   digest hashes[TLOG_TILE_WIDTH], struct error *e) {
    struct ledger_source *source = self;
    char path[LEDGER_PATH_BYTES];
    assert(!tile->is_entries);
    if (tile->width == TLOG_TILE_WIDTH || source->partials_in_files) {
        TRY(ledger_tile_path(source->dir, tile, path, e));
        return ledger_file_get(path, hashes, tile->width * sizeof hashes[0], e);
    }
    if (source->edge != NULL) {
        /* the partial tile of a level is its last one, and `size` is the edge's */
        assert(tile->level < TLOG_TILE_LEVELS);
        assert(tile->index == level_size(source->tiles.size, tile->level) / TLOG_TILE_WIDTH);
        assert(tile->width <= source->edge->levels[tile->level].count);
        memcpy(hashes, source->edge->levels[tile->level].hashes, tile->width * sizeof hashes[0]);
        return OK;
    }
    assert(tile->level >
           0); /* without an edge only sizes that end with a full tile are asked for */
    return tile_from_below(source, tile, hashes, e);
}

void ledger_source_init(struct ledger_source *source, const char *dir,
                        const struct ledger_edge *edge, uint64_t size) {
    source->dir = dir;
    source->edge = edge;
    source->partials_in_files = false;
    source->tiles.read = source_read;
    source->tiles.self = source;
    source->tiles.size = size;
    for (unsigned i = 0; i < COUNT_OF(source->tiles.last); i++) source->tiles.last[i].held = false;
}
