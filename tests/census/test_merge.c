/* Surveys of two operators as one form, and surveys of one operator over time. */
#include "tests/census/made.h"

#define HEAD(home, date)                                                                           \
    "{\"format\":\"azekura-survey/1\",\"home\":\"" home "\",\"at\":\"" date                        \
    "T00:00:00Z\",\"servers\":["
#define TAIL(edition)                                                                              \
    "],\"sources\":[{\"name\":\"dbip-country\",\"date\":\"" edition                                \
    "\",\"attribution\":\"db-ip.com\"}]}"
#define OF(operator)                                                                               \
    ",\"declared\":{\"by\":\"x\",\"operator\":\"" operator"\",\"class\":\"critical\"}"

static const char aoba[] =
    HEAD("JP", "2026-11-20") "{\"name\":\"www.shared.example\",\"address\":\"9.9.9.9\"," US_AWS OF(
        "aoba") "},"
                "{\"name\":\"web\",\"address\":\"10.0.0.1\"," JP_OWN OF(
                    "aoba") "},"
                            "{\"name\":\"db\",\"address\":\"8.8.8.8\"," JP_OWN OF("aoba") "}" TAIL(
                                "2026-06-01");
static const char keyaki[] =
    HEAD("JP", "2026-11-21") "{\"name\":\"www.shared.example\",\"address\":\"9.9.9.10\"," US_AWS OF(
        "keyaki") "},"
                  "{\"name\":\"web\",\"address\":\"10.0.0.1\"," JP_OWN OF(
                      "keyaki") "},"
                                "{\"name\":\"\",\"address\":\"8.8.8.8\"," OPEN OF(
                                    "keyaki") "}" TAIL("2026-07-01");

static void one_server_in_two_surveys_is_told_and_counted_once(void **state) {
    char a[64], b[64];
    struct census_merging *work;
    const struct census_merged *m;
    struct error e;
    made_file(a, aoba);
    made_file(b, keyaki);
    const char *const paths[] = {a, b};
    assert_ok(census_merge(paths, 2, &work, &m, &e), &e);
    assert_int_equal(m->form->total.servers, 4);
    assert_int_equal(m->form->again, 2);
    assert_int_equal(m->form->operators.count, 2);
    for (size_t i = 0; i < 2; i++) assert_int_equal(m->form->operators.at[i].counts.servers, 3);
    assert_int_equal(m->repeat_count, 2);
    assert_str(m->repeats[0].by, STR("www.shared.example"));
    assert_str(m->repeats[1].subject, STR("8.8.8.8"));
    assert_str(m->repeats[1].by, STR("8.8.8.8"));
    assert_int_equal(m->repeats[1].first_answer, SURVEY_INSIDE);
    assert_int_equal(m->repeats[1].second_answer, SURVEY_UNDETERMINED);
    assert_int_equal(m->parted_count, 1);
    assert_str(m->parted[0].first_date, STR("2026-06-01"));
    assert_str(m->parted[0].second_date, STR("2026-07-01"));
    assert_int_equal(m->surveys[1]->servers, 3);
    assert_str(m->surveys[0]->editions[0].attribution, STR("db-ip.com"));
    census_merge_close(work);
    unlink(a);
    unlink(b);
}

static void surveys_of_two_countries_are_not_added_up(void **state) {
    static const char abroad[] = HEAD("DE", "2026-11-21") "{\"name\":\"x\"," JP_OWN "}]}";
    char a[64], b[64];
    struct census_merging *work;
    const struct census_merged *m;
    struct error e = {0};
    made_file(a, aoba);
    made_file(b, abroad);
    const char *const paths[] = {a, b};
    assert_int_equal(census_merge(paths, 2, &work, &m, &e), FAIL_USAGE);
    assert_non_null(strstr(e.message, b));
    assert_non_null(strstr(e.message, "DE"));
    unlink(a);
    unlink(b);
}

static void a_file_that_is_no_survey_stops_a_merge_by_name(void **state) {
    char a[64], b[64];
    struct census_merging *work;
    const struct census_merged *m;
    struct error e = {0};
    made_file(a, aoba);
    made_file(b, "{\"rows\":[]}");
    const char *const paths[] = {a, b};
    assert_int_equal(census_merge(paths, 2, &work, &m, &e), FAIL_SYNTAX);
    assert_non_null(strstr(e.message, b));
    unlink(a);
    unlink(b);
}

/* ---- over time ---- */

#define SAYS(source, date)                                                                         \
    ",\"evidence\":[{\"method\":\"address-data\",\"about\":\"place\",\"country\":\"US\",\"says\":" \
    "\"in US\",\"source\":\"" source "\",\"date\":\"" date "\"}]"

static const char january[] =
    HEAD("JP", "2026-01-01") "{\"name\":\"stays\"," JP_OWN "},{\"name\":\"moves\"," JP_OWN
                             "},{\"name\":\"flaps\"," JP_OWN "},{\"name\":\"goes\"," US_AWS
                             "},{\"name\":\"twin\"," JP_OWN "},{\"name\":\"twin\"," US_AWS "}]}";
static const char february[] = HEAD("JP", "2026-02-01") "{\"name\":\"stays\"," JP_OWN SAYS(
    "dbip",
    "2026-01") "},{\"name\":\"moves\"," JP_OWN SAYS("dbip",
                                                    "2026-01") "},{\"name\":\"flaps\"," US_AWS
                                                               "},{\"name\":\"goes\"," US_AWS
                                                               "},{\"name\":\"twin\"," JP_OWN
                                                               "},{\"name\":\"twin\"," US_AWS "}]}";
static const char now[] = HEAD("JP", "2026-03-01") "{\"name\":\"stays\"," JP_OWN SAYS(
    "dbip",
    "2026-02") "},{\"name\":\"moves\"," US_AWS SAYS("dbip",
                                                    "2026-02") "},{\"name\":\"flaps\"," JP_OWN
                                                               "},{\"name\":\"comes\"," US_AWS
                                                               "},{\"name\":\"twin\"," JP_OWN
                                                               "},{\"name\":\"twin\"," US_AWS "}]}";

static void add_all(struct census_diff *diff, const char *text) {
    static char memory[1 << 20];
    char path[64];
    struct census_reader *reader;
    struct error e;
    made_file(path, text);
    assert_ok(census_reader_open(path, &reader, &e), &e);
    for (bool more = true; more;) {
        struct arena arena = arena_over(memory, sizeof memory);
        struct survey_server server;
        struct census_ruled ruled;
        assert_ok(census_reader_next(reader, &arena, &server, &ruled, &more, &e), &e);
        if (more) assert_ok(census_diff_add(diff, &server, &e), &e);
    }
    census_reader_close(reader);
    unlink(path);
}

#define PROBED(says)                                                                               \
    HEAD("JP", "2026-01-01")                                                                       \
    "{\"name\":\"a\"," JP_OWN ",\"evidence\":[{\"method\":\"round-trip\",\"about\":\"place\","     \
    "\"says\":\"" says "\",\"source\":\"probe\"}]}]}"

/* Each probed server counted as on other evidence, as no two round trips take the same time. */
static void a_round_trip_is_other_evidence_only_where_nobody_answers(void **state) {
    static const struct {
        const char *then, *now;
        size_t other;
    } rows[] = {
        {PROBED("within 31 km of here; 0.310 ms"), PROBED("within 29 km of here; 0.290 ms"), 0},
        {PROBED("within 31 km of here; 0.310 ms"), PROBED("no answer to 5"), 1},
        {PROBED("no answer to 5"), PROBED("no answer to 5"), 0}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char path[64];
        struct census_diff *diff;
        const struct census_difference *d;
        struct error e;
        made_file(path, rows[i].then);
        const char *const paths[] = {path};
        assert_ok(census_diff_open(paths, 1, &diff, &e), &e);
        add_all(diff, rows[i].now);
        assert_ok(census_diff_end(diff, 0, &d, &e), &e);
        assert_int_equal(d->unchanged, 1);
        assert_int_equal(d->other_evidence, rows[i].other);
        census_diff_close(diff);
        unlink(path);
    }
}

static void new_gone_answered_otherwise_and_flapping(void **state) {
    static const struct {
        const char *subject;
        enum census_change_kind what;
        bool is_flapping;
        size_t appeared, vanished;
    } rows[] = {{"comes", CENSUS_NEW, false, 0, 0},
                {"flaps", CENSUS_ANSWERED_OTHERWISE, true, 0, 0},
                {"goes", CENSUS_GONE, false, 0, 0},
                {"moves", CENSUS_ANSWERED_OTHERWISE, false, 1, 1}};
    char a[64], b[64];
    struct census_diff *diff;
    const struct census_difference *d;
    struct error e;
    struct report_out out;
    made_file(a, january);
    made_file(b, february);
    const char *const paths[] = {b, a}; /* their own times order them */
    assert_ok(census_diff_open(paths, 2, &diff, &e), &e);
    add_all(diff, now);
    assert_ok(census_diff_end(diff, 0, &d, &e), &e);
    assert_int_equal(d->change_count, COUNT_OF(rows));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_str(d->changes[i].subject, str_from_c(rows[i].subject));
        assert_row(rows[i].subject, d->changes[i].what == rows[i].what);
        assert_row(rows[i].subject, d->changes[i].is_flapping == rows[i].is_flapping);
        assert_row(rows[i].subject, d->changes[i].appeared_count == rows[i].appeared);
        assert_row(rows[i].subject, d->changes[i].vanished_count == rows[i].vanished);
    }
    assert_str(d->changes[3].appeared[0], STR("address-data US: in US (dbip 2026-02)"));
    assert_int_equal(d->unchanged, 3); /* stays, and both that are called twin */
    assert_int_equal(d->other_evidence, 1);
    assert_int_equal(d->flapping, 1);
    MADE_WRITTEN(out, census_diff_text(d, STR("en"), &out));
    assert_non_null(strstr(made_written,
                           "new 1, gone 1, answered otherwise 2, unchanged 3 (on other "
                           "evidence 1), flapping 1\n"));
    assert_non_null(strstr(made_written, "flaps: inside (2026-01-01) → outside US (2026-02-01) → "
                                         "inside [flapping]\n"));
    assert_non_null(strstr(made_written, "    - address-data US: in US (dbip 2026-01)\n"));
    MADE_WRITTEN(out, census_diff_text(d, STR("ja"), &out));
    assert_non_null(strstr(made_written, "新規 1、消滅 1、判定の変化 2、変化なし3"));
    census_diff_close(diff);
    unlink(a);
    unlink(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_server_in_two_surveys_is_told_and_counted_once),
        cmocka_unit_test(surveys_of_two_countries_are_not_added_up),
        cmocka_unit_test(a_file_that_is_no_survey_stops_a_merge_by_name),
        cmocka_unit_test(new_gone_answered_otherwise_and_flapping),
        cmocka_unit_test(a_round_trip_is_other_evidence_only_where_nobody_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
