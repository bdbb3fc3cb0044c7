/* Bytes as text and back: hex, base64 (RFC 4648), dates, and a writer that never overruns. */
#ifndef AZEKURA_BASE_TEXT_H
#define AZEKURA_BASE_TEXT_H

#include "base/arena.h"
#include "base/error.h"

/* `out` takes 2 * count characters; no closing zero is written. Lower case. */
void hex_write(const void *bytes, size_t count, char *out);
bool hex_read(str text, void *out, size_t count); /* exactly 2 * count digits, either case */

/* Standard alphabet with padding. out takes base64_bytes(count). */
static inline size_t base64_bytes(size_t count) {
    return (count + 2) / 3 * 4;
}
size_t base64_write(const void *bytes, size_t count, char *out); /* returns characters written */
/* Strict: padding required, no white space, unused bits zero. false: not that; *count untouched. */
bool base64_read(str text, void *out, size_t cap, size_t *count);

/* A writer into fixed memory; once something does not fit, `overflow` stays true. */
struct text {
    char *at;
    size_t len, cap;
    bool overflow;
};
static inline struct text text_into(void *memory, size_t cap) {
    return (struct text){(char *)memory, 0, cap, false};
}
static inline void text_add(struct text *t, str s) {
    if (t->overflow || s.len > t->cap - t->len) {
        t->overflow = true;
        return;
    }
    if (s.len > 0) memcpy(t->at + t->len, s.at, s.len);
    t->len += s.len;
}
static inline void text_add_c(struct text *t, const char *s) {
    text_add(t, str_from_c(s));
}
static inline void text_add_char(struct text *t, char c) {
    text_add(t, str_of(&c, 1));
}
void text_add_number(struct text *t, int64_t number); /* decimal; a fifth of text_format's cost */
void text_add_count(struct text *t, uint64_t count);
void text_format(struct text *t, const char *format, ...) PRINTF_LIKE(2, 3);
void text_add_json(struct text *t, str s); /* quoted and escaped; bad UTF-8 becomes U+FFFD */
static inline str text_str(const struct text *t) {
    return str_of(t->at, t->len);
}

#endif
