/* Tiles: 256 hashes, or 256 entries, under a name that says which.
 *
 *   tile/<L>/<N>[.p/<W>]         hashes of tree level 8 * L, numbers N * 256 ...
 *   tile/entries/<N>[.p/<W>]     the entries themselves, a u16 length before each
 *
 * N is in groups of three digits, all but the last after an "x": 1234067 is x001/x234/067. A tile
 * that is not full bears its width W, 1..255.
 * Source: c2sp.org/tlog-tiles. */
#ifndef AZEKURA_TLOG_TILE_H
#define AZEKURA_TLOG_TILE_H

#include "tlog/tree.h"

enum {
    TLOG_TILE_WIDTH = 256,
    TLOG_TILE_HEIGHT = 8,
    TLOG_TILE_BYTES = TLOG_TILE_WIDTH * DIGEST_BYTES,
    TLOG_TILE_LEVELS = 8,        /* tile levels that a tree of TLOG_SIZE_MAX leaves has */
    TLOG_TILE_PATH_BYTES = 64,   /* the longest name and its closing zero fit */
    TLOG_ENTRY_BYTES_MAX = 65535 /* the length before an entry is a u16 */
};

struct tlog_tile {
    bool is_entries; /* then level is 0 */
    unsigned level;  /* 0..63 */
    uint64_t index;
    unsigned width; /* 1..256; 256: full */
};

/* The name, closed with a zero; returns its length without that. */
size_t tlog_tile_path_write(const struct tlog_tile *tile, char out[TLOG_TILE_PATH_BYTES]);
/* Strict: every tile has exactly one name, and nothing else is one (no leading "x000", no ".p/0",
 * ".p/256" or ".p/07", no level 64). FAIL_SYNTAX. */
enum error_code tlog_tile_path_parse(str path, struct tlog_tile *out, struct error *e) MUST_USE;

/* How many hashes tile (level, index) has in a log of `size` entries: 0 (no such tile) .. 256.
 * Entry bundles have the width of the level-0 tile of the same index. */
unsigned tlog_tile_width(unsigned level, uint64_t index, uint64_t size);
/* How many tiles level `level` has at this size, a partial one counted. */
uint64_t tlog_tile_count(unsigned level, uint64_t size);

/* ---- entry bundles */

/* Appends u16 length and entry. FAIL_LIMIT when the entry is over 65,535 bytes or does not fit. */
enum error_code tlog_bundle_add(struct pack *bundle, str entry, struct error *e) MUST_USE;
/* Takes the next entry off *rest. FAIL_SYNTAX when it is cut short; check rest->len before. */
enum error_code tlog_bundle_next(str *rest, str *entry, struct error *e) MUST_USE;
/* Exactly `count` entries (views into the bundle) and no byte more. FAIL_SYNTAX otherwise. */
enum error_code tlog_bundle_read(str bundle, unsigned count, str entries[TLOG_TILE_WIDTH],
                                 struct error *e) MUST_USE;

/* ---- nodes out of tiles, for proofs */

/* Where the hash of tree node (level, index) lies in a log of `size`: in which tile, and which of
 * its hashes fold to it. */
struct tlog_tile_span {
    struct tlog_tile tile;
    unsigned first, count; /* hashes of the tile; count is a power of two */
};
/* Asserts that the node is complete at `size`. */
struct tlog_tile_span tlog_tile_of_node(unsigned level, uint64_t index, uint64_t size);

/* A source of tiles; `read` gives tile->width hashes. The adapter remembers the last tile of each
 * level, so that the nodes of one proof cost one read a level; it checks nothing of what it reads:
 * verify the proof that comes out when the source is not trusted. */
struct tlog_tiles {
    enum error_code (*read)(void *self, const struct tlog_tile *tile,
                            digest hashes[TLOG_TILE_WIDTH], struct error *e);
    void *self;
    uint64_t size; /* of the log whose tiles these are */
    struct {
        bool held;
        struct tlog_tile tile;
        digest hashes[TLOG_TILE_WIDTH];
    } last[TLOG_TILE_LEVELS];
};
/* The nodes of these tiles; borrows `tiles`. About 64 KiB: keep it in an arena, not on a stack. */
struct tlog_nodes tlog_tiles_nodes(struct tlog_tiles *tiles);

#endif
