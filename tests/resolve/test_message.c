/* One DNS message with compressed names: what it says, and that no cut or changed byte makes more of it. */
#include "resolve/resolve.h"
#include "tests/test.h"

/* WWW.a.test is an alias of a.test, whose address is 192.0.2.1; the name server's glue is nobody's business. */
static const unsigned char message[] = {
    0x12, 0x34, 0x81, 0x80, 0,  1,   0, 2,   0,   1,   0,   1,                    /* head */
    3,    'W',  'w',  'W',  1,  'a', 4, 't', 'e', 's', 't', 0, 0,    1,   0,   1, /* question: 12 */
    0xc0, 12,   0,    5,    0,  1,   0, 0,   0,   60,  0,   2, 0xc0, 16, /* CNAME a.test: 28 */
    0xc0, 16,   0,    1,    0,  1,   0, 0,   0,   30,  0,   4, 192,  0,   2,   1,        /* A: 42 */
    0xc0, 18,   0,    2,    0,  1,   0, 0,   0,   30,  0,   5, 2,    'n', 's', 0xc0, 18, /* NS: 58 */
    2,    'n',  's',  0xc0, 18, 0,   1, 0,   1,   0,   0,   0, 30,   0,   4,   203,  0,  113,
    9, /* glue */
};

static unsigned char memory[16 << 10];

static struct resolve_message read(const unsigned char *bytes, size_t count, const char *question) {
    struct arena arena = arena_over(memory, sizeof memory);
    struct resolve_message out;
    resolve_message_read(str_of(bytes, count), str_from_c(question), 1, &arena, &out);
    return out;
}

static void compressed_names_are_followed(void **state) {
    struct resolve_message m = read(message, sizeof message, "www.A.test");
    assert_int_equal(m.status, RESOLVE_FOUND);
    assert_int_equal(m.chain_count, 1);
    assert_str(m.chain[0], STR("a.test"));
    assert_int_equal(m.address_count, 1);
    assert_int_equal(m.addresses[0].at[3], 1);
    assert_int_equal(m.ttl_s, 30);
    assert_int_equal(read(message, sizeof message, "b.test").status, RESOLVE_BAD_ANSWER);
}

static void cut_anywhere_it_says_no_more_than_before(void **state) {
    for (size_t count = 0; count < sizeof message; count++) {
        unsigned char *own = malloc(count + 1);
        memcpy(own, message, count);
        struct resolve_message m = read(own, count, "www.a.test");
        /* the answers are whole from byte 58 on; what is behind them is not needed */
        assert_int_equal(m.status, count < 58 ? RESOLVE_BAD_ANSWER : RESOLVE_FOUND);
        free(own);
    }
}

static void with_any_byte_changed_it_answers(void **state) {
    static const unsigned char others[] = {0, 1, 12, 16, 0x3f, 0x7f, 0xc0, 0xff, '.', '\\'};
    unsigned char own[sizeof message];
    for (size_t at = 0; at < sizeof own; at++)
        for (size_t k = 0; k < COUNT_OF(others); k++) {
            memcpy(own, message, sizeof own);
            own[at] = others[k];
            struct resolve_message m = read(own, sizeof own, "www.a.test");
            assert_true(m.status < RESOLVE_STATUS_COUNT && m.address_count <= 1);
        }
}

static void bytes_that_are_no_letters_are_written_as_numbers(void **state) {
    unsigned char own[sizeof message];
    memcpy(own, message, sizeof own);
    own[12 + 1] = '.'; /* the label is now ".wW" */
    assert_int_equal(read(own, sizeof own, "www.a.test").status, RESOLVE_BAD_ANSWER);
    assert_int_equal(read(own, sizeof own, "\\046ww.a.test").status, RESOLVE_FOUND);
}

static void with_too_little_room_it_leaves_out(void **state) {
    for (size_t room = 0; room < 200; room++) {
        struct arena arena = arena_over(memory, room);
        struct resolve_message m;
        resolve_message_read(str_of(message, sizeof message), STR("www.a.test"), 1, &arena, &m);
        assert_true(m.status == RESOLVE_BAD_ANSWER || m.status == RESOLVE_LOOP ||
                    m.status == RESOLVE_FOUND);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compressed_names_are_followed),
        cmocka_unit_test(cut_anywhere_it_says_no_more_than_before),
        cmocka_unit_test(with_any_byte_changed_it_answers),
        cmocka_unit_test(bytes_that_are_no_letters_are_written_as_numbers),
        cmocka_unit_test(with_too_little_room_it_leaves_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
