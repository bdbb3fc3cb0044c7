/* AES-256-GCM: by wide vectors where the processor has them (wide.c), else through OpenSSL, and nothing
 * else of it. Each thread keeps its contexts: making one costs more than sealing a small body, and
 * no call here lets another fiber run in between. */
#include "seal/wide.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

static struct {
    EVP_CIPHER *gcm;
    pthread_key_t contexts; /* for its destructor: contexts go with their thread */
    bool ready;
} library;
static pthread_once_t library_once = PTHREAD_ONCE_INIT;

struct contexts {
    EVP_CIPHER_CTX *seal, *open;
    void *memory; /* thread_memory's */
    size_t memory_bytes;
};
static _Thread_local struct contexts *own;

static void contexts_free(void *at) {
    struct contexts *c = at;
    EVP_CIPHER_CTX_free(c->seal);
    EVP_CIPHER_CTX_free(c->open);
    if (c->memory != NULL) memory_wipe(c->memory, c->memory_bytes);
    free(c->memory);
    free(c);
    own = NULL;
}

static void library_load(void) {
    library.gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    library.ready =
        library.gcm != NULL && pthread_key_create(&library.contexts, contexts_free) == 0;
}

static enum error_code crypto_failed(struct error *e, const char *what) {
    char words[160] = "no reason given";
    unsigned long code = ERR_get_error();
    if (code != 0) ERR_error_string_n(code, words, sizeof words);
    ERR_clear_error();
    return error_set(e, FAIL_CRYPTO, "%s: %s", what, words);
}

static enum error_code contexts_get(struct contexts **out, struct error *e) {
    ERR_clear_error(); /* the queue is the thread's: what others left in it is not our story */
    if (own == NULL) {
        pthread_once(&library_once, library_load);
        if (!library.ready) return crypto_failed(e, "AES-256-GCM is not to be had from OpenSSL");
        struct contexts *c = calloc(1, sizeof *c);
        if (c == NULL) return error_set(e, FAIL_MEMORY, "no memory for a cipher context");
        c->seal = EVP_CIPHER_CTX_new();
        c->open = EVP_CIPHER_CTX_new();
        if (c->seal == NULL || c->open == NULL || pthread_setspecific(library.contexts, c) != 0) {
            contexts_free(c);
            return error_set(e, FAIL_MEMORY, "no memory for a cipher context");
        }
        own = c;
    }
    *out = own;
    return OK;
}

void *thread_memory(size_t bytes) {
    struct contexts *c;
    if (contexts_get(&c, NULL) != OK) return NULL;
    if (c->memory == NULL) {
        c->memory = calloc(1, bytes);
        c->memory_bytes = bytes;
    }
    assert(c->memory == NULL || c->memory_bytes == bytes);
    return c->memory;
}

/* The first call sets the cipher; later ones only key and nonce, which keeps the context's memory.
 */
static const EVP_CIPHER *cipher_if_new(const EVP_CIPHER_CTX *context, const EVP_CIPHER *cipher) {
    return EVP_CIPHER_CTX_get0_cipher(context) == NULL ? cipher : NULL;
}

enum error_code narrow_seal(const struct secret *key, const unsigned char nonce[GCM_NONCE_BYTES],
                            str bound, str plain, void *out, unsigned char tag[SEAL_TAG_BYTES],
                            struct error *e) {
    struct contexts *c;
    TRY(contexts_get(&c, e));
    int done = 0, last = 0;
    unsigned char none;
    if (EVP_EncryptInit_ex(c->seal, cipher_if_new(c->seal, library.gcm), NULL, key->at, nonce) !=
            1 ||
        EVP_EncryptUpdate(c->seal, NULL, &done, (const unsigned char *)bound.at, (int)bound.len) !=
            1)
        return crypto_failed(e, "sealing");
    done = 0;
    if (plain.len > 0 && EVP_EncryptUpdate(c->seal, out, &done, (const unsigned char *)plain.at,
                                           (int)plain.len) != 1)
        return crypto_failed(e, "sealing");
    if (EVP_EncryptFinal_ex(c->seal, &none, &last) != 1 ||
        EVP_CIPHER_CTX_ctrl(c->seal, EVP_CTRL_GCM_GET_TAG, SEAL_TAG_BYTES, tag) != 1)
        return crypto_failed(e, "sealing");
    assert((size_t)done == plain.len);
    assert(last == 0);
    return OK;
}

static enum error_code not_sealed(const char *what, struct error *e) {
    return error_set(e, FAIL_CORRUPT, "%s is not what was sealed", what);
}

enum error_code narrow_open(const struct secret *key, const unsigned char nonce[GCM_NONCE_BYTES],
                            str bound, str sealed, const unsigned char tag[SEAL_TAG_BYTES],
                            void *out, const char *what, struct error *e) {
    struct contexts *c;
    TRY(contexts_get(&c, e));
    unsigned char expected[SEAL_TAG_BYTES], none;
    memcpy(expected, tag, sizeof expected);
    int done = 0, last = 0;
    if (EVP_DecryptInit_ex(c->open, cipher_if_new(c->open, library.gcm), NULL, key->at, nonce) !=
            1 ||
        EVP_DecryptUpdate(c->open, NULL, &done, (const unsigned char *)bound.at, (int)bound.len) !=
            1 ||
        EVP_CIPHER_CTX_ctrl(c->open, EVP_CTRL_GCM_SET_TAG, SEAL_TAG_BYTES, expected) != 1)
        return crypto_failed(e, "opening");
    if (sealed.len > 0 && EVP_DecryptUpdate(c->open, out, &done, (const unsigned char *)sealed.at,
                                            (int)sealed.len) != 1)
        return crypto_failed(e, "opening");
    if (EVP_DecryptFinal_ex(c->open, &none, &last) != 1) {
        if (sealed.len > 0) memory_wipe(out, sealed.len);
        ERR_clear_error();
        return not_sealed(what, e);
    }
    return OK;
}

/* ---- whichever is faster here ---- */

enum error_code gcm_seal(const struct secret *key, const unsigned char nonce[GCM_NONCE_BYTES],
                         str bound, str plain, void *out, unsigned char tag[SEAL_TAG_BYTES],
                         struct error *e) {
    assert(bound.len <= LIMIT_FRAME_BYTES);
    assert(plain.len <= 1 << 24); /* far above every caller; OpenSSL counts in int */
    if (!wide_is_here()) return narrow_seal(key, nonce, bound, plain, out, tag, e);
    wide_seal(key, nonce, bound, plain, out, tag);
    return OK;
}

enum error_code gcm_open(const struct secret *key, const unsigned char nonce[GCM_NONCE_BYTES],
                         str bound, str sealed, const unsigned char tag[SEAL_TAG_BYTES], void *out,
                         const char *what, struct error *e) {
    assert(bound.len <= LIMIT_FRAME_BYTES);
    assert(sealed.len <= 1 << 24);
    if (!wide_is_here()) return narrow_open(key, nonce, bound, sealed, tag, out, what, e);
    return wide_open(key, nonce, bound, sealed, tag, out) ? OK : not_sealed(what, e);
}
