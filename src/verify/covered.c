/* Rulebook files that an issuer speaks for must come with that issuer's signature: leaving FILE.sig out, or
 * claiming less in it than FILE holds, would be the easy way round.
 *
 * The verifier does not read the rulebook's language. It looks for `rulebook:` and `line:` where files have
 * them, at the beginning of a line; a file that spells them so that this cannot be told is a finding. */
#include "verify/bundle.h"

#include "base/disk.h"
#include "issuer/issuer.h"

/* `key: value`, the key plain or in quotes. False: another line. */
static bool value_of(str line, str key, str *value) {
    str rest = line;
    bool is_quoted = str_starts(rest, STR("\"")) || str_starts(rest, STR("'"));
    char quote = is_quoted ? rest.at[0] : 0;
    if (is_quoted) rest = str_skip(rest, 1);
    if (!str_starts(rest, key)) return false;
    rest = str_skip(rest, key.len);
    if (is_quoted && !(rest.len > 0 && rest.at[0] == quote)) return false;
    if (is_quoted) rest = str_skip(rest, 1);
    while (str_starts(rest, STR(" "))) rest = str_skip(rest, 1);
    if (!str_starts(rest, STR(":"))) return false;
    *value = str_trim(str_skip(rest, 1));
    return true;
}

/* A word as it stands, or in quotes without escapes. */
static bool word_read(str value, str *out) {
    size_t end, comment;
    bool is_quoted = str_starts(value, STR("\"")) || str_starts(value, STR("'"));
    if (is_quoted) {
        str inside = str_skip(value, 1);
        if (!str_find_char(inside, value.at[0], &end)) return false;
        str behind = str_trim(str_skip(inside, end + 1));
        *out = str_slice(inside, 0, end);
        return memchr(out->at, '\\', out->len) == NULL && out->len > 0 &&
               (behind.len == 0 || behind.at[0] == '#');
    }
    if (str_find(value, STR(" #"), &comment)) value = str_trim(str_slice(value, 0, comment));
    *out = value;
    return value.len > 0 && strchr("|>&*!{[%@`#?,", value.at[0]) == NULL &&
           memchr(value.at, ' ', value.len) == NULL;
}

static void line_take(struct verify_book *book, str line) {
    str value, word = STR_EMPTY;
    bool is_name = value_of(line, STR("rulebook"), &value);
    bool is_line = !is_name && value_of(line, STR("line"), &value);
    bool is_blank = str_trim(line).len == 0 || line.at[0] == '#' || line.at[0] == '%';
    if (is_blank) return;
    book->is_any = true;
    if (!is_name && !is_line) return;
    str *into = is_name ? &book->name : &book->line;
    if (!word_read(value, &word) || (into->len > 0 && !str_equal(*into, word)))
        book->is_untold = true;
    *into = word;
}

bool verify_book_next(str *rest, struct verify_book *book) {
    *book = (struct verify_book){.name = STR_EMPTY};
    while (rest->len > 0) {
        str line;
        if (!str_cut(rest, '\n', &line)) {
            line = *rest;
            *rest = STR_EMPTY;
        }
        if (str_ends(line, STR("\r"))) line.len--;
        bool is_border = str_starts(line, STR("---")) || str_starts(line, STR("..."));
        if (is_border && str_trim(str_skip(line, 3)).len > 0) book->is_any = book->is_untold = true;
        if (is_border && book->is_any) return true;
        if (!is_border) line_take(book, line);
    }
    return book->is_any;
}

static bool is_covered(const struct verify_trust *trust, str name) {
    for (size_t i = 0; i < trust->issuer_count; i++)
        if (name.len > 0 && issuer_speaks_for(&trust->issuers[i], name)) return true;
    return false;
}

static bool is_claimed(const struct issuer_signature *signature, const struct verify_book *book) {
    str line = book->line.len > 0 ? book->line : book->name;
    for (size_t i = 0; signature != NULL && i < signature->statement.count; i++) {
        const struct issuer_claim *claim = &signature->statement.claims[i];
        if (str_equal(claim->name, book->name) && str_equal(claim->line, line)) return true;
    }
    return false;
}

static void book_check(const struct verify_trust *trust, const struct issuer_signature *signature,
                       str path, const struct verify_book *book, struct verify_result *result) {
    bool is_untold = book->is_untold || book->name.len == 0;
    if (is_untold)
        verify_finding(result,
                       "%.*s: which rulebook it holds cannot be told, so neither whether an issuer "
                       "has to have signed it",
                       STR_FMT(path));
    else if ((is_covered(trust, book->name) || is_covered(trust, book->line)) &&
             !is_claimed(signature, book))
        verify_finding(result,
                       "%.*s: rulebook %.*s is of a line whose issuer was given, and comes without "
                       "that issuer's signature",
                       STR_FMT(path), STR_FMT(book->name));
}

enum error_code verify_bundle_covered(const struct verify_trust *trust,
                                      const struct verify_folder *folder, str path,
                                      bool has_signature, struct arena arena,
                                      struct verify_result *result, struct error *e) {
    struct issuer_signature *signature = arena_new(&arena, struct issuer_signature, 1);
    struct error ignored, why;
    str note_path, note, bytes, name;
    struct verify_book book;
    if (trust->issuer_count == 0) return OK;
    if (!signature) return error_set(e, FAIL_MEMORY, "no room for a signature");
    TRY(arena_format(&arena, &note_path, e, "%.*s.sig", STR_FMT(path)));
    TRY(arena_copy(&arena, note_path, &note_path, e)); /* closed by a zero */
    TRY(arena_copy(&arena, path, &name, e));
    bool is_read = has_signature &&
                   disk_file_read(folder->dir_fd, note_path.at, ISSUER_SIGNATURE_BYTES_MAX, &arena,
                                  &note, &ignored) == OK &&
                   issuer_signature_read(note, signature, &ignored) == OK;
    if (disk_file_read(folder->dir_fd, name.at, LIMIT_DOC_BYTES, &arena, &bytes, &why) != OK) {
        verify_finding(result,
                       "%.*s: cannot be read, so neither whether an issuer has to have signed it: "
                       "%s",
                       STR_FMT(path), why.message);
        return OK;
    }
    if (str_starts(bytes, STR("\xef\xbb\xbf"))) bytes = str_skip(bytes, 3);
    while (verify_book_next(&bytes, &book))
        book_check(trust, is_read ? signature : NULL, path, &book, result);
    return OK;
}
