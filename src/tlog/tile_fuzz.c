/* Any bytes as the name of a tile: a name that is accepted is the only one of its tile. */
#include "tlog/tlog.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count) {
    struct tlog_tile tile;
    char path[TLOG_TILE_PATH_BYTES];
    if (tlog_tile_path_parse(str_of(bytes, count), &tile, NULL) != OK) return 0;
    assert(str_equal(str_of(path, tlog_tile_path_write(&tile, path)), str_of(bytes, count)));
    return 0;
}
