/* Datagrams: golden bytes, and nothing that is not one of ours. */
#include "locproof/locproof.h"
#include "tests/test.h"

static str written(const struct locproof_message *m) {
    static unsigned char memory[LOCPROOF_DATAGRAM_BYTES];
    return locproof_message_write(m, memory);
}

static void a_challenge_is_as_written_down(void **state) {
    struct locproof_message m = {.kind = LOCPROOF_CHALLENGE,
                                 .session = 0x0102030405060708,
                                 .number = 9,
                                 .draw = {10, 11, 12}};
    static const char golden[] = "azkL\x01\x07"
                                 "\x01\x02\x03\x04\x05\x06\x07\x08"
                                 "\x00\x00\x00\x09"
                                 "\x00\x00\x00\x00\x00\x00\x00\x0a"
                                 "\x00\x00\x00\x00\x00\x00\x00\x0b"
                                 "\x00\x00\x00\x00\x00\x00\x00\x0c";
    assert_str(written(&m), str_of(golden, sizeof golden - 1));
}

static void a_piece_is_as_written_down(void **state) {
    struct locproof_message m = {.kind = LOCPROOF_PIECE,
                                 .session = 1,
                                 .number = 2,
                                 .service_us = 3,
                                 .fragment = 1,
                                 .total = 1027,
                                 .bytes = STR("abc")};
    static const char golden[] =
        "azkL\x01\x08\0\0\0\0\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0\x01\0\0\x04\x03"
        "abc";
    assert_str(written(&m), str_of(golden, sizeof golden - 1));
}

/* A stranger's question is never shorter than what it is answered with. */
static void what_strangers_ask_is_padded(void **state) {
    static const enum locproof_kind asked[] = {LOCPROOF_HELLO, LOCPROOF_PING, LOCPROOF_ASK};
    char text[LOCPROOF_TEXT_BYTES];
    memset(text, 'x', sizeof text);
    struct locproof_message cookie = {.kind = LOCPROOF_COOKIE}, pong = {.kind = LOCPROOF_PONG},
                            said = {.kind = LOCPROOF_SAID, .bytes = str_of(text, sizeof text)};
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        struct locproof_message m = {.kind = asked[i]}, back;
        struct error e;
        str datagram = written(&m);
        assert_int_equal(datagram.len, LOCPROOF_DATAGRAM_BYTES);
        assert_ok(locproof_message_read(datagram, &back, &e), &e);
        assert_int_equal(locproof_message_read(str_slice(datagram, 0, datagram.len - 1), &back, &e),
                         FAIL_SYNTAX);
    }
    assert_true(written(&cookie).len < LOCPROOF_DATAGRAM_BYTES);
    assert_true(written(&pong).len < LOCPROOF_DATAGRAM_BYTES);
    assert_true(written(&said).len < LOCPROOF_DATAGRAM_BYTES);
}

static const struct {
    const char *name;
    const char *bytes;
    size_t count;
    enum error_code code;
} cases[] = {
    {"nothing", "", 0, FAIL_SYNTAX},
    {"another protocol", "GET / HTTP/1.1\r\n", 16, FAIL_SYNTAX},
    {"cut in the head", "azkL\x01", 5, FAIL_SYNTAX},
    {"version 2", "azkL\x02\x0b\0\0\0\0\0\0\0\0", 14, FAIL_VERSION},
    {"kind 0", "azkL\x01\0", 6, FAIL_SYNTAX},
    {"kind 19", "azkL\x01\x13", 6, FAIL_SYNTAX},
    {"revealed", "azkL\x01\x0b\0\0\0\0\0\0\0\x01", 14, OK},
    {"revealed, cut", "azkL\x01\x0b\0\0\0\0\0\0\0", 13, FAIL_SYNTAX},
    {"revealed, and more", "azkL\x01\x0b\0\0\0\0\0\0\0\x01x", 15, FAIL_SYNTAX},
    {"none, for no reason", "azkL\x01\x09\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0", 23, FAIL_SYNTAX},
    {"none, gone", "azkL\x01\x09\0\0\0\0\0\0\0\x01\x02\0\0\0\0\0\0\0\0", 23, OK},
    {"none, a reason of 5", "azkL\x01\x09\0\0\0\0\0\0\0\x01\x05\0\0\0\0\0\0\0\0", 23, FAIL_SYNTAX},
    {"a piece of no bytes", "azkL\x01\x08\0\0\0\0\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0\0\0\0\0\0",
     30, FAIL_SYNTAX},
    {"a piece of 4,097",
     "azkL\x01\x08\0\0\0\0\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04\0\0\x10\x01"
     "x",
     31, FAIL_SYNTAX},
    {"a fragment of another length",
     "azkL\x01\x08\0\0\0\0\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0\0\0\0\0\x02x", 31, FAIL_SYNTAX},
};

static void only_ours_are_read(void **state) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct locproof_message m;
        struct error e;
        enum error_code code =
            locproof_message_read(str_of(cases[i].bytes, cases[i].count), &m, &e);
        assert_row(cases[i].name, code == cases[i].code);
    }
}

static void fragments_cover_a_whole(void **state) {
    static const struct {
        uint32_t total, count, last;
    } rows[] = {{0, 1, 0}, {1, 1, 1}, {1024, 1, 1024}, {1025, 2, 1}, {4096, 4, 1024}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(locproof_fragment_count(rows[i].total), rows[i].count);
        assert_int_equal(locproof_fragment_bytes(rows[i].total, rows[i].count - 1), rows[i].last);
        assert_int_equal(locproof_fragment_bytes(rows[i].total, rows[i].count), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_challenge_is_as_written_down),
        cmocka_unit_test(a_piece_is_as_written_down),
        cmocka_unit_test(what_strangers_ask_is_padded),
        cmocka_unit_test(only_ours_are_read),
        cmocka_unit_test(fragments_cover_a_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
