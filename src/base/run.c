/* Runs of bytes, a word of eight at a time: a byte of zero is where a borrow reaches the high bit. */
#include "base/run.h"

#include <string.h>

enum { WORD_BYTES = 8 };
static const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;

static bool word_has(uint64_t word, unsigned char byte) {
    uint64_t zero = word ^ (ones * byte);
    return ((zero - ones) & ~zero & highs) != 0;
}
static bool word_has_under(uint64_t word, unsigned char byte) {
    return ((word - ones * byte) & ~word & highs) != 0;
}

size_t run_plain(str s) {
    size_t at = 0;
    for (; s.len - at >= WORD_BYTES; at += WORD_BYTES) {
        uint64_t word;
        memcpy(&word, s.at + at, WORD_BYTES);
        if (word_has(word, '"') || word_has(word, '\\') || word_has_under(word, 0x20)) break;
    }
    while (at < s.len && s.at[at] != '"' && s.at[at] != '\\' && (unsigned char)s.at[at] >= 0x20)
        at++;
    return at;
}

size_t run_one_line(str s) {
    size_t at = 0;
    for (; s.len - at >= WORD_BYTES; at += WORD_BYTES) {
        uint64_t word;
        memcpy(&word, s.at + at, WORD_BYTES);
        if ((word & highs) != 0 || word_has(word, '\n')) break;
    }
    return at;
}
