/* The three CRCs that S3 clients ask for. CRC32 and CRC32C are ISA-L's; Debian's ISA-L has no
 * CRC-64/NVME, so that one is ours, in two forms: carry-less multiplication where the processor has
 * it, and eight bytes a step from tables made at first use, which is also the other's oracle. */
#include "base/crc.h"

#include "base/digest.h"

#include <assert.h>
#include <isa-l/crc.h>
#include <pthread.h>

uint32_t crc_32(uint32_t so_far, const void *bytes, size_t count) {
    return crc32_gzip_refl(so_far, bytes, count);
}

uint32_t crc_32c(uint32_t so_far, const void *bytes, size_t count) {
    const unsigned char *at = bytes;
    uint32_t crc = ~so_far;
    while (count > 0) {
        int step = count > 0x40000000 ? 0x40000000 : (int)count;
        crc = crc32_iscsi((unsigned char *)(uintptr_t)at, step, crc);
        at += step;
        count -= (size_t)step;
    }
    return ~crc;
}

/* Source: NVM Express NVM command set specification, 64b CRC; the polynomial, reflected. */
#define CRC64_NVME_REFLECTED 0x9a6c9329ac4bc9b5u

static uint64_t table[8][256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void table_make(void) {
    for (unsigned i = 0; i < 256; i++) {
        uint64_t crc = i;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ CRC64_NVME_REFLECTED : crc >> 1;
        table[0][i] = crc;
    }
    for (unsigned i = 0; i < 256; i++)
        for (unsigned k = 1; k < 8; k++)
            table[k][i] = table[k - 1][i] >> 8 ^ table[0][table[k - 1][i] & 0xff];
}

/* The register after `count` bytes: neither end inverted. */
static uint64_t table_walk(uint64_t crc, const unsigned char *at, size_t count) {
    for (; count >= 8; count -= 8, at += 8) {
        uint64_t word; /* little-endian machines, as the reflected form wants it */
        memcpy(&word, at, 8);
        crc ^= word;
        crc = table[7][crc & 0xff] ^ table[6][crc >> 8 & 0xff] ^ table[5][crc >> 16 & 0xff] ^
              table[4][crc >> 24 & 0xff] ^ table[3][crc >> 32 & 0xff] ^ table[2][crc >> 40 & 0xff] ^
              table[1][crc >> 48 & 0xff] ^ table[0][crc >> 56];
    }
    for (; count > 0; count--, at++) crc = crc >> 8 ^ table[0][(crc ^ *at) & 0xff];
    return crc;
}

#ifdef __x86_64__
#include <immintrin.h>

/* Folding. Read 16 bytes as a polynomial, first bit highest: H x^64 + L, H in the low lane. To move
 * it D bits on, over the bytes that lie there, multiply by x^D and reduce to 128 bits:
 *
 *     H (x^(D+64) mod P) + L (x^D mod P)
 *
 * A carry-less product of two reflected words comes out one bit low, that is times x, so the
 * constants are for D - 1. Four registers run side by side, 64 bytes apart; at the end they are
 * folded into one, and its 16 bytes go through the tables, which reduces them the rest of the way.
 * Source: Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ", Intel 2009.
 */
struct fold {
    uint64_t high, low; /* what H and L are multiplied with */
};
static struct fold fold_64_bytes, fold_16_bytes;
static bool has_fold;

/* x^n mod P, reflected: bit 63 is x^0. */
static uint64_t power_of_x(unsigned n) {
    uint64_t power = (uint64_t)1 << 63;
    while (n-- > 0) power = power & 1 ? power >> 1 ^ CRC64_NVME_REFLECTED : power >> 1;
    return power;
}

static void fold_make(void) {
    fold_64_bytes = (struct fold){power_of_x(512 + 64 - 1), power_of_x(512 - 1)};
    fold_16_bytes = (struct fold){power_of_x(128 + 64 - 1), power_of_x(128 - 1)};
    has_fold = __builtin_cpu_supports("pclmul");
}

#define FOLDING __attribute__((target("pclmul,sse2")))

FOLDING static inline __m128i load(const unsigned char *at) {
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

FOLDING static inline __m128i fold(__m128i block, __m128i by, __m128i onto) {
    __m128i high = _mm_clmulepi64_si128(block, by, 0x00);
    __m128i low = _mm_clmulepi64_si128(block, by, 0x11);
    return _mm_xor_si128(_mm_xor_si128(high, low), onto);
}

FOLDING static uint64_t fold_walk(uint64_t crc, const unsigned char *at, size_t count) {
    assert(count >= 64);
    __m128i by = _mm_set_epi64x((int64_t)fold_64_bytes.low, (int64_t)fold_64_bytes.high);
    __m128i a = _mm_xor_si128(load(at), _mm_set_epi64x(0, (int64_t)crc));
    __m128i b = load(at + 16), c = load(at + 32), d = load(at + 48);
    for (at += 64, count -= 64; count >= 64; at += 64, count -= 64) {
        a = fold(a, by, load(at));
        b = fold(b, by, load(at + 16));
        c = fold(c, by, load(at + 32));
        d = fold(d, by, load(at + 48));
    }
    by = _mm_set_epi64x((int64_t)fold_16_bytes.low, (int64_t)fold_16_bytes.high);
    a = fold(a, by, b);
    a = fold(a, by, c);
    a = fold(a, by, d);
    for (; count >= 16; at += 16, count -= 16) a = fold(a, by, load(at));
    unsigned char rest[16];
    _mm_storeu_si128((__m128i *)(void *)rest, a);
    return table_walk(table_walk(0, rest, sizeof rest), at, count);
}
#else
static const bool has_fold = false;
static void fold_make(void) {}
static uint64_t fold_walk(uint64_t crc, const unsigned char *at, size_t count) {
    return table_walk(crc, at, count);
}
#endif

static void once_make(void) {
    table_make();
    fold_make();
}

uint64_t crc_64nvme_by_table(uint64_t so_far, const void *bytes, size_t count) {
    pthread_once(&once, once_make);
    return ~table_walk(~so_far, bytes, count);
}

uint64_t crc_64nvme(uint64_t so_far, const void *bytes, size_t count) {
    pthread_once(&once, once_make);
    bool by_fold = has_fold && count >= 128; /* below, setting up costs what folding saves */
    return ~(by_fold ? fold_walk(~so_far, bytes, count) : table_walk(~so_far, bytes, count));
}
