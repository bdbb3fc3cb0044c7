/* A bundle's manifest and its list of files: what reads, and what a signature does not make good. */
#include "tests/test.h"
#include "verify/manifest.h"

#define HEX "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

static void a_manifest_reads_to_its_parts(void **state) {
    struct verify_manifest m;
    struct error e;
    str text = STR("azekura-bundle@v1\nlog l\nkey l+00000000+AA==\nfrom 1\nuntil 20\nrange 3 40\n"
                   "files " HEX " 5\n");
    assert_ok(verify_manifest_parse(text, &m, &e), &e);
    assert_str(m.origin, STR("l"));
    assert_str(m.vkey, STR("l+00000000+AA=="));
    assert_int_equal(m.from, 1);
    assert_int_equal(m.until, 20);
    assert_int_equal(m.first, 3);
    assert_int_equal(m.end, 40);
    assert_int_equal(m.files.at[1], 0x11);
    assert_int_equal(m.files_bytes, 5);
    assert_int_equal(verify_manifest_parse(STR("azekura-bundle@v3\n"), &m, &e), FAIL_VERSION);
    for (size_t cut = 1; cut < text.len; cut++)
        assert_int_not_equal(verify_manifest_parse(str_slice(text, 0, text.len - cut), &m, &e), OK);
}

#define HEAD_2 "azekura-bundle@v2\nlog l/3\nkey k\nfrom 1\nuntil 20\nrange 0 40\n"
#define FOOT   "files " HEX " 5\n"

static void earlier_logs_stand_in_a_manifest_by_number(void **state) {
    static const struct {
        const char *name;
        str text;
        enum error_code code;
        size_t count;
    } cases[] = {
        {"none", STR(HEAD_2 FOOT), OK, 0},
        {"two", STR(HEAD_2 "earlier 1 7 9\nearlier 2 0 0\n" FOOT), OK, 2},
        {"out of order", STR(HEAD_2 "earlier 2 7 9\nearlier 1 0 0\n" FOOT), FAIL_SYNTAX, 0},
        {"one twice", STR(HEAD_2 "earlier 1 7 9\nearlier 1 7 9\n" FOOT), FAIL_SYNTAX, 0},
        {"of no number", STR(HEAD_2 "earlier 0 7 9\n" FOOT), FAIL_SYNTAX, 0},
        {"over the most", STR(HEAD_2 "earlier 257 7 9\n" FOOT), FAIL_SYNTAX, 0},
        {"a number of 33 bits", STR(HEAD_2 "earlier 4294967297 7 9\n" FOOT), FAIL_SYNTAX, 0},
        {"without an end", STR(HEAD_2 "earlier 1 7\n" FOOT), FAIL_SYNTAX, 0},
        {"with more", STR(HEAD_2 "earlier 1 7 9 9\n" FOOT), FAIL_SYNTAX, 0},
        {"behind the files", STR(HEAD_2 FOOT "earlier 1 7 9\n"), FAIL_SYNTAX, 0},
        {"in format 1",
         STR("azekura-bundle@v1\nlog l\nkey k\nfrom 1\nuntil 20\nrange 0 40\n"
             "earlier 1 7 9\n" FOOT),
         FAIL_SYNTAX, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct verify_manifest m = {0};
        struct error e;
        enum error_code code = verify_manifest_parse(cases[i].text, &m, &e);
        if (code != cases[i].code || (code == OK && m.earlier_count != cases[i].count))
            fail_msg("%s: code %d, %zu logs", cases[i].name, code, m.earlier_count);
    }
}

static void a_list_names_files_of_the_bundle_and_no_others(void **state) {
    static const struct {
        const char *name;
        str text;
        enum error_code code;
        size_t count;
    } cases[] = {
        {"none", STR_EMPTY, OK, 0},
        {"two", STR(HEX " 0 cover.json\n" HEX " 12 ledger/tile/0/000.p/7\n"), OK, 2},
        {"out of order", STR(HEX " 1 b\n" HEX " 1 a\n"), FAIL_SYNTAX, 0},
        {"one twice", STR(HEX " 1 a\n" HEX " 1 a\n"), FAIL_SYNTAX, 0},
        {"no last newline", STR(HEX " 1 a"), FAIL_SYNTAX, 0},
        {"no path", STR(HEX " 1 \n"), FAIL_SYNTAX, 0},
        {"a zero before a number", STR(HEX " 01 a\n"), FAIL_SYNTAX, 0},
        {"short digest", STR("0011 1 a\n"), FAIL_SYNTAX, 0},
        {"absolute", STR(HEX " 1 /etc/passwd\n"), FAIL_SYNTAX, 0},
        {"out of the folder", STR(HEX " 1 ../a\n"), FAIL_SYNTAX, 0},
        {"out of the folder by the way", STR(HEX " 1 a/../../b\n"), FAIL_SYNTAX, 0},
        {"a part that says nothing", STR(HEX " 1 a//b\n"), FAIL_SYNTAX, 0},
        {"a folder", STR(HEX " 1 a/\n"), FAIL_SYNTAX, 0},
        {"a NUL, behind which C reads nothing", STR(HEX " 1 a\0b\n"), FAIL_SYNTAX, 0},
        {"a space", STR(HEX " 1 a b\n"), FAIL_SYNTAX, 0},
    };
    char memory[4096];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena arena = arena_over(memory, sizeof memory);
        struct verify_listed *files;
        struct error e;
        size_t count = 0;
        enum error_code code = verify_manifest_files(cases[i].text, &arena, &files, &count, &e);
        if (code != cases[i].code || count != cases[i].count)
            fail_msg("%s: code %d, %zu files", cases[i].name, code, count);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_manifest_reads_to_its_parts),
        cmocka_unit_test(earlier_logs_stand_in_a_manifest_by_number),
        cmocka_unit_test(a_list_names_files_of_the_bundle_and_no_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
