/* Tiles: names, widths, entry bundles, and nodes folded out of tiles. */
#include "tlog/tile.h"

#include "tlog/line.h"

/* ---- names. Reader and writer together: what one writes the other reads, and nothing else. */

size_t tlog_tile_path_write(const struct tlog_tile *tile, char out[TLOG_TILE_PATH_BYTES]) {
    assert(tile->level < 64);
    assert(tile->width >= 1);
    assert(tile->width <= TLOG_TILE_WIDTH);
    struct text t = text_into(out, TLOG_TILE_PATH_BYTES - 1);
    if (tile->is_entries) {
        text_add(&t, STR("tile/entries/"));
    } else {
        text_format(&t, "tile/%u/", tile->level);
    }
    uint64_t divisor = 1;
    while (tile->index / divisor >= 1000) divisor *= 1000;
    for (; divisor > 1; divisor /= 1000)
        text_format(&t, "x%03u/", (unsigned)(tile->index / divisor % 1000));
    text_format(&t, "%03u", (unsigned)(tile->index % 1000));
    if (tile->width < TLOG_TILE_WIDTH) text_format(&t, ".p/%u", tile->width);
    assert(!t.overflow);
    out[t.len] = 0;
    return t.len;
}

/* Three digits off *rest. */
static bool group_take(str *rest, unsigned *out) {
    if (rest->len < 3) return false;
    uint64_t value;
    if (!str_u64(str_slice(*rest, 0, 3), &value)) return false;
    *out = (unsigned)value;
    *rest = str_skip(*rest, 3);
    return true;
}

static bool index_take(str *rest, uint64_t *out) {
    uint64_t index = 0;
    for (unsigned groups = 0;; groups++) {
        bool more = str_starts(*rest, STR("x"));
        if (more) *rest = str_skip(*rest, 1);
        unsigned group;
        if (!group_take(rest, &group)) return false;
        if (more && groups == 0 && group == 0) return false; /* x000/…: a longer name of another */
        if (!u64_mul(index, 1000, &index) || !u64_add(index, group, &index)) return false;
        if (!more) break;
        if (!str_starts(*rest, STR("/"))) return false;
        *rest = str_skip(*rest, 1);
    }
    *out = index;
    return true;
}

static bool tile_parse(str rest, struct tlog_tile *out) {
    struct tlog_tile tile = {.width = TLOG_TILE_WIDTH};
    str head;
    if (!str_cut(&rest, '/', &head) || !str_equal(head, STR("tile"))) return false;
    if (!str_cut(&rest, '/', &head)) return false;
    tile.is_entries = str_equal(head, STR("entries"));
    uint64_t level = 0;
    if (!tile.is_entries && (!line_decimal(head, &level) || level > 63)) return false;
    tile.level = (unsigned)level;
    if (!index_take(&rest, &tile.index)) return false;
    if (rest.len > 0) {
        uint64_t width;
        if (!str_starts(rest, STR(".p/"))) return false;
        if (!line_decimal(str_skip(rest, 3), &width)) return false;
        if (width < 1 || width >= TLOG_TILE_WIDTH) return false;
        tile.width = (unsigned)width;
    }
    *out = tile;
    return true;
}

enum error_code tlog_tile_path_parse(str path, struct tlog_tile *out, struct error *e) {
    if (!tile_parse(path, out))
        return error_set(e, FAIL_SYNTAX, "\"%.*s\" is not the name of a tile",
                         (int)size_min(path.len, TLOG_TILE_PATH_BYTES), path.at ? path.at : "");
    return OK;
}

/* ---- sizes */

static uint64_t level_hashes(unsigned level, uint64_t size) {
    return level >= TLOG_TILE_LEVELS ? 0 : size >> (TLOG_TILE_HEIGHT * level);
}

unsigned tlog_tile_width(unsigned level, uint64_t index, uint64_t size) {
    uint64_t hashes = level_hashes(level, size), full = hashes / TLOG_TILE_WIDTH;
    if (index < full) return TLOG_TILE_WIDTH;
    return index == full ? (unsigned)(hashes % TLOG_TILE_WIDTH) : 0;
}

uint64_t tlog_tile_count(unsigned level, uint64_t size) {
    uint64_t hashes = level_hashes(level, size);
    return hashes / TLOG_TILE_WIDTH + (hashes % TLOG_TILE_WIDTH != 0);
}

/* ---- bundles */

enum error_code tlog_bundle_add(struct pack *bundle, str entry, struct error *e) {
    if (entry.len > TLOG_ENTRY_BYTES_MAX)
        return error_set(e, FAIL_LIMIT, "an entry of %zu bytes is over %d", entry.len,
                         TLOG_ENTRY_BYTES_MAX);
    if (bundle->overflow || bundle->cap - bundle->len < 2 + entry.len)
        return error_set(e, FAIL_LIMIT, "the bundle has no room for %zu bytes more", entry.len);
    pack_u16(bundle, (uint16_t)entry.len);
    pack_raw(bundle, entry.at, entry.len);
    return OK;
}

enum error_code tlog_bundle_next(str *rest, str *entry, struct error *e) {
    if (rest->len < 2) return error_set(e, FAIL_SYNTAX, "the bundle ends inside a length");
    size_t length = read_be16(rest->at);
    if (rest->len - 2 < length)
        return error_set(e, FAIL_SYNTAX, "the bundle ends inside an entry of %zu bytes", length);
    *entry = str_slice(*rest, 2, length);
    *rest = str_skip(*rest, 2 + length);
    return OK;
}

enum error_code tlog_bundle_read(str bundle, unsigned count, str entries[TLOG_TILE_WIDTH],
                                 struct error *e) {
    assert(count <= TLOG_TILE_WIDTH);
    for (unsigned i = 0; i < count; i++) TRY(tlog_bundle_next(&bundle, &entries[i], e));
    if (bundle.len > 0)
        return error_set(e, FAIL_SYNTAX, "the bundle has %zu bytes after its %u entries",
                         bundle.len, count);
    return OK;
}

/* ---- nodes */

struct tlog_tile_span tlog_tile_of_node(unsigned level, uint64_t index, uint64_t size) {
    unsigned tile_level = level / TLOG_TILE_HEIGHT, within = level % TLOG_TILE_HEIGHT;
    assert(index < size >> level);
    uint64_t hash = index << within;
    struct tlog_tile_span span = {
        .tile = {.level = tile_level, .index = hash / TLOG_TILE_WIDTH},
        .first = (unsigned)(hash % TLOG_TILE_WIDTH),
        .count = 1U << within,
    };
    span.tile.width = tlog_tile_width(tile_level, span.tile.index, size);
    assert(span.first + span.count <= span.tile.width);
    return span;
}

static bool tile_equal(const struct tlog_tile *a, const struct tlog_tile *b) {
    return a->is_entries == b->is_entries && a->level == b->level && a->index == b->index &&
           a->width == b->width;
}

static enum error_code tiles_node_read(void *self, unsigned level, uint64_t index, digest *out,
                                       struct error *e) {
    struct tlog_tiles *tiles = self;
    struct tlog_tile_span span = tlog_tile_of_node(level, index, tiles->size);
    assert(span.tile.level < TLOG_TILE_LEVELS);
    digest *hashes = tiles->last[span.tile.level].hashes;
    if (!tiles->last[span.tile.level].held ||
        !tile_equal(&tiles->last[span.tile.level].tile, &span.tile)) {
        tiles->last[span.tile.level].held = false;
        TRY(tiles->read(tiles->self, &span.tile, hashes, e));
        tiles->last[span.tile.level].held = true;
        tiles->last[span.tile.level].tile = span.tile;
    }
    *out = tlog_root_of(hashes + span.first, span.count);
    return OK;
}

struct tlog_nodes tlog_tiles_nodes(struct tlog_tiles *tiles) {
    return (struct tlog_nodes){.read = tiles_node_read, .self = tiles};
}
