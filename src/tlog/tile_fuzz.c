/* Any bytes as the name of a tile: a name that is accepted is the only one of its tile. Bytes that
 * cannot begin a name are numbers: the tiles of a log of that size hold each of its nodes, and proofs
 * made out of tiles verify. */
#include "tlog/tlog.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count);

enum { LEAVES = 700 }; /* three tiles of leaves, one of what is above */

static void only_name(str path) {
    struct tlog_tile tile;
    char again[TLOG_TILE_PATH_BYTES];
    if (tlog_tile_path_parse(path, &tile, NULL) != OK) return;
    assert(str_equal(str_of(again, tlog_tile_path_write(&tile, again)), path));
}

static void tiles_hold_nodes(uint64_t size, unsigned level, uint64_t index) {
    char name[TLOG_TILE_PATH_BYTES];
    struct tlog_tile tile;
    unsigned tile_level = level / TLOG_TILE_HEIGHT;
    uint64_t tiles = tlog_tile_count(tile_level, size);
    assert(tlog_tile_width(tile_level, tiles, size) == 0);
    if (tiles > 0) {
        unsigned last = tlog_tile_width(tile_level, tiles - 1, size);
        assert(last > 0 && last <= TLOG_TILE_WIDTH);
        assert((tiles - 1) * TLOG_TILE_WIDTH + last == size >> (TLOG_TILE_HEIGHT * tile_level));
    }
    if (size >> level == 0) return;
    struct tlog_tile_span span = tlog_tile_of_node(level, index % (size >> level), size);
    assert(span.tile.level == tile_level && span.tile.index < tiles);
    str path = str_of(name, tlog_tile_path_write(&span.tile, name));
    assert(tlog_tile_path_parse(path, &tile, NULL) == OK);
    assert(tile.level == span.tile.level && tile.index == span.tile.index);
    assert(tile.width == span.tile.width && !tile.is_entries);
}

static digest leaves[LEAVES], above[LEAVES / TLOG_TILE_WIDTH];
static enum error_code tile_read(void *self, const struct tlog_tile *tile,
                                 digest hashes[TLOG_TILE_WIDTH], struct error *e) {
    (void)self, (void)e;
    const digest *level = tile->level == 0 ? leaves : above;
    memcpy(hashes, level + tile->index * TLOG_TILE_WIDTH, tile->width * sizeof *hashes);
    return OK;
}

static void leaves_make(void) {
    for (size_t i = 0; i < LEAVES; i++) leaves[i] = tlog_leaf_hash(str_of(&i, sizeof i));
    for (size_t i = 0; i < COUNT_OF(above); i++)
        above[i] = tlog_root_of(leaves + i * TLOG_TILE_WIDTH, TLOG_TILE_WIDTH);
}

static void proofs_verify(uint64_t size, uint64_t old_size, uint64_t index) {
    static struct tlog_tiles tiles;
    struct tlog_path path;
    digest root, old_root;
    if (leaves[0].at[0] == 0) leaves_make();
    tiles = (struct tlog_tiles){.read = tile_read, .size = size};
    struct tlog_nodes nodes = tlog_tiles_nodes(&tiles);
    assert(tlog_root_make(&nodes, size, &root, NULL) == OK);
    assert(tlog_root_make(&nodes, old_size, &old_root, NULL) == OK);
    assert(tlog_inclusion_make(&nodes, index, size, &path, NULL) == OK);
    assert(tlog_inclusion_verify(index, size, &leaves[index], &path, &root, NULL) == OK);
    assert(tlog_consistency_make(&nodes, old_size, size, &path, NULL) == OK);
    assert(tlog_consistency_verify(old_size, &old_root, size, &root, &path, NULL) == OK);
    old_root.at[0] ^= 1;
    assert(tlog_consistency_verify(old_size, &old_root, size, &root, &path, NULL) != OK);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count) {
    only_name(str_of(bytes, count));
    if (count < 17 || bytes[0] > 62) return 0;
    uint64_t a = read_be64(bytes + 1), b = read_be64(bytes + 9);
    tiles_hold_nodes(a % TLOG_SIZE_MAX, bytes[0], b);
    if (bytes[0] > 0) return 0; /* some hundred hashes: not for each input */
    uint64_t size = 1 + a % LEAVES;
    proofs_verify(size, b % (size + 1), b / LEAVES % size);
    return 0;
}
