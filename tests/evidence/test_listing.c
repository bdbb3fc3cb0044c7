/* Rows of the store listing: read as written, and what is nearly one refused. */
#include "evidence/evidence.h"
#include "tests/test.h"

static char memory[1 << 16], arena_memory[1 << 16];

static void rows_both_ways(void **state) {
    const struct evidence_listing_row rows[] = {
        {.kind = EVIDENCE_LISTED_VERSION,
         .index = 0,
         .bytes = 0,
         .bucket = STR("b"),
         .key = STR("k"),
         .version = STR("null"),
         .extra = STR("x")},
        {.kind = EVIDENCE_LISTED_VERSION,
         .log = 1,
         .index = 12345678901,
         .bytes = UINT64_MAX,
         .content = {{0xab}},
         .bucket = STR("grid-a"),
         .key = STR("../a //\n\x01 %41 \xe6\xa0\xa1"),
         .version = STR("v-1"),
         .extra = STR("four")},
        {.kind = EVIDENCE_LISTED_VERSION,
         .index = EVIDENCE_LISTING_NO_INDEX,
         .bucket = STR("b"),
         .key = STR("-"),
         .version = STR("null")},
        {.kind = EVIDENCE_LISTED_VERSION,
         .index = 7,
         .bucket = STR("b"),
         .key = STR("redacted"),
         .version = STR("null")},
        {.kind = EVIDENCE_LISTED_MARKER,
         .index = 8,
         .bucket = STR("b"),
         .key = STR("k"),
         .version = STR("v"),
         .extra = STR("y")},
        {.kind = EVIDENCE_LISTED_ACT, .index = 9, .extra = STR("z")},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text out = text_into(memory, sizeof memory);
        struct arena arena = arena_over(arena_memory, sizeof arena_memory);
        struct evidence_listing_row row;
        struct error e;
        bool is_end;
        uint64_t count;
        evidence_listing_row_write(&out, &rows[i]);
        assert_true(str_ends(text_str(&out), STR("\n")));
        str line = str_slice(text_str(&out), 0, out.len - 1);
        size_t at;
        assert_false(str_find_char(line, '\n', &at));
        assert_ok(evidence_listing_line_read(line, &arena, &row, &is_end, &count, &e), &e);
        assert_false(is_end);
        assert_int_equal(row.kind, rows[i].kind);
        assert_int_equal(row.log, rows[i].log);
        assert_true(row.index == rows[i].index);
        assert_true(row.bytes == rows[i].bytes);
        assert_true(digest_equal(&row.content, &rows[i].content));
        assert_str(row.bucket, rows[i].bucket);
        assert_str(row.key, rows[i].key);
        assert_str(row.version, rows[i].version);
        assert_str(row.extra, rows[i].extra);
        arena = arena_over(arena_memory, 1);
        if (rows[i].kind == EVIDENCE_LISTED_VERSION && rows[i].extra.len > 0)
            assert_int_equal(evidence_listing_line_read(line, &arena, &row, &is_end, &count, &e),
                             FAIL_MEMORY);
    }
}

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static void lines_that_are_no_rows(void **state) {
    static const char *const bad[] = {
        "",
        "version",
        "end",
        "end x",
        "end 01",
        "end 1 ",
        "act 1 eA==", /* an index says which log's */
        "act 0:1 eA==",
        "act 01:1 eA==",
        "act 257:1 eA==",
        "act 1: eA==",
        "act 1:1:1 eA==",
        "act :1 eA==",
        "act 1:1 -",  /* an act is there for its extra alone */
        "act - eA==", /* and has an index */
        "act 1:01 eA==",
        "act 1:18446744073709551615 eA==",
        "act 1:1  eA==",
        "act 1:1 eA",
        "act 1:1 ",
        "acts 1:1 eA==",
        "marker 1:1 b k v",
        "marker 1:1 b k v eA== more",
        "marker 1:1 b  v eA==",
        "marker 1:1 b %6b v eA==", /* a name has one spelling */
        "marker 1:1 b %2f v eA==",
        "marker 1:1 b %e6 v eA==",
        "marker 1:1 b %F v eA==",
        "marker 1:1 b k+ v eA==",
        "marker - b k v eA==",
        "version 1:1 5 " ZEROS "00 b k v eA==",
        "version 1:1 05 " ZEROS " b k v eA==",
        "version 1:1 5 00 b k v eA==",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct arena arena = arena_over(arena_memory, sizeof arena_memory);
        struct evidence_listing_row row;
        struct error e;
        bool is_end;
        uint64_t count;
        assert_row(bad[i], evidence_listing_line_read(str_from_c(bad[i]), &arena, &row, &is_end,
                                                      &count, &e) == FAIL_SYNTAX);
    }
}

static void heads(void **state) {
    static struct evidence_listing_head head, back;
    static const str names[] = {{"ledger.example.jp/a", 19}, {"ledger.example.jp/a/2", 21}};
    for (size_t count = 1; count <= COUNT_OF(names); count++) {
        struct text out = text_into(memory, sizeof memory);
        struct error e;
        head = (struct evidence_listing_head){.log_count = count, .has_bodies = true};
        for (size_t i = 0; i < count; i++)
            head.logs[i] = (struct evidence_listing_log){names[i], 12 * i};
        evidence_listing_head_write(&out, &head);
        text_add(&out, STR("rest"));
        str rest = text_str(&out);
        assert_ok(evidence_listing_head_read(&rest, &back, &e), &e);
        assert_str(rest, STR("rest"));
        assert_int_equal(back.log_count, count);
        for (size_t i = 0; i < count; i++) {
            assert_str(back.logs[i].origin, names[i]);
            assert_int_equal(back.logs[i].size, 12 * i);
        }
        assert_true(back.has_bodies);
    }
#define V2 "azekura-store-listing@v2\n"
    static const struct {
        const char *text;
        enum error_code code;
    } bad[] = {
        {"", FAIL_SYNTAX},
        {"azekura-store-listing@v9\nlog a 1\nbodies no\n\n", FAIL_VERSION},
        {"azekura-store-listing@v1\nlog a\nsize 1\nbodies no\n\n", FAIL_VERSION},
        {"azekura-store-listing@v2\r\nlog a 1\nbodies no\n\n", FAIL_VERSION},
        {V2 "log \nbodies no\n\n", FAIL_SYNTAX},
        {V2 "log a\nbodies no\n\n", FAIL_SYNTAX},
        {V2 "log a 01\nbodies no\n\n", FAIL_SYNTAX},
        {V2 "log a -1\nbodies no\n\n", FAIL_SYNTAX},
        {V2 "log a 1 2\nbodies no\n\n", FAIL_SYNTAX},
        {V2 "log a\x01 1\nbodies no\n\n", FAIL_SYNTAX},
        {V2 "bodies no\n\n", FAIL_SYNTAX},
        {V2 "bodies no\nlog a 1\n\n", FAIL_SYNTAX},
        {V2 "log a 1\nbodies maybe\n\n", FAIL_SYNTAX},
        {V2 "log a 1\nbodies no\nmore\n", FAIL_SYNTAX},
        {V2 "log a 1\nbodies no\n", FAIL_SYNTAX},
        {V2 "log a 1\n", FAIL_SYNTAX},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct error e;
        str rest = str_from_c(bad[i].text);
        assert_row(bad[i].text, evidence_listing_head_read(&rest, &back, &e) == bad[i].code);
    }
    struct text many = text_into(memory, sizeof memory);
    struct error e;
    text_add(&many, STR(V2));
    for (int i = 0; i <= EVIDENCE_LOGS_MAX; i++) text_add(&many, STR("log a 1\n"));
    text_add(&many, STR("bodies no\n\n"));
    str rest = text_str(&many);
    assert_int_equal(evidence_listing_head_read(&rest, &back, &e), FAIL_SYNTAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_both_ways),
        cmocka_unit_test(lines_that_are_no_rows),
        cmocka_unit_test(heads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
