/* The shipped data and the providers' own lists, compiled: every listed network comes out with the region,
 * the country and the law that its list and ours say. Skipped where the lists are not at hand. */
#include "tests/geo/lists.h"

static struct geo_atlas *atlas;
static struct geo_cloud clouds[3];
static struct geo_region *regions;
static size_t region_count;
static bool is_here;

static const char *env(const char *name) {
    const char *value = getenv(name);
    assert_non_null(value);
    return value;
}

static void cloud_take(size_t i, const char *provider, struct arena *arena) {
    char path[512];
    struct error e;
    snprintf(path, sizeof path, "%s/%s.json", env("AZEKURA_CLOUD_LISTS"), provider);
    str bytes = file_bytes(path);
    is_here = bytes.len > 0;
    if (!is_here) return;
    assert_ok(geo_cloud_read(str_from_c(provider), str_from_c(path), bytes, arena, &clouds[i], &e),
              &e);
    assert_int_equal(clouds[i].problems.total, 0);
    free((void *)(uintptr_t)bytes.at);
}

static int make(void **state) {
    static struct arena_space space;
    struct arena arena;
    struct error e;
    static const char *const names[] = {"aws", "azure", "gcp"};
    assert_ok(arena_space_open(&space, 256 << 20, &arena, &e), &e);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        cloud_take(i, names[i], &arena);
        if (!is_here) return 0;
    }
    size_t holder_count;
    regions = regions_read(env("AZEKURA_LISTS"), &arena, &region_count);
    struct geo_holder *holders = holders_read(env("AZEKURA_LISTS"), &arena, &holder_count);
    struct geo_data *data = NULL;
    if (geo_data_open(&(struct geo_data_options){.path = env("AZEKURA_ADDRESS_DATA")}, &data, &e) !=
        OK)
        data = NULL;
    struct geo_atlas_options options = {.data = data,
                                        .clouds = clouds,
                                        .cloud_count = COUNT_OF(clouds),
                                        .regions = regions,
                                        .region_count = region_count,
                                        .holders = holders,
                                        .holder_count = holder_count};
    assert_ok(geo_atlas_build(&options, &atlas, &e), &e);
    geo_data_close(data);
    return 0;
}
static int forget(void **state) {
    geo_atlas_close(atlas);
    return 0;
}

static geo_country country_of(str provider, str code) {
    for (size_t i = 0; i < region_count; i++)
        if (str_equal(regions[i].provider, provider) && str_equal(regions[i].code, code))
            return regions[i].country;
    return (geo_country){{0}};
}

/* The innermost row with a region that holds the address, by asking them all. */
static const struct geo_cloud_place *slow_find(const struct geo_cloud *cloud,
                                               const struct geo_address *address) {
    const struct geo_cloud_place *found = NULL;
    unsigned bits = 0;
    for (size_t i = 0; i < cloud->row_count; i++) {
        const struct geo_cloud_row *row = &cloud->rows[i];
        const struct geo_cloud_place *place = &cloud->places[row->place];
        if (place->region.len == 0 || !geo_network_has(&row->network, address)) continue;
        if (found != NULL && row->network.bits <= bits) continue;
        found = place;
        bits = row->network.bits;
    }
    return found;
}

struct tally {
    size_t rows, many, unknown, foreign_tokyo;
};

static void place_check(const struct geo_cloud *cloud, const struct geo_cloud_place *place,
                        const char *spelled, const struct geo_answer *answer, struct tally *tally) {
    str code = place->zone.len > 0 ? place->zone : place->region;
    geo_country country = country_of(cloud->provider, code);
    assert_row(spelled, str_equal(answer->provider, cloud->provider));
    assert_row(spelled, str_equal(answer->region, place->region));
    assert_row(spelled, str_equal(answer->zone, place->zone));
    assert_row(spelled, answer->is_many == place->is_many);
    assert_row(spelled, geo_country_equal(answer->region_country, country));
    assert_row(spelled, str_equal(geo_country_str(&answer->seat), STR("US")));
    assert_row(spelled, str_equal(answer->region_by->name, cloud->edition.name));
    assert_row(spelled,
               memcmp(&answer->region_by->sha256, &cloud->edition.sha256, DIGEST_BYTES) == 0);
    if (answer->is_many) {
        tally->many++;
        assert_row(spelled, answer->country.at[0] == 0);
    } else if (country.at[0] == 0) {
        tally->unknown++;
    } else {
        assert_row(spelled, answer->basis == GEO_BY_REGION);
        assert_row(spelled, geo_country_equal(answer->country, country));
        if (str_equal(geo_country_str(&country), STR("JP"))) tally->foreign_tokyo++;
    }
}

static void every_listed_network_comes_out_right(void **state) {
    if (!is_here) skip();
    for (size_t c = 0; c < COUNT_OF(clouds); c++) {
        const struct geo_cloud *cloud = &clouds[c];
        struct tally tally = {0};
        for (size_t i = 0; i < cloud->row_count; i++) {
            const struct geo_cloud_row *row = &cloud->rows[i];
            const struct geo_cloud_place *place = &cloud->places[row->place];
            char spelled[GEO_TEXT_BYTES];
            struct geo_answer answer;
            if (place->region.len == 0) continue;
            geo_network_write(&row->network, spelled);
            geo_atlas_find(atlas, &row->network.base, &answer);
            /* Another row may begin where this one does, and lie inside it. */
            if (!str_equal(answer.region, place->region) || !str_equal(answer.zone, place->zone))
                place = slow_find(cloud, &row->network.base);
            place_check(cloud, place, spelled, &answer, &tally);
            tally.rows++;
        }
        print_message("%.*s: %zu networks with a region, %zu of many places, %zu in a region whose "
                      "country is not listed, %zu inside Japan by place and US by law\n",
                      STR_FMT(cloud->edition.name), tally.rows, tally.many, tally.unknown,
                      tally.foreign_tokyo);
        assert_true(tally.rows > 400);
        assert_int_equal(tally.unknown, 0);
    }
}

static void a_part_of_tokyos_region_stands_in_taipei(void **state) {
    if (!is_here) skip();
    size_t seen = 0;
    for (size_t i = 0; i < clouds[0].row_count; i++) {
        const struct geo_cloud_row *row = &clouds[0].rows[i];
        struct geo_answer answer;
        if (!str_equal(clouds[0].places[row->place].zone, STR("ap-northeast-1-tpe-1"))) continue;
        geo_atlas_find(atlas, &row->network.base, &answer);
        assert_str(answer.region, STR("ap-northeast-1"));
        assert_str(geo_country_str(&answer.country), STR("TW"));
        seen++;
    }
    assert_true(seen > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_listed_network_comes_out_right),
        cmocka_unit_test(a_part_of_tokyos_region_stands_in_taipei),
    };
    return cmocka_run_group_tests(tests, make, forget);
}
