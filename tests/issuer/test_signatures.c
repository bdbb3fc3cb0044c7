/* Signatures of rulebook files: what is signed reads back, and every way to be wrong has its own
 * sentence with file, rulebook and remedy. */
#include "issuer/issuer.h"

#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>

enum { FROM_S = 1 };
static const str body = {"rulebook: aoba-own\n", 19};

struct desk {
    struct tlog_signer aoba, borea, aoba_later;
    struct arena arena;
    char memory[1 << 19];
    char said[ERROR_MESSAGE_BYTES];
};

static void key_make(const char *name, unsigned char fill, struct tlog_signer *out) {
    struct secret seed;
    struct error e;
    memset(seed.at, fill, sizeof seed.at);
    assert_ok(tlog_signer_make(str_from_c(name), TLOG_KEY_ED25519, &seed, out, &e), &e);
}

static int desk_open(void **state) {
    struct desk *d = calloc(1, sizeof *d);
    d->arena = arena_over(d->memory, sizeof d->memory);
    key_make("aoba", 1, &d->aoba);
    key_make("borea", 2, &d->borea);
    key_make("aoba", 3, &d->aoba_later);
    *state = d;
    return 0;
}
static int desk_close(void **state) {
    free(*state);
    return 0;
}

static struct issuer_claim claim(const char *name, const char *line, int64_t from_ns) {
    return (struct issuer_claim){str_from_c(name), str_from_c(line), from_ns, sha256_of(body)};
}

static enum error_code sign(struct desk *d, const struct tlog_signer *key,
                            const struct issuer_claim *claims, size_t count, str *out,
                            struct error *e) {
    struct issuer_statement *s = arena_new(&d->arena, struct issuer_statement, 1);
    s->issued_ns = 1764000000 * NS_PER_S;
    s->count = count;
    memcpy(s->claims, claims, count * sizeof *claims);
    return issuer_sign(s, key, &d->arena, out, e);
}

static str signed_as(struct desk *d, const struct tlog_signer *key, const char *name,
                     const char *line, int64_t from_ns) {
    struct issuer_claim one = claim(name, line, from_ns);
    struct error e;
    str out;
    assert_ok(sign(d, key, &one, 1, &out, &e), &e);
    return out;
}

/* One rulebook aoba-own of line aoba-own, in force from FROM_S s, held against aoba's key. */
static enum error_code vouch(struct desk *d, str signature, struct issuer_vouched *out) {
    struct issuer_book book = {STR("aoba-own"), STR_EMPTY, FROM_S * NS_PER_S};
    struct issuer_file file = {STR("own.yaml"), body, signature, &book, 1};
    struct error e = {0};
    enum error_code code = issuer_vouch(&file, &d->aoba.vkey, 1, d->arena, out, &e);
    snprintf(d->said, sizeof d->said, "%s", code == OK ? "" : e.message);
    return code;
}

static void says(const struct desk *d, const char *part) {
    if (strstr(d->said, part) == NULL) fail_msg("\"%s\" has no \"%s\"", d->said, part);
}

/* ---- what holds */

static void an_edition_is_vouched_for(void **state) {
    struct desk *d = *state;
    struct issuer_vouched out;
    str note = signed_as(d, &d->aoba, "aoba-own", "aoba-own", FROM_S * NS_PER_S);
    assert_int_equal(vouch(d, note, &out), OK);
    assert_ptr_equal(out.by, &d->aoba.vkey);
    assert_int_equal(out.issued_ns, 1764000000 * NS_PER_S);
}

static void what_is_signed_reads_back(void **state) {
    struct desk *d = *state;
    struct issuer_claim two[] = {claim("aoba-own", "aoba", INT64_MIN),
                                 claim("aoba-規程", "aoba-規程", 1782864000 * NS_PER_S)};
    struct issuer_signature *s = arena_new(&d->arena, struct issuer_signature, 1);
    struct error e;
    str note;
    assert_ok(sign(d, &d->aoba, two, 2, &note, &e), &e);
    assert_true(str_starts(note, STR("azekura rulebook 1\nissued 2025-11-24T16:00:00Z\n"
                                     "aoba-own aoba ever ")));
    assert_ok(issuer_signature_read(note, s, &e), &e);
    assert_int_equal(s->statement.count, 2);
    assert_int_equal(s->statement.claims[0].from_ns, INT64_MIN);
    assert_int_equal(s->statement.claims[1].from_ns, 1782864000 * NS_PER_S);
    assert_true(str_equal(s->statement.claims[1].name, str_from_c("aoba-規程")));
    assert_true(digest_equal(&s->statement.claims[1].file, &two[1].file));
}

static void a_key_speaks_for_its_name_and_what_begins_with_it(void **state) {
    struct desk *d = *state;
    assert_true(issuer_speaks_for(&d->aoba.vkey, STR("aoba")));
    assert_true(issuer_speaks_for(&d->aoba.vkey, STR("aoba-own")));
    assert_false(issuer_speaks_for(&d->aoba.vkey, STR("aobayama")));
    assert_false(issuer_speaks_for(&d->aoba.vkey, STR("aob")));
    assert_false(issuer_speaks_for(&d->aoba.vkey, STR("jp-aoba")));
    assert_false(issuer_speaks_for(&d->aoba.vkey, STR_EMPTY));
}

static void nobody_asks_for_a_signature_of_another_line(void **state) {
    struct desk *d = *state;
    struct issuer_book book = {STR("jp-gas"), STR_EMPTY, INT64_MIN};
    struct issuer_file file = {STR("gas.yaml"), body, STR("not a note"), &book, 1};
    struct issuer_vouched out = {.by = &d->aoba.vkey};
    struct error e;
    assert_ok(issuer_vouch(&file, &d->aoba.vkey, 1, d->arena, &out, &e), &e);
    assert_null(out.by);
}

static void either_key_of_a_name_will_do(void **state) {
    struct desk *d = *state;
    struct tlog_vkey both[] = {d->aoba.vkey, d->aoba_later.vkey};
    struct issuer_book book = {STR("aoba-own"), STR_EMPTY, INT64_MIN};
    struct issuer_vouched out;
    struct error e;
    struct issuer_file file = {STR("own.yaml"), body,
                               signed_as(d, &d->aoba_later, "aoba-own", "aoba-own", INT64_MIN),
                               &book, 1};
    assert_ok(issuer_vouch(&file, both, 2, d->arena, &out, &e), &e);
    assert_ptr_equal(out.by, &both[1]);
}

/* ---- what does not */

static void unsigned_is_refused(void **state) {
    struct desk *d = *state;
    struct issuer_vouched out;
    assert_int_equal(vouch(d, STR_EMPTY, &out), FAIL_PROOF);
    says(d, "own.yaml: rulebook aoba-own of line aoba-own is for aoba to sign, but there is no "
            "own.yaml.sig");
    assert_null(out.by);
}

static void a_changed_file_is_refused(void **state) {
    struct desk *d = *state;
    struct issuer_book book = {STR("aoba-own"), STR_EMPTY, FROM_S * NS_PER_S};
    struct issuer_vouched out;
    struct error e;
    struct issuer_file file = {STR("own.yaml"), STR("rulebook: aoba-own \n"),
                               signed_as(d, &d->aoba, "aoba-own", "aoba-own", FROM_S * NS_PER_S),
                               &book, 1};
    assert_int_equal(issuer_vouch(&file, &d->aoba.vkey, 1, d->arena, &out, &e), FAIL_PROOF);
    assert_non_null(strstr(e.message, "was changed after it was signed: SHA-256 is "));
}

static void another_signer_is_refused(void **state) {
    struct desk *d = *state;
    struct issuer_vouched out;
    assert_int_equal(
        vouch(d, signed_as(d, &d->aoba_later, "aoba-own", "aoba-own", FROM_S * NS_PER_S), &out),
        FAIL_PROOF);
    says(d, "own.yaml.sig: rulebook aoba-own of line aoba-own is signed by no key that is trusted");
}

static void a_signature_that_does_not_hold_is_refused(void **state) {
    struct desk *d = *state;
    struct issuer_vouched out;
    str note = signed_as(d, &d->aoba, "aoba-own", "aoba-own", FROM_S * NS_PER_S);
    char *bytes = (char *)(uintptr_t)note.at;
    bytes[STR("azekura rulebook 1\nissued 202").len]++; /* a year later */
    assert_int_equal(vouch(d, note, &out), FAIL_PROOF);
}

static void another_line_is_refused(void **state) {
    struct desk *d = *state;
    struct issuer_vouched out;
    assert_int_equal(vouch(d, signed_as(d, &d->aoba, "aoba-own", "aoba", FROM_S * NS_PER_S), &out),
                     FAIL_PROOF);
    says(d, "is of line aoba-own, but was signed for line aoba: have it signed for its own line");
}

static void another_day_is_refused(void **state) {
    struct desk *d = *state;
    struct issuer_vouched out;
    assert_int_equal(vouch(d, signed_as(d, &d->aoba, "aoba-own", "aoba-own", INT64_MIN), &out),
                     FAIL_PROOF);
    says(d, "is in force from 1970-01-01T00:00:01Z, but was signed as from ever");
}

static void a_rulebook_left_out_is_refused(void **state) {
    struct desk *d = *state;
    struct issuer_vouched out;
    assert_int_equal(vouch(d, signed_as(d, &d->aoba, "aoba-old", "aoba-own", INT64_MIN), &out),
                     FAIL_PROOF);
    says(d, "own.yaml.sig: does not name rulebook aoba-own, which the file has");
}

static void an_edition_cannot_leave_its_line_to_be_rid_of_the_signature(void **state) {
    struct desk *d = *state;
    struct issuer_book book = {STR("aoba-own"), STR("elsewhere"), FROM_S * NS_PER_S};
    struct issuer_vouched out;
    struct error e;
    struct issuer_file file = {STR("own.yaml"), body, STR_EMPTY, &book, 1};
    assert_int_equal(issuer_vouch(&file, &d->aoba.vkey, 1, d->arena, &out, &e), FAIL_PROOF);
    file.signature = signed_as(d, &d->aoba, "aoba-own", "aoba-own", FROM_S * NS_PER_S);
    assert_int_equal(issuer_vouch(&file, &d->aoba.vkey, 1, d->arena, &out, &e), FAIL_PROOF);
    assert_non_null(strstr(e.message, "is of line elsewhere, but was signed for line aoba-own"));
}

static void a_key_does_not_sign_for_other_lines(void **state) {
    struct desk *d = *state;
    struct issuer_claim other = claim("jp-gas", "jp-gas", INT64_MIN);
    struct error e;
    str note;
    assert_int_equal(sign(d, &d->aoba, &other, 1, &note, &e), FAIL_USAGE);
    assert_non_null(strstr(e.message, "the key aoba speaks only for lines aoba and aoba-"));
    /* Signed all the same, with a program of their own: not trusted for that line. */
    struct issuer_book book = {STR("jp-gas"), STR_EMPTY, INT64_MIN};
    struct tlog_signer gas;
    key_make("jp-gas", 9, &gas);
    struct tlog_vkey trusted[] = {d->aoba.vkey, gas.vkey};
    struct issuer_vouched out;
    str text = STR_EMPTY;
    char memory[8192];
    assert_ok(sign(d, &gas, &other, 1, &note, &e), &e);
    size_t end;
    assert_true(str_find(note, STR("\n\n"), &end));
    text = str_slice(note, 0, end + 1);
    struct text forged = text_into(memory, sizeof memory);
    text_add(&forged, text);
    text_add_char(&forged, '\n');
    assert_ok(tlog_note_sign(&forged, text, &d->aoba, 0, &e), &e);
    struct issuer_file file = {STR("gas.yaml"), body, text_str(&forged), &book, 1};
    assert_int_equal(issuer_vouch(&file, trusted, 2, d->arena, &out, &e), FAIL_PROOF);
    assert_non_null(strstr(e.message, "is signed by no key that is trusted for that line"));
}

/* ---- what is no signature */

#define HEX "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
static const struct {
    const char *name, *text;
    int code;
    const char *part;
} wrong[] = {
    {"of the next format", "azekura rulebook 2\nissued 2026-01-01T00:00:00Z\n", FAIL_VERSION,
     "format \"azekura rulebook 2\""},
    {"a checkpoint", "aoba\n12\n", FAIL_SYNTAX, "line 1"},
    {"no time", "azekura rulebook 1\na a ever " HEX "\n", FAIL_SYNTAX, "line 2"},
    {"a day for a time", "azekura rulebook 1\nissued 2026-01-01\na a ever " HEX "\n", FAIL_SYNTAX,
     "line 2"},
    {"another spelling of a time", "azekura rulebook 1\nissued 2026-01-01T00:00:00+00:00\n",
     FAIL_SYNTAX, "line 2"},
    {"issued ever", "azekura rulebook 1\nissued ever\na a ever " HEX "\n", FAIL_SYNTAX, "line 2"},
    {"no rulebook", "azekura rulebook 1\nissued 2026-01-01T00:00:00Z\n", FAIL_SYNTAX,
     "line 3 of the signature: expected a rulebook"},
    {"three words", "azekura rulebook 1\nissued 2026-01-01T00:00:00Z\na a " HEX "\n", FAIL_SYNTAX,
     "line 3"},
    {"two blanks", "azekura rulebook 1\nissued 2026-01-01T00:00:00Z\na  ever " HEX "\n",
     FAIL_SYNTAX, "line 3"},
    {"capitals",
     "azekura rulebook 1\nissued 2026-01-01T00:00:00Z\na a ever "
     "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855\n",
     FAIL_SYNTAX, "line 3"},
    {"a short digest", "azekura rulebook 1\nissued 2026-01-01T00:00:00Z\na a ever e3b0\n",
     FAIL_SYNTAX, "line 3"},
    {"twice",
     "azekura rulebook 1\nissued 2026-01-01T00:00:00Z\na a ever " HEX "\na a ever " HEX "\n",
     FAIL_SYNTAX, "a is named twice"},
};

static void what_is_no_statement_is_refused(void **state) {
    struct desk *d = *state;
    struct issuer_signature *s = arena_new(&d->arena, struct issuer_signature, 1);
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        char memory[8192];
        struct error e = {0};
        struct text note = text_into(memory, sizeof memory);
        text_add_c(&note, wrong[i].text);
        text_add_char(&note, '\n');
        assert_ok(tlog_note_sign(&note, str_from_c(wrong[i].text), &d->aoba, 0, &e), &e);
        enum error_code code = issuer_signature_read(text_str(&note), s, &e);
        if (code != (enum error_code)wrong[i].code || strstr(e.message, wrong[i].part) == NULL)
            fail_msg("%s: %d, \"%s\"", wrong[i].name, code, e.message);
    }
    struct error e;
    assert_int_equal(issuer_signature_read(STR("rulebook: x\n"), s, &e), FAIL_SYNTAX);
}

static void names_with_white_space_cannot_be_signed(void **state) {
    struct desk *d = *state;
    struct issuer_claim odd = claim("aoba own", "aoba", INT64_MIN);
    struct error e;
    str note;
    assert_int_equal(sign(d, &d->aoba, &odd, 1, &note, &e), FAIL_SYNTAX);
    assert_int_equal(sign(d, &d->aoba, &odd, 0, &note, &e), FAIL_USAGE);
}

static void a_statement_has_its_limits(void **state) {
    struct desk *d = *state;
    static struct issuer_claim many[ISSUER_CLAIMS_MAX];
    static char names[ISSUER_CLAIMS_MAX][80];
    struct error e;
    str note;
    for (size_t i = 0; i < COUNT_OF(many); i++) {
        snprintf(names[i], sizeof names[i], "aoba-%070zu", i);
        many[i] = claim(names[i], "aoba", INT64_MIN);
    }
    assert_int_equal(sign(d, &d->aoba, many, COUNT_OF(many), &note, &e), FAIL_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_edition_is_vouched_for, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(what_is_signed_reads_back, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(a_key_speaks_for_its_name_and_what_begins_with_it,
                                        desk_open, desk_close),
        cmocka_unit_test_setup_teardown(nobody_asks_for_a_signature_of_another_line, desk_open,
                                        desk_close),
        cmocka_unit_test_setup_teardown(either_key_of_a_name_will_do, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(unsigned_is_refused, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(a_changed_file_is_refused, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(another_signer_is_refused, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(a_signature_that_does_not_hold_is_refused, desk_open,
                                        desk_close),
        cmocka_unit_test_setup_teardown(another_line_is_refused, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(another_day_is_refused, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(a_rulebook_left_out_is_refused, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(an_edition_cannot_leave_its_line_to_be_rid_of_the_signature,
                                        desk_open, desk_close),
        cmocka_unit_test_setup_teardown(a_key_does_not_sign_for_other_lines, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(what_is_no_statement_is_refused, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(names_with_white_space_cannot_be_signed, desk_open,
                                        desk_close),
        cmocka_unit_test_setup_teardown(a_statement_has_its_limits, desk_open, desk_close),
    };
    return cmocka_run_group_tests_name("issuer: signatures", tests, NULL, NULL);
}
