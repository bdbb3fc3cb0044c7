/* Which lines of which inventories are one server, as a table; and what comes out of several. */
#include <stdio.h>

#include "survey/survey.h"
#include "tests/test.h"

enum { LINES = 8, TEXT = 200 };

/* "FILE NAME ADDRESS… [aka NAME…]": '-' is no name, a name in brackets is one for people, "?" no address, "by X" an
 * operator. */
struct scene {
    const char *what;
    const char *lines[LINES];
    const char *servers; /* of each line the server it is of, by the first line of that */
};
static const struct scene scenes[] = {
    {"the same host name",
     {"a db.example.jp 3.112.0.9", "b db.example.jp 34.208.0.1", "b db.example.jp ?"},
     "000"},
    {"an address and a name that has it", {"a - 3.112.0.9", "b db.example.jp 3.112.0.9"}, "00"},
    {"two names at one address, and the address alone",
     {"a web.example.jp 3.112.0.9", "b mail.example.jp 3.112.0.9", "c - 3.112.0.9",
      "d - 3.112.0.9"},
     "0122"},
    {"a name and its first word", {"a web 3.112.0.9", "b web.example.jp 3.112.0.9"}, "00"},
    {"a word that two names begin with",
     {"a web 3.112.0.9", "b web.example.jp 3.112.0.9", "c web.example.com 3.112.0.9"},
     "012"},
    {"a name for people and a host name",
     {"a [Payroll] 3.112.0.9", "b pay.example.jp 3.112.0.9"},
     "00"},
    {"two names for people behind one address",
     {"a [Files] 3.112.0.9", "a [Mail] 3.112.0.9", "b gw.example.jp 3.112.0.9"},
     "012"},
    {"a private address in two inventories",
     {"a - 10.0.0.1", "b - 10.0.0.1", "b - 10.0.0.1"},
     "011"},
    {"a private address and its name",
     {"a - 10.0.0.1", "a web.example.jp 10.0.0.1", "b web.example.jp 10.0.0.1"},
     "000"},
    {"a further name that one server has",
     {"a web1.example.jp 3.112.0.9 aka www.example.jp", "b www.example.jp 34.208.0.1"},
     "00"},
    {"a further name that several have, which is a service",
     {"a web1.example.jp 3.112.0.8 aka www.example.jp",
      "a web2.example.jp 3.112.0.9 aka www.example.jp", "b www.example.jp 34.208.0.1"},
     "012"},
    {"a word in two inventories, without an address in one", {"a db1 3.112.0.9", "b db1 ?"}, "00"},
    {"a word with two addresses", {"a db1 3.112.0.9", "b db1 34.208.0.1", "c db1 ?"}, "012"},
    {"a word twice in one inventory: a row is a server", {"a [VM] ?", "a [VM] ?"}, "01"},
    {"a word of two operators", {"a backup ? by aoba", "b backup ? by keyaki"}, "01"},
    {"a private address tells words apart no more", {"a db1 10.0.0.5", "b db1 10.0.0.5"}, "00"},
    {"three sources that only together are one",
     {"a - 3.112.0.9", "b db.example.jp 34.208.0.1", "c db.example.jp 3.112.0.9"},
     "000"},
    {"a network, and a machine in it of its name",
     {"a lan.example.jp 203.0.113.0/24", "b lan.example.jp 203.0.113.0/24",
      "c lan.example.jp 203.0.113.1", "d - 203.0.113.0/24"},
     "0020"},
};

static void line_enter(struct survey_roll *roll, const char *line, uint64_t number) {
    char text[TEXT], *words[12], *save;
    struct geo_address addresses[4];
    struct geo_network network;
    struct survey_asked asked = {.addresses = addresses};
    str named[4];
    size_t count = 0;
    struct error e;
    snprintf(text, sizeof text, "%s", line);
    for (char *word = strtok_r(text, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save))
        words[count++] = word;
    asked.named = named;
    asked.name = str_from_c(words[1]);
    if (words[1][0] == '[') {
        asked.is_label = true;
        asked.name = str_slice(asked.name, 1, asked.name.len - 2);
    }
    if (words[1][0] == '-') asked.name = STR_EMPTY;
    for (size_t i = 2; i < count; i++) {
        bool is_aka = strcmp(words[i], "aka") == 0, is_by = strcmp(words[i], "by") == 0;
        if (is_aka || is_by) {
            i++;
            if (is_aka) named[asked.named_count++] = str_from_c(words[i]);
            if (is_by) asked.declared.operator_id = str_from_c(words[i]);
        } else if (geo_address_read(str_from_c(words[i]), &addresses[asked.address_count])) {
            asked.address_count++;
        } else if (strcmp(words[i], "?") != 0) {
            assert_ok(geo_network_read(str_from_c(words[i]), &network, &e), &e);
            asked.network = &network;
        }
    }
    if (asked.declared.operator_id.len > 0) asked.declared.by = STR("x:1");
    assert_ok(survey_roll_enter(roll, &asked, str_from_c(words[0]), number, &e), &e);
}

/* For each line, which server it came out with. */
static void servers_read(struct survey_roll *roll, char out[LINES + 1], size_t lines) {
    static unsigned char memory[1 << 16];
    size_t cursor = 0;
    struct error e;
    memset(out, '?', lines);
    out[lines] = 0;
    for (;;) {
        struct arena arena = arena_over(memory, sizeof memory);
        struct survey_asked asked;
        uint32_t number;
        bool more;
        assert_ok(survey_roll_next(roll, &cursor, &arena, &asked, &number, &more, &e), &e);
        if (!more) return;
        out[number] = (char)('0' + number);
        for (size_t i = 0; i < asked.listing_count; i++) {
            size_t colon;
            uint32_t line;
            assert_true(str_find_char(asked.listings[i].by, ':', &colon));
            assert_true(str_u32(str_skip(asked.listings[i].by, colon + 1), &line));
            out[line - 1] = (char)('0' + number);
        }
    }
}

static void lines_are_one_server_by_the_rule(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(scenes); i++) {
        const struct scene *scene = &scenes[i];
        struct survey_roll *roll;
        struct error e;
        char servers[LINES + 1];
        size_t lines = 0;
        assert_ok(survey_roll_open(&roll, &e), &e);
        for (; lines < LINES && scene->lines[lines] != NULL; lines++)
            line_enter(roll, scene->lines[lines], lines + 1);
        for (int again = 0; again < 2; again++) { /* matching again changes nothing */
            assert_ok(survey_roll_match(roll, &e), &e);
            servers_read(roll, servers, lines);
            if (strcmp(servers, scene->servers) != 0)
                fail_msg("%s: expected %s, found %s", scene->what, scene->servers, servers);
        }
        survey_roll_close(roll);
    }
}

/* A name and an address that only the resolver brings together. */
static void what_a_resolver_finds_matches_too(void **state) {
    (void)state;
    static unsigned char memory[1 << 16];
    struct arena arena = arena_over(memory, sizeof memory);
    struct survey_roll *roll;
    struct survey_asked asked;
    struct survey_found found = {.address_count = 1, .resolver = STR("192.0.2.53")};
    struct geo_address address;
    size_t cursor = 0;
    uint32_t number;
    bool more;
    struct error e;
    assert_ok(survey_roll_open(&roll, &e), &e);
    line_enter(roll, "a - 3.112.0.9", 1);
    line_enter(roll, "b www.example.jp ?", 2);
    assert_ok(survey_roll_match(roll, &e), &e);
    assert_true(geo_address_read(STR("3.112.0.9"), &address));
    found.addresses = &address;
    assert_ok(survey_roll_found(roll, 1, &found, &e), &e);
    assert_ok(survey_roll_match(roll, &e), &e);
    assert_ok(survey_roll_next(roll, &cursor, &arena, &asked, &number, &more, &e), &e);
    assert_str(asked.name, STR("www.example.jp"));
    assert_int_equal(asked.address_count, 1);
    assert_int_equal(asked.listing_count, 2);
    assert_str(asked.resolver, STR("192.0.2.53"));
    assert_int_equal(asked.unresolved.len, 0);
    assert_ok(survey_roll_next(roll, &cursor, &arena, &asked, &number, &more, &e), &e);
    assert_false(more);
    survey_roll_close(roll);
}

/* The first to declare a thing is believed, gaps are filled by the next, and each keeps its own word. */
static void declarations_are_joined_and_kept(void **state) {
    (void)state;
    static unsigned char memory[1 << 16];
    struct arena arena = arena_over(memory, sizeof memory);
    struct survey_roll *roll;
    struct survey_asked asked = {.name = STR("db.example.jp")};
    size_t cursor = 0;
    uint32_t number;
    bool more;
    struct error e;
    assert_ok(survey_roll_open(&roll, &e), &e);
    asked.declared = (struct survey_declared){.by = STR("a:1"), .operator_id = STR("aoba")};
    assert_ok(survey_roll_enter(roll, &asked, STR("a"), 1, &e), &e);
    asked.declared = (struct survey_declared){.by = STR("b:9"),
                                              .operator_id = STR("keyaki"),
                                              .class_name = STR("critical"),
                                              .country = {"JP"}};
    assert_ok(survey_roll_enter(roll, &asked, STR("b"), 9, &e), &e);
    assert_ok(survey_roll_match(roll, &e), &e);
    assert_ok(survey_roll_next(roll, &cursor, &arena, &asked, &number, &more, &e), &e);
    assert_str(asked.declared.by, STR("a:1"));
    assert_str(asked.declared.operator_id, STR("aoba"));
    assert_str(asked.declared.class_name, STR("critical"));
    assert_int_equal(asked.declared.country.at[0], 'J');
    assert_int_equal(asked.listing_count, 2);
    assert_str(asked.listings[1].by, STR("b:9"));
    assert_str(asked.listings[1].declared->operator_id, STR("keyaki"));
    survey_roll_close(roll);
}

/* Every name of a distributor's address is its own server, and finding that out does not grow with their square: a
 * hundred thousand names at one address would be ten billion comparisons. */
static void many_names_at_one_address_stay_many(void **state) {
    (void)state;
    enum { NAMES = 100000 };
    static unsigned char memory[1 << 16];
    struct survey_roll *roll;
    struct geo_address address;
    size_t cursor = 0, servers = 0;
    struct error e;
    assert_true(geo_address_read(STR("3.112.0.9"), &address));
    assert_ok(survey_roll_open(&roll, &e), &e);
    for (size_t i = 0; i < NAMES; i++) {
        char name[32];
        int len = snprintf(name, sizeof name, "h%zu.example.jp", i);
        struct survey_asked asked = {
            .name = str_of(name, (size_t)len), .addresses = &address, .address_count = 1};
        assert_ok(survey_roll_enter(roll, &asked, STR("a"), i + 1, &e), &e);
    }
    assert_ok(survey_roll_match(roll, &e), &e);
    for (bool more = true; more; servers += more) {
        struct arena arena = arena_over(memory, sizeof memory);
        struct survey_asked asked;
        uint32_t number;
        assert_ok(survey_roll_next(roll, &cursor, &arena, &asked, &number, &more, &e), &e);
    }
    assert_int_equal(servers, NAMES);
    survey_roll_close(roll);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_one_server_by_the_rule),
        cmocka_unit_test(what_a_resolver_finds_matches_too),
        cmocka_unit_test(declarations_are_joined_and_kept),
        cmocka_unit_test(many_names_at_one_address_stay_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
