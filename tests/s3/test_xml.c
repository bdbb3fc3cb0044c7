/* XML of replies: escapes, and pieces that leave when the buffer is full. */
#include "s3/wire/xml_write.h"
#include "tests/test.h"

static void text_is_escaped_as_s3_does(void **state) {
    char memory[256];
    struct error e;
    struct s3_xml x = s3_xml_into(memory, sizeof memory, &e);
    s3_xml_text(&x, "Key", STR("a<b>&\"c'\x01\r\n\t\x7f\xe9\x9d\x92"));
    assert_int_equal(s3_xml_done(&x), OK);
    assert_str(text_str(&x.to),
               STR("<Key>a&lt;b&gt;&amp;&quot;c'&#x1;&#xd;\n\t&#x7f;\xe9\x9d\x92</Key>"));
}

/* A prefix of a listing is shown as it was sent; no reader of XML took such a page. */
static void bytes_that_are_no_text_do_not_make_the_reply_unreadable(void **state) {
    char memory[256];
    struct error e;
    struct s3_xml x = s3_xml_into(memory, sizeof memory, &e);
    s3_xml_text(&x, "A",
                STR("a\xff"
                    "b\xe9\x9d\x92\xe9\x9d"));
    s3_xml_text(&x, "B", str_of("\0\xf0\x9f\x99\x82\x80", 6));
    s3_xml_text(&x, "C", STR("\xed\xa0\x80\xc3"));
    assert_int_equal(s3_xml_done(&x), OK);
    assert_str(text_str(&x.to), STR("<A>a\xef\xbf\xbd"
                                    "b\xe9\x9d\x92\xef\xbf\xbd\xef\xbf\xbd</A>"
                                    "<B>\xef\xbf\xbd\xf0\x9f\x99\x82\xef\xbf\xbd</B>"
                                    "<C>\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd</C>"));
}

struct taken {
    char at[4096];
    struct text to;
    int pieces, fail_at;
};
static enum error_code take(void *self, str piece, struct error *e) {
    struct taken *t = self;
    if (++t->pieces == t->fail_at) return error_set(e, FAIL_CLOSED, "gone");
    text_add(&t->to, piece);
    return OK;
}

static void write_all(struct s3_xml *x) {
    s3_xml_start(x);
    s3_xml_open_root(x, "Root");
    s3_xml_number(x, "N", UINT64_MAX);
    s3_xml_bool(x, "B", true);
    s3_xml_time(x, "T", 1795248550123000000);
    s3_xml_text(x, "Empty", STR(""));
    s3_xml_close(x, "Root");
}

static void any_buffer_gives_the_same_bytes(void **state) {
    static const char expected[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<Root xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><N>18446744073709551615</N>"
        "<B>true</B><T>2026-11-21T08:09:10.123Z</T><Empty></Empty></Root>";
    for (size_t cap = 1; cap < sizeof expected + 1; cap++) {
        char memory[sizeof expected + 1];
        struct taken t = {0};
        struct error e = {0};
        t.to = text_into(t.at, sizeof t.at);
        struct s3_xml x = s3_xml_into(memory, cap, &e);
        x.flush = take;
        x.self = &t;
        write_all(&x);
        assert_ok(s3_xml_done(&x), &e);
        text_add(&t.to, text_str(&x.to));
        assert_str(text_str(&t.to), str_of(expected, sizeof expected - 1));
    }
}

static void the_first_failure_is_kept(void **state) {
    char memory[16];
    struct taken t = {.fail_at = 2};
    struct error e = {0};
    t.to = text_into(t.at, sizeof t.at);
    struct s3_xml x = s3_xml_into(memory, sizeof memory, &e);
    x.flush = take;
    x.self = &t;
    write_all(&x);
    assert_int_equal(s3_xml_done(&x), FAIL_CLOSED);
    assert_int_equal(t.pieces, 2); /* and nobody was asked again */
    x = s3_xml_into(memory, sizeof memory, &e);
    write_all(&x);
    assert_int_equal(s3_xml_done(&x), FAIL_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_escaped_as_s3_does),
        cmocka_unit_test(bytes_that_are_no_text_do_not_make_the_reply_unreadable),
        cmocka_unit_test(any_buffer_gives_the_same_bytes),
        cmocka_unit_test(the_first_failure_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
