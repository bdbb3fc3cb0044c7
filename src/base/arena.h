/* Arenas: memory that is taken piece by piece and given back whole.
 *
 * Pass `arena` by pointer where results outlive the call; pass `scratch` by copy, so that what was
 * taken from it is gone on return, whatever path the return took. */
#ifndef AZEKURA_BASE_ARENA_H
#define AZEKURA_BASE_ARENA_H

#include "base/error.h"
#include "base/str.h"

struct arena {
    unsigned char *next, *end;
};

/* An arena over memory of the caller. */
static inline struct arena arena_over(void *memory, size_t bytes) {
    return (struct arena){(unsigned char *)memory, (unsigned char *)memory + bytes};
}

/* Zeroed memory, or NULL when the arena is full. `count` 0 gives a valid pointer to nothing. */
void *arena_take(struct arena *a, size_t size, size_t align, size_t count) MUST_USE;
#define arena_new(a, type, count) ((type *)arena_take((a), sizeof(type), _Alignof(type), (count)))

/* Not zeroed: for buffers that are filled at once. NULL when full. */
char *arena_bytes(struct arena *a, size_t count) MUST_USE;

size_t arena_left(const struct arena *a);

/* Copies. FAIL_MEMORY when full. arena_copy's result is followed by a zero byte that is not
 * counted, so that it may go to the system-call edge. */
enum error_code arena_copy(struct arena *a, str s, str *out, struct error *e) MUST_USE;
enum error_code arena_format(struct arena *a, str *out, struct error *e, const char *format, ...)
    PRINTF_LIKE(4, 5) MUST_USE;

/* Address space for what grows at start-up: pages cost memory only once touched.
 * The arena's memory is valid until arena_space_release. */
struct arena_space {
    void *at;
    size_t bytes;
};
enum error_code arena_space_open(struct arena_space *space, size_t bytes, struct arena *arena,
                                 struct error *e) MUST_USE;
/* For a space whose parts are read at random, often: asks for large pages, so that finding where a page
 * lies does not cost as much again as the read. Up to 2 MiB more of memory; a wish that may not come
 * true. Before its first use. */
void arena_space_dense(const struct arena_space *space);
void arena_space_release(struct arena_space *space); /* safe on a zeroed one, and twice */

#endif
