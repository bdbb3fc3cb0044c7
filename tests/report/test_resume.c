/* A report that was interrupted, gone on with: its whole lines stay and are counted, a part of one is cut off, and what
 * is written then follows them; wherever it was cut. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/disk.h"
#include "report/report.h"
#include "tests/test.h"

static char folder[] = "/tmp/azekura-resume-XXXXXX", path[64], beside[72];

static int make(void **state) {
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/lines.jsonl", folder);
    snprintf(beside, sizeof beside, "%s.new", path);
    return 0;
}
static int forget(void **state) {
    (void)state;
    (void)unlink(path); /* it may not be there */
    (void)unlink(beside);
    return rmdir(folder);
}

static void file_is(const char *name, str expected) {
    static char memory[1 << 20];
    struct arena arena = arena_over(memory, sizeof memory);
    struct error e;
    str bytes;
    assert_ok(disk_file_read(AT_FDCWD, name, sizeof memory / 2, &arena, &bytes, &e), &e);
    assert_true(str_equal(bytes, expected));
}

static void lines_stay_wherever_it_was_cut(void **state) {
    (void)state;
    static const char whole[] = "one\n\ntwo and a half\nthree\n";
    for (size_t cut = 0; cut < sizeof whole; cut++) {
        struct report_out out;
        struct error e;
        uint64_t lines, expected = 0;
        size_t kept = 0;
        FILE *file = fopen(beside, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(whole, 1, cut, file), cut);
        assert_int_equal(fclose(file), 0);
        for (size_t i = 0; i < cut; i++) {
            if (whole[i] != '\n') continue;
            kept = i + 1;
            expected++;
        }
        assert_ok(report_resume(path, &out, &lines, &e), &e);
        assert_int_equal(lines, expected);
        report_add(&out, str_from_c(whole + kept));
        assert_ok(report_close(&out, &e), &e);
        file_is(path, str_from_c(whole));
    }
}

static void what_is_left_is_gone_on_with_again(void **state) {
    (void)state;
    struct report_out out;
    struct error e;
    uint64_t lines;
    (void)unlink(path);                                   /* of the test before */
    assert_ok(report_resume(path, &out, &lines, &e), &e); /* nothing was begun */
    assert_int_equal(lines, 0);
    report_add(&out, STR("one\ntw"));
    report_leave(&out);
    assert_int_equal(access(path, F_OK), -1);
    file_is(beside, STR("one\ntw"));
    assert_ok(report_resume(path, &out, &lines, &e), &e);
    assert_int_equal(lines, 1);
    report_add(&out, STR("two\n"));
    assert_ok(report_close(&out, &e), &e);
    file_is(path, STR("one\ntwo\n"));
    assert_int_equal(access(beside, F_OK), -1);
}

/* Lines that end at, before and behind the ends of what is read at a time. */
static void lines_longer_than_a_buffer_are_counted(void **state) {
    (void)state;
    static char memory[3 * REPORT_BUFFER_BYTES];
    for (int shift = -1; shift <= 1; shift++) {
        size_t first = (size_t)(REPORT_BUFFER_BYTES + shift), count = 2 * REPORT_BUFFER_BYTES + 7;
        struct report_out out;
        struct error e;
        uint64_t lines;
        memset(memory, 'x', count);
        memory[first - 1] = '\n';
        FILE *file = fopen(beside, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(memory, 1, count, file), count);
        assert_int_equal(fclose(file), 0);
        assert_ok(report_resume(path, &out, &lines, &e), &e);
        assert_int_equal(lines, 1);
        assert_ok(report_close(&out, &e), &e);
        file_is(path, str_of(memory, first));
    }
}

static void a_folder_that_is_not_there_is_told(void **state) {
    (void)state;
    struct report_out out;
    struct error e;
    uint64_t lines;
    char nowhere[96];
    snprintf(nowhere, sizeof nowhere, "%s/none/lines.jsonl", folder);
    assert_true(report_resume(nowhere, &out, &lines, &e) != OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_stay_wherever_it_was_cut),
        cmocka_unit_test(what_is_left_is_gone_on_with_again),
        cmocka_unit_test(lines_longer_than_a_buffer_are_counted),
        cmocka_unit_test(a_folder_that_is_not_there_is_told),
    };
    return cmocka_run_group_tests(tests, make, forget);
}
