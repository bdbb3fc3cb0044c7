/* Reports: what is written is well formed whatever it says, lines up, and appears whole or not. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/report.h"
#include "tests/test.h"

static char memory[1 << 20];
static struct report_out out;

static str written(void) {
    struct error e;
    assert_ok(report_close(&out, &e), &e);
    return report_text(&out);
}
static void begin(void) {
    struct error e;
    assert_ok(report_open_text(memory, sizeof memory, &out, &e), &e);
}

static void json_has_its_commas_and_escapes(void **state) {
    begin();
    struct report_json j = report_json_begin(&out, 0);
    report_json_object(&j);
    report_json_put(&j, "a", STR("q\"\\\n\x01"));
    report_json_key(&j, "b");
    report_json_array(&j);
    report_json_u64(&j, 18446744073709551615u);
    report_json_i64(&j, -1);
    report_json_bool(&j, false);
    report_json_null(&j);
    report_json_object(&j);
    report_json_object_end(&j);
    report_json_array(&j);
    report_json_array_end(&j);
    report_json_array_end(&j);
    report_json_put_time(&j, "t", 0);
    report_json_object_end(&j);
    assert_str(
        written(),
        STR("{\"a\":\"q\\\"\\\\\\u000a\\u0001\",\"b\":[18446744073709551615,-1,false,null,{},[]],"
            "\"t\":\"1970-01-01T00:00:00Z\"}\n"));
}

/* A long text was cut in the middle of a character, and both halves became replacement signs. */
static void long_japanese_text_is_not_broken_between_pieces(void **state) {
    static char text[30000];
    size_t len = 0;
    for (; len + 3 < sizeof text; len += 3) memcpy(text + len, "漢", 3);
    begin();
    struct report_json j = report_json_begin(&out, 0);
    report_json_array(&j);
    report_json_str(&j, str_of(text, len));
    report_json_array_end(&j);
    str got = written();
    assert_int_equal(got.len, len + 5); /* ["…"]\n */
    assert_memory_equal(got.at + 2, text, len);
}

static void csv_quotes_what_must_be_and_disarms_formulas(void **state) {
    static const struct {
        const char *cell, *written;
    } cases[] = {{"plain", "plain,"},
                 {"", ","},
                 {"a,b", "\"a,b\","},
                 {"say \"x\"", "\"say \"\"x\"\"\","},
                 {"two\nlines", "\"two\nlines\","},
                 {"=1+1", "\"'=1+1\","},
                 {"@sum", "\"'@sum\","},
                 {"-5", "\"'-5\","}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        begin();
        report_csv_cell(&out, str_from_c(cases[i].cell), false);
        assert_row(cases[i].cell, str_equal(written(), str_from_c(cases[i].written)));
    }
}

static void tables_line_up_with_wide_characters(void **state) {
    static const char *const head[] = {"name", "n"};
    struct arena arena = arena_over(memory + (1 << 19), 1 << 18);
    struct report_table table;
    struct error e;
    assert_int_equal(report_columns(STR("校倉ab")), 6);
    assert_int_equal(report_columns(STR("e\xcc\x81")), 1); /* e and a combining accent */
    assert_ok(report_table_open(&table, head, 2, 2, &arena, &e), &e);
    report_table_right(&table, 1);
    assert_ok(report_table_row(&table, (const str[]){STR("校倉"), STR("7")}, &e), &e);
    assert_ok(report_table_row(&table, (const str[]){STR("store"), STR("12")}, &e), &e);
    assert_int_equal(report_table_row(&table, (const str[]){STR("x"), STR("1")}, &e), FAIL_LIMIT);
    begin();
    report_table_write(&table, &out);
    assert_str(written(), STR("name    n\n校倉    7\nstore  12\n"));
}

static void pages_escape_and_need_nothing_else(void **state) {
    size_t at;
    struct report_page page = {"ja", STR("<b>\"&")};
    begin();
    report_html_begin(&out, &page);
    report_html_element(&out, "p", STR("<script>alert(1)</script>"));
    report_html_badge(&out, STR("fail"), STR("不適合"));
    report_html_badge(&out, STR("nothing known"), STR("<x>"));
    report_html_end(&out);
    str got = written();
    assert_true(str_find(got, STR("<title>&lt;b&gt;&quot;&amp;</title>"), &at));
    assert_true(str_find(got, STR("<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"), &at));
    assert_true(str_find(got, STR("<span class=\"badge fail\">✕ 不適合</span>&lt;x&gt;"), &at));
    assert_false(str_find(got, STR("http"), &at) && !str_find(got, STR("http-equiv"), &at));
    assert_false(str_find(got, STR("<script"), &at));
    assert_false(str_find(got, STR("url("), &at));
}

static void a_file_appears_whole_or_not_at_all(void **state) {
    char folder[] = "/tmp/azekura-report-XXXXXX", path[64], half[72];
    struct error e;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/r", folder);
    snprintf(half, sizeof half, "%s.new", path);
    assert_ok(report_open(path, &out, &e), &e);
    for (int i = 0; i < 20000; i++) report_format(&out, "line %d\n", i); /* over one buffer */
    assert_int_equal(access(path, F_OK), -1);
    assert_ok(report_close(&out, &e), &e);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(access(half, F_OK), -1);
    assert_ok(report_open(path, &out, &e), &e);
    report_add_c(&out, "never");
    report_abandon(&out);
    assert_int_equal(access(half, F_OK), -1);
    FILE *file = fopen(path, "r");
    char line[32];
    assert_non_null(fgets(line, sizeof line, file)); /* the earlier one is still there */
    assert_string_equal(line, "line 0\n");
    fclose(file);
    unlink(path);
    snprintf(path, sizeof path, "%s/no/such/folder", folder);
    assert_int_not_equal(report_open(path, &out, &e), OK);
    rmdir(folder);
}

/* -o /dev/null, asked for by root, made a file of the device, for everybody on the machine. */
static void a_device_or_a_pipe_was_replaced_by_a_file(void **state) {
    char folder[] = "/tmp/azekura-report-XXXXXX", path[64], half[72], got[32] = "";
    struct error e;
    struct stat found;
    uint64_t lines;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/pipe", folder);
    snprintf(half, sizeof half, "%s.new", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    int reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(reader >= 0);
    assert_ok(report_open(path, &out, &e), &e);
    report_add_c(&out, "whole\n");
    assert_ok(report_close(&out, &e), &e);
    assert_int_equal(read(reader, got, sizeof got - 1), 6);
    assert_string_equal(got, "whole\n");
    assert_int_equal(stat(path, &found), 0);
    assert_true(S_ISFIFO(found.st_mode));
    assert_int_equal(access(half, F_OK), -1);
    assert_int_equal(report_resume(path, &out, &lines, &e), FAIL_USAGE);
    assert_ok(report_open(path, &out, &e), &e);
    report_add_c(&out, "never");
    report_abandon(&out);
    assert_int_equal(read(reader, got, sizeof got - 1), 0);
    assert_int_not_equal(report_open(folder, &out, &e), OK); /* a folder is neither */
    close(reader);
    unlink(path);
    rmdir(folder);
}

static void memory_that_is_too_small_is_said(void **state) {
    char small[8];
    struct error e;
    assert_ok(report_open_text(small, sizeof small, &out, &e), &e);
    report_add_c(&out, "longer than eight");
    assert_int_equal(report_close(&out, &e), FAIL_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_has_its_commas_and_escapes),
        cmocka_unit_test(long_japanese_text_is_not_broken_between_pieces),
        cmocka_unit_test(csv_quotes_what_must_be_and_disarms_formulas),
        cmocka_unit_test(tables_line_up_with_wide_characters),
        cmocka_unit_test(pages_escape_and_need_nothing_else),
        cmocka_unit_test(a_file_appears_whole_or_not_at_all),
        cmocka_unit_test(a_device_or_a_pipe_was_replaced_by_a_file),
        cmocka_unit_test(memory_that_is_too_small_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
