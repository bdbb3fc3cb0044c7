/* The documents of others as rows: CycloneDX bills and GeoJSON points, whole and wrong. */
#include <fcntl.h>

#include "base/disk.h"
#include "register/register.h"
#include "tests/test.h"

static char memory[1 << 20];

static str file(struct arena *arena, const char *name) {
    char path[4096];
    str bytes;
    struct error e;
    const char *root = getenv("AZEKURA_SOURCE");
    assert_non_null(root);
    snprintf(path, sizeof path, "%s/tests/register/documents/%s", root, name);
    assert_ok(disk_file_read(AT_FDCWD, path, sizeof memory / 2, arena, &bytes, &e), &e);
    return bytes;
}

static struct register_snapshot *load(const struct register_text *texts, size_t count,
                                      struct register_report *report) {
    struct register_snapshot *s = NULL;
    struct error e;
    assert_ok(register_load_texts(texts, count, &s, report, &e), &e);
    return s;
}

static const struct register_row *only(const struct register_snapshot *s, enum register_kind kind,
                                       const char *id) {
    const struct register_row *row = register_row_at(s, kind, str_from_c(id), 0);
    if (row == NULL) fail_msg("there is no row \"%s\"", id);
    return row;
}

static void a_bill_becomes_the_thing_and_whom_it_names(void **state) {
    struct arena arena = arena_over(memory, sizeof memory);
    struct register_text text = {STR("some/where/gateway.cdx.json"),
                                 file(&arena, "gateway.cdx.json")};
    struct register_snapshot *s = load(&text, 1, NULL);
    assert_int_equal(register_row_count(s), 4); /* the bill's own writer is nobody's maker */
    assert_str(
        only(s, REGISTER_EQUIPMENT, "gw-900-rev-b")->canonical,
        STR("{\"id\":\"gw-900-rev-b\","
            "\"name\":{\"value\":\"GW-900\",\"by\":\"document\",\"source\":\"gateway.cdx.json\"},"
            "\"category\":{\"value\":\"router\",\"by\":\"document\",\"source\":\"gateway.cdx."
            "json\"},"
            "\"maker\":{\"value\":\"kaze-networks-inc\",\"by\":\"document\",\"source\":\"gateway."
            "cdx.json\"},"
            "\"supplier\":{\"value\":\"midori-trading-k-k\",\"by\":\"document\",\"source\":"
            "\"gateway.cdx.json\"},"
            "\"version\":{\"value\":\"7.1\",\"by\":\"document\",\"source\":\"gateway.cdx.json\"},"
            "\"serial\":{\"value\":\"SN-0042\",\"by\":\"document\",\"source\":\"gateway.cdx."
            "json\"},"
            "\"components\":{\"items\":["
            "{\"name\":\"bootloader\",\"category\":\"firmware\",\"version\":\"2.0\"},"
            "{\"name\":\"zip \xf0\x9f\x93\xa6\",\"category\":\"software\",\"maker\":\"tsuru-"
            "software\"},"
            "{\"name\":\"R1\",\"maker\":\"kaze-networks-inc\"},"
            "{\"name\":\"update server\",\"category\":\"service\",\"maker\":\"tsuru-software\"}],"
            "\"complete\":true,\"as_of\":\"2026-10-01\",\"by\":\"document\",\"source\":\"gateway."
            "cdx.json\"},"
            "\"macs\":{\"items\":[\"00:00:5e:00:53:01\"],\"by\":\"document\",\"source\":\"gateway."
            "cdx.json\"},"
            "\"support_end\":{\"value\":\"2031-03-31\",\"by\":\"document\",\"source\":\"gateway."
            "cdx.json\"}}"));
    /* one maker, spelled in two ways: every seat that was told */
    assert_str(only(s, REGISTER_ENTITIES, "kaze-networks-inc")->canonical,
               STR("{\"id\":\"kaze-networks-inc\",\"name\":{\"value\":\"Kaze Networks, Inc.\","
                   "\"by\":\"document\",\"source\":\"gateway.cdx.json\"},"
                   "\"seats\":{\"items\":[\"JP\",\"US\"],\"by\":\"document\",\"source\":\"gateway."
                   "cdx.json\"},"
                   "\"address\":{\"value\":\"1-2-3 Honcho, Sendai, JP\",\"by\":\"document\","
                   "\"source\":\"gateway.cdx.json\"}}"));
    assert_str(only(s, REGISTER_ENTITIES, "tsuru-software")->file,
               STR("some/where/gateway.cdx.json"));
    register_release(s);
}

#define BILL(rest) "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\"" rest "}"
#define THING(rest)                                                                                \
    BILL(",\"metadata\":{\"component\":{\"type\":\"device\",\"name\":\"x\"" rest "}}")

static void origins_are_read_by_share_and_as_rows_have_them(void **state) {
    struct register_text text = {
        STR("b.json"),
        STR(THING(",\"origins\":[{\"stage\":\"fabricated\",\"basis\":\"value\",\"distribution\":["
                  "{\"isoCode\":\"JP\",\"percentage\":60},{\"isoCode\":\"NO\",\"percentage\":40}]},"
                  "{\"stage\":\"assembled\",\"country\":\"VN\",\"percent\":100},"
                  "{\"stage\":\"designed\"}]"))};
    struct register_snapshot *s = load(&text, 1, NULL);
    assert_str(only(s, REGISTER_EQUIPMENT, "x")->canonical,
               STR("{\"id\":\"x\",\"name\":{\"value\":\"x\",\"by\":\"document\",\"source\":\"b."
                   "json\"},"
                   "\"origins\":{\"items\":[{\"stage\":\"fabricated\",\"country\":\"JP\","
                   "\"percent\":\"60 %\"},{\"stage\":\"fabricated\",\"country\":\"NO\",\"percent\":"
                   "\"40 %\"},{\"stage\":\"assembled\",\"country\":\"VN\",\"percent\":\"100 %\"},"
                   "{\"stage\":\"designed\"}],\"by\":\"document\",\"source\":\"b.json\"}}"));
    register_release(s);
}

/* A bill's word that one assembly is whole says nothing of the parts of its parts. */
static void a_list_is_complete_only_if_every_part_is_said_to_be_whole(void **state) {
    static const struct {
        const char *refs, *timestamp;
        bool is_complete;
    } rows[] = {{"\"a\",\"b\",\"c\"", "\"timestamp\":\"2026-01-01T00:00:00Z\",", true},
                {"\"a\",\"b\"", "\"timestamp\":\"2026-01-01T00:00:00Z\",", false},
                {"\"b\",\"c\"", "\"timestamp\":\"2026-01-01T00:00:00Z\",", false},
                {"\"a\",\"b\",\"c\"", "", false}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char json[1000];
        snprintf(json, sizeof json,
                 BILL(",\"metadata\":{%s\"component\":{\"type\":\"device\",\"bom-ref\":\"a\","
                      "\"name\":\"x\"}},\"components\":[{\"type\":\"library\",\"bom-ref\":\"b\","
                      "\"name\":\"y\",\"components\":[{\"type\":\"library\",\"bom-ref\":\"c\","
                      "\"name\":\"z\"}]}],\"compositions\":[{\"aggregate\":\"complete\","
                      "\"assemblies\":[%s]}]"),
                 rows[i].timestamp, rows[i].refs);
        struct register_text text = {STR("b.cdx.json"), str_from_c(json)};
        struct register_snapshot *s = load(&text, 1, NULL);
        const struct register_value *parts =
            register_value_find(&only(s, REGISTER_EQUIPMENT, "a")->fields, STR("components"));
        assert_non_null(parts);
        assert_row(rows[i].refs, parts->count == 2 && parts->is_complete == rows[i].is_complete);
        register_release(s);
    }
}

static void an_inventory_is_one_thing_a_component(void **state) {
    struct register_text text = {
        STR("b.json"),
        STR(BILL(",\"components\":[{\"type\":\"device\",\"name\":\"cam\",\"version\":\"1\"},"
                 "{\"type\":\"application\",\"name\":\"app\",\"components\":[{\"type\":\"library\","
                 "\"name\":\"lib\"}]}]"))};
    struct register_snapshot *s = load(&text, 1, NULL);
    assert_int_equal(register_row_count(s), 2);
    assert_null(
        register_value_find(&only(s, REGISTER_EQUIPMENT, "cam-1")->fields, STR("category")));
    assert_int_equal(
        register_value_find(&only(s, REGISTER_EQUIPMENT, "app")->fields, STR("components"))->count,
        1);
    register_release(s);
}

/* Whom two bills name is one row, whatever the order; whom a person wrote down, the person's. */
static void entities_of_documents_join_and_give_way(void **state) {
    static const char a[] = THING(",\"manufacturer\":{\"name\":\"Acme\"}");
    static const char b[] =
        BILL(",\"metadata\":{\"component\":{\"type\":\"device\",\"name\":\"y\",\"manufacturer\":"
             "{\"name\":\"ACME\",\"address\":{\"country\":\"CN\"}}}}");
    static const char yaml[] = "entities: [{id: acme, name: Acme Corp, seats: [FR]}]\n";
    struct register_text ab[] = {{STR("a.json"), str_from_c(a)}, {STR("b.json"), str_from_c(b)}};
    struct register_text ba[] = {{STR("b.json"), str_from_c(b)}, {STR("a.json"), str_from_c(a)}};
    struct register_text with[] = {{STR("a.json"), str_from_c(a)},
                                   {STR("b.json"), str_from_c(b)},
                                   {STR("z.yaml"), str_from_c(yaml)}};
    struct register_snapshot *one = load(ab, 2, NULL), *other = load(ba, 2, NULL);
    digest x = register_digest(one), y = register_digest(other);
    assert_true(digest_equal(&x, &y));
    assert_str(only(one, REGISTER_ENTITIES, "acme")->canonical,
               STR("{\"id\":\"acme\",\"name\":{\"value\":\"Acme\",\"by\":\"document\",\"source\":"
                   "\"a.json\"},\"seats\":{\"items\":[\"CN\"],\"by\":\"document\",\"source\":\"b."
                   "json\"}}"));
    register_release(one);
    register_release(other);
    one = load(with, 3, NULL);
    assert_str(only(one, REGISTER_ENTITIES, "acme")->canonical,
               STR("{\"id\":\"acme\",\"name\":\"Acme Corp\",\"seats\":[\"FR\"]}"));
    assert_int_equal(register_row_count(one), 3);
    register_release(one);
}

static void points_become_sites(void **state) {
    struct arena arena = arena_over(memory, sizeof memory);
    struct register_text text = {STR("map/sites.geojson"), file(&arena, "sites.geojson")};
    struct register_report report;
    struct register_snapshot *s = load(&text, 1, &report);
#define SAID ",\"by\":\"document\",\"source\":\"sites.geojson\"}"
    assert_str(only(s, REGISTER_SITES, "sendai")->canonical,
               STR("{\"id\":\"sendai\",\"name\":{\"value\":\"Sendai\"" SAID
                   ",\"country\":{\"value\":\"JP\"" SAID ",\"lat\":{\"value\":\"38.268737\"" SAID
                   ",\"lon\":{\"value\":\"140.872183\"" SAID ",\"height\":{\"value\":\"45 m\"" SAID
                   ",\"hazard\":{\"quake_30y\":\"7.6 %\"},\"groups\":{\"items\":[\"tohoku\"]" SAID
                   "}"));
    assert_str(only(s, REGISTER_SITES, "7")->canonical,
               STR("{\"id\":\"7\",\"country\":{\"is\":\"unknown\"}}"));
    assert_int_equal(report.problem_count, 2); /* and that of the site without a country */
    assert_str(report.problems[0].text, STR("map/sites.geojson:5:76: passed over: a site has no "
                                            "field \"marker-color\""));
    register_report_release(&report);
    register_release(s);
}

/* A field of kilometres took no unit from people, and not its own canonical text from the engine: a store whose
 * site named how near another country is could not load its register again. */
static void distances_of_landmarks_are_read_as_they_are_written(void **state) {
    struct register_text text = {
        STR("r.yaml"), STR("sites: [{id: a, country: JP, landmarks: [{name: l, error: 50 m, "
                           "foreign: 929 km}, {name: k, error: 7, foreign: 900}]}]\n")};
    struct register_snapshot *s = load(&text, 1, NULL);
    char again[512];
    str canonical = only(s, REGISTER_SITES, "a")->canonical;
    snprintf(again, sizeof again, "{\"sites\":[%.*s]}", STR_FMT(canonical));
    struct register_text second = {STR("r.json"), str_from_c(again)};
    struct register_snapshot *same = load(&second, 1, NULL);
    assert_str(only(same, REGISTER_SITES, "a")->canonical, canonical);
    const struct register_value *all =
        register_value_find(&only(same, REGISTER_SITES, "a")->fields, STR("landmarks"));
    for (size_t i = 0; i < all->count; i++) {
        const struct register_record *r = &all->records[i];
        bool first = str_equal(register_value_find(r, STR("name"))->text, STR("l"));
        assert_true(register_value_find(r, STR("foreign"))->number == (first ? 929000 : 900));
        assert_true(register_value_find(r, STR("error"))->number == (first ? 50 : 7));
    }
    assert_int_equal(all->count, 2);
    register_release(same);
    register_release(s);
}

static void rows_may_be_written_in_json(void **state) {
    struct register_text text = {STR("r.json"),
                                 STR("{\"sites\":[{\"id\":\"a\",\"country\":\"NO\"}]}")};
    struct register_snapshot *s = load(&text, 1, NULL);
    assert_str(only(s, REGISTER_SITES, "a")->canonical, STR("{\"id\":\"a\",\"country\":\"NO\"}"));
    register_release(s);
}

#define POINT(rest)                                                                                \
    "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"id\":\"a\"," rest "}]}"

static const struct {
    const char *name, *json, *says;
} wrong[] = {
    {"no JSON", "{bomFormat: CycloneDX}", "d.json:1:2: expected a key in quotes, found 'b'"},
    {"nothing", "", "d.json:1:1: expected a value, found the end of the file"},
    {"neither", "{\"name\":\"package\"}", "d.json:1:2: a register has no \"name\""},
    {"another format", "{\"bomFormat\":\"SPDX\"}",
     "d.json:1:14: expected \"CycloneDX\", found \"SPDX\""},
    {"no version", "{\"bomFormat\":\"CycloneDX\"}", "d.json:1:1: expected the key \"specVersion\""},
    {"an old version", "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.4\"}",
     "d.json:1:40: expected CycloneDX \"1.5\", \"1.6\" or \"1.7\", found \"1.4\""},
    {"a version as a number", "{\"bomFormat\":\"CycloneDX\",\"specVersion\":1.6}",
     "d.json:1:40: expected CycloneDX"},
    {"metadata that are no map", BILL(",\"metadata\":[]"),
     "d.json:1:57: expected a map of metadata, found a list"},
    {"components that are no list", BILL(",\"components\":{}"),
     "d.json:1:59: expected a list of components"},
    {"a component that is no map", BILL(",\"components\":[1]"),
     "d.json:1:60: expected a component"},
    {"no type", BILL(",\"components\":[{\"name\":\"x\"}]"),
     "d.json:1:60: expected the key \"type\""},
    {"no name", BILL(",\"components\":[{\"type\":\"device\"}]"),
     "d.json:1:60: expected the key \"name\""},
    {"a name that is a number", BILL(",\"components\":[{\"type\":\"device\",\"name\":7}]"),
     "d.json:1:84: expected a text in quotes, found \"7\""},
    {"a name of nothing", BILL(",\"components\":[{\"type\":\"device\",\"name\":\"\"}]"),
     "d.json:1:84: expected a name, found nothing"},
    {"a part whose name is a number", THING(",\"components\":[{\"type\":\"file\",\"name\":7}]"),
     "d.json:1:"},
    {"a service whose name is a number",
     BILL(",\"metadata\":{\"component\":{\"type\":\"device\",\"name\":\"x\"}},\"services\":[{"
          "\"name\":7}]"),
     "d.json:1:"},
    {"an unknown type", BILL(",\"components\":[{\"name\":\"x\",\"type\":\"gadget\"}]"),
     "d.json:1:79: expected a type of component"},
    {"a maker that is no map", THING(",\"manufacturer\":\"Acme\""),
     "d.json:1:113: expected an organization, found \"Acme\""},
    {"a maker without letters", THING(",\"manufacturer\":{\"name\":\"--\"}"),
     "d.json:1:121: expected a name with letters or digits"},
    {"a country by its name", THING(",\"origins\":[{\"country\":\"Japan\"}]"),
     "d.json:1:120: expected a country by its two letters"},
    {"a share that is no number",
     THING(",\"origins\":[{\"distribution\":[{\"isoCode\":\"JP\",\"percentage\":\"most\"}]}]"),
     "d.json:1:155: expected a number"},
    {"twins",
     BILL(",\"components\":[{\"type\":\"file\",\"name\":\"x\"},{\"type\":\"file\","
          "\"name\":\"x\"}]"),
     "d.json:1:87: equipment \"x\" is true at the same time"},
    {"no features", "{\"type\":\"FeatureCollection\"}",
     "d.json:1:1: expected the key \"features\""},
    {"an area", POINT("\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[]},\"properties\":null"),
     "d.json:1:87: expected a \"Point\": a site is one, found \"Polygon\""},
    {"latitude first",
     POINT("\"geometry\":{\"type\":\"Point\",\"coordinates\":[38.2,140.8]},\"properties\":null"),
     "d.json:1:115: expected a latitude from -90 to 90"},
    {"one number",
     POINT("\"geometry\":{\"type\":\"Point\",\"coordinates\":[38.2]},"
           "\"properties\":null"),
     "d.json:1:109: expected [longitude, latitude]"},
    {"infinite",
     POINT("\"geometry\":{\"type\":\"Point\",\"coordinates\":[1e999,1]},"
           "\"properties\":null"),
     "d.json:1:110: expected a longitude from -180 to 180"},
    {"said twice",
     POINT("\"geometry\":{\"type\":\"Point\",\"coordinates\":[1,1]},"
           "\"properties\":{\"lat\":2}"),
     "d.json:1:130: \"lat\" is said by the feature's geometry"},
    {"no id",
     "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"geometry\":"
     "null,\"properties\":{}}]}",
     "d.json:1:41: expected an \"id\" for this feature"},
    {"no geometry", POINT("\"properties\":{}"), "d.json:1:41: expected the key \"geometry\""},
    {"a wrong property", POINT("\"geometry\":null,\"properties\":{\"country\":\"Japan\"}"),
     "d.json:1:108: expected a country by its two letters"},
};
_Static_assert(COUNT_OF(wrong) >= 31, "kinds of mistakes in others' documents");

static void what_is_wrong_in_a_document_is_said_with_its_place(void **state) {
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct register_text text = {STR("d.json"), str_from_c(wrong[i].json)};
        struct register_snapshot *s = NULL;
        struct error e = {0};
        enum error_code code = register_load_texts(&text, 1, &s, NULL, &e);
        if (code == OK) fail_msg("row \"%s\" was taken", wrong[i].name);
        assert_row(wrong[i].name, code == FAIL_SYNTAX);
        if (strncmp(e.message, wrong[i].says, strlen(wrong[i].says)) != 0)
            fail_msg("row \"%s\": got \"%s\"", wrong[i].name, e.message);
    }
}

/* One broken component took the whole inventory with it, and hid the mistakes behind it. */
static void components_beside_a_broken_one_are_read(void **state) {
    struct register_text text = {STR("d.json"),
                                 STR(BILL(",\"components\":[{\"type\":\"device\",\"name\":\"a\"},"
                                          "{\"type\":\"gadget\",\"name\":\"b\"},"
                                          "{\"type\":\"device\",\"name\":\"c\"},"
                                          "{\"type\":\"device\",\"name\":7},"
                                          "{\"type\":\"device\",\"name\":\"e\"}]"))};
    struct register_snapshot *s = NULL;
    struct register_report report;
    struct error e = {0};
    assert_int_equal(register_load_texts(&text, 1, &s, &report, &e), FAIL_SYNTAX);
    assert_int_equal(report.error_count, 2);
    assert_int_equal(report.row_count, 3);
    assert_non_null(strstr(report.problems[0].text.at, "expected a type of component"));
    assert_non_null(strstr(report.problems[1].text.at, "expected a text in quotes, found \"7\""));
    register_report_release(&report);
}

struct told {
    const char *name, *json;
    size_t rows;
    const char *says[5]; /* what each problem holds, in order */
};

static void each_is_told(const struct told *told) {
    struct register_text text = {STR("d.json"), str_from_c(told->json)};
    struct register_snapshot *s = NULL;
    struct register_report report;
    struct error e = {0};
    size_t count = 0;
    while (told->says[count] != NULL) count++;
    assert_row(told->name, register_load_texts(&text, 1, &s, &report, &e) == FAIL_SYNTAX);
    assert_row(told->name, report.error_count == count && report.row_count == told->rows);
    for (size_t i = 0; i < count; i++)
        if (strstr(report.problems[i].text.at, told->says[i]) == NULL)
            fail_msg("row \"%s\": got \"%s\"", told->name, report.problems[i].text.at);
    register_report_release(&report);
}

#define ONE_THING ",\"metadata\":{\"component\":{\"type\":\"device\",\"name\":\"x\"}}"
/* The first mistake in a bill of one thing, or in a map, hid the others and all that is right. */
static void what_is_beside_a_broken_part_or_feature_is_read(void **state) {
    static const struct told rows[] = {
        {"parts",
         BILL(ONE_THING ",\"components\":[{\"type\":\"gadget\",\"name\":\"a\",\"components\":"
                        "[{\"type\":\"device\"}]},7,{\"type\":\"library\",\"name\":\"c\"}],"
                        "\"services\":[{\"name\":7},{\"name\":\"update\"}]"),
         1,
         {"expected a type of component", "\"name\"", "expected a component, found",
          "expected a text in quotes, found \"7\""}},
        {"the thing itself and a part",
         BILL(",\"metadata\":{\"component\":{\"type\":\"gadget\",\"name\":\"x\"}},"
              "\"components\":[{\"type\":\"device\",\"name\":7}]"),
         0,
         {"expected a type of component", "expected a text in quotes, found \"7\""}},
        {"a list of parts that is none",
         BILL(ONE_THING ",\"services\":{\"name\":\"update\"}"),
         1,
         {"a list of services"}},
        {"features",
         "{\"type\":\"FeatureCollection\",\"features\":["
         "{\"type\":\"Feature\",\"id\":\"a\",\"geometry\":null,\"properties\":null},"
         "{\"type\":\"Feature\",\"id\":\"b\",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[]}"
         ","
         "\"properties\":null},7,"
         "{\"type\":\"Feature\",\"geometry\":null,\"properties\":null},"
         "{\"type\":\"Feature\",\"id\":\"d\",\"geometry\":null,\"properties\":null}]}",
         2,
         {"expected a \"Point\"", "expected a feature", "expected an \"id\" for this feature"}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) each_is_told(&rows[i]);
}

/* A part costs some 80 bytes of its row; more parts than a row may hold is a limit, not a crash. */
static void a_bill_of_many_parts_is_read_and_of_too_many_is_refused(void **state) {
    enum { MANY = 3000, TOO_MANY = 20000, PART_BYTES = 120 };
    static const int counts[] = {MANY, TOO_MANY};
    char *json = malloc((size_t)TOO_MANY * PART_BYTES + 1000);
    assert_non_null(json);
    for (size_t c = 0; c < COUNT_OF(counts); c++) {
        char *at = json + sprintf(json, "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\","
                                        "\"metadata\":{\"component\":{\"type\":\"device\",\"name\":"
                                        "\"x\"}},\"components\":[");
        for (int i = 0; i < counts[c]; i++)
            at += sprintf(at,
                          "%s{\"type\":\"library\",\"name\":\"n%d\",\"supplier\":{\"name\":\"s "
                          "%d\"}}",
                          i > 0 ? "," : "", i, i);
        at += sprintf(at, "]}");
        struct register_text text = {STR("b.json"), str_of(json, (size_t)(at - json))};
        struct register_snapshot *s = NULL;
        struct error e = {0};
        enum error_code code = register_load_texts(&text, 1, &s, NULL, &e);
        if (counts[c] == MANY) {
            assert_ok(code, &e);
            assert_int_equal(register_row_count(s), MANY + 1);
            register_release(s);
        } else {
            assert_int_equal(code, FAIL_SYNTAX);
            assert_string_equal(e.message, "b.json:1:70: the row \"x\" is over 524288 bytes");
        }
    }
    free(json);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bill_becomes_the_thing_and_whom_it_names),
        cmocka_unit_test(origins_are_read_by_share_and_as_rows_have_them),
        cmocka_unit_test(a_list_is_complete_only_if_every_part_is_said_to_be_whole),
        cmocka_unit_test(an_inventory_is_one_thing_a_component),
        cmocka_unit_test(entities_of_documents_join_and_give_way),
        cmocka_unit_test(points_become_sites),
        cmocka_unit_test(rows_may_be_written_in_json),
        cmocka_unit_test(distances_of_landmarks_are_read_as_they_are_written),
        cmocka_unit_test(what_is_wrong_in_a_document_is_said_with_its_place),
        cmocka_unit_test(components_beside_a_broken_one_are_read),
        cmocka_unit_test(what_is_beside_a_broken_part_or_feature_is_read),
        cmocka_unit_test(a_bill_of_many_parts_is_read_and_of_too_many_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
