/* Tile names have one spelling each; bundles hold exactly what they say. Attack row 26. */
#include "tests/test.h"
#include "tlog/tlog.h"

static const struct {
    const char *path;
    bool is_entries;
    unsigned level;
    uint64_t index;
    unsigned width;
} names[] = {
    {"tile/0/000", false, 0, 0, 256},
    {"tile/0/999", false, 0, 999, 256},
    {"tile/0/x001/000", false, 0, 1000, 256},
    {"tile/0/x999/999", false, 0, 999999, 256},
    {"tile/0/x001/x000/000", false, 0, 1000000, 256},
    {"tile/0/x001/x234/067", false, 0, 1234067, 256},
    {"tile/0/273.p/112", false, 0, 273, 112},
    {"tile/63/000.p/255", false, 63, 0, 255},
    {"tile/entries/000.p/1", true, 0, 0, 1},
    {"tile/entries/x001/x234/067.p/8", true, 0, 1234067, 8},
    {"tile/7/x018/x446/x744/x073/x709/x551/615", false, 7, UINT64_MAX, 256},
};

static void names_both_ways(void **state) {
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct tlog_tile tile;
        struct error e;
        assert_ok(tlog_tile_path_parse(str_from_c(names[i].path), &tile, &e), &e);
        assert_row(names[i].path, tile.is_entries == names[i].is_entries);
        assert_row(names[i].path, tile.level == names[i].level);
        assert_row(names[i].path, tile.index == names[i].index);
        assert_row(names[i].path, tile.width == names[i].width);
        char path[TLOG_TILE_PATH_BYTES];
        size_t count = tlog_tile_path_write(&tile, path);
        assert_str(str_of(path, count), str_from_c(names[i].path));
        assert_int_equal(path[count], 0);
    }
}

static void other_names_are_refused(void **state) {
    static const char *const bad[] = {
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "/tile/0/000",
        "tile//000",
        "tile/0/000/",
        "tile/0/x000/000", /* another name of tile/0/000 */
        "tile/0/x000/x001/000",
        "tile/0/x001",
        "tile/0/001/000",
        "tile/0/x001/x002",
        "tile/0/x01/000",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/-01",
        "tile/0/+01",
        "tile/0/ 01",
        "tile/0/0x1",
        "tile/0/X001/000",
        "tile/64/000",
        "tile/00/000",
        "tile/01/000",
        "tile/-1/000",
        "tile/8/data/000",
        "tile/data/000",
        "tile/Entries/000",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",   /* a tile of nothing */
        "tile/0/000.p/256", /* a full tile has no width */
        "tile/0/000.p/257",
        "tile/0/000.p/07",
        "tile/0/000.p/1/",
        "tile/0/000.p/-1",
        "tile/0/000.p/18446744073709551617",
        "tile/0/x000.p/1",
        "tile/0/000.P/1",
        "tile/0/../000",
        "tile/0/x018/x446/x744/x073/x709/x551/616", /* over 2^64-1 */
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct tlog_tile tile;
        struct error e;
        assert_row(bad[i], tlog_tile_path_parse(str_from_c(bad[i]), &tile, &e) == FAIL_SYNTAX);
    }
    struct tlog_tile tile;
    struct error e;
    assert_int_equal(tlog_tile_path_parse(STR("tile/0/0\0"), &tile, &e), FAIL_SYNTAX);
}

/* Source: c2sp.org/tlog-tiles, "Partial Tiles": the examples of 256 and 70,000 entries. */
static void widths(void **state) {
    static const struct {
        const char *name;
        unsigned level;
        uint64_t index, size;
        unsigned width;
    } cases[] = {
        {"nothing", 0, 0, 0, 0},
        {"one entry", 0, 0, 1, 1},
        {"one short of full", 0, 0, 255, 255},
        {"just full", 0, 0, 256, 256},
        {"nothing after just full", 0, 1, 256, 0},
        {"just full rises", 1, 0, 256, 1},
        {"70,000: full", 0, 272, 70000, 256},
        {"70,000: partial", 0, 273, 70000, 112},
        {"70,000: beyond", 0, 274, 70000, 0},
        {"70,000: level 1 full", 1, 0, 70000, 256},
        {"70,000: level 1 partial", 1, 1, 70000, 17},
        {"70,000: level 2", 2, 0, 70000, 1},
        {"70,000: level 3", 3, 0, 70000, 0},
        {"level that shifts everything out", 63, 0, UINT64_MAX, 0},
        {"largest", 7, 0, TLOG_SIZE_MAX, 64},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_row(cases[i].name, tlog_tile_width(cases[i].level, cases[i].index, cases[i].size) ==
                                      cases[i].width);
    assert_int_equal(tlog_tile_count(0, 70000), 274);
    assert_int_equal(tlog_tile_count(1, 70000), 2);
    assert_int_equal(tlog_tile_count(0, 0), 0);
    assert_int_equal(tlog_tile_count(9, 70000), 0);
}

static void bundles_both_ways(void **state) {
    static char memory[3 * 65600], large[65536];
    memset(large, 'x', sizeof large);
    struct pack pack = pack_into(memory, sizeof memory);
    struct error e;
    assert_ok(tlog_bundle_add(&pack, STR("one"), &e), &e);
    assert_ok(tlog_bundle_add(&pack, STR_EMPTY, &e), &e);
    assert_ok(tlog_bundle_add(&pack, str_of(large, 65535), &e), &e);
    assert_int_equal(tlog_bundle_add(&pack, str_of(large, 65536), &e), FAIL_LIMIT);
    str bundle, entries[TLOG_TILE_WIDTH];
    assert_ok(pack_done(&pack, "bundle", &bundle, &e), &e); /* the refused one left no trace */
    assert_int_equal(bundle.len, 2 + 3 + 2 + 2 + 65535);
    assert_ok(tlog_bundle_read(bundle, 3, entries, &e), &e);
    assert_str(entries[0], STR("one"));
    assert_int_equal(entries[1].len, 0);
    assert_int_equal(entries[2].len, 65535);
    assert_int_equal(tlog_bundle_read(bundle, 2, entries, &e), FAIL_SYNTAX);
    assert_int_equal(tlog_bundle_read(bundle, 4, entries, &e), FAIL_SYNTAX);
    for (size_t cut = 1; cut < 12; cut++)
        assert_int_equal(tlog_bundle_read(str_slice(bundle, 0, bundle.len - cut), 3, entries, &e),
                         FAIL_SYNTAX);
    struct pack tight = pack_into(memory, 5);
    assert_int_equal(tlog_bundle_add(&tight, STR("four"), &e), FAIL_LIMIT);
    assert_ok(tlog_bundle_add(&tight, STR("thr"), &e), &e);
}

/* A length that points past the end of the bundle, the largest there is among them. */
static void lengths_over_the_end(void **state) {
    static const struct {
        const char *name;
        str bundle;
    } cases[] = {
        {"half a length", {"\x00", 1}},
        {"length of all", {"\xff\xff", 2}},
        {"length of all, one byte there", {"\xff\xff\x01", 3}},
        {"one byte short", {"\x00\x03\x61\x62", 4}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        str rest = cases[i].bundle, entry;
        struct error e;
        assert_row(cases[i].name, tlog_bundle_next(&rest, &entry, &e) == FAIL_SYNTAX);
        assert_row(cases[i].name, rest.len == cases[i].bundle.len);
    }
}

static void nodes_lie_in_tiles(void **state) {
    static const struct {
        const char *name;
        unsigned level;
        uint64_t index, size;
        unsigned tile_level;
        uint64_t tile_index;
        unsigned width, first, count;
    } cases[] = {
        {"a leaf", 0, 300, 1000, 0, 1, 256, 44, 1},
        {"a leaf of the partial tile", 0, 999, 1000, 0, 3, 232, 231, 1},
        {"four leaves", 2, 75, 1000, 0, 1, 256, 44, 4},
        {"half a tile", 7, 1, 1000, 0, 0, 256, 128, 128},
        {"a whole tile is one hash above", 8, 2, 1000, 1, 0, 3, 2, 1},
        {"largest", 62, 0, TLOG_SIZE_MAX, 7, 0, 64, 0, 64},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct tlog_tile_span span =
            tlog_tile_of_node(cases[i].level, cases[i].index, cases[i].size);
        assert_row(cases[i].name, span.tile.level == cases[i].tile_level);
        assert_row(cases[i].name, span.tile.index == cases[i].tile_index);
        assert_row(cases[i].name, span.tile.width == cases[i].width);
        assert_row(cases[i].name, span.first == cases[i].first);
        assert_row(cases[i].name, span.count == cases[i].count);
        assert_row(cases[i].name, !span.tile.is_entries);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_both_ways),
        cmocka_unit_test(other_names_are_refused),
        cmocka_unit_test(widths),
        cmocka_unit_test(bundles_both_ways),
        cmocka_unit_test(lengths_over_the_end),
        cmocka_unit_test(nodes_lie_in_tiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
