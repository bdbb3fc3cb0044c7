/* What a TPM certifies of an index, read and held against a key. */
#include "locproof/attest.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

/* Source: TPM 2.0 Library part 2, 6.2 (TPM_GENERATED), 6.9 (TPM_ST_ATTEST_NV), 10.5.3 (TPM2B_NAME). */
enum { GENERATED = 0xff544347, ATTEST_NV = 0x8014, QUALIFYING_BYTES = 66 };

/* ---- bytes ---- */

/* A TPM2B: u16 length, then so many bytes. */
static str sized(struct unpack *u, size_t most) {
    uint16_t count = unpack_u16(u);
    if (u->broken || count > most || count > u->rest.len) {
        u->broken = true;
        return STR_EMPTY;
    }
    str bytes = str_slice(u->rest, 0, count);
    u->rest = str_skip(u->rest, count);
    return bytes;
}

enum error_code locproof_attest_read(str bytes, struct locproof_attest *out, struct error *e) {
    struct unpack u = unpack_from(bytes);
    struct locproof_attest a = {0};
    uint32_t magic = unpack_u32(&u);
    uint16_t type = unpack_u16(&u);
    if (u.broken || bytes.len > LOCPROOF_ATTEST_BYTES || magic != GENERATED)
        return error_set(e, FAIL_SYNTAX, "%zu bytes that no TPM made: they begin with no ff544347",
                         bytes.len);
    if (type != ATTEST_NV)
        return error_set(e, FAIL_SYNTAX,
                         "the TPM certified something else (type %04x) than an index (8014)", type);
    a.signer = sized(&u, LOCPROOF_NV_NAME_BYTES);
    a.qualifying = sized(&u, QUALIFYING_BYTES);
    a.clock_ms = unpack_u64(&u);
    a.resets = unpack_u32(&u);
    a.restarts = unpack_u32(&u);
    uint8_t safe = unpack_u8(&u);
    a.clock_is_safe = safe == 1;
    a.firmware = unpack_u64(&u);
    a.index = sized(&u, LOCPROOF_NV_NAME_BYTES);
    a.offset = unpack_u16(&u);
    a.contents = sized(&u, LOCPROOF_ATTEST_BYTES);
    if (u.broken || u.rest.len > 0 || safe > 1)
        return error_set(e, FAIL_SYNTAX, "what the TPM certified does not parse: %s",
                         u.broken ? "it is cut" : "there is more after it, or its clock is odd");
    *out = a;
    return OK;
}

/* ---- the signature ---- */

static bool is_strong(const EVP_PKEY *key) {
    int bits = EVP_PKEY_get_bits(key);
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) return bits >= 2048;
    return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC && (bits == 256 || bits == 384);
}

static int no_password(char *out, int cap, int writes, void *self) {
    return 0; /* a public key has none, and nobody is asked for one */
}

/* -1: the library could not ask. */
static int holds(EVP_PKEY *key, str bytes, str signature) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int found = -1;
    if (context != NULL && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1)
        found = EVP_DigestVerify(context, (const unsigned char *)signature.at, signature.len,
                                 (const unsigned char *)bytes.at, bytes.len) == 1;
    EVP_MD_CTX_free(context);
    return found;
}

enum error_code locproof_attest_signed(str bytes, str signature, str pem, struct error *e) {
    EVP_PKEY *key = NULL;
    enum error_code code = OK;
    if (pem.len == 0 || pem.len > LOCPROOF_ATTEST_KEY_BYTES)
        return error_set(e, FAIL_SYNTAX, "%zu bytes are no public key in PEM", pem.len);
    BIO *memory = BIO_new_mem_buf(pem.at, (int)pem.len);
    if (memory != NULL) key = PEM_read_bio_PUBKEY(memory, NULL, no_password, NULL);
    BIO_free(memory);
    if (key == NULL || !is_strong(key))
        code = error_set(
            e, FAIL_SYNTAX,
            "the attestation key is no public key in PEM of P-256, P-384 or RSA with 2048 "
            "bits and more");
    int found = code == OK ? holds(key, bytes, signature) : 0;
    EVP_PKEY_free(key);
    ERR_clear_error(); /* the queue is the thread's */
    TRY(code);
    if (found < 0) return error_set(e, FAIL_CRYPTO, "verifying the TPM's signature failed");
    if (found == 1) return OK;
    return error_set(e, FAIL_PROOF, "the attestation key did not sign what the TPM certified");
}

/* ---- the tag ---- */

static enum error_code same(const char *what, str is, str wanted, struct error *e) {
    char is_hex[2 * LOCPROOF_NV_NAME_BYTES], wanted_hex[2 * LOCPROOF_NV_NAME_BYTES];
    if (str_equal(is, wanted)) return OK;
    size_t is_len = size_min(is.len, sizeof is_hex / 2),
           wanted_len = size_min(wanted.len, sizeof wanted_hex / 2);
    hex_write(is.at, is_len, is_hex);
    hex_write(wanted.at, wanted_len, wanted_hex);
    return error_set(e, FAIL_PROOF, "%s: the TPM certified \"%.*s\", it must be \"%.*s\"", what,
                     (int)(2 * is_len), is_hex, (int)(2 * wanted_len), wanted_hex);
}

enum error_code locproof_tag_check(const struct locproof_tag *tag, const digest *transcript,
                                   struct locproof_attest *out, struct error *e) {
    struct locproof_attest a;
    digest record = sha256_of(tag->record);
    TRY(locproof_attest_read(tag->attest, &a, e));
    TRY(locproof_attest_signed(tag->attest, tag->signature, tag->pem, e));
    TRY(same("the transcript's digest", a.qualifying, digest_str(transcript), e));
    if (a.offset != 0)
        return error_set(e, FAIL_PROOF,
                         "the TPM certified the index from byte %u on, not all of it", a.offset);
    if (a.contents.len != DIGEST_BYTES)
        return error_set(e, FAIL_PROOF, "the index holds %zu bytes, not a digest of %d",
                         a.contents.len, DIGEST_BYTES);
    if (tag->record.len > 0) TRY(same("the site's record", a.contents, digest_str(&record), e));
    if (tag->index.len > 0) TRY(same("the index's name", a.index, tag->index, e));
    *out = a;
    return OK;
}
