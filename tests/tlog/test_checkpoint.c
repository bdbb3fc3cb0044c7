/* Checkpoints, proof files and witness requests that are nearly right. */
#include "tests/test.h"
#include "tlog/tlog.h"

#define ROOT "PyRlJHNNTThWh1rCFkBE4adafIct52rP1LJtrAm1vcA="

static void checkpoint_texts(void **state) {
    static const struct {
        const char *name, *text;
        enum error_code code;
    } cases[] = {
        {"as it should be", "o\n70000\n" ROOT "\n", OK},
        {"empty log", "o\n0\n" ROOT "\n", OK},
        {"extension", "o\n1\n" ROOT "\nextra\nmore\n", OK},
        {"origin with spaces", "a log\n1\n" ROOT "\n", OK},
        {"largest", "o\n4611686018427387904\n" ROOT "\n", OK},
        {"over the largest", "o\n4611686018427387905\n" ROOT "\n", FAIL_LIMIT},
        {"over 64 bits", "o\n18446744073709551616\n" ROOT "\n", FAIL_SYNTAX},
        {"empty", "", FAIL_SYNTAX},
        {"two lines", "o\n1\n", FAIL_SYNTAX},
        {"empty origin", "\n1\n" ROOT "\n", FAIL_SYNTAX},
        {"leading zero", "o\n01\n" ROOT "\n", FAIL_SYNTAX},
        {"two zeros", "o\n00\n" ROOT "\n", FAIL_SYNTAX},
        {"sign", "o\n+1\n" ROOT "\n", FAIL_SYNTAX},
        {"no size", "o\n\n" ROOT "\n", FAIL_SYNTAX},
        {"hex", "o\n0x1\n" ROOT "\n", FAIL_SYNTAX},
        {"space after the size", "o\n1 \n" ROOT "\n", FAIL_SYNTAX},
        {"short root", "o\n1\nAAAA\n", FAIL_SYNTAX},
        {"long root", "o\n1\n" ROOT "AAAA\n", FAIL_SYNTAX},
        {"root of 31 bytes", "o\n1\nPyRlJHNNTThWh1rCFkBE4adafIct52rP1LJtrAm1vQ==\n", FAIL_SYNTAX},
        {"root with unused bits", "o\n1\nPyRlJHNNTThWh1rCFkBE4adafIct52rP1LJtrAm1vcB=\n",
         FAIL_SYNTAX},
        {"no last newline", "o\n1\n" ROOT, FAIL_SYNTAX},
        {"empty extension", "o\n1\n" ROOT "\n\n", FAIL_SYNTAX},
        {"extension without newline", "o\n1\n" ROOT "\nx", FAIL_SYNTAX},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct tlog_checkpoint checkpoint;
        struct error e;
        str text = str_from_c(cases[i].text);
        enum error_code code = tlog_checkpoint_parse(text, &checkpoint, &e);
        assert_row(cases[i].name, code == cases[i].code);
        if (code != OK) continue;
        char memory[256];
        struct text out = text_into(memory, sizeof memory);
        tlog_checkpoint_write(&out, &checkpoint);
        assert_str(text_str(&out), text);
    }
}

static struct tlog_signer signer_of(const char *name, uint8_t type, unsigned char seed_byte) {
    struct tlog_signer signer;
    struct secret seed;
    struct error e;
    memset(seed.at, seed_byte, sizeof seed.at);
    assert_ok(tlog_signer_make(str_from_c(name), type, &seed, &signer, &e), &e);
    return signer;
}

static str checkpoint_note(char *memory, size_t cap, const char *origin, uint64_t size,
                           const struct tlog_signer *signer) {
    struct tlog_checkpoint checkpoint = {.origin = str_from_c(origin), .size = size};
    checkpoint.root = tlog_empty_root();
    struct text out = text_into(memory, cap);
    struct error e;
    assert_ok(tlog_checkpoint_sign(&out, &checkpoint, signer, &e), &e);
    return text_str(&out);
}

static void a_log_signs_its_own_origin(void **state) {
    struct tlog_signer log = signer_of("log-a", TLOG_KEY_ED25519, 1),
                       other = signer_of("log-b", TLOG_KEY_ED25519, 2),
                       same_name = signer_of("log-a", TLOG_KEY_ED25519, 3);
    char memory[1024];
    struct tlog_checkpoint checkpoint;
    struct error e;
    str good = checkpoint_note(memory, sizeof memory, "log-a", 5, &log);
    assert_ok(tlog_checkpoint_open(good, &log.vkey, NULL, &checkpoint, &e), &e);
    assert_int_equal(checkpoint.size, 5);
    assert_int_equal(tlog_checkpoint_open(good, &other.vkey, NULL, NULL, &e), FAIL_PROOF);
    assert_int_equal(tlog_checkpoint_open(good, &same_name.vkey, NULL, NULL, &e), FAIL_PROOF);
    str foreign = checkpoint_note(memory, sizeof memory, "log-c", 5, &log);
    assert_int_equal(tlog_checkpoint_open(foreign, &log.vkey, NULL, NULL, &e), FAIL_PROOF);
    char tight[64];
    struct text out = text_into(tight, sizeof tight);
    struct tlog_checkpoint c = {.origin = STR("log-a"), .size = 1};
    assert_int_equal(tlog_checkpoint_sign(&out, &c, &log, &e), FAIL_LIMIT);
}

static void witness_requests(void **state) {
    static const struct {
        const char *name, *body;
        enum error_code code;
        unsigned hashes;
    } cases[] = {
        {"first time", "old 0\n\nnote", OK, 0},
        {"with hashes", "old 5\n" ROOT "\n" ROOT "\n\nnote", OK, 2},
        {"nothing", "", FAIL_SYNTAX, 0},
        {"no old line", "\n\nnote", FAIL_SYNTAX, 0},
        {"leading zero", "old 05\n\nnote", FAIL_SYNTAX, 0},
        {"two spaces", "old  5\n\nnote", FAIL_SYNTAX, 0},
        {"over 64 bits", "old 18446744073709551616\n\nnote", FAIL_SYNTAX, 0},
        {"no number", "old \n\nnote", FAIL_SYNTAX, 0},
        {"CRLF", "old 0\r\n\r\nnote", FAIL_SYNTAX, 0},
        {"no empty line", "old 0\n", FAIL_SYNTAX, 0},
        {"a hash of 33 bytes", "old 5\nAD8kZSRzTU04VodawhZARAGnWnyHLedqz9SybawJtb3A\n\nn",
         FAIL_SYNTAX, 0},
        {"a hash in hex", "old 5\n3f246524734d4d3856875ac2164044e1\n\nn", FAIL_SYNTAX, 0},
        {"hashes to the end", "old 5\n" ROOT "\n", FAIL_SYNTAX, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct tlog_add_checkpoint request;
        struct error e;
        enum error_code code = tlog_add_checkpoint_parse(str_from_c(cases[i].body), &request, &e);
        assert_row(cases[i].name, code == cases[i].code);
        if (code != OK) continue;
        assert_row(cases[i].name, request.path.count == cases[i].hashes);
        char memory[1024];
        struct text out = text_into(memory, sizeof memory);
        assert_ok(tlog_add_checkpoint_write(&out, &request, &e), &e);
        assert_str(text_str(&out), str_from_c(cases[i].body));
    }
    for (unsigned count = 63; count <= 64; count++) {
        char memory[8192];
        struct text out = text_into(memory, sizeof memory);
        text_add(&out, STR("old 5\n"));
        for (unsigned i = 0; i < count; i++) text_add(&out, STR(ROOT "\n"));
        text_add(&out, STR("\nnote"));
        struct tlog_add_checkpoint request;
        struct error e;
        assert_int_equal(tlog_add_checkpoint_parse(text_str(&out), &request, &e),
                         count == 63 ? OK : FAIL_LIMIT);
    }
}

#define V1 "c2sp.org/tlog-proof@v1\n"

static void proof_files(void **state) {
    static const struct {
        const char *name, *file;
        enum error_code code;
    } cases[] = {
        {"one entry", V1 "index 0\n\nnote", OK},
        {"extra", V1 "extra YWJj\nindex 7\n" ROOT "\n\nnote", OK},
        {"empty extra", V1 "extra \nindex 7\n\nnote", OK},
        {"nothing", "", FAIL_SYNTAX},
        {"another file", "o\n1\n" ROOT "\n", FAIL_SYNTAX},
        {"a version to come", "c2sp.org/tlog-proof@v2\nindex 0\n\nnote", FAIL_VERSION},
        {"CRLF", "c2sp.org/tlog-proof@v1\r\nindex 0\r\n\r\nnote", FAIL_VERSION},
        {"no index", V1 "\nnote", FAIL_SYNTAX},
        {"index twice", V1 "index 0\nindex 0\n\nnote", FAIL_SYNTAX},
        {"extra after index", V1 "index 0\nextra YWJj\n\nnote", FAIL_SYNTAX},
        {"extra twice", V1 "extra YWJj\nextra YWJj\nindex 0\n\nnote", FAIL_SYNTAX},
        {"extra is no base64", V1 "extra YWJ\nindex 0\n\nnote", FAIL_SYNTAX},
        {"leading zero", V1 "index 07\n\nnote", FAIL_SYNTAX},
        {"no empty line", V1 "index 0\n" ROOT "\n", FAIL_SYNTAX},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char memory[1024], arena_memory[256];
        struct arena arena = arena_over(arena_memory, sizeof arena_memory);
        struct tlog_proof proof;
        struct error e;
        str file = str_from_c(cases[i].file);
        enum error_code code = tlog_proof_parse(file, &arena, &proof, &e);
        assert_row(cases[i].name, code == cases[i].code);
        if (code != OK) continue;
        struct text out = text_into(memory, sizeof memory);
        assert_ok(tlog_proof_write(&out, &proof, &e), &e);
        assert_str(text_str(&out), file);
    }
}

static void extra_of_any_length(void **state) {
    static char bytes[TLOG_EXTRA_BYTES_MAX + 4], memory[TLOG_PROOF_BYTES_MAX],
        arena_memory[TLOG_EXTRA_BYTES_MAX + 64];
    static const size_t counts[] = {1, 2, 3, 767, 768, 769, 1536, 100000, TLOG_EXTRA_BYTES_MAX - 1};
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)(i * 7);
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        struct tlog_proof proof = {.extra = str_of(bytes, counts[i]), .checkpoint = STR("note")},
                          back;
        struct text out = text_into(memory, sizeof memory);
        struct arena arena = arena_over(arena_memory, sizeof arena_memory);
        struct error e;
        assert_ok(tlog_proof_write(&out, &proof, &e), &e);
        assert_ok(tlog_proof_parse(text_str(&out), &arena, &back, &e), &e);
        assert_true(str_equal(back.extra, proof.extra));
        arena = arena_over(arena_memory, 0);
        assert_int_equal(tlog_proof_parse(text_str(&out), &arena, &back, &e), FAIL_MEMORY);
    }
    struct tlog_proof proof = {.extra = str_of(bytes, sizeof bytes), .checkpoint = STR("note")};
    struct text out = text_into(memory, sizeof memory);
    struct error e;
    assert_int_equal(tlog_proof_write(&out, &proof, &e), FAIL_LIMIT);
    proof.extra.len = 3;
    out = text_into(memory, 40);
    assert_int_equal(tlog_proof_write(&out, &proof, &e), FAIL_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checkpoint_texts),    cmocka_unit_test(a_log_signs_its_own_origin),
        cmocka_unit_test(witness_requests),    cmocka_unit_test(proof_files),
        cmocka_unit_test(extra_of_any_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
