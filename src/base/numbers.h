/* Checked arithmetic for numbers a stranger chose, and integers on wire and disk, byte by byte. */
#ifndef AZEKURA_BASE_NUMBERS_H
#define AZEKURA_BASE_NUMBERS_H

#include "base/str.h"

/* false: would wrap; *out untouched. */
static inline bool u64_add(uint64_t a, uint64_t b, uint64_t *out) {
    uint64_t sum;
    if (__builtin_add_overflow(a, b, &sum)) return false;
    *out = sum;
    return true;
}
static inline bool u64_mul(uint64_t a, uint64_t b, uint64_t *out) {
    uint64_t product;
    if (__builtin_mul_overflow(a, b, &product)) return false;
    *out = product;
    return true;
}
static inline bool size_add(size_t a, size_t b, size_t *out) {
    size_t sum;
    if (__builtin_add_overflow(a, b, &sum)) return false;
    *out = sum;
    return true;
}
static inline bool size_mul(size_t a, size_t b, size_t *out) {
    size_t product;
    if (__builtin_mul_overflow(a, b, &product)) return false;
    *out = product;
    return true;
}

static inline uint64_t u64_min(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}
static inline uint64_t u64_max(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}
static inline size_t size_min(size_t a, size_t b) {
    return a < b ? a : b;
}
static inline size_t size_max(size_t a, size_t b) {
    return a > b ? a : b;
}
static inline int64_t i64_min(int64_t a, int64_t b) {
    return a < b ? a : b;
}
static inline int64_t i64_max(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static inline uint16_t read_be16(const void *from) {
    const unsigned char *b = from;
    return (uint16_t)((unsigned)b[0] << 8 | b[1]);
}
static inline uint32_t read_be32(const void *from) {
    const unsigned char *b = from;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}
static inline uint64_t read_be64(const void *from) {
    const unsigned char *b = from;
    return (uint64_t)read_be32(b) << 32 | read_be32(b + 4);
}
static inline void write_be16(void *to, uint16_t v) {
    unsigned char *b = to;
    b[0] = (unsigned char)(v >> 8);
    b[1] = (unsigned char)v;
}
static inline void write_be32(void *to, uint32_t v) {
    unsigned char *b = to;
    b[0] = (unsigned char)(v >> 24);
    b[1] = (unsigned char)(v >> 16);
    b[2] = (unsigned char)(v >> 8);
    b[3] = (unsigned char)v;
}
static inline void write_be64(void *to, uint64_t v) {
    unsigned char *b = to;
    write_be32(b, (uint32_t)(v >> 32));
    write_be32(b + 4, (uint32_t)v);
}

#endif
