/* An asset tag: that a TPM holds the record of a site, certified after a transcript was made.
 *
 * At provisioning an officer writes SHA-256 of the site's record into an index of the machine's TPM, once for
 * all, and notes the index's name and the TPM's attestation key. Later the TPM certifies what the index holds,
 * with the transcript's digest as qualifying data:
 *
 *   tpm2_nvcertify -C ak.ctx -g sha256 -s ecdsa -f plain -q TRANSCRIPT-SHA256 --size 32 \
 *       -o tag.sig --attestation tag.attest -c o 0x1500101
 *
 * It shows which machine answered, by the word of who provisioned it, and not before the transcript; where
 * that machine stands, timing shows or nothing does. Needs OpenSSL alone; no TPM.
 * Source: TPM 2.0 Library part 2, 10.12.8 TPMS_NV_CERTIFY_INFO, 10.12.12 TPMS_ATTEST; NIST IR 8320B. */
#ifndef AZEKURA_LOCPROOF_ATTEST_H
#define AZEKURA_LOCPROOF_ATTEST_H

#include "tlog/tlog.h"

enum {
    LOCPROOF_ATTEST_BYTES = 4096, /* two names, 2 KiB of an index; real ones have 200 */
    LOCPROOF_ATTEST_KEY_BYTES = 8192,
    LOCPROOF_NV_NAME_BYTES = 66, /* an algorithm, and 64 bytes of SHA-512 */
};

struct locproof_attest { /* views into the bytes */
    str signer;          /* qualified name of the attestation key */
    str qualifying;      /* what whoever asked gave along */
    uint64_t clock_ms;   /* the TPM has been powered for so long */
    uint32_t resets, restarts;
    bool clock_is_safe;
    uint64_t firmware;
    str index; /* name of the index: its hash algorithm, then the hash of its attributes */
    uint16_t offset;
    str contents;
};
/* FAIL_SYNTAX: no TPMS_ATTEST over an index (magic ff544347, type 8014), cut, or with more after it. */
enum error_code locproof_attest_read(str bytes, struct locproof_attest *out,
                                     struct error *e) MUST_USE;
/* The signature, "plain" as tpm2_nvcertify writes it (DER for ECDSA, PKCS #1 for RSA), over SHA-256 of the
 * bytes, by the public key in PEM: P-256, P-384 or RSA of 2048 bits and more.
 *   FAIL_SYNTAX  no such key     FAIL_PROOF  it did not sign that     FAIL_CRYPTO */
enum error_code locproof_attest_signed(str bytes, str signature, str pem, struct error *e) MUST_USE;

struct locproof_tag {
    str attest, signature, pem;
    str record; /* of the site, whose SHA-256 is in the index; empty: not given, nothing is said of it */
    str index; /* the index's name as it was noted, bytes; empty: not given */
};
/* Everything that speaks for the tag of this transcript. FAIL_PROOF names what does not hold. */
enum error_code locproof_tag_check(const struct locproof_tag *tag, const digest *transcript,
                                   struct locproof_attest *out, struct error *e) MUST_USE;

#endif
