/* A rulebook file against the issuers somebody trusts. Each way to fail has its own sentence: who
 * reads it has a store that did not start, or a change that was not taken, and needs the way out. */
#include "issuer/issuer.h"

bool issuer_speaks_for(const struct tlog_vkey *issuer, str line) {
    str name = tlog_vkey_name(issuer);
    return str_starts(line, name) && (line.len == name.len || line.at[name.len] == '-');
}

struct vouching {
    const struct issuer_file *file;
    const struct tlog_vkey *issuers;
    size_t issuer_count;
    struct issuer_signature *signature; /* NULL: there is none */
    digest digest;
    struct arena scratch;
};

static str line_of(const struct issuer_book *book) {
    return book->line.len > 0 ? book->line : book->name;
}

/* The first issuer that has a say about the rulebook; NULL: none. */
static const struct tlog_vkey *issuer_of(const struct vouching *v, const struct issuer_book *book) {
    for (size_t i = 0; i < v->issuer_count; i++)
        if (issuer_speaks_for(&v->issuers[i], line_of(book)) ||
            issuer_speaks_for(&v->issuers[i], book->name))
            return &v->issuers[i];
    return NULL;
}

static const struct issuer_claim *claim_of(const struct vouching *v, str name) {
    const struct issuer_statement *s = &v->signature->statement;
    for (size_t i = 0; i < s->count; i++)
        if (str_equal(s->claims[i].name, name)) return &s->claims[i];
    return NULL;
}

enum error_code issuer_claim_signer(const struct issuer_signature *signature,
                                    const struct issuer_claim *claim,
                                    const struct tlog_vkey *issuers, size_t issuer_count,
                                    struct arena scratch, const struct tlog_vkey **out,
                                    struct error *e) {
    struct tlog_signed *said = arena_new(&scratch, struct tlog_signed, issuer_count);
    const struct tlog_vkey *signer = NULL;
    if (said == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu issuers", issuer_count);
    TRY(tlog_note_verify(&signature->note, issuers, issuer_count, said, e));
    for (size_t i = 0; i < issuer_count && signer == NULL; i++)
        if (said[i].valid && issuer_speaks_for(&issuers[i], claim->line)) signer = &issuers[i];
    *out = signer;
    return OK;
}

/* ---- what is wrong ---- */

static enum error_code unsigned_say(const struct vouching *v, const struct issuer_book *book,
                                    const struct tlog_vkey *issuer, struct error *e) {
    return error_set(e, FAIL_PROOF,
                     "%.*s: rulebook %.*s of line %.*s is for %.*s to sign, but there is no "
                     "%.*s.sig: put the issuer's signature beside it, or take the key out of "
                     "rulebook-issuers",
                     STR_FMT(v->file->path), STR_FMT(book->name), STR_FMT(line_of(book)),
                     STR_FMT(tlog_vkey_name(issuer)), STR_FMT(v->file->path));
}

static enum error_code unnamed_say(const struct vouching *v, const struct issuer_book *book,
                                   struct error *e) {
    return error_set(e, FAIL_PROOF,
                     "%.*s.sig: does not name rulebook %.*s, which the file has: it is of another "
                     "file, or has to be made again",
                     STR_FMT(v->file->path), STR_FMT(book->name));
}

static enum error_code changed_say(const struct vouching *v, const struct issuer_book *book,
                                   const struct issuer_claim *claim, struct error *e) {
    char now[2 * DIGEST_BYTES], then[2 * DIGEST_BYTES];
    hex_write(v->digest.at, DIGEST_BYTES, now);
    hex_write(claim->file.at, DIGEST_BYTES, then);
    return error_set(
        e, FAIL_PROOF,
        "%.*s: rulebook %.*s was changed after it was signed: SHA-256 is %.16s…, "
        "signed was %.16s…; put back the file that was signed, or have this one signed",
        STR_FMT(v->file->path), STR_FMT(book->name), now, then);
}

static enum error_code line_say(const struct vouching *v, const struct issuer_book *book,
                                const struct issuer_claim *claim, struct error *e) {
    return error_set(e, FAIL_PROOF,
                     "%.*s: rulebook %.*s is of line %.*s, but was signed for line %.*s: have it "
                     "signed for its own line",
                     STR_FMT(v->file->path), STR_FMT(book->name), STR_FMT(line_of(book)),
                     STR_FMT(claim->line));
}

static enum error_code day_say(const struct vouching *v, const struct issuer_book *book,
                               const struct issuer_claim *claim, struct error *e) {
    char file[CLOCK_TEXT_BYTES] = "ever", said[CLOCK_TEXT_BYTES] = "ever";
    if (book->from_ns != INT64_MIN) clock_iso_s_write(book->from_ns, file);
    if (claim->from_ns != INT64_MIN) clock_iso_s_write(claim->from_ns, said);
    return error_set(e, FAIL_PROOF,
                     "%.*s: rulebook %.*s is in force from %s, but was signed as from %s: have it "
                     "signed again",
                     STR_FMT(v->file->path), STR_FMT(book->name), file, said);
}

static enum error_code stranger_say(const struct vouching *v, const struct issuer_book *book,
                                    struct error *e) {
    const struct tlog_note_line *line = &v->signature->note.lines[0];
    return error_set(e, FAIL_PROOF,
                     "%.*s.sig: rulebook %.*s of line %.*s is signed by no key that is trusted for "
                     "that line (the first to sign is %.*s+%08x): get the issuer's own signature, "
                     "or add its key to rulebook-issuers",
                     STR_FMT(v->file->path), STR_FMT(book->name), STR_FMT(line_of(book)),
                     STR_FMT(line->name), line->key_id);
}

/* ---- one rulebook ---- */

static enum error_code book_vouch(const struct vouching *v, const struct issuer_book *book,
                                  const struct tlog_vkey *issuer, struct issuer_vouched *out,
                                  struct error *e) {
    if (v->signature == NULL) return unsigned_say(v, book, issuer, e);
    const struct issuer_claim *claim = claim_of(v, book->name);
    const struct tlog_vkey *signer;
    if (claim == NULL) return unnamed_say(v, book, e);
    TRY(issuer_claim_signer(v->signature, claim, v->issuers, v->issuer_count, v->scratch, &signer,
                            e));
    if (!str_equal(claim->line, line_of(book))) return line_say(v, book, claim, e);
    if (signer == NULL) return stranger_say(v, book, e);
    if (!digest_equal(&claim->file, &v->digest)) return changed_say(v, book, claim, e);
    if (claim->from_ns != book->from_ns) return day_say(v, book, claim, e);
    *out = (struct issuer_vouched){signer, v->signature->statement.issued_ns};
    return OK;
}

static enum error_code signature_take(struct vouching *v, struct error *e) {
    if (v->signature != NULL || v->file->signature.len == 0) return OK;
    v->signature = arena_new(&v->scratch, struct issuer_signature, 1);
    if (v->signature == NULL) return error_set(e, FAIL_MEMORY, "no room for a signature");
    v->digest = sha256_of(v->file->bytes);
    return issuer_signature_read(v->file->signature, v->signature, e);
}

enum error_code issuer_vouch(const struct issuer_file *file, const struct tlog_vkey *issuers,
                             size_t issuer_count, struct arena scratch, struct issuer_vouched *out,
                             struct error *e) {
    struct vouching v = {
        .file = file, .issuers = issuers, .issuer_count = issuer_count, .scratch = scratch};
    for (size_t i = 0; i < file->book_count; i++) {
        const struct tlog_vkey *issuer = issuer_of(&v, &file->books[i]);
        enum error_code code = OK;
        out[i] = (struct issuer_vouched){0};
        if (issuer == NULL) continue;
        code = signature_take(&v, e);
        if (code == OK) code = book_vouch(&v, &file->books[i], issuer, &out[i], e);
        if (code != OK)
            return error_note(e, "issuer", "%.*s.sig", STR_FMT(str_slice(file->path, 0, 80)));
    }
    return OK;
}
