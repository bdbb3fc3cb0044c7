/* Digests: SHA-256 for evidence and names, the others as S3 clients ask for them.
 *
 * The contexts are OpenSSL's low-level ones: its one-shot calls fetch an algorithm each time, which
 * costs more than hashing a ledger entry does. */
#ifndef AZEKURA_BASE_DIGEST_H
#define AZEKURA_BASE_DIGEST_H

#include "base/str.h"

enum { DIGEST_BYTES = 32, MD5_BYTES = 16, SHA1_BYTES = 20 };

typedef struct {
    unsigned char at[DIGEST_BYTES];
} digest; /* SHA-256 */

struct sha256 {
    _Alignas(8) unsigned char state[120]; /* SHA256_CTX; size asserted in digest.c */
};
void sha256_begin(struct sha256 *h);
void sha256_add(struct sha256 *h, const void *bytes, size_t count);
digest sha256_end(struct sha256 *h);
digest sha256_of(str bytes);

struct sha1 {
    _Alignas(8) unsigned char state[96];
};
void sha1_begin(struct sha1 *h);
void sha1_add(struct sha1 *h, const void *bytes, size_t count);
void sha1_end(struct sha1 *h, unsigned char out[SHA1_BYTES]);

struct md5 {
    _Alignas(8) unsigned char state[96];
};
void md5_begin(struct md5 *h);
void md5_add(struct md5 *h, const void *bytes, size_t count);
void md5_end(struct md5 *h, unsigned char out[MD5_BYTES]);

/* Both of the same bytes, in little more than MD5's time alone: 4 KiB in 9.2 instead of 12.1 us. */
void md5_sha256_add(struct md5 *md5, struct sha256 *sha256, const void *bytes, size_t count);

digest hmac_sha256(str key, str message);

/* CRCs continue from an earlier value: start with 0. Big-endian bytes of the result are what S3
 * carries in base64. */
uint32_t crc_32(uint32_t so_far, const void *bytes, size_t count);     /* x-amz-checksum-crc32 */
uint32_t crc_32c(uint32_t so_far, const void *bytes, size_t count);    /* -crc32c, Castagnoli */
uint64_t crc_64nvme(uint64_t so_far, const void *bytes, size_t count); /* -crc64nvme */

static inline str digest_str(const digest *d) {
    return str_of(d->at, DIGEST_BYTES);
}
static inline bool digest_equal(const digest *a, const digest *b) {
    return memcmp(a->at, b->at, DIGEST_BYTES) == 0;
}

#endif
