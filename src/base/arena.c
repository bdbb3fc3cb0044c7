/* Arenas: taking, copying, and address space for what grows at start-up. */
#include "base/arena.h"

#include "base/numbers.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

void *arena_take(struct arena *a, size_t size, size_t align, size_t count) {
    assert(align > 0 && (align & (align - 1)) == 0);
    size_t bytes;
    if (!size_mul(size, count, &bytes)) return NULL;
    size_t padding = (size_t)(-(uintptr_t)a->next & (align - 1));
    size_t left = (size_t)(a->end - a->next);
    if (padding > left || bytes > left - padding) return NULL;
    void *at = a->next + padding;
    a->next += padding + bytes;
    if (bytes > 0) memset(at, 0, bytes);
    return at;
}

char *arena_bytes(struct arena *a, size_t count) {
    if (count > (size_t)(a->end - a->next)) return NULL;
    char *at = (char *)a->next;
    a->next += count;
    return at;
}

size_t arena_left(const struct arena *a) {
    return (size_t)(a->end - a->next);
}

enum error_code arena_copy(struct arena *a, str s, str *out, struct error *e) {
    size_t bytes;
    char *at = size_add(s.len, 1, &bytes) ? arena_bytes(a, bytes) : NULL;
    if (at == NULL)
        return error_set(e, FAIL_MEMORY, "no room for %zu bytes: %zu are left", s.len,
                         arena_left(a));
    if (s.len > 0) memcpy(at, s.at, s.len);
    at[s.len] = 0;
    *out = str_of(at, s.len);
    return OK;
}

enum error_code arena_format(struct arena *a, str *out, struct error *e, const char *format, ...) {
    va_list values;
    va_start(values, format);
    size_t left = arena_left(a);
    int used = vsnprintf((char *)a->next, left, format, values);
    va_end(values);
    if (used < 0 || (size_t)used >= left)
        return error_set(e, FAIL_MEMORY, "no room for %d bytes: %zu are left", used, left);
    *out = str_of(a->next, (size_t)used);
    a->next += (size_t)used + 1;
    return OK;
}

enum error_code arena_space_open(struct arena_space *space, size_t bytes, struct arena *arena,
                                 struct error *e) {
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) return error_set_errno(e, errno, "address space of %zu bytes", bytes);
    *space = (struct arena_space){at, bytes};
    *arena = arena_over(at, bytes);
    return OK;
}

void arena_space_dense(const struct arena_space *space) {
    (void)madvise(space->at, space->bytes, MADV_HUGEPAGE); /* else it is only slower */
}

void arena_space_release(struct arena_space *space) {
    if (space->at != NULL) munmap(space->at, space->bytes);
    *space = (struct arena_space){0};
}
