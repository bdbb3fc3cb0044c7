/* Slices: comparing, cutting, and reading numbers from them. */
#include "base/str.h"

#include "base/numbers.h"

static unsigned char lower(char c) {
    unsigned char u = (unsigned char)c;
    return u >= 'A' && u <= 'Z' ? (unsigned char)(u + 32) : u;
}

bool str_equal_nocase(str a, str b) {
    if (a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.at[i]) != lower(b.at[i])) return false;
    return true;
}

bool str_equal_secret(str a, str b) {
    if (a.len != b.len) return false;
    volatile unsigned char difference = 0;
    for (size_t i = 0; i < a.len; i++)
        difference = (unsigned char)(difference | (unsigned char)(a.at[i] ^ b.at[i]));
    return difference == 0;
}

int str_compare(str a, str b) {
    size_t shared = size_min(a.len, b.len);
    int order = shared > 0 ? memcmp(a.at, b.at, shared) : 0;
    if (order != 0) return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

bool str_ends(str s, str suffix) {
    return s.len >= suffix.len && str_equal(str_skip(s, s.len - suffix.len), suffix);
}

bool str_find(str s, str needle, size_t *at) {
    if (needle.len > s.len) return false;
    if (needle.len == 0) {
        *at = 0;
        return true;
    }
    const char *found = memmem(s.at, s.len, needle.at, needle.len);
    if (found == NULL) return false;
    *at = (size_t)(found - s.at);
    return true;
}

bool str_find_char(str s, char c, size_t *at) {
    const char *found = s.len > 0 ? memchr(s.at, c, s.len) : NULL;
    if (found == NULL) return false;
    *at = (size_t)(found - s.at);
    return true;
}

str str_trim(str s) {
    while (s.len > 0 && (s.at[0] == ' ' || s.at[0] == '\t')) s = str_skip(s, 1);
    while (s.len > 0 && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\t')) s.len--;
    return s;
}

bool str_cut(str *rest, char separator, str *head) {
    size_t at;
    if (!str_find_char(*rest, separator, &at)) return false;
    *head = str_of(rest->at, at);
    *rest = str_skip(*rest, at + 1);
    return true;
}

bool str_u64(str digits, uint64_t *out) {
    if (digits.len == 0) return false;
    uint64_t value = 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9') return false;
        if (!u64_mul(value, 10, &value)) return false;
        if (!u64_add(value, (uint64_t)(digits.at[i] - '0'), &value)) return false;
    }
    *out = value;
    return true;
}

bool str_u32(str digits, uint32_t *out) {
    uint64_t wide;
    if (!str_u64(digits, &wide) || wide > UINT32_MAX) return false;
    *out = (uint32_t)wide;
    return true;
}

bool str_hex_u64(str digits, uint64_t *out) {
    if (digits.len == 0 || digits.len > 16) return false;
    uint64_t value = 0;
    for (size_t i = 0; i < digits.len; i++) {
        unsigned char c = lower(digits.at[i]);
        unsigned nibble;
        if (c >= '0' && c <= '9')
            nibble = (unsigned)(c - '0');
        else if (c >= 'a' && c <= 'f')
            nibble = (unsigned)(c - 'a') + 10;
        else
            return false;
        value = value << 4 | nibble;
    }
    *out = value;
    return true;
}

/* Length of the well-formed sequence at the start of s, or 0. Source: RFC 3629 section 4. */
static size_t utf8_sequence(const unsigned char *b, size_t left) {
    unsigned char first = b[0];
    if (first < 0x80) return 1;
    size_t count;
    unsigned char low = 0x80, high = 0xbf;
    if (first >= 0xc2 && first <= 0xdf) {
        count = 2;
    } else if (first >= 0xe0 && first <= 0xef) {
        count = 3;
        if (first == 0xe0) low = 0xa0;
        if (first == 0xed) high = 0x9f;
    } else if (first >= 0xf0 && first <= 0xf4) {
        count = 4;
        if (first == 0xf0) low = 0x90;
        if (first == 0xf4) high = 0x8f;
    } else {
        return 0;
    }
    if (left < count || b[1] < low || b[1] > high) return 0;
    for (size_t i = 2; i < count; i++)
        if ((b[i] & 0xc0) != 0x80) return 0;
    return count;
}

bool str_is_utf8(str s) {
    const unsigned char *bytes = (const unsigned char *)s.at;
    for (size_t i = 0; i < s.len;) {
        uint64_t eight;
        if (s.len - i >= sizeof eight) { /* of ASCII, which most of it is */
            memcpy(&eight, bytes + i, sizeof eight);
            if ((eight & 0x8080808080808080u) == 0) {
                i += sizeof eight;
                continue;
            }
        }
        size_t count = utf8_sequence(bytes + i, s.len - i);
        if (count == 0) return false;
        i += count;
    }
    return true;
}

/* FNV-1a's shape over eight bytes at a time, mixed after each: keys of tens of bytes, tables of our
 * own making, in memory alone (the bytes are taken as this machine orders them). */
uint64_t str_hash(str s, uint64_t seed) {
    uint64_t h = 0xcbf29ce484222325u ^ seed ^ s.len;
    for (size_t at = 0; at < s.len; at += 8) {
        uint64_t word = 0;
        memcpy(&word, s.at + at, size_min(8, s.len - at));
        h = (h ^ word) * 0x9e3779b97f4a7c15u;
        h ^= h >> 32;
    }
    h *= 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}
