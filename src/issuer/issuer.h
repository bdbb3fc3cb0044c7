/* The front door of issuer: signatures of rulebook files, made and held against.
 *
 * FILE.sig is a signed note (c2sp.org/signed-note) over a statement:
 *
 *   azekura rulebook 1
 *   issued 2026-11-22T06:30:00Z
 *   aoba-own aoba-own 2026-07-01T00:00:00Z 3f1c…e9              name, line, in force from, SHA-256
 *
 * Everything here is pure: no clock, no disk; nothing of a rulebook's own language is read.
 * Source: docs/formats/rulebook-signature.md; RULEBOOK 1; facts/evidence.md 5.3 row 26. */
#ifndef AZEKURA_ISSUER_ISSUER_H
#define AZEKURA_ISSUER_ISSUER_H

#include "base/base.h"
#include "tlog/tlog.h"

enum {
    ISSUER_CLAIMS_MAX = 64,                           /* rulebooks of one file; ours: the most of a
                                                    * shipped file is 4, and 8 KiB hold about 60 */
    ISSUER_SIGNATURE_BYTES_MAX = TLOG_NOTE_BYTES_MAX, /* of FILE.sig */
};

/* ---- statements ---- */

struct issuer_claim {
    str name, line;  /* the line, or where a rulebook has none, its name */
    int64_t from_ns; /* in force from; INT64_MIN: ever */
    digest file;     /* SHA-256 of the file's bytes */
};
struct issuer_statement {
    int64_t issued_ns; /* whole seconds; a corrected edition of the same day is told by it */
    struct issuer_claim claims[ISSUER_CLAIMS_MAX];
    size_t count;
};
struct issuer_signature {
    struct tlog_note note;
    struct issuer_statement statement;
};

/* The bytes of FILE.sig, in the arena. FAIL_SYNTAX: a name or line with white space or a control
 * character; FAIL_LIMIT: a text over TLOG_TEXT_BYTES_MAX; FAIL_USAGE: a line that the key does not
 * speak for, or none at all. */
enum error_code issuer_sign(const struct issuer_statement *statement,
                            const struct tlog_signer *signer, struct arena *arena, str *out,
                            struct error *e) MUST_USE;

/* Form alone; no signature is checked. Views into `bytes`. Exactly what issuer_sign writes is
 * accepted, in one spelling.
 *   FAIL_SYNTAX   not a signed note, or not such a statement; two claims of one name
 *   FAIL_VERSION  a statement of another format
 *   FAIL_LIMIT    over ISSUER_CLAIMS_MAX claims */
enum error_code issuer_signature_read(str bytes, struct issuer_signature *out,
                                      struct error *e) MUST_USE;

/* ---- vouching ---- */

/* Is the line the key's name, or does it begin with that and a hyphen? */
bool issuer_speaks_for(const struct tlog_vkey *issuer, str line);

/* What a file says of itself. */
struct issuer_book {
    str name, line; /* line empty: the name is its own line */
    int64_t from_ns;
};
struct issuer_file {
    str path; /* for messages */
    str bytes;
    str signature; /* the bytes of FILE.sig; empty: there is none */
    const struct issuer_book *books;
    size_t book_count;
};
/* What came of one rulebook of the file. */
struct issuer_vouched {
    const struct tlog_vkey *by; /* one of `issuers`; NULL: nobody trusted speaks for its line */
    int64_t issued_ns;
};

/* Holds every rulebook whose line, or whose name, one of `issuers` speaks for against the signature:
 * it must be there, be signed by one of them, claim these bytes, this line and this first day. A
 * name counts too, so that an edition cannot leave its line to be rid of the signature. The others
 * of the file need none, and a signature by nobody trusted is then not looked at.
 * `out` has book_count places.
 *   FAIL_PROOF    unsigned, signed by another, changed since, claimed for another line or day; the
 *                 message names file and rulebook, what was found and the remedy
 *   FAIL_SYNTAX and its kin as issuer_signature_read, FAIL_MEMORY */
enum error_code issuer_vouch(const struct issuer_file *file, const struct tlog_vkey *issuers,
                             size_t issuer_count, struct arena scratch, struct issuer_vouched *out,
                             struct error *e) MUST_USE;

/* Which of `issuers` has signed and speaks for the claim's line; NULL: none. The signature must hold
 * for each key of theirs that it names (FAIL_PROOF). */
enum error_code issuer_claim_signer(const struct issuer_signature *signature,
                                    const struct issuer_claim *claim,
                                    const struct tlog_vkey *issuers, size_t issuer_count,
                                    struct arena scratch, const struct tlog_vkey **out,
                                    struct error *e) MUST_USE;

#endif
