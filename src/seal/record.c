/* Small things sealed one by one under a key that serves many: records, and the keys of blobs.
 *
 *   box    = nonce[16] | ciphertext | tag[16]
 *   key    = HMAC-SHA-256(the key, "azekura-record-v1" 0 | nonce)
 *   record = u32 key number | box, bound to "azekura-record-v1" 0 | u32 key number | about
 *   a wrapped key is a box of 32 bytes, bound to "azekura-wrap-v1" 0
 *
 * A store seals more of these a month than AES-GCM's random 96-bit nonces may carry under one key
 * (2^32); 128 random bits into a key of its own for each have no such bound. */
#include "seal/inner.h"

static const char record_prefix[] = "azekura-record-v1", wrap_prefix[] = "azekura-wrap-v1";
enum { NONCE_BYTES = 16, NUMBER_BYTES = 4, ABOUT_BYTES = 1024 };
enum { BOX_EXTRA_BYTES = NONCE_BYTES + SEAL_TAG_BYTES };
_Static_assert(SEAL_RECORD_EXTRA_BYTES == NUMBER_BYTES + BOX_EXTRA_BYTES, "as the header says");
_Static_assert(SEAL_WRAPPED_BYTES == SECRET_BYTES + BOX_EXTRA_BYTES, "as the header says");
static const unsigned char gcm_nonce[GCM_NONCE_BYTES]; /* the key is used once */

static void box_key(const struct secret *key, const unsigned char nonce[NONCE_BYTES],
                    struct secret *out) {
    unsigned char message[sizeof record_prefix + NONCE_BYTES];
    memcpy(message, record_prefix, sizeof record_prefix);
    memcpy(message + sizeof record_prefix, nonce, NONCE_BYTES);
    digest made = hmac_sha256(str_of(key->at, sizeof key->at), str_of(message, sizeof message));
    memcpy(out->at, made.at, sizeof out->at);
    memory_wipe(&made, sizeof made);
}

static enum error_code box_seal(const struct secret *key, str bound, str plain, unsigned char *out,
                                struct error *e) {
    struct secret own;
    random_fill(out, NONCE_BYTES);
    box_key(key, out, &own);
    unsigned char *text = out + NONCE_BYTES;
    enum error_code code = gcm_seal(&own, gcm_nonce, bound, plain, text, text + plain.len, e);
    secret_wipe(&own);
    return code;
}

static enum error_code box_open(const struct secret *key, str bound, str box, void *out,
                                const char *what, struct error *e) {
    assert(box.len >= BOX_EXTRA_BYTES);
    const unsigned char *nonce = (const unsigned char *)box.at, *text = nonce + NONCE_BYTES;
    size_t bytes = box.len - BOX_EXTRA_BYTES;
    struct secret own;
    box_key(key, nonce, &own);
    enum error_code code =
        gcm_open(&own, gcm_nonce, bound, str_of(text, bytes), text + bytes, out, what, e);
    secret_wipe(&own);
    return code;
}

/* ---- keys of blobs ---- */

enum error_code seal_key_wrap(const struct secret *by, const struct secret *key,
                              unsigned char out[SEAL_WRAPPED_BYTES], struct error *e) {
    return box_seal(by, str_of(wrap_prefix, sizeof wrap_prefix), str_of(key->at, sizeof key->at),
                    out, e);
}

/* What this thread unwrapped lately: an object that is read again and again is unwrapped once. Only
 * what came open is in here, under the very bytes and the very key that opened it. */
enum { UNWRAPPED_SLOTS = 4096 }; /* 512 KiB, of which only used pages cost */
struct unwrapped {
    unsigned char wrapped[SEAL_WRAPPED_BYTES];
    struct secret by, key;
    bool used;
};

static struct unwrapped *unwrapped_slot(const unsigned char wrapped[SEAL_WRAPPED_BYTES]) {
    struct unwrapped *slots = thread_memory(UNWRAPPED_SLOTS * sizeof *slots);
    return slots == NULL ? NULL : &slots[read_be32(wrapped) % UNWRAPPED_SLOTS]; /* of the nonce */
}

enum error_code seal_key_unwrap(const struct secret *by,
                                const unsigned char wrapped[SEAL_WRAPPED_BYTES], struct secret *out,
                                struct error *e) {
    struct unwrapped *kept = unwrapped_slot(wrapped);
    if (kept != NULL && kept->used && memcmp(kept->wrapped, wrapped, sizeof kept->wrapped) == 0 &&
        memcmp(&kept->by, by, sizeof *by) == 0) {
        *out = kept->key;
        return OK;
    }
    TRY(box_open(by, str_of(wrap_prefix, sizeof wrap_prefix), str_of(wrapped, SEAL_WRAPPED_BYTES),
                 out->at, "a wrapped key", e));
    if (kept == NULL) return OK;
    memcpy(kept->wrapped, wrapped, sizeof kept->wrapped);
    kept->by = *by;
    kept->key = *out;
    kept->used = true;
    return OK;
}

/* ---- records ---- */

static str record_bound(unsigned char memory[sizeof record_prefix + NUMBER_BYTES + ABOUT_BYTES],
                        uint32_t number, str about) {
    assert(about.len <= ABOUT_BYTES);
    memcpy(memory, record_prefix, sizeof record_prefix);
    write_be32(memory + sizeof record_prefix, number);
    if (about.len > 0) memcpy(memory + sizeof record_prefix + NUMBER_BYTES, about.at, about.len);
    return str_of(memory, sizeof record_prefix + NUMBER_BYTES + about.len);
}

enum error_code record_seal(const struct secret *key, uint32_t number, str about, str plain,
                            void *out, struct error *e) {
    unsigned char *at = out, bound[sizeof record_prefix + NUMBER_BYTES + ABOUT_BYTES];
    write_be32(at, number);
    return box_seal(key, record_bound(bound, number, about), plain, at + NUMBER_BYTES, e);
}

enum error_code record_open(const struct secret *key, str about, str sealed, void *out,
                            struct error *e) {
    assert(sealed.len >= SEAL_RECORD_EXTRA_BYTES); /* callers looked: they found the key by it */
    unsigned char bound[sizeof record_prefix + NUMBER_BYTES + ABOUT_BYTES];
    return box_open(key, record_bound(bound, read_be32(sealed.at), about),
                    str_skip(sealed, NUMBER_BYTES), out, "a sealed record", e);
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
