/* Which bytes may stand where: one table for the parsers of this module.
 * Source: RFC 9110 section 5.6.2 (token), 5.5 (field content); RFC 3986 sections 2.3, 3.2.2. */
#ifndef AZEKURA_HTTP_CHARS_H
#define AZEKURA_HTTP_CHARS_H

#include "base/base.h"

enum {
    CHAR_TOKEN = 1,      /* names of methods and headers */
    CHAR_VALUE = 2,      /* header values: space, tab, visible ASCII, 0x80 and above */
    CHAR_TARGET = 4,     /* request targets: visible ASCII but '#', which never travels */
    CHAR_HOST = 8,       /* host names, IP literals, ports */
    CHAR_UNRESERVED = 16 /* what percent-encoding leaves alone */
};

extern const unsigned char http_chars[256];

static inline bool char_is(char c, unsigned char_class) {
    return (http_chars[(unsigned char)c] & char_class) != 0;
}
static inline bool chars_are(str s, unsigned char_class) {
    for (size_t i = 0; i < s.len; i++)
        if (!char_is(s.at[i], char_class)) return false;
    return true;
}

/* -1: no hex digit. */
static inline int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

#endif
