/* Any bytes as an address, a date, base64, hex, UTF-8 and JSON text. What is accepted must write
 * back to something that reads the same; what comes out as JSON must be well formed. */
#include "base/base.h"
#include "base/runtime.h"

#include <stdlib.h>

#define HOLDS(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) abort();                                                                 \
    } while (0)

static void address_holds(str s) {
    struct net_address address, again;
    char text[NET_TEXT_BYTES];
    unsigned char one[16], two[16];
    struct error e;
    if (net_address_read(s, &address, &e) != OK) {
        HOLDS(e.code == FAIL_USAGE);
        return;
    }
    size_t len = net_address_write(&address, text);
    HOLDS(len < NET_TEXT_BYTES && text[len] == 0);
    HOLDS(net_address_read(str_of(text, len), &again, NULL) == OK);
    size_t count = net_address_bytes(&address, one);
    HOLDS(count == net_address_bytes(&again, two));
    HOLDS(memcmp(one, two, count) == 0);
}

static void dates_hold(str s) {
    int64_t at_ns, again_ns;
    char text[CLOCK_TEXT_BYTES];
    if (clock_iso_read(s, &at_ns)) {
        size_t len = clock_iso_write(at_ns, text);
        HOLDS(len < CLOCK_TEXT_BYTES);
        HOLDS(clock_iso_read(str_of(text, len), &again_ns));
        HOLDS(at_ns - again_ns >= 0 && at_ns - again_ns < NS_PER_MS);
    }
    if (clock_http_read(s, &at_ns)) {
        size_t len = clock_http_write(at_ns, text);
        HOLDS(len < CLOCK_TEXT_BYTES);
        HOLDS(clock_http_read(str_of(text, len), &again_ns) && at_ns == again_ns);
    }
    if (clock_amz_read(s, &at_ns)) {
        size_t len = clock_amz_write(at_ns, text);
        HOLDS(len < CLOCK_TEXT_BYTES);
        HOLDS(clock_amz_read(str_of(text, len), &again_ns) && at_ns == again_ns);
    }
}

static void base64_holds(str s) {
    size_t cap = s.len, count;
    char *bytes = malloc(cap + 1), *text = malloc(base64_bytes(cap) + 1);
    if (base64_read(s, bytes, cap, &count)) {
        HOLDS(count <= cap);
        HOLDS(base64_bytes(count) == s.len);
        HOLDS(base64_write(bytes, count, text) == s.len);
        HOLDS(memcmp(text, s.at, s.len) == 0);
    }
    if (cap >= 3) HOLDS(!base64_read(s, bytes, 0, &count)); /* never past what it was given */
    size_t written = base64_write(s.at, s.len, text);
    HOLDS(base64_read(str_of(text, written), bytes, cap, &count));
    HOLDS(count == s.len && memcmp(bytes, s.at, count) == 0);
    free(bytes);
    free(text);
}

static void hex_holds(str s) {
    char *bytes = malloc(s.len + 1), *text = malloc(2 * s.len + 1);
    hex_write(s.at, s.len, text);
    HOLDS(hex_read(str_of(text, 2 * s.len), bytes, s.len));
    HOLDS(memcmp(bytes, s.at, s.len) == 0);
    if (hex_read(s, bytes, s.len / 2)) HOLDS(s.len % 2 == 0);
    free(bytes);
    free(text);
}

/* Without the zeros in front. */
static str short_number(str digits) {
    while (digits.len > 1 && digits.at[0] == '0') digits = str_skip(digits, 1);
    return digits;
}

static void numbers_hold(str s) {
    char memory[32];
    struct text t = text_into(memory, sizeof memory);
    uint64_t value;
    uint32_t small;
    if (str_u64(s, &value)) {
        text_format(&t, "%llu", (unsigned long long)value);
        HOLDS(str_equal(text_str(&t), short_number(s)));
        HOLDS(str_u32(s, &small) == (value <= UINT32_MAX));
    }
    if (str_hex_u64(s, &value)) {
        t = text_into(memory, sizeof memory);
        text_format(&t, "%llx", (unsigned long long)value);
        HOLDS(s.len <= 16 && str_equal_nocase(text_str(&t), short_number(s)));
    }
}

static void slices_hold(str s) {
    size_t half = s.len / 2, at;
    str a = str_slice(s, 0, half), b = str_skip(s, half), trimmed = str_trim(s), rest = s, head;
    HOLDS(str_ends(s, b) && str_starts(s, a) && a.len + b.len == s.len);
    HOLDS((str_compare(a, b) == 0) == str_equal(a, b));
    HOLDS((str_compare(a, b) < 0) == (str_compare(b, a) > 0));
    HOLDS(str_equal_secret(a, b) == str_equal(a, b));
    HOLDS(str_find(s, b, &at) && at <= half);
    HOLDS(str_equal(str_trim(trimmed), trimmed));
    HOLDS(str_cut(&rest, ',', &head) == str_find_char(s, ',', &at));
}

static void json_holds(str s) {
    size_t cap = 6 * s.len + 2; /* \u001f is the longest a byte becomes */
    char *memory = malloc(cap);
    struct text t = text_into(memory, cap);
    text_add_json(&t, s);
    HOLDS(!t.overflow && t.len >= 2);
    HOLDS(str_is_utf8(text_str(&t)));
    for (size_t i = 1; i + 1 < t.len; i++) {
        HOLDS((unsigned char)t.at[i] >= 0x20);
        if (t.at[i] == '\\') {
            HOLDS(i + 2 < t.len);
            i++;
        } else
            HOLDS(t.at[i] != '"');
    }
    free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 4096) return 0;
    str s = str_of(data, size);
    address_holds(s);
    dates_hold(s);
    base64_holds(s);
    hex_holds(s);
    json_holds(s);
    numbers_hold(s);
    slices_hold(s);
    return 0;
}
