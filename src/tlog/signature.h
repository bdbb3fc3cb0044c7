/* The table of signature types: one row says all that differs between them. Inner header. */
#ifndef AZEKURA_TLOG_SIGNATURE_H
#define AZEKURA_TLOG_SIGNATURE_H

#include "tlog/note.h"

enum { SIGNATURE_BYTES_MAX = 8 + 64 }; /* of the types in the table */

struct signature_type {
    uint8_t type; /* enum tlog_key_type */
    bool timed; /* a u64 of Unix seconds stands before the signature and is signed with the text */
    size_t bytes; /* of the whole, after the key id */
};
const struct signature_type *signature_type_find(uint8_t type); /* NULL: not one of ours */

/* `out` gets type->bytes. FAIL_LIMIT: text over TLOG_TEXT_BYTES_MAX. */
enum error_code signature_make(const struct tlog_signer *signer, str text, uint64_t time_s,
                               unsigned char out[SIGNATURE_BYTES_MAX], struct error *e) MUST_USE;
/* FAIL_PROOF when it does not hold. *time_s is 0 for types without a time. */
enum error_code signature_check(const struct tlog_vkey *key, str text, str signature,
                                uint64_t *time_s, struct error *e) MUST_USE;

enum error_code signature_public_key(const struct secret *seed, unsigned char out[32],
                                     struct error *e) MUST_USE;

#endif
