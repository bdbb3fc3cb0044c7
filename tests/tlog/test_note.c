/* Keys and signed notes: what is accepted, and everything that looks like it and is not. */
#include "tests/test.h"
#include "tlog/tlog.h"

static struct tlog_signer alice, bob, carol; /* two logs and a witness */

static struct tlog_signer signer_of(const char *name, uint8_t type, const char *seed_text) {
    struct tlog_signer signer;
    struct secret seed;
    struct error e;
    digest hash = sha256_of(str_from_c(seed_text));
    memcpy(seed.at, hash.at, sizeof seed.at);
    assert_ok(tlog_signer_make(str_from_c(name), type, &seed, &signer, &e), &e);
    return signer;
}

static int setup(void **state) {
    alice = signer_of("example.com/alice", TLOG_KEY_ED25519, "a");
    bob = signer_of("example.com/bob", TLOG_KEY_ED25519, "b");
    carol = signer_of("example.com/carol", TLOG_KEY_COSIGNATURE, "c");
    return 0;
}

/* Source: c2sp.org/signed-note, "Verifier keys", Example. */
static void the_example_of_the_specification(void **state) {
    static const char bytes[] =
        "This is an example message.\n\n"
        "\xe2\x80\x94 example.com/foo "
        "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQ"
        "M=\n";
    struct tlog_vkey key;
    struct tlog_note note;
    struct tlog_signed result;
    struct error e;
    str text = STR("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
    assert_ok(tlog_vkey_parse(text, &key, &e), &e);
    char back[TLOG_VKEY_TEXT_BYTES];
    assert_str(str_of(back, tlog_vkey_write(&key, back)), text);
    assert_ok(tlog_note_parse(str_from_c(bytes), &note, &e), &e);
    assert_str(note.text, STR("This is an example message.\n"));
    assert_ok(tlog_note_verify(&note, &key, 1, &result, &e), &e);
    assert_true(result.valid);
    assert_int_equal(result.time_s, 0);
}

static void key_names(void **state) {
    static const char *const good[] = {"a", "example.com/log", "\xe6\xa0\xa1\xe5\x80\x89",
                                       "a-b_c~!"};
    static const char *const bad[] = {
        "",
        "a b",
        "a+b",
        "a\tb",
        "a\nb",
        "a\xc2\xa0",     /* no-break space */
        "a\xe3\x80\x80", /* ideographic space */
        "a\xe2\x80\xa8", /* line separator */
        "a\xe1\x9a\x80",
        "a\xc2\x85",
        "\xff",
        "a\x7f",
        "a\x01",
    };
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_row(good[i], tlog_name_is_valid(str_from_c(good[i])));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_row(bad[i], !tlog_name_is_valid(str_from_c(bad[i])));
    char longest[256];
    memset(longest, 'n', sizeof longest);
    assert_true(tlog_name_is_valid(str_of(longest, 255)));
    assert_false(tlog_name_is_valid(str_of(longest, 256)));
}

static void verifier_keys_are_strict(void **state) {
    static const struct {
        const char *text;
        enum error_code code;
    } cases[] = {
        {"", FAIL_SYNTAX},
        {"example.com/foo", FAIL_SYNTAX},
        {"example.com/foo+530d903a", FAIL_SYNTAX},
        {"+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", FAIL_SYNTAX},
        {"example.com/fo o+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", FAIL_SYNTAX},
        {"example.com/foo+530d903+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", FAIL_SYNTAX},
        {"example.com/foo+530d903ag+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", FAIL_SYNTAX},
        {"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k=", FAIL_SYNTAX},
        {"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3Q==", FAIL_SYNTAX},
        {"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2kAAAA", FAIL_SYNTAX},
        {"example.com/foo+530d903a+", FAIL_SYNTAX},
        {"example.com/foo+530d903a+!ekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", FAIL_SYNTAX},
        {"example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", FAIL_PROOF},
        {"example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", FAIL_PROOF},
        {"example.com/foo+530d903a+BOkyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", FAIL_PROOF},
        {"example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", FAIL_VERSION},
        {"example.com/foo+530d903a+BukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2kAAAA", FAIL_VERSION},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct tlog_vkey key;
        struct error e;
        assert_row(cases[i].text,
                   tlog_vkey_parse(str_from_c(cases[i].text), &key, &e) == cases[i].code);
    }
}

static void signer_keys_both_ways(void **state) {
    const struct tlog_signer *all[] = {&alice, &carol};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        char text[TLOG_SKEY_TEXT_BYTES + 1];
        size_t count = tlog_signer_write(all[i], text);
        struct tlog_signer back;
        struct error e;
        assert_ok(tlog_signer_parse(str_of(text, count), &back, &e), &e);
        assert_true(tlog_vkey_equal(&back.vkey, &all[i]->vkey));
        assert_memory_equal(back.seed.at, all[i]->seed.at, sizeof back.seed.at);
        text[count] = '\n';
        assert_ok(tlog_signer_parse(str_of(text, count + 1), &back, &e), &e);
        text[count - 2] = text[count - 2] == 'A' ? 'B' : 'A'; /* another seed */
        enum error_code code = tlog_signer_parse(str_of(text, count), &back, &e);
        assert_true(code == FAIL_PROOF || code == FAIL_SYNTAX);
        assert_int_equal(tlog_signer_parse(str_of(text + 1, count - 1), &back, &e), FAIL_SYNTAX);
        tlog_signer_wipe(&back);
        struct secret zero = {{0}};
        assert_memory_equal(back.seed.at, zero.at, sizeof zero.at);
    }
}

static str note_make(char *memory, size_t cap, str text, const struct tlog_signer *const *signers,
                     size_t count) {
    struct text out = text_into(memory, cap);
    struct error e;
    text_add(&out, text);
    text_add_char(&out, '\n');
    for (size_t i = 0; i < count; i++)
        assert_ok(tlog_note_sign(&out, text, signers[i], 1700000000, &e), &e);
    return text_str(&out);
}

static void known_and_unknown_keys(void **state) {
    char memory[2048];
    const struct tlog_signer *signers[] = {&alice, &carol};
    str bytes = note_make(memory, sizeof memory, STR("a\n\nb\n"), signers, 2);
    struct tlog_note note;
    struct error e;
    assert_ok(tlog_note_parse(bytes, &note, &e), &e);
    assert_str(note.text, STR("a\n\nb\n")); /* the last empty line is the one that separates */
    assert_int_equal(note.count, 2);
    struct tlog_vkey keys[] = {bob.vkey, carol.vkey, alice.vkey};
    struct tlog_signed result[3];
    assert_ok(tlog_note_verify(&note, keys, 3, result, &e), &e);
    assert_false(result[0].valid);
    assert_true(result[1].valid);
    assert_int_equal(result[1].time_s, 1700000000);
    assert_true(result[2].valid);
}

/* One failing line of a known key rejects the whole note, whoever else signed. */
static void a_bad_line_of_a_known_key(void **state) {
    char memory[2048], copy[2048];
    const struct tlog_signer *signers[] = {&alice, &bob, &carol};
    str bytes = note_make(memory, sizeof memory, STR("text\n"), signers, 3);
    struct tlog_vkey keys[] = {alice.vkey, bob.vkey, carol.vkey};
    struct tlog_signed result[3];
    struct tlog_note note;
    struct error e;
    unsigned refused = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        memcpy(copy, bytes.at, bytes.len);
        copy[i] ^= 1;
        if (tlog_note_parse(str_of(copy, bytes.len), &note, &e) != OK) {
            refused++;
            continue;
        }
        enum error_code code = tlog_note_verify(&note, keys, 3, result, &e);
        if (code == FAIL_PROOF) {
            refused++;
            continue;
        }
        /* a changed name or id makes it an unknown key's line: then that key has not signed */
        assert_int_equal(code, OK);
        assert_false(result[0].valid && result[1].valid && result[2].valid);
    }
    assert_true(refused > 200);
    /* the same line twice is one signature; a good and a bad line of one key are a bad note */
    struct text twice = text_into(copy, sizeof copy);
    text_add(&twice, bytes);
    text_add(&twice, str_skip(bytes, STR("text\n\n").len));
    assert_ok(tlog_note_parse(text_str(&twice), &note, &e), &e);
    assert_ok(tlog_note_verify(&note, keys, 3, result, &e), &e);
    copy[twice.len - 10] ^= 1;
    assert_ok(tlog_note_parse(text_str(&twice), &note, &e), &e);
    assert_int_equal(tlog_note_verify(&note, keys, 3, result, &e), FAIL_PROOF);
}

/* A cosignature is over its time too, and is none of another type's. */
static void cosignatures_cover_their_time(void **state) {
    char memory[1024];
    const struct tlog_signer *signers[] = {&carol};
    str bytes = note_make(memory, sizeof memory, STR("text\n"), signers, 1);
    struct tlog_note note;
    struct tlog_signed result;
    struct error e;
    assert_ok(tlog_note_parse(bytes, &note, &e), &e);
    unsigned char blob[128];
    size_t count;
    assert_true(base64_read(note.lines[0].base64, blob, sizeof blob, &count));
    assert_int_equal(count, 4 + 8 + 64);
    assert_int_equal(read_be64(blob + 4), 1700000000);
    static const uint64_t times[] = {1700000001, 0, (uint64_t)INT64_MAX + 1};
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        char line[256], base64[128];
        write_be64(blob + 4, times[i]);
        size_t base64_count = base64_write(blob, count, base64);
        snprintf(line, sizeof line, "text\n\n\xe2\x80\x94 example.com/carol %.*s\n",
                 (int)base64_count, base64);
        assert_ok(tlog_note_parse(str_from_c(line), &note, &e), &e);
        assert_int_equal(tlog_note_verify(&note, &carol.vkey, 1, &result, &e), FAIL_PROOF);
    }
    struct tlog_signer plain = signer_of("example.com/carol", TLOG_KEY_ED25519, "c");
    assert_int_not_equal(plain.vkey.id, carol.vkey.id);
}

#define SIGNATURE                                                                                  \
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
#define DASH_OK "\xe2\x80\x94"

static void notes_that_are_none(void **state) {
    static const struct {
        const char *name, *bytes;
        enum error_code code;
    } cases[] = {
        {"as it should be", "t\n\n" DASH_OK " n " SIGNATURE "\n", OK},
        {"empty text line", "\n\n" DASH_OK " n " SIGNATURE "\n", OK},
        {"five bytes are enough", "t\n\n" DASH_OK " n AAAAAAA=\n", OK},
        {"nothing", "", FAIL_SYNTAX},
        {"no text", "\n" DASH_OK " n " SIGNATURE "\n", FAIL_SYNTAX},
        {"no empty line", "t\n" DASH_OK " n " SIGNATURE "\n", FAIL_SYNTAX},
        {"no signature", "t\n\n", FAIL_SYNTAX},
        {"hyphen", "t\n\n- n " SIGNATURE "\n", FAIL_SYNTAX},
        {"en dash U+2013", "t\n\n\xe2\x80\x93 n " SIGNATURE "\n", FAIL_SYNTAX},
        {"horizontal bar U+2015", "t\n\n\xe2\x80\x95 n " SIGNATURE "\n", FAIL_SYNTAX},
        {"box drawing U+2500", "t\n\n\xe2\x94\x80 n " SIGNATURE "\n", FAIL_SYNTAX},
        {"minus sign U+2212", "t\n\n\xe2\x88\x92 n " SIGNATURE "\n", FAIL_SYNTAX},
        {"CRLF at the end", "t\n\n" DASH_OK " n " SIGNATURE "\r\n", FAIL_SYNTAX},
        {"CRLF everywhere", "t\r\n\r\n" DASH_OK " n " SIGNATURE "\r\n", FAIL_SYNTAX},
        {"CR in the text", "t\rx\n\n" DASH_OK " n " SIGNATURE "\n", FAIL_SYNTAX},
        {"tab in the text", "t\tx\n\n" DASH_OK " n " SIGNATURE "\n", FAIL_SYNTAX},
        {"escape in the text", "t\x1bx\n\n" DASH_OK " n " SIGNATURE "\n", FAIL_SYNTAX},
        {"bad UTF-8", "t\xff\n\n" DASH_OK " n " SIGNATURE "\n", FAIL_SYNTAX},
        {"two spaces", "t\n\n" DASH_OK "  n " SIGNATURE "\n", FAIL_SYNTAX},
        {"no-break space", "t\n\n" DASH_OK "\xc2\xa0n " SIGNATURE "\n", FAIL_SYNTAX},
        {"no name", "t\n\n" DASH_OK " " SIGNATURE "\n", FAIL_SYNTAX},
        {"plus in the name", "t\n\n" DASH_OK " n+m " SIGNATURE "\n", FAIL_SYNTAX},
        {"space at the end", "t\n\n" DASH_OK " n " SIGNATURE " \n", FAIL_SYNTAX},
        {"no newline at the end", "t\n\n" DASH_OK " n " SIGNATURE, FAIL_SYNTAX},
        {"four bytes alone", "t\n\n" DASH_OK " n AAAAAA==\n", FAIL_SYNTAX},
        {"no bytes", "t\n\n" DASH_OK " n \n", FAIL_SYNTAX},
        {"no padding", "t\n\n" DASH_OK " n AAAAAAA\n", FAIL_SYNTAX},
        {"unused bits set", "t\n\n" DASH_OK " n AAAAAAB=\n", FAIL_SYNTAX},
        {"URL alphabet", "t\n\n" DASH_OK " n AAAA-_A=\n", FAIL_SYNTAX},
        {"text after the signatures", "t\n\n" DASH_OK " n " SIGNATURE "\nmore\n", FAIL_SYNTAX},
        {"empty line after", "t\n\n" DASH_OK " n " SIGNATURE "\n\n", FAIL_SYNTAX},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct tlog_note note;
        struct error e;
        assert_row(cases[i].name,
                   tlog_note_parse(str_from_c(cases[i].bytes), &note, &e) == cases[i].code);
    }
    struct tlog_note note;
    struct error e;
    assert_int_equal(tlog_note_parse(STR("t\0\n\n" DASH_OK " n " SIGNATURE "\n"), &note, &e),
                     FAIL_SYNTAX);
}

/* Sixteen ML-DSA-44 cosignatures, of 2,432 bytes each, are the least a verifier has to take. */
static void long_signatures_of_unknown_types(void **state) {
    static char memory[TLOG_NOTE_BYTES_MAX + 8192];
    unsigned char blob[4 + 8 + 2420] = {1, 2, 3, 4};
    char base64[sizeof blob / 3 * 4 + 4];
    size_t count = base64_write(blob, sizeof blob, base64);
    struct text out = text_into(memory, sizeof memory);
    struct tlog_note note;
    struct error e;
    text_add(&out, STR("text\n\n"));
    for (unsigned i = 0; i < 16; i++) {
        text_format(&out, DASH_OK " w%u ", i);
        text_add(&out, str_of(base64, count));
        text_add_char(&out, '\n');
    }
    assert_ok(tlog_note_sign(&out, STR("text\n"), &alice, 0, &e), &e);
    assert_ok(tlog_note_parse(text_str(&out), &note, &e), &e);
    assert_int_equal(note.count, 17);
    assert_int_equal(note.lines[0].key_id, 0x01020304);
    struct tlog_signed result;
    assert_ok(tlog_note_verify(&note, &alice.vkey, 1, &result, &e), &e);
    assert_true(result.valid);
    /* padding in the middle of a long one */
    char *middle = strchr(memory + 40, 'A') + 1024;
    middle[0] = '=';
    assert_int_equal(tlog_note_parse(text_str(&out), &note, &e), FAIL_SYNTAX);
    /* over the limits */
    out = text_into(memory, sizeof memory);
    text_add(&out, STR("text\n\n"));
    for (unsigned i = 0; i <= TLOG_NOTE_LINES_MAX; i++)
        text_format(&out, DASH_OK " w%u AAAAAAA=\n", i);
    assert_int_equal(tlog_note_parse(text_str(&out), &note, &e), FAIL_LIMIT);
    memset(memory, 'a', sizeof memory);
    assert_int_equal(tlog_note_parse(str_of(memory, TLOG_NOTE_BYTES_MAX + 1), &note, &e),
                     FAIL_LIMIT);
}

static void what_cannot_be_signed(void **state) {
    char memory[100]; /* a line of alice's has 115 bytes */
    struct text out = text_into(memory, sizeof memory);
    struct error e;
    assert_int_equal(tlog_note_sign(&out, STR("no newline"), &alice, 0, &e), FAIL_SYNTAX);
    assert_int_equal(tlog_note_sign(&out, STR("a\r\n"), &alice, 0, &e), FAIL_SYNTAX);
    assert_int_equal(tlog_note_sign(&out, STR("\xc3\n"), &alice, 0, &e), FAIL_SYNTAX);
    assert_int_equal(out.len, 0);
    assert_int_equal(tlog_note_sign(&out, STR("a\n"), &alice, 0, &e), FAIL_LIMIT);
    static char large[TLOG_TEXT_BYTES_MAX + 1];
    memset(large, 'a', sizeof large);
    large[sizeof large - 1] = '\n';
    assert_int_equal(tlog_note_sign(&out, str_of(large, sizeof large), &alice, 0, &e), FAIL_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_specification),
        cmocka_unit_test(key_names),
        cmocka_unit_test(verifier_keys_are_strict),
        cmocka_unit_test(signer_keys_both_ways),
        cmocka_unit_test(known_and_unknown_keys),
        cmocka_unit_test(a_bad_line_of_a_known_key),
        cmocka_unit_test(cosignatures_cover_their_time),
        cmocka_unit_test(notes_that_are_none),
        cmocka_unit_test(long_signatures_of_unknown_types),
        cmocka_unit_test(what_cannot_be_signed),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
