/* The providers' own lists as the truth that a survey without them is held against. */
#ifndef AZEKURA_TESTS_SURVEY_TRUTH_H
#define AZEKURA_TESTS_SURVEY_TRUTH_H

#include <fcntl.h>

#include "base/disk.h"
#include "survey/case.h"
#include "tests/test.h"

struct truth_row {
    struct geo_network network;
    geo_country country; /* zero: of many places, or in a region whose country nobody knows */
};
struct truth {
    const char *provider;
    struct truth_row *rows;
    size_t count;
};

static inline const char *truth_env(const char *name) {
    const char *value = getenv(name);
    assert_non_null(value);
    return value;
}

static inline geo_country truth_country(const struct survey_world *world, str provider,
                                        const struct geo_cloud_place *place) {
    str code = place->zone.len > 0 ? place->zone : place->region;
    for (size_t i = 0; !place->is_many && i < world->region_count; i++)
        if (str_equal(world->regions[i].provider, provider) &&
            str_equal_nocase(world->regions[i].code, code))
            return world->regions[i].country;
    return (geo_country){{0}};
}

static inline int truth_compare(const void *left, const void *right) {
    return memcmp(left, right, sizeof(struct truth_row));
}

/* Each listed network once. False: the list is not at hand. */
static inline bool truth_read(const struct survey_world *world, const char *provider,
                              struct arena *arena, struct truth *out) {
    char path[512];
    str bytes;
    struct geo_cloud cloud;
    struct error e;
    snprintf(path, sizeof path, "%s/%s.json", truth_env("AZEKURA_CLOUD_LISTS"), provider);
    if (disk_file_read(AT_FDCWD, path, 64 << 20, arena, &bytes, &e) != OK) return false;
    assert_ok(geo_cloud_read(str_from_c(provider), str_from_c(path), bytes, arena, &cloud, &e), &e);
    *out = (struct truth){provider, arena_new(arena, struct truth_row, cloud.row_count), 0};
    for (size_t i = 0; i < cloud.row_count; i++) {
        const struct geo_cloud_place *place = &cloud.places[cloud.rows[i].place];
        if (place->region.len == 0) continue;
        out->rows[out->count++] = (struct truth_row){
            cloud.rows[i].network, truth_country(world, str_from_c(provider), place)};
    }
    qsort(out->rows, out->count, sizeof *out->rows, truth_compare);
    size_t kept = 0;
    for (size_t i = 0; i < out->count; i++)
        if (kept == 0 || truth_compare(&out->rows[i], &out->rows[kept - 1]) != 0)
            out->rows[kept++] = out->rows[i];
    out->count = kept;
    return true;
}

#endif
