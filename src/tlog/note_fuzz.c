/* Any bytes as a note: what is accepted is made of its own parts, byte for byte. */
#include "tlog/tlog.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count) {
    str input = str_of(bytes, count);
    struct tlog_note note;
    struct tlog_vkey key;
    struct tlog_signed result;
    unsigned char zero[32] = {0};
    assert(tlog_vkey_make(STR("n"), TLOG_KEY_COSIGNATURE, zero, &key, NULL) == OK);
    if (tlog_note_parse(input, &note, NULL) == OK) {
        assert(note.text.len > 0 && str_ends(note.text, STR("\n")));
        assert(note.count > 0 && note.count <= TLOG_NOTE_LINES_MAX);
        assert(note.text.len + 1 + note.signatures.len == count);
        size_t used = 0;
        for (unsigned i = 0; i < note.count; i++) {
            assert(tlog_name_is_valid(note.lines[i].name));
            used += 4 + note.lines[i].name.len + 1 + note.lines[i].base64.len + 1;
        }
        assert(used == note.signatures.len);
        error_ignore(tlog_note_verify(&note, &key, 1, &result, NULL)); /* any answer will do */
    }
    char text[TLOG_VKEY_TEXT_BYTES];
    if (tlog_vkey_parse(input, &key, NULL) == OK)
        assert(str_equal_nocase(str_of(text, tlog_vkey_write(&key, text)), input));
    return 0;
}
