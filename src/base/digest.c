/* Digests over OpenSSL's low-level contexts. They are marked deprecated since 3.0, yet the
 * replacement fetches an algorithm for each use; a ledger hashes three times an entry. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/digest.h"

#include <openssl/md5.h>
#include <openssl/sha.h>

_Static_assert(sizeof(SHA256_CTX) <= sizeof(((struct sha256 *)0)->state), "a context fits");
_Static_assert(sizeof(SHA_CTX) <= sizeof(((struct sha1 *)0)->state), "a context fits");
_Static_assert(sizeof(MD5_CTX) <= sizeof(((struct md5 *)0)->state), "a context fits");

void sha256_begin(struct sha256 *h) {
    SHA256_Init((SHA256_CTX *)(void *)h->state);
}
void sha256_add(struct sha256 *h, const void *bytes, size_t count) {
    SHA256_Update((SHA256_CTX *)(void *)h->state, bytes, count);
}
digest sha256_end(struct sha256 *h) {
    digest out;
    SHA256_Final(out.at, (SHA256_CTX *)(void *)h->state);
    return out;
}
digest sha256_of(str bytes) {
    struct sha256 h;
    sha256_begin(&h);
    sha256_add(&h, bytes.at, bytes.len);
    return sha256_end(&h);
}

void sha1_begin(struct sha1 *h) {
    SHA1_Init((SHA_CTX *)(void *)h->state);
}
void sha1_add(struct sha1 *h, const void *bytes, size_t count) {
    SHA1_Update((SHA_CTX *)(void *)h->state, bytes, count);
}
void sha1_end(struct sha1 *h, unsigned char out[SHA1_BYTES]) {
    SHA1_Final(out, (SHA_CTX *)(void *)h->state);
}

void md5_begin(struct md5 *h) {
    MD5_Init((MD5_CTX *)(void *)h->state);
}
void md5_add(struct md5 *h, const void *bytes, size_t count) {
    MD5_Update((MD5_CTX *)(void *)h->state, bytes, count);
}
void md5_end(struct md5 *h, unsigned char out[MD5_BYTES]) {
    MD5_Final(out, (MD5_CTX *)(void *)h->state);
}

/* Source: RFC 2104. */
digest hmac_sha256(str key, str message) {
    unsigned char block[64] = {0}, pad[64];
    if (key.len > sizeof block) {
        digest short_key = sha256_of(key);
        memcpy(block, short_key.at, sizeof short_key.at);
    } else if (key.len > 0) {
        memcpy(block, key.at, key.len);
    }
    struct sha256 h;
    for (size_t i = 0; i < sizeof pad; i++) pad[i] = block[i] ^ 0x36;
    sha256_begin(&h);
    sha256_add(&h, pad, sizeof pad);
    sha256_add(&h, message.at, message.len);
    digest inner = sha256_end(&h);
    for (size_t i = 0; i < sizeof pad; i++) pad[i] = block[i] ^ 0x5c;
    sha256_begin(&h);
    sha256_add(&h, pad, sizeof pad);
    sha256_add(&h, inner.at, sizeof inner.at);
    return sha256_end(&h);
}
