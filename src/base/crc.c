/* The three CRCs that S3 clients ask for. CRC32 and CRC32C are ISA-L's; Debian's ISA-L has no
 * CRC-64/NVME, so that one is ours: eight bytes a step from tables made at first use. */
#include "base/digest.h"

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
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

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

uint64_t crc_64nvme(uint64_t so_far, const void *bytes, size_t count) {
    pthread_once(&table_once, table_make);
    const unsigned char *at = bytes;
    uint64_t crc = ~so_far;
    for (; count >= 8; count -= 8, at += 8) {
        uint64_t word;
        memcpy(&word, at,
               8); /* x86-64 and aarch64 are little-endian, as the reflected form wants */
        crc ^= word;
        crc = table[7][crc & 0xff] ^ table[6][crc >> 8 & 0xff] ^ table[5][crc >> 16 & 0xff] ^
              table[4][crc >> 24 & 0xff] ^ table[3][crc >> 32 & 0xff] ^ table[2][crc >> 40 & 0xff] ^
              table[1][crc >> 48 & 0xff] ^ table[0][crc >> 56];
    }
    for (; count > 0; count--, at++) crc = crc >> 8 ^ table[0][(crc ^ *at) & 0xff];
    return ~crc;
}
