/* Bytes as text and back. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

void hex_write(const void *bytes, size_t count, char *out) {
    static const char digits[] = "0123456789abcdef";
    const unsigned char *b = bytes;
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = digits[b[i] >> 4];
        out[2 * i + 1] = digits[b[i] & 15];
    }
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool hex_read(str text, void *out, size_t count) {
    if (text.len / 2 != count || text.len % 2 != 0) return false;
    unsigned char *b = out;
    for (size_t i = 0; i < count; i++) {
        int high = hex_value(text.at[2 * i]), low = hex_value(text.at[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        b[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t base64_write(const void *bytes, size_t count, char *out) {
    const unsigned char *b = bytes;
    char *to = out;
    for (; count >= 3; count -= 3, b += 3) {
        *to++ = base64_digits[b[0] >> 2];
        *to++ = base64_digits[(b[0] & 3) << 4 | b[1] >> 4];
        *to++ = base64_digits[(b[1] & 15) << 2 | b[2] >> 6];
        *to++ = base64_digits[b[2] & 63];
    }
    if (count > 0) {
        unsigned second = count > 1 ? b[1] : 0u;
        *to++ = base64_digits[b[0] >> 2];
        *to++ = base64_digits[(b[0] & 3u) << 4 | second >> 4];
        *to++ = count > 1 ? base64_digits[(second & 15) << 2] : '=';
        *to++ = '=';
    }
    return (size_t)(to - out);
}

static int base64_value(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    if (c == '/') return 63;
    return -1;
}

bool base64_read(str text, void *out, size_t cap, size_t *count) {
    if (text.len % 4 != 0) return false;
    size_t padding = 0;
    while (padding < 2 && padding < text.len && text.at[text.len - 1 - padding] == '=') padding++;
    size_t bytes = text.len / 4 * 3 - padding;
    if (bytes > cap) return false;
    unsigned char *to = out;
    for (size_t i = 0; i < text.len; i += 4) {
        bool last = i + 4 == text.len;
        unsigned digits = last ? 4 - (unsigned)padding : 4;
        uint32_t group = 0;
        for (unsigned k = 0; k < 4; k++) {
            int value = k < digits ? base64_value(text.at[i + k]) : 0;
            if (value < 0) return false;
            group = group << 6 | (uint32_t)value;
        }
        if (digits == 3 && (group & 0xff) != 0) return false;
        if (digits == 2 && (group & 0xffff) != 0) return false;
        *to++ = (unsigned char)(group >> 16);
        if (digits > 2) *to++ = (unsigned char)(group >> 8);
        if (digits > 3) *to++ = (unsigned char)group;
    }
    *count = bytes;
    return true;
}

/* Digits from the right, into the end of `memory`. */
static str count_digits(uint64_t count, char memory[20]) {
    size_t at = 20;
    do memory[--at] = (char)('0' + count % 10);
    while ((count /= 10) > 0);
    return str_of(memory + at, 20 - at);
}

void text_add_count(struct text *t, uint64_t count) {
    char memory[20];
    text_add(t, count_digits(count, memory));
}

void text_add_number(struct text *t, int64_t number) {
    char memory[21];
    str digits = count_digits(number < 0 ? 0 - (uint64_t)number : (uint64_t)number, memory + 1);
    char *at = (char *)(uintptr_t)digits.at; /* in memory + 1, so one place before is ours too */
    if (number < 0) *--at = '-';
    text_add(t, str_of(at, (size_t)(memory + sizeof memory - at)));
}

void text_format(struct text *t, const char *format, ...) {
    if (t->overflow) return;
    size_t left = t->cap - t->len;
    va_list values;
    va_start(values, format);
    int used = vsnprintf(left > 0 ? t->at + t->len : NULL, left, format, values);
    va_end(values);
    /* vsnprintf wants room for its closing zero, which is not ours to count. */
    if (used < 0 || (size_t)used >= left)
        t->overflow = true;
    else
        t->len += (size_t)used;
}

/* How many bytes from the start need no escape and no look at their neighbours. */
static size_t json_plain(str s) {
    size_t count = 0;
    while (count < s.len && s.at[count] >= 0x20 && s.at[count] < 0x7f && s.at[count] != '"' &&
           s.at[count] != '\\')
        count++;
    return count;
}

void text_add_json(struct text *t, str s) {
    text_add_char(t, '"');
    for (size_t i = 0; i < s.len;) {
        size_t plain = json_plain(str_skip(s, i));
        text_add(t, str_slice(s, i, plain));
        i += plain;
        if (i == s.len) break;
        unsigned char c = (unsigned char)s.at[i];
        if (c == '"' || c == '\\') {
            text_add_char(t, '\\');
            text_add_char(t, (char)c);
            i++;
        } else if (c < 0x20 || c == 0x7f) {
            char escape[8];
            snprintf(escape, sizeof escape, "\\u%04x", c);
            text_add_c(t, escape);
            i++;
        } else {
            size_t count = 2;
            while (count <= 4 && i + count <= s.len && !str_is_utf8(str_slice(s, i, count)))
                count++;
            if (count > 4 || i + count > s.len) {
                text_add_c(t, "\xef\xbf\xbd");
                i++;
            } else {
                text_add(t, str_slice(s, i, count));
                i += count;
            }
        }
    }
    text_add_char(t, '"');
}
