/* The form of a survey of nine servers: every number here can be counted by hand. */
#include "tests/census/made.h"

static const char nine[] =
    "{\"format\":\"azekura-survey/"
    "1\",\"home\":\"JP\",\"at\":\"2026-11-22T00:00:00Z\",\"servers\":[\n"
    "{\"name\":\"a\"," JP_AWS ",\"declared\":{\"by\":\"x\",\"operator\":\"aoba\",\"sector\":"
    "\"electricity\",\"class\":\"critical\",\"kinds\":[\"meter\",\"personal\"],\"country\":\"JP\"}}"
    ",\n"
    "{\"name\":\"b\"," JP_AWS ",\"declared\":{\"by\":\"x\",\"operator\":\"aoba\",\"sector\":"
    "\"electricity\",\"class\":\"ordinary\",\"kinds\":[\"mail\"],\"country\":\"US\"}},\n"
    "{\"name\":\"c\"," US_AWS ",\"declared\":{\"by\":\"x\",\"operator\":\"aoba\",\"sector\":"
    "\"electricity\",\"class\":\"critical\",\"kinds\":[\"personal\"],\"country\":\"JP\"}},\n"
    "{\"name\":\"d\"," US_AWS "},\n"
    "{\"name\":\"e\"," JP_OWN ",\"declared\":{\"by\":\"x\",\"operator\":\"keyaki\",\"sector\":"
    "\"finance\",\"class\":\"critical\",\"kinds\":[\"payment\"]}},\n"
    "{\"name\":\"f\"," SG_UNKNOWN_OWNER ",\"declared\":{\"by\":\"x\",\"operator\":\"keyaki\","
    "\"sector\":\"finance\",\"kinds\":[\"payment\"],\"country\":\"JP\"}},\n"
    "{\"name\":\"g\"," OPEN ",\"declared\":{\"by\":\"x\",\"operator\":\"keyaki\",\"sector\":"
    "\"finance\",\"class\":\"ordinary\",\"country\":\"JP\"}},\n"
    "{\"name\":\"h\"," MANY ",\"declared\":{\"by\":\"x\",\"operator\":\"aoba\",\"sector\":"
    "\"electricity\",\"country\":\"JP\"}},\n"
    "{\"name\":\"i\"," JP_OWN "}\n"
    "]}\n";

struct expected {
    const char *name;
    uint64_t servers, inside, outside, undetermined, many, foreign, unknown;
};

static void check(const struct census_counts *c, const struct expected *x) {
    uint64_t foreign = 0, unknown = 0;
    for (unsigned a = 0; a < SURVEY_ANSWER_COUNT; a++) {
        foreign += c->foreign_law[a];
        unknown += c->law_unknown[a];
    }
    assert_row(x->name, c->servers == x->servers);
    assert_row(x->name, c->answers[SURVEY_INSIDE] == x->inside);
    assert_row(x->name, c->answers[SURVEY_OUTSIDE] == x->outside);
    assert_row(x->name, c->answers[SURVEY_UNDETERMINED] == x->undetermined);
    assert_row(x->name, c->answers[SURVEY_MANY] == x->many);
    assert_row(x->name, foreign == x->foreign);
    assert_row(x->name, unknown == x->unknown);
}

static void check_lines(const struct census_lines *lines, const struct expected *expected,
                        size_t count) {
    assert_int_equal(lines->count, count);
    for (size_t i = 0; i < count; i++) {
        assert_str(lines->at[i].name, str_from_c(expected[i].name));
        check(&lines->at[i].counts, &expected[i]);
    }
}

static void it_counts_by_operator_field_class_and_kind(void **state) {
    static const struct expected operators[] = {{"aoba", 4, 2, 1, 0, 1, 4, 0},
                                                {"keyaki", 3, 1, 1, 1, 0, 0, 2},
                                                {"", 2, 1, 1, 0, 0, 1, 0}},
                                 sectors[] = {{"electricity", 4, 2, 1, 0, 1, 4, 0},
                                              {"finance", 3, 1, 1, 1, 0, 0, 2},
                                              {"", 2, 1, 1, 0, 0, 1, 0}},
                                 classes[] = {{"critical", 3, 2, 1, 0, 0, 2, 0},
                                              {"ordinary", 2, 1, 0, 1, 0, 1, 1},
                                              {"", 4, 1, 2, 0, 1, 2, 1}},
                                 kinds[] = {{"mail", 1, 1, 0, 0, 0, 1, 0},
                                            {"meter", 1, 1, 0, 0, 0, 1, 0},
                                            {"payment", 2, 1, 1, 0, 0, 0, 1},
                                            {"personal", 2, 1, 1, 0, 0, 2, 0},
                                            {"", 4, 1, 1, 1, 1, 2, 1}},
                                 total = {"total", 9, 4, 3, 1, 1, 5, 2},
                                 undeclared = {"undeclared", 3, 1, 1, 0, 1, 2, 0};
    struct census *census = made_census();
    const struct census_form *form = made_count(census, nine);
    check(&form->total, &total);
    check(&form->undeclared, &undeclared);
    check_lines(&form->operators, operators, COUNT_OF(operators));
    check_lines(&form->sectors, sectors, COUNT_OF(sectors));
    check_lines(&form->classes, classes, COUNT_OF(classes));
    check_lines(&form->kinds, kinds, COUNT_OF(kinds));
    census_close(census);
}

static void place_and_law_are_two_answers(void **state) {
    static const struct {
        const char *country, *law;
        enum survey_answer answer;
        uint64_t servers;
    } rows[] = {{"JP", "JP", SURVEY_INSIDE, 2},   {"JP", "US", SURVEY_INSIDE, 2},
                {"SG", "", SURVEY_OUTSIDE, 1},    {"US", "US", SURVEY_OUTSIDE, 2},
                {"", "", SURVEY_UNDETERMINED, 1}, {"", "US", SURVEY_MANY, 1}};
    struct census *census = made_census();
    const struct census_form *form = made_count(census, nine);
    assert_int_equal(form->under_count, COUNT_OF(rows));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(form->unders[i].answer, rows[i].answer);
        assert_str(geo_country_str(&form->unders[i].country), str_from_c(rows[i].country));
        assert_str(form->unders[i].law, str_from_c(rows[i].law));
        assert_int_equal(form->unders[i].servers, rows[i].servers);
    }
    assert_int_equal(form->place_count, 6); /* JP is two: a region, and known no better */
    census_close(census);
}

static void what_is_declared_is_held_against_what_was_measured(void **state) {
    struct census *census = made_census();
    const struct census_form *form = made_count(census, nine);
    assert_int_equal(form->three[CENSUS_NOT_DECLARED][CENSUS_NOT_ASKED], 3);
    assert_int_equal(form->three[CENSUS_AGREES][CENSUS_NOT_ASKED], 1);
    assert_int_equal(form->three[CENSUS_NOT_SHOWN][CENSUS_NOT_ASKED], 2);
    assert_int_equal(form->three[CENSUS_CONTRADICTED][CENSUS_NOT_ASKED], 3);
    census_close(census);
}

static void the_first_line_says_how_many_where_and_how_crucial(void **state) {
    struct census *census = made_census();
    const struct census_form *form = made_count(census, nine);
    struct report_out out;
    MADE_WRITTEN(out, census_sentence(form, STR("en"), &out));
    assert_string_equal(
        made_written,
        "9 servers: 4 in Japan (2 of them under foreign law), 3 abroad (United States "
        "2, Singapore 1), 1 undetermined, 1 in many places; of the 5 not shown to be "
        "in the country, 1 holds critical data, 1 holds ordinary data, 1 holds other "
        "data, and for 2 nobody has declared what they hold.");
    MADE_WRITTEN(out, census_sentence(form, STR("ja"), &out));
    assert_string_equal(
        made_written,
        "サーバー9台：日本国内4台（うち外国法の及ぶもの2台）、国外3台（アメリカ合衆国2、"
        "シンガポール1）、判定できず1台、複数の場所1台。国内と確認できない5台のうち、"
        "重要度「最重要」のデータを持つもの1台、重要度「一般」のデータを持つもの"
        "1台、ほかのデータを持つもの1台、データが未申告のもの2台。");
    census_close(census);
}

/* Two names at one address were two servers, and nothing said that they may be one machine. */
static void servers_at_one_address_are_told(void **state) {
    struct census *census = made_census();
    struct report_out out;
    const struct census_form *form = made_count(
        census, "{\"name\":\"a\",\"addresses\":[\"3.112.0.1\",\"2600:1f00::1\"]," JP_OWN "}\n"
                "{\"name\":\"b\",\"address\":\"3.112.0.1\"," JP_OWN "}\n"
                "{\"name\":\"c\",\"address\":\"2600:1f00::1\"," JP_OWN "}\n"
                "{\"name\":\"d\",\"address\":\"3.112.0.2\"," JP_OWN "}\n"
                "{\"name\":\"e\",\"address\":\"10.0.0.1\"," JP_OWN "}\n" /* whose is not known */
                "{\"name\":\"f\",\"address\":\"10.0.0.1\"," JP_OWN "}\n"
                "{\"name\":\"g\"," OPEN "}\n");
    assert_int_equal(form->total.servers, 7);
    assert_int_equal(form->addresses, 3);
    assert_int_equal(form->met, 2);
    MADE_WRITTEN(out, census_sentence(form, STR("en"), &out));
    assert_string_equal(
        made_written, /* it said "country, and for 1" */
        "7 servers: 6 in Japan, 0 abroad, 1 undetermined, 0 in many places; of the 1 "
        "not shown to be in the country, for 1 nobody has declared what it holds.");
    MADE_WRITTEN(out, assert_true(census_addresses_sentence(form, STR("en"), &out)));
    assert_string_equal(
        made_written, "Counted by name: 2 of them are at a public address that another has too (3 "
                      "addresses in all); whether that is one machine with several names, or one "
                      "that answers for several, is not known.");
    MADE_WRITTEN(out, assert_true(census_addresses_sentence(form, STR("ja"), &out)));
    assert_string_equal(
        made_written,
        "名前ごとに数えている。うち2台は、ほかのサーバーと同じ公開アドレスにある（アドレスは全部で3"
        "個）。"
        "一つの機械の別名か、複数を代表して応答する機械かは、これだけでは分からない。");
    census_close(census);
}

static void many_addresses_are_each_counted_once(void **state) {
    struct census *census = made_census();
    enum { SERVERS = 5000 };
    const struct survey_judgement judgement = {.answer = SURVEY_UNDETERMINED};
    const struct census_form *form;
    struct error e;
    for (unsigned turn = 0; turn < 2; turn++)
        for (unsigned i = 0; i < SERVERS; i++) {
            struct geo_address address;
            const unsigned char bytes[] = {3, 112, (unsigned char)(i >> 8), (unsigned char)i};
            assert_true(geo_address_of(bytes, 4, &address));
            const struct survey_server server = {
                .addresses = &address, .address_count = 1, .judgement = &judgement};
            assert_ok(census_add(census, &server, NULL, false, NULL, &e), &e);
        }
    assert_ok(census_form_make(census, &form, &e), &e);
    assert_int_equal(form->addresses, SERVERS);
    assert_int_equal(form->met, SERVERS);
    census_close(census);
}

static void nothing_surveyed_is_said_too(void **state) {
    struct census *census = made_census();
    const struct census_form *form;
    struct report_out out;
    struct error e;
    assert_ok(census_form_make(census, &form, &e), &e);
    MADE_WRITTEN(out, census_sentence(form, STR("en"), &out));
    assert_string_equal(made_written, "0 servers: 0 in Japan, 0 abroad, 0 undetermined, 0 in many "
                                      "places; none stands elsewhere or unknown.");
    census_close(census);
}

static void csv_has_a_line_for_each_combination(void **state) {
    struct census *census = made_census();
    const struct census_form *form = made_count(census, nine);
    struct report_out out;
    MADE_WRITTEN(out, census_csv(form, &out));
    static const char *const lines[] = {
        "operator,sector,class,kinds,answer,country,provider,region,law,foreign_law,declared,"
        "allowed,"
        "again,servers\n",
        "\naoba,electricity,critical,meter personal,inside,JP,aws,ap-northeast-1,US,yes,agrees,"
        "not-asked,no,1\n",
        "\naoba,electricity,critical,personal,outside,US,aws,us-west-2,US,yes,contradicted,not-"
        "asked,"
        "no,1\n",
        "\nkeyaki,finance,,payment,outside,SG,,,unknown,unknown,contradicted,not-asked,no,1\n",
        "\n,,,,inside,JP,,,JP,no,not-declared,not-asked,no,1\n"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) assert_non_null(strstr(made_written, lines[i]));
    census_close(census);
}

static void a_point_is_never_more_than_a_country(void **state) {
    struct census *census = made_census();
    struct census_report report = {.form = made_count(census, nine), .language = STR("en")};
    struct report_out out;
    MADE_WRITTEN(out, census_geojson(&report, &out));
    assert_non_null(strstr(made_written, "[139, 36.3]"));
    assert_non_null(strstr(made_written, "not for where a machine stands"));
    assert_null(strstr(made_written, "\"precision\":\"region\""));
    assert_non_null(strstr(made_written, "\"precision\":\"country\""));
    assert_non_null(strstr(made_written, "\"precision\":\"none\"")); /* many, undetermined */
    census_close(census);
}

static void every_country_has_a_name_and_a_point(void **state) {
    for (char a = 'A'; a <= 'Z'; a++)
        for (char b = 'A'; b <= 'Z'; b++) {
            const char code[] = {a, b};
            geo_country country;
            struct geo_point at;
            if (!geo_country_read(str_of(code, 2), &country)) continue;
            assert_true(census_country_name(&country, STR("en")).len > 2);
            assert_true(census_country_name(&country, STR("ja")).len > 3);
            assert_true(census_country_point(&country, &at) && geo_point_is_valid(at));
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_counts_by_operator_field_class_and_kind),
        cmocka_unit_test(place_and_law_are_two_answers),
        cmocka_unit_test(what_is_declared_is_held_against_what_was_measured),
        cmocka_unit_test(the_first_line_says_how_many_where_and_how_crucial),
        cmocka_unit_test(servers_at_one_address_are_told),
        cmocka_unit_test(many_addresses_are_each_counted_once),
        cmocka_unit_test(nothing_surveyed_is_said_too),
        cmocka_unit_test(csv_has_a_line_for_each_combination),
        cmocka_unit_test(a_point_is_never_more_than_a_country),
        cmocka_unit_test(every_country_has_a_name_and_a_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
