/* Address data that repeat where the owner of a network sits: what that says to a home at the seat, and to others. */
#include <unistd.h>

#include "survey/survey.h"
#include "tests/geo/mmdb_make.h"

static const char systems[] = "3.112.0.0,3.119.255.255,16509,\"Amazon.com, Inc.\"\n"
                              "163.43.0.0,163.43.255.255,9371,SAKURA Internet Inc.\n";
static const struct mmdb_row rows[] = {
    {"3.112.0.0/16", "US", false}, {"3.113.0.0/16", "JP", false},  {"3.114.0.0/16", "CN", false},
    {"3.115.0.0/16", "IE", false}, {"163.43.0.0/16", "JP", false},
};
static char folder[] = "/tmp/azekura-seat-XXXXXX", data_path[64], asn_path[64];

static int make(void **state) {
    assert_non_null(mkdtemp(folder));
    snprintf(data_path, sizeof data_path, "%s/data.mmdb", folder);
    snprintf(asn_path, sizeof asn_path, "%s/asn.csv", folder);
    mmdb_make(data_path, rows, COUNT_OF(rows), 1781725900);
    FILE *file = fopen(asn_path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(systems, 1, sizeof systems - 1, file), sizeof systems - 1);
    return fclose(file);
}
static int forget(void **state) {
    unlink(data_path);
    unlink(asn_path);
    return rmdir(folder);
}

static const struct {
    const char *what, *home, *address, *declared, *answer;
} cases[] = {
    {"a block registered at the seat was surely inside, though it may serve any region", "US",
     "3.112.0.9", "", "undetermined"},
    {"but with a second voice it is", "US", "3.112.0.9", "US", "inside"},
    {"and to another home it is outside, whichever region it serves", "JP", "3.112.0.9", "",
     "outside"},
    {"unless somebody says home", "JP", "3.112.0.9", "JP", "undetermined"},
    {"what is said against the seat was said on purpose", "JP", "3.113.0.9", "", "inside"},
    {"a daughter's seat is a seat too", "IE", "3.115.0.9", "", "undetermined"},
    {"whose blocks are not at home in Japan", "JP", "3.115.0.9", "", "outside"},
    {"China may mean Hong Kong", "HK", "3.114.0.9", "", "undetermined"},
    {"and Hong Kong is not China's answer either", "CN", "3.114.0.9", "", "undetermined"},
    {"which is outside in Japan both ways", "JP", "3.114.0.9", "", "outside"},
    {"a provider that runs no regions abroad is at home at its seat", "JP", "163.43.0.9", "",
     "inside"},
};

static enum survey_answer asked(size_t row, struct survey_judge *judge) {
    static unsigned char memory[1 << 16];
    struct arena arena = arena_over(memory, sizeof memory);
    struct geo_address address;
    struct survey_asked ask = {.addresses = &address, .address_count = 1};
    struct survey_server server;
    struct error e;
    assert_true(geo_address_read(str_from_c(cases[row].address), &address));
    if (cases[row].declared[0] != 0) {
        ask.declared.by = STR("servers.csv:2");
        assert_true(geo_country_read(str_from_c(cases[row].declared), &ask.declared.country));
    }
    assert_ok(survey_ask(judge, &ask, &arena, &server, &e), &e);
    return server.judgement->answer;
}

static void a_seat_tells_little_of_who_runs_regions_abroad(void **state) {
    const char *data[] = {data_path}, *asn[] = {asn_path};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct survey_options options = {.address_data = data,
                                         .address_data_count = 1,
                                         .asn = asn,
                                         .asn_count = 1,
                                         .home = str_from_c(cases[i].home)};
        struct survey_world *world;
        struct survey_judge *judge;
        struct error e;
        assert_ok(survey_world_open(&options, &world, &e), &e);
        assert_ok(survey_judge_open(world, &judge, &e), &e);
        const char *answer = survey_answer_name(asked(i, judge));
        if (strcmp(answer, cases[i].answer) != 0)
            fail_msg("%s: expected %s, found %s", cases[i].what, cases[i].answer, answer);
        survey_judge_close(judge);
        survey_world_close(world);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seat_tells_little_of_who_runs_regions_abroad)};
    return cmocka_run_group_tests(tests, make, forget);
}
