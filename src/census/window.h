/* Inner: a JSON file too large to hold, value by value. */
#ifndef AZEKURA_CENSUS_WINDOW_H
#define AZEKURA_CENSUS_WINDOW_H

#include "base/base.h"

struct window {
    struct arena_space space;
    const char *path;
    int fd; /* -1: all of it was given */
    char *at;
    size_t first, end; /* bytes not taken yet */
    uint64_t offset;   /* of at[0] in the file */
    bool is_read;      /* the file has no more */
    struct sha256 hash;
};
/* FAIL_NOT_FOUND, FAIL_SYSTEM, FAIL_MEMORY */
enum error_code window_open(const char *path, struct window *out, struct error *e) MUST_USE;
/* Over bytes at hand, for a fuzzer and tests. FAIL_LIMIT: over WINDOW_BYTES. */
enum error_code window_over(str bytes, struct window *out, struct error *e) MUST_USE;
void window_close(struct window *window); /* safe on a zeroed one */

enum { WINDOW_BYTES = 32 << 20 }; /* a value may be so long */

/* The next byte that is no white space, not taken; 0: the end of the file. */
enum error_code window_peek(struct window *window, char *out, struct error *e) MUST_USE;
void window_take(struct window *window); /* the byte that was peeked at */
uint64_t window_place(const struct window *window);
/* The next whole value, as bytes good until the next call. It is found by its brackets and quotes; whether
 * it is JSON is for whoever reads it. *whole false: the file ends in it, or it is too long. */
enum error_code window_value(struct window *window, str *out, bool *whole,
                             struct error *e) MUST_USE;
/* Past the next value, whatever its length. */
enum error_code window_pass(struct window *window, bool *whole, struct error *e) MUST_USE;
/* Reads to the end. The digest of the whole file. */
enum error_code window_digest(struct window *window, digest *out, struct error *e) MUST_USE;

#endif
