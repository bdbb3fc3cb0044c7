/* Judgements as a table: what is said of an address, its names and its declaration, and what follows.
 *
 * The world is small and made here: a provider's list with Tokyo, Oregon and GLOBAL, two autonomous systems, a
 * register with a network, a thing and a dataset. */
#include <fcntl.h>
#include <unistd.h>

#include "base/disk.h"
#include "survey/world.h"
#include "tests/test.h"

static const char list[] =
    "{\"syncToken\": \"1\", \"createDate\": \"2026-08-22-00-00-00\", \"prefixes\": ["
    "{\"ip_prefix\": \"3.112.0.0/16\", \"region\": \"ap-northeast-1\", \"service\": \"AMAZON\"},"
    "{\"ip_prefix\": \"34.208.0.0/16\", \"region\": \"us-west-2\", \"service\": \"AMAZON\"},"
    "{\"ip_prefix\": \"99.77.0.0/16\", \"region\": \"GLOBAL\", \"service\": \"CLOUDFRONT\"}]}";
static const char systems[] = "3.112.0.0,3.115.255.255,16509,\"Amazon.com, Inc.\"\n"
                              "34.208.0.0,34.208.255.255,16509,\"Amazon.com, Inc.\"\n"
                              "203.104.0.0,203.104.255.255,64500,Kazahaya Net\n";
static const struct register_text texts[] = {
    {STR("register.yaml"),
     STR("operators:\n  - {id: aoba, home: JP}\n"
         "entities:\n  - {id: kaigan, seats: [JP], parents: [ocean], reach: [US]}\n"
         "  - {id: ocean, seats: [SG]}\n"
         "sites:\n  - {id: sendai, country: JP}\n"
         "networks:\n  - {id: plant, cidr: [10.81.0.0/16], site: sendai, entity: kaigan}\n"
         "datasets:\n  - {id: meters, sector: electricity, class: critical, kinds: [log]}\n"
         "systems:\n  - {id: scada, operator: aoba, datasets: [meters]}\n"
         "equipment:\n  - {id: gw, addresses: [34.208.1.1], systems: [scada], site: sendai}\n")}};

static struct survey_world *world;
static struct survey_judge *judge;
static struct register_snapshot *snapshot;
static char folder[] = "/tmp/azekura-survey-XXXXXX";
static char paths[2][64];

static void file_write(char path[64], const char *name, const char *text) {
    snprintf(path, 64, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static int make(void **state) {
    struct error e;
    assert_non_null(mkdtemp(folder));
    file_write(paths[0], "aws.json", list);
    file_write(paths[1], "asn.csv", systems);
    assert_ok(register_load_texts(texts, COUNT_OF(texts), &snapshot, NULL, &e), &e);
    const char *asn[] = {paths[1]};
    const struct survey_list lists[] = {{"aws", paths[0]}};
    struct survey_options options = {.asn = asn,
                                     .asn_count = 1,
                                     .clouds = lists,
                                     .cloud_count = 1,
                                     .snapshot = snapshot,
                                     .at_ns = (int64_t)1795000000 * NS_PER_S};
    assert_ok(survey_world_open(&options, &world, &e), &e);
    assert_ok(survey_judge_open(world, &judge, &e), &e);
    return 0;
}
static int forget(void **state) {
    survey_judge_close(judge);
    survey_world_close(world);
    register_release(snapshot);
    for (size_t i = 0; i < 2; i++) unlink(paths[i]);
    rmdir(folder);
    return 0;
}

static unsigned char memory[1 << 20];

static struct survey_server ask(const char *name, const char *addresses, const char *alias,
                                const char *country) {
    static struct arena arena;
    static struct geo_address list_of[8];
    static str aliases[1];
    struct survey_asked asked = {.name = str_from_c(name), .addresses = list_of};
    struct survey_server server;
    struct error e;
    str rest = str_from_c(addresses), head;
    arena = arena_over(memory, sizeof memory);
    while (rest.len > 0) {
        if (!str_cut(&rest, ' ', &head)) {
            head = rest;
            rest = STR_EMPTY;
        }
        assert_true(geo_address_read(head, &list_of[asked.address_count++]));
    }
    aliases[0] = str_from_c(alias);
    asked.aliases = aliases;
    asked.alias_count = alias[0] != 0;
    if (asked.address_count == 0) asked.unresolved = STR("no such name (NXDOMAIN)");
    if (country[0] != 0) {
        asked.declared.by = STR("servers.csv:2");
        assert_true(geo_country_read(str_from_c(country), &asked.declared.country));
    }
    assert_ok(survey_ask(judge, &asked, &arena, &server, &e), &e);
    return server;
}

static const struct {
    const char *what, *name, *addresses, *alias, *declared; /* asked */
    const char *answer, *country, *operator_name, *law;     /* expected; law: countries and faces */
    size_t conflicts;
} cases[] = {
    {"a foreign provider's Tokyo region is inside by place and foreign by law", "", "3.112.0.9", "",
     "", "inside", "JP", "aws", "US seat", 0},
    {"its other regions are outside", "", "34.208.9.9", "", "", "outside", "US", "aws", "US seat",
     0},
    {"declared at home and listed abroad is outside, and a conflict", "", "34.208.9.9", "", "JP",
     "outside", "US", "aws", "US seat", 1},
    {"a thing of the register that its site contradicts", "", "34.208.1.1", "", "", "outside", "US",
     "aws", "US seat", 1},
    {"GLOBAL is many places", "", "99.77.0.1", "", "", "many", "", "aws", "US seat", 0},
    {"announced from the provider's block, in no list", "", "3.114.0.1", "", "", "undetermined", "",
     "aws", "US seat", 0},
    {"an alias of a distributor hides what is behind it", "www.example.jp", "3.112.0.9",
     "d1.cloudfront.net", "", "many", "", "aws", "US seat", 0},
    {"addresses at home and abroad are many places", "www.example.jp", "3.112.0.9 34.208.9.9", "",
     "", "many", "JP", "aws", "US seat", 0},
    {"a private address says nothing", "", "10.0.0.1", "", "", "undetermined", "", "", "", 0},
    {"a private address beside a public one halved what was known of the place", "",
     "10.0.0.1 34.208.9.9", "", "", "outside", "US", "aws", "US seat", 0},
    {"and what was declared", "", "203.104.9.9 192.168.1.1 10.0.0.1", "", "JP", "inside", "JP",
     "Kazahaya Net", "", 0},
    {"private addresses alone say nothing", "", "10.0.0.1 192.168.1.1", "", "", "undetermined", "",
     "", "", 0},
    {"but the register does, of its own", "", "10.81.0.7", "", "", "inside", "JP", "kaigan",
     "JP seat, US reach, SG parent", 0},
    {"and is heard beside a public address", "", "10.81.0.7 34.208.9.9", "", "", "many", "US",
     "kaigan", "JP seat, US reach, SG parent, US seat", 0},
    {"a name that does not resolve may tell still", "s3.ap-northeast-1.amazonaws.com", "", "", "",
     "inside", "JP", "aws", "US seat", 0},
    {"and may not", "www.example.jp", "", "", "", "undetermined", "", "", "", 0},
    {"what is declared is believed where nothing speaks against it", "", "203.104.9.9", "", "JP",
     "inside", "JP", "Kazahaya Net", "", 0},
    {"a hint alone is not enough", "nrt1.example.net", "203.104.9.9", "", "", "undetermined", "JP",
     "Kazahaya Net", "", 0},
    {"a hint against what is declared", "lhr1.example.net", "203.104.9.9", "", "JP", "undetermined",
     "JP", "Kazahaya Net", "", 1},
};

static void law_write(const struct survey_judgement *j, char *out, size_t cap) {
    struct text t = text_into(out, cap - 1);
    for (size_t i = 0; i < j->law_count; i++)
        text_format(&t, "%s%.2s %s", i > 0 ? ", " : "", j->law[i].country.at, j->law[i].face);
    out[t.len] = 0;
}

static void judgements_are_as_the_table_says(void **state) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct survey_server server =
            ask(cases[i].name, cases[i].addresses, cases[i].alias, cases[i].declared);
        const struct survey_judgement *j = server.judgement;
        str country = j->country_count > 0 ? geo_country_str(&j->countries[0].country) : STR_EMPTY;
        char law[128];
        law_write(j, law, sizeof law);
        assert_row(cases[i].what, strcmp(survey_answer_name(j->answer), cases[i].answer) == 0);
        assert_row(cases[i].what, str_equal(country, str_from_c(cases[i].country)));
        assert_row(cases[i].what, str_equal(j->operator_name, str_from_c(cases[i].operator_name)));
        assert_row(cases[i].what, strcmp(law, cases[i].law) == 0);
        assert_row(cases[i].what, j->conflict_count == cases[i].conflicts);
    }
}

static void evidence_says_what_the_answer_would_have_been_without_it(void **state) {
    struct survey_server server = ask("", "203.104.9.9", "", "JP");
    bool is_decisive = false;
    for (size_t i = 0; i < server.judgement->evidence_count; i++) {
        const struct survey_evidence *v = &server.judgement->evidence[i];
        if (v->method == SURVEY_BY_INVENTORY) is_decisive = v->without == SURVEY_UNDETERMINED;
        if (v->method != SURVEY_BY_INVENTORY) assert_int_equal(v->without, SURVEY_INSIDE);
    }
    assert_true(is_decisive);
}

static void a_thing_of_the_register_tells_whose_data_it_holds(void **state) {
    struct survey_server server = ask("", "34.208.1.1", "", "");
    assert_str(server.declared.by, STR("equipment/gw"));
    assert_str(server.declared.operator_id, STR("aoba"));
    assert_str(server.declared.system, STR("scada"));
    assert_str(server.declared.class_name, STR("critical"));
    assert_str(server.declared.sector, STR("electricity"));
    assert_int_equal(server.declared.dataset_count, 1);
    assert_int_equal(server.declared.kind_count, 1);
}

static void equal_sayings_share_one_judgement(void **state) {
    const struct survey_judgement *first = ask("", "3.112.0.9", "", "").judgement;
    assert_ptr_equal(first, ask("", "3.112.200.1", "", "").judgement);
    assert_true(first->number > 0);
    assert_int_equal(ask("", "3.112.0.9", "", "JP").judgement->number, 0);
}

/* ---- networks ---- */

static const struct {
    const char *network, *parts;
} networks[] = {
    {"3.112.0.0/16", "3.112.0.0/16"},
    {"3.112.128.0/17", "3.112.128.0/17"},
    {"3.112.0.0/14", "3.112.0.0/16 3.113.0.0/16 3.114.0.0/15"},
    {"10.80.0.0/15", "10.80.0.0/16 10.81.0.0/16"},
    {"255.255.255.255/32", "255.255.255.255/32"},
    {"2001:db8::/32", "2001:db8::/32"},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127"},
};

static void networks_part_where_something_else_is_said(void **state) {
    for (size_t i = 0; i < COUNT_OF(networks); i++) {
        struct geo_network network, part;
        struct error e;
        char text[512] = "", one[GEO_TEXT_BYTES];
        assert_ok(geo_network_read(str_from_c(networks[i].network), &network, &e), &e);
        struct survey_walk walk = survey_network_begin(&network);
        while (survey_network_next(world, &walk, &part)) {
            geo_network_write(&part, one);
            if (text[0] != 0) strcat(text, " ");
            strcat(text, one);
            assert_row(networks[i].network, strlen(text) < 400);
        }
        assert_row(networks[i].network, strcmp(text, networks[i].parts) == 0);
    }
}

static void a_list_that_is_cut_is_told_and_the_rest_believed(void **state) {
    char path[64];
    struct survey_world *cut;
    struct error e;
    size_t count;
    file_write(path, "cut.json",
               "{\"syncToken\": \"1\", \"prefixes\": [{\"ip_prefix\": "
               "\"3.112.0.0/16\", \"region\": \"ap-northeast-1\", \"service\": "
               "\"S3\"}, {\"ip_pre");
    const struct survey_list lists[] = {{"aws", path}};
    struct survey_options options = {.clouds = lists, .cloud_count = 1};
    assert_ok(survey_world_open(&options, &cut, &e), &e);
    survey_world_warnings(cut, &count);
    assert_int_equal(count, 3); /* the cut, no systems, no address data */
    assert_str(geo_country_str(&cut->home), STR("JP"));
    survey_world_close(cut);
    options.home = STR("Japan");
    assert_int_equal(survey_world_open(&options, &cut, &e), FAIL_USAGE);
    unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judgements_are_as_the_table_says),
        cmocka_unit_test(evidence_says_what_the_answer_would_have_been_without_it),
        cmocka_unit_test(a_thing_of_the_register_tells_whose_data_it_holds),
        cmocka_unit_test(equal_sayings_share_one_judgement),
        cmocka_unit_test(networks_part_where_something_else_is_said),
        cmocka_unit_test(a_list_that_is_cut_is_told_and_the_rest_believed),
    };
    return cmocka_run_group_tests(tests, make, forget);
}
