/* Ed25519 through OpenSSL, and what each signature type puts under it.
 * Source: RFC 8032; c2sp.org/signed-note, "Signature types"; c2sp.org/tlog-cosignature. */
#include "tlog/signature.h"

#include <openssl/err.h>
#include <openssl/evp.h>

enum { ED25519_BYTES = 64, TIME_BYTES = 8 };

static const struct signature_type types[] = {
    {.type = TLOG_KEY_ED25519, .timed = false, .bytes = ED25519_BYTES},
    {.type = TLOG_KEY_COSIGNATURE, .timed = true, .bytes = TIME_BYTES + ED25519_BYTES},
};

const struct signature_type *signature_type_find(uint8_t type) {
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (types[i].type == type) return &types[i];
    }
    return NULL;
}

/* ---- Ed25519. The error queue belongs to the thread: left empty on return. */

static enum error_code crypto_failed(const char *what, struct error *e) {
    ERR_clear_error();
    return error_set(e, FAIL_CRYPTO, "Ed25519: %s failed", what);
}

enum error_code signature_public_key(const struct secret *seed, unsigned char out[32],
                                     struct error *e) {
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed->at, sizeof seed->at);
    size_t count = 32;
    bool done = key != NULL && EVP_PKEY_get_raw_public_key(key, out, &count) == 1 && count == 32;
    EVP_PKEY_free(key);
    return done ? OK : crypto_failed("deriving a public key", e);
}

static enum error_code ed25519_sign(const struct secret *seed, str message,
                                    unsigned char out[ED25519_BYTES], struct error *e) {
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed->at, sizeof seed->at);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t count = ED25519_BYTES;
    bool done =
        key != NULL && context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
        EVP_DigestSign(context, out, &count, (const unsigned char *)message.at, message.len) == 1 &&
        count == ED25519_BYTES;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return done ? OK : crypto_failed("signing", e);
}

static enum error_code ed25519_check(const unsigned char public_key[32], str message,
                                     const unsigned char signature[ED25519_BYTES],
                                     struct error *e) {
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, 32);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int holds = -1; /* what the library says of our asking, not of the signature */
    if (key != NULL && context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1)
        holds = EVP_DigestVerify(context, signature, ED25519_BYTES,
                                 (const unsigned char *)message.at, message.len) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    if (holds < 0) return crypto_failed("checking", e);
    ERR_clear_error();
    return holds ? OK : error_set(e, FAIL_PROOF, "the signature does not hold");
}

/* ---- what is signed */

enum { MESSAGE_BYTES_MAX = TLOG_TEXT_BYTES_MAX + 64 };

static enum error_code message_make(const struct signature_type *type, str text, uint64_t time_s,
                                    struct text *out, struct error *e) {
    if (text.len > TLOG_TEXT_BYTES_MAX)
        return error_set(e, FAIL_LIMIT, "a text of %zu bytes is over %d", text.len,
                         TLOG_TEXT_BYTES_MAX);
    if (type->timed) text_format(out, "cosignature/v1\ntime %llu\n", (unsigned long long)time_s);
    text_add(out, text);
    assert(!out->overflow);
    return OK;
}

enum error_code signature_make(const struct tlog_signer *signer, str text, uint64_t time_s,
                               unsigned char out[SIGNATURE_BYTES_MAX], struct error *e) {
    const struct signature_type *type = signature_type_find(signer->vkey.type);
    assert(type != NULL);
    char bytes[MESSAGE_BYTES_MAX];
    struct text message = text_into(bytes, sizeof bytes);
    TRY(message_make(type, text, time_s, &message, e));
    if (type->timed) write_be64(out, time_s);
    return ed25519_sign(&signer->seed, text_str(&message), out + (type->timed ? TIME_BYTES : 0), e);
}

enum error_code signature_check(const struct tlog_vkey *key, str text, str signature,
                                uint64_t *time_s, struct error *e) {
    const struct signature_type *type = signature_type_find(key->type);
    assert(type != NULL);
    if (signature.len != type->bytes)
        return error_set(e, FAIL_PROOF, "a signature of %zu bytes where the type has %zu",
                         signature.len, type->bytes);
    const unsigned char *at = (const unsigned char *)signature.at;
    uint64_t time = type->timed ? read_be64(at) : 0;
    if (time > INT64_MAX) return error_set(e, FAIL_PROOF, "the signature's time is over 2^63-1");
    char bytes[MESSAGE_BYTES_MAX];
    struct text message = text_into(bytes, sizeof bytes);
    TRY(message_make(type, text, time, &message, e));
    TRY(ed25519_check(key->public_key, text_str(&message), at + (type->timed ? TIME_BYTES : 0), e));
    *time_s = time;
    return OK;
}
