/* Offers: a CSV file in somebody else's words becomes equipment, or is refused with the word that is
 * wrong and the nearest that is right. */
#include "register/register.h"
#include "tests/test.h"

static const char known[] = "entities:\n"
                            "  - {id: kaze, name: Kaze Networks}\n"
                            "  - {id: ZTE, name: ZTE Corporation}\n"
                            "  - {id: grim-cameras, name: Grim, lists: [house]}\n";

static enum error_code offer_load(const char *csv, const struct register_column *columns,
                                  size_t count, struct register_snapshot **out, struct error *e) {
    struct register_offer offer = {.columns = columns, .column_count = count};
    struct register_text texts[] = {{STR("entities.yaml"), str_from_c(known), NULL},
                                    {STR("angebot.csv"), str_from_c(csv), &offer}};
    return register_load_texts(texts, COUNT_OF(texts), out, NULL, e);
}

static size_t columns_of(const char *const *pairs, struct register_column *out) {
    size_t count = 0;
    for (; pairs[count * 2] != NULL; count++)
        out[count] = (struct register_column){str_from_c(pairs[count * 2]),
                                              str_from_c(pairs[count * 2 + 1])};
    return count;
}

static const struct {
    const char *name, *csv, *columns[12], *row; /* the row "a", in canonical form */
} read[] = {
    {"own words",
     "id,maker,category\na,kaze,router\n",
     {NULL},
     "{\"id\":\"a\",\"category\":\"router\",\"maker\":\"kaze\"}"},
    {"their words",
     "Pos,Hersteller,Art\na,kaze,router\n",
     {"id", "Pos", "maker", "Hersteller", "category", "Art", NULL},
     "{\"id\":\"a\",\"category\":\"router\",\"maker\":\"kaze\"}"},
    {"capitals do not count, nor spaces around",
     " POS , hersteller \na,kaze\n",
     {"id", "Pos", "maker", "Hersteller", NULL},
     "{\"id\":\"a\",\"maker\":\"kaze\"}"},
    {"quoted, with a comma, a quote and a line end in it",
     "Pos,\"Maker, \"\"legal\"\"\nname\"\na,kaze\n",
     {"id", "Pos", "maker", "Maker, \"legal\"\nname", NULL},
     "{\"id\":\"a\",\"maker\":\"kaze\"}"},
    {"a set needs no brackets",
     "Pos,MAC\na,00:11:22:33:44:55;00:11:22:33:44:56\n",
     {"id", "Pos", "macs", "MAC", NULL},
     "{\"id\":\"a\",\"macs\":[\"00:11:22:33:44:55\",\"00:11:22:33:44:56\"]}"},
    {"nor minds them",
     "Pos,MAC\na,00:11:22:33:44:55\n",
     {"id", "Pos", "macs[]", "MAC", NULL},
     "{\"id\":\"a\",\"macs\":[\"00:11:22:33:44:55\"]}"},
    {"below a field",
     "Pos,名前\na,ルータ\n",
     {"id", "Pos", "name.ja", "名前", NULL},
     "{\"id\":\"a\",\"name\":{\"ja\":\"ルータ\"}}"},
    {"passed over",
     "Pos,Preis,Art,Rabatt\na,12,router,3\n",
     {"id", "Pos", "-", "Preis", "category", "Art", "-", "Rabatt", NULL},
     "{\"id\":\"a\",\"category\":\"router\"}"},
    {"passed over in their own file",
     "id,-,category,-\na,12,router,3\n",
     {NULL},
     "{\"id\":\"a\",\"category\":\"router\"}"},
    {"a byte order mark, and line ends of two bytes",
     "\xef\xbb\xbfPos,Art\r\na,router\r\n",
     {"id", "Pos", "category", "Art", NULL},
     "{\"id\":\"a\",\"category\":\"router\"}"},
    {"a maker by a name somebody has an entity of",
     "id,maker\na,Grim Cameras\n",
     {NULL},
     "{\"id\":\"a\",\"maker\":\"grim-cameras\"}"},
    {"an id with capitals stays one",
     "id,maker\na,ZTE\n",
     {NULL},
     "{\"id\":\"a\",\"maker\":\"ZTE\"}"},
    {"a maker and a supplier nobody knows",
     "id,maker,supplier\na,\"Namura, Inc.\",Shop Ltd\n",
     {NULL},
     "{\"id\":\"a\",\"maker\":\"namura-inc\",\"supplier\":\"shop-ltd\"}"},
    {"an unknown maker is none",
     "id,maker\na,unknown\n",
     {NULL},
     "{\"id\":\"a\",\"maker\":{\"is\":\"unknown\"}}"},
    {"nothing in the cell",
     "id,maker,category\na,,router\n",
     {NULL},
     "{\"id\":\"a\",\"category\":\"router\"}"},
};

static void each_offer_is_read_in_its_own_words(void **state) {
    for (size_t i = 0; i < COUNT_OF(read); i++) {
        struct register_column columns[6];
        struct register_snapshot *s;
        struct error e = {0};
        size_t count = columns_of(read[i].columns, columns);
        enum error_code code = offer_load(read[i].csv, columns, count, &s, &e);
        if (code != OK) fail_msg("%s: %s", read[i].name, e.message);
        const struct register_row *row =
            register_row_at(s, REGISTER_EQUIPMENT, STR("a"), 1790000000 * NS_PER_S);
        assert_row(read[i].name, row != NULL);
        if (!str_equal(row->canonical, str_from_c(read[i].row)))
            fail_msg("%s: %.*s", read[i].name, STR_FMT(row->canonical));
        register_release(s);
    }
}

static void a_name_nobody_knows_becomes_an_entity_and_a_known_one_stays(void **state) {
    struct register_snapshot *s;
    struct error e = {0};
    int64_t now = 1790000000 * NS_PER_S;
    str name;
    assert_ok(offer_load("id,maker\na,\"Namura, Inc.\"\nb,Grim Cameras\n", NULL, 0, &s, &e), &e);
    const struct register_row *row = register_row_at(s, REGISTER_ENTITIES, STR("namura-inc"), now);
    assert_non_null(row);
    assert_true(register_text_at(row, STR("name"), now, &name));
    assert_str(name, STR("Namura, Inc."));
    assert_int_equal(register_value_find(&row->fields, STR("name"))->by, REGISTER_DOCUMENT);
    row = register_row_at(s, REGISTER_ENTITIES, STR("grim-cameras"), now);
    assert_true(register_text_at(row, STR("name"), now, &name));
    assert_str(name, STR("Grim")); /* what somebody wrote, not what the offer calls it */
    assert_non_null(register_value_find(&row->fields, STR("lists")));
    register_release(s);
}

static const struct {
    const char *name, *csv, *columns[6];
    enum error_code code;
    const char *says;
} wrong[] = {
    {"no field, and the nearest",
     "id,makr\na,kaze\n",
     {NULL},
     FAIL_SYNTAX,
     "angebot.csv:1:1: no field is called \"makr\", the nearest is \"maker\": say --columns "
     "FIELD=\"makr\", or -=\"makr\" to pass it over"},
    {"no field, and none near",
     "id,Hersteller\na,kaze\n",
     {NULL},
     FAIL_SYNTAX,
     "angebot.csv:1:1: no field is called \"Hersteller\": say --columns FIELD=\"Hersteller\""},
    {"mapped to no field",
     "id,X\na,kaze\n",
     {"makr", "X", NULL},
     FAIL_USAGE,
     "equipment has no field \"makr\" that a cell can hold; did you mean \"maker\"?"},
    {"mapped to a list of records",
     "id,X\na,kaze\n",
     {"components", "X", NULL},
     FAIL_USAGE,
     "equipment has no field \"components\" that a cell can hold"},
    {"a header that is not there",
     "Pos,Herstellr\na,kaze\n",
     {"id", "Pos", "maker", "Hersteller", NULL},
     FAIL_USAGE,
     "angebot.csv has no column \"Hersteller\"; the nearest is \"Herstellr\""},
    {"one field twice",
     "id,A,B\na,kaze,kaze\n",
     {"maker", "A", "maker", "B", NULL},
     FAIL_SYNTAX,
     "angebot.csv:1:1: expected each field once, found \"maker\" beside \"maker\""},
    {"no id",
     "A\nkaze\n",
     {"maker", "A", NULL},
     FAIL_SYNTAX,
     "angebot.csv:2:1: expected an \"id\" for this row"},
    {"all passed over",
     "A\nkaze\n",
     {"-", "A", NULL},
     FAIL_SYNTAX,
     "angebot.csv:1:1: expected a column that says something"},
    {"a quote out of place",
     "\"id\"x,maker\na,kaze\n",
     {NULL},
     FAIL_SYNTAX,
     "angebot.csv:1:1: a quote is out of place in the first line"},
    {"a quote that never ends",
     "\"id,maker\na,kaze\n",
     {NULL},
     FAIL_SYNTAX,
     "angebot.csv:1:1: a quote is out of place in the first line"},
    {"the place of a mistake below a header of two lines",
     "Pos,\"Support\nend\"\na,soon\n",
     {"id", "Pos", "support_end", "Support\nend", NULL},
     FAIL_SYNTAX,
     "angebot.csv:3:3: expected"},
};
_Static_assert(COUNT_OF(wrong) >= 11, "kinds of mistakes in offers");

static void a_wrong_word_is_named_with_the_nearest_right_one(void **state) {
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct register_column columns[6];
        struct register_snapshot *s;
        struct error e = {0};
        size_t count = columns_of(wrong[i].columns, columns);
        enum error_code code = offer_load(wrong[i].csv, columns, count, &s, &e);
        if (code != wrong[i].code || strstr(e.message, wrong[i].says) != e.message)
            fail_msg("%s: %d %s", wrong[i].name, code, e.message);
    }
}

static size_t problems_of(const char *csv, struct register_report *report) {
    static struct register_snapshot *s;
    const struct register_offer offer = {.columns = NULL};
    struct register_text text = {STR("angebot.csv"), str_from_c(csv), &offer};
    struct error e = {0};
    assert_int_equal(register_load_texts(&text, 1, &s, report, &e), FAIL_SYNTAX);
    return report->error_count;
}

/* An offer's first mistake hid the others, so that it took as many rounds as there were. */
static void all_mistakes_of_an_offer_are_told_at_once(void **state) {
    struct register_report report;
    assert_int_equal(problems_of("id,Hersteller,makr,maker\na,b,c,d\n", &report), 2);
    assert_non_null(strstr(report.problems[0].text.at, "\"Hersteller\""));
    assert_non_null(strstr(report.problems[1].text.at, "\"makr\""));
    register_report_release(&report);
    assert_int_equal(problems_of("id,count\na\nb,many\nc,1\nd,\"2\n", &report), 3);
    assert_int_equal(report.row_count, 1); /* c */
    assert_non_null(strstr(report.problems[0].text.at, "angebot.csv:2:1: expected 2 cells"));
    assert_non_null(strstr(report.problems[1].text.at, "expected a closing quote"));
    assert_non_null(strstr(report.problems[2].text.at, "angebot.csv:3:3: expected"));
    register_report_release(&report);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_offer_is_read_in_its_own_words),
        cmocka_unit_test(all_mistakes_of_an_offer_are_told_at_once),
        cmocka_unit_test(a_name_nobody_knows_becomes_an_entity_and_a_known_one_stays),
        cmocka_unit_test(a_wrong_word_is_named_with_the_nearest_right_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
