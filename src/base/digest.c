/* Digests over OpenSSL's low-level contexts. They are marked deprecated since 3.0, yet the
 * replacement fetches an algorithm for each use; a ledger hashes three times an entry. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/digest.h"

#include "base/numbers.h"

#include <openssl/md5.h>
#include <openssl/sha.h>

_Static_assert(MD5_CBLOCK == SHA256_CBLOCK, "both go by the same blocks");
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
/* A text of up to two blocks, as most of a ledger's are: closed here, without a context's buffer. */
static digest sha256_of_short(str bytes) {
    unsigned char closed[2 * SHA256_CBLOCK] = {0};
    size_t blocks = bytes.len + 9 <= SHA256_CBLOCK ? 1 : 2;
    if (bytes.len > 0) memcpy(closed, bytes.at, bytes.len);
    closed[bytes.len] = 0x80;
    write_be64(closed + blocks * SHA256_CBLOCK - 8, (uint64_t)bytes.len * 8);
    SHA256_CTX h;
    SHA256_Init(&h);
    for (size_t i = 0; i < blocks; i++) SHA256_Transform(&h, closed + i * SHA256_CBLOCK);
    digest out;
    for (size_t i = 0; i < COUNT_OF(h.h); i++) write_be32(out.at + 4 * i, h.h[i]);
    return out;
}
digest sha256_of(str bytes) {
    if (bytes.len + 9 <= 2 * SHA256_CBLOCK) return sha256_of_short(bytes);
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

/* Both wait for their own last round most of the time; block by block, the processor does a round of
 * one while the other waits. Counted as the contexts themselves count: in bits. */
void md5_sha256_add(struct md5 *md5, struct sha256 *sha256, const void *bytes, size_t count) {
    MD5_CTX *m = (MD5_CTX *)(void *)md5->state;
    SHA256_CTX *s = (SHA256_CTX *)(void *)sha256->state;
    const unsigned char *at = bytes;
    if (m->num == 0 && s->num == 0 && count >= SHA256_CBLOCK) {
        size_t whole = count - count % SHA256_CBLOCK;
        uint64_t md5_bits = ((uint64_t)m->Nh << 32 | m->Nl) + (uint64_t)whole * 8;
        uint64_t sha256_bits = ((uint64_t)s->Nh << 32 | s->Nl) + (uint64_t)whole * 8;
        for (const unsigned char *end = at + whole; at < end; at += SHA256_CBLOCK) {
            MD5_Transform(m, at);
            SHA256_Transform(s, at);
        }
        m->Nh = (MD5_LONG)(md5_bits >> 32);
        m->Nl = (MD5_LONG)md5_bits;
        s->Nh = (SHA_LONG)(sha256_bits >> 32);
        s->Nl = (SHA_LONG)sha256_bits;
        count -= whole;
    }
    md5_add(md5, at, count);
    sha256_add(sha256, at, count);
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
