/* Who is at the other end: which address is believed, and what networks say about it. */
#include <unistd.h>

#include "facts/facts.h"
#include "tests/geo/mmdb_make.h"

static const char yaml[] =
    "sites:\n"
    "  - {id: sendai, country: JP}\n"
    "  - {id: oregon, country: US}\n"
    "  - {id: nowhere}\n"
    "entities: [{id: vendor}]\n"
    "networks:\n"
    "  - {id: loopback, cidr: [127.0.0.0/8], here: yes, role: local}\n"
    "  - {id: plant, cidr: [10.0.0.0/8], site: sendai, role: plant}\n"
    "  - {id: branch, cidr: [10.9.0.0/16], site: oregon}\n"
    "  - {id: dark, cidr: [10.10.0.0/16], site: nowhere}\n"
    "  - {id: support, cidr: [198.51.100.0/24], country: DE, entity: vendor, role: vendor}\n"
    "  - {id: floating, cidr: [192.0.2.0/24]}\n";

static const struct mmdb_row geo_rows[] = {{"8.8.8.0/24", "US", false},
                                           {"1.0.16.0/20", "JP", false}};
static char geo_path[] = "/tmp/azekura-reader-XXXXXX";
static struct geo_data *geo;
static struct register_snapshot *snapshot;

static int begin(void **state) {
    struct register_text text = {STR("r.yaml"), str_from_c(yaml)};
    struct error e;
    int fd = mkstemp(geo_path);
    assert_true(fd >= 0);
    close(fd);
    mmdb_make(geo_path, geo_rows, COUNT_OF(geo_rows), 1781725900);
    struct geo_data_options options = {geo_path, STR("made"), STR_EMPTY};
    assert_ok(geo_data_open(&options, &geo, &e), &e);
    assert_ok(register_load_texts(&text, 1, &snapshot, NULL, &e), &e);
    return 0;
}
static int end(void **state) {
    geo_data_close(geo);
    register_release(snapshot);
    return unlink(geo_path);
}

static struct facts_world *world_at(const char *site, const struct facts_evidence *evidence) {
    static const str trusted[] = {{"127.0.0.1", 9}, {"10.0.0.0/8", 10}, {"fd00::/8", 8}};
    struct facts_world_options options = {.snapshot = snapshot,
                                          .geo = geo,
                                          .site = str_from_c(site),
                                          .evidence = evidence,
                                          .trusted_proxies = trusted,
                                          .trusted_proxy_count = COUNT_OF(trusted)};
    struct facts_world *world = NULL;
    struct error e;
    assert_ok(facts_world_open(&options, &world, &e), &e);
    return world;
}

static const struct {
    const char *name, *peer, *forwarded;
    const char *address, *network, *country, *role; /* "" : not known */
} cases[] = {
    {"own machine", "127.0.0.1", "", "127.0.0.1", "loopback", "JP", "local"},
    {"own site's plant", "10.1.2.3", "", "10.1.2.3", "plant", "JP", "plant"},
    {"longest prefix", "10.9.2.3", "", "10.9.2.3", "branch", "US", ""},
    {"a site without a country", "10.10.0.1", "", "10.10.0.1", "dark", "", ""},
    {"a network without a site", "192.0.2.7", "", "192.0.2.7", "floating", "", ""},
    {"a network that names a country", "198.51.100.7", "", "198.51.100.7", "support", "DE",
     "vendor"},
    {"address data", "8.8.8.8", "", "8.8.8.8", "", "US", ""},
    {"mapped", "::ffff:8.8.8.8", "", "8.8.8.8", "", "US", ""},
    {"listed nowhere", "9.9.9.9", "", "9.9.9.9", "", "", ""},
    {"set aside", "203.0.113.1", "", "203.0.113.1", "", "", ""},
    {"header of a stranger", "8.8.8.8", "1.0.16.1", "8.8.8.8", "", "US", ""},
    {"header of a trusted proxy", "127.0.0.1", "8.8.8.8", "8.8.8.8", "", "US", ""},
    {"last that is not trusted", "127.0.0.1", "1.0.16.1, 8.8.8.8, 10.1.1.1", "8.8.8.8", "", "US",
     ""},
    {"lies before the last", "127.0.0.1", "1.0.16.1, 8.8.8.8", "8.8.8.8", "", "US", ""},
    {"all trusted: the first", "127.0.0.1", "10.9.0.1,10.1.1.1", "10.9.0.1", "branch", "US", ""},
    {"with a port", "127.0.0.1", "8.8.8.8:4711", "8.8.8.8", "", "US", ""},
    {"in brackets", "127.0.0.1", "[2001:db8::1]:443", "2001:db8::1", "", "", ""},
    {"no address", "127.0.0.1", "8.8.8.8, unknown", "", "", "", ""},
    {"hidden", "127.0.0.1", "_secret", "", "", "", ""},
    {"an empty entry", "127.0.0.1", "8.8.8.8,", "", "", "", ""},
    {"bad before a trusted one", "127.0.0.1", "x, 10.1.1.1", "", "", "", ""},
    {"bad before one that counts", "127.0.0.1", "x, 8.8.8.8", "8.8.8.8", "", "US", ""},
    {"only spaces: the proxy itself", "127.0.0.1", "  ", "127.0.0.1", "loopback", "JP", "local"},
    {"port beyond a port", "127.0.0.1", "8.8.8.8:70000", "", "", "", ""},
};

static void the_reader_is_who_may_be_believed(void **state) {
    struct facts_world *world = world_at("sendai", NULL);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct geo_address peer;
        struct facts_reader r;
        char text[GEO_TEXT_BYTES];
        assert_true(geo_address_read(str_from_c(cases[i].peer), &peer));
        facts_reader_find(world, &peer, str_from_c(cases[i].forwarded), &r);
        geo_address_write(&r.address, text);
        assert_row(cases[i].name, strcmp(text, cases[i].address) == 0);
        assert_row(cases[i].name, str_equal(r.network, str_from_c(cases[i].network)));
        assert_row(cases[i].name, str_equal(r.country, str_from_c(cases[i].country)));
        assert_row(cases[i].name, str_equal(r.role, str_from_c(cases[i].role)));
        /* What is not known says why; what is known, who says so. */
        assert_row(cases[i].name, (r.reason[0] != 0) == (r.country.len == 0));
        assert_row(cases[i].name, r.country.len == 0 || r.source.len > 0);
    }
    facts_world_close(world);
}

static void here_is_where_the_store_stands(void **state) {
    static const char *const sites[][2] = {{"sendai", "JP"}, {"oregon", "US"}, {"nowhere", ""}};
    struct geo_address peer;
    struct facts_reader r;
    assert_true(geo_address_read(STR("127.0.0.1"), &peer));
    for (size_t i = 0; i < COUNT_OF(sites); i++) {
        struct facts_world *world = world_at(sites[i][0], NULL);
        facts_reader_find(world, &peer, STR_EMPTY, &r);
        assert_row(sites[i][0], str_equal(r.country, str_from_c(sites[i][1])));
        facts_world_close(world);
    }
    struct facts_evidence evidence = {
        .site = STR("sendai"), .contradicted = true, .finding = STR("it is elsewhere")};
    struct facts_world *world = world_at("sendai", &evidence);
    facts_reader_find(world, &peer, STR_EMPTY, &r);
    assert_int_equal(r.country.len, 0);
    assert_non_null(strstr(r.reason, "contradicts"));
    facts_world_close(world);
}

static void a_socket_without_an_address_is_nobody(void **state) {
    struct facts_world *world = world_at("sendai", NULL);
    struct geo_address none = {.len = 0};
    struct facts_reader r;
    facts_reader_find(world, &none, STR("8.8.8.8"), &r);
    assert_int_equal(r.country.len, 0);
    assert_true(r.reason[0] != 0);
    facts_world_close(world);
}

static void the_request_layer_is_sorted_and_says_who_said_so(void **state) {
    struct facts_world *world = world_at("sendai", NULL);
    struct rulebook_fact facts[FACTS_REQUEST_COUNT];
    struct geo_address peer;
    struct facts_reader r;
    assert_true(geo_address_read(STR("8.8.8.8"), &peer));
    facts_reader_find(world, &peer, STR_EMPTY, &r);
    struct rulebook_facts layer = facts_request(&r, STR("audit"), facts);
    for (size_t i = 1; i < layer.count; i++)
        assert_true(str_compare(layer.at[i - 1].path, layer.at[i].path) < 0);
    const struct rulebook_value *v = rulebook_facts_find(&layer, STR("reader.country"));
    assert_str(v->text, STR("US"));
    assert_int_equal(v->by, RULEBOOK_BY_DOCUMENT);
    assert_str(v->source, STR("made of 2026-06-17"));
    assert_str(rulebook_facts_find(&layer, STR("act.purpose"))->text, STR("audit"));
    v = rulebook_facts_find(&layer, STR("reader.network"));
    assert_int_equal(v->kind, RULEBOOK_UNKNOWN);
    assert_true(v->source.len > 0);
    layer = facts_request(&r, STR_EMPTY, facts);
    assert_int_equal(rulebook_facts_find(&layer, STR("act.purpose"))->kind, RULEBOOK_UNKNOWN);
    /* Each path lies under one that tables leave open. */
    for (size_t i = 0; i < layer.count; i++) {
        bool is_open = false;
        for (size_t p = 0; p < facts_request_path_count; p++)
            is_open = is_open || str_starts(layer.at[i].path, facts_request_paths[p]);
        assert_true(is_open);
    }
    facts_world_close(world);
}

static void a_trusted_proxy_must_be_a_network(void **state) {
    static const str wrong[] = {{"10.0.0.1/8", 10}};
    struct facts_world_options options = {
        .snapshot = snapshot, .trusted_proxies = wrong, .trusted_proxy_count = 1};
    struct facts_world *world = NULL;
    struct error e;
    assert_int_equal(facts_world_open(&options, &world, &e), FAIL_SYNTAX);
    assert_null(world);
    facts_world_close(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reader_is_who_may_be_believed),
        cmocka_unit_test(here_is_where_the_store_stands),
        cmocka_unit_test(a_socket_without_an_address_is_nobody),
        cmocka_unit_test(the_request_layer_is_sorted_and_says_who_said_so),
        cmocka_unit_test(a_trusted_proxy_must_be_a_network),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
