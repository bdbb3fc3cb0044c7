/* Any bytes as a rulebook file: documents come to an end, and what is told of one is words of the text. */
#include "verify/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void word_check(str word, const uint8_t *bytes, size_t count) {
    if (word.len == 0) return;
    const uint8_t *at = (const uint8_t *)word.at;
    assert(at >= bytes && at + word.len <= bytes + count);
    assert(memchr(word.at, '\n', word.len) == NULL);
    assert(memchr(word.at, '\\', word.len) == NULL || word.at[0] != '"');
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    str rest = str_of(bytes, count);
    struct verify_book book;
    size_t left = rest.len;
    while (verify_book_next(&rest, &book)) {
        assert(book.is_any);
        assert(rest.len < left); /* each takes something */
        left = rest.len;
        word_check(book.name, bytes, count);
        word_check(book.line, bytes, count);
    }
    assert(rest.len == 0);
    return 0;
}
