/* The shipped lists as the rows that the compiled table wants, read from register-data/ itself. */
#ifndef AZEKURA_TESTS_GEO_LISTS_H
#define AZEKURA_TESTS_GEO_LISTS_H

#include "doc/doc.h"
#include "geo/geo.h"
#include "tests/test.h"

static inline str file_bytes(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) return STR_EMPTY;
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    assert_true(size >= 0);
    rewind(file);
    char *bytes = malloc((size_t)size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)size, file), (size_t)size);
    fclose(file);
    return str_of(bytes, (size_t)size);
}

/* The rows of a list; each a list of cells. The bytes are never freed: a test ends soon. */
static inline const struct doc_node *list_rows(const char *path, struct arena *arena) {
    static unsigned char memory[4 << 20];
    struct doc doc;
    struct error e;
    const struct doc_node *rows;
    str bytes = file_bytes(path);
    assert_true(bytes.len > 0);
    assert_ok(
        doc_read_yaml(str_from_c(path), bytes, arena, arena_over(memory, sizeof memory), &doc, &e),
        &e);
    free((void *)(uintptr_t)bytes.at);
    assert_ok(doc_map_get(doc.documents[0], STR("rows"), &rows, &e), &e);
    return rows;
}

static inline geo_country country_at(str code) {
    geo_country country = {{0}};
    assert_true(code.len == 0 || geo_country_read(code, &country));
    return country;
}

/* Columns of regions.yaml: id, provider, region, country, named. */
static inline struct geo_region *regions_read(const char *folder, struct arena *arena,
                                              size_t *count) {
    char path[512];
    snprintf(path, sizeof path, "%s/regions.yaml", folder);
    const struct doc_node *rows = list_rows(path, arena);
    struct geo_region *regions = arena_new(arena, struct geo_region, rows->count);
    for (size_t i = 0; i < rows->count; i++) {
        const struct doc_node *const *cells = rows->items[i]->items;
        regions[i] = (struct geo_region){.provider = cells[1]->text,
                                         .code = cells[2]->text,
                                         .named = cells[4]->text,
                                         .country = country_at(cells[3]->text)};
    }
    *count = rows->count;
    return regions;
}

/* Columns of networks.yaml: id, asn, provider, organisation, seat, parent, kind. */
static inline struct geo_holder *holders_read(const char *folder, struct arena *arena,
                                              size_t *count) {
    char path[512];
    snprintf(path, sizeof path, "%s/networks.yaml", folder);
    const struct doc_node *rows = list_rows(path, arena);
    struct geo_holder *holders = arena_new(arena, struct geo_holder, rows->count);
    for (size_t i = 0; i < rows->count; i++) {
        const struct doc_node *const *cells = rows->items[i]->items;
        holders[i] = (struct geo_holder){.provider = cells[2]->text,
                                         .seat = country_at(cells[4]->text),
                                         .parent = country_at(cells[5]->text),
                                         .is_many = str_equal(cells[6]->text, STR("anycast")),
                                         .is_edge = str_equal(cells[6]->text, STR("cache"))};
        assert_true(str_u32(cells[1]->text, &holders[i].asn));
    }
    *count = rows->count;
    return holders;
}

#endif
