/* AES-256-GCM with vectors of 64 bytes (VAES, VPCLMULQDQ, AVX-512). Inner header.
 *
 * OpenSSL 3.0 has no such code: on a processor that can, this opens a frame in a third of the time.
 * Where the processor cannot, wide_is_here says so and OpenSSL does everything (cipher.c). Both make
 * the same bytes; tests/seal/test_cipher.c holds them against each other.
 * Source: NIST SP 800-38D; docs/decisions/seal.md for what was measured. */
#ifndef AZEKURA_SEAL_WIDE_H
#define AZEKURA_SEAL_WIDE_H

#include "seal/inner.h"

/* Looks once, on the first call; any thread. */
bool wide_is_here(void);

/* Only where wide_is_here. `out` gets plain.len bytes, in place allowed. Cannot fail. */
void wide_seal(const struct secret *key, const unsigned char nonce[GCM_NONCE_BYTES], str bound,
               str plain, void *out, unsigned char tag[SEAL_TAG_BYTES]);
/* false: not what was sealed, and `out` holds zeros. */
bool wide_open(const struct secret *key, const unsigned char nonce[GCM_NONCE_BYTES], str bound,
               str sealed, const unsigned char tag[SEAL_TAG_BYTES], void *out) MUST_USE;

#endif
