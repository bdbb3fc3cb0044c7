/* Ours against llhttp in strict mode, on the same bytes: what ours accepts, llhttp accepts, and
 * both see the same message. Nothing is excepted. Inputs are the vectors and seeded mutations of
 * them; SEED repeats a run. */
#include "tests/http/message.h"
#include "tests/http/reference.h"
#include "tests/http/vectors.h"
#include "tests/test.h"

enum { MUTATIONS = 300000, BYTES_MAX = REFERENCE_BYTES_MAX };

static const str inserts[] = {
    STR("\r\n"),
    STR("\n"),
    STR("\r"),
    STR(" "),
    STR("\t"),
    STR("\0"),
    STR(":"),
    STR(","),
    STR(";"),
    STR("="),
    STR("\""),
    STR("\\"),
    STR("#"),
    STR("?"),
    STR("\x7f"),
    STR("\x80"),
    STR("0"),
    STR("5"),
    STR("a"),
    STR("x"),
    STR("\r\n "),
    STR("\r\n\t"),
    STR(" \r\n"),
    STR("\t\r\n"),
    STR("\r\n\r\n"),
    STR("Content-Length: 5\r\n"),
    STR("Content-Length: 0\r\n"),
    STR("Transfer-Encoding: chunked\r\n"),
    STR("Transfer-Encoding: gzip\r\n"),
    STR("Connection: close\r\n"),
    STR("Connection: upgrade\r\n"),
    STR("Upgrade: x\r\n"),
    STR("Host: h\r\n"),
    STR("Expect: 100-continue\r\n"),
    STR("HTTP/1.0"),
    STR("HTTP/1.1"),
    STR("0\r\n\r\n"),
    STR("5\r\n12345\r\n"),
    STR(";a=b"),
    STR(";a;b=\"c d\""),
    STR("chunked"),
    STR(", "),
    STR("http://h"),
    STR("Proxy-Connection: keep-alive\r\n"),
};

static str mutate(struct random_seeded *r, str from, char *memory) {
    size_t len = size_min(from.len, BYTES_MAX - 256);
    memcpy(memory, from.at, len);
    for (uint64_t changes = 1 + random_below(r, 3); changes > 0; changes--) {
        size_t at = (size_t)random_below(r, len + 1), count;
        str piece;
        switch (random_below(r, 6)) {
        case 0: /* another byte */
            if (at < len) memory[at] = (char)random_below(r, 256);
            break;
        case 1: /* one bit */
            if (at < len) memory[at] = (char)(memory[at] ^ (1 << random_below(r, 8)));
            break;
        case 2: /* some bytes less */
            count = size_min((size_t)random_below(r, 6), len - at);
            memmove(memory + at, memory + at + count, len - at - count);
            len -= count;
            break;
        default: /* something more */
            piece = inserts[random_below(r, COUNT_OF(inserts))];
            memmove(memory + at + piece.len, memory + at, len - at);
            memcpy(memory + at, piece.at, piece.len);
            len += piece.len;
        }
    }
    return str_of(memory, len);
}

static void show(const char *what, str bytes) {
    print_error("%s:\n", what);
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.at[i];
        if (c < 0x20 || c > 0x7e)
            print_error("\\x%02x%s", c, c == '\n' ? "\n" : "");
        else
            print_error("%c", c);
    }
    print_error("\n");
}

static bool requests_agree(str bytes, bool *accepted) {
    static struct message m;
    static struct reference_view seen;
    *accepted = message_read_request(bytes, &m) == MESSAGE_ACCEPTED;
    if (!*accepted) return true;
    if (!reference_accepts(true, str_slice(bytes, 0, m.consumed), false, &seen)) return false;
    return str_equal(seen.method, http_method_name(m.request.method)) &&
           str_equal(text_str(&seen.target), m.request.target) &&
           seen.headers >= m.request.headers.count && seen.body_bytes == m.body_bytes &&
           seen.body_hash == m.body_hash;
}

static bool responses_agree(str bytes, bool *accepted) {
    static struct message m;
    static struct reference_view seen;
    *accepted = message_read_response(bytes, &m) == MESSAGE_ACCEPTED;
    if (!*accepted) return true;
    bool until_close = m.response.body == HTTP_BODY_UNTIL_CLOSE;
    if (!reference_accepts(false, str_slice(bytes, 0, m.consumed), until_close, &seen))
        return false;
    return seen.status == m.response.status && seen.body_bytes == m.body_bytes &&
           seen.body_hash == m.body_hash;
}

static uint64_t seed_of_run(void) {
    uint64_t seed;
    const char *given = getenv("SEED");
    if (given == NULL || !str_u64(str_from_c(given), &seed)) seed = random_u64();
    print_message("SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

static void vectors_agree(void **state) {
    bool accepted;
    for (size_t i = 0; i < COUNT_OF(smuggling); i++)
        assert_row(smuggling[i].name, requests_agree(smuggling[i].bytes, &accepted) && !accepted);
    for (size_t i = 0; i < COUNT_OF(well_formed); i++)
        assert_row(well_formed[i].at, requests_agree(well_formed[i], &accepted) && accepted);
}

static void mutated_requests_agree(void **state) {
    struct random_seeded r;
    char memory[BYTES_MAX];
    unsigned accepted_count = 0;
    random_seed(&r, seed_of_run());
    for (int i = 0; i < MUTATIONS; i++) {
        size_t pick = (size_t)random_below(&r, COUNT_OF(smuggling) + 2 * COUNT_OF(well_formed));
        str from = pick < COUNT_OF(smuggling) ? smuggling[pick].bytes
                                              : well_formed[(pick - COUNT_OF(smuggling)) / 2];
        str bytes = mutate(&r, from, memory);
        bool accepted;
        if (!requests_agree(bytes, &accepted)) {
            show("ours accepts a request that llhttp does not, or sees differently", bytes);
            fail();
        }
        accepted_count += accepted;
    }
    assert_true(accepted_count > MUTATIONS / 20); /* otherwise this compares nothing */
}

static const str responses[] = {
    STR("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"x\"\r\n\r\nhello"),
    STR("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
    STR("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n"),
    STR("HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n"),
    STR("HTTP/1.0 304 Not Modified\r\nConnection: keep-alive\r\n\r\n"),
    STR("HTTP/1.1 100 Continue\r\n\r\n"),
};

static void mutated_responses_agree(void **state) {
    struct random_seeded r;
    char memory[BYTES_MAX];
    unsigned accepted_count = 0;
    random_seed(&r, seed_of_run());
    for (int i = 0; i < MUTATIONS; i++) {
        str bytes = mutate(&r, responses[random_below(&r, COUNT_OF(responses))], memory);
        bool accepted;
        if (!responses_agree(bytes, &accepted)) {
            show("ours accepts a response that llhttp does not, or sees differently", bytes);
            fail();
        }
        accepted_count += accepted;
    }
    assert_true(accepted_count > MUTATIONS / 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_agree),
        cmocka_unit_test(mutated_requests_agree),
        cmocka_unit_test(mutated_responses_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
