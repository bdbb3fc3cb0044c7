/* Signed notes: a text, an empty line, signature lines. */
#include "tlog/note.h"

#include "tlog/line.h"
#include "tlog/signature.h"

#define DASH STR("\xe2\x80\x94 ") /* em dash U+2014 and one space */

/* Bytes that may stand in a note: UTF-8 without what is under U+0020, newlines apart. */
static enum error_code bytes_check(str bytes, struct error *e) {
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char b = (unsigned char)bytes.at[i];
        if (b < 0x20 && b != '\n')
            return error_set(e, FAIL_SYNTAX, "note: control character 0x%02x at byte %zu", b, i);
    }
    if (!str_is_utf8(bytes)) return error_set(e, FAIL_SYNTAX, "note: not UTF-8");
    return OK;
}

/* Well-formed base64 of at least a key id and one byte, however long: in pieces, so that a
 * signature of an unknown type needs no buffer of its size. */
static bool signature_read(str base64, uint32_t *key_id) {
    unsigned char piece[768];
    size_t total = 0, count;
    while (base64.len > 0) {
        str head = str_slice(base64, 0, base64_bytes(sizeof piece));
        base64 = str_skip(base64, head.len);
        if (!base64_read(head, piece, sizeof piece, &count)) return false;
        if (base64.len > 0 && count != sizeof piece) return false; /* padding in the middle */
        if (total == 0 && count >= 4) *key_id = read_be32(piece);
        total += count;
    }
    return total >= 5;
}

static enum error_code line_parse(str line, unsigned number, struct tlog_note_line *out,
                                  struct error *e) {
    if (!str_starts(line, DASH))
        return error_set(e, FAIL_SYNTAX, "note: signature line %u does not begin with an em dash",
                         number);
    str rest = str_skip(line, DASH.len);
    if (!str_cut(&rest, ' ', &out->name) || !tlog_name_is_valid(out->name))
        return error_set(e, FAIL_SYNTAX, "note: signature line %u has no valid key name", number);
    out->base64 = rest;
    if (!signature_read(rest, &out->key_id))
        return error_set(e, FAIL_SYNTAX,
                         "note: signature line %u is not base64 of id and signature", number);
    return OK;
}

/* Cuts at the last empty line: the text may have some of its own. */
static bool note_split(str bytes, str *text, str *signatures) {
    for (size_t i = bytes.len; i-- > 1;) {
        if (bytes.at[i] != '\n' || bytes.at[i - 1] != '\n') continue;
        *text = str_slice(bytes, 0, i);
        *signatures = str_skip(bytes, i + 1);
        return true;
    }
    return false;
}

enum error_code tlog_note_parse(str bytes, struct tlog_note *out, struct error *e) {
    if (bytes.len > TLOG_NOTE_BYTES_MAX)
        return error_set(e, FAIL_LIMIT, "note: %zu bytes is over %d", bytes.len,
                         TLOG_NOTE_BYTES_MAX);
    TRY(bytes_check(bytes, e));
    str text, signatures;
    if (!note_split(bytes, &text, &signatures))
        return error_set(e, FAIL_SYNTAX, "note: no empty line before the signatures");
    if (signatures.len == 0) return error_set(e, FAIL_SYNTAX, "note: no signature");
    struct tlog_note note = {.text = text, .signatures = signatures, .count = 0};
    while (signatures.len > 0) {
        str line;
        if (!line_take(&signatures, &line))
            return error_set(e, FAIL_SYNTAX, "note: the last line has no newline");
        if (note.count == TLOG_NOTE_LINES_MAX)
            return error_set(e, FAIL_LIMIT, "note: more than %d signatures", TLOG_NOTE_LINES_MAX);
        TRY(line_parse(line, note.count + 1, &note.lines[note.count], e));
        note.count++;
    }
    *out = note;
    return OK;
}

static enum error_code line_verify(const struct tlog_note *note, const struct tlog_note_line *line,
                                   const struct tlog_vkey *key, uint64_t *time_s, struct error *e) {
    unsigned char bytes[4 + SIGNATURE_BYTES_MAX];
    size_t count;
    if (!base64_read(line->base64, bytes, sizeof bytes, &count))
        return error_set(e, FAIL_PROOF, "the signature of %.*s is longer than its type has",
                         STR_FMT(line->name));
    enum error_code code =
        signature_check(key, note->text, str_of(bytes + 4, count - 4), time_s, e);
    if (code != OK) error_note(e, "tlog_note_verify", "line of %.*s", STR_FMT(line->name));
    return code;
}

enum error_code tlog_note_verify(const struct tlog_note *note, const struct tlog_vkey *keys,
                                 size_t key_count, struct tlog_signed *out, struct error *e) {
    for (size_t k = 0; k < key_count; k++) {
        out[k] = (struct tlog_signed){.valid = false};
        for (unsigned i = 0; i < note->count; i++) {
            const struct tlog_note_line *line = &note->lines[i];
            if (line->key_id != keys[k].id || !str_equal(line->name, tlog_vkey_name(&keys[k])))
                continue;
            uint64_t time_s;
            TRY(line_verify(note, line, &keys[k], &time_s, e));
            if (!out[k].valid) out[k] = (struct tlog_signed){.valid = true, .time_s = time_s};
        }
    }
    return OK;
}

enum error_code tlog_note_sign(struct text *note, str text, const struct tlog_signer *signer,
                               uint64_t time_s, struct error *e) {
    TRY(bytes_check(text, e));
    if (!str_ends(text, STR("\n")))
        return error_set(e, FAIL_SYNTAX, "note: the text does not end with a newline");
    const struct signature_type *type = signature_type_find(signer->vkey.type);
    assert(type != NULL);
    unsigned char bytes[4 + SIGNATURE_BYTES_MAX];
    write_be32(bytes, signer->vkey.id);
    TRY(signature_make(signer, text, time_s, bytes + 4, e));
    char base64[(sizeof bytes + 2) / 3 * 4];
    size_t count = base64_write(bytes, 4 + type->bytes, base64);
    text_add(note, DASH);
    text_add(note, tlog_vkey_name(&signer->vkey));
    text_add_char(note, ' ');
    text_add(note, str_of(base64, count));
    text_add_char(note, '\n');
    if (note->overflow) return error_set(e, FAIL_LIMIT, "note: no room for a signature line");
    return OK;
}
