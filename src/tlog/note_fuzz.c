/* Any bytes as a note, a verifier key and a signer key: what is accepted is made of its own parts, byte
 * for byte, and what is signed verifies under its key and no other. */
#include "tlog/tlog.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count);

static void parts_of(const struct tlog_note *note, size_t count) {
    assert(note->text.len > 0 && str_ends(note->text, STR("\n")));
    assert(note->count > 0 && note->count <= TLOG_NOTE_LINES_MAX);
    assert(note->text.len + 1 + note->signatures.len == count);
    size_t used = 0;
    for (unsigned i = 0; i < note->count; i++) {
        assert(tlog_name_is_valid(note->lines[i].name));
        used += 4 + note->lines[i].name.len + 1 + note->lines[i].base64.len + 1;
    }
    assert(used == note->signatures.len);
}

static void signed_anew(str text) {
    static char memory[2 * TLOG_NOTE_BYTES_MAX];
    static struct tlog_note note;
    struct secret seed = {{7}};
    struct tlog_signer signer;
    struct tlog_signed said;
    assert(tlog_signer_make(STR("n"), TLOG_KEY_COSIGNATURE, &seed, &signer, NULL) == OK);
    struct text out = text_into(memory, sizeof memory);
    text_add(&out, text);
    text_add_char(&out, '\n');
    if (tlog_note_sign(&out, text, &signer, text.len, NULL) != OK) {
        assert(text.len > TLOG_TEXT_BYTES_MAX);
        return;
    }
    assert(tlog_note_parse(text_str(&out), &note, NULL) == OK);
    assert(tlog_note_verify(&note, &signer.vkey, 1, &said, NULL) == OK);
    assert(said.valid && said.time_s == text.len);
    memory[0] ^= 1; /* a line that fails rejects the note */
    assert(tlog_note_parse(text_str(&out), &note, NULL) != OK ||
           tlog_note_verify(&note, &signer.vkey, 1, &said, NULL) == FAIL_PROOF);
}

static void keys_read(str input) {
    struct tlog_vkey key;
    struct tlog_signer signer;
    char text[TLOG_VKEY_TEXT_BYTES], secret[TLOG_SKEY_TEXT_BYTES];
    if (tlog_vkey_parse(input, &key, NULL) == OK)
        assert(str_equal_nocase(str_of(text, tlog_vkey_write(&key, text)), input));
    if (tlog_signer_parse(input, &signer, NULL) != OK) return;
    str again = str_of(secret, tlog_signer_write(&signer, secret));
    assert(str_starts(input, STR("PRIVATE+KEY+")) && input.len - again.len <= 1);
    assert(str_equal_nocase(again, str_slice(input, 0, again.len)));
    struct tlog_signer same;
    assert(tlog_signer_parse(again, &same, NULL) == OK);
    assert(tlog_vkey_equal(&same.vkey, &signer.vkey));
    tlog_signer_wipe(&signer);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count) {
    str input = str_of(bytes, count);
    static struct tlog_note note;
    struct tlog_vkey key;
    struct tlog_signed result;
    unsigned char zero[32] = {0};
    assert(tlog_vkey_make(STR("n"), TLOG_KEY_COSIGNATURE, zero, &key, NULL) == OK);
    if (tlog_note_parse(input, &note, NULL) == OK) {
        parts_of(&note, count);
        error_ignore(tlog_note_verify(&note, &key, 1, &result, NULL)); /* any answer will do */
        if (count % 16 == 0) signed_anew(note.text); /* a signature: not for each input */
    }
    keys_read(input);
    return 0;
}
