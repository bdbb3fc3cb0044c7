/* Policies: what may be written, and which sets of witnesses are enough. */
#include "tests/test.h"
#include "tlog/tlog.h"

enum { WITNESSES = 6 };

static struct tlog_signer log_signer, witnesses[WITNESSES];
static char log_vkey[TLOG_VKEY_TEXT_BYTES + 1], witness_vkeys[WITNESSES][TLOG_VKEY_TEXT_BYTES + 1];
static struct tlog_policy policy; /* one at a time: it is large */

static struct tlog_signer signer_make(const char *name, uint8_t type, unsigned char seed_byte,
                                      char vkey[TLOG_VKEY_TEXT_BYTES + 1]) {
    struct tlog_signer signer;
    struct secret seed;
    struct error e;
    memset(seed.at, seed_byte, sizeof seed.at);
    assert_ok(tlog_signer_make(str_from_c(name), type, &seed, &signer, &e), &e);
    vkey[tlog_vkey_write(&signer.vkey, vkey)] = 0;
    return signer;
}

static int setup(void **state) {
    log_signer = signer_make("example.com/log", TLOG_KEY_ED25519, 200, log_vkey);
    for (unsigned i = 0; i < WITNESSES; i++) {
        char name[32];
        snprintf(name, sizeof name, "example.com/w%u", i);
        witnesses[i] =
            signer_make(name, TLOG_KEY_COSIGNATURE, (unsigned char)(i + 1), witness_vkeys[i]);
    }
    return 0;
}

/* Policy texts with %L for the log's key and %0 .. %5 for the witnesses'. */
static str fill(const char *format) {
    static char memory[8192];
    struct text out = text_into(memory, sizeof memory);
    for (; *format; format++) {
        if (format[0] != '%') {
            text_add_char(&out, *format);
            continue;
        }
        format++;
        text_add_c(&out, *format == 'L' ? log_vkey : witness_vkeys[*format - '0']);
    }
    assert_false(out.overflow);
    return text_str(&out);
}

#define THREE "log %L\nwitness a %0\nwitness b %1\nwitness c %2\n"

static void policies_that_are_none(void **state) {
    static const struct {
        const char *name, *text;
        enum error_code code;
    } cases[] = {
        {"smallest", "quorum none\n", OK},
        {"no last newline", "quorum none", OK},
        {"comments, tabs, empty lines", " # hi\n\n\t \nlog\t%L \n  quorum   none\n", OK},
        {"addresses", "log %L https://log\nwitness a %0 https://w\nquorum a\n", OK},
        {"names in any octets", "witness \xff\xe6 %0\nquorum \xff\xe6\n", OK},
        {"no quorum", "log %L\n", FAIL_SYNTAX},
        {"two quorums", "quorum none\nquorum none\n", FAIL_SYNTAX},
        {"quorum of nobody", "quorum a\n", FAIL_SYNTAX},
        {"quorum before its line", "quorum a\nwitness a %0\n", FAIL_SYNTAX},
        {"quorum of two names", THREE "quorum a b\n", FAIL_SYNTAX},
        {"empty quorum", "quorum\n", FAIL_SYNTAX},
        {"unknown word", "logs %L\nquorum none\n", FAIL_SYNTAX},
        {"word in capitals", "LOG %L\nquorum none\n", FAIL_SYNTAX},
        {"log without a key", "log\nquorum none\n", FAIL_SYNTAX},
        {"log twice", "log %L\nlog %L\nquorum none\n", FAIL_SYNTAX},
        {"log with a witness's key", "log %0\nquorum none\n", FAIL_SYNTAX},
        {"witness with a log's key", "witness a %L\nquorum none\n", FAIL_SYNTAX},
        {"witness twice", "witness a %0\nwitness b %0\nquorum none\n", FAIL_SYNTAX},
        {"name twice", "witness a %0\nwitness a %1\nquorum none\n", FAIL_SYNTAX},
        {"named none", "witness none %0\nquorum none\n", FAIL_SYNTAX},
        {"group named as a witness", THREE "group a any b\nquorum a\n", FAIL_SYNTAX},
        {"too much on a line", "witness a %0 https://w more\nquorum a\n", FAIL_SYNTAX},
        {"group without members", THREE "group g any\nquorum g\n", FAIL_SYNTAX},
        {"group without a number", THREE "group g a b\nquorum g\n", FAIL_SYNTAX},
        {"zero of two", THREE "group g 0 a b\nquorum g\n", FAIL_SYNTAX},
        {"three of two", THREE "group g 3 a b\nquorum g\n", FAIL_SYNTAX},
        {"member twice", THREE "group g 2 a a b\nquorum g\n", FAIL_SYNTAX},
        {"member of two groups", THREE "group g any a\ngroup h any a b\nquorum g\n", FAIL_SYNTAX},
        {"group of itself", THREE "group g any g\nquorum g\n", FAIL_SYNTAX},
        {"group of a later one", THREE "group g any h\ngroup h any a\nquorum g\n", FAIL_SYNTAX},
        {"none as a member", THREE "group g any none\nquorum g\n", FAIL_SYNTAX},
        {"CRLF", "quorum none\r\n", FAIL_SYNTAX},
        {"delete character", "quorum none # \x7f\n", FAIL_SYNTAX},
        {"a wrong key",
         "log example.com/log+00000000+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n"
         "quorum none\n",
         FAIL_PROOF},
        {"a key of a type to come",
         "witness a w+530d903a+BukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n"
         "quorum a\n",
         FAIL_VERSION},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error e;
        assert_row(cases[i].name,
                   tlog_policy_parse(fill(cases[i].text), &policy, &e) == cases[i].code);
    }
}

static void quorums(void **state) {
    static const char nested[] =
        "witness a %0\nwitness b %1\nwitness c %2\nwitness x %3\nwitness y %4\nwitness z %5\n"
        "group abc 2 a b c\ngroup xyz any x y z\ngroup both all abc xyz\nquorum both\n";
    static const struct {
        const char *name, *text;
        uint64_t signed_by;
        bool met;
    } cases[] = {
        {"nobody is asked", "quorum none\n", 0, true},
        {"the one asked", THREE "quorum b\n", 2, true},
        {"the others", THREE "quorum b\n", 5, false},
        {"any of three", THREE "group g any a b c\nquorum g\n", 4, true},
        {"any of three, none", THREE "group g any a b c\nquorum g\n", 0, false},
        {"all but one", THREE "group g all a b c\nquorum g\n", 3, false},
        {"all", THREE "group g all a b c\nquorum g\n", 7, true},
        {"two of three", THREE "group g 2 a b c\nquorum g\n", 5, true},
        {"one of three", THREE "group g 2 a b c\nquorum g\n", 4, false},
        {"nested", nested, 0x09 | 0x02, true},
        {"nested, no x y z", nested, 0x07, false},
        {"nested, one of a b c", nested, 0x39, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error e;
        assert_ok(tlog_policy_parse(fill(cases[i].text), &policy, &e), &e);
        assert_row(cases[i].name, tlog_policy_is_met(&policy, cases[i].signed_by) == cases[i].met);
    }
}

static str note_signed_by(uint64_t bits) {
    static char memory[4096];
    struct text out = text_into(memory, sizeof memory);
    struct tlog_checkpoint checkpoint = {.origin = STR("example.com/log"), .size = 3};
    struct error e;
    assert_ok(tlog_checkpoint_sign(&out, &checkpoint, &log_signer, &e), &e);
    struct tlog_note note;
    assert_ok(tlog_note_parse(text_str(&out), &note, &e), &e);
    for (unsigned i = 0; i < WITNESSES; i++) {
        if (bits >> i & 1)
            assert_ok(tlog_note_sign(&out, note.text, &witnesses[i], 1000 + i, &e), &e);
    }
    return text_str(&out);
}

static void opening(void **state) {
    struct tlog_checkpoint checkpoint;
    struct tlog_policy_result result;
    struct error e;
    assert_ok(tlog_policy_parse(fill(THREE "group g 2 a b c\nquorum g\n"), &policy, &e), &e);
    assert_ok(tlog_policy_open(&policy, NULL, note_signed_by(0x15), &checkpoint, &result, &e), &e);
    assert_int_equal(checkpoint.size, 3);
    assert_int_equal(result.witnesses_signed, 5); /* e is nobody the policy knows */
    assert_int_equal(result.times_s[0], 1000);
    assert_int_equal(result.times_s[2], 1002);
    assert_true(tlog_vkey_equal(&result.log, &log_signer.vkey));
    assert_int_equal(tlog_policy_open(&policy, NULL, note_signed_by(4), &checkpoint, &result, &e),
                     FAIL_PROOF);
    char other_vkey[TLOG_VKEY_TEXT_BYTES + 1];
    struct tlog_signer other = signer_make("example.com/log", TLOG_KEY_ED25519, 201, other_vkey);
    assert_int_equal(
        tlog_policy_open(&policy, &other.vkey, note_signed_by(7), &checkpoint, &result, &e),
        FAIL_PROOF);
    /* a policy that names no log needs to be told which */
    assert_ok(tlog_policy_parse(fill("witness a %0\nquorum a\n"), &policy, &e), &e);
    str note = note_signed_by(1);
    assert_int_equal(tlog_policy_open(&policy, NULL, note, &checkpoint, &result, &e), FAIL_PROOF);
    assert_ok(tlog_policy_open(&policy, &log_signer.vkey, note, &checkpoint, &result, &e), &e);
    assert_int_equal(tlog_policy_open(&policy, &other.vkey, note, &checkpoint, &result, &e),
                     FAIL_PROOF);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policies_that_are_none),
        cmocka_unit_test(quorums),
        cmocka_unit_test(opening),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
