/* A small MaxMind DB, written by the test itself: networks to country codes.
 *
 * An IPv6 tree with records of 24 bits; IPv4 networks lie under ::/96, as readers expect.
 * Source: MaxMind DB File Format Specification 2.0. */
#ifndef AZEKURA_TESTS_GEO_MMDB_MAKE_H
#define AZEKURA_TESTS_GEO_MMDB_MAKE_H

#include "geo/geo.h"
#include "tests/test.h"

enum { MMDB_NODES = 4096, MMDB_CODES = 64 };

struct mmdb_row {
    const char *network, *code; /* code "": an entry without a country */
    bool nested;                /* country.iso_code instead of country_code */
};

struct mmdb_tree {
    uint32_t nodes[MMDB_NODES][2]; /* 0: nothing, n: node n, DATA | i: row i */
    uint32_t count;
};
enum { MMDB_DATA = 1 << 30 };

static inline void mmdb_tree_add(struct mmdb_tree *tree, const struct geo_network *network,
                                 uint32_t row) {
    unsigned char bits[16] = {0};
    unsigned offset = network->base.len == 4 ? 96 : 0;
    memcpy(bits + offset / 8, network->base.at, network->base.len);
    unsigned count = offset + network->bits;
    uint32_t node = 0;
    for (unsigned i = 0; i < count; i++) {
        uint32_t *next = &tree->nodes[node][bits[i / 8] >> (7 - i % 8) & 1];
        if (i + 1 == count) {
            *next = MMDB_DATA | row;
        } else {
            if (*next == 0) *next = tree->count++;
            assert_true(tree->count < MMDB_NODES && (*next & MMDB_DATA) == 0);
            node = *next;
        }
    }
}

static inline void mmdb_text(struct pack *p, const char *text) {
    pack_u8(p, (uint8_t)(2 << 5 | strlen(text))); /* under 29 bytes */
    pack_raw(p, text, strlen(text));
}
static inline void mmdb_u32(struct pack *p, uint32_t v) {
    pack_u8(p, 6 << 5 | 4);
    pack_u32(p, v);
}
static inline void mmdb_u16(struct pack *p, uint16_t v) {
    pack_u8(p, 5 << 5 | 2);
    pack_u16(p, v);
}

static inline void mmdb_metadata(struct pack *p, uint32_t node_count, int64_t built_s) {
    pack_raw(p, "\xab\xcd\xefMaxMind.com", 14);
    pack_u8(p, 7 << 5 | 9);
    mmdb_text(p, "node_count"), mmdb_u32(p, node_count);
    mmdb_text(p, "record_size"), mmdb_u16(p, 24);
    mmdb_text(p, "ip_version"), mmdb_u16(p, 6);
    mmdb_text(p, "database_type"), mmdb_text(p, "test");
    mmdb_text(p, "languages"), pack_u8(p, 0), pack_u8(p, 4);
    mmdb_text(p, "binary_format_major_version"), mmdb_u16(p, 2);
    mmdb_text(p, "binary_format_minor_version"), mmdb_u16(p, 0);
    mmdb_text(p, "build_epoch"), pack_u8(p, 8), pack_u8(p, 2), pack_u64(p, (uint64_t)built_s);
    mmdb_text(p, "description"), pack_u8(p, 7 << 5 | 1);
    mmdb_text(p, "en"), mmdb_text(p, "made by a test");
}

/* Writes the file at `path`. */
static inline void mmdb_make(const char *path, const struct mmdb_row *rows, size_t count,
                             int64_t built_s) {
    static struct mmdb_tree tree;
    static char memory[MMDB_NODES * 6 + 8192];
    uint32_t data_at[MMDB_CODES];
    struct error e;
    tree = (struct mmdb_tree){.count = 1};
    assert_true(count <= MMDB_CODES);
    for (size_t i = 0; i < count; i++) {
        struct geo_network network;
        assert_ok(geo_network_read(str_from_c(rows[i].network), &network, &e), &e);
        mmdb_tree_add(&tree, &network, (uint32_t)i);
    }
    char data_memory[4096];
    struct pack data = pack_into(data_memory, sizeof data_memory);
    for (size_t i = 0; i < count; i++) {
        data_at[i] = (uint32_t)data.len;
        pack_u8(&data, (uint8_t)(7 << 5 | (rows[i].code[0] != 0 ? 1 : 0)));
        if (rows[i].code[0] == 0) continue;
        if (rows[i].nested)
            mmdb_text(&data, "country"), pack_u8(&data, 7 << 5 | 1), mmdb_text(&data, "iso_code");
        else
            mmdb_text(&data, "country_code");
        mmdb_text(&data, rows[i].code);
    }
    struct pack p = pack_into(memory, sizeof memory);
    for (uint32_t n = 0; n < tree.count; n++)
        for (unsigned side = 0; side < 2; side++) {
            uint32_t next = tree.nodes[n][side];
            uint32_t record = next == 0 ? tree.count
                              : next & MMDB_DATA
                                  ? tree.count + 16 + data_at[next & ~(uint32_t)MMDB_DATA]
                                  : next;
            pack_u8(&p, (uint8_t)(record >> 16));
            pack_u16(&p, (uint16_t)record);
        }
    pack_raw(&p, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    pack_raw(&p, data.at, data.len);
    mmdb_metadata(&p, tree.count, built_s);
    assert_false(p.overflow || data.overflow);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fwrite(p.at, 1, p.len, file) == p.len);
    assert_int_equal(fclose(file), 0);
}

#endif
