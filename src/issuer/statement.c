/* Statement and signature, read and written. One spelling of each: what is read writes back to the
 * same bytes, so that nothing can hide in how a statement is laid out. */
#include "issuer/issuer.h"

#define FIRST_LINE STR("azekura rulebook 1")
#define EVER       STR("ever")

/* ---- one word of a line ---- */

static bool is_word(str text) {
    if (text.len == 0 || !str_is_utf8(text)) return false;
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] <= 0x20 || text.at[i] == 0x7F) return false;
    return true;
}

static void time_write(struct text *out, int64_t wall_ns) {
    char text[CLOCK_TEXT_BYTES];
    text_add(out, wall_ns == INT64_MIN ? EVER : str_of(text, clock_iso_s_write(wall_ns, text)));
}

static bool time_read(str text, int64_t *wall_ns) {
    char memory[CLOCK_TEXT_BYTES + 8];
    struct text again = text_into(memory, sizeof memory);
    *wall_ns = INT64_MIN;
    if (str_equal(text, EVER)) return true;
    if (!clock_iso_read(text, wall_ns)) return false;
    time_write(&again, *wall_ns);
    return str_equal(text_str(&again), text);
}

/* ---- writing ---- */

static enum error_code claim_write(struct text *out, const struct issuer_claim *claim,
                                   struct error *e) {
    char hex[2 * DIGEST_BYTES];
    if (!is_word(claim->name) || !is_word(claim->line))
        return error_set(e, FAIL_SYNTAX,
                         "rulebook \"%.*s\" of line \"%.*s\" cannot be signed: a name with white "
                         "space or control characters has no place in a signature",
                         STR_FMT(claim->name), STR_FMT(claim->line));
    text_add(out, claim->name);
    text_add_char(out, ' ');
    text_add(out, claim->line);
    text_add_char(out, ' ');
    time_write(out, claim->from_ns);
    text_add_char(out, ' ');
    hex_write(claim->file.at, DIGEST_BYTES, hex);
    text_add(out, str_of(hex, sizeof hex));
    text_add_char(out, '\n');
    return OK;
}

static enum error_code statement_write(const struct issuer_statement *statement, struct text *out,
                                       struct error *e) {
    text_add(out, FIRST_LINE);
    text_add_c(out, "\nissued ");
    time_write(out, statement->issued_ns);
    text_add_char(out, '\n');
    for (size_t i = 0; i < statement->count; i++) TRY(claim_write(out, &statement->claims[i], e));
    if (out->overflow)
        return error_set(e, FAIL_LIMIT, "a statement over %zu rulebooks is longer than %d bytes",
                         statement->count, TLOG_TEXT_BYTES_MAX);
    return OK;
}

enum error_code issuer_sign(const struct issuer_statement *statement,
                            const struct tlog_signer *signer, struct arena *arena, str *out,
                            struct error *e) {
    enum { NOTE_BYTES = TLOG_TEXT_BYTES_MAX + 1024 };
    char *memory = arena_bytes(arena, NOTE_BYTES);
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for a signature");
    if (statement->count == 0) return error_set(e, FAIL_USAGE, "there is no rulebook to sign");
    for (size_t i = 0; i < statement->count; i++)
        if (!issuer_speaks_for(&signer->vkey, statement->claims[i].line))
            return error_set(
                e, FAIL_USAGE,
                "rulebook %.*s is of line %.*s, and the key %.*s speaks only for lines "
                "%.*s and %.*s-…: sign with a key of that line's issuer",
                STR_FMT(statement->claims[i].name), STR_FMT(statement->claims[i].line),
                STR_FMT(tlog_vkey_name(&signer->vkey)), STR_FMT(tlog_vkey_name(&signer->vkey)),
                STR_FMT(tlog_vkey_name(&signer->vkey)));
    struct text statement_text = text_into(memory, TLOG_TEXT_BYTES_MAX);
    TRY(statement_write(statement, &statement_text, e));
    struct text note = {.at = memory, .len = statement_text.len, .cap = NOTE_BYTES};
    text_add_char(&note, '\n');
    TRY(tlog_note_sign(&note, text_str(&statement_text), signer, 0, e));
    *out = text_str(&note);
    return OK;
}

/* ---- reading ---- */

static enum error_code line_wrong(size_t number, const char *expected, struct error *e) {
    return error_set(e, FAIL_SYNTAX, "line %zu of the signature: expected %s", number, expected);
}

static enum error_code claim_read(str line, size_t number, struct issuer_statement *s,
                                  struct error *e) {
    struct issuer_claim *claim = &s->claims[s->count];
    str rest = line, from;
    if (s->count == ISSUER_CLAIMS_MAX)
        return error_set(e, FAIL_LIMIT, "a signature over more than %d rulebooks",
                         ISSUER_CLAIMS_MAX);
    bool right = str_cut(&rest, ' ', &claim->name) && str_cut(&rest, ' ', &claim->line) &&
                 str_cut(&rest, ' ', &from) && is_word(claim->name) && is_word(claim->line) &&
                 time_read(from, &claim->from_ns);
    if (!right)
        return line_wrong(number, "NAME LINE FROM DIGEST, FROM as 2026-07-01T00:00:00Z or ever", e);
    char hex[2 * DIGEST_BYTES];
    bool is_digest = rest.len == sizeof hex && hex_read(rest, claim->file.at, DIGEST_BYTES);
    if (is_digest) hex_write(claim->file.at, DIGEST_BYTES, hex);
    if (!is_digest || !str_equal(rest, str_of(hex, sizeof hex)))
        return line_wrong(number, "the file's SHA-256 as 64 lower-case hex digits at the end", e);
    for (size_t i = 0; i < s->count; i++)
        if (str_equal(s->claims[i].name, claim->name))
            return error_set(e, FAIL_SYNTAX, "line %zu of the signature: %.*s is named twice",
                             number, STR_FMT(claim->name));
    s->count++;
    return OK;
}

static enum error_code statement_read(str text, struct issuer_statement *out, struct error *e) {
    str line;
    size_t number = 2;
    out->count = 0;
    if (!str_cut(&text, '\n', &line) || !str_starts(line, STR("azekura rulebook ")))
        return line_wrong(1, "\"azekura rulebook 1\"", e);
    if (!str_equal(line, FIRST_LINE))
        return error_set(e, FAIL_VERSION,
                         "the signature is of format \"%.*s\"; this program knows \"%.*s\"",
                         STR_FMT(str_slice(line, 0, 40)), STR_FMT(FIRST_LINE));
    if (!str_cut(&text, '\n', &line) || !str_starts(line, STR("issued ")) ||
        !time_read(str_skip(line, 7), &out->issued_ns) || out->issued_ns == INT64_MIN)
        return line_wrong(number, "\"issued \" and a time as 2026-11-22T06:30:00Z", e);
    while (str_cut(&text, '\n', &line)) TRY(claim_read(line, ++number, out, e));
    if (out->count == 0) return line_wrong(number + 1, "a rulebook: NAME LINE FROM DIGEST", e);
    return OK;
}

enum error_code issuer_signature_read(str bytes, struct issuer_signature *out, struct error *e) {
    TRY(tlog_note_parse(bytes, &out->note, e));
    return statement_read(out->note.text, &out->statement, e);
}
