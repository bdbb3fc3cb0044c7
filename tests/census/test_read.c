/* Surveys read back: as a document and as lines, cut off anywhere, damaged, and things that are none. */
#include "tests/census/made.h"

static char memory[1 << 20];

/* How many servers are told before the end; -1: it is no survey at all. */
static int servers_of(const char *text, bool *is_partial, struct error *e) {
    char path[64];
    struct census_reader *reader;
    int count = 0;
    made_file(path, text);
    enum error_code code = census_reader_open(path, &reader, e);
    unlink(path);
    if (code != OK) {
        assert_int_equal(code, FAIL_SYNTAX);
        return -1;
    }
    for (bool more = true; more; count += more) {
        struct arena arena = arena_over(memory, sizeof memory);
        struct survey_server server;
        struct census_ruled ruled;
        assert_ok(census_reader_next(reader, &arena, &server, &ruled, &more, e), e);
    }
    *is_partial = census_reader_survey(reader)->is_partial;
    assert_true(*is_partial == (census_reader_survey(reader)->partial.len > 0));
    assert_int_equal(census_reader_survey(reader)->servers, count);
    census_reader_close(reader);
    return count;
}

static const char document[] =
    "{\"format\":\"azekura-survey/1\",\"home\":\"JP\",\"servers\":[{\"name\":\"a\"," JP_AWS
    "},{\"name\":\"b\"," US_AWS "}],\"counted\":{\"servers\":2},\"sources\":[{\"name\":\"made\","
    "\"date\":\"2026-06-01\"}]}\n";
static const char lines[] =
    "{\"name\":\"a\",\"home\":\"JP\"," JP_AWS "}\n{\"name\":\"b\"," US_AWS "}\n";

static void what_is_none_is_refused_by_name(void **state) {
    static const struct {
        const char *name, *text, *says;
        int servers;
    } rows[] = {
        {"a document", document, "", 2},
        {"lines", lines, "", 2},
        {"no servers", "{\"format\":\"azekura-survey/1\",\"servers\":[]}", "", 0},
        {"empty", "", "it is empty", -1},
        {"a list", "[1, 2]", "does not begin with {", -1},
        {"text", "hello", "does not begin with {", -1},
        {"other JSON", "{\"rows\": [], \"format\": 1}", "neither servers nor the answer", -1},
        {"a form", "{\"format\":\"azekura-survey-form/1\",\"form\":{\"servers\":9}}",
         "a form without its servers", -1},
        {"cut in its head", "{\"format\":\"azekura-survey/1\",\"ho", "ends before its servers", -1},
        {"a server without an answer", "{\"servers\":[{\"name\":\"a\"}]}", "", 0},
        {"an answer nobody gives", "{\"servers\":[{\"answer\":\"nearby\"}]}", "", 0},
        {"servers that are numbers", "{\"servers\":[1,2]}", "", 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error e = {0};
        bool is_partial;
        assert_row(rows[i].name, servers_of(rows[i].text, &is_partial, &e) == rows[i].servers);
        if (rows[i].servers < 0) {
            assert_row(rows[i].name, strstr(e.message, rows[i].says) != NULL);
            assert_row(rows[i].name, strstr(e.message, "/tmp/azekura-census-") != NULL);
        }
    }
}

static void a_survey_cut_off_anywhere_gives_what_stands_before(void **state) {
    static char cut[sizeof document];
    int most = 0;
    for (size_t len = 0; len < sizeof document - 2; len++) {
        struct error e = {0};
        bool is_partial = false;
        memcpy(cut, document, len);
        cut[len] = 0;
        int count = servers_of(cut, &is_partial, &e);
        assert_true(count <= 2);
        assert_true(count >= most || count == -1);
        assert_true(count == -1 || is_partial);
        if (count > most) most = count;
    }
    assert_int_equal(most, 2);
    for (size_t len = 1; len < sizeof lines - 1; len++) {
        struct error e = {0};
        bool is_partial = false;
        memcpy(cut, lines, len);
        cut[len] = 0;
        int count = servers_of(cut, &is_partial, &e);
        assert_true(count == -1 || count == 1 || (count == 2 && len >= sizeof lines - 2));
    }
}

static void a_damaged_byte_never_ends_the_program(void **state) {
    static char damaged[sizeof document];
    for (size_t at = 0; at < sizeof document - 1; at++)
        for (size_t k = 0; k < 4; k++) {
            struct error e = {0};
            bool is_partial;
            memcpy(damaged, document, sizeof document);
            damaged[at] = "\"}\x01"
                          "9"[k];
            assert_true(servers_of(damaged, &is_partial, &e) <= 2);
        }
}

static void all_of_a_server_comes_back(void **state) {
    static const char text[] =
        "{\"servers\":[{\"name\":\"www\",\"addresses\":[\"198.51.100.7\",\"2001:db8::1\"],"
        "\"home\":\"JP\",\"answer\":\"outside\",\"countries\":[{\"country\":\"DE\",\"probability\":"
        "0.25},{\"country\":\"US\",\"probability\":0.75}],\"operator\":\"aws\",\"organisation\":"
        "\"Amazon\",\"asn\":16509,\"region\":\"us-west-2\",\"law\":[{\"country\":\"US\",\"face\":"
        "\"parent\",\"why\":\"owns it\"}],\"law_known\":true,\"foreign_law\":true,\"evidence\":[{"
        "\"method\":\"address-data\",\"about\":\"place\",\"country\":\"US\",\"says\":\"in US\","
        "\"source\":\"dbip\",\"date\":\"2026-06-01\",\"weight\":2.5,\"without_it\":"
        "\"undetermined\"},{\"method\":\"of a later version\",\"says\":\"?\"}],\"conflicts\":[{"
        "\"about\":\"place\",\"says\":\"two say otherwise\"}],\"declared\":{\"by\":\"x.csv:1\","
        "\"operator\":\"aoba\",\"system\":\"scada\",\"dataset\":\"plant\",\"site\":\"sendai\","
        "\"country\":\"JP\",\"sector\":\"electricity\",\"class\":\"critical\",\"kinds\":[\"a\"]},"
        "\"comparison\":{\"declared\":\"contradicted\",\"allowed\":\"refused\",\"clauses\":["
        "\"own/keep\"]}}]}";
    char path[64];
    struct census_reader *reader;
    struct arena arena = arena_over(memory, sizeof memory);
    struct survey_server s;
    struct census_ruled ruled;
    struct error e;
    bool more;
    made_file(path, text);
    assert_ok(census_reader_open(path, &reader, &e), &e);
    assert_ok(census_reader_next(reader, &arena, &s, &ruled, &more, &e), &e);
    assert_true(more);
    const struct survey_judgement *j = s.judgement;
    assert_str(s.name, STR("www"));
    assert_int_equal(s.address_count, 2);
    assert_int_equal(j->answer, SURVEY_OUTSIDE);
    assert_memory_equal(j->countries[0].country.at, "US", 2); /* the likeliest first */
    assert_true(j->is_law_known && j->is_foreign_law && j->asn == 16509);
    assert_string_equal(j->law[0].face, "parent");
    assert_int_equal(j->evidence_count, 1);
    assert_int_equal(j->evidence[0].method, SURVEY_BY_ADDRESS);
    assert_int_equal(j->evidence[0].without, SURVEY_UNDETERMINED);
    assert_str(j->evidence[0].date, STR("2026-06-01"));
    assert_str(j->conflicts[0].says, STR("two say otherwise"));
    assert_str(s.declared.dataset, STR("plant"));
    assert_str(s.declared.kinds[0], STR("a"));
    assert_int_equal(ruled.match, CENSUS_CONTRADICTED);
    assert_int_equal(ruled.ruling, CENSUS_REFUSED);
    assert_str(ruled.clauses[0], STR("own/keep"));
    census_reader_close(reader);
    unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_none_is_refused_by_name),
        cmocka_unit_test(a_survey_cut_off_anywhere_gives_what_stands_before),
        cmocka_unit_test(a_damaged_byte_never_ends_the_program),
        cmocka_unit_test(all_of_a_server_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
