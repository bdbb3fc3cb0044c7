/* Records: openings and secrets, sealed one by one under a key that serves many.
 *
 *   sealed = u32 key number | nonce[16] | ciphertext | tag[16]
 *   key    = HMAC-SHA-256(key of that number, "azekura-record-v1" 0 | nonce)
 *   bound  = "azekura-record-v1" 0 | u32 key number | about
 *
 * A store writes more records a month than AES-GCM's random 96-bit nonces may carry under one key
 * (2^32); 128 random bits into a key of its own for each record have no such bound. */
#include "seal/inner.h"

static const char prefix[] = "azekura-record-v1"; /* with its closing zero */
enum { NONCE_AT = 4, NONCE_BYTES = 16, TEXT_AT = NONCE_AT + NONCE_BYTES, ABOUT_BYTES = 1024 };
static const unsigned char gcm_nonce[GCM_NONCE_BYTES]; /* the key is used once */

static void record_key(const struct secret *key, const unsigned char nonce[NONCE_BYTES],
                       struct secret *out) {
    unsigned char message[sizeof prefix + NONCE_BYTES];
    memcpy(message, prefix, sizeof prefix);
    memcpy(message + sizeof prefix, nonce, NONCE_BYTES);
    digest made = hmac_sha256(str_of(key->at, sizeof key->at), str_of(message, sizeof message));
    memcpy(out->at, made.at, sizeof out->at);
    memory_wipe(&made, sizeof made);
}

static str record_bound(unsigned char memory[sizeof prefix + 4 + ABOUT_BYTES], uint32_t number,
                        str about) {
    assert(about.len <= ABOUT_BYTES);
    memcpy(memory, prefix, sizeof prefix);
    write_be32(memory + sizeof prefix, number);
    if (about.len > 0) memcpy(memory + sizeof prefix + 4, about.at, about.len);
    return str_of(memory, sizeof prefix + 4 + about.len);
}

enum error_code record_seal(const struct secret *key, uint32_t number, str about, str plain,
                            void *out, struct error *e) {
    unsigned char *at = out, bound[sizeof prefix + 4 + ABOUT_BYTES];
    write_be32(at, number);
    random_fill(at + NONCE_AT, NONCE_BYTES);
    struct secret own;
    record_key(key, at + NONCE_AT, &own);
    enum error_code code = gcm_seal(&own, gcm_nonce, record_bound(bound, number, about), plain,
                                    at + TEXT_AT, at + TEXT_AT + plain.len, e);
    secret_wipe(&own);
    return code;
}

enum error_code record_open(const struct secret *key, str about, str sealed, void *out,
                            struct error *e) {
    assert(sealed.len >= SEAL_RECORD_EXTRA_BYTES); /* callers looked: they found the key by it */
    const unsigned char *at = (const unsigned char *)sealed.at;
    unsigned char bound[sizeof prefix + 4 + ABOUT_BYTES];
    size_t text = sealed.len - SEAL_RECORD_EXTRA_BYTES;
    struct secret own;
    record_key(key, at + NONCE_AT, &own);
    enum error_code code =
        gcm_open(&own, gcm_nonce, record_bound(bound, read_be32(at), about),
                 str_of(at + TEXT_AT, text), at + TEXT_AT + text, out, "a sealed record", e);
    secret_wipe(&own);
    return code;
}

enum error_code seal_record_seal(struct seal_keys *keys, uint32_t number, str about, str plain,
                                 void *out, struct error *e) {
    struct secret key;
    TRY(seal_key_get(keys, number, &key, e));
    enum error_code code = record_seal(&key, number, about, plain, out, e);
    secret_wipe(&key);
    return code;
}

enum error_code seal_record_open(struct seal_keys *keys, str about, str sealed, struct arena *arena,
                                 str *plain, struct error *e) {
    if (sealed.len < SEAL_RECORD_EXTRA_BYTES)
        return error_set(e, FAIL_CORRUPT, "a sealed record of %zu bytes", sealed.len);
    size_t bytes = sealed.len - SEAL_RECORD_EXTRA_BYTES;
    char *out = arena_bytes(arena, bytes);
    if (out == NULL) return error_set(e, FAIL_MEMORY, "no room to open %zu bytes", bytes);
    struct secret key;
    TRY(seal_key_get(keys, read_be32(sealed.at), &key, e));
    enum error_code code = record_open(&key, about, sealed, out, e);
    secret_wipe(&key);
    if (code == OK) *plain = str_of(out, bytes);
    return code;
}
