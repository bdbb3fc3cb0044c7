/* Rows on disk: values laid one after the other, written and read by the same hand.
 *
 * A packer writes into a caller's buffer and remembers when it did not fit, so that a row's writer
 * reads as a list; an unpacker remembers when bytes were missing, so that a row's reader does too.
 * Integers are big-endian; slices carry a 32-bit length. */
#ifndef AZEKURA_BASE_PACK_H
#define AZEKURA_BASE_PACK_H

#include "base/arena.h"
#include "base/error.h"

struct pack {
    char *at;
    size_t len, cap;
    bool overflow; /* something did not fit; what follows was not written */
};

struct pack pack_into(void *memory, size_t cap);
void pack_u8(struct pack *p, uint8_t v);
void pack_u16(struct pack *p, uint16_t v);
void pack_u32(struct pack *p, uint32_t v);
void pack_u64(struct pack *p, uint64_t v);
void pack_i64(struct pack *p, int64_t v);
void pack_raw(struct pack *p, const void *bytes, size_t count); /* no length */
void pack_str(struct pack *p, str s);                           /* u32 length, bytes */
/* The row, or FAIL_LIMIT naming `what` when it did not fit. */
enum error_code pack_done(const struct pack *p, const char *what, str *out,
                          struct error *e) MUST_USE;

struct unpack {
    str rest;
    bool broken; /* bytes were missing; every later value is zero */
};

struct unpack unpack_from(str row);
uint8_t unpack_u8(struct unpack *u);
uint16_t unpack_u16(struct unpack *u);
uint32_t unpack_u32(struct unpack *u);
uint64_t unpack_u64(struct unpack *u);
int64_t unpack_i64(struct unpack *u);
void unpack_raw(struct unpack *u, void *to, size_t count); /* zeros when broken */
str unpack_str(struct unpack *u);                          /* view into the row */
/* OK, or FAIL_CORRUPT naming `what` when bytes were missing or left over. */
enum error_code unpack_done(const struct unpack *u, const char *what, struct error *e) MUST_USE;

#endif
