/* Slices: a pointer and a length into bytes that someone else owns.
 *
 * Nothing here looks for a closing zero, and nothing allocates. Text and network bytes are the same
 * until something checks them. */
#ifndef AZEKURA_BASE_STR_H
#define AZEKURA_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MUST_USE                          __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_at, values_at) __attribute__((format(printf, format_at, values_at)))
#define COUNT_OF(array)                   (sizeof(array) / sizeof((array)[0]))

typedef struct {
    const char *at;
    size_t len;
} str; /* a view: valid as long as its owner */

#define STR(literal) ((str){"" literal, sizeof(literal) - 1})
#define STR_EMPTY    ((str){NULL, 0})

/* For printf: printf("%.*s", STR_FMT(s)). The length is cut at INT_MAX. */
#define STR_FMT(s) (int)((s).len > 0x7fffffff ? 0x7fffffff : (s).len), ((s).at ? (s).at : "")

static inline str str_of(const void *at, size_t len) {
    return (str){(const char *)at, len};
}
/* At the system-call edge only; NULL gives the empty slice. */
static inline str str_from_c(const char *text) {
    return text == NULL ? STR_EMPTY : str_of(text, strlen(text));
}

/* Short, and asked a few hundred times a request: these stand here to be inlined. */
static inline bool str_equal(str a, str b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}
static inline bool str_starts(str s, str prefix) {
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.at, prefix.at, prefix.len) == 0);
}
/* The part from `from` (clamped to the end), at most `count` bytes of it. */
static inline str str_slice(str s, size_t from, size_t count) {
    size_t start = from < s.len ? from : s.len, left = s.len - start;
    const char *at = start > 0 ? s.at + start : s.at; /* not even nothing is added to NULL */
    return str_of(at, count < left ? count : left);
}
static inline str str_skip(str s, size_t count) {
    return str_slice(s, count, SIZE_MAX);
}

bool str_equal_nocase(str a, str b); /* ASCII letters only */
bool str_equal_secret(str a, str b); /* time depends on the lengths alone */
int str_compare(str a, str b);       /* bytes as unsigned; a prefix sorts before */
bool str_ends(str s, str suffix);
bool str_find(str s, str needle, size_t *at); /* false: not in it, *at untouched */
bool str_find_char(str s, char c, size_t *at);

str str_trim(str s); /* without leading and trailing spaces and tabs */

/* Splits *rest at the first separator: *head is what stood before it, *rest what follows.
 * false: no separator in *rest, nothing moved. */
bool str_cut(str *rest, char separator, str *head);

/* Decimal digits only: false when empty, not a digit, or over the type. */
bool str_u64(str digits, uint64_t *out);
bool str_u32(str digits, uint32_t *out);
bool str_hex_u64(str digits, uint64_t *out); /* 1..16 hex digits, no prefix */

/* Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, nothing above U+10FFFF). */
bool str_is_utf8(str s);

uint64_t
str_hash(str s, uint64_t seed); /* for tables; not for anything an attacker may choose to collide */

#endif
