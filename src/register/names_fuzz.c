/* Any bytes as the name of a company: it folds to a key or two of small letters, and neither spaces and
 * points between its words nor their case make it another. */
#include "register/inner.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static struct register_name folded(str name, struct arena *arena) {
    struct register_name out;
    struct error e;
    enum error_code code = register_name_fold(name, arena, &out, &e);
    assert(code == OK);
    assert(out.count <= COUNT_OF(out.keys));
    for (size_t i = 0; i < out.count; i++) {
        assert(out.keys[i].len > 0);
        for (size_t k = 0; k < out.keys[i].len; k++)
            assert(out.keys[i].at[k] < 'A' || out.keys[i].at[k] > 'Z');
    }
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    static char memory[8192];
    char other[404];
    struct arena arena = arena_over(memory, sizeof memory);
    struct register_name name = folded(str_of(bytes, count), &arena), again;
    if (count > 200) return 0;
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        char c = (char)bytes[i];
        if (bytes[i] >= 0x80) return 0;
        other[len++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        if (c == ' ') other[len++] = ' ';
    }
    again = folded(str_of(other, len), &arena);
    assert(again.count == name.count);
    for (size_t i = 0; i < name.count; i++) assert(str_equal(again.keys[i], name.keys[i]));
    return 0;
}
