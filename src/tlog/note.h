/* Keys, and texts signed by several of them.
 *
 *   <text, ends with a newline>
 *   <empty line>
 *   — <key name> base64(key id[4] || signature)          one line or more, em dash U+2014
 *
 * Source: c2sp.org/signed-note, c2sp.org/tlog-cosignature. */
#ifndef AZEKURA_TLOG_NOTE_H
#define AZEKURA_TLOG_NOTE_H

#include "base/base.h"

enum {
    TLOG_NAME_BYTES_MAX = 255,        /* a key name. Source: c2sp.org/tlog-cosignature, <1..255> */
    TLOG_NOTE_BYTES_MAX = 128 * 1024, /* sixteen ML-DSA signatures, the format's least, fit */
    TLOG_TEXT_BYTES_MAX = 8 * 1024,   /* ours: of a text we sign or verify; a checkpoint has 100 */
    TLOG_NOTE_LINES_MAX = 64,         /* signature lines; the format wants at least 16 */
    TLOG_VKEY_TEXT_BYTES = TLOG_NAME_BYTES_MAX + 1 + 8 + 1 + 44, /* name+hex8+base64(33 bytes) */
    TLOG_SKEY_TEXT_BYTES = TLOG_VKEY_TEXT_BYTES + 12,            /* after "PRIVATE+KEY+" */
};

/* The signature types we make and verify. More are known to exist (0x02 ECDSA, 0x05 RFC 6962,
 * 0x06 ML-DSA-44); their lines in a note are ignored like those of any unknown key. */
enum tlog_key_type {
    TLOG_KEY_ED25519 = 0x01,     /* signs the text */
    TLOG_KEY_COSIGNATURE = 0x04, /* Ed25519 over time and text */
};

/* A verifier key: name, type and public key, and the id these give. A plain value. */
struct tlog_vkey {
    uint8_t name_bytes; /* 1..255 */
    char name[TLOG_NAME_BYTES_MAX];
    uint8_t type; /* enum tlog_key_type */
    uint32_t id;  /* first 4 bytes of SHA-256(name || 0x0A || type || public) */
    unsigned char public_key[32];
};
static inline str tlog_vkey_name(const struct tlog_vkey *key) {
    return str_of(key->name, key->name_bytes);
}
bool tlog_vkey_equal(const struct tlog_vkey *a, const struct tlog_vkey *b);

/* Not empty, UTF-8, at most 255 bytes, no "+", no white space of Unicode's, no control character.
 */
bool tlog_name_is_valid(str name);

/* "name+hex8+base64". FAIL_SYNTAX; FAIL_VERSION for a type that is not in the table; FAIL_PROOF
 * when the id is not that of name and key. */
enum error_code tlog_vkey_parse(str text, struct tlog_vkey *out, struct error *e) MUST_USE;
/* Returns the length; no closing zero. */
size_t tlog_vkey_write(const struct tlog_vkey *key, char out[TLOG_VKEY_TEXT_BYTES]);
/* From its parts. FAIL_SYNTAX: the name; FAIL_VERSION: the type. */
enum error_code tlog_vkey_make(str name, uint8_t type, const unsigned char public_key[32],
                               struct tlog_vkey *out, struct error *e) MUST_USE;

/* A signer key: the Ed25519 seed and what verifies it. Owned by the caller, who wipes it. */
struct tlog_signer {
    struct tlog_vkey vkey;
    struct secret seed;
};
/* FAIL_SYNTAX: the name; FAIL_VERSION: the type. */
enum error_code tlog_signer_make(str name, uint8_t type, const struct secret *seed,
                                 struct tlog_signer *out, struct error *e) MUST_USE;
void tlog_signer_wipe(struct tlog_signer *signer);
/* "PRIVATE+KEY+name+hex8+base64(type || seed)", one line, with or without a newline at its end;
 * hex8 is the id of the verifier key. Errors as tlog_vkey_parse; messages never quote the text.
 * Source: golang.org/x/mod/sumdb/note, signer keys. */
enum error_code tlog_signer_parse(str text, struct tlog_signer *out, struct error *e) MUST_USE;
/* Returns the length; no closing zero. The caller wipes `out`. */
size_t tlog_signer_write(const struct tlog_signer *signer, char out[TLOG_SKEY_TEXT_BYTES]);

/* ---- notes */

struct tlog_note_line {
    str name;
    uint32_t key_id;
    str base64; /* of key id and signature; known to be well formed */
};
struct tlog_note {
    str text;       /* with its final newline; what is signed */
    str signatures; /* the lines as they stand */
    unsigned count;
    struct tlog_note_line lines[TLOG_NOTE_LINES_MAX];
};
/* Form alone, no signature is checked. Views into `bytes`. Refused (FAIL_SYNTAX): a byte under
 * U+0020 that is no newline (so any CR), bad UTF-8, no empty line, no signature, another dash, a
 * bad name, bad base64, fewer than 5 bytes in it, anything after the last line. */
enum error_code tlog_note_parse(str bytes, struct tlog_note *out, struct error *e) MUST_USE;

/* What one key said of a note. */
struct tlog_signed {
    bool valid;      /* there is a line of this key, and it holds */
    uint64_t time_s; /* of a cosignature; 0 for other types */
};
/* Looks for each key's line. Lines of unknown keys are ignored; one failing line of a known name
 * and id rejects the whole note (FAIL_PROOF), however many others hold. That no key signed is no
 * error here: look at `out`. Where one key has several lines the first counts.
 * `out` has `key_count` places, and holds nothing of use on error. FAIL_LIMIT: a known key and a
 * text over TLOG_TEXT_BYTES_MAX. */
enum error_code tlog_note_verify(const struct tlog_note *note, const struct tlog_vkey *keys,
                                 size_t key_count, struct tlog_signed *out,
                                 struct error *e) MUST_USE;

/* Appends one signature line over `text` to `note`. A note is its text, "\n", and such lines.
 * `time_s` is used by cosignatures alone. FAIL_SYNTAX when `text` cannot be the text of a note;
 * FAIL_LIMIT when `note` is full (it then holds part of a line: throw it away). */
enum error_code tlog_note_sign(struct text *note, str text, const struct tlog_signer *signer,
                               uint64_t time_s, struct error *e) MUST_USE;

#endif
