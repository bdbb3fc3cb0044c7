/* Maps of single hazards: what they say of a place, what they leave unknown, and official files read to them. */
#include <math.h>
#include <stdio.h>

#include "base/disk.h"
#include "base/limits.h"
#include "siting/collection.h"
#include "tests/siting/model.h"

#include <fcntl.h>

static const struct siting_site sendai = {
    .id = {"sendai", 6}, .has_point = true, .point = {38.268737, 140.872183}};
static const struct siting_site tokyo = {
    .id = {"tokyo", 5}, .has_point = true, .point = {35.689185, 139.691648}};
static const struct siting_site somewhere = {.id = {"somewhere", 9}};

static const char maps[] = "hazards:\n"
                           "- name: flood_depth\n"
                           "  unit: m\n"
                           "  source: a survey\n"
                           "  mapped: {type: Polygon, coordinates: [[[140, 38], [141, 38], [141, "
                           "39], [140, 39], [140, 38]]]}\n"
                           "  outside: 0\n"
                           "  values:\n"
                           "  - {low: 0.5, high: 3, circle: {lat: 38.9, lon: 140.9, km: 5}}\n"
                           "- name: flood_depth\n"
                           "  unit: m\n"
                           "  source: another\n"
                           "  values:\n"
                           "  - {low: 5, circle: {lat: 35.689, lon: 139.691, km: 5}}\n"
                           "  - {value: 1, site: somewhere}\n"
                           "- name: quake_30y\n"
                           "  unit: '%'\n"
                           "  values:\n"
                           "  - {mesh: 53394525, value: 48}\n"
                           "  - {mesh: 5339452532, value: 47.2}\n";

static void a_map_says_what_it_covers_and_no_more(void **state) {
    struct arena arena = arena_over(model_memory, sizeof model_memory);
    struct siting_model model = model_of(maps, &arena);
    struct siting_told told;
    assert_int_equal(model.hazard_count, 3);
    assert_true(siting_hazard_at(&model, STR("flood_depth"), &sendai, &told));
    assert_true(told.low == 0 && told.high == 0); /* somebody looked, and it is dry */
    assert_str(told.from->source, STR("a survey"));
    assert_true(siting_hazard_at(&model, STR("flood_depth"), &tokyo, &told));
    assert_true(told.low == 5 && isinf(told.high)); /* 5 m or more */
    assert_true(siting_hazard_at(&model, STR("flood_depth"), &somewhere, &told));
    assert_true(told.low == 1 && told.high == 1); /* by name: it has no place */
    assert_false(
        siting_hazard_at(&model, STR("quake_30y"), &sendai, &told)); /* blank is not safe */
    assert_false(siting_hazard_at(&model, STR("tsunami_depth"), &sendai, &told));
    assert_true(siting_hazard_at(&model, STR("quake_30y"), &tokyo, &told));
    assert_true(told.low == 48 && told.high == 48); /* the worst of what holds it */
}

#define V "values: [{value: 1, site: a}]"
static const struct {
    const char *yaml, *message;
} mistakes[] = {
    {"hazards:\n- {unit: m, " V "}\n", "expected the key \"name\""},
    {"hazards:\n- {name: h}\n", "expected the key \"values\""},
    {"hazards:\n- {name: h, unit: feet, " V "}\n",
     "expected m, km or %, or no unit, found \"feet\""},
    {"hazards:\n- {name: h, outside: 0, " V "}\n", "mapped and outside go together"},
    {"hazards:\n- {name: h, values: [{value: 1}]}\n", "events.yaml:2:22: a value needs one place"},
    {"hazards:\n- {name: h, values: [{value: 1, site: a, mesh: 5339}]}\n",
     "a value needs one place"},
    {"hazards:\n- {name: h, values: [{site: a}]}\n", "a value needs either value, or low"},
    {"hazards:\n- {name: h, values: [{value: 1, high: 2, site: a}]}\n",
     "a value needs either value"},
    {"hazards:\n- {name: h, values: [{low: 3, high: 2, site: a}]}\n",
     "a low end of 3 above the high one of 2"},
    {"hazards:\n- {name: h, values: [{value: deep, site: a}]}\n",
     "expected a number, found \"deep\""},
    {"hazards:\n- {name: h, values: [{value: 1, mesh: 533}]}\n", "expected a grid square code"},
    {"hazards:\n- {name: h, unit: m, " V "}\n- {name: h, unit: km, " V "}\n",
     "\"h\" is in \"km\" here and in \"m\" elsewhere"},
    {"hazards:\n- {name: h, colour: red, " V "}\n", "expected one of name, unit"},
    {"hazards: h\n", "expected a list of maps"},
};

static void each_mistake_of_a_map_has_its_message(void **state) {
    for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
        struct arena arena = arena_over(model_memory, sizeof model_memory);
        struct siting_model model;
        struct error e;
        assert_int_equal(model_try(mistakes[i].yaml, &arena, &model, &e), FAIL_SYNTAX);
        if (strstr(e.message, mistakes[i].message) == NULL)
            fail_msg("%s\ngave \"%s\"", mistakes[i].yaml, e.message);
    }
}

/* ---- official files ---- */

static char values[1 << 20], written[1 << 21];

static enum error_code read_official(enum siting_official_kind kind, const char *file, str bytes,
                                     struct siting_official *o, struct error *e) {
    static const struct siting_site both[2] = {
        {.id = {"sendai", 6}, .has_point = true, .point = {38.268737, 140.872183}},
        {.id = {"tokyo", 5}, .has_point = true, .point = {35.689185, 139.691648}}};
    static char memory[4096];
    static struct text kept;
    struct arena arena = arena_over(memory, sizeof memory);
    kept = text_into(values, sizeof values);
    TRY(siting_official_begin(kind, both, 2, &arena, &kept, o, e));
    return siting_official_read(o, str_from_c(file), bytes,
                                arena_over(model_scratch, sizeof model_scratch), e);
}

static str fixture(const char *name) {
    static char memory[1 << 16];
    struct arena arena = arena_over(memory, sizeof memory);
    char path[512];
    str bytes;
    struct error e;
    snprintf(path, sizeof path, "%s/%s", TEST_HAZARDS, name);
    assert_ok(disk_file_read(AT_FDCWD, path, 1 << 15, &arena, &bytes, &e), &e);
    return bytes;
}

static const struct {
    enum siting_official_kind kind;
    const char *file;
    uint64_t features;
    bool sendai, tokyo;
    double low, high; /* of the one that is known */
} files[] = {
    {SITING_QUAKE, "P-Y2024-MAP-AVR-TTL_MTTL-5740.csv", 4, true, false, 7.6, 7.6},
    {SITING_QUAKE, "meshinfo.geojson", 1, false, true, 47.23, 47.23},
    {SITING_FLOOD, "A31a-20-25_04.geojson", 3, true, false, 3, 5}, /* the deeper of two */
    {SITING_TSUNAMI, "A40-16_04.geojson", 2, true, false, 0.3, 1},
    {SITING_LANDSLIDE, "A33-25_04.geojson", 3, true, false, 2,
     2}, /* special, though not designated */
};

static void official_files_say_what_they_say_of_a_site(void **state) {
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        struct siting_official o;
        struct error e;
        str bytes = fixture(files[i].file);
        assert_ok(read_official(files[i].kind, files[i].file, bytes, &o, &e), &e);
        if (o.features != files[i].features || o.worst[0].is_known != files[i].sendai ||
            o.worst[1].is_known != files[i].tokyo)
            fail_msg("%s: %llu features, %d %d", files[i].file, (unsigned long long)o.features,
                     o.worst[0].is_known, o.worst[1].is_known);
        size_t at = files[i].sendai ? 0 : 1;
        if (fabs(o.worst[at].low - files[i].low) > 1e-9 ||
            fabs(o.worst[at].high - files[i].high) > 1e-9)
            fail_msg("%s: %g to %g", files[i].file, o.worst[at].low, o.worst[at].high);
    }
}

static void what_is_written_is_read_again_with_edition_and_licence(void **state) {
    struct siting_official o;
    struct error e;
    struct text out = text_into(written, sizeof written);
    const struct siting_official_head head = {.edition = STR("A31a-25 \"largest\""),
                                              .licence = STR("CC BY 4.0")};
    assert_ok(read_official(SITING_FLOOD, "a.geojson", fixture("A31a-20-25_04.geojson"), &o, &e),
              &e);
    assert_ok(siting_official_write(&o, &head, &out, &e), &e);
    written[out.len] = 0;
    struct arena arena = arena_over(model_memory, sizeof model_memory);
    struct siting_model model = model_of(written, &arena);
    struct siting_told told;
    assert_int_equal(model.hazard_count, 1);
    assert_str(model.hazards[0].edition, STR("A31a-25 \"largest\""));
    assert_str(model.hazards[0].licence, STR("CC BY 4.0"));
    assert_true(siting_hazard_at(&model, STR("flood_depth"), &sendai, &told));
    assert_true(told.low == 3 && told.high == 5);
    assert_false(siting_hazard_at(&model, STR("flood_depth"), &tokyo, &told));
    struct siting_site moved = sendai;
    moved.point.lat_deg += 0.01;
    assert_false(siting_hazard_at(&model, STR("flood_depth"), &moved, &told)); /* asked anew */
}

/* Two polygons, one with a hole, of 400,000 positions together: over a tree's limit, which ended an import. */
static void a_feature_larger_than_a_tree_is_read(void **state) {
    enum { POSITIONS = 200000, BYTES = 32 << 20 };
    static char text[BYTES], memory[192 << 20];
    static const struct siting_site places[] = {
        {.id = {"inside", 6}, .has_point = true, .point = {38.5, 140.5}},
        {.id = {"hole", 4}, .has_point = true, .point = {38, 140}},
        {.id = {"second", 6}, .has_point = true, .point = {38, 145}},
        {.id = {"outside", 7}, .has_point = true, .point = {36, 140}}};
    struct text out = text_into(text, sizeof text);
    text_add_c(
        &out,
        "{\"type\": \"FeatureCollection\", \"features\": [{\"geometry\": {\"coordinates\": [");
    for (size_t polygon = 0; polygon < 2; polygon++) {
        text_add_c(&out, polygon > 0 ? "],\n[[" : "[[");
        for (size_t i = 0; i <= POSITIONS; i++) {
            double angle = 2 * 3.14159265358979 * (double)(i % POSITIONS) / POSITIONS;
            text_format(&out, "%s[%.9f, %.9f]", i > 0 ? "," : "",
                        140 + 5 * (double)polygon + cos(angle), 38 + sin(angle));
        }
        text_add_c(&out, "]");
        if (polygon == 0)
            text_add_c(&out,
                       ", [[139.9,37.9],[140.1,37.9],[140.1,38.1,0],[139.9,38.1],[139.9,37.9]]");
    }
    size_t at_end = out.len;
    text_add_c(&out, "]], \"type\": \"MultiPolygon\"}, \"type\": \"Feature\", \"properties\": "
                     "{\"A31a_205\": 3}}]}");
    assert_false(out.overflow);
    for (int is_wrong = 0; is_wrong < 2; is_wrong++) {
        struct arena arena = arena_over(memory, 4096),
                     scratch = arena_over(memory + 4096, sizeof memory - 4096);
        struct text kept = text_into(values, sizeof values);
        struct siting_official o;
        struct error e;
        if (is_wrong) text[at_end - 1] = ' '; /* the last ring does not end */
        assert_ok(siting_official_begin(SITING_FLOOD, places, 4, &arena, &kept, &o, &e), &e);
        enum error_code code =
            siting_official_read(&o, STR("a.geojson"), text_str(&out), scratch, &e);
        assert_int_equal(code, is_wrong ? FAIL_SYNTAX : OK);
        if (is_wrong) break;
        assert_true(o.worst[0].is_known && o.worst[2].is_known);
        assert_true(!o.worst[1].is_known && !o.worst[3].is_known);
        assert_true(o.worst[0].low == 3 && o.worst[0].high == 5);
    }
}

static void without_sites_all_shapes_are_kept(void **state) {
    struct siting_official o;
    struct error e;
    char memory[64];
    struct arena none = arena_over(memory, sizeof memory);
    struct text kept = text_into(values, sizeof values), out = text_into(written, sizeof written);
    const struct siting_official_head head = {.edition = STR("1"), .licence = STR("any")};
    assert_ok(siting_official_begin(SITING_FLOOD, NULL, 0, &none, &kept, &o, &e), &e);
    assert_ok(siting_official_read(&o, STR("a.geojson"), fixture("A31a-20-25_04.geojson"),
                                   arena_over(model_scratch, sizeof model_scratch), &e),
              &e);
    assert_ok(siting_official_write(&o, &head, &out, &e), &e);
    written[out.len] = 0;
    struct arena arena = arena_over(model_memory, sizeof model_memory);
    struct siting_model model = model_of(written, &arena);
    struct siting_told told;
    assert_int_equal(model.hazards[0].value_count, 3);
    assert_true(siting_hazard_at(&model, STR("flood_depth"), &sendai, &told));
    assert_true(told.low == 3 && told.high == 5);
}

static void each_file_cut_off_anywhere_says_where(void **state) {
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        str bytes = fixture(files[i].file);
        size_t last = bytes.len;
        while (last > 0 && (bytes.at[last - 1] == '\n' || bytes.at[last - 1] == ' ')) last--;
        bool is_csv = str_ends(str_from_c(files[i].file), STR(".csv"));
        for (size_t len = is_csv ? 60 : 0; len < last; len++) {
            struct siting_official o;
            struct error e;
            str cut = str_slice(bytes, 0, len);
            if (is_csv && len > 0 && cut.at[len - 1] == '\n') continue; /* a shorter file, whole */
            assert_int_equal(read_official(files[i].kind, files[i].file, cut, &o, &e), FAIL_SYNTAX);
            if (!str_starts(str_from_c(e.message), str_from_c(files[i].file)) ||
                strchr(e.message, ':') == NULL)
                fail_msg("%s cut at %zu: %s", files[i].file, len, e.message);
        }
    }
}

#define HEAD   "{\"type\":\"FeatureCollection\",\"features\":["
#define SQUARE "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[1,1],[2,1],[2,2],[1,1]]]}"
static const struct {
    enum siting_official_kind kind;
    const char *file, *bytes, *message;
} wrong[] = {
    {SITING_FLOOD, "a.geojson", "", "a.geojson:1:1: expected a GeoJSON FeatureCollection"},
    {SITING_FLOOD, "a.geojson", "{}", "a.geojson:1:1: there is no list of features"},
    {SITING_FLOOD, "a.geojson", "{\"features\":7}", "a.geojson:1:13: expected a list of features"},
    {SITING_FLOOD, "a.geojson", "{\"features\":[\n7]}", "a.geojson:2:1: expected a feature"},
    {SITING_FLOOD, "a.geojson", "{\"crs\":\"EPSG:3857\",\"features\":[]}",
     "a.geojson:1:8: coordinates are not degrees"},
    {SITING_FLOOD, "a.geojson", HEAD "{" SQUARE ",\"properties\":{\"A31a_205\":7}}]}",
     "a.geojson, feature 1 at byte 40:1:99: expected a rank of depth, 1 to 6, found \"7\""},
    {SITING_FLOOD, "a.geojson", HEAD "{" SQUARE ",\"properties\":{\"A31_001\":\"x\"}}]}",
     "there is no A31a_205 or A31a_105 among the properties: not a map of flood"},
    {SITING_TSUNAMI, "a.geojson", HEAD "{" SQUARE ",\"properties\":{\"A40_003\":\"deep\"}}]}",
     "expected a depth in words"},
    {SITING_LANDSLIDE, "a.geojson", HEAD "{" SQUARE ",\"properties\":{\"A33_002\":1.5}}]}",
     "expected a kind of zone, 1 to 4"},
    {SITING_QUAKE, "a.geojson", HEAD "{" SQUARE ",\"properties\":{\"T30_I55_PS\":\"0.5\"}}]}",
     "there is no meshcode"},
    {SITING_QUAKE, "a.geojson",
     HEAD "{" SQUARE ",\"properties\":{\"T30_I55_PS\":\"1.5\",\"meshcode\":\"5339\"}}]}",
     "expected a probability from 0 to 1"},
    {SITING_FLOOD, "a.geojson",
     HEAD "{\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[500,1],[2,1],[2,2],[500,1]]]},"
          "\"properties\":{\"A31a_205\":1}}]}",
     "expected a longitude from -180 to 180"},
    {SITING_QUAKE, "a.csv", "5339452532,0.1\n",
     "a.csv:1:1: expected a line that names the columns"},
    {SITING_QUAKE, "a.csv", "# a comment\n", "no line names CODE and T30_I55_PS"},
    {SITING_QUAKE, "a.csv", "CODE,T30_I55_PS\n5339452532,0.1",
     "a.csv:2:15: the last line has no end: the file is cut off"},
    {SITING_QUAKE, "a.csv", "CODE,T30_I55_PS\n99,0.1\n", "a.csv:2:1: expected a grid square code"},
    {SITING_QUAKE, "a.csv", "CODE,T30_I55_PS\n5339452532,10\n",
     "a.csv:2:1: expected a probability from 0 to 1 in T30_I55_PS, found \"10\""},
    {SITING_FLOOD, "a.csv", "CODE,T30_I55_PS\n", "a map of flood is GeoJSON, not CSV"},
};

static void each_mistake_of_an_official_file_has_its_message(void **state) {
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct siting_official o;
        struct error e;
        assert_int_equal(
            read_official(wrong[i].kind, wrong[i].file, str_from_c(wrong[i].bytes), &o, &e),
            FAIL_SYNTAX);
        if (strstr(e.message, wrong[i].message) == NULL)
            fail_msg("%s\ngave \"%s\", not \"%s\"", wrong[i].bytes, e.message, wrong[i].message);
    }
}

static void depths_are_read_as_prefectures_spell_them(void **state) {
    static const struct {
        const char *words;
        bool is_depth;
        double low, high;
    } cases[] = {
        {"0.3m以上 ～ 1m未満", true, 0.3, 1},
        {"0.01m以上0.3m未満", true, 0.01, 0.3},
        {"20m以上", true, 20, INFINITY},
        {"0.5ｍ未満", true, 0, 0.5},
        {"5.0以上10.0未満", true, 5, 10},
        {"1 m以上　2 m未満", true, 1, 2},
        {"", false, 0, 0},
        {"浸水", false, 0, 0},
        {"3m以上1m未満", false, 0, 0},
        {"1m以上2m以上", false, 0, 0},
        {"1m", false, 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        double low, high;
        bool is_depth = collection_depth_read(str_from_c(cases[i].words), &low, &high);
        if (is_depth != cases[i].is_depth ||
            (is_depth && (low != cases[i].low || high != cases[i].high)))
            fail_msg("%s: %d, %g to %g", cases[i].words, is_depth, low, high);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_map_says_what_it_covers_and_no_more),
        cmocka_unit_test(each_mistake_of_a_map_has_its_message),
        cmocka_unit_test(official_files_say_what_they_say_of_a_site),
        cmocka_unit_test(what_is_written_is_read_again_with_edition_and_licence),
        cmocka_unit_test(a_feature_larger_than_a_tree_is_read),
        cmocka_unit_test(without_sites_all_shapes_are_kept),
        cmocka_unit_test(each_file_cut_off_anywhere_says_where),
        cmocka_unit_test(each_mistake_of_an_official_file_has_its_message),
        cmocka_unit_test(depths_are_read_as_prefectures_spell_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
